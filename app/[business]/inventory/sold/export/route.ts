/** Sold as CSV: exactly what is filtered, in the order that is shown, streamed. */
import { answered } from "@/app/answer";
import { csvAnswer, plain, plainMoney } from "@/app/csv-answer";
import { scopeOrRefusal } from "@/app/scope";
import { periodKey } from "@/lib/core/reports/periods";
import type { Scope } from "@/lib/people/access";
import type { Cursor } from "@/lib/sales/keyset";
import { soldLines } from "@/lib/sales/sold-reads";
import { type SoldState, soldState } from "../state";

export const dynamic = "force-dynamic";

export function GET(request: Request, { params }: { params: Promise<{ business: string }> }): Promise<Response> {
  return answered(request, async () => {
    const scope = await scopeOrRefusal((await params).business);
    const state = soldState(scope, Object.fromEntries(new URL(request.url).searchParams));
    return csvAnswer(
      `${scope.slug}-sold-${state.period === null ? (state.year ?? "all") : periodKey(state.period)}`,
      rowsOf(scope, state),
    );
  });
}

async function* rowsOf(scope: Scope, { filter, page }: SoldState) {
  yield [
    "Date",
    "Channel",
    "Order",
    "Item",
    "SKU",
    "Quantity",
    "Returned",
    `Price ${scope.currency}`,
    "Fees",
    "Refunds",
    "Item Costs",
    "Profit",
    "Needs cost",
  ];
  const money = (amount: bigint | null) => plainMoney(amount, scope.currency);
  let after: Cursor | null = null;
  do {
    const read: Awaited<ReturnType<typeof soldLines>> = await soldLines(scope, filter, {
      sort: page.sort,
      isDown: page.isDown,
      after,
      limit: 500,
    });
    for (const line of read.rows)
      yield [
        line.on,
        line.channel,
        line.number,
        line.name,
        line.sku ?? "",
        plain(line.qty, line.decimals),
        plain(line.returnedQty, line.decimals),
        money(line.price),
        money(line.fees),
        money(line.refunds),
        money(line.cost),
        money(line.profit),
        line.shortQty > 0n ? plain(line.shortQty, line.decimals) : "",
      ];
    after = read.after;
  } while (after !== null);
}
