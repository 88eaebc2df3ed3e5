/**
 * The set of facts: what is recorded, what was undone, and whether one fact more may be recorded.
 */
import { type KnownFact, key, keyOf, Refused, Wrong } from "./facts";
import { backfilled, type Live, salesOf, sourcesOf } from "./live";
import { matchLines } from "./match";
import { readFact } from "./read";

export class Book {
  /** Every fact ever recorded, undone or not, with its content. */
  private readonly recorded = new Map<string, { fact: KnownFact; content: string }>();
  private readonly undone = new Set<string>();
  /** Line ids and backfill ids are unique in the file, also those of facts that were undone. */
  private readonly lineIds = new Set<string>();
  private lines = 0;
  private readonly strict: boolean;

  /** `strict` refuses also a pin that only its listing's lost match holds (`remote` in match.ts). */
  constructor(options: { strict: boolean } = { strict: false }) {
    this.strict = options.strict;
  }

  /** Records the next line of the file. Throws `Refused`, and then holds what it held before. */
  add(line: unknown): void {
    try {
      this.record(line);
    } catch (error) {
      if (error instanceof Wrong) throw new Refused(this.lines + 1, error.code, error.message);
      throw error;
    }
    this.lines += 1;
  }

  private record(line: unknown): void {
    const fact = readFact(line);
    const id = keyOf(fact);
    const content = JSON.stringify(fact);
    const before = this.recorded.get(id);
    if (before !== undefined) {
      if (before.content !== content) throw new Wrong("different", `${id} is there with other content`);
      return;
    }
    this.checkPlace(fact);
    const ids = lineIdsOf(fact);
    for (const [i, lineId] of ids.entries())
      if (this.lineIds.has(lineId) || ids.indexOf(lineId) !== i) throw new Wrong("duplicate_id", lineId);
    if (fact.kind === "undo") this.checkUndo(fact.target);
    else checkNames(fact, this.live());

    this.recorded.set(id, { fact, content });
    if (fact.kind === "undo") this.undone.add(fact.target);
    try {
      checkSet(this.live(), this.strict);
    } catch (error) {
      this.recorded.delete(id);
      if (fact.kind === "undo") this.undone.delete(fact.target);
      throw error;
    }
    for (const lineId of ids) this.lineIds.add(lineId);
  }

  private checkPlace(fact: KnownFact): void {
    if (fact.kind === "business" && this.lines > 0) throw new Wrong("out_of_place", "business is the first line");
    if (fact.kind === "location")
      for (const { fact: other } of this.recorded.values())
        if (other.kind !== "business" && other.kind !== "location")
          throw new Wrong("out_of_place", "locations come before other facts");
  }

  private checkUndo(target: string): void {
    if (!this.recorded.has(target)) throw new Wrong("unknown_id", target);
    const owners = new Map<string, string>();
    for (const [id, { fact }] of this.recorded) for (const lineId of lineIdsOf(fact)) owners.set(lineId, id);
    for (const [id, { fact }] of this.recorded) {
      if (id === target || fact.kind === "undo" || this.undone.has(id)) continue;
      if (namesOf(fact, owners).includes(target)) throw new Wrong("named", `${id} names ${target}`);
    }
  }

  live(): Live {
    const live: Live = {
      zone: "UTC",
      grace: 0,
      locations: [],
      items: [],
      openings: [],
      purchases: [],
      orders: [],
      returns: [],
      strayReturns: [],
      purchaseReturns: [],
      transfers: [],
      adjustments: [],
      payouts: [],
      pins: [],
      backfills: [],
      matches: [],
    };
    for (const [id, { fact }] of this.recorded) if (!this.undone.has(id)) sortIn(live, fact);
    if (live.locations.length === 0) live.locations.push("main");
    return live;
  }
}

function sortIn(live: Live, fact: KnownFact): void {
  switch (fact.kind) {
    case "business":
      live.zone = fact.time_zone;
      live.grace = fact.grace_days;
      return;
    case "location":
      live.locations.push(fact.id);
      return;
    case "item":
      live.items.push(fact);
      return;
    case "opening":
      live.openings.push(fact);
      return;
    case "purchase":
      live.purchases.push(fact);
      return;
    case "order":
      live.orders.push(fact);
      return;
    case "return":
      if (fact.order === null) live.strayReturns.push(fact);
      else live.returns.push(fact);
      return;
    case "purchase_return":
      live.purchaseReturns.push(fact);
      return;
    case "transfer":
      live.transfers.push(fact);
      return;
    case "adjustment":
      live.adjustments.push(fact);
      return;
    case "payout":
      live.payouts.push(fact);
      return;
    case "pin":
      live.pins.push(fact);
      return;
    case "backfill":
      live.backfills.push(fact);
      return;
    case "match":
      live.matches.push(fact);
      return;
    case "undo":
    case "close": // decides in which period an entry counts, and the result has no periods
      return;
  }
}

/** The line and backfill ids that a fact brings. */
function lineIdsOf(fact: KnownFact): string[] {
  if (fact.kind === "backfill") return [fact.id];
  return "lines" in fact ? fact.lines.map((l) => l.id) : [];
}

/** The keys of the facts that a fact names. */
function namesOf(fact: KnownFact, owners: ReadonlyMap<string, string>): string[] {
  const names: string[] = [];
  const owner = (lineId: string) => names.push(owners.get(lineId) ?? "");
  if ("lines" in fact)
    for (const line of fact.lines) {
      if ("item" in line) names.push(key("item", line.item));
      if ("line" in line) owner(line.line);
    }
  if (fact.kind === "return" && fact.order !== null) names.push(key("order", fact.order));
  if (fact.kind === "purchase_return") names.push(key("purchase", fact.purchase));
  if (fact.kind === "pin" || fact.kind === "backfill" || fact.kind === "match") owner(fact.sale);
  if (fact.kind === "pin") owner(fact.lot);
  if (fact.kind === "match") names.push(key("item", fact.item));
  return names;
}

/** Every id that a new fact names is known, and is of the right sort. */
function checkNames(fact: KnownFact, live: Live): void {
  const known = (yes: boolean, what: string) => {
    if (!yes) throw new Wrong("unknown_id", what);
  };
  const item = (id: string) =>
    known(
      live.items.some((i) => i.id === id),
      `item ${id}`,
    );
  const location = (id: string | null) => known(id === null || live.locations.includes(id), `location ${id}`);
  const sales = salesOf(live);
  switch (fact.kind) {
    case "opening":
    case "purchase":
      for (const line of fact.lines) {
        item(line.item);
        location(line.location);
      }
      return;
    case "order":
      for (const line of fact.lines) location(line.location);
      return;
    case "return":
      if (fact.order === null) {
        for (const line of fact.lines) {
          item(line.item);
          location(line.location);
        }
        return;
      }
      known(
        live.orders.some((o) => o.id === fact.order),
        `order ${fact.order}`,
      );
      for (const line of fact.lines) {
        const sale = sales.get(line.line);
        if (sale === undefined || sale.order.id !== fact.order)
          throw new Wrong("unknown_id", `line ${line.line} of order ${fact.order}`);
        if (fact.date < sale.date) throw new Wrong("return_before_sale", line.id);
        location(line.location);
      }
      return;
    case "purchase_return": {
      const purchase = live.purchases.find((p) => p.id === fact.purchase);
      known(purchase !== undefined, `purchase ${fact.purchase}`);
      for (const line of fact.lines)
        known(
          purchase?.lines.some((l) => l.id === line.line) ?? false,
          `line ${line.line} of purchase ${fact.purchase}`,
        );
      return;
    }
    case "transfer":
      location(fact.from);
      location(fact.to);
      for (const line of fact.lines) item(line.item);
      return;
    case "adjustment":
      location(fact.location);
      for (const line of fact.lines) item(line.item);
      return;
    case "pin": {
      known(sales.has(fact.sale), `sale ${fact.sale}`);
      if (sourcesOf(live).has(fact.lot)) return;
      const returned = [...live.returns, ...live.strayReturns].some((r) => r.lines.some((l) => l.id === fact.lot));
      if (returned || live.backfills.some((b) => b.id === fact.lot))
        throw new Wrong("does_not_fit", `${fact.lot} is a lot that no pin may name`);
      throw new Wrong("unknown_id", `lot ${fact.lot}`);
    }
    case "backfill":
      known(sales.has(fact.sale), `sale ${fact.sale}`);
      return;
    case "match":
      known(sales.has(fact.sale), `sale ${fact.sale}`);
      item(fact.item);
      return;
    default:
      return;
  }
}

/** What must hold for the facts together: nothing is promised twice. */
function checkSet(live: Live, strict: boolean): void {
  const sales = salesOf(live);
  const sources = sourcesOf(live);

  const promised = new Map<string, bigint>();
  const ofLots = new Map<string, bigint>();
  const returned = new Map<string, bigint>();
  const grow = (of: Map<string, bigint>, id: string, by: number) => of.set(id, (of.get(id) ?? 0n) + BigInt(by));
  for (const pin of live.pins) {
    grow(promised, pin.sale, pin.qty);
    grow(ofLots, pin.lot, pin.qty);
  }
  for (const backfill of live.backfills) {
    const sale = sales.get(backfill.sale);
    if (sale === undefined) throw new Error(`no sale ${backfill.sale}`);
    grow(promised, backfill.sale, backfilled(backfill, sale));
  }
  for (const fact of live.purchaseReturns) for (const line of fact.lines) grow(ofLots, line.line, line.qty);
  for (const fact of live.returns) for (const line of fact.lines) grow(returned, line.line, line.qty);

  for (const [id, qty] of promised)
    if (qty > BigInt(sales.get(id)?.line.qty ?? 0))
      throw new Wrong("does_not_fit", `pins and backfills of ${id} come to more than its quantity`);
  for (const [id, qty] of ofLots)
    if (qty > BigInt(sources.get(id)?.qty ?? 0))
      throw new Wrong("does_not_fit", `pins and purchase returns of ${id} come to more than its quantity`);
  for (const [id, qty] of returned)
    if (qty > BigInt(sales.get(id)?.line.qty ?? 0))
      throw new Wrong("too_many_returned", `returns of ${id} come to more than its quantity`);

  // Refuses a pin whose lot is not of its line's item.
  const matches = matchLines(live);
  if (strict && [...matches.values()].some((m) => m.remote))
    throw new Wrong("does_not_fit", "a pin is held by its listing alone");
}
