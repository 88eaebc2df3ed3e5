/**
 * What is stored of a ledger entry: the entry as Etsy gives it, with what it only points at. An entry says the id of a payment or of a
 * transaction and never the receipt's; and a refund says amounts and never what the lines were. Only what does not change later is kept
 * of the other documents, so that the same entry always makes the same document.
 */
import { z } from "zod";
import { ChannelError } from "../../lib/core/errors";
import type { RawDocument } from "../connector";
import {
  type Connection,
  type Entry,
  type Payment,
  pageSize,
  payments,
  receiptById,
  receipts,
  transactionById,
} from "./api";
import type { LedgerDocument } from "./read-ledger";
import { Money } from "./shape";

const PaymentAmounts = z.object({ amount_gross: Money, amount_net: Money });
const Sold = z.object({
  subtotal: Money,
  total_shipping_cost: Money.optional(),
  gift_wrap_price: Money.optional(),
  transactions: z.array(z.object({ transaction_id: z.int(), quantity: z.int(), price: Money })),
});

/** The documents of entries; `paidOutBy` gives the entry of the payout that each went with, null while it waits. */
export async function documentsOf(
  connection: Connection,
  shop: string,
  entries: readonly Entry[],
  paidOutBy: (entry: Entry) => number | null,
): Promise<readonly RawDocument[]> {
  const paid = await paymentsOf(connection, shop, entries);
  const receiptBySale = await receiptsOfTransactions(connection, shop, entries);
  const sold = new Map<number, LedgerDocument["sold"]>();
  const documents: RawDocument[] = [];
  for (const entry of entries) {
    const payment = paid.get(paymentIdOf(entry) ?? "");
    const receipt =
      entry.reference_type === "receipt"
        ? idOf(entry)
        : String(payment?.receipt_id ?? receiptBySale.get(transactionIdOf(entry) ?? "") ?? "");
    const receiptId = receipt === null || receipt === "" ? null : Number(receipt);
    const isRefund = (entry.payment_adjustments ?? []).length > 0;
    if (isRefund && receiptId !== null && !sold.has(receiptId))
      sold.set(receiptId, await soldOn(connection, shop, receiptId));
    const payout = paidOutBy(entry);
    documents.push({
      feed: "balance",
      externalId: String(entry.entry_id),
      // An entry never changes; that it was paid out is learnt later.
      version: payout === null ? "1" : `2-${payout}`,
      body: {
        entry,
        receipt_id: receiptId,
        payment: payment === undefined ? null : amountsOf(payment),
        sold: isRefund && receiptId !== null ? (sold.get(receiptId) ?? null) : null,
        paid_out_by: payout,
      },
    });
  }
  return documents;
}

/** A reference as text; null where there is none (Etsy writes 0 for what refers to the shop itself). */
function idOf(entry: Entry): string | null {
  const id = entry.reference_id === null ? "" : String(entry.reference_id);
  return /^[1-9]\d{0,15}$/.test(id) ? id : null;
}

function paymentIdOf(entry: Entry): string | null {
  const [adjustment] = entry.payment_adjustments ?? [];
  if (adjustment !== undefined) return String(adjustment.payment_id);
  return ["shop_payment", "payment", "processing_fee"].includes(entry.reference_type) ? idOf(entry) : null;
}

function transactionIdOf(entry: Entry): string | null {
  return entry.reference_type === "transaction" ? idOf(entry) : null;
}

async function paymentsOf(
  connection: Connection,
  shop: string,
  entries: readonly Entry[],
): Promise<ReadonlyMap<string, Payment>> {
  const ids = [...new Set(entries.map(paymentIdOf).filter((id) => id !== null))];
  const found = new Map<string, Payment>();
  for (let start = 0; start < ids.length; start += pageSize)
    for (const payment of await payments(connection, shop, ids.slice(start, start + pageSize)))
      found.set(String(payment.payment_id), payment);
  return found;
}

/**
 * The receipts of the transactions that fees were taken for. Nearly all are receipts of the same days, which come a hundred at a time;
 * the few that are not (a fee given back weeks later) are asked for one by one.
 */
async function receiptsOfTransactions(
  connection: Connection,
  shop: string,
  entries: readonly Entry[],
): Promise<ReadonlyMap<string, number>> {
  const found = new Map<string, number>();
  const wanted = entries.filter((entry) => transactionIdOf(entry) !== null);
  const [first, last] = [wanted[0], wanted.at(-1)];
  if (first === undefined || last === undefined) return found;
  const within = { min_created: first.created_timestamp - 86_400, max_created: last.created_timestamp };
  for (let offset = 0; ; offset += pageSize) {
    const page = await receipts(connection, shop, { sort_on: "created", sort_order: "desc", ...within, offset });
    for (const receipt of page.results)
      for (const sale of receipt.transactions) found.set(String(sale.transaction_id), receipt.receipt_id);
    if (page.results.length < pageSize) break;
  }
  for (const id of new Set(wanted.map(transactionIdOf))) {
    if (id === null || found.has(id)) continue;
    const sale = await transactionById(connection, shop, id);
    if (sale !== null) found.set(id, sale.receipt_id);
  }
  return found;
}

function amountsOf(payment: Payment): NonNullable<LedgerDocument["payment"]> {
  const parsed = PaymentAmounts.safeParse(payment);
  if (!parsed.success)
    throw new ChannelError("unreadable", `Etsy's payment ${payment.payment_id} does not say its amounts`);
  return parsed.data;
}

async function soldOn(connection: Connection, shop: string, receipt: number): Promise<LedgerDocument["sold"]> {
  const found = await receiptById(connection, shop, receipt);
  if (found === null) return null;
  const parsed = Sold.safeParse(found);
  if (!parsed.success) throw new ChannelError("unreadable", `Etsy's receipt ${receipt} does not say what was sold`);
  const { subtotal, transactions: lines, total_shipping_cost: carriage, gift_wrap_price: wrap } = parsed.data;
  return { subtotal, lines, ...(carriage === undefined || wrap === undefined ? {} : { shipping: [carriage, wrap] }) };
}
