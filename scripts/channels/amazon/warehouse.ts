/**
 * Amazon's warehouses, as the inventory ledger tells them: what was received, sold, sent back, damaged, lost, found and taken out. What the
 * shop sold and refunded is in it by itself; the rest is made from the beginning of the shop, or told by a test. What a removal order was
 * for, and how far it is, is told by the report of removal orders alone.
 */
import { decimal } from "./decimal";
import type { Order, Posted, Product } from "./shop";

export type LedgerEvent = Readonly<{
  atMs: number;
  type: "Receipts" | "Shipments" | "CustomerReturns" | "Adjustments" | "VendorReturns" | "WhseTransfers";
  sku: string;
  /** Signed: what it does to that disposition. */
  qty: number;
  disposition: string;
  reason: string;
  reference: string;
}>;
/** A removal order of one SKU and disposition. Its steps are in the order of time. */
export type Removal = Readonly<{
  atMs: number;
  id: string;
  type: "Return" | "Disposal" | "Liquidations";
  sku: string;
  disposition: string;
  qty: number;
  steps: readonly RemovalStep[];
}>;
/** `ledgerMs`: when the ledger tells it, which may be some days later than the report of removal orders; left out: at once. */
export type RemovalStep = Readonly<{
  atMs: number;
  did: "cancelled" | "disposed" | "shipped";
  qty: number;
  ledgerMs?: number;
}>;
export type BuyerReturn = Readonly<{
  atMs: number;
  order: string;
  sku: string;
  disposition: string;
  plate: string;
}>;

const dayMs = 86_400_000;
/** A buyer's parcel is back in the warehouse so long after the refund. */
const backAfterMs = 3 * dayMs;
const received = 900;

type Sources = Readonly<{
  beginningMs: number;
  products: readonly Product[];
  orders: () => readonly Order[];
  posted: () => readonly Posted[];
  told: readonly LedgerEvent[];
  removals: readonly Removal[];
}>;

/** All units that buyers have sent back by then, each with its licence plate. Every third is damaged. */
export function buyerReturns({ posted }: Pick<Sources, "posted">, nowMs: number): readonly BuyerReturn[] {
  return posted()
    .filter(({ type, postedMs }) => type === "Refund" && postedMs + backAfterMs <= nowMs)
    .flatMap(({ order, postedMs, items }) =>
      items.flatMap(({ item, qty }) =>
        Array.from({ length: item === null ? 0 : qty }, (_, nth) => ({ item, nth })).flatMap(({ item: sold, nth }) =>
          sold === null || order === null
            ? []
            : [
                {
                  atMs: postedMs + backAfterMs,
                  order,
                  sku: sold.product.sku,
                  disposition: Number(sold.id) % 3 === 0 ? "CUSTOMER_DAMAGED" : "SELLABLE",
                  plate: `LPN${sold.id}${nth}`,
                },
              ],
        ),
      ),
    );
}

/** Everything that the ledger has by then, in the order of time. */
export function ledgerOf(sources: Sources, nowMs: number): readonly LedgerEvent[] {
  const { beginningMs, products, orders, told, removals } = sources;
  const event = (
    type: LedgerEvent["type"],
    atMs: number,
    of: Readonly<{ sku: string; qty: number; disposition?: string; reason?: string; reference?: string }>,
  ): LedgerEvent => ({ type, atMs, disposition: "SELLABLE", reason: "", reference: "", ...of });
  const [first = "", , second = ""] = products.map(({ sku }) => sku);
  const all = [
    ...products.map(({ sku }) => event("Receipts", beginningMs, { sku, qty: received, reference: "FBA15LOCAL001" })),
    ...orders()
      .filter(({ status }) => status === "SHIPPED")
      .flatMap(({ id, updatedMs, items }) =>
        items.map(({ product, qty }) => event("Shipments", updatedMs, { sku: product.sku, qty: -qty, reference: id })),
      ),
    ...buyerReturns(sources, nowMs).map(({ atMs, order, sku, disposition }) =>
      event("CustomerReturns", atMs, { sku, qty: 1, disposition, reference: order }),
    ),
    event("Adjustments", beginningMs + 10 * dayMs, { sku: first, qty: -2, reason: "E" }),
    event("Adjustments", beginningMs + 10 * dayMs, {
      sku: first,
      qty: 2,
      reason: "P",
      disposition: "WAREHOUSE_DAMAGED",
    }),
    event("Adjustments", beginningMs + 12 * dayMs, { sku: second, qty: -1, reason: "M" }),
    event("WhseTransfers", beginningMs + 15 * dayMs, { sku: second, qty: -40 }),
    event("WhseTransfers", beginningMs + 16 * dayMs, { sku: second, qty: 40 }),
    event("Adjustments", beginningMs + 30 * dayMs, { sku: second, qty: 1, reason: "F" }),
    ...removals.flatMap(({ id, sku, disposition, steps }) =>
      steps
        .filter(({ did, atMs, ledgerMs = atMs }) => did !== "cancelled" && ledgerMs <= nowMs)
        .map(({ atMs, qty }) => event("VendorReturns", atMs, { sku, qty: -qty, disposition, reference: id })),
    ),
    ...told,
  ];
  return all.filter(({ atMs }) => atMs <= nowMs).sort((a, b) => a.atMs - b.atMs);
}

/** The removal order that every shop begins with: a damaged unit that is sent back to the seller. */
export const firstRemoval = (beginningMs: number, sku: string): Removal => ({
  atMs: beginningMs + 38 * dayMs,
  id: "REMOVAL-0001",
  type: "Return",
  sku,
  disposition: "WAREHOUSE_DAMAGED",
  qty: 1,
  steps: [{ atMs: beginningMs + 40 * dayMs, did: "shipped", qty: 1 }],
});

/** What is left of a SKU by then. */
export function leftOf(
  sources: Sources,
  sku: string,
  nowMs: number,
): Readonly<{ sellable: number; unsellable: number; changedMs: number }> {
  const own = ledgerOf(sources, nowMs).filter((event) => event.sku === sku);
  const sum = (isSellable: boolean) =>
    own
      .filter(({ disposition }) => (disposition === "SELLABLE") === isSellable)
      .reduce((total, { qty }) => total + qty, 0);
  return { sellable: sum(true), unsellable: sum(false), changedMs: own.at(-1)?.atMs ?? sources.beginningMs };
}

const line = (cells: readonly string[]): string => cells.map((cell) => `"${cell}"`).join("\t");
const day = (ms: number): string => {
  const [year, month, date] = new Date(ms).toISOString().slice(0, 10).split("-");
  return `${month}/${date}/${year}`;
};

/** The inventory ledger, detailed view, of a span. */
export function ledgerText(
  events: readonly LedgerEvent[],
  products: readonly Product[],
  span: Readonly<{ fromMs: number; toMs: number }>,
): string {
  const head = [
    "Date",
    "FNSKU",
    "ASIN",
    "MSKU",
    "Title",
    "Event Type",
    "Reference ID",
    "Quantity",
    "Fulfillment Center",
    "Disposition",
    "Reason",
    "Country",
    "Reconciled Quantity",
    "Unreconciled Quantity",
    "Date and Time",
    "Store",
  ];
  const rows = events
    .filter(({ atMs }) => atMs >= span.fromMs && atMs < span.toMs)
    .map(({ atMs, type, sku, qty, disposition, reason, reference }) => {
      const product = products.find((one) => one.sku === sku);
      const isCounted = type === "Adjustments" ? [String(Math.abs(qty)), "0"] : ["", ""];
      return line([
        day(atMs),
        `X${product?.asin.slice(2) ?? ""}`,
        product?.asin ?? "",
        sku,
        product?.title ?? sku,
        type,
        reference,
        String(qty),
        "PHX7",
        disposition,
        reason,
        "US",
        ...isCounted,
        new Date(atMs).toISOString(),
        "",
      ]);
    });
  return [line(head), ...rows, ""].join("\n");
}

/** The report of buyers' returns, of a span. */
export function returnsText(
  returns: readonly BuyerReturn[],
  products: readonly Product[],
  span: Readonly<{ fromMs: number; toMs: number }>,
): string {
  const head = [
    "return-date",
    "order-id",
    "sku",
    "asin",
    "fnsku",
    "product-name",
    "quantity",
    "fulfillment-center-id",
    "detailed-disposition",
    "reason",
    "status",
    "license-plate-number",
    "customer-comments",
  ];
  const rows = returns
    .filter(({ atMs }) => atMs >= span.fromMs && atMs < span.toMs)
    .map(({ atMs, order, sku, disposition, plate }) => {
      const product = products.find((one) => one.sku === sku);
      const title = product?.title ?? sku;
      const asin = product?.asin ?? "";
      const status = "Unit returned to inventory";
      const reason = "NO_LONGER_NEEDED";
      const at = new Date(atMs).toISOString();
      return [at, order, sku, asin, "", title, "1", "PHX7", disposition, reason, status, plate, ""].join("\t");
    });
  return [head.join("\t"), ...rows, ""].join("\n");
}

/** The report of the removal orders that were placed in a span, as far as they are by now. */
export function removalsText(
  removals: readonly Removal[],
  products: readonly Product[],
  place: Readonly<{ currency: string }>,
  span: Readonly<{ fromMs: number; toMs: number; nowMs: number }>,
): string {
  const head = [
    "request-date",
    "order-id",
    "order-type",
    "service-speed",
    "order-status",
    "last-updated-date",
    "sku",
    "fnsku",
    "disposition",
    "requested-quantity",
    "cancelled-quantity",
    "disposed-quantity",
    "shipped-quantity",
    "in-process-quantity",
    "removal-fee",
    "currency",
  ];
  const rows = removals
    .filter(({ atMs }) => atMs >= span.fromMs && atMs < span.toMs)
    .map(({ atMs, id, type, sku, disposition, qty, steps }) => {
      const done = steps.filter((step) => step.atMs <= span.nowMs);
      const sum = (did: RemovalStep["did"]) =>
        done.filter((step) => step.did === did).reduce((total, step) => total + step.qty, 0);
      const [cancelled, disposed, shipped] = [sum("cancelled"), sum("disposed"), sum("shipped")];
      const open = qty - cancelled - disposed - shipped;
      const status = cancelled === qty ? "Cancelled" : open === 0 ? "Completed" : "Processing";
      const asin = products.find((one) => one.sku === sku)?.asin ?? "";
      const at = (ms: number) => new Date(ms).toISOString().replace(/\.\d+Z$/, "+00:00");
      const counts = [qty, cancelled, disposed, shipped, open].map(String);
      const fee = decimal((disposed + shipped) * 104);
      return [
        ...[at(atMs), id, type, "Standard", status, at(done.at(-1)?.atMs ?? atMs), sku, `X${asin.slice(2)}`],
        ...[disposition === "SELLABLE" ? "Sellable" : "Unsellable", ...counts, fee, place.currency],
      ].join("\t");
    });
  return [head.join("\t"), ...rows, ""].join("\n");
}
