/** Numbers of documents: their forms, chosen by the business; no gap, no double, also in a race; a row that is deleted is named. */
import type postgres from "postgres";
import { afterAll, beforeAll, beforeEach, describe, expect, it, test } from "vitest";
import { closeDatabase, inBusiness } from "../../db/scope";
import { verifyBooks } from "../../lib/books/verify";
import { seriesKinds, usualForm } from "../../lib/core/numbering";
import { adjustmentView } from "../../lib/desk/adjustment-reads";
import { recordAdjustment, takeBackAdjustment } from "../../lib/desk/adjustments";
import { changeSeries, seriesSettings } from "../../lib/desk/series-settings";
import type { Scope } from "../../lib/people/access";
import { auditRows } from "../../lib/people/audit";
import { takeNumber } from "../../lib/stock/series";
import { aShelf, input } from "../support/adjusting";
import { behindOneAnother, openRaces, outcomes } from "../support/races";
import { proved, refused } from "../support/trading";

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
  [scope, other] = [await aShelf("One"), await aShelf("Two")];
});

const one = (on = "2026-03-10") => input({ lines: [["mug", "1"]], on });
const numberNow = async (on?: string) => (await recordAdjustment(scope, one(on))).number;
const form = (prefix: string, digits = 4, hasYear = true) => ({ kind: "adjustment", prefix, digits, hasYear }) as const;
const viewOf = async (of = scope) => (await seriesSettings(of)).find(({ kind }) => kind === "adjustment");
const findings = async () => {
  const { checks } = await verifyBooks(scope);
  return checks.find(({ name }) => name.startsWith("Numbers of documents"))?.findings.map(({ what }) => what);
};

describe("an adjustment", () => {
  it("has the next number of its tax year when it is told, and keeps it", async () => {
    expect([await numberNow(), await numberNow(), await numberNow("2025-12-31")]).toEqual([
      "ADJ-2026-0001",
      "ADJ-2026-0002",
      "ADJ-2025-0001",
    ]);
    const { id } = await recordAdjustment(other, one());
    expect(await adjustmentView(other, id)).toMatchObject({ number: "ADJ-2026-0001", isUndone: false });
    await takeBackAdjustment(other, { id });
    expect(await adjustmentView(other, id)).toMatchObject({ number: "ADJ-2026-0001", isUndone: true });
    expect((await recordAdjustment(other, one())).number).toBe("ADJ-2026-0002");
    await proved(scope, other);
  });

  it("that is sent twice, or again after it was taken back, is one document with one number", async () => {
    const form = one();
    expect([(await recordAdjustment(scope, form)).number, (await recordAdjustment(scope, form)).number]).toEqual([
      "ADJ-2026-0001",
      "ADJ-2026-0001",
    ]);
    await takeBackAdjustment(scope, { id: form.id });
    expect((await recordAdjustment(scope, form)).number).toBe("ADJ-2026-0001");
    await takeBackAdjustment(scope, { id: form.id });
    expect((await refused(recordAdjustment(scope, { ...form, on: "2025-12-01" }))).code).toBe("stale");
    await proved(scope, other);
  });

  it("that is refused takes none", async () => {
    await refused(recordAdjustment(scope, { ...one(), location: "nowhere" }));
    expect(await numberNow()).toBe("ADJ-2026-0001");
  });
});

test("ten told at once have the ten next numbers", async () => {
  const work = await behindOneAnother(owner, scope, 10, () =>
    Array.from({ length: 10 }, () => recordAdjustment(scope, one())),
  );
  expect(await outcomes(work)).toEqual({ done: 10 });
  const numbers = await Promise.all(work.map(async (each) => ((await each) as { number: string }).number));
  expect(numbers.sort()).toEqual(Array.from({ length: 10 }, (_, n) => `ADJ-2026-${String(n + 1).padStart(4, "0")}`));
  await proved(scope, other);
});

describe("the business chooses", () => {
  it("letters and digits, and where the first series begins; only an owner does", async () => {
    await changeSeries(scope, { ...form("st/o", 3), next: 41 });
    expect(await viewOf()).toMatchObject({ form: { prefix: "ST/O", digits: 3 }, next: 41, given: 0 });
    expect(await viewOf(other)).toMatchObject({ form: { prefix: "ADJ" }, next: 1 });
    const year = (await viewOf())?.nextNumber.slice(5, 9);
    expect(await numberNow(`${year}-01-02`)).toBe(`ST/O-${year}-041`);
    expect((await auditRows(scope)).rows.some((row) => row.what === "series.form" && row.about === "adjustment")).toBe(
      true,
    );
    expect((await refused(changeSeries({ ...scope, role: "helper" }, { ...form("X"), next: 42 }))).code).toBe(
      "not_allowed",
    );
    await proved(scope, other);
  });

  it("a next number only upwards, and only while none was given", async () => {
    await changeSeries(scope, { ...form("ADJ"), next: 7 });
    expect(await refused(changeSeries(scope, { ...form("ADJ"), next: 6 }))).toEqual({
      code: "does_not_fit",
      field: "next",
    });
    await changeSeries(scope, { ...form("ADJ"), next: 9 });
    const { nextNumber = "" } = (await viewOf()) ?? {};
    expect(await numberNow(`${nextNumber.slice(4, 8)}-01-02`)).toBe(nextNumber);
    expect(nextNumber).toMatch(/-0009$/);
    expect(await refused(changeSeries(scope, { ...form("ADJ"), next: 12 }))).toEqual({
      code: "does_not_fit",
      field: "next",
    });
    await proved(scope);
  });

  it("another form, which holds from the next series on", async () => {
    const { nextNumber = "" } = (await viewOf()) ?? {};
    const year = nextNumber.slice(4, 8);
    await numberNow(`${year}-01-02`);
    await changeSeries(scope, { ...form("B", 3), next: 2 });
    expect(await viewOf()).toMatchObject({ isOlder: true, nextNumber: `ADJ-${year}-0002` });
    expect(await numberNow(`${year}-01-02`)).toBe(`ADJ-${year}-0002`);
    expect(await numberNow(`${Number(year) - 1}-01-02`)).toBe(`B-${Number(year) - 1}-001`);
    await proved(scope);
  });

  it("numbers without the year, which go on over the years and keep their form", async () => {
    await changeSeries(scope, { ...form("A", 3, false), next: 1 });
    expect([await numberNow("2026-03-10"), await numberNow("2025-03-10"), await numberNow("2026-03-10")]).toEqual([
      "A-001",
      "A-002",
      "A-003",
    ]);
    expect(await refused(changeSeries(scope, { ...form("C", 3, false), next: 4 }))).toEqual({
      code: "does_not_fit",
      field: "prefix",
    });
    await proved(scope, other);
  });

  it("no letters that another kind has or had", async () => {
    expect((await refused(changeSeries(scope, { ...form("tr"), next: 1 }))).field).toBe("prefix");
    const invoice = (prefix: string) => ({ kind: "invoice", prefix, digits: 4, hasYear: true, next: 1 }) as const;
    await numberNow("2025-03-10");
    await changeSeries(scope, { ...form("B"), next: 1 });
    for (const prefix of ["ADJ", "B"])
      expect(await refused(changeSeries(scope, invoice(prefix)))).toEqual({ code: "does_not_fit", field: "prefix" });
    await changeSeries(other, invoice("B"));
  });
});

describe("the proof", () => {
  const own = () => `business_id = '${scope.businessId}'`;
  const tear = (text: string) =>
    owner.begin(async (tx) => {
      await tx`set local session_replication_role = replica`;
      await tx.unsafe(text);
    });

  it("names the number whose document was deleted", async () => {
    for (const _ of [1, 2, 3]) await recordAdjustment(scope, one());
    expect(await findings()).toEqual([]);
    await tear(`delete from stock_documents where ${own()} and number = 'ADJ-2026-0002'`);
    expect(await findings()).toEqual(["the number ADJ-2026-0002 stands on its adjustment"]);
  });

  it("names a number twice, one that was never given, one that reads otherwise, and a gap", async () => {
    for (const _ of [1, 2, 3]) await recordAdjustment(scope, one());
    await tear(`update stock_documents set number = 'ADJ-2026-0001' where ${own()} and number = 'ADJ-2026-0002'`);
    expect(await findings()).toEqual([
      "the number ADJ-2026-0001 stands on its adjustment",
      "the number ADJ-2026-0002 stands on its adjustment",
    ]);
    await tear(`update stock_documents set number = 'ADJ-2026-0009' where ${own()} and number = 'ADJ-2026-0003'`);
    expect(await findings()).toContain("the number ADJ-2026-0009 of adjustment was given");
    await tear(`update series_numbers set number = 'X' where ${own()} and nth = 3`);
    expect(await findings()).toContain("the number X reads as its series says");
    await tear(`delete from series_numbers where ${own()} and nth = 2`);
    expect(await findings()).toEqual(
      expect.arrayContaining([
        "the number before X was given",
        "the numbers of adjustment 2026 count on without a gap",
      ]),
    );
    await tear(`update series set next = 9 where ${own()}`);
    expect(await findings()).toContain("the numbers of adjustment 2026 count on without a gap");
  });

  it("names a number that no document of its kind has", async () => {
    for (const kind of seriesKinds) await inBusiness(scope, (tx) => takeNumber(tx, scope, kind, 2026));
    expect(await findings()).toEqual(
      seriesKinds.map((kind) => `the number ${usualForm(kind).prefix}-2026-0001 stands on its ${kind}`).sort(),
    );
  });
});
