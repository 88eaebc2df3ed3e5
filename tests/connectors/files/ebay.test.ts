import { describe, expect, it } from "vitest";
import {
  countsOf,
  expectProven,
  factsOf,
  hasFixtures,
  heldIn,
  kindOf,
  options,
  readFixture,
  readText,
  rowsIn,
  typesOf,
} from "./books";

const columns = [
  "Transaction creation date",
  "Type",
  "Order number",
  "Net amount",
  "Payout currency",
  "Payout ID",
  "Item ID",
  "Transaction ID",
  "Item title",
  "Custom label",
  "Quantity",
  "Item subtotal",
  "Shipping and handling",
  "Seller collected tax",
  "eBay collected tax",
  "Final Value Fee - fixed",
  "Final Value Fee - variable",
  "Gross transaction amount",
  "Transaction currency",
  "Reference ID",
  "Description",
] as const;
type Cells = Partial<Record<(typeof columns)[number], string>>;
const row = (cells: Cells) => columns.map((name) => `"${cells[name] ?? "--"}"`).join(",");
const report = (...rows: readonly Cells[]) =>
  readText(`Transaction report\n\nSeller,a.shop\n\n${[columns.join(","), ...rows.map(row)].join("\n")}`);

const common = {
  "Transaction creation date": "7 Jan 2026",
  "Payout currency": "USD",
  "Transaction currency": "USD",
} as const;
const sale: Cells = {
  ...common,
  Type: "Order",
  "Order number": "12-1",
  "Net amount": "47.00",
  "Item ID": "110",
  "Transaction ID": "220",
  "Item title": "Two lamps",
  "Custom label": "LAMP",
  Quantity: "2",
  "Item subtotal": "40.00",
  "Shipping and handling": "12.00",
  "eBay collected tax": "3.10",
  "Final Value Fee - fixed": "-0.30",
  "Final Value Fee - variable": "-4.70",
  "Gross transaction amount": "52.00",
};

describe("an eBay transaction report", () => {
  it("gives an order its lines, shipping, eBay's tax and fees, to the net amount", () => {
    const reading = report(sale);
    const facts = factsOf(reading);
    expect(kindOf(facts, "order")).toEqual([
      {
        kind: "order",
        id: "ebay/order/12-1",
        channel: "ebay",
        when: { on: "2026-01-07", at: null },
        number: "12-1",
        lines: [
          {
            id: "ebay/order/12-1/line/220",
            sku: "LAMP",
            name: "Two lamps",
            listing: "110",
            qty: 2n,
            amount: 4000n,
            location: null,
          },
        ],
        shipping: 1200n,
        tax: 310n,
        taxBy: "channel",
        discount: 0n,
        fees: [
          { kind: "final value fee - fixed", amount: 30n },
          { kind: "final value fee - variable", amount: 470n },
        ],
      },
    ]);
    expectProven(facts, 4700n);
    expect(reading).toMatchObject({
      account: "a.shop",
      orders: 1,
      units: 2,
      agrees: null,
      problems: [],
      unknownTypes: [],
    });
  });

  it("finds columns by name, whatever their order and whichever are missing", () => {
    const few = readText(
      'Net amount,Payout ID,Order number,Type,Transaction date,Payout currency\n12.50,--,9-9,Order,"Jan 3, 2026",USD',
    );
    const facts = factsOf(few);
    // Nothing says what was sold: the money stays in sight and is not taken for an item's price.
    expect(few.problems).toMatchObject([{ code: "does_not_reconcile" }]);
    expect(kindOf(facts, "charge")).toMatchObject([{ category: "other", amount: 1250n, order: "ebay/order/9-9" }]);
    expectProven(facts, 1250n);
  });

  it("proves a payout by its rows, takes eBay's holds for no movement and the seller's own money for no income", () => {
    const paid = { ...common, "Payout ID": "700" } as const;
    const reading = report(
      { ...common, Type: "Payout", "Net amount": "-38.00", "Payout ID": "700" },
      { ...sale, "Payout ID": "700" },
      { ...paid, Type: "Shipping label", "Order number": "12-1", "Net amount": "-6.28", "Reference ID": "Tracking 1" },
      { ...paid, Type: "Other fee", "Order number": "12-1", "Net amount": "-1.83", Description: "Ad Fee Standard" },
      { ...paid, Type: "Other fee", "Net amount": "-0.89", Description: "Insertion fee" },
      { ...paid, Type: "Hold", "Net amount": "-10.00", Description: "Funds held" },
      { ...paid, Type: "Transfer", "Net amount": "10.00", Description: "Transfer from bank" },
    );
    const facts = factsOf(reading);
    expect(reading.payouts).toEqual([{ id: "700", date: "2026-01-07", currency: "USD", amount: 3800n, rows: 3800n }]);
    expect(reading.agrees).toBe(true);
    expect(kindOf(facts, "charge").map(({ category }) => category)).toEqual(["label", "advertising", "fee", "other"]);
    expect(heldIn(facts)).toBe(-1000n);
    expect(rowsIn(facts).filter(({ payout }) => payout === "ebay/payout/700")).toHaveLength(6);
    expect(reading.unknownTypes).toEqual(["Transfer"]);
    expectProven(facts, 0n);
  });

  it("does not agree where a later payout is not the sum of its rows", () => {
    const reading = report(
      { ...common, Type: "Payout", "Net amount": "-47.00", "Payout ID": "700" },
      { ...sale, "Payout ID": "700" },
      {
        ...common,
        "Transaction creation date": "9 Jan 2026",
        Type: "Payout",
        "Net amount": "-5.00",
        "Payout ID": "701",
      },
    );
    expect(reading.agrees).toBe(false);
    expect(reading.problems).toMatchObject([{ code: "does_not_reconcile" }]);
  });

  it("knows a row again when it has been paid out, as a later version", () => {
    const fee: Cells = { ...common, Type: "Other fee", "Net amount": "-1.00", Description: "Insertion fee" };
    for (const cells of [fee, sale]) {
      const [before] = report(cells).documents;
      const [after] = report({ ...cells, "Payout ID": "700" }).documents;
      expect(after?.externalId).toBe(before?.externalId);
      expect((after?.version ?? "") > (before?.version ?? "~")).toBe(true);
    }
  });

  it("takes a refund of whole units for a return that a person places, and of less for money alone", () => {
    const refund: Cells = {
      ...common,
      "Transaction creation date": "9 Jan 2026",
      Type: "Refund",
      "Order number": "12-1",
      "Item ID": "110",
      "Transaction ID": "220",
      "Final Value Fee - variable": "2.00",
    };
    const facts = factsOf(
      report(
        sale,
        { ...refund, "Net amount": "-18.00", "Item subtotal": "-20.00" },
        { ...refund, "Net amount": "-3.00", "Item subtotal": "-5.00" },
        { ...refund, "Net amount": "-38.00", "Item subtotal": "-40.00" },
      ),
    );
    expect(kindOf(facts, "return")).toMatchObject([
      {
        order: "ebay/order/12-1",
        date: "2026-01-09",
        lines: [{ line: "ebay/order/12-1/line/220", qty: 1n, amount: 2000n, placed: false, restock: false }],
      },
    ]);
    expect(kindOf(facts, "charge").map(({ category, amount }) => [category, amount])).toEqual([
      ["fee", 200n],
      ["refund", -500n],
      ["fee", 200n],
      ["refund", -4000n],
      ["fee", 200n],
    ]);
    expectProven(facts, 4700n - 1800n - 300n - 3800n);
  });

  it("says of an order whose parts do not add that they do not, and books the net amount all the same", () => {
    const reading = report({ ...sale, "Net amount": "46.00" });
    expect(reading.problems).toMatchObject([{ row: 6, code: "does_not_reconcile" }]);
    expectProven(factsOf(reading), 4600n);
  });

  it("keeps twins and never merges them", () => {
    const fee: Cells = { ...common, Type: "Other fee", "Net amount": "-0.35", Description: "Insertion fee" };
    const reading = report(fee, fee, fee);
    expect(new Set(reading.documents.map(({ externalId }) => externalId)).size).toBe(3);
    expectProven(factsOf(reading), -105n);
  });

  it("says which column is missing", () => {
    expect(() => readText("Type,Order number,Payout ID,Net amount")).toThrow(
      expect.objectContaining({ code: "no_data_rows" }),
    );
  });
});

describe("an eBay transaction report of another site", () => {
  it("takes British postage for shipping", () => {
    const header = columns.join(",").replace("Shipping and handling", "Postage and packaging");
    const reading = readText(`${header}\n${row(sale)}`);
    expect(reading.problems).toEqual([]);
    expect(kindOf(factsOf(reading), "order")[0]).toMatchObject({ shipping: 1200n });
  });

  it("reads the German one: columns, types, dates, fees and holds", () => {
    const header =
      '"Datum der Transaktionserstellung";"Typ";"Bestellnummer";"Betrag abzügl. Kosten";"Auszahlungswährung";"Auszahlung Nr.";"Artikelnummer";"Transaktionsnummer";"Angebotstitel";"Bestandseinheit";"Anzahl";"Zwischensumme Artikel";"Verpackung und Versand";"Vom Verkäufer angegebener MwSt.-Satz";"Fixer Anteil der Verkaufsprovision";"Variabler Anteil der Verkaufsprovision";"Gebühr für sehr hohe Quote an „nicht wie beschriebenen Artikeln“";"Transaktionsbetrag (inkl. Kosten)";"Transaktionswährung";"Beschreibung"';
    const german = (...cells: readonly string[]) => cells.map((text) => `"${text || "--"}"`).join(";");
    const none = (count: number) => Array.from({ length: count }, () => "");
    const reading = readText(
      [
        "Transaktionsbericht",
        'Verkäufer;"ein.laden"',
        "",
        header,
        german("3. Okt 2025", "Auszahlung", "", "-1.068,15", "EUR", "70", ...none(14)),
        german("2. Okt 2025", "Andere Gebühr", "3-1", "-4,10", "EUR", "70", ...none(13), "Anzeigengebühr Standard"),
        german("2. Okt 2025", "Rückerstattung", "3-2", "-17,50", "EUR", "70", ...none(14)),
        german(
          ...["1. Okt 2025", "Bestellung", "3-1", "1.089,75", "EUR", "70", "24", "90", "Kamera; alt", "K-1", "1"],
          ...["1.165,00", "5,00", "19", "-0,35", "-77,50", "-2,40", "1.170,00", "EUR", ""],
        ),
        german("1. Okt 2025", "Einbehalten", "3-3", "-10,00", "EUR", "", ...none(14)),
      ].join("\r\n"),
      options("EUR"),
    );
    expect(reading).toMatchObject({
      kind: "ebay-transactions",
      rows: 5,
      read: 5,
      account: "ein.laden",
      agrees: true,
      problems: [],
      orders: 1,
      units: 1,
      unknownTypes: [],
      from: "2025-10-01",
      payouts: [{ id: "70", date: "2025-10-03", amount: 106815n, rows: 106815n }],
    });
    expect(typesOf(reading)).toEqual({
      Auszahlung: -106815n,
      "Andere Gebühr": -410n,
      Rückerstattung: -1750n,
      Bestellung: 108975n,
      Einbehalten: -1000n,
    });
    const facts = factsOf(reading, "EUR");
    const [order] = kindOf(facts, "order");
    expect(order).toMatchObject({ shipping: 500n, lines: [{ sku: "K-1", amount: 116500n }] });
    expect(order?.fees.reduce((sum, { amount }) => sum + amount, 0n)).toBe(8025n);
    expect(kindOf(facts, "charge").map(({ category, amount }) => [category, amount])).toEqual([
      ["advertising", -410n],
      ["refund", -1750n],
    ]);
  });
});

describe.skipIf(!hasFixtures)("eBay transaction reports (fixtures)", () => {
  it("a real one of nine months: every payout is the sum of its rows", () => {
    const reading = readFixture("ebay/transaction_report_2022-01_2022-09.csv");
    expect(reading).toMatchObject({
      kind: "ebay-transactions",
      rows: 202,
      read: 202,
      orders: 55,
      agrees: true,
      problems: [],
      unknownTypes: ["Transfer"],
    });
    expect(countsOf(reading)).toEqual({ Payout: 44, "Shipping label": 55, "Other fee": 35, Order: 55, Transfer: 13 });
    expect(typesOf(reading)).toEqual({
      Payout: -149995n,
      "Shipping label": -32569n,
      "Other fee": -6041n,
      Order: 183929n,
      Transfer: 4676n,
    });
    expect(reading.payouts).toHaveLength(44);
    expect(reading.payouts.filter(({ amount, rows }) => amount !== rows)).toEqual([]);
    expect(reading.payouts.reduce((sum, { amount }) => sum + amount, 0n)).toBe(149995n);
    const facts = factsOf(reading);
    expectProven(facts, 0n);
    const orders = kindOf(facts, "order");
    const sum = (of: (order: (typeof orders)[number]) => bigint) =>
      orders.reduce((total, order) => total + of(order), 0n);
    expect(sum(({ lines }) => lines.reduce((total, { amount }) => total + amount, 0n))).toBe(178943n);
    expect(sum(({ shipping }) => shipping)).toBe(36570n);
    expect(sum(({ tax }) => tax)).toBe(14062n);
    expect(sum(({ fees }) => fees.reduce((total, { amount }) => total + amount, 0n))).toBe(1650n + 29718n + 216n);
  });

  it("the British layout: preamble, an order of two items in euro, a dispute", () => {
    const reading = readFixture("ebay/transaction_report_gb_preamble_made.csv", options("GBP"));
    expect(reading).toMatchObject({
      rows: 9,
      read: 9,
      account: "test.seller",
      orders: 2,
      agrees: true,
      problems: [],
      unknownTypes: ["Charge"],
    });
    expect(reading.payouts).toEqual([
      { id: "7000000001", date: "2026-01-08", currency: "GBP", amount: 109832n, rows: 109832n },
    ]);
    expect(reading.net).toEqual([{ currency: "GBP", amount: -7160n - 109832n + 0n }]);
    const facts = factsOf(reading, "GBP");
    expectProven(facts, -7160n - 109832n);
    const [, euro] = kindOf(facts, "order");
    expect(euro?.lines.map(({ sku, qty, amount }) => [sku, qty, amount])).toEqual([
      ["CAP-52", 2n, 1891n],
      ["STRAP-BR", 1n, 3781n],
    ]);
    expect(kindOf(facts, "charge").map(({ category, amount }) => [category, amount])).toEqual([
      ["advertising", -140n],
      ["refund", -125000n],
      ["fee", -1400n],
      ["other", 4000n],
    ]);
  });
});
