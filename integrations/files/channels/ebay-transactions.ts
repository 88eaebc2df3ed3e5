/**
 * eBay's transaction report (Payments > Reports), all layouts: with and without preamble, columns by name. Net amount is what a row
 * moves the balance by, in the payout's currency; an order's row carries its parts (items, shipping, the seller's tax, fees, each
 * signed) in the currency of the sale. Tax that eBay collects and remits is beside all that, in no net. An order of several items is
 * one row with money and then a row without for each item. A row that names a payout was paid out in it, so payouts can be proved.
 */
import type { ChargeCategory, Fact, OrderFact, OrderLine } from "../../../lib/core/facts";
import { allocate } from "../../../lib/core/money";
import type { Account, RawDocument } from "../../connector";
import type { ChannelReading, FileReader, PayoutReading, Problem } from "../reading";
import {
  amountOf,
  attempt,
  balanceRow,
  chargeWithRow,
  contentIds,
  countSold,
  currencyProblems,
  type FileBody,
  fileDocument,
  type Interpret,
  idIn,
  span,
  sums,
} from "./document";
import { cell, decimalMarkOf, hasHeader, headedTable, type Line } from "./table";
import { readWhen } from "./when";

export const layout = "ebay-transactions";
const needed = ["type", "order number", "net amount"] as const;
const dateColumns = ["transaction creation date", "transaction date", "date"] as const;
/** Columns that are no part of a net amount; every other one that holds an amount in an order's row is a fee. */
const notFees = new Set([
  ...needed,
  ...dateColumns,
  "legacy order id",
  "buyer username",
  "buyer name",
  "ship to city",
  "ship to province/region/state",
  "ship to zip",
  "ship to country",
  "payout currency",
  "payout date",
  "payout id",
  "payout method",
  "payout status",
  "reason for hold",
  "item id",
  "transaction id",
  "item title",
  "custom label",
  "quantity",
  "item subtotal",
  "shipping and handling",
  "seller collected tax",
  "ebay collected tax",
  "gross transaction amount",
  "transaction currency",
  "exchange rate",
  "reference id",
  "description",
]);

type Entry = Readonly<{
  line: Line;
  on: string;
  type: string;
  order: string | null;
  currency: string;
  /** null where the row moves nothing: an item of an order of several. */
  net: bigint | null;
  payout: string | null;
  description: string;
}>;

export const ebayTransactions: FileReader = {
  recognise: (text) =>
    hasHeader(text, [...needed, "payout id"]) || hasHeader(text, [...needed, "gross transaction amount"]) ? 1 : 0,
  read: (text, encoding, options): ChannelReading => {
    const table = headedTable(text, needed);
    const problems: Problem[] = [...table.problems];
    const decimalMark = decimalMarkOf(table.lines.map((line) => cell(line, "net amount")));
    const entries = table.lines.flatMap(
      (line) => attempt(line.row, problems, () => readEntry(line, decimalMark)) ?? [],
    );
    const documents: RawDocument[] = [];
    const orders = new Map<string, Entry[]>();
    for (const entry of entries) {
      if (entry.type === "Order" && entry.order !== null)
        orders.set(entry.order, [...(orders.get(entry.order) ?? []), entry]);
    }
    for (const [number, group] of orders) {
      const money = group.find(({ net }) => net !== null);
      const isPaid = group.every(({ net, payout }) => net === null || payout !== null);
      const parts = { layout, part: "order", currency: (money ?? group[0])?.currency ?? "", decimalMark };
      const document = fileDocument(
        `order/${number}`,
        isPaid ? "2-money-2-paid" : "2-money-1-waiting",
        group.map(({ line }) => line),
        parts,
      );
      const row = (money ?? group[0])?.line.row ?? 0;
      const known = attempt(row, problems, () => partsOf(document.body as FileBody));
      if (known === null) continue;
      documents.push(document);
      if (known.rest !== 0n && money !== undefined) problems.push(doesNotAdd(row));
    }
    const idOf = contentIds();
    const returned = new Map<string, bigint>();
    for (const entry of entries) {
      if (entry.type === "Order" && entry.order !== null) continue;
      const { line, currency, payout } = entry;
      const own = { layout, currency, decimalMark };
      if (entry.type === "Payout" && entry.net !== null) {
        const name = payout ?? idOf(entry.on, String(entry.net), currency);
        // A payout that the bank sent back comes again as a row of its own, with the sign turned.
        documents.push(
          fileDocument(`payout/${name}${entry.net > 0n ? "/returned" : ""}`, "1", [line], { ...own, part: "payout" }),
        );
        continue;
      }
      const id = idOf(
        entry.on,
        entry.type,
        entry.order,
        cell(line, "reference id"),
        entry.description,
        cell(line, "item id"),
        cell(line, "transaction id"),
        currency,
        entry.net,
      );
      const known =
        entry.type === "Refund" ? lineReturned(entry, orders.get(entry.order ?? ""), decimalMark, returned) : {};
      const version = `${"line" in known ? "2-of-order" : "1-alone"}-${payout === null ? "1-waiting" : "2-paid"}`;
      documents.push(fileDocument(`row/${id}`, version, [line], { ...own, part: "row", known }));
    }
    const payouts = payoutsOf(entries);
    const { agrees, doubts } = proofOf(payouts);
    const unknown = entries.filter((entry) => partOf(entry) === "charge" && categoryOf(entry) === "other");
    const seller = table.preamble.find((cells) => /^seller$/i.test(cells[0] ?? ""))?.[1] ?? null;
    return {
      type: "channel",
      channel: "ebay",
      kind: layout,
      encoding,
      rows: table.rows,
      read: entries.length,
      problems: [
        ...problems,
        ...doubts,
        ...currencyProblems(
          entries.map(({ currency }) => currency),
          options.currency,
        ),
      ],
      agrees,
      ...span(entries.map(({ on }) => on)),
      account: seller,
      ...sums(entries.map(({ type, currency, net }) => ({ type, currency, amount: net ?? 0n }))),
      stated: { opening: null, closing: null, total: null },
      payouts,
      ...countSold(documents, interpretEbayTransactions, options.timeZone),
      unknownTypes: [...new Set(unknown.map(({ type }) => type))],
      documents,
    };
  },
};

function readEntry(line: Line, decimalMark: "." | ","): Entry {
  const date = dateColumns.map((name) => cell(line, name)).find((text) => text !== "") ?? "";
  const currency = (cell(line, "payout currency") || cell(line, "transaction currency")).toUpperCase();
  return {
    line,
    on: readWhen(date, "UTC").on,
    type: cell(line, "type"),
    order: cell(line, "order number") || null,
    currency,
    net: amountOf(cell(line, "net amount"), currency, decimalMark),
    payout: cell(line, "payout id") || null,
    description: cell(line, "description"),
  };
}

function partOf(entry: Entry): "order" | "payout" | "hold" | "charge" {
  if (entry.type === "Order" && entry.order !== null) return "order";
  if (entry.type === "Payout") return "payout";
  // What is held back, and given free again, never left the balance.
  return /^hold/i.test(entry.type) ? "hold" : "charge";
}

function categoryOf({ type, description }: Entry): ChargeCategory {
  const word = type.toLowerCase();
  if (word === "order") return "sale";
  if (/refund|claim|dispute|chargeback/.test(word)) return "refund";
  if (/shipping label|postage/.test(word)) return "label";
  if (/loan|capital|financing/.test(word)) return "loan";
  if (/fee/.test(word)) return /\bads?\b|advertis|promoted/i.test(description) ? "advertising" : "fee";
  return "other";
}

function payoutsOf(entries: readonly Entry[]): readonly PayoutReading[] {
  return entries.flatMap((entry) => {
    if (entry.type !== "Payout" || entry.net === null || entry.net > 0n) return [];
    const rows = entries.filter(({ type, payout }) => type !== "Payout" && payout !== null && payout === entry.payout);
    const sum = rows.reduce((total, { net }) => total + (net ?? 0n), 0n);
    return [{ id: entry.payout ?? "", date: entry.on, currency: entry.currency, amount: -entry.net, rows: sum }];
  });
}

/** Whether payouts are the sum of their rows. The first of a report may hold rows of the report before, which proves nothing. */
function proofOf(payouts: readonly PayoutReading[]): { agrees: boolean | null; doubts: readonly Problem[] } {
  const first = payouts.map(({ date }) => date ?? "").sort()[0];
  const wrong = payouts.filter(({ amount, rows }) => amount !== rows);
  const doubts = wrong.map(({ id, date }): Problem => {
    const why = date === first ? " Its other rows may be in the report before this one." : "";
    return {
      row: null,
      column: "payout id",
      code: "does_not_reconcile",
      message: `Payout ${id} is not the sum of its rows.${why}`,
    };
  });
  const judged = payouts.filter(({ date, amount, rows }) => date !== first || amount === rows);
  return { agrees: judged.length === 0 ? null : judged.every(({ amount, rows }) => amount === rows), doubts };
}

function doesNotAdd(row: number): Problem {
  return {
    row,
    column: "net amount",
    code: "does_not_reconcile",
    message: `Row ${row}: the order's parts do not add to its net amount; the rest is kept as a line of its own.`,
  };
}

/** The line of an order in this file that a refund gives back whole units of; nothing where only money went back. */
function lineReturned(
  entry: Entry,
  order: readonly Entry[] | undefined,
  decimalMark: "." | ",",
  returned: Map<string, bigint>,
): Record<string, string> {
  const money = order?.find(({ net }) => net !== null);
  if (order === undefined || money === undefined || money.currency !== entry.currency || money.on > entry.on) return {};
  const refunded = -(amountOf(cell(entry.line, "item subtotal"), entry.currency, decimalMark) ?? 0n);
  if (refunded <= 0n || !isOwnCurrency(entry.line, entry.currency) || !isOwnCurrency(money.line, money.currency))
    return {};
  const items = itemRows(order.map(({ line }) => line));
  for (const [index, item] of items.entries()) {
    const isIt =
      cell(item, "transaction id") === cell(entry.line, "transaction id") &&
      cell(item, "item id") === cell(entry.line, "item id");
    if (!isIt) continue;
    const quantity = quantityOf(item);
    const amount = amountOf(cell(item, "item subtotal"), entry.currency, decimalMark) ?? 0n;
    const line = lineKey(item, index);
    const before = returned.get(`${entry.order}/${line}`) ?? 0n;
    const units = amount > 0n && (refunded * quantity) % amount === 0n ? (refunded * quantity) / amount : 0n;
    if (units < 1n || before + units > quantity) continue;
    returned.set(`${entry.order}/${line}`, before + units);
    return { line, quantity: String(units) };
  }
  return {};
}

function isOwnCurrency(line: Line, currency: string): boolean {
  return (cell(line, "transaction currency") || currency).toUpperCase() === currency;
}

/** The rows that say what was sold: those without money where an order has such, else the order's own. */
function itemRows(lines: readonly Line[]): readonly Line[] {
  const items = lines.filter(
    (line) => cell(line, "net amount") === "" && (cell(line, "item title") !== "" || cell(line, "item id") !== ""),
  );
  return items.length > 0 ? items : lines.filter((line) => cell(line, "net amount") !== "");
}

function lineKey(item: Line, index: number): string {
  return cell(item, "transaction id") || String(index + 1);
}

function quantityOf(item: Line): bigint {
  const text = cell(item, "quantity").replace(/[.,]0+$/, "");
  return /^[1-9]\d{0,8}$/.test(text) ? BigInt(text) : 1n;
}

type OrderParts = Readonly<{
  lines: readonly Omit<OrderLine, "id">[];
  keys: readonly string[];
  shipping: bigint;
  sellerTax: bigint;
  ebayTax: bigint;
  fees: readonly Readonly<{ kind: string; amount: bigint }>[];
  /** What the parts leave of the net amount. */
  rest: bigint;
}>;

/** An order's parts in the payout's currency: those of a sale in another currency are converted by the rate that the net itself shows. */
function partsOf(body: FileBody): OrderParts {
  const money = body.rows.filter((line) => cell(line, "net amount") !== "");
  const saleCurrency = (cell(money[0] ?? { row: 0, cells: {} }, "transaction currency") || body.currency).toUpperCase();
  const sum = (name: string, currency = saleCurrency) =>
    money.reduce((total, line) => total + (amountOf(cell(line, name), currency, body.decimalMark) ?? 0n), 0n);
  const net = sum("net amount", body.currency);
  const items = itemRows(body.rows);
  const weights = items.map((item) => amountOf(cell(item, "item subtotal"), saleCurrency, body.decimalMark) ?? 0n);
  const goods = sum("item subtotal");
  const isWhole = weights.reduce((total, weight) => total + weight, 0n) === goods;
  const usable =
    weights.some((weight) => weight > 0n) && weights.every((weight) => weight >= 0n) ? weights : items.map(quantityOf);
  const amounts = isWhole ? weights : allocate(goods, usable);
  const feeNames = [...new Set(money.flatMap(({ cells }) => Object.keys(cells)))].filter((name) => !notFees.has(name));
  const fees = feeNames.map((name) => ({ kind: name, amount: sum(name) })).filter(({ amount }) => amount !== 0n);
  const shipping = sum("shipping and handling");
  const sellerTax = sum("seller collected tax");
  const parts = [...amounts, shipping, sellerTax, ...fees.map(({ amount }) => amount)];
  const whole = parts.reduce((total, part) => total + part, 0n);
  const own = saleCurrency === body.currency || whole === 0n ? parts : converted(parts, net, whole);
  const at = (index: number) => own[index] ?? 0n;
  const ebayTax = sum("ebay collected tax");
  return {
    lines: items.map((item, index) => ({
      sku: cell(item, "custom label") || null,
      name: cell(item, "item title") || `eBay item ${cell(item, "item id")}`.trim(),
      listing: cell(item, "item id") || null,
      qty: quantityOf(item),
      amount: at(index),
      location: null,
    })),
    keys: items.map(lineKey),
    shipping: at(items.length),
    sellerTax: at(items.length + 1),
    ebayTax: saleCurrency === body.currency || whole === 0n ? ebayTax : rounded(ebayTax * net, whole),
    fees: fees.map(({ kind }, index) => ({ kind, amount: -at(items.length + 2 + index) })),
    rest: net - own.reduce((total, part) => total + part, 0n),
  };
}

/** Each part of `whole` as a part of `net`: what is taken between two running sums is the difference of their shares, so nothing is lost. */
function converted(parts: readonly bigint[], net: bigint, whole: bigint): bigint[] {
  let sum = 0n;
  return parts.map((part) => {
    const before = rounded(sum * net, whole);
    sum += part;
    return rounded(sum * net, whole) - before;
  });
}

function rounded(product: bigint, whole: bigint): bigint {
  const isNegative = product < 0n !== whole < 0n;
  const [top, bottom] = [product < 0n ? -product : product, whole < 0n ? -whole : whole];
  const quotient = (top * 2n + bottom) / (bottom * 2n);
  return isNegative ? -quotient : quotient;
}

/** Pure: facts of one document of a transaction report. */
export const interpretEbayTransactions: Interpret = (body, id, account) => {
  if (body.part === "order") return orderFacts(body, account);
  return body.rows.flatMap((line): readonly Fact[] => {
    const entry = readEntry(line, body.decimalMark);
    const when = { on: entry.on, at: null };
    const memo = [entry.description, cell(line, "reference id")].filter((text) => text !== "").join(" · ");
    const row = { account, id: id.replace(/^row\//, ""), when, type: entry.type, amount: entry.net ?? 0n, memo };
    const payout = entry.payout === null ? null : idIn(account, "payout", entry.payout);
    if (body.part === "payout") {
      const fact: Fact = {
        kind: "payout",
        id: idIn(account, id),
        channel: account.channel,
        date: entry.on,
        amount: -row.amount,
      };
      return [fact, ...balanceRow(row, fact, null)];
    }
    if (partOf(entry) === "hold") return balanceRow(row, null, payout);
    const order = entry.order === null ? null : idIn(account, "order", entry.order);
    if (entry.type === "Refund" && order !== null) return refundFacts(body, line, row, order, payout);
    return chargeWithRow(row, categoryOf(entry), order, payout);
  });
};

function orderFacts(body: FileBody, account: Account): readonly Fact[] {
  const money = body.rows.filter((line) => cell(line, "net amount") !== "");
  const [first] = money;
  if (first === undefined) return [];
  const entry = readEntry(first, body.decimalMark);
  const number = entry.order ?? "";
  const id = idIn(account, "order", number);
  const parts = partsOf(body);
  const when = { on: entry.on, at: null };
  // A fee column that gives money back is no cost of the order: a line of its own.
  const credits = parts.fees.filter(({ amount }) => amount < 0n);
  const order: OrderFact = {
    kind: "order",
    id,
    channel: account.channel,
    when,
    number,
    lines: parts.lines.map((line, index) => ({ id: `${id}/line/${parts.keys[index] ?? index + 1}`, ...line })),
    shipping: parts.shipping,
    tax: parts.sellerTax === 0n ? parts.ebayTax : parts.sellerTax,
    taxBy: parts.sellerTax === 0n ? "channel" : "seller",
    discount: 0n,
    fees: parts.fees.filter(({ amount }) => amount > 0n),
  };
  const extras = [
    ...credits.map(({ kind, amount }) => ({ key: kind, category: "fee" as const, type: kind, amount: -amount })),
    { key: "rest", category: "other" as const, type: "Order", amount: parts.rest },
  ];
  const beside = extras.reduce((sum, { amount }) => sum + amount, 0n);
  const payoutOf = (line: Line) =>
    cell(line, "payout id") === "" ? null : idIn(account, "payout", cell(line, "payout id"));
  const rows = money.flatMap((line, index) => {
    const net = amountOf(cell(line, "net amount"), body.currency, body.decimalMark) ?? 0n;
    const amount = index === 0 ? net - beside : net;
    return balanceRow(
      {
        account,
        id: `order/${number}/${index + 1}`,
        when,
        type: entry.type,
        amount,
        memo: parts.lines[index]?.name ?? "",
      },
      order,
      payoutOf(line),
    );
  });
  return [
    order,
    ...rows,
    ...extras.flatMap(({ key, category, type, amount }) =>
      chargeWithRow(
        { account, id: `order/${number}/${key}`, when, type, amount, memo: "" },
        category,
        id,
        payoutOf(first),
      ),
    ),
  ];
}

type Row = Parameters<typeof chargeWithRow>[0];

/** What the buyer got back, as a return where whole units of a known line came back (nobody knows where they went), and the fees beside it. */
function refundFacts(body: FileBody, line: Line, row: Row, order: string, payout: string | null): readonly Fact[] {
  const feeNames = isOwnCurrency(line, body.currency)
    ? Object.keys(line.cells).filter((name) => !notFees.has(name))
    : [];
  const fees = feeNames.map((name) => ({
    name,
    amount: amountOf(cell(line, name), body.currency, body.decimalMark) ?? 0n,
  }));
  const refund = row.amount - fees.reduce((sum, { amount }) => sum + amount, 0n);
  const credits = fees.flatMap(({ name, amount }) =>
    chargeWithRow({ ...row, id: `${row.id}/${name}`, type: name, amount }, "fee", order, payout),
  );
  const { line: key, quantity } = body.known;
  if (key === undefined || quantity === undefined || refund >= 0n)
    return [...chargeWithRow({ ...row, amount: refund }, "refund", order, payout), ...credits];
  const id = idIn(row.account, "return", row.id);
  const fact: Fact = {
    kind: "return",
    id,
    date: row.when.on,
    order,
    lines: [
      {
        id: `${id}/line/1`,
        line: `${order}/line/${key}`,
        qty: BigInt(quantity),
        amount: -refund,
        restock: false,
        writeOff: false,
        location: null,
        placed: false,
      },
    ],
  };
  return [fact, ...balanceRow({ ...row, amount: refund }, fact, payout), ...credits];
}
