/** The audit trail as CSV: all of what is filtered, newest first, streamed; what changed in words, and before and after as the JSON that was kept. */
import { answered } from "@/app/answer";
import { csvAnswer } from "@/app/csv-answer";
import { scopeOrRefusal } from "@/app/scope";
import { require, type Scope } from "@/lib/people/access";
import { type AuditFilter, auditRows } from "@/lib/people/audit";
import { saysOf } from "@/lib/people/audit-words";
import { auditState, changeText } from "../state";

export const dynamic = "force-dynamic";

export function GET(request: Request, { params }: { params: Promise<{ business: string }> }): Promise<Response> {
  return answered(request, async () => {
    const scope = await scopeOrRefusal((await params).business);
    // Refused before the first byte, not in the middle of a file.
    require(scope, "audit");
    const { filter } = auditState(scope, Object.fromEntries(new URL(request.url).searchParams));
    return csvAnswer(`${scope.slug}-audit-trail`, rowsOf(scope, filter));
  });
}

async function* rowsOf(scope: Scope, filter: AuditFilter) {
  yield ["When (UTC)", "Who", "What", "Action", "About", "Change", "Before", "After", "Why", "Id"];
  const json = (value: unknown) => (value === null || value === undefined ? null : JSON.stringify(value));
  let after: string | undefined;
  do {
    const page: Awaited<ReturnType<typeof auditRows>> = await auditRows(scope, filter, { after, limit: 500 });
    for (const row of page.rows)
      yield [
        new Date(row.at).toISOString(),
        row.who ?? "Lotbook itself",
        saysOf(row.what),
        row.what,
        row.about,
        changeText(row, scope.currency),
        json(row.before),
        json(row.after),
        row.why,
        row.id,
      ];
    after = page.next ?? undefined;
  } while (after !== undefined);
}
