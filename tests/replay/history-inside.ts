/** What moves inside the business in random histories: transfers and production, alone, in rings and in chains. */
import { Choices } from "./history-choices";

/** One line of a file of facts (replay.md). */
export interface Fact {
  readonly kind: string;
  readonly [field: string]: unknown;
}

const OVERHEAD_FROM = ["9991", "1000", "3000", "6030", "6040"];

/** A line that a pin or a purchase return may name. */
interface LotLine {
  id: string;
  purchase: string | null;
  qty: number;
}

export abstract class Inside extends Choices {
  protected readonly facts: Fact[] = [];
  protected lots: LotLine[] = [];

  /** Records a fact if it may be recorded. */
  protected abstract keep(fact: Fact): boolean;

  /** The id of some item that can be stocked. */
  protected abstract stocked(): string;

  protected transfer(): void {
    if (this.locations.length < 2) return;
    const random = this.random;
    const lines = Array.from({ length: random.pick([1, 1, 2, 3]) }, () => ({
      item: this.stocked(),
      qty: random.whole(1, 5),
    }));
    const [from, to] = [random.pick(this.locations), random.pick(this.locations)];
    this.move(from, to, this.date(), lines);
  }

  private move(from: string, to: string, date: string, lines: readonly { item: string; qty: number }[]): void {
    const id = this.insideId("assembly");
    const arrives = this.random.chance(0.4) ? { arrives: this.day(date, this.random.whole(0, 5)) } : {};
    const numbered = lines.map((l, i) => ({ id: `${id}-${["1", "2", "10"][i]}`, ...l }));
    this.keep({ kind: "transfer", id, date, ...arrives, from, to, lines: numbered });
  }

  /** One item from place to place, and back to the first, on one day. */
  protected ring(): void {
    const random = this.random;
    const item = this.stocked();
    const date = this.date();
    const places = random.chance(0.5) ? this.locations : [...this.locations].reverse();
    for (const [i, from] of places.entries()) {
      const to = places[(i + 1) % places.length];
      if (to !== undefined && to !== from) this.move(from, to, date, [{ item, qty: random.whole(1, 4) }]);
    }
  }

  protected assembly(): void {
    const random = this.random;
    const inputs = Array.from({ length: random.pick([1, 1, 1, 1, 2, 2, 3, 3, 0]) }, () => this.stocked());
    const outputs = Array.from({ length: random.pick([1, 1, 1, 2, 3]) }, () => this.stocked());
    this.produce(this.date(), inputs, outputs, this.place());
  }

  private produce(date: string, from: readonly string[], into: readonly string[], place: { location?: string }): void {
    const random = this.random;
    const id = this.insideId("transfer");
    const marks = ["1", "2", "10"];
    const inputs = from.map((item, i) => ({ id: `${id}-i${marks[i]}`, item, qty: random.whole(1, 4) }));
    const outputs = into.map((item, i) => ({ id: `${id}-q${marks[i]}`, item, qty: random.whole(1, 5) }));
    const [output, second] = outputs;
    const isOne = output !== undefined && second === undefined && random.chance(0.8);
    const shared = outputs.map((l, i) => ({ ...l, share: random.chance(0.15) ? 0 : random.whole(i === 0 ? 1 : 0, 9) }));
    const fact = {
      kind: "assembly",
      id,
      date,
      ...place,
      inputs,
      ...(isOne ? { output } : { outputs: shared }),
      ...(random.chance(0.35) ? { overhead: random.whole(0, 99) } : {}),
      ...(random.chance(0.3) ? { account: random.pick(OVERHEAD_FROM) } : {}),
    };
    if (this.keep(fact)) for (const l of outputs) this.lots.push({ id: l.id, purchase: null, qty: l.qty });
  }

  /** A into B into C, and B back into A, on one day: the documents' ids say which comes first (example 12). */
  protected chain(): void {
    const [a, b, c] = [this.stocked(), this.stocked(), this.stocked()];
    const date = this.date();
    const place = this.place();
    this.produce(date, [a], [b], place);
    this.produce(date, [b], this.random.chance(0.5) ? [c] : [c, a], place);
    this.produce(date, [b], [a], place);
  }

  /** The id of a transfer or an assembly; at times one that a document of the other kind has (rule 1: production first). */
  private insideId(other: "transfer" | "assembly"): string {
    const taken = this.facts.filter((f) => f.kind === other && typeof f.id === "string").map((f) => String(f.id));
    const own = new Set(
      this.facts.filter((f) => f.kind !== other && ["transfer", "assembly"].includes(f.kind)).map((f) => f.id),
    );
    const free = taken.filter((id) => !own.has(id));
    return free.length > 0 && this.random.chance(0.15) ? this.random.pick(free) : this.id("m");
  }
}
