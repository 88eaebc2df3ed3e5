/**
 * A shop's order and the payment that a gateway took for it are one sale: the shop's `elsewhere` and the gateway's come to nothing on
 * account 1190, and only the shop sells. Each channel's own document, of one order and its refund.
 */
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import type { Account } from "../../integrations/connector";
import { read as readPaypal } from "../../integrations/paypal/read";
import { read as readStripe } from "../../integrations/stripe/read";
import { read as readShop } from "../../integrations/woocommerce/read";
import type { Fact } from "../../lib/core/facts";
import { effectOf, sum } from "./conformance";
import { isAbsent, published } from "./keys-schema";

const fixture = <T>(path: string): T =>
  JSON.parse(readFileSync(new URL(`../../integrations/${path}`, import.meta.url), "utf8")) as T;
const account = (channel: string): Account => ({ channel, currency: "USD", timeZone: "America/New_York" });
const elsewhere = (facts: readonly Fact[]) =>
  sum(facts.flatMap((fact) => (fact.kind === "charge" && fact.category === "elsewhere" ? [fact.amount] : [])));
const orders = (facts: readonly Fact[]) => facts.filter((fact) => fact.kind === "order").length;
const version = "1";
const usd = (value: string) => ({ currency_code: "USD", value });

/** The shop's order 5120: 45.10 paid, 9.72 and 2.00 given back. */
const shop = readShop(
  { feed: "orders", externalId: "5120", version, body: fixture("woocommerce/fixtures/order.json") },
  account("woo"),
);

it("with Stripe: the charge and its refunds take the shop's money from elsewhere again", () => {
  type Body = { transaction: { id: string; source: object }; charge: unknown };
  const all = fixture<Record<string, Body>>("stripe/fixtures/transactions.json");
  const [paid, back] = [all.shop, all.refund];
  const refund = (id: string, amount: number) => ({
    ...back,
    transaction: {
      ...back?.transaction,
      id,
      amount,
      net: amount,
      source: { id: `re_${id}`, object: "refund", amount: -amount, charge: "ch_2" },
    },
    charge: paid?.transaction.source,
  });
  const facts = [paid, refund("txn_8", -972), refund("txn_9", -200)].flatMap((body) =>
    readStripe({ feed: "balance", externalId: "x", version, body }, account("stripe")),
  );
  expect(elsewhere(shop)).toBe(-3338n);
  expect(elsewhere(facts)).toBe(3338n);
  expect([orders(shop), orders(facts)]).toEqual([1, 0]);
  // What Stripe then holds is what was paid, less refunds and its fee.
  expect(sum(facts.map(effectOf))).toBe(4510n - 161n - 972n - 200n);
});

it("with PayPal: likewise", () => {
  type Detail = { transaction_info: object };
  const all = fixture<Record<string, Detail>>("paypal/fixtures/transactions.json");
  const refund = (value: string) => ({
    ...all.refund,
    transaction_info: {
      ...all.refund?.transaction_info,
      transaction_amount: usd(value),
      fee_amount: null,
      paypal_reference_id: "8MC585209K746392H",
    },
  });
  const facts = [
    { transaction: all.shop, original: null },
    { transaction: refund("-9.72"), original: all.shop },
    { transaction: refund("-2.00"), original: all.shop },
  ].flatMap((body) => readPaypal({ feed: "balance", externalId: "x", version, body }, account("paypal")));
  expect(elsewhere(facts)).toBe(3338n);
  expect(orders(facts)).toBe(0);
});

it.skipIf(isAbsent)("leaves nothing with the shop for any order of WooCommerce's own documentation", () => {
  type Order = { id: number; currency: string; refunds: unknown[] };
  const examples = published("woocommerce/rest_v3_orders.examples.json") as (Order | Order[] | { create?: Order[] })[];
  const all = examples.flatMap((each) =>
    Array.isArray(each) ? each : "currency" in each ? [each] : (each.create ?? []),
  );
  const read = all.filter((order) => order.currency !== undefined && Array.isArray(order.refunds));
  expect(read.length).toBeGreaterThan(4);
  for (const order of read) {
    const body = { order, refunds: [] };
    const facts = readShop({ feed: "orders", externalId: String(order.id), version, body }, account("woo"));
    expect(orders(facts)).toBe(1);
    expect(sum(facts.map(effectOf)), `order ${order.id}`).toBe(0n);
  }
});
