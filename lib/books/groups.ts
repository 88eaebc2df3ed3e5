/**
 * Cost groups: items that production joins are folded together, since what one of them costs is what the others cost
 * (docs/decisions/0003-cost-groups.md). An item that no production names is a group of its own and has no row. A group is named by its
 * first member by code point, so the rows follow from the facts and not from the order in which they came.
 */
import { sql } from "drizzle-orm";
import { bulkInsert, list } from "../../db/bulk";
import { costGroups } from "../../db/schema";
import { type InBusiness, rowsOf, type Tx } from "../../db/scope";
import { compareIds } from "../core/facts";

/** Joins the items of each production into one group, together with the groups that they are in. */
export async function joinGroups(
  tx: Tx,
  scope: InBusiness,
  productions: readonly (readonly string[])[],
): Promise<void> {
  const joined = productions.filter((items) => new Set(items).size > 1);
  if (joined.length === 0) return;
  const members = await membersOf(tx, scope, new Set(joined.flat()));
  const before = new Map(members.map((row) => [row.item_id, row.group_id]));
  const groups = componentsOf([...joined, ...members.map((row) => [row.item_id, row.group_id])]);
  await write(
    tx,
    scope,
    [...groups].filter(([item, group]) => before.get(item) !== group),
  );
}

/** Works out again the groups that these items are in, once a production that joined some of them is gone. */
export async function regroupItems(tx: Tx, scope: InBusiness, items: readonly string[]): Promise<void> {
  const members = await membersOf(tx, scope, new Set(items));
  if (members.length === 0) return;
  const ids = members.map((row) => row.item_id);
  const lines = await rowsOf<{ document_id: string; item_id: string }>(
    tx,
    sql`select l.document_id, l.item_id from app.stock_lines l
        join app.stock_documents d on d.business_id = ${scope.businessId} and d.kind = l.document_kind and d.id = l.document_id and not d.is_undone
        where l.business_id = ${scope.businessId} and l.document_kind = 'assembly' and l.item_id = any(${list("text", ids)})`,
  );
  const productions = new Map<string, string[]>();
  for (const row of lines) productions.set(row.document_id, [...(productions.get(row.document_id) ?? []), row.item_id]);
  await tx.execute(
    sql`delete from app.cost_groups where business_id = ${scope.businessId} and item_id = any(${list("text", ids)})`,
  );
  const joined = [...productions.values()].filter((named) => new Set(named).size > 1);
  await write(tx, scope, [...componentsOf(joined)]);
}

/** The group of each of these items that is not alone, with all its members. */
export async function membersOf(
  tx: Tx,
  scope: InBusiness,
  items: Iterable<string>,
): Promise<readonly Readonly<{ item_id: string; group_id: string }>[]> {
  return rowsOf<{ item_id: string; group_id: string }>(
    tx,
    sql`select m.item_id, m.group_id from app.cost_groups m where m.business_id = ${scope.businessId} and m.group_id in (
          select g.group_id from app.cost_groups g where g.business_id = ${scope.businessId} and g.item_id = any(${list("text", [...items])}))`,
  );
}

/** What sets of items join: each item with the first of all that it is joined to. */
export function componentsOf(sets: readonly (readonly string[])[]): ReadonlyMap<string, string> {
  const above = new Map<string, string>();
  const top = (item: string): string => {
    let at = item;
    for (let next = above.get(at); next !== undefined && next !== at; next = above.get(at)) at = next;
    above.set(item, at);
    return at;
  };
  for (const items of sets) {
    const [first = ""] = items;
    for (const item of items) {
      const [a, b] = [top(first), top(item)];
      if (a !== b) above.set(compareIds(a, b) < 0 ? b : a, compareIds(a, b) < 0 ? a : b);
    }
  }
  return new Map([...above.keys()].map((item) => [item, top(item)]));
}

async function write(tx: Tx, scope: InBusiness, rows: readonly (readonly [item: string, group: string])[]) {
  await bulkInsert(
    tx,
    costGroups,
    rows.map(([itemId, groupId]) => ({ businessId: scope.businessId, itemId, groupId })),
    sql`on conflict (business_id, item_id) do update set group_id = excluded.group_id`,
  );
}
