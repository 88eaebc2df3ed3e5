"use client";

import { type ClipboardEvent, type KeyboardEvent, type ReactNode, useRef, useState } from "react";
import { classes } from "./classes";
import { ComboField, type Option } from "./combobox.client";
import { MoneyField, NumberField, TextField } from "./field.client";
import { isGrid, pastedRows } from "./paste";

/** One row as typed, by column key; `id` is stable for as long as the row lives. */
export type GridRow = Readonly<{ id: string; cells: Readonly<Record<string, string>> }>;

export type GridColumn = Readonly<{
  key: string;
  label: string;
  kind: "text" | "quantity" | "money" | "combo";
  width: string;
  currency?: string | undefined;
  decimals?: number | undefined;
  placeholder?: string | undefined;
  /** For `combo`: as of ComboField. The chosen id is the cell `${key}Id`, what stood at its right `${key}Aside`. */
  url?: string | undefined;
  options?: readonly Option[] | undefined;
  create?: string | undefined;
  /** Columns of six that it takes on a phone. */
  phone?: 2 | 3 | 6 | undefined;
}>;

/**
 * The edit grid of Add details and counts: reads as a ledger, a cell is a field on hover or focus. Enter makes the next row (or goes to
 * it), rows can be pasted from a spreadsheet, the last row is always an empty one. Controlled: the page holds the rows, because what remains
 * is computed from them. Fields are named `${name}.${index}.${key}`, so a form sends them without script too.
 */
export function EditGrid({
  caption,
  name,
  columns,
  rows,
  onRows,
  newRow,
  tail = [],
  settled,
  errors = {},
}: {
  caption: string;
  name: string;
  columns: readonly GridColumn[];
  rows: readonly GridRow[];
  onRows: (rows: readonly GridRow[]) => void;
  /** A fresh empty row. */
  newRow: () => GridRow;
  /** Computed columns at the right. */
  tail?: readonly Readonly<{ label: string; width: string; cell: (row: GridRow) => ReactNode }>[] | undefined;
  /** On phones a finished row folds into two lines: name, money, then details. Null while it is being written. */
  settled?: ((row: GridRow) => readonly [ReactNode, ReactNode, ReactNode, ReactNode] | null) | undefined;
  /** By field name. */
  errors?: Readonly<Record<string, string>> | undefined;
}) {
  const table = useRef<HTMLTableElement>(null);
  // A cell is too narrow to say what is wrong with it: that stands under the grid.
  const [wrongs, setWrongs] = useState<Readonly<Record<string, string>>>({});
  const wrongAt = (row: GridRow, column: GridColumn) => `${row.id} ${column.key}`;
  const said = rows
    .flatMap((row, index) => columns.map((column) => ({ row, index, column })))
    .find(({ row, column }) => wrongs[wrongAt(row, column)] !== undefined);

  function change(index: number, cells: Readonly<Record<string, string>>) {
    const next = rows.map((row, at) => (at === index ? { ...row, cells: { ...row.cells, ...cells } } : row));
    onRows(next);
  }

  function focus(index: number, key: string) {
    requestAnimationFrame(() => {
      const row = table.current?.tBodies[0]?.rows[index];
      row?.querySelector<HTMLInputElement>(`[data-key="${key}"] input:not([type=hidden])`)?.focus();
    });
  }

  function onKeyDown(event: KeyboardEvent, index: number) {
    const key = (event.target as HTMLElement).closest<HTMLElement>("[data-key]")?.dataset.key;
    if (key === undefined || event.defaultPrevented) return;
    const first = columns[0]?.key ?? key;
    if (event.key === "Enter" && !event.metaKey && !event.ctrlKey) {
      event.preventDefault();
      if (index === rows.length - 1) onRows([...rows, newRow()]);
      focus(index + 1, first);
    } else if (event.key === "ArrowDown" && index < rows.length - 1) {
      event.preventDefault();
      focus(index + 1, key);
    } else if (event.key === "ArrowUp" && index > 0) {
      event.preventDefault();
      focus(index - 1, key);
    }
  }

  function onPaste(event: ClipboardEvent, index: number) {
    const text = event.clipboardData.getData("text/plain");
    const key = (event.target as HTMLElement).closest<HTMLElement>("[data-key]")?.dataset.key;
    const from = columns.findIndex((column) => column.key === key);
    if (from < 0 || !isGrid(text)) return;
    event.preventDefault();
    const next = [...rows];
    for (const [offset, cells] of pastedRows(text).entries()) {
      const row = next[index + offset] ?? newRow();
      const filled: Record<string, string> = { ...row.cells };
      for (const [at, one] of cells.entries()) {
        const column = columns[from + at];
        if (column) filled[column.key] = one;
      }
      next[index + offset] = { id: `${row.id}+`, cells: filled };
    }
    onRows(next);
    focus(next.length - 1, columns[0]?.key ?? "");
  }

  return (
    <>
      <table className="ed" ref={table}>
        <caption className="vh">{caption}</caption>
        <colgroup>
          {columns.map((column) => (
            <col key={column.key} style={{ width: column.width }} />
          ))}
          {tail.map((column) => (
            <col key={column.label} style={{ width: column.width }} />
          ))}
          <col style={{ width: 24 }} />
        </colgroup>
        <thead>
          <tr>
            {columns.map((column) => (
              <th
                key={column.key}
                scope="col"
                className={classes("fi", (column.kind === "money" || column.kind === "quantity") && "num")}
              >
                {column.label}
              </th>
            ))}
            {tail.map((column) => (
              <th key={column.label} scope="col" className="num">
                {column.label}
              </th>
            ))}
            <th scope="col">
              <span className="vh">Take off</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => {
            const folded = settled?.(row) ?? null;
            return (
              <tr
                key={row.id}
                className={folded ? "settled" : undefined}
                onKeyDown={(event) => onKeyDown(event, index)}
                onPaste={(event) => onPaste(event, index)}
              >
                {columns.map((column) => (
                  <td
                    key={column.key}
                    data-key={column.key}
                    data-label={column.label}
                    className={`g${column.phone ?? 3}`}
                  >
                    <Cell
                      column={column}
                      label={`${column.label}, row ${index + 1}`}
                      name={`${name}.${index}.${column.key}`}
                      row={row}
                      error={errors[`${name}.${index}.${column.key}`]}
                      change={(cells) => change(index, cells)}
                      wrong={(says) =>
                        setWrongs(({ [wrongAt(row, column)]: _before, ...others }) =>
                          says === null ? others : { ...others, [wrongAt(row, column)]: says },
                        )
                      }
                    />
                  </td>
                ))}
                {tail.map((column) => (
                  <td key={column.label} className="sh">
                    {column.cell(row)}
                  </td>
                ))}
                <td className="drop">
                  <button
                    type="button"
                    className="x"
                    aria-label={`Take row ${index + 1} off`}
                    onClick={() => {
                      const next = rows.filter((one) => one.id !== row.id);
                      onRows(next.length === 0 ? [newRow()] : next);
                      focus(Math.max(0, index - 1), columns[0]?.key ?? "");
                    }}
                  >
                    ×
                  </button>
                </td>
                {folded ? (
                  <td className="comp">
                    <button type="button" className="comp" onClick={() => focus(index, columns[0]?.key ?? "")}>
                      <span>{folded[0]}</span>
                      <b>{folded[1]}</b>
                      <small>{folded[2]}</small>
                      <small>{folded[3]}</small>
                    </button>
                  </td>
                ) : null}
              </tr>
            );
          })}
        </tbody>
      </table>
      <p className="msg bad" role="status">
        {said === undefined
          ? null
          : `Row ${said.index + 1}, ${said.column.label.toLowerCase()}: ${wrongs[wrongAt(said.row, said.column)]}`}
      </p>
    </>
  );
}

function Cell({
  column,
  label,
  name,
  row,
  error,
  change,
  wrong,
}: {
  column: GridColumn;
  label: string;
  name: string;
  row: GridRow;
  error: string | undefined;
  change: (cells: Readonly<Record<string, string>>) => void;
  wrong: (says: string | null) => void;
}) {
  const value = row.cells[column.key] ?? "";
  const common = { label, name, error, bare: true, placeholder: column.placeholder } as const;
  switch (column.kind) {
    case "money":
      return (
        <MoneyField
          {...common}
          plain
          key={`${row.id} ${row.cells[`${column.key}Set`] ?? ""}`}
          currency={column.currency ?? "USD"}
          value={value}
          onRead={(text) => change({ [column.key]: text })}
          onWrong={wrong}
        />
      );
    case "quantity":
      return (
        <NumberField
          {...common}
          decimals={column.decimals}
          value={value}
          onRead={(text) => change({ [column.key]: text })}
          onWrong={wrong}
        />
      );
    case "combo":
      return (
        <ComboField
          {...common}
          url={column.url}
          options={column.options}
          create={column.create}
          value={value === "" ? undefined : { id: row.cells[`${column.key}Id`] ?? "", label: value }}
          onChoose={(option, text) =>
            change({
              [column.key]: text,
              [`${column.key}Id`]: option?.id ?? "",
              [`${column.key}Aside`]: option?.aside ?? "",
            })
          }
        />
      );
    case "text":
      return (
        <span onInput={(event) => change({ [column.key]: (event.target as HTMLInputElement).value })}>
          <TextField {...common} key={row.cells[`${column.key}Set`]} value={value} />
        </span>
      );
    default:
      return column.kind satisfies never;
  }
}
