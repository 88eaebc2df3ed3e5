/** What a sync makes of a market that misbehaves: each switch of the practice server, one after the other. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Connector, Feed, RawDocument, Session } from "../../integrations/connector";
import type { FaultSettings } from "../../integrations/practice/server/faults";
import type { Practice } from "../../integrations/practice/server/index";
import { ChannelError } from "../../lib/core/errors";
import { latestOf, pullAll, sessionOf } from "./conformance";
import { account, connected, connectorOf, signIn } from "./practice-support";

let server: Practice;
let connector: Connector;
let credentials: string;
const session = (): Session<string> => sessionOf({ account, credentials });
const pull = (feed: Feed, cursor: string | null = null) => connector.pull(session(), feed, cursor);
const faults = (settings: FaultSettings) => server.control.faults(settings);

beforeEach(async () => {
  ({ server, connector, credentials } = await connected({ orders: 300, seed: 5 }));
});
afterEach(() => server.close());

async function failureOf(work: Promise<unknown>): Promise<ChannelError> {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(ChannelError);
  return error as ChannelError;
}

/** What the feed holds, as the server has it. */
function truth(feed: "orders" | "refunds"): readonly unknown[] {
  return server.control.shop.feed(feed).map((entry) => entry.body);
}
const bodies = (documents: readonly RawDocument[]) =>
  [...latestOf(documents)]
    .sort((a, b) => (a.version === b.version ? (a.externalId < b.externalId ? -1 : 1) : a.version < b.version ? -1 : 1))
    .map((document) => document.body);

describe("a call that fails", () => {
  it("is throttled with the wait that the market asks for, and works after it", async () => {
    faults({ throttle: 3, retryAfterSeconds: 42 });
    for (let i = 0; i < 3; i += 1) {
      const error = await failureOf(pull("orders"));
      expect([error.failure, error.retryAfterMs]).toEqual(["throttled", 42_000]);
    }
    expect((await pull("orders")).documents).toHaveLength(100);
  });

  it("is unavailable where the market answers 500, and works the next time", async () => {
    faults({ fail: 1 });
    expect((await failureOf(pull("orders"))).failure).toBe("unavailable");
    expect((await pull("orders")).documents).toHaveLength(100);
  });

  it("is unreadable where a page of HTML comes instead of JSON", async () => {
    faults({ html: 1 });
    expect((await failureOf(pull("orders"))).failure).toBe("unreadable");
  });

  it("is unavailable where the connection is cut in the middle of the answer", async () => {
    faults({ cut: 1 });
    expect((await failureOf(pull("orders"))).failure).toBe("unavailable");
    expect((await pull("orders")).documents).toHaveLength(100);
  });

  it("is unavailable where nobody listens", async () => {
    await server.close();
    expect((await failureOf(pull("orders"))).failure).toBe("unavailable");
    ({ server, connector, credentials } = await connected({ orders: 50 }));
  });

  it("waits for a slow market, and stops at once when the sync is cancelled", async () => {
    faults({ slow: 1, slowMs: 150 });
    const startedAt = performance.now();
    expect((await pull("orders")).documents).toHaveLength(100);
    expect(performance.now() - startedAt).toBeGreaterThan(140);
    faults({ slow: 1, slowMs: 60_000 });
    const stop = new AbortController();
    const waiting = connector.pull({ ...session(), signal: stop.signal }, "orders", null);
    const reason = new Error("cancelled by the seller");
    setTimeout(() => stop.abort(reason), 50);
    await expect(waiting).rejects.toBe(reason);
  });
});

describe("the market's own limit", () => {
  it("is not reached by a sync that goes as fast as it may", async () => {
    for (const feed of ["products", "orders", "refunds", "payouts", "balance"] as const)
      await pullAll(connector, session(), feed);
    expect(server.control.stats().calls).toBeGreaterThan(10);
  });

  it("is told with Retry-After and X-RateLimit to who ignores it", async () => {
    await server.close();
    ({ server, connector, credentials } = await connected({ orders: 50, rate: { capacity: 2, perSecond: 1 } }));
    await pull("payouts");
    await pull("payouts");
    const error = await failureOf(pull("payouts"));
    expect([error.failure, error.retryAfterMs]).toEqual(["throttled", 1_000]);
    const { accessToken } = JSON.parse(credentials) as { accessToken: string };
    const answer = await fetch(`${server.url}/v1/payouts`, { headers: { authorization: `Bearer ${accessToken}` } });
    expect(answer.status).toBe(429);
    expect(answer.headers.get("x-ratelimit-limit")).toBe("2");
    expect(answer.headers.get("x-ratelimit-remaining")).toBe("0");
  });
});

describe("tokens", () => {
  /** Keeps what is renewed, as the product does. */
  function keeping(): { session: Session<string>; stored: string[] } {
    const stored: string[] = [];
    const renewed = async (text: string) => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      stored.push(text);
    };
    return { session: { ...session(), renewed }, stored };
  }

  it("are refreshed once, however many calls find them expired", async () => {
    server.control.expireTokens();
    const { session: kept, stored } = keeping();
    const pages = await Promise.all(Array.from({ length: 20 }, () => connector.pull(kept, "payouts", null)));
    for (const page of pages) expect(page.documents).toEqual(pages[0]?.documents);
    expect(server.control.stats().refreshes).toBe(1);
    expect(stored).toHaveLength(1);
    expect(stored[0]).not.toBe(credentials);
  });

  it("are followed by who still holds the old ones, without another refresh", async () => {
    server.control.expireTokens();
    await pull("payouts");
    await pull("payouts");
    expect(server.control.stats().refreshes).toBe(1);
  });

  it("that were stored work in a process that begins anew", async () => {
    server.control.expireTokens();
    const { session: kept, stored } = keeping();
    await connector.pull(kept, "payouts", null);
    credentials = stored[0] ?? "";
    const fresh = connectorOf(server.url);
    expect((await fresh.pull(session(), "payouts", null)).documents.length).toBeGreaterThan(0);
    expect(server.control.stats().refreshes).toBe(1);
  });

  it("are renewed at four fifths of their life, before the market refuses them", async () => {
    let now = Date.parse("2026-03-31T20:00:00Z");
    await server.close();
    ({ server, connector, credentials } = await connected({ orders: 50, clock: () => now }));
    await pull("payouts");
    now += 2_879_000;
    await pull("payouts");
    expect(server.control.stats().refreshes).toBe(0);
    now += 1_000;
    const calls = server.control.stats().calls;
    await pull("payouts");
    expect(server.control.stats()).toMatchObject({ refreshes: 1, calls: calls + 1 });
  });

  it("are not lost when storing them fails: the next call stores them", async () => {
    server.control.expireTokens();
    const { session: kept, stored } = keeping();
    const broken = new Error("the database is away");
    await expect(connector.pull({ ...kept, renewed: () => Promise.reject(broken) }, "payouts", null)).rejects.toBe(
      broken,
    );
    await connector.pull(kept, "payouts", null);
    expect(stored).toHaveLength(1);
    expect(server.control.stats().refreshes).toBe(1);
  });

  it("that were used up elsewhere, or taken back by the person, mean disconnected", async () => {
    server.control.revokeAll();
    expect((await failureOf(pull("orders"))).failure).toBe("disconnected");
    credentials = await signIn(connector);
    server.control.expireTokens();
    await connectorOf(server.url).pull(session(), "payouts", null);
    server.control.expireTokens();
    expect((await failureOf(connectorOf(server.url).pull(session(), "payouts", null))).failure).toBe("disconnected");
  });
});

describe("pages that change while they are read", () => {
  it("give every order though some move to the end and new ones are made", async () => {
    faults({ shift: 2 });
    const { documents } = await pullAll(connector, session(), "orders");
    expect(bodies(documents)).toEqual(truth("orders"));
    expect(documents.filter((document) => document.externalId.startsWith("ord_9"))).toHaveLength(2);
  });

  it("give an order twice where it stands on two pages, which is one document", async () => {
    faults({ repeat: 2 });
    const { documents } = await pullAll(connector, session(), "orders");
    expect(documents.length).toBe(latestOf(documents).length + 2);
    expect(bodies(documents)).toEqual(truth("orders"));
  });

  it("give an order again, as a later version, that was changed after it was read", async () => {
    faults({ edit: 1 });
    const { documents } = await pullAll(connector, session(), "orders");
    const [first] = documents;
    const versions = documents.filter((document) => document.externalId === first?.externalId);
    expect(versions).toHaveLength(2);
    expect((versions[0]?.version ?? "") < (versions[1]?.version ?? "")).toBe(true);
    const amounts = versions
      .map((document) => connector.read(document, account))
      .map(([fact]) => (fact?.kind === "order" ? fact.shipping : null));
    expect(amounts[1]).toBe((amounts[0] ?? 0n) + 100n);
    expect(bodies(documents)).toEqual(truth("orders"));
  });

  it("go on from what was seen where a cursor became too old", async () => {
    faults({ expireCursor: 1 });
    const { documents } = await pullAll(connector, session(), "orders");
    // The overlap comes again, not the whole feed.
    const again = documents.length - latestOf(documents).length;
    expect(again).toBeGreaterThan(0);
    expect(again).toBeLessThan(20);
    expect(bodies(documents)).toEqual(truth("orders"));
  });

  it("give an order to the next sync that could not be read when its refund could", async () => {
    const before = await pullAll(connector, session(), "orders");
    server.control.shop.refundOrder(null);
    server.control.shop.makeOrder([]);
    const refund = server.control.shop.feed("refunds").at(-1);
    faults({ hideOrder: 1 });
    const during = await pullAll(connector, session(), "orders", before.watermark);
    const refunds = await pullAll(connector, session(), "refunds");
    expect(refunds.documents.some((document) => document.externalId === refund?.id)).toBe(true);
    const changed = (documents: readonly RawDocument[]) =>
      documents.some(
        (document) => document.externalId === refund?.body.order_id && document.version === refund?.updatedAt,
      );
    expect(changed(during.documents)).toBe(false);
    // Something later was seen meanwhile; only the overlap finds it.
    expect(during.watermark).not.toBe(before.watermark);
    const after = await pullAll(connector, session(), "orders", during.watermark);
    expect(changed(after.documents)).toBe(true);
  });
});

describe("a later sync", () => {
  it("asks only for what is new or was changed", async () => {
    const first = await pullAll(connector, session(), "orders");
    server.control.shop.makeOrder([]);
    const edited = server.control.shop.editOrder("ord_20005");
    expect(edited).not.toBeNull();
    const second = await pullAll(connector, session(), "orders", first.watermark);
    expect(second.documents.length).toBeLessThan(15);
    expect(second.documents.map((document) => document.externalId)).toEqual(
      expect.arrayContaining(["ord_900001", "ord_20005"]),
    );
    expect(bodies([...first.documents, ...second.documents])).toEqual(truth("orders"));
  });

  it("hears weeks later of what became of old orders", async () => {
    const first = await pullAll(connector, session(), "refunds");
    server.control.shop.advance(60);
    const second = await pullAll(connector, session(), "refunds", first.watermark);
    expect(bodies([...first.documents, ...second.documents])).toEqual(truth("refunds"));
    expect(latestOf([...first.documents, ...second.documents]).length).toBeGreaterThan(first.documents.length);
  });
});
