/** What an order was paid with and what facts beside it are made with; shared by orders and their refunds. */
import type { ChargeCategory, ChargeFact, When } from "../../lib/core/facts";
import type { Account } from "../connector";
import type { Transaction } from "./shapes";

/** Gateways whose money is in the balance. All others are somebody else's. */
const held = new Set(["shopify_payments", "shopify_installments", "shop_pay_installments", "shop_cash"]);
/** What the seller owes the buyer already, given back in payment. */
const credits = new Set(["gift_card", "shopify_store_credit", "store_credit"]);

export type Tender = "held" | "gift_card" | "elsewhere";
export function tenderOf({ gateway }: Transaction): Tender {
  const name = (gateway ?? "").toLowerCase().replace(/[\s-]+/g, "_");
  return held.has(name) ? "held" : credits.has(name) ? "gift_card" : "elsewhere";
}

export const isDone = (transaction: Transaction): boolean => transaction.status === "SUCCESS" && !transaction.test;

/** What facts beside the order are made with. */
export type Making = Readonly<{
  account: Account;
  order: string;
  number: string;
  when: When;
  charge: (key: string, category: ChargeCategory, type: string, amount: bigint, date?: string) => readonly ChargeFact[];
}>;
