/**
 * One PostgreSQL and one Redis for a whole run of the tests, on free ports, with data that is thrown away; in the
 * PostgreSQL a migrated database that each test file clones (database.ts).
 */
import { randomBytes } from "node:crypto";
import postgres from "postgres";
import type { TestProject } from "vitest/node";
import { startThrowaway } from "../../db/embedded";
import { migrate } from "../../db/migrate";
import { startRedis } from "./redis-server";

declare module "vitest" {
  export interface ProvidedContext {
    /** The superuser's URL of the cluster's own `postgres` database. */
    postgresUrl: string;
    /** The name of the migrated database that test files clone. */
    templateDatabase: string;
    /** Of the application's role, which the migrations made. */
    appPassword: string;
    /** A Redis of this run, or null where none is installed: tests that need it then fail and say so. */
    redisUrl: string | null;
  }
}

const templateDatabase = "lotbook_template";

type Services = Readonly<{
  postgresUrl: string;
  appPassword: string;
  redisUrl: string | null;
  stop: () => Promise<void>;
}>;

// Two projects ask for the services and each loads this module anew: what is shared lies on the process.
type Shared = { services?: Promise<Services>; users: number };
const onProcess = globalThis as { lotbookTests?: Shared };
onProcess.lotbookTests ??= { users: 0 };
const shared = onProcess.lotbookTests;

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  shared.users += 1;
  shared.services ??= start();
  const services = await shared.services;
  project.provide("postgresUrl", services.postgresUrl);
  project.provide("templateDatabase", templateDatabase);
  project.provide("appPassword", services.appPassword);
  project.provide("redisUrl", services.redisUrl);
  return async () => {
    shared.users -= 1;
    if (shared.users > 0) return;
    delete shared.services;
    await services.stop();
  };
}

async function start(): Promise<Services> {
  const cluster = await startThrowaway();
  try {
    const appPassword = randomBytes(18).toString("base64url");
    const admin = postgres(cluster.url("postgres"), { max: 1, onnotice: () => undefined });
    await admin.unsafe(`create database ${templateDatabase}`);
    await migrate(cluster.url(templateDatabase), appPassword);
    // Cloning needs a database that nobody is connected to.
    await admin.unsafe(`alter database ${templateDatabase} with is_template true allow_connections false`);
    await admin.end();
    const redis = await startRedis();
    return {
      postgresUrl: cluster.url("postgres"),
      appPassword,
      redisUrl: redis?.url ?? null,
      stop: async () => {
        await redis?.remove();
        await cluster.stop();
      },
    };
  } catch (error) {
    await cluster.stop();
    throw error;
  }
}
