/** Amazon's report of removal orders: what its rows say, worked by hand, and how it is asked for beside the other reports of stock. */
import { describe, expect, it } from "vitest";
import { z } from "zod";
import type { Call } from "../../../integrations/amazon/api";
import { marketplaceOf } from "../../../integrations/amazon/marketplaces";
import type { Ask } from "../../../integrations/amazon/pull-pages";
import { pullStock } from "../../../integrations/amazon/pull-stock";
import { read } from "../../../integrations/amazon/read";
import { shelving } from "../../../integrations/amazon/read-stock";
import { stockDocuments } from "../../../integrations/amazon/stock-reports";
import type { RawDocument, Session } from "../../../integrations/connector";
import { ChannelError } from "../../../lib/core/errors";
import { pullAll } from "../conformance";
import { account, now, start } from "./support";

const columns = [
  "request-date",
  "order-id",
  "order-type",
  "order-status",
  "last-updated-date",
  "sku",
  "fnsku",
  "disposition",
  "requested-quantity",
  "cancelled-quantity",
  "disposed-quantity",
  "shipped-quantity",
  "in-process-quantity",
  "removal-fee",
  "currency",
];
const usual: Readonly<Record<string, string>> = {
  "request-date": "2026-06-01T09:00:00+00:00",
  "order-id": "OUT-1",
  "order-type": "Disposal",
  "order-status": "Processing",
  "last-updated-date": "2026-06-09T22:15:00+00:00",
  sku: "MUG",
  fnsku: "X001",
  disposition: "Unsellable",
  "requested-quantity": "9",
  "cancelled-quantity": "0",
  "disposed-quantity": "0",
  "shipped-quantity": "0",
  "in-process-quantity": "9",
  "removal-fee": "",
  currency: "USD",
};
type Row = Readonly<Record<string, string>>;
const text = (rows: readonly Row[], of: readonly string[] = columns): string =>
  [of, ...rows.map((row) => of.map((name) => ({ ...usual, ...row })[name] ?? ""))]
    .map((cells) => cells.join("\t"))
    .join("\r\n");
const documents = (...rows: readonly Row[]): readonly RawDocument[] => stockDocuments("removals", "1", text(rows));
const moves = (...rows: readonly Row[]) => documents(...rows).flatMap(shelving.moves);
const idsOf = (some: readonly RawDocument[]) => some.map(({ externalId }) => externalId);

describe("the report of removal orders", () => {
  it("tells what was disposed of as destroyed, on the day of the order's last change", () => {
    expect(moves({ "disposed-quantity": "3" })).toEqual([
      {
        kind: "gone",
        id: "removals/OUT-1/MUG/X001/Unsellable/3",
        on: "2026-06-09",
        sku: "MUG",
        qty: 3n,
        words: "Removal order OUT-1 · Disposal · Unsellable · 3 disposed of so far",
        shelf: "removal",
        reason: "destroyed",
        inAll: "OUT-1",
      },
    ]);
  });

  it("tells nothing of what is on its way to the seller, was called off or waits", () => {
    const back = { "order-type": "Return", "shipped-quantity": "4" };
    expect(moves(back, { "order-id": "OUT-2", "cancelled-quantity": "9" }, { "order-id": "OUT-3" })).toEqual([]);
    // The order is known all the same: what came to the shelf by it is not another's.
    expect(idsOf(documents(back))).toEqual(["removals/OUT-1/MUG/X001/Unsellable/0"]);
    // Of a return, what could not be sent is destroyed too.
    expect(moves({ ...back, "disposed-quantity": "1" })).toMatchObject([{ qty: 1n, reason: "destroyed" }]);
  });

  it("tells what was liquidated in words of its own, whichever column says it", () => {
    expect(moves({ "order-type": "Liquidations", "disposed-quantity": "1", "shipped-quantity": "5" })).toMatchObject([
      { qty: 6n, reason: "Amazon: liquidation", shelf: "removal" },
    ]);
  });

  it("names each number once: said again it is the same document, grown it is another, and the day of saying it changes nothing", () => {
    const [three] = documents({ "disposed-quantity": "3" });
    const [again] = documents({ "disposed-quantity": "3", "last-updated-date": "2026-06-20T00:00:00+00:00" });
    const [five] = documents({ "disposed-quantity": "5" });
    expect(again).toMatchObject({ externalId: three?.externalId, version: three?.version });
    expect(five?.externalId).toBe("removals/OUT-1/MUG/X001/Unsellable/5");
  });

  it("adds up rows of the same goods in whatever order they are, and keeps dispositions and SKUs apart", () => {
    const two = { "disposed-quantity": "2" };
    const one = { "disposed-quantity": "1", "last-updated-date": "2026-06-12T00:00:00+00:00" };
    expect(moves(two, one)).toMatchObject([{ qty: 3n, on: "2026-06-12" }]);
    expect(moves(one, two)).toEqual(moves(two, one));
    expect(idsOf(documents(two, { ...two, disposition: "Sellable" }, { ...two, sku: "LAMP" }))).toEqual([
      "removals/OUT-1/MUG/X001/Unsellable/2",
      "removals/OUT-1/MUG/X001/Sellable/2",
      "removals/OUT-1/LAMP/X001/Unsellable/2",
    ]);
  });

  it("is read by the names of its columns: in another order, quoted, with more of them, with cells left out", () => {
    const rows = [{ "disposed-quantity": "3" }];
    const plain = stockDocuments("removals", "1", text(rows)).flatMap(shelving.moves);
    const others = [
      [...columns].reverse(),
      [...columns.slice(0, 3), "service-speed ", ...columns.slice(3)],
      ["order-source", ...columns, ""],
    ];
    for (const of of others)
      expect(stockDocuments("removals", "1", text(rows, of)).flatMap(shelving.moves)).toEqual(plain);
    const quoted = text(rows).replaceAll(/[^\t\r\n]+/g, (cell) => `"${cell}"`);
    expect(stockDocuments("removals", "1", `\uFEFF${quoted}\r\n`).flatMap(shelving.moves)).toEqual(plain);
    // A row that ends early has empty cells; an empty number is none.
    const short = text([{ "disposed-quantity": "3", "shipped-quantity": "" }])
      .split("\t")
      .slice(0, -4)
      .join("\t");
    expect(stockDocuments("removals", "1", short).flatMap(shelving.moves)).toEqual(plain);
    expect(moves({ "disposed-quantity": "", fnsku: "" })).toEqual([]);
    expect(moves({ "disposed-quantity": "2", "last-updated-date": "" })).toMatchObject([{ on: "2026-06-01" }]);
    expect(stockDocuments("removals", "1", "")).toEqual([]);
  });

  it("refuses what nobody knows, and only that", () => {
    const said = (row: Row) => () => documents(row).flatMap((document) => read(document, account));
    expect(said({ "order-type": "Donation", "disposed-quantity": "1" })).toThrow("type “Donation” is not known");
    expect(said({ "order-type": "Donation" })()).toEqual([]);
    expect(said({ "disposed-quantity": "some" })).toThrow("“some” is no number of pieces");
    expect(said({ "disposed-quantity": "-2" })).toThrow("“-2” is no number of pieces");
    expect(said({ "disposed-quantity": "1", "last-updated-date": "soon" })).toThrow("is no day");
    expect(said({ "disposed-quantity": "1", "order-id": "" })).toThrow("without its number");
    const [sorry] = stockDocuments("removals", "77", text([{}], ["order-id", "sku"]));
    if (sorry === undefined) throw new Error("no document");
    expect(() => read(sorry, account)).toThrow("it has no column ordertype");
    expect(shelving.isOfShelves(sorry)).toBe(false);
  });
});

const dayMs = 86_400_000;
const Asked = z.object({ reportType: z.string(), dataStartTime: z.string(), dataEndTime: z.string() });

describe("asking for removal orders", () => {
  const removal = {
    atMs: now - 20 * dayMs,
    id: "OUT-9",
    type: "Disposal",
    sku: "TEA-TIN",
    disposition: "SELLABLE",
    qty: 9,
  } as const;
  const step = (atMs: number, qty: number) => ({ atMs, did: "disposed" as const, qty });

  it("comes with each day anew, as far as the order is; a report that is not ready is taken up by the next pass", async () => {
    let clock = now;
    const here = await start({ orders: 5, clock: () => clock, reportMs: 60_000 });
    const { shop, deny } = here.server.control;
    const session: Session<string> = {
      account,
      credentials: here.credentials,
      since: null,
      signal: new AbortController().signal,
      renewed: () => Promise.resolve(),
    };
    let mark: string | null = null;
    const sync = async () => {
      const { documents: pulled, watermark } = await pullAll(here.connector, session, "stock", mark);
      mark = watermark;
      return idsOf(pulled).filter((id) => id.startsWith("removals/OUT-9/") || id.startsWith("report/"));
    };
    shop.remove({ ...removal, steps: [step(now - 10 * dayMs, 2)] });
    expect(await sync()).toEqual([]);
    clock += 61_000;
    expect(await sync()).toEqual(["removals/OUT-9/TEA-TIN/XPRACT003/Sellable/2"]);
    // Once a day.
    shop.remove({ ...removal, steps: [step(now - 10 * dayMs, 2), step(now, 3)] });
    clock += 61_000;
    expect(await sync()).toEqual([]);
    // Weeks after it was placed the order is still told.
    for (const wanted of [5, 5]) {
      clock += 20 * dayMs;
      await sync();
      clock += 61_000;
      expect(await sync()).toEqual([`removals/OUT-9/TEA-TIN/XPRACT003/Sellable/${wanted}`]);
    }
    // Without the role for it all else goes on, and it is said; with it again it comes.
    deny(["GET_FBA_FULFILLMENT_REMOVAL_ORDER_DETAIL_DATA"]);
    clock += dayMs;
    const { documents: rest, watermark } = await pullAll(here.connector, session, "stock", mark);
    mark = watermark;
    const [refused, ...more] = rest.filter(({ externalId }) => externalId.startsWith("report/"));
    expect(more).toEqual([]);
    if (refused === undefined) throw new Error("nothing was said of the refusal");
    expect(() => read(refused, account)).toThrow("Amazon does not let us read createReport");
    expect(() => read(refused, account)).toThrow("stays on its way back until a person removes it");
    expect(rest.filter(({ externalId }) => !externalId.includes("/")).length).toBeGreaterThan(0);
    clock += 61_000;
    expect(await sync()).toEqual([]);
    deny([]);
    clock += dayMs;
    const [cleared] = (await pullAll(here.connector, session, "stock", mark)).documents.filter(
      ({ externalId }) => externalId === "report/removals",
    );
    if (cleared === undefined) throw new Error("nothing was said of the end of the refusal");
    expect(read(cleared, account)).toEqual([]);
    expect(cleared.version > refused.version).toBe(true);
  });

  /** An Amazon that makes no report of more days than `most`, and says what it was asked for. */
  function scripted(most: number): Readonly<{ ask: (nowMs: number) => Ask; asked: z.infer<typeof Asked>[] }> {
    const asked: z.infer<typeof Asked>[] = [];
    const lengthOf = ({ dataStartTime, dataEndTime }: z.infer<typeof Asked>) =>
      (Date.parse(dataEndTime) - Date.parse(dataStartTime)) / dayMs;
    const call = async ({ operation, path, body }: Call) => {
      if (operation === "getInventorySummaries")
        return { kind: "answer" as const, body: { payload: { inventorySummaries: [] } } };
      if (operation === "createReport") {
        asked.push(Asked.parse(body));
        return { kind: "answer" as const, body: { reportId: String(asked.length - 1) } };
      }
      const report = asked[Number(path.split("/").at(-1))];
      const isTooLong = report === undefined || lengthOf(report) > most;
      return { kind: "answer" as const, body: { processingStatus: isTooLong ? "FATAL" : "CANCELLED" } };
    };
    const ask = (nowMs: number): Ask => ({
      account,
      marketplace: marketplaceOf("us"),
      since: null,
      signal: new AbortController().signal,
      nowMs: () => nowMs,
      isMarketplace: () => false,
      call,
    });
    return { ask, asked };
  }
  async function pass(ask: Ask, from: string | null): Promise<string | null> {
    let cursor = from;
    for (let i = 0; i < 200; i += 1) {
      const page = await pullStock(ask, cursor);
      if (page.next === null) return page.watermark;
      cursor = page.next;
    }
    throw new Error("the pass does not end");
  }

  it("goes back over half a year each day, in windows of thirty days where Amazon makes no longer one, to the end", async () => {
    const { ask, asked } = scripted(30);
    const ofRemovals = () => asked.splice(0).filter(({ reportType }) => reportType.includes("REMOVAL_ORDER"));
    let mark = await pass(ask(now), null);
    expect(ofRemovals()).toHaveLength(1);
    mark = await pass(ask(now), mark);
    const first = ofRemovals();
    expect(first.length).toBeGreaterThanOrEqual(18);
    expect(first.at(-1)?.dataEndTime).toBe("2026-06-14T00:00:00.000Z");
    mark = await pass(ask(now), mark);
    expect(ofRemovals()).toEqual([]);
    mark = await pass(ask(now + dayMs), mark);
    const next = ofRemovals();
    expect([next[0]?.dataStartTime, next.at(-1)?.dataEndTime]).toEqual([
      "2025-12-16T00:00:00.000Z",
      "2026-06-15T00:00:00.000Z",
    ]);
    // No day between two windows is left out.
    for (const [at, { dataStartTime }] of next.entries())
      if (at > 0) expect(dataStartTime <= (next[at - 1]?.dataEndTime ?? "")).toBe(true);
    await pass(ask(now + dayMs), mark);
    expect(asked).toEqual([]);
  });

  it("goes on from a cursor of before there was this report, and does not hide other failures", async () => {
    const { ask, asked } = scripted(540);
    const told = { through: "2026-06-14T00:00:00.000Z", days: 540, asked: null };
    const counts = { from: null, token: null, seen: null };
    const before = JSON.stringify({ part: "counts", counts, ledger: told, returns: told });
    await pass(ask(now), before);
    expect(asked.map(({ reportType }) => reportType)).toEqual(["GET_FBA_FULFILLMENT_REMOVAL_ORDER_DETAIL_DATA"]);
    const failing = (failure: "unavailable" | "disconnected"): Ask => ({
      ...ask(now),
      call: async (what) => {
        if (what.operation === "createReport") throw new ChannelError(failure, "no");
        return ask(now).call(what);
      },
    });
    await expect(pass(failing("unavailable"), before)).rejects.toMatchObject({ failure: "unavailable" });
    await expect(pass(failing("disconnected"), before)).resolves.not.toBeNull();
    // Of the reports that the shelves stand on, it is a permission that ended.
    await expect(pass(failing("disconnected"), null)).rejects.toMatchObject({ failure: "disconnected" });
  });
});
