import { balanceReport } from "@/lib/books/reports";
import { todayOf } from "@/lib/system/clock";
import { answered } from "../../../../answer";
import { csvAnswer, plainMoney } from "../../../../csv-answer";
import { scopeOrRefusal } from "../../../../scope";
import { paramsOf } from "../../query";
import { balanceRows } from "../rows";
import { balanceState } from "../state";

/** The balance sheet as it is shown, at the same day. */
export function GET(request: Request, { params }: { params: Promise<{ business: string }> }): Promise<Response> {
  return answered(request, async () => {
    const scope = await scopeOrRefusal((await params).business);
    const { on } = balanceState(scope, paramsOf(request), todayOf(scope.timeZone));
    const sheet = await balanceReport(scope, on);
    async function* lines(): AsyncGenerator<readonly (string | null)[]> {
      yield ["Code", "Account", `${on}, ${scope.currency}`];
      for (const { code, label, amount } of balanceRows(sheet)) yield [code, label, plainMoney(amount, scope.currency)];
    }
    return csvAnswer(`balance-sheet-${on}`, lines());
  });
}
