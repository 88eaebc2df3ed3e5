/** From tags to statements: which transaction and which balance belongs to which account, with end tags present or missing. */
import { Refusal } from "../../../lib/core/errors";
import { limits } from "../text";
import { type Tag, tagsOf } from "./ofx-tags";

export type OfxTransaction = Readonly<{ line: number; fields: Map<string, string> }>;
export type OfxStatement = {
  readonly kind: "bank" | "card" | "investment";
  readonly line: number;
  readonly transactions: OfxTransaction[];
  readonly fields: Map<string, string>;
  /** LEDGERBAL: the booked balance. AVAILBAL is not kept: it holds credit lines and what is not booked yet. */
  readonly ledger: Map<string, string>;
};
/** `messages` are what the bank's server answered instead of a statement; `fault` is the first line where the tags do not fit. */
export type OfxDocument = Readonly<{
  statements: readonly OfxStatement[];
  messages: readonly string[];
  investmentEntries: number;
  fault: number | null;
}>;

const kinds: Readonly<Record<string, OfxStatement["kind"]>> = {
  STMTRS: "bank",
  CCSTMTRS: "card",
  INVSTMTRS: "investment",
};
/** These hold other tags even where a bank left stray text in them. */
const alwaysOpen = new Set([...Object.keys(kinds), "STMTTRN", "LEDGERBAL", "AVAILBAL", "BANKTRANLIST"]);
/** Within a transaction only these hold further tags; any other empty one is a field that the bank left empty. */
const inTransaction = new Set([
  "PAYEE",
  "CURRENCY",
  "ORIGCURRENCY",
  "BANKACCTTO",
  "CCACCTTO",
  "IMAGEDATA",
  "EXTDPAYEE",
]);
const fieldNames = new Set(
  `TRNTYPE DTPOSTED DTUSER DTAVAIL TRNAMT FITID CORRECTFITID CHECKNUM REFNUM NAME MEMO SIC PAYEEID CURDEF ACCTID ACCTKEY BANKID BRANCHID
  ACCTTYPE BALAMT DTASOF CODE SEVERITY MESSAGE LANGUAGE DTSERVER DTSTART DTEND TRNUID ORG FID CURSYM CURRATE CLTCOOKIE MKTGINFO`.split(
    /\s+/,
  ),
);
const accountParts = new Set(["BANKACCTFROM", "CCACCTFROM", "INVACCTFROM", "ACCTFROM", "CCACCTINFO"]);
const maxDepth = 100;

type Frame = Readonly<{
  name: string;
  statement: OfxStatement | null;
  transaction: OfxTransaction | null;
  isLedger: boolean;
}>;

/** Throws xml_refused, too_deep or too_many_rows. */
export function statementsOf(text: string): OfxDocument {
  const reader = new Reader();
  for (const tag of tagsOf(text)) reader.take(tag);
  return reader.document();
}

class Reader {
  private stack: Frame[] = [];
  private readonly statements: OfxStatement[] = [];
  private readonly messages: string[] = [];
  private fault: number | null = null;
  private count = 0;
  private investmentEntries = 0;
  private status = { code: "", severity: "", message: "" };
  private lastField = "";

  take(tag: Tag): void {
    if (tag.isClosing) this.close(tag);
    else if (alwaysOpen.has(tag.name) && !tag.isEmptyElement) this.open(tag);
    else if (tag.value !== "" || tag.isEmptyElement || fieldNames.has(tag.name)) this.field(tag);
    else this.open(tag);
  }

  document(): OfxDocument {
    return {
      statements: this.statements,
      messages: this.messages,
      investmentEntries: this.investmentEntries,
      fault: this.fault,
    };
  }

  private top(): Frame {
    return this.stack.at(-1) ?? { name: "", statement: null, transaction: null, isLedger: false };
  }

  /** Leaves whatever is still open inside the part that `isLeft` names, where its end tag is missing. */
  private leave(isLeft: (frame: Frame) => boolean): void {
    const index = this.stack.findIndex(isLeft);
    if (index >= 0) this.stack = this.stack.slice(0, index);
  }

  private open(tag: Tag): void {
    const kind = kinds[tag.name];
    if (kind) {
      this.leave((frame) => frame.statement !== null);
      const statement: OfxStatement = { kind, line: tag.line, transactions: [], fields: new Map(), ledger: new Map() };
      this.statements.push(statement);
      this.push({ name: tag.name, statement, transaction: null, isLedger: false });
      return;
    }
    if (tag.name === "STMTTRN") {
      this.leave((frame) => frame.transaction !== null);
      this.openTransaction(tag);
      return;
    }
    if (tag.name === "LEDGERBAL" || tag.name === "AVAILBAL") this.leave((frame) => frame.transaction !== null);
    if (tag.name === "STATUS") this.status = { code: "", severity: "", message: "" };
    const top = this.top();
    if (top.transaction && !inTransaction.has(tag.name)) return;
    if (
      top.statement?.kind === "investment" &&
      /^(BUY|SELL|INCOME|REINVEST|TRANSFER|INVEXPENSE|RETOFCAP|SPLIT|CLOSUREOPT|JRNL|INVBANKTRAN)/.test(tag.name)
    ) {
      if (/^(BUY|SELL)(STOCK|MF|DEBT|OPT|OTHER)$|^[IRTCJ]|^SPLIT/.test(tag.name)) this.investmentEntries += 1;
    }
    this.push({ ...top, name: tag.name, isLedger: tag.name === "LEDGERBAL" });
  }

  private openTransaction(tag: Tag): void {
    const { statement } = this.top();
    if (!statement) {
      this.fault ??= tag.line;
      return;
    }
    this.count += 1;
    if (this.count > limits.rows) {
      throw new Refusal(
        "too_many_rows",
        `The file has more than ${limits.rows} transactions. Export a shorter period.`,
      );
    }
    const transaction: OfxTransaction = { line: tag.line, fields: new Map() };
    statement.transactions.push(transaction);
    this.push({ name: tag.name, statement, transaction, isLedger: false });
  }

  private push(frame: Frame): void {
    if (this.stack.length >= maxDepth) {
      throw new Refusal(
        "too_deep",
        `The file's tags are nested more than ${maxDepth} deep; a statement has fewer than twenty. It was not read.`,
      );
    }
    this.stack.push(frame);
  }

  private close(tag: Tag): void {
    const index = this.stack.findLastIndex((frame) => frame.name === tag.name);
    if (index >= 0) {
      this.stack = this.stack.slice(0, index);
      if (tag.name === "STATUS") this.noteStatus();
    } else if (tag.name !== this.lastField && !fieldNames.has(tag.name) && tag.name !== "BANKTRANLIST")
      this.fault ??= tag.line;
  }

  private noteStatus(): void {
    const { code, severity, message } = this.status;
    if (severity.toUpperCase() !== "ERROR" && (code === "" || code === "0")) return;
    if (severity.toUpperCase() === "WARN" || severity.toUpperCase() === "INFO") return;
    this.messages.push(message === "" ? `error ${code}` : `${message} (${code})`);
  }

  private field(tag: Tag): void {
    this.lastField = tag.name;
    const { name, statement, transaction, isLedger } = this.top();
    if (name === "STATUS") {
      if (tag.name === "CODE") this.status.code = tag.value;
      if (tag.name === "SEVERITY") this.status.severity = tag.value;
      if (tag.name === "MESSAGE") this.status.message = tag.value;
      return;
    }
    if (tag.value === "" || !statement) return;
    if (transaction) setOnce(transaction.fields, name === "STMTTRN" ? tag.name : `${name}.${tag.name}`, tag.value);
    else if (isLedger) setOnce(statement.ledger, tag.name, tag.value);
    else if (accountParts.has(name)) setOnce(statement.fields, tag.name, tag.value);
    else if (tag.name === "CURDEF" || tag.name === "DTSTART" || tag.name === "DTEND")
      setOnce(statement.fields, tag.name, tag.value);
  }
}

/** Where a bank repeats a field, the first stands. */
function setOnce(fields: Map<string, string>, name: string, value: string): void {
  if (!fields.has(name)) fields.set(name, value);
}
