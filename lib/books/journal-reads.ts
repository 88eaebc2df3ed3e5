/**
 * The journal for people: an account's postings with what it stands at after each, and an entry with all that belongs to its document.
 * From any figure of a report one comes here, and from here to the document that it is about.
 */
import { type SQL, sql } from "drizzle-orm";
import { reading } from "../../db/reading";
import { inBusiness, rowsOf, type Tx } from "../../db/scope";
import type { AccountType } from "../core/chart";
import { startOfMonth, taxYearOf, taxYearRange } from "../core/dates";
import { Refusal } from "../core/errors";
import type { LocalDate } from "../core/facts";
import { type Days, partsOf } from "../core/reports/periods";
import { standingOf } from "../core/reports/profit";
import { require, type Scope } from "../people/access";
import { isId } from "../system/ids";

/** An account of the chart. `sign` turns debits less credits into the figure that reports show: 1 or −1. */
export type AccountHead = Readonly<{
  code: string;
  name: string;
  type: AccountType;
  sign: 1n | -1n;
  /** It is summed over a tax year (income and costs), not for ever (what the business has and owes). */
  isOfYear: boolean;
}>;

/** A document as the journal names it, with what people call it by where that is known. */
export type DocumentRef = Readonly<{
  kind: string;
  id: string;
  /** The order that it belongs to: its id, number and channel. */
  order: Readonly<{ id: string; number: string; channel: string }> | null;
  supplier: string | null;
  /** The number of an invoice or a note. */
  number: string | null;
}>;

/** One posting of an account; amounts in minor units, signed as the account's figures are. */
export type AccountRow = Readonly<{
  /** Its place, for the page that comes after or before it. */
  cursor: string;
  entry: string;
  on: LocalDate;
  /** The day that it is about, where that is another one: its period was closed. */
  aboutOn: LocalDate | null;
  memo: string;
  item: string | null;
  isCorrection: boolean;
  document: DocumentRef;
  other: Readonly<{ code: string; name: string }>;
  amount: bigint;
  /** What it moves in another currency, signed alike; null where its document was in the books'. */
  abroad: LineAbroad | null;
  /** What the account stands at after it. */
  balance: bigint;
}>;

export type AccountPage = Readonly<{
  account: AccountHead;
  /** Before the period's first day, all postings of the period, and after its last day. */
  opening: bigint;
  moved: bigint;
  closing: bigint;
  rows: readonly AccountRow[];
  /** Cursors of the pages before and after this one; null at the two ends. */
  before: string | null;
  after: string | null;
}>;

/** `after`: the page that follows this row; `before`: the page that ends before it. */
export type CursorPage = Readonly<{ after?: string | null; before?: string | null; limit?: number }>;

const mostRows = 2_000;

/**
 * An account's postings in a period, the oldest first, each with the balance after it. Income and costs start each tax year at 0.
 * Refuses `not_found` for an account that is not there.
 */
export async function accountPage(
  scope: Scope,
  code: string,
  period: Days,
  page: CursorPage = {},
): Promise<AccountPage> {
  require(scope, "read");
  const limit = Math.min(Math.max(page.limit ?? 60, 1), mostRows);
  const after = parseCursor(page.after);
  const before = after === null ? parseCursor(page.before) : null;
  return reading(scope, async (tx) => {
    const account = await accountHead(tx, scope, code);
    const since = account.isOfYear
      ? taxYearRange(taxYearOf(period.from, scope.taxYearStartMonth), scope.taxYearStartMonth).from
      : null;
    const opening = await standing(tx, scope, account, since, { on: period.from, entry: least, place: 0 });
    const moved = account.sign * (await movedIn(tx, scope, code, period));
    const found = await postingsOf(tx, scope, account, period, before ?? after, before !== null, limit + 1);
    const cut = found.slice(0, limit);
    if (before !== null) cut.reverse();
    const first = cut[0];
    let balance = first === undefined ? opening : await standing(tx, scope, account, since, first.place);
    const rows = cut.map(({ place, ...row }) => {
      balance += row.amount;
      return { ...row, cursor: `${place.on}~${place.entry}~${place.place}`, balance };
    });
    const hasMore = found.length > limit;
    const [from, to] = [rows[0]?.cursor ?? null, rows.at(-1)?.cursor ?? null];
    return {
      account,
      opening,
      moved,
      closing: opening + moved,
      rows,
      before: before !== null ? (hasMore ? from : null) : after === null ? null : from,
      after: before !== null ? to : hasMore ? to : null,
    };
  });
}

/** Where a posting stands in its account: by day, entry and place in the entry. */
type Place = Readonly<{ on: LocalDate; entry: string; place: number }>;
const least = "00000000-0000-0000-0000-000000000000";

function parseCursor(text: string | null | undefined): Place | null {
  const found = /^(\d{4}-\d{2}-\d{2})~([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})~(\d{1,5})$/.exec(text ?? "");
  if (found === null) return null;
  return { on: found[1] ?? "", entry: found[2] ?? "", place: Number.parseInt(found[3] ?? "", 10) };
}

async function accountHead(tx: Tx, scope: Scope, code: string): Promise<AccountHead> {
  const [row] = await rowsOf<{ code: string; name: string; type: AccountType }>(
    tx,
    sql`select code, name, type from app.accounts where business_id = ${scope.businessId} and code = ${code}`,
  );
  if (row === undefined) throw new Refusal("not_found", "There is no such account.");
  return { ...row, ...standingOf(row.type) };
}

/** Debits less credits of an account in a period. */
async function movedIn(tx: Tx, scope: Scope, code: string, period: Days): Promise<bigint> {
  const { months, days } = partsOf(period);
  const parts: SQL[] = days.map(({ from, to }) =>
    sumOf(scope, code, sql`posted_on between ${from}::date and ${to}::date`),
  );
  if (months !== null)
    parts.push(sql`(select coalesce(sum(debit_minor - credit_minor), 0) from app.account_months
      where business_id = ${scope.businessId} and code = ${code} and month between ${months.first}::date and ${months.last}::date)`);
  const [row] = await rowsOf<{ amount: string }>(tx, sql`select (${sql.join(parts, sql` + `)})::text as amount`);
  return BigInt(row?.amount ?? "0");
}

/** Debits less credits of an account among postings of some days. */
function sumOf(scope: Scope, code: string, where: SQL): SQL {
  const side = (name: "debit" | "credit") => sql`(select coalesce(sum(amount_minor), 0) from app.postings
      where business_id = ${scope.businessId} and ${sql.raw(name)} = ${code} and ${where})`;
  return sql`(${side("debit")} - ${side("credit")})`;
}

/** What an account stands at before a place, as its figures are signed: months' sums, and the days of the place's own month. */
async function standing(
  tx: Tx,
  scope: Scope,
  account: AccountHead,
  since: LocalDate | null,
  place: Place,
): Promise<bigint> {
  const month = startOfMonth(place.on);
  // Within a period of several tax years, income and costs go on: the period's own first year is where they start.
  const from = since === null ? sql`` : sql`and month >= ${since}::date`;
  const [row] = await rowsOf<{ amount: string }>(
    tx,
    sql`select ((select coalesce(sum(debit_minor - credit_minor), 0) from app.account_months
            where business_id = ${scope.businessId} and code = ${account.code} and month < ${month}::date ${from})
          + ${sumOf(
            scope,
            account.code,
            sql`posted_on between ${month}::date and ${place.on}::date
              and (posted_on, entry_id, place) < (${place.on}::date, ${place.entry}::uuid, ${place.place}::smallint)`,
          )})::text as amount`,
  );
  return account.sign * BigInt(row?.amount ?? "0");
}

type Found = Omit<AccountRow, "cursor" | "balance"> & Readonly<{ place: Place }>;

/** Postings of an account next to a place, in the direction that they are walked; the two sides are merged as their indexes give them. */
async function postingsOf(
  tx: Tx,
  scope: Scope,
  account: AccountHead,
  period: Days,
  place: Place | null,
  isBack: boolean,
  limit: number,
): Promise<readonly Found[]> {
  const b = scope.businessId;
  const way = isBack ? sql`desc` : sql`asc`;
  const order = sql`order by posted_on ${way}, entry_id ${way}, place ${way}`;
  const step = sql.raw(isBack ? "<" : ">");
  const next =
    place === null
      ? sql``
      : sql`and (posted_on, entry_id) ${step}= (${place.on}::date, ${place.entry}::uuid)
          and (posted_on, entry_id, place) ${step} (${place.on}::date, ${place.entry}::uuid, ${place.place}::smallint)`;
  const side = (own: "debit" | "credit", other: "credit" | "debit", sign: SQL) =>
    sql`(select posted_on, entry_id, place, ${sql.raw(other)} as other, ${sign} * amount_minor as amount, item_id, currency, ${sign} * foreign_minor as said from app.postings
      where business_id = ${b} and ${sql.raw(own)} = ${account.code} and posted_on between ${period.from}::date and ${period.to}::date ${next}
      ${order} limit ${limit})`;
  const rows = await rowsOf<Record<string, string | null> & { place: number; is_correction: boolean }>(
    tx,
    sql`select f.posted_on::text as "on", f.entry_id::text as entry, f.place, f.amount::text as amount, f.currency, f.said::text as said, f.other, a.name as other_name, i.name as item,
          e.effective_on::text as about, e.memo, e.is_correction, e.document_kind, e.document_id, ${documentColumns}
        from (select * from (${side("debit", "credit", sql`1`)} union all ${side("credit", "debit", sql`-1`)}) s ${order} limit ${limit}) f
        join app.journal_entries e on e.business_id = ${b} and e.id = f.entry_id
        join app.accounts a on a.business_id = ${b} and a.code = f.other
        left join app.items i on i.business_id = ${b} and i.id = f.item_id
        ${documentJoins(b)}
        order by f.posted_on ${way}, f.entry_id ${way}, f.place ${way}`,
  );
  return rows.map((row) => ({
    place: { on: row.on ?? "", entry: row.entry ?? "", place: row.place },
    entry: row.entry ?? "",
    on: row.on ?? "",
    aboutOn: row.about === row.on ? null : (row.about ?? null),
    memo: row.memo ?? "",
    item: row.item ?? null,
    isCorrection: row.is_correction,
    document: documentOf(row),
    other: { code: row.other ?? "", name: row.other_name ?? "" },
    amount: account.sign * BigInt(row.amount ?? "0"),
    abroad:
      row.currency == null || row.said == null
        ? null
        : { currency: row.currency, amount: account.sign * BigInt(row.said) },
  }));
}

/** What documents are called: costs by the order of their line (a part of a bundle's is named by the line first), refunds and charges by the order that they name. */
const documentColumns = sql`coalesce(o.id, ol.order_id, rl.order_id, r.order_id, c.order_id, paper.order_id) as order_id,
  ord.number as order_number, ch.name as channel, pu.supplier, paper.number as paper_number`;

function documentJoins(b: string): SQL {
  return sql`
    left join app.orders o on e.document_kind = 'order' and o.business_id = ${b} and o.id = e.document_id
    left join app.order_lines ol on e.document_kind = 'cost' and ol.business_id = ${b} and ol.id = split_part(e.document_id, chr(31), 1)
    left join lateral (
      select rr.order_id from app.return_lines l join app.returns rr on rr.business_id = ${b} and rr.id = l.return_id
      where e.document_kind = 'cost' and l.business_id = ${b} and l.id = split_part(e.document_id, chr(31), 1)) rl on true
    left join app.returns r on e.document_kind = 'return' and r.business_id = ${b} and r.id = e.document_id
    left join app.charges c on e.document_kind = 'charge' and c.business_id = ${b} and c.id = e.document_id
    left join app.payouts po on e.document_kind = 'payout' and po.business_id = ${b} and po.id = e.document_id
    left join app.purchases pu on e.document_kind = 'purchase' and pu.business_id = ${b} and pu.id = e.document_id
    left join lateral (
      select d.number, substring(d.of_parent from '^order/(.*)$') as order_id from app.issued_documents d
      where d.business_id = ${b} and d.id = case when e.document_kind = 'issued' then e.document_id::uuid end) paper on true
    left join app.orders ord on ord.business_id = ${b} and ord.id = coalesce(o.id, ol.order_id, rl.order_id, r.order_id, c.order_id, paper.order_id)
    left join app.channels ch on ch.business_id = ${b} and ch.id = coalesce(ord.channel_id, c.channel_id, po.channel_id, r.channel_id)`;
}

function documentOf(row: Readonly<Record<string, unknown>>): DocumentRef {
  const text = (name: string) => (typeof row[name] === "string" && row[name] !== "" ? row[name] : null);
  const [order, number] = [text("order_id"), text("order_number")];
  return {
    kind: text("document_kind") ?? "",
    id: text("document_id") ?? "",
    order: order === null || number === null ? null : { id: order, number, channel: text("channel") ?? "" },
    supplier: text("supplier"),
    number: text("paper_number"),
  };
}

/** One account's part of an entry, as accountants write it: one of the two is 0. */
export type EntryLine = Readonly<{
  code: string;
  name: string;
  debit: bigint;
  credit: bigint;
  abroad: readonly LineAbroad[];
}>;
/** What it moves in another currency, in minor units of that: debits less credits. */
type LineAbroad = Readonly<{ currency: string; amount: bigint }>;

export type EntryHead = Readonly<{
  id: string;
  effectiveOn: LocalDate;
  postedOn: LocalDate;
  /** ISO 8601. */
  recordedAt: string;
  memo: string;
  purpose: string;
  isCorrection: boolean;
  amount: bigint;
}>;

export type EntryPage = EntryHead &
  Readonly<{ document: DocumentRef; lines: readonly EntryLine[]; others: readonly EntryHead[] }>;

const mostEntries = 200;

/** An entry with its debits and credits, one for each account, and the other entries of its document. Refuses `not_found`. */
export async function entryPage(scope: Scope, id: string): Promise<EntryPage> {
  require(scope, "read");
  if (!isId(id)) throw new Refusal("not_found", "There is no such entry.");
  const b = scope.businessId;
  const head = sql`e.id::text as id, e.effective_on::text as "effectiveOn", e.posted_on::text as "postedOn",
    to_char(e.recorded_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "recordedAt", e.memo, e.purpose, e.is_correction as "isCorrection",
    (select coalesce(sum(p.amount_minor), 0)::text from app.postings p where p.business_id = ${b} and p.entry_id = e.id) as amount`;
  return inBusiness(scope, async (tx) => {
    const [row] = await rowsOf<HeadRow & Record<string, unknown>>(
      tx,
      sql`select ${head}, e.document_kind, e.document_id, ${documentColumns} from app.journal_entries e ${documentJoins(b)}
          where e.business_id = ${b} and e.id = ${id}::uuid`,
    );
    if (row === undefined) throw new Refusal("not_found", "There is no such entry.");
    const lines = await rowsOf<{ code: string; name: string; amount: string }>(
      tx,
      sql`select s.code, a.name, sum(s.amount)::text as amount from (
            select debit as code, amount_minor as amount, currency from app.postings where business_id = ${b} and entry_id = ${id}::uuid
            union all select credit, -amount_minor, currency from app.postings where business_id = ${b} and entry_id = ${id}::uuid) s
          join app.accounts a on a.business_id = ${b} and a.code = s.code
          group by s.code, a.name having sum(s.amount) <> 0 or bool_or(s.currency is not null) order by sum(s.amount) < 0, s.code`,
    );
    const abroad = await rowsOf<{ code: string; currency: string; amount: string }>(
      tx,
      sql`select s.code, s.currency, sum(s.amount)::text as amount from (
            select debit as code, currency, foreign_minor as amount from app.postings
              where business_id = ${b} and entry_id = ${id}::uuid and currency is not null
            union all select credit, currency, -foreign_minor from app.postings
              where business_id = ${b} and entry_id = ${id}::uuid and currency is not null) s
          group by s.code, s.currency having sum(s.amount) <> 0 order by s.code, s.currency`,
    );
    const others = await rowsOf<HeadRow>(
      tx,
      sql`select ${head} from app.journal_entries e where e.business_id = ${b} and e.document_kind = ${String(row.document_kind)}
            and e.document_id = ${String(row.document_id)} and e.id <> ${id}::uuid order by e.id limit ${mostEntries}`,
    );
    return {
      ...headOf(row),
      document: documentOf(row),
      lines: lines.map(({ code, name, amount }) => {
        const sum = BigInt(amount);
        return {
          ...{ code, name, debit: sum > 0n ? sum : 0n, credit: sum < 0n ? -sum : 0n },
          abroad: abroad
            .filter((one) => one.code === code)
            .map(({ currency, amount: said }) => ({ currency, amount: BigInt(said) })),
        };
      }),
      others: others.map(headOf),
    };
  });
}

type HeadRow = Omit<EntryHead, "amount"> & Record<string, unknown> & Readonly<{ amount: string }>;

function headOf(row: HeadRow): EntryHead {
  const { id, effectiveOn, postedOn, recordedAt, memo, purpose, isCorrection } = row;
  return { id, effectiveOn, postedOn, recordedAt, memo, purpose, isCorrection, amount: BigInt(row.amount) };
}
