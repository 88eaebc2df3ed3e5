import { describe, expect, it } from "vitest";
import {
  countsOf,
  effectOf,
  factsOf,
  hasFixtures,
  kindOf,
  options,
  readFixture,
  readText,
  rowsIn,
  total,
  typesOf,
} from "./books";

const header =
  "Name,Financial Status,Currency,Subtotal,Shipping,Taxes,Total,Discount Amount,Created at,Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku,Cancelled at,Refunded Amount";
const read = (...rows: readonly string[]) => readText([header, ...rows].join("\n"));
const goods = (reading: ReturnType<typeof read>, currency = "USD") =>
  kindOf(factsOf(reading, currency), "order").map(({ number, lines, discount }) => [
    number,
    total(lines.map(({ amount }) => amount)) - discount,
  ]);

describe("a Shopify orders export", () => {
  it("gives an order of several rows once, with its lines, discount, shipping and the seller's tax", () => {
    const reading = read(
      "#1,paid,USD,59.40,5.00,4.16,68.56,6.60,2026-02-03 23:30:00 -0500,3,Fern Print,16.00,FERN-1,,0.00",
      "#1,,,,,,,,2026-02-03 23:30:00 -0500,1,Mug - Blue,18.00,,,",
    );
    const facts = factsOf(reading, "USD", "America/New_York");
    expect(facts).toEqual([
      {
        kind: "order",
        id: "shopify/order/1",
        channel: "shopify",
        number: "#1",
        when: { on: "2026-02-03", at: 1770179400000000n },
        lines: [
          {
            id: "shopify/order/1/line/1",
            sku: "FERN-1",
            name: "Fern Print",
            listing: null,
            qty: 3n,
            amount: 4800n,
            location: null,
          },
          {
            id: "shopify/order/1/line/2",
            sku: null,
            name: "Mug - Blue",
            listing: null,
            qty: 1n,
            amount: 1800n,
            location: null,
          },
        ],
        shipping: 500n,
        tax: 416n,
        taxBy: "seller",
        discount: 660n,
        fees: [],
      },
    ]);
    expect(total(facts.map(effectOf))).toBe(6856n);
    expect(reading).toMatchObject({
      orders: 1,
      units: 4,
      rows: 2,
      read: 2,
      agrees: true,
      problems: [],
      net: [{ currency: "USD", amount: 6856n }],
    });
  });

  it("takes tax that is within the prices out of the lines", () => {
    const reading = read("#1,paid,USD,18.00,0.00,3.00,18.00,0.00,2026-02-03 10:00:00 -0500,1,Mug,18.00,M,,0.00");
    expect(kindOf(factsOf(reading), "order")).toMatchObject([{ lines: [{ amount: 1500n }], tax: 300n, shipping: 0n }]);
    expect(total(factsOf(reading).map(effectOf))).toBe(1800n);
  });

  it("takes a tip for other income, a gift card for no sale, and a voided or unpaid cancelled order for nothing", () => {
    const reading = read(
      "#1,paid,USD,39.00,5.00,0.00,44.00,0.00,2026-02-01 10:00:00 -0500,2,Mug,18.00,M,,0.00",
      "#1,,,,,,,,,1,Tip,3.00,,,",
      "#2,paid,USD,50.00,0.00,0.00,50.00,0.00,2026-02-02 10:00:00 -0500,1,Gift Card - $50.00,50.00,,,0.00",
      "#3,voided,USD,20.00,5.00,1.40,26.40,0.00,2026-02-05 10:00:00 -0500,1,Tote,20.00,T,2026-02-05 10:05:00 -0500,0.00",
      "#4,pending,USD,20.00,5.00,1.40,26.40,0.00,2026-02-05 10:00:00 -0500,1,Tote,20.00,T,2026-02-05 10:05:00 -0500,0.00",
      "#5,pending,USD,160.00,0.00,0.00,160.00,0.00,2026-02-06 10:00:00 -0500,10,Fern Print,16.00,FERN-1,,0.00",
    );
    expect(goods(reading)).toEqual([
      ["#1", 3600n],
      ["#5", 16000n],
    ]);
    expect(kindOf(factsOf(reading), "charge").map(({ type, category, amount }) => [type, category, amount])).toEqual([
      ["Tip", "tip", 300n],
      ["Gift card sold", "gift_card", 5000n],
    ]);
    expect(total(factsOf(reading).map(effectOf))).toBe(4400n + 5000n + 16000n);
  });

  it("takes a refund of all for a return that a person places, of a part for money alone, each as a later version of its order", () => {
    const row = (status: string, cancelled: string, refunded: string) =>
      read(
        `#1,${status},USD,20.00,5.00,1.40,26.40,0.00,2026-02-04 10:00:00 -0500,1,Tote,20.00,T,${cancelled},${refunded}`,
      );
    const versions = [
      row("paid", "", "0.00"),
      row("partially_refunded", "", "3.00"),
      row("partially_refunded", "", "12.00"),
      row("refunded", "2026-02-06 12:00:00 -0500", "26.40"),
    ];
    const documents = versions.map(({ documents }) => documents[0]);
    expect(new Set(documents.map((document) => document?.externalId)).size).toBe(1);
    expect(documents.map((document) => document?.version)).toEqual(
      documents.map((document) => document?.version ?? "").sort(),
    );
    expect(versions.map((reading) => total(factsOf(reading).map(effectOf)))).toEqual([2640n, 2340n, 1440n, 0n]);
    const last = versions.at(-1);
    expect(last === undefined ? [] : kindOf(factsOf(last), "return")).toMatchObject([
      {
        order: "shopify/order/1",
        date: "2026-02-06",
        tax: 140n,
        shipping: 500n,
        lines: [{ line: "shopify/order/1/line/1", qty: 1n, amount: 2000n, placed: false }],
      },
    ]);
  });

  it("copes without prices and most columns, and says that it had to spread the total", () => {
    const reading = readText(
      "Name,Created at,Total,Refunded Amount,Currency,Financial Status,Lineitem name,Lineitem quantity\n#1,2025-01-15 17:41:00 -0500,10.00,0.00,USD,paid,A,1\n#1,,,,,,B,2",
    );
    expect(kindOf(factsOf(reading), "order")[0]?.lines.map(({ amount }) => amount)).toEqual([333n, 667n]);
    expect(reading).toMatchObject({ agrees: null, problems: [{ code: "missing_column", column: "lineitem price" }] });
  });

  it("says of an order that does not add to its total, and books the total", () => {
    const reading = read("#1,paid,USD,20.00,5.00,1.40,26.00,0.00,2026-02-04 10:00:00 -0500,1,Tote,20.00,T,,0.00");
    expect(reading).toMatchObject({ agrees: false, problems: [{ row: 2, code: "does_not_reconcile" }] });
    expect(total(factsOf(reading).map(effectOf))).toBe(2600n);
  });

  it("gives no rows of a balance: it is none", () => {
    expect(
      rowsIn(factsOf(read("#1,paid,USD,20.00,0.00,0.00,20.00,0.00,2026-02-04 10:00:00 -0500,1,Tote,20.00,T,,0.00"))),
    ).toEqual([]);
  });
});

describe.skipIf(!hasFixtures)("Shopify orders exports (fixtures)", () => {
  const files = [
    ["shopify/orders_export_1.csv", "BDT", 3, 3, 5, 580000n],
    ["shopify/orders_export_8.csv", "BDT", 7, 7, 7, 870000n],
    ["shopify/orders_export_9.csv", "BDT", 55, 50, 56, 9065286n],
  ] as const;
  it.each(files)("%s", (name, currency, rows, orders, units, sum) => {
    const reading = readFixture(name, options(currency));
    expect(reading).toMatchObject({ rows, read: rows, orders, units, agrees: true, problems: [] });
    expect(countsOf(reading)).toEqual({ pending: orders });
    expect(typesOf(reading)).toEqual({ pending: sum });
    expect(reading.net).toEqual([{ currency, amount: sum }]);
    expect(total(factsOf(reading, currency).map(effectOf))).toBe(sum);
  });

  it("one with only nine columns", () => {
    const reading = readFixture("shopify/orders_export_sample_min.csv");
    expect(reading).toMatchObject({ rows: 249, read: 249, orders: 127 });
    expect(typesOf(reading)).toEqual({ paid: 1506300n });
    expect(total(factsOf(reading).map(effectOf))).toBe(1506300n - 42375n);
  });

  it("one with all awkward cases: revenue without tax, tip, gift card and the voided order", () => {
    const reading = readFixture("shopify/orders_export_nasty_made.csv");
    expect(reading).toMatchObject({ rows: 9, read: 9, orders: 7, units: 21, agrees: true, problems: [] });
    expect(countsOf(reading)).toEqual({ paid: 3, partially_refunded: 1, refunded: 1, voided: 1, pending: 1 });
    expect(total(Object.values(typesOf(reading)))).toBe(39088n);
    expect(goods(reading)).toEqual([
      ["#2001", 3600n],
      ["#2003", 5940n],
      ["#2004", 2000n],
      ["#2006", 16000n],
      ["#2007", 1500n],
    ]);
    expect(total(factsOf(reading).map(effectOf))).toBe(39088n - 2640n - 4352n);
  });
});
