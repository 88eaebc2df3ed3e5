/**
 * CAMT.053, the XML statement of banks in Europe. An entry is one line of the account, also where it holds several payments (a batch).
 * CdtDbtInd says which way the money went, of a reversal too. What is not booked yet is left out and told.
 */
import { Refusal } from "../../../lib/core/errors";
import { parseMinor } from "../../../lib/core/money";
import type { BankReading, BankRow, FileReader, Problem, ReadOptions } from "../reading";
import { limits } from "../text";
import { readDate } from "./dates";
import { currencyCode } from "./numbers";
import { tagsOf } from "./ofx-tags";
import { type Balance, readingOf, type Statement } from "./statements";
import { rowTexts } from "./words";

type Node = { readonly name: string; attributes: string; value: string; line: number; readonly children: Node[] };
const maxDepth = 100;

export const camtReader: FileReader = {
  recognise: (text) => (/camt\.053\.|<(\w+:)?BkToCstmrStmt[\s>]/.test(text.slice(0, 8192)) ? 1 : 0),
  read,
};

/** Throws Refusal xml_refused, too_deep, too_many_rows or no_data_rows. */
function read(text: string, encoding: string, options: ReadOptions): BankReading {
  const problems: Problem[] = [];
  const statements = all(treeOf(text), "STMT").map((node) => statementOf(node, options.currency, problems));
  const hasContent = statements.some(
    ({ rows, opening, closing, lost }) => rows.length + lost > 0 || opening !== null || closing !== null,
  );
  if (!hasContent) throw new Refusal("no_data_rows", "The file holds no statement with a line or a balance.");
  return readingOf("camt053", encoding, statements, problems);
}

function treeOf(text: string): Node {
  const root: Node = { name: "", attributes: "", value: "", line: 0, children: [] };
  const stack = [root];
  let entries = 0;
  // Names without the prefixes that some banks give them.
  for (const tag of tagsOf(text.replace(/<(\/?)[A-Za-z_][\w.-]*:(?=[A-Za-z])/g, "<$1"))) {
    if (tag.isClosing) {
      const at = stack.findLastIndex(({ name }) => name === tag.name);
      if (at > 0) stack.length = at;
      continue;
    }
    if (tag.name === "NTRY") entries += 1;
    if (entries > limits.rows)
      throw new Refusal("too_many_rows", `The file has more than ${limits.rows} lines. Export a shorter period.`);
    const node: Node = { ...tag, children: [] };
    stack.at(-1)?.children.push(node);
    if (tag.isEmptyElement) continue;
    stack.push(node);
    if (stack.length > maxDepth)
      throw new Refusal("too_deep", `Line ${tag.line}: tags stand in each other more than ${maxDepth} deep.`);
  }
  return root;
}

/** The nodes of a name below a node, not looking into those that it finds. */
function all(node: Node, name: string): readonly Node[] {
  return node.children.flatMap((child) => (child.name === name ? [child] : all(child, name)));
}

/** The node at the end of a path of names, by the first of each. */
function at(node: Node | undefined, ...path: readonly string[]): Node | undefined {
  return path.reduce<Node | undefined>((found, name) => found?.children.find((child) => child.name === name), node);
}
const say = (node: Node | undefined, ...path: readonly string[]) => at(node, ...path)?.value ?? "";

function dayOf(node: Node | undefined): string | null {
  const text = say(node, "DT") || say(node, "DTTM") || (node?.value ?? "");
  const date = readDate(text.slice(0, 10), "ymd");
  return date.ok ? date.date : null;
}

function moneyOf(node: Node, currency: string): { amount: bigint; currency: string } {
  const amount = at(node, "AMT");
  const named = currencyCode(/\bccy\s*=\s*["']([^"']*)["']/i.exec(amount?.attributes ?? "")?.[1] ?? "") ?? currency;
  const unsigned = parseMinor((amount?.value ?? "").replace(/^\+/, ""), named, { allowTrailingZeros: true });
  return { amount: say(node, "CDTDBTIND") === "DBIT" ? -unsigned : unsigned, currency: named };
}

function statementOf(node: Node, own: string, problems: Problem[]): Statement {
  const account = at(node, "ACCT");
  const entries = all(node, "NTRY");
  const unit = currencyCode(say(account, "CCY")) ?? firstCurrency(entries) ?? firstCurrency(all(node, "BAL"));
  const currency = unit ?? own;
  const rows: BankRow[] = [];
  let lost = 0;
  for (const entry of entries) {
    const row = rowOf(entry, currency, problems);
    if (row === null) lost += 1;
    else rows.push(row);
  }
  return {
    account: say(account, "ID", "IBAN") || say(account, "ID", "OTHR", "ID") || null,
    currency: unit,
    opening: balanceOf(node, ["OPBD", "PRCD"], currency),
    closing: balanceOf(node, ["CLBD"], currency),
    rows,
    lost,
  };
}

function firstCurrency(amounts: readonly Node[]): string | null {
  const named = /\bccy\s*=\s*["']([^"']*)["']/i.exec(at(amounts[0], "AMT")?.attributes ?? "")?.[1];
  return named === undefined ? null : currencyCode(named);
}

/** The booked balance of one of these kinds, in the account's currency. */
function balanceOf(statement: Node, kinds: readonly string[], currency: string): Balance | null {
  for (const kind of kinds) {
    const node = all(statement, "BAL").find((one) => say(one, "TP", "CDORPRTRY", "CD") === kind);
    const on = node === undefined ? null : dayOf(at(node, "DT"));
    if (node === undefined || on === null) continue;
    try {
      const money = moneyOf(node, currency);
      if (money.currency === currency) return { amount: money.amount, on };
    } catch (error) {
      // A balance that cannot be read proves nothing; the lines are read all the same.
      if (!(error instanceof Refusal)) throw error;
    }
  }
  return null;
}

function rowOf(entry: Node, currency: string, problems: Problem[]): BankRow | null {
  const tell = (column: string, code: Problem["code"], message: string) => {
    problems.push({ row: entry.line, column, code, message });
    return null;
  };
  const status = say(entry, "STS", "CD") || say(entry, "STS");
  if (status !== "" && status !== "BOOK")
    return tell("Sts", "unsupported", "The bank has not booked this line yet; it will be in a later file.");
  const date = dayOf(at(entry, "BOOKGDT")) ?? dayOf(at(entry, "VALDT"));
  if (date === null) return tell("BookgDt", "bad_date", "The line has no day that can be read.");
  try {
    const money = moneyOf(entry, currency);
    if (money.currency !== currency)
      return tell("Amt", "unsupported", `The amount is in ${money.currency}, the account in ${currency}.`);
    const details = all(entry, "TXDTLS");
    const [only] = details.length === 1 ? details : [];
    const other = money.amount < 0n ? "CDTR" : "DBTR";
    const party = at(only, "RLTDPTIES", other);
    const said = [
      ...all(only ?? entry, "USTRD").map(({ value }) => value),
      only === undefined ? "" : say(at(only, "RMTINF", "STRD"), "CDTRREFINF", "REF"),
    ].filter((text) => text !== "");
    const info = say(entry, "ADDTLNTRYINF") || say(only, "ADDTLTXINF");
    return {
      row: entry.line,
      date,
      amount: money.amount,
      ...rowTexts(say(party, "NM") || say(party, "PTY", "NM") || info, said.join(" ") || info, entry.line, problems),
      fitid: say(entry, "ACCTSVCRREF") || say(only, "REFS", "ACCTSVCRREF") || null,
      checkNumber: say(only, "REFS", "CHQNB") || null,
      balance: null,
    };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return tell("Amt", error.code, error.message);
  }
}
