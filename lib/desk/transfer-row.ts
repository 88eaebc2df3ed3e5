/** What all that is done to a transfer needs of it: its row, locked as a person saw it, its lines, and days as people write them. */
import { sql } from "drizzle-orm";
import { rowsOf, type Tx } from "../../db/scope";
import { parseLocalDate } from "../core/dates";
import { Refusal } from "../core/errors";
import { mayAt, type Scope } from "../people/access";
import { todayOf } from "../system/clock";

/**
 * A row as typed: `row` is its place in the form, for errors (`lines.3.qty`). `name` is what was typed where no product was chosen, as
 * without script: a SKU or a name that is one product's alone.
 */
export type TypedItem = Readonly<{ row: number; item: string; name?: string; qty: string }>;
/** Which transfer, as a person saw it. */
export type SeenTransfer = Readonly<{ id: string; version: number }>;

export type State = "draft" | "sent" | "short" | "received" | "cancelled";
export type Row = Readonly<{
  id: string;
  state: State;
  number: string | null;
  number_year: number | null;
  from_location_id: string;
  to_location_id: string;
  on_date: string;
  note: string;
  consignment_id: string | null;
  version: number;
}>;
export type Line = Readonly<{ item: string; name: string; decimals: number; qty: bigint }>;
/** As many products as a transfer has at most. */
export const mostLines = 200;

/** The ends of a transfer as a person may act at them: `from` its goods leave, `to` they arrive. */
export type End = "from" | "to";

const endOf = (row: Row, end: End): string => (end === "from" ? row.from_location_id : row.to_location_id);

/** Refuses `not_allowed` for who is limited to some locations, unless each of these ends is one of theirs. */
export function requireEnds(scope: Scope, row: Row, ends: readonly End[]): void {
  if (ends.every((end) => mayAt(scope, endOf(row, end)))) return;
  throw new Refusal(
    "not_allowed",
    "This is done where the goods are, and that is none of your locations. Ask an owner of the business.",
  );
}

/** The transfer, locked, if it is as it was seen and in one of these states. One without an end that is theirs is not there for a person. */
export async function transferIn(tx: Tx, scope: Scope, seen: SeenTransfer, states: readonly State[]): Promise<Row> {
  const [row] = await rowsOf<Row>(
    tx,
    sql`select id, state, number, number_year, from_location_id, to_location_id, on_date::text, note, consignment_id, version
        from app.transfers where business_id = ${scope.businessId} and id = ${seen.id} for update`,
  );
  if (row === undefined || !(mayAt(scope, row.from_location_id) || mayAt(scope, row.to_location_id)))
    throw new Refusal("not_found", "There is no such transfer.");
  if (row.version !== seen.version || !states.includes(row.state))
    throw new Refusal(
      "stale",
      "Somebody has changed this transfer meanwhile. Load the page again to see how it stands.",
    );
  return row;
}

export async function setState(tx: Tx, scope: Scope, row: Row, state: State): Promise<void> {
  await tx.execute(
    sql`update app.transfers set state = ${state}, version = version + 1 where business_id = ${scope.businessId} and id = ${row.id}`,
  );
}

/** What a transfer is of. */
export async function linesIn(tx: Tx, scope: Scope, row: Row): Promise<readonly Line[]> {
  const rows = await rowsOf<{ item: string; name: string; decimals: number; qty: string }>(
    tx,
    sql`select l.item_id as item, i.name, i.decimals, l.qty::text from app.transfer_lines l
        join app.items i on i.business_id = ${scope.businessId} and i.id = l.item_id
        where l.business_id = ${scope.businessId} and l.transfer_id = ${row.id} order by l.place`,
  );
  return rows.map((line) => ({ ...line, qty: BigInt(line.qty) }));
}

/** A day of a form. */
export function dayOf(text: string, field: string): string {
  return inField(field, () => parseLocalDate(text));
}

/** A day of a form that is not still to come. */
export function pastDay(scope: Scope, text: string, field: string): string {
  const day = dayOf(text, field);
  if (day > todayOf(scope.timeZone)) throw new Refusal("future_date", "This day is still to come.", { field });
  return day;
}

/** What is refused in it is refused at this field. */
export function inField<T>(field: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof Refusal) throw new Refusal(error.code, error.message, { ...error.detail, field });
    throw error;
  }
}
