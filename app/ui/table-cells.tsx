// biome-ignore-all lint/a11y/noRedundantRoles: on phones `display` is changed and a browser then forgets what a table is
import type { ReactNode } from "react";
import { classes } from "./classes";

/**
 * Where a cell stands when a row becomes two lines on a phone: what | amount, then where | second. `moved` and `movedValue` are the
 * middle column of an item's ledger, `full` a third line. A column without a place is not shown there.
 */
export type PhonePlace = "what" | "where" | "amount" | "second" | "moved" | "movedValue" | "full";

export type Column<Row> = Readonly<{
  key: string;
  head: ReactNode;
  /** The head is only read out (a column of actions, a drawn share). */
  headHidden?: boolean | undefined;
  align?: "left" | "right" | undefined;
  /** CSS width: exact with `fixed`, else the least. */
  width?: number | string | undefined;
  /** Left out between 901 and 1,180 px: party, likely purchase. */
  low?: boolean | undefined;
  /** A running balance: wash ground; the first of them has the double hairline before it. */
  running?: boolean | "first" | undefined;
  /** A double hairline before, without the wash. */
  ruled?: boolean | undefined;
  /** Names the row. */
  rowHead?: boolean | undefined;
  /** May break over lines; figures never do. */
  wraps?: boolean | undefined;
  /** Cut off with an ellipsis at the column's width. */
  clips?: boolean | undefined;
  quiet?: boolean | undefined;
  phone?: PhonePlace | undefined;
  /** Only on phones: the composed second line. Not counted in spans. */
  phoneOnly?: boolean | undefined;
  sort?: Readonly<{ href: string; direction: "ascending" | "descending" | null }> | undefined;
  cell: (row: Row) => ReactNode;
}>;

const places: Record<PhonePlace, string> = {
  what: "m1",
  where: "m2",
  amount: "a1",
  second: "a2",
  moved: "b1",
  movedValue: "b2",
  full: "m3",
};

/** The classes that a column's cells and head share. */
export function cellClass<Row>(column: Column<Row>): string | undefined {
  return classes(
    column.align === "right" && "num",
    column.low && "low",
    (column.running === "first" || column.ruled) && "vr",
    column.phone && places[column.phone],
    column.phoneOnly && "only-s",
  );
}

/** One cell of a column, with its role written out: on phones `display` is changed, and a browser then forgets it. */
export function cell<Row>(
  column: Column<Row>,
  content: ReactNode,
  { wash = true, head = false }: { wash?: boolean; head?: boolean },
) {
  const className = classes(
    cellClass(column),
    wash && column.running && "run",
    column.quiet && "q",
    !column.wraps && !column.rowHead && !column.clips && "nw",
    column.clips && "clip",
  );
  return head ? (
    <th role="rowheader" scope="row" key={column.key} className={className}>
      {content}
    </th>
  ) : (
    <td role="cell" key={column.key} className={className}>
      {content}
    </td>
  );
}

/** All cells of a row. */
export function RowCells<Row>({ row, columns }: { row: Row; columns: readonly Column<Row>[] }) {
  return columns.map((column) => cell(column, column.cell(row), { head: column.rowHead === true }));
}
