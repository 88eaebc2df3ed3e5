/**
 * Pure: a monetary transaction of Finances. Its amount has no sign; `bookingEntry` has: CREDIT comes to the seller, DEBIT goes. What a
 * SALE moves is what the buyer paid the seller less eBay's fees, and what a REFUND takes is what the buyer gets less the fees that eBay
 * gives back: both are taken apart, so that each fee is a charge of its own. eBay-collected tax is in none of it.
 */
import {
  type BalanceRowFact,
  type ChargeCategory,
  type ChargeFact,
  type Fact,
  factKey,
  type When,
} from "../../lib/core/facts";
import type { Account } from "../connector";
import { returnOf } from "./read-refund";
import { amountIn, idIn, type Sold, sum, type Transaction, whenOf } from "./shapes";

/** A row of the balance and what is known of it: everything but whose money it is. */
type Row = Readonly<{
  account: Account;
  id: string;
  when: When;
  type: string;
  amount: bigint;
  order: string | null;
  payout: string | null;
  memo: string;
}>;

export function balanceFacts(transaction: Transaction, order: Sold | null, account: Account): readonly Fact[] {
  const amount = amountIn(account);
  const said = amount(transaction.amount);
  const net = transaction.bookingEntry === "DEBIT" ? -said : said;
  const type = transaction.feeType ?? transaction.transactionType;
  const row: Row = {
    account,
    id: nameOf(transaction),
    when: whenOf(transaction.transactionDate, account),
    type,
    amount: net,
    order: orderIn(transaction, account),
    payout: transaction.payoutId === undefined ? null : idIn(account, "payout", transaction.payoutId),
    memo: memoOf(transaction),
  };
  switch (transaction.transactionType) {
    case "SALE": {
      if (row.order === null) return chargeWithRow(row, "sale");
      const fees = feesOf(transaction, account).map((fee) => ({ ...fee, amount: -fee.amount }));
      // What the buyer paid the seller: with what eBay took of it put back.
      const gross = net - sum(fees.map((fee) => fee.amount));
      return [...rowOf({ ...row, amount: gross }, `order/${row.order}`), ...feeCharges(row, fees)];
    }
    case "REFUND": {
      const fees = feesOf(transaction, account);
      const gross = net - sum(fees.map((fee) => fee.amount));
      return [...refundFacts({ ...row, amount: gross }, transaction, order), ...feeCharges(row, fees)];
    }
    case "HOLD":
      // Set aside, or given free again: the money never left the channel's balance.
      return rowOf(row, row.order === null ? null : `order/${row.order}`);
    default:
      return chargeWithRow(row, categoryOf(transaction));
  }
}

/** eBay's own figures are booked where it converted an amount; the memo says from what, and at which rate of eBay's. */
function memoOf({ amount, transactionMemo }: Transaction): string {
  const said = transactionMemo?.trim() ?? "";
  const { convertedFromValue: value, convertedFromCurrency: currency, exchangeRate: rate } = amount;
  if (value === undefined || currency === undefined || currency === amount.currency) return said;
  const from = `${value} ${currency} converted by eBay${rate === undefined ? "" : ` at ${rate}`}`;
  return said === "" ? from : `${said} (${from})`;
}

/** The order that it belongs to. Some fees name it only among what they refer to. */
function orderIn({ orderId, references = [] }: Transaction, account: Account): string | null {
  const id = orderId ?? references.find(({ referenceType }) => referenceType === "ORDER_ID")?.referenceId;
  return id === undefined || id === "" ? null : idIn(account, "order", id);
}

function refundFacts(row: Row, transaction: Transaction, order: Sold | null): readonly Fact[] {
  const returned = order === null ? null : returnOf({ ...row, transaction, order });
  if (returned === null) return chargeWithRow(row, "refund");
  return [returned, ...rowOf(row, factKey(returned))];
}

/**
 * The same name that a sale's row has in eBay's transaction report, so that the file and the API meet; all others have ids of the API's
 * own, which the report does not know.
 */
function nameOf(transaction: Transaction): string {
  const { transactionType, transactionId, bookingEntry, feeType, orderId } = transaction;
  if (transactionType === "SALE" && orderId !== undefined)
    return ["order", orderId, transactionId === orderId ? "1" : transactionId].join("/");
  return [transactionType, transactionId, bookingEntry, ...(feeType === undefined ? [] : [feeType])].join("/");
}

type Fee = Readonly<{ type: string; amount: bigint }>;

/** eBay's fees of all lines, by type, as eBay says them: a cost in a SALE, a credit in a REFUND. They add to the total that is said. */
function feesOf(transaction: Transaction, account: Account): readonly Fee[] {
  const amount = amountIn(account);
  const byType = new Map<string, bigint>();
  for (const line of transaction.orderLineItems ?? [])
    for (const fee of line.marketplaceFees ?? []) {
      const type = fee.feeType ?? "MARKETPLACE_FEE";
      byType.set(type, (byType.get(type) ?? 0n) + amount(fee.amount));
    }
  const known = sum([...byType.values()]);
  const total = transaction.totalFeeAmount === undefined ? known : amount(transaction.totalFeeAmount);
  // What was taken and not said by line is still taken.
  if (total !== known) byType.set("OTHER_FEES", (byType.get("OTHER_FEES") ?? 0n) + total - known);
  return [...byType].map(([type, value]) => ({ type, amount: value })).filter((fee) => fee.amount !== 0n);
}

function feeCharges(row: Row, fees: readonly Fee[]): readonly Fact[] {
  return fees.flatMap((fee) =>
    chargeWithRow({ ...row, id: `${row.id}/${fee.type}`, type: fee.type, amount: fee.amount }, feeCategory(fee.type)),
  );
}

function categoryOf(transaction: Transaction): ChargeCategory {
  switch (transaction.transactionType) {
    case "NON_SALE_CHARGE":
      return feeCategory(transaction.feeType ?? "");
    case "SHIPPING_LABEL":
      return "label";
    case "DISPUTE":
      return "refund";
    case "CREDIT":
      // A fee that is given back is named; what is given without a name is eBay's making good.
      return transaction.feeType === undefined ? "reimbursement" : feeCategory(transaction.feeType);
    case "TRANSFER":
      // Taken from the seller's bank or card for what the balance could not bear, or sent back there.
      return "bank";
    case "LOAN_REPAYMENT":
      return "loan";
    default:
      return "other";
  }
}

/** What is withheld for a tax office or given away is no fee of eBay's: a person says what it is. */
function feeCategory(feeType: string): ChargeCategory {
  if (/WITHH|TAX_DEDUCTION|DONATION|CHARITY/.test(feeType)) return "other";
  if (/^AD_FEE|PROMOTED|ADVERTIS|(^|_)ADS?_/.test(feeType)) return "advertising";
  if (/PAYMENT_PROCESSING|DEPOSIT_PROCESSING/.test(feeType)) return "processing";
  return "fee";
}

function chargeWithRow(row: Row, category: ChargeCategory): readonly Fact[] {
  if (row.amount === 0n) return [];
  const charge: ChargeFact = {
    kind: "charge",
    id: idIn(row.account, "charge", row.id),
    channel: row.account.channel,
    date: row.when.on,
    category,
    type: row.type,
    amount: row.amount,
    order: row.order,
    memo: row.memo,
  };
  return [charge, ...rowOf(row, factKey(charge))];
}

function rowOf(row: Row, about: string | null): readonly BalanceRowFact[] {
  if (row.amount === 0n) return [];
  const { account, id, when, type, amount, payout, memo } = row;
  return [
    {
      kind: "balance_row",
      id: idIn(account, "row", id),
      channel: account.channel,
      when,
      type,
      amount,
      payout,
      about,
      memo,
    },
  ];
}
