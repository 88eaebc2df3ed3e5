/** The ledger's windows, gaps and payouts; the limits, calls and sign-in that are Etsy's own. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { RawDocument } from "../../../integrations/connector";
import { hookOf } from "../../../integrations/etsy/hook";
import { gapIn, settle } from "../../../integrations/etsy/ledger";
import { ChannelError } from "../../../lib/core/errors";
import { localWebhookSecret } from "../../../scripts/channels/etsy/index";
import { latestOf, pullAll, sessionOf } from "../conformance";
import { account, type Connected, connected, decide, signIn } from "./support";

/** Entries by their amounts; a payout is given as "out" and its amount. */
function entriesOf(amounts: readonly (number | readonly ["out", number])[], firstSequence = 1, before = 0) {
  let balance = before;
  return amounts.map((each, index) => {
    const amount = typeof each === "number" ? each : -each[1];
    balance += amount;
    return {
      entry_id: 100 + firstSequence + index,
      sequence_number: firstSequence + index,
      amount,
      balance,
      created_timestamp: 1_772_000_000 + firstSequence + index,
      ledger_type: typeof each === "number" ? "listing" : "DISBURSE2",
    };
  });
}
const begun = { last: null, open: null };

describe("which entries a payout holds", () => {
  it("is all since the balance was at nothing, where it takes all", () => {
    const { paidOutBy, open } = settle(entriesOf([500, -20, ["out", 480], 300, ["out", 300], 70]), begun);
    expect([...paidOutBy]).toEqual([
      [101, 103],
      [102, 103],
      [104, 105],
    ]);
    expect(open).toEqual({ first: { sequence: 6, at: 1_772_000_006 }, sum: 70 });
  });

  it("leaves out the newest that add up to what it left behind, which go with the next", () => {
    const { paidOutBy } = settle(entriesOf([500, 300, -20, ["out", 500], 10, ["out", 290]]), begun);
    expect([...paidOutBy]).toEqual([
      [101, 104],
      [102, 106],
      [103, 106],
      [105, 106],
    ]);
  });

  it("stays open where nothing adds up, until the balance is at nothing again", () => {
    const { paidOutBy, open } = settle(entriesOf([500, 300, ["out", 450], ["out", 350], 80, ["out", 80]]), begun);
    expect([...paidOutBy]).toEqual([[105, 106]]);
    expect(open).toEqual({ first: null, sum: 0 });
  });

  it("is not guessed for a ledger that begins in the middle", () => {
    const { paidOutBy } = settle(entriesOf([500, ["out", 700]], 9, 200), begun);
    expect([...paidOutBy]).toEqual([]);
  });

  it("reaches back into an earlier window, whose entries are given again", () => {
    const at = {
      last: { sequence: 4, at: 1_772_000_004, balance: 650 },
      open: { first: { sequence: 2, at: 1_772_000_002 }, sum: 650 },
    };
    const { paidOutBy, again } = settle(entriesOf([50, ["out", 700]], 5, 650), at);
    expect([...paidOutBy]).toEqual([[105, 106]]);
    expect(again).toEqual({ from: 1_772_000_002, to: 1_772_000_004, first: 2, until: 4, payout: 106 });
  });
});

describe("a gap", () => {
  it("is found by the running balance, within a window and before it", () => {
    const all = entriesOf([500, -20, 300]);
    expect(gapIn(all, null)).toBeNull();
    expect(
      gapIn(
        [all[0], all[2]].flatMap((entry) => entry ?? []),
        null,
      ),
    ).toBe("entry 3 does not follow from entry 1");
    expect(gapIn(all, { sequence: 0, balance: 5 })).toBe("entry 1 does not follow from entry 0");
  });
});

describe("the local Etsy", () => {
  let made: Connected;
  const session = () => sessionOf({ account, credentials: made.credentials });
  const pullLedger = (from: string | null = null) => pullAll(made.connector, session(), "balance", from);
  beforeEach(async () => {
    made = await connected({ orders: 150, seed: 9 });
  });
  afterEach(() => made.server.close());
  async function failureOf(work: Promise<unknown>): Promise<ChannelError> {
    const error = await work.then(
      () => null,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(ChannelError);
    return error as ChannelError;
  }
  const sequences = (documents: readonly RawDocument[]) =>
    latestOf(documents).map(({ body }) => (body as { entry: { sequence_number: number } }).entry.sequence_number);

  it("is asked for windows of at most 31 days", async () => {
    await pullLedger();
    const spans = made.server.control
      .calls()
      .filter(({ path }) => path.endsWith("/ledger-entries"))
      .map(({ query }) => Number(query.get("max_created")) - Number(query.get("min_created")));
    expect(spans.length).toBeGreaterThan(5);
    expect(Math.max(...spans)).toBeLessThan(31 * 86_400);
    expect(made.server.control.calls().every(({ status }) => status === 200)).toBe(true);
  });

  it("gives every entry though pages move while they are read", async () => {
    for (const fault of [{ repeat: 3 }, { shift: 3 }]) {
      made.server.control.faults(fault);
      const first = await pullLedger();
      const later = await pullLedger(first.watermark);
      const got = new Set(sequences([...first.documents, ...later.documents]));
      expect(made.server.control.shop.entries().filter((entry) => !got.has(entry.sequence_number))).toEqual([]);
    }
  });

  it("says where an entry is missing, and gives nothing that was read past it", async () => {
    made.server.control.shop.lose(41);
    const error = await failureOf(pullLedger());
    expect(error.failure).toBe("unreadable");
    expect(error.message).toContain("entry 42 does not follow from entry 40");
  });

  it("begins where the seller says", async () => {
    const since = new Date(made.clock() - 20 * 86_400_000).toISOString();
    const { documents } = await pullAll(made.connector, { ...session(), since }, "orders");
    const days = documents.map(({ body }) => (body as { created_timestamp: number }).created_timestamp * 1000);
    expect(days.length).toBeGreaterThan(10);
    expect(Math.min(...days)).toBeGreaterThanOrEqual(Date.parse(since) - 1_000);
    // Newest first.
    expect(days).toEqual([...days].sort((a, b) => b - a));
    const ledger = await pullAll(made.connector, { ...session(), since }, "balance");
    expect(ledger.documents.length).toBeLessThan(made.server.control.shop.entries().length);
  });

  it("tells a payout that came later of the rows that waited for it", async () => {
    const first = await pullLedger();
    const waiting = latestOf(first.documents).filter(({ version }) => version === "1");
    const sent = made.server.control.shop.payout();
    const second = await pullLedger(first.watermark);
    const rows = latestOf([...first.documents, ...second.documents])
      .flatMap((document) => made.connector.read(document, account))
      .flatMap((fact) =>
        fact.kind === "balance_row" && fact.payout === `etsy/payout/${sent?.entry_id}` ? [fact] : [],
      );
    expect(waiting.length).toBeGreaterThan(5);
    expect(rows.reduce((total, row) => total + row.amount, 0n)).toBe(BigInt(-(sent?.amount ?? 0)));
    expect(rows.length).toBeGreaterThan(5);
  });

  it("names the order of fees, and of a fee given back long after", async () => {
    const { documents } = await pullLedger();
    const facts = latestOf(documents).flatMap((document) => made.connector.read(document, account));
    const fees = facts.filter((fact) => fact.kind === "charge" && /transaction/.test(fact.type));
    const ofListings = (fact: (typeof fees)[number]) => fact.kind === "charge" && /quantity/.test(fact.type);
    const named = fees.filter((fact) => fact.kind === "charge" && fact.order !== null);
    expect(named.length).toBe(fees.filter((fact) => !ofListings(fact)).length);
    expect(named.some((fact) => fact.kind === "charge" && fact.type === "transaction_refund")).toBe(true);
  });

  it("hears of what it could not read a moment ago, and of what changed", async () => {
    const before = await pullAll(made.connector, session(), "orders");
    const sold = made.server.control.shop.sell();
    made.server.control.faults({ hide: 1 });
    const during = await pullAll(made.connector, session(), "orders", before.watermark);
    const has = (documents: readonly RawDocument[], id: number) =>
      documents.some(({ externalId }) => externalId === String(id));
    expect(has(during.documents, sold.receipt_id)).toBe(false);
    const [oldest] = made.server.control.shop.receipts();
    made.server.control.shop.touch(oldest?.receipt_id ?? 0);
    const after = await pullAll(made.connector, session(), "orders", during.watermark);
    expect(has(after.documents, sold.receipt_id)).toBe(true);
    expect(has(after.documents, oldest?.receipt_id ?? 0)).toBe(true);
    expect(after.documents.length).toBeLessThan(20);
  });

  it("limits calls by the second and by the day, and says how long to wait", async () => {
    await made.server.close();
    const fixed = Date.parse("2026-03-31T20:00:00Z");
    made = await connected({ orders: 20, perSecond: 3, clock: () => fixed });
    await made.connector.pull(session(), "products", null);
    const second = await failureOf(made.connector.pull(session(), "products", null));
    expect([second.failure, second.retryAfterMs]).toEqual(["throttled", 1_000]);
    await made.server.close();
    made = await connected({ orders: 20, perDay: 3, clock: () => fixed });
    await made.connector.pull(session(), "products", null);
    const day = await failureOf(made.connector.pull(session(), "products", null));
    expect([day.failure, day.retryAfterMs]).toEqual(["throttled", 4 * 3_600_000]);
    expect(day.message).toContain("a day");
  });

  it("sends an event twice as one event, each time with a signature that holds", async () => {
    const { hook } = made.connector;
    if (hook === undefined) throw new Error("Etsy has calls");
    const said: unknown[] = [];
    const sink = createServer((message, response) => {
      const parts: Buffer[] = [];
      message.on("data", (part: Buffer) => parts.push(part));
      message.on("end", () => {
        const headers = new Headers(
          Object.entries(message.headers).map(([name, value]): [string, string] => [name, String(value)]),
        );
        hook({ method: "POST", url: "http://127.0.0.1/hook", headers, body: Buffer.concat(parts) }, async () => [])
          .then((heard) => said.push(heard))
          .catch((error: unknown) => said.push(error))
          .finally(() => response.end());
      });
    });
    await new Promise<void>((resolve) => sink.listen(0, "127.0.0.1", resolve));
    const { port } = sink.address() as AddressInfo;
    const control = (name: string, body: unknown) =>
      fetch(`${made.server.url}/control/${name}`, { method: "POST", body: JSON.stringify(body) });
    await control("sell", {});
    await control("deliver", { to: `http://127.0.0.1:${port}/hook`, how: "twice" });
    sink.closeAllConnections();
    sink.close();
    expect(said).toHaveLength(2);
    expect(said[0]).toMatchObject({ kind: "changed", shop: "20000009" });
    expect(said[1]).toEqual(said[0]);
  });

  it("needs the app's key and secret beside the token", async () => {
    const { accessToken } = JSON.parse(made.credentials) as { accessToken: string };
    const answer = await fetch(`${made.server.url}/v3/application/users/me`, {
      headers: { authorization: `Bearer ${accessToken}`, "x-api-key": "another" },
    });
    expect(answer.status).toBe(403);
  });

  it("sends back who denied, and gives the same shop to who signs in again", async () => {
    expect(Object.fromEntries((await decide(made.connector, "deny")).back.searchParams)).toMatchObject({
      error: "access_denied",
    });
    const again = await signIn(made.connector);
    const shopOf = made.connector.oauth?.shopOf;
    expect(shopOf?.(again)).toEqual(shopOf?.(made.credentials));
    expect(shopOf?.(again)).toEqual({ id: "20000009", name: "AlderAndOakMakes" });
  });
});

describe("a call from Etsy", () => {
  const now = 1_772_000_000;
  const secret = "whsec_c2VjcmV0IG9mIHRlc3Rz";
  // HMAC-SHA256 of "msg_1.1772000000.{…}" with the secret's bytes, as the scheme describes it.
  async function sign(body: string, id = "msg_1", at = now): Promise<string> {
    const key = await crypto.subtle.importKey(
      "raw",
      Buffer.from("c2VjcmV0IG9mIHRlc3Rz", "base64"),
      { name: "HMAC", hash: "SHA-256" },
      false,
      ["sign"],
    );
    const bytes = await crypto.subtle.sign("HMAC", key, new TextEncoder().encode(`${id}.${at}.${body}`));
    return `v1,${Buffer.from(bytes).toString("base64")}`;
  }
  const call = (body: string, signature: string, at = now) => ({
    method: "POST",
    url: "https://books.example/api/channels/etsy/hook",
    headers: new Headers({ "webhook-id": "msg_1", "webhook-timestamp": String(at), "webhook-signature": signature }),
    body: new TextEncoder().encode(body),
  });
  const paid = JSON.stringify({ event_type: "order.paid", resource_url: "https://x/receipts/1", shop_id: 42 });

  it("names the shop and what to pull; of two signatures one is enough", async () => {
    const good = await sign(paid);
    const wanted = { kind: "changed", shop: "42", event: "msg_1", feeds: ["orders", "balance"] };
    expect(hookOf(call(paid, good), secret, () => now * 1000)).toEqual(wanted);
    expect(hookOf(call(paid, `v1,AAAA ${good}`), secret, () => now * 1000)).toEqual(wanted);
    const other = JSON.stringify({ event_type: "shop.sneezed", shop_id: 42 });
    expect(hookOf(call(other, await sign(other)), secret, () => now * 1000)).toEqual({ kind: "nothing" });
  });

  it("is refused when it is old, signed with another secret, or nothing can be proved", async () => {
    const good = await sign(paid);
    const later = () => (now + 301) * 1000;
    expect(() => hookOf(call(paid, good), secret, later)).toThrow(/another time/);
    expect(() => hookOf(call(paid, good), localWebhookSecret, () => now * 1000)).toThrow(/not Etsy's/);
    expect(() => hookOf(call(paid, good), null, () => now * 1000)).toThrow(/ETSY_WEBHOOK_SECRET/);
    expect(() => hookOf(call(paid, ""), secret, () => now * 1000)).toThrow(/not Etsy's/);
    expect(() => hookOf(call("half", "v1,x"), secret, () => now * 1000)).toThrow(ChannelError);
  });
});
