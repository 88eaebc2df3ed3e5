/** What the replay format does not have: new versions of documents, returned goods placed later, what was undone done again. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { closeDatabase, inBusiness } from "../../db/scope";
import { verifyBooks } from "../../lib/books/verify";
import type { Fact, OrderFact, PurchaseFact } from "../../lib/core/facts";
import type { Scope } from "../../lib/people/access";
import { preview } from "../../lib/preview";
import { record } from "../../lib/record";
import { resultOf } from "../../lib/replay/run";
import { addChannel } from "../../lib/sales/channel-accounts";
import { undoFacts, undoSource } from "../../lib/undo";
import { aSeller } from "../../scripts/lib/sellers";
import { testDatabase } from "../support/database";

let scope: Scope;
let other: Scope;
const origin = { source: null, userId: null };
const channels = async (of: Scope) => {
  await inBusiness(of, (tx) => addChannel(tx, of, { id: "shop", kind: "hand", name: "Shop", state: "file" }));
};
beforeAll(async () => {
  await testDatabase();
});
afterAll(closeDatabase);
beforeEach(async () => {
  scope = await aSeller("One");
  other = await aSeller("Two");
  await channels(scope);
  await channels(other);
});

const item = (id: string, sku: string): Fact => ({
  kind: "item",
  id,
  name: `Item ${id}`,
  sku,
  decimals: 0,
  aliases: [],
});
const purchase = (
  id: string,
  date: string,
  lines: readonly (readonly [string, bigint, bigint])[],
  over: Partial<PurchaseFact> = {},
): PurchaseFact => ({
  kind: "purchase",
  id,
  date,
  amount: lines.reduce((sum, [, , amount]) => sum + amount, 0n),
  lines: lines.map(([of, qty, amount], i) => ({ id: `${id}-${i + 1}`, item: of, qty, amount, location: null })),
  extras: [],
  account: "1000",
  supplier: null,
  ...over,
});
const order = (
  id: string,
  on: string,
  lines: readonly (readonly [string, bigint, bigint])[],
  over: Partial<OrderFact> = {},
): OrderFact => ({
  kind: "order",
  id,
  channel: "shop",
  number: id,
  when: { on, at: null },
  lines: lines.map(([sku, qty, amount], i) => ({
    id: `${id}-${i + 1}`,
    sku,
    name: sku,
    listing: null,
    qty,
    amount,
    location: null,
  })),
  shipping: 0n,
  tax: 0n,
  taxBy: "seller",
  discount: 0n,
  fees: [],
  ...over,
});
const versioned = (fact: Fact, version: string | null = null) => ({ fact, version });
const give = (of: Scope, facts: readonly Fact[], version: string | null = null) =>
  record(
    of,
    facts.map((fact) => versioned(fact, version)),
    origin,
  );
const books = async (of: Scope) => ({ ...(await resultOf(of)), entries: 0, adjusting_entries: 0 });
const isProved = async (of: Scope) =>
  expect((await verifyBooks(of)).checks.filter((check) => check.findings.length > 0)).toEqual([]);

const stock = [
  item("a", "A"),
  item("b", "B"),
  purchase("p1", "2025-01-01", [
    ["a", 10n, 1000n],
    ["b", 5n, 777n],
  ]),
  purchase("p2", "2025-02-01", [["a", 7n, 903n]]),
];

describe("a new version of a document", () => {
  test("leaves the books as if only the last had ever been", async () => {
    const versions: OrderFact[] = [
      order(
        "o",
        "2025-03-01",
        [
          ["A", 3n, 3000n],
          ["B", 1n, 900n],
        ],
        { tax: 120n, fees: [{ kind: "selling", amount: 80n }] },
      ),
      order(
        "o",
        "2025-03-03",
        [
          ["A", 2n, 2000n],
          ["B", 2n, 1800n],
          ["A", 1n, 500n],
        ],
        { discount: 333n, taxBy: "channel", tax: 99n },
      ),
      order("o", "2025-02-27", [["B", 1n, 900n]], { shipping: 250n, fees: [{ kind: "payment", amount: -7n }] }),
    ];
    await give(scope, stock);
    for (const [i, fact] of versions.entries()) await give(scope, [fact], `v${i}`);
    await give(other, [...stock, versions[2] as OrderFact]);
    expect(await books(scope)).toEqual(await books(other));
    await isProved(scope);
  });

  test("an older version changes nothing, and the same again changes nothing", async () => {
    await give(scope, stock);
    await give(scope, [order("o", "2025-03-01", [["A", 3n, 3000n]])], "v2");
    const before = await books(scope);
    expect(await give(scope, [order("o", "2025-03-01", [["A", 9n, 9000n]])], "v1")).toMatchObject({
      already: 1,
      replaced: 0,
    });
    expect(await give(scope, [order("o", "2025-03-01", [["A", 3n, 3000n]])], "v2")).toMatchObject({
      already: 1,
      replaced: 0,
    });
    expect(await books(scope)).toEqual(before);
  });

  test("keeps the returns of its lines, and refuses to drop what came back", async () => {
    await give(scope, stock);
    await give(
      scope,
      [
        order("o", "2025-03-01", [
          ["A", 3n, 3000n],
          ["B", 2n, 900n],
        ]),
      ],
      "v1",
    );
    await give(scope, [
      {
        kind: "return",
        id: "r",
        date: "2025-03-09",
        order: "o",
        lines: [
          {
            id: "r-1",
            line: "o-1",
            qty: 2n,
            amount: 2000n,
            restock: true,
            writeOff: false,
            location: null,
            placed: true,
          },
        ],
      },
    ]);
    await give(scope, [order("o", "2025-03-01", [["A", 4n, 4000n]])], "v2");
    await isProved(scope);
    await expect(give(scope, [order("o", "2025-03-01", [["A", 1n, 1000n]])], "v3")).rejects.toMatchObject({
      code: "in_use",
    });
    await expect(give(scope, [order("o", "2025-03-01", [], {})], "v4")).rejects.toMatchObject({ code: "in_use" });
    // A return is dated on or after its sale, so a sale does not move past its return.
    await expect(give(scope, [order("o", "2025-03-10", [["A", 4n, 4000n]])], "v5")).rejects.toMatchObject({
      code: "in_use",
    });
    await give(scope, [order("o", "2025-03-09", [["A", 4n, 4000n]])], "v6");
    await isProved(scope);
  });

  test("a purchase detailed in parts is as one detailed at once; money still to detail is told", async () => {
    const part = purchase("p", "2025-01-05", [["a", 2n, 400n]], { amount: 1500n });
    const whole = purchase(
      "p",
      "2025-01-05",
      [
        ["a", 2n, 400n],
        ["b", 3n, 900n],
      ],
      { amount: 1500n, extras: [{ label: "Shipping", amount: 200n }] },
    );
    await give(scope, [
      item("a", "A"),
      item("b", "B"),
      order("o", "2025-01-09", [
        ["A", 1n, 999n],
        ["B", 1n, 999n],
      ]),
    ]);
    await give(scope, [purchase("p", "2025-01-05", [], { amount: 1500n })], "v1");
    expect((await books(scope)).to_detail).toBe(1500);
    await give(scope, [part], "v2");
    expect((await books(scope)).to_detail).toBe(1100);
    await give(scope, [whole], "v3");
    await give(other, [
      item("a", "A"),
      item("b", "B"),
      order("o", "2025-01-09", [
        ["A", 1n, 999n],
        ["B", 1n, 999n],
      ]),
      whole,
    ]);
    expect(await books(scope)).toEqual(await books(other));
    expect((await books(scope)).to_detail).toBe(0);
    await isProved(scope);
  });

  test("a purchase whose units were chosen for a sale keeps them", async () => {
    await give(scope, [item("a", "A"), order("o", "2025-01-09", [["A", 2n, 999n]])]);
    await give(scope, [purchase("p", "2025-01-20", [["a", 3n, 301n]])], "v1");
    await give(scope, [{ kind: "pin", sale: "o-1", lot: "p-1", qty: 2n }]);
    await expect(give(scope, [purchase("p", "2025-01-20", [["a", 1n, 301n]])], "v2")).rejects.toMatchObject({
      code: "in_use",
    });
    await give(scope, [purchase("p", "2025-01-20", [["a", 4n, 500n]])], "v3");
    expect((await books(scope)).sales[0]).toMatchObject({ cost: 250, uncosted: 0 });
    await isProved(scope);
  });

  test("an item that gets another's SKU takes the lines away that nothing else holds, and gives them back", async () => {
    await give(
      scope,
      [item("a", "A"), order("o", "2025-01-09", [["A", 2n, 999n]]), purchase("p", "2025-01-01", [["a", 3n, 301n]])],
      "v1",
    );
    expect((await books(scope)).sales[0]).toMatchObject({ item: "a", cost: 201 });
    const moved = await preview(scope, { facts: [versioned(item("b", "A"), "v1")] });
    expect(moved).toMatchObject({ saleCount: 1, cost: { change: -201n } });
    await give(scope, [item("b", "A")], "v1");
    expect((await books(scope)).sales[0]).toMatchObject({ item: null, uncosted: 2 });
    await give(scope, [item("b", "B")], "v2");
    expect((await books(scope)).sales[0]).toMatchObject({ item: "a", cost: 201 });
    await isProved(scope);
  });
});

describe("returned goods that a person places", () => {
  test("wait, come back, are taken back, and are written off", async () => {
    await give(scope, stock);
    await give(scope, [order("o", "2025-03-01", [["A", 3n, 3000n]])], "v1");
    await give(
      scope,
      [
        {
          kind: "return",
          id: "r",
          date: "2025-03-05",
          order: "o",
          lines: [
            {
              id: "r-1",
              line: "o-1",
              qty: 1n,
              amount: 1000n,
              restock: false,
              writeOff: false,
              location: null,
              placed: false,
            },
          ],
        },
      ],
      "v1",
    );
    const waiting = await books(scope);
    expect(waiting.on_hand.find((row) => row.item === "a")?.qty).toBe(14);
    await give(scope, [{ kind: "placement", line: "r-1", restock: true, writeOff: false, location: null }]);
    expect((await books(scope)).on_hand.find((row) => row.item === "a")?.qty).toBe(15);
    await isProved(scope);
    await undoFacts(scope, ["placement/r-1"], origin);
    expect(await books(scope)).toEqual(waiting);
    await record(
      scope,
      [versioned({ kind: "placement", line: "r-1", restock: false, writeOff: true, location: null })],
      { ...origin, revives: true },
    );
    expect((await books(scope)).trial_balance.find((row) => row.code === "5100")?.amount).toBe(100);
    await isProved(scope);
  });
});

describe("undo", () => {
  test("of an import takes all of it, and the import again brings all of it back", async () => {
    const from = { source: "import-1", userId: null, revives: true };
    const all = [...stock, order("o", "2025-03-01", [["A", 3n, 3000n]])];
    const empty = await books(scope);
    await record(
      scope,
      all.map((fact) => versioned(fact)),
      from,
    );
    const full = await books(scope);
    expect((await undoSource(scope, "import-1", origin)).undone).toBe(all.length);
    expect({ ...(await books(scope)), lots: [] }).toEqual(empty);
    await isProved(scope);
    await record(
      scope,
      all.map((fact) => versioned(fact)),
      from,
    );
    expect(await books(scope)).toEqual(full);
    await isProved(scope);
  });

  test("of a sync stays: the same document again does not bring it back", async () => {
    await give(scope, [...stock, order("o", "2025-03-01", [["A", 3n, 3000n]])]);
    await undoFacts(scope, ["order/o"], origin);
    const before = await books(scope);
    expect(await give(scope, [order("o", "2025-03-01", [["A", 3n, 3000n]])])).toMatchObject({ added: 0, already: 1 });
    expect(await books(scope)).toEqual(before);
  });

  test("is refused while another fact depends on it, and says which", async () => {
    await give(scope, [
      ...stock,
      order("o", "2025-01-01", [["A", 1n, 900n]]),
      { kind: "pin", sale: "o-1", lot: "p2-1", qty: 1n },
    ]);
    await expect(undoFacts(scope, ["purchase/p2"], origin)).rejects.toMatchObject({ code: "in_use" });
    await isProved(scope);
  });
});

describe("a preview", () => {
  test("says what then happens, and writes nothing", async () => {
    await give(scope, [...stock, order("o", "2025-03-01", [["A", 12n, 9000n]])]);
    const before = await books(scope);
    const late = purchase("p0", "2024-12-01", [["a", 4n, 40n]]);
    const seen = await preview(scope, { facts: [versioned(late)] });
    expect(await books(scope)).toEqual(before);
    await give(scope, [late]);
    const after = await books(scope);
    const cost = (of: typeof before) => BigInt(of.sales[0]?.cost ?? 0);
    expect(seen.saleCount).toBe(1);
    expect(seen.sales[0]).toMatchObject({ line: "o-1", before: cost(before), after: cost(after) });
    expect(seen.cost.change).toBe(cost(after) - cost(before));
    await isProved(scope);
  });
});

test("nothing of one business moved by the other's facts", async () => {
  await give(other, [...stock, order("o", "2025-03-01", [["A", 3n, 3000n]])]);
  const before = await books(other);
  await give(scope, [...stock, order("o", "2025-03-01", [["A", 9n, 9000n]])]);
  await undoFacts(scope, ["order/o"], origin);
  expect(await books(other)).toEqual(before);
  await isProved(other);
});
