/** Fixtures in, facts out: what Practice Market's documents say in our words. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Account, Feed, RawDocument } from "../../integrations/connector";
import { productsOf, read } from "../../integrations/practice/read";
import { ChannelError } from "../../lib/core/errors";
import type { BalanceRowFact, ChargeFact, Fact } from "../../lib/core/facts";

const account: Account = { channel: "practice-2", currency: "USD", timeZone: "America/New_York" };
const folder = new URL("../../integrations/practice/fixtures/", import.meta.url);
type Body = Record<string, unknown>;
const fixture = <T = Body>(name: string): T => JSON.parse(readFileSync(new URL(`${name}.json`, folder), "utf8")) as T;
const document = (feed: Feed, body: unknown): RawDocument => ({ feed, externalId: "x", version: "1", body });
const facts = (feed: Feed, body: unknown): readonly Fact[] => read(document(feed, body), account);

describe("an order", () => {
  it("is what was sold, at what price, with tax and fees, at its local day", () => {
    expect(facts("orders", fixture("order"))).toEqual([
      {
        kind: "order",
        id: "practice-2/order/ord_20661",
        channel: "practice-2",
        when: { on: "2025-10-04", at: 1_759_574_528_794_000n },
        number: "PM-20661",
        lines: [
          {
            id: "practice-2/order/ord_20661/line/ord_20661_1",
            sku: "BLT-100-S",
            name: "Leather belt, S",
            listing: "var_1004_1",
            qty: 1n,
            amount: 4900n,
            location: null,
          },
          {
            id: "practice-2/order/ord_20661/line/ord_20661_2",
            sku: "TWL-104",
            name: "Linen tea towel, indigo",
            listing: "var_1041_1",
            qty: 2n,
            amount: 3000n,
            location: null,
          },
        ],
        shipping: 695n,
        tax: 663n,
        taxBy: "channel",
        discount: 790n,
        fees: [
          { kind: "selling", amount: 507n },
          { kind: "processing", amount: 276n },
        ],
      },
    ]);
  });

  it("falls on the business's day, not on that of Greenwich", () => {
    const [order] = facts("orders", { ...fixture<Body>("order"), placed_at: "2026-01-01T04:30:00.000Z" });
    expect(order).toMatchObject({ when: { on: "2025-12-31" } });
  });

  it("that was cancelled wants nothing: no lines, no amounts", () => {
    const [order] = facts("orders", fixture("order-cancelled"));
    expect(order).toMatchObject({ kind: "order", lines: [], shipping: 0n, tax: 0n, discount: 0n, fees: [] });
  });

  it("that does not add up, or is in another currency, is unreadable", () => {
    const order = fixture("order");
    for (const wrong of [{ total: { amount: "1", currency: "USD" } }, { discount: { amount: "790", currency: "EUR" } }])
      expect(() => facts("orders", { ...order, ...wrong })).toThrow(ChannelError);
  });

  it("leaves out an SKU that is empty", () => {
    const order = fixture<{ lines: Body[] }>("order");
    const [read] = facts("orders", { ...order, lines: order.lines.map((line) => ({ ...line, sku: " " })) });
    expect(read?.kind === "order" && read.lines.map((line) => line.sku)).toEqual([null, null]);
  });
});

describe("a refund", () => {
  const placed = (name: string, goods?: string) => {
    const refund = fixture<{ lines: Body[] }>(name);
    const [fact] = facts(
      "refunds",
      goods === undefined ? refund : { ...refund, lines: refund.lines.map((line) => ({ ...line, goods })) },
    );
    if (fact?.kind !== "return" || fact.order === null) throw new Error("not a return");
    return fact.lines.map(({ restock, placed: isPlaced, writeOff }) => ({ restock, isPlaced, writeOff }));
  };

  it("brings goods back, or not, or nobody knows", () => {
    expect(new Set(placed("refund-restocked"))).toContainEqual({ restock: true, isPlaced: true, writeOff: false });
    expect(placed("refund-not-restocked")).toContainEqual({ restock: false, isPlaced: true, writeOff: false });
    expect(placed("refund-unknown")).toEqual([{ restock: false, isPlaced: false, writeOff: false }]);
  });

  it("with a word for the goods that was never seen is not guessed: a person is asked", () => {
    expect(placed("refund-restocked", "sent_to_the_moon")).toContainEqual({
      restock: false,
      isPlaced: false,
      writeOff: false,
    });
  });

  it("refers to the order and the line that it gives back, without the tax", () => {
    expect(facts("refunds", fixture("refund-unknown"))).toMatchObject([
      {
        kind: "return",
        id: "practice-2/refund/rf_20188_1",
        date: "2025-06-09",
        order: "practice-2/order/ord_20188",
        lines: [{ line: "practice-2/order/ord_20188/line/ord_20188_1", qty: 1n, amount: 1500n }],
      },
    ]);
  });

  it("of money alone is a charge of the order, and no return", () => {
    const refund = fixture<{ adjustment: { amount: string } }>("refund-adjustment");
    const read = facts("refunds", refund);
    expect(read).toHaveLength(1);
    expect(read[0]).toMatchObject({ kind: "charge", category: "refund", amount: -BigInt(refund.adjustment.amount) });
  });
});

describe("a row of the balance", () => {
  const rows = fixture<(Body & { type: string })[]>("balance-rows");
  const of = (type: string) => {
    const row = rows.find((each) => each.type === type);
    if (row === undefined) throw new Error(`no fixture of ${type}`);
    const read = facts("balance", row);
    const listed = read.find((fact): fact is BalanceRowFact => fact.kind === "balance_row");
    return { row, listed, charge: read.find((fact): fact is ChargeFact => fact.kind === "charge") };
  };

  it("about a document is evidence and posts nothing by itself", () => {
    const orderRows = [
      "sale",
      "marketplace_tax",
      "selling_fee",
      "processing_fee",
      "cancellation",
      "cancellation_tax",
      "cancellation_fees",
      "hold",
      "release",
    ];
    for (const type of orderRows)
      expect(of(type)).toMatchObject({
        charge: undefined,
        listed: { about: expect.stringMatching(/^order\/practice-2\/order\//) },
      });
    for (const type of ["refund", "refund_tax"])
      expect(of(type)).toMatchObject({
        charge: undefined,
        listed: { about: expect.stringMatching(/^return\/practice-2\/refund\//) },
      });
    expect(of("refund_adjustment").listed?.about).toMatch(/^charge\/practice-2\/refund\/.*\/adjustment$/);
    expect(of("payout").listed?.about).toMatch(/^payout\/practice-2\/payout\/po_\d{8}$/);
    expect(of("payout_returned").listed?.about).toMatch(/^payout\/practice-2\/payout\/po_\d{8}\/returned$/);
  });

  it("that is all there is of something is a charge too", () => {
    const expected = {
      shipping_label: "label",
      advertising: "advertising",
      subscription: "fee",
      fee_credit: "fee",
      lost_parcel_reimbursement: "reimbursement",
    };
    for (const [type, category] of Object.entries(expected)) {
      const { charge, listed } = of(type);
      expect(charge).toMatchObject({ category, type, amount: listed?.amount });
      expect(listed?.about).toBe(`charge/${charge?.id}`);
    }
    expect(of("shipping_label").charge?.order).toMatch(/^practice-2\/order\/ord_/);
    expect(of("advertising").charge?.order).toBeNull();
  });

  it("of a type that was never seen stays visible as other, with its money", () => {
    for (const type of ["loyalty_pool_share", "constructor", "toString", "brand new thing"]) {
      const row = { ...of("loyalty_pool_share").row, type };
      const [charge, listed] = facts("balance", row);
      expect(charge).toMatchObject({ kind: "charge", category: "other", type, amount: 735n });
      expect(listed).toMatchObject({ kind: "balance_row", type, amount: 735n });
    }
  });

  it("that does not say whose it is is unreadable", () => {
    expect(() => facts("balance", { ...of("sale").row, order_id: null })).toThrow(ChannelError);
  });

  it("of nothing is listed and charges nothing", () => {
    const read = facts("balance", { ...of("subscription").row, amount: { amount: "0", currency: "USD" } });
    expect(read).toMatchObject([{ kind: "balance_row", amount: 0n, about: null }]);
  });

  it("that looks like another is one more: twins are both kept", () => {
    const twins = fixture<Body[]>("balance-rows-twins");
    expect(twins).toHaveLength(2);
    const [first, second] = twins;
    expect({ ...first, id: "" }).toEqual({ ...second, id: "" });
    const ids = twins.flatMap((twin) => facts("balance", twin)).map((fact) => ("id" in fact ? fact.id : ""));
    expect(new Set(ids).size).toBe(4);
  });
});

describe("a payout", () => {
  it("is what was sent", () => {
    const payout = fixture<{ id: string; amount: { amount: string } }>("payout");
    expect(facts("payouts", payout)).toMatchObject([
      { kind: "payout", id: `practice-2/payout/${payout.id}`, amount: BigInt(payout.amount.amount) },
    ]);
  });

  it("that came back is followed by one the other way, on the day it came back", () => {
    expect(facts("payouts", fixture("payout-failed"))).toEqual([
      {
        kind: "payout",
        id: "practice-2/payout/po_20250930",
        channel: "practice-2",
        date: "2025-09-30",
        amount: 110_477n,
      },
      {
        kind: "payout",
        id: "practice-2/payout/po_20250930/returned",
        channel: "practice-2",
        date: "2025-10-02",
        amount: -110_477n,
      },
    ]);
  });
});

describe("a product", () => {
  it("is no item of the books, only something to choose from", () => {
    expect(facts("products", fixture("product"))).toEqual([]);
    expect(productsOf(document("products", fixture("product")))).toEqual([
      { listing: "var_1001_1", sku: "AS-JAR-100-1PT", name: "Stoneware jar, 1 pt" },
      { listing: "var_1001_2", sku: "AS-JAR-100-1QT", name: "Stoneware jar, 1 qt" },
      { listing: "var_1001_3", sku: "AS-JAR-100-2QT", name: "Stoneware jar, 2 qt" },
    ]);
    expect(productsOf(document("orders", fixture("order")))).toEqual([]);
  });
});
