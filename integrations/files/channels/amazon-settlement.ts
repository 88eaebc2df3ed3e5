/**
 * Amazon's settlement reports, both flat layouts: V1 is wide (a column for each kind of amount), V2 long (amount-type,
 * amount-description, amount). Both are read into the same components. Columns come and go between files of one seller.
 *
 * A settlement says its total once (total-amount) and all its amounts add to it: a file that is cut off or has rows pasted twice shows
 * there. A positive total is paid out on the deposit date. A negative one is carried: the next settlement opens with "Payable to
 * Amazon" for it, which moves nothing, as reserves held back and given free move nothing. An order can be settled in parts, shipment by
 * shipment, in two settlements: so an order's document and its fact are those of one order in one settlement.
 */
import type { RawDocument } from "../../connector";
import type { ChannelReading, FileReader, PayoutReading, Problem } from "../reading";
import { type Component, categoryOf, componentsOf, isRefund, itemsOf, type Sold, whenOf } from "./amazon-components";
import { interpretAmazonSettlement } from "./amazon-facts";
import { rangeTold } from "./amazon-range";
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
import { cell, decimalMarkOf, hasHeader, headedTable, type Line } from "./table";
import { readWhen } from "./when";

export const layouts = ["amazon-settlement-v1", "amazon-settlement-v2"] as const;
const needed = ["settlement-id", "transaction-type"] as const;
const long = [...needed, "amount-type", "amount-description", "amount"] as const;

export const amazonSettlement: FileReader = {
  recognise: (text) =>
    hasHeader(text, [...needed, "settlement-start-date"]) ? 1 : hasHeader(text, ["settlement-id"]) ? 0.9 : 0,
  read: (text, encoding, options): ChannelReading => {
    const isLong = hasHeader(text, long);
    const table = headedTable(
      text,
      isLong ? long : hasHeader(text, [...needed, "other-amount"]) ? [...needed, "posted-date"] : needed,
    );
    const problems: Problem[] = [...table.problems];
    const amountColumns = table.columns.filter((name) => name === "amount" || name.endsWith("-amount"));
    const decimalMark = decimalMarkOf(table.lines.flatMap((line) => amountColumns.map((name) => cell(line, name))));
    const settlements = settlementsOf(table.lines, options.currency);
    const documents: RawDocument[] = [];
    const payouts: PayoutReading[] = [];
    const all: { component: Component; currency: string }[] = [];
    let read = 0;
    for (const settlement of settlements.values()) {
      const { id, currency, lines } = settlement;
      const own = { layout: isLong ? layouts[1] : layouts[0], currency, decimalMark };
      const good = lines.flatMap(
        (line) =>
          attempt(line.row, problems, () => ({
            line,
            components: componentsOf(line, currency, decimalMark),
            when: whenOf(line, options.timeZone),
          })) ?? [],
      );
      read += good.length;
      const components = good.flatMap(({ components }) => components);
      for (const component of components) all.push({ component, currency });
      const sum = components.reduce((total, { amount }) => total + amount, 0n);
      const total = attempt(settlement.summary?.row ?? 0, problems, () =>
        amountOf(settlement.total, currency, decimalMark),
      );
      const known: Record<string, string> = { settlement: id, ...(total !== null && total > 0n ? { payout: id } : {}) };
      documents.push(
        ...documentsOf(
          good.map(({ line }) => line),
          components,
          { ...own, known },
        ),
      );
      documents.push(
        ...rangeTold(
          id,
          good.flatMap(({ line, when }) => (cell(line, "transaction-type") === "" ? [] : [when.on])),
          currency,
        ),
      );
      if (total === null || settlement.summary === null) continue;
      const date = attempt(settlement.summary.row, problems, () => readWhen(settlement.deposited, options.timeZone).on);
      payouts.push({ id, date, currency, amount: total, rows: sum });
      if (sum !== total) {
        const message = `The rows of settlement ${id} do not add to its total-amount: rows are missing or there twice. Download the report again.`;
        problems.push({ row: settlement.summary.row, column: "total-amount", code: "does_not_reconcile", message });
      }
      if (total > 0n && date !== null)
        documents.push(fileDocument(`payout/${id}`, "1", [settlement.summary], { ...own, part: "payout", known }));
    }
    const isStated = payouts.length === settlements.size;
    const days = [...settlements.values()].flatMap(({ start, end }) => [start, end]).filter((text) => text !== "");
    const entries = all.map(({ component, currency }) => ({
      type: component.label,
      currency,
      amount: component.amount,
    }));
    const unknown = all.filter(({ component }) => component.group === "other" && categoryOf(component) === "other");
    return {
      type: "channel",
      channel: "amazon",
      kind: isLong ? layouts[1] : layouts[0],
      encoding,
      rows: table.rows,
      read,
      problems: [
        ...problems,
        ...currencyProblems(
          [...settlements.values()].map(({ currency }) => currency),
          options.currency,
        ),
      ],
      agrees: payouts.some(({ amount, rows }) => amount !== rows) ? false : isStated ? true : null,
      ...span(days.flatMap((text) => attempt(0, [], () => readWhen(text, options.timeZone).on) ?? [])),
      account: null,
      ...sums(entries),
      stated: {
        opening: null,
        closing: null,
        total: isStated ? payouts.reduce((total, { amount }) => total + amount, 0n) : null,
      },
      payouts,
      // Every order that the settlement names, also those that only a refund is of.
      orders: new Set(table.lines.map((line) => cell(line, "order-id")).filter((order) => order !== "")).size,
      units: countSold(documents, interpretAmazonSettlement, options.timeZone).units,
      unknownTypes: [...new Set(unknown.map(({ component }) => component.label))],
      documents,
    };
  },
};

type Settlement = {
  id: string;
  currency: string;
  summary: Line | null;
  total: string;
  deposited: string;
  start: string;
  end: string;
  lines: Line[];
};

/** The file's settlements; total, period and deposit stand on a row of their own, or on any. */
function settlementsOf(lines: readonly Line[], fallback: string): ReadonlyMap<string, Settlement> {
  const found = new Map<string, Settlement>();
  for (const line of lines) {
    const id = cell(line, "settlement-id");
    const settlement = found.get(id) ?? {
      id,
      currency: "",
      summary: null,
      total: "",
      deposited: "",
      start: "",
      end: "",
      lines: [],
    };
    found.set(id, settlement);
    settlement.lines.push(line);
    settlement.currency ||= cell(line, "currency").toUpperCase();
    settlement.deposited ||= cell(line, "deposit-date");
    settlement.start ||= cell(line, "settlement-start-date");
    settlement.end ||= cell(line, "settlement-end-date");
    if (settlement.total === "" && cell(line, "total-amount") !== "") {
      settlement.total = cell(line, "total-amount");
      settlement.summary = line;
    }
  }
  for (const settlement of found.values()) settlement.currency ||= fallback;
  return found;
}

/** The documents of one settlement: its orders, its refunds, and each amount that is of neither. */
function documentsOf(
  lines: readonly Line[],
  components: readonly Component[],
  parts: Omit<FileBody, "part" | "rows" | "dateStyle">,
): readonly RawDocument[] {
  const settlement = parts.known.settlement ?? "";
  const byLine = new Map<Line, Component[]>();
  for (const component of components) byLine.set(component.line, [...(byLine.get(component.line) ?? []), component]);
  const within = (some: readonly Line[]) => some.flatMap((line) => byLine.get(line) ?? []);
  const groups = new Map<string, { part: "order" | "refund"; lines: Line[] }>();
  const grouped = new Set<Line>();
  for (const line of lines) {
    const [transaction, order] = [cell(line, "transaction-type"), cell(line, "order-id")];
    if (order === "" || !(transaction === "Order" || isRefund(transaction))) continue;
    const part = transaction === "Order" ? "order" : "refund";
    const adjustment = cell(line, "adjustment-id") || `${transaction} ${cell(line, "posted-date")}`;
    const key = part === "order" ? `order/${order}` : `refund/${order}/${adjustment}`;
    const group = groups.get(key) ?? { part, lines: [] };
    groups.set(key, group);
    group.lines.push(line);
    grouped.add(line);
  }
  const sold = new Map<string, Sold>();
  const orders = new Set<string>();
  for (const [key, group] of groups) {
    if (group.part !== "order") continue;
    const order = key.slice("order/".length);
    for (const [item, units] of itemsOf(within(group.lines), group.lines)) {
      orders.add(order);
      sold.set(`${order}/${item}`, { ...units, returned: 0n });
    }
  }
  const orderKnown = (order: string): Record<string, string> => (orders.has(order) ? { order } : {});
  const documents: RawDocument[] = [];
  for (const [key, group] of groups) {
    const back = group.part === "refund" ? unitsBack(within(group.lines), sold) : {};
    const known = { ...parts.known, ...orderKnown(cell(group.lines[0] ?? { row: 0, cells: {} }, "order-id")), ...back };
    documents.push(
      fileDocument(`settlement/${settlement}/${key}`, "1", group.lines, { ...parts, known, part: group.part }),
    );
  }
  const idOf = contentIds();
  for (const { line, place, amount, order } of components) {
    if (grouped.has(line)) continue;
    const day = (cell(line, "posted-date") || cell(line, "posted-date-time")).slice(0, 10);
    const id = `settlement/${settlement}/row/${idOf(day, order, cell(line, "sku"), amount)}`;
    const known = { ...parts.known, place: String(place), ...orderKnown(order) };
    documents.push(fileDocument(id, "1", [line], { ...parts, known, part: "row" }));
  }
  return documents;
}

/** For a refund of whole units of orders in this file: how many of each item came back, as "item:units". */
function unitsBack(components: readonly Component[], sold: Map<string, Sold>): Record<string, string> {
  const back = new Map<string, bigint>();
  const order = components[0]?.order ?? "";
  for (const { item, group, type, amount } of components) {
    if (group === "price" && type === "Principal") back.set(item, (back.get(item) ?? 0n) - amount);
  }
  const units = [...back].map(([item, amount]) => {
    const known = sold.get(`${order}/${item}`);
    const isWhole =
      known !== undefined && known.amount > 0n && amount > 0n && (amount * known.qty) % known.amount === 0n;
    return { item, known, qty: isWhole && known !== undefined ? (amount * known.qty) / known.amount : 0n };
  });
  if (
    units.length === 0 ||
    units.some(({ known, qty }) => known === undefined || qty < 1n || known.returned + qty > known.qty)
  )
    return {};
  for (const { known, qty } of units) if (known !== undefined) known.returned += qty;
  return { back: JSON.stringify(Object.fromEntries(units.map(({ item, qty }) => [item, String(qty)]))) };
}
