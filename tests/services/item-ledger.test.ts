/** The item ledger on the real database: its running balances against a naive sum, its pages both ways, and changed items. */
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { closeDatabase, inBusiness, rowsOf } from "../../db/scope";
import { verifyBooks } from "../../lib/books/verify";
import { addDays } from "../../lib/core/dates";
import { Refusal } from "../../lib/core/errors";
import type { Fact } from "../../lib/core/facts";
import { previewItem, saveItem } from "../../lib/desk/items";
import type { Scope } from "../../lib/people/access";
import { record } from "../../lib/record";
import { addChannel } from "../../lib/sales/channel-accounts";
import { type LedgerRow, ledgerPage, ledgerSpan, stockDocument } from "../../lib/stock/item-ledger";
import { itemView, searchItems } from "../../lib/stock/item-reads";
import type { LedgerFilter } from "../../lib/stock/ledger-filter";
import { ledgerParties } from "../../lib/stock/ledger-names";
import { newId } from "../../lib/system/ids";
import { aSeller } from "../../scripts/lib/sellers";
import { testDatabase } from "../support/database";
import { deliberate } from "../support/statement-check";

let alder: Scope;
let birch: Scope;

/** The same numbers at each run: a small linear congruence. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * below);
  };
}

async function put(scope: Scope, facts: readonly Fact[]): Promise<void> {
  await record(
    scope,
    facts.map((fact) => ({ fact, version: newId() })),
    { source: null, userId: scope.userId },
  );
}

const order = (
  id: string,
  on: string,
  at: bigint | null,
  line: Readonly<{ sku: string | null; name: string }>,
  qty: bigint,
): Fact => ({
  kind: "order",
  id,
  channel: "stall",
  when: { on, at },
  number: `#${id}`,
  lines: [{ id: `${id}/1`, ...line, listing: null, qty, amount: qty * 1_000n, location: null }],
  shipping: 0n,
  tax: 0n,
  taxBy: "seller",
  discount: 0n,
  fees: [],
});

/** Half a year of purchases, sales, returns, adjustments and transfers of one item, some on one day, some sold short. */
function history(): Fact[] {
  const random = numbers(7);
  const facts: Fact[] = [
    { kind: "location", id: "barn", name: "Barn" },
    { kind: "item", id: "mug", name: "Enamel mug", sku: "MUG", decimals: 0, aliases: ["Tin cup"] },
    { kind: "item", id: "jar", name: "Stoneware jar", sku: "JAR", decimals: 0, aliases: [] },
  ];
  for (let n = 0; n < 160; n += 1) {
    const on = addDays("2026-01-05", random(180));
    const kind = random(10);
    const qty = BigInt(1 + random(4));
    if (kind < 3)
      facts.push({
        kind: "purchase",
        id: `p-${n}`,
        date: on,
        amount: qty * 500n + 7n,
        lines: [
          { id: `p-${n}/1`, item: "mug", qty: qty * 2n, amount: qty * 500n, location: n % 2 === 0 ? "barn" : null },
        ],
        extras: [{ label: "Freight", amount: 7n }],
        account: "1000",
        supplier: "Mill",
      });
    else if (kind < 8) {
      const at = random(2) === 0 ? null : BigInt(Date.parse(`${on}T15:00:00Z`)) * 1_000n + BigInt(random(3));
      facts.push(order(`o-${n}`, on, at, { sku: "MUG", name: "Mug" }, qty));
      if (kind === 7)
        facts.push({
          kind: "return",
          id: `r-${n}`,
          date: addDays(on, 3),
          order: `o-${n}`,
          lines: [
            {
              id: `r-${n}/1`,
              line: `o-${n}/1`,
              qty: 1n,
              amount: 900n,
              restock: random(2) === 0,
              writeOff: false,
              location: null,
              placed: true,
            },
          ],
        });
    } else if (kind === 8)
      facts.push({
        kind: "adjustment",
        id: `a-${n}`,
        date: on,
        location: null,
        reason: "count",
        lines: [{ id: `a-${n}/1`, item: "mug", qty: n % 2 === 0 ? 1n : -1n, amount: n % 2 === 0 ? 250n : 0n }],
      });
    else
      facts.push({
        kind: "transfer",
        id: `t-${n}`,
        date: on,
        arrives: n % 3 === 0 ? addDays(on, 2) : null,
        from: "barn",
        to: "main",
        lines: [{ id: `t-${n}/1`, item: "mug", qty }],
      });
  }
  return facts;
}

type Moved = { id: string; leg: number; location: string; kind: string; on: string; qty: bigint; value: bigint };
let naive: Moved[] = [];

async function allRows(filter: LedgerFilter, limit: number): Promise<LedgerRow[]> {
  const rows: LedgerRow[] = [];
  let after: string | null = null;
  for (let isFirst = true; isFirst || after !== null; isFirst = false) {
    const page: Awaited<ReturnType<typeof ledgerPage>> = await ledgerPage(alder, filter, {
      after,
      fromStart: true,
      limit,
    });
    rows.push(...page.rows);
    after = page.later;
  }
  return rows;
}

beforeAll(async () => {
  await testDatabase();
  alder = await aSeller("Alder Street");
  birch = await aSeller("Birch Lane");
  for (const scope of [alder, birch]) {
    await inBusiness(scope, (tx) => addChannel(tx, scope, { id: "stall", kind: "hand", name: "Stall", state: "file" }));
    await put(scope, history());
  }
  const rows = await inBusiness(alder, (tx) =>
    rowsOf<Record<string, string> & { leg: number }>(
      tx,
      sql`select id, leg, location_id, kind, on_date::text as on, qty::text, value_minor::text as value from app.movements
          where business_id = ${alder.businessId} and item_id = 'mug' and kind <> 'write_off' order by on_date, phase, at nulls first, id, leg`,
    ),
  );
  naive = rows.map((row) => ({
    id: row.id ?? "",
    leg: row.leg,
    location: row.location_id ?? "",
    kind: row.kind ?? "",
    on: row.on ?? "",
    qty: BigInt(row.qty ?? "0"),
    value: BigInt(row.value ?? "0"),
  }));
});

afterAll(async () => {
  for (const scope of [alder, birch]) {
    const proof = await verifyBooks(scope);
    expect(proof.checks.filter((check) => check.findings.length > 0)).toEqual([]);
  }
  await closeDatabase();
});

/** What a plain sum over all movements says after each row that is kept. */
function summed(keeps: (row: Moved) => boolean, counts: (row: Moved) => boolean = () => true): string[] {
  let qty = 0n;
  let value = 0n;
  const out: string[] = [];
  for (const row of naive) {
    if (counts(row)) {
      qty += row.qty;
      value += row.value;
    }
    if (keeps(row)) out.push(`${row.on} ${row.kind} ${row.qty} ${row.value} → ${qty} ${value}`);
  }
  return out;
}
const shown = (rows: readonly LedgerRow[]) =>
  rows.map((row) => `${row.on} ${row.kind} ${row.qty} ${row.valueMinor} → ${row.runningQty} ${row.runningMinor}`);

describe("the item ledger", () => {
  it("runs as a plain sum over all movements does, whatever the page's length", async () => {
    expect(naive.length).toBeGreaterThan(150);
    const expected = summed(() => true);
    for (const limit of [1_000, 7]) expect(shown(await allRows({ item: "mug" }, limit))).toEqual(expected);
  });

  it("keeps the true balance beside rows of some days or of one type", async () => {
    const from = "2026-03-10";
    const to = "2026-04-20";
    const days = (row: Moved) => row.on >= from && row.on <= to;
    expect(shown(await allRows({ item: "mug", from, to }, 11))).toEqual(summed(days));
    const purchases = await allRows({ item: "mug", kinds: ["purchase"] }, 5);
    expect(shown(purchases)).toEqual(summed((row) => row.kind === "purchase"));
    const barn = await allRows({ item: "mug", location: "barn" }, 9);
    const quantities = summed(
      (row) => row.location === "barn",
      (row) => row.location === "barn",
    );
    expect(barn.map((row) => row.runningQty.toString())).toEqual(
      quantities.map((line) => line.split(" → ")[1]?.split(" ")[0]),
    );
    expect(barn.every((row) => row.runningMinor === null)).toBe(true);
  });

  it("keeps the true balance beside rows of one party", async () => {
    const all = await allRows({ item: "mug" }, 1_000);
    const kinds = (rows: readonly LedgerRow[]) => new Set(rows.map((row) => row.kind));
    for (const [party, name, wanted] of [
      [{ kind: "channel", id: "stall" }, "Stall", ["sale", "sale_return"]],
      [{ kind: "supplier", id: "Mill" }, "Mill", ["purchase"]],
    ] as const) {
      const rows = await allRows({ item: "mug", party }, 6);
      expect(shown(rows)).toEqual(shown(all.filter((row) => row.party === name)));
      expect(kinds(rows)).toEqual(new Set(wanted));
      const span = await ledgerSpan(alder, { item: "mug", party });
      expect(span.rows).toBe(rows.length);
      expect(span.inQty - span.outQty).toBe(rows.reduce((sum, row) => sum + row.qty, 0n));
    }
    expect(await allRows({ item: "mug", party: { kind: "supplier", id: "Stall" } }, 6)).toEqual([]);
    expect(await ledgerParties(alder, "mug")).toEqual([
      { kind: "channel", id: "stall", name: "Stall" },
      { kind: "supplier", id: "Mill", name: "Mill" },
    ]);
  });

  it("opens at the latest page, and turns both ways without a gap", async () => {
    const all = (await allRows({ item: "mug" }, 1_000)).map((row) => row.key);
    let page = await ledgerPage(alder, { item: "mug" }, { limit: 20 });
    expect(page.later).toBeNull();
    const back = page.rows.map((row) => row.key);
    while (page.earlier !== null) {
      const first = page.before;
      page = await ledgerPage(alder, { item: "mug" }, { before: page.earlier, limit: 20 });
      const last = page.rows.at(-1);
      expect([last?.runningQty, last?.runningMinor]).toEqual([first?.qty, first?.valueMinor]);
      back.unshift(...page.rows.map((row) => row.key));
    }
    expect(back).toEqual(all);
    const forth = page.rows.map((row) => row.key);
    while (page.later !== null) {
      page = await ledgerPage(alder, { item: "mug" }, { after: page.later, limit: 20 });
      forth.push(...page.rows.map((row) => row.key));
    }
    expect(forth).toEqual(all);
  });

  it("opens and closes as its rows add up, and ends at what is in stock", async () => {
    const item = await itemView(alder, "mug");
    const whole = await ledgerSpan(alder, { item: "mug" });
    expect([whole.closing.qty, whole.closing.valueMinor, whole.rows]).toEqual([
      item.qty,
      item.valueMinor,
      naive.length,
    ]);
    for (const filter of [
      { item: "mug", from: "2026-02-17", to: "2026-05-03" },
      { item: "mug", from: "2026-02-17", to: "2026-05-03", kinds: ["sale"] as const },
      { item: "mug", to: "2026-03-31", location: "main" },
    ]) {
      const span = await ledgerSpan(alder, filter);
      const rows = await allRows(filter, 500);
      const sum = (of: (row: LedgerRow) => bigint) => rows.reduce((total, row) => total + of(row), 0n);
      expect(span.inQty).toBe(sum((row) => (row.qty > 0n ? row.qty : 0n)));
      expect(span.outQty).toBe(sum((row) => (row.qty < 0n ? -row.qty : 0n)));
      expect(span.valueMinor).toBe(sum((row) => row.valueMinor));
      expect(span.rows).toBe(rows.length);
      if (!("kinds" in filter)) expect(span.opening.qty + span.inQty - span.outQty).toBe(span.closing.qty);
    }
  });

  it("names each row's document and party, and marks what was recorded late", async () => {
    const rows = await allRows({ item: "mug" }, 1_000);
    const sale = rows.find((row) => row.kind === "sale");
    expect(sale).toMatchObject({ party: "Stall", location: "Main" });
    expect(sale?.number).toBe(`#${sale?.order}`);
    expect(rows.find((row) => row.kind === "purchase")?.party).toBe("Mill");
    const moved = rows.find((row) => row.kind === "transfer" && row.qty < 0n);
    expect(moved?.party).toBe("to Main");
    expect((await stockDocument(alder, "transfer", moved?.document ?? ""))?.lines).toMatchObject([
      { item: "mug", name: "Enamel mug" },
    ]);
    expect(await stockDocument(birch, "transfer", "t-none")).toBeNull();
    expect(rows.filter((row) => row.late !== null)).toEqual([]);
    await inBusiness(alder, (tx) =>
      tx.execute(
        sql`update app.movements set recorded_at = recorded_at + interval '2 days' ${sql.raw(deliberate)} where business_id = ${alder.businessId} and id = ${`${sale?.order}/1`}`,
      ),
    );
    const late = (await allRows({ item: "mug" }, 1_000)).filter((row) => row.late !== null);
    expect(late.map((row) => row.document)).toEqual([sale?.order]);
    expect(late[0]?.late?.by).toMatch(/@example\.test$/);
  });

  it("shows nothing of another business", async () => {
    await put(birch, [{ kind: "item", id: "only-birch", name: "Only here", sku: null, decimals: 0, aliases: [] }]);
    await expect(itemView(alder, "only-birch")).rejects.toThrow("no such product");
    expect((await ledgerPage(alder, { item: "only-birch" })).rows).toEqual([]);
    await put(alder, [order("alder-only", "2026-07-20", null, { sku: "MUG", name: "Mug" }, 1n)]);
    expect(
      (await ledgerPage(birch, { item: "mug" }, { limit: 500 })).rows.some((row) => row.order === "alder-only"),
    ).toBe(false);
  });
});

describe("a changed item", () => {
  const input = (item: string, more: Partial<Parameters<typeof saveItem>[1]>) => ({
    item,
    name: "Stoneware jar",
    sku: "JAR",
    aliases: [],
    ...more,
  });

  it("answers to its new names, and finds sales by them", async () => {
    await put(alder, [order("crock", "2026-07-21", null, { sku: null, name: "Pickle crock" }, 1n)]);
    expect(await saveItem(alder, input("jar", { aliases: ["Pickle crock", " pickle  CROCK ", ""] }))).toMatchObject({
      name: "Stoneware jar",
      matched: 1,
    });
    expect((await itemView(alder, "jar")).aliases).toHaveLength(1);
    expect((await searchItems(alder, "pickle")).map((one) => one.id)).toEqual(["jar"]);
  });

  it("says first how many sold lines a second owner of a SKU would take away", async () => {
    const change = input("jar", { sku: "MUG", aliases: ["Pickle crock"] });
    const effect = await previewItem(alder, change);
    expect(effect.unmatched).toBeGreaterThan(50);
    const refused = await saveItem(alder, change, "").catch((error: unknown) => error);
    if (!(refused instanceof Refusal)) throw new Error("it was saved without a word");
    expect(refused.code).toBe("moves_costs");
    expect(refused.message).toContain(`${effect.unmatched} sold lines would no longer be matched`);
    expect((await itemView(alder, "jar")).sku).toBe("JAR");
    const saved = await saveItem(alder, change, refused.detail.seen ?? "");
    const back = await saveItem(alder, saved.before);
    expect(back.matched).toBe(effect.unmatched);
    await expect(saveItem({ ...alder, role: "viewer" }, change)).rejects.toThrow("As viewer");
    await expect(saveItem(alder, input("nothing", {}))).rejects.toThrow("no such product");
  });
});
