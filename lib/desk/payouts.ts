/** Payouts and their deposits, by a person's word; what posts is lib/desk/transactions.ts. */
import { sql } from "drizzle-orm";
import { list } from "../../db/bulk";
import { inBusiness, rowsOf } from "../../db/scope";
import { addDays } from "../core/dates";
import { Refusal } from "../core/errors";
import type { LocalDate } from "../core/facts";
import { findDeposits } from "../core/payouts";
import { depositsToJoin, near } from "../money/deposits";
import { require, type Scope } from "../people/access";
import { sortAs } from "./transactions";

/** A bank line that a payout may have become. `fitsOthers`: so might another payout have. */
export type DepositChoice = Readonly<{
  id: string;
  on: LocalDate;
  account: string;
  payee: string;
  amount: bigint;
  fitsOthers: boolean;
}>;

const daysOnTheWay = 7;

type Payout = Readonly<{ id: string; on: string; amount: string; said: string | null; currency: string | null }>;

/**
 * The open bank lines of a payout's amount (of one in another currency: near what it comes to), up to 7 days after it; the earliest first.
 * None for one that has its deposit.
 */
export function depositChoices(scope: Scope, payoutId: string): Promise<readonly DepositChoice[]> {
  require(scope, "read");
  const business = scope.businessId;
  return inBusiness(scope, async (tx) => {
    const [payout] = await rowsOf<Payout>(
      tx,
      sql`select id, on_date::text as "on", amount_minor::text as amount, said_minor::text as said, currency from app.payouts
          where business_id = ${business} and id = ${payoutId} and deposit_id is null and not is_undone`,
    );
    if (payout === undefined) return [];
    const fits = payout.currency === null ? sql`= ${payout.amount}::bigint` : near(sql`${payout.amount}::bigint`);
    const lines = await rowsOf<{ id: string; on: string; amount: string; account: string; payee: string }>(
      tx,
      sql`select t.id, t.on_date::text as "on", t.amount_minor::text as amount, a.name as account, t.payee from app.transactions t
          join app.accounts a on a.business_id = ${business} and a.code = t.account_code
          where t.business_id = ${business} and t.amount_minor ${fits} and t.state = 'open' and not t.is_undone
            and t.on_date between ${payout.on}::date and ${addDays(payout.on, daysOnTheWay)}::date order by t.on_date, t.id`,
    );
    if (lines.length === 0) return [];
    // Other payouts whose deposit these could be, too: of one of the amounts, or near it in another currency.
    const amounts = list("bigint", [...new Set(lines.map(({ amount }) => amount))]);
    const others = await rowsOf<Payout>(
      tx,
      sql`select id, on_date::text as "on", amount_minor::text as amount, said_minor::text as said, currency from app.payouts
          where business_id = ${business} and deposit_id is null and not is_undone and id <> ${payoutId}
            and (amount_minor = any(${amounts}) or currency is not null)
            and on_date between ${addDays(payout.on, -daysOnTheWay)}::date and ${addDays(payout.on, 2 * daysOnTheWay)}::date`,
    );
    const taken = new Set(
      findDeposits(
        others.map(({ id, on, amount, said, currency }) =>
          currency === null || said === null
            ? { id, on, amount: BigInt(amount), currency: scope.currency }
            : { id, on, amount: BigInt(said), currency, inBooks: BigInt(amount) },
        ),
        lines.map(({ id, on, amount }) => ({ id, on, amount: BigInt(amount), currency: scope.currency })),
      ).flatMap(({ candidates }) => candidates),
    );
    return lines.map((line) => ({ ...line, amount: BigInt(line.amount), fitsOthers: taken.has(line.id) }));
  });
}

/** How many payouts have one deposit that fits them alone, and how many have several to choose from. */
export function depositsFound(scope: Scope): Promise<Readonly<{ sure: number; toChoose: number }>> {
  require(scope, "read");
  return inBusiness(scope, async (tx) => {
    const found = await depositsToJoin(tx, scope, scope.currency);
    return {
      sure: found.filter(({ deposit }) => deposit !== null).length,
      toChoose: found.filter(({ deposit, candidates }) => deposit === null && candidates.length > 0).length,
    };
  });
}

/** Says that a bank line is this payout. Refuses `does_not_fit` for another amount, `stale` where either has its other half. */
export async function pairDeposit(scope: Scope, input: Readonly<{ payout: string; deposit: string }>): Promise<void> {
  require(scope, "write");
  const choices = await depositChoices(scope, input.payout);
  if (!choices.some(({ id }) => id === input.deposit))
    throw new Refusal("stale", "This line or this payout was sorted meanwhile. Load the page again.");
  await sortAs(scope, [{ id: input.deposit, version: null }], { kind: "payout", payout: input.payout });
}

/** Takes a pair apart: the bank line is open again, the payout waits. Refuses `nothing_to_undo` where it has no deposit. */
export async function unpairDeposit(scope: Scope, input: Readonly<{ payout: string }>): Promise<void> {
  require(scope, "write");
  const [row] = await inBusiness(scope, (tx) =>
    rowsOf<{ id: string }>(
      tx,
      sql`select t.id from app.payouts p join app.transactions t on t.business_id = ${scope.businessId} and t.id = p.deposit_id
            and t.matched_id = p.id and t.state = 'payout' and not t.is_undone
          where p.business_id = ${scope.businessId} and p.id = ${input.payout} and not p.is_undone`,
    ),
  );
  if (row === undefined) throw new Refusal("nothing_to_undo", "This payout has no deposit.");
  await sortAs(scope, [{ id: row.id, version: null }], { kind: "open" });
}
