/** The parts of Stripe's objects that are read. Everything else is let pass. */
import { z } from "zod";
import { orderAmong, orderAtEnd } from "../shop-order";

const Id = z.string().min(1).max(200);
const Amount = z.int().min(-1_000_000_000_000).max(1_000_000_000_000);
/** Seconds since 1970; before the year 2100. */
const Seconds = z.int().min(0).max(4_102_444_800);
/** Text, by Stripe's own rule; whatever else may stand there one day says nothing. */
const Metadata = z.record(z.string(), z.unknown());

const Source = z.looseObject({ id: Id, object: z.string().min(1) });
export const Transaction = z.object({
  id: Id,
  amount: Amount,
  fee: Amount,
  net: Amount,
  currency: z.string().regex(/^[a-z]{3}$/),
  created: Seconds,
  type: z.string().min(1),
  reporting_category: z.string().min(1),
  description: z.string().nullable(),
  /** Where a charge in another currency was settled in this one. */
  exchange_rate: z.number().nullish(),
  source: z.union([Source, z.string().min(1), z.null()]),
});
export type Transaction = z.infer<typeof Transaction>;

export const Charge = z.object({
  id: Id,
  amount: Amount,
  currency: z
    .string()
    .regex(/^[a-z]{3}$/)
    .nullish(),
  description: z.string().nullable(),
  metadata: Metadata,
});
export type Charge = z.infer<typeof Charge>;
/** What a refund or a dispute is of. */
export const OfCharge = z.object({ id: Id, amount: Amount, charge: z.union([Id, z.null()]) });

/** One transaction of the balance with its source, the automatic payout that it was paid out in, and the charge that it goes back to. */
export const Body = z.object({ transaction: Transaction, payout: Id.nullable(), charge: Charge.nullable() });
export type Body = z.infer<typeof Body>;

/** The shop's order that a charge is for: named in its metadata, or at the end of its description. */
export function shopOrderOf(charge: Charge): string | null {
  return orderAmong(charge.metadata) ?? orderAtEnd(charge.description);
}

/** The charge that a transaction is the money of. */
export function chargeOf(transaction: Transaction): Charge | null {
  const { source } = transaction;
  if (source === null || typeof source === "string" || source.object !== "charge") return null;
  const parsed = Charge.safeParse(source);
  return parsed.success ? parsed.data : null;
}

/** A charge that no shop's order stands behind is a sale of Stripe's own. */
export function isSale(transaction: Transaction): boolean {
  const charge = transaction.reporting_category === "charge" ? chargeOf(transaction) : null;
  return charge !== null && shopOrderOf(charge) === null && transaction.amount > 0;
}

/** What the seller wrote on a charge under `name`. */
export function noted(charge: Charge, name: string): string | null {
  const value = charge.metadata[name];
  return typeof value === "string" && value.trim() !== "" ? value.trim() : null;
}
