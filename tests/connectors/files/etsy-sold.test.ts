import { describe, expect, it } from "vitest";
import type { RawDocument } from "../../../integrations/connector";
import { readFileDocument } from "../../../integrations/files/channels";
import { effectOf, expectProven, factsOf, hasFixtures, kindOf, readFixture, readText, total, typesOf } from "./books";

const items = (...rows: readonly string[]) =>
  readText(
    [
      "Sale Date,Item Name,Quantity,Price,Discount Amount,Shipping Discount,Order Shipping,Order Sales Tax,Item Total,Currency,Transaction ID,Listing ID,Order ID,Variations,SKU",
      ...rows,
    ].join("\n"),
  );
const two = [
  '10/31/25,"Shelf, oak",2,15.00,3.00,0.00,5.00,0,27.00,USD,900,9,77,Size: L,SH-1',
  "10/31/25,Lamp,1,20.00,0.00,0.00,5.00,0,20.00,USD,901,8,77,,",
];
const statement = readText(
  [
    "Date,Type,Title,Info,Currency,Amount,Fees & Taxes,Net",
    '"October 31, 2025",Tax,"Sales tax paid by buyer","Order #77",USD,--,-$2.43,-$2.43',
    '"October 31, 2025",Sale,"Payment for Order #77",,USD,$54.43,--,$54.43',
    '"October 31, 2025",Fee,"Processing fee","Order #77",USD,--,-$1.69,-$1.69',
  ].join("\n"),
);

describe("Etsy's sold order items", () => {
  it("gives an order its lines, and its shipping once though each row repeats it", () => {
    expect(kindOf(factsOf(items(...two)), "order")).toEqual([
      {
        kind: "order",
        id: "etsy/order/77",
        channel: "etsy",
        number: "77",
        when: { on: "2025-10-31", at: null },
        taxBy: "seller",
        fees: [],
        lines: [
          {
            id: "etsy/order/77/line/900",
            sku: "SH-1",
            name: "Shelf, oak · Size: L",
            listing: "9",
            qty: 2n,
            amount: 3000n,
            location: null,
          },
          {
            id: "etsy/order/77/line/901",
            sku: null,
            name: "Lamp",
            listing: "8",
            qty: 1n,
            amount: 2000n,
            location: null,
          },
        ],
        shipping: 500n,
        tax: 0n,
        discount: 300n,
      },
    ]);
  });

  it("books each sale once beside the statement, whichever came first, with its lines and to the same cent", () => {
    const kept = new Map<string, RawDocument>();
    const keep = (documents: readonly RawDocument[]) => {
      for (const document of documents)
        if ((kept.get(document.externalId)?.version ?? "") < document.version) kept.set(document.externalId, document);
      const account = { channel: "etsy", currency: "USD", timeZone: "UTC" };
      return [...kept.values()].flatMap((document) => readFileDocument(document, account));
    };
    expectProven(keep(statement.documents), 5443n - 243n - 169n);
    expectProven(keep(items(...two).documents), 5443n - 243n - 169n);
    const last = keep(statement.documents);
    expectProven(last, 5443n - 243n - 169n);
    expect(kindOf(last, "order").map(({ lines }) => lines.length)).toEqual([2]);
  });

  it("reads dates with the day first where the file shows it", () => {
    const reading = items(
      two[1]?.replace("10/31/25", "31/10/25") ?? "",
      two[1]?.replace("10/31/25", "01/11/25").replace(",77,", ",78,") ?? "",
    );
    expect(reading).toMatchObject({ from: "2025-10-31", through: "2025-11-01", problems: [] });
  });

  it("says which order has a quantity that is none, and reads the rest", () => {
    const reading = items(...two, "10/31/25,Lamp,0,20.00,0.00,0.00,5.00,0,20.00,USD,902,8,78,,");
    expect(reading).toMatchObject({ rows: 3, read: 2, orders: 1, problems: [{ row: 4, code: "bad_quantity" }] });
  });
});

describe.skipIf(!hasFixtures)("Etsy's sold order items and sold orders (fixtures)", () => {
  it("a year of items", () => {
    const reading = readFixture("etsy/EtsySoldOrderItems2021.csv");
    expect(reading).toMatchObject({
      kind: "etsy-sold-items",
      rows: 136,
      read: 136,
      orders: 109,
      units: 158,
      problems: [],
    });
    expect(typesOf(reading)).toEqual({ Item: 56830n, Shipping: 1050n });
    expect(total(factsOf(reading).map(effectOf))).toBe(57880n);
  });

  it("a year of four items", () => {
    const reading = readFixture("etsy/EtsySoldOrderItems2023.csv");
    expect(reading).toMatchObject({ rows: 4, read: 4, orders: 4, units: 4, problems: [] });
    expect(typesOf(reading)).toEqual({ Item: 1260n });
  });

  it("orders saved with tabs under a .csv name, with letters encoded twice", () => {
    const reading = readFixture("etsy/EtsySoldOrders2023_excerpt.tsv.csv");
    expect(reading).toMatchObject({ kind: "etsy-sold-orders", rows: 44, read: 44, orders: 44, problems: [] });
    // Shipping is 356.45 as listed, and 8.00 of gift wrap that only the orders' nets tell of.
    expect(typesOf(reading)).toEqual({ Item: 99580n, Discount: -22772n, Shipping: 35645n + 800n });
    expect(total(factsOf(reading).map(effectOf))).toBe(108482n + 4771n);
  });
});
