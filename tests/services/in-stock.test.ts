/** The stock register on the real database: what is shown is what moved, in every order, forwards and backwards. */
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { closeDatabase, inBusiness, rowsOf } from "../../db/scope";
import { verifyBooks } from "../../lib/books/verify";
import type { Fact } from "../../lib/core/facts";
import type { Scope } from "../../lib/people/access";
import { record } from "../../lib/record";
import { addChannel } from "../../lib/sales/channel-accounts";
import { whereIs } from "../../lib/stock/item-reads";
import { inStock, type StockSort } from "../../lib/stock/register";
import { newId } from "../../lib/system/ids";
import { aSeller } from "../../scripts/lib/sellers";
import { testDatabase } from "../support/database";

let alder: Scope;
let birch: Scope;

async function put(scope: Scope, facts: readonly Fact[]): Promise<void> {
  await record(
    scope,
    facts.map((fact) => ({ fact, version: newId() })),
    { source: null, userId: scope.userId },
  );
}

/** Twelve items: the nth bought n times, on different days; the last three sold beyond what there is, or never bought. */
function trade(): Fact[] {
  const names = Array.from({ length: 12 }, (_, n) => n);
  const items: Fact[] = names.map((n) => ({
    kind: "item",
    id: `i-${n}`,
    name: `Thing ${String.fromCharCode(76 - n)}`,
    sku: n % 3 === 0 ? null : `SKU-${n % 4}${n}`,
    decimals: n === 5 ? 2 : 0,
    aliases: n === 2 ? ["Old name"] : [],
  }));
  const purchases: Fact[] = names.slice(0, 10).map((n) => ({
    kind: "purchase",
    id: `p-${n}`,
    date: `2026-0${1 + (n % 5)}-1${n % 7}`,
    amount: BigInt(1_000 + 37 * n),
    lines: [
      {
        id: `p-${n}/1`,
        item: `i-${n}`,
        qty: BigInt(n + 1),
        amount: BigInt(1_000 + 37 * n),
        location: n === 4 ? "barn" : null,
      },
    ],
    extras: [],
    account: "1000",
    supplier: null,
  }));
  const orders: Fact[] = [8, 9, 10].map((n) => ({
    kind: "order",
    id: `o-${n}`,
    channel: "stall",
    when: { on: `2026-06-0${n - 7}`, at: null },
    number: `#${n}`,
    lines: [
      {
        id: `o-${n}/1`,
        sku: null,
        name: `Thing ${String.fromCharCode(76 - n)}`,
        listing: null,
        qty: n === 8 ? 2n : 11n,
        amount: 5_000n,
        location: null,
      },
    ],
    shipping: 0n,
    tax: 0n,
    taxBy: "seller",
    discount: 0n,
    fees: [],
  }));
  return [{ kind: "location", id: "barn", name: "Barn" }, ...items, ...purchases, ...orders];
}

beforeAll(async () => {
  await testDatabase();
  alder = await aSeller("Alder Street");
  birch = await aSeller("Birch Lane");
  await inBusiness(alder, (tx) => addChannel(tx, alder, { id: "stall", kind: "hand", name: "Stall", state: "file" }));
  await put(alder, trade());
  await put(birch, [{ kind: "item", id: "birch", name: "Thing of Birch", sku: null, decimals: 0, aliases: [] }]);
});

afterAll(async () => {
  for (const scope of [alder, birch]) {
    const proof = await verifyBooks(scope);
    expect(proof.checks.filter((check) => check.findings.length > 0)).toEqual([]);
  }
  await closeDatabase();
});

describe("In Stock", () => {
  it("shows what the movements add up to, and totals of all of it", async () => {
    const { rows, totals } = await inStock(alder, {}, { limit: 500 });
    const moved = await inBusiness(alder, (tx) =>
      rowsOf<{ id: string; qty: string; value: string }>(
        tx,
        sql`select item_id as id, sum(qty)::text as qty, sum(value_minor)::text as value from app.movements where business_id = ${alder.businessId} group by 1`,
      ),
    );
    const of = new Map(moved.map((row) => [row.id, row]));
    for (const row of rows) {
      expect(row.qty).toBe(BigInt(of.get(row.id)?.qty ?? "0"));
      expect(row.valueMinor).toBe(BigInt(of.get(row.id)?.value ?? "0"));
    }
    expect(totals).toEqual({
      items: 12,
      valueMinor: rows.reduce((sum, row) => sum + (row.valueMinor ?? 0n), 0n),
      shortItems: 2,
      lowItems: 0,
      // One of them is counted in parts: pieces and metres are not added up.
      qty: null,
      places: [],
    });
    const sold = rows.find((row) => row.id === "i-9");
    expect(sold).toMatchObject({ qty: -1n, short: 1n, valueMinor: 0n, oldestOn: null, lastSoldOn: "2026-06-02" });
    expect(rows.find((row) => row.id === "i-11")).toMatchObject({ qty: 0n, oldestOn: null, lastSoldOn: null });
  });

  it("filters and finds by name, SKU and other names", async () => {
    const ids = async (filter: Parameters<typeof inStock>[1]) =>
      (await inStock(alder, filter)).rows.map((row) => row.id).sort();
    expect(await ids({ state: "below" })).toEqual(["i-10", "i-9"]);
    expect(await ids({ state: "short" })).toEqual(["i-10", "i-9"]);
    expect(await ids({ state: "in" })).toHaveLength(9);
    expect(await ids({ q: "old NAME" })).toEqual(["i-2"]);
    expect(await ids({ q: "sku-1" })).toEqual(["i-1", "i-5"]);
    expect(await ids({ q: "birch" })).toEqual([]);
    expect((await inStock(alder, { state: "below" })).totals.items).toBe(2);
  });

  it.each<StockSort>(["name", "sku", "qty", "value", "oldest", "sold"])(
    "turns pages both ways in order of %s",
    async (sort) => {
      for (const isDown of [false, true]) {
        const whole = (await inStock(alder, { sort, isDown }, { limit: 500 })).rows.map((row) => row.id);
        const forwards: string[] = [];
        let page = await inStock(alder, { sort, isDown }, { limit: 5 });
        forwards.push(...page.rows.map((row) => row.id));
        while (page.after !== null) {
          page = await inStock(alder, { sort, isDown }, { after: page.after, limit: 5 });
          forwards.push(...page.rows.map((row) => row.id));
        }
        expect(forwards).toEqual(whole);
        const backwards = page.rows.map((row) => row.id);
        while (page.before !== null) {
          page = await inStock(alder, { sort, isDown }, { before: page.before, limit: 5 });
          backwards.unshift(...page.rows.map((row) => row.id));
        }
        expect(backwards).toEqual(whole);
      }
    },
  );

  it("says where things are", async () => {
    expect(await whereIs(alder, "i-4")).toEqual([{ id: "barn", name: "Barn", qty: 5n }]);
    expect(await whereIs(birch, "i-4")).toEqual([]);
  });
});
