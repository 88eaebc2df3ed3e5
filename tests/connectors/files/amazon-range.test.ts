import { describe, expect, it } from "vitest";
import { readFileDocument } from "../../../integrations/files/channels";
import { expectProven, factsOf, hasFixtures, kindOf, options, readFixture, readText, total, typesOf } from "./books";

const header =
  '"date/time","settlement id","type","order id","sku","description","quantity","marketplace","product sales","product sales tax","shipping credits","promotional rebates","marketplace withheld tax","selling fees","fba fees","other transaction fees","other","total"';
const preamble = '"Includes Amazon Marketplace transactions"\n"All amounts in USD, unless specified"\n"Definitions:"\n';
const sale =
  '"Jan 5, 2026 11:59:59 PM PST","219","Order","111-1","MUG-1","Mug","2","amazon.com","1,076.00","6.08","5.00","-5.00","-6.08","-11.40","-9.70","0","0","1,054.90"';
const read = (...rows: readonly string[]) => readText(preamble + [header, ...rows].join("\n"));

describe("Amazon's date range report", () => {
  it("gives an order with the tax that Amazon remits, promotion and fees, at its moment", () => {
    const reading = read(sale);
    const facts = factsOf(reading, "USD", "UTC");
    expectProven(facts, 105490n);
    expect(reading).toMatchObject({ agrees: true, problems: [], orders: 1, units: 2 });
    expect(kindOf(facts, "order")).toMatchObject([
      {
        number: "111-1",
        when: { on: "2026-01-06" },
        lines: [{ sku: "MUG-1", qty: 2n, amount: 107600n }],
        shipping: 500n,
        discount: 500n,
        tax: 608n,
        taxBy: "channel",
        fees: [
          { kind: "selling fees", amount: 1140n },
          { kind: "fba fees", amount: 970n },
        ],
      },
    ]);
  });

  it("gives a transfer as the settlement's payout, and tells advertising and reimbursements from fees", () => {
    const row = (type: string, text: string, amount: string) =>
      `"Jan 12, 2026 2:00:00 AM PST","219","${type}","","","${text}","","","0","0","0","0","0","0","0","0","${amount}","${amount}"`;
    const reading = read(
      sale,
      row("Service Fee", "Cost of Advertising", "-12.00"),
      row("Service Fee", "Subscription", "-39.99"),
      row("Adjustment", "FBA Inventory Reimbursement - Damaged:Warehouse", "21.14"),
      row("Transfer", "To account ending in: 000", "-1024.05"),
      row("Novelty", "Something new", "0.01"),
    );
    const facts = factsOf(reading);
    expectProven(facts, 1n);
    expect(kindOf(facts, "payout")).toMatchObject([{ id: "amazon/payout/219", amount: 102405n }]);
    expect(kindOf(facts, "charge").map(({ category }) => category)).toEqual([
      "advertising",
      "fee",
      "reimbursement",
      "other",
    ]);
    expect(reading.unknownTypes).toEqual(["Novelty"]);
    expect(reading.payouts).toMatchObject([{ amount: 102405n, rows: 102406n }]);
  });

  it("says of a row that does not add, and keeps the rest visible", () => {
    const reading = read(sale.replace('"1,054.90"', '"1,054.91"'));
    expect(reading).toMatchObject({ agrees: false, problems: [{ row: 5, code: "does_not_reconcile" }] });
    expectProven(factsOf(reading), 105491n);
  });

  it("reads a French one: its own words, months and decimal commas", () => {
    const reading = readText(
      [
        '"date/heure","numéro de versement","type","numéro de la commande","sku","description","quantité","Marketplace","traitement","ventes de produits","Taxes sur la vente des produits","crédits d\'expédition","taxe sur les crédits d’expédition","Rabais promotionnels","Taxes retenues sur le site de vente","frais de vente","Frais Expédié par Amazon","autres frais de transaction","autre","total"',
        '"1 juil. 2026 08:31:35 UTC","274","Commande","171-9","SKU","Produit","1","amazon.fr","Vendeur","1 006,58","1,32","0","0","0","0","-0,75","0","-0,02","0","1 007,13"',
        '"2 août 2026 08:31:35 UTC","274","Remboursement","171-9","SKU","Produit","1","amazon.fr","Vendeur","-6,58","-1,32","0","0","0","0","0,60","0","0","0","-7,30"',
        '"3 sept. 2026 08:31:35 UTC","274","Transfert","","","Vers le compte","","","","0","0","0","0","0","0","0","0","0","-999,83","-999,83"',
      ].join("\n"),
      options("EUR"),
    );
    expect(reading).toMatchObject({
      kind: "amazon-date-range",
      agrees: true,
      from: "2026-07-01",
      through: "2026-09-03",
    });
    expect(typesOf(reading)).toEqual({ Commande: 100713n, Remboursement: -730n, Transfert: -99983n });
    const facts = factsOf(reading, "EUR");
    expectProven(facts, 0n);
    expect(kindOf(facts, "order")).toMatchObject([{ tax: 132n, taxBy: "seller" }]);
  });

  it.each(
    [
      [
        "Datum/Uhrzeit,Abrechnungsnummer,Typ,Bestellnummer,Beschreibung,Menge,Umsätze,Verkaufsgebühren,Andere,Gesamt",
        "3. Mär. 2026 08:31:35 UTC",
        "Bestellung",
      ],
      ["03.03.2026 placeholder,", "", ""],
      [
        "fecha y hora,identificador de pago,tipo,número de pedido,descripción,cantidad,ventas de productos,tarifas de venta,otro,total",
        "3 mar 2026 08:31:35 UTC",
        "Pedido",
      ],
      [
        "Data/Ora:,Numero pagamento,Tipo,Numero ordine,Descrizione,Quantità,Vendite,Commissioni di vendita,Altro,totale",
        "3 mar 2026 08:31:35 UTC",
        "Ordine",
      ],
      [
        "datum/tijd,schikkings-ID,type,bestelnummer,beschrijving,aantal,verkoop van producten,verkoopkosten,overige,totaal",
        "3 mrt. 2026 08:31:35 UTC",
        "Bestelling",
      ],
      [
        "datum/tid,reglerings-id,typ,beställnings-id,beskrivning,antal,försäljning av produkter,försäljningsavgifter,Övrigt,totalt",
        "3 mars 2026 08:31:35 UTC",
        "Beställning",
      ],
      [
        "data/godzina,identyfikator rozliczenia,typ,identyfikator zamówienia,opis,ilość,sprzedaż produktów,opłaty za sprzedaż,inne,suma",
        "3 mar 2026 08:31:35 UTC",
        "Zamówienie",
      ],
    ].filter(([, date]) => date !== ""),
  )("in another language: %s", (columns, date, order) => {
    const rows = [
      columns.split(",").join(";"),
      [date, "274", order, "171-9", "X", "1", "1.010,00", "-1,50", "0", "1.008,50"].join(";"),
    ];
    const reading = readText(rows.join("\n"), options("EUR"));
    expect(reading).toMatchObject({ kind: "amazon-date-range", agrees: true, orders: 1, from: "2026-03-03" });
    expect(reading.net).toEqual([{ currency: "EUR", amount: 100850n }]);
    expect(kindOf(factsOf(reading, "EUR"), "order")).toHaveLength(1);
  });

  it("gives way to the settlement report of the same settlement, whichever comes first", () => {
    const settled = readText(
      [
        "settlement-id\tsettlement-start-date\tsettlement-end-date\tdeposit-date\ttotal-amount\tcurrency\ttransaction-type\torder-id\tamount-type\tamount-description\tamount\tposted-date\tsku\tquantity-purchased",
        "219\t2026-01-01\t2026-01-14\t2026-01-16\t1.00\tUSD\t\t\t\t\t\t\t\t",
        "219\t\t\t\t\t\tOrder\t111-1\tItemPrice\tPrincipal\t1.00\t2026-01-06\tMUG-1\t1",
      ].join("\n"),
    );
    const mine = read(sale).documents;
    for (const document of mine) {
      const other = settled.documents.find(({ externalId }) => externalId === document.externalId);
      expect((other?.version ?? "") > document.version).toBe(true);
      if (other !== undefined)
        expect(readFileDocument(other, { channel: "amazon", currency: "USD", timeZone: "UTC" })).toEqual([]);
    }
  });
});

describe("Amazon's date range report of other marketplaces", () => {
  it("reads the Japanese one: its words, points, whole yen and moments", () => {
    const reading = readText(
      [
        '"金額の単位は特に記載がない限りJPYです"',
        '"日付/時間","決済番号","トランザクションの種類","注文番号","SKU","説明","数量","Amazon 出品サービス","商品売上","商品の売上税","配送料","Amazonポイントの費用","プロモーション割引額","手数料","FBA 手数料","トランザクションに関するその他の手数料","その他","合計","トランザクションのステータス"',
        '"2026/08/01 23:30:00 JST","11","注文","250-1","S1","急須","2","amazon.co.jp","5,960","596","0","-60","0","-654","-868","0","0","4,974","リリース済み"',
        '"2026/08/02 10:00:00 JST","11","返金","250-2","S1","急須","1","amazon.co.jp","-2,980","-298","0","30","0","294","0","0","0","-2,954","リリース済み"',
        '"2026/08/03 10:00:00 JST","11","注文外料金","","","広告費用","","","0","0","0","0","0","0","0","-500","0","-500","リリース済み"',
        '"2026/08/04 10:00:00 JST","11","振込み","","","口座","","","0","0","0","0","0","0","0","0","-1,520","-1,520","リリース済み"',
      ].join("\n"),
      options("JPY", "Asia/Tokyo"),
    );
    expect(reading).toMatchObject({
      kind: "amazon-date-range",
      rows: 4,
      read: 4,
      orders: 2,
      units: 2,
      agrees: true,
      problems: [],
      unknownTypes: [],
      net: [{ currency: "JPY", amount: 0n }],
      payouts: [{ id: "11", date: "2026-08-04", amount: 1520n, rows: 1520n }],
    });
    const facts = factsOf(reading, "JPY", "Asia/Tokyo");
    expect(kindOf(facts, "order")).toMatchObject([
      { when: { on: "2026-08-01" }, lines: [{ qty: 2n, amount: 5960n }], tax: 596n, taxBy: "seller" },
    ]);
    expect(kindOf(facts, "order")[0]?.fees.map(({ kind, amount }) => [kind, amount])).toEqual([
      ["points", 60n],
      ["selling fees", 654n],
      ["fba fees", 868n],
    ]);
    expect(kindOf(facts, "charge").map(({ category }) => category)).toContain("advertising");
  });

  it("reads India's: lakhs, the GST of the seller, and what Amazon keeps of the seller's taxes as lines of their own", () => {
    const reading = readText(
      [
        "All amounts in INR, unless specified",
        "date/time\tsettlement id\ttype\torder id\tSku\tdescription\tquantity\tproduct sales\tTotal sales tax liable(GST before adjusting TCS)\tTCS-CGST\tTCS-SGST\tTCS-IGST\tTDS (Section 194-O)\tselling fees\tother\ttotal\tTransaction Status",
        "1 Aug 2026 3:44:19 pm UTC\t27\tOrder\t403-1\tA-1\tLamp\t1\t1,44,000.00\t180.00\t0\t0\t-5.00\t-1.00\t-100.00\t0\t1,44,074.00\tReleased",
        "2 Aug 2026 3:44:19 pm UTC\t27\tRefund\t403-2\tA-1\tLamp\t1\t-300.00\t-54.00\t1.00\t1.00\t0\t0.30\t45.00\t0\t-306.70\tReleased",
      ].join("\n"),
      options("INR"),
    );
    expect(reading).toMatchObject({
      rows: 2,
      read: 2,
      agrees: true,
      unknownTypes: ["tcs-cgst", "tcs-sgst", "tcs-igst", "tds"],
    });
    const facts = factsOf(reading, "INR");
    expectProven(facts, 14407400n - 30670n);
    expect(kindOf(facts, "order")).toMatchObject([{ tax: 18000n, taxBy: "seller", lines: [{ amount: 14400000n }] }]);
    expect(kindOf(facts, "charge").map(({ type, category, amount }) => [type, category, amount])).toEqual([
      ["tcs-igst", "other", -500n],
      ["tds", "other", -100n],
      ["Refund", "refund", -35400n],
      ["Refund selling fees", "fee", 4500n],
      ["tcs-cgst", "other", 100n],
      ["tcs-sgst", "other", 100n],
      ["tds", "other", 30n],
    ]);
  });

  it("reads slashed days as the marketplace writes them, and a spreadsheet's American ones", () => {
    const on = (day: string, said: string) =>
      readText(
        `"All amounts in ${said}, unless specified"\n${[header, sale.replace("Jan 5, 2026 11:59:59 PM PST", day)].join("\n")}`,
        options(said),
      );
    expect(on("27/06/2026 10:00:00", "INR")).toMatchObject({ read: 1, from: "2026-06-27" });
    expect(on("05/06/2026 10:00:00", "GBP")).toMatchObject({ read: 1, from: "2026-06-05" });
    expect(on("5/6/2026 10:00", "USD")).toMatchObject({ read: 1, from: "2026-05-06" });
    expect(on("1 oct 2025 23:12:34 GMT-6", "MXN")).toMatchObject({ read: 1, from: "2025-10-02" });
  });

  it("knows the currency by the marketplace where the preamble does not say it", () => {
    const plain = sale.replaceAll(',"amazon.com"', ',"amazon.com.au"').replace("PST", "UTC");
    expect(readText([header, plain].join("\n"), options("USD")).net).toMatchObject([{ currency: "AUD" }]);
  });
});

describe.skipIf(!hasFixtures)("Amazon date range reports (fixtures)", () => {
  it("seven lines of preamble, claims, a chargeback, and a transfer of all", () => {
    const reading = readFixture("amazon/date_range_transactions_us_made.csv");
    expect(reading).toMatchObject({ rows: 10, read: 10, agrees: true, problems: [], unknownTypes: [] });
    expect(reading.net).toEqual([{ currency: "USD", amount: 0n }]);
    expect(reading.payouts).toMatchObject([{ id: "21900000001", amount: 65024n, rows: 65024n }]);
    const facts = factsOf(reading, "USD", "America/Los_Angeles");
    expectProven(facts, 0n);
    const orders = kindOf(facts, "order");
    expect(orders.map(({ when }) => when.on)).toEqual(["2026-01-03", "2026-01-05"]);
    expect(
      total(
        orders.flatMap(({ fees }) => fees.flatMap(({ kind, amount }) => (kind === "selling fees" ? [amount] : []))),
      ),
    ).toBe(1140n + 15570n);
  });
});
