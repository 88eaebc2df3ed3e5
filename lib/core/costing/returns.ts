/**
 * Sale returns (rule 6). The problem: what comes back must bring back the very cost that left, also when it comes back in pieces, or
 * the sale had not been covered. The choice: each allocation of the sale gives back cumulatively, as a lot does, last taken first;
 * the old lot's count never falls and what comes back is a new lot. Turned down: giving the units back to their old lot, which would
 * make yesterday's sales draw on what came back today.
 */
import { invariant } from "../errors";
import { lotOfSeveral } from "../ids";
import { share, smaller } from "../money";
import type { Allocation, Back, CostedBack, CostedOut, EarlierSale, Place } from "./types";

/** A sale that returns refer to: its allocations with what came back of each, and its shortage that is not yet cancelled. */
export type ReturnableSale = {
  readonly allocations: readonly { readonly lot: string; readonly qty: bigint; readonly cost: bigint; back: bigint }[];
  shortage: bigint;
  /** The fold's own row of the sale, which tells what returns cancelled; null for a sale before the fold. */
  readonly row: MutableOut | null;
};

/** A sale's row while the fold runs: a later return may still cancel shortage. */
export type MutableOut = Omit<CostedOut, "cancelled"> & { cancelled: bigint };

export function returnableOf(row: MutableOut): ReturnableSale {
  const allocations = row.allocations.map((part: Allocation) => ({
    lot: part.lot,
    qty: part.qty,
    cost: part.cost,
    back: 0n,
  }));
  return { allocations, shortage: row.shortage, row };
}

export function returnableOfEarlier(sale: EarlierSale): ReturnableSale {
  return { allocations: sale.allocations.map((part) => ({ ...part })), shortage: sale.shortage, row: null };
}

/** What a return at `back` cancels and brings back; the caller makes the lots that `parts` name. */
export function giveBack(sale: ReturnableSale, back: Back): CostedBack {
  const cancelled = back.restock ? cancelShortage(sale, back.qty) : 0n;
  const moves = back.restock || back.writeOff;
  const taken = moves ? takeBack(sale, back.qty - cancelled) : [];
  const several = taken.length > 1;
  const parts = taken.map((part, index) => ({
    ...part,
    lot: back.restock ? (several ? lotOfSeveral(back.id, index + 1) : back.id) : null,
  }));
  const cost = parts.reduce((sum, part) => sum + part.cost, 0n);
  return { id: back.id, sale: back.sale, cancelled, cost, parts };
}

/** The place of the lot that a return's part made: the return's own, by number. */
export function placeOfPart(back: Back, index: number): Place {
  return { ...back.place, number: index + 1 };
}

function cancelShortage(sale: ReturnableSale, qty: bigint): bigint {
  const cancelled = smaller(qty, sale.shortage);
  sale.shortage -= cancelled;
  if (sale.row !== null) sale.row.cancelled += cancelled;
  return cancelled;
}

/** Takes `wanted` units back out of a sale's allocations, last taken first; less where returns written off met shortage. */
function takeBack(sale: ReturnableSale, wanted: bigint) {
  const parts: { from: string; allocation: number; qty: bigint; cost: bigint }[] = [];
  let missing = wanted;
  for (let index = sale.allocations.length - 1; index >= 0 && missing > 0n; index -= 1) {
    const part = sale.allocations[index];
    invariant(part !== undefined, "an allocation stands at each place of a sale's list");
    const left = part.qty - part.back;
    if (left === 0n) continue;
    const qty = smaller(missing, left);
    const cost = share(part.cost, part.back + qty, part.qty) - share(part.cost, part.back, part.qty);
    part.back += qty;
    missing -= qty;
    parts.push({ from: part.lot, allocation: index, qty, cost });
  }
  return parts;
}
