/**
 * Closing: no entry counts on a closed day any more, in the database as well as here. A close takes the row that every writer of the
 * books holds, works out what waits first, and so nothing of a closed period is posted after it by accident. What comes late keeps its own day
 * and counts on the first open one. Each close is sealed (seals.ts). Opening again is the owner's, with a reason, and stands in the audit
 * trail; a tax year that is closed for good is never opened.
 */
import { sql } from "drizzle-orm";
import { type InBusiness, inBusiness, rowsOf, type Tx } from "../../db/scope";
import { nextDay, parseLocalDate, taxYearRange } from "../core/dates";
import { Refusal } from "../core/errors";
import type { LocalDate } from "../core/facts";
import { require, type Scope } from "../people/access";
import { recordAudit } from "../people/audit";
import { namesOf } from "../people/users";
import { todayOf } from "../system/clock";
import { request } from "../system/outbox";
import { settle, waiting } from "./costing";
import { type Books, lockBooks } from "./ledger";
import { sealIn } from "./seals";

/** More movements than this are folded by a job, not while a form waits. */
const foldAtOnce = 50_000;

export type Closing = Readonly<{
  /** The books are closed through this day; null while nothing is closed. */
  closedThrough: LocalDate | null;
  /** Tax years until this day are closed for good; null where none is. */
  finalThrough: LocalDate | null;
  /** The first day that has an entry; null where there is none. */
  firstOn: LocalDate | null;
  /** Through which day it was closed and opened, newest first, with who and why. */
  history: readonly Closed[];
}>;

export type Closed = Readonly<{
  number: number;
  at: string;
  who: string | null;
  kind: "close" | "open" | "year";
  through: LocalDate | null;
  /** The first day of what was sealed; null: all since the beginning. */
  from: LocalDate | null;
  why: string | null;
  entries: bigint;
  /** SHA-256 of the seal, hexadecimal; null where an opening left nothing closed. */
  seal: string | null;
  /** Days of it were opened again later: the seal is kept, and not compared any more. */
  isOpenedAgain: boolean;
}>;

const mostHistory = 50;

/** How far the books are closed, and how that came. */
export function closingOf(scope: Scope): Promise<Closing> {
  require(scope, "read");
  const b = scope.businessId;
  return inBusiness(scope, async (tx) => {
    const [row] = await rowsOf<{ closed: string | null; final: string | null; first: string | null }>(
      tx,
      sql`select closed_through::text as closed, final_through::text as final,
            (select posted_on::text from app.journal_entries where business_id = ${b} order by posted_on, id limit 1) as first
          from app.businesses where business_id = ${b}`,
    );
    const history = await rowsOf<Omit<Closed, "entries" | "who"> & { entries: string; user_id: string | null }>(
      tx,
      sql`select c.closing_no as number, to_char(c.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at, c.user_id,
            c.kind, c.through::text, c.from_on::text as "from", c.why, c.entries::text,
            case when c.through is null then null else encode(c.seal, 'hex') end as seal,
            exists (select 1 from app.closings o where o.business_id = ${b} and o.kind = 'open' and o.closing_no > c.closing_no
              and (o.through is null or o.through < c.through)) as "isOpenedAgain"
          from app.closings c
          where c.business_id = ${b} order by c.closing_no desc limit ${mostHistory}`,
    );
    const names = await namesOf(
      tx,
      history.map((one) => one.user_id),
    );
    return {
      closedThrough: row?.closed ?? null,
      finalThrough: row?.final ?? null,
      firstOn: row?.first ?? null,
      history: history.map(({ user_id, ...one }) => ({
        ...one,
        who: names.get(user_id ?? "") ?? null,
        entries: BigInt(one.entries),
      })),
    };
  });
}

export type HowToClose = Readonly<{
  /** Why it is closed although something still waits; kept with the closing and in the audit trail. */
  why?: string | null;
  /** For tests. */
  today?: LocalDate;
}>;

/**
 * Closes the books through a day and seals them. Costs and entries that wait are worked out first, in the same transaction. Refuses
 * `bad_date`, `future_date` (a day that is not over), `books_closed` (closed through it already), `running_already` while long work waits.
 */
export async function closeThrough(
  scope: Scope,
  through: LocalDate,
  { why = null, today = todayOf(scope.timeZone) }: HowToClose = {},
): Promise<Readonly<{ closedThrough: LocalDate; firstOpen: LocalDate }>> {
  require(scope, "close");
  parseLocalDate(through);
  if (through >= today)
    throw new Refusal("future_date", "Only days that are over can be closed. Choose yesterday or earlier.", {
      field: "through",
    });
  const isClosed = await inBusiness(scope, async (tx) =>
    closeWithin(tx, scope, await lockBooks(tx, scope), { through, why }),
  );
  if (!isClosed) throw tooMuchWaits();
  return { closedThrough: through, firstOpen: nextDay(through) };
}

/**
 * The same within a transaction that holds the books' lock: what waits is worked out, then the days are closed. False where too much waits;
 * then a job is asked for. Refuses `books_closed`.
 */
export async function closeWithin(
  tx: Tx,
  scope: Scope,
  books: Books,
  { through, why }: Readonly<{ through: LocalDate; why: string | null }>,
): Promise<boolean> {
  if (books.closedThrough !== null && books.closedThrough >= through)
    throw new Refusal("books_closed", `The books are closed through ${books.closedThrough} already.`, {
      field: "through",
    });
  if (!(await settleFirst(tx, scope, books))) return false;
  await closeIn(tx, scope, books, { through, userId: scope.userId, why });
  return true;
}

/** Said after the transaction, so that the job that it asked for stays. */
export function tooMuchWaits(): Refusal {
  return new Refusal(
    "running_already",
    "Costs of many sales are still being worked out. Close again when that is done; it takes some minutes.",
  );
}

/**
 * Closes the books through a day in a transaction that holds the books' lock: the day, the seal and the audit row. Whatever waits was
 * worked out before. `isFinal`: for good.
 */
export async function closeIn(
  tx: Tx,
  scope: InBusiness,
  books: Books,
  wanted: Readonly<{ through: LocalDate; userId: string | null; why: string | null; isFinal?: boolean }>,
): Promise<void> {
  const { through, userId, why, isFinal = false } = wanted;
  const closedThrough = books.closedThrough !== null && books.closedThrough > through ? books.closedThrough : through;
  // The audit row first: the database lets nobody change the business without one (0011).
  await recordAudit(
    tx,
    { businessId: scope.businessId, userId },
    {
      what: isFinal ? "books.close-year" : "books.close",
      about: "books",
      before: { closedThrough: books.closedThrough },
      after: isFinal ? { closedThrough, finalThrough: through } : { closedThrough },
      ...(why === null ? {} : { why }),
    },
  );
  await tx.execute(
    sql`update app.businesses set closed_through = ${closedThrough}::date
          ${isFinal ? sql`, final_through = ${through}::date` : sql``} where business_id = ${scope.businessId}`,
  );
  await sealIn(tx, scope, { kind: isFinal ? "year" : "close", through, userId, why });
}

/**
 * Closes a tax year for good, and with it all before it: it is never opened again, by anyone. Owners only. Closes the books through its
 * last day first where they are not. Refuses `not_allowed`, `future_date` (the year is not over), `books_closed` (closed for good
 * already), `running_already`.
 */
export async function closeYear(
  scope: Scope,
  year: number,
  { why = null, today = todayOf(scope.timeZone) }: HowToClose = {},
): Promise<Readonly<{ finalThrough: LocalDate }>> {
  require(scope, "close");
  if (scope.role !== "owner") throw new Refusal("not_allowed", "Only an owner closes a tax year for good.");
  if (!Number.isInteger(year) || year < 1900 || year > 9998)
    throw new Refusal("bad_date", "A tax year lies between 1900 and 9998.", { field: "year" });
  const { to } = taxYearRange(year, scope.taxYearStartMonth);
  if (to >= today)
    throw new Refusal("future_date", "Only a tax year that is over can be closed for good.", { field: "year" });
  const isClosed = await inBusiness(scope, async (tx) => {
    const books = await lockBooks(tx, scope);
    const final = await finalThroughOf(tx, scope);
    if (final !== null && final >= to)
      throw new Refusal("books_closed", `The books are closed for good through ${final} already.`, { field: "year" });
    if (!(await settleFirst(tx, scope, books))) return false;
    await closeIn(tx, scope, books, { through: to, userId: scope.userId, why, isFinal: true });
    return true;
  });
  if (!isClosed) throw tooMuchWaits();
  return { finalThrough: to };
}

async function finalThroughOf(tx: Tx, scope: InBusiness): Promise<LocalDate | null> {
  const [row] = await rowsOf<{ final: string | null }>(
    tx,
    sql`select final_through::text as final from app.businesses where business_id = ${scope.businessId}`,
  );
  return row?.final ?? null;
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

/** Is there anything to be worked out or posted? */
export async function hasMarks(tx: Tx, scope: InBusiness): Promise<boolean> {
  const [row] = await rowsOf<{ waits: boolean }>(
    tx,
    sql`select exists (select 1 from app.dirty_marks where business_id = ${scope.businessId})
          or exists (select 1 from app.posting_marks where business_id = ${scope.businessId}) as waits`,
  );
  return row?.waits ?? true;
}

/**
 * Opens closed days again: the books are then closed through an earlier day, or not at all (null). Entries of late facts stay where they
 * were posted. Owners only; `why` is kept. Refuses `not_allowed`, `field_missing` without a reason, `nothing_to_undo`,
 * `books_closed` where a tax year that is closed for good would open.
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
    const final = await finalThroughOf(tx, scope);
    if (final !== null && (through === null || through < final))
      throw new Refusal(
        "books_closed",
        `The tax year until ${final} is closed for good. Days after it can be opened: write the last day that stays closed.`,
        { field: "through" },
      );
    await recordAudit(tx, scope, {
      what: "books.open",
      about: "books",
      before: { closedThrough: books.closedThrough },
      after: { closedThrough: through },
      why: reason,
    });
    await tx.execute(
      sql`update app.businesses set closed_through = ${through}::date where business_id = ${scope.businessId}`,
    );
    await sealIn(tx, scope, { kind: "open", through, userId: scope.userId, why: reason });
  });
}
