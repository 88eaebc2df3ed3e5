/**
 * Proves the books of a business: rule 14 of costing.md and the invariants of reliability.md section 2, worked out again from the
 * facts and compared to the cent. It reads, as of one moment, what the database holds, and shares no sums with what wrote it. What is
 * looked at stands in files of its own (verify-…, seals, costing-check); here they are put together and done, two at a time.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { sql } from "drizzle-orm";
import { alongside } from "../../db/alongside";
import { bulkInsert } from "../../db/bulk";
import { proofs } from "../../db/schema";
import { type InBusiness, inBusiness, rowsOf, type Tx } from "../../db/scope";
import { checkEntries, type Finding } from "../core/checks";
import { newId } from "../system/ids";
import { orBroken } from "./broken";
import { chainHead } from "./chain";
import { costDifferences } from "./costing-check";
import { type Books, lockBooks } from "./ledger";
import { brokenSeals } from "./seals";
import { brokenChain, changedEntries, changedHeads, strayPostings, type Walked } from "./verify-chain";
import { countsApproved } from "./verify-counts";
import { wrongCurrencies } from "./verify-currencies";
import { provedFacts } from "./verify-documents";
import { inputPostings, setOffsPosted, taxPostings, taxTotals } from "./verify-gst";
import { groupRows, inventoryDays, locations, productionValues, transferValues } from "./verify-inside";
import { wrongTotals } from "./verify-journal";
import { wrongMatches } from "./verify-matches";
import { wrongMovements } from "./verify-movements";
import { recipesWritten } from "./verify-recipes";
import { seriesNumbers } from "./verify-series";
import { orphans, wrongCosts, wrongInventory, wrongLots, wrongQuantities, wrongSales } from "./verify-stock";
import { brokenSummaries } from "./verify-summaries";
import { bankBalances, halves, transactionRows } from "./verify-transactions";
import { transferStates } from "./verify-transfers";

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
/** Connections beside the first: what is the database's work and what is this process's then fill two processors. */
const more = 1;

/**
 * Some of the checks, which share what they read: what they are called, with the invariant, and in the same order what each found. `isByPage`: it
 * asks for pages of rows by their keys. `takes`: how long, beside others.
 */
type Part = Readonly<{
  takes: number;
  isByPage?: boolean;
  checks: readonly (readonly [name: string, invariant: string])[];
  walk: (tx: Tx, scope: InBusiness, books: Books) => Promise<readonly Walked[]>;
}>;

const check = (name: string, invariant: string, { looked, findings }: Walked): Check => ({
  name,
  invariant,
  looked,
  findings: findings.slice(0, most),
});
/** A part of one check. */
const one = (
  name: string,
  invariant: string,
  walk: (tx: Tx, scope: InBusiness, books: Books) => Promise<Walked>,
): Part => ({
  takes: 1,
  checks: [[name, invariant]],
  walk: async (tx, scope, books) => [await walk(tx, scope, books)],
});
const single = (findings: readonly Finding[]): Walked => ({ looked: 1, findings });

/** In the order in which they are told. */
const parts: readonly Part[] = [
  {
    // One walk through the journal, for all that is asked of its rows and of what they add to.
    takes: 8,
    checks: [
      ["Every entry is, with its postings, as it was posted", "I3, I9"],
      ["Every entry has the postings it was made with", "I1, I2"],
      ["No entry stands in another period than it may", "I7"],
      ["Debits equal credits on every day", "I1, I16"],
      ["The months' sums are those of the journal", "I16"],
      ["Inventory is what is in lots and what is still to detail", "I15"],
      ["What Inventory changes by on each day is what its lots do", "I10, I15"],
    ],
    walk: async (tx, scope) => {
      const changed = await changedEntries(tx, scope);
      const { looked, sums } = changed;
      const totals = await wrongTotals(tx, scope, sums);
      return [
        changed,
        { looked, findings: [...checkEntries(changed.incomplete), ...(await strayPostings(tx, scope, changed))] },
        { looked, findings: changed.early },
        totals.days,
        totals.months,
        single(await wrongInventory(tx, scope, sums)),
        await inventoryDays(tx, scope, sums, most),
      ];
    },
  },
  one("Entries are numbered without gaps, and each block follows from the one before", "I9", brokenChain),
  one("The chain goes on from where earlier proofs saw it", "I9", changedHeads),
  one("Closed periods are as they were sealed", "I8", brokenSeals),
  {
    takes: 2,
    checks: [
      ["Quantity on hand is the sum of movements, and what lots have left less what is short", "I10, I15"],
      ["Nothing names what is not there", "I12"],
    ],
    walk: async (tx, scope) => {
      const quantities = await wrongQuantities(tx, scope);
      return [quantities, { looked: quantities.looked, findings: await orphans(tx, scope) }];
    },
  },
  { ...one("What is summed for pages is the sum of its rows", "I15", brokenSummaries), takes: 3 },
  {
    ...one("Every sold line is of the product that the rule gives it", "I4", (tx, scope) =>
      wrongMatches(tx, scope, most),
    ),
    takes: 3,
    isByPage: true,
  },
  one("Every lot has left what was not taken from it", "I11, I12", wrongLots),
  {
    ...one("What moved is what the documents' lines say", "I4, I12", (tx, scope) => wrongMovements(tx, scope, most)),
    takes: 3,
  },
  one("What a sale took, is short of and had cancelled adds to its quantity", "I10", wrongSales),
  {
    ...one("Costs are those of the whole history, worked out again", "I13, I14", (tx, scope, books) =>
      costDifferences(tx, scope, books, most),
    ),
    takes: 4,
  },
  one("What production makes is worth what went into it", "I10, I15", (tx, scope) => productionValues(tx, scope, most)),
  one("What a transfer brings is what it took", "I10, I15", (tx, scope, books) =>
    transferValues(tx, scope, books, most),
  ),
  one("Numbers of documents have no gap and no double", "I4", (tx, scope) => seriesNumbers(tx, scope, most)),
  one("A transfer is where its facts say", "I4", (tx, scope) => transferStates(tx, scope, most)),
  one("Counts put right what they found, and nothing else", "I4", (tx, scope) => countsApproved(tx, scope, most)),
  one("Recipes and productions stand as they were written", "I4", (tx, scope) => recipesWritten(tx, scope, most)),
  one("Each location's lots are its own", "I10, I15", (tx, scope, books) => locations(tx, scope, books, most)),
  one("What production joins is costed together", "I10, I15", (tx, scope) => groupRows(tx, scope, most)),
  one("What is posted for each cost is the cost", "I6, I14", wrongCosts),
  {
    takes: 9,
    isByPage: true,
    checks: [
      ["Facts are as they were recorded", "I5"],
      ["Documents say what their facts say", "I4"],
      ["What is posted for each document is what its fact wants", "I4, I6"],
    ],
    walk: async (tx, scope) => {
      const proved = await provedFacts(tx, scope);
      return [proved.facts, proved.documents, proved.posted];
    },
  },
  { ...one("What is posted for each bank line is what it wants", "I4, I6", transactionRows), takes: 3, isByPage: true },
  one("What a bank account's lines moved is their sum", "I4, I16", bankBalances),
  one("What has another half is named by it", "I15", halves),
  one("An invoice's or note's lines and what is not divided come to its total", "I4", (tx, scope) =>
    taxTotals(tx, scope, most),
  ),
  one("What is posted for each invoice and note is its taxes", "I4, I6", (tx, scope) => taxPostings(tx, scope, most)),
  one("The months' sums in other currencies are those of the journal", "I1, I16", (tx, scope, books) =>
    wrongCurrencies(tx, scope, books.currency),
  ),
  one("What purchases put on input tax is what their invoices say, less what went back", "I4, I6", (tx, scope) =>
    inputPostings(tx, scope, most),
  ),
  one("What is posted for each month's set-off of tax is what was set off", "I4, I6", (tx, scope) =>
    setOffsPosted(tx, scope, most),
  ),
  one("Nothing waits to be worked out", "I19", async (tx, scope) => single(await waiting(tx, scope))),
];

/**
 * Proves one business's books and keeps the result, which Settings shows. `isBehind`: others' work goes first, so it takes one connection and
 * one of the database's processors at a time.
 */
export async function verifyBooks(scope: InBusiness, { isBehind = false } = {}): Promise<ProofOfBooks> {
  const started = performance.now();
  const at = new Date().toISOString();
  return inBusiness(scope, async (tx) => {
    // One moment for all queries, without holding a writer up while it looks.
    await tx.execute(sql`set transaction isolation level repeatable read`);
    const books = await lockBooks(tx, scope, false);
    const proved: (readonly Check[])[] = parts.map(() => []);
    // The longest first, so that they end together.
    const left = parts.map((part, place) => ({ part, place })).sort((a, b) => b.part.takes - a.part.takes);
    if (isBehind) await tx.execute(sql`set local max_parallel_workers_per_gather = 0`);
    await alongside(tx, scope, isBehind ? 0 : more, async (one) => {
      await one.execute(sql`set local datestyle = 'ISO, YMD'`);
      // Sums over a whole journal are worked out in memory rather than on disk.
      await one.execute(sql`set local work_mem = '64MB'`);
      for (let next = left.shift(); next !== undefined; next = left.shift()) {
        // Without statistics (books just filled) the planner would choose nested loops for whole tables, which grow with the square.
        // Where pages of rows are asked for by their keys, they are what costs the same however long the history is.
        await one.execute(sql.raw(`set local enable_nestloop = ${next.part.isByPage === true ? "on" : "off"}`));
        const began = performance.now();
        proved[next.place] = await checksOf(one, scope, books, next.part);
        // Behind others' work it takes half of one processor at most, for as long as a part of it lasts and two seconds.
        if (isBehind) await sleep(Math.min(performance.now() - began, 2_000));
      }
    });
    const checks = proved.flat();
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

/** The checks of a part. Where the rows are such that they cannot be done, that is the finding of each, and all other parts are still done. */
async function checksOf(tx: Tx, scope: InBusiness, books: Books, part: Part): Promise<readonly Check[]> {
  const done = await orBroken(tx, (inner) => part.walk(inner, scope, books));
  return part.checks.map(([name, invariant], i) => {
    const walked = "broken" in done ? undefined : done.value[i];
    const found = "broken" in done ? done.broken : "nothing";
    return check(name, invariant, walked ?? single([{ what: "the rows can be looked at", expected: "yes", found }]));
  });
}

async function waiting(tx: Tx, scope: InBusiness): Promise<readonly Finding[]> {
  const [row] = await rowsOf<{ n: number }>(
    tx,
    sql`select (select count(*) from app.dirty_marks where business_id = ${scope.businessId})::int
          + (select count(*) from app.posting_marks where business_id = ${scope.businessId})::int as n`,
  );
  const n = row?.n ?? 0;
  return n === 0 ? [] : [{ what: "items and documents that wait to be worked out", expected: "0", found: String(n) }];
}
