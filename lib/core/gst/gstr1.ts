/**
 * GSTR-1: which table of the return each document belongs to, and what the tables come to. Every taxable line of a document that stands
 * is in exactly one of B2B, B2CL, B2CS, EXP, CDNR and CDNUR, and what is not taxed is in NIL; so the tables add up to the documents
 * (`totalOf`), which the tests hold. HSN, documents issued and supplies through operators tell the same lines in other ways.
 *
 * What an operator pays the tax of (section 9(5)) is in table 14 only. Amendments of filed periods (B2BA and the like) are not made here.
 */
import type { LocalDate } from "../facts";
import { b2clThresholds, hsnSplit, inForce, lawOn, tcsRates } from "./dated";
import {
  type Amounts,
  amountsOf,
  counted,
  type GstDocument,
  type GstLine,
  isRegistered,
  isZeroRated,
  nothing,
  plus,
  wayOfDocument,
} from "./document";
import type { StateCode } from "./states";
import { isExport } from "./supply";
import type { Way } from "./tax";

export type Table = "b2b" | "b2cl" | "b2cs" | "exp" | "cdnr" | "cdnur";

/** A document of a table: its taxable lines in one sum for each rate, rates rising. */
export type Filed = Readonly<{ document: GstDocument; rates: readonly Rated[] }>;
export type Rated = Readonly<{ rate: bigint; amounts: Amounts }>;
/** `documents`: the ids of what makes the sum. */
export type Small = Readonly<{
  pos: StateCode;
  way: Way;
  rate: bigint;
  amounts: Amounts;
  documents: readonly string[];
}>;

export const nilKinds = ["INTRB2B", "INTRAB2B", "INTRB2C", "INTRAB2C"] as const;
export type NilKind = (typeof nilKinds)[number];
export type Nil = Readonly<{
  kind: NilKind;
  nil: bigint;
  exempt: bigint;
  nonGst: bigint;
  documents: readonly string[];
}>;
export type Hsn = Readonly<{
  /** null before table 12 was divided: all buyers in one. */
  toRegistered: boolean | null;
  hsn: string;
  uqc: string;
  rate: bigint;
  description: string;
  qty: bigint;
  decimals: number;
  amounts: Amounts;
  documents: readonly string[];
}>;
/** `tcs`: what the operator is to collect on the net value (section 52), by the rate of each document's day; never below 0. */
export type Operator = Readonly<{
  gstin: string;
  pays: boolean;
  amounts: Amounts;
  tcs: bigint;
  documents: readonly string[];
}>;

export type Gstr1 = Readonly<{
  seller: string;
  period: Readonly<{ from: LocalDate; to: LocalDate }>;
  b2b: readonly Filed[];
  b2cl: readonly Filed[];
  exp: readonly Filed[];
  cdnr: readonly Filed[];
  cdnur: readonly Filed[];
  b2cs: readonly Small[];
  nil: readonly Nil[];
  hsn: readonly Hsn[];
  operators: readonly Operator[];
}>;

/** Above the threshold of its day a supply between states to an unregistered buyer is told by itself. */
function isLarge(way: Way, on: LocalDate, value: bigint): boolean {
  return way === "inter" && value > lawOn(b2clThresholds, on);
}

/** The table that the taxable lines of a document belong to. A note to an unregistered buyer follows the invoice that it is of. */
export function tableOf(document: GstDocument): Table {
  const isNote = document.kind !== "invoice";
  if (isExport(document.supply)) return isNote ? "cdnur" : "exp";
  if (isRegistered(document)) return isNote ? "cdnr" : "b2b";
  const of = isNote ? document.of : { on: document.on, value: document.value };
  if (of === null || !isLarge(wayOfDocument(document), of.on, of.value)) return "b2cs";
  return isNote ? "cdnur" : "b2cl";
}

/** What of a document is taxable: of a zero-rated one everything, of others what is neither nil, exempt nor outside of GST. */
export function taxableLines(document: GstDocument): readonly GstLine[] {
  return isZeroRated(document) ? document.lines : document.lines.filter(({ nature }) => nature === "taxable");
}

/** One sum for each rate, as they stand on the document: a note's amounts are above 0 here, the return knows its kind. */
export function ratesOf(lines: readonly GstLine[]): readonly Rated[] {
  const sums = new Map<bigint, Amounts>();
  for (const line of lines) sums.set(line.rate, plus(sums.get(line.rate) ?? nothing, line));
  return [...sums].map(([rate, amounts]) => ({ rate, amounts })).sort((a, b) => (a.rate < b.rate ? -1 : 1));
}

/** The return of a registration and period, of the documents that were issued under it then; what was cancelled counts nothing. */
export function gstr1Of(
  seller: string,
  period: Readonly<{ from: LocalDate; to: LocalDate }>,
  documents: readonly GstDocument[],
): Gstr1 {
  const stand = standing(seller, period, documents);
  const told = stand.filter(({ operator }) => operator?.pays !== true);
  const filed = (table: Table): Filed[] =>
    told
      .filter((document) => tableOf(document) === table)
      .map((document) => ({ document, rates: ratesOf(taxableLines(document)) }))
      .filter(({ rates }) => rates.length > 0);
  return {
    seller,
    period,
    b2b: filed("b2b"),
    b2cl: filed("b2cl"),
    exp: filed("exp"),
    cdnr: filed("cdnr"),
    cdnur: filed("cdnur"),
    b2cs: smallOf(told),
    nil: nilOf(told),
    hsn: hsnOf(told, period.to),
    operators: operatorsOf(stand),
  };
}

/** The documents that a return is of: of its registration, of its days, and not cancelled. */
export function standing(
  seller: string,
  period: Readonly<{ from: LocalDate; to: LocalDate }>,
  documents: readonly GstDocument[],
): readonly GstDocument[] {
  return documents.filter(
    (document) =>
      document.seller === seller && !document.isCancelled && document.on >= period.from && document.on <= period.to,
  );
}

/** What all tables of taxable supplies come to: the taxable lines of the documents, notes taken away. */
export function totalOf(gstr1: Gstr1): Amounts {
  const filed = [...gstr1.b2b, ...gstr1.b2cl, ...gstr1.exp, ...gstr1.cdnr, ...gstr1.cdnur];
  return plus(
    amountsOf(
      filed.map(({ document, rates }) => counted(document.kind, amountsOf(rates.map(({ amounts }) => amounts)))),
    ),
    amountsOf(gstr1.b2cs.map(({ amounts }) => amounts)),
  );
}

function smallOf(documents: readonly GstDocument[]): Small[] {
  const sums = new Map<string, Small>();
  for (const document of documents) {
    if (tableOf(document) !== "b2cs") continue;
    const way = wayOfDocument(document);
    for (const { rate, amounts } of ratesOf(taxableLines(document))) {
      const id = `${document.pos}/${rate.toString().padStart(6, "0")}`;
      const before = sums.get(id);
      sums.set(id, {
        pos: document.pos,
        way,
        rate,
        amounts: plus(before?.amounts ?? nothing, counted(document.kind, amounts)),
        documents: [...(before?.documents ?? []), document.id],
      });
    }
  }
  return inOrder(sums);
}

function nilOf(documents: readonly GstDocument[]): Nil[] {
  const sums = new Map<NilKind, Nil>();
  for (const document of documents) {
    if (isZeroRated(document)) continue;
    const untaxed = document.lines.filter(({ nature }) => nature !== "taxable");
    if (untaxed.length === 0) continue;
    const kind = nilKind(wayOfDocument(document), isRegistered(document));
    const before = sums.get(kind) ?? { kind, nil: 0n, exempt: 0n, nonGst: 0n, documents: [] };
    const sum = (nature: GstLine["nature"]) =>
      counted(document.kind, amountsOf(untaxed.filter((line) => line.nature === nature))).taxable;
    sums.set(kind, {
      kind,
      nil: before.nil + sum("nil"),
      exempt: before.exempt + sum("exempt"),
      nonGst: before.nonGst + sum("non_gst"),
      documents: [...before.documents, document.id],
    });
  }
  return nilKinds.flatMap((kind) => sums.get(kind) ?? []);
}

function nilKind(way: Way, registered: boolean): NilKind {
  if (way === "inter") return registered ? "INTRB2B" : "INTRB2C";
  return registered ? "INTRAB2B" : "INTRAB2C";
}

/** Table 12: every line by its code, unit and rate, untaxed ones too; quantities in the finest unit that the lines have. */
function hsnOf(documents: readonly GstDocument[], until: LocalDate): Hsn[] {
  // Of a return that began before the table was divided, too: a file has one form of it.
  const isDivided = lawOn(hsnSplit, until);
  const sums = new Map<string, Hsn>();
  for (const document of documents) {
    const toRegistered = isDivided ? isRegistered(document) : null;
    for (const line of document.lines) {
      const id = `${toRegistered === false ? 1 : 0}/${line.hsn.padEnd(8)}/${line.uqc}/${line.rate.toString().padStart(6, "0")}`;
      const before = sums.get(id);
      const decimals = before !== undefined && before.decimals > line.decimals ? before.decimals : line.decimals;
      const qty = scaled(line.qty, line.decimals, decimals);
      sums.set(id, {
        toRegistered,
        hsn: line.hsn,
        uqc: line.uqc,
        rate: line.rate,
        description: before?.description ?? line.description,
        qty:
          scaled(before?.qty ?? 0n, before?.decimals ?? 0, decimals) + (document.kind === "credit_note" ? -qty : qty),
        decimals,
        amounts: plus(before?.amounts ?? nothing, counted(document.kind, line)),
        documents:
          before?.documents.at(-1) === document.id ? before.documents : [...(before?.documents ?? []), document.id],
      });
    }
  }
  return inOrder(sums);
}

const scaled = (qty: bigint, from: number, to: number): bigint => qty * 10n ** BigInt(to - from);

/** Table 14: the net value of what was sold through each operator, and its taxes. */
function operatorsOf(documents: readonly GstDocument[]): Operator[] {
  const sums = new Map<string, Operator & Readonly<{ charged: bigint }>>();
  for (const document of documents) {
    if (document.operator === null) continue;
    const { gstin, pays } = document.operator;
    const id = `${pays ? 1 : 0}/${gstin}`;
    const before = sums.get(id);
    const net = counted(document.kind, amountsOf(document.lines));
    const rate = pays ? 0n : (inForce(tcsRates, document.on)?.value ?? 0n);
    const charged = (before?.charged ?? 0n) + net.taxable * rate;
    sums.set(id, {
      gstin,
      pays,
      amounts: plus(before?.amounts ?? nothing, net),
      charged,
      tcs: charged > 0n ? (2n * charged + 10_000n) / 20_000n : 0n,
      documents: [...(before?.documents ?? []), document.id],
    });
  }
  return inOrder(sums).map(({ charged: _, ...operator }) => operator);
}

const inOrder = <T>(sums: ReadonlyMap<string, T>): T[] =>
  [...sums].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, sum]) => sum);

/** A number that was given, of table 13; `series` and `nth` say which follow each other. */
export type Given = Readonly<{
  kind: GstDocument["kind"];
  series: string;
  nth: bigint;
  number: string;
  isCancelled: boolean;
}>;
export type Range = Readonly<{ from: string; to: string; total: bigint; cancelled: bigint }>;
export type DocumentsIssued = Readonly<{ kind: GstDocument["kind"]; ranges: readonly Range[] }>;

/** Table 13: the numbers of each kind in unbroken ranges, and how many of each were cancelled. */
export function issuedOf(given: readonly Given[]): readonly DocumentsIssued[] {
  return (["invoice", "debit_note", "credit_note"] as const).flatMap((kind) => {
    const all = given
      .filter((one) => one.kind === kind)
      .sort((a, b) => (a.series === b.series ? (a.nth < b.nth ? -1 : 1) : a.series < b.series ? -1 : 1));
    const ranges: Range[] = [];
    for (const [at, one] of all.entries()) {
      const last = all[at - 1];
      const open = ranges.at(-1);
      const cancelled = one.isCancelled ? 1n : 0n;
      if (open !== undefined && last?.series === one.series && last.nth + 1n === one.nth)
        ranges[ranges.length - 1] = {
          ...open,
          to: one.number,
          total: open.total + 1n,
          cancelled: open.cancelled + cancelled,
        };
      else ranges.push({ from: one.number, to: one.number, total: 1n, cancelled });
    }
    return ranges.length === 0 ? [] : [{ kind, ranges }];
  });
}
