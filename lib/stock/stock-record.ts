/**
 * The stock record of the law (CGST Rules, rule 56(2)) for a period: one row an item, from the same sums as the movement summary, with
 * what documents of stock say of their reasons. Every row adds up to its balance, which is what was on hand at the period's end.
 */
import { sql } from "drizzle-orm";
import { reading } from "../../db/reading";
import { rowsOf } from "../../db/scope";
import { invariant } from "../core/errors";
import { isQuiet, type RecordMove, type StockRecord, stockRecord } from "../core/gst";
import { normalise } from "../core/matching";
import type { Days } from "../core/reports/periods";
import { require, type Scope } from "../people/access";
import { inOrderOf, type RankedAt, type RankedPage, rankedPage, type Standing } from "./ranked";
import { holdsWords, onHandRows, type SpanColumn, spanRows, spanSums } from "./register-sql";

export type RecordRow = StockRecord & Readonly<{ id: string; name: string; sku: string | null; decimals: number }>;
export type RecordFilter = Readonly<{ period: Days; q?: string | undefined; location?: string | undefined }>;

type Raw = { id: string; name: string; sku: string | null; decimals: number; end_qty: string } & {
  [C in SpanColumn]: string;
};
type Document = { item: string; kind: string; reason: string | null; came: string; went: string };

/** A page of the record, items by name; those that nothing was of and nothing happened to are left out. */
export function stockRecords(
  scope: Scope,
  filter: RecordFilter,
  page: RankedAt = {},
): Promise<RankedPage<RecordRow> & Readonly<{ items: number }>> {
  require(scope, "read");
  const b = scope.businessId;
  const { period } = filter;
  const at = (of: string) =>
    filter.location === undefined ? sql`true` : sql`${sql.raw(of)}.location_id = ${filter.location}`;
  return reading({ ...scope, rows: "many" }, async (tx) => {
    const items = await rowsOf<Raw>(
      tx,
      sql`select i.id, i.name, i.sku, i.decimals, e.qty::text as end_qty, s.*
          from app.items i
          cross join lateral (select coalesce(sum(c.qty), 0) as qty from (${onHandRows(b, period.to)}) c where ${at("c")}) e
          cross join lateral (select ${spanSums("p")} from (${spanRows(b, period)}) p where ${at("p")}) s
          where i.business_id = ${b} and not i.is_undone and ${holdsWords(b, normalise(filter.q ?? ""))} order by i.name_key, i.id`,
    );
    const documents = new Map<string, Document[]>();
    for (const row of await rowsOf<Document>(
      tx,
      sql`select m.item_id as item, m.kind, d.reason, coalesce(sum(m.qty) filter (where m.qty > 0), 0)::text as came,
            coalesce(sum(m.qty) filter (where m.qty < 0), 0)::text as went
          from app.stock_documents d join app.movements m on m.business_id = ${b} and m.kind = d.kind and m.document_id = d.id
          where d.business_id = ${b} and d.on_date between ${period.from}::date and ${period.to}::date and d.kind <> 'transfer'
            and not d.is_undone and ${at("m")}
          group by 1, 2, 3`,
    ))
      documents.set(row.item, [...(documents.get(row.item) ?? []), row]);
    const all = items
      .map(
        (row): RecordRow => ({
          ...recordOf(row, documents.get(row.id) ?? []),
          id: row.id,
          name: row.name,
          sku: row.sku,
          decimals: row.decimals,
        }),
      )
      .filter((row) => !isQuiet(row));
    const by = (row: RecordRow): Standing => normalise(row.name);
    return { ...rankedPage(inOrderOf(all, by, false), by, false, page), items: all.length };
  });
}

function recordOf(row: Raw, documents: readonly Document[]): StockRecord {
  const of = (column: SpanColumn) => BigInt(row[column]);
  const move = (kind: string, qty: bigint, reason: string | null = null): RecordMove => ({ kind, reason, qty });
  const told = documents.flatMap(({ kind, reason, came, went }) => [
    move(kind, BigInt(came), reason),
    move(kind, BigInt(went), reason),
  ]);
  const sum = (sign: 1 | -1) =>
    told.filter(({ qty }) => (sign > 0 ? qty > 0n : qty < 0n)).reduce((total, { qty }) => total + qty, 0n);
  const ending = BigInt(row.end_qty);
  const opening = ending - of("in_qty") + of("out_qty");
  const record = stockRecord(
    opening,
    [
      move("sale", -of("sold_qty")),
      move("sale_return", of("back_qty")),
      move("transfer", of("moved_in_qty")),
      move("transfer", -of("moved_out_qty")),
      ...told,
      // What came in otherwise was bought; what went out otherwise has no document that says why.
      move("purchase", of("in_qty") - of("back_qty") - of("moved_in_qty") - sum(1)),
      move("adjustment", -(of("out_qty") - of("sold_qty") - of("moved_out_qty")) - sum(-1)),
    ].filter(({ qty }) => qty !== 0n),
  );
  invariant(record.balance === ending, "a stock record adds up to what is on hand");
  return record;
}
