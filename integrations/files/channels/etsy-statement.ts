/**
 * Etsy's monthly statement. Every row moves the shop's balance by its Net, except a Deposit, which has its amount only in its title
 * ("$68.87 sent to your bank account"). Real identical rows are common (each listing fee of a day), so none is merged.
 *
 * A sale is one row without items, with tax that Etsy collects and remits as rows of their own. The order's document holds those
 * together and ranks below the same order from Sold Order Items (version "1-money" < "2-lines"), which knows what was sold; the rows'
 * own documents hold the money and stay whichever of the two is kept. So both files of one month book each sale once.
 */
import { Refusal } from "../../../lib/core/errors";
import type { ChargeCategory, Fact, OrderFact } from "../../../lib/core/facts";
import type { Account, RawDocument } from "../../connector";
import type { ChannelReading, FileReader, PayoutReading, Problem } from "../reading";
import {
  amountOf,
  attempt,
  balanceRow,
  chargeWithRow,
  contentIds,
  currencyProblems,
  type FileBody,
  fileDocument,
  type Interpret,
  idIn,
  span,
  sums,
} from "./document";
import { cell, decimalMarkOf, hasHeader, headedTable, type Line, type Rename } from "./table";
import { readWhen } from "./when";

export const layout = "etsy-statement";
const needed = ["date", "type", "title", "currency", "fees & taxes"] as const;

/** The header in a shop's language (German has been seen); what stands in the rows is in English there too. */
const words: Readonly<Record<string, string>> = {
  datum: "date",
  art: "type",
  typ: "type",
  titel: "title",
  währung: "currency",
  betrag: "amount",
  "gebühren & steuern": "fees & taxes",
  "gebühren und steuern": "fees & taxes",
  netto: "net",
  "steuerliche angaben": "tax details",
};
const inEnglish: Rename = (name) => words[name] ?? name;

type Entry = Readonly<{
  line: Line;
  on: string;
  type: string;
  title: string;
  info: string;
  currency: string;
  amount: bigint;
  order: string | null;
}>;
type Role = "sale" | "buyer tax" | "deposit" | "charge";

export const etsyStatement: FileReader = {
  recognise: (text) =>
    hasHeader(text, [...needed, "net"], inEnglish)
      ? 1
      : hasHeader(text, ["date", "type", "title", "info"], inEnglish)
        ? 0.9
        : 0,
  read: (text, encoding, options): ChannelReading => {
    const table = headedTable(text, needed, undefined, inEnglish);
    const problems: Problem[] = [...table.problems];
    const decimalMark = decimalMarkOf(
      table.lines.flatMap((line) => ["amount", "fees & taxes", "net"].map((name) => cell(line, name))),
    );
    const entries: Entry[] = [];
    let isNetted = true;
    for (const line of table.lines) {
      const entry = attempt(line.row, problems, () => readEntry(line, decimalMark));
      if (entry === null) continue;
      entries.push(entry);
      if (!nets(line, entry, decimalMark)) {
        isNetted = false;
        const message = `Row ${line.row}: the amount and the fees and taxes do not add to the net.`;
        problems.push({ row: line.row, column: "net", code: "does_not_reconcile", message });
      }
    }
    const sold = new Set(
      entries.filter((entry) => roleOf(entry) === "sale").map(({ currency, order }) => `${currency}/${order}`),
    );
    const isOfSale = (entry: Entry) =>
      entry.order !== null &&
      ["sale", "buyer tax"].includes(roleOf(entry)) &&
      sold.has(`${entry.currency}/${entry.order}`);
    const idOf = contentIds();
    const documents: RawDocument[] = [];
    const payouts: PayoutReading[] = [];
    const orders = new Map<string, Entry[]>();
    for (const entry of entries) {
      const { line, currency, order, on } = entry;
      const own = { layout, currency, decimalMark };
      const id = idOf(on, entry.type, entry.title, entry.info, currency, entry.amount);
      if (roleOf(entry) === "deposit") {
        documents.push(fileDocument(`payout/${id}`, "1", [line], { ...own, part: "payout" }));
        // The statement does not say which rows a deposit holds: what it says is the deposit itself.
        payouts.push({ id, date: on, currency, amount: -entry.amount, rows: -entry.amount });
      } else if (isOfSale(entry) && order !== null) {
        const key = `${currency}/${order}`;
        orders.set(key, [...(orders.get(key) ?? []), entry]);
        documents.push(fileDocument(`row/${id}`, "2-of-order", [line], { ...own, part: "order row" }));
      } else documents.push(fileDocument(`row/${id}`, "1-alone", [line], { ...own, part: "row" }));
    }
    const names = namesOf(entries);
    for (const group of orders.values()) documents.push(orderDocument(group, names, decimalMark));
    const unknown = entries.filter((entry) => roleOf(entry) === "charge" && categoryOf(entry) === "other");
    return {
      type: "channel",
      channel: "etsy",
      kind: layout,
      encoding,
      rows: table.rows,
      read: entries.length,
      problems: [
        ...problems,
        ...currencyProblems(
          entries.map(({ currency }) => currency),
          options.currency,
        ),
      ],
      agrees: table.columns.includes("net") ? isNetted : null,
      ...span(entries.map(({ on }) => on)),
      account: null,
      ...sums(entries),
      stated: { opening: null, closing: null, total: null },
      payouts,
      orders: orders.size,
      units: orders.size,
      unknownTypes: [...new Set(unknown.map(({ type }) => type))],
      documents,
    };
  },
};

function readEntry(line: Line, decimalMark: "." | ","): Entry {
  const currency = cell(line, "currency").toUpperCase();
  const title = plain(cell(line, "title"));
  const info = plain(cell(line, "info"));
  const type = cell(line, "type");
  const { on } = readWhen(cell(line, "date"), "UTC");
  const net = amountOf(cell(line, "net"), currency, decimalMark);
  const sum = ["amount", "fees & taxes"].map((name) => amountOf(cell(line, name), currency, decimalMark) ?? 0n);
  const moved = net ?? sum.reduce((total, part) => total + part, 0n);
  const amount = type === "Deposit" && moved === 0n ? -depositIn(title, currency, decimalMark) : moved;
  const order = /\border\s*#?\s*(\d+)/i.exec(info)?.[1] ?? /\b(?:order|refund)\s*#?\s*(\d+)/i.exec(title)?.[1] ?? null;
  return { line, on, type, title, info, currency, amount, order };
}

/** The amount in "$1,287.26 sent to your bank account". */
function depositIn(title: string, currency: string, decimalMark: "." | ","): bigint {
  const written = /\S*\d[\d.,\u00a0\u202f]*(?:\s?(?:\p{Sc}|[A-Z]{3})(?=\s|$))?/u.exec(title)?.[0];
  const amount = written === undefined ? null : amountOf(written.replace(/[.,]$/, ""), currency, decimalMark);
  if (amount === null) throw new Refusal("bad_number", "The deposit's title has no amount.", { column: "title" });
  return amount;
}

/** Net is the amount and the fees and taxes together, where the file has all three. */
function nets(line: Line, entry: Entry, decimalMark: "." | ","): boolean {
  if (cell(line, "net") === "") return true;
  const parts = ["amount", "fees & taxes"].map((name) => cell(line, name));
  if (parts.every((part) => part === "")) return true;
  const total = parts.reduce((sum, part) => sum + (amountOf(part, entry.currency, decimalMark) ?? 0n), 0n);
  return total === entry.amount;
}

/** Text as a person reads it: statements carry HTML's escapes ("The Smokers&#39; Peak"). */
function plain(text: string): string {
  return text
    .replace(/&#0?39;/g, "'")
    .replace(/&quot;/g, '"')
    .replace(/&lt;/g, "<")
    .replace(/&gt;/g, ">")
    .replace(/&amp;/g, "&");
}

function roleOf({ type, title, order }: Pick<Entry, "type" | "title" | "order">): Role {
  if (type === "Deposit") return "deposit";
  if (type === "Sale" && order !== null) return "sale";
  // Sales tax, VAT on small imports and delivery fees that the buyer paid and that Etsy remits: within the sale's amount, no income.
  if (/paid by buyer/i.test(title)) return "buyer tax";
  return "charge";
}

function categoryOf({ type, title }: Pick<Entry, "type" | "title">): ChargeCategory {
  if (/paid by buyer/i.test(title)) return "tax_remitted";
  // What is given back of the buyer's tax and fees lessens the refund.
  if (/^refund to buyer/i.test(title)) return "refund";
  switch (type) {
    case "Sale":
      return "sale";
    case "Refund":
      return "refund";
    case "Marketing":
      return "advertising";
    case "Shipping":
      return "label";
    case "Fee":
      return /processing fee/i.test(title) ? "processing" : "fee";
    case "Tax":
    case "VAT":
    case "GST":
      // Tax on Etsy's own fees is part of their cost.
      return /^(tax|vat|gst|hst|pst|qst)\b/i.test(title) ? "fee" : "other";
    default:
      return "other";
  }
}

/** What was sold in each order, as the transaction fees name it (cut to some forty letters by Etsy). */
function namesOf(entries: readonly Entry[]): ReadonlyMap<string, ReadonlySet<string>> {
  const names = new Map<string, Set<string>>();
  for (const { order, type, title } of entries) {
    const name = type === "Fee" ? /^Transaction fee: (.+)$/.exec(title)?.[1] : undefined;
    if (order === null || name === undefined || name === "Shipping") continue;
    names.set(order, (names.get(order) ?? new Set()).add(name));
  }
  return names;
}

function orderDocument(
  group: readonly Entry[],
  names: ReturnType<typeof namesOf>,
  decimalMark: "." | ",",
): RawDocument {
  const [first] = group;
  const order = first?.order ?? "";
  const known = { name: [...(names.get(order) ?? [])].join(" + ") };
  const parts = { layout, part: "order", currency: first?.currency ?? "", decimalMark, known };
  // More rows of the order than an earlier, shorter export had make a later version.
  const version = `1-money-${String(group.length).padStart(2, "0")}`;
  return fileDocument(
    `order/${order}`,
    version,
    group.map(({ line }) => line),
    parts,
  );
}

/** Pure: facts of one document of a statement. */
export const interpretEtsyStatement: Interpret = (body, id, account) => {
  if (body.part === "order") return [orderOf(body, account)];
  return body.rows.flatMap((line): readonly Fact[] => {
    const entry = readEntry(line, body.decimalMark);
    const when = { on: entry.on, at: null };
    const memo = entry.info === "" ? entry.title : `${entry.title} (${entry.info})`;
    const row = { account, id: id.replace(/^row\//, ""), when, type: entry.type, amount: entry.amount, memo };
    const order = entry.order === null ? null : idIn(account, "order", entry.order);
    if (body.part === "payout") {
      const payout: Fact = {
        kind: "payout",
        id: idIn(account, id),
        channel: account.channel,
        date: entry.on,
        amount: -entry.amount,
      };
      return [payout, ...balanceRow(row, payout, null)];
    }
    if (body.part === "order row") return balanceRow(row, `order/${order}`, null);
    return chargeWithRow(row, categoryOf(entry), order, null);
  });
};

function orderOf(body: FileBody, account: Account): OrderFact {
  const entries = body.rows.map((line) => readEntry(line, body.decimalMark));
  const total = (role: Role) =>
    entries.filter((entry) => roleOf(entry) === role).reduce((sum, { amount }) => sum + amount, 0n);
  const number = entries[0]?.order ?? "";
  const id = idIn(account, "order", number);
  const tax = -total("buyer tax");
  const name = body.known.name || `Etsy order ${number}`;
  return {
    kind: "order",
    id,
    channel: account.channel,
    when: { on: entries.map(({ on }) => on).sort()[0] ?? "", at: null },
    number,
    lines: [
      { id: `${id}/line/1`, sku: null, name, listing: null, qty: 1n, amount: total("sale") - tax, location: null },
    ],
    shipping: 0n,
    tax,
    taxBy: "channel",
    discount: 0n,
    fees: [],
  };
}
