/** Amazon's ledger and returns, row by row, as movements of shelves worked by hand; and the real returns report. */
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { read } from "../../../integrations/amazon/read";
import { shelving } from "../../../integrations/amazon/read-stock";
import { stockDocuments } from "../../../integrations/amazon/stock-reports";
import type { Account, RawDocument } from "../../../integrations/connector";
import { account } from "./support";

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
];
type Row = Readonly<{ event: string; qty: string; disposition?: string; reason?: string; ref?: string; day?: string }>;
const report = (rows: readonly Row[]): string =>
  [
    head,
    ...rows.map(({ event, qty, disposition = "SELLABLE", reason = "", ref = "", day = "06/02/2026" }) => [
      day,
      "X001",
      "B001",
      "MUG",
      "A mug",
      event,
      ref,
      qty,
      "PHX7",
      disposition,
      reason,
      "US",
      "",
      "",
      "",
    ]),
  ]
    .map((cells) => cells.map((cell) => `"${cell}"`).join("\t"))
    .join("\r\n");
const documents = (rows: readonly Row[]): readonly RawDocument[] => stockDocuments("ledger", "1", report(rows));
const moves = (...rows: readonly Row[]) => documents(rows).flatMap(shelving.moves);

describe("the inventory ledger", () => {
  it("tells what arrived, with the shipment, and what was counted wrongly then", () => {
    const [arrived, corrected] = moves(
      { event: "Receipts", qty: "5", ref: "FBA15X" },
      { event: "Receipts", qty: "-1", ref: "FBA15X" },
    );
    expect(arrived).toMatchObject({
      kind: "received",
      shelf: "sellable",
      qty: 5n,
      shipment: "FBA15X",
      on: "2026-06-02",
    });
    expect(corrected).toMatchObject({ kind: "sent back", shelf: "sellable", qty: 1n });
  });

  it("tells a change of disposition once, by the row of the sellable shelf", () => {
    expect(
      moves(
        { event: "Adjustments", qty: "-2", reason: "E" },
        { event: "Adjustments", qty: "2", reason: "P", disposition: "WAREHOUSE_DAMAGED" },
      ),
    ).toMatchObject([{ kind: "moved", from: "sellable", to: "unsellable", qty: 2n }]);
    expect(
      moves(
        { event: "Adjustments", qty: "-1", reason: "Q", disposition: "DEFECTIVE" },
        { event: "Adjustments", qty: "1", reason: "P" },
      ),
    ).toMatchObject([{ kind: "moved", from: "unsellable", to: "sellable", qty: 1n }]);
    expect(
      moves(
        { event: "Adjustments", qty: "-1", reason: "K", disposition: "DEFECTIVE" },
        { event: "Adjustments", qty: "1", reason: "P", disposition: "EXPIRED" },
      ),
    ).toEqual([]);
  });

  it("tells what is lost, found and destroyed, and keeps the words of a reason that it has no name for", () => {
    const reasons = (reason: string, qty: string) =>
      moves({ event: "Adjustments", qty, reason }).map((move) => [move.kind, "reason" in move ? move.reason : null]);
    expect(reasons("M", "-1")).toEqual([["gone", "lost"]]);
    expect(reasons("5", "-1")).toEqual([["gone", "lost"]]);
    expect(reasons("D", "-1")).toEqual([["gone", "destroyed"]]);
    expect(reasons("F", "1")).toEqual([["found", "found"]]);
    expect(reasons("O", "-1")).toEqual([["gone", "Amazon: O"]]);
  });

  it("tells a removal as a way to the shelf for it, and back where it was called off", () => {
    const removal = { event: "VendorReturns", disposition: "CUSTOMER_DAMAGED", ref: "R1" };
    expect(moves({ ...removal, qty: "-3" }, { ...removal, qty: "1" })).toMatchObject([
      { kind: "moved", from: "unsellable", to: "removal", qty: 3n },
      { kind: "moved", from: "removal", to: "unsellable", qty: 1n },
    ]);
  });

  it("leaves out what others tell, names each row for good, and refuses an event that nobody knows", () => {
    expect(documents(["Shipments", "CustomerReturns", "WhseTransfers"].map((event) => ({ event, qty: "-1" })))).toEqual(
      [],
    );
    const twice = documents([
      { event: "Receipts", qty: "1", ref: "F" },
      { event: "Receipts", qty: "1", ref: "F" },
    ]);
    expect(new Set(twice.map(({ externalId }) => externalId)).size).toBe(2);
    expect(documents([{ event: "Receipts", qty: "1", ref: "F" }])[0]).toEqual(twice[0]);
    const [odd] = documents([{ event: "Teleported", qty: "1" }]);
    if (odd === undefined) throw new Error("no document");
    expect(() => read(odd, account)).toThrow("“Teleported” is not known");
    const [sorry] = stockDocuments("ledger", "77", "<html>Sorry</html>");
    if (sorry === undefined) throw new Error("no document");
    expect(() => read(sorry, account)).toThrow("it has no column");
    const [when] = documents([{ event: "Receipts", qty: "1", day: "13/13/2026" }]);
    if (when === undefined) throw new Error("no document");
    expect(() => read(when, account)).toThrow("is no day");
  });
});

describe("what Amazon says that it holds", () => {
  it("counts what waits for an order or is between warehouses as sellable, and says what is inbound apart", () => {
    const body = {
      sellerSku: "MUG",
      productName: "A mug",
      lastUpdatedTime: "2026-06-02T10:00:00Z",
      inventoryDetails: {
        fulfillableQuantity: 7,
        inboundWorkingQuantity: 100,
        inboundShippedQuantity: 4,
        inboundReceivingQuantity: 1,
        reservedQuantity: { totalReservedQuantity: 2 },
        unfulfillableQuantity: { totalUnfulfillableQuantity: 3 },
      },
    };
    const document: RawDocument = { feed: "stock", externalId: "MUG", version: "1", body };
    expect(shelving.count(document)).toMatchObject({ sku: "MUG", sellable: 9n, unsellable: 3n, inbound: 5n });
    expect(shelving.moves(document)).toEqual([]);
  });
});

describe("an order", () => {
  it("of Amazon's own warehouse needs the shelves, one that the seller sends does not", () => {
    const order = (fulfilledBy: string): RawDocument => ({
      feed: "orders",
      externalId: "1",
      version: "1",
      body: { fulfillment: { fulfillmentStatus: "SHIPPED", fulfilledBy } },
    });
    expect(shelving.isOfShelves(order("AMAZON"))).toBe(true);
    expect(shelving.isOfShelves(order("MERCHANT"))).toBe(false);
  });
});

describe("a sale", () => {
  const shelved = { ...account, shelves: { sellable: "fba", unsellable: "bad", removal: "back" } };
  const order = (fulfilledBy: string): RawDocument => ({
    feed: "orders",
    externalId: "113-1",
    version: "1",
    body: {
      orderId: "113-1",
      createdTime: "2026-06-02T05:30:00Z",
      salesChannel: { channelName: "AMAZON" },
      fulfillment: { fulfillmentStatus: "SHIPPED", fulfilledBy },
      orderItems: [{ orderItemId: "1", quantityOrdered: 1, product: { sellerSku: "MUG", title: "A mug" } }],
    },
  });
  const places = (document: RawDocument, of: Account) =>
    read(document, of).flatMap((fact) => (fact.kind === "order" ? fact.lines.map(({ location }) => location) : []));

  it("that Amazon sends leaves the shelf at Amazon; one that the seller sends leaves where sales leave from", () => {
    expect(places(order("AMAZON"), shelved)).toEqual(["fba"]);
    expect(places(order("MERCHANT"), shelved)).toEqual([null]);
    expect(places(order("AMAZON"), account)).toEqual([null]);
  });
});

const file = resolve(process.env.FIXTURES_DIR ?? "../shared/fixtures", "amazon/eu_fx_returns.txt");
describe.skipIf(!existsSync(file))("the report of returns (fixtures)", () => {
  it("has 13 units that were damaged and 25 that can be sold again, each of its own order", () => {
    const returns = stockDocuments("returns", "1", readFileSync(file, "utf8")).flatMap(shelving.moves);
    expect(returns).toHaveLength(38);
    const on = (shelf: string) => returns.filter((move) => move.kind === "returned" && move.shelf === shelf).length;
    expect([on("unsellable"), on("sellable")]).toEqual([13, 25]);
    expect(new Set(returns.map(({ id }) => id)).size).toBe(38);
    expect(returns[0]).toMatchObject({
      kind: "returned",
      on: "2026-08-18",
      sku: "ARS-ROD-01",
      order: "171-4100000-2000000",
    });
  });
});
