import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

/**
 * Three projects, run one after the other:
 *
 * - `unit`: rules, connectors, the house. No database, nothing to wait for.
 * - `db`: against real PostgreSQL and Redis, a database of its own for each file (tests/support/database.ts).
 * - `browser`: the built application in Chromium (tests/support/app.ts); one file at a time.
 *
 * A test anywhere that needs the database is named `*.db.test.ts`.
 */
const database = ["tests/{services,db,workers}/**/*.test.{ts,tsx}", "tests/**/*.db.test.{ts,tsx}"];
const browser = ["tests/pages/**/*.test.{ts,tsx}"];

export default defineConfig({
  test: {
    passWithNoTests: false,
    projects: [
      {
        test: {
          name: "unit",
          include: ["tests/**/*.test.{ts,tsx}"],
          exclude: [...database, ...browser],
          environment: "node",
          testTimeout: 20_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        // What `app` writes as `@/…`, for tests of what it answers.
        resolve: { alias: { "@": fileURLToPath(new URL(".", import.meta.url)).replace(/\/$/, "") } },
        test: {
          name: "db",
          include: database,
          exclude: browser,
          environment: "node",
          pool: "forks",
          maxWorkers: 2,
          globalSetup: ["tests/support/global-setup.ts"],
          setupFiles: ["tests/support/database-setup.ts"],
          testTimeout: 180_000,
          hookTimeout: 180_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: "browser",
          include: browser,
          environment: "node",
          pool: "forks",
          maxWorkers: 1,
          fileParallelism: false,
          globalSetup: ["tests/support/global-setup.ts"],
          setupFiles: ["tests/support/database-setup.ts"],
          testTimeout: 600_000,
          hookTimeout: 900_000,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
