/** What the preview of Add Details is asked and answers, as JSON; amounts are texts for people. */
import { Refusal } from "../../../../lib/core/errors";
import type { Fields } from "./read-details";

export type PreviewFigure = Readonly<{ now: string; change: string; after: string }>;
export type PreviewAnswer = Readonly<{
  fingerprint: string;
  /** Costs that were posted already move. */
  mustBeSeen: boolean;
  saleCount: number;
  closed: number;
  /** Where it is posted, and which closed periods it is about, in sentences. */
  periods: readonly string[];
  cost: PreviewFigure;
  inventory: PreviewFigure;
  sales: readonly Readonly<{
    line: string;
    order: string;
    number: string;
    name: string;
    on: string;
    change: string;
    after: string;
  }>[];
}>;

/** The form's fields as a form sends them. @throws Refusal `bad_field` */
export function readPreviewFields(body: string): Fields {
  const fields: Record<string, string> = {};
  let n = 0;
  for (const [name, value] of new URLSearchParams(body)) {
    n += 1;
    if (n > 12_000 || name.length > 80)
      throw new Refusal("bad_field", "This form cannot be read. Load the page again.");
    fields[name] = value;
  }
  return fields;
}
