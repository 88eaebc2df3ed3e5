/**
 * Random histories for tests: every kind of fact of replay.md, in a random order of recording, with small numbers so that
 * rounding bites. A fact is proposed without much care and kept only if the naive implementation accepts it.
 */
import { BUNDLE_SPELLINGS, SPELLINGS, type Spelling, ZONES } from "./history-choices";
import { type Fact, Inside } from "./history-inside";
import { Book, naive, Refused, resultOf } from "./naive/index";
import { Random } from "./naive/random";
import { wrongFacts } from "./naive/wrong";

export type { Fact } from "./history-inside";
export { shuffled } from "./naive/shuffle";

const FEES = ["payment", "processing", "advertising", "shipping", "label", "listing"];

interface SaleLine {
  id: string;
  order: string;
  date: string;
  qty: number;
  bundle: boolean;
}

/** A random valid history of about `size` facts, the same for the same seed. */
export function history(seed: number, size?: number): Fact[] {
  return new Maker(seed).make(size);
}

class Maker extends Inside {
  /** Strict: nothing that the text can be read in more than one way for (naive/doubt.ts). */
  private readonly book = new Book({ strict: true });
  /** How many items are stocked, and how many bundles are made of them. */
  private readonly kinds = this.random.whole(1, 4);
  private readonly bundles = this.random.chance(0.6) ? this.random.whole(1, 3) : 0;
  private items: { id: string; spelling: Spelling; bundle: boolean }[] = [];
  private sales: SaleLine[] = [];

  make(size?: number): Fact[] {
    const random = this.random;
    const wanted =
      size ??
      random.pick([random.whole(3, 9), random.whole(10, 40), random.whole(20, 70), random.whole(30, 80)]) +
        (random.chance(0.08) ? 70 : 0);
    const isByLocation = random.chance(0.45);
    if (isByLocation || random.chance(0.6))
      this.keep({
        kind: "business",
        ...(random.chance(0.5) ? { time_zone: random.pick(ZONES) } : {}),
        ...this.currency(),
        ...(random.chance(0.5) ? { grace_days: random.pick([0, 1, 3, 10]) } : {}),
        ...(isByLocation ? { pool: "location" } : random.chance(0.2) ? { pool: "business" } : {}),
      });
    const places = isByLocation ? random.pick([0, 1, 2, 2, 3, 3, 3]) : random.whole(0, 3);
    for (const id of ["shelf", "depot", "Annex"].slice(0, Math.min(places, wanted - 2)))
      if (this.keep({ kind: "location", id, name: id })) this.locations.push(id);
    this.item();

    // Each history leans to some kinds of facts and leaves out others, so that few things meet often.
    const steps = this.steps().map(([weight, step]): [number, () => void] => [
      weight > 20 ? weight : weight * random.pick([0, 1, 1, 2, 4]),
      step,
    ]);
    for (let tries = 0; this.facts.length < wanted && tries < wanted * 20; tries++) {
      this.cursor = Math.min(this.span, this.facts.length * (this.span / wanted));
      if (this.items.length < this.kinds && random.chance(0.06)) this.item();
      else if (this.items.filter((i) => i.bundle).length < this.bundles && random.chance(0.06)) this.bundle();
      else this.propose(steps);
    }
    resultOf(this.book); // Every sum is an exact number, and rule 14 holds.
    return this.facts;
  }

  protected override keep(fact: Fact): boolean {
    try {
      this.book.add(fact);
    } catch (error) {
      if (error instanceof Refused) return false;
      throw error;
    }
    this.facts.push(fact);
    return true;
  }

  private steps(): [number, () => void][] {
    const random = this.random;
    return [
      [2, () => this.opening()],
      [22, () => this.purchase()],
      [30, () => this.order()],
      [11, () => this.saleReturn()],
      [2, () => this.strayReturn()],
      [5, () => this.purchaseReturn()],
      [8, () => this.transfer()],
      [2, () => this.ring()],
      [7, () => this.adjustment()],
      [8, () => this.assembly()],
      [2, () => this.chain()],
      [1, () => this.payout()],
      [11, () => this.pin()],
      [5, () => this.backfill()],
      [5, () => this.match()],
      [6, () => this.undo()],
      [2, () => this.keep({ kind: "close", through: this.date() })],
      [2, () => this.keep({ ...random.pick(this.facts) })],
    ];
  }

  private propose(steps: readonly [number, () => void][]): void {
    let left = this.random.whole(
      1,
      steps.reduce((sum, [weight]) => sum + weight, 0),
    );
    for (const [weight, step] of steps) {
      left -= weight;
      if (left > 0) continue;
      step();
      return;
    }
  }

  private item(): void {
    const random = this.random;
    const free = SPELLINGS.filter((s) => !this.items.some((i) => i.spelling === s));
    const spelling = free.length > 0 && random.chance(0.93) ? random.pick(free) : random.pick(SPELLINGS);
    const fact = {
      kind: "item",
      id: this.id("i"),
      name: random.chance(0.8) ? spelling.name : `${spelling.name} II`,
      ...(spelling.sku !== "" && random.chance(0.85) ? { sku: spelling.sku } : {}),
      ...(random.chance(0.4) ? { decimals: random.whole(0, 3) } : {}),
      ...(random.chance(0.3) ? { aliases: [random.pick(spelling.names)] } : {}),
      ...(random.chance(0.08) ? { aliases: [random.pick(SPELLINGS).name, "Thing"] } : {}),
    };
    if (this.keep(fact)) this.items.push({ id: fact.id, spelling, bundle: false });
  }

  /** Of items and other bundles, some of them named twice; now and then with the SKU or name of an item. */
  private bundle(): void {
    const random = this.random;
    const spelling = random.chance(0.9) ? random.pick(BUNDLE_SPELLINGS) : random.pick(SPELLINGS);
    const parts = Array.from({ length: random.whole(1, 3) }, () => ({
      item: random.pick(this.items).id,
      qty: random.whole(1, 3),
    }));
    const fact = {
      kind: "item",
      id: this.id("k"),
      name: spelling.name,
      ...(spelling.sku === "" ? {} : { sku: spelling.sku }),
      ...(random.chance(0.2) ? { aliases: [random.pick(BUNDLE_SPELLINGS).names[0], "Other thing"] } : {}),
      components: parts,
    };
    if (this.keep(fact)) this.items.push({ id: fact.id, spelling, bundle: true });
  }

  /** An item that can be stocked: there is always one, as `undo` sees to it. */
  protected override stocked(): string {
    return this.random.pick(this.items.filter((i) => !i.bundle)).id;
  }

  private stockLines(id: string): { id: string; item: string; qty: number; amount: number; location?: string }[] {
    const isFree = this.random.chance(0.05);
    return this.lineIds(id).map((line) => ({
      id: line,
      item: this.stocked(),
      qty: this.qty(11),
      amount: isFree ? 0 : this.amount(),
      ...this.place(),
    }));
  }

  private opening(): void {
    const id = this.id("g");
    const lines = this.stockLines(id);
    if (this.keep({ kind: "opening", id, date: this.date(), lines }))
      for (const l of lines) this.lots.push({ id: l.id, purchase: null, qty: l.qty });
  }

  private purchase(): void {
    const random = this.random;
    const id = this.id("p");
    const lines = random.chance(0.06) ? [] : this.stockLines(id);
    const extra = random.chance(0.4) ? random.whole(0, 31) : 0;
    const rest = random.chance(0.2) ? random.whole(0, 50) : 0;
    const amount = lines.reduce((sum, l) => sum + l.amount, extra + rest);
    const fact = { kind: "purchase", id, date: this.date(), amount, lines, ...(extra > 0 ? { extra } : {}) };
    if (this.keep(fact)) for (const l of lines) this.lots.push({ id: l.id, purchase: id, qty: l.qty });
  }

  private order(): void {
    const random = this.random;
    const id = this.id("o");
    const bundles = new Set<string>();
    const ids = random.chance(0.03) ? [] : this.lineIds(id);
    const lines = ids.map((line) => {
      const { spelling, bundle } = random.pick(this.items);
      const known = random.chance(0.75);
      if (bundle) bundles.add(line);
      return {
        id: line,
        ...(random.chance(0.65)
          ? { sku: random.pick([spelling.sku, spelling.sku, ...spelling.variants, "no such"]) }
          : {}),
        name: known ? random.pick([spelling.name, ...spelling.names]) : random.pick(["", "Thing", "Other thing"]),
        ...(random.chance(0.4) ? { listing: random.pick(["L1", "L2", "l1", spelling.name]) } : {}),
        qty: this.qty(5),
        amount: this.amount(),
        ...this.place(),
      };
    });
    const date = this.date();
    const fact = {
      kind: "order",
      id,
      channel: this.channel(),
      at: this.at(date),
      lines,
      ...(random.chance(0.3) ? { shipping: random.whole(0, 99) } : {}),
      ...(random.chance(0.3) ? { tax: random.whole(0, 99) } : {}),
      ...(random.chance(0.3) ? { tax_by: random.pick(["seller", "channel"]) } : {}),
      ...(random.chance(0.2) ? { discount: random.whole(0, 20) } : {}),
      ...(random.chance(0.5) ? { fees: this.fees() } : {}),
    };
    if (!this.keep(fact)) return;
    for (const l of lines) this.sales.push({ id: l.id, order: id, date, qty: l.qty, bundle: bundles.has(l.id) });
  }

  /** Mostly one; several may be of one kind, and come to less than nothing. */
  private fees(): { kind: string; amount: number }[] {
    const { random } = this;
    const count = random.chance(0.75) ? 1 : random.whole(0, 4);
    return Array.from({ length: count }, () => ({ kind: random.pick(FEES), amount: random.whole(-9, 40) }));
  }

  private saleReturn(): void {
    const random = this.random;
    if (this.sales.length === 0) return;
    const { order, date } = random.pick(this.sales);
    const id = this.id("r");
    const lines = this.sales
      .filter((s, i) => s.order === order && (i % 2 === 0 || random.chance(0.7)))
      // A line may come back in parts, each with a line of its own.
      .flatMap((s) => (random.chance(0.1) ? [s, s] : [s]))
      .map((s, i) => {
        const restock = random.chance(0.65);
        return {
          id: `${id}-${i + 1}`,
          line: s.id,
          qty: random.whole(1, s.qty),
          amount: random.whole(0, 60),
          restock,
          ...(!restock && random.chance(0.6) ? { write_off: true } : {}),
          // What is not put back has no place, and one that is given says nothing.
          ...(restock || random.chance(0.2) ? this.place() : {}),
        };
      });
    if (lines.length === 0) return;
    // The format knows neither on a return: whatever they say, they are passed over.
    const beside = {
      ...(random.chance(0.1) ? { tax: random.whole(-9, 20) } : {}),
      ...(random.chance(0.1) ? { shipping: random.whole(-9, 20) } : {}),
    };
    this.keep({ kind: "return", id, date: this.day(date, random.whole(0, 12)), order, ...beside, lines });
  }

  private strayReturn(): void {
    const id = this.id("r");
    const lines = this.stockLines(id).map((l) => ({ ...l, cost: this.random.whole(0, 300) }));
    this.keep({ kind: "return", id, date: this.date(), channel: this.channel(), lines });
  }

  private purchaseReturn(): void {
    const bought = this.lots.filter((l) => l.purchase !== null);
    if (bought.length === 0) return;
    const lot = this.random.pick(bought);
    const id = this.id("v");
    // Several lines of its purchase at times, one of them perhaps twice.
    const beside = this.random.chance(0.4) ? bought.filter((l) => l.purchase === lot.purchase) : [];
    const lines = [lot, ...beside].map((l, i) => ({
      id: `${id}-${i + 1}`,
      line: l.id,
      qty: this.part(l.qty),
      amount: this.random.whole(0, 300),
    }));
    this.keep({ kind: "purchase_return", id, date: this.date(), purchase: lot.purchase, lines });
  }

  private adjustment(): void {
    const random = this.random;
    const id = this.id("a");
    const lines = this.lineIds(id).map((line) => {
      const item = this.stocked();
      if (random.chance(0.55)) return { id: line, item, qty: -random.whole(1, 5) };
      return { id: line, item, qty: random.whole(1, 5), ...(random.chance(0.7) ? { amount: this.amount() } : {}) };
    });
    if (!this.keep({ kind: "adjustment", id, date: this.date(), ...this.place(), lines })) return;
    for (const l of lines) if (l.qty > 0) this.lots.push({ id: l.id, purchase: null, qty: l.qty });
  }

  private payout(): void {
    const [id, channel] = [this.id("y"), this.channel()];
    this.keep({ kind: "payout", id, channel, date: this.date(), amount: this.amount() });
  }

  private pin(): void {
    if (this.sales.length === 0 || this.lots.length === 0) return;
    const bundled = this.sales.filter((s) => s.bundle);
    const sale = this.random.pick(bundled.length > 0 && this.random.chance(0.4) ? bundled : this.sales);
    // Most pairs are of different items or places and are refused, so several are tried.
    for (let i = 0; i < 6; i++) {
      const lot = this.random.pick(this.lots);
      const most = Math.min(sale.qty * (sale.bundle ? 2 : 1), lot.qty);
      if (this.keep({ kind: "pin", sale: sale.id, lot: lot.id, qty: this.part(most) })) return;
    }
  }

  private backfill(): void {
    if (this.sales.length === 0) return;
    const random = this.random;
    const sale = random.pick(this.sales);
    const qty = random.chance(0.7) ? { qty: this.part(sale.qty) } : {};
    const amount = random.whole(0, 400);
    this.keep({ kind: "backfill", id: this.id("b"), sale: sale.id, date: this.date(), amount, ...qty });
  }

  private match(): void {
    if (this.sales.length === 0) return;
    const sale = this.random.pick(this.sales).id;
    this.keep({ kind: "match", sale, item: this.random.pick(this.items).id });
  }

  private undo(): void {
    const fact = this.random.pick(this.facts);
    // What only an undone fact says of its channel is left open: it keeps its account or not.
    const channels = this.book.live();
    const others = [...channels.orders, ...channels.strayReturns, ...channels.payouts].filter(
      (f) => f.channel === fact.channel,
    );
    if (fact.channel !== undefined && others.length < 2) return;
    const { kind, id, sale, lot } = fact;
    const ids = kind === "pin" ? { sale, lot } : kind === "match" ? { sale } : { id };
    if (!this.keep({ kind: "undo", of: kind, ...ids })) return;
    if (kind === "item") this.items = this.items.filter((i) => i.id !== id);
    if (kind === "order") this.sales = this.sales.filter((s) => s.order !== id);
    const gone = new Set<unknown>();
    for (const lines of [fact.lines, fact.outputs, [fact.output]])
      if (Array.isArray(lines)) for (const line of lines) gone.add(line?.id);
    this.lots = this.lots.filter((l) => !gone.has(l.id));
    if (this.items.every((i) => i.bundle)) this.item();
  }
}

/** A valid history with one wrong fact at its end: the file's line (from 1) and the naive implementation's code. */
export function refusedHistory(seed: number): { facts: Fact[]; line: number; code: string } {
  const random = new Random(seed * 7 + 3);
  const valid = history(seed, random.whole(3, 45));
  const wrong = wrongFacts(valid, random);
  const facts = [...valid, random.pick(random.pick([...wrong.values()]))];
  try {
    naive(facts);
  } catch (error) {
    if (error instanceof Refused) return { facts, line: error.line, code: error.code };
    throw error;
  }
  throw new Error(`seed ${seed}: ${JSON.stringify(facts.at(-1))} is accepted`);
}
