/** Several people at one transfer at once: one of them does it, the others are told; no number is given twice, none is left out. */
import type postgres from "postgres";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { closeDatabase } from "../../db/scope";
import { retireLocation, saveLocation } from "../../lib/desk/locations";
import { saveTransfer } from "../../lib/desk/transfer-drafts";
import { transferView } from "../../lib/desk/transfer-reads";
import { placeShortage, receiveTransfer, sendTransfer, undoTransferStep } from "../../lib/desk/transfers";
import type { Scope } from "../../lib/people/access";
import { resultOf } from "../../lib/replay/run";
import { behindOneAnother, openRaces, outcomes, times, twoShops } from "../support/races";
import { proved } from "../support/trading";

let owner: postgres.Sql;
let scope: Scope;
let other: Scope;
let east: string;
beforeAll(async () => {
  owner = await openRaces();
});
afterAll(async () => {
  await Promise.all([owner.end(), closeDatabase()]);
});
beforeEach(async () => {
  [scope, other] = await twoShops();
  east = await saveLocation(scope, { id: null, name: "East", kind: "warehouse", address: "", taxNumber: "" });
});

const on = "2025-03-01";
const atOnce = (waiters: number, start: () => Promise<unknown>[]) => behindOneAnother(owner, scope, waiters, start);
const draft = (qty = "6") =>
  saveTransfer(scope, {
    id: null,
    version: null,
    from: "main",
    to: east,
    on,
    note: "",
    lines: [{ row: 0, item: "mug", qty }],
  });
const items = (qty: string) => [{ row: 0, item: "mug", qty }];
const onHand = async () =>
  Object.fromEntries((await resultOf(scope)).on_hand.map((row) => [row.location, row.qty] as const));

test("two who receive the same goods at once: one does, the other is told to look again", async () => {
  const id = await draft();
  const { version } = await sendTransfer(scope, { id, version: 1, on });
  // Both would fit: only that it changed meanwhile tells the second that the first counted the same goods.
  const work = await atOnce(2, () =>
    times(2, () => receiveTransfer(scope, { id, version, on, items: items("3"), isAll: false })),
  );
  expect(await outcomes(work)).toEqual({ done: 1, stale: 1 });
  expect(await onHand()).toEqual({ main: 4, "in-transit": 3, [east]: 3 });
  await proved(scope, other);
});

test("one draft sent by five at once leaves once", async () => {
  const id = await draft();
  const work = await atOnce(5, () => times(5, () => sendTransfer(scope, { id, version: 1, on })));
  expect(await outcomes(work)).toEqual({ done: 1, stale: 4 });
  expect(await onHand()).toEqual({ main: 4, "in-transit": 6 });
  await proved(scope, other);
});

test("eight drafts sent at once have the eight next numbers", async () => {
  const ids = await Promise.all(times(8, () => draft("1")));
  const work = await atOnce(8, () => ids.map((id) => sendTransfer(scope, { id, version: 1, on })));
  expect(await outcomes(work)).toEqual({ done: 8 });
  const numbers = await Promise.all(ids.map(async (id) => (await transferView(scope, id)).number));
  expect(numbers.sort()).toEqual([1, 2, 3, 4, 5, 6, 7, 8].map((n) => `TR-2025-000${n}`));
  await proved(scope, other);
});

test("a shortage placed while its receipt is taken back: never more than was sent is anywhere", async () => {
  const id = await draft();
  const sent = await sendTransfer(scope, { id, version: 1, on });
  const got = await receiveTransfer(scope, { id, version: sent.version, on, items: items("4"), isAll: true });
  const { version } = got;
  const work = await atOnce(2, () => [
    undoTransferStep(scope, { id, version, step: got.step ?? "" }),
    placeShortage(scope, { id, version, on, fate: "lost", items: items("2") }),
  ]);
  expect(await outcomes(work)).toEqual({ done: 1, stale: 1 });
  const [line] = (await transferView(scope, id)).lines;
  expect((line?.arrived ?? 0n) + (line?.gone ?? 0n) + (line?.open ?? 0n)).toBe(6n);
  await proved(scope, other);
});

test("a location is not retired under the goods that are sent to it", async () => {
  const id = await draft();
  const work = await atOnce(2, () => [
    sendTransfer(scope, { id, version: 1, on }),
    retireLocation(scope, { id: east }),
  ]);
  expect(await outcomes(work)).toEqual({ done: 1, in_use: 1 });
  expect(await onHand()).toEqual({ main: 4, "in-transit": 6 });
  await proved(scope, other);
});
