/**
 * What every channel with an API must keep to, run over each of them: a channel that passes can be synced, stopped anywhere,
 * synced again and believed. Fixtures and oddities of one channel are tested beside this, in files of its own.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Account, Connector, Feed, RawDocument, Session } from "../../integrations/connector";
import { ChannelError, OtherCurrency } from "../../lib/core/errors";
import { type Fact, factKey, type OrderFact } from "../../lib/core/facts";
import { decimalsOf } from "../../lib/core/money";

/** A connected channel, with what it says of itself apart from its feeds. */
export type Harness = Readonly<{
  connector: Connector;
  account: Account;
  credentials: string;
  /** In the order in which they are pulled. */
  feeds: readonly Feed[];
  /** What the buyer paid for an order, in minor units, as its document says it; null for one that was cancelled. */
  paid: (document: RawDocument) => bigint | null;
  /** Row types that only set money aside. */
  holds: readonly string[];
  /** What the channel says that it holds: what can be paid out, and what is set aside. */
  balance: () => Promise<Readonly<{ available: bigint; held: bigint }>>;
  close: () => Promise<void>;
}>;

export function sessionOf(harness: Pick<Harness, "account" | "credentials">): Session<string> {
  return {
    account: harness.account,
    credentials: harness.credentials,
    since: null,
    signal: new AbortController().signal,
    renewed: () => Promise.resolve(),
  };
}

export type Pulled = Readonly<{
  documents: readonly RawDocument[];
  cursors: readonly (string | null)[];
  watermark: string | null;
  /** What pages told of how many follow, and how many did; and how far back the pass was. */
  left: readonly Readonly<{ told: number; follow: number }>[];
  reached: readonly string[];
}>;

/** A whole pass of one feed. Throws where the cursors do not end. */
export async function pullAll(
  connector: Connector,
  session: Session<string>,
  feed: Feed,
  from: string | null = null,
): Promise<Pulled> {
  const documents: RawDocument[] = [];
  const cursors: (string | null)[] = [];
  let watermark = from;
  const left: { told: number; before: number }[] = [];
  const reached: string[] = [];
  for (let cursor = from, isFirst = true; isFirst || cursor !== null; isFirst = false) {
    if (cursors.length >= 1_000) throw new Error(`the cursors of ${feed} do not end`);
    cursors.push(cursor);
    const page = await connector.pull(session, feed, cursor);
    documents.push(...page.documents);
    watermark = page.watermark ?? watermark;
    if (page.left !== undefined) left.push({ told: page.left, before: documents.length });
    if (page.reached !== undefined) reached.push(page.reached);
    cursor = page.next;
  }
  const told = left.map(({ told, before }) => ({ told, follow: documents.length - before }));
  return { documents, cursors, watermark, left: told, reached };
}

/** The last version of each document, in the order in which they first came. */
export function latestOf(documents: readonly RawDocument[]): readonly RawDocument[] {
  const latest = new Map<string, RawDocument>();
  for (const document of documents) {
    const key = `${document.feed}\u001f${document.externalId}`;
    const known = latest.get(key);
    if (known === undefined || known.version < document.version) latest.set(key, document);
  }
  return [...latest.values()];
}

/** `among`: where its order is found, whose tax the channel may give back itself. What a fact does to the channel's balance (accounting.md). */
export function effectOf(fact: Fact, _at = 0, among: readonly Fact[] = []): bigint {
  switch (fact.kind) {
    case "order": {
      const paid = sum(fact.lines.map((line) => line.amount)) + fact.shipping + fact.tax - fact.discount;
      return paid - (fact.taxBy === "channel" ? fact.tax : 0n) - sum(fact.fees.map((fee) => fee.amount));
    }
    case "return": {
      const goods = sum(fact.lines.map((line) => line.amount));
      if (fact.order === null) return -goods;
      const order = among.find((one) => one.kind === "order" && one.id === fact.order);
      const isRemitted = order?.kind === "order" && order.taxBy === "channel";
      return -goods - (fact.shipping ?? 0n) - (isRemitted ? 0n : (fact.tax ?? 0n));
    }
    case "charge":
      return fact.amount;
    case "payout":
      return -fact.amount;
    default:
      return 0n;
  }
}

export function sum(amounts: readonly bigint[]): bigint {
  return amounts.reduce((total, amount) => total + amount, 0n);
}

/** Declares the suite for one channel. `listsPaid`: its payouts name their rows (false: it has none, or names none of them). */
export function conforms(
  name: string,
  start: () => Promise<Harness>,
  { listsPaid }: Readonly<{ listsPaid: boolean }> = { listsPaid: true },
): void {
  describe(`${name} as a channel`, () => {
    let harness: Harness;
    let pulled: Map<Feed, Pulled>;
    let documents: readonly RawDocument[];
    let facts: readonly Fact[];
    const read = (document: RawDocument) => harness.connector.read(document, harness.account);
    const of = <K extends Fact["kind"]>(kind: K) =>
      facts.filter((fact): fact is Extract<Fact, { kind: K }> => fact.kind === kind);

    beforeAll(async () => {
      harness = await start();
      pulled = new Map();
      for (const feed of harness.feeds) pulled.set(feed, await pullAll(harness.connector, sessionOf(harness), feed));
      documents = latestOf([...pulled.values()].flatMap((each) => each.documents));
      facts = documents.flatMap(read);
    }, 60_000);
    afterAll(() => harness.close());

    it("gives something in every feed, over more than one page somewhere", () => {
      for (const feed of harness.feeds) expect(pulled.get(feed)?.documents.length, feed).toBeGreaterThan(0);
      expect([...pulled.values()].some((each) => each.cursors.length > 1)).toBe(true);
    });

    it("gives at least the same documents when a page is asked for twice", async () => {
      for (const [feed, { cursors }] of pulled)
        for (const cursor of [cursors[0] ?? null, cursors[cursors.length - 1] ?? null]) {
          const first = await harness.connector.pull(sessionOf(harness), feed, cursor);
          const second = await harness.connector.pull(sessionOf(harness), feed, cursor);
          const ids = new Set(second.documents.map((document) => document.externalId));
          expect(first.documents.filter((document) => !ids.has(document.externalId))).toEqual([]);
        }
    });

    it("begins again from its watermark without asking for everything", async () => {
      for (const [feed, { watermark, documents: all }] of pulled) {
        expect(watermark, feed).not.toBeNull();
        const again = await pullAll(harness.connector, sessionOf(harness), feed, watermark);
        const known = new Map(all.map((document) => [document.externalId, document]));
        for (const document of again.documents) expect(document).toEqual(known.get(document.externalId));
        expect(again.documents.length).toBeLessThanOrEqual(all.length);
        expect(again.watermark).toBe(watermark);
      }
    });

    it("tells truly, where it tells, how many follow and how far back it is", () => {
      for (const [feed, { left, reached }] of pulled) {
        // Pages may meet by some documents, and what lies in a bin is not counted and comes all the same: a tenth more or less.
        for (const { told, follow } of left)
          expect(Math.abs(told - follow), feed).toBeLessThanOrEqual(10 + follow / 10);
        expect(reached, feed).toEqual([...reached].sort().reverse());
        for (const at of reached) expect(new Date(at).toISOString()).toBe(at);
      }
    });

    it("says orders whose lines + tax + shipping − discount are what the buyer paid", () => {
      let checked = 0;
      for (const document of documents) {
        if (document.feed !== "orders") continue;
        const order = read(document).find((fact): fact is OrderFact => fact.kind === "order");
        const paid = harness.paid(document) ?? 0n;
        expect(order).toBeDefined();
        if (order === undefined) continue;
        expect(sum(order.lines.map((line) => line.amount)) + order.tax + order.shipping - order.discount).toBe(paid);
        checked += 1;
      }
      expect(checked).toBeGreaterThan(0);
    });

    it("returns only known lines, and no more than was sold", () => {
      const lines = new Map(
        of("order").flatMap((order) => order.lines.map((line) => [line.id, { order: order.id, left: line.qty }])),
      );
      const returns = of("return");
      expect(returns.length).toBeGreaterThan(0);
      for (const each of returns) {
        if (each.order === null) continue;
        for (const line of each.lines) {
          const sold = lines.get(line.line);
          expect(sold?.order).toBe(each.order);
          if (sold === undefined) continue;
          sold.left -= line.qty;
          expect(sold.left).toBeGreaterThanOrEqual(0n);
        }
      }
    });

    it("dates a return on or after its sale", () => {
      const soldOn = new Map(of("order").map((order) => [order.id, order.when.on]));
      for (const each of of("return"))
        if (each.order !== null) expect(each.date >= (soldOn.get(each.order) ?? "9999")).toBe(true);
    });

    it("names only currencies that are known", () => {
      const named = new Set<string>();
      for (const { body } of documents)
        walk(body, (key, value) => /currency/i.test(key) && typeof value === "string" && named.add(value));
      for (const currency of named) expect(() => decimalsOf(currency)).not.toThrow();
      expect(decimalsOf(harness.account.currency)).toBeGreaterThanOrEqual(0);
    });

    it("names the currency that a document is in to who reads it for another, and never takes one for the other", () => {
      const currency = harness.account.currency === "SEK" ? "NOK" : "SEK";
      let named = 0;
      for (const document of documents) {
        const own = read(document);
        try {
          // What holds no money is the same in any currency.
          expect(harness.connector.read(document, { ...harness.account, currency })).toEqual(own);
        } catch (error) {
          if (!(error instanceof OtherCurrency)) throw error;
          expect(error.currency).toBe(harness.account.currency);
          named += 1;
        }
      }
      expect(named).toBeGreaterThan(0);
    });

    it("gives each fact a key of its own, and ids that begin with the channel", () => {
      const keys = facts.map(factKey);
      expect(new Set(keys).size).toBe(keys.length);
      const prefix = `${harness.account.channel}/`;
      for (const fact of facts) if ("id" in fact) expect(fact.id.startsWith(prefix), fact.id).toBe(true);
      const lines = [...of("order"), ...of("return")].flatMap((fact) => fact.lines.map((line) => line.id));
      expect(new Set(lines).size).toBe(lines.length);
    });

    it("reads the same when documents carry fields that nobody knows", () => {
      for (const document of documents)
        expect(read({ ...document, body: withUnknown(document.body) })).toEqual(read(document));
    });

    it("reads the same twice, and changes nothing that it was given", () => {
      for (const document of documents) {
        const before = JSON.stringify(document.body);
        expect(read(document)).toEqual(read(document));
        expect(JSON.stringify(document.body)).toBe(before);
      }
    });

    it("says unreadable for a bad body, whatever is bad", () => {
      for (const feed of harness.feeds) {
        const document = documents.find((each) => each.feed === feed);
        for (const body of [null, undefined, 7, "text", [], {}, { error: "down" }, "<html></html>"])
          expectUnreadable(() => read({ feed, externalId: "x", version: "1", body }));
        if (document === undefined) continue;
        let refused = 0;
        for (const body of damaged(document.body))
          try {
            read({ ...document, body });
          } catch (error) {
            expect(error).toBeInstanceOf(ChannelError);
            expect((error as ChannelError).failure).toBe("unreadable");
            refused += 1;
          }
        expect(refused, feed).toBeGreaterThan(0);
      }
    });

    it("lists rows that belong to a known fact and add to what it does to the balance", () => {
      const byKey = new Map(facts.map((fact) => [factKey(fact), fact]));
      const rows = new Map<string, bigint>();
      for (const row of of("balance_row")) {
        expect(row.about, `${row.type} ${row.id}`).not.toBeNull();
        if (row.about === null) continue;
        expect(byKey.has(row.about), `${row.id} is about ${row.about}`).toBe(true);
        if (!harness.holds.includes(row.type)) rows.set(row.about, (rows.get(row.about) ?? 0n) + row.amount);
      }
      for (const [key, fact] of byKey) expect(rows.get(key) ?? 0n, key).toBe(effectOf(fact, 0, facts));
    });

    if (listsPaid)
      it("proves every payout by its rows", () => {
        const rows = new Map<string, bigint>();
        for (const row of of("balance_row"))
          if (row.payout !== null) rows.set(row.payout, (rows.get(row.payout) ?? 0n) + row.amount);
        const sent = of("payout").filter((payout) => payout.amount > 0n);
        expect(sent.length).toBeGreaterThan(0);
        for (const payout of sent) expect(rows.get(payout.id), payout.id).toBe(payout.amount);
        expect(new Set(rows.keys())).toEqual(new Set(sent.map((payout) => payout.id)));
      });

    it("brings the channel's balance to what the channel says it is", async () => {
      const said = await harness.balance();
      const rows = sum(of("balance_row").map((row) => row.amount));
      const effect = sum(facts.map(effectOf));
      expect({ rows, effect }).toEqual({ rows: said.available, effect: said.available + said.held });
    });
  });
}

function expectUnreadable(work: () => unknown): void {
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(ChannelError);
    expect((error as ChannelError).failure).toBe("unreadable");
    return;
  }
  expect.unreachable("a bad body was read");
}

function walk(value: unknown, visit: (key: string, value: unknown) => void): void {
  if (Array.isArray(value)) for (const each of value) walk(each, visit);
  else if (typeof value === "object" && value !== null)
    for (const [key, each] of Object.entries(value)) {
      visit(key, each);
      walk(each, visit);
    }
}

/** Every object within has one more field. */
function withUnknown(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withUnknown);
  if (typeof value !== "object" || value === null) return value;
  const fields = Object.entries(value).map(([key, each]): [string, unknown] => [key, withUnknown(each)]);
  return Object.fromEntries([...fields, ["never_seen_before", { nested: [1, "two", null] }]]);
}

/** The body with each of its fields, at any depth, gone or of another kind. */
function* damaged(value: unknown): Generator<unknown> {
  if (Array.isArray(value)) {
    const [first, ...rest] = value;
    if (first !== undefined) for (const each of damaged(first)) yield [each, ...rest];
    return;
  }
  if (typeof value !== "object" || value === null) return;
  for (const [key, each] of Object.entries(value)) {
    const { [key]: _gone, ...rest } = value as Record<string, unknown>;
    yield rest;
    for (const other of [null, 1.5, -1, "", "NaN", [], {}, true]) yield { ...rest, [key]: other };
    for (const inner of damaged(each)) yield { ...rest, [key]: inner };
  }
}
