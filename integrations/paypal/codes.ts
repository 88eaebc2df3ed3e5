/** What a transaction is, by PayPal's event code (T and four digits, in groups of a hundred). Pure. */
import type { ChargeCategory } from "../../lib/core/facts";

export type Kind =
  | Readonly<{ part: "payment" | "refund" | "dispute" | "held" | "payout" | "payout back" | "conversion" }>
  | Readonly<{ part: "charge"; category: ChargeCategory }>;

const exact: Readonly<Record<string, Kind>> = {
  // The seller buys postage by PayPal.
  T0008: { part: "charge", category: "label" },
  T0106: { part: "charge", category: "processing" },
  T0107: { part: "charge", category: "processing" },
  T1101: { part: "payout back" },
  T1104: { part: "charge", category: "bank" },
  T1105: { part: "held" },
  T1106: { part: "dispute" },
  T1107: { part: "refund" },
  T1108: { part: "charge", category: "processing" },
  T1109: { part: "charge", category: "processing" },
  T1110: { part: "held" },
  T1111: { part: "held" },
  T1201: { part: "dispute" },
  T1202: { part: "dispute" },
  T1205: { part: "dispute" },
  T1207: { part: "dispute" },
  T1208: { part: "dispute" },
  T2109: { part: "charge", category: "gift_card" },
  T2110: { part: "charge", category: "gift_card" },
};
const groups: Readonly<Record<string, Kind>> = {
  T00: { part: "payment" },
  T01: { part: "charge", category: "fee" },
  T02: { part: "conversion" },
  // The seller's own bank account or card pays in, often to cover a purchase made in the same minute.
  T03: { part: "charge", category: "bank" },
  T04: { part: "payout" },
  T07: { part: "charge", category: "bank" },
  T08: { part: "charge", category: "reimbursement" },
  T09: { part: "charge", category: "reimbursement" },
  T15: { part: "held" },
  T21: { part: "held" },
};

/** Whatever is not known stays visible as "other". */
export function kindOf(code: string): Kind {
  const group = code.slice(0, 3);
  return (
    (Object.hasOwn(exact, code) ? exact[code] : undefined) ??
    (Object.hasOwn(groups, group) ? groups[group] : undefined) ?? { part: "charge", category: "other" }
  );
}

/** Those whose payment must be known to be understood. */
export function needsOriginal(code: string): boolean {
  return kindOf(code).part === "refund";
}
