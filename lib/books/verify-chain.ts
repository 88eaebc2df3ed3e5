/**
 * Walks the journal's chain (I2, I3, I9 of reliability.md) and names what was changed behind the product's back: the entry whose digest
 * is not that of its content, the block that does not follow from the one before, the number that is missing. The database hashes; only
 * what is wrong, and one row a block, comes out of it, page by page, so that a million entries need no more memory than a thousand.
 */
import { sql } from "drizzle-orm";
import { type InBusiness, rowsOf, type Tx } from "../../db/scope";
import type { Finding } from "../core/checks";
import { accounts } from "../core/posting";
import { chainHead, entryText, genesis, postingText } from "./chain";

const most = 20;
/** Blocks and entries that are looked at in one query. */
const blocksAtOnce = 4_000;
const entriesAtOnce = 20_000n;

export type Walked = Readonly<{ looked: number; findings: readonly Finding[] }>;

/** Entries with another count of postings than they were made with. */
export type Incomplete = Readonly<{ entry: string; made: bigint; found: bigint }>;

/** What the postings of whole entries add to, in minor units: summed on the one walk through the journal, for every check that needs sums of it. */
export type JournalSums = Readonly<{
  /** By accounting day (`2025-03-01`), account debited and account credited, in this order and with a space between. */
  pairs: ReadonlyMap<string, bigint>;
  /** What Inventory grew by, by effective day. */
  inventory: ReadonlyMap<string, bigint>;
}>;

/** What is wrong with entries; `postings`: how many they have all together; `early`: those that count before their own day. */
export type ChangedEntries = Walked &
  Readonly<{ incomplete: readonly Incomplete[]; early: readonly Finding[]; postings: number; sums: JournalSums }>;

/** The digest of every entry, worked out again from what it and its postings are now, and its postings counted and summed. */
export async function changedEntries(tx: Tx, scope: InBusiness): Promise<ChangedEntries> {
  const business = scope.businessId;
  const findings: Finding[] = [];
  const incomplete: Incomplete[] = [];
  const early: Finding[] = [];
  const pairs = new Map<string, bigint>();
  const inventory = new Map<string, bigint>();
  let looked = 0;
  let postings = 0;
  let after = 0n;
  for (;;) {
    const upTo = after + entriesAtOnce;
    // The entries of a page were made one after another, so their postings stand together: the range of ids keeps the page's cost its own.
    // They are read in the order of their key, in which places follow each other, so that nothing is sorted.
    const [page] = await rowsOf<{
      n: number;
      postings: number;
      wrong: readonly Changed[] | null;
      sums: readonly Sum[] | null;
    }>(
      tx,
      sql`with entries as materialized (
            select * from app.journal_entries where business_id = ${business} and entry_no > ${after} and entry_no <= ${upTo}
          ), own as materialized (
            select p.* from app.postings p
            where p.business_id = ${business} and p.entry_id >= (select id from entries order by id limit 1)
              and p.entry_id <= (select id from entries order by id desc limit 1) order by p.entry_id, p."of", p.place
          ), lines as (
            select p.entry_id, count(*)::int as found, string_agg(${postingText}, '' order by p."of", p.place) as text from own p group by p.entry_id
          ), sums as (
            select p.posted_on, case when ${accounts.inventory} in (p.debit, p.credit) then e.effective_on end as effective_on, p.debit, p.credit,
              sum(p.amount_minor) as amount
            from own p join entries e on e.id = p.entry_id group by 1, 2, 3, 4
          ), seen as (
            select e.entry_no, e.id, e.document_kind || ' ' || e.document_id as document, e.postings::int as made, coalesce(l.found, 0) as found,
              e.digest = sha256(convert_to(${entryText(sql`l.text`)}, 'UTF8')) as same, e.effective_on, e.posted_on
            from entries e left join lines l on l.entry_id = e.id)
          select count(*)::int as n, coalesce(sum(found), 0)::int as postings,
            json_agg(json_build_object('no', entry_no::text, 'id', id, 'document', document, 'made', made, 'found', found, 'same', same,
                'effective', effective_on::text, 'posted', posted_on::text)
              order by entry_no) filter (where not same or made <> found or posted_on < effective_on) as wrong,
            (select json_agg(json_build_array(posted_on::text, effective_on::text, debit, credit, amount::text)) from sums) as sums from seen`,
    );
    if (page === undefined || page.n === 0) {
      const next = await nextNumber(tx, scope, upTo);
      if (next === null) return { looked, findings, incomplete, early, postings, sums: { pairs, inventory } };
      after = next - 1n;
      continue;
    }
    looked += page.n;
    postings += page.postings;
    for (const [on, effective, debit, credit, text] of page.sums ?? []) {
      const amount = BigInt(text);
      const pair = `${on} ${debit} ${credit}`;
      pairs.set(pair, (pairs.get(pair) ?? 0n) + amount);
      if (effective !== null)
        inventory.set(effective, (inventory.get(effective) ?? 0n) + (debit === accounts.inventory ? amount : -amount));
    }
    for (const { id, no, document, made, found, same, effective, posted } of page.wrong ?? []) {
      if (posted < effective && early.length < most)
        early.push({ what: `entry ${id} counts on its day or later`, expected: effective, found: posted });
      if (made !== found && incomplete.length < most)
        incomplete.push({ entry: id, made: BigInt(made), found: BigInt(found) });
      if (!same && findings.length < most)
        findings.push({
          what: `entry ${id}, number ${no}, of ${document}, is as it was posted`,
          expected: `${made} postings and the digest that it was given`,
          found: found === made ? "another content" : `${found} postings`,
        });
    }
    after = upTo;
  }
}

type Changed = Readonly<{
  no: string;
  id: string;
  document: string;
  made: number;
  found: number;
  same: boolean;
  effective: string;
  posted: string;
}>;
/** Of a page: accounting day, effective day (where Inventory is one of the two accounts), debited, credited, amount. */
type Sum = readonly [on: string, effective: string | null, debit: string, credit: string, amount: string];

/** The least number above one, where there is one: numbers may be missing, and more than a page of them. */
async function nextNumber(tx: Tx, scope: InBusiness, above: bigint): Promise<bigint | null> {
  const [row] = await rowsOf<{ no: string | null }>(
    tx,
    sql`select min(entry_no)::text as no from app.journal_entries where business_id = ${scope.businessId} and entry_no > ${above}`,
  );
  return row?.no == null ? null : BigInt(row.no);
}

type BlockRow = {
  no: string;
  first: string;
  last: string;
  hash: string;
  entries: string;
  made: string | null;
};

/** The blocks in their order, each hash worked out again, up to the head; and the numbers of entries that are missing or too many. */
export async function brokenChain(tx: Tx, scope: InBusiness): Promise<Walked> {
  const business = scope.businessId;
  const findings: Finding[] = [];
  const add = (what: string, expected: string, found: string) => {
    if (findings.length < most) findings.push({ what, expected, found });
  };
  let looked = 0;
  let block = 0n;
  let entry = 0n;
  let hash = genesis(business);
  for (;;) {
    // The hash before a page's first block is handed in: a block's hash is asked of the one that is stored before it.
    const rows = await rowsOf<BlockRow>(
      tx,
      sql`with page as (
            select block_no, first_no, last_no, hash from app.journal_blocks where business_id = ${business} and block_no > ${block}
            order by block_no limit ${blocksAtOnce}
          ), chained as (
            select *, lag(hash, 1, decode(${hash}, 'hex')) over (order by block_no) as before from page)
          select c.block_no::text as no, c.first_no::text as first, c.last_no::text as last, encode(c.hash, 'hex') as hash, e.entries::text,
            encode(sha256(c.before || convert_to(c.block_no || ' ' || c.first_no || ' ' || c.last_no || chr(10), 'UTF8') || e.digests), 'hex') as made
          from chained c cross join lateral (
            select count(*) as entries, coalesce(string_agg(j.digest, ''::bytea order by j.entry_no), ''::bytea) as digests from app.journal_entries j
            where j.business_id = ${business} and j.entry_no between c.first_no and c.last_no) e
          order by c.block_no`,
    );
    if (rows.length === 0) break;
    looked += rows.length;
    for (const row of rows) {
      const [no, first, last] = [BigInt(row.no), BigInt(row.first), BigInt(row.last)];
      if (no !== block + 1n) add(`the block after ${block} is there`, `block ${block + 1n}`, `block ${no}`);
      if (first !== entry + 1n) add(`block ${no} goes on where the one before ended`, `${entry + 1n}`, `${first}`);
      const isWhole = BigInt(row.entries) === last - first + 1n;
      if (!isWhole) {
        for (const gone of await missingNumbers(tx, scope, first, last))
          add(`entry number ${gone} (block ${no}) is there`, "an entry", "none");
      } else if (row.made !== row.hash)
        add(`block ${no}, entries ${first} to ${last}, follows from the one before`, row.made ?? "", row.hash);
      [block, entry, hash] = [no, last, row.hash];
    }
  }
  const head = await chainHead(tx, scope);
  if (head.blockNo !== block) add("the chain ends with the block that its head names", `${head.blockNo}`, `${block}`);
  else if (head.hash !== hash) add("the chain ends with the hash that its head names", head.hash, hash);
  if (head.entryNo !== entry)
    add("the last entry has the number that the chain's head names", `${head.entryNo}`, `${entry}`);
  const beyond = await rowsOf<{ no: string; id: string }>(
    tx,
    sql`select entry_no::text as no, id from app.journal_entries where business_id = ${business} and entry_no > ${entry} order by entry_no limit ${most}`,
  );
  for (const row of beyond) add(`entry ${row.id}, number ${row.no}, is in a block of the chain`, "a block", "none");
  return { looked, findings };
}

async function missingNumbers(tx: Tx, scope: InBusiness, first: bigint, last: bigint): Promise<readonly string[]> {
  const rows = await rowsOf<{ no: string }>(
    tx,
    sql`select n::text as no from generate_series(${first}::bigint, ${last}::bigint) n where not exists (
          select 1 from app.journal_entries e where e.business_id = ${scope.businessId} and e.entry_no = n) order by n limit ${most}`,
  );
  return rows.map((row) => row.no);
}

/**
 * Postings whose entry is gone, and postings that say another count or day than their entry. Where every entry is as it was posted and
 * together they have all the postings that there are, there is none.
 */
export async function strayPostings(tx: Tx, scope: InBusiness, entries: ChangedEntries): Promise<readonly Finding[]> {
  if (entries.findings.length === 0 && entries.incomplete.length === 0) {
    const [all] = await rowsOf<{ n: number }>(
      tx,
      sql`select count(*)::int as n from app.postings where business_id = ${scope.businessId}`,
    );
    if (all?.n === entries.postings) return [];
  }
  const rows = await rowsOf<{
    entry: string;
    place: number;
    debit: string;
    credit: string;
    amount: string;
    gone: boolean;
  }>(
    tx,
    sql`select p.entry_id as entry, p.place::int as place, p.debit, p.credit, p.amount_minor::text as amount, e.id is null as gone
        from app.postings p left join app.journal_entries e on e.business_id = ${scope.businessId} and e.id = p.entry_id
        where p.business_id = ${scope.businessId} and (e.id is null or e.postings <> p."of" or e.posted_on <> p.posted_on)
        order by p.entry_id, p.place limit ${most}`,
  );
  return rows.map((row) => ({
    what: `posting ${row.place} of entry ${row.entry} (${row.debit} to ${row.credit}, ${row.amount})`,
    expected: row.gone ? "an entry that it belongs to" : "the day and count of its entry",
    found: row.gone ? "none" : "others",
  }));
}

/** What earlier proofs saw as the end of the chain must still be in it: a chain that was made anew as a whole does not have it. */
export async function changedHeads(tx: Tx, scope: InBusiness): Promise<Walked> {
  const [count] = await rowsOf<{ n: number }>(
    tx,
    sql`select count(*)::int as n from app.proofs where business_id = ${scope.businessId} and block_no > 0`,
  );
  const rows = await rowsOf<{ at: string; no: string; expected: string; found: string | null }>(
    tx,
    sql`select to_char(p."at" at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as at, p.block_no::text as no, encode(p.chain, 'hex') as expected,
          encode(b.hash, 'hex') as found
        from app.proofs p left join app.journal_blocks b on b.business_id = ${scope.businessId} and b.block_no = p.block_no
        where p.business_id = ${scope.businessId} and p.block_no > 0 and b.hash is distinct from p.chain order by p."at" limit ${most}`,
  );
  return {
    looked: count?.n ?? 0,
    findings: rows.map((row) => ({
      what: `the chain has block ${row.no} as the proof of ${row.at} saw it`,
      expected: row.expected,
      found: row.found ?? "none",
    })),
  };
}
