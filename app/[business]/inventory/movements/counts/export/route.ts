/** Counts as CSV: exactly what is filtered, the latest first, streamed. */
import { answered } from "@/app/answer";
import { csvAnswer } from "@/app/csv-answer";
import { stockScopeOrRefusal } from "@/app/scope";
import { type CountFilter, countRows } from "@/lib/desk/count-reads";
import type { Scope } from "@/lib/people/access";
import type { Cursor } from "@/lib/sales/keyset";
import { countFilter, countStateNames } from "../state";

export const dynamic = "force-dynamic";

export function GET(request: Request, { params }: { params: Promise<{ business: string }> }): Promise<Response> {
  return answered(request, async () => {
    const scope = await stockScopeOrRefusal((await params).business);
    const { filter } = countFilter(Object.fromEntries(new URL(request.url).searchParams));
    return csvAnswer(`${scope.slug}-counts`, rowsOf(scope, filter));
  });
}

async function* rowsOf(scope: Scope, filter: CountFilter) {
  yield ["Count", "Location", "Planned", "Products", "Counted", "Differ", "State", "Note"];
  let after: Cursor | null = null;
  do {
    const read: Awaited<ReturnType<typeof countRows>> = await countRows(scope, filter, { after, limit: 500 });
    for (const row of read.rows)
      yield [
        row.number,
        row.location,
        row.at,
        row.lines,
        row.counted,
        row.state === "approved" ? row.differ : null,
        countStateNames[row.state],
        row.note,
      ];
    after = read.after;
  } while (after !== null);
}
