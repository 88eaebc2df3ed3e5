/**
 * Shopify's orders export: a row for each line item, the order's own fields on its first row alone, any of some eighty columns
 * missing. A voided order, or one cancelled before it was paid, was never money. Tips are other income and no goods; a gift card sold
 * is a debt and no sale. The export tells how much was refunded, neither when nor for what: a refund of all is
 * a return that a person places, a refund of a part is money alone. It is no list of the balance, so no balance rows come of it.
 */
import { type Fact, type OrderFact, partsBack } from "../../../lib/core/facts";
import { allocate } from "../../../lib/core/money";
import type { RawDocument } from "../../connector";
import type { ChannelReading, FileReader, Problem } from "../reading";
import {
  amountOf,
  attempt,
  bodyOf,
  charge,
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
import { readWhen } from "./when";

export const layout = "shopify-orders";
const needed = ["name", "lineitem name", "total"] as const;
const moneyColumns = [
  "subtotal",
  "shipping",
  "taxes",
  "total",
  "discount amount",
  "refunded amount",
  "duties",
  "lineitem price",
];

export const shopifyOrders: FileReader = {
  recognise: (text) =>
    hasHeader(text, [...needed, "financial status"])
      ? 1
      : hasHeader(text, ["name", "lineitem name"]) || hasHeader(text, ["name", "created at", "subtotal", "total"])
        ? 0.9
        : 0,
  read: (text, encoding, options): ChannelReading => {
    const table = headedTable(text, needed);
    const problems: Problem[] = [...table.problems];
    const decimalMark = decimalMarkOf(table.lines.flatMap((line) => moneyColumns.map((name) => cell(line, name))));
    const groups = new Map<string, Line[]>();
    for (const line of table.lines) {
      const name = cell(line, "name");
      if (name === "")
        problems.push({
          row: line.row,
          column: "name",
          code: "field_missing",
          message: `Row ${line.row}: the order's name is missing.`,
        });
      else groups.set(name, [...(groups.get(name) ?? []), line]);
    }
    const documents: RawDocument[] = [];
    const entries: { type: string; currency: string; amount: bigint }[] = [];
    const days: string[] = [];
    let [read, units, doesAdd] = [0, 0, true];
    for (const [name, lines] of groups) {
      const head = headOf(lines);
      const currency = (cell(head, "currency") || options.currency).toUpperCase();
      const good = attempt(head.row, problems, () => {
        const document = fileDocument(`order/${name.replace(/^#/, "")}`, "", lines, {
          layout,
          part: "order",
          currency,
          decimalMark,
        });
        const body = bodyOf(document);
        const parts = partsOf(body);
        return {
          document: { ...document, version: versionOf(head, parts.refunded) },
          parts,
          on: readWhen(createdAt(head), options.timeZone).on,
        };
      });
      if (good === null) continue;
      documents.push(good.document);
      days.push(good.on);
      read += lines.length;
      units += lines.reduce((sum, line) => sum + Number(quantityOf(line)), 0);
      entries.push({ type: cell(head, "financial status") || "order", currency, amount: good.parts.total });
      if (good.parts.rest === 0n) continue;
      doesAdd = false;
      const message = `Row ${head.row}: the lines, discount, shipping and taxes of order ${name} do not add to its total; the rest is kept as a line of its own.`;
      problems.push({ row: head.row, column: "total", code: "does_not_reconcile", message });
    }
    if (!table.columns.includes("lineitem price")) {
      const message = "The file has no prices of lines: each order's total is spread evenly over what it sold.";
      problems.push({ row: null, column: "lineitem price", code: "missing_column", message });
    }
    const { types } = sums(entries);
    return {
      type: "channel",
      channel: "shopify",
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
      agrees: ["subtotal", "lineitem price"].every((name) => table.columns.includes(name)) ? doesAdd : null,
      ...span(days),
      account: null,
      types,
      net: effects(documents, interpretShopifyOrders, options.timeZone),
      stated: { opening: null, closing: null, total: null },
      payouts: [],
      orders: entries.length,
      units,
      unknownTypes: [],
      documents,
    };
  },
};

/** The row that has the order's own fields. */
function headOf(lines: readonly Line[]): Line {
  return lines.find((line) => cell(line, "total") !== "") ?? lines[0] ?? { row: 0, cells: {} };
}

function createdAt(head: Line): string {
  return cell(head, "created at") || cell(head, "paid at") || cell(head, "processed at");
}

const ranks = [
  "pending",
  "authorized",
  "partially_paid",
  "paid",
  "partially_refunded",
  "refunded",
  "expired",
  "voided",
];
/** An order grows older only one way, so a later export of it has a later version: its status, whether it was cancelled, what was refunded. */
function versionOf(head: Line, refunded: bigint): string {
  // Never 0, which is what the payments export knows of an order.
  const rank = ranks.indexOf(cell(head, "financial status").toLowerCase()) + 2;
  return `${rank}-${cell(head, "cancelled at") === "" ? 0 : 1}-${String(refunded).padStart(15, "0")}`;
}

function quantityOf(line: Line): bigint {
  const text = cell(line, "lineitem quantity").replace(/[.,]0+$/, "");
  return /^\d{1,9}$/.test(text) ? BigInt(text) : 1n;
}

function kindOf(line: Line): "goods" | "tip" | "gift card" {
  const name = cell(line, "lineitem name");
  if (cell(line, "lineitem sku") !== "") return "goods";
  if (/^(tip|gratuity)$/i.test(name)) return "tip";
  return /^(e-?)?gift ?card\b/i.test(name) ? "gift card" : "goods";
}

type Parts = Readonly<{
  goods: readonly Readonly<{ line: Line; qty: bigint; amount: bigint }>[];
  tips: bigint;
  giftCards: bigint;
  discount: bigint;
  shipping: bigint;
  tax: bigint;
  total: bigint;
  refunded: bigint;
  /** What the parts leave of the total. */
  rest: bigint;
}>;

function partsOf(body: FileBody): Parts {
  const head = headOf(body.rows);
  const read = (line: Line, name: string) => amountOf(cell(line, name), body.currency, body.decimalMark);
  const of = (name: string) => read(head, name) ?? 0n;
  const items = body.rows.filter((line) => cell(line, "lineitem name") !== "");
  const tax = of("taxes") + of("duties");
  const [total, shipping] = [of("total"), of("shipping")];
  const subtotal = read(head, "subtotal");
  const hasPrices = items.some((line) => cell(line, "lineitem price") !== "");
  const quantities = items.map(quantityOf);
  const even = () =>
    allocate(
      subtotal ?? total - shipping - tax,
      quantities.some((qty) => qty > 0n) ? quantities : quantities.map(() => 1n),
    );
  const values = hasPrices
    ? items.map((line) => (read(line, "lineitem price") ?? 0n) * quantityOf(line))
    : items.length > 0
      ? even()
      : [];
  const value = values.reduce((sum, amount) => sum + amount, 0n);
  // The subtotal knows of discounts on lines, on the order and by apps; the discount's own column not always.
  const discount = subtotal === null ? (hasPrices ? of("discount amount") : 0n) : value - subtotal;
  const canTake = value + shipping > 0n && [...values, shipping].every((amount) => amount >= 0n);
  const isIncluded = tax > 0n && canTake && value - discount + shipping === total;
  const taken = isIncluded ? allocate(tax, [...values, shipping]) : [...values.map(() => 0n), 0n];
  const lines = items.map((line, index) => ({
    line,
    qty: quantityOf(line),
    kind: kindOf(line),
    amount: (values[index] ?? 0n) - (taken[index] ?? 0n),
  }));
  const sum = (kind: ReturnType<typeof kindOf>) =>
    lines.filter((line) => line.kind === kind).reduce((all, { amount }) => all + amount, 0n);
  const [tips, giftCards] = [sum("tip"), sum("gift card")];
  const goods = lines.filter(({ kind, qty }) => kind === "goods" && qty > 0n);
  const sold = goods.reduce((all, { amount }) => all + amount, 0n);
  const net = { discount, shipping: shipping - (taken.at(-1) ?? 0n), tax };
  const known = goods.length === 0 ? 0n : sold - net.discount + net.shipping + net.tax;
  return {
    goods,
    tips,
    giftCards,
    ...net,
    total,
    refunded: of("refunded amount"),
    rest: total - known - tips - giftCards,
  };
}

/** Whether the order ever was money. */
function wasSold(head: Line): boolean {
  const status = cell(head, "financial status").toLowerCase();
  if (status === "voided" || status === "expired") return false;
  return cell(head, "cancelled at") === "" || !["pending", "authorized"].includes(status);
}

/** Pure: facts of one order of an export. */
export const interpretShopifyOrders: Interpret = (body, documentId, account) => {
  const head = headOf(body.rows);
  if (!wasSold(head)) return [];
  const parts = partsOf(body);
  const number = cell(head, "name");
  const id = idIn(account, documentId);
  const when = readWhen(createdAt(head), account.timeZone);
  const lines = parts.goods.map(({ line, qty, amount }, index) => ({
    id: `${id}/line/${index + 1}`,
    sku: cell(line, "lineitem sku") || null,
    name: cell(line, "lineitem name"),
    listing: null,
    qty,
    amount,
    location: null,
  }));
  const { shipping, tax, discount } = parts;
  const order: OrderFact = {
    kind: "order",
    id,
    channel: account.channel,
    when,
    number,
    lines,
    shipping,
    tax,
    taxBy: "seller",
    discount,
    fees: [],
    ...deliveredTo(cell(head, "shipping country"), cell(head, "shipping province")),
  };
  const of = (key: string, type: string, amount: bigint, date = when) => ({
    account,
    id: `${documentId}/${key}`,
    when: date,
    type,
    amount,
    memo: `Order ${number}`,
  });
  const facts: Fact[] = lines.length === 0 ? [] : [order];
  const about = lines.length === 0 ? null : id;
  if (parts.tips !== 0n) facts.push(charge(of("tip", "Tip", parts.tips), "tip", about));
  if (parts.giftCards !== 0n)
    facts.push(charge(of("gift-card", "Gift card sold", parts.giftCards), "gift_card", about));
  if (parts.rest !== 0n) facts.push(charge(of("rest", "Order", parts.rest), "other", about));
  if (parts.refunded === 0n) return facts;
  // The export has no date of a refund: it was not before the order, and a cancellation has its own.
  const refundedAt = cell(head, "cancelled at") === "" ? when : readWhen(cell(head, "cancelled at"), account.timeZone);
  const isAll = parts.refunded === parts.total && lines.length > 0 && parts.tips + parts.giftCards + parts.rest === 0n;
  if (!isAll) return [...facts, charge(of("refund", "Refund", -parts.refunded, refundedAt), "refund", about)];
  const weights = lines.some(({ amount }) => amount > 0n)
    ? lines.map(({ amount }) => amount)
    : lines.map(({ qty }) => qty);
  const goods = parts.refunded - tax - shipping;
  const isDivided = goods >= 0n && tax >= 0n && shipping >= 0n;
  const amounts = allocate(isDivided ? goods : parts.refunded, weights);
  const returnId = idIn(account, "return", documentId);
  const back = lines.map(({ id: line, qty }, index) => ({
    id: `${returnId}/line/${index + 1}`,
    line,
    qty,
    amount: amounts[index] ?? 0n,
    restock: false,
    writeOff: false,
    location: null,
    placed: false,
  }));
  const given = isDivided ? partsBack(parts) : {};
  return [...facts, { kind: "return", id: returnId, date: refundedAt.on, order: id, ...given, lines: back }];
};
