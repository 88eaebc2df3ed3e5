import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { closeDatabase } from "../../db/scope";
import { verifyBooks } from "../../lib/books/verify";
import { previewUndoImport, undoImport } from "../../lib/desk/import-undo";
import { acceptImport } from "../../lib/desk/imports";
import { takeFile } from "../../lib/money/imports";
import type { Scope } from "../../lib/people/access";
import { testDatabase } from "../support/database";
import { aShop, booksNow, give, item, purchase } from "../support/trading";

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
