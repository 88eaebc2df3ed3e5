/**
 * Costs from a table: rows pasted from a spreadsheet or uploaded as CSV, each naming a sold line by order number (and SKU or name where
 * the order has several), or every line of a SKU, with what it cost and when it was bought.
 */
import { parse } from "csv-parse/sync";
import { sql } from "drizzle-orm";
import { list } from "../../db/bulk";
import { inBusiness, rowsOf } from "../../db/scope";
import { parseLocalDate } from "../core/dates";
import { Refusal } from "../core/errors";
import { normalise } from "../core/matching";
import { parseMinor } from "../core/money";
import { require, type Scope } from "../people/access";
import type { CostRow } from "./costs";

/** A row as it was read: the lines it gives a cost, or what is wrong with it. `row` counts from 1, with the head. */
export type TableRow = Readonly<{
  row: number;
  order: string;
  sku: string;
  item: string;
  amount: bigint | null;
  on: string | null;
  lines: readonly Readonly<{ id: string; name: string; number: string; amount: bigint; on: string }>[];
  wrong: string | null;
}>;
export type CostTable = Readonly<{ rows: readonly TableRow[]; costs: readonly CostRow[] }>;

const mostRows = 2_000;
const mostBytes = 1_000_000;
const heads: readonly (readonly [key: "order" | "sku" | "item" | "amount" | "date", names: RegExp])[] = [
  ["amount", /^(amount|cost|item costs?|paid|price paid|cost in all|total cost)\b/],
  ["date", /^(date|when|bought|purchase date|bought on)\b/],
  ["sku", /^(sku|custom label|variant sku|seller sku)\b/],
  ["order", /^(order|order number|order id|order no|sale id|line)\b/],
  ["item", /^(item|name|title|product|item name|item title)\b/],
];

type Columns = Partial<Record<"order" | "sku" | "item" | "amount" | "date", number>>;

/** Reads the text and finds the lines of each row. `day` reads a day as the business writes it. Refuses what is no table at all. */
export async function readCostTable(
  scope: Scope,
  text: string,
  day: (typed: string) => string | null,
): Promise<CostTable> {
  require(scope, "write");
  if (text.length > mostBytes)
    throw new Refusal("file_too_large", "This table is longer than 1 MB. Bring it in parts.", { field: "table" });
  const cells = cellsOf(text);
  if (cells.length === 0)
    throw new Refusal("no_data_rows", "There is no row in it. Paste rows with order or SKU, and amount.", {
      field: "table",
    });
  if (cells.length > mostRows)
    throw new Refusal("too_many_rows", `At most ${mostRows} rows at once.`, { field: "table" });
  const { columns, from } = columnsOf(scope, cells);
  const asked = cells.slice(from).map((row, at) => {
    const cell = (key: keyof Columns) => (columns[key] === undefined ? "" : (row[columns[key]] ?? "").trim());
    return {
      row: from + at + 1,
      order: cell("order"),
      sku: cell("sku"),
      item: cell("item"),
      amount: cell("amount"),
      date: cell("date"),
    };
  });
  const found = await linesOf(
    scope,
    asked.map((one) => one.order).filter((one) => one !== ""),
    asked.map((one) => normalise(one.sku === "" ? one.order : one.sku)).filter((one) => one !== ""),
  );
  const taken = new Set<string>();
  const costs: CostRow[] = [];
  const rows = asked.map((one): TableRow => {
    const common = { row: one.row, order: one.order, sku: one.sku, item: one.item };
    const wrong = (message: string): TableRow => ({ ...common, amount: null, on: null, lines: [], wrong: message });
    let amount: bigint;
    let on: string | null;
    try {
      if (one.amount === "") return wrong("No amount.");
      amount = parseMinor(one.amount, scope.currency);
      on = one.date === "" ? null : (day(one.date) ?? parseLocalDate(one.date));
    } catch (error) {
      if (error instanceof Refusal) return wrong(error.message);
      throw error;
    }
    if (amount < 0n) return wrong("A cost is not below 0.");
    const { lines, isBySku } = pick(found, one);
    if (lines.length === 0) return wrong("No sale without a cost fits it.");
    if (!isBySku && lines.length > 1)
      return wrong(`Order ${one.order} has ${lines.length} lines without a cost. Say the SKU or the item too.`);
    const fresh = lines.filter((line) => !taken.has(line.id));
    if (fresh.length === 0) return wrong("A row above gives its cost already.");
    const given = fresh.map((line) => {
      taken.add(line.id);
      // A SKU's amount is for one piece; an order's line is given in all.
      const cost = isBySku ? (amount * line.short) / 10n ** BigInt(line.decimals) : amount;
      const bought = on ?? line.on;
      costs.push({ line: line.id, amount: cost, on: bought, field: "table" });
      return { id: line.id, name: line.name, number: line.number, amount: cost, on: bought };
    });
    const late = fresh.find((line) => on !== null && on > line.on);
    if (late !== undefined) {
      for (const line of fresh) {
        taken.delete(line.id);
        costs.splice(
          costs.findIndex((cost) => cost.line === line.id),
          1,
        );
      }
      return wrong(`Bought after it was sold on ${late.on} (order ${late.number}).`);
    }
    return { ...common, amount, on, lines: given, wrong: null };
  });
  return { rows, costs };
}

function cellsOf(text: string): readonly (readonly string[])[] {
  const first = text.split(/\r?\n/, 1)[0] ?? "";
  const delimiter = first.includes("\t") ? "\t" : first.includes(";") ? ";" : ",";
  try {
    const rows: string[][] = parse(text, {
      delimiter,
      bom: true,
      relax_column_count: true,
      skip_empty_lines: true,
      trim: true,
    });
    return rows.filter((row) => row.some((cell) => cell !== ""));
  } catch (error) {
    // csv-parse's own errors name the line; the seller needs no more than that.
    const where = error instanceof Error ? error.message.slice(0, 200) : "";
    throw new Refusal("bad_quote", `The table cannot be read: ${where}`, { field: "table" });
  }
}

/** By the head's words; without a head the first column names the line, then amount and day are known by what they are. */
function columnsOf(scope: Scope, cells: readonly (readonly string[])[]): Readonly<{ columns: Columns; from: number }> {
  const first = cells[0] ?? [];
  const columns: Columns = {};
  first.forEach((cell, at) => {
    const word = cell.trim().toLowerCase().replaceAll("_", " ");
    const known = heads.find(([key, names]) => names.test(word) && columns[key] === undefined);
    if (known !== undefined) columns[known[0]] = at;
  });
  if (columns.amount !== undefined && (columns.order !== undefined || columns.sku !== undefined))
    return { columns, from: 1 };
  const isAmount = (cell: string) => {
    try {
      return parseMinor(cell, scope.currency) >= 0n;
    } catch (error) {
      if (error instanceof Refusal) return false;
      throw error;
    }
  };
  const amount = first.findIndex((cell, at) => at > 0 && isAmount(cell));
  if (amount < 0)
    throw new Refusal("missing_column", "There must be a column with the order or SKU and one with the amount.", {
      field: "table",
    });
  return amount + 1 < first.length
    ? { columns: { order: 0, amount, date: amount + 1, ...(amount > 1 ? { item: 1 } : {}) }, from: 0 }
    : { columns: { order: 0, amount, ...(amount > 1 ? { item: 1 } : {}) }, from: 0 };
}

type Found = Readonly<{
  id: string;
  number: string;
  on: string;
  name: string;
  nameKey: string;
  skuKey: string | null;
  short: bigint;
  decimals: number;
}>;

function pick(
  found: readonly Found[],
  one: Readonly<{ order: string; sku: string; item: string }>,
): Readonly<{ lines: readonly Found[]; isBySku: boolean }> {
  const sku = normalise(one.sku);
  const name = normalise(one.item);
  const ofOrder = one.order === "" ? [] : found.filter((line) => line.number === one.order || line.id === one.order);
  if (ofOrder.length > 0) {
    const bySku = sku === "" ? ofOrder : ofOrder.filter((line) => line.skuKey === sku);
    const byName = name === "" || bySku.length < 2 ? bySku : bySku.filter((line) => line.nameKey === name);
    return { lines: byName, isBySku: false };
  }
  // A first column without a head may hold SKUs instead of order numbers.
  const key = sku === "" ? normalise(one.order) : one.order === "" ? sku : "";
  return { lines: key === "" ? [] : found.filter((line) => line.skuKey === key), isBySku: true };
}

function linesOf(scope: Scope, numbers: readonly string[], skus: readonly string[]): Promise<readonly Found[]> {
  const business = scope.businessId;
  const named = list("text", [...new Set(numbers)]);
  return inBusiness(scope, async (tx) => {
    const rows = await rowsOf<Record<string, string> & { sku_key: string | null; decimals: number }>(
      tx,
      sql`select o.id, h.number, o.on_date::text, coalesce(i.name, o.name) as name, o.name_key, coalesce(o.sku_key, i.sku_key) as sku_key, o.short_qty::text, coalesce(i.decimals, 0) as decimals
          from app.order_lines o join app.orders h on h.business_id = ${business} and h.id = o.order_id
          left join app.items i on i.business_id = ${business} and i.id = o.item_id
          where o.business_id = ${business} and o.short_qty > 0 and not o.is_undone
            and (h.number = any(${named}) or o.id = any(${named}) or coalesce(o.sku_key, i.sku_key) = any(${list("text", [...new Set(skus)])}))
          order by o.on_date, o.id`,
    );
    return rows.map((row) => ({
      id: row.id ?? "",
      number: row.number ?? "",
      on: row.on_date ?? "",
      name: row.name ?? "",
      nameKey: row.name_key ?? "",
      skuKey: row.sku_key,
      short: BigInt(row.short_qty ?? "0"),
      decimals: row.decimals,
    }));
  });
}
