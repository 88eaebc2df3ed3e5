import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import type { ChannelReading, SalesLayout } from "../../../integrations/files/reading";
import { readFile } from "../../../integrations/files/recognise";
import { expectProven, factsOf, hasFixtures, kindOf, options } from "./books";

const read = (text: string, sales: SalesLayout | "suggest" | null = null, currency = "USD"): ChannelReading => {
  const reading = readFile(Buffer.from(text, "utf8"), { ...options(currency), sales });
  if (reading.type !== "channel") throw new Error(`read as ${reading.kind}`);
  return reading;
};

const fair =
  "Order ID,Order Date,Item,SKU,Quantity,Price,Shipping,Tax,Fees,Payout Date\n" +
  "A1,03/14/2026,Mug,M-1,2,10.00,4.00,1.00,2.50,03/20/2026\n" +
  "A1,03/14/2026,Print,P-1,1,8.00,4.00,1.00,2.50,03/20/2026\n" +
  "A2,03/15/2026,Mug,M-1,1,10.00,0,0.50,1.00,\n";

describe("any other channel's list of sales", () => {
  it("is read as its words suggest: price of one piece, an order's shipping once, its payout by day", () => {
    const reading = read(fair);
    expect(reading).toMatchObject({ channel: "other", kind: "mapped-sales", rows: 3, read: 3, orders: 2, units: 4 });
    expect(reading.sales).toMatchObject({
      amountIs: "each",
      isChosen: false,
      columns: {
        order: "order id",
        date: "order date",
        item: "item",
        sku: "sku",
        amount: "price",
        payout: "payout date",
      },
    });
    const facts = factsOf(reading);
    expect(kindOf(facts, "order")).toMatchObject([
      {
        id: "other/order/A1",
        lines: [
          { sku: "M-1", qty: 2n, amount: 2000n },
          { sku: "P-1", qty: 1n, amount: 800n },
        ],
        shipping: 400n,
        tax: 100n,
        taxBy: "seller",
        fees: [{ kind: "fee", amount: 250n }],
      },
      { id: "other/order/A2" },
    ]);
    expect(kindOf(facts, "payout")).toMatchObject([{ id: "other/payout/2026-03-20", amount: 3050n }]);
    expectProven(facts, 950n);
    expect(reading.net).toEqual([{ currency: "USD", amount: 3050n + 950n }]);
  });

  it("is read as a person chose, which is found again by its columns in another order of rows", () => {
    const { sales } = read(fair);
    if (sales === undefined) throw new Error("no layout");
    const chosen: SalesLayout = {
      ...sales,
      isChosen: true,
      amountIs: "line",
      taxBy: "channel",
      columns: { ...sales.columns, fee: null, payout: null },
    };
    const reading = read(fair, chosen);
    const [order] = kindOf(factsOf(reading), "order");
    expect(order).toMatchObject({ lines: [{ amount: 1000n }, { amount: 800n }], taxBy: "channel", fees: [] });
    expect(reading.sales).toEqual(chosen);
    expectProven(factsOf(reading), 1800n + 400n + 1000n);
    // Another table's layout is not taken for this one.
    expect(read(fair, { ...chosen, fingerprint: "sales:other" }).sales?.isChosen).toBe(false);
  });

  it("takes a negative row for money given back, and keeps rows without a number apart, twins too", () => {
    const back = read(`${fair}A3,03/16/2026,Mug,M-1,1,-10.00,0,0,0.40,\n`);
    expect(kindOf(factsOf(back), "charge").map(({ category, amount }) => [category, amount])).toEqual([
      ["fee", -40n],
      ["refund", -1000n],
    ]);
    const bare = "Sale date,Product,Quantity,Amount\n2026-03-14,Mug,1,10.00\n2026-03-14,Mug,1,10.00\n";
    const twins = read(bare, "suggest");
    expect(twins.orders).toBe(2);
    expectProven(factsOf(twins), 2000n);
    expect(read(bare, "suggest").documents.map(({ externalId }) => externalId)).toEqual(
      twins.documents.map(({ externalId }) => externalId),
    );
  });

  it("takes semicolons, decimal commas and days that stand first", () => {
    const reading = read(
      "Bestellnummer;Datum;Artikel;Menge;Betrag;Versand\n1;25.03.2026;Tasse;1;1.010,50;4,00\n",
      null,
      "EUR",
    );
    expect(reading).toMatchObject({ from: "2026-03-25", net: [{ currency: "EUR", amount: 101450n }] });
  });

  it("is not seen in a bank's table, and refused in words where it has no day or amount", () => {
    const bank = readFile(Buffer.from("Date,Description,Amount\n2026-01-05,USPS,-12.40\n"), options());
    expect(bank.type).toBe("bank");
    const bought = "Order ID,Order Date,Title,Quantity,Item Total,Seller\nA1,2026-03-14,Mug,1,10.00,Shop\n";
    expect(readFile(Buffer.from(bought), options()).type).toBe("bank");
    expect(() => read("Order,Item\n1,Mug\n", "suggest")).toThrow(expect.objectContaining({ code: "missing_column" }));
  });
});

describe.skipIf(!hasFixtures)("lists of channels without a reader of their own (fixtures)", () => {
  const folder = resolve(process.env.FIXTURES_DIR ?? "../shared/fixtures");
  it("a Mirakl marketplace's log: a payment that closes the balance, then a refund with its commission", () => {
    const reading = readFile(
      readFileSync(resolve(folder, "marketplaces_eu/decathlon__Decathlon_real_format.csv")),
      options("EUR"),
    );
    if (reading.type !== "channel") throw new Error("not read as a channel's");
    expect(reading).toMatchObject({
      kind: "mirakl-transactions",
      rows: 9,
      read: 9,
      agrees: true,
      problems: [],
      units: 1,
    });
    expect(reading.payouts).toMatchObject([{ id: "2025-12-11", amount: 5670n, rows: 5670n }]);
    expect(reading.stated).toEqual({ opening: 0n, closing: -66870n, total: null });
    const facts = factsOf(reading, "EUR");
    expectProven(facts, -66870n);
    expect(kindOf(facts, "order")).toMatchObject([
      { number: "DECREAL001", lines: [{ name: "Produit Test", sku: "EV35CBX", amount: 5900n }], shipping: 400n },
    ]);
    expect(kindOf(facts, "charge").map(({ category, amount }) => [category, amount])).toEqual([
      ["fee", -630n],
      ["refund", -73900n],
      ["refund", -400n],
      ["fee", 7430n],
    ]);
  });

  it("a French marketplace's, once its columns are chosen", () => {
    const bytes = readFileSync(resolve(folder, "marketplaces_eu/manomano__ca.csv"));
    const first = readFile(bytes, { ...options("EUR"), sales: "suggest" });
    if (first.type !== "channel" || first.sales === undefined) throw new Error("not read as sales");
    const columns = {
      ...first.sales.columns,
      order: "reference",
      date: "createdat",
      item: "type",
      amount: "amountvatincl",
      fee: "commissionvatincl",
      tax: null,
      shipping: null,
      quantity: null,
    };
    const reading = readFile(bytes, { ...options("EUR"), sales: { ...first.sales, columns, isChosen: true } });
    if (reading.type !== "channel") throw new Error("not read as sales");
    expect(reading).toMatchObject({ rows: 2, read: 2 });
    expect(reading.net).toEqual([{ currency: "EUR", amount: 0n }]);
    expectProven(factsOf(reading, "EUR"), 0n);
  });
});
