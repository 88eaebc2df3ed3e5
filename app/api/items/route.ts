/** The type-ahead of products: `GET /api/items?business=…&q=…` answers `{ options }` as the combobox takes them. */
import { answered } from "@/app/answer";
import { scopeOrRefusal } from "@/app/scope";
import { dayText } from "@/app/ui/days";
import { moneyText } from "@/app/ui/figures";
import type { Scope } from "@/lib/people/access";
import { type ItemChoice, searchItems } from "@/lib/stock/item-reads";

export const dynamic = "force-dynamic";

export function GET(request: Request): Promise<Response> {
  return answered(request, async () => {
    const query = new URL(request.url).searchParams;
    const scope = await scopeOrRefusal(query.get("business") ?? "");
    const found = await searchItems(scope, query.get("q") ?? "");
    const items = query.get("only") === "items" ? found.filter((one) => one.isItem) : found;
    return Response.json({
      options: items.map((one) => ({
        id: one.id,
        label: one.name,
        aside: one.sku ?? "no SKU",
        evidence: evidenceOf(scope, one),
      })),
    });
  });
}

/** "Sold on eBay and Shopify. Last paid 23.80 each, 24 Jul 2026" */
function evidenceOf(scope: Scope, one: ItemChoice): string {
  const places = new Intl.ListFormat("en", { type: "conjunction" }).format(one.soldOn);
  if (!one.isItem) return `Seen on ${places}, never bought`;
  const sold = places === "" ? "Not sold yet" : `Sold on ${places}`;
  if (one.last === null) return `${sold}, never bought`;
  const each = moneyText({ amountMinor: one.last.eachMinor, currency: scope.currency });
  return `${sold}. Last paid ${each} each, ${dayText(one.last.on)}`;
}
