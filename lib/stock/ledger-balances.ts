/**
 * Balances in the middle of an item's history without reading it: the months before (item_months), the days before in a busy month
 * (item_days) or the rows of a quiet one, and the rows of one day.
 */
import { type SQL, sql } from "drizzle-orm";
import { list } from "../../db/bulk";
import { rowsOf, type Tx } from "../../db/scope";
import { startOfMonth } from "../core/dates";
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

/** The balances after these rows of an item, which stand in their order, by `pointKey`. */
export async function balancesAfter(
  tx: Tx,
  of: InItem,
  points: readonly Cursor[],
): Promise<ReadonlyMap<string, Balance>> {
  const days = [...new Set(points.map((point) => point.on))];
  const last = days.at(-1);
  const [only] = points;
  if (last === undefined || only === undefined) return new Map();
  if (points.length === 1) return new Map([[pointKey(only), await balanceAfter(tx, of, only)]]);
  // A row that follows one of its own day needs only what lies between the two: one stretch of the index.
  const steps = points.map((point, i) => ({ point, before: stretchBefore(points[i - 1], point) }));
  const begun = steps.filter(({ before }) => before === null).map(({ point }) => point);
  const timed = steps.flatMap(({ point, before }) => (before === null || point.at === null ? [] : [{ point, before }]));
  const untimed = steps.flatMap(({ point, before }) =>
    before === null || point.at !== null ? [] : [{ point, before }],
  );
  // All in one statement: a page is as fast as it asks seldom. `part` says what a row is of, `key` its month, day or row.
  const parts = [
    sql`select 'month' as part, im.month::text as key, 0 as leg, sum(im.in_qty - im.out_qty)::text as qty, sum(im.value_minor)::text as value
        from app.item_months im
        where im.business_id = ${of.businessId} and im.item_id = ${of.item} and im.month < ${startOfMonth(last)}::date and ${placeIn("im", of)}
        group by im.month`,
    sql`select 'day', d.day::text, 0, (x.in_qty - x.out_qty)::text, x.value::text
        from unnest(${list("date", days)}, ${list("date", days.map(startOfMonth))}) as d(day, month) ${monthUntil(of)}`,
    withinDays(of, begun),
    ...(timed.length === 0 ? [] : [between(of, timed, true)]),
    ...(untimed.length === 0 ? [] : [between(of, untimed, false)]),
  ];
  const found = await rowsOf<Found>(tx, sql.join(parts, sql` union all `));
  const opening = startOfDays(found);
  const moved = new Map(
    found.flatMap((row) => (row.part === "row" ? [[pointKey({ id: row.key, leg: row.leg }), row]] : [])),
  );
  const after = new Map<string, Balance>();
  let running: Balance = nothing;
  for (const step of steps) {
    const key = pointKey(step.point);
    const own = moved.get(key);
    const start = step.before === null ? (opening.get(step.point.on) ?? nothing) : running;
    running = { qty: start.qty + BigInt(own?.qty ?? "0"), value: start.value + BigInt(own?.value ?? "0") };
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

type Found = { part: "month" | "day" | "row"; key: string; leg: number; qty: string; value: string };

/** The balance at the beginning of each day: the months before its own, and what its month had before it. */
function startOfDays(found: readonly Found[]): ReadonlyMap<string, Balance> {
  const of = (part: Found["part"]) => found.filter((row) => row.part === part).sort((a, b) => (a.key < b.key ? -1 : 1));
  const [months, days] = [of("month"), of("day")];
  const start = new Map<string, Balance>();
  let qty = 0n;
  let value = 0n;
  let next = 0;
  for (const row of days) {
    const own = startOfMonth(row.key);
    for (let month = months[next]; month !== undefined && month.key < own; month = months[next]) {
      qty += BigInt(month.qty);
      value += BigInt(month.value);
      next += 1;
    }
    start.set(row.key, { qty: qty + BigInt(row.qty), value: value + BigInt(row.value) });
  }
  return start;
}

/** For each row, its day up to it. */
const withinDays = (of: InItem, points: readonly Cursor[]): SQL => sql`
  select 'row', p.id, p.leg, x.qty::text, x.value::text from unnest(${list(
    "date",
    points.map((one) => one.on),
  )}, ${list(
    "smallint",
    points.map((one) => one.phase),
  )}, ${list(
    "timestamptz",
    points.map((one) => one.at),
  )}, ${list(
    "text",
    points.map((one) => one.id),
  )}, ${list(
    "smallint",
    points.map((one) => one.leg),
  )}) as p(day, phase, at, id, leg)
  cross join lateral (select coalesce(sum(m.qty), 0) as qty, coalesce(sum(m.value_minor), 0) as value from app.movements m
    where ${movedIn(of)} and m.on_date = p.day and m.phase <= p.phase
      and (m.phase, coalesce(m.at, '-infinity'::timestamptz), m.id, m.leg) <= (p.phase, coalesce(p.at, '-infinity'::timestamptz), p.id collate "C", p.leg)) x`;

type Step = Readonly<{ point: Cursor; before: Cursor }>;

/** For each row, what lies between the row before and it, itself too. */
function between(of: InItem, steps: readonly Step[], isTimed: boolean): SQL {
  const each = <T>(of: (step: Step) => T) => steps.map(of);
  const from = sql.raw(isTimed ? "(m.at, m.id, m.leg) > (p.from_at, p.from_id" : "(m.id, m.leg) > (p.from_id");
  const to = sql.raw(isTimed ? "(m.at, m.id, m.leg) <= (p.at, p.id" : "(m.id, m.leg) <= (p.id");
  return sql`select 'row', p.id, p.leg, x.qty::text, x.value::text from unnest(${list(
    "date",
    each(({ point }) => point.on),
  )}, ${list(
    "smallint",
    each(({ point }) => point.phase),
  )}, ${list(
    "timestamptz",
    each(({ before }) => before.at),
  )}, ${list(
    "text",
    each(({ before }) => before.id),
  )}, ${list(
    "smallint",
    each(({ before }) => before.leg),
  )}, ${list(
    "timestamptz",
    each(({ point }) => point.at),
  )}, ${list(
    "text",
    each(({ point }) => point.id),
  )}, ${list(
    "smallint",
    each(({ point }) => point.leg),
  )}) as p(day, phase, from_at, from_id, from_leg, at, id, leg)
  cross join lateral (select coalesce(sum(m.qty), 0) as qty, coalesce(sum(m.value_minor), 0) as value from app.movements m
    where ${movedIn(of)} and m.on_date = p.day and m.phase = p.phase and ${isTimed ? sql`true` : sql`m.at is null`}
      and ${from} collate "C", p.from_leg) and ${to} collate "C", p.leg)) x`;
}
