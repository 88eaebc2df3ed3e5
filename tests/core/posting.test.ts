import { describe, expect, test } from "vitest";
import { startingChart } from "../../lib/core/chart";
import type { Fact, OrderFact } from "../../lib/core/facts";
import type { Posting } from "../../lib/core/journal";
import {
  accounts,
  chargeAccount,
  costPostings,
  feeAccount,
  type PostingContext,
  postingsOf,
} from "../../lib/core/posting";
import { balanceSheet } from "../../lib/core/reports/balance";
import { type AccountBalance, profit } from "../../lib/core/reports/profit";

const context: PostingContext = {
  channelAccount: () => "1150",
  channelOf: () => "etsy",
  taxByOf: () => "seller",
  currency: "USD",
  on: (fact) => ("date" in fact ? fact.date : fact.kind === "order" ? fact.when.on : ""),
};

const order: OrderFact = {
  kind: "order",
  id: "o1",
  channel: "etsy",
  when: { on: "2025-03-02", at: null },
  number: "1001",
  lines: [{ id: "o1-1", sku: null, name: "Widget", listing: null, qty: 1n, amount: 5000n, location: null }],
  shipping: 500n,
  tax: 440n,
  taxBy: "channel",
  discount: 0n,
  fees: [
    { kind: "commission", amount: 729n },
    { kind: "label", amount: 410n },
  ],
};

/** Debits less credits of each account that is not at zero. */
function balances(postings: readonly Posting[]): Record<string, bigint> {
  const sums = new Map<string, bigint>();
  for (const { debit, credit, amount } of postings) {
    expect(amount > 0n).toBe(true);
    sums.set(debit, (sums.get(debit) ?? 0n) + amount);
    sums.set(credit, (sums.get(credit) ?? 0n) - amount);
  }
  return Object.fromEntries([...sums].filter(([, amount]) => amount !== 0n));
}

const about = { line: "l1", effectiveOn: "2025-03-02", item: "w1", location: "main" };

describe("one order in full", () => {
  const payout = { kind: "payout", id: "y1", channel: "etsy", date: "2025-03-05", amount: 4361n } as const;
  const postings = () => [
    ...postingsOf(order, context),
    ...costPostings({ ...about, kind: "sale", cost: 2000n }),
    ...postingsOf(payout, context),
  ];

  test("leaves the channel's balance at nothing, the tax remitted, the payout on its way, a profit of 23.61", () => {
    expect(balances(postings())).toEqual({
      "1180": 4361n,
      "1200": -2000n,
      "4000": -5000n,
      "4010": -500n,
      "5000": 2000n,
      "6000": 729n,
      "6030": 410n,
    });
    const chart = new Map(startingChart("US").map((account) => [account.code, account]));
    const rows: AccountBalance[] = Object.entries(balances(postings())).map(([code, amount]) => ({
      code,
      name: chart.get(code)?.name ?? "",
      type: chart.get(code)?.type ?? "asset",
      amount,
    }));
    const result = profit(rows);
    expect([result.income.amount, result.grossProfit.amount, result.netProfit.amount]).toEqual([5500n, 3500n, 2361n]);
    expect(result.income.children.map(({ label, amount, accounts: of }) => [label, amount, of])).toEqual([
      ["Sales", 5000n, ["4000"]],
      ["Shipping income", 500n, ["4010"]],
    ]);
    expect(result.netProfit.accounts).toEqual(["4000", "4010", "5000", "6000", "6030"]);
    const sheet = balanceSheet(
      rows,
      rows.filter(({ code }) => code === "6030"),
    );
    expect([sheet.assets.amount, sheet.liabilities.amount, sheet.equity.amount, sheet.difference]).toEqual([
      2361n,
      0n,
      2361n,
      0n,
    ]);
    expect(sheet.equity.children.map(({ label, amount }) => [label, amount])).toEqual([
      ["Profit of earlier years", -410n],
      ["Profit of this year", 2771n],
    ]);
    expect(balanceSheet(rows.slice(1), []).difference).not.toBe(0n);
  });

  test("is three purposes: what the buyer paid, the tax remitted on the same day, the fees", () => {
    expect(
      postingsOf(order, context).map(({ purpose, debit, credit, amount }) => [purpose, debit, credit, amount]),
    ).toEqual([
      ["order", "1150", "4000", 5000n],
      ["order", "1150", "4010", 500n],
      ["order", "1150", "2210", 440n],
      ["tax", "2210", "1150", 440n],
      ["fees", "6000", "1150", 729n],
      ["fees", "6030", "1150", 410n],
    ]);
  });

  test("the seller's own tax is owed; a discount is a debit; a fee credited back goes the other way", () => {
    const own = { ...order, taxBy: "seller", discount: 300n, fees: [{ kind: "payment", amount: -20n }] } as const;
    expect(balances(postingsOf(own, context))).toEqual({
      "1150": 5000n + 500n + 440n - 300n + 20n,
      "2200": -440n,
      "4000": -5000n,
      "4010": -500n,
      "4080": 300n,
      "6010": -20n,
    });
  });
});

describe("the other facts", () => {
  const line = { id: "l1", item: "w1", qty: 2n, amount: 300n, location: null };
  const facts: readonly (readonly [name: string, fact: Fact, wanted: Record<string, bigint>])[] = [
    ["opening stock", { kind: "opening", id: "b", date: "2025-01-01", lines: [line] }, { "1200": 300n, "3090": -300n }],
    [
      "a purchase is Inventory whole, details or not",
      {
        kind: "purchase",
        id: "p",
        date: "2025-01-01",
        amount: 900n,
        lines: [line],
        extras: [],
        account: "1010",
        supplier: null,
      },
      { "1200": 900n, "1010": -900n },
    ],
    [
      "a refund goes whole to refunds",
      {
        kind: "return",
        id: "r",
        date: "2025-01-01",
        order: "o1",
        lines: [
          {
            id: "r1",
            line: "o1-1",
            qty: 1n,
            amount: 250n,
            restock: true,
            writeOff: false,
            location: null,
            placed: true,
          },
        ],
      },
      { "1150": -250n, "4090": 250n },
    ],
    [
      "a return of a sale not in the books comes in at the cost given",
      { kind: "return", id: "r", date: "2025-01-01", order: null, channel: "etsy", lines: [{ ...line, cost: 120n }] },
      { "1150": -300n, "4090": 300n, "1200": 120n, "5000": -120n },
    ],
    [
      "only what an adjustment brings in has a value of its own",
      {
        kind: "adjustment",
        id: "a",
        date: "2025-01-01",
        location: null,
        lines: [line, { ...line, qty: -1n, amount: 0n }],
        reason: null,
      },
      { "1200": 300n, "5100": -300n },
    ],
    [
      "what an adjustment brings in is borne by the account that it names",
      {
        kind: "adjustment",
        id: "a",
        date: "2025-01-01",
        location: null,
        lines: [line],
        reason: "found",
        account: "4100",
      },
      { "1200": 300n, "4100": -300n },
    ],
    [
      "a backfilled cost is the owner's contribution unless said",
      { kind: "backfill", id: "f", sale: "o1-1", date: "2025-01-01", amount: 70n, qty: null, account: "3000" },
      { "1200": 70n, "3000": -70n },
    ],
    [
      "a payout",
      { kind: "payout", id: "y", channel: "etsy", date: "2025-01-01", amount: 70n },
      { "1180": 70n, "1150": -70n },
    ],
    [
      "a payout taken back",
      { kind: "payout", id: "y", channel: "etsy", date: "2025-01-01", amount: -70n },
      { "1180": -70n, "1150": 70n },
    ],
    [
      "a transfer moves no money",
      { kind: "transfer", id: "t", date: "2025-01-01", arrives: null, from: "a", to: "b", lines: [] },
      {},
    ],
    ["a pin moves no money", { kind: "pin", sale: "o1-1", lot: "p1", qty: 1n }, {}],
  ];
  test.each(facts)("%s", (_, fact, wanted) => {
    expect(balances(postingsOf(fact, context))).toEqual(wanted);
  });

  test("what a channel charges goes to its account, and what nobody knows stays visible under its own word", () => {
    const charge = { kind: "charge", id: "c", channel: "etsy", date: "2025-01-01", order: null, memo: "" } as const;
    const other = { ...charge, category: "other", type: "WEIRD_ROW" } as const;
    expect(balances(postingsOf({ ...other, amount: 5n }, context))).toEqual({ "1150": 5n, "9990": -5n });
    expect(balances(postingsOf({ ...other, amount: -5n }, context))).toEqual({ "1150": -5n, "9991": 5n });
    expect(postingsOf({ ...other, amount: -5n, memo: "July" }, context)[0]?.memo).toBe("WEIRD_ROW: July");
    expect(
      (
        [
          "fee",
          "processing",
          "advertising",
          "label",
          "refund",
          "sale",
          "tax_collected",
          "tax_remitted",
          "reimbursement",
          "loan",
          "tip",
          "gift_card",
          "elsewhere",
          "bank",
          "exchange",
        ] as const
      ).map((category) => chargeAccount(category, -1n)),
    ).toEqual([
      ...["6000", "6010", "6020", "6030", "4090", "4000", "2210", "2210", "4100", "2400"],
      ...["4100", "2300", "1190", "1180", "6900"],
    ]);
    expect(["payment", "processing", "advertising", "shipping", "label", "commission", ""].map(feeAccount)).toEqual([
      "6010",
      "6010",
      "6020",
      "6030",
      "6030",
      "6000",
      "6000",
    ]);
  });
});

describe("costs", () => {
  test("follow the goods: sold, lost, returned, written off", () => {
    const of = (kind: "sale" | "restocked" | "written_off") => balances(costPostings({ ...about, kind, cost: 40n }));
    const lost = (account: string, cost = 40n) =>
      balances(costPostings({ ...about, kind: "lost", cost, account, reason: "gift" }));
    expect(of("sale")).toEqual({ "5000": 40n, "1200": -40n });
    expect(lost("5100")).toEqual({ "5100": 40n, "1200": -40n });
    expect(lost("6020")).toEqual({ "6020": 40n, "1200": -40n });
    expect(lost("6020", 0n)).toEqual({});
    expect(of("restocked")).toEqual({ "1200": 40n, "5000": -40n });
    expect(of("written_off")).toEqual({ "5100": 40n, "5000": -40n });
    expect(costPostings({ ...about, kind: "sale", cost: 0n })).toEqual([]);
  });

  test("of what goes back to the supplier meet what came back; the difference is the purchase variance", () => {
    const of = (cost: bigint, back: bigint) =>
      balances(costPostings({ ...about, kind: "purchase_return", cost, back, account: "1000" }));
    expect(of(100n, 100n)).toEqual({ "1000": 100n, "1200": -100n });
    expect(of(100n, 80n)).toEqual({ "1000": 80n, "1200": -100n, "5110": 20n });
    expect(of(100n, 130n)).toEqual({ "1000": 130n, "1200": -100n, "5110": -30n });
    expect(of(0n, 130n)).toEqual({ "1000": 130n, "5110": -130n });
  });
});

describe("the starting chart", () => {
  test.each(["US", "IN", "DE"])("of %s names every account, of the type that its code says", (country) => {
    const types: Readonly<Record<string, string>> = {
      1: "asset",
      2: "liability",
      3: "equity",
      5: "cost_of_sales",
      6: "expense",
    };
    for (const { code, name, type } of startingChart(country)) {
      expect(code).toMatch(/^\d{4}$/);
      expect(name).toMatch(/^[A-Z]/);
      const isContra = code === "4080" || code === "4090";
      const wanted =
        code === "9990" ? "income" : code === "9991" ? "expense" : isContra ? "contra_income" : types[code[0] ?? ""];
      expect([code, type]).toEqual([code, wanted ?? "income"]);
    }
  });

  test("says the line of the US Schedule C that each account belongs to", () => {
    const lines = startingChart("US").flatMap(({ code, scheduleC }) =>
      scheduleC === null ? [] : [`${code}: ${scheduleC}`],
    );
    expect(lines.join("; ")).toBe(
      "1200: 35, 41; 4000: 1; 4010: 1; 4080: 2; 4090: 2; 4100: 6; 5000: Part III; 5100: Part III; 5110: Part III; 6000: 10; 6010: 10; 6020: 8; 6030: 27b; 6040: 22; 6100: 9; 6110: 11; 6120: 15; 6130: 17; 6140: 18; 6150: 20; 6160: 22; 6170: 24a; 6180: 24b; 6190: 25; 6200: 26; 6210: 30; 6900: 27b",
    );
  });

  test("has the codes that the books are kept by", () => {
    const codes = (country: string) =>
      startingChart(country)
        .map(({ code }) => code)
        .join(" ");
    const taxes = "2200 2210";
    const all = (assets: string, owed: string) =>
      `1000 1180 1190 1200 ${assets}${owed} 2300 2400 3000 3010 3090 4000 4010 4080 4090 4100 5000 5100 5110 6000 6010 6020 6030 6040 6100 6110 6120 6130 6140 6150 6160 6170 6180 6190 6200 6210 6900 9990 9991`;
    expect(codes("US")).toBe(all("", taxes));
    expect(codes("IN")).toBe(all("1221 1222 1223 1224 ", `${taxes} 2221 2222 2223`));
    expect(startingChart("US").find(({ code }) => code === "2200")?.name).toBe("Sales tax payable");
  });

  test.each(["US", "IN", "DE"])("of %s has every account that the rules name, each once, by code", (country) => {
    const codes = startingChart(country).map(({ code }) => code);
    expect(new Set(codes).size).toBe(codes.length);
    expect([...codes].sort()).toEqual(codes);
    expect(codes).toEqual(expect.arrayContaining(Object.values(accounts)));
  });

  test("of India has output and input GST; Schedule C is for the US alone", () => {
    const names = startingChart("IN").map(({ name }) => name);
    for (const tax of ["CGST", "SGST", "IGST"])
      expect(names).toEqual(expect.arrayContaining([`Output ${tax}`, `Input ${tax}`]));
    expect(names).not.toContain("Sales tax payable");
    expect(startingChart("IN").every(({ scheduleC }) => scheduleC === null)).toBe(true);
    expect(startingChart("US").find(({ code }) => code === "4090")?.scheduleC).toBe("2");
  });
});
