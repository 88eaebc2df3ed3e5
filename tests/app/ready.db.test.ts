/** What a deploy is told: by the route that it asks, in the process that it stops. */
import { afterAll, expect, it } from "vitest";
import { GET } from "../../app/api/ready/route";
import { closeDatabase } from "../../db/scope";
import { register } from "../../instrumentation";
import { beat, lastBeat } from "../../lib/system/heartbeats";

afterAll(closeDatabase);

it("F4: a web that was asked to stop says 503, whatever else is well", async () => {
  process.env.NEXT_RUNTIME = "nodejs";
  const before = new Set<unknown>(process.listeners("SIGTERM"));
  await register();
  await beat({ worker: "here", lastTakenMs: null, lastEndedMs: null, loopLagMs: 0 });
  const ready = await GET();
  expect([ready.status, await ready.json()]).toEqual([
    200,
    { status: "ready", database: "ok", migrations: "ok", queue: "ok" },
  ]);
  // The runner of the tests hears the signal too: only what the web itself listens with is called.
  const own = process.listeners("SIGTERM").filter((listener) => !before.has(listener));
  expect(own).toHaveLength(1);
  for (const listener of own) listener("SIGTERM");
  const stopping = await GET();
  expect(stopping.status).toBe(503);
  expect(await stopping.json()).toMatchObject({ status: "stopping" });
  await lastBeat("here");
});
