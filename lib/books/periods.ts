/**
 * Closing: no entry counts on a closed day any more, in the database as well as here. A close takes the row that every writer of the
 * books holds, works out what waits first, and so nothing of a closed period is posted after it by accident. What comes late keeps its own day
 * and counts on the first open one. Opening again is the owner's, with a reason, and stands in the audit trail.
 */
import { sql } from "drizzle-orm";
import { type InBusiness, inBusiness, rowsOf, type Tx } from "../../db/scope";
import { nextDay, parseLocalDate } from "../core/dates";
import { Refusal } from "../core/errors";
import type { LocalDate } from "../core/facts";
import { require, type Scope } from "../people/access";
import { recordAudit } from "../people/audit";
import { namesOf } from "../people/users";
import { todayOf } from "../system/clock";
import { request } from "../system/outbox";
import { settle, waiting } from "./costing";
import { type Books, lockBooks } from "./ledger";

/** More movements than this are folded by a job, not while a form waits. */
const foldAtOnce = 50_000;

export type Closing = Readonly<{
  /** The books are closed through this day; null while nothing is closed. */
  closedThrough: LocalDate | null;
  /** The first day that has an entry; null where there is none. */
  firstOn: LocalDate | null;
  /** Through which day it was closed and opened, newest first, with who and why. */
  history: readonly Readonly<{
    at: string;
    who: string | null;
    isOpening: boolean;
    through: string | null;
    why: string | null;
  }>[];
}>;

const mostHistory = 20;

/** How far the books are closed, and how that came. */
export function closingOf(scope: Scope): Promise<Closing> {
  require(scope, "read");
  const b = scope.businessId;
  return inBusiness(scope, async (tx) => {
    const [row] = await rowsOf<{ closed: string | null; first: string | null }>(
      tx,
      sql`select closed_through::text as closed,
            (select posted_on::text from app.journal_entries where business_id = ${b} order by posted_on, id limit 1) as first
          from app.businesses where business_id = ${b}`,
    );
    const history = await rowsOf<{
      at: string;
      user_id: string | null;
      what: string;
      through: string | null;
      why: string | null;
    }>(
      tx,
      sql`select to_char(a.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at, a.user_id, a.what,
            a.after ->> 'closedThrough' as through, a.why
          from app.audit_trail a
          where a.business_id = ${b} and a.about = 'books' and a.what in ('books.close', 'books.open') order by a.id desc limit ${mostHistory}`,
    );
    const names = await namesOf(
      tx,
      history.map((one) => one.user_id),
    );
    return {
      closedThrough: row?.closed ?? null,
      firstOn: row?.first ?? null,
      history: history.map(({ what, user_id, ...rest }) => ({
        ...rest,
        who: names.get(user_id ?? "") ?? null,
        isOpening: what === "books.open",
      })),
    };
  });
}

/**
 * Closes the books through a day. Costs and entries that wait are worked out first, in the same transaction. Refuses `bad_date`,
 * `future_date` (a day that is not over), `books_closed` (closed through it already), `running_already` while long work waits.
 * @param today for tests
 */
export async function closeThrough(
  scope: Scope,
  through: LocalDate,
  today: LocalDate = todayOf(scope.timeZone),
): Promise<Readonly<{ closedThrough: LocalDate; firstOpen: LocalDate }>> {
  require(scope, "close");
  parseLocalDate(through);
  if (through >= today)
    throw new Refusal("future_date", "Only days that are over can be closed. Choose yesterday or earlier.", {
      field: "through",
    });
  const isClosed = await inBusiness(scope, async (tx) => {
    const books = await lockBooks(tx, scope);
    if (books.closedThrough !== null && books.closedThrough >= through)
      throw new Refusal("books_closed", `The books are closed through ${books.closedThrough} already.`, {
        field: "through",
      });
    if (!(await settleFirst(tx, scope, books))) return false;
    await tx.execute(
      sql`update app.businesses set closed_through = ${through}::date where business_id = ${scope.businessId}`,
    );
    await recordAudit(tx, scope, {
      what: "books.close",
      about: "books",
      before: { closedThrough: books.closedThrough },
      after: { closedThrough: through },
    });
    return true;
  });
  // Said after the transaction, so that the job that it asked for stays.
  if (!isClosed)
    throw new Refusal(
      "running_already",
      "Costs of many sales are still being worked out. Close again when that is done; it takes some minutes.",
    );
  return { closedThrough: through, firstOpen: nextDay(through) };
}

/** Works out what waits. False where that is too long to wait for, or where something waits still: then a job is asked for. */
async function settleFirst(tx: Tx, scope: InBusiness, books: Books): Promise<boolean> {
  if ((await waiting(tx, scope)) <= foldAtOnce) {
    await settle(tx, scope, books);
    if (!(await hasMarks(tx, scope))) return true;
  }
  await request(tx, "recost", { business: scope.businessId });
  return false;
}

async function hasMarks(tx: Tx, scope: InBusiness): Promise<boolean> {
  const [row] = await rowsOf<{ waits: boolean }>(
    tx,
    sql`select exists (select 1 from app.dirty_marks where business_id = ${scope.businessId})
          or exists (select 1 from app.posting_marks where business_id = ${scope.businessId}) as waits`,
  );
  return row?.waits ?? true;
}

/**
 * Opens closed days again: the books are then closed through an earlier day, or not at all (null). Entries of late facts stay where they
 * were posted. Owners only; `why` is kept. Refuses `not_allowed`, `field_missing` without a reason, `nothing_to_undo`.
 */
export async function openAgain(scope: Scope, through: LocalDate | null, why: string): Promise<void> {
  require(scope, "close");
  if (scope.role !== "owner") throw new Refusal("not_allowed", "Only an owner opens closed books again.");
  if (through !== null) parseLocalDate(through);
  const reason = why.trim();
  if (reason === "") throw new Refusal("field_missing", "Say why: it is kept in the audit trail.", { field: "why" });
  await inBusiness(scope, async (tx) => {
    const books = await lockBooks(tx, scope);
    if (books.closedThrough === null || (through !== null && through >= books.closedThrough))
      throw new Refusal("nothing_to_undo", "These days are open already.", { field: "through" });
    await tx.execute(
      sql`update app.businesses set closed_through = ${through}::date where business_id = ${scope.businessId}`,
    );
    await recordAudit(tx, scope, {
      what: "books.open",
      about: "books",
      before: { closedThrough: books.closedThrough },
      after: { closedThrough: through },
      why: reason,
    });
  });
}
