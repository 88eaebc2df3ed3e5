/** Proves the journal's sums: debits equal credits on every day, and the months that pages read are those of its rows. A part of verify.ts. */
import { sql } from "drizzle-orm";
import { type InBusiness, rowsOf, type Tx } from "../../db/scope";
import { checkTrialBalance, type Finding } from "../core/checks";
import type { JournalSums, Walked } from "./verify-chain";

const most = 20;

type Sides = { debit: bigint; credit: bigint };

/**
 * The days on which debits do not equal credits (an account that the chart does not have is no side of anything), and the months' sums that
 * are not those of the journal: both of its one walk.
 */
export async function wrongTotals(
  tx: Tx,
  scope: InBusiness,
  { pairs }: JournalSums,
): Promise<Readonly<{ days: Walked; months: Walked }>> {
  const chart = new Set(
    (
      await rowsOf<{ code: string }>(tx, sql`select code from app.accounts where business_id = ${scope.businessId}`)
    ).map(({ code }) => code),
  );
  const kept = await rowsOf<{ code: string; month: string; debit: string; credit: string }>(
    tx,
    sql`select code, month::text, debit_minor::text as debit, credit_minor::text as credit from app.account_months where business_id = ${scope.businessId}`,
  );
  const days = new Map<string, Sides>();
  const months = new Map<string, Sides>();
  const add = (to: Map<string, Sides>, key: string, debit: bigint, credit: bigint) => {
    const sides = to.get(key);
    if (sides === undefined) to.set(key, { debit, credit });
    else {
      sides.debit += debit;
      sides.credit += credit;
    }
  };
  for (const [pair, amount] of pairs) {
    const [on = "", debit = "", credit = ""] = pair.split(" ");
    add(days, on, chart.has(debit) ? amount : 0n, chart.has(credit) ? amount : 0n);
    const month = `${on.slice(0, 7)}-01`;
    add(months, `${month} ${debit}`, amount, 0n);
    add(months, `${month} ${credit}`, 0n, amount);
  }
  const findings: Finding[] = [];
  const compare = (key: string, journal: Sides, found: Sides) => {
    if ((journal.debit === found.debit && journal.credit === found.credit) || findings.length === most) return;
    const [month = "", code = ""] = key.split(" ");
    findings.push({
      what: `debits and credits of account ${code} in ${month.slice(0, 7)}`,
      expected: `${journal.debit}/${journal.credit}`,
      found: `${found.debit}/${found.credit}`,
    });
  };
  const nothing = { debit: 0n, credit: 0n };
  const seen = new Set<string>();
  for (const row of kept) {
    const key = `${row.month} ${row.code}`;
    seen.add(key);
    compare(key, months.get(key) ?? nothing, { debit: BigInt(row.debit), credit: BigInt(row.credit) });
  }
  for (const [key, journal] of months) if (!seen.has(key)) compare(key, journal, nothing);
  const uneven = [...days]
    .map(([on, sides]) => ({ on, debits: sides.debit, credits: sides.credit }))
    .filter(({ debits, credits }) => debits !== credits)
    .sort((a, b) => (a.on < b.on ? -1 : 1))
    .slice(0, most);
  return {
    days: { looked: days.size, findings: checkTrialBalance(uneven) },
    months: { looked: kept.length, findings },
  };
}
