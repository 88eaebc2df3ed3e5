/** What counts found by product and location, as CSV, in the order of its page. */
import { answered } from "@/app/answer";
import { csvAnswer, plain } from "@/app/csv-answer";
import { stockScopeOrRefusal } from "@/app/scope";
import { countHistory } from "@/lib/desk/count-history";
import type { Scope } from "@/lib/people/access";
import type { Cursor } from "@/lib/sales/keyset";

export const dynamic = "force-dynamic";

export function GET(request: Request, { params }: { params: Promise<{ business: string }> }): Promise<Response> {
  return answered(request, async () => {
    const scope = await stockScopeOrRefusal((await params).business);
    return csvAnswer(`${scope.slug}-repeated-shortages`, rowsOf(scope));
  });
}

async function* rowsOf(scope: Scope) {
  yield ["Item", "SKU", "Location", "Counts", "Short", "Over", "Short of the latest three", "In sum", "Last counted"];
  let after: Cursor | null = null;
  do {
    const read: Awaited<ReturnType<typeof countHistory>> = await countHistory(scope, {}, { after, limit: 500 });
    for (const row of read.rows)
      yield [
        row.name,
        row.sku,
        row.location.name,
        row.counts,
        row.shortages,
        row.surpluses,
        row.recentShort,
        plain(row.net, row.decimals),
        row.lastOn,
      ];
    after = read.after;
  } while (after !== null);
}
