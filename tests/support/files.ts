/** Reads back the files that lists are taken away as, each by a library that is not the one that wrote it where there is one. */
import { Readable } from "node:stream";
import { parse } from "csv-parse/sync";
import exceljs from "exceljs";
import { getDocument } from "pdfjs-dist/legacy/build/pdf.mjs";

type Read = Readonly<{ head: readonly string[]; rows: readonly (readonly string[])[] }>;

/** A CSV file's head and rows. */
export function fromCsv(bytes: Uint8Array): Read {
  const [head = [], ...rows] = parse(Buffer.from(bytes), { bom: true }) as string[][];
  return { head, rows };
}

/** An Excel file of ours: its rows as text, the numbers as they are shown, what it says of itself, and how many formulas are in it. */
export async function fromXlsx(bytes: Uint8Array): Promise<Read & Readonly<{ about: string; formulas: number }>> {
  const book = new exceljs.Workbook();
  await book.xlsx.read(Readable.from([Buffer.from(bytes)]));
  const sheet = book.getWorksheet("Rows");
  const all: string[][] = [];
  let formulas = 0;
  sheet?.eachRow((row) => {
    const cells: string[] = [];
    for (let column = 1; column <= 14; column += 1) {
      const { value, numFmt } = row.getCell(column);
      if (typeof value === "object" && value !== null && "formula" in value) formulas += 1;
      if (value === null || value === undefined) cells.push("");
      else if (value instanceof Date) cells.push(value.toISOString().slice(0, 10));
      else if (typeof value === "number") cells.push(value.toFixed(numFmt === "#,##0.00" ? 2 : 0));
      else cells.push(String(value));
    }
    all.push(cells);
  });
  const about: string[] = [];
  book.getWorksheet("About")?.eachRow((row) => about.push(String(row.getCell(1).value)));
  const [head = [], ...rows] = all;
  return { head, rows, about: about.join("\n"), formulas };
}

/** Each page's texts with where they stand, put together into lines by their height. */
export async function fromPdf(bytes: Uint8Array): Promise<readonly (readonly (readonly string[])[])[]> {
  const loading = getDocument({ data: new Uint8Array(bytes), verbosity: 0 });
  const doc = await loading.promise;
  const pages: string[][][] = [];
  for (let number = 1; number <= doc.numPages; number += 1) {
    const lines = new Map<number, Readonly<{ x: number; text: string }>[]>();
    for (const one of (await (await doc.getPage(number)).getTextContent()).items) {
      if (!("str" in one) || one.str.trim() === "") continue;
      const [x, y] = [Number(one.transform[4]), Math.round(Number(one.transform[5]))];
      lines.set(y, [...(lines.get(y) ?? []), { x, text: one.str }]);
    }
    pages.push(
      [...lines]
        .sort(([a], [b]) => b - a)
        .map(([, some]) => [...some].sort((a, b) => a.x - b.x).map(({ text }) => text)),
    );
  }
  await loading.destroy();
  return pages;
}
