/**
 * Many rows in few statements: arrays through `unnest`, which writes about twice what multi-row VALUES does and keeps row-level
 * security. Array literals are written here rather than left to the driver, which guesses an array's type from its first element.
 */
import { getTableColumns, getTableName, type InferInsertModel, type SQL, sql } from "drizzle-orm";
import type { PgTable } from "drizzle-orm/pg-core";
import type { Tx } from "./scope";

const rowsAStatement = 5_000;

/** One array literal of the database: `{"a","b",NULL}`. bigint, number and boolean are written bare, everything else quoted. */
export function arrayLiteral(values: readonly unknown[]): string {
  let out = "{";
  for (let i = 0; i < values.length; i += 1) {
    if (i > 0) out += ",";
    const value = values[i];
    if (value === null || value === undefined) out += "NULL";
    else if (typeof value === "bigint" || typeof value === "number" || typeof value === "boolean") out += String(value);
    else {
      const text = typeof value === "string" ? value : jsonText(value);
      out += /["\\]/.test(text) ? `"${text.replace(/["\\]/g, "\\$&")}"` : `"${text}"`;
    }
  }
  return `${out}}`;
}

/** JSON with bigint as strings of digits. */
export function jsonText(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) => (typeof part === "bigint" ? part.toString() : part));
}

/** An array as a parameter: `where id = any(${list("text", ids)})`. `type` is the element's, from our own code only. */
export function list(
  type: "text" | "uuid" | "bigint" | "date" | "integer" | "smallint" | "boolean" | "timestamptz",
  values: readonly unknown[],
): SQL {
  return sql`${arrayLiteral(values)}::${sql.raw(type)}[]`;
}

/** Adds rows to a table, in the order given (give them in the order of their key: twice as fast). `tail` is for `on conflict …`. */
export async function bulkInsert<T extends PgTable>(
  tx: Tx,
  table: T,
  rows: readonly InferInsertModel<T>[],
  tail: SQL = sql``,
): Promise<void> {
  if (rows.length === 0) return;
  const columns = Object.entries(getTableColumns(table)).map(([property, column]) => {
    const type = column.getSQLType().replace(/ COLLATE .*$/, "");
    return { property, name: column.name, type };
  });
  const names = sql.raw(columns.map((column) => `"${column.name}"`).join(", "));
  // Arrays of jsonb would need their quotes escaped twice; text and a cast say the same.
  const picked = sql.raw(
    columns.map((column, i) => (column.type === "jsonb" ? `u.c${i}::jsonb` : `u.c${i}`)).join(", "),
  );
  const aliases = sql.raw(columns.map((_, i) => `c${i}`).join(", "));
  for (let from = 0; from < rows.length; from += rowsAStatement) {
    const part = rows.slice(from, from + rowsAStatement) as readonly Record<string, unknown>[];
    const arrays = columns.map((column) => {
      const values = part.map((row) => {
        const value = row[column.property];
        return column.type === "jsonb" && value !== null && value !== undefined ? jsonText(value) : value;
      });
      return sql`${arrayLiteral(values)}::${sql.raw(column.type === "jsonb" ? "text" : column.type)}[]`;
    });
    await tx.execute(
      sql`insert into app.${sql.raw(getTableName(table))} (${names}) select ${picked} from unnest(${sql.join(arrays, sql`, `)}) as u(${aliases}) ${tail}`,
    );
  }
}
