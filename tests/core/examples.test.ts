/**
 * Runs the examples of examples/costing/*.txt: what anyone can read there is what the product does. Each line is a fact, with what must
 * follow from it after "=>", or a statement about the end. A line that no pattern below knows fails its file.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { partsOfBundle } from "../../lib/core/bundles";
import {
  type CostedBack,
  type CostedOut,
  type CostingResult,
  costOf,
  lineAt,
  type Make,
  type Phase,
  type Place,
  type Pool,
  productionAt,
  type Step,
  transferAt,
} from "../../lib/core/costing";
import type { Component, SpreadBy } from "../../lib/core/facts";
import { costKey } from "../../lib/core/ids";
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
  private pool: Pool = "business";
  private readonly bundles = new Map<string, readonly Component[]>();
  private closedThrough: string | null = null;
  private receipt: {
    paid: bigint;
    extra: bigint;
    by: SpreadBy;
    lines: { name: string; qty: bigint; amount: bigint; weight: bigint }[];
  } | null = null;

  // An item is "item" and a place is "main" where a line says nothing of them.
  private readonly patterns: readonly (readonly [pattern: RegExp, run: (...words: string[]) => void])[] = [
    [/^grace (\d+)$/, (days) => this.grace(days)],
    [/^pool (business|location)$/, (pool) => this.choosePool(pool)],
    [/^close through (\S+)$/, (day) => this.close(day)],
    [/^a ([a-z]+) is sold as (.+)$/, (name = "", parts) => this.bundle(name, parts)],
    [
      /^(\S+) buy (?:([A-Z]) )?(\d+)(?: (?!for)([a-z]+))?(?: at ([a-z]+))? for (\S+)$/,
      (day, name, qty, item, at, amount) => this.buy(day, name, qty, amount, item, at),
    ],
    [/^later (.+)$/, (line = "") => this.later(line)],
    [
      /^(\S+) (sell|lose) (?:([A-Z]) )?(\d+)(?: (?!pinned|at )([a-z]+))?(?: at ([a-z]+))?(?: pinned to ([A-Z]))? => (.+)$/,
      (day, verb, name, qty, item, at, lot, result) => this.leave(day, verb, name, qty, lot, result, item, at),
    ],
    [
      /^(\S+) move (\d+)(?: ([a-z]+))? from ([a-z]+) to ([a-z]+)(?:, there on (\S+))? => (.+)$/,
      (...words) => this.move(...words),
    ],
    [/^(\S+) make (?:([A-Z]) )?(.+) from (.+?)(?: with (\S+) of work)? => (.+)$/, (...words) => this.make(...words)],
    [
      /^(\S+) return (\d+) of ([A-Z])(, lost|, written off)? => brings back (\S+)$/,
      (...words) => this.comeBack(...words),
    ],
    [/^(\S+) return to supplier (\d+) of ([A-Z]) => cost (\S+)$/, (...words) => this.sendBack(...words)],
    [/^([A-Z]) now costs (\S+?)(, not complete)?$/, (name = "", cost, open) => this.nowCosts(name, cost, open)],
    [/^one more entry for ([A-Z]) of (\S+) dated (\S+)$/, (name = "", amount, day) => this.oneMore(name, amount, day)],
    [/^one more entry for the purchase of (\S+) dated (\S+)$/, (amount, day) => this.oneMorePurchase(amount, day)],
    [/^on hand (\S+)$/, (qty = "") => this.claim(() => expect(this.onHand()).toBe(BigInt(qty)))],
    [
      /^left (\d+)(?: (?!worth|at )([a-z]+))?(?: at ([a-z]+))? worth (\S+)$/,
      (qty = "", item, at, value) => this.claim(() => expect(this.left(item, at)).toEqual([BigInt(qty), money(value)])),
    ],
    [
      /^receipt of (\S+) with (\S+) of [^,]+?(?:, spread by (quantity|weight))?$/,
      (...words) => this.openReceipt(...words),
    ],
    [/^(Widget \d), (\d+)(?: of (\d+) g)? for (\S+) => lot costs (\S+)$/, (...words) => this.receiptLine(...words)],
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
  private nextId(): string {
    return `line ${String(this.steps.length).padStart(3, "0")}`;
  }

  private place(day: string | undefined, phase: Phase): Place {
    return lineAt(`2025-${day}`, phase, null, this.nextId());
  }

  private fold(steps: readonly Step[] = this.steps): CostingResult {
    return costOf(wholeFold(steps, this.graceDays, this.pool));
  }

  private grace(days?: string): void {
    this.graceDays = Number(days);
  }

  private choosePool(pool?: string): void {
    this.pool = pool === "location" ? "location" : "business";
  }

  private close(day?: string): void {
    this.closedThrough = `2025-${day}`;
  }

  private bundle(name: string, parts = ""): void {
    this.bundles.set(
      name,
      amountsOf(parts).map(({ item, qty }) => ({ item, qty })),
    );
  }

  private openReceipt(paid?: string, extra?: string, by?: string): void {
    const basis = by === "quantity" || by === "weight" ? by : "value";
    this.receipt = { paid: money(paid), extra: money(extra), by: basis, lines: [] };
  }

  private buy(day?: string, name?: string, qty = "", amount?: string, item = "item", location = "main"): void {
    const place = this.place(day, 0);
    this.lots.set(name ?? place.id, place.id);
    const what = { id: place.id, item, place, location, qty: BigInt(qty), cost: money(amount) };
    this.steps.push({ kind: "in", source: "purchase", ...what });
  }

  private later(line: string): void {
    this.early ??= [...this.steps];
    this.read(line);
  }

  private leave(
    day?: string,
    verb?: string,
    name?: string,
    qty = "",
    lot?: string,
    result = "",
    item = "item",
    location = "main",
  ): void {
    const place = this.place(day, 2);
    const source = verb === "lose" ? "lost" : "sale";
    if (name !== undefined) this.lots.set(name, place.id);
    const parts = partsOfBundle(item, this.bundles);
    // A bundle is a movement for each of its parts; what is sold as itself is one.
    const moved = (parts ?? [{ item, qty: 1n }]).map((part, leg) => ({
      id: costKey(place.id, parts === null ? 0 : leg + 1, part.item),
      item: part.item,
      qty: part.qty * BigInt(qty),
    }));
    const from = this.steps.length;
    for (const part of moved) this.steps.push({ kind: "out", source, ...part, place, location, reservations: [] });
    // The lot may be named further down, so its id is looked up once all is read.
    if (lot !== undefined) {
      this.claims.unshift(() => {
        const named = this.steps.find((step) => step.id === this.idOf(lot));
        const index = this.steps.findIndex(
          (step, i) => i >= from && step.kind === "out" && itemOf(named) === step.item,
        );
        const step = this.steps[index];
        if (step?.kind === "out")
          this.steps[index] = { ...step, reservations: [{ lot: this.idOf(lot), qty: step.qty }] };
      });
    }
    this.claimOut(
      moved.map((part) => part.id),
      result,
      moved.reduce((sum, part) => sum + part.qty, 0n),
    );
  }

  /** What movements cost when they were first recorded, and what they were short of then. */
  private claimOut(ids: readonly string[], result: string, qty: bigint): void {
    const [, cost = "0", short] = /^cost (\S+?)(?:, needs cost for (\d+))?$/.exec(result) ?? [];
    if (!/^(needs cost|cost \S+?(, needs cost for \d+)?)$/.test(result)) throw new Error(`what is “${result}”?`);
    this.claim(() => {
      const rows = this.fold(this.early ?? this.steps).outs.filter(({ id }) => ids.includes(id));
      const shortage = result === "needs cost" ? qty : BigInt(short ?? 0);
      expect([sumOf(rows, "cost"), sumOf(rows, "shortage")]).toEqual([money(cost), shortage]);
    });
  }

  private move(day?: string, qty = "", item = "item", from = "", to = "", there?: string, result = ""): void {
    const id = this.nextId();
    const place = transferAt(`2025-${day}`, id, id, "leaves");
    const arrives = transferAt(`2025-${there ?? day}`, id, id, "arrives");
    this.steps.push({ kind: "move", id, item, place, arrives, location: from, to, qty: BigInt(qty) });
    this.claimOut([id], result, BigInt(qty));
  }

  /** `made` and `used`: `2 cups (3 parts), 1 plate (1 part)`. The first output is what the name is of. */
  private make(day?: string, name?: string, made = "", used = "", work?: string, result = ""): void {
    const id = this.nextId();
    const inputs = amountsOf(used).map(({ item, qty }, i) => ({ id: `${id} in ${i}`, item, qty }));
    const outputs = amountsOf(made).map((output, i) => ({ ...output, id: `${id} out ${i}` }));
    const step: Make = {
      kind: "make",
      id,
      place: productionAt(`2025-${day}`, id),
      location: "main",
      inputs,
      outputs,
      overhead: money(work),
    };
    this.steps.push(step);
    if (name !== undefined) this.lots.set(name, `${id} out 0`);
    const said = /^cost (\S+?(?: and \S+?)*)(, not complete)?$/.exec(result);
    if (said === null) throw new Error(`what is “${result}”?`);
    this.claim(() => {
      const { lots, makes } = this.fold(this.early ?? this.steps);
      const costs = outputs.map((output) => lots.find((lot) => lot.id === output.id)?.cost);
      expect(costs).toEqual((said[1] ?? "").split(" and ").map((amount) => money(amount)));
      expect(makes.find((one) => one.id === id)?.isComplete).toBe(said[2] === undefined);
    });
  }

  private nowCosts(name: string, cost?: string, open?: string): void {
    this.claim(() => {
      const { outs, lots, makes } = this.fold();
      const id = this.idOf(name);
      const lot = lots.find((one) => one.id === id);
      const made = makes.find((one) => one.id === lot?.place.id);
      expect(made?.isComplete ?? true).toBe(open === undefined);
      expect(
        made === undefined
          ? sumOf(
              outs.filter((out) => lineOf(out.id) === id),
              "cost",
            )
          : lot?.cost,
      ).toBe(money(cost));
    });
  }

  private comeBack(day?: string, qty = "", sale = "", fate?: string, cost?: string): void {
    const place = this.place(day, 3);
    const line = this.idOf(sale);
    const sold = this.steps.filter((step) => step.kind === "out" && lineOf(step.id) === line);
    const all = this.steps.find((step) => step.id === line);
    const ids: string[] = [];
    for (const out of sold) {
      if (out.kind !== "out") continue;
      const key = out.id === line ? "" : out.id.slice(line.length);
      const times = all === undefined ? (this.partsIn(sold).get(out.item) ?? 1n) : 1n;
      ids.push(`${place.id}${key}`);
      this.steps.push({
        kind: "back",
        id: `${place.id}${key}`,
        item: out.item,
        place,
        location: out.location,
        sale: out.id,
        qty: BigInt(qty) * times,
        restock: fate === undefined,
        writeOff: fate === ", written off",
      });
    }
    this.claim(() => {
      const backs: readonly CostedBack[] = this.fold().backs.filter((back) => ids.includes(back.id));
      expect(sumOf(backs, "cost")).toBe(money(cost));
    });
  }

  /** How much of each part one bundle of a sold line has. */
  private partsIn(sold: readonly Step[]): ReadonlyMap<string, bigint> {
    const items = sold.flatMap((step) => (step.kind === "out" ? [step.item] : [])).join();
    for (const name of this.bundles.keys()) {
      const parts = partsOfBundle(name, this.bundles) ?? [];
      if (parts.map((part) => part.item).join() === items) return new Map(parts.map((part) => [part.item, part.qty]));
    }
    throw new Error("no bundle is made of these");
  }

  private sendBack(day?: string, qty = "", lot = "", cost?: string): void {
    const place = this.place(day, 2);
    const reservations = [{ lot: this.idOf(lot), qty: BigInt(qty) }];
    const what = { id: place.id, item: "item", place, location: "main", qty: BigInt(qty), reservations };
    this.steps.push({ kind: "out", source: "purchase-return", ...what });
    this.lots.set(place.id, place.id);
    this.claim(() => expect(this.out(place.id).cost).toBe(money(cost)));
  }

  private receiptLine(name = "", qty = "", grams = "0", amount?: string, cost?: string): void {
    const lines = this.receipt?.lines ?? [];
    const index = lines.push({ name, qty: BigInt(qty), amount: money(amount), weight: BigInt(grams) }) - 1;
    this.claim(() => {
      const extra = spread(lines, this.receipt?.extra ?? 0n, this.receipt?.by)[index] ?? 0n;
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
      const step = this.steps.find(({ id }) => id === this.idOf(name));
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
    const row = this.fold(steps).outs.find(({ id }) => id === sale?.id);
    const about = { line: row?.id ?? "", effectiveOn: sale?.place.on ?? "", item: "item", location: "main" };
    return costPostings({ kind: "sale", ...about, cost: row?.cost ?? 0n });
  }

  private idOf(name: string): string {
    const id = this.lots.get(name);
    if (id === undefined) throw new Error(`nothing is named ${name}`);
    return id;
  }

  private out(name: string): CostedOut {
    const row = this.fold().outs.find(({ id }) => id === this.idOf(name));
    if (row === undefined) throw new Error(`${name} is no movement`);
    return row;
  }

  private left(item?: string, at?: string): [bigint, bigint] {
    const lots = this.fold().lots.filter(
      (lot) => (item === undefined || lot.item === item) && (at === undefined || lot.location === at),
    );
    return [sumOf(lots, "left"), sumOf(lots, "value")];
  }

  private onHand(): bigint {
    return this.steps.reduce((sum, step) => {
      if (step.kind === "make") throw new Error("on hand of what is made is said item by item");
      if (step.kind === "move") return sum;
      return sum + (step.kind === "in" ? step.qty : step.kind === "out" ? -step.qty : step.restock ? step.qty : 0n);
    }, 0n);
  }
}

/** `2 cup (3 parts), 1 plate (1 part)`: amounts of items, with their shares where there are any. */
function amountsOf(text: string): { item: string; qty: bigint; share: bigint }[] {
  return text.split(/, | and /).map((part) => {
    const [, qty, item, share] = /^(\d+) ([a-z]+)(?: \((\d+) parts?\))?$/.exec(part) ?? [];
    if (qty === undefined || item === undefined) throw new Error(`what is “${part}”?`);
    return { item, qty: BigInt(qty), share: BigInt(share ?? 1) };
  });
}

/** The line of a movement: what stands before the part of a bundle. */
const lineOf = (id: string) => id.split("\u001f")[0] ?? "";
const itemOf = (step: Step | undefined) => (step === undefined || step.kind === "make" ? undefined : step.item);

function sumOf<K extends string>(rows: readonly Readonly<Record<K, bigint>>[], name: K): bigint {
  return rows.reduce((sum, row) => sum + row[name], 0n);
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
