/** What all documents of stock need of each other: items that are there, line ids that are free, and what is reserved of lots. */
import { sql } from "drizzle-orm";
import { list } from "../../db/bulk";
import { rowsOf } from "../../db/scope";
import { type Batch, type Incoming, refuse } from "../books/batch";
import { markDirty } from "../books/marks";
import { dirtySince } from "../books/movements";
import { accounts } from "../core/posting";

/**
 * Refuses what names an item that is not there (or was undone, or stands later in the same recording), and, where things on shelves are
 * meant, a bundle: it is only sold.
 */
export async function checkItems(
  batch: Batch,
  named: readonly Readonly<{ incoming: Incoming; item: string }>[],
  what: "stocked" | "any" = "stocked",
): Promise<void> {
  const known = new Map(
    (
      await rowsOf<{ id: string; is_bundle: boolean }>(
        batch.tx,
        sql`select i.id, exists (select 1 from app.item_components c where c.business_id = ${batch.scope.businessId} and c.item_id = i.id) as is_bundle
            from app.items i where i.business_id = ${batch.scope.businessId} and not i.is_undone
              and i.id = any(${list("text", [...new Set(named.map((one) => one.item))])})`,
      )
    ).map((row) => [row.id, row.is_bundle]),
  );
  for (const { incoming, item } of named) {
    const isBundle = known.get(item);
    const recordedAt = batch.order.get(`item/${item}`);
    if (isBundle === undefined || (recordedAt !== undefined && recordedAt > incoming.index)) {
      refuse(incoming, "unknown_id", `There is no item ${item}.`, { id: item });
    }
    if (isBundle && what === "stocked") {
      refuse(
        incoming,
        "does_not_fit",
        `${item} is a bundle: it is only sold, never bought, moved, counted, made or used. Name what it is made of.`,
        { id: item },
      );
    }
  }
}

/** Refuses line ids that another document's line has. */
export async function checkLineIds(
  batch: Batch,
  lines: readonly Readonly<{ incoming: Incoming; id: string; owner: string }>[],
): Promise<void> {
  const seen = new Map<string, string>();
  for (const { incoming, id, owner } of lines) {
    if (seen.has(id)) refuse(incoming, "duplicate_id", `There are two lines ${id}.`, { id });
    seen.set(id, owner);
  }
  const ids = list("text", [...seen.keys()]);
  const business = batch.scope.businessId;
  for (const row of await rowsOf<{ id: string; owner: string }>(
    batch.tx,
    sql`select id, 'purchase/' || purchase_id as owner from app.purchase_lines where business_id = ${business} and id = any(${ids})
        union all select id, document_kind || '/' || document_id from app.stock_lines where business_id = ${business} and id = any(${ids})
        union all select id, 'order/' || order_id from app.order_lines where business_id = ${business} and id = any(${ids})
        union all select id, 'return/' || return_id from app.return_lines where business_id = ${business} and id = any(${ids})
        union all select id, 'backfill/' || id from app.backfills where business_id = ${business} and id = any(${ids})`,
  )) {
    const line = lines.find((one) => one.id === row.id);
    if (line !== undefined && line.owner !== row.owner)
      refuse(line.incoming, "duplicate_id", `There is a line ${row.id} already.`, { id: row.id });
  }
}

/** Refuses accounts that are not there, and Inventory itself, with `against` as the reason: a document moves it against another account. */
export async function checkAccounts(
  batch: Batch,
  named: readonly Readonly<{ incoming: Incoming; account: string }>[],
  against: string,
): Promise<void> {
  if (named.length === 0) return;
  const known = new Set(
    (
      await rowsOf<{ code: string }>(
        batch.tx,
        sql`select code from app.accounts where business_id = ${batch.scope.businessId}
              and code = any(${list("text", [...new Set(named.map((one) => one.account))])})`,
      )
    ).map((row) => row.code),
  );
  for (const { incoming, account } of named) {
    if (!known.has(account)) refuse(incoming, "unknown_id", `There is no account ${account}.`, { id: account });
    if (account === accounts.inventory) refuse(incoming, "does_not_fit", against, { id: account });
  }
}

/** What pins and purchase returns take from lots, by lot. `lots` is a query of their ids. */
export async function reservedOf(batch: Batch, lots: ReturnType<typeof sql>): Promise<ReadonlyMap<string, bigint>> {
  const business = batch.scope.businessId;
  const rows = await rowsOf<{ id: string; qty: string }>(
    batch.tx,
    sql`select id, sum(qty)::text as qty from (
          select lot_id as id, qty from app.pins where business_id = ${business} and lot_id in (${lots})
          union all
          select s.purchase_line_id, s.qty from app.stock_lines s
          join app.stock_documents d on d.business_id = ${business} and d.kind = s.document_kind and d.id = s.document_id and not d.is_undone
          where s.business_id = ${business} and s.document_kind = 'purchase_return' and s.purchase_line_id in (${lots})
        ) r group by id`,
  );
  return new Map(rows.map((row) => [row.id, BigInt(row.qty)]));
}

/** Marks the groups of lots from the lots' own days: what is reserved of them changed. */
export async function markLots(batch: Batch, lotIds: readonly string[]): Promise<void> {
  const rows = await rowsOf<{ item_id: string; on_date: string }>(
    batch.tx,
    sql`select item_id, on_date::text from app.movements where business_id = ${batch.scope.businessId} and leg = 0 and id = any(${list("text", lotIds)})`,
  );
  await markDirty(
    batch.tx,
    batch.scope,
    rows.map((row) => ({ group: row.item_id, since: dirtySince(batch, "purchase", row.on_date) })),
  );
}
