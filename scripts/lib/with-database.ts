/** Commands by hand find the database as `npm start` does: DATABASE_URL, or the embedded one of the data folder, started for the while. */
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { startThrowaway } from "../../db/embedded";
import { migrate } from "../../db/migrate";
import { startPostgres } from "./postgres.mjs";

const root = path.dirname(path.dirname(import.meta.dirname));

/**
 * Runs `work` with the environment pointing to a migrated database. Without DATABASE_URL that is the one that `npm start` made in the
 * data folder (left running if it was), or, where nothing was ever started, one that is thrown away afterwards.
 */
export async function withDatabase(work: () => Promise<void>): Promise<void> {
  if (process.env.DATABASE_URL) {
    await migrate(process.env.DATABASE_URL, process.env.LOTBOOK_APP_PASSWORD ?? "");
    await work();
    return;
  }
  const folder = path.resolve(root, process.env.DATA_DIR ?? ".local");
  const secretsFile = path.join(folder, "secrets.json");
  if (existsSync(secretsFile) && existsSync(path.join(folder, "pg18", "PG_VERSION"))) {
    const secrets = JSON.parse(readFileSync(secretsFile, "utf8")) as Record<string, string>;
    mkdirSync(folder, { recursive: true });
    const cluster = await startPostgres({
      root,
      directory: path.join(folder, "pg18"),
      password: secrets.postgresPassword ?? "",
      logFile: path.join(folder, "postgres.log"),
    });
    process.env.DATABASE_URL = cluster.url("lotbook");
    process.env.LOTBOOK_APP_PASSWORD = secrets.appPassword ?? "";
    try {
      await migrate(process.env.DATABASE_URL, process.env.LOTBOOK_APP_PASSWORD);
      await work();
    } finally {
      if (!cluster.reused) await cluster.stop();
    }
    return;
  }
  await withThrowaway(work);
}

/** Runs `work` on a database of its own, migrated and thrown away; `settings` are the server's. */
export async function withThrowaway(
  work: () => Promise<void>,
  settings: Readonly<Record<string, string>> = {},
): Promise<void> {
  const cluster = await startThrowaway(settings);
  process.env.DATABASE_URL = cluster.url("postgres");
  process.env.LOTBOOK_APP_PASSWORD = randomBytes(18).toString("base64url");
  try {
    await migrate(process.env.DATABASE_URL, process.env.LOTBOOK_APP_PASSWORD);
    await work();
  } finally {
    await cluster.stop();
  }
}
