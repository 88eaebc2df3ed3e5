/** The audit trail: who changed what, when and why, written in the transaction of the change and never altered. */
import { and, desc, eq, gt, isNull, lt, type SQL, sql } from "drizzle-orm";
import { bulkInsert } from "../../db/bulk";
import { auditTrail } from "../../db/schema/people";
import { inBusiness, rowsOf, type Tx } from "../../db/scope";
import { addDays } from "../core/dates";
import type { LocalDate } from "../core/facts";
import { newId } from "../system/ids";
import { require, type Scope } from "./access";
import { type AuditWhat, actionsSaying } from "./audit-words";
import { namesOf } from "./users";

/**
 * A change. `what` is the service's verb (`purchase.detail`, `channel.connect`), which has its words in audit-words.ts, `about` the key of
 * what was changed. `before` and `after` hold what changed, so that it can be read from them alone: lines as people read them and not their
 * number (audit-facts.ts), no buyer's name, nothing secret; bigint becomes text. A change that may move costs is
 * recorded before it is made: what a corrected cost followed is found by that.
 */
export type Change = Readonly<{ what: AuditWhat; about: string; before?: unknown; after?: unknown; why?: string }>;

/** Writes one row, in the transaction of the change itself. */
export async function recordAudit(tx: Tx, scope: Pick<Scope, "businessId" | "userId">, change: Change): Promise<void> {
  await bulkInsert(tx, auditTrail, [
    {
      businessId: scope.businessId,
      id: newId(),
      at: new Date().toISOString(),
      userId: scope.userId,
      what: change.what,
      about: change.about,
      before: change.before ?? null,
      after: change.after ?? null,
      why: change.why ?? null,
    },
  ]);
}

export type AuditFilter = Readonly<{
  what?: string | undefined;
  about?: string | undefined;
  /** A person's id; null: the product itself. */
  userId?: string | null | undefined;
  /** Days in the business's time zone, both included. */
  from?: LocalDate | undefined;
  to?: LocalDate | undefined;
  /** Words in what was changed, why, or in what it was before and after. */
  text?: string | undefined;
}>;

/** `after` is the id of the last row that was seen. */
export type AuditPage = Readonly<{ after?: string | undefined; limit?: number | undefined }>;

export type AuditRow = Readonly<{
  id: string;
  at: string;
  /** Who: a name or an e-mail; null for the product itself. */
  who: string | null;
  what: string;
  about: string;
  before: unknown;
  after: unknown;
  why: string | null;
}>;

const mostRows = 500;

/** The trail, newest first. `next` is the `after` of the following page, null on the last. Owners and bookkeepers only. */
export async function auditRows(
  scope: Scope,
  filter: AuditFilter = {},
  page: AuditPage = {},
): Promise<Readonly<{ rows: readonly AuditRow[]; next: string | null }>> {
  require(scope, "audit");
  const limit = Math.min(Math.max(page.limit ?? 50, 1), mostRows);
  const { rows, names } = await inBusiness(scope, async (tx) => {
    const wanted: (SQL | undefined)[] = [
      eq(auditTrail.businessId, scope.businessId),
      filter.what === undefined ? undefined : eq(auditTrail.what, filter.what),
      filter.about === undefined ? undefined : eq(auditTrail.about, filter.about),
      filter.userId === undefined
        ? undefined
        : filter.userId === null
          ? isNull(auditTrail.userId)
          : eq(auditTrail.userId, filter.userId),
      ...daysOf(scope, filter),
      filter.text === undefined ? undefined : wordsIn(filter.text),
      page.after === undefined ? undefined : lt(auditTrail.id, page.after),
    ];
    const found = await tx
      .select({
        id: auditTrail.id,
        at: auditTrail.at,
        userId: auditTrail.userId,
        what: auditTrail.what,
        about: auditTrail.about,
        before: auditTrail.before,
        after: auditTrail.after,
        why: auditTrail.why,
      })
      .from(auditTrail)
      .where(and(...wanted))
      .orderBy(desc(auditTrail.id))
      .limit(limit + 1);
    const ids = found.map((row) => row.userId);
    return { rows: found, names: await namesOf(tx, ids) };
  });
  const shown = rows.slice(0, limit).map(({ userId, ...row }) => ({
    ...row,
    who: userId === null ? null : (names.get(userId) ?? "a person who is gone"),
  }));
  return { rows: shown, next: rows.length > limit ? (shown.at(-1)?.id ?? null) : null };
}

/** Ids grow with time: a day's rows are found by them to within two days, and then told apart by their instants. */
function daysOf(scope: Scope, { from, to }: AuditFilter): readonly SQL[] {
  const midnight = (day: LocalDate) => sql`(${day}::date::timestamp at time zone ${scope.timeZone})`;
  return [
    ...(from === undefined
      ? []
      : [gt(auditTrail.id, firstIdOf(addDays(from, -2))), sql`${auditTrail.at} >= ${midnight(from)}`]),
    ...(to === undefined
      ? []
      : [lt(auditTrail.id, firstIdOf(addDays(to, 3))), sql`${auditTrail.at} < ${midnight(addDays(to, 1))}`]),
  ];
}

/** The least UUIDv7 of a day in UTC. */
function firstIdOf(day: LocalDate): string {
  const ms = Math.max(Date.parse(`${day}T00:00:00Z`), 0)
    .toString(16)
    .padStart(12, "0")
    .slice(-12);
  return `${ms.slice(0, 8)}-${ms.slice(8)}-7000-8000-000000000000`;
}

function wordsIn(text: string): SQL {
  const like = `%${text.replace(/[\\%_]/g, "\\$&")}%`;
  const said = sql.join(
    actionsSaying(text).map((what) => sql`${what}`),
    sql`, `,
  );
  return sql`(concat_ws(' ', ${auditTrail.what}, ${auditTrail.about}, ${auditTrail.why}, ${auditTrail.before}::text, ${auditTrail.after}::text) ilike ${like}
    or ${auditTrail.what} = any(array[${said}]::text[]))`;
}

export type AuditChoices = Readonly<{
  what: readonly string[];
  who: readonly Readonly<{ userId: string | null; name: string }>[];
}>;

/** What the trail can be filtered by: every kind of change that there is, and everybody who changed something. */
export async function auditChoices(scope: Scope): Promise<AuditChoices> {
  require(scope, "audit");
  const b = scope.businessId;
  return inBusiness(scope, async (tx) => {
    // From one value to the next greater one by the index, so that a long trail costs what its few values cost.
    const what = await rowsOf<{ what: string }>(
      tx,
      sql`with recursive kinds as (
            (select what from app.audit_trail where business_id = ${b} order by what limit 1)
            union all
            select (select a.what from app.audit_trail a where a.business_id = ${b} and a.what > k.what order by a.what limit 1) from kinds k where k.what is not null)
          select what from kinds where what is not null order by what`,
    );
    const people = await rowsOf<{ userId: string }>(
      tx,
      sql`with recursive people as (
            (select user_id from app.audit_trail where business_id = ${b} and user_id is not null order by user_id limit 1)
            union all
            select (select a.user_id from app.audit_trail a where a.business_id = ${b} and a.user_id > p.user_id order by a.user_id limit 1)
            from people p where p.user_id is not null)
          select user_id as "userId" from people where user_id is not null`,
    );
    const ids = people.map((row) => row.userId);
    const names = await namesOf(tx, ids);
    const who = ids
      .map((userId) => ({ userId, name: names.get(userId) ?? "a person who is gone" }))
      .sort((x, y) => x.name.localeCompare(y.name, "en"));
    return {
      what: what.map((row) => row.what),
      who: [...who, { userId: null, name: "Lotbook itself" }],
    };
  });
}
