/** What Home shows: the figures of this month and tax year, from months' sums and the year's own orders. */
import { sql } from "drizzle-orm";
import { reading } from "../../db/reading";
import { rowsOf, type Tx } from "../../db/scope";
import { accountsByMonth, type Covered, coveredIn, inMonth, salesIn } from "../books/reports";
import { startOfMonth, taxYearOf } from "../core/dates";
import type { LocalDate } from "../core/facts";
import { accounts as codes } from "../core/posting";
import { monthPeriod, monthsOf, type Period, yearPeriod } from "../core/reports/periods";
import { type Profit, profit } from "../core/reports/profit";
import { require, type Scope } from "../people/access";
import { type ChannelSales, salesByChannel } from "../sales/order-reads";
import { todayOf } from "../system/clock";

/** Where the price of an order stands in the books. */
const ofOrders: ReadonlySet<string> = new Set([codes.sales, codes.shippingIncome, codes.discounts]);

/** A figure of profit with the share of sales that it rests on. */
export type Earned = Readonly<{ period: Period; profit: Profit; covered: Covered }>;
/** Money somewhere: an account of the chart and what stands on it, in minor units. */
export type Held = Readonly<{ code: string; name: string; amount: bigint }>;

export type Home = Readonly<{
  today: LocalDate;
  month: Earned;
  year: Earned;
  /** The tax year's months until today, with their profit. */
  months: readonly Readonly<{ month: LocalDate; profit: Profit }>[];
  /** Items and shipping less discounts, from the orders of the year, as Sales has them; most first. */
  channels: readonly ChannelSales[];
  /** What the same orders come to in the books: sales, shipping income and discounts given. */
  sales: bigint;
  inventory: Readonly<{ balance: bigint; toDetail: bigint }>;
  held: readonly Held[];
  inTransit: bigint;
  banks: readonly Held[];
  /** What there is yet: an empty business is shown its first steps. */
  has: Readonly<{ transactions: boolean; channels: boolean; purchases: boolean; sales: boolean }>;
}>;

/** Everything on Home but the list of what needs a person (lib/needs.ts). `today` is for tests. */
export function homeOf(scope: Scope, today: LocalDate = todayOf(scope.timeZone)): Promise<Home> {
  require(scope, "read");
  const year = yearPeriod(taxYearOf(today, scope.taxYearStartMonth), scope.taxYearStartMonth);
  const month = monthPeriod(today);
  return reading({ ...scope, rows: "few" }, async (tx) => {
    // Sent together, one behind the other, since none waits for another's answer.
    const [accounts, money, channels, left, has] = await Promise.all([
      accountsByMonth(tx, scope, year),
      standings(tx, scope),
      salesByChannel(tx, scope, year),
      toDetail(tx, scope),
      whatThereIs(tx, scope),
    ]);
    const thisMonth = inMonth(accounts, month.from);
    const [coveredMonth, coveredYear] = await Promise.all([
      coveredIn(tx, scope, month, salesIn(thisMonth)),
      coveredIn(tx, scope, year, salesIn(accounts)),
    ]);
    const of = (code: string) => money.find((row) => row.code === code)?.amount ?? 0n;
    return {
      today,
      month: { period: month, profit: profit(thisMonth), covered: coveredMonth },
      year: { period: year, profit: profit(accounts), covered: coveredYear },
      months: monthsOf({ from: year.from, to: today }).map(({ from }) => ({
        month: startOfMonth(from),
        profit: profit(inMonth(accounts, startOfMonth(from))),
      })),
      channels,
      sales: accounts.reduce((sum, { code, amount }) => (ofOrders.has(code) ? sum - amount : sum), 0n),
      inventory: { balance: of(codes.inventory), toDetail: left },
      held: money.filter(({ holds }) => holds === "channel"),
      inTransit: of(codes.payoutsInTransit),
      banks: money.filter(({ holds }) => holds === "bank" || holds === "card" || holds === "cash"),
      has,
    };
  });
}

/** What stands on the accounts of money and stock, from their months' sums. */
async function standings(tx: Tx, scope: Scope): Promise<readonly (Held & Readonly<{ holds: string | null }>)[]> {
  const rows = await rowsOf<{ code: string; name: string; holds: string | null; amount: string }>(
    tx,
    sql`select a.code, a.name, a.holds, coalesce(sum(m.debit_minor - m.credit_minor), 0)::text as amount
        from app.accounts a left join app.account_months m on m.business_id = ${scope.businessId} and m.code = a.code
        where a.business_id = ${scope.businessId} and not a.is_archived
          and (a.holds is not null or a.code in (${codes.inventory}, ${codes.payoutsInTransit}))
        group by a.code, a.name, a.holds order by a.code`,
  );
  return rows.map((row) => ({ ...row, amount: BigInt(row.amount) }));
}

async function toDetail(tx: Tx, scope: Scope): Promise<bigint> {
  const [row] = await rowsOf<{ amount: string }>(
    tx,
    sql`select coalesce(sum(amount_minor - detailed_minor), 0)::text as amount from app.purchases
        where business_id = ${scope.businessId} and detailed_minor < amount_minor and not is_undone`,
  );
  return BigInt(row?.amount ?? "0");
}

async function whatThereIs(tx: Tx, scope: Scope): Promise<Home["has"]> {
  const any = (table: "transactions" | "channels" | "purchases" | "orders") =>
    sql`exists (select 1 from app.${sql.raw(table)} where business_id = ${scope.businessId})`;
  const [row] = await rowsOf<Home["has"] & Record<string, boolean>>(
    tx,
    sql`select ${any("transactions")} as transactions, ${any("channels")} as channels, ${any("purchases")} as purchases, ${any("orders")} as sales`,
  );
  return row ?? { transactions: false, channels: false, purchases: false, sales: false };
}
