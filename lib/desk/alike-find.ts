/**
 * Looks for money that was told twice among what an import or a sync has just recorded (lib/core/alike.ts), and keeps what a person said:
 * later documents of what was taken back are read as what it is now. In the transaction that records, so no pair is lost with a worker.
 */
import { sql } from "drizzle-orm";
import { bulkInsert, jsonText, list } from "../../db/bulk";
import { alikePairs } from "../../db/schema";
import { type InBusiness, rowsOf, type Tx } from "../../db/scope";
import {
  type Alike,
  aboutNow,
  asPayment,
  daysApart,
  givenOf,
  paidOf,
  pairAlike,
  paymentsAlike,
  type Telling,
} from "../core/alike";
import { type Fact, factKey, type OrderFact } from "../core/facts";
import { reviveFact } from "../core/revive";
import type { VersionedFact } from "../record";
import { newId } from "../system/ids";
import { isStill } from "./alike-reads";

/** Kinds of channels that only take money: a sale of theirs which names no order may be the payment of a shop's. */
const wallets = ["paypal", "stripe"];

/** Of a recording: the channel, the run that it is of, and whether it was read from files. */
type Recording = Readonly<{ channelId: string; run: string; isFile: boolean }>;

/** Finds what the facts of a recording may be the same as, and asks a person. */
export async function findAlike(tx: Tx, scope: InBusiness, facts: readonly Fact[], of: Recording): Promise<void> {
  const b = scope.businessId;
  const asked = facts.filter(({ kind }) => ["order", "return", "charge", "payout"].includes(kind));
  if (asked.length === 0) return;
  const [where] = await rowsOf<{ kind: string; both: boolean; others: boolean }>(
    tx,
    sql`select c.kind,
          ${of.isFile ? sql`exists (select 1 from app.runs r where r.business_id = ${b} and r.job = 'syncChannel' and r.about = c.id)` : sql`exists (select 1 from app.raw_documents d where d.business_id = ${b} and d.channel_id = c.id and d.feed = 'file')`} as both,
          exists (select 1 from app.channels o where o.business_id = ${b} and o.id <> c.id and ${of.channelId} <> o.id) as others
        from app.channels c where c.business_id = ${b} and c.id = ${of.channelId}`,
  );
  if (where === undefined || (!where.both && !where.others)) return;
  const isElsewhere = (fact: Fact) => fact.kind === "charge" && fact.category === "elsewhere";
  const isMoney = wallets.includes(where.kind)
    ? (fact: Fact) => fact.kind === "order" || isElsewhere(fact)
    : isElsewhere;
  const relevant = where.both ? asked : asked.filter(isMoney);
  if (relevant.length === 0) return;
  // What was here before, or was taken back, asks nothing anew.
  const fresh = new Set(
    (
      await rowsOf<{ id: string }>(
        tx,
        sql`select id from app.facts where business_id = ${b} and id = any(${list("text", relevant.map(factKey))})
              and undone_at is null and source = ${of.run}`,
      )
    ).map(({ id }) => id),
  );
  const now = relevant.filter((fact) => fresh.has(factKey(fact)));
  if (now.length === 0) return;
  const twice = where.both ? await toldTwice(tx, scope, now, of) : [];
  const paid = where.others ? await paidBy(tx, scope, now.filter(isMoney), of.channelId) : [];
  await keep(tx, scope, [
    ...twice.map((pair) => ({ kind: "twice" as const, ...pair })),
    ...paid.map((pair) => ({ kind: "payment" as const, ...pair })),
  ]);
}

const tellingOf = (fact: Fact, taxByOf: (order: string) => OrderFact["taxBy"]): Telling | null => {
  const key = factKey(fact);
  switch (fact.kind) {
    case "order":
      return { key, channel: fact.channel, on: fact.when.on, amount: paidOf(fact), what: `order ${fact.number}` };
    case "charge":
      return { key, channel: fact.channel, on: fact.date, amount: fact.amount, what: `charge ${fact.category}` };
    case "return":
      return fact.order === null
        ? null
        : { key, channel: "", on: fact.date, amount: givenOf(fact, taxByOf(fact.order)), what: "charge refund" };
    case "payout":
      return { key, channel: fact.channel, on: fact.date, amount: -fact.amount, what: "payout" };
    default:
      return null;
  }
};

type TellingRow = Readonly<{ key: string; channel: string; on: string; amount: string; what: string }>;
const told = (rows: readonly TellingRow[]): readonly Telling[] =>
  rows.map((row) => ({ ...row, amount: BigInt(row.amount) }));

/** What the same channel told by the other way: the file's telling is `one`. Orders by their number, all else by amount and days. */
async function toldTwice(tx: Tx, scope: InBusiness, now: readonly Fact[], of: Recording): Promise<readonly Alike[]> {
  const b = scope.businessId;
  const named = now.flatMap((fact) => (fact.kind === "return" && fact.order !== null ? [fact.order] : []));
  const taxes = new Map(
    (
      await rowsOf<{ id: string; tax_by: "seller" | "channel" }>(
        tx,
        sql`select id, tax_by from app.orders where business_id = ${b} and id = any(${list("text", [...new Set(named)])})`,
      )
    ).map((row) => [row.id, row.tax_by]),
  );
  const all = now.flatMap((fact) => tellingOf(fact, (order) => taxes.get(order) ?? "seller") ?? []);
  const own = all.map((one) => ({ ...one, channel: of.channelId }));
  const orders = own.filter(({ what }) => what.startsWith("order "));
  const rest = own.filter(({ what }) => !what.startsWith("order "));
  // By the other way: a sync's facts against those of files. What no run recorded has a source that is no run's id, or none.
  const other = (
    key: ReturnType<typeof sql>,
  ) => sql`exists (select 1 from app.facts f join app.runs r on r.business_id = ${b}
      and r.id = case when f.source ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then f.source::uuid end
    where f.business_id = ${b} and f.id = ${key} and r.job = ${of.isFile ? "syncChannel" : "digestChannel"})`;
  const near = sql`(select distinct amount, day from unnest(${list(
    "bigint",
    rest.map((one) => one.amount),
  )}, ${list(
    "date",
    rest.map((one) => one.on),
  )}) w(amount, day)) w`;
  const within = (day: ReturnType<typeof sql>) =>
    sql`${day} between w.day - ${Number(daysApart)}::int and w.day + ${Number(daysApart)}::int`;
  const there =
    rest.length === 0
      ? []
      : await rowsOf<TellingRow>(
          tx,
          sql`select distinct x.key, x.channel, x.on, x.amount, x.what from (
            select 'charge/' || c.id as key, c.channel_id as channel, c.on_date::text as on, c.amount_minor::text as amount, 'charge ' || c.category as what
            from ${near} join app.charges c on c.business_id = ${b} and c.channel_id = ${of.channelId} and not c.is_undone
              and c.amount_minor = w.amount and ${within(sql`c.on_date`)} where ${other(sql`'charge/' || c.id`)}
            union all
            select 'payout/' || p.id, p.channel_id, p.on_date::text, (-p.amount_minor)::text, 'payout'
            from ${near} join app.payouts p on p.business_id = ${b} and p.channel_id = ${of.channelId} and not p.is_undone
              and -p.amount_minor = w.amount and ${within(sql`p.on_date`)} where ${other(sql`'payout/' || p.id`)}
            union all
            select 'return/' || t.id, t.channel_id, t.on_date::text, t.amount::text, 'charge refund'
            from ${near} join (
              select h.id, h.channel_id, h.on_date, -(coalesce(sum(l.amount_minor), 0) + h.shipping_minor
                + case o.tax_by when 'seller' then h.tax_minor else 0 end) as amount
              from app.returns h join app.orders o on o.business_id = ${b} and o.id = h.order_id
              left join app.return_lines l on l.business_id = ${b} and l.return_id = h.id
              where h.business_id = ${b} and h.channel_id = ${of.channelId} and not h.is_undone
                and h.on_date between (select min(day) - ${Number(daysApart)}::int from ${near}) and (select max(day) + ${Number(daysApart)}::int from ${near})
              group by h.id, h.channel_id, h.on_date, h.shipping_minor, h.tax_minor, o.tax_by) t
              on t.amount = w.amount and ${within(sql`t.on_date`)} where ${other(sql`'return/' || t.id`)}) x`,
        );
  const sameOrders =
    orders.length === 0
      ? []
      : await rowsOf<TellingRow>(
          tx,
          sql`select 'order/' || o.id as key, o.channel_id as channel, o.on_date::text as on, 'order ' || o.number as what,
                (o.gross_minor + o.shipping_minor - o.discount_minor + case o.tax_by when 'seller' then o.tax_minor else 0 end)::text as amount
              from app.orders o where o.business_id = ${b} and o.channel_id = ${of.channelId} and not o.is_undone
                and o.number = any(${list("text", [...new Set(orders.map(({ what }) => what.slice(6)))])}) and ${other(sql`'order/' || o.id`)}`,
        );
  const known = await pairsOf(tx, scope, [...own, ...told(there), ...told(sameOrders)]);
  const fits = (one: Telling, two: Telling) => one.what === two.what && !known.areTwo(one, two);
  const found = [
    ...pairAlike(rest.filter(known.isFree), told(there).filter(known.isFree), fits),
    ...pairAlike(orders.filter(known.isFree), told(sameOrders).filter(known.isFree), fits, null),
  ].filter(({ one, other: two }) => one.amount !== 0n && two.amount !== 0n);
  return of.isFile ? found : found.map(({ one, other: two }) => ({ one: two, other: one }));
}

/** Sales of wallets and orders of shops paid elsewhere: `one` is the wallet's. */
async function paidBy(tx: Tx, scope: InBusiness, now: readonly Fact[], channelId: string): Promise<readonly Alike[]> {
  const b = scope.businessId;
  const wanted = now.flatMap((fact) => {
    if (fact.kind === "order") return [{ amount: paidOf(fact), on: fact.when.on }];
    return fact.kind === "charge" ? [{ amount: fact.amount < 0n ? -fact.amount : fact.amount, on: fact.date }] : [];
  });
  if (wanted.length === 0) return [];
  const w = sql`(select distinct amount, day from unnest(${list(
    "bigint",
    wanted.map((one) => one.amount),
  )}, ${list(
    "date",
    wanted.map((one) => one.on),
  )}) w(amount, day)) w`;
  // As far again as two tellings are apart: what is near may have its own counterpart on the far side.
  const reach = Number(daysApart) * 2;
  const within = (day: ReturnType<typeof sql>) => sql`${day} between w.day - ${reach}::int and w.day + ${reach}::int`;
  const charges = told(
    await rowsOf<TellingRow>(
      tx,
      sql`select distinct 'charge/' || c.id as key, c.channel_id as channel, c.on_date::text as on, c.amount_minor::text as amount, c.type as what
          from ${w} join app.charges c on c.business_id = ${b} and c.category = 'elsewhere' and not c.is_undone
            and c.amount_minor in (w.amount, -w.amount) and ${within(sql`c.on_date`)}`,
    ),
  );
  const kinds = new Map(
    (
      await rowsOf<{ id: string; kind: string }>(tx, sql`select id, kind from app.channels where business_id = ${b}`)
    ).map(({ id, kind }) => [id, kind]),
  );
  const takers = [...kinds].flatMap(([id, kind]) => (wallets.includes(kind) ? [id] : []));
  const sales = told(
    await rowsOf<TellingRow>(
      tx,
      sql`select distinct 'order/' || o.id as key, o.channel_id as channel, o.on_date::text as on, w.amount::text as amount, o.number as what
          from ${w} join app.orders o on o.business_id = ${b} and o.channel_id = any(${list("text", takers)}) and not o.is_undone
            and o.gross_minor + o.shipping_minor - o.discount_minor + case o.tax_by when 'seller' then o.tax_minor else 0 end = w.amount
            and ${within(sql`o.on_date`)} where w.amount > 0`,
    ),
  );
  const shops = charges.filter(({ amount }) => amount < 0n).map((one) => ({ ...one, amount: -one.amount }));
  const known = await pairsOf(tx, scope, [...sales, ...shops]);
  const found = paymentsAlike(
    sales.filter(known.isFree),
    shops.filter(known.isFree),
    charges.filter(({ amount }) => amount > 0n),
    { kindOf: (channel) => kinds.get(channel) ?? "", areTwo: known.areTwo },
  );
  // Only what this recording is part of: the rest was looked at when it came.
  return found.filter(({ one, other }) => one.channel === channelId || other.channel === channelId);
}

type Pairs = Readonly<{ isFree: (one: Telling) => boolean; areTwo: (one: Telling, other: Telling) => boolean }>;

/** Which of these wait in a pair or were said to be the same as something, and which were said to be two things. */
async function pairsOf(tx: Tx, scope: InBusiness, all: readonly Telling[]): Promise<Pairs> {
  const b = scope.businessId;
  const keys = list(
    "text",
    all.map(({ key }) => key),
  );
  const columns = sql`a.one, a.other, a.state, a.state = 'same' or ${isStill(b)} as holds`;
  const rows = await rowsOf<{ one: string; other: string; state: string; holds: boolean }>(
    tx,
    sql`select ${columns} from app.alike_pairs a where a.business_id = ${b} and a.one = any(${keys})
        union select ${columns} from app.alike_pairs a where a.business_id = ${b} and a.other = any(${keys})`,
  );
  const taken = new Set(rows.flatMap((row) => (row.state !== "different" && row.holds ? [row.one, row.other] : [])));
  const name = (one: string, other: string) => (one < other ? `${one}\u001e${other}` : `${other}\u001e${one}`);
  const two = new Set(rows.flatMap((row) => (row.state === "different" ? [name(row.one, row.other)] : [])));
  return { isFree: ({ key }) => !taken.has(key), areTwo: (one, other) => two.has(name(one.key, other.key)) };
}

type Found = Alike & Readonly<{ kind: "twice" | "payment" }>;

async function keep(tx: Tx, scope: InBusiness, found: readonly Found[]): Promise<void> {
  if (found.length === 0) return;
  const foundAt = new Date().toISOString();
  await bulkInsert(
    tx,
    alikePairs,
    found.map(({ kind, one, other }) => ({
      businessId: scope.businessId,
      id: newId(),
      kind,
      one: one.key,
      other: other.key,
      oneChannel: one.channel,
      otherChannel: other.channel,
      amountMinor: one.amount,
      oneOn: one.on,
      otherOn: other.on,
      state: "open",
      undone: [],
      made: [],
      held: [],
      foundAt,
      decidedAt: null,
      userId: null,
    })),
    sql`on conflict (business_id, one, other) do nothing`,
  );
}

const orderOf = (fact: Fact): string | null =>
  (fact.kind === "return" || fact.kind === "charge") && fact.order !== null ? `order/${fact.order}` : null;

/** A fact with the document that told it, or whatever else goes along. */
type Owned<T> = Readonly<{ facts: readonly VersionedFact[]; owners: readonly T[] }>;
type SamePair = Readonly<{ id: string; kind: "twice" | "payment"; one: string; memo: string; sale: unknown }>;

/**
 * What documents say of facts that a person said are told elsewhere: a file's telling is left out, a wallet's sale and its refunds are the
 * payment of the shop's order. Facts and owners keep going together.
 */
export async function asDecided<T>(tx: Tx, scope: InBusiness, read: Owned<T>): Promise<Owned<T>> {
  const b = scope.businessId;
  const names = new Set<string>();
  for (const { fact } of read.facts) {
    names.add(factKey(fact));
    if (fact.kind === "balance_row" && fact.about !== null) names.add(fact.about);
    const order = orderOf(fact);
    if (order !== null) names.add(order);
  }
  if (names.size === 0) return read;
  const pairs = new Map(
    (
      await rowsOf<SamePair>(
        tx,
        sql`select a.id, a.kind, a.one, coalesce(o.body ->> 'memo', '') as memo, f.body as sale from app.alike_pairs a
            join app.facts f on f.business_id = ${b} and f.id = a.one join app.facts o on o.business_id = ${b} and o.id = a.other
            where a.business_id = ${b} and a.state = 'same' and a.one = any(${list("text", [...names])})`,
      )
    ).map((pair) => [pair.one, pair]),
  );
  if (pairs.size === 0) return read;
  const [facts, owners]: [VersionedFact[], T[]] = [[], []];
  const now = new Map<string, Readonly<{ fact: Fact; pair: string | null }>>();
  const held = new Map<string, { held: Fact[]; made: string[] }>();
  /** What came after the word: kept as its channel told it, for taking the word back. */
  const later = (pair: string, fact: Fact, payment: Fact): Fact => {
    const known = held.get(pair) ?? { held: [], made: [] };
    known.held.push(fact);
    known.made.push(factKey(payment));
    held.set(pair, known);
    return payment;
  };
  const instead = (fact: Fact): Fact | null => {
    const key = factKey(fact);
    if (fact.kind === "balance_row") {
      const about = fact.about === null ? undefined : now.get(fact.about);
      if (about === undefined) return fact.about !== null && pairs.get(fact.about)?.kind === "twice" ? null : fact;
      const row = aboutNow(fact, about.fact);
      return about.pair === null ? row : later(about.pair, fact, row);
    }
    const pair = pairs.get(key) ?? pairs.get(orderOf(fact) ?? "");
    if (pair === undefined) return fact;
    if (pair.kind === "twice") return pair.one === key ? null : fact;
    const sale = reviveFact(pair.sale);
    const payment = sale.kind === "order" ? asPayment(fact, sale, pair.memo) : null;
    if (payment === null) return fact;
    now.set(key, { fact: payment, pair: fact.kind === "order" ? null : pair.id });
    return fact.kind === "order" ? payment : later(pair.id, fact, payment);
  };
  read.facts.forEach(({ fact, version }, at) => {
    const [one, owner] = [instead(fact), read.owners[at]];
    if (one === null) return;
    facts.push({ fact: one, version });
    if (owner !== undefined) owners.push(owner);
  });
  for (const [id, known] of held)
    await tx.execute(sql`update app.alike_pairs set held = held || ${jsonText(known.held)}::jsonb, made = made || ${jsonText(known.made)}::jsonb
      where business_id = ${b} and id = ${id} and not made @> ${jsonText(known.made)}::jsonb`);
  return { facts, owners };
}
