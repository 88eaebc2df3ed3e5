/** Reports and rules, to the letter. */
import { describe, expect, test } from "vitest";
import { fits, type Rule, ruleFor, saysSomething } from "../../lib/core/categorising";
import { startingChart } from "../../lib/core/chart";
import { Refusal } from "../../lib/core/errors";
import { balanceSheet } from "../../lib/core/reports/balance";
import {
  daysPeriod,
  monthPeriod,
  monthsOf,
  parsePeriod,
  partsOf,
  periodBefore,
  periodKey,
  quarterOf,
  quarterPeriod,
  yearPeriod,
} from "../../lib/core/reports/periods";
import { type AccountBalance, profit, section, sideOf, standingOf } from "../../lib/core/reports/profit";

const balance = (code: string, type: AccountBalance["type"], amount: bigint): AccountBalance => ({
  code,
  name: `account ${code}`,
  type,
  amount,
});
/** A figure of one account. */
const figure = (code: string, amount: bigint) => ({ label: `account ${code}`, amount, accounts: [code], children: [] });

describe("profit and loss", () => {
  const balances = [
    balance("6000", "expense", 70n),
    balance("4080", "contra_income", 30n),
    balance("4000", "income", -1000n),
    balance("5000", "cost_of_sales", 400n),
    balance("4010", "income", 0n),
    balance("1200", "asset", 999n),
    balance("2200", "liability", -999n),
    balance("3000", "equity", -999n),
  ];

  test("turns what accounts were debited and credited into figures, each with its sources", () => {
    const children = [figure("4000", 1000n), figure("4080", -30n)];
    expect(profit(balances)).toEqual({
      income: { label: "Income", amount: 970n, accounts: ["4000", "4080"], children },
      costOfGoodsSold: {
        label: "Cost of goods sold",
        amount: 400n,
        accounts: ["5000"],
        children: [figure("5000", 400n)],
      },
      grossProfit: { label: "Gross profit", amount: 570n, accounts: ["4000", "4080", "5000"], children: [] },
      expenses: { label: "Expenses", amount: 70n, accounts: ["6000"], children: [figure("6000", 70n)] },
      netProfit: { label: "Net profit", amount: 500n, accounts: ["4000", "4080", "5000", "6000"], children: [] },
    });
    expect(section("X", [], 1n)).toEqual({ label: "X", amount: 0n, accounts: [], children: [] });
  });

  test("an account has one side, and one way to be read", () => {
    const types = ["asset", "liability", "equity", "income", "contra_income", "cost_of_sales", "expense"] as const;
    expect(types.map((type) => [sideOf(type), standingOf(type).sign, standingOf(type).isOfYear])).toEqual([
      ["asset", 1n, false],
      ["liability", -1n, false],
      ["equity", -1n, false],
      ["income", -1n, true],
      ["income", -1n, true],
      ["cost", 1n, true],
      ["expense", 1n, true],
    ]);
  });
});

describe("the balance sheet", () => {
  test("has what there is, what is owed, and whose the rest is: put in, and earned before and in this year", () => {
    const earlier = [balance("4000", "income", -300n)];
    const now = [
      balance("3000", "equity", -200n),
      balance("2200", "liability", -50n),
      balance("1200", "asset", 90n),
      balance("1000", "asset", 660n),
      balance("4000", "income", -500n),
    ];
    expect(balanceSheet(now, earlier)).toEqual({
      assets: {
        label: "Assets",
        amount: 750n,
        accounts: ["1000", "1200"],
        children: [figure("1000", 660n), figure("1200", 90n)],
      },
      liabilities: { label: "Liabilities", amount: 50n, accounts: ["2200"], children: [figure("2200", 50n)] },
      equity: {
        label: "Equity",
        amount: 700n,
        accounts: ["3000", "4000"],
        children: [
          figure("3000", 200n),
          { label: "Profit of earlier years", amount: 300n, accounts: ["4000"], children: [] },
          { label: "Profit of this year", amount: 200n, accounts: ["4000"], children: [] },
        ],
      },
      difference: 0n,
    });
    expect(balanceSheet([balance("1000", "asset", 5n)], []).difference).toBe(5n);
    expect(balanceSheet([balance("2200", "liability", 5n)], []).difference).toBe(5n);
    expect(balanceSheet([], []).equity.children).toEqual([]);
  });
});

describe("periods", () => {
  test("say what they are", () => {
    const [year, quarter] = [yearPeriod(2025, 4), quarterPeriod(2025, 3, 4)];
    expect(year).toEqual({ kind: "year", year: 2025, number: null, from: "2025-04-01", to: "2026-03-31" });
    expect(quarter).toEqual({ kind: "quarter", year: 2025, number: 3, from: "2025-10-01", to: "2025-12-31" });
    const days = daysPeriod("2025-03-05", "2025-03-05");
    expect(days).toEqual({ kind: "days", year: 2025, number: null, from: "2025-03-05", to: "2025-03-05" });
    const month = monthPeriod("2025-11-30");
    expect(month).toEqual({ kind: "month", year: 2025, number: 11, from: "2025-11-01", to: "2025-11-30" });
    expect([year, quarter, month, days].map(periodKey)).toEqual([
      "2025",
      "2025-q3",
      "2025-11",
      "2025-03-05..2025-03-05",
    ]);
  });

  test("hold their first and last days", () => {
    const days = ["2025-04-01", "2025-06-30", "2025-07-01", "2025-09-30", "2025-12-31", "2026-01-01", "2026-03-31"];
    expect(days.map((day) => quarterOf(day, 4).number)).toEqual([1, 1, 2, 2, 3, 4, 4]);
    expect(quarterOf("2026-03-31", 4).year).toBe(2025);
  });

  test("are before each other as wholes", () => {
    const before = (key: string, start = 1) => periodKey(periodBefore(parsePeriod(key, start), start));
    expect(
      ["2025", "2025-q1", "2025-q4", "2025-01", "2025-03-01..2025-03-03", "2025-03-05..2025-03-05"].map((key) =>
        before(key),
      ),
    ).toEqual(["2024", "2024-q4", "2025-q3", "2024-12", "2025-02-26..2025-02-28", "2025-03-04..2025-03-04"]);
  });

  test("are read from their names alone", () => {
    expect(parsePeriod("9998", 1).to).toBe("9998-12-31");
    expect(parsePeriod("1900-12", 1).from).toBe("1900-12-01");
    const said = (key: string) => {
      try {
        return periodKey(parsePeriod(key, 1));
      } catch (error) {
        if (error instanceof Refusal) return [error.code, error.message, error.detail];
        throw error;
      }
    };
    const none = (key: string) => ["bad_date", `“${key}” is not a period. Choose one from the list.`, {}];
    for (const key of ["x2025", "2025x", "2025-", "2025-q0", "2025-00", "2025-1", "2025-011", "20255", "1899", "0999"])
      expect(said(key)).toEqual(none(key));
    expect(said("x".repeat(99))).toEqual(none("x".repeat(40)));
    expect(said("9999")).toEqual(["bad_date", "A period lies between the years 1900 and 9998.", {}]);
    expect(said("2025-03-05..2025-03-04")).toEqual([
      "out_of_range",
      "The last day lies before the first.",
      { field: "to" },
    ]);
  });

  test("are cut at the ends of months", () => {
    expect(monthsOf({ from: "2025-01-30", to: "2025-03-01" })).toEqual([
      { from: "2025-01-30", to: "2025-01-31" },
      { from: "2025-02-01", to: "2025-02-28" },
      { from: "2025-03-01", to: "2025-03-01" },
    ]);
    expect(partsOf({ from: "2025-01-30", to: "2025-03-01" })).toEqual({
      months: { first: "2025-02-01", last: "2025-02-01" },
      days: [
        { from: "2025-01-30", to: "2025-01-31" },
        { from: "2025-03-01", to: "2025-03-01" },
      ],
    });
    expect(partsOf({ from: "2025-01-01", to: "2025-02-28" })).toEqual({
      months: { first: "2025-01-01", last: "2025-02-01" },
      days: [],
    });
    expect(partsOf({ from: "2025-01-02", to: "2025-02-27" })).toEqual({
      months: null,
      days: [
        { from: "2025-01-02", to: "2025-01-31" },
        { from: "2025-02-01", to: "2025-02-27" },
      ],
    });
  });
});

describe("a rule over bank lines", () => {
  const rule: Rule = {
    id: "r",
    priority: 1,
    words: [],
    atLeast: null,
    atMost: null,
    direction: "either",
    account: null,
    category: "6030",
  };
  const line = { account: "1000", amount: -1250n, payee: "USPS PO", memo: "Stamps" };

  test("says something by a word or a limit", () => {
    expect(
      [{}, { words: [" "] }, { words: [" ", "x"] }, { atLeast: 0n }, { atMost: 0n }].map((change) =>
        saysSomething({ ...rule, ...change }),
      ),
    ).toEqual([false, false, true, true, true]);
  });

  test("asks for direction, account and size, both ends included", () => {
    const takes = (change: Partial<Rule>, amount = -1250n) =>
      fits({ ...line, amount }, { ...rule, words: ["PO"], ...change });
    expect([takes({ direction: "in" }, 1n), takes({ direction: "in" }, 0n), takes({ direction: "in" }, -1n)]).toEqual([
      true,
      false,
      false,
    ]);
    expect([
      takes({ direction: "out" }, 1n),
      takes({ direction: "out" }, 0n),
      takes({ direction: "out" }, -1n),
    ]).toEqual([false, false, true]);
    expect([takes({}, 0n), takes({ account: "1000" }), takes({ account: "1001" })]).toEqual([true, true, false]);
    expect([1249n, 1250n, 1251n].map((atMost) => takes({ atMost }))).toEqual([false, true, true]);
    expect([1249n, 1250n, 1251n].map((atLeast) => takes({ atLeast }, 1250n))).toEqual([true, true, false]);
    expect(takes({ words: ["PO", "Stam"] })).toBe(true);
    expect(takes({ words: ["PO Stamps"] })).toBe(false);
  });

  test("is taken by priority, then by id, if it fits", () => {
    const taken = (...rules: Partial<Rule>[]) =>
      ruleFor(
        line,
        rules.map((change) => ({ ...rule, words: ["po"], ...change })),
      )?.id;
    expect(taken({ id: "a", priority: 2 }, { id: "b", priority: 1 })).toBe("b");
    expect(taken({ id: "b", priority: 1 }, { id: "a", priority: 2 })).toBe("b");
    expect(taken({ id: "b" }, { id: "a" })).toBe("a");
    expect(taken({ id: "a" }, { id: "b" })).toBe("a");
    expect(taken({ id: "a", words: ["x"] }, { id: "b", priority: 9 })).toBe("b");
    expect(taken()).toBeUndefined();
  });
});

test("the chart goes by code, its Schedule C is for the US alone", () => {
  for (const country of ["US", "IN", "DE"]) {
    const codes = startingChart(country).map(({ code }) => code);
    expect(codes).toEqual([...codes].sort());
    expect(startingChart(country).some(({ scheduleC }) => scheduleC !== null)).toBe(country === "US");
  }
});
