/**
 * The door for what only shows: reports and lists, which decide nothing and write nothing. Where there is a read replica
 * (DATABASE_REPLICA_URL) they are read there, as old as it is; what a person has just written they always see.
 */
import { sql } from "drizzle-orm";
import { Refusal } from "../lib/core/errors";
import { database, isConnectionLost, replica } from "./client";
import { expecting, type InBusiness, rowsOf, sqlState, type Tx, underName, withShare } from "./scope";

/**
 * Who reads. `readAfter`: a place in the primary's log that the reader must see (`lastWrite`), where they have written something. `rows`: how
 * many will be read, where the database is to be told (`expectRows`).
 */
export type Reader = InBusiness & Readonly<{ readAfter?: string; rows?: "few" | "many" }>;

/** Where it was read: `asOf` is the instant (ISO 8601) that a replica had come to, null for the primary, which is as of now. */
export type Source = Readonly<{ asOf: string | null }>;

/** What of the replica makes us ask the primary: it is not there, not far enough, none any more, or took the rows from under us. */
class NotHere extends Error {}

const restMs = 5_000;
let restsUntilMs = 0;

/**
 * Runs `work` in a transaction that can only read: at the replica where it has come far enough, at the primary otherwise. `work` may
 * be run twice, so it does nothing but read. What it throws of its own is thrown. Its result is told at once: what was only read is the same
 * whether its transaction ends or breaks off, so nobody waits for that but the connection and the business's share.
 */
export function reading<T>(reader: Reader, work: (tx: Tx, source: Source) => Promise<T>): Promise<T> {
  return new Promise((tell, refuse) => {
    const worked = async (tx: Tx, source: Source) => tell(await work(tx, source));
    withShare(reader.businessId, () => read(reader, worked)).catch(refuse);
  });
}

async function read(reader: Reader, work: (tx: Tx, source: Source) => Promise<void>): Promise<void> {
  const there = Date.now() < restsUntilMs ? null : replica();
  if (there !== null) {
    try {
      return await there.transaction((tx) =>
        named(tx, reader, async () => work(tx, await sourceOf(tx, reader.readAfter ?? null))),
      );
    } catch (error) {
      if (!isOfTheReplica(error)) throw error;
      if (!(error instanceof NotHere || error instanceof Refusal)) restsUntilMs = Date.now() + restMs;
    }
  }
  return database().transaction((tx) => named(tx, reader, () => work(tx, { asOf: null })));
}

async function named<T>(tx: Tx, reader: Reader, work: () => Promise<T>): Promise<T> {
  const plans = reader.rows === undefined ? [] : [await expecting(tx, reader.rows === "many")];
  return underName(tx, reader, ["SET TRANSACTION READ ONLY", ...plans], work);
}

async function sourceOf(tx: Tx, after: string | null): Promise<Source> {
  const [row] = await rowsOf<{ isReplica: boolean; isFar: boolean; asOf: string | null }>(
    tx,
    sql`select pg_is_in_recovery() as "isReplica",
          coalesce(pg_last_wal_replay_lsn() >= coalesce(${after}::pg_lsn, '0/0'), false) as "isFar",
          to_char(case when pg_last_wal_replay_lsn() >= pg_last_wal_receive_lsn() then now() else pg_last_xact_replay_timestamp() end
            at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "asOf"`,
  );
  if (row === undefined || !row.isReplica || !row.isFar || row.asOf === null) throw new NotHere();
  return { asOf: row.asOf };
}

/** It is not to be reached or not to be entered (28, 3D), or recovery took the rows from under us (40001). */
function isOfTheReplica(error: unknown): boolean {
  if (error instanceof NotHere || isConnectionLost(error)) return true;
  // It may be so new that only the primary has it.
  if (error instanceof Refusal && error.code === "not_found") return true;
  return /^(40001|28|3D)/.test(sqlState(error) ?? "");
}

/** How far the primary's log is, for `readAfter` of whoever has just written; null where there is no replica, and so no need. */
export async function lastWrite(): Promise<string | null> {
  if (replica() === null) return null;
  return database().transaction(async (tx) => {
    const [row] = await rowsOf<{ lsn: string }>(tx, sql`select pg_current_wal_insert_lsn()::text as lsn`);
    return row?.lsn ?? null;
  });
}

/** Is this a place in a log? It comes back from a browser, so it may be anything. */
export function isLogPlace(text: string): boolean {
  return /^[0-9A-F]{1,8}\/[0-9A-F]{1,8}$/.test(text);
}
