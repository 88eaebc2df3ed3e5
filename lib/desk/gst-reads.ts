/**
 * The returns of a period, from the documents as they were issued. A document that was issued before the business said its registration
 * has no taxes and is in no return; it is counted as missing, never left out in silence.
 */
import { sql } from "drizzle-orm";
import { list } from "../../db/bulk";
import { reading } from "../../db/reading";
import { rowsOf, type Tx } from "../../db/scope";
import { accountsByMonth } from "../books/reports";
import { taxYearOf, taxYearRange } from "../core/dates";
import type { LocalDate } from "../core/facts";
import {
  amountsOf,
  counted,
  type DocumentsIssued,
  type Given,
  type GstDocument,
  type GstLine,
  type Gstr1,
  type Gstr3b,
  gstr1Of,
  gstr3bOf,
  type Inward,
  inputOf,
  issuedOf,
  offRate,
  outputAccounts,
  standing,
  supplies,
  type TaxParts,
  type Turnovers,
  totalOf,
} from "../core/gst";
import { accounts, inputAccounts } from "../core/posting";
import type { Days } from "../core/reports/periods";
import { require, type Scope } from "../people/access";
import { type TaxesRow, taxesColumns, taxLinesOf } from "./gst-issuing";
import { inwardIn } from "./gst-purchase-reads";
import { gstSettingsIn, requireGst } from "./gst-settings";

/** The registrations of a business: its letterhead's first, then those of its places. */
export async function registrationsOf(scope: Scope): Promise<readonly string[]> {
  require(scope, "read");
  requireGst(scope);
  const b = scope.businessId;
  return reading(scope, async (tx) => {
    const rows = await rowsOf<{ gstin: string }>(
      tx,
      sql`select tax_number as gstin, 0 as place from app.letterheads where business_id = ${b} and tax_number <> ''
          union all select distinct tax_number, 1 from app.locations where business_id = ${b} and tax_number <> '' order by 2, 1`,
    );
    return [...new Set(rows.map(({ gstin }) => gstin))];
  });
}

type DocumentRow = TaxesRow &
  Record<"kind" | "number" | "buyer" | "total", string> &
  Readonly<{ is_cancelled: boolean; of_number: string | null; of_on: string | null; of_total: string | null }>;

/** The outward documents of some days, with what was cancelled, in the order of days and numbers. */
export async function gstDocumentsIn(tx: Tx, scope: Scope, { from, to }: Days): Promise<readonly GstDocument[]> {
  const b = scope.businessId;
  const rows = await rowsOf<DocumentRow>(
    tx,
    sql`select ${taxesColumns}, d.kind, d.number, d.to_tax_number as buyer, d.total_minor::text as total,
          c.document_id is not null as is_cancelled, coalesce(o.number, t.told_number) as of_number, coalesce(o.on_date, t.told_on)::text as of_on,
          coalesce(o.total_minor, t.told_minor)::text as of_total
        from app.issued_taxes t
        join app.issued_documents d on d.business_id = ${b} and d.id = t.document_id
        left join app.issued_cancellations c on c.business_id = ${b} and c.document_id = t.document_id
        left join app.issued_documents o on o.business_id = ${b} and o.id = t.of_document_id
        where t.business_id = ${b} and t.on_date between ${from}::date and ${to}::date order by t.on_date, d.number`,
  );
  const lines = new Map<string, GstLine[]>();
  for (const { document, line } of await taxLinesOf(
    tx,
    scope,
    rows.map(({ id }) => id),
  ))
    lines.set(document, [...(lines.get(document) ?? []), line]);
  return rows.map((row) => ({
    id: row.id,
    kind: row.kind === "credit_note" ? "credit_note" : "invoice",
    number: row.number,
    on: row.on,
    seller: row.seller,
    buyer: row.buyer === "" ? null : row.buyer,
    pos: row.pos,
    supply: supplies.find((one) => one === row.supply) ?? "regular",
    isReverseCharge: false,
    of:
      row.of_number === null || row.of_on === null
        ? null
        : { number: row.of_number, on: row.of_on, value: BigInt(row.of_total ?? "0") },
    operator: row.operator === null ? null : { gstin: row.operator, pays: row.operator_pays },
    port:
      row.port_code === null || row.port_bill === null || row.port_on === null
        ? null
        : { code: row.port_code, bill: row.port_bill, on: row.port_on },
    value: BigInt(row.total),
    lines: lines.get(row.id) ?? [],
    isCancelled: row.is_cancelled,
  }));
}

/**
 * Every number that was given in a period under a registration (table 13), cancelled ones too. A series belongs to the business, so with
 * several registrations its numbers are told where their documents are: ranges then have gaps, which the portal takes.
 */
async function givenIn(tx: Tx, scope: Scope, seller: string, { from, to }: Days): Promise<readonly Given[]> {
  const b = scope.businessId;
  const rows = await rowsOf<{ kind: string; series: string; nth: string; number: string; is_cancelled: boolean }>(
    tx,
    sql`select d.kind, n.kind || '/' || n.tax_year as series, n.nth::text as nth, d.number, c.document_id is not null as is_cancelled
        from app.issued_taxes t join app.issued_documents d on d.business_id = ${b} and d.id = t.document_id
        join app.series_numbers n on n.business_id = ${b} and n.number = d.number
        left join app.issued_cancellations c on c.business_id = ${b} and c.document_id = d.id
        where t.business_id = ${b} and t.seller = ${seller} and t.on_date between ${from}::date and ${to}::date`,
  );
  return rows.map((row) => ({
    kind: row.kind === "credit_note" ? "credit_note" : "invoice",
    series: row.series,
    nth: BigInt(row.nth),
    number: row.number,
    isCancelled: row.is_cancelled,
  }));
}

/** What somebody should look at before the return is handed in. Ids are of documents. */
export type GstProblems = Readonly<{
  /** Lines without an HSN code. */
  withoutHsn: readonly string[];
  /** Charged another tax than the rate says. */
  offRate: readonly string[];
  /** Issued in the period without taxes: before the registration was said. */
  untaxed: number;
}>;

/**
 * Sales less refunds of the period as the accounts have them, with their taxes, beside what invoices less notes come to; and the output
 * taxes on their accounts beside those of the documents, tax by tax. Of all registrations: the accounts do not tell them apart.
 */
export type BesideBooks = Readonly<{
  books: bigint;
  documents: bigint;
  taxes: readonly Readonly<{ part: keyof TaxParts; books: bigint; documents: bigint }>[];
}>;

export type Gstr1View = Readonly<{
  gstr1: Gstr1;
  issued: readonly DocumentsIssued[];
  turnovers: Turnovers;
  problems: GstProblems;
  beside: BesideBooks;
  /** What channels' rows put on the account of TCS in the period, beside what operators are to collect (table 14). */
  tcsInBooks: bigint;
}>;

/** GSTR-1 of a registration and period. */
export async function gstr1View(scope: Scope, seller: string, period: Days): Promise<Gstr1View> {
  require(scope, "read");
  requireGst(scope);
  return reading(scope, async (tx) => {
    const documents = await gstDocumentsIn(tx, scope, period);
    const [given, turnovers, untaxed, books, output] = [
      await givenIn(tx, scope, seller, period),
      await turnoversIn(tx, scope, period.to),
      await untaxedIn(tx, scope, period),
      await soldIn(tx, scope, period),
      await onAccounts(tx, scope, period, ["issued"], "credit", outputAccounts),
    ];
    const gstr1 = gstr1Of(seller, period, documents);
    const stand = standing(seller, period, documents);
    const owed = amountsOf(
      documents
        .filter(({ isCancelled, operator }) => !isCancelled && operator?.pays !== true)
        .flatMap(({ kind, lines }) => lines.map((line) => counted(kind, line))),
    );
    return {
      gstr1,
      issued: issuedOf(given),
      turnovers,
      tcsInBooks: await tcsIn(tx, scope, period),
      problems: {
        withoutHsn: stand.filter(({ lines }) => lines.some(({ hsn }) => hsn === "")).map(({ id }) => id),
        offRate: stand.filter(({ lines }) => offRate(lines).length > 0).map(({ id }) => id),
        untaxed,
      },
      beside: {
        books,
        documents: documents
          .filter(({ isCancelled }) => !isCancelled)
          .reduce((sum, { kind, value }) => (kind === "credit_note" ? sum - value : sum + value), 0n),
        taxes: taxParts.map((part) => ({
          part,
          books: output[part],
          documents: owed[part],
        })),
      },
    };
  });
}

export type Gstr3bView = Readonly<{
  gstr3b: Gstr3b;
  /** What GSTR-1 of the same period comes to: 3.1a and 3.1b together are the same. */
  outward: ReturnType<typeof totalOf>;
  documents: readonly GstDocument[];
  inward: readonly Inward[];
  /**
   * What purchases of the period, less what went back, put on the accounts of input tax, beside what their invoices say: 4(A)(5) less
   * 4(B)(1), of all registrations. `unbooked`: purchases whose tax was said before the accounts had it.
   */
  beside: Readonly<{ taxes: BesideBooks["taxes"]; unbooked: number }>;
}>;

/** GSTR-3B of a registration and period, with the documents that its cells name. */
export async function gstr3bView(scope: Scope, seller: string, period: Days): Promise<Gstr3bView> {
  require(scope, "read");
  requireGst(scope);
  return reading(scope, async (tx) => {
    const documents = await gstDocumentsIn(tx, scope, period);
    const inward = await inwardIn(tx, scope, period);
    const input = await onAccounts(tx, scope, period, ["purchase", "cost"], "debit", inputAccounts);
    const credit = inward.map((one) => ({ isReturn: one.isReturn, of: inputOf(one) }));
    return {
      gstr3b: gstr3bOf(seller, period, documents, inward),
      outward: totalOf(gstr1Of(seller, period, documents)),
      documents,
      inward,
      beside: {
        taxes: taxParts.map((part) => ({
          part,
          books: input[part],
          documents: credit.reduce((sum, { isReturn, of }) => (isReturn ? sum - of[part] : sum + of[part]), 0n),
        })),
        unbooked: await unbookedIn(tx, scope, period),
      },
    };
  });
}

/** Of the year before as it was said; of this year what the accounts have until the period's end. */
async function turnoversIn(tx: Tx, scope: Scope, to: LocalDate): Promise<Turnovers> {
  const { turnoverMinor } = await gstSettingsIn(tx, scope);
  const { from } = taxYearRange(taxYearOf(to, scope.taxYearStartMonth), scope.taxYearStartMonth);
  const sold = await accountsByMonth(tx, scope, { from, to });
  const income: readonly string[] = [accounts.sales, accounts.shippingIncome];
  // Accounts stand as debited less credited, so income is below 0.
  const current = sold.filter(({ code }) => income.includes(code)).reduce((sum, { amount }) => sum - amount, 0n);
  return { before: turnoverMinor, current: current < 0n ? 0n : current };
}

async function untaxedIn(tx: Tx, scope: Scope, { from, to }: Days): Promise<number> {
  const b = scope.businessId;
  const [row] = await rowsOf<{ n: number }>(
    tx,
    sql`select count(*)::integer as n from app.issued_documents d
        left join app.issued_taxes t on t.business_id = ${b} and t.document_id = d.id
        left join app.issued_cancellations c on c.business_id = ${b} and c.document_id = d.id
        where d.business_id = ${b} and d.kind <> 'debit_note' and d.on_date between ${from}::date and ${to}::date
          and t.document_id is null and c.document_id is null`,
  );
  return row?.n ?? 0;
}

/**
 * What buyers paid less what they got back, as orders and returns posted it: sales, shipping and tax less discounts and refunds. Entries
 * of orders and refunds only, so that a tax that was paid to the state, or kept by a channel, does not count.
 */
async function soldIn(tx: Tx, scope: Scope, { from, to }: Days): Promise<bigint> {
  const b = scope.businessId;
  const codes = [
    accounts.sales,
    accounts.shippingIncome,
    accounts.discounts,
    accounts.refunds,
    accounts.salesTax,
    accounts.marketplaceTax,
  ];
  const side = (of: "debit" | "credit") => sql`coalesce((select sum(p.amount_minor) from app.postings p
    join app.journal_entries e on e.business_id = ${b} and e.id = p.entry_id and e.purpose in ('order', 'refund')
    where p.business_id = ${b} and p.${sql.raw(of)} = any(${list("text", codes)}) and p.posted_on between ${from}::date and ${to}::date), 0)`;
  const [row] = await rowsOf<{ amount: string }>(
    tx,
    sql`select (${side("credit")} - ${side("debit")})::text as amount`,
  );
  return BigInt(row?.amount ?? "0");
}

const taxParts = ["igst", "cgst", "sgst"] as const;

/**
 * What documents of these kinds have put on accounts of tax in a period, without what was paid to the state. `grows`: the side that adds
 * to it.
 */
async function onAccounts(
  tx: Tx,
  scope: Scope,
  { from, to }: Days,
  kinds: readonly string[],
  grows: "debit" | "credit",
  of: Readonly<Record<keyof TaxParts, string>>,
): Promise<TaxParts> {
  const b = scope.businessId;
  const side = (on: "debit" | "credit") => sql`select p.${sql.raw(on)} as code, ${sql.raw(
    on === grows ? "" : "-",
  )}p.amount_minor as amount
    from app.postings p join app.journal_entries e on e.business_id = ${b} and e.id = p.entry_id and e.document_kind = any(${list("text", kinds)})
    where p.business_id = ${b} and p.${sql.raw(on)} = any(${list("text", Object.values(of))})
      and p.posted_on between ${from}::date and ${to}::date`;
  const rows = await rowsOf<{ code: string; amount: string }>(
    tx,
    sql`select code, sum(amount)::text as amount from (${side("debit")} union all ${side("credit")}) s group by code`,
  );
  const on = (code: string) => BigInt(rows.find((row) => row.code === code)?.amount ?? "0");
  return { igst: on(of.igst), cgst: on(of.cgst), sgst: on(of.sgst) };
}

/** The account of what operators collected (section 52): an asset until it is taken into the electronic cash ledger. */
const tcsAccount = "1224";

async function tcsIn(tx: Tx, scope: Scope, { from, to }: Days): Promise<bigint> {
  const b = scope.businessId;
  const [row] = await rowsOf<{ amount: string }>(
    tx,
    sql`select coalesce(sum(case when p.debit = ${tcsAccount} then p.amount_minor else -p.amount_minor end), 0)::text as amount
        from app.postings p join app.journal_entries e on e.business_id = ${b} and e.id = p.entry_id and e.document_kind = 'charge'
        where p.business_id = ${b} and (p.debit = ${tcsAccount} or p.credit = ${tcsAccount}) and p.posted_on between ${from}::date and ${to}::date`,
  );
  return BigInt(row?.amount ?? "0");
}

/** Purchases of a period whose tax may be set off and is not in the accounts, since it was said before they had it. */
async function unbookedIn(tx: Tx, scope: Scope, { from, to }: Days): Promise<number> {
  const b = scope.businessId;
  const [row] = await rowsOf<{ n: number }>(
    tx,
    sql`select count(*)::integer as n from app.purchase_taxes t join app.purchases p on p.business_id = ${b} and p.id = t.purchase_id
        where t.business_id = ${b} and not t.is_booked and not p.is_undone and p.on_date between ${from}::date and ${to}::date`,
  );
  return row?.n ?? 0;
}
