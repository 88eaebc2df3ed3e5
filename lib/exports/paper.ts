/**
 * A document as it stands on paper: head, party, lines, sums, closing lines. Invoices and notes as they were issued, and notes of what
 * moved, are all told as this, and written by `paper-pdf.ts`. What builds one knows its kind; what writes it knows only this.
 */
import type { LocalDate } from "../core/facts";
import type { Cell, Column } from "./sheet";

/** A party of a document; `address` has line breaks, what is not known is empty. */
export type PaperParty = Readonly<{ name: string; address: string; taxNumber: string }>;

export type Paper = Readonly<{
  /** Invoice, Credit note, Transfer note, … */
  title: string;
  number: string | null;
  on: LocalDate;
  /** Set where it does not stand: `Cancelled`, `Taken back`, `Draft`. */
  mark: string | null;
  from: PaperParty;
  /** Who or what it goes to, and what that is called (`To`, `Supplier`); null where it concerns nobody else. */
  to: Readonly<{ label: string; party: PaperParty }> | null;
  /** What else stands in its head, as label and value. */
  about: readonly (readonly [label: string, value: string])[];
  columns: readonly Column[];
  lines: readonly (readonly Cell[])[];
  /** Beneath the lines, at right; the last one stands out. */
  sums: readonly Readonly<{ label: string; value: string }>[];
  notes: readonly string[];
  /** Empty: no closing line. */
  foot: string;
  /** Lines for names and signatures, as on a note that goes with goods. */
  signs: readonly string[];
  size: PaperSize;
}>;

export type PaperSize = "A4" | "LETTER";

/** Countries whose offices print on Letter. */
const letter: ReadonlySet<string> = new Set("US CA MX PH CL CO VE CR GT NI PA SV DO PR".split(" "));
export const paperSize = (country: string): PaperSize => (letter.has(country) ? "LETTER" : "A4");
