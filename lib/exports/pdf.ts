/**
 * A list as PDF, A4 across: on each page whose it is, what it is of, the heads of the columns, and its number. The font is in the file, of
 * each letter that is used, and has the Latin, Greek, Cyrillic and Devanagari scripts and the signs of currencies.
 */
import path from "node:path";
import PDFDocument from "pdfkit";
import { formatScaled } from "../core/money";
import type { Cell, Column, Line, Sheet } from "./sheet";

// Found from where the product is started, as every part of it is: a bundler would take a font for code.
const family = path.join(/* turbopackIgnore: true */ process.cwd(), "node_modules", "@expo-google-fonts", "noto-sans");
export const fonts = {
  regular: path.join(family, "400Regular", "NotoSans_400Regular.ttf"),
  bold: path.join(family, "600SemiBold", "NotoSans_600SemiBold.ttf"),
};
type Face = keyof typeof fonts;

const margin = 30;
const size = 7.5;
const rowHeight = 12.5;
const gap = 5;
const heldBytes = 1024 * 1024;
/** After so many lines others have their turn, and what was made is waited for. */
const breath = 50;
const ink = "#1c1b19";
const quiet = "#6b675f";
const hair = "#c9c4b8";

export async function* pdfOf(sheet: Sheet): AsyncGenerator<Uint8Array> {
  const doc = new PDFDocument({
    size: "A4",
    layout: "landscape",
    margin,
    autoFirstPage: false,
    // A cache of every word ever set would grow with the list.
    fontLayoutCache: false,
    info: { Title: sheet.title, Author: sheet.business },
  });
  const filling = fill(doc, sheet).catch((error: unknown) => {
    doc.destroy(error instanceof Error ? error : new Error(String(error)));
  });
  yield* doc as unknown as AsyncIterable<Uint8Array>;
  await filling;
}

type Placed = Column & Readonly<{ x: number; width: number }>;

async function fill(doc: PDFKit.PDFDocument, sheet: Sheet): Promise<void> {
  const paper = new Paper(doc, sheet);
  let lines = 0;
  for await (const line of sheet.lines) {
    if (doc.destroyed) return;
    paper.line(line);
    lines += 1;
    if (lines % breath !== 0) continue;
    do await new Promise((resolve) => setImmediate(resolve));
    while (!doc.destroyed && doc.readableLength > heldBytes);
  }
  paper.end();
}

/** Where the next line goes, and what every page begins and ends with. */
class Paper {
  private readonly columns: readonly Placed[];
  private readonly widths: Record<Face, Map<string, number>> = { regular: new Map(), bold: new Map() };
  private y = 0;
  private bottom = 0;
  private page = 0;

  constructor(
    private readonly doc: PDFKit.PDFDocument,
    private readonly sheet: Sheet,
  ) {
    for (const face of ["regular", "bold"] as const) {
      doc.registerFont(face, fonts[face]);
      setByLetter(doc.font(face));
    }
    const whole = 841.89 - 2 * margin - gap * (sheet.columns.length - 1);
    const shares = sheet.columns.reduce((sum, column) => sum + column.share, 0);
    let x = margin;
    this.columns = sheet.columns.map((column) => {
      const width = (whole * column.share) / shares;
      const placed = { ...column, x, width };
      x += width + gap;
      return placed;
    });
  }

  line(line: Line): void {
    if (this.page === 0 || this.y + rowHeight > this.bottom) this.turn();
    const face: Face = line.kind === "row" ? "regular" : "bold";
    line.cells.forEach((cell, i) => {
      const column = this.columns[i];
      if (column !== undefined && cell !== null) this.put(textOf(cell), column, face, ink);
    });
    this.y += rowHeight;
    if (line.kind !== "row") this.rule(this.y - 2.5);
  }

  end(): void {
    if (this.page === 0) this.turn();
    this.doc.end();
  }

  private turn(): void {
    const { doc, sheet } = this;
    doc.addPage();
    this.page += 1;
    const { width, height } = doc.page;
    const right = width - margin;
    const set = (text: string, y: number, face: Face, points: number, color: string) =>
      doc.font(face, points).fillColor(color).text(text, margin, y, { lineBreak: false });
    set(this.fit(sheet.business, "bold", 10, right - margin), margin - 6, "bold", 10, ink);
    set(this.fit(sheet.title, "bold", 10, right - margin), margin + 8, "bold", 10, ink);
    let y = margin + 23;
    for (const note of sheet.notes) {
      set(this.fit(note, "regular", size, right - margin), y, "regular", size, quiet);
      y += 10.5;
    }
    const number = `Page ${this.page}`;
    const numberX = right - this.widthOf(number, "regular", size);
    doc.font("regular", size).fillColor(quiet);
    doc.text(number, numberX, height - margin - 9, { lineBreak: false });
    this.y = y + 6;
    this.bottom = height - margin - 12;
    for (const column of this.columns) this.put(column.head, column, "bold", quiet);
    this.y += rowHeight;
    this.rule(this.y - 2.5);
  }

  private put(text: string, column: Placed, face: Face, color: string): void {
    const shown = this.fit(text, face, size, column.width);
    if (shown === "") return;
    const x = column.kind === "figure" ? column.x + column.width - this.widthOf(shown, face, size) : column.x;
    this.doc.font(face, size).fillColor(color).text(shown, x, this.y, { lineBreak: false });
  }

  private rule(y: number): void {
    this.doc
      .moveTo(margin, y)
      .lineTo(this.doc.page.width - margin, y)
      .lineWidth(0.5)
      .strokeColor(hair)
      .stroke();
  }

  /** As much of a text as there is room for, on one line. */
  private fit(text: string, face: Face, points: number, width: number): string {
    const line = text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, " ");
    if (this.widthOf(line, face, points) <= width) return line;
    const letters = [...line];
    let room = width - this.widthOf("…", face, points);
    let kept = 0;
    for (const letter of letters) {
      room -= this.widthOf(letter, face, points);
      if (room < 0) break;
      kept += 1;
    }
    return `${letters.slice(0, kept).join("")}…`;
  }

  /** Letter by letter, each measured once: near enough, and a hundredth of the time of setting it. */
  private widthOf(text: string, face: Face, points: number): number {
    const known = this.widths[face];
    let width = 0;
    for (const letter of text) {
      let one = known.get(letter);
      if (one === undefined) {
        one = this.doc.font(face, 100).widthOfString(letter) / 100;
        known.set(letter, one);
      }
      width += one;
    }
    return width * points;
  }
}

type Run = { glyphs: unknown[]; positions: unknown[]; advanceWidth: number };
type Shaping = { layout: (text: string, features?: unknown) => Run };
const mostShaped = 2_000;

/** Scripts of which each letter has one form: nearly all that is in a list. */
const simple = /^[\u0020-\u02ff\u0370-\u0482\u048a-\u052f\u1e00-\u1fff\u2010-\u205e\u20a0-\u20c0\u2100-\u22ff]*$/u;

/**
 * Text of simple scripts is put together from letters that were shaped once each; all else is shaped whole. pdfkit shapes every text anew, or
 * keeps all that it ever shaped, and either is too much for a list of a million figures.
 */
function setByLetter(doc: PDFKit.PDFDocument): void {
  const font = (doc as unknown as { _font: Shaping })._font;
  const whole = font.layout.bind(font);
  const letters = new Map<string, Run>();
  const shaped = new Map<string, Run>();
  font.layout = (text, features) => {
    if (!simple.test(text)) {
      // Names come again and again; of very many the first are forgotten.
      if (shaped.size > mostShaped) shaped.clear();
      const run = shaped.get(text) ?? whole(text, features);
      shaped.set(text, run);
      return run;
    }
    const run: Run = { glyphs: [], positions: [], advanceWidth: 0 };
    for (const letter of text) {
      const one = letters.get(letter) ?? whole(letter, features);
      letters.set(letter, one);
      run.glyphs.push(...one.glyphs);
      run.positions.push(...one.positions);
      run.advanceWidth += one.advanceWidth;
    }
    return run;
  };
}

/** A cell as text. */
export const textOf = (cell: Exclude<Cell, null>): string =>
  typeof cell === "string" ? cell : formatScaled(cell.units, cell.decimals);
