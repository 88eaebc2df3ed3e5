/** Documents of stock as papers: a transfer's note that goes with the goods, an adjustment's for the file; and whichever is asked for. */
import { inBusiness } from "../../db/scope";
import { dayInWords } from "../core/dates";
import { Refusal } from "../core/errors";
import { decimalsOf, formatMinor } from "../core/money";
import { saysReason } from "../core/reasons";
import { type Paper, paperSize } from "../exports/paper";
import { fileNameOf } from "../exports/sheet";
import type { Scope } from "../people/access";
import { placesOnPaper } from "../stock/location-reads";
import { adjustmentView } from "./adjustment-reads";
import { countSheet } from "./count-sheet";
import { issuedPaper, issuedView } from "./issued-reads";
import { letterheadIn } from "./letterhead";
import { orderView } from "./purchase-order-reads";
import { transferView } from "./transfer-reads";

/** What can be put on paper. */
export const paperKinds = ["issued", "transfer", "adjustment", "count", "purchase_order"] as const;
export type PaperKind = (typeof paperKinds)[number];

/** A document of stock on the business's paper, as its head is now: give it what it says, and write it with `paperPdf`. */
export async function noteOf(scope: Scope, note: Omit<Paper, "from" | "foot" | "size">): Promise<Paper> {
  const { name, address, taxNumber, foot } = await inBusiness(scope, (tx) => letterheadIn(tx, scope));
  return { ...note, from: { name, address, taxNumber }, foot, size: paperSize(scope.country) };
}

/** The paper of a document. Refuses `not_found` as its page does. */
export function paperOf(scope: Scope, of: PaperKind, id: string): Promise<Paper> {
  if (of === "issued") return issuedView(scope, id).then(issuedPaper);
  if (of === "purchase_order") return purchaseOrderNote(scope, id);
  if (of === "count") return countSheet(scope, id).then((note) => noteOf(scope, note));
  return of === "transfer" ? transferNote(scope, id) : adjustmentNote(scope, id);
}

/** The name of its file: `Invoice-INV-2026-0001.pdf`. */
export const paperFile = (paper: Paper): string =>
  fileNameOf(`${paper.title}-${(paper.number ?? paper.on).replaceAll("/", "-")}`, "pdf");

async function transferNote(scope: Scope, id: string): Promise<Paper> {
  const found = await transferView(scope, id);
  if (found.number === null)
    throw new Refusal("not_ready", "A draft has no note yet: it gets its number when it is sent.");
  const places = await placesOnPaper(scope, [found.from.id, found.to.id]);
  const at = (place: Readonly<{ id: string; name: string }>) =>
    places.get(place.id) ?? { name: place.name, address: "", taxNumber: "" };
  const [from, to] = [at(found.from), at(found.to)];
  const isUnder = found.lines.some((line) => line.arrived + line.back + line.gone > 0n);
  const marks = { draft: "NOT SENT", cancelled: "CANCELLED", sent: null, short: null, received: null } as const;
  return noteOf(scope, {
    title: "Transfer note",
    number: found.number,
    on: found.on,
    mark: marks[found.state],
    to: { label: "To", party: to },
    about: [
      ["From", from.name],
      ...from.address
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => ["", line] as const),
      ...(from.taxNumber === "" ? [] : [["Registration", from.taxNumber] as const]),
    ],
    columns: [
      { head: "Item", kind: "text", share: 52 },
      { head: "SKU", kind: "text", share: 18 },
      { head: "Quantity sent", kind: "figure", share: 14 },
      ...(isUnder ? [{ head: "Arrived", kind: "figure", share: 14 } as const] : []),
    ],
    lines: found.lines.map((line) => [
      line.name,
      line.sku,
      { units: line.qty, decimals: line.decimals },
      ...(isUnder ? [{ units: line.arrived, decimals: line.decimals }] : []),
    ]),
    sums: [],
    notes: found.note === "" ? [] : [found.note],
    signs: ["Sent by", "Received by, and on"],
  });
}

async function purchaseOrderNote(scope: Scope, id: string): Promise<Paper> {
  const found = await orderView(scope, id);
  if (found.number === null)
    throw new Refusal("not_ready", "A draft is no order yet: it gets its number when it is ordered.");
  const places = await placesOnPaper(scope, [found.location.id]);
  const place = places.get(found.location.id) ?? { name: found.location.name, address: "", taxNumber: "" };
  const known = found.lines.flatMap(({ amountMinor }) => (amountMinor === null ? [] : [amountMinor]));
  const total = known.reduce((sum, amount) => sum + amount, 0n);
  const decimals = decimalsOf(scope.currency);
  return noteOf(scope, {
    title: "Purchase order",
    number: found.number,
    on: found.on,
    mark: found.state === "cancelled" ? "CANCELLED" : found.state === "draft" ? "NOT ORDERED" : null,
    to: { label: "Supplier", party: { name: found.supplier, address: "", taxNumber: "" } },
    about: [
      ["Deliver to", place.name],
      ...place.address
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => ["", line] as const),
      ...(found.expectedOn === null ? [] : [["Expected", dayInWords(found.expectedOn)] as const]),
    ],
    columns: [
      { head: "Item", kind: "text", share: 48 },
      { head: "SKU", kind: "text", share: 18 },
      { head: "Quantity", kind: "figure", share: 14 },
      { head: `Amount ${scope.currency}`, kind: "figure", share: 18 },
    ],
    lines: found.lines.map((line) => [
      line.name,
      line.sku,
      { units: line.ordered, decimals: line.decimals },
      line.amountMinor === null ? null : { units: line.amountMinor, decimals },
    ]),
    sums:
      known.length === found.lines.length
        ? [{ label: `Total ${scope.currency}`, value: formatMinor(total, scope.currency) }]
        : [],
    notes: found.note === "" ? [] : [found.note],
    signs: [],
  });
}

async function adjustmentNote(scope: Scope, id: string): Promise<Paper> {
  const found = await adjustmentView(scope, id);
  const decimals = decimalsOf(scope.currency);
  const isOut = found.lines.every((line) => line.qty < 0n);
  const total = found.lines.reduce((sum, line) => sum + line.valueMinor, 0n);
  const about: (readonly [string, string])[] = [["Location", found.location]];
  if (found.reason !== null) about.push(["Reason", saysReason(found.reason)]);
  if (found.account !== null) about.push(["Account", `${found.account.name} (${found.account.code})`]);
  about.push(["Recorded", dayInWords(found.at.slice(0, 10))]);
  if (found.who !== null) about.push(["By", found.who]);
  return noteOf(scope, {
    title: isOut ? "Stock removed" : found.lines.every((line) => line.qty > 0n) ? "Stock found" : "Stock adjusted",
    number: found.number,
    on: found.on,
    mark: found.isUndone ? "TAKEN BACK" : null,
    to: null,
    about,
    columns: [
      { head: "Item", kind: "text", share: 48 },
      { head: "SKU", kind: "text", share: 18 },
      { head: "Quantity", kind: "figure", share: 14 },
      { head: `Value ${scope.currency}`, kind: "figure", share: 18 },
    ],
    lines: found.lines.map((line) => [
      line.name,
      line.sku,
      { units: line.qty, decimals: line.decimals },
      { units: line.valueMinor, decimals },
    ]),
    sums: [{ label: `Total ${scope.currency}`, value: formatMinor(total, scope.currency) }],
    notes: [
      ...(found.note === "" ? [] : [found.note]),
      ...(found.lines.some((line) => line.short > 0n) ? ["A part of it has no cost yet: its value grows."] : []),
    ],
    signs: [],
  });
}
