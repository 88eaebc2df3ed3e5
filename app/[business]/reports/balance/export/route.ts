import { balanceReport } from "@/lib/books/reports";
import { inTransitOn } from "@/lib/desk/transfer-reads";
import { todayOf } from "@/lib/system/clock";
import { answered } from "../../../../answer";
import { csvAnswer, plainMoney } from "../../../../csv-answer";
import { scopeOrRefusal } from "../../../../scope";
import { paramsOf } from "../../query";
import { balanceRows, wayNote } from "../rows";
import { balanceState } from "../state";

/** The balance sheet as it is shown, at the same day. */
export function GET(request: Request, { params }: { params: Promise<{ business: string }> }): Promise<Response> {
  return answered(request, async () => {
    const scope = await scopeOrRefusal((await params).business);
    const { on } = balanceState(scope, paramsOf(request), todayOf(scope.timeZone));
    const sheet = await balanceReport(scope, on);
    const way = wayNote(await inTransitOn(scope, on), scope.currency);
    async function* lines(): AsyncGenerator<readonly (string | null)[]> {
      yield ["Code", "Account", `${on}, ${scope.currency}`];
      for (const { code, label, amount, note } of balanceRows(sheet, way))
        yield [code, note === undefined ? label : `${label} (${note})`, plainMoney(amount, scope.currency)];
    }
    return csvAnswer(`balance-sheet-${on}`, lines());
  });
}
