/** Fixtures in, facts out: what the transactions of a Stripe balance say in our words, worked out by hand. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Account } from "../../../integrations/connector";
import { orderAmong, orderAtEnd } from "../../../integrations/shop-order";
import { minorOf } from "../../../integrations/stripe/money";
import { read } from "../../../integrations/stripe/read";
import { ChannelError, Refusal } from "../../../lib/core/errors";
import type { ChargeFact, Fact } from "../../../lib/core/facts";

const account: Account = { channel: "stripe-1", currency: "USD", timeZone: "America/New_York" };
const file = new URL("../../../integrations/stripe/fixtures/transactions.json", import.meta.url);
type Body = { transaction: Record<string, unknown>; payout: string | null; charge: Record<string, unknown> | null };
const fixture = (name: string): Body => (JSON.parse(readFileSync(file, "utf8")) as Record<string, Body>)[name] as Body;
const facts = (body: unknown, feed: "orders" | "balance" = "balance"): readonly Fact[] =>
  read({ feed, externalId: "txn", version: "3-waiting", body }, account);
const changed = (name: string, fields: Record<string, unknown>, rest: Partial<Body> = {}): Body => {
  const body = fixture(name);
  return { ...body, ...rest, transaction: { ...body.transaction, ...fields } };
};
const short = (all: readonly Fact[]) =>
  all.flatMap((fact) => (fact.kind === "charge" ? [[fact.id, fact.category, fact.type, fact.amount]] : []));
const rows = (all: readonly Fact[]) =>
  all.flatMap((fact) => (fact.kind === "balance_row" ? [[fact.id, fact.amount, fact.payout, fact.about]] : []));

describe("a charge", () => {
  it("that names no shop's order is a sale of one line, and its fee a charge of it", () => {
    const all = facts(fixture("sale"), "orders");
    expect(all[0]).toEqual({
      kind: "order",
      id: "stripe-1/order/ch_1",
      channel: "stripe-1",
      when: { on: "2026-03-01", at: 1_772_343_000_000_000n },
      number: "ch_1",
      lines: [
        {
          id: "stripe-1/order/ch_1/line/1",
          sku: "WORKSHOP",
          name: "Candle workshop",
          listing: null,
          qty: 1n,
          amount: 6000n,
          location: null,
        },
      ],
      shipping: 0n,
      tax: 0n,
      taxBy: "seller",
      discount: 0n,
      fees: [],
    });
    expect(short(all)).toEqual([["stripe-1/charge/ch_1/fee", "processing", "charge fee", -204n]]);
    expect(rows(all)).toEqual([
      ["stripe-1/row/ch_1", 6000n, "stripe-1/payout/po_1", "order/stripe-1/order/ch_1"],
      ["stripe-1/row/ch_1/fee", -204n, "stripe-1/payout/po_1", "charge/stripe-1/charge/ch_1/fee"],
    ]);
  });

  it("for a shop's order is money from elsewhere, with the order's number", () => {
    const all = facts(fixture("shop"));
    expect(all.some((fact) => fact.kind === "order")).toBe(false);
    expect(short(all)).toEqual([
      ["stripe-1/charge/ch_2", "elsewhere", "charge", 4510n],
      ["stripe-1/charge/ch_2/fee", "processing", "charge fee", -161n],
    ]);
    expect(all.find((fact): fact is ChargeFact => fact.kind === "charge")?.memo).toBe("Order 5120 (ch_2)");
  });

  it("is known for a shop's by its metadata or the end of its description, and by nothing else", () => {
    for (const [fields, order] of [
      [{ order_id: "5120" }, "5120"],
      [{ "Order Number": "#A-7" }, "#A-7"],
      [{ orderId: 12 }, "12"],
      [{ order_id: " " }, null],
      [{ reorder: "5" }, null],
      [{ customer_id: "5" }, null],
    ] as const)
      expect(orderAmong(fields)).toBe(order);
    for (const [text, order] of [
      ["Candles & Co - Order 5120", "5120"],
      ["Order #1041", "1041"],
      ["order WC-1041", "WC-1041"],
      ["Order of two candles", null],
      ["Pre-order 12 candles", null],
      [null, null],
    ] as const)
      expect(orderAtEnd(text), String(text)).toBe(order);
  });
});

describe("money that goes back", () => {
  it("all of a sale is a return that a person places; a part of it is money alone", () => {
    const all = facts(fixture("refund"));
    expect(all[0]).toEqual({
      kind: "return",
      id: "stripe-1/refund/re_1",
      date: "2026-03-02",
      order: "stripe-1/order/ch_1",
      lines: [
        {
          id: "stripe-1/refund/re_1/line/1",
          line: "stripe-1/order/ch_1/line/1",
          qty: 1n,
          amount: 6000n,
          restock: false,
          writeOff: false,
          location: null,
          placed: false,
        },
      ],
    });
    expect(rows(all)).toEqual([["stripe-1/row/txn_3", -6000n, null, "return/stripe-1/refund/re_1"]]);
    const part = changed("refund", {
      amount: -1000,
      net: -1000,
      source: { id: "re_1", object: "refund", amount: 1000, charge: "ch_1" },
    });
    expect(facts(part)).toContainEqual(
      expect.objectContaining({ kind: "charge", category: "refund", amount: -1000n, order: "stripe-1/order/ch_1" }),
    );
  });

  it("of a shop's order is from elsewhere, as the shop says it", () => {
    const charge = { id: "ch_2", amount: 6000, description: null, metadata: { order_id: "5120" } };
    expect(short(facts({ ...fixture("refund"), charge }))).toEqual([
      ["stripe-1/charge/txn_3", "elsewhere", "refund", -6000n],
    ]);
    // It failed, and the money is here again.
    const failed = changed("refund", { reporting_category: "refund_failure", amount: 6000, net: 6000 }, { charge });
    expect(short(facts(failed))).toEqual([["stripe-1/charge/txn_3", "elsewhere", "refund_failure", 6000n]]);
  });

  it("by a dispute is a refund with its fee, also of a shop's order; one that is won brings both back", () => {
    expect(short(facts(fixture("dispute")))).toEqual([
      ["stripe-1/charge/txn_4", "refund", "dispute", -6000n],
      ["stripe-1/charge/txn_4/fee", "processing", "dispute fee", -1500n],
    ]);
    const won = { reporting_category: "dispute_reversal", amount: 6000, fee: -1500, net: 7500 };
    const charge = { id: "ch_2", amount: 6000, description: null, metadata: { order_id: "5120" } };
    const all = facts(changed("dispute", won, { charge }));
    expect(short(all)).toEqual([
      ["stripe-1/charge/txn_4", "refund", "dispute_reversal", 6000n],
      ["stripe-1/charge/txn_4/fee", "processing", "dispute_reversal fee", 1500n],
    ]);
    expect(all[0]).toMatchObject({ memo: "Order 5120 (ch_2)", order: null });
  });
});

describe("a payout", () => {
  it("is what was sent, and one the other way when it comes back", () => {
    expect(facts(fixture("payout"))).toEqual([
      { kind: "payout", id: "stripe-1/payout/po_1", channel: "stripe-1", date: "2026-03-03", amount: 5796n },
      expect.objectContaining({
        kind: "balance_row",
        id: "stripe-1/row/payout/po_1",
        amount: -5796n,
        payout: null,
        about: "payout/stripe-1/payout/po_1",
      }),
    ]);
    const back = changed("payout", {
      reporting_category: "payout_reversal",
      type: "payout_failure",
      amount: 5796,
      net: 5796,
    });
    expect(facts(back)[0]).toMatchObject({ id: "stripe-1/payout/po_1/returned", amount: -5796n });
  });

  it("made at once can cost a fee, which is a cost when it is positive", () => {
    expect(short(facts(changed("payout", { fee: 58, net: -5854 })))).toEqual([
      ["stripe-1/charge/payout/po_1/fee", "processing", "payout fee", -58n],
    ]);
  });
});

it("places what Stripe does by its reporting category, and leaves what nobody has seen visible as other", () => {
  for (const [category, placed] of [
    ["fee", "processing"],
    ["network_cost", "processing"],
    ["topup", "bank"],
    ["financing_payout", "loan"],
    ["financing_paydown", "loan"],
    ["platform_earning", "fee"],
    ["transfer", "other"],
    ["climate_order_purchase", "other"],
    ["something_of_2030", "other"],
  ] as const)
    expect(short(facts(changed("fee", { reporting_category: category, type: category })))).toEqual([
      ["stripe-1/charge/txn_6", placed, category, -500n],
    ]);
});

it("a reserve moves nothing: its rows are shown and it stays in the balance", () => {
  const all = facts(changed("fee", { reporting_category: "risk_reserved_funds", type: "reserve_transaction" }));
  expect(all).toEqual([expect.objectContaining({ kind: "balance_row", type: "risk_reserved_funds", about: null })]);
  const least = facts(changed("fee", { reporting_category: "payout", type: "payout_minimum_balance_hold" }));
  expect(least).toEqual([expect.objectContaining({ kind: "balance_row", type: "hold payout_minimum_balance_hold" })]);
});

it("counts in the smallest unit of each currency, as Stripe does or as we do", () => {
  expect(minorOf(1250, "usd")).toBe(1250n);
  expect(minorOf(1250, "jpy")).toBe(1250n);
  expect(minorOf(1250, "kwd")).toBe(1250n);
  expect(minorOf(125_000, "isk")).toBe(1250n);
  expect(minorOf(125_000, "ugx")).toBe(1250n);
  expect(() => minorOf(125_050, "isk")).toThrow(Refusal);
});

it("in another currency, or where amount, fee and net do not agree, is unreadable", () => {
  expect(() => facts(changed("fee", { currency: "eur" }))).toThrow(/EUR.*USD/);
  for (const fields of [{ net: -499 }, { amount: "500" }, { created: -1 }, { source: 7 }])
    expect(() => facts(changed("fee", fields))).toThrow(ChannelError);
  expect(() => facts(fixture("sale"), "balance")).toThrow(ChannelError);
});
