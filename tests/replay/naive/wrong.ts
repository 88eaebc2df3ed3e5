/** Facts that replay.md and costing.md refuse, made to measure for a history. */
import type { Fact } from "../histories";
import { Book } from "./book";
import { possibleItems } from "./doubt";
import { isBundle, type Live, locationOf, partsOf, salesOf, sourcesOf } from "./live";
import { matchLines } from "./match";
import type { Random } from "./random";

/** Facts that no reading of the text accepts after these, by what is wrong with them. */
export function wrongFacts(facts: readonly Fact[], random: Random): Map<string, Fact[]> {
  const book = new Book();
  for (const fact of facts) book.add(fact);
  const live = book.live();
  const item = random.pick(live.items.filter((i) => i.components.length === 0)).id;
  const groups: [string, Fact[]][] = [
    ["fields", wrongFields(item, live)],
    ["assemblies", wrongAssemblies(item)],
    ["bundles", wrongBundles(live)],
    ["purchases", wrongPurchases(item, live)],
    ["returns", wrongReturns(live)],
    ["pins", wrongPins(live)],
    ["lots that no pin may name", wrongLots(live)],
    ["undo", wrongUndos(live)],
    ["other content", otherContent(facts)],
  ];
  return new Map(groups.filter(([, wrong]) => wrong.length > 0));
}

const date = "2025-03-01";

function bought(item: string, line: object, more: object = {}): Fact {
  return {
    kind: "purchase",
    id: "wrong",
    date,
    amount: 100,
    lines: [{ id: "wrong-1", item, qty: 1, amount: 100, ...line }],
    ...more,
  };
}

function ordered(line: object, more: object = {}): Fact {
  const lines = [{ id: "wrong-1", name: "wrong", qty: 1, amount: 1, ...line }];
  return { kind: "order", id: "wrong", channel: "ebay", at: date, lines, ...more };
}

function adjusted(item: string, line: object, more: object = {}): Fact {
  return { kind: "adjustment", id: "wrong", date, lines: [{ id: "wrong-1", item, qty: 1, ...line }], ...more };
}

function made(item: string, more: object): Fact {
  const line = { item, qty: 1 };
  const [inputs, output] = [[{ id: "wrong-1", ...line }], { id: "wrong-2", ...line }];
  return { kind: "assembly", id: "wrong", date, inputs, output, ...more };
}

function wrongFields(item: string, { locations, items }: Live): Fact[] {
  const [from, to] = locations;
  const moved = (more: object): Fact => ({ kind: "transfer", id: "wrong", date, from, to, lines: [], ...more });
  const wrong: Fact[] = [
    { kind: "gift", id: "wrong" },
    bought(item, { qty: 0 }),
    bought(item, { qty: 1.5 }),
    bought(item, { qty: "1" }),
    bought(item, { amount: -1 }),
    bought(item, { amount: 1 }, { amount: 2 ** 53 + 2 }),
    bought(item, {}, { date: "2025-02-30" }),
    bought(item, {}, { date: "1 March 2025" }),
    ordered({ qty: 0 }),
    ordered({ amount: -1 }),
    ordered({}, { at: `${date}T12:00:00` }),
    ordered({}, { tax_by: "buyer" }),
    ordered({}, { shipping: -1 }),
    ordered({ location: "in-transit" }),
    { kind: "location", id: "late", name: "late" },
    { kind: "location", id: "in-transit", name: "late" },
    { kind: "business", currency: "EUR" },
    { kind: "business", pool: "shelf" },
    { kind: "business", grace_days: -1 },
    { kind: "business", time_zone: "Mars/Olympus" },
    moved({ to: from }),
    moved({ to: "in-transit" }),
    moved({ to: "nowhere" }),
    adjusted(item, { qty: -1, amount: 5 }),
    adjusted(item, { qty: 0 }),
    adjusted("nothing", {}),
    adjusted(item, {}, { location: "nowhere" }),
    { kind: "payout", id: "wrong", channel: "ebay", date, amount: -5 },
    { kind: "payout", id: "wrong", channel: "ebay", date: "soon", amount: 5 },
    { kind: "match", sale: "nothing", item },
    { kind: "pin", sale: "nothing", lot: "nothing", qty: 1 },
    { kind: "backfill", id: "wrong", sale: "nothing", date, amount: 1 },
    { kind: "return", id: "wrong", date, order: "nothing", lines: [] },
    {
      kind: "return",
      id: "wrong",
      date,
      channel: "ebay",
      lines: [{ id: "wrong-1", item, qty: 1, amount: 0, cost: -1 }],
    },
    { kind: "close", through: "2025-13-01" },
    { kind: "item", id: "wrong", name: "Wrong", components: [{ item: "nothing", qty: 1 }] },
    { kind: "item", id: "wrong", name: "Wrong", components: [{ item, qty: 0 }] },
    { kind: "item", id: "wrong", name: "Wrong", components: [{ item: "wrong", qty: 1 }] },
    { kind: "item", id: item, name: "Other", components: [{ item: items[0]?.id, qty: 1 }] },
  ];
  if (to !== undefined) wrong.push(moved({ arrives: "2025-02-28" }));
  return wrong;
}

function wrongAssemblies(item: string): Fact[] {
  const output = { id: "wrong-2", item, qty: 1 };
  return [
    made(item, { output: undefined }),
    made(item, { outputs: [{ ...output, share: 1 }] }),
    made(item, { output: undefined, outputs: [{ ...output, share: 0 }] }),
    made(item, { output: undefined, outputs: [{ ...output, share: -1 }] }),
    made(item, { output: undefined, outputs: [{ ...output, share: 0.5 }] }),
    made(item, { output: { ...output, id: "wrong-1" } }),
    made(item, { output: { ...output, item: "nothing" } }),
    made(item, { output: { ...output, qty: 0 } }),
    made(item, { inputs: [{ id: "wrong-1", item: "nothing", qty: 1 }] }),
    made(item, { inputs: [{ id: "wrong-1", item, qty: -1 }] }),
    made(item, { overhead: -1 }),
    made(item, { overhead: 1, account: "no account" }),
    made(item, { location: "nowhere" }),
    made(item, { location: "in-transit" }),
    made(item, { date: "2025-00-01" }),
  ];
}

/** A bundle cannot be bought, moved, adjusted, made or used, and its lines are not backfilled. */
function wrongBundles(live: Live): Fact[] {
  const wrong: Fact[] = [];
  const [from, to] = live.locations;
  for (const { id: item } of live.items.filter((i) => i.components.length > 0)) {
    const line = { id: "wrong-1", item, qty: 1, amount: 1 };
    wrong.push(
      bought(item, {}),
      { kind: "opening", id: "wrong", date, lines: [line] },
      adjusted(item, {}),
      adjusted(item, { qty: -1 }),
      made(item, { inputs: [] }),
      made(item, { output: undefined, outputs: [{ id: "wrong-2", item, qty: 1, share: 1 }] }),
      { kind: "return", id: "wrong", date, channel: "ebay", lines: [{ ...line, cost: 1 }] },
    );
    if (to !== undefined) wrong.push({ kind: "transfer", id: "wrong", date, from, to, lines: [line] });
  }
  for (const [sale, { item }] of matchLines(live))
    if (item !== null && isBundle(live, item)) wrong.push({ kind: "backfill", id: "wrong", sale, date, amount: 1 });
  return wrong;
}

function wrongPurchases(item: string, live: Live): Fact[] {
  const wrong = [
    bought("nothing", {}),
    bought(item, { location: "nowhere" }),
    bought(item, { location: "in-transit" }),
    bought(item, { amount: 101 }),
    bought(item, {}, { extra: 1 }),
  ];
  for (const { id, lines } of live.purchases)
    for (const line of lines) {
      const sent = (more: object, purchase = id): Fact => ({
        kind: "purchase_return",
        id: "wrong",
        date,
        purchase,
        lines: [{ id: "wrong-1", line: line.id, qty: 1, amount: 0, ...more }],
      });
      wrong.push(
        bought(item, { id: line.id }),
        made(item, { output: { id: line.id, item, qty: 1 } }),
        sent({ qty: leftForPins(live, line.id) + 1 }),
        sent({}, "nothing"),
        sent({ line: "nothing" }),
        sent({ amount: -1 }),
      );
    }
  return wrong;
}

function wrongReturns(live: Live): Fact[] {
  const wrong: Fact[] = [];
  for (const { id, lines } of live.orders)
    for (const line of lines) {
      const back = (more: object, on = "2026-12-31"): Fact => ({
        kind: "return",
        id: "wrong",
        date: on,
        order: id,
        lines: [{ id: "wrong-1", line: line.id, qty: 1, amount: 0, restock: true, ...more }],
      });
      const before = live.returns.flatMap((r) => r.lines).filter((l) => l.line === line.id);
      const left = before.reduce((rest, l) => rest - l.qty, line.qty);
      wrong.push(
        back({ qty: left + 1 }),
        back({ qty: left + 1, restock: false }),
        back({ line: "nothing" }),
        back({ write_off: true }),
        back({ location: "nowhere" }),
        back({ restock: "yes" }),
        back({}, "2020-01-01"),
      );
    }
  return wrong;
}

function wrongPins(live: Live): Fact[] {
  const wrong: Fact[] = [];
  const sources = sourcesOf(live);
  const matches = matchLines(live);
  const possible = possibleItems(live);
  for (const [sale, { line, date: soldOn }] of salesOf(live)) {
    wrong.push(
      { kind: "backfill", id: "wrong", sale, date, amount: 1, qty: line.qty + 1 },
      { kind: "backfill", id: "wrong", sale, date, amount: -1 },
      { kind: "match", sale, item: "nothing" },
      { kind: "pin", sale, lot: "nothing", qty: 1 },
      { kind: "pin", sale, lot: sale, qty: 1 },
    );
    const sold = matches.get(sale)?.item ?? null;
    for (const lot of sources.values()) {
      const pin = (qty: number) => wrong.push({ kind: "pin", sale, lot: lot.id, qty });
      if (live.pins.some((p) => p.sale === sale && p.lot === lot.id)) continue;
      pin(leftForPins(live, lot.id) + 1);
      pin(0);
      if (lot.madeOn !== null && lot.madeOn > soldOn) pin(1);
      if (live.pool === "location" && lot.location !== locationOf(live, line.location)) pin(1);
      if (![...possible(sale)].some((item) => partsOf(live, item).has(lot.item))) pin(1);
      const each = sold === null ? 0n : (partsOf(live, sold).get(lot.item) ?? 0n);
      if (each > 0n && each < 100n) pin(line.qty * Number(each) + 1);
    }
  }
  return wrong;
}

/** Lots made by returns, transfers and other sales' backfills. */
function wrongLots(live: Live): Fact[] {
  const lots = [...live.returns, ...live.strayReturns, ...live.transfers].flatMap((f) => f.lines.map((l) => l.id));
  const sales = [...salesOf(live).keys()];
  return sales.flatMap((sale) => [
    ...lots.map((lot) => ({ kind: "pin", sale, lot, qty: 1 })),
    ...live.backfills.filter((b) => b.sale !== sale).map((b) => ({ kind: "pin", sale, lot: b.id, qty: 1 })),
  ]);
}

function wrongUndos(live: Live): Fact[] {
  const undo = (of: string, id: string): Fact => ({ kind: "undo", of, id });
  const stocked = [...live.openings, ...live.purchases, ...live.adjustments, ...live.strayReturns, ...live.transfers];
  const items = [
    ...stocked.flatMap((f) => f.lines.map((l) => l.item)),
    ...live.assemblies.flatMap((f) => [...f.inputs, ...f.outputs].map((l) => l.item)),
    ...live.items.flatMap((i) => i.components.map((c) => c.item)),
    ...live.matches.map((m) => m.item),
  ];
  const sales = salesOf(live);
  const named = [...live.pins, ...live.backfills, ...live.matches].map((f) => sales.get(f.sale)?.order.id ?? "");
  const pinned = new Set(live.pins.map((p) => p.lot));
  const isPinned = ({ id }: { id: string }) => pinned.has(id);
  return [
    undo("purchase", "nothing"),
    undo("gift", "nothing"),
    undo("close", date),
    undo("location", live.locations[0] ?? ""),
    { kind: "undo", of: "business" },
    { kind: "undo", of: "pin", sale: "nothing", lot: "nothing" },
    { kind: "undo", of: "match", sale: "nothing" },
    ...items.map((id) => undo("item", id)),
    ...[...named, ...live.returns.map((r) => r.order)].map((id) => undo("order", id)),
    ...live.purchaseReturns.map((r) => undo("purchase", r.purchase)),
    ...live.openings.filter((f) => f.lines.some(isPinned)).map((f) => undo("opening", f.id)),
    ...live.purchases.filter((f) => f.lines.some(isPinned)).map((f) => undo("purchase", f.id)),
    ...live.adjustments.filter((f) => f.lines.some(isPinned)).map((f) => undo("adjustment", f.id)),
    ...live.assemblies.filter((f) => f.outputs.some(isPinned)).map((f) => undo("assembly", f.id)),
  ];
}

/** A fact that is there already, with other content. */
function otherContent(facts: readonly Fact[]): Fact[] {
  const key = ({ kind, id, sale, lot }: Fact, of: unknown = kind) =>
    JSON.stringify([of, of === "pin" ? [sale, lot] : of === "match" ? sale : id]);
  const undone = new Set(facts.filter((f) => f.kind === "undo").map((f) => key(f, f.of)));
  const wrong: Fact[] = [];
  for (const fact of facts) {
    if (["undo", "close", "business"].includes(fact.kind) || undone.has(key(fact))) continue;
    if (typeof fact.amount === "number") wrong.push({ ...fact, amount: fact.amount + 1 });
    if (fact.kind === "pin") wrong.push({ ...fact, qty: Number(fact.qty) + 1 });
    if (typeof fact.date === "string") wrong.push({ ...fact, date: "2025-01-31" });
    if (typeof fact.name === "string") wrong.push({ ...fact, name: `${fact.name}!` });
    if (fact.kind === "order") wrong.push({ ...fact, channel: "other" });
    if (fact.kind === "assembly") wrong.push({ ...fact, overhead: 100_000 });
    if (fact.kind === "transfer") wrong.push({ ...fact, arrives: "2027-01-01" });
    if (Array.isArray(fact.lines) && fact.lines.length > 0) wrong.push({ ...fact, lines: fact.lines.slice(1) });
  }
  return wrong;
}

/** A lot's quantity less pins and purchase returns. */
function leftForPins(live: Live, lot: string): number {
  const pins = live.pins.filter((p) => p.lot === lot).map((p) => p.qty);
  const sent = live.purchaseReturns.flatMap((r) => r.lines.filter((l) => l.line === lot).map((l) => l.qty));
  return [...pins, ...sent].reduce((rest, qty) => rest - qty, sourcesOf(live).get(lot)?.qty ?? 0);
}
