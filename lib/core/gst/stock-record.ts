/**
 * The stock record that the law asks for (CGST Rules 2017, rule 56(2)): of each item opening balance, receipt, supply, goods lost, stolen,
 * destroyed, written off or disposed of by way of gift or free sample, and the balance, scrap and wastage included. Receipts are told
 * apart from what came back, and what has another reason stands in columns of its own, so that every row adds up to its balance.
 */
import { type Reason, reasonOf } from "../reasons";

/** What adds, in the order in which it is shown. */
export const recordIn = ["receipt", "made", "returned", "found", "transferIn"] as const;
/** What takes away. */
export const recordOut = [
  "supply",
  "toSupplier",
  "used",
  "lost",
  "stolen",
  "destroyed",
  "writtenOff",
  "gift",
  "sample",
  "scrap",
  "wastage",
  "other",
  "transferOut",
] as const;
export type RecordTerm = (typeof recordIn)[number] | (typeof recordOut)[number];

export const recordWords: Readonly<Record<RecordTerm, string>> = {
  receipt: "Received",
  made: "Made",
  returned: "Came back",
  found: "Found, put right",
  transferIn: "From other places",
  supply: "Supplied",
  toSupplier: "Back to supplier",
  used: "Used in production",
  lost: "Lost",
  stolen: "Stolen",
  destroyed: "Destroyed",
  writtenOff: "Written off",
  gift: "Gift",
  sample: "Free sample",
  scrap: "Scrap",
  wastage: "Wastage",
  other: "Other reasons",
  transferOut: "To other places",
};

/** All terms are 0 or above, but for what was put right on its own day (a return undone); `balance` is what follows from them. */
export type StockRecord = Readonly<Record<RecordTerm, bigint> & { opening: bigint; balance: bigint }>;

/** A kind of movement of the item ledger, with the reason of an adjustment; `qty` signed. */
export type RecordMove = Readonly<{ kind: string; reason: string | null; qty: bigint }>;

const byReason: Readonly<Partial<Record<Reason, (typeof recordOut)[number]>>> = {
  lost: "lost",
  stolen: "stolen",
  destroyed: "destroyed",
  written_off: "writtenOff",
  gift: "gift",
  sample: "sample",
  scrap: "scrap",
  wastage: "wastage",
};

/** The column of a movement. A kind that nobody knows goes by its sign, so that nothing is left out of the balance. */
export function recordTerm({ kind, reason, qty }: RecordMove): RecordTerm {
  switch (kind) {
    case "opening":
    case "purchase":
    case "backfill":
      return "receipt";
    case "sale":
      return "supply";
    case "sale_return":
    case "loose_return":
      return "returned";
    case "purchase_return":
      return "toSupplier";
    case "assembly":
      return qty > 0n ? "made" : "used";
    case "transfer":
      return qty > 0n ? "transferIn" : "transferOut";
    default: {
      if (qty > 0n) return "found";
      const known = reason === null ? null : reasonOf(reason);
      return (known === null ? undefined : byReason[known]) ?? "other";
    }
  }
}

const isOut = (term: RecordTerm): boolean => recordOut.some((one) => one === term);

/** The record of an item: `opening` is on hand before the period, `moves` what moved in it. */
export function stockRecord(opening: bigint, moves: readonly RecordMove[]): StockRecord {
  const terms: Record<RecordTerm, bigint> = {
    receipt: 0n,
    made: 0n,
    returned: 0n,
    found: 0n,
    transferIn: 0n,
    supply: 0n,
    toSupplier: 0n,
    used: 0n,
    lost: 0n,
    stolen: 0n,
    destroyed: 0n,
    writtenOff: 0n,
    gift: 0n,
    sample: 0n,
    scrap: 0n,
    wastage: 0n,
    other: 0n,
    transferOut: 0n,
  };
  let balance = opening;
  for (const move of moves) {
    const term = recordTerm(move);
    terms[term] += isOut(term) ? -move.qty : move.qty;
    balance += move.qty;
  }
  return { ...terms, opening, balance };
}

/** Whether a record has anything to tell. */
export const isQuiet = (record: StockRecord): boolean =>
  record.opening === 0n && [...recordIn, ...recordOut].every((term) => record[term] === 0n);
