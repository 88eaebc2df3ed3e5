/**
 * eBay's orders report (Seller Hub > Orders). It knows what was sold and nothing of fees, refunds or payouts: an order's document
 * ranks below the same order in the transaction report ("1-lines" < "2-money…"), and above itself while it was not paid. An order of
 * several items is a row with the sums and then a row for each item. Tax that eBay collects stands in the total and is no income.
 */
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
import { ebayOrderNames } from "./ebay-names";
import { deliveredTo } from "./ship-to";
import { cell, decimalMarkOf, hasHeader, headedTable, type Line } from "./table";
import { readWhen } from "./when";

export const layout = "ebay-orders";
const needed = ["order number", "item title", "sold for", "sale date"] as const;

export const ebayOrders: FileReader = {
  recognise: (text) => (hasHeader(text, [...needed, "total price"], ebayOrderNames) ? 1 : 0),
  read: (text, encoding, options): ChannelReading => {
    const table = headedTable(text, needed, isFooter, ebayOrderNames);
    const problems: Problem[] = [...table.problems];
    const money = table.lines.flatMap((line) => [cell(line, "sold for"), cell(line, "total price")]);
    const decimalMark = decimalMarkOf(money);
    const currency = currencyOf(money, options.currency);
    const hasPaid = table.columns.includes("paid on date");
    const groups = new Map<string, Line[]>();
    for (const line of table.lines) {
      const order = cell(line, "order number");
      if (order === "")
        problems.push({
          row: line.row,
          column: "order number",
          code: "field_missing",
          message: `Row ${line.row}: the order number is missing.`,
        });
      else groups.set(order, [...(groups.get(order) ?? []), line]);
    }
    const documents: RawDocument[] = [];
    const entries: { type: string; currency: string; amount: bigint }[] = [];
    const days: string[] = [];
    let [read, doesAdd] = [0, true];
    for (const [number, lines] of groups) {
      const isPaid = !hasPaid || lines.some((line) => cell(line, "paid on date") !== "");
      const document = fileDocument(`order/${number}`, isPaid ? "1-lines" : "0-unpaid", lines, {
        layout,
        part: isPaid ? "order" : "unpaid",
        currency,
        decimalMark,
      });
      const row = lines[0]?.row ?? 0;
      const good = attempt(row, problems, () => {
        const body = bodyOf(document);
        return {
          order: orderOf(body, document.externalId, { channel: "file", currency, timeZone: options.timeZone }),
          stated: amountIn(body, headOf(lines), "total price"),
        };
      });
      if (good === null) continue;
      documents.push(document);
      read += lines.length;
      days.push(good.order.when.on);
      const { shipping, tax } = good.order;
      const total = good.order.lines.reduce((sum, { amount }) => sum + amount, shipping + tax);
      entries.push({ type: "Order", currency, amount: good.stated ?? total });
      if (good.stated === null || good.stated === total) continue;
      doesAdd = false;
      problems.push({
        row,
        column: "total price",
        code: "does_not_reconcile",
        message: `Row ${row}: what was sold, shipping and tax do not add to the total price of order ${number}.`,
      });
    }
    return {
      type: "channel",
      channel: "ebay",
      kind: layout,
      encoding,
      rows: table.rows,
      read,
      problems: [...problems, ...currencyProblems([currency], options.currency)],
      agrees: table.columns.includes("total price") ? doesAdd : null,
      ...span(days),
      account: /seller id ?: ?([^\s",;]+)/i.exec(text)?.[1] ?? null,
      types: sums(entries).types,
      net: effects(documents, interpretEbayOrders, options.timeZone),
      stated: { opening: null, closing: null, total: null },
      payouts: [],
      orders: documents.length,
      units: countSold(documents, interpretEbayOrders, options.timeZone).units,
      unknownTypes: [],
      documents,
    };
  },
};

/** The count of records and the seller's name below the rows: one of its words, or hardly a cell and no order's number. */
function isFooter(cells: readonly string[]): boolean {
  if (/record\(s\) downloaded|heruntergeladen|téléchargé|scaricat|descargad/i.test(cells[1] ?? "")) return true;
  const said = cells.filter((text) => text !== "");
  return said.length > 0 && said.length <= 2 && !said.some((text) => /^\d+-\d/.test(text));
}

const signs: readonly (readonly [RegExp, string])[] = [
  [/^AU ?\$/, "AUD"],
  [/^C(A)? ?\$/, "CAD"],
  [/^(US ?)?\$/, "USD"],
  [/^£/, "GBP"],
  [/€/, "EUR"],
  [/^CHF/, "CHF"],
  [/^(PLN|zł)|zł$/, "PLN"],
];

/** The report has no column for its currency, only signs; a bare "$" is the books' own dollar where they are kept in one. */
function currencyOf(amounts: readonly string[], own: string): string {
  const sample = amounts.find((amount) => amount !== "") ?? "";
  if (/^-?\$/.test(sample) && ["USD", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN"].includes(own)) return own;
  return signs.find(([sign]) => sign.test(sample))?.[1] ?? own;
}

function amountIn(body: FileBody, line: Line, name: string): bigint | null {
  return amountOf(cell(line, name).replace(/^(AU|C|CA|US) (?=\$)/, ""), body.currency, body.decimalMark);
}

function headOf(lines: readonly Line[]): Line {
  return lines.find((line) => cell(line, "total price") !== "") ?? lines[0] ?? { row: 0, cells: {} };
}

/** Pure: the fact of one order; none while it is not paid. */
export const interpretEbayOrders: Interpret = (body, id, account) =>
  body.part === "unpaid" ? [] : [orderOf(body, id, account)];

function orderOf(body: FileBody, documentId: string, account: Parameters<Interpret>[2]): OrderFact {
  const head = headOf(body.rows);
  const id = idIn(account, documentId);
  const of = (line: Line, name: string) => amountIn(body, line, name) ?? 0n;
  const titled = body.rows.filter((line) => cell(line, "item title") !== "");
  const items = titled.length > 0 ? titled : [head];
  const sellerTax = of(head, "seller collected tax");
  const [shipping, channelTax] = [of(head, "shipping and handling"), of(head, "ebay collected tax")];
  const stated = amountIn(body, head, "total price");
  const sold = items.map((line) => ({ line, qty: quantityOf(line), value: of(line, "sold for") }));
  const sum = (amounts: readonly bigint[]) => amounts.reduce((total, amount) => total + amount, 0n);
  // "Sold for" is the price of the row in some reports and of one piece in others: the total decides.
  const each = sold.map(({ value, qty }) => value * qty);
  const isEach = stated !== null && sum(each) + shipping + sellerTax + channelTax === stated;
  return {
    kind: "order",
    id,
    channel: account.channel,
    when: readWhen(cell(head, "sale date"), account.timeZone),
    number: cell(head, "order number"),
    lines: sold.map(({ line, qty, value }, index) => ({
      id: `${id}/line/${cell(line, "transaction id") || index + 1}`,
      sku: cell(line, "custom label") || null,
      name: cell(line, "item title") || `eBay order ${cell(head, "order number")}`,
      listing: cell(line, "item number") || null,
      qty,
      amount: isEach ? value * qty : value,
      location: null,
    })),
    shipping,
    tax: sellerTax === 0n ? channelTax : sellerTax,
    taxBy: sellerTax === 0n ? "channel" : "seller",
    discount: 0n,
    fees: [],
    ...sentTo(head),
  };
}

/** Where eBay sends a package on abroad, it is sent to a hub of eBay's: then the buyer's own address is where it ends. */
function sentTo(head: Line): Pick<OrderFact, "shipTo"> {
  const isSentOn = ["global shipping program", "ebay international shipping"].some((name) =>
    /^y/i.test(cell(head, name)),
  );
  const to = isSentOn ? "buyer" : "ship to";
  return deliveredTo(cell(head, `${to} country`), cell(head, `${to} state`));
}

function quantityOf(line: Line): bigint {
  const text = cell(line, "quantity").replace(/[.,]0+$/, "");
  return /^[1-9]\d{0,8}$/.test(text) ? BigInt(text) : 1n;
}
