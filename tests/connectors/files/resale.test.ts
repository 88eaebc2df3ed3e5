import { describe, expect, it } from "vitest";
import { effectOf, expectProven, factsOf, hasFixtures, kindOf, options, readFixture, readText, total } from "./books";

describe("Poshmark's sales report", () => {
  const preamble = 'Poshmark Sales Report for @seller,"",""\n01/01/2026 - 01/31/2026\n""\n';
  const header =
    "Order Date,SKU,Order Id,Listing Title,Order Price,Seller Shipping Discount,Upgraded Shipping Label Fee,Packaging Fee,Your Earnings,Sales Tax (Paid by Buyer)";

  it("gives a bundle as one order of two lines, what is kept as fees", () => {
    const reading = readText(
      `${preamble}${header}\n01/05/2026,A,69b,Shoes,$110.01,-$4.95,$0.00,$0.00,$83.06,$8.27\n01/05/2026,B,69b,Belt,,,,,,`,
    );
    const facts = factsOf(reading);
    expectProven(facts, 8306n);
    expect(reading).toMatchObject({ account: "seller", orders: 1, units: 2, rows: 2, read: 2 });
    expect(kindOf(facts, "order")).toMatchObject([
      {
        id: "poshmark/order/69b",
        lines: [
          { sku: "A", amount: 5501n },
          { sku: "B", amount: 5500n },
        ],
        fees: [
          { kind: "seller shipping discount", amount: 495n },
          { kind: "poshmark fee", amount: 2200n },
        ],
        tax: 827n,
        taxBy: "channel",
      },
    ]);
  });
});

describe("Mercari's sales report", () => {
  const header =
    "Item Id,Sold Date,Canceled Date,Completed Date,Item Title,Order Status,Item Price,Buyer Shipping Fee,Seller Shipping Fee,Mercari Selling Fee,Payment Processing Fee,Shipping Adjustment Fee,Penalty Fee,Net Seller Proceeds";

  it("books the fees of what was sold, of what was cancelled the penalty alone", () => {
    const reading = readText(
      `${header}\nm1,2026-01-02,,2026-01-07,Model,Completed,25.00,4.30,5.00,2.50,1.35,1.10,0.00,15.05\nm2,2026-01-03,2026-01-04,,Game,Canceled,30.00,0,0,3.00,1.37,0,1.50,-1.50`,
    );
    expect(reading).toMatchObject({ agrees: true, net: [{ currency: "USD", amount: 1355n }] });
    expectProven(factsOf(reading), 1355n);
    expect(kindOf(factsOf(reading), "order").map(({ number }) => number)).toEqual(["m1"]);
    expect(kindOf(factsOf(reading), "charge")).toMatchObject([{ category: "fee", amount: -150n }]);
  });

  it("says where the proceeds are not what is left", () => {
    const reading = readText(
      `${header}\nm1,2026-01-02,,2026-01-07,Model,Completed,25.00,4.30,5.00,2.50,1.35,1.10,0.00,15.06`,
    );
    expect(reading).toMatchObject({ agrees: false, problems: [{ row: 2, column: "net seller proceeds" }] });
  });
});

describe("Depop's sales report", () => {
  const header =
    "Date of sale,Time of sale,Bundle,Bundle - amount of items,Buyer,Description,Size,Item price,Buyer shipping cost,Total,USPS Cost,Depop fee,Depop Payments fee,Boosting fee,US Sales tax,Refunded to buyer amount,Fees refunded to seller";
  const sale =
    '01/05/2026,1:03 PM,No,1,b1,"Jeans #501\nworn once",30,$45.00,$6.50,$51.50,$6.50,$0.00,$2.15,$3.60,$3.94,$0.00,$0.00';

  it("keeps two sales that say the same, and names them by what they say", () => {
    const reading = readText(`${header}\n${sale}\n${sale}`);
    expect(reading).toMatchObject({ orders: 2, units: 2, agrees: true });
    expectProven(factsOf(reading), 2n * 3925n);
    expect(readText(`${header}\n${sale}`).documents[0]?.externalId).toBe(reading.documents[0]?.externalId);
  });

  it("takes a refund in the sale's own row for a return that a person places, as a later version", () => {
    const refunded = sale.replace("$3.94,$0.00,$0.00", "$3.94,$51.50,$2.15");
    const [before, after] = [sale, refunded].map((row) => readText(`${header}\n${row}`));
    expect(after?.documents[0]?.externalId).toBe(before?.documents[0]?.externalId);
    expect((after?.documents[0]?.version ?? "") > (before?.documents[0]?.version ?? "~")).toBe(true);
    const facts = after === undefined ? [] : factsOf(after);
    expectProven(facts, 3925n - 5150n + 215n);
    expect(kindOf(facts, "return")).toMatchObject([
      { shipping: 650n, lines: [{ qty: 1n, amount: 4500n, placed: false }] },
    ]);
  });

  it("is in pounds where its signs are", () => {
    const reading = readText(
      `${header}\n${sale.replaceAll("$", "£").replace("01/05/2026", "25/05/2026")}`,
      options("GBP"),
    );
    expect(reading).toMatchObject({ from: "2026-05-25", net: [{ currency: "GBP", amount: 3925n }] });
  });
});

describe("TikTok Shop", () => {
  it("orders: a row for each SKU under a row of explanations; platform discounts are TikTok's", () => {
    const reading = readText(
      [
        "Order ID,Order Status,Seller SKU,Product Name,Variation,Quantity,SKU Subtotal Before Discount,SKU Platform Discount,SKU Seller Discount,SKU Subtotal After Discount,Shipping Fee After Discount,Taxes,Order Amount,Order Refund Amount,Created Time,Paid Time",
        "Platform unique order ID.,Order status,Seller SKU,,,,,,,,,,,,,",
        "5768\t,Completed,S-1,Mug,Blue,2,20.00,1.00,2.00,17.00,3.00,1.50,29.50,0,06/12/2026 9:30:33 AM\t,06/12/2026 9:31:00 AM\t",
        "5768\t,Completed,S-2,Print,Default,1,8.00,0,0,8.00,3.00,1.50,29.50,0,06/12/2026 9:30:33 AM\t,06/12/2026 9:31:00 AM\t",
        "5769\t,Cancelled,S-2,Print,Default,1,8.00,0,0,8.00,0,0,8.00,0,06/12/2026 9:30:33 AM\t,",
      ].join("\n"),
    );
    expect(reading).toMatchObject({ kind: "tiktok-orders", rows: 3, read: 3, agrees: true, problems: [], orders: 2 });
    const facts = factsOf(reading);
    expect(kindOf(facts, "order")).toMatchObject([
      {
        id: "tiktok/order/5768",
        lines: [{ sku: "S-1", name: "Mug, Blue", qty: 2n, amount: 2000n }, { amount: 800n }],
        discount: 200n,
        shipping: 300n,
        taxBy: "channel",
      },
    ]);
    expect(total(facts.map(effectOf))).toBe(2900n);
  });

  it("settlement: each order with its fees, adjustments by their words", () => {
    const reading = readText(
      [
        "Order/adjustment ID  ,Type,Order created time(UTC),Order settled time(UTC),Currency,Total settlement amount,Total revenue,Refund subtotal after seller discounts,Total fees",
        "5768,Order,2026/06/12,2026/06/20,USD,25.30,29.00,0,-3.70",
        "9001,GMV payment for ads,2026/06/12,2026/06/21,USD,-5.00,0,0,0",
        "9002,Mystery,2026/06/12,2026/06/21,USD,1.00,0,0,0",
      ].join("\n"),
    );
    expect(reading).toMatchObject({ kind: "tiktok-settlement", rows: 3, read: 3, unknownTypes: ["Mystery"] });
    expectProven(factsOf(reading), 2130n);
    expect(kindOf(factsOf(reading), "charge").map(({ category, amount }) => [category, amount])).toEqual([
      ["fee", -370n],
      ["advertising", -500n],
      ["other", 100n],
    ]);
  });
});

describe("Whatnot's earnings", () => {
  const header =
    "TRANSACTION_TYPE,TRANSACTION_AMOUNT,TRANSACTION_CURRENCY,LEDGER_TRANSACTION_ID,ORDER_ID,ORDER_PLACED_AT_UTC,LISTING_TITLE,SKU,QUANTITY_SOLD,ORIGINAL_ITEM_PRICE,COUPON_COST,POST_COUPON_PRICE,COMMISSION_FEE,PAYMENT_PROCESSING_FEE,SHIPPING_FEE";

  it("gives an order's lines with their fees, a payout, and what does not add as other", () => {
    const reading = readText(
      [
        header,
        "ORDER_EARNINGS,15.91,USD,L1,O1,2026-01-05 02:30:00,Card,C-1,1,20.00,1.00,19.00,1.52,0.85,0.72",
        "ORDER_EARNINGS,9.00,USD,L2,O1,2026-01-05 02:30:00,Card 2,C-2,1,10.00,0,10.00,0.80,0.20,0",
        "PAYOUT,-24.91,USD,L3,,2026-01-09 10:00:00,,,,,,,,,",
        "SOMETHING_NEW,0.50,USD,L4,,2026-01-09 10:00:00,,,,,,,,,",
      ].join("\n"),
      options("USD", "America/New_York"),
    );
    expect(reading).toMatchObject({ kind: "whatnot-earnings", orders: 1, units: 2, unknownTypes: ["SOMETHING_NEW"] });
    const facts = factsOf(reading, "USD", "America/New_York");
    expectProven(facts, 50n);
    expect(kindOf(facts, "order")).toMatchObject([
      { id: "whatnot/order/O1", when: { on: "2026-01-04" }, lines: [{ amount: 1900n }, { amount: 1000n }] },
    ]);
    expect(kindOf(facts, "payout")).toMatchObject([{ amount: 2491n }]);
  });
});

describe("resale reports in the forms of other months and countries", () => {
  const depopHeader =
    "Date of sale,Time of sale,Bundle,Bundle - amount of items,Buyer,Description,Size,Item price,Buyer shipping cost,Total,USPS Cost,Depop fee,Depop Payments fee,Refunded to buyer amount";
  it("takes Depop's N/A for nothing, pounds by their sign, and the rows of a bundle together", () => {
    const reading = readText(
      [
        depopHeader,
        '13/01/2026,14:03,No,N/A,b1,"Tee\n#tag",M,£20.00,£3.49,£23.49,N/A,£2.35,£0.98,£0.00',
        '02/02/2026,09:15,Yes,2,b2,Jeans,30,£15.00,£4.00,£34.00,"=""-""",£3.40,£1.30,£0.00',
        '02/02/2026,09:15,Yes,2,b2,Jacket,M,£15.00,"=""–""","=""–""",N/A,"=""–""","=""–""",N/A',
      ].join("\n"),
      options("GBP"),
    );
    expect(reading).toMatchObject({
      rows: 3,
      read: 3,
      orders: 2,
      units: 3,
      agrees: true,
      problems: [],
      from: "2026-01-13",
    });
    expect(reading.net).toEqual([{ currency: "GBP", amount: 2349n - 333n + 3400n - 470n }]);
    const bundle = kindOf(factsOf(reading, "GBP"), "order").find(({ lines }) => lines.length === 2);
    expect(bundle?.lines.map(({ name, qty, amount }) => [name, qty, amount])).toEqual([
      ["Jeans", 1n, 1500n],
      ["Jacket", 1n, 1500n],
    ]);
    expect(bundle).toMatchObject({ shipping: 400n });
  });

  it("judges no proceeds of a sale that Mercari cancelled", () => {
    const reading = readText(
      [
        '"Item Id","Sold Date","Canceled Date","Item Title","Order Status","Item Price","Mercari Selling Fee","Payment Processing Fee","Net Seller Proceeds"',
        '"m1","2026-01-05","","Spray","Completed","79.00","7.90","3.01","68.09"',
        '"m2","2026-01-06","2026-01-07","Perfume","Canceled","25.00","2.50","1.35","21.15"',
      ].join("\n"),
    );
    expect(reading).toMatchObject({ rows: 2, read: 2, agrees: true, problems: [], net: [{ amount: 6809n }] });
  });

  it("reads Poshmark's dollars in books of another currency as US dollars", () => {
    const reading = readText(
      "Order Date,Order Id,Listing Title,Order Price,Your Earnings\n12/27/2025,O1,Knitwear,$150.00,$120.00\n",
      options("GBP"),
    );
    expect(reading).toMatchObject({ rows: 1, read: 1, net: [{ currency: "USD", amount: 12000n }] });
  });
});

describe.skipIf(!hasFixtures)("resale reports (fixtures)", () => {
  it("Poshmark: three orders, a bundle, a flat fee", () => {
    const reading = readFixture("resale/poshmark_sales_report_made.csv");
    expect(reading).toMatchObject({ rows: 4, read: 4, orders: 3, account: "testseller", problems: [] });
    expect(reading.net).toEqual([{ currency: "USD", amount: 21210n }]);
    const orders = kindOf(factsOf(reading), "order");
    expect(total(orders.flatMap(({ lines }) => lines.map(({ amount }) => amount)))).toBe(27200n);
    expect(total(orders.flatMap(({ fees }) => fees.map(({ amount }) => amount)))).toBe(5990n);
    expectProven(factsOf(reading), 21210n);
  });

  it("Mercari: two sold, one cancelled with a penalty", () => {
    const reading = readFixture("resale/mercari_sales_made.csv");
    expect(reading).toMatchObject({ rows: 3, read: 3, agrees: true, problems: [] });
    const orders = kindOf(factsOf(reading), "order");
    expect(total(orders.flatMap(({ lines }) => lines.map(({ amount }) => amount)))).toBe(10400n);
    expect(reading.net).toEqual([{ currency: "USD", amount: 8314n - 150n }]);
    expectProven(factsOf(reading), 8164n);
  });

  it("Depop: a sale with boost and label, a bundle refunded whole with its fee", () => {
    const reading = readFixture("resale/depop_sales_made.csv");
    expect(reading).toMatchObject({ rows: 2, read: 2, orders: 2, units: 3, agrees: true, problems: [] });
    const facts = factsOf(reading);
    expectProven(facts, 3925n);
    const orders = kindOf(facts, "order");
    expect(total(orders.flatMap(({ lines }) => lines.map(({ amount }) => amount)))).toBe(6500n);
    expect(total(orders.map(({ shipping }) => shipping))).toBe(650n);
    expect(total(orders.flatMap(({ fees }) => fees.map(({ amount }) => amount)))).toBe(326n);
    expect(kindOf(facts, "charge").map(({ category, amount }) => [category, amount])).toEqual([
      ["label", -650n],
      ["advertising", -360n],
      ["fee", 111n],
    ]);
    expect(kindOf(facts, "return")).toMatchObject([{ lines: [{ amount: 2000n, qty: 2n }] }]);
  });
});
