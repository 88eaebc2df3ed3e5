import { describe, expect, it } from "vitest";
import { aboutNow, asPayment, givenOf, paidOf, pairAlike, paymentsAlike, type Telling } from "../../lib/core/alike";
import type { BalanceRowFact, OrderFact, ReturnFact } from "../../lib/core/facts";

const telling = (key: string, on: string, amount: bigint, channel = "a", what = "charge fee"): Telling => ({
  key,
  channel,
  on,
  amount,
  what,
});
const names = (pairs: ReturnType<typeof pairAlike>) => pairs.map(({ one, other }) => `${one.key} ${other.key}`);
const alike = (one: Telling, other: Telling) => one.what === other.what;

describe("pairs of what may be one", () => {
  it("are of one amount and at most three days apart, whichever came first", () => {
    const ones = [
      telling("f1", "2026-03-04", -20n),
      telling("f2", "2026-03-09", -20n),
      telling("f3", "2026-03-04", -30n),
    ];
    const others = [
      telling("a1", "2026-03-01", -20n),
      telling("a2", "2026-03-13", -20n),
      telling("a3", "2026-03-04", 30n),
    ];
    expect(names(pairAlike(ones, others, alike))).toEqual(["f1 a1"]);
    expect(names(pairAlike(others, ones, alike))).toEqual(["a1 f1"]);
  });

  it("take each at most once, the nearest first", () => {
    const ones = [telling("f1", "2026-03-01", 5n), telling("f2", "2026-03-03", 5n)];
    const others = [telling("a1", "2026-03-03", 5n)];
    expect(names(pairAlike(ones, others, alike))).toEqual(["f2 a1"]);
    const fees = Array.from({ length: 10 }, (_, i) => telling(`f${i}`, "2026-03-01", -20n));
    const again = Array.from({ length: 12 }, (_, i) => telling(`a${i}`, "2026-03-02", -20n));
    const pairs = pairAlike(fees, again, alike);
    expect(new Set(pairs.flatMap(({ one, other }) => [one.key, other.key])).size).toBe(20);
  });

  it("as near as each other are taken the earlier first, then in the order of their names", () => {
    const at = (key: string, on: string) => telling(key, on, 5n);
    const [early, late] = [at("f2", "2026-03-01"), at("f1", "2026-03-03")];
    const between = at("a1", "2026-03-02");
    for (const ones of [
      [early, late],
      [late, early],
    ])
      expect(names(pairAlike(ones, [between], alike))).toEqual(["f2 a1"]);
    const twins = [at("a3", "2026-03-02"), at("a2", "2026-03-02"), between];
    for (const others of [twins, twins.toReversed()])
      expect(names(pairAlike([at("f4", "2026-03-02"), at("f3", "2026-03-02")], others, alike))).toEqual([
        "f3 a1",
        "f4 a2",
      ]);
  });

  it("are never of one and itself, nor of two kinds of things; without days only where they are asked so", () => {
    const one = telling("x", "2026-03-01", 5n);
    expect(pairAlike([one], [one], alike)).toEqual([]);
    expect(pairAlike([one], [{ ...one, key: "y", what: "payout" }], alike)).toEqual([]);
    expect(names(pairAlike([one], [telling("y", "2026-06-01", 5n)], alike, null))).toEqual(["x y"]);
  });
});

describe("payments of a shop's orders", () => {
  const kindOf = (channel: string) => channel.replace(/-.*/, "");
  const areTwo = () => false;
  const sale = telling("s1", "2026-03-02", 5_940n, "paypal-1", "5TY");
  const order = telling("c1", "2026-03-01", 5_940n, "shop", "ppcp-gateway");

  it("are at a wallet that the shop's word may mean", () => {
    const found = (what: string, of = sale) => names(paymentsAlike([of], [{ ...order, what }], [], { kindOf, areTwo }));
    expect(found("ppcp-gateway")).toEqual(["s1 c1"]);
    expect(found("PayPal Express")).toEqual(["s1 c1"]);
    expect(found("stripe")).toEqual([]);
    expect(found("ppec_paypal", { ...sale, channel: "stripe-1" })).toEqual([]);
    expect(found("ppcp-manual")).toEqual(["s1 c1"]);
    expect(found("stripe", { ...sale, channel: "stripe-1" })).toEqual(["s1 c1"]);
    expect(found("other")).toEqual(["s1 c1"]);
    expect(found("cod")).toEqual([]);
    expect(found("Not paid yet")).toEqual([]);
    expect(found("other", { ...sale, channel: "shop" })).toEqual([]);
  });

  it("are not offered for an order whose money a wallet told as such, nor what was said to be two", () => {
    const taken = telling("t1", "2026-03-01", 5_940n, "paypal-1");
    expect(paymentsAlike([sale], [order], [taken], { kindOf, areTwo })).toEqual([]);
    const second = { ...order, key: "c2", on: "2026-03-03" };
    expect(names(paymentsAlike([sale], [order, second], [taken], { kindOf, areTwo }))).toEqual(["s1 c2"]);
    expect(paymentsAlike([sale], [order], [], { kindOf, areTwo: () => true })).toEqual([]);
  });
});

describe("a wallet's sale that is a payment", () => {
  const line = { id: "l", sku: null, name: "Payment", listing: null, qty: 1n, amount: 5_000n, location: null };
  const sale: OrderFact = {
    kind: "order",
    id: "paypal/order/1",
    channel: "paypal",
    when: { on: "2026-03-02", at: null },
    number: "1",
    lines: [line],
    shipping: 500n,
    tax: 440n,
    taxBy: "seller",
    discount: 100n,
    fees: [],
  };
  const back: ReturnFact = {
    kind: "return",
    id: "paypal/refund/1",
    date: "2026-03-05",
    order: sale.id,
    tax: 40n,
    shipping: 50n,
    lines: [],
  };
  const row: BalanceRowFact = {
    kind: "balance_row",
    id: "paypal/row/1",
    channel: "paypal",
    when: sale.when,
    type: "T0006",
    amount: 5_840n,
    payout: null,
    about: `order/${sale.id}`,
    memo: "",
  };

  it("is money elsewhere, as is what is given back of it; its fees and other orders stay what they are", () => {
    expect(paidOf(sale)).toBe(5_840n);
    const paid = asPayment(sale, sale, "Order 7");
    expect(paid).toMatchObject({
      kind: "charge",
      id: "paypal/order/1/payment",
      category: "elsewhere",
      type: "payment of an order",
      amount: 5_840n,
      memo: "Order 7",
    });
    expect(paidOf({ ...sale, taxBy: "channel" })).toBe(5_400n);
    expect(asPayment({ ...back, tax: 0n, shipping: 0n }, sale, "")).toBeNull();
    expect(asPayment(back, sale, "")).toMatchObject({
      id: "paypal/refund/1/payment",
      amount: -90n,
      date: "2026-03-05",
    });
    const fee = {
      kind: "charge",
      id: "f",
      channel: "paypal",
      date: "2026-03-02",
      category: "processing",
      type: "fee",
      amount: -5n,
      order: sale.id,
      memo: "",
    } as const;
    expect(asPayment(fee, sale, "")).toBeNull();
    expect(asPayment({ ...fee, category: "refund" }, sale, "")).toMatchObject({
      id: "f/payment",
      category: "elsewhere",
      amount: -5n,
    });
    expect(asPayment({ ...back, order: "another" }, sale, "")).toBeNull();
    expect(asPayment({ ...fee, category: "refund", order: "another" }, sale, "")).toBeNull();
    expect(asPayment({ ...sale, id: "another" }, sale, "")).toBeNull();
    expect(asPayment(row, sale, "")).toBeNull();
    expect(paid === null ? null : aboutNow(row, paid)).toMatchObject({
      id: "paypal/row/1/payment",
      about: "charge/paypal/order/1/payment",
    });
  });

  it("gives back the tax that was the seller's alone", () => {
    expect(givenOf(back, "seller")).toBe(-90n);
    expect(givenOf(back, "channel")).toBe(-50n);
    expect(
      givenOf(
        {
          kind: "return",
          id: "r",
          date: "2026-03-05",
          order: null,
          channel: "a",
          lines: [{ ...line, item: "i", cost: 0n, id: "l", qty: 1n, amount: 7n, location: null }],
        },
        "seller",
      ),
    ).toBe(-7n);
  });
});
