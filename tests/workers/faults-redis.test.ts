/** The faults of the suite, and those of Redis itself, on a Redis of this file's own that is stopped, filled and put back. */
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import Redis from "ioredis";
import { afterAll, describe, expect, it } from "vitest";
import { readiness } from "../../lib/system/ready";
import { runOf } from "../../lib/system/runs";
import { aMarket, connect } from "../../scripts/lib/sellers";
import { prefixOf } from "../../workers/queues";
import { startRedis } from "../support/redis-server";
import { aShop, give, item, proved, purchase } from "../support/trading";
import { askForProof, faultsSuite, proofsOf } from "./faults-suite";
import { nothingLeft, outboxOf } from "./outbox";
import { startWorker, until } from "./process";
import { sellerWithStock } from "./synced";

const server = await startRedis();
if (server === null) throw new Error("No Redis server is installed: apt-get install redis-server");
afterAll(server.remove);
const env = () => ({ REDIS_URL: server.url });

async function asked<T>(work: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(server?.url ?? "");
  try {
    return await work(redis);
  } finally {
    redis.disconnect();
  }
}

faultsSuite({
  name: "Redis",
  env,
  size: () =>
    asked(async (redis) => {
      let size = 0;
      for (const queue of ["channels", "books", "files"])
        for (const list of ["wait", "active"]) size += await redis.llen(`${prefixOf(queue)}:${queue}:${list}`);
      return size;
    }),
  // As an operator would: the file of a snapshot is put in place of the one that is there.
  snapshot: async () => {
    await asked((redis) => redis.save());
    const [file, kept] = ["dump.rdb", "kept.rdb"].map((name) => join(server.directory, name)) as [string, string];
    copyFileSync(file, kept);
    return async () => {
      await server.stop();
      copyFileSync(kept, file);
      await server.start();
    };
  },
});

describe("Redis itself", () => {
  it("F6: while Redis is down, what is asked for is taken at once and waits; workers wait, and come back with Redis", async () => {
    const market = await aMarket({ orders: 20 });
    const worker = startWorker(env());
    await worker.ready;
    const scope = await sellerWithStock(market);
    await server.stop();
    const began = Date.now();
    const { run } = await connect(scope);
    await askForProof(scope);
    await give(scope, [purchase("more", "2025-01-05", [["item/0", 1n, 900n]])]);
    expect(Date.now() - began).toBeLessThan(3_000);
    await until(
      "the relay has said so",
      async () => worker.said(),
      (said) => said.includes("wait in the outbox"),
    );
    expect(await outboxOf(scope)).toHaveLength(2);
    expect((await runOf(scope, run ?? "")).state).toBe("waiting");
    // Pages go on, and the worker lives.
    expect(await readiness()).toMatchObject({ database: "ok", queue: "ok" });
    await server.start();
    await until(
      "it is done",
      () => runOf(scope, run ?? ""),
      ({ state }) => state === "done",
    );
    await nothingLeft(scope);
    expect(await worker.stop()).toEqual({ code: 0, signal: null });
    await proved(scope);
    await market.close();
  }, 60_000);

  it("F7: where Redis is full, jobs stay in the outbox, it is said, and they are done when there is room again", async () => {
    const scope = await aShop("Elm Row");
    const worker = startWorker(env());
    await worker.ready;
    await asked(async (redis) => {
      await redis.set("junk", "x".repeat(1_000_000));
      await redis.config("SET", "maxmemory", "1mb");
      await expect(redis.set("more", "x")).rejects.toThrow(/OOM/);
    });
    await give(scope, [item("mug", "Mug", "MUG"), purchase("p", "2025-01-02", [["mug", 3n, 1_000n]])]);
    await askForProof(scope);
    await until(
      "it is said",
      async () => worker.said(),
      (said) => said.includes("wait in the outbox") && said.includes("OOM"),
    );
    expect(await outboxOf(scope)).toMatchObject([{ state: "waiting", attempts: 0 }]);
    expect(await proofsOf(scope)).toHaveLength(0);
    await asked(async (redis) => {
      await redis.del("junk");
      await redis.config("SET", "maxmemory", "0");
    });
    await nothingLeft(scope);
    expect(await proofsOf(scope)).toHaveLength(1);
    expect(await worker.stop()).toEqual({ code: 0, signal: null });
    await proved(scope);
  }, 60_000);
});
