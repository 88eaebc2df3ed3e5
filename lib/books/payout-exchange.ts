/**
 * What is left over of payouts in another currency (docs/decisions/0013-currencies.md): read from what the channel listed in them, and
 * posted again whenever a payout, one of its rows or a document that a row is money of comes, changes or goes. The rule is
 * `exchangeLeft` and `rowsInBooks` (lib/core/payouts.ts). Where nothing is in another currency, this asks two short questions at most.
 */
import { sql } from "drizzle-orm";
import { list } from "../../db/bulk";
import { type InBusiness, rowsOf, type Tx } from "../../db/scope";
import type { Fact, OrderFact } from "../core/facts";
import { exchangeLeft, type InBoth, rowsInBooks } from "../core/payouts";
import { postingsOf } from "../core/posting";
import { reviveFact } from "../core/revive";
import type { PaidAbroad } from "../core/transactions";

const idsAQuery = 5_000;

/** What was touched: the ids of payouts, and the keys of documents (`factKey`) whose rows may count otherwise now. */
export type Touched = Readonly<{ payouts: Set<string>; documents: Set<string> }>;
export const nothingTouched = (): Touched => ({ payouts: new Set(), documents: new Set() });

type TouchingRow = Readonly<{ payout: string | null; about: string | null; isAbroad: boolean }>;

/**
 * A row of a channel's balance touches the payout that it is in, the payout that it brought back and, in another currency, the rows beside
 * it of its document.
 */
export function touchRow(touched: Touched, { payout, about, isAbroad }: TouchingRow): void {
  if (payout !== null) touched.payouts.add(payout);
  if (about?.startsWith("payout/") === true) touched.payouts.add(about.slice("payout/".length));
  else if (about !== null && isAbroad) touched.documents.add(about);
}

/** What rows touch as they stand now, before they are replaced or undone. */
export async function touchRowsOf(tx: Tx, scope: InBusiness, ids: readonly string[], touched: Touched): Promise<void> {
  if (ids.length === 0) return;
  for (const row of await rowsOf<TouchingRow>(
    tx,
    sql`select payout_id as payout, about, currency is not null as "isAbroad" from app.balance_rows
        where business_id = ${scope.businessId} and id = any(${list("text", ids)}) and not is_undone`,
  ))
    touchRow(touched, row);
}

/** The payouts in another currency, in the books now, that what was touched bears on. */
export async function payoutsTouched(tx: Tx, scope: InBusiness, touched: Touched): Promise<readonly string[]> {
  const business = scope.businessId;
  const ids = new Set(touched.payouts);
  const documents = [...touched.documents];
  for (let from = 0; from < documents.length; from += idsAQuery) {
    const keys = list("text", documents.slice(from, from + idsAQuery));
    for (const row of await rowsOf<{ id: string }>(
      tx,
      sql`select distinct payout_id as id from app.balance_rows where business_id = ${business} and about = any(${keys})
            and currency is not null and payout_id is not null and not is_undone`,
    ))
      ids.add(row.id);
  }
  const found: string[] = [];
  const all = [...ids];
  for (let from = 0; from < all.length; from += idsAQuery) {
    const rows = await rowsOf<{ id: string }>(
      tx,
      sql`select id from app.payouts where business_id = ${business} and id = any(${list("text", all.slice(from, from + idsAQuery))})
            and currency is not null and not is_undone order by id`,
    );
    found.push(...rows.map((row) => row.id));
  }
  return found;
}

type Row = Readonly<{ id: string; payout: string; about: string | null }> & InBoth;
type ReadRow = Readonly<{
  id: string;
  payout: string;
  about: string | null;
  amount: string;
  said: string;
  currency: string | null;
}>;
const rowOf = (row: ReadRow): Row => ({ ...row, amount: BigInt(row.amount), said: BigInt(row.said) });

/** What each of these payouts leaves in its channel's account, in the books' currency; those that are proved, in another currency. */
export async function exchangesOf(
  tx: Tx,
  scope: InBusiness,
  payouts: readonly string[],
): Promise<ReadonlyMap<string, bigint>> {
  const left = new Map<string, bigint>();
  if (payouts.length === 0) return left;
  const business = scope.businessId;
  const ids = list("text", payouts);
  const paid = await rowsOf<Omit<ReadRow, "payout" | "about">>(
    tx,
    sql`select id, amount_minor::text as amount, said_minor::text as said, currency from app.payouts
        where business_id = ${business} and id = any(${ids}) and currency is not null and not is_undone`,
  );
  if (paid.length === 0) return left;
  // As a payout is proved: by the rows that are listed in it; one that came back, by the row that brought it.
  const rows = (
    await rowsOf<ReadRow>(
      tx,
      sql`select r.id, p.id as payout, r.about, r.amount_minor::text as amount, coalesce(r.said_minor, r.amount_minor)::text as said, r.currency
          from app.payouts p join app.balance_rows r on r.business_id = ${business} and r.payout_id = p.id and not r.is_undone
          where p.business_id = ${business} and p.id = any(${ids}) and p.amount_minor >= 0
          union all
          select r.id, p.id, r.about, (-r.amount_minor)::text, (-coalesce(r.said_minor, r.amount_minor))::text, r.currency
          from app.payouts p join app.balance_rows r on r.business_id = ${business} and r.channel_id = p.channel_id and r.on_date = p.on_date
            and r.about = 'payout/' || p.id and not r.is_undone
          where p.business_id = ${business} and p.id = any(${ids}) and p.amount_minor < 0`,
    )
  ).map(rowOf);
  const counted = await countedOf(
    tx,
    scope,
    rows.flatMap(({ about }) => (about === null || about.startsWith("payout/") ? [] : [about])),
  );
  const inPayout = new Map<string, Row[]>();
  for (const row of rows) {
    const now = { ...row, amount: counted.get(row.id) ?? row.amount };
    const known = inPayout.get(row.payout);
    if (known === undefined) inPayout.set(row.payout, [now]);
    else known.push(now);
  }
  for (const one of paid) {
    const payout = { amount: BigInt(one.amount), said: BigInt(one.said), currency: one.currency };
    const over = exchangeLeft(payout, inPayout.get(one.id) ?? []);
    if (over !== null) left.set(one.id, over);
  }
  return left;
}

/** The rows about documents in another currency, by their ids, as they count in the books. */
async function countedOf(tx: Tx, scope: InBusiness, abouts: readonly string[]): Promise<ReadonlyMap<string, bigint>> {
  const counted = new Map<string, bigint>();
  const keys = [...new Set(abouts)];
  for (let from = 0; from < keys.length; from += idsAQuery) {
    const part = list("text", keys.slice(from, from + idsAQuery));
    const rows = await rowsOf<ReadRow>(
      tx,
      sql`select id, coalesce(payout_id, '') as payout, about, amount_minor::text as amount, said_minor::text as said, currency
          from app.balance_rows where business_id = ${scope.businessId} and about = any(${part}) and currency is not null and not is_undone
          order by about, on_date, id`,
    );
    const documents = await rowsOf<{ id: string; body: unknown }>(
      tx,
      sql`select id, body from app.facts where business_id = ${scope.businessId} and id = any(${part}) and undone_at is null`,
    );
    const of = new Map<string, Row[]>();
    for (const row of rows.map(rowOf)) {
      const known = of.get(row.about ?? "");
      if (known === undefined) of.set(row.about ?? "", [row]);
      else known.push(row);
    }
    const facts = documents.map(({ id, body }) => ({ id, fact: reviveFact(body) }));
    const remitters = await taxByOf(
      tx,
      scope,
      facts.map(({ fact }) => fact),
    );
    for (const { id, fact } of facts)
      for (const row of rowsInBooks(netOf(fact, remitters), of.get(id) ?? [])) counted.set(row.id, row.amount);
  }
  return counted;
}

/** Who remits the tax of the orders that returns are of. */
async function taxByOf(
  tx: Tx,
  scope: InBusiness,
  facts: readonly Fact[],
): Promise<ReadonlyMap<string, OrderFact["taxBy"]>> {
  const orders = facts.flatMap((fact) => (fact.kind === "return" && fact.order !== null ? [fact.order] : []));
  if (orders.length === 0) return new Map();
  const rows = await rowsOf<{ id: string; tax_by: OrderFact["taxBy"] }>(
    tx,
    sql`select id, tax_by from app.orders where business_id = ${scope.businessId} and id = any(${list("text", orders)})`,
  );
  return new Map(rows.map(({ id, tax_by }) => [id, tax_by]));
}

const held = "channel";

/** What a document brings to its channel's account: in the books' currency, and as it was said. */
function netOf(fact: Fact, remitters: ReadonlyMap<string, OrderFact["taxBy"]>): InBoth {
  const currency = "foreign" in fact ? (fact.foreign?.currency ?? null) : null;
  let [amount, said] = [0n, 0n];
  const context = {
    channelAccount: () => held,
    channelOf: () => "",
    taxByOf: (order: string) => remitters.get(order) ?? "seller",
    currency: "",
    on: () => "",
  };
  for (const one of postingsOf(fact, context)) {
    if (one.debit !== held && one.credit !== held) continue;
    const sign = one.debit === held ? 1n : -1n;
    amount += sign * one.amount;
    said += sign * (one.foreign?.amount ?? 0n);
  }
  return { amount, said, currency };
}

/** Payouts in another currency, among these, as their deposits post them. */
export async function paidAbroad(
  tx: Tx,
  scope: InBusiness,
  payouts: readonly string[],
): Promise<ReadonlyMap<string, Readonly<{ paid: PaidAbroad }>>> {
  if (payouts.length === 0) return new Map();
  const rows = await rowsOf<{ id: string; amount: string; said: string; currency: string }>(
    tx,
    sql`select id, amount_minor::text as amount, said_minor::text as said, currency from app.payouts
        where business_id = ${scope.businessId} and id = any(${list("text", payouts)}) and currency is not null and not is_undone`,
  );
  return new Map(
    rows.map(({ id, amount, said, currency }) => [
      id,
      { paid: { amount: BigInt(amount), said: BigInt(said), currency } },
    ]),
  );
}
