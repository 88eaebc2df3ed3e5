/** Facts that replay.md refuses, made to measure for a history. */
import type { Fact } from "../histories";
import { Book } from "./book";
import type { Random } from "./random";

/** Facts that no reading of replay.md accepts after these. */
export function wrongFacts(facts: readonly Fact[], random: Random): Fact[] {
  const live = new Book();
  for (const fact of facts) live.add(fact);
  const { items, orders, purchases, locations } = live.live();
  const item = random.pick(items).id;
  const date = "2025-03-01";
  const bought = (line: object, more: object = {}) => ({
    kind: "purchase",
    id: "wrong",
    date,
    amount: 100,
    lines: [{ id: "wrong-1", item, qty: 1, amount: 100, ...line }],
    ...more,
  });
  const wrong: Fact[] = [
    { kind: "gift", id: "wrong" },
    bought({ item: "nothing" }),
    bought({ location: "nowhere" }),
    bought({ location: "in-transit" }),
    bought({ amount: 101 }),
    bought({}, { extra: 1 }),
    bought({ qty: 0 }),
    bought({ qty: 1.5 }),
    bought({ amount: -1 }),
    bought({ amount: 1 }, { amount: 2 ** 53 + 2 }),
    bought({}, { date: "2025-02-30" }),
    { kind: "location", id: "late", name: "late" },
    { kind: "business", currency: "EUR" },
    { kind: "transfer", id: "wrong", date, from: locations[0], to: locations[0], lines: [] },
    { kind: "transfer", id: "wrong", date, from: locations[0], to: "in-transit", lines: [] },
    { kind: "adjustment", id: "wrong", date, lines: [{ id: "wrong-1", item, qty: -1, amount: 5 }] },
    { kind: "adjustment", id: "wrong", date, lines: [{ id: "wrong-1", item, qty: 0 }] },
    { kind: "undo", of: "purchase", id: "nothing" },
    { kind: "undo", of: "close", id: date },
    { kind: "undo", of: "location", id: locations[0] },
    { kind: "pin", sale: "nothing", lot: "nothing", qty: 1 },
    { kind: "backfill", id: "wrong", sale: "nothing", date, amount: 1 },
    { kind: "match", sale: "nothing", item },
    { kind: "payout", id: "wrong", channel: "ebay", date, amount: -5 },
    { kind: "payout", id: "wrong", channel: "ebay", date: "soon", amount: 5 },
  ];
  for (const { id, lines } of purchases)
    for (const line of lines) {
      wrong.push(
        { kind: "undo", of: "item", id: line.item },
        bought({ id: line.id }),
        bought({}, { id }),
        {
          kind: "purchase_return",
          id: "wrong",
          date,
          purchase: id,
          lines: [{ id: "wrong-1", line: line.id, qty: line.qty + 1, amount: 0 }],
        },
        {
          kind: "purchase_return",
          id: "wrong",
          date,
          purchase: "nothing",
          lines: [{ id: "wrong-1", line: line.id, qty: 1, amount: 0 }],
        },
        {
          kind: "purchase_return",
          id: "wrong",
          date,
          purchase: id,
          lines: [{ id: "wrong-1", line: "nothing", qty: 1, amount: 0 }],
        },
      );
    }
  for (const { id, lines } of orders)
    for (const line of lines) {
      const back = (more: object, on = "2026-12-31") => ({
        kind: "return",
        id: "wrong",
        date: on,
        order: id,
        lines: [{ id: "wrong-1", line: line.id, qty: 1, amount: 0, restock: true, ...more }],
      });
      wrong.push(
        back({ qty: line.qty + 1 }),
        back({ line: "nothing" }),
        back({ write_off: true }),
        back({}, "2020-01-01"),
        { kind: "backfill", id: "wrong", sale: line.id, date, amount: 1, qty: line.qty + 1 },
        { kind: "match", sale: line.id, item: "nothing" },
        { kind: "pin", sale: line.id, lot: "nothing", qty: 1 },
      );
      for (const lot of purchases.flatMap((p) => p.lines))
        if (lot.qty < 2 ** 52) wrong.push({ kind: "pin", sale: line.id, lot: lot.id, qty: lot.qty + 1 });
    }
  return wrong;
}
