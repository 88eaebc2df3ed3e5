import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { asSaid, inBooks, rateDecimals, toBooks } from "../../lib/core/exchange";
import type { OrderFact, Rate } from "../../lib/core/facts";
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
});
