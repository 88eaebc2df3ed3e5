/**
 * The set of facts: what is recorded, what was undone, and whether one fact more may be recorded.
 */
import { checkDoubt } from "./doubt";
import { itemsOf, type KnownFact, key, keyOf, lineIdsOf, Refused, Wrong } from "./facts";
import type { Live } from "./live";
import { readFact } from "./read";
import { checkNames, checkSet } from "./valid";

export class Book {
  /** Every fact ever recorded, undone or not, with its content. */
  private readonly recorded = new Map<string, { fact: KnownFact; content: string }>();
  private readonly undone = new Set<string>();
  /** Line ids and backfill ids are unique in the file, also those of facts that were undone. */
  private readonly lineIds = new Set<string>();
  private lines = 0;
  private readonly strict: boolean;

  /** `strict` refuses also what the text can be read in more than one way for (doubt.ts). */
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
      const live = this.live();
      checkSet(live);
      if (this.strict) checkDoubt(live, this.ever());
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

  /** The facts that count. */
  live(): Live {
    return gather([...this.recorded].filter(([id]) => !this.undone.has(id)).map(([, { fact }]) => fact));
  }

  /** The facts that count, and those that did until they were undone. */
  private ever(): Live {
    return gather([...this.recorded.values()].map(({ fact }) => fact));
  }
}

function gather(facts: readonly KnownFact[]): Live {
  const live: Live = {
    zone: "UTC",
    pool: "business",
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
    assemblies: [],
    payouts: [],
    pins: [],
    backfills: [],
    matches: [],
  };
  for (const fact of facts) sortIn(live, fact);
  if (live.locations.length === 0) live.locations.push("main");
  return live;
}

function sortIn(live: Live, fact: KnownFact): void {
  switch (fact.kind) {
    case "business":
      live.zone = fact.time_zone;
      live.pool = fact.pool;
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
    case "assembly":
      live.assemblies.push(fact);
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

/** The keys of the facts that a fact names. */
function namesOf(fact: KnownFact, owners: ReadonlyMap<string, string>): string[] {
  const names = itemsOf(fact).map((item) => key("item", item));
  const owner = (lineId: string) => names.push(owners.get(lineId) ?? "");
  if ("lines" in fact) for (const line of fact.lines) if ("line" in line) owner(line.line);
  if (fact.kind === "return" && fact.order !== null) names.push(key("order", fact.order));
  if (fact.kind === "purchase_return") names.push(key("purchase", fact.purchase));
  if (fact.kind === "pin" || fact.kind === "backfill" || fact.kind === "match") owner(fact.sale);
  if (fact.kind === "pin") owner(fact.lot);
  return names;
}
