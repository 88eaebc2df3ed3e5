/** Is this process able to do its work? Asked by `npm start`, deploys and monitors. */
import { readdir } from "node:fs/promises";
import path from "node:path";
import { sql } from "drizzle-orm";
import { heartbeats, migrations } from "../../db/schema/system";
import { asSystem, ping } from "../../db/scope";
import { log } from "./log";
import { isStopping } from "./stopping";

export type Readiness = Readonly<{
  /**
   * `ready`; `degraded`: pages work, but no worker takes jobs; `down`: no database, or not this code's tables; `stopping`: asked to end,
   * it finishes what it has.
   */
  status: "ready" | "degraded" | "down" | "stopping";
  database: "ok" | "unreachable" | "unknown";
  migrations: "ok" | "behind" | "unknown";
  queue: "ok" | "no worker" | "unknown";
}>;

const down = { status: "down", database: "unreachable", migrations: "unknown", queue: "unknown" } as const;

/** What is there and what is missing. Says no names or versions: anybody may ask. */
export async function readiness(): Promise<Readiness> {
  if (isStopping()) return { ...down, status: "stopping", database: "unknown" };
  try {
    await ping();
  } catch (error) {
    log().error({ err: error }, "not ready: the database does not answer");
    return down;
  }
  const wanted = await wantedMigrations();
  try {
    return await asSystem("readiness is asked by nobody in particular", async (tx) => {
      const ran = new Set((await tx.select({ name: migrations.name }).from(migrations)).map((row) => row.name));
      const missing = wanted.filter((name) => !ran.has(name));
      if (missing.length > 0) {
        log().error({ missing }, "not ready: migrations have not run");
        return { ...down, database: "ok", migrations: "behind" };
      }
      const alive = await tx
        .select({ worker: heartbeats.worker })
        .from(heartbeats)
        .where(sql`${heartbeats.at} > now() - interval '1 minute'`)
        .limit(1);
      const queue = alive.length > 0 ? "ok" : "no worker";
      return { status: queue === "ok" ? "ready" : "degraded", database: "ok", migrations: "ok", queue };
    });
  } catch (error) {
    log().error({ err: error }, "not ready: the tables cannot be read");
    return { ...down, database: "ok", migrations: "behind" };
  }
}

let names: readonly string[] | undefined;

/** The migrations that came with this code. The folder lies where the process was started, also after a build. */
async function wantedMigrations(): Promise<readonly string[]> {
  names ??= (await readdir(path.join(/* turbopackIgnore: true */ process.cwd(), "db", "migrations"))).filter((name) =>
    name.endsWith(".sql"),
  );
  return names;
}
