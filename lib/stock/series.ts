/**
 * Numbers of documents, without gaps: one series for each kind and tax year, in the form that the business chose (lib/core/numbering.ts).
 * The next number is taken in the transaction that numbers the document, under the lock of the series' own row, so a number that was
 * taken and not used never was taken. Each is written down, so that the proof names one whose document is gone (lib/books/verify-series.ts).
 */
import { sql } from "drizzle-orm";
import { type InBusiness, rowsOf, type Tx } from "../../db/scope";
import { invariant, Refusal } from "../core/errors";
import { longestNumber, numberOf, type SeriesForm, type SeriesKind, usualForm } from "../core/numbering";

/** A number, and the tax year of its series: 0 where numbers have no year in them and go on over the years. */
export type Taken = Readonly<{ number: string; seriesYear: number }>;

/** The form of a kind's series that is still to begin. */
export async function formIn(tx: Tx, scope: InBusiness, kind: SeriesKind): Promise<SeriesForm> {
  const [row] = await rowsOf<{ prefix: string; digits: number; has_year: boolean }>(
    tx,
    sql`select prefix, digits, has_year from app.series_forms where business_id = ${scope.businessId} and kind = ${kind}`,
  );
  return row === undefined ? usualForm(kind) : { prefix: row.prefix, digits: row.digits, hasYear: row.has_year };
}

/**
 * The next number of a series, taken: `TR-2026-0001`. `taxYear` is named by the calendar year in which it begins. A series keeps the form
 * that its first number had. Refuses `out_of_range` where the count has outgrown what a number may have.
 */
export async function takeNumber(tx: Tx, scope: InBusiness, kind: SeriesKind, taxYear: number): Promise<string> {
  return (await takeFrom(tx, scope, kind, taxYear)).number;
}

/** The same, with the year of the series that it was taken from. */
export async function takeFrom(tx: Tx, scope: InBusiness, kind: SeriesKind, taxYear: number): Promise<Taken> {
  const b = scope.businessId;
  const form = await formIn(tx, scope, kind);
  const seriesYear = form.hasYear ? taxYear : 0;
  const [row] = await rowsOf<{ taken: number; prefix: string; digits: number }>(
    tx,
    sql`insert into app.series (business_id, kind, tax_year, next, first, prefix, digits)
        values (${b}, ${kind}, ${seriesYear}, 2, 1, ${form.prefix}, ${form.digits})
        on conflict (business_id, kind, tax_year) do update set next = series.next + 1,
          prefix = case when series.next = series.first then excluded.prefix else series.prefix end,
          digits = case when series.next = series.first then excluded.digits else series.digits end
        returning next - 1 as taken, prefix, digits`,
  );
  invariant(row !== undefined, "a series gives its next number");
  const number = numberOf({ prefix: row.prefix, digits: row.digits, hasYear: form.hasYear }, taxYear, row.taken);
  if (number.length > longestNumber)
    throw new Refusal(
      "out_of_range",
      `The next number would be ${number}, longer than ${longestNumber} characters. Choose a shorter form under Settings, Documents; it begins with the next tax year.`,
    );
  await tx.execute(
    sql`insert into app.series_numbers (business_id, kind, tax_year, nth, number) values (${b}, ${kind}, ${seriesYear}, ${row.taken}, ${number})`,
  );
  return { number, seriesYear };
}
