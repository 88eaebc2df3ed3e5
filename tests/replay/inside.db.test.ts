/** Production, bundles and locations through the whole product: what replay prints of them, what it refuses, and that the books are proved. */
import { sql } from "drizzle-orm";
import { afterAll, describe, expect, test } from "vitest";
import { closeDatabase, inBusiness, rowsOf } from "../../db/scope";
import { verifyBooks } from "../../lib/books/verify";
import { systemScope } from "../../lib/people/access";
import { removeBusiness } from "../../lib/people/businesses";
import { record } from "../../lib/record";
import { parseFact } from "../../lib/replay/parse";
import { ReplayRefused, type ReplayResult, replay, resultOf } from "../../lib/replay/run";

afterAll(closeDatabase);

type Raw = Readonly<Record<string, unknown>>;
const numbered = (facts: readonly Raw[]) => facts.map((value, i) => ({ line: i + 1, value }));

async function proved(businessId: string): Promise<void> {
  const proof = await verifyBooks({ businessId });
  expect(proof.checks.filter((check) => check.findings.length > 0)).toEqual([]);
}

/** Replays facts all at once and one by one; the books are proved, and the same. */
async function booksOf(facts: readonly Raw[]): Promise<ReplayResult> {
  const results: ReplayResult[] = [];
  for (const chunk of [null, 1]) {
    const done = await replay(numbered(facts), { chunk, keeps: true, name: "inside" });
    await proved(done.businessId);
    await removeBusiness(await systemScope(done.businessId));
    results.push({ ...done.result, entries: 0, adjusting_entries: 0 });
  }
  const [first, second] = results;
  expect(second).toEqual(first);
  if (first === undefined) throw new Error("nothing was replayed");
  return first;
}

const item = (id: string, more: Raw = {}) => ({ kind: "item", id, name: id, ...more });
const buy = (id: string, what: string, qty: number, amount: number, date: string, more: Raw = {}) => ({
  kind: "purchase",
  id,
  date,
  amount,
  lines: [{ id: `${id}-1`, item: what, qty, amount, ...more }],
});
const sell = (id: string, name: string, qty: number, at: string, more: Raw = {}) => ({
  kind: "order",
  id,
  channel: "web",
  at,
  lines: [{ id: `${id}-1`, name, qty, amount: 1000, ...more }],
});
const back = (id: string, order: string, qty: number, date: string, more: Raw = {}) => ({
  kind: "return",
  id,
  date,
  order,
  lines: [{ id: `${id}-1`, line: `${order}-1`, qty, amount: 0, restock: true, ...more }],
});
const saleOf = (result: ReplayResult, line: string) => result.sales.find((sale) => sale.line === line);
const lot = (result: ReplayResult, id: string) => result.lots.find((one) => one.lot === id);
const account = (result: ReplayResult, code: string) =>
  result.trial_balance.find((row) => row.code === code)?.amount ?? 0;

describe("a bundle", () => {
  const cups = [
    item("cup"),
    item("plate"),
    item("pair", { components: [{ item: "cup", qty: 2 }] }),
    item("set", {
      components: [
        { item: "plate", qty: 1 },
        { item: "pair", qty: 1 },
        { item: "cup", qty: 1 },
      ],
    }),
  ];

  test("moves its parts, bundles in bundles and equal parts added up, and is itself never on hand", async () => {
    const result = await booksOf([...cups, buy("p", "cup", 4, 1000, "2025-03-01"), sell("o", "set", 2, "2025-03-02")]);
    expect(saleOf(result, "o-1")).toEqual({
      line: "o-1",
      item: "set",
      matched_by: "name",
      qty: 2,
      cost: 1000,
      uncosted: 4,
      allocations: [{ lot: "p-1", qty: 4, cost: 1000 }],
    });
    expect(result.on_hand).toEqual([
      { item: "cup", location: "main", qty: -2 },
      { item: "plate", location: "main", qty: -2 },
    ]);
    expect(account(result, "5000")).toBe(1000);
  });

  test("comes back whole, part by part in the order of its list, as lots numbered over all of the line", async () => {
    const result = await booksOf([
      ...cups,
      buy("p1", "cup", 2, 100, "2025-03-01"),
      buy("p2", "cup", 9, 900, "2025-03-02"),
      buy("q", "plate", 2, 500, "2025-03-02"),
      sell("o", "set", 2, "2025-03-03"),
      back("r1", "o", 1, "2025-03-04"),
      back("r2", "o", 1, "2025-03-05"),
    ]);
    const made = result.lots.filter((one) => one.lot.startsWith("r"));
    expect(made.map((one) => [one.lot, one.item, one.qty, one.amount])).toEqual([
      ["r1-1.1", "plate", 1, 250],
      ["r1-1.2", "cup", 3, 300],
      ["r2-1.1", "plate", 1, 250],
      ["r2-1.2", "cup", 1, 100],
      ["r2-1.3", "cup", 2, 100],
    ]);
    expect(account(result, "5000")).toBe(0);
  });

  test("first has its parts' shortage cancelled, each in its own units, and written off takes what its parts cost", async () => {
    const result = await booksOf([
      ...cups,
      buy("p", "cup", 4, 400, "2025-03-01"),
      sell("o", "set", 3, "2025-03-03"),
      back("r", "o", 1, "2025-03-04"),
      back("w", "o", 1, "2025-03-05", { restock: false, write_off: true }),
    ]);
    // Of 9 cups and 3 plates, 4 cups were there: the return cancels 3 of 5 cups and 1 of 3 plates; the write-off takes 3 cups' cost.
    expect(saleOf(result, "o-1")).toMatchObject({ cost: 400, uncosted: 4 });
    expect(lot(result, "r-1")).toBeUndefined();
    expect([account(result, "5000"), account(result, "5100")]).toEqual([100, 300]);
  });

  test("is pinned by its parts, in their units, and a pin holds what it is", async () => {
    const facts = [
      ...cups,
      buy("p1", "cup", 6, 600, "2025-03-01"),
      buy("p2", "cup", 6, 1200, "2025-03-02"),
      sell("o", "Set", 2, "2025-03-03"),
      { kind: "pin", sale: "o-1", lot: "p2-1", qty: 5 },
      item("other", { aliases: ["set"] }),
    ];
    const result = await booksOf(facts);
    expect(saleOf(result, "o-1")).toMatchObject({
      item: "set",
      cost: 1100,
      allocations: [
        { lot: "p1-1", qty: 1, cost: 100 },
        { lot: "p2-1", qty: 5, cost: 1000 },
      ],
    });
  });

  test("that a line was and is no more leaves nothing behind, nor does one that it comes to be", async () => {
    const facts = [
      ...cups,
      buy("p", "cup", 9, 900, "2025-03-01"),
      buy("q", "plate", 9, 1800, "2025-03-01"),
      sell("o", "set", 1, "2025-03-03"),
      back("r", "o", 1, "2025-03-04"),
      sell("s", "plate", 2, "2025-03-05"),
    ];
    const before = await booksOf(facts);
    expect(account(before, "5000")).toBe(400);
    const hand = { kind: "match", sale: "o-1", item: "cup" };
    const other = { kind: "match", sale: "s-1", item: "set" };
    const moved = await booksOf([...facts, hand, other]);
    expect(moved.lots.filter((one) => one.lot.startsWith("r")).map((one) => [one.lot, one.amount])).toEqual([
      ["r-1", 100],
    ]);
    expect(saleOf(moved, "s-1")).toMatchObject({ item: "set", cost: 2 * (200 + 300) });
    const undone = [
      { kind: "undo", of: "match", sale: "o-1" },
      { kind: "undo", of: "match", sale: "s-1" },
    ];
    expect(await booksOf([...facts, hand, other, ...undone])).toEqual(before);
  });

  test("whose list is changed moves its sales anew", async () => {
    const stock = [item("cup"), item("plate"), buy("p", "cup", 9, 900, "2025-03-01")];
    // What is sold under a name is not known before its item is.
    const sales = [
      sell("o", "pair", 2, "2025-03-03"),
      sell("s", "set", 1, "2025-03-05"),
      back("r", "o", 1, "2025-03-04"),
    ];
    const done = await replay(numbered([...stock, ...sales]), { chunk: null, keeps: true, name: "changed" });
    const scope = await systemScope(done.businessId);
    const say = async (raw: Raw, version: string) => {
      const parsed = parseFact(raw, "UTC");
      if (parsed.kind === "fact") await record(scope, [{ fact: parsed.fact, version }], { source: null, userId: null });
    };
    const pair = (what: string, qty: number) => item("pair", { components: [{ item: what, qty }] });
    const costs = async () => {
      await proved(scope.businessId);
      const result = await resultOf(scope);
      return ["o-1", "s-1"].map((line) => [saleOf(result, line)?.cost, saleOf(result, line)?.uncosted]);
    };
    await say(pair("cup", 2), "1");
    await say(cups[3] ?? {}, "1");
    expect(await costs()).toEqual([
      [400, 0],
      [300, 1],
    ]);
    await say(pair("cup", 3), "2");
    expect(await costs()).toEqual([
      [600, 0],
      [400, 1],
    ]);
    await say(pair("plate", 1), "3");
    // Both pairs came short of plates, and one of them came back.
    expect(await costs()).toEqual([
      [0, 1],
      [100, 2],
    ]);
    await expect(say(pair("set", 1), "4")).rejects.toMatchObject({ code: "does_not_fit" });
    await expect(say({ ...item("cup"), components: [{ item: "plate", qty: 1 }] }, "4")).rejects.toMatchObject({
      code: "fact_changed",
    });
    // A list taken away makes a thing of its own of it, which nothing was ever bought of.
    await say(item("pair"), "5");
    expect(await costs()).toEqual([
      [0, 1],
      [100, 2],
    ]);
    await removeBusiness(scope);
  });
});

describe("a line with a given cost, and a bundle of its name", () => {
  const sold = sell("o", "Set", 1, "2025-03-03");
  const given = { kind: "backfill", id: "b", sale: "o-1", date: "2025-03-01", amount: 300 };
  const bundle = item("set", { components: [{ item: "cup", qty: 1 }] });
  const second = item("other", { aliases: ["Set"] });
  const listed = sell("x", "unknown", 1, "2025-03-02", { listing: "L" });

  const refusalOf = async (facts: readonly Raw[], chunk: number | null): Promise<string> => {
    const error = await replay(numbered(facts), { chunk, keeps: false, name: "given" }).then(
      () => null,
      (thrown: unknown) => thrown,
    );
    if (error === null) return "accepted";
    if (!(error instanceof ReplayRefused)) throw error;
    return `${error.line} ${error.refusal.code}`;
  };

  test.each([
    // Accepted all at once for long: the second item takes the line away again.
    ["bundle, then a second item", [item("cup"), sold, given, bundle, second], "4 does_not_fit"],
    ["bundle alone", [item("cup"), sold, given, bundle], "4 does_not_fit"],
    ["cost after the bundle, then a second item", [item("cup"), bundle, sold, given, second], "4 does_not_fit"],
    [
      "by hand, on another line of its listing, then by hand on its own",
      [
        item("cup"),
        bundle,
        listed,
        sell("o", "nothing", 1, "2025-03-03", { listing: "L" }),
        given,
        { kind: "match", sale: "x-1", item: "set" },
        { kind: "match", sale: "o-1", item: "cup" },
      ],
      "6 does_not_fit",
    ],
    [
      "a pin of what no line of its listing could be",
      [
        item("cup"),
        item("mug"),
        buy("p", "cup", 1, 100, "2025-03-01"),
        sell("m", "mug", 1, "2025-03-02", { listing: "L" }),
        sell("o", "mug", 1, "2025-03-03", { listing: "L" }),
        { kind: "pin", sale: "o-1", lot: "p-1", qty: 1 },
      ],
      "6 does_not_fit",
    ],
    [
      "a pin of what its listing says, until another item takes the SKU",
      [
        item("cup"),
        buy("p", "cup", 1, 100, "2025-03-01"),
        sell("m", "cup", 1, "2025-03-02", { listing: "L" }),
        sell("o", "nothing", 1, "2025-03-03", { listing: "L" }),
        { kind: "pin", sale: "o-1", lot: "p-1", qty: 1 },
        item("mug", { aliases: ["cup"] }),
      ],
      "accepted",
    ],
    [
      "a pin before the match that would allow it",
      [
        item("cup"),
        buy("p", "cup", 1, 100, "2025-03-01"),
        sell("o", "nothing", 1, "2025-03-03", { listing: "L" }),
        { kind: "pin", sale: "o-1", lot: "p-1", qty: 1 },
        { kind: "match", sale: "o-1", item: "cup" },
      ],
      "4 does_not_fit",
    ],
    [
      "the same without a listing",
      [
        item("cup"),
        buy("p", "cup", 1, 100, "2025-03-01"),
        sell("o", "nothing", 1, "2025-03-03"),
        { kind: "pin", sale: "o-1", lot: "p-1", qty: 1 },
        { kind: "match", sale: "o-1", item: "cup" },
      ],
      "4 does_not_fit",
    ],
    ["second item first", [item("cup"), second, sold, given, bundle], "accepted"],
    ["both items first", [item("cup"), bundle, second, sold, given], "accepted"],
    [
      "by hand first",
      [item("cup"), sold, { kind: "match", sale: "o-1", item: "cup" }, given, bundle, second],
      "accepted",
    ],
  ] as const)("%s: the same in every chunk", async (_name, facts, expected) => {
    const said: string[] = [];
    for (const chunk of [null, 1, 2, 3]) said.push(await refusalOf(facts, chunk));
    expect(said).toEqual([expected, expected, expected, expected]);
    if (expected === "accepted") await booksOf(facts);
  });

  test("a line that its pin alone holds is worked out again when a line that it could be like comes to its listing", async () => {
    const facts = [
      item("cup"),
      item("tea"),
      item("kit", { components: [{ item: "cup", qty: 1 }] }),
      buy("p", "cup", 3, 300, "2025-03-01"),
      sell("m", "nothing", 1, "2025-03-02", { listing: "L" }),
      sell("q", "nothing", 1, "2025-03-02", { listing: "L" }),
      sell("o", "nothing", 1, "2025-03-03", { listing: "L" }),
      { kind: "match", sale: "m-1", item: "cup" },
      { kind: "pin", sale: "o-1", lot: "p-1", qty: 1 },
      { kind: "undo", of: "match", sale: "m-1" },
      { kind: "match", sale: "q-1", item: "tea" },
      sell("n", "kit", 1, "2025-03-04", { listing: "L" }),
    ];
    const held = await booksOf(facts.slice(0, -1));
    expect(saleOf(held, "o-1")).toMatchObject({ item: "cup", matched_by: "listing", cost: 100 });
    const result = await booksOf(facts);
    expect([saleOf(result, "o-1")?.item, saleOf(result, "n-1")?.item]).toEqual(["kit", "tea"]);
  });

  test("and a match by hand that keeps the line from it are taken together as one after the other", async () => {
    const done = await replay(numbered([item("cup"), sold, given]), { chunk: null, keeps: true, name: "kept" });
    const scope = await systemScope(done.businessId);
    const facts = [{ kind: "match", sale: "o-1", item: "cup" }, bundle].map((raw) => {
      const parsed = parseFact(raw, "UTC");
      if (parsed.kind !== "fact") throw new Error("these are facts");
      return { fact: parsed.fact, version: null };
    });
    const origin = { source: null, userId: null };
    expect(await record(scope, facts, origin)).toMatchObject({ added: 2, already: 0, replaced: 0 });
    expect(saleOf(await resultOf(scope), "o-1")).toMatchObject({ item: "cup", matched_by: "hand", cost: 300 });
    await proved(scope.businessId);
    await removeBusiness(scope);
    const again = await replay(numbered([item("cup"), sold, given]), { chunk: null, keeps: true, name: "not kept" });
    const other = await systemScope(again.businessId);
    await expect(record(other, [...facts].reverse(), origin)).rejects.toMatchObject({
      code: "does_not_fit",
      detail: { index: "0" },
    });
    await proved(other.businessId);
    await removeBusiness(other);
  });
});

describe("production", () => {
  test("costs its inputs and the overhead, which alone is posted; what it is short of comes later, on the sale's day or the first open one", async () => {
    const facts = [
      item("flour"),
      item("yeast"),
      item("bread"),
      item("crumbs"),
      buy("p", "flour", 2, 200, "2025-03-01"),
      {
        kind: "assembly",
        id: "bake",
        date: "2025-03-02",
        inputs: [
          { id: "i1", item: "flour", qty: 2 },
          { id: "i2", item: "yeast", qty: 1 },
        ],
        outputs: [
          { id: "x", item: "bread", qty: 3, share: 2 },
          { id: "y", item: "crumbs", qty: 1, share: 1 },
        ],
        overhead: 50,
      },
      sell("o", "bread", 1, "2025-03-03"),
    ];
    const first = await booksOf(facts);
    expect([lot(first, "x")?.amount, lot(first, "y")?.amount, saleOf(first, "o-1")?.cost]).toEqual([167, 83, 56]);
    expect([account(first, "9991"), account(first, "1200")]).toEqual([-50, 194]);
    const closed = [...facts, { kind: "close", through: "2025-03-31" }, buy("q", "yeast", 1, 31, "2025-03-01")];
    const done = await replay(numbered(closed), { chunk: null, keeps: true, name: "closed" });
    await proved(done.businessId);
    expect([lot(done.result, "x")?.amount, saleOf(done.result, "o-1")?.cost]).toEqual([187, 62]);
    const late = await inBusiness({ businessId: done.businessId }, (tx) =>
      rowsOf<{ effective: string; posted: string; amount: string }>(
        tx,
        sql`select e.effective_on::text as effective, e.posted_on::text as posted, p.amount_minor::text as amount from app.journal_entries e
            join app.postings p on p.business_id = ${done.businessId} and p.entry_id = e.id
            where e.business_id = ${done.businessId} and e.document_kind = 'cost' and e.is_correction`,
      ),
    );
    expect(late).toEqual([{ effective: "2025-03-03", posted: "2025-04-01", amount: "6" }]);
    await removeBusiness(await systemScope(done.businessId));
  });

  test("undone, leaves its items each alone again", async () => {
    const made = { kind: "assembly", id: "k", date: "2025-03-02", inputs: [{ id: "in", item: "a", qty: 1 }] };
    const result = await booksOf([
      item("a"),
      item("b"),
      item("c"),
      buy("p", "a", 5, 500, "2025-03-01"),
      { ...made, output: { id: "out", item: "b", qty: 1 } },
      { ...made, id: "l", inputs: [{ id: "in2", item: "b", qty: 1 }], output: { id: "out2", item: "c", qty: 1 } },
      { kind: "undo", of: "assembly", id: "k" },
    ]);
    expect([lot(result, "out"), lot(result, "out2")?.amount, lot(result, "p-1")?.left]).toEqual([undefined, 0, 5]);
  });
});

describe("locations as pools", () => {
  const places = [
    { kind: "business", pool: "location" },
    { kind: "location", id: "main", name: "Main" },
    { kind: "location", id: "shop", name: "Shop" },
  ];

  test("a transfer brings lots where it arrives, as old as they were, and says where they are", async () => {
    const result = await booksOf([
      ...places,
      item("w"),
      buy("p1", "w", 1, 100, "2025-03-01"),
      buy("p2", "w", 2, 500, "2025-03-02"),
      {
        kind: "transfer",
        id: "t",
        date: "2025-03-05",
        arrives: "2025-03-09",
        from: "main",
        to: "shop",
        lines: [{ id: "t-1", item: "w", qty: 4 }],
      },
      sell("o", "w", 1, "2025-03-08", { location: "shop" }),
      sell("s", "w", 1, "2025-03-09", { location: "shop" }),
    ]);
    expect(result.lots.map((one) => [one.lot, one.location, one.date, one.left])).toEqual([
      ["p1-1", "main", "2025-03-01", 0],
      ["p2-1", "main", "2025-03-02", 0],
      ["t-1.1", "shop", "2025-03-01", 0],
      ["t-1.2", "shop", "2025-03-02", 2],
    ]);
    expect([saleOf(result, "o-1")?.uncosted, saleOf(result, "s-1")?.cost]).toEqual([1, 100]);
    expect(result.on_hand).toEqual([
      { item: "w", location: "main", qty: -1 },
      { item: "w", location: "shop", qty: 2 },
    ]);
  });

  test("a late sale over there does not undo what left before it, and a late purchase reaches it", async () => {
    const move = { kind: "transfer", date: "2025-03-05", from: "main", to: "shop" };
    const result = await booksOf([
      ...places,
      item("w"),
      { ...move, id: "t", arrives: "2025-03-20", lines: [{ id: "t-1", item: "w", qty: 2 }] },
      buy("p", "w", 1, 100, "2025-03-01"),
      sell("a", "w", 1, "2025-03-21", { location: "shop" }),
      sell("b", "w", 1, "2025-03-10"),
      buy("q", "w", 1, 300, "2025-03-02"),
    ]);
    expect([saleOf(result, "a-1")?.cost, saleOf(result, "b-1")?.uncosted]).toEqual([100, 1]);
    expect(lot(result, "t-1.2")).toMatchObject({ left: 1, value: 300, location: "shop" });
  });
});

describe("is refused at its line, with its code", () => {
  const start = [
    { kind: "business", pool: "location" },
    { kind: "location", id: "main", name: "Main" },
    { kind: "location", id: "shop", name: "Shop" },
    item("w"),
    item("x"),
    item("set", { components: [{ item: "w", qty: 2 }] }),
    buy("p", "w", 5, 500, "2025-03-01"),
    buy("q", "w", 5, 500, "2025-03-01", { location: "shop" }),
    sell("o", "set", 2, "2025-03-05"),
    sell("v", "w", 2, "2025-03-05"),
    {
      kind: "assembly",
      id: "k",
      date: "2025-03-06",
      inputs: [{ id: "k-1", item: "x", qty: 1 }],
      output: { id: "k-2", item: "w", qty: 3 },
    },
    {
      kind: "transfer",
      id: "t",
      date: "2025-03-02",
      from: "main",
      to: "shop",
      lines: [{ id: "t-1", item: "w", qty: 1 }],
    },
  ];
  const make = (more: Raw) => ({
    kind: "assembly",
    id: "n",
    date: "2025-03-01",
    inputs: [],
    output: { id: "n-1", item: "x", qty: 1 },
    ...more,
  });
  const transfer = (more: Raw) => ({
    kind: "transfer",
    id: "n",
    date: "2025-03-04",
    from: "main",
    to: "shop",
    lines: [],
    ...more,
  });
  const line = (what: string) => [{ id: "n-1", item: what, qty: 1, amount: 0 }];
  const wrong: readonly (readonly [why: string, fact: Raw, code: string])[] = [
    [
      "a bundle that is bought",
      { kind: "purchase", id: "n", date: "2025-03-01", amount: 0, lines: line("set") },
      "does_not_fit",
    ],
    ["a bundle to begin with", { kind: "opening", id: "n", date: "2025-03-01", lines: line("set") }, "does_not_fit"],
    ["a bundle that is moved", transfer({ lines: [{ id: "n-1", item: "set", qty: 1 }] }), "does_not_fit"],
    [
      "a bundle that is counted",
      { kind: "adjustment", id: "n", date: "2025-03-01", lines: line("set") },
      "does_not_fit",
    ],
    ["a bundle that is made", make({ output: { id: "n-1", item: "set", qty: 1 } }), "does_not_fit"],
    ["a bundle that is used", make({ inputs: [{ id: "n-2", item: "set", qty: 1 }] }), "does_not_fit"],
    [
      "a bundle of no known sale",
      { kind: "return", id: "n", date: "2025-03-01", channel: "web", lines: [{ ...line("set")[0], cost: 1 }] },
      "does_not_fit",
    ],
    ["a bundle of what is not there", item("n", { components: [{ item: "none", qty: 1 }] }), "unknown_id"],
    ["a bundle of itself", item("n", { components: [{ item: "n", qty: 1 }] }), "does_not_fit"],
    ["a bundle of nothing of something", item("n", { components: [{ item: "w", qty: 0 }] }), "bad_quantity"],
    ["the item that a bundle is made of, undone", { kind: "undo", of: "item", id: "w" }, "in_use"],
    [
      "a cost given for a bundle's sale",
      { kind: "backfill", id: "n", sale: "o-1", date: "2025-03-01", amount: 5 },
      "does_not_fit",
    ],
    ["more pinned than a bundle has of it", { kind: "pin", sale: "o-1", lot: "p-1", qty: 5 }, "does_not_fit"],
    ["a pin to another place's lot", { kind: "pin", sale: "v-1", lot: "q-1", qty: 1 }, "does_not_fit"],
    ["a pin to what was made later", { kind: "pin", sale: "v-1", lot: "k-2", qty: 1 }, "does_not_fit"],
    ["a pin to a transfer's lot", { kind: "pin", sale: "v-1", lot: "t-1", qty: 1 }, "does_not_fit"],
    ["a pin to what went in", { kind: "pin", sale: "v-1", lot: "k-1", qty: 1 }, "does_not_fit"],
    ["a production without output", make({ output: null }), "field_missing"],
    ["a production of both kinds of output", make({ outputs: [] }), "does_not_fit"],
    [
      "shares that are all 0",
      make({ output: null, outputs: [{ id: "n-1", item: "x", qty: 1, share: 0 }] }),
      "does_not_fit",
    ],
    ["a share below 0", make({ output: null, outputs: [{ id: "n-1", item: "x", qty: 1, share: -1 }] }), "out_of_range"],
    ["overhead below 0", make({ overhead: -1 }), "out_of_range"],
    ["overhead from an account that is not there", make({ overhead: 1, account: "1" }), "unknown_id"],
    ["overhead from Inventory", make({ overhead: 1, account: "1200" }), "does_not_fit"],
    ["a production somewhere else", make({ location: "none" }), "unknown_id"],
    ["a production on the way", make({ location: "in-transit" }), "unknown_id"],
    ["an input's id that is taken", make({ inputs: [{ id: "k-1", item: "w", qty: 1 }] }), "duplicate_id"],
    ["an output's id that is an input's", make({ inputs: [{ id: "n-1", item: "w", qty: 1 }] }), "duplicate_id"],
    ["the same production with other content", { ...make({}), id: "k" }, "fact_changed"],
    ["a transfer to where it is", transfer({ to: "main" }), "does_not_fit"],
    ["a transfer from the way", transfer({ from: "in-transit" }), "unknown_id"],
    ["a transfer that arrives before it leaves", transfer({ arrives: "2025-03-03" }), "bad_date"],
    ["a place called as the way is", { kind: "location", id: "in-transit", name: "x" }, "duplicate_id"],
    ["a place that comes late", { kind: "location", id: "late", name: "x" }, "unknown_kind"],
    ["another pool", { kind: "business", pool: "business" }, "fact_changed"],
    ["a pool of another kind", { kind: "business", pool: "galaxy" }, "unknown_kind"],
  ];

  test.each(wrong)("%s", async (_, fact, code) => {
    const lines = numbered([...start, fact]);
    for (const chunk of [null, 1]) {
      const refused = await replay(lines, { chunk, keeps: false, name: "wrong" }).catch((error: unknown) => error);
      expect(refused).toBeInstanceOf(ReplayRefused);
      if (refused instanceof ReplayRefused) expect([refused.line, refused.refusal.code]).toEqual([lines.length, code]);
    }
  });

  test("a place that the file does not name", async () => {
    const facts = [
      { kind: "location", id: "shop", name: "Shop" },
      item("w"),
      buy("p", "w", 1, 1, "2025-03-01", { location: "main" }),
    ];
    const refused = await replay(numbered(facts), { chunk: null, keeps: false, name: "wrong" }).catch(
      (error: unknown) => error,
    );
    expect(refused).toMatchObject({ line: 3, refusal: { code: "unknown_id" } });
  });

  test("a bundle that a sale with a given cost would become", async () => {
    const facts = [
      item("w"),
      sell("o", "set", 1, "2025-03-05"),
      { kind: "backfill", id: "b", sale: "o-1", date: "2025-03-01", amount: 5 },
      item("set", { components: [{ item: "w", qty: 2 }] }),
    ];
    const refused = await replay(numbered(facts), { chunk: null, keeps: false, name: "wrong" }).catch(
      (error: unknown) => error,
    );
    expect(refused).toMatchObject({ line: 4, refusal: { code: "does_not_fit" } });
  });
});
