/** Each kind of document with its facts, worked out by hand. Fixtures are in integrations/shopify/fixtures. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import type { Feed } from "../../../integrations/connector";
import { productsOf, read } from "../../../integrations/shopify/read";
import { ChannelError } from "../../../lib/core/errors";
import type { Fact } from "../../../lib/core/facts";
import { effectOf, sum } from "../conformance";
import { factsOf, readText } from "../files/books";
import { account } from "./support";

type Body = Record<string, unknown>;
const folder = resolve(import.meta.dirname, "../../../integrations/shopify/fixtures");
const fixture = (name: string): Body => JSON.parse(readFileSync(resolve(folder, `${name}.json`), "utf8")) as Body;
const facts = (feed: Feed, body: unknown): readonly Fact[] =>
  read({ feed, externalId: "1", version: "1", body }, account);
const order = (name: string, change: Body = {}) => facts("orders", { ...fixture(name), ...change });
const row = (change: Body = {}) => facts("balance", { ...fixture("balance-charge"), ...change });
const effect = (all: readonly Fact[]) => sum(all.map(effectOf));
const of = <K extends Fact["kind"]>(all: readonly Fact[], kind: K) =>
  all.filter((fact): fact is Extract<Fact, { kind: K }> => fact.kind === kind);
const charges = (all: readonly Fact[]) =>
  of(all, "charge").map(({ category, type, amount }) => [category, type, amount]);
const bag = (amount: string, currencyCode = "USD") => ({ shopMoney: { amount, currencyCode } });
const money = (amount: string, currencyCode = "USD") => ({ amount, currencyCode });
const payment = (id: number, gateway: string, amount: string, more: Body = {}) => ({
  id: `gid://shopify/OrderTransaction/${id}`,
  kind: "SALE",
  status: "SUCCESS",
  gateway,
  test: false,
  processedAt: "2026-02-04T04:30:05Z",
  amountSet: bag(amount),
  ...more,
});
const back = (line: number, quantity: number, restockType: string, worth: string, tax: string, more: Body = {}) => ({
  id: `gid://shopify/RefundLineItem/9${line}`,
  quantity,
  restockType,
  restocked: restockType !== "NO_RESTOCK",
  lineItem: { id: `gid://shopify/LineItem/${line}` },
  subtotalSet: bag(worth),
  totalTaxSet: bag(tax),
  ...more,
});
const refund = (id: number, lines: readonly unknown[], money: readonly unknown[], more: Body = {}) => ({
  id: `gid://shopify/Refund/${id}`,
  createdAt: "2026-02-10T15:00:00Z",
  processedAt: "2026-02-10T15:00:00Z",
  refundShippingLines: { nodes: [] },
  transactions: { nodes: money },
  refundLineItems: lines,
  ...more,
});
const given = (id: number, gateway: string, amount: string) =>
  payment(id, gateway, amount, { kind: "REFUND", processedAt: "2026-02-10T15:00:00Z" });

function unreadable(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(ChannelError);
    expect((error as ChannelError).failure).toBe("unreadable");
    return (error as ChannelError).message;
  }
  return expect.unreachable("it was read");
}

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

describe("refunds of an order", () => {
  it("bring back what Shopify says is restocked, and say what the buyer got for each line, tax and all", () => {
    const all = order("order-refunded");
    expect(of(all, "return")).toEqual([
      {
        kind: "return",
        id: "shopify/refund/91",
        date: "2026-02-10",
        order: "shopify/order/1",
        // 14.40 and 1.01 of tax are the goods; 5.00 of the 20.41 was shipping.
        lines: [
          {
            id: "shopify/refund/91/line/901",
            line: "shopify/order/1/line/1",
            qty: 1n,
            amount: 1541n,
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
        lines: [
          {
            id: "shopify/refund/92/line/902",
            line: "shopify/order/1/line/2",
            qty: 1n,
            amount: 1734n,
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
    expect(of(unpaid, "return")[0]?.lines).toMatchObject([{ amount: 1734n, restock: true }]);
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

describe("a row of the balance", () => {
  it("is the order's money, with its fee as a charge of its own", () => {
    const when = { on: "2026-02-05", at: 1_770_303_600_000_000n };
    const common = { channel: "shopify", memo: "Order #1" };
    expect(row()).toEqual([
      {
        kind: "balance_row",
        id: "shopify/row/301",
        ...common,
        when,
        type: "CHARGE",
        amount: 6856n,
        payout: "shopify/payout/501",
        about: "order/shopify/order/1",
      },
      {
        kind: "charge",
        id: "shopify/charge/301/fee",
        ...common,
        date: "2026-02-05",
        category: "processing",
        type: "CHARGE fee",
        amount: -229n,
        order: "shopify/order/1",
      },
      {
        kind: "balance_row",
        id: "shopify/row/301/fee",
        ...common,
        when,
        type: "CHARGE fee",
        amount: -229n,
        payout: "shopify/payout/501",
        about: "charge/shopify/charge/301/fee",
      },
    ]);
  });

  it("waits until its payout is sent", () => {
    for (const [status, payout] of [
      ["PENDING", null],
      ["SCHEDULED", null],
      ["CANCELED", null],
      ["IN_TRANSIT", "shopify/payout/501"],
      ["FAILED", "shopify/payout/501"],
    ]) {
      const paidIn = { id: status === "PENDING" ? null : "gid://shopify/ShopifyPaymentsPayout/501", status };
      expect(of(row({ associatedPayout: paidIn }), "balance_row").map((each) => each.payout)).toEqual([payout, payout]);
    }
  });

  it.each([
    ["REFUND", null, "order/shopify/order/1"],
    ["REFUND_FAILURE", null, "order/shopify/order/1"],
    ["SHOP_CASH_CREDIT_REVERSAL", null, "order/shopify/order/1"],
    ["TAX_ADJUSTMENT_DEBIT", null, "order/shopify/order/1"],
    ["DISPUTE_WITHDRAWAL", "refund", "charge/shopify/charge/301"],
    ["DISPUTE_REVERSAL", "refund", "charge/shopify/charge/301"],
    ["CHARGEBACK_FEE", "fee", "charge/shopify/charge/301"],
    ["CHARGEBACK_FEE_REFUND", "fee", "charge/shopify/charge/301"],
    ["SHIPPING_LABEL", "label", "charge/shopify/charge/301"],
    ["SHIPPING_LABEL_ADJUSTMENT_SURCHARGE", "label", "charge/shopify/charge/301"],
    ["SHOP_CASH_CAMPAIGN_BILLING_DEBIT_REVERSAL", "advertising", "charge/shopify/charge/301"],
    ["LENDING_CAPITAL_REFUND_REVERSAL", "loan", "charge/shopify/charge/301"],
    ["LENDING_CREDIT_REMITTANCE", "loan", "charge/shopify/charge/301"],
    ["CUSTOMS_DUTY", "tax_remitted", "charge/shopify/charge/301"],
    ["SELLER_PROTECTION_CREDIT", "reimbursement", "charge/shopify/charge/301"],
    ["BALANCE_TRANSFER_OUTBOUND", "bank", "charge/shopify/charge/301"],
    ["ADJUSTMENT", "other", "charge/shopify/charge/301"],
    ["SOMETHING_NEW", "other", "charge/shopify/charge/301"],
    ["constructor", "other", "charge/shopify/charge/301"],
  ])("of type %s is %s", (type, category, about) => {
    const all = row({ type, amount: money("-10.0"), fee: money("0.0"), net: money("-10.0") });
    expect(of(all, "charge").map((fact) => [fact.category, fact.type, fact.amount])).toEqual(
      category === null ? [] : [[category, type, -1000n]],
    );
    expect(of(all, "balance_row").map((fact) => [fact.amount, fact.about])).toEqual([[-1000n, about]]);
  });

  it("that names no order is a charge, whatever it is, and is never dropped", () => {
    expect(charges(facts("balance", fixture("balance-unknown")))).toEqual([["other", "ANOMALY_DEBIT", -123n]]);
    const alone = row({ associatedOrder: null });
    expect(charges(alone)).toEqual([
      ["sale", "CHARGE", 6856n],
      ["processing", "CHARGE fee", -229n],
    ]);
    expect(effect(alone)).toBe(6627n);
    const tax = {
      type: "TAX_ADJUSTMENT_DEBIT",
      associatedOrder: null,
      amount: money("-2.96"),
      fee: money("0.0"),
      net: money("-2.96"),
    };
    expect(charges(row(tax))).toEqual([["tax_remitted", "TAX_ADJUSTMENT_DEBIT", -296n]]);
  });

  it("takes a fee for what lies between gross and net, whatever its sign", () => {
    expect(charges(row({ amount: money("-1.5"), fee: money("-0.25"), net: money("-1.75") }))).toEqual([
      ["processing", "CHARGE fee", -25n],
    ]);
  });

  it("that sets money aside posts nothing", () => {
    const all = row({
      type: "RESERVED_FUNDS",
      associatedOrder: null,
      amount: money("-50.0"),
      fee: money("0.0"),
      net: money("-50.0"),
    });
    expect(all).toMatchObject([{ kind: "balance_row", amount: -5000n, about: "payout/shopify/payout/501" }]);
    expect(all).toHaveLength(1);
  });

  it("of a test is nothing, and one in another currency is refused", () => {
    expect(row({ test: true })).toEqual([]);
    expect(unreadable(() => row({ net: money("66.27", "CAD") }))).toContain("CAD");
  });

  it("of a payout is that payout's own, and one that came back is a payout the other way", () => {
    expect(facts("balance", fixture("balance-transfer"))).toMatchObject([
      { kind: "balance_row", type: "TRANSFER", amount: -6627n, payout: null, about: "payout/shopify/payout/501" },
    ]);
    const planned = { id: "gid://shopify/ShopifyPaymentsPayout/501", status: "SCHEDULED" };
    expect(facts("balance", { ...fixture("balance-transfer"), associatedPayout: planned })).toEqual([]);
    const failed = {
      ...fixture("balance-transfer"),
      type: "TRANSFER_FAILURE",
      amount: money("66.27"),
      net: money("66.27"),
      associatedPayout: { id: "gid://shopify/ShopifyPaymentsPayout/502", status: "PAID" },
    };
    expect(facts("balance", failed)).toMatchObject([
      { kind: "payout", id: "shopify/payout/501/returned", date: "2026-02-05", amount: -6627n },
      { kind: "balance_row", amount: 6627n, payout: "shopify/payout/502", about: "payout/shopify/payout/501/returned" },
    ]);
  });
});

describe("payouts, disputes and products", () => {
  const payout = (change: Body = {}) => facts("payouts", { ...fixture("payout"), ...change });

  it("are a payout on its local day once it is sent", () => {
    expect(payout()).toEqual([
      { kind: "payout", id: "shopify/payout/501", channel: "shopify", date: "2026-02-06", amount: 6627n },
    ]);
    expect(payout({ issuedAt: "2026-02-07T00:00:00Z" })).toMatchObject([{ date: "2026-02-07" }]);
    for (const status of ["SCHEDULED", "CANCELED"]) expect(payout({ status })).toEqual([]);
  });

  it("are negative where Shopify takes money from the bank", () => {
    for (const net of ["-109.54", "109.54"])
      expect(payout({ transactionType: "WITHDRAWAL", net: money(net) })).toMatchObject([{ amount: -10954n }]);
  });

  it("post nothing for a dispute or a product, and list each variant as order lines name it", () => {
    expect(facts("disputes", fixture("dispute"))).toEqual([]);
    expect(facts("products", fixture("product"))).toEqual([]);
    expect(productsOf({ feed: "products", externalId: "700", version: "1", body: fixture("product") })).toEqual([
      { listing: "112", sku: "MUG-B", name: "Mug - Blue" },
      { listing: "113", sku: null, name: "Mug - Red" },
    ]);
    unreadable(() => facts("refunds", {}));
  });
});
