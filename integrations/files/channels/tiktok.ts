/**
 * TikTok Shop's exports: orders (a row for each SKU of an order, below the header a row that explains the columns) and the settlement
 * statement (a row for each order and adjustment). Headers differ from month to month in case and separators. Platform discounts are paid
 * by TikTok, so they lessen nothing; the buyer's tax is TikTok's to remit.
 */
import { Refusal } from "../../../lib/core/errors";
import { amountOf } from "./document";
import { type LedgerFile, netOf } from "./ledger";
import { type OrdersFile, piecesOf, saying } from "./orders-file";
import { cell, decimalMarkOf, hasHeader, type Line, type Rename } from "./table";
import { dateStyleOf, readMoment } from "./when";

const needed = ["order id", "order status", "product name", "quantity", "sku subtotal after discount"] as const;
const money = [
  "sku subtotal before discount",
  "sku subtotal after discount",
  "order amount",
  "taxes",
  "order refund amount",
];
/** TikTok ends ids and times with a tab, so that spreadsheets leave them alone. */
const idOf = (line: Line, name: string) => cell(line, name).replace(/\s/g, "");

export const tiktokOrders: OrdersFile = {
  layout: "tiktok-orders",
  channel: "tiktok",
  recognise: (text) => (hasHeader(text, needed) ? 1 : 0),
  needed,
  isFooter: (cells) => /^platform unique order id/i.test(cells[0] ?? ""),
  isLedger: false,
  countsTotals: true,
  how: (table) => ({
    decimalMark: decimalMarkOf(table.lines.flatMap((line) => money.map((name) => cell(line, name)))),
    dateStyle: dateStyleOf(table.lines.map((line) => cell(line, "created time").split(" ")[0] ?? "")),
    known: {},
  }),
  orderOf: (line) => idOf(line, "order id"),
  read: (lines, how) => {
    const { currency } = how;
    const of = (line: Line, name: string) => amountOf(cell(line, name), currency, how.decimalMark) ?? 0n;
    const sum = (name: string) => lines.reduce((all, line) => all + of(line, name), 0n);
    const head = (name: string) => amountOf(saying(lines, name), currency, how.decimalMark) ?? 0n;
    const [after, platform, sellers] = [
      sum("sku subtotal after discount"),
      sum("sku platform discount"),
      sum("sku seller discount"),
    ];
    const before = sum("sku subtotal before discount") || after + platform + sellers;
    const [shipping, tax, refund] = [head("shipping fee after discount"), head("taxes"), head("order refund amount")];
    const stated = amountOf(saying(lines, "order amount"), currency, how.decimalMark);
    const status = saying(lines, "order status");
    const sold = lines.map((line, index) => ({
      key: String(index + 1),
      sku: cell(line, "seller sku") || null,
      name: [cell(line, "product name"), cell(line, "variation")]
        .filter((text) => text !== "" && !/^default$/i.test(text))
        .join(", "),
      listing: idOf(line, "sku id") || null,
      qty: piecesOf(cell(line, "quantity")),
      amount:
        of(line, "sku subtotal before discount") ||
        of(line, "sku subtotal after discount") + of(line, "sku platform discount") + of(line, "sku seller discount"),
    }));
    const when = readMoment(saying(lines, "paid time", "created time"), how.timeZone, how.timeZone, how.dateStyle);
    const isSold = !/cancel|unpaid|dibatalkan|belum/i.test(status);
    const goods = before - sellers;
    return {
      when,
      type: status,
      currency,
      lines: sold.filter(({ qty }) => qty > 0n),
      shipping,
      tax,
      taxBy: "channel",
      discount: sellers,
      fees: [],
      beside: [],
      refund: isSold && refund !== 0n ? { amount: refund, on: when.on, isWhole: refund >= after + shipping } : null,
      isSold,
      stated: stated === null ? null : { amount: stated, of: "order amount" },
      // What TikTok adds at the till (handling, insurance) and takes off it (payment discounts) is none of the seller's.
      comesTo:
        goods -
        platform +
        shipping +
        tax -
        head("payment platform discount") +
        head("handling fee") +
        head("buyer service fee") +
        head("shipping insurance") +
        head("item insurance") +
        head("retail delivery fee"),
      version: `2-${isSold ? 1 : 2}-${String(refund).padStart(15, "0")}`,
    };
  },
};

const names: Rename = (name) => {
  const plain = name.replace("\\", "/").replace(/\s*\(utc\)$/, "");
  if (plain === "order / adjustment id" || plain === "order/adjustment id") return "order/adjustment id";
  if (plain === "transaction type") return "type";
  return plain;
};
const ofSettlement = ["order/adjustment id", "type", "total settlement amount"] as const;

export const tiktokSettlement: LedgerFile = {
  layout: "tiktok-settlement",
  channel: "tiktok",
  recognise: (text) => (hasHeader(text, ofSettlement, names) ? 1 : 0),
  needed: () => ofSettlement,
  rename: names,
  how: (table) => ({
    decimalMark: decimalMarkOf(
      table.lines.flatMap((line) =>
        ["total settlement amount", "total revenue", "total fees"].map((name) => cell(line, name)),
      ),
    ),
    dateStyle: dateStyleOf(
      table.lines.map((line) => (cell(line, "order settled time") || cell(line, "statement date")).split(" ")[0] ?? ""),
    ),
    known: {},
  }),
  read: (line, how) => {
    const currency = cell(line, "currency").toUpperCase() || how.currency;
    const of = (...columns: readonly string[]) =>
      columns.reduce((sum, name) => sum + (amountOf(cell(line, name), currency, how.decimalMark) ?? 0n), 0n);
    const net = amountOf(cell(line, "total settlement amount"), currency, how.decimalMark);
    if (net === null)
      throw new Refusal("field_missing", "The settlement amount is missing.", { column: "total settlement amount" });
    const type = cell(line, "type");
    const isOrder = /^(order|pesanan)$/i.test(type);
    const fees = of("total fees");
    const refund = of("refund subtotal after seller discounts");
    const adjustment = isOrder ? of("adjustment amount") : 0n;
    const date =
      cell(line, "order settled time") ||
      cell(line, "statement date") ||
      cell(line, "order created time") ||
      cell(line, "order created date");
    const beside = [
      { key: "fees", type: "fees", category: "fee" as const, amount: fees },
      { key: "refund", type: "refund", category: "refund" as const, amount: isOrder ? refund : 0n },
      { key: "adjustment", type: "adjustment", category: "other" as const, amount: adjustment },
    ].filter(({ amount }) => amount !== 0n);
    const order =
      cell(line, "related order id").replace(/\s|\//g, "") ||
      (isOrder ? cell(line, "order/adjustment id").replace(/\s/g, "") : "");
    const amount = net - beside.reduce((sum, part) => sum + part.amount, 0n);
    const isSale = isOrder && amount > 0n && order !== "";
    const word = type.toLowerCase();
    return {
      when: readMoment(date, how.timeZone, "UTC", how.dateStyle),
      type,
      currency,
      amount,
      beside,
      part: isSale ? "sale" : "charge",
      category: isOrder
        ? "sale"
        : /refund/.test(word)
          ? "refund"
          : /reimburs|compensat/.test(word)
            ? "reimbursement"
            : /ads?\b|gmv/.test(word)
              ? "advertising"
              : /logistic|shipping|fulfil/.test(word)
                ? "label"
                : /fee|commission/.test(word)
                  ? "fee"
                  : "other",
      order: order || null,
      payout: null,
      memo: cell(line, "product name"),
    };
  },
  nameOf: ({ line, entry }) => [
    cell(line, "order/adjustment id").replace(/\s/g, ""),
    entry.type,
    entry.when.on,
    cell(line, "sku id").replace(/\s/g, ""),
    netOf(entry),
  ],
  orderVersion: "1-settled",
};
