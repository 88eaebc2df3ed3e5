/** The parts of PayPal's transactions that are read. Everything else is let pass. */
import { z } from "zod";
import { orderOfPayment } from "../shop-order";

const Id = z.string().regex(/^[A-Za-z0-9-]{1,64}$/);
export const Time = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:?\d\d)$/i);
const Money = z.object({
  currency_code: z.string().regex(/^[A-Z]{3}$/),
  value: z.string().regex(/^-?\d{0,18}(\.\d{1,18})?$/),
});
export type Money = z.infer<typeof Money>;
const Text = z.string().max(5_000).nullish();

const Info = z.object({
  transaction_id: Id,
  transaction_event_code: z.string().regex(/^T\d{4}$/),
  transaction_initiation_date: Time,
  transaction_updated_date: Time,
  transaction_amount: Money,
  fee_amount: Money.nullish(),
  shipping_amount: Money.nullish(),
  sales_tax_amount: Money.nullish(),
  transaction_status: z.string().regex(/^[A-Z]$/),
  transaction_subject: Text,
  paypal_reference_id: Id.nullish(),
  paypal_reference_id_type: z.string().nullish(),
  invoice_id: Text,
  custom_field: Text,
});
const Item = z.object({
  item_code: Text,
  item_name: Text,
  item_quantity: z.string().nullish(),
  item_amount: Money.nullish(),
});
export const Detail = z.object({
  transaction_info: Info,
  cart_info: z.object({ item_details: z.array(Item).nullish() }).nullish(),
});
export type Detail = z.infer<typeof Detail>;

/** A transaction, with the payment that it goes back to where that was found. */
export const Body = z.object({ transaction: Detail, original: Detail.nullable() });

/** The shop's order that a payment is for; null for a sale of PayPal's own. */
export function shopOrderOf({ transaction_info: info }: Detail): string | null {
  return orderOfPayment(info.invoice_id?.trim() ?? "", info.custom_field?.trim() ?? "");
}

export const isDone = ({ transaction_info: info }: Detail): boolean => ["S", "V"].includes(info.transaction_status);

/** A payment received that no shop's order stands behind is a sale of PayPal's own. */
export function isSale(detail: Detail): boolean {
  const { transaction_event_code: code, transaction_amount: amount } = detail.transaction_info;
  const isReceived = /^T00/.test(code) && /[1-9]/.test(amount.value) && !amount.value.startsWith("-");
  return isDone(detail) && isReceived && shopOrderOf(detail) === null;
}

/** The same of what was only just listed; what cannot be read is none. */
export function looksLikeSale(listed: unknown): boolean {
  const detail = Detail.safeParse(listed);
  return detail.success && isSale(detail.data);
}

type Referring = Readonly<{
  transaction_info: Readonly<{
    paypal_reference_id?: string | null | undefined;
    paypal_reference_id_type?: string | null | undefined;
  }>;
}>;
/** The transaction that this one goes back to, where PayPal names one. */
export function referenceOf({ transaction_info: info }: Referring): string | null {
  return info.paypal_reference_id_type === "TXN" ? (info.paypal_reference_id ?? null) : null;
}
