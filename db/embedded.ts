/**
 * PostgreSQL's own server from npm, for a first start and for tests. The work is in scripts/lib/postgres.mjs, which
 * `npm start` needs before anything is compiled; this is its typed door.
 */
import { randomBytes } from "node:crypto";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Cluster, startPostgres } from "../scripts/lib/postgres.mjs";

export { freePort, isAlive } from "../scripts/lib/postgres.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * A server whose data is worth nothing: it never waits for the disk, and is thrown away when it stops. `TEST_POSTGRES` names the folder of
 * another PostgreSQL's programs (with `bin` in it), for tests and measures against another version than the package's.
 */
export async function startThrowaway(settings: Readonly<Record<string, string>> = {}): Promise<Cluster> {
  const directory = mkdtempSync(join(tmpdir(), "lotbook-pg-"));
  // The server may run as another user than ours, and must get to its data, which is closed to others by itself.
  chmodSync(directory, 0o711);
  const cluster = await startPostgres({
    root,
    directory: join(directory, "data"),
    password: randomBytes(18).toString("base64url"),
    logFile: join(directory, "postgres.log"),
    programs: process.env.TEST_POSTGRES || undefined,
    settings: {
      fsync: "off",
      synchronous_commit: "off",
      full_page_writes: "off",
      max_connections: "200",
      shared_buffers: "128MB",
      autovacuum_naptime: "1min",
      ...settings,
    },
  });
  return {
    ...cluster,
    stop: async () => {
      await cluster.stop();
      rmSync(cluster.directory, { recursive: true, force: true });
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
