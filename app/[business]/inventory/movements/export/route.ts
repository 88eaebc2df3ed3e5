/** Movements as CSV: exactly what is filtered, newest first, streamed. */
import { answered } from "@/app/answer";
import { csvAnswer } from "@/app/csv-answer";
import { stockScopeOrRefusal } from "@/app/scope";
import { type MovementFilter, movementRows } from "@/lib/desk/movements";
import type { Scope } from "@/lib/people/access";
import type { Cursor } from "@/lib/sales/keyset";
import { kindNames, movementsState, stateNames } from "../state";

export const dynamic = "force-dynamic";

export function GET(request: Request, { params }: { params: Promise<{ business: string }> }): Promise<Response> {
  return answered(request, async () => {
    const scope = await stockScopeOrRefusal((await params).business);
    const { filter } = movementsState(scope, Object.fromEntries(new URL(request.url).searchParams));
    return csvAnswer(`${scope.slug}-movements`, rowsOf(scope, filter));
  });
}

async function* rowsOf(scope: Scope, filter: MovementFilter) {
  yield ["Date", "Document", "Type", "State", "From", "To", "First item", "Items", "Note"];
  let after: Cursor | null = null;
  do {
    const read: Awaited<ReturnType<typeof movementRows>> = await movementRows(scope, filter, { after, limit: 500 });
    for (const row of read.rows)
      yield [
        row.on,
        row.number ?? (row.state === "done" ? row.id : ""),
        kindNames[row.kind],
        stateNames[row.state],
        row.from,
        row.to,
        row.item,
        row.items,
        row.note,
      ];
    after = read.after;
  } while (after !== null);
}
