/**
 * What the stock registers ask of the database, for an item `i` at a time: what was on hand at the end of a day, and what a period moved.
 * A day is reached from now backwards (item_places less the months since, and the days or rows of one month), so that the work follows how
 * far back one looks and never how long the history is.
 */
import { type SQL, sql } from "drizzle-orm";
import { kindColumns, kindSum } from "../books/kind-sums";
import { addDays, daysBetween, endOfMonth, startOfMonth } from "../core/dates";
import type { LocalDate } from "../core/facts";
import { type Days, partsOf } from "../core/reports/periods";
import { inPlaces } from "../people/access";

/** Items whose name, SKU or other name holds the words (normalised), or of which they are a barcode; all where there are none. */
export const holdsWords = (business: string, words: string): SQL =>
  words === ""
    ? sql`true`
    : sql`(strpos(coalesce(i.sku_key, ''), ${words}) > 0 or exists (select 1 from app.item_names n
        where n.business_id = ${business} and n.item_id = i.id and strpos(n.name_key, ${words}) > 0)
      or exists (select 1 from app.item_barcodes c where c.business_id = ${business} and c.item_id = i.id and lower(c.code) = ${words}))`;

/** Is the month of these days of item `i` a busy one, whose days are kept? */
const isBusy = (business: string, { from, to }: Days): SQL => sql`exists (select 1 from app.item_days h
  where h.business_id = ${business} and h.item_id = i.id and h.on_date between ${startOfMonth(from)}::date and ${endOfMonth(to)}::date)`;

/** Rows `(location_id, qty, value_minor)` of item `i` that add up to what was on hand at the end of a day; of now, where `on` is null. */
export function onHandRows(business: string, on: LocalDate | null): SQL {
  const now = sql`select p.location_id, p.qty, p.value_minor from app.item_places p where p.business_id = ${business} and p.item_id = i.id`;
  if (on === null) return now;
  const month = startOfMonth(on);
  const parts = [
    now,
    sql`select im.location_id, im.out_qty - im.in_qty, -im.value_minor from app.item_months im
        where im.business_id = ${business} and im.item_id = i.id and im.month > ${month}::date`,
  ];
  const last = endOfMonth(on);
  if (on < last) {
    const rest = { from: addDays(on, 1), to: last };
    parts.push(
      sql`select d.location_id, d.out_qty - d.in_qty, -d.value_minor from app.item_days d
          where d.business_id = ${business} and d.item_id = i.id and d.on_date between ${rest.from}::date and ${rest.to}::date`,
      sql`select m.location_id, -m.qty, -m.value_minor from app.movements m
          where m.business_id = ${business} and m.item_id = i.id and m.on_date between ${rest.from}::date and ${rest.to}::date
            and m.kind <> 'write_off' and not ${isBusy(business, rest)}`,
    );
  }
  return sql.join(parts, sql` union all `);
}

const spanColumns = ["in_qty", "out_qty", "value_minor", ...kindColumns] as const;
export type SpanColumn = (typeof spanColumns)[number];
type Columns = readonly SpanColumn[];
const named = (of: string, columns: Columns) =>
  sql.raw(["location_id", ...columns].map((name) => `${of}.${name}`).join(", "));
/** Each as a sum over movements `m`. */
const sumOf: Readonly<Record<SpanColumn, string>> = {
  in_qty: "coalesce(sum(m.qty) filter (where m.qty > 0), 0)",
  out_qty: "coalesce(-sum(m.qty) filter (where m.qty < 0), 0)",
  value_minor: "sum(m.value_minor)",
  ...kindSum,
};

const monthRows = (business: string, first: LocalDate, last: LocalDate, columns: Columns): SQL =>
  sql`select ${named("im", columns)} from app.item_months im
      where im.business_id = ${business} and im.item_id = i.id and im.month between ${first}::date and ${last}::date`;

/** Of days of one month: kept sums where it is a busy one, sums of its rows otherwise. */
const dayRows = (business: string, { from, to }: Days, columns: Columns): readonly SQL[] => [
  sql`select ${named("d", columns)} from app.item_days d
      where d.business_id = ${business} and d.item_id = i.id and d.on_date between ${from}::date and ${to}::date`,
  sql`select m.location_id, ${sql.raw(columns.map((column) => `${sumOf[column]} as ${column}`).join(", "))}
      from app.movements m where m.business_id = ${business} and m.item_id = i.id
        and m.on_date between ${from}::date and ${to}::date and m.kind <> 'write_off' and not ${isBusy(business, { from, to })}
      group by m.location_id`,
];

/** Rows `(location_id, …columns)` of item `i` that add up to what a period moved; none where nothing moved. Who asks for fewer columns waits less. */
export function spanRows(business: string, period: Days, columns: Columns = spanColumns): SQL {
  const { months, days } = partsOf(period);
  const whole = months === null ? [] : [monthRows(business, months.first, months.last, columns)];
  return sql.join([...whole, ...days.flatMap((part) => dayRows(business, part, columns))], sql` union all `);
}

/** One figure of a period, as a sum over kept sums (`kept`) and over movements `m` (`row`): each is summed once, with those of all parts. */
type Figure = Readonly<{ name: string; kept: string; row: string }>;
const ifSold = (what: string) => `case when m.kind in ('sale', 'sale_return', 'loose_return') then -${what} else 0 end`;
/** Sold less what came back. */
const soldFigures = {
  qty: { name: "qty", kept: "k.sold_qty - k.back_qty", row: ifSold("m.qty") },
  value: { name: "value", kept: "k.sold_minor - k.back_minor", row: ifSold("m.value_minor") },
} as const satisfies Record<string, Figure>;
type SoldFigure = keyof typeof soldFigures;
const arrivedFigures: readonly Figure[] = [{ name: "qty", kept: "k.in_qty", row: "greatest(m.qty, 0)" }];

/**
 * Figures of item `i` over a period, at some places: one row. Of more than half a month the whole of it less the rest is read, which until
 * today is nothing.
 */
function figuresIn(business: string, period: Days, places: readonly string[] | null, figures: readonly Figure[]): SQL {
  const from = (of: "kept" | "row", sign: string) =>
    sql.raw(figures.map((figure) => `${sign}(${figure[of]}) as ${figure.name}`).join(", "));
  const ofMonths = (first: LocalDate, last: LocalDate) => sql`select ${from("kept", "")} from app.item_months k
      where k.business_id = ${business} and k.item_id = i.id and k.month between ${first}::date and ${last}::date
        and ${inPlaces("k.location_id", places)}`;
  const ofDays = (days: Days, sign: string) => [
    sql`select ${from("kept", sign)} from app.item_days k
      where k.business_id = ${business} and k.item_id = i.id and k.on_date between ${days.from}::date and ${days.to}::date
        and ${inPlaces("k.location_id", places)}`,
    sql`select ${from("row", sign)} from app.movements m
      where m.business_id = ${business} and m.item_id = i.id and m.on_date between ${days.from}::date and ${days.to}::date
        and m.kind <> 'write_off' and ${inPlaces("m.location_id", places)} and not ${isBusy(business, days)}`,
  ];
  const { months, days } = partsOf(period);
  const parts = days.flatMap((part) => {
    const rest = restOfMonth(part);
    if (rest === null || daysBetween(rest.from, rest.to) >= daysBetween(part.from, part.to)) return ofDays(part, "");
    const month = startOfMonth(part.from);
    return [ofMonths(month, month), ...ofDays(rest, "-")];
  });
  const rows = months === null ? parts : [ofMonths(months.first, months.last), ...parts];
  const totals = sql.raw(figures.map(({ name }) => `coalesce(sum(q.${name}), 0) as ${name}`).join(", "));
  return sql`select ${totals} from (${sql.join(rows, sql` union all `)}) q`;
}

/** The days of a month before or after these; null where there are both, or none. */
function restOfMonth({ from, to }: Days): Days | null {
  const [first, last] = [startOfMonth(from), endOfMonth(to)];
  if (from === first && to < last) return { from: addDays(to, 1), to: last };
  return to === last && from > first ? { from: first, to: addDays(from, -1) } : null;
}

/** What came to some places in a period, of item `i`: a value, 0 where nothing did. */
export const arrivedIn = (business: string, period: Days, places: readonly string[] | null): SQL =>
  sql`(${figuresIn(business, period, places, arrivedFigures)})`;

/** What was sold in a period less what came back, at some places, of item `i`: `(qty, value)`, or of these only what is asked for. */
export const soldIn = (
  business: string,
  period: Days,
  places: readonly string[] | null,
  asked: readonly SoldFigure[] = ["qty", "value"],
): SQL =>
  figuresIn(
    business,
    period,
    places,
    asked.map((name) => soldFigures[name]),
  );

/** Its columns summed, each under its own name, over rows `of`; 0 where there are none. */
export const spanSums = (of: string): SQL =>
  sql.raw(spanColumns.map((name) => `coalesce(sum(${of}.${name}), 0)::text as ${name}`).join(", "));
