/**
 * A channel that is connected for looking only: what waits is read, matched, costed and posted as ever, and all of it rolled back. What it
 * would come to is kept with the channel, for its page, until a person says that it goes into the books.
 */
import { sql } from "drizzle-orm";
import { jsonText } from "../db/bulk";
import { inBusiness, rowsOf, type Tx } from "../db/scope";
import type { Account, Connector, Feed } from "../integrations/connector";
import { lockBooks } from "./books/ledger";
import { invariant, Refusal } from "./core/errors";
import { placedTypesIn } from "./desk/placed-types";
import { readAll, type SetAside, type Stored, WrongDocument, wrongDocument } from "./documents-in";
import { require, type Scope } from "./people/access";
import { recordAudit } from "./people/audit";
import { recordIn } from "./record";
import type { Trial } from "./sales/channels";
import { newId } from "./system/ids";
import { request } from "./system/outbox";
import { countIn, finishRunIn, startRun } from "./system/runs";

/** What is looked at, in whose run. */
type Work = Readonly<{ channelId: string; run: string }>;

/** Documents that are looked at together: more than these are looked at in part, their orders alone. */
const mostLooked = 5_000;
const mostOfMany = 2_000;
/** What refers to something that is not there is left out, one after the other, so often. */
const mostLeftOut = 30;

/** A rehearsal never stays. */
class Looked extends Error {
  readonly trial: Trial;
  constructor(trial: Trial) {
    super("what is only looked at is never kept");
    this.trial = trial;
  }
}

/** Looks at what waits of the channel and keeps what it would come to. */
export async function lookAt(scope: Scope, work: Work, connector: Connector, feeds: readonly Feed[]): Promise<"done"> {
  const aside = new Map<string, SetAside>();
  const trial = await rehearsal(scope, work, { connector, feeds, aside });
  await inBusiness(scope, async (tx) => {
    await tx.execute(sql`
      update app.channels set trial = ${jsonText(trial)}::jsonb, last_synced_at = now()
      where business_id = ${scope.businessId} and id = ${work.channelId} and is_trial`);
    await countIn(tx, scope, work.run, { done: trial.looked, skipped: trial.aside });
    await finishRunIn(tx, scope, work.run, { state: "done", skipped: trial.aside, note: "Only looked at." });
  });
  return "done";
}

type Looking = Readonly<{ connector: Connector; feeds: readonly Feed[]; aside: Map<string, SetAside> }>;

async function rehearsal(scope: Scope, work: Work, looking: Looking): Promise<Trial> {
  for (;;) {
    try {
      await inBusiness(scope, async (tx) => {
        throw new Looked(await lookIn(tx, scope, work, looking));
      });
    } catch (error) {
      if (error instanceof Looked) return error.trial;
      if (!(error instanceof WrongDocument) || looking.aside.size >= mostLeftOut) throw error;
      looking.aside.set(error.key, error.aside);
    }
  }
}

async function lookIn(tx: Tx, scope: Scope, work: Work, looking: Looking): Promise<Trial> {
  const { businessId } = scope;
  const { channelId } = work;
  const books = await lockBooks(tx, scope);
  const [all] = await rowsOf<{ n: number }>(
    tx,
    sql`select count(*)::int as n from app.raw_documents where business_id = ${businessId} and channel_id = ${channelId} and state = 'waiting'`,
  );
  const documents = all?.n ?? 0;
  const isAll = documents <= mostLooked;
  const account: Account = { channel: channelId, currency: scope.currency, timeZone: scope.timeZone };
  const placed = await placedTypesIn(tx, scope, channelId);
  let [looked, aside] = [0, 0];
  // Ids grow with time, so what is posted from here on has a greater one.
  const mark = newId();
  for (const feed of looking.feeds) {
    if (!isAll && feed !== "orders" && feed !== "products") continue;
    const waiting = await rowsOf<Stored>(
      tx,
      sql`select feed, external_id as "externalId", version, body, external_id || chr(31) || version as key from app.raw_documents
          where business_id = ${businessId} and channel_id = ${channelId} and feed = ${feed} and state = 'waiting'
          order by external_id desc, version desc limit ${isAll ? mostLooked : mostOfMany}`,
    );
    const inTurn = [...waiting].reverse();
    const known = { account, placed };
    const { facts, owners, marks } = await readAll(tx, scope, looking.connector, inTurn, known, looking.aside);
    aside += marks.size;
    looked += waiting.length;
    try {
      await recordIn(tx, scope, books, facts, { source: work.run, userId: null }, { settles: true });
    } catch (error) {
      throw wrongDocument(error, owners);
    }
  }
  const [sums] = await rowsOf<Omit<Trial, "documents" | "looked" | "aside" | "accounts">>(
    tx,
    sql`select (select count(*)::int from app.orders where business_id = ${businessId} and channel_id = ${channelId}) as orders,
          (select count(*)::int from app.order_lines where business_id = ${businessId} and channel_id = ${channelId}) as lines,
          (select count(*)::int from app.order_lines where business_id = ${businessId} and channel_id = ${channelId} and item_id is not null) as matched,
          (select count(*)::int from app.payouts where business_id = ${businessId} and channel_id = ${channelId}) as payouts,
          (select min(on_date)::text from app.orders where business_id = ${businessId} and channel_id = ${channelId}) as from,
          (select max(on_date)::text from app.orders where business_id = ${businessId} and channel_id = ${channelId}) as through`,
  );
  const accounts = await rowsOf<{ code: string; name: string; amount: string }>(
    tx,
    sql`select a.code, a.name, sum(case when p.debit = a.code then p.amount_minor else -p.amount_minor end)::text as amount
        from app.journal_entries e
        join app.postings p on p.business_id = ${businessId} and p.entry_id = e.id
        join app.accounts a on a.business_id = ${businessId} and a.code in (p.debit, p.credit)
        where e.business_id = ${businessId} and e.id > ${mark}::uuid
        group by a.code, a.name having sum(case when p.debit = a.code then p.amount_minor else -p.amount_minor end) <> 0 order by a.code`,
  );
  invariant(sums !== undefined, "sums without a group are one row");
  return { documents, looked, aside, ...sums, accounts };
}

/** A channel that was looked at goes into the books: what waits is read by a job. Gives its run; refuses `stale` where it is in already. */
export async function bookTrial(scope: Scope, channelId: string): Promise<string> {
  require(scope, "connect");
  return inBusiness(scope, async (tx) => {
    const [row] = await rowsOf<{ name: string }>(
      tx,
      sql`update app.channels set is_trial = false, trial = null where business_id = ${scope.businessId} and id = ${channelId} and is_trial
          returning name`,
    );
    if (row === undefined) throw new Refusal("stale", "This channel is in the books already.");
    await recordAudit(tx, scope, { what: "channel.book", about: channelId });
    const run = await startRun(tx, scope, { job: "digestChannel", about: channelId, label: row.name });
    await request(tx, "digestChannel", { business: scope.businessId, channel: channelId, run });
    return run;
  });
}
