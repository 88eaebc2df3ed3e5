/**
 * Brings costs in line with facts: read what is dirty, fold it (lib/core/costing), write only what changed, post the differences.
 *
 * The work follows what is new. A group is folded from the first day that something touched; what stood before that day is taken
 * as it is, from the lots that are still open. A sale that comes last therefore reads the open lots and itself; a late purchase
 * reads its own cost group from its own day on: its item, and what production joins it to. The caller holds the books' lock, so one
 * settle at a time works on a business.
 *
 * costing-load reads, costing-input hands it to the core, costing-write and costing-movements write, costing-summaries keeps what pages
 * show, costing-check compares all of it with a fold from the beginning.
 */
import { sql } from "drizzle-orm";
import { inOrder, list } from "../../db/bulk";
import { expectRows, type InBusiness, rowsOf, type Tx } from "../../db/scope";
import { costOf } from "../core/costing";
import type { LocalDate } from "../core/facts";
import { timed } from "../system/stopwatch";
import { inputs } from "./costing-input";
import { loadWidened } from "./costing-load";
import { writeMovements } from "./costing-movements";
import { daysOf, fewItems, type Groups, rowsSince } from "./costing-rows";
import { summarise } from "./costing-summaries";
import { writeAllocations, writeLots } from "./costing-write";
import { membersOf } from "./groups";
import { type Books, post, type Wanted } from "./ledger";

/** What a settle did: cost groups folded, entries added, and how many of those correct earlier ones. */
export type Settled = Readonly<{ groups: number; steps: number; entries: number; corrections: number }>;

/** Marks worked on together: few enough to hold in memory, many enough to share their queries. */
const marksAtOnce = 1_000;

/** Movements folded together: enough to share their queries, few enough to hold in memory. */
const movementsAtOnce = 20_000;
/** Documents whose costs are posted together, as one block of the journal. */
const documentsAtOnce = 10_000;

/** As `fewItems`. */
const fewMovements = 500;

/**
 * Works out all that is marked dirty and posts the differences, in the caller's transaction. Safe to run any number of times. `also`: what
 * documents of the same transaction want to have posted, which goes first and into the same block where costs are posted too.
 */
export function settle(tx: Tx, scope: InBusiness, books: Books, also: readonly Wanted[] = []): Promise<Settled> {
  return timed("costing", () => settleAll(tx, scope, books, [...also]));
}

async function settleAll(tx: Tx, scope: InBusiness, books: Books, also: Wanted[]): Promise<Settled> {
  let total: Settled = { groups: 0, steps: 0, entries: 0, corrections: 0 };
  for (;;) {
    const marked = await markedGroups(tx, scope);
    if (marked === null) break;
    let done = { steps: 0, entries: 0, corrections: 0 };
    for (const part of await inParts(tx, scope, marked)) {
      const some = await settleGroups(tx, scope, books, part, also.splice(0));
      done = {
        steps: done.steps + some.steps,
        entries: done.entries + some.entries,
        corrections: done.corrections + some.corrections,
      };
    }
    total = {
      groups: total.groups + marked.since.size,
      steps: total.steps + done.steps,
      entries: total.entries + done.entries,
      corrections: total.corrections + done.corrections,
    };
    // Marks are taken in the order of their items, and nothing marks anew while they are worked on.
    if (marked.isLast) break;
  }
  // What is still marked has no movement any more: nothing is wanted for it.
  const gone = await rowsOf<{ document_kind: string; document_id: string }>(
    tx,
    sql`delete from app.posting_marks where business_id = ${scope.businessId} returning document_kind, document_id`,
  );
  const offset = await post(tx, scope, books, [
    ...also,
    ...gone.map((row) => ({
      document: { kind: row.document_kind, id: row.document_id },
      postings: [],
      isFresh: false,
    })),
  ]);
  return { ...total, entries: total.entries + offset.entries, corrections: total.corrections + offset.corrections };
}

/** The groups of the next marks, each with all its items and from the first day that is marked of any of them; null where nothing is. */
async function markedGroups(tx: Tx, scope: InBusiness): Promise<(Groups & Readonly<{ isLast: boolean }>) | null> {
  const marks = await rowsOf<{ item_id: string; since: string; group_id: string | null }>(
    tx,
    sql`select d.item_id, d.since::text, g.group_id from app.dirty_marks d
        left join app.cost_groups g on g.business_id = ${scope.businessId} and g.item_id = d.item_id
        where d.business_id = ${scope.businessId} order by d.item_id limit ${marksAtOnce}`,
  );
  if (marks.length === 0) return null;
  const since = new Map<string, LocalDate>();
  const groupOf = new Map<string, string>();
  const mark = (item: string, group: string, day: LocalDate | undefined) => {
    groupOf.set(item, group);
    const before = since.get(group);
    if (day !== undefined && (before === undefined || day < before)) since.set(group, day);
  };
  for (const row of marks) mark(row.item_id, row.group_id ?? row.item_id, row.since);
  const joined = marks.filter((row) => row.group_id !== null).map((row) => row.item_id);
  const isLast = marks.length < marksAtOnce;
  if (joined.length === 0) return { since, groupOf, isLast };
  const members = await membersOf(tx, scope, joined);
  // The other items of these groups may be marked too, further down the list.
  const days = new Map(
    (
      await rowsOf<{ item_id: string; since: string }>(
        tx,
        sql`select item_id, since::text from app.dirty_marks
            where business_id = ${scope.businessId} and item_id = any(${list(
              "text",
              members.map((row) => row.item_id),
            )})`,
      )
    ).map((row) => [row.item_id, row.since]),
  );
  for (const row of members) mark(row.item_id, row.group_id, days.get(row.item_id));
  return { since, groupOf, isLast };
}

/**
 * The groups in parts that are folded one after the other, so that what is held in memory does not grow with the business: each has about
 * `movementsAtOnce` movements from its groups' first days on, or is one group that has more.
 */
async function inParts(tx: Tx, scope: InBusiness, marked: Groups): Promise<readonly Groups[]> {
  if (marked.groupOf.size <= fewItems) return [marked];
  await expectRows(tx, true);
  const sizes = new Map<string, number>();
  for (const row of await rowsOf<{ item: string; n: number }>(
    tx,
    sql`select g.item, count(*)::int as n from ${rowsSince(scope, "movements", "m", daysOf(marked))} group by g.item`,
  )) {
    const group = marked.groupOf.get(row.item) ?? row.item;
    sizes.set(group, (sizes.get(group) ?? 0) + row.n);
  }
  const parts: { since: Map<string, LocalDate>; groupOf: Map<string, string> }[] = [];
  const partOf = new Map<string, (typeof parts)[number]>();
  let held = 0;
  for (const [group, day] of marked.since) {
    const size = sizes.get(group) ?? 0;
    let part = parts.at(-1);
    if (part === undefined || held + size > movementsAtOnce) {
      part = { since: new Map(), groupOf: new Map() };
      parts.push(part);
      held = 0;
    }
    held += size;
    part.since.set(group, day);
    partOf.set(group, part);
  }
  for (const [item, group] of marked.groupOf) partOf.get(group)?.groupOf.set(item, group);
  return parts;
}

/**
 * How many movements the dirty marks ask to be folded again: what decides whether a form waits or a job is asked for. The items are worked out
 * before (a key that comes of an outer join is not looked up by index under row-level security), and each one's movements are counted by
 * index, as in `rowsSince`; joined at once, all movements of the business were read.
 */
export async function waiting(tx: Tx, scope: InBusiness): Promise<number> {
  const business = scope.businessId;
  const [row] = await rowsOf<{ n: number }>(
    tx,
    sql`with marked as (
          select coalesce(g.group_id, d.item_id) as grp, min(d.since) as since from app.dirty_marks d
          left join app.cost_groups g on g.business_id = ${business} and g.item_id = d.item_id
          where d.business_id = ${business} group by 1
        ), items as materialized (
          select coalesce(c.item_id, k.grp) as item, k.since from marked k
          left join app.cost_groups c on c.business_id = ${business} and c.group_id = k.grp)
        select count(*)::int as n from items i
        cross join lateral (select m.id from app.movements m
          where m.business_id = ${business} and m.item_id = i.item and m.on_date >= i.since offset 0) w`,
  );
  return row?.n ?? 0;
}

async function settleGroups(
  tx: Tx,
  scope: InBusiness,
  books: Books,
  marked: Groups,
  also: readonly Wanted[],
): Promise<Readonly<{ steps: number; entries: number; corrections: number }>> {
  const { wanted, steps, days } = await costGroups(tx, scope, books, marked);
  if (also.length > 0) wanted.unshift(...also);
  let [entries, corrections] = [0, 0];
  while (wanted.length > 0) {
    const done = await post(tx, scope, books, wanted.splice(0, documentsAtOnce));
    entries += done.entries;
    corrections += done.corrections;
  }
  // Neither waits for the other's answer.
  await Promise.all([
    summarise(tx, scope, days),
    tx.execute(
      sql`delete from app.dirty_marks where business_id = ${scope.businessId} and item_id = any(${list("text", [...marked.groupOf.keys()])})`,
    ),
  ]);
  return { steps, entries, corrections };
}

/** Folds and writes. What was read for it is given back before anything is posted: of one item with very many sales it is most of the memory. */
async function costGroups(
  tx: Tx,
  scope: InBusiness,
  books: Books,
  marked: Groups,
): Promise<Readonly<{ wanted: Wanted[]; steps: number; days: Map<string, LocalDate> }>> {
  const old = await loadWidened(tx, scope, books, marked);
  if (old.movements.size > fewMovements) await expectRows(tx, true);
  const results = new Map([...inputs(books, old)].map(([group, input]) => [group, costOf(input)]));
  await inOrder(old.movements.size, [
    () => writeAllocations(tx, scope, old, results),
    () => writeLots(tx, scope, old, results),
  ]);
  return { wanted: await writeMovements(tx, scope, old, results), steps: old.movements.size, days: daysOf(old.groups) };
}
