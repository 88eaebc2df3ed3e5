/**
 * GSTR-1 in the portal's own words: the JSON that its offline tool writes and the portal takes. Keys and shapes are those of real files;
 * days are dd-mm-yyyy, the period mmyyyy, amounts rupees with at most two decimals.
 */
import type { LocalDate } from "../facts";
import { type Amounts, amountsOf, type GstDocument, type GstKind } from "./document";
import type { DocumentsIssued, Filed, Gstr1, Hsn, Rated } from "./gstr1";
import { Decimal, type Json, jsonText } from "./json";
import type { Supply } from "./supply";

/** A day as the portal writes it. */
export const portalDay = (on: LocalDate): string => `${on.slice(8, 10)}-${on.slice(5, 7)}-${on.slice(0, 4)}`;
/** A return's period as the portal writes it: of its last month. */
export const portalPeriod = (period: Readonly<{ to: LocalDate }>): string =>
  `${period.to.slice(5, 7)}${period.to.slice(0, 4)}`;

const rupees = (paise: bigint): Decimal => new Decimal(paise, 2);
const percent = (rate: bigint): Decimal => new Decimal(rate, 2);
const count = (whole: bigint | number): Decimal => new Decimal(BigInt(whole), 0);

/** `parts` of a supply between states leave the two halves away where the table has no place for them. */
const all = (amounts: Amounts): { [key: string]: Json } => ({
  txval: rupees(amounts.taxable),
  iamt: rupees(amounts.igst),
  camt: rupees(amounts.cgst),
  samt: rupees(amounts.sgst),
  csamt: rupees(amounts.cess),
});
const integrated = (amounts: Amounts): { [key: string]: Json } => ({
  txval: rupees(amounts.taxable),
  iamt: rupees(amounts.igst),
  csamt: rupees(amounts.cess),
});

const types: Readonly<Record<Supply, string>> = {
  regular: "R",
  sez_with: "SEWP",
  sez_without: "SEWOP",
  deemed: "DE",
  export_with: "EXPWP",
  export_without: "EXPWOP",
};

const flag = (is: boolean): string => (is ? "Y" : "N");
const noteLetter = (kind: GstKind): string => (kind === "credit_note" ? "C" : "D");

const items = (rates: readonly Rated[], parts: (amounts: Amounts) => { [key: string]: Json }): Json =>
  rates.map(({ rate, amounts }, at) => ({ num: count(at + 1), itm_det: { rt: percent(rate), ...parts(amounts) } }));

const head = ({ number, on, value }: GstDocument): { [key: string]: Json } => ({
  inum: number,
  idt: portalDay(on),
  val: rupees(value),
});
const noteHead = ({ kind, number, on }: GstDocument): { [key: string]: Json } => ({
  ntty: noteLetter(kind),
  nt_num: number,
  nt_dt: portalDay(on),
});

/** Groups by a text, groups in the order of the texts. */
function groups<T>(rows: readonly T[], by: (row: T) => string): readonly (readonly [string, readonly T[]])[] {
  const found = new Map<string, T[]>();
  for (const row of rows) found.set(by(row), [...(found.get(by(row)) ?? []), row]);
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1));
}

function b2b(filed: readonly Filed[]): Json {
  return groups(filed, ({ document }) => document.buyer ?? "").map(([ctin, of]) => ({
    ctin,
    inv: of.map(({ document, rates }) => ({
      ...head(document),
      pos: document.pos,
      rchrg: flag(document.isReverseCharge),
      inv_typ: types[document.supply],
      itms: items(rates, all),
    })),
  }));
}

function b2cl(filed: readonly Filed[]): Json {
  return groups(filed, ({ document }) => document.pos).map(([pos, of]) => ({
    pos,
    inv: of.map(({ document, rates }) => ({ ...head(document), itms: items(rates, integrated) })),
  }));
}

function exports(filed: readonly Filed[]): Json {
  return groups(filed, ({ document }) => (document.supply === "export_with" ? "WPAY" : "WOPAY")).map(
    ([exp_typ, of]) => ({
      exp_typ,
      inv: of.map(({ document, rates }) => ({
        ...head(document),
        ...(document.port === null
          ? {}
          : { sbpcode: document.port.code, sbnum: document.port.bill, sbdt: portalDay(document.port.on) }),
        itms: rates.map(({ rate, amounts }) => ({ rt: percent(rate), ...integrated(amounts) })),
      })),
    }),
  );
}

function cdnr(filed: readonly Filed[]): Json {
  return groups(filed, ({ document }) => document.buyer ?? "").map(([ctin, of]) => ({
    ctin,
    nt: of.map(({ document, rates }) => ({
      ...noteHead(document),
      pos: document.pos,
      rchrg: flag(document.isReverseCharge),
      inv_typ: types[document.supply],
      val: rupees(document.value),
      itms: items(rates, all),
    })),
  }));
}

function cdnur(filed: readonly Filed[]): Json {
  return filed.map(({ document, rates }) => ({
    typ: document.supply === "regular" || document.supply === "deemed" ? "B2CL" : types[document.supply],
    ...noteHead(document),
    // An export's note has no place of supply.
    ...(document.supply === "regular" || document.supply === "deemed" ? { pos: document.pos } : {}),
    val: rupees(document.value),
    itms: items(rates, integrated),
  }));
}

/** Quantities have two decimals at most, a half away from zero. */
function quantity(qty: bigint, decimals: number): Decimal {
  if (decimals <= 2) return new Decimal(qty, decimals);
  const unit = 10n ** BigInt(decimals - 2);
  const size = qty < 0n ? -qty : qty;
  const cut = (2n * size + unit) / (2n * unit);
  return new Decimal(qty < 0n ? -cut : cut, 2);
}

/** A service has no quantity: its codes begin with 99. */
const isService = (hsn: string): boolean => hsn.startsWith("99");

const hsnRows = (rows: readonly Hsn[]): Json =>
  rows.map((row, at) => ({
    num: count(at + 1),
    hsn_sc: row.hsn,
    desc: row.description.slice(0, 30),
    uqc: isService(row.hsn) ? "NA" : row.uqc,
    qty: isService(row.hsn) ? count(0n) : quantity(row.qty, row.decimals),
    rt: percent(row.rate),
    ...all(row.amounts),
  }));

function hsn(rows: readonly Hsn[]): Json {
  const whole = rows.filter(({ toRegistered }) => toRegistered === null);
  if (whole.length > 0) return { data: hsnRows(whole) };
  return {
    hsn_b2b: hsnRows(rows.filter(({ toRegistered }) => toRegistered === true)),
    hsn_b2c: hsnRows(rows.filter(({ toRegistered }) => toRegistered === false)),
  };
}

/** The portal's numbers of the kinds in table 13. */
const documentKinds: Readonly<Record<GstKind, bigint>> = { invoice: 1n, debit_note: 4n, credit_note: 5n };

const documents = (issued: readonly DocumentsIssued[]): Json => ({
  doc_det: issued.map(({ kind, ranges }) => ({
    doc_num: count(documentKinds[kind]),
    docs: ranges.map((range, at) => ({
      num: count(at + 1),
      from: range.from,
      to: range.to,
      totnum: count(range.total),
      cancel: count(range.cancelled),
      net_issue: count(range.total - range.cancelled),
    })),
  })),
});

function operators(gstr1: Gstr1): Json {
  const of = (pays: boolean): Json =>
    gstr1.operators
      .filter((one) => one.pays === pays)
      .map(({ gstin, amounts }) => ({
        etin: gstin,
        suppval: rupees(amounts.taxable),
        igst: rupees(amounts.igst),
        cgst: rupees(amounts.cgst),
        sgst: rupees(amounts.sgst),
        cess: rupees(amounts.cess),
      }));
  return { clttx: of(false), paytx: of(true) };
}

/** Turnover of the year before and of the year so far (paise), which the return asks of its seller. */
export type Turnovers = Readonly<{ before: bigint; current: bigint }>;

/** The whole return; a table without rows is left out, as the portal does. */
export function portalJson(gstr1: Gstr1, issued: readonly DocumentsIssued[], turnovers: Turnovers): Json {
  const some = (key: string, rows: readonly unknown[], value: () => Json): { [key: string]: Json } =>
    rows.length === 0 ? {} : { [key]: value() };
  return {
    gstin: gstr1.seller,
    fp: portalPeriod(gstr1.period),
    gt: rupees(turnovers.before),
    cur_gt: rupees(turnovers.current),
    version: "GST3.2.1",
    hash: "hash",
    ...some("b2b", gstr1.b2b, () => b2b(gstr1.b2b)),
    ...some("b2cl", gstr1.b2cl, () => b2cl(gstr1.b2cl)),
    ...some("b2cs", gstr1.b2cs, () =>
      gstr1.b2cs.map((row) => ({
        sply_ty: row.way === "inter" ? "INTER" : "INTRA",
        rt: percent(row.rate),
        typ: "OE",
        pos: row.pos,
        ...all(row.amounts),
      })),
    ),
    ...some("cdnr", gstr1.cdnr, () => cdnr(gstr1.cdnr)),
    ...some("cdnur", gstr1.cdnur, () => cdnur(gstr1.cdnur)),
    ...some("exp", gstr1.exp, () => exports(gstr1.exp)),
    ...some("nil", gstr1.nil, () => ({
      inv: gstr1.nil.map((row) => ({
        sply_ty: row.kind,
        expt_amt: rupees(row.exempt),
        nil_amt: rupees(row.nil),
        ngsup_amt: rupees(row.nonGst),
      })),
    })),
    ...some("hsn", gstr1.hsn, () => hsn(gstr1.hsn)),
    ...some("doc_issue", issued, () => documents(issued)),
    ...some("supeco", gstr1.operators, () => operators(gstr1)),
  };
}

/** The file's text. */
export const portalFile = (gstr1: Gstr1, issued: readonly DocumentsIssued[], turnovers: Turnovers): string =>
  jsonText(portalJson(gstr1, issued, turnovers));

/** What of a return is not ready for the portal: documents with lines that have no HSN code. */
export const withoutHsn = (gstr1: Gstr1): readonly string[] => [
  ...new Set(gstr1.hsn.filter((row) => row.hsn === "").flatMap((row) => row.documents)),
];

/** What a document comes to with its taxes, for the list of a table. */
export const taxesOf = ({ rates }: Filed): Amounts => amountsOf(rates.map(({ amounts }) => amounts));
