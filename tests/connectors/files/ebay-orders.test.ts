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
