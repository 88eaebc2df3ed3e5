/**
 * Profit and loss and the balance sheet as the pages show them. Whole months come from `account_months`, so a report costs the same
 * however long the history is; the days that stand over at the ends of a period from `account_days`, so it costs the same however much was
 * sold on them.
 */
import { type SQL, sql } from "drizzle-orm";
import { reading, type Source } from "../../db/reading";
import { inBusiness, rowsOf, type Tx } from "../../db/scope";
import type { AccountType } from "../core/chart";
import { addDays, startOfMonth, taxYearOf, taxYearRange } from "../core/dates";
import type { LocalDate } from "../core/facts";
import { accounts as codes } from "../core/posting";
import { type BalanceSheet, balanceSheet } from "../core/reports/balance";
import { type Days, monthsOf, partsOf } from "../core/reports/periods";
import { type AccountBalance, type Profit, profit, standingOf } from "../core/reports/profit";
import { require, type Scope } from "../people/access";
import { accountDaysNow } from "./account-days";
import { missingNow } from "./sold-sums";
import { markedDays } from "./touched-days";

/** An account with what each month of a period debited it less what it credited it; months by their first day. */
export type AccountByMonth = AccountBalance & Readonly<{ months: ReadonlyMap<LocalDate, bigint> }>;

type MonthRow = { code: string; month: string; amount: string };

/** What accounts were debited less credited in a period, by month; accounts at 0 all through are left out. */
export async function accountsByMonth(tx: Tx, scope: Scope, period: Days): Promise<readonly AccountByMonth[]> {
  const known = await chartOf(tx, scope);
  const found = new Map<string, Map<LocalDate, bigint>>();
  for (const row of await monthRows(tx, scope, period)) {
    const months = found.get(row.code) ?? new Map<LocalDate, bigint>();
    months.set(row.month, (months.get(row.month) ?? 0n) + BigInt(row.amount));
    found.set(row.code, months);
  }
  return known.flatMap((account) => {
    const months = found.get(account.code);
    if (months === undefined) return [];
    return [{ ...account, amount: [...months.values()].reduce((sum, amount) => sum + amount, 0n), months }];
  });
}

type Known = Readonly<{ code: string; name: string; type: AccountType }>;

async function chartOf(tx: Tx, scope: Scope): Promise<readonly Known[]> {
  return rowsOf<Known>(
    tx,
    sql`select code, name, type from app.accounts where business_id = ${scope.businessId} order by code`,
  );
}

async function monthRows(tx: Tx, scope: Scope, period: Days): Promise<readonly MonthRow[]> {
  const { months, days } = partsOf(period);
  const parts: SQL[] = days.map((part) => dayRows(scope, part));
  if (months !== null)
    parts.push(sql`select code, month::text as month, (debit_minor - credit_minor)::text as amount from app.account_months
      where business_id = ${scope.businessId} and month between ${months.first}::date and ${months.last}::date`);
  return rowsOf<MonthRow>(tx, sql.join(parts, sql` union all `));
}

/** What each account was debited less credited on some days of one month. */
function dayRows(scope: Scope, days: Days): SQL {
  return sql`select k.code, ${startOfMonth(days.from)}::text as month, sum(k.debit_minor - k.credit_minor)::text as amount
    from (${accountDaysNow(scope, days)}) k group by k.code`;
}

/** The first day that books can have: nothing was posted before. */
const beginning: LocalDate = "1900-01-01";

/** What accounts were debited less credited up to a day, since the books began. */
export async function balancesAt(tx: Tx, scope: Scope, on: LocalDate): Promise<readonly AccountBalance[]> {
  const { months, days } = partsOf({ from: beginning, to: on });
  const parts: SQL[] = days.map((part) => dayRows(scope, part));
  if (months !== null)
    parts.push(sql`select code, '' as month, sum(debit_minor - credit_minor)::text as amount from app.account_months
      where business_id = ${scope.businessId} and month between ${months.first}::date and ${months.last}::date group by code`);
  const sums = new Map<string, bigint>();
  for (const row of await rowsOf<MonthRow>(tx, sql.join(parts, sql` union all `)))
    sums.set(row.code, (sums.get(row.code) ?? 0n) + BigInt(row.amount));
  return (await chartOf(tx, scope)).map((account) => ({ ...account, amount: sums.get(account.code) ?? 0n }));
}

/** The share of sales that a profit rests on, in minor units; `lines` are the sold lines that still need a cost. */
export type Covered = Readonly<{ sales: bigint; known: bigint; lines: number; missing: bigint }>;

/** What was sold in a period, and how much of it has all its cost, exactly as of now. Sold lines that need a cost count as a whole. */
export async function coveredIn(tx: Tx, scope: Scope, period: Days, sales: bigint): Promise<Covered> {
  const [row] = await rowsOf<{ n: number; amount: string }>(
    tx,
    sql`with marked as materialized (${markedDays(scope, period.from, period.to)})
        select coalesce(sum(t.lines), 0)::int as n, coalesce(sum(t.amount), 0)::text as amount
        from (${missingNow(scope, sql`select on_date from marked`, period.from, period.to)}) t`,
  );
  const missing = BigInt(row?.amount ?? "0");
  return { sales, missing, lines: row?.n ?? 0, known: sales > missing ? sales - missing : 0n };
}

/** What buyers paid for items, from the accounts: sales less discounts, as Inventory → Sold has it; shipping and refunds are apart. */
export function salesIn(accounts: readonly AccountBalance[]): bigint {
  const of = (code: string) => accounts.find((account) => account.code === code)?.amount ?? 0n;
  return -(of(codes.sales) + of(codes.discounts));
}

export type ProfitReport = Readonly<{
  whole: Profit;
  /** The months of the period, the first and last cut at its days. */
  months: readonly Readonly<{ days: Days; profit: Profit }>[];
  /** The period that it is compared with. */
  before: Profit | null;
  covered: Covered;
  /** All accounts of the period together, those of the balance sheet too, add to 0: the profit is what the business became richer by. */
  isProved: boolean;
}> &
  Source;

/** Profit and loss of a period, by month; with `against`, also of the period that it is compared with. */
export function profitReport(scope: Scope, period: Days, against: Days | null = null): Promise<ProfitReport> {
  require(scope, "read");
  return reading(scope, async (tx, { asOf }) => {
    const accounts = await accountsByMonth(tx, scope, period);
    const before = against === null ? null : profit(await accountsByMonth(tx, scope, against));
    return {
      whole: profit(accounts),
      months: monthsOf(period).map((days) => ({ days, profit: profit(inMonth(accounts, startOfMonth(days.from))) })),
      before,
      covered: await coveredIn(tx, scope, period, salesIn(accounts)),
      isProved: accounts.reduce((sum, { amount }) => sum + amount, 0n) === 0n,
      asOf,
    };
  });
}

/** Accounts with what one month changed them by. */
export function inMonth(accounts: readonly AccountByMonth[], month: LocalDate): readonly AccountBalance[] {
  return accounts.map(({ months, ...account }) => ({ ...account, amount: months.get(month) ?? 0n }));
}

/** The balance sheet at the end of a day. Profit of tax years before the one that it lies in is shown apart. */
export function balanceReport(scope: Scope, on: LocalDate): Promise<BalanceSheet & Source> {
  require(scope, "read");
  const { from } = taxYearRange(taxYearOf(on, scope.taxYearStartMonth), scope.taxYearStartMonth);
  return reading(scope, async (tx, { asOf }) => {
    const before = from <= beginning ? [] : await balancesAt(tx, scope, addDays(from, -1));
    return { ...balanceSheet(await balancesAt(tx, scope, on), before), asOf };
  });
}

/** A tax year that is over: what it earned, and what was retained of all years at its end, in minor units. */
export type RetainedYear = Days & Readonly<{ year: number; profit: bigint; retained: bigint }>;

/**
 * Retained earnings before a day's tax year, year by year. No entry closes a year: its profit is retained by being counted here, so the
 * last `retained` is what the balance sheet shows as profit of earlier years (I16).
 */
export function retainedByYear(scope: Scope, on: LocalDate): Promise<readonly RetainedYear[]> {
  require(scope, "read");
  const start = scope.taxYearStartMonth;
  const current = taxYearRange(taxYearOf(on, start), start).from;
  return inBusiness(scope, async (tx) => {
    const rows = await rowsOf<{ month: string; amount: string }>(
      tx,
      sql`select m.month::text as month, sum(m.credit_minor - m.debit_minor)::text as amount from app.account_months m
          join app.accounts a on a.business_id = ${scope.businessId} and a.code = m.code
            and a.type in ('income', 'contra_income', 'cost_of_sales', 'expense')
          where m.business_id = ${scope.businessId} and m.month < ${current}::date group by m.month order by m.month`,
    );
    const years: RetainedYear[] = [];
    let retained = 0n;
    for (const row of rows) {
      const year = taxYearOf(row.month, start);
      retained += BigInt(row.amount);
      const last = years.at(-1);
      const profitBefore = last?.year === year ? last.profit : 0n;
      const now = { year, ...taxYearRange(year, start), profit: profitBefore + BigInt(row.amount), retained };
      if (last?.year === year) years[years.length - 1] = now;
      else years.push(now);
    }
    return years;
  });
}

/** Every account with what it stands at, as on its own page: income and costs since the tax year began. Signed as figures are. */
export function chartReport(scope: Scope, on: LocalDate): Promise<readonly AccountBalance[]> {
  require(scope, "read");
  const year = taxYearRange(taxYearOf(on, scope.taxYearStartMonth), scope.taxYearStartMonth);
  return inBusiness(scope, async (tx) => {
    const ever = await balancesAt(tx, scope, year.to);
    const ofYear = new Map((await accountsByMonth(tx, scope, year)).map(({ code, amount }) => [code, amount]));
    return ever.map((account) => {
      const { sign, isOfYear } = standingOf(account.type);
      return { ...account, amount: sign * (isOfYear ? (ofYear.get(account.code) ?? 0n) : account.amount) };
    });
  });
}
