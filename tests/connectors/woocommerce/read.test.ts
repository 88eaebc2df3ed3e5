/** Fixtures in, facts out: what WooCommerce's documents say in our words, worked out by hand. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Account, Feed } from "../../../integrations/connector";
import { shopAddress } from "../../../integrations/woocommerce/address";
import { productsOf, read } from "../../../integrations/woocommerce/read";
import { ChannelError, Refusal } from "../../../lib/core/errors";
import type { ChargeFact, Fact, OrderFact } from "../../../lib/core/facts";
import { effectOf, sum } from "../conformance";

const account: Account = { channel: "woo-1", currency: "USD", timeZone: "America/New_York" };
const file = new URL("../../../integrations/woocommerce/fixtures/order.json", import.meta.url);
type Body = { order: Record<string, unknown>; refunds: unknown[] };
const fixture = (): Body => JSON.parse(readFileSync(file, "utf8")) as Body;
const facts = (body: unknown, feed: Feed = "orders") => read({ feed, externalId: "5120", version: "1", body }, account);
const changed = (fields: Record<string, unknown>, refunds?: unknown[]): readonly Fact[] => {
  const { order, refunds: own } = fixture();
  return facts({ order: { ...order, ...fields }, refunds: refunds ?? own });
};
const charges = (all: readonly Fact[]) => all.filter((fact): fact is ChargeFact => fact.kind === "charge");
const orderIn = (all: readonly Fact[]) => all.find((fact): fact is OrderFact => fact.kind === "order");

describe("an order", () => {
  it("is its goods before discount, at the shop's own price, on the business's day of GMT", () => {
    expect(orderIn(facts(fixture()))).toEqual({
      kind: "order",
      id: "woo-1/order/5120",
      channel: "woo-1",
      when: { on: "2026-02-28", at: 1_772_340_000_000_000n },
      number: "5120",
      lines: [
        {
          id: "woo-1/order/5120/line/11",
          sku: "CND-L",
          name: "Beeswax candle – large",
          listing: "101",
          qty: 2n,
          amount: 3000n,
          location: null,
        },
        {
          id: "woo-1/order/5120/line/12",
          sku: null,
          name: "Wool socks - M",
          listing: "112",
          qty: 1n,
          amount: 1000n,
          location: null,
        },
      ],
      shipping: 595n,
      tax: 315n,
      taxBy: "seller",
      discount: 400n,
      fees: [],
      shipTo: { country: "US", region: "OR" },
    });
  });

  it("went to its shipping address, else the buyer's own; nowhere where it was fetched or the shop says no country", () => {
    const to = (fields: Record<string, unknown>) => orderIn(changed(fields))?.shipTo;
    const empty = { first_name: "", state: "", country: "" };
    const indian = { state: "MH", country: "IN" };
    expect(to({ shipping: indian })).toEqual({ country: "IN", region: "MH" });
    expect(to({ shipping: empty })).toEqual({ country: "US", region: "IL" });
    expect(to({ shipping: empty, billing: indian })).toEqual({ country: "IN", region: "MH" });
    expect(to({ shipping: empty, billing: empty })).toBeUndefined();
    expect(to({ shipping: indian, shipping_lines: [{ method_id: "flat_rate" }] })).toEqual({
      country: "IN",
      region: "MH",
    });
    for (const method_id of ["local_pickup", "pickup_location"]) {
      expect(to({ shipping_lines: [{ method_id }] })).toBeUndefined();
    }
    // An address of another shape is no reason to refuse an order.
    expect(to({ shipping: [], billing: null })).toBeUndefined();
    expect(to({ shipping: undefined, billing: undefined, shipping_lines: "x" })).toBeUndefined();
  });

  it("was paid elsewhere, all of it, by the gateway that took it; what a plug-in notes of fees is left alone", () => {
    const [payment, ...others] = charges(changed({ refunds: [] }, []));
    expect(others).toEqual([]);
    expect(payment).toEqual({
      kind: "charge",
      id: "woo-1/charge/order/5120/payment",
      channel: "woo-1",
      date: "2026-03-01",
      category: "elsewhere",
      type: "stripe",
      amount: -4510n,
      order: "woo-1/order/5120",
      memo: "Order 5120: Credit card (Stripe), ch_example1",
    });
  });

  it("leaves nothing with the shop, whatever happened to it", () => {
    for (const fields of [
      {},
      { status: "cancelled" },
      { status: "trash", refunds: [] },
      { status: "pending", date_paid_gmt: null, refunds: [] },
      { fee_lines: [{ id: 1, name: "Gift wrapping", total: "3.00" }], total: "48.10" },
      { fee_lines: [{ id: 1, name: "Friends", total: "-3.00" }], total: "42.10" },
      { total: "40.10" },
      { total: "45.11" },
      { payment_method: "", payment_method_title: "" },
    ])
      expect(sum(changed(fields).map(effectOf)), JSON.stringify(fields)).toBe(0n);
  });

  it("that is not paid, or was taken back, wants nothing, and takes back what was said to be paid", () => {
    for (const status of ["pending", "on-hold", "failed", "checkout-draft"]) {
      const all = changed({ status, date_paid_gmt: null, refunds: [] }, []);
      expect(all).toHaveLength(1);
      expect(orderIn(all)).toMatchObject({ lines: [], shipping: 0n, tax: 0n, discount: 0n });
    }
    for (const status of ["cancelled", "trash"]) {
      const all = changed({ status, refunds: [] }, []);
      expect(orderIn(all)).toMatchObject({ lines: [] });
      expect(charges(all).map(({ id, amount }) => [id, amount])).toEqual([
        ["woo-1/charge/order/5120/payment", -4510n],
        ["woo-1/charge/order/5120/payment/undone", 4510n],
      ]);
    }
    // A bank transfer that has come, a status of a plug-in's own: both sold.
    expect(orderIn(changed({ status: "on-hold" }))?.lines).toHaveLength(2);
    expect(orderIn(changed({ status: "shipped", date_paid_gmt: null }))?.lines).toHaveLength(2);
  });

  it("has fees that the buyer paid as sales, fees that take off as discount, and a cent of rounding in its largest line", () => {
    const wrapped = changed({ fee_lines: [{ id: 7, name: "Gift wrapping", total: "3.00" }], total: "48.10" });
    expect(charges(wrapped).find(({ category }) => category === "sale")).toMatchObject({
      id: "woo-1/charge/order/5120/fee/7",
      amount: 300n,
      memo: "Order 5120: Gift wrapping",
    });
    expect(orderIn(changed({ fee_lines: [{ id: 7, name: "", total: "-3.00" }], total: "42.10" }))?.discount).toBe(700n);
    expect(orderIn(changed({ total: "45.11" }))?.lines.map(({ amount }) => amount)).toEqual([3001n, 1000n]);
  });

  it("whose total is another sum than its lines stays visible: a gift card or points of a plug-in", () => {
    expect(charges(changed({ total: "40.10" })).find(({ category }) => category === "other")).toMatchObject({
      id: "woo-1/charge/order/5120/rest",
      type: "order_difference",
      amount: -500n,
    });
  });

  it("in another currency, or of another shape, is unreadable and names both currencies", () => {
    expect(() => changed({ currency: "EUR" })).toThrow(/EUR.*USD/);
    for (const fields of [{ total: 45.1 }, { total: "much" }, { line_items: {} }, { date_created_gmt: "yesterday" }])
      expect(() => changed(fields)).toThrow(ChannelError);
  });
});

describe("a refund", () => {
  it("with goods is a return that waits to be placed; money alone is a charge; both come from elsewhere", () => {
    const all = facts(fixture());
    expect(all.filter((fact) => fact.kind === "return")).toEqual([
      {
        kind: "return",
        id: "woo-1/refund/900",
        date: "2026-03-04",
        order: "woo-1/order/5120",
        tax: 72n,
        lines: [
          {
            id: "woo-1/refund/900/line/950",
            line: "woo-1/order/5120/line/12",
            qty: 1n,
            amount: 900n,
            restock: false,
            writeOff: false,
            location: null,
            placed: false,
          },
        ],
      },
    ]);
    expect(charges(all).map(({ id, category, type, amount }) => [id, category, type, amount])).toEqual([
      ["woo-1/charge/order/5120/payment", "elsewhere", "stripe", -4510n],
      ["woo-1/charge/refund/900/payment", "elsewhere", "stripe", 972n],
      ["woo-1/charge/refund/901/money", "refund", "refund", -200n],
      ["woo-1/charge/refund/901/payment", "elsewhere", "stripe", 200n],
    ]);
  });

  it("of a line that is not there, or without pieces, is money alone", () => {
    for (const line of [
      { id: 950, quantity: -1, total: "-9.00", total_tax: "-0.72", meta_data: [] },
      {
        id: 950,
        quantity: 0,
        total: "-9.00",
        total_tax: "-0.72",
        meta_data: [{ key: "_refunded_item_id", value: 12 }],
      },
    ]) {
      const refund = {
        id: 900,
        date_created_gmt: "2026-03-04T15:00:00",
        amount: "9.72",
        reason: "",
        line_items: [line],
      };
      const all = changed({}, [refund]);
      expect(all.some((fact) => fact.kind === "return")).toBe(false);
      expect(charges(all).find(({ category }) => category === "refund")?.amount).toBe(-972n);
    }
  });
});

it("lists a product, or each of its variations, as orders name them", () => {
  const product = { id: 110, name: "Soap &amp; dish", sku: "SOAP" };
  const listed = (variations: unknown[]) =>
    productsOf({ feed: "products", externalId: "110", version: "1", body: { product, variations } });
  expect(listed([])).toEqual([{ listing: "110", sku: "SOAP", name: "Soap & dish" }]);
  expect(listed([{ id: 111, sku: "", attributes: [{ option: "M" }] }])).toEqual([
    { listing: "111", sku: "SOAP", name: "Soap & dish, M" },
  ]);
});

describe("a shop's address", () => {
  it("has one form, however it is typed", () => {
    for (const typed of ["shop.example", " https://shop.example/ ", "https://SHOP.example/wp-admin/index.php"])
      expect(shopAddress(typed, false)).toBe("https://shop.example");
    expect(shopAddress("https://example.com/shop/", false)).toBe("https://example.com/shop");
    expect(shopAddress("http://127.0.0.1:4020", true)).toBe("http://127.0.0.1:4020");
  });

  it("is refused where keys could be read on the way, or where it lies inside a network", () => {
    for (const typed of [
      "http://shop.example",
      "https://10.0.0.7",
      "https://[::ffff:10.0.0.7]",
      "https://router",
      "https://a:b@shop.example",
      "ftp://shop.example",
      "",
      "https://",
    ])
      expect(() => shopAddress(typed, true), typed).toThrow(Refusal);
    expect(() => shopAddress("http://127.0.0.1:4020", false)).toThrow(Refusal);
  });
});
