/**
 * Invoices, credit notes and debit notes. A seller issues one for an order, a return or goods that went back to a supplier: it gets the
 * next number, and all that stands on it is written down as it is then and never changed. What was wrong is cancelled, keeps its number,
 * and may be issued anew with another (docs/decisions/0008-papers.md). No money moves by it: orders and returns are the facts.
 */
import { sql } from "drizzle-orm";
import { bulkInsert } from "../../db/bulk";
import { issuedCancellations, issuedDocuments } from "../../db/schema";
import { inBusiness, rowsOf, type Tx } from "../../db/scope";
import type { Books } from "../books/ledger";
import { taxYearOf } from "../core/dates";
import { Refusal } from "../core/errors";
import type { LocalDate } from "../core/facts";
import { abroad } from "../core/gst";
import type { PaperParty } from "../exports/paper";
import { require, type Scope } from "../people/access";
import { recordAudit } from "../people/audit";
import { takeFrom } from "../stock/series";
import { todayOf } from "../system/clock";
import { newId } from "../system/ids";
import {
  booksOfTaxes,
  deliveriesOf,
  type IssuedTaxes,
  type SupplyAsked,
  taxesOfInvoice,
  taxesOfNote,
  unpostTaxes,
  usualSupply,
  withTaxes,
  writeTaxes,
} from "./gst-issuing";
import { type IssuedBody, type IssuedKind, issuedId } from "./issued-reads";
import { letterheadIn, paperText, taxNumberOf } from "./letterhead";
import { keepParty, type PartyRow, partyColumns, partyFrom, partyOf } from "./paper-party";

/** Who it is made out to, as typed; the name may be empty where a channel tells no names. */
export type Addressee = PaperParty;
export type Issued = Readonly<{ id: string; number: string }>;

const nobody: Addressee = { name: "", address: "", taxNumber: "" };

/** What an invoice or note says, before its number. */
export type ToIssue = Readonly<{
  kind: IssuedKind;
  fact: string;
  parent: string;
  /** The day of what it is of: it is issued then or later. */
  since: LocalDate;
  to: Addressee;
  total: bigint;
  body: Omit<IssuedBody, "from" | "country" | "currency">;
  /** Its taxes on the day of issue; null where it has none. */
  taxes: (on: LocalDate) => Promise<IssuedTaxes | null>;
}>;

/**
 * Issues the invoice of an order, dated `on` (null: today). Refuses `not_found`, `in_use` where one stands already, and a day before the
 * order's or still to come (`bad_date`, `future_date`).
 */
export async function issueInvoice(
  scope: Scope,
  input: Readonly<{ order: string; on: LocalDate | null; to: Addressee; supply?: SupplyAsked }>,
): Promise<Issued> {
  require(scope, "write");
  const to = addressee(scope, input.to);
  return inBusiness(scope, async (tx) => {
    const books = await booksOfTaxes(tx, scope);
    const ready = await invoiceIn(tx, scope, input.order, to, input.supply);
    return issueIn(tx, scope, books, ready, input.on);
  });
}

/** At most so many are issued while somebody waits. */
export const mostInvoicesAtOnce = 50;

/**
 * What came of many at once. `abroad`: left out, because the order was delivered out of India and somebody has to say which export it is.
 * `own`: of those issued, how many took the seller's own state as their place of supply, because the order says none.
 */
export type IssuedMany = Readonly<{ issued: number; abroad: number; own: number }>;

/**
 * Issues the invoices of several orders, dated today, in their order; of those that have one already nothing is done. Gives how many were
 * issued.
 */
export async function issueInvoices(scope: Scope, orders: readonly string[]): Promise<IssuedMany> {
  require(scope, "write");
  if (orders.length > mostInvoicesAtOnce)
    throw new Refusal("too_many_rows", `At most ${mostInvoicesAtOnce} orders at once.`);
  return inBusiness(scope, (tx) => issueInvoicesIn(tx, scope, orders));
}

/** The same in the caller's transaction. */
export async function issueInvoicesIn(tx: Tx, scope: Scope, orders: readonly string[]): Promise<IssuedMany> {
  let [issued, left, own] = [0, 0, 0];
  const books = await booksOfTaxes(tx, scope);
  const places = await deliveriesOf(tx, scope, orders);
  for (const order of new Set(orders)) {
    const ready = await invoiceIn(tx, scope, order, nobody);
    if ((await standing(tx, scope, ready.fact)) !== null) continue;
    // Which kind of export it is (section 16 of the IGST Act) nobody but the seller knows.
    if (places?.get(order) === abroad) {
      left += 1;
      continue;
    }
    await issueIn(tx, scope, books, ready, null);
    issued += 1;
    if (places !== null && places.get(order) == null) own += 1;
  }
  return { issued, abroad: left, own };
}

/** What is to be said of an issue of many beside how many it were; empty where there is nothing. */
export function wordsOfMany({ abroad: left, own }: Pick<IssuedMany, "abroad" | "own">): string {
  return [
    ...(left === 0
      ? []
      : [
          `${left} left out: delivered out of India. Issue ${left === 1 ? "it on its order's page" : "each on its order's page"}, as an export.`,
        ]),
    ...(own === 0
      ? []
      : [`${own} took your own state as place of supply: the ${own === 1 ? "order does" : "orders do"} not say one.`]),
  ].join(" ");
}

/** Issues the credit note of a return, made out to whom the order's invoice was. Refuses `not_ready` where no invoice stands. */
export async function issueCreditNote(
  scope: Scope,
  input: Readonly<{ return: string; on: LocalDate | null }>,
): Promise<Issued> {
  require(scope, "write");
  return inBusiness(scope, async (tx) => {
    const books = await booksOfTaxes(tx, scope);
    const ready = await creditNoteIn(tx, scope, input.return);
    return issueIn(tx, scope, books, ready, input.on);
  });
}

/** Issues the debit note of goods that went back to a supplier. */
export async function issueDebitNote(
  scope: Scope,
  input: Readonly<{ document: string; on: LocalDate | null; to: Addressee }>,
): Promise<Issued> {
  require(scope, "write");
  const to = addressee(scope, input.to);
  return inBusiness(scope, async (tx) => {
    const ready = await debitNoteIn(tx, scope, input.document, to);
    return issueIn(tx, scope, null, ready, input.on);
  });
}

const longestWhy = 300;

/**
 * Cancels an invoice or note: it keeps its number and says so. Refuses `not_found`, `stale` where it is cancelled already, `in_use` for an
 * invoice whose credit note stands, `field_missing` without a reason.
 */
export async function cancelIssued(scope: Scope, input: Readonly<{ id: string; why: string }>): Promise<void> {
  require(scope, "write");
  const why = paperText(input.why, "why", longestWhy);
  if (why === "")
    throw new Refusal("field_missing", "Why is it cancelled? It stands on the document.", { field: "why" });
  return inBusiness(scope, async (tx) => {
    const books = await booksOfTaxes(tx, scope);
    const [row] = await rowsOf<{ kind: string; number: string; of_fact: string; of_parent: string }>(
      tx,
      sql`select kind, number, of_fact, of_parent from app.issued_documents
          where business_id = ${scope.businessId} and id = ${issuedId(input.id)}::uuid`,
    );
    if (row === undefined) throw new Refusal("not_found", "There is no such document.");
    // Whoever issues a note of the same order waits here, or is waited for.
    await lockFact(tx, scope, row.kind === "credit_note" ? row.of_parent : row.of_fact);
    if ((await standing(tx, scope, row.of_fact))?.id !== input.id)
      throw new Refusal("stale", "It is cancelled already.");
    if (row.kind === "invoice") {
      const [note] = await rowsOf<{ number: string }>(
        tx,
        sql`select d.number from app.issued_documents d where d.business_id = ${scope.businessId} and d.of_parent = ${row.of_fact}
            and d.kind = 'credit_note' and ${stands(scope)} order by d.id limit 1`,
      );
      if (note !== undefined)
        throw new Refusal("in_use", `The credit note ${note.number} is of this invoice. Cancel that first.`);
    }
    await recordAudit(tx, scope, { what: "document.cancel", about: row.number, before: { id: input.id }, why });
    await bulkInsert(tx, issuedCancellations, [
      {
        businessId: scope.businessId,
        documentId: input.id,
        why,
        cancelledAt: new Date().toISOString(),
        cancelledBy: scope.userId,
      },
    ]);
    await unpostTaxes(tx, scope, books, { id: input.id, number: row.number });
  });
}

/** Who it is made out to, from what is typed. */
export function addressee(scope: Scope, typed: Addressee): Addressee {
  return {
    name: paperText(typed.name, "name", 120),
    address: paperText(typed.address, "address", 400, true),
    taxNumber: taxNumberOf(scope, typed.taxNumber, "taxNumber"),
  };
}

const stands = (scope: Scope) =>
  sql`not exists (select 1 from app.issued_cancellations c where c.business_id = ${scope.businessId} and c.document_id = d.id)`;

type Standing = Readonly<{ id: string; number: string; on: LocalDate; to: Addressee }>;

/** What stands of a fact, null where nothing was issued or all of it was cancelled. */
async function standing(tx: Tx, scope: Scope, fact: string): Promise<Standing | null> {
  const [row] = await rowsOf<Record<"id" | "number" | "on" | "tax", string> & PartyRow>(
    tx,
    sql`select d.id::text as id, d.number, d.on_date::text as on, d.to_tax_number as tax, ${partyColumns}
        from app.issued_documents d ${partyFrom(scope.businessId)} where d.business_id = ${scope.businessId} and d.of_fact = ${fact} and ${stands(scope)}`,
  );
  if (row === undefined) return null;
  const { id, number, on, tax } = row;
  return { id, number, on, to: { ...partyOf(scope, id, row), taxNumber: tax } };
}

/** Holds a fact until the transaction ends: two who issue for it come one after the other. Refuses `not_found` where it is not known. */
export async function lockFact(tx: Tx, scope: Scope, key: string): Promise<void> {
  const rows = await rowsOf<{ id: string }>(
    tx,
    sql`select id from app.facts where business_id = ${scope.businessId} and id = ${key} for update`,
  );
  if (rows.length === 0) throw new Refusal("not_found", "What this is of is not in the books.");
}

/** `books`: held where the document has taxes to post. */
export async function issueIn(
  tx: Tx,
  scope: Scope,
  books: Books | null,
  ready: ToIssue,
  asked: LocalDate | null,
): Promise<Issued> {
  const today = todayOf(scope.timeZone);
  const on = asked ?? (today < ready.since ? ready.since : today);
  if (on > today && asked !== null) throw new Refusal("future_date", "This day is still to come.", { field: "on" });
  if (on < ready.since)
    throw new Refusal("bad_date", `It is of ${ready.since}: it is issued on that day or later.`, { field: "on" });
  const before = await standing(tx, scope, ready.fact);
  if (before !== null)
    throw new Refusal("in_use", `${before.number} was issued for it already. Cancel that first to issue another.`);
  const { number, seriesYear } = await takeFrom(tx, scope, ready.kind, taxYearOf(on, scope.taxYearStartMonth));
  const id = newId();
  const { name, address, taxNumber, foot } = await letterheadIn(tx, scope);
  const taxes = books === null ? null : await ready.taxes(on);
  const plain: IssuedBody = {
    ...ready.body,
    from: { name, address, taxNumber },
    foot,
    country: scope.country,
    currency: scope.currency,
  };
  const paper = taxes === null ? plain : withTaxes(plain, taxes, ready.total, ready.kind !== "invoice");
  await recordAudit(tx, scope, {
    what: "document.issue",
    about: number,
    after: { id, kind: ready.kind, of: ready.fact, on, total: ready.total },
  });
  await bulkInsert(tx, issuedDocuments, [
    {
      businessId: scope.businessId,
      id,
      kind: ready.kind,
      number,
      taxYear: seriesYear,
      onDate: on,
      ofFact: ready.fact,
      ofParent: ready.parent,
      toName: "",
      toAddress: "",
      toTaxNumber: ready.to.taxNumber,
      totalMinor: ready.total,
      paper,
      issuedAt: new Date().toISOString(),
      issuedBy: scope.userId,
    },
  ]);
  await keepParty(tx, scope, id, ready.to);
  if (books !== null && taxes !== null && ready.kind !== "debit_note")
    await writeTaxes(tx, scope, books, { id, kind: ready.kind, number, on }, taxes);
  return { id, number };
}

async function invoiceIn(
  tx: Tx,
  scope: Scope,
  order: string,
  to: Addressee,
  asked: SupplyAsked = usualSupply,
): Promise<ToIssue> {
  const b = scope.businessId;
  const fact = `order/${order}`;
  await lockFact(tx, scope, fact);
  const [head] = await rowsOf<
    Record<"number" | "on" | "channel" | "kind" | "shipping" | "discount" | "tax" | "tax_by", string>
  >(
    tx,
    sql`select h.number, h.on_date::text as on, c.name as channel, c.kind, h.shipping_minor::text as shipping, h.discount_minor::text as discount,
          h.tax_minor::text as tax, h.tax_by
        from app.orders h join app.channels c on c.business_id = ${b} and c.id = h.channel_id
        where h.business_id = ${b} and h.id = ${order} and not h.is_undone`,
  );
  if (head === undefined) throw new Refusal("not_found", "There is no such order, or it was taken back.");
  const lines = await rowsOf<LineRow>(
    tx,
    sql`select l.name, l.sku, l.qty::text, coalesce(i.decimals, 0) as decimals, l.amount_minor::text as amount, l.discount_minor::text as discount
        from app.order_lines l left join app.items i on i.business_id = ${b} and i.id = l.item_id
        where l.business_id = ${b} and l.order_id = ${order} and not l.is_undone order by l.place, l.id`,
  );
  const gross = lines.reduce((sum, line) => sum + BigInt(line.amount), 0n);
  const [shipping, discount, tax] = [BigInt(head.shipping), BigInt(head.discount), BigInt(head.tax)];
  const total = gross - discount + shipping + tax;
  const byChannel = head.tax_by === "channel";
  return {
    kind: "invoice",
    fact,
    parent: fact,
    since: head.on,
    to,
    total,
    taxes: (on) => taxesOfInvoice(tx, scope, { order, on, to, asked }),
    body: {
      about: [
        ["Order", head.number],
        ["Ordered", head.on],
        ...(head.kind === "hand" ? [] : [["Sold on", head.channel] as const]),
      ],
      lines,
      sums: [
        ["Items", `${gross}`],
        ...(discount === 0n ? [] : [["Discount", `${-discount}`] as const]),
        ...(shipping === 0n ? [] : [["Shipping", `${shipping}`] as const]),
        ...(tax === 0n
          ? []
          : [[byChannel ? `Tax, collected and remitted by ${head.channel}` : "Tax", `${tax}`] as const]),
        ["Total", `${total}`],
      ],
      notes: [],
      foot: "",
    },
  };
}

type LineRow = Readonly<{
  name: string;
  sku: string | null;
  qty: string;
  decimals: number;
  amount: string;
  discount: string;
}>;

async function creditNoteIn(tx: Tx, scope: Scope, id: string): Promise<ToIssue> {
  const b = scope.businessId;
  const [head] = await rowsOf<Record<"on" | "order_id" | "number" | "tax" | "shipping", string>>(
    tx,
    sql`select r.on_date::text as on, r.order_id, h.number, r.tax_minor::text as tax, r.shipping_minor::text as shipping from app.returns r
        join app.orders h on h.business_id = ${b} and h.id = r.order_id and not h.is_undone
        where r.business_id = ${b} and r.id = ${id} and not r.is_undone`,
  );
  if (head === undefined) throw new Refusal("not_found", "There is no such return of an order, or it was taken back.");
  const parent = `order/${head.order_id}`;
  await lockFact(tx, scope, parent);
  const invoice = await standing(tx, scope, parent);
  if (invoice === null)
    throw new Refusal("not_ready", "A credit note names the invoice that it is of. Issue the order's invoice first.");
  const lines = await rowsOf<LineRow>(
    tx,
    sql`select l.name, l.sku, r.qty::text, coalesce(i.decimals, 0) as decimals, r.amount_minor::text as amount, '0' as discount
        from app.return_lines r join app.order_lines l on l.business_id = ${b} and l.id = r.sale_id
        left join app.items i on i.business_id = ${b} and i.id = l.item_id
        where r.business_id = ${b} and r.return_id = ${id} order by r.place, r.id`,
  );
  const goods = lines.reduce((sum, line) => sum + BigInt(line.amount), 0n);
  const [tax, shipping] = [BigInt(head.tax), BigInt(head.shipping)];
  const total = goods + shipping + tax;
  return {
    kind: "credit_note",
    fact: `return/${id}`,
    parent,
    since: head.on < invoice.on ? invoice.on : head.on,
    to: invoice.to,
    total,
    taxes: () => taxesOfNote(tx, scope, { return: id, invoice: invoice.id }),
    body: {
      about: [
        ["Of invoice", invoice.number],
        ["Invoice of", invoice.on],
        ["Order", head.number],
        ["Returned", head.on],
      ],
      lines,
      sums: [
        ...(goods === total ? [] : [["Items", `${goods}`] as const]),
        ...(shipping === 0n ? [] : [["Shipping", `${shipping}`] as const]),
        ...(tax === 0n ? [] : [["Tax", `${tax}`] as const]),
        ["Credited", `${total}`],
      ],
      notes: [],
      foot: "",
    },
  };
}

async function debitNoteIn(tx: Tx, scope: Scope, id: string, to: Addressee): Promise<ToIssue> {
  const b = scope.businessId;
  const fact = `purchase_return/${id}`;
  await lockFact(tx, scope, fact);
  const [head] = await rowsOf<{ on: string; purchase: string; supplier: string; bought: string }>(
    tx,
    sql`select d.on_date::text as on, d.purchase_id as purchase, p.supplier, p.on_date::text as bought from app.stock_documents d
        join app.purchases p on p.business_id = ${b} and p.id = d.purchase_id
        where d.business_id = ${b} and d.kind = 'purchase_return' and d.id = ${id} and not d.is_undone`,
  );
  if (head === undefined) throw new Refusal("not_found", "Nothing of this went back to a supplier.");
  const lines = await rowsOf<LineRow>(
    tx,
    sql`select i.name, i.sku, abs(s.qty)::text as qty, i.decimals, abs(s.amount_minor)::text as amount, '0' as discount from app.stock_lines s
        join app.items i on i.business_id = ${b} and i.id = s.item_id
        where s.business_id = ${b} and s.document_kind = 'purchase_return' and s.document_id = ${id} order by s.place, s.id`,
  );
  const total = lines.reduce((sum, line) => sum + BigInt(line.amount), 0n);
  return {
    kind: "debit_note",
    fact,
    parent: `purchase/${head.purchase}`,
    since: head.on,
    to: to.name === "" ? { ...to, name: head.supplier } : to,
    total,
    // It goes to a supplier, and is no document of the returns (docs/decisions/0011-gst.md).
    taxes: () => Promise.resolve(null),
    body: {
      about: [
        ["Bought", head.bought],
        ["Returned", head.on],
      ],
      lines,
      sums: [["Debited", `${total}`]],
      notes: [],
      foot: "",
    },
  };
}
