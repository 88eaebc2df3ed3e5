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

/** A row of an item, with its kind and what it moved, as text. */
export type Point = Cursor & Readonly<{ kind: string; qty: string; value: string }>;

/** Up to so many rows are read from the first of a page to its last in one go, rather than what lies between two rows of a day. */
const mostBetween = 400;

/**
 * The balances after these rows of an item, which stand in their order, by `pointKey`. `between`: no more rows than these are in the months from
 * the first to the last, where that is known.
 */
export async function balancesAfter(
  tx: Tx,
  of: InItem,
  points: readonly Point[],
  between: number | null,
): Promise<ReadonlyMap<string, Balance>> {
  const [first] = points;
  if (first === undefined) return new Map();
  const isOneRun = points.length === 1 || (between !== null && between <= mostBetween);
  const days = isOneRun ? [first.on] : [...new Set(points.map((point) => point.on))];
  const runs = isOneRun ? [points] : runsOf(points);
  // All in one statement: a page is as fast as it asks seldom. `part` says what a row is of, `n` its place among the days or its leg.
  const parts = isOneRun
    ? [
        ...before(of, first.on),
        untilRuns(of, runs, first.at !== null),
        ...(points.length === 1 ? [] : [wholeRun(of, points)]),
      ]
    : [
        ...beforeDays(of, days),
        ...[true, false].flatMap((isTimed) => {
          const own = runs.filter(([begin]) => (begin?.at !== null) === isTimed);
          const longer = own.filter((run) => !isOneLine(run));
          return [
            ...(own.length === 0 ? [] : [untilRuns(of, own, isTimed)]),
            ...(longer.length === 0 ? [] : [alongRuns(of, longer, isTimed)]),
          ];
        }),
      ];
  const found = await rowsOf<Found>(tx, sql.join(parts, sql` union all `));
  const opening = startOfDays(days, found);
  const moved = new Map(
    found.flatMap((row) =>
      row.part === "gap" ? [] : [[pointKey({ id: row.key, leg: row.n }), balanceOf(row)] as const],
    ),
  );
  const balances = new Map<string, Balance>();
  for (const run of runs) {
    let begin = opening.get(run[0]?.on ?? "") ?? nothing;
    for (const [n, point] of run.entries()) {
      // Behind the first in one line is what the row itself moved.
      const isOwn = !isOneRun && n > 0 && isOneLine(run);
      const since = isOwn ? ownOf(point) : moved.get(pointKey(point));
      invariant(since !== undefined, "each row is among what its day moved");
      const balance = plus(begin, since);
      // What moved along a run is told from behind its first row.
      if (n === 0 || isOwn) begin = balance;
      balances.set(pointKey(point), balance);
    }
  }
  return balances;
}

const nothing: Balance = { qty: 0n, value: 0n };
const plus = (one: Balance, other: Balance): Balance => ({ qty: one.qty + other.qty, value: one.value + other.value });
const ownOf = ({ qty, value }: Point): Balance => ({ qty: BigInt(qty), value: BigInt(value) });
const balanceOf = (row: Found): Balance => ({ qty: BigInt(row.qty), value: BigInt(row.value) });

type Found = { part: "gap" | "first" | "row"; key: string; n: number; qty: string; value: string };

/** The balance before a day, in parts: the months before its own, and of that the days before. */
function before(of: InItem, day: LocalDate): readonly SQL[] {
  const month = startOfMonth(day);
  return [
    sql`select 'gap' as part, '' as key, 0 as n, coalesce(sum(im.in_qty - im.out_qty), 0)::text as qty, coalesce(sum(im.value_minor), 0)::text as value
        from app.item_months im where im.business_id = ${of.businessId} and im.item_id = ${of.item} and im.month < ${month}::date and ${placeIn("im", of)}`,
    sql`select 'gap', '', 0, (x.in_qty - x.out_qty)::text, x.value::text from (select ${day}::date as day, ${month}::date as month) d ${monthUntil(of)}`,
  ];
}

/** What moved from behind the first of these rows, at each of them. */
function wholeRun(of: InItem, points: readonly Point[]): SQL {
  const [first, last] = [points[0], points.at(-1)];
  invariant(first !== undefined && last !== undefined, "a run has rows");
  return sql`select 'row', w.id, w.leg, w.qty::text, w.value::text from (
      select m.id, m.leg, m.kind, sum(m.qty) over o as qty, sum(m.value_minor) over o as value from app.movements m
      where ${movedIn(of)} and ${elsewhere(of)} and m.on_date >= ${first.on}::date and m.on_date <= ${last.on}::date and ${beyondOf(first)} and not ${beyondOf(last)}
      window o as (${ordered})) w where w.kind = any(${kindsOf(points)})`;
}

const ordered = sql.raw("order by m.on_date, m.phase, m.at nulls first, m.id, m.leg rows unbounded preceding");

/** Does `m` stand behind this row? */
const beyondOf = (row: Cursor): SQL =>
  sql`(m.on_date, m.phase, coalesce(m.at, '-infinity'::timestamptz), m.id, m.leg)
    > (${row.on}::date, ${row.phase}::smallint, coalesce(${row.at}::timestamptz, '-infinity'::timestamptz), ${row.id}, ${row.leg}::smallint)`;

const kindsOf = (points: readonly Point[]): SQL => list("text", [...new Set(points.map((point) => point.kind))]);

/**
 * What moved before the first of these days, and between each and the next, itself included: months that have none of the days as a whole,
 * of the others the days of a busy one or the rows of a quiet one. `n` is how many of the days have begun by then; several may say the same.
 */
function beforeDays(of: InItem, days: readonly LocalDate[]): readonly SQL[] {
  const months = [...new Set(days.map(startOfMonth))];
  const starts = list("date", days);
  const until = sql`${days.at(-1) ?? null}::date`;
  const own = sql`unnest(${list("date", months)}) as d(month)`;
  const inMonth = (day: string) => sql.raw(`${day} >= d.month and ${day} < (d.month + interval '1 month')::date`);
  const isBusy = sql`exists (select 1 from app.item_days h where h.business_id = ${of.businessId} and h.item_id = ${of.item} and ${inMonth("h.on_date")})`;
  // `offset 0`: each month is gone to by itself. Joined to the months, the whole history would be read before.
  return [
    sql`select 'gap' as part, '' as key, width_bucket(im.month, ${starts}) as n, sum(im.in_qty - im.out_qty)::text as qty, sum(im.value_minor)::text as value
        from app.item_months im where im.business_id = ${of.businessId} and im.item_id = ${of.item} and im.month < ${until}
          and im.month <> all(${list("date", months)}) and ${placeIn("im", of)} group by 3`,
    sql`select 'gap', '', width_bucket(i.on_date, ${starts}) as n, sum(i.in_qty - i.out_qty)::text, sum(i.value_minor)::text from ${own}
        cross join lateral (select y.on_date, y.in_qty, y.out_qty, y.value_minor from app.item_days y
          where y.business_id = ${of.businessId} and y.item_id = ${of.item} and ${inMonth("y.on_date")} and y.on_date < ${until} and ${placeIn("y", of)} offset 0) i
        group by 3`,
    sql`select 'gap', '', width_bucket(x.on_date, ${starts}) as n, sum(x.qty)::text, sum(x.value_minor)::text from ${own}
        cross join lateral (select m.on_date, m.qty, m.value_minor from app.movements m
          where ${movedIn(of)} and ${inMonth("m.on_date")} and m.on_date < ${until} and not ${isBusy} offset 0) x
        group by 3`,
  ];
}

/** The balance at the beginning of each day. */
function startOfDays(days: readonly LocalDate[], found: readonly Found[]): ReadonlyMap<string, Balance> {
  const gaps = new Map<number, Balance>();
  for (const row of found) if (row.part === "gap") gaps.set(row.n, plus(gaps.get(row.n) ?? nothing, balanceOf(row)));
  const start = new Map<string, Balance>();
  let running = nothing;
  for (const [n, day] of days.entries()) {
    running = plus(running, gaps.get(n) ?? nothing);
    start.set(day, running);
  }
  return start;
}

/** Rows of one day and phase, all with a time or all without: one stretch of the index. */
type Run = readonly Point[];

/** Are all of its rows legs of one line, or is there one alone? Nothing stands between them that is not among them. */
const isOneLine = (run: Run): boolean => run.every((row) => row.id === run[0]?.id);

/** Rows in their order, those that stand in one stretch of the index together. */
function runsOf(points: readonly Point[]): readonly Run[] {
  const runs = new Map<string, Point[]>();
  for (const point of points) {
    const key = `${point.on} ${point.phase} ${point.at === null}`;
    const run = runs.get(key);
    if (run === undefined) runs.set(key, [point]);
    else run.push(point);
  }
  return [...runs.values()];
}

type Column = readonly [name: string, values: SQL];

/** Runs as `p`: their day and phase, and of their first or last rows what an index is bounded by, each name with this before it. */
function asTable(runs: readonly Run[], isTimed: boolean, ends: Readonly<{ first?: string; last?: string }>): SQL {
  const each = (type: Parameters<typeof list>[0], rows: readonly (Point | undefined)[], name: keyof Point) =>
    list(
      type,
      rows.map((row) => row?.[name]),
    );
  const firsts = runs.map(([row]) => row);
  const lasts = runs.map((run) => run.at(-1));
  const place = (before: string, rows: readonly (Point | undefined)[]): readonly Column[] => [
    [`${before}id`, each("text", rows, "id")],
    [`${before}leg`, each("smallint", rows, "leg")],
    ...(isTimed ? [[`${before}at`, each("timestamptz", rows, "at")] as const] : []),
  ];
  const columns: readonly Column[] = [
    ["day", each("date", firsts, "on")],
    ["phase", each("smallint", firsts, "phase")],
    ...(ends.first === undefined ? [] : place(ends.first, firsts)),
    ...(ends.last === undefined ? [] : place(ends.last, lasts)),
  ];
  return sql`unnest(${sql.join(
    columns.map(([, values]) => values),
    sql`, `,
  )}) as p(${sql.raw(columns.map(([name]) => name).join(", "))})`;
}

/** Movements of a run's day, phase and, where they have none, time, up to a row or behind it; the index is bound by it. */
const bounded = (is: "<=" | ">", name: string, isTimed: boolean): SQL =>
  sql.raw(
    isTimed
      ? `m.phase = p.phase and (m.at, m.id, m.leg) ${is} (p.${name}at, p.${name}id collate "C", p.${name}leg)`
      : `m.phase = p.phase and m.at is null and (m.id, m.leg) ${is} (p.${name}id collate "C", p.${name}leg)`,
  );

const onDay = (of: InItem): SQL =>
  sql`from app.movements m where ${movedIn(of)} and ${elsewhere(of)} and m.on_date = p.day`;

/** What moved from a day's beginning until the first row of each run, itself included. */
function untilRuns(of: InItem, runs: readonly Run[], isTimed: boolean): SQL {
  const parts = [
    // Nothing stands before the first phase.
    ...(runs.every(([row]) => row?.phase === 0) ? [] : [sql`m.phase < p.phase`]),
    ...(isTimed ? [sql`m.phase = p.phase and m.at is null`] : []),
    bounded("<=", "", isTimed),
  ];
  // Each summed by itself: as one sum over all of them they take the server nearly twice as long.
  const sums = parts.map(
    (
      where,
      n,
    ) => sql`cross join lateral (select coalesce(sum(m.qty), 0) as qty, coalesce(sum(m.value_minor), 0) as value
      ${onDay(of)} and ${where}) ${sql.raw(`x${n}`)}`,
  );
  const total = (column: string) => sql.raw(`(${parts.map((_, n) => `x${n}.${column}`).join(" + ")})::text`);
  return sql`select 'first', p.id, p.leg, ${total("qty")}, ${total("value")} from ${asTable(runs, isTimed, { first: "" })} ${sql.join(sums, sql` `)}`;
}

/** What moved from behind the first row of each run, at each of its others. */
function alongRuns(of: InItem, runs: readonly Run[], isTimed: boolean): SQL {
  return sql`select 'row', w.id, w.leg, w.qty::text, w.value::text from ${asTable(runs, isTimed, { first: "from_", last: "" })} cross join lateral (
      select m.id, m.leg, m.kind, sum(m.qty) over o as qty, sum(m.value_minor) over o as value ${onDay(of)}
        and ${bounded("<=", "", isTimed)} and ${bounded(">", "from_", isTimed)} window o as (${ordered})) w
    where w.kind = any(${kindsOf(runs.flat())})`;
}

/** Said as a literal, so that the index of what is elsewhere answers; `main` is where most things are. */
const elsewhere = ({ places }: InItem): SQL =>
  places === null || places.includes("main") ? sql`true` : sql`m.location_id <> 'main'`;
