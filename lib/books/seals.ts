/**
 * The seal of a closed period (I8 of reliability.md): what each account was debited and credited in each of its months, the balance of
 * each account at its end, how many entries and postings it has, and where the journal's chain ended. The SHA-256 of all that, written
 * as one text, is kept with the closing and compared for ever: a report of a closed period is made of nothing else. Where days are
 * opened again, what stays closed is sealed anew; the old seal is kept and not compared any more.
 */
import { type SQL, sql } from "drizzle-orm";
import { bulkInsert, list } from "../../db/bulk";
import { closings, type SealedBalance, type SealedSum } from "../../db/schema";
import { type InBusiness, rowsOf, type Tx } from "../../db/scope";
import type { Finding } from "../core/checks";
import { nextDay, startOfMonth } from "../core/dates";
import type { LocalDate } from "../core/facts";
import { monthsOf } from "../core/reports/periods";
import { sha256Hex } from "../system/sha256";
import { type ChainHead, chainHead } from "./chain";
import type { Walked } from "./verify-chain";

const most = 20;

/** What is sealed of the days from `from` (null: the beginning) to `through`; amounts are minor units as text. */
type Sealed = Readonly<{
  from: LocalDate | null;
  through: LocalDate;
  entries: bigint;
  postings: bigint;
  sums: readonly SealedSum[];
  balances: readonly SealedBalance[];
}>;

/** The seal's text, line by line; its hash is what is compared. A change of its form is a new version, `1` being this one. */
function textOf(scope: InBusiness, sealed: Sealed, head: ChainHead): string {
  return [
    "lotbook seal 1",
    `business ${scope.businessId}`,
    `from ${sealed.from ?? "the beginning"} through ${sealed.through}`,
    `entries ${sealed.entries} postings ${sealed.postings}`,
    ...sealed.sums.map(([month, code, debit, credit]) => `${month} ${code} debit ${debit} credit ${credit}`),
    ...sealed.balances.map(([code, amount]) => `balance ${code} ${amount}`),
    `chain ${head.blockNo} ${head.entryNo} ${head.hash}`,
    "",
  ].join("\n");
}

/** Sums a period of the journal as a seal has it: read from the postings themselves, by each account's own index. */
async function sum(tx: Tx, scope: InBusiness, from: LocalDate | null, through: LocalDate): Promise<Sealed> {
  const b = scope.businessId;
  const [counts] = await rowsOf<{ entries: string; postings: string; first: string | null }>(
    tx,
    sql`select count(*)::text as entries, coalesce(sum(postings), 0)::text as postings, min(posted_on)::text as first from app.journal_entries
        where business_id = ${b} and posted_on <= ${through}::date ${from === null ? sql`` : sql`and posted_on >= ${from}::date`}`,
  );
  const first = counts?.first ?? null;
  const months = first === null ? [] : monthsOf({ from: first, to: through });
  const side = (name: "debit" | "credit"): SQL => sql`coalesce((select sum(p.amount_minor) from app.postings p
    where p.business_id = ${b} and p.${sql.raw(name)} = a.code and p.posted_on between m.first and m.last), 0)`;
  const sums = await rowsOf<{ month: string; code: string; debit: string; credit: string }>(
    tx,
    sql`select * from (
          select to_char(m.first, 'YYYY-MM') as month, a.code, ${side("debit")}::text as debit, ${side("credit")}::text as credit
          from unnest(${list(
            "date",
            months.map((month) => month.from),
          )}, ${list(
            "date",
            months.map((month) => month.to),
          )}) as m(first, last) cross join app.accounts a where a.business_id = ${b}) s
        where s.debit <> '0' or s.credit <> '0' order by s.month, s.code`,
  );
  return {
    from,
    through,
    entries: BigInt(counts?.entries ?? "0"),
    postings: BigInt(counts?.postings ?? "0"),
    sums: sums.map(({ month, code, debit, credit }) => [month, code, debit, credit]),
    balances: await balances(tx, scope, through),
  };
}

/** Every account that is not at 0 at the end of a day: whole months from their sums, which verify proves, the days after them from postings. */
async function balances(tx: Tx, scope: InBusiness, through: LocalDate): Promise<readonly SealedBalance[]> {
  const b = scope.businessId;
  const open = startOfMonth(nextDay(through));
  const side = (name: "debit" | "credit"): SQL => sql`coalesce((select sum(p.amount_minor) from app.postings p
    where p.business_id = ${b} and p.${sql.raw(name)} = a.code and p.posted_on between ${open}::date and ${through}::date), 0)`;
  const rows = await rowsOf<{ code: string; amount: string }>(
    tx,
    sql`select * from (
          select a.code, (coalesce((select sum(m.debit_minor - m.credit_minor) from app.account_months m
            where m.business_id = ${b} and m.code = a.code and m.month < ${open}::date), 0) + ${side("debit")} - ${side("credit")})::text as amount
          from app.accounts a where a.business_id = ${b}) s where s.amount <> '0' order by s.code`,
  );
  return rows.map(({ code, amount }) => [code, amount]);
}

export type Closure = Readonly<{
  kind: "close" | "open" | "year";
  /** What is closed after it; null: nothing. */
  through: LocalDate | null;
  userId: string | null;
  why: string | null;
}>;

/**
 * Writes down a closing or an opening with the seal of what is closed after it, in the transaction that changes the books' closed day.
 * A close seals the days after the last seal that holds; an opening seals anew all that stays closed after it.
 */
export async function sealIn(tx: Tx, scope: InBusiness, { kind, through, userId, why }: Closure): Promise<string> {
  const from = kind === "open" ? null : await unsealedFrom(tx, scope, through);
  const sealed: Sealed =
    through === null
      ? { from: null, through: "", entries: 0n, postings: 0n, sums: [], balances: [] }
      : await sum(tx, scope, from, through);
  const head = await chainHead(tx, scope);
  const seal = sha256Hex(textOf(scope, sealed, head));
  const [last] = await rowsOf<{ no: number }>(
    tx,
    sql`select coalesce(max(closing_no), 0) as no from app.closings where business_id = ${scope.businessId}`,
  );
  await bulkInsert(tx, closings, [
    {
      businessId: scope.businessId,
      closingNo: (last?.no ?? 0) + 1,
      kind,
      through,
      fromOn: sealed.from,
      at: new Date().toISOString(),
      userId,
      why,
      entries: sealed.entries,
      postings: sealed.postings,
      sums: sealed.sums,
      balances: sealed.balances,
      entryNo: head.entryNo,
      blockNo: head.blockNo,
      chain: `\\x${head.hash}`,
      seal: `\\x${seal}`,
    },
  ]);
  return seal;
}

/** The day after the last seal that holds and ends before `through`; null where there is none, or where books were closed before seals were. */
async function unsealedFrom(tx: Tx, scope: InBusiness, through: LocalDate | null): Promise<LocalDate | null> {
  const before = (await holding(tx, scope)).filter((row) => through === null || row.through < through);
  const last = before.reduce<LocalDate | null>(
    (late, row) => (late === null || row.through > late ? row.through : late),
    null,
  );
  return last === null ? null : nextDay(last);
}

type SealRow = {
  through: string;
  from_on: string | null;
  entries: string;
  postings: string;
  sums: readonly SealedSum[];
  balances: readonly SealedBalance[];
  entry_no: string;
  block_no: string;
  chain: string;
  seal: string;
};

/** The seals that hold: no later opening reaches before their last day. */
async function holding(tx: Tx, scope: InBusiness): Promise<readonly SealRow[]> {
  return rowsOf<SealRow>(
    tx,
    sql`select c.through::text, c.from_on::text, c.entries::text, c.postings::text, c.sums, c.balances, c.entry_no::text, c.block_no::text,
          encode(c.chain, 'hex') as chain, encode(c.seal, 'hex') as seal
        from app.closings c where c.business_id = ${scope.businessId} and c.through is not null and not exists (
          select 1 from app.closings o where o.business_id = ${scope.businessId} and o.kind = 'open' and o.closing_no > c.closing_no
            and (o.through is null or o.through < c.through))
        order by c.closing_no`,
  );
}

/** Compares every seal that holds with the journal as it is now, and the chain's head of every closing with the chain. */
export async function brokenSeals(tx: Tx, scope: InBusiness): Promise<Walked> {
  const findings: Finding[] = [];
  const rows = await holding(tx, scope);
  for (const row of rows) {
    const now = await sum(tx, scope, row.from_on, row.through);
    const head: ChainHead = { entryNo: BigInt(row.entry_no), blockNo: BigInt(row.block_no), hash: row.chain };
    const period = `the period ${row.from_on === null ? "until" : `from ${row.from_on} to`} ${row.through}`;
    const seal = sha256Hex(textOf(scope, now, head));
    const isAsWritten =
      row.entries === now.entries.toString() &&
      row.postings === now.postings.toString() &&
      differing(row.sums, now.sums, String).length === 0 &&
      differing(row.balances, now.balances, String).length === 0;
    if (seal === row.seal && isAsWritten) continue;
    const named = [
      ...differing(row.sums, now.sums, (part) => `${part[1]} in ${part[0]}`).map(
        (what) => `account ${what} of ${period}`,
      ),
      ...differing(row.balances, now.balances, (part) => part[0]).map(
        (what) => `the balance of account ${what} on ${row.through}`,
      ),
      ...(row.entries === now.entries.toString() ? [] : [`the number of entries of ${period}`]),
      ...(row.postings === now.postings.toString() ? [] : [`the number of postings of ${period}`]),
    ];
    for (const what of named.length === 0 ? [period] : named)
      if (findings.length < most)
        findings.push({
          what: `${what} is as it was sealed`,
          expected: row.seal,
          found: seal === row.seal ? "another figure beside the seal" : seal,
        });
  }
  for (const one of await missingClosings(tx, scope)) if (findings.length < most) findings.push(one);
  const strangers = await rowsOf<{ at: string; no: string }>(
    tx,
    sql`select to_char(c.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as at, c.block_no::text as no from app.closings c
        left join app.journal_blocks b on b.business_id = ${scope.businessId} and b.block_no = c.block_no
        where c.business_id = ${scope.businessId} and c.block_no > 0 and (b.hash is null or b.hash <> c.chain or b.last_no <> c.entry_no) order by c.closing_no`,
  );
  for (const row of strangers)
    if (findings.length < most)
      findings.push({
        what: `the chain has block ${row.no} as it was at the closing of ${row.at}`,
        expected: "the same hash",
        found: "another",
      });
  return { looked: rows.length, findings };
}

/**
 * Closings have numbers without a gap, the books are closed as far as they say together, and each was written into the audit trail, as was
 * at least something of books with facts: the trail has no chain, so a part of it that is gone is not seen otherwise.
 */
async function missingClosings(tx: Tx, scope: InBusiness): Promise<readonly Finding[]> {
  const b = scope.businessId;
  const findings: Finding[] = [];
  const say = (what: string, expected: string, found: string) => {
    if (expected !== found) findings.push({ what, expected, found });
  };
  let [closed, final, before]: [string, string, number] = ["", "", 0];
  for (const { no, kind, through } of await rowsOf<{ no: number; kind: Closure["kind"]; through: string | null }>(
    tx,
    sql`select closing_no as no, kind, through::text from app.closings where business_id = ${b} order by closing_no`,
  )) {
    say(`the closing after number ${before} is there`, `number ${before + 1}`, `number ${no}`);
    before = no;
    // A year is closed for good also where more than the year is closed already.
    closed = kind === "open" || (through ?? "") > closed ? (through ?? "") : closed;
    if (kind === "year") final = (through ?? "") > final ? (through ?? "") : final;
  }
  const [state] = await rowsOf<{
    closed: string | null;
    final: string | null;
    told: number;
    closings: number;
    bare: boolean;
  }>(
    tx,
    sql`select s.closed_through::text as closed, s.final_through::text as final,
          (select count(*)::int from app.closings c where c.business_id = ${b}) as closings,
          (select count(*)::int from app.audit_trail a where a.business_id = ${b}
            and a.what in ('books.close', 'books.close-year', 'books.open')) as told,
          not exists (select 1 from app.audit_trail a where a.business_id = ${b})
            and exists (select 1 from app.facts f where f.business_id = ${b}) as bare
        from app.businesses s where s.business_id = ${b}`,
  );
  if (state === undefined) return findings;
  const day = (on: string | null) => (on === null || on === "" ? "no day" : on);
  say("the books are closed through the day that their closings say", day(closed), day(state.closed));
  say("the books are closed for good through the day that their closings say", day(final), day(state.final));
  if (state.told < state.closings)
    say("each closing and opening is in the audit trail", `${state.closings} at least`, `${state.told}`);
  if (state.bare) say("the audit trail tells of the facts", "a row at least", "none");
  return findings;
}

/** What is in one list and not, or otherwise, in the other. */
function differing<T extends readonly string[]>(
  before: readonly T[],
  now: readonly T[],
  name: (part: T) => string,
): readonly string[] {
  const left = new Map(before.map((part) => [part.join(" "), name(part)]));
  const names = new Set<string>();
  for (const part of now) if (!left.delete(part.join(" "))) names.add(name(part));
  for (const what of left.values()) names.add(what);
  return [...names].sort();
}
