/**
 * Square's exports. Transactions (44 to 55 columns over the years) tell the money: what the buyer paid, by which tender, the fee, and the
 * deposit that a payment went out in. Only cards reach a deposit: cash and other tenders are taken elsewhere, a gift card sold is a debt
 * and a gift card taken pays it. Items tell what was sold, with neither tip nor fee. Both name the transaction, which is the order.
 */
import { Refusal } from "../../../lib/core/errors";
import type { Problem } from "../reading";
import { amountOf, chargeWithRow, fileDocument } from "./document";
import { type Beside, type How, type LedgerFile, type NamedPayout, netOf } from "./ledger";
import { type OrdersFile, piecesOf, type SoldLine } from "./orders-file";
import { cell, decimalMarkOf, type HeadedTable, hasHeader, type Line } from "./table";
import { dateStyleOf, readDay } from "./when";
import { zonedWhen } from "./zones";

const moneyColumns = ["gross sales", "discounts", "net sales", "tax", "tip", "total collected", "fees", "net total"];
function howOf(table: HeadedTable) {
  return {
    decimalMark: decimalMarkOf(table.lines.flatMap((line) => moneyColumns.map((name) => cell(line, name)))),
    dateStyle: dateStyleOf(table.lines.map((line) => cell(line, "date"))),
    known: {},
  };
}
const whenOf = (line: Line, how: How) =>
  zonedWhen(readDay(cell(line, "date"), how.dateStyle), cell(line, "time"), cell(line, "time zone"), how.timeZone);
const of = (line: Line, name: string, how: How) => amountOf(cell(line, name), how.currency, how.decimalMark) ?? 0n;

const neededOfTransactions = ["date", "gross sales", "total collected", "transaction id", "net total"] as const;

export const squareTransactions: LedgerFile = {
  layout: "square-transactions",
  channel: "square",
  recognise: (text) => (hasHeader(text, neededOfTransactions) ? 1 : 0),
  needed: () => neededOfTransactions,
  how: howOf,
  read: (line, how) => {
    const total = amountOf(cell(line, "total collected"), how.currency, how.decimalMark);
    if (total === null) throw new Refusal("field_missing", "The total is missing.", { column: "total collected" });
    const type = cell(line, "event type") || "Payment";
    const order = cell(line, "transaction id");
    const isRefund = /refund/i.test(type);
    const [gross, discount, tax] = [of(line, "gross sales", how), of(line, "discounts", how), of(line, "tax", how)];
    const part = (key: string, name: string, category: Beside["category"], amount: bigint): Beside[] =>
      amount === 0n ? [] : [{ key, type: name, category, amount }];
    const beside = [
      ...part("service", "Service charge", "sale", of(line, "service charges", how)),
      ...part("gift-card", "Gift card sold", "gift_card", of(line, "gift card sales", how)),
      ...part("tip", "Tip", "tip", of(line, "tip", how)),
      ...part("partial-refund", "Partial refund", "refund", of(line, "partial refunds", how)),
      ...part("cash", "Cash", "elsewhere", -of(line, "cash", how)),
      ...part("gift-card-taken", "Gift card taken", "gift_card", -of(line, "square gift card", how)),
      ...part(
        "other-tender",
        cell(line, "other tender type") || "Other tender",
        "elsewhere",
        -of(line, "other tender", how),
      ),
      ...part("fee", "Fee", "processing", of(line, "fees", how)),
      ...part("third-party-fee", "Third party fee", "fee", of(line, "third party fees", how)),
    ];
    const amount = gross + discount + tax;
    const payout = cell(line, "deposit id") || null;
    const isSale = !isRefund && amount !== 0n && order !== "";
    return {
      when: whenOf(line, how),
      type,
      currency: how.currency,
      amount,
      beside,
      part: isSale ? "sale" : "charge",
      category: isRefund ? "refund" : "sale",
      order: order || null,
      payout,
      memo: cell(line, "description") || cell(line, "details"),
      version: payout === null ? "1-waiting" : "2-paid",
      ...(isSale
        ? {
            sale: {
              name: cell(line, "description"),
              sku: null,
              listing: null,
              qty: 1n,
              shipping: 0n,
              tax,
              taxBy: "seller",
              discount: -discount,
              line: "1",
            },
          }
        : {}),
    };
  },
  nameOf: ({ line, entry }) =>
    cell(line, "payment id") || [cell(line, "date"), cell(line, "time"), entry.order, entry.type, netOf(entry)],
  orderVersion: "1-money",
  payouts: (found) => {
    const payouts = new Map<string, NamedPayout>();
    for (const { line, entry } of found) {
      if (entry.payout === null) continue;
      const date = cell(line, "deposit date");
      const on = date === "" ? entry.when.on : readDay(date);
      payouts.set(entry.payout, { id: entry.payout, date: on, stated: null });
    }
    return [...payouts.values()];
  },
  proof: (found, table) => {
    const how = { ...howOf(table), currency: found[0]?.entry.currency ?? "", timeZone: "UTC" };
    const problems = found.flatMap(({ line, entry }): Problem[] => {
      // The net total counts every tender, the balance only what Square holds.
      const elsewhere = ["cash", "square gift card", "other tender"].reduce(
        (sum, name) => sum + of(line, name, how),
        0n,
      );
      const stated = of(line, "net total", how);
      if (netOf(entry) + elsewhere === stated) return [];
      const message = `Row ${line.row}: the sale's parts and the fees do not add to the net total.`;
      return [{ row: line.row, column: "net total", code: "does_not_reconcile", message }];
    });
    return { agrees: found.length === 0 ? null : problems.length === 0, problems };
  },
};

const neededOfItems = ["date", "item", "qty", "gross sales", "net sales", "transaction id"] as const;
/** Rows of an order that are goods sold; refunds and gift cards are told beside the orders. */
function isGoods(line: Line): boolean {
  return !/refund/i.test(cell(line, "event type")) && !/gift.?card/i.test(cell(line, "itemization type"));
}

export const squareItems: OrdersFile = {
  layout: "square-items",
  channel: "square",
  recognise: (text) => (hasHeader(text, neededOfItems) ? 1 : 0),
  needed: neededOfItems,
  isLedger: false,
  countsTotals: true,
  how: howOf,
  orderOf: (line) => (isGoods(line) ? cell(line, "transaction id") : null),
  read: (lines, how) => {
    const [first] = lines;
    const sum = (name: string) => lines.reduce((all, line) => all + of(line, name, how), 0n);
    const sold = lines.map((line, index): SoldLine => {
      const variation = cell(line, "price point name");
      return {
        key: String(index + 1),
        sku: cell(line, "sku") || null,
        name: [cell(line, "item") || "Custom amount", /^regular$/i.test(variation) ? "" : variation]
          .filter(Boolean)
          .join(", "),
        listing: cell(line, "token") || null,
        qty: piecesOf(cell(line, "qty")),
        amount: of(line, "gross sales", how),
      };
    });
    const [net, tax] = [sum("net sales"), sum("tax")];
    return {
      when: whenOf(first ?? { row: 0, cells: {} }, how),
      type: cell(first ?? { row: 0, cells: {} }, "event type") || "Payment",
      currency: how.currency,
      lines: sold.filter(({ qty }) => qty > 0n),
      shipping: 0n,
      tax,
      taxBy: "seller",
      discount: -sum("discounts"),
      fees: [],
      beside: [],
      refund: null,
      isSold: true,
      stated: { amount: net + tax, of: "net sales" },
      comesTo: sum("gross sales") + sum("discounts") + tax,
      version: `2-lines-${String(lines.length).padStart(3, "0")}`,
    };
  },
  more: {
    // A refund and a gift card are known by their payment, as in the transactions, which take their place.
    documents: (lines, how) => {
      const payments = new Map<string, Line[]>();
      for (const line of lines) {
        const payment = cell(line, "payment id") || `${cell(line, "transaction id")}/refund`;
        payments.set(payment, [...(payments.get(payment) ?? []), line]);
      }
      return [...payments].map(([payment, some]) =>
        fileDocument(`row/${payment}`, "0-items", some, {
          layout: "square-items",
          part: "row",
          currency: how.currency,
          decimalMark: how.decimalMark,
          dateStyle: how.dateStyle,
        }),
      );
    },
    facts: (body, id, account, how) => {
      const sum = (isCard: boolean) =>
        body.rows
          .filter((line) => /gift.?card/i.test(cell(line, "itemization type")) === isCard)
          .reduce((all, line) => all + of(line, "net sales", how) + of(line, "tax", how), 0n);
      const [first] = body.rows;
      if (first === undefined) return [];
      const order = cell(first, "transaction id");
      const about = order === "" ? null : [account.channel, "order", order].join("/");
      const row = (key: string, type: string, amount: bigint) => ({
        account,
        id: `${id.replace(/^row\//, "")}${key}`,
        when: whenOf(first, how),
        type,
        amount,
        memo: cell(first, "notes"),
      });
      return [
        ...chargeWithRow(row("", "Refund", sum(false)), "refund", about, null),
        ...chargeWithRow(row("/gift-card", "Gift card sold", sum(true)), "gift_card", about, null),
      ];
    },
    figures: (lines, how) =>
      lines.map((line) => ({
        type: cell(line, "event type") || "Payment",
        currency: how.currency,
        amount: of(line, "net sales", how) + of(line, "tax", how),
        order: cell(line, "transaction id"),
        units: /refund/i.test(cell(line, "event type")) ? -Number(piecesOf(cell(line, "qty").replace(/^-/, ""))) : 0,
      })),
  },
};
