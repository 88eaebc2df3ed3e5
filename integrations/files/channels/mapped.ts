/**
 * Any other channel's list of sales: a row for each order or for each item of one, whose columns a person names once. What the header's
 * words suggest is read until then. A row without an order number is an order of its own; a negative amount is money given back.
 *
 * An order's shipping, tax or fee that stands on each of its rows alike is taken once, where that is so for every order of several rows.
 */
import { Refusal } from "../../../lib/core/errors";
import { parseTable, type TableRow } from "../csv";
import type { FileReader, ReadOptions, SalesColumn, SalesLayout } from "../reading";
import { salesColumns } from "../reading";
import { amountOf } from "./document";
import { interpretOrders, type OrdersFile, ordersReader, piecesOf } from "./orders-file";
import { cell, columnName, decimalMarkOf, type HeadedTable, type Line } from "./table";
import { dateStyleOf, readMoment } from "./when";

export const layout = "mapped-sales";

/** Words that suggest what a column holds; the first that fits a name takes it, and no column is taken twice. */
const suggestions: Readonly<Record<SalesColumn, readonly RegExp[]>> = {
  order: [
    /^(order|sale|receipt|invoice)[ _-]?(id|no\.?|nr\.?|number|#|ref.*)$/,
    /^(order|bestellnummer|auftragsnummer|numéro de (la )?commande|número de pedido|numero ordine)$/,
    /order.*(id|number|no\b|reference)|commande|bestell|pedido|ordine/,
    /^(transaction|reference)[ _-]?(id|number|no\.?)?$/,
  ],
  sku: [
    /^(seller |custom |product |item |offer |variant )?sku( .*)?$/,
    /\bsku\b/,
    /^(item|article|product)[ _-]?(id|code|number|no\.?)$|artikelnummer/,
  ],
  quantity: [
    /^(qty|quantity|menge|anzahl|quantité|cantidad|quantità|aantal|antal|units|pieces|count)\b/,
    /quantity|qty|quantité/,
  ],
  shipping: [/shipping|postage|versand|delivery (fee|cost|charge)|frais de port|envío|spedizione/],
  tax: [/\b(tax|vat|gst|mwst|tva|iva|sales tax)\b|steuer|taxe/],
  payout: [/payout date|paid out|deposit date|date du (versement|cycle de paiement)|auszahlung/],
  fee: [/\b(fees?|commission|provision|gebühr|frais|comisión|commissione)\b|commission/],
  date: [
    /^(order|sale|sold|purchase|created?|transaction)?[ _-]?(date|datum|fecha|data)\b/,
    /date|datum|fecha|created|sold (at|on)/,
  ],
  item: [
    /^(item|product|listing|article)[ _-]?(name|title|description)?$/,
    /title|product|description|artikel|désignation|libellé|descripción|descrizione|\bitem\b/,
  ],
  amount: [
    /^(item |line |order |sale |net |gross )?(total|amount|subtotal|revenue)( price)?$/,
    /^(item |sale |sold |unit |order )?price$|^sold for$/,
    /^(betrag|summe|montant|importe|importo|preis|prix|precio|prezzo)/,
    /amount|total|revenue|price|montant/,
  ],
};

/** What is asked first takes its column first: the narrow words before the wide ones. */
const asked: readonly SalesColumn[] = [
  "order",
  "sku",
  "quantity",
  "shipping",
  "tax",
  "payout",
  "fee",
  "date",
  "item",
  "amount",
];

function guess(headers: readonly string[]): Record<SalesColumn, string | null> {
  const columns = Object.fromEntries(salesColumns.map((name) => [name, null])) as Record<SalesColumn, string | null>;
  const taken = new Set<string>();
  for (const name of asked) {
    for (const pattern of suggestions[name]) {
      const found = headers.find((header) => !taken.has(header) && pattern.test(header));
      if (found === undefined) continue;
      columns[name] = found;
      taken.add(found);
      break;
    }
  }
  return columns;
}

/** The header: the first of the widest rows near the top, all of whose cells are words. */
function headersOf(text: string): readonly string[] {
  const top = topOf(text);
  const width = top.reduce((most, { cells }) => Math.max(most, cells.filter((text) => text !== "").length), 0);
  const header = top.find(
    ({ cells }) =>
      cells.filter((text) => text !== "").length >= Math.max(2, width - 2) &&
      cells.every((text) => text === "" || (/\p{L}/u.test(text) && text.length < 80)),
  );
  return [...new Set((header?.cells ?? []).map(columnName).filter((name) => name !== ""))];
}

/** The first rows. Only the beginning is parsed, unless the cut tore a quoted cell open. */
function topOf(text: string): readonly TableRow[] {
  const end = text.length > 16_000 ? text.lastIndexOf("\n", 16_000) : -1;
  try {
    return parseTable(end > 0 ? text.slice(0, end) : text).rows.slice(0, 30);
  } catch (error) {
    if (end <= 0 || !(error instanceof Refusal)) throw error;
    return parseTable(text).rows.slice(0, 30);
  }
}

const salesFingerprint = (headers: readonly string[]): string => `sales:${headers.join("|")}`;

/** What a list's own words suggest. Throws Refusal missing_column where no column can be a day or an amount. */
function suggestSales(text: string): SalesLayout {
  const headers = headersOf(text);
  const columns = guess(headers);
  for (const name of ["date", "amount"] as const)
    if (columns[name] === null)
      throw new Refusal(
        "missing_column",
        `No column for the ${name === "date" ? "day" : "amount"} of a sale could be found. Found: ${headers.slice(0, 20).join(", ")}.`,
        { column: name },
      );
  const isEach = columns.quantity !== null && /^(item |unit |sale )?price$|each|unit/.test(columns.amount ?? "");
  return {
    fingerprint: salesFingerprint(headers),
    headers,
    columns,
    amountIs: isEach ? "each" : "line",
    taxBy: "seller",
    dateStyle: "mdy",
    decimalMark: ".",
    isChosen: false,
  };
}

const cellOf = (line: Line, name: string | null) => (name === null ? "" : cell(line, name));

/** The reader of one layout; everything that its facts depend on is kept in the documents (`known`). */
function fileOf(layoutOf: SalesLayout | null): OrdersFile {
  const columns = layoutOf?.columns ?? null;
  return {
    layout,
    channel: "other",
    recognise: () => 0,
    needed: columns === null ? [] : [columns.date, columns.amount].filter((name) => name !== null),
    isLedger: true,
    countsTotals: false,
    how: (table) => howOf(table, layoutOf),
    orderOf: (line, idOf) =>
      columns?.order == null || cellOf(line, columns.order) === ""
        ? idOf(...Object.entries(line.cells).map(([name, text]) => `${name}=${text}`))
        : cellOf(line, columns.order).replace(/^#/, ""),
    read: (lines, how) => {
      const name = (column: SalesColumn) => how.known[column] ?? null;
      const money = (line: Line, column: SalesColumn) =>
        amountOf(cellOf(line, name(column)), how.currency, how.decimalMark) ?? 0n;
      const repeated = (how.known.repeated ?? "").split(" ");
      const whole = (column: SalesColumn) =>
        repeated.includes(column)
          ? money(lines[0] ?? { row: 0, cells: {} }, column)
          : lines.reduce((sum, line) => sum + money(line, column), 0n);
      const priced = lines.map((line, index) => {
        const text = cellOf(line, name("amount"));
        const written = amountOf(text, how.currency, how.decimalMark);
        if (written === null)
          throw new Refusal("field_missing", "The amount is missing.", { column: name("amount") ?? "amount" });
        const quantity = cellOf(line, name("quantity"));
        const isBack = written < 0n || quantity.startsWith("-");
        const qty = piecesOf(quantity.replace(/^-/, ""));
        const size = written < 0n ? -written : written;
        const amount = how.known.amountIs === "each" ? size * qty : size;
        return { line, index, qty, amount, isBack };
      });
      const back = priced.filter(({ isBack }) => isBack).reduce((sum, { amount }) => sum + amount, 0n);
      const sold = priced.filter(({ isBack, qty }) => !isBack && qty > 0n);
      const first = lines[0] ?? { row: 0, cells: {} };
      const when = readMoment(
        cellOf(first, name("date")).replace(" - ", " "),
        how.timeZone,
        how.timeZone,
        how.dateStyle,
      );
      const [shipping, tax, fee] = [whole("shipping"), whole("tax"), whole("fee")];
      // Fees stand as costs with a minus in one list and without in another.
      const cost = how.known.feesAre === "minus" ? -fee : fee;
      const isOrder = sold.length > 0;
      return {
        when,
        type: isOrder ? "Sale" : "Refund",
        currency: how.currency,
        lines: sold.map(({ line, index, qty, amount }) => ({
          key: String(index + 1),
          sku: cellOf(line, name("sku")) || null,
          name: cellOf(line, name("item")) || cellOf(line, name("sku")) || "Sale",
          listing: null,
          qty,
          amount,
        })),
        shipping: isOrder ? shipping : 0n,
        tax: isOrder ? tax : 0n,
        taxBy: how.known.taxBy === "channel" ? "channel" : "seller",
        discount: 0n,
        fees: isOrder && cost > 0n ? [{ kind: "fee", amount: cost }] : [],
        // A fee beside money that is given back is given back too, or taken once more, as its sign says.
        beside:
          cost < 0n || (!isOrder && cost > 0n) ? [{ key: "fee", type: "fee", category: "fee", amount: -cost }] : [],
        refund: back === 0n ? null : { amount: back, on: when.on, isWhole: false },
        isSold: true,
        stated: null,
        comesTo: 0n,
        version: `1-${String(lines.length).padStart(4, "0")}`,
        payout: payoutOf(cellOf(first, name("payout")), how.dateStyle),
      };
    },
  };
}

/** A payout is known by its day; a cell that is none says nothing of when it was. */
function payoutOf(text: string, style: "mdy" | "dmy"): string | null {
  if (text === "") return null;
  try {
    return readMoment(text.replace(/ - /, " "), "UTC", "", style).on;
  } catch (error) {
    if (error instanceof Refusal) return null;
    throw error;
  }
}

function howOf(table: HeadedTable, chosen: SalesLayout | null) {
  const columns = chosen?.columns ?? null;
  const read = (column: SalesColumn) => table.lines.map((line) => cellOf(line, columns?.[column] ?? null));
  const orders = new Map<string, Line[]>();
  if (columns?.order != null)
    for (const line of table.lines) {
      const order = cellOf(line, columns.order);
      orders.set(order, [...(orders.get(order) ?? []), line]);
    }
  const several = [...orders.values()].filter((lines) => lines.length > 1);
  const repeated = (["shipping", "tax", "fee"] as const).filter(
    (column) =>
      several.length > 0 &&
      several.every((lines) => new Set(lines.map((line) => cellOf(line, columns?.[column] ?? null))).size === 1),
  );
  const known: Record<string, string> = {
    amountIs: chosen?.amountIs ?? "line",
    taxBy: chosen?.taxBy ?? "seller",
    repeated: repeated.join(" "),
  };
  for (const column of salesColumns) {
    const name = columns?.[column] ?? null;
    if (name !== null) known[column] = name;
  }
  const minus = table.lines.filter(
    (line) =>
      cellOf(line, columns?.fee ?? null).startsWith("-") && !cellOf(line, columns?.amount ?? null).startsWith("-"),
  );
  if (minus.length > 0) known.feesAre = "minus";
  return {
    decimalMark: chosen?.isChosen
      ? chosen.decimalMark
      : decimalMarkOf((["amount", "shipping", "tax", "fee"] as const).flatMap((column) => read(column))),
    dateStyle: chosen?.isChosen ? chosen.dateStyle : dateStyleOf(read("date").map((text) => text.split(" ")[0] ?? "")),
    known,
  };
}

/** Whether a table's words say that it lists sales: an order, a day, an item, how many and for how much. */
function looksLikeSales(text: string): boolean {
  const headers = headersOf(text);
  // A list of what the person bought has the same columns, and says from whom.
  if (
    headers.some((header) =>
      /seller$|^(seller|supplier|vendor|merchant)\b|purchase price|payment instrument/.test(header),
    )
  )
    return false;
  const columns = guess(headers);
  return (["order", "date", "item", "quantity", "amount"] as const).every((name) => columns[name] !== null);
}

export const mappedSales: FileReader = {
  recognise: (text) => {
    try {
      return looksLikeSales(text) ? 0.64 : 0;
    } catch (error) {
      // A quote that the cut tore open: whoever reads the whole file will say so.
      if (error instanceof Refusal) return 0;
      throw error;
    }
  },
  read: (text, encoding, options: ReadOptions) => {
    const suggested = suggestSales(text);
    const given = typeof options.sales === "object" ? (options.sales ?? null) : null;
    // A layout that was chosen for other columns says nothing of these.
    const chosen = given?.fingerprint === suggested.fingerprint ? given : suggested;
    const reading = ordersReader(fileOf(chosen)).read(text, encoding, options);
    if (reading.type !== "channel") return reading;
    const [body] = reading.documents.map(
      (document) => document.body as { decimalMark: "." | ","; dateStyle: "mdy" | "dmy" },
    );
    return {
      ...reading,
      sales: {
        ...chosen,
        decimalMark: body?.decimalMark ?? chosen.decimalMark,
        dateStyle: body?.dateStyle ?? chosen.dateStyle,
      },
    };
  },
};

/** Pure: what one stored document of a mapped list says. */
export const interpretMapped = interpretOrders(fileOf(null));
