/** Proves the journal's sums: debits equal credits on every day, and the months and days that pages read are those of its rows. A part of verify.ts. */
import { sql } from "drizzle-orm";
import { type InBusiness, rowsOf, type Tx } from "../../db/scope";
import { checkTrialBalance, type Finding } from "../core/checks";
import type { JournalSums, Walked } from "./verify-chain";

const most = 20;

type Sides = { debit: bigint; credit: bigint };

/**
 * The days on which debits do not equal credits (an account that the chart does not have is no side of anything), and the sums of months, and
 * of days that are not marked, that are not those of the journal: all of its one walk.
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
  const marked = sql`select on_date from app.touched_days where business_id = ${scope.businessId}`;
  const kept = await rowsOf<{ code: string; month: string; debit: string; credit: string }>(
    tx,
    sql`select code, month::text, debit_minor::text as debit, credit_minor::text as credit from app.account_months where business_id = ${scope.businessId}`,
  );
  const keptDays = await rowsOf<{ code: string; day: string; debit: string; credit: string }>(
    tx,
    sql`select code, on_date::text as day, debit_minor::text as debit, credit_minor::text as credit from app.account_days
        where business_id = ${scope.businessId} and on_date not in (${marked})`,
  );
  const isMarked = new Set(
    (await rowsOf<{ day: string }>(tx, sql`select t.on_date::text as day from (${marked}) t`)).map(({ day }) => day),
  );
  const days = new Map<string, Sides>();
  const byDay = new Map<string, Sides>();
  const byMonth = new Map<string, Sides>();
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
    const month = on.slice(0, 7);
    for (const [sums, of] of [[byMonth, month], ...(isMarked.has(on) ? [] : [[byDay, on] as const])] as const) {
      add(sums, `${of} ${debit}`, amount, 0n);
      add(sums, `${of} ${credit}`, 0n, amount);
    }
  }
  const uneven = [...days]
    .map(([on, sides]) => ({ on, debits: sides.debit, credits: sides.credit }))
    .filter(({ debits, credits }) => debits !== credits)
    .sort((a, b) => (a.on < b.on ? -1 : 1))
    .slice(0, most);
  const ofMonths = differences(
    byMonth,
    // A month is kept by its first day; one that is not is told by the day that it is kept by.
    kept.map((row) => ({ ...row, of: row.month.endsWith("-01") ? row.month.slice(0, 7) : row.month })),
    "in",
  );
  const ofDays = differences(
    byDay,
    keptDays.map((row) => ({ ...row, of: row.day })),
    "on",
  );
  return {
    days: { looked: days.size, findings: checkTrialBalance(uneven) },
    months: { looked: kept.length + keptDays.length, findings: [...ofMonths, ...ofDays].slice(0, most) },
  };
}

type KeptSum = Readonly<{ of: string; code: string; debit: string; credit: string }>;

/** Where kept sums of accounts, each `of` a month or a day, are not those of the journal (by `of` and account). */
function differences(
  journal: ReadonlyMap<string, Sides>,
  kept: readonly KeptSum[],
  word: "in" | "on",
): readonly Finding[] {
  const found = new Map(kept.map(({ of, code, debit, credit }) => [`${of} ${code}`, `${debit}/${credit}`]));
  const findings: Finding[] = [];
  for (const key of new Set([...found.keys(), ...journal.keys()])) {
    const sides = journal.get(key);
    const expected = sides === undefined ? "0/0" : `${sides.debit}/${sides.credit}`;
    const is = found.get(key) ?? "0/0";
    const [of = "", code = ""] = key.split(" ");
    if (is !== expected)
      findings.push({ what: `debits and credits of account ${code} ${word} ${of}`, expected, found: is });
    if (findings.length === most) break;
  }
  return findings;
}
