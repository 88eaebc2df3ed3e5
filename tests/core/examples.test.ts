/**
 * Runs the examples of examples/costing/*.txt: what anyone can read there is what the product does. Each line is a fact, with what must
 * follow from it after "=>", or a statement about the end. A line that no pattern below knows fails its file.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type CostedBack, type CostedOut, costOf, type Phase, type Place, type Step } from "../../lib/core/costing";
import { type Entry, missing, type Posting } from "../../lib/core/journal";
import { parseMinor } from "../../lib/core/money";
import { accounts, costPostings } from "../../lib/core/posting";
import { remainder, spread } from "../../lib/core/purchases";
import { wholeFold } from "./histories";

const folder = join(import.meta.dirname, "../../examples/costing");
const money = (text = "0") => parseMinor(text, "USD");

/** One file's story: facts up to where something came later, all facts, and what is said to follow. */
class Story {
  private readonly steps: Step[] = [];
  private readonly lots = new Map<string, string>();
  private readonly claims: ((story: Story) => void)[] = [];
  private early: readonly Step[] | null = null;
  private graceDays = 0;
  private closedThrough: string | null = null;
  private receipt: { paid: bigint; extra: bigint; lines: { name: string; qty: bigint; amount: bigint }[] } | null =
    null;

  private readonly patterns: readonly (readonly [pattern: RegExp, run: (...words: string[]) => void])[] = [
    [/^grace (\d+)$/, (days) => this.grace(days)],
    [/^close through (\S+)$/, (day) => this.close(day)],
    [/^(\S+) buy (?:([A-Z]) )?(\d+) for (\S+)$/, (day, name, qty, amount) => this.buy(day, name, qty, amount)],
    [/^later (.+)$/, (line = "") => this.later(line)],
    [/^(\S+) (sell|lose) (?:([A-Z]) )?(\d+)(?: pinned to ([A-Z]))? => (.+)$/, (...words) => this.leave(...words)],
    [/^(\S+) return (\d+) of ([A-Z])(, lost)? => brings back (\S+)$/, (...words) => this.comeBack(...words)],
    [/^(\S+) return to supplier (\d+) of ([A-Z]) => cost (\S+)$/, (...words) => this.sendBack(...words)],
    [/^([A-Z]) now costs (\S+)$/, (name = "", cost) => this.claim(() => expect(this.out(name).cost).toBe(money(cost)))],
    [/^one more entry for ([A-Z]) of (\S+) dated (\S+)$/, (name = "", amount, day) => this.oneMore(name, amount, day)],
    [/^one more entry for the purchase of (\S+) dated (\S+)$/, (amount, day) => this.oneMorePurchase(amount, day)],
    [/^on hand (\S+)$/, (qty = "") => this.claim(() => expect(this.onHand()).toBe(BigInt(qty)))],
    [
      /^left (\d+) worth (\S+)$/,
      (qty = "", value) => this.claim(() => expect(this.left()).toEqual([BigInt(qty), money(value)])),
    ],
    [/^receipt of (\S+) with (\S+) of .+$/, (...amounts) => this.openReceipt(...amounts)],
    [/^(Widget \d), (\d+) for (\S+) => lot costs (\S+)$/, (...words) => this.receiptLine(...words)],
    [/^to detail (\S+)$/, (amount) => this.claim(() => expect(this.toDetail()).toBe(money(amount)))],
  ];

  read(line: string): void {
    for (const [pattern, run] of this.patterns) {
      const match = pattern.exec(line);
      if (match === null) continue;
      run(...match.slice(1));
      return;
    }
    throw new Error(`no pattern knows the line “${line}”`);
  }

  check(): void {
    expect(this.claims.length).toBeGreaterThan(0);
    for (const claim of this.claims) claim(this);
  }

  private claim(check: () => void): void {
    this.claims.push(check);
  }

  /** Facts of one day and phase go by their order in the file: ids are its line numbers. */
  private place(day: string | undefined, phase: Phase): Place {
    return { on: `2025-${day}`, phase, at: null, id: `line ${String(this.steps.length).padStart(3, "0")}`, number: 0 };
  }

  private grace(days?: string): void {
    this.graceDays = Number(days);
  }

  private close(day?: string): void {
    this.closedThrough = `2025-${day}`;
  }

  private openReceipt(paid?: string, extra?: string): void {
    this.receipt = { paid: money(paid), extra: money(extra), lines: [] };
  }

  private buy(day?: string, name?: string, qty = "", amount?: string): void {
    const place = this.place(day, 0);
    this.lots.set(name ?? place.id, place.id);
    this.steps.push({ kind: "in", source: "purchase", place, location: "main", qty: BigInt(qty), cost: money(amount) });
  }

  private later(line: string): void {
    this.early ??= [...this.steps];
    this.read(line);
  }

  private leave(day?: string, verb?: string, name?: string, qty = "", lot?: string, result = ""): void {
    const place = this.place(day, 2);
    const source = verb === "lose" ? "lost" : "sale";
    if (name !== undefined) this.lots.set(name, place.id);
    const index =
      this.steps.push({ kind: "out", source, place, location: "main", qty: BigInt(qty), reservations: [] }) - 1;
    // The lot may be named further down, so its id is looked up once all is read.
    if (lot !== undefined) {
      this.claims.unshift(() => {
        const step = this.steps[index];
        if (step?.kind === "out")
          this.steps[index] = { ...step, reservations: [{ lot: this.idOf(lot), qty: BigInt(qty) }] };
      });
    }
    const [, cost = "0", short] = /^cost (\S+?)(?:, needs cost for (\d+))?$/.exec(result) ?? [];
    if (!/^(needs cost|cost \S+?(, needs cost for \d+)?)$/.test(result)) throw new Error(`what is “${result}”?`);
    // What a sale first cost is said of the facts up to then.
    this.claim(() => {
      const row = costOf(wholeFold(this.early ?? this.steps, this.graceDays)).outs.find(({ id }) => id === place.id);
      const shortage = result === "needs cost" ? BigInt(qty) : BigInt(short ?? 0);
      expect([row?.cost, row?.shortage]).toEqual([money(cost), shortage]);
    });
  }

  private comeBack(day?: string, qty = "", sale = "", lost?: string, cost?: string): void {
    const place = this.place(day, 3);
    const back = { kind: "back", place, location: "main", sale: this.idOf(sale), qty: BigInt(qty) } as const;
    this.steps.push({ ...back, restock: lost === undefined, writeOff: false });
    this.claim(() => expect(this.back(place.id)?.cost).toBe(money(cost)));
  }

  private sendBack(day?: string, qty = "", lot = "", cost?: string): void {
    const place = this.place(day, 2);
    const reservations = [{ lot: this.idOf(lot), qty: BigInt(qty) }];
    this.steps.push({
      kind: "out",
      source: "purchase-return",
      place,
      location: "main",
      qty: BigInt(qty),
      reservations,
    });
    this.lots.set(place.id, place.id);
    this.claim(() => expect(this.out(place.id).cost).toBe(money(cost)));
  }

  private receiptLine(name = "", qty = "", amount?: string, cost?: string): void {
    const lines = this.receipt?.lines ?? [];
    const index = lines.push({ name, qty: BigInt(qty), amount: money(amount) }) - 1;
    this.claim(() => {
      const extra = spread(lines, this.receipt?.extra ?? 0n)[index] ?? 0n;
      expect((lines[index]?.amount ?? 0n) + extra).toBe(money(cost));
    });
  }

  private toDetail(): bigint {
    expect(this.receipt).not.toBeNull();
    return remainder(this.receipt?.paid ?? 0n, this.receipt?.lines ?? [], [{ amount: this.receipt?.extra ?? 0n }]);
  }

  /** The one entry that is added for a sale when what came later is recorded: on its day, or on the first open one. */
  private oneMore(name: string, amount: string | undefined, day: string | undefined): void {
    this.claim(() => {
      const step = this.steps.find(({ place }) => place.id === this.idOf(name));
      const was = this.postingsAt(this.early ?? [], step);
      const entries = missing(
        { kind: "sale", id: name },
        this.postingsAt(this.steps, step),
        was,
        this.closedThrough,
        "a late purchase",
      );
      expect(entries).toHaveLength(1);
      const [entry] = entries;
      expect([netOf(entry, accounts.costOfGoodsSold), entry?.postedOn, entry?.effectiveOn]).toEqual([
        money(amount),
        `2025-${day}`,
        step?.place.on,
      ]);
      expect(entry?.isCorrection).toBe(true);
      if (this.closedThrough !== null) expect(entry?.memo).toContain("a late purchase");
    });
  }

  private oneMorePurchase(amount: string | undefined, day: string | undefined): void {
    this.claim(() => {
      const step = this.steps.at(-1);
      const nothing = { channel: null, item: null, location: null, line: null };
      const pair = {
        debit: accounts.inventory,
        credit: accounts.checking,
        amount: step?.kind === "in" ? step.cost : 0n,
      };
      const wanted = [
        { purpose: "purchase", effectiveOn: step?.place.on ?? "", memo: "Purchase", ...pair, ...nothing },
      ];
      const [entry, ...others] = missing({ kind: "purchase", id: "late" }, wanted, [], this.closedThrough);
      expect([netOf(entry, accounts.inventory), entry?.postedOn, others]).toEqual([money(amount), `2025-${day}`, []]);
    });
  }

  private postingsAt(steps: readonly Step[], sale: Step | undefined): readonly Posting[] {
    const row = costOf(wholeFold(steps, this.graceDays)).outs.find(({ id }) => id === sale?.place.id);
    const about = { line: row?.id ?? "", effectiveOn: sale?.place.on ?? "", item: "item", location: "main" };
    return costPostings({ kind: "sale", ...about, cost: row?.cost ?? 0n });
  }

  private idOf(name: string): string {
    const id = this.lots.get(name);
    if (id === undefined) throw new Error(`nothing is named ${name}`);
    return id;
  }

  private out(name: string): CostedOut {
    const row = costOf(wholeFold(this.steps, this.graceDays)).outs.find(({ id }) => id === this.idOf(name));
    if (row === undefined) throw new Error(`${name} is no movement`);
    return row;
  }

  private back(id: string): CostedBack | undefined {
    return costOf(wholeFold(this.steps, this.graceDays)).backs.find((back) => back.id === id);
  }

  private left(): [bigint, bigint] {
    const { lots } = costOf(wholeFold(this.steps, this.graceDays));
    return [lots.reduce((sum, { left }) => sum + left, 0n), lots.reduce((sum, { value }) => sum + value, 0n)];
  }

  private onHand(): bigint {
    const signed = (step: Step) =>
      step.kind === "in" ? step.qty : step.kind === "out" ? -step.qty : step.restock ? step.qty : 0n;
    return this.steps.reduce((sum, step) => sum + signed(step), 0n);
  }
}

/** What an entry adds to an account: debits less credits. */
function netOf(entry: Entry | undefined, account: string): bigint {
  let net = 0n;
  for (const { debit, credit, amount } of entry?.postings ?? [])
    net += debit === account ? amount : credit === account ? -amount : 0n;
  return net;
}

const files = readdirSync(folder).filter((name) => name.endsWith(".txt"));

test("there are examples", () => {
  expect(files.length).toBeGreaterThanOrEqual(11);
});

test.each(files)("%s", (file) => {
  const story = new Story();
  for (const line of readFileSync(join(folder, file), "utf8").split("\n")) {
    const text = line.replace(/#.*/, "").trim();
    if (text !== "") story.read(text);
  }
  story.check();
});

test("a wrong claim fails", () => {
  const story = new Story();
  for (const line of ["03-01 buy 3 for 10.00", "03-02 sell 1 => cost 3.34"]) story.read(line);
  expect(() => story.check()).toThrow();
  expect(() => story.read("03-02 something else")).toThrow("no pattern knows");
});
