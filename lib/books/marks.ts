/**
 * What waits to be worked out: which cost groups from which day, and which documents to compare with the journal. Rows that only
 * widen, written in the transaction of the fact that makes them needed; `settle` takes them.
 */
import { sql } from "drizzle-orm";
import { bulkInsert } from "../../db/bulk";
import { dirtyMarks, postingMarks } from "../../db/schema";
import type { InBusiness, Tx } from "../../db/scope";
import type { LocalDate } from "../core/facts";
import type { DocumentKey } from "./ledger";

/** A cost group (an item, or the group of an unmatched line) whose costs from this day on must be worked out again. */
export type Dirty = Readonly<{ group: string; since: LocalDate }>;

/** Marks groups dirty; a mark that is there already keeps the earlier day. */
export async function markDirty(tx: Tx, scope: InBusiness, marks: readonly Dirty[]): Promise<void> {
  const earliest = new Map<string, LocalDate>();
  for (const { group, since } of marks) {
    const before = earliest.get(group);
    if (before === undefined || since < before) earliest.set(group, since);
  }
  await bulkInsert(
    tx,
    dirtyMarks,
    [...earliest].map(([itemId, since]) => ({ businessId: scope.businessId, itemId, since, version: 1 })),
    sql`on conflict (business_id, item_id) do update
        set since = least(dirty_marks.since, excluded.since), version = dirty_marks.version + 1`,
  );
}

/** Marks documents whose posted entries must be compared with what the facts now want. */
export async function markPosting(tx: Tx, scope: InBusiness, documents: readonly DocumentKey[]): Promise<void> {
  const seen = new Map(documents.map((document) => [`${document.kind}/${document.id}`, document]));
  await bulkInsert(
    tx,
    postingMarks,
    [...seen.values()].map((document) => ({
      businessId: scope.businessId,
      documentKind: document.kind,
      documentId: document.id,
    })),
    sql`on conflict do nothing`,
  );
}
