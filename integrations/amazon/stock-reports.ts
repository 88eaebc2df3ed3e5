/**
 * Pure: Amazon's three reports about goods in its warehouses, as documents: the inventory ledger (detailed view), the customers' returns and
 * the removal orders.
 *
 * Amazon gives rows of the ledger no number, so a row is known by all that it says, and by its place among rows that say the same of the
 * same day: reports are asked for whole days, so the next one gives it the same name.
 *
 * A removal order's numbers grow from report to report. Each number of pieces that are gone is a document of its own, so that a growth is
 * taken once and a number that was said before is known. What one report says of the same goods of an order in several rows is added up:
 * rows have no order that could be trusted.
 */
import type { RawDocument } from "../connector";

/** A report's kind, as `createReport` calls it. */
export const stockReports = {
  ledger: "GET_LEDGER_DETAIL_VIEW_DATA",
  returns: "GET_FBA_FULFILLMENT_CUSTOMER_RETURNS_DATA",
  removals: "GET_FBA_FULFILLMENT_REMOVAL_ORDER_DETAIL_DATA",
} as const;
export type StockReport = keyof typeof stockReports;

/** Columns by their letters alone: Amazon writes "Event Type", "event-type" and "EventType". */
type Cells = Readonly<Record<string, string>>;
const nameOf = (column: string): string => column.toLowerCase().replace(/[^a-z0-9]/g, "");

/** Without these a text is another report. */
const needed: Readonly<Record<StockReport, readonly string[]>> = {
  ledger: ["date", "msku", "eventtype", "referenceid", "quantity", "fulfillmentcenter", "disposition", "reason"],
  returns: ["returndate", "orderid", "sku", "quantity", "detaileddisposition", "status"],
  removals: ["orderid", "ordertype", "lastupdateddate", "sku", "disposition", "disposedquantity", "shippedquantity"],
};
/** What a ledger's row is known by. How much of it is reconciled changes with time, and is left out. */
const identity = [
  "date",
  "msku",
  "fnsku",
  "eventtype",
  "referenceid",
  "fulfillmentcenter",
  "disposition",
  "reason",
  "country",
  "quantity",
];
/** Told by orders, told by the report of returns, and between two of Amazon's own warehouses: nothing that the ledger is needed for. */
const toldElsewhere: readonly string[] = ["shipments", "customerreturns", "whsetransfers"];

const unquoted = (cell: string): string => {
  const text = cell.trim();
  return text.length > 1 && text.startsWith('"') && text.endsWith('"')
    ? text.slice(1, -1).replaceAll('""', '"').trim()
    : text;
};

/** A report's rows as documents, those of removals one for each order's goods; a text that is no such report is one document that says so. */
export function stockDocuments(kind: StockReport, report: string, text: string): readonly RawDocument[] {
  const [head = "", ...lines] = text
    .replace(/^\uFEFF/, "")
    .split(/\r?\n/)
    .filter((line) => line.trim() !== "");
  const columns = head.split("\t").map((cell) => nameOf(unquoted(cell)));
  const missing = needed[kind].filter((name) => !columns.includes(name));
  // A report about nothing may be an empty text.
  if (head === "") return [];
  if (missing.length > 0) return [broken(report, `it has no column ${missing.join(", ")}`)];
  const rows = lines.map((line): Cells => {
    const values = line.split("\t").map(unquoted);
    return Object.fromEntries(columns.map((name, place) => [name, values[place] ?? ""]));
  });
  if (kind === "removals") return removalDocuments(rows);
  const times = new Map<string, number>();
  return rows.flatMap((cells): readonly RawDocument[] => {
    if (kind === "ledger" && toldElsewhere.includes(nameOf(cells.eventtype ?? ""))) return [];
    const name = kind === "ledger" ? identity.map((part) => cells[part] ?? "").join("/") : returnName(cells);
    const nth = (times.get(name) ?? 0) + 1;
    times.set(name, nth);
    return [{ feed: "stock", externalId: `${kind}/${name}/${nth}`, version: "1", body: cells }];
  });
}

/** A unit that came back has a licence plate; where it has none, its day stands for it. */
function returnName({ orderid, sku, licenseplatenumber, returndate }: Cells): string {
  return [orderid, sku, licenseplatenumber || returndate].map((part) => part ?? "").join("/");
}

/** Which goods of which removal order: for each, Amazon's numbers grow. */
const removed = ["orderid", "sku", "fnsku", "disposition"];

function removalDocuments(rows: readonly Cells[]): readonly RawDocument[] {
  const goods = new Map<string, Cells>();
  for (const cells of rows) {
    const name = removed.map((part) => cells[part] ?? "").join("/");
    const before = goods.get(name);
    goods.set(name, before === undefined ? cells : together(before, cells));
  }
  return [...goods].map(([name, cells]) => ({
    feed: "stock",
    externalId: `removals/${name}/${goneBy(cells)}`,
    version: "1",
    body: cells,
  }));
}

const whole = /^\d{1,9}$/;
/** Of the later row what it says, with the pieces of both. A number that cannot be read stays, so that the document is refused for it. */
function together(a: Cells, b: Cells): Cells {
  const [first, last] = (a.lastupdateddate ?? "") > (b.lastupdateddate ?? "") ? [b, a] : [a, b];
  const sum = (name: string): string => {
    const [one, other] = [first[name] || "0", last[name] || "0"];
    return whole.test(one) && whole.test(other) ? String(Number(one) + Number(other)) : whole.test(one) ? other : one;
  };
  return { ...last, disposedquantity: sum("disposedquantity"), shippedquantity: sum("shippedquantity") };
}

/** Of a liquidation, what was handed to the buyer is gone too: no piece of it comes back. */
export const isLiquidation = (type: string | undefined): boolean => nameOf(type ?? "").startsWith("liquidation");

/** How many pieces are gone for good by a removal order so far, as text: a number, or what stands there instead of one. */
export function goneBy({ ordertype, disposedquantity, shippedquantity }: Readonly<Record<string, string>>): string {
  const said = [disposedquantity, ...(isLiquidation(ordertype) ? [shippedquantity] : [])].map((text) => text || "0");
  return said.find((text) => !whole.test(text)) ?? String(said.reduce((sum, text) => sum + Number(text), 0));
}

const broken = (report: string, why: string): RawDocument => ({
  feed: "stock",
  externalId: `report/${report}`,
  version: "1",
  body: { report, unreadable: why },
});
