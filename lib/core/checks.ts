/**
 * What is always true (costing.md rule 14), as functions that name what broke. They look at plain rows as the database sums them, so they
 * share no code with what wrote the rows: a bug in costing cannot hide itself here. No finding means that it holds.
 */

import type { LocalDate } from "./facts";

/** Something that does not hold: which, what it should be, what it is. Amounts in minor units, quantities in smallest units. */
export type Finding = Readonly<{ what: string; expected: string; found: string }>;

function compare(what: string, expected: bigint, found: bigint): Finding[] {
  return expected === found ? [] : [{ what, expected: expected.toString(), found: found.toString() }];
}

/** Quantity on hand is what the movements add to, and what lots have left less the shortage that nothing covers. */
export function checkQuantities(
  items: readonly Readonly<{ item: string; moved: bigint; onHand: bigint; lotsLeft: bigint; short: bigint }>[],
): readonly Finding[] {
  return items.flatMap(({ item, moved, onHand, lotsLeft, short }) => [
    ...compare(`quantity on hand of ${item} is the sum of its movements`, moved, onHand),
    ...compare(`quantity on hand of ${item} is what its lots have left less what is short`, lotsLeft - short, onHand),
  ]);
}

/**
 * A lot has left what it brought less what was taken, in quantity and cost; never below zero; used up, it is worth nothing, since the day on
 * which the last of it was taken.
 */
export function checkLots(
  lots: readonly Readonly<{
    lot: string;
    qty: bigint;
    cost: bigint;
    takenQty: bigint;
    takenCost: bigint;
    left: bigint;
    value: bigint;
    lastTakenOn: LocalDate | null;
    usedUpOn: LocalDate | null;
  }>[],
): readonly Finding[] {
  return lots.flatMap(({ lot, qty, cost, takenQty, takenCost, left, value, lastTakenOn, usedUpOn }) => [
    ...compare(`lot ${lot} has left what was not taken from it`, qty - takenQty, left),
    ...compare(`lot ${lot} is worth what was not taken from it`, cost - takenCost, value),
    ...(left < 0n
      ? [{ what: `lot ${lot} does not go below zero`, expected: "0 or more", found: left.toString() }]
      : []),
    ...(value < 0n
      ? [{ what: `lot ${lot} is not worth less than nothing`, expected: "0 or more", found: value.toString() }]
      : []),
    ...(left === 0n ? compare(`lot ${lot}, used up, is worth nothing`, 0n, value) : []),
    ...((left === 0n ? lastTakenOn : null) === usedUpOn
      ? []
      : [
          {
            what: `lot ${lot} is used up since the last of it was taken`,
            expected: (left === 0n ? lastTakenOn : null) ?? "not used up",
            found: usedUpOn ?? "not used up",
          },
        ]),
  ]);
}

/** A sale line's allocations, its shortage and the shortage that returns cancelled add to its quantity; its cost to its allocations. */
export function checkSales(
  sales: readonly Readonly<{
    line: string;
    qty: bigint;
    allocated: bigint;
    short: bigint;
    cancelled: bigint;
    cost: bigint;
    allocatedCost: bigint;
  }>[],
): readonly Finding[] {
  return sales.flatMap(({ line, qty, allocated, short, cancelled, cost, allocatedCost }) => [
    ...compare(
      `what ${line} took, what it is short of and what returns cancelled add to its quantity`,
      qty,
      allocated + short + cancelled,
    ),
    ...(short < 0n
      ? [{ what: `${line} is not short of less than nothing`, expected: "0 or more", found: short.toString() }]
      : []),
    ...compare(`the cost of ${line} is that of its allocations`, allocatedCost, cost),
  ]);
}

/** Debits equal credits on every day. */
export function checkTrialBalance(
  days: readonly Readonly<{ on: string; debits: bigint; credits: bigint }>[],
): readonly Finding[] {
  return days.flatMap(({ on, debits, credits }) => compare(`debits equal credits on ${on}`, debits, credits));
}

/** The Inventory account is what is in lots and what is still to detail. */
export function checkInventory(account: bigint, inLots: bigint, toDetail: bigint): readonly Finding[] {
  return compare("Inventory is the value in lots and what is still to detail", inLots + toDetail, account);
}

/** What is posted for each document is what it wants. */
export function checkPosted(
  documents: readonly Readonly<{ document: string; account: string; wanted: bigint; posted: bigint }>[],
): readonly Finding[] {
  return documents.flatMap(({ document, account, wanted, posted }) =>
    compare(`what is posted for ${document} to ${account} is what it wants`, wanted, posted),
  );
}

/** An entry has the postings that it was made with, each in its place. */
export function checkEntries(
  entries: readonly Readonly<{ entry: string; made: bigint; found: bigint }>[],
): readonly Finding[] {
  return entries.flatMap(({ entry, made, found }) =>
    compare(`entry ${entry} has the postings that it was made with`, made, found),
  );
}
