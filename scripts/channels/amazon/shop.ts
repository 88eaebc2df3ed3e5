/**
 * A seller's account at Amazon, made from a seed: two months of orders, what Amazon posted for them, and the settlements that it paid.
 * Money is in whole cents. What is posted after the last settlement is open; a transaction that waits (deferred) is in none.
 */
import { randomOf } from "../../../integrations/practice/server/random";
import {
  type BuyerReturn,
  buyerReturns,
  firstRemoval,
  type LedgerEvent,
  ledgerOf,
  leftOf,
  type Removal,
} from "./warehouse";

export type Product = Readonly<{ sku: string; asin: string; title: string; cents: number }>;
export type Sold = Readonly<{
  id: string;
  product: Product;
  qty: number;
  goods: number;
  shipping: number;
  tax: number;
  discount: number;
}>;
type Status = "UNSHIPPED" | "SHIPPED" | "CANCELLED";
export type Order = { id: string; createdMs: number; updatedMs: number; status: Status; items: readonly Sold[] };

export type Group = "price" | "shipping" | "tax" | "promotion" | "withheld" | "fee" | "other";
export type Part = Readonly<{ group: Group; name: string; cents: number }>;
type PostedItem = Readonly<{ item: Sold | null; qty: number; parts: readonly Part[] }>;
/** Something that Amazon posted: a shipment, a refund, a fee. */
export type Posted = Readonly<{
  id: string;
  type: string;
  description: string;
  order: string | null;
  postedMs: number;
  isDeferred: boolean;
  items: readonly PostedItem[];
}>;
export type Settlement = Readonly<{ id: string; report: string; startMs: number; endMs: number }>;

const dayMs = 86_400_000;

const products: readonly Product[] = [
  { sku: "MUG-BLUE", asin: "B0PRACT001", title: "Stoneware mug, blue", cents: 1899 },
  { sku: "MUG-SAND", asin: "B0PRACT002", title: "Stoneware mug, sand", cents: 1899 },
  { sku: "TEA-TIN", asin: "B0PRACT003", title: "Tea tin, 200 g", cents: 1250 },
  { sku: "NOTE-A5", asin: "B0PRACT004", title: "Notebook A5, dotted", cents: 995 },
  { sku: "LAMP-OAK", asin: "B0PRACT005", title: "Desk lamp, oak", cents: 6400 },
  { sku: "SOCK-WOOL", asin: "B0PRACT006", title: "Wool socks, pair", cents: 1475 },
];

type ShopOptions = Readonly<{ seed: number; orders: number; nowMs: number }>;

export type Shop = Readonly<{
  orders: () => readonly Order[];
  posted: () => readonly Posted[];
  settlements: () => readonly Settlement[];
  products: readonly Product[];
  /** What is left at Amazon's warehouses, by SKU, and when that changed last. */
  stock: (sku: string, nowMs: number) => Readonly<{ sellable: number; unsellable: number; changedMs: number }>;
  /** What the inventory ledger has by then, and the units that buyers sent back. */
  ledger: (nowMs: number) => readonly LedgerEvent[];
  returns: (nowMs: number) => readonly BuyerReturn[];
  /** Something happens in the warehouse. */
  happens: (event: LedgerEvent) => void;
  /** The removal orders, and one that is placed, or said anew with what became of it. */
  removals: () => readonly Removal[];
  remove: (removal: Removal) => void;
  /** What a settlement holds: everything that was posted in its time and did not wait. */
  within: (settlement: Settlement) => readonly Posted[];
  /** What no settlement holds. */
  open: () => readonly Posted[];
  /** What the seller owed before a settlement, which carries it (0 or less); before the next one where none is named. */
  carried: (settlement?: Settlement) => number;
  /** What Amazon owes: what is open, less what is carried. */
  owed: () => number;
  sell: (atMs: number) => Order;
  /** Sends all of an order back; the latest that was not sent back where none is named. */
  refund: (atMs: number, order?: string) => Posted;
  touch: (order: string, atMs: number) => void;
  /** Pays what is open: a settlement that ends now. */
  settle: (atMs: number) => Settlement;
}>;

export const centsOf = (posted: Posted): number =>
  posted.items.reduce((sum, { parts }) => sum + parts.reduce((each, { cents }) => each + cents, 0), 0);

export function shopOf({ seed, orders: count, nowMs }: ShopOptions): Shop {
  const today = Math.floor(nowMs / dayMs) * dayMs;
  const beginning = today - 60 * dayMs;
  const orders: Order[] = [];
  const posted: Posted[] = [];
  const settlements: Settlement[] = [];
  const told: LedgerEvent[] = [];
  const sentBack = new Set<string>();

  function make(name: string | number, atMs: number): Order {
    const random = randomOf(seed, "order", name);
    const id = `113-${String(random.below(9_000_000) + 1_000_000)}-${String(random.below(9_000_000) + 1_000_000)}`;
    const kinds = random.chance(250) ? 2 : 1;
    const first = random.below(products.length);
    const items = Array.from({ length: kinds }, (_, place): Sold => {
      const product = products[(first + place) % products.length] ?? random.pick(products);
      const qty = random.chance(200) ? random.between(2, 4) : 1;
      const goods = product.cents * qty;
      const shipping = random.chance(400) ? 499 : 0;
      return {
        id: String(50_000_000_000 + random.below(900_000_000) + place),
        product,
        qty,
        goods,
        shipping,
        tax: Math.round((goods + shipping) * 0.08),
        discount: random.chance(150) ? Math.floor(goods / 10) : 0,
      };
    });
    const order: Order = { id, createdMs: atMs, updatedMs: atMs, status: "UNSHIPPED", items };
    orders.push(order);
    return order;
  }

  function ship(order: Order, atMs: number, isDeferred = false): void {
    order.status = "SHIPPED";
    order.updatedMs = atMs;
    posted.push({
      id: idOf("shipment", order.id),
      type: "Shipment",
      description: "Order Payment",
      order: order.id,
      postedMs: atMs,
      isDeferred,
      items: order.items.map((item) => ({ item, qty: item.qty, parts: saleParts(item) })),
    });
  }

  function giveBack(order: Order, atMs: number): Posted {
    sentBack.add(order.id);
    const one: Posted = {
      id: idOf("refund", order.id),
      type: "Refund",
      description: "Refund Order",
      order: order.id,
      postedMs: atMs,
      isDeferred: false,
      items: order.items.map((item) => ({ item, qty: item.qty, parts: refundParts(item) })),
    };
    posted.push(one);
    return one;
  }

  function alone(type: string, description: string, atMs: number, group: Group, name: string, cents: number): void {
    posted.push({
      id: idOf(type, atMs),
      type,
      description,
      order: null,
      postedMs: atMs,
      isDeferred: false,
      items: [{ item: null, qty: 0, parts: [{ group, name, cents }] }],
    });
  }

  const idOf = (...name: readonly (string | number)[]) => {
    const random = randomOf(seed, "id", ...name);
    return Array.from({ length: 4 }, () => random.below(2 ** 31).toString(36)).join("-");
  };

  function close(startMs: number, endMs: number): Settlement {
    const number = 21_000_000_000 + seed * 1_000 + settlements.length;
    const one = { id: String(number), report: String(number + 500_000), startMs, endMs };
    settlements.push(one);
    return one;
  }

  for (let place = 0; place < count; place += 1) {
    const random = randomOf(seed, "life", place);
    const createdMs = beginning + Math.floor(((58.5 * dayMs) / count) * place) + random.below(3_000_000);
    const order = make(place, createdMs);
    const shippedMs = createdMs + dayMs + random.below(dayMs / 4);
    if (random.chance(40)) {
      order.status = "CANCELLED";
      order.updatedMs = createdMs + 3_600_000;
    } else if (shippedMs < nowMs) {
      // One that was bought on invoice waits for its money, behind settlements that were paid meanwhile.
      const isDeferred = shippedMs > today - 8 * dayMs && !posted.some((one) => one.isDeferred);
      ship(order, shippedMs, isDeferred);
      const backMs = shippedMs + random.between(2, 9) * dayMs;
      if (!isDeferred && random.chance(120) && backMs < nowMs) giveBack(order, backMs);
    }
  }
  for (let atMs = beginning + 3 * dayMs; atMs < nowMs; atMs += 30 * dayMs)
    alone("ServiceFee", "Subscription", atMs, "fee", "Subscription Fee", -3999);
  for (let atMs = beginning + 2 * dayMs + 7_000_000; atMs < nowMs; atMs += 7 * dayMs)
    alone("ProductAdsPayment", "Product Ads Payment", atMs, "other", "Cost of Advertising", -1275);
  alone(
    "FBAInventoryReimbursement",
    "FBA Inventory Reimbursement",
    beginning + 20 * dayMs,
    "other",
    "WAREHOUSE_DAMAGE",
    905,
  );
  posted.sort((a, b) => a.postedMs - b.postedMs);
  for (let startMs = beginning; startMs + 14 * dayMs < today; startMs += 14 * dayMs)
    close(startMs, startMs + 14 * dayMs);

  const within = ({ startMs, endMs }: Settlement) =>
    posted.filter((one) => !one.isDeferred && one.postedMs >= startMs && one.postedMs < endMs);
  const sumOf = (some: readonly Posted[]) => some.reduce((sum, one) => sum + centsOf(one), 0);
  /** A settlement that comes to less than nothing is not paid; the next one begins with it. */
  const carried = (until?: Settlement) => {
    let carry = 0;
    for (const settlement of settlements) {
      if (settlement === until) break;
      carry = Math.min(0, carry + sumOf(within(settlement)));
    }
    return carry;
  };
  const open = () => posted.filter((one) => one.isDeferred || one.postedMs >= lastEnd());
  const lastEnd = () => settlements.at(-1)?.endMs ?? beginning;
  const removals: Removal[] = [firstRemoval(beginning, products[0]?.sku ?? "")];
  const warehouse = { beginningMs: beginning, products, orders: () => orders, posted: () => posted, told, removals };
  return {
    orders: () => orders,
    posted: () => posted,
    settlements: () => settlements,
    products,
    within,
    open,
    carried,
    owed: () => sumOf(open()) + carried(),
    stock: (sku, atMs) => leftOf(warehouse, sku, atMs),
    ledger: (atMs) => ledgerOf(warehouse, atMs),
    returns: (atMs) => buyerReturns(warehouse, atMs),
    happens: (event) => told.push(event),
    removals: () => removals,
    remove: (removal) => {
      const { id, sku, disposition } = removal;
      const known = removals.findIndex((one) => one.id === id && one.sku === sku && one.disposition === disposition);
      if (known < 0) removals.push(removal);
      else removals[known] = removal;
    },
    sell: (atMs) => {
      const order = make(`sold-${orders.length}`, atMs);
      ship(order, atMs);
      return order;
    },
    refund: (atMs, named) => {
      const order = orders.findLast(
        ({ id, status }) => status === "SHIPPED" && !sentBack.has(id) && (named === undefined || id === named),
      );
      if (order === undefined) throw new Error("there is no shipped order that was not sent back");
      return giveBack(order, atMs);
    },
    touch: (id, atMs) => {
      const order = orders.find((one) => one.id === id);
      if (order !== undefined) order.updatedMs = atMs;
    },
    settle: (atMs) => close(lastEnd(), atMs),
  };
}

const some = (parts: readonly Part[]): readonly Part[] => parts.filter(({ cents }) => cents !== 0);
const commissionOf = ({ goods, discount }: Sold): number => Math.round((goods - discount) * 0.15);

function saleParts(item: Sold): readonly Part[] {
  return some([
    { group: "price", name: "Principal", cents: item.goods },
    { group: "tax", name: "Tax", cents: item.tax },
    { group: "shipping", name: "Shipping", cents: item.shipping },
    { group: "promotion", name: "Principal", cents: -item.discount },
    { group: "withheld", name: "MarketplaceFacilitatorTax-Principal", cents: -item.tax },
    { group: "fee", name: "Commission", cents: -commissionOf(item) },
    { group: "fee", name: "FBAPerUnitFulfillmentFee", cents: -322 * item.qty },
  ]);
}

/** Goods and tax go back; of its commission Amazon keeps a part. */
function refundParts(item: Sold): readonly Part[] {
  const commission = commissionOf(item);
  return some([
    { group: "price", name: "Principal", cents: -item.goods },
    { group: "tax", name: "Tax", cents: -item.tax },
    { group: "promotion", name: "Principal", cents: item.discount },
    { group: "withheld", name: "MarketplaceFacilitatorTax-Principal", cents: item.tax },
    { group: "fee", name: "Commission", cents: commission },
    { group: "fee", name: "RefundCommission", cents: -Math.min(500, Math.round(commission * 0.2)) },
  ]);
}
