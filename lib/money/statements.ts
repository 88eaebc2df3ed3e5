/**
 * Lines of a statement against the lines that are here. A line is known by account, day, amount, the bank's own id and its words, and by
 * its count among those of its file that are alike: so an overlapping statement adds only what is new, and twins are both kept.
 *
 * The same payment told by another kind of file (other words, no id) is no such equal; it is *doubtful*: as many lines of a day and
 * amount as stand here already without a counterpart in the file. Turned down: near days (a coffee each morning is no doubt).
 */

import { sql } from "drizzle-orm";
import { bulkInsert, list } from "../../db/bulk";
import { transactions } from "../../db/schema";
import { type InBusiness, rowsOf, type Tx } from "../../db/scope";
import type { BankRow } from "../../integrations/index";
import { normalise } from "../core/matching";
import { newId } from "../system/ids";
import { sha256Hex } from "../system/sha256";

export type RowStatus = "new" | "already" | "doubtful";
export type SortedRow = Readonly<{ row: BankRow; key: string; occurrence: number; status: RowStatus }>;

const short = (text: string) => sha256Hex(text).slice(0, 24);

/** What tells a line from others of its account; readable as far as it needs to be asked: `day|amount|bank's id|words`. */
export function dedupeKey(row: Pick<BankRow, "date" | "amount" | "fitid" | "payee" | "memo">): string {
  const words = normalise(`${row.payee} ${row.memo}`);
  return `${row.date}|${row.amount}|${row.fitid === null ? "" : short(row.fitid)}|${short(words)}`;
}

/** The key of what a person typed: never equal to a bank's line, so such a line is doubtful beside it. */
export const handKey = (id: string) => `hand|||${id}`;
const hasBankId = (key: string) => (key.split("|")[2] ?? "") !== "";

/**
 * Sorts a file's rows of one account. `account` null: a new account, where all is new. `importId`: lines that this import brought
 * itself (it is taken up again after it was cut off) are known, and cast no doubt.
 */
export async function sortRows(
  tx: Tx,
  scope: InBusiness,
  account: string | null,
  rows: readonly BankRow[],
  importId: string | null,
): Promise<readonly SortedRow[]> {
  const counts = new Map<string, number>();
  const keyed = rows.map((row) => {
    const key = dedupeKey(row);
    const occurrence = (counts.get(key) ?? 0) + 1;
    counts.set(key, occurrence);
    return { row, key, occurrence };
  });
  if (account === null || rows.length === 0) return keyed.map((one) => ({ ...one, status: "new" }));
  const days = rows.map((row) => row.date).sort();
  const known = await rowsOf<{ key: string; occurrence: number; day: string; amount: string; own: boolean }>(
    tx,
    sql`select dedupe_key as key, occurrence, on_date::text as day, amount_minor::text as amount, import_id is not distinct from ${importId}::uuid as own
        from app.transactions where business_id = ${scope.businessId} and account_code = ${account} and not is_undone
          and on_date between ${days[0]}::date and ${days.at(-1)}::date`,
  );
  const here = new Set(known.map((one) => `${one.key} ${one.occurrence}`));
  const inFile = new Set(keyed.map((one) => `${one.key} ${one.occurrence}`));
  // What stands here and is not in the file as it stands: each may be the other side of one doubtful row.
  const others = new Map<string, { withId: number; withoutId: number }>();
  for (const one of known) {
    if (inFile.has(`${one.key} ${one.occurrence}`) || (one.own && importId !== null)) continue;
    const at = `${one.day} ${one.amount}`;
    const count = others.get(at) ?? { withId: 0, withoutId: 0 };
    if (hasBankId(one.key)) count.withId += 1;
    else count.withoutId += 1;
    others.set(at, count);
  }
  return keyed.map((one) => {
    if (here.has(`${one.key} ${one.occurrence}`)) return { ...one, status: "already" };
    const count = others.get(`${one.row.date} ${one.row.amount}`);
    if (count === undefined) return { ...one, status: "new" };
    // Two different ids of the bank are two payments.
    if (count.withoutId > 0) count.withoutId -= 1;
    else if (count.withId > 0 && one.row.fitid === null) count.withId -= 1;
    else return { ...one, status: "new" };
    return { ...one, status: "doubtful" };
  });
}

/**
 * Writes rows as open transactions; those that were undone before come back. Gives ids of what is new, and which of them were never
 * posted. A row that is here is left alone.
 */
export async function addRows(
  tx: Tx,
  scope: InBusiness,
  account: string,
  rows: readonly SortedRow[],
  importId: string | null,
): Promise<Readonly<{ ids: readonly string[]; fresh: ReadonlySet<string> }>> {
  if (rows.length === 0) return { ids: [], fresh: new Set() };
  const recordedAt = new Date().toISOString();
  const known = new Map(
    (
      await rowsOf<{ id: string; key: string; occurrence: number; undone: boolean }>(
        tx,
        sql`select t.id, t.dedupe_key as key, t.occurrence, t.is_undone as undone from app.transactions t
            join unnest(${list(
              "text",
              rows.map((one) => one.key),
            )}, ${list(
              "integer",
              rows.map((one) => one.occurrence),
            )}) as u(key, occurrence) on u.key = t.dedupe_key and u.occurrence = t.occurrence
            where t.business_id = ${scope.businessId} and t.account_code = ${account}`,
      )
    ).map((row) => [`${row.key} ${row.occurrence}`, row]),
  );
  const fresh = new Set<string>();
  const ids: string[] = [];
  const values: (typeof transactions.$inferInsert)[] = [];
  for (const { row, key, occurrence } of rows) {
    const before = known.get(`${key} ${occurrence}`);
    if (before !== undefined && !before.undone) continue;
    const id = before?.id ?? newId();
    if (before === undefined) fresh.add(id);
    ids.push(id);
    values.push({
      businessId: scope.businessId,
      id,
      accountCode: account,
      onDate: row.date,
      amountMinor: row.amount,
      payee: row.payee,
      memo: row.memo,
      dedupeKey: key,
      occurrence,
      importId,
      place: row.row,
      state: "open",
      categoryCode: null,
      matchedId: null,
      ruleId: null,
      version: 1,
      recordedAt,
      isUndone: false,
    });
  }
  await bulkInsert(
    tx,
    transactions,
    values,
    sql`on conflict (business_id, id) do update set import_id = excluded.import_id, place = excluded.place, payee = excluded.payee, memo = excluded.memo,
        state = 'open', category_code = null, matched_id = null, rule_id = null, version = transactions.version + 1,
        recorded_at = excluded.recorded_at, is_undone = false`,
  );
  await tx.execute(
    sql`delete from app.transaction_splits where business_id = ${scope.businessId} and transaction_id = any(${list("text", ids)})`,
  );
  return { ids, fresh };
}

/** Rows in the order in which they happened: by day, within a day as the bank has them, whichever way its file runs. */
export function inTimeOrder<Row extends Readonly<{ row: BankRow }>>(rows: readonly Row[]): readonly Row[] {
  const first = rows[0]?.row.date ?? "";
  const last = rows.at(-1)?.row.date ?? "";
  const ordered = first > last ? [...rows].reverse() : [...rows];
  return ordered.sort((a, b) => (a.row.date < b.row.date ? -1 : a.row.date > b.row.date ? 1 : 0));
}

/** The last four letters or digits of an account's number, by which a bank's files are known again; null where there are too few. */
export function numberEnd(number: string | null): string | null {
  const letters = (number ?? "").toUpperCase().replace(/[^A-Z0-9]/g, "");
  return letters.length < 3 ? null : letters.slice(-4);
}
