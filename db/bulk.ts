/**
 * Many rows in few statements. A few go as multi-row VALUES; many are sent by COPY to `staging.rows`, which lies beside the tables of
 * the business, and are taken from there with one INSERT … SELECT: the fastest way that keeps row-level security, and the only one that
 * also works where the tables are spread over machines (docs/scaling.md). Array literals are written here rather than left to the
 * driver, which guesses an array's type from its first element.
 */
import { getTableColumns, getTableName, type InferInsertModel, is, type SQL, sql } from "drizzle-orm";
import { PgDialect, type PgTable } from "drizzle-orm/pg-core";
import { PostgresJsSession } from "drizzle-orm/postgres-js";
import type { Sql } from "postgres";
import { invariant } from "../lib/core/errors";
import { heard } from "./client";
import type { Tx } from "./scope";

/** From so many rows on, the three statements of staging are quicker than VALUES (measured: docs/scaling.md). */
const stagedFrom = 200;
const rowsAStage = 2_000;
const rowsACopyChunk = 250;
/** Columns of `staging.rows` beside the business, the batch and the place. */
const stagedColumns = 31;

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

type Row = Readonly<Record<string, unknown>>;
/** A table as rows are added to it: its columns, with `business_id` first, as every tenant's table has it. */
type Target = Readonly<{
  name: string;
  columns: readonly Readonly<{ property: string; name: string; type: string }>[];
}>;

const targets = new WeakMap<PgTable, Target>();
const dialect = new PgDialect();

/** The columns that rows are written with: those that the database works out itself are left out. */
export function writtenColumns(table: PgTable): Target["columns"] {
  return Object.entries(getTableColumns(table)).flatMap(([property, column]) =>
    column.generated === undefined
      ? [{ property, name: column.name, type: column.getSQLType().replace(/ COLLATE .*$/, "") }]
      : [],
  );
}

function targetOf(table: PgTable): Target {
  const known = targets.get(table);
  if (known !== undefined) return known;
  const columns = writtenColumns(table);
  invariant(columns[0]?.name === "business_id", `${getTableName(table)} is no business's table`);
  invariant(columns.length - 1 <= stagedColumns, `${getTableName(table)} has more columns than staging.rows`);
  const target = { name: getTableName(table), columns };
  targets.set(table, target);
  return target;
}

/**
 * Adds rows of one business to a table, in the order given (give them in the order of their key: twice as fast). `tail` is for
 * `on conflict …`, without parameters.
 */
export async function bulkInsert<T extends PgTable>(
  tx: Tx,
  table: T,
  rows: readonly InferInsertModel<T>[],
  tail: SQL = sql``,
): Promise<void> {
  if (rows.length === 0) return;
  const target = targetOf(table);
  const end = dialect.sqlToQuery(tail);
  invariant(end.params.length === 0, "what follows an insert of many rows has no parameters");
  const client = clientOf(tx);
  if (rows.length < stagedFrom) await insertValues(client, target, rows as readonly Row[], end.sql);
  else await insertStaged(client, target, rows as readonly Row[], end.sql);
}

/**
 * Does steps that write, in their order. Where all of them write few rows they are sent together, so that none waits for the answer of the
 * one before: what a single order takes is mostly waiting. Many rows go by several statements each, which would come between.
 */
export async function inOrder(most: number, steps: readonly (() => Promise<unknown>)[]): Promise<void> {
  if (most < stagedFrom) await Promise.all(steps.map((step) => step()));
  else for (const step of steps) await step();
}

/** The driver's own transaction under drizzle's: what VALUES of a thousand parameters and COPY are sent by. */
function clientOf(tx: Tx): Sql {
  const { session } = tx._;
  invariant(is(session, PostgresJsSession), "the door gives transactions of postgres.js");
  return session.client;
}

async function insertValues(client: Sql, target: Target, rows: readonly Row[], tail: string): Promise<void> {
  const width = target.columns.length;
  const params: (string | boolean | Buffer | null)[] = [];
  let values = "";
  for (let i = 0; i < rows.length; i += 1) {
    values += i === 0 ? "(" : ", (";
    for (let c = 0; c < width; c += 1) values += `${c === 0 ? "" : ", "}$${i * width + c + 1}`;
    values += ")";
    for (const { property, type } of target.columns) {
      const value = rows[i]?.[property];
      params.push(parameterOf(value, type));
    }
  }
  const statement = `insert into app.${target.name} (${namesOf(target)}) values ${values} ${tail}`;
  heard(statement);
  await client.unsafe(statement, params);
}

/** Rows of one business as `staging.rows` takes them: lines of COPY, and the number that tells them from others of this transaction. */
type Staged = Readonly<{ business: string | null; batch: number; rows: number; lines: readonly string[] }>;
let batches = 0;

async function staged(target: Target, rows: readonly Row[]): Promise<Staged> {
  // Others' batches are never seen, as no rows are left at the end of a transaction; a process numbers its own one after the other.
  batches = (batches + 1) % 2_000_000_000;
  const batch = batches;
  const [first, ...others] = target.columns;
  const business = textOf(rows[0]?.[first?.property ?? ""], "uuid");
  const lines: string[] = [];
  for (let from = 0; from < rows.length; from += rowsACopyChunk) {
    // Between them the connection does what came before this on its way.
    await new Promise((resolve) => setImmediate(resolve));
    let text = "";
    const until = Math.min(from + rowsACopyChunk, rows.length);
    for (let i = from; i < until; i += 1) {
      text += `${business}\t${batch}\t${i}`;
      const row = rows[i];
      for (const { property, type } of others) text += `\t${copyText(row?.[property], type)}`;
      text += "\n";
    }
    lines.push(text);
  }
  return { business, batch, rows: rows.length, lines };
}

/** A part at a time: while the server takes one in, the next is written down. */
async function insertStaged(client: Sql, target: Target, rows: readonly Row[], tail: string): Promise<void> {
  let part: Staged | null = await staged(target, rows.slice(0, rowsAStage));
  for (let from = rowsAStage; part !== null; from += rowsAStage) {
    await copyIn(client, target, part);
    [part] = await Promise.all([
      from < rows.length ? staged(target, rows.slice(from, from + rowsAStage)) : null,
      takeIn(client, target, part, tail),
    ]);
  }
}

const stagedNames = (target: Target) => target.columns.slice(1).map((_, i) => `c${i + 1}`);

async function copyIn(client: Sql, target: Target, part: Staged): Promise<void> {
  const copy = `copy staging.rows (business_id, batch, place, ${stagedNames(target).join(", ")}) from stdin`;
  heard(copy);
  const stream = await client.unsafe(copy).writable();
  const written = new Promise<void>((resolve, reject) => {
    stream.once("finish", resolve).once("error", reject);
  });
  for (const text of part.lines)
    if (!stream.write(text)) await Promise.race([written, new Promise((resolve) => stream.once("drain", resolve))]);
  stream.end();
  await written;
}

/** So that keys are checked by their own index, whatever was made of tables whose rows are all of this transaction (migration 0043). */
const lookAgain = "select app.look_again()";

/** From staging to where they belong, in their order; staging is left empty. */
async function takeIn(client: Sql, target: Target, { business, batch, rows }: Staged, tail: string): Promise<void> {
  const picked = target.columns
    .slice(1)
    .map(({ type }, i) => (type === "text" ? `s.c${i + 1}` : `s.c${i + 1}::${type}`));
  const insert = `insert into app.${target.name} (${namesOf(target)}) select s.business_id, ${picked.join(", ")} from staging.rows s where s.business_id = $1 and s.batch = $2 order by s.place ${tail}`;
  const clear = "delete from staging.rows where business_id = $1 and batch = $2";
  heard(lookAgain);
  heard(insert);
  heard(clear);
  // Sent together, done in this order.
  const [, , { count }] = await Promise.all([
    client.unsafe(lookAgain),
    client.unsafe(insert, [business, batch]),
    client.unsafe(clear, [business, batch]),
  ]);
  invariant(count === rows, `of ${rows} rows for ${target.name}, ${count} came by way of staging`);
}

function namesOf(target: Target): string {
  return target.columns.map((column) => `"${column.name}"`).join(", ");
}

/** A value as a parameter: the driver writes booleans and bytes itself, by the type that the server says the parameter has. */
function parameterOf(value: unknown, type: string): string | boolean | Buffer | null {
  if (typeof value === "boolean") return value;
  if (type === "bytea" && typeof value === "string") return Buffer.from(value.replace(/^\\x/, ""), "hex");
  return textOf(value, type);
}

/** A value as the database reads it from text. */
function textOf(value: unknown, type: string): string | null {
  if (value === null || value === undefined) return null;
  if (type === "jsonb") return jsonText(value);
  if (typeof value === "string") return value;
  if (typeof value === "bigint" || typeof value === "number" || typeof value === "boolean") return String(value);
  return jsonText(value);
}

const special = /[\\\t\n\r]/g;
const escapes: Readonly<Record<string, string>> = { "\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r" };

/** A value as COPY's text format has it. */
function copyText(value: unknown, type: string): string {
  const text = textOf(value, type);
  if (text === null) return "\\N";
  return text.replace(special, (character) => escapes[character] ?? character);
}
