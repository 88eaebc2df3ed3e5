import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fits, type Rule, ruleFor } from "../../lib/core/categorising";
import * as checks from "../../lib/core/checks";
import { findDeposits, proof } from "../../lib/core/payouts";
import { checkDetails, remainder, spread } from "../../lib/core/purchases";

describe("what a purchase's lines bear (rule 10)", () => {
  const lines = [
    { amount: 20000n, qty: 500n },
    { amount: 5000n, qty: 100n },
  ];
  test("is by value, to the cent; by quantity where asked or where all lines are 0", () => {
    expect(spread(lines, 5960n)).toEqual([4768n, 1192n]);
    expect(spread(lines, 600n, "quantity")).toEqual([500n, 100n]);
    expect(
      spread(
        [
          { amount: 0n, qty: 1n },
          { amount: 0n, qty: 2n },
        ],
        100n,
      ),
    ).toEqual([33n, 67n]);
    expect(spread([], 100n)).toEqual([]);
  });
  test("always adds to the extra, and lines of nothing bear nothing beside others", () => {
    const anyLine = fc.record({
      amount: fc.bigInt({ min: 0n, max: 10n ** 6n }),
      qty: fc.bigInt({ min: 1n, max: 1000n }),
    });
    fc.assert(
      fc.property(
        fc.array(anyLine, { minLength: 1, maxLength: 20 }),
        fc.bigInt({ min: 0n, max: 10n ** 6n }),
        (some, extra) => {
          const parts = spread(some, extra);
          expect(parts.reduce((sum, part) => sum + part, 0n)).toBe(extra);
          const isByValue = some.some(({ amount }) => amount !== 0n);
          for (const [index, { amount }] of some.entries())
            if (isByValue && amount === 0n) expect(parts[index]).toBe(0n);
        },
      ),
    );
  });
  test("what no lot holds stays to be detailed, extras without a line too; more than was paid is refused", () => {
    expect(remainder(30960n, lines, [{ amount: 5960n }])).toBe(0n);
    expect(remainder(30960n, lines.slice(0, 1), [])).toBe(10960n);
    expect(remainder(1000n, [], [{ amount: 300n }])).toBe(1000n);
    expect(() => checkDetails(25000n, lines, [], "USD")).not.toThrow();
    expect(() => checkDetails(23760n, lines, [], "USD")).toThrow("come to 12.40 more than the purchase");
    expect(() => checkDetails(100n, [], [{ amount: 101n }], "USD")).toThrow("0.01 more");
  });
});

describe("payouts", () => {
  const row = (id: string, type: string, amount: bigint, about: string | null = "order/1") => ({
    id,
    type,
    amount,
    about,
  });
  test("are proved by their rows, or the difference is shown with the rows to look at first", () => {
    const rows = [
      row("1", "sale", 5000n),
      row("2", "fee", -700n),
      row("3", "sale", 100n),
      row("4", "hold", -400n, null),
    ];
    expect(proof({ amount: 4000n }, rows)).toEqual({
      paid: 4000n,
      rows: 4000n,
      difference: 0n,
      types: [
        { type: "sale", count: 2, amount: 5100n },
        { type: "fee", count: 1, amount: -700n },
        { type: "hold", count: 1, amount: -400n },
      ],
      unexplained: [rows[3]],
    });
    expect(proof({ amount: 4100n }, rows).difference).toBe(100n);
  });

  const moved = (id: string, on: string, amount = 100n, currency = "USD") => ({ id, on, amount, currency });
  test("become the deposit of their amount and currency 0 to 7 days later, and no other", () => {
    const found = (deposit: ReturnType<typeof moved>) =>
      findDeposits([moved("p", "2025-03-01")], [deposit])[0]?.deposit;
    expect(found(moved("d", "2025-03-01"))).toBe("d");
    expect(found(moved("d", "2025-03-08"))).toBe("d");
    expect(found(moved("d", "2025-03-09"))).toBeNull();
    expect(found(moved("d", "2025-02-28"))).toBeNull();
    expect(found(moved("d", "2025-03-02", 101n))).toBeNull();
    expect(found(moved("d", "2025-03-02", 100n, "EUR"))).toBeNull();
  });
  test("where two fit, either way round, nothing is taken and all are offered", () => {
    const deposits = [moved("d2", "2025-03-03"), moved("d1", "2025-03-02")];
    expect(findDeposits([moved("p", "2025-03-01")], deposits)).toEqual([
      { payout: "p", deposit: null, candidates: ["d1", "d2"] },
    ]);
    const both = findDeposits([moved("p1", "2025-03-01"), moved("p2", "2025-03-02")], [moved("d", "2025-03-03")]);
    expect(both.map(({ deposit, candidates }) => [deposit, candidates])).toEqual([
      [null, ["d"]],
      [null, ["d"]],
    ]);
  });
  test("no deposit is ever given twice", () => {
    const anyMove = fc.record({ day: fc.integer({ min: 1, max: 28 }), amount: fc.bigInt({ min: 1n, max: 3n }) });
    fc.assert(
      fc.property(fc.array(anyMove, { maxLength: 10 }), fc.array(anyMove, { maxLength: 10 }), (some, others) => {
        const of = (letter: string) => (move: { day: number; amount: bigint }, index: number) =>
          moved(`${letter}${index}`, `2025-03-${String(move.day).padStart(2, "0")}`, move.amount);
        const taken = findDeposits(some.map(of("p")), others.map(of("d"))).flatMap(({ deposit }) =>
          deposit === null ? [] : [deposit],
        );
        expect(new Set(taken).size).toBe(taken.length);
      }),
    );
  });
});

describe("rules over bank transactions", () => {
  const rule = (change: Partial<Rule>): Rule => ({
    id: "r",
    priority: 1,
    words: [],
    atLeast: null,
    atMost: null,
    direction: "either",
    account: null,
    category: "6030",
    ...change,
  });
  const bought = { account: "1000", amount: -1250n, payee: "USPS  PO 0123", memo: "Stamps" };
  test("fit by words in payee or memo, by amount without sign, by direction, by account", () => {
    expect(fits(bought, rule({ words: ["usps po"] }))).toBe(true);
    expect(fits(bought, rule({ words: ["usps", "STAMPS"] }))).toBe(true);
    expect(fits(bought, rule({ words: ["usps", "fedex"] }))).toBe(false);
    expect(fits(bought, rule({ words: ["0123 stamps"] }))).toBe(false);
    expect(fits(bought, rule({ atLeast: 1250n, atMost: 1250n }))).toBe(true);
    expect(fits(bought, rule({ atLeast: 1251n }))).toBe(false);
    expect(fits(bought, rule({ atMost: 1249n }))).toBe(false);
    expect(fits(bought, rule({ words: ["usps"], direction: "in" }))).toBe(false);
    expect(fits(bought, rule({ words: ["usps"], direction: "out" }))).toBe(true);
    expect(fits(bought, rule({ words: ["usps"], account: "1001" }))).toBe(false);
  });
  test("a rule that says nothing takes nothing", () => {
    expect(fits(bought, rule({ words: ["  "] }))).toBe(false);
    expect(fits(bought, rule({}))).toBe(false);
  });
  test("the first by priority, then id, is taken, wherever it stands in the list", () => {
    const rules = [
      rule({ id: "c", words: ["usps"] }),
      rule({ id: "b", words: ["usps"] }),
      rule({ id: "z", priority: 0, words: ["fedex"] }),
    ];
    expect(ruleFor(bought, rules)?.id).toBe("b");
    expect(ruleFor({ ...bought, payee: "FedEx USPS" }, rules)?.id).toBe("z");
    expect(ruleFor({ ...bought, payee: "Rent" }, rules)).toBeNull();
  });
});

describe("what is always true is checked, and each breach is named", () => {
  const item = { item: "w1", moved: 3n, onHand: 3n, lotsLeft: 4n, short: 1n };
  const lot = {
    lot: "p1",
    qty: 3n,
    cost: 1000n,
    takenQty: 1n,
    takenCost: 333n,
    left: 2n,
    value: 667n,
    lastTakenOn: "2025-03-01",
    usedUpOn: null,
  };
  const sale = { line: "o1", qty: 3n, allocated: 1n, short: 1n, cancelled: 1n, cost: 333n, allocatedCost: 333n };
  test("nothing is found where all holds", () => {
    expect([
      ...checks.checkQuantities([item]),
      ...checks.checkLots([
        lot,
        { ...lot, takenQty: 3n, takenCost: 1000n, left: 0n, value: 0n, usedUpOn: "2025-03-01" },
      ]),
      ...checks.checkSales([sale]),
      ...checks.checkTrialBalance([{ on: "2025-03-01", debits: 5n, credits: 5n }]),
      ...checks.checkInventory(1000n, 667n, 333n),
      ...checks.checkPosted([{ document: "order o1", account: "4000", wanted: 5n, posted: 5n }]),
      ...checks.checkEntries([{ entry: "e1", made: 2n, found: 2n }]),
    ]).toEqual([]);
  });
  test.each<[string, () => readonly checks.Finding[]]>([
    ["movements", () => checks.checkQuantities([{ ...item, moved: 2n }])],
    ["short", () => checks.checkQuantities([{ ...item, short: 0n }])],
    ["was not taken", () => checks.checkLots([{ ...lot, left: 1n }])],
    ["worth what was not taken", () => checks.checkLots([{ ...lot, value: 666n }])],
    ["below zero", () => checks.checkLots([{ ...lot, takenQty: 4n, left: -1n }])],
    ["less than nothing", () => checks.checkLots([{ ...lot, takenCost: 1001n, value: -1n }])],
    ["used up, is worth", () => checks.checkLots([{ ...lot, takenQty: 3n, left: 0n, usedUpOn: "2025-03-01" }])],
    ["used up since", () => checks.checkLots([{ ...lot, usedUpOn: "2025-03-01" }])],
    ["add to its quantity", () => checks.checkSales([{ ...sale, allocated: 2n }])],
    ["short of less", () => checks.checkSales([{ ...sale, short: -1n, cancelled: 3n }])],
    ["cost of o1", () => checks.checkSales([{ ...sale, cost: 334n }])],
    ["debits equal credits", () => checks.checkTrialBalance([{ on: "2025-03-01", debits: 5n, credits: 6n }])],
    ["Inventory", () => checks.checkInventory(1000n, 667n, 332n)],
    ["posted for", () => checks.checkPosted([{ document: "order o1", account: "4000", wanted: 5n, posted: 6n }])],
    ["postings", () => checks.checkEntries([{ entry: "e1", made: 2n, found: 1n }])],
  ])("%s", (word, check) => {
    const findings = check();
    expect(findings).toHaveLength(1);
    expect(findings[0]?.what).toContain(word);
    expect(findings[0]?.expected).not.toBe(findings[0]?.found);
  });
});
