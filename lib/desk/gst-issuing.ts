/**
 * The taxes of an invoice or a credit note, worked out when it is issued and kept as they were then (docs/decisions/0011-gst.md). What
 * the buyer pays is the order's and does not change by it: the taxes say what of it is value and what is tax.
 */
import { sql } from "drizzle-orm";
import { bulkInsert, list } from "../../db/bulk";
import { issuedTaxes, issuedTaxLines } from "../../db/schema";
import { rowsOf, type Tx } from "../../db/scope";
import { type Books, type DocumentKey, lockBooks, post } from "../books/ledger";
import { Refusal } from "../core/errors";
import type { LocalDate } from "../core/facts";
import {
  abroad,
  amountsOf,
  type GstLine,
  heldOn,
  invoiceLines,
  isExport,
  natures,
  noteLines,
  paperPostings,
  placeOfSupply,
  rateText,
  type Supply,
  stateName,
  stateOfDelivery,
  stateOfGstin,
  stateTaxName,
  supplies,
  untold,
} from "../core/gst";
import { formatMinor } from "../core/money";
import type { Scope } from "../people/access";
import { gstSettingsIn, hasGst, itemTaxesOn, operatorOf } from "./gst-settings";
import type { IssuedBody } from "./issued-reads";

/**
 * What a form says of the supply. `pos` empty: it follows from the buyer's registration, else from where the order was delivered to, else
 * it is the seller's own state.
 */
export type SupplyAsked = Readonly<{ pos: string; supply: string }>;
export const usualSupply: SupplyAsked = { pos: "", supply: "regular" };

/** An invoice that is not in the books: its number, its day, and what it came to with its tax. */
export type ToldInvoice = Readonly<{ number: string; on: LocalDate; value: bigint }>;

export type IssuedTaxes = Readonly<{
  seller: string;
  pos: string;
  supply: Supply;
  operator: Readonly<{ gstin: string; pays: boolean }> | null;
  of: string | null;
  /** The invoice that a note is of, as it was told, where that is not in the books. */
  told: ToldInvoice | null;
  lines: readonly GstLine[];
  rest: bigint;
  /** The account that its taxes are posted from; null: another pays them. */
  heldOn: string | null;
}>;

const isSupply = (text: string): text is Supply => supplies.some((supply) => supply === text);

/** Who a document is made out to, for its tax: a GSTIN, empty where there is none, and whether an address stands on it. */
export type BuyerOfSupply = Readonly<{ taxNumber: string; address: string }>;

/**
 * The supply that a form asks for. `delivered` is the place that the order was delivered to (`stateOfDelivery`), null where nobody knows it:
 * it decides for a buyer without a registration whose place the form leaves open (section 10(1)(a)). Refuses a kind or a place that is
 * none, a place at odds with its kind, an order that left the country and is asked for as no export, and an address whose state nobody
 * said: of a buyer without a registration the state of the address on the invoice decides (section 10(1)(ca)).
 */
export function supplyOf(
  asked: SupplyAsked,
  seller: string,
  to: BuyerOfSupply,
  delivered: string | null = null,
): Readonly<{ pos: string; supply: Supply }> {
  const { supply } = asked;
  const buyer = to.taxNumber;
  if (!isSupply(supply)) throw new Refusal("bad_field", "Choose a kind of supply.", { field: "supply" });
  if (isExport(supply)) return { pos: abroad, supply };
  if (asked.pos !== "" && (stateName(asked.pos) === null || asked.pos === abroad))
    throw new Refusal("bad_field", "Choose the state that it goes to, or an export as the kind of supply.", {
      field: "pos",
    });
  if (supply !== "regular" && buyer === "")
    throw new Refusal("field_missing", "An SEZ or a deemed export has a registration: give its GSTIN.", {
      field: "taxNumber",
    });
  const decides = buyer === "" && asked.pos === "" ? delivered : null;
  if (decides === abroad)
    throw new Refusal("bad_field", "This order was delivered out of India: choose which kind of export it is.", {
      field: "supply",
    });
  if (buyer === "" && to.address !== "" && asked.pos === "" && decides === null)
    throw new Refusal("field_missing", "Which state is this address in? The tax follows from it.", { field: "pos" });
  const pos = placeOfSupply({
    seller: stateOfGstin(seller),
    buyerGstin: buyer === "" ? null : buyer,
    toCountry: "IN",
    toState: asked.pos === "" ? decides : asked.pos,
    isShippedToOther: false,
  });
  return { pos, supply };
}

/** Where an order was delivered to, as its row has it: null where its source does not say it, or says no state that we know. */
const deliveredTo = (row: Readonly<{ country: string | null; region: string | null }>): string | null =>
  row.country === null ? null : stateOfDelivery({ country: row.country, region: row.region ?? "" });

/**
 * Where each of these orders was delivered to, for invoices that nobody looks at one by one. Null where none of them has taxes: the place
 * decides nothing then.
 */
export async function deliveriesOf(
  tx: Tx,
  scope: Scope,
  orders: readonly string[],
): Promise<ReadonlyMap<string, string | null> | null> {
  if (!hasGst(scope) || (await gstSettingsIn(tx, scope)).gstin === "") return null;
  const rows = await rowsOf<Readonly<{ id: string; country: string | null; region: string | null }>>(
    tx,
    sql`select id, ship_country as country, ship_region as region from app.orders
        where business_id = ${scope.businessId} and id = any(${list("text", orders)})`,
  );
  return new Map(rows.map((row) => [row.id, deliveredTo(row)]));
}

type OrderLine = Record<"id" | "name" | "qty" | "amount" | "discount" | "registration", string> &
  Readonly<{ item: string | null; decimals: number }>;

/**
 * The taxes of an order's invoice, dated `on`; null where the business has no registration (or is not in India). The seller's
 * registration is that of the place which the first line leaves from, or the letterhead's.
 */
export async function taxesOfInvoice(
  tx: Tx,
  scope: Scope,
  input: Readonly<{ order: string; on: LocalDate; to: BuyerOfSupply; asked: SupplyAsked }>,
): Promise<IssuedTaxes | null> {
  if (!hasGst(scope)) return null;
  const b = scope.businessId;
  const { gstin, isWithin } = await gstSettingsIn(tx, scope);
  if (gstin === "") return null;
  const [head] = await rowsOf<
    Record<"channel" | "shipping" | "tax", string> &
      Readonly<{ tax_by: "seller" | "channel"; country: string | null; region: string | null }>
  >(
    tx,
    sql`select channel_id as channel, shipping_minor::text as shipping, tax_minor::text as tax, tax_by, ship_country as country,
          ship_region as region from app.orders
        where business_id = ${b} and id = ${input.order} and not is_undone`,
  );
  if (head === undefined) throw new Refusal("not_found", "There is no such order, or it was taken back.");
  const rows = await rowsOf<OrderLine>(
    tx,
    sql`select l.id, l.item_id as item, l.name, l.qty::text as qty, coalesce(i.decimals, 0) as decimals, l.amount_minor::text as amount,
          l.discount_minor::text as discount, coalesce(p.tax_number, '') as registration
        from app.order_lines l
        left join app.items i on i.business_id = ${b} and i.id = l.item_id
        left join app.locations p on p.business_id = ${b} and p.id = l.location_id
        where l.business_id = ${b} and l.order_id = ${input.order} and not l.is_undone order by l.place, l.id`,
  );
  const said = rows[0]?.registration ?? "";
  const seller = said === "" ? gstin : said;
  const { pos, supply } = supplyOf(input.asked, seller, input.to, deliveredTo(head));
  const taxes = await itemTaxesOn(
    tx,
    scope,
    rows.flatMap(({ item }) => item ?? []),
    input.on,
  );
  const { lines, rest } = invoiceLines({
    seller: stateOfGstin(seller),
    pos,
    supply,
    lines: rows.map((row) => ({
      source: row.id,
      item: row.item,
      description: row.name,
      qty: BigInt(row.qty),
      decimals: row.decimals,
      amount: BigInt(row.amount),
      discount: BigInt(row.discount),
      tax: (row.item === null ? undefined : taxes.get(row.item)) ?? untold,
    })),
    shipping: BigInt(head.shipping),
    tax: BigInt(head.tax),
    isWithin,
  });
  const operator = await operatorOf(tx, scope, head.channel);
  const charged = { tax: BigInt(head.tax), taxBy: head.tax_by, operatorPays: operator?.pays === true };
  const held = heldOn({ kind: "invoice", ...charged });
  return { seller, pos, supply, operator, of: null, told: null, lines, rest, heldOn: held };
}

/** The taxes of a return's credit note, at the rates of the invoice that it is of; null where that has none. */
export async function taxesOfNote(
  tx: Tx,
  scope: Scope,
  input: Readonly<{ return: string; invoice: string }>,
): Promise<IssuedTaxes | null> {
  if (!hasGst(scope)) return null;
  const b = scope.businessId;
  const [of] = await rowsOf<TaxesRow>(
    tx,
    sql`select ${taxesColumns} from app.issued_taxes t where t.business_id = ${b} and t.document_id = ${input.invoice}::uuid`,
  );
  if (of === undefined || !isSupply(of.supply)) return null;
  const { supply } = of;
  const sold = new Map((await taxLinesOf(tx, scope, [input.invoice])).map(({ line }) => [line.source, line]));
  const rows = await rowsOf<Record<"id" | "sale" | "qty" | "amount", string>>(
    tx,
    sql`select id, sale_id as sale, qty::text as qty, amount_minor::text as amount from app.return_lines
        where business_id = ${b} and return_id = ${input.return} order by place, id`,
  );
  const [head] = await rowsOf<Readonly<{ tax: string; shipping: string; tax_by: "seller" | "channel" }>>(
    tx,
    sql`select r.tax_minor::text as tax, r.shipping_minor::text as shipping, h.tax_by from app.returns r
        join app.orders h on h.business_id = ${b} and h.id = r.order_id where r.business_id = ${b} and r.id = ${input.return}`,
  );
  if (head === undefined) throw new Refusal("not_found", "There is no such return of an order, or it was taken back.");
  if (rows.length === 0)
    throw new Refusal("not_ready", "This refund names no goods: say which line it is of, and issue its note then.");
  const given = { tax: BigInt(head.tax), shipping: BigInt(head.shipping) };
  const { lines, rest } = noteLines(
    { seller: stateOfGstin(of.seller), pos: of.pos, supply, ...given },
    rows.map((row) => {
      const line = sold.get(row.sale);
      if (line === undefined)
        throw new Refusal("not_ready", "The order has changed since its invoice. Cancel that and issue it anew first.");
      return { source: row.id, qty: BigInt(row.qty), amount: BigInt(row.amount), of: line };
    }),
  );
  const operator = of.operator === null ? null : { gstin: of.operator, pays: of.operator_pays };
  const charged = { tax: given.tax, taxBy: head.tax_by, operatorPays: operator?.pays === true };
  const held = heldOn({ kind: "credit_note", ...charged });
  const same = { seller: of.seller, pos: of.pos, supply, operator, of: input.invoice, told: null };
  return { ...same, lines, rest, heldOn: held };
}

/** What of a document's taxes is kept apart from its lines. */
export type TaxesRow = Record<"id" | "on" | "seller" | "pos" | "supply", string> &
  Readonly<{
    operator: string | null;
    operator_pays: boolean;
    of_id: string | null;
    port_code: string | null;
    port_bill: string | null;
    port_on: string | null;
  }>;

/** The columns of issued taxes, `t`, as `TaxesRow`. */
export const taxesColumns = sql`t.document_id::text as id, t.on_date::text as on, t.seller, t.pos, t.supply, t.operator, t.operator_pays,
  t.of_document_id::text as of_id, t.port_code, t.port_bill, t.port_on::text as port_on`;

type LineRow = Record<
  "id" | "description" | "hsn" | "uqc" | "qty" | "nature" | "taxable" | "igst" | "cgst" | "sgst" | "cess",
  string
> &
  Readonly<{ source: string | null; item: string | null; decimals: number; rate: number }>;

/** The lines of documents as they were issued, in their order. */
export async function taxLinesOf(
  tx: Tx,
  scope: Scope,
  documents: readonly string[],
): Promise<readonly Readonly<{ document: string; line: GstLine }>[]> {
  const b = scope.businessId;
  const rows = await rowsOf<LineRow>(
    tx,
    sql`select l.document_id::text as id, l.source, l.item_id as item, l.description, l.hsn, l.uqc, l.qty::text as qty, l.decimals, l.nature, l.rate,
          l.taxable_minor::text as taxable, l.igst_minor::text as igst, l.cgst_minor::text as cgst, l.sgst_minor::text as sgst,
          l.cess_minor::text as cess
        from app.issued_tax_lines l where l.business_id = ${b} and l.document_id = any(${list("uuid", documents)}) order by l.document_id, l.place`,
  );
  return rows.map(({ id, nature, ...row }) => ({
    document: id,
    line: {
      source: row.source,
      item: row.item,
      description: row.description,
      hsn: row.hsn,
      uqc: row.uqc,
      qty: BigInt(row.qty),
      decimals: row.decimals,
      nature: natures.find((one) => one === nature) ?? "taxable",
      rate: BigInt(row.rate),
      taxable: BigInt(row.taxable),
      igst: BigInt(row.igst),
      cgst: BigInt(row.cgst),
      sgst: BigInt(row.sgst),
      cess: BigInt(row.cess),
    },
  }));
}

/** What the journal calls an invoice or a note. */
const ofJournal = (id: string): DocumentKey => ({ kind: "issued", id });

/**
 * Holds the books where issuing or cancelling posts taxes; null in a business that has none. It comes before all else that is held: who
 * records facts takes the books first and the facts after them.
 */
export const booksOfTaxes = (tx: Tx, scope: Scope): Promise<Books | null> =>
  hasGst(scope) ? lockBooks(tx, scope) : Promise.resolve(null);

/** A cancelled document wants nothing posted: what it posted is taken back. */
export async function unpostTaxes(
  tx: Tx,
  scope: Scope,
  books: Books | null,
  { id, number }: Readonly<{ id: string; number: string }>,
): Promise<void> {
  if (books === null) return;
  const why = { reason: "cancelled after its period was closed", name: number };
  await post(tx, scope, books, [{ document: ofJournal(id), postings: [], isFresh: false, ...why }]);
}

/** Writes and posts the taxes of a document that was just issued, in its transaction. */
export async function writeTaxes(
  tx: Tx,
  scope: Scope,
  books: Books,
  document: Readonly<{ id: string; kind: "invoice" | "credit_note"; number: string; on: LocalDate }>,
  taxes: IssuedTaxes,
): Promise<void> {
  const businessId = scope.businessId;
  await bulkInsert(tx, issuedTaxes, [
    {
      businessId,
      documentId: document.id,
      onDate: document.on,
      seller: taxes.seller,
      pos: taxes.pos,
      supply: taxes.supply,
      operator: taxes.operator?.gstin ?? null,
      operatorPays: taxes.operator?.pays ?? false,
      ofDocumentId: taxes.of,
      portCode: null,
      portBill: null,
      portOn: null,
      toldNumber: taxes.told?.number ?? null,
      toldOn: taxes.told?.on ?? null,
      toldMinor: taxes.told?.value ?? null,
      restMinor: taxes.rest,
      heldOn: taxes.heldOn,
    },
  ]);
  await bulkInsert(
    tx,
    issuedTaxLines,
    taxes.lines.map((line, place) => ({
      businessId,
      documentId: document.id,
      place,
      source: line.source,
      itemId: line.item,
      description: line.description,
      hsn: line.hsn,
      uqc: line.uqc,
      qty: line.qty,
      decimals: line.decimals,
      nature: line.nature,
      rate: Number(line.rate),
      taxableMinor: line.taxable,
      igstMinor: line.igst,
      cgstMinor: line.cgst,
      sgstMinor: line.sgst,
      cessMinor: line.cess,
    })),
  );
  const postings = paperPostings({ ...document, heldOn: taxes.heldOn, taxes: amountsOf(taxes.lines) });
  await post(tx, scope, books, [{ document: ofJournal(document.id), postings, isFresh: true, name: document.number }]);
}

/**
 * What a paper says with its taxes (rule 46): the seller's registration that it was issued under, the place of supply, the value and each
 * tax as sums, and each line's code and rate. The lines and the total stay as they are.
 */
export function withTaxes(paper: IssuedBody, taxes: IssuedTaxes, total: bigint, isNote: boolean): IssuedBody {
  const sum = amountsOf(taxes.lines);
  const some = (label: string, amount: bigint): (readonly [string, string])[] =>
    amount === 0n ? [] : [[label, `${amount}`]];
  return {
    ...paper,
    from: { ...paper.from, taxNumber: taxes.seller },
    about: [...paper.about, ["Place of supply", `${taxes.pos} ${stateName(taxes.pos) ?? ""}`.trim()]],
    sums: [
      ["Taxable value", `${sum.taxable}`],
      ...some("CGST", sum.cgst),
      ...some(stateTaxName(stateOfGstin(taxes.seller)), sum.sgst),
      ...some("IGST", sum.igst),
      ...some("Not divided", taxes.rest),
      [isNote ? "Credited" : "Total", `${total}`],
    ],
    notes: [
      ...paper.notes,
      ...taxes.lines.map((line) => {
        const tax = line.igst + line.cgst + line.sgst;
        const rate = line.nature === "taxable" ? `${rateText(line.rate)} %` : natureWords[line.nature];
        const figures = `value ${formatMinor(line.taxable, paper.currency)}, tax ${formatMinor(tax, paper.currency)}`;
        return `${line.description}: HSN ${line.hsn === "" ? "not given" : line.hsn}, ${rate}, ${figures}`;
      }),
    ],
  };
}

export const natureWords: Readonly<Record<GstLine["nature"], string>> = {
  taxable: "taxable",
  nil: "nil rated",
  exempt: "exempt",
  non_gst: "outside GST",
};
