/** Proves the sums of what postings move in other currencies than the books'. A part of verify.ts. */
import { sql } from "drizzle-orm";
import { type InBusiness, rowsOf, type Tx } from "../../db/scope";
import type { Walked } from "./verify-chain";

const most = 20;

/** The months' sums in other currencies that are not those of the journal, and what is said there to be in another currency and is the books'. */
export async function wrongCurrencies(tx: Tx, scope: InBusiness, books: string): Promise<Walked> {
  const business = scope.businessId;
  const rows = await rowsOf<{
    code: string;
    currency: string;
    month: string;
    expected: string;
    found: string;
    n: number;
  }>(
    tx,
    sql`with abroad as materialized (
          select debit, credit, currency, posted_on, foreign_minor from app.postings where business_id = ${business} and currency is not null
        ), sides as (
          select debit as code, currency, posted_on, foreign_minor as debit, 0 as credit from abroad
          union all select credit, currency, posted_on, 0, foreign_minor from abroad
        ), journal as (
          select code, currency, date_trunc('month', posted_on::timestamp)::date as month, sum(debit) as debit, sum(credit) as credit
          from sides group by 1, 2, 3
        ), kept as (
          select code, currency, month, debit_minor as debit, credit_minor as credit from app.account_currency_months where business_id = ${business})
        (select coalesce(j.code, k.code) as code, coalesce(j.currency, k.currency) as currency, coalesce(j.month, k.month)::text as month,
           concat_ws('/', coalesce(j.debit, 0), coalesce(j.credit, 0)) as expected, concat_ws('/', coalesce(k.debit, 0), coalesce(k.credit, 0)) as found, 0 as n
         from journal j full join kept k on k.code = j.code and k.currency = j.currency and k.month = j.month
         where (coalesce(j.debit, 0), coalesce(j.credit, 0)) is distinct from (coalesce(k.debit, 0), coalesce(k.credit, 0))
           or coalesce(j.currency, k.currency) = ${books}
         order by 3, 1, 2 limit ${most})
        union all select '', '', '', '', '', (select count(*) from kept)::int`,
  );
  return {
    looked: rows.reduce((all, { n }) => all + n, 0),
    findings: rows
      .filter(({ code }) => code !== "")
      .map(({ code, currency, month, expected, found }) => ({
        what: `debits and credits of account ${code} in ${currency} in ${month.slice(0, 7)}`,
        expected: currency === books ? "another currency than the books'" : expected,
        found,
      })),
  };
}
