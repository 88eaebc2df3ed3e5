/** The facts of an order's refunds, worked out by hand. */
import { describe, expect, it } from "vitest";
import { back, bag, charges, effect, given, of, order, payment, refund, unreadable } from "./documents";

describe("refunds of an order", () => {
  it("bring back what Shopify says is restocked, and say what the buyer got for each line, tax and all", () => {
    const all = order("order-refunded");
    expect(of(all, "return")).toEqual([
      {
        kind: "return",
        id: "shopify/refund/91",
        date: "2026-02-10",
        order: "shopify/order/1",
        // 14.40 and 1.01 of tax are the goods; what the 5.00 besides were, this document does not say.
        tax: 101n,
        lines: [
          {
            id: "shopify/refund/91/line/901",
            line: "shopify/order/1/line/1",
            qty: 1n,
            amount: 1440n,
            restock: true,
            writeOff: false,
            location: null,
            placed: true,
          },
        ],
      },
      {
        kind: "return",
        id: "shopify/refund/92",
        date: "2026-02-12",
        order: "shopify/order/1",
        tax: 114n,
        lines: [
          {
            id: "shopify/refund/92/line/902",
            line: "shopify/order/1/line/2",
            qty: 1n,
            amount: 1620n,
            restock: false,
            writeOff: false,
            location: null,
            placed: true,
          },
        ],
      },
    ]);
    expect(of(all, "charge").map(({ id, date, category, amount }) => [id, date, category, amount])).toEqual([
      ["shopify/charge/refund/91/adjustment", "2026-02-10", "refund", -500n],
    ]);
    expect(effect(all)).toBe(6856n - 2041n - 1734n);
  });

  it("give back the shipping that Shopify lists, with goods or alone, as far as the money goes", () => {
    const shipping = { refundShippingLines: { nodes: [{ subtotalAmountSet: bag("5.0"), taxAmountSet: bag("0.35") }] } };
    const goods = [back(11, 1, "RETURN", "14.4", "1.01")];
    const whole = order("order", {
      refunds: [refund(91, goods, [given(1, "shopify_payments", "20.76")], shipping)],
    });
    expect(of(whole, "return")).toMatchObject([{ tax: 136n, shipping: 500n, lines: [{ amount: 1440n }] }]);
    expect(charges(whole)).toEqual([]);
    expect(effect(whole)).toBe(6856n - 2076n);
    const alone = order("order", { refunds: [refund(91, [], [given(1, "shopify_payments", "6.35")], shipping)] });
    expect(of(alone, "return")).toMatchObject([{ tax: 35n, shipping: 500n, lines: [] }]);
    expect(charges(alone)).toEqual([["refund", "Refund beside goods", -100n]]);
    const less = order("order", { refunds: [refund(91, [], [given(1, "shopify_payments", "4.0")], shipping)] });
    expect(of(less, "return")).toEqual([]);
    expect(charges(less)).toEqual([["refund", "Refund beside goods", -400n]]);
  });

  it("leave goods to be placed where Shopify does not say where they went", () => {
    for (const [type, more] of [
      ["SOMETHING_NEW", {}],
      ["RETURN", { restocked: false }],
    ] as const) {
      const all = order("order", {
        refunds: [refund(91, [back(11, 1, type, "14.4", "1.01", more)], [given(1, "shopify_payments", "15.41")])],
      });
      expect(of(all, "return")[0]?.lines).toMatchObject([{ restock: false, placed: false }]);
    }
    for (const type of ["CANCEL", "LEGACY_RESTOCK"]) {
      const all = order("order", {
        refunds: [refund(91, [back(11, 1, type, "14.4", "1.01")], [given(1, "shopify_payments", "15.41")])],
      });
      expect(of(all, "return")[0]?.lines).toMatchObject([{ restock: true, placed: true }]);
    }
  });

  it("share out what was given back where it is less than the goods were worth", () => {
    const lines = [back(11, 1, "RETURN", "14.4", "1.01"), back(12, 1, "RETURN", "16.2", "1.14")];
    const all = order("order", { refunds: [refund(91, lines, [given(1, "shopify_payments", "20.0")])] });
    // 20.00 over 15.41 and 17.34 of 32.75: 9.4107 and 10.5893.
    expect(of(all, "return")[0]?.lines.map(({ amount }) => amount)).toEqual([941n, 1059n]);
    expect(effect(all)).toBe(6856n - 2000n);
  });

  it("are money alone where no goods come back", () => {
    const all = order("order", { refunds: [refund(91, [], [given(1, "shopify_payments", "5.0")])] });
    expect(of(all, "return")).toEqual([]);
    expect(charges(all)).toEqual([["refund", "Refund beside goods", -500n]]);
  });

  it("do nothing to the balance where they went to a gift card or by PayPal", () => {
    const lines = [back(11, 1, "RETURN", "14.4", "1.01")];
    const all = order("order", {
      refunds: [refund(91, lines, [given(1, "gift_card", "10.0"), given(2, "paypal", "5.41")])],
    });
    expect(charges(all)).toEqual([
      ["gift_card", "gift_card", 1000n],
      ["elsewhere", "paypal", 541n],
    ]);
    expect(effect(all)).toBe(6856n);
  });

  it("take a tip and a gift card back for what they were", () => {
    const lines = [back(22, 1, "NO_RESTOCK", "3.0", "0.0"), back(23, 1, "NO_RESTOCK", "20.0", "0.0")];
    const all = order("order-mixed", { refunds: [refund(91, lines, [given(1, "shopify_payments", "23.0")])] });
    expect(of(all, "return")).toEqual([]);
    expect(charges(all).slice(-2)).toEqual([
      ["tip", "Tip given back", -300n],
      ["gift_card", "Gift card taken back", -2000n],
    ]);
    expect(effect(all)).toBe(3156n - 2300n);
  });

  it("leave the tax to the channel that remitted it", () => {
    const lines = [back(11, 3, "RETURN", "43.2", "3.02"), back(12, 1, "RETURN", "16.2", "1.14")];
    const all = order("order-marketplace", { refunds: [refund(91, lines, [given(1, "shopify_payments", "63.56")])] });
    expect(of(all, "return")[0]?.lines.map(({ amount }) => amount)).toEqual([4320n, 1620n]);
    // Sale 64.40 without tax; 63.56 went out and 4.16 of tax came in.
    expect(effect(all)).toBe(6440n - 6356n + 416n);
    const away = order("order-marketplace", {
      transactions: [payment(1, "amazon_marketplace", "68.56")],
      refunds: [refund(91, lines, [given(2, "amazon_marketplace", "63.56")])],
    });
    expect(effect(away)).toBe(0n);
  });

  it("without money lessen what is owed, and only put goods back where nothing is", () => {
    const lines = [back(12, 1, "CANCEL", "16.2", "1.14")];
    const unpaid = order("order", {
      displayFinancialStatus: "PENDING",
      transactions: [],
      refunds: [refund(91, lines, [])],
    });
    expect(of(unpaid, "return")[0]?.lines).toMatchObject([{ amount: 1620n, restock: true }]);
    expect(charges(unpaid)).toEqual([["elsewhere", "Not paid yet", -5122n]]);
    expect(effect(unpaid)).toBe(0n);
    const paid = order("order", { refunds: [refund(91, lines, [])] });
    expect(of(paid, "return")[0]?.lines).toMatchObject([{ amount: 0n, restock: true }]);
    expect(effect(paid)).toBe(6856n);
    // A total that leaves out already what was taken out again is no riddle.
    const edited = order("order", {
      totalPriceSet: bag("51.22"),
      transactions: [payment(1, "shopify_payments", "51.22")],
      refunds: [refund(91, lines, [])],
    });
    expect(charges(edited)).toEqual([]);
    expect(effect(edited)).toBe(5122n);
  });

  it("count once they are done, and never before their order", () => {
    const waits = payment(1, "shopify_payments", "5.0", { kind: "REFUND", status: "PENDING" });
    expect(effect(order("order", { refunds: [refund(91, [], [waits])] }))).toBe(6856n);
    const early = refund(91, [back(11, 1, "RETURN", "14.4", "1.01")], [given(1, "shopify_payments", "15.41")], {
      processedAt: "2026-01-01T00:00:00Z",
    });
    expect(of(order("order", { refunds: [early] }), "return")[0]?.date).toBe("2026-02-03");
    unreadable(() => order("order", { refunds: [refund(91, [back(99, 1, "RETURN", "1.0", "0.0")], [])] }));
  });
});
