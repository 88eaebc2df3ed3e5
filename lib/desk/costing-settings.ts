/**
 * How costs are found: the pool that FIFO draws on, and the grace period (costing.md rule 2). Both are asked by every fold, so a change of
 * one works all costs out again, from the beginning, and posts the differences; what another grace moves in closed periods counts on the
 * first open day. The pool is chosen once for all that is in the books: it is not changed across a closed period.
 */
import { sql } from "drizzle-orm";
import { inBusiness, rowsOf, type Tx } from "../../db/scope";
import { settle, waiting } from "../books/costing";
import { type Books, lockBooks } from "../books/ledger";
import type { Pool } from "../core/costing";
import { Refusal } from "../core/errors";
import { require, type Scope } from "../people/access";
import { recordAudit } from "../people/audit";
import { changeBooks, MovesCosts, type Seen, unseen } from "../preview";
import { request } from "../system/outbox";

/** `graceDays`: 0 to 366. */
export type CostingSettings = Readonly<{ pool: Pool; graceDays: number }>;

const mostGraceDays = 366;
/** A fold of more movements than this is left to a job, and is too much to rehearse while a form waits. */
const foldAtOnce = 50_000;

/** The settings as they are. */
export function costingSettings(scope: Scope): Promise<CostingSettings> {
  require(scope, "read");
  return inBusiness(scope, async (tx) => {
    const { pool, graceDays } = await lockBooks(tx, scope, false);
    return { pool, graceDays };
  });
}

/**
 * Changes them; owners only. Gives what they were, which said again takes it back. Refuses `out_of_range`, `books_closed` for
 * another pool where stock moved on a closed day, `does_not_fit` where a cost was chosen from a lot at another location than its sale, and
 * `moves_costs` where what it moves is to be seen first.
 */
export function changeCosting(
  scope: Scope,
  wanted: CostingSettings,
  seen: Seen = null,
): Promise<Readonly<{ before: CostingSettings }>> {
  require(scope, "settings");
  if (!Number.isInteger(wanted.graceDays) || wanted.graceDays < 0 || wanted.graceDays > mostGraceDays)
    throw new Refusal("out_of_range", `Give 0 to ${mostGraceDays} days.`, { field: "graceDays" });
  return changeBooks(scope, seen, async (tx, books) => {
    const before = { pool: books.pool, graceDays: books.graceDays };
    const after = { pool: wanted.pool, graceDays: wanted.graceDays };
    if (before.pool === after.pool && before.graceDays === after.graceDays) return { before };
    if (before.pool !== after.pool) await refuseClosed(tx, scope, books);
    await recordAudit(tx, scope, { what: "business.costing", about: scope.businessId, before, after });
    if (after.pool === "location") await refusePinsElsewhere(tx, scope);
    await tx.execute(
      sql`update app.businesses set pool = ${after.pool}, grace_days = ${after.graceDays} where business_id = ${scope.businessId}`,
    );
    await markAll(tx, scope, after.pool);
    await fold(tx, scope, { ...books, ...after }, seen);
    return { before };
  });
}

/** Another pool would cost what was sold on closed days anew: what was filed would no longer follow from the facts. */
async function refuseClosed(tx: Tx, scope: Scope, books: Books): Promise<void> {
  if (books.closedThrough === null) return;
  const moved = await rowsOf<{ id: string }>(
    tx,
    sql`select id from app.movements where business_id = ${scope.businessId} and on_date <= ${books.closedThrough}::date limit 1`,
  );
  if (moved.length === 0) return;
  throw new Refusal(
    "books_closed",
    `The books are closed through ${books.closedThrough}, and stock moved until then. Where its costs come from is not changed across a closed period: an owner opens those days first.`,
    { field: "pool" },
  );
}

/** Rule 4: a pinned lot is in the sale's pool. */
async function refusePinsElsewhere(tx: Tx, scope: Scope): Promise<void> {
  const business = scope.businessId;
  const [row] = await rowsOf<{ number: string; name: string; n: number }>(
    tx,
    sql`select h.number, o.name, (count(*) over ())::int as n from app.pins p
        join app.movements m on m.business_id = ${business} and m.id = p.lot_id and m.leg = 0
        join app.order_lines o on o.business_id = ${business} and o.id = p.sale_id and o.location_id <> m.location_id
        join app.orders h on h.business_id = ${business} and h.id = o.order_id
        where p.business_id = ${business} order by o.on_date, o.id limit 1`,
  );
  if (row === undefined) return;
  const more = row.n === 1 ? "" : `, and ${row.n - 1} more`;
  throw new Refusal(
    "does_not_fit",
    `A cost was chosen from a lot at another place than its sale: ${row.name} in order ${row.number}${more}. Take that back under Why first.`,
    { field: "pool" },
  );
}

/** Everything is to be folded again. Across the business a transfer has no cost, so what it had is taken off. */
async function markAll(tx: Tx, scope: Scope, pool: Pool): Promise<void> {
  const business = scope.businessId;
  if (pool === "business")
    await tx.execute(
      sql`update app.movements set value_minor = 0, short_qty = 0 where business_id = ${business} and kind = 'transfer' and (value_minor <> 0 or short_qty <> 0)`,
    );
  await tx.execute(
    sql`insert into app.dirty_marks (business_id, item_id, since, version)
        select business_id, item_id, min(on_date), 1 from app.movements where business_id = ${business} group by business_id, item_id
        on conflict (business_id, item_id) do update set since = least(dirty_marks.since, excluded.since), version = dirty_marks.version + 1`,
  );
}

/** At once, or by a job where it is long; that is said first, since it cannot be shown what it will move. */
async function fold(tx: Tx, scope: Scope, books: Books, seen: Seen): Promise<void> {
  const movements = await waiting(tx, scope);
  if (movements <= foldAtOnce) {
    await settle(tx, scope, books);
    return;
  }
  if (seen !== null && seen !== unseen)
    throw new MovesCosts(
      `The costs of all ${movements} movements are worked out again by a job: too much to show beforehand. What it moves stands in the audit trail and in the journal.`,
      null,
    );
  await request(tx, "recost", { business: scope.businessId });
}
