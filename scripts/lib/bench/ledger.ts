/**
 * Pages of an item's ledger, by each filter, first, middle and last, forwards and backwards, each beside the bare query of its rows: the same
 * rows of `movements` in the same order by whichever index there is, in a transaction of their own, without balances, names or marks.
 */
import { sql } from "drizzle-orm";
import { expectRows, inBusiness, rowsOf } from "../../../db/scope";
import { addDays } from "../../../lib/core/dates";
import type { Fact } from "../../../lib/core/facts";
import type { Scope } from "../../../lib/people/access";
import { removeBusiness } from "../../../lib/people/businesses";
import { addChannel } from "../../../lib/sales/channel-accounts";
import { type LedgerAt, ledgerPage, ledgerSpan } from "../../../lib/stock/item-ledger";
import { backwards, beyond, type Cursor, cursorOf, inOrder, type LedgerFilter } from "../../../lib/stock/ledger-filter";
import { analyze } from "./bare";
import { against, median, quantile, type Row, round } from "./figures";
import { aBusiness, anItem, aPurchase, aSale, recordAll } from "./histories";

/** A filter, and what of `movements` it asks for, said in bare SQL. */
type Part = Readonly<{ filter: Partial<LedgerFilter>; bare: string }>;

/** Each filter by itself; those that keep many rows and those that keep few are both there. */
const single = {
  dates: { filter: { from: "2019-06-10", to: "2020-06-09" }, bare: "m.on_date between '2019-06-10' and '2020-06-09'" },
  "kind sale": { filter: { kinds: ["sale"] }, bare: "m.kind = 'sale'" },
  "kind purchase": { filter: { kinds: ["purchase"] }, bare: "m.kind = 'purchase'" },
  reason: {
    filter: { reason: "damaged" },
    bare: "m.kind = 'adjustment' and exists (select 1 from app.stock_documents d where d.business_id = m.business_id and d.kind = 'adjustment' and d.id = m.document_id and d.reason = 'damaged')",
  },
  "party, a supplier": {
    filter: { party: { kind: "supplier", id: "Mill" } },
    bare: "m.kind = 'purchase' and exists (select 1 from app.purchases p where p.business_id = m.business_id and p.id = m.document_id and p.supplier = 'Mill')",
  },
  "party, a channel": {
    filter: { party: { kind: "channel", id: "fair" } },
    bare: "m.kind = 'sale' and exists (select 1 from app.orders o where o.business_id = m.business_id and o.id = m.document_id and o.channel_id = 'fair')",
  },
  "location, most of it": { filter: { location: "main" }, bare: "m.location_id = 'main'" },
  "location, little of it": {
    filter: { location: "barn" },
    bare: "m.location_id = 'barn' and m.location_id <> 'main'",
  },
  "kind transfer": { filter: { kinds: ["transfer"] }, bare: "m.kind = 'transfer'" },
  document: {
    filter: { document: "s40" },
    bare: "m.kind = 'sale' and m.document_id in (select o.id from app.orders o where o.business_id = m.business_id and o.number = 's40')",
  },
} as const satisfies Readonly<Record<string, Part>>;

type Name = keyof typeof single;

/** Pairs of them of which rows are left: every kind of filter beside every other. */
const pairs: readonly (readonly [Name, Name])[] = [
  ["dates", "kind sale"],
  ["dates", "kind purchase"],
  ["dates", "reason"],
  ["dates", "party, a supplier"],
  ["dates", "party, a channel"],
  ["dates", "location, most of it"],
  ["dates", "location, little of it"],
  ["kind sale", "location, most of it"],
  ["kind transfer", "location, little of it"],
  ["kind sale", "party, a channel"],
  ["reason", "location, most of it"],
  ["party, a supplier", "location, most of it"],
  ["party, a channel", "location, most of it"],
  ["document", "kind sale"],
  ["document", "location, most of it"],
  ["document", "party, a channel"],
];

/** What is measured: all rows, each filter, each pair. */
const filters: Readonly<Record<string, Part>> = {
  none: { filter: {}, bare: "true" },
  ...single,
  ...Object.fromEntries(
    pairs.map(([one, other]): readonly [string, Part] => [
      `${one} and ${other}`,
      {
        filter: { ...single[one].filter, ...single[other].filter },
        bare: `${single[one].bare} and ${single[other].bare}`,
      },
    ]),
  ),
};

/** An item with so many sales over so many days: each tenth on a second channel, a purchase for ten, and now and then what else moves. */
function* history(sales: number, days: number): Generator<Fact> {
  const first = addDays("2024-11-30", -days);
  const on = (n: number) => addDays(first, 1 + Math.floor((n * days) / sales));
  yield { kind: "location", id: "barn", name: "Barn" };
  yield anItem("hot");
  for (let n = 0; n < sales + 100; n += 10)
    yield {
      ...aPurchase(`stock${n}`, "hot", n === 0 ? first : on(Math.min(n, sales - 1) - 1), 11n, BigInt(70 + (n % 41))),
      supplier: n % 70 === 0 ? "Mill" : "Yard",
    } as Fact;
  for (let n = 0; n < sales; n += 1) {
    yield { ...aSale(`s${n}`, "hot", on(n)), channel: n % 10 === 3 ? "fair" : "shop" } as Fact;
    if (n % 50 === 7)
      yield {
        kind: "adjustment",
        id: `a${n}`,
        date: on(n),
        location: null,
        reason: n % 100 === 7 ? "damaged" : "count",
        lines: [{ id: `a${n}-1`, item: "hot", qty: -1n, amount: 0n }],
      };
    if (n % 100 === 11)
      yield {
        kind: "transfer",
        id: `t${n}`,
        date: on(n),
        arrives: null,
        from: "main",
        to: "barn",
        lines: [{ id: `t${n}-1`, item: "hot", qty: 1n }],
      };
  }
}

const limit = 60;
const warmUp = 40;

async function barePage(scope: Scope, where: string, cursor: Cursor | null, isBack: boolean): Promise<number> {
  const began = performance.now();
  await inBusiness(scope, async (tx) => {
    // Sent together, as a page's are.
    await Promise.all([
      expectRows(tx, false),
      rowsOf(
        tx,
        sql`select m.* from app.movements m where m.business_id = ${scope.businessId} and m.item_id = 'hot' and ${sql.raw(where)}
            and ${beyond(cursor, isBack)} order by ${isBack ? backwards : inOrder} limit ${limit + 1}`,
      ),
    ]);
  });
  return performance.now() - began;
}

type Turn = Readonly<{ name: string; at: LedgerAt; cursor: Cursor | null; isBack: boolean }>;

/** The pages that are measured: the ends, and both neighbours of a row in the middle. */
async function turnsOf(scope: Scope, filter: LedgerFilter): Promise<readonly Turn[]> {
  const span = await ledgerSpan(scope, filter);
  const ends: Turn[] = [
    { name: "last", at: {}, cursor: null, isBack: true },
    { name: "first", at: { fromStart: true }, cursor: null, isBack: false },
  ];
  if (span.rows <= limit) return ends;
  // The row in the middle, wherever it is.
  const far = await ledgerPage(scope, filter, { fromStart: true, limit: Math.max(1, Math.floor(span.rows / 2)) });
  const key = far.later ?? far.rows.at(-1)?.key ?? null;
  const cursor = cursorOf(key);
  return [
    ...ends,
    { name: "middle, forwards", at: { after: key }, cursor, isBack: false },
    { name: "middle, backwards", at: { before: key }, cursor, isBack: true },
  ];
}

async function pagesOf(scope: Scope, what: string, times: number): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const [name, { filter: part, bare }] of Object.entries(filters)) {
    const filter: LedgerFilter = { item: "hot", ...part };
    for (const turn of await turnsOf(scope, filter)) {
      const [page, plain]: [number[], number[]] = [[], []];
      // One after the other, so that both meet the same noise. The first tries only warm up, as a server that has run for a while is.
      for (let n = 0; n < times + warmUp; n += 1) {
        const began = performance.now();
        await ledgerPage(scope, filter, turn.at);
        page.push(performance.now() - began);
        plain.push(await barePage(scope, bare, turn.cursor, turn.isBack));
      }
      const [ours, theirs] = [median(page.slice(warmUp)), median(plain.slice(warmUp))];
      rows.push({
        what,
        filter: name,
        page: turn.name,
        "ms a page": round(ours),
        "p95 ms": round(quantile(page.slice(warmUp), 0.95)),
        "bare ms": round(theirs),
        ...against(ours / theirs, 3, 2),
      });
    }
  }
  return rows;
}

/** A shop with such an item. */
export async function filled(sales: number, days: number): Promise<Scope> {
  const scope = await aShop();
  await recordAll(scope, history(sales, days));
  return scope;
}

async function aShop(): Promise<Scope> {
  const scope = await aBusiness();
  await inBusiness(scope, (tx) => addChannel(tx, scope, { id: "fair", kind: "hand", name: "Fair", state: "file" }));
  return scope;
}

/** An item with a history of ten years, one with all its movements in the last days of a month, and one with 20. */
export async function benchLedger(most: number): Promise<readonly Row[]> {
  const rows: Row[] = [];
  const medians: number[] = [];
  for (const [what, sales, days] of [
    ["20 movements", 15, 300],
    [`${most} sales, ten years`, most, 3_600],
    ["6,000 sales, last days of a month", 6_000, 5],
  ] as const) {
    const scope = await filled(sales, days);
    await analyze();
    const own = await pagesOf(scope, what, 60);
    rows.push(...own.filter(() => sales > 20));
    medians.push(median(own.filter((row) => row.filter === "none").map((row) => Number(row["ms a page"]))));
    await removeBusiness(scope);
  }
  const [small, large] = medians;
  if (small === undefined || large === undefined) return rows;
  return [
    ...rows,
    { what: "ledger", sales: most, "ms a page": large, "ms with 20": small, ...against(large / small, 5, 2) },
  ];
}
