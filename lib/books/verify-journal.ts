/** Proves the journal's sums: debits equal credits on every day, and the months that pages read are those of its rows. A part of verify.ts. */
import { sql } from "drizzle-orm";
import { type InBusiness, rowsOf, type Tx } from "../../db/scope";
import { checkTrialBalance, type Finding } from "../core/checks";
import type { Walked } from "./verify-chain";

const most = 20;

/** The days on which debits do not equal credits, and the months' sums that are not those of the journal: both of one walk through it. */
export async function wrongTotals(tx: Tx, scope: InBusiness): Promise<Readonly<{ days: Walked; months: Walked }>> {
  const business = scope.businessId;
  const rows = await rowsOf<{ on: string; code: string | null; expected: string; found: string; n: number }>(
    tx,
    sql`with pairs as materialized (
          select posted_on, debit, credit, sum(amount_minor) as amount from app.postings where business_id = ${business} group by 1, 2, 3
        ), sides as (
          select posted_on, debit as code, amount as debit, 0 as credit from pairs union all select posted_on, credit, 0, amount from pairs
        ), days as (
          select s.posted_on, sum(s.debit) as debits, sum(s.credit) as credits from sides s
          join app.accounts a on a.business_id = ${business} and a.code = s.code group by s.posted_on
        ), journal as (
          select code, date_trunc('month', posted_on::timestamp)::date as month, sum(debit) as debit, sum(credit) as credit from sides group by 1, 2
        ), kept as (
          select code, month, debit_minor as debit, credit_minor as credit from app.account_months where business_id = ${business})
        (select posted_on::text as "on", null as code, debits::text as expected, credits::text as found, 0 as n from days
         where debits <> credits order by posted_on limit ${most})
        union all
        (select coalesce(j.month, k.month)::text, coalesce(j.code, k.code), concat_ws('/', coalesce(j.debit, 0), coalesce(j.credit, 0)),
           concat_ws('/', coalesce(k.debit, 0), coalesce(k.credit, 0)), 0
         from journal j full join kept k on k.code = j.code and k.month = j.month
         where (coalesce(j.debit, 0), coalesce(j.credit, 0)) is distinct from (coalesce(k.debit, 0), coalesce(k.credit, 0)) limit ${most})
        union all select '', null, '', '', (select count(*) from days)::int
        union all select '', '', '', '', (select count(*) from kept)::int`,
  );
  const days = rows.filter((row) => row.code === null);
  const months = rows.filter((row) => row.code !== null);
  const looked = (of: typeof rows) => of.reduce((all, { n }) => all + n, 0);
  return {
    days: {
      looked: looked(days),
      findings: checkTrialBalance(
        days
          .filter(({ on }) => on !== "")
          .map(({ on, expected, found }) => ({ on, debits: BigInt(expected), credits: BigInt(found) })),
      ),
    },
    months: {
      looked: looked(months),
      findings: months
        .filter(({ on }) => on !== "")
        .map(({ on, code, expected, found }) => ({
          what: `debits and credits of account ${code} in ${on.slice(0, 7)}`,
          expected,
          found,
        })),
    },
  };
}

/** An entry counts on its effective day or, where that was closed, later; never earlier. */
export async function wrongPeriods(tx: Tx, scope: InBusiness): Promise<readonly Finding[]> {
  const rows = await rowsOf<{ id: string; effective: string; posted: string }>(
    tx,
    sql`select id, effective_on::text as effective, posted_on::text as posted from app.journal_entries
        where business_id = ${scope.businessId} and posted_on < effective_on limit ${most}`,
  );
  return rows.map((row) => ({
    what: `entry ${row.id} counts on its day or later`,
    expected: row.effective,
    found: row.posted,
  }));
}
