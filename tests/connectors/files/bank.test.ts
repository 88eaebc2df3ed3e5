/** OFX, QFX, QIF and any bank's CSV: small made-up files for each behaviour and each error. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { BankReading, CsvLayout, ReadOptions } from "../../../integrations/files/reading";
import { readFile } from "../../../integrations/files/recognise";
import { Refusal } from "../../../lib/core/errors";

const options: ReadOptions = { fileName: "x.csv", currency: "USD", country: "US", timeZone: "UTC", layout: null };
function read(text: string, extra: Partial<ReadOptions> = {}): BankReading {
  const reading = readFile(new TextEncoder().encode(text), { ...options, ...extra });
  if (reading.type !== "bank") throw new Error("not read as a bank's file");
  return reading;
}
function refusal(text: string, extra: Partial<ReadOptions> = {}): Refusal {
  try {
    read(text, extra);
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}
const rows = (reading: BankReading) => reading.accounts.flatMap((account) => account.rows);
const amounts = (reading: BankReading) => rows(reading).map((row) => row.amount);
const codes = (reading: BankReading) => reading.problems.map(({ row, code }) => [row, code]);

const head = "OFXHEADER:100\nDATA:OFXSGML\nENCODING:USASCII\nCHARSET:1252\n\n";
const trn = (fields: string) => `<STMTTRN>\n${fields}</STMTTRN>\n`;
const statement = (inner: string, currency = "USD", account = "123") =>
  `<STMTRS>\n<CURDEF>${currency}\n<BANKACCTFROM>\n<BANKID>1\n<ACCTID>${account}\n<ACCTTYPE>CHECKING\n</BANKACCTFROM>\n<BANKTRANLIST>\n${inner}</BANKTRANLIST>\n<LEDGERBAL>\n<BALAMT>10.00\n<DTASOF>20260331\n</LEDGERBAL>\n</STMTRS>\n`;
const ofx = (inner: string) =>
  `${head}<OFX>\n<BANKMSGSRSV1>\n<STMTTRNRS>\n${inner}</STMTTRNRS>\n</BANKMSGSRSV1>\n</OFX>\n`;

describe("OFX", () => {
  const good =
    "<TRNTYPE>DEBIT\n<DTPOSTED>20260315120000[-5:EST]\n<TRNAMT>-12.50\n<FITID>a1\n<NAME>Shop & Söhne\n<MEMO>A &amp; B &lt;x&gt;\n";
  it("reads SGML without end tags, XML, and all in one line alike", () => {
    const sgml = ofx(statement(trn(good)));
    const tags = (text: string) => text.replace(/<([A-Z.]+)>([^<\n]+)\n/g, "<$1>$2</$1>\n");
    const xml = tags(sgml.slice(head.length).replace("Shop & S", "Shop &amp; S"));
    for (const text of [sgml, `<?xml version="1.0"?>\n<?OFX OFXHEADER="200"?>\n${xml}`, sgml.replaceAll("\n", "")]) {
      const reading = read(text);
      expect(reading).toMatchObject({
        kind: "ofx",
        rows: 1,
        read: 1,
        from: "2026-03-15",
        through: "2026-03-15",
        problems: [],
      });
      expect(reading.accounts).toMatchObject([
        {
          account: "123",
          type: "bank",
          currency: "USD",
          stated: { opening: null, closing: 1000n },
          closingOn: "2026-03-31",
        },
      ]);
      expect(rows(reading)).toMatchObject([
        { amount: -1250n, fitid: "a1", payee: "Shop & Söhne", memo: "A & B <x>", date: "2026-03-15" },
      ]);
    }
  });
  it("keeps several accounts apart, cards among them, and minor units by their currency", () => {
    const card =
      "<CCSTMTRS><CURDEF>JPY<CCACCTFROM><ACCTID>4111</CCACCTFROM><BANKTRANLIST><STMTTRN><DTPOSTED>20260102<TRNAMT>-500<FITID>a1<NAME>X</STMTTRN></CCSTMTRS>";
    const reading = read(ofx(statement(trn(good)) + statement(trn(good), "KWD", "9") + card));
    expect(reading.accounts.map(({ account, type, currency }) => [account, type, currency])).toEqual([
      ["123", "bank", "USD"],
      ["9", "bank", "KWD"],
      ["4111", "card", "JPY"],
    ]);
    expect(amounts(reading)).toEqual([-1250n, -12500n, -500n]);
    expect(reading.problems).toEqual([]);
  });
  it.each([
    ["-200,00", -20000n],
    ["+1.5", 150n],
    ["1.234,56", 123456n],
    ["1,234.56", 123456n],
    ["-00000001500.0000", -150000n],
  ])("reads the amount %s", (text, minor) => {
    expect(amounts(read(ofx(statement(trn(`<DTPOSTED>20260102<TRNAMT>${text}<FITID>1`)))))).toEqual([minor]);
  });
  it.each([
    ["<DTPOSTED>20260229<TRNAMT>1", "bad_date", "DTPOSTED"],
    ["<TRNAMT>1", "bad_date", "DTPOSTED"],
    ["<DTPOSTED>20260102<TRNAMT>--5", "bad_number", "TRNAMT"],
    ["<DTPOSTED>20260102<TRNAMT>", "bad_number", "TRNAMT"],
    ["<DTPOSTED>20260102<TRNAMT>1e5", "bad_number", "TRNAMT"],
    ["<DTPOSTED>20260102<TRNAMT>1.234", "too_many_decimals", "TRNAMT"],
    ["<DTPOSTED>20260102<TRNAMT>1,234", "ambiguous_number", "TRNAMT"],
    ["<DTPOSTED>20260102<TRNAMT>99999999999999999999.99", "out_of_range", "TRNAMT"],
  ])("tells the row of %s", (fields, code, column) => {
    const reading = read(ofx(statement(`${trn(good)}${trn(`${fields}\n`)}`)));
    expect([reading.rows, reading.read]).toEqual([2, 1]);
    expect(reading.problems).toMatchObject([{ row: 25, column, code }]);
  });
  it("tells a reused id, keeps both, and keeps twins without a word", () => {
    const other = good.replace("-12.50", "-13.00");
    expect(codes(read(ofx(statement(trn(good) + trn(good)))))).toEqual([]);
    const reading = read(ofx(statement(trn(good) + trn(other))));
    expect([amounts(reading), codes(reading)]).toEqual([[-1250n, -1300n], [[25, "duplicate_id"]]]);
    expect(rows(read(ofx(statement(trn(good.replace("a1", ""))))))[0]?.fitid).toBeNull();
  });
  it("survives missing ends and tags that close twice, and does not take the other account for this one", () => {
    const inner = `<STMTTRN><DTPOSTED>20260102<TRNAMT>-1<NAME>A<BANKACCTTO><ACCTID>999</BANKACCTTO><STMTTRN><DTPOSTED>20260103<TRNAMT>2<NAME>B</BANKTRANLIST>`;
    const reading = read(ofx(statement(inner)));
    expect([amounts(reading), reading.accounts[0]?.account, reading.accounts[0]?.stated.closing]).toEqual([
      [-100n, 200n],
      "123",
      1000n,
    ]);
  });
  it("leaves investments out with a word, and refuses a file of nothing else", () => {
    const invest =
      "<INVSTMTRS><CURDEF>USD<INVACCTFROM><ACCTID>I1</INVACCTFROM><INVTRANLIST><INVBANKTRAN><STMTTRN><DTPOSTED>20260101<TRNAMT>5</STMTTRN></INVBANKTRAN></INVTRANLIST></INVSTMTRS>";
    const reading = read(ofx(statement(trn(good)) + invest));
    expect([reading.rows, reading.accounts.length, codes(reading)]).toEqual([1, 1, [[null, "unsupported"]]]);
    expect(refusal(ofx(invest)).code).toBe("unsupported");
  });
  it("refuses what holds no statement, and says the bank's answer", () => {
    const failed = refusal(
      `${head}<OFX><SIGNONMSGSRSV1><SONRS><STATUS><CODE>15500<SEVERITY>ERROR<MESSAGE>Wrong password</STATUS></SONRS></SIGNONMSGSRSV1></OFX>`,
    );
    expect([failed.code, failed.message]).toEqual([
      "no_data_rows",
      "The file holds no statement: the bank answered “Wrong password (15500)”.",
    ]);
    expect(refusal(`${head}<OFX></OFX>`).code).toBe("no_data_rows");
    expect(refusal("<OFX>\n<CCSTMTRS>\n<CCACCTINFO>\n</CCACCTFROM>\n</CCSTMTRS>\n</OFX>")).toMatchObject({
      code: "bad_ofx",
      detail: { row: "4" },
    });
  });
  it("refuses document types before reading, endless nesting, and unknown currencies", () => {
    expect(refusal('<?xml version="1.0"?>\n<!DOCTYPE x [<!ENTITY a "b">]>\n<OFX></OFX>')).toMatchObject({
      code: "xml_refused",
      detail: { row: "2" },
    });
    expect(refusal('<?xml version="1.0"?>\n<!DOCTYPE lolz [<!ENTITY lol "lol">]>\n<lolz>&lol;</lolz>').code).toBe(
      "xml_refused",
    );
    expect(refusal(`<OFX>${"<A>".repeat(10_000)}`).code).toBe("too_deep");
    expect(refusal(ofx(statement(trn(good), "BTC"))).code).toBe("unknown_currency");
    expect(read(ofx(statement(trn(good), "us$"))).accounts[0]?.currency).toBe("USD");
  });
});

describe("QIF", () => {
  it("decides the order of day and month from the whole file", () => {
    const us = read("!Type:Bank\nD2/10'2020\nT-1,000.00\nPA\nN12\n^\nD2/14' 6\nT5\nMmemo\n^\n");
    expect(rows(us)).toMatchObject([
      { row: 2, date: "2020-02-10", amount: -100000n, payee: "A", checkNumber: "12" },
      { row: 7, date: "2006-02-14", amount: 500n, payee: "memo", memo: "" },
    ]);
    expect(rows(read("!Type:CCard\nD10/02/20\nT1.234,50\n^\nD14/02/20\nT-2,00\n^"))).toMatchObject([
      { date: "2020-02-10", amount: 123450n },
      { date: "2020-02-14", amount: -200n },
    ]);
    expect(us.layout).toBeNull();
  });
  it("asks where no date decides it, and obeys the answer", () => {
    const text = "!Type:Bank\nD03/04/2026\nT-1\n^\n";
    const reading = read(text, { country: "DE" });
    expect([codes(reading), reading.layout?.doubts, reading.from]).toEqual([
      [[null, "ambiguous_date"]],
      ["date style"],
      "2026-04-03",
    ]);
    const layout: CsvLayout | null = reading.layout && { ...reading.layout, dateStyle: "mdy", doubts: [] };
    const answered = read(text, { country: "DE", layout });
    expect([answered.problems, answered.from]).toEqual([[], "2026-03-04"]);
  });
  it("reads several accounts, passes lists over, and checks splits", () => {
    const text =
      "!Option:AutoSwitch\n!Account\nNHouse\nTBank\n^\nNVisa\nTCCard\n^\n!Clear:AutoSwitch\n!Type:Cat\nNFood\nE\n^\n!Account\nNHouse\nTBank\n^\n!Type:Bank\nD13/1/2026\nT-10\nSA\n$-4\nSB\nD14/1/2026\n$-6\n^\n!Account\nNVisa\nTCCard\n^\n!Type:CCard\nD15/1/2026\nT-7\nSA\n$-6\n^\n!Type:Invst\nD1/1/2026\nNBuy\n^\n";
    const reading = read(text);
    expect(reading.accounts.map(({ account, type, rows: own }) => [account, type, own.map((row) => row.date)])).toEqual(
      [
        ["House", "bank", ["2026-01-13"]],
        ["Visa", "card", ["2026-01-15"]],
      ],
    );
    expect(codes(reading)).toEqual([
      [null, "unsupported"],
      [32, "does_not_reconcile"],
    ]);
  });
  it("tells bad rows, and refuses a file without transactions", () => {
    expect(codes(read("!Type:Bank\nD30/02/2026\nT1\n^\nD28/02/2026\nT1e5\n^\nD1/3/2026\n^"))).toEqual([
      [2, "bad_date"],
      [5, "bad_number"],
      [8, "bad_number"],
    ]);
    expect(refusal("!Account\nNHouse\nTBank\n^\n").code).toBe("no_data_rows");
    expect(refusal("!Type:constructor\nD1/1/2026\nT1\n^\n").code).toBe("no_data_rows");
  });
});

describe("a bank's CSV", () => {
  it.each([
    ["en", "Date,Description,Amount,Balance\n2026-01-31,Shop,-1.50,8.50\n2026-02-01,Pay,2.00,10.50\n"],
    [
      "en, newest first",
      "Posting Date,Details,Withdrawals,Deposits,Balance\n2026-02-01,Pay,,2.00,10.50\n2026-01-31,Shop,1.50,,8.50\n",
    ],
    [
      "de",
      "Kontoauszug\nIBAN;DE02 1203 0000 0000 2020 51\n\nBuchungstag;Valuta;Verwendungszweck;Betrag in EUR;Saldo\n31.01.26;31.01.26;Shop;-1,50;8,50\n01.02.26;01.02.26;Pay;2,00;10,50\n",
    ],
    ["fr", "Date de l'opération;Libellé;Débit;Crédit;Solde\n31/01/2026;Shop;1,50;;8,50\n01/02/2026;Pay;;2,00;10,50\n"],
    ["es", "Fecha operación\tConcepto\tImporte\tSaldo\n31/01/2026\tShop\t-1,50\t8,50\n01/02/2026\tPay\t2,00\t10,50\n"],
    ["it", "Data contabile;Descrizione;Dare;Avere;Saldo\n31/01/2026;Shop;-1,50;;8,50\n01/02/2026;Pay;;2,00;10,50\n"],
    [
      "nl",
      '"Datum","Naam / Omschrijving","Af Bij","Bedrag (EUR)","Saldo na mutatie"\n"20260131","Shop","Af","1,50","8,50"\n"20260201","Pay","Bij","2,00","10,50"\n',
    ],
    ["pt", "Data;Descrição;Valor;Saldo\n31/01/2026;Shop;(1,50);8,50\n01/02/2026;Pay;2,00;10,50\n"],
    [
      "no header",
      '31 Jan 2026,"Shop, Inc",$1.50,,$8.50\n1 Feb 2026,Pay,,+$2.00,$10.50\n2 Feb 2026,Zero sum,$0.50,,$10.00\n3 Feb 2026,Back,,$0.50,$10.50\n',
    ],
  ])("finds the columns, marks and days: %s", (language, text) => {
    const reading = read(text, { country: "DE", currency: "EUR" });
    expect(reading.problems).toEqual([]);
    expect(reading.layout?.doubts).toEqual([]);
    expect(reading.agrees).toBe(true);
    const found = amounts(reading).map(String).slice(0, 2).sort();
    expect(found).toEqual(["-150", "200"]);
    expect(reading.accounts[0]?.stated).toEqual({ opening: 1000n, closing: 1050n, total: null });
    expect([reading.from, reading.through?.slice(0, 7)]).toEqual(["2026-01-31", "2026-02"]);
    expect(rows(reading).some((row) => row.payee.startsWith("Shop"))).toBe(true);
    expect(language).not.toBe("");
  });
  it.each([
    ["1,234.50", 123450n],
    ["1 234.50", 123450n],
    ["1'234.50", 123450n],
    ["1,23,456.50", 12345650n],
    ["(12.00)", -1200n],
    ["12.00-", -1200n],
    ["−12.00", -1200n],
    ["-$12", -1200n],
    ["$-12.00", -1200n],
    ["- $12.00", -1200n],
    ["12.00 DR", -1200n],
    ["12.00 CR", 1200n],
    ["USD 12.00", 1200n],
    [".50", 50n],
  ])("reads %s", (cell, minor) => {
    expect(amounts(read(`Date,Description,Amount\n2026-01-02,x,-7.25\n2026-01-03,x,"${cell}"\n`))).toEqual([
      -725n,
      minor,
    ]);
  });
  it.each([
    ["1e5", "bad_number"],
    ["NaN", "bad_number"],
    ["Infinity", "bad_number"],
    ["0x10", "bad_number"],
    ["١٢", "bad_number"],
    ["--5", "bad_number"],
    ["1.2.3", "bad_number"],
    ["1.234", "too_many_decimals"],
    ["99999999999999999999.99", "out_of_range"],
  ])("refuses %s on its row", (cell, code) => {
    const reading = read(`Date,Description,Amount\n2026-01-02,x,-7.25\n2026-01-03,x,${cell}\n2026-01-04,x,1.5\n`);
    expect([reading.rows, reading.read]).toEqual([3, 2]);
    expect(reading.problems).toMatchObject([{ row: 3, column: "Amount", code }]);
  });
  it("knows the decimals of the currency", () => {
    const reading = read("Date,Description,Amount\n2026-01-02,x,-7.25\n2026-01-03,x,12\n", { currency: "JPY" });
    expect([amounts(reading), codes(reading)]).toEqual([[12n], [[2, "too_many_decimals"]]]);
  });
  it.each(["2026-02-30", "0000-00-00", "1899-12-31", "20226-01-01", "soon"])("refuses the day %s", (cell) => {
    const reading = read(`Date,Description,Amount\n2026-01-02,x,-7.25\n${cell},x,1\n`);
    expect(codes(reading)).toEqual([[3, "bad_date"]]);
  });
  it("offers the day that a spreadsheet's number is", () => {
    expect(read("Date,Description,Amount\n2026-01-02,x,-1\n46023,x,1\n").problems[0]?.message).toContain("2026-01-01");
  });
  it("never guesses a day: asks once, decides by one row that can only be read one way", () => {
    const open = read("Date,Description,Amount\n03/04/2026,x,-1\n05/04/2026,y,1\n", { country: "GB" });
    expect([codes(open), open.layout?.doubts]).toEqual([[[null, "ambiguous_date"]], ["date style"]]);
    const decided = read("Date,Description,Amount\n03/04/2026,x,-1\n13/04/2026,y,1\n");
    expect([decided.problems, decided.from]).toEqual([[], "2026-04-03"]);
    const layout = open.layout && { ...open.layout, dateStyle: "mdy" as const, doubts: [] };
    const answered = read("Bank export\n\nDate,Description,Amount\n03/04/2026,x,-1\n13/04/2026,y,1\n", { layout });
    expect([answered.from, codes(answered)]).toEqual(["2026-03-04", [[5, "bad_date"]]]);
    expect(refusal("Day,Sum\n03/04/2026,x\n", { layout }).code).toBe("missing_column");
  });
  it("asks once where 1,234 may be thousands or decimals", () => {
    const reading = read("Date;Description;Amount\n2026-01-02;x;1,234\n2026-01-03;x;-2,500\n");
    expect([codes(reading), reading.layout?.doubts, amounts(reading)]).toEqual([
      [[null, "ambiguous_number"]],
      ["decimal mark"],
      [123400n, -250000n],
    ]);
    expect(read("Date;Description;Amount\n2026-01-02;x;1,234\n2026-01-03;x;-2,50\n").problems[0]?.code).toBe(
      "too_many_decimals",
    );
  });
  it("tells debit and credit both or neither, too many and too few columns", () => {
    const text =
      "Date,Description,Debit,Credit\n2026-01-02,x,1.00,2.00\n2026-01-03,x,,\n2026-01-04,x,0.00,3.00\n2026-01-05,x,1,50,\n2026-01-06,x\n2026-01-07,x,4.00,,\n";
    const reading = read(text);
    expect(codes(reading)).toEqual([
      [2, "debit_credit"],
      [3, "debit_credit"],
      [5, "debit_credit"],
      [6, "column_count"],
    ]);
    expect(amounts(reading)).toEqual([300n, -400n]);
    const wide = read("Date,Description,Amount\n2026-01-02,a,-1.00\n2026-01-03,b, c,2.00\n");
    expect(wide.problems).toMatchObject([
      { row: 3, code: "column_count", message: "Row 3 has 4 columns, the header has 3." },
    ]);
  });
  it("says at which row the balance stops to follow, whichever way up the file is", () => {
    const up = read(
      "Date,Description,Amount,Balance\n2026-01-02,a,-1,9\n2026-01-03,b,2,11\n2026-01-04,c,3,15\n2026-01-05,d,1,16\n",
    );
    expect([codes(up), up.agrees]).toEqual([[[4, "balance_mismatch"]], false]);
    const down = read(
      "Date,Description,Amount,Balance\n2026-01-05,d,1,15\n2026-01-04,c,3,14\n2026-01-03,b,2,11\n2026-01-02,a,-1,9\n",
    );
    expect([codes(down), down.agrees, down.accounts[0]?.stated]).toEqual([
      [],
      true,
      { opening: 1000n, closing: 1500n, total: null },
    ]);
  });
  it("takes a block that was exported twice once, and two equal payments twice", () => {
    const block = "03.01.2026;Café;-4,50;95,50\n03.01.2026;Café;-4,50;91,00\n05.01.2026;Fee;-1,00;90,00\n";
    const reading = read(`Buchungstag;Text;Betrag;Saldo\n${block}${block}`);
    expect([amounts(reading), reading.rows, reading.read, reading.agrees]).toEqual([[-450n, -450n, -100n], 6, 3, true]);
    expect(codes(reading)).toEqual([
      [5, "already_imported"],
      [6, "already_imported"],
      [7, "already_imported"],
    ]);
    const paidBack = read(
      "Date;Text;Amount;Balance\n2026-01-02;a;-5;95\n2026-01-02;a;5;100\n2026-01-02;a;-5;95\n2026-01-02;a;5;100\n",
    );
    expect([amounts(paidBack).length, paidBack.problems]).toEqual([4, []]);
    const bare = "2026-01-02;a;-5\n2026-01-03;b;-6\n2026-01-04;c;7\n";
    const kept = read(`Date;Text;Amount\n${bare}${bare}`);
    expect([amounts(kept).length, codes(kept)]).toEqual([6, [[null, "already_imported"]]]);
  });
  it("reads a card's positive purchases as money out where its words say so, and asks where nothing does", () => {
    const card = read(
      "Date,Description,Amount,Type\n01/18/2026,Shop,62.50,Purchase\n01/19/2026,Thanks,-25.00,Payment\n",
    );
    expect([amounts(card), card.layout?.isNegated, card.layout?.doubts]).toEqual([[-6250n, 2500n], true, []]);
    const unsigned = read("Date,Description,Amount\n01/18/2026,A,62.50\n01/19/2026,B,25.00\n01/20/2026,C,5.00\n");
    expect(unsigned.layout?.doubts).toEqual(["columns"]);
  });
  it("turns a card's file by its lines of thanks for a payment, and a credit column that has minuses", () => {
    const thanked = read(
      "Trans. Date,Post Date,Description,Amount,Category\n01/18/2026,01/18/2026,Shop,62.50,Merchandise\n01/19/2026,01/19/2026,INTERNET PAYMENT - THANK YOU,-25.00,Payments and Credits\n",
    );
    expect([amounts(thanked), thanked.layout?.isNegated]).toEqual([[-6250n, 2500n], true]);
    const unthanked = read(
      "Date,Description,Amount\n01/18/2026,Shop,-62.50\n01/19/2026,Payment Thank You,25.00\n01/20/2026,Refund,5.00\n",
    );
    expect(amounts(unthanked)).toEqual([-6250n, 2500n, 500n]);
    const columns = read(
      "Status,Date,Description,Debit,Credit\nCleared,01/18/2026,Shop,23.45,\nCleared,01/19/2026,Thanks,,-100.00\n",
    );
    expect(amounts(columns)).toEqual([-2345n, 10000n]);
  });
  it("leaves out what the bank says never moved, and takes a fee of its own column where the balance needs it", () => {
    const reading = read(
      "Type,Started Date,Completed Date,Description,Amount,Fee,Currency,State,Balance\nCARD,2026-01-02 10:00:00,2026-01-03 11:00:00,Shop,-12.50,0.00,GBP,COMPLETED,87.50\nTRANSFER,2026-01-04 10:00:00,2026-01-04 11:00:00,Sent,-20.00,0.50,GBP,COMPLETED,67.00\nCARD,2026-01-06 10:00:00,,Later,-5.00,0.00,GBP,PENDING,\nCARD,2026-01-06 12:00:00,,Back,-7.00,0.00,GBP,REVERTED,\n",
    );
    expect(amounts(reading)).toEqual([-1250n, -2050n]);
    expect([reading.rows, reading.read, reading.agrees]).toEqual([4, 2, true]);
    expect(codes(reading)).toEqual([
      [4, "unsupported"],
      [5, "unsupported"],
    ]);
    const beside = read(
      "Date,Description,Amount,Fee,Balance\n2026-01-03,Shop,-12.50,0.50,87.50\n2026-01-04,Sent,-20.00,0.50,67.50\n",
    );
    expect([amounts(beside), beside.agrees]).toEqual([[-1250n, -2000n], true]);
    const noted = read(
      '"Auftragskonto";"Buchungstag";"Buchungstext";"Verwendungszweck";"Betrag";"Waehrung";"Info"\n"DE02500100600000000001";"20.01.26";"LASTSCHRIFT";"Paket";"-45,90";"EUR";"Umsatz gebucht"\n"DE02500100600000000001";"21.01.26";"KARTE";"Markt";"-5,00";"EUR";"Umsatz vorgemerkt"\n',
      { currency: "EUR", country: "DE" },
    );
    expect([amounts(noted), codes(noted)]).toEqual([[-4590n], [[3, "unsupported"]]]);
  });
  it("takes the closing balance that a Polish file states under its amounts", () => {
    const reading = read(
      "#Data operacji;#Opis operacji;#Kwota;#Saldo po operacji;\n2026-01-05;PRZELEW;1 000,00;1 000,00;\n2026-01-20;KARTA;-45,90;954,10;\n;;#Saldo końcowe;954,10 PLN;\n",
      { currency: "PLN", country: "PL" },
    );
    expect([amounts(reading), codes(reading), reading.agrees]).toEqual([[100000n, -4590n], [], true]);
  });
  it("knows the payee's account number from the account's own, which may stand above the table", () => {
    const reading = read(
      'Girokonto;DE12 5001 0517 0648 4898 90\nKontostand vom 31.01.2026:;1.234,56 €\n\n"Buchungsdatum";"Status";"Zahlungspflichtige*r";"Verwendungszweck";"IBAN";"Betrag (€)"\n"30.01.26";"Gebucht";"Strom AG";"Abschlag";"DE11";"-80,00"\n"02.01.26";"Gebucht";"Kunde";"Rechnung";"DE12";"1.314,56"\n',
      { currency: "EUR", country: "DE" },
    );
    expect(reading.accounts.map(({ account, rows: own }) => [account, own.length])).toEqual([
      ["DE12500105170648489890", 2],
    ]);
    expect(reading.problems).toEqual([]);
  });
  it("takes a line of the beginning balance for what it is where the balance has a column", () => {
    const reading = read(
      "Date,Description,Amount,Running Bal.\n01/01/2026,Beginning balance as of 01/01/2026,,100.00\n01/15/2026,In,5.00,105.00\n",
    );
    expect([reading.rows, reading.read, reading.problems]).toEqual([1, 1, []]);
    expect(reading.accounts[0]?.stated).toEqual({ opening: 10000n, closing: 10500n, total: null });
  });
  it("parts accounts and currencies, and normalises or refuses a currency", () => {
    const reading = read(
      "Date;IBAN;Payee;Amount;Currency\n2026-01-02;A1;x;-1.00;usd\n2026-01-02;A2;x;-2;EUR\n2026-01-03;A1;y;4;US$\n2026-01-04;A1;z;5;BTC\n",
    );
    expect(reading.accounts.map(({ account, currency, rows: own }) => [account, currency, own.length])).toEqual([
      ["A1", "USD", 2],
      ["A2", "EUR", 1],
    ]);
    expect(codes(reading)).toEqual([[5, "unknown_currency"]]);
  });
  it("joins broken texts, takes balance lines for what they are, and cleans what could deceive", () => {
    const reading = read(
      'Date,Details,Debit,Credit\n2026-01-01,Opening balance,,10.00\n2026-01-02,Shop,4.00,\n,and more,,\n2026-01-03,"=HYPERLINK(""http://x"")",,1.00\n2026-01-03,a\u202eb\u0007 <script>,,1.00\n2026-01-04,Closing balance,,8.00\nTotal,,4.00,2.00\n',
    );
    expect(rows(reading).map(({ payee, memo }) => [payee, memo])).toEqual([
      ["Shop", "and more"],
      ['=HYPERLINK("http://x")', ""],
      ["ab <script>", ""],
    ]);
    expect([reading.rows, reading.agrees, reading.accounts[0]?.stated]).toEqual([
      3,
      true,
      { opening: 1000n, closing: 800n, total: null },
    ]);
  });
  it("cuts and tells an endless text", () => {
    const reading = read(`Date,Description,Amount\n2026-01-02,${"x".repeat(10_000)},-1\n`);
    expect([rows(reading)[0]?.payee.length, codes(reading)]).toEqual([4000, [[2, "text_too_long"]]]);
  });
  it("refuses a header alone, a table without days or amounts, and a list of orders only with a word", () => {
    expect(refusal("Date,Description,Amount\n").code).toBe("no_data_rows");
    const missing = refusal("Name,Colour\nA,red\nB,blue\n");
    expect([missing.code, missing.message]).toEqual([
      "missing_column",
      "No column for Date and Amount could be found. Found: Name, Colour.",
    ]);
    const sums = refusal('Sales,\nGross Sales,"$1,000.00"\nNet Sales,$980.00\n');
    expect(sums.message).toBe("No column for Date and Amount could be found. Found: Sales.");
    const orders = read("Date,Order ID,SKU,Quantity,Amount\n2026-01-02,1,A,2,5.00\n2026-01-03,2,B,1,-4.00\n");
    expect([orders.layout?.doubts, codes(orders)]).toEqual([["columns"], [[null, "unsupported"]]]);
  });
});

describe("MT940", () => {
  const block = (name: string, ...lines: readonly string[]) =>
    [`:20:${name}`, ":25:12345678/0001234567", ":28C:1/1", ...lines, "-"].join("\r\n");
  it("reads lines, reversals and the booking day, numbered and named parts, and proves each statement", () => {
    const reading = read(
      [
        block(
          "A",
          ":60F:C251230EUR1000,00",
          ":61:2601021231D12,50NMSCNONREF//BANK1",
          ":86:105?00LASTSCHRIFT?20Rechnung 7?21 vom Mai?32Strom?33 AG",
          ":61:260102C100,NTRFREF-9",
          ":86:/EREF/X1//NAME/Kunde GmbH/REMI/Bestellung 5/ISDT/2026-01-02",
          ":61:260102RC5,00NTRFNONREF",
          ":86:Storno einer Gutschrift",
          ":62F:C260102EUR1082,50",
        ),
        block("B", ":60F:C260102EUR1082,50", ":61:260103CR2,50N062NONREF", ":62F:C260103EUR1085,00"),
      ].join("\r\n"),
      { currency: "EUR" },
    );
    expect([reading.kind, reading.rows, reading.read, reading.agrees, reading.problems]).toEqual([
      "mt940",
      4,
      4,
      true,
      [],
    ]);
    expect(
      reading.accounts.map(({ account, currency, stated, closingOn }) => [account, currency, stated, closingOn]),
    ).toEqual([["12345678/0001234567", "EUR", { opening: 100000n, closing: 108500n, total: null }, "2026-01-03"]]);
    expect(rows(reading).map(({ date, amount, payee, memo, fitid }) => [date, amount, payee, memo, fitid])).toEqual([
      ["2025-12-31", -1250n, "Strom AG", "Rechnung 7 vom Mai", "BANK1"],
      ["2026-01-02", 10000n, "Kunde GmbH", "Bestellung 5", null],
      ["2026-01-02", -500n, "Storno einer Gutschrift", "", null],
      ["2026-01-03", 250n, "", "", null],
    ]);
  });
  it("tells a line that it cannot read and a statement that does not add up, and refuses one of nothing", () => {
    const reading = read(
      block("A", ":60F:C260101EUR10,00", ":61:26AB02D1,00NTRF", ":61:260102D1,00NTRF", ":62F:C260102EUR8,00"),
      { currency: "EUR" },
    );
    expect([reading.rows, reading.read, reading.agrees, codes(reading)]).toEqual([
      2,
      1,
      false,
      [
        [5, "bad_number"],
        [null, "balance_mismatch"],
      ],
    ]);
    expect(refusal(":20:A\n:25:DE1\n:28C:1/1\n").code).toBe("no_data_rows");
  });
});

describe("CAMT.053", () => {
  const entry = (amount: string, way: string, inner = "", status = "<Sts>BOOK</Sts>") =>
    `<Ntry><Amt Ccy="EUR">${amount}</Amt><CdtDbtInd>${way}</CdtDbtInd>${status}<BookgDt><Dt>2026-01-02</Dt></BookgDt>${inner}</Ntry>\n`;
  const balance = (kind: string, amount: string, day: string) =>
    `<Bal><Tp><CdOrPrtry><Cd>${kind}</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">${amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>${day}</Dt></Dt></Bal>\n`;
  const camt = (...entries: readonly string[]) =>
    `<?xml version="1.0"?>\n<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><Stmt><Acct><Id><IBAN>DE02120300000000202051</IBAN></Id></Acct>\n${balance("OPBD", "100.00", "2026-01-01")}${balance("CLBD", "185.50", "2026-01-02")}${entries.join("")}</Stmt></BkToCstmrStmt></Document>`;
  const sold = entry(
    "100.00",
    "CRDT",
    "<AcctSvcrRef>B1</AcctSvcrRef><NtryDtls><TxDtls><RltdPties><Dbtr><Pty><Nm>Kunde &amp; Co</Nm></Pty></Dbtr></RltdPties><RmtInf><Ustrd>Order 5</Ustrd></RmtInf></TxDtls></NtryDtls>",
    "<Sts><Cd>BOOK</Cd></Sts>",
  );
  it("reads entries, a batch as one line, with who and what for, and proves the balance", () => {
    const batch = entry(
      "14.50",
      "DBIT",
      '<NtryDtls><TxDtls><Amt Ccy="EUR">10</Amt></TxDtls><TxDtls><Amt Ccy="EUR">4.5</Amt></TxDtls></NtryDtls><AddtlNtryInf>Sammler</AddtlNtryInf>',
    );
    for (const text of [camt(sold, batch), camt(sold, batch).replace(/<(\/?)(?=[A-Z])/g, "<$1ns2:")]) {
      const reading = read(text, { currency: "EUR" });
      expect([reading.kind, reading.rows, reading.read, reading.agrees, reading.problems]).toEqual([
        "camt053",
        2,
        2,
        true,
        [],
      ]);
      expect(reading.accounts[0]).toMatchObject({
        account: "DE02120300000000202051",
        currency: "EUR",
        stated: { opening: 10000n, closing: 18550n },
        closingOn: "2026-01-02",
      });
      expect(rows(reading).map(({ amount, payee, memo, fitid }) => [amount, payee, memo, fitid])).toEqual([
        [10000n, "Kunde & Co", "Order 5", "B1"],
        [-1450n, "Sammler", "", null],
      ]);
    }
  });
  it("tells what is not booked or cannot be read, and what does not add up; refuses document types and nothing", () => {
    const reading = read(camt(sold, entry("1.00", "DBIT", "", "<Sts>PDNG</Sts>"), entry("1.2.3", "DBIT")), {
      currency: "EUR",
    });
    expect([reading.rows, reading.read, reading.agrees, codes(reading)]).toEqual([
      3,
      1,
      false,
      [
        [6, "unsupported"],
        [7, "bad_number"],
        [null, "balance_mismatch"],
      ],
    ]);
    expect(refusal(camt(sold).replace("<Document", "<!DOCTYPE x><Document")).code).toBe("xml_refused");
    expect(refusal('<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"></Document>').code).toBe(
      "no_data_rows",
    );
  });
});

describe("recognising", () => {
  it("refuses in words what cannot be read yet", () => {
    expect(refusal(":20:1\n:25:DE1\n:28C:1/1\n:34F:EUR0,00\n:61:2601020102D1,00NTRF\n").message).toContain("MT942");
    expect(refusal("{1:F01BANKDEFFXXXX}{2:O9002200}").message).toContain("SWIFT");
    expect(
      refusal('<?xml version="1.0"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.052.001.02"></Document>')
        .message,
    ).toContain("CAMT");
    expect(refusal('{"transactions": []}').code).toBe("unsupported");
    expect(refusal("this is totally not an ofx file").code).toBe("wrong_file_type");
  });
  it("puts what was repaired while decoding first", () => {
    const reading = read("Date;Payee;Amount\n2026-01-02;GroÃŸhÃ¤ndler;-1,00\n");
    expect(codes(reading)).toEqual([[null, "bad_encoding"]]);
    expect(rows(reading)[0]?.payee).toBe("Großhändler");
  });
  it("never crashes: random bytes, random tables, random tags, cut files", () => {
    const cell = fc.oneof(
      fc.string({ maxLength: 6 }),
      fc.constantFrom("Date", "Amount", "01/02/2026", "-1,50", '"', "2026-13-01", "Balance", "Debit", "", "1.234"),
    );
    const table = fc
      .array(fc.array(cell, { maxLength: 6 }), { maxLength: 8 })
      .map((lines) => lines.map((line) => line.join(";")).join("\n"));
    const tag = fc.constantFrom(
      "<OFX>",
      "<STMTRS>",
      "<STMTTRN>",
      "</STMTTRN>",
      "<TRNAMT>1,5",
      "<DTPOSTED>2026",
      "<",
      "</",
      "<!--",
      "]]>",
      "<![CDATA[",
      "&#0;",
      "&amp",
      "</OFX>",
      "\n",
    );
    const tags = fc.array(tag, { maxLength: 40 }).map((parts) => `<OFX>${parts.join("")}`);
    const qif = fc
      .array(fc.constantFrom("!Type:Bank", "!Account", "D1/2'6", "T-", "T1,5", "^", "S", "$x", "!", ""), {
        maxLength: 20,
      })
      .map((lines) => `!Type:Bank\n${lines.join("\n")}`);
    const text = fc.oneof(fc.string(), table, tags, qif).map((content) => new TextEncoder().encode(content));
    fc.assert(
      fc.property(fc.oneof(text, fc.uint8Array({ maxLength: 300 })), (bytes) => {
        try {
          readFile(bytes, options);
        } catch (error) {
          if (!(error instanceof Refusal)) throw error;
        }
      }),
      { numRuns: 1500 },
    );
  });
});
