/**
 * Relations of reliability.md, section 3.2, that hold for any set of facts: of books made of facts that are changed in some way, beside those
 * of the facts as they were. Held by both implementations (metamorphic.test.ts, metamorphic.db.test.ts).
 */
import { expect } from "vitest";
import type { Fact } from "./histories";
import type { Result } from "./naive/index";
import type { Random } from "./naive/random";
import { giveBack } from "./naive/words";

/** The books of a file of facts, by one of the implementations. */
export type Books = (facts: readonly Fact[]) => Promise<Result>;

/** Gives how much of the history it could be asked of: 0 where nothing in it is of the kind. */
type Relation = Readonly<{
  name: string;
  /** That much is found in the first 150 histories. */
  least: number;
  holds: (facts: readonly Fact[], result: Result, random: Random, books: Books) => Promise<number>;
}>;

export const relations: readonly Relation[] = [
  {
    name: "M4: all dates later by the same days, the same costs",
    least: 80,
    holds: async (facts, result, _random, books) => {
      const zone = facts[0]?.time_zone ?? "UTC";
      if (zone !== "UTC" && zone !== "Asia/Kolkata") return 0; // Others have days of 23 and 25 hours.
      const shifted = await books(facts.map((f) => shift(f, 400)));
      expect(shifted.sales).toEqual(result.sales);
      expect(shifted.on_hand).toEqual(result.on_hand);
      expect(shifted.trial_balance).toEqual(result.trial_balance);
      expect(shifted.lots.map(({ date, ...lot }) => ({ ...lot, date: moveDay(date, -400) }))).toEqual(result.lots);
      return 1;
    },
  },
  {
    name: "M5: other names, the same numbers",
    least: 150,
    holds: async (facts, result, _random, books) => {
      // All ids get the same beginning, so that their order by code point stays; and so do the names of channels.
      const ids = new Set([
        "id",
        "item",
        "order",
        "purchase",
        "line",
        "sale",
        "lot",
        "channel",
        "location",
        "from",
        "to",
      ]);
      const rename = (value: unknown): unknown => {
        if (Array.isArray(value)) return value.map(rename);
        if (typeof value !== "object" || value === null) return value;
        return Object.fromEntries(
          Object.entries(value).map(([name, v]) => [
            name,
            ids.has(name) && typeof v === "string" ? `q-${v}` : name === "kind" || name === "of" ? v : rename(v),
          ]),
        );
      };
      const renamed = await books(facts.map((f) => Object(rename(f))));
      const numbers = (value: unknown) => JSON.stringify(value).replaceAll("q-", "");
      expect(numbers(renamed).replaceAll('"main"', '""')).toBe(numbers(result).replaceAll('"main"', '""'));
      return 1;
    },
  },
  {
    name: "M7: bought after everything, it changes no cost",
    least: 150,
    holds: async (facts, result, _random, books) => {
      const lines = [{ id: "late-1", item: stockedItem(facts), qty: 3, amount: 100 }];
      const late = await books([...facts, { kind: "purchase", id: "late", date: "2027-01-01", amount: 100, lines }]);
      expect(late.sales).toEqual(result.sales);
      expect(late.lots.filter((l) => l.lot !== "late-1")).toEqual(result.lots);
      return 1;
    },
  },
  {
    name: "M8: a sale of n as n sales of 1, to the cent",
    least: 200,
    holds: async (facts, result, _random, books) => {
      const named = new Set(
        facts.flatMap((f) => [f.sale, ...(Array.isArray(f.lines) ? f.lines : []).map((l) => l.line)]),
      );
      const into = new Map<string, string[]>();
      const apart = facts.map((fact) => {
        if (fact.kind !== "order" || !Array.isArray(fact.lines)) return fact;
        const lines = fact.lines.flatMap((l) => {
          if (named.has(l.id) || l.qty < 2 || l.qty > 9) return [l];
          // "!" comes before all that other ids go on with, so that nothing comes in between.
          const parts = Array.from({ length: l.qty }, (_, i) => ({ ...l, id: `${l.id}!${i}`, qty: 1, amount: 0 }));
          into.set(
            l.id,
            parts.map((p) => p.id),
          );
          return parts.map((p, i) => (i === 0 ? { ...p, amount: l.amount } : p));
        });
        return { ...fact, lines };
      });
      const other = await books(apart);
      for (const sale of result.sales) {
        const ids = into.get(sale.line) ?? [sale.line];
        const parts = other.sales.filter((s) => ids.includes(s.line));
        const total = (of: (s: Result["sales"][number]) => number) => parts.reduce((sum, s) => sum + of(s), 0);
        expect([total((s) => s.qty), total((s) => s.cost), total((s) => s.uncosted)], sale.line).toEqual([
          sale.qty,
          sale.cost,
          sale.uncosted,
        ]);
      }
      expect({ ...other, sales: [] }).toEqual({ ...result, sales: [] });
      return into.size;
    },
  },
  {
    name: "M9: two lots of one cost a piece, bought together, as one",
    least: 5,
    holds: async (facts, _result, random, books) => {
      // One purchase line in two, at the same whole cost a piece: no cost changes at all, since no cent is divided.
      const item = stockedItem(facts);
      const [a, b, each] = [random.whole(1, 5), random.whole(1, 5), random.whole(0, 300)];
      const at = String(facts.find((f) => f.kind === "order" && typeof f.at === "string")?.at ?? "2025-03-01");
      const bought = (parts: number[]): Fact => ({
        kind: "purchase",
        id: "m9",
        date: dayWritten(at),
        amount: (a + b) * each,
        lines: parts.map((qty, i) => ({ id: `m9-${i}`, item, qty, amount: qty * each })),
      });
      const one = await books([...facts, bought([a + b])]);
      const two = await books([...facts, bought([a, b])]);
      const figures = ({ sales, on_hand, trial_balance }: Result) => ({
        sales: sales.map(({ line, cost, uncosted }) => ({ line, cost, uncosted })),
        on_hand,
        trial_balance,
      });
      // What is made in two rounds of cents down the line (transfers, returns) may differ by as many cents: see below.
      const isPlain = !facts.some((f) => ["transfer", "return", "assembly", "purchase_return"].includes(f.kind));
      if (isPlain) {
        expect(figures(two)).toEqual(figures(one));
      }
      expect(two.on_hand).toEqual(one.on_hand);
      expect(two.sales.map((s) => s.uncosted)).toEqual(one.sales.map((s) => s.uncosted));
      return isPlain ? 1 : 0;
    },
  },
  {
    name: "M10: sold and returned whole, quantity and cost are as before, and what it was taken from gets its own cost back",
    least: 80,
    holds: async (facts, result, random, books) => {
      const item = stockedItem(facts);
      const held = result.lots.filter((l) => l.item === item && l.left > 0 && l.left < 1e6);
      const lot = held[0];
      if (lot === undefined) return 0;
      const place = result.lots[0]?.location === undefined ? {} : { location: lot.location };
      const line = { id: "whole-1", name: "", qty: random.whole(1, lot.left), amount: 0, ...place };
      const order: Fact = { kind: "order", id: "whole", channel: "ebay", at: "2027-01-01", lines: [line] };
      const sold = [...facts, order, { kind: "match", sale: "whole-1", item }];
      const after = await books([...sold, giveBack("whole-back", "2027-01-02", "whole", line.qty)]);
      expect(after.on_hand).toEqual(result.on_hand);
      // The channel may be new, with an account of its own; its balance is nothing.
      const values = (r: Result) => r.trial_balance.map((b) => [b.name, b.amount]);
      expect(values(after)).toEqual(values(result));
      const taken = after.sales.find((s) => s.line === "whole-1");
      const back = after.lots.filter((l) => l.lot.startsWith("whole-back"));
      expect(back.map((l) => l.amount).sort(byNumber)).toEqual(taken?.allocations.map((a) => a.cost).sort(byNumber));
      expect(back.map((l) => l.qty).sort(byNumber)).toEqual(taken?.allocations.map((a) => a.qty).sort(byNumber));
      expect(after.sales.filter((s) => s.line !== "whole-1")).toEqual(result.sales);
      return 1;
    },
  },
  {
    name: "M14: closed early and often, or never",
    least: 200,
    holds: async (facts, result, random, books) => {
      let closed = 0;
      const never = facts.filter((f) => f.kind !== "close");
      expect(await books(never)).toEqual(result);
      const often = never.flatMap((f, i) => {
        if (typeof f.date !== "string" || !random.chance(0.2) || i === 0) return [f];
        closed += 1;
        return [f, { kind: "close", through: f.date }];
      });
      expect(await books(often)).toEqual(result);
      return closed;
    },
  },
];

const isUndone = (facts: readonly Fact[], fact: Fact) =>
  facts.some((f) => f.kind === "undo" && f.of === fact.kind && f.id === fact.id);

/** An item that counts and can be stocked. */
function stockedItem(facts: readonly Fact[]): string {
  const item = facts.find((f) => f.kind === "item" && f.components === undefined && !isUndone(facts, f));
  return String(item?.id);
}

function byNumber(a: number, b: number): number {
  return a - b;
}

function moveDay(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
}

/** The day that a date or a time begins with, in ISO 8601's extended form. */
function dayWritten(at: string): string {
  return at.replace(/^(\d{4})(\d\d)(\d\d)/, "$1-$2-$3").slice(0, 10);
}

function shift(fact: Fact, days: number): Fact {
  const moved: Record<string, unknown> = {};
  for (const field of ["date", "at", "arrives", "through"]) {
    const value = fact[field];
    if (typeof value !== "string") continue;
    // In the basic form the day is two signs shorter.
    const rest = value.slice(/^\d{8}/.test(value) ? 8 : 10);
    const day = moveDay(dayWritten(value), days);
    moved[field] = (/^\d{8}/.test(value) ? day.replaceAll("-", "") : day) + rest;
  }
  return { ...fact, ...moved };
}
