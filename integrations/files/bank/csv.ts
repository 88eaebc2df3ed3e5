/**
 * The CSV of any bank. The layout is suggested (csv-layout.ts) or one that a person chose before; reading itself decides nothing any
 * more: it goes through the rows, tells what is wrong with each, and proves the sum with the running balance where there is one.
 */
import { Refusal } from "../../../lib/core/errors";
import { parseTable, type TableRow } from "../csv";
import type {
  BankAccountReading,
  BankReading,
  BankRow,
  CsvLayout,
  FileReader,
  Problem,
  ReadOptions,
  Stated,
} from "../reading";
import { chainOf, openingAndClosing, withoutRepeatedBlocks } from "./csv-balance";
import {
  balanceWord,
  directionOf,
  isHeader,
  isNotBooked,
  isSalesList,
  isSummary,
  plain,
  type Role,
  rankOf,
  unitOf,
} from "./csv-headers";
import { findBody, fingerprintOf, suggestLayout } from "./csv-layout";
import { isSignedDebit, isTurnedCredit } from "./csv-money";
import { looksLikeDate, readDate } from "./dates";
import { currencyBeside, currencyCode, readAmount } from "./numbers";
import { cleanText, firstAndLast, rowTexts } from "./words";

export const bankCsvReader: FileReader = { recognise, read };

/** Sure only of a table whose header names a day and an amount; a channel's own reader knows its exports better and comes first. */
function recognise(text: string): number {
  const end = text.length > 65_536 ? text.lastIndexOf("\n", 65_536) : text.length;
  const sample = end > 0 ? text.slice(0, end) : text.slice(0, 65_536);
  if (/^\s*</.test(sample)) return 0;
  try {
    const { rows } = parseTable(sample);
    const { header, data } = findBody(rows);
    if (!rows.some(({ cells }) => cells.length > 1)) return 0;
    if (header && isHeader(header.cells)) return rankOf(header.cells[0] ?? "", "date") !== null ? 0.6 : 0.5;
    return data.length > 0 ? 0.3 : 0;
  } catch (error) {
    // A quote that the cut tore open, or a fault that reading the whole file will name.
    if (error instanceof Refusal) return 0.1;
    throw error;
  }
}

/** Throws Refusal bad_quote, too_many_rows, no_data_rows or missing_column. */
function read(text: string, encoding: string, options: ReadOptions): BankReading {
  const chosen = options.layout;
  const table = parseTable(text, chosen ? { delimiter: chosen.delimiter } : {});
  const layout = chosen ? placed(chosen, table.rows) : suggestLayout(table.rows, table.delimiter, options);
  const data = table.rows.filter(
    ({ row, cells }) => row > layout.headerRow && cells.join("|") !== layout.headers.join("|"),
  );
  const reader = new TableReader(layout, table.rows, options);
  for (const row of layout.headerRow === 0 ? findBody(table.rows).data : data) reader.take(row);
  return reader.reading(encoding);
}

/** A layout that was chosen for another file of this bank, at the place where its header stands in this one. */
function placed(layout: CsvLayout, rows: readonly TableRow[]): CsvLayout {
  const header = rows.find(({ cells }) => fingerprintOf(cells, cells.length) === layout.fingerprint);
  if (header) return { ...layout, headerRow: header.row };
  if (layout.headerRow === 0) return layout;
  const found = findBody(rows).header?.cells ?? rows[0]?.cells ?? [];
  throw new Refusal(
    "missing_column",
    `The columns are not those of the chosen layout. Found: ${found.slice(0, 20).join(", ")}.`,
  );
}

type Group = { readonly account: string | null; readonly currency: string | null; readonly rows: BankRow[] };

class TableReader {
  private readonly problems: Problem[] = [];
  private readonly groups = new Map<string, Group>();
  private readonly isDebitSigned: boolean;
  private readonly isCreditTurned: boolean;
  private readonly accountColumn: number | null;
  private readonly checkColumn: number | null;
  private readonly stateColumn: number | null;
  private readonly feeColumn: number | null;
  private readonly fees = new Map<BankRow, bigint>();
  private readonly fileCurrency: string | null;
  private ownAccount: string | null = null;
  private count = 0;
  private opening: bigint | null = null;
  private closing: bigint | null = null;
  private last: { group: Group; index: number } | null = null;

  constructor(
    private readonly layout: CsvLayout,
    private readonly rows: readonly TableRow[],
    private readonly options: ReadOptions,
  ) {
    const below = rows.filter(({ row }) => row > layout.headerRow);
    const cellsOf = (index: number | null) =>
      index === null ? [] : below.map(({ cells }) => cells[index] ?? "").filter((cell) => /\d/.test(cell));
    this.isDebitSigned = isSignedDebit(cellsOf(layout.debit));
    this.isCreditTurned = isTurnedCredit(cellsOf(layout.credit), cellsOf(layout.debit));
    this.accountColumn = this.columnFor("account", (index) => !this.isOfOthers(index, cellsOf(index)));
    this.checkColumn = this.columnFor("check");
    this.stateColumn = this.columnFor("state");
    this.feeColumn = layout.amount === null || layout.balance === null ? null : this.columnFor("fee");
    this.fileCurrency = this.findCurrency();
    this.noteDoubts();
    for (const row of rows) if (row.row < layout.headerRow) this.preamble(row);
  }

  /** A column that no layout holds, because nobody needs to choose it: the header's own word is enough. */
  private columnFor(role: Role, accepts: (index: number) => boolean = () => true): number | null {
    const index = this.layout.headers.findIndex((header, at) => rankOf(header, role) !== null && accepts(at));
    const { payee, memo, id, currency } = this.layout;
    return index < 0 || this.layout.headerRow === 0 || [payee, memo, id, currency].includes(index) ? null : index;
  }

  /** An account number behind the payee, and not the same on each row, is the payee's. */
  private isOfOthers(index: number, numbers: readonly string[]): boolean {
    const isNumber = /^(iban( bban)?|kontonummer|konto|account (number|no)|rekeningnummer)$/.test(
      plain(this.layout.headers[index] ?? ""),
    );
    return isNumber && this.layout.payee !== null && index > this.layout.payee && new Set(numbers).size > 1;
  }

  private noteDoubts(): void {
    const { doubts, headers, date, dateStyle, decimalMark } = this.layout;
    if (doubts.includes("date style")) {
      const message = `The dates can be read day first or month first, and none of them decides it. They were read ${dateStyle === "mdy" ? "month first" : "day first"}.`;
      this.problems.push({ row: null, column: headers[date] ?? null, code: "ambiguous_date", message });
    }
    if (doubts.includes("decimal mark")) {
      const message = `The amounts can be read with "." or "," as the decimal mark, and none of them decides it. They were read with "${decimalMark}".`;
      this.problems.push({ row: null, column: null, code: "ambiguous_number", message });
    }
    if (doubts.includes("columns") && isSalesList(headers)) {
      const message =
        "This looks like a list of orders or sales, not like a bank statement. Bring it in only if each of its rows moved the account's balance.";
      this.problems.push({ row: null, column: null, code: "unsupported", message });
    }
    const money = this.layout.headers[this.layout.amount ?? -1];
    if (money !== undefined && headers.filter((header) => header === money).length > 1) {
      this.problems.push({
        row: null,
        column: money,
        code: "duplicate_column",
        message: `Two columns are named "${money}". The first was read.`,
      });
    }
  }

  /** Of the columns' words, of what stands beside the numbers, or of the lines above the table. */
  private findCurrency(): string | null {
    const { amount, credit, debit, balance, headers } = this.layout;
    const columns = [amount, credit, debit, balance].filter((index) => index !== null);
    const units = new Set(
      columns.map((index) => currencyCode(unitOf(headers[index] ?? "") ?? "")).filter((code) => code !== null),
    );
    for (const row of this.rows.slice(0, 1000)) {
      for (const index of columns) {
        const beside = currencyBeside(row.cells[index] ?? "");
        if (beside !== null) units.add(beside);
      }
    }
    const [only = null] = units;
    return units.size === 1 ? only : null;
  }

  /** Lines over the table: the account's own number, and balances that the bank states. */
  private preamble({ cells }: TableRow): void {
    const iban = cells.find((cell) => /^[A-Z]{2}\d{2}(?: ?[A-Z0-9]{2,4}){3,8}$/.test(cell));
    if (iban !== undefined) this.ownAccount ??= iban.replaceAll(" ", "");
    const word = balanceWord(cells[0] ?? "");
    const amount = readAmount(
      cells.slice(1).find((cell) => cell !== "") ?? "",
      this.fileCurrency ?? this.options.currency,
      this.layout.decimalMark,
    );
    if (word === null || !amount.ok) return;
    if (word === "opening") this.opening = amount.minor;
    else this.closing = amount.minor;
  }

  take(row: TableRow): void {
    const { layout } = this;
    const at = (index: number | null): string => (index === null ? "" : (row.cells[index] ?? ""));
    const money = [at(layout.amount), at(layout.credit), at(layout.debit)];
    const hasMoney = money.some((cell) => cell !== "");
    const dateText = at(layout.date);
    const filled = row.cells.filter((cell) => cell !== "");
    if (dateText === "" && !hasMoney) {
      this.continueText(row);
      return;
    }
    if (!looksLikeDate(dateText) && (isSummary(filled[0] ?? "") || (!hasMoney && filled.length <= 2))) {
      this.summary(filled);
      return;
    }
    // A line that only says what stood on the account before or after the others.
    const said = hasMoney ? null : (balanceWord(at(layout.payee)) ?? balanceWord(at(layout.memo)));
    if (said !== null && at(layout.balance) !== "") {
      this.summary([said === "opening" ? "opening balance" : "closing balance", at(layout.balance)]);
      return;
    }
    this.count += 1;
    const state = at(this.stateColumn);
    if (isNotBooked(state)) {
      const column = layout.headers[this.stateColumn ?? -1] ?? null;
      const message = `The bank says of this line that it is “${state.slice(0, 20)}”: no money has moved, and it was left out.`;
      this.problems.push({ row: row.row, column, code: "unsupported", message });
      return;
    }
    const extra = row.cells.slice(layout.headers.length).filter((cell) => cell !== "");
    if (extra.length > 0 || (row.cells.length < layout.headers.length && this.lacksMapped(row))) {
      const message = `Row ${row.row} has ${row.cells.length} columns, the header has ${layout.headers.length}.`;
      this.problems.push({ row: row.row, column: null, code: "column_count", message });
      return;
    }
    const currency = this.currencyOf(row.row, at(layout.currency));
    if (currency === undefined) return;
    const date = readDate(dateText, layout.dateStyle);
    if (!date.ok) this.dateProblem(row.row, dateText, date.message);
    const amount = this.amountOf(row.row, at, currency ?? this.options.currency);
    if (!date.ok || amount === null) return;
    const text = at(layout.payee);
    const word = layout.balance === null ? (balanceWord(text) ?? balanceWord(at(layout.memo))) : null;
    if (word !== null) {
      this.count -= 1;
      if (word === "opening") this.opening ??= amount;
      else this.closing = amount;
      return;
    }
    const balance = readAmount(at(layout.balance), currency ?? this.options.currency, layout.decimalMark);
    const group = this.groupOf(at(this.accountColumn), currency);
    const fee = readAmount(at(this.feeColumn), currency ?? this.options.currency, layout.decimalMark);
    const taken: BankRow = {
      row: row.row,
      date: date.date,
      amount,
      ...rowTexts(text, at(layout.memo), row.row, this.problems),
      fitid: at(layout.id) || null,
      checkNumber: at(this.checkColumn) || null,
      balance: balance.ok ? balance.minor : null,
    };
    group.rows.push(taken);
    if (this.feeColumn !== null && fee.ok && fee.minor !== 0n) this.fees.set(taken, fee.minor);
    this.last = { group, index: group.rows.length - 1 };
  }

  private lacksMapped(row: TableRow): boolean {
    const { date, amount, credit, debit } = this.layout;
    return (
      [date, amount ?? 0].some((index) => index >= row.cells.length) ||
      (amount === null && (credit ?? 0) >= row.cells.length && (debit ?? 0) >= row.cells.length)
    );
  }

  private dateProblem(row: number, text: string, message: string): void {
    const isPending =
      /^(pending|vorgemerkt|ausstehend|en cours|en attente|pendiente|in attesa|in behandeling|pendente|processing)/i.test(
        text,
      );
    const told = isPending ? `The bank has not booked this line yet ("${text}"); it will be in a later file.` : message;
    this.problems.push({ row, column: this.layout.headers[this.layout.date] ?? null, code: "bad_date", message: told });
  }

  /** Banks that break a long text put the rest on lines of their own, without day and amount. */
  private continueText(row: TableRow): void {
    const { payee, memo } = this.layout;
    const rest = cleanText([payee, memo].map((index) => (index === null ? "" : (row.cells[index] ?? ""))).join(" "));
    const previous = this.last?.group.rows[this.last.index];
    if (rest === "" || !previous || !this.last || isSummary(rest)) return;
    this.last.group.rows[this.last.index] = {
      ...previous,
      memo: previous.memo === "" ? rest : `${previous.memo} ${rest}`,
    };
  }

  private summary(filled: readonly string[]): void {
    const word = balanceWord(filled[0] ?? "");
    const amount = readAmount(filled.at(-1) ?? "", this.fileCurrency ?? this.options.currency, this.layout.decimalMark);
    if (word === null || !amount.ok) return;
    if (word === "opening") this.opening ??= amount.minor;
    else this.closing = amount.minor;
  }

  /** The row's currency, null where the file names none, undefined where it names none that is known. */
  private currencyOf(row: number, cell: string): string | null | undefined {
    if (cell === "") return this.fileCurrency;
    const code = currencyCode(cell);
    if (code !== null) return code;
    const column = this.layout.headers[this.layout.currency ?? -1] ?? null;
    this.problems.push({
      row,
      column,
      code: "unknown_currency",
      message: `"${cell.slice(0, 20)}" is not a currency that we know.`,
    });
    return undefined;
  }

  private amountOf(row: number, at: (index: number | null) => string, currency: string): bigint | null {
    const { layout } = this;
    const read = (index: number | null): bigint | null => {
      const cell = at(index);
      if (cell === "" && layout.amount === null) return 0n;
      const amount = readAmount(cell, currency, layout.decimalMark);
      if (amount.ok) return amount.minor;
      this.problems.push({
        row,
        column: layout.headers[index ?? -1] ?? null,
        code: amount.code,
        message: amount.message,
      });
      return null;
    };
    if (layout.amount !== null) {
      const amount = read(layout.amount);
      if (amount === null) return null;
      const way = layout.direction == null ? null : directionOf(at(layout.direction));
      if (layout.direction != null && way === null && amount > 0n) {
        const column = layout.headers[layout.direction] ?? null;
        const message = `"${at(layout.direction).slice(0, 20)}" does not say whether the money came in or went out.`;
        this.problems.push({ row, column, code: "debit_credit", message });
        return null;
      }
      return (way === "out") !== layout.isNegated ? -amount : amount;
    }
    const credit = read(layout.credit);
    const debit = read(layout.debit);
    if (credit === null || debit === null) return null;
    const isBoth = credit !== 0n && debit !== 0n;
    if (isBoth || (credit === 0n && debit === 0n)) {
      const names = `"${layout.headers[layout.debit ?? -1] ?? ""}" and "${layout.headers[layout.credit ?? -1] ?? ""}"`;
      const message = isBoth
        ? `Both ${names} are filled; a line is either money in or money out.`
        : `Neither ${names} is filled.`;
      this.problems.push({ row, column: layout.headers[layout.debit ?? -1] ?? null, code: "debit_credit", message });
      return null;
    }
    const amount = (this.isCreditTurned ? -credit : credit) + (this.isDebitSigned ? debit : -debit);
    return layout.isNegated ? -amount : amount;
  }

  private groupOf(account: string, currency: string | null): Group {
    const name = account.replace(/^="?(.*?)"?$/, "$1") || (this.accountColumn === null ? this.ownAccount : null);
    const key = `${name ?? ""}\u0001${currency ?? ""}`;
    const known = this.groups.get(key);
    if (known) return known;
    const group: Group = { account: name, currency, rows: [] };
    this.groups.set(key, group);
    return group;
  }

  reading(encoding: string): BankReading {
    if (this.count === 0) throw new Refusal("no_data_rows", "The file has no rows that could be transactions.");
    let proven = 0;
    let isBroken = false;
    const accounts = [...this.groups.values()].map((group): BankAccountReading => {
      const rows = withoutRepeatedBlocks(this.withFees(group.rows), this.problems);
      const { stated, links, broken } = this.prove(rows);
      proven += links;
      isBroken ||= broken;
      return {
        account: group.account,
        name: null,
        type: this.layout.isNegated ? "card" : null,
        currency: group.currency,
        stated,
        rows,
      };
    });
    const rows = accounts.flatMap((account) => account.rows);
    return {
      type: "bank",
      kind: "bank-csv",
      encoding,
      rows: this.count,
      read: rows.length,
      problems: this.problems,
      agrees: proven > 0 ? !isBroken : null,
      ...firstAndLast(rows),
      accounts,
      layout: this.layout,
    };
  }

  /** A fee in a column of its own is part of what a line moved, where the balance follows with it and not without. */
  private withFees(rows: readonly BankRow[]): readonly BankRow[] {
    if (!rows.some((row) => this.fees.has(row))) return rows;
    const less = rows.map((row) => {
      const fee = this.fees.get(row) ?? 0n;
      return fee === 0n ? row : { ...row, amount: row.amount - (fee < 0n ? -fee : fee) };
    });
    return (chainOf(less)?.broken.length ?? 0) < (chainOf(rows)?.broken.length ?? 0) ? less : rows;
  }

  /** The balances of one account, from its own column, or those that the file states around the table. */
  private prove(rows: readonly BankRow[]): { stated: Stated; links: number; broken: boolean } {
    const chain = chainOf(rows);
    if (chain) {
      const [first] = chain.broken;
      if (first) {
        const more = chain.broken.length > 1 ? ` It happens on ${chain.broken.length} rows.` : "";
        const message = `The balance on row ${first.row} does not follow from the line before and this amount.${more}`;
        this.problems.push({
          row: first.row,
          column: this.layout.headers[this.layout.balance ?? -1] ?? null,
          code: "balance_mismatch",
          message,
        });
      }
      return { stated: { ...openingAndClosing(chain), total: null }, links: chain.links, broken: first !== undefined };
    }
    const stated =
      this.groups.size === 1
        ? { opening: this.opening, closing: this.closing, total: null }
        : { opening: null, closing: null, total: null };
    if (stated.opening === null || stated.closing === null) return { stated, links: 0, broken: false };
    const computed = rows.reduce((sum, row) => sum + row.amount, stated.opening);
    if (computed !== stated.closing) {
      const message = "The opening balance and the lines do not add up to the closing balance that the file states.";
      this.problems.push({ row: null, column: null, code: "balance_mismatch", message });
    }
    return { stated, links: 1, broken: computed !== stated.closing };
  }
}
