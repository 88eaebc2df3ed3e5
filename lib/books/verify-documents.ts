/**
 * Proves that facts are as they were recorded, and that each document's rows say what its fact says: an order, a purchase, a return, a
 * charge, a payout that was changed behind the product's back is named with the field. A part of verify.ts; reads page by page.
 */
import { type SQL, sql } from "drizzle-orm";
import { list } from "../../db/bulk";
import { type InBusiness, rowsOf, type Tx } from "../../db/scope";
import type { Finding } from "../core/checks";
import { compareIds, dayOf, type Fact, type FactKind } from "../core/facts";
import { exchangePostings, postingsOf } from "../core/posting";
import { reviveFact } from "../core/revive";
import { hashOf } from "./batch";
import { pagesAhead } from "./pages-ahead";
import { exchangesOf } from "./payout-exchange";
import type { Walked } from "./verify-chain";
import { type Columns, type Field, isShaped, type Shape, type Shaped, shapes, text } from "./verify-shapes";

const most = 20;
const factsAtOnce = 2_000;

type FactRow = { id: string; kind: string; hash: string; body: unknown; undone: boolean };
type Known = Readonly<{ fact: Fact & { id: string }; undone: boolean }>;

/** What was looked at, and what does not hold: of the facts, of their documents, of what is posted for them. */
export type ProofOfFacts = Readonly<{ facts: Walked; documents: Walked; posted: Walked }>;

/**
 * Every fact with the hash that it was recorded with, every document with its fact, and what is posted for it with what its fact wants.
 * All in one walk: reading and reviving a fact costs as much as all that is then asked of it.
 */
export async function provedFacts(tx: Tx, scope: InBusiness): Promise<ProofOfFacts> {
  const [changed, differing, unposted]: [Finding[], Finding[], Finding[]] = [[], [], []];
  const looked = { facts: 0, documents: 0, posted: 0 };
  const add = (to: Finding[], found: readonly Finding[]) => to.push(...found.slice(0, most - to.length));
  const accounts = await channelAccounts(tx, scope);
  const journal = await postedInOrder(tx, scope);
  const page = (after: string) =>
    rowsOf<FactRow>(
      tx,
      sql`select id, kind, hash, body, undone_at is not null as undone from app.facts
          where business_id = ${scope.businessId} and id > ${after} order by id limit ${factsAtOnce}`,
    );
  for await (const rows of pagesAhead(page)) {
    looked.facts += rows.length;
    const kinds = new Map<FactKind, Known[]>();
    for (const row of rows) {
      const now = hashOf(row.body);
      if (now !== row.hash)
        add(changed, [
          {
            what: `the fact ${row.id.replace("\u001f", " ")} is as it was recorded`,
            expected: row.hash,
            found: now,
          },
        ]);
      const fact = reviveFact(row.body);
      if (!("id" in fact)) continue;
      const known = kinds.get(fact.kind);
      if (known === undefined) kinds.set(fact.kind, [{ fact, undone: row.undone }]);
      else known.push({ fact, undone: row.undone });
    }
    for (const [kind, wanted] of kinds) {
      if (isShaped(kind)) {
        looked.documents += wanted.length;
        add(differing, await differences(tx, scope, kind, wanted));
      }
      if (posting.has(kind)) {
        looked.posted += wanted.length;
        add(unposted, await leftOver(tx, scope, kind, wanted, accounts, journal));
      }
    }
  }
  return {
    facts: { looked: looked.facts, findings: changed },
    documents: { looked: looked.documents, findings: differing },
    posted: { looked: looked.posted, findings: unposted },
  };
}

const whichOf = ({ which }: Readonly<{ which?: string }>): SQL => sql.raw(which ?? "true");
const columnsOf = (columns: Columns): SQL =>
  sql.raw(
    Object.values(columns)
      .map((column, i) => `${column}::text as f${i}`)
      .join(", "),
  );
const fieldsOf = (row: Record<string, unknown>, columns: Columns): readonly Field[] =>
  Object.keys(columns).map((_, i) => (row[`f${i}`] ?? null) as Field);

/** The documents of a page's facts stand together, as the facts do: by a range they are read in a third of the time of a list of ids. */
const rangeOf = (wanted: readonly Known[]): SQL =>
  sql`between ${wanted[0]?.fact.id ?? ""} and ${wanted.at(-1)?.fact.id ?? ""}`;

async function differences(
  tx: Tx,
  scope: InBusiness,
  kind: Shaped,
  wanted: readonly Known[],
): Promise<readonly Finding[]> {
  // Which fact a shape takes follows from the kind that it was found by.
  const shape = shapes[kind] as unknown as Shape<FactKind>;
  const range = rangeOf(wanted);
  // Heads and lines by themselves: one row of JSON a document takes the database three times as long.
  const [heads, lines] = await Promise.all([
    rowsOf<Record<string, unknown> & { id: string; undone: boolean }>(
      tx,
      sql`select d.id, d.is_undone as undone, ${columnsOf(shape.head)} from ${sql.raw(shape.from)} d
          where d.business_id = ${scope.businessId} and d.id ${range} and ${whichOf(shape)}`,
    ),
    shape.lines === null
      ? []
      : rowsOf<Record<string, unknown> & { document: string }>(
          tx,
          sql`select ${sql.raw(shape.lines.of)} as document, ${columnsOf(shape.lines.columns)} from ${sql.raw(shape.lines.from)} l
              where l.business_id = ${scope.businessId} and ${sql.raw(shape.lines.of)} ${range} and ${whichOf(shape.lines)} order by document, l.place`,
        ),
  ]);
  const stored = new Map(heads.map((row) => [row.id, row]));
  const linesOf = new Map<string, (readonly Field[])[]>();
  for (const row of lines) {
    const fields = fieldsOf(row, shape.lines?.columns ?? {});
    const known = linesOf.get(row.document);
    if (known === undefined) linesOf.set(row.document, [fields]);
    else known.push(fields);
  }
  const names = { head: Object.keys(shape.head), line: Object.keys(shape.lines?.columns ?? {}) };
  const findings: Finding[] = [];
  const words = kind.replaceAll("_", " ");
  for (const { fact, undone } of wanted) {
    const row = stored.get(fact.id);
    const name = `${words} ${fact.id}`;
    const add = (what: string, expected: Field, found: Field) => {
      if (expected !== found)
        findings.push({
          what: `${what} of ${name} is what its fact says`,
          expected: expected ?? "nothing",
          found: found ?? "nothing",
        });
    };
    if (row === undefined) {
      findings.push({ what: `${name} is there`, expected: "a row", found: "none" });
      continue;
    }
    if (row.undone !== undone)
      findings.push({
        what: `${name} is ${undone ? "undone" : "in the books"}`,
        expected: `${undone}`,
        found: `${row.undone}`,
      });
    if (undone || row.undone) continue;
    const said = shape.wanted(fact);
    const head = fieldsOf(row, shape.head);
    const own = linesOf.get(fact.id) ?? [];
    said.head.forEach((expected, i) => {
      add(names.head[i] ?? "", expected, head[i] ?? null);
    });
    if (said.lines.length !== own.length) add("the number of lines", text(said.lines.length), text(own.length));
    else
      said.lines.forEach((line, i) => {
        line.forEach((expected, j) => {
          add(`${names.line[j] ?? ""} in line ${line[0]}`, expected, own[i]?.[j] ?? null);
        });
      });
  }
  return findings;
}

/** The kinds of facts that want postings of their own. */
const posting: ReadonlySet<FactKind> = new Set([
  ...(["opening", "purchase", "order", "return", "adjustment"] as const),
  ...(["assembly", "backfill", "payout", "charge"] as const),
]);

/** What is posted for documents of a kind and is not wanted by their facts, or the other way, by day, account and currency. */
async function leftOver(
  tx: Tx,
  scope: InBusiness,
  kind: FactKind,
  wanted: readonly Known[],
  accounts: ReadonlyMap<string, string>,
  journal: PostedInOrder,
): Promise<readonly Finding[]> {
  const returned = wanted.flatMap(({ fact }) => (fact.kind === "return" && fact.order !== null ? [fact.order] : []));
  const posted = await journal.upTo(kind, wanted.at(-1)?.fact.id ?? "");
  const orders = await ordersOf(tx, scope, returned);
  const context = {
    currency: "",
    channelAccount: (channel: string) => accounts.get(channel) ?? "",
    channelOf: (order: string) => orders.get(order)?.channel ?? "",
    taxByOf: (order: string) => orders.get(order)?.tax_by ?? "seller",
    on: dayOf,
  };
  const abroad = wanted.flatMap(({ fact }) => (fact.kind === "payout" && fact.foreign !== undefined ? [fact.id] : []));
  const exchanges = await exchangesOf(tx, scope, abroad);
  // By document, and in it by day, account and currency: what is wanted less what is posted.
  const left = new Map<string, Map<string, bigint>>();
  const count = (document: string, key: string, amount: bigint) => {
    const sums = left.get(document) ?? new Map<string, bigint>();
    sums.set(key, (sums.get(key) ?? 0n) + amount);
    left.set(document, sums);
  };
  for (const row of posted) {
    const amount = BigInt(row.amount);
    count(row.document, `${row.on} ${row.debit}`, -amount);
    count(row.document, `${row.on} ${row.credit}`, amount);
    if (row.said === null) continue;
    count(row.document, `${row.on} ${row.debit} in ${row.currency}`, -BigInt(row.said));
    count(row.document, `${row.on} ${row.credit} in ${row.currency}`, BigInt(row.said));
  }
  const findings: Finding[] = [];
  for (const { fact, undone } of wanted) {
    const over = fact.kind === "payout" ? exchangePostings(fact, exchanges.get(fact.id) ?? 0n, context) : [];
    for (const one of undone ? [] : [...postingsOf(fact, context), ...over]) {
      count(fact.id, `${one.effectiveOn} ${one.debit}`, one.amount);
      count(fact.id, `${one.effectiveOn} ${one.credit}`, -one.amount);
      if (one.foreign === undefined) continue;
      count(fact.id, `${one.effectiveOn} ${one.debit} in ${one.foreign.currency}`, one.foreign.amount);
      count(fact.id, `${one.effectiveOn} ${one.credit} in ${one.foreign.currency}`, -one.foreign.amount);
    }
    for (const [account, difference] of left.get(fact.id) ?? [])
      if (difference !== 0n)
        findings.push({
          what: `${kind} ${fact.id} has posted what it wants on ${account}`,
          expected: "0 left over",
          found: `${difference} left over`,
        });
  }
  return findings;
}

type PostedRow = Record<"kind" | "document" | "on" | "debit" | "credit" | "amount", string> &
  Record<"currency" | "said", string | null>;
type PostedInOrder = Readonly<{
  /** The postings of the documents of a kind up to this one, after those that were given before. */
  upTo: (kind: FactKind, document: string) => Promise<readonly PostedRow[]>;
}>;

/**
 * What is posted for documents that facts post for, in the order of the facts, as one walk. The journal lies in the order in which it was
 * posted; asked for page by page in another order, the postings of a million lines are millions of pages, all over the disk.
 */
async function postedInOrder(tx: Tx, scope: InBusiness): Promise<PostedInOrder> {
  // A cursor takes no parameters everywhere: the id is a uuid, which this transaction was named by, and the kinds are our own.
  const business = sql.raw(`'${scope.businessId}'`);
  const kinds = sql.raw([...posting].map((kind) => `'${kind}'`).join(", "));
  await tx.execute(sql`set local enable_nestloop = off`);
  await tx.execute(
    sql`declare posted no scroll cursor for
        select e.document_kind as kind, e.document_id as document, e.effective_on::text as on, p.debit, p.credit, p.amount_minor::text as amount,
          p.currency, p.foreign_minor::text as said
        from app.journal_entries e join app.postings p on p.business_id = ${business} and p.entry_id = e.id
        where e.business_id = ${business} and e.document_kind in (${kinds})
        order by e.document_kind, e.document_id`,
  );
  const fetch = () => rowsOf<PostedRow>(tx, sql`fetch 8000 from posted`);
  // On Citus a node plans it at the first of these.
  let rows = await fetch();
  await tx.execute(sql`set local enable_nestloop = on`);
  let at = 0;
  return {
    upTo: async (kind, document) => {
      const found: PostedRow[] = [];
      for (;;) {
        for (; at < rows.length; at += 1) {
          const row = rows[at];
          if (row === undefined || isAfter(row, kind, document)) return found;
          if (row.kind === kind) found.push(row);
        }
        if (rows.length === 0) return found;
        rows = await fetch();
        at = 0;
      }
    },
  };
}

function isAfter(row: PostedRow, kind: string, document: string): boolean {
  return row.kind === kind ? compareIds(row.document, document) > 0 : compareIds(row.kind, kind) > 0;
}

async function channelAccounts(tx: Tx, scope: InBusiness): Promise<ReadonlyMap<string, string>> {
  const rows = await rowsOf<{ id: string; account_code: string }>(
    tx,
    sql`select id, account_code from app.channels where business_id = ${scope.businessId}`,
  );
  return new Map(rows.map((row) => [row.id, row.account_code]));
}

type OrderNamed = Readonly<{ id: string; channel: string; tax_by: "seller" | "channel" }>;

/** What posting needs of orders that returns name: asked for page by page, so that a long history is not held in memory. */
async function ordersOf(
  tx: Tx,
  scope: InBusiness,
  orders: readonly string[],
): Promise<ReadonlyMap<string, OrderNamed>> {
  if (orders.length === 0) return new Map();
  const rows = await rowsOf<OrderNamed>(
    tx,
    sql`select id, channel_id as channel, tax_by from app.orders where business_id = ${scope.businessId} and id = any(${list("text", [...new Set(orders)])})`,
  );
  return new Map(rows.map((row) => [row.id, row]));
}
