/** Fixtures in, facts out: what PayPal's transactions say in our words, worked out by hand. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Account } from "../../../integrations/connector";
import { read } from "../../../integrations/paypal/read";
import { ChannelError } from "../../../lib/core/errors";
import type { Fact } from "../../../lib/core/facts";

const account: Account = { channel: "paypal-1", currency: "USD", timeZone: "America/New_York" };
const file = new URL("../../../integrations/paypal/fixtures/transactions.json", import.meta.url);
type Detail = { transaction_info: Record<string, unknown>; cart_info: unknown };
const fixture = (name: string, fields: Record<string, unknown> = {}): Detail => {
  const detail = (JSON.parse(readFileSync(file, "utf8")) as Record<string, Detail>)[name] as Detail;
  return { ...detail, transaction_info: { ...detail.transaction_info, ...fields } };
};
const usd = (value: string) => ({ currency_code: "USD", value });
const facts = (transaction: Detail, original: Detail | null = null, feed: "orders" | "balance" = "balance") =>
  read({ feed, externalId: "x", version: "1", body: { transaction, original } }, account);
const short = (all: readonly Fact[]) =>
  all.flatMap((fact) => (fact.kind === "charge" ? [[fact.id, fact.category, fact.type, fact.amount, fact.order]] : []));
const rows = (all: readonly Fact[]) =>
  all.flatMap((fact) => (fact.kind === "balance_row" ? [[fact.id, fact.type, fact.amount, fact.about]] : []));
const coded = (code: string, value: string, fields: Record<string, unknown> = {}) =>
  facts(fixture("other", { transaction_event_code: code, transaction_amount: usd(value), ...fields }));
const order = "paypal-1/order/5TY05013RG002845M";

describe("a payment", () => {
  it("that names no shop's order is a sale: its cart, shipping and tax, with the fee beside it", () => {
    const all = facts(fixture("sale"), null, "orders");
    expect(all[0]).toMatchObject({
      kind: "order",
      id: order,
      when: { on: "2026-02-28", at: 1_772_340_000_000_000n },
      number: "5TY05013RG002845M",
      lines: [
        { id: `${order}/line/1`, sku: "CND-L", name: "Beeswax candle, large", qty: 2n, amount: 3600n },
        { id: `${order}/line/2`, sku: "TWL", name: "Tea towel", qty: 1n, amount: 2400n },
      ],
      shipping: 495n,
      tax: 350n,
      taxBy: "seller",
      discount: 0n,
    });
    expect(short(all)).toEqual([["paypal-1/charge/5TY05013RG002845M/fee", "processing", "T0006 fee", -288n, order]]);
    expect(rows(all)).toEqual([
      ["paypal-1/row/5TY05013RG002845M", "T0006", 6845n, `order/${order}`],
      ["paypal-1/row/5TY05013RG002845M/fee", "T0006 fee", -288n, "charge/paypal-1/charge/5TY05013RG002845M/fee"],
    ]);
  });

  it("whose cart comes to another sum is one line", () => {
    const all = facts(fixture("sale", { transaction_amount: usd("60.00") }), null, "orders");
    expect(all[0]).toMatchObject({ lines: [{ name: "Candles", sku: null, qty: 1n, amount: 5155n }] });
  });

  it("for a shop's order is money from elsewhere, however the shop wrote it", () => {
    for (const [fields, named] of [
      [{}, "5120"],
      [{ invoice_id: "c1234.1" }, "c1234.1"],
      [{ custom_field: '{"order_id":77,"order_key":"wc_order_x"}' }, "77"],
      [{ invoice_id: null, custom_field: "Order 4711" }, "4711"],
    ] as const) {
      const all = facts(fixture("shop", fields));
      expect(short(all).map(([, category, , amount]) => [category, amount])).toEqual([
        ["elsewhere", 4510n],
        ["processing", -206n],
      ]);
      expect(all[0]).toMatchObject({ memo: `Order ${named} (8MC585209K746392H)` });
    }
    // PayPal's own invoices, and texts that are no order's, are sales here.
    for (const fields of [{ invoice_id: "INV2-AAAA-BBBB" }, { invoice_id: null, custom_field: "thanks {" }])
      expect(facts(fixture("shop", fields), null, "orders")[0]).toMatchObject({ kind: "order" });
  });

  it("that waits or was denied moved nothing; one that was given back later did", () => {
    for (const status of ["P", "D"]) expect(facts(fixture("sale", { transaction_status: status }))).toEqual([]);
    expect(facts(fixture("sale", { transaction_status: "V" }), null, "orders")).toHaveLength(4);
  });

  it("of the seller's own is something bought, which only they can name", () => {
    expect(short(coded("T0003", "-25.00"))[0]?.slice(1, 4)).toEqual(["other", "T0003", -2500n]);
    expect(short(coded("T0008", "-4.10"))[0]?.slice(1, 4)).toEqual(["label", "T0008", -410n]);
  });
});

describe("money that goes back", () => {
  it("all of a sale is a return of its lines; the fee that comes back is beside it", () => {
    const all = facts(fixture("refund"), fixture("sale"));
    expect(all[0]).toMatchObject({
      kind: "return",
      id: "paypal-1/refund/1JU08902781691411",
      date: "2026-03-05",
      order,
      tax: 350n,
      shipping: 495n,
      lines: [
        { line: `${order}/line/1`, qty: 2n, amount: 3600n, restock: false, placed: false },
        { line: `${order}/line/2`, qty: 1n, amount: 2400n },
      ],
    });
    expect(short(all)).toEqual([["paypal-1/charge/1JU08902781691411/fee", "processing", "T1107 fee", 239n, order]]);
  });

  it("a part of it, or of what is not known, is money alone", () => {
    expect(short(facts(fixture("refund", { transaction_amount: usd("-10.00") }), fixture("sale")))[0]).toEqual([
      "paypal-1/charge/1JU08902781691411",
      "refund",
      "T1107",
      -1000n,
      order,
    ]);
    expect(short(facts(fixture("refund")))[0]?.[1]).toBe("refund");
  });

  it("of a shop's order is from elsewhere; a chargeback is a refund in any case, and back when it is won", () => {
    expect(short(facts(fixture("refund"), fixture("shop")))[0]).toEqual([
      "paypal-1/charge/1JU08902781691411",
      "elsewhere",
      "T1107",
      -6845n,
      null,
    ]);
    for (const [code, value, amount] of [
      ["T1201", "-68.45", -6845n],
      ["T1202", "68.45", 6845n],
      ["T1106", "-68.45", -6845n],
    ] as const)
      expect(
        short(facts(fixture("refund", { transaction_event_code: code, transaction_amount: usd(value) })))[0],
      ).toEqual(["paypal-1/charge/1JU08902781691411", "refund", code, amount, order]);
  });
});

it("a hold and its release move nothing, and stand with the payment that they hold", () => {
  const held = (code: string, value: string, fields = {}) =>
    facts(
      fixture("refund", { transaction_event_code: code, transaction_amount: usd(value), fee_amount: null, ...fields }),
    );
  expect(rows(held("T1110", "-68.45"))).toEqual([
    ["paypal-1/row/1JU08902781691411", "hold T1110", -6845n, `order/${order}`],
  ]);
  expect(rows(held("T1111", "68.45", { invoice_id: "WC-5120" }))[0]?.[3]).toBe(
    "charge/paypal-1/charge/5TY05013RG002845M",
  );
  for (const code of ["T1500", "T2101", "T2103", "T2104", "T1105"])
    expect(held(code, "-1.00").map((fact) => fact.kind)).toEqual(["balance_row"]);
});

it("a withdrawal is a payout, and one that came back a payout the other way", () => {
  expect(facts(fixture("other"))[0]).toEqual({
    kind: "payout",
    id: "paypal-1/payout/9AB12345CD678901E",
    channel: "paypal-1",
    date: "2026-03-06",
    amount: 10_000n,
  });
  const back = {
    paypal_reference_id: "9AB12345CD678901E",
    paypal_reference_id_type: "TXN",
    transaction_id: "9AB12345CD678902E",
  };
  expect(coded("T1101", "100.00", back)[0]).toMatchObject({
    kind: "payout",
    id: "paypal-1/payout/9AB12345CD678901E/returned",
    amount: -10_000n,
  });
});

it("places what PayPal does by its code, and leaves what nobody has seen visible as other", () => {
  for (const [code, placed] of [
    ["T0101", "fee"],
    ["T0106", "processing"],
    ["T0300", "bank"],
    ["T0700", "bank"],
    ["T0801", "reimbursement"],
    ["T0905", "reimbursement"],
    ["T1109", "processing"],
    ["T2109", "gift_card"],
    ["T2000", "other"],
    ["T0200", "exchange"],
    ["T9999", "other"],
  ] as const)
    expect(short(coded(code, "5.00"))[0]?.slice(1, 4), code).toEqual([placed, code, 500n]);
});

it("a conversion is two rows, each in its own currency and against what it cost", () => {
  const euros = (value: string) => ({ currency_code: "EUR", value });
  const reference = { paypal_reference_id: "8MC585209K746392H", paypal_reference_id_type: "TXN" };
  const into = fixture("other", { transaction_event_code: "T0200", transaction_amount: usd("48.20"), ...reference });
  const out = fixture("other", { transaction_event_code: "T0200", transaction_amount: euros("-45.10"), ...reference });
  expect(short(facts(into))[0]?.slice(1, 4)).toEqual(["exchange", "T0200", 4820n]);
  expect(() => facts(out)).toThrow(expect.objectContaining({ name: "OtherCurrency", currency: "EUR" }));
  const body = { transaction: out, original: null };
  const inEuros = read({ feed: "balance", externalId: "x", version: "1", body }, { ...account, currency: "EUR" });
  expect(short(inEuros)[0]?.slice(1, 4)).toEqual(["exchange", "T0200", -4510n]);
  // The payment itself is what it was, in its own currency.
  const paid = fixture("shop", { transaction_amount: euros("45.10"), fee_amount: euros("-1.50") });
  const said = { feed: "balance", externalId: "x", version: "1", body: { transaction: paid, original: null } } as const;
  expect(short(read(said, { ...account, currency: "EUR" })).map((one) => one.slice(1, 4))).toEqual([
    ["elsewhere", paid.transaction_info.transaction_event_code, 4510n],
    ["processing", `${paid.transaction_info.transaction_event_code} fee`, -150n],
  ]);
});

it("of another shape is unreadable", () => {
  for (const fields of [
    { transaction_amount: { currency_code: "USD", value: "much" } },
    { transaction_initiation_date: "yesterday" },
    { transaction_event_code: "refund" },
    { fee_amount: { currency_code: "EUR", value: "1.00" } },
  ])
    expect(() => facts(fixture("shop", fields))).toThrow(ChannelError);
  expect(() => facts(fixture("sale"))).toThrow(ChannelError);
});
