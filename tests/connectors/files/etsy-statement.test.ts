import { describe, expect, it } from "vitest";
import {
  effectOf,
  expectProven,
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

const header = 'Date,Type,Title,Info,Currency,Amount,"Fees & Taxes",Net,"Tax Details"';
const statement = (...rows: readonly string[]) => readText([header, ...rows].join("\n"));
const sale = [
  '"October 31, 2025",Fee,"Transaction fee: Shipping","Order #77",USD,--,-$0.33,-$0.33,--',
  '"October 31, 2025",Fee,"Transaction fee: Grandma&#39;s Shelf","Order #77",USD,--,-$2.63,-$2.63,--',
  '"October 31, 2025",Tax,"Sales tax paid by buyer","Order #77",USD,--,-$2.43,-$2.43,--',
  '"October 31, 2025","Buyer Fee","Colorado Retail Delivery Fee (paid by buyer)","Order #77",USD,--,-$0.28,-$0.28,--',
  '"October 31, 2025",Sale,"Payment for Order #77",,USD,$48.31,--,$48.31,--',
];

describe("an Etsy statement", () => {
  it("gives a sale as one order without the tax that Etsy remits, and each fee as a charge of that order", () => {
    const reading = statement(...sale);
    const facts = factsOf(reading);
    const [order] = kindOf(facts, "order");
    expect(order).toMatchObject({
      id: "etsy/order/77",
      number: "77",
      tax: 271n,
      taxBy: "channel",
      when: { on: "2025-10-31", at: null },
    });
    expect(order?.lines).toEqual([
      {
        id: "etsy/order/77/line/1",
        sku: null,
        name: "Grandma's Shelf",
        listing: null,
        qty: 1n,
        amount: 4560n,
        location: null,
      },
    ]);
    expect(kindOf(facts, "charge").map(({ category, amount, order }) => [category, amount, order])).toEqual([
      ["fee", -33n, "etsy/order/77"],
      ["fee", -263n, "etsy/order/77"],
    ]);
    expectProven(facts, 4264n);
    expect(reading).toMatchObject({
      kind: "etsy-statement",
      rows: 5,
      read: 5,
      agrees: true,
      orders: 1,
      unknownTypes: [],
    });
    expect(reading.net).toEqual([{ currency: "USD", amount: 4264n }]);
  });

  it("reads a payout's amount from its title", () => {
    const reading = statement('"October 30, 2025",Deposit,"$1,287.26 sent to your bank account",,USD,--,--,--,--');
    const facts = factsOf(reading);
    expect(reading.payouts).toMatchObject([{ date: "2025-10-30", currency: "USD", amount: 128726n }]);
    expect(kindOf(facts, "payout")).toMatchObject([{ date: "2025-10-30", amount: 128726n }]);
    expectProven(facts, -128726n);
  });

  it("keeps equal lines of one file, gives the same file the same ids, and an overlapping file only what is new", () => {
    const listing = '"October 31, 2025",Fee,"Listing fee","Listing #9",USD,--,-$0.20,-$0.20,--';
    const once = statement(listing, listing);
    const more = statement(listing, listing, listing);
    const ids = (reading: typeof once) => reading.documents.map(({ externalId }) => externalId);
    expect(new Set(ids(once)).size).toBe(2);
    expect(ids(statement(listing, listing))).toEqual(ids(once));
    expect(ids(more).filter((id) => !ids(once).includes(id))).toHaveLength(1);
    expectProven(factsOf(more), -60n);
  });

  it("puts tax whose sale is in another file as tax remitted, and replaces that when the sale's file comes", () => {
    const [, , tax = ""] = sale;
    const alone = statement(tax);
    const facts = factsOf(alone);
    expect(kindOf(facts, "charge")).toMatchObject([
      { category: "tax_remitted", amount: -243n, order: "etsy/order/77" },
    ]);
    expectProven(facts, -243n);
    const whole = statement(...sale);
    const [before] = alone.documents;
    const after = whole.documents.find(({ externalId }) => externalId === before?.externalId);
    expect((after?.version ?? "") > (before?.version ?? "~")).toBe(true);
  });

  it("gives refunds and their credits as what they are", () => {
    const facts = factsOf(
      statement(
        '"December 30, 2025",Tax,"Tax: transaction credit","Order #5",USD,--,$0.19,$0.19,--',
        '"December 30, 2025",Fee,"Credit for processing fee","Order #5",USD,--,$2.11,$2.11,--',
        '"December 30, 2025",Tax,"Refund to buyer for sales tax","Order #5",USD,--,$5.06,$5.06,--',
        '"December 30, 2025",Refund,"Refund for Order #5",,USD,-$62.05,--,-$62.05,--',
        '"December 30, 2025",Marketing,"Etsy Ads",,USD,--,-$2.50,-$2.50,--',
        '"December 30, 2025",Shipping,"USPS shipping label","Label #4",USD,--,-$4.00,-$4.00,--',
      ),
    );
    expect(kindOf(facts, "charge").map(({ category, amount }) => [category, amount])).toEqual([
      ["fee", 19n],
      ["processing", 211n],
      ["refund", 506n],
      ["refund", -6205n],
      ["advertising", -250n],
      ["label", -400n],
    ]);
  });

  it("keeps a type never seen as other, in sight", () => {
    const reading = statement('"October 31, 2025","Moon Levy","Levy for a full moon",,USD,--,-$0.20,-$0.20,--');
    expect(reading.unknownTypes).toEqual(["Moon Levy"]);
    expect(kindOf(factsOf(reading), "charge")).toMatchObject([{ category: "other", type: "Moon Levy", amount: -20n }]);
  });

  it("says which rows do not add up, have no date or are cut off, and reads the rest", () => {
    const reading = statement(
      '"October 31, 2025",Fee,"Listing fee",,USD,$1.00,-$0.20,-$0.20,--',
      '"Octember 31, 2025",Fee,"Listing fee",,USD,--,-$0.20,-$0.20,--',
      '"October 31, 2025",Fee,"Listing fee",,USD,--,-$0.2O,-$0.2O,--',
      '"October 31, 2025",Fee',
    );
    expect(reading).toMatchObject({ rows: 4, read: 1, agrees: false });
  });

  it("keeps rows of another currency apart, to be booked at the rate of their day, and says so", () => {
    const reading = statement(...sale, '"October 31, 2025",Fee,"Listing fee",,EUR,--,-€0.20,-€0.20,--');
    expect(reading.problems).toMatchObject([{ row: null, code: "rate_missing" }]);
    expect(reading.net).toContainEqual({ currency: "EUR", amount: -20n });
    expectProven(factsOf(reading), 4264n);
  });

  it("refuses a file without rows", () => {
    expect(() => readText(header)).toThrow(expect.objectContaining({ code: "no_data_rows" }));
  });
});

describe("an Etsy statement of a German shop", () => {
  it("has German columns and days, and rows in English", () => {
    const reading = readText(
      [
        "Datum,Art,Titel,Info,Währung,Betrag,Gebühren & Steuern,Netto,Steuerliche Angaben",
        '31. July 2025,Deposit,"€1,212.34 sent to your bank account",,EUR,--,--,--,--',
        "15. Juli 2025,Sale,Payment for Order #37,,EUR,€32.55,--,€32.55,--",
        "15. July 2025,Fee,Processing fee,Order #37,EUR,--,-€1.72,-€1.72,--",
      ].join("\n"),
      options("EUR"),
    );
    expect(reading).toMatchObject({
      kind: "etsy-statement",
      rows: 3,
      read: 3,
      agrees: true,
      problems: [],
      from: "2025-07-15",
      through: "2025-07-31",
      payouts: [{ amount: 121234n }],
      net: [{ currency: "EUR", amount: 3083n - 121234n }],
    });
  });
});

describe.skipIf(!hasFixtures)("real Etsy statements (fixtures)", () => {
  const months = [
    ["etsy/etsy_statement_2025_10.csv", 105, 11037n, 31509n, 20472n, 2, 10],
    ["etsy/etsy_statement_2025_11.csv", 430, 61209n, 113264n, 52055n, 4, 47],
    ["etsy/etsy_statement_2025_12.csv", 1070, -9414n, 260018n, 269432n, 5, 130],
    ["etsy/etsy_statement_2022-01_old_layout.csv", 29, 81n, 7638n, 7557n, 2, 2],
    ["encodings/etsy_statement_utf16le.csv", 29, 81n, 7638n, 7557n, 2, 2],
  ] as const;
  it.each(months)("%s is read to the cent", (file, rows, change, net, deposits, payouts, orders) => {
    const reading = readFixture(file);
    expect(reading).toMatchObject({ rows, read: rows, orders, agrees: true });
    expect(reading.problems).toEqual([]);
    expect(reading.net).toEqual([{ currency: "USD", amount: change }]);
    expect(typesOf(reading).Deposit).toBe(-deposits);
    expect(total(reading.types.map(({ amount }) => amount)) + deposits).toBe(net);
    expect(reading.payouts).toHaveLength(payouts);
    expect(total(reading.payouts.map(({ amount }) => amount))).toBe(deposits);
    const facts = factsOf(reading);
    expectProven(facts, change);
    expect(total(rowsIn(facts).map(({ amount }) => amount))).toBe(change);
  });

  it("sums each type as the statement has it", () => {
    expect(typesOf(readFixture("etsy/etsy_statement_2025_12.csv"))).toEqual({
      Shipping: -138865n,
      Fee: -52507n,
      Tax: -36967n,
      Sale: 536292n,
      Marketing: -25742n,
      "Buyer Fee": -308n,
      Refund: -21885n,
      Deposit: -269432n,
    });
    expect(typesOf(readFixture("etsy/etsy_statement_2022-01_old_layout.csv"))).toEqual({
      Deposit: -7557n,
      Fee: -782n,
      Tax: -467n,
      Refund: -1425n,
      Shipping: -2310n,
      Sale: 10687n,
      Payment: 1935n,
    });
    expect(readFixture("etsy/etsy_statement_2022-01_old_layout.csv").unknownTypes).toEqual(["Payment"]);
  });

  it("carries the shop's balance over three months: 0, 110.37, 722.46, 628.32", () => {
    let balance = 0n;
    const balances = months.slice(0, 3).map(([file]) => {
      balance += total(factsOf(readFixture(file)).map(effectOf));
      return balance;
    });
    expect(balances).toEqual([11037n, 72246n, 62832n]);
  });

  it("has nothing in pounds where all of it is in dollars", () => {
    const reading = readFixture("etsy/etsy_statement_2025_10.csv", options("GBP"));
    expect(reading.problems).toMatchObject([{ code: "rate_missing" }]);
    expect(factsOf(reading, "GBP")).toEqual([]);
  });
});
