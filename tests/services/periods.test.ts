/** Closing and opening again: what late facts do, who may, what is kept of it. */
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { closeDatabase } from "../../db/scope";
import { accountPage } from "../../lib/books/journal-reads";
import { closeThrough, closingOf, openAgain } from "../../lib/books/periods";
import { proofState, proveBooks } from "../../lib/books/proof";
import { profitReport } from "../../lib/books/reports";
import { verifyBooks } from "../../lib/books/verify";
import type { Fact } from "../../lib/core/facts";
import type { Role, Scope } from "../../lib/people/access";
import { auditRows } from "../../lib/people/audit";
import { record } from "../../lib/record";
import { aSeller } from "../../scripts/lib/sellers";
import { testDatabase } from "../support/database";

const today = "2026-11-21";
const origin = { source: null, userId: null };
let owner: postgres.Sql;
let scope: Scope;
let other: Scope;

const item: Fact = { kind: "item", id: "mug", name: "Mug", sku: "MUG", decimals: 0, aliases: [] };
const purchase = (id: string, on: string, amount: bigint): Fact => ({
  kind: "purchase",
  id,
  date: on,
  amount,
  lines: [{ id: `${id}-1`, item: "mug", qty: 10n, amount, location: null }],
  extras: [],
  account: "1000",
  supplier: null,
});
const lost = (id: string, on: string, qty: bigint): Fact => ({
  kind: "adjustment",
  id,
  date: on,
  location: null,
  lines: [{ id: `${id}-1`, item: "mug", qty: -qty, amount: 0n }],
  reason: null,
});
const add = (to: Scope, ...facts: readonly Fact[]) =>
  record(
    to,
    facts.map((fact) => ({ fact, version: null })),
    origin,
  );
const as = (role: Role): Scope => ({ ...scope, role });

beforeAll(async () => {
  owner = postgres((await testDatabase()).url, { max: 2, onnotice: () => undefined });
  [scope, other] = [await aSeller(), await aSeller("The other")];
  for (const one of [scope, other])
    await add(one, item, purchase("p1", "2026-09-01", 1_000n), lost("a1", "2026-09-10", 1n));
});
afterAll(async () => {
  await Promise.all([owner.end(), closeDatabase()]);
});

describe("closing", () => {
  test("refuses a day that is not over, and whoever may not", async () => {
    await expect(closeThrough(scope, today, { today })).rejects.toMatchObject({ code: "future_date" });
    await expect(closeThrough(scope, "2026-02-30", { today })).rejects.toMatchObject({ code: "bad_date" });
    for (const role of ["helper", "viewer"] as const)
      await expect(closeThrough(as(role), "2026-09-30", { today })).rejects.toMatchObject({ code: "not_allowed" });
    expect(await closingOf(scope)).toMatchObject({
      closedThrough: null,
      finalThrough: null,
      firstOn: "2026-09-01",
      history: [],
    });
  });

  test("keeps the closed period as it was: what comes late counts on the first open day", async () => {
    const september = { from: "2026-09-01", to: "2026-09-30" };
    const before = await profitReport(scope, september);
    expect(await closeThrough(as("bookkeeper"), "2026-09-30", { today })).toEqual({
      closedThrough: "2026-09-30",
      firstOpen: "2026-10-01",
    });
    await add(scope, lost("a2", "2026-09-20", 2n));
    expect(await profitReport(scope, september)).toEqual(before);
    const october = await accountPage(scope, "5100", { from: "2026-10-01", to: "2026-10-31" });
    expect(october.rows.map(({ on, aboutOn, amount }) => [on, aboutOn, amount])).toEqual([
      ["2026-10-01", "2026-09-20", 200n],
    ]);
  });

  test("goes forwards only, and leaves a row in the audit trail", async () => {
    await expect(closeThrough(scope, "2026-09-30", { today })).rejects.toMatchObject({ code: "books_closed" });
    await expect(closeThrough(scope, "2026-08-31", { today })).rejects.toMatchObject({ code: "books_closed" });
    const { rows } = await auditRows(scope, { what: "books.close" });
    expect(rows.map(({ before, after }) => [before, after])).toEqual([
      [{ closedThrough: null }, { closedThrough: "2026-09-30" }],
    ]);
    expect((await closingOf(scope)).history).toMatchObject([{ kind: "close", through: "2026-09-30", why: null }]);
  });

  test("works out first what waits", async () => {
    const b = scope.businessId;
    await owner`insert into app.dirty_marks (business_id, item_id, since, version) values (${b}, 'mug', '2026-09-01', 1)`;
    await closeThrough(scope, "2026-10-31", { today });
    const [row] = await owner<{ n: number }[]>`select count(*)::int as n from app.dirty_marks where business_id = ${b}`;
    expect(row?.n).toBe(0);
  });

  test("of one business closes nothing of another", async () => {
    expect((await closingOf(other)).closedThrough).toBeNull();
    await add(other, lost("a2", "2026-09-20", 2n));
    expect((await accountPage(other, "5100", { from: "2026-09-01", to: "2026-09-30" })).moved).toBe(300n);
  });

  test("and posting at once: whichever is first, nothing counts on a closed day afterwards", async () => {
    const days = ["2026-11-02", "2026-11-03", "2026-11-04", "2026-11-05"];
    await Promise.all([
      ...days.map((on) => add(other, lost(`late-${on}`, on, 1n))),
      closeThrough(other, "2026-11-10", { today }),
    ]);
    await add(other, lost("after", "2026-11-06", 1n));
    const [row] = await owner<{ n: number }[]>`
      select count(*)::int as n from app.journal_entries where business_id = ${other.businessId} and document_id = 'after-1' and posted_on = '2026-11-11'`;
    expect(row?.n).toBe(1);
    expect((await accountPage(other, "5100", { from: "2026-09-01", to: today })).moved).toBe(800n);
  });
});

describe("opening again", () => {
  test("is the owner's, and wants a reason", async () => {
    await expect(openAgain(as("bookkeeper"), null, "a slip")).rejects.toMatchObject({ code: "not_allowed" });
    await expect(openAgain(scope, null, "  ")).rejects.toMatchObject({ code: "field_missing" });
    await expect(openAgain(scope, "2026-10-31", "a slip")).rejects.toMatchObject({ code: "nothing_to_undo" });
  });

  test("lets days be posted on again, keeps late entries where they stand, and keeps why", async () => {
    await openAgain(scope, "2026-09-30", "October's rent was missing");
    expect((await closingOf(scope)).closedThrough).toBe("2026-09-30");
    await add(scope, lost("a3", "2026-10-15", 1n));
    const rows = (await accountPage(scope, "5100", { from: "2026-10-01", to: "2026-10-31" })).rows;
    expect(rows.map(({ on, aboutOn }) => [on, aboutOn])).toEqual([
      ["2026-10-01", "2026-09-20"],
      ["2026-10-15", null],
    ]);
    await openAgain(scope, null, "everything once more");
    const { closedThrough, history } = await closingOf(scope);
    expect(closedThrough).toBeNull();
    expect(history.map(({ kind, through, why, isOpenedAgain }) => [kind, through, why, isOpenedAgain])).toEqual([
      ["open", null, "everything once more", false],
      ["open", "2026-09-30", "October's rent was missing", true],
      ["close", "2026-10-31", null, true],
      ["close", "2026-09-30", null, true],
    ]);
    expect((await closingOf(other)).history).toHaveLength(1);
  });
});

describe("proving the books", () => {
  test("is done at once where they are small, and kept", async () => {
    expect((await proofState(scope)).isAsked).toBe(false);
    const proof = await proveBooks(scope);
    expect(proof?.findings).toBe(0);
    expect((await proofState(scope)).last?.at).toBe(proof?.at);
    expect((await proofState(other)).last).toBeNull();
  });

  test("is asked for where they are not", async () => {
    expect(await proveBooks(other, 1)).toBeNull();
    expect(await proofState(other)).toEqual({ last: null, isAsked: true });
    expect((await proofState(scope)).isAsked).toBe(false);
    const asked = await owner<{ payload: unknown }[]>`select payload from app.outbox where job = 'verifyBooks'`;
    expect(asked.map(({ payload }) => payload)).toEqual([{ business: other.businessId }]);
  });

  test("is not for who only looks", async () => {
    await expect(proveBooks(as("viewer"))).rejects.toMatchObject({ code: "not_allowed" });
  });

  test("names what does not hold", async () => {
    await owner`update app.account_months set debit_minor = debit_minor + 1 where business_id = ${other.businessId} and code = '5100' and month = '2026-09-01'`;
    const proof = await proveBooks(other);
    expect(proof?.checks.flatMap(({ findings }) => findings.map(({ what }) => what))).toEqual([
      "debits and credits of account 5100 in 2026-09",
      "the balance of account 5100 on 2026-11-10 is as it was sealed",
    ]);
    await owner`update app.account_months set debit_minor = debit_minor - 1 where business_id = ${other.businessId} and code = '5100' and month = '2026-09-01'`;
  });
});

test("the books of both are proved", async () => {
  expect((await verifyBooks(scope)).findings).toBe(0);
  expect((await verifyBooks(other)).findings).toBe(0);
});
