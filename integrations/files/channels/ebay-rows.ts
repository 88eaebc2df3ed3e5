/** The rows of a transaction report, and the parts of an order in them. See ebay-transactions.ts. */
import type { ChargeCategory, OrderLine } from "../../../lib/core/facts";
import { allocate } from "../../../lib/core/money";
import { amountOf, type FileBody } from "./document";
import { ebayType } from "./ebay-names";
import { cell, type Line } from "./table";
import { readWhen } from "./when";

export const needed = ["type", "order number", "net amount"] as const;
export const dateColumns = ["transaction creation date", "transaction date", "date"] as const;
/** Columns that are no fees, though some of their names could be taken for one. */
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

/** Fees have columns of their own, new ones from year to year. What no name tells of shows as what an order's parts leave of its net. */
export function isFee(column: string): boolean {
  return (
    !notFees.has(column) &&
    /fee|final value|donation|performance|described|commission|charge|withheld|gebühr|provision|spende|frais|tariffa|donazione|tarifa|comisión/.test(
      column,
    )
  );
}

export type Entry = Readonly<{
  line: Line;
  on: string;
  /** The file's own word, and what it is in English. */
  type: string;
  kind: string;
  order: string | null;
  currency: string;
  /** null where the row moves nothing: an item of an order of several. */
  net: bigint | null;
  payout: string | null;
  description: string;
}>;

export function readEntry(line: Line, decimalMark: "." | ","): Entry {
  const date = dateColumns.map((name) => cell(line, name)).find((text) => text !== "") ?? "";
  const currency = (cell(line, "payout currency") || cell(line, "transaction currency")).toUpperCase();
  return {
    line,
    on: readWhen(date, "UTC").on,
    type: cell(line, "type"),
    kind: ebayType(cell(line, "type")),
    order: cell(line, "order number") || null,
    currency,
    net: amountOf(cell(line, "net amount"), currency, decimalMark),
    payout: cell(line, "payout id") || null,
    description: cell(line, "description"),
  };
}

export function partOf(entry: Entry): "order" | "payout" | "hold" | "charge" {
  if (entry.kind === "Order" && entry.order !== null) return "order";
  if (entry.kind === "Payout") return "payout";
  // What is held back, and given free again, never left the balance.
  return /^hold/i.test(entry.kind) ? "hold" : "charge";
}

export function categoryOf({ kind, description }: Entry): ChargeCategory {
  const word = kind.toLowerCase();
  if (word === "order") return "sale";
  if (/refund|claim|dispute|chargeback/.test(word)) return "refund";
  if (/shipping label|postage/.test(word)) return "label";
  if (/loan|capital|financing/.test(word)) return "loan";
  if (/fee/.test(word))
    return /\bads?\b|advertis|promoted|anzeigengebühr|anzeigen|annonces sponsorisées|inserzioni sponsorizzate|anuncios promocionados/i.test(
      description,
    )
      ? "advertising"
      : "fee";
  return "other";
}

export function isOwnCurrency(line: Line, currency: string): boolean {
  return (cell(line, "transaction currency") || currency).toUpperCase() === currency;
}

/** The rows that say what was sold: those without money where an order has such, else the order's own. */
export function itemRows(lines: readonly Line[]): readonly Line[] {
  const items = lines.filter(
    (line) => cell(line, "net amount") === "" && (cell(line, "item title") !== "" || cell(line, "item id") !== ""),
  );
  return items.length > 0 ? items : lines.filter((line) => cell(line, "net amount") !== "");
}

export function lineKey(item: Line, index: number): string {
  return cell(item, "transaction id") || String(index + 1);
}

export function quantityOf(item: Line): bigint {
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
export function partsOf(body: FileBody): OrderParts {
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
  const feeNames = [...new Set(money.flatMap(({ cells }) => Object.keys(cells)))].filter(isFee);
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
