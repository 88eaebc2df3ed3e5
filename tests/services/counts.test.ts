/** Counts from plan to approval, in both pools: what is held against what, by whom, and that all of it can be taken back. */
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { closeDatabase, inBusiness } from "../../db/scope";
import { closeThrough } from "../../lib/books/periods";
import { countsApproved } from "../../lib/books/verify-counts";
import { instantOf } from "../../lib/core/dates";
import type { Fact } from "../../lib/core/facts";
import { takeBackAdjustment } from "../../lib/desk/adjustments";
import { changeCosting } from "../../lib/desk/costing-settings";
import { approveCount, saveReview, takeBackCount } from "../../lib/desk/count-approval";
import { handIn } from "../../lib/desk/count-entries";
import { countHistory, countsOfItem } from "../../lib/desk/count-history";
import { cancelCount, endCounting, saveCount, startCount } from "../../lib/desk/count-plans";
import { countingView, countOf, countRows, countView } from "../../lib/desk/count-reads";
import { paperOf } from "../../lib/desk/notes";
import { needsOf } from "../../lib/needs";
import type { Scope } from "../../lib/people/access";
import { MovesCosts } from "../../lib/preview";
import { resultOf } from "../../lib/replay/run";
import { saveBarcodes } from "../../lib/stock/barcodes";
import { newId } from "../../lib/system/ids";
import { undoFacts } from "../../lib/undo";
import { approved, begun, counted, plan, seen } from "../support/counting";
import { testDatabase } from "../support/database";
import { aShop, booksNow, give, item, order, proved, purchase, refused } from "../support/trading";

let scope: Scope;
let other: Scope;
beforeAll(async () => {
  await testDatabase();
});
afterAll(closeDatabase);
beforeEach(async () => {
  scope = await aShop("One");
  other = await aShop("Two");
  const cloth: Fact = { kind: "item", id: "cloth", name: "Cloth", sku: "CL", decimals: 2, aliases: [] };
  for (const of of [scope, other])
    await give(of, [
      item("mug", "Mug", "MUG"),
      cloth,
      item("tin", "Tin", "TIN"),
      purchase("p1", "2026-01-02", [
        ["mug", 10n, 1000n],
        ["cloth", 500n, 2000n],
      ]),
    ]);
});

const open = "2026-03-10T13:00:00Z";
const noon = "2026-03-10T16:00:00Z";
/** So many mugs sold at an instant of 10 March. */
const sold = (id: string, qty: bigint, at: string | null, on = "2026-03-10") =>
  order(id, on, [["Mug", qty, 500n, "MUG"]], { when: { on, at: at === null ? null : instantOf(at) } });
const line = async (id: string, of = "mug") => {
  const found = (await countView(scope, id)).lines.find((one) => one.item === of);
  if (found === undefined) throw new Error(`${of} is not in the count`);
  return found;
};
const undo = (of: Scope, keys: readonly string[]) => undoFacts(of, keys, { source: null, userId: of.userId });
const onHand = async (of = "mug") => (await resultOf(scope)).on_hand.find((row) => row.item === of)?.qty ?? 0;
const shrinkage = async () => (await resultOf(scope)).trial_balance.find((row) => row.code === "5100")?.amount ?? 0;

describe("a plan", () => {
  it("counts the place, what words find, what was chosen; and says in its field what is wrong", async () => {
    const items = async (id: string) => (await countView(scope, id)).lines.map((one) => one.item);
    expect(await items(await plan(scope))).toEqual(["cloth", "mug"]);
    expect(await items(await plan(scope, { plan: "words", words: "clo" }))).toEqual(["cloth"]);
    await saveBarcodes(scope, { item: "tin", codes: ["4006381333931"] });
    const chosen = await plan(scope, { plan: "items", items: ["mug", " 4006381333931 ", ""] });
    expect(await items(chosen)).toEqual(["mug", "tin"]);
    expect(await refused(plan(scope, { plan: "items", items: ["cup"] }))).toEqual({
      code: "unknown_id",
      field: "items",
    });
    expect(await refused(plan(scope, { plan: "words", words: "xyz" }))).toEqual({
      code: "field_missing",
      field: "words",
    });
    expect(await refused(plan(scope, { location: "in-transit" }))).toEqual({ code: "unknown_id", field: "location" });
    expect(await refused(plan(scope, { plan: "oldest", most: "0" }))).toEqual({ code: "out_of_range", field: "most" });
    expect(await refused(plan(scope, { plan: "items", items: [] }))).toEqual({ code: "field_missing", field: "items" });
    await proved(scope, other);
  });

  it("is changed until it begins, and not by who saw an older one", async () => {
    const id = await plan(scope);
    const input = {
      location: "main",
      plan: "words",
      words: "mug",
      items: [],
      most: "",
      hasEmpty: false,
      isBlind: false,
    };
    await saveCount(scope, { ...input, id, version: 1, note: "Again" });
    expect(await countView(scope, id)).toMatchObject({ isBlind: false, note: "Again", version: 2 });
    expect((await countView(scope, id)).lines.map((one) => one.item)).toEqual(["mug"]);
    expect(await refused(saveCount(scope, { ...input, id, version: 1, note: "" }))).toMatchObject({ code: "stale" });
    await startCount(scope, { id, version: 2 });
    expect(await refused(saveCount(scope, { ...input, id, version: 3, note: "" }))).toMatchObject({ code: "stale" });
  });

  it("takes what was never counted first, then what was not counted for longest", async () => {
    const first = await begun(scope, open, { plan: "words", words: "mug" });
    await counted(scope, first, "mug", "10", { at: noon });
    await approved(scope, first);
    const rolling = await plan(scope, { plan: "oldest", most: "1" });
    expect((await countView(scope, rolling)).lines.map((one) => one.item)).toEqual(["cloth"]);
    const all = await plan(scope, { plan: "oldest", most: "9" });
    expect((await countView(scope, all)).lines.map((one) => one.item)).toEqual(["cloth", "mug"]);
    // In March mugs were counted: by class they are due again only after their rhythm.
    const due = await countView(scope, await plan(scope, { plan: "abc", most: "9" }));
    expect(due.lines[0]?.item).toBe("cloth");
    await proved(scope, other);
  });
});

describe("counting while selling goes on", () => {
  it("holds each line against the ledger of its own moment", async () => {
    await give(scope, [sold("before", 2n, "2026-03-10T15:59:59Z"), sold("after", 3n, "2026-03-10T16:00:01Z")]);
    const id = await begun(scope, open);
    await counted(scope, id, "mug", "8", { at: noon });
    expect(await line(id)).toMatchObject({ expected: 8n, difference: 0n, outcome: "matched" });
    await give(scope, [sold("at", 1n, noon)]);
    expect(await line(id)).toMatchObject({ expected: 7n, difference: 1n });
    await give(scope, [sold("next", 1n, null, "2026-03-11")]);
    expect(await line(id)).toMatchObject({ expected: 7n, difference: 1n, counted: { qty: 8n, on: "2026-03-10" } });
    expect(await line(id, "cloth")).toMatchObject({ counted: null, difference: 0n, outcome: "uncounted" });
  });

  it("a late fact of an earlier day changes the difference, before it is approved and after, never what was counted", async () => {
    const id = await begun(scope, open);
    await counted(scope, id, "mug", "7", { at: noon });
    expect(await line(id)).toMatchObject({ expected: 10n, difference: -3n });
    await give(scope, [sold("late", 2n, null, "2026-03-01")]);
    expect(await line(id)).toMatchObject({ expected: 8n, difference: -1n, counted: { qty: 7n } });
    const first = await approved(scope, id);
    expect([await onHand(), await shrinkage()]).toEqual([7, 100]);
    expect((await countView(scope, id)).changed).toEqual([]);
    const needed = async () => (await needsOf(scope)).find(({ kind }) => kind === "counts") ?? null;
    // What is sold after the moment, on that very day too, changes nothing of the count.
    await give(scope, [
      sold("after", 1n, "2026-03-10T16:00:01Z"),
      sold("untimed", 1n, null),
      sold("next", 1n, null, "2026-03-11"),
    ]);
    expect(await needed()).toBe(null);
    await undo(scope, ["order/after", "order/untimed", "order/next"]);
    expect(await needed()).toBe(null);
    await give(scope, [sold("later", 1n, null, "2026-03-05")]);
    // The books now have one less than was counted, until somebody approves what became known.
    expect(await onHand()).toBe(6);
    expect(await needed()).toMatchObject({ count: 1, about: first.number, since: "2026-03-10" });
    expect((await countRows(scope, { isChanged: true })).rows.map((row) => row.id)).toEqual([id]);
    expect((await needsOf(other)).some(({ kind }) => kind === "counts")).toBe(false);
    // What is taken back again is as if it had never been told.
    await undo(scope, ["order/later"]);
    expect(await needed()).toBe(null);
    await give(scope, [sold("again", 1n, "2026-03-10T15:59:59Z")]);
    expect(await needed()).toMatchObject({ count: 1 });
    const changed = (await countView(scope, id)).changed;
    expect(changed).toMatchObject([{ item: "mug", difference: 0n, counted: { qty: 7n } }]);
    const again = await approveCount(scope, await seen(scope, id));
    expect(again.number).toBe(first.number);
    expect([await onHand(), await shrinkage()]).toEqual([7, 0]);
    expect((await countView(scope, id)).changed).toEqual([]);
    expect(await needed()).toBe(null);
    await proved(scope, other);
  });

  it("what is dated on the day without a time goes by when it was told, unless a person says that it was there", async () => {
    await give(scope, [purchase("same", "2026-03-10", [["mug", 4n, 400n]])]);
    const id = await begun(scope, open);
    await counted(scope, id, "mug", "14", { at: noon });
    expect(await line(id)).toMatchObject({ expected: 10n, difference: 4n, untold: 4n });
    await endCounting(scope, { ...(await seen(scope, id)), isAll: true });
    const said = { place: 1, item: "mug", reason: "", worth: "", takesDay: true };
    await saveReview(scope, { ...(await seen(scope, id)), lines: [said] });
    expect(await line(id)).toMatchObject({ expected: 14n, difference: 0n, untold: 4n });
  });

  it("an earlier count of the day counts as of its own moment, also where it is approved later", async () => {
    const first = await begun(scope, open);
    await counted(scope, first, "mug", "8", { at: "2026-03-10T15:00:00Z" });
    const second = await begun(scope, open);
    await counted(scope, second, "mug", "8", { at: noon });
    await approved(scope, first);
    expect(await line(second)).toMatchObject({ expected: 8n, difference: 0n });
    await approved(scope, second);
    expect(await onHand()).toBe(8);
    await proved(scope, other);
  });

  it("adds what two people saw, lets a recount replace it, and takes each entry once", async () => {
    const id = await begun(scope, open);
    const entry = newId();
    await counted(scope, id, "mug", "6", { id: entry, at: "2026-03-10T15:00:00Z" });
    expect((await counted(scope, id, "mug", "6", { id: entry, at: noon })).added).toBe(0);
    await counted(scope, id, "mug", "3", { at: "2026-03-10T15:30:00Z" });
    expect(await line(id)).toMatchObject({ counted: { qty: 9n, parts: 2 } });
    await counted(scope, id, "mug", "10", { mode: "recount", at: noon });
    // A device that was away hands in what it counted before the recount.
    const late = {
      id: newId(),
      item: "mug",
      text: "",
      qty: "5",
      mode: "add",
      at: String(instantOf("2026-03-10T15:10:00Z") / 1000n),
    };
    await handIn(
      scope,
      { count: id, now: String(instantOf("2026-03-10T18:00:00Z") / 1000n), entries: [late] },
      instantOf("2026-03-10T18:00:00Z"),
    );
    expect(await line(id)).toMatchObject({ counted: { qty: 10n, parts: 1 } });
    await proved(scope, other);
  });

  it("finds what was scanned or typed, takes what is in no plan, and refuses each by itself", async () => {
    await saveBarcodes(scope, { item: "tin", codes: ["12345678"] });
    const id = await begun(scope, open, { plan: "words", words: "mug" });
    const at = String(instantOf(noon) / 1000n);
    const of = (text: string, qty: string, entry = newId()) => ({ id: entry, item: "", text, qty, mode: "add", at });
    const { outcomes } = await handIn(
      scope,
      {
        count: id,
        now: at,
        entries: [of("1234 5678", "2"), of("mug", "1.5"), of("cl", "1.25"), of("cup", "1"), of("MUG", "1", "short")],
      },
      instantOf(noon),
    );
    expect(outcomes.map((one) => (one.taken ? one.item : one.code))).toEqual([
      "tin",
      "bad_quantity",
      "cloth",
      "unknown_id",
      "bad_field",
    ]);
    expect((await countView(scope, id)).lines.map((one) => [one.item, one.isExtra, one.counted?.qty ?? null])).toEqual([
      ["mug", false, null],
      ["tin", true, 2n],
      ["cloth", true, 125n],
    ]);
    await proved(scope, other);
  });

  it("is not handed in before it begins, once it is approved or cancelled, or by another business", async () => {
    const id = await plan(scope);
    const say = (of: Scope) => counted(of, id, "mug", "9", { at: noon });
    expect(await refused(say(scope))).toMatchObject({ code: "not_ready" });
    await startCount(scope, { id, version: 1 }, instantOf(open));
    expect(await refused(say(other))).toMatchObject({ code: "not_found" });
    await say(scope);
    await approved(scope, id);
    expect(await refused(say(scope))).toMatchObject({ code: "not_ready" });
    await takeBackCount(scope, await seen(scope, id));
    await cancelCount(scope, await seen(scope, id));
    expect(await refused(say(scope))).toMatchObject({ code: "not_ready" });
    await proved(scope, other);
  });

  it("says nothing of what is expected to who counts blind", async () => {
    const blind = await countingView(scope, await begun(scope, open));
    expect(blind.items.map((one) => one.expected)).toEqual([null, null]);
    const told = await countingView(scope, await begun(scope, open, { isBlind: false }));
    expect(told.items.map((one) => one.expected)).toEqual([500n, 10n]);
  });
});

describe("approving", () => {
  it("puts right what differs with one number, keeps what matched, and posts each reason to its account", async () => {
    const before = await booksNow(scope);
    const id = await begun(scope, open, { plan: "all", hasEmpty: true });
    await counted(scope, id, "mug", "7", { at: noon });
    await counted(scope, id, "cloth", "5", { at: noon });
    await counted(scope, id, "tin", "3", { at: noon });
    await endCounting(scope, { ...(await seen(scope, id)), isAll: true });
    const { lines } = await countView(scope, id);
    const place = (of: string) => lines.find((one) => one.item === of)?.place ?? -1;
    expect(await refused(approveCount(scope, await seen(scope, id)))).toEqual({
      code: "field_missing",
      field: `reason.${place("mug")}`,
    });
    const say = (of: string, reason: string, worth = "") => ({
      place: place(of),
      item: of,
      reason,
      worth,
      takesDay: false,
    });
    expect(await refused(saveReview(scope, { ...(await seen(scope, id)), lines: [say("mug", "gift")] }))).toMatchObject(
      { code: "bad_field" },
    );
    await saveReview(scope, {
      ...(await seen(scope, id)),
      lines: [say("mug", "damaged"), say("tin", "found", "4.50")],
    });
    const now = await seen(scope, id);
    const asked: unknown = await approveCount(scope, now, "").catch((error: unknown) => error);
    if (!(asked instanceof MovesCosts)) throw new Error("it was not shown first");
    expect(asked.message).toContain("Missing: 3 × Mug.");
    expect(asked.message).toContain("Damage \u22123.00 USD");
    expect(await booksNow(scope)).toEqual(before);
    const done = await approveCount(scope, now, asked.detail.seen ?? "");
    expect(done.number).toBe("CS-2026-0001");
    expect([await onHand(), await onHand("tin"), await onHand("cloth")]).toEqual([7, 3, 500]);
    // Three damaged at 1.00 each, less what was found, at what a person said it is worth.
    expect(await shrinkage()).toBe(300 - 450);
    const view = await countView(scope, id);
    expect(view.documents.map((one) => [one.on, one.reason, one.items, one.valueMinor])).toEqual([
      ["2026-03-10", "damaged", 1, -300n],
      ["2026-03-10", "found", 1, 450n],
    ]);
    expect([...view.proved].map(([of, { counted: qty, expected }]) => [of, qty, expected]).sort()).toEqual([
      ["cloth", 500n, 500n],
      ["mug", 7n, 10n],
      ["tin", 3n, 0n],
    ]);
    const [document] = view.documents;
    expect(await countOf(scope, document?.id ?? "")).toEqual({ id, number: "CS-2026-0001" });
    expect(await refused(takeBackAdjustment(scope, { id: document?.id ?? "" }))).toMatchObject({ code: "in_use" });
    // What was signed for keeps its reason until the approval is taken back.
    expect(await refused(saveReview(scope, { ...(await seen(scope, id)), lines: [say("mug", "count")] }))).toEqual({
      code: "in_use",
      field: `reason.${place("mug")}`,
    });
    const sheet = await paperOf(scope, "count", id);
    expect(sheet).toMatchObject({ title: "Count sheet", number: "CS-2026-0001", mark: null });
    expect(sheet.lines).toHaveLength(3);
    await proved(scope, other);
    await takeBackCount(scope, await seen(scope, id));
    expect(await booksNow(scope)).toEqual(before);
    expect(await countView(scope, id)).toMatchObject({ state: "review", number: "CS-2026-0001", documents: [] });
    await proved(scope, other);
    expect((await approveCount(scope, await seen(scope, id))).number).toBe("CS-2026-0001");
    await proved(scope, other);
  });

  it("is done with nothing counted by nobody, and with nothing different by a number alone", async () => {
    const id = await begun(scope, open);
    await endCounting(scope, { ...(await seen(scope, id)), isAll: true });
    expect(await refused(approveCount(scope, await seen(scope, id)))).toMatchObject({ code: "not_ready" });
    await counted(scope, id, "mug", "10", { at: noon });
    const before = await booksNow(scope);
    const done = await approveCount(scope, await seen(scope, id));
    expect(done).toMatchObject({ number: "CS-2026-0001", says: "CS-2026-0001: 1 of 1 counted as expected." });
    expect(await booksNow(scope)).toEqual(before);
    await proved(scope, other);
  });

  it("puts two days right on their own days, and asks again where another movement turns a difference round", async () => {
    const id = await begun(scope, open);
    await counted(scope, id, "mug", "9", { at: noon });
    await counted(scope, id, "cloth", "4.50", { at: "2026-03-11T16:00:00Z" });
    await approved(scope, id);
    expect((await countView(scope, id)).documents.map((one) => one.on)).toEqual(["2026-03-10", "2026-03-11"]);
    await give(scope, [sold("late", 3n, null, "2026-03-02")]);
    const { place } = await line(id);
    expect(await line(id)).toMatchObject({ difference: 2n, reason: null });
    expect(await refused(approveCount(scope, await seen(scope, id)))).toEqual({
      code: "field_missing",
      field: `reason.${place}`,
    });
    await proved(scope, other);
  });

  it("keeps its day for what it costs, and counts on the first open day where that is closed", async () => {
    const id = await begun(scope, open);
    await counted(scope, id, "mug", "9", { at: noon });
    await closeThrough(scope, "2026-03-31");
    await approved(scope, id);
    expect(await onHand()).toBe(9);
    expect((await countView(scope, id)).documents[0]?.on).toBe("2026-03-10");
    await proved(scope, other);
  });

  it("takes the lots of its own place where places keep their own", async () => {
    await changeCosting(scope, { pool: "location", graceDays: 0 });
    const id = await begun(scope, open);
    await counted(scope, id, "mug", "9", { at: noon });
    await approved(scope, id);
    expect([await onHand(), await shrinkage()]).toEqual([9, 100]);
    await proved(scope, other);
  });
});

describe("the list and the history", () => {
  it("make repeated shortages visible by item and place", async () => {
    for (const [at, qty] of [
      ["2026-03-10T16:00:00Z", "9"],
      ["2026-04-10T16:00:00Z", "9"],
      ["2026-05-10T16:00:00Z", "7"],
    ] as const) {
      const id = await begun(scope, at, { plan: "all" });
      await counted(scope, id, "mug", qty, { at });
      await counted(scope, id, "cloth", "5", { at });
      await approved(scope, id);
    }
    const { rows } = await countHistory(scope);
    expect(rows.map((row) => [row.item, row.counts, row.shortages, row.recentShort, row.net, row.lastOn])).toEqual([
      ["mug", 3, 2, 2, -3n, "2026-05-10"],
      ["cloth", 3, 0, 0, 0n, "2026-05-10"],
    ]);
    expect((await countsOfItem(scope, "mug", "main")).map((one) => [one.number, one.counted, one.outcome])).toEqual([
      ["CS-2026-0003", 7n, "short"],
      ["CS-2026-0002", 9n, "matched"],
      ["CS-2026-0001", 9n, "short"],
    ]);
    expect((await countHistory(other)).rows).toEqual([]);
    const list = await countRows(scope, { state: "approved" }, { limit: 2 });
    expect(list.rows.map((row) => [row.number, row.lines, row.counted, row.differ])).toEqual([
      ["CS-2026-0003", 2, 2, 1],
      ["CS-2026-0002", 2, 2, 0],
    ]);
    expect((await countRows(scope, {}, { after: list.after })).rows.map((row) => row.number)).toEqual(["CS-2026-0001"]);
    expect(await countRows(other)).toMatchObject({ rows: [], isEmpty: true });
    await proved(scope, other);
  });

  it("are proved: what is put right otherwise is found", async () => {
    const id = await begun(scope, open);
    await counted(scope, id, "mug", "9", { at: noon });
    await approved(scope, id);
    const look = () => inBusiness(scope, (tx) => countsApproved(tx, scope, 20));
    expect((await look()).findings).toEqual([]);
    const spoilt = inBusiness(scope, async (tx) => {
      await tx.execute(
        sql`update app.count_lines set counted_qty = 8 where business_id = ${scope.businessId} and item_id = 'mug'`,
      );
      const { findings } = await countsApproved(tx, scope, 20);
      throw new Error(findings.map((one) => one.what).join("; "));
    });
    await expect(spoilt).rejects.toThrow(
      /put right what it found of mug.*counts found of mug at main is kept|is kept.*put right/,
    );
  });
});
