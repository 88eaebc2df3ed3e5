import { sql } from "drizzle-orm";
import Redis from "ioredis";
import { expect, it } from "vitest";
import { asSystem, inBusiness, rowsOf } from "../../db/scope";
import { request } from "../../lib/system/outbox";
import { openQueues } from "../../workers/queues";
import { relayOnce } from "../../workers/relay";
import { testRedis } from "../support/database";
import { aSeller } from "../support/sellers";
import { queueSuite } from "./queue-suite";

queueSuite({
  name: "Redis",
  env: () => ({ REDIS_URL: testRedis() }),
  empty: async () => {
    const redis = new Redis(testRedis());
    await redis.flushall();
    redis.disconnect();
  },
  // Where the queue has a part in it, and one of each kind of the others: those are the database's affair, whatever the queue is.
  places: [
    ["relay.taken", "relay.handed", "run.begun", "pull.stored@2", "digest.recorded", "digest.finished", "run.ended"],
  ],
});

it("where Redis is down, asking for a job works as ever, and the job waits in the outbox", async () => {
  const scope = await aSeller();
  await inBusiness(scope, (tx) => request(tx, "recost", { business: scope.businessId }));
  const queues = openQueues({
    queue: { kind: "redis", url: "redis://127.0.0.1:1" },
    syncEveryMs: 60_000,
    lockMs: 1_000,
    sweepMs: 1_000,
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
