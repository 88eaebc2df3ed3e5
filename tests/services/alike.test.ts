/** The same money told twice: found when it is recorded, booked in view until a person says, and taken back to the letter. */
import postgres from "postgres";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { closeDatabase, inBusiness } from "../../db/scope";
import { lockBooks } from "../../lib/books/ledger";
import type { BalanceRowFact, ChargeFact, Fact } from "../../lib/core/facts";
import { decidePairs, reopenPair } from "../../lib/desk/alike";
import { asDecided, findAlike } from "../../lib/desk/alike-find";
import { decidedPairs, openPairs } from "../../lib/desk/alike-reads";
import { needsOf } from "../../lib/needs";
import type { Scope } from "../../lib/people/access";
import { recordIn } from "../../lib/record";
import { addChannel } from "../../lib/sales/channel-accounts";
import { newId } from "../../lib/system/ids";
import { undoSource } from "../../lib/undo";
import { testDatabase } from "../support/database";
import { aShop, booksNow, give, item, order, proved, purchase, refused } from "../support/trading";

let owner: postgres.Sql;
let scope: Scope;
let other: Scope;

beforeAll(async () => {
  owner = postgres((await testDatabase()).url, {
    max: 2,
    onnotice: () => undefined,
    connection: { session_replication_role: "replica" },
  });
});
afterAll(async () => {
  await Promise.all([owner.end(), closeDatabase()]);
});
beforeEach(async () => {
  [scope, other] = [await aShop("One"), await aShop("Two")];
  for (const of of [scope, other]) {
    await inBusiness(of, async (tx) => {
      await addChannel(tx, of, { id: "woo", kind: "woocommerce", name: "Shop", state: "file" });
      await addChannel(tx, of, { id: "pp", kind: "paypal", name: "PayPal", state: "file" });
    });
    await give(of, [item("mug", "Mug", "MUG"), purchase("stock", "2026-01-02", [["mug", 10n, 5_000n]])]);
  }
});

const charge = (id: string, date: string, amount: bigint, over: Partial<ChargeFact> = {}): ChargeFact => ({
  kind: "charge",
  id,
  channel: "shop",
  date,
  category: "fee",
  type: "Fee",
  amount,
  order: null,
  memo: "",
  ...over,
});
const rowOf = (id: string, on: string, amount: bigint, about: string, channel = "shop"): BalanceRowFact => ({
  kind: "balance_row",
  id,
  channel,
  when: { on, at: null },
  type: "Row",
  amount,
  payout: null,
  about,
  memo: "",
});

/** What a run reads: recorded and looked at as digest.ts does it. Gives the run. */
async function told(channel: string, way: "file" | "api", facts: readonly Fact[], of = scope): Promise<string> {
  const run = newId();
  await owner`insert into app.runs (business_id, id, job, about, label, state, done, skipped, steps, is_cancelled, created_at)
    values (${of.businessId}, ${run}, ${way === "file" ? "digestChannel" : "syncChannel"}, ${channel}, 'Run', 'done', 0, 0, '[]', 0, now())`;
  if (way === "file")
    await owner`insert into app.raw_documents (business_id, channel_id, feed, external_id, version, body, hash, source, received_at, state)
      values (${of.businessId}, ${channel}, 'file', ${run}, '1', '{}', '', ${run}, now(), 'read')`;
  await inBusiness(of, async (tx) => {
    const books = await lockBooks(tx, of);
    const read = await asDecided(tx, of, {
      facts: facts.map((fact) => ({ fact, version: "1" })),
      owners: facts,
    });
    await recordIn(tx, of, books, read.facts, { source: run, userId: null, revives: way === "file" });
    const all = read.facts.map(({ fact }) => fact);
    await findAlike(tx, of, all, { channelId: channel, run, isFile: way === "file" });
  });
  return run;
}
const open = async () => (await openPairs(scope)).pairs;
const need = async () => (await needsOf(scope)).find(({ kind }) => kind === "alike");

describe("rows of a statement and the same by the API", () => {
  const file = [charge("shop/charge/f1", "2026-03-02", -20n), rowOf("f1", "2026-03-02", -20n, "charge/shop/charge/f1")];
  const api = [charge("shop/charge/99", "2026-03-03", -20n), rowOf("99", "2026-03-03", -20n, "charge/shop/charge/99")];

  it.each([
    ["the file first", ["file", file, "api", api]],
    ["the API first", ["api", api, "file", file]],
  ] as const)(
    "are offered as a pair, %s, and stay booked twice until a person says",
    async (_, [one, first, two, second]) => {
      await told("shop", one, first);
      expect(await open()).toEqual([]);
      await told("shop", two, second);
      expect(await open()).toMatchObject([
        { kind: "twice", amount: -20n, one: { key: "charge/shop/charge/f1" }, other: { key: "charge/shop/charge/99" } },
      ]);
      expect(await need()).toMatchObject({ count: 1, amount: -20n, since: "2026-03-02" });
      expect((await openPairs(other)).pairs).toEqual([]);
      await proved(scope, other);
    },
  );

  it("are told once when they are said to be the same, for later files too, and as before when that is taken back", async () => {
    await told("shop", "file", file);
    await told("shop", "api", api);
    const before = (await booksNow(scope)).trial_balance;
    const [pair] = await open();
    await decidePairs(scope, { pairs: [pair?.id ?? ""], are: "same" });
    expect(await need()).toBeUndefined();
    const once = (await booksNow(scope)).trial_balance;
    expect(once.find(({ code }) => code === "6000")?.amount).toBe(20);
    await proved(scope);
    // The same file brought in again says nothing new.
    await told("shop", "file", file);
    expect((await booksNow(scope)).trial_balance).toEqual(once);
    expect(await open()).toEqual([]);
    expect(await refused(decidePairs(scope, { pairs: [pair?.id ?? ""], are: "same" }))).toMatchObject({
      code: "stale",
    });
    expect(await refused(reopenPair(other, { pair: pair?.id ?? "" }))).toMatchObject({ code: "not_found" });
    await reopenPair(scope, { pair: pair?.id ?? "" });
    expect((await booksNow(scope)).trial_balance).toEqual(before);
    expect(await open()).toHaveLength(1);
    await proved(scope);
  });

  it("are not asked again once they are two, and something else that fits still is", async () => {
    await told("shop", "file", file);
    await told("shop", "api", api);
    const [pair] = await open();
    await decidePairs(scope, { pairs: [pair?.id ?? ""], are: "different" });
    await told("shop", "api", api);
    expect(await open()).toEqual([]);
    await told("shop", "api", [charge("shop/charge/100", "2026-03-04", -20n)]);
    expect(await open()).toMatchObject([
      { one: { key: "charge/shop/charge/f1" }, other: { key: "charge/shop/charge/100" } },
    ]);
    expect(await decidedPairs(scope)).toMatchObject([{ state: "different", keepsOther: true }]);
    expect(await refused(reopenPair(scope, { pair: newId() }))).toMatchObject({ code: "not_found" });
  });

  it("ask nothing any more when one side is taken back, and say so where it was the side that stayed", async () => {
    await told("shop", "file", file);
    const sync = await told("shop", "api", api);
    const [pair] = await open();
    await decidePairs(scope, { pairs: [pair?.id ?? ""], are: "same" });
    await undoSource(scope, sync, { source: null, userId: scope.userId });
    expect(await decidedPairs(scope)).toMatchObject([{ state: "same", keepsOther: false }]);
    await reopenPair(scope, { pair: pair?.id ?? "" });
    expect(await open()).toEqual([]);
    expect(await need()).toBeUndefined();
    expect((await booksNow(scope)).trial_balance.find(({ code }) => code === "6000")?.amount).toBe(20);
    await proved(scope);
  });

  it("are orders of one number, refunds and payouts as well", async () => {
    const sold = (id: string) => order(id, "2026-03-02", [["Mug", 1n, 2_000n, "MUG"]], { number: "111-7" });
    const back = (id: string, of: string): Fact => ({
      kind: "return",
      id,
      date: "2026-03-05",
      order: of,
      shipping: 100n,
      lines: [
        {
          id: `${id}-1`,
          line: `${of}-1`,
          qty: 1n,
          amount: 2_000n,
          restock: false,
          writeOff: false,
          location: null,
          placed: true,
        },
      ],
    });
    const paid = (id: string, date: string): Fact => ({ kind: "payout", id, channel: "shop", date, amount: 700n });
    await told("shop", "file", [sold("f"), back("fr", "f"), paid("fp", "2026-03-09")]);
    await told("shop", "api", [
      sold("a"),
      charge("ac", "2026-03-06", -2_100n, { category: "refund" }),
      paid("ap", "2026-03-10"),
    ]);
    expect((await open()).map(({ one, other: two }) => `${one.key} ${two.key}`).sort()).toEqual([
      "order/f order/a",
      "payout/fp payout/ap",
      "return/fr charge/ac",
    ]);
    // What names it goes first: an order that came back is not taken back under its refund.
    const pairs = await open();
    const of = (key: string) => pairs.find(({ one }) => one.key === key)?.id ?? "";
    expect(await refused(decidePairs(scope, { pairs: [of("order/f")], are: "same" }))).toMatchObject({
      code: "in_use",
    });
    await decidePairs(scope, { pairs: [of("return/fr")], are: "same" });
    await decidePairs(scope, { pairs: [of("order/f"), of("payout/fp")], are: "same" });
    expect(await open()).toEqual([]);
    await proved(scope);
  });
});

describe("a shop's order that a wallet took", () => {
  const shop = [
    order("woo/order/7", "2026-03-01", [["Mug", 1n, 5_940n, "MUG"]], { channel: "woo", number: "7", taxBy: "seller" }),
    charge("woo/charge/7", "2026-03-01", -5_940n, {
      channel: "woo",
      category: "elsewhere",
      type: "ppcp-gateway",
      order: "woo/order/7",
      memo: "Order 7",
    }),
  ];
  const wallet = [
    order("pp/order/5TY", "2026-03-02", [["Mug", 1n, 5_940n, "MUG"]], {
      channel: "pp",
      number: "5TY",
      taxBy: "seller",
    }),
    rowOf("pp/row/5TY", "2026-03-02", 5_940n, "order/pp/order/5TY", "pp"),
    charge("pp/charge/5TY/fee", "2026-03-02", -207n, { channel: "pp", category: "processing", order: "pp/order/5TY" }),
  ];
  const refund: readonly Fact[] = [
    {
      kind: "return",
      id: "pp/refund/1",
      date: "2026-03-08",
      order: "pp/order/5TY",
      lines: [
        {
          id: "pp/refund/1-1",
          line: "pp/order/5TY-1",
          qty: 1n,
          amount: 5_940n,
          restock: false,
          writeOff: false,
          location: null,
          placed: true,
        },
      ],
    },
    rowOf("pp/row/1", "2026-03-08", -5_940n, "return/pp/refund/1", "pp"),
  ];
  const standing = async () =>
    Object.fromEntries((await booksNow(scope)).trial_balance.map(({ code, amount }) => [code, amount]));

  it.each([
    ["the shop first", [shop, wallet]],
    ["the wallet first", [wallet, shop]],
  ] as const)("becomes its payment when a person says so, and nothing is sold twice: %s", async (_, parts) => {
    for (const part of parts) await told(part === shop ? "woo" : "pp", "api", part);
    expect(await open()).toMatchObject([
      {
        kind: "payment",
        amount: 5_940n,
        one: { key: "order/pp/order/5TY" },
        other: { key: "charge/woo/charge/7", memo: "Order 7" },
      },
    ]);
    const before = await standing();
    expect(before).toMatchObject({ "4000": -11_880, "1190": 5_940 });
    const [pair] = await open();
    await decidePairs(scope, { pairs: [pair?.id ?? ""], are: "same" });
    const now = await standing();
    expect(now["1190"]).toBeUndefined();
    expect(now).toMatchObject({ "4000": -5_940, "5000": 500, "6010": 207 });
    await proved(scope);
    await reopenPair(scope, { pair: pair?.id ?? "" });
    expect(await standing()).toEqual(before);
    await proved(scope);
  });

  it("takes its later refunds along, and they go back with it", async () => {
    await told("woo", "api", shop);
    await told("pp", "api", wallet);
    const [pair] = await open();
    await decidePairs(scope, { pairs: [pair?.id ?? ""], are: "same" });
    await told("pp", "api", refund);
    await told("pp", "api", refund);
    expect(await standing()).toMatchObject({ "1190": 5_940, "4000": -5_940 });
    await proved(scope);
    await reopenPair(scope, { pair: pair?.id ?? "" });
    expect(await standing()).toMatchObject({ "1190": 5_940, "4090": 5_940 });
    await proved(scope);
    // Said again, the refund that is here goes along at once.
    await decidePairs(scope, { pairs: [pair?.id ?? ""], are: "same" });
    expect(await standing()).toMatchObject({ "1190": 5_940 });
    expect((await standing())["4090"]).toBeUndefined();
    await proved(scope);
  });

  it("is not offered where a wallet told the payment as one, nor for another amount or another gateway", async () => {
    await told("pp", "api", [
      charge("pp/charge/1", "2026-03-01", 5_940n, { channel: "pp", category: "elsewhere", memo: "Order 7" }),
    ]);
    await told("woo", "api", shop);
    await told("pp", "api", wallet);
    expect(await open()).toEqual([]);
    const cash = charge("woo/charge/8", "2026-03-02", -5_940n, { channel: "woo", category: "elsewhere", type: "cod" });
    await told("woo", "api", [cash, { ...cash, id: "woo/charge/9", type: "ppcp", amount: -5_941n }]);
    expect(await open()).toEqual([]);
  });
});
