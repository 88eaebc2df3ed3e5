/**
 * What MT940 and CAMT have in common: a file holds one statement for each day or month, each with the balance before and after it.
 * Those of one account become one reading, and each is held against its own balances.
 */
import type { LocalDate } from "../../../lib/core/facts";
import type { BankAccountReading, BankReading, BankRow, Problem } from "../reading";
import { firstAndLast } from "./words";

export type Balance = Readonly<{ amount: bigint; on: LocalDate }>;
/** One statement of an account, as the file has it. */
export type Statement = Readonly<{
  account: string | null;
  currency: string | null;
  opening: Balance | null;
  closing: Balance | null;
  rows: readonly BankRow[];
  /** Lines of it that could not be read. */
  lost: number;
}>;

export function readingOf(
  kind: string,
  encoding: string,
  statements: readonly Statement[],
  problems: readonly Problem[],
): BankReading {
  const found: Problem[] = [...problems];
  let [held, judged] = [true, false];
  for (const { account, opening, closing, rows } of statements) {
    if (opening === null || closing === null) continue;
    judged = true;
    const sum = rows.reduce((all, { amount }) => all + amount, opening.amount);
    if (sum === closing.amount) continue;
    held = false;
    const name = account === null ? "" : ` of ${account}`;
    const message = `The statement${name} to ${closing.on} does not add up: the balance before and the lines do not come to the balance after.`;
    found.push({ row: null, column: null, code: "balance_mismatch", message });
  }
  const groups = new Map<string, Statement[]>();
  for (const one of statements) {
    const key = `${one.account ?? ""}\u0001${one.currency ?? ""}`;
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  const accounts = [...groups.values()].map(accountOf);
  const rows = accounts.flatMap((account) => account.rows);
  return {
    type: "bank",
    kind,
    encoding,
    rows: rows.length + statements.reduce((sum, { lost }) => sum + lost, 0),
    read: rows.length,
    problems: found,
    agrees: judged ? held : null,
    ...firstAndLast(rows),
    accounts,
    layout: null,
  };
}

/** The first balance before and the last balance after, by their days. */
function accountOf(statements: readonly Statement[]): BankAccountReading {
  const opened = statements.flatMap(({ opening }) => opening ?? []);
  const closed = statements.flatMap(({ closing }) => closing ?? []);
  const first = opened.reduce<Balance | null>((best, one) => (best === null || one.on < best.on ? one : best), null);
  const last = closed.reduce<Balance | null>((best, one) => (best === null || one.on >= best.on ? one : best), null);
  return {
    account: statements[0]?.account ?? null,
    name: null,
    type: "bank",
    currency: statements[0]?.currency ?? null,
    stated: { opening: first?.amount ?? null, closing: last?.amount ?? null, total: null },
    closingOn: last?.on ?? null,
    rows: statements.flatMap(({ rows }) => rows),
  };
}
