/**
 * Amazon's date range report: a preamble, then a row for each transaction with a column for each kind of amount, in the marketplace's
 * language. All its amounts add to the row's total. A transfer is the payout of its settlement.
 *
 * It tells the same money as the settlement report. The rows of one settlement and day are one document here, and a settlement report puts
 * a silent one in the place of each: whichever comes first, the money is told once, and by the settlement report where there is one.
 */

import { addDays } from "../../../lib/core/dates";
import { Refusal } from "../../../lib/core/errors";
import type { ChargeCategory, Fact, OrderFact, When } from "../../../lib/core/facts";
import type { Account, RawDocument } from "../../connector";
import type { ChannelReading, FileReader, PayoutReading, Problem } from "../reading";
import { currencyOfMarketplaces, isDeferred, type RangeType, rangeNames, rangeTypeOf } from "./amazon-range-words";
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
import { silent } from "./ledger";
import { piecesOf } from "./orders-file";
import { cell, decimalMarkOf, hasHeader, headedTable, type Line } from "./table";
import { type DateStyle, dateStyleOf, readMoment } from "./when";

export const layout = "amazon-date-range";
const needed = ["date/time", "settlement id", "type", "order id", "product sales", "total"] as const;
const goods = ["product sales"];
const carriage = ["shipping credits", "gift wrap credits", "regulatory fee"];
const taxes = [
  "product sales tax",
  "shipping credits tax",
  "gift wrap credits tax",
  "tax on regulatory fee",
  "promotional rebates tax",
  "sales tax collected",
];
const fees = ["points", "selling fees", "fba fees", "other transaction fees", "other"];
/** What India's tax law has Amazon keep back of the seller's own taxes: no cost, and to be claimed by the seller. */
const kept = ["tcs-cgst", "tcs-sgst", "tcs-igst", "tds"];
const amounts = [...goods, ...carriage, ...taxes, "promotional rebates", "marketplace withheld tax", ...fees, ...kept];

type Row = Readonly<{
  line: Line;
  when: When;
  /** The same in UTC, wherever the books are: in every report that has the row. */
  day: string;
  type: string;
  kind: RangeType;
  order: string;
  settlement: string;
  total: bigint;
  /** Sum of the row's named columns. */
  sum: bigint;
  of: (...names: readonly string[]) => bigint;
}>;

function readRow(line: Line, currency: string, mark: "." | ",", dateStyle: DateStyle, timeZone: string): Row {
  const read = (name: string) => amountOf(cell(line, name), currency, mark) ?? 0n;
  const total = amountOf(cell(line, "total"), currency, mark);
  if (total === null) throw new Refusal("field_missing", "The total is missing.", { column: "total" });
  const of = (...names: readonly string[]) => names.reduce((sum, name) => sum + read(name), 0n);
  const isOpen = isDeferred(cell(line, "transaction status"));
  const type = cell(line, "type");
  return {
    line,
    when: readMoment(cell(line, "date/time"), timeZone, "", dateStyle),
    day: readMoment(cell(line, "date/time"), "UTC", "", dateStyle).on,
    // A row without a type is what its description says (deferred payments, adjustments of older years).
    type: type || cell(line, "description"),
    kind: rangeTypeOf(type),
    order: cell(line, "order id"),
    settlement: cell(line, "settlement id") || "open",
    total: isOpen ? 0n : total,
    sum: isOpen ? 0n : of(...amounts),
    of: isOpen ? () => 0n : of,
  };
}

/** Amazon writes months as words or days first; a spreadsheet that saved an American report again wrote them its own way. */
function styleOf(dates: readonly string[], currency: string): DateStyle {
  if (dateStyleOf(dates.map((date) => date.split(/[ ,]/)[0] ?? "")) === "dmy") return "dmy";
  const isMonthFirst = dates.some((date) => /^\d{1,2}\/(1[3-9]|2\d|3[01])\//.test(date));
  return isMonthFirst || currency === "USD" ? "mdy" : "dmy";
}

export const amazonRange: FileReader = {
  recognise: (text) => (hasHeader(text, needed, rangeNames) ? 1 : 0),
  read: (text, encoding, options): ChannelReading => {
    const table = headedTable(text, needed, undefined, rangeNames);
    const problems: Problem[] = [...table.problems];
    const decimalMark = decimalMarkOf(
      table.lines.flatMap((line) => [...amounts, "total"].map((name) => cell(line, name))),
    );
    const marketplaces = table.lines.map((line) => cell(line, "marketplace"));
    const currency = currencyOf(table.preamble) ?? currencyOfMarketplaces(marketplaces) ?? options.currency;
    const dateStyle = styleOf(
      table.lines.map((line) => cell(line, "date/time")),
      currency,
    );
    const rows = table.lines.flatMap(
      (line) =>
        attempt(line.row, problems, () => readRow(line, currency, decimalMark, dateStyle, options.timeZone)) ?? [],
    );
    let doesAdd = true;
    for (const { line, total, sum } of rows) {
      if (total === sum) continue;
      doesAdd = false;
      const message = `Row ${line.row}: the amounts do not add to the total; the rest is kept as a line of its own.`;
      problems.push({ row: line.row, column: "total", code: "does_not_reconcile", message });
    }
    const own = { layout, currency, decimalMark, dateStyle };
    const days = new Map<string, Row[]>();
    for (const row of rows) {
      if (row.kind === "transfer" && row.total < 0n) continue;
      const key = `range/${row.settlement}/${row.day}`;
      days.set(key, [...(days.get(key) ?? []), row]);
    }
    const documents: RawDocument[] = [...days].map(([id, some]) =>
      fileDocument(
        id,
        `0-range-${String(some.length).padStart(6, "0")}`,
        some.map(({ line }) => line),
        { ...own, part: "range", known: { settlement: some[0]?.settlement ?? "" } },
      ),
    );
    const payouts: PayoutReading[] = [];
    for (const row of rows.filter(({ kind, total }) => kind === "transfer" && total < 0n)) {
      const { settlement } = row;
      documents.push(
        fileDocument(`payout/${settlement}`, "0-range", [row.line], { ...own, part: "payout", known: { settlement } }),
      );
      const inIt = rows.filter((one) => one.settlement === settlement && !(one.kind === "transfer" && one.total < 0n));
      payouts.push({
        id: settlement,
        date: row.when.on,
        currency,
        amount: -row.total,
        rows: inIt.reduce((sum, { total }) => sum + total, 0n),
      });
    }
    const unknown = rows.filter((row) => row.kind === "else" && categoryOf(row) === "other");
    const sold = rows.filter(({ kind }) => kind === "order");
    return {
      type: "channel",
      channel: "amazon",
      kind: layout,
      encoding,
      rows: table.rows,
      read: rows.length,
      problems: [...problems, ...currencyProblems([currency], options.currency)],
      agrees: rows.length === 0 ? null : doesAdd,
      ...span(rows.map(({ when }) => when.on)),
      account: null,
      ...sums(rows.map(({ type, total }) => ({ type, currency, amount: total }))),
      stated: { opening: null, closing: null, total: null },
      payouts,
      orders: new Set(rows.map(({ order }) => order).filter((order) => order !== "")).size,
      units: sold.reduce((sum, { line }) => sum + Number(piecesOf(cell(line, "quantity"))), 0),
      unknownTypes: [
        ...new Set(unknown.map(({ type }) => type)),
        ...kept.filter((name) => rows.some(({ of }) => of(name) !== 0n)),
      ],
      documents,
    };
  },
};

/** "All amounts in USD, unless specified", in any language: the one code of a currency in the preamble. */
function currencyOf(preamble: readonly (readonly string[])[]): string | null {
  for (const cells of preamble.slice(0, 4)) {
    const found = /\b(USD|CAD|MXN|BRL|GBP|EUR|SEK|PLN|TRY|AED|SAR|EGP|INR|JPY|AUD|SGD|ZAR)\b/.exec(cells.join(" "));
    if (found?.[1] !== undefined) return found[1];
  }
  return null;
}

/** The silent documents that a settlement report leaves where this report's days of it would be; days differ by the zone. */
export function rangeTold(settlement: string, days: readonly string[], currency: string): readonly RawDocument[] {
  const all = new Set(days.flatMap((day) => [addDays(day, -1), day, addDays(day, 1)]));
  return [...all].sort().map((day) => silent(layout, `range/${settlement}/${day}`, currency));
}

function categoryOf({ line, type, kind }: Row): ChargeCategory {
  const text = `${type} ${cell(line, "description")}`.toLowerCase();
  if (kind === "transfer" || /debt|successful charge|micro deposit/.test(text)) return "bank";
  if (/advertis|sponsored|werbung|publicit|publicidad|pubblicit|advertent|annons|reklam|werbekosten|広告/.test(text))
    return "advertising";
  if (
    /reimburs|damaged|lost:|compensat|versehen|entschädig|dédommag|reembolso de inventario|rimborso inventario|safe-t|補填|弁済/.test(
      text,
    )
  )
    return "reimbursement";
  if (/shipping services|versanddienst|service d'expédition|shipping label|buy shipping|postage/.test(text))
    return "label";
  if (/\bloan|lending|darlehen|prêt/.test(text)) return "loan";
  if (
    /fee|gebühr|frais|tarifa|commission|costo|kosten|avgift|opłat|subscription|abonnement|deal|coupon|tariff|手数料|料金|登録料/.test(
      text,
    )
  )
    return "fee";
  return "other";
}

/** Pure: facts of one document of a date range report. */
export const interpretAmazonRange: Interpret = (body, id, account) => {
  if (body.part === "silent") return [];
  const settlement = body.known.settlement ?? "";
  const rows = body.rows.map((line) =>
    readRow(line, body.currency, body.decimalMark, body.dateStyle, account.timeZone),
  );
  const payout = settlement === "open" ? null : idIn(account, "payout", settlement);
  if (body.part === "payout") return rows.flatMap((row) => payoutFacts(row, id, account));
  const idOf = contentIds();
  const orders = new Map<string, { row: Row; id: string }[]>();
  const facts: Fact[] = [];
  for (const row of rows) {
    const { line } = row;
    const name = idOf(
      cell(line, "date/time"),
      row.type,
      row.order,
      cell(line, "sku"),
      cell(line, "description"),
      row.total,
    );
    const one = { row, id: `${id}/${name}` };
    if (row.kind === "order" && row.order !== "" && row.of(...goods) > 0n)
      orders.set(row.order, [...(orders.get(row.order) ?? []), one]);
    else facts.push(...rowFacts(one.row, one.id, account, payout, settlement));
  }
  const soldOrders = [...orders].flatMap(([number, group]) => orderFacts(number, group, body, id, account, payout));
  return [...soldOrders, ...facts];
};

function payoutFacts(row: Row, id: string, account: Account): readonly Fact[] {
  const fact: Fact = {
    kind: "payout",
    id: idIn(account, id),
    channel: account.channel,
    date: row.when.on,
    amount: -row.total,
  };
  const memo = cell(row.line, "description");
  return [fact, ...balanceRow({ account, id, when: row.when, type: row.type, amount: row.total, memo }, fact, null)];
}

/** What is no sale: the buyer's part of a refund and the fees beside it, or one charge. */
function rowFacts(row: Row, id: string, account: Account, payout: string | null, settlement: string): readonly Fact[] {
  const { line, when, type } = row;
  const order = row.order === "" ? null : idIn(account, "order", row.order, settlement, row.day);
  const memo = [cell(line, "description"), cell(line, "sku")].filter(Boolean).join(" · ");
  const part = (key: string, amount: bigint, category: ChargeCategory, name = type) =>
    chargeWithRow({ account, id: `${id}/${key}`, when, type: name, amount, memo }, category, order, payout);
  const isMoneyOfBuyer = row.kind === "refund" || row.kind === "order";
  if (!isMoneyOfBuyer) return part("all", row.total, categoryOf(row));
  const feeParts = fees.map((name) => ({ name, amount: row.of(name) }));
  const rest = row.total - row.sum;
  const keptParts = kept.map((name) => ({ name, amount: row.of(name) }));
  const bought = row.sum - [...feeParts, ...keptParts].reduce((sum, { amount }) => sum + amount, 0n);
  return [
    ...part("buyer", bought, row.kind === "refund" ? "refund" : "sale"),
    ...feeParts.flatMap(({ name, amount }) => part(name, amount, "fee", `${type} ${name}`)),
    ...keptParts.flatMap(({ name, amount }) => part(name, amount, "other", name)),
    ...part("rest", rest, "other"),
  ];
}

/** An order's rows of one day, a line for each. */
function orderFacts(
  number: string,
  group: readonly Readonly<{ row: Row; id: string }>[],
  body: FileBody,
  id: string,
  account: Account,
  payout: string | null,
): readonly Fact[] {
  const [first] = group;
  if (first === undefined) return [];
  const rows = group.map(({ row }) => row);
  const sum = (...names: readonly string[]) => rows.reduce((all, row) => all + row.of(...names), 0n);
  const [tax, withheld, promotion] = [sum(...taxes), sum("marketplace withheld tax"), sum("promotional rebates")];
  const isRemitted = withheld !== 0n && tax + withheld === 0n;
  const taken = fees.map((kind) => ({ kind, amount: -sum(kind) }));
  const total = rows.reduce((all, row) => all + row.total, 0n);
  const orderId = idIn(account, "order", number, body.known.settlement ?? "", id.split("/").at(-1) ?? "");
  const order: OrderFact = {
    kind: "order",
    id: orderId,
    channel: account.channel,
    when: first.row.when,
    number,
    lines: rows.map(({ line, of }, index) => ({
      id: `${orderId}/line/${index + 1}`,
      sku: cell(line, "sku") || null,
      name: cell(line, "description") || cell(line, "sku") || `Amazon order ${number}`,
      listing: null,
      qty: piecesOf(cell(line, "quantity")) || 1n,
      amount: of(...goods),
      location: null,
    })),
    shipping: sum(...carriage),
    tax: tax > 0n ? tax : 0n,
    taxBy: isRemitted || tax <= 0n ? "channel" : "seller",
    discount: promotion <= 0n ? -promotion : 0n,
    fees: taken.filter(({ amount }) => amount > 0n),
  };
  const beside: readonly { key: string; category: ChargeCategory; amount: bigint }[] = [
    ...taken
      .filter(({ amount }) => amount < 0n)
      .map(({ kind, amount }) => ({ key: kind, category: "fee" as const, amount: -amount })),
    { key: "withheld", category: "tax_remitted", amount: isRemitted ? 0n : withheld },
    { key: "tax", category: "other", amount: tax < 0n ? tax : 0n },
    { key: "promotion", category: "other", amount: promotion > 0n ? promotion : 0n },
    ...kept.map((key) => ({ key, category: "other" as const, amount: sum(key) })),
    { key: "rest", category: "other", amount: total - rows.reduce((all, row) => all + row.sum, 0n) },
  ];
  const rest = beside.reduce((all, { amount }) => all + amount, 0n);
  const row = (key: string, amount: bigint) => ({
    account,
    id: `${id}/order/${number}${key === "" ? "" : `/${key}`}`,
    when: first.row.when,
    type: first.row.type,
    amount,
    memo: order.lines[0]?.name ?? "",
  });
  return [
    order,
    ...balanceRow(row("", total - rest), order, payout),
    ...beside.flatMap(({ key, category, amount }) =>
      chargeWithRow({ ...row(key, amount), ...(kept.includes(key) ? { type: key } : {}) }, category, orderId, payout),
    ),
  ];
}
