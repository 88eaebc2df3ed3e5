/** Bank, card and cash accounts: what there is, what each holds, and which one a file is about. */
import { sql } from "drizzle-orm";
import { type InBusiness, inBusiness, rowsOf, type Tx } from "../../db/scope";
import type { BankAccountReading } from "../../integrations/index";
import { addAccount } from "../books/accounts";
import { lockBooks } from "../books/ledger";
import { Refusal } from "../core/errors";
import { formatMinor } from "../core/money";
import { require, type Scope } from "../people/access";
import { recordAudit } from "../people/audit";
import { numberEnd } from "./statements";

export type Holds = "bank" | "card" | "cash";
/** `balance` is what the books say: positive is money there, negative is owed. */
export type MoneyAccount = Readonly<{
  code: string;
  name: string;
  holds: Holds;
  currency: string;
  bankNumber: string | null;
  balance: bigint;
  open: number;
  lastOn: string | null;
  isArchived: boolean;
}>;

/** All of them, by code. */
export async function moneyAccounts(scope: Scope): Promise<readonly MoneyAccount[]> {
  require(scope, "read");
  return inBusiness(scope, (tx) => moneyAccountsIn(tx, scope));
}

export async function moneyAccountsIn(tx: Tx, scope: InBusiness): Promise<readonly MoneyAccount[]> {
  const business = scope.businessId;
  const rows = await rowsOf<{
    code: string;
    name: string;
    holds: Holds;
    currency: string;
    bank_number: string | null;
    balance: string;
    open: number;
    last_on: string | null;
    is_archived: boolean;
  }>(
    tx,
    sql`select a.code, a.name, a.holds, a.currency, a.bank_number, a.is_archived,
          (select coalesce(sum(m.debit_minor - m.credit_minor), 0)::text from app.account_months m where m.business_id = ${business} and m.code = a.code) as balance,
          (select count(*)::int from app.transactions t where t.business_id = ${business} and t.account_code = a.code and t.state = 'open' and not t.is_undone) as open,
          (select t.on_date::text from app.transactions t where t.business_id = ${business} and t.account_code = a.code and not t.is_undone
           order by t.on_date desc, t.id desc limit 1) as last_on
        from app.accounts a where a.business_id = ${business} and a.holds in ('bank', 'card', 'cash') order by a.code`,
  );
  return rows.map((row) => ({
    code: row.code,
    name: row.name,
    holds: row.holds,
    currency: row.currency,
    bankNumber: row.bank_number,
    balance: BigInt(row.balance),
    open: row.open,
    lastOn: row.last_on,
    isArchived: row.is_archived,
  }));
}

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => String(from + i));
const bankCodes = [...range(1001, 1149), ...range(10_010, 11_490)];
const cardCodes = [...range(2100, 2149), ...range(21_000, 21_490)];

/** Adds an account in the caller's transaction; gives its code. Refuses a name that is empty, too long or taken. */
export async function addMoneyAccountIn(
  tx: Tx,
  scope: InBusiness,
  wanted: Readonly<{ name: string; holds: Holds; number: string | null }>,
): Promise<string> {
  const name = wanted.name.normalize("NFC").replace(/\s+/gu, " ").trim();
  if (name === "") throw new Refusal("field_missing", "Give the account a name.", { field: "name" });
  if ([...name].length > 80) throw new Refusal("text_too_long", "A name has at most 80 characters.", { field: "name" });
  const taken = new Set((await moneyAccountsIn(tx, scope)).map((account) => account.name.toLowerCase()));
  if (taken.has(name.toLowerCase()))
    throw new Refusal("duplicate_id", `There is an account ${name} already.`, { field: "name" });
  const isCard = wanted.holds === "card";
  return addAccount(
    tx,
    scope,
    { name, type: isCard ? "liability" : "asset", holds: wanted.holds, bankNumber: numberEnd(wanted.number) },
    isCard ? cardCodes : bankCodes,
  );
}

/** Adds a bank account, card or cash box. Gives its code. */
export async function addMoneyAccount(
  scope: Scope,
  wanted: Readonly<{ name: string; holds: Holds; number: string | null }>,
): Promise<string> {
  require(scope, "write");
  return inBusiness(scope, async (tx) => {
    await tx.execute(sql`select 1 from app.businesses where business_id = ${scope.businessId} for update`);
    const code = await addMoneyAccountIn(tx, scope, wanted);
    await recordAudit(tx, scope, { what: "account.add", about: code, after: wanted });
    return code;
  });
}

/** Changes the name and the number by which files know it. */
export async function renameMoneyAccount(
  scope: Scope,
  change: Readonly<{ code: string; name: string; number: string | null }>,
): Promise<void> {
  require(scope, "write");
  const name = change.name.normalize("NFC").replace(/\s+/gu, " ").trim();
  if (name === "") throw new Refusal("field_missing", "Give the account a name.", { field: "name" });
  if ([...name].length > 80) throw new Refusal("text_too_long", "A name has at most 80 characters.", { field: "name" });
  return inBusiness(scope, async (tx) => {
    await tx.execute(sql`select 1 from app.businesses where business_id = ${scope.businessId} for update`);
    const all = await moneyAccountsIn(tx, scope);
    const account = all.find((one) => one.code === change.code);
    if (account === undefined) throw new Refusal("not_found", "There is no such account.");
    if (all.some((one) => one !== account && one.name.toLowerCase() === name.toLowerCase()))
      throw new Refusal("duplicate_id", `There is an account ${name} already.`, { field: "name" });
    const number = numberEnd(change.number);
    await tx.execute(
      sql`update app.accounts set name = ${name}, bank_number = ${number} where business_id = ${scope.businessId} and code = ${change.code}`,
    );
    await recordAudit(tx, scope, {
      what: "account.rename",
      about: change.code,
      before: { name: account.name, number: account.bankNumber },
      after: { name, number },
    });
  });
}

/**
 * Hides an account that is not used any more from where accounts are chosen, or shows it again. Its lines stay. Refuses `in_use` while
 * it holds money or has lines to categorise, which would be out of sight.
 */
export async function hideMoneyAccount(
  scope: Scope,
  change: Readonly<{ code: string; isHidden: boolean }>,
): Promise<void> {
  require(scope, "write");
  return inBusiness(scope, async (tx) => {
    await lockBooks(tx, scope);
    const account = (await moneyAccountsIn(tx, scope)).find((one) => one.code === change.code);
    if (account === undefined) throw new Refusal("not_found", "There is no such account.");
    if (change.isHidden && account.balance !== 0n)
      throw new Refusal(
        "in_use",
        `${account.name} holds ${formatMinor(account.balance, account.currency)}. Only an account that holds nothing can be hidden.`,
      );
    if (change.isHidden && account.open > 0)
      throw new Refusal("in_use", `${account.name} has lines to categorise. Say first what they are.`);
    await tx.execute(
      sql`update app.accounts set is_archived = ${change.isHidden} where business_id = ${scope.businessId} and code = ${change.code}`,
    );
    await recordAudit(tx, scope, {
      what: "account.hide",
      about: change.code,
      before: { isHidden: account.isArchived },
      after: { isHidden: change.isHidden },
    });
  });
}

/** Which account a part of a file goes to: one that is there, or a new one. */
export type AccountChoice =
  | Readonly<{ code: string }>
  | Readonly<{ isNew: true; name: string; holds: Holds; number: string | null }>;

/**
 * The account that a file's part is likely about: the one with its number; else the one that the bank's last file went to; else the one
 * that no file has named yet and that has no lines, where there is one only; else a new one. A person sees it before anything is written.
 */
export function suggestAccount(
  reading: BankAccountReading,
  accounts: readonly MoneyAccount[],
  remembered: string | null,
  taken: ReadonlySet<string>,
): AccountChoice {
  const number = numberEnd(reading.account);
  const holds = reading.type ?? "bank";
  const free = accounts.filter((account) => !account.isArchived && !taken.has(account.code));
  if (number !== null) {
    const named = free.filter((account) => account.bankNumber === number);
    if (named.length === 1 && named[0] !== undefined) return { code: named[0].code };
  }
  const last = free.find((account) => account.code === remembered);
  if (last !== undefined && (number === null || last.bankNumber === null)) return { code: last.code };
  const unnamed = free.filter((account) => account.bankNumber === null && account.holds === holds);
  const unused = unnamed.filter((account) => account.lastOn === null);
  const likely = number === null ? unnamed : unused;
  if (likely.length === 1 && likely[0] !== undefined) return { code: likely[0].code };
  const names = new Set([...accounts.map((account) => account.name.toLowerCase()), ...taken]);
  return { isNew: true, name: freeName(reading, holds, names), holds, number: reading.account };
}

function freeName(reading: BankAccountReading, holds: Holds, taken: ReadonlySet<string>): string {
  const kind = { bank: "Bank account", card: "Card", cash: "Cash" }[holds];
  const end = numberEnd(reading.account);
  const base = (reading.name ?? (end === null ? kind : `${kind} ${end}`)).slice(0, 60);
  for (let nth = 1; ; nth += 1) {
    const name = nth === 1 ? base : `${base} (${nth})`;
    if (!taken.has(name.toLowerCase())) return name;
  }
}
