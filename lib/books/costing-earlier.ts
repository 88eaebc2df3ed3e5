/** The sales before a fold's first day to which returns in it refer: as the fold would have them, had it begun before. */
import { sql } from "drizzle-orm";
import { list } from "../../db/bulk";
import { type InBusiness, rowsOf, type Tx } from "../../db/scope";
import { costKey } from "../core/ids";
import { type AllocationRow, allocationColumns, daysOf, type Earlier, type Groups, itemsFrom } from "./costing-rows";

/** Their allocations, and what came back of them before. `keys` name the sales' movements, with the line of each. */
export async function loadEarlier(
  tx: Tx,
  scope: InBusiness,
  groups: Groups,
  keys: ReadonlyMap<string, string>,
): Promise<ReadonlyMap<string, Earlier>> {
  const earlier = new Map<string, Earlier>();
  if (keys.size === 0) return earlier;
  const business = scope.businessId;
  const days = daysOf(groups);
  const lines = list("text", [...new Set(keys.values())]);
  const rows = await rowsOf<{ id: string; leg: number; item_id: string; qty: string }>(
    tx,
    sql`select id, leg, item_id, (-qty)::text as qty from app.movements
        where business_id = ${business} and id = any(${lines}) and kind = 'sale'`,
  );
  const keyOf = (line: string, row: Readonly<{ leg: number; item_id: string }>) => costKey(line, row.leg, row.item_id);
  const taken = new Map<string, AllocationRow[]>();
  for (const row of await rowsOf<AllocationRow>(
    tx,
    sql`select ${allocationColumns} from app.allocations a where a.business_id = ${business} and a.movement_id = any(${lines}) and a.kind <> 'back'
        order by a.movement_id, a.leg, a.place`,
  )) {
    const key = keyOf(row.movement_id, row);
    const known = taken.get(key);
    if (known === undefined) taken.set(key, [row]);
    else known.push(row);
  }
  // What returns before the first day gave back, by sale and lot; last taken first, so a lot's parts are told apart by their order.
  const back = new Map<string, bigint>();
  const costBack = new Map<string, bigint>();
  const backOfReturn = new Map<string, bigint>();
  for (const row of await rowsOf<AllocationRow>(
    tx,
    sql`select ${allocationColumns} from app.allocations a join ${itemsFrom(days)} on g.item = a.item_id
        where a.business_id = ${business} and a.sale_id = any(${lines}) and a.kind = 'back' and a.on_date < g.since`,
  )) {
    const sale = keyOf(row.sale_id ?? "", row);
    const qty = -BigInt(row.qty);
    const key = `${sale}\u001e${row.lot_id}`;
    back.set(key, (back.get(key) ?? 0n) + qty);
    costBack.set(sale, (costBack.get(sale) ?? 0n) - BigInt(row.cost_minor));
    const ofReturn = keyOf(row.movement_id, row);
    backOfReturn.set(ofReturn, (backOfReturn.get(ofReturn) ?? 0n) + qty);
  }
  const cancelled = new Map<string, bigint>();
  for (const row of await rowsOf<{ id: string; leg: number; item_id: string; sale_id: string; qty: string }>(
    tx,
    sql`select m.id, m.leg, m.item_id, r.sale_id, m.qty::text from app.return_lines r
        join app.movements m on m.business_id = ${business} and m.id = r.id and m.kind = 'sale_return'
        join ${itemsFrom(days)} on g.item = m.item_id
        where r.business_id = ${business} and r.sale_id = any(${lines}) and m.on_date < g.since`,
  )) {
    const sale = keyOf(row.sale_id, row);
    const given = backOfReturn.get(keyOf(row.id, row)) ?? 0n;
    cancelled.set(sale, (cancelled.get(sale) ?? 0n) + BigInt(row.qty) - given);
  }
  for (const row of rows) {
    const key = keyOf(row.id, row);
    if (!keys.has(key)) continue;
    const parts = (taken.get(key) ?? []).map((part) => ({
      lot: part.lot_id,
      qty: BigInt(part.qty),
      cost: BigInt(part.cost_minor),
      back: 0n,
    }));
    // Give what came back to the parts in the order that returns take: last taken first.
    for (let i = parts.length - 1; i >= 0; i -= 1) {
      const part = parts[i];
      const given = part === undefined ? 0n : (back.get(`${key}\u001e${part.lot}`) ?? 0n);
      if (part === undefined || given === 0n) continue;
      const here = given < part.qty ? given : part.qty;
      parts[i] = { ...part, back: here };
      back.set(`${key}\u001e${part.lot}`, given - here);
    }
    const qty = BigInt(row.qty);
    const covered = parts.reduce((sum, part) => sum + part.qty, 0n);
    earlier.set(key, {
      id: key,
      line: row.id,
      leg: row.leg,
      group: groups.groupOf.get(row.item_id) ?? row.item_id,
      qty,
      allocations: parts,
      shortage: qty - covered - (cancelled.get(key) ?? 0n),
      costBack: costBack.get(key) ?? 0n,
    });
  }
  return earlier;
}
