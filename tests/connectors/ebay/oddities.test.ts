/** What only eBay has: its sign-in, the signatures both ways, its clock, windows of time, and orders that cannot be read yet. */
import { createHash, createPublicKey, generateKeyPairSync, verify } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { HookRequest, Page, RawDocument } from "../../../integrations/connector";
import { signatureBase, signatureHeaders } from "../../../integrations/ebay/signature";
import { ChannelError } from "../../../lib/core/errors";
import type { SignedEvent } from "../../../scripts/channels/kit";
import { latestOf, pullAll, sessionOf } from "../conformance";
import { account, type Connected, clockFrom, connected, decide, token } from "./support";

let shop: Connected;
let nowMs: number;
const dayMs = 86_400_000;
const session = () => sessionOf({ account, credentials: shop.credentials });

beforeEach(async () => {
  nowMs = Date.parse("2026-03-31T20:00:00Z");
  shop = await connected({ ordersPerYear: 400, days: 200, seed: 6, clock: () => nowMs });
});
afterEach(() => shop.server.close());

async function failureOf(work: Promise<unknown>): Promise<ChannelError> {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(ChannelError);
  return error as ChannelError;
}

describe("signing in to eBay", () => {
  it("sends the person away with the RuName and comes back with the state", async () => {
    const url = new URL(
      shop.connector.oauth?.authorizeUrl({ redirectUri: "x", state: "s", challenge: "c", answers: {} }) ?? "",
    );
    expect(url.pathname).toBe("/oauth2/authorize");
    expect(url.searchParams.get("redirect_uri")).toBe(shop.server.control.client.ruName);
    expect(url.searchParams.get("scope")?.split(" ")).toHaveLength(3);
    const allowed = await decide(shop.connector, "allow", "this state");
    expect([allowed.pathname, allowed.searchParams.get("state")]).toEqual(["/api/channels/ebay/return", "this state"]);
    const denied = await decide(shop.connector, "deny");
    expect([denied.searchParams.get("error"), denied.searchParams.get("code")]).toEqual(["access_denied", null]);
  });

  it("knows the account by eBay's id, and takes a code once", async () => {
    expect(shop.connector.oauth?.shopOf(shop.credentials)).toEqual({
      id: shop.server.control.seller.userId,
      name: shop.server.control.seller.username,
    });
    const code = (await decide(shop.connector, "allow")).searchParams.get("code") ?? "";
    const exchange = () =>
      shop.connector.oauth?.exchange({
        code,
        redirectUri: "x",
        verifier: "v",
        answers: {},
        returned: {},
        signal: AbortSignal.timeout(5_000),
      }) ?? Promise.resolve("");
    expect(await exchange()).toContain("refreshToken");
    expect((await failureOf(exchange())).failure).toBe("disconnected");
  });

  it("renews the access token at four fifths of two hours and keeps refresh token and key", async () => {
    const stored: string[] = [];
    const kept = { ...session(), renewed: async (text: string) => void stored.push(text) };
    nowMs += 5_700_000;
    await shop.connector.pull(kept, "payouts", null);
    expect(stored).toEqual([]);
    nowMs += 100_000;
    await shop.connector.pull(kept, "payouts", null);
    // Who still holds what was replaced goes on with what followed it.
    await shop.connector.pull(kept, "payouts", null);
    expect(stored).toHaveLength(1);
    const [before, after] = [shop.credentials, stored[0] ?? ""].map((text) => JSON.parse(text));
    expect(after.accessToken).not.toBe(before.accessToken);
    expect([after.refreshToken, after.key, after.shop]).toEqual([before.refreshToken, before.key, before.shop]);
  });

  it("makes a key anew with the token when the old one is near its end", async () => {
    const stored: string[] = [];
    const { key } = JSON.parse(shop.credentials);
    nowMs = key.expiresAtMs - 29 * dayMs;
    await shop.connector.pull({ ...session(), renewed: async (text) => void stored.push(text) }, "payouts", null);
    expect(JSON.parse(stored[0] ?? "{}").key.jwe).not.toBe(key.jwe);
  });
});

describe("eBay's digital signature", () => {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const key = { jwe: "a.jwe", privateKey: privateKey.export({ format: "pem", type: "pkcs8" }).toString() };
  const call = {
    method: "GET",
    url: "https://apiz.ebay.com/sell/finances/v1/payout?limit=1",
    createdAtSeconds: 1_659_651_955,
  };

  it("is over key, method, path without query and host, in that order", () => {
    expect(signatureBase("a.jwe", call)).toBe(
      [
        '"x-ebay-signature-key": a.jwe',
        '"@method": GET',
        '"@path": /sell/finances/v1/payout',
        '"@authority": apiz.ebay.com',
        '"@signature-params": ("x-ebay-signature-key" "@method" "@path" "@authority");created=1659651955',
      ].join("\n"),
    );
    const headers = signatureHeaders(key, call);
    expect(headers["signature-input"]).toBe(
      'sig1=("x-ebay-signature-key" "@method" "@path" "@authority");created=1659651955',
    );
    const signature = Buffer.from(/^sig1=:(.+):$/.exec(headers.signature ?? "")?.[1] ?? "", "base64");
    expect(verify(null, Buffer.from(signatureBase("a.jwe", call)), publicKey, signature)).toBe(true);
    expect(headers).not.toHaveProperty("content-digest");
  });

  it("begins with the digest of a body where there is one", () => {
    const headers = signatureHeaders(key, { ...call, method: "POST", body: '{"hello": "world"}' });
    expect(headers["content-digest"]).toBe("sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:");
    expect(headers["signature-input"]).toMatch(/^sig1=\("content-digest" "x-ebay-signature-key"/);
  });

  it("takes a key as eBay gives it, as PEM, and as an environment keeps it; no other", () => {
    const pem = key.privateKey;
    const bare = pem.replace(/-----[A-Z ]+-----|\s/g, "");
    const signatures = [pem, bare, pem.replaceAll("\n", "\\n")].map(
      (text) => signatureHeaders({ jwe: "a.jwe", privateKey: text }, call).signature,
    );
    expect(new Set(signatures).size).toBe(1);
    expect(() => signatureHeaders({ jwe: "a.jwe", privateKey: "nonsense" }, call)).toThrow(ChannelError);
  });

  it("is asked for by Finances, which takes no other key's", async () => {
    const other = shop.another({ signingKey: key });
    expect((await failureOf(other.pull(session(), "payouts", null))).message).toMatch(/403/);
    expect((await other.pull(session(), "orders", null)).documents.length).toBeGreaterThan(0);
    expect(createPublicKey(publicKey.export({ format: "pem", type: "spki" })).asymmetricKeyType).toBe("ed25519");
  });
});

describe("calls from eBay", () => {
  const url = "http://127.0.0.1:3000/api/hooks/ebay";
  const of = ({ headers, body }: SignedEvent): HookRequest => ({
    method: "POST",
    url,
    headers: new Headers({ ...headers }),
    body: new TextEncoder().encode(body),
  });
  const call = (request: HookRequest, held: readonly string[] = []) =>
    shop.connector.hook?.(request, () => Promise.resolve(held)) ?? Promise.reject(new Error("no hook"));
  const get = (address: string): HookRequest => ({
    method: "GET",
    url: address,
    headers: new Headers(),
    body: new Uint8Array(),
  });

  it("answers the challenge with what only we and eBay know", async () => {
    const answer = await call(get(`${url}?challenge_code=a-code`));
    const challengeResponse = createHash("sha256").update(`a-code${token}${url}`).digest("hex");
    expect(answer).toEqual({
      kind: "answer",
      status: 200,
      contentType: "application/json",
      body: JSON.stringify({ challengeResponse }),
    });
    const behind = shop.another({ notificationUrl: "https://books.example/api/hooks/ebay" });
    const other = await behind.hook?.(get(`${url}?challenge_code=a-code`), () => Promise.resolve([]));
    expect(other).not.toEqual(answer);
    expect((await failureOf(call(get(url)))).failure).toBe("refused");
    const silent = shop.another({ verificationToken: null });
    await expect(silent.hook?.(get(`${url}?challenge_code=a`), () => Promise.resolve([]))).rejects.toThrow(
      /EBAY_VERIFICATION/,
    );
  });

  it("says which feeds changed, and asks for eBay's key once for many calls", async () => {
    const calls: string[] = [];
    const real = globalThis.fetch;
    globalThis.fetch = (input, init) => {
      calls.push(String(input));
      return real(input, init);
    };
    try {
      const events = [shop.server.control.changed(), shop.server.control.changed()];
      const [first, second] = await Promise.all(events.map((event) => call(of(event))));
      expect(first).toMatchObject({ kind: "changed", feeds: ["orders", "balance"] });
      expect(first).not.toEqual(second);
    } finally {
      globalThis.fetch = real;
    }
    expect(calls.filter((address) => address.includes("/public_key/"))).toHaveLength(1);
  });

  it("passes on that an account was closed: a buyer's, or the seller's own", async () => {
    const event = shop.server.control.closed("buyer-7");
    expect(await call(of(event))).toMatchObject({
      kind: "privacy",
      shop: "buyer-7",
      what: "erase_buyer",
      body: { userId: "buyer-7", username: "somebody" },
    });
    expect(await call(of(event), [shop.credentials])).toMatchObject({ kind: "privacy", what: "erase_shop" });
  });

  it("passes on that the seller let go of us", async () => {
    const { userId } = shop.server.control.seller;
    expect(await call(of(shop.server.control.letGo()))).toMatchObject({ kind: "disconnected", shop: userId });
  });

  it("refuses what is not signed with a key of eBay's", async () => {
    const event = shop.server.control.changed();
    const header = JSON.parse(Buffer.from(event.headers["x-ebay-signature"] ?? "", "base64").toString("utf8"));
    const forged = (change: object) => {
      const encoded = Buffer.from(JSON.stringify({ ...header, ...change })).toString("base64");
      return call(of({ ...event, headers: { ...event.headers, "x-ebay-signature": encoded } }));
    };
    expect((await failureOf(forged({ kid: "11111111-2222-3333-4444-555555555555" }))).failure).toBe("refused");
    expect((await failureOf(forged({ kid: "../../../etc" }))).failure).toBe("refused");
    expect((await failureOf(forged({ signature: Buffer.from("no").toString("base64") }))).failure).toBe("refused");
    const garbled = { ...event.headers, "x-ebay-signature": "not base64 of JSON" };
    expect((await failureOf(call(of({ ...event, headers: garbled })))).failure).toBe("refused");
  });
});

describe("eBay's lists", () => {
  const ids = (documents: readonly RawDocument[]) =>
    latestOf(documents)
      .map((document) => document.externalId)
      .sort();
  const truth = () => shop.server.control.shop.orders.map((order) => order.id).sort();

  it("give the newest first, and nothing of before the day that the seller begins with", async () => {
    const first = await shop.connector.pull(session(), "orders", null);
    const { documents, cursors } = await pullAll(shop.connector, session(), "orders");
    expect(cursors.length).toBeGreaterThan(3);
    expect(ids(documents)).toEqual(truth());
    const days = (page: Page) => page.documents.map(({ body }) => (body as { creationDate: string }).creationDate);
    expect(days(first).every((day) => day > "2026-01-01")).toBe(true);
    const since = "2026-02-01T00:00:00.000Z";
    const some = await pullAll(shop.connector, { ...session(), since }, "orders");
    expect(some.documents.length).toBeGreaterThan(10);
    expect(
      some.documents
        .flatMap((one) => days({ documents: [one], next: null, watermark: null }))
        .every((day) => day >= since),
    ).toBe(true);
  });

  it("lose nothing of what changed meanwhile, though it moves what follows it", async () => {
    const before = await pullAll(shop.connector, session(), "orders");
    const { orders } = shop.server.control.shop;
    nowMs += dayMs;
    // More than two pages of changes, of which some change again while the pages are read.
    for (const order of orders) {
      nowMs += 1_000;
      shop.server.control.shop.touch(order);
    }
    nowMs += 1_000;
    const touched = new Set<string>();
    let cursor: string | null = before.watermark;
    for (let page = 0, isFirst = true; isFirst || cursor !== null; page += 1, isFirst = false) {
      const got: Page = await shop.connector.pull(session(), "orders", cursor);
      for (const document of got.documents) touched.add(document.externalId);
      cursor = got.next;
      nowMs += 1_000;
      const again = orders[page];
      if (again !== undefined && page < 3) shop.server.control.shop.touch(again);
    }
    expect([...touched].sort()).toEqual(truth());
  });

  it("hear of what changed while a first pass stood still for days", async () => {
    const { orders, touch } = shop.server.control.shop;
    const first = await shop.connector.pull(session(), "orders", null);
    const [early] = first.documents;
    const order = orders.find((one) => one.id === early?.externalId);
    nowMs += dayMs;
    if (order !== undefined) touch(order);
    nowMs += 3 * dayMs;
    const [oldest] = orders;
    if (oldest !== undefined) touch(oldest);
    const { watermark } = await pullAll(shop.connector, session(), "orders", first.next);
    const later = await pullAll(shop.connector, session(), "orders", watermark);
    expect(ids(later.documents)).toContain(order?.id);
  });

  it("hear of a sale that is paid out long after it was made", async () => {
    const first = await pullAll(shop.connector, session(), "balance");
    const waiting = first.documents.filter((document) => document.version.endsWith("/1"));
    expect(waiting.length).toBeGreaterThan(0);
    nowMs += 40 * dayMs;
    // Enough that something is left to pay out, whatever is owed.
    shop.server.control.shop.sell([{ sku: "CAN-001", quantity: 9 }]);
    expect(shop.server.control.shop.payOut()).not.toBeNull();
    const second = await pullAll(shop.connector, session(), "balance", first.watermark);
    const paid = new Map(second.documents.map((document) => [document.externalId, document]));
    expect(waiting.map(({ externalId }) => paid.get(externalId)?.version.slice(-2))).toEqual(waiting.map(() => "/2"));
  });

  it("give a refund only when its order can be read, for a week", async () => {
    const order = shop.server.control.shop.refund();
    const refunds = (documents: readonly RawDocument[]) =>
      documents.filter(({ body }) => {
        const { transaction } = body as { transaction: { transactionType: string; orderId?: string } };
        return transaction.transactionType === "REFUND" && transaction.orderId === order?.id;
      });
    shop.server.control.faults({ hide: 1 });
    const during = await pullAll(shop.connector, session(), "balance");
    expect(refunds(during.documents)).toEqual([]);
    const after = await pullAll(shop.connector, session(), "balance", during.watermark);
    const [document] = refunds(after.documents);
    expect(document && shop.connector.read(document, account)[0]).toMatchObject({
      kind: "return",
      order: `ebay/order/${order?.id}`,
    });
    nowMs += 8 * dayMs;
    shop.server.control.faults({ hide: 1 });
    const late = await pullAll(shop.connector, session(), "balance", after.watermark);
    expect(refunds(late.documents)).toHaveLength(1);
  });

  it("give a refund of an order of before the seller's day as money without goods, and that order never", async () => {
    const { shop: state } = shop.server.control;
    const old = state.orders.find((order) => order.payment === "PAID" && order.refunds.length === 0);
    const since = "2026-03-31T20:00:00.000Z";
    nowMs += dayMs;
    const given = state.refund(old?.id);
    const sold = state.sell();
    nowMs += 1_000;
    const begun = { ...session(), since };
    const orders = await pullAll(shop.connector, begun, "orders");
    expect(ids(orders.documents)).toEqual([sold.id]);
    state.touch(given ?? sold);
    nowMs += 1_000;
    expect(ids((await pullAll(shop.connector, begun, "orders", orders.watermark)).documents)).toEqual([sold.id]);
    const { documents } = await pullAll(shop.connector, begun, "balance");
    const facts = documents.flatMap((document) => shop.connector.read(document, account));
    expect(facts.filter((fact) => fact.kind === "return")).toEqual([]);
    expect(facts).toContainEqual(
      expect.objectContaining({ kind: "charge", category: "refund", order: `ebay/order/${old?.id}` }),
    );
  });

  it("keep nothing of the buyer beside a refund", async () => {
    const { documents } = await pullAll(shop.connector, session(), "balance");
    const beside = documents.flatMap(({ body }) => (body as { order: unknown }).order ?? []);
    expect(beside.length).toBeGreaterThan(0);
    expect(JSON.stringify(beside)).not.toMatch(/Ada Example|Sample Street|buyer_/);
  });

  it("are read by a clock that goes ten minutes before eBay's, and are empty without a word", async () => {
    await shop.server.close();
    // eBay's clock is what its answers are dated with: the real one here.
    shop = await connected({ ordersPerYear: 400, days: 20, clock: Date.now });
    const ahead = shop.another({}, () => Date.now() + 600_000);
    for (const feed of ["orders", "payouts", "balance"] as const)
      expect((await pullAll(ahead, session(), feed)).documents.length, feed).toBeGreaterThan(0);
    await shop.server.close();
    shop = await connected({ ordersPerYear: 0, days: 1, clock: clockFrom("2026-03-31T20:00:00Z") });
    for (const feed of ["orders", "payouts", "balance"] as const)
      expect(await shop.connector.pull(session(), feed, null)).toMatchObject({ documents: [] });
  });

  it("are limited, with an error of eBay's and the time to wait", async () => {
    await shop.server.close();
    shop = await connected({ ordersPerYear: 50, callsPerTenSeconds: 2, clock: () => nowMs });
    await shop.connector.pull(session(), "orders", null);
    await shop.connector.pull(session(), "orders", null);
    const error = await failureOf(shop.connector.pull(session(), "orders", null));
    expect([error.failure, error.retryAfterMs]).toEqual(["throttled", 10_000]);
  });
});
