/** The audit trail: who changed what, when and why, written in the transaction of the change and never altered. */
import { and, desc, eq, lt, type SQL } from "drizzle-orm";
import { bulkInsert } from "../../db/bulk";
import { auditTrail } from "../../db/schema/people";
import { inBusiness, type Tx } from "../../db/scope";
import { newId } from "../system/ids";
import { require, type Scope } from "./access";
import { namesOf } from "./users";

/**
 * A change. `what` is the service's verb (`purchase.detail`, `channel.connect`), `about` the key of what was changed. `before` and
 * `after` hold what changed and nothing secret; bigint becomes text.
 */
export type Change = Readonly<{ what: string; about: string; before?: unknown; after?: unknown; why?: string }>;

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
  userId?: string | undefined;
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

const mostRows = 200;

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
      filter.userId === undefined ? undefined : eq(auditTrail.userId, filter.userId),
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
