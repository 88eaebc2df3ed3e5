/** Rates of exchange, and a channel in euros that is synced into books in dollars: it waits for a rate, gets one, and is booked. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { sql } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { closeDatabase, inBusiness, rowsOf } from "../../db/scope";
import type { Connector } from "../../integrations/connector";
import { addDays } from "../../lib/core/dates";
import { OtherCurrency } from "../../lib/core/errors";
import { asSaid, toBooks } from "../../lib/core/exchange";
import type { Fact } from "../../lib/core/facts";
import { parseRate } from "../../lib/core/rates";
import { reviveFact } from "../../lib/core/revive";
import { digestChannel, syncChannel } from "../../lib/digest";
import { readAll } from "../../lib/documents-in";
import { fetchRates, fetchState, waitAfter } from "../../lib/money/rate-fetches";
import {
  acceptRateFile,
  chooseRateLayout,
  previewRateFile,
  takeRateFile,
  undoRateFile,
} from "../../lib/money/rate-files";
import { listRates, metCurrencies, missingRates, ratesFor, removeRate, saveRate } from "../../lib/money/rates";
import { needsOf } from "../../lib/needs";
import type { Scope } from "../../lib/people/access";
import { record } from "../../lib/record";
import { parkedDocuments, syncNow } from "../../lib/sales/channels";
import { connectByKeys } from "../../lib/sales/connect";
import { storeDocuments } from "../../lib/sales/pull";
import { startRun } from "../../lib/system/runs";
import { type LocalStripe, startStripe } from "../../scripts/channels/stripe/index";
import { aSeller } from "../../scripts/lib/sellers";
import { aShop, proved, refused } from "../support/trading";

const signal = new AbortController().signal;
let stripe: LocalStripe;
beforeAll(async () => {
  stripe = await startStripe({ port: 0, currency: "eur", today: "2026-03-31", days: 20 });
  process.env.STRIPE_API_URL = stripe.url;
});
afterAll(async () => {
  await stripe.close();
  await closeDatabase();
});

const bytesOf = (text: string) => new TextEncoder().encode(text);
const typed = (currency: string, on: string, rate: string) => ({ currency, on, rate, direction: "worth" }) as const;
const shown = async (scope: Scope) =>
  (await listRates(scope, {})).rows.map(({ currency, on, rate, source }) => `${currency} ${on} ${rate} ${source}`);
const rateOf = (scope: Scope, currency: string, on: string) =>
  inBusiness(scope, async (tx) => (await ratesFor(tx, scope, [{ currency, on }])).get(`${currency} ${on}`) ?? null);
const factsOf = (scope: Scope): Promise<readonly Fact[]> =>
  inBusiness(scope, async (tx) => {
    const rows = await rowsOf<{ body: unknown }>(
      tx,
      sql`select body from app.facts where business_id = ${scope.businessId} and undone_at is null and id like '%stripe%' order by id`,
    );
    return rows.map(({ body }) => reviveFact(body));
  });
/** The reading again that a rate asked for, run as its job would be. */
async function runAsked(scope: Scope): Promise<number> {
  const runs = await inBusiness(scope, (tx) =>
    rowsOf<{ id: string; about: string }>(
      tx,
      sql`select id, about from app.runs where business_id = ${scope.businessId} and job = 'digestChannel' and state = 'waiting'`,
    ),
  );
  for (const { id, about } of runs) await digestChannel(scope, { channelId: about, run: id, signal });
  return runs.length;
}

describe("a business's rates", () => {
  it("are the last known on the day or up to seven days before, typed, changed and removed, each its own", async () => {
    const [scope, other] = [await aSeller(), await aSeller()];
    await saveRate(scope, typed("eur", "2026-03-02", "1.0834"));
    expect(await rateOf(scope, "EUR", "2026-03-09")).toEqual({
      currency: "EUR",
      rate: parseRate("1.0834"),
      on: "2026-03-02",
      source: "typed",
    });
    expect(await rateOf(scope, "EUR", "2026-03-10")).toBeNull();
    expect(await rateOf(scope, "EUR", "2026-03-01")).toBeNull();
    expect(await rateOf(other, "EUR", "2026-03-02")).toBeNull();
    const { before } = await saveRate(scope, { ...typed("EUR", "2026-03-02", "0,5"), direction: "buys" });
    expect(before).toEqual({ currency: "EUR", on: "2026-03-02", rate: "1.0834", source: "typed" });
    expect(await shown(scope)).toEqual(["EUR 2026-03-02 2.0000 typed"]);
    expect(await metCurrencies(scope)).toEqual(["EUR"]);
    expect(await removeRate(scope, { currency: "EUR", on: "2026-03-02" })).toMatchObject({ rate: "2.0000" });
    expect(await shown(scope)).toEqual([]);
  });

  it.each([
    ["a currency that nobody knows", typed("BTC", "2026-03-02", "1"), "unknown_currency", "currency"],
    ["the books' own", typed("USD", "2026-03-02", "1"), "bad_field", "currency"],
    ["no day", typed("EUR", "02.03.2026", "1"), "bad_date", "on"],
    ["a day to come", typed("EUR", "2999-03-02", "1"), "future_date", "on"],
    ["no rate", typed("EUR", "2026-03-02", "much"), "bad_number", "rate"],
  ] as const)("refuse %s", async (_what, said, code, field) => {
    expect(await refused(saveRate(await aSeller(), said))).toEqual({ code, field });
  });

  it("are listed by key, and by currency and days", async () => {
    const scope = await aSeller();
    for (let n = 0; n < 5; n += 1) await saveRate(scope, typed("EUR", addDays("2026-03-02", n), "1.08"));
    await saveRate(scope, typed("GBP", "2026-03-04", "1.27"));
    const first = await listRates(scope, {}, { limit: 3 });
    const second = await listRates(scope, {}, { limit: 3, after: first.after });
    expect([...first.rows, ...second.rows].map(({ currency, on }) => `${on} ${currency}`)).toEqual([
      "2026-03-06 EUR",
      "2026-03-05 EUR",
      "2026-03-04 GBP",
      "2026-03-04 EUR",
      "2026-03-03 EUR",
      "2026-03-02 EUR",
    ]);
    expect([second.after, (await listRates(scope, {}, { limit: 3, before: second.before })).rows]).toEqual([
      null,
      first.rows,
    ]);
    const { rows } = await listRates(scope, { currency: "EUR", from: "2026-03-03", to: "2026-03-04" });
    expect(rows.map(({ on }) => on)).toEqual(["2026-03-04", "2026-03-03"]);
  });
});

const history = `Date,USD,GBP,SEK,
2026-03-03,1.0800,0.8500,11.0,
2026-03-02,1.0834,0.8400,11.1,
`;

describe("a file of rates", () => {
  it("is looked at, taken for chosen currencies, and taken back: what a person typed comes back too", async () => {
    const scope = await aSeller();
    await saveRate(scope, typed("GBP", "2026-03-02", "1.3"));
    const id = await takeRateFile(scope, { name: "eurofxref-hist.csv", bytes: bytesOf(history) });
    const seen = await previewRateFile(scope, id);
    expect(seen.currencies.map(({ currency, isMet, fresh, differs }) => [currency, isMet, fresh, differs])).toEqual([
      ["GBP", true, 1, 1],
      ["EUR", false, 2, 0],
      ["SEK", false, 2, 0],
    ]);
    expect(seen.differing).toEqual([
      { currency: "GBP", on: "2026-03-02", here: "1.3000", source: "typed", file: "1.2897619048" },
    ]);
    expect(await shown(scope)).toEqual(["GBP 2026-03-02 1.3000 typed"]);
    expect(await refused(acceptRateFile(scope, { id, currencies: [], from: null, replaces: true }))).toEqual({
      code: "field_missing",
      field: "currencies",
    });
    const done = await acceptRateFile(scope, { id, currencies: ["EUR", "GBP"], from: "2026-03-02", replaces: true });
    expect(done).toMatchObject({ added: 3, changed: 1, kept: 0 });
    expect(await shown(scope)).toEqual([
      "GBP 2026-03-03 1.2705882353 ECB",
      "EUR 2026-03-03 1.0800 ECB",
      "GBP 2026-03-02 1.2897619048 ECB",
      "EUR 2026-03-02 1.0834 ECB",
    ]);
    expect((await refused(acceptRateFile(scope, { id, currencies: ["EUR"], from: null, replaces: true }))).code).toBe(
      "already_imported",
    );
    // What a person changes afterwards is theirs, and stays.
    await saveRate(scope, typed("EUR", "2026-03-03", "1.09"));
    expect(await undoRateFile(scope, { id })).toEqual({ removed: 2, restored: 1 });
    expect(await shown(scope)).toEqual(["EUR 2026-03-03 1.0900 typed", "GBP 2026-03-02 1.3000 typed"]);
    expect((await refused(undoRateFile(scope, { id }))).code).toBe("nothing_to_undo");
  });

  it("leaves what is here unless a person says otherwise, and a list needs to be told which way round it is", async () => {
    const scope = await aSeller();
    await saveRate(scope, typed("EUR", "2026-03-02", "1.3"));
    const text = "2026-03-02;EUR;0,92\n2026-03-03;EUR;0,93\n";
    const id = await takeRateFile(scope, { name: "list.csv", bytes: bytesOf(text) });
    const take = { id, currencies: ["EUR"], from: null, replaces: false };
    expect(await refused(acceptRateFile(scope, take))).toEqual({ code: "field_missing", field: "direction" });
    await chooseRateLayout(scope, id, { direction: "buys", decimalMark: null, dateStyle: null });
    expect(await acceptRateFile(scope, take)).toMatchObject({ added: 1, changed: 0, kept: 1 });
    expect(await shown(scope)).toEqual(["EUR 2026-03-03 1.0752688172 list.csv", "EUR 2026-03-02 1.3000 typed"]);
  });
});

describe("the provider", () => {
  let server: Server;
  let answer: Readonly<{ status: number; text: string }> = { status: 200, text: history };
  let url = "";
  beforeAll(async () => {
    server = createServer((_message, response) => {
      response.writeHead(answer.status, { "content-type": "text/csv" }).end(answer.text);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/daily.csv`;
  });
  afterEach(() => {
    answer = { status: 200, text: history };
    delete process.env.EXCHANGE_RATES_URL;
  });
  afterAll(() => new Promise<void>((resolve) => server.close(() => resolve())));

  const asked = (scope: Scope) =>
    inBusiness(scope, (tx) =>
      rowsOf<{ later: boolean }>(
        tx,
        sql`select not_before > now() + interval '4 minutes' as later from app.outbox where business_id = ${scope.businessId} and job = 'fetchRates'`,
      ),
    );

  it("is asked for the currencies that were met, changes nothing that is there, and asks for itself again", async () => {
    const scope = await aSeller();
    expect(await fetchRates(scope, signal, url)).toEqual({ added: 0 });
    expect(await asked(scope)).toEqual([]);
    await saveRate(scope, typed("EUR", "2026-03-02", "1.3"));
    expect(await fetchRates(scope, signal, url)).toEqual({ added: 1 });
    expect(await shown(scope)).toEqual(["EUR 2026-03-03 1.0800 127.0.0.1", "EUR 2026-03-02 1.3000 typed"]);
    expect(await asked(scope)).toEqual([{ later: true }]);
    expect(await fetchRates(scope, signal, url)).toEqual({ added: 0 });
    expect(await fetchState(scope)).toMatchObject({ error: null });
  });

  it("that fails is told on the page and asked ever less often", async () => {
    const scope = await aSeller();
    await saveRate(scope, typed("EUR", "2026-03-02", "1.3"));
    for (const [status, text] of [
      [503, "away"],
      [200, "<html>Sorry</html>"],
      [200, "Date,SEK\n2026-03-03,11\n"],
    ] as const) {
      answer = { status, text };
      expect(await fetchRates(scope, signal, url)).toEqual({ added: 0 });
      expect((await fetchState(scope)).error).toMatch(/127\.0\.0\.1/);
    }
    expect([1, 2, 3, 20].map(waitAfter)).toEqual([300_000, 600_000, 1_200_000, 21_600_000]);
    expect(await asked(scope)).toEqual([{ later: true }]);
    answer = { status: 200, text: history };
    expect(await fetchRates(scope, signal, url)).toEqual({ added: 1 });
    expect(await fetchState(scope)).toMatchObject({ error: null });
  });
});

describe("the door at which documents come in", () => {
  /** A connector whose documents are a list of facts in these currencies, one after the other. */
  const speaking = (facts: readonly Fact[], ...currencies: readonly string[]): Connector => ({
    pull: () => Promise.reject(new Error("nothing is pulled here")),
    read: (_document, account) => {
      const other = currencies.find((currency) => currency !== account.currency);
      if (other !== undefined) throw new OtherCurrency(`an amount is in ${other}`, other);
      return facts;
    },
  });
  const document = { feed: "balance", externalId: "d1", version: "1", body: {}, key: "d1" } as const;
  const readIn = (scope: Scope, connector: Connector) =>
    inBusiness(scope, (tx) => {
      const account = { channel: "shop", currency: scope.currency, timeZone: scope.timeZone };
      return readAll(tx, scope, connector, [document], { account, placed: new Map() }, new Map());
    });
  const charge = (id: string, date: string, amount = -1_000n): Fact => {
    const fixed = { kind: "charge", channel: "shop", category: "fee", type: "fee", order: null, memo: "" } as const;
    return { ...fixed, id, date, amount };
  };
  const row = (id: string, on: string, about: string): Fact => {
    const fixed = { kind: "balance_row", channel: "shop", type: "fee", payout: null, memo: "" } as const;
    return { ...fixed, id, when: { on, at: null }, amount: -1_000n, about };
  };
  const onOf = (fact: Fact | undefined) => (fact !== undefined && "foreign" in fact ? fact.foreign?.on : undefined);

  it("sets aside what names two currencies, or one that nobody knows", async () => {
    const scope = await aShop("Two");
    const two = await readIn(scope, speaking([], "EUR", "GBP"));
    expect(two.marks.get("d1")).toMatchObject({
      state: "unreadable",
      note: expect.stringMatching(/EUR.*GBP|GBP.*EUR/),
    });
    const strange = await readIn(scope, speaking([], "BTC"));
    expect(strange.marks.get("d1")).toEqual({ state: "unreadable", note: "an amount is in BTC" });
    expect(await metCurrencies(scope)).toEqual([]);
  });

  it("gives a row the rate of what it is money of, in the same reading or here already, and else its own day's", async () => {
    const scope = await aShop("Rows");
    await saveRate(scope, typed("EUR", "2026-03-02", "1.08"));
    const same = await readIn(
      scope,
      speaking([row("r1", "2026-03-20", "charge/c1"), charge("c1", "2026-03-03")], "EUR"),
    );
    expect(same.facts.map(({ fact }) => onOf(fact))).toEqual(["2026-03-02", "2026-03-02"]);
    await record(scope, same.facts, { source: null, userId: null });
    const later = await readIn(scope, speaking([row("r2", "2026-03-21", "charge/c1")], "EUR"));
    expect(later.facts.map(({ fact }) => onOf(fact))).toEqual(["2026-03-02"]);
    const lone = await readIn(scope, speaking([row("r3", "2026-03-21", "charge/c9")], "EUR"));
    expect(lone.marks.get("d1")).toMatchObject({ state: "refused", waits: { currency: "EUR", on: "2026-03-21" } });
    // The rate changed since: what is here keeps its own, what is new takes the new one.
    await saveRate(scope, typed("EUR", "2026-03-02", "2"));
    const again = await readIn(scope, speaking([charge("c1", "2026-03-03", -900n), charge("c2", "2026-03-03")], "EUR"));
    expect(again.facts.map(({ fact }) => ("amount" in fact ? fact.amount : null))).toEqual([-972n, -2_000n]);
  });

  it("sets aside what a mistyped rate makes too large, and says which rate it was", async () => {
    const scope = await aShop("Large");
    await saveRate(scope, typed("EUR", "2026-03-02", "900000000"));
    const { marks } = await readIn(scope, speaking([charge("c1", "2026-03-02", -1_000_000_000n)], "EUR"));
    expect(marks.get("d1")?.note).toMatch(/900000000\.0000/);
    expect(marks.get("d1")?.waits).toBeUndefined();
  });
});

describe("a channel in euros and books in dollars", () => {
  it("waits for rates, never takes one to be 1, is booked as soon as they come, and keeps them", async () => {
    const scope = await aSeller();
    const wish = { answers: { ...stripe.control.keys }, since: null, into: null, isTrial: false };
    const { channelId, run } = await connectByKeys(scope, "stripe", wish);
    const first = run ?? (await syncNow(scope, channelId));
    while ((await syncChannel(scope, { channelId, run: first, signal })) !== "done");
    expect(await factsOf(scope)).toEqual([]);
    const parked = await parkedDocuments(scope, channelId);
    expect(parked.length).toBeGreaterThan(5);
    for (const { note } of parked) expect(note).toMatch(/EUR/);
    const waiting = await missingRates(scope);
    const all = waiting.reduce((sum, { count }) => sum + count, 0);
    // The list of documents ends at 200.
    expect(parked.length).toBe(Math.min(200, all));
    expect(new Set(waiting.map(({ currency }) => currency))).toEqual(new Set(["EUR"]));
    const [need] = (await needsOf(scope)).filter(({ kind }) => kind === "rates");
    expect(need).toMatchObject({ count: all, about: "EUR", since: waiting[0]?.from });

    // A rate of another day or currency helps nobody; one file with all days does.
    await saveRate(scope, typed("GBP", waiting[0]?.from ?? "", "1.27"));
    expect(await runAsked(scope)).toBe(0);
    const [from, through] = [waiting[0]?.from ?? "", waiting.at(-1)?.through ?? ""];
    const lines = ["Date,USD"];
    for (let day = from, n = 0; day <= through; day = addDays(day, 1), n += 1) lines.push(`${day},1.08${n % 10}`);
    const id = await takeRateFile(scope, { name: "eurofxref-hist.csv", bytes: bytesOf(lines.join("\n")) });
    await acceptRateFile(scope, { id, currencies: ["EUR"], from: null, replaces: false });
    expect(await runAsked(scope)).toBe(1);
    expect(await missingRates(scope)).toEqual([]);
    expect(await parkedDocuments(scope, channelId)).toEqual([]);
    expect((await needsOf(scope)).filter(({ kind }) => kind === "rates")).toEqual([]);

    const facts = await factsOf(scope);
    const byKey = new Map(facts.map((fact) => ["id" in fact ? `${fact.kind}/${fact.id}` : "", fact]));
    const kinds = new Set<string>();
    for (const fact of facts) {
      if (!("foreign" in fact) || fact.foreign === undefined) throw new Error(`${fact.kind} has no foreign money`);
      kinds.add(fact.kind);
      const { foreign } = fact;
      expect(foreign.currency).toBe("EUR");
      const said = asSaid(fact);
      if ("amount" in fact && "amount" in said) expect(fact.amount).toBe(toBooks(said.amount, foreign, "USD"));
      if (fact.kind !== "balance_row") {
        const on = fact.kind === "order" ? fact.when.on : fact.date;
        expect(foreign).toMatchObject({ on, source: "ECB" });
      } else {
        // A row has the rate of what it is money of, or of its own day.
        const about = fact.about === null ? undefined : byKey.get(fact.about);
        const rate = about !== undefined && "foreign" in about ? about.foreign?.on : fact.when.on;
        expect(foreign.on).toBe(rate);
      }
    }
    expect([...kinds].sort()).toEqual(expect.arrayContaining(["balance_row", "charge", "order", "payout"]));

    // Rates that go, and documents that come again in a later version, change nothing that is recorded.
    await undoRateFile(scope, { id });
    await saveRate(scope, typed("EUR", from, "3"));
    await inBusiness(scope, async (tx) => {
      const documents = await rowsOf<{ feed: "orders" | "balance"; id: string; version: string; body: object }>(
        tx,
        sql`select feed, external_id as id, version, body from app.raw_documents where business_id = ${scope.businessId} and feed = 'orders'`,
      );
      const again = documents.map(({ feed, id: externalId, version, body }) => ({
        feed,
        externalId,
        version: `${version}~`,
        body,
      }));
      await storeDocuments(tx, scope, channelId, again, "again");
      await startRun(tx, scope, { job: "digestChannel", about: channelId, label: "Stripe" });
    });
    await runAsked(scope);
    expect(await factsOf(scope)).toEqual(facts);
    await proved(scope);
  });
});
