/**
 * Proves the numbers of documents: each series counts on from its first without a gap, every number reads as its series says, and each
 * stands on exactly one document of its kind, so that a row that somebody deleted behind the product's back is named.
 */
import { type SQL, sql } from "drizzle-orm";
import { type InBusiness, rowsOf, type Tx } from "../../db/scope";
import type { Finding } from "../core/checks";

/** Where the documents of each kind stand, as `(kind, number)`; a kind that is missing here would have numbers that no document has. */
const documents = (b: string): SQL => sql`
  select 'transfer' as kind, number from app.transfers where business_id = ${b} and number is not null
  union all
  select 'adjustment', number from app.stock_documents
    where business_id = ${b} and kind = 'adjustment' and number is not null and consignment_id is null
      and not exists (select 1 from app.count_documents c where c.business_id = ${b} and c.document_id = stock_documents.id)
  union all
  select 'count', number from app.counts where business_id = ${b} and number is not null
  union all
  select 'purchase_order', number from app.purchase_orders where business_id = ${b} and number is not null
  union all
  select 'production', number from app.stock_documents where business_id = ${b} and kind = 'assembly' and number is not null
  union all
  select kind, number from app.issued_documents where business_id = ${b}`;

/** What was looked at, and what does not hold; at most `most`. */
export async function seriesNumbers(
  tx: Tx,
  scope: InBusiness,
  most: number,
): Promise<Readonly<{ looked: number; findings: readonly Finding[] }>> {
  const b = scope.businessId;
  const [count] = await rowsOf<{ n: number }>(
    tx,
    sql`select count(*)::int as n from app.series_numbers where business_id = ${b}`,
  );
  const findings = await rowsOf<{ what: string; expected: string; found: string }>(
    tx,
    sql`with counted as (
          select s.kind, s.tax_year, s.first, s.next, s.prefix, s.digits, c.n, c.least, c.last from app.series s
          left join (select kind, tax_year, count(*) as n, min(nth) as least, max(nth) as last from app.series_numbers
            where business_id = ${b} group by 1, 2) c on c.kind = s.kind and c.tax_year = s.tax_year
          where s.business_id = ${b}),
        stands as (select kind, number, count(*) as n from (${documents(b)}) d group by 1, 2)
        select 'the numbers of ' || kind || ' ' || tax_year || ' count on without a gap' as what,
          first || ' to ' || next - 1 as expected, coalesce(n || ' from ' || least || ' to ' || last, 'none') as found
        from counted where coalesce(n, 0) <> next - first or coalesce(least, first) <> first or coalesce(last, next - 1) <> next - 1
        union all
        select 'the number before ' || x.number || ' was given', 'yes', 'no' from (
          select number, nth - lag(nth) over (partition by kind, tax_year order by nth) as step from app.series_numbers
          where business_id = ${b}) x where x.step > 1
        union all
        select 'the number ' || g.number || ' reads as its series says',
          concat_ws('-', nullif(c.prefix, ''), nullif(c.tax_year, 0), lpad(g.nth::text, greatest(c.digits, length(g.nth::text)), '0')), g.number
        from app.series_numbers g join counted c on c.kind = g.kind and c.tax_year = g.tax_year
        where g.business_id = ${b}
          and g.number <> concat_ws('-', nullif(c.prefix, ''), nullif(c.tax_year, 0), lpad(g.nth::text, greatest(c.digits, length(g.nth::text)), '0'))
        union all
        select 'the number ' || g.number || ' stands on its ' || g.kind, 'once', case when d.n is null then 'on none' else d.n || ' times' end
        from app.series_numbers g left join stands d on d.kind = g.kind and d.number = g.number
        where g.business_id = ${b} and coalesce(d.n, 0) <> 1
        union all
        select 'the number ' || d.number || ' of ' || d.kind || ' was given', 'by its series', 'not given'
        from stands d where not exists (select 1 from app.series_numbers g
          where g.business_id = ${b} and g.kind = d.kind and g.number = d.number)
        order by 1 limit ${most}`,
  );
  return { looked: count?.n ?? 0, findings };
}
