/**
 * Pure: Amazon's two reports about goods in its warehouses, as documents, one for each row: the inventory ledger (detailed view) and the
 * customers' returns. Amazon gives rows of the ledger no number, so a row is known by all that it says, and by its place among rows that
 * say the same of the same day: reports are asked for whole days, so the next one gives it the same name.
 */
import type { RawDocument } from "../connector";

/** A report's kind, as `createReport` calls it. */
export const stockReports = {
  ledger: "GET_LEDGER_DETAIL_VIEW_DATA",
  returns: "GET_FBA_FULFILLMENT_CUSTOMER_RETURNS_DATA",
} as const;
export type StockReport = keyof typeof stockReports;

/** Columns by their letters alone: Amazon writes "Event Type", "event-type" and "EventType". */
type Cells = Readonly<Record<string, string>>;
const nameOf = (column: string): string => column.toLowerCase().replace(/[^a-z0-9]/g, "");

/** Without these a text is another report. */
const needed: Readonly<Record<StockReport, readonly string[]>> = {
  ledger: ["date", "msku", "eventtype", "referenceid", "quantity", "fulfillmentcenter", "disposition", "reason"],
  returns: ["returndate", "orderid", "sku", "quantity", "detaileddisposition", "status"],
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

/** A report's rows as documents; a text that is no such report is one document that says so. */
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
  const times = new Map<string, number>();
  return lines.flatMap((line): readonly RawDocument[] => {
    const values = line.split("\t").map(unquoted);
    const cells: Cells = Object.fromEntries(columns.map((name, place) => [name, values[place] ?? ""]));
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

const broken = (report: string, why: string): RawDocument => ({
  feed: "stock",
  externalId: `report/${report}`,
  version: "1",
  body: { report, unreadable: why },
});
