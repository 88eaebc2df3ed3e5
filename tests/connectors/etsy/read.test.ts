/** What Etsy's documents say, worked out by hand: receipts, every kind of ledger entry, and the golden months of the fixtures. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import type { Feed, RawDocument } from "../../../integrations/connector";
import { productsOf, read } from "../../../integrations/etsy/read";
import { categoryOf } from "../../../integrations/etsy/read-ledger";
import { interpretEtsySold } from "../../../integrations/files/channels/etsy-sold";
import type { Fact } from "../../../lib/core/facts";
import { effectOf, sum } from "../conformance";
import { account } from "./support";

const fixture = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../../integrations/etsy/fixtures/${name}.json`, import.meta.url), "utf8"));
const documentOf = (feed: Feed, body: unknown): RawDocument => ({ feed, externalId: "x", version: "1", body });
const readOf = (feed: Feed, name: string) => read(documentOf(feed, fixture(name)), account);

type Overlay = Readonly<Record<string, unknown>>;
function entry(type: string, amount: number, overlay: Overlay = {}, within: Overlay = {}): readonly Fact[] {
  const base = fixture("entry-payment") as Readonly<{ entry: Overlay }>;
  const body = { ...base, entry: { ...base.entry, ledger_type: type, amount, ...within }, ...overlay };
  return read(documentOf("balance", body), account);
}
const charges = (facts: readonly Fact[]) => facts.filter((fact) => fact.kind === "charge");
const rows = (facts: readonly Fact[]) => facts.filter((fact) => fact.kind === "balance_row");

describe("a receipt", () => {
  it("is an order with its lines, coupon, gift wrap and what Etsy remits, a fee that stands in no field among it", () => {
    expect(readOf("orders", "receipt")).toEqual([
      {
        kind: "order",
        id: "etsy/order/3300000001",
        channel: "etsy",
        when: { on: "2026-02-27", at: 1_772_200_800_000_000n },
        number: "3300000001",
        lines: [
          {
            id: "etsy/order/3300000001/line/4100000011",
            sku: "WAL-L",
            name: "Walnut serving board · Size:Large",
            listing: "1501000101",
            qty: 1n,
            amount: 5_400n,
            location: null,
          },
          {
            id: "etsy/order/3300000001/line/4100000012",
            sku: null,
            name: "The potter's bookmark",
            listing: "1501000106",
            qty: 2n,
            amount: 1_900n,
            location: null,
          },
        ],
        // 5.39 postage and 3.00 gift wrap; 5.19 tax and 0.28 Colorado's delivery fee.
        shipping: 839n,
        tax: 547n,
        taxBy: "channel",
        discount: 730n,
        fees: [],
        shipTo: { country: "US", region: "CO" },
      },
    ]);
  });

  it("says where it went to where Etsy tells this app, and nothing where it does not", () => {
    const to = (fields: object) => {
      const [fact] = read(documentOf("orders", { ...(fixture("receipt") as object), ...fields }), account);
      return fact?.kind === "order" ? fact.shipTo : null;
    };
    expect(to({ country_iso: "IN", state: "Tamil Nadu" })).toEqual({ country: "IN", region: "Tamil Nadu" });
    expect(to({ country_iso: "DE", state: null })).toEqual({ country: "DE", region: "" });
    for (const country_iso of [null, undefined, "", 7]) expect(to({ country_iso })).toBeUndefined();
  });

  it("has the ids that the export of sold items gives the same order", () => {
    const cells = {
      "order id": "3300000001",
      "transaction id": "4100000011",
      "sale date": "02/27/26",
      quantity: "1",
      price: "54.00",
      "item name": "Walnut serving board",
      variations: "Size:Large",
      "listing id": "1501000101",
      sku: "WAL-L",
    };
    const body: Parameters<typeof interpretEtsySold>[0] = {
      layout: "etsy-sold-items",
      part: "order",
      currency: "USD",
      decimalMark: ".",
      dateStyle: "mdy",
      rows: [{ row: 2, cells }],
      known: {},
    };
    const [byFile] = interpretEtsySold(body, "order/3300000001", account);
    const [byApi] = readOf("orders", "receipt");
    if (byFile?.kind !== "order" || byApi?.kind !== "order") throw new Error("no orders");
    expect([byFile.id, byFile.number, byFile.when.on]).toEqual([byApi.id, byApi.number, byApi.when.on]);
    expect(byFile.lines[0]).toEqual(byApi.lines[0]);
  });

  it("whose tax is in its prices has none beside them; one that Etsy's coupon lessened keeps its tax", () => {
    const [vat] = readOf("orders", "receipt-vat-in-prices");
    expect(vat).toMatchObject({ tax: 0n, discount: 0n, shipping: 539n });
    const [coupon] = readOf("orders", "receipt-coupon-of-etsy");
    expect(coupon).toMatchObject({ tax: 519n, discount: 500n });
  });

  it("that was paid to the seller takes its money out of the channel again", () => {
    const facts = readOf("orders", "receipt-paid-elsewhere");
    expect(facts[1]).toMatchObject({ kind: "charge", category: "elsewhere", type: "mo", amount: -7_409n });
    expect(sum(facts.map(effectOf))).toBe(0n);
  });

  it("is refused in another currency, and where it does not add up", () => {
    const receipt = fixture("receipt") as Overlay;
    const other = { ...receipt, grandtotal: { amount: 7_956, divisor: 100, currency_code: "EUR" } };
    expect(() => read(documentOf("orders", other), account)).toThrow(/EUR.*USD/);
    const short = { ...receipt, total_price: { amount: 7_301, divisor: 100, currency_code: "USD" } };
    expect(() => read(documentOf("orders", short), account)).toThrow(/add up/);
  });

  it("takes amounts by their divisor, and no part of a minor unit", () => {
    const receipt = fixture("receipt") as Overlay;
    const of = (amount: number, divisor: number) => ({
      ...receipt,
      gift_wrap_price: { amount, divisor, currency_code: "USD" },
    });
    expect(read(documentOf("orders", of(3, 1)), account)[0]).toMatchObject({ shipping: 839n });
    expect(() => read(documentOf("orders", of(3_001, 1_000)), account)).toThrow(/whole amount/);
    const yen = JSON.parse(JSON.stringify(receipt).replaceAll("USD", "JPY").replaceAll('"divisor":100', '"divisor":1'));
    expect(read(documentOf("orders", yen), { ...account, currency: "JPY" })[0]).toMatchObject({ tax: 547n });
  });
});

it("a listing offers each of its SKUs once, named as lines name it, and posts nothing", () => {
  const listing = documentOf("products", fixture("listing"));
  expect(read(listing, account)).toEqual([]);
  expect(productsOf(listing)).toEqual([
    { listing: "1501000101", sku: "WAL-S", name: "Walnut & oak serving board" },
    { listing: "1501000101", sku: "WAL-L", name: "Walnut & oak serving board" },
  ]);
  const plain = documentOf("products", { ...(fixture("listing") as Overlay), skus: [] });
  expect(productsOf(plain)).toEqual([{ listing: "1501000101", sku: null, name: "Walnut & oak serving board" }]);
});

describe("an entry of the ledger", () => {
  it("that is a payment, or the buyer's tax and fee, is money of the order", () => {
    for (const [type, amount] of [
      ["PAYMENT_GROSS", 7_956],
      ["sales_tax", -519],
      ["buyer_fee", -28],
    ] as const)
      expect(entry(type, amount)).toEqual([
        {
          kind: "balance_row",
          id: "etsy/row/9000000001",
          channel: "etsy",
          when: { on: "2026-02-28", at: 1_772_300_000_000_000n },
          type,
          amount: BigInt(amount),
          payout: null,
          about: "order/etsy/order/3300000001",
          memo: "PAYMENT_GROSS",
        },
      ]);
  });

  it("that is a payment without its processing fee is both", () => {
    const facts = readOf("balance", "entry-payment-net");
    expect(rows(facts).map((row) => [row.id, row.amount, row.about])).toEqual([
      ["etsy/row/9000000002", 7_956n, "order/etsy/order/3300000001"],
      ["etsy/row/9000000002/fees", -264n, "charge/etsy/charge/9000000002/fees"],
    ]);
    expect(charges(facts)[0]).toMatchObject({ category: "processing", amount: -264n, order: "etsy/order/3300000001" });
  });

  it("gives all back: the goods for what was paid for them, shipping, wrap and tax beside them", () => {
    const [returned, ...rest] = readOf("balance", "entry-refund-of-all");
    expect(returned).toMatchObject({
      kind: "return",
      id: "etsy/refund/9000000003",
      date: "2026-02-28",
      order: "etsy/order/3300000001",
      lines: [
        { line: "etsy/order/3300000001/line/4100000011", qty: 1n, amount: 4_860n, restock: false, placed: false },
        { line: "etsy/order/3300000001/line/4100000012", qty: 2n, amount: 1_710n, restock: false, placed: false },
      ],
    });
    expect(charges(rest)).toMatchObject([{ category: "refund", amount: -1_386n, order: "etsy/order/3300000001" }]);
    expect(rows(rest).map((row) => row.amount)).toEqual([-6_570n, -1_386n]);
  });

  it("gives the shipping back as such where the receipt says it", () => {
    const whole = fixture("entry-refund-of-all") as Readonly<{ sold: Overlay }>;
    const shipping = [400, 350].map((amount) => ({ amount, divisor: 100, currency_code: "USD" }));
    const [returned, row, charge] = read(
      documentOf("balance", { ...whole, sold: { ...whole.sold, shipping } }),
      account,
    );
    expect(returned).toMatchObject({ kind: "return", shipping: 750n });
    expect(row).toMatchObject({ kind: "balance_row", amount: -6_570n - 750n });
    expect(charge).toMatchObject({ kind: "charge", category: "refund", amount: -1_386n + 750n });
  });

  it("gives one line back whole, with postage beside it", () => {
    const facts = readOf("balance", "entry-refund-of-a-line");
    expect(facts[0]).toMatchObject({
      kind: "return",
      lines: [{ line: "etsy/order/3300000001/line/4100000012", qty: 2n, amount: 1_710n }],
    });
    expect(charges(facts)).toMatchObject([{ amount: -300n, category: "refund" }]);
  });

  it("gives money without goods, and so does one whose adjustments speak of another amount", () => {
    expect(readOf("balance", "entry-refund-of-money")).toMatchObject([
      { kind: "charge", category: "refund", amount: -500n },
      { kind: "balance_row", amount: -500n },
    ]);
    const body = fixture("entry-refund-of-a-line") as Readonly<{ entry: Overlay }>;
    const other = { ...body, entry: { ...body.entry, amount: -2_011 } };
    expect(read(documentOf("balance", other), account).map((fact) => fact.kind)).toEqual(["charge", "balance_row"]);
  });

  it("is a payout, or one that came back", () => {
    const [sent, row] = readOf("balance", "entry-payout");
    expect(sent).toEqual({
      kind: "payout",
      id: "etsy/payout/9000000006",
      channel: "etsy",
      date: "2026-02-28",
      amount: 7_692n,
    });
    expect(row).toMatchObject({ amount: -7_692n, payout: null, about: "payout/etsy/payout/9000000006" });
    expect(entry("ADYENBALANCE_REVERSAL", 7_692)[0]).toMatchObject({ kind: "payout", amount: -7_692n });
    expect(rows(entry("listing", -20, { paid_out_by: 9_000_000_006 }))[0]?.payout).toBe("etsy/payout/9000000006");
  });

  it.each([
    ["transaction", "fee"],
    ["transaction_refund", "fee"],
    ["shipping_transaction", "fee"],
    ["transaction_quantity", "fee"],
    ["listing", "fee"],
    ["listing_private", "fee"],
    ["renew_sold_auto", "fee"],
    ["auto_renew_expired_refund", "fee"],
    ["gift_wrap_fees", "fee"],
    ["SELLER_DRIVEN_TRAFFIC_CREDIT", "fee"],
    ["vat_seller_services", "fee"],
    ["PAYMENT_PROCESSING_FEE", "processing"],
    ["REFUND_PROCESSING_FEE", "processing"],
    ["prolist", "advertising"],
    ["offsite_ads_fee", "advertising"],
    ["offsite_ads_fee_refund", "advertising"],
    ["shipping_labels", "label"],
    ["shipping_label_refund", "label"],
    ["shipping_label_usps_adjustment_credit", "label"],
    ["sales_tax_refund", "refund"],
    ["buyer_fee_refund", "refund"],
    ["RECOUP", "bank"],
    ["billing_payment", "bank"],
    ["maker_fund_share", "other"],
    ["", "other"],
  ] as const)("of type %s is a charge %s", (type, category) => {
    expect(categoryOf(type)).toBe(category);
    if (type === "") return;
    const facts = entry(type, -37, { receipt_id: null });
    expect(charges(facts)).toEqual([
      {
        kind: "charge",
        id: "etsy/charge/9000000001",
        channel: "etsy",
        date: "2026-02-28",
        category,
        type,
        amount: -37n,
        order: null,
        memo: "PAYMENT_GROSS",
      },
    ]);
    expect(rows(facts)).toMatchObject([{ amount: -37n, about: "charge/etsy/charge/9000000001" }]);
  });

  it("of an order that is not known still counts, and one of nothing is nothing", () => {
    expect(charges(entry("PAYMENT_GROSS", 500, { receipt_id: null }))[0]).toMatchObject({ category: "sale" });
    expect(charges(entry("sales_tax", -40, { receipt_id: null }))[0]).toMatchObject({ category: "tax_remitted" });
    expect(entry("listing", 0)).toEqual([]);
  });

  it("in another currency is refused, in words", () => {
    expect(() => entry("listing", -20, {}, { currency: "GBP" })).toThrow(/GBP.*USD/);
  });
});

const golden = resolve(process.env.FIXTURES_DIR ?? "../shared/fixtures", "etsy/golden");
const isAbsent = !existsSync(golden);
if (isAbsent) console.warn(`skipped: no golden months at ${golden} (set FIXTURES_DIR)`);

const Golden = z.object({
  etsy_rows: z.array(z.object({ Type: z.string(), Title: z.string(), Info: z.string(), Net: z.string() })),
  expected: z.object({
    gross_sales: z.number(),
    total_refunds: z.number(),
    total_fees: z.number(),
    total_shipping_cost: z.number(),
    bank_total_deposits: z.number(),
    etsy_balance: z.number(),
  }),
});
/** The ledger's type for a row of the statement. */
const typeOf = (type: string, title: string): string => {
  if (/^Credit for transaction/.test(title)) return "transaction_refund";
  if (/^Credit for processing/.test(title)) return "REFUND_PROCESSING_FEE";
  if (/^Transaction fee/.test(title)) return "transaction";
  if (/^Processing fee/.test(title)) return "PAYMENT_PROCESSING_FEE";
  const types: Readonly<Record<string, string>> = {
    Sale: "PAYMENT_GROSS",
    Fee: "listing",
    Tax: "sales_tax",
    Shipping: "shipping_labels",
    Refund: "REFUND_GROSS",
    Deposit: "DISBURSE2",
  };
  return types[type] ?? "";
};
const cents = (text: string): number => Number(text.replace(/[$,.]/g, ""));

describe.skipIf(isAbsent)("a golden month", () => {
  it.each(isAbsent ? [] : readdirSync(golden))("%s comes to its totals", (name) => {
    const { etsy_rows, expected } = Golden.parse(JSON.parse(readFileSync(join(golden, name), "utf8")));
    const facts = etsy_rows.flatMap(({ Type, Title, Info, Net }, index) => {
      const amount = Type === "Deposit" ? -cents(/\$[\d.,]+/.exec(Title)?.[0] ?? "") : cents(Net);
      const order = /#(\d+)/.exec(Info)?.[1];
      const overlay = { receipt_id: order === undefined ? null : Number(order), payment: null };
      return entry(typeOf(Type, Title), amount, overlay, { entry_id: index + 1 });
    });
    const minor = (amount: number) => BigInt(Math.round(amount * 100));
    const of = (...categories: readonly string[]) =>
      -sum(charges(facts).flatMap((fact) => (categories.includes(fact.category) ? [fact.amount] : [])));
    const ofType = (type: string) => sum(rows(facts).flatMap((row) => (row.type === type ? [row.amount] : [])));
    const payouts = facts.flatMap((fact) => (fact.kind === "payout" ? [fact.amount] : []));
    expect({
      sales: ofType("PAYMENT_GROSS"),
      refunds: of("refund"),
      fees: of("fee", "processing"),
      labels: of("label"),
      other: of("other"),
      balance: sum(rows(facts).map((row) => row.amount)),
    }).toEqual({
      sales: minor(expected.gross_sales),
      refunds: minor(expected.total_refunds),
      fees: minor(expected.total_fees),
      labels: minor(expected.total_shipping_cost),
      other: 0n,
      balance: minor(expected.etsy_balance),
    });
    expect(payouts).toEqual([-ofType("DISBURSE2")]);
  });
});
