/** What accounts were debited and credited on days, as queries: kept by day (account_days), and made of the journal where a day is marked. */
import { type SQL, sql } from "drizzle-orm";
import type { InBusiness } from "../../db/scope";
import type { Days } from "../core/reports/periods";
import { markedDays } from "./touched-days";

/** Rows as account_days has them, of the days of a query with `on_date`: from each account's own two indexes. */
export function accountDayRows(scope: InBusiness, days: SQL): SQL {
  const b = scope.businessId;
  const side = (name: "debit" | "credit") => sql`coalesce((select sum(p.amount_minor) from app.postings p
      where p.business_id = ${b} and p.${sql.raw(name)} = a.code and p.posted_on = d.on_date), 0)`;
  return sql`select s.* from (
      select d.on_date, a.code, ${side("debit")} as debit_minor, ${side("credit")} as credit_minor
      from (${days}) d cross join (select code from app.accounts where business_id = ${b}) a offset 0) s
    where s.debit_minor <> 0 or s.credit_minor <> 0`;
}

/** The same of a span, exactly as of now: what is kept of the days that are as they were summed, and the postings of the others. */
export function accountDaysNow(scope: InBusiness, { from, to }: Days): SQL {
  const marked = markedDays(scope, from, to);
  return sql`
    select k.on_date, k.code, k.debit_minor, k.credit_minor from app.account_days k
    where k.business_id = ${scope.businessId} and k.on_date >= ${from}::date and k.on_date <= ${to}::date
      and not exists (select 1 from (${marked}) t where t.on_date = k.on_date)
    union all
    ${accountDayRows(scope, marked)}`;
}
