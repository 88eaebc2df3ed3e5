/** What becomes of early news when the settlement comes, the limits, the token that is refreshed, and what Amazon's addresses are. */
import { describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { amazonConnector } from "../../../integrations/amazon/connector";
import { pacers } from "../../../integrations/amazon/limits";
import { marketplaceOf } from "../../../integrations/amazon/marketplaces";
import { pullBalance } from "../../../integrations/amazon/pull-balance";
import type { Ask } from "../../../integrations/amazon/pull-pages";
import type { RawDocument, Session } from "../../../integrations/connector";
import { type Fact, factKey } from "../../../lib/core/facts";
import { effectOf, latestOf, pullAll, sum } from "../conformance";
import { account, type Connected, decide, now, start } from "./support";

const sessionOf = ({ credentials }: Connected, since: string | null = null): Session<string> => ({
  account,
  credentials,
  since,
  signal: new AbortController().signal,
  renewed: () => Promise.resolve(),
});

/** The facts as the books keep them: a later version replaces, what was undone is gone. */
function books(connected: Connected, documents: readonly RawDocument[]): ReadonlyMap<string, Fact> {
  const kept = new Map<string, { fact: Fact; version: string }>();
  const undone = new Set<string>();
  // A version that is here already is not read again.
  const versions = new Map(documents.map((one) => [`${one.feed}/${one.externalId}/${one.version}`, one]));
  for (const document of versions.values())
    for (const fact of connected.connector.read(document, account)) {
      if (fact.kind === "undo") {
        expect(kept.has(fact.key), `${fact.key} was never told`).toBe(true);
        kept.delete(fact.key);
        undone.add(fact.key);
      } else if (!undone.has(factKey(fact))) {
        const before = kept.get(factKey(fact));
        if (before === undefined || before.version < document.version)
          kept.set(factKey(fact), { fact, version: document.version });
      }
    }
  return new Map([...kept].map(([key, { fact }]) => [key, fact]));
}

describe("finances and settlements of Amazon", () => {
  it("tell the money of an order once: early by its transaction, for good by its settlement", async () => {
    let clock = now;
    const here = await start({ orders: 40, clock: () => clock });
    const feeds = ["orders", "payouts", "balance"] as const;
    const marks = new Map<string, string | null>();
    const all: RawDocument[] = [];
    const sync = async () => {
      for (const feed of feeds) {
        const { documents, watermark } = await pullAll(here.connector, sessionOf(here), feed, marks.get(feed) ?? null);
        marks.set(feed, watermark);
        all.push(...documents);
      }
    };
    await sync();
    const before = books(here, latestOf(all));
    const early = [...before.keys()].filter((key) => key.includes("/finance/"));
    expect(early.length).toBeGreaterThan(5);
    const owed = sum([...before.values()].map(effectOf));
    expect(owed).toBeGreaterThan(0n);

    clock += 3 * 3_600_000;
    const settlement = here.server.control.shop.settle(clock);
    clock += 3_600_000;
    await sync();
    const after = books(here, all);
    const payout = after.get(`payout/amazon/payout/${settlement.id}`);
    expect(payout).toBeDefined();
    // Only what still waits at Amazon is told by finances now.
    const waiting = here.server.control.shop.open().map(({ id }) => id);
    expect(waiting).toHaveLength(1);
    for (const key of after.keys())
      if (key.includes("/finance/"))
        expect(
          waiting.some((id) => key.includes(id)),
          key,
        ).toBe(true);
    const rows = [...after.values()].filter(
      (fact) => fact.kind === "balance_row" && fact.payout === `amazon/payout/${settlement.id}`,
    );
    expect(sum(rows.map((row) => (row.kind === "balance_row" ? row.amount : 0n)))).toBe(
      payout?.kind === "payout" ? payout.amount : -1n,
    );
    // What was owed has been paid, but for what waits.
    const left = [...after.values()]
      .filter((fact) => fact.kind === "balance_row")
      .reduce((total, row) => total + row.amount, 0n);
    expect(sum([...after.values()].map(effectOf))).toBe(left);
    // A third sync changes nothing.
    await sync();
    expect(books(here, all)).toEqual(after);
  });

  it("are not told early where a settlement has told them already", async () => {
    const here = await start({ orders: 80 });
    const { documents } = await pullAll(here.connector, sessionOf(here), "balance");
    const { shop } = here.server.control;
    expect(documents.map(({ externalId }) => externalId).sort()).toEqual(
      shop
        .open()
        .map(({ id }) => id)
        .sort(),
    );
    expect(shop.open().length).toBeLessThan(shop.posted().length / 2);
  });

  it("tell what waited and was released once, by what released it", async () => {
    const amount = { currencyCode: "USD", currencyAmount: 10 };
    const waited = {
      transactionId: "waited",
      transactionType: "Shipment",
      transactionStatus: "DEFERRED",
      postedDate: "2026-06-12T10:00:00Z",
      totalAmount: amount,
      relatedIdentifiers: [{ relatedIdentifierName: "ORDER_ID", relatedIdentifierValue: "113-1" }],
    };
    const released = {
      ...waited,
      transactionId: "released",
      transactionStatus: "RELEASED",
      postedDate: "2026-06-14T10:00:00Z",
    };
    const over = {
      ...waited,
      transactionStatus: "DEFERRED_RELEASED",
      relatedIdentifiers: [
        ...waited.relatedIdentifiers,
        { relatedIdentifierName: "RELEASE_TRANSACTION_ID", relatedIdentifierValue: "released" },
      ],
    };
    let transactions: readonly unknown[] = [waited];
    const ask: Ask = {
      account,
      marketplace: marketplaceOf("us"),
      since: null,
      signal: new AbortController().signal,
      nowMs: () => now,
      isMarketplace: () => false,
      call: async ({ operation }) => ({
        kind: "answer",
        body: operation === "getReports" ? { reports: [] } : { payload: { transactions } },
      }),
    };
    const told = async (cursor: string | null) => {
      const { documents, watermark } = await pullBalance(ask, cursor);
      return { said: documents.map(({ externalId, version }) => `${externalId} ${version}`), watermark };
    };
    const first = await told(null);
    expect(first.said).toEqual(["waited 1 deferred"]);
    transactions = [over, released];
    expect((await told(first.watermark)).said).toEqual(["waited 3 settled", "released 2 released"]);
    // Who connects only now never hears of the one that waited.
    expect((await told(null)).said).toEqual(["released 2 released"]);
  });

  it("begin where the seller says", async () => {
    const here = await start({ orders: 80 });
    const since = new Date(now - 20 * 86_400_000).toISOString();
    const { documents } = await pullAll(here.connector, sessionOf(here, since), "payouts");
    const settlements = new Set(documents.map(({ externalId }) => externalId.match(/\d{11}/)?.[0]));
    expect(settlements.size).toBe(
      here.server.control.shop.settlements().filter(({ endMs }) => endMs >= now - 20 * 86_400_000).length,
    );
    const orders = await pullAll(here.connector, sessionOf(here, since), "orders");
    expect(orders.documents.every(({ version }) => version >= since)).toBe(true);
    expect(orders.documents.length).toBeLessThan(here.server.control.shop.orders().length);
  });

  it("come packed or plain, as Amazon chooses", async () => {
    const here = await start({ orders: 20 });
    const seen = vi.spyOn(globalThis, "fetch");
    const { documents } = await pullAll(here.connector, sessionOf(here), "payouts");
    const answers = await Promise.all(seen.mock.results.map(({ value }) => value as Promise<Response>));
    const encodings = answers
      .filter(({ url }) => url.includes("X-Amz-Signature"))
      .map(({ headers }) => headers.get("content-encoding"));
    seen.mockRestore();
    expect(new Set(encodings)).toEqual(new Set(["gzip", null]));
    expect(documents.some(({ externalId }) => externalId.includes("/order/"))).toBe(true);
  });
});

describe("Amazon's limits", () => {
  it("are kept: a burst goes through, a long wait is said instead of slept", async () => {
    let clock = 0;
    const pacer = pacers(() => clock)("seller");
    const { signal } = new AbortController();
    for (let i = 0; i < 20; i += 1) await pacer.take("searchOrders", signal);
    await expect(pacer.take("searchOrders", signal)).rejects.toMatchObject({
      failure: "throttled",
      retryAfterMs: 187_970,
    });
    clock += 187_970;
    await pacer.take("searchOrders", signal);
  });

  it("are waited for where the wait is short, and follow the seller's own rate", async () => {
    const waits: number[] = [];
    const pacer = pacers(
      () => 0,
      async (ms) => void waits.push(ms),
    )("seller");
    const { signal } = new AbortController();
    for (let i = 0; i < 4; i += 1) await pacer.take("getInventorySummaries", signal);
    expect(waits).toEqual([527, 1053]);
    pacer.heard("getInventorySummaries", "4.0");
    await pacer.take("getInventorySummaries", signal);
    expect(waits[2]).toBe(790);
  });

  it("are not overrun against a server that counts as Amazon does", async () => {
    const here = await start({ orders: 60, pageSize: 10, isLimited: true });
    const { documents } = await pullAll(here.connector, sessionOf(here), "orders");
    expect(documents.length).toBe(here.server.control.shop.orders().length);
    let failure = "";
    for (let i = 0; i < 30 && failure === ""; i += 1)
      await here.connector.pull(sessionOf(here), "orders", null).catch((error) => {
        failure = `${error.failure}: ${error.message}`;
      });
    expect(failure).toBe("throttled: Amazon's limit for searchOrders is used up for now");
  });
});

describe("signing in at Amazon", () => {
  it("goes to Seller Central of the marketplace, and back with the seller's id", async () => {
    const settings = {
      url: null,
      applicationId: "amzn1.sp.solution.x",
      clientId: "id",
      clientSecret: "s",
      isDraft: true,
    };
    const { oauth } = amazonConnector(
      () => settings,
      () => now,
    );
    const request = { redirectUri: "https://books.example/return", state: "st", challenge: "c" };
    expect(oauth?.authorizeUrl({ ...request, answers: { marketplace: "jp" } })).toBe(
      "https://sellercentral.amazon.co.jp/apps/authorize/consent?application_id=amzn1.sp.solution.x&state=st&redirect_uri=https%3A%2F%2Fbooks.example%2Freturn&version=beta",
    );
    expect(() => oauth?.authorizeUrl({ ...request, answers: { marketplace: "atlantis" } })).toThrow(
      expect.objectContaining({ code: "bad_field" }),
    );
    const here = await start({ orders: 5 });
    expect(here.connector.oauth?.shopOf(here.credentials)).toEqual({
      id: "ALOCAL0000007:ATVPDKIKX0DER",
      name: "Amazon US · ALOCAL0000007",
    });
    expect((await decide(here.connector, "deny")).searchParams.get("error")).toBe("access_denied");
  });

  it("does not take a code twice, nor a return that does not name the seller", async () => {
    const here = await start({ orders: 5 });
    const back = await decide(here.connector, "allow");
    const returned = Object.fromEntries(back.searchParams);
    const request = {
      code: returned.spapi_oauth_code ?? "",
      redirectUri: "http://127.0.0.1:3000/api/channels/amazon/return",
      verifier: "",
      answers: { marketplace: "us" },
      signal: AbortSignal.timeout(5_000),
    };
    await expect(here.connector.oauth?.exchange({ ...request, returned: {} })).rejects.toMatchObject({
      failure: "unreadable",
    });
    await here.connector.oauth?.exchange({ ...request, returned });
    await expect(here.connector.oauth?.exchange({ ...request, returned })).rejects.toMatchObject({
      failure: "disconnected",
    });
  });

  it("takes the 403 of a token that ended for what it is, and keeps the refresh token", async () => {
    const here = await start({ orders: 5 });
    here.server.control.expire();
    const stored: string[] = [];
    const session = { ...sessionOf(here), renewed: async (text: string) => void stored.push(text) };
    expect((await here.connector.pull(session, "orders", null)).documents.length).toBeGreaterThan(0);
    expect(JSON.parse(stored[0] ?? "{}").refreshToken).toBe(JSON.parse(here.credentials).refreshToken);
    expect(JSON.parse(stored[0] ?? "{}").accessToken).not.toBe(JSON.parse(here.credentials).accessToken);
  });
});

describe("where orders of Amazon went to", () => {
  const india = "A21TJRUUN4KGV";
  const inIndia = (here: Connected): Session<string> => ({
    ...sessionOf(here),
    account: { ...account, currency: "INR" },
    credentials: JSON.stringify({ ...JSON.parse(here.credentials), marketplace: "in" }),
  });
  const Body = z.object({ recipient: z.unknown().optional() });
  /** Which sets of data each call for orders asks for; those that `refuses` names are answered with 403. */
  const listening = (refuses: string | null) => {
    const asked: string[] = [];
    const real = globalThis.fetch;
    const spy = vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
      const included = new URL(String(input)).searchParams.get("includedData");
      if (included === null) return real(input, init);
      asked.push(included);
      const errors = [{ code: "Unauthorized", message: "Access to requested resource is denied." }];
      return refuses !== null && included.includes(refuses)
        ? Response.json({ errors }, { status: 403 })
        : real(input, init);
    });
    return { asked, end: () => spy.mockRestore() };
  };

  it("is asked for in India, and nothing else of the address is kept", async () => {
    const here = await start({ orders: 30, currency: "INR", marketplaceId: india });
    const { documents } = await pullAll(here.connector, inIndia(here), "orders");
    const places = documents.map(({ body }) => Body.parse(body).recipient);
    expect(places).toContainEqual({ deliveryAddress: { stateOrRegion: "KARNATAKA", countryCode: "IN" } });
    expect(JSON.stringify(places)).not.toContain("city");
    const facts = documents.flatMap((one) => here.connector.read(one, { ...account, currency: "INR" }));
    expect(new Set(facts.map((fact) => (fact.kind === "order" ? fact.shipTo?.country : "")))).toEqual(
      new Set(["IN", "US"]),
    );
  });

  it("is asked for nowhere else", async () => {
    const here = await start({ orders: 5 });
    const { asked, end } = listening(null);
    const { documents } = await pullAll(here.connector, sessionOf(here), "orders");
    end();
    expect(asked.join()).not.toContain("RECIPIENT");
    expect(documents.length).toBeGreaterThan(0);
    expect(documents.every(({ body }) => Body.parse(body).recipient == null)).toBe(true);
  });

  it("stays unknown where Amazon does not let us ask, and the orders come all the same", async () => {
    const here = await start({ orders: 5, currency: "INR", marketplaceId: india });
    const { asked, end } = listening("RECIPIENT");
    const { documents } = await pullAll(here.connector, inIndia(here), "orders");
    end();
    expect(documents.length).toBeGreaterThan(0);
    expect(asked.at(-1)).not.toContain("RECIPIENT");
  });
});
