/** What a transaction is that is no charge, refund, dispute or payout, by Stripe's reporting category. Pure. */
import type { ChargeCategory } from "../../lib/core/facts";
import type { Transaction } from "./shapes";

/** Money that is set aside, or let go again, and stays the seller's: it moves nothing in the books. */
export function isHeld({ reporting_category: category, type }: Transaction): boolean {
  return (
    /^(risk_reserved_funds|connect_reserved_funds)$/.test(category) ||
    /^payout_minimum_balance_(hold|release)$/.test(type) ||
    /^(reserve_transaction|reserved_funds|reserve_hold|reserve_release)$/.test(type)
  );
}

const categories: Readonly<Record<string, ChargeCategory>> = {
  charge: "sale",
  fee: "processing",
  network_cost: "processing",
  tax: "processing",
  topup: "bank",
  topup_reversal: "bank",
  financing_payout: "loan",
  financing_payout_reversal: "loan",
  financing_paydown: "loan",
  financing_paydown_reversal: "loan",
  advance: "loan",
  advance_funding: "loan",
  anticipation_repayment: "loan",
  platform_earning: "fee",
  platform_earning_refund: "fee",
  currency_conversion: "exchange",
};

/** Whatever is not known stays visible as "other". */
export function categoryOf({ reporting_category: category }: Transaction): ChargeCategory {
  return (Object.hasOwn(categories, category) ? categories[category] : undefined) ?? "other";
}
