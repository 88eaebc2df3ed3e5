import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import type { Account } from "../../../integrations/connector";
import { readFileDocument } from "../../../integrations/files/channels";
import {
  effectOf,
  expectProven,
  factsOf,
  hasFixtures,
  heldIn,
  kindOf,
  options,
  readBytes,
  readFixture,
  readText,
  total,
  typesOf,
} from "./books";

const longColumns = [
  "settlement-id",
  "settlement-start-date",
  "settlement-end-date",
  "deposit-date",
  "total-amount",
  "currency",
  "transaction-type",
  "order-id",
  "adjustment-id",
  "amount-type",
  "amount-description",
  "amount",
  "posted-date",
  "posted-date-time",
  "order-item-code",
  "sku",
  "quantity-purchased",
] as const;
type Cells = Partial<Record<string, string>>;
const file = (columns: readonly string[], rows: readonly Cells[]) =>
  readText(
    [columns.join("\t"), ...rows.map((cells) => columns.map((name) => cells[name] ?? "").join("\t"))].join("\n"),
  );
const long = (...rows: readonly Cells[]) => file(longColumns, rows);

const summary = (amount: string): Cells => ({
  "settlement-id": "900",
  "settlement-start-date": "2026-06-01 00:00:00 UTC",
  "settlement-end-date": "2026-06-14 23:59:59 UTC",
  "deposit-date": "2026-06-16 00:00:00 UTC",
  "total-amount": amount,
  currency: "USD",
});
const common: Cells = {
  "settlement-id": "900",
  currency: "USD",
  "posted-date": "2026-06-03 00:00:00 UTC",
  "posted-date-time": "2026-06-03 08:14:22 UTC",
};
const part = (type: string, description: string, amount: string, more: Cells = {}): Cells => ({
  ...common,
  "transaction-type": "Order",
  "order-id": "111-1",
  "order-item-code": "55",
  sku: "MUG",
  "quantity-purchased": "2",
  "amount-type": type,
  "amount-description": description,
  amount,
  ...more,
});
const order = [
  part("ItemPrice", "Principal", "50.00"),
  part("ItemPrice", "Tax", "4.40"),
  part("ItemPrice", "Shipping", "5.00"),
  part("Promotion", "Shipping", "-5.00"),
  part("ItemFees", "Commission", "-7.50"),
  part("ItemWithheldTax", "MarketplaceFacilitatorTax-Principal", "-4.40"),
];
const refund: Cells = {
  "transaction-type": "Refund",
  "adjustment-id": "A1",
  "posted-date": "2026-06-05 00:00:00 UTC",
  "posted-date-time": "2026-06-05 08:00:00 UTC",
};

describe("an Amazon settlement in the long layout", () => {
  it("takes what Amazon sent from the channel's shelf, where it has one", () => {
    const places = (network: string, shelves: Readonly<{ shelves?: Account["shelves"] }>) => {
      const rows = order.map((cells) => ({ ...cells, "fulfillment-id": network }));
      const { documents } = file([...longColumns, "fulfillment-id"], [summary("42.50"), ...rows]);
      const account = { channel: "amazon", currency: "USD", timeZone: "UTC", ...shelves } as Account;
      const facts = documents.flatMap((document) => readFileDocument(document, account));
      return kindOf(facts, "order").flatMap(({ lines }) => lines.map(({ location }) => location));
    };
    const shelves = { sellable: "fba", unsellable: "bad", removal: "back" };
    expect(places("AFN", { shelves })).toEqual(["fba"]);
    expect(places("MFN", { shelves })).toEqual([null]);
    expect(places("AFN", {})).toEqual([null]);
  });

  it("gives an order its lines, shipping, discount, fees and the tax that Amazon keeps", () => {
    const reading = long(summary("42.50"), ...order);
    const facts = factsOf(reading);
    expect(kindOf(facts, "order")).toEqual([
      {
        kind: "order",
        id: "amazon/order/111-1/900",
        channel: "amazon",
        number: "111-1",
        when: { on: "2026-06-03", at: 1780474462000000n },
        lines: [
          {
            id: "amazon/order/111-1/900/line/55",
            sku: "MUG",
            name: "MUG",
            listing: null,
            qty: 2n,
            amount: 5000n,
            location: null,
          },
        ],
        shipping: 500n,
        tax: 440n,
        taxBy: "channel",
        discount: 500n,
        fees: [{ kind: "Commission", amount: 750n }],
      },
    ]);
    expect(kindOf(facts, "payout")).toEqual([
      { kind: "payout", id: "amazon/payout/900", channel: "amazon", date: "2026-06-16", amount: 4250n },
    ]);
    expect(reading).toMatchObject({
      agrees: true,
      problems: [],
      orders: 1,
      units: 2,
      from: "2026-06-01",
      through: "2026-06-14",
      stated: { total: 4250n },
    });
    expectProven(facts, 0n);
  });

  it("takes tax that Amazon does not keep for the seller's, and tax kept in part for both", () => {
    const own = factsOf(long(summary("54.40"), ...order.slice(0, 2)));
    expect(kindOf(own, "order")).toMatchObject([{ tax: 440n, taxBy: "seller" }]);
    expectProven(own, 0n);
    const half = factsOf(
      long(
        summary("53.40"),
        ...order.slice(0, 2),
        part("ItemWithheldTax", "MarketplaceFacilitatorTax-Principal", "-1.00"),
      ),
    );
    expect(kindOf(half, "order")).toMatchObject([{ tax: 440n, taxBy: "seller" }]);
    expect(kindOf(half, "charge")).toMatchObject([{ category: "tax_remitted", amount: -100n }]);
    expectProven(half, 0n);
  });

  it("lets reserves move nothing, and pays out what is left", () => {
    const transfer = {
      "transaction-type": "Transfer",
      "order-id": "",
      "order-item-code": "",
      sku: "",
      "quantity-purchased": "",
    };
    const reading = long(
      summary("32.50"),
      ...order,
      part("other-transaction", "Previous Reserve Amount Balance", "90.00", transfer),
      part("other-transaction", "Current Reserve Amount", "-100.00", transfer),
    );
    const facts = factsOf(reading);
    expect(heldIn(facts)).toBe(-1000n);
    expect(kindOf(facts, "charge")).toEqual([]);
    expect(total(facts.map(effectOf))).toBe(1000n);
    expectProven(facts, 0n);
  });

  it("takes a refund of whole units for a return, the tax that Amazon gives back within it, and its fees apart", () => {
    const back = (type: string, description: string, amount: string) => part(type, description, amount, refund);
    const facts = factsOf(
      long(
        summary("20.00"),
        ...order,
        back("ItemPrice", "Principal", "-25.00"),
        back("ItemPrice", "Tax", "-2.20"),
        back("ItemWithheldTax", "MarketplaceFacilitatorTax-Principal", "2.20"),
        back("ItemFees", "Commission", "3.75"),
        back("ItemFees", "RefundCommission", "-1.25"),
      ),
    );
    expect(kindOf(facts, "return")).toMatchObject([
      {
        order: "amazon/order/111-1/900",
        date: "2026-06-05",
        lines: [{ line: "amazon/order/111-1/900/line/55", qty: 1n, amount: 2500n, placed: false, restock: false }],
      },
    ]);
    expect(kindOf(facts, "charge").map(({ category, amount }) => [category, amount])).toEqual([
      ["fee", 375n],
      ["fee", -125n],
    ]);
    expectProven(facts, 0n);
  });

  it("takes a refund of an order of another settlement, or of less than a unit, for money alone", () => {
    const facts = factsOf(
      long(
        summary("20.50"),
        ...order,
        part("ItemPrice", "Principal", "-7.00", refund),
        part("ItemPrice", "Principal", "-15.00", { ...refund, "order-id": "111-0", "adjustment-id": "A0" }),
      ),
    );
    expect(kindOf(facts, "return")).toEqual([]);
    expect(kindOf(facts, "charge").map(({ category, amount, order }) => [category, amount, order])).toEqual([
      ["refund", -700n, "amazon/order/111-1/900"],
      ["refund", -1500n, "amazon/order/111-0"],
    ]);
    expectProven(facts, 0n);
  });

  it("keeps what it has never seen as other, in sight", () => {
    const reading = long(
      summary("41.50"),
      ...order,
      part("other-transaction", "Moon Levy", "-1.00", { "transaction-type": "Levy", "order-id": "" }),
    );
    expect(reading.unknownTypes).toEqual(["Levy/other-transaction/Moon Levy"]);
    expect(kindOf(factsOf(reading), "charge")).toMatchObject([{ category: "other", amount: -100n }]);
  });

  it("does not agree where rows are missing or there twice", () => {
    for (const rows of [order.slice(1), [...order, ...order.slice(0, 1)]]) {
      const reading = long(summary("42.50"), ...rows);
      expect(reading.agrees).toBe(false);
      expect(reading.problems).toMatchObject([{ column: "total-amount", code: "does_not_reconcile" }]);
    }
  });

  it("reads decimal commas and European dates, and refuses both marks in one file", () => {
    const comma = (cells: Cells): Cells => ({
      ...cells,
      currency: "EUR",
      "posted-date": "03.06.2026",
      "posted-date-time": "03.06.2026 23:30:00 UTC",
      "total-amount": (cells["total-amount"] ?? "").replace(".", ","),
      amount: (cells.amount ?? "").replace(".", ","),
    });
    const columns = [...longColumns];
    const rows = [summary("1042.50"), ...order, part("ItemPrice", "Principal", "1000.00", { "order-id": "111-9" })];
    const lines = rows.map(comma).map((cells) => columns.map((name) => cells[name] ?? "").join("\t"));
    const reading = readText([columns.join("\t"), ...lines].join("\n"), options("EUR"));
    expect(reading).toMatchObject({ agrees: true, problems: [], stated: { total: 104250n } });
    expect(kindOf(factsOf(reading, "EUR", "Europe/Madrid"), "order")[0]?.when.on).toBe("2026-06-04");
    expect(() => long(summary("42,50"), ...order)).toThrow(expect.objectContaining({ code: "ambiguous_number" }));
  });

  it("reads days and times as Japan's settlements write them, in whole yen", () => {
    const reading = readText(
      [
        "settlement-id\tsettlement-start-date\tdeposit-date\ttotal-amount\tcurrency\ttransaction-type\torder-id\tamount-type\tamount-description\tamount\tposted-date\tposted-date-time\tsku\tquantity-purchased",
        "S2\t2026/07/19 10:00:00 JST\t2026/07/26 10:00:00 JST\t2650\tJPY\t\t\t\t\t\t\t\t\t",
        "S2\t\t\t\t\tOrder\t250-1\tItemPrice\tPrincipal\t2980\t2026/07/20\t2026/07/20 00:30:00 JST\tA\t1",
        "S2\t\t\t\t\tOrder\t250-1\tItemFees\tCommission\t-330\t2026/07/20\t2026/07/20 00:30:00 JST\tA\t1",
      ].join("\n"),
      options("JPY", "Asia/Tokyo"),
    );
    expect(reading).toMatchObject({
      read: 3,
      agrees: true,
      problems: [],
      payouts: [{ date: "2026-07-26", amount: 2650n }],
    });
    expect(kindOf(factsOf(reading, "JPY", "Asia/Tokyo"), "order")).toMatchObject([{ when: { on: "2026-07-20" } }]);
  });
  it("says nothing of a payout that the file does not state", () => {
    const reading = long(...order);
    expect(reading).toMatchObject({ agrees: null, stated: { total: null }, payouts: [] });
    expectProven(factsOf(reading), 4250n);
  });

  it("gives the same settlement the same ids in both layouts", () => {
    const columns = [
      "settlement-id",
      "settlement-start-date",
      "deposit-date",
      "total-amount",
      "currency",
      "transaction-type",
      "order-id",
      "posted-date",
      "order-item-code",
      "sku",
      "quantity-purchased",
      "price-type",
      "price-amount",
      "item-related-fee-type",
      "item-related-fee-amount",
      "other-amount",
    ];
    const own: Cells = { "settlement-id": "900", "posted-date": "2026-06-03T08:14:22+00:00" };
    const sold: Cells = {
      ...own,
      "transaction-type": "Order",
      "order-id": "111-1",
      "order-item-code": "55",
      sku: "MUG",
    };
    const wide = file(columns, [
      summary("10.01"),
      { ...sold, "quantity-purchased": "2" },
      { ...sold, "price-type": "Principal", "price-amount": "50.00" },
      { ...own, "transaction-type": "Subscription Fee", "other-amount": "-39.99   " },
    ]);
    const fee = part("other-transaction", "Subscription Fee", "-39.99", {
      "transaction-type": "ServiceFee",
      "order-id": "",
      sku: "",
      "order-item-code": "",
    });
    const same = long(summary("10.01"), ...order.slice(0, 1), fee);
    expect(wide.agrees).toBe(true);
    expect(wide.documents.map(({ externalId }) => externalId).sort()).toEqual(
      same.documents.map(({ externalId }) => externalId).sort(),
    );
    expectProven(factsOf(wide), 0n);
    expect(kindOf(factsOf(wide), "order")[0]?.lines).toEqual(kindOf(factsOf(same), "order")[0]?.lines);
  });
});

const fixture = (name: string) => readFileSync(resolve(process.env.FIXTURES_DIR ?? "../shared/fixtures", name));

describe.skipIf(!hasFixtures)("Amazon settlements (fixtures)", () => {
  const files = [
    ["amazon/settlement_flat_v1_ca_2025-07-31.txt", "CAD", 4, -32169n, 0, true],
    ["amazon/settlement_flat_v1_ca_2025-08-14.txt", "CAD", 16, -6231n, 2, true],
    ["amazon/settlement_flat_v1_ca_2025-08-28.txt", "CAD", 190, 101608n, 35, true],
    ["amazon/settlement_flat_v1_ca_2025-09-25.txt", "CAD", 730, 463023n, 152, true],
    ["amazon/settlement_flat_v2_us_sample.txt", "USD", 24, 58289n, 4, true],
    ["encodings/amazon_settlement_v2_comma_decimals.txt", "USD", 24, 58289n, 4, true],
    ["amazon/eu_fx_settlement.txt", "EUR", 12, 67633n, 4, null],
  ] as const;
  it.each(files)("%s adds to its total", (name, currency, rows, sum, orders, agrees) => {
    const reading = readFixture(name, options(currency));
    expect(reading).toMatchObject({ rows, read: rows, orders, agrees, problems: [] });
    expect(reading.net).toEqual([{ currency, amount: sum }]);
    expect(reading.stated.total).toBe(agrees === null ? null : sum);
    expect(reading.payouts.map(({ amount, rows }) => [amount, rows])).toEqual(agrees === null ? [] : [[sum, sum]]);
    const facts = factsOf(reading, currency);
    const paid = agrees === true && sum > 0n ? sum : 0n;
    expect(total(kindOf(facts, "payout").map(({ amount }) => amount))).toBe(paid);
    expectProven(facts, sum - paid);
  });

  it("sums each type as the settlement has it", () => {
    expect(typesOf(readFixture("amazon/settlement_flat_v1_ca_2025-08-14.txt", options("CAD")))).toEqual({
      Order: 2309n,
      Refund: -5201n,
      "Payable to Amazon": -32169n,
      "Subscription Fee": -3209n,
      ServiceFee: -130n,
      "Successful charge": 32169n,
    });
    expect(typesOf(readFixture("amazon/settlement_flat_v1_ca_2025-09-25.txt", options("CAD")))).toEqual({
      Order: 582849n,
      ServiceFee: -112797n,
      Refund: -15687n,
      REVERSAL_REIMBURSEMENT: 8658n,
    });
    expect(typesOf(readFixture("amazon/settlement_flat_v2_us_sample.txt"))).toMatchObject({
      "Order/ItemPrice/Principal": 47449n,
      "Order/ItemFees/Commission": -7118n,
      "Refund/ItemPrice/Principal": -12999n,
      "Transfer/other-transaction/Current Reserve Amount": -42000n,
    });
  });

  it("carries what the seller owes from settlement to settlement, and ends at nothing when it is paid out", () => {
    let balance = 0n;
    const balances = files.slice(0, 3).map(([name]) => {
      balance += total(factsOf(readFixture(name, options("CAD")), "CAD").map(effectOf));
      return balance;
    });
    expect(balances).toEqual([-32169n, -6231n, 0n]);
  });

  it("does not agree with a file cut off, nor with rows pasted twice", () => {
    const cut = readBytes(fixture("encodings/amazon_settlement_v2_truncated.txt"));
    expect(cut.agrees).toBe(false);
    expect(cut.problems.map(({ code }) => code)).toEqual(["column_count", "does_not_reconcile"]);
    expect(readBytes(fixture("encodings/amazon_settlement_v2_rows_repeated.txt")).agrees).toBe(false);
  });
});
