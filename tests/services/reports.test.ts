/** The reports against the journal itself, on a year of trade; beside a business that must not be seen in them. */
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { closeDatabase, inBusiness } from "../../db/scope";
import { type AccountRow, accountPage, entryPage } from "../../lib/books/journal-reads";
import { balanceReport, chartReport, profitReport } from "../../lib/books/reports";
import { verifyBooks } from "../../lib/books/verify";
import type { Days } from "../../lib/core/reports/periods";
import type { Figure, Profit } from "../../lib/core/reports/profit";
import { openDemo } from "../../lib/demo/open";
import { homeOf } from "../../lib/desk/home";
import type { Scope } from "../../lib/people/access";
import { record } from "../../lib/record";
import { addChannel } from "../../lib/sales/channel-accounts";
import { aPerson, aSeller } from "../../scripts/lib/sellers";
import { testDatabase } from "../support/database";

const today = "2026-11-21";
const origin = { source: null, userId: null };
let owner: postgres.Sql;
let demo: Scope;
let other: Scope;

beforeAll(async () => {
  owner = postgres((await testDatabase()).url, { max: 2, onnotice: () => undefined });
  demo = await openDemo(await aPerson(), today);
  other = await aSeller("The other");
  await inBusiness(other, (tx) => addChannel(tx, other, { id: "stall", kind: "hand", name: "Stall", state: "file" }));
  await record(
    other,
    [
      { fact: { kind: "item", id: "i", name: "Mug", sku: "MUG", decimals: 0, aliases: [] }, version: null },
      {
        fact: {
          kind: "purchase",
          id: "p",
          date: "2025-12-30",
          amount: 1_000n,
          lines: [{ id: "p-1", item: "i", qty: 4n, amount: 1_000n, location: null }],
          extras: [],
          account: "1000",
          supplier: "Kiln",
        },
        version: null,
      },
      {
        fact: {
          kind: "order",
          id: "o",
          channel: "stall",
          when: { on: "2026-01-05", at: null },
          number: "S-1",
          lines: [{ id: "o-1", sku: "MUG", name: "Mug", listing: null, qty: 1n, amount: 900n, location: null }],
          shipping: 0n,
          tax: 0n,
          taxBy: "seller",
          discount: 0n,
          fees: [{ kind: "payment", amount: 30n }],
        },
        version: null,
      },
    ],
    origin,
  );
}, 180_000);
afterAll(async () => {
  await Promise.all([owner.end(), closeDatabase()]);
});

/** Income less costs straight from the postings of some days, of documents of the kinds given. */
async function earned(scope: Scope, { from, to }: Days, kinds: readonly string[] | null = null): Promise<bigint> {
  const [row] = await owner<{ amount: string }[]>`
    select coalesce(sum(case when a.code = p.credit then p.amount_minor else -p.amount_minor end), 0)::text as amount
    from app.postings p
    join app.journal_entries e on e.business_id = p.business_id and e.id = p.entry_id
    join app.accounts a on a.business_id = p.business_id and a.code in (p.debit, p.credit)
      and a.type in ('income', 'contra_income', 'cost_of_sales', 'expense')
    where p.business_id = ${scope.businessId} and p.posted_on between ${from} and ${to}
      and (${kinds === null} or e.document_kind = any(${kinds ?? []}))`;
  return BigInt(row?.amount ?? "0");
}

const periods: readonly Days[] = [
  { from: "2026-01-01", to: "2026-12-31" },
  { from: "2026-03-01", to: "2026-03-31" },
  { from: "2026-03-10", to: "2026-03-20" },
  { from: "2026-02-11", to: "2026-06-03" },
  { from: "2026-02-20", to: "2026-03-04" },
  { from: "2025-11-22", to: "2026-11-21" },
];

function addsUp(figure: Figure): void {
  expect(figure.children.reduce((sum, child) => sum + child.amount, 0n)).toBe(figure.amount);
}

function partsOf(profit: Profit): readonly Figure[] {
  return [profit.income, profit.costOfGoodsSold, profit.expenses];
}

describe("profit and loss", () => {
  test.each(periods)("from $from to $to is what the journal says, by month and in all", async (period) => {
    const report = await profitReport(demo, period);
    expect(report.whole.netProfit.amount).toBe(await earned(demo, period));
    expect(report.isProved).toBe(true);
    for (const part of partsOf(report.whole)) addsUp(part);
    for (const { days, profit } of report.months) {
      expect(profit.netProfit.amount).toBe(await earned(demo, days));
      for (const part of partsOf(profit)) addsUp(part);
    }
    for (const key of ["income", "costOfGoodsSold", "grossProfit", "expenses", "netProfit"] as const)
      expect(report.months.reduce((sum, { profit }) => sum + profit[key].amount, 0n)).toBe(report.whole[key].amount);
  });

  test("agrees with the sum of the orders' profits and what belongs to no order", async () => {
    const period = { from: "2025-11-22", to: "2026-11-21" };
    const [row] = await owner<{ orders: string; shrinkage: string }[]>`
      select (select sum(o.gross_minor + o.shipping_minor - o.discount_minor - o.fees_minor - o.charges_minor - o.refunded_minor
                - coalesce((select sum(l.cost_minor - l.cost_back_minor) from app.order_lines l
                            where l.business_id = o.business_id and l.order_id = o.id), 0))::text
              from app.orders o where o.business_id = ${demo.businessId} and not o.is_undone) as orders,
        (select coalesce(sum(case when debit = '5100' then amount_minor when credit = '5100' then -amount_minor else 0 end), 0)::text
          from app.postings where business_id = ${demo.businessId}) as shrinkage`;
    const [loose] = await owner<{ amount: string }[]>`
      select coalesce(sum(amount_minor), 0)::text as amount from app.charges c
      where c.business_id = ${demo.businessId} and not c.is_undone and category not in ('tax_collected', 'tax_remitted', 'loan')
        and not exists (select 1 from app.orders o where o.business_id = c.business_id and o.id = c.order_id)`;
    const { whole } = await profitReport(demo, period);
    // What was filed on the bank's lines: postage, packaging, the stall's fees.
    const bank = await earned(demo, period, ["transaction"]);
    expect(bank).toBeLessThan(0n);
    expect(whole.netProfit.amount).toBe(
      BigInt(row?.orders ?? "0") + BigInt(loose?.amount ?? "0") - BigInt(row?.shrinkage ?? "0") + bank,
    );
    // The same by kind of document: nothing is earned or spent by what is none of these.
    const kinds = ["order", "return", "charge", "cost", "adjustment"];
    expect((await earned(demo, period, kinds)) + bank).toBe(whole.netProfit.amount);
  });

  test("stands beside the period that it is compared with", async () => {
    const before = { from: "2026-09-01", to: "2026-09-30" };
    const report = await profitReport(demo, { from: "2026-10-01", to: "2026-10-31" }, before);
    expect(report.before?.netProfit.amount).toBe(await earned(demo, before));
  });

  test("says on what share of sales it rests", async () => {
    const period = { from: "2026-01-01", to: "2026-12-31" };
    const { covered } = await profitReport(demo, period);
    const [row] = await owner<{ all: string; missing: string; n: number }[]>`
      select sum(amount_minor - discount_minor)::text as all,
        sum(amount_minor - discount_minor) filter (where short_qty > 0)::text as missing, count(*) filter (where short_qty > 0)::int as n
      from app.order_lines where business_id = ${demo.businessId} and on_date between ${period.from} and ${period.to} and not is_undone`;
    expect(covered.sales).toBe(BigInt(row?.all ?? "0"));
    expect(covered.missing).toBe(BigInt(row?.missing ?? "0"));
    expect(covered.missing).toBeGreaterThan(0n);
    expect(covered.lines).toBe(row?.n);
    expect(covered.known).toBe(covered.sales - covered.missing);
  });

  test("shows a business its own books only", async () => {
    const { whole, covered } = await profitReport(other, { from: "2026-01-01", to: "2026-12-31" });
    expect(whole.income.amount).toBe(900n);
    expect(whole.netProfit.amount).toBe(900n - 30n - 250n);
    expect(covered).toEqual({ sales: 900n, known: 900n, missing: 0n, lines: 0 });
  });
});

describe("the balance sheet", () => {
  test.each(["2025-12-31", "2026-01-01", "2026-03-17", "2026-10-31", today])(
    "of %s balances, and is what was posted until then",
    async (on) => {
      const sheet = await balanceReport(demo, on);
      expect(sheet.difference).toBe(0n);
      expect(sheet.assets.amount).toBe(sheet.liabilities.amount + sheet.equity.amount);
      for (const part of [sheet.assets, sheet.liabilities, sheet.equity]) addsUp(part);
      const [row] = await owner<{ amount: string }[]>`
        select coalesce(sum(case when debit = '1200' then amount_minor when credit = '1200' then -amount_minor else 0 end), 0)::text as amount
        from app.postings where business_id = ${demo.businessId} and posted_on <= ${on}`;
      expect(sheet.assets.children.find(({ accounts }) => accounts[0] === "1200")?.amount).toBe(
        BigInt(row?.amount ?? "0"),
      );
    },
  );

  test("tells this year's profit from that of earlier ones", async () => {
    const sheet = await balanceReport(demo, today);
    const of = (label: string) => sheet.equity.children.find((child) => child.label === label)?.amount;
    expect(of("Profit of earlier years")).toBe(await earned(demo, { from: "2000-01-01", to: "2025-12-31" }));
    expect(of("Profit of this year")).toBe(await earned(demo, { from: "2026-01-01", to: today }));
  });
});

/** Reads an account page by page, forwards. */
async function walk(scope: Scope, code: string, period: Days, limit: number): Promise<readonly AccountRow[]> {
  const rows: AccountRow[] = [];
  let after: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof accountPage>> = await accountPage(scope, code, period, { after, limit });
    rows.push(...page.rows);
    after = page.after;
  } while (after !== null);
  return rows;
}

describe("an account's page", () => {
  test.each([
    ["1200", { from: "2026-02-11", to: "2026-06-03" }],
    ["6000", { from: "2026-03-10", to: "2026-05-31" }],
    ["4090", { from: "2026-01-01", to: "2026-12-31" }],
    ["1150", { from: "2026-10-01", to: "2026-10-31" }],
  ] as const)(
    "of %s goes from opening to closing, posting by posting, whatever the page's length",
    async (code, period) => {
      const whole = await accountPage(demo, code, period, { limit: 2_000 });
      expect(whole.before).toBeNull();
      expect(whole.after).toBeNull();
      expect(whole.rows.length).toBeGreaterThan(4);
      let balance = whole.opening;
      for (const row of whole.rows) {
        balance += row.amount;
        expect(row.balance).toBe(balance);
      }
      expect(balance).toBe(whole.closing);
      expect(whole.moved).toBe(whole.closing - whole.opening);
      const short = await walk(demo, code, period, 7);
      expect(short).toEqual(whole.rows);
      const [count] = await owner<{ n: number }[]>`
      select count(*)::int as n from app.postings where business_id = ${demo.businessId} and (debit = ${code} or credit = ${code})
        and posted_on between ${period.from} and ${period.to}`;
      expect(whole.rows.length).toBe(count?.n);
    },
  );

  test("goes back as it went forwards", async () => {
    const period = { from: "2026-01-01", to: "2026-12-31" };
    const first = await accountPage(demo, "5000", period, { limit: 9 });
    const second = await accountPage(demo, "5000", period, { limit: 9, after: first.after });
    const third = await accountPage(demo, "5000", period, { limit: 9, after: second.after });
    const back = await accountPage(demo, "5000", period, { limit: 9, before: third.before });
    expect(back.rows).toEqual(second.rows);
    const start = await accountPage(demo, "5000", period, { limit: 9, before: back.before });
    expect(start.rows).toEqual(first.rows);
    expect(start.before).toBeNull();
  });

  test("has the figure of the report that leads to it", async () => {
    const period = { from: "2026-02-11", to: "2026-06-03" };
    const { whole } = await profitReport(demo, period);
    for (const part of partsOf(whole))
      for (const { accounts, amount } of part.children)
        expect((await accountPage(demo, accounts[0] ?? "", period)).moved).toBe(amount);
    const sheet = await balanceReport(demo, today);
    for (const { accounts, amount, label } of [
      ...sheet.assets.children,
      ...sheet.liabilities.children,
      ...sheet.equity.children,
    ])
      if (!label.startsWith("Profit of"))
        expect((await accountPage(demo, accounts[0] ?? "", { from: "2026-01-01", to: today })).closing).toBe(amount);
  });

  test("starts income and costs at nothing each tax year", async () => {
    const page = await accountPage(demo, "4000", { from: "2026-01-01", to: "2026-01-31" });
    expect(page.opening).toBe(0n);
    const later = await accountPage(demo, "4000", { from: "2026-02-15", to: "2026-02-28" });
    const { whole } = await profitReport(demo, { from: "2026-01-01", to: "2026-02-14" });
    expect(later.opening).toBe(whole.income.children.find(({ accounts }) => accounts[0] === "4000")?.amount);
  });

  test("is not there for an account of nobody, and shows nothing of the other business", async () => {
    await expect(accountPage(demo, "7777", { from: "2026-01-01", to: today })).rejects.toMatchObject({
      code: "not_found",
    });
    const page = await accountPage(other, "4000", { from: "2026-01-01", to: "2026-12-31" });
    expect(page.rows.map(({ amount, document }) => [amount, document.order?.number])).toEqual([[900n, "S-1"]]);
  });

  test("every account stands where its page says", async () => {
    for (const { code, amount } of await chartReport(other, "2026-06-30"))
      expect([code, (await accountPage(other, code, { from: "2026-01-01", to: "2026-12-31" })).closing]).toEqual([
        code,
        amount,
      ]);
  });
});

describe("an entry", () => {
  test("has one debit or credit line an account, equal on both sides, and the rest of its document", async () => {
    const page = await accountPage(other, "4000", { from: "2026-01-01", to: "2026-12-31" });
    const entry = await entryPage(other, page.rows[0]?.entry ?? "");
    expect(entry.lines.map(({ code, debit, credit }) => [code, debit, credit])).toEqual([
      ["1150", 900n, 0n],
      ["4000", 0n, 900n],
    ]);
    expect(entry.document.order).toEqual({ id: "o", number: "S-1", channel: "Stall" });
    expect(entry.others.map(({ purpose, amount }) => [purpose, amount])).toEqual([["fees", 30n]]);
    const cost = (await accountPage(other, "5000", { from: "2026-01-01", to: "2026-12-31" })).rows[0];
    expect(cost?.document.order?.number).toBe("S-1");
    expect(cost?.item).toBe("Mug");
  });

  test("of another business is not there", async () => {
    const page = await accountPage(demo, "4000", { from: "2026-01-01", to: "2026-12-31" }, { limit: 1 });
    await expect(entryPage(other, page.rows[0]?.entry ?? "")).rejects.toMatchObject({ code: "not_found" });
    await expect(entryPage(other, "x")).rejects.toMatchObject({ code: "not_found" });
  });
});

describe("Home", () => {
  test("says the same as the reports", async () => {
    const home = await homeOf(demo, today);
    const year = await profitReport(demo, { from: "2026-01-01", to: "2026-12-31" });
    expect(home.year.profit).toEqual(year.whole);
    expect(home.year.covered).toEqual(year.covered);
    expect(home.month.profit.netProfit.amount).toBe(await earned(demo, { from: "2026-11-01", to: "2026-11-30" }));
    expect(home.months.map(({ month }) => month.slice(5, 7)).join(" ")).toBe("01 02 03 04 05 06 07 08 09 10 11");
    expect(home.months.reduce((sum, { profit }) => sum + profit.netProfit.amount, 0n)).toBe(
      home.year.profit.netProfit.amount,
    );
    const sheet = await balanceReport(demo, today);
    const of = (figure: Figure, code: string) =>
      figure.children.find(({ accounts }) => accounts[0] === code)?.amount ?? 0n;
    // What is owed on a card stands below zero among the money.
    const on = (code: string) => of(sheet.assets, code) - of(sheet.liabilities, code);
    expect(home.inventory.balance).toBe(on("1200"));
    for (const { code, amount } of [...home.held, ...home.banks]) expect(amount).toBe(on(code));
    expect(home.held.length).toBe(3);
  });

  test("adds the channels' sales to the sales of the books", async () => {
    const home = await homeOf(demo, today);
    expect(home.channels.reduce((sum, { sales }) => sum + sales, 0n)).toBe(home.sales);
    expect((await homeOf(other, today)).channels).toEqual([{ id: "stall", name: "Stall", orders: 1, sales: 900n }]);
  });
});

test("nothing of all that moved the books", async () => {
  expect((await verifyBooks(demo)).findings).toBe(0);
  expect((await verifyBooks(other)).findings).toBe(0);
});
