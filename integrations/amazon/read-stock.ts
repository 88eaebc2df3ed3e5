/**
 * Pure: what Amazon says of the goods in its warehouses, as movements of three shelves: what can be sold, what cannot (whatever is wrong with
 * it), and what was taken out by a removal order and is on its way back.
 *
 * A change of disposition is told by two rows, one that takes the goods out of one and one that puts them into the other. Each row here
 * tells only what leaves the sellable shelf, or comes to it: so no row has to find its other half, and what is damaged one way and
 * then another stays on its shelf.
 *
 * The ledger does not say what a removal was for; the report of removal orders does. What it says is destroyed or sold off leaves the shelf of
 * what is on its way back. What is shipped to the seller says nothing here: a person receives it.
 */
import { z } from "zod";
import { parseLocalDate } from "../../lib/core/dates";
import { ChannelError, Refusal } from "../../lib/core/errors";
import type { LocalDate } from "../../lib/core/facts";
import type { RawDocument, Shelf, ShelfCount, ShelfMove, Shelving } from "../connector";
import { goneBy, isLiquidation } from "./stock-reports";

const Order = z.object({ fulfillment: z.object({ fulfilledBy: z.string().nullish() }) });
/** Whether an order is sent from Amazon's warehouses. */
export const isByAmazon = (fulfilledBy: string | null | undefined): boolean =>
  (fulfilledBy ?? "").toUpperCase() === "AMAZON";

const Count = z.int().min(0).max(1_000_000_000).nullish();
const Summary = z.object({
  sellerSku: z.string().min(1).max(200),
  productName: z.string().nullish(),
  lastUpdatedTime: z.iso.datetime({ offset: true }).nullish(),
  inventoryDetails: z
    .object({
      fulfillableQuantity: Count,
      inboundShippedQuantity: Count,
      inboundReceivingQuantity: Count,
      reservedQuantity: z.object({ totalReservedQuantity: Count }).nullish(),
      unfulfillableQuantity: z.object({ totalUnfulfillableQuantity: Count }).nullish(),
    })
    .nullish(),
});
const Row = z.record(z.string(), z.unknown());
type Row = Readonly<Record<string, string>>;

/**
 * Amazon's reason codes of adjustments, and what they come to. `other` half: the goods change their disposition, and another row says where
 * they went or came from. The rest changes how many there are.
 */
const dispositionChange: readonly string[] = ["6", "7", "E", "H", "K", "U", "Q", "P"];
const reasons: Readonly<Record<string, string>> = { M: "lost", "5": "lost", D: "destroyed", F: "found" };

export const shelving: Shelving = {
  names: { sellable: "FBA, can be sold", unsellable: "FBA, cannot be sold", removal: "FBA, on its way back" },
  isOfShelves: ({ feed, externalId, body }) => {
    // That a report could not be had is said of sellers without goods at Amazon too.
    if (feed === "stock") return !externalId.startsWith("report/");
    const order = feed === "orders" ? Order.safeParse(body) : null;
    return order?.success === true && isByAmazon(order.data.fulfillment.fulfilledBy);
  },
  moves: (document) => {
    const { feed, externalId, body } = document;
    if (feed !== "stock") return [];
    const why = z.object({ unreadable: z.string() }).safeParse(body);
    if (why.success) throw wrong(`the report ${externalId}: ${why.data.unreadable}`);
    if (externalId.startsWith("ledger/")) return ledgerMoves(document, rowOf(document));
    if (externalId.startsWith("removals/")) return removalMoves(document, rowOf(document));
    return externalId.startsWith("returns/") ? returnMoves(document, rowOf(document)) : [];
  },
  count: ({ feed, externalId, body }) => {
    if (feed !== "stock" || /^(ledger|returns|removals|report)\//.test(externalId)) return null;
    const parsed = Summary.safeParse(body);
    if (!parsed.success)
      throw wrong(
        `stock ${externalId}: ${parsed.error.issues[0]?.path.join(".") || "the document"} is not as described`,
      );
    return countOf(parsed.data);
  },
};

/** What waits for an order that is not shipped, or is between two warehouses, is still the seller's and still to be sold. */
function countOf({ sellerSku, productName, lastUpdatedTime, inventoryDetails }: z.infer<typeof Summary>): ShelfCount {
  const of = (...counts: readonly (number | null | undefined)[]) =>
    counts.reduce<bigint>((sum, count) => sum + BigInt(count ?? 0), 0n);
  const details = inventoryDetails ?? {};
  return {
    sku: sellerSku,
    name: productName?.trim() || sellerSku,
    sellable: of(details.fulfillableQuantity, details.reservedQuantity?.totalReservedQuantity),
    unsellable: of(details.unfulfillableQuantity?.totalUnfulfillableQuantity),
    inbound: of(details.inboundShippedQuantity, details.inboundReceivingQuantity),
    at: lastUpdatedTime ?? "1970-01-01T00:00:00Z",
  };
}

function ledgerMoves({ externalId }: RawDocument, row: Row): readonly ShelfMove[] {
  const qty = signed(row.quantity ?? "", externalId);
  if (qty === 0n) return [];
  const size = qty < 0n ? -qty : qty;
  const [event, reference, code] = [row.eventtype ?? "", row.referenceid ?? "", row.reason ?? ""];
  const shelf = shelfOf(row.disposition ?? "");
  const words = [event, code, row.disposition, reference, row.fulfillmentcenter].filter(Boolean).join(" · ");
  const own = { id: externalId, on: dayOf(row, externalId), sku: row.msku ?? "", qty: size, words };
  switch (event.toLowerCase().replace(/[^a-z]/g, "")) {
    case "receipts":
      return [{ ...own, kind: qty > 0n ? "received" : "sent back", shelf, shipment: reference || null }];
    case "vendorreturns":
      // A removal that was called off comes back to where it was.
      return [
        {
          ...own,
          kind: "moved",
          from: qty < 0n ? shelf : "removal",
          to: qty < 0n ? "removal" : shelf,
          reference: reference || null,
        },
      ];
    case "adjustments": {
      if (dispositionChange.includes(code.toUpperCase())) {
        if (shelf !== "sellable") return [];
        const [from, to]: readonly [Shelf, Shelf] = qty < 0n ? [shelf, "unsellable"] : ["unsellable", shelf];
        return [{ ...own, kind: "moved", from, to, reference: reference || null }];
      }
      const reason = reasons[code.toUpperCase()] ?? `Amazon: ${code || "no reason"}`;
      return [{ ...own, kind: qty < 0n ? "gone" : "found", shelf, reason }];
    }
    default:
      throw wrong(`the ledger's event “${event}” is not known: ${externalId}`);
  }
}

/** Only what is back in the inventory is on a shelf; what Amazon paid for instead, or waits for, is for a person to place. */
const isBack = /returned to inventory|repackaged/i;

function returnMoves({ externalId }: RawDocument, row: Row): readonly ShelfMove[] {
  const qty = signed(row.quantity ?? "", externalId);
  if (qty <= 0n || !isBack.test(row.status ?? "")) return [];
  const disposition = row.detaileddisposition ?? "";
  const words = ["Return", disposition, row.reason, row.licenseplatenumber, row.status].filter(Boolean).join(" · ");
  return [
    {
      kind: "returned",
      id: externalId,
      on: day((row.returndate ?? "").slice(0, 10), externalId),
      sku: row.sku ?? "",
      qty,
      words,
      shelf: shelfOf(disposition),
      order: row.orderid ?? "",
    },
  ];
}

/**
 * What a removal order did away with so far. A liquidation is no destruction: Amazon sold the goods to a wholesaler, and what they brought
 * comes with a settlement, so it has words of its own.
 */
function removalMoves({ externalId }: RawDocument, row: Row): readonly ShelfMove[] {
  const gone = goneBy(row);
  const qty = signed(gone, externalId);
  if (qty === 0n) return [];
  if (qty < 0n) throw wrong(`“${gone}” is no number of pieces that are gone: ${externalId}`);
  const { orderid: order = "", ordertype: type = "", disposition = "", lastupdateddate, requestdate } = row;
  if (order === "") throw wrong(`a removal order without its number: ${externalId}`);
  const isSold = isLiquidation(type);
  if (!isSold && !/^(return|disposal)$/i.test(type))
    throw wrong(`a removal order's type “${type}” is not known: ${externalId}`);
  const did = isSold ? "liquidated" : "disposed of";
  return [
    {
      kind: "gone",
      id: externalId,
      on: day((lastupdateddate || requestdate || "").slice(0, 10), externalId),
      sku: row.sku ?? "",
      qty,
      words: [`Removal order ${order}`, type, disposition, `${qty} ${did} so far`].filter(Boolean).join(" · "),
      shelf: "removal",
      reason: isSold ? "Amazon: liquidation" : "destroyed",
      inAll: order,
    },
  ];
}

const shelfOf = (disposition: string): Shelf =>
  disposition.trim().toUpperCase() === "SELLABLE" ? "sellable" : "unsellable";

/** The local day of the event where its time is told; else the ledger's day, which Amazon writes month first where it writes slashes. */
function dayOf(row: Row, where: string): LocalDate {
  const time = row.dateandtime ?? "";
  if (/^\d{4}-\d\d-\d\dT/.test(time)) return day(time.slice(0, 10), where);
  const text = row.date ?? "";
  const [, month, date, year] = /^(\d\d?)\/(\d\d?)\/(\d{4})$/.exec(text) ?? [];
  return day(year === undefined ? text : `${year}-${month?.padStart(2, "0")}-${date?.padStart(2, "0")}`, where);
}

function day(text: string, where: string): LocalDate {
  try {
    return parseLocalDate(text);
  } catch (error) {
    if (error instanceof Refusal) throw wrong(`“${text}” is no day: ${where}`);
    throw error;
  }
}

function signed(text: string, where: string): bigint {
  if (!/^-?\d{1,9}$/.test(text)) throw wrong(`“${text}” is no number of pieces: ${where}`);
  return BigInt(text);
}

function rowOf({ externalId, body }: RawDocument): Row {
  const parsed = Row.safeParse(body);
  if (!parsed.success) throw wrong(`${externalId} is no row of a report`);
  // Something else than text under a name that nobody knows is left out, as unknown fields are everywhere.
  return Object.fromEntries(
    Object.entries(parsed.data).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );
}

function wrong(what: string): ChannelError {
  return new ChannelError("unreadable", `Amazon: ${what}`);
}
