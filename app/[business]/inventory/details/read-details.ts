/**
 * The form of Add Details as text, read the same in the browser (for what remains) and on the server (for saving): rows `lines.0.product`,
 * `.productText`, `.sku`, `.qty`, `.each`, `.all`, `.location`, `.line`, and extra costs `extras.0.label`, `.amount`.
 */
import { Refusal } from "../../../../lib/core/errors";
import { lineCost } from "../../../../lib/core/purchases";
import { typedMoney, typedQuantity } from "../../../ui/typed";

export type Fields = Readonly<Record<string, string>>;

export type ReadLine = Readonly<{
  row: number;
  line: string | null;
  item: string | null;
  name: string;
  sku: string;
  qty: string;
  each: bigint | null;
  all: bigint | null;
  location: string | null;
}>;
export type ReadExtra = Readonly<{ row: number; label: string; amount: bigint }>;
export type ReadDetails = Readonly<{ lines: readonly ReadLine[]; extras: readonly ReadExtra[] }>;

const mostRows = 1_001;

/** Reads the rows that say anything. @throws Refusal with the field of what cannot be read */
export function readDetails(fields: Fields, currency: string): ReadDetails {
  const lines: ReadLine[] = [];
  const extras: ReadExtra[] = [];
  for (const row of rowsIn(fields, "lines")) {
    const of = (key: string) => (fields[`lines.${row}.${key}`] ?? "").trim();
    if (["productText", "sku", "qty", "each", "all"].every((key) => of(key) === "")) continue;
    lines.push({
      row,
      line: of("line") || null,
      item: of("product") || null,
      name: of("productText"),
      sku: of("sku"),
      qty: settledQuantity(of("qty")),
      each: money(of("each"), `lines.${row}.each`, currency),
      all: money(of("all"), `lines.${row}.all`, currency),
      location: of("location") || null,
    });
  }
  for (const row of rowsIn(fields, "extras")) {
    const label = (fields[`extras.${row}.label`] ?? "").trim();
    const amount = money((fields[`extras.${row}.amount`] ?? "").trim(), `extras.${row}.amount`, currency);
    if (amount !== null) extras.push({ row, label, amount });
    else if (label !== "")
      throw new Refusal("field_missing", "How much was it? Write the amount, or take the row off.", {
        field: `extras.${row}.amount`,
      });
  }
  return { lines, extras };
}

function rowsIn(fields: Fields, name: string): readonly number[] {
  const rows = new Set<number>();
  for (const key of Object.keys(fields)) {
    const row = new RegExp(`^${name}\\.(\\d{1,4})\\.`).exec(key)?.[1];
    if (row !== undefined && Number(row) < mostRows) rows.add(Number(row));
  }
  return [...rows].sort((a, b) => a - b);
}

function money(text: string, field: string, currency: string): bigint | null {
  if (text === "") return null;
  const read = typedMoney(text, currency);
  if ("wrong" in read) throw new Refusal("bad_number", read.wrong, { field });
  return read.value;
}

/** `=12*2` without script; anything else as it is, since only the item knows its decimals. */
function settledQuantity(text: string): string {
  if (!text.startsWith("=")) return text;
  const read = typedQuantity(text, 0);
  return "wrong" in read ? text : read.text;
}

/** What a row comes to as far as it can be read: `all`, else each times quantity; null while there is nothing to go by. */
export function amountOfCells(cells: Fields, currency: string): bigint | null {
  const all = moneyOf(cells.all, currency);
  if (all !== null) return all;
  const each = moneyOf(cells.each, currency);
  const qty = unitsOf(cells.qty);
  return each === null || qty === null ? null : lineCost(each, qty.units, qty.decimals);
}

/** Money as far as it can be read. */
export function moneyOf(text: string | undefined, currency: string): bigint | null {
  if (text === undefined || text.trim() === "") return null;
  const read = typedMoney(text, currency);
  return "wrong" in read ? null : read.value;
}

/** A quantity with as many decimals as were typed. */
export function unitsOf(text: string | undefined): Readonly<{ units: bigint; decimals: number }> | null {
  if (text === undefined || text.trim() === "") return null;
  const decimals = /\.(\d{1,9})$/.exec(text.trim())?.[1]?.length ?? 0;
  const read = typedQuantity(text, decimals);
  return "wrong" in read ? null : { units: read.value, decimals };
}
