/** What the market says, as its documents, and what of it the books took. */
import { expect } from "vitest";
import type { RawDocument } from "../../../integrations/connector";
import { readLines, type Shop } from "./shop";
import { type Model, type Order, type OrderSaid, orderFact, type Payout, type Return, refundFact } from "./state";

const money = (amount: bigint) => ({ amount: String(amount), currency: "USD" });
/** Noon in New York, so that the day is the same there and here. */
const noon = (on: string) => `${on}T17:00:00Z`;
const versionText = (version: number) => String(version).padStart(4, "0");

export function orderDocument(order: Pick<Order, "id">, said: OrderSaid): RawDocument {
  const { version, on, lines, shipping, fee, isCancelled } = said;
  const goods = lines.reduce((sum, line) => sum + line.amount, 0n);
  const body = {
    id: order.id,
    number: order.id.toUpperCase(),
    status: isCancelled ? "cancelled" : "paid",
    placed_at: noon(on),
    lines: lines.map((line) => ({
      id: line.id.slice(line.id.lastIndexOf("/") + 1),
      variant_id: null,
      sku: line.sku,
      title: line.name,
      variant_title: null,
      quantity: Number(line.qty),
      total: money(line.amount),
    })),
    discount: money(0n),
    shipping: money(shipping),
    tax: { ...money(0n), collected_by: "marketplace" },
    total: money(goods + shipping),
    fees: [{ ...money(fee), type: "selling_fee" }],
  };
  return { feed: "orders", externalId: order.id, version: versionText(version), body };
}

export function refundDocument(one: Return): RawDocument {
  const id = one.refund ?? "";
  const goods = one.fate === "restock" ? "restocked" : one.fate === "keep" ? "not_restocked" : "unknown";
  const [order, sale] = [one.order, one.sale].map((text) => text.slice(text.lastIndexOf("/") + 1));
  const line = { id: "1", order_line_id: sale, quantity: Number(one.qty), amount: money(one.amount), goods };
  const common = { id, order_id: order, created_at: noon(one.on), reason: "came back", lines: [line] };
  const body = { ...common, adjustment: money(0n), tax: money(0n), total: money(one.amount) };
  return { feed: "refunds", externalId: id, version: versionText(1), body };
}

export function payoutDocument(one: Payout): RawDocument {
  const times = { sent_at: noon(one.on), failed_at: one.returned ? noon(one.on) : null };
  const version = versionText(one.version);
  return { feed: "payouts", externalId: one.id, version, body: { id: one.id, amount: money(one.amount), ...times } };
}

/**
 * Brings documents in, and takes from the shop only which of them the books took: what is parked must have a reason that the model
 * knows, and what was taken must be what the rules allow.
 */
export async function deliver(m: Model, shop: Shop, ...documents: readonly RawDocument[]): Promise<string> {
  const how = m.delivery;
  m.delivery = "whole";
  const run = await shop.deliver(how, ...documents);
  await readDocuments(m, shop);
  await readLines(m, shop);
  return run;
}

async function readDocuments(m: Model, shop: Shop): Promise<void> {
  const { read, parked } = await shop.documents();
  for (const order of m.told()) {
    if (parked.has(`orders/${order.id}`))
      expect(m.namers(`order/${orderFact(order.id)}`), `order ${order.id} is parked for what names it`).not.toEqual([]);
    const version = read.get(`orders/${order.id}`);
    const said = order.said.find((one) => versionText(one.version) === version);
    if (said !== undefined && !order.isGone) order.now = said;
  }
  for (const one of m.returns.values()) {
    if (one.state === "parked" && one.refund !== null && read.has(`refunds/${one.refund}`)) one.state = "live";
  }
  for (const one of m.liveReturns()) {
    const sold = m.soldLines().find(({ line }) => line.id === one.sale);
    expect(sold, `return ${one.id} is of a line that is sold`).toBeDefined();
    if (sold === undefined) continue;
    expect(m.returned(one.sale), `not more of ${one.sale} came back than was sold`).toBeLessThanOrEqual(sold.line.qty);
    expect(one.on >= sold.said.on, `return ${one.id} is dated on or after its sale`).toBe(true);
  }
  // A bundle's line is pinned by what it is made of: the proof looks at that.
  for (const { line } of m.soldLines().filter((one) => m.itemOf(one.line) !== "k"))
    expect(m.covered(line.id), `costs of ${line.id} are chosen for what was sold`).toBeLessThanOrEqual(line.qty);
  for (const one of m.returns.values()) {
    if (one.state !== "parked") continue;
    const sold = m.soldLines().find(({ line }) => line.id === one.sale);
    const fits = sold !== undefined && m.returned(one.sale) + one.qty <= sold.line.qty && one.on >= sold.said.on;
    expect(fits, `refund ${one.refund} is parked for a reason`).toBe(false);
  }
}

/** Something of the channel waits, so that the next delivery may change more than it brings. */
export async function hasParked(shop: Shop): Promise<boolean> {
  return (await shop.documents()).parked.size > 0;
}

export const newRefund = (m: Model, of: Omit<Return, "id" | "refund" | "lineId" | "placed" | "state">): Return => {
  const refund = m.next("r");
  const id = refundFact(refund);
  const made: Return = { ...of, id, refund, lineId: `${id}/line/1`, placed: null, state: "parked" };
  m.returns.set(id, made);
  return made;
};
