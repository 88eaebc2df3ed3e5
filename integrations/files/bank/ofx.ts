/**
 * OFX 1 (SGML), OFX 2 (XML) and QFX, which is OFX with Intuit's bank number in it. Bank and card statements are read, several in one
 * file if need be; investment accounts are left out and said so. Amounts are signed from the account's side by the format itself.
 */
import { Refusal } from "../../../lib/core/errors";
import type { BankAccountReading, BankReading, BankRow, FileReader, Problem, ReadOptions } from "../reading";
import { readDate } from "./dates";
import { currencyCode, readPlainAmount } from "./numbers";
import { type OfxDocument, type OfxStatement, type OfxTransaction, statementsOf } from "./ofx-statements";
import { firstAndLast, rowTexts } from "./words";

export const ofxReader: FileReader = { recognise, read };

function recognise(text: string): number {
  const head = text.slice(0, 8192);
  if (/OFXHEADER\s*[:=]|<OFX[\s>]|<\?OFX\s/i.test(head)) return 1;
  return /<(OFC|STMTTRN|CCSTMTRS|BANKTRANLIST)>/i.test(text.slice(0, 65536)) ? 0.9 : 0;
}

/** Throws Refusal xml_refused, too_deep, too_many_rows, unsupported, unknown_currency, no_data_rows or bad_ofx. */
function read(text: string, encoding: string, options: ReadOptions): BankReading {
  const document = statementsOf(text);
  const statements = document.statements.filter((statement) => statement.kind !== "investment");
  if (statements.length === 0) throw nothingToRead(document, text);
  const problems: Problem[] = [];
  for (const statement of document.statements) {
    if (statement.kind === "investment") problems.push(investmentProblem(statement));
  }
  for (const message of document.messages) {
    problems.push({ row: null, column: null, code: "bad_ofx", message: `The bank answered: ${message}.` });
  }
  // In a file that is one single line a line number says nothing: there the transactions are counted.
  const all = statements.flatMap((statement) => statement.transactions);
  const isByLine = new Set(all.map((transaction) => transaction.line)).size === all.length;
  const rowOf = new Map(all.map((transaction, index) => [transaction, isByLine ? transaction.line : index + 1]));
  const accounts = statements.map((statement) => accountReading(statement, rowOf, options, problems));
  const hasContent = accounts.some(
    (account) => account.account !== null || account.rows.length > 0 || account.stated.closing !== null,
  );
  if (all.length === 0 && !hasContent) throw nothingToRead({ ...document, statements: [] }, text);
  const { from, through } = firstAndLast(accounts.flatMap((account) => account.rows));
  const readCount = accounts.reduce((sum, account) => sum + account.rows.length, 0);
  return {
    type: "bank",
    kind: "ofx",
    encoding,
    rows: all.length,
    read: readCount,
    problems,
    agrees: null,
    from,
    through,
    accounts,
    layout: null,
  };
}

function nothingToRead(document: OfxDocument, text: string): Refusal {
  const [message] = document.messages;
  if (message !== undefined)
    return new Refusal("no_data_rows", `The file holds no statement: the bank answered “${message}”.`);
  if (document.statements.some((statement) => statement.kind === "investment")) {
    return new Refusal(
      "unsupported",
      "The file is of an investment account. Only bank and card statements can be brought in.",
    );
  }
  if (document.fault !== null) {
    return new Refusal(
      "bad_ofx",
      `Line ${document.fault}: the tags do not fit together, and no statement could be found.`,
      {
        row: String(document.fault),
      },
    );
  }
  if (/<ACCTINFO/i.test(text))
    return new Refusal("no_data_rows", "The file lists accounts but holds no statement of any of them.");
  return new Refusal("no_data_rows", "The file holds no bank or card statement.");
}

function investmentProblem(statement: OfxStatement): Problem {
  const name = statement.fields.get("ACCTID");
  const message = `The investment account${name === undefined ? "" : ` ${name}`} was left out: only bank and card statements can be brought in.`;
  return { row: null, column: null, code: "unsupported", message };
}

function accountReading(
  statement: OfxStatement,
  rowOf: ReadonlyMap<OfxTransaction, number>,
  options: ReadOptions,
  problems: Problem[],
): BankAccountReading {
  const currency = statementCurrency(statement);
  const unit = currency ?? options.currency;
  const rows: BankRow[] = [];
  const seen = new Map<string, BankRow>();
  for (const transaction of statement.transactions) {
    const row = bankRow(transaction, rowOf.get(transaction) ?? transaction.line, unit, problems);
    if (!row) continue;
    rows.push(row);
    const earlier = row.fitid === null ? undefined : seen.get(row.fitid);
    if (earlier && (earlier.amount !== row.amount || earlier.date !== row.date)) {
      const message = `The bank's id ${row.fitid} stands already on row ${earlier.row} with another amount or date. Both were kept.`;
      problems.push({ row: row.row, column: "FITID", code: "duplicate_id", message });
    } else if (row.fitid !== null) seen.set(row.fitid, row);
  }
  const closing = ledgerBalance(statement, unit, problems);
  const asOf = readDate(statement.ledger.get("DTASOF") ?? "", "ymd");
  return {
    account: statement.fields.get("ACCTID") ?? null,
    name: null,
    type: statement.kind === "card" || /CREDITLINE/i.test(statement.fields.get("ACCTTYPE") ?? "") ? "card" : "bank",
    currency,
    stated: { opening: null, closing, total: null },
    closingOn: closing !== null && asOf.ok ? asOf.date : null,
    rows,
  };
}

/** CURDEF; where it is empty, the one currency that the transactions name with a rate of one. */
function statementCurrency(statement: OfxStatement): string | null {
  const stated = statement.fields.get("CURDEF");
  if (stated !== undefined) {
    const code = currencyCode(stated);
    if (code === null)
      throw new Refusal("unknown_currency", `The file's currency “${stated.slice(0, 20)}” is not known.`, {
        column: "CURDEF",
      });
    return code;
  }
  const named = new Set(statement.transactions.map((transaction) => transaction.fields.get("CURRENCY.CURSYM") ?? ""));
  const [only = ""] = named;
  return named.size === 1 ? currencyCode(only) : null;
}

function ledgerBalance(statement: OfxStatement, unit: string, problems: Problem[]): bigint | null {
  const text = statement.ledger.get("BALAMT");
  if (text === undefined) return null;
  const amount = readPlainAmount(text, unit);
  if (amount.ok) return amount.minor;
  problems.push({
    row: null,
    column: "BALAMT",
    code: amount.code,
    message: `The closing balance cannot be read: ${amount.message}`,
  });
  return null;
}

function bankRow(transaction: OfxTransaction, row: number, unit: string, problems: Problem[]): BankRow | null {
  const { fields } = transaction;
  const date = readDate(fields.get("DTPOSTED") ?? "", "ymd");
  const amount = readPlainAmount(fields.get("TRNAMT") ?? "", unit);
  if (!date.ok) problems.push({ row, column: "DTPOSTED", code: date.code, message: date.message });
  if (!amount.ok) problems.push({ row, column: "TRNAMT", code: amount.code, message: amount.message });
  if (!date.ok || !amount.ok) return null;
  const named = currencyCode(fields.get("CURRENCY.CURSYM") ?? "");
  if (named !== null && named !== unit && !/^1([.,]0*)?$/.test(fields.get("CURRENCY.CURRATE") ?? "1")) {
    const message = `The amount is in ${named}, the account in ${unit}; the bank did not convert it.`;
    problems.push({ row, column: "CURSYM", code: "unsupported", message });
    return null;
  }
  const name = fields.get("NAME") ?? fields.get("PAYEE.NAME") ?? fields.get("EXTDPAYEE.NAME") ?? "";
  return {
    row,
    date: date.date,
    amount: amount.minor,
    ...rowTexts(name, fields.get("MEMO") ?? "", row, problems),
    fitid: fields.get("FITID") ?? null,
    checkNumber: fields.get("CHECKNUM") ?? null,
    balance: null,
  };
}
