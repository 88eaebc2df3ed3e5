import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { asSaid, inBooks, rateDecimals, type SaidFact, saidTotal, toBooks } from "../../lib/core/exchange";
import type { BalanceRowFact, ChargeFact, OrderFact, PayoutFact, Rate, ReturnFact } from "../../lib/core/facts";
import { reviveFact } from "../../lib/core/revive";

const rate = (currency: string, text: string): Rate => {
  const [whole = "", fraction = ""] = text.split(".");
  return { currency, rate: BigInt(whole + fraction.padEnd(rateDecimals, "0")), on: "2026-03-02", source: "by hand" };
};

const order: OrderFact = {
  kind: "order",
  id: "shop/order/1",
  channel: "shop",
  when: { on: "2026-03-02", at: null },
  number: "1",
  lines: [
    { id: "l1", sku: null, name: "Cup", listing: null, qty: 1n, amount: 1_005n, location: null },
    { id: "l2", sku: null, name: "Bowl", listing: null, qty: 2n, amount: 2_000n, location: null },
  ],
  shipping: 500n,
  tax: 440n,
  taxBy: "seller",
  discount: 100n,
  fees: [{ kind: "payment", amount: 33n }],
};

describe("amounts of another currency", () => {
  it("are converted half away from zero, with the decimals of either currency", () => {
    expect(toBooks(1_000n, rate("EUR", "1.0834"), "USD")).toBe(1_083n);
    expect(toBooks(1_005n, rate("EUR", "1.1"), "USD")).toBe(1_106n); // 11.055
    expect(toBooks(-1_005n, rate("EUR", "1.1"), "USD")).toBe(-1_106n);
    expect(toBooks(1_500n, rate("JPY", "0.0067"), "USD")).toBe(1_005n);
    expect(toBooks(1_005n, rate("USD", "149.25"), "JPY")).toBe(1_500n); // 1499.9625
    expect(toBooks(12_345n, rate("KWD", "3.25"), "USD")).toBe(4_012n); // 12.345 × 3.25 = 40.12125
    expect(() => toBooks(1n, rate("EUR", "0"), "USD")).toThrow();
  });

  it("of an order are the books', and what was said stays beside them", () => {
    const fact = inBooks(order, rate("EUR", "1.1"), "USD");
    expect(fact.lines.map((line) => line.amount)).toEqual([1_106n, 2_200n]);
    expect([fact.shipping, fact.tax, fact.discount, fact.fees[0]?.amount]).toEqual([550n, 484n, 110n, 36n]);
    expect(fact.foreign).toEqual({ ...rate("EUR", "1.1"), amounts: [1_005n, 2_000n, 500n, 440n, 100n, 33n] });
    expect(asSaid(fact)).toEqual({ ...order, foreign: fact.foreign });
    const stored = JSON.parse(JSON.stringify(fact, (_, value) => (typeof value === "bigint" ? `${value}` : value)));
    expect(reviveFact(stored)).toEqual(fact);
  });

  it("at a rate of 1 in a currency of as many decimals are the same amounts", () => {
    fc.assert(
      fc.property(fc.bigInt(-(10n ** 15n), 10n ** 15n), (amount) => {
        expect(toBooks(amount, rate("EUR", "1"), "USD")).toBe(amount);
      }),
    );
  });

  it("are off by half a unit at most, whatever the rate", () => {
    fc.assert(
      fc.property(fc.bigInt(0n, 10n ** 12n), fc.bigInt(1n, 10n ** 14n), (amount, units) => {
        const books = toBooks(amount, { currency: "EUR", rate: units }, "USD");
        const exact = amount * units;
        const off = books * 10n ** 10n - exact;
        expect((off < 0n ? -off : off) * 2n <= 10n ** 10n).toBe(true);
      }),
    );
  });

  const goods = { id: "r1", qty: 1n, amount: 1_000n, location: null };
  const refund = {
    kind: "return" as const,
    id: "shop/refund/1",
    date: "2026-03-04",
    order: order.id,
    lines: [{ ...goods, line: "l1", restock: true, writeOff: false, placed: true }],
  };
  const loose: ReturnFact = {
    kind: "return",
    id: "shop/refund/2",
    date: "2026-03-04",
    order: null,
    channel: "shop",
    lines: [{ ...goods, item: "cup", cost: 400n }],
  };
  const charge: ChargeFact = {
    kind: "charge",
    id: "shop/charge/1",
    channel: "shop",
    date: "2026-03-04",
    category: "other",
    type: "listing",
    amount: -20n,
    order: null,
    memo: "",
  };
  const payout: PayoutFact = { kind: "payout", id: "shop/payout/1", channel: "shop", date: "2026-03-05", amount: 70n };
  const row: BalanceRowFact = {
    kind: "balance_row",
    id: "shop/row/1",
    channel: "shop",
    when: { on: "2026-03-05", at: null },
    type: "charge",
    amount: 80n,
    payout: null,
    about: null,
    memo: "",
  };

  it.each<readonly [string, SaidFact, bigint, readonly bigint[], readonly bigint[]]>([
    ["an order", order, 3_845n, [1_005n, 2_000n, 500n, 440n, 100n, 33n], [1_106n, 2_200n, 550n, 484n, 110n, 36n]],
    ["a refund", refund, 1_000n, [1_000n], [1_100n]],
    ["a refund with its tax", { ...refund, tax: 80n }, 1_080n, [1_000n, 80n], [1_100n, 88n]],
    ["a refund with its shipping", { ...refund, shipping: 300n }, 1_300n, [1_000n, 300n], [1_100n, 330n]],
    ["a refund with both", { ...refund, tax: 80n, shipping: 300n }, 1_380n, [1_000n, 80n, 300n], [1_100n, 88n, 330n]],
    ["a return of what no order sold", loose, 1_000n, [1_000n], [1_100n]],
    ["a charge", charge, -20n, [-20n], [-22n]],
    ["a payout", payout, 70n, [70n], [77n]],
    ["a row of a balance", row, 80n, [80n], [88n]],
  ])("%s keeps each amount as it was said, and its total", (_, said, total, amounts, books) => {
    const fact = inBooks(said, rate("EUR", "1.1"), "USD");
    expect(fact.foreign?.amounts).toEqual(amounts);
    const kept = Object.fromEntries(Object.entries(fact).filter(([name]) => name !== "foreign"));
    expect(inBooks(kept as unknown as SaidFact, rate("EUR", "1"), "USD").foreign?.amounts).toEqual(books);
    expect(asSaid(said)).toBe(said);
    expect(asSaid(fact)).toEqual({ ...said, foreign: fact.foreign });
    expect([saidTotal(said), saidTotal(fact)]).toEqual([total, total]);
  });

  it("are refused where fewer or more were kept than the fact has", () => {
    const fact = inBooks(payout, rate("EUR", "1.1"), "USD");
    const { foreign } = fact;
    if (foreign === undefined) expect.unreachable();
    expect(() => asSaid({ ...fact, foreign: { ...foreign, amounts: [] } })).toThrow("one amount for each");
    expect(() => asSaid({ ...fact, foreign: { ...foreign, amounts: [70n, 1n] } })).toThrow("one amount for each");
  });
});
