/**
 * Balances in the middle of an item's history without reading it: the months before (item_months), the days before in a busy month
 * (item_days) or the rows of a quiet one, and the rows of one day.
 */
import { type SQL, sql } from "drizzle-orm";
import { list } from "../../db/bulk";
import { rowsOf, type Tx } from "../../db/scope";
import { startOfMonth } from "../core/dates";
import { invariant } from "../core/errors";
import type { LocalDate } from "../core/facts";
import { inPlaces } from "../people/access";
import { type Cursor, movedIn } from "./ledger-filter";

/** An item of a business, at these places; null: at all of them. */
export type InItem = Readonly<{ businessId: string; item: string; places: readonly string[] | null }>;

/** Quantities in smallest units, value in minor units, and how many rows they are of. */
export type Sums = Readonly<{ inQty: bigint; outQty: bigint; value: bigint; rows: number }>;
export type SumsRow = { in_qty: string; out_qty: string; value: string; n: number };

const none: Sums = { inQty: 0n, outQty: 0n, value: 0n, rows: 0 };
const read = (row: SumsRow): Sums => ({
  inQty: BigInt(row.in_qty),
  outQty: BigInt(row.out_qty),
  value: BigInt(row.value),
  rows: row.n,
});

export function sumsOf(rows: readonly SumsRow[]): Sums {
  return rows.map(read).reduce(
    (sum, row) => ({
      inQty: sum.inQty + row.inQty,
      outQty: sum.outQty + row.outQty,
      value: sum.value + row.value,
      rows: sum.rows + row.rows,
    }),
    none,
  );
}

/** Sums of movements `m`. */
export const movementSums = sql.raw(
  "coalesce(sum(m.qty) filter (where m.qty > 0), 0)::text as in_qty, coalesce(-sum(m.qty) filter (where m.qty < 0), 0)::text as out_qty, coalesce(sum(m.value_minor), 0)::text as value, count(*)::int as n",
);

const placeIn = (of: string, { places }: InItem): SQL => inPlaces(`${of}.location_id`, places);

/** For each day `d(day, month)` what moved in its month before it: `x(in_qty, out_qty, value, n)`. */
const monthUntil = (of: InItem): SQL => sql`cross join lateral (
    select exists (select 1 from app.item_days h where h.business_id = ${of.businessId} and h.item_id = ${of.item}
      and h.on_date >= d.month and h.on_date < (d.month + interval '1 month')::date) as is_busy) b
  cross join lateral (
    select coalesce(sum(y.in_qty), 0) as in_qty, coalesce(sum(y.out_qty), 0) as out_qty, coalesce(sum(y.value), 0) as value, coalesce(sum(y.n), 0)::int as n from (
      select i.in_qty, i.out_qty, i.value_minor as value, i."rows" as n from app.item_days i
      where b.is_busy and i.business_id = ${of.businessId} and i.item_id = ${of.item} and i.on_date >= d.month and i.on_date < d.day and ${placeIn("i", of)}
      union all
      select greatest(m.qty, 0), greatest(-m.qty, 0), m.value_minor, 1 from app.movements m
      where not b.is_busy and ${movedIn(of)} and m.on_date >= d.month and m.on_date < d.day) y) x`;

/** All that moved before a day; without one, everything. */
export async function sumsBefore(tx: Tx, of: InItem, day: LocalDate | null): Promise<Sums> {
  const until = day === null ? sql`true` : sql`im.month < ${startOfMonth(day)}::date`;
  const [months, days] = await Promise.all([
    rowsOf<SumsRow>(
      tx,
      sql`select coalesce(sum(im.in_qty), 0)::text as in_qty, coalesce(sum(im.out_qty), 0)::text as out_qty, coalesce(sum(im.value_minor), 0)::text as value,
            coalesce(sum(im."rows"), 0)::int as n
          from app.item_months im where im.business_id = ${of.businessId} and im.item_id = ${of.item} and ${until} and ${placeIn("im", of)}`,
    ),
    day === null
      ? []
      : rowsOf<SumsRow>(
          tx,
          sql`select x.in_qty::text, x.out_qty::text, x.value::text, x.n
              from (select ${day}::date as day, ${startOfMonth(day)}::date as month) d ${monthUntil(of)}`,
        ),
  ]);
  return sumsOf([...months, ...days]);
}

/** What is on hand after a row, and what it is worth. */
export type Balance = Readonly<{ qty: bigint; value: bigint }>;
export const pointKey = (row: Pick<Cursor, "id" | "leg">): string => `${row.id} ${row.leg}`;

/** A row of an item, with what it moved, as text. */
export type Point = Cursor & Readonly<{ qty: string; value: string }>;

/**
 * The balances after these rows of an item, which stand in their order, by `pointKey`. `dense`: the kinds of which all rows between the first
 * and the last are among them, where there are few others between.
 */
export async function balancesAfter(
  tx: Tx,
  of: InItem,
  points: readonly Point[],
  dense: readonly string[] | null,
): Promise<ReadonlyMap<string, Balance>> {
  const days = [...new Set(points.map((point) => point.on))];
  const [only] = points;
  if (only === undefined) return new Map();
  if (points.length === 1) return new Map([[pointKey(only), await balanceAfter(tx, of, only)]]);
  // A row that follows one of its own day needs only what lies between the two: one stretch of the index.
  const steps = points.map((point, i) => ({ point, before: stretchBefore(points[i - 1], point) }));
  // Nothing lies between the legs of one line, and a row knows what it moved itself; a run tells of all its rows.
  const isGiven = (step: Step) => dense === null && isNextLeg(step);
  // All in one statement: a page is as fast as it asks seldom. `part` says what a row is of, `n` its place among the days or its leg.
  const parts = [
    beforeDays(of, days),
    ...[true, false].flatMap((isTimed) => {
      const timed = steps.filter(({ point }) => (point.at !== null) === isTimed);
      const begun = timed.filter(({ before }) => before === null);
      const after = timed.filter((step) => step.before !== null && !isGiven(step));
      return [
        ...(begun.length === 0 ? [] : [stretches(of, begun, isTimed, null)]),
        ...(after.length === 0
          ? []
          : [dense === null ? stretches(of, after, isTimed, "each") : stretches(of, runsOf(timed), isTimed, dense)]),
      ];
    }),
  ];
  const found = await rowsOf<Found>(tx, sql.join(parts, sql` union all `));
  const opening = startOfDays(days, found);
  const moved = new Map(
    found.flatMap((row) => (row.part === "gap" ? [] : [[pointKey({ id: row.key, leg: row.n }), row] as const])),
  );
  const after = new Map<string, Balance>();
  let running: Balance = nothing;
  let begin: Balance = nothing;
  for (const step of steps) {
    const key = pointKey(step.point);
    const own = isGiven(step) ? { part: "row", ...step.point } : moved.get(key);
    invariant(own !== undefined, "each row is among what its day moved");
    if (step.before === null) running = opening.get(step.point.on) ?? nothing;
    // What a run moved is told from its beginning, which is the last row that was not told so.
    const from = own.part === "run" ? begin : running;
    running = { qty: from.qty + BigInt(own.qty), value: from.value + BigInt(own.value) };
    if (own.part !== "run") begin = running;
    after.set(key, running);
  }
  return after;
}

/** The balance after one row, in one statement: most pages need no more. */
async function balanceAfter(tx: Tx, of: InItem, point: Cursor): Promise<Balance> {
  const month = startOfMonth(point.on);
  const [row] = await rowsOf<{ qty: string; value: string }>(
    tx,
    sql`select coalesce(sum(s.qty), 0)::text as qty, coalesce(sum(s.value), 0)::text as value from (
          select im.in_qty - im.out_qty as qty, im.value_minor as value from app.item_months im
          where im.business_id = ${of.businessId} and im.item_id = ${of.item} and im.month < ${month}::date and ${placeIn("im", of)}
          union all
          select x.in_qty - x.out_qty, x.value from (select ${point.on}::date as day, ${month}::date as month) d ${monthUntil(of)}
          union all
          select m.qty, m.value_minor from app.movements m
          where ${movedIn(of)} and m.on_date = ${point.on}::date and m.phase <= ${point.phase}::smallint
            and (m.phase, coalesce(m.at, '-infinity'::timestamptz), m.id, m.leg)
              <= (${point.phase}::smallint, coalesce(${point.at}::timestamptz, '-infinity'::timestamptz), ${point.id}, ${point.leg}::smallint)) s`,
  );
  return { qty: BigInt(row?.qty ?? "0"), value: BigInt(row?.value ?? "0") };
}

const nothing: Balance = { qty: 0n, value: 0n };

/** The row before, where both stand in one stretch of the index: of one day and phase, both with a time or both without. */
function stretchBefore(before: Cursor | undefined, row: Cursor): Cursor | null {
  if (before === undefined || before.on !== row.on || before.phase !== row.phase) return null;
  return (before.at === null) === (row.at === null) ? before : null;
}

type Found = { part: "gap" | "row" | "run"; key: string; n: number; qty: string; value: string };

/**
 * What moved before the first of these days, and between each and the next, itself included: months that have none of the days as a whole,
 * of the others the days of a busy one or the rows of a quiet one. `n` is how many of the days have begun by then.
 */
function beforeDays(of: InItem, days: readonly LocalDate[]): SQL {
  const months = [...new Set(days.map(startOfMonth))];
  const starts = list("date", days);
  const until = sql`${days.at(-1) ?? null}::date`;
  const own = sql`unnest(${list("date", months)}) as d(month)`;
  const inMonth = (day: string) => sql.raw(`${day} >= d.month and ${day} < (d.month + interval '1 month')::date`);
  // `offset 0`: each month is gone to by itself. Joined to the months, the whole history would be read before.
  return sql`select 'gap' as part, '' as key, g.n, sum(g.qty)::text as qty, sum(g.value)::text as value from (
      select width_bucket(im.month, ${starts}) as n, im.in_qty - im.out_qty as qty, im.value_minor as value from app.item_months im
      where im.business_id = ${of.businessId} and im.item_id = ${of.item} and im.month < ${until} and im.month <> all(${list("date", months)}) and ${placeIn("im", of)}
      union all
      select width_bucket(i.on_date, ${starts}), i.in_qty - i.out_qty, i.value_minor from ${own}
      cross join lateral (select y.on_date, y.in_qty, y.out_qty, y.value_minor from app.item_days y
        where y.business_id = ${of.businessId} and y.item_id = ${of.item} and ${inMonth("y.on_date")} and y.on_date < ${until} and ${placeIn("y", of)} offset 0) i
      union all
      select width_bucket(x.on_date, ${starts}), x.qty, x.value_minor from ${own}
      cross join lateral (select m.on_date, m.qty, m.value_minor from app.movements m
        where ${movedIn(of)} and ${inMonth("m.on_date")} and m.on_date < ${until} and not exists (select 1 from app.item_days h
          where h.business_id = ${of.businessId} and h.item_id = ${of.item} and ${inMonth("h.on_date")}) offset 0) x) g
    group by g.n`;
}

/** The balance at the beginning of each day. */
function startOfDays(days: readonly LocalDate[], found: readonly Found[]): ReadonlyMap<string, Balance> {
  const gaps = new Map(found.flatMap((row) => (row.part === "gap" ? [[row.n, row]] : [])));
  const start = new Map<string, Balance>();
  let running = nothing;
  for (const [n, day] of days.entries()) {
    const gap = gaps.get(n);
    running = { qty: running.qty + BigInt(gap?.qty ?? "0"), value: running.value + BigInt(gap?.value ?? "0") };
    start.set(day, running);
  }
  return start;
}

/** A row whose stretch of the index is read from its beginning, or from behind another row of it. */
type Step = Readonly<{ point: Point; before: Cursor | null }>;

/** Is the row before it another leg of the same? Whatever stood between would be a leg of it too, and shown. */
const isNextLeg = ({ point, before }: Step): boolean => before?.id === point.id;

/** Rows that follow each other in one stretch, as one: the last, from behind the first. */
function runsOf(steps: readonly Step[]): readonly Step[] {
  const runs: Step[] = [];
  for (const { point, before } of steps) {
    const last = runs.at(-1);
    if (before === null) continue;
    if (last !== undefined && pointKey(last.point) === pointKey(before))
      runs[runs.length - 1] = { point, before: last.before };
    else runs.push({ point, before });
  }
  return runs;
}

/**
 * What moved in stretches of the index that end with a row, itself included: of its day and phase, with a time or without. From the day's
 * beginning (null), from behind the row before it ("each"), or by steps from there, at each row of these kinds. Both ends are bound by the
 * index.
 */
function stretches(of: InItem, steps: readonly Step[], isTimed: boolean, by: null | "each" | readonly string[]): SQL {
  const each = (type: Parameters<typeof list>[0], value: (step: Step) => unknown) => list(type, steps.map(value));
  const bounded = (is: "<=" | ">", bound: "" | "from_") =>
    sql.raw(
      isTimed
        ? `(m.at, m.id, m.leg) ${is} (p.${bound}at, p.${bound}id collate "C", p.${bound}leg)`
        : `m.at is null and (m.id, m.leg) ${is} (p.${bound}id collate "C", p.${bound}leg)`,
    );
  const among = (where: SQL) =>
    sql`from app.movements m where ${movedIn(of)} and ${elsewhere(of)} and m.on_date = p.day and ${where}`;
  const own = sql`m.phase = p.phase and ${bounded("<=", "")}`;
  const behind = sql`${own} and ${bounded(">", "from_")}`;
  const ends: readonly (readonly [string, SQL])[] = [
    ["day", each("date", ({ point }) => point.on)],
    ["phase", each("smallint", ({ point }) => point.phase)],
    ["id", each("text", ({ point }) => point.id)],
    ["leg", each("smallint", ({ point }) => point.leg)],
    ...(isTimed ? [["at", each("timestamptz", ({ point }) => point.at)] as const] : []),
  ];
  const begins: readonly (readonly [string, SQL])[] = [
    ["from_id", each("text", ({ before }) => before?.id)],
    ["from_leg", each("smallint", ({ before }) => before?.leg)],
    ...(isTimed ? [["from_at", each("timestamptz", ({ before }) => before?.at)] as const] : []),
  ];
  const columns = by === null ? ends : [...ends, ...begins];
  const from = sql`from unnest(${sql.join(
    columns.map(([, values]) => values),
    sql`, `,
  )}) as p(${sql.raw(columns.map(([name]) => name).join(", "))}) cross join lateral`;
  if (by !== null && by !== "each")
    return sql`select 'run', w.id, w.leg, w.qty::text, w.value::text ${from} (
      select m.id, m.leg, m.kind, sum(m.qty) over o as qty, sum(m.value_minor) over o as value ${among(behind)}
      window o as (order by m.on_date, m.phase, m.at nulls first, m.id, m.leg rows unbounded preceding)) w where w.kind = any(${list("text", by)})`;
  const parts =
    by === "each"
      ? [behind]
      : [sql`m.phase < p.phase`, ...(isTimed ? [sql`m.phase = p.phase and m.at is null`] : []), own];
  return sql`select 'row', p.id, p.leg, x.qty::text, x.value::text ${from} (
    select coalesce(sum(y.qty), 0) as qty, coalesce(sum(y.value_minor), 0) as value from (${sql.join(
      parts.map((where) => sql`select m.qty, m.value_minor ${among(where)}`),
      sql` union all `,
    )}) y) x`;
}

/** Said as a literal, so that the index of what is elsewhere answers; `main` is where most things are. */
const elsewhere = ({ places }: InItem): SQL =>
  places === null || places.includes("main") ? sql`true` : sql`m.location_id <> 'main'`;
