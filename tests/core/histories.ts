/**
 * Random histories of one cost group that keep the rules: reservations fit their lots, returns fit their sales. Three items at three
 * places, made of each other, moved and sold. And the state of a history on a day, worked out from a whole fold, to begin another fold from.
 */
import fc from "fast-check";
import {
  type Back,
  type CostingInput,
  type CostingResult,
  type EarlierSale,
  type Inward,
  lineAt,
  type Make,
  type Move,
  type OpenLot,
  type Outward,
  type Phase,
  type Place,
  type Pool,
  productionAt,
  type Step,
  transferAt,
} from "../../lib/core/costing";
import { addDays } from "../../lib/core/dates";
import { smaller } from "../../lib/core/money";

export const FIRST_DAY = "2025-03-01";

export function placeOf(day: number, phase: Phase, id: string, at: bigint | null = null): Place {
  return lineAt(addDays(FIRST_DAY, day), phase, at, id);
}

/** Where and what, where a test says nothing of it. */
const plain = { item: "item", location: "main" } as const;
type Where = Readonly<{ item?: string; location?: string }>;

export function bought(
  day: number,
  id: string,
  qty: bigint,
  cost: bigint,
  source: Inward["source"] = "purchase",
  where: Where = {},
): Inward {
  const phase = source === "loose-return" ? 3 : 0;
  return { kind: "in", source, id, place: placeOf(day, phase, id), ...plain, ...where, qty, cost };
}

export function sold(
  day: number,
  id: string,
  qty: bigint,
  reservations: Outward["reservations"] = [],
  where: Where = {},
): Outward {
  return { kind: "out", source: "sale", id, place: placeOf(day, 2, id), ...plain, ...where, qty, reservations };
}

export function cameBack(
  day: number,
  id: string,
  sale: string,
  qty: bigint,
  how: "restock" | "lost" | "write-off" = "restock",
  where: Where = {},
): Back {
  const fate = { restock: how === "restock", writeOff: how === "write-off" };
  return { kind: "back", id, place: placeOf(day, 3, id), ...plain, ...where, sale, qty, ...fate };
}

/** A transfer of one line from main to the place named; `document` is its line's id too. */
export function moved(day: number, document: string, qty: bigint, to: string, arrives = day, where: Where = {}): Move {
  const leaves = transferAt(addDays(FIRST_DAY, day), document, document, "leaves");
  const arrival = transferAt(addDays(FIRST_DAY, arrives), document, document, "arrives");
  return { kind: "move", id: document, place: leaves, arrives: arrival, ...plain, ...where, to, qty };
}

/** A production of one output, named by the document's id and ".out"; inputs are named by it and ".1", ".2", …. */
export function made(
  day: number,
  document: string,
  inputs: readonly (readonly [item: string, qty: bigint])[],
  output: readonly [item: string, qty: bigint],
  overhead = 0n,
  location = "main",
): Make {
  return {
    kind: "make",
    id: document,
    place: productionAt(addDays(FIRST_DAY, day), document),
    location,
    inputs: inputs.map(([item, qty], index) => ({ id: `${document}.${index + 1}`, item, qty })),
    outputs: [{ id: `${document}.out`, item: output[0], qty: output[1], share: 1n }],
    overhead,
  };
}

export function wholeFold(steps: readonly Step[], graceDays = 0, pool: Pool = "business"): CostingInput {
  return { pool, graceDays, steps, openLots: [], earlierSales: [] };
}

type Draw = Readonly<{
  what: number;
  day: number;
  hour: number | null;
  qty: number;
  cost: number;
  pick: number;
  part: number;
  item: string;
  other: string;
  location: string;
  to: string;
}>;

const anItem = fc.constantFrom("a", "a", "a", "b", "b", "c");
const aLocation = fc.constantFrom("main", "main", "shop", "stall");
const draw: fc.Arbitrary<Draw> = fc.record({
  what: fc.nat({ max: 119 }),
  day: fc.nat({ max: 12 }),
  hour: fc.option(fc.nat({ max: 3 })),
  qty: fc.integer({ min: 1, max: 9 }),
  cost: fc.nat({ max: 1000 }),
  pick: fc.nat({ max: 1000 }),
  part: fc.integer({ min: 1, max: 9 }),
  item: anItem,
  other: anItem,
  location: aLocation,
  to: aLocation,
});

/** A lot that a pin may name, with what is left of it for pins. */
type Pinnable = { id: string; item: string; location: string; on: string; isMade: boolean; left: bigint };

/** A history in the making: what is left of each lot for pins, of each sale for pins and for returns. */
class Making {
  readonly ins: Inward[] = [];
  readonly inside: (Move | Make)[] = [];
  readonly outs: { out: Outward; pins: Map<string, bigint> }[] = [];
  readonly backs: Back[] = [];
  private readonly pinnable: Pinnable[] = [];
  private readonly returnable = new Map<string, bigint>();

  constructor(private readonly pool: Pool) {}

  add(index: number, { what, day, hour, qty, cost, pick, part, item, other, location, to }: Draw): void {
    // Ids in an order that is not the order of making, some astral, so that ties are told by the id alone.
    const id = `${["b", "a", "\u{1f600}", "\uff41"][index % 4]}${(index * 7) % 10}-${index}`;
    const at = hour === null ? null : BigInt(hour);
    const place = (phase: Phase, on = day) => placeOf(on, phase, id, at);
    const quantity = BigInt(qty);
    const lot = this.pinnable.length === 0 ? undefined : this.pinnable[pick % this.pinnable.length];
    const sale = this.outs.length === 0 ? undefined : this.outs[pick % this.outs.length];
    if (what < 30) {
      const source = (["purchase", "purchase", "found", "opening", "loose-return"] as const)[pick % 5] ?? "purchase";
      const step = bought(day, id, quantity, BigInt(cost), source, { item, location });
      this.ins.push({ ...step, place: place(source === "loose-return" ? 3 : 0) });
      if (source !== "loose-return") this.mayBePinned(id, item, location, day, quantity, false);
    } else if (what < 62) {
      const source = what < 58 ? "sale" : "lost";
      const out: Outward = { ...sold(day, id, quantity, [], { item, location }), source, place: place(2) };
      this.outs.push({ out, pins: new Map() });
      if (source === "sale") this.returnable.set(id, quantity);
    } else if (what < 74) {
      if (lot !== undefined && sale !== undefined) this.pin(lot, sale, BigInt(part));
    } else if (what < 80) {
      if (sale !== undefined) this.backfill(sale, id, day, BigInt(part), BigInt(cost));
    } else if (what < 86) {
      if (lot !== undefined) this.sendBack(lot, id, place(2), BigInt(part));
    } else if (what < 100) {
      if (sale?.out.source === "sale") this.comeBack(sale.out, id, { day, at, part, pick, to });
    } else if (what < 110) {
      if (location === to) return;
      this.inside.push(moved(day, id, quantity, to, day + (pick % 3 === 0 ? pick % 5 : 0), { item, location }));
    } else {
      const inputs = [[item, BigInt(part)] as const, ...(pick % 2 === 0 ? [] : [[other, quantity] as const])];
      const step = made(day, id, inputs, ["abc"[(pick + index) % 3] ?? "a", quantity], BigInt(cost % 7), location);
      const second = { id: `${id}.two`, item: other, qty: BigInt(part), share: BigInt(pick % 4) };
      const outputs = pick % 3 === 0 ? [...step.outputs, second] : step.outputs;
      this.inside.push({ ...step, outputs });
      for (const output of outputs) this.mayBePinned(output.id, output.item, location, day, output.qty, true);
    }
  }

  private mayBePinned(id: string, item: string, location: string, day: number, left: bigint, isMade: boolean): void {
    this.pinnable.push({ id, item, location, on: addDays(FIRST_DAY, day), isMade, left });
  }

  private pin(lot: Pinnable, sale: (typeof this.outs)[number], wanted: bigint): void {
    const { out, pins } = sale;
    if (out.source !== "sale" || out.item !== lot.item || (lot.isMade && lot.on > out.place.on)) return;
    if (this.pool === "location" && out.location !== lot.location) return;
    const pinned = [...pins.values()].reduce((sum, each) => sum + each, 0n);
    const size = smaller(smaller(wanted, lot.left), out.qty - pinned);
    if (size <= 0n || pins.has(lot.id)) return;
    pins.set(lot.id, size);
    lot.left -= size;
  }

  private backfill(sale: (typeof this.outs)[number], id: string, day: number, wanted: bigint, cost: bigint): void {
    const { out, pins } = sale;
    const pinned = [...pins.values()].reduce((sum, each) => sum + each, 0n);
    const size = smaller(wanted, out.qty - pinned);
    if (size <= 0n || out.source !== "sale") return;
    this.ins.push(bought(day, id, size, cost, "backfill", { item: out.item, location: out.location }));
    pins.set(id, size);
  }

  private sendBack(lot: Pinnable, id: string, place: Place, wanted: bigint): void {
    const bought = this.ins.find((step) => step.id === lot.id);
    const size = smaller(wanted, lot.left);
    if (size <= 0n || bought?.source !== "purchase") return;
    const { item, location } = lot;
    const out = { kind: "out", source: "purchase-return", id, place, item, location, qty: size } as const;
    this.outs.push({ out: { ...out, reservations: [] }, pins: new Map([[lot.id, size]]) });
    lot.left -= size;
  }

  private comeBack(
    out: Outward,
    id: string,
    how: Readonly<{ day: number; at: bigint | null; part: number; pick: number; to: string }>,
  ): void {
    const size = smaller(BigInt(how.part), this.returnable.get(out.id) ?? 0n);
    if (size <= 0n) return;
    this.returnable.set(out.id, (this.returnable.get(out.id) ?? 0n) - size);
    const fate = (["restock", "restock", "restock", "write-off", "lost"] as const)[how.pick % 5] ?? "restock";
    const [, later = FIRST_DAY] = [out.place.on, addDays(FIRST_DAY, how.day)].sort();
    const location = how.pick % 2 === 0 ? out.location : how.to;
    const back = cameBack(0, id, out.id, size, fate, { item: out.item, location });
    this.backs.push({ ...back, place: { ...lineAt(later, 3, how.at, id) } });
  }

  steps(): Step[] {
    const pinned = this.outs.map(({ out, pins }) => ({
      ...out,
      reservations: [...pins].map(([lot, qty]) => ({ lot, qty })),
    }));
    // Across the business a transfer moves quantity only: it is no step.
    const inside = this.inside.filter((step) => step.kind === "make" || this.pool === "location");
    return [...this.ins, ...inside, ...pinned, ...this.backs];
  }
}

function historyOf(pool: Pool, draws: readonly Draw[]): Step[] {
  const making = new Making(pool);
  for (const [index, one] of draws.entries()) making.add(index, one);
  return making.steps();
}

/** Random histories in both pools: steps in the order of making. */
export const anyHistory: fc.Arbitrary<Readonly<{ pool: Pool; steps: Step[] }>> = fc
  .record({
    pool: fc.constantFrom<Pool>("business", "location"),
    // `size`: left to itself, fast-check makes a dozen at most, in which hardly anything meets.
    draws: fc.array(draw, { minLength: 1, maxLength: 60, size: "max" }),
  })
  .map(({ pool, draws }) => ({ pool, steps: historyOf(pool, draws) }));

/** The day of each movement in the result, by its id: of a production's inputs, too. */
export function daysOf(steps: readonly Step[]): ReadonlyMap<string, string> {
  const days = new Map<string, string>();
  for (const step of steps) {
    days.set(step.id, step.place.on);
    if (step.kind === "make") for (const { id } of [...step.inputs, ...step.outputs]) days.set(id, step.place.on);
  }
  return days;
}

/** What a fold from `day` on begins with, read off the whole fold's result. */
export function stateBefore(day: string, input: CostingInput, whole: CostingResult): CostingInput {
  const steps = input.steps.filter((step) => step.place.on >= day);
  const days = daysOf(input.steps);
  const isBefore = (id: string) => (days.get(id) ?? "") < day;

  const taken = new Map<string, bigint>();
  const reservedTaken = new Map<string, bigint>();
  for (const row of whole.outs) {
    if (!isBefore(row.id)) continue;
    for (const { lot, qty, reserved } of row.allocations) {
      const counts = reserved ? reservedTaken : taken;
      counts.set(lot, (counts.get(lot) ?? 0n) + qty);
    }
  }
  const openLots: OpenLot[] = [];
  for (const lot of whole.lots) {
    const counts = { taken: taken.get(lot.id) ?? 0n, reservedTaken: reservedTaken.get(lot.id) ?? 0n };
    const open = lot.qty - lot.reserved - counts.taken > 0n || lot.reserved - counts.reservedTaken > 0n;
    const touched = counts.taken + counts.reservedTaken > 0n || lot.madeOn < day;
    if (lot.place.on < day ? open : touched) {
      const { left: _left, value: _value, ...kept } = lot;
      openLots.push({ ...kept, ...counts });
    }
  }

  const needed = new Set(steps.flatMap((step) => (step.kind === "back" ? [step.sale] : [])));
  const soldQty = new Map(input.steps.flatMap((step) => (step.kind === "out" ? [[step.id, step.qty] as const] : [])));
  const earlierSales: EarlierSale[] = [];
  for (const row of whole.outs) {
    if (!needed.has(row.id) || !isBefore(row.id)) continue;
    const backs = whole.backs.filter((back) => back.sale === row.id && isBefore(back.id));
    const allocations = row.allocations.map(({ lot, qty, cost }, index) => {
      const parts = backs.flatMap((back) => back.parts.filter((part) => part.allocation === index));
      return { lot, qty, cost, back: parts.reduce((sum, part) => sum + part.qty, 0n) };
    });
    const cancelled = backs.reduce((sum, back) => sum + back.cancelled, 0n);
    earlierSales.push({ id: row.id, qty: soldQty.get(row.id) ?? 0n, allocations, shortage: row.shortage - cancelled });
  }
  return { pool: input.pool, graceDays: input.graceDays, steps, openLots, earlierSales };
}
