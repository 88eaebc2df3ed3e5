import { Button } from "@/app/ui/button";
import { Changes } from "@/app/ui/changes";
import { Chart } from "@/app/ui/chart";
import { Coverage, CoverageBar } from "@/app/ui/coverage";
import { Fig, TextLink } from "@/app/ui/link";
import { Money, moneyText } from "@/app/ui/money";
import { NeedsYou } from "@/app/ui/needs-you";
import { Progress } from "@/app/ui/progress";
import { Columns, Note, Section } from "@/app/ui/section";
import { Roll, Tape } from "@/app/ui/tape";

const usd = (amountMinor: bigint) => ({ amountMinor, currency: "USD" });

/** Month, net sales, cost of goods, expenses and profit of the worked business, in cents. */
const months = [
  ["Jan", 257340n, 81593n, 88702n, 87045n],
  ["Feb", 176805n, 56958n, 65574n, 54273n],
  ["Mar", 280335n, 86186n, 89515n, 104634n],
  ["Apr", 253135n, 79247n, 84173n, 89715n],
  ["May", 349595n, 121394n, 103259n, 124942n],
  ["Jun", 303805n, 100847n, 109435n, 93523n],
  ["Jul", 318670n, 94887n, 100534n, 123249n],
  ["Aug", 345520n, 117044n, 99513n, 128963n],
  ["Sep", 301765n, 110237n, 95851n, 95677n],
  ["Oct", 339595n, 111093n, 113591n, 114911n],
  ["Nov to 21", 351595n, 113720n, 102784n, 135091n],
] as const;

function MonthTable() {
  return (
    <table className="tbl">
      <caption className="vh">Profit by month</caption>
      <thead>
        <tr>
          <th scope="col">2026</th>
          {["Net sales", "Cost of goods", "Expenses", "Profit"].map((head) => (
            <th key={head} scope="col" className="num">
              {head}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {months.map(([label, ...figures]) => (
          <tr key={label}>
            <th scope="row">{label}</th>
            {figures.map((figure) => (
              <td key={String(figure)} className="num">
                <Money of={usd(figure)} />
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Tape, roll, list of work, charts, coverage, progress, preview. */
export function FigureParts() {
  return (
    <>
      <Section title="Tape">
        <Tape
          terms={[
            { label: "Balance, 1 Jan 2026", value: "3,454.11" },
            { op: "+", label: "Purchases", value: "14,736.56", sub: "32 purchases" },
            {
              op: "−",
              label: "Cost of Goods Sold",
              value: "10,732.06",
              asked: true,
              sub: "sold 10,790.55, back −112.92, shrinkage 54.43",
            },
            {
              op: "=",
              label: "Current Balance",
              value: "7,458.61",
              asked: true,
              proved: true,
              sub: "6,661.61 in lots, 797.00 still to detail",
            },
          ]}
        />
        <Tape
          terms={[
            { label: "Sold in 2026", value: "29,413.00", asked: true, sub: "756 lines" },
            { label: "Gross margin", value: "60.7%", asked: true, sub: "27,428.00 sold for 10,790.55 cost" },
            {
              label: "It rests on 93.3% of sales",
              value: <CoverageBar known={2742800n} whole={2941300n} says="Cost known for" />,
              rest: true,
              sub: <TextLink href="/kit">14 lines, 1,985.00 of sales, need a cost</TextLink>,
            },
          ]}
        />
      </Section>
      <Columns kind="home" lead>
        <div>
          <Section title="Needs you" note="29 things" first>
            <NeedsYou
              needs={[
                {
                  key: "details",
                  count: 5,
                  what: "purchases to detail",
                  verb: "Add details",
                  href: "/kit",
                  why: "797.00 paid and not yet in lots",
                },
                {
                  key: "costs",
                  count: 14,
                  what: "sales need a cost",
                  verb: "Add costs",
                  href: "/kit",
                  why: "1,985.00 of sales; profit reads high until then",
                },
                {
                  key: "place",
                  count: 1,
                  what: "refunded item not placed",
                  verb: "Place it",
                  href: "/kit",
                  why: "Order #1401, linen tea towel: back on the shelf, or gone?",
                },
              ]}
            />
          </Section>
          <Section title="Held by channels">
            <Roll
              title="Money held by channels"
              lines={[
                { label: "eBay", value: "321.53" },
                { label: "Etsy", value: "303.42" },
                { label: "Together", value: "624.95", sum: true, proved: true },
              ]}
            />
          </Section>
          <Section title="The proof">
            <Roll
              title="The proof"
              lines={[
                { op: "+", label: "Items sold", value: "589.00" },
                { op: "−", label: "Fees on orders", value: "257.24" },
                { op: "=", label: "In your books", value: "331.76", line: true },
                { op: "−", label: "Paid out by eBay", value: "331.76" },
                { op: "=", label: "Left over", value: "0.00", sum: true, proved: true },
              ]}
            />
          </Section>
        </div>
        <div>
          <Section
            title="Profit by month"
            note="US dollars, after all expenses"
            more={<TextLink href="/kit">Profit and loss</TextLink>}
            first
          >
            <Chart
              says="Bar chart of profit by month, January to 21 November 2026"
              series={[{ key: "profit", label: "Profit", ink: "c1" }]}
              bands={months.map(([label, sales, , , profit]) => ({
                label,
                values: { profit: Number(profit) / 100 },
                open: label === "Nov to 21",
                says: [
                  ["Net sales", moneyText(usd(sales))],
                  ["Profit", moneyText(usd(profit))],
                ],
              }))}
              table={<MonthTable />}
            />
          </Section>
          <Section title="Coverage">
            <Coverage
              known={2742800n}
              whole={2941300n}
              says="Cost known for"
              rest={<TextLink href="/kit">14 lines need a cost</TextLink>}
            />
          </Section>
          <Note>
            Inventory stands at <Fig href="/kit">7,458.61</Fig>, of which <Money of={usd(-79700n)} /> is to be detailed.
          </Note>
        </div>
      </Columns>
      <Section title="Where each month of net sales went" note="US dollars">
        <Chart
          says="Stacked bars: where each month of net sales went, January to 21 November 2026"
          kind="stack"
          width="full"
          series={[
            { key: "profit", label: "Profit", ink: "c1" },
            { key: "cost", label: "Cost of goods", ink: "k1" },
            { key: "other", label: "Expenses", ink: "k2" },
          ]}
          bands={months.map(([label, , cost, other, profit]) => ({
            label,
            values: { profit: Number(profit) / 100, cost: Number(cost) / 100, other: Number(other) / 100 },
            says: [
              ["Profit", moneyText(usd(profit))],
              ["Cost of goods", moneyText(usd(cost))],
              ["Expenses", moneyText(usd(other))],
            ],
          }))}
          table={<MonthTable />}
        />
      </Section>
      <Progress
        title="Amazon, first sync"
        since="1 Jan 2026 to today, oldest first"
        what="orders"
        now={{
          done: 506,
          total: 1234,
          note: "20 a minute, as fast as Amazon allows. About 36 minutes remain.",
          state: "paused",
        }}
        steps={[
          { label: "Listings", kind: "done", count: 312, note: "298 matched by SKU, 9 by name, 5 for you to choose" },
          { label: "Orders", kind: "work", count: 506, note: "now at 2 Jun 2026; 3 skipped" },
          { label: "Settlements", kind: "waiting", count: 23, note: "waiting for orders" },
          { label: "Costs", kind: "waiting", count: null, note: "FIFO runs when the settlements are in" },
        ]}
        actions={
          <>
            <Button kind="link" type="button">
              Pause
            </Button>
            <Button kind="link" type="button">
              Cancel and take back
            </Button>
          </>
        }
      />
      <Changes
        note="14 Nov 2026, November is open. No other sale changes."
        changes={[
          { label: "Cost of this sale", now: "needs cost", change: "+42.00", after: "42.00" },
          { label: "Profit on it", now: "124.60", change: "−42.00", after: "82.60" },
          { label: "Cost of Goods Sold, 2026", now: "10,732.06", change: "+42.00", after: "10,774.06" },
          { label: "Current Balance", now: "7,458.61", change: "−42.00", after: "7,416.61" },
          { label: "Cost known for", now: "93.3%", change: "+0.4 points", after: "93.7%" },
        ]}
      />
    </>
  );
}
