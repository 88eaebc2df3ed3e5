/** An account behind the local PayPal: payments for a shop and of its own, refunds, holds, withdrawals, purchases. From a seed. */
import { type Random, randomOf } from "../../../integrations/practice/server/random";

export type Item = Readonly<{ code: string; name: string; quantity: number; amount: bigint }>;
export type Row = {
  id: string;
  code: string;
  status: string;
  at: number;
  updated: number;
  amount: bigint;
  fee: bigint;
  shipping: bigint;
  tax: bigint;
  reference: string | null;
  invoice: string | null;
  subject: string;
  items: readonly Item[];
  /** null: the account's own currency. */
  currency: string | null;
};

export type Account = Readonly<{
  rows: () => readonly Row[];
  sell: (at: number, forShop: boolean) => Row;
  refund: (at: number, payment?: string) => Row | null;
  payOut: (at: number) => Row | null;
  balance: () => bigint;
  held: () => bigint;
}>;

const hour = 3_600_000;
const day = 24 * hour;
const things = [
  { code: "CND-L", name: "Beeswax candle, large", price: 1_800n },
  { code: "TWL", name: "Tea towel", price: 1_250n },
  { code: "WRK", name: "Candle workshop", price: 6_000n },
];
const holdCodes = ["T1110", "T1111"];

/** `days` of trade that end at `until` (ms). */
export function makeAccount(seed: number, days: number, until: number): Account {
  const rows: Row[] = [];
  const refunded = new Set<string>();
  let count = 0;
  function add(at: number, code: string, amount: bigint, rest: Partial<Row> = {}): Row {
    count += 1;
    const row: Row = {
      id: `${seed}LOCAL${String(count).padStart(10, "0")}`.padStart(17, "0").slice(-17),
      code,
      status: "S",
      at,
      updated: at,
      amount,
      fee: 0n,
      shipping: 0n,
      tax: 0n,
      reference: null,
      invoice: null,
      subject: "",
      items: [],
      currency: null,
      ...rest,
    };
    rows.push(row);
    return row;
  }

  function payment(at: number, random: Random, forShop: boolean): Row {
    const items = Array.from({ length: random.between(1, 2) }, () => {
      const { price, ...thing } = random.pick(things);
      const quantity = random.between(1, 3);
      return { ...thing, quantity, amount: price * BigInt(quantity) };
    });
    const [shipping, tax] = random.chance(500) ? [495n, 0n] : [0n, 180n];
    const amount = items.reduce((sum, item) => sum + item.amount, 0n) + shipping + tax;
    return add(at, "T0006", amount, {
      fee: -((amount * 349n + 5_000n) / 10_000n + 49n),
      shipping,
      tax,
      invoice: forShop ? `WC-${1000 + rows.length}` : null,
      subject: forShop ? "" : (items[0]?.name ?? ""),
      // A shop's plug-in sends no cart.
      items: forShop ? [] : items,
    });
  }

  function refund(of: Row, at: number, part: bigint): Row {
    refunded.add(of.id);
    return add(at, "T1107", -part, {
      reference: of.id,
      invoice: of.invoice,
      fee: part === of.amount ? -of.fee - 49n : 0n,
    });
  }

  const balance = () =>
    rows.reduce((sum, row) => (row.currency === null && row.status === "S" ? sum + row.amount + row.fee : sum), 0n);
  const withdraw = (at: number): Row | null => (balance() > 0n ? add(at, "T0400", -balance()) : null);
  const canRefund = (row: Row) => row.code === "T0006" && row.status === "S" && !refunded.has(row.id);

  for (let at = 0; at < days; at += 1) {
    const random = randomOf(seed, "day", at);
    const morning = until - (days - at) * day;
    for (let each = 0; each < random.between(1, 4); each += 1)
      payment(morning + each * 2 * hour, random, random.chance(400));
    const old = rows.filter((row) => canRefund(row) && row.at < morning - 2 * day && row.at > morning - 100 * day);
    if (old.length > 0 && random.chance(200)) {
      const one = random.pick(old);
      refund(one, morning + 10 * hour, random.chance(600) ? one.amount : one.amount / 3n);
    }
    if (old.length > 0 && random.chance(60)) {
      const one = random.pick(old);
      const hold = { reference: one.id, invoice: one.invoice };
      add(morning + 11 * hour, "T1110", -one.amount, hold);
      if (random.chance(700)) add(morning + 12 * hour, "T1111", one.amount, hold);
    }
    if (random.chance(60)) {
      // The seller buys something: the card pays in what goes out.
      add(morning + 13 * hour, "T0700", 2_500n, { subject: "General Card Deposit" });
      add(morning + 13 * hour, "T0003", -2_500n, { subject: "Labels and tape" });
    }
    if (at % 30 === 20) add(morning + 14 * hour, "T0101", -3_000n, { subject: "Monthly fee" });
    if (at % 7 === 6) withdraw(morning + 15 * hour);
    if (at % 40 === 27) payment(morning + 16 * hour, random, false).status = "P";
  }
  // The account stands with something in it, whatever day it ends on.
  payment(until - 2 * hour, randomOf(seed, "last"), true);

  return {
    rows: () => rows,
    sell: (at, forShop) => payment(at, randomOf(seed, "sell", count), forShop),
    refund: (at, wanted) => {
      const one = rows.findLast((row) => canRefund(row) && (wanted === undefined || row.id === wanted));
      return one === undefined ? null : refund(one, at, one.amount);
    },
    payOut: withdraw,
    balance,
    held: () => -rows.reduce((sum, row) => (holdCodes.includes(row.code) ? sum + row.amount : sum), 0n),
  };
}
