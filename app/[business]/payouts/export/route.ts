/** Payouts as CSV: exactly what is filtered, streamed. */
import { answered } from "@/app/answer";
import { csvAnswer, plainMoney } from "@/app/csv-answer";
import { scopeOrRefusal } from "@/app/scope";
import type { Scope } from "@/lib/people/access";
import { type PayoutFilter, type PayoutPage, type PayoutsPage, payoutsPage } from "@/lib/sales/payout-reads";
import { depositWords, leftOver, payoutsState, proofWords } from "../state";

export const dynamic = "force-dynamic";

export function GET(request: Request, { params }: { params: Promise<{ business: string }> }): Promise<Response> {
  return answered(request, async () => {
    const scope = await scopeOrRefusal((await params).business);
    const { filter, page, year } = payoutsState(scope, Object.fromEntries(new URL(request.url).searchParams));
    return csvAnswer(`${scope.slug}-payouts-${year ?? "all"}`, rowsOf(scope, filter, page));
  });
}

async function* rowsOf(scope: Scope, filter: PayoutFilter, { sort, isDown }: PayoutPage) {
  const currency = scope.currency;
  yield ["Date", "Channel", "Payout", "Proof", `Rows ${currency}`, "Paid out", "Left over", "Deposit", "Deposited on"];
  let after: PayoutsPage["after"] = null;
  do {
    const page: PayoutsPage = await payoutsPage(scope, filter, { sort, isDown, after, limit: 500 });
    for (const row of page.rows)
      yield [
        row.on,
        row.channelName,
        row.number,
        proofWords(row),
        plainMoney(row.rows, currency),
        plainMoney(row.amount, currency),
        plainMoney(leftOver(row), currency),
        depositWords(row),
        row.deposit?.on ?? "",
      ];
    after = page.after;
  } while (after !== null);
}
