/** The random histories themselves: undo over all kinds, the corners that they reach, and the wrong facts at their ends. */
import { describe, expect, it } from "vitest";
import { type Fact, history, refusedHistory } from "../histories";
import { naive, Refused, type Result } from "./index";
import { compareText } from "./order";
import { when } from "./time";

const SEEDS = Array.from({ length: 250 }, (_, i) => i + 1);

/** Runs a check over seeds and says which one failed. */
function forSeeds(seeds: readonly number[], check: (seed: number, facts: Fact[]) => void): void {
  for (const seed of seeds) {
    try {
      check(seed, history(seed));
    } catch (error) {
      throw new Error(`seed ${seed}`, { cause: error });
    }
  }
}

describe("random histories", () => {
  it("reads after an undo as if the fact had never been there (M12)", { timeout: 120_000 }, () => {
    const undone = new Set<string>();
    forSeeds(SEEDS, (_, facts) => {
      const keys = facts.map((f) => JSON.stringify(undoOf(f)));
      const last = facts.findLastIndex((f, i) => isUndoable(f) && keys.indexOf(keys[i] ?? "") === i);
      const fact = facts[last];
      if (fact === undefined) return;
      const before = facts.slice(0, last);
      undone.add(fact.kind);
      const after = naive([...before, fact, undoOf(fact)]);
      expect(after).toEqual(naive(before));
      expect(naive([...before, fact, undoOf(fact), fact])).toEqual(after);
    });
    expect([...undone].sort()).toEqual(
      expect.arrayContaining(["adjustment", "assembly", "backfill", "match", "order", "pin", "purchase", "return"]),
    );
  });

  it("hold every kind of fact and the corners of the rules", { timeout: 120_000 }, () => {
    const seen = new Map<string, number>();
    forSeeds(SEEDS, (_, facts) => {
      for (const what of cornersOf(facts, naive(facts))) seen.set(what, (seen.get(what) ?? 0) + 1);
    });
    expect(CORNERS.filter((what) => (seen.get(what) ?? 0) < 3)).toEqual([]);
  });

  it("gives the same history for the same seed and another for another", () => {
    expect(history(7)).toEqual(history(7));
    expect(history(7)).not.toEqual(history(8));
    // A ring or a chain is kept whole, and so may go beyond what was asked for.
    expect([25, 26, 27]).toContain(history(7, 25).length);
  });

  it("refuses the wrong fact at the end, and only that", { timeout: 120_000 }, () => {
    const codes = new Set<string>();
    for (const seed of SEEDS) {
      const { facts, line, code } = refusedHistory(seed);
      expect(line).toBe(facts.length);
      expect(() => naive(facts)).toThrow(Refused);
      expect(naive(facts.slice(0, -1)).sales).toBeDefined();
      codes.add(code);
    }
    expect(codes.size).toBeGreaterThanOrEqual(9);
  });
});

/** What random histories must reach, each in three of them at least. */
const CORNERS = [
  ...["adjustment", "assembly", "backfill", "business", "close", "item", "location", "match", "opening", "order"],
  ...["payout", "pin", "purchase", "purchase_return", "return", "transfer"],
  ...["assembly", "backfill", "item", "match", "opening", "order", "pin", "purchase", "return", "transfer"].map(
    (kind) => `undo of ${kind}`,
  ),
  ...["hand", "listing", "name", "null", "sku"].map((by) => `matched by ${by}`),
  "a big amount",
  "a bundle in a bundle",
  "a bundle sold",
  "a bundle returned",
  "a bundle of a component twice",
  "a bundle's line pinned",
  "a bundle's line pinned and returned",
  "a close in the middle",
  "a bundle of two names",
  "a first output of no share",
  "a line returned twice in one return",
  "a place of what is not put back",
  "a purchase return of several lines",
  "an order of several fees",
  "an order of fees below nothing",
  "an order without lines",
  "another currency",
  "channels beyond ASCII",
  "many channels",
  "production without inputs",
  "times that differ below the microsecond",
  "few facts",
  "a lot of no item",
  "a lot made by a transfer",
  "a lot made by a transfer and moved again",
  "many facts",
  "a purchase return in pool location",
  "a return of several lots",
  "a return to another location",
  "a return without order",
  "a sale costed in part",
  "a sale from several lots",
  "a sale of what a return brought",
  "a sale of what a transfer brought",
  "a sale of what production made",
  "a sale within grace",
  "a sale without cost",
  "a transfer and production of one id on one day",
  "a transfer of several lots of one line",
  "a transfer that takes days",
  "an id out of UTF-16 order",
  "an input made by production",
  "an order near midnight",
  "an order with a time",
  "overhead from another account",
  "pinned production",
  "pool location",
  "production from nothing that cost",
  "production of nothing by its share",
  "production on one day both ways",
  "something to detail",
  "the same instant written differently",
  "written off",
];

/** Which of the corners a history reaches. */
function cornersOf(facts: readonly Fact[], result: Result): Set<string> {
  const has = new Set<string>();
  const mark = (what: string, is: boolean) => {
    if (is) has.add(what);
  };
  const business = facts.find((f) => f.kind === "business");
  const isByLocation = business?.pool === "location";
  const lots = new Map(result.lots.map((l) => [l.lot, l]));
  const lines = (fact: Fact): { id: string; item?: string; line?: string; location?: string; qty: number }[] =>
    Array.isArray(fact.lines) ? fact.lines : [];
  const idsOf = (kind: string) =>
    new Set(facts.filter((f) => f.kind === kind).flatMap((f) => lines(f).map((l) => l.id)));
  const isOf = (ids: ReadonlySet<string>, lot: string) => ids.has(lot) || ids.has(lot.replace(/\.\d+$/, ""));
  const [returned, moved] = [idsOf("return"), idsOf("transfer")];
  const outputs = new Set(
    facts
      .flatMap((f) => (f.kind !== "assembly" ? [] : Array.isArray(f.outputs) ? f.outputs : [f.output]))
      .map((l) => l.id),
  );
  const bundles = new Set(facts.filter((f) => f.kind === "item" && f.components !== undefined).map((f) => f.id));
  const pinned = new Set(facts.filter((f) => f.kind === "pin").map((f) => `${f.sale} ${f.lot}`));
  const backLines = new Set(facts.filter((f) => f.kind === "return").flatMap((f) => lines(f).map((l) => l.line)));
  mark("pool location", isByLocation && facts.filter((f) => f.kind === "location").length > 1);
  mark("few facts", facts.length <= 5);
  mark("many facts", facts.length > 100);
  mark("something to detail", result.to_detail > 0);

  mark("another currency", business?.currency !== undefined);
  const channels = new Set(facts.map((f) => String(f.channel ?? "ebay")));
  mark("many channels", channels.size > 4);
  mark(
    "channels beyond ASCII",
    [...channels].some((name) => /[^ -~]/.test(name)),
  );
  const instants = new Map<string, string>();
  const days = new Map<string, Set<string>>();
  for (const [i, fact] of facts.entries()) {
    const fees: { amount: number }[] = Array.isArray(fact.fees) ? fact.fees : [];
    mark("an order of several fees", fees.length > 1);
    mark("an order of fees below nothing", fees.length > 1 && fees.reduce((sum, fee) => sum + fee.amount, 0) < 0);
    mark("an order without lines", fact.kind === "order" && lines(fact).length === 0);
    mark("times that differ below the microsecond", /[.]\d{6}\d*[1-9]/.test(String(fact.at)));
    mark("a purchase return of several lines", fact.kind === "purchase_return" && lines(fact).length > 1);
    mark("a bundle of two names", fact.components !== undefined && fact.aliases !== undefined);
    mark("production without inputs", Array.isArray(fact.inputs) && fact.inputs.length === 0);
    mark("a first output of no share", Array.isArray(fact.outputs) && fact.outputs[0]?.share === 0);
    if (fact.kind === "return") {
      const back: { line?: string; restock?: boolean; location?: string }[] = lines(fact);
      const of = back.flatMap((l) => (l.line === undefined ? [] : [l.line]));
      mark("a line returned twice in one return", new Set(of).size < of.length);
      mark(
        "a place of what is not put back",
        back.some((l) => l.restock === false && l.location !== undefined),
      );
    }
    has.add(fact.kind === "undo" ? `undo of ${fact.of}` : fact.kind);
    mark("a close in the middle", fact.kind === "close" && i < facts.length - 5);
    mark("a transfer that takes days", fact.kind === "transfer" && String(fact.arrives ?? "") > String(fact.date));
    mark("a return without order", fact.kind === "return" && fact.order === undefined);
    mark("written off", fact.kind === "return" && lines(fact).some((l) => "write_off" in l));
    mark("a return to another location", fact.kind === "return" && lines(fact).some((l) => l.location !== undefined));
    mark("a purchase return in pool location", isByLocation && fact.kind === "purchase_return");
    mark("overhead from another account", Number(fact.overhead ?? 0) > 0 && fact.account !== undefined);
    if (fact.kind === "order" && typeof fact.at === "string" && fact.at.length > 10) {
      has.add("an order with a time");
      const moment = when(fact.at, String(business?.time_zone ?? "UTC"));
      mark("an order near midnight", moment.date !== fact.at.slice(0, 10));
      const written = instants.get(String(moment.time));
      mark("the same instant written differently", written !== undefined && written !== fact.at);
      instants.set(String(moment.time), fact.at);
    }
    if (fact.kind === "item" && Array.isArray(fact.components)) {
      const items = fact.components.map((c) => c.item);
      mark(
        "a bundle in a bundle",
        items.some((item) => bundles.has(item)),
      );
      mark("a bundle of a component twice", new Set(items).size < items.length);
    }
    if (fact.kind === "assembly") {
      const made = Array.isArray(fact.outputs) ? fact.outputs : [fact.output];
      mark(
        "production of nothing by its share",
        made.some((l) => l.share === 0),
      );
      mark(
        "production from nothing that cost",
        made.every((l) => lots.get(l.id)?.amount === 0),
      );
      const used: { item: string }[] = Array.isArray(fact.inputs) ? fact.inputs : [];
      const ofDay = days.get(String(fact.date)) ?? new Set<string>();
      for (const a of used)
        for (const b of made) {
          mark(
            "an input made by production",
            [...ofDay].some((pair) => pair.endsWith(` ${a.item}`)),
          );
          mark("production on one day both ways", a.item !== b.item && ofDay.has(`${b.item} ${a.item}`));
          ofDay.add(`${a.item} ${b.item}`);
        }
      days.set(String(fact.date), ofDay);
      mark(
        "a transfer and production of one id on one day",
        facts.some((f) => f.kind === "transfer" && f.id === fact.id && [f.date, f.arrives].includes(fact.date)),
      );
    }
    if (fact.kind === "pin") mark("pinned production", outputs.has(fact.lot));
  }

  for (const sale of result.sales) {
    has.add(`matched by ${sale.matched_by}`);
    const order = facts.find((f) => f.kind === "order" && lines(f).some((l) => l.id === sale.line));
    mark("a sale costed in part", sale.uncosted > 0 && sale.cost > 0);
    mark("a sale without cost", sale.uncosted > 0 && sale.allocations.length === 0);
    mark("a sale from several lots", sale.allocations.length > 1);
    const isBundle = sale.item !== null && bundles.has(sale.item);
    const isPinned = sale.allocations.some((a) => pinned.has(`${sale.line} ${a.lot}`));
    mark("a bundle sold", isBundle && sale.cost > 0);
    mark("a bundle returned", isBundle && backLines.has(sale.line));
    mark("a bundle's line pinned", isBundle && isPinned);
    mark("a bundle's line pinned and returned", isBundle && isPinned && backLines.has(sale.line));
    for (const { lot } of sale.allocations) {
      mark("a sale of what a return brought", isOf(returned, lot));
      mark("a sale of what a transfer brought", isOf(moved, lot));
      mark("a sale of what production made", outputs.has(lot));
      const isChosen = pinned.has(`${sale.line} ${lot}`) || facts.some((f) => f.kind === "backfill" && f.id === lot);
      mark("a sale within grace", (lots.get(lot)?.date ?? "") > String(order?.at) && !isChosen);
    }
  }
  for (const { lot, amount, item } of result.lots) {
    mark("a return of several lots", lot.endsWith(".2") && isOf(returned, lot));
    mark("a transfer of several lots of one line", lot.endsWith(".2") && isOf(moved, lot));
    mark("a lot made by a transfer", isOf(moved, lot));
    mark("a big amount", amount > 2 ** 45);
    mark("a lot of no item", item === null);
  }
  const legs = facts.filter((f) => isByLocation && f.kind === "transfer" && lines(f).some((l) => lots.has(l.id)));
  mark(
    "a lot made by a transfer and moved again",
    legs.some((a) =>
      legs.some((b) => b.from === a.to && lines(a).some((l) => lines(b).some((m) => m.item === l.item))),
    ),
  );
  const ids = [...result.sales.map((s) => s.line), ...result.lots.map((l) => l.lot)];
  mark("an id out of UTF-16 order", JSON.stringify([...ids].sort()) !== JSON.stringify([...ids].sort(compareText)));
  return has;
}

function isUndoable(fact: Fact): boolean {
  return !["business", "location", "undo", "close"].includes(fact.kind);
}

function undoOf({ kind, id, sale, lot }: Fact): Fact {
  if (kind === "pin") return { kind: "undo", of: kind, sale, lot };
  if (kind === "match") return { kind: "undo", of: kind, sale };
  return { kind: "undo", of: kind, id };
}
