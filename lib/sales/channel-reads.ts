/**
 * What the pages of channels show beside lib/sales/channels.ts: what each channel holds, in the books and as its own rows say it; what
 * waits for a person; its syncs with what they brought.
 */
import { type SQL, sql } from "drizzle-orm";
import { list } from "../../db/bulk";
import { inBusiness, rowsOf } from "../../db/scope";
import { Refusal } from "../core/errors";
import { compareIds, type LocalDate } from "../core/facts";
import { require, type Scope } from "../people/access";
import { isId } from "../system/ids";
import { type Run, runOf, runsAbout } from "../system/runs";

/** What a channel holds and what waits there. Amounts in minor units of the books' currency. */
export type ChannelBalance = Readonly<{
  channel: string;
  /** Its account in the books. */
  books: bigint;
  /**
   * What its own rows say: not paid out yet, with what is set aside; null where it lists no rows, or lists some in another currency, which
   * are compared in that (`abroad`).
   */
  says: bigint | null;
  /** Of that, set aside until later. */
  held: bigint;
  /** Sold lines that match no item, or more than one. */
  unmatched: number;
  /** Rows of types that nobody has seen before (charges `other`), and their sum. */
  otherCount: number;
  otherMinor: bigint;
  /** The same in each other currency that it deals in, in minor units of that. */
  abroad: readonly Readonly<{ currency: string; books: bigint; says: bigint; held: bigint }>[];
}>;

/**
 * Rows by which a channel sets money aside and frees it again, by its own word (hold, release; Amazon's reserves and "payable to
 * Amazon"). They post nothing, so what the books hold is what the channel could pay out and what it holds back together. The words are
 * those of the index balance_rows_held.
 */
export const isHeld = (type: SQL) => sql`${type} ~* '^(hold|release)|reserve|payable to amazon'`;

/**
 * Every channel of the business. What a channel says is made of the rows that were not paid out; a payout's own row counts only where
 * the channel does not say which rows were in it (Etsy's statement), since elsewhere those rows are gone from the sum already.
 */
export function channelBalances(scope: Scope): Promise<readonly ChannelBalance[]> {
  require(scope, "read");
  const business = scope.businessId;
  return inBusiness(scope, async (tx) => {
    const channels = await rowsOf<{ id: string; code: string; has_rows: boolean }>(
      tx,
      sql`select c.id, c.account_code as code, exists (select 1 from app.balance_rows r where r.business_id = ${business}
            and r.channel_id = c.id and not r.is_undone) as has_rows
          from app.channels c where c.business_id = ${business} order by c.created_at, c.id`,
    );
    const books = await rowsOf<{ code: string; amount: string }>(
      tx,
      sql`select code, sum(debit_minor - credit_minor)::text as amount from app.account_months
          where business_id = ${business} and code = any(${list(
            "text",
            channels.map((channel) => channel.code),
          )}) group by code`,
    );
    const currencies = await rowsOf<{ code: string; currency: string; amount: string }>(
      tx,
      sql`select code, currency, sum(debit_minor - credit_minor)::text as amount from app.account_currency_months
          where business_id = ${business} and code = any(${list(
            "text",
            channels.map((channel) => channel.code),
          )}) group by code, currency order by code, currency`,
    );
    const unpaid = await rowsOf<{ channel_id: string; currency: string | null; amount: string }>(
      tx,
      sql`select r.channel_id, r.currency, sum(coalesce(r.said_minor, r.amount_minor))::text as amount from app.balance_rows r
          where r.business_id = ${business} and r.payout_id is null and not r.is_undone
            and not (r.amount_minor < 0 and r.about like 'payout/%' and exists (select 1 from app.balance_rows p
              where p.business_id = ${business} and p.payout_id = substr(r.about, 8) and not p.is_undone))
          group by r.channel_id, r.currency`,
    );
    const held = await rowsOf<{ channel_id: string; currency: string | null; amount: string }>(
      tx,
      sql`select r.channel_id, r.currency, (-sum(coalesce(r.said_minor, r.amount_minor)))::text as amount from app.balance_rows r
          where r.business_id = ${business} and ${isHeld(sql`r.type`)} and not r.is_undone group by r.channel_id, r.currency`,
    );
    const unmatched = await rowsOf<{ channel_id: string; n: number }>(
      tx,
      sql`select channel_id, count(*)::int as n from app.order_lines
          where business_id = ${business} and item_id is null and not is_undone group by channel_id`,
    );
    const others = await rowsOf<{ channel_id: string; n: number; amount: string }>(
      tx,
      sql`select channel_id, count(*)::int as n, sum(amount_minor)::text as amount from app.charges
          where business_id = ${business} and category = 'other' and not is_undone group by channel_id`,
    );
    const of = <Row extends { channel_id: string }>(rows: readonly Row[], id: string) =>
      rows.find((row) => row.channel_id === id);
    const inCurrency = (rows: readonly (typeof unpaid)[number][], id: string, currency: string | null) =>
      BigInt(rows.find((row) => row.channel_id === id && row.currency === currency)?.amount ?? "0");
    return channels.map((channel) => {
      const heldMinor = inCurrency(held, channel.id, null);
      const booked = currencies.filter((row) => row.code === channel.code);
      const named = [
        ...booked.map((row) => row.currency),
        ...unpaid
          .concat(held)
          .flatMap((row) => (row.channel_id === channel.id && row.currency !== null ? [row.currency] : [])),
      ];
      const abroad = [...new Set(named)].sort(compareIds).map((currency) => {
        const aside = inCurrency(held, channel.id, currency);
        return {
          currency,
          books: BigInt(booked.find((row) => row.currency === currency)?.amount ?? "0"),
          says: inCurrency(unpaid, channel.id, currency) + aside,
          held: aside,
        };
      });
      const other = of(others, channel.id);
      return {
        channel: channel.id,
        books: BigInt(books.find((row) => row.code === channel.code)?.amount ?? "0"),
        says: channel.has_rows && abroad.length === 0 ? inCurrency(unpaid, channel.id, null) + heldMinor : null,
        abroad,
        held: heldMinor,
        unmatched: of(unmatched, channel.id)?.n ?? 0,
        otherCount: other?.n ?? 0,
        otherMinor: BigInt(other?.amount ?? "0"),
      };
    });
  });
}

/** Rows of one type that no connector knows, by the channel's own word. */
export type OtherType = Readonly<{ type: string; count: number; amountMinor: bigint; from: LocalDate; to: LocalDate }>;

/** A channel's never-seen types, the largest sum first. They are in the books as charges `other`. */
export function otherTypes(scope: Scope, channelId: string): Promise<readonly OtherType[]> {
  require(scope, "read");
  return inBusiness(scope, async (tx) => {
    const rows = await rowsOf<{ type: string; count: number; amount: string; from: string; to: string }>(
      tx,
      sql`select type, count(*)::int as count, sum(amount_minor)::text as amount, min(on_date)::text as "from", max(on_date)::text as "to"
          from app.charges where business_id = ${scope.businessId} and channel_id = ${channelId} and category = 'other' and not is_undone
            and account_code is null group by type order by abs(sum(amount_minor)) desc, type`,
    );
    return rows.map(({ amount, ...row }) => ({ ...row, amountMinor: BigInt(amount) }));
  });
}

export type OtherRow = Readonly<{
  id: string;
  on: LocalDate;
  memo: string;
  /** The order that it names, where that is in the books. */
  order: string | null;
  number: string | null;
  amountMinor: bigint;
}>;

const mostOthers = 100;

/** The rows of one such type, the newest first; at most 100. */
export function otherRows(scope: Scope, channelId: string, type: string): Promise<readonly OtherRow[]> {
  require(scope, "read");
  return inBusiness(scope, async (tx) => {
    const rows = await rowsOf<Omit<OtherRow, "amountMinor"> & { amount: string }>(
      tx,
      sql`select c.id, c.on_date::text as "on", c.memo, o.id as "order", o.number, c.amount_minor::text as amount from app.charges c
          left join app.orders o on o.business_id = ${scope.businessId} and o.id = c.order_id and not o.is_undone
          where c.business_id = ${scope.businessId} and c.channel_id = ${channelId} and c.category = 'other' and not c.is_undone
            and c.account_code is null and c.type = ${type} order by c.on_date desc, c.id desc limit ${mostOthers}`,
    );
    return rows.map(({ amount, ...row }) => ({ ...row, amountMinor: BigInt(amount) }));
  });
}

/** A sync in the history: its run, its channel, and what is still in the books of it. */
export type SyncRow = Readonly<{
  run: Run;
  channel: string;
  /** Documents that came, and those of them that were new or changed. */
  read: number;
  fresh: number;
  /** Something of it is in the books and can be taken back. */
  isInBooks: boolean;
  /** A person took it back. */
  isTakenBack: boolean;
}>;
export type SyncPage = Readonly<{ rows: readonly SyncRow[]; older: string | null }>;

const syncsAPage = 20;
/** Syncs of a channel (or of all), the newest first. `before` is the id of the last one that was seen; anything else is the first page. */
export async function syncHistory(
  scope: Scope,
  which: Readonly<{ channel?: string | undefined; before?: string | null | undefined }> = {},
): Promise<SyncPage> {
  require(scope, "read");
  const runs = await runsAbout(scope, {
    job: ["syncChannel", "digestChannel"],
    ...(which.channel === undefined ? {} : { about: which.channel }),
    ...(which.before != null && isId(which.before) ? { before: which.before } : {}),
    limit: syncsAPage + 1,
  });
  const shown = runs.slice(0, syncsAPage);
  const rows = await withBooks(scope, shown);
  return { rows, older: runs.length > syncsAPage ? (shown.at(-1)?.id ?? null) : null };
}

async function withBooks(scope: Scope, runs: readonly Run[]): Promise<readonly SyncRow[]> {
  if (runs.length === 0) return [];
  const ids = runs.map((run) => run.id);
  const { inBooks, back } = await inBusiness(scope, async (tx) => {
    const back = await rowsOf<{ run: string }>(
      tx,
      sql`select before->>'run' as run from app.audit_trail where business_id = ${scope.businessId}
            and about = any(${list("text", [...new Set(runs.map((run) => run.about))])})
            and what = 'channel.undo-sync' and before->>'run' = any(${list("text", ids)})`,
    );
    // A sync that was taken back is not asked for: all its facts would be walked to find none.
    const kept = ids.filter((id) => !back.some((row) => row.run === id));
    const inBooks = await rowsOf<{ id: string }>(
      tx,
      sql`select u.id from unnest(${list("text", kept)}) as u(id) where exists (select 1 from app.facts f
            where f.business_id = ${scope.businessId} and f.source = u.id and f.undone_at is null)`,
    );
    return { inBooks, back };
  });
  return runs.map((run) => {
    // What was not fetched (files, what is read again) has the books' step alone.
    const feeds = run.steps.filter(({ key }) => key !== "books");
    const fetched = feeds.reduce((sum, step) => sum + step.done, 0);
    return {
      run,
      channel: run.about,
      read: feeds.length === 0 ? run.done : fetched,
      fresh: feeds.length === 0 ? run.done : feeds.reduce((sum, step) => sum + (step.more?.fresh ?? 0), 0),
      isInBooks: inBooks.some((row) => row.id === run.id),
      isTakenBack: back.some((row) => row.run === run.id),
    };
  });
}

/** What one sync left in the books: how many facts of each kind, and the keys of all where they are few enough to rehearse. */
export type SyncContents = SyncRow &
  Readonly<{ kinds: readonly Readonly<{ kind: string; count: number }>[]; facts: number }>;

/** One sync of a channel, with what it brought that is still in the books. Refuses `not_found`. */
export async function syncContents(scope: Scope, channelId: string, runId: string): Promise<SyncContents> {
  require(scope, "read");
  const run = await runOf(scope, runId);
  const [row] = await withBooks(scope, [run]);
  const isSync = run.job === "syncChannel" || run.job === "digestChannel";
  if (row === undefined || !isSync || run.about !== channelId) throw new Refusal("not_found", "There is no such sync.");
  const kinds = await inBusiness(scope, (tx) =>
    rowsOf<{ kind: string; count: number }>(
      tx,
      sql`select kind, count(*)::int as count from app.facts where business_id = ${scope.businessId} and source = ${runId}
            and undone_at is null group by kind order by count(*) desc, kind`,
    ),
  );
  return { ...row, kinds, facts: kinds.reduce((sum, one) => sum + one.count, 0) };
}
