/** Histories to measure with: as lines of a file of facts, and as facts of one hot item. */
import { inBusiness } from "../../../db/scope";
import { settle } from "../../../lib/books/costing";
import { lockBooks } from "../../../lib/books/ledger";
import { addDays } from "../../../lib/core/dates";
import type { Fact, LocalDate } from "../../../lib/core/facts";
import type { Scope } from "../../../lib/people/access";
import { createBusiness } from "../../../lib/people/businesses";
import { recordIn } from "../../../lib/record";
import { addChannel } from "../../../lib/sales/channel-accounts";
import { newId } from "../../../lib/system/ids";

export const origin = { source: null, userId: null };

/** A history of a file of facts: items, a purchase of each now and then, one order a line, over a year. */
export function fileOf(lines: number): { line: number; value: unknown }[] {
  const items = Math.max(10, Math.floor(lines / 100));
  const values: unknown[] = [{ kind: "business", currency: "USD", time_zone: "America/New_York" }];
  for (let i = 0; i < items; i += 1)
    values.push({ kind: "item", id: `i${i}`, name: `Thing number ${i}`, sku: `SKU-${i}` });
  const day = (n: number) => addDays("2025-01-01", n % 365);
  for (let i = 0; i < items; i += 1) {
    for (let n = 0; n < 11; n += 1) {
      const id = `p${i}-${n}`;
      const amount = 1000 + ((i * 7 + n) % 500);
      const line = { id: `${id}-1`, item: `i${i}`, qty: 10, amount };
      values.push({ kind: "purchase", id, date: day(n * 33), amount, lines: [line] });
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

/** A business with one channel, `shop`. */
export async function aBusiness(): Promise<Scope> {
  const scope = await createBusiness(
    { id: newId() },
    { name: "Bench", country: "US", currency: "USD", timeZone: "UTC", taxYearStartMonth: 1 },
  );
  await inBusiness(scope, (tx) => addChannel(tx, scope, { id: "shop", kind: "hand", name: "Shop", state: "file" }));
  return scope;
}

export const anItem = (id: string): Fact => ({
  kind: "item",
  id,
  name: `Item ${id}`,
  sku: id.toUpperCase(),
  decimals: 0,
  aliases: [],
});

/** A purchase of one lot, 7 cents apiece and a few more, so that lots do not divide. */
export const aPurchase = (id: string, item: string, date: LocalDate, qty: bigint, amount = qty * 7n + 3n): Fact => ({
  kind: "purchase",
  id,
  date,
  amount,
  lines: [{ id: `${id}-1`, item, qty, amount, location: null }],
  extras: [],
  account: "1000",
  supplier: null,
});

/** An order of one line, one piece, with one fee. */
export const aSale = (id: string, item: string, on: LocalDate): Fact => ({
  kind: "order",
  id,
  channel: "shop",
  number: id,
  when: { on, at: null },
  lines: [
    { id: `${id}-1`, sku: item.toUpperCase(), name: item, listing: null, qty: 1n, amount: 1999n, location: null },
  ],
  shipping: 0n,
  tax: 0n,
  taxBy: "seller",
  discount: 0n,
  fees: [{ kind: "selling", amount: 199n }],
});

/** Records facts 5,000 a transaction; costs them at the end, unless `settles` says not to. */
export async function recordAll(scope: Scope, facts: Iterable<Fact>, settles = true): Promise<void> {
  let part: Fact[] = [];
  const write = () =>
    inBusiness(scope, async (tx) =>
      recordIn(
        tx,
        scope,
        await lockBooks(tx, scope),
        part.map((fact) => ({ fact, version: null })),
        origin,
        { settles: false },
      ),
    );
  for (const fact of facts) {
    part.push(fact);
    if (part.length < 5_000) continue;
    await write();
    part = [];
  }
  if (part.length > 0) await write();
  if (settles) await inBusiness(scope, async (tx) => settle(tx, scope, await lockBooks(tx, scope)));
}

/** The sales of `seller's year`: an item for each hundred lines with eleven lots, and one hot item that an eighth of all sales are of. */
export function* aYear(lines: number, items = Math.max(10, Math.floor(lines / 100)), lots = 11): Generator<Fact> {
  for (let i = 0; i < items; i += 1) yield anItem(`i${i}`);
  const hot = Math.floor(lines / 8);
  for (let i = 0; i < items; i += 1) {
    // Two lots more than are sold, so that nothing runs short, and an old business has no more left than a young one.
    const sold = i === 0 ? hot : Math.max(8 * lots, (lines - hot) / items);
    const each = BigInt(Math.ceil(sold / (lots - 2)));
    for (let n = 0; n < lots; n += 1) yield aPurchase(`p${i}-${n}`, `i${i}`, addDays("2025-01-01", n * 33), each);
  }
  for (let n = 0; n < lines; n += 1)
    yield aSale(`o${n}`, n % 8 === 0 ? "i0" : `i${n % items}`, addDays("2025-01-01", Math.floor((n * 365) / lines)));
}

const years = new Map<number, Scope>();

/** A year of so many lines, recorded and costed: the one that another benchmark of this run left, or a new one. */
export async function costedYear(lines: number): Promise<Scope> {
  const left = years.get(lines);
  if (left !== undefined) return left;
  const scope = await aBusiness();
  await recordAll(scope, aYear(lines));
  leaveYear(lines, scope);
  return scope;
}

/** Leaves a costed year to the benchmarks that follow in this run: a million lines take ten minutes to record. */
export function leaveYear(lines: number, scope: Scope): void {
  years.set(lines, scope);
}

/**
 * The same, ending on a day, of a business that sells the items that one with `year` lines a year has: as many each year, or over ten years
 * where that would take longer.
 */
export function* aged(lines: number, year: number, end: LocalDate): Generator<Fact> {
  const years = Math.min(10, Math.max(1, Math.round(lines / year)));
  const lots = 11 * years;
  for (const fact of aYear(lines, Math.max(10, Math.floor(year / 100)), lots)) {
    if (fact.kind === "order") {
      const n = Number(fact.id.slice(1));
      const day = addDays(end, -Math.floor(((lines - 1 - n) * 365 * years) / lines));
      yield { ...fact, when: { on: day, at: null } };
    } else if (fact.kind === "purchase") {
      const back = Number(fact.id.split("-")[1]);
      yield { ...fact, date: addDays(end, -365 * years + Math.floor((back * 365 * years) / lots)) };
    } else yield fact;
  }
}

/** A business with one item, `hot`, that has so many sales over ten years, each ten from a lot of another price, all costed. */
export async function hotItem(sales: number): Promise<Scope> {
  const scope = await aBusiness();
  // Each lot the day before its first piece is sold.
  const bought = (n: number) => addDays("2015-01-01", Math.min(3_600, Math.floor((n * 3_600) / sales)));
  await recordAll(
    scope,
    (function* () {
      yield anItem("hot");
      for (let n = 0; n < sales + 1_000; n += 10)
        yield aPurchase(`stock${n}`, "hot", bought(n), 10n, BigInt(70 + ((n * 37) % 41)));
      for (let n = 0; n < sales; n += 1)
        yield aSale(`s${n}`, "hot", addDays("2015-01-02", Math.floor((n * 3_600) / sales)));
    })(),
  );
  return scope;
}
