/**
 * Amazon's settlement reports, both flat layouts: V1 is wide (a column for each kind of amount), V2 long (amount-type,
 * amount-description, amount). Both are read into the same components. Columns come and go between files of one seller.
 *
 * A settlement says its total once (total-amount) and all its amounts add to it: a file that is cut off or has rows pasted twice shows
 * there. A positive total is paid out on the deposit date. A negative one is carried: the next settlement opens with "Payable to
 * Amazon" for it, which moves nothing, as reserves held back and given free move nothing. An order can be settled in parts, shipment by
 * shipment, in two settlements: so an order's document and its fact are those of one order in one settlement.
 */
import type { ChargeCategory, Fact, OrderFact, When } from "../../../lib/core/facts";
import type { Account, RawDocument } from "../../connector";
import type { ChannelReading, FileReader, PayoutReading, Problem } from "../reading";
import {
  amountOf,
  attempt,
  balanceRow,
  charge,
  chargeWithRow,
  contentIds,
  countSold,
  currencyProblems,
  type FileBody,
  fileDocument,
  type Interpret,
  idIn,
  span,
  sums,
} from "./document";
import { cell, decimalMarkOf, hasHeader, headedTable, type Line } from "./table";
import { readWhen } from "./when";

export const layouts = ["amazon-settlement-v1", "amazon-settlement-v2"] as const;
const needed = ["settlement-id", "transaction-type"] as const;
const long = [...needed, "amount-type", "amount-description", "amount"] as const;

type Group = "price" | "promotion" | "fee" | "withheld" | "other";
type Component = Readonly<{
  line: Line;
  place: number;
  transaction: string;
  order: string;
  item: string;
  group: Group;
  type: string;
  label: string;
  amount: bigint;
}>;

export const amazonSettlement: FileReader = {
  recognise: (text) =>
    hasHeader(text, [...needed, "settlement-start-date"])
      ? 1
      : hasHeader(text, long) || hasHeader(text, [...needed, "price-amount"])
        ? 0.9
        : 0,
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

/** The column that says what kind of amount a V1 column holds, and the group it is of. */
const wide: Readonly<Record<string, readonly [type: string, group: Group]>> = {
  "price-amount": ["price-type", "price"],
  "item-related-fee-amount": ["item-related-fee-type", "fee"],
  "shipment-fee-amount": ["shipment-fee-type", "fee"],
  "order-fee-amount": ["order-fee-type", "fee"],
  "misc-fee-amount": ["misc-fee-type", "fee"],
  "other-fee-amount": ["other-fee-reason-description", "fee"],
  "promotion-amount": ["promotion-type", "promotion"],
  "direct-payment-amount": ["direct-payment-type", "other"],
};

function componentsOf(line: Line, currency: string, decimalMark: "." | ","): readonly Component[] {
  const transaction = cell(line, "transaction-type");
  const item = cell(line, "order-item-code") || cell(line, "sku");
  const own = { line, transaction, order: cell(line, "order-id"), item };
  const amount = amountOf(cell(line, "amount"), currency, decimalMark);
  if (amount !== null) {
    const [type, description] = [cell(line, "amount-type"), cell(line, "amount-description")];
    const label = [transaction, type, description].join("/");
    return amount === 0n && description !== "Principal"
      ? []
      : [{ ...own, place: 0, group: longGroup(type, description), type: description || type, label, amount }];
  }
  const names = Object.keys(line.cells).filter((name) => name.endsWith("-amount") && name !== "total-amount");
  const reason = cell(line, "item-related-fee-type");
  return names.flatMap((name, place) => {
    const value = amountOf(cell(line, name), currency, decimalMark);
    const [typeColumn, group] = wide[name] ?? ["", "other" as const];
    const type = cell(line, typeColumn) || (name === "other-amount" ? transaction : name);
    if (value === null || (value === 0n && type !== "Principal")) return [];
    // Tax on a fee stands in the fee's own row, under a word that does not say of what.
    const full = name === "other-fee-amount" && reason !== "" ? `${reason} (${type})` : type;
    return [
      {
        ...own,
        place,
        group: isWithheld(full) ? ("withheld" as const) : group,
        type: full,
        label: transaction,
        amount: value,
      },
    ];
  });
}

function longGroup(type: string, description: string): Group {
  if (isWithheld(description) || /withheld/i.test(type)) return "withheld";
  if (/^itemprice$/i.test(type)) return "price";
  if (/^itemfees$/i.test(type)) return "fee";
  return /^promotion$/i.test(type) ? "promotion" : "other";
}

/** Tax that Amazon collected from the buyer and keeps to remit it: MarketplaceFacilitatorTax-Shipping, …VAT-Principal. */
function isWithheld(type: string): boolean {
  return /marketplacefacilitator|lowvaluegoods/i.test(type.replace(/[\s_-]/g, ""));
}

function whenOf(line: Line, timeZone: string): When {
  const text =
    cell(line, "posted-date-time") ||
    cell(line, "posted-date") ||
    cell(line, "deposit-date") ||
    cell(line, "settlement-end-date");
  return readWhen(text, timeZone);
}

function isRefund(transaction: string): boolean {
  return /refund|chargeback|a-to-z|retrocharge/i.test(transaction) && !/reimburs|fee/i.test(transaction);
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

type Units = { amount: bigint; qty: bigint; sku: string };
type Sold = Units & { returned: bigint };

/** An order's items by item code: what was paid for them and how many. V1 counts them on rows without an amount, V2 on each row. */
function itemsOf(components: readonly Component[], lines: readonly Line[]): ReadonlyMap<string, Units> {
  const items = new Map<string, Units>();
  const counted = new Map<string, { priced: bigint; bare: bigint }>();
  const priced = new Set(components.map(({ line }) => line));
  for (const line of lines) {
    const item = cell(line, "order-item-code") || cell(line, "sku");
    const text = cell(line, "quantity-purchased").replace(/[.,]0+$/, "");
    const quantity = /^\d{1,9}$/.test(text) ? BigInt(text) : 0n;
    const isPrincipal = components.some(
      (component) => component.line === line && component.group === "price" && component.type === "Principal",
    );
    const count = counted.get(item) ?? { priced: 0n, bare: 0n };
    counted.set(item, count);
    if (isPrincipal) count.priced += quantity;
    else if (!priced.has(line)) count.bare += quantity;
  }
  for (const { item, group, type, amount, line } of components) {
    if (group !== "price" || type !== "Principal") continue;
    const known = items.get(item) ?? { amount: 0n, qty: 0n, sku: cell(line, "sku") };
    const count = counted.get(item) ?? { priced: 0n, bare: 0n };
    items.set(item, { ...known, amount: known.amount + amount, qty: count.priced || count.bare || 1n });
  }
  return items;
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

function categoryOf({ transaction, type, label, group }: Component): ChargeCategory | "held" {
  const words = `${transaction} ${type} ${label}`.toLowerCase();
  if (/payable to amazon|reserve amount|reserve balance|account level reserve/.test(words)) return "held";
  if (/successful charge|micro deposit|transfer of funds|disbursement/.test(words)) return "other";
  if (/advertis|sponsored/.test(words)) return "advertising";
  if (
    /reimburs|reversal|warehouse_|warehouse (lost|damage)|compensated|clawback|missing_from|free_replacement|safe-t/.test(
      words,
    )
  )
    return "reimbursement";
  if (/shipping ?label|postage|shippingservices/.test(words)) return "label";
  if (/\bloan|lending/.test(words)) return "loan";
  if (group === "withheld") return "tax_remitted";
  if (group === "fee" || /fee|commission|subscription|storage|inbound|removal|disposal|fulfil/.test(words))
    return "fee";
  if (isRefund(transaction)) return "refund";
  return /liquidation/.test(words) ? "sale" : "other";
}

/** Pure: facts of one document of a settlement. */
export const interpretAmazonSettlement: Interpret = (body, id, account) => {
  const settlement = body.known.settlement ?? "";
  const payout = body.known.payout === undefined ? null : idIn(account, "payout", body.known.payout);
  if (body.part === "payout") return payoutFacts(body, account, settlement);
  const components = body.rows.flatMap((line) => componentsOf(line, body.currency, body.decimalMark));
  const row = (component: Component, index: number) => {
    const memo = [component.type === component.transaction ? "" : component.type, cell(component.line, "sku")]
      .filter((text) => text !== "")
      .join(" · ");
    return {
      account,
      id: `${id}/${index + 1}`,
      when: whenOf(component.line, account.timeZone),
      type: component.transaction,
      amount: component.amount,
      memo,
    };
  };
  if (body.part === "order") return orderFacts(body, components, account, row, payout);
  if (body.part === "refund") return refundFacts(body, id, components, account, row, payout);
  return components.flatMap((component, index): readonly Fact[] => {
    if (String(component.place) !== body.known.place) return [];
    const category = categoryOf(component);
    if (category === "held") return balanceRow(row(component, index), null, payout);
    return chargeWithRow(
      row(component, index),
      category,
      orderOf(account, component.order, settlement, body.known.order),
      payout,
    );
  });
};

/** The order's fact where this settlement has it, else the order by its number alone. */
function orderOf(account: Account, order: string, settlement: string, known: string | undefined): string | null {
  if (order === "") return null;
  return known === undefined ? idIn(account, "order", order) : idIn(account, "order", order, settlement);
}

function payoutFacts(body: FileBody, account: Account, settlement: string): readonly Fact[] {
  return body.rows.flatMap((line): readonly Fact[] => {
    const total = amountOf(cell(line, "total-amount"), body.currency, body.decimalMark) ?? 0n;
    const when = readWhen(cell(line, "deposit-date"), account.timeZone);
    const fact: Fact = {
      kind: "payout",
      id: idIn(account, "payout", settlement),
      channel: account.channel,
      date: when.on,
      amount: total,
    };
    return [
      fact,
      ...balanceRow(
        { account, id: `payout/${settlement}`, when, type: "Payout", amount: -total, memo: `Settlement ${settlement}` },
        fact,
        null,
      ),
    ];
  });
}

type RowOf = (component: Component, index: number) => Parameters<typeof chargeWithRow>[0];
const sumOf = (components: readonly Component[]) => components.reduce((sum, { amount }) => sum + amount, 0n);

function orderFacts(
  body: FileBody,
  components: readonly Component[],
  account: Account,
  row: RowOf,
  payout: string | null,
): readonly Fact[] {
  const number = components[0]?.order ?? "";
  const settlement = body.known.settlement ?? "";
  const items = [...itemsOf(components, body.rows)];
  const id = idIn(account, "order", number, settlement);
  const numbered = components.map((component, index) => ({ component, index }));
  const apart = (each: typeof numbered, order: string | null) =>
    each.flatMap(({ component, index }) => {
      const category = categoryOf(component);
      return category === "held"
        ? balanceRow(row(component, index), null, payout)
        : chargeWithRow(row(component, index), category, order, payout);
    });
  // Fees alone, of an order that another settlement has: no sale of its own.
  if (items.length === 0) return apart(numbered, orderOf(account, number, settlement, undefined));
  const price = components.filter(({ group }) => group === "price");
  const isTax = ({ group, type }: Component) => group === "price" && /tax|vat|gst/i.test(type);
  const isCarriage = ({ group, type }: Component) =>
    group === "price" && /shipping|gift|cod|export/i.test(type) && !/tax/i.test(type);
  const tax = sumOf(price.filter(isTax));
  const isRemitted = tax !== 0n && sumOf(components.filter(({ group }) => group === "withheld")) === -tax;
  const promotion = sumOf(components.filter(({ group }) => group === "promotion"));
  const feeSums = new Map<string, bigint>();
  for (const { group, type, amount } of components)
    if (group === "fee") feeSums.set(type, (feeSums.get(type) ?? 0n) + amount);
  const isWithin = (component: Component): boolean => {
    switch (component.group) {
      case "price":
        return component.type === "Principal" || isTax(component) || isCarriage(component);
      case "fee":
        return (feeSums.get(component.type) ?? 0n) < 0n;
      case "promotion":
        return promotion <= 0n;
      case "withheld":
        return isRemitted;
      default:
        return false;
    }
  };
  const principal = components.filter(({ type, group }) => group === "price" && type === "Principal");
  const [first] = principal
    .map(({ line }) => whenOf(line, account.timeZone))
    .sort((a, b) => (momentOf(a) < momentOf(b) ? -1 : 1));
  const order: OrderFact = {
    kind: "order",
    id,
    channel: account.channel,
    when: first ?? { on: "", at: null },
    number,
    lines: items.map(([item, { sku, qty, amount }]) => ({
      id: idIn(account, "order", number, settlement, "line", item),
      sku: sku || null,
      name: sku || `Amazon item ${item}`,
      listing: null,
      qty,
      amount,
      location: null,
    })),
    shipping: sumOf(components.filter(isCarriage)),
    tax,
    taxBy: isRemitted || tax === 0n ? "channel" : "seller",
    discount: promotion <= 0n ? -promotion : 0n,
    fees: [...feeSums].filter(([, amount]) => amount < 0n).map(([kind, amount]) => ({ kind, amount: -amount })),
  };
  const within = numbered.filter(({ component }) => isWithin(component));
  return [
    order,
    ...within.flatMap(({ component, index }) => balanceRow(row(component, index), order, payout)),
    ...apart(
      numbered.filter(({ component }) => !isWithin(component)),
      id,
    ),
  ];
}

function momentOf({ on, at }: When): string {
  return `${on}/${at === null ? "" : String(at).padStart(20, "0")}`;
}

/** What the buyer got back is one return or charge; the fees given back or taken beside it are their own. */
function refundFacts(
  body: FileBody,
  id: string,
  components: readonly Component[],
  account: Account,
  row: RowOf,
  payout: string | null,
): readonly Fact[] {
  const numbered = components.map((component, index) => ({ component, index }));
  const isBuyers = ({ group }: Component) => group === "price" || group === "promotion" || group === "withheld";
  const bought = numbered.filter(({ component }) => isBuyers(component));
  const [first] = components;
  if (first === undefined) return [];
  const order = orderOf(account, first.order, body.known.settlement ?? "", body.known.order);
  const fees = numbered
    .filter(({ component }) => !isBuyers(component))
    .flatMap(({ component, index }) => {
      const category = categoryOf(component);
      return chargeWithRow(row(component, index), category === "held" ? "other" : category, order, payout);
    });
  const amount = sumOf(bought.map(({ component }) => component));
  if (bought.length === 0 || amount === 0n) {
    return [
      ...bought.flatMap(({ component, index }) => chargeWithRow(row(component, index), "refund", order, payout)),
      ...fees,
    ];
  }
  const whole = { ...row(first, 0), id, amount };
  const units: Record<string, string> = body.known.back === undefined ? {} : JSON.parse(body.known.back);
  const lines = Object.entries(units).map(([item, qty], index) => ({
    id: idIn(account, "return", id, "line", String(index + 1)),
    line: `${order}/line/${item}`,
    qty: BigInt(qty),
    amount: -sumOf(bought.map(({ component }) => component).filter((component) => component.item === item)),
    restock: false,
    writeOff: false,
    location: null,
    placed: false,
  }));
  const isReturn =
    order !== null &&
    lines.length > 0 &&
    lines.every((line) => line.amount > 0n) &&
    lines.reduce((sum, line) => sum + line.amount, 0n) === -amount;
  const fact: Fact = isReturn
    ? { kind: "return", id: idIn(account, "return", id), date: whole.when.on, order, lines }
    : charge(whole, "refund", order);
  return [fact, ...bought.flatMap(({ component, index }) => balanceRow(row(component, index), fact, payout)), ...fees];
}
