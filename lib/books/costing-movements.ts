/** What folds came to for each movement and each sold line, written; and what their costs now want to have posted. */
import { type SQL, sql } from "drizzle-orm";
import { list } from "../../db/bulk";
import { type InBusiness, rowsOf, type Tx } from "../../db/scope";
import type { CostingResult } from "../core/costing";
import { invariant } from "../core/errors";
import { compareIds, type LocalDate } from "../core/facts";
import { lineOfUnmatchedGroup } from "../core/ids";
import type { Posting } from "../core/journal";
import { type CostFact, costPostings } from "../core/posting";
import type { Loaded } from "./costing-load";
import { type MovementRow, stepKey } from "./costing-rows";
import { type Results, rowOf } from "./costing-write";
import type { Wanted } from "./ledger";
import { touchDays } from "./touched-days";

type Changed = { id: string; leg: number; value: bigint; short: bigint; isPosted: boolean };
/** A sold line's totals; `cost` null: as it is. */
type Totals = { cost: bigint | null; back: bigint; short: bigint };

/** Movements that are gathered before they are written: of an item with very many sales, all at once would be held twice. */
const writtenAtOnce = 20_000;

/** Gathers what changed while it goes through the folds' results. */
class Writing {
  changed: Changed[] = [];
  readonly wanted: Wanted[] = [];
  totals = new Map<string, Totals>();
  /** Lines of bundles, whose totals are those of several movements. */
  readonly bundles = new Set<string>();
  // What is written off moves no inventory, so its cost stands in its allocations alone.
  private readonly writtenOff = new Map<string, bigint>();

  constructor(
    private readonly old: Loaded,
    private readonly marked: ReadonlySet<string>,
  ) {
    for (const row of old.allocations) {
      if (row.kind !== "back") continue;
      const key = stepKey({ ...row, id: row.movement_id, kind: "write_off" });
      this.writtenOff.set(key, (this.writtenOff.get(key) ?? 0n) - BigInt(row.cost_minor));
    }
  }

  /** A movement that bears no posting of its own: what moves inside the business. */
  keep(row: MovementRow, value: bigint, short: bigint): void {
    if (row.value_minor === String(value) && row.short_qty === String(short)) return;
    this.changed.push({ id: row.id, leg: row.leg, value, short, isPosted: false });
  }

  /** A movement whose cost is posted. */
  post(row: MovementRow, value: bigint, short: bigint, fact: CostFact): void {
    const key = stepKey(row);
    const isSame = row.value_minor === String(value) && row.short_qty === String(short);
    const isMarked = this.marked.has(key);
    const needsPosting =
      isMarked ||
      row.value_minor !== String(value) ||
      (row.kind === "write_off" && (this.writtenOff.get(key) ?? 0n) !== fact.cost) ||
      (row.kind === "purchase_return" && !row.is_posted);
    if (!isSame || (needsPosting && !row.is_posted))
      this.changed.push({ id: row.id, leg: row.leg, value, short, isPosted: row.is_posted || needsPosting });
    if (!needsPosting) return;
    const postings: readonly Posting[] = costPostings(fact);
    if (postings.length > 0 || row.is_posted || isMarked)
      this.wanted.push({ document: { kind: "cost", id: key }, postings, isFresh: !row.is_posted && !isMarked });
  }

  /** A sold line's totals; a bundle's are added up from all its movements once they are written. */
  total(line: string, leg: number, totals: Totals): void {
    if (leg === 0) this.totals.set(line, totals);
    else this.bundles.add(line);
  }

  about(row: MovementRow) {
    const item = lineOfUnmatchedGroup(row.item_id) === null ? row.item_id : null;
    return { line: row.id, effectiveOn: row.on_date, item, location: row.location_id };
  }

  /** What went out, by what it was: back to a supplier, sold, or taken out by an adjustment. */
  private outward(row: MovementRow, id: string, cost: bigint): CostFact {
    const common = { ...this.about(row), cost };
    const paid = this.old.purchaseReturns.get(id);
    if (paid !== undefined) {
      const { amount: back, account, input } = paid;
      return { ...common, kind: "purchase_return", back, account, input };
    }
    if (row.kind === "sale") return { ...common, kind: "sale" };
    const removal = this.old.removals.get(row.document_id);
    invariant(removal !== undefined, "what goes out is sold, sent back or taken out by an adjustment");
    return { ...common, kind: "lost", ...removal };
  }

  /** All movements of one group's fold; gives way whenever so many are gathered that they may be written. */
  *read(result: CostingResult): Generator<void, void> {
    const { old } = this;
    const cancelled = new Map<string, bigint>();
    const backCost = new Map<string, bigint>();
    for (const back of result.backs) {
      cancelled.set(back.sale, (cancelled.get(back.sale) ?? 0n) + back.cancelled);
      backCost.set(back.sale, (backCost.get(back.sale) ?? 0n) + back.cost);
      const row = rowOf(old, back.id);
      const isRestock = row.kind === "sale_return";
      const kind = isRestock ? "restocked" : "written_off";
      this.post(row, isRestock ? back.cost : 0n, 0n, { ...this.about(row), kind, cost: back.cost });
    }
    for (const out of result.outs) {
      const row = rowOf(old, out.id);
      const short = out.shortage - out.cancelled;
      if (row.kind === "assembly" || row.kind === "transfer") {
        this.keep(row, -out.cost, short);
        continue;
      }
      this.post(row, -out.cost, short, this.outward(row, out.id, out.cost));
      if (row.kind === "sale") this.total(row.id, row.leg, { cost: out.cost, back: backCost.get(out.id) ?? 0n, short });
      if (this.changed.length >= writtenAtOnce) yield;
    }
    for (const lot of result.lots) {
      const row = lot.source === "made" ? old.movements.get(lot.id) : undefined;
      if (row !== undefined) this.keep(row, lot.cost, 0n);
    }
    for (const [sale, taken] of cancelled) {
      const earlier = old.earlier.get(sale);
      if (earlier === undefined) continue;
      const { line: id, leg, allocations, shortage, costBack } = earlier;
      const short = shortage - taken;
      const value = -allocations.reduce((sum, part) => sum + part.cost, 0n);
      this.changed.push({ id, leg, value, short, isPosted: true });
      this.total(id, leg, { cost: null, back: costBack + (backCost.get(sale) ?? 0n), short });
    }
  }

  /** The further legs of transfers in pool `location`: what left stands on its way, and comes to the same. */
  readTransfers(results: Results): void {
    const costs = new Map<string, bigint>();
    for (const result of results.values()) for (const out of result.outs) costs.set(out.id, out.cost);
    for (const row of this.old.transferLegs) {
      const cost = row.leg === 0 ? undefined : costs.get(row.id);
      // One that left before the fold's first day costs what it did.
      if (cost !== undefined) this.keep(row, row.leg === 2 ? -cost : cost, 0n);
    }
  }
}

/** Writes what each movement and sold line came to, and gives what their documents now want to have posted. */
export async function writeMovements(tx: Tx, scope: InBusiness, old: Loaded, results: Results): Promise<Wanted[]> {
  const writing = new Writing(old, await takeMarks(tx, scope, old));
  const days = new Set<LocalDate>();
  for (const result of results.values()) {
    const reading = writing.read(result);
    while (reading.next().done !== true) await write(tx, scope, writing, days);
  }
  writing.readTransfers(results);
  await write(tx, scope, writing, days);
  for (const day of await updateBundles(tx, scope, writing.bundles)) days.add(day);
  await touchDays(tx, scope, [...days]);
  writing.wanted.sort((a, b) => compareIds(a.document.id, b.document.id));
  return writing.wanted;
}

/** Writes what is gathered, and adds the days of the lines that it changed. */
async function write(tx: Tx, scope: InBusiness, writing: Writing, days: Set<LocalDate>): Promise<void> {
  const { changed, totals } = writing;
  writing.changed = [];
  writing.totals = new Map();
  // In the order of their keys: rows of an index that lie together are written together.
  changed.sort((a, b) => compareIds(a.id, b.id));
  const [, touched] = await Promise.all([update(tx, scope, changed), updateLines(tx, scope, totals)]);
  for (const day of touched) days.add(day);
}

async function update(tx: Tx, scope: InBusiness, changed: readonly Changed[]): Promise<void> {
  if (changed.length === 0) return;
  await tx.execute(
    sql`update app.movements m set value_minor = u.value, short_qty = u.short, is_posted = m.is_posted or u.posted
        from unnest(${list(
          "text",
          changed.map((one) => one.id),
        )}, ${list(
          "smallint",
          changed.map((one) => one.leg),
        )}, ${list(
          "bigint",
          changed.map((one) => one.value),
        )}, ${list(
          "bigint",
          changed.map((one) => one.short),
        )}, ${list(
          "boolean",
          changed.map((one) => one.isPosted),
        )}) as u(id, leg, value, short, posted)
        where m.business_id = ${scope.businessId} and m.id = u.id and m.leg = u.leg`,
  );
}

/** Gives the days of the lines whose totals are others now. */
async function updateLines(
  tx: Tx,
  scope: InBusiness,
  lines: ReadonlyMap<string, Totals>,
): Promise<readonly LocalDate[]> {
  const totals = [...lines].sort(([a], [b]) => compareIds(a, b));
  if (totals.length === 0) return [];
  return daysOf(
    tx,
    sql`update app.order_lines o set cost_minor = coalesce(u.cost, o.cost_minor), cost_back_minor = u.back, short_qty = u.short
        from unnest(${list(
          "text",
          totals.map(([id]) => id),
        )}, ${list(
          "bigint",
          totals.map(([, one]) => one.cost),
        )}, ${list(
          "bigint",
          totals.map(([, one]) => one.back),
        )}, ${list(
          "bigint",
          totals.map(([, one]) => one.short),
        )}) as u(id, cost, back, short)
        where o.business_id = ${scope.businessId} and o.id = u.id
          and (o.cost_minor, o.cost_back_minor, o.short_qty) is distinct from (coalesce(u.cost, o.cost_minor), u.back, u.short)`,
  );
}

/** Changes sold lines (aliased `o`), and gives their days, each once. */
async function daysOf(tx: Tx, update: SQL): Promise<readonly LocalDate[]> {
  const rows = await rowsOf<{ day: LocalDate }>(
    tx,
    sql`with changed as (${update} returning o.on_date) select distinct on_date::text as day from changed`,
  );
  return rows.map((row) => row.day);
}

/** A bundle's line costs what its parts cost, and is short of what they are short of, each in its own units. Gives the lines' days. */
async function updateBundles(tx: Tx, scope: InBusiness, lines: ReadonlySet<string>): Promise<readonly LocalDate[]> {
  if (lines.size === 0) return [];
  const business = scope.businessId;
  const ids = list("text", [...lines]);
  return daysOf(
    tx,
    sql`update app.order_lines o set cost_minor = t.cost, cost_back_minor = coalesce(b.cost, 0), short_qty = t.short
        from (select id, -sum(value_minor) as cost, sum(short_qty) as short from app.movements
              where business_id = ${business} and id = any(${ids}) and kind = 'sale' group by id) t
        left join (select sale_id, -sum(cost_minor) as cost from app.allocations
              where business_id = ${business} and sale_id = any(${ids}) and kind = 'back' group by sale_id) b on b.sale_id = t.id
        where o.business_id = ${business} and o.id = t.id`,
  );
}

/** Takes the marks of documents that this fold gives an answer for; the others wait for theirs. */
async function takeMarks(tx: Tx, scope: InBusiness, old: Loaded): Promise<ReadonlySet<string>> {
  const rows = await rowsOf<{ document_id: string }>(
    tx,
    sql`delete from app.posting_marks where business_id = ${scope.businessId} and document_kind = 'cost'
          and document_id = any(${list("text", [...old.movements.keys()])})
        returning document_id`,
  );
  return new Set(rows.map((row) => row.document_id));
}
