/** The stored costs against a fold of the whole history: nothing may differ, if everything held (M11 of reliability.md). Writes nothing. */
import { sql } from "drizzle-orm";
import { type InBusiness, rowsOf, type Tx } from "../../db/scope";
import type { Finding } from "../core/checks";
import { costOf } from "../core/costing";
import { lineOfUnmatchedGroup } from "../core/ids";
import { orBroken } from "./broken";
import { inputs } from "./costing-input";
import { load } from "./costing-load";
import { type AllocationRow, type Groups, stepKey } from "./costing-rows";
import { allocationKey, allocationsOf, isAllocationSame, isLotSame, lotsOf, type NewAllocation } from "./costing-write";
import { membersOf } from "./groups";
import type { Books } from "./ledger";

const groupsAtOnce = 1_000;
const firstDay = "0001-01-01";

/**
 * Folds every group from its first movement, a thousand items and what they are joined to at a time. `most` findings are told. What was changed
 * so that there is nothing to fold is a finding of its items, and the other groups are folded all the same.
 */
export async function costDifferences(
  tx: Tx,
  scope: InBusiness,
  books: Books,
  most: number,
): Promise<Readonly<{ looked: number; findings: readonly Finding[] }>> {
  const findings: Finding[] = [];
  const seen = new Set<string>();
  let after = "";
  for (;;) {
    const items = await rowsOf<{ item_id: string }>(
      tx,
      sql`select distinct item_id from app.movements where business_id = ${scope.businessId} and item_id > ${after}
          ${books.pool === "business" ? sql`and kind <> 'transfer'` : sql``}
          order by item_id limit ${groupsAtOnce}`,
    );
    const last = items.at(-1);
    if (last === undefined) return { looked: seen.size, findings };
    after = last.item_id;
    // A group that reaches back was folded with the first of its items.
    const groups = await wholeGroups(
      tx,
      scope,
      items.map((row) => row.item_id),
    );
    for (const group of [...groups.since.keys()]) if (seen.has(group)) drop(groups, group);
    for (const group of groups.since.keys()) seen.add(group);
    for (const found of await compareEach(tx, scope, books, groups)) if (findings.length < most) findings.push(found);
  }
}

/** What differs in these groups. Where they cannot be folded together, each half by itself, until it is known which cannot. */
async function compareEach(tx: Tx, scope: InBusiness, books: Books, groups: Mutable): Promise<readonly Finding[]> {
  if (groups.since.size === 0) return [];
  const done = await orBroken(tx, (inner) => compare(inner, scope, books, groups));
  if (!("broken" in done)) return done.value;
  const all = [...groups.since.keys()];
  if (all.length === 1) {
    const named = [...groups.groupOf.keys()].map((item) => lineOfUnmatchedGroup(item) ?? item).sort();
    return [{ what: `the costs of ${named.join(", ")} can be worked out`, expected: "costs", found: done.broken }];
  }
  const half = Math.ceil(all.length / 2);
  return [
    ...(await compareEach(tx, scope, books, only(groups, new Set(all.slice(0, half))))),
    ...(await compareEach(tx, scope, books, only(groups, new Set(all.slice(half))))),
  ];
}

function only(groups: Mutable, wanted: ReadonlySet<string>): Mutable {
  return {
    since: new Map([...groups.since].filter(([group]) => wanted.has(group))),
    groupOf: new Map([...groups.groupOf].filter(([, group]) => wanted.has(group))),
  };
}

type Mutable = { since: Map<string, string>; groupOf: Map<string, string> };

async function wholeGroups(tx: Tx, scope: InBusiness, items: readonly string[]): Promise<Mutable> {
  const groupOf = new Map(items.map((item) => [item, item]));
  for (const row of await membersOf(tx, scope, items)) groupOf.set(row.item_id, row.group_id);
  return { since: new Map([...groupOf.values()].map((group) => [group, firstDay])), groupOf };
}

function drop(groups: Mutable, gone: string): void {
  groups.since.delete(gone);
  for (const [item, group] of [...groups.groupOf]) if (group === gone) groups.groupOf.delete(item);
}

async function compare(tx: Tx, scope: InBusiness, books: Books, groups: Groups): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  const say = (what: string) => findings.push({ what, expected: "the same", found: "different" });
  const old = await load(tx, scope, books, groups);
  const results = new Map([...inputs(books, old)].map(([group, input]) => [group, costOf(input)]));
  const stored = new Map(
    old.allocations.map((row) => [allocationKey(row.movement_id, row.leg, row.kind, row.place), row]),
  );
  for (const now of allocationsOf(old, results)) {
    const key = allocationKey(now.movementId, now.leg, now.kind, now.place);
    const row = stored.get(key);
    stored.delete(key);
    if (row === undefined) say(`the facts say ${told(now)}: nothing is stored of it`);
    else if (!isAllocationSame(now, row)) say(`the facts say ${told(now)}: stored is ${told(newOf(row))}`);
  }
  for (const row of stored.values()) say(`stored is ${told(newOf(row))}: the facts say nothing of it`);
  const lots = new Set<string>();
  for (const lot of lotsOf(old, results)) {
    lots.add(lot.id);
    if (!isLotSame(old.lots.get(lot.id), lot))
      say(`lot ${lot.id}: the facts leave ${lot.left} worth ${lot.value}, stored is something else`);
  }
  for (const result of results.values()) {
    for (const out of result.outs) {
      const row = old.movements.get(out.id);
      const is = `${row?.value_minor} and short of ${row?.short_qty}`;
      const wanted = `${-out.cost} and short of ${out.shortage - out.cancelled}`;
      if (is !== wanted) say(`${out.id}: the facts make it worth ${wanted}, stored is ${is}`);
    }
    for (const back of result.backs) {
      const row = old.movements.get(back.id);
      const wanted = row?.kind === "write_off" ? 0n : back.cost;
      if (row?.value_minor !== String(wanted))
        say(`${back.id}: the facts make it worth ${wanted}, stored is ${row?.value_minor}`);
    }
  }
  for (const lot of old.lots.keys()) if (!lots.has(lot)) say(`lot ${lot} is stored, and no fact makes it`);
  return findings;
}

function newOf(row: AllocationRow): NewAllocation {
  return {
    movementId: row.movement_id,
    leg: row.leg,
    lotId: row.lot_id,
    kind: row.kind,
    itemId: row.item_id,
    onDate: row.on_date,
    qty: BigInt(row.qty),
    costMinor: BigInt(row.cost_minor),
    saleId: row.sale_id,
    madeLotId: row.made_lot_id,
    place: row.place,
  };
}

const told = (row: NewAllocation) =>
  `${stepKey({ id: row.movementId, leg: row.leg, item_id: row.itemId, kind: row.kind })} from ${row.lotId} (${row.kind}, ${row.place + 1}): ${row.qty} for ${row.costMinor}`;
