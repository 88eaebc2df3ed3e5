/**
 * Proposals of facts of every kind, with little care for whether they fit: the test keeps those that the product takes. Small numbers,
 * few days and few things, so that everything meets everything. Written for the ways of recording to be compared with each other.
 */
type Raw = Readonly<Record<string, unknown>>;

/** Numbers from a seed (xorshift), so that a history that fails can be made again. */
class Chance {
  constructor(private state: number) {
    this.state = (state * 2654435761) % 4294967296 || 1;
  }
  below(limit: number): number {
    let x = this.state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.state = x >>> 0;
    return this.state % limit;
  }
  from(least: number, most: number): number {
    return least + this.below(most - least + 1);
  }
  of<T>(list: readonly [T, ...T[]]): T;
  of<T>(list: readonly T[]): T | undefined;
  of<T>(list: readonly T[]): T | undefined {
    return list[this.below(list.length || 1)];
  }
  is(percent: number): boolean {
    return this.below(100) < percent;
  }
}

const skus = ["A-1", "B-2", "C-3", "D-4", "SET-1", "SET-2"] as const;
const places = ["shelf", "shop", "depot"] as const;

/** The first line of a history: its business. */
export function businessOf(seed: number): Raw {
  const chance = new Chance(seed + 1);
  return {
    kind: "business",
    pool: chance.of(["business", "location", "location"]),
    grace_days: chance.of([0, 0, 1, 3]),
    time_zone: chance.of(["UTC", "America/New_York"]),
  };
}

/** Makes proposals; `kept` tells it which were taken, so that later ones can name them. */
export class Proposer {
  private readonly chance: Chance;
  private count = 0;
  private items: string[] = [];
  private bundles: string[] = [];
  private sales: { id: string; order: string; day: number; qty: number; sku: string; location: string }[] = [];
  private lots: { id: string; item: string; location: string }[] = [];
  /** What lines of a SKU are likely to be taken from: items that have it, and what bundles that have it are made of. */
  private readonly bySku = new Map<string, string[]>();
  private purchaseLines: { id: string; purchase: string }[] = [];
  private facts: Raw[] = [];
  private closed = 0;

  constructor(seed: number) {
    this.chance = new Chance(seed);
  }

  readonly locations: readonly Raw[] = places.map((id) => ({ kind: "location", id, name: id }));

  /** The next proposal of a history of about 40 days. */
  next(): Raw {
    const { chance } = this;
    const kinds: readonly (readonly [weight: number, make: () => Raw])[] = [
      [this.items.length < 4 ? 12 : 2, () => this.item()],
      [this.items.length > 1 ? (this.bundles.length < 1 ? 8 : 2) : 0, () => this.bundle()],
      [3, () => this.opening()],
      [14, () => this.purchase()],
      [16, () => this.order()],
      [9, () => this.saleReturn()],
      [2, () => this.strayReturn()],
      [4, () => this.purchaseReturn()],
      [9, () => this.transfer()],
      [6, () => this.adjustment()],
      [11, () => this.assembly()],
      [9, () => this.pin()],
      [4, () => this.backfill()],
      [
        3,
        () => ({
          kind: "match",
          sale: this.sale()?.id ?? "none",
          item: chance.of([...this.items, ...this.bundles]) ?? "",
        }),
      ],
      [5, () => this.undo()],
      [1, () => ({ kind: "payout", id: this.id("y"), channel: "web", date: this.day(), amount: chance.below(5000) })],
      [this.closed < 1 && this.facts.length > 30 ? 1 : 0, () => ({ kind: "close", through: dayOf(chance.below(20)) })],
    ];
    let at = chance.below(kinds.reduce((sum, [weight]) => sum + weight, 0));
    for (const [weight, make] of kinds) {
      if (at < weight) return make();
      at -= weight;
    }
    return this.order();
  }

  kept(fact: Raw): void {
    this.facts.push(fact);
    const lines = linesOf(fact);
    if (fact.kind === "item") {
      (fact.components === undefined ? this.items : this.bundles).push(String(fact.id));
      const parts = linesOf({ lines: fact.components }).map((part) => String(part.item));
      const sku = String(fact.sku);
      this.bySku.set(sku, [...(this.bySku.get(sku) ?? []), ...(parts.length > 0 ? parts : [String(fact.id)])]);
    }
    if (fact.kind === "close") this.closed += 1;
    for (const line of lines) {
      if (fact.kind === "order")
        this.sales.push({
          id: String(line.id),
          order: String(fact.id),
          day: dayIn(String(fact.at)),
          qty: Number(line.qty),
          sku: String(line.sku),
          location: String(line.location ?? places[0]),
        });
      if (fact.kind === "purchase") this.purchaseLines.push({ id: String(line.id), purchase: String(fact.id) });
      const location = String(line.location ?? fact.location ?? places[0]);
      if (fact.kind !== "order" && fact.kind !== "item")
        this.lots.push({ id: String(line.id), item: String(line.item), location });
    }
    if (fact.kind === "backfill") this.lots.push({ id: String(fact.id), item: "", location: "" });
  }

  private id(prefix: string): string {
    this.count += 1;
    // Ids whose order is not that of recording.
    return `${this.chance.of(["z", "m", "a", "\u{1f4e6}"])}${prefix}${this.count}`;
  }
  private day(): string {
    return dayOf(this.chance.below(40));
  }
  private location(): Raw {
    return this.chance.is(50) ? { location: this.chance.of(places) } : {};
  }
  private anItem(): string {
    return this.chance.of(this.items) ?? "none";
  }
  private sale() {
    return this.chance.of(this.sales);
  }
  private lines<T extends Raw>(most: number, make: () => T): Raw[] {
    return Array.from({ length: this.chance.from(1, most) }, () => ({ id: this.id("l"), ...make() }));
  }

  private item(): Raw {
    // Mostly each its own, so that most lines are matched; sometimes two of one, so that some are not.
    const sku = this.chance.is(85) ? skus[this.items.length % 4] : this.chance.of(skus);
    return {
      kind: "item",
      id: this.id("i"),
      name: `Thing ${this.chance.from(1, 6)}`,
      ...(this.chance.is(80) ? { sku } : {}),
    };
  }
  private bundle(): Raw {
    const components = this.lines(3, () => ({
      item: this.chance.of([...this.items, ...this.items, ...this.bundles]) ?? "none",
      qty: this.chance.from(1, 3),
    })).map(({ id: _id, ...part }) => part);
    return { ...this.item(), sku: this.chance.of(["SET-1", "SET-2", "SET-2"]), components };
  }
  private opening(): Raw {
    return { kind: "opening", id: this.id("n"), date: this.day(), lines: this.lines(2, () => this.inward()) };
  }
  private inward(): Raw {
    return { item: this.anItem(), qty: this.chance.from(1, 9), amount: this.chance.below(1000), ...this.location() };
  }
  private purchase(): Raw {
    const lines = this.chance.is(95) ? this.lines(3, () => this.inward()) : [];
    const extra = this.chance.is(40) ? this.chance.below(300) : 0;
    const sum = lines.reduce((all, line) => all + Number(line.amount), extra);
    const amount = sum + (this.chance.is(20) ? this.chance.below(100) : 0);
    return { kind: "purchase", id: this.id("p"), date: this.day(), amount, lines, ...(extra > 0 ? { extra } : {}) };
  }
  private order(): Raw {
    const { chance } = this;
    const at = chance.is(40) ? this.day() : `${this.day()}T${String(chance.below(24)).padStart(2, "0")}:00:00Z`;
    const lines = this.lines(2, () => ({
      ...(chance.is(85) ? { sku: chance.is(70) ? chance.of(skus) : chance.of(["SET-1", "SET-2"]) } : {}),
      name: chance.is(50) ? `Thing ${chance.from(1, 6)}` : "Something",
      ...(chance.is(30) ? { listing: chance.of(["L1", "L2", "L3"]) } : {}),
      qty: chance.from(1, 5),
      amount: chance.below(3000),
      ...this.location(),
    }));
    const money = { shipping: chance.below(500), tax: chance.below(300), tax_by: chance.of(["seller", "channel"]) };
    const fees = [{ kind: chance.of(["payment", "label", "listing"]), amount: chance.below(200) - 20 }];
    return { kind: "order", id: this.id("o"), channel: chance.of(["web", "fair"]), at, lines, ...money, fees };
  }
  private saleReturn(): Raw {
    const sale = this.sale();
    const restock = this.chance.is(65);
    const line = {
      id: this.id("l"),
      line: sale?.id ?? "none",
      qty: this.chance.from(1, sale?.qty ?? 1),
      amount: this.chance.below(1000),
      restock,
      ...(restock || this.chance.is(50) ? {} : { write_off: true }),
      ...this.location(),
    };
    const date = dayOf((sale?.day ?? 0) + this.chance.below(8));
    const beside = this.chance.is(10) ? { tax: this.chance.below(90) - 20, shipping: "none" } : {};
    return { kind: "return", id: this.id("r"), date, order: sale?.order ?? "none", ...beside, lines: [line] };
  }
  private strayReturn(): Raw {
    const lines = this.lines(1, () => ({ ...this.inward(), cost: this.chance.below(500) }));
    return { kind: "return", id: this.id("r"), date: this.day(), channel: "web", lines };
  }
  private purchaseReturn(): Raw {
    const line = this.chance.of(this.purchaseLines);
    const lines = this.lines(1, () => ({
      line: line?.id ?? "none",
      qty: this.chance.from(1, 3),
      amount: this.chance.below(500),
    }));
    return { kind: "purchase_return", id: this.id("u"), date: this.day(), purchase: line?.purchase ?? "none", lines };
  }
  private transfer(): Raw {
    const from = this.chance.below(40);
    const lines = this.lines(2, () => ({ item: this.anItem(), qty: this.chance.from(1, 6) }));
    const arrives = this.chance.is(50) ? { arrives: dayOf(from + this.chance.below(9)) } : {};
    const way = { from: this.chance.of(places), to: this.chance.of(places) };
    return { kind: "transfer", id: this.id("t"), date: dayOf(from), ...arrives, ...way, lines };
  }
  private adjustment(): Raw {
    const lines = this.lines(2, () => {
      const qty = this.chance.from(-4, 4) || 1;
      return { item: this.anItem(), qty, ...(qty > 0 && this.chance.is(80) ? { amount: this.chance.below(400) } : {}) };
    });
    return { kind: "adjustment", id: this.id("j"), date: this.day(), ...this.location(), lines };
  }
  private assembly(): Raw {
    const line = () => ({ item: this.anItem(), qty: this.chance.from(1, 4) });
    const [output] = this.lines(1, line);
    const made = this.chance.is(65)
      ? { output }
      : { outputs: this.lines(3, () => ({ ...line(), share: this.chance.below(4) })) };
    const overhead = this.chance.is(40) ? { overhead: this.chance.below(200) } : {};
    const document = { kind: "assembly", id: this.id("k"), date: this.day(), ...this.location() };
    return { ...document, inputs: this.lines(3, line), ...made, ...overhead };
  }
  private pin(): Raw {
    const sale = this.sale();
    const likely = this.bySku.get(sale?.sku ?? "") ?? [];
    const near = this.lots.filter((lot) => likely.includes(lot.item) && lot.location === sale?.location);
    const lot = this.chance.is(80) ? this.chance.of(near) : this.chance.of(this.lots);
    return { kind: "pin", sale: sale?.id ?? "none", lot: lot?.id ?? "none", qty: this.chance.from(1, 3) };
  }
  private backfill(): Raw {
    const sale = this.sale();
    const qty = this.chance.is(60) ? { qty: this.chance.from(1, sale?.qty ?? 1) } : {};
    const cost = { amount: this.chance.below(700), ...qty };
    return { kind: "backfill", id: this.id("b"), sale: sale?.id ?? "none", date: this.day(), ...cost };
  }
  private undo(): Raw {
    const fact = this.chance.of(this.facts) ?? {};
    const of = String(fact.kind);
    if (of === "pin") return { kind: "undo", of, sale: fact.sale, lot: fact.lot };
    return of === "match" ? { kind: "undo", of, sale: fact.sale } : { kind: "undo", of, id: fact.id };
  }
}

const first = Date.UTC(2025, 0, 25);
const dayOf = (n: number) => new Date(first + n * 86_400_000).toISOString().slice(0, 10);
const dayIn = (at: string) => Math.round((Date.parse(`${at.slice(0, 10)}T00:00:00Z`) - first) / 86_400_000);

function linesOf(fact: Raw): Raw[] {
  return [fact.lines, fact.inputs, fact.outputs, [fact.output]]
    .flatMap((list): readonly unknown[] => (Array.isArray(list) ? list : []))
    .filter((line): line is Raw => typeof line === "object" && line !== null);
}
