/**
 * Proves the taxes of invoices and notes: that a paper's lines and its rest come to its total, and that what is posted for it is what
 * stands on it. A part of verify.ts.
 */
import { sql } from "drizzle-orm";
import { type InBusiness, rowsOf, type Tx } from "../../db/scope";
import type { Walked } from "./verify-chain";

type Wrong = Readonly<{ what: string; expected: string; found: string }>;

async function papers(tx: Tx, scope: InBusiness): Promise<number> {
  const [row] = await rowsOf<{ n: number }>(
    tx,
    sql`select count(*)::int as n from app.issued_taxes where business_id = ${scope.businessId}`,
  );
  return row?.n ?? 0;
}

/** The papers whose lines, with their taxes, and what is not divided do not come to what the buyer pays; at most `most`. */
export async function taxTotals(tx: Tx, scope: InBusiness, most: number): Promise<Walked> {
  const b = scope.businessId;
  const findings = await rowsOf<Wrong>(
    tx,
    sql`with lines as (
          select document_id, sum(taxable_minor + igst_minor + cgst_minor + sgst_minor + cess_minor) as amount
          from app.issued_tax_lines where business_id = ${b} group by document_id)
        select 'the lines of ' || d.number || ' and what is not divided' as what, d.total_minor::text as expected,
          (coalesce(l.amount, 0) + t.rest_minor)::text as found
        from app.issued_taxes t join app.issued_documents d on d.business_id = ${b} and d.id = t.document_id
        left join lines l on l.document_id = t.document_id
        where t.business_id = ${b} and coalesce(l.amount, 0) + t.rest_minor <> d.total_minor order by d.number limit ${most}`,
  );
  return { looked: await papers(tx, scope), findings };
}

/** The days and accounts on which something else is posted for a paper than its taxes say; a cancelled one has nothing. At most `most`. */
export async function taxPostings(tx: Tx, scope: InBusiness, most: number): Promise<Walked> {
  const b = scope.businessId;
  const findings = await rowsOf<Wrong>(
    tx,
    sql`with sums as (
          select document_id, sum(igst_minor) as igst, sum(cgst_minor) as cgst, sum(sgst_minor) as sgst
          from app.issued_tax_lines where business_id = ${b} group by document_id
        ), standing as (
          select t.document_id::text as document, t.on_date as day, t.held_on, case d.kind when 'credit_note' then -1 else 1 end as sign,
            s.igst, s.cgst, s.sgst
          from app.issued_taxes t join app.issued_documents d on d.business_id = ${b} and d.id = t.document_id
          join sums s on s.document_id = t.document_id
          left join app.issued_cancellations c on c.business_id = ${b} and c.document_id = t.document_id
          where t.business_id = ${b} and t.held_on is not null and c.document_id is null
        ), wanted as (
          select document, day, '2221' as code, -sign * cgst as amount from standing
          union all select document, day, '2222', -sign * sgst from standing
          union all select document, day, '2223', -sign * igst from standing
          union all select document, day, held_on, sign * (igst + cgst + sgst) from standing
        ), posted as (
          select e.document_id as document, e.effective_on as day, p.debit, p.credit, p.amount_minor as amount
          from app.journal_entries e join app.postings p on p.business_id = ${b} and p.entry_id = e.id
          where e.business_id = ${b} and e.document_kind = 'issued'
        ), both_sides as (
          select document, day, code, amount as wanted, 0 as posted from wanted
          union all select document, day, debit, 0, amount from posted
          union all select document, day, credit, 0, -amount from posted)
        select 'the taxes of ' || coalesce(max(d.number), document) || ' on ' || code || ' of ' || day as what, sum(wanted)::text as expected,
          sum(posted)::text as found
        from both_sides left join app.issued_documents d on d.business_id = ${b} and d.id::text = document
        group by document, day, code having sum(wanted) <> sum(posted) order by 1 limit ${most}`,
  );
  return { looked: await papers(tx, scope), findings };
}
