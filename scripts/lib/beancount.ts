/**
 * A history of facts (replay.md) in Beancount's language, for `scripts/compare-beancount.ts`. Beancount books each reduction of
 * Inventory by FIFO on its own; only the order of movements (costing.md, rule 1), bundles and landed cost are worked out here,
 * and the item of each order line is what `replay` matched it to.
 *
 * Amounts are written in minor units, as whole numbers of a currency MINOR, so that nothing is lost where Beancount shows two
 * digits; items are I1, I2, …, since their own ids may be no names of commodities.
 */

import { z } from "zod";
import { localDateOf } from "../../lib/core/dates";
import { instantOfIso } from "../../lib/replay/iso";

const stockLine = z.object({ id: z.string(), item: z.string(), qty: z.number(), amount: z.number().default(0) });
const movedLine = z.object({ id: z.string(), item: z.string(), qty: z.number() });
const known = {
  id: z.string(),
  date: z.string(),
};
const factSchema = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("business"),
    pool: z.string().default("business"),
    time_zone: z.string().default("UTC"),
    grace_days: z.number().default(0),
  }),
  z.object({ kind: z.literal("location"), id: z.string() }),
  z.object({
    kind: z.literal("item"),
    id: z.string(),
    components: z.array(z.object({ item: z.string(), qty: z.number() })).default([]),
  }),
  z.object({ kind: z.literal("opening"), ...known, lines: z.array(stockLine) }),
  z.object({ kind: z.literal("purchase"), ...known, extra: z.number().default(0), lines: z.array(stockLine) }),
  z.object({
    kind: z.literal("order"),
    id: z.string(),
    at: z.string(),
    lines: z.array(z.object({ id: z.string(), qty: z.number() })),
  }),
  z.object({
    kind: z.literal("return"),
    ...known,
    order: z.string().optional(),
    lines: z.array(
      z.object({
        id: z.string(),
        item: z.string().optional(),
        qty: z.number(),
        cost: z.number().default(0),
        restock: z.boolean().optional(),
        write_off: z.boolean().optional(),
      }),
    ),
  }),
  z.object({ kind: z.literal("purchase_return"), ...known }),
  z.object({ kind: z.literal("transfer"), ...known }),
  z.object({ kind: z.literal("adjustment"), ...known, lines: z.array(stockLine) }),
  z.object({
    kind: z.literal("assembly"),
    ...known,
    inputs: z.array(movedLine),
    output: movedLine.optional(),
    outputs: z.array(movedLine).optional(),
    overhead: z.number().default(0),
  }),
  z.object({ kind: z.literal("payout"), ...known }),
  z.object({ kind: z.literal("pin"), sale: z.string(), lot: z.string() }),
  z.object({ kind: z.literal("backfill"), id: z.string() }),
  z.object({ kind: z.literal("match"), sale: z.string() }),
  z.object({
    kind: z.literal("undo"),
    of: z.string(),
    id: z.string().optional(),
    sale: z.string().optional(),
    lot: z.string().optional(),
  }),
  z.object({ kind: z.literal("close"), through: z.string() }),
]);
type Fact = z.infer<typeof factSchema>;

/** What of a result of `replay` is read here. */
export const resultSchema = z.object({
  sales: z.array(
    z.object({
      line: z.string(),
      item: z.string().nullable(),
      cost: z.number(),
      uncosted: z.number(),
      allocations: z.array(z.object({ lot: z.string(), qty: z.number(), cost: z.number() })),
    }),
  ),
  lots: z.array(
    z.object({
      lot: z.string(),
      item: z.string().nullable(),
      qty: z.number(),
      amount: z.number(),
      left: z.number(),
      value: z.number(),
    }),
  ),
});
export type Result = z.infer<typeof resultSchema>;

/** A history as Beancount reads it: its text, and under which name each item and each order line stands there. */
export interface Exported {
  text: string;
  commodities: Map<string, string>;
  narrations: Map<string, string>;
  /** How often something is taken from Inventory; what Beancount divides otherwise than we do is at most half a unit each time. */
  consumptions: number;
  /** Whether something was made: then what is divided otherwise goes on into what is made of it. */
  hasProduction: boolean;
}

/** Why a history cannot be compared: what it holds that Beancount has no word for. */
export class NotComparable extends Error {}

/** One transaction: its place in the order of rule 1, and what it takes and brings. */
interface Movement {
  place: [date: string, phase: number, time: bigint, id: string];
  narration: string;
  takes: { item: string; qty: number }[];
  /** `cost` null: what is taken, and the overhead, are its cost. */
  brings: { item: string; qty: number; cost: number | null }[];
  overhead: number;
  account: string;
}

/**
 * The text of a history for Beancount, in the order of costing.md, rule 1: Beancount orders by date and, within one, as the file
 * has it. Throws `NotComparable` for what it cannot express (pins, returns to stock, places, shortage).
 */
export function beancountOf(lines: readonly unknown[], result: Result): Exported {
  const facts = withoutUndone(lines.map((line) => factSchema.parse(line)));
  const business = facts.find((f) => f.kind === "business");
  const zone = business?.time_zone ?? "UTC";
  if (business?.pool === "location") throw new NotComparable("each location has lots of its own");
  if ((business?.grace_days ?? 0) > 0) throw new NotComparable("what is sold may be bought later");

  const commodities = new Map<string, string>();
  const narrations = new Map<string, string>();
  const matched = new Map(result.sales.map((sale) => [sale.line, sale.item]));
  const bundles = new Map<string, { item: string; qty: number }[]>();
  for (const fact of facts) {
    if (fact.kind !== "item") continue;
    commodities.set(fact.id, `I${commodities.size + 1}`);
    if (fact.components.length > 0) bundles.set(fact.id, fact.components);
  }

  const movements: Movement[] = [];
  const add = (place: Movement["place"], account: string, rest: Partial<Movement>) => {
    const narration = `M${movements.length + 1}`;
    movements.push({ place, narration, account, takes: [], brings: [], overhead: 0, ...rest });
    return narration;
  };
  for (const fact of facts) {
    switch (fact.kind) {
      case "opening":
        for (const l of fact.lines) add(outside(fact.date, l.id), "Equity:Opening", { brings: [bring(l, l.amount)] });
        break;
      case "purchase": {
        const costs = landedCosts(fact.lines, fact.extra);
        for (const [i, l] of fact.lines.entries())
          add(outside(fact.date, l.id), "Assets:Checking", { brings: [bring(l, costs[i] ?? 0)] });
        break;
      }
      case "adjustment":
        for (const l of fact.lines)
          if (l.qty > 0) add(outside(fact.date, l.id), "Expenses:Shrinkage", { brings: [bring(l, l.amount)] });
          else add([fact.date, 2, NO_TIME, l.id], "Expenses:Shrinkage", { takes: [{ item: l.item, qty: -l.qty }] });
        break;
      case "order": {
        const { date, time } = momentOf(fact.at, zone);
        for (const l of fact.lines) {
          const item = matched.get(l.id) ?? null;
          if (item === null) continue; // What matched nothing takes nothing.
          const takes = explode(bundles, item, l.qty);
          narrations.set(l.id, add([date, 2, time, l.id], "Expenses:CostOfGoodsSold", { takes }));
        }
        break;
      }
      case "assembly": {
        const outputs = fact.outputs ?? (fact.output === undefined ? [] : [fact.output]);
        const [output, second] = outputs;
        if (output === undefined || second !== undefined) throw new NotComparable("one cost is split over outputs");
        add([fact.date, 1, NO_TIME, fact.id], "Expenses:Overhead", {
          takes: [...fact.inputs].sort((a, b) => compareText(a.id, b.id)),
          brings: [bring(output, null)],
          overhead: fact.overhead,
        });
        break;
      }
      case "return":
        if (fact.order !== undefined) {
          if (fact.lines.some((l) => l.restock || l.write_off))
            throw new NotComparable("a sale is returned at its cost");
          break;
        }
        for (const l of fact.lines)
          add([fact.date, 3, NO_TIME, l.id], "Expenses:CostOfGoodsSold", {
            brings: [bring({ item: l.item ?? "", qty: l.qty }, l.cost)],
          });
        break;
      case "purchase_return":
        throw new NotComparable("a lot is returned to its supplier, whatever the dates");
      case "pin":
      case "backfill":
        throw new NotComparable("a sale's lot is chosen by a person");
      case "business":
      case "location":
      case "item":
      case "transfer": // In the pool of the whole business, quantity only.
      case "payout":
      case "match":
      case "undo":
      case "close":
        break;
    }
  }
  movements.sort((a, b) => comparePlaces(a.place, b.place));
  refuseShortage(movements);

  const hasProduction = facts.some((fact) => fact.kind === "assembly");
  const consumed = movements.reduce((sum, m) => sum + m.takes.length, 0);
  const text = [HEAD, ...movements.map((m) => transaction(m, commodities))].join("\n");
  return { text, commodities, narrations, consumptions: consumed + result.lots.length, hasProduction };
}

/** Whole numbers have no tolerance there; the last of its 28 digits may be off where production divides a cost. */
const HEAD = `option "title" "Compared with Lotbook"
option "inferred_tolerance_default" "MINOR:0.0000001"
1900-01-01 open Assets:Inventory "FIFO"
1900-01-01 open Assets:Checking
1900-01-01 open Equity:Opening
1900-01-01 open Expenses:CostOfGoodsSold
1900-01-01 open Expenses:Overhead
1900-01-01 open Expenses:Shrinkage
`;

/** One transaction; what no amount is written for is worked out by Beancount. */
function transaction(movement: Movement, commodities: ReadonlyMap<string, string>): string {
  const name = (item: string) => commodities.get(item) ?? "UNKNOWN";
  const postings = [
    ...movement.takes.map((t) => `  Assets:Inventory  -${t.qty} ${name(t.item)} {}`),
    ...movement.brings.map(
      (b) => `  Assets:Inventory  ${b.qty} ${name(b.item)} {${b.cost === null ? "" : `{${b.cost} MINOR}`}}`,
    ),
  ];
  const isMade = movement.brings.some((b) => b.cost === null);
  postings.push(`  ${movement.account}${isMade ? `  ${-movement.overhead} MINOR` : ""}`);
  return `${movement.place[0]} * "${movement.narration}"\n${postings.join("\n")}\n`;
}

/** Facts recorded twice once, and without those that are undone. */
function withoutUndone(facts: readonly Fact[]): Fact[] {
  const byKey = new Map<string, Fact>();
  const undone = new Set<string>();
  for (const fact of facts) {
    if (fact.kind === "undo") undone.add(JSON.stringify([fact.of, fact.id, fact.sale, fact.lot]));
    else if (!byKey.has(keyOf(fact))) byKey.set(keyOf(fact), fact);
  }
  return [...byKey].filter(([key]) => !undone.has(key)).map(([, fact]) => fact);
}

function keyOf(fact: Fact): string {
  switch (fact.kind) {
    case "business":
    case "close":
      return JSON.stringify(fact);
    case "pin":
      return JSON.stringify([fact.kind, undefined, fact.sale, fact.lot]);
    case "match":
      return JSON.stringify([fact.kind, undefined, fact.sale, undefined]);
    default:
      return JSON.stringify([fact.kind, fact.id, undefined, undefined]);
  }
}

/** What has no known time comes before what has one. */
const NO_TIME = -(10n ** 30n);

function outside(date: string, id: string): Movement["place"] {
  return [date, 0, NO_TIME, id];
}

function bring(line: { item: string; qty: number }, cost: number | null): Movement["brings"][number] {
  return { item: line.item, qty: line.qty, cost };
}

function explode(
  bundles: ReadonlyMap<string, readonly { item: string; qty: number }[]>,
  item: string,
  qty: number,
): { item: string; qty: number }[] {
  const parts = bundles.get(item);
  if (parts === undefined) return [{ item, qty }];
  const sums = new Map<string, number>();
  for (const part of parts)
    for (const leaf of explode(bundles, part.item, part.qty * qty))
      sums.set(leaf.item, (sums.get(leaf.item) ?? 0) + leaf.qty);
  return [...sums].map(([leaf, sum]) => ({ item: leaf, qty: sum }));
}

/** The extra cost by value (by quantity where all is free), by largest remainder, equal remainders to the earlier line. */
function landedCosts(lines: readonly { qty: number; amount: number }[], extra: number): number[] {
  const isFree = lines.every((l) => l.amount === 0);
  const weights = lines.map((l) => BigInt(isFree ? l.qty : l.amount));
  const total = weights.reduce((a, b) => a + b, 0n);
  if (total === 0n) return lines.map((l) => l.amount);
  const whole = weights.map((w) => (BigInt(extra) * w) / total);
  const over = weights.map((w, i) => ({ i, rest: (BigInt(extra) * w) % total }));
  over.sort((a, b) => (a.rest === b.rest ? a.i - b.i : a.rest > b.rest ? -1 : 1));
  const left = Number(whole.reduce((rest, part) => rest - part, BigInt(extra)));
  const lucky = new Set(over.slice(0, left).map((o) => o.i));
  return lines.map((l, i) => l.amount + Number(whole[i] ?? 0n) + (lucky.has(i) ? 1 : 0));
}

/** Beancount refuses to take more than there is, where we leave a shortage. */
function refuseShortage(movements: readonly Movement[]): void {
  const hand = new Map<string, number>();
  for (const { takes, brings } of movements) {
    for (const { item, qty } of takes) {
      const left = (hand.get(item) ?? 0) - qty;
      if (left < 0) throw new NotComparable("more goes out than there is");
      hand.set(item, left);
    }
    for (const { item, qty } of brings) hand.set(item, (hand.get(item) ?? 0) + qty);
  }
}

function momentOf(at: string, zone: string): { date: string; time: bigint } {
  if (/^\d{4}-\d{2}-\d{2}$/.test(at)) return { date: at, time: NO_TIME };
  const time = instantOfIso(at);
  return { date: localDateOf(time, zone), time };
}

function comparePlaces(a: Movement["place"], b: Movement["place"]): number {
  if (a[0] !== b[0]) return a[0] < b[0] ? -1 : 1;
  if (a[1] !== b[1]) return a[1] - b[1];
  if (a[2] !== b[2]) return a[2] < b[2] ? -1 : 1;
  return compareText(a[3], b[3]);
}

/** By code point. */
function compareText(a: string, b: string): number {
  const [left, right] = [[...a], [...b]];
  for (const [i, sign] of left.entries()) {
    const other = right[i];
    if (other === undefined) return 1;
    if (sign !== other) return (sign.codePointAt(0) ?? 0) - (other.codePointAt(0) ?? 0);
  }
  return left.length - right.length;
}
