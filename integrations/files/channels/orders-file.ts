/**
 * Files that list orders, a row or several for each: the order's own fields stand on its first row or on all. A layout tells how the rows
 * of one order are read (`OrdersFile.read`); documents, facts and figures are made here, the same for all of them.
 *
 * Where the file tells what the seller earned (a marketplace's report), each fact has its row of the balance; where it only lists what was
 * sold (`isLedger` false), there are none, for its money is told elsewhere.
 */
import { type Fact, type OrderFact, partsBack, type ReturnFact, type ShipTo, type When } from "../../../lib/core/facts";
import { allocate } from "../../../lib/core/money";
import type { Account, RawDocument } from "../../connector";
import type { ChannelReading, FileReader, Problem, ReadOptions } from "../reading";
import {
  attempt,
  balanceRow,
  charge,
  contentIds,
  currencyProblems,
  type FileBody,
  fileDocument,
  type Interpret,
  idIn,
  span,
  sums,
} from "./document";
import type { Beside, How } from "./ledger";
import { cell, type HeadedTable, headedTable, type Line, type Rename } from "./table";

export type SoldLine = Readonly<{
  key: string;
  sku: string | null;
  name: string;
  listing: string | null;
  qty: bigint;
  /** Before discount. */
  amount: bigint;
}>;
type SoldOrder = Readonly<{
  when: When;
  /** The file's own word for what became of it. */
  type: string;
  currency: string;
  lines: readonly SoldLine[];
  shipping: bigint;
  tax: bigint;
  taxBy: "seller" | "channel";
  discount: bigint;
  fees: readonly Readonly<{ kind: string; amount: bigint }>[];
  /** What came beside it, by what it does to the balance. */
  beside: readonly Beside[];
  /** All or part of what the buyer paid, given back; of all, the goods wait to be placed. */
  refund: Readonly<{ amount: bigint; on: string; isWhole: boolean }> | null;
  /** false: cancelled or not paid; only what stands beside it is told. */
  isSold: boolean;
  /** What the file says that it comes to for the seller, null where it says nothing; `of` is the column. */
  stated: Readonly<{ amount: bigint; of: string }> | null;
  /** What `stated` is compared with. */
  comesTo: bigint;
  /** Grows as the order comes to its end. */
  version: string;
  /** The day of the payout that it went out in, where the file says it. */
  payout?: string | null;
  /** Where it was delivered to, for files that say it. */
  shipTo?: ShipTo;
}>;

/** What a row that is no order's adds to the figures; `units` is negative for what came back. */
type Figure = Readonly<{ type: string; currency: string; amount: bigint; order: string; units: number }>;

export type OrdersFile = Readonly<{
  layout: string;
  channel: ChannelReading["channel"];
  recognise: (text: string) => number;
  needed: readonly string[];
  rename?: Rename;
  isFooter?: (cells: readonly string[]) => boolean;
  isLedger: boolean;
  /** Whether the figures count an order by its total, for files that list orders rather than earnings. */
  countsTotals: boolean;
  how: (table: HeadedTable, options: ReadOptions) => Omit<How, "timeZone" | "currency">;
  /** The order's own id; "" where the row has none, null for a row that is no order. `idOf` names what has no id by what it says. */
  orderOf: (line: Line, idOf: ReturnType<typeof contentIds>) => string | null;
  /** The seller's account, where the file names it. */
  account?: (table: HeadedTable) => string | null;
  /** Pure. Throws Refusal. */
  read: (lines: readonly Line[], how: How) => SoldOrder;
  /** Documents for what is no order, and how their facts are told. */
  more?: Readonly<{
    documents: (lines: readonly Line[], how: How) => readonly RawDocument[];
    facts: (body: FileBody, id: string, account: Account, how: How) => readonly Fact[];
    /** What these rows say, for the figures. */
    figures: (lines: readonly Line[], how: How) => readonly Figure[];
  }>;
}>;

/** A cell's count of goods: 1 where it says nothing, 0 as it says. */
export function piecesOf(text: string): bigint {
  const whole = text.replace(/[.,]0+$/, "");
  return /^\d{1,9}$/.test(whole) ? BigInt(whole) : 1n;
}

/** What an order brings to the balance: the buyer's money, less what the channel keeps. */
function effectOfOrder(order: SoldOrder): bigint {
  if (!order.isSold || order.lines.length === 0) return 0n;
  const goods = order.lines.reduce((sum, { amount }) => sum + amount, 0n);
  const fees = order.fees.reduce((sum, { amount }) => sum + amount, 0n);
  return goods + order.shipping - order.discount - fees + (order.taxBy === "seller" ? order.tax : 0n);
}

/** All that an order's rows move the balance by. */
function netOf(order: SoldOrder): bigint {
  const beside = order.beside.reduce((sum, { amount }) => sum + amount, 0n);
  return effectOfOrder(order) + beside - (order.refund?.amount ?? 0n);
}

export function ordersReader(file: OrdersFile): FileReader {
  return {
    recognise: file.recognise,
    read: (text, encoding, options) => readOrders(file, text, encoding, options),
  };
}

function readOrders(file: OrdersFile, text: string, encoding: string, options: ReadOptions): ChannelReading {
  const table = headedTable(text, file.needed, file.isFooter, file.rename);
  const problems: Problem[] = [...table.problems];
  const how: How = { ...file.how(table, options), currency: options.currency, timeZone: options.timeZone };
  const groups = new Map<string, Line[]>();
  const rest: Line[] = [];
  const idOf = contentIds();
  for (const line of table.lines) {
    const id = file.orderOf(line, idOf);
    if (id === null) rest.push(line);
    else if (id === "") {
      const message = `Row ${line.row}: the order's number is missing.`;
      problems.push({ row: line.row, column: file.needed[0] ?? null, code: "field_missing", message });
    } else groups.set(id, [...(groups.get(id) ?? []), line]);
  }
  const documents: RawDocument[] = [];
  const entries: { type: string; currency: string; amount: bigint }[] = [];
  const days: string[] = [];
  let [read, units, orders, stated, isWhole] = [0, 0, 0, 0, true];
  const nets = new Map<string, bigint>();
  const paid = new Map<string, { currency: string; amount: bigint; orders: number }>();
  for (const [id, lines] of groups) {
    const row = lines[0]?.row ?? 0;
    const order = attempt(row, problems, () => file.read(lines, how));
    if (order === null) continue;
    read += lines.length;
    orders += 1;
    units += order.lines.reduce((sum, { qty }) => sum + Number(qty), 0);
    days.push(order.when.on);
    const net = netOf(order);
    // A list of what was sold counts orders by what they come to; a list of earnings by what they bring.
    entries.push({
      type: order.type,
      currency: order.currency,
      amount: file.countsTotals ? (order.stated?.amount ?? order.comesTo) : net,
    });
    nets.set(order.currency, (nets.get(order.currency) ?? 0n) + net);
    documents.push(
      fileDocument(`order/${id}`, order.version, lines, {
        layout: file.layout,
        part: "order",
        currency: order.currency,
        decimalMark: how.decimalMark,
        dateStyle: how.dateStyle,
        known: how.known,
      }),
    );
    if (order.payout != null) {
      const payout = paid.get(order.payout) ?? { currency: order.currency, amount: 0n, orders: 0 };
      paid.set(order.payout, { ...payout, amount: payout.amount + net, orders: payout.orders + 1 });
    }
    if (order.stated === null) continue;
    stated += 1;
    if (order.stated.amount === order.comesTo) continue;
    isWhole = false;
    const message = `Row ${row}: the parts of order ${id} do not add to its ${order.stated.of}.`;
    problems.push({ row, column: order.stated.of, code: "does_not_reconcile", message });
  }
  for (const [date, { currency, amount, orders: count }] of paid) {
    const parts = { layout: file.layout, part: "paid", currency, known: { date, amount: String(amount) } };
    documents.push(fileDocument(`payout/${date}`, `1-rows-${String(count).padStart(6, "0")}`, [], parts));
  }
  const others = attempt(rest[0]?.row ?? 0, problems, () => file.more?.figures(rest, how) ?? []) ?? [];
  if (file.more !== undefined && others.length > 0) {
    documents.push(...file.more.documents(rest, how));
    read += rest.length;
    for (const { currency, amount } of others) nets.set(currency, (nets.get(currency) ?? 0n) + amount);
    // Orders that the file only names in a refund are counted too.
    orders += new Set(others.map(({ order }) => order).filter((order) => !groups.has(order))).size;
    units += others.reduce((sum, other) => sum + other.units, 0);
  }
  const { types } = sums([...entries, ...others]);
  return {
    type: "channel",
    channel: file.channel,
    kind: file.layout,
    encoding,
    rows: table.rows,
    read,
    problems: [
      ...problems,
      ...currencyProblems(
        entries.map(({ currency }) => currency),
        options.currency,
      ),
    ],
    agrees: stated === 0 ? null : isWhole,
    ...span(days),
    account: file.account?.(table) ?? null,
    types,
    net: [...nets].map(([currency, amount]) => ({ currency, amount })),
    stated: { opening: null, closing: null, total: null },
    payouts: [...paid].map(([date, { currency, amount }]) => ({ id: date, date, currency, amount, rows: amount })),
    orders,
    units,
    unknownTypes: [],
    documents,
  };
}

/** Pure: the facts of one document that `ordersReader` made of this layout. */
export function interpretOrders(file: OrdersFile): Interpret {
  return (body, id, account) => {
    const how: How = {
      currency: body.currency,
      decimalMark: body.decimalMark,
      dateStyle: body.dateStyle,
      timeZone: account.timeZone,
      known: body.known,
    };
    if (body.part === "paid") return payoutFacts(body, id, account);
    if (body.part !== "order") return file.more?.facts(body, id, account, how) ?? [];
    return factsOf(file.read(body.rows, how), id, account, file.isLedger);
  };
}

function payoutFacts(body: FileBody, id: string, account: Account): readonly Fact[] {
  const amount = BigInt(body.known.amount ?? "0");
  if (amount === 0n) return [];
  const when = { on: body.known.date ?? "", at: null };
  const fact: Fact = { kind: "payout", id: idIn(account, id), channel: account.channel, date: when.on, amount };
  return [fact, ...balanceRow({ account, id, when, type: "payout", amount: -amount, memo: "" }, fact, null)];
}

/** The facts of one order; `documentId` is "order/…". */
function factsOf(order: SoldOrder, documentId: string, account: Account, isLedger: boolean): readonly Fact[] {
  const id = idIn(account, documentId);
  const payout = order.payout == null ? null : idIn(account, "payout", order.payout);
  const number = documentId.slice("order/".length);
  const { when } = order;
  const fact: OrderFact = {
    kind: "order",
    id,
    channel: account.channel,
    when,
    number,
    lines: order.lines.map(({ key, ...line }) => ({ id: `${id}/line/${key}`, ...line, location: null })),
    shipping: order.shipping,
    tax: order.tax,
    taxBy: order.taxBy,
    discount: order.discount,
    fees: order.fees,
    ...(order.shipTo === undefined ? {} : { shipTo: order.shipTo }),
  };
  const isOrder = order.isSold && order.lines.length > 0;
  const row = (key: string, type: string, amount: bigint, at = when) => ({
    account,
    id: key === "" ? documentId : `${documentId}/${key}`,
    when: at,
    type,
    amount,
    memo: `Order ${number}`,
  });
  const facts: Fact[] = [];
  if (isOrder) {
    facts.push(fact);
    if (isLedger) facts.push(...balanceRow(row("", order.type, effectOfOrder(order)), fact, payout));
  }
  const about = isOrder ? id : null;
  for (const { key, type, category, amount } of order.beside) {
    if (amount === 0n) continue;
    const one = charge(row(key, type, amount), category, about);
    facts.push(one);
    if (isLedger) facts.push(...balanceRow(row(key, type, amount), one, payout));
  }
  const { refund } = order;
  if (refund === null || refund.amount === 0n) return facts;
  const at = { on: refund.on, at: null };
  const back = row("refund", "refund", -refund.amount, at);
  const one: Fact =
    refund.isWhole && isOrder ? returnOf(fact, documentId, refund, account) : charge(back, "refund", about);
  return [...facts, one, ...(isLedger ? balanceRow(back, one, payout) : [])];
}

/** All of an order given back: a return of all its lines, which a person places. */
function returnOf(
  order: OrderFact,
  documentId: string,
  refund: Readonly<{ amount: bigint; on: string }>,
  account: Account,
): ReturnFact {
  const id = idIn(account, "return", documentId);
  const weights = order.lines.some(({ amount }) => amount > 0n)
    ? order.lines.map(({ amount }) => (amount > 0n ? amount : 0n))
    : order.lines.map(({ qty }) => qty);
  const goods = order.lines.reduce((sum, { amount }) => sum + amount, -order.discount);
  const sellersTax = order.taxBy === "seller" ? order.tax : 0n;
  // Given back is just what the order came to: its tax and its shipping are among it.
  const isAll = goods >= 0n && refund.amount === goods + order.shipping + sellersTax;
  const parts = isAll ? partsBack(order) : {};
  const amounts = allocate(isAll ? goods : refund.amount, weights);
  return {
    kind: "return",
    id,
    date: refund.on,
    order: order.id,
    ...parts,
    lines: order.lines.map(({ id: line, qty }, index) => ({
      id: `${id}/line/${index + 1}`,
      line,
      qty,
      amount: amounts[index] ?? 0n,
      restock: false,
      writeOff: false,
      location: null,
      placed: false,
    })),
  };
}

/** The first row that says something in a column, for fields that stand on an order's first row alone. */
export function saying(lines: readonly Line[], ...names: readonly string[]): string {
  for (const name of names)
    for (const line of lines) {
      const text = cell(line, name);
      if (text !== "") return text;
    }
  return "";
}
