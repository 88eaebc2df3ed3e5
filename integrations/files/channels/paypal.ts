/**
 * PayPal's activity download. Net is what a row moves the balance by: gross, and the fee with its sign. Each payment received is an order
 * by its transaction id; a refund names the payment that it gives back. Rows that wait or failed are kept and move nothing. Day, time and
 * zone stand in cells of their own; dates are month first unless the file's language, its own days, the order of its rows, its zone or full stops say otherwise.
 *
 * Each currency has a balance of its own. The balance column is followed row by row, in whichever order the rows stand: what it says
 * before the first and after the last row is stated, and a gap in it (a filter, a cut file) is told.
 */
import { Refusal } from "../../../lib/core/errors";
import { orderOfPayment } from "../../shop-order";
import type { Problem, Stated } from "../reading";
import { amountOf } from "./document";
import { type Found, type LedgerFile, netOf, type Proof, type Sale } from "./ledger";
import { isDayFirst, isRefund, kindOf, movesBalance, paypalNames } from "./paypal-names";
import { cell, decimalMarkOf, hasHeader, type Line } from "./table";
import { type DateStyle, dateStyleOf, readDay } from "./when";
import { zonedWhen } from "./zones";

const needed = ["date", "time", "timezone", "type", "currency", "gross"] as const;
const moneyColumns = ["gross", "fee", "net", "balance", "shipping and handling amount", "sales tax"];
const money = (line: Line) => moneyColumns.map((name) => cell(line, name));

function saleOf(line: Line, currency: string, mark: "." | ",", gross: bigint): Sale {
  const of = (name: string) => {
    const amount = amountOf(cell(line, name), currency, mark) ?? 0n;
    return amount > 0n ? amount : 0n;
  };
  const [shipping, tax] = [of("shipping and handling amount"), of("sales tax")];
  // Parts that are more than the whole are another payment's, or in no currency that is known here.
  const isWhole = shipping + tax <= gross;
  const quantity = cell(line, "quantity").replace(/[.,]0+$/, "");
  return {
    name: cell(line, "item title") || cell(line, "subject"),
    sku: null,
    listing: cell(line, "item id") || null,
    qty: /^[1-9]\d{0,6}$/.test(quantity) ? BigInt(quantity) : 1n,
    shipping: isWhole ? shipping : 0n,
    tax: isWhole ? tax : 0n,
    taxBy: "seller",
    discount: 0n,
    line: "1",
  };
}

export const paypalActivity: LedgerFile = {
  layout: "paypal-activity",
  channel: "paypal",
  // A bank's table may have these six, but hardly with PayPal's own word for one of its last columns or a zone beside each time.
  recognise: (text) => (hasHeader(text, needed, paypalNames) ? 1 : 0),
  needed: () => needed,
  rename: paypalNames,
  how: (table) => ({
    decimalMark: decimalMarkOf(table.lines.flatMap(money)),
    dateStyle: isDayFirst(table.header) ? "dmy" : styleOf(table.lines),
    known: {},
  }),
  // A refund has an invoice number of its own; whether a shop's order stands behind it, the payment says.
  knownOf: (table) => {
    const orders = new Map<string, string>();
    for (const line of table.lines) {
      const order = shopOrderOf(line);
      if (order !== null) orders.set(cell(line, "transaction id"), order);
    }
    return (line) => {
      const order = orders.get(cell(line, "reference txn id"));
      return order === undefined ? {} : { shopOrder: order };
    };
  },
  read: (line, how) => {
    const currency = cell(line, "currency").toUpperCase() || how.currency;
    const of = (name: string) => amountOf(cell(line, name), currency, how.decimalMark);
    const type = cell(line, "type");
    const gross = of("gross") ?? (kindOf(type, 0n).part === "nothing" ? 0n : null);
    if (gross === null) throw new Refusal("field_missing", "The amount is missing.", { column: "gross" });
    const fee = of("fee") ?? 0n;
    const status = cell(line, "status");
    const kind = kindOf(type, gross);
    const shopOrder = kind.part === "sale" ? shopOrderOf(line) : isRefund(type) ? (how.known.shopOrder ?? null) : null;
    const isOfShop = kind.part === "sale" && shopOrder !== null;
    const part = isOfShop ? "charge" : kind.part;
    const category = shopOrder === null ? kind.category : "elsewhere";
    const moves = part !== "nothing" && movesBalance(status, cell(line, "balance impact"));
    const id = cell(line, "transaction id");
    const reference = cell(line, "reference txn id");
    return {
      when: zonedWhen(
        readDay(cell(line, "date"), how.dateStyle),
        cell(line, "time"),
        cell(line, "timezone"),
        how.timeZone,
      ),
      type,
      currency,
      amount: moves ? gross : 0n,
      beside: moves && fee !== 0n ? [{ key: "fee", type: `${type} fee`, category: "processing", amount: fee }] : [],
      part: moves ? part : "nothing",
      category,
      order: part === "sale" ? id || null : category === "refund" ? reference || null : null,
      payout: part === "payout" ? id || null : null,
      isOfShop,
      memo: [
        shopOrder === null ? "" : `Order ${shopOrder}`,
        cell(line, "name"),
        cell(line, "item title") || cell(line, "subject"),
      ]
        .filter(Boolean)
        .join(", "),
      version: moves ? "2-done" : "1-waiting",
      ...(part === "sale" ? { sale: saleOf(line, currency, how.decimalMark, gross) } : {}),
    };
  },
  nameOf: ({ line, entry }) =>
    cell(line, "transaction id") || [
      cell(line, "date"),
      cell(line, "time"),
      cell(line, "name"),
      entry.type,
      entry.currency,
      cell(line, "gross"),
      cell(line, "balance"),
    ],
  orderVersion: "1-money",
  proof: (found, table) => {
    const mark = decimalMarkOf(table.lines.flatMap(money));
    const problems: Problem[] = [];
    for (const { line, entry } of found) {
      const net = amountOf(cell(line, "net"), entry.currency, mark);
      if (net === null || entry.part === "nothing" || net === netOf(entry)) continue;
      const message = `Row ${line.row}: the gross and the fee do not add to the net.`;
      problems.push({ row: line.row, column: "net", code: "does_not_reconcile", message });
    }
    const isChecked = found.some(({ line }) => cell(line, "net") !== "");
    const isNetted = problems.length === 0;
    const { stated, problems: gaps, agrees } = balanceOf(found, mark);
    return {
      agrees: isChecked || agrees !== null ? isNetted && agrees !== false : null,
      problems: [...problems, ...gaps],
      ...(stated === undefined ? {} : { stated }),
    };
  },
};

/** A file in English: by a day past 12, then by the order in which exports stand, then by the zone that the times are in. */
function styleOf(lines: readonly Line[]): DateStyle {
  const dates = lines.map((line) => cell(line, "date"));
  const decided = dateStyleOf(dates);
  if (decided === "dmy" || dates.some((date) => /^\d{1,2}[/-](1[3-9]|2\d|3[01])[/-]/.test(date))) return decided;
  const [isByMonth, isByDay] = [isOrdered(dates, "mdy"), isOrdered(dates, "dmy")];
  if (isByMonth !== isByDay) return isByDay ? "dmy" : "mdy";
  const isOverseas = lines.some((line) =>
    /^(GMT|BST|CES?T|MES?Z|AES?T|AEDT|NZ[SD]T|Europe\/.+)$/.test(cell(line, "timezone")),
  );
  return isOverseas ? "dmy" : "mdy";
}

/** Whether all days follow each other, oldest or newest first. */
function isOrdered(dates: readonly string[], style: DateStyle): boolean {
  try {
    const days = dates.map((date) => readDay(date, style));
    const isRising = (list: readonly string[]) => list.every((day, index) => day >= (list[index - 1] ?? ""));
    return isRising(days) || isRising([...days].reverse());
  } catch (error) {
    if (error instanceof Refusal) return false;
    throw error;
  }
}

/** The shop's order that a payment is for. A card reader's payments have numbers that PayPal gives them. */
function shopOrderOf(line: Line): string | null {
  if (/here|zettle/i.test(cell(line, "type"))) return null;
  return orderOfPayment(cell(line, "invoice number"), cell(line, "custom number"));
}

type Step = Readonly<{ row: number; net: bigint; balance: bigint }>;

/** What the balance column says, where it follows through the whole file in the one currency that the file has. */
function balanceOf(found: readonly Found[], mark: "." | ","): Proof {
  const currencies = new Map<string, Step[]>();
  for (const { line, entry } of found) {
    const balance = amountOf(cell(line, "balance"), entry.currency, mark);
    if (balance === null || entry.part === "nothing") continue;
    const step = { row: line.row, net: netOf(entry), balance };
    currencies.set(entry.currency, [...(currencies.get(entry.currency) ?? []), step]);
  }
  const problems: Problem[] = [];
  const stated: { opening: bigint; closing: bigint }[] = [];
  let isProven = false;
  for (const [currency, steps] of currencies) {
    // Newest first is how some exports stand; whichever order follows more often is the file's.
    const reversed = [...steps].reverse();
    const ordered = gapsIn(steps).length <= gapsIn(reversed).length ? steps : reversed;
    const gaps = gapsIn(ordered);
    const [first, last] = [ordered[0], ordered.at(-1)];
    if (first === undefined || last === undefined) continue;
    if (gaps.length === 0) {
      stated.push({ opening: first.balance - first.net, closing: last.balance });
      isProven ||= steps.length > 1;
      continue;
    }
    const places = gaps.slice(0, 3).join(", ");
    const message = `The ${currency} balance does not follow at ${gaps.length} of ${steps.length} rows (first at row ${places}): rows are missing there, or the export was filtered.`;
    problems.push({ row: null, column: "balance", code: "does_not_reconcile", message });
  }
  const [only] = stated.length === 1 && currencies.size === 1 ? stated : [];
  const whole: Stated | undefined =
    only === undefined ? undefined : { opening: only.opening, closing: only.closing, total: null };
  return { agrees: isProven ? true : null, problems, ...(whole === undefined ? {} : { stated: whole }) };
}

function gapsIn(steps: readonly Step[]): readonly number[] {
  return steps.flatMap(({ row, net, balance }, index) => {
    const before = steps[index - 1];
    return before === undefined || before.balance + net === balance ? [] : [row];
  });
}
