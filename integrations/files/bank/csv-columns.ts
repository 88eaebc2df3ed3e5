/** The columns of a bank's table: what each holds, and how one is found by its name. */
import type { TableRow } from "../csv";
import { type Role, rankOf } from "./csv-headers";
import { looksLikeDate } from "./dates";
import { looksLikeAmount } from "./numbers";

/** What a column holds: shares of its cells that are not blank, from 0 to 1. */
export type Column = Readonly<{
  index: number;
  cells: readonly string[];
  filled: number;
  dates: number;
  amounts: number;
  distinct: number;
  length: number;
}>;
export function isAmountCell(cell: string): boolean {
  return looksLikeAmount(cell) && !looksLikeDate(cell);
}

/** A sample is enough to know a column by; the decisions on days and marks see it whole through `cells`. */
export function profile(index: number, data: readonly TableRow[]): Column {
  const cells = data.map((row) => row.cells[index] ?? "");
  const filled = cells.filter((cell) => cell !== "");
  const sample = filled.slice(0, 500);
  const share = (test: (cell: string) => boolean) =>
    sample.length === 0 ? 0 : sample.filter(test).length / sample.length;
  const length = sample.length === 0 ? 0 : sample.reduce((sum, cell) => sum + cell.length, 0) / sample.length;
  return {
    index,
    cells,
    filled: cells.length === 0 ? 0 : filled.length / cells.length,
    dates: share(looksLikeDate),
    amounts: share(isAmountCell),
    distinct: new Set(filled).size,
    length,
  };
}

/** The column whose name fits a role best among those that also hold what the role needs; none without a header. */
export function pickByName(
  columns: readonly Column[],
  headers: readonly string[] | null,
  role: Role,
  accepts: (column: Column) => boolean,
): Column | null {
  let best: { column: Column; rank: number } | null = null;
  for (const column of headers ? columns : []) {
    const rank = rankOf(headers?.[column.index] ?? "", role);
    if (rank === null || !accepts(column) || (best && best.rank <= rank)) continue;
    best = { column, rank };
  }
  return best?.column ?? null;
}
