import { profitReport } from "@/lib/books/reports";
import { todayOf } from "@/lib/system/clock";
import { answered } from "../../../../answer";
import { csvAnswer, plainMoney } from "../../../../csv-answer";
import { scopeOrRefusal } from "../../../../scope";
import { monthHead, periodText } from "../../period";

import { paramsOf } from "../../query";
import { profitRows } from "../rows";
import { profitState, shownMonths } from "../state";

/** The report as it is shown: the same period, months and comparison. */
export function GET(request: Request, { params }: { params: Promise<{ business: string }> }): Promise<Response> {
  return answered(request, async () => {
    const scope = await scopeOrRefusal((await params).business);
    const today = todayOf(scope.timeZone);
    const state = profitState(scope, paramsOf(request), today);
    const { period } = state.chosen;
    const report = await profitReport(scope, period, state.before);
    const shown = shownMonths(report.months, state.columns, today);
    const figure = (amount: bigint) => plainMoney(amount, scope.currency);
    async function* lines(): AsyncGenerator<readonly (string | null)[]> {
      yield [
        "Code",
        `Profit and loss, ${scope.currency}`,
        ...shown.map((at) => monthHead(report.months[at]?.days ?? period, period)),
        periodText(period),
        ...(state.before === null ? [] : [periodText(state.before), "Change"]),
      ];
      for (const row of profitRows(report)) {
        yield [
          row.code,
          row.label,
          ...shown.map((at) => figure(row.months[at] ?? 0n)),
          figure(row.amount),
          ...(state.before === null ? [] : [figure(row.before ?? 0n), figure(row.amount - (row.before ?? 0n))]),
        ];
      }
    }
    return csvAnswer(`profit-and-loss-${period.from}-${period.to}`, lines());
  });
}
