/**
 * Posting and taking back (M12 of reliability.md): the trial balance is as before at every account, and the chain is longer by two for
 * each entry that the fact brought: itself, and what offsets it. In open days and in closed ones, for every kind of fact.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { closeDatabase } from "../../db/scope";
import { closeThrough } from "../../lib/books/periods";
import { type Fact, factKey } from "../../lib/core/facts";
import type { Scope } from "../../lib/people/access";
import { resultOf } from "../../lib/replay/run";
import { undoFacts } from "../../lib/undo";
import { testDatabase } from "../support/database";
import { aShop, give, item, order, proved, purchase } from "../support/trading";

let other: Scope;
let untouched: Awaited<ReturnType<typeof resultOf>>;
beforeAll(async () => {
  await testDatabase();
  other = await aTrader();
  untouched = await resultOf(other);
});
afterAll(async () => {
  expect(await resultOf(other)).toEqual(untouched);
  await proved(other);
  await closeDatabase();
});

const on = "2025-03-10";
const line = { id: "x-1", item: "mug", qty: 4n, amount: 77n, location: null };
const back = { id: "x-1", line: "o1-1", qty: 1n, amount: 450n, location: null, placed: true };
const charge = { kind: "charge", channel: "shop", date: on, category: "advertising", type: "ad", memo: "" } as const;

/** Each with the entries that it brings by itself and by the costs that it moves; 0: it says something, and posts nothing. */
const facts: readonly (readonly [name: string, fact: Fact, entries: number])[] = [
  ["a purchase after the sales", purchase("x", "2025-04-01", [["mug", 4n, 77n]]), 1],
  // Its own, the three sales of mugs, and the set that was made of mugs and sold.
  ["a purchase before the sales", purchase("x", "2025-01-01", [["mug", 7n, 77n]]), 5],
  ["an opening", { kind: "opening", id: "x", date: "2025-04-01", lines: [line] }, 1],
  ["a count over", { kind: "adjustment", id: "x", date: "2025-04-01", location: null, reason: null, lines: [line] }, 1],
  [
    "a count short",
    { kind: "adjustment", id: "x", date: "2025-04-01", location: null, reason: null, lines: [{ ...line, qty: -2n }] },
    1,
  ],
  ["a transfer", { kind: "transfer", id: "x", date: on, arrives: null, from: "main", to: "depot", lines: [line] }, 0],
  ["a sale", order("x", "2025-04-01", [["Mug", 1n, 900n, "MUG"]], { fees: [{ kind: "selling", amount: 90n }] }), 3],
  ["a sale of nothing known", order("x", on, [["Lamp", 1n, 900n]]), 1],
  [
    "a return",
    { kind: "return", id: "x", date: on, order: "o1", lines: [{ ...back, restock: true, writeOff: false }] },
    2,
  ],
  [
    "a return written off",
    { kind: "return", id: "x", date: on, order: "o1", lines: [{ ...back, restock: false, writeOff: true }] },
    2,
  ],
  [
    "a return to the supplier",
    {
      kind: "purchase_return",
      id: "x",
      date: "2025-04-01",
      purchase: "p1",
      lines: [{ id: "x-1", line: "p1-1", qty: 1n, amount: 90n }],
    },
    // What goes back counts first in its lot: a cent moves between two older sales.
    3,
  ],
  ["a payout", { kind: "payout", id: "x", channel: "shop", date: on, amount: 700n }, 1],
  ["a charge", { ...charge, id: "x", amount: -300n, order: null }, 1],
  ["a choice of a lot", { kind: "pin", sale: "o1-1", lot: "p2-1", qty: 1n }, 2],
  [
    "a cost that is not in the books",
    { kind: "backfill", id: "x", sale: "o9-1", date: on, amount: 120n, qty: null, account: "3000" },
    2,
  ],
  // The line's own cost, and a cent of the set that is made the day after.
  ["a match", { kind: "match", sale: "o9-1", item: "mug" }, 2],
];

async function aTrader(): Promise<Scope> {
  const scope = await aShop("Reversed");
  await give(scope, [
    { kind: "location", id: "depot", name: "Depot" },
    item("mug", "Mug", "MUG"),
    item("set", "Set", "SET"),
    purchase("p1", "2025-02-01", [["mug", 10n, 1_003n]]),
    purchase("p2", "2025-02-02", [["mug", 10n, 2_001n]]),
    order("o1", "2025-03-01", [["Mug", 2n, 1_800n, "MUG"]]),
    order("o2", "2025-03-02", [["Mug", 1n, 900n, "MUG"]]),
    order("o3", "2025-03-03", [["Mug", 1n, 900n, "MUG"]]),
    order("o9", "2025-03-04", [["Something else", 1n, 900n]]),
    {
      kind: "assembly",
      id: "m1",
      date: "2025-03-05",
      location: null,
      inputs: [{ id: "m1-in", item: "mug", qty: 3n }],
      outputs: [{ id: "m1-out", item: "set", qty: 1n, share: 1n }],
      overhead: 0n,
      account: "9991",
    },
    order("o4", "2025-03-06", [["Set", 1n, 2_900n, "SET"]]),
  ]);
  return scope;
}

describe.each(["open", "closed"] as const)("in %s days, posted and taken back", (days) => {
  test.each(facts)("%s leaves the trial balance as it was", async (_name, fact, entries) => {
    const scope = await aTrader();
    if (days === "closed") await closeThrough(scope, "2025-04-30", { today: "2026-01-01" });
    const before = await resultOf(scope);
    await give(scope, [fact]);
    const posted = await resultOf(scope);
    expect(posted.entries - before.entries).toBe(entries);
    await proved(scope);
    await undoFacts(scope, [factKey(fact)], { source: null, userId: scope.userId });
    const after = await resultOf(scope);
    expect(after.entries - before.entries).toBe(2 * entries);
    const { entries: _now, adjusting_entries: _corrections, ...books } = after;
    const { entries: _then, adjusting_entries: _earlier, ...asBefore } = before;
    expect(books).toEqual(asBefore);
    await proved(scope);
  });
});
