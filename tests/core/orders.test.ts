import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { likelyPurchase, lineProfit, orderProfit, shareOverLines } from "../../lib/core/orders";

const nothing = { gross: 0n, shipping: 0n, discount: 0n, fees: 0n, charges: 0n, refunds: 0n, cost: 0n, costBack: 0n };

describe("an order's profit", () => {
  it("is what the seller keeps: tax is not in it", () => {
    expect(
      orderProfit({
        ...nothing,
        gross: 14_500n,
        shipping: 595n,
        discount: 500n,
        fees: 2040n,
        charges: 710n,
        cost: 4200n,
      }),
    ).toBe(14_500n + 595n - 500n - 2040n - 710n - 4200n);
    expect(orderProfit({ ...nothing, gross: 1000n, refunds: 1000n, cost: 400n, costBack: 400n })).toBe(0n);
  });

  it("is the sum of its lines' and its shipping, whatever is shared", () => {
    const line = fc.record({
      amount: fc.bigInt(0n, 100_000n),
      qty: fc.bigInt(1n, 20n),
      cost: fc.bigInt(0n, 50_000n),
      costBack: fc.bigInt(0n, 50_000n),
    });
    fc.assert(
      fc.property(
        fc.array(line, { minLength: 1, maxLength: 8 }),
        fc.bigInt(-5000n, 5000n),
        fc.bigInt(0n, 5000n),
        fc.bigInt(0n, 900n),
        (lines, charged, refunded, shipping) => {
          const fees = shareOverLines(charged, lines);
          const refunds = shareOverLines(refunded, lines);
          const sum = (of: (one: (typeof lines)[number]) => bigint) => lines.reduce((all, one) => all + of(one), 0n);
          const byLine = lines.reduce(
            (all, one, i) => all + lineProfit({ ...one, discount: 0n, fees: fees[i] ?? 0n, refunds: refunds[i] ?? 0n }),
            0n,
          );
          expect(byLine + shipping).toBe(
            orderProfit({
              gross: sum((one) => one.amount),
              shipping,
              discount: 0n,
              fees: charged,
              charges: 0n,
              refunds: refunded,
              cost: sum((one) => one.cost),
              costBack: sum((one) => one.costBack),
            }),
          );
        },
      ),
    );
  });

  it("shares fees by amount, the odd cent to the largest remainder, and by quantity where all was given away", () => {
    expect(
      shareOverLines(100n, [
        { amount: 200n, qty: 1n },
        { amount: 100n, qty: 5n },
      ]),
    ).toEqual([67n, 33n]);
    expect(
      shareOverLines(-3n, [
        { amount: 1n, qty: 1n },
        { amount: 1n, qty: 1n },
      ]),
    ).toEqual([-2n, -1n]);
    expect(
      shareOverLines(90n, [
        { amount: 0n, qty: 1n },
        { amount: 0n, qty: 2n },
      ]),
    ).toEqual([30n, 60n]);
    expect(shareOverLines(90n, [])).toEqual([]);
  });
});

describe("the purchase that a sale was likely bought in", () => {
  const sale = { on: "2026-11-14", name: "Griswold No. 8 skillet", price: 14_500n };
  const near = { id: "near", on: "2026-11-07", left: 11_800n, words: "Estate of M. Whitcomb" };
  const early = { id: "early", on: "2026-09-26", left: 20_300n, words: "Estate sale, Cooper Hill" };

  it("is the nearest before it with a rest that could be its cost", () => {
    expect(likelyPurchase(sale, [early, near])?.id).toBe("near");
    expect(likelyPurchase(sale, [early, { ...near, left: 400n }])?.id).toBe("early");
  });

  it("is one that names the item before all others, and never one after the sale or without a rest", () => {
    expect(likelyPurchase(sale, [near, { ...early, words: "GRISWOLD skillets, box" }])?.id).toBe("early");
    expect(
      likelyPurchase(sale, [
        { ...near, on: "2026-11-15" },
        { ...early, left: 0n },
      ]),
    ).toBeNull();
  });
});
