/**
 * Money that should have moved by now: rows of a channel's balance that wait for a payout longer than the channel usually takes, and what
 * stands in _Payments taken elsewhere_ longer than that. What is asked is bounded: the open rows alone, by an index of them, up to the
 * count at which counting stops; the last payouts of each channel; the months of one account.
 */
import { sql } from "drizzle-orm";
import { rowsOf, type Tx } from "../db/scope";
import { addDays, startOfMonth } from "./core/dates";
import type { LocalDate } from "./core/facts";
import { leftSince, payoutRhythm } from "./core/payouts";
import { accounts } from "./core/posting";
import type { Scope } from "./people/access";
import { isHeld } from "./sales/channel-reads";
import { isKind, kindOf } from "./sales/channels";

/** What waits, as a row of _Needs you_ has it: `n` channels, or the account. */
type Residue = Readonly<{ n: number; amount: string | null; about: string | null; since: string | null }>;
type Until = Readonly<{ today: LocalDate; until: LocalDate | undefined; most: number }>;

/** So many payouts say how a channel pays. */
const lastPayouts = 8;
/** What was taken elsewhere has a week at least, whoever is connected. */
const leastDays = 7n;

type Rhythm = Readonly<{ channel: string; name: string; days: bigint; listsRows: boolean }>;

/** How each connected channel pays. One that pays when asked to, or holds nothing, is not among them. */
async function rhythms(tx: Tx, scope: Scope): Promise<readonly Rhythm[]> {
  const b = scope.businessId;
  const rows = await rowsOf<{ id: string; name: string; kind: string; days: readonly string[]; listed: boolean }>(
    tx,
    sql`select c.id, c.name, c.kind, coalesce(p.days, '[]'::jsonb) as days, coalesce(p.listed, false) as listed from app.channels c
        left join lateral (
          select jsonb_agg(l.on_date::text) as days, bool_or(exists (select 1 from app.balance_rows r where r.business_id = ${b}
            and r.payout_id = l.id and not r.is_undone)) as listed
          from (select id, on_date from app.payouts where business_id = ${b} and channel_id = c.id and not is_undone
            order by on_date desc, id desc limit ${lastPayouts}) l) p on true
        where c.business_id = ${b} and c.state = 'connected' and c.paused_at is null and not c.is_trial order by c.name, c.id`,
  );
  return rows.flatMap(({ id, name, kind, days, listed }) => {
    const rhythm = payoutRhythm(days, isKind(kind) ? kindOf(kind).manifest.paysEvery : null);
    // A channel whose payouts name no rows says of none that it waits; before its first payout, all of them do.
    return rhythm === null ? [] : [{ channel: id, name, days: rhythm, listsRows: listed || days.length === 0 }];
  });
}

const cutoff = (today: LocalDate, days: bigint): LocalDate => addDays(today, -Number(days));

/** Channels whose rows wait longer than they usually do, with what those come to and the oldest one's day. */
export async function waitingForPayout(tx: Tx, scope: Scope, { today, until, most }: Until): Promise<Residue> {
  const b = scope.businessId;
  const found: { name: string; amount: bigint | null; since: string }[] = [];
  for (const { channel, name, days, listsRows } of await rhythms(tx, scope)) {
    if (!listsRows) continue;
    const [row] = await rowsOf<{ n: number; amount: string | null; since: string | null }>(
      tx,
      sql`select count(*)::int as n, sum(amount_minor)::text as amount, min(on_date)::text as since from (
            select amount_minor, on_date from app.balance_rows
            where business_id = ${b} and channel_id = ${channel} and payout_id is null and not is_undone
              and (about is null or about not like 'payout/%') and on_date < ${cutoff(today, days)}::date
              ${until === undefined ? sql`` : sql`and on_date <= ${until}::date`} and not ${isHeld(sql`type`)}
            order by on_date limit ${most + 1}) waiting`,
    );
    // Rows that come to nothing together (a sale called off before it was paid out) are no money that waits.
    if (row === undefined || row.since === null || row.amount === "0") continue;
    found.push({ name, amount: row.n > most ? null : BigInt(row.amount ?? "0"), since: row.since });
  }
  const amounts = found.map(({ amount }) => amount);
  return {
    n: found.length,
    amount: amounts.includes(null) ? null : String(amounts.reduce<bigint>((sum, amount) => sum + (amount ?? 0n), 0n)),
    about: found[0]?.name ?? null,
    since: found.map(({ since }) => since).sort()[0] ?? null,
  };
}

/** What stands in _Payments taken elsewhere_ for longer than the slowest of the channels takes to pay out, and a week at least. */
export async function takenElsewhere(tx: Tx, scope: Scope, { today, until }: Until): Promise<Residue> {
  const b = scope.businessId;
  const code = accounts.takenElsewhere;
  const nothing: Residue = { n: 0, amount: null, about: null, since: null };
  const months = await rowsOf<{ month: string; amount: string }>(
    tx,
    sql`select month::text as month, (debit_minor - credit_minor)::text as amount from app.account_months
        where business_id = ${b} and code = ${code} order by month`,
  );
  if (months.length === 0) return nothing;
  const days = (await rhythms(tx, scope)).map((one) => one.days);
  const before = cutoff(
    today,
    days.reduce((most, one) => (one > most ? one : most), leastDays),
  );
  const last = until !== undefined && until < before ? until : before;
  const open = startOfMonth(last);
  // Whole months from their sums; of the month that the day is in, its days.
  const [part] = await rowsOf<{ amount: string }>(
    tx,
    sql`select (coalesce((select sum(amount_minor) from app.postings where business_id = ${b} and debit = ${code}
            and posted_on between ${open}::date and ${last}::date), 0)
          - coalesce((select sum(amount_minor) from app.postings where business_id = ${b} and credit = ${code}
            and posted_on between ${open}::date and ${last}::date), 0))::text as amount`,
  );
  let [then, now] = [BigInt(part?.amount ?? "0"), 0n];
  let since: string | null = null;
  for (const { month, amount } of months) {
    // The month in which it last was nothing before.
    if (now === 0n) since = month;
    now += BigInt(amount);
    if (month < open) then += BigInt(amount);
  }
  const left = leftSince(then, now);
  if (left === 0n || since === null) return nothing;
  const [first] = await rowsOf<{ since: string | null }>(
    tx,
    sql`select least((select min(posted_on) from app.postings where business_id = ${b} and debit = ${code} and posted_on >= ${since}::date),
          (select min(posted_on) from app.postings where business_id = ${b} and credit = ${code} and posted_on >= ${since}::date))::text as since`,
  );
  return { n: 1, amount: String(left), about: null, since: first?.since ?? since };
}
