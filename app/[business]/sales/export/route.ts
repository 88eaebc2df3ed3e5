/** Sales as CSV: exactly what is filtered, in the order that is shown, streamed. */
import { answered } from "@/app/answer";
import { csvAnswer, plainMoney } from "@/app/csv-answer";
import { scopeOrRefusal } from "@/app/scope";
import type { Scope } from "@/lib/people/access";
import type { Cursor } from "@/lib/sales/keyset";
import { orderRows } from "@/lib/sales/order-reads";
import { type SalesState, salesState } from "../state";

export const dynamic = "force-dynamic";

export function GET(request: Request, { params }: { params: Promise<{ business: string }> }): Promise<Response> {
  return answered(request, async () => {
    const scope = await scopeOrRefusal((await params).business);
    const state = salesState(scope, Object.fromEntries(new URL(request.url).searchParams));
    return csvAnswer(`${scope.slug}-sales-${state.year ?? "all"}`, rowsOf(scope, state));
  });
}

async function* rowsOf(scope: Scope, { filter, page }: SalesState) {
  yield [
    "Date",
    "Order",
    "Channel",
    "First item",
    "Lines",
    `Sales ${scope.currency}`,
    "Refunds",
    "Fees",
    "Cost",
    "Profit",
    "Lines without a cost",
  ];
  const money = (amount: bigint) => plainMoney(amount, scope.currency);
  let after: Cursor | null = null;
  do {
    const read: Awaited<ReturnType<typeof orderRows>> = await orderRows(scope, filter, {
      sort: page.sort,
      isDown: page.isDown,
      after,
      limit: 500,
    });
    for (const row of read.rows)
      yield [
        row.on,
        row.number,
        row.channel,
        row.item,
        row.lines,
        money(row.sales),
        money(row.refunds),
        money(row.fees),
        money(row.cost),
        money(row.profit),
        row.needsCost,
      ];
    after = read.after;
  } while (after !== null);
}
