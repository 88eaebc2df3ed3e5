/** Commands of buying and keeping: purchases and their details, what goes back, counts, transfers, production. */
import { sql } from "drizzle-orm";
import type { Fact } from "../../../lib/core/facts";
import { type DetailsInput, recordPurchase, saveDetails, takeBackPurchase } from "../../../lib/desk/purchases";
import { unseen } from "../../../lib/preview";
import { purchaseDetails } from "../../../lib/stock/purchase-reads";
import { undoFacts } from "../../../lib/undo";
import { dayOf, type Kind, must, places, stocked } from "./command";
import { attempt, type Shop } from "./shop";
import type { Document, Lot, Model, Move, Purchase } from "./state";

const purchase: Kind = {
  can: () => true,
  run: async (m, { scope }, args) => {
    const amount = BigInt(1 + args.amount);
    const id = await recordPurchase(scope, { on: dayOf(args.day), supplier: "Redwood", amount, account: "1000" });
    m.purchases.set(id, { id, amount, line: null, lots: [], extras: [] });
  },
};

const typed = (lot: Omit<Lot, "id"> & { id: string | null }, row: number): DetailsInput["lines"][number] => ({
  row,
  line: lot.id,
  item: lot.item,
  name: `Item ${lot.item}`,
  sku: "",
  qty: String(lot.qty),
  each: null,
  all: lot.amount,
  location: lot.location,
});

/** A line more, a line changed, a line less, or an extra cost: what a person does at a purchase's details. */
const itemise: Kind = {
  can: (m) => m.purchases.size > 0,
  run: async (m, shop, { at, of, day, qty, amount, way }) => {
    const one = must([...m.purchases.values()], at);
    const left = m.toDetail(one) - (one.lots.length === 0 ? one.extras.reduce((sum, part) => sum + part, 0n) : 0n);
    const part = (most: bigint) => BigInt(amount) % (most + 1n);
    const lots: (Omit<Lot, "id"> & { id: string | null })[] = one.lots.map((lot) => ({ ...lot }));
    const extras = [...one.extras];
    const chosen = lots.length === 0 ? undefined : lots[of % lots.length];
    let isRefused = false;
    if (way % 6 === 3 && chosen !== undefined) {
      // Another quantity and cost of a line that is there.
      chosen.amount = part(left + chosen.amount);
      chosen.qty = BigInt(1 + qty);
      isRefused = chosen.qty < m.reserved(chosen.id ?? "");
    } else if (way % 6 === 4 && chosen !== undefined) {
      lots.splice(lots.indexOf(chosen), 1);
      isRefused = m.reserved(chosen.id ?? "") > 0n;
    } else if (way % 6 === 5 && chosen !== undefined) extras.push(part(left));
    else {
      const location = must(places, day % 4 === 0 ? 1 : 0);
      lots.push({ id: null, item: must(stocked, of), qty: BigInt(1 + qty), amount: part(left), location });
    }
    const { version } = await purchaseDetails(shop.scope, one.id);
    const input: DetailsInput = {
      purchase: one.id,
      version,
      accepted: unseen,
      lines: lots.map(typed),
      extras: extras.map((each, row) => ({ row, label: "Shipping", amount: each })),
    };
    const wanted = isRefused ? "refused" : "done";
    const saved = await attempt(m, wanted, ["in_use"], () => saveDetails(shop.scope, input));
    if (saved === null) return;
    one.extras = extras.filter((each) => each !== 0n);
    one.lots = await lotsOf(shop, one);
    const said = ({ item, qty: units, amount: cost, location }: Omit<Lot, "id">) => [item, units, cost, location];
    if (JSON.stringify(one.lots.map(said), big) !== JSON.stringify(lots.map(said), big))
      throw new Error("the details are not what was typed");
  },
};
const big = (_key: string, value: unknown) => (typeof value === "bigint" ? String(value) : value);

/** The lines of a purchase as they are stored: new ones have ids now. */
export async function lotsOf(shop: Shop, one: Purchase): Promise<Lot[]> {
  const rows = await shop.rows<Record<"id" | "item" | "qty" | "amount" | "location", string>>(
    sql`select id, item_id as item, qty::text, amount_minor::text as amount, location_id as location from app.purchase_lines
        where business_id = ${shop.scope.businessId} and purchase_id = ${one.id} order by place`,
  );
  return rows.map((row) => ({ ...row, qty: BigInt(row.qty), amount: BigInt(row.amount) }));
}

const purchaseUndo: Kind = {
  can: (m) => m.purchases.size > 0,
  run: async (m, shop, { at }) => {
    const one = must([...m.purchases.values()], at);
    const isHeld = one.line !== null || m.namers(`purchase/${one.id}`).length > 0;
    const done = await attempt(m, isHeld ? "refused" : "done", ["in_use"], async () => {
      await takeBackPurchase(shop.scope, { purchase: one.id });
      return true;
    });
    if (done) m.purchases.delete(one.id);
  },
};

/** Records a document that the model sums up by what it moves. */
async function add(m: Model, shop: Shop, fact: Fact, known: Partial<Document> & Pick<Document, "key" | "on">) {
  await shop.record(fact);
  m.documents.set(known.key, { names: null, moves: [], lots: [], costIn: 0n, bank: 0n, reserves: null, ...known });
}
const moved = (lot: Lot): Move => ({ item: lot.item, location: lot.location, qty: lot.qty });

const opening: Kind = {
  can: () => true,
  run: async (m, shop, { of, day, qty, amount }) => {
    const id = m.next("g");
    const [on, item] = [dayOf(day), must(stocked, of)];
    const lot = { id: `${id}-1`, item, qty: BigInt(1 + qty), amount: BigInt(amount), location: "main" };
    const fact: Fact = { kind: "opening", id, date: on, lines: [lot] };
    await add(m, shop, fact, { key: `opening/${id}`, on, moves: [moved(lot)], lots: [lot], costIn: lot.amount });
  },
};

/** A count that found more or less than there should be. */
const adjust: Kind = {
  can: () => true,
  run: async (m, shop, { at, of, day, qty, amount, way }) => {
    const id = m.next("a");
    const [on, isIn, location] = [dayOf(day), way % 2 === 0, must(places, at % 4 === 0 ? 1 : 0)];
    const units = BigInt(isIn ? 1 + qty : -1 - qty);
    const lot = { id: `${id}-1`, item: must(stocked, of), qty: units, amount: isIn ? BigInt(amount) : 0n, location };
    const fact: Fact = { kind: "adjustment", id, date: on, location, lines: [lot], reason: null };
    await add(m, shop, fact, { key: `adjustment/${id}`, on, moves: [moved(lot)], lots: isIn ? [lot] : [] });
  },
};

const transfer: Kind = {
  can: () => true,
  run: async (m, shop, { at, of, day, qty, way }) => {
    const id = m.next("t");
    const [on, item, units] = [dayOf(day), must(stocked, of), BigInt(1 + qty)];
    const [from, to] = [must(places, at), must(places, at + 1)];
    const arrives = way % 3 === 0 ? null : dayOf(day + (way % 9));
    const lines = [{ id: `${id}-1`, item, qty: units }];
    const moves = [
      { item, location: from, qty: -units },
      { item, location: to, qty: units },
    ];
    const fact: Fact = { kind: "transfer", id, date: on, arrives, from, to, lines };
    await add(m, shop, fact, { key: `transfer/${id}`, on, moves });
  },
};

/** One item made of another; any two may make each other, over any number of levels. */
const produce: Kind = {
  can: () => true,
  run: async (m, shop, { at, of, day, qty, amount, way }) => {
    const id = m.next("m");
    const [on, input, output] = [dayOf(day), must(stocked, of), must(stocked, of + 1 + (way % 2))];
    const location = must(places, at % 4 === 0 ? 1 : 0);
    const [taken, made] = [BigInt(1 + (qty % 3)), BigInt(1 + (at % 3))];
    const overhead = BigInt(way % 3 === 0 ? amount % 50 : 0);
    const out = { id: `${id}-out`, item: output, qty: made, amount: 0n, location };
    const fact: Fact = {
      kind: "assembly",
      id,
      date: on,
      location,
      inputs: [{ id: `${id}-in`, item: input, qty: taken }],
      outputs: [{ id: out.id, item: output, qty: made, share: 1n }],
      overhead,
      account: "9991",
    };
    const moves = [{ item: input, location, qty: -taken }, moved(out)];
    await add(m, shop, fact, { key: `assembly/${id}`, on, moves, lots: [out], costIn: overhead });
  },
};

/** Units of a purchase go back to the supplier; more than is left for pins is refused. */
const sendBack: Kind = {
  can: (m) => [...m.purchases.values()].some((one) => one.lots.length > 0),
  run: async (m, shop, { at, day, qty, amount }) => {
    const bought = [...m.purchases.values()].flatMap((one) => one.lots.map((lot) => ({ one, lot })));
    const { one, lot } = must(bought, at);
    const id = m.next("v");
    const [on, units, money] = [dayOf(day), BigInt(1 + (qty % 4)), BigInt(amount)];
    const line = { id: `${id}-1`, line: lot.id, qty: units, amount: money };
    const fact: Fact = { kind: "purchase_return", id, date: on, purchase: one.id, lines: [line] };
    const fits = m.reserved(lot.id) + units <= lot.qty;
    await attempt(m, fits ? "done" : "refused", ["does_not_fit"], () =>
      add(m, shop, fact, {
        key: `purchase_return/${id}`,
        on,
        names: `purchase/${one.id}`,
        moves: [{ item: lot.item, location: lot.location, qty: -units }],
        costIn: -money,
        bank: money,
        reserves: { lot: lot.id, qty: units },
      }),
    );
  },
};

const documentUndo: Kind = {
  can: (m) => m.documents.size > 0,
  run: async (m, shop, { at }) => {
    const { key } = must([...m.documents.values()], at);
    const wanted = m.namers(key).length > 0 ? "refused" : "done";
    const done = await attempt(m, wanted, ["in_use"], () =>
      undoFacts(shop.scope, [key], { source: null, userId: shop.scope.userId }),
    );
    if (done !== null) m.documents.delete(key);
  },
};

/** The same fact again, by whatever way: it is known, and nothing changes. */
const sameAgain: Kind = {
  can: () => true,
  run: async (m, shop, { of, day, qty }) => {
    const id = m.next("a");
    const [on, item] = [dayOf(day), must(stocked, of)];
    const lot = { id: `${id}-1`, item, qty: BigInt(1 + qty), amount: 7n, location: "main" };
    const fact: Fact = { kind: "adjustment", id, date: on, location: "main", lines: [lot], reason: null };
    await add(m, shop, fact, { key: `adjustment/${id}`, on, moves: [moved(lot)], lots: [lot] });
    await shop.agrees(m);
    await shop.record(fact, fact);
    const other: Fact = { ...fact, lines: [{ ...lot, amount: 8n }] };
    await attempt(m, "refused", ["fact_changed"], () => shop.record(other));
  },
};

export const stockCommands = {
  purchase,
  itemise,
  purchaseUndo,
  opening,
  adjust,
  transfer,
  produce,
  sendBack,
  documentUndo,
  sameAgain,
} satisfies Readonly<Record<string, Kind>>;
