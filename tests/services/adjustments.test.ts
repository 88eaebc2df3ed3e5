/** Remove stock and Add stock found: what they cost, where it goes, what is asked before, what is refused, and that it can be taken back. */
import postgres from "postgres";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { closeDatabase } from "../../db/scope";
import { closeBooks } from "../../lib/closing";
import { reasonAccount, reasons } from "../../lib/core/reasons";
import { adjustmentView, latestAdjustments } from "../../lib/desk/adjustment-reads";
import { recordAdjustment, takeBackAdjustment } from "../../lib/desk/adjustments";
import type { Scope } from "../../lib/people/access";
import { auditRows } from "../../lib/people/audit";
import { unseen } from "../../lib/preview";
import { inventoryTape } from "../../lib/stock/inventory-reads";
import { accountsNow, aShelf, asked, input } from "../support/adjusting";
import { testDatabase } from "../support/database";
import { booksNow, give, item, order, proved, purchase, refused } from "../support/trading";

let scope: Scope;
let other: Scope;
let owner: postgres.Sql;

beforeAll(async () => {
  owner = postgres((await testDatabase()).url, { max: 1, onnotice: () => undefined });
});
afterAll(async () => {
  await Promise.all([owner.end(), closeDatabase()]);
});
beforeEach(async () => {
  [scope, other] = [await aShelf("One"), await aShelf("Two")];
});

describe("what is removed", () => {
  it.each(reasons.filter((reason) => reason !== "found"))(
    "as %s costs what its lots cost, on the reason's account",
    async (reason) => {
      const before = await accountsNow(scope);
      const done = await recordAdjustment(
        scope,
        input({
          reason,
          lines: [
            ["mug", "3"],
            ["cloth", "1.5"],
          ],
        }),
      );
      // 3 of 10 for 1000, and 150 of 500 for 3333: 999.9.
      expect(done.costMinor).toBe(1300n);
      const after = await accountsNow(scope);
      const account = reasonAccount(reason);
      expect([
        Number(before["1200"] ?? 0) - Number(after["1200"] ?? 0),
        Number(after[account] ?? 0) - Number(before[account] ?? 0),
      ]).toEqual([1300, 1300]);
      await proved(scope, other);
    },
  );

  it("is told before it is done, with what it costs, and is done as it was seen", async () => {
    const before = await booksNow(scope);
    const one = input({
      reason: "own_use",
      lines: [
        ["mug", "3"],
        ["cloth", "1.5"],
      ],
      note: "  for the kitchen ",
    });
    const { says, seen, error } = await asked(recordAdjustment(scope, one, ""));
    expect(says).toContain("3 × Mug, 1.50 × Cloth out of Main, own use: 13.00 USD to Owner's draws (3010).");
    expect(error.changes?.inventory.change).toBe(-1300n);
    expect(await booksNow(scope)).toEqual(before);
    // What was seen of another document does not accept this one.
    const less = { ...one, lines: one.lines.slice(0, 1) };
    await asked(recordAdjustment(scope, less, seen));
    const { id } = await recordAdjustment(scope, one, seen);
    const view = await adjustmentView(scope, id);
    expect(view).toMatchObject({
      on: "2026-03-10",
      reason: "own_use",
      note: "for the kitchen",
      account: { code: "3010", name: "Owner's draws" },
      location: "Main",
      isUndone: false,
      isStep: false,
    });
    expect(view.who).not.toBeNull();
    expect(view.lines.map(({ item: of, qty, valueMinor, short }) => [of, qty, valueMinor, short])).toEqual([
      ["mug", -3n, -300n, 0n],
      ["cloth", -150n, -1000n, 0n],
    ]);
    expect(await latestAdjustments(scope)).toMatchObject([{ id, item: "Mug", items: 2, valueMinor: -1300n }]);
    expect(await latestAdjustments(other)).toEqual([]);
    // On Balances it stands beside the costs of sales, and the sum still adds up.
    const tape = await inventoryTape(scope, { from: "2026-01-01", to: "2026-12-31" });
    expect([tape.isProved, tape.cost, tape.other, tape.balance]).toEqual([true, 0n, -1300n, 3033n]);
    await proved(scope);
  });

  it("may be more than is on hand: that is told, has no cost, and gets one on its own account when a purchase covers it", async () => {
    const one = input({ reason: "gift", lines: [["mug", "12"]], on: "2026-03-20" });
    const { says, seen } = await asked(recordAdjustment(scope, one, ""));
    expect(says).toContain("More than is there: Main then has −2 × Mug.");
    expect(says).toContain("No cost yet for 2 × Mug");
    const { short } = await recordAdjustment(scope, one, seen);
    expect(short).toBe(1);
    expect((await accountsNow(scope))["6020"]).toBe(1000);
    await proved(scope);
    await give(scope, [purchase("p2", "2026-03-15", [["mug", 5n, 750n]])]);
    expect((await accountsNow(scope))["6020"]).toBe(1300);
    await proved(scope, other);
  });

  it("is below zero at a place although the business has it, and says so", async () => {
    const { says } = await asked(recordAdjustment(scope, input({ location: "shed" }), ""));
    expect(says).toContain("More than is there: Shed then has −3 × Mug.");
    expect(says).not.toContain("No cost yet");
  });

  it("moves the costs of later sales, which is shown", async () => {
    await give(scope, [
      purchase("p2", "2026-03-05", [["mug", 10n, 3000n]]),
      order("o1", "2026-03-20", [["Mug", 10n, 9000n, "M-1"]]),
    ]);
    const { error, seen } = await asked(recordAdjustment(scope, input(), ""));
    // The three oldest are gone, so the sale takes 7 of the first and 3 of the second lot.
    expect(error.changes?.sales.map((sale) => [sale.before, sale.after])).toEqual([[1000n, 1600n]]);
    await recordAdjustment(scope, input(), unseen);
    expect(seen).not.toBe("");
    await proved(scope);
  });

  it("in a closed period is posted on the first open day, and so is its taking back", async () => {
    await closeBooks(scope, { through: "2026-03-31", why: "done" });
    const one = input();
    const { says, seen } = await asked(recordAdjustment(scope, one, ""));
    expect(says).toContain("closed period");
    const { id } = await recordAdjustment(scope, one, seen);
    const days = async () =>
      (
        await owner<{ on: string; amount: string }[]>`
          select posted_on::text as on, sum(case when debit = '5100' then amount_minor else -amount_minor end)::text as amount
          from app.postings where business_id = ${scope.businessId} and (debit = '5100' or credit = '5100') group by 1 order by 1`
      ).map((row) => [row.on, row.amount]);
    expect(await days()).toEqual([["2026-04-01", "300"]]);
    await takeBackAdjustment(scope, { id });
    expect(await days()).toEqual([["2026-04-01", "0"]]);
    await proved(scope);
  });

  it("may be named by SKU or name where nothing was chosen, if exactly one product answers", async () => {
    const typed = (text: string) => ({ ...input(), lines: [{ row: 0, item: "", text, qty: "1", worth: "" }] });
    const { id } = await recordAdjustment(scope, typed(" m-1 "));
    expect((await adjustmentView(scope, id)).lines.map((line) => line.item)).toEqual(["mug"]);
    expect((await recordAdjustment(scope, typed("CLOTH"))).costMinor).toBe(667n);
    await give(scope, [item("mug2", "M-1")]);
    for (const text of ["M-1", "", "nothing of the kind"])
      expect(await refused(recordAdjustment(scope, typed(text)))).toEqual({
        code: "unknown_id",
        field: "lines.0.item",
      });
    await proved(scope);
  });

  it("sent twice is one document; changed after it was saved it is refused", async () => {
    const one = input();
    const { seen } = await asked(recordAdjustment(scope, one, ""));
    // At once: the second finds it there, and has nothing to ask.
    const twice = await Promise.all([recordAdjustment(scope, one, seen), recordAdjustment(scope, one, seen)]);
    expect(twice.map(({ id, costMinor }) => [id, costMinor])).toEqual([
      [one.id, 300n],
      [one.id, 300n],
    ]);
    expect(twice.map(({ isNew }) => isNew).sort()).toEqual([false, true]);
    const after = await booksNow(scope);
    await recordAdjustment(scope, one);
    expect(await booksNow(scope)).toEqual(after);
    expect(await refused(recordAdjustment(scope, { ...one, note: "x" }))).toMatchObject({ code: "stale" });
    await proved(scope);
  });
});

describe("what is found", () => {
  it("comes in at what it is worth, and can be sold", async () => {
    const one = input({
      way: "in",
      reason: "found",
      lines: [
        ["mug", "2", "5.00"],
        ["cloth", "0.25"],
      ],
      location: "shed",
    });
    const { says, seen } = await asked(recordAdjustment(scope, one, ""));
    expect(says).toContain(
      "2 × Mug, 0.25 × Cloth into Shed, found, worth 5.00 USD, against Inventory shrinkage (5100).",
    );
    const { id } = await recordAdjustment(scope, one, seen);
    expect((await accountsNow(scope))["5100"]).toBe(-500);
    expect((await adjustmentView(scope, id)).lines.map((line) => [line.qty, line.valueMinor])).toEqual([
      [2n, 500n],
      [25n, 0n],
    ]);
    await give(scope, [order("o1", "2026-03-20", [["Mug", 12n, 9000n, "M-1"]])]);
    expect((await accountsNow(scope))["5000"]).toBe(1500);
    await proved(scope, other);
  });

  it("has reasons of its own", async () => {
    expect(await refused(recordAdjustment(scope, input({ way: "in", reason: "stolen" })))).toEqual({
      code: "field_missing",
      field: "reason",
    });
    expect(await refused(recordAdjustment(scope, input({ reason: "found" })))).toMatchObject({ field: "reason" });
  });
});

describe("taken back", () => {
  it.each(["out", "in"] as const)("%s, the books are as before, and what it changes was shown", async (way) => {
    const before = await booksNow(scope);
    const { id } = await recordAdjustment(
      scope,
      input({ way, reason: "count", lines: [["mug", "3", way === "in" ? "4" : ""]] }),
    );
    const { seen } = await asked(takeBackAdjustment(scope, { id }, ""));
    expect((await adjustmentView(scope, id)).isUndone).toBe(false);
    await takeBackAdjustment(scope, { id }, seen);
    expect(await booksNow(scope)).toEqual(before);
    expect(await adjustmentView(scope, id)).toMatchObject({ isUndone: true, lines: [{ valueMinor: 0n }] });
    expect(await latestAdjustments(scope)).toEqual([]);
    expect(await refused(takeBackAdjustment(scope, { id }))).toMatchObject({ code: "nothing_to_undo" });
    const { rows } = await auditRows(scope, {}, { limit: 10 });
    expect(rows.map(({ what }) => what)).toEqual(expect.arrayContaining(["adjustment.record", "adjustment.undo"]));
    await proved(scope, other);
  });

  it("is refused for what is a step of a transfer", async () => {
    await give(scope, [
      {
        kind: "transfer",
        id: "sent",
        date: "2026-03-10",
        arrives: null,
        from: "main",
        to: "in-transit",
        consignment: "sent",
        lines: [{ id: "sent-1", item: "mug", qty: 1n }],
      },
    ]);
    await give(scope, [
      {
        kind: "adjustment",
        id: "gone",
        date: "2026-03-10",
        location: "in-transit",
        reason: "lost",
        consignment: "sent",
        lines: [{ id: "gone-1", item: "mug", qty: -1n, amount: 0n }],
      },
    ]);
    expect((await adjustmentView(scope, "gone")).isStep).toBe(true);
    expect(await refused(takeBackAdjustment(scope, { id: "gone" }))).toMatchObject({ code: "in_use" });
  });

  it("is found where what came in was sold: then that sale needs a cost again, which is shown", async () => {
    const { id } = await recordAdjustment(
      scope,
      input({ way: "in", reason: "found", lines: [["cloth", "5", "10"]], on: "2026-03-02" }),
    );
    await give(scope, [order("o1", "2026-03-20", [["Cloth", 1000n, 9000n]])]);
    const { error } = await asked(takeBackAdjustment(scope, { id }, ""));
    expect(error.changes?.sales.map((sale) => [sale.before, sale.after])).toEqual([[4333n, 3333n]]);
  });
});

describe("is refused", () => {
  it.each([
    ["no line", { lines: [] }, "field_missing", "lines.0.item"],
    [
      "too many lines",
      { lines: Array.from({ length: 201 }, () => ["mug", "1"] as const) },
      "too_many_rows",
      "lines.200.item",
    ],
    ["no product", { lines: [["", "1"] as const] }, "unknown_id", "lines.0.item"],
    ["a bundle", { lines: [["set", "1"] as const] }, "does_not_fit", "lines.0.item"],
    [
      "a product twice",
      {
        lines: [
          ["mug", "1"],
          ["mug", "2"],
        ] as const,
      },
      "does_not_fit",
      "lines.1.item",
    ],
    ["no quantity", { lines: [["mug", ""] as const] }, "bad_quantity", "lines.0.qty"],
    ["nothing", { lines: [["mug", "0"] as const] }, "bad_quantity", "lines.0.qty"],
    ["a quantity below zero", { lines: [["mug", "-1"] as const] }, "bad_quantity", "lines.0.qty"],
    ["half a mug", { lines: [["mug", "1.5"] as const] }, "bad_quantity", "lines.0.qty"],
    ["more decimals than it has", { lines: [["cloth", "1.555"] as const] }, "bad_quantity", "lines.0.qty"],
    [
      "a quantity out of range",
      {
        lines: [
          ["cloth", "999999999999"],
          ["mug", "9999999999999"],
        ] as const,
      },
      "bad_quantity",
      "lines.1.qty",
    ],
    [
      "a worth below zero",
      { way: "in", reason: "found", lines: [["mug", "1", "-1"] as const] },
      "out_of_range",
      "lines.0.worth",
    ],
    [
      "a worth that is none",
      { way: "in", reason: "found", lines: [["mug", "1", "much"] as const] },
      "bad_number",
      "lines.0.worth",
    ],
    [
      "a worth out of range",
      { way: "in", reason: "found", lines: [["mug", "1", "92233720368547758.07"] as const] },
      "out_of_range",
      "lines.0.worth",
    ],
    ["a place that is not there", { location: "moon" }, "unknown_id", "location"],
    ["the place between", { location: "in-transit" }, "unknown_id", "location"],
    ["a day to come", { on: "2999-01-01" }, "future_date", "on"],
    ["no day", { on: "" }, "bad_date", "on"],
    ["a reason that is none", { reason: "moths" }, "field_missing", "reason"],
    ["a long note", { note: "x".repeat(501) }, "text_too_long", "note"],
  ] as const)("%s", async (_name, over, code, field) => {
    const before = await booksNow(scope);
    expect(await refused(recordAdjustment(scope, input(over as never)))).toEqual({ code, field });
    expect(await booksNow(scope)).toEqual(before);
  });

  it("more than can be counted", async () => {
    await give(scope, [{ kind: "item", id: "dust", name: "Dust", sku: null, decimals: 9, aliases: [] }]);
    expect(await refused(recordAdjustment(scope, input({ lines: [["dust", "9007200"]] })))).toEqual({
      code: "out_of_range",
      field: "lines.0.qty",
    });
  });

  it("for who may only look, and for items and documents of others", async () => {
    const viewer = { ...scope, role: "viewer" } as const;
    expect(await refused(recordAdjustment(viewer, input()))).toMatchObject({ code: "not_allowed" });
    expect(await refused(takeBackAdjustment(viewer, { id: "x" }))).toMatchObject({ code: "not_allowed" });
    await give(other, [item("theirs", "Theirs"), purchase("p9", "2026-03-01", [["theirs", 5n, 500n]])]);
    expect(await refused(recordAdjustment(scope, input({ lines: [["theirs", "1"]] })))).toMatchObject({
      code: "unknown_id",
    });
    const { id } = await recordAdjustment(other, input());
    expect(await refused(adjustmentView(scope, id))).toMatchObject({ code: "not_found" });
    expect(await refused(takeBackAdjustment(scope, { id }))).toMatchObject({ code: "nothing_to_undo" });
    await proved(scope, other);
  });

  it("a note of 500 and 200 products are taken", async () => {
    const ids = Array.from({ length: 200 }, (_, n) => `i${n}`);
    await give(
      scope,
      ids.map((id) => item(id, `Thing ${id}`)),
    );
    const done = await recordAdjustment(
      scope,
      input({ note: "é".repeat(500), lines: ids.map((id) => [id, "1"] as const) }),
    );
    expect(done.says).toContain("and 196 products more");
    expect((await adjustmentView(scope, done.id)).lines.length).toBe(200);
  });
});
