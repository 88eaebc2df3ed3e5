/**
 * QIF, Quicken's old format: one letter, then its value; `^` ends a record. It names neither currency nor date order nor decimal
 * mark, so both are decided from all records of the file, and where they do not decide it a person is asked.
 */
import { Refusal } from "../../../lib/core/errors";
import type { BankAccountReading, BankReading, BankRow, CsvLayout, FileReader, Problem, ReadOptions } from "../reading";
import { limits } from "../text";
import { decideDateStyle, readDate } from "./dates";
import { decideDecimalMark, readAmount } from "./numbers";
import { firstAndLast, rowTexts } from "./words";

export const qifReader: FileReader = { recognise, read };

/** One record: its first line in the file and its fields in order; a letter may come several times (splits). */
type QifRecord = Readonly<{ line: number; fields: readonly Readonly<{ letter: string; value: string }>[] }>;
type QifAccount = { name: string | null; readonly type: BankAccountReading["type"]; readonly records: QifRecord[] };
type QifFile = Readonly<{ accounts: readonly QifAccount[]; investments: number; lists: number }>;

/** What a person chose for a QIF file is remembered under this name, as for a bank's CSV. */
const qifFingerprint = "qif";

const accountTypes: Readonly<Record<string, BankAccountReading["type"]>> = {
  bank: "bank",
  cash: "cash",
  ccard: "card",
  "oth a": null,
  "oth l": null,
};

function recognise(text: string): number {
  return /^\uFEFF?(?:[ \t]*(?:#[^\n]*)?\n){0,50}[ \t]*!(type|account|option|clear)\b/i.test(text.slice(0, 20_000))
    ? 1
    : 0;
}

/** Throws Refusal no_data_rows, unsupported or too_many_rows. Dates and numbers that cannot be read are problems of their rows. */
function read(text: string, encoding: string, options: ReadOptions): BankReading {
  const file = split(text);
  const records = file.accounts.flatMap((account) => account.records);
  if (records.length === 0) throw nothingToRead(file);
  const problems: Problem[] = [];
  if (file.investments > 0) {
    const message = `${file.investments} investment entries were left out: only bank, card and cash entries can be brought in.`;
    problems.push({ row: null, column: null, code: "unsupported", message });
  }
  const layout = decideLayout(records, options, problems);
  const accounts = file.accounts
    .filter((account) => account.records.length > 0)
    .map((account): BankAccountReading => {
      const rows = account.records.map((record) => bankRow(record, layout, options.currency, problems));
      return {
        account: account.name,
        name: account.name,
        type: account.type,
        currency: null,
        stated: { opening: null, closing: null, total: null },
        rows: rows.filter((row) => row !== null),
      };
    });
  const rows = accounts.flatMap((account) => account.rows);
  return {
    type: "bank",
    kind: "qif",
    encoding,
    rows: records.length,
    read: rows.length,
    problems,
    agrees: null,
    ...firstAndLast(rows),
    accounts,
    layout: layout.doubts.length > 0 || options.layout?.fingerprint === qifFingerprint ? layout : null,
  };
}

function nothingToRead(file: QifFile): Refusal {
  if (file.investments > 0) {
    return new Refusal(
      "unsupported",
      "The file holds only investment entries. Only bank, card and cash entries can be brought in.",
    );
  }
  const what = file.lists > 0 ? "It lists accounts or categories, but" : "The file begins as a QIF file, but";
  return new Refusal("no_data_rows", `${what} it holds no transactions.`);
}

/** The file's records by account. `!Account` names the account of what follows; lists of categories and the like are passed over. */
function split(text: string): QifFile {
  const accounts: QifAccount[] = [];
  let section = "";
  let current: QifAccount | null = null;
  let named: string | null = null;
  let fields: { letter: string; value: string }[] = [];
  let startsAt = 1;
  let investments = 0;
  let lists = 0;
  let total = 0;
  const finish = (): void => {
    if (fields.length === 0) return;
    if (section === "account") {
      named = fields.find((field) => field.letter === "N")?.value.trim() || null;
      current = null;
      lists += 1;
    } else if (section === "invst") investments += 1;
    else if (Object.hasOwn(accountTypes, section)) {
      total += 1;
      if (total > limits.rows)
        throw new Refusal(
          "too_many_rows",
          `The file has more than ${limits.rows} transactions. Export a shorter period.`,
        );
      current ??= openAccount(accounts, named, accountTypes[section] ?? null);
      current.records.push({ line: startsAt, fields });
    } else lists += 1;
    fields = [];
  };
  for (const [index, line] of text.split("\n").entries()) {
    const letter = line.charAt(0);
    if (letter === "!") {
      finish();
      const header = /^!(type:\s*)?(.*)$/i.exec(line.trim());
      const word = (header?.[2] ?? "").trim().toLowerCase();
      if (!/^(option|clear)/.test(word)) {
        section = word;
        current = null;
      }
    } else if (letter === "^") finish();
    else if (line.trim() !== "" && !(letter === "#" && section === "")) {
      if (fields.length === 0) startsAt = index + 1;
      fields.push({ letter, value: line.slice(1) });
    }
  }
  finish();
  return { accounts, investments, lists };
}

/** An account that comes back later in the file goes on where it was. */
function openAccount(accounts: QifAccount[], name: string | null, type: BankAccountReading["type"]): QifAccount {
  const known = accounts.find((account) => account.name === name && account.type === type);
  if (known) return known;
  const opened: QifAccount = { name, type, records: [] };
  accounts.push(opened);
  return opened;
}

/** The first value of a letter before the splits begin; a split may carry a date of its own. */
function value(record: QifRecord, letter: string): string {
  for (const field of record.fields) {
    if (field.letter === letter) return field.value.trim();
    if (field.letter === "S" && letter === "D") break;
  }
  return "";
}

/** Quicken writes 2/10'2020 and 1/ 5' 6 for years from 2000 on. */
function dateText(record: QifRecord): string {
  const written = value(record, "D").replace(/\s+/g, "");
  return written.replace(/'(\d{1,2})$/, (_, year: string) => `'20${year.padStart(2, "0")}`);
}

function amountText(record: QifRecord): string {
  return value(record, "T") || value(record, "U");
}

function decideLayout(records: readonly QifRecord[], options: ReadOptions, problems: Problem[]): CsvLayout {
  const chosen = options.layout?.fingerprint === qifFingerprint ? options.layout : null;
  const style = decideDateStyle(records.map(dateText), options.country);
  const amounts = records.flatMap((record) => [
    amountText(record),
    ...record.fields.filter((field) => field.letter === "$").map((field) => field.value),
  ]);
  const mark = decideDecimalMark(amounts, options.currency);
  const doubts: CsvLayout["doubts"][number][] = [];
  if (!chosen && !style.isDecided) {
    doubts.push("date style");
    const [record] = records;
    const message = `Dates such as "${record ? value(record, "D") : ""}" can be read day first or month first, and no date of the file decides it. They were read ${style.style === "mdy" ? "month first" : "day first"}.`;
    problems.push({ row: null, column: "D", code: "ambiguous_date", message });
  }
  if (!chosen && !mark.isDecided) {
    doubts.push("decimal mark");
    const message = `Amounts of the file can be read with "." or "," as the decimal mark. They were read with "${mark.mark}".`;
    problems.push({ row: null, column: "T", code: "ambiguous_number", message });
  }
  return {
    fingerprint: qifFingerprint,
    delimiter: "\n",
    headerRow: 0,
    headers: ["D (date)", "T (amount)", "P (payee)", "M (memo)"],
    date: 0,
    dateStyle: chosen?.dateStyle ?? style.style,
    amount: 1,
    credit: null,
    debit: null,
    isNegated: chosen?.isNegated ?? false,
    decimalMark: chosen?.decimalMark ?? mark.mark,
    payee: 2,
    memo: 3,
    balance: null,
    currency: null,
    id: null,
    doubts,
  };
}

function bankRow(record: QifRecord, layout: CsvLayout, currency: string, problems: Problem[]): BankRow | null {
  const row = record.line;
  const date = readDate(dateText(record), layout.dateStyle);
  const amount = readAmount(amountText(record), currency, layout.decimalMark);
  if (!date.ok) problems.push({ row, column: "D", code: date.code, message: date.message });
  if (!amount.ok) problems.push({ row, column: "T", code: amount.code, message: amount.message });
  if (!date.ok || !amount.ok) return null;
  checkSplits(record, amount.minor, layout, currency, problems);
  const splitNotes = record.fields.filter((field) => field.letter === "E").map((field) => field.value.trim());
  return {
    row,
    date: date.date,
    amount: layout.isNegated ? -amount.minor : amount.minor,
    ...rowTexts(value(record, "P"), value(record, "M") || splitNotes.join("; "), row, problems),
    fitid: null,
    checkNumber: value(record, "N") || null,
    balance: null,
  };
}

/** The parts of a split must add up to its amount; the amount is what counts, the difference is told. */
function checkSplits(
  record: QifRecord,
  amount: bigint,
  layout: CsvLayout,
  currency: string,
  problems: Problem[],
): void {
  const parts = record.fields
    .filter((field) => field.letter === "$")
    .map((field) => readAmount(field.value, currency, layout.decimalMark));
  if (parts.length === 0) return;
  const sum = parts.reduce((total, part) => (part.ok ? total + part.minor : total), 0n);
  if (sum === amount && parts.every((part) => part.ok)) return;
  const message = "The parts of this split do not add up to its amount. The amount was taken.";
  problems.push({ row: record.line, column: "$", code: "does_not_reconcile", message });
}
