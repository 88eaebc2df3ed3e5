/** What each fact posts (accounting.md), summed by account: the trial balance, without periods. */

import { type Costs, costIn, need } from "./cost";
import type { OrderFact } from "./facts";
import { type Live, salesOf } from "./live";
import { compareText } from "./order";

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

export interface Balance {
  code: string;
  name: string;
  amount: bigint;
}

/** Balances that are not zero, by code; debits are positive. */
export function trialBalance(live: Live, costs: Costs): Balance[] {
  const channels = channelAccounts(live);
  const balances = new Map<string, bigint>();
  const move = (debit: string, credit: string, amount: bigint | number) => {
    balances.set(debit, (balances.get(debit) ?? 0n) + BigInt(amount));
    balances.set(credit, (balances.get(credit) ?? 0n) - BigInt(amount));
  };
  const channel = (name: string) => need(channels, name).code;
  const costOfLine = (id: string) => costIn(need(costs.others, id));

  for (const fact of live.openings) for (const line of fact.lines) move("1200", "3090", line.amount);
  for (const fact of live.purchases) move("1200", "1000", fact.amount);
  for (const order of live.orders) postOrder(order, channel(order.channel), move);
  for (const sale of costs.sales.values()) for (const part of sale.parts) move("5000", "1200", costIn(part));
  const sales = salesOf(live);
  for (const fact of live.returns)
    for (const line of fact.lines) {
      move("4090", channel(need(sales, line.line).order.channel), line.amount);
      move(line.restock ? "1200" : "5100", "5000", costs.returned.get(line.id) ?? 0n);
    }
  for (const fact of live.strayReturns)
    for (const line of fact.lines) {
      move("4090", channel(fact.channel), line.amount);
      move("1200", "5000", line.cost);
    }
  for (const fact of live.purchaseReturns)
    for (const line of fact.lines) {
      move("1000", "5110", line.amount);
      move("5110", "1200", costOfLine(line.id));
    }
  for (const fact of live.adjustments)
    for (const line of fact.lines)
      if (line.qty > 0) move("1200", "5100", line.amount);
      else move("5100", "1200", costOfLine(line.id));
  // Inventory pays for Inventory in production: only the overhead comes from elsewhere.
  for (const fact of live.assemblies) move("1200", fact.account, fact.overhead);
  for (const fact of live.payouts) move("1180", channel(fact.channel), fact.amount);
  for (const fact of live.backfills) move("1200", "3000", fact.amount);

  const names = new Map([...channels.values()].map(({ code, name }) => [code, name]));
  return [...balances]
    .filter(([, amount]) => amount !== 0n)
    .map(([code, amount]) => ({ code, name: NAMES[code] ?? need(names, code), amount }))
    .sort((a, b) => compareText(a.code, b.code));
}

function postOrder(
  order: OrderFact,
  channel: string,
  move: (debit: string, credit: string, amount: bigint | number) => void,
): void {
  for (const line of order.lines) move(channel, "4000", line.amount);
  move(channel, "4010", order.shipping);
  move("4080", channel, order.discount);
  if (order.tax_by === "seller") move(channel, "2200", order.tax);
  else {
    move(channel, "2210", order.tax);
    move("2210", channel, order.tax);
  }
  for (const fee of order.fees) move(FEES[fee.kind] ?? "6000", channel, fee.amount);
}

/** 1150, 1151, … in the order of the channels' names. */
function channelAccounts(live: Live): Map<string, { code: string; name: string }> {
  const names = new Set([...live.orders, ...live.strayReturns, ...live.payouts].map((fact) => fact.channel));
  return new Map(
    [...names].sort(compareText).map((name, i) => [name, { code: String(1150 + i), name: `${name} balance` }]),
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
