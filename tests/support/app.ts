/**
 * The whole application for tests in a browser: built when the sources changed, web and worker started on this test
 * file's own database and on a free port, and Chromium beside it. All of it is stopped after the file's last test.
 *
 *     const app = await startApp();
 *     const page = await app.newPage();
 *     await page.goto("/sign-up");
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { afterAll } from "vitest";
import { freePort } from "../../db/embedded";
import { build } from "../../scripts/lib/build.mjs";
import { type Part, startPart, stopGroup } from "../../scripts/lib/parts.mjs";
import { testDatabase, testRedis } from "./database";

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Flags under which Debian's Chromium runs as root, in a container, and without a word to the outside. */
const flags = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-dev-shm-usage",
];

export type App = Readonly<{
  /** Where it listens, without a slash at the end. */
  url: string;
  browser: Browser;
  /** A page in a browser profile of its own; paths are relative to `url`. */
  newPage: (options?: BrowserContextOptions) => Promise<Page>;
  /** The practice market, a shop of its own for this test file, open in the worker. */
  practiceUrl: string;
  /** Addresses outside of the application that pages have asked for. They got no answer; a good page asks for none. */
  outside: readonly string[];
  /** What web and worker have written to their logs. */
  said: () => string;
}>;

export type AppOptions = Readonly<{
  /** Where jobs wait. */
  queue?: "postgres" | "redis";
  /** More of the environment of web and worker, such as `{ PRACTICE_TODAY: "2026-03-31" }`. */
  environment?: Readonly<Record<string, string>>;
}>;

/** What must be stopped after the file's last test. Registered where the file is read: a hook that another hook adds is never run. */
const stopping: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const stop of stopping.splice(0)) await stop();
});

/** Starts it all. At most once in a test file. */
export async function startApp({ queue = "postgres", environment = {} }: AppOptions = {}): Promise<App> {
  const database = await testDatabase();
  const directory = mkdtempSync(join(tmpdir(), "lotbook-app-"));
  // What a test itself keeps beside documents, the application finds: the environment is read at its first use.
  process.env.DATA_DIR = directory;
  const port = await freePort();
  const url = `http://localhost:${port}`;
  const practicePort = await freePort();
  const practiceUrl = `http://127.0.0.1:${practicePort}`;
  const env: NodeJS.ProcessEnv = {
    ...withoutTestRunner(process.env),
    NODE_ENV: "production",
    NEXT_TELEMETRY_DISABLED: "1",
    DATABASE_URL: database.url,
    LOTBOOK_APP_PASSWORD: database.appPassword,
    DATA_DIR: directory,
    PORT: String(port),
    HOST: "127.0.0.1",
    AUTH_URL: url,
    PRACTICE_PORT: String(practicePort),
    PRACTICE_URL: practiceUrl,
    ...environment,
  };
  if (queue === "redis") env.REDIS_URL = testRedis();
  else delete env.REDIS_URL;

  const parts: Part[] = [];
  let browser: Browser | undefined;
  const killAll = () => {
    for (const part of parts) {
      // The tests were cut short; nothing that they started may outlive them.
      if (part.ended === null) process.kill(-part.pid, "SIGKILL");
    }
  };
  process.once("exit", killAll);
  stopping.push(async () => {
    await browser?.close();
    await Promise.all(parts.map((part) => stopGroup(part.pid, 5000)));
    process.off("exit", killAll);
    rmSync(directory, { recursive: true, force: true });
  });

  await build({ root, node: process.execPath, env });
  const start = (name: string, args: readonly string[]) =>
    parts.push(
      startPart({ name, program: process.execPath, args, cwd: root, env, logFile: join(directory, `${name}.log`) }),
    );
  start("web", ["node_modules/next/dist/bin/next", "start", "-H", "127.0.0.1", "-p", String(port)]);
  start("worker", ["--import", "tsx", "workers/main.ts"]);
  const said = () => parts.map((part) => `--- ${part.name}\n${part.said()}`).join("\n");
  await untilReady(url, parts, said);

  browser = await chromium.launch({ executablePath: chromiumPath(), args: flags });
  const opened = browser;
  const outside: string[] = [];
  return {
    url,
    practiceUrl,
    browser: opened,
    outside,
    said,
    newPage: async (options = {}) => {
      const context = await opened.newContext({ baseURL: url, locale: "en-US", timezoneId: "UTC", ...options });
      await context.route(
        (address) => /^https?:$/.test(address.protocol) && address.origin !== url && !isLocal(address),
        (route) => {
          outside.push(route.request().url());
          return route.abort();
        },
      );
      return context.newPage();
    },
  };
}

/** Another server of this machine is no outside: the practice channel is one. */
function isLocal(address: URL): boolean {
  return ["localhost", "127.0.0.1", "[::1]"].includes(address.hostname);
}

/** Vitest's own marks in the environment would make the application think that it is a test. */
function withoutTestRunner(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(env).filter(
      ([name]) => !/^(VITEST|TEST$|NODE_ENV$|NODE_OPTIONS$|DEV$|PROD$|SSR$|MODE$|BASE_URL$)/.test(name),
    ),
  ) as NodeJS.ProcessEnv;
}

function chromiumPath(): string {
  const names = [process.env.CHROMIUM_PATH, "chromium", "chromium-browser", "google-chrome"];
  for (const name of names) {
    if (name === undefined || name === "") continue;
    const found = spawnSync("sh", ["-c", 'command -v "$1"', "sh", name], { encoding: "utf8" });
    if (found.status === 0) return found.stdout.trim();
  }
  throw new Error("No Chromium is installed: apt-get install chromium");
}

async function untilReady(url: string, parts: readonly Part[], said: () => string): Promise<void> {
  const end = Date.now() + 180_000;
  while (Date.now() < end) {
    const dead = parts.find((part) => part.ended !== null);
    if (dead) throw new Error(`The ${dead.name} ${dead.ended}:\n${said()}`);
    const answer = await fetch(`${url}/api/ready`).catch((error: unknown) => {
      // Nobody listens yet; anything but a refused connection would be news.
      if (error instanceof TypeError) return null;
      throw error;
    });
    if (answer?.status === 200) return;
    await sleep(100);
  }
  throw new Error(`The application is not ready after three minutes:\n${said()}`);
}
