/** Transfers from draft to received, in both pools: what moves, what is worth what, and that every step can be taken back. */
import { sql } from "drizzle-orm";
import postgres from "postgres";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { closeDatabase, inBusiness, rowsOf } from "../../db/scope";
import { balanceReport } from "../../lib/books/reports";
import { transferStates } from "../../lib/books/verify-transfers";
import type { Fact } from "../../lib/core/facts";
import { changeCosting } from "../../lib/desk/costing-settings";
import { saveLocation } from "../../lib/desk/locations";
import { movementRows, movementTotals } from "../../lib/desk/movements";
import { changeReasonAccounts } from "../../lib/desk/reason-accounts";
import { cancelTransfer, saveTransfer, type TransferInput } from "../../lib/desk/transfer-drafts";
import { inTransitOn, onItsWay, transferView } from "../../lib/desk/transfer-reads";
import { endTransfer, placeShortage, receiveTransfer, sendTransfer, undoTransferStep } from "../../lib/desk/transfers";
import { needsOf } from "../../lib/needs";
import type { Scope } from "../../lib/people/access";
import { resultOf } from "../../lib/replay/run";
import { testDatabase } from "../support/database";
import { aShop, booksNow, give, item, order, proved, purchase, refused } from "../support/trading";

let scope: Scope;
let other: Scope;
let east: string;

const place = (of: Scope, name: string) =>
  saveLocation(of, { id: null, name, kind: "warehouse", address: "", taxNumber: "" });

beforeAll(async () => {
  await testDatabase();
});
afterAll(closeDatabase);
beforeEach(async () => {
  scope = await aShop("One");
  other = await aShop("Two");
  const cloth: Fact = { kind: "item", id: "cloth", name: "Cloth", sku: "CL", decimals: 2, aliases: [] };
  for (const of of [scope, other])
    await give(of, [
      item("mug", "Mug", "MUG"),
      cloth,
      purchase("p1", "2026-01-02", [
        ["mug", 4n, 400n],
        ["cloth", 1000n, 2000n],
      ]),
      purchase("p2", "2026-01-03", [["mug", 6n, 1200n]]),
    ]);
  east = await place(scope, "East");
});

const draft = (over: Partial<TransferInput> = {}): TransferInput => ({
  id: null,
  version: null,
  from: "main",
  to: east,
  on: "2026-02-01",
  note: "",
  lines: [{ row: 0, item: "mug", qty: "5" }],
  ...over,
});
const now = async (id: string) => {
  const { version } = await transferView(scope, id);
  return { id, version };
};
const send = async (id: string, on = "2026-02-01") => sendTransfer(scope, { ...(await now(id)), on });
const sent = async (over: Partial<TransferInput> = {}) => {
  const id = await saveTransfer(scope, draft(over));
  await send(id, over.on ?? "2026-02-01");
  return id;
};
const receive = async (id: string, qty: string, on = "2026-02-03", isAll = false, what = "mug") =>
  receiveTransfer(scope, { ...(await now(id)), on, isAll, items: [{ row: 0, item: what, qty }] });
const onHand = async (what = "mug") =>
  Object.fromEntries(
    (await resultOf(scope)).on_hand.filter((row) => row.item === what).map((row) => [row.location, row.qty]),
  );
/** What the lots at a place have left, and are worth. */
const lotsAt = async (location: string) =>
  inBusiness(scope, (tx) =>
    rowsOf<{ left: string; value: string; on: string }>(
      tx,
      sql`select left_qty::text as left, left_minor::text as value, acquired_on::text as on from app.lots
          where business_id = ${scope.businessId} and location_id = ${location} and left_qty > 0 order by acquired_on, id`,
    ),
  );

describe("a transfer", () => {
  it("moves nothing while it is a draft, stands in transit when sent, and arrives in parts", async () => {
    const before = await booksNow(scope);
    const id = await saveTransfer(scope, draft());
    expect(await booksNow(scope)).toEqual(before);
    expect(await transferView(scope, id)).toMatchObject({ state: "draft", number: null, lines: [{ there: 10n }] });
    expect(await send(id)).toMatchObject({ id, number: "TR-2026-0001", state: "sent" });
    expect(await onHand()).toEqual({ main: 5, "in-transit": 5 });
    expect((await receive(id, "2")).state).toBe("sent");
    expect(await onHand()).toEqual({ main: 5, "in-transit": 3, [east]: 2 });
    expect((await receive(id, "3", "2026-02-05")).state).toBe("received");
    expect(await onHand()).toEqual({ main: 5, [east]: 5 });
    const view = await transferView(scope, id);
    expect(view.steps.map(({ kind, on }) => [kind, on])).toEqual([
      ["sent", "2026-02-01"],
      ["arrived", "2026-02-03"],
      ["arrived", "2026-02-05"],
    ]);
    expect(view.lines[0]).toMatchObject({ qty: 5n, arrived: 5n, open: 0n });
    // Nothing is posted for what stays in the business.
    expect((await booksNow(scope)).trial_balance).toEqual(before.trial_balance);
    await proved(scope, other);
  });

  it("takes quantities with decimals, and keeps to what is on its way", async () => {
    const id = await sent({ lines: [{ row: 0, item: "cloth", qty: "2.5" }] });
    expect(await onHand("cloth")).toEqual({ main: 750, "in-transit": 250 });
    expect(await refused(receive(id, "2.51", "2026-02-03", false, "cloth"))).toEqual({
      code: "does_not_fit",
      field: "qty.0",
    });
    expect(await refused(receive(id, "1", "2026-01-31", false, "cloth"))).toEqual({ code: "bad_date", field: "on" });
    expect(await refused(receive(id, "", "2026-02-03", false, "cloth"))).toMatchObject({ code: "field_missing" });
    await receive(id, "1.25", "2026-02-03", false, "cloth");
    expect(await onHand("cloth")).toEqual({ main: 750, "in-transit": 125, [east]: 125 });
    await proved(scope, other);
  });

  it("says in its field what is wrong with a draft", async () => {
    const twice = [
      { row: 0, item: "mug", qty: "1" },
      { row: 2, item: "mug", qty: "2" },
    ];
    expect(await refused(saveTransfer(scope, draft({ lines: twice })))).toEqual({
      code: "does_not_fit",
      field: "lines.2.item",
    });
    expect(await refused(saveTransfer(scope, draft({ to: "main" })))).toEqual({ code: "does_not_fit", field: "to" });
    expect(await refused(saveTransfer(scope, draft({ to: "in-transit" })))).toEqual({
      code: "unknown_id",
      field: "to",
    });
    expect(await refused(saveTransfer(scope, draft({ lines: [] })))).toMatchObject({ code: "field_missing" });
    expect(await refused(saveTransfer(scope, draft({ lines: [{ row: 1, item: "mug", qty: "1.5" }] })))).toEqual({
      code: "bad_quantity",
      field: "lines.1.qty",
    });
    expect(await refused(saveTransfer(scope, draft({ lines: [{ row: 0, item: "cup", qty: "1" }] })))).toEqual({
      code: "unknown_id",
      field: "lines.0.item",
    });
  });

  it("finds what was typed and not chosen by a SKU or name that is one product's alone", async () => {
    const lines = [
      { row: 0, item: "", name: " mug ", qty: "1" },
      { row: 1, item: "", name: "cl", qty: "0.5" },
    ];
    const id = await saveTransfer(scope, draft({ lines }));
    expect((await transferView(scope, id)).lines.map((line) => [line.item, line.qty])).toEqual([
      ["mug", 1n],
      ["cloth", 50n],
    ]);
    await give(scope, [item("mug2", "MUG")]);
    for (const name of ["Mug", "Mu", ""])
      expect(await refused(saveTransfer(scope, draft({ lines: [{ row: 3, item: "", name, qty: "1" }] })))).toEqual({
        code: "unknown_id",
        field: "lines.3.item",
      });
  });

  it("has numbers without a gap: taken when sent, kept when that is taken back, by tax year", async () => {
    const first = await saveTransfer(scope, draft());
    const second = await saveTransfer(scope, draft());
    expect((await send(second)).number).toBe("TR-2026-0001");
    expect((await send(first)).number).toBe("TR-2026-0002");
    const sending = (await transferView(scope, second)).steps[0]?.key ?? "";
    await undoTransferStep(scope, { ...(await now(second)), step: sending });
    expect(await transferView(scope, second)).toMatchObject({ state: "draft", number: "TR-2026-0001", steps: [] });
    expect(await refused(send(second, "2025-12-31"))).toEqual({ code: "does_not_fit", field: "on" });
    expect((await send(second)).number).toBe("TR-2026-0001");
    expect((await send(await saveTransfer(scope, draft()), "2025-12-30")).number).toBe("TR-2025-0001");
    const last = await saveTransfer(scope, draft());
    await cancelTransfer(scope, await now(last));
    expect((await send(await saveTransfer(scope, draft()))).number).toBe("TR-2026-0003");
    expect(await refused(send(last))).toMatchObject({ code: "stale" });
    await proved(scope, other);
  });

  it("waits for a person where something is missing, until every piece is placed", async () => {
    const id = await sent();
    const before = (await booksNow(scope)).trial_balance;
    expect((await receive(id, "1", "2026-02-03", true)).state).toBe("short");
    expect((await needsOf(scope)).find((need) => need.kind === "shortages")).toMatchObject({
      count: 1,
      about: "TR-2026-0001",
    });
    expect(await onItsWay(scope)).toMatchObject({ transfers: 1, short: 1, items: 1 });
    const put = async (fate: "found" | "back" | "lost", qty: string) =>
      placeShortage(scope, { ...(await now(id)), on: "2026-02-10", fate, items: [{ row: 0, item: "mug", qty }] });
    await put("found", "1");
    await put("back", "1");
    expect(await refused(put("lost", "3"))).toEqual({ code: "does_not_fit", field: "qty.0" });
    expect((await booksNow(scope)).trial_balance).toEqual(before);
    const lost = await put("lost", "2");
    expect(lost.state).toBe("received");
    expect(await onHand()).toEqual({ main: 6, [east]: 2 });
    expect((await needsOf(scope)).some((need) => need.kind === "shortages")).toBe(false);
    // Across the business the oldest go: two of the four at 1.00.
    const sheet = await balanceReport(scope, "2026-02-28");
    expect(sheet.difference).toBe(0n);
    expect((await resultOf(scope)).trial_balance).toEqual(
      expect.arrayContaining([expect.objectContaining({ code: "5100", amount: 200 })]),
    );
    await undoTransferStep(scope, { ...(await now(id)), step: lost.step ?? "" });
    expect(await transferView(scope, id)).toMatchObject({ state: "short", lines: [{ open: 2n, gone: 0n }] });
    expect((await booksNow(scope)).trial_balance).toEqual(before);
    await endTransfer(scope, { ...(await now(id)), isAll: false });
    expect((await receive(id, "2", "2026-02-12")).state).toBe("received");
    await proved(scope, other);
  });

  it("of which something is gone goes to the account that the business has for the reason", async () => {
    const id = await sent();
    await receive(id, "1", "2026-02-03", true);
    const gone = async (fate: "gift" | "own_use" | "scrap", qty: string) =>
      placeShortage(scope, { ...(await now(id)), on: "2026-02-10", fate, items: [{ row: 0, item: "mug", qty }] });
    await gone("gift", "1");
    await gone("own_use", "1");
    await changeReasonAccounts(scope, { scrap: "6200" });
    const last = await gone("scrap", "2");
    expect(last.state).toBe("received");
    expect((await resultOf(scope)).trial_balance).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ code: "6020", amount: 100 }),
        expect.objectContaining({ code: "3010", amount: 100 }),
        expect.objectContaining({ code: "6200", amount: 200 }),
      ]),
    );
    expect((await resultOf(scope)).trial_balance.some(({ code }) => code === "5100")).toBe(false);
    await undoTransferStep(scope, { ...(await now(id)), step: last.step ?? "" });
    expect(await transferView(scope, id)).toMatchObject({ state: "short" });
    await proved(scope, other);
  });

  it("is taken back step by step to a draft, without a trace", async () => {
    const before = await booksNow(scope);
    const id = await sent();
    const { step } = await receive(id, "2");
    const sending = (await transferView(scope, id)).steps[0]?.key ?? "";
    expect(await refused(undoTransferStep(scope, { ...(await now(id)), step: sending }))).toMatchObject({
      code: "in_use",
    });
    await undoTransferStep(scope, { ...(await now(id)), step: step ?? "" });
    expect(await refused(undoTransferStep(scope, { ...(await now(id)), step: step ?? "" }))).toMatchObject({
      code: "nothing_to_undo",
    });
    await undoTransferStep(scope, { ...(await now(id)), step: sending });
    expect(await booksNow(scope)).toEqual(before);
    // A draft again: written anew with fewer and other products, and sent.
    await saveTransfer(scope, draft({ ...(await now(id)), lines: [{ row: 0, item: "cloth", qty: "1" }] }));
    await send(id);
    expect(await onHand("cloth")).toEqual({ main: 900, "in-transit": 100 });
    expect(await onHand()).toEqual({ main: 10 });
    await proved(scope, other);
  });
});

describe("where each place keeps its own lots", () => {
  beforeEach(async () => {
    await changeCosting(scope, { pool: "location", graceDays: 0 });
  });

  it("what is in transit has the lots that left, and what arrives keeps their days and costs", async () => {
    const id = await sent();
    expect(await lotsAt("in-transit")).toEqual([
      { left: "4", value: "400", on: "2026-01-02" },
      { left: "1", value: "200", on: "2026-01-03" },
    ]);
    expect((await onItsWay(scope)).valueMinor).toBe(600n);
    // On the balance sheet it is a part of Inventory, from the day that it left.
    expect(await inTransitOn(scope, "2026-01-31")).toEqual({ items: 0, valueMinor: 0n });
    expect(await inTransitOn(scope, "2026-02-01")).toEqual({ items: 1, valueMinor: 600n });
    await receive(id, "3");
    expect(await lotsAt(east)).toEqual([{ left: "3", value: "300", on: "2026-01-02" }]);
    expect(await inTransitOn(scope, "2026-02-02")).toEqual({ items: 1, valueMinor: 600n });
    expect(await inTransitOn(scope, "2026-02-03")).toEqual({ items: 1, valueMinor: 300n });
    expect(await inTransitOn(scope, "2026-12-31")).toEqual({ items: 1, valueMinor: 300n });
    await give(scope, [
      order("o1", "2026-02-09", [["Mug", 1n, 900n, "MUG"]], {
        lines: [{ id: "o1-1", sku: "MUG", name: "Mug", listing: null, qty: 1n, amount: 900n, location: east }],
      }),
    ]);
    expect((await resultOf(scope)).sales).toMatchObject([{ cost: 100 }]);
    await proved(scope, other);
  });

  it("two on their way at once never take each other's goods", async () => {
    const west = await place(scope, "West");
    await give(scope, [
      {
        ...purchase("old", "2025-11-01", [["mug", 5n, 50n]]),
        lines: [{ id: "old-1", item: "mug", qty: 5n, amount: 50n, location: west }],
      },
    ]);
    // The second carries older and cheaper goods than the first: FIFO over both would give them to the first that arrives.
    const dear = await sent({ lines: [{ row: 0, item: "mug", qty: "4" }] });
    const cheap = await sent({ from: west, to: "main", lines: [{ row: 0, item: "mug", qty: "5" }] });
    await receive(dear, "4");
    expect(await lotsAt(east)).toEqual([{ left: "4", value: "400", on: "2026-01-02" }]);
    const lost = { ...(await now(cheap)), on: "2026-02-03", isAll: true, items: [] };
    await receiveTransfer(scope, lost);
    await placeShortage(scope, {
      ...(await now(cheap)),
      on: "2026-02-04",
      fate: "lost",
      items: [{ row: 0, item: "mug", qty: "5" }],
    });
    expect((await transferView(scope, cheap)).steps.at(-1)).toMatchObject({ kind: "gone", costMinor: 50n });
    await proved(scope, other);
  });

  it("a late purchase at the source reaches what was short on its way, and what was sold of it", async () => {
    const west = await place(scope, "West");
    const id = await sent({ from: west, to: east, lines: [{ row: 0, item: "mug", qty: "2" }] });
    await receive(id, "2");
    await give(scope, [
      order("o1", "2026-02-09", [], {
        lines: [{ id: "o1-1", sku: "MUG", name: "Mug", listing: null, qty: 2n, amount: 900n, location: east }],
      }),
    ]);
    expect((await resultOf(scope)).sales).toMatchObject([{ cost: 0, uncosted: 2 }]);
    await give(scope, [
      {
        ...purchase("late", "2026-01-20", [["mug", 2n, 70n]]),
        lines: [{ id: "late-1", item: "mug", qty: 2n, amount: 70n, location: west }],
      },
    ]);
    expect((await resultOf(scope)).sales).toMatchObject([{ cost: 70, uncosted: 0 }]);
    await proved(scope, other);
  });

  it("what a step moves of posted costs is seen before it is taken back", async () => {
    const id = await sent();
    const { step } = await receive(id, "5");
    await give(scope, [
      order("o1", "2026-02-09", [], {
        lines: [{ id: "o1-1", sku: "MUG", name: "Mug", listing: null, qty: 2n, amount: 900n, location: east }],
      }),
    ]);
    const undo = { ...(await now(id)), step: step ?? "" };
    expect(await refused(undoTransferStep(scope, undo, ""))).toMatchObject({ code: "moves_costs" });
    await undoTransferStep(scope, undo, "unseen");
    expect((await resultOf(scope)).sales).toMatchObject([{ cost: 0, uncosted: 2 }]);
    await proved(scope, other);
  });

  it("and back: the pool is changed with goods on their way, and changed again", async () => {
    const id = await sent();
    await receive(id, "2");
    const before = await booksNow(scope);
    await changeCosting(scope, { pool: "business", graceDays: 0 });
    await proved(scope);
    await changeCosting(scope, { pool: "location", graceDays: 0 });
    expect(await booksNow(scope)).toEqual(before);
    await proved(scope, other);
  });
});

describe("the proof of transfers", () => {
  const found = async () =>
    inBusiness(scope, async (tx) => (await transferStates(tx, scope, 20)).findings.map(({ what }) => what));
  const tear = async (statement: string) => {
    const owner = postgres((await testDatabase()).url, {
      max: 1,
      onnotice: () => undefined,
      connection: { search_path: "app", session_replication_role: "replica" },
    });
    try {
      await owner.unsafe(statement);
    } finally {
      await owner.end();
    }
  };

  it("names each that stands otherwise than its facts say, and nothing else", async () => {
    const [part, whole] = [await sent(), await sent()];
    await receive(part, "2");
    await receive(whole, "5");
    await saveTransfer(scope, draft());
    expect(await found()).toEqual([]);
    const own = `business_id = '${scope.businessId}'`;
    await tear(`update transfers set state = 'received' where ${own} and id = '${part}'`);
    await tear(`update transfers set state = 'sent' where ${own} and id = '${whole}'`);
    expect(await found()).toEqual(
      [part, whole].sort().map((id) => `the transfer ${id} stands as what arrived of it says`),
    );
    await tear(`update transfers set state = 'sent' where ${own} and id = '${part}'`);
    await tear(`update transfers set state = 'received' where ${own} and id = '${whole}'`);
    await tear(`update transfer_lines set qty = 6 where ${own} and transfer_id = '${part}'`);
    expect(await found()).toEqual([`the transfer ${part} sent what is written`]);
    await tear(`update transfer_lines set qty = 5 where ${own} and transfer_id = '${part}'`);
    await tear(`update stock_lines set qty = 9 where ${own} and document_id like '${whole}/%/%'`);
    expect(await found()).toContainEqual(
      expect.stringMatching(/^what is taken on of mug in the consignment .* is at most what was sent$/),
    );
    await tear(`update stock_lines set qty = 5 where ${own} and document_id like '${whole}/%/%'`);
    await tear(`update transfers set consignment_id = null, state = 'draft' where ${own} and id = '${part}'`);
    expect(await found()).toEqual([expect.stringMatching(/^the consignment .* is of a transfer$/)]);
  });
});

describe("the list of movements", () => {
  it("has every document once, filtered and page by page both ways", async () => {
    expect(await movementTotals(scope)).toEqual({ documents: 0, isEmpty: true });
    const ids: string[] = [];
    for (let n = 1; n <= 7; n += 1)
      ids.push(await saveTransfer(scope, draft({ on: `2026-02-0${n}`, note: `Run ${n}` })));
    await send(ids[2] ?? "");
    await cancelTransfer(scope, await now(ids[4] ?? ""));
    await give(scope, [
      {
        kind: "adjustment",
        id: "a1",
        date: "2026-02-04",
        location: null,
        reason: "wet",
        lines: [{ id: "a1-1", item: "mug", qty: -1n, amount: 0n }],
      },
    ]);
    const all = await movementRows(scope);
    expect(all.rows.map((row) => row.kind)).toHaveLength(8);
    expect(await movementTotals(scope)).toEqual({ documents: 8, isEmpty: false });
    const seen: string[] = [];
    let page = await movementRows(scope, {}, { limit: 3 });
    for (;;) {
      seen.push(...page.rows.map((row) => row.id));
      if (page.after === null) break;
      page = await movementRows(scope, {}, { limit: 3, after: page.after });
    }
    expect(seen).toEqual(all.rows.map((row) => row.id));
    const back = await movementRows(scope, {}, { limit: 3, before: page.before });
    expect(back.rows.map((row) => row.id)).toEqual(seen.slice(3, 6));
    const found = async (filter: Parameters<typeof movementRows>[1]) => (await movementRows(scope, filter)).rows;
    expect(await found({ kind: "adjustment" })).toMatchObject([{ id: "a1", state: "done", note: "wet", item: "Mug" }]);
    expect(await found({ state: "sent" })).toMatchObject([{ id: ids[2], number: "TR-2026-0001", items: 1 }]);
    expect(await found({ words: "run 6" })).toMatchObject([{ id: ids[5] }]);
    expect(await found({ words: "MUG", from: "2026-02-06", to: "2026-02-06" })).toMatchObject([{ id: ids[5] }]);
    expect(await found({ location: east })).toHaveLength(7);
    expect((await movementRows(other)).rows).toEqual([]);
    expect(await refused(transferView(other, ids[0] ?? ""))).toMatchObject({ code: "not_found" });
    await proved(scope, other);
  });
});

describe("who may", () => {
  it("a viewer changes nothing, and nobody another's", async () => {
    const id = await saveTransfer(scope, draft());
    const viewer: Scope = { ...scope, role: "viewer" };
    expect(await refused((async () => saveTransfer(viewer, draft()))())).toMatchObject({ code: "not_allowed" });
    for (const work of [
      async () => cancelTransfer(viewer, await now(id)),
      async () => sendTransfer(viewer, { ...(await now(id)), on: "2026-02-01" }),
      async () => endTransfer(viewer, { ...(await now(id)), isAll: true }),
    ])
      expect(await refused(work())).toMatchObject({ code: "not_allowed" });
    expect(await refused(sendTransfer(other, { ...(await now(id)), on: "2026-02-01" }))).toMatchObject({
      code: "not_found",
    });
    expect(await refused(saveTransfer(other, draft({ ...(await now(id)), to: "main", from: "main" })))).toMatchObject({
      code: "not_found",
    });
    expect(await refused(saveTransfer(other, draft()))).toEqual({ code: "unknown_id", field: "to" });
  });
});
