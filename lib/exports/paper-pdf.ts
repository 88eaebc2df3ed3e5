/**
 * A document as a PDF to print: A4 or Letter, upright; long ones go on over pages, each with the heads of its columns and `page n of m`.
 * The fonts are those of lists (pdf.ts), in the file, of each letter that is used.
 */
import PDFDocument from "pdfkit";
import { dayInWords } from "../core/dates";
import type { Paper, PaperParty } from "./paper";
import { fonts, textOf } from "./pdf";
import type { Column } from "./sheet";

const margin = 48;
const gap = 8;
const ink = "#1c1b19";
const quiet = "#6b675f";
const hair = "#c9c4b8";
const size = 9;
/** A long word of a name is broken rather than cut; beyond so many lines of a cell the rest is left out. */
const mostCellLines = 6;

/** The whole file. Papers are short: at most some hundred lines. */
export async function paperPdf(paper: Paper): Promise<Uint8Array<ArrayBuffer>> {
  const title = paper.number === null ? paper.title : `${paper.title} ${paper.number}`;
  const doc = new PDFDocument({
    size: paper.size,
    margins: { top: margin, left: margin, right: margin, bottom: 0 },
    bufferPages: true,
    info: { Title: title, Author: paper.from.name },
  });
  const parts: Uint8Array[] = [];
  doc.on("data", (part: Uint8Array) => parts.push(part));
  const ended = new Promise<void>((resolve, reject) => {
    doc.on("end", resolve);
    doc.on("error", reject);
  });
  doc.registerFont("regular", fonts.regular);
  doc.registerFont("bold", fonts.bold);
  new Page(doc, paper, title).write();
  doc.end();
  await ended;
  return new Uint8Array(Buffer.concat(parts));
}

type Placed = Column & Readonly<{ x: number; width: number }>;
type Face = "regular" | "bold";

/** Text as paper shows it: without signs that only steer a screen. */
const shown = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, " ");

class Page {
  private readonly columns: readonly Placed[];
  private readonly right: number;
  private readonly bottom: number;
  private y = margin;

  constructor(
    private readonly doc: PDFKit.PDFDocument,
    private readonly paper: Paper,
    private readonly title: string,
  ) {
    this.right = doc.page.width - margin;
    this.bottom = doc.page.height - margin - 14;
    const whole = this.right - margin - gap * (paper.columns.length - 1);
    const shares = paper.columns.reduce((sum, column) => sum + column.share, 0);
    let x = margin;
    this.columns = paper.columns.map((column) => {
      const width = (whole * column.share) / shares;
      const placed = { ...column, x, width };
      x += width + gap;
      return placed;
    });
  }

  write(): void {
    this.head();
    this.heads();
    for (const line of this.paper.lines) {
      const cells = this.columns.map((column, i) => {
        const cell = line[i];
        return cell === undefined || cell === null ? [] : this.broken(shown(textOf(cell)), column.width);
      });
      const height = Math.max(1, ...cells.map((rows) => rows.length)) * 12 + 5;
      this.room(height, true);
      cells.forEach((rows, i) => {
        const column = this.columns[i];
        if (column === undefined) return;
        rows.forEach((row, at) => {
          this.put(row, column.x, this.y + at * 12, column.width, column.kind === "figure" ? "right" : "left");
        });
      });
      this.y += height;
      this.rule(this.y - 3);
    }
    this.sums();
    this.end();
    this.numbered();
  }

  /** Who it is from and to, what it is, its number and day. */
  private head(): void {
    const { paper } = this;
    const half = (this.right - margin) / 2 - gap;
    const middle = margin + half + 2 * gap;
    const top = this.y;
    this.party(paper.from, margin, half, 11);
    const left = this.y;
    this.y = top;
    this.put(paper.title.toUpperCase(), middle, this.y, half, "right", "bold", 13);
    this.y += 20;
    if (paper.mark !== null) {
      this.put(paper.mark, middle, this.y, half, "right", "bold", 10);
      this.y += 15;
    }
    const about: (readonly [string, string])[] = [
      ...(paper.number === null ? [] : [["Number", paper.number] as const]),
      ["Date", dayInWords(paper.on)],
      ...paper.about,
    ];
    for (const [label, value] of about) {
      const rows = this.broken(shown(value), half * 0.62);
      this.put(label, middle, this.y, half * 0.36, "left", "regular", size, quiet);
      rows.forEach((row, at) => {
        this.put(row, middle + half * 0.38, this.y + at * 12, half * 0.62, "right");
      });
      this.y += 12 * Math.max(1, rows.length) + 1;
    }
    const rightEnd = this.y;
    this.y = Math.max(left, top + 34) + 14;
    if (paper.to !== null) {
      this.put(paper.to.label, margin, this.y, half, "left", "regular", size, quiet);
      this.y += 13;
      this.party(paper.to.party, margin, half, 10);
    }
    this.y = Math.max(this.y, rightEnd) + 18;
  }

  private party(party: PaperParty, x: number, width: number, points: number): void {
    for (const row of this.broken(shown(party.name), width, "bold", points)) {
      this.put(row, x, this.y, width, "left", "bold", points);
      this.y += points + 4;
    }
    const below = party.address === "" ? [] : party.address.split("\n");
    if (party.taxNumber !== "") below.push(`Tax registration ${party.taxNumber}`);
    for (const line of below)
      for (const row of this.broken(shown(line), width)) {
        this.put(row, x, this.y, width);
        this.y += 12;
      }
  }

  /** The heads of the columns: on the first page under the head, on others at the top. */
  private heads(): void {
    for (const column of this.columns)
      this.put(
        column.head,
        column.x,
        this.y,
        column.width,
        column.kind === "figure" ? "right" : "left",
        "bold",
        size,
        quiet,
      );
    this.y += 14;
    this.rule(this.y - 1, ink);
    this.y += 4;
  }

  private sums(): void {
    const { sums } = this.paper;
    if (sums.length === 0) return;
    this.room(sums.length * 15 + 10, false);
    this.y += 6;
    const width = (this.right - margin) * 0.5;
    const x = this.right - width;
    sums.forEach(({ label, value }, at) => {
      const isLast = at === sums.length - 1;
      const face: Face = isLast ? "bold" : "regular";
      if (isLast) this.rule(this.y - 2, ink, x);
      const rows = this.broken(label, width * 0.62, face);
      rows.forEach((row, i) => {
        this.put(row, x, this.y + i * 12, width * 0.62, "left", face);
      });
      this.put(value, x + width * 0.64, this.y, width * 0.36, "right", face);
      this.y += 12 * rows.length + 3;
    });
  }

  /** Notes, lines for signatures, and the business's own closing line. */
  private end(): void {
    const width = this.right - margin;
    const texts = [...this.paper.notes, ...(this.paper.foot === "" ? [] : this.paper.foot.split("\n"))];
    if (texts.length > 0) this.y += 12;
    for (const text of texts)
      for (const row of this.broken(shown(text), width)) {
        this.room(13, false);
        this.put(row, margin, this.y, width, "left", "regular", size, quiet);
        this.y += 13;
      }
    const { signs } = this.paper;
    if (signs.length === 0) return;
    this.room(70, false);
    this.y += 46;
    const each = (width - gap * 3 * (signs.length - 1)) / signs.length;
    signs.forEach((sign, at) => {
      const x = margin + at * (each + gap * 3);
      this.rule(this.y, ink, x, x + each);
      this.put(sign, x, this.y + 4, each, "left", "regular", size, quiet);
    });
  }

  /** Another page where there is no room; `isLine`: with the heads of the columns again. */
  private room(height: number, isLine: boolean): void {
    if (this.y + height <= this.bottom) return;
    this.doc.addPage();
    this.y = margin;
    if (isLine) this.heads();
  }

  private numbered(): void {
    const { start, count } = this.doc.bufferedPageRange();
    for (let page = 0; page < count; page += 1) {
      this.doc.switchToPage(start + page);
      const y = this.doc.page.height - margin;
      const width = this.right - margin;
      this.put(this.title, margin, y, width * 0.7, "left", "regular", 8, quiet);
      this.put(`Page ${page + 1} of ${count}`, margin, y, width, "right", "regular", 8, quiet);
    }
  }

  private put(
    text: string,
    x: number,
    y: number,
    width: number,
    align: "left" | "right" = "left",
    face: Face = "regular",
    points = size,
    color = ink,
  ): void {
    if (text === "") return;
    this.doc.font(face, points).fillColor(color);
    const at = align === "right" ? x + width - this.doc.widthOfString(text) : x;
    this.doc.text(text, at, y, { lineBreak: false });
  }

  private rule(y: number, color = hair, from = margin, to = this.right): void {
    this.doc.moveTo(from, y).lineTo(to, y).lineWidth(0.5).strokeColor(color).stroke();
  }

  /** A text in lines that fit, at spaces where there are some. */
  private broken(text: string, width: number, face: Face = "regular", points = size): readonly string[] {
    this.doc.font(face, points);
    const rows: string[] = [];
    let row = "";
    for (const word of text.split(/ +/).filter((one) => one !== "")) {
      const wider = row === "" ? word : `${row} ${word}`;
      if (this.doc.widthOfString(wider) <= width) {
        row = wider;
        continue;
      }
      if (row !== "") rows.push(row);
      row = "";
      for (const letter of word) {
        if (row !== "" && this.doc.widthOfString(row + letter) > width) {
          rows.push(row);
          row = "";
        }
        row += letter;
      }
    }
    if (row !== "") rows.push(row);
    return rows.length <= mostCellLines ? rows : [...rows.slice(0, mostCellLines - 1), "…"];
  }
}
