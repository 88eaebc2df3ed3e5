/**
 * A page of a list that is worked out whole (one row an item): put in order, cut by a cursor that names a row's value and id, so that what is
 * added or gone meanwhile moves nothing.
 */
import { compareIds } from "../core/facts";

export type Ranked = Readonly<{ id: string }>;
export type RankedPage<Row> = Readonly<{ rows: readonly Row[]; before: string | null; after: string | null }>;
export type RankedAt = Readonly<{ after?: string | null; before?: string | null; limit?: number }>;
/** What a row stands by: figures, or text by its bytes. null stands first. */
export type Standing = bigint | string | null;

function compare(a: Standing, b: Standing): number {
  if (a === b) return 0;
  if (a === null) return -1;
  if (b === null) return 1;
  if (typeof a === "bigint" && typeof b === "bigint") return a < b ? -1 : 1;
  return compareIds(String(a), String(b));
}

/** The rows in the order of `by`, equal ones by id; `isDown` turns all of it round. */
export function inOrderOf<Row extends Ranked>(
  rows: readonly Row[],
  by: (row: Row) => Standing,
  isDown: boolean,
): readonly Row[] {
  const turn = isDown ? -1 : 1;
  return [...rows].sort((a, b) => turn * (compare(by(a), by(b)) || compareIds(a.id, b.id)));
}

/** The page after a cursor, or before one, of rows that `inOrderOf` gave. What is no cursor begins at the first page. */
export function rankedPage<Row extends Ranked>(
  rows: readonly Row[],
  by: (row: Row) => Standing,
  isDown: boolean,
  page: RankedAt,
): RankedPage<Row> {
  const limit = page.limit ?? 60;
  const turn = isDown ? -1 : 1;
  const cursor = readKey(page.after ?? page.before ?? null);
  const isBack = cursor !== null && (page.after ?? null) === null;
  const follows = (row: Row, [value, id]: readonly [Standing, string]) =>
    turn * (compare(by(row), value) || compareIds(row.id, id));
  const from =
    cursor === null
      ? 0
      : isBack
        ? Math.max(0, rows.filter((row) => follows(row, cursor) < 0).length - limit)
        : rows.filter((row) => follows(row, cursor) <= 0).length;
  const end = isBack && cursor !== null ? rows.filter((row) => follows(row, cursor) < 0).length : from + limit;
  const shown = rows.slice(from, end);
  const [first, last] = [shown[0], shown.at(-1)];
  return {
    rows: shown,
    before: first !== undefined && from > 0 ? keyOf(by(first), first.id) : null,
    after: last !== undefined && end < rows.length ? keyOf(by(last), last.id) : null,
  };
}

const keyOf = (value: Standing, id: string): string =>
  JSON.stringify([value === null ? "-" : typeof value === "bigint" ? `n${value}` : `t${value}`, id]);

function readKey(text: string | null): readonly [Standing, string] | null {
  if (text === null || !/^\["(?:[^"\\]|\\.)*","(?:[^"\\]|\\.)*"\]$/u.test(text)) return null;
  const [value = "", id = ""] = JSON.parse(text) as readonly string[];
  if (value.startsWith("n") && /^n-?\d{1,40}$/.test(value)) return [BigInt(value.slice(1)), id];
  if (value.startsWith("t")) return [value.slice(1), id];
  return value === "-" ? [null, id] : null;
}
