/**
 * What the numbers of documents look like: letters that say the kind, the tax year unless the business leaves it out, and the count,
 * `INV-2026-0042`. A number has at most 16 characters, letters, digits, `-` and `/` only, as the rules of GST ask (CGST Rules, 46(b));
 * other countries ask for less, so all businesses keep to it.
 */
import { Refusal } from "./errors";

/** Every kind of document that has numbers of its own, in the order in which they are shown. */
export const seriesKinds = [
  "invoice",
  "credit_note",
  "debit_note",
  "transfer",
  "adjustment",
  "production",
  "count",
  "purchase_order",
] as const;
export type SeriesKind = (typeof seriesKinds)[number];

/** `digits`: the count is filled up with zeros to so many. `hasYear`: the count begins anew with each tax year, which the number names. */
export type SeriesForm = Readonly<{ prefix: string; digits: number; hasYear: boolean }>;

const prefixes: Readonly<Record<SeriesKind, string>> = {
  invoice: "INV",
  credit_note: "CN",
  debit_note: "DN",
  transfer: "TR",
  adjustment: "ADJ",
  production: "PR",
  count: "CS",
  purchase_order: "PO",
};

/** The form of a kind that nobody chose another for. */
export const usualForm = (kind: SeriesKind): SeriesForm => ({ prefix: prefixes[kind], digits: 4, hasYear: true });

export const longestNumber = 16;
export const mostDigits = 8;
const leastDigits = 3;

/** The `nth` number of a series; `taxYear` is named by the calendar year in which it begins and left out where the form has none. */
export function numberOf(form: SeriesForm, taxYear: number, nth: number): string {
  const count = String(nth).padStart(form.digits, "0");
  return [form.prefix, form.hasYear ? String(taxYear) : "", count].filter((part) => part !== "").join("-");
}

/** The form as it is kept. Refuses, at its field, what could make a number that is too long, has other signs, or reads as another's. */
export function checkForm(typed: SeriesForm): SeriesForm {
  const prefix = typed.prefix.trim().toUpperCase();
  if (!/^([A-Z0-9]([A-Z0-9/-]*[A-Z0-9])?)?$/.test(prefix))
    throw new Refusal(
      "bad_field",
      "Letters A to Z and digits, with - or / between them: that is all that such a number may have.",
      { field: "prefix" },
    );
  // `A-2025` without the year in it would give what `A` gives with it.
  if (/(^|-)\d{4}$/.test(prefix))
    throw new Refusal("bad_field", "Four digits at its end would read as a year. Choose other letters.", {
      field: "prefix",
    });
  const { digits } = typed;
  if (!(digits >= leastDigits && digits <= mostDigits))
    throw new Refusal("out_of_range", `The count has ${leastDigits} to ${mostDigits} digits.`, { field: "digits" });
  const form = { ...typed, prefix };
  if (numberOf(form, 2000, 1).length > longestNumber)
    throw new Refusal(
      "text_too_long",
      `A number has at most ${longestNumber} characters. Take fewer letters or digits.`,
      {
        field: "prefix",
      },
    );
  return form;
}
