/**
 * Numbers of documents, without gaps: one series for each kind and tax year. The next number is taken in the transaction that numbers the
 * document, under the lock of the series' own row, so a number that was taken and not used never was taken.
 */
import { sql } from "drizzle-orm";
import { type InBusiness, rowsOf, type Tx } from "../../db/scope";
import { invariant } from "../core/errors";

/** What is numbered, with the letters that its numbers begin with. */
const prefixes = { transfer: "TR", production: "PR" } as const;
export type SeriesKind = keyof typeof prefixes;

/** The next number of a series, taken: `TR-2026-0001`. `taxYear` is named by the calendar year in which it begins. */
export async function takeNumber(tx: Tx, scope: InBusiness, kind: SeriesKind, taxYear: number): Promise<string> {
  const [row] = await rowsOf<{ taken: number }>(
    tx,
    sql`insert into app.series (business_id, kind, tax_year, next) values (${scope.businessId}, ${kind}, ${taxYear}, 2)
        on conflict (business_id, kind, tax_year) do update set next = series.next + 1 returning next - 1 as taken`,
  );
  invariant(row !== undefined, "a series gives its next number");
  return `${prefixes[kind]}-${taxYear}-${String(row.taken).padStart(4, "0")}`;
}
