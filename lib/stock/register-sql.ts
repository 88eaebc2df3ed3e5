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
const named = (of: string, columns: Columns, sign = "") =>
  sql.raw(["location_id", ...columns].map((name, n) => `${n === 0 ? "" : sign}${of}.${name}`).join(", "));
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

/** Whole months as they are kept, and of the days that stand over what `ofDays` gives. */
function rowsOver(business: string, period: Days, columns: Columns, ofDays: (part: Days) => readonly SQL[]): SQL {
  const { months, days } = partsOf(period);
  const whole = months === null ? [] : [monthRows(business, months.first, months.last, columns)];
  return sql.join([...whole, ...days.flatMap(ofDays)], sql` union all `);
}

/** Rows `(location_id, …columns)` of item `i` that add up to what a period moved; none where nothing moved. Who asks for fewer columns waits less. */
export const spanRows = (business: string, period: Days, columns: Columns = spanColumns): SQL =>
  rowsOver(business, period, columns, (part) => dayRows(business, part, columns));

/**
 * Rows that add up to the same, where nobody asks whether anything moved: of more than half a month the whole of it less the rest, which until
 * today is nothing. Where they are less, each column is below 0.
 */
const summedRows = (business: string, period: Days, columns: Columns): SQL =>
  rowsOver(business, period, columns, (part) => {
    const rest = restOfMonth(part);
    if (rest === null || daysBetween(rest.from, rest.to) >= daysBetween(part.from, part.to))
      return dayRows(business, part, columns);
    const month = startOfMonth(part.from);
    return [
      monthRows(business, month, month, columns),
      ...dayRows(business, rest, columns).map((rows) => sql`select ${named("q", columns, "-")} from (${rows}) q`),
    ];
  });

/** The days of a month before or after these; null where there are both, or none. */
function restOfMonth({ from, to }: Days): Days | null {
  const [first, last] = [startOfMonth(from), endOfMonth(to)];
  if (from === first && to < last) return { from: addDays(to, 1), to: last };
  return to === last && from > first ? { from: first, to: addDays(from, -1) } : null;
}

/** What came to some places in a period, of item `i`: a value, 0 where nothing did. */
export const arrivedIn = (business: string, period: Days, places: readonly string[] | null): SQL =>
  sql`(select coalesce(sum(q.in_qty), 0) from (${summedRows(business, period, ["in_qty"])}) q where ${inPlaces("q.location_id", places)})`;

/** What was sold in a period less what came back, at some places, of item `i`: `(qty, value)`. */
export const soldIn = (business: string, period: Days, places: readonly string[] | null): SQL =>
  sql`select coalesce(sum(q.sold_qty - q.back_qty), 0) as qty, coalesce(sum(q.sold_minor - q.back_minor), 0) as value
      from (${summedRows(business, period, ["sold_qty", "back_qty", "sold_minor", "back_minor"])}) q where ${inPlaces("q.location_id", places)}`;

/** Its columns summed, each under its own name, over rows `of`; 0 where there are none. */
export const spanSums = (of: string): SQL =>
  sql.raw(spanColumns.map((name) => `coalesce(sum(${of}.${name}), 0)::text as ${name}`).join(", "));
