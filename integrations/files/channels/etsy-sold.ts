/**
 * Etsy's yearly exports of what was sold: Sold Order Items (a row for each item, with the order's shipping and tax repeated on each)
 * and Sold Orders (a row for each order). Their documents are those of the same orders in the statement, with a higher version: items
 * know what was sold ("2-lines"), orders only their sums ("1-orders"). Fees, refunds and payouts are the statement's alone, so that
 * nothing is booked twice; the tax that Etsy remits stands in neither of these files.
 */
import { Refusal } from "../../../lib/core/errors";
import type { OrderFact } from "../../../lib/core/facts";
import type { RawDocument } from "../../connector";
import type { ChannelReading, FileReader, Problem } from "../reading";
import {
  amountOf,
  attempt,
  bodyOf,
  countSold,
  currencyProblems,
  effects,
  type FileBody,
  fileDocument,
  type Interpret,
  idIn,
  span,
  sums,
} from "./document";
import { deliveredTo } from "./ship-to";
import { cell, decimalMarkOf, hasHeader, headedTable, type Line } from "./table";
import { dateStyleOf, readWhen } from "./when";

export const layouts = ["etsy-sold-items", "etsy-sold-orders"] as const;
const itemColumns = ["sale date", "item name", "quantity", "price", "order id"] as const;
const orderColumns = ["sale date", "order id", "number of items", "order value"] as const;
const moneyColumns = [
  "price",
  "discount amount",
  "shipping discount",
  "order shipping",
  "order sales tax",
  "item total",
  "order value",
  "shipping",
  "sales tax",
  "order total",
  "order net",
];

export const etsySoldItems: FileReader = {
  recognise: (text) => (hasHeader(text, itemColumns) ? 1 : 0),
  read: (text, encoding, options) => readSold(text, encoding, options, layouts[0], itemColumns),
};

export const etsySoldOrders: FileReader = {
  recognise: (text) => (hasHeader(text, orderColumns) ? 1 : 0),
  read: (text, encoding, options) => readSold(text, encoding, options, layouts[1], orderColumns),
};

function readSold(
  text: string,
  encoding: string,
  options: Parameters<FileReader["read"]>[2],
  layout: (typeof layouts)[number],
  needed: readonly string[],
): ChannelReading {
  const table = headedTable(text, needed);
  const problems: Problem[] = [...table.problems];
  const decimalMark = decimalMarkOf(table.lines.flatMap((line) => moneyColumns.map((name) => cell(line, name))));
  const dateStyle = dateStyleOf(table.lines.map((line) => cell(line, "sale date")));
  const groups = new Map<string, Line[]>();
  for (const line of table.lines) {
    const order = cell(line, "order id");
    if (order === "")
      problems.push({
        row: line.row,
        column: "order id",
        code: "field_missing",
        message: `Row ${line.row}: the order's id is missing.`,
      });
    else groups.set(order, [...(groups.get(order) ?? []), line]);
  }
  const documents: RawDocument[] = [];
  const entries: { type: string; currency: string; amount: bigint }[] = [];
  const days: string[] = [];
  let read = 0;
  for (const [order, lines] of groups) {
    const currency = (
      lines.map((line) => cell(line, "currency")).find((code) => code !== "") ?? options.currency
    ).toUpperCase();
    const version = layout === "etsy-sold-items" ? "2-lines" : "1-orders";
    const document = fileDocument(`order/${order}`, version, lines, {
      layout,
      part: "order",
      currency,
      decimalMark,
      dateStyle,
    });
    const good = attempt(lines[0]?.row ?? 0, problems, () =>
      orderOf(bodyOf(document), document.externalId, { channel: "file", currency, timeZone: options.timeZone }),
    );
    if (good === null) continue;
    documents.push(document);
    days.push(good.when.on);
    read += lines.length;
    for (const { amount } of good.lines) entries.push({ type: "Item", currency, amount });
    const sides = [
      ["Shipping", good.shipping],
      ["Sales Tax", good.tax],
      ["Discount", -good.discount],
    ] as const;
    for (const [type, amount] of sides) if (amount !== 0n) entries.push({ type, currency, amount });
  }
  return {
    type: "channel",
    channel: "etsy",
    kind: layout,
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
    agrees: null,
    ...span(days),
    account: null,
    types: sums(entries).types,
    net: effects(documents, interpretEtsySold, options.timeZone),
    stated: { opening: null, closing: null, total: null },
    payouts: [],
    orders: documents.length,
    units: countSold(documents, interpretEtsySold, options.timeZone).units,
    unknownTypes: [],
    documents,
  };
}

/** Pure: the fact of one order of either export. */
export const interpretEtsySold: Interpret = (body, id, account) => [orderOf(body, id, account)];

function orderOf(body: FileBody, documentId: string, account: Parameters<Interpret>[2]): OrderFact {
  const id = idIn(account, documentId);
  const [first = { row: 0, cells: {} }] = body.rows;
  const of = (line: Line, name: string) => amountOf(cell(line, name), body.currency, body.decimalMark) ?? 0n;
  /** An order's own figure, once, though each of its rows repeats it. */
  const once = (name: string) => body.rows.map((line) => of(line, name)).find((amount) => amount !== 0n) ?? 0n;
  const head = {
    kind: "order" as const,
    id,
    channel: account.channel,
    when: readWhen(cell(first, "sale date"), account.timeZone, body.dateStyle),
    number: cell(first, "order id"),
    taxBy: "seller" as const,
    fees: [],
    ...deliveredTo(cell(first, "ship country"), cell(first, "ship state")),
  };
  if (body.layout === "etsy-sold-orders") {
    const count = cell(first, "number of items");
    const listed =
      of(first, "order value") - of(first, "discount amount") + of(first, "shipping") + of(first, "sales tax");
    const hasNet = cell(first, "order net") !== "" && cell(first, "card processing fees") !== "";
    const beyond = hasNet ? of(first, "order net") + of(first, "card processing fees") - listed : 0n;
    const line = {
      id: `${id}/line/1`,
      sku: cell(first, "sku") || null,
      name: `Etsy order ${head.number}`,
      listing: null,
      qty: quantityOf(count),
      amount: of(first, "order value"),
      location: null,
    };
    return {
      ...head,
      lines: [line],
      // What the order brought beyond its columns (gift wrap) shows only in its net before the card's fee.
      shipping: of(first, "shipping") + beyond,
      tax: of(first, "sales tax"),
      discount: of(first, "discount amount"),
    };
  }
  const lines = body.rows.map((line, index) => {
    const qty = quantityOf(cell(line, "quantity"));
    return {
      id: `${id}/line/${cell(line, "transaction id") || index + 1}`,
      sku: cell(line, "sku") || null,
      name: [cell(line, "item name"), cell(line, "variations")].filter((text) => text !== "").join(" · "),
      listing: cell(line, "listing id") || null,
      qty,
      amount: of(line, "price") * qty,
      location: null,
    };
  });
  // Shipping is what is left of it after the shipping discount, which therefore is not taken off again.
  const discount = body.rows.reduce((sum, line) => sum + of(line, "discount amount"), 0n);
  return { ...head, lines, shipping: once("order shipping"), tax: once("order sales tax"), discount };
}

function quantityOf(text: string): bigint {
  if (!/^[1-9]\d{0,8}$/.test(text))
    throw new Refusal("bad_quantity", `“${text.slice(0, 20)}” is not a number of pieces.`, { column: "quantity" });
  return BigInt(text);
}
