/**
 * Random histories for tests: every kind of fact that the naive implementation knows, in a random order of recording, with
 * small numbers so that rounding bites. A fact is proposed without much care and kept only if `naive` would accept it.
 */
import { Book, naive, Refused } from "./naive/index";
import { Random } from "./naive/random";
import { wrongFacts } from "./naive/wrong";

export { shuffled } from "./naive/shuffle";

/** One line of a file of facts (replay.md). */
export interface Fact {
  readonly kind: string;
  readonly [field: string]: unknown;
}

const SPELLINGS = [
  { sku: "AB-1", name: "Red Mug", variants: ["ab-1", "ＡＢ-1"], names: ["red  mug", " RED MUG"] },
  { sku: "X 2", name: "Straße", variants: ["x  2", "X\u00a02"], names: ["STRASSE", "strasse"] },
  { sku: "K3", name: "Large Plate", variants: ["k3", "\u212a3"], names: ["LARGE\tplate", "Large Plate "] },
  { sku: "", name: "Ölkännchen", variants: [""], names: ["O\u0308lka\u0308nnchen", "ÖLKÄNNCHEN"] },
  { sku: "Z-9", name: "Bolt ½", variants: ["z-9"], names: ["bolt 1⁄2", "BOLT ½"] },
] as const;
const CHANNELS = ["ebay", "etsy", "Zed"];
const ZONES = ["UTC", "America/New_York", "Asia/Kolkata", "Pacific/Auckland"];
const STARTS = ["2025-02-20", "2024-02-20", "2024-12-15", "2025-10-20"];
const TIMES = ["00:00:00", "04:59:59", "12:00:00", "12:00:00.25", "18:30:00", "23:30:00"];
const OFFSETS = ["Z", "+05:30", "-05:00", "-08:00", "+13:00"];
const FEES = ["payment", "processing", "advertising", "shipping", "label", "listing"];
const BIG = 2 ** 50;

interface SaleLine {
  id: string;
  order: string;
  date: string;
  qty: number;
}
interface LotLine {
  id: string;
  purchase: string | null;
  item: string;
  qty: number;
}

/** A random valid history of about `size` facts, the same for the same seed. */
export function history(seed: number, size?: number): Fact[] {
  return new Maker(seed).make(size);
}

class Maker {
  private readonly random: Random;
  /** Strict: no pin that only a listing's lost match holds, where readings of the text might differ. */
  private readonly book = new Book({ strict: true });
  private readonly facts: Fact[] = [];
  private readonly used = new Set<string>();
  private readonly start: number;
  private readonly span: number;
  private readonly kinds: number;
  private cursor = 0;
  private big = 0;
  private locations: string[] = [];
  private items: { id: string; spelling: (typeof SPELLINGS)[number] }[] = [];
  private sales: SaleLine[] = [];
  private lots: LotLine[] = [];

  constructor(seed: number) {
    this.random = new Random(seed);
    this.start = Date.parse(`${this.random.pick(STARTS)}T00:00:00Z`);
    this.span = this.random.whole(4, 40);
    this.kinds = this.random.whole(1, 4);
  }

  make(size?: number): Fact[] {
    const random = this.random;
    const wanted = size ?? random.whole(10, 80);
    if (random.chance(0.7))
      this.keep({
        kind: "business",
        ...(random.chance(0.5) ? { time_zone: random.pick(ZONES) } : {}),
        ...(random.chance(0.5) ? { grace_days: random.pick([1, 3, 10]) } : {}),
      });
    const places = random.whole(0, 3);
    for (const id of ["shelf", "depot", "Annex"].slice(0, places))
      if (this.keep({ kind: "location", id, name: id })) this.locations.push(id);
    this.item();
    for (let tries = 0; this.facts.length < wanted && tries < wanted * 20; tries++) {
      this.cursor = Math.min(this.span, this.facts.length * (this.span / wanted));
      this.propose();
    }
    return this.facts;
  }

  private keep(fact: Fact): boolean {
    try {
      this.book.add(fact);
    } catch (error) {
      if (error instanceof Refused) return false;
      throw error;
    }
    this.facts.push(fact);
    return true;
  }

  private propose(): void {
    const steps: [number, () => void][] = [
      [this.items.length < this.kinds ? 6 : 0, () => this.item()],
      [2, () => this.opening()],
      [22, () => this.purchase()],
      [30, () => this.order()],
      [11, () => this.saleReturn()],
      [2, () => this.strayReturn()],
      [5, () => this.purchaseReturn()],
      [5, () => this.transfer()],
      [7, () => this.adjustment()],
      [
        2,
        () =>
          this.keep({
            kind: "payout",
            id: this.id("y"),
            channel: this.channel(),
            date: this.date(),
            amount: this.amount(),
          }),
      ],
      [11, () => this.pin()],
      [5, () => this.backfill()],
      [5, () => this.match()],
      [6, () => this.undo()],
      [2, () => this.keep({ kind: "close", through: this.date() })],
      [2, () => this.keep({ ...this.random.pick(this.facts) })],
    ];
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
    if (this.keep(fact)) this.items.push({ id: fact.id, spelling });
  }

  private stockLines(id: string): { id: string; item: string; qty: number; amount: number; location?: string }[] {
    return this.lineIds(id).map((line) => ({
      id: line,
      item: this.random.pick(this.items).id,
      qty: this.qty(11),
      amount: this.amount(),
      ...this.place(),
    }));
  }

  private opening(): void {
    const id = this.id("g");
    const lines = this.stockLines(id);
    if (this.keep({ kind: "opening", id, date: this.date(), lines }))
      for (const l of lines) this.lots.push({ id: l.id, purchase: null, item: l.item, qty: l.qty });
  }

  private purchase(): void {
    const random = this.random;
    const id = this.id("p");
    const lines = random.chance(0.08) ? [] : this.stockLines(id);
    const extra = random.chance(0.4) ? random.whole(0, 31) : 0;
    const rest = random.chance(0.2) ? random.whole(0, 50) : 0;
    const amount = lines.reduce((sum, l) => sum + l.amount, extra + rest);
    const fact = { kind: "purchase", id, date: this.date(), amount, lines, ...(extra > 0 ? { extra } : {}) };
    if (this.keep(fact)) for (const l of lines) this.lots.push({ id: l.id, purchase: id, item: l.item, qty: l.qty });
  }

  private order(): void {
    const random = this.random;
    const id = this.id("o");
    const lines = this.lineIds(id).map((line) => {
      const { spelling } = random.pick(this.items);
      const known = random.chance(0.75);
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
    const at = random.chance(0.4) ? date : `${date}T${random.pick(TIMES)}${random.pick(OFFSETS)}`;
    const fact = {
      kind: "order",
      id,
      channel: this.channel(),
      at,
      lines,
      ...(random.chance(0.3) ? { shipping: random.whole(0, 99) } : {}),
      ...(random.chance(0.3) ? { tax: random.whole(0, 99) } : {}),
      ...(random.chance(0.3) ? { tax_by: random.pick(["seller", "channel"]) } : {}),
      ...(random.chance(0.2) ? { discount: random.whole(0, 20) } : {}),
      ...(random.chance(0.5) ? { fees: [{ kind: random.pick(FEES), amount: random.whole(-9, 40) }] } : {}),
    };
    if (!this.keep(fact)) return;
    for (const l of lines) this.sales.push({ id: l.id, order: id, date, qty: l.qty });
  }

  private saleReturn(): void {
    const random = this.random;
    if (this.sales.length === 0) return;
    const { order, date } = random.pick(this.sales);
    const id = this.id("r");
    const lines = this.sales
      .filter((s, i) => s.order === order && (i % 2 === 0 || random.chance(0.7)))
      .map((s, i) => {
        const restock = random.chance(0.65);
        return {
          id: `${id}-${i + 1}`,
          line: s.id,
          qty: random.whole(1, s.qty),
          amount: random.whole(0, 60),
          restock,
          ...(!restock && random.chance(0.6) ? { write_off: true } : {}),
          ...(restock ? this.place() : {}),
        };
      });
    if (lines.length > 0) this.keep({ kind: "return", id, date: this.day(date, random.whole(0, 12)), order, lines });
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
    const lines = [{ id: `${id}-1`, line: lot.id, qty: this.part(lot.qty), amount: this.random.whole(0, 300) }];
    this.keep({ kind: "purchase_return", id, date: this.date(), purchase: lot.purchase, lines });
  }

  private transfer(): void {
    if (this.locations.length < 2) return;
    const random = this.random;
    const id = this.id("t");
    const date = this.date();
    const lines = this.lineIds(id).map((line) => ({
      id: line,
      item: random.pick(this.items).id,
      qty: random.whole(1, 5),
    }));
    const [from, to] = [random.pick(this.locations), random.pick(this.locations)];
    const arrives = random.chance(0.5) ? { arrives: this.day(date, random.whole(0, 5)) } : {};
    this.keep({ kind: "transfer", id, date, ...arrives, from, to, lines });
  }

  private adjustment(): void {
    const random = this.random;
    const id = this.id("a");
    const lines = this.lineIds(id).map((line) => {
      const item = random.pick(this.items).id;
      if (random.chance(0.55)) return { id: line, item, qty: -random.whole(1, 5) };
      return { id: line, item, qty: random.whole(1, 5), ...(random.chance(0.7) ? { amount: this.amount() } : {}) };
    });
    if (!this.keep({ kind: "adjustment", id, date: this.date(), ...this.place(), lines })) return;
    for (const l of lines) if (l.qty > 0) this.lots.push({ id: l.id, purchase: null, item: l.item, qty: l.qty });
  }

  private pin(): void {
    if (this.sales.length === 0 || this.lots.length === 0) return;
    const sale = this.random.pick(this.sales);
    // Most pairs are of different items and are refused, so several are tried.
    for (let i = 0; i < 4; i++) {
      const lot = this.random.pick(this.lots);
      if (this.keep({ kind: "pin", sale: sale.id, lot: lot.id, qty: this.part(Math.min(sale.qty, lot.qty)) })) return;
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
    const gone = new Set(Array.isArray(fact.lines) ? fact.lines.map((l: { id: string }) => l.id) : []);
    this.lots = this.lots.filter((l) => !gone.has(l.id));
    if (this.items.length === 0) this.item();
  }

  // ---- small choices

  /** An id that does not tell the order of recording; some order otherwise by code point than by UTF-16 unit. */
  private id(letter: string): string {
    const tail = this.random.chance(0.06) ? this.random.pick(["é", "\ufb03", "\u{1f600}"]) : "";
    const id = `${letter}${this.random.whole(0, 1295).toString(36).padStart(2, "0")}${tail}`;
    if (this.used.has(id)) return this.id(letter);
    this.used.add(id);
    return id;
  }

  private lineIds(id: string): string[] {
    const count = this.random.chance(0.7) ? 1 : this.random.whole(2, 3);
    return ["1", "2", "10"].slice(0, count).map((n) => `${id}-${n}`);
  }

  private channel(): string {
    return this.random.pick(CHANNELS);
  }

  private place(): { location?: string } {
    if (this.locations.length === 0 || this.random.chance(0.5)) return {};
    return { location: this.random.pick(this.locations) };
  }

  private qty(most: number): number {
    if (this.isBig(0.006)) return this.random.whole(BIG - 9, BIG);
    return this.random.chance(0.3) ? 1 : this.random.whole(1, most);
  }

  /** Some or all of a quantity. */
  private part(qty: number): number {
    return this.random.chance(0.4) ? qty : this.random.whole(1, Math.min(qty, 6));
  }

  private amount(): number {
    if (this.isBig(0.006)) return this.random.whole(BIG - 999, BIG);
    return this.random.chance(0.1) ? this.random.whole(0, 2) : this.random.whole(3, 999);
  }

  /** Big numbers are few, so that every sum is still exact in a file of plain numbers. */
  private isBig(chance: number): boolean {
    if (this.big >= 3 || !this.random.chance(chance)) return false;
    this.big += 1;
    return true;
  }

  /** Mostly as time goes by, often late, at times early. */
  private date(): string {
    const at = this.random.chance(0.65) ? this.cursor + this.random.whole(-2, 2) : this.random.whole(0, this.span);
    return this.day(new Date(this.start).toISOString().slice(0, 10), Math.max(0, Math.round(at)));
  }

  private day(from: string, days: number): string {
    return new Date(Date.parse(`${from}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
  }
}

/** A valid history with one wrong fact at its end: the file's line (from 1) and the naive implementation's code. */
export function refusedHistory(seed: number): { facts: Fact[]; line: number; code: string } {
  const random = new Random(seed * 7 + 3);
  const valid = history(seed, random.whole(12, 30));
  const wrong = wrongFacts(valid, random);
  const facts = [...valid, random.pick(wrong)];
  try {
    naive(facts);
  } catch (error) {
    if (error instanceof Refused) return { facts, line: error.line, code: error.code };
    throw error;
  }
  throw new Error(`seed ${seed}: ${JSON.stringify(facts.at(-1))} is accepted`);
}
