/**
 * Pure: what a transaction of Amazon's finances says before its settlement is there. A shipment's money is a row about its order; its fees
 * are charges. A refund is a charge until the settlement says which goods it was for. When it is settled, all of it is taken back: the
 * settlement tells it then, under the ids of the settlement.
 */
import { z } from "zod";
import { instantOf, localDateOf } from "../../lib/core/dates";
import { ChannelError } from "../../lib/core/errors";
import { type Fact, factKey, type UndoableFact, type When } from "../../lib/core/facts";
import { parseMinor } from "../../lib/core/money";
import { balanceRow, categoryOf, chargeWithRow, isRefund } from "../amazon-settlements";
import type { Account, RawDocument } from "../connector";
import { ownCurrency } from "../reading";

const Amount = z.object({ currencyCode: z.string().min(1), currencyAmount: z.number() });
const Breakdown = z.object({
  breakdownType: z.string().nullish(),
  breakdownAmount: Amount.nullish(),
  get breakdowns(): z.ZodOptional<z.ZodNullable<z.ZodArray<typeof Breakdown>>> {
    return z.array(Breakdown).nullish();
  },
});
type Breakdown = z.infer<typeof Breakdown>;
const Item = z.object({ description: z.string().nullish(), breakdowns: z.array(Breakdown).nullish() });
const Transaction = z.object({
  transactionType: z.string().min(1),
  description: z.string().nullish(),
  postedDate: z.iso.datetime({ offset: true }),
  totalAmount: Amount,
  relatedIdentifiers: z
    .array(z.object({ relatedIdentifierName: z.string().nullish(), relatedIdentifierValue: z.string().nullish() }))
    .nullish(),
  items: z.array(Item).nullish(),
  breakdowns: z.array(Breakdown).nullish(),
});
type Transaction = z.infer<typeof Transaction>;
const Body = z.object({ settled: z.boolean(), transaction: Transaction });

type Group = "price" | "promotion" | "fee" | "withheld" | "other";
type Part = Readonly<{ group: Group; name: string; amount: bigint }>;

/** The facts of one transaction; with `settled`, the same and that they are taken back. */
export function transactionFacts(document: RawDocument, account: Account): readonly Fact[] {
  const parsed = Body.safeParse(document.body);
  if (!parsed.success) {
    const place = parsed.error.issues[0]?.path.join(".") || "the document";
    throw new ChannelError("unreadable", `Amazon: balance ${document.externalId}: ${place} is not as described`);
  }
  const { settled, transaction } = parsed.data;
  const facts = openFacts(transaction, document.externalId, account);
  if (!settled) return facts;
  // Said once more before they are taken back, so that it does not matter whether they were ever told. Rows name charges, so rows go first.
  const backwards = [...facts].reverse();
  return [...facts, ...backwards.map((fact): Fact => ({ kind: "undo", of: fact.kind, key: factKey(fact) }))];
}

function openFacts(transaction: Transaction, id: string, account: Account): readonly UndoableFact[] {
  const at = instantOf(transaction.postedDate);
  const when: When = { on: localDateOf(at, account.timeZone), at };
  const total = minor(transaction.totalAmount, account);
  const { transactionType: type } = transaction;
  // What Amazon sends to the bank is told by the settlement that it pays.
  if (/^(transfer|disbursement)$/i.test(type) && total <= 0n) return [];
  const number = (transaction.relatedIdentifiers ?? []).find((one) => one.relatedIdentifierName === "ORDER_ID");
  const order = number?.relatedIdentifierValue ? `${account.channel}/order/${number.relatedIdentifierValue}` : null;
  const parts = partsOf(transaction, total, account);
  const memo = transaction.description?.trim() || type;
  const row = (place: string, name: string, amount: bigint) => ({
    account,
    id: `finance/${id}/${place}`,
    when,
    type,
    amount,
    memo: name === "" ? memo : `${memo} · ${name}`,
  });
  const buyers = parts.filter(({ group }) => group === "price" || group === "promotion" || group === "withheld");
  const bought = buyers.reduce((sum, { amount }) => sum + amount, 0n);
  const isSale = order !== null && /^shipment$/i.test(type);
  const isBack = isRefund(type);
  const apart = isSale || isBack ? parts.filter((part) => !buyers.includes(part)) : parts;
  const facts: Fact[] = [];
  if (isSale) facts.push(...balanceRow(row("sale", "", bought), `order/${order}`, null));
  if (isBack) facts.push(...chargeWithRow(row("refund", "", bought), "refund", order, null));
  apart.forEach(({ group, name, amount }, index) => {
    const category = isAdvertising(type)
      ? "advertising"
      : categoryOf({ transaction: type, type: name, label: memo, group });
    const one = row(String(index + 1), name, amount);
    facts.push(...(category === "held" ? balanceRow(one, null, null) : chargeWithRow(one, category, order, null)));
  });
  return facts.filter((fact): fact is UndoableFact => fact.kind === "charge" || fact.kind === "balance_row");
}

const isAdvertising = (type: string): boolean => /productads|sponsored|advertis/i.test(type);

/** What a transaction is made of, alike names together. What its parts leave out is a part of its own: nothing is dropped. */
function partsOf(transaction: Transaction, total: bigint, account: Account): readonly Part[] {
  const itemised = (transaction.items ?? []).flatMap(({ breakdowns }) => breakdowns ?? []);
  // Some types (FBAInventoryReimbursement) break down the whole and not its items.
  const tops = itemised.length > 0 ? itemised : (transaction.breakdowns ?? []).flatMap(within);
  const sums = new Map<string, Part>();
  const add = (group: Group, name: string, amount: bigint) => {
    if (amount === 0n) return;
    const key = `${group}\u001f${name}`;
    sums.set(key, { group, name, amount: (sums.get(key)?.amount ?? 0n) + amount });
  };
  for (const top of tops) {
    const name = top.breakdownType?.trim() || "Amount";
    const group = groupOf(name);
    const amount = amountOf(top, account);
    const inside = (top.breakdowns ?? []).map((one) => ({
      name: one.breakdownType?.trim() || name,
      amount: amountOf(one, account),
    }));
    const isWhole = inside.length > 0 && inside.reduce((sum, one) => sum + one.amount, 0n) === amount;
    if ((group === "fee" || group === "other") && isWhole) for (const one of inside) add(group, one.name, one.amount);
    else add(group, name, amount);
  }
  const found = [...sums.values()].filter(({ amount }) => amount !== 0n);
  const rest = total - found.reduce((sum, { amount }) => sum + amount, 0n);
  return rest === 0n
    ? found
    : [...found, { group: "other", name: found.length === 0 ? "" : "not broken down", amount: rest }];
}

/** Sales and Expenses only gather what is within them. */
function within(top: Breakdown): readonly Breakdown[] {
  const inside = top.breakdowns ?? [];
  return /^(sales|expenses)$/i.test(top.breakdownType ?? "") && inside.length > 0 ? inside : [top];
}

function groupOf(name: string): Group {
  const word = name.replace(/[\s_-]/g, "").toLowerCase();
  if (/withheld|marketplacefacilitator/.test(word)) return "withheld";
  if (/fees?$/.test(word)) return "fee";
  if (/promo|rebate|discount/.test(word)) return "promotion";
  if (/^(productcharges?|principal|shipping|shippingcharges?|giftwrap|giftwrapcharges?|cod|tax)$/.test(word))
    return "price";
  return "other";
}

function amountOf({ breakdownAmount }: Breakdown, account: Account): bigint {
  return breakdownAmount == null ? 0n : minor(breakdownAmount, account);
}

/** Amazon writes these amounts as JSON numbers; their shortest text is what was meant. */
function minor(money: z.infer<typeof Amount>, account: Account): bigint {
  ownCurrency("Amazon", money.currencyCode, account);
  return parseMinor(String(money.currencyAmount), account.currency, { allowTrailingZeros: true });
}
