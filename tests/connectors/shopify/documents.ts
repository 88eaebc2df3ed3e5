/** Documents of Shopify's for tests, made from integrations/shopify/fixtures, and what is asked of their facts. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect } from "vitest";
import type { Feed } from "../../../integrations/connector";
import { read } from "../../../integrations/shopify/read";
import { ChannelError } from "../../../lib/core/errors";
import type { Fact } from "../../../lib/core/facts";
import { effectOf, sum } from "../conformance";
import { account } from "./support";

export type Body = Record<string, unknown>;
const folder = resolve(import.meta.dirname, "../../../integrations/shopify/fixtures");
export const fixture = (name: string): Body =>
  JSON.parse(readFileSync(resolve(folder, `${name}.json`), "utf8")) as Body;
export const facts = (feed: Feed, body: unknown): readonly Fact[] =>
  read({ feed, externalId: "1", version: "1", body }, account);
export const order = (name: string, change: Body = {}) => facts("orders", { ...fixture(name), ...change });
export const row = (change: Body = {}) => facts("balance", { ...fixture("balance-charge"), ...change });
export const effect = (all: readonly Fact[]) => sum(all.map(effectOf));
export const of = <K extends Fact["kind"]>(all: readonly Fact[], kind: K) =>
  all.filter((fact): fact is Extract<Fact, { kind: K }> => fact.kind === kind);
export const charges = (all: readonly Fact[]) =>
  of(all, "charge").map(({ category, type, amount }) => [category, type, amount]);
export const bag = (amount: string, currencyCode = "USD") => ({ shopMoney: { amount, currencyCode } });
export const money = (amount: string, currencyCode = "USD") => ({ amount, currencyCode });
export const payment = (id: number, gateway: string, amount: string, more: Body = {}) => ({
  id: `gid://shopify/OrderTransaction/${id}`,
  kind: "SALE",
  status: "SUCCESS",
  gateway,
  test: false,
  processedAt: "2026-02-04T04:30:05Z",
  amountSet: bag(amount),
  ...more,
});
export const back = (
  line: number,
  quantity: number,
  restockType: string,
  worth: string,
  tax: string,
  more: Body = {},
) => ({
  id: `gid://shopify/RefundLineItem/9${line}`,
  quantity,
  restockType,
  restocked: restockType !== "NO_RESTOCK",
  lineItem: { id: `gid://shopify/LineItem/${line}` },
  subtotalSet: bag(worth),
  totalTaxSet: bag(tax),
  ...more,
});
export const refund = (id: number, lines: readonly unknown[], money: readonly unknown[], more: Body = {}) => ({
  id: `gid://shopify/Refund/${id}`,
  createdAt: "2026-02-10T15:00:00Z",
  processedAt: "2026-02-10T15:00:00Z",
  refundShippingLines: { nodes: [] },
  transactions: { nodes: money },
  refundLineItems: lines,
  ...more,
});
export const given = (id: number, gateway: string, amount: string) =>
  payment(id, gateway, amount, { kind: "REFUND", processedAt: "2026-02-10T15:00:00Z" });

export function unreadable(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(ChannelError);
    expect((error as ChannelError).failure).toBe("unreadable");
    return (error as ChannelError).message;
  }
  return expect.unreachable("it was read");
}
