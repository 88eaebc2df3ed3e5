// biome-ignore-all lint/a11y/noRedundantRoles: on phones `display` is changed and a browser then forgets what a table is
import NextLink from "next/link";
import type { ReactNode } from "react";
import { classes } from "./classes";
import { type Column, cell, cellClass, RowCells } from "./table-cells";
import { TableKeys } from "./table-keys.client";

export type { Column, PhonePlace } from "./table-cells";

/** How a row stands apart from its neighbours. */
export type RowState = Readonly<{
  /** Its panel or sheet is open. */
  chosen?: boolean | undefined;
  /** A child of the row above, indented on a lighter wash. */
  part?: boolean | undefined;
  /** Washed for 1.2 s: it was changed just now. */
  changed?: boolean | undefined;
  busy?: boolean | undefined;
  /** The reason why it was refused, with its way out; stands under the row. */
  refused?: ReactNode | undefined;
  /** Lines of a statement: a group's head, a subtotal, the result. */
  kind?: "group" | "subtotal" | "result" | undefined;
}>;

/** A row of its own over or under the rows: opening and closing of a ledger, the totals. Figures by column key. */
export type EdgeRow = Readonly<{
  label: ReactNode;
  /** A first cell before the label, as wide as the first column (a date). */
  lead?: ReactNode | undefined;
  /** How many columns the label covers, from the first (after `lead`). */
  span: number;
  figures: Readonly<Record<string, ReactNode>>;
  /** Keys whose figure equals the books: a double rule. */
  proved?: readonly string[] | undefined;
}>;

export type Selection<Row> = Readonly<{
  /** Name of the checkboxes; each has the row's key as its value. */
  name: string;
  /** Id of the form that takes them. */
  form: string;
  label: (row: Row) => string;
  /** Minor units that the bar adds up, in one currency. */
  amount?: ((row: Row) => bigint) | undefined;
  currency?: string | undefined;
  /** Buttons with `form` set to the same id. */
  actions: ReactNode;
}>;

export type TableProps<Row> = Readonly<{
  /** Says what the table holds; read out, not shown. */
  caption: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  keyOf: (row: Row) => string;
  /** Where Enter on a row leads. */
  hrefOf?: ((row: Row) => string | null) | undefined;
  stateOf?: ((row: Row) => RowState) | undefined;
  /** A panel under an open row, over the full width. */
  under?: ((row: Row) => ReactNode | null) | undefined;
  opening?: EdgeRow | undefined;
  closing?: EdgeRow | undefined;
  totals?: EdgeRow | undefined;
  /** Stands over the table (a FilterBar); the selection takes its place while rows are selected. */
  bar?: ReactNode | undefined;
  selection?: Selection<Row> | undefined;
  /** Shown instead of rows: `<Empty>`, a message of what failed, or rows of bars while loading. */
  empty?: ReactNode | undefined;
  error?: ReactNode | undefined;
  loading?: boolean | undefined;
  /** On phones: two-line rows (`lines`), the three columns of an item's ledger (`ledger`), or the table itself (`scroll`). */
  phone?: "lines" | "ledger" | "scroll" | undefined;
  /** Exact widths from the columns, whatever the rows hold. */
  fixed?: boolean | undefined;
}>;

/** The table of the product: server-rendered, complete without script; a small enhancer adds the keyboard and the selection. */
export function Table<Row>(props: TableProps<Row>) {
  const { caption, columns, rows, keyOf, phone = "lines", selection } = props;
  const span = columns.length + (selection ? 1 : 0);
  const table = (
    <table
      role="table"
      className={classes(
        "tbl",
        phone !== "scroll" && "stk",
        phone === "ledger" && "led",
        selection && "boxed",
        props.fixed && "fixed-cols",
      )}
    >
      <caption className="vh">{caption}</caption>
      <colgroup>
        {selection ? <col style={{ width: 28 }} /> : null}
        {columns.map((column) => (
          <col key={column.key} className={colClass(column)} style={{ width: column.width }} />
        ))}
      </colgroup>
      <thead role="rowgroup">
        <tr role="row">
          {selection ? (
            <th role="columnheader" scope="col" className="box">
              <input type="checkbox" data-all="" aria-label={`Select all ${rows.length}`} />
            </th>
          ) : null}
          {columns.map((column) => (
            <Head key={column.key} column={column} />
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {props.opening && !props.error && !props.loading ? (
          <Edge row={props.opening} columns={columns} box={selection !== undefined} className="edge" />
        ) : null}
        {props.loading ? (
          <Bars columns={columns} box={selection !== undefined} />
        ) : props.error ? (
          <Said span={span}>
            <div className="alert" role="alert">
              {props.error}
            </div>
          </Said>
        ) : rows.length === 0 ? (
          <Said span={span}>{props.empty}</Said>
        ) : (
          rows.map((row) => <Line key={keyOf(row)} row={row} props={props} span={span} />)
        )}
        {props.closing && !props.error && !props.loading ? (
          <Edge row={props.closing} columns={columns} box={selection !== undefined} className="edge closing" />
        ) : null}
      </tbody>
      {props.totals && rows.length > 0 && !props.error && !props.loading ? (
        <tfoot role="rowgroup">
          <Edge row={props.totals} columns={columns} box={selection !== undefined} className={undefined} />
        </tfoot>
      ) : null}
    </table>
  );
  return (
    <TableKeys
      bar={props.bar}
      actions={selection?.actions}
      currency={selection?.currency}
      scrolls={phone === "scroll"}
      label={caption}
    >
      {table}
    </TableKeys>
  );
}

function colClass<Row>(column: Column<Row>): string | undefined {
  return classes(column.low && "low", column.phoneOnly && "only-s");
}

function Head<Row>({ column }: { column: Column<Row> }) {
  const arrow = column.sort?.direction === "descending" ? " ↓" : column.sort?.direction === "ascending" ? " ↑" : "";
  return (
    <th role="columnheader" scope="col" className={cellClass(column)} aria-sort={column.sort?.direction ?? undefined}>
      {column.sort ? (
        <NextLink className="sort" href={column.sort.href} scroll={false} prefetch={false}>
          {column.head}
          <span aria-hidden="true">{arrow}</span>
        </NextLink>
      ) : column.headHidden ? (
        <span className="vh">{column.head}</span>
      ) : (
        column.head
      )}
    </th>
  );
}

function Line<Row>({ row, props, span }: { row: Row; props: TableProps<Row>; span: number }) {
  const key = props.keyOf(row);
  const state = props.stateOf?.(row) ?? {};
  const under = props.under?.(row) ?? null;
  const amount = props.selection?.amount?.(row);
  return (
    <>
      <tr
        role="row"
        data-row={key}
        data-href={props.hrefOf?.(row) ?? undefined}
        aria-busy={state.busy || undefined}
        className={classes(
          state.chosen && "chosen",
          state.part && "part",
          state.changed && "changed",
          state.busy && "busy",
          state.refused !== undefined && "refused",
          state.kind,
        )}
      >
        {props.selection ? (
          <td role="cell" className="box">
            <input
              type="checkbox"
              name={props.selection.name}
              value={key}
              form={props.selection.form}
              data-minor={amount === undefined ? undefined : amount.toString()}
              aria-label={`Select ${props.selection.label(row)}`}
            />
          </td>
        ) : null}
        <RowCells row={row} columns={props.columns} />
      </tr>
      {state.refused !== undefined ? (
        <tr role="row" className="reason">
          <td role="cell" colSpan={span}>
            {state.refused}
          </td>
        </tr>
      ) : null}
      {under !== null ? (
        <tr role="row" className="why">
          <td role="cell" colSpan={span}>
            {under}
          </td>
        </tr>
      ) : null}
    </>
  );
}

function Edge<Row>({
  row,
  columns,
  box,
  className,
}: {
  row: EdgeRow;
  columns: readonly Column<Row>[];
  box: boolean;
  className: string | undefined;
}) {
  const led = row.lead === undefined ? 0 : 1;
  // A label spans only what is shown when wide; what phones alone show keeps its own cell.
  const shown = columns.filter((column) => !column.phoneOnly);
  const covered = new Set(shown.slice(0, led + row.span).map((column) => column.key));
  // A low column may be left out: the label then spans one less, an empty cell that goes with it fills the row when wide.
  const low = shown.slice(led, led + row.span).filter((column) => column.low).length;
  const figures = columns.filter((column) => !covered.has(column.key));
  return (
    <tr role="row" className={className}>
      {box ? <td role="cell" /> : null}
      {led ? (
        <td role="cell" className="nw">
          {row.lead}
        </td>
      ) : null}
      <th role="rowheader" scope="row" colSpan={row.span - low} className="m1">
        {row.label}
      </th>
      {low > 0 ? <td role="cell" className="low" colSpan={low} /> : null}
      {figures.map((column) => {
        const figure = row.figures[column.key];
        const proved = row.proved?.includes(column.key);
        return cell(column, figure === undefined ? null : proved ? <span className="dbl">{figure}</span> : figure, {
          wash: false,
        });
      })}
    </tr>
  );
}

function Said({ span, children }: { span: number; children: ReactNode }) {
  return (
    <tr role="row" className="said">
      <td role="cell" colSpan={span}>
        {children}
      </td>
    </tr>
  );
}

const barWidths = [64, 88, 72, 96, 60, 80, 92, 68] as const;

/** Eight rows of bars at the columns' real widths: nothing moves when the figures come. */
function Bars<Row>({ columns, box }: { columns: readonly Column<Row>[]; box: boolean }) {
  return barWidths.map((percent) => (
    <tr role="row" aria-busy="true" key={percent}>
      {box ? <td role="cell" className="box" /> : null}
      {columns.map((column) =>
        cell(column, <span className="sk" style={{ width: column.align === "right" ? 44 : `${percent}%` }} />, {}),
      )}
    </tr>
  ));
}
