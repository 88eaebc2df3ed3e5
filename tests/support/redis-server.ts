/** A Redis of a test's own, on a free port, which can be stopped, killed and started again on the same one. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../db/embedded";

export type RedisServer = Readonly<{
  url: string;
  /** Where it keeps its snapshot, `dump.rdb`. */
  directory: string;
  /** Starts it again, on its port and its directory. */
  start: () => Promise<void>;
  /** Ends it without a snapshot. */
  stop: () => Promise<void>;
  /** Ends it and throws its directory away. */
  remove: () => Promise<void>;
}>;

/** Starts one that writes snapshots only when asked and refuses writes when it is full; null where no Redis is installed. */
export async function startRedis(): Promise<RedisServer | null> {
  const program = ["redis-server", "valkey-server"].find((name) => !spawnSync(name, ["--version"]).error);
  if (program === undefined) return null;
  const port = await freePort();
  const directory = mkdtempSync(join(tmpdir(), "lotbook-redis-"));
  let child: ChildProcess | undefined;
  const start = async () => {
    const args = [
      "--port",
      String(port),
      "--bind",
      "127.0.0.1",
      "--dir",
      directory,
      "--save",
      "",
      "--appendonly",
      "no",
    ];
    const started = spawn(program, [...args, "--maxmemory-policy", "noeviction"], { stdio: "ignore" });
    child = started;
    await untilListening(port, () => started.exitCode !== null);
  };
  const stop = async () => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    child.kill("SIGTERM");
    await gone;
  };
  await start();
  return {
    url: `redis://127.0.0.1:${port}`,
    directory,
    start,
    stop,
    remove: async () => {
      await stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

async function untilListening(port: number, hasEnded: () => boolean): Promise<void> {
  const end = Date.now() + 10_000;
  while (Date.now() < end && !hasEnded()) {
    const answers = await new Promise<boolean>((done) => {
      const socket = connect({ host: "127.0.0.1", port }, () => {
        socket.destroy();
        done(true);
      });
      socket.once("error", () => done(false));
    });
    if (answers) return;
    await new Promise((done) => setTimeout(done, 25));
  }
  throw new Error("The Redis server of the tests does not start.");
}
