/**
 * Random histories of one cost group that keep the rules: reservations fit their lots, returns fit their sales. And the state of a
 * history on a day, worked out from a whole fold, to begin another fold from.
 */
import fc from "fast-check";
import type {
  Back,
  CostingInput,
  CostingResult,
  EarlierSale,
  Inward,
  OpenLot,
  Outward,
  Phase,
  Place,
  Step,
} from "../../lib/core/costing";
import { addDays } from "../../lib/core/dates";
import { smaller } from "../../lib/core/money";

export const FIRST_DAY = "2025-03-01";

export function placeOf(day: number, phase: Phase, id: string, at: bigint | null = null): Place {
  return { on: addDays(FIRST_DAY, day), phase, at, id, number: 0 };
}

export function bought(
  day: number,
  id: string,
  qty: bigint,
  cost: bigint,
  source: Inward["source"] = "purchase",
): Inward {
  const phase = source === "loose-return" ? 3 : 0;
  return { kind: "in", source, place: placeOf(day, phase, id), location: "main", qty, cost };
}

export function sold(day: number, id: string, qty: bigint, reservations: Outward["reservations"] = []): Outward {
  return { kind: "out", source: "sale", place: placeOf(day, 2, id), location: "main", qty, reservations };
}

export function cameBack(
  day: number,
  id: string,
  sale: string,
  qty: bigint,
  how: "restock" | "lost" | "write-off" = "restock",
): Back {
  const place = placeOf(day, 3, id);
  return {
    kind: "back",
    place,
    location: "main",
    sale,
    qty,
    restock: how === "restock",
    writeOff: how === "write-off",
  };
}

export function wholeFold(steps: readonly Step[], graceDays = 0): CostingInput {
  return { graceDays, steps, openLots: [], earlierSales: [] };
}

type Draw = Readonly<{
  what: number;
  day: number;
  hour: number | null;
  qty: number;
  cost: number;
  pick: number;
  part: number;
}>;

const draw: fc.Arbitrary<Draw> = fc.record({
  what: fc.nat({ max: 99 }),
  day: fc.nat({ max: 12 }),
  hour: fc.option(fc.nat({ max: 3 })),
  qty: fc.integer({ min: 1, max: 9 }),
  cost: fc.nat({ max: 1000 }),
  pick: fc.nat({ max: 1000 }),
  part: fc.integer({ min: 1, max: 9 }),
});

/** A history in the making: what is left of each lot for pins, of each sale for pins and for returns. */
function historyOf(draws: readonly Draw[]): Step[] {
  const ins: Inward[] = [];
  const outs: { out: Outward; pins: Map<string, bigint> }[] = [];
  const backs: Back[] = [];
  const freeOfLot = new Map<string, bigint>();
  const returnable = new Map<string, bigint>();
  for (const [index, { what, day, hour, qty, cost, pick, part }] of draws.entries()) {
    // Ids in an order that is not the order of making, some astral, so that ties are told by the id alone.
    const id = `${["b", "a", "\u{1f600}", "\uff41"][index % 4]}${(index * 7) % 10}-${index}`;
    const at = hour === null ? null : BigInt(hour);
    const place = (phase: Phase, on = day) => placeOf(on, phase, id, at);
    const quantity = BigInt(qty);
    const lot = ins.length === 0 ? undefined : ins[pick % ins.length];
    const sale = outs.length === 0 ? undefined : outs[pick % outs.length];
    if (what < 30) {
      const source = (["purchase", "purchase", "found", "opening", "loose-return"] as const)[pick % 5] ?? "purchase";
      ins.push({
        kind: "in",
        source,
        place: place(source === "loose-return" ? 3 : 0),
        location: "main",
        qty: quantity,
        cost: BigInt(cost),
      });
      if (source !== "loose-return") freeOfLot.set(id, quantity);
    } else if (what < 62) {
      const source = what < 58 ? "sale" : "lost";
      const out: Outward = { kind: "out", source, place: place(2), location: "main", qty: quantity, reservations: [] };
      outs.push({ out, pins: new Map() });
      if (source === "sale") returnable.set(id, quantity);
    } else if (what < 74 && lot !== undefined && sale?.out.source === "sale") {
      const pinned = [...sale.pins.values()].reduce((sum, each) => sum + each, 0n);
      const size = smaller(smaller(BigInt(part), freeOfLot.get(lot.place.id) ?? 0n), sale.out.qty - pinned);
      if (size <= 0n || sale.pins.has(lot.place.id)) continue;
      sale.pins.set(lot.place.id, size);
      freeOfLot.set(lot.place.id, (freeOfLot.get(lot.place.id) ?? 0n) - size);
    } else if (what < 80 && sale?.out.source === "sale") {
      const pinned = [...sale.pins.values()].reduce((sum, each) => sum + each, 0n);
      const size = smaller(BigInt(part), sale.out.qty - pinned);
      if (size <= 0n) continue;
      ins.push({
        kind: "in",
        source: "backfill",
        place: placeOf(day, 0, id),
        location: "main",
        qty: size,
        cost: BigInt(cost),
      });
      sale.pins.set(id, size);
      freeOfLot.set(id, 0n);
    } else if (what < 86 && lot?.source === "purchase") {
      const size = smaller(BigInt(part), freeOfLot.get(lot.place.id) ?? 0n);
      if (size <= 0n) continue;
      const out: Outward = {
        kind: "out",
        source: "purchase-return",
        place: place(2),
        location: "main",
        qty: size,
        reservations: [],
      };
      outs.push({ out, pins: new Map([[lot.place.id, size]]) });
      freeOfLot.set(lot.place.id, (freeOfLot.get(lot.place.id) ?? 0n) - size);
    } else if (sale?.out.source === "sale") {
      const size = smaller(BigInt(part), returnable.get(sale.out.place.id) ?? 0n);
      if (size <= 0n) continue;
      returnable.set(sale.out.place.id, (returnable.get(sale.out.place.id) ?? 0n) - size);
      const how = (["restock", "restock", "restock", "write-off", "lost"] as const)[pick % 5] ?? "restock";
      const [, later = FIRST_DAY] = [sale.out.place.on, addDays(FIRST_DAY, day)].sort();
      const back = cameBack(0, id, sale.out.place.id, size, how);
      backs.push({ ...back, place: { ...place(3), on: later } });
    }
  }
  const pinnedOuts = outs.map(({ out, pins }) => ({
    ...out,
    reservations: [...pins].map(([lot, qty]) => ({ lot, qty })),
  }));
  return [...ins, ...pinnedOuts, ...backs];
}

/** Steps of a random history, in the order of making. */
export const anyHistory: fc.Arbitrary<Step[]> = fc.array(draw, { minLength: 1, maxLength: 60 }).map(historyOf);

/** What a fold from `day` on begins with, read off the whole fold's result. */
export function stateBefore(day: string, input: CostingInput, whole: CostingResult): CostingInput {
  const outBy = new Map(input.steps.flatMap((step) => (step.kind === "out" ? [[step.place.id, step] as const] : [])));
  const backBy = new Map(input.steps.flatMap((step) => (step.kind === "back" ? [[step.place.id, step] as const] : [])));
  const steps = input.steps.filter((step) => step.place.on >= day);

  const taken = new Map<string, bigint>();
  const reservedTaken = new Map<string, bigint>();
  for (const row of whole.outs) {
    if ((outBy.get(row.id)?.place.on ?? "") >= day) continue;
    for (const { lot, qty, reserved } of row.allocations) {
      const counts = reserved ? reservedTaken : taken;
      counts.set(lot, (counts.get(lot) ?? 0n) + qty);
    }
  }
  const openLots: OpenLot[] = [];
  for (const lot of whole.lots) {
    const counts = { taken: taken.get(lot.id) ?? 0n, reservedTaken: reservedTaken.get(lot.id) ?? 0n };
    const earlier = lot.place.on < day;
    const open = lot.qty - lot.reserved - counts.taken > 0n || lot.reserved - counts.reservedTaken > 0n;
    const touched = counts.taken + counts.reservedTaken > 0n;
    if (earlier ? open : touched) {
      const { id, source, place, location, qty, cost, reserved } = lot;
      openLots.push({ id, source, place, location, qty, cost, reserved, ...counts });
    }
  }

  const needed = new Set(steps.flatMap((step) => (step.kind === "back" ? [step.sale] : [])));
  const earlierSales: EarlierSale[] = [];
  for (const row of whole.outs) {
    if (!needed.has(row.id) || (outBy.get(row.id)?.place.on ?? "") >= day) continue;
    const backs = whole.backs.filter((back) => back.sale === row.id && (backBy.get(back.id)?.place.on ?? "") < day);
    const allocations = row.allocations.map(({ lot, qty, cost }, index) => {
      const parts = backs.flatMap((back) => back.parts.filter((part) => part.allocation === index));
      return { lot, qty, cost, back: parts.reduce((sum, part) => sum + part.qty, 0n) };
    });
    const cancelled = backs.reduce((sum, back) => sum + back.cancelled, 0n);
    earlierSales.push({
      id: row.id,
      qty: outBy.get(row.id)?.qty ?? 0n,
      allocations,
      shortage: row.shortage - cancelled,
    });
  }
  return { graceDays: input.graceDays, steps, openLots, earlierSales };
}
