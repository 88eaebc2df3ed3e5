/**
 * GSTR-3B: one figure for each cell of the summary return, each with the documents that make it. What goes out comes from the same
 * documents as GSTR-1, so that the two never differ; what comes in from purchases and what went back to suppliers.
 */
import type { LocalDate } from "../facts";
import {
  type Amounts,
  amountsOf,
  counted,
  type GstDocument,
  isRegistered,
  isZeroRated,
  less,
  nothing,
  plus,
  wayOfDocument,
} from "./document";
import { standing, taxableLines } from "./gstr1";
import { type StateCode, stateOfGstin } from "./states";
import { noTax, type TaxParts, type Way } from "./tax";

export const inwardNatures = ["taxable", "nil", "non_gst"] as const;

/** A purchase with its taxes, or goods that went back to a supplier (`isReturn`). */
export type Inward = Readonly<{
  id: string;
  number: string;
  on: LocalDate;
  /** The registration that it came to. */
  buyer: string;
  /** null: the supplier has none. */
  supplier: string | null;
  isReturn: boolean;
  isImport: boolean;
  /** The tax is owed by who receives. */
  isReverseCharge: boolean;
  /** Section 17(5) lets nothing be set against it. */
  isBlocked: boolean;
  /** Whether it was taxed: what was not is told by value only. */
  nature: (typeof inwardNatures)[number];
  pos: StateCode;
  amounts: Amounts;
}>;

/**
 * What of a purchase's tax the purchase itself puts on the accounts of input tax: what the supplier was paid and nothing forbids to set
 * off. The tax of an import or of reverse charge is paid to the state, by a bank line of its own; cess has no account.
 */
export function inputOf(
  one: Readonly<Pick<Inward, "nature" | "isImport" | "isReverseCharge" | "isBlocked" | "amounts">>,
): TaxParts {
  if (one.nature !== "taxable" || one.isImport || one.isReverseCharge || one.isBlocked) return noTax;
  const { igst, cgst, sgst } = one.amounts;
  return { igst, cgst, sgst };
}

/** Of a document, what it adds to a cell. */
export type Source = Readonly<{ document: string; amounts: Amounts }>;
export type FigureOf = Readonly<{ amounts: Amounts; sources: readonly Source[] }>;

export const outwardCells = ["3.1a", "3.1b", "3.1c", "3.1d", "3.1e", "3.1.1"] as const;
export const creditCells = ["4A1", "4A3", "4A5", "4B1", "4C"] as const;
export const inwardCells = ["5inter", "5intra", "5nonInter", "5nonIntra"] as const;
export type CellName = (typeof outwardCells)[number] | (typeof creditCells)[number] | (typeof inwardCells)[number];

export const cellWords: Readonly<Record<CellName, string>> = {
  "3.1a": "(a) Outward taxable supplies (other than zero rated, nil rated and exempted)",
  "3.1b": "(b) Outward taxable supplies (zero rated)",
  "3.1c": "(c) Other outward supplies (nil rated, exempted)",
  "3.1d": "(d) Inward supplies (liable to reverse charge)",
  "3.1e": "(e) Non-GST outward supplies",
  "3.1.1": "3.1.1 Through operators who pay the tax (section 9(5))",
  "4A1": "(A)(1) Import of goods",
  "4A3": "(A)(3) Inward supplies liable to reverse charge",
  "4A5": "(A)(5) All other credit",
  "4B1": "(B)(1) Reversed: section 17(5)",
  "4C": "(C) Net input tax credit",
  "5inter": "Inward nil rated and exempt, between states",
  "5intra": "Inward nil rated and exempt, within the state",
  "5nonInter": "Inward non-GST, between states",
  "5nonIntra": "Inward non-GST, within the state",
};

export type Gstr3b = Readonly<{
  cells: Readonly<Record<CellName, FigureOf>>;
  /** 3.2: between states to buyers without a registration, by place of supply; part of 3.1a. */
  unregistered: readonly (Readonly<{ pos: StateCode }> & FigureOf)[];
}>;

const figure = (sources: readonly Source[]): FigureOf => ({
  amounts: amountsOf(sources.map(({ amounts }) => amounts)),
  sources,
});

/** The return of a registration and period. */
export function gstr3bOf(
  seller: string,
  period: Readonly<{ from: LocalDate; to: LocalDate }>,
  documents: readonly GstDocument[],
  inward: readonly Inward[],
): Gstr3b {
  const stand = standing(seller, period, documents);
  const told = stand.filter(({ operator }) => operator?.pays !== true);
  const came = inward.filter(({ buyer, on }) => buyer === seller && on >= period.from && on <= period.to);
  const out = (of: readonly GstDocument[], lines: (document: GstDocument) => readonly Amounts[]): Source[] =>
    of
      .filter((document) => lines(document).length > 0)
      .map((document) => ({ document: document.id, amounts: counted(document.kind, amountsOf(lines(document))) }));
  const natured =
    (...natures: readonly string[]) =>
    (document: GstDocument) =>
      isZeroRated(document) ? [] : document.lines.filter(({ nature }) => natures.includes(nature));
  const taxed = told.filter((document) => !isZeroRated(document));
  const credit = (of: (one: Inward) => boolean): Source[] =>
    came.filter((one) => one.nature === "taxable" && of(one)).map(sourceOf);
  const untaxed = (nature: "nil" | "non_gst", way: Way): Source[] =>
    came.filter((one) => one.nature === nature && wayIn(one) === way).map(sourceOf);
  const imports = credit(({ isImport }) => isImport);
  const reverse = credit(({ isImport, isReverseCharge }) => !isImport && isReverseCharge);
  const other = credit(({ isImport, isReverseCharge }) => !isImport && !isReverseCharge);
  const blocked = credit(({ isBlocked }) => isBlocked);
  return {
    cells: {
      // What the buyer owes (reverse charge) is told by value only: the tax is not the seller's.
      "3.1a": figure(
        out(taxed, (document) =>
          taxableLines(document).map((line) => (document.isReverseCharge ? valueOnly(line) : line)),
        ),
      ),
      "3.1b": figure(out(told.filter(isZeroRated), (document) => document.lines)),
      "3.1c": figure(out(told, natured("nil", "exempt"))),
      "3.1d": figure(reverse),
      "3.1e": figure(out(told, natured("non_gst"))),
      "3.1.1": figure(
        out(
          stand.filter(({ operator }) => operator?.pays === true),
          (document) => document.lines.map(valueOnly),
        ),
      ),
      "4A1": figure(imports),
      "4A3": figure(reverse),
      "4A5": figure(other),
      "4B1": figure(blocked),
      "4C": figure([
        ...imports,
        ...reverse,
        ...other,
        ...blocked.map(({ document, amounts }) => ({ document, amounts: less(amounts) })),
      ]),
      "5inter": figure(untaxed("nil", "inter")),
      "5intra": figure(untaxed("nil", "intra")),
      "5nonInter": figure(untaxed("non_gst", "inter")),
      "5nonIntra": figure(untaxed("non_gst", "intra")),
    },
    unregistered: byPlace(
      taxed.filter((document) => !isRegistered(document) && wayOfDocument(document) === "inter"),
      (of) => figure(out(of, taxableLines)),
    ),
  };
}

const valueOnly = (amounts: Amounts): Amounts => ({ ...nothing, taxable: amounts.taxable });

const sourceOf = (one: Inward): Source => ({
  document: one.id,
  amounts: one.isReturn ? less(one.amounts) : plus(nothing, one.amounts),
});

const wayIn = (one: Inward): Way =>
  one.isImport || (one.supplier === null ? one.pos : stateOfGstin(one.supplier)) !== stateOfGstin(one.buyer)
    ? "inter"
    : "intra";

function byPlace(documents: readonly GstDocument[], of: (some: readonly GstDocument[]) => FigureOf) {
  const places = [...new Set(documents.map(({ pos }) => pos))].sort();
  return places
    .map((pos) => ({ pos, ...of(documents.filter((document) => document.pos === pos)) }))
    .filter(({ sources }) => sources.length > 0);
}
