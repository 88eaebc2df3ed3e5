/** Add Details and Balances on the real database: what a purchase was, said in part, said again, taken back. */
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readDetails } from "../../app/[business]/inventory/details/read-details";
import { asSystem, closeDatabase, inBusiness, rowsOf } from "../../db/scope";
import { verifyBooks } from "../../lib/books/verify";
import { Refusal } from "../../lib/core/errors";
import type { Fact } from "../../lib/core/facts";
import {
  type DetailsInput,
  previewDetails,
  recordPurchase,
  saveDetails,
  takeBackDetails,
  takeBackPurchase,
} from "../../lib/desk/purchases";
import type { Scope } from "../../lib/people/access";
import { fingerprint } from "../../lib/preview";
import { record } from "../../lib/record";
import { addChannel } from "../../lib/sales/channel-accounts";
import { inventoryChanges, inventoryTape, salesOfDay } from "../../lib/stock/inventory-reads";
import { searchItems } from "../../lib/stock/item-reads";
import { purchaseDetails } from "../../lib/stock/purchase-reads";
import { newId } from "../../lib/system/ids";
import { aPerson, aSeller } from "../../scripts/lib/sellers";
import { testDatabase } from "../support/database";

let alder: Scope;
let birch: Scope;
const year = { from: "2026-01-01", to: "2026-12-31" };

async function put(scope: Scope, facts: readonly Fact[]): Promise<void> {
  await record(
    scope,
    facts.map((fact) => ({ fact, version: newId() })),
    { source: null, userId: scope.userId },
  );
}

const bought = (scope: Scope, amount: bigint, on = "2026-03-01") =>
  recordPurchase(scope, { on, supplier: "Brimfield Wholesale", amount, account: "1000" });

/** The form as a browser sends it: rows of product, SKU, quantity, each, in all. */
function typed(
  purchase: string,
  version: number,
  rows: readonly (readonly string[])[],
  extras: readonly (readonly [string, string])[] = [],
  more: Readonly<Record<string, string>> = {},
): DetailsInput {
  const fields: Record<string, string> = { ...more };
  rows.forEach((cells, row) => {
    ["productText", "sku", "qty", "each", "all"].forEach((key, at) => {
      fields[`lines.${row}.${key}`] = cells[at] ?? "";
    });
  });
  extras.forEach(([label, amount], row) => {
    fields[`extras.${row}.label`] = label;
    fields[`extras.${row}.amount`] = amount;
  });
  return { purchase, version, accepted: "", ...readDetails(fields, "USD") };
}

async function refusal(work: Promise<unknown>): Promise<Refusal> {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof Refusal)) throw new Error(`not refused, but ${String(error)}`);
  return error;
}

const sale = (id: string, on: string, sku: string, qty: bigint, amount: bigint): Fact => ({
  kind: "order",
  id,
  channel: "stall",
  when: { on, at: null },
  number: id.toUpperCase(),
  lines: [{ id: `${id}/1`, sku, name: `Sold as ${sku}`, listing: null, qty, amount, location: null }],
  shipping: 0n,
  tax: 0n,
  taxBy: "seller",
  discount: 0n,
  fees: [],
});

beforeAll(async () => {
  await testDatabase();
  alder = await aSeller("Alder Street");
  birch = await aSeller("Birch Lane");
  for (const scope of [alder, birch])
    await inBusiness(scope, (tx) => addChannel(tx, scope, { id: "stall", kind: "hand", name: "Stall", state: "file" }));
});

afterAll(async () => {
  for (const scope of [alder, birch]) {
    const proof = await verifyBooks(scope);
    expect(proof.checks.filter((check) => check.findings.length > 0)).toEqual([]);
  }
  await closeDatabase();
});

describe("Add Details", () => {
  it("spreads extra costs by value to the cent (costing.md, example 9)", async () => {
    const id = await bought(alder, 30_960n);
    const saved = await saveDetails(
      alder,
      typed(
        id,
        1,
        [
          ["Widget 1", "W-1", "500", "0.40", ""],
          ["Widget 2", "W-2", "100", "", "50.00"],
        ],
        [
          ["Tax", "20.00"],
          ["Shipping", "39.60"],
        ],
      ),
    );
    expect(saved).toMatchObject({ leftMinor: 0n, lines: 2, version: 2 });
    const details = await purchaseDetails(alder, id);
    expect(details.lines.map((line) => [line.name, line.sku, line.qty, line.costMinor])).toEqual([
      ["Widget 1", "W-1", 500n, 24_768n],
      ["Widget 2", "W-2", 100n, 6_192n],
    ]);
    expect(details.detailedMinor).toBe(30_960n);
  });

  it("keeps what is there with its remainder, and goes on later with the same lots", async () => {
    const id = await bought(alder, 48_622n, "2026-11-19");
    await saveDetails(alder, typed(id, 1, [["Enamel mug, 12 oz", "ENM-12", "24", "6.50", ""]]));
    const first = await purchaseDetails(alder, id);
    expect(first.leftMinor).toBe(48_622n - 15_600n);
    const lot = first.lines[0]?.id ?? "";
    const again = typed(
      id,
      2,
      [
        ["Enamel mug, 12 oz", "ENM-12", "24", "6.50", "156.00"],
        ["Cast-iron trivet", "TRV-CI", "10", "10.90", ""],
      ],
      [],
      { "lines.0.line": lot, "lines.0.product": first.lines[0]?.item ?? "" },
    );
    await saveDetails(alder, again);
    const second = await purchaseDetails(alder, id);
    expect(second.lines.map((line) => line.name)).toEqual(["Enamel mug, 12 oz", "Cast-iron trivet"]);
    expect(second.lines[0]?.id).toBe(lot);
    expect(second.leftMinor).toBe(48_622n - 15_600n - 10_900n);
    const open = await inventoryChanges(alder, { period: year, toDetail: true });
    expect(open.rows.map((row) => [row.document, row.leftMinor, row.lots])).toEqual([[id, 22_122n, 2]]);
    await saveDetails(alder, { ...typed(id, 3, [["Lamp", "", "1", "", "486.22"]]), accepted: "" });
  });

  it("takes thirty pasted rows, makes the products that are new and finds the others by SKU or name", async () => {
    await put(alder, [
      { kind: "item", id: "jar", name: "Stoneware jar", sku: "JAR-1", decimals: 0, aliases: ["Crock"] },
    ]);
    const id = await bought(alder, 1_000_000n, "2026-04-02");
    const rows = Array.from({ length: 30 }, (_, i) =>
      i === 3
        ? ["crock", "", "2", "3.00"]
        : i === 4
          ? ["Something else", "jar-1", "1", "3.00"]
          : [`Pasted ${i % 10}`, "", "2", "1.25"],
    );
    await saveDetails(alder, typed(id, 1, rows));
    const details = await purchaseDetails(alder, id);
    expect(details.lines).toHaveLength(30);
    expect(details.lines.filter((line) => line.item === "jar")).toHaveLength(2);
    expect(new Set(details.lines.map((line) => line.item)).size).toBe(11);
    expect(details.leftMinor).toBe(1_000_000n - 28n * 250n - 900n);
    const known = await searchItems(alder, "pasted 7");
    expect(known.map((one) => [one.name, one.last?.eachMinor])).toEqual([["Pasted 7", 125n]]);
  });

  it("says at the row and field what is wrong, and writes nothing", async () => {
    const id = await bought(alder, 11_800n, "2026-05-01");
    const wrong = async (rows: readonly (readonly string[])[], extras: readonly (readonly [string, string])[] = []) => {
      const { code, detail, message } = await refusal((async () => saveDetails(alder, typed(id, 1, rows, extras)))());
      return [code, detail.field, message];
    };
    expect(await wrong([["Lamp", "", "1", "", "142.00"]])).toEqual([
      "over_allocated",
      "lines.0.all",
      "This purchase has 118.00 left. 142.00 does not fit.",
    ]);
    expect((await wrong([["Lamp", "", "1", "", "100.00"]], [["Freight", "18.01"]])).slice(0, 2)).toEqual([
      "over_allocated",
      "extras.0.amount",
    ]);
    expect(
      (
        await wrong([
          ["Lamp", "", "1", "", "1.00"],
          ["", "", "2", "1.00"],
        ])
      ).slice(0, 2),
    ).toEqual(["field_missing", "lines.1.product"]);
    expect((await wrong([["Lamp", "", "", "1.00"]])).slice(0, 2)).toEqual(["bad_quantity", "lines.0.qty"]);
    expect((await wrong([["Lamp", "", "1"]])).slice(0, 2)).toEqual(["field_missing", "lines.0.all"]);
    expect((await wrong([["Lamp", "", "3", "1.00", "4.00"]])).slice(0, 2)).toEqual(["does_not_fit", "lines.0.all"]);
    expect((await wrong([["Lamp", "", "1", "1.2.3"]])).slice(0, 2)).toEqual(["bad_number", "lines.0.each"]);
    expect((await wrong([["Stoneware jar", "JAR-9", "1", "1.00"]])).slice(0, 2)).toEqual([
      "does_not_fit",
      "lines.0.sku",
    ]);
    const details = await purchaseDetails(alder, id);
    expect([details.lines, details.version]).toEqual([[], 1]);
  });

  it("refuses the second of two people who began from the same save, and says who and when", async () => {
    const id = await bought(alder, 10_000n, "2026-05-02");
    const kim = await aPerson();
    await asSystem("a test's person has a name", (tx) =>
      tx.execute(sql`update app.users set name = 'Kim' where id = ${kim}`),
    );
    await saveDetails({ ...alder, userId: kim }, typed(id, 1, [["Kim's find", "", "1", "", "40.00"]]));
    const late = await refusal(saveDetails(alder, typed(id, 1, [["Dana's find", "", "1", "", "60.00"]])));
    expect([late.code, late.status, late.detail.who]).toEqual(["stale", 409, "Kim"]);
    expect(late.message).toMatch(/^Nothing was saved: Kim changed this purchase at \d\d:\d\d\./);
    const details = await purchaseDetails(alder, id);
    expect(details.lines.map((line) => line.name)).toEqual(["Kim's find"]);
    expect(details.saved?.who).toBe("Kim");
    const both = typed(id, 2, [
      ["Kim's find", "", "1", "", "40.00"],
      ["Dana's find", "", "1", "", "60.00"],
    ]);
    expect((await saveDetails(alder, both)).leftMinor).toBe(0n);
  });

  it("shows what moves before it moves posted costs, and puts it back", async () => {
    await put(alder, [sale("s-1", "2026-06-05", "MOVE-1", 2n, 5_000n)]);
    const id = await bought(alder, 10_000n, "2026-06-01");
    const cheap = await saveDetails(alder, typed(id, 1, [["Mover", "MOVE-1", "4", "", "20.00"]]));
    const costOf = async () => {
      const [row] = await inBusiness(alder, (tx) =>
        rowsOf<{ cost: string; short: string }>(
          tx,
          sql`select cost_minor::text as cost, short_qty::text as short from app.order_lines where business_id = ${alder.businessId} and id = 's-1/1'`,
        ),
      );
      return [row?.cost, row?.short];
    };
    expect(await costOf()).toEqual(["1000", "0"]);
    const lot = (await purchaseDetails(alder, id)).lines[0];
    const dear = typed(id, cheap.version, [["Mover", "MOVE-1", "4", "", "60.00"]], [], {
      "lines.0.line": lot?.id ?? "",
      "lines.0.product": lot?.item ?? "",
    });
    const changes = await previewDetails(alder, dear);
    expect(changes.sales).toMatchObject([{ line: "s-1/1", before: 1_000n, change: 2_000n, after: 3_000n }]);
    expect(changes.cost.change).toBe(2_000n);
    expect(changes.inventory.change).toBe(-2_000n);
    expect(await costOf()).toEqual(["1000", "0"]);
    expect(await refusal(saveDetails(alder, dear))).toMatchObject({
      code: "moves_costs",
      detail: { seen: fingerprint(changes) },
    });
    const saved = await saveDetails(alder, { ...dear, accepted: fingerprint(changes) });
    expect(await costOf()).toEqual(["3000", "0"]);
    await takeBackDetails(alder, { purchase: id, version: saved.version, before: saved.before });
    expect(await costOf()).toEqual(["1000", "0"]);
    expect((await purchaseDetails(alder, id)).leftMinor).toBe(8_000n);
  });

  it("offers what channels sold that is no item yet, and makes it one with its SKU", async () => {
    await put(alder, [sale("s-2", "2026-07-05", "WICK-10", 1n, 900n)]);
    const [seen] = await searchItems(alder, "wick-10");
    expect(seen).toMatchObject({ id: "seen/s-2/1", sku: "WICK-10", isItem: false, soldOn: ["Stall"] });
    const id = await bought(alder, 500n, "2026-07-01");
    await saveDetails(
      alder,
      typed(id, 1, [["Sold as WICK-10", "", "1", "", "5.00"]], [], { "lines.0.product": seen?.id ?? "" }),
    );
    const [found] = await searchItems(alder, "wick-10");
    expect(found).toMatchObject({ sku: "WICK-10", isItem: true, name: "Sold as WICK-10" });
    const parts = await salesOfDay(alder, "2026-07-05");
    expect(parts.map((part) => [part.order, part.amountMinor])).toEqual([["s-2", -500n]]);
  });

  it("keeps two businesses apart, and lets a viewer only look", async () => {
    const id = await bought(birch, 5_000n, "2026-03-03");
    expect((await refusal(purchaseDetails(alder, id))).code).toBe("not_found");
    expect((await refusal(saveDetails(alder, typed(id, 1, [["X", "", "1", "1.00"]])))).code).toBe("not_found");
    expect((await refusal(saveDetails({ ...birch, role: "viewer" }, typed(id, 1, [])))).code).toBe("not_allowed");
    expect(await searchItems(birch, "widget")).toEqual([]);
    await takeBackPurchase(birch, { purchase: id });
    expect((await refusal(purchaseDetails(birch, id))).code).toBe("not_found");
    expect((await inventoryTape(birch, year)).balance).toBe(0n);
  });
});

describe("Balances", () => {
  it("adds up to account 1200, and its rows run from one to the next, forwards and backwards", async () => {
    const tape = await inventoryTape(alder, year);
    expect(tape.isProved).toBe(true);
    expect(tape.opening + tape.purchases + tape.other - tape.cost).toBe(tape.balance);
    expect(tape.inLots + tape.toDetail).toBe(tape.balance);
    const whole = await inventoryChanges(alder, { period: year }, { limit: 500 });
    expect(whole.rows.reduce((sum, row) => sum + row.amountMinor, tape.opening)).toBe(tape.balance);
    let after = tape.balance;
    for (const row of whole.rows) {
      expect(row.balanceMinor).toBe(after);
      after -= row.amountMinor;
    }
    const forwards: string[] = [];
    const backwards: string[] = [];
    let last: string | null = null;
    for (let at: string | null = null, more = true; more; more = at !== null) {
      const page = await inventoryChanges(alder, { period: year }, { after: at, limit: 3 });
      forwards.push(...page.rows.map((row) => row.key));
      last = page.rows[0]?.key ?? last;
      at = page.older;
    }
    expect(forwards).toEqual(whole.rows.map((row) => row.key));
    for (let at = last; at !== null; ) {
      const page = await inventoryChanges(alder, { period: year }, { before: at, limit: 3 });
      backwards.unshift(...page.rows.map((row) => row.key));
      at = page.newer;
    }
    expect(backwards).toEqual(forwards.slice(0, forwards.indexOf(last ?? "")));
  });

  it("folds the sales of a day, and finds by words and by kind", async () => {
    await put(alder, [sale("s-3", "2026-07-05", "WICK-10", 1n, 900n), sale("s-4", "2026-06-05", "MOVE-1", 1n, 900n)]);
    const day = await inventoryChanges(alder, { period: { from: "2026-06-05", to: "2026-06-05" } });
    expect(day.rows).toMatchObject([
      { kind: "sale", document: null, count: 2, units: 3n, items: 1, amountMinor: -1_500n },
    ]);
    const apart = await inventoryChanges(alder, { period: year, kind: "sale", folded: false });
    expect(apart.rows.map((row) => row.number)).toEqual(["S-2", "S-4", "S-1"]);
    const words = await inventoryChanges(alder, { period: year, q: "s-4" });
    expect(words.rows.map((row) => row.order)).toEqual(["s-4"]);
    expect((await inventoryChanges(birch, { period: year, q: "s-4" })).rows).toEqual([]);
  });
});
