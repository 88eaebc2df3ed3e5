/**
 * Proves the books of a business: rule 14 of costing.md and the invariants of reliability.md section 2, worked out again from the
 * facts and compared to the cent. It reads, as of one moment, what the database holds, and shares no sums with what wrote it. The
 * journal's chain, seals and documents have files of their own (verify-chain, seals, verify-documents).
 */
import { sql } from "drizzle-orm";
import { bulkInsert, list } from "../../db/bulk";
import { proofs } from "../../db/schema";
import { type InBusiness, inBusiness, rowsOf, type Tx } from "../../db/scope";
import {
  checkEntries,
  checkInventory,
  checkLots,
  checkPosted,
  checkQuantities,
  checkSales,
  checkTrialBalance,
  type Finding,
} from "../core/checks";
import type { Fact } from "../core/facts";
import { postingsOf } from "../core/posting";
import { reviveFact } from "../core/revive";
import { newId } from "../system/ids";
import { chainHead } from "./chain";
import { costDifferences } from "./costing-check";
import { lockBooks, posted } from "./ledger";
import { pagesAhead } from "./pages-ahead";
import { brokenSeals } from "./seals";
import { brokenChain, changedEntries, changedHeads, strayPostings } from "./verify-chain";
import { changedDocuments } from "./verify-documents";
import { groupRows, inventoryDays, type Looked, locations, productionValues, transferValues } from "./verify-inside";
import { brokenSummaries } from "./verify-summaries";
import { bankBalances, halves, transactionRows } from "./verify-transactions";

/** One thing that was proved, or not. `looked` counts what was looked at; `findings` are cut at the first 20. */
export type Check = Readonly<{ name: string; invariant: string; looked: number; findings: readonly Finding[] }>;
/** `head`: where the journal's chain ended, to be written down elsewhere; null in proofs from before there was one. */
export type ProofOfBooks = Readonly<{
  at: string;
  tookMs: number;
  checks: readonly Check[];
  findings: number;
  head: Readonly<{ entryNo: string; blockNo: string; hash: string }> | null;
}>;

const most = 20;
const factsAtOnce = 2_000;

/** Proves one business's books and keeps the result, which Settings shows. */
export async function verifyBooks(scope: InBusiness): Promise<ProofOfBooks> {
  const started = performance.now();
  const at = new Date().toISOString();
  return inBusiness(scope, async (tx) => {
    // One moment for all queries, without holding a writer up while it looks.
    await tx.execute(sql`set transaction isolation level repeatable read`);
    await tx.execute(sql`set local datestyle = 'ISO, YMD'`);
    // Without statistics (books just filled) the planner would choose nested loops for whole tables, which grow with the square.
    await tx.execute(sql`set local enable_nestloop = off`);
    const books = await lockBooks(tx, scope, false);
    const checks: Check[] = [];
    const add = (name: string, invariant: string, looked: number, findings: readonly Finding[]) =>
      checks.push({ name, invariant, looked, findings: findings.slice(0, most) });

    const changed = await changedEntries(tx, scope);
    add("Every entry is, with its postings, as it was posted", "I3, I9", changed.looked, changed.findings);
    const chain = await brokenChain(tx, scope);
    add(
      "Entries are numbered without gaps, and each block follows from the one before",
      "I9",
      chain.looked,
      chain.findings,
    );
    const heads = await changedHeads(tx, scope);
    add("The chain goes on from where earlier proofs saw it", "I9", heads.looked, heads.findings);
    const seals = await brokenSeals(tx, scope);
    add("Closed periods are as they were sealed", "I8", seals.looked, seals.findings);
    add("Every entry has the postings it was made with", "I1, I2", changed.looked, [
      ...checkEntries(changed.incomplete),
      ...(await strayPostings(tx, scope)),
    ]);
    const days = await trialDays(tx, scope);
    add("Debits equal credits on every day", "I1, I16", days.length, checkTrialBalance(days));
    const months = await wrongMonths(tx, scope);
    add("The months' sums are those of the journal", "I16", months.looked, months.findings);
    add("No entry stands in another period than it may", "I7", changed.looked, await wrongPeriods(tx, scope));

    const items = await quantities(tx, scope);
    add(
      "Quantity on hand is the sum of movements, and what lots have left less what is short",
      "I10, I15",
      items.looked,
      checkQuantities(items.rows),
    );
    const summaries = await brokenSummaries(tx, scope);
    add("What is summed for pages is the sum of its rows", "I15", summaries.looked, summaries.findings);
    const lots = await lotRows(tx, scope);
    add("Every lot has left what was not taken from it", "I11, I12", lots.looked, checkLots(lots.rows));
    const sales = await saleRows(tx, scope);
    add(
      "What a sale took, is short of and had cancelled adds to its quantity",
      "I10",
      sales.looked,
      checkSales(sales.rows),
    );
    const folded = await costDifferences(tx, scope, books, most);
    add(
      "Costs are those of the whole history, worked out again",
      "I13, I14",
      folded.groups,
      folded.differences.map((what) => ({ what, expected: "the same", found: "different" })),
    );
    const [inventory] = await rowsOf<{ account: string; lots: string; detail: string }>(
      tx,
      sql`select (select coalesce(sum(case when debit = '1200' then amount_minor else -amount_minor end), 0)::text from app.postings
                  where business_id = ${scope.businessId} and (debit = '1200' or credit = '1200')) as account,
            (select coalesce(sum(left_minor), 0)::text from app.lots where business_id = ${scope.businessId}) as lots,
            (select coalesce(sum(amount_minor - detailed_minor), 0)::text from app.purchases where business_id = ${scope.businessId} and not is_undone) as detail`,
    );
    add(
      "Inventory is what is in lots and what is still to detail",
      "I15",
      1,
      checkInventory(BigInt(inventory?.account ?? 0), BigInt(inventory?.lots ?? 0), BigInt(inventory?.detail ?? 0)),
    );
    const inside = (name: string, proof: Looked) => add(name, "I10, I15", proof.looked, proof.findings);
    inside("What Inventory changes by on each day is what its lots do", await inventoryDays(tx, scope, most));
    inside("What production makes is worth what went into it", await productionValues(tx, scope, most));
    inside("What a transfer brings is what it took", await transferValues(tx, scope, books, most));
    inside("Each location's lots are its own", await locations(tx, scope, books, most));
    inside("What production joins is costed together", await groupRows(tx, scope, most));
    const costs = await costRows(tx, scope);
    add("What is posted for each cost is the cost", "I6, I14", costs.looked, checkPosted(costs.rows));
    const recorded = await byPage(tx, () => changedDocuments(tx, scope));
    add("Facts are as they were recorded", "I5", recorded.facts.looked, recorded.facts.findings);
    add("Documents say what their facts say", "I4", recorded.documents.looked, recorded.documents.findings);
    const documents = await byPage(tx, () => documentRows(tx, scope));
    add("What is posted for each document is what its fact wants", "I4, I6", documents.looked, documents.findings);
    const banked = await byPage(tx, () => transactionRows(tx, scope));
    add("What is posted for each bank line is what it wants", "I4, I6", banked.looked, banked.findings);
    const held = await bankBalances(tx, scope);
    add("What a bank account's lines moved is their sum", "I4, I16", held.looked, held.findings);
    const paired = await halves(tx, scope);
    add("What has another half is named by it", "I15", paired.looked, paired.findings);
    add("Nothing names what is not there", "I12", items.looked, await orphans(tx, scope));
    const [waiting] = await rowsOf<{ n: number }>(
      tx,
      sql`select (select count(*) from app.dirty_marks where business_id = ${scope.businessId})::int
            + (select count(*) from app.posting_marks where business_id = ${scope.businessId})::int as n`,
    );
    add(
      "Nothing waits to be worked out",
      "I19",
      1,
      (waiting?.n ?? 0) === 0
        ? []
        : [{ what: "items and documents that wait to be worked out", expected: "0", found: String(waiting?.n) }],
    );

    const findings = checks.reduce((sum, check) => sum + check.findings.length, 0);
    const { entryNo, blockNo, hash } = await chainHead(tx, scope);
    const head = { entryNo: `${entryNo}`, blockNo: `${blockNo}`, hash };
    const proof: ProofOfBooks = { at, tookMs: Math.round(performance.now() - started), checks, findings, head };
    await bulkInsert(tx, proofs, [
      {
        businessId: scope.businessId,
        id: newId(),
        at,
        tookMs: proof.tookMs,
        checks,
        findings,
        entryNo,
        blockNo,
        chain: `\\x${hash}`,
      },
    ]);
    return proof;
  });
}

/** Checks that ask for a page of rows by their keys: there a nested loop is what costs the same however long the history is. */
async function byPage<T>(tx: Tx, check: () => Promise<T>): Promise<T> {
  await tx.execute(sql`set local enable_nestloop = on`);
  const result = await check();
  await tx.execute(sql`set local enable_nestloop = off`);
  return result;
}

/** How many rows there are to look at, where only those that do not fit are read. */
async function countOf(tx: Tx, scope: InBusiness, table: "items" | "lots" | "order_lines"): Promise<number> {
  const [row] = await rowsOf<{ n: number }>(
    tx,
    sql`select count(*)::int as n from app.${sql.raw(table)} where business_id = ${scope.businessId}`,
  );
  return row?.n ?? 0;
}

async function trialDays(tx: Tx, scope: InBusiness) {
  const rows = await rowsOf<{ on: string; debits: string; credits: string }>(
    tx,
    sql`with sides as (
          select posted_on, debit as code, amount_minor as debit, 0 as credit from app.postings where business_id = ${scope.businessId}
          union all select posted_on, credit, 0, amount_minor from app.postings where business_id = ${scope.businessId})
        select s.posted_on::text as on, sum(s.debit)::text as debits, sum(s.credit)::text as credits from sides s
        join app.accounts a on a.business_id = ${scope.businessId} and a.code = s.code group by s.posted_on order by s.posted_on`,
  );
  return rows.map((row) => ({ on: row.on, debits: BigInt(row.debits), credits: BigInt(row.credits) }));
}

async function wrongMonths(tx: Tx, scope: InBusiness) {
  const rows = await rowsOf<{ code: string; month: string; expected: string; found: string }>(
    tx,
    sql`with journal as (
          select code, date_trunc('month', posted_on::timestamp)::date as month, sum(debit) as debit, sum(credit) as credit from (
            select debit as code, posted_on, amount_minor as debit, 0 as credit from app.postings where business_id = ${scope.businessId}
            union all select credit, posted_on, 0, amount_minor from app.postings where business_id = ${scope.businessId}) s group by 1, 2)
        select coalesce(j.code, m.code) as code, coalesce(j.month, m.month)::text as month,
          coalesce(j.debit, 0)::text || '/' || coalesce(j.credit, 0)::text as expected,
          coalesce(m.debit_minor, 0)::text || '/' || coalesce(m.credit_minor, 0)::text as found
        from journal j full join (select * from app.account_months where business_id = ${scope.businessId}) m on m.code = j.code and m.month = j.month
        where (coalesce(j.debit, 0), coalesce(j.credit, 0)) is distinct from (coalesce(m.debit_minor, 0), coalesce(m.credit_minor, 0)) limit ${most}`,
  );
  const [count] = await rowsOf<{ n: number }>(
    tx,
    sql`select count(*)::int as n from app.account_months where business_id = ${scope.businessId}`,
  );
  return {
    looked: count?.n ?? 0,
    findings: rows.map((row) => ({
      what: `debits and credits of account ${row.code} in ${row.month.slice(0, 7)}`,
      expected: row.expected,
      found: row.found,
    })),
  };
}

/** An entry counts on its effective day or, where that was closed, later; never earlier. */
async function wrongPeriods(tx: Tx, scope: InBusiness): Promise<readonly Finding[]> {
  const rows = await rowsOf<{ id: string; effective: string; posted: string }>(
    tx,
    sql`select id, effective_on::text as effective, posted_on::text as posted from app.journal_entries
        where business_id = ${scope.businessId} and posted_on < effective_on limit ${most}`,
  );
  return rows.map((row) => ({
    what: `entry ${row.id} counts on its day or later`,
    expected: row.effective,
    found: row.posted,
  }));
}

async function quantities(tx: Tx, scope: InBusiness) {
  const rows = await rowsOf<{ item: string; moved: string; hand: string; months: string; left: string; short: string }>(
    tx,
    sql`select i.id as item, coalesce(m.qty, 0)::text as moved, coalesce(s.on_hand_qty, 0)::text as hand, coalesce(l.qty, 0)::text as left,
          coalesce(m.short, 0)::text as short, coalesce(im.qty, 0)::text as months
        from app.items i
        left join (select item_id, sum(qty) as qty, sum(short_qty) filter (where kind <> 'transfer') as short from app.movements where business_id = ${scope.businessId} group by item_id) m on m.item_id = i.id
        left join (select item_id, sum(left_qty) as qty from app.lots where business_id = ${scope.businessId} group by item_id) l on l.item_id = i.id
        left join (select item_id, sum(in_qty - out_qty) as qty from app.item_months where business_id = ${scope.businessId} group by item_id) im on im.item_id = i.id
        left join app.item_stock s on s.business_id = ${scope.businessId} and s.item_id = i.id
        where i.business_id = ${scope.businessId} and (coalesce(m.qty, 0) <> coalesce(s.on_hand_qty, 0)
          or coalesce(im.qty, 0) <> coalesce(s.on_hand_qty, 0) or coalesce(l.qty, 0) - coalesce(m.short, 0) <> coalesce(s.on_hand_qty, 0))
        limit ${most}`,
  );
  const wrong = rows.map((row) => ({
    item: row.item,
    moved: BigInt(row.moved),
    // What In Stock shows and what the ledger's months say must both be it.
    onHand: row.hand === row.moved ? BigInt(row.months) : BigInt(row.hand),
    lotsLeft: BigInt(row.left),
    short: BigInt(row.short),
  }));
  return { looked: await countOf(tx, scope, "items"), rows: wrong };
}

async function lotRows(tx: Tx, scope: InBusiness) {
  const rows = await rowsOf<Record<string, string>>(
    tx,
    sql`select l.id, l.qty::text, l.cost_minor::text as cost, l.left_qty::text as left, l.left_minor::text as value,
          coalesce(a.qty, 0)::text as taken_qty, coalesce(a.cost, 0)::text as taken_cost
        from app.lots l
        left join (select lot_id, sum(qty) as qty, sum(cost_minor) as cost from app.allocations
                   where business_id = ${scope.businessId} and kind <> 'back' group by lot_id) a on a.lot_id = l.id
        where l.business_id = ${scope.businessId} and (l.qty - coalesce(a.qty, 0) <> l.left_qty or l.cost_minor - coalesce(a.cost, 0) <> l.left_minor
          or l.left_qty < 0 or l.left_minor < 0 or (l.left_qty = 0 and l.left_minor <> 0))
        limit ${most}`,
  );
  const wrong = rows.map((row) => ({
    lot: row.id ?? "",
    qty: BigInt(row.qty ?? 0),
    cost: BigInt(row.cost ?? 0),
    takenQty: BigInt(row.taken_qty ?? 0),
    takenCost: BigInt(row.taken_cost ?? 0),
    left: BigInt(row.left ?? 0),
    value: BigInt(row.value ?? 0),
  }));
  return { looked: await countOf(tx, scope, "lots"), rows: wrong };
}

/** A bundle's line is as many units as its parts, each in its own. */
async function saleRows(tx: Tx, scope: InBusiness) {
  const rows = await rowsOf<Record<string, string>>(
    tx,
    sql`with back as (
          select movement_id, leg, -sum(qty) as qty from app.allocations where business_id = ${scope.businessId} and kind = 'back' group by movement_id, leg
        ), cancelled as (
          select r.sale_id, sum(m.qty - coalesce(b.qty, 0)) as qty from app.return_lines r
          join app.movements m on m.business_id = ${scope.businessId} and m.id = r.id and m.kind = 'sale_return'
          left join back b on b.movement_id = r.id and b.leg = m.leg
          where r.business_id = ${scope.businessId} group by r.sale_id
        ), moved as (
          select id, -sum(qty) as qty from app.movements where business_id = ${scope.businessId} and kind = 'sale' group by id
        ), taken as (
          select movement_id, sum(qty) as qty, sum(cost_minor) as cost from app.allocations where business_id = ${scope.businessId} and kind <> 'back' group by movement_id
        )
        select o.id, coalesce(m.qty, o.qty)::text as qty, o.short_qty::text as short, o.cost_minor::text as cost, coalesce(t.qty, 0)::text as allocated,
          coalesce(t.cost, 0)::text as allocated_cost, coalesce(c.qty, 0)::text as cancelled
        from app.order_lines o left join taken t on t.movement_id = o.id left join cancelled c on c.sale_id = o.id
          left join moved m on m.id = o.id
        where o.business_id = ${scope.businessId} and not o.is_undone
          and (coalesce(m.qty, o.qty) <> coalesce(t.qty, 0) + o.short_qty + coalesce(c.qty, 0)
            or o.short_qty < 0 or o.cost_minor <> coalesce(t.cost, 0))
        limit ${most}`,
  );
  const wrong = rows.map((row) => ({
    line: row.id ?? "",
    qty: BigInt(row.qty ?? 0),
    allocated: BigInt(row.allocated ?? 0),
    short: BigInt(row.short ?? 0),
    cancelled: BigInt(row.cancelled ?? 0),
    cost: BigInt(row.cost ?? 0),
    allocatedCost: BigInt(row.allocated_cost ?? 0),
  }));
  return { looked: await countOf(tx, scope, "order_lines"), rows: wrong };
}

/** What each cost document moved on Inventory, against the value of its movement; a document whose movement is gone wants nothing. */
async function costRows(tx: Tx, scope: InBusiness) {
  const [count] = await rowsOf<{ n: number }>(
    tx,
    sql`select count(*)::int as n from app.movements where business_id = ${scope.businessId} and kind in ('sale', 'sale_return', 'purchase_return', 'adjustment')`,
  );
  const rows = await rowsOf<{ id: string; wanted: string; posted: string }>(
    tx,
    sql`with ledger as (
          select e.document_id as id, sum(case when p.debit = '1200' then p.amount_minor when p.credit = '1200' then -p.amount_minor else 0 end) as amount
          from app.journal_entries e join app.postings p on p.business_id = ${scope.businessId} and p.entry_id = e.id
          where e.business_id = ${scope.businessId} and e.document_kind = 'cost' group by e.document_id
        ), stock as (
          select case when leg > 0 then id || chr(31) || item_id else id end as id, value_minor as amount from app.movements
          where business_id = ${scope.businessId} and (kind in ('sale', 'sale_return', 'purchase_return') or (kind = 'adjustment' and qty < 0)))
        select coalesce(s.id, l.id) as id, coalesce(s.amount, 0)::text as wanted, coalesce(l.amount, 0)::text as posted
        from stock s full join ledger l on l.id = s.id where coalesce(s.amount, 0) <> coalesce(l.amount, 0) limit ${most}`,
  );
  return {
    looked: count?.n ?? 0,
    rows: rows.map((row) => ({
      document: `the cost of ${row.id}`,
      account: "1200",
      wanted: BigInt(row.wanted),
      posted: BigInt(row.posted),
    })),
  };
}

/** The channels of orders that returns name: asked for page by page, so that a long history is not held in memory. */
async function channelsOf(tx: Tx, scope: InBusiness, orders: readonly string[]): Promise<ReadonlyMap<string, string>> {
  if (orders.length === 0) return new Map();
  const rows = await rowsOf<{ id: string; channel: string }>(
    tx,
    sql`select id, channel_id as channel from app.orders where business_id = ${scope.businessId} and id = any(${list("text", [...new Set(orders)])})`,
  );
  return new Map(rows.map((row) => [row.id, row.channel]));
}

/** Every fact's document, worked out again and compared with the journal by account. */
async function documentRows(
  tx: Tx,
  scope: InBusiness,
): Promise<Readonly<{ looked: number; findings: readonly Finding[] }>> {
  const channels = new Map(
    (
      await rowsOf<{ id: string; account_code: string }>(
        tx,
        sql`select id, account_code from app.channels where business_id = ${scope.businessId}`,
      )
    ).map((row) => [row.id, row.account_code]),
  );
  let channelOf: ReadonlyMap<string, string> = new Map();
  const context = {
    currency: "",
    channelAccount: (channel: string) => channels.get(channel) ?? "",
    channelOf: (order: string) => channelOf.get(order) ?? "",
    on: (fact: Fact) =>
      fact.kind === "order" || fact.kind === "balance_row" ? fact.when.on : "date" in fact ? fact.date : "",
  };
  const findings: Finding[] = [];
  let looked = 0;
  const page = (after: string) =>
    rowsOf<{ id: string; body: unknown; undone: boolean }>(
      tx,
      sql`select id, body, undone_at is not null as undone from app.facts where business_id = ${scope.businessId} and id > ${after}
            and kind in ('opening', 'purchase', 'order', 'return', 'adjustment', 'assembly', 'backfill', 'payout', 'charge') order by id limit ${factsAtOnce}`,
    );
  for await (const rows of pagesAhead(page)) {
    looked += rows.length;
    const facts = rows.map((row) => ({ fact: reviveFact(row.body), isUndone: row.undone }));
    const returned = facts.flatMap(({ fact }) => (fact.kind === "return" && fact.order !== null ? [fact.order] : []));
    channelOf = await channelsOf(tx, scope, returned);
    const documents = facts.flatMap(({ fact }) => ("id" in fact ? [{ kind: fact.kind, id: fact.id }] : []));
    const journal = await posted(tx, scope, documents);
    for (const { fact, isUndone } of facts) {
      if (!("id" in fact)) continue;
      const sums = new Map<string, bigint>();
      const count = (code: string, amount: bigint) => sums.set(code, (sums.get(code) ?? 0n) + amount);
      for (const posting of isUndone ? [] : postingsOf(fact, context)) {
        count(`${posting.effectiveOn} ${posting.debit}`, posting.amount);
        count(`${posting.effectiveOn} ${posting.credit}`, -posting.amount);
      }
      for (const posting of journal.get(`${fact.kind}/${fact.id}`) ?? []) {
        count(`${posting.effectiveOn} ${posting.debit}`, -posting.amount);
        count(`${posting.effectiveOn} ${posting.credit}`, posting.amount);
      }
      for (const [account, difference] of sums) {
        if (difference !== 0n && findings.length < most)
          findings.push({
            what: `${fact.kind} ${fact.id} has posted what it wants on ${account}`,
            expected: "0 left over",
            found: `${difference} left over`,
          });
      }
    }
  }
  return { looked, findings };
}

async function orphans(tx: Tx, scope: InBusiness): Promise<readonly Finding[]> {
  const rows = await rowsOf<{ what: string }>(
    tx,
    sql`select 'movement ' || m.id || ' is of an item that is not there' as what from app.movements m
          where m.business_id = ${scope.businessId} and left(m.item_id, 1) <> chr(31)
            and not exists (select 1 from app.items i where i.business_id = ${scope.businessId} and i.id = m.item_id)
        union all
        select 'movement ' || m.id || ' is at a location that is not there' from app.movements m
          where m.business_id = ${scope.businessId}
            and not exists (select 1 from app.locations l where l.business_id = ${scope.businessId} and l.id = m.location_id)
        union all
        select 'allocation of ' || a.movement_id || ' is from a lot that is not there' from app.allocations a
          where a.business_id = ${scope.businessId} and not exists (select 1 from app.lots l where l.business_id = ${scope.businessId} and l.id = a.lot_id)
        union all
        select 'allocation of ' || a.movement_id || ' has no movement' from app.allocations a
          where a.business_id = ${scope.businessId} and not exists (select 1 from app.movements m where m.business_id = ${scope.businessId} and m.id = a.movement_id and m.leg = a.leg)
        limit ${most}`,
  );
  return rows.map((row) => ({ what: row.what, expected: "none", found: "one" }));
}
