/** What Square's documents say, worked out by hand: orders with their tenders, refunds, and every kind of payout entry. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Feed, HookRequest, RawDocument } from "../../../integrations/connector";
import { hookOf } from "../../../integrations/square/hook";
import { productsOf, read } from "../../../integrations/square/read";
import type { Fact } from "../../../lib/core/facts";
import { localWebhookKey, localWebhookUrl } from "../../../scripts/channels/square/index";
import { effectOf, pullAll, sessionOf, sum } from "../conformance";
import { account, connected, decide, signIn } from "./support";

const fixture = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../../integrations/square/fixtures/${name}.json`, import.meta.url), "utf8"));
const documentOf = (feed: Feed, body: unknown): RawDocument => ({ feed, externalId: "x", version: "1", body });
const readOf = (feed: Feed, name: string) => read(documentOf(feed, fixture(name)), account);
type Overlay = Readonly<Record<string, unknown>>;
const usd = (amount: number) => ({ amount, currency: "USD" });
const charges = (facts: readonly Fact[]) => facts.filter((fact) => fact.kind === "charge");
const rows = (facts: readonly Fact[]) =>
  facts.flatMap((fact) => (fact.kind === "balance_row" ? [[fact.amount, fact.about] as const] : []));

function entry(type: string, gross: number, fee = 0): readonly Fact[] {
  const base = fixture("entry-charge") as Readonly<{ entry: Overlay }>;
  const amounts = { gross_amount_money: usd(gross), fee_amount_money: usd(fee), net_amount_money: usd(gross - fee) };
  return read(documentOf("balance", { ...base, entry: { ...base.entry, type, ...amounts }, charge: null }), account);
}

describe("an order", () => {
  it("has its goods; a tip and a gift card that was sold stand beside it", () => {
    const [order, ...beside] = readOf("orders", "order");
    expect(order).toEqual({
      kind: "order",
      id: "square/order/ORDER1",
      channel: "square",
      // Half past one in London is still the evening before in Chicago.
      when: { on: "2026-03-01", at: 1_772_415_000_000_000n },
      number: "ORDER1",
      lines: [
        {
          id: "square/order/ORDER1/line/a",
          sku: null,
          name: "Flat white, Large",
          listing: "VAR1",
          qty: 2n,
          amount: 900n,
          location: null,
        },
        {
          id: "square/order/ORDER1/line/b",
          sku: null,
          name: "Loose beans, House × 0.75",
          listing: "VAR2",
          qty: 1n,
          amount: 1_200n,
          location: null,
        },
      ],
      shipping: 200n,
      tax: 161n,
      taxBy: "seller",
      discount: 90n,
      fees: [],
    });
    expect(charges(beside).map(({ id, category, amount }) => [id, category, amount])).toEqual([
      ["square/charge/ORDER1/gift-card/gift", "gift_card", 2_500n],
      ["square/charge/PAY1/tip", "tip", 300n],
    ]);
    // What the card was charged.
    expect(sum([order, ...beside].flatMap((fact) => (fact === undefined ? [] : [effectOf(fact)])))).toBe(5_171n);
  });

  it("paid in three ways keeps in the channel what the card paid", () => {
    const facts = readOf("orders", "order-split-tenders");
    expect(facts[0]).toMatchObject({ kind: "order", discount: 2n, tax: 160n });
    expect(charges(facts).map(({ id, category, amount }) => [id, category, amount])).toEqual([
      ["square/charge/tender/T2", "elsewhere", -658n],
      ["square/charge/tender/T3", "gift_card", -500n],
    ]);
    expect(sum(facts.map(effectOf))).toBe(1_000n);
  });

  it("whose prices include tax has it apart from its lines", () => {
    expect(readOf("orders", "order-tax-in-prices")[0]).toMatchObject({ lines: [{ amount: 1_000n }], tax: 200n });
  });

  it("is refused where it does not add up, and in another currency", () => {
    const order = fixture("order") as Overlay;
    expect(() => read(documentOf("orders", { ...order, total_money: usd(5_170) }), account)).toThrow(/add up/);
    const pounds = JSON.parse(JSON.stringify(order).replaceAll("USD", "GBP"));
    expect(() => read(documentOf("orders", pounds), account)).toThrow(/GBP.*USD/);
  });
});

describe("a refund", () => {
  it("is a return with its tax, and a charge for money without goods", () => {
    expect(readOf("refunds", "refund")).toEqual([
      {
        kind: "return",
        id: "square/refund/PAY1_R1",
        date: "2026-03-03",
        order: "square/order/ORDER1",
        tax: 65n,
        lines: [
          {
            id: "square/refund/PAY1_R1/line/ra",
            line: "square/order/ORDER1/line/a",
            qty: 2n,
            amount: 810n,
            restock: false,
            writeOff: false,
            location: null,
            placed: false,
          },
        ],
      },
      {
        kind: "charge",
        id: "square/charge/refund/PAY1_R1/rest",
        channel: "square",
        date: "2026-03-03",
        category: "refund",
        type: "REFUND",
        amount: -100n,
        order: "square/order/ORDER1",
        memo: "Spilt",
      },
    ]);
  });

  it("in cash takes nothing out of the channel; one that waits, failed or has no goods is what it is", () => {
    const base = fixture("refund") as Readonly<{ refund: Overlay; order: Overlay }>;
    const of = (overlay: Overlay, order: unknown = base.order) =>
      read(documentOf("refunds", { refund: { ...base.refund, ...overlay }, order }), account);
    expect(sum(of({ destination_type: "CASH" }).map(effectOf))).toBe(0n);
    expect(charges(of({ destination_type: "CASH" })).map(({ category }) => category)).toEqual(["refund", "elsewhere"]);
    expect(of({ status: "PENDING" })).toEqual([]);
    expect(of({ status: "FAILED" })).toEqual([]);
    expect(of({}, null)).toMatchObject([{ kind: "charge", category: "refund", amount: -975n, order: null }]);
    // Less money than the goods that came back: how much is for which nobody says.
    expect(of({ amount_money: usd(500) }).map((fact) => fact.kind)).toEqual(["charge"]);
  });
});

describe("an entry of a payout", () => {
  it("of a payment lists the sale, the tip and the gift card, and is the fee", () => {
    const facts = readOf("balance", "entry-charge");
    expect(rows(facts)).toEqual([
      [2_371n, "order/square/order/ORDER1"],
      [300n, "charge/square/charge/PAY1/tip"],
      [2_500n, "charge/square/charge/ORDER1/gift-card/gift"],
      [-144n, "charge/square/charge/poe_1/fee"],
    ]);
    expect(charges(facts)).toMatchObject([{ category: "processing", amount: -144n, order: "square/order/ORDER1" }]);
    expect(facts.every((fact) => fact.kind !== "balance_row" || fact.payout === "square/payout/po_1")).toBe(true);
  });

  it("of a refund lists what came back and what was given beside it; part of the fee comes back", () => {
    const facts = readOf("balance", "entry-refund");
    expect(rows(facts)).toEqual([
      [-875n, "return/square/refund/PAY1_R1"],
      [-100n, "charge/square/charge/refund/PAY1_R1/rest"],
      [25n, "charge/square/charge/poe_2/fee"],
    ]);
  });

  it("that sets money aside or frees it moves nothing in the books", () => {
    for (const type of ["HOLD_ADJUSTMENT", "RELEASE_ADJUSTMENT", "RESERVE_HOLD", "RESERVE_RELEASE"])
      expect(entry(type, -500)).toMatchObject([{ kind: "balance_row", amount: -500n, type }]);
  });

  it("that brings a payout back is a payout the other way", () => {
    expect(entry("RETURNED_PAYOUT", 5_027)).toMatchObject([
      { kind: "payout", id: "square/payout/returned/poe_1", amount: -5_027n },
      { kind: "balance_row", amount: 5_027n, about: "payout/square/payout/returned/poe_1" },
    ]);
  });

  it.each([
    ["TAX_ON_FEE", "processing"],
    ["FREE_PROCESSING", "processing"],
    ["UNDO_PROCESSING_FEE_REFUND", "processing"],
    ["SUBSCRIPTION_FEE_REFUND", "fee"],
    ["DEPOSIT_FEE", "fee"],
    ["THIRD_PARTY_FEE", "fee"],
    ["PAID_SERVICE_FEE", "fee"],
    ["APP_FEE_REVENUE", "fee"],
    ["GIFT_CARD_LOAD_FEE", "fee"],
    ["LOCAL_OFFERS_CASHBACK", "advertising"],
    ["SQUARE_CAPITAL_PAYMENT", "loan"],
    ["PERCENTAGE_PROCESSING_REPAYMENT", "loan"],
    ["DISPUTE", "refund"],
    ["GIFT_CARD_POOL_TRANSFER", "gift_card"],
    ["AUTOMATIC_SAVINGS", "bank"],
    ["SQUARE_PAYROLL_TRANSFER", "bank"],
    ["ADJUSTMENT", "other"],
    ["ESCHEATMENT", "other"],
    ["A_KIND_OF_TOMORROW", "other"],
  ] as const)("of type %s is a charge %s", (type, category) => {
    const facts = entry(type, -400, -15);
    expect(charges(facts)).toMatchObject([{ id: "square/charge/poe_1", category, type, amount: -385n, order: null }]);
    expect(rows(facts)).toEqual([[-385n, "charge/square/charge/poe_1"]]);
  });

  it("of a payment that is not known is still money, and one that does not add up is refused", () => {
    expect(rows(entry("CHARGE", 1_000, 36))).toEqual([[964n, "charge/square/charge/poe_1"]]);
    const base = fixture("entry-charge") as Readonly<{ entry: Overlay }>;
    const wrong = { ...base, entry: { ...base.entry, net_amount_money: usd(5_028) } };
    expect(() => read(documentOf("balance", wrong), account)).toThrow(/add up/);
  });
});

it("a payout takes its amount out of the balance", () => {
  const facts = readOf("payouts", "payout");
  expect(facts[0]).toEqual({
    kind: "payout",
    id: "square/payout/po_1",
    channel: "square",
    date: "2026-03-03",
    amount: 5_027n,
  });
  expect(rows(facts)).toEqual([[-5_027n, "payout/square/payout/po_1"]]);
});

it("the catalogue lists each variation, by the id that order lines have, and posts nothing", () => {
  const item = documentOf("products", fixture("item"));
  expect(read(item, account)).toEqual([]);
  expect(productsOf(item)).toEqual([
    { listing: "VAR0", sku: "FW-S", name: "Flat white, Small" },
    { listing: "VAR1", sku: null, name: "Flat white, Large" },
  ]);
});

describe("the local Square", () => {
  it("keeps in the channel only what it holds, at a counter where people also pay otherwise", async () => {
    const { server, connector, credentials } = await connected({ orders: 150, seed: 8 });
    const session = sessionOf({ account, credentials });
    const facts: Fact[] = [];
    for (const feed of ["orders", "refunds", "payouts", "balance"] as const)
      for (const document of (await pullAll(connector, session, feed)).documents)
        facts.push(...connector.read(document, account));
    await server.close();
    const categories = new Set(charges(facts).map(({ category }) => category));
    for (const category of ["tip", "gift_card", "elsewhere", "processing", "refund"] as const)
      expect(categories, category).toContain(category);
    // All cards were paid out: nothing is left, whatever was paid in cash, by gift card or at another terminal.
    expect(sum(facts.map(effectOf))).toBe(0n);
  });

  it("begins a pass again whose cursor became too old, from where the pass began", async () => {
    const { server, connector, credentials } = await connected({ orders: 250, seed: 8 });
    const session = sessionOf({ account, credentials });
    const first = await connector.pull(session, "orders", null);
    server.control.forget();
    const rest = await pullAll(connector, session, "orders", first.next);
    await server.close();
    const ids = new Set(rest.documents.map(({ externalId }) => externalId));
    expect(ids.size).toBe(250);
  });

  it("sends back who denied, and gives the same shop to who signs in again", async () => {
    const { server, connector, credentials } = await connected({ orders: 20 });
    expect((await decide(connector, "deny")).searchParams.get("error")).toBe("access_denied");
    const again = await signIn(connector);
    await server.close();
    expect(connector.oauth?.shopOf(again)).toEqual(connector.oauth?.shopOf(credentials));
    expect(connector.oauth?.shopOf(again)).toEqual({ id: "MLOCAL7", name: "Corner Café" });
  });

  it("is told that it is throttled, with the wait", async () => {
    const clock = () => Date.parse("2026-03-31T20:00:00Z");
    const { server, connector, credentials } = await connected({ orders: 20, perSecond: 3, clock });
    const session = sessionOf({ account, credentials });
    const work = pullAll(connector, session, "payouts").then(() => pullAll(connector, session, "orders"));
    await expect(work).rejects.toMatchObject({ failure: "throttled", retryAfterMs: 1_000 });
    await server.close();
  });
});

describe("a call from Square", () => {
  const settings = {
    url: "",
    applicationId: "",
    applicationSecret: "",
    webhookKey: "key",
    webhookUrl: "https://books.example/hook",
    perSecond: 8,
  };
  async function call(type: string, url: string, key = "key"): Promise<HookRequest> {
    const body = JSON.stringify({ merchant_id: "M1", type, event_id: "e1", data: {} });
    const imported = await crypto.subtle.importKey(
      "raw",
      new TextEncoder().encode(key),
      { name: "HMAC", hash: "SHA-256" },
      false,
      ["sign"],
    );
    const bytes = await crypto.subtle.sign("HMAC", imported, new TextEncoder().encode(`${url}${body}`));
    const signature = Buffer.from(bytes).toString("base64");
    const headers = new Headers({ "x-square-hmacsha256-signature": signature });
    return { method: "POST", url: "http://10.0.0.1/hook", headers, body: new TextEncoder().encode(body) };
  }

  it("names the feeds that changed, or that the seller let go of us", async () => {
    const said = async (type: string) => hookOf(await call(type, settings.webhookUrl), settings);
    const changed = { kind: "changed", shop: "M1", event: "e1" };
    expect(await said("payment.updated")).toEqual({ ...changed, feeds: ["orders"] });
    expect(await said("refund.created")).toEqual({ ...changed, feeds: ["orders", "refunds"] });
    expect(await said("payout.paid")).toEqual({ ...changed, feeds: ["payouts", "balance"] });
    expect(await said("catalog.version.updated")).toEqual({ ...changed, feeds: ["products"] });
    expect(await said("oauth.authorization.revoked")).toEqual({ kind: "disconnected", shop: "M1", event: "e1" });
    expect(await said("labor.shift.created")).toEqual({ kind: "nothing" });
  });

  it("is refused for another address, with another key, and where there is none", async () => {
    const elsewhere = await call("order.created", localWebhookUrl);
    expect(() => hookOf(elsewhere, settings)).toThrow(/not Square's/);
    const otherKey = await call("order.created", settings.webhookUrl, localWebhookKey);
    expect(() => hookOf(otherKey, settings)).toThrow(/not Square's/);
    const good = await call("order.created", settings.webhookUrl);
    expect(() => hookOf(good, { ...settings, webhookKey: null })).toThrow(/SQUARE_WEBHOOK_KEY/);
    // Without an address of its own, the one that the call came to counts.
    const direct = await call("order.created", "http://10.0.0.1/hook");
    expect(hookOf(direct, { ...settings, webhookUrl: null })).toMatchObject({ kind: "changed" });
  });
});
