import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { RawDocument } from "../../../integrations/connector";
import { read } from "../../../integrations/ebay/read";
import { ChannelError } from "../../../lib/core/errors";
import type { Fact } from "../../../lib/core/facts";
import { effectOf, sum } from "../conformance";
import { account } from "./support";

type Body = Record<string, unknown>;
const fixture = (name: string): Body =>
  JSON.parse(readFileSync(new URL(`../../../integrations/ebay/fixtures/${name}.json`, import.meta.url), "utf8"));
const usd = (value: string) => ({ value, currency: "USD" });

function facts(feed: RawDocument["feed"], body: unknown): readonly Fact[] {
  return read({ feed, externalId: "x", version: "1", body }, account);
}
const order = (more: Body = {}, name = "order") => facts("orders", { ...fixture(name), ...more });
const money = (name: string, more: Body = {}, sold: unknown = null) =>
  facts("balance", { transaction: { ...fixture(name), ...more }, order: sold });
const payout = (name: string, more: Body = {}) => facts("payouts", { ...fixture(name), ...more });

function failureOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(ChannelError);
    expect((error as ChannelError).failure).toBe("unreadable");
    return (error as ChannelError).message;
  }
  return expect.unreachable("it was read");
}
/** Rows and what they are rows of move the balance by the same. */
function expectProved(all: readonly Fact[]): void {
  const rows = sum(all.map((fact) => (fact.kind === "balance_row" ? fact.amount : 0n)));
  expect(rows).toBe(sum(all.map(effectOf)));
}
const id = "ebay/order/12-00001-00001";

describe("an order of eBay", () => {
  it("has lines before discount, postage less its discount, and the tax that eBay remits", () => {
    // 03:30 UTC on the first of January is the evening before in Los Angeles.
    expect(order()).toEqual([
      {
        kind: "order",
        id,
        channel: "ebay",
        when: { on: "2025-12-31", at: 1_767_238_200_000_000n },
        number: "12-00001-00001",
        lines: [
          {
            id: `${id}/line/10000000000101`,
            sku: "STRAP-BR",
            name: "Leather strap, brown, 110 cm",
            listing: "110000000001/410000000001",
            qty: 2n,
            amount: 4000n,
            location: null,
          },
          {
            id: `${id}/line/10000000000102`,
            sku: null,
            name: "Lens cap 52mm",
            listing: "110000000002",
            qty: 1n,
            amount: 1000n,
            location: null,
          },
        ],
        shipping: 500n,
        tax: 424n,
        taxBy: "channel",
        discount: 200n,
        fees: [],
      },
    ]);
  });

  it("went where its packages go: to the buyer where eBay sends them on, nowhere where they go apart or say no address", () => {
    const to = (...instructions: unknown[]) => {
      const [fact] = order({ fulfillmentStartInstructions: instructions });
      return fact?.kind === "order" ? fact.shipTo : null;
    };
    const address = (stateOrProvince: string | undefined, countryCode: string) => ({ stateOrProvince, countryCode });
    const step = (contactAddress: unknown) => ({ shippingStep: { shipTo: { contactAddress } } });
    const [mumbai, hub] = [step(address("MH", "IN")), step(address("KY", "US"))];
    expect(to(mumbai)).toEqual({ country: "IN", region: "MH" });
    expect(to(mumbai, mumbai)).toEqual({ country: "IN", region: "MH" });
    expect(to({ ...hub, finalDestinationAddress: address(undefined, "DE") })).toEqual({ country: "DE", region: "" });
    expect(to(mumbai, hub)).toBeUndefined();
    expect(to(mumbai, { pickupStep: {} })).toBeUndefined();
    for (const none of [{}, step(null), { shippingStep: { shipTo: null } }]) expect(to(none)).toBeUndefined();
    // An address of another shape is no reason to refuse an order.
    expect(to("elsewhere")).toBeUndefined();
    expect(order({ fulfillmentStartInstructions: undefined })).toEqual(order());
  });

  it("has a tax of the seller's own where eBay does not remit it", () => {
    expect(order({}, "order-tax-by-seller")[0]).toMatchObject({ tax: 424n, taxBy: "seller", shipping: 500n });
  });

  it("wants nothing in the books while it is not paid", () => {
    expect(order({}, "order-unpaid")).toEqual([
      expect.objectContaining({ number: "12-00003-00003", lines: [], shipping: 0n, tax: 0n, discount: 0n, fees: [] }),
    ]);
  });

  it("takes eBay's tax from beside the total as from within it", () => {
    const { pricingSummary } = fixture("order") as { pricingSummary: Body };
    const { tax: _tax, ...untaxed } = pricingSummary;
    const beside = order({ pricingSummary: { ...untaxed, total: usd("53.0") } });
    expect(beside).toEqual(order());
  });

  it("puts what was agreed on afterwards to the goods, and what was let off to the discount", () => {
    const { pricingSummary } = fixture("order") as { pricingSummary: Body };
    const changed = (adjustment: string, total: string) =>
      order({ pricingSummary: { ...pricingSummary, adjustment: usd(adjustment), total: usd(total) } })[0];
    // 5.00 more, by cost: 4.00 to the straps and 1.00 to the cap.
    expect(changed("5.0", "62.24")).toMatchObject({ lines: [{ amount: 4400n }, { amount: 1100n }], discount: 200n });
    expect(changed("-5.0", "52.24")).toMatchObject({ lines: [{ amount: 4000n }, { amount: 1000n }], discount: 700n });
  });

  it("is refused where it does not add up or is in another currency", () => {
    const { pricingSummary } = fixture("order") as { pricingSummary: Body };
    expect(failureOf(() => order({ pricingSummary: { ...pricingSummary, total: usd("57.25") } }))).toMatch(/add up/);
    expect(failureOf(() => order({ pricingSummary: { ...pricingSummary, priceSubtotal: usd("49.0") } }))).toMatch(
      /lines/,
    );
    const inPounds = JSON.parse(JSON.stringify(fixture("order")).replaceAll('"USD"', '"GBP"'));
    expect(failureOf(() => order(inPounds))).toMatch(/GBP.*USD/);
  });
});

describe("a transaction of eBay's Finances", () => {
  it("is a sale's money before fees, with each fee a charge of its own", () => {
    const all = money("sale");
    const when = { on: "2025-12-31", at: 1_767_238_260_000_000n };
    const row = { kind: "balance_row", channel: "ebay", when, payout: "ebay/payout/7000000001", memo: "" };
    const charge = { kind: "charge", channel: "ebay", date: "2025-12-31", category: "fee", order: id, memo: "" };
    const name = "order/12-00001-00001/1";
    expect(all).toEqual([
      { ...row, id: `ebay/row/${name}`, type: "SALE", amount: 5300n, about: `order/${id}` },
      // 6.15 and 1.43 of the two lines.
      { ...charge, id: `ebay/charge/${name}/FINAL_VALUE_FEE`, type: "FINAL_VALUE_FEE", amount: -758n },
      {
        ...row,
        id: `ebay/row/${name}/FINAL_VALUE_FEE`,
        type: "FINAL_VALUE_FEE",
        amount: -758n,
        about: `charge/ebay/charge/${name}/FINAL_VALUE_FEE`,
      },
      {
        ...charge,
        id: `ebay/charge/${name}/FINAL_VALUE_FEE_FIXED_PER_ORDER`,
        type: "FINAL_VALUE_FEE_FIXED_PER_ORDER",
        amount: -40n,
      },
      {
        ...row,
        id: `ebay/row/${name}/FINAL_VALUE_FEE_FIXED_PER_ORDER`,
        type: "FINAL_VALUE_FEE_FIXED_PER_ORDER",
        amount: -40n,
        about: `charge/ebay/charge/${name}/FINAL_VALUE_FEE_FIXED_PER_ORDER`,
      },
    ]);
    // Order and sale together, and the payout that they went into: 45.02.
    expectProved([...order(), ...all]);
    expect(sum(all.map((fact) => (fact.kind === "balance_row" ? fact.amount : 0n)))).toBe(4502n);
  });

  it("keeps a fee that only the total tells", () => {
    const fees = money("sale", { totalFeeAmount: usd("8.98"), amount: usd("44.02") });
    expect(fees).toContainEqual(expect.objectContaining({ kind: "charge", type: "OTHER_FEES", amount: -100n }));
    expectProved([...order(), ...fees]);
  });

  it("is a return where the money is that of whole pieces, of goods that nobody has placed, with the fee that comes back", () => {
    const all = money("refund", {}, fixture("order"));
    const refund = "ebay/return/REFUND/5000000002/DEBIT";
    expect(all[0]).toEqual({
      kind: "return",
      id: refund,
      date: "2026-01-10",
      order: id,
      lines: [
        {
          id: `${refund}/line/10000000000101`,
          line: `${id}/line/10000000000101`,
          qty: 1n,
          amount: 1900n,
          restock: false,
          writeOff: false,
          location: null,
          placed: false,
        },
      ],
    });
    expect(all[1]).toMatchObject({ kind: "balance_row", amount: -1900n, about: `return/${refund}`, payout: null });
    expect(all[2]).toMatchObject({ kind: "charge", category: "fee", type: "FINAL_VALUE_FEE", amount: 252n, order: id });
    expect(all).toHaveLength(4);
    expectProved(all);
  });

  it("is a return of everything where all that the seller got goes back, and the goods never left where it was called off", () => {
    const all = { amount: usd("53.0"), totalFeeAmount: usd("0.0"), orderLineItems: [] };
    const [given] = money("refund", all, fixture("order"));
    // 5.00 of the 53.00 was shipping; the rest by what the lines cost after discount: 38 to 10.
    expect(given).toMatchObject({
      kind: "return",
      shipping: 500n,
      lines: [
        { qty: 2n, amount: 3800n, placed: false },
        { qty: 1n, amount: 1000n, placed: false },
      ],
    });
    const off = { cancelStatus: { cancelState: "CANCELED" }, orderFulfillmentStatus: "NOT_STARTED" };
    const [called] = money("refund", all, { ...fixture("order"), ...off });
    expect(called).toMatchObject({
      lines: [
        { restock: true, placed: true },
        { restock: true, placed: true },
      ],
    });
  });

  it("is money without goods where no whole pieces fit, the order is not known, or the money comes back", () => {
    const some = { amount: usd("3.0"), totalFeeAmount: usd("0.0"), orderLineItems: [{ lineItemId: "10000000000101" }] };
    const without = expect.objectContaining({
      kind: "charge",
      category: "refund",
      type: "REFUND",
      amount: -300n,
      order: id,
    });
    expect(money("refund", some, fixture("order"))).toContainEqual(without);
    expect(money("refund", some)).toContainEqual(without);
    // Three straps were never sold.
    const more = { ...some, amount: usd("57.0") };
    expect(money("refund", more, fixture("order"))[0]).toMatchObject({ kind: "charge", amount: -5700n });
    const back = { ...some, bookingEntry: "CREDIT" };
    expect(money("refund", back, fixture("order"))[0]).toMatchObject({ kind: "charge", amount: 300n });
  });

  it.each([
    ["label", {}, "label", "SHIPPING_LABEL", -628n],
    ["label", { bookingEntry: "CREDIT" }, "label", "SHIPPING_LABEL", 628n],
    ["ad-fee", {}, "advertising", "AD_FEE", -183n],
    ["ad-fee", { feeType: "STORE_SUBSCRIPTION_FEE" }, "fee", "STORE_SUBSCRIPTION_FEE", -183n],
    ["ad-fee", { feeType: "PAYMENT_PROCESSING_FEE" }, "processing", "PAYMENT_PROCESSING_FEE", -183n],
    ["ad-fee", { feeType: "TAX_DEDUCTION_AT_SOURCE" }, "other", "TAX_DEDUCTION_AT_SOURCE", -183n],
    ["ad-fee", { feeType: "CHARITY_DONATION" }, "other", "CHARITY_DONATION", -183n],
    ["ad-fee", { feeType: "ADULT_ITEM_FEE" }, "fee", "ADULT_ITEM_FEE", -183n],
    ["transfer", {}, "bank", "TRANSFER", 993n],
    ["transfer", { bookingEntry: "DEBIT" }, "bank", "TRANSFER", -993n],
    ["transfer", { transactionType: "CREDIT" }, "reimbursement", "CREDIT", 993n],
    ["transfer", { transactionType: "CREDIT", feeType: "FINAL_VALUE_FEE" }, "fee", "FINAL_VALUE_FEE", 993n],
    ["transfer", { transactionType: "DISPUTE", bookingEntry: "DEBIT" }, "refund", "DISPUTE", -993n],
    ["transfer", { transactionType: "DISPUTE" }, "refund", "DISPUTE", 993n],
    ["transfer", { transactionType: "LOAN_REPAYMENT", bookingEntry: "DEBIT" }, "loan", "LOAN_REPAYMENT", -993n],
    ["transfer", { transactionType: "ADJUSTMENT" }, "other", "ADJUSTMENT", 993n],
    ["transfer", { transactionType: "SPENDABLE_SWEEP" }, "other", "SPENDABLE_SWEEP", 993n],
  ] as const)("reads %s with %o as a charge %s", (name, more, category, type, amount) => {
    const all = money(name, more);
    expect(all).toHaveLength(2);
    expect(all[0]).toMatchObject({ kind: "charge", category, type, amount });
    expectProved(all);
  });

  it("belongs to an order that it names, or refers to, or to none", () => {
    const orderOf = (more: Body) =>
      money("ad-fee", more).flatMap((fact) => (fact.kind === "charge" ? [fact.order] : []));
    const references = [
      { referenceId: "110000000001", referenceType: "ITEM_ID" },
      { referenceId: "12-00009-00009", referenceType: "ORDER_ID" },
    ];
    expect(orderOf({})).toEqual([id]);
    expect(orderOf({ orderId: undefined, references })).toEqual(["ebay/order/12-00009-00009"]);
    expect(orderOf({ orderId: undefined })).toEqual([null]);
  });

  it("tells a label from the same label's money back", () => {
    const ids = [money("label"), money("label", { bookingEntry: "CREDIT" })]
      .map(([fact]) => fact)
      .map((fact) => fact && "id" in fact && fact.id);
    expect(ids).toEqual(["ebay/charge/SHIPPING_LABEL/L1/DEBIT", "ebay/charge/SHIPPING_LABEL/L1/CREDIT"]);
  });

  it("moves nothing where it only sets money aside", () => {
    expect(money("hold")).toEqual([
      expect.objectContaining({
        kind: "balance_row",
        type: "HOLD",
        amount: -5300n,
        about: `order/${id}`,
        payout: null,
      }),
    ]);
    expect(money("hold", { orderId: undefined })).toEqual([expect.objectContaining({ about: null })]);
  });

  it("is refused in another currency, naming both", () => {
    expect(failureOf(() => money("label", { amount: { value: "6.28", currency: "EUR" } }))).toMatch(/EUR.*USD/);
    expect(failureOf(() => money("label", { amount: usd("6.285") }))).toMatch(/decimals/);
    expect(failureOf(() => money("label", { bookingEntry: "SIDEWAYS" }))).toMatch(/bookingEntry/);
  });
});

describe("a payout of eBay", () => {
  it("is a payout and its own row, as the report has them", () => {
    expect(payout("payout")).toEqual([
      { kind: "payout", id: "ebay/payout/7000000001", channel: "ebay", date: "2026-01-05", amount: 4502n },
      {
        kind: "balance_row",
        id: "ebay/row/payout/7000000001",
        channel: "ebay",
        when: { on: "2026-01-05", at: 1_767_679_200_000_000n },
        type: "PAYOUT",
        amount: -4502n,
        payout: null,
        about: "payout/ebay/payout/7000000001",
        memo: "Usually arrive in 1-3 business days.",
      },
    ]);
  });

  it("comes back where it failed for good, and is on its way where it is tried again", () => {
    expect(payout("payout-failed").filter((fact) => fact.kind === "payout")).toEqual([
      { kind: "payout", id: "ebay/payout/7000000002", channel: "ebay", date: "2026-01-12", amount: 1250n },
      { kind: "payout", id: "ebay/payout/7000000002/returned", channel: "ebay", date: "2026-01-15", amount: -1250n },
    ]);
    for (const payoutStatus of ["INITIATED", "RETRYABLE_FAILED", "REVERSED"])
      expect(payout("payout-failed", { payoutStatus }).filter((fact) => fact.kind === "payout")).toHaveLength(1);
  });
});
