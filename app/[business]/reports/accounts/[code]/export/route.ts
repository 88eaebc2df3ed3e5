import { type AccountPage, accountPage } from "@/lib/books/journal-reads";
import { todayOf } from "@/lib/system/clock";
import { answered } from "../../../../../answer";
import { csvAnswer, plainMoney } from "../../../../../csv-answer";
import { scopeOrRefusal } from "../../../../../scope";
import { memoShown } from "../../../document";
import { paramsOf } from "../../../query";
import { accountState } from "../state";

type Params = Promise<Readonly<{ business: string; code: string }>>;

/** All postings of the period that the page shows, with the same running balance, read page by page. */
export function GET(request: Request, { params }: { params: Params }): Promise<Response> {
  return answered(request, async () => {
    const { business, code } = await params;
    const scope = await scopeOrRefusal(business);
    const { period } = accountState(scope, paramsOf(request), todayOf(scope.timeZone)).chosen;
    const read = (after: string | null) =>
      accountPage(scope, decodeURIComponent(code), period, { after, limit: 1_000 });
    const figure = (amount: bigint) => plainMoney(amount, scope.currency);
    // Read before the answer begins, so that an account that is not there is answered as such.
    const first = await read(null);
    async function* lines(): AsyncGenerator<readonly (string | null)[]> {
      yield [
        "Date",
        "About",
        "What",
        "Item",
        "Document",
        "Order",
        "Other account",
        `Amount, ${scope.currency}`,
        "Balance",
        "Currency",
        "Amount in it",
      ];
      yield [period.from, null, "Opening", null, null, null, null, null, figure(first.opening), null, null];
      for (let page: AccountPage = first; ; page = await read(page.after)) {
        for (const row of page.rows) {
          yield [
            row.on,
            row.aboutOn ?? row.on,
            memoShown(row.memo, row.document),
            row.item,
            `${row.document.kind} ${row.document.id}`,
            row.document.order?.number ?? null,
            `${row.other.code} ${row.other.name}`,
            figure(row.amount),
            figure(row.balance),
            row.abroad?.currency ?? null,
            row.abroad === null ? null : plainMoney(row.abroad.amount, row.abroad.currency),
          ];
        }
        if (page.after === null) break;
      }
      yield [
        period.to,
        null,
        "Closing",
        null,
        null,
        null,
        null,
        figure(first.moved),
        figure(first.closing),
        null,
        null,
      ];
    }
    return csvAnswer(`account-${first.account.code}-${period.from}-${period.to}`, lines());
  });
}
