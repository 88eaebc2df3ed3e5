/**
 * Closing the books as a person does it: first the list of what still waits until that day, then the close. What makes the books wrong
 * stops a close; what leaves them incomplete asks for a reason, which is kept with the closing and in the audit trail (reliability.md
 * section 9); the rest is only told.
 */
import { sql } from "drizzle-orm";
import { inBusiness, rowsOf } from "../db/scope";
import { closeThrough, closeWithin, closeYear, hasMarks, tooMuchWaits } from "./books/periods";
import { endOfMonth, nextDay, parseLocalDate, startOfMonth, taxYearRange } from "./core/dates";
import { Refusal } from "./core/errors";
import type { LocalDate } from "./core/facts";
import { mostCounted, type Need, type NeedKind, needsOf } from "./needs";
import { require, type Scope } from "./people/access";
import { type Changes, rehearse } from "./preview";

/** What a close may meet: all open work, items below zero, entries that no proof has seen. */
export type ClosingKind = NeedKind | "short" | "unproved";

/** `stops`: no close while it is there. `asks`: a close needs a reason. `told`: only shown. */
export type Weight = "stops" | "asks" | "told";

export type ClosingItem = Omit<Need, "kind"> & Readonly<{ kind: ClosingKind; weight: Weight }>;

const weights: Readonly<Partial<Record<ClosingKind, Weight>>> = {
  findings: "stops",
  syncs: "asks",
  jobs: "asks",
  deposits: "asks",
  costs: "asks",
  short: "asks",
};

const order: readonly Weight[] = ["stops", "asks", "told"];

/** All that still waits until a day, what stops a close first. `today` is for tests. */
export async function closingList(
  scope: Scope,
  through: LocalDate,
  today?: LocalDate,
): Promise<readonly ClosingItem[]> {
  require(scope, "read");
  parseLocalDate(through);
  const found: Omit<ClosingItem, "weight">[] = [
    ...(await needsOf(scope, { until: through, today })),
    ...(await short(scope, through)),
    ...(await unproved(scope)),
  ];
  return found
    .map((item) => ({ ...item, weight: weights[item.kind] ?? ("told" as const) }))
    .sort((a, b) => order.indexOf(a.weight) - order.indexOf(b.weight));
}

/** Items of which more went out than came in until the day: whole months from their sums, the days after them from movements. */
async function short(scope: Scope, through: LocalDate): Promise<readonly Omit<ClosingItem, "weight">[]> {
  const b = scope.businessId;
  const open = startOfMonth(nextDay(through));
  const days =
    through === endOfMonth(through)
      ? sql``
      : sql`union all select item_id, qty from app.movements where business_id = ${b} and on_date between ${open}::date and ${through}::date
              and left(item_id, 1) <> chr(31)`;
  const [row] = await inBusiness(scope, (tx) =>
    rowsOf<{ n: number; about: string | null }>(
      tx,
      sql`select count(*)::int as n, min(s.name) as about from (
            select i.name from (
              select item_id, in_qty - out_qty as qty from app.item_months where business_id = ${b} and month < ${open}::date ${days}) m
            join app.items i on i.business_id = ${b} and i.id = m.item_id
            group by i.id, i.name having sum(m.qty) < 0 limit ${mostCounted + 1}) s`,
    ),
  );
  const n = row?.n ?? 0;
  if (n === 0) return [];
  const isMore = n > mostCounted;
  return [
    { kind: "short", count: isMore ? mostCounted : n, isMore, amount: null, about: row?.about ?? null, since: null },
  ];
}

/** Entries that were posted since the books were proved last. */
async function unproved(scope: Scope): Promise<readonly Omit<ClosingItem, "weight">[]> {
  const b = scope.businessId;
  const [row] = await inBusiness(scope, (tx) =>
    rowsOf<{ n: string }>(
      tx,
      sql`select (coalesce((select entry_no from app.journal_heads where business_id = ${b}), 0)
            - coalesce((select entry_no from app.proofs where business_id = ${b} order by "at" desc, id desc limit 1), 0))::text as n`,
    ),
  );
  const n = BigInt(row?.n ?? "0");
  if (n <= 0n) return [];
  const isMore = n > BigInt(mostCounted);
  return [
    { kind: "unproved", count: isMore ? mostCounted : Number(n), isMore, amount: null, about: null, since: null },
  ];
}

/**
 * What closing through this day would post: costs that wait to be worked out, by the code that closes. Null where nothing waits, since
 * closing itself moves no cost. Refuses as closing would.
 */
export async function previewClose(scope: Scope, through: LocalDate): Promise<Changes | null> {
  require(scope, "close");
  parseLocalDate(through);
  if (!(await inBusiness(scope, (tx) => hasMarks(tx, scope)))) return null;
  return rehearse(scope, async (tx, books) => {
    if (!(await closeWithin(tx, scope, books, { through, why: null }))) throw tooMuchWaits();
  });
}

/**
 * Closes the books through a day, if what waits allows it. Refuses `not_ready` where the last proof found something, `field_missing`
 * where a reason is needed, and what `closeThrough` refuses.
 */
export async function closeBooks(
  scope: Scope,
  { through, why }: Readonly<{ through: LocalDate; why: string }>,
  today?: LocalDate,
): Promise<Readonly<{ closedThrough: LocalDate; firstOpen: LocalDate }>> {
  require(scope, "close");
  const reason = await reasonFor(scope, through, why, today);
  return closeThrough(scope, through, { why: reason, ...(today === undefined ? {} : { today }) });
}

/** Closes a tax year for good, if what waits until its end allows it; refuses as `closeBooks` and `closeYear` do. */
export async function closeYearForGood(
  scope: Scope,
  { year, why }: Readonly<{ year: number; why: string }>,
  today?: LocalDate,
): Promise<Readonly<{ finalThrough: LocalDate }>> {
  require(scope, "close");
  if (scope.role !== "owner") throw new Refusal("not_allowed", "Only an owner closes a tax year for good.");
  if (!Number.isInteger(year) || year < 1900 || year > 9998)
    throw new Refusal("bad_date", "A tax year lies between 1900 and 9998.", { field: "year" });
  const reason = await reasonFor(scope, taxYearRange(year, scope.taxYearStartMonth).to, why, today);
  return closeYear(scope, year, { why: reason, ...(today === undefined ? {} : { today }) });
}

async function reasonFor(
  scope: Scope,
  through: LocalDate,
  why: string,
  today: LocalDate | undefined,
): Promise<string | null> {
  const list = await closingList(scope, through, today);
  if (list.some(({ weight }) => weight === "stops"))
    throw new Refusal(
      "not_ready",
      "The last proof of the books found something that does not hold. See to it and prove the books again; then close them.",
    );
  const reason = why.normalize("NFC").trim();
  if ([...reason].length > 300) throw new Refusal("text_too_long", "At most 300 letters.", { field: "why" });
  if (reason === "" && list.some(({ weight }) => weight === "asks"))
    throw new Refusal("field_missing", "Something still waits until then. Say why you close all the same.", {
      field: "why",
    });
  return reason === "" ? null : reason;
}
