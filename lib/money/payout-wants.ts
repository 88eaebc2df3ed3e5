/** What payouts in another currency want to have posted, with what they leave over: for who records, undoes and proves. */
import { sql } from "drizzle-orm";
import { list } from "../../db/bulk";
import { type InBusiness, rowsOf, type Tx } from "../../db/scope";
import type { Wanted } from "../books/ledger";
import { exchangesOf } from "../books/payout-exchange";
import { exchangePostings, type PostingContext, postingsOf } from "../core/posting";
import { reviveFact } from "../core/revive";

/** Payouts in the books, whole. `fresh`: those for which nothing was ever posted. */
export async function payoutWants(
  tx: Tx,
  scope: InBusiness,
  context: PostingContext,
  ids: readonly string[],
  fresh: ReadonlySet<string> = new Set(),
): Promise<readonly Wanted[]> {
  if (ids.length === 0) return [];
  const left = await exchangesOf(tx, scope, ids);
  const keys = ids.map((id) => `payout/${id}`);
  const rows = await rowsOf<{ body: unknown }>(
    tx,
    sql`select body from app.facts where business_id = ${scope.businessId} and id = any(${list("text", keys)}) and undone_at is null
        order by id`,
  );
  return rows.flatMap(({ body }) => {
    const fact = reviveFact(body);
    if (fact.kind !== "payout") return [];
    const over = exchangePostings(fact, left.get(fact.id) ?? 0n, context);
    return [
      {
        document: { kind: "payout", id: fact.id },
        postings: [...postingsOf(fact, context), ...over],
        isFresh: fresh.has(fact.id),
      },
    ];
  });
}
