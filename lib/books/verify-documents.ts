/**
 * Proves that facts are as they were recorded, that each document's rows say what its fact says, and that each document has a fact: an order,
 * a purchase, a product, a pin that was changed behind the product's back is named with the field. A part of verify.ts; reads page by page.
 */
import { type SQL, sql } from "drizzle-orm";
import { list } from "../../db/bulk";
import { type InBusiness, rowsOf, type Tx } from "../../db/scope";
import type { Finding } from "../core/checks";
import { compareIds, dayOf, type Fact, type FactKind, factKey } from "../core/facts";
import { exchangePostings, postingsOf } from "../core/posting";
import { reviveFact } from "../core/revive";
import { hashOf } from "./batch";
import { pagesAhead } from "./pages-ahead";
import { exchangesOf } from "./payout-exchange";
import type { Walked } from "./verify-chain";
import { spoken, wrongNames } from "./verify-names";
import {
  type Columns,
  type Field,
  isShaped,
  type Others,
  type Rows,
  type Shape,
  type Shaped,
  shapes,
  text,
  type WantedField,
} from "./verify-shapes";

const most = 20;
const factsAtOnce = 2_000;

type FactRow = { id: string; kind: FactKind; hash: string; body: unknown; undone: boolean };
/** `id`: within its kind, as its documents have it. */
type Known = Readonly<{ id: string; fact: Fact; undone: boolean }>;
/** The facts of a page that are of one kind, in their order, and the ids of those that cannot be taken at their word. */
type OfKind = { known: Known[]; changed: Set<string>; last: string };

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
  const placements = new Map<string, Extract<Fact, { kind: "placement" }>>();
  // Up to which id the documents of each kind, and the names of facts, were looked at.
  const seen = new Map<FactKind, string>();
  let named = "";
  const page = (after: string) =>
    rowsOf<FactRow>(
      tx,
      sql`select id, kind, hash, body, undone_at is not null as undone from app.facts
          where business_id = ${scope.businessId} and id > ${after} order by id limit ${factsAtOnce}`,
    );
  for await (const rows of pagesAhead(page)) {
    looked.facts += rows.length;
    const kinds = new Map<FactKind, OfKind>();
    const live: Known[] = [];
    for (const row of rows) {
      const { fact, wrong } = read(row);
      add(changed, wrong);
      // A row tells its kind by its key as well: that is what its documents go by.
      const kind = row.id.slice(0, row.id.indexOf("/")) as FactKind;
      const id = row.id.slice(kind.length + 1);
      const own = kinds.get(kind) ?? { known: [], changed: new Set<string>(), last: id };
      kinds.set(kind, own);
      own.last = id;
      if (fact === null) {
        own.changed.add(id);
        continue;
      }
      const known = { id, fact, undone: row.undone };
      own.known.push(known);
      if (!row.undone) live.push(known);
      if (fact.kind === "placement" && !row.undone) placements.set(id, fact);
    }
    for (const [kind, own] of kinds) {
      if (isShaped(kind)) {
        looked.documents += own.known.length;
        add(differing, await differences(tx, scope, kind, own, seen.get(kind) ?? "", { placements }));
        seen.set(kind, own.last);
      }
      if (posting.has(kind) && own.known.length > 0) {
        looked.posted += own.known.length;
        add(unposted, await leftOver(tx, scope, kind, own.known, accounts, journal));
      }
    }
    const last = rows.at(-1)?.id ?? named;
    add(changed, await wrongNames(tx, scope, live, named, last));
    named = last;
  }
  // What comes after the last fact of its kind has none.
  for (const kind of Object.keys(shapes) as Shaped[])
    if (differing.length < most) add(differing, await withoutFact(tx, scope, kind, seen.get(kind) ?? ""));
  return {
    facts: { looked: looked.facts, findings: changed },
    documents: { looked: looked.documents, findings: differing },
    posted: { looked: looked.posted, findings: unposted },
  };
}

/** The fact of a row, and what of the row is not as it was recorded; null where it cannot be taken at its word. */
function read({ id, kind, hash, body, undone }: FactRow): Readonly<{ fact: Fact | null; wrong: readonly Finding[] }> {
  const name = `the fact ${spoken(id)}`;
  const now = hashOf(body);
  if (now !== hash)
    return { fact: null, wrong: [{ what: `${name} is as it was recorded`, expected: hash, found: now }] };
  const fact = reviveFact(body);
  const wrong: Finding[] = [];
  const [key, of] = [factKey(fact), fact.kind];
  if (key !== id) wrong.push({ what: `${name} is kept under its own key`, expected: spoken(key), found: spoken(id) });
  if (of !== kind) wrong.push({ what: `${name} is of its own kind`, expected: of, found: kind });
  if (of === "location" && undone)
    wrong.push({ what: `${name} is in the books`, expected: "a location is never undone", found: "undone" });
  return { fact: wrong.length === 0 ? fact : null, wrong };
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

const keyOf = ({ key = "d.id" }: Shape<FactKind>): SQL => sql.raw(key);
/** Which fact a shape takes follows from the kind that it was found by. */
const shapeOf = (kind: Shaped): Shape<FactKind> => shapes[kind] as unknown as Shape<FactKind>;
const wordsOf = (kind: Shaped): string => kind.replaceAll("_", " ");

/** Documents of a kind after the last fact of the kind. */
async function withoutFact(tx: Tx, scope: InBusiness, kind: Shaped, after: string): Promise<readonly Finding[]> {
  const shape = shapeOf(kind);
  const rows = await rowsOf<{ id: string }>(
    tx,
    sql`select ${keyOf(shape)} as id from ${sql.raw(shape.from)} d
        where d.business_id = ${scope.businessId} and ${keyOf(shape)} > ${after} and ${whichOf(shape)} order by 1 limit ${most}`,
  );
  return rows.flatMap(({ id }) => (isOurs(shape, id) ? [] : [factless(kind, id)]));
}

const isOurs = ({ ours = [] }: Shape<FactKind>, id: string): boolean => ours.includes(id);
const factless = (kind: Shaped, id: string): Finding => ({
  what: `${wordsOf(kind)} ${spoken(id)} is of a fact`,
  expected: "a fact",
  found: "none",
});

/** The rows of several a document, by document. `range`: which documents. */
async function rowsOfDocuments(
  tx: Tx,
  scope: InBusiness,
  rows: Rows | null | undefined,
  range: SQL,
): Promise<ReadonlyMap<string, readonly (readonly Field[])[]>> {
  const found = new Map<string, (readonly Field[])[]>();
  if (rows === null || rows === undefined) return found;
  for (const row of await rowsOf<Record<string, unknown> & { document: string }>(
    tx,
    sql`select ${sql.raw(rows.of)} as document, ${columnsOf(rows.columns)} from ${sql.raw(rows.from)} l
        where l.business_id = ${scope.businessId} and ${sql.raw(rows.of)} ${range} and ${whichOf(rows)}
        order by document, ${sql.raw(rows.order ?? "l.place")}`,
  )) {
    const fields = fieldsOf(row, rows.columns);
    const known = found.get(row.document);
    if (known === undefined) found.set(row.document, [fields]);
    else known.push(fields);
  }
  return found;
}

/** What documents of a kind say, from after `after` to the last of the page, against its facts. */
async function differences(
  tx: Tx,
  scope: InBusiness,
  kind: Shaped,
  { known, changed, last }: OfKind,
  after: string,
  others: Others,
): Promise<readonly Finding[]> {
  const shape = shapeOf(kind);
  // The documents of a page's facts stand together, as the facts do: by a range they are read in a third of the time of a list of ids.
  const upTo = (key: SQL) => sql`> ${after} and ${key} <= ${last}`;
  const ofRows = (rows: Rows | null | undefined) => rowsOfDocuments(tx, scope, rows, upTo(sql.raw(rows?.of ?? "")));
  // Heads and lines by themselves: one row of JSON a document takes the database three times as long.
  const [heads, lines, beside] = await Promise.all([
    rowsOf<Record<string, unknown> & { id: string; undone: boolean }>(
      tx,
      sql`select ${keyOf(shape)} as id, ${sql.raw(shape.isGone === true || shape.ours !== undefined ? "false" : "d.is_undone")} as undone,
            ${columnsOf(shape.head)} from ${sql.raw(shape.from)} d
          where d.business_id = ${scope.businessId} and ${keyOf(shape)} ${upTo(keyOf(shape))} and ${whichOf(shape)}`,
    ),
    ofRows(shape.lines),
    ofRows(shape.beside),
  ]);
  const stored = new Map(heads.map((row) => [row.id, row]));
  const names = {
    head: Object.keys(shape.head),
    line: Object.keys(shape.lines?.columns ?? {}),
    beside: Object.keys(shape.beside?.columns ?? {}),
  };
  const findings: Finding[] = [];
  const words = wordsOf(kind);
  const seen = new Set(changed);
  for (const { id, fact, undone } of known) {
    seen.add(id);
    const row = stored.get(id);
    const name = `${words} ${spoken(id)}`;
    const add = (what: string, expected: WantedField, found: Field) => {
      if (expected === undefined || expected === found) return;
      const several = expected !== null && typeof expected === "object";
      if (several && found !== null && expected.includes(found)) return;
      findings.push({
        what: `${what} of ${name} is what its fact says`,
        expected: (several ? expected.join(" or ") : expected) ?? "nothing",
        found: found ?? "nothing",
      });
    };
    const addRows = (
      word: string,
      columns: readonly string[],
      said: readonly (readonly WantedField[])[],
      own: readonly (readonly Field[])[],
    ) => {
      if (said.length !== own.length) add(`the number of ${word}s`, text(said.length), text(own.length));
      else
        said.forEach((line, i) => {
          line.forEach((expected, j) => {
            add(`${columns[j] ?? ""} in ${word} ${line[0]}`, expected, own[i]?.[j] ?? null);
          });
        });
    };
    if (row === undefined) {
      if (!(shape.isGone === true && undone))
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
    const said = shape.wanted(fact, others);
    const head = fieldsOf(row, shape.head);
    said.head.forEach((expected, i) => {
      add(names.head[i] ?? "", expected, head[i] ?? null);
    });
    addRows("line", names.line, said.lines, lines.get(id) ?? []);
    addRows(shape.beside?.word ?? "", names.beside, said.beside ?? [], beside.get(id) ?? []);
  }
  for (const id of stored.keys()) if (!seen.has(id) && !isOurs(shape, id)) findings.push(factless(kind, id));
  for (const [rows, word] of [
    [lines, "lines"],
    [beside, `${shape.beside?.word ?? ""}s`],
  ] as const)
    for (const id of rows.keys())
      if (!seen.has(id) && !stored.has(id))
        findings.push({ what: `${word} of ${words} ${id} are of a fact`, expected: "a fact", found: "none" });
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
  const posted = await journal.upTo(kind, wanted.at(-1)?.id ?? "");
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
  for (const { id, fact, undone } of wanted) {
    const over = fact.kind === "payout" ? exchangePostings(fact, exchanges.get(id) ?? 0n, context) : [];
    for (const one of undone ? [] : [...postingsOf(fact, context), ...over]) {
      count(id, `${one.effectiveOn} ${one.debit}`, one.amount);
      count(id, `${one.effectiveOn} ${one.credit}`, -one.amount);
      if (one.foreign === undefined) continue;
      count(id, `${one.effectiveOn} ${one.debit} in ${one.foreign.currency}`, one.foreign.amount);
      count(id, `${one.effectiveOn} ${one.credit} in ${one.foreign.currency}`, -one.foreign.amount);
    }
    for (const [account, difference] of left.get(id) ?? [])
      if (difference !== 0n)
        findings.push({
          what: `${kind} ${id} has posted what it wants on ${account}`,
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
