/**
 * Files that are a channel's ledger: each row moves the balance by what it says. A layout tells how one row is read (`LedgerFile.read`);
 * everything else is the same for all of them and is here: documents with ids, an order from the rows that are its money, charges for
 * what is none, the proof of payouts, the figures of the preview.
 *
 * A sale's rows give two kinds of documents: the order, which a file that knows the lines replaces (a lower version), and the rows, which
 * stay. So both files together book a sale once, as Etsy's do.
 */
import type { ChargeCategory, Fact, OrderFact, When } from "../../../lib/core/facts";
import type { Account, RawDocument } from "../../connector";
import type { ChannelReading, FileReader, PayoutReading, Problem, ReadOptions, Stated } from "../reading";
import {
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
import { type HeadedTable, headedTable, type Line, type Rename } from "./table";

/** What of a row is not its main amount: a fee, a tip, a part paid elsewhere. `amount` is what it does to the balance. */
export type Beside = Readonly<{ key: string; type: string; category: ChargeCategory; amount: bigint }>;
/** What a sale's row knows of the order; left out, it is one line of the whole amount. */
export type Sale = Readonly<{
  name: string;
  sku: string | null;
  listing: string | null;
  qty: bigint;
  shipping: bigint;
  tax: bigint;
  taxBy: "seller" | "channel";
  discount: bigint;
  /** Rows of an order with different keys are lines of their own. */
  line: string;
}>;
export type Entry = Readonly<{
  when: When;
  /** The file's own word. */
  type: string;
  currency: string;
  /** What the row is about, signed from the seller's side, without what stands `beside` it. */
  amount: bigint;
  beside: readonly Beside[];
  /** "held": moves between parts of the balance. "nothing": never moved it (a pending or a failed payment). */
  part: "sale" | "payout" | "charge" | "held" | "nothing";
  /** What a charge is; of a sale without a known order too. */
  category: ChargeCategory;
  /** The order's own id in the channel. */
  order: string | null;
  /** The name of the payout that it was paid out in, or of the payout that it is. */
  payout: string | null;
  memo: string;
  sale?: Sale;
  /** Money for an order that another channel tells: counted as an order, and booked as none. */
  isOfShop?: boolean;
  /** Grows as the row comes to its end ("1-waiting", "2-paid"); "1" where it is written once. */
  version?: string;
}>;

/** How a file's rows are to be read, found out from the whole file. */
export type How = Readonly<{
  currency: string;
  decimalMark: "." | ",";
  dateStyle: "mdy" | "dmy";
  timeZone: string;
  known: Readonly<Record<string, string>>;
}>;
export type Found = Readonly<{ line: Line; entry: Entry; known: Readonly<Record<string, string>> }>;
/** A payout that no row of its own tells of: its rows name it. `stated`: what the file says was paid, null where it does not. */
export type NamedPayout = Readonly<{ id: string; date: string; stated: bigint | null }>;

export type LedgerFile = Readonly<{
  layout: string;
  channel: ChannelReading["channel"];
  recognise: (text: string) => number;
  needed: (text: string) => readonly string[];
  rename?: Rename;
  isFooter?: (cells: readonly string[]) => boolean;
  /** Decimal mark and date style, and what the rows cannot be understood without. Throws Refusal. */
  how: (table: HeadedTable, options: ReadOptions) => Omit<How, "timeZone" | "currency">;
  /** What a row cannot be understood without and other rows of the file say; kept in its document. */
  knownOf?: (table: HeadedTable) => (line: Line) => Readonly<Record<string, string>>;
  /** Pure. Throws Refusal where the row cannot be read. */
  read: (line: Line, how: How) => Entry;
  /** The row's own id in the channel, or what it says where it has none. */
  nameOf: (found: Found) => string | readonly (string | bigint | null)[];
  /** Before which other versions of the order this file's stands: "1-money". */
  orderVersion: string;
  payouts?: (found: readonly Found[]) => readonly NamedPayout[];
  /** What the file says of itself, and whether it holds. */
  proof?: (found: readonly Found[], table: HeadedTable) => Proof;
  /** More documents, such as those that take the place of another file's. */
  more?: (found: readonly Found[]) => readonly RawDocument[];
}>;
export type Proof = Readonly<{ agrees: boolean | null; problems: readonly Problem[]; stated?: Stated }>;

/** All that a row moves the balance by. */
export function netOf({ amount, beside }: Entry): bigint {
  return beside.reduce((sum, part) => sum + part.amount, amount);
}

/** A version that says nothing and stands above another file's of the same name, so that the same money is not told twice. */
export function silent(layout: string, externalId: string, currency: string): RawDocument {
  return fileDocument(externalId, "9-told-elsewhere", [], { layout, part: "silent", currency });
}

export function ledgerReader(file: LedgerFile): FileReader {
  return {
    recognise: file.recognise,
    read: (text, encoding, options) => readLedger(file, text, encoding, options),
  };
}

function readLedger(file: LedgerFile, text: string, encoding: string, options: ReadOptions): ChannelReading {
  const table = headedTable(text, file.needed(text), file.isFooter, file.rename);
  const problems: Problem[] = [...table.problems];
  const how: How = { ...file.how(table, options), currency: options.currency, timeZone: options.timeZone };
  const knownOf = file.knownOf?.(table) ?? (() => ({}));
  const found = table.lines.flatMap((line) => {
    const known = { ...how.known, ...knownOf(line) };
    const entry = attempt(line.row, problems, () => file.read(line, { ...how, known }));
    return entry === null ? [] : [{ line, entry, known }];
  });
  const documents = documentsOf(file, found, how);
  const payouts = payoutsOf(file, found);
  const proof = file.proof?.(found, table) ?? { agrees: null, problems: [] };
  const sales = found.filter(({ entry }) => entry.part === "sale" || entry.isOfShop === true);
  const unknown = found.filter(({ entry }) => entry.part === "charge" && entry.category === "other");
  return {
    type: "channel",
    channel: file.channel,
    kind: file.layout,
    encoding,
    rows: table.rows,
    read: found.length,
    problems: [
      ...problems,
      ...proof.problems,
      ...currencyProblems(
        found.map(({ entry }) => entry.currency),
        options.currency,
      ),
    ],
    agrees: proof.agrees,
    ...span(found.map(({ entry }) => entry.when.on)),
    account: null,
    ...sums(found.map(({ entry }) => ({ type: entry.type, currency: entry.currency, amount: netOf(entry) }))),
    stated: proof.stated ?? { opening: null, closing: null, total: null },
    payouts,
    orders: new Set(sales.map(({ entry, line }) => entry.order ?? line.row)).size,
    units: sales.reduce((sum, { entry }) => sum + Number(entry.sale?.qty ?? 0n), 0) || sales.length,
    unknownTypes: [...new Set(unknown.map(({ entry }) => entry.type))],
    documents,
  };
}

function documentsOf(file: LedgerFile, found: readonly Found[], how: How): readonly RawDocument[] {
  const idOf = contentIds();
  const names = new Map<string, number>();
  for (const one of found) {
    const name = file.nameOf(one);
    if (typeof name === "string") names.set(name, (names.get(name) ?? 0) + 1);
  }
  const nameOf = (one: Found): string => {
    const name = file.nameOf(one);
    // An id that comes more than once is no name by itself: what the row says tells its rows apart, in whichever order they stand.
    if (typeof name === "string" && names.get(name) === 1) return name;
    const { entry } = one;
    return typeof name === "string" ? idOf(name, entry.type, entry.currency, netOf(entry)) : idOf(...name);
  };
  const parts = (part: string, currency: string, known = how.known) => ({
    layout: file.layout,
    part,
    currency,
    decimalMark: how.decimalMark,
    dateStyle: how.dateStyle,
    known: { ...known },
  });
  const documents: RawDocument[] = [];
  const orders = new Map<string, Found[]>();
  for (const one of found) {
    const { line, entry } = one;
    const name = nameOf(one);
    const version = entry.version ?? "1";
    const id = entry.part === "payout" ? `payout/${entry.payout ?? name}` : `row/${name}`;
    documents.push(fileDocument(id, version, [line], parts("row", entry.currency, one.known)));
    if (entry.part !== "sale" || entry.order === null) continue;
    const key = `${entry.currency}/${entry.order}`;
    orders.set(key, [...(orders.get(key) ?? []), one]);
  }
  for (const group of orders.values()) {
    const [first] = group;
    // More rows of the order than an earlier, shorter export had make a later version.
    const version = `${file.orderVersion}-${String(group.length).padStart(3, "0")}`;
    const lines = group.map(({ line }) => line);
    documents.push(
      fileDocument(`order/${first?.entry.order}`, version, lines, parts("order", first?.entry.currency ?? "")),
    );
  }
  for (const payout of file.payouts?.(found) ?? []) {
    const rows = found.filter(({ entry }) => entry.part !== "payout" && entry.payout === payout.id);
    const currency = rows[0]?.entry.currency ?? how.currency;
    const amount = payout.stated ?? total(rows);
    const known = { ...how.known, amount: String(amount), date: payout.date };
    const version = `${payout.stated === null ? "1-rows" : "2-stated"}-${String(rows.length).padStart(6, "0")}`;
    documents.push(fileDocument(`payout/${payout.id}`, version, [], { ...parts("named payout", currency), known }));
  }
  return [...documents, ...(file.more?.(found) ?? [])];
}

function total(found: readonly Found[]): bigint {
  return found.reduce((sum, { entry }) => sum + netOf(entry), 0n);
}

/** Payouts with what their rows add to; where rows name none, as much as was paid, for nothing says otherwise. */
function payoutsOf(file: LedgerFile, found: readonly Found[]): readonly PayoutReading[] {
  const isNamed = found.some(({ entry }) => entry.part !== "payout" && entry.payout !== null);
  const rowsOf = (id: string | null) =>
    found.filter(({ entry }) => entry.part !== "payout" && entry.payout !== null && entry.payout === id);
  const own = found.flatMap(({ entry }): PayoutReading[] => {
    if (entry.part !== "payout") return [];
    const amount = -netOf(entry);
    const rows = isNamed ? total(rowsOf(entry.payout)) : amount;
    return [{ id: entry.payout ?? "", date: entry.when.on, currency: entry.currency, amount, rows }];
  });
  const named = (file.payouts?.(found) ?? []).map(({ id, date, stated }): PayoutReading => {
    const rows = rowsOf(id);
    return {
      id,
      date,
      currency: rows[0]?.entry.currency ?? "",
      amount: stated ?? total(rows),
      rows: total(rows),
    };
  });
  return [...own, ...named];
}

/** Pure: the facts of one document that `ledgerReader` made of this layout. */
export function interpretLedger(file: LedgerFile): Interpret {
  return (body, id, account) => {
    const how: How = {
      currency: body.currency,
      decimalMark: body.decimalMark,
      dateStyle: body.dateStyle,
      timeZone: account.timeZone,
      known: body.known,
    };
    if (body.part === "silent") return [];
    if (body.part === "named payout") return namedPayout(body, id, account);
    const entries = body.rows.map((line) => file.read(line, how));
    if (body.part === "order") return orderFacts(entries, account);
    return entries.flatMap((entry) => rowFacts(entry, id, account));
  };
}

function namedPayout(body: FileBody, id: string, account: Account): readonly Fact[] {
  const amount = BigInt(body.known.amount ?? "0");
  const when = { on: body.known.date ?? "", at: null };
  return payoutFacts({ account, id, when, type: "payout", amount: -amount, memo: "" });
}

type Row = Parameters<typeof chargeWithRow>[0];
/** `row.amount` is what the payout does to the balance, `row.id` the document's own id. */
function payoutFacts(row: Row): readonly Fact[] {
  if (row.amount === 0n) return [];
  const { account } = row;
  const fact: Fact = {
    kind: "payout",
    id: idIn(account, row.id),
    channel: account.channel,
    date: row.when.on,
    amount: -row.amount,
  };
  return [fact, ...balanceRow(row, fact, null)];
}

function rowFacts(entry: Entry, id: string, account: Account): readonly Fact[] {
  if (entry.part === "nothing") return [];
  const { when, type, amount, memo } = entry;
  const row: Row = { account, id: id.replace(/^row\//, ""), when, type, amount, memo };
  const order = entry.order === null ? null : idIn(account, "order", entry.order);
  const payout = entry.payout === null ? null : idIn(account, "payout", entry.payout);
  const beside = entry.beside.flatMap((part) =>
    chargeWithRow(
      { ...row, id: `${row.id}/${part.key}`, type: part.type, amount: part.amount },
      part.category,
      order,
      entry.part === "payout" ? null : payout,
    ),
  );
  switch (entry.part) {
    case "payout":
      return [...payoutFacts(row), ...beside];
    case "held":
      return [...balanceRow(row, null, payout), ...beside];
    case "sale":
      return order === null
        ? [...chargeWithRow(row, entry.category, null, payout), ...beside]
        : [...balanceRow(row, `order/${order}`, payout), ...beside];
    default:
      return [...chargeWithRow(row, entry.category, order, payout), ...beside];
  }
}

/** An order as its money tells it: a line for each key, of what is left of the money when shipping and the seller's tax are out. */
function orderFacts(entries: readonly Entry[], account: Account): readonly Fact[] {
  const [first] = [...entries].sort((a, b) => (a.when.on < b.when.on ? -1 : a.when.on > b.when.on ? 1 : 0));
  if (first === undefined || first.order === null) return [];
  const id = idIn(account, "order", first.order);
  const sum = (of: (sale: Sale) => bigint) =>
    entries.reduce((all, { sale }) => all + (sale === undefined ? 0n : of(sale)), 0n);
  const taxBy = entries.some(({ sale }) => sale?.taxBy === "seller" && sale.tax !== 0n) ? "seller" : "channel";
  const lines = new Map<string, { sale: Sale | undefined; qty: bigint; amount: bigint; memo: string }>();
  for (const { amount, sale, memo } of entries) {
    const key = sale?.line ?? "1";
    const line = lines.get(key) ?? { sale, qty: 0n, amount: 0n, memo };
    const sellersTax = sale?.taxBy === "seller" ? sale.tax : 0n;
    line.amount += amount - (sale === undefined ? 0n : sale.shipping + sellersTax - sale.discount);
    // Two payments of one line are still one line's goods.
    line.qty = sale === undefined || sale.line === "1" ? (sale?.qty ?? 1n) : line.qty + sale.qty;
    lines.set(key, line);
  }
  const order: OrderFact = {
    kind: "order",
    id,
    channel: account.channel,
    when: first.when,
    number: first.order,
    lines: [...lines].map(([key, { sale, qty, amount, memo }]) => ({
      id: `${id}/line/${key}`,
      sku: sale?.sku ?? null,
      name: sale?.name || memo || `Order ${first.order}`,
      listing: sale?.listing ?? null,
      qty: qty > 0n ? qty : 1n,
      amount,
      location: null,
    })),
    shipping: sum(({ shipping }) => shipping),
    tax: sum(({ tax, taxBy: by }) => (by === taxBy ? tax : 0n)),
    taxBy,
    discount: sum(({ discount }) => discount),
    fees: [],
  };
  return [order];
}
