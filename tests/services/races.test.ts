import type postgres from "postgres";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { closeDatabase } from "../../db/scope";
import { closeThrough, closingOf, openAgain } from "../../lib/books/periods";
import type { Refusal } from "../../lib/core/errors";
import type { Fact } from "../../lib/core/facts";
import { addCost } from "../../lib/desk/costs";
import { recordPurchase, saveDetails } from "../../lib/desk/purchases";
import { addByHand, sortAs } from "../../lib/desk/transactions";
import type { Scope } from "../../lib/people/access";
import { resultOf } from "../../lib/replay/run";
import { purchaseDetails } from "../../lib/stock/purchase-reads";
import { aPerson } from "../../scripts/lib/sellers";
import {
  balanceOf,
  behindOneAnother,
  detailsOf,
  entriesOf,
  openRaces,
  outcomes,
  recordAlone,
  times,
  twoShops,
} from "../support/races";
import { give, order, proved, purchase } from "../support/trading";

const today = "2026-11-21";
let owner: postgres.Sql;
let scope: Scope;
let other: Scope;

beforeAll(async () => {
  owner = await openRaces();
});
afterAll(async () => {
  await Promise.all([owner.end(), closeDatabase()]);
});
beforeEach(async () => {
  [scope, other] = await twoShops();
});
const record = (facts: readonly Fact[]) => recordAlone(scope, facts);
const postedFor = (kind: string, id: string) => entriesOf(owner, scope, kind, id);
const balance = (code: string) => balanceOf(scope, code);
const atOnce = (waiters: number, start: () => Promise<unknown>[]) => behindOneAnother(owner, scope, waiters, start);

describe("the same fact", () => {
  test.each([2, 20])("by %i workers at once is recorded and posted once", async (workers) => {
    const fact = order("o1", "2025-02-01", [["Mug", 3n, 6_000n, "MUG"]], {
      fees: [{ kind: "selling", amount: 150n }],
    });
    const work = await atOnce(workers, () => times(workers, () => record([fact])));
    const added = (await Promise.all(work)) as { added: number; already: number }[];
    expect(added.reduce((sum, one) => sum + one.added, 0)).toBe(1);
    expect(added.reduce((sum, one) => sum + one.already, 0)).toBe(workers - 1);
    const entries = await postedFor("order", "o1");
    const [alone, cost] = [await postedFor("cost", "o1-1"), await balance("5000")];
    // The same by one worker alone, next door.
    await give(other, [fact]);
    const [row] = await owner<{ n: number }[]>`select count(*)::int as n from journal_entries
      where business_id = ${other.businessId} and document_kind = 'order' and document_id = 'o1'`;
    expect([entries, alone, cost]).toEqual([row?.n, 1, 301n]);
    expect((await resultOf(scope)).trial_balance).toEqual((await resultOf(other)).trial_balance);
    await proved(scope, other);
  });

  test("with another content by each of five workers is recorded once, and refused to the others", async () => {
    const work = await atOnce(5, () =>
      times(5, (i) => record([order("o1", "2025-02-01", [["Mug", 1n, 1_000n + BigInt(i), "MUG"]])])),
    );
    expect(await outcomes(work)).toEqual({ done: 1, fact_changed: 4 });
    expect([await postedFor("order", "o1"), await balance("5000")]).toEqual([1, 100n]);
    await proved(scope, other);
  });

  test("by workers in opposite orders of its facts ends the same for all", async () => {
    const facts = times(6, async (i) => purchase(`w${i}`, "2025-01-03", [["mug", 1n, 7n]]));
    const all = await Promise.all(facts);
    const ends = await Promise.all(times(8, (i) => record(i % 2 === 0 ? all : all.toReversed())));
    expect(ends.map(({ added }) => added).sort()).toEqual([0, 0, 0, 0, 0, 0, 0, 6]);
    expect(await balance("1200")).toBe(1_003n + 42n);
    await proved(scope, other);
  });
});

describe("two at once of what only one can have", () => {
  test("twenty sales of one with ten in stock: ten are costed, to the cent, and ten wait", async () => {
    await Promise.all(times(20, (i) => record([order(`s${i}`, "2025-02-01", [["Mug", 1n, 500n, "MUG"]])])));
    const { sales, on_hand: onHand } = await resultOf(scope);
    expect(sales.filter((sale) => sale.uncosted === 0)).toHaveLength(10);
    expect(sales.reduce((sum, sale) => sum + Number(sale.cost), 0)).toBe(1_003);
    expect([await balance("5000"), await balance("1200")]).toEqual([1_003n, 0n]);
    expect(onHand.map((row) => row.qty)).toEqual([-10]);
    await proved(scope, other);
  });

  test("twenty people choose the last units of a lot: as many have them as there are", async () => {
    await give(scope, [
      purchase("last", "2025-06-01", [["mug", 3n, 1_000n]]),
      ...Array.from({ length: 20 }, (_, i) => order(`s${i}`, "2025-02-01", [["Mug", 1n, 500n, "MUG"]])),
    ]);
    const work = await atOnce(20, () =>
      times(20, (i) => addCost(scope, { line: `s${i}-1`, how: { way: "lot", lot: "last-1" } })),
    );
    expect(await outcomes(work)).toEqual({ done: 3, does_not_fit: 17 });
    const pinned = (await resultOf(scope)).sales.filter((sale) => sale.allocations.some((one) => one.lot === "last-1"));
    expect(pinned.reduce((sum, sale) => sum + Number(sale.cost), 0)).toBe(1_000);
    await proved(scope, other);
  });
});

describe("edits of one thing from one version", () => {
  test.each([2, 5])("of a purchase by %i people: one wins, the others are told who changed it", async (people) => {
    const id = await recordPurchase(scope, { on: "2025-03-01", supplier: "Redwood", amount: 900n, account: "1000" });
    const { version } = await purchaseDetails(scope, id);
    const person = await aPerson();
    const details = (i: number) => detailsOf(id, version, i);
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
    const work = await atOnce(10, () =>
      times(10, (i) => sortAs(scope, [{ id, version: 1 }], { kind: "category", code: codes[i % 5] ?? "6030" })),
    );
    expect(await outcomes(work)).toEqual({ done: 1, stale: 9 });
    expect(await balance("9991")).toBe(0n);
    expect((await Promise.all(codes.map(balance))).filter((sum) => sum !== 0n)).toEqual([700n]);
    await proved(scope, other);
  });
});

describe("a close", () => {
  test("while twenty postings run: each is counted in the seal or stands after it", async () => {
    const before = Number((await resultOf(scope)).entries);
    const bought = (i: number) => record([purchase(`late${i}`, "2025-03-15", [["mug", 1n, 10n]])]);
    const work = await atOnce(21, () => [
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
    expect(await balance("1200")).toBe(1_003n + 200n);
    await proved(scope, other);
  });

  test("of the same days by two, and opening them again by two: one of each", async () => {
    const closing = await atOnce(2, () => times(2, () => closeThrough(scope, "2025-03-31", { today })));
    expect(await outcomes(closing)).toEqual({ done: 1, books_closed: 1 });
    const opening = await atOnce(2, () => times(2, () => openAgain(scope, null, "a mistake")));
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
    expect(await balance("1200")).toBe(1_003n + 240n);
    await proved(scope, other);
  });
});
