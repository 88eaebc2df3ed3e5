/** Transactions as CSV: exactly what is filtered, streamed. */
import { answered } from "@/app/answer";
import { csvAnswer, plainMoney } from "@/app/csv-answer";
import { scopeOrRefusal } from "@/app/scope";
import { listTransactions, type TransactionFilter, transactionYears } from "@/lib/money/transaction-reads";
import type { Scope } from "@/lib/people/access";
import { listState } from "../state";
import { saysWhat } from "../words";

export const dynamic = "force-dynamic";

export function GET(request: Request, { params }: { params: Promise<{ business: string }> }): Promise<Response> {
  return answered(request, async () => {
    const scope = await scopeOrRefusal((await params).business);
    const query = Object.fromEntries(new URL(request.url).searchParams);
    const { filter } = listState(scope, query, await transactionYears(scope));
    return csvAnswer(`${scope.slug}-transactions`, rowsOf(scope, filter));
  });
}

async function* rowsOf(scope: Scope, filter: TransactionFilter) {
  yield ["Date", "Account", "Payee", "Memo", "What it is", `Amount ${scope.currency}`];
  let after: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof listTransactions>> = await listTransactions(scope, filter, {
      after,
      limit: 500,
    });
    for (const row of page.rows)
      yield [row.on, row.accountName, row.payee, row.memo, saysWhat(row), plainMoney(row.amount, scope.currency)];
    after = page.next;
  } while (after !== null);
}
