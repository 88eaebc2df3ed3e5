/** Rows as the core takes them: one fold's input for each cost group. */
import {
  type CostingInput,
  type EarlierSale,
  type Inward,
  lineAt,
  type Make,
  type OpenLot,
  type Phase,
  type Place,
  productionAt,
  type Step,
  transferAt,
} from "../core/costing";
import { invariant } from "../core/errors";
import { inTransit } from "./batch";
import type { Loaded } from "./costing-load";
import { daysOf, type LotRow, type MovementRow, shelfAt, stepKey } from "./costing-rows";
import type { Books } from "./ledger";

const inwardSources: Readonly<Record<string, Inward["source"]>> = {
  purchase: "purchase",
  opening: "opening",
  backfill: "backfill",
  loose_return: "loose-return",
};

type Parts = { steps: Step[]; openLots: OpenLot[]; earlierSales: EarlierSale[] };

/** One fold's input for each group. */
export function inputs(books: Books, old: Loaded): ReadonlyMap<string, CostingInput> {
  const parts = new Map<string, Parts>();
  for (const group of old.groups.since.keys()) parts.set(group, { steps: [], openLots: [], earlierSales: [] });
  const partsOf = (item: string): Parts => {
    const own = parts.get(old.groups.groupOf.get(item) ?? item);
    invariant(own !== undefined, `what was read is of the items that were asked for (${item})`);
    return own;
  };
  const productions = new Map<string, MovementRow[]>();
  for (const row of old.movements.values()) {
    if (row.kind !== "assembly") {
      partsOf(row.item_id).steps.push(stepOf(row, old));
      continue;
    }
    const lines = productions.get(row.document_id);
    if (lines === undefined) productions.set(row.document_id, [row]);
    else lines.push(row);
  }
  for (const [document, lines] of productions) {
    const [first] = lines;
    if (first !== undefined) partsOf(first.item_id).steps.push(makeOf(document, first, lines, old));
  }
  for (const lot of openLots(old)) partsOf(lot.item).openLots.push(lot);
  for (const sale of old.earlier.values()) parts.get(sale.group)?.earlierSales.push(sale);
  return new Map(
    [...parts].map(([group, own]) => [group, { pool: books.pool, graceDays: books.graceDays, ...own }] as const),
  );
}

const instantOf = (row: Readonly<{ at: string | null }>) => (row.at === null ? null : BigInt(row.at));

function phaseOf(row: Readonly<{ phase: number }>): Phase {
  invariant(row.phase >= 0 && row.phase <= 3, "there are four phases");
  return row.phase as Phase;
}

/** The step that a movement is, but for production, whose lines are one. */
function stepOf(row: MovementRow, old: Loaded): Step {
  const qty = BigInt(row.qty);
  const place = lineAt(row.on_date, phaseOf(row), instantOf(row), row.id);
  const what = { id: stepKey(row), item: row.item_id, place, location: shelfOf(row, old) };
  const source = row.kind === "adjustment" && qty > 0n ? "found" : inwardSources[row.kind];
  if (source !== undefined) return { ...what, kind: "in", source, qty, cost: BigInt(row.value_minor) };
  const back = old.backs.get(what.id);
  if (back !== undefined) {
    const fate = { restock: !back.writeOff, writeOff: back.writeOff };
    return { ...what, kind: "back", sale: back.sale, qty: back.qty, ...fate };
  }
  if (row.kind === "transfer") {
    const arrival = old.arrivals.get(row.id);
    invariant(arrival !== undefined, `the transfer ${row.id} arrives somewhere`);
    const leaves = transferAt(row.on_date, row.document_id, row.id, "leaves");
    const arrives = transferAt(arrival.on_date, row.document_id, row.id, "arrives");
    // What leaves for the place between begins a consignment, named by its own document.
    const to = shelfAt(arrival.location_id, arrival.location_id === inTransit ? row.document_id : null);
    return { ...what, kind: "move", place: leaves, arrives, to, qty: -qty };
  }
  return {
    ...what,
    kind: "out",
    source: row.kind === "sale" ? "sale" : row.kind === "purchase_return" ? "purchase-return" : "lost",
    qty: -qty,
    reservations: old.reservations.get(what.id) ?? [],
  };
}

/** Where a movement takes from: between leaving and arriving, the goods of its own consignment. */
function shelfOf(row: MovementRow, old: Loaded): string {
  return shelfAt(row.location_id, old.consignments.get(`${row.kind}/${row.document_id}`) ?? null);
}

function makeOf(document: string, first: MovementRow, lines: readonly MovementRow[], old: Loaded): Make {
  const made = old.productions.get(document);
  invariant(made !== undefined, `the production ${document} has a document`);
  const byId = new Map(lines.map((row) => [row.id, row]));
  const inputs = lines
    .filter((row) => !made.shares.has(row.id))
    .map((row) => ({ id: row.id, item: row.item_id, qty: -BigInt(row.qty) }));
  // The outputs in the order in which the document lists them: equal remainders go to the earlier one.
  const outputs = [...made.shares].flatMap(([id, share]) => {
    const row = byId.get(id);
    return row === undefined ? [] : [{ id, item: row.item_id, qty: BigInt(row.qty), share }];
  });
  invariant(inputs.length + outputs.length === lines.length, `the lines of the production ${document} are all there`);
  return {
    kind: "make",
    id: document,
    place: productionAt(first.on_date, document),
    location: first.location_id,
    inputs,
    outputs,
    overhead: made.overhead,
  };
}

/** The lots that were made before their group's first day, with what was taken from them before it. */
function* openLots(old: Loaded): Generator<OpenLot> {
  const takenSince = new Map<string, bigint>();
  for (const row of old.allocations) {
    if (row.kind === "fifo") takenSince.set(row.lot_id, (takenSince.get(row.lot_id) ?? 0n) + BigInt(row.qty));
  }
  const days = daysOf(old.groups);
  for (const row of old.lots.values()) {
    if (row.made_on >= (days.get(row.item_id) ?? "")) continue;
    const [qty, reserved] = [BigInt(row.qty), BigInt(row.reserved_qty)];
    yield {
      id: row.id,
      item: row.item_id,
      source: row.source,
      place: placeOf(row),
      acquiredOn: row.acquired_on,
      madeOn: row.made_on,
      // A lot between leaving and arriving was made by the document that sent it.
      location: shelfAt(row.location_id, row.location_id === inTransit ? row.place_id : null),
      qty,
      cost: BigInt(row.cost_minor),
      reserved,
      reservedTaken: old.reservedBefore.get(row.id) ?? 0n,
      taken: qty - reserved - BigInt(row.left_qty) - (takenSince.get(row.id) ?? 0n),
    };
  }
}

/** A stored lot's place: `place_id` and `line_id` are two things only where documents have their own place (phase 1). */
export function placeOf(row: LotRow): Place {
  const phase = phaseOf(row);
  invariant(row.rank >= 0 && row.rank <= 2, "a document has three ranks at most");
  const rank = row.rank as Place["rank"];
  const line = phase === 1 ? row.line_id : "";
  return { on: row.on_date, phase, at: instantOf(row), id: row.place_id, rank, line, number: row.number };
}
