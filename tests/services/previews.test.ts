import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { closeDatabase, inBusiness, rowsOf } from "../../db/scope";
import { closeThrough } from "../../lib/books/periods";
import { verifyBooks } from "../../lib/books/verify";
import { addCost, addCosts, type CostInput, previewCost, previewCosts } from "../../lib/desk/costs";
import { previewUndoImport, undoImport } from "../../lib/desk/import-undo";
import { acceptImport } from "../../lib/desk/imports";
import { chooseItem, previewMatch } from "../../lib/desk/matching";
import { takeFile } from "../../lib/money/imports";
import type { Scope } from "../../lib/people/access";
import { type Changes, fingerprint, MovesCosts, summary } from "../../lib/preview";
import { testDatabase } from "../support/database";
import { aShop, booksNow, give, item, order, proved, purchase } from "../support/trading";

beforeAll(async () => {
  await testDatabase();
});
afterAll(closeDatabase);

const header =
  "Name,Financial Status,Currency,Subtotal,Shipping,Taxes,Total,Discount Amount,Created at,Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku,Cancelled at,Refunded Amount";

async function bring(scope: Scope, name: string, state: string, refunded: string): Promise<string> {
  const row = `#1,${state},USD,48.00,0.00,0.00,48.00,0.00,2026-02-03 12:30:00 -0500,3,Mug,16.00,MUG,,${refunded}`;
  const { id } = await takeFile(scope, { name, bytes: Buffer.from(`${header}\n${row}\n`) });
  await acceptImport(scope, id, { takesLayout: true, atOnce: true });
  return id;
}

const figuresOf = async (scope: Scope) =>
  Object.fromEntries((await booksNow(scope)).trial_balance.map(({ code, amount }) => [code, BigInt(amount)]));

const costByMonth = async (scope: Scope) =>
  Object.fromEntries(
    (
      await inBusiness(scope, (tx) =>
        rowsOf<{ month: string; amount: string }>(
          tx,
          sql`select to_char(month, 'YYYY-MM') as month, sum(debit_minor - credit_minor)::text as amount from app.account_months
              where business_id = ${scope.businessId} and code = '5000' group by 1`,
        ),
      )
    ).map((row) => [row.month, BigInt(row.amount)]),
  );

/** December 2025 with one sale from the first of two lots, closed if asked; the pin that takes it to the dearer lot. */
async function december(name: string, isClosed: boolean): Promise<Readonly<{ scope: Scope; pin: CostInput }>> {
  const scope = await aShop(name);
  await give(scope, [
    item("mug", "Mug", "MUG"),
    purchase("p0", "2025-12-01", [["mug", 2n, 1000n]]),
    purchase("p1", "2025-12-02", [["mug", 2n, 4000n]]),
    order("o", "2025-12-03", [["Mug", 1n, 2900n, "MUG"]]),
  ]);
  if (isClosed) await closeThrough(scope, "2025-12-31", { why: "filed" });
  return { scope, pin: { line: "o-1", how: { way: "lot", lot: "p1-1" } } };
}

describe("a preview of what is about a closed period", () => {
  it("names the month and tax year that it is posted in, and beside them those that differ from what was filed", async () => {
    const { scope, pin } = await december("Closed", true);
    const changes = await previewCost(scope, pin);
    expect(changes.months).toEqual([{ month: "2026-01", change: 1500n, sales: 1 }]);
    expect(changes.years).toEqual([{ year: 2026, change: 1500n }]);
    expect(changes.late).toEqual({
      months: [{ month: "2025-12", change: 1500n }],
      years: [{ year: 2025, change: 1500n, isClosed: true }],
    });
    expect(summary(scope, changes)).toBe(
      "This moves the posted cost of 1 sale. Cost of goods sold moves in 2026-01 by 15.00; tax year 2026 by 15.00. " +
        "1 entry falls into a closed period and is posted on the first open day. " +
        "What was filed then differs: 2025-12 by 15.00; tax year 2025 (closed) by 15.00.",
    );
    await addCost(scope, pin);
    expect(await costByMonth(scope)).toEqual({ "2025-12": 500n, "2026-01": 1500n });
  });

  it("names nothing as filed while the period is open", async () => {
    const { scope, pin } = await december("Open", false);
    const { months, years, late } = await previewCost(scope, pin);
    expect([months, years]).toEqual([[{ month: "2025-12", change: 1500n, sales: 1 }], [{ year: 2025, change: 1500n }]]);
    expect(late).toEqual({ months: [], years: [] });
  });
});

/** The preview that it is refused with; fails where it was done, or refused for something else. */
async function asked(work: Promise<unknown>): Promise<Readonly<{ changes: Changes; seen: string }>> {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof MovesCosts) || error.changes === null) throw error ?? new Error("it was done unseen");
  return { changes: error.changes, seen: error.detail.seen ?? "" };
}

describe("a cost or an item given on the Sold page", () => {
  it("is shown first where it moves a posted cost of a closed month", async () => {
    const { scope, pin } = await december("Pinned", true);
    const before = await booksNow(scope);
    const { changes, seen } = await asked(addCost(scope, pin, ""));
    expect(changes.sales.map(({ line, before, after, isClosed }) => [line, before, after, isClosed])).toEqual([
      ["o-1", 500n, 2000n, true],
    ]);
    expect(await booksNow(scope)).toEqual(before);
    // What the page showed while it was filled in is what was seen.
    expect(fingerprint(await previewCost(scope, pin))).toBe(seen);
    expect((await addCost(scope, pin, seen)).cost).toBe(2000n);
    await proved(scope);
  });

  it("is shown first where it moves the posted cost of another sale", async () => {
    const { scope } = await december("Others", false);
    await give(scope, [
      order("o2", "2025-12-04", [
        ["Mug", 3n, 8700n, "MUG"],
        ["Chipped mug", 1n, 900n],
      ]),
    ]);
    const match = { lines: ["o2-2"], item: { id: "mug", name: "" }, alsoSame: false };
    // One more of December takes the last unit; an older one takes it away from who has it.
    await give(scope, [order("o1", "2025-12-02", [["Chipped mug", 1n, 900n]])]);
    const older = { ...match, lines: ["o1-1"] };
    const { changes, seen } = await asked(chooseItem(scope, older, ""));
    expect(changes.sales.filter((one) => one.before !== 0n).length).toBeGreaterThan(0);
    expect(fingerprint(await previewMatch(scope, older))).toBe(seen);
    await chooseItem(scope, older, seen);
    await proved(scope);
  });

  it("is saved at once where it gives one line its cost in an open month", async () => {
    const { scope } = await december("Usual", true);
    await give(scope, [
      order("n", "2026-02-01", [
        ["Mug", 1n, 2900n, "MUG"],
        ["Chipped mug", 1n, 900n],
        ["Print", 1n, 700n],
      ]),
      order("m", "2026-02-02", [
        ["Card", 1n, 300n],
        ["Poster", 1n, 300n],
      ]),
    ]);
    expect(
      (await chooseItem(scope, { lines: ["n-2"], item: { id: "mug", name: "" }, alsoSame: false }, "")).lines,
    ).toBe(1);
    const paid = (on: string) => ({ way: "outside" as const, amount: 250n, on, account: "3000" });
    expect((await addCost(scope, { line: "n-3", how: paid("2026-01-15") }, "")).cost).toBe(250n);
    const row = (line: string, on: string | null) => ({ line, amount: 90n, on, field: "amount.0" });
    expect((await addCosts(scope, { account: "3000", rows: [row("m-1", null)] }, "")).cost).toBe(90n);
    // Bought on a closed day: it comes into the books on the first open one, which is shown.
    const late = { account: "3000", rows: [row("m-2", "2025-11-30")] };
    const { changes, seen } = await asked(addCosts(scope, late, ""));
    expect(changes.closed).toBe(1);
    expect(fingerprint(await previewCosts(scope, late))).toBe(seen);
    expect((await addCosts(scope, late, seen)).cost).toBe(90n);
    await proved(scope);
  });
});

describe("what stands for a preview that was seen", () => {
  it("is not that of another change of the same totals", async () => {
    const scope = await aShop("Twins");
    await give(scope, [
      item("mug", "Mug", "MUG"),
      item("cup", "Cup", "CUP"),
      ...["mug", "cup"].flatMap((of) => [
        purchase(`${of}-cheap`, "2026-01-01", [[of, 1n, 500n]]),
        purchase(`${of}-dear`, "2026-01-02", [[of, 1n, 2000n]]),
        order(of, "2026-01-03", [[of, 1n, 2900n, of.toUpperCase()]]),
      ]),
    ]);
    const pin = (of: string): CostInput => ({ line: `${of}-1`, how: { way: "lot", lot: `${of}-dear-1` } });
    const mug = await asked(addCost(scope, pin("mug"), ""));
    const cup = await asked(addCost(scope, pin("cup"), ""));
    expect([mug.changes.cost.change, mug.changes.saleCount]).toEqual([cup.changes.cost.change, cup.changes.saleCount]);
    expect(cup.seen).not.toBe(mug.seen);
    await asked(addCost(scope, pin("cup"), mug.seen));
    // What comes in meanwhile and moves nothing of it asks nobody again.
    await give(scope, [purchase("later", "2026-02-01", [["cup", 5n, 5000n]])]);
    await addCost(scope, pin("cup"), cup.seen);
    await proved(scope);
  });

  it("is the same for what gets new ids each time: a new product, and a part of a purchase as its lot", async () => {
    const { scope } = await december("New ids", true);
    await give(scope, [
      purchase("box", "2026-01-02", [], { amount: 9000n }),
      order("n", "2025-12-20", [["Vase", 1n, 900n]]),
    ]);
    const input: CostInput = {
      line: "n-1",
      how: { way: "part", purchase: "box", amount: 700n },
      item: { id: null, name: "Vase" },
    };
    const { changes, seen } = await asked(addCost(scope, input, ""));
    expect(changes.late.months).toEqual([{ month: "2025-12", change: 700n }]);
    expect((await addCost(scope, input, seen)).cost).toBe(700n);
    await proved(scope);
  });
});

describe("a preview of taking a file back", () => {
  it("says what is left once an earlier file's word of the same order holds again", { timeout: 60_000 }, async () => {
    const scope = await aShop("Overlapping");
    await give(scope, [item("mug", "Mug", "MUG"), purchase("p0", "2026-01-01", [["mug", 3n, 3000n]])]);
    await bring(scope, "a.csv", "paid", "0.00");
    const first = await figuresOf(scope);
    const second = await bring(scope, "b.csv", "partially_refunded", "10.00");
    const before = await figuresOf(scope);
    expect(before).not.toEqual(first);
    const { cost, inventory, saleCount } = await previewUndoImport(scope, second);
    // Nothing of the rehearsal is kept, and it can be asked for again.
    expect(await figuresOf(scope)).toEqual(before);
    expect((await previewUndoImport(scope, second)).cost).toEqual(cost);
    await undoImport(scope, second);
    const after = await figuresOf(scope);
    expect(after).toEqual(first);
    expect([cost.change, inventory.change, saleCount]).toEqual([0n, 0n, 0]);
    expect([cost.after, inventory.after]).toEqual([after["5000"], after["1200"] ?? 0n]);
    expect((await verifyBooks(scope)).findings).toBe(0);
  });
});
