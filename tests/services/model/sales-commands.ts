/** Commands of selling: orders in versions, refunds, what a person says of them, costs that a person chooses, syncs taken back. */
import { addDays } from "../../../lib/core/dates";
import { addCost, takeBackCosts } from "../../../lib/desk/costs";
import { chooseItem } from "../../../lib/desk/matching";
import { recordReturn, takeBackReturn } from "../../../lib/desk/orders";
import { placeReturn, takeBackPlacement } from "../../../lib/desk/placements";
import { undoSync } from "../../../lib/digest";
import { deliver, hasParked, newRefund, orderDocument, payoutDocument, refundDocument } from "./channel-documents";
import { dayOf, type Kind, must } from "./command";
import { attempt, factsOf, readLines, type Shop } from "./shop";
import {
  type Args,
  type Chosen,
  type Fate,
  factOf,
  type Model,
  type Order,
  type OrderSaid,
  orderFact,
  payoutFact,
  returnedFact,
  type SoldLine,
} from "./state";
import { lotsOf } from "./stock-commands";

const products = [
  { sku: "A", name: "Item a" },
  { sku: "B", name: "Item b" },
  { sku: null, name: "Item c" },
  { sku: "K", name: "Item k" },
  { sku: "A", name: "Item a" },
  { sku: "Z", name: "Unknown thing" },
] as const;

function soldLine(order: string, place: number, of: number, qty: number, amount: number): SoldLine {
  const { sku, name } = must(products, of);
  const id = `${orderFact(order)}/line/l${place}`;
  return { id, sku, name, qty: BigInt(1 + qty), amount: BigInt(amount) };
}

function newOrder(m: Model, { of, day, qty, amount, way }: Args): Order {
  const id = m.next("o");
  const lines = [soldLine(id, 1, of, qty, amount)];
  if (way % 3 === 0) lines.push(soldLine(id, 2, of + way, qty % 3, amount + 1));
  const money = { shipping: BigInt(way), fee: BigInt(way % 4) };
  const said: OrderSaid = { version: 2, on: dayOf(day), lines, ...money, isCancelled: false };
  const order: Order = { id, isByHand: false, said: [said], now: null, isGone: false };
  m.orders.set(id, order);
  return order;
}

const sale: Kind = {
  can: () => true,
  run: async (m, shop, args) => {
    const order = newOrder(m, args);
    await deliver(m, shop, orderDocument(order, must(order.said, 0)));
    if (order.now === null) throw new Error("a new order is taken");
  },
};

/** The channel tells an order anew: other quantities, another day, lines more or less, another product, or that it was cancelled. */
const liveTold = (m: Model) => m.liveOrders().filter((order) => !order.isByHand);
const saleChanged: Kind = {
  can: (m) => liveTold(m).length > 0,
  run: async (m, shop, { at, of, day, qty, amount, way }) => {
    const order = must(liveTold(m), at);
    const last = must(order.said, order.said.length - 1);
    const version = Math.max(...order.said.map((one) => one.version)) + 2;
    const lines = last.lines.map((line, place) => (place === 0 ? { ...line, qty: BigInt(1 + qty) } : line));
    const first = must(last.lines, 0);
    const changed: readonly Partial<OrderSaid>[] = [
      { lines },
      { on: dayOf(day) },
      { lines: [...last.lines, soldLine(order.id, last.lines.length + 1, of, qty, amount)] },
      { lines: last.lines.slice(0, Math.max(1, last.lines.length - 1)) },
      { isCancelled: true },
      { lines: [{ ...first, ...must(products, of) }, ...last.lines.slice(1)] },
      { lines: lines.map((line) => ({ ...line, amount: BigInt(amount) })), isCancelled: false },
    ];
    const said: OrderSaid = { ...last, ...must(changed, way), version };
    order.said.push(said);
    await deliver(m, shop, orderDocument(order, said));
  },
};

const sold = (m: Model) => m.soldLines();
const fates: readonly Fate[] = ["restock", "keep", "unknown"];

const soldThere = (m: Model) => m.soldLines().filter(({ order }) => !order.isByHand);
const refund: Kind = {
  can: (m) => soldThere(m).length > 0,
  run: async (m, shop, { at, qty, day, amount, way }) => {
    const { order, said, line } = must(soldThere(m), at);
    const units = BigInt(1 + (qty % Number(line.qty)));
    const of = { order: orderFact(order.id), sale: line.id, on: addDays(said.on, day % 12) };
    const one = newRefund(m, { ...of, qty: units, amount: BigInt(amount), fate: must(fates, way) });
    await deliver(m, shop, refundDocument(one));
  },
};

/** A refund that is told before its order: it waits, and comes in with the order. */
const refundFirst: Kind = {
  can: () => true,
  run: async (m, shop, args) => {
    const order = newOrder(m, args);
    const said = must(order.said, 0);
    const line = must(said.lines, 0);
    const of = { order: orderFact(order.id), sale: line.id, on: addDays(said.on, args.day % 5) };
    const one = newRefund(m, { ...of, qty: 1n, amount: BigInt(args.amount), fate: must(fates, args.at) });
    await deliver(m, shop, refundDocument(one));
    if (one.state !== "parked") throw new Error("a refund waits for its order");
    await shop.agrees(m);
    await deliver(m, shop, orderDocument(order, said));
    if (order.now === null || (one.state as string) !== "live") throw new Error("the order brings its refund in");
  },
};

const handFates: readonly Fate[] = ["restock", "write off", "keep", "unknown"];
const refundByHand: Kind = {
  can: (m) => sold(m).length > 0,
  run: async (m, shop, { at, qty, day, amount, way }) => {
    const { order, said, line } = must(sold(m), at);
    const units = BigInt(1 + (qty % 4));
    const [on, fate] = [addDays(said.on, day % 12), must(handFates, way)];
    const fits = m.returned(line.id) + units <= line.qty;
    const of = { order: factOf(order), line: line.id, on, qty: String(units), amount: BigInt(amount), fate };
    const key = await attempt(m, fits ? "done" : "refused", ["does_not_fit"], () => recordReturn(shop.scope, of));
    if (key === null) return;
    const id = key.slice("return/".length);
    const known = { id, refund: null, lineId: `${id}/1`, order: of.order, sale: line.id, on, qty: units };
    m.returns.set(id, { ...known, amount: BigInt(amount), fate, placed: null, state: "live" });
  },
};

const unplaced = (m: Model) => m.liveReturns().filter((one) => one.fate === "unknown" && one.placed === null);
const placed: Kind = {
  can: (m) => unplaced(m).length > 0,
  run: async (m, shop, { at, way }) => {
    const one = must(unplaced(m), at);
    const place = must(["restock", "write off", "keep"] as const, way);
    await placeReturn(shop.scope, { line: one.lineId, place });
    one.placed = place;
  },
};
const placedUndo: Kind = {
  can: (m) => m.liveReturns().some((one) => one.placed !== null),
  run: async (m, shop, { at }) => {
    const one = must(
      m.liveReturns().filter((each) => each.placed !== null),
      at,
    );
    await takeBackPlacement(shop.scope, one.lineId);
    one.placed = null;
  },
};
const byHand = (m: Model) => m.liveReturns().filter((one) => one.refund === null);
const refundUndo: Kind = {
  can: (m) => byHand(m).length > 0,
  run: async (m, shop, { at }) => {
    const one = must(byHand(m), at);
    await takeBackReturn(shop.scope, one.id);
    one.state = "gone";
  },
};

const keyOfMatch = (line: SoldLine) => `match/${line.id}`;
/** A person says what a sold line is. Units that were pinned hold it to their item. */
const match: Kind = {
  can: (m) => sold(m).length > 0,
  run: async (m, shop, { at, of }) => {
    const { line } = must(sold(m), at);
    const item = must(["a", "b", "c", "k"] as const, of);
    const isHeld = m.chosenFor(line.id).some((one) => one.kind !== "match");
    const input = { lines: [line.id], item: { id: item, name: "" }, alsoSame: false };
    const codes = ["does_not_fit", "in_use"] as const;
    const done = await attempt(m, isHeld ? "either" : "done", codes, () => chooseItem(shop.scope, input));
    const key = keyOfMatch(line);
    const none = { lot: null, qty: 0n, amount: 0n };
    if (done !== null) m.chosen.set(key, { key, kind: "match", sale: line.id, item, ...none });
  },
};

/** Lines of stocked items with units for which nobody chose a cost. */
const toCost = (m: Model) => sold(m).filter(({ line }) => m.covered(line.id) < line.qty && m.itemOf(line) !== "k");

async function chose(m: Model, shop: Shop, line: SoldLine, source: string): Promise<void> {
  for (const { key, body } of await factsOf(shop, source)) {
    const kind = key.slice(0, key.indexOf("/"));
    const known: Pick<Chosen, "key" | "sale"> = { key, sale: line.id };
    const none = { item: null, lot: null, qty: 0n, amount: 0n };
    const qty = BigInt(String(body.qty ?? 0));
    if (kind === "match") m.chosen.set(key, { ...known, kind, ...none, item: String(body.item) });
    else if (kind === "pin") m.chosen.set(key, { ...known, kind, ...none, lot: String(body.lot), qty });
    else if (kind === "backfill")
      m.chosen.set(key, { ...known, kind, ...none, qty, amount: BigInt(String(body.amount)) });
    else if (kind !== "purchase") throw new Error(`a chosen cost brings no ${kind}`);
  }
  if (m.covered(line.id) > line.qty) throw new Error("more units have a chosen cost than were sold");
}

/** Units of a lot for a sold line. */
const pin: Kind = {
  can: (m) => toCost(m).length > 0 && m.lots().length > 0,
  run: async (m, shop, { at, of }) => {
    const { said, line } = must(toCost(m), at);
    const item = m.itemOf(line);
    // Most pairs are of different items: those of the line's item come first.
    const fitting = m.lots().filter(({ lot }) => item === null || lot.item === item);
    const { lot, on } = must(fitting.length > 0 ? fitting : m.lots(), of);
    if (m.chosen.has(`pin/${line.id}\u001f${lot.id}`)) return;
    const isFree = lot.qty > m.reserved(lot.id) && (item === null || lot.item === item);
    const isInPool = shop.settings.pool === "business" || lot.location === "main";
    const isMadeBefore = on === null || on <= said.on;
    // A backfill is of what the line was: an item chosen with the pin may not fit it.
    const wanted = isFree && isInPool && isMadeBefore ? "done" : "refused";
    const input = { line: line.id, how: { way: "lot", lot: lot.id } as const, item: { id: lot.item, name: "" } };
    const saved = await attempt(m, wanted, ["does_not_fit", "unknown_id", "bad_date"], () =>
      addCost(shop.scope, item === null ? input : { line: input.line, how: input.how }),
    );
    if (saved !== null) await chose(m, shop, line, saved.source);
  },
};

/** A part of what is still to detail of a purchase. */
const pinPart: Kind = {
  can: (m) =>
    toCost(m).some(({ line }) => m.itemOf(line) !== null) &&
    [...m.purchases.values()].some((one) => m.toDetail(one) > 0n),
  run: async (m, shop, { at, of, amount }) => {
    const { line } = must(
      toCost(m).filter((one) => m.itemOf(one.line) !== null),
      at,
    );
    const one = must(
      [...m.purchases.values()].filter((each) => m.toDetail(each) > 0n),
      of,
    );
    const waiting = one.lots.length === 0 ? one.extras.reduce((sum, part) => sum + part, 0n) : 0n;
    const part = BigInt(amount) % (m.toDetail(one) - waiting + 1n);
    const how = { way: "part", purchase: one.id, amount: part } as const;
    const saved = await attempt(m, "done", [], () => addCost(shop.scope, { line: line.id, how }));
    if (saved === null) return;
    one.lots = await lotsOf(shop, one);
    await chose(m, shop, line, saved.source);
  },
};

/** What was paid for it is not in the books. */
const backfill: Kind = {
  can: (m) => toCost(m).length > 0,
  run: async (m, shop, { at, day, amount }) => {
    const { said, line } = must(toCost(m), at);
    const on = addDays(said.on, -(day % 20));
    const how = { way: "outside", amount: BigInt(amount), on, account: "3000" } as const;
    const saved = await addCost(shop.scope, { line: line.id, how });
    await chose(m, shop, line, saved.source);
  },
};

const chosenUndo: Kind = {
  can: (m) => m.chosen.size > 0,
  run: async (m, shop, { at }) => {
    const one = must([...m.chosen.values()], at);
    // What pins hold a line to may not fit without the item that was chosen with them.
    const isHeld = one.kind === "match" && m.chosenFor(one.sale).some((each) => each.kind === "pin");
    const codes = ["does_not_fit", "in_use"] as const;
    const gone = await attempt(m, isHeld ? "either" : "done", codes, () => takeBackCosts(shop.scope, { key: one.key }));
    if (gone === null) return;
    m.chosen.delete(one.key);
    const lot = one.lot ?? "";
    if (!lot.includes(`/for/${one.sale}/`) || m.reserved(lot) > 0n) return;
    // The line of a purchase that was made for this sale goes with its pin.
    for (const each of m.purchases.values()) each.lots = each.lots.filter(({ id }) => id !== lot);
  },
};

/** The channel tells again what it told before. */
const webhookDuplicate: Kind = {
  can: (m) => m.told().length + m.payouts.size > 0,
  run: async (m, shop, { at, of }) => {
    const all = [
      ...m.told().map((order) => orderDocument(order, must(order.said, of))),
      ...[...m.returns.values()].filter((one) => one.refund !== null).map(refundDocument),
      ...[...m.payouts.values()].map(payoutDocument),
    ];
    const before = await hasParked(shop);
    await deliver(m, shop, must(all, at), must(all, at));
    m.isUnchanged = !before && !m.hasJoined;
  },
};

/** An older version of an order, with other content, comes after the newer one. */
const webhookOld: Kind = {
  can: (m) => m.told().length > 0,
  run: async (m, shop, { at, of, qty, amount }) => {
    const order = must(m.told(), at);
    const newest = must(order.said, order.said.length - 1);
    const said = { ...newest, version: 1, lines: [soldLine(order.id, 9, of, qty, amount)], isCancelled: false };
    const before = await hasParked(shop);
    await deliver(m, shop, orderDocument(order, said));
    m.isUnchanged = !before && !m.hasJoined;
  },
};

/** Takes back what a sync brought. What it brought does not come again by itself. */
const syncUndo: Kind = {
  can: (m) => liveTold(m).length > 0,
  run: async (m, shop, { at, way }) => {
    const payouts = [...m.payouts.values()].filter((one) => !one.isGone);
    const one = must(liveTold(m), at);
    const paid = way % 4 === 0 ? payouts[at % Math.max(1, payouts.length)] : undefined;
    const key = paid === undefined ? `order/${orderFact(one.id)}` : `payout/${payoutFact(paid.id)}`;
    const run = await shop.sourceOf(key);
    const keys = new Set((await factsOf(shop, run)).map((fact) => fact.key));
    const isHeld = [...keys].some((each) => m.namers(each).some((by) => !keys.has(by)));
    const gone = await attempt(m, isHeld ? "refused" : "done", ["in_use"], () => undoSync(shop.scope, run));
    if (gone === null) return;
    for (const order of m.told()) if (keys.has(`order/${orderFact(order.id)}`)) order.isGone = true;
    for (const back of m.liveReturns()) if (keys.has(`return/${back.id}`)) back.state = "gone";
    for (const payout of m.payouts.values()) {
      if (keys.has(`payout/${payoutFact(payout.id)}`)) payout.isGone = true;
      if (keys.has(`payout/${returnedFact(payout.id)}`)) payout.isReturnGone = true;
    }
    await readLines(m, shop);
  },
};

export const salesCommands = {
  sale,
  saleChanged,
  refund,
  refundFirst,
  refundByHand,
  placed,
  placedUndo,
  refundUndo,
  match,
  pin,
  pinPart,
  backfill,
  chosenUndo,
  webhookDuplicate,
  webhookOld,
  syncUndo,
} satisfies Readonly<Record<string, Kind>>;
