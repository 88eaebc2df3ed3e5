/** F12 and F35 to F37 on processes of their own: what one process cannot show of itself, since its connections share its turns. */
import type postgres from "postgres";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { closeDatabase } from "../../db/scope";
import { closingOf } from "../../lib/books/periods";
import { acceptImport } from "../../lib/desk/imports";
import { recordPurchase } from "../../lib/desk/purchases";
import { importOf, takeFile } from "../../lib/money/imports";
import type { Scope } from "../../lib/people/access";
import { resultOf } from "../../lib/replay/run";
import { purchaseDetails } from "../../lib/stock/purchase-reads";
import { countsOf, type End, endRacers, type Racer, startRacers } from "../support/racers";
import {
  balanceOf,
  bankFile,
  bankLines,
  behindOneAnother,
  detailsOf,
  entriesOf,
  openRaces,
  twoShops,
} from "../support/races";
import { give, item, order, proved, purchase } from "../support/trading";

const today = "2026-11-21";
let owner: postgres.Sql;
let scope: Scope;
let other: Scope;
let racers: Racer[];

beforeAll(async () => {
  owner = await openRaces();
  racers = await startRacers(4);
}, 60_000);
afterAll(async () => {
  await endRacers();
  await Promise.all([owner.end(), closeDatabase()]);
});
beforeEach(async () => {
  [scope, other] = await twoShops();
});
const racer = (i: number): Racer => {
  const one = racers[i % racers.length];
  if (one === undefined) throw new Error("none was started");
  return one;
};

/** Lets so many of the processes' transactions go at once, which wait for the books. */
const atOnce = async (waiters: number, start: () => Promise<End>[]) =>
  Promise.all(await behindOneAnother(owner, scope, waiters, start));
const linesNow = () => bankLines(owner, scope);

describe("F12", () => {
  test("two processes that lock in opposite orders both end well, one of them at its second try", async () => {
    await give(scope, [item("cup", "Cup", "CUP")]);
    const locking = [
      racer(0).ask(scope, { do: "lock", first: "mug", second: "cup" }),
      racer(1).ask(scope, { do: "lock", first: "cup", second: "mug" }),
    ];
    await Promise.all([racer(0).holdsOne, racer(1).holdsOne]);
    racer(0).goOn();
    racer(1).goOn();
    const ends = await Promise.all(locking);
    expect(ends.map((end) => ("done" in end ? end.done : end)).sort()).toEqual([1, 2]);
    await proved(scope, other);
  });

  test("the same sale by four processes at once is recorded and posted once", async () => {
    const sale = order("o1", "2025-02-01", [["Mug", 3n, 6_000n, "MUG"]]);
    const ends = await atOnce(4, () => [0, 1, 2, 3].map((i) => racer(i).ask(scope, { do: "record", facts: [sale] })));
    const added = ends.map((end) => ("done" in end ? (end.done as { added: number }).added : -1));
    expect(added.sort()).toEqual([0, 0, 0, 1]);
    expect([await entriesOf(owner, scope, "order", "o1"), await entriesOf(owner, scope, "cost", "o1-1")]).toEqual([
      1, 1,
    ]);
    await proved(scope, other);
  });
});

describe("F35", () => {
  test("a close in one process while three others post twenty purchases: each is in the seal or stands after it", async () => {
    const before = Number((await resultOf(scope)).entries);
    const buy = (i: number) =>
      racer(1 + (i % 3)).ask(scope, { do: "record", facts: [purchase(`late${i}`, "2025-03-15", [["mug", 1n, 10n]])] });
    const ends = await atOnce(21, () => [
      ...Array.from({ length: 10 }, (_, i) => buy(i)),
      racer(0).ask(scope, { do: "close", through: "2025-03-31", today }),
      ...Array.from({ length: 10 }, (_, i) => buy(10 + i)),
    ]);
    expect(countsOf(ends)).toEqual({ done: 21 });
    const rows = await owner<{ posted: string; no: number }[]>`
      select posted_on::text as posted, entry_no::int as no from journal_entries
      where business_id = ${scope.businessId} and document_id like 'late%' order by entry_no`;
    const inside = rows.filter((row) => row.posted === "2025-03-15");
    const after = rows.filter((row) => row.posted === "2025-04-01");
    expect([rows.length, inside.length + after.length]).toEqual([20, 20]);
    expect(inside.every((row) => after.every((late) => row.no < late.no))).toBe(true);
    const [sealed] = (await closingOf(scope)).history;
    expect(sealed?.entries).toBe(BigInt(before + inside.length));
    expect(await balanceOf(scope, "1200")).toBe(1_003n + 200n);
    await proved(scope, other);
  });
});

describe("F36", () => {
  test("one purchase changed by four processes at once: one wins whole, the others are told who changed it", async () => {
    const id = await recordPurchase(scope, { on: "2025-03-01", supplier: "Redwood", amount: 900n, account: "1000" });
    const { version } = await purchaseDetails(scope, id);
    const ends = await atOnce(4, () =>
      [0, 1, 2, 3].map((i) => racer(i).ask(scope, { do: "details", input: detailsOf(id, version, i) })),
    );
    expect(countsOf(ends)).toEqual({ done: 1, stale: 3 });
    for (const end of ends)
      if ("code" in end) {
        expect(end.status).toBe(409);
        expect(end.message).toMatch(/changed this purchase at \d\d:\d\d/);
      }
    const won = ends.findIndex((end) => "done" in end);
    const now = await purchaseDetails(scope, id);
    expect(now.lines.map((line) => line.costMinor)).toEqual(Array.from({ length: won + 1 }, () => 100n + BigInt(won)));
    expect(now.version).toBe(version + 1);
    await proved(scope, other);
  });
});

describe("F37", () => {
  test("an import's process is killed at about the half, and another does it again: every line once", async () => {
    const rows = 10_000;
    const { id } = await takeFile(scope, { name: "bank.csv", bytes: bankFile(rows) });
    const begun = await acceptImport(scope, id, { takesLayout: true });
    const run = begun.run ?? "";
    const [victim] = await startRacers(1);
    if (victim === undefined) throw new Error("none was started");
    const lost = expect(victim.ask(scope, { do: "import", id, run })).rejects.toThrow("is gone");
    for (let seen = 0; seen < rows / 2; seen = (await linesNow()).n) await new Promise((done) => setTimeout(done, 5));
    await victim.kill();
    await lost;
    const half = (await linesNow()).n;
    expect(half).toBeGreaterThanOrEqual(rows / 2);
    expect(half).toBeLessThan(rows);
    expect((await importOf(scope, id)).state).toBe("accepting");
    // By two at once, as where its lock ran out and the first of those who took it up stood still.
    await Promise.all([0, 1].map((i) => racer(i).ask(scope, { do: "import", id, run })));
    const ended = await importOf(scope, id);
    expect([ended.state, ended.result.new]).toEqual(["accepted", rows]);
    const now = await linesNow();
    expect(now.n).toBe(rows);
    expect(await balanceOf(scope, "1000")).toBe(now.sum - 1_003n);
    await proved(scope, other);
  }, 120_000);

  test("two of the same file, by two processes at once: its lines come once, and the other says 0 new", async () => {
    const taken = await Promise.all(["a.csv", "b.csv"].map((name) => takeFile(scope, { name, bytes: bankFile(600) })));
    const ends = await atOnce(2, () => taken.map(({ id }, i) => racer(i).ask(scope, { do: "accept", id })));
    expect(countsOf(ends)).toEqual({ done: 2 });
    const results = await Promise.all(taken.map(async ({ id }) => (await importOf(scope, id)).result));
    expect(results.map((one) => one.new ?? 0).sort((a, b) => a - b)).toEqual([0, 600]);
    expect((await linesNow()).n).toBe(600);
    await proved(scope, other);
  });
});
