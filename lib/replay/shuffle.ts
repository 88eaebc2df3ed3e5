/**
 * A random order of recording in which every fact still follows those it names, so that the result is the same (costing.md rule 11).
 * Works on the raw lines, which it only reads as far as ids go; a line that says nothing of itself keeps its place by its segment.
 */

type Line = Readonly<{ line: number; value: unknown }>;
type Raw = Readonly<Record<string, unknown>>;

/** Shuffles lines; the same seed gives the same order. Closes stay where they are, business and locations first. */
export function shuffleFacts(lines: readonly Line[], seed: string): Line[] {
  const random = generator(seed);
  const out: Line[] = [];
  const memory = new Memory();
  let segment: Line[] = [];
  const flush = () => {
    out.push(...shuffleSegment(segment, memory, random));
    segment = [];
  };
  for (const line of lines) {
    const kind = fieldsOf(line).kind;
    if (kind === "business" || kind === "location" || kind === "close") {
      flush();
      out.push(line);
    } else segment.push(line);
  }
  flush();
  return out;
}

function fieldsOf(line: Line): Raw {
  return typeof line.value === "object" && line.value !== null ? (line.value as Raw) : {};
}

/** What is known of earlier segments: which listing a sold line is of, and what each fact touched, for an undo that comes later. */
class Memory {
  readonly listing = new Map<string, string>();
  readonly things = new Map<string, Things>();
}

const text = (value: unknown): string => (typeof value === "string" ? value : "");

/** The lines of a document, what goes into a production and comes out of it, what a bundle is made of. */
function partsOf(raw: Raw): Raw[] {
  return [raw.lines, raw.inputs, raw.outputs, [raw.output], raw.components]
    .flatMap((list): readonly unknown[] => (Array.isArray(list) ? list : []))
    .filter((part): part is Raw => typeof part === "object" && part !== null);
}

/** The things that a fact makes or names; two facts that touch one thing keep their order around its undo. */
type Things = Readonly<{ key: string; made: readonly string[]; named: readonly string[] }>;

function thingsOf(raw: Raw): Things {
  const kind = text(raw.kind);
  const key =
    kind === "pin"
      ? `pin ${text(raw.sale)}\u001f${text(raw.lot)}`
      : kind === "match"
        ? `match ${text(raw.sale)}`
        : `${kind} ${text(raw.id)}`;
  const made = [key];
  const named: string[] = [];
  if (kind === "backfill") made.push(`line ${text(raw.id)}`);
  for (const line of partsOf(raw)) {
    if (typeof line.id === "string") made.push(`line ${line.id}`);
    if (typeof line.item === "string") named.push(`item ${line.item}`);
    if (typeof line.line === "string") named.push(`line ${line.line}`);
  }
  if (kind === "pin" || kind === "backfill" || kind === "match") named.push(`line ${text(raw.sale)}`);
  if (kind === "pin") named.push(`line ${text(raw.lot)}`);
  if (kind === "match") named.push(`item ${text(raw.item)}`);
  if (kind === "return" && typeof raw.order === "string") named.push(`order ${raw.order}`);
  if (kind === "purchase_return") named.push(`purchase ${text(raw.purchase)}`);
  if (kind === "undo") {
    const of = text(raw.of);
    named.push(
      of === "pin"
        ? `pin ${text(raw.sale)}\u001f${text(raw.lot)}`
        : of === "match"
          ? `match ${text(raw.sale)}`
          : `${of} ${text(raw.id)}`,
    );
  }
  return { key, made, named };
}

/** A graph of what must come before what; nodes past the facts only join others, so that edges stay as many as names. */
class Order {
  readonly after: number[][] = [];
  readonly waits: number[] = [];
  node(): number {
    this.after.push([]);
    this.waits.push(0);
    return this.after.length - 1;
  }
  edge(before: number | undefined, later: number): void {
    if (before === undefined || before === later) return;
    this.after[before]?.push(later);
    this.waits[later] = (this.waits[later] ?? 0) + 1;
  }
}

/** The head of a growing list of nodes: depending on it is depending on all of them. */
function join(order: Order, heads: Map<string, number>, name: string, member: number): void {
  const head = order.node();
  order.edge(heads.get(name), head);
  order.edge(member, head);
  heads.set(name, head);
}

function shuffleSegment(segment: readonly Line[], memory: Memory, random: () => number): Line[] {
  const order = new Order();
  for (const _ of segment) order.node();
  const things = segment.map((line) => thingsOf(fieldsOf(line)));
  const maker = new Map<string, number>();
  const targets = new Map<string, number>();
  // All facts that touched a thing so far, and the last undo that did.
  const touched = new Map<string, number>();
  const undone = new Map<string, number>();
  const groups = new Map<string, number>();
  things.forEach(({ key, made, named }, i) => {
    const raw = fieldsOf(segment[i] ?? { line: 0, value: null });
    const kind = text(raw.kind);
    order.edge(targets.get(key), i);
    if (!targets.has(key)) targets.set(key, i);
    for (const name of named) order.edge(maker.get(name), i);
    for (const name of made) if (!maker.has(name)) maker.set(name, i);
    const holds = kind === "pin" || kind === "backfill";
    if (kind === "order" && Array.isArray(raw.lines)) {
      for (const part of raw.lines) {
        const line = typeof part === "object" && part !== null ? (part as Raw) : {};
        if (typeof line.listing === "string")
          memory.listing.set(text(line.id), `${text(raw.channel)}\u001f${line.listing}`);
      }
    }
    const sale = text(raw.sale);
    const ofSale = [`sale ${sale}`, ...(memory.listing.has(sale) ? [`listing ${memory.listing.get(sale)}`] : [])];
    if (holds) {
      // What decides a pinned line's item stays before the pin: items, matches by hand and orders of its listing.
      order.edge(groups.get("items"), i);
      for (const name of ofSale) order.edge(groups.get(name), i);
    }
    // A bundle may not become what a sale with a given cost is: not until a second item of its name takes the match away, nor until
    // the cost is undone.
    const isBundle = kind === "item" && Array.isArray(raw.components);
    if (kind === "item") {
      if (isBundle) order.edge(groups.get("items"), i);
      join(order, groups, "items", i);
    }
    if (kind === "match") for (const name of ofSale) join(order, groups, name, i);
    if (kind === "order" && Array.isArray(raw.lines)) {
      for (const part of raw.lines) {
        const listing = memory.listing.get(text((part as Raw | null)?.id));
        if (listing !== undefined) join(order, groups, `listing ${listing}`, i);
      }
    }
    // Around an undo, everything about the same things keeps its order; what holds or changes matches does so as a whole.
    if (kind !== "undo" && !memory.things.has(key)) memory.things.set(key, { key, made, named });
    const target = kind === "undo" ? memory.things.get(named[0] ?? "") : undefined;
    const about = new Set([...made, ...named, ...(target === undefined ? [] : [...target.made, ...target.named])]);
    const changesMatches = /^(item|order|match|pin|backfill)$/.test(kind === "undo" ? text(raw.of) : "");
    if (holds || changesMatches || isBundle) about.add("matching");
    for (const name of about) {
      order.edge(undone.get(name), i);
      if (kind === "undo") {
        order.edge(touched.get(name), i);
        undone.set(name, i);
      }
      join(order, touched, name, i);
    }
  });
  return draw(segment, order, random);
}

/** Draws the facts in a random order that the graph allows. */
function draw(segment: readonly Line[], order: Order, random: () => number): Line[] {
  const out: Line[] = [];
  const ready: number[] = [];
  const free = (node: number) => {
    // A joining node is passed at once: it stands for no fact.
    const stack = [node];
    for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
      if (at < segment.length) ready.push(at);
      else stack.push(...release(order, at));
    }
  };
  order.waits.forEach((waits, node) => {
    if (waits === 0 && node < segment.length) ready.push(node);
  });
  while (ready.length > 0) {
    const pick = Math.floor(random() * ready.length);
    const node = ready[pick];
    const last = ready.pop();
    if (node === undefined || last === undefined) break;
    if (pick < ready.length) ready[pick] = last;
    const line = segment[node];
    if (line !== undefined) out.push(line);
    for (const next of release(order, node)) free(next);
  }
  return out;
}

function release(order: Order, node: number): number[] {
  const freed: number[] = [];
  for (const next of order.after[node] ?? []) {
    const waits = (order.waits[next] ?? 0) - 1;
    order.waits[next] = waits;
    if (waits === 0) freed.push(next);
  }
  return freed;
}

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
function generator(seed: string): () => number {
  let state = 0x9e3779b9;
  for (const letter of seed) state = Math.imul(state ^ (letter.codePointAt(0) ?? 0), 0x85ebca6b) >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
