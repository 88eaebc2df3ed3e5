/**
 * Which reader a file belongs to. Every reader looks at the content and says how sure it is; the name of a file is never asked, for
 * people rename files and browsers call everything "download". The surest reader reads.
 */
import { Refusal } from "../../lib/core/errors";
import { camtReader } from "./bank/camt";
import { bankCsvReader } from "./bank/csv";
import { mt940Reader } from "./bank/mt940";
import { ofxReader } from "./bank/ofx";
import { refuseDocumentType } from "./bank/ofx-tags";
import { qifReader } from "./bank/qif";
import { channelReaders } from "./channels/index";
import { mappedSales } from "./channels/mapped";
import type { FileReader, Reading, ReadOptions } from "./reading";
import { decode } from "./text";

/** Files that are known for what they are and cannot be read yet: said in words instead of a table read wrongly. */
const known: readonly Readonly<{ name: string; test: (head: string) => boolean }>[] = [
  { name: "an MT942 interim report", test: (head) => /^:20:/m.test(head) && /^:(34F|13D):/m.test(head) },
  { name: "a SWIFT message", test: (head) => /^\s*\{1:F01/.test(head) },
  { name: "a CAMT report of the day or a notification", test: (head) => /camt\.05[24]|<(\w+:)?BkToCstmr/.test(head) },
  { name: "a GnuCash book", test: (head) => /<gnc-v2/.test(head) },
  { name: "a JSON file", test: (head) => /^\s*[[{]\s*("|\{|\[|\])/.test(head) },
];

const unsupportedReader: FileReader = {
  recognise: (text) => (nameOfKnown(text) === null ? 0 : 0.95),
  read: (text) => {
    const name = nameOfKnown(text) ?? "a file of another kind";
    throw new Refusal(
      "unsupported",
      `This is ${name}, which cannot be read yet. Export a statement as CAMT.053, MT940, CSV, OFX, QFX or QIF and bring that in.`,
    );
  },
};

function nameOfKnown(text: string): string | null {
  const head = text.slice(0, 8192);
  return known.find(({ test }) => test(head))?.name ?? null;
}

/** Channel files come first: where two readers are equally sure, the one that knows its own export is right. */
const readers: readonly FileReader[] = [
  ...channelReaders,
  ofxReader,
  qifReader,
  camtReader,
  mt940Reader,
  unsupportedReader,
  bankCsvReader,
];

/**
 * What a file says, read by the reader that knows it. Pure; throws Refusal (see text.ts and the readers; wrong_file_type where nobody
 * knows the file, missing_column where it is a table without a day or an amount). Damage found while decoding stands first
 * among the problems.
 */
export function readFile(bytes: Uint8Array, options: ReadOptions): Reading {
  const { text, encoding, problems } = decode(bytes, options.fileName);
  let best: { reader: FileReader; sure: number } | null =
    options.sales == null ? null : { reader: mappedSales, sure: 0.65 };
  for (const reader of readers) {
    const sure = reader.recognise(text);
    if (sure > (best?.sure ?? 0)) best = { reader, sure };
  }
  if (!best) throw unknownFile(text);
  const reading = best.reader.read(text, encoding, options);
  return problems.length === 0 ? reading : { ...reading, problems: [...problems, ...reading.problems] };
}

function unknownFile(text: string): Refusal {
  if (/^\s*</.test(text)) {
    refuseDocumentType(text);
    return new Refusal(
      "wrong_file_type",
      "This looks like an XML file that is no bank statement. Export CAMT.053, MT940, CSV, OFX, QFX or QIF and bring that in.",
    );
  }
  const first = text.trimStart().split("\n", 1)[0] ?? "";
  const found = first.split(/[,;\t|]/).map((cell) => cell.trim().replace(/^"|"$/g, "").slice(0, 30));
  if (found.length > 1) {
    const named = found.filter((cell) => cell !== "").slice(0, 20);
    return new Refusal(
      "missing_column",
      `No column for Date and Amount could be found. Found: ${named.length === 0 ? "nothing" : named.join(", ")}.`,
      { column: "Date" },
    );
  }
  return new Refusal(
    "wrong_file_type",
    "This is text, but neither a table nor a bank statement. Export CAMT.053, MT940, CSV, OFX, QFX or QIF and bring that in.",
  );
}
