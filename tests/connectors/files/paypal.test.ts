import { describe, expect, it } from "vitest";
import { countsOf, expectProven, factsOf, hasFixtures, kindOf, options, readFixture, readText, typesOf } from "./books";

const header =
  '"Date","Time","TimeZone","Name","Type","Status","Currency","Gross","Fee","Net","Transaction ID","Reference Txn ID","Item Title","Shipping and Handling Amount","Sales Tax","Quantity","Balance","Balance Impact"';
const row = (...cells: readonly string[]) => cells.map((text) => `"${text}"`).join(",");
const read = (...rows: readonly string[]) => readText([header, ...rows].join("\n"));
const sale = row(
  ...["03/08/2026", "23:30:00", "PST", "Ada", "Website Payment", "Completed", "USD", "1,059.00", "-31.00", "1,028.00"],
  ...["TX1", "", "Mug", "5.00", "4.00", "2", "1,128.00", "Credit"],
);

describe("PayPal's activity", () => {
  it("gives a payment as an order by its transaction id, with shipping, tax and fee, at its moment", () => {
    const reading = read(sale);
    const facts = factsOf(reading, "USD", "America/New_York");
    expectProven(facts, 102800n);
    expect(kindOf(facts, "order")).toMatchObject([
      {
        id: "paypal/order/TX1",
        when: { on: "2026-03-09", at: 1773041400000000n },
        lines: [{ qty: 2n, amount: 105000n, name: "Mug" }],
        shipping: 500n,
        tax: 400n,
        taxBy: "seller",
      },
    ]);
    expect(reading).toMatchObject({ stated: { opening: 10000n, closing: 112800n }, agrees: true, problems: [] });
  });

  it("tells refund, withdrawal, funding pair, hold and what waits from sales", () => {
    const rest = (type: string, status: string, gross: string, fee: string, net: string, id: string, impact: string) =>
      row(
        ...[
          "03/09/2026",
          "10:00:00",
          "PDT",
          "",
          type,
          status,
          "USD",
          gross,
          fee,
          net,
          id,
          "TX1",
          "",
          "",
          "",
          "",
          "",
          impact,
        ],
      );
    const reading = read(
      sale,
      rest("Payment Refund", "Completed", "-59.00", "1.70", "-57.30", "TX2", "Debit"),
      rest("General Withdrawal", "Completed", "-100.00", "0.00", "-100.00", "TX3", "Debit"),
      rest("Account Hold for Open Authorization", "Completed", "-20.00", "0.00", "-20.00", "TX4", "Debit"),
      rest("Reversal of General Account Hold", "Completed", "20.00", "0.00", "20.00", "TX5", "Credit"),
      rest("PreApproved Payment Bill User Payment", "Completed", "-9.90", "0.00", "-9.90", "TX6", "Debit"),
      rest("General Card Deposit", "Completed", "9.90", "0.00", "9.90", "TX7", "Credit"),
      rest("Website Payment", "Pending", "30.00", "-1.00", "29.00", "TX8", "Memo"),
    );
    const facts = factsOf(reading);
    expectProven(facts, 102800n - 5730n - 10000n);
    expect(reading.net).toEqual([{ currency: "USD", amount: 87070n }]);
    expect(kindOf(facts, "charge").map(({ category, amount }) => [category, amount])).toEqual([
      ["processing", -3100n],
      ["refund", -5900n],
      ["processing", 170n],
      ["other", -990n],
      ["bank", 990n],
    ]);
    expect(kindOf(facts, "payout")).toMatchObject([{ id: "paypal/payout/TX3", amount: 10000n }]);
    expect(kindOf(facts, "order")).toHaveLength(1);
    expect(reading.payouts).toMatchObject([{ id: "TX3", amount: 10000n, rows: 10000n }]);
  });

  it("takes what was only promised, asked for or put in a cart for nothing", () => {
    const other = (type: string, gross: string, id: string) =>
      row(
        ...[
          "03/09/2026",
          "10:00:00",
          "PDT",
          "",
          type,
          "Completed",
          "USD",
          gross,
          "",
          "",
          id,
          "",
          "",
          "",
          "",
          "",
          "",
          "",
        ],
      );
    const reading = read(
      other("Authorization", "20.00", "A1"),
      other("Shopping Cart Item", "", "A2"),
      other("Request Sent", "5.00", "A3"),
      other("Denied Payment", "5.00", "A4").replace("Completed", "Denied"),
    );
    expect(reading).toMatchObject({
      rows: 4,
      read: 4,
      orders: 0,
      net: [{ currency: "USD", amount: 0n }],
      problems: [],
    });
    expect(factsOf(reading)).toEqual([]);
  });

  it("takes a payment for a shop's order, and the refund of it, for money of a sale that the shop tells", () => {
    const named = `${header},"Invoice Number","Custom Number"`;
    const of = (id: string, invoice: string, custom: string) => `${sale.replace("TX1", id)},"${invoice}","${custom}"`;
    const back = row(...["03/09/2026", "10:00:00", "PDT", "", "Payment Refund", "Completed", "USD"]);
    const reading = readText(
      [
        named,
        of("TX1", "WC-51", ""),
        of("TX2", "INV2-ABCD", ""),
        of("TX3", "", '{""order_id"":77}'),
        `${back},"-59.00","1.70","-57.30","TX4","TX1","","","","","","","63411100-WA",""`,
      ].join("\n"),
    );
    const facts = factsOf(reading);
    expect(kindOf(facts, "order").map(({ id }) => id)).toEqual(["paypal/order/TX2"]);
    expect(
      kindOf(facts, "charge").flatMap(({ id, category, amount, memo }) =>
        category === "elsewhere" ? [[id, amount, memo.split(",")[0]]] : [],
      ),
    ).toEqual([
      ["paypal/charge/TX1", 105900n, "Order 51"],
      ["paypal/charge/TX3", 105900n, "Order 77"],
      ["paypal/charge/TX4", -5900n, "Order 51"],
    ]);
    expect(reading.orders).toBe(3);
  });

  it("replaces a payment that waited once it is done", () => {
    const [waits, done] = [sale.replace("Completed", "Pending"), sale].map((line) =>
      read(line).documents.find(({ externalId }) => externalId === "row/TX1"),
    );
    expect((done?.version ?? "") > (waits?.version ?? "~")).toBe(true);
  });

  it("keeps a balance for each currency and tells where it does not follow", () => {
    const reading = read(sale, sale.replace("TX1", "TX9").replace("1,128.00", "5.00"));
    expect(reading.problems).toMatchObject([{ row: null, column: "balance", code: "does_not_reconcile" }]);
    expect(reading.stated).toEqual({ opening: null, closing: null, total: null });
  });

  it("reads German headers, dates and decimal commas", () => {
    const reading = readText(
      [
        '"Datum","Uhrzeit","Zeitzone","Beschreibung","Währung","Brutto","Entgelt","Netto","Guthaben","Transaktionscode","Absender E-Mail-Adresse","Name","Name der Bank","Bankkonto","Versand- und Bearbeitungsgebühr","Umsatzsteuer","Rechnungsnummer","Zugehöriger Transaktionscode"',
        '"07.06.2025","00:54:41","Europe/Berlin","PayPal Express-Zahlung","EUR","1.029,98","-30,00","999,98","999,98","T1","","",,,"0,00","0,00",,',
        '"08.06.2025","19:54:41","Europe/Berlin","Rückzahlung","EUR","-29,98","1,00","-28,98","971,00","T2","","",,,"0,00","0,00",,"T1"',
        '"09.06.2025","19:54:41","Europe/Berlin","Handyzahlung","EUR","-1,00","0,00","-1,00","970,00","T3","","",,,"0,00","0,00",,""',
        '"09.06.2025","19:54:41","Europe/Berlin","Bankgutschrift auf PayPal-Konto","EUR","1,00","0,00","1,00","971,00","T4","","",,,"0,00","0,00",,"T3"',
      ].join("\n"),
      options("EUR", "Europe/Berlin"),
    );
    expect(reading).toMatchObject({ kind: "paypal-activity", agrees: true, stated: { opening: 0n, closing: 97100n } });
    const facts = factsOf(reading, "EUR", "Europe/Berlin");
    expectProven(facts, 97100n);
    expect(kindOf(facts, "order")).toMatchObject([{ id: "paypal/order/T1", when: { on: "2025-06-07" } }]);
    expect(kindOf(facts, "charge").map(({ category }) => category)).toEqual([
      "processing",
      "refund",
      "processing",
      "other",
      "bank",
    ]);
  });
});

describe("PayPal's activity in other languages", () => {
  const inEuro = (...lines: readonly string[]) => readText(lines.join("\n"), options("EUR"));

  it("reads the Spanish one without types of its own, day first, with a conversion and a withdrawal", () => {
    const reading = inEuro(
      '"Fecha","Hora","Zona horaria","Descripción","Divisa","Bruto ","Comisión ","Neto","Saldo","Id. de transacción","Nombre","Impuesto de ventas","Id. de referencia de trans."',
      '"1/7/2025","15:37:32","Europe/Berlin","Pago con Pago exprés","EUR","1.160,71","-5,01","1.155,70","1.606,37","E1","Ana","-27,86",""',
      '"9/7/2025","09:23:05","Europe/Berlin","Retirada iniciada por el usuario","EUR","-400,00","0,00","-400,00","1.206,37","E2","","0,00",""',
      '"10/7/2025","08:35:20","Europe/Berlin","Pago con Pago de usuario de BillPay preaprobado","USD","-276,00","0,00","-276,00","-276,00","E3","Correo","0,00","B-1"',
      '"10/7/2025","08:35:20","Europe/Berlin","Conversión de divisas general","USD","276,00","0,00","276,00","0,00","E4","","0,00","E3"',
      '"10/7/2025","08:35:20","Europe/Berlin","Conversión de divisas general","EUR","-246,50","0,00","-246,50","959,87","E5","","0,00","E3"',
      '"11/7/2025","08:35:20","Europe/Berlin","Reembolso de pago","EUR","-10,00","0,30","-9,70","950,17","E6","Ana","0,00","E1"',
    );
    expect(reading).toMatchObject({
      kind: "paypal-activity",
      rows: 6,
      read: 6,
      orders: 1,
      from: "2025-07-01",
      through: "2025-07-11",
      agrees: true,
      net: [{ amount: 49950n }, { currency: "USD", amount: 0n }],
      payouts: [{ id: "E2", date: "2025-07-09", amount: 40000n }],
    });
    expect(kindOf(factsOf(reading, "EUR"), "charge").map(({ category, amount }) => [category, amount])).toEqual([
      ["processing", -501n],
      ["exchange", -24650n],
      ["refund", -1000n],
      ["processing", 30n],
    ]);
  });

  it("reads the Italian one, and what waits moves nothing", () => {
    const reading = inEuro(
      '"Data","Orario","Fuso orario","Nome","Tipo","Stato","Valuta","Lordo","Tariffa","Netto","Codice transazione","Titolo oggetto","Importo spese di spedizione e imballaggio","Codice transazione di riferimento","Quantità","Saldo","Impatto sul saldo"',
      '"04/01/2026","10:09:43","CET","Telefono","Pagamento preautorizzato utenza","Completata","EUR","-25,00","0,00","-25,00","I1","","0,00","B-6","1","-25,00","Addebito"',
      '"04/01/2026","10:09:43","CET","","Versamento generico con carta","Completata","EUR","25,00","0,00","25,00","I2","","0,00","I1","1","0,00","Accredito"',
      '"05/01/2026","11:53:23","CET","Rosa","Pagamento Express Checkout","Completata","EUR","1.010,00","-30,00","980,00","I3","Tazza","10,00","","2","980,00","Accredito"',
      '"06/01/2026","11:00:00","CET","","Bonifico bancario sul conto PayPal","In sospeso","EUR","50,00","0,00","50,00","I4","","","","","980,00","Accredito"',
      '"07/01/2026","11:00:00","CET","Rosa","Rimborso pagamento","Completata","EUR","-10,00","0,29","-9,71","I5","","","I3","","970,29","Addebito"',
      '"08/01/2026","11:00:00","CET","","Prelievo generico","Completata","EUR","-900,00","0,00","-900,00","I6","","","","","70,29","Addebito"',
    );
    expect(reading).toMatchObject({
      rows: 6,
      read: 6,
      orders: 1,
      units: 2,
      agrees: true,
      stated: { opening: 0n, closing: 7029n },
      from: "2026-01-04",
      payouts: [{ id: "I6", amount: 90000n }],
    });
    const facts = factsOf(reading, "EUR");
    expectProven(facts, 7029n);
    expect(kindOf(facts, "order")).toMatchObject([{ shipping: 1000n, lines: [{ name: "Tazza", amount: 100000n }] }]);
    expect(kindOf(facts, "charge").map(({ category }) => category)).toEqual([
      "other",
      "bank",
      "processing",
      "refund",
      "processing",
    ]);
  });

  it("reads the Dutch one, half in English, with dashes in its dates", () => {
    const reading = inEuro(
      "Datum,Tijd,Tijdzone,Naam,Type,Status,Valuta,Bruto,Fee,Net,Transactiereferentie,Item Title,Reference Txn ID,Factuurnummer,Hoeveelheid,Saldo,Effect op saldo",
      '06-12-2025,17:47:00,CET,Piet,Express Checkout betaling,Voltooid,EUR,"100,00","-5,00","95,00",N1,,,,1,"1.895,00",Bij',
      '07-12-2025,12:00:00,CET,,Algemene opname,Voltooid,EUR,"-500,00","0,00","-500,00",N2,,,,,"1.395,00",Af',
      '09-12-2025,12:00:00,CET,Piet,Terugbetaling,Voltooid,EUR,"-20,00","0,60","-19,40",N3,,N1,,,"1.375,60",Af',
    );
    expect(reading).toMatchObject({
      rows: 3,
      orders: 1,
      from: "2025-12-06",
      through: "2025-12-09",
      stated: { opening: 180000n, closing: 137560n },
      payouts: [{ id: "N2", amount: 50000n }],
      unknownTypes: [],
    });
  });

  it("finds the day of an English file by the order of its rows, and by the zone where that leaves it open", () => {
    const pounds = (...days: readonly [string, string][]) =>
      readText(
        [
          "Date,Time,TimeZone,Type,Status,Currency,Gross,Fee,Net,Transaction ID",
          ...days.map(([day, zone], index) => `${day},10:00:00,${zone},Payment,Completed,GBP,5.00,0.00,5.00,P${index}`),
        ].join("\n"),
        options("GBP"),
      );
    const open = pounds(["01/02/2026", "GMT"], ["03/02/2026", "GMT"]);
    expect([open.from, open.through]).toEqual(["2026-02-01", "2026-02-03"]);
    const american = pounds(["01/02/2026", "PST"], ["03/02/2026", "PST"]);
    expect([american.from, american.through]).toEqual(["2026-01-02", "2026-03-02"]);
    const ordered = pounds(["01/12/2026", "GMT"], ["02/03/2026", "GMT"], ["02/10/2026", "GMT"]);
    expect([ordered.from, ordered.through]).toEqual(["2026-01-12", "2026-02-10"]);
  });
});

describe.skipIf(!hasFixtures)("PayPal activity (fixtures)", () => {
  it("a real merchant's, 41 columns", () => {
    const reading = readFixture("paypal/activity_merchant_41col.csv");
    expect(reading).toMatchObject({ rows: 183, read: 183, agrees: true, unknownTypes: [] });
    expect(typesOf(reading)).toEqual({
      "Website Payment": 4931535n,
      "General Withdrawal": -8626500n,
      "Payment Refund": -843525n,
      "PayPal Here Payment": 5059n,
      "Donation Payment": 48870n,
    });
    expect(countsOf(reading)).toMatchObject({ "Payment Refund": 17, "General Withdrawal": 2 });
    expect(reading.net).toEqual([{ currency: "USD", amount: -4484561n }]);
    const facts = factsOf(reading);
    expectProven(facts, -4484561n);
    const orders = new Set(kindOf(facts, "order").map(({ id }) => id));
    const refunds = kindOf(facts, "charge").filter(({ category }) => category === "refund");
    expect(refunds.filter(({ order }) => order !== null && orders.has(order))).toHaveLength(7);
  });

  it("a person's, ten columns: funding is no income", () => {
    const reading = readFixture("paypal/activity_personal_10col.csv", options("USD", "America/New_York"));
    expect(reading).toMatchObject({ rows: 9, read: 9, orders: 0, net: [{ currency: "USD", amount: -1046n }] });
    expect(reading.agrees).toBe(true);
    expect(reading.stated).toMatchObject({ opening: 0n, closing: -1046n });
    const charges = kindOf(factsOf(reading), "charge");
    expect(charges.filter(({ category }) => category === "other").reduce((sum, { amount }) => sum + amount, 0n)).toBe(
      -38164n + 0n,
    );
    expectProven(factsOf(reading), -1046n);
  });

  it("an old one with padded header cells", () => {
    const reading = readFixture("paypal/activity_old_spaced_header.csv");
    expect(reading).toMatchObject({
      rows: 2,
      read: 2,
      net: [{ currency: "USD", amount: 110000n }],
      from: "2016-06-04",
    });
  });
});
