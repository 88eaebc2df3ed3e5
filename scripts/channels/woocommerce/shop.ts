/** The shop behind the local WooCommerce: made from a seed, the same every time; it then trades on by command. */
import { type Random, randomOf } from "../../../integrations/practice/server/random";

export type Fields = Record<string, unknown>;
type Line = { id: number; quantity: number; total: bigint; name: string };
export type Order = {
  id: number;
  status: string;
  gateway: string;
  created: number;
  modified: number;
  paid: number | null;
  lines: (Line & { product: number; variation: number; sku: string; subtotal: bigint; tax: bigint })[];
  shipping: bigint;
  fee: bigint;
  refunds: Refund[];
};
export type Refund = {
  id: number;
  created: number;
  amount: bigint;
  reason: string;
  lines: (Line & { of: number; tax: bigint })[];
};
type Product = {
  id: number;
  name: string;
  sku: string;
  price: bigint;
  variations: { id: number; sku: string; option: string }[];
};

export const gateways: Readonly<Record<string, string>> = {
  stripe: "Credit card (Stripe)",
  ppcp: "PayPal",
  bacs: "Direct bank transfer",
  cod: "Cash on delivery",
};

const products: readonly Product[] = [
  { id: 101, name: "Beeswax candle &ndash; large", sku: "CND-L", price: 1_800n, variations: [] },
  { id: 102, name: "Tea towel", sku: "TWL", price: 1_250n, variations: [] },
  { id: 103, name: "Soap &amp; dish", sku: "SOAP", price: 950n, variations: [] },
  {
    id: 110,
    name: "Wool socks",
    sku: "SCK",
    price: 2_100n,
    variations: [
      { id: 111, sku: "SCK-S", option: "S" },
      { id: 112, sku: "SCK-M", option: "M" },
      { id: 113, sku: "", option: "L" },
    ],
  },
];

export type Shop = Readonly<{
  orders: () => readonly Order[];
  products: readonly Product[];
  sell: (at: number) => Order;
  refund: (at: number, order?: number) => Refund | null;
  touch: (order: Order, at: number) => void;
  trash: (at: number, order?: number) => Order | null;
  order: (id: number) => Order | undefined;
}>;

export const taxOf = (amount: bigint): bigint => (amount * 725n + 5_000n) / 10_000n;
export const totalOf = (order: Order): bigint =>
  order.lines.reduce((sum, line) => sum + line.total + line.tax, 0n) + order.shipping + order.fee;

/** `orders` orders, about nine hours apart, the last one shortly before `until` (ms). */
export function makeShop(seed: number, orders: number, until: number): Shop {
  const all: Order[] = [];
  let next = 1_000;
  const id = () => {
    next += 1;
    return next;
  };

  function make(at: number, random: Random): Order {
    const gateway = random.pick(["stripe", "stripe", "ppcp", "bacs", "cod"]);
    const coupon = random.chance(200);
    const lines = Array.from({ length: random.between(1, 3) }, () => {
      const product = random.pick(products);
      const variation = product.variations.length === 0 ? null : random.pick(product.variations);
      const quantity = random.between(1, 3);
      const subtotal = product.price * BigInt(quantity);
      const total = coupon ? subtotal - subtotal / 10n : subtotal;
      const name = variation === null ? product.name : `${product.name} - ${variation.option}`;
      const sku = variation === null ? product.sku : variation.sku;
      const line = { id: id(), product: product.id, variation: variation?.id ?? 0, sku, name, quantity };
      return { ...line, subtotal, total, tax: taxOf(total) };
    });
    const status = random.chance(60)
      ? "cancelled"
      : random.chance(60)
        ? "pending"
        : random.chance(300)
          ? "processing"
          : "completed";
    const isPaid = status !== "pending" && (status !== "cancelled" || random.chance(500));
    return {
      id: id(),
      status,
      gateway,
      created: at,
      modified: at + random.between(60, 90_000) * 1_000,
      paid: isPaid ? at + 60_000 : null,
      lines,
      shipping: random.chance(700) ? 595n : 0n,
      fee: random.chance(120) ? 300n : 0n,
      refunds: [],
    };
  }

  const shop: Shop = {
    orders: () => all,
    products,
    order: (wanted) => all.find((order) => order.id === wanted),
    sell: (at) => {
      const made = { ...make(at, randomOf(seed, "sell", next)), status: "processing", modified: at, paid: at };
      all.push(made);
      return made;
    },
    refund: (at, wanted) => {
      const order =
        wanted === undefined ? all.findLast(canRefund) : all.find((one) => one.id === wanted && canRefund(one));
      if (order === undefined) return null;
      return refundIn(order, at, randomOf(seed, "refund", order.id));
    },
    touch: (order, at) => {
      order.modified = at;
    },
    trash: (at, wanted) => {
      const order = wanted === undefined ? all.findLast((one) => one.status !== "trash") : shop.order(wanted);
      if (order === undefined) return null;
      order.status = "trash";
      order.modified = at;
      return order;
    },
  };

  function refundIn(order: Order, at: number, random: Random): Refund {
    const [line] = order.lines;
    if (line === undefined) throw new Error("an order without lines");
    const isMoneyOnly = random.chance(250);
    const lines = isMoneyOnly
      ? []
      : [{ id: id(), of: line.id, name: line.name, quantity: line.quantity, total: line.total, tax: line.tax }];
    const amount = isMoneyOnly ? 250n : line.total + line.tax;
    const refund = { id: id(), created: at, amount, reason: isMoneyOnly ? "Came late" : "Did not fit", lines };
    order.refunds.push(refund);
    order.modified = at;
    return refund;
  }

  const hour = 3_600_000;
  for (let at = 0; at < orders; at += 1) {
    const random = randomOf(seed, "order", at);
    const order = make(until - (orders - at) * 9 * hour + random.between(0, 3_600) * 1_000, random);
    all.push(order);
    if (canRefund(order) && random.chance(150)) refundIn(order, order.created + 30 * hour, random);
    if (random.chance(20)) order.status = "trash";
  }
  return shop;
}

function canRefund(order: Order): boolean {
  return order.paid !== null && order.refunds.length === 0 && ["processing", "completed"].includes(order.status);
}
