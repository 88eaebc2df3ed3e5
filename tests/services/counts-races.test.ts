/** Several people at one count at once: what two hand in is all there once, one of two approvals does it, the other is told. */
import type postgres from "postgres";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { closeDatabase } from "../../db/scope";
import { instantOf } from "../../lib/core/dates";
import { approveCount, saveReview, takeBackCount } from "../../lib/desk/count-approval";
import { handIn } from "../../lib/desk/count-entries";
import { endCounting } from "../../lib/desk/count-plans";
import { countView } from "../../lib/desk/count-reads";
import type { Scope } from "../../lib/people/access";
import { resultOf } from "../../lib/replay/run";
import { saveBarcodes } from "../../lib/stock/barcodes";
import { newId } from "../../lib/system/ids";
import { begun, counted, seen } from "../support/counting";
import { openRaces, outcomes, times, twoShops } from "../support/races";
import { give, item, proved } from "../support/trading";

let owner: postgres.Sql;
let scope: Scope;
let other: Scope;
beforeAll(async () => {
  owner = await openRaces();
});
afterAll(async () => {
  await Promise.all([owner.end(), closeDatabase()]);
});
beforeEach(async () => {
  [scope, other] = await twoShops();
});

const open = "2025-03-10T13:00:00Z";
const noon = "2025-03-10T16:00:00Z";
const ready = async (): Promise<string> => {
  const id = await begun(scope, open);
  await counted(scope, id, "mug", "8", { at: noon });
  await endCounting(scope, { ...(await seen(scope, id)), isAll: true });
  const line = { place: 0, item: "mug", reason: "count", worth: "", takesDay: false };
  await saveReview(scope, { ...(await seen(scope, id)), lines: [line] });
  return id;
};
const onHand = async () => (await resultOf(scope)).on_hand.find((row) => row.item === "mug")?.qty;

test("one count approved by five at once is put right once", async () => {
  const id = await ready();
  const now = await seen(scope, id);
  expect(await outcomes(times(5, () => approveCount(scope, now)))).toEqual({ done: 1, stale: 4 });
  expect(await onHand()).toBe(8);
  expect((await countView(scope, id)).documents).toHaveLength(1);
  await proved(scope, other);
});

test("two counts approved at once get numbers one after the other", async () => {
  const both = [await ready(), await ready()];
  const as = await Promise.all(both.map((id) => seen(scope, id)));
  const done = await Promise.all(as.map((one) => approveCount(scope, one)));
  expect(done.map((one) => one.number).sort()).toEqual(["CS-2025-0001", "CS-2025-0002"]);
  // Both found the same two missing: the second to be approved found them put right already.
  expect(await onHand()).toBe(8);
  await proved(scope, other);
});

test("one approval taken back by three at once is taken back once", async () => {
  const id = await ready();
  await approveCount(scope, await seen(scope, id));
  const now = await seen(scope, id);
  expect(await outcomes(times(3, () => takeBackCount(scope, now)))).toEqual({ done: 1, stale: 2 });
  expect(await onHand()).toBe(10);
  await proved(scope, other);
});

test("the same entries handed in by two tabs at once are there once, those of ten devices are all there", async () => {
  const id = await begun(scope, open);
  const ms = String(instantOf(noon) / 1000n);
  const of = (qty: string) => ({ id: newId(), item: "mug", text: "", qty, mode: "add", at: ms });
  const same = Array.from({ length: 5 }, () => of("1"));
  const hand = (entries: readonly ReturnType<typeof of>[]) =>
    handIn(scope, { count: id, now: ms, entries }, instantOf(noon));
  await Promise.all(times(2, () => hand(same)));
  await Promise.all(times(10, () => hand([of("2")])));
  const [line] = (await countView(scope, id)).lines;
  expect(line?.counted).toMatchObject({ qty: 25n, parts: 15 });
  await proved(scope, other);
});

test("what is handed in while somebody approves is either in it or refused", async () => {
  const id = await ready();
  const now = await seen(scope, id);
  const [approval, late] = await Promise.allSettled([
    approveCount(scope, now),
    counted(scope, id, "mug", "1", { at: noon }),
  ]);
  const view = await countView(scope, id);
  if (approval.status === "fulfilled") {
    // Handed in afterwards, it was refused and is still on its device.
    expect(late.status).toBe("rejected");
    expect(view.proved.get("mug")?.counted).toBe(8n);
  } else {
    expect([late.status, view.state]).toEqual(["fulfilled", "review"]);
    expect(view.lines[0]?.counted?.qty).toBe(9n);
  }
  await proved(scope, other);
});

test("one barcode given to two products at once is one product's", async () => {
  await give(scope, [item("tin", "Tin", "TIN")]);
  const give2 = ["mug", "tin"].map((of) => saveBarcodes(scope, { item: of, codes: ["400638"] }));
  expect(await outcomes(give2)).toEqual({ done: 1, in_use: 1 });
});
