/**
 * What input tax is set against what output tax at the end of a period: sections 49(5), 49A and 49B of the CGST Act and rule 88A. Credit of
 * IGST goes first, against IGST and then against CGST and SGST in any proportion, until none is left; credit of CGST then against CGST and
 * IGST, of SGST against SGST and, once CGST's is used up, IGST. CGST and SGST never pay each other.
 *
 * Of the proportions that rule 88A leaves open the one is taken that asks for the least cash: IGST goes first where the own credit does not
 * reach.
 */
import { invariant } from "../errors";
import type { LocalDate } from "../facts";
import type { Posting } from "../journal";
import { smaller } from "../money";
import { inputAccounts } from "../posting";
import { outputAccounts } from "./posting";
import type { TaxParts } from "./tax";

/** Credit of a tax used against what is owed of a tax; above 0. */
export type SetOff = Readonly<{ credit: keyof TaxParts; owed: keyof TaxParts; amount: bigint }>;

/** `owed` and `credit` are what stands on the accounts, not below 0. Gives what is used, in the order of the law. */
export function setOff(owed: TaxParts, credit: TaxParts): readonly SetOff[] {
  const left = { owed: { ...owed }, credit: { ...credit } };
  for (const side of [owed, credit])
    invariant(
      side.igst >= 0n && side.cgst >= 0n && side.sgst >= 0n,
      "what is owed and what is set off are not below 0",
    );
  const used: SetOff[] = [];
  const use = (from: keyof TaxParts, to: keyof TaxParts, most: bigint) => {
    const amount = smaller(most, smaller(left.credit[from], left.owed[to]));
    if (amount <= 0n) return;
    left.credit[from] -= amount;
    left.owed[to] -= amount;
    const same = used.findIndex((one) => one.credit === from && one.owed === to);
    const before = used[same];
    if (before === undefined) used.push({ credit: from, owed: to, amount });
    else used[same] = { ...before, amount: before.amount + amount };
  };
  use("igst", "igst", left.owed.igst);
  for (const part of ["cgst", "sgst"] as const) use("igst", part, left.owed[part] - left.credit[part]);
  for (const part of ["cgst", "sgst"] as const) use("igst", part, left.owed[part]);
  for (const part of ["cgst", "sgst"] as const) {
    use(part, part, left.owed[part]);
    use(part, "igst", left.owed.igst);
  }
  return used;
}

/** What a set-off of a month posts on its last day: what is owed grows less, and so does the credit. */
export const setOffPostings = (month: string, on: LocalDate, used: readonly SetOff[]): readonly Posting[] =>
  used.map(({ credit, owed, amount }) => ({
    purpose: "gst",
    effectiveOn: on,
    memo: `GST of ${month} set off`,
    debit: outputAccounts[owed],
    credit: inputAccounts[credit],
    amount,
    channel: null,
    item: null,
    location: null,
    line: null,
  }));
