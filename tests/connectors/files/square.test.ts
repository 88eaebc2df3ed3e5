import { describe, expect, it } from "vitest";
import {
  countsOf,
  effectOf,
  expectProven,
  factsOf,
  hasFixtures,
  kindOf,
  readFixture,
  readText,
  rowsIn,
  total,
  typesOf,
} from "./books";

const header =
  "Date,Time,Time Zone,Gross Sales,Discounts,Service Charges,Net Sales,Gift Card Sales,Tax,Tip,Partial Refunds,Total Collected,Card,Cash,Square Gift Card,Other Tender,Other Tender Type,Fees,Net Total,Transaction ID,Payment ID,Description,Event Type,Deposit ID,Deposit Date";
const zone = "Eastern Time (US & Canada)";
const paid = `2026-02-14,23:02:11,${zone},$30.00,-$3.00,$0.00,$27.00,$0.00,$2.16,$2.00,$0.00,$31.16,$31.16,$0.00,$0.00,$0.00,,-$0.91,$30.25,TXA,PA1,Mug,Payment,DEP1,2026-02-16`;
const read = (...rows: readonly string[]) => readText([header, ...rows].join("\n"));
const items = (...rows: readonly string[]) =>
  readText(
    [
      "Date,Time,Time Zone,Item,Qty,Price Point Name,SKU,Gross Sales,Discounts,Net Sales,Tax,Transaction ID,Payment ID,Event Type,Itemization Type",
      ...rows,
    ].join("\n"),
  );

describe("Square's transactions", () => {
  it("tell tip and fee from the sale, at its moment, in the deposit that it went out in", () => {
    const reading = read(paid);
    const facts = factsOf(reading, "USD", "UTC");
    expectProven(facts, 0n);
    expect(reading).toMatchObject({
      agrees: true,
      problems: [],
      payouts: [{ id: "DEP1", amount: 3025n, rows: 3025n }],
    });
    expect(kindOf(facts, "order")).toMatchObject([
      { id: "square/order/TXA", when: { on: "2026-02-15" }, lines: [{ amount: 3000n }], discount: 300n, tax: 216n },
    ]);
    expect(kindOf(facts, "charge").map(({ category, amount }) => [category, amount])).toEqual([
      ["tip", 200n],
      ["processing", -91n],
    ]);
  });

  it("leave nothing of cash and of a gift card in the balance", () => {
    const reading = read(
      `2026-02-14,12:10:00,${zone},$60.00,$0.00,$0.00,$60.00,$0.00,$4.80,$0.00,$0.00,$64.80,$0.00,$14.80,$50.00,$0.00,,$0.00,$64.80,TXC,PC1,Bowl,Payment,,`,
    );
    expect(reading.net).toEqual([{ currency: "USD", amount: 0n }]);
    expect(reading.agrees).toBe(true);
    expect(kindOf(factsOf(reading), "charge").map(({ category, amount }) => [category, amount])).toEqual([
      ["elsewhere", -1480n],
      ["gift_card", -5000n],
    ]);
    expectProven(factsOf(reading), 0n);
  });

  it("say of a row that does not add", () => {
    expect(read(paid.replace("$30.25", "$30.24"))).toMatchObject({ agrees: false, problems: [{ row: 2 }] });
  });

  it("take the place of a refund and stand below an order that the items tell", () => {
    const refund = `2026-02-15,09:00:00,${zone},-$12.00,$0.00,$0.00,-$12.00,$0.00,-$0.96,$0.00,$0.00,-$12.96,-$12.96,$0.00,$0.00,$0.00,,$0.38,-$12.58,TXA,PA1R,Print,Refund,DEP1,2026-02-16`;
    const money = new Map(read(paid, refund).documents.map(({ externalId, version }) => [externalId, version]));
    const sold = new Map(
      items(
        `2026-02-14,23:02:11,${zone},Mug,2.0,Regular,M-1,$30.00,-$3.00,$27.00,$2.16,TXA,PA1,Payment,Physical Good`,
        `2026-02-15,09:00:00,${zone},Mug,-1.0,Regular,M-1,-$12.00,$0.00,-$12.00,-$0.96,TXA,PA1R,Refund,Physical Good`,
      ).documents.map(({ externalId, version }) => [externalId, version]),
    );
    expect((sold.get("order/TXA") ?? "") > (money.get("order/TXA") ?? "~")).toBe(true);
    expect((sold.get("row/PA1R") ?? "~") < (money.get("row/PA1R") ?? "")).toBe(true);
  });
});

describe("Square's items", () => {
  it("give an order of several rows with SKU, discount and tax, and a refund as money", () => {
    const reading = items(
      `2026-02-14,10:02:11,${zone},Mug,2.0,Regular,M-1,$30.00,-$3.00,$27.00,$2.16,TXA,PA1,Payment,Physical Good`,
      `2026-02-14,10:02:11,${zone},Print,1.0,Large,P-1,$8.00,$0.00,$8.00,$0.64,TXA,PA1,Payment,Physical Good`,
      `2026-02-15,09:00:00,${zone},Print,-1.0,Large,P-1,-$8.00,$0.00,-$8.00,-$0.64,TXB,PB1,Refund,Physical Good`,
    );
    expect(reading).toMatchObject({ rows: 3, read: 3, orders: 2, units: 2, agrees: true });
    const facts = factsOf(reading);
    expect(kindOf(facts, "order")).toMatchObject([
      {
        lines: [
          { sku: "M-1", name: "Mug", qty: 2n, amount: 3000n },
          { sku: "P-1", name: "Print, Large", qty: 1n, amount: 800n },
        ],
        discount: 300n,
        tax: 280n,
      },
    ]);
    expect(kindOf(facts, "charge")).toMatchObject([{ category: "refund", amount: -864n, order: "square/order/TXB" }]);
    expect(total(facts.map(effectOf))).toBe(3780n - 864n);
    expect(reading.net).toEqual([{ currency: "USD", amount: 3780n - 864n }]);
  });
});

describe.skipIf(!hasFixtures)("Square exports (fixtures)", () => {
  it("transactions of 55 columns: gift card sold and taken, split tender, tip, refund with a part of the fee", () => {
    const reading = readFixture("square/transactions_55col_made.csv");
    expect(reading).toMatchObject({ rows: 5, read: 5, agrees: true, problems: [], unknownTypes: [] });
    expect(reading.payouts).toMatchObject([{ id: "DEP1", date: "2026-02-16", amount: 6627n, rows: 6627n }]);
    expect(reading.net).toEqual([{ currency: "USD", amount: 6627n }]);
    const facts = factsOf(reading);
    expectProven(facts, 0n);
    const charges = kindOf(facts, "charge");
    const sum = (category: string) => total(charges.flatMap((one) => (one.category === category ? [one.amount] : [])));
    expect([sum("tip"), sum("processing"), sum("elsewhere"), sum("gift_card")]).toEqual([
      200n,
      -193n,
      -1480n - 137500n,
      5000n - 5000n,
    ]);
    const orders = kindOf(facts, "order");
    const goods = orders.map(({ lines, discount }) => total(lines.map(({ amount }) => amount)) - discount);
    expect(total(goods) + sum("sale") - 1200n).toBe(135000n);
    expect(total(orders.map(({ tax }) => tax)) - 96n).toBe(10600n);
  });

  const files = [
    ["item_sales_may.csv", 223, 163, 250, 173900n + 13428n],
    ["items-2026-06-01-2026-06-12.csv", 210, 140, 234, 155942n + 12058n],
    ["items-2026-06-12-2026-06-17.csv", 366, 239, 416, 286700n + 22005n],
    ["items-2026-06-17-2026-06-21.csv", 306, 205, 345, 226700n + 17527n],
    ["items-2026-06-30-2026-07-01.csv", 187, 104, 207, 142800n + 11033n],
    ["items-2026-07-01-2026-07-02.csv", 182, 115, 200, 129700n + 10011n],
    ["items-2026-07-07-2026-07-08.csv", 155, 99, 171, 118500n + 9168n],
    ["items-2026-07-08-2026-07-09.csv", 181, 112, 193, 129800n + 10038n],
  ] as const;
  it.each(files)("%s", (name, rows, orders, units, sum) => {
    const reading = readFixture(`square/${name}`);
    expect(reading).toMatchObject({ rows, read: rows, orders, units, agrees: true, problems: [] });
    expect(total(Object.values(typesOf(reading)))).toBe(sum);
    expect(reading.net).toEqual([{ currency: "USD", amount: sum }]);
    const facts = factsOf(reading);
    expect(total(facts.map(effectOf))).toBe(sum);
    const pieces = kindOf(facts, "order").flatMap(({ lines }) => lines.map(({ qty }) => qty));
    const refunds = countsOf(reading).Refund ?? 0;
    expect(total(pieces)).toBe(BigInt(units + refunds));
    expect(rowsIn(facts).length).toBe(refunds);
  });
});
