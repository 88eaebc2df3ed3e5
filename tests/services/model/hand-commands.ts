/** Commands of sales that a person records: a sale by hand, changed, taken back. Its items are chosen with it. */
import { sql } from "drizzle-orm";
import { type OrderByHand, saveOrder, takeBackOrder } from "../../../lib/desk/orders";
import { dayOf, type Kind, must } from "./command";
import { attempt, type Shop } from "./shop";
import type { Model, Order, SoldLine } from "./state";

const goods = [
  { item: "a", sku: "A", name: "Item a" },
  { item: "b", sku: "B", name: "Item b" },
  { item: "c", sku: null, name: "Item c" },
  { item: "k", sku: "K", name: "Item k" },
] as const;
type Typed = Readonly<{ id: string | null; of: (typeof goods)[number]; qty: bigint; amount: bigint }>;
type Said = Readonly<{ on: string; lines: readonly Typed[]; shipping: bigint; fee: bigint }>;

const formOf = (id: string | null, said: Said): OrderByHand => ({
  id,
  channel: null,
  number: "",
  on: said.on,
  lines: said.lines.map((line, row) => ({
    row,
    id: line.id,
    item: { id: line.of.item, name: "" },
    qty: String(line.qty),
    amount: line.amount,
  })),
  shipping: said.shipping,
  discount: 0n,
  tax: 0n,
  fees: said.fee,
});

/** The order as it was typed, with the ids that its lines have now, and each line's item as a person chose it. */
async function kept(m: Model, shop: Shop, id: string, said: Said): Promise<void> {
  const rows = await shop.rows<{ id: string }>(
    sql`select id from app.order_lines where business_id = ${shop.scope.businessId} and order_id = ${id} and not is_undone order by place`,
  );
  if (rows.length !== said.lines.length) throw new Error("the sale has other lines than were typed");
  for (const key of [...m.chosen.keys()]) if (key.startsWith(`match/${id}/`)) m.chosen.delete(key);
  const none = { lot: null, qty: 0n, amount: 0n };
  const lines = said.lines.map(({ of, qty, amount }, place): SoldLine => {
    const line = { id: rows[place]?.id ?? "", sku: of.sku, name: of.name, qty, amount };
    const key = `match/${line.id}`;
    m.chosen.set(key, { key, kind: "match", sale: line.id, item: of.item, ...none });
    return line;
  });
  const { on, shipping, fee } = said;
  const now = { version: 1, on, lines, shipping, fee, isCancelled: false };
  m.orders.set(id, { id, isByHand: true, said: [now], now, isGone: false });
}

const handSale: Kind = {
  can: () => true,
  run: async (m, shop, { at, of, day, qty, amount, way }) => {
    const line: Typed = { id: null, of: must(goods, of), qty: BigInt(1 + qty), amount: BigInt(amount) };
    const other: Typed = { id: null, of: must(goods, at), qty: 1n, amount: 77n };
    const lines = way % 2 === 0 ? [line] : [line, other];
    const said = { on: dayOf(day), lines, shipping: BigInt(way), fee: BigInt(at % 5) };
    const { id } = await saveOrder(shop.scope, formOf(null, said));
    await kept(m, shop, id, said);
  },
};

const byHand = (m: Model) => m.liveOrders().filter((order) => order.isByHand);
/** What refers to a sale apart from the items that were chosen with it. */
const others = (m: Model, order: Order) => m.namers(`order/${order.id}`).filter((key) => !key.startsWith("match/"));
const itemNow = (m: Model, line: SoldLine) =>
  must(
    goods.filter(({ item }) => item === m.chosen.get(`match/${line.id}`)?.item),
    0,
  );

const handSaleChanged: Kind = {
  can: (m) => byHand(m).length > 0,
  run: async (m, shop, { at, of, day, qty, amount, way }) => {
    const order = must(byHand(m), at);
    const now = must(order.said, 0);
    const typed = now.lines
      .filter((line) => m.chosen.has(`match/${line.id}`))
      .map((line): Typed => ({ id: line.id, of: itemNow(m, line), qty: line.qty, amount: line.amount }));
    // An item that was taken back from its line leaves nothing for the form to show: it is typed anew.
    const all: readonly Typed[] =
      typed.length > 0 ? typed : [{ id: null, of: must(goods, of), qty: BigInt(1 + qty), amount: BigInt(amount) }];
    const more: Typed = { id: null, of: must(goods, of), qty: BigInt(1 + qty), amount: BigInt(amount) };
    const first = must(all, 0);
    const changed: readonly Partial<Said>[] = [
      { lines: [{ ...first, qty: BigInt(1 + qty) }, ...all.slice(1)] },
      { on: dayOf(day) },
      { lines: [...all, more] },
      { lines: [more, ...all.slice(1)] },
      { lines: [{ ...first, of: must(goods, of) }, ...all.slice(1)] },
    ];
    const said: Said = { on: now.on, lines: all, shipping: now.shipping, fee: now.fee, ...must(changed, way) };
    const wanted = others(m, order).length > 0 ? "either" : "done";
    const codes = ["in_use", "does_not_fit"] as const;
    const saved = await attempt(m, wanted, codes, () => saveOrder(shop.scope, formOf(order.id, said)));
    if (saved !== null) await kept(m, shop, order.id, said);
  },
};

const handSaleUndo: Kind = {
  can: (m) => byHand(m).length > 0,
  run: async (m, shop, { at }) => {
    const order = must(byHand(m), at);
    const wanted = others(m, order).length > 0 ? "refused" : "done";
    const done = await attempt(m, wanted, ["in_use"], async () => {
      await takeBackOrder(shop.scope, order.id);
      return true;
    });
    if (!done) return;
    order.isGone = true;
    for (const key of [...m.chosen.keys()]) if (key.startsWith(`match/${order.id}/`)) m.chosen.delete(key);
  },
};

export const handCommands = { handSale, handSaleChanged, handSaleUndo } satisfies Readonly<Record<string, Kind>>;
