/** What all that is done to a count needs of it: its row, locked as a person saw it, and its instants as the rules count them. */
import { type SQL, sql } from "drizzle-orm";
import { rowsOf, type Tx } from "../../db/scope";
import { instantOf } from "../core/dates";
import { Refusal } from "../core/errors";
import type { Instant } from "../core/facts";
import { mayAt, type Scope } from "../people/access";

export const countStates = ["draft", "counting", "review", "approved", "cancelled"] as const;
export type CountState = (typeof countStates)[number];
/** What a count is of: the whole place, what was chosen, what its words find, what is due by class, what was not counted for longest. */
export const countPlans = ["all", "items", "words", "abc", "oldest"] as const;
export type CountPlan = (typeof countPlans)[number];

/** Which count, as a person saw it. */
export type SeenCount = Readonly<{ id: string; version: number }>;
export type CountRow = Readonly<{
  id: string;
  state: CountState;
  number: string | null;
  number_year: number | null;
  location_id: string;
  is_blind: boolean;
  started: string | null;
  version: number;
}>;
/** What a count did: its id, how it stands, and its version by now. */
export type CountStep = Readonly<{ id: string; state: CountState; version: number }>;

/** As many products as one count has at most; a larger place is counted in parts. */
export const mostCounted = 5_000;
/** What a file of facts may say too: beyond it no program counts exactly. */
export const mostQty = 9_007_199_254_740_991n;

/** An instant of a column as text that `instantOf` reads, to the microsecond. `column` is our own. */
export const utc = (column: string): SQL =>
  sql.raw(`to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`);

export const instantIn = (text: string | null): Instant => (text === null ? 0n : instantOf(text));

/** The moment that it is now; a test says another. */
export const nowInstant = (): Instant => BigInt(Date.now()) * 1000n;

/** The count, locked, in one of these states; and as it was seen, where somebody saw it. At other locations than a person's there is none. */
export async function countIn(
  tx: Tx,
  scope: Scope,
  seen: Readonly<{ id: string; version: number | null }>,
  states: readonly CountState[],
): Promise<CountRow> {
  const [row] = await rowsOf<CountRow>(
    tx,
    sql`select id, state, number, number_year, location_id, is_blind, ${utc("started_at")} as started, version
        from app.counts where business_id = ${scope.businessId} and id = ${seen.id} for update`,
  );
  if (row === undefined || !mayAt(scope, row.location_id)) throw new Refusal("not_found", "There is no such count.");
  if ((seen.version !== null && row.version !== seen.version) || !states.includes(row.state))
    throw new Refusal("stale", "Somebody has changed this count meanwhile. Load the page again to see how it stands.");
  return row;
}

/** Writes another state of a locked count. */
export async function setCountState(tx: Tx, scope: Scope, row: CountRow, state: CountState): Promise<CountStep> {
  await tx.execute(
    sql`update app.counts set state = ${state}, version = version + 1 where business_id = ${scope.businessId} and id = ${row.id}`,
  );
  return { id: row.id, state, version: row.version + 1 };
}
