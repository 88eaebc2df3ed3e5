/**
 * Bytes to text. A file's name and its own word about its encoding are hints at best, so the bytes decide: marks, then what decodes
 * without a fault, then the letters that a language would use. What is not text at all is refused here with what it looks like.
 */
import chardet from "chardet";
import iconv from "iconv-lite";
import { Refusal } from "../../lib/core/errors";
import type { Problem } from "./reading";

/** What a file may hold at most; each has its own error code (reliability.md section 5 A). */
export const limits = { bytes: 20 * 1024 * 1024, rows: 200_000, lineLength: 1_000_000 } as const;

type Decoded = Readonly<{ text: string; encoding: string; problems: readonly Problem[] }>;

/**
 * The text of a file, its line ends made `\n`, without byte order mark and padding, and the encoding that it was read in.
 * Throws Refusal file_too_large, file_empty, wrong_file_type, bad_character, bad_encoding or line_too_long, with row and column.
 * `fileName` is only ever shown. `problems` tells of damage that was done before the file came here and could be read through.
 */
export function decode(bytes: Uint8Array, fileName: string): Decoded {
  if (bytes.length > limits.bytes) {
    const size = Math.ceil(bytes.length / 1024 / 1024);
    throw new Refusal("file_too_large", `The file has ${size} MB; the limit is ${limits.bytes / 1024 / 1024} MB.`);
  }
  const trimmed = withoutPadding(bytes);
  if (trimmed.length === 0) throw new Refusal("file_empty", "The file has no rows.");
  refuseKnownBinary(trimmed, fileName);
  const raw = decodeBytes(bytes, trimmed, fileName);
  const lines = withoutEndMark(raw.text.replace(/\r\r\n|\r\n|\r/g, "\n"));
  if (lines.trim() === "") throw new Refusal("file_empty", "The file has no rows.");
  refuseWebPage(lines, fileName);
  refuseControlCharacters(lines, fileName);
  refuseLongLines(lines);
  const { text, problems } = repairDoubleEncoding(lines);
  return { text, encoding: raw.encoding, problems };
}

/** NUL bytes at the end are what an interrupted download or an old program pads a file with; they say nothing. */
function withoutPadding(bytes: Uint8Array): Uint8Array {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end -= 1;
  return bytes.subarray(0, end);
}

/** Without a byte order mark before, and without padding and DOS's end-of-file character behind. */
function withoutEndMark(text: string): string {
  let end = text.length;
  while (end > 0 && (text[end - 1] === "\0" || text[end - 1] === "\u001a")) end -= 1;
  return text.slice(text.startsWith("\uFEFF") ? 1 : 0, end);
}

const magic: readonly (readonly [string, string])[] = [
  ["%PDF", "a PDF"],
  ["\x89PNG", "a picture (PNG)"],
  ["\xff\xd8\xff", "a picture (JPEG)"],
  ["GIF8", "a picture (GIF)"],
  ["\xd0\xcf\x11\xe0", "an old Excel or Word file"],
  ["\x1f\x8b", "a compressed file (gzip)"],
  ["7z\xbc\xaf", "a compressed file (7z)"],
  ["Rar!", "a compressed file (RAR)"],
  ["BZh", "a compressed file (bzip2)"],
  ["SQLite format 3", "a database"],
  ["{\\rtf", "a Word document (RTF)"],
];

function refuseKnownBinary(bytes: Uint8Array, fileName: string): void {
  const head = Buffer.from(bytes.subarray(0, 16)).toString("latin1");
  const known = magic.find(([start]) => head.startsWith(start));
  if (known) throw wrongType(fileName, known[1]);
  if (head.startsWith("PK\x03\x04") || head.startsWith("PK\x05\x06")) {
    const names = Buffer.from(bytes.subarray(0, 65536)).toString("latin1");
    if (names.includes("xl/") || names.includes("[Content_Types].xml"))
      throw wrongType(fileName, "an Excel or Word file");
    throw wrongType(fileName, "a compressed file (ZIP)");
  }
}

function wrongType(fileName: string, looksLike: string): Refusal {
  const advice = looksLike.includes("Excel") ? "Save it as CSV" : "Export it as CSV, OFX, QFX or QIF";
  return new Refusal("wrong_file_type", `This looks like ${looksLike}. ${advice} and bring that in.`, {
    file: shownName(fileName),
  });
}

/** A file's name as it may be shown: no folders, no control or direction characters, not endless. */
export function shownName(fileName: string): string {
  const last = fileName.split(/[\\/]/).at(-1) ?? "";
  const clean = last.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, "").slice(0, 120);
  return clean === "" ? "file" : clean;
}

function refuseWebPage(text: string, fileName: string): void {
  if (
    /^\s*(<\?xml[^>]*>\s*)?(<!--[\s\S]*?-->\s*)?<(!doctype\s+html|html[\s>]|head[\s>]|body[\s>])/i.test(
      text.slice(0, 4096),
    )
  ) {
    throw wrongType(fileName, "a web page (HTML), perhaps a sign-in page");
  }
}

function isControl(letter: string): boolean {
  return (
    (letter < " " && !"\t\n\v\f".includes(letter)) || letter === "\u007f" || letter === "\uFFFE" || letter === "\uFFFF"
  );
}

/** One stray control character has a place that can be named; a file full of them is no text. */
function refuseControlCharacters(text: string, fileName: string): void {
  const sample = text.slice(0, 20_000);
  const strange = [...sample].filter(isControl).length;
  if (strange > 4 && strange * 10 > sample.length) throw wrongType(fileName, "a file that is not text");
  const at = text.indexOf("\0");
  if (at >= 0) {
    const place = placeOf(text, at);
    throw new Refusal(
      "bad_character",
      `Row ${place.row}, character ${place.column}: a NUL character stands there; the file may be damaged. Download it again.`,
      { row: String(place.row), column: String(place.column) },
    );
  }
}

function refuseLongLines(text: string): void {
  // OFX is often one single line, and is read by its tags: there a long line is no sign of anything.
  if (/^\s*(<|OFXHEADER)/i.test(text.slice(0, 200))) return;
  let row = 1;
  for (let start = 0; start <= text.length; row += 1) {
    const end = text.indexOf("\n", start);
    const stop = end < 0 ? text.length : end;
    if (stop - start > limits.lineLength) {
      throw new Refusal(
        "line_too_long",
        `Row ${row} has ${stop - start} characters; the limit is ${limits.lineLength}.`,
        {
          row: String(row),
        },
      );
    }
    start = stop + 1;
  }
}

/** Row and column, 1-based, as a person counts them; line ends of any kind. */
function placeOf(text: string, index: number): { row: number; column: number } {
  const before = text.slice(0, index).split(/\r\n|\r|\n/);
  return { row: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

function decodeBytes(bytes: Uint8Array, trimmed: Uint8Array, fileName: string): { text: string; encoding: string } {
  if (startsWith(bytes, [0xff, 0xfe, 0, 0]) || startsWith(bytes, [0, 0, 0xfe, 0xff])) {
    throw new Refusal("bad_encoding", "The file is in UTF-32. Save it as UTF-8 and bring that in.", {
      file: shownName(fileName),
    });
  }
  if (startsWith(bytes, [0xff, 0xfe])) return utf16(bytes.subarray(2), "utf-16le");
  if (startsWith(bytes, [0xfe, 0xff])) return utf16(bytes.subarray(2), "utf-16be");
  if (startsWith(bytes, [0xef, 0xbb, 0xbf])) return eightBit(trimmed.subarray(3), true);
  const guessed = utf16WithoutMark(trimmed);
  if (guessed) return utf16(bytes, guessed);
  return eightBit(trimmed, false);
}

function startsWith(bytes: Uint8Array, start: readonly number[]): boolean {
  return start.every((byte, index) => bytes[index] === byte);
}

/** Digits, separators and line ends of a table have a zero byte in UTF-16, always on the same side of the pair. */
function utf16WithoutMark(bytes: Uint8Array): "utf-16le" | "utf-16be" | null {
  const sample = bytes.subarray(0, 8192);
  if (sample.length < 8) return null;
  let even = 0;
  let odd = 0;
  for (const [index, byte] of sample.entries()) {
    if (byte !== 0) continue;
    if (index % 2 === 0) even += 1;
    else odd += 1;
  }
  const pairs = sample.length / 2;
  if (odd > pairs * 0.25 && even < pairs * 0.02) return "utf-16le";
  if (even > pairs * 0.25 && odd < pairs * 0.02) return "utf-16be";
  return null;
}

function utf16(bytes: Uint8Array, encoding: "utf-16le" | "utf-16be"): { text: string; encoding: string } {
  const even = bytes.length % 2 === 1 && bytes.at(-1) === 0 ? bytes.subarray(0, -1) : bytes;
  const text = iconv.decode(Buffer.from(even), encoding, { stripBOM: false });
  const lone = text.search(/[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/);
  if (lone >= 0) throw badEncoding(placeOf(text, lone), "half a character stands there");
  if (even.length % 2 === 1)
    throw badEncoding(placeOf(text, text.length), "the file ends within a character; it may be cut off");
  return { text, encoding };
}

function badEncoding(place: { row: number; column: number }, what: string): Refusal {
  return new Refusal(
    "bad_encoding",
    `Row ${place.row}, character ${place.column}: ${what}. Save the file as UTF-8 and bring that in.`,
    { row: String(place.row), column: String(place.column) },
  );
}

function eightBit(bytes: Uint8Array, isMarked: boolean): { text: string; encoding: string } {
  const fault = utf8Faults(bytes);
  if (fault.first < 0) return { text: Buffer.from(bytes).toString("utf8"), encoding: "utf-8" };
  if (isMarked || fault.sound > fault.broken) {
    const place = placeOf(Buffer.from(bytes.subarray(0, fault.first)).toString("utf8"), fault.first);
    throw badEncoding(place, "a letter there is not valid UTF-8, though the rest of the file is");
  }
  const encoding = legacyEncoding(bytes);
  const text = iconv.decode(Buffer.from(bytes), encoding);
  const lost = text.indexOf("\uFFFD");
  if (lost >= 0) throw badEncoding(placeOf(text, lost), `a byte there is no letter in ${encoding}`);
  return { text, encoding };
}

/** Where UTF-8 first breaks (-1: nowhere), how many letters of several bytes are sound, and how many bytes are not. */
function utf8Faults(bytes: Uint8Array): { first: number; sound: number; broken: number } {
  let first = -1;
  let sound = 0;
  let broken = 0;
  for (let index = 0; index < bytes.length; ) {
    const byte = bytes[index] ?? 0;
    const length =
      byte < 0x80
        ? 1
        : byte >= 0xc2 && byte < 0xe0
          ? 2
          : byte >= 0xe0 && byte < 0xf0
            ? 3
            : byte >= 0xf0 && byte < 0xf5
              ? 4
              : 0;
    if (length === 1) {
      index += 1;
      continue;
    }
    const second = bytes[index + 1] ?? 0;
    // Overlong forms, surrogates and code points past the last one have a second byte out of its narrower range.
    const lowest = byte === 0xe0 ? 0xa0 : byte === 0xf0 ? 0x90 : 0x80;
    const highest = byte === 0xed ? 0x9f : byte === 0xf4 ? 0x8f : 0xbf;
    let isSound = length > 0 && index + length <= bytes.length && second >= lowest && second <= highest;
    for (let step = 2; step < length; step += 1) isSound &&= ((bytes[index + step] ?? 0) & 0xc0) === 0x80;
    if (isSound) {
      sound += 1;
      index += length;
    } else {
      if (first < 0) first = index;
      broken += 1;
      index += 1;
    }
  }
  return { first, sound, broken };
}

/** How sure the guess must be before a script other than the Western one is believed; tables have few words to judge by. */
const believed: Readonly<Record<string, number>> = {
  "windows-1250": 15,
  "ISO-8859-2": 15,
  "windows-1254": 30,
  "ISO-8859-9": 30,
  "windows-1257": 30,
  "windows-1251": 30,
  "KOI8-R": 30,
  "ISO-8859-5": 30,
  "windows-1253": 30,
  "ISO-8859-7": 30,
  "windows-1255": 30,
  "ISO-8859-8": 30,
  "windows-1256": 30,
  Shift_JIS: 60,
  "EUC-JP": 60,
  "EUC-KR": 60,
  Big5: 60,
  GB18030: 60,
};

function legacyEncoding(bytes: Uint8Array): string {
  const hasWindowsLetters = bytes.some((byte) => byte >= 0x80 && byte <= 0x9f);
  const western = hasWindowsLetters ? "windows-1252" : "iso-8859-1";
  const guesses = chardet.analyse(bytes.subarray(0, 65536));
  const best = guesses[0];
  if (!best || !iconv.encodingExists(best.name)) return western;
  const rival = guesses.find((guess) => guess.name === "windows-1252" || guess.name === "ISO-8859-1")?.confidence ?? 0;
  // The letters of most languages stand at the same places in several encodings: then there is nothing to believe.
  const sample = Buffer.from(bytes.subarray(0, 65536));
  if (iconv.decode(sample, best.name) === iconv.decode(sample, western)) return western;
  const isBelieved = best.confidence >= (believed[best.name] ?? 101) && best.confidence > rival * 1.5;
  return isBelieved ? best.name.toLowerCase() : western;
}

const windowsLetters = "€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ";
const doubleEncoded = new RegExp(
  `[\\u00C2-\\u00DF][${windowsLetters}\\u0080-\\u00BF\\uFFFD]|[\\u00E0-\\u00EF][${windowsLetters}\\u0080-\\u00BF\\uFFFD]{2}|[\\u00F0-\\u00F4][${windowsLetters}\\u0080-\\u00BF\\uFFFD]{3}`,
  "g",
);

/**
 * UTF-8 that a program took for Windows-1252 and saved again ("GroÃŸhandel"). It is undone only when nearly every letter beyond
 * ASCII is explained by it, for single pairs of such letters can be meant; and it is said, since a letter may be lost for good.
 */
function repairDoubleEncoding(text: string): { text: string; problems: readonly Problem[] } {
  const beyond = text.match(/[^\0-\x7f]/g)?.length ?? 0;
  if (beyond === 0) return { text, problems: [] };
  const runs = text.match(doubleEncoded) ?? [];
  const explained = runs.reduce((sum, run) => sum + run.length, 0);
  if (runs.length === 0 || explained * 10 < beyond * 9) return { text, problems: lostLetters(text) };
  let repaired = 0;
  const undone = text.replace(doubleEncoded, (run) => {
    const original = undouble(run);
    if (original === null) return run;
    repaired += 1;
    return original;
  });
  if (repaired === 0) return { text, problems: lostLetters(text) };
  const sample = runs.find((run) => undouble(run) !== null) ?? "";
  const message = `The file's letters were encoded twice ("${sample}" stands for "${undouble(sample) ?? ""}"); they were read as they were meant. Amounts and dates are not touched, but look at the names.`;
  return { text: undone, problems: [{ row: null, column: null, code: "bad_encoding", message }] };
}

function undouble(run: string): string | null {
  if (run.includes("\uFFFD")) return null;
  // Windows-1252 leaves five bytes without a letter; programs keep them as the control characters of the same number.
  const bytes = Buffer.concat(
    [...run].map((letter) =>
      letter >= "\u0080" && letter <= "\u009f"
        ? Buffer.from([letter.charCodeAt(0)])
        : iconv.encode(letter, "windows-1252"),
    ),
  );
  return utf8Faults(bytes).first < 0 ? bytes.toString("utf8") : null;
}

/** U+FFFD in the file itself: a program before us could not read a letter and threw it away. */
function lostLetters(text: string): readonly Problem[] {
  const at = text.indexOf("\uFFFD");
  if (at < 0) return [];
  const { row, column } = placeOf(text, at);
  const message = `Row ${row}, character ${column}: a letter was lost (�) before the file came here. Amounts and dates are not touched, but look at the names.`;
  return [{ row: null, column: null, code: "bad_encoding", message }];
}
