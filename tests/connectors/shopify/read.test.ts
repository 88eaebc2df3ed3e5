/** An order's facts, worked out by hand. */
import { describe, expect, it } from "vitest";
import { read } from "../../../integrations/shopify/read";
import { factsOf, readText } from "../files/books";
import { type Body, bag, charges, effect, fixture, of, order, payment, unreadable } from "./documents";
import { account } from "./support";

describe("an order", () => {
  it("says lines before discount, discount, shipping, the seller's tax and the evening on which it was placed", () => {
    expect(order("order")).toEqual([
      {
        kind: "order",
        id: "shopify/order/1",
        channel: "shopify",
        number: "#1",
        when: { on: "2026-02-03", at: 1_770_179_400_000_000n },
        lines: [
          {
            id: "shopify/order/1/line/1",
            sku: "FERN-1",
            name: "Fern Print",
            listing: "111",
            qty: 3n,
            amount: 4800n,
            location: null,
          },
          {
            id: "shopify/order/1/line/2",
            sku: null,
            name: "Mug - Blue",
            listing: "112",
            qty: 1n,
            amount: 1800n,
            location: null,
          },
        ],
        shipping: 500n,
        tax: 416n,
        taxBy: "seller",
        discount: 660n,
        fees: [],
      },
    ]);
  });

  it("is the one that Shopify's own export tells of, so that file and API meet", () => {
    const file = [
      "Name,Financial Status,Currency,Subtotal,Shipping,Taxes,Total,Discount Amount,Created at,Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku",
      "#1,paid,USD,59.40,5.00,4.16,68.56,6.60,2026-02-03 23:30:00 -0500,3,Fern Print,16.00,FERN-1",
      "#1,,,,,,,,2026-02-03 23:30:00 -0500,1,Mug - Blue,18.00,",
    ].join("\n");
    const [told] = of(factsOf(readText(file), "USD", "America/New_York"), "order");
    const [pulled] = of(order("order"), "order");
    expect(pulled).toEqual({
      ...told,
      lines: told?.lines.map((line, index) => ({ ...line, listing: index === 0 ? "111" : "112" })),
    });
  });

  it("tells tip, gift card sold and each way of paying apart, and does to the balance what the card brought", () => {
    const all = order("order-mixed");
    // 48 + 18 − 6.60 + 5 + 4.16 = 68.56 of goods, 3 of tip, 20 of gift card; 40 by gift card, 20 by PayPal, 31.56 by card.
    const [sold] = of(all, "order");
    expect(sold?.lines.map(({ id, amount }) => [id, amount])).toEqual([
      ["shopify/order/2/line/1", 4800n],
      ["shopify/order/2/line/2", 1800n],
    ]);
    expect(
      of(all, "charge").map(({ id, date, category, amount, order: about }) => [id, date, category, amount, about]),
    ).toEqual([
      ["shopify/charge/order/2/tip", "2026-02-03", "tip", 300n, "shopify/order/2"],
      ["shopify/charge/order/2/gift-card", "2026-02-03", "gift_card", 2000n, "shopify/order/2"],
      ["shopify/charge/transaction/72", "2026-02-03", "gift_card", -4000n, "shopify/order/2"],
      ["shopify/charge/transaction/75", "2026-02-03", "elsewhere", -2000n, "shopify/order/2"],
    ]);
    expect(effect(all)).toBe(3156n);
  });

  it("takes tax that is within the prices out of lines and shipping", () => {
    const [sold] = of(order("order-tax-included"), "order");
    expect(sold).toMatchObject({ lines: [{ amount: 1500n }], shipping: 500n, tax: 400n, discount: 0n });
    expect(effect(order("order-tax-included"))).toBe(2400n);
    // Where Shopify's parts do not come to the whole, the whole is shared out by value: 4.01 over 18.00 and 6.00.
    const [odd] = of(order("order-tax-included", { totalTaxSet: bag("4.01") }), "order");
    expect(odd).toMatchObject({ lines: [{ amount: 1499n }], shipping: 500n, tax: 401n });
  });

  it("keeps tax that the channel remits out of what the seller gets", () => {
    const all = order("order-marketplace");
    expect(of(all, "order")).toMatchObject([{ tax: 416n, taxBy: "channel" }]);
    expect(effect(all)).toBe(6856n - 416n);
    // Paid to another channel, which keeps the tax too: nothing of it is in this balance.
    const away = order("order-marketplace", { transactions: [payment(1, "amazon_marketplace", "68.56")] });
    expect(charges(away)).toEqual([["elsewhere", "amazon_marketplace", -6440n]]);
    expect(effect(away)).toBe(0n);
  });

  it("tells a tax of the channel's beside one of the seller's", () => {
    const all = order("order", {
      taxLines: [
        { title: "State", channelLiable: false, priceSet: bag("3.0") },
        { title: "Retail delivery", channelLiable: true, priceSet: bag("1.16") },
      ],
    });
    expect(of(all, "order")).toMatchObject([{ tax: 300n, taxBy: "seller" }]);
    expect(charges(all)).toEqual([
      ["tax_collected", "Tax remitted by the channel", 116n],
      ["tax_remitted", "Tax remitted by the channel", -116n],
    ]);
    expect(effect(all)).toBe(6740n);
  });

  it("is due, and not in the balance, until it is paid; by whom is known then", () => {
    const pending = order("order", { displayFinancialStatus: "PENDING", transactions: [] });
    expect(charges(pending)).toEqual([["elsewhere", "Not paid yet", -6856n]]);
    expect(effect(pending)).toBe(0n);
    const part = order("order", {
      displayFinancialStatus: "PARTIALLY_PAID",
      transactions: [payment(1, "manual", "10.0"), payment(2, "shopify_payments", "50.0")],
    });
    expect(charges(part)).toEqual([
      ["elsewhere", "manual", -1000n],
      ["elsewhere", "Not paid yet", -856n],
    ]);
    expect(effect(part)).toBe(5000n);
    const over = order("order", { transactions: [payment(1, "shopify_payments", "70.0")] });
    expect(charges(over)).toEqual([["other", "Paid too much", 144n]]);
  });

  it("counts only what was captured, and change that was given", () => {
    const all = order("order", {
      transactions: [
        payment(1, "shopify_payments", "68.56", { kind: "AUTHORIZATION" }),
        payment(2, "cash", "70.0"),
        payment(3, "cash", "1.44", { kind: "CHANGE" }),
        payment(4, "shopify_payments", "68.56", { status: "FAILURE" }),
      ],
    });
    expect(charges(all)).toEqual([
      ["elsewhere", "cash", -7000n],
      ["elsewhere", "cash", 144n],
    ]);
    expect(effect(all)).toBe(0n);
  });

  it("takes what cash was rounded by as paid", () => {
    const all = order("order", {
      transactions: [payment(1, "cash", "68.55")],
      totalCashRoundingAdjustment: { paymentSet: bag("-0.01") },
    });
    expect(charges(all)).toEqual([["elsewhere", "cash", -6856n]]);
  });

  it("is nothing where it is a test, was voided, or was cancelled before it was paid, and stays known by its number", () => {
    const empty = {
      kind: "order",
      id: "shopify/order/1",
      number: "#1",
      lines: [],
      shipping: 0n,
      tax: 0n,
      discount: 0n,
    };
    for (const change of [
      { test: true },
      { displayFinancialStatus: "VOIDED" },
      { displayFinancialStatus: "EXPIRED" },
      { displayFinancialStatus: "PENDING", cancelledAt: "2026-02-05T15:00:00Z", transactions: [] },
    ]) {
      const all = order("order", change);
      expect(all).toHaveLength(1);
      expect(all[0]).toMatchObject(empty);
    }
    expect(effect(order("order", { cancelledAt: "2026-02-05T15:00:00Z" }))).toBe(6856n);
  });

  it("says duties, further fees, and what nothing explains beside the order", () => {
    const all = order("order", {
      originalTotalDutiesSet: bag("7.0"),
      originalTotalAdditionalFeesSet: bag("1.5"),
      totalPriceSet: bag("77.16"),
      transactions: [payment(1, "shopify_payments", "77.16")],
    });
    expect(charges(all)).toEqual([
      ["tax_collected", "Duties", 700n],
      ["sale", "Additional fees", 150n],
      ["other", "Order", 10n],
    ]);
    expect(effect(all)).toBe(7716n);
  });

  it("leaves out what an edit took away, and keeps the number of each line", () => {
    const body = fixture("order");
    const [first, second] = body.lineItems as Body[];
    const all = order("order", {
      lineItems: [
        { ...first, currentQuantity: 0 },
        {
          ...second,
          quantity: 2,
          currentQuantity: 1,
          originalTotalSet: bag("36.0"),
          discountAllocations: [],
          taxLines: [],
        },
      ],
      totalTaxSet: bag("0.0"),
      totalPriceSet: bag("23.0"),
      transactions: [payment(1, "shopify_payments", "23.0")],
    });
    expect(of(all, "order")).toMatchObject([
      { lines: [{ id: "shopify/order/1/line/2", qty: 1n, amount: 1800n }], discount: 0n },
    ]);
    expect(charges(all)).toEqual([]);
    expect(effect(all)).toBe(2300n);
  });

  it("is refused in another currency than the books', naming both", () => {
    const said = unreadable(() =>
      read({ feed: "orders", externalId: "1", version: "1", body: fixture("order") }, { ...account, currency: "EUR" }),
    );
    expect(said).toContain("USD");
    expect(said).toContain("EUR");
    unreadable(() => order("order", { totalPriceSet: bag("68.565") }));
    expect(of(order("order", { totalPriceSet: bag("68.5600") }), "order")).toHaveLength(1);
  });
});
