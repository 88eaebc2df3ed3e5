/** What each fact posts (accounting.md): by account and day, and summed by account, which is the trial balance. */

import { type Costs, costIn, need } from "./cost";
import type { OrderFact } from "./facts";
import { type Live, salesOf } from "./live";
import { compareText } from "./order";
import { when } from "./time";

const NAMES: Readonly<Record<string, string>> = {
  "1000": "Checking",
  "1180": "Payouts in transit",
  "1200": "Inventory",
  "2200": "Sales tax payable",
  "2210": "Marketplace tax",
  "2300": "Gift cards and store credit",
  "2400": "Loans and advances from channels",
  "3000": "Owner's contributions",
  "3010": "Owner's draws",
  "3090": "Opening balances",
  "4000": "Sales",
  "4010": "Shipping income",
  "4080": "Discounts given",
  "4090": "Refunds and returns",
  "4100": "Other income",
  "5000": "Cost of goods sold",
  "5100": "Inventory shrinkage",
  "5110": "Purchase variance",
  "6000": "Channel fees",
  "6010": "Payment processing fees",
  "6020": "Advertising",
  "6030": "Shipping and postage",
  "6040": "Packaging",
  "6900": "Exchange gains and losses",
  "9990": "Uncategorised income",
  "9991": "Uncategorised expense",
};

const FEES: Readonly<Record<string, string>> = {
  payment: "6010",
  processing: "6010",
  advertising: "6020",
  shipping: "6030",
  label: "6030",
};

/** Whether overhead can be taken from an account: one that every business starts with, and not Inventory itself. */
export function isAccount(code: string): boolean {
  return code !== "1200" && NAMES[code] !== undefined;
}

/** An amount of an account on a day. */
interface Dated {
  date: string;
  code: string;
  amount: bigint;
}
type Move = (date: string, debit: string, credit: string, amount: bigint | number) => void;

export interface Balance {
  code: string;
  name: string;
  amount: bigint;
}

/** Balances that are not zero, by code; debits are positive. */
export function trialBalance(live: Live, costs: Costs): Balance[] {
  const balances = new Map<string, bigint>();
  for (const { code, amount } of postedBy(live, costs)) balances.set(code, (balances.get(code) ?? 0n) + amount);
  const channels = accountsOf(channelsOf(live));
  const names = new Map([...channels.values()].map(({ code, name }) => [code, name]));
  return [...balances]
    .filter(([, amount]) => amount !== 0n)
    .map(([code, amount]) => ({ code, name: NAMES[code] ?? need(names, code), amount }))
    .sort((a, b) => compareText(a.code, b.code));
}

/** What the facts want posted, debits positive, each on the day that it is about (its effective date). */
export function postedBy(live: Live, costs: Costs, channels = accountsOf(channelsOf(live))): Dated[] {
  const all: Dated[] = [];
  const move: Move = (date, debit, credit, amount) => {
    all.push({ date, code: debit, amount: BigInt(amount) }, { date, code: credit, amount: -BigInt(amount) });
  };
  const channel = (name: string) => need(channels, name).code;
  const costOfLine = (id: string) => costIn(need(costs.others, id));

  for (const fact of live.openings) for (const line of fact.lines) move(fact.date, "1200", "3090", line.amount);
  for (const fact of live.purchases) move(fact.date, "1200", "1000", fact.amount);
  for (const order of live.orders) postOrder(order, when(order.at, live.zone).date, channel(order.channel), move);
  for (const sale of costs.sales.values())
    for (const part of sale.parts) move(sale.sale.date, "5000", "1200", costIn(part));
  const sales = salesOf(live);
  for (const fact of live.returns)
    for (const line of fact.lines) {
      move(fact.date, "4090", channel(need(sales, line.line).order.channel), line.amount);
      move(fact.date, line.restock ? "1200" : "5100", "5000", costs.returned.get(line.id) ?? 0n);
    }
  for (const fact of live.strayReturns)
    for (const line of fact.lines) {
      move(fact.date, "4090", channel(fact.channel), line.amount);
      move(fact.date, "1200", "5000", line.cost);
    }
  for (const fact of live.purchaseReturns)
    for (const line of fact.lines) {
      move(fact.date, "1000", "5110", line.amount);
      move(fact.date, "5110", "1200", costOfLine(line.id));
    }
  for (const fact of live.adjustments)
    for (const line of fact.lines)
      if (line.qty > 0) move(fact.date, "1200", "5100", line.amount);
      else move(fact.date, "5100", "1200", costOfLine(line.id));
  // Inventory pays for Inventory in production: only the overhead comes from elsewhere.
  for (const fact of live.assemblies) move(fact.date, "1200", fact.account, fact.overhead);
  for (const fact of live.payouts) move(fact.date, "1180", channel(fact.channel), fact.amount);
  for (const fact of live.backfills) move(fact.date, "1200", "3000", fact.amount);
  return all;
}

function postOrder(order: OrderFact, date: string, channel: string, move: Move): void {
  for (const line of order.lines) move(date, channel, "4000", line.amount);
  move(date, channel, "4010", order.shipping);
  move(date, "4080", channel, order.discount);
  if (order.tax_by === "seller") move(date, channel, "2200", order.tax);
  else {
    move(date, channel, "2210", order.tax);
    move(date, "2210", channel, order.tax);
  }
  for (const fee of order.fees) move(date, FEES[fee.kind] ?? "6000", channel, fee.amount);
}

function channelsOf(live: Live): string[] {
  return [...live.orders, ...live.strayReturns, ...live.payouts].map((fact) => fact.channel);
}

/** 1150, 1151, … in the order of the channels' names. */
export function accountsOf(channels: readonly string[]): Map<string, { code: string; name: string }> {
  return new Map(
    [...new Set(channels)]
      .sort(compareText)
      .map((name, i) => [name, { code: String(1150 + i), name: `${name} balance` }]),
  );
}

/** What was paid for purchases and is in no lot yet. */
export function toDetail(live: Live): bigint {
  let rest = 0n;
  for (const fact of live.purchases) {
    rest += BigInt(fact.amount);
    if (fact.lines.length === 0) continue;
    rest -= fact.lines.reduce((sum, l) => sum + BigInt(l.amount), BigInt(fact.extra));
  }
  return rest;
}
