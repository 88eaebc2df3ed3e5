/** Why this cost? Opened through every level of production, transfers and returns, with what each correction followed. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { closeDatabase } from "../../db/scope";
import type { AssemblyFact, Fact } from "../../lib/core/facts";
import { changeCosting } from "../../lib/desk/costing-settings";
import { addCost, takeBackCosts } from "../../lib/desk/costs";
import type { Scope } from "../../lib/people/access";
import { costHistory, type Why, whyOf } from "../../lib/sales/why";
import { lotView } from "../../lib/stock/lots";
import { testDatabase } from "../support/database";
import { aShop, give, item, order, proved, purchase, refused } from "../support/trading";

let scope: Scope;
let other: Scope;

beforeAll(async () => {
  await testDatabase();
});
afterAll(closeDatabase);
beforeEach(async () => {
  scope = await aShop("One");
  other = await aShop("Two");
});

/** Parts are [item, quantity]; outputs are [item, quantity, share]. */
const make = (
  id: string,
  date: string,
  inputs: readonly (readonly [string, bigint])[],
  outputs: readonly (readonly [string, bigint, bigint])[],
  overhead = 0n,
): AssemblyFact => ({
  kind: "assembly",
  id,
  date,
  location: null,
  inputs: inputs.map(([of, qty], i) => ({ id: `${id}-in-${i + 1}`, item: of, qty })),
  outputs: outputs.map(([of, qty, share], i) => ({ id: `${id}-out-${i + 1}`, item: of, qty, share })),
  overhead,
  account: "9991",
});

const bakery: readonly Fact[] = [
  ...["wheat", "flour", "bran", "salt", "dough", "bread"].map((id) => item(id, id)),
  purchase("w", "2026-01-01", [["wheat", 10n, 1000n]], {
    amount: 1100n,
    extras: [{ label: "Freight", amount: 100n, by: "quantity" }],
  }),
  purchase("s", "2026-01-01", [["salt", 4n, 40n]]),
  make(
    "mill",
    "2026-01-02",
    [["wheat", 10n]],
    [
      ["flour", 8n, 3n],
      ["bran", 2n, 1n],
    ],
  ),
  make(
    "knead",
    "2026-01-03",
    [
      ["flour", 8n],
      ["salt", 2n],
    ],
    [["dough", 4n, 1n]],
  ),
  make("bake", "2026-01-04", [["dough", 4n]], [["bread", 4n, 1n]], 55n),
  order("o", "2026-01-05", [["bread", 2n, 900n]]),
];

/** The tree under a sale as text: item, quantity, cost, and what that was made of. */
function tree(why: Why | null, lot = why?.lots[0]?.lot ?? ""): unknown {
  return why?.opened
    .get(lot)
    ?.parts.map((part) => [
      part.name,
      Number(part.qty),
      Number(part.costMinor),
      part.lot === null ? null : (tree(why, part.lot.id) ?? part.lot.number),
    ]);
}

describe("what was made", () => {
  it("is opened level by level, down to the lots that were bought, with overhead, shares and spread extras", async () => {
    for (const of of [scope, other]) await give(of, bakery);
    const why = await whyOf(scope, "o-1");
    // 1100 of wheat: 825 to flour, 275 to bran; with 20 of salt and 55 of work, 900 for 4 loaves.
    expect(why?.line.cost).toBe(450n);
    expect(why?.isCut).toBe(false);
    expect(tree(why)).toEqual([
      [
        "dough",
        4,
        845,
        [
          ["flour", 8, 825, [["wheat", 10, 1100, "w"]]],
          ["salt", 2, 20, "s"],
        ],
      ],
    ]);
    const making = (lot: string) => why?.opened.get(lot)?.making;
    expect(making("bake-out-1")).toMatchObject({
      document: "bake",
      overheadMinor: 55n,
      costMinor: 845n,
      shortLines: 0,
    });
    expect(making("mill-out-1")).toMatchObject({ share: 3n, shares: 4n, costMinor: 1100n });
    const wheat = await lotView(scope, "w-1");
    expect(wheat.lot).toMatchObject({
      costMinor: 1100n,
      amountMinor: 1000n,
      extras: ["Freight by quantity"],
      leftQty: 0n,
    });
    expect(wheat.takers).toMatchObject([{ kind: "assembly", document: "mill", qty: 10n, costMinor: 1100n }]);
    expect(wheat.opened).toBeNull();
    await proved(scope, other);
  });

  it("says what went in without a cost, and by what its cost was completed", async () => {
    await give(scope, [...bakery.filter((fact) => fact.kind !== "purchase" || fact.id !== "s")]);
    const before = await whyOf(scope, "o-1");
    expect(tree(before)).toEqual([
      [
        "dough",
        4,
        825,
        [
          ["flour", 8, 825, [["wheat", 10, 1100, "w"]]],
          ["salt", 2, 0, null],
        ],
      ],
    ]);
    expect(before?.opened.get("knead-out-1")?.making?.shortLines).toBe(1);
    await give(scope, [purchase("s", "2026-01-01", [["salt", 4n, 40n]])]);
    const after = await whyOf(scope, "o-1");
    expect(after?.postings).toMatchObject({
      first: [{ change: 440n }],
      corrections: [{ change: 10n, followed: { what: "facts.record", who: null } }],
      correctionCount: 1,
    });
    await proved(scope);
  });

  it("is cut where it is long; a lot's own page has all of it, a page at a time", async () => {
    const many = Array.from({ length: 7 }, (_, i) =>
      purchase(`d${i}`, `2026-01-0${i + 1}`, [["bead", 1n, BigInt(i + 1)]]),
    );
    await give(scope, [
      item("bead", "bead"),
      item("chain", "chain"),
      ...many,
      make("string", "2026-02-01", [["bead", 7n]], [["chain", 7n, 1n]]),
      ...Array.from({ length: 5 }, (_, i) => order(`o${i}`, "2026-02-02", [["chain", 1n, 100n]])),
    ]);
    expect(await whyOf(scope, "o0-1", 6)).toMatchObject({ isCut: true });
    expect((await whyOf(scope, "o0-1", 7))?.isCut).toBe(false);
    const costs: bigint[] = [];
    const takers: string[] = [];
    for (let part: string | undefined, more = true; more; ) {
      const view = await lotView(scope, "string-out-1", { part }, 3);
      costs.push(...(view.opened?.parts.map((one) => one.costMinor) ?? []));
      part = view.nextPart ?? undefined;
      more = part !== undefined;
    }
    for (let taker: string | undefined, more = true; more; ) {
      const view = await lotView(scope, "string-out-1", { taker }, 2);
      takers.push(...view.takers.map((one) => `${one.number} ${one.costMinor}`));
      taker = view.nextTaker ?? undefined;
      more = taker !== undefined;
    }
    expect(costs).toEqual([1n, 2n, 3n, 4n, 5n, 6n, 7n]);
    expect(takers).toEqual(["N-o0 4", "N-o1 4", "N-o2 4", "N-o3 4", "N-o4 4"]);
    expect(await refused(lotView(other, "string-out-1"))).toMatchObject({ code: "not_found" });
  });
});

it("what was carried to another place and what came back lead to the lots that they were", async () => {
  await give(scope, [
    { kind: "location", id: "shop", name: "Shop" },
    item("cup", "cup"),
    purchase("p1", "2026-01-01", [["cup", 1n, 100n]]),
    purchase("p2", "2026-01-02", [["cup", 1n, 300n]]),
    {
      kind: "transfer",
      id: "t",
      date: "2026-01-03",
      arrives: null,
      from: "main",
      to: "shop",
      lines: [{ id: "t-1", item: "cup", qty: 2n }],
    },
  ]);
  await changeCosting(scope, { pool: "location", graceDays: 0 });
  const sold = (id: string, on: string) => {
    const made = order(id, on, [["cup", 2n, 900n]]);
    return { ...made, lines: made.lines.map((line) => ({ ...line, location: "shop" })) };
  };
  await give(scope, [
    sold("o", "2026-01-04"),
    {
      kind: "return",
      id: "r",
      date: "2026-01-05",
      order: "o",
      lines: [
        { id: "r-1", line: "o-1", qty: 2n, amount: 0n, restock: true, writeOff: false, location: "shop", placed: true },
      ],
    },
    sold("again", "2026-01-06"),
  ]);
  const why = await whyOf(scope, "again-1");
  expect(why?.lots.map((lot) => [lot.source, tree(why, lot.lot)])).toEqual([
    ["return", [["cup", 1, 300, [["cup", 1, 300, "p2"]]]]],
    ["return", [["cup", 1, 100, [["cup", 1, 100, "p1"]]]]],
  ]);
  await proved(scope);
});

describe("corrections", () => {
  it("say what they followed: who did what, and when; the latest first, a page at a time", async () => {
    await give(scope, [
      item("mug", "Mug", "MUG"),
      purchase("p0", "2026-01-01", [["mug", 1n, 500n]]),
      purchase("p1", "2026-01-02", [["mug", 1n, 900n]]),
      order("a", "2026-02-01", [["Mug", 1n, 2900n, "MUG"]]),
    ]);
    const lot = { line: "a-1", how: { way: "lot" as const, lot: "p1-1" } };
    for (let turn = 0; turn < 2; turn += 1) {
      const { source } = await addCost(scope, lot);
      await takeBackCosts(scope, { source });
    }
    await give(scope, [purchase("late", "2025-12-01", [["mug", 1n, 100n]])]);
    const why = await whyOf(scope, "a-1");
    const told = (postings: Why["postings"] | undefined) =>
      postings?.corrections.map((entry) => [entry.change, entry.followed?.what]);
    const all = [
      [-400n, "facts.record"],
      [-400n, "sale.cost.undo"],
      [400n, "sale.cost"],
      [-400n, "sale.cost.undo"],
      [400n, "sale.cost"],
    ];
    expect(told(why?.postings)).toEqual(all);
    expect(why?.postings.first.map((entry) => entry.change)).toEqual([500n]);
    expect(why?.postings.corrections[1]?.followed?.who).not.toBeNull();
    const first = await costHistory(scope, "a-1", { limit: 2 });
    const second = await costHistory(scope, "a-1", { limit: 2, after: first?.postings.next ?? "" });
    const third = await costHistory(scope, "a-1", { limit: 2, after: second?.postings.next ?? "" });
    expect([first, second, third].flatMap((page) => told(page?.postings) ?? [])).toEqual(all);
    expect([first, second, third].map((page) => page?.postings.correctionCount)).toEqual([5, 5, 5]);
    expect(third?.postings.next).toBeNull();
    expect(await costHistory(other, "a-1")).toBeNull();
  });
});
