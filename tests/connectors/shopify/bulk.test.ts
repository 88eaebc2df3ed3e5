/** The history by a bulk operation: the same documents as plain pages give, whatever goes wrong, and wherever it is taken up again. */
import { afterEach, describe, expect, it } from "vitest";
import type { Connector, Page, RawDocument } from "../../../integrations/connector";
import { ordersIn } from "../../../integrations/shopify/bulk";
import { bulkOrders } from "../../../integrations/shopify/queries";
import { ChannelError } from "../../../lib/core/errors";
import type { BulkFaultSettings } from "../../../scripts/channels/shopify/bulk";
import { planOf } from "../../../scripts/channels/shopify/bulk-plan";
import type { LocalShopify } from "../../../scripts/channels/shopify/index";
import { latestOf, sessionOf } from "../conformance";
import { account, type Connected, connected, connectorOf } from "./support";

const never = Number.POSITIVE_INFINITY;
const aMinute = 60_000;
let open: LocalShopify[] = [];
afterEach(async () => {
  for (const server of open) await server.close();
  open = [];
});

type Shop = Connected &
  Readonly<{ bulk: Connector; pages: Connector; turn: (ms: number) => void; held: { credentials: string } }>;

/** A shop whose history comes by a bulk operation from 20 orders on, and the same by plain pages. */
async function aShop(orders: number): Promise<Shop> {
  let passed = 0;
  const clock = () => Date.now() + passed;
  const shop = await connected({ orders, seed: 8, clock });
  open.push(shop.server);
  return {
    ...shop,
    held: { credentials: shop.credentials },
    bulk: connectorOf(shop.server.url, clock, null, 20),
    pages: connectorOf(shop.server.url, clock, null, never),
    turn: (ms) => {
      passed += ms;
    },
  };
}

type Came = Readonly<{
  documents: readonly RawDocument[];
  cursors: readonly (string | null)[];
  waits: readonly string[];
}>;

/** As the shop is connected now: what is renewed in one call is used in the next. */
const sessionIn = (shop: Shop) => ({
  ...sessionOf({ account, credentials: shop.held.credentials }),
  renewed: async (credentials: string) => {
    shop.held.credentials = credentials;
  },
});

/** A whole pass; who is asked to wait says how long, and is asked again. */
async function all(
  shop: Shop,
  connector: () => Connector,
  since: string | null = null,
  waited: (error: ChannelError) => void = () => undefined,
): Promise<Came> {
  const documents: RawDocument[] = [];
  const cursors: (string | null)[] = [];
  const waits: string[] = [];
  for (let cursor: string | null = null, isFirst = true; isFirst || cursor !== null; isFirst = false) {
    if (cursors.length > 500) throw new Error("the cursors do not end");
    let page: Page | null = null;
    while (page === null)
      try {
        page = await connector().pull({ ...sessionIn(shop), since }, "orders", cursor);
      } catch (error) {
        if (!(error instanceof ChannelError) || error.failure !== "throttled" || waits.length > 20) throw error;
        waits.push(error.message);
        waited(error);
      }
    cursors.push(cursor);
    documents.push(...page.documents);
    cursor = page.next;
  }
  return { documents, cursors, waits };
}

const byId = (documents: readonly RawDocument[]) =>
  [...latestOf(documents)].sort((a, b) => (a.externalId < b.externalId ? -1 : 1));
const texts = (documents: readonly RawDocument[]) => byId(documents).map((document) => JSON.stringify(document));

describe("a history by a bulk operation", () => {
  it("is the same, to the letter, as by plain pages, for a hundredth of the calls", async () => {
    const shop = await aShop(300);
    const { control } = shop.server;
    const before = control.stats().calls;
    const bulk = await all(shop, () => shop.bulk);
    const calls = control.stats().calls - before;
    expect(control.bulkStats().operations).toBe(1);
    const pages = await all(shop, () => shop.pages);
    expect(control.bulkStats().operations).toBe(1);
    expect(texts(bulk.documents)).toEqual(texts(pages.documents));
    expect(byId(bulk.documents)).toHaveLength(300);
    // Refunds are asked for one by one, either way; the rest is one operation.
    const refunds = control.shop.orders.reduce((sum, order) => sum + order.refunds.length, 0);
    expect(calls - refunds).toBeLessThan(30);
  });

  it("shows the newest orders first and says how many follow", async () => {
    const shop = await aShop(60);
    const page = await shop.bulk.pull(sessionIn(shop), "orders", null);
    const newest = [...shop.server.control.shop.orders].sort((a, b) => b.placedMs - a.placedMs).slice(0, 10);
    expect(page.documents.map(({ externalId }) => externalId)).toEqual(newest.map(({ id }) => String(id)));
    expect(page.left).toBe(50);
    expect(page.watermark).toBeNull();
  });

  it("is not asked for where there are few", async () => {
    const shop = await aShop(15);
    expect(byId((await all(shop, () => shop.bulk)).documents)).toHaveLength(15);
    expect(shop.server.control.bulkStats().operations).toBe(0);
  });

  it("begins with the day that the seller chose", async () => {
    const shop = await aShop(120);
    const since = "2026-02-15T00:00:00.000Z";
    const bulk = await all(shop, () => shop.bulk, since);
    const wanted = shop.server.control.shop.orders.filter((order) => order.placedMs >= Date.parse(since));
    expect(byId(bulk.documents).map(({ externalId }) => externalId)).toEqual(wanted.map(({ id }) => String(id)).sort());
    expect(wanted.length).toBeLessThan(120);
    expect(shop.server.control.bulkStats().operations).toBe(1);
  });

  it("goes on with nothing but its cursor, wherever it was stopped, and gives the same for one asked twice", async () => {
    const shop = await aShop(400);
    const fresh = () => connectorOf(shop.server.url, Date.now, null, 20);
    const first = await all(shop, fresh);
    expect(first.cursors.length).toBeGreaterThan(4);
    const session = sessionIn(shop);
    for (const cursor of first.cursors) {
      const one = await fresh().pull(session, "orders", cursor);
      const two = await fresh().pull(session, "orders", cursor);
      expect(texts(two.documents)).toEqual(texts(one.documents));
    }
    // Who was killed after asking, before it was written down, takes up the operation that runs.
    expect(shop.server.control.bulkStats().operations).toBe(1);
    expect(texts(first.documents)).toEqual(texts((await all(shop, () => shop.pages)).documents));
  }, 60_000);

  it("is looked over by the next pass from before it began", async () => {
    const shop = await aShop(80);
    const session = sessionIn(shop);
    let watermark: string | null = null;
    let changed = 0;
    for (let cursor: string | null = null, isFirst = true; isFirst || cursor !== null; isFirst = false) {
      const page: Page = await shop.bulk.pull(session, "orders", cursor);
      // Something changes behind the back of the operation that has been through it.
      if (cursor?.includes('"read"') && changed === 0) {
        shop.server.control.refund(shop.server.control.shop.orders[40]?.number ?? null);
        changed = shop.server.control.shop.orders[40]?.id ?? 0;
      }
      watermark = page.watermark ?? watermark;
      cursor = page.next;
    }
    expect(changed).toBeGreaterThan(0);
    const later = await shop.bulk.pull(session, "orders", watermark);
    expect(later.documents.map(({ externalId }) => externalId)).toContain(String(changed));
  });

  const faults: readonly Readonly<{ what: string; set: BulkFaultSettings; operations: number; waits?: number }>[] = [
    { what: "another operation is under way, for a while", set: { busy: 2 }, operations: 1, waits: 2 },
    { what: "another operation is under way, without end", set: { busy: 1_000 }, operations: 0, waits: 6 },
    { what: "Shopify does not let us", set: { refuse: 1 }, operations: 0 },
    { what: "it fails once", set: { fail: 1 }, operations: 2 },
    { what: "it fails again and again", set: { fail: 9 }, operations: 2 },
    { what: "somebody cancels it", set: { cancel: 1 }, operations: 1 },
    { what: "it never ends", set: { stall: 1 }, operations: 1 },
    { what: "its file lacks the last lines", set: { short: 1 }, operations: 1 },
    { what: "what belongs to an order comes later in the file", set: { mixed: 1 }, operations: 1 },
    { what: "its address is over once", set: { expire: 1 }, operations: 2 },
    { what: "its address is over again and again", set: { expire: 9 }, operations: 2 },
    { what: "the whole file comes for each part of it", set: { whole: 99 }, operations: 1 },
  ];
  it.each(faults)("loses nothing where $what", async ({ set, operations, waits }) => {
    const shop = await aShop(60);
    shop.server.control.bulkFaults(set);
    const came = await all(
      shop,
      () => shop.bulk,
      null,
      (error) => {
        expect(error.retryAfterMs ?? 0).toBeGreaterThanOrEqual(10_000);
        // Long waits pass: another's export is left alone after half an hour, one that hangs after half a day.
        shop.turn(set.stall === undefined ? 5 * aMinute : 13 * 60 * aMinute);
      },
    );
    expect(shop.server.control.bulkStats().operations).toBe(operations);
    if (waits !== undefined) expect(came.waits).toHaveLength(waits);
    expect(texts(came.documents)).toEqual(texts((await all(shop, () => shop.pages)).documents));
  });

  it("says how far Shopify is while it is waited for", async () => {
    const shop = await aShop(60);
    shop.server.control.bulkFaults({ stall: 1 });
    const came = await all(
      shop,
      () => shop.bulk,
      null,
      () => shop.turn(13 * 60 * aMinute),
    );
    expect(came.waits).toEqual(["Shopify is putting the history together"]);
  });

  it("waits where asking for it is throttled, fails or is cut, and asks no second time", async () => {
    const shop = await aShop(60);
    const session = sessionIn(shop);
    const { next } = await shop.bulk.pull(session, "orders", null);
    for (const [fault, failure] of [
      [{ throttle: 1 }, "throttled"],
      [{ fail: 1 }, "unavailable"],
      [{ cut: 1 }, "unavailable"],
    ] as const) {
      shop.server.control.faults(fault);
      await expect(shop.bulk.pull(session, "orders", next)).rejects.toMatchObject({ failure });
    }
    await shop.bulk.pull(session, "orders", next);
    await shop.bulk.pull(session, "orders", next);
    expect(shop.server.control.bulkStats().operations).toBe(1);
  });

  it("stops at once when the sync is cancelled while Shopify works", async () => {
    const shop = await aShop(60);
    shop.server.control.bulkFaults({ stall: 1 });
    const stop = new AbortController();
    const session = { ...sessionIn(shop), signal: stop.signal };
    const first = await shop.bulk.pull(session, "orders", null);
    const { next } = await shop.bulk.pull(session, "orders", first.next);
    const waiting = shop.bulk.pull(session, "orders", next);
    const reason = new Error("cancelled by the seller");
    setTimeout(() => stop.abort(reason), 150);
    await expect(waiting).rejects.toBe(reason);
  });
});

describe("a part of the file", () => {
  const order = (id: string, note = "") => JSON.stringify({ id, name: `#${id}`, note });
  const line = (parent: string, type = "LineItem") =>
    JSON.stringify({ __typename: type, title: "Tischläufer ❄", __parentId: parent });
  const bytes = (...lines: readonly string[]) => Buffer.from(`${lines.join("\n")}\n`);

  it("gives the orders that are whole in it, wherever it is cut, and the byte at which the next begins", () => {
    const file = bytes(order("1"), line("1"), line("1", "ShippingLine"), order("2"), order("3"), line("3"), order("4"));
    const whole = ordersIn(file, 0, true);
    expect(whole?.nodes).toHaveLength(4);
    for (let cut = 1; cut < file.byteLength; cut += 1) {
      const first = ordersIn(file.subarray(0, cut), 0, false);
      expect(first).not.toBeNull();
      const rest = ordersIn(file.subarray(first?.end ?? 0), first?.end ?? 0, true);
      expect([...(first?.nodes ?? []), ...(rest?.nodes ?? [])]).toEqual(whole?.nodes);
    }
    expect(whole?.nodes[0]).toEqual({
      id: "1",
      name: "#1",
      note: "",
      lineItems: { nodes: [{ title: "Tischläufer ❄" }], pageInfo: { hasNextPage: false, endCursor: null } },
      shippingLines: { nodes: [{ title: "Tischläufer ❄" }], pageInfo: { hasNextPage: false, endCursor: null } },
    });
  });

  it("is not believed where a line belongs to no order before it, is of another kind or is none", () => {
    expect(ordersIn(bytes(order("1"), order("2"), line("1")), 0, true)).toBeNull();
    expect(ordersIn(bytes(line("1")), 0, true)).toBeNull();
    expect(ordersIn(bytes(order("1"), line("1", "Refund")), 0, true)).toBeNull();
    expect(ordersIn(Buffer.from(`${order("1")}\n{"id":"2","na`), 0, true)).toBeNull();
    expect(ordersIn(bytes("[]"), 0, true)).toBeNull();
    expect(ordersIn(bytes('{"name":"#1"}'), 0, true)).toBeNull();
  });

  it("may end without an end of line, and may be empty", () => {
    expect(ordersIn(Buffer.from(order("1")), 0, true)?.nodes).toHaveLength(1);
    expect(ordersIn(Buffer.alloc(0), 7, true)).toEqual({ nodes: [], end: 7 });
  });
});

describe("what a bulk operation takes", () => {
  it("is what we ask for", () => {
    expect(planOf(bulkOrders(null)).wrong).toEqual([]);
    expect(planOf(bulkOrders("processed_at:>='2026-01-01T00:00:00.000Z'")).query?.filter).toBe(
      "processed_at:>='2026-01-01T00:00:00.000Z'",
    );
  });

  it.each([
    ["connections by nodes", "{ orders { nodes { id } } }", /'edges' > 'node'/],
    [
      "a connection within a list",
      "{ orders { edges { node { id refunds { refundLineItems { nodes { id } } } } } } }",
      /list field/,
    ],
    ["no connection", "{ shop { name } }", /at least one connection/],
    [
      "a parent without its id",
      "{ orders { edges { node { name lineItems { edges { node { id } } } } } } }",
      /'id' field/,
    ],
    ["fields that are not there", "{ orders { edges { node { id colour } } } }", /colour/],
    ["a mutation", 'mutation { bulkOperationRunQuery(query: "") { bulkOperation { id } } }', /query/],
    ["what is no query", "orders {", /Invalid bulk query/],
  ])("is not %s", (_, query, says) => {
    expect(planOf(query).wrong.join(" ")).toMatch(says);
  });
});
