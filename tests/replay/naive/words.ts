/** Short words for facts and results, so that a test reads like the rule that it is about. */
import type { Fact } from "../histories";
import { naive, Refused, type Result } from "./index";

export const WIDGET: Fact = { kind: "item", id: "w", name: "Widget", sku: "W" };

/** An item whose SKU and name are its id. */
export function item(id: string, more: object = {}): Fact {
  return { kind: "item", id, name: id, sku: id, ...more };
}

export function bundle(id: string, ...components: [item: string, qty: number][]): Fact {
  return item(id, { components: components.map(([part, qty]) => ({ item: part, qty })) });
}

/** Places, and the pool of each of them. */
export function places(...ids: string[]): Fact[] {
  return [{ kind: "business", pool: "location" }, ...ids.map((id) => ({ kind: "location", id, name: id }))];
}

/** Lines `ID-i1`, … in, and one output, `ID-q`. */
export function make(
  id: string,
  date: string,
  from: [item: string, qty: number][],
  into: [string, number],
  more = {},
): Fact {
  const inputs = from.map(([part, qty], i) => ({ id: `${id}-i${i + 1}`, item: part, qty }));
  return { kind: "assembly", id, date, inputs, output: { id: `${id}-q`, item: into[0], qty: into[1] }, ...more };
}

/** One line, `ID-1`. */
export function move(id: string, date: string, from: string, to: string, qty: number, more: object = {}): Fact {
  const { of: what, ...rest } = { of: "w", ...more };
  return { kind: "transfer", id, date, from, to, lines: [{ id: `${id}-1`, item: what, qty }], ...rest };
}

/** One lot, `ID-1`. */
export function buy(id: string, date: string, qty: number, amount: number, more: object = {}): Fact {
  return { kind: "purchase", id, date, amount, lines: [{ id: `${id}-1`, item: "w", qty, amount, ...more }] };
}

/** One line, `ID-1`, sold for nothing, so that only costs are posted. */
export function sell(id: string, at: string, qty = 1, more: object = {}): Fact {
  return {
    kind: "order",
    id,
    channel: "ebay",
    at,
    lines: [{ id: `${id}-1`, sku: "W", name: "", qty, amount: 0, ...more }],
  };
}

export function giveBack(id: string, date: string, order: string, qty: number, more: object = { restock: true }): Fact {
  return { kind: "return", id, date, order, lines: [{ id: `${id}-1`, line: `${order}-1`, qty, amount: 0, ...more }] };
}

export function sendBack(id: string, date: string, purchase: string, qty: number, amount: number): Fact {
  return {
    kind: "purchase_return",
    id,
    date,
    purchase,
    lines: [{ id: `${id}-1`, line: `${purchase}-1`, qty, amount }],
  };
}

export function pin(sale: string, lot: string, qty: number): Fact {
  return { kind: "pin", sale: `${sale}-1`, lot: `${lot}-1`, qty };
}

/** What sale lines cost, as `cost` or, with a shortage, `cost+shortage?`. */
export function costs(result: Result): Record<string, string> {
  return Object.fromEntries(
    result.sales.map((s) => [s.line, s.uncosted === 0 ? `${s.cost}` : `${s.cost}+${s.uncosted}?`]),
  );
}

/** What lots have left, as `left of qty: value of amount`. */
export function lots(result: Result): Record<string, string> {
  return Object.fromEntries(result.lots.map((l) => [l.lot, `${l.left} of ${l.qty}: ${l.value} of ${l.amount}`]));
}

export function balances(result: Result): Record<string, number> {
  return Object.fromEntries(result.trial_balance.map((b) => [b.code, b.amount]));
}

export function matches(result: Result): Record<string, string> {
  return Object.fromEntries(result.sales.map((s) => [s.line, `${s.item} ${s.matched_by}`]));
}

export function refusal(facts: readonly Fact[]): string {
  try {
    naive(facts);
  } catch (error) {
    if (error instanceof Refused) return `${error.line} ${error.code}`;
    throw error;
  }
  return "accepted";
}
