/** An outward document for the returns: an invoice or a note with its taxes, as it was issued. Amounts are paise, never below 0. */
import type { LocalDate } from "../facts";
import type { StateCode } from "./states";
import { stateOfGstin } from "./states";
import type { Supply } from "./supply";
import { isExport, isSez, wayOf } from "./supply";
import type { TaxParts, Way } from "./tax";

/** Whether a line is taxed at all. Only `taxable` has a rate; a rate of 0 without being nil-rated is a zero-rated supply's. */
export const natures = ["taxable", "nil", "exempt", "non_gst"] as const;
export type Nature = (typeof natures)[number];

export type GstLine = TaxParts &
  Readonly<{
    /** The sold or returned line that it is of: what the item ledger knows it by. null for what is no goods (shipping). */
    source: string | null;
    item: string | null;
    description: string;
    /** Empty where the item has none: the return says so. */
    hsn: string;
    uqc: string;
    /** Smallest units; `decimals` of them make one. */
    qty: bigint;
    decimals: number;
    nature: Nature;
    /** Hundredths of a percent. */
    rate: bigint;
    taxable: bigint;
    cess: bigint;
  }>;

export type GstKind = "invoice" | "credit_note" | "debit_note";

export type GstDocument = Readonly<{
  id: string;
  kind: GstKind;
  number: string;
  on: LocalDate;
  /** The seller's registration that it was issued under. */
  seller: string;
  /** null: the buyer has none, or did not say. */
  buyer: string | null;
  pos: StateCode;
  supply: Supply;
  isReverseCharge: boolean;
  /** The invoice that a note is of. */
  of: Readonly<{ number: string; on: LocalDate; value: bigint }> | null;
  /** The registration of the operator that it was sold through, and whether that collects tax (52) or pays it (9(5)). */
  operator: Readonly<{ gstin: string; pays: boolean }> | null;
  /** The shipping bill of an export, where it is there already. */
  port: Readonly<{ code: string; bill: string; on: LocalDate }> | null;
  /** All that is asked for, with tax. */
  value: bigint;
  lines: readonly GstLine[];
  isCancelled: boolean;
}>;

export const wayOfDocument = (document: Readonly<{ seller: string; pos: StateCode; supply: Supply }>): Way =>
  wayOf(stateOfGstin(document.seller), document.pos, document.supply);

/** Amounts of a table, a cell or a rate. */
export type Amounts = TaxParts & Readonly<{ taxable: bigint; cess: bigint }>;
export const nothing: Amounts = { taxable: 0n, igst: 0n, cgst: 0n, sgst: 0n, cess: 0n };

export const plus = (a: Amounts, b: Amounts): Amounts => ({
  taxable: a.taxable + b.taxable,
  igst: a.igst + b.igst,
  cgst: a.cgst + b.cgst,
  sgst: a.sgst + b.sgst,
  cess: a.cess + b.cess,
});

export const less = (a: Amounts): Amounts => ({
  taxable: -a.taxable,
  igst: -a.igst,
  cgst: -a.cgst,
  sgst: -a.sgst,
  cess: -a.cess,
});

export const amountsOf = (lines: readonly Amounts[]): Amounts => lines.reduce(plus, nothing);

/** What a line counts in a return: a credit note takes away. */
export const counted = (kind: GstKind, line: Amounts): Amounts =>
  kind === "credit_note" ? less(line) : plus(nothing, line);

/** Whether the buyer's own return takes it up: it has a registration and is not abroad. */
export const isRegistered = (document: GstDocument): boolean => document.buyer !== null && !isExport(document.supply);

/** Whether it is zero-rated (section 16 of the IGST Act): an export or a supply to an SEZ. */
export const isZeroRated = (document: GstDocument): boolean => isExport(document.supply) || isSez(document.supply);
