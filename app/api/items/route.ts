/**
 * The type-ahead of products: `GET /api/items?business=…&q=…` answers `{ options }` as the combobox takes them; with `from=` a location,
 * each says how much of it is there. `GET /api/items?business=…&at=LOCATION&item=…` answers `{ there }`: how much of each item is at a
 * location, as text.
 */
import { answered } from "@/app/answer";
import { stockScopeOrRefusal } from "@/app/scope";
import { dayText } from "@/app/ui/days";
import { moneyText, quantityText } from "@/app/ui/figures";
import { isLimited, type Scope } from "@/lib/people/access";
import { type ItemChoice, searchItems } from "@/lib/stock/item-reads";
import { stockAt } from "@/lib/stock/location-reads";

/** As many rows as a form has at most. */
const mostAsked = 200;

export const dynamic = "force-dynamic";

export function GET(request: Request): Promise<Response> {
  return answered(request, async () => {
    const query = new URL(request.url).searchParams;
    const scope = await stockScopeOrRefusal(query.get("business") ?? "");
    const at = query.get("at");
    if (at !== null) {
      const stock = await stockAt(scope, at, query.getAll("item").slice(0, mostAsked));
      const there = Object.fromEntries(stock.map(({ id, decimals, qty }) => [id, quantityText(qty, decimals)]));
      return Response.json({ there });
    }
    const found = await searchItems(scope, query.get("q") ?? "");
    const items = query.get("only") === "items" ? found.filter((one) => one.isItem) : found;
    const from = query.get("from");
    const ids = items.map((one) => one.id);
    const there = new Map(from === null ? [] : (await stockAt(scope, from, ids)).map((one) => [one.id, one]));
    return Response.json({
      options: items.map((one) => {
        const stock = there.get(one.id);
        const evidence =
          stock === undefined
            ? isLimited(scope)
              ? ""
              : evidenceOf(scope, one)
            : `${quantityText(stock.qty, stock.decimals)} there`;
        return { id: one.id, label: one.name, aside: one.sku ?? "no SKU", evidence };
      }),
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
