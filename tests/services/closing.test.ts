/** Closing as a person does it: what stops it, what asks for a reason, a year for good, what was filed against what is known now. */
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { closeDatabase } from "../../db/scope";
import { filedAndNow } from "../../lib/books/late";
import { closeThrough, closeYear, closingOf, openAgain } from "../../lib/books/periods";
import { balanceReport, profitReport, retainedByYear } from "../../lib/books/reports";
import { closeBooks, closeYearForGood, closingList } from "../../lib/closing";
import type { Fact } from "../../lib/core/facts";
import type { Role, Scope } from "../../lib/people/access";
import { auditRows } from "../../lib/people/audit";
import { newId } from "../../lib/system/ids";
import { testDatabase } from "../support/database";
import { aShop, give, item, order, proved, purchase } from "../support/trading";

const today = "2026-02-10";
let owner: postgres.Sql;

beforeAll(async () => {
  owner = postgres((await testDatabase()).url, { max: 1, onnotice: () => undefined });
});
afterAll(async () => {
  await Promise.all([owner.end(), closeDatabase()]);
});

const trade: readonly Fact[] = [
  item("mug", "Mug", "MUG"),
  purchase("p1", "2024-03-01", [["mug", 10n, 1_000n]]),
  order("o24", "2024-06-01", [["Mug", 2n, 4_000n, "MUG"]]),
  order("o25", "2025-06-01", [["Mug", 1n, 2_000n, "MUG"]]),
];
async function aTrader(name: string): Promise<Scope> {
  const scope = await aShop(name);
  await give(scope, trade);
  return scope;
}
const kinds = async (scope: Scope, through = "2025-12-31") =>
  (await closingList(scope, through, today)).map(({ kind, weight, count }) => `${weight} ${kind} ${count}`);
const as = (scope: Scope, role: Role): Scope => ({ ...scope, role });

describe("before a close", () => {
  test("all that waits until the day is listed, by what it means for the close", async () => {
    const scope = await aTrader("List");
    expect(await kinds(scope)).toEqual(["told unproved 5"]);
    await proved(scope);
    expect(await kinds(scope)).toEqual([]);
    await give(scope, [
      order("short", "2025-07-01", [["Mug", 12n, 12_000n, "MUG"]]),
      order("later", "2026-01-01", [["Mug", 1n, 1_000n, "MUG"]]),
      purchase("p2", "2025-08-01", [], { amount: 500n }),
    ]);
    await proved(scope);
    expect(await kinds(scope)).toEqual(["asks costs 1", "asks short 1", "told details 1"]);
    expect(await kinds(scope, "2025-06-30")).toEqual([]);
    // In the middle of a month the days are counted beside the months.
    expect(await kinds(scope, "2025-07-01")).toEqual(["asks costs 1", "asks short 1"]);
    expect(await kinds(scope, "2026-01-15")).toEqual(["asks costs 2", "asks short 1", "told details 1"]);
  });

  test("what only leaves the books incomplete wants a reason, which is kept", async () => {
    const scope = await aTrader("Reason");
    await give(scope, [order("short", "2025-07-01", [["Mug", 12n, 12_000n, "MUG"]])]);
    await proved(scope);
    await expect(closeBooks(scope, { through: "2025-12-31", why: "  " }, today)).rejects.toMatchObject({
      code: "field_missing",
      detail: { field: "why" },
    });
    expect((await closingOf(scope)).closedThrough).toBeNull();
    await closeBooks(scope, { through: "2025-12-31", why: "The receipt is lost" }, today);
    const { closedThrough, history } = await closingOf(scope);
    expect([closedThrough, history[0]?.why]).toEqual(["2025-12-31", "The receipt is lost"]);
    const [row] = (await auditRows(scope, { what: "books.close" })).rows;
    expect([row?.why, row?.before, row?.after]).toEqual([
      "The receipt is lost",
      { closedThrough: null },
      { closedThrough: "2025-12-31" },
    ]);
  });

  test("books that a proof found wrong are not closed, whatever the reason", async () => {
    const scope = await aTrader("Wrong");
    const b = scope.businessId;
    await owner`insert into app.proofs (business_id, id, at, took_ms, checks, findings) values (${b}, ${newId()}, now(), 1, '[]', 2)`;
    expect(await kinds(scope)).toContain("stops findings 2");
    await expect(closeBooks(scope, { through: "2025-12-31", why: "never mind" }, today)).rejects.toMatchObject({
      code: "not_ready",
    });
    await expect(closeYearForGood(scope, { year: 2025, why: "never mind" }, today)).rejects.toMatchObject({
      code: "not_ready",
    });
    await proved(scope);
    await closeBooks(scope, { through: "2025-12-31", why: "" }, today);
  });

  test("a job that was given up asks for a reason", async () => {
    const scope = await aTrader("Job");
    await proved(scope);
    await owner`insert into app.outbox (id, business_id, job, payload, key, requested_at, not_before, attempts, state)
      values (${newId()}, ${scope.businessId}, 'recost', '{}', ${scope.businessId}, now(), now(), 5, 'dead')`;
    expect(await kinds(scope)).toEqual(["asks jobs 1"]);
  });
});

describe("a tax year closed for good", () => {
  test("is the owner's to close, when it is over, once", async () => {
    const scope = await aTrader("Good");
    for (const role of ["bookkeeper", "helper", "viewer"] as const)
      await expect(closeYear(as(scope, role), 2025, { today })).rejects.toMatchObject({ code: "not_allowed" });
    await expect(closeYear(scope, 2026, { today })).rejects.toMatchObject({ code: "future_date" });
    await expect(closeYear(scope, 20_25.5, { today })).rejects.toMatchObject({ code: "bad_date" });
    expect(await closeYear(scope, 2024, { today })).toEqual({ finalThrough: "2024-12-31" });
    await expect(closeYear(scope, 2024, { today })).rejects.toMatchObject({ code: "books_closed" });
    expect(await closingOf(scope)).toMatchObject({ closedThrough: "2024-12-31", finalThrough: "2024-12-31" });
    const [row] = (await auditRows(scope, { what: "books.close-year" })).rows;
    expect(row?.after).toEqual({ closedThrough: "2024-12-31", finalThrough: "2024-12-31" });
  });

  test("is not opened again by anyone, also not in the database", async () => {
    const scope = await aTrader("Never");
    await closeYear(scope, 2024, { today });
    await closeThrough(scope, "2025-06-30", { today });
    await expect(openAgain(scope, null, "once more")).rejects.toMatchObject({ code: "books_closed" });
    await expect(openAgain(scope, "2024-06-30", "once more")).rejects.toMatchObject({ code: "books_closed" });
    await openAgain(scope, "2024-12-31", "the days after it");
    expect((await closingOf(scope)).closedThrough).toBe("2024-12-31");
    for (const change of [
      "closed_through = null",
      "closed_through = '2024-12-30'",
      "final_through = null, closed_through = null",
      "final_through = '2023-12-31'",
    ])
      await expect(
        owner.unsafe(`update app.businesses set ${change} where business_id = '${scope.businessId}'`),
      ).rejects.toMatchObject({ code: "23514" });
    await proved(scope);
  });

  test("may be closed for good while the books are closed further already; both seals hold", async () => {
    const scope = await aTrader("Further");
    await closeThrough(scope, "2025-06-30", { today });
    await closeYear(scope, 2024, { today });
    expect(await closingOf(scope)).toMatchObject({ closedThrough: "2025-06-30", finalThrough: "2024-12-31" });
    await proved(scope);
  });
});

describe("a seal", () => {
  test("of a period stays true whatever comes later, and of one that was opened is kept", async () => {
    const scope = await aTrader("Sealed");
    await closeThrough(scope, "2024-12-31", { today });
    await closeThrough(scope, "2025-06-30", { today });
    const reports = async () => [
      await profitReport(scope, { from: "2024-01-01", to: "2024-12-31" }),
      await profitReport(scope, { from: "2025-01-01", to: "2025-06-30" }),
      await balanceReport(scope, "2025-06-30"),
    ];
    const before = await reports();
    await give(scope, [
      order("late24", "2024-07-01", [["Mug", 1n, 500n, "MUG"]]),
      purchase("late-p", "2024-01-01", [["mug", 3n, 33n]]),
    ]);
    expect(await reports()).toEqual(before);
    await proved(scope);
    await openAgain(scope, "2024-12-31", "one more");
    await give(scope, [order("in25", "2025-03-01", [["Mug", 1n, 700n, "MUG"]])]);
    await proved(scope);
    await closeThrough(scope, "2025-06-30", { today });
    await proved(scope);
    const { history } = await closingOf(scope);
    expect(history.map(({ kind, from, through, isOpenedAgain }) => [kind, from, through, isOpenedAgain])).toEqual([
      ["close", "2025-01-01", "2025-06-30", false],
      ["open", null, "2024-12-31", false],
      ["close", "2025-01-01", "2025-06-30", true],
      ["close", null, "2024-12-31", false],
    ]);
    expect(new Set(history.map(({ seal }) => seal)).size).toBe(4);
    // No clock decides their order.
    expect(history.map(({ number }) => number)).toEqual([4, 3, 2, 1]);
  });
});

describe("what was filed", () => {
  const year = { from: "2024-01-01", to: "2024-12-31" };

  test("differs from nothing while nothing came late, and is nothing while the year is open", async () => {
    const scope = await aTrader("Filed");
    expect(await filedAndNow(scope, year)).toBeNull();
    await closeThrough(scope, "2024-12-31", { today });
    expect(await filedAndNow(scope, year)).toBeNull();
  });

  test("is shown beside what is known now, with the documents that make the difference", async () => {
    const [scope, other] = [await aTrader("Late"), await aTrader("Other")];
    await closeThrough(scope, "2024-12-31", { today });
    const filed = await profitReport(scope, year);
    // One more sale of 2024 for 5.00, cost 1.00; found in 2026, while 2024 is filed.
    const late = order("late24", "2024-07-01", [["Mug", 1n, 500n, "MUG"]], {
      fees: [{ kind: "selling", amount: 30n }],
    });
    await give(scope, [late]);
    const found = await filedAndNow(scope, year);
    expect(found?.filed.netProfit.amount).toBe(filed.whole.netProfit.amount);
    expect(
      [found?.filed, found?.now].map((one) => [one?.income.amount, one?.costOfGoodsSold.amount, one?.expenses.amount]),
    ).toEqual([
      [4_000n, 200n, 0n],
      [4_500n, 300n, 30n],
    ]);
    const documents = found?.documents.map(({ kind, id, effectiveOn, postedOn, profit }) => [
      kind,
      id,
      effectiveOn,
      postedOn,
      profit,
    ]);
    expect(documents?.toSorted()).toEqual(
      [
        ["cost", "late24-1", "2024-07-01", "2025-01-01", -100n],
        ["order", "late24", "2024-07-01", "2025-01-01", 500n],
        ["order", "late24", "2024-07-01", "2025-01-01", -30n],
      ].toSorted(),
    );
    expect(found?.count).toBe(3);
    // The year that it counts in, once that is closed, is the same without it.
    await closeThrough(scope, "2025-12-31", { today });
    const next = await filedAndNow(scope, { from: "2025-01-01", to: "2025-12-31" });
    expect([next?.filed.netProfit.amount, next?.now.netProfit.amount]).toEqual([1_900n + 370n, 1_900n]);
    // What is known now of both years is what they would be, had it come in time.
    await give(other, [late]);
    expect(found?.now).toEqual((await profitReport(other, year)).whole);
    expect(next?.now).toEqual((await profitReport(other, { from: "2025-01-01", to: "2025-12-31" })).whole);
    expect(await filedAndNow(other, year)).toBeNull();
  });
});

test("retained earnings go on from year to year, and are what the balance sheet shows", async () => {
  const scope = await aTrader("Retained");
  const years = await retainedByYear(scope, "2026-02-01");
  expect(years.map(({ year, profit, retained }) => [year, profit, retained])).toEqual([
    [2024, 3_800n, 3_800n],
    [2025, 1_900n, 5_700n],
  ]);
  const sheet = await balanceReport(scope, "2026-02-01");
  const shown = sheet.equity.children.find(({ label }) => label === "Profit of earlier years");
  expect(shown?.amount).toBe(5_700n);
  expect(sheet.difference).toBe(0n);
  expect(await retainedByYear(scope, "2024-12-31")).toEqual([]);
  expect((await retainedByYear(scope, "2025-12-31")).map(({ retained }) => retained)).toEqual([3_800n]);
});
