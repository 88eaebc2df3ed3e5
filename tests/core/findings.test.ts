import { expect, test } from "vitest";
import * as checks from "../../lib/core/checks";

/** Each check of costing.md rule 14, broken in one way: what is said of it, what should be, what is. */
const finding = (what: string, expected: string, found: string) => [{ what, expected, found }];

test("quantities", () => {
  const item = { item: "w1", moved: 3n, onHand: 3n, lotsLeft: 4n, short: 1n };
  expect(checks.checkQuantities([item, { ...item, item: "w2", moved: 2n }])).toEqual(
    finding("quantity on hand of w2 is the sum of its movements", "2", "3"),
  );
  expect(checks.checkQuantities([{ ...item, lotsLeft: 9n }])).toEqual(
    finding("quantity on hand of w1 is what its lots have left less what is short", "8", "3"),
  );
});

test("lots", () => {
  const lot = { lot: "p1", qty: 3n, cost: 1000n, takenQty: 1n, takenCost: 333n, left: 2n, value: 667n };
  const days: Readonly<Record<"lastTakenOn" | "usedUpOn", string | null>> = {
    lastTakenOn: "2025-03-01",
    usedUpOn: null,
  };
  const of = (change: Partial<typeof lot & typeof days>) => checks.checkLots([{ ...lot, ...days, ...change }]);
  expect(of({ left: 1n })).toEqual(finding("lot p1 has left what was not taken from it", "2", "1"));
  expect(of({ value: 1n })).toEqual(finding("lot p1 is worth what was not taken from it", "667", "1"));
  expect(of({ takenQty: 4n, left: -1n })).toEqual(finding("lot p1 does not go below zero", "0 or more", "-1"));
  expect(of({ takenCost: 1002n, value: -2n })).toEqual(
    finding("lot p1 is not worth less than nothing", "0 or more", "-2"),
  );
  const usedUp = { takenQty: 3n, left: 0n, usedUpOn: "2025-03-01" };
  expect(of(usedUp)).toEqual(finding("lot p1, used up, is worth nothing", "0", "667"));
  const told = "lot p1 is used up since the last of it was taken";
  expect(of({ usedUpOn: "2025-03-01" })).toEqual(finding(told, "not used up", "2025-03-01"));
  const empty = { ...usedUp, takenCost: 1000n, value: 0n };
  expect(of(empty)).toEqual([]);
  expect(of({ ...empty, usedUpOn: "2025-02-28" })).toEqual(finding(told, "2025-03-01", "2025-02-28"));
  expect(of({ ...empty, usedUpOn: null })).toEqual(finding(told, "2025-03-01", "not used up"));
  expect(of({ takenCost: 1000n, value: 0n })).toEqual([]);
});

test("sales", () => {
  const sale = { line: "o1", qty: 6n, allocated: 1n, short: 2n, cancelled: 3n, cost: 333n, allocatedCost: 333n };
  const of = (change: Partial<typeof sale>) => checks.checkSales([{ ...sale, ...change }]);
  expect(of({})).toEqual([]);
  expect(of({ short: 0n, cancelled: 5n })).toEqual([]);
  expect(of({ cancelled: 0n })).toEqual(
    finding("what o1 took, what it is short of and what returns cancelled add to its quantity", "6", "3"),
  );
  expect(of({ short: -1n, cancelled: 6n })).toEqual(finding("o1 is not short of less than nothing", "0 or more", "-1"));
  expect(of({ cost: 1n })).toEqual(finding("the cost of o1 is that of its allocations", "333", "1"));
});

test("books", () => {
  expect(checks.checkTrialBalance([{ on: "2025-03-01", debits: 5n, credits: 6n }])).toEqual(
    finding("debits equal credits on 2025-03-01", "5", "6"),
  );
  expect(checks.checkInventory(1000n, 667n, 332n)).toEqual(
    finding("Inventory is the value in lots and what is still to detail", "999", "1000"),
  );
  expect(checks.checkPosted([{ document: "order o1", account: "4000", wanted: 5n, posted: 6n }])).toEqual(
    finding("what is posted for order o1 to 4000 is what it wants", "5", "6"),
  );
  expect(checks.checkEntries([{ entry: "e1", made: 2n, found: 1n }])).toEqual(
    finding("entry e1 has the postings that it was made with", "2", "1"),
  );
});
