/** The rows of one payout as CSV, streamed. */
import { answered } from "@/app/answer";
import { csvAnswer, plainMoney } from "@/app/csv-answer";
import { scopeOrRefusal } from "@/app/scope";
import type { Scope } from "@/lib/people/access";
import { type PaidLines, paidLines, payoutProof } from "@/lib/sales/payout-reads";

export const dynamic = "force-dynamic";

export function GET(request: Request, { params }: { params: Promise<{ business: string }> }): Promise<Response> {
  return answered(request, async () => {
    const scope = await scopeOrRefusal((await params).business);
    const query = new URL(request.url).searchParams;
    // A payout that is not there is answered as such, not by a file of a head.
    const { payout } = await payoutProof(scope, query.get("payout") ?? "");
    return csvAnswer(`${scope.slug}-payout-${payout.number}`, rowsOf(scope, payout.id, query.get("type")));
  });
}

async function* rowsOf(scope: Scope, payout: string, type: string | null) {
  yield ["Date", "What", "Order", "For", "The channel's words", "Currency", "Amount"];
  let after: PaidLines["after"] = null;
  do {
    const page: PaidLines = await paidLines(scope, { payout, type }, { after, limit: 500 });
    for (const row of page.rows) {
      const currency = row.currency ?? scope.currency;
      yield [row.on, row.type, row.number ?? "", row.name ?? "", row.memo, currency, plainMoney(row.amount, currency)];
    }
    after = page.after;
  } while (after !== null);
}
