/**
 * What the taxes of an invoice or a credit note post: from the account that the sale put them on to the tax's own. They follow from the
 * paper as it was issued, which never changes, and not from the order's fact: a channel sends an order anew whenever it likes, and would
 * take a division by hand away with it (docs/decisions/0011-gst.md). No money moves by it.
 */
import type { LocalDate } from "../facts";
import type { Posting } from "../journal";
import { accounts } from "../posting";
import type { GstKind } from "./document";
import type { TaxParts } from "./tax";

/** Where the tax of what is sold stands until it is paid to the state: the accounts of GSTR-3B 3.1. */
export const outputAccounts: Readonly<Record<keyof TaxParts, string>> = { cgst: "2221", sgst: "2222", igst: "2223" };

/**
 * The account that holds the taxes of a paper until it is issued; null where they are another's to pay (section 9(5)). An order's own tax
 * stands on the seller's or the marketplace's account of tax, and what prices hold stands on Sales. A refund that says its tax gives it back
 * from the same account of tax; one that does not is posted whole among the refunds, and its tax is taken out of there.
 */
export function heldOn(
  paper: Readonly<{ kind: GstKind; tax: bigint; taxBy: "seller" | "channel"; operatorPays: boolean }>,
): string | null {
  if (paper.operatorPays) return null;
  if (paper.tax === 0n) return paper.kind === "credit_note" ? accounts.refunds : accounts.sales;
  return paper.taxBy === "channel" ? accounts.marketplaceTax : accounts.salesTax;
}

/** `taxes` are the paper's sums, not below 0; `heldOn` as it was when the paper was issued. */
export type TaxedPaper = Readonly<{
  kind: GstKind;
  number: string;
  on: LocalDate;
  heldOn: string | null;
  taxes: TaxParts;
}>;

/** The postings of a paper that stands, purpose "gst"; a cancelled one wants none. A tax of 0 is not posted. */
export function paperPostings({ kind, number, on, heldOn: held, taxes }: TaxedPaper): readonly Posting[] {
  if (held === null) return [];
  const about = {
    purpose: "gst",
    effectiveOn: on,
    memo: `GST of ${number}`,
    channel: null,
    item: null,
    location: null,
    line: null,
  };
  return (["igst", "cgst", "sgst"] as const)
    .filter((part) => taxes[part] !== 0n)
    .map((part) => {
      const own = outputAccounts[part];
      const pair = kind === "credit_note" ? { debit: own, credit: held } : { debit: held, credit: own };
      return { ...about, ...pair, amount: taxes[part] };
    });
}
