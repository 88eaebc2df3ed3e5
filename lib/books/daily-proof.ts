/** The proof of every business's books by the clock: once a day where something was posted since the last one, once a week in any case. */
import { sql } from "drizzle-orm";
import { asSystem, inBusiness, rowsOf } from "../../db/scope";
import { request } from "../system/outbox";

/** Businesses that one look takes: the next look, minutes later, takes the next. */
const atOnce = 50;

/**
 * Asks for the proofs that are due and sets when each business is due next. The row is moved on first: who dies in between leaves books that
 * are proved a day later.
 */
export async function requestDueProofs(): Promise<void> {
  const due = await asSystem("the schedule looks over all businesses", (tx) =>
    rowsOf<{ business_id: string }>(
      tx,
      sql`update app.directory set prove_at = now() + interval '1 day' where business_id in (
            select business_id from app.directory where prove_at <= now() order by prove_at limit ${atOnce} for update skip locked)
          returning business_id`,
    ),
  );
  for (const { business_id: businessId } of due) {
    await inBusiness({ businessId }, async (tx) => {
      const [found] = await rowsOf<{ wanted: boolean }>(
        tx,
        sql`select coalesce((
              select p.entry_no is distinct from (select h.entry_no from app.journal_heads h where h.business_id = ${businessId})
                or p."at" < now() - interval '7 days'
              from app.proofs p where p.business_id = ${businessId} order by p."at" desc, p.id desc limit 1),
            exists (select 1 from app.facts f where f.business_id = ${businessId})) as wanted`,
      );
      if (found?.wanted === true) await request(tx, "verifyBooks", { business: businessId });
    });
  }
}
