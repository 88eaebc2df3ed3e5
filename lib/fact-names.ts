/** Which facts name which: what is named by another fact is not undone under it, and goes after it where both go. */
import { sql } from "drizzle-orm";
import { bulkInsert, list } from "../db/bulk";
import { factNames } from "../db/schema";
import { rowsOf } from "../db/scope";
import type { Batch, Incoming } from "./books/batch";
import { namedBy } from "./core/fact-names";
import { factKey } from "./core/facts";

/** Writes down which facts each new fact names, so that none of them is undone under it. */
export async function writeNames(batch: Batch, incoming: readonly Incoming[]): Promise<void> {
  const business = batch.scope.businessId;
  const rows: (typeof factNames.$inferInsert)[] = [];
  const lines: { by: string; line: string }[] = [];
  for (const { fact } of incoming) {
    const by = factKey(fact);
    const named = namedBy(fact);
    for (const other of named.facts) rows.push({ businessId: business, named: other, by });
    for (const line of named.lines) lines.push({ by, line });
  }
  // What an earlier version named and the new one does not is free again.
  const renewed = incoming.filter((one) => one.isNewVersion).map((one) => factKey(one.fact));
  if (renewed.length > 0)
    await batch.tx.execute(
      sql`delete from app.fact_names where business_id = ${business} and by = any(${list("text", renewed)})`,
    );
  if (lines.length > 0) {
    const ids = list("text", [...new Set(lines.map((one) => one.line))]);
    const facts = new Map(
      (
        await rowsOf<{ id: string; fact: string }>(
          batch.tx,
          sql`select id, 'order/' || order_id as fact from app.order_lines where business_id = ${business} and id = any(${ids})
              union all select id, 'purchase/' || purchase_id from app.purchase_lines where business_id = ${business} and id = any(${ids})
              union all select id, document_kind || '/' || document_id from app.stock_lines where business_id = ${business} and id = any(${ids})
              union all select id, 'return/' || return_id from app.return_lines where business_id = ${business} and id = any(${ids})`,
        )
      ).map((row) => [row.id, row.fact]),
    );
    for (const { by, line } of lines) {
      const named = facts.get(line);
      if (named !== undefined) rows.push({ businessId: business, named, by });
    }
  }
  await bulkInsert(batch.tx, factNames, rows, sql`on conflict do nothing`);
}
