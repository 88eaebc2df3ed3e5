/**
 * Races: the same thing done at the same moment in transactions of their own, on connections of their own. What comes of each is counted,
 * the sums are exact, and the books are proved after it (reliability.md F11, F12, F35–F37).
 */
import { sql } from "drizzle-orm";
import postgres from "postgres";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { closeDatabase, inBusiness, rowsOf, sqlState } from "../../db/scope";
import { lockBooks } from "../../lib/books/ledger";
import { closeThrough, closingOf, openAgain } from "../../lib/books/periods";
import { recost } from "../../lib/books/recost";
import { Refusal } from "../../lib/core/errors";
import type { Fact } from "../../lib/core/facts";
import { addCost } from "../../lib/desk/costs";
import { undoImport } from "../../lib/desk/import-undo";
import { acceptImport, runImport } from "../../lib/desk/imports";
import { type DetailsInput, recordPurchase, saveDetails, takeBackPurchase, unseen } from "../../lib/desk/purchases";
import { addByHand, sortAs } from "../../lib/desk/transactions";
import { digestChannel, undoSync } from "../../lib/digest";
import { importOf, takeFile } from "../../lib/money/imports";
import type { Scope } from "../../lib/people/access";
import { recordAudit } from "../../lib/people/audit";
import { recordIn } from "../../lib/record";
import { resultOf } from "../../lib/replay/run";
import { addChannel } from "../../lib/sales/channel-accounts";
import { storeDocuments } from "../../lib/sales/pull";
import { purchaseDetails } from "../../lib/stock/purchase-reads";
import { startRun } from "../../lib/system/runs";
import { undoFacts } from "../../lib/undo";
import { testDatabase } from "../support/database";
import { aPerson, aSeller } from "../support/sellers";
import { aShop, give, item, order, proved, purchase } from "../support/trading";

const never = new AbortController().signal;
const today = "2026-11-21";
let owner: postgres.Sql;
let scope: Scope;
let other: Scope;

beforeAll(async () => {
  // As many connections as there are writers, so that all of them are at work at once.
  process.env.DATABASE_POOL = "30";
  owner = postgres((await testDatabase()).url, {
    max: 3,
    onnotice: () => undefined,
    connection: { search_path: "app" },
  });
});
afterAll(async () => {
  await Promise.all([owner.end(), closeDatabase()]);
});
beforeEach(async () => {
  [scope, other] = [await aShop("One"), await aShop("Two")];
  for (const one of [scope, other])
    await give(one, [item("mug", "Mug", "MUG"), purchase("p1", "2025-01-02", [["mug", 10n, 1_003n]])]);
});

/** How many ended well, and how many were refused with which code; anything else is thrown. */
async function outcomes(work: readonly Promise<unknown>[]): Promise<Readonly<Record<string, number>>> {
  const counts: Record<string, number> = {};
  for (const end of await Promise.allSettled(work)) {
    if (end.status === "rejected" && !(end.reason instanceof Refusal)) throw end.reason;
    const name = end.status === "fulfilled" ? "done" : (end.reason as Refusal).code;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}
const times = <T>(n: number, work: (i: number) => Promise<T>) => Array.from({ length: n }, (_, i) => work(i));
const origin = () => ({ source: null, userId: scope.userId });
const record = (facts: readonly Fact[]) =>
  inBusiness(scope, async (tx) =>
    recordIn(
      tx,
      scope,
      await lockBooks(tx, scope),
      facts.map((fact) => ({ fact, version: null })),
      { source: null, userId: null },
    ),
  );

async function entriesOf(kind: string, id: string): Promise<number> {
  const [row] = await owner<{ n: number }[]>`select count(*)::int as n from journal_entries
    where business_id = ${scope.businessId} and document_kind = ${kind} and document_id = ${id}`;
  return row?.n ?? 0;
}
const balanceOf = async (code: string) =>
  BigInt((await resultOf(scope)).trial_balance.find((row) => row.code === code)?.amount ?? 0);

/** Runs while this business's books are held by somebody else; gives way when so many transactions wait for them. */
async function behindOneAnother(waiters: number, start: () => Promise<unknown>[]): Promise<Promise<unknown>[]> {
  let started: Promise<unknown>[] = [];
  await owner.begin(async (tx) => {
    await tx`select 1 from businesses where business_id = ${scope.businessId} for update`;
    started = start();
    // Who fails while he waits is told of later, not as an error that nobody caught.
    for (const one of started) one.catch(() => undefined);
    await waitFor(waiters);
  });
  return started;
}
async function waitFor(waiters: number): Promise<void> {
  for (let i = 0; i < 400; i += 1) {
    const [row] = await owner<{ n: number }[]>`select count(*)::int as n from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'`;
    if ((row?.n ?? 0) >= waiters) return;
    await new Promise((done) => setTimeout(done, 25));
  }
  throw new Error(`fewer than ${waiters} transactions wait`);
}

describe("the same fact", () => {
  test.each([2, 20])("by %i workers at once is recorded and posted once", async (workers) => {
    const fact = order("o1", "2025-02-01", [["Mug", 3n, 6_000n, "MUG"]], {
      fees: [{ kind: "selling", amount: 150n }],
    });
    const work = await behindOneAnother(workers, () => times(workers, () => record([fact])));
    const added = (await Promise.all(work)) as { added: number; already: number }[];
    expect(added.reduce((sum, one) => sum + one.added, 0)).toBe(1);
    expect(added.reduce((sum, one) => sum + one.already, 0)).toBe(workers - 1);
    const entries = await entriesOf("order", "o1");
    const [alone, cost] = [await entriesOf("cost", "o1-1"), await balanceOf("5000")];
    // The same by one worker alone, next door.
    await give(other, [fact]);
    const [row] = await owner<{ n: number }[]>`select count(*)::int as n from journal_entries
      where business_id = ${other.businessId} and document_kind = 'order' and document_id = 'o1'`;
    expect([entries, alone, cost]).toEqual([row?.n, 1, 301n]);
    expect((await resultOf(scope)).trial_balance).toEqual((await resultOf(other)).trial_balance);
    await proved(scope, other);
  });

  test("with another content by each of five workers is recorded once, and refused to the others", async () => {
    const work = await behindOneAnother(5, () =>
      times(5, (i) => record([order("o1", "2025-02-01", [["Mug", 1n, 1_000n + BigInt(i), "MUG"]])])),
    );
    expect(await outcomes(work)).toEqual({ done: 1, fact_changed: 4 });
    expect([await entriesOf("order", "o1"), await balanceOf("5000")]).toEqual([1, 100n]);
    await proved(scope, other);
  });

  test("by workers in opposite orders of its facts ends the same for all", async () => {
    const facts = times(6, async (i) => purchase(`w${i}`, "2025-01-03", [["mug", 1n, 7n]]));
    const all = await Promise.all(facts);
    const ends = await Promise.all(times(8, (i) => record(i % 2 === 0 ? all : all.toReversed())));
    expect(ends.map(({ added }) => added).sort()).toEqual([0, 0, 0, 0, 0, 0, 0, 6]);
    expect(await balanceOf("1200")).toBe(1_003n + 42n);
    await proved(scope, other);
  });
});

describe("two at once of what only one can have", () => {
  test("twenty sales of one with ten in stock: ten are costed, to the cent, and ten wait", async () => {
    await Promise.all(times(20, (i) => record([order(`s${i}`, "2025-02-01", [["Mug", 1n, 500n, "MUG"]])])));
    const { sales, on_hand: onHand } = await resultOf(scope);
    expect(sales.filter((sale) => sale.uncosted === 0)).toHaveLength(10);
    expect(sales.reduce((sum, sale) => sum + sale.cost, 0)).toBe(1_003);
    expect([await balanceOf("5000"), await balanceOf("1200")]).toEqual([1_003n, 0n]);
    expect(onHand.map((row) => row.qty)).toEqual([-10]);
    await proved(scope, other);
  });

  test("twenty people choose the last units of a lot: as many have them as there are", async () => {
    await give(scope, [
      purchase("last", "2025-06-01", [["mug", 3n, 1_000n]]),
      ...Array.from({ length: 20 }, (_, i) => order(`s${i}`, "2025-02-01", [["Mug", 1n, 500n, "MUG"]])),
    ]);
    const work = await behindOneAnother(20, () =>
      times(20, (i) => addCost(scope, { line: `s${i}-1`, how: { way: "lot", lot: "last-1" } })),
    );
    expect(await outcomes(work)).toEqual({ done: 3, does_not_fit: 17 });
    const pinned = (await resultOf(scope)).sales.filter((sale) => sale.allocations.some((one) => one.lot === "last-1"));
    expect(pinned.reduce((sum, sale) => sum + sale.cost, 0)).toBe(1_000);
    await proved(scope, other);
  });
});

describe("edits of one thing from one version", () => {
  test.each([2, 5])("of a purchase by %i people: one wins, the others are told who changed it", async (people) => {
    const id = await recordPurchase(scope, { on: "2025-03-01", supplier: "Redwood", amount: 900n, account: "1000" });
    const { version } = await purchaseDetails(scope, id);
    const person = await aPerson();
    const details = (i: number): DetailsInput => ({
      purchase: id,
      version,
      accepted: unseen,
      extras: [],
      lines: Array.from({ length: i + 1 }, (_, row) => ({
        row,
        line: null,
        item: "mug",
        name: "Mug",
        sku: "",
        qty: "1",
        each: null,
        all: 100n + BigInt(i),
        location: null,
      })),
    });
    const ends = await Promise.allSettled(
      times(people, (i) => saveDetails(i === 0 ? scope : { ...scope, userId: person }, details(i))),
    );
    const [won] = ends.flatMap((end, i) => (end.status === "fulfilled" ? [{ i, saved: end.value }] : []));
    const lost = ends.flatMap((end) => (end.status === "rejected" ? [end.reason as Refusal] : []));
    if (won === undefined) throw new Error("nobody won");
    expect(lost).toHaveLength(people - 1);
    for (const refusal of lost) {
      expect([refusal.code, refusal.status]).toEqual(["stale", 409]);
      expect(refusal.message).toMatch(/changed this purchase at \d\d:\d\d/);
      expect(refusal.detail.version).toBe(String(won.saved.version));
    }
    // What is there is whole the winner's, nothing of the others'.
    const now = await purchaseDetails(scope, id);
    expect(now.lines.map((line) => [line.qty, line.costMinor])).toEqual(
      Array.from({ length: won.i + 1 }, () => [1n, 100n + BigInt(won.i)]),
    );
    expect(now.version).toBe(version + 1);
    await proved(scope, other);
  });

  test("of a bank line by ten people: one wins, the others load it again", async () => {
    const line = { account: "1000", on: "2025-03-01", amount: -700n, payee: "USPS", memo: "" };
    const id = await addByHand(scope, line);
    const codes = ["6030", "6040", "6020", "6010", "6000"] as const;
    const work = await behindOneAnother(10, () =>
      times(10, (i) => sortAs(scope, [{ id, version: 1 }], { kind: "category", code: codes[i % 5] ?? "6030" })),
    );
    expect(await outcomes(work)).toEqual({ done: 1, stale: 9 });
    expect(await balanceOf("9991")).toBe(0n);
    expect((await Promise.all(codes.map(balanceOf))).filter((sum) => sum !== 0n)).toEqual([700n]);
    await proved(scope, other);
  });
});

describe("a close", () => {
  test("while twenty postings run: each is counted in the seal or stands after it", async () => {
    const before = Number((await resultOf(scope)).entries);
    const bought = (i: number) => record([purchase(`late${i}`, "2025-03-15", [["mug", 1n, 10n]])]);
    const work = await behindOneAnother(21, () => [
      ...times(10, bought),
      closeThrough(scope, "2025-03-31", { today }),
      ...times(10, (i) => bought(10 + i)),
    ]);
    expect(await outcomes(work)).toEqual({ done: 21 });
    const rows = await owner<{ posted: string; effective: string; no: number }[]>`
      select posted_on::text as posted, effective_on::text as effective, entry_no::int as no from journal_entries
      where business_id = ${scope.businessId} and document_id like 'late%' order by entry_no`;
    expect(rows).toHaveLength(20);
    expect(new Set(rows.map((row) => row.effective))).toEqual(new Set(["2025-03-15"]));
    const inside = rows.filter((row) => row.posted === "2025-03-15");
    const after = rows.filter((row) => row.posted === "2025-04-01");
    expect(inside.length + after.length).toBe(20);
    const [sealed] = (await closingOf(scope)).history;
    expect(sealed?.entries).toBe(BigInt(before + inside.length));
    // In the order of the chain the close stands between them: none of the one kind is among the other.
    expect(inside.every((row) => after.every((late) => row.no < late.no))).toBe(true);
    expect(await balanceOf("1200")).toBe(1_003n + 200n);
    await proved(scope, other);
  });

  test("of the same days by two, and opening them again by two: one of each", async () => {
    const closing = await behindOneAnother(2, () => times(2, () => closeThrough(scope, "2025-03-31", { today })));
    expect(await outcomes(closing)).toEqual({ done: 1, books_closed: 1 });
    const opening = await behindOneAnother(2, () => times(2, () => openAgain(scope, null, "a mistake")));
    expect(await outcomes(opening)).toEqual({ done: 1, nothing_to_undo: 1 });
    expect((await closingOf(scope)).history.map(({ kind }) => kind)).toEqual(["open", "close"]);
    await proved(scope, other);
  });

  test("a storm of closes, openings and postings leaves every seal true", async () => {
    const days = ["2025-01-31", "2025-02-28", "2025-03-31", "2025-04-30"];
    const work = [
      ...times(24, (i) => record([purchase(`x${i}`, `2025-0${1 + (i % 4)}-20`, [["mug", 1n, 10n]])])),
      ...days.map((day) => closeThrough(scope, day, { today })),
      ...times(4, (i) => openAgain(scope, i % 2 === 0 ? null : "2025-01-31", "a storm")),
    ];
    const counts = await outcomes(work);
    expect(Object.keys(counts).filter((code) => !["done", "books_closed", "nothing_to_undo"].includes(code))).toEqual(
      [],
    );
    expect(Object.values(counts).reduce((sum, n) => sum + n, 0)).toBe(32);
    expect(await balanceOf("1200")).toBe(1_003n + 240n);
    await proved(scope, other);
  });
});

describe("taken back twice at once", () => {
  test.each([2, 20])("a fact by %i: offset once", async (workers) => {
    await give(scope, [order("o1", "2025-02-01", [["Mug", 3n, 6_000n, "MUG"]])]);
    const before = [await entriesOf("order", "o1"), await entriesOf("cost", "o1-1")];
    const work = await behindOneAnother(workers, () => times(workers, () => undoFacts(scope, ["order/o1"], origin())));
    const undone = (await Promise.all(work)) as { undone: number }[];
    expect(undone.reduce((sum, one) => sum + one.undone, 0)).toBe(1);
    expect([await entriesOf("order", "o1"), await entriesOf("cost", "o1-1")]).toEqual(before.map((n) => n * 2));
    expect(await balanceOf("1200")).toBe(1_003n);
    expect((await resultOf(scope)).trial_balance).toEqual((await resultOf(other)).trial_balance);
    await proved(scope, other);
  });

  test("a purchase, and its details saved at the same moment: whichever is first, nothing is half", async () => {
    const id = await recordPurchase(scope, { on: "2025-03-01", supplier: "Redwood", amount: 900n, account: "1000" });
    const { version } = await purchaseDetails(scope, id);
    const line = { row: 0, line: null, item: "mug", name: "Mug", sku: "", qty: "3", each: null, location: null };
    const input = { purchase: id, version, accepted: unseen, extras: [], lines: [{ ...line, all: 900n }] };
    const ends = await Promise.allSettled([
      takeBackPurchase(scope, { purchase: id }),
      takeBackPurchase(scope, { purchase: id }),
      saveDetails(scope, input),
    ]);
    expect(ends.slice(0, 2).filter((end) => end.status === "fulfilled")).toHaveLength(1);
    for (const end of ends) if (end.status === "rejected") expect(end.reason).toMatchObject({ code: "not_found" });
    expect(await balanceOf("1200")).toBe(1_003n);
    expect((await resultOf(scope)).on_hand.map((row) => row.qty)).toEqual([10]);
    await proved(scope, other);
  });

  test("what two workers brought of one channel's documents comes once, and goes once", async () => {
    const shop = await aMarketShop();
    const run = await deliver(shop, 40);
    const digest = () => digestChannel(shop, { channelId: "market", run, signal: never });
    expect(await Promise.all([digest(), digest()])).toEqual(["done", "done"]);
    const [row] = await owner<{ orders: number; entries: number; read: number }[]>`select
      (select count(*)::int from orders where business_id = ${shop.businessId}) as orders,
      (select count(*)::int from journal_entries where business_id = ${shop.businessId}) as entries,
      (select count(*)::int from raw_documents where business_id = ${shop.businessId} and state = 'read') as read`;
    expect(row).toEqual({ orders: 40, entries: 40, read: 40 });
    const work = [undoSync(shop, run), undoSync(shop, run)];
    const ends = await Promise.allSettled(work);
    expect(ends.flatMap((end) => (end.status === "fulfilled" ? [end.value] : []))).toEqual([40]);
    expect(ends.flatMap((end) => (end.status === "rejected" ? [(end.reason as Refusal).code] : []))).toEqual([
      "nothing_to_undo",
    ]);
    expect((await resultOf(shop)).trial_balance).toEqual([]);
    expect((await resultOf(shop)).entries).toBe(80);
    await proved(shop, other);
  });
});

/** A shop with the practice market as its channel; its documents are brought by hand. */
async function aMarketShop(): Promise<Scope> {
  const shop = await aSeller("Market");
  await inBusiness(shop, async (tx) => {
    await addChannel(tx, shop, { id: "market", kind: "practice", name: "Market", state: "connected" });
  });
  return shop;
}
const money = (amount: number) => ({ amount: String(amount), currency: "USD" });
function deliver(shop: Scope, orders: number): Promise<string> {
  const documents = Array.from({ length: orders }, (_, i) => ({
    feed: "orders" as const,
    externalId: `o${i}`,
    version: "1",
    body: {
      id: `o${i}`,
      number: `N${i}`,
      status: "paid",
      placed_at: "2025-02-01T17:00:00Z",
      lines: [
        {
          id: "1",
          variant_id: null,
          sku: null,
          title: "Mug",
          variant_title: null,
          quantity: 1,
          total: money(500),
        },
      ],
      discount: money(0),
      shipping: money(0),
      tax: { ...money(0), collected_by: "marketplace" },
      total: money(500),
      fees: [],
    },
  }));
  return inBusiness(shop, async (tx) => {
    const run = await startRun(tx, shop, { job: "digestChannel", about: "market", label: "Market" });
    await storeDocuments(tx, shop, "market", documents, run);
    return run;
  });
}

describe("costs", () => {
  test.each([2, 8])("of one group, worked out by %i workers at once, are posted once", async (workers) => {
    await give(scope, [item("set", "Set", "SET")]);
    const sold = Array.from({ length: 12 }, (_, i) => order(`s${i}`, "2025-02-01", [["Mug", 1n, 500n, "MUG"]]));
    const made: Fact = {
      kind: "assembly",
      id: "m1",
      date: "2025-01-20",
      location: null,
      inputs: [{ id: "m1-in", item: "mug", qty: 2n }],
      outputs: [{ id: "m1-out", item: "set", qty: 1n, share: 1n }],
      overhead: 0n,
      account: "9991",
    };
    const facts = [...sold, made, order("s99", "2025-02-02", [["Set", 1n, 900n, "SET"]])];
    await inBusiness(scope, async (tx) =>
      recordIn(
        tx,
        scope,
        await lockBooks(tx, scope),
        facts.map((fact) => ({ fact, version: null })),
        { source: null, userId: null },
        { settles: false },
      ),
    );
    expect(await balanceOf("5000")).toBe(0n);
    const work = await behindOneAnother(workers, () => times(workers, () => recost(scope)));
    const settled = (await Promise.all(work)) as { groups: number; entries: number; corrections: number }[];
    const sum = (of: (one: (typeof settled)[number]) => number) => settled.reduce((all, one) => all + of(one), 0);
    // Eight of the twelve find a mug, the set takes two: nine costs, each posted once, by one of the workers.
    expect([sum((one) => one.groups), sum((one) => one.entries), sum((one) => one.corrections)]).toEqual([1, 9, 0]);
    expect(settled.filter((one) => one.groups > 0)).toHaveLength(1);
    expect([await balanceOf("5000"), await balanceOf("1200")]).toEqual([1_003n, 0n]);
    await proved(scope, other);
  });
});

describe("a transaction that the database ends", () => {
  test("by a deadlock is tried again, and posts once", async () => {
    const sale = order("o1", "2025-01-20", [["Mug", 1n, 500n, "MUG"]]);
    let recorded: Promise<{ added: number }> | undefined;
    await owner.begin(async (tx) => {
      // Theirs waits so long that ours is the one that the database takes for the victim.
      await tx`set local deadlock_timeout = '20s'`;
      await tx`select 1 from account_months where business_id = ${scope.businessId} for update`;
      recorded = record([sale]);
      await waitFor(1);
      await tx`select 1 from businesses where business_id = ${scope.businessId} for update`;
    });
    expect((await recorded)?.added).toBe(1);
    const [row] = await owner<
      { n: number }[]
    >`select deadlocks::int as n from pg_stat_database where datname = current_database()`;
    expect(row?.n).toBeGreaterThan(0);
    expect([await entriesOf("order", "o1"), await entriesOf("cost", "o1-1")]).toEqual([1, 1]);
    await proved(scope, other);
  });

  test("two in opposite orders both end well, with one try more", async () => {
    await give(scope, [item("cup", "Cup", "CUP")]);
    let [tries, held] = [0, 0];
    let meet: () => void = () => undefined;
    const met = new Promise<void>((done) => {
      meet = done;
    });
    const inOrder = (first: string, second: string) =>
      inBusiness(scope, async (tx) => {
        tries += 1;
        const lock = (id: string) =>
          tx.execute(sql`select 1 from app.items where business_id = ${scope.businessId} and id = ${id} for update`);
        await lock(first);
        held += 1;
        if (held === 2) meet();
        await met;
        await lock(second);
        return first;
      });
    expect(await Promise.all([inOrder("mug", "cup"), inOrder("cup", "mug")])).toEqual(["mug", "cup"]);
    expect(tries).toBe(3);
  });

  test("for its serialisation is tried again", async () => {
    let tries = 0;
    const add = () =>
      inBusiness(scope, async (tx) => {
        tries += 1;
        await tx.execute(sql`set transaction isolation level serializable`);
        const [row] = await rowsOf<{ n: number }>(
          tx,
          sql`select grace_days as n from app.businesses where business_id = ${scope.businessId}`,
        );
        // The snapshot is taken; whoever writes first wins.
        await new Promise((done) => setTimeout(done, 50));
        await tx.execute(sql`select 1 from app.businesses where business_id = ${scope.businessId} for update`);
        await lockBooks(tx, scope);
        await recordAudit(tx, scope, { what: "business.grace", about: scope.businessId });
        await tx.execute(
          sql`update app.businesses set grace_days = ${(row?.n ?? 0) + 1} where business_id = ${scope.businessId}`,
        );
      });
    await Promise.all([add(), add()]);
    const [row] = await owner<
      { n: number }[]
    >`select grace_days as n from businesses where business_id = ${scope.businessId}`;
    // Both were counted: neither has overwritten what it did not see.
    expect(row?.n).toBe(2);
    expect(tries).toBe(3);
  });

  test("each time is given up after five tries, with nothing kept", async () => {
    let tries = 0;
    const work = inBusiness(scope, async (tx) => {
      tries += 1;
      await tx.execute(sql`do $$ begin raise exception 'again' using errcode = '40001'; end $$`);
    });
    await expect(work).rejects.toSatisfy((error) => sqlState(error) === "40001");
    expect(tries).toBe(5);
  });

  test("in its middle by a cut connection: nothing stays, and the same again posts once", async () => {
    const sale = order("o1", "2025-01-20", [["Mug", 1n, 500n, "MUG"]]);
    await owner.begin(async (tx) => {
      await tx`select 1 from account_months where business_id = ${scope.businessId} for update`;
      const cut = record([sale]);
      cut.catch(() => undefined);
      await waitFor(1);
      await owner`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
      await expect(cut).rejects.toThrow();
    });
    expect(await entriesOf("order", "o1")).toBe(0);
    await proved(scope);
    expect((await record([sale])).added).toBe(1);
    expect((await record([sale])).already).toBe(1);
    expect([await entriesOf("order", "o1"), await entriesOf("cost", "o1-1")]).toEqual([1, 1]);
    await proved(scope, other);
  });

  test("while it does nothing: what it asks for after that is refused, and the pool goes on", async () => {
    let isAsked: () => void = () => undefined;
    const asked = new Promise<void>((done) => {
      isAsked = done;
    });
    let goOn: () => void = () => undefined;
    const cut = new Promise<void>((done) => {
      goOn = done;
    });
    const ends = Promise.allSettled(
      [true, false].map((asksMore) =>
        inBusiness(scope, async (tx) => {
          await tx.execute(sql`select 1`);
          isAsked();
          await cut;
          if (asksMore) await tx.execute(sql`select 2`);
        }),
      ),
    );
    await asked;
    await new Promise((done) => setTimeout(done, 100));
    const [row] = await owner<{ n: number }[]>`select count(pg_terminate_backend(pid))::int as n from pg_stat_activity
      where datname = current_database() and state = 'idle in transaction'`;
    expect(row?.n).toBe(2);
    expect((await ends).map((end) => end.status)).toEqual(["rejected", "rejected"]);
    goOn();
    // Long enough for what is written too late to be written.
    await new Promise((done) => setTimeout(done, 100));
    const sales = Array.from({ length: 30 }, (_, i) => order(`s${i}`, "2025-01-20", [["Mug", 1n, 500n, "MUG"]]));
    await Promise.all(sales.map((sale) => record([sale])));
    expect((await resultOf(scope)).sales).toHaveLength(30);
    await proved(scope, other);
  });

  test("three times under load: what was told as lost is done again, and each is posted once", async () => {
    const sales = Array.from({ length: 40 }, (_, i) => order(`s${i}`, "2025-01-20", [["Mug", 1n, 500n, "MUG"]]));
    let waiting = sales;
    let [added, lost] = [0, 0];
    for (let round = 0; waiting.length > 0; round += 1) {
      const work = waiting.map((sale) => record([sale]));
      const ends = Promise.allSettled(work);
      if (round < 3) {
        await Promise.race(work.map((one) => one.catch(() => undefined)));
        await owner`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name = 'lotbook'`;
      }
      const again: typeof sales = [];
      for (const [place, end] of (await ends).entries()) {
        const sale = waiting[place];
        if (sale === undefined) continue;
        if (end.status === "fulfilled") added += end.value.added;
        else again.push(sale);
      }
      lost += again.length;
      waiting = again;
    }
    expect(lost).toBeGreaterThan(0);
    // Those that were committed while their answer was cut off are known already the second time.
    expect(added).toBeLessThanOrEqual(40);
    const { sales: sold } = await resultOf(scope);
    expect([sold.length, sold.filter((one) => one.uncosted === 0).length]).toEqual([40, 10]);
    const [row] = await owner<{ n: number }[]>`select count(*)::int as n from journal_entries
      where business_id = ${scope.businessId} and document_kind = 'order'`;
    expect([row?.n, await balanceOf("5000")]).toEqual([40, 1_003n]);
    await proved(scope, other);
  });
});

const bank = (rows: number) => {
  const days = Array.from({ length: rows }, (_, i) => `2025-03-${String(1 + (i % 28)).padStart(2, "0")}`);
  const lines = days.map((day, i) => `${day},Payee ${i},-${1 + (i % 90)}.25`);
  return Buffer.from(`Date,Description,Amount\n${lines.join("\n")}\n`, "utf8");
};
const linesNow = async () => {
  const [row] = await owner<
    { n: number; sum: string }[]
  >`select count(*)::int as n, coalesce(sum(amount_minor), 0)::text as sum
    from transactions where business_id = ${scope.businessId} and not is_undone`;
  return { n: row?.n ?? 0, sum: BigInt(row?.sum ?? 0) };
};

describe("imports at once", () => {
  test("one file accepted by five people: one brings it in, the others are told", async () => {
    const { id } = await takeFile(scope, { name: "bank.csv", bytes: bank(30) });
    const work = await behindOneAnother(5, () => times(5, () => acceptImport(scope, id, { takesLayout: true })));
    expect(await outcomes(work)).toEqual({ done: 1, already_imported: 4 });
    expect((await linesNow()).n).toBe(30);
    const back = await behindOneAnother(3, () => times(3, () => undoImport(scope, id)));
    expect(await outcomes(back)).toEqual({ done: 1, nothing_to_undo: 2 });
    expect(await linesNow()).toEqual({ n: 0, sum: 0n });
    expect(await balanceOf("1000")).toBe(-1_003n);
    await proved(scope, other);
  });

  test("the same file brought by four people at once: its lines come once, and the rest say 0 new", async () => {
    const taken = await Promise.all(times(4, (i) => takeFile(scope, { name: `bank ${i}.csv`, bytes: bank(30) })));
    const ends = await Promise.all(taken.map(({ id }) => acceptImport(scope, id, { takesLayout: true })));
    expect(ends.map(({ result }) => result.new).sort()).toEqual([0, 0, 0, 30]);
    expect(ends.map(({ result }) => result.already).sort()).toEqual([0, 30, 30, 30].sort());
    const now = await linesNow();
    expect(now.n).toBe(30);
    expect(await balanceOf("1000")).toBe(now.sum - 1_003n);
    await proved(scope, other);
  });

  test("one killed half way, while the same file comes in by another: every line once", async () => {
    const rows = 2_400;
    const first = await takeFile(scope, { name: "first.csv", bytes: bank(rows) });
    const begun = await acceptImport(scope, first.id, { takesLayout: true });
    expect(begun.state).toBe("accepting");
    const work = { id: first.id, run: begun.run ?? "" };
    const stop = new AbortController();
    const killed = runImport(scope, { ...work, signal: stop.signal });
    const watch = setInterval(() => {
      void linesNow().then(({ n }) => (n > 0 ? stop.abort(new Error("killed")) : undefined));
    }, 5);
    await expect(killed).rejects.toThrow("killed");
    clearInterval(watch);
    const half = (await linesNow()).n;
    expect(half).toBeGreaterThan(0);
    expect(half).toBeLessThan(rows);
    const second = await takeFile(scope, { name: "second.csv", bytes: bank(rows) });
    await Promise.all([
      runImport(scope, { ...work, signal: never }),
      acceptImport(scope, second.id, { takesLayout: true, atOnce: true }),
    ]);
    const ends = await Promise.all([first.id, second.id].map((id) => importOf(scope, id)));
    expect(ends.map(({ state }) => state)).toEqual(["accepted", "accepted"]);
    expect(ends.reduce((sum, { result }) => sum + (result.new ?? 0), 0)).toBe(rows);
    const now = await linesNow();
    expect(now.n).toBe(rows);
    expect(await balanceOf("1000")).toBe(now.sum - 1_003n);
    await proved(scope, other);
  });
});
