/** What `npm run bench` measures. Each gives rows of figures; ratios are to a bound measured in the same run. */
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { sql } from "drizzle-orm";
import postgres from "postgres";
import { type InBusiness, inBusiness } from "../../db/scope";
import { settle } from "../../lib/books/costing";
import { lockBooks } from "../../lib/books/ledger";
import { addDays } from "../../lib/core/dates";
import type { Fact, LocalDate } from "../../lib/core/facts";
import type { Scope } from "../../lib/people/access";
import { createBusiness, removeBusiness } from "../../lib/people/businesses";
import { record, recordIn } from "../../lib/record";
import { replay } from "../../lib/replay/run";
import { addChannel } from "../../lib/sales/channel-accounts";
import { newId } from "../../lib/system/ids";
import { benchFair } from "./bench-fair";
import { benchSizes } from "./bench-sizes";

type Row = Readonly<Record<string, string | number>>;
const origin = { source: null, userId: null };
const round = (value: number, digits = 2) => Math.round(value * 10 ** digits) / 10 ** digits;
const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

/** A history of a file of facts: items, a purchase of each now and then, one order a line, over a year. */
function fileOf(lines: number): { line: number; value: unknown }[] {
  const items = Math.max(10, Math.floor(lines / 100));
  const values: unknown[] = [{ kind: "business", currency: "USD", time_zone: "America/New_York" }];
  for (let i = 0; i < items; i += 1)
    values.push({ kind: "item", id: `i${i}`, name: `Thing number ${i}`, sku: `SKU-${i}` });
  const day = (n: number) => addDays("2025-01-01", n % 365);
  for (let i = 0; i < items; i += 1) {
    for (let n = 0; n < 11; n += 1) {
      const id = `p${i}-${n}`;
      values.push({
        kind: "purchase",
        id,
        date: day(n * 33),
        amount: 1000 + ((i * 7 + n) % 500),
        lines: [{ id: `${id}-1`, item: `i${i}`, qty: 10, amount: 1000 + ((i * 7 + n) % 500) }],
      });
    }
  }
  for (let n = 0; n < lines; n += 1) {
    const at = `${day(Math.floor((n * 365) / lines))}T${String(n % 24).padStart(2, "0")}:00:00-05:00`;
    values.push({
      kind: "order",
      id: `o${n}`,
      channel: "shop",
      at,
      lines: [{ id: `o${n}-1`, sku: `SKU-${n % items}`, name: "Sold", qty: 1, amount: 1999 }],
      fees: [{ kind: "selling", amount: 199 }],
    });
  }
  return values.map((value, i) => ({ line: i + 1, value }));
}

/** The rate at which the database takes the very rows that a replay left, by COPY into tables without keys to parents or row security. */
async function copyRate(scope: InBusiness): Promise<{ rows: number; seconds: number }> {
  const owner = postgres(process.env.DATABASE_URL ?? "", { max: 1, onnotice: () => undefined });
  const reader = postgres(process.env.DATABASE_URL ?? "", { max: 1, onnotice: () => undefined });
  let rows = 0;
  let seconds = 0;
  try {
    for (const table of [
      "facts",
      "orders",
      "order_fees",
      "order_lines",
      "purchases",
      "purchase_lines",
      "movements",
      "lots",
      "allocations",
      "journal_entries",
      "postings",
    ]) {
      // Held in memory first, so that only the writing is timed.
      const chunks: Buffer[] = [];
      await reader.begin(async (tx) => {
        await tx.unsafe(`set local app.business_id = '${scope.businessId}'`);
        const out = await tx
          .unsafe(`copy (select * from app.${table} where business_id = '${scope.businessId}') to stdout`)
          .readable();
        for await (const chunk of out) chunks.push(chunk as Buffer);
      });
      await owner.unsafe(
        `drop table if exists bench_${table}; create table bench_${table} (like app.${table} including indexes)`,
      );
      const began = performance.now();
      const into = await owner.unsafe(`copy bench_${table} from stdin`).writable();
      await pipeline(Readable.from(chunks), into);
      seconds += (performance.now() - began) / 1000;
      const [count] = await owner.unsafe<{ n: number }[]>(`select count(*)::int as n from bench_${table}`);
      rows += count?.n ?? 0;
      await owner.unsafe(`drop table bench_${table}`);
    }
  } finally {
    await Promise.all([owner.end(), reader.end()]);
  }
  return { rows, seconds };
}

/** Sale lines costed and posted a second through `replay`, beside the raw COPY of the same rows. */
async function benchReplay(most: number): Promise<Row[]> {
  const rows: Row[] = [];
  for (const lines of [1_000, 10_000, 100_000].filter((n) => n <= most)) {
    const done = await replay(fileOf(lines), { chunk: null, keeps: true, name: "bench" });
    const copy = await copyRate({ businessId: done.businessId });
    const { seconds } = done.timings;
    rows.push({
      lines,
      "lines/s": done.timings.sale_lines_a_second,
      "recording s": seconds.recording,
      "costing s": seconds.costing,
      "posting s": seconds.posting,
      "all s": seconds.all,
      rows: copy.rows,
      "COPY s": round(copy.seconds),
      "COPY rows/s": Math.round(copy.rows / copy.seconds),
      "replay ÷ COPY": round(seconds.all / copy.seconds),
      "peak MB": done.timings.peak_memory_mb,
    });
  }
  return rows;
}

async function business(): Promise<Scope> {
  const scope = await createBusiness(
    { id: newId() },
    { name: "Bench", country: "US", currency: "USD", timeZone: "UTC", taxYearStartMonth: 1 },
  );
  await inBusiness(scope, (tx) => addChannel(tx, scope, { id: "shop", kind: "hand", name: "Shop", state: "file" }));
  return scope;
}

const item: Fact = { kind: "item", id: "hot", name: "Hot", sku: "HOT", decimals: 0, aliases: [] };
const purchase = (id: string, date: LocalDate, qty: bigint): Fact => ({
  kind: "purchase",
  id,
  date,
  amount: qty * 7n,
  lines: [{ id: `${id}-1`, item: "hot", qty, amount: qty * 7n, location: null }],
  extras: [],
  account: "1000",
  supplier: null,
});
const sale = (n: number, on: LocalDate): Fact => ({
  kind: "order",
  id: `s${n}`,
  channel: "shop",
  number: `s${n}`,
  when: { on, at: null },
  lines: [{ id: `s${n}-1`, sku: "HOT", name: "Hot", listing: null, qty: 1n, amount: 1999n, location: null }],
  shipping: 0n,
  tax: 0n,
  taxBy: "seller",
  discount: 0n,
  fees: [],
});

/** An item with so many sales, spread over ten years, all costed. */
async function hotItem(sales: number): Promise<Scope> {
  const scope = await business();
  const facts: Fact[] = [item, purchase("stock", "2015-01-01", BigInt(sales) + 1_000n)];
  for (let n = 0; n < sales; n += 1) facts.push(sale(n, addDays("2015-01-02", Math.floor((n * 3_600) / sales))));
  for (let from = 0; from < facts.length; from += 5_000) {
    await inBusiness(scope, async (tx) =>
      recordIn(
        tx,
        scope,
        await lockBooks(tx, scope),
        facts.slice(from, from + 5_000).map((fact) => ({ fact, version: null })),
        origin,
        { settles: false },
      ),
    );
  }
  await inBusiness(scope, async (tx) => settle(tx, scope, await lockBooks(tx, scope)));
  await inBusiness(scope, (tx) => tx.execute(sql`select 1`));
  return scope;
}

const one = async (scope: Scope, fact: Fact) => {
  const began = performance.now();
  const done = await record(scope, [{ fact, version: null }], origin);
  return { ms: performance.now() - began, steps: done.settled.steps };
};

/** One more sale at the end of an item's history: with many sales behind it, and with few. */
async function benchAppend(most: number): Promise<Row[]> {
  const rows: Row[] = [];
  let small = 0;
  for (const sales of [100, 10_000, 100_000].filter((n) => n <= most)) {
    const scope = await hotItem(sales);
    await analyze();
    const times: number[] = [];
    let steps = 0;
    for (let n = 0; n < 25; n += 1) {
      const done = await one(scope, sale(sales + n, addDays("2025-06-01", n)));
      times.push(done.ms);
      steps = done.steps;
    }
    const ms = median(times.slice(5));
    if (small === 0) small = ms;
    rows.push({
      "sales before": sales,
      "ms a sale": round(ms),
      "movements folded": steps,
      "÷ the smallest": round(ms / small),
    });
    await removeBusiness(scope);
  }
  return rows;
}

/** A late purchase that touches all later sales, and one that touches the last hundredth. */
async function benchLate(most: number): Promise<Row[]> {
  const rows: Row[] = [];
  for (const sales of [10_000, 100_000].filter((n) => n <= most)) {
    const scope = await hotItem(sales);
    await analyze();
    const end = await one(scope, purchase("late-end", addDays("2015-01-02", 3_564), 5n));
    const all = await one(scope, purchase("late", "2014-12-31", 5n));
    rows.push({
      sales,
      "touches all: s": round(all.ms / 1000),
      "movements folded": all.steps,
      "µs a sale": round((all.ms * 1000) / sales, 1),
      "touches the last 1 %: s": round(end.ms / 1000, 3),
      "movements folded at the end": end.steps,
      "end ÷ all": round(end.ms / all.ms, 3),
    });
    await removeBusiness(scope);
  }
  return rows;
}

/** Statistics as autovacuum would have them after a while. */
async function analyze(): Promise<void> {
  const owner = postgres(process.env.DATABASE_URL ?? "", { max: 1, onnotice: () => undefined });
  await owner.unsafe("analyze");
  await owner.end();
}

export const benches: Readonly<Record<string, (most: number) => Promise<Row[]>>> = {
  replay: benchReplay,
  append: benchAppend,
  late: benchLate,
  fair: (most) => benchFair(fileOf(most), most),
  sizes: (most) => {
    const lines = Math.min(most, 10_000);
    return benchSizes(lines, fileOf(lines));
  },
};
