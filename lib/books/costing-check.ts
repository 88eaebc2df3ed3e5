/** The stored costs against a fold of the whole history: nothing may differ, if everything held (M11 of reliability.md). Writes nothing. */
import { sql } from "drizzle-orm";
import { type InBusiness, rowsOf, type Tx } from "../../db/scope";
import { costOf } from "../core/costing";
import { inputs } from "./costing-input";
import { load } from "./costing-load";
import { type AllocationRow, type Groups, stepKey } from "./costing-rows";
import { allocationKey, allocationsOf, isAllocationSame, isLotSame, lotsOf, type NewAllocation } from "./costing-write";
import { membersOf } from "./groups";
import type { Books } from "./ledger";

const groupsAtOnce = 1_000;
const firstDay = "0001-01-01";

/** Folds every group from its first movement, a thousand items and what they are joined to at a time. `most` differences are told. */
export async function costDifferences(
  tx: Tx,
  scope: InBusiness,
  books: Books,
  most: number,
): Promise<Readonly<{ groups: number; differences: readonly string[] }>> {
  const differences: string[] = [];
  const say = (what: string) => {
    if (differences.length < most) differences.push(what);
  };
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
    if (last === undefined) return { groups: seen.size, differences };
    after = last.item_id;
    // A group that reaches back was folded with the first of its items.
    const groups = await wholeGroups(
      tx,
      scope,
      items.map((row) => row.item_id),
    );
    for (const group of [...groups.since.keys()]) if (seen.has(group)) drop(groups, group);
    for (const group of groups.since.keys()) seen.add(group);
    await compare(tx, scope, books, groups, say);
  }
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

async function compare(tx: Tx, scope: InBusiness, books: Books, groups: Groups, say: (what: string) => void) {
  if (groups.since.size === 0) return;
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
