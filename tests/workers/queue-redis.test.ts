import { sql } from "drizzle-orm";
import Redis from "ioredis";
import { expect, it } from "vitest";
import { asSystem, inBusiness, rowsOf } from "../../db/scope";
import { finish, request } from "../../lib/system/outbox";
import { workerSettings } from "../../lib/system/worker-settings";
import { aSeller } from "../../scripts/lib/sellers";
import { openQueues, partOf } from "../../workers/queues";
import { relayOnce } from "../../workers/relay";
import { testRedis } from "../support/database";
import { until } from "./process";
import { queueSuite } from "./queue-suite";

queueSuite({
  name: "Redis",
  env: () => ({ REDIS_URL: testRedis() }),
  empty: async () => {
    const redis = new Redis(testRedis());
    await redis.flushdb();
    redis.disconnect();
  },
  // Where the queue has a part in it, and one of each kind of the others: those are the database's affair, whatever the queue is.
  places: [
    ["relay.taken", "relay.handed", "run.begun", "pull.stored@2", "digest.recorded", "digest.finished", "run.ended"],
  ],
});

it("a queue in parts: each business has its part, always the same, and the jobs of all parts are done", async () => {
  const settings = workerSettings({ ...process.env, REDIS_URL: testRedis(), QUEUE_PARTS: "8" });
  const queues = openQueues(settings);
  const sellers = await Promise.all(Array.from({ length: 24 }, (_, n) => aSeller(`Seller ${n}`)));
  const done = new Set<string>();
  await queues.start(async (row) => {
    done.add(row);
    await finish(row);
  });
  for (const scope of sellers) await inBusiness(scope, (tx) => request(tx, "recost", { business: scope.businessId }));
  while ((await relayOnce(queues)) > 0);
  await until(
    "all are done",
    async () => done.size,
    (size) => size === sellers.length,
  );
  await queues.stop();
  await queues.close();
  const parts = sellers.map((scope) => partOf(scope.businessId, 8));
  expect(new Set(parts).size).toBeGreaterThan(3);
  expect(parts).toEqual(sellers.map((scope) => partOf(scope.businessId, 8)));
  expect(partOf("018f0000-0000-7000-8000-000000000001", 8)).toBe(0);
  expect(workerSettings({ ...process.env, REDIS_URL: testRedis() }).queue).toMatchObject({
    parts: 1,
    isCluster: false,
  });
});

it("where Redis is down, asking for a job works as ever, and the job waits in the outbox", async () => {
  const scope = await aSeller();
  await inBusiness(scope, (tx) => request(tx, "recost", { business: scope.businessId }));
  const queues = openQueues({
    queue: { kind: "redis", url: "redis://127.0.0.1:1", isCluster: false, parts: 1 },
    syncEveryMs: 60_000,
    lockMs: 1_000,
    sweepMs: 1_000,
    niceness: 0,
  });
  const began = Date.now();
  await expect(relayOnce(queues)).rejects.toThrow();
  expect(Date.now() - began).toBeLessThan(5_000);
  const [row] = await asSystem("a test looks", (tx) =>
    rowsOf<{ relayed_at: string | null }>(
      tx,
      sql`select relayed_at from app.outbox where business_id = ${scope.businessId}`,
    ),
  );
  expect(row).toEqual({ relayed_at: null });
  await queues.close();
});
