/**
 * What readers of channels share: a body in its shape or one plain error, a time as the books have it, and charges with the rows that show
 * them, under ids of one form. Pure.
 */
import type { z } from "zod";
import { instantOf, localDateOf } from "../lib/core/dates";
import { ChannelError, OtherCurrency, Refusal } from "../lib/core/errors";
import {
  type BalanceRowFact,
  type ChargeCategory,
  type ChargeFact,
  type Fact,
  factKey,
  type When,
} from "../lib/core/facts";
import type { Account, RawDocument } from "./connector";

/** What `work` gives; what cannot be an amount or a time is `unreadable`, as all that is wrong with a document. */
export function reading<Result>(channel: string, document: RawDocument, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw unreadable(channel, `${document.feed} ${document.externalId}: ${error.message}`);
  }
}

/** The body in its shape. Throws ChannelError `unreadable` with the first thing that is wrong. */
export function shaped<T>(channel: string, shape: z.ZodType<T>, document: RawDocument): T {
  const parsed = shape.safeParse(document.body);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue?.path.join(".") || "the document";
  throw unreadable(channel, `${document.feed} ${document.externalId}: ${where} is not as described`);
}

export function unreadable(channel: string, what: string): ChannelError {
  return new ChannelError("unreadable", `${channel}: ${what}`);
}

/** What is thrown where a document's money is not the account's: it is read again for the one that it is in. */
export function otherCurrency(channel: string, currency: string, account: Account): OtherCurrency {
  const said = currency.toUpperCase() || "no currency";
  return new OtherCurrency(`${channel}: an amount is in ${said}, and not in ${account.currency}`, currency);
}

/** Throws OtherCurrency where a document's money is not the account's. */
export function ownCurrency(channel: string, currency: string, account: Account): void {
  if (currency.toUpperCase() !== account.currency) throw otherCurrency(channel, currency, account);
}

/** An ISO 8601 time with its offset, as instant and as the business's day. @throws Refusal `bad_date` */
export function whenAt(time: string, account: Account): When {
  const at = instantOf(time);
  return { on: localDateOf(at, account.timeZone), at };
}

type Charged = Readonly<{
  id: string;
  date: string;
  category: ChargeCategory;
  type: string;
  amount: bigint;
  order: string | null;
  memo: string;
}>;
/** A charge of this account; `id` without the channel and "charge/". Nothing where the amount is 0. */
function chargeIn(account: Account, charge: Charged): readonly ChargeFact[] {
  if (charge.amount === 0n) return [];
  return [{ kind: "charge", ...charge, id: `${account.channel}/charge/${charge.id}`, channel: account.channel }];
}

type Listed = Readonly<{ id: string; when: When; type: string; amount: bigint; payout: string | null; memo: string }>;
/** A charge with the row that shows it, of one id. */
export function chargedRow(account: Account, charge: Charged, when: When, payout: string | null): readonly Fact[] {
  const { id, type, amount, memo } = charge;
  return chargeIn(account, charge).flatMap((fact) => [
    fact,
    ...rowIn(account, { id, when, type, amount, payout, memo }, fact),
  ]);
}

/** A row of this account's balance, `id` without the channel and "row/". Nothing where the amount is 0. */
export function rowIn(account: Account, row: Listed, about: Fact | string | null): readonly BalanceRowFact[] {
  if (row.amount === 0n) return [];
  const key = about === null || typeof about === "string" ? about : factKey(about);
  const { id, ...rest } = row;
  return [{ kind: "balance_row", id: `${account.channel}/row/${id}`, channel: account.channel, ...rest, about: key }];
}
