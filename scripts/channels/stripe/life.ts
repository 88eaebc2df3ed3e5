/** An account behind the local Stripe: charges for a shop's orders and of its own, refunds, disputes, daily payouts. From a seed. */
import { type Random, randomOf } from "../../../integrations/practice/server/random";

export type Charge = {
  id: string;
  amount: number;
  created: number;
  description: string | null;
  metadata: Record<string, string>;
  refunded: number;
};
export type Source =
  | Readonly<{ kind: "charge"; charge: Charge }>
  | Readonly<{ kind: "refund" | "dispute"; id: string; amount: number; charge: Charge; created: number }>
  | Readonly<{ kind: "payout"; payout: Payout }>
  | Readonly<{ kind: "none" }>;
export type Transaction = Readonly<{
  id: string;
  type: string;
  category: string;
  amount: number;
  fee: number;
  created: number;
  description: string;
  source: Source;
}>;
export type Payout = {
  id: string;
  amount: number;
  created: number;
  automatic: boolean;
  failed: boolean;
  rows: string[];
};

export type Account = Readonly<{
  transactions: () => readonly Transaction[];
  payouts: () => readonly Payout[];
  charges: () => readonly Charge[];
  sell: (at: number, forShop: boolean) => Charge;
  refund: (at: number, charge?: string) => Transaction | null;
  dispute: (at: number) => Transaction | null;
  payOut: (at: number, automatic?: boolean) => Payout | null;
}>;

const day = 86_400;
const things = ["Candle workshop", "Gift box", "Market stall, Saturday", "Repair", "Two tea towels"];

/** `days` of trade that end at `until` (seconds). */
export function makeAccount(seed: number, days: number, until: number): Account {
  // Newest last; Stripe lists them from the end.
  const transactions: Transaction[] = [];
  const payouts: Payout[] = [];
  const charges: Charge[] = [];
  const paid = new Set<string>();
  let count = 0;
  const id = (prefix: string) => {
    count += 1;
    return `${prefix}_local${seed}${String(count).padStart(7, "0")}`;
  };
  const add = (one: Omit<Transaction, "id">): Transaction => {
    const made = { id: id("txn"), ...one };
    transactions.push(made);
    return made;
  };

  function charge(at: number, random: Random, forShop: boolean): Charge {
    const order = String(1000 + charges.length);
    const made: Charge = {
      id: id("ch"),
      amount: random.between(500, 20_000),
      created: at,
      description: forShop ? `Local Woo & Co - Order ${order}` : random.pick(things),
      metadata: forShop
        ? { order_id: order, site_url: "https://shop.example" }
        : random.chance(400)
          ? { sku: "GIFT-BOX" }
          : {},
      refunded: 0,
    };
    charges.push(made);
    const fee = Math.round(made.amount * 0.029) + 30;
    add({
      type: "charge",
      category: "charge",
      amount: made.amount,
      fee,
      created: at,
      description: made.description ?? "",
      source: { kind: "charge", charge: made },
    });
    return made;
  }

  function refund(of: Charge, at: number, amount: number): Transaction {
    of.refunded += amount;
    const source = { kind: "refund", id: id("re"), amount, charge: of, created: at } as const;
    const description = `REFUND FOR CHARGE (${of.description ?? ""})`;
    return add({ type: "refund", category: "refund", amount: -amount, fee: 0, created: at, description, source });
  }

  function dispute(of: Charge, at: number, isWon: boolean): Transaction {
    of.refunded = of.amount;
    const source = { kind: "dispute", id: id("dp"), amount: of.amount, charge: of, created: at } as const;
    const common = { type: "adjustment", source } as const;
    const description = `Chargeback withdrawal for ${of.id}`;
    const lost = add({ ...common, category: "dispute", amount: -of.amount, fee: 1_500, created: at, description });
    if (isWon)
      add({
        ...common,
        category: "dispute_reversal",
        amount: of.amount,
        fee: -1_500,
        created: at + 60,
        description: `Chargeback reversal for ${of.id}`,
      });
    return lost;
  }

  function payOut(at: number, automatic = true, isSure = true): Payout | null {
    const ready = transactions.filter((one) => !paid.has(one.id) && one.created <= at - (automatic ? 2 * day : 0));
    const amount = ready.reduce((sum, one) => sum + one.amount - one.fee, 0);
    if (amount <= 0) return null;
    const payout: Payout = { id: id("po"), amount, created: at, automatic, failed: false, rows: [] };
    payouts.push(payout);
    for (const one of ready) paid.add(one.id);
    const own = add({
      type: "payout",
      category: "payout",
      amount: -amount,
      fee: 0,
      created: at,
      description: "STRIPE PAYOUT",
      source: { kind: "payout", payout },
    });
    paid.add(own.id);
    payout.rows = [...ready.map((one) => one.id), own.id];
    if (!isSure) {
      payout.failed = true;
      add({
        type: "payout_failure",
        category: "payout_reversal",
        amount,
        fee: 0,
        created: at + 3_600,
        description: "STRIPE PAYOUT (FAILED)",
        source: { kind: "payout", payout },
      });
    }
    return payout;
  }

  const canRefund = (one: Charge) => one.refunded === 0;
  for (let at = 0; at < days; at += 1) {
    const random = randomOf(seed, "day", at);
    const morning = until - (days - at) * day;
    payOut(morning, true, at !== Math.floor(days / 2));
    for (let each = 0; each < random.between(1, 5); each += 1)
      charge(morning + 3_600 + each * 7_200, random, random.chance(400));
    const old = charges.filter((one) => canRefund(one) && one.created < morning - 3 * day);
    if (old.length > 0 && random.chance(250)) {
      const one = random.pick(old);
      refund(one, morning + 50_000, random.chance(600) ? one.amount : Math.floor(one.amount / 3));
    } else if (old.length > 0 && random.chance(40)) dispute(random.pick(old), morning + 51_000, random.chance(500));
    if (at % 30 === 17)
      add({
        type: "stripe_fee",
        category: "fee",
        amount: -random.between(100, 900),
        fee: 0,
        created: morning + 52_000,
        description: "Radar",
        source: { kind: "none" },
      });
    if (at % 45 === 31)
      add({
        type: "climate_order_purchase",
        category: "climate_order_purchase",
        amount: -200,
        fee: 0,
        created: morning + 53_000,
        description: "Stripe Climate",
        source: { kind: "none" },
      });
  }

  return {
    transactions: () => transactions,
    payouts: () => payouts,
    charges: () => charges,
    sell: (at, forShop) => charge(at, randomOf(seed, "sell", count), forShop),
    refund: (at, wanted) => {
      const one = charges.findLast((each) => canRefund(each) && (wanted === undefined || each.id === wanted));
      return one === undefined ? null : refund(one, at, one.amount);
    },
    dispute: (at) => {
      const one = charges.findLast(canRefund);
      return one === undefined ? null : dispute(one, at, false);
    },
    payOut: (at, automatic) => payOut(at, automatic),
  };
}
