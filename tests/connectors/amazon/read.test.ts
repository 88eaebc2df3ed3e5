/** Each kind of document with facts worked by hand. The documents are the connector's own fixtures. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { settlementDocuments } from "../../../integrations/amazon/pull-settlements";
import { read } from "../../../integrations/amazon/read";
import type { Account, Feed, RawDocument } from "../../../integrations/connector";
import { readFileDocument } from "../../../integrations/files/channels";
import { amazonSettlement } from "../../../integrations/files/channels/amazon-settlement";
import { type Fact, factKey } from "../../../lib/core/facts";
import { effectOf, sum } from "../conformance";

const account: Account = { channel: "amazon", currency: "USD", timeZone: "America/Los_Angeles" };
const textOf = (name: string) =>
  readFileSync(fileURLToPath(new URL(`../../../integrations/amazon/fixtures/${name}`, import.meta.url)), "utf8");
const document = (feed: Feed, externalId: string, body: unknown): RawDocument => ({
  feed,
  externalId,
  version: "1",
  body,
});
const orderFacts = (name: string, change: (text: string) => string = (text) => text) =>
  read(document("orders", "113-1111111-2222222", JSON.parse(change(textOf(name)))), account);
const told = (name: string, settled = false, change: (text: string) => string = (text) => text): readonly Fact[] => {
  const transaction = JSON.parse(change(textOf(`transaction-${name}.json`)));
  return read(document("balance", transaction.transactionId, { settled, transaction }), account);
};
const kindOf = <K extends Fact["kind"]>(facts: readonly Fact[], kind: K) =>
  facts.filter((fact): fact is Extract<Fact, { kind: K }> => fact.kind === kind);
const charges = (facts: readonly Fact[]) =>
  kindOf(facts, "charge").map(({ category, type, amount, memo }) => [category, type, amount, memo]);

const order = "amazon/order/113-1111111-2222222";

describe("an order of Amazon", () => {
  it("went to where Amazon says that it is delivered, where it says it", () => {
    const to = (recipient: unknown) => {
      const body = { ...JSON.parse(textOf("order.json")), recipient };
      const [fact] = read(document("orders", "113-1111111-2222222", body), account);
      return fact?.kind === "order" ? fact.shipTo : null;
    };
    const address = { city: "Pune", stateOrRegion: "MAHARASHTRA", countryCode: "IN" };
    expect(to({ deliveryAddress: address })).toEqual({ country: "IN", region: "MAHARASHTRA" });
    expect(to({ deliveryAddress: { countryCode: "SG" } })).toEqual({ country: "SG", region: "" });
    for (const none of [undefined, null, {}, { deliveryAddress: null }, { deliveryAddress: {} }, "here"])
      expect(to(none)).toBeUndefined();
  });

  it("that is shipped is a sale, with gift wrap among the shipping and tax that Amazon keeps", () => {
    expect(orderFacts("order.json")).toEqual([
      {
        kind: "order",
        id: order,
        channel: "amazon",
        // 05:30 in UTC is the evening before in Seattle.
        when: { on: "2026-06-01", at: 1780378200000000n },
        number: "113-1111111-2222222",
        lines: [
          {
            id: `${order}/line/55000001`,
            sku: "MUG",
            name: "Mug, blue",
            listing: "B0TEST0001",
            qty: 3n,
            amount: 3000n,
            location: null,
          },
          {
            id: `${order}/line/55000002`,
            sku: "TIN",
            name: "Tea tin",
            listing: "B0TEST0002",
            qty: 1n,
            amount: 1250n,
            location: null,
          },
        ],
        shipping: 600n,
        tax: 347n,
        discount: 400n,
        taxBy: "channel",
        fees: [],
      },
    ]);
  });

  it("has the seller's tax where Amazon does not collect it", () => {
    expect(orderFacts("order-seller-tax.json")).toMatchObject([{ taxBy: "seller", tax: 347n }]);
  });

  it("takes a discount for one with or without its minus", () => {
    expect(orderFacts("order.json", (text) => text.replaceAll('"-4.00"', '"4.00"'))).toEqual(orderFacts("order.json"));
  });

  it("leaves the driver's tip to the finances, and refuses what does not add up", () => {
    expect(orderFacts("order-tip.json")).toEqual(orderFacts("order.json"));
    expect(() => orderFacts("order.json", (text) => text.replace("47.97", "47.98"))).toThrow("does not add up");
  });

  it("that is shipped in part is a sale of that part", () => {
    const [part] = kindOf(orderFacts("order-part.json"), "order");
    // Two of three mugs: 20.00, 3.33 (the odd cent goes first), 1.63 and 2.67.
    expect(part?.lines.map(({ id, qty, amount }) => [id, qty, amount])).toEqual([
      [`${order}/line/55000001`, 2n, 2000n],
    ]);
    expect([part?.shipping, part?.tax, part?.discount]).toEqual([333n, 163n, 267n]);
  });

  it("that waits or was cancelled is known and wants nothing", () => {
    for (const name of ["order-pending.json", "order-cancelled.json"])
      expect(orderFacts(name)).toMatchObject([{ id: order, lines: [], shipping: 0n, tax: 0n, discount: 0n, fees: [] }]);
  });

  it("that Amazon only sends for another channel is no sale of Amazon's", () => {
    expect(orderFacts("order.json", (text) => text.replace('"AMAZON"', '"NON_AMAZON"'))).toMatchObject([
      { id: order, lines: [], shipping: 0n, tax: 0n, discount: 0n },
    ]);
  });

  it("in another currency is refused in words", () => {
    expect(() => orderFacts("order.json", (text) => text.replaceAll("USD", "CAD"))).toThrow(
      expect.objectContaining({
        failure: "unreadable",
        message: "Amazon: an amount is in CAD, and not in USD",
      }),
    );
  });
});

describe("a transaction of Amazon's finances", () => {
  it("of a shipment is a row of its order, and its fees are charges", () => {
    const facts = told("shipment");
    // 30.00 + 5.00 − 4.00; the tax comes and is withheld.
    expect(facts[0]).toEqual({
      kind: "balance_row",
      id: "amazon/row/finance/ship-1/sale",
      channel: "amazon",
      when: { on: "2026-06-03", at: 1780509845000000n },
      type: "Shipment",
      amount: 3100n,
      payout: null,
      about: `order/${order}`,
      memo: "Order Payment",
    });
    expect(charges(facts)).toEqual([
      ["fee", "Shipment", -450n, "Order Payment · Commission"],
      ["fee", "Shipment", -566n, "Order Payment · FBAPerUnitFulfillmentFee"],
    ]);
    expect(kindOf(facts, "charge").every((charge) => charge.order === order)).toBe(true);
    expect(sum(kindOf(facts, "balance_row").map(({ amount }) => amount))).toBe(2084n);
    expect(told("deferred")).toMatchObject([{ amount: 1000n, about: `order/${order}`, payout: null }]);
  });

  it("of a refund or a chargeback is a charge until the settlement says of which goods", () => {
    expect(charges(told("refund"))).toEqual([
      ["refund", "Refund", -1000n, "Refund Order"],
      ["fee", "Refund", 150n, "Refund Order · Commission"],
      ["fee", "Refund", -40n, "Refund Order · RefundCommission"],
    ]);
    expect(charges(told("chargeback"))).toEqual([["refund", "Chargeback", -3000n, "Chargeback Refund"]]);
    expect(kindOf(told("refund"), "return")).toEqual([]);
  });

  it("without an order is what it is: subscription, advertising, reimbursement", () => {
    expect(charges(told("subscription"))).toEqual([["fee", "ServiceFee", -3999n, "Subscription · SubscriptionFee"]]);
    expect(charges(told("ads"))).toEqual([["advertising", "ProductAdsPayment", -1275n, "Product Ads · AdsCharge"]]);
    expect(charges(told("reimbursement"))).toEqual([
      ["reimbursement", "FBAInventoryReimbursement", 622n, "WAREHOUSE_DAMAGE · WAREHOUSE_DAMAGE"],
    ]);
  });

  it("that nobody has seen is other, with what its parts leave out", () => {
    expect(charges(told("unknown"))).toEqual([
      ["other", "MoonLevy", -100n, "Levy of the moon · MoonDues"],
      ["other", "MoonLevy", -5n, "Levy of the moon · not broken down"],
    ]);
  });

  it("to the bank is left to the settlement, which is the proof of it", () => {
    expect(told("transfer")).toEqual([]);
    expect(charges(told("transfer", false, (text) => text.replace("-500", "500")))).toMatchObject([
      ["other", "Transfer", 50000n, expect.anything()],
    ]);
  });

  it("is taken back, whole and rows first, once it is settled", () => {
    const [open, settled] = [told("shipment"), told("shipment", true)];
    expect(settled.slice(0, open.length)).toEqual(open);
    expect(settled.slice(open.length)).toEqual(
      [...open].reverse().map((fact) => ({ kind: "undo", of: fact.kind, key: factKey(fact) })),
    );
  });

  it("in another currency is refused in words", () => {
    expect(() => told("refund", false, (text) => text.replaceAll("USD", "EUR"))).toThrow(
      "an amount is in EUR, and not in USD",
    );
  });
});

describe("a settlement report of Amazon", () => {
  const documents = settlementDocuments("1", textOf("settlement.txt"), { account });
  const facts = documents.flatMap((one) => read(one, account));

  it("is the proof of a payout: rows about the order, returns, charges of every kind, and what is held", () => {
    expect(kindOf(facts, "payout")).toEqual([
      { kind: "payout", id: "amazon/payout/900", channel: "amazon", date: "2026-06-16", amount: 3500n },
    ]);
    expect(kindOf(facts, "order")).toEqual([]);
    const rows = kindOf(facts, "balance_row");
    expect(sum(rows.filter(({ payout }) => payout !== null).map(({ amount }) => amount))).toBe(3500n);
    // 30.00 + 2.45 + 5.00 − 4.00 − 2.45: what the finances said early.
    expect(sum(rows.filter(({ about }) => about === `order/${order}`).map(({ amount }) => amount))).toBe(3100n);
    expect(kindOf(facts, "return")).toMatchObject([
      {
        order,
        date: "2026-06-09",
        lines: [{ line: `${order}/line/55000001`, qty: 1n, amount: 1000n, placed: false, restock: false }],
      },
    ]);
    expect(
      kindOf(facts, "charge")
        .map(({ category, amount }) => [category, amount])
        .sort((a, b) => (String(a) < String(b) ? -1 : 1)),
    ).toEqual(
      [
        ["advertising", -1275n],
        ["fee", -40n],
        ["fee", -450n],
        ["fee", -566n],
        ["fee", -3999n],
        ["fee", 150n],
        ["other", -105n],
        ["reimbursement", 622n],
        ["reimbursement", 6063n],
      ].sort((a, b) => (String(a) < String(b) ? -1 : 1)),
    );
    expect(rows.filter(({ about }) => about === null).map(({ amount }) => amount)).toEqual([2000n, -1000n]);
  });

  it("has the ids of the file that a seller downloads by hand, but for the sale, which the order tells", () => {
    const options = { fileName: "x", currency: "USD", country: "US", timeZone: account.timeZone, layout: null };
    const reading = amazonSettlement.read(textOf("settlement.txt"), "utf-8", options);
    if (reading.type !== "channel") throw new Error("a settlement was read as a bank's");
    const ofFiles = reading.documents.map(({ externalId }) => externalId);
    const own = ofFiles.filter((id) => /^(settlement|payout)\//.test(id));
    const fromApi = (feed: Feed) => documents.filter((one) => one.feed === feed);
    expect(fromApi("payouts").map(({ externalId }) => externalId)).toEqual(own.map((id) => `api/${id}`));
    // The file, brought in later, finds its documents here already, in a version above its own that says nothing.
    expect(fromApi("file").map(({ externalId }) => externalId)).toEqual(ofFiles);
    for (const one of fromApi("file")) {
      expect(one.version > "1").toBe(true);
      expect(readFileDocument(one, account)).toEqual([]);
    }
    const byFile = new Map(
      reading.documents.flatMap((one) => readFileDocument(one, account)).map((fact) => [factKey(fact), fact]),
    );
    const shared = facts.filter((fact) => fact.kind !== "charge" || byFile.has(factKey(fact)));
    for (const fact of shared) expect(byFile.has(factKey(fact)), factKey(fact)).toBe(true);
    // The order's fees are within the order in the file, and charges beside it here.
    const apart = facts.filter((fact) => !shared.includes(fact));
    expect(apart.map(effectOf)).toEqual([-450n, -566n]);
    expect(kindOf([...byFile.values()], "order")).toMatchObject([
      { id: `${order}/900`, number: "113-1111111-2222222" },
    ]);
  });

  it("in another currency, or one that cannot be read, is refused in words and holds up nothing", () => {
    const [canadian] = settlementDocuments("1", textOf("settlement.txt").replaceAll("USD", "CAD"), { account });
    if (canadian === undefined) throw new Error("there are no documents");
    expect(() => read(canadian, account)).toThrow("an amount is in CAD, and not in USD");
    const [page] = settlementDocuments("77", "<html>Sorry</html>", { account });
    expect(page?.externalId).toBe("report/77");
    if (page === undefined) throw new Error("there is no document");
    expect(() => read(page, account)).toThrow("No column for");
    const cut = textOf("settlement.txt").slice(0, -90);
    const last = settlementDocuments("78", cut, { account }).at(-1);
    expect(last?.externalId).toBe("report/78");
  });
});

describe("stock at Amazon", () => {
  it("is kept beside the books", () => {
    expect(read(document("stock", "MUG", JSON.parse(textOf("stock.json"))), account)).toEqual([]);
    expect(() => read(document("stock", "MUG", { asin: "B0" }), account)).toThrow("sellerSku is not as described");
  });
});
