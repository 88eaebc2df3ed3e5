/** A whole history through the product's own services, and what the books then say (the replay format). */
import { sql } from "drizzle-orm";
import { type InBusiness, inBusiness, rowsOf, type Tx } from "../../db/scope";
import { inTransit } from "../books/batch";
import { settle } from "../books/costing";
import { lockBooks } from "../books/ledger";
import { Refusal } from "../core/errors";
import { compareIds, type Fact, factKey } from "../core/facts";
import { lineOfUnmatchedGroup } from "../core/ids";
import type { Scope } from "../people/access";
import { recordAudit } from "../people/audit";
import { createBusiness, removeBusiness } from "../people/businesses";
import { recordIn, type VersionedFact } from "../record";
import { addChannel } from "../sales/channel-accounts";
import { newId } from "../system/ids";
import { spentOn } from "../system/stopwatch";
import { type BusinessLine, parseFact } from "./parse";

export type ReplayOptions = Readonly<{
  /** Records and costs so many facts at a time; null: records all, then costs all. */
  chunk: number | null;
  keeps: boolean;
  name: string;
}>;

export type Timings = Readonly<{
  facts: number;
  sale_lines: number;
  seconds: Readonly<{ recording: number; costing: number; posting: number; all: number }>;
  facts_a_second: number;
  sale_lines_a_second: number;
  peak_memory_mb: number;
}>;
export type Replayed = Readonly<{ result: ReplayResult; timings: Timings; businessId: string }>;

/** A line that is wrong: which one (1-based), and why. */
export class ReplayRefused extends Error {
  readonly line: number;
  readonly refusal: Refusal;
  constructor(line: number, refusal: Refusal) {
    super(refusal.message);
    this.line = line;
    this.refusal = refusal;
  }
}

/** Facts written in one transaction where all are recorded before any is costed: bounds memory. */
const factsAtOnce = 5_000;

type Numbered = Readonly<{ line: number; fact: Fact }>;

/** Replays one file's lines (`line` 1-based with its parsed JSON). A wrong fact throws ReplayRefused, and nothing of the run stays. */
export async function replay(
  lines: readonly Readonly<{ line: number; value: unknown }>[],
  options: ReplayOptions,
): Promise<Replayed> {
  const started = performance.now();
  const before = { posting: spentOn("posting"), costing: spentOn("costing") };
  const { business, facts } = parseAll(lines);
  const scope = await open(business, facts, options.name);
  let isDone = false;
  try {
    await recordAll(scope, facts, options.chunk);
    const all = (performance.now() - started) / 1000;
    const posting = (spentOn("posting") - before.posting) / 1000;
    const costing = (spentOn("costing") - before.costing) / 1000;
    const result = await resultOf(scope);
    isDone = true;
    const round = (value: number) => Math.round(value * 1000) / 1000;
    return {
      result,
      businessId: scope.businessId,
      timings: {
        facts: facts.length,
        sale_lines: result.sales.length,
        seconds: {
          recording: round(all - costing - posting),
          costing: round(costing),
          posting: round(posting),
          all: round(all),
        },
        facts_a_second: Math.round(facts.length / all),
        sale_lines_a_second: Math.round(result.sales.length / all),
        peak_memory_mb: Math.round(process.resourceUsage().maxRSS / 1024),
      },
    };
  } finally {
    if (!isDone || !options.keeps) await removeBusiness(scope);
  }
}

function parseAll(lines: readonly Readonly<{ line: number; value: unknown }>[]): {
  business: BusinessLine;
  facts: Numbered[];
} {
  let business: BusinessLine = { currency: "USD", timeZone: "UTC", pool: "business", graceDays: 0 };
  let said: string | null = null;
  const facts: Numbered[] = [];
  let hasOthers = false;
  lines.forEach(({ line, value }, i) => {
    try {
      const parsed = parseFact(value, business.timeZone);
      if (parsed.kind === "business") {
        const text = JSON.stringify(parsed.business);
        if (i > 0 && text !== said)
          throw new Refusal(
            said === null ? "unknown_kind" : "fact_changed",
            "The business is the first line of its file.",
          );
        business = parsed.business;
        said = text;
        return;
      }
      const { fact } = parsed;
      if (fact.kind === "location") {
        if (fact.id === inTransit)
          throw new Refusal("duplicate_id", `The id ${inTransit} is the product's own.`, { field: "id" });
        const isKnown = facts.some((one) => one.fact.kind === "location" && one.fact.id === fact.id);
        if (hasOthers && !isKnown)
          throw new Refusal("unknown_kind", "Locations come before all facts but the business.");
      } else hasOthers = true;
      facts.push({ line, fact });
    } catch (error) {
      if (error instanceof Refusal) throw new ReplayRefused(line, error);
      throw error;
    }
  });
  return { business, facts };
}

/** The channels that facts name, those whose every fact is undone after the others: only the others' accounts are ever seen. */
function channelNames(facts: readonly Numbered[]): readonly string[] {
  const undone = new Set(facts.flatMap(({ fact }) => (fact.kind === "undo" ? [fact.key] : [])));
  const live = new Set<string>();
  const all = new Set<string>();
  for (const { fact } of facts) {
    const name =
      fact.kind === "order" || fact.kind === "payout"
        ? fact.channel
        : fact.kind === "return" && fact.order === null
          ? fact.channel
          : null;
    if (name === null) continue;
    all.add(name);
    if (!undone.has(factKey(fact))) live.add(name);
  }
  const sorted = (names: Iterable<string>) => [...names].sort(compareIds);
  return [...sorted(live), ...sorted([...all].filter((name) => !live.has(name)))];
}

async function open(business: BusinessLine, facts: readonly Numbered[], name: string): Promise<Scope> {
  const scope = await createBusiness(
    { id: newId() },
    {
      name: `Replay ${name}`.slice(0, 120),
      country: "US",
      currency: business.currency,
      timeZone: business.timeZone,
      taxYearStartMonth: 1,
      // The file's own locations are all there are, the first of them where things are; without any there is one, main.
      hasMain: !facts.some(({ fact }) => fact.kind === "location"),
    },
  );
  await inBusiness(scope, async (tx) => {
    await recordAudit(tx, scope, { what: "business.replay", about: scope.businessId, after: { file: name } });
    await tx.execute(
      sql`update app.businesses set grace_days = ${business.graceDays}, pool = ${business.pool} where business_id = ${scope.businessId}`,
    );
    for (const channel of channelNames(facts))
      await addChannel(tx, scope, { id: channel, kind: "hand", name: channel, state: "file" });
  });
  return scope;
}

async function recordAll(scope: InBusiness, facts: readonly Numbered[], chunk: number | null): Promise<void> {
  const size = chunk ?? factsAtOnce;
  const origin = { source: null, userId: null };
  const recordSome = (some: readonly VersionedFact[]) =>
    inBusiness(scope, async (tx) =>
      recordIn(tx, scope, await lockBooks(tx, scope), some, origin, { settles: chunk !== null }),
    );
  for (let from = 0; from < facts.length; from += size) {
    const part = facts.slice(from, from + size);
    const versioned = part.map(({ fact }) => ({ fact, version: null }));
    try {
      await recordSome(versioned);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      // Together they are refused; one by one, in the file's order, says which of them is the first that is wrong.
      for (const [i, one] of versioned.entries()) {
        try {
          await recordSome([one]);
        } catch (alone) {
          if (alone instanceof Refusal) throw new ReplayRefused(part[i]?.line ?? 0, alone);
          throw alone;
        }
      }
    }
  }
  if (chunk === null) await inBusiness(scope, async (tx) => settle(tx, scope, await lockBooks(tx, scope)));
}

/** An exact figure: a number while every number up to it is exact, beyond that (sums may go there) a bigint. */
export type Figure = number | bigint;

type ResultAllocation = Readonly<{ lot: string; qty: Figure; cost: Figure }>;
export type ReplayResult = Readonly<{
  sales: readonly Readonly<{
    line: string;
    item: string | null;
    matched_by: string | null;
    qty: Figure;
    cost: Figure;
    uncosted: Figure;
    allocations: readonly ResultAllocation[];
  }>[];
  lots: readonly Readonly<{
    lot: string;
    item: string | null;
    /** Where it is, in pool `location`. */
    location?: string;
    date: string;
    qty: Figure;
    amount: Figure;
    left: Figure;
    value: Figure;
  }>[];
  on_hand: readonly Readonly<{ item: string; location: string; qty: Figure }>[];
  trial_balance: readonly Readonly<{ code: string; name: string; amount: Figure }>[];
  to_detail: Figure;
  entries: number;
  adjusting_entries: number;
}>;

/** A figure as the database writes it. A sum beyond 2^53 stays a bigint: as a number it would lose its last digits. */
function figure(text: string | number | null | undefined): Figure {
  const exact = BigInt(text ?? 0);
  const number = Number(exact);
  return Number.isSafeInteger(number) ? number : exact;
}

/**
 * The names of lots that returns and transfers made: the line's id or, where the line made several, with `.1`, `.2`, … in the order
 * brought, a bundle's part by part. (Stored, each has an id that no line can have.)
 */
async function namesOfLots(tx: Tx, scope: InBusiness): Promise<ReadonlyMap<string, string>> {
  const rows = await rowsOf<{ id: string; line_id: string }>(
    tx,
    sql`select l.id, l.line_id from app.lots l
        left join app.movements m on m.business_id = ${scope.businessId} and m.id = l.line_id and m.item_id = l.item_id and m.kind = 'sale_return'
        where l.business_id = ${scope.businessId} and l.source in ('return', 'transfer') order by l.line_id, coalesce(m.leg, 0), l.number`,
  );
  const made = new Map<string, string[]>();
  for (const row of rows) {
    const own = made.get(row.line_id);
    if (own === undefined) made.set(row.line_id, [row.id]);
    else own.push(row.id);
  }
  return new Map(
    [...made].flatMap(([line, ids]) =>
      ids.map((id, index) => [id, ids.length === 1 ? line : `${line}.${index + 1}`] as const),
    ),
  );
}

/** What the books of a business say, as replay prints it. */
export function resultOf(scope: InBusiness): Promise<ReplayResult> {
  const business = scope.businessId;
  return inBusiness(scope, async (tx) => {
    const names = await namesOfLots(tx, scope);
    const nameOf = (lot: string) => names.get(lot) ?? lot;
    const taken = new Map<string, ResultAllocation[]>();
    for (const row of await rowsOf<{ movement_id: string; lot_id: string; qty: string; cost: string }>(
      tx,
      sql`select movement_id, lot_id, sum(qty)::text as qty, sum(cost_minor)::text as cost from app.allocations
          where business_id = ${business} and kind <> 'back' group by movement_id, lot_id order by movement_id, lot_id`,
    )) {
      const part = { lot: nameOf(row.lot_id), qty: figure(row.qty), cost: figure(row.cost) };
      const known = taken.get(row.movement_id);
      if (known === undefined) taken.set(row.movement_id, [part]);
      else known.push(part);
    }
    const sales = (
      await rowsOf<Record<string, string | null>>(
        tx,
        sql`select id, item_id, matched_by, qty::text, cost_minor::text as cost, short_qty::text as short from app.order_lines
            where business_id = ${business} and not is_undone order by id`,
      )
    ).map((row) => ({
      line: row.id ?? "",
      item: row.item_id ?? null,
      matched_by: row.matched_by ?? null,
      qty: figure(row.qty),
      cost: figure(row.cost),
      uncosted: figure(row.short),
      allocations: (taken.get(row.id ?? "") ?? []).sort((a, b) => compareIds(a.lot, b.lot)),
    }));
    const lots = (
      await rowsOf<Record<string, string>>(
        tx,
        sql`select l.id, l.item_id, l.acquired_on::text as date, l.qty::text, l.cost_minor::text as cost, l.left_qty::text as left, l.left_minor::text as value,
              l.location_id as location, b.pool
            from app.lots l join app.businesses b on b.business_id = ${business} where l.business_id = ${business}`,
      )
    ).map((row) => ({
      lot: nameOf(row.id ?? ""),
      item: lineOfUnmatchedGroup(row.item_id ?? "") === null ? (row.item_id ?? null) : null,
      ...(row.pool === "location" ? { location: row.location ?? "" } : {}),
      date: row.date ?? "",
      qty: figure(row.qty),
      amount: figure(row.cost),
      left: figure(row.left),
      value: figure(row.value),
    }));
    lots.sort((a, b) => compareIds(a.lot, b.lot));
    const onHand = (
      await rowsOf<{ item_id: string; location_id: string; qty: string }>(
        tx,
        sql`select item_id, location_id, sum(qty)::text as qty from app.movements where business_id = ${business}
            group by item_id, location_id having sum(qty) <> 0 order by item_id, location_id`,
      )
    )
      .filter((row) => lineOfUnmatchedGroup(row.item_id) === null)
      .map((row) => ({ item: row.item_id, location: row.location_id, qty: figure(row.qty) }));
    const trial = (
      await rowsOf<{ code: string; name: string; amount: string }>(
        tx,
        sql`select a.code, a.name, b.amount::text from (
              select code, sum(amount) as amount from (
                select debit as code, sum(amount_minor) as amount from app.postings where business_id = ${business} group by debit
                union all
                select credit, -sum(amount_minor) from app.postings where business_id = ${business} group by credit) s
              group by code having sum(amount) <> 0) b
            join app.accounts a on a.business_id = ${business} and a.code = b.code order by a.code`,
      )
    ).map((row) => ({ code: row.code, name: row.name, amount: figure(row.amount) }));
    const [sums] = await rowsOf<{ to_detail: string; entries: number; adjusting: number }>(
      tx,
      sql`select (select coalesce(sum(amount_minor - detailed_minor), 0)::text from app.purchases where business_id = ${business} and not is_undone) as to_detail,
            (select count(*)::int from app.journal_entries where business_id = ${business}) as entries,
            (select count(*)::int from app.journal_entries where business_id = ${business} and is_correction) as adjusting`,
    );
    return {
      sales,
      lots,
      on_hand: onHand,
      trial_balance: trial,
      to_detail: figure(sums?.to_detail),
      entries: sums?.entries ?? 0,
      adjusting_entries: sums?.adjusting ?? 0,
    };
  });
}
