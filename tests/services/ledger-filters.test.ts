/** The item ledger's filters combined, its balances in busy months, places with a worth of their own, and the field's own example. */
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { closeDatabase, inBusiness, rowsOf } from "../../db/scope";
import { verifyBooks } from "../../lib/books/verify";
import { addDays } from "../../lib/core/dates";
import type { Fact } from "../../lib/core/facts";
import { changeCosting } from "../../lib/desk/costing-settings";
import type { Scope } from "../../lib/people/access";
import { record } from "../../lib/record";
import { addChannel } from "../../lib/sales/channel-accounts";
import { type LedgerRow, ledgerPage, ledgerSpan } from "../../lib/stock/item-ledger";
import { type LedgerFilter, movementKinds } from "../../lib/stock/ledger-filter";
import { ledgerReasons } from "../../lib/stock/ledger-names";
import { newId } from "../../lib/system/ids";
import { aSeller } from "../../scripts/lib/sellers";
import { testDatabase } from "../support/database";
import { deliberate } from "../support/statement-check";

const scopes: Scope[] = [];

async function aShop(name: string): Promise<Scope> {
  const scope = await aSeller(name);
  scopes.push(scope);
  await inBusiness(scope, (tx) => addChannel(tx, scope, { id: "stall", kind: "hand", name: "Stall", state: "file" }));
  await inBusiness(scope, (tx) => addChannel(tx, scope, { id: "fair", kind: "hand", name: "Fair", state: "file" }));
  return scope;
}

async function put(scope: Scope, facts: readonly Fact[]): Promise<void> {
  await record(
    scope,
    facts.map((fact) => ({ fact, version: newId() })),
    { source: null, userId: scope.userId },
  );
}

const item = (id: string): Fact => ({ kind: "item", id, name: id, sku: id.toUpperCase(), decimals: 0, aliases: [] });
const purchase = (id: string, of: string, date: string, qty: bigint, amount: bigint, location?: string): Fact => ({
  kind: "purchase",
  id,
  date,
  amount,
  lines: [{ id: `${id}/1`, item: of, qty, amount, location: location ?? null }],
  extras: [],
  account: "1000",
  supplier: "Mill",
});
const sale = (
  id: string,
  of: string,
  on: string,
  qty: bigint,
  more: Readonly<{ channel?: string; location?: string; time?: string }> = {},
): Fact => ({
  kind: "order",
  id,
  channel: more.channel ?? "stall",
  when: { on, at: more.time === undefined ? null : BigInt(Date.parse(`${on}T${more.time}Z`)) * 1_000n },
  number: `#${id}`,
  lines: [
    {
      id: `${id}/1`,
      sku: of.toUpperCase(),
      name: of,
      listing: null,
      qty,
      amount: qty * 1_000n,
      location: more.location ?? null,
    },
  ],
  shipping: 0n,
  tax: 0n,
  taxBy: "seller",
  discount: 0n,
  fees: [],
});
const back = (id: string, order: string, date: string, qty: bigint): Fact => ({
  kind: "return",
  id,
  date,
  order,
  lines: [
    {
      id: `${id}/1`,
      line: `${order}/1`,
      qty,
      amount: 0n,
      restock: true,
      writeOff: false,
      location: null,
      placed: true,
    },
  ],
});
const adjustment = (id: string, of: string, date: string, qty: bigint, reason: string | null): Fact => ({
  kind: "adjustment",
  id,
  date,
  location: null,
  reason,
  lines: [{ id: `${id}/1`, item: of, qty, amount: 0n }],
});
const transfer = (id: string, of: string, date: string, qty: bigint): Fact => ({
  kind: "transfer",
  id,
  date,
  arrives: null,
  from: "main",
  to: "barn",
  lines: [{ id: `${id}/1`, item: of, qty }],
});
const barn: Fact = { kind: "location", id: "barn", name: "Barn" };

async function allRows(scope: Scope, filter: LedgerFilter, limit = 1_000): Promise<LedgerRow[]> {
  const rows: LedgerRow[] = [];
  let after: string | null = null;
  for (let isFirst = true; isFirst || after !== null; isFirst = false) {
    const page: Awaited<ReturnType<typeof ledgerPage>> = await ledgerPage(scope, filter, {
      after,
      fromStart: true,
      limit,
    });
    rows.push(...page.rows);
    after = page.later;
  }
  return rows;
}

/** The same from the end, page by page. */
async function allBackwards(scope: Scope, filter: LedgerFilter, limit: number): Promise<LedgerRow[]> {
  let page = await ledgerPage(scope, filter, { limit });
  const rows = [...page.rows];
  while (page.earlier !== null) {
    page = await ledgerPage(scope, filter, { before: page.earlier, limit });
    rows.unshift(...page.rows);
  }
  return rows;
}

/** Each row with the balance that a plain sum over all of the place's movements gives. */
async function summed(scope: Scope, of: string, location: string | null) {
  const rows = await inBusiness(scope, (tx) =>
    rowsOf<Record<string, string> & { leg: number }>(
      tx,
      sql`select id, leg, kind, document_id, on_date::text as on, qty::text, value_minor::text as value from app.movements
          where business_id = ${scope.businessId} and item_id = ${of} and kind <> 'write_off'
            and (${location}::text is null or location_id = ${location}) order by on_date, phase, at nulls first, id, leg`,
    ),
  );
  let [qty, value] = [0n, 0n];
  return rows.map((row) => {
    qty += BigInt(row.qty ?? "0");
    value += BigInt(row.value ?? "0");
    return { on: row.on ?? "", kind: row.kind ?? "", document: row.document_id ?? "", qty, value };
  });
}
const balances = (rows: readonly LedgerRow[]) => rows.map((row) => `${row.on} ${row.document} ${row.runningQty}`);
const expected = (rows: readonly Readonly<{ on: string; document: string; qty: bigint }>[]) =>
  rows.map((row) => `${row.on} ${row.document} ${row.qty}`);

beforeAll(() => testDatabase());
afterAll(async () => {
  for (const scope of scopes) {
    const proof = await verifyBooks(scope);
    expect(proof.checks.filter((check) => check.findings.length > 0)).toEqual([]);
  }
  await closeDatabase();
});

describe("the example of the field", () => {
  it("runs 15, 35, 27, 29, and a transfer of 5 leaves 24 in this godown and 29 in all, with both legs", async () => {
    const scope = await aShop("Godown");
    await put(scope, [
      barn,
      item("rice"),
      {
        kind: "opening",
        id: "open",
        date: "2026-01-01",
        lines: [{ id: "open/1", item: "rice", qty: 15n, amount: 3_000_000n, location: null }],
      },
      purchase("bill-7", "rice", "2026-01-05", 20n, 3_500_000n),
      sale("inv-1", "rice", "2026-01-12", 8n),
      back("cn-1", "inv-1", "2026-01-18", 2n),
      transfer("t-1", "rice", "2026-01-25", 5n),
    ]);
    const all = await allRows(scope, { item: "rice" });
    expect(all.map((row) => [row.on.slice(8), row.kind, row.qty, row.runningQty])).toEqual([
      ["01", "opening", 15n, 15n],
      ["05", "purchase", 20n, 35n],
      ["12", "sale", -8n, 27n],
      ["18", "sale_return", 2n, 29n],
      ["25", "transfer", -5n, 24n],
      ["25", "transfer", 5n, 29n],
    ]);
    expect(all[1]?.valueMinor).toBe(3_500_000n);
    const january = { item: "rice", from: "2026-01-01", to: "2026-01-31" };
    expect((await ledgerSpan(scope, { ...january, from: "2026-01-02" })).opening.qty).toBe(15n);
    const here = await allRows(scope, { ...january, location: "main" });
    expect(here.map((row) => row.runningQty)).toEqual([15n, 35n, 27n, 29n, 24n]);
    expect((await ledgerSpan(scope, { ...january, location: "main" })).closing.qty).toBe(24n);
    expect((await ledgerSpan(scope, { ...january, location: "barn" })).closing.qty).toBe(5n);
    expect((await ledgerSpan(scope, january)).closing.qty).toBe(29n);
    expect((await allRows(scope, { ...january, kinds: ["transfer"] })).map((row) => [row.location, row.party])).toEqual(
      [
        ["Main", "to Barn"],
        ["Barn", "from Main"],
      ],
    );
  });
});

describe("filters", () => {
  let scope: Scope;
  const days = 60;
  beforeAll(async () => {
    scope = await aShop("Filters");
    const facts: Fact[] = [barn, item("mug"), item("jar"), purchase("p-0", "mug", "2025-12-30", 900n, 90_000n)];
    // Two busy months and a quiet one: day sums in the one, rows in the other.
    for (let n = 0; n < days; n += 1) {
      const on = addDays("2026-01-01", n);
      for (let i = 0; i < 4; i += 1)
        facts.push(
          sale(`s-${n}-${i}`, "mug", on, 1n, {
            channel: i === 3 ? "fair" : "stall",
            // Some of a day have a time of theirs, which is not the order of their names; each third day none has.
            ...(n % 3 > 0 && i > 0 ? { time: `1${4 - i}:30` } : {}),
          }),
        );
      if (n % 7 === 0) facts.push(purchase(`p-${n + 1}`, "mug", on, 10n, 1_000n + BigInt(n)));
      if (n % 5 === 0) facts.push(adjustment(`a-${n}`, "mug", on, -1n, n % 10 === 0 ? "damaged" : null));
      if (n % 9 === 0) facts.push(transfer(`t-${n}`, "mug", on, 6n));
      // Two on one day: what lies between them are the legs of the first.
      if (n % 9 === 0) facts.push(transfer(`u-${n}`, "mug", on, 1n));
      if (n % 9 === 4) facts.push(sale(`b-${n}`, "mug", on, 2n, { location: "barn" }));
    }
    facts.push(back("r-1", "s-3-3", "2026-03-09", 1n), sale("late-one", "mug", "2026-03-10", 1n));
    await put(scope, facts);
  });

  it("has sums by day in busy months alone, and the balances of a plain sum in all", async () => {
    const kept = await inBusiness(scope, (tx) =>
      rowsOf<{ month: string }>(
        tx,
        sql`select distinct to_char(on_date, 'YYYY-MM') as month from app.item_days where business_id = ${scope.businessId} and item_id = 'mug' order by 1`,
      ),
    );
    expect(kept.map((row) => row.month)).toEqual(["2026-01", "2026-02"]);
    const plain = await summed(scope, "mug", null);
    expect(plain.length).toBeGreaterThan(250);
    for (const limit of [1_000, 13])
      expect(balances(await allRows(scope, { item: "mug" }, limit))).toEqual(expected(plain));
    expect(balances(await allBackwards(scope, { item: "mug" }, 17))).toEqual(expected(plain));
    expect((await allRows(scope, { item: "mug" })).map((row) => row.runningMinor)).toEqual(
      plain.map((row) => row.value),
    );
    for (const location of ["main", "barn"])
      expect(balances(await allRows(scope, { item: "mug", location }, 11))).toEqual(
        expected(await summed(scope, "mug", location)),
      );
  });

  it("is found out where a day's sum is wrong", async () => {
    const broken = (by: string) =>
      inBusiness(scope, (tx) =>
        tx.execute(
          sql`update app.item_days set value_minor = value_minor + ${by}::bigint where business_id = ${scope.businessId} and item_id = 'mug' and on_date = '2026-01-08'`,
        ),
      );
    await broken("7");
    const findings = (await verifyBooks(scope)).checks.flatMap((check) => check.findings);
    expect(findings.map((finding) => finding.what)).toEqual(["what moved of mug at main on 2026-01-08"]);
    await broken("-7");
  });

  it("keeps the true balance beside rows of each kind, both ways, everywhere and at each place", async () => {
    for (const location of [undefined, "main", "barn"]) {
      const plain = await summed(scope, "mug", location ?? null);
      for (const kind of movementKinds) {
        const wanted = expected(plain.filter((row) => row.kind === kind));
        const filter: LedgerFilter = { item: "mug", location, kinds: [kind] };
        expect(balances(await allRows(scope, filter, 9)), `${kind} ${location}`).toEqual(wanted);
        expect(balances(await allBackwards(scope, filter, 9)), `${kind} ${location}`).toEqual(wanted);
      }
    }
  });

  it("keeps it where one line comes and goes on two days, and others lie between", async () => {
    const way = await aShop("On the way");
    const sent = (id: string, date: string, arrives: string): Fact => ({
      ...(transfer(id, "mug", date, 3n) as Extract<Fact, { kind: "transfer" }>),
      arrives,
    });
    await put(way, [
      barn,
      item("mug"),
      purchase("p-1", "mug", "2026-01-02", 30n, 3_000n),
      sent("t-1", "2026-01-05", "2026-01-20"),
      sent("t-2", "2026-01-06", "2026-01-10"),
      sent("t-3", "2026-01-07", "2026-01-25"),
    ]);
    const plain = (await summed(way, "mug", "in-transit")).filter((row) => row.document === "t-1");
    expect(plain.map((row) => row.qty)).toEqual([3n, 3n]);
    for (const filter of [{ location: "in-transit" }, {}]) {
      const rows = await allRows(way, { item: "mug", document: "t-1", ...filter });
      const all = await summed(way, "mug", filter.location ?? null);
      expect(balances(rows)).toEqual(expected(all.filter((row) => row.document === "t-1")));
    }
  });

  it("combine freely, and their sums are those of their rows", async () => {
    const every = await allRows(scope, { item: "mug" });
    const is = (row: LedgerRow) => ({
      damaged: row.kind === "adjustment" && row.party === "Damaged",
      fair: row.party === "Fair",
    });
    const from = "2026-01-10";
    const to = "2026-02-20";
    for (const [filter, keeps] of [
      [{ reason: "damaged" }, (row: LedgerRow) => is(row).damaged],
      [{ reason: "" }, (row: LedgerRow) => row.kind === "adjustment" && row.party === ""],
      [{ reason: "damaged", from, to }, (row: LedgerRow) => is(row).damaged && row.on >= from && row.on <= to],
      [{ party: { kind: "channel", id: "fair" } }, (row: LedgerRow) => is(row).fair],
      [
        { party: { kind: "channel", id: "fair" }, kinds: ["sale_return"] },
        (row: LedgerRow) => is(row).fair && row.kind === "sale_return",
      ],
      [
        { party: { kind: "supplier", id: "Mill" }, from, to },
        (row: LedgerRow) => row.party === "Mill" && row.on >= from && row.on <= to,
      ],
      [
        { kinds: ["sale", "transfer"], from, to },
        (row: LedgerRow) => ["sale", "transfer"].includes(row.kind) && row.on >= from && row.on <= to,
      ],
      [{ kinds: ["sale"], reason: "damaged" }, () => false],
    ] as const) {
      const rows = await allRows(scope, { item: "mug", ...filter }, 7);
      const wanted = every.filter(keeps);
      const name = JSON.stringify(filter);
      expect(balances(rows), name).toEqual(balances(wanted));
      expect(balances(await allBackwards(scope, { item: "mug", ...filter }, 7)), name).toEqual(balances(wanted));
      const span = await ledgerSpan(scope, { item: "mug", ...filter });
      expect([span.rows, span.inQty - span.outQty, span.valueMinor], name).toEqual([
        wanted.length,
        wanted.reduce((sum, row) => sum + row.qty, 0n),
        wanted.reduce((sum, row) => sum + row.valueMinor, 0n),
      ]);
    }
    const sold = { item: "mug", location: "barn", kinds: ["sale"] } as const;
    const barnRows = await allRows(scope, sold, 3);
    const plain = (await summed(scope, "mug", "barn")).filter((row) => row.kind === "sale");
    expect(plain.length).toBeGreaterThan(4);
    expect(balances(barnRows)).toEqual(expected(plain));
    expect(await ledgerReasons(scope, "mug")).toEqual(["", "damaged"]);
  });

  it("finds a document by the number that is shown, with what came back of it", async () => {
    const of = async (document: string) =>
      (await allRows(scope, { item: "mug", document })).map((row) => [row.kind, row.document]);
    expect(await of("#s-3-3")).toEqual([
      ["sale", "s-3-3"],
      ["sale_return", "r-1"],
    ]);
    expect(await of("s-3-3")).toEqual(await of("#s-3-3"));
    expect(await of(" a-10 ")).toEqual([["adjustment", "a-10"]]);
    expect((await of("t-9")).map(([kind]) => kind)).toEqual(["transfer", "transfer"]);
    expect(await of("nothing")).toEqual([]);
    const uuid = `purchase/${newId()}`;
    await put(scope, [purchase(uuid, "mug", "2026-03-12", 1n, 5n)]);
    const shown = (await allRows(scope, { item: "mug" })).at(-1);
    expect(shown?.number).toMatch(/^P-/);
    expect(await of(shown?.number ?? "")).toEqual([["purchase", uuid]]);
    expect(await of(uuid)).toEqual([["purchase", uuid]]);
    // Whatever an id is like, what the ledger shows is what finds it; and of another product it is not found.
    const long = `bill-${"0123456789".repeat(3)}`;
    const ids = ["a/b/27", long, "ünïcode/№ 5", `${newId()}/x/${newId()}`, "27", newId()];
    await put(
      scope,
      ids.map((id, n) => purchase(id, "mug", "2026-03-13", 1n, BigInt(n))),
    );
    const numbers = (await allRows(scope, { item: "mug" })).filter((row) => ids.includes(row.document));
    expect(numbers).toHaveLength(ids.length);
    for (const { document, number } of numbers)
      expect((await of(number)).filter(([, id]) => id === document)).toEqual([["purchase", document]]);
    expect((await of("27")).map(([, id]) => id).sort()).toEqual(["27", "a/b/27"]);
    expect(await allRows(scope, { item: "jug", document: "27" })).toEqual([]);
  });

  it("marks what is recorded later, with when and by whom, where its date puts it", async () => {
    await inBusiness(scope, async (tx) => {
      for (const [table, column] of [
        ["movements", "recorded_at"],
        ["item_months", "first_recorded_at"],
        ["item_stock", "first_recorded_at"],
      ])
        await tx.execute(
          sql.raw(
            `update app.${table} set ${column} = ${column} - interval '3 days' ${deliberate} where business_id = '${scope.businessId}'`,
          ),
        );
    });
    await put(scope, [purchase("p-late", "mug", "2026-01-15", 3n, 300n)]);
    const rows = await allRows(scope, { item: "mug" });
    const late = rows.filter((row) => row.late !== null);
    expect(late.map((row) => [row.document, row.on])).toEqual([["p-late", "2026-01-15"]]);
    expect(late[0]?.late?.by).toContain("@");
    expect(Date.parse(late[0]?.late?.at ?? "")).toBeGreaterThan(Date.now() - 60_000);
    expect(balances(rows)).toEqual(expected(await summed(scope, "mug", null)));
  });
});

describe("a place", () => {
  it("has a worth of its own in pool location, which its lots confirm, and none in pool business", async () => {
    const scope = await aShop("Places");
    await put(scope, [
      barn,
      item("mug"),
      purchase("p-1", "mug", "2026-01-02", 10n, 1_000n),
      purchase("p-2", "mug", "2026-01-03", 10n, 3_000n, "barn"),
      transfer("t-1", "mug", "2026-01-04", 4n),
      sale("o-1", "mug", "2026-01-05", 6n, { location: "barn" }),
    ]);
    const filter = { item: "mug", location: "barn" };
    expect((await allRows(scope, filter)).map((row) => row.runningMinor)).toEqual([null, null, null]);
    expect((await ledgerSpan(scope, filter)).closing).toEqual({ qty: 8n, valueMinor: null });
    await changeCosting(scope, { pool: "location", graceDays: 0 });
    expect((await allRows(scope, filter)).map((row) => [row.runningQty, row.runningMinor])).toEqual([
      [10n, 3_000n],
      [14n, 3_400n],
      [8n, 2_400n],
    ]);
    const [left] = await inBusiness(scope, (tx) =>
      rowsOf<{ value: string }>(
        tx,
        sql`select sum(left_minor)::text as value from app.lots where business_id = ${scope.businessId} and item_id = 'mug' and location_id = 'barn'`,
      ),
    );
    expect((await ledgerSpan(scope, filter)).closing.valueMinor).toBe(BigInt(left?.value ?? "0"));
    expect((await ledgerSpan(scope, { item: "mug" })).closing.valueMinor).toBe(3_000n);
  });
});
