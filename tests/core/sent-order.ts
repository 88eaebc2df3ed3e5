/** An order, and the same with where it went to. */
import { type OrderFact, shippedTo } from "../../lib/core/facts";

export const order: OrderFact = {
  kind: "order",
  id: "shop/order/1",
  channel: "shop",
  when: { on: "2026-04-03", at: null },
  number: "1",
  lines: [],
  shipping: 0n,
  tax: 0n,
  taxBy: "seller",
  discount: 0n,
  fees: [],
};
export const sent: OrderFact = { ...order, ...shippedTo("IN", "MH") };
