/** In Stock as CSV: exactly what is filtered, in its order, streamed. */
import { answered } from "@/app/answer";
import { csvAnswer, plain, plainMoney } from "@/app/csv-answer";
import { scopeOrRefusal } from "@/app/scope";
import type { Scope } from "@/lib/people/access";
import { inStock, type StockFilter, type StockPage } from "@/lib/stock/item-reads";
import { stockState } from "../state";

export const dynamic = "force-dynamic";

export function GET(request: Request, { params }: { params: Promise<{ business: string }> }): Promise<Response> {
  return answered(request, async () => {
    const scope = await scopeOrRefusal((await params).business);
    const { filter } = stockState(Object.fromEntries(new URL(request.url).searchParams));
    return csvAnswer(`${scope.slug}-in-stock`, rowsOf(scope, filter));
  });
}

async function* rowsOf(scope: Scope, filter: StockFilter) {
  yield ["Item", "SKU", "On hand", `Value ${scope.currency}`, "Oldest lot", "Last sold", "Without a cost"];
  let after: string | null = null;
  do {
    const page: StockPage = await inStock(scope, filter, { after, limit: 500 });
    for (const row of page.rows) {
      const money = plainMoney(row.valueMinor, scope.currency);
      const short = row.short === 0n ? "" : plain(row.short, row.decimals);
      yield [row.name, row.sku, plain(row.qty, row.decimals), money, row.oldestOn, row.lastSoldOn, short];
    }
    after = page.after;
  } while (after !== null);
}
