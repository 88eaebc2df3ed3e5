/** Proving the books from a page: at once where they are small, by a job where they are not. */
import { sql } from "drizzle-orm";
import { asSystem, type InBusiness, inBusiness, rowsOf } from "../../db/scope";
import { require, type Scope } from "../people/access";
import { request } from "../system/outbox";
import { type Check, type ProofOfBooks, verifyBooks } from "./verify";

/** Books with fewer entries are proved while the person waits: a second or two. */
const entriesAtOnce = 20_000;

export type ProofState = Readonly<{
  last: ProofOfBooks | null;
  /** A job that proves them waits or runs. */
  isAsked: boolean;
}>;

/** What the last proof said, and whether one is under way. */
export async function proofState(scope: Scope): Promise<ProofState> {
  require(scope, "read");
  const last = await lastProof(scope);
  const asked = await asSystem("is a proof of this business's books asked for", (tx) =>
    rowsOf<{ id: string }>(
      tx,
      sql`select id from app.outbox where job = 'verifyBooks' and key = ${scope.businessId} and state = 'waiting'`,
    ),
  );
  return { last, isAsked: asked.length > 0 };
}

/** Proves the books now, or asks for it; null where it was asked for. The result is kept either way. */
export async function proveBooks(scope: Scope, atOnce = entriesAtOnce): Promise<ProofOfBooks | null> {
  require(scope, "write");
  const isSmall = await inBusiness(scope, async (tx) => {
    const [row] = await rowsOf<{ n: number }>(
      tx,
      sql`select count(*)::int as n from (
            select 1 from app.journal_entries where business_id = ${scope.businessId} limit ${atOnce + 1}) e`,
    );
    if ((row?.n ?? 0) <= atOnce) return true;
    await request(tx, "verifyBooks", { business: scope.businessId });
    return false;
  });
  return isSmall ? verifyBooks(scope) : null;
}

/** The last proof that was kept; null where there was none yet. */
function lastProof(scope: InBusiness): Promise<ProofOfBooks | null> {
  return inBusiness(scope, async (tx) => {
    const [row] = await rowsOf<ProofRow>(
      tx,
      sql`select to_char("at" at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at, took_ms, checks, findings,
            entry_no::text, block_no::text, encode(chain, 'hex') as hash from app.proofs
          where business_id = ${scope.businessId} order by "at" desc, id desc limit 1`,
    );
    if (row === undefined) return null;
    const { entry_no, block_no, hash } = row;
    const head =
      entry_no === null || block_no === null || hash === null ? null : { entryNo: entry_no, blockNo: block_no, hash };
    return { at: row.at, tookMs: row.took_ms, checks: row.checks, findings: row.findings, head };
  });
}

type ProofRow = {
  at: string;
  took_ms: number;
  checks: readonly Check[];
  findings: number;
  entry_no: string | null;
  block_no: string | null;
  hash: string | null;
};
