/** Payouts as CSV: exactly what is filtered, streamed. */
import { answered } from "@/app/answer";
import { csvAnswer, plainMoney } from "@/app/csv-answer";
import { scopeOrRefusal } from "@/app/scope";
import type { Scope } from "@/lib/people/access";
import { type PayoutFilter, type PayoutPage, type PayoutsPage, payoutsPage } from "@/lib/sales/payout-reads";
import { depositWords, leftOver, ownCurrency, payoutsState, proofWords } from "../state";

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
  // Rows, what was paid and what is left over are in the payout's own currency; what it is in the books stands beside it.
  yield [
    ...["Date", "Channel", "Payout", "Proof", "Currency", "Rows", "Paid out", "Left over"],
    ...[`Paid out ${currency}`, "Deposit", "Deposited on"],
  ];
  let after: PayoutsPage["after"] = null;
  do {
    const page: PayoutsPage = await payoutsPage(scope, filter, { sort, isDown, after, limit: 500 });
    for (const row of page.rows) {
      const own = ownCurrency(row, currency);
      yield [
        row.on,
        row.channelName,
        row.number,
        proofWords(row),
        own,
        plainMoney(row.rows, own),
        plainMoney(row.abroad?.paid ?? row.amount, own),
        plainMoney(leftOver(row), own),
        plainMoney(row.amount, currency),
        depositWords(row),
        row.deposit?.on ?? "",
      ];
    }
    after = page.after;
  } while (after !== null);
}
