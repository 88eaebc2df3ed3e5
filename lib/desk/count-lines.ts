/** The lines of a count as they stand now: what was counted, what the ledger says of that moment, the difference, and what that is worth. */
import { sql } from "drizzle-orm";
import { rowsOf, type Tx } from "../../db/scope";
import { type CountOutcome, differenceReasons, outcomeOf, wayOf } from "../core/counts";
import type { Instant, LocalDate } from "../core/facts";
import { type Reason, reasonOf } from "../core/reasons";
import type { Scope } from "../people/access";
import { costsLike, countedIn, expectedIn, worthOf } from "./count-ledger";

export type CountLine = Readonly<{
  item: string;
  name: string;
  sku: string | null;
  decimals: number;
  /** Its place in the count, which names its fields: `reason.3`. */
  place: number;
  isExtra: boolean;
  takesDay: boolean;
  /** Null: nobody counted it, so nothing is said of it. `on` and `at`: the moment for which it stands. */
  counted: Readonly<{ qty: bigint; on: LocalDate; at: Instant; parts: number; by: readonly string[] }> | null;
  /** By the ledger at that moment; 0 where it is not counted. */
  expected: bigint;
  difference: bigint;
  outcome: CountOutcome;
  /** Dated on that day without a time, and recorded only after the count; signed. */
  untold: bigint;
  /** Movements between the first and the last part of the count. */
  during: number;
  /** The reason that a person gave, where it still goes with the difference. */
  reason: Reason | null;
  /** What a person said that a surplus is worth in all, and what the difference is worth at cost, signed; minor units. */
  typedMinor: bigint | null;
  worthMinor: bigint;
}>;

type Raw = Readonly<{
  item: string;
  name: string;
  sku: string | null;
  decimals: number;
  place: number;
  is_extra: boolean;
  takes_day: boolean;
  reason: string | null;
  worth: string | null;
}>;

/** All lines in their order. Works out nothing of what nobody counted. */
export async function linesNow(
  tx: Tx,
  scope: Scope,
  count: Readonly<{ id: string; location: string }>,
): Promise<readonly CountLine[]> {
  const b = scope.businessId;
  const rows = await rowsOf<Raw>(
    tx,
    sql`select l.item_id as item, i.name, i.sku, i.decimals, l.place, l.is_extra, l.takes_day, l.reason, l.worth_minor::text as worth
        from app.count_lines l join app.items i on i.business_id = ${b} and i.id = l.item_id
        where l.business_id = ${b} and l.count_id = ${count.id} order by l.place`,
  );
  const counted = await countedIn(tx, scope, count.id);
  const expected = await expectedIn(
    tx,
    scope,
    count,
    rows.flatMap(({ item, takes_day }) => {
      const found = counted.get(item);
      return found === undefined ? [] : [{ item, counted: found, takesDay: takes_day }];
    }),
  );
  const differing = [...counted].flatMap(([item, { qty }]) => (expected.get(item)?.qty === qty ? [] : [item]));
  const costs = await costsLike(tx, scope, count.location, differing);
  return rows.map((row) => {
    const { item, name, sku, decimals, place } = row;
    const [found, then] = [counted.get(item), expected.get(item)];
    const isCounted = found !== undefined && then !== undefined;
    const difference = isCounted ? found.qty - then.qty : 0n;
    const reason = row.reason === null ? null : reasonOf(row.reason);
    const typedMinor = row.worth === null ? null : BigInt(row.worth);
    return {
      item,
      name,
      sku,
      decimals,
      place,
      isExtra: row.is_extra,
      takesDay: row.takes_day,
      counted: isCounted ? { qty: found.qty, on: then.on, at: found.at, parts: found.parts, by: found.by } : null,
      expected: then?.qty ?? 0n,
      difference,
      outcome: outcomeOf(isCounted ? found.qty : null, then?.qty ?? 0n),
      untold: then?.untold ?? 0n,
      during: isCounted && found.parts > 1 ? then.during : 0,
      reason:
        reason !== null && difference !== 0n && differenceReasons[wayOf(difference)].includes(reason) ? reason : null,
      typedMinor,
      worthMinor: worthOf(difference, typedMinor, costs.get(item)),
    };
  });
}
