import type { Metadata } from "next";
import { chartReport } from "@/lib/books/reports";
import { hasGst } from "@/lib/desk/gst-settings";
import { todayOf } from "@/lib/system/clock";
import { type BusinessParams, scopeOf } from "../../scope";
import { dayText } from "../../ui/days";
import { Fig, TextLink } from "../../ui/link";
import { Money } from "../../ui/money";
import { Page } from "../../ui/page-frame";
import { Section } from "../../ui/section";
import { Table } from "../../ui/table";

export const metadata: Metadata = { title: "Reports" };

/** What reports there are, and every account as a way into its postings. */
export default async function Reports({ params }: { params: BusinessParams }) {
  const scope = await scopeOf(params);
  const today = todayOf(scope.timeZone);
  const accounts = await chartReport(scope, today);
  const base = `/${scope.slug}`;
  const reports = [
    {
      href: `${base}/reports/profit`,
      name: "Profit and loss",
      says: "What was earned and spent in a year, a quarter, a month or any days, month by month and beside the period before.",
    },
    {
      href: `${base}/reports/balance`,
      name: "Balance sheet",
      says: "What the business has and owes at the end of any day.",
    },
    {
      href: `${base}/inventory/balances`,
      name: "Inventory",
      says: "What the stock is worth, what it cost, and everything that changed it.",
    },
    ...(hasGst(scope)
      ? [
          {
            href: `${base}/reports/gst`,
            name: "GST",
            says: "GSTR-1 for the portal, GSTR-3B with what makes each figure, stock against invoices, and the stock record.",
          },
        ]
      : []),
    {
      href: `${base}/settings/proof`,
      name: "Proof of the books",
      says: "Everything worked out again from what was recorded, and compared to the cent.",
    },
  ];
  return (
    <Page path={[{ label: "Reports" }]} title="Reports">
      <ul className="border-rule-2 border-t">
        {reports.map(({ href, name, says }) => (
          <li key={href} className="border-rule border-b py-3">
            <TextLink href={href}>{name}</TextLink>
            <p className="q">{says}</p>
          </li>
        ))}
      </ul>
      <Section
        title="Accounts"
        note={`with what stands on each, ${dayText(today)}; income and costs since the tax year began`}
      >
        <Table
          caption="Accounts with their balances"
          rows={accounts}
          keyOf={(row) => row.code}
          hrefOf={(row) => `${base}/reports/accounts/${row.code}`}
          columns={[
            { key: "code", head: "Code", quiet: true, width: 72, cell: (row) => <span className="n">{row.code}</span> },
            {
              key: "name",
              head: "Account",
              rowHead: true,
              phone: "what",
              cell: (row) => <Fig href={`${base}/reports/accounts/${row.code}`}>{row.name}</Fig>,
            },
            { key: "kind", head: "Kind", quiet: true, phone: "where", cell: (row) => kinds[row.type] },
            {
              key: "amount",
              head: "Stands at",
              align: "right",
              phone: "amount",
              cell: (row) => <Money of={{ amountMinor: row.amount, currency: scope.currency }} />,
            },
          ]}
        />
      </Section>
    </Page>
  );
}

const kinds = {
  asset: "what you have",
  liability: "what you owe",
  equity: "yours",
  income: "income",
  contra_income: "less income",
  cost_of_sales: "cost of sales",
  expense: "expense",
} as const;
