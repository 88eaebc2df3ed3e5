import { endOfMonth } from "@/lib/core/dates";
import { periodKey } from "@/lib/core/reports/periods";
import type { Home } from "@/lib/desk/home";
import { Chart } from "../ui/chart";
import { monthText } from "../ui/days";
import { countText, moneyText, shareText, shareWidth } from "../ui/figures";
import { Fig, TextLink } from "../ui/link";
import { Money } from "../ui/money";
import { Section } from "../ui/section";
import { Table } from "../ui/table";
import { drawn } from "./drawn";
import { periodText } from "./reports/period";

type Part = { home: Home; base: string; currency: string };

/** Currencies as they are spoken of: "US dollars". */
export function currencyName(currency: string): string {
  const parts = new Intl.NumberFormat("en", { style: "currency", currency, currencyDisplay: "name" }).formatToParts(2);
  return parts.find(({ type }) => type === "currency")?.value ?? currency;
}

/** Profit of each month of the tax year, with income, cost and expenses to the cent in the table under it. */
export function ProfitByMonth({ home, base, currency }: Part) {
  const money = (amountMinor: bigint) => ({ amountMinor, currency });
  const year = home.year.period;
  const rows = home.months.map(({ month, profit }) => ({
    month,
    label: monthText(Number(month.slice(5, 7))),
    isOpen: endOfMonth(month) > home.today,
    income: profit.income.amount,
    cost: profit.costOfGoodsSold.amount,
    expenses: profit.expenses.amount,
    profit: profit.netProfit.amount,
  }));
  return (
    <Section
      title="Profit by month"
      note={`${currencyName(currency)}, after all expenses`}
      more={<TextLink href={`${base}/reports/profit?period=${periodKey(year)}`}>Profit and loss</TextLink>}
      first
    >
      <Chart
        says={`Profit by month, ${periodText(year)}: ${rows.map((row) => `${row.label} ${moneyText(money(row.profit))}`).join(", ")}`}
        series={[{ key: "profit", label: "Profit", ink: "c1" }]}
        bands={rows.map((row) => ({
          label: row.isOpen ? `${row.label} to ${Number(home.today.slice(8))}` : row.label,
          values: { profit: drawn(row.profit, currency) },
          open: row.isOpen,
          says: [
            ["Income", moneyText(money(row.income))],
            ["Cost of goods sold", moneyText(money(row.cost))],
            ["Expenses", moneyText(money(row.expenses))],
            ["Profit", moneyText(money(row.profit))],
          ] as const,
        }))}
        table={
          <Table
            caption={`Income, cost, expenses and profit by month, ${periodText(year)}`}
            phone="scroll"
            rows={rows}
            keyOf={(row) => row.month}
            columns={[
              {
                key: "month",
                head: periodText(year),
                rowHead: true,
                cell: (row) => <Fig href={`${base}/reports/profit?period=${row.month.slice(0, 7)}`}>{row.label}</Fig>,
              },
              { key: "income", head: "Income", align: "right", cell: (row) => <Money of={money(row.income)} /> },
              {
                key: "cost",
                head: "Cost of goods sold",
                align: "right",
                cell: (row) => <Money of={money(row.cost)} />,
              },
              { key: "expenses", head: "Expenses", align: "right", cell: (row) => <Money of={money(row.expenses)} /> },
              { key: "profit", head: "Profit", align: "right", cell: (row) => <Money of={money(row.profit)} /> },
            ]}
            totals={{
              label: "Together",
              span: 1,
              figures: {
                income: <Money of={money(home.year.profit.income.amount)} />,
                cost: <Money of={money(home.year.profit.costOfGoodsSold.amount)} />,
                expenses: <Money of={money(home.year.profit.expenses.amount)} />,
                profit: <Money of={money(home.year.profit.netProfit.amount)} />,
              },
            }}
          />
        }
      />
    </Section>
  );
}

/** What each channel sold this year, with its share; the total has its double rule where the books say the same. */
export function SalesByChannel({ home, base, currency }: Part) {
  const money = (amountMinor: bigint) => ({ amountMinor, currency });
  const total = home.channels.reduce((sum, { sales }) => sum + sales, 0n);
  const most = home.channels[0]?.sales ?? 0n;
  if (home.channels.length === 0) return null;
  return (
    <Section title="Sales by channel" note={`with shipping, less discounts, ${periodText(home.year.period)} to date`}>
      <Table
        caption={`Sales by channel, ${periodText(home.year.period)} to date`}
        rows={home.channels}
        keyOf={(row) => row.id}
        columns={[
          {
            key: "channel",
            head: "Channel",
            rowHead: true,
            phone: "what",
            cell: (row) => <TextLink href={`${base}/sales?channel=${encodeURIComponent(row.id)}`}>{row.name}</TextLink>,
          },
          {
            key: "drawn",
            head: "Share, drawn",
            headHidden: true,
            phone: "where",
            width: 140,
            cell: (row) => <span className="share" style={{ width: shareWidth(row.sales, most) }} />,
          },
          { key: "orders", head: "Orders", align: "right", cell: (row) => countText(row.orders) },
          {
            key: "sales",
            head: "Sales",
            align: "right",
            phone: "amount",
            cell: (row) => <Money of={money(row.sales)} />,
          },
          { key: "share", head: "Share", align: "right", phone: "second", cell: (row) => shareText(row.sales, total) },
        ]}
        totals={{
          label: "All channels",
          span: 2,
          figures: {
            orders: countText(home.channels.reduce((sum, { orders }) => sum + orders, 0)),
            sales: <Money of={money(total)} />,
            share: shareText(total, total),
          },
          proved: total === home.sales ? ["sales"] : [],
        }}
      />
    </Section>
  );
}
