/** The facts of rows of the balance, payouts, disputes and products, worked out by hand. */
import { describe, expect, it } from "vitest";
import { productsOf } from "../../../integrations/shopify/read";
import { type Body, charges, effect, facts, fixture, money, of, row, unreadable } from "./documents";

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
    // One that was cancelled never was: neither it nor its own end is anything.
    const never = { id: "gid://shopify/ShopifyPaymentsPayout/501", status: "CANCELED" };
    for (const type of ["TRANSFER", "TRANSFER_CANCEL"])
      expect(facts("balance", { ...fixture("balance-transfer"), type, associatedPayout: never })).toEqual([]);
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
