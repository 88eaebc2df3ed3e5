/** The queue in a Redis Cluster: three masters on this machine, and each queue in parts. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { Redis } from "ioredis";
import { afterAll, beforeAll, expect, it } from "vitest";
import { inBusiness } from "../../db/scope";
import { request } from "../../lib/system/outbox";
import { workerSettings } from "../../lib/system/worker-settings";
import { aSeller } from "../../scripts/lib/sellers";
import { openQueues } from "../../workers/queues";
import { relayOnce } from "../../workers/relay";
import { until } from "./process";
import { queueSuite } from "./queue-suite";

const slots = 16_384;
const masters: { child: ChildProcess; port: number; redis: Redis }[] = [];
let folder: string;

/** A port below those that systems give away, whose neighbour for the cluster's own talk is free too. */
async function portPair(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    const areFree = await Promise.all(
      [port, port + 10_000].map(
        (one) =>
          new Promise<boolean>((done) => {
            const server = createServer();
            server.once("error", () => done(false));
            server.listen(one, "127.0.0.1", () => server.close(() => done(true)));
          }),
      ),
    );
    if (areFree.every(Boolean)) return port;
  }
}

beforeAll(async () => {
  const program = ["redis-server", "valkey-server"].find((name) => !spawnSync(name, ["--version"]).error);
  if (program === undefined) throw new Error("No Redis server is installed: apt-get install redis-server");
  folder = mkdtempSync(path.join(tmpdir(), "lotbook-cluster-"));
  for (let n = 0; n < 3; n += 1) {
    const port = await portPair();
    const args = ["--port", String(port), "--bind", "127.0.0.1", "--dir", folder, "--save", "", "--appendonly", "no"];
    const more = [
      "--cluster-enabled",
      "yes",
      "--cluster-config-file",
      `nodes-${n}.conf`,
      "--cluster-node-timeout",
      "2000",
    ];
    const child = spawn(program, [...args, ...more, "--maxmemory-policy", "noeviction"], { stdio: "ignore" });
    masters.push({ child, port, redis: new Redis(port, "127.0.0.1", { maxRetriesPerRequest: null }) });
  }
  for (const [n, { redis }] of masters.entries()) {
    await redis.call("cluster", "addslotsrange", Math.ceil((n * slots) / 3), Math.ceil(((n + 1) * slots) / 3) - 1);
    await redis.call("cluster", "set-config-epoch", n + 1);
    if (n > 0) await redis.call("cluster", "meet", "127.0.0.1", masters[0]?.port ?? 0);
  }
  for (const { redis } of masters)
    await until(
      "the cluster is whole",
      async () => String(await redis.call("cluster", "info")),
      (info) => info.includes("cluster_state:ok") && info.includes("cluster_known_nodes:3"),
    );
}, 60_000);

afterAll(() => {
  for (const { child, redis } of masters) {
    redis.disconnect();
    child.kill("SIGTERM");
  }
  rmSync(folder, { recursive: true, force: true });
});

const cluster = () => ({
  REDIS_URL: `redis://127.0.0.1:${masters[0]?.port}`,
  REDIS_CLUSTER: "1",
  QUEUE_PARTS: "3",
});

queueSuite({
  name: "a Redis Cluster",
  env: cluster,
  empty: async () => {
    await Promise.all(masters.map(({ redis }) => redis.flushall()));
  },
  places: [["relay.handed", "run.begun", "run.ended"]],
});

it("keeps all keys of one queue in one slot, and the queues on different nodes", async () => {
  const queues = openQueues(workerSettings({ ...process.env, ...cluster() }));
  const sellers = await Promise.all(Array.from({ length: 12 }, (_, n) => aSeller(`Seller ${n}`)));
  for (const scope of sellers) await inBusiness(scope, (tx) => request(tx, "recost", { business: scope.businessId }));
  await relayOnce(queues);
  const slotsOf = new Map<string, Set<number>>();
  const nodesOf = new Map<string, number>();
  for (const { redis, port } of masters) {
    for (const key of await redis.keys("*")) {
      const prefix = /^\{[^}]+\}/.exec(key)?.[0] ?? key;
      const slot = Number(await redis.call("cluster", "keyslot", key));
      slotsOf.set(prefix, (slotsOf.get(prefix) ?? new Set()).add(slot));
      nodesOf.set(prefix, port);
    }
  }
  await queues.close();
  const parts = [...slotsOf.keys()].filter((prefix) => prefix.startsWith("{lotbook-books-"));
  expect(parts.length).toBeGreaterThan(1);
  for (const [prefix, all] of slotsOf) expect([prefix, all.size]).toEqual([prefix, 1]);
  expect(new Set(nodesOf.values()).size).toBeGreaterThan(1);
});
