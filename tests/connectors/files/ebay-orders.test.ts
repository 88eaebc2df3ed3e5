import { describe, expect, it } from "vitest";
import { effectOf, factsOf, hasFixtures, kindOf, options, readFixture, readText, total, typesOf } from "./books";

const header =
  "Order Number,Item Number,Item Title,Custom Label,Quantity,Sold For,Shipping And Handling,eBay Collected Tax,Total Price,Sale Date,Paid On Date,Transaction ID";
const read = (rows: readonly string[], currency = "USD") =>
  readText(
    ["", header, ",,,,,,,,,,,", ...rows, "2,record(s) downloaded", "Seller ID : a.shop"].join("\n"),
    options(currency),
  );

describe("an eBay orders report", () => {
  it("gives an order of several items its lines, whether prices are of the row or of a piece", () => {
    const sums = "1-2,,,,3,$55.00,$4.00,,$59.00,Jan-04-26,Jan-05-26,";
    for (const [price, lamp] of [
      ["$40.00", "$15.00"],
      ["$20.00", "$15.00"],
    ] as const) {
      const reading = read([sums, `1-2,22,"Lot, large",L-9,2,${price},,,,,,900`, `1-2,23,Lamp,,1,${lamp},,,,,,901`]);
      const [order] = kindOf(factsOf(reading), "order");
      expect(order).toMatchObject({ id: "ebay/order/1-2", when: { on: "2026-01-04" }, shipping: 400n });
      expect(order?.lines.map(({ id, sku, qty, amount }) => [id, sku, qty, amount])).toEqual([
        ["ebay/order/1-2/line/900", "L-9", 2n, 4000n],
        ["ebay/order/1-2/line/901", null, 1n, 1500n],
      ]);
      expect(reading).toMatchObject({ rows: 3, read: 3, agrees: true, account: "a.shop", problems: [] });
    }
  });

  it("leaves out what is not paid yet, and knows the order again when it is", () => {
    const before = read(["1-3,24,Shirt,,1,$12.00,$4.99,,$16.99,Jan-06-26,,902"]);
    const after = read(["1-3,24,Shirt,,1,$12.00,$4.99,,$16.99,Jan-06-26,Jan-07-26,902"]);
    expect(factsOf(before)).toEqual([]);
    expect(total(factsOf(after).map(effectOf))).toBe(1699n);
    expect(after.documents[0]?.externalId).toBe(before.documents[0]?.externalId);
    expect((after.documents[0]?.version ?? "") > (before.documents[0]?.version ?? "~")).toBe(true);
  });

  it("reads pounds as pounds, and says of a total that does not add", () => {
    const reading = read(["1-4,24,Shirt,,1,£12.00,£4.99,,£17.99,Jan-06-26,Jan-07-26,902"], "GBP");
    expect(reading).toMatchObject({
      agrees: false,
      problems: [{ row: 4, code: "does_not_reconcile" }],
      net: [{ currency: "GBP", amount: 1699n }],
    });
  });
});

describe("an eBay orders report of another site", () => {
  it("takes British and Australian postage for shipping", () => {
    for (const [word, sign, currency] of [
      ["Postage and packaging", "£", "GBP"],
      ["Postage And Handling", "AU $", "AUD"],
    ] as const) {
      const reading = readText(
        [
          `"Order Number","Item Number","Item Title","Custom Label","Quantity","Sold For","${word}","Total Price","Sale Date"`,
          `"1-5","24","Cards","C-1","3","${sign}1,260.00","${sign}9.50","${sign}3,789.50","25-May-26"`,
          '"1","record(s) downloaded",,,,,,,',
          '"Seller ID : a.shop",,,,,,,,',
        ].join("\n"),
        options(currency),
      );
      expect(reading).toMatchObject({
        rows: 1,
        read: 1,
        units: 3,
        agrees: true,
        account: "a.shop",
        problems: [],
        net: [{ currency, amount: 378950n }],
        from: "2026-05-25",
      });
      expect(kindOf(factsOf(reading, currency), "order")[0]).toMatchObject({ shipping: 950n });
    }
  });

  it("reads the German one: its words, months, decimal commas and euro signs behind", () => {
    const reading = readText(
      [
        ";;;;;;;;;;",
        '"Verkaufsprotokollnummer";"Bestellnummer";"Artikelnummer";"Angebotstitel";"Bestandseinheit";"Anzahl";"Verkauft für";"Verpackung und Versand";"Gesamtbetrag";"Verkauft am";"Zahlungsdatum"',
        '"1";"2-1";"24";"Becher; blau";"B-1";"1";"1.110,00 €";"6,99 €";"1.116,99 €";"10-Dez-25";"10-Dez-25"',
        '"2";"2-2";;;;"3";"70,00 €";"0,00 €";"70,00 €";"11-Mär-25";"11-Mär-25"',
        '"2";"2-2";"25";"Teller";"T-1";"2";"20,00 €";;;"11-Mär-25";"11-Mär-25"',
        '"2";"2-2";"26";"Tasse";"T-2";"1";"30,00 €";;;"11-Mär-25";"11-Mär-25"',
        '"3";"2-3";"27";"Krug";"K-1";"1";"5,00 €";"1,00 €";"6,00 €";"12-Mai-25";""',
      ].join("\r\n"),
      options("EUR"),
    );
    expect(reading).toMatchObject({
      kind: "ebay-orders",
      rows: 5,
      read: 5,
      orders: 3,
      units: 4,
      agrees: true,
      problems: [],
      from: "2025-03-11",
      through: "2025-12-10",
      net: [{ currency: "EUR", amount: 118699n }],
    });
  });
});

describe.skipIf(!hasFixtures)("eBay orders report (fixture)", () => {
  it("takes no tax that eBay collected for income", () => {
    const reading = readFixture("ebay/orders_report_us_made.csv");
    expect(reading).toMatchObject({ rows: 5, read: 5, orders: 3, account: "test.seller", agrees: true, problems: [] });
    expect(typesOf(reading)).toEqual({ Order: 123315n });
    const orders = kindOf(factsOf(reading), "order");
    expect(orders.map(({ lines, shipping, tax }) => [total(lines.map(({ amount }) => amount)), shipping, tax])).toEqual(
      [
        [104500n, 1840n, 9776n],
        [5500n, 0n, 0n],
      ],
    );
    expect(reading.net).toEqual([{ currency: "USD", amount: 104500n + 1840n + 5500n }]);
  });
});
