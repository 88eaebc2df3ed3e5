/**
 * Pulling finances: what Amazon has posted and not settled yet. They are early news. Once a settlement report is there it tells the same
 * money, for good; what was told early is then given once more with `settled`, which takes it back (read-finances.ts).
 *
 * A first sync leaves out what a settlement has told already; later ones look again from the earliest transaction that was open.
 */
import { createHash } from "node:crypto";
import { z } from "zod";
import type { Page, RawDocument } from "../connector";
import { type Ask, answered, dayMs, iso, later } from "./pull-pages";
import { settlementReports } from "./pull-settlements";

/** “Financial events might not include orders from the last 48 hours.” */
const overlapMs = 2 * dayMs;
/** Beyond 180 days the answer is empty. */
const furthestMs = 179 * dayMs;
/** Amazon wants times that are some minutes past. */
const lagMs = 3 * 60_000;

const Time = z.iso.datetime({ offset: true });
const Contexts = z.array(z.looseObject({ maturityDate: Time.nullish() })).nullish();
const Transaction = z.looseObject({
  transactionId: z.string().min(1).max(200).nullish(),
  transactionStatus: z.string().nullish(),
  postedDate: Time,
  contexts: Contexts,
  items: z.array(z.looseObject({ contexts: Contexts })).nullish(),
  relatedIdentifiers: z.array(z.looseObject({ relatedIdentifierName: z.string().nullish() })).nullish(),
  marketplaceDetails: z.looseObject({ marketplaceId: z.string().nullish() }).nullish(),
});
type Transaction = z.infer<typeof Transaction>;
const Transactions = z.object({
  payload: z.object({ transactions: z.array(Transaction).nullish(), nextToken: z.string().min(1).nullish() }),
});

const Cursor = z.strictObject({
  /** What was settled when this channel was first synced: none of it was ever told early. */
  first: z.iso.datetime().nullable(),
  /** What is settled now; worked out at the beginning of a pass. */
  settled: z.iso.datetime().nullable(),
  phase: z.enum(["begin", "posted", "deferred"]),
  /** Of the first sync: nothing was told before it. */
  isFirst: z.boolean(),
  from: z.iso.datetime(),
  /** Only in a first pass: transactions before `from` that wait to be released are looked for so far back. */
  deferredFrom: z.iso.datetime().nullable(),
  token: z.string().nullable(),
  /** The earliest that is open, and the latest that was posted. */
  open: z.iso.datetime().nullable(),
  seen: z.iso.datetime().nullable(),
});
type Cursor = z.infer<typeof Cursor>;

/** One page of transactions. */
export async function pullBalance(ask: Ask, cursor: string | null): Promise<Page> {
  const earliest = iso(ask.nowMs() - furthestMs);
  let at = cursor === null ? null : Cursor.parse(JSON.parse(cursor));
  if (at === null || at.phase === "begin") {
    const settled = (await settlementReports(ask, null)).reduce<string | null>(
      (most, { dataEndTime }) => (dataEndTime == null ? most : later(most, iso(Date.parse(dataEndTime)))),
      null,
    );
    const beginning = later(earliest, ask.since) ?? earliest;
    at =
      at === null
        ? {
            first: settled,
            settled,
            phase: "posted",
            isFirst: true,
            from: later(beginning, settled) ?? beginning,
            deferredFrom: settled !== null && settled > beginning ? beginning : null,
            token: null,
            open: null,
            seen: null,
          }
        : { ...at, settled, phase: "posted", from: later(earliest, at.from) ?? at.from, token: null, open: null };
  }
  return onePage(ask, at);
}

async function onePage(ask: Ask, at: Cursor): Promise<Page> {
  const before = at.phase === "deferred" ? at.from : null;
  const got = await ask.call({
    operation: "listTransactions",
    path: "/finances/2024-06-19/transactions",
    query: {
      postedAfter: at.phase === "deferred" ? (at.deferredFrom ?? at.from) : notAhead(ask, at.from),
      ...(before === null ? {} : { postedBefore: before, transactionStatus: "DEFERRED" }),
      // In the US store, orders that the seller ships are left out where a marketplace is named.
      ...(ask.marketplace.code === "us" ? {} : { marketplaceId: ask.marketplace.id }),
      ...(at.token === null ? {} : { nextToken: at.token }),
    },
  });
  // A page token that ended: the pass begins again, and what was given is given again.
  if (got.kind === "bad input" && at.token !== null) return onePage(ask, { ...at, token: null });
  const { payload } = answered(Transactions, got, "transactions");
  const documents: RawDocument[] = [];
  let [open, seen] = [at.open, at.seen];
  for (const transaction of payload.transactions ?? []) {
    if (isOfAnother(ask, transaction)) continue;
    const posted = iso(Date.parse(transaction.postedDate));
    seen = later(seen, posted);
    if (isSettled(transaction, at.first) || (at.isFirst && isTakenOver(transaction))) continue;
    const settled = isTakenOver(transaction) || isSettled(transaction, at.settled);
    if (!settled && (open === null || posted < open)) open = posted;
    documents.push(documentOf(transaction, settled));
  }
  const token = payload.nextToken ?? null;
  const now: Cursor = { ...at, token, open, seen };
  const next: Cursor | null =
    token !== null
      ? now
      : at.phase === "posted" && at.deferredFrom !== null
        ? { ...now, phase: "deferred", token: null }
        : null;
  return {
    documents,
    next: next === null ? null : JSON.stringify(next),
    watermark: next === null ? JSON.stringify(watermarkOf(now)) : null,
  };
}

function watermarkOf(at: Cursor): Cursor {
  // From the earliest that is open, so that it is seen again when it is settled; else from shortly before what was posted last.
  const latest = at.open ?? at.seen;
  const from = latest === null ? at.from : iso(Date.parse(latest) - overlapMs);
  return { ...at, settled: null, phase: "begin", isFirst: false, from, deferredFrom: null, token: null, open: null };
}

function notAhead(ask: Ask, from: string): string {
  const now = iso(ask.nowMs() - lagMs);
  return from < now ? from : now;
}

/** Of another marketplace of the same seller, which is a channel of its own. What names no marketplace is kept. */
function isOfAnother(ask: Ask, { marketplaceDetails }: Transaction): boolean {
  const id = marketplaceDetails?.marketplaceId;
  return id != null && id !== "" && id !== ask.marketplace.id && ask.isMarketplace(id);
}

/** Whether a settlement that ended at `through` has told it: posted before its end, or released before it where it had to wait. */
function isSettled(transaction: Transaction, through: string | null): boolean {
  if (through === null || (transaction.transactionStatus ?? "").toUpperCase() === "DEFERRED") return false;
  const contexts = [transaction.contexts, ...(transaction.items ?? []).map((item) => item.contexts)].flatMap(
    (some) => some ?? [],
  );
  const times = [transaction.postedDate, ...contexts.flatMap(({ maturityDate }) => maturityDate ?? [])];
  return Math.max(...times.map((time) => Date.parse(time))) < Date.parse(through);
}

/** One that waited and was released by another, which is listed beside it and is the same money. */
function isTakenOver({ transactionStatus, relatedIdentifiers }: Transaction): boolean {
  const names = (relatedIdentifiers ?? []).map(({ relatedIdentifierName }) => relatedIdentifierName);
  return (transactionStatus ?? "").toUpperCase() === "DEFERRED_RELEASED" && names.includes("RELEASE_TRANSACTION_ID");
}

function documentOf(transaction: Transaction, settled: boolean): RawDocument {
  const status = (transaction.transactionStatus ?? "").toUpperCase();
  // Compared as text: waiting, then released, then settled.
  const version = settled ? "3 settled" : status === "DEFERRED" ? "1 deferred" : "2 released";
  const text = JSON.stringify(transaction);
  const externalId =
    transaction.transactionId ?? `said-${createHash("sha256").update(text).digest("hex").slice(0, 20)}`;
  return { feed: "balance", externalId, version, body: { settled, transaction } };
}
