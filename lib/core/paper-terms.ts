/**
 * How long a paper's buyer must stay on it: what tax law asks to keep is not erased before its term is over (Article 17(3)(b) of the GDPR
 * says the same). A country's term is a row with its source, never a constant.
 */
import { addDays, taxYearOf, taxYearRange } from "./dates";
import type { LocalDate } from "./facts";

type Term = Readonly<{
  /** Years after the end of the year that the paper is of. */
  years: number;
  /** The month in which that year begins: 4 in India. */
  startMonth: number;
  /** Days after the end of that year from which the years are counted: until a return is due. */
  dueDays: number;
  source: string;
}>;

const terms: Readonly<Record<string, Term | null>> = {
  // 72 months from the day on which the annual return is due, which is 31 December after the year (275 days after 31 March).
  IN: { years: 6, startMonth: 4, dueDays: 275, source: "CGST Act 2017, sections 35, 36 and 44" },
  DE: { years: 8, startMonth: 1, dueDays: 0, source: "§ 14b UStG, as it stands since 1 January 2025" },
  GB: { years: 6, startMonth: 1, dueDays: 0, source: "VAT Notice 700/21 (HMRC)" },
  // No federal law asks for a buyer's name or address on the paper of a sale.
  US: null,
};
/** Of a country that is not in the list, the longest term that we know of: books in Germany. */
const longest: Term = {
  years: 10,
  startMonth: 1,
  dueDays: 0,
  source: "your country’s own term is not known here, so the longest that is",
};

/** The last day on which a paper of this day keeps its buyer, and by what law; null where no law asks for it. */
export function keptUntil(country: string, on: LocalDate): Readonly<{ until: LocalDate; source: string }> | null {
  const term = Object.hasOwn(terms, country) ? (terms[country] ?? null) : longest;
  if (term === null) return null;
  const end = addDays(taxYearRange(taxYearOf(on, term.startMonth), term.startMonth).to, term.dueDays);
  const year = (BigInt(end.slice(0, 4)) + BigInt(term.years)).toString();
  return { until: `${year}${end.slice(4)}`, source: term.source };
}
