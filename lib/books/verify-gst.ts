/**
 * Proves the taxes of invoices and notes: that a paper's lines and its rest come to its total, and that what is posted for it is what
 * stands on it. And those of purchases: that what is posted to be set off is what their invoices say, less what of it went back. A part
 * of verify.ts.
 */
import { type SQL, sql } from "drizzle-orm";
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

/** What purchases say is set off, as they are booked: by purchase, beside what was paid. */
export const bookedTaxes = (scope: InBusiness): SQL =>
  sql`select id as purchase_id, amount_minor + igst_minor + cgst_minor + sgst_minor as paid, igst_minor as igst, cgst_minor as cgst,
        sgst_minor as sgst from app.purchases where business_id = ${scope.businessId}`;

/** As their invoices say: of those that are booked, and whose tax the supplier charged and nothing forbids to set off. */
const invoicedTaxes = (scope: InBusiness): SQL =>
  sql`select t.purchase_id, p.amount_minor + p.igst_minor + p.cgst_minor + p.sgst_minor as paid, t.igst_minor as igst, t.cgst_minor as cgst,
        t.sgst_minor as sgst
      from app.purchase_taxes t join app.purchases p on p.business_id = ${scope.businessId} and p.id = t.purchase_id
      where t.business_id = ${scope.businessId} and t.is_booked and not t.is_blocked and not t.is_import and not t.is_reverse_charge
        and t.nature = 'taxable'`;

/** total · taken / whole to the nearest whole number, a half upwards, exactly: none of them is below 0. */
const shareOf = (total: string, taken: string, whole: string): string =>
  `coalesce(div(2 * (${total})::numeric * (${taken}) + (${whole}), nullif(2 * (${whole})::numeric, 0)), 0)`;

/**
 * Every line that went back to a supplier with its part of the purchase's tax: what of the purchase came back decides, rounded once for
 * the return, a line having what there is up to its end less what there is up to its beginning. `taxes`: a query of what is set off.
 */
export function returnedTaxes(scope: InBusiness, taxes: SQL): SQL {
  const b = scope.businessId;
  const part = (tax: string) => {
    const whole = shareOf(`t.${tax}`, "least(s.back, t.paid)", "t.paid");
    return sql.raw(
      `${shareOf(whole, "s.until", "s.back")} - ${shareOf(whole, "s.until - s.amount", "s.back")} as ${tax}`,
    );
  };
  return sql`select s.id, s.amount, d.id as document, d.on_date, d.purchase_id, ${part("igst")}, ${part("cgst")}, ${part("sgst")}
    from (select id, document_id, amount_minor as amount, sum(amount_minor) over (partition by document_id order by place, id) as until,
            sum(amount_minor) over (partition by document_id) as back
          from app.stock_lines where business_id = ${b} and document_kind = 'purchase_return') s
    join app.stock_documents d on d.business_id = ${b} and d.kind = 'purchase_return' and d.id = s.document_id and not d.is_undone
    left join (${taxes}) t on t.purchase_id = d.purchase_id`;
}

/**
 * The purchases and what went back of them for which something else stands on the accounts of input tax than the suppliers' invoices say,
 * by day; at most `most`. What is paid to the state itself (imports, reverse charge) is a bank line and is not among them.
 */
export async function inputPostings(tx: Tx, scope: InBusiness, most: number): Promise<Walked> {
  const b = scope.businessId;
  const [count] = await rowsOf<{ n: number }>(
    tx,
    sql`select count(*)::int as n from app.purchase_taxes where business_id = ${b} and is_booked`,
  );
  const each = (from: SQL, sign: string): SQL =>
    sql.join(
      (["1223 igst", "1221 cgst", "1222 sgst"] as const).map((pair) => {
        const [code = "", tax = ""] = pair.split(" ");
        return sql`select document, day, ${sql.raw(`'${code}'`)} as code, ${sql.raw(`${sign}${tax}`)} as amount from ${from}`;
      }),
      sql` union all `,
    );
  const findings = await rowsOf<Wrong>(
    tx,
    sql`with taxes as (${invoicedTaxes(scope)}
        ), bought as (
          select 'purchase ' || t.purchase_id as document, p.on_date as day, t.igst, t.cgst, t.sgst
          from taxes t join app.purchases p on p.business_id = ${b} and p.id = t.purchase_id and not p.is_undone
        ), back as (
          select 'cost ' || id as document, on_date as day, igst, cgst, sgst from (${returnedTaxes(scope, sql`select * from taxes`)}) r
        ), posted as (
          select e.document_kind || ' ' || e.document_id as document, e.effective_on as day, p.debit, p.credit, p.amount_minor as amount
          from app.journal_entries e join app.postings p on p.business_id = ${b} and p.entry_id = e.id
          where e.business_id = ${b} and e.document_kind in ('purchase', 'cost')
            and (p.debit in ('1221', '1222', '1223') or p.credit in ('1221', '1222', '1223'))
        ), both_sides as (
          select document, day, code, amount as wanted, 0 as posted from (${each(sql`bought`, "")} union all ${each(sql`back`, "-")}) w
          union all select document, day, debit, 0, amount from posted where debit in ('1221', '1222', '1223')
          union all select document, day, credit, 0, -amount from posted where credit in ('1221', '1222', '1223'))
        select 'the input tax of ' || document || ' on ' || code || ' of ' || day as what, sum(wanted)::text as expected,
          sum(posted)::text as found
        from both_sides group by document, day, code having sum(wanted) <> sum(posted) order by 1 limit ${most}`,
  );
  return { looked: count?.n ?? 0, findings };
}

/** The months for which something else is posted than was set off, by account; at most `most`. */
export async function setOffsPosted(tx: Tx, scope: InBusiness, most: number): Promise<Walked> {
  const b = scope.businessId;
  const [count] = await rowsOf<{ n: number }>(
    tx,
    sql`select count(distinct month)::int as n from app.gst_set_offs where business_id = ${b}`,
  );
  const code = (tax: string, first: string) =>
    sql.raw(`case ${tax} when 'cgst' then '${first}1' when 'sgst' then '${first}2' else '${first}3' end`);
  const findings = await rowsOf<Wrong>(
    tx,
    sql`with rows as (
          select to_char(month, 'YYYY-MM') as month, (month + interval '1 month' - interval '1 day')::date as day, credit, owed, amount_minor as amount
          from app.gst_set_offs where business_id = ${b}
        ), posted as (
          select e.document_id as month, e.effective_on as day, p.debit, p.credit, p.amount_minor as amount
          from app.journal_entries e join app.postings p on p.business_id = ${b} and p.entry_id = e.id
          where e.business_id = ${b} and e.document_kind = 'gst_set_off'
        ), both_sides as (
          select month, day, ${code("owed", "222")} as code, amount as wanted, 0 as posted from rows
          union all select month, day, ${code("credit", "122")}, -amount, 0 from rows
          union all select month, day, debit, 0, amount from posted
          union all select month, day, credit, 0, -amount from posted)
        select 'the set-off of ' || month || ' on ' || code as what, sum(wanted)::text as expected, sum(posted)::text as found
        from both_sides group by month, day, code having sum(wanted) <> sum(posted) order by 1 limit ${most}`,
  );
  return { looked: count?.n ?? 0, findings };
}
