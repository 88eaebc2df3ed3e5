/** Bytes to text and text to tables: encodings, limits, what is no text, delimiters, quotes, line numbers. */
import fc from "fast-check";
import iconv from "iconv-lite";
import { describe, expect, it } from "vitest";
import { parseTable } from "../../../integrations/files/csv";
import { decode, limits, shownName } from "../../../integrations/files/text";
import { Refusal } from "../../../lib/core/errors";

const utf8 = (text: string) => new TextEncoder().encode(text);
function refusal(run: () => unknown): Refusal {
  try {
    run();
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}

describe("decode", () => {
  const text = "Datum;Größe\n01.02.2026;“Café” 5 €\n";
  it.each([
    ["utf-8", Buffer.from(text)],
    ["utf-8", Buffer.from(`\uFEFF${text}`)],
    ["utf-16le", Buffer.concat([Buffer.from([0xff, 0xfe]), iconv.encode(text, "utf-16le")])],
    ["utf-16be", Buffer.concat([Buffer.from([0xfe, 0xff]), iconv.encode(text, "utf-16be")])],
    ["utf-16le", iconv.encode(text, "utf-16le", { addBOM: false })],
    ["utf-16be", iconv.encode(text, "utf-16be", { addBOM: false })],
    ["windows-1252", iconv.encode(text, "windows-1252")],
  ])("reads %s", (encoding, bytes) => {
    const decoded = decode(bytes, "a.csv");
    expect(decoded).toEqual({ text, encoding, problems: [] });
  });
  it("reads ISO-8859-1 and Windows-1250 by their letters", () => {
    expect(decode(iconv.encode("Gebühr für Überweisung;-4,50\n", "latin1"), "a").encoding).toBe("iso-8859-1");
    const czech =
      "Zpráva pro příjemce;Datum zaúčtování;Částka;Název protiúčtu\nPříchozí úhrada z účtu;1.2.2026;Číslo účtu;Žluťoučký kůň\n";
    expect(decode(iconv.encode(czech, "windows-1250"), "a")).toMatchObject({ text: czech, encoding: "windows-1250" });
  });
  it("makes every line end the same, and drops padding and DOS's end of file", () => {
    expect(decode(utf8("a\r\nb\rc\n"), "a").text).toBe("a\nb\nc\n");
    expect(decode(utf8(`a,b\n1,2\n${"\0".repeat(600)}`), "a").text).toBe("a,b\n1,2\n");
    expect(decode(utf8("a,b\n1,2\n\x1a"), "a").text).toBe("a,b\n1,2\n");
  });
  it("undoes and tells text that was encoded twice, and leaves single such pairs alone", () => {
    const twice = iconv.decode(Buffer.from("Großhändler;Köln;Café\n"), "windows-1252");
    const decoded = decode(utf8(twice), "a");
    expect(decoded.text).toBe("Großhändler;Köln;Café\n");
    expect(decoded.problems).toMatchObject([{ row: null, code: "bad_encoding" }]);
    expect(decode(utf8("Größe;Ã¤;Maß;Fuß;Öl\n"), "a").problems).toEqual([]);
  });
  it("tells a letter that was lost before", () => {
    expect(decode(utf8("a;b\nGr\uFFFD\uFFFDe;2\n"), "a").problems[0]?.message).toContain("Row 2, character 3");
  });
  it.each([
    ["a PDF", "%PDF-1.7\n%\xe2\xe3"],
    ["a picture (PNG)", "\x89PNG\r\n\x1a\n\0\0\0\rIHDR"],
    ["an Excel or Word file", "PK\x03\x04\x14\0\x06\0[Content_Types].xml xl/workbook.xml"],
    ["a compressed file (ZIP)", "PK\x03\x04\x14\0\0\0statement.csv"],
    ["a web page (HTML)", "\n<!DOCTYPE html><html><body>Sign in</body></html>"],
    ["a file that is not text", "\x01\x02\x03\x04\x05\x06\x07\x08abc\x01\x02\x03"],
  ])("says what is no statement: %s", (looksLike, content) => {
    const error = refusal(() => decode(Buffer.from(content, "latin1"), "x.csv"));
    expect(error.code).toBe("wrong_file_type");
    expect(error.message).toContain(looksLike);
  });
  it("refuses what is empty, too large, too long in one line, or holds a NUL", () => {
    expect(refusal(() => decode(utf8(""), "a")).code).toBe("file_empty");
    expect(refusal(() => decode(utf8(" \n\t\r\n\0\0"), "a")).code).toBe("file_empty");
    const large = refusal(() => decode(new Uint8Array(limits.bytes * 3), "a"));
    expect([large.code, large.message]).toEqual(["file_too_large", "The file has 60 MB; the limit is 20 MB."]);
    const long = refusal(() => decode(utf8(`a\n${"x".repeat(limits.lineLength + 1)}`), "a"));
    expect([long.code, long.detail.row]).toEqual(["line_too_long", "2"]);
    const nul = refusal(() => decode(utf8("a,b\n1,x\0y\n2,3\n"), "a"));
    expect([nul.code, nul.detail]).toEqual(["bad_character", { row: "2", column: "4" }]);
  });
  it("names the byte that is no letter", () => {
    const broken = Buffer.concat([Buffer.from("Größe;Öl;Maß\näöü;x"), Buffer.from([0xff]), Buffer.from("\n")]);
    expect(refusal(() => decode(broken, "a"))).toMatchObject({
      code: "bad_encoding",
      detail: { row: "2", column: "6" },
    });
  });
  it("shows only a clean name", () => {
    expect(shownName("../../etc/passwd")).toBe("passwd");
    expect(shownName("a\r\nX: y\u202e.csv")).toBe("aX: y.csv");
    expect(shownName("n".repeat(300)).length).toBe(120);
  });
  it("never crashes on any bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        try {
          const { text } = decode(bytes, "random");
          parseTable(text);
        } catch (error) {
          if (!(error instanceof Refusal)) throw error;
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe("parseTable", () => {
  it.each([
    [";", "a;b;c\n1,5;2,5;3\n4,5;x, y;6\n"],
    ["\t", "a\tb\tc\n1,5\t2\t3\n"],
    ["|", "a|b|c\n1|2|3\n"],
    [",", 'a,b,c\n"1;2;3;4",2,3\n'],
    [",", "a,b\n1,2\n"],
  ])("finds %j", (delimiter, text) => {
    expect(parseTable(text).delimiter).toBe(delimiter);
  });
  it("obeys Excel's sep= line and a given delimiter", () => {
    const table = parseTable("sep=;\na;b\n1;2\n");
    expect(table).toMatchObject({
      delimiter: ";",
      rows: [
        { row: 2, cells: ["a", "b"] },
        { row: 3, cells: ["1", "2"] },
      ],
    });
    expect(parseTable("a,b;c\n1,2;3\n", { delimiter: "," }).rows[1]?.cells).toEqual(["1", "2;3"]);
  });
  it("counts rows as the lines of the file, over blank lines and cells of several lines", () => {
    const rows = parseTable('a,b\n\n1,"x\ny"\n\n,\n2,z\n').rows;
    expect(rows.map(({ row, cells }) => [row, cells[1]])).toEqual([
      [1, "b"],
      [3, "x\ny"],
      [7, "z"],
    ]);
  });
  it("takes quotes as banks set them", () => {
    const rows = parseTable('a,b,c\n1, "x, y" ,3\n2,5" pipe,"say ""hi"""\n').rows;
    expect(rows.slice(1).map(({ cells }) => cells)).toEqual([
      ["1", "x, y", "3"],
      ["2", '5" pipe', 'say "hi"'],
    ]);
    expect(parseTable('a\tb\n1\t"inch\n2\tx\n').rows[1]?.cells).toEqual(["1", '"inch']);
  });
  it("opens lines that a spreadsheet wrapped whole in quotes", () => {
    expect(parseTable('a,b,c\n"1,""x,y"",3"\n"2,z,4"\n').rows.map(({ cells }) => cells)).toEqual([
      ["a", "b", "c"],
      ["1", "x,y", "3"],
      ["2", "z", "4"],
    ]);
  });
  it("names the row whose quote is not closed, at once or many rows later", () => {
    const open = refusal(() => parseTable('a,b\n1,x\n2,"y\n3,z\n'));
    expect([open.code, open.message]).toEqual(["bad_quote", "Row 3: a quote is opened and not closed."]);
    const late = refusal(() => parseTable('id,b,c\n1,x,1\n2,"y,1\n3,z,1\n4,z",1\n5,x,1\n'));
    expect([late.code, late.detail.row]).toEqual(["bad_quote", "3"]);
  });
  it("refuses more rows than the limit", () => {
    expect(refusal(() => parseTable("1,2\n".repeat(limits.rows + 1))).code).toBe("too_many_rows");
  });
});
