/**
 * Why stock leaves or comes in without a purchase, a sale or a return: the reasons that a person chooses from, what they are called, and
 * the account that bears each.
 *
 * What leaves has the twelve reasons that a stock record asks for. What comes in has three, because everything else that comes in is a
 * document of its own: a purchase, a return, an opening, or the taking back of what was recorded by mistake. `found` is stock that nobody
 * knew of, `count` is more than the books said when it was counted, `data_entry` rights a quantity that was typed wrong.
 *
 * A reason is kept as its key. Facts may carry other words (a channel's, a file's): those stand as they are.
 */

export const outReasons = [
  "lost",
  "stolen",
  "destroyed",
  "damaged",
  "written_off",
  "gift",
  "sample",
  "own_use",
  "scrap",
  "wastage",
  "count",
  "data_entry",
] as const;
export const inReasons = ["found", "count", "data_entry"] as const;
/** Every reason once, in the order in which people are asked. */
export const reasons = [...outReasons, "found"] as const;
export type Reason = (typeof reasons)[number];

/** What an adjustment does: stock goes out of the books, or comes into them. */
export type Way = "out" | "in";

const words: Readonly<Record<Reason, string>> = {
  lost: "Lost",
  stolen: "Stolen",
  destroyed: "Destroyed",
  damaged: "Damaged",
  written_off: "Written off",
  gift: "Gift",
  sample: "Free sample",
  own_use: "Own use",
  scrap: "Scrap",
  wastage: "Wastage",
  count: "Count",
  data_entry: "Data-entry error",
  found: "Found",
};

/** Account 5100, which bears what no other account is named for. */
export const shrinkage = "5100";

/**
 * The account of each reason, unless a business says otherwise: what the owner takes is a draw and no cost of the business, what is given
 * away is advertising, and all else is shrinkage, to which also comes back what is found (accounting.md).
 */
const named: Readonly<Partial<Record<Reason, string>>> = { gift: "6020", sample: "6020", own_use: "3010" };

/** The account of a reason that the business did not change (a chart code). */
export function reasonAccount(reason: Reason): string {
  return named[reason] ?? shrinkage;
}

/** The reasons of a way, in the order in which a form offers them. */
export function reasonsOf(way: Way): readonly Reason[] {
  return way === "out" ? outReasons : inReasons;
}

/** The reason that a text is the key of; null for any other text. */
export function reasonOf(text: string): Reason | null {
  return reasons.find((reason) => reason === text) ?? null;
}

/** A reason as people read it at the beginning of a line; words of other sources stand as they are. */
export function saysReason(text: string): string {
  const reason = reasonOf(text);
  return reason === null ? text : words[reason];
}

/** The same within a sentence: "Stock removed: own use". */
export function reasonWithin(text: string): string {
  return reasonOf(text) === null ? text : saysReason(text).toLowerCase();
}
