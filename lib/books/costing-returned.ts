/** What went back to suppliers, as a fold needs it: the lot, what the supplier gave, and the part of the purchase's tax in that. */
import { sql } from "drizzle-orm";
import { list } from "../../db/bulk";
import { type InBusiness, rowsOf, type Tx } from "../../db/scope";
import type { InputTax } from "../core/facts";
import { noInput, returnedInput } from "../core/purchases";
import type { MovementRow } from "./costing-rows";

/** `account`: where the money came to. */
export type ReturnedLine = Readonly<{ lot: string; qty: bigint; amount: bigint; account: string; input: InputTax }>;

type Row = Record<
  "id" | "document" | "lot_id" | "qty" | "amount" | "account" | "paid" | "igst" | "cgst" | "sgst",
  string
>;

/** The return lines among these movements, by their ids. */
export async function purchaseReturns(
  tx: Tx,
  scope: InBusiness,
  movements: ReadonlyMap<string, MovementRow>,
): Promise<ReadonlyMap<string, ReturnedLine>> {
  const business = scope.businessId;
  const found = new Map<string, ReturnedLine>();
  const ids = new Set<string>();
  const documents = new Set<string>();
  for (const row of movements.values()) {
    if (row.kind !== "purchase_return") continue;
    ids.add(row.id);
    documents.add(row.document_id);
  }
  if (ids.size === 0) return found;
  // All lines of a return, also those of items that are not folded now: its part of the tax is rounded for all of it.
  const returns = new Map<string, Row[]>();
  for (const row of await rowsOf<Row>(
    tx,
    sql`select s.id, s.document_id as document, s.purchase_line_id as lot_id, s.qty::text, s.amount_minor::text as amount, p.account_code as account,
          (p.amount_minor + p.igst_minor + p.cgst_minor + p.sgst_minor)::text as paid, p.igst_minor::text as igst, p.cgst_minor::text as cgst,
          p.sgst_minor::text as sgst
        from app.stock_lines s
        join app.stock_documents d on d.business_id = ${business} and d.kind = s.document_kind and d.id = s.document_id
        join app.purchases p on p.business_id = ${business} and p.id = d.purchase_id
        where s.business_id = ${business} and s.document_kind = 'purchase_return' and s.document_id = any(${list("text", [...documents])})
        order by s.document_id, s.place, s.id`,
  )) {
    const own = returns.get(row.document);
    if (own === undefined) returns.set(row.document, [row]);
    else own.push(row);
  }
  for (const lines of returns.values()) {
    const [head] = lines;
    if (head === undefined) continue;
    const input = { igst: BigInt(head.igst), cgst: BigInt(head.cgst), sgst: BigInt(head.sgst) };
    const parts = returnedInput(
      { paid: BigInt(head.paid), input },
      lines.map((row) => BigInt(row.amount)),
    );
    for (const [place, row] of lines.entries()) {
      if (!ids.has(row.id)) continue;
      const { lot_id: lot, account } = row;
      found.set(row.id, {
        lot,
        qty: BigInt(row.qty),
        amount: BigInt(row.amount),
        account,
        input: parts[place] ?? noInput,
      });
    }
  }
  return found;
}
