/** Reports at a read replica: a real one, of the embedded server, that streams from its primary and can be held back. */
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmodSync, chownSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { sql } from "drizzle-orm";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { migrate } from "../../db/migrate";
import { isLogPlace, lastWrite, reading } from "../../db/reading";
import { closeDatabase, inBusiness, rowsOf, type Tx } from "../../db/scope";
import { profitReport } from "../../lib/books/reports";
import { Refusal } from "../../lib/core/errors";
import type { Scope } from "../../lib/people/access";
import { type Cluster, startPostgres } from "../../scripts/lib/postgres.mjs";
import { aSeller } from "../../scripts/lib/sellers";
import { give, item } from "../support/trading";

const root = path.join(import.meta.dirname, "../..");
const before = { ...process.env };
let folder: string;
let primary: Cluster;
let replica: Cluster;
let owner: postgres.Sql;
let scope: Scope;
let other: Scope;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "lotbook-replica-"));
  chmodSync(folder, 0o711);
  const password = randomBytes(18).toString("base64url");
  const start = (name: string, settings: Readonly<Record<string, string>> = {}) =>
    startPostgres({
      root,
      directory: path.join(folder, name),
      password,
      logFile: path.join(folder, `${name}.log`),
      settings: {
        fsync: "off",
        wal_level: "replica",
        hot_standby: "on",
        wal_receiver_status_interval: "1s",
        ...settings,
      },
    });
  const first = await start("primary");
  const appPassword = randomBytes(18).toString("base64url");
  await migrate(first.url("postgres"), appPassword);
  await first.stop();
  // The embedded server comes without pg_basebackup: the data of a server that has stopped is a base backup too.
  execFileSync("cp", ["-a", path.join(folder, "primary"), path.join(folder, "replica")]);
  const signal = path.join(folder, "replica", "standby.signal");
  writeFileSync(signal, "");
  const { uid, gid } = statSync(path.join(folder, "replica", "PG_VERSION"));
  chownSync(signal, uid, gid);
  primary = await start("primary");
  replica = await start("replica", {
    primary_conninfo: `host=127.0.0.1 port=${primary.port} user=postgres password=${password}`,
  });
  process.env.DATABASE_URL = primary.url("postgres");
  process.env.LOTBOOK_APP_PASSWORD = appPassword;
  process.env.DATABASE_REPLICA_URL = `postgres://127.0.0.1:${replica.port}/postgres`;
  await closeDatabase();
  owner = postgres(replica.url("postgres"), { max: 1, onnotice: () => undefined });
  scope = await aSeller("One");
  other = await aSeller("Two");
}, 120_000);

afterAll(async () => {
  await closeDatabase();
  await owner?.end();
  await replica?.stop();
  await primary?.stop();
  rmSync(folder, { recursive: true, force: true });
  process.env = before;
});

const itemsOf = (reader: Scope) =>
  reading(reader, async (tx, { asOf }) => {
    const [row] = await rowsOf<{ n: number; at: boolean }>(
      tx,
      sql`select count(*)::int as n, pg_is_in_recovery() as at from app.items where business_id = ${reader.businessId}`,
    );
    return { items: row?.n ?? 0, isAtReplica: row?.at ?? false, asOf };
  });
const caughtUp = async () => {
  const place = (await lastWrite()) ?? "";
  const end = Date.now() + 15_000;
  while (Date.now() < end) {
    const [row] = await owner<{ is: boolean }[]>`select pg_last_wal_replay_lsn() >= ${place}::pg_lsn as is`;
    if (row?.is === true) return;
    await new Promise((done) => setTimeout(done, 50));
  }
  throw new Error("the replica does not come after its primary");
};

describe("a read replica", () => {
  test("gives reports and lists, with the instant that it has come to, of one business alone", async () => {
    await give(scope, [item("a", "A")]);
    await caughtUp();
    const seen = await itemsOf(scope);
    expect(seen).toMatchObject({ items: 1, isAtReplica: true });
    expect(Math.abs(Date.now() - Date.parse(seen.asOf ?? ""))).toBeLessThan(30_000);
    expect(await itemsOf(other)).toMatchObject({ items: 0, isAtReplica: true });
    expect((await profitReport(scope, { from: "2026-01-01", to: "2026-12-31" })).asOf).not.toBeNull();
  });

  test("is as old as it is for others, and never older than what the reader has written", async () => {
    await caughtUp();
    await owner`select pg_wal_replay_pause()`;
    try {
      await give(scope, [item("b", "B")]);
      const place = await lastWrite();
      expect(isLogPlace(place ?? "")).toBe(true);
      expect(await itemsOf(scope)).toMatchObject({ items: 1, isAtReplica: true });
      expect(await itemsOf({ ...scope, readAfter: place ?? "" })).toEqual({ items: 2, isAtReplica: false, asOf: null });
    } finally {
      await owner`select pg_wal_replay_resume()`;
    }
    await caughtUp();
    expect(await itemsOf({ ...scope, readAfter: (await lastWrite()) ?? "" })).toMatchObject({
      items: 2,
      isAtReplica: true,
    });
  });

  test("is never asked by what decides", async () => {
    const [row] = await inBusiness(scope, (tx) => rowsOf<{ at: boolean }>(tx, sql`select pg_is_in_recovery() as at`));
    expect(row?.at).toBe(false);
  });

  test("lets nobody write, nor does the primary through this door", async () => {
    const write = (tx: Tx) =>
      tx.execute(sql`update app.items set name = 'x' where business_id = ${scope.businessId}`).then(() => undefined);
    for (const reader of [scope, { ...scope, readAfter: "FFFFFFFF/0" }])
      await expect(reading(reader, write)).rejects.toMatchObject({ cause: { code: "25006" } });
  });

  test("is not believed where it says that there is no such thing", async () => {
    await caughtUp();
    await owner`select pg_wal_replay_pause()`;
    try {
      await give(scope, [item("c", "C")]);
      const found = await reading(scope, async (tx) => {
        const rows = await rowsOf(
          tx,
          sql`select id from app.items where business_id = ${scope.businessId} and id = 'c'`,
        );
        if (rows.length === 0) throw new Refusal("not_found", "There is no such item.");
        return rows.length;
      });
      expect(found).toBe(1);
    } finally {
      await owner`select pg_wal_replay_resume()`;
    }
  });

  test("that stops is not waited for", async () => {
    await owner.end();
    await replica.stop();
    expect(await itemsOf(scope)).toEqual({ items: 3, isAtReplica: false, asOf: null });
    const began = Date.now();
    expect((await itemsOf(scope)).isAtReplica).toBe(false);
    expect(Date.now() - began).toBeLessThan(3_000);
  });
});
