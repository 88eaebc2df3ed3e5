/**
 * Which account bears a reason for removing or adding stock: that of lib/core/reasons.ts, unless the business chose another. A choice holds
 * for what is recorded from then on; each adjustment names its own account, so what was posted before stays where it is.
 */
import { sql } from "drizzle-orm";
import { inBusiness, rowsOf, type Tx } from "../../db/scope";
import { Refusal } from "../core/errors";
import { type Reason, reasonAccount, reasons } from "../core/reasons";
import { require, type Scope } from "../people/access";
import { recordAudit } from "../people/audit";

export type AccountChoice = Readonly<{ code: string; name: string }>;
/** A chart code for each reason. */
export type ReasonAccounts = Readonly<Record<Reason, string>>;

/**
 * Accounts that may bear a reason: cost, expense, income and equity. What a bank, a channel or Inventory holds does not change because
 * goods are gone.
 */
const mayBear = sql`type in ('equity', 'income', 'contra_income', 'cost_of_sales', 'expense') and holds is null and not is_archived`;

/** Each reason's account as it is now. */
export async function reasonAccountsIn(tx: Tx, scope: Scope): Promise<ReasonAccounts> {
  const rows = await rowsOf<{ reason: string; account_code: string }>(
    tx,
    sql`select reason, account_code from app.reason_accounts where business_id = ${scope.businessId}`,
  );
  const chosen = new Map(rows.map((row) => [row.reason, row.account_code]));
  return everyReason((reason) => chosen.get(reason) ?? reasonAccount(reason));
}

const everyReason = (of: (reason: Reason) => string): ReasonAccounts =>
  Object.fromEntries(reasons.map((reason) => [reason, of(reason)])) as Record<Reason, string>;

/** The same for pages, and the accounts that may be chosen, by their codes. */
export function reasonSettings(
  scope: Scope,
): Promise<Readonly<{ accounts: ReasonAccounts; choices: readonly AccountChoice[] }>> {
  require(scope, "read");
  return inBusiness(scope, async (tx) => ({
    accounts: await reasonAccountsIn(tx, scope),
    choices: await choicesIn(tx, scope),
  }));
}

function choicesIn(tx: Tx, scope: Scope): Promise<readonly AccountChoice[]> {
  return rowsOf<AccountChoice>(
    tx,
    sql`select code, name from app.accounts where business_id = ${scope.businessId} and ${mayBear} order by code`,
  );
}

/**
 * Chooses the accounts; owners only. A reason that is left out stays as it is. Gives what they were, which said again takes it back.
 * Refuses `unknown_id` for an account that cannot bear a reason, at the reason's field.
 */
export async function changeReasonAccounts(
  scope: Scope,
  wanted: Partial<ReasonAccounts>,
): Promise<Readonly<{ before: ReasonAccounts }>> {
  require(scope, "settings");
  return inBusiness(scope, async (tx) => {
    // Two who save at once come one after the other: what the later one changes is told from what the earlier one left.
    await tx.execute(sql`select 1 from app.businesses where business_id = ${scope.businessId} for update`);
    const before = await reasonAccountsIn(tx, scope);
    const changed = reasons.filter((reason) => (wanted[reason] ?? before[reason]) !== before[reason]);
    if (changed.length === 0) return { before };
    const known = new Set((await choicesIn(tx, scope)).map(({ code }) => code));
    for (const reason of changed)
      if (!known.has(wanted[reason] ?? ""))
        throw new Refusal("unknown_id", "Choose an account for costs, income or the owner.", { field: reason });
    await recordAudit(tx, scope, {
      what: "reason.account",
      about: "reasons",
      before: Object.fromEntries(changed.map((reason) => [reason, before[reason]])),
      after: Object.fromEntries(changed.map((reason) => [reason, wanted[reason]])),
    });
    for (const reason of changed) {
      const account = wanted[reason] ?? before[reason];
      await tx.execute(
        account === reasonAccount(reason)
          ? sql`delete from app.reason_accounts where business_id = ${scope.businessId} and reason = ${reason}`
          : sql`insert into app.reason_accounts (business_id, reason, account_code) values (${scope.businessId}, ${reason}, ${account})
                on conflict (business_id, reason) do update set account_code = excluded.account_code`,
      );
    }
    return { before };
  });
}
