/** The rows of Add Details as the browser holds them, and what is worked out from them. Pure. */
import { formatMinor } from "../../../../lib/core/money";
import { remainder, splitRest, spread } from "../../../../lib/core/purchases";
import type { GridRow } from "../../../ui/edit-grid.client";
import { amountOfCells, type Fields, moneyOf, unitsOf } from "./read-details";

/** What the server tells of a purchase; bigint comes as it is. */
export type DetailsProps = Readonly<{
  id: string;
  version: number;
  currency: string;
  amountMinor: bigint;
  /** What was paid is more: the rest is tax that is set off. */
  isWithoutTax: boolean;
  lines: readonly Readonly<{
    id: string;
    item: string;
    name: string;
    sku: string;
    qty: string;
    each: string;
    all: string;
    location: string;
    locationName: string;
  }>[];
  extras: readonly Readonly<{ label: string; amount: string }>[];
}>;

export type ExtraRow = Readonly<{ id: string; label: string; amount: string }>;
export type Rows = Readonly<{ rows: readonly GridRow[]; extras: readonly ExtraRow[] }>;

/** Rows as saved, with empty ones after them, so that a form without script has room too. */
export function rowsOf(details: DetailsProps): Rows {
  const saved = details.lines.map((line) => ({
    id: `${line.id} ${details.version}`,
    cells: {
      line: line.id,
      product: line.name,
      productId: line.item,
      sku: line.sku,
      qty: line.qty,
      each: line.each,
      all: line.all,
      location: line.locationName,
      locationId: line.location,
    },
  }));
  const empty = Array.from({ length: saved.length === 0 ? 4 : 2 }, (_, i) => ({
    id: `empty ${details.version} ${i}`,
    cells: {},
  }));
  const extras = details.extras.map((extra, i) => ({ id: `extra ${details.version} ${i}`, ...extra }));
  return {
    rows: [...saved, ...empty],
    extras: [...extras, { id: `extra ${details.version} empty`, label: "", amount: "" }],
  };
}

export function isEmpty(row: GridRow): boolean {
  return ["product", "sku", "qty", "each", "all"].every((key) => (row.cells[key] ?? "").trim() === "");
}

/** What was typed, without ids that only the browser knows: to see whether anything was. */
export function contentOf({ rows, extras }: Rows): string {
  const cells = rows
    .filter((row) => !isEmpty(row))
    .map((row) => {
      const { line, product, productId, sku, qty, each, all, location } = row.cells;
      return [line, product, productId, sku, qty, each, all, location].map((one) => one ?? "");
    });
  const more = extras.filter((one) => one.label !== "" || one.amount !== "").map((one) => [one.label, one.amount]);
  return JSON.stringify([cells, more]);
}

export type Worked = Readonly<{
  products: bigint;
  extra: bigint;
  left: bigint;
  /** By row: what it comes to, its part of the extra costs, both together; null where there is nothing yet. */
  falls: ReadonlyMap<string, Readonly<{ amount: bigint; extra: bigint; cost: bigint }>>;
}>;

/** Sums and spread of the rows as they are typed, by the same rule that saves them (rule 10). */
export function workedOut({ rows, extras }: Rows, paid: bigint, currency: string): Worked {
  const counted = rows.flatMap((row) => {
    const amount = isEmpty(row) ? null : amountOfCells(row.cells, currency);
    return amount === null || amount < 0n ? [] : [{ row, amount, qty: unitsOf(row.cells.qty)?.units ?? 0n }];
  });
  const parts = extras.flatMap((one) => {
    const amount = moneyOf(one.amount, currency);
    return amount === null || amount < 0n ? [] : [{ amount }];
  });
  const extra = parts.reduce((sum, part) => sum + part.amount, 0n);
  // Before any quantity is there, nothing can bear an extra cost by quantity.
  const canBear = counted.some((one) => one.amount > 0n || one.qty > 0n);
  const spreads = canBear ? spread(counted, extra) : counted.map(() => 0n);
  return {
    products: counted.reduce((sum, one) => sum + one.amount, 0n),
    extra,
    left: remainder(paid, counted, parts),
    falls: new Map(
      counted.map((one, i) => {
        const falls = spreads[i] ?? 0n;
        return [one.row.id, { amount: one.amount, extra: falls, cost: one.amount + falls }];
      }),
    ),
  };
}

/** The other cost cell follows the one that was typed: in all = each × quantity. Each is only filled where it comes out even. */
export function followed(before: readonly GridRow[], after: readonly GridRow[], currency: string): readonly GridRow[] {
  const known = new Map(before.map((row) => [row.id, row]));
  return after.map((row) => {
    const was = known.get(row.id)?.cells ?? {};
    const { cells } = row;
    if (was.each === cells.each && was.all === cells.all && was.qty === cells.qty) return row;
    const isAll = was.all !== cells.all && (cells.all ?? "") !== "";
    const each = moneyOf(cells.each, currency);
    if (isAll || each === null) {
      if (!isAll && was.all === cells.all && (was.each !== cells.each || was.qty === cells.qty)) return row;
      return withCell(row, "each", evenEach(cells, currency));
    }
    const amount = amountOfCells({ ...cells, all: "" }, currency);
    return amount === null ? row : withCell(row, "all", formatMinor(amount, currency));
  });
}

/** One each where the row's amount divides by its quantity; empty where it does not. */
function evenEach(cells: Fields, currency: string): string {
  const all = moneyOf(cells.all, currency);
  const qty = unitsOf(cells.qty);
  if (all === null || qty === null || qty.units === 0n) return "";
  const top = all * 10n ** BigInt(qty.decimals);
  return top % qty.units === 0n ? formatMinor(top / qty.units, currency) : "";
}

/** The SKU of a product that was chosen from the list stands in its row; one that was typed stays. */
export function withSku(before: readonly GridRow[], after: readonly GridRow[]): readonly GridRow[] {
  const known = new Map(before.map((row) => [row.id, row]));
  return after.map((row) => {
    const was = known.get(row.id)?.cells.productAside ?? "";
    const aside = row.cells.productAside ?? "";
    if (aside === was) return row;
    const isFilled = (row.cells.sku ?? "") !== "" && row.cells.sku !== was;
    return isFilled ? row : withCell(row, "sku", aside === noSku ? "" : aside);
  });
}

/** What the type-ahead says of an item without one. */
export const noSku = "no SKU";

/** Sets a cell from outside its field: `…Set` has the field drawn anew. */
function withCell(row: GridRow, key: string, text: string): GridRow {
  if ((row.cells[key] ?? "") === text) return row;
  const times = Number(row.cells[`${key}Times`] ?? "0") + 1;
  return {
    ...row,
    cells: { ...row.cells, [key]: text, [`${key}Set`]: `${text} ${times}`, [`${key}Times`]: String(times) },
  };
}

/** *Split the rest* over the rows that have a product. */
export function splitOver(
  rows: readonly GridRow[],
  rest: bigint,
  by: "row" | "unit" | "value",
  currency: string,
): readonly GridRow[] {
  const bearing = rows.filter((row) => (row.cells.product ?? "").trim() !== "");
  const amounts = splitRest(
    rest,
    bearing.map((row) => ({ qty: unitsOf(row.cells.qty)?.units ?? 1n, amount: amountOfCells(row.cells, currency) })),
    by,
  );
  const by_row = new Map(bearing.map((row, i) => [row.id, amounts[i] ?? null]));
  return rows.map((row) => {
    const amount = by_row.get(row.id) ?? null;
    if (amount === null || amount === amountOfCells(row.cells, currency)) return row;
    const filled = withCell(row, "all", formatMinor(amount, currency));
    return withCell(filled, "each", evenEach(filled.cells, currency));
  });
}
