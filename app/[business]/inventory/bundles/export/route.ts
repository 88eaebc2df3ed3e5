/** Bundles as CSV: exactly what is found, by name, streamed. */
import { answered } from "@/app/answer";
import { csvAnswer, plainMoney } from "@/app/csv-answer";
import { scopeOrRefusal } from "@/app/scope";
import { bundleRows } from "@/lib/desk/bundle-reads";
import type { Scope } from "@/lib/people/access";
import type { Cursor } from "@/lib/sales/keyset";
import { readAddress } from "../../../../ui/address";
import { partsText } from "../state";

export const dynamic = "force-dynamic";

export function GET(request: Request, { params }: { params: Promise<{ business: string }> }): Promise<Response> {
  return answered(request, async () => {
    const scope = await scopeOrRefusal((await params).business);
    const { q } = readAddress(Object.fromEntries(new URL(request.url).searchParams), { filters: [] });
    return csvAnswer(`${scope.slug}-bundles`, rowsOf(scope, q));
  });
}

async function* rowsOf(scope: Scope, words: string) {
  yield ["Bundle", "SKU", "What is in one", "Could be sold now", "One would cost", "Cost complete"];
  let after: Cursor | null = null;
  do {
    const read: Awaited<ReturnType<typeof bundleRows>> = await bundleRows(scope, words, { after, limit: 200 });
    for (const row of read.rows)
      yield [
        row.name,
        row.sku,
        partsText(row.parts),
        row.places.reduce((sum, place) => sum + place.qty, 0n).toString(),
        plainMoney(row.costMinor, scope.currency),
        row.isComplete ? "yes" : "no",
      ];
    after = read.after;
  } while (after !== null);
}
