import { describe, expect, test } from "vitest";
import { type LikelyPurchase, likelyPurchase, lineProfit, orderProfit, shareOverLines } from "../../lib/core/orders";

const sale = { on: "2026-11-14", name: "Griswold No. 8 skillet", price: 1000n };
const bought = (id: string, change: Partial<LikelyPurchase> = {}): LikelyPurchase => ({
  id,
  on: "2026-11-01",
  left: 500n,
  words: "",
  ...change,
});
const likely = (...purchases: LikelyPurchase[]) => likelyPurchase(sale, purchases)?.id ?? null;

describe("a likely purchase", () => {
  test("is of the day of the sale at the latest, and has something left", () => {
    expect(likely()).toBeNull();
    expect(likely(bought("a", { on: "2026-11-14" }))).toBe("a");
    expect(likely(bought("a", { on: "2026-11-15" }))).toBeNull();
    expect(likely(bought("a", { left: 1n }))).toBe("a");
    expect(likely(bought("a", { left: 0n }))).toBeNull();
    expect(likely(bought("a", { left: -5n }))).toBeNull();
  });

  test("has a rest from a twentieth of the price to five times it, where one has", () => {
    const later = (left: bigint) => bought("later", { on: "2026-11-10", left });
    expect([5001n, 5000n, 50n, 49n].map((left) => likely(bought("a"), later(left)))).toEqual([
      "a",
      "later",
      "later",
      "a",
    ]);
    // Also where the better one comes last in the list.
    expect([5001n, 5000n].map((left) => likely(later(left), bought("a")))).toEqual(["a", "later"]);
  });

  test("is the latest of equals, and of one day the first", () => {
    const [early, late] = [bought("early"), bought("late", { on: "2026-11-02" })];
    expect([likely(early, late), likely(late, early)]).toEqual(["late", "late"]);
    expect(likely(bought("one"), bought("two"))).toBe("one");
    const far = { left: 90_000n };
    expect(likely(bought("early", far), bought("late", { ...far, on: "2026-11-02" }))).toBe("late");
  });

  test("names more of the item's words than others, whatever its rest and day", () => {
    const named = (words: string) => bought("named", { on: "2026-01-01", left: 90_000n, words });
    expect(likely(bought("a"), named("SKILLET"))).toBe("named");
    expect(likely(named("ｓｋｉｌｌｅｔ, old"), bought("a"))).toBe("named");
    expect(likely(bought("a", { words: "skillet, Griswold" }), named("skillet"))).toBe("a");
    expect(likely(bought("a", { words: "griswold" }), named("skillet/Griswold"))).toBe("named");
  });

  test("short words and signs say nothing", () => {
    const named = (words: string) => bought("named", { on: "2026-01-01", words });
    expect(likely(bought("a"), named("no 8"))).toBe("a");
    const pan = { ...sale, name: "Pan 812" };
    expect(likelyPurchase(pan, [bought("a"), named("a pan")])?.id).toBe("named");
    expect(likelyPurchase(pan, [bought("a"), named("lot 812")])?.id).toBe("named");
  });
});

test("a line that was given away bears nothing of what was charged beside one that was not", () => {
  const lines = [
    { amount: 0n, qty: 5n },
    { amount: 10n, qty: 1n },
  ];
  expect(shareOverLines(100n, lines)).toEqual([0n, 100n]);
});

test("profit counts each part once, with its sign", () => {
  const order = {
    gross: 1n,
    shipping: 10n,
    discount: 100n,
    fees: 1000n,
    charges: 10_000n,
    refunds: 100_000n,
    cost: 1_000_000n,
    costBack: 10_000_000n,
  };
  expect(orderProfit(order)).toBe(10_000_000n - 1_111_100n + 11n);
  const { gross: _gross, shipping: _shipping, charges: _charges, ...rest } = order;
  expect(lineProfit({ ...rest, amount: 1n })).toBe(10_000_000n - 1_101_100n + 1n);
});
