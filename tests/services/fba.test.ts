/**
 * A seller whose goods lie at Amazon, from the first sync to a removal: what the local Amazon's warehouse does moves the books' shelves, once,
 * and what it says that it holds is what the books say.
 */
import { sql } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { closeDatabase, inBusiness, rowsOf } from "../../db/scope";
import { balancesAt } from "../../lib/books/reports";
import { ChannelError } from "../../lib/core/errors";
import { setShelf, shelfView } from "../../lib/desk/channel-shelves";
import { retireLocation, saveLocation } from "../../lib/desk/locations";
import { saveTransfer } from "../../lib/desk/transfer-drafts";
import { transferView } from "../../lib/desk/transfer-reads";
import { sendTransfer } from "../../lib/desk/transfers";
import { syncChannel, undoSync } from "../../lib/digest";
import { needsOf } from "../../lib/needs";
import type { Scope } from "../../lib/people/access";
import { resultOf } from "../../lib/replay/run";
import { syncNow } from "../../lib/sales/channels";
import { ledgerPage } from "../../lib/stock/item-ledger";
import { todayOf } from "../../lib/system/clock";
import { type LocalAmazon, localClient, startAmazon } from "../../scripts/channels/amazon";
import { aSeller } from "../../scripts/lib/sellers";
import { testDatabase } from "../support/database";
import { connectTo } from "../support/live";
import { give, item, proved, purchase, refused } from "../support/trading";

const dayMs = 86_400_000;
const signal = new AbortController().signal;
const skus = ["MUG-BLUE", "MUG-SAND", "TEA-TIN", "NOTE-A5", "LAMP-OAK", "SOCK-WOOL"];

let scope: Scope;
let server: LocalAmazon;
let ends: Date;

beforeAll(async () => {
  await testDatabase();
});
afterAll(closeDatabase);
beforeEach(async () => {
  // Days pass while the test runs, up to now: the ledger tells whole days only.
  ends = new Date();
  vi.useFakeTimers({ toFake: ["Date"], now: ends.getTime() - 8 * dayMs });
  scope = await aSeller();
  server = await startAmazon({ port: 0, orders: 60, seed: 5, isLimited: false });
  Object.assign(process.env, {
    AMAZON_API_URL: server.url,
    AMAZON_APPLICATION_ID: localClient.applicationId,
    AMAZON_CLIENT_ID: localClient.id,
    AMAZON_CLIENT_SECRET: localClient.secret,
  });
});
afterEach(async () => {
  vi.useRealTimers();
  await server.close();
});

const days = (n: number) => vi.setSystemTime(Date.now() + n * dayMs);
const connect = async () => {
  const command = async () => undefined;
  const answers = { marketplace: "us" };
  const { run } = await connectTo(scope, {
    kind: "amazon",
    url: server.url,
    size: "usual",
    answers,
    environment: {},
    command,
    close: server.close,
  });
  await synced(run);
};
async function synced(known?: string | null): Promise<string> {
  const run = known ?? (await syncNow(scope, "amazon"));
  for (let i = 0; i < 50; i += 1) {
    try {
      if ((await syncChannel(scope, { channelId: "amazon", run, signal })) === "done") return run;
    } catch (error) {
      if (!(error instanceof ChannelError) || error.failure !== "throttled") throw error;
      vi.setSystemTime(Date.now() + (error.retryAfterMs ?? 1_000));
    }
  }
  throw new Error("the sync does not end");
}
const stocked = () =>
  give(scope, [
    ...skus.map((sku) => item(sku.toLowerCase(), sku, sku)),
    purchase(
      "p1",
      "2025-01-02",
      skus.map((sku) => [sku.toLowerCase(), 1000n, 500_000n] as const),
    ),
  ]);
/** Of each location's name, what the books say of an item. */
const at = async (what: string) => {
  const { on_hand } = await resultOf(scope);
  const names = await inBusiness(scope, (tx) =>
    rowsOf<{ id: string; name: string }>(
      tx,
      sql`select id, name from app.locations where business_id = ${scope.businessId}`,
    ),
  );
  return Object.fromEntries(
    on_hand
      .filter((row) => row.item === what)
      .map((row) => [names.find(({ id }) => id === row.location)?.name ?? row.location, row.qty]),
  );
};
const sellable = "FBA, can be sold";
const unsellable = "FBA, cannot be sold";
const removal = "FBA, on its way back";
const happens = (sku: string, qty: number, more: object = {}) =>
  server.control.shop.happens({
    atMs: Date.now() - 1_000,
    type: "Receipts",
    sku,
    qty,
    disposition: "SELLABLE",
    reason: "",
    reference: "",
    ...more,
  });
const shelves = async () => {
  const view = await shelfView(scope, "amazon");
  if (view === null) throw new Error("there are no shelves");
  return view;
};

describe("a first sync", () => {
  it("makes the shelves, fills them by what Amazon received, and sells from them; the books say what Amazon says", async () => {
    await stocked();
    await connect();
    const { shelves: places, differences, steps, unknown } = await shelves();
    expect(places.map(({ name }) => name)).toEqual([sellable, unsellable, removal]);
    expect(differences).toEqual([]);
    expect(unknown).toEqual([]);
    expect(steps.length).toBeGreaterThan(10);
    for (const sku of skus) {
      const { sellable: said, unsellable: broken } = server.control.shop.stock(sku, Date.now());
      const now = await at(sku.toLowerCase());
      const { waiting } = await shelves();
      const backs = (shelf: string) =>
        waiting
          .filter((step) => step.sku === sku && step.place === shelf)
          .reduce((sum, { qty }) => sum + Number(qty), 0);
      expect(Number(now[sellable] ?? 0), sku).toBe(said - backs(sellable));
      expect(Number(now[unsellable] ?? 0), sku).toBe(broken - backs(unsellable));
    }
    expect(Number((await at("mug-blue"))[removal])).toBe(1);
    await proved(scope);
    // A second sync of the same day, and one that is told the last days again, add nothing.
    const before = await resultOf(scope);
    await synced();
    expect(await resultOf(scope)).toEqual(before);
    days(1);
    await synced();
    expect((await shelves()).differences).toEqual([]);
    await proved(scope);
  });

  it("waits for products that are not known yet, and takes all of it once they are", async () => {
    await connect();
    const before = await shelves();
    // What came back of sales is placed: whatever they are of.
    expect(before.steps.every(({ words }) => words.startsWith("Return"))).toBe(true);
    expect(before.waiting.length).toBeGreaterThan(10);
    expect(before.unknown).toEqual([...skus].sort());
    await stocked();
    await synced();
    const after = await shelves();
    expect(after.unknown).toEqual([]);
    expect(after.differences).toEqual([]);
    expect(after.waiting.every(({ words }) => words.startsWith("Return"))).toBe(true);
    await proved(scope);
  });
});

describe("what is sent to Amazon", () => {
  it("arrives in part, is sold, comes back unsellable and is taken out again; each step stands in the ledger", async () => {
    await stocked();
    await connect();
    const from = await at("lamp-oak");
    const places = await shelves();
    const shelf = places.shelves.find((one) => one.shelf === "sellable")?.location ?? "";
    const on = todayOf(scope.timeZone);
    const id = await saveTransfer(scope, {
      id: null,
      version: null,
      from: "main",
      to: shelf,
      on,
      note: "FBA15NEW",
      lines: [{ row: 0, item: "lamp-oak", qty: "20" }],
    });
    const { version } = await transferView(scope, id);
    await sendTransfer(scope, { id, version, on });
    days(1);
    happens("LAMP-OAK", 12, { reference: "FBA15NEW" });
    days(1);
    await synced();
    expect(await transferView(scope, id)).toMatchObject({ state: "sent" });
    const now = await at("lamp-oak");
    expect(Number(now[sellable]) - Number(from[sellable])).toBe(12);
    expect(
      (
        await inBusiness(scope, (tx) =>
          rowsOf<{ n: number }>(
            tx,
            sql`select count(*)::int as n from app.stock_documents where business_id = ${scope.businessId} and consignment_id is not null and not is_undone`,
          ),
        )
      )[0]?.n,
    ).toBe(2);
    await proved(scope);

    // The rest arrives, and three more than were sent.
    happens("LAMP-OAK", 11, { reference: "FBA15NEW" });
    // A damaged one is put aside; two are taken out.
    happens("LAMP-OAK", -3, { type: "Adjustments", reason: "E" });
    happens("LAMP-OAK", 3, { type: "Adjustments", reason: "P", disposition: "WAREHOUSE_DAMAGED" });
    happens("LAMP-OAK", -2, { type: "VendorReturns", disposition: "WAREHOUSE_DAMAGED", reference: "REMOVAL-2" });
    happens("LAMP-OAK", -1, { type: "Adjustments", reason: "M" });
    happens("LAMP-OAK", 1, { type: "Adjustments", reason: "F" });
    days(1);
    const last = await synced();
    expect(await transferView(scope, id)).toMatchObject({ state: "received" });
    const then = await at("lamp-oak");
    expect(Number(then[removal] ?? 0) - Number(from[removal] ?? 0)).toBe(2);
    expect(Number(then[unsellable] ?? 0) - Number(from[unsellable] ?? 0)).toBe(1);
    expect(Number(then[sellable]) - Number(from[sellable])).toBe(20);
    expect((await shelves()).differences).toEqual([]);
    const page = await ledgerPage(scope, { item: "lamp-oak", location: shelf });
    expect(page.rows.length).toBeGreaterThan(4);
    await proved(scope);

    // The sync is taken back as a whole: what arrived by it is on its way again, and another sync does not bring it back.
    await undoSync(scope, last);
    expect(await transferView(scope, id)).toMatchObject({ state: "sent" });
    expect(await at("lamp-oak")).toMatchObject({ [sellable]: now[sellable] });
    await proved(scope);
    await synced();
    expect(await at("lamp-oak")).toMatchObject({ [sellable]: now[sellable] });
  });
});

describe("what a removal order does away with", () => {
  type Step = Readonly<{ did: "cancelled" | "disposed" | "shipped"; qty: number; ledgerMs?: number; atMs?: number }>;
  let steps = new Map<string, Step[]>();
  /** A removal order of lamps: what was done before, and this now. The ledger tells it at once, or at `ledgerMs`. */
  const removes = (id: string, type: "Return" | "Disposal" | "Liquidations", ...more: readonly Step[]) => {
    const all = [...(steps.get(id) ?? []), ...more.map((step) => ({ atMs: Date.now() - 1_000, ...step }))];
    steps.set(id, all);
    server.control.shop.remove({
      atMs: Date.now() - 2_000,
      id,
      type,
      sku: "LAMP-OAK",
      disposition: "SELLABLE",
      qty: 20,
      steps: all.map(({ atMs = 0, ...step }) => ({ atMs, ...step })),
    });
  };
  const lamps = async () => Number((await at("lamp-oak"))[removal] ?? 0);
  const waiting = async () => (await shelves()).waiting.filter(({ words }) => words.startsWith("Removal order"));
  const shrinkage = async () =>
    (await inBusiness(scope, (tx) => balancesAt(tx, scope, "2099-12-31"))).find(({ code }) => code === "5100")
      ?.amount ?? 0n;
  /** The adjustments of lamps by removal orders, in the order of their days. */
  const adjustments = () =>
    inBusiness(scope, (tx) =>
      rowsOf<{ reason: string; qty: string; value: string }>(
        tx,
        sql`select d.reason, m.qty::text, m.value_minor::text as value from app.stock_documents d
            join app.movements m on m.business_id = ${scope.businessId} and m.kind = 'adjustment' and m.document_id = d.id
            where d.business_id = ${scope.businessId} and d.kind = 'adjustment' and d.note like 'Removal order%' and m.item_id = 'lamp-oak'
            order by m.on_date, d.id`,
      ),
    );
  /** The least that there was on the shelf on any day. */
  const least = async () => {
    const shelf = (await shelves()).shelves.find((one) => one.shelf === "removal")?.location ?? "";
    const [row] = await inBusiness(scope, (tx) =>
      rowsOf<{ least: string }>(
        tx,
        sql`select min(x.left)::text as least from (select sum(sum(qty)) over (order by on_date) as left from app.movements
            where business_id = ${scope.businessId} and item_id = 'lamp-oak' and location_id = ${shelf} group by on_date) x`,
      ),
    );
    return Number(row?.least);
  };
  beforeEach(async () => {
    steps = new Map();
    await stocked();
    await connect();
    days(1);
  });

  it("leaves the shelf at cost as it grows, once for each piece, and nothing is left there", async () => {
    const before = await shrinkage();
    removes("OUT-1", "Disposal", { did: "disposed", qty: 3 });
    days(1);
    await synced();
    expect(await lamps()).toBe(0);
    expect(await adjustments()).toEqual([{ reason: "destroyed", qty: "-3", value: "-1500" }]);
    // The same report again, today and tomorrow, is the same.
    await synced();
    days(1);
    await synced();
    expect(await adjustments()).toHaveLength(1);
    // It grows, and some of it is called off: that never left the shelf where it can be sold.
    const sold = Number((await at("lamp-oak"))[sellable]);
    removes("OUT-1", "Disposal", { did: "disposed", qty: 4 }, { did: "cancelled", qty: 13 });
    days(1);
    await synced();
    expect(await lamps()).toBe(0);
    expect(Number((await at("lamp-oak"))[sellable])).toBe(sold - 4);
    expect((await adjustments()).map(({ qty }) => qty).sort()).toEqual(["-3", "-4"]);
    expect((await shrinkage()) - before).toBe(3_500n);
    expect(await waiting()).toEqual([]);
    expect((await shelves()).steps.find(({ words }) => words.includes("7 disposed of so far"))?.qty).toBe(4n);
    expect((await shelves()).differences).toEqual([]);
    await proved(scope);
  });

  it("waits for the ledger, takes nothing of another order meanwhile, and is taken whole in whatever order it comes", async () => {
    removes("BACK-1", "Return", { did: "shipped", qty: 6 });
    days(1);
    await synced();
    expect(await lamps()).toBe(6);
    const inLedger = Date.now() + 2.5 * dayMs;
    removes("OUT-2", "Disposal", { did: "disposed", qty: 2, ledgerMs: inLedger });
    days(1);
    await synced();
    removes("OUT-2", "Disposal", { did: "disposed", qty: 3, ledgerMs: inLedger });
    days(1);
    await synced();
    expect(await lamps()).toBe(6);
    expect((await waiting()).map(({ qty }) => qty).sort()).toEqual([2n, 5n]);
    expect((await waiting())[0]?.why).toContain("on this shelf yet");
    expect(await adjustments()).toEqual([]);
    await proved(scope);
    days(1);
    await synced();
    expect(await lamps()).toBe(6);
    expect(await waiting()).toEqual([]);
    expect((await adjustments()).reduce((sum, { qty }) => sum + Number(qty), 0)).toBe(-5);
    expect(await least()).toBeGreaterThanOrEqual(0);
    await proved(scope);
  });

  it("is not put back by a report that says less, nor told again after it was undone", async () => {
    removes("OUT-3", "Disposal", { did: "disposed", qty: 5 });
    days(1);
    const run = await synced();
    expect(await lamps()).toBe(0);
    const never = Number.POSITIVE_INFINITY;
    removes("OUT-3", "Disposal", { did: "disposed", qty: -1, ledgerMs: never });
    days(1);
    await synced();
    expect((await adjustments()).map(({ qty }) => qty)).toEqual(["-5"]);
    expect(await waiting()).toEqual([]);
    await proved(scope);
    // What the sync brought is taken back, the way to the shelf with it. Later growth is taken; what was undone stays undone.
    await undoSync(scope, run);
    expect(await adjustments()).toEqual([]);
    expect(await lamps()).toBe(0);
    removes("OUT-3", "Disposal", { did: "disposed", qty: 1, ledgerMs: never }, { did: "disposed", qty: 1 });
    days(1);
    await synced();
    expect(await lamps()).toBe(0);
    expect((await adjustments()).map(({ qty }) => qty)).toEqual(["-1"]);
    await proved(scope);
  });

  it("is missing where the application has no role for it, all else of the stock goes on, and it is made up for", async () => {
    const said = () =>
      inBusiness(scope, (tx) =>
        rowsOf<{ state: string; note: string | null }>(
          tx,
          sql`select state, note from app.raw_documents where business_id = ${scope.businessId} and external_id = 'report/removals' order by version`,
        ),
      );
    server.control.deny(["GET_FBA_FULFILLMENT_REMOVAL_ORDER_DETAIL_DATA"]);
    removes("OUT-5", "Disposal", { did: "disposed", qty: 2 });
    days(1);
    await synced();
    expect(await lamps()).toBe(2);
    expect(await said()).toMatchObject([
      { state: "unreadable", note: expect.stringContaining("stays on its way back until a person removes it") },
    ]);
    server.control.deny([]);
    days(1);
    await synced();
    expect(await lamps()).toBe(0);
    expect((await said()).map(({ state }) => state)).toEqual(["older", "read"]);
    await proved(scope);
  });

  it("takes whatever is there where the ledger names no removal order, and calls what was liquidated by its name", async () => {
    server.control.shop.remove({
      atMs: Date.now() - 2_000,
      id: "OUT-4",
      type: "Liquidations",
      sku: "LAMP-OAK",
      disposition: "SELLABLE",
      qty: 4,
      // The ledger tells it under a number of its own, of a day later.
      steps: [{ atMs: Date.now() - 1_000, did: "shipped", qty: 4, ledgerMs: Number.POSITIVE_INFINITY }],
    });
    days(1);
    await synced();
    expect(await waiting()).toHaveLength(1);
    happens("LAMP-OAK", -4, { type: "VendorReturns", reference: "S01-111" });
    days(1);
    await synced();
    expect(await lamps()).toBe(0);
    expect(await adjustments()).toEqual([{ reason: "Amazon: liquidation", qty: "-4", value: "-2000" }]);
    expect(await least()).toBeGreaterThanOrEqual(0);
    await proved(scope);
  });
});

describe("what buyers send back", () => {
  it("is placed on the shelf that Amazon names once its refund is in the books", async () => {
    await stocked();
    await connect();
    const placed = await inBusiness(scope, (tx) =>
      rowsOf<{ name: string; n: number }>(
        tx,
        sql`select l.name, count(*)::int as n from app.facts f
            join app.return_lines r on r.business_id = ${scope.businessId} and 'placement/' || r.id = f.id
            join app.locations l on l.business_id = ${scope.businessId} and l.id = r.location_id
            where f.business_id = ${scope.businessId} and f.kind = 'placement' and f.undone_at is null and r.is_placed and r.restock group by 1`,
      ),
    );
    expect(placed.length).toBeGreaterThan(0);
    expect(placed.every(({ name }) => name === sellable || name === unsellable)).toBe(true);
    const waiting = (await needsOf(scope)).find(({ kind }) => kind === "placements")?.count ?? 0;
    const returns = await inBusiness(scope, (tx) =>
      rowsOf<{ n: number }>(
        tx,
        sql`select count(*)::int as n from app.return_lines where business_id = ${scope.businessId} and not is_placed`,
      ),
    );
    expect(waiting).toBe(returns[0]?.n);
    await proved(scope);
  });
});

describe("a difference", () => {
  it("is for a person after some days, never posted by itself, and gone when it is put right", async () => {
    await stocked();
    await connect();
    const shelf = (await shelves()).shelves.find((one) => one.shelf === "sellable")?.location ?? "";
    await give(scope, [
      {
        kind: "adjustment",
        id: "mine",
        date: todayOf(scope.timeZone),
        location: shelf,
        lines: [{ id: "mine/1", item: "tea-tin", qty: -4n, amount: 0n }],
        reason: "lost",
      },
    ]);
    await synced();
    const [difference] = (await shelves()).differences;
    expect(difference).toMatchObject({ item: "tea-tin", shelf: "sellable" });
    expect((difference?.said ?? 0n) - (difference?.booked ?? 0n)).toBe(4n);
    const asked = async () => (await needsOf(scope)).find(({ kind }) => kind === "shelves");
    expect(await asked()).toBeUndefined();
    days(4);
    expect(await asked()).toMatchObject({ count: 1, about: "TEA-TIN" });
    await give(scope, [
      {
        kind: "adjustment",
        id: "righted",
        date: todayOf(scope.timeZone),
        location: shelf,
        lines: [{ id: "righted/1", item: "tea-tin", qty: 4n, amount: 2_000n }],
        reason: "found",
      },
    ]);
    expect(await asked()).toBeUndefined();
    await proved(scope);
  });
});

describe("the locations of shelves", () => {
  it("are one shelf of one channel each, and are not retired while they are", async () => {
    await connect();
    const { shelves: places } = await shelves();
    const [first, second] = places;
    if (first === undefined || second === undefined) throw new Error("there are no shelves");
    expect(await refused(retireLocation(scope, { id: first.location }))).toMatchObject({ code: "in_use" });
    expect(
      await refused(setShelf(scope, { channel: "amazon", shelf: "sellable", location: second.location })),
    ).toMatchObject({ code: "in_use", field: "location" });
    const own = await saveLocation(scope, {
      id: null,
      name: "Phoenix",
      kind: "channel_sellable",
      address: "",
      taxNumber: "",
    });
    expect(await setShelf(scope, { channel: "amazon", shelf: "sellable", location: own })).toEqual({
      before: first.location,
    });
    expect((await shelves()).shelves[0]).toMatchObject({ location: own, name: "Phoenix" });
    await proved(scope);
  });
});
