import { sql } from "drizzle-orm";
import postgres from "postgres";
import { afterAll, describe, expect, it } from "vitest";
import { migrate } from "../../db/migrate";
import { asSystem, closeDatabase } from "../../db/scope";
import { anotherDatabase, emptyDatabase, testDatabase, testRedis } from "../support/database";

afterAll(closeDatabase);

describe("a test file's database", () => {
  it("is migrated, its own, and the one that the application connects to, as the role that owns nothing", async () => {
    const own = await testDatabase();
    const [row] = await asSystem("which database is it", (tx) =>
      tx.execute(
        sql`select current_database() as name, current_user as role, to_regclass('app.migrations') as migrations`,
      ),
    );
    expect(row).toEqual({ name: own.name, role: "lotbook_app", migrations: "migrations" });
  });

  it("is the same one at each call, while another is another", async () => {
    expect(await testDatabase()).toBe(await testDatabase());
    expect((await anotherDatabase()).name).not.toBe((await testDatabase()).name);
  });

  it("can be made empty, and migrated from nothing", async () => {
    const empty = await emptyDatabase();
    const first = await migrate(empty.url, empty.appPassword);
    expect(first.ran.length).toBeGreaterThan(0);
    expect(await migrate(empty.url, empty.appPassword)).toEqual({
      ran: [],
      already: first.ran.length,
      isDistributed: false,
    });
  });

  it("refuses the superuser's rights to the application's role", async () => {
    const own = await testDatabase();
    const admin = postgres(own.url, { max: 1 });
    const [role] =
      await admin`select rolsuper, rolbypassrls, rolcreaterole from pg_roles where rolname = 'lotbook_app'`;
    await admin.end();
    expect(role).toEqual({ rolsuper: false, rolbypassrls: false, rolcreaterole: false });
  });
});

it("the Redis of the run answers", async () => {
  const { default: Redis } = await import("ioredis");
  const redis = new Redis(testRedis());
  expect(await redis.ping()).toBe("PONG");
  redis.disconnect();
});
