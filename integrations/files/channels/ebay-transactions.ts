/**
 * eBay's transaction report (Payments > Reports), all layouts: with and without preamble, columns by name in a site's words. Net amount is what a row
 * moves the balance by, in the payout's currency; an order's row carries its parts (items, shipping, the seller's tax, fees, each
 * signed) in the currency of the sale. Tax that eBay collects and remits is beside all that, in no net. An order of several items is
 * one row with money and then a row without for each item. A row that names a payout was paid out in it, so payouts can be proved.
 */
import type { RawDocument } from "../../connector";
import type { ChannelReading, FileReader, PayoutReading, Problem } from "../reading";
import {
  amountOf,
  attempt,
  contentIds,
  countSold,
  currencyProblems,
  type FileBody,
  fileDocument,
  span,
  sums,
} from "./document";
import { interpretEbayTransactions } from "./ebay-facts";
import { ebayNames } from "./ebay-names";
import {
  categoryOf,
  type Entry,
  isOwnCurrency,
  itemRows,
  lineKey,
  needed,
  partOf,
  partsOf,
  quantityOf,
  readEntry,
} from "./ebay-rows";
import { cell, decimalMarkOf, hasHeader, headedTable } from "./table";

export const layout = "ebay-transactions";

export const ebayTransactions: FileReader = {
  recognise: (text) => {
    const has = (...columns: readonly string[]) => hasHeader(text, columns, ebayNames);
    if (has(...needed, "payout id") || has(...needed, "gross transaction amount")) return 1;
    return has("type", "order number", "payout id") || has("type", "net amount", "payout id") ? 0.9 : 0;
  },
  read: (text, encoding, options): ChannelReading => {
    const table = headedTable(text, needed, undefined, ebayNames);
    const problems: Problem[] = [...table.problems];
    const decimalMark = decimalMarkOf(table.lines.map((line) => cell(line, "net amount")));
    const entries = table.lines.flatMap(
      (line) => attempt(line.row, problems, () => readEntry(line, decimalMark)) ?? [],
    );
    const documents: RawDocument[] = [];
    const orders = new Map<string, Entry[]>();
    for (const entry of entries) {
      if (entry.kind === "Order" && entry.order !== null)
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
      if (entry.kind === "Order" && entry.order !== null) continue;
      const { line, currency, payout } = entry;
      const own = { layout, currency, decimalMark };
      if (entry.kind === "Payout" && entry.net !== null) {
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
        entry.kind === "Refund" ? lineReturned(entry, orders.get(entry.order ?? ""), decimalMark, returned) : {};
      const version = `${"line" in known ? "2-of-order" : "1-alone"}-${payout === null ? "1-waiting" : "2-paid"}`;
      documents.push(fileDocument(`row/${id}`, version, [line], { ...own, part: "row", known }));
    }
    const payouts = payoutsOf(entries);
    const { agrees, doubts } = proofOf(payouts);
    const unknown = entries.filter((entry) => partOf(entry) === "charge" && categoryOf(entry) === "other");
    const seller =
      table.preamble.find((cells) => /^(seller|verkäufer|vendeur|venditore|vendedor)$/i.test(cells[0] ?? ""))?.[1] ??
      null;
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

function payoutsOf(entries: readonly Entry[]): readonly PayoutReading[] {
  return entries.flatMap((entry) => {
    if (entry.kind !== "Payout" || entry.net === null || entry.net > 0n) return [];
    const rows = entries.filter(({ kind, payout }) => kind !== "Payout" && payout !== null && payout === entry.payout);
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
