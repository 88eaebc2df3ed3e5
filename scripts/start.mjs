// `npm start`: from a bare clone to a running Lotbook, and the same again in seconds.
//
// Runs on whatever Node the machine has, before any package is there, so it uses none and stays plain. Everything after
// the installation runs on the Node that came with the packages. In order: packages, PostgreSQL (unless DATABASE_URL
// names one), migrations, the demo business once, the build when the sources changed, then web and worker. They are
// stopped in the reverse order, by Ctrl-C, SIGTERM, or the end of any one of them.

import { spawn } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "./lib/build.mjs";
import { install, nodeOf } from "./lib/install.mjs";
import { isSame, recordOf, startPart, stopGroup } from "./lib/parts.mjs";
import { freePort, isAlive, startPostgres } from "./lib/postgres.mjs";
import { lastLines, step, Trouble } from "./lib/say.mjs";
import { secretsOf } from "./lib/secrets.mjs";
import { checkDataDir, checkListens, checkPort, loadEnvFile, readSettings } from "./lib/settings.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

/** What is to be stopped at the end, in the order of starting. */
const started = { cluster: null, parts: [], recordFile: null, steps: new Set() };
let stopping = null;
/** True once nothing more is being started: all runs, or the start has failed. */
let isSettled = false;

async function main() {
  if (process.platform === "win32") throw new Trouble("Lotbook starts on Linux and macOS; on Windows use WSL.");
  loadEnvFile(root);
  const settings = readSettings(root, process.env);
  checkDataDir(settings.dataDir);
  await takeOver(settings);
  await checkPort(settings.host, settings.port);
  if (settings.databaseUrl) await checkListens("DATABASE_URL", settings.databaseUrl, 5432);
  if (settings.redisUrl) await checkListens("REDIS_URL", settings.redisUrl, 6379);

  console.log("Lotbook is starting.");
  await step("Packages", () => install(root, started.steps));
  const node = nodeOf(root);
  const env = await prepare(settings, node);
  await step("Tables", () => migrate(node, env));
  if (settings.demo) await step("Demo", () => demo(settings, node, env));
  await step("Build", () => build({ root, node, env, children: started.steps }));
  await step("Web", () => startParts(settings, node, env));
  isSettled = true;
  greet(settings);
  await watch();
}

/** One start at a time in a data folder; what a killed one left running is stopped, but for PostgreSQL, which is reused. */
async function takeOver(settings) {
  const file = join(settings.dataDir, "running.json");
  const left = existsSync(file) ? readJson(file) : null;
  if (left && isSame(left.start) && left.start.pid !== process.pid) {
    throw new Trouble(`Lotbook runs here already (process ${left.start.pid}, ${left.address}).`);
  }
  for (const part of left?.parts ?? []) if (isSame(part)) await stopGroup(part.pid, 5000);
  started.recordFile = file;
  record(settings);
}

/** Writes down who runs here, for the next start to find. */
function record(settings) {
  const parts = started.parts.map((part) => recordOf(part.pid));
  const content = { start: recordOf(process.pid), address: settings.address, parts };
  writeFileSync(started.recordFile, `${JSON.stringify(content)}\n`, { mode: 0o600 });
}

/** Secrets and database; the environment that every part runs in. */
async function prepare(settings, node) {
  const directory = join(settings.dataDir, "pg18");
  const secrets = secretsOf(settings.dataDir, !settings.databaseUrl && existsSync(directory));
  const env = {
    ...process.env,
    PORT: String(settings.port),
    HOST: settings.host,
    DATA_DIR: settings.dataDir,
    LOTBOOK_APP_PASSWORD: process.env.LOTBOOK_APP_PASSWORD || secrets.appPassword,
    LOTBOOK_SECRET_KEY: process.env.LOTBOOK_SECRET_KEY || secrets.secretKey,
    AUTH_SECRET: process.env.AUTH_SECRET || secrets.authSecret,
    AUTH_URL: settings.address,
    NEXT_TELEMETRY_DISABLED: "1",
  };
  // An empty value means the same as none.
  if (!settings.redisUrl) delete env.REDIS_URL;
  if (!settings.databaseUrl) delete env.DATABASE_APP_URL;
  if (settings.practice) {
    env.PRACTICE_PORT = String(await practicePort());
    env.PRACTICE_URL = `http://127.0.0.1:${env.PRACTICE_PORT}`;
  }
  await step("Database", async () => {
    if (settings.databaseUrl) {
      await run(node, ["scripts/lib/reach.mjs"], env);
      return "is the one of DATABASE_URL";
    }
    started.cluster = await startPostgres({
      root,
      directory,
      password: secrets.postgresPassword,
      logFile: join(settings.dataDir, "postgres.log"),
    });
    env.DATABASE_URL = started.cluster.url("lotbook");
    await run(node, ["scripts/lib/reach.mjs", "create"], env);
    const place = relative(root, started.cluster.directory);
    const shown = place.startsWith("..") ? started.cluster.directory : place;
    return `is PostgreSQL 18 in ${shown}${started.cluster.reused ? ", which was running still" : ""}`;
  });
  return env;
}

/** Its usual port when that is free: an address that stays the same can be looked at again. */
async function practicePort() {
  const usual = process.env.PRACTICE_PORT ? Number(process.env.PRACTICE_PORT) : 4010;
  const isFree = await checkPort("127.0.0.1", usual).then(
    () => true,
    () => false,
  );
  return isFree ? usual : freePort();
}

async function migrate(node, env) {
  await run(node, ["--import", "tsx", "scripts/migrate.ts"], env);
  return "are up to date";
}

/** Loads the demo business the first time. It is an extra: when it fails, that is told and Lotbook starts without it. */
async function demo(settings, node, env) {
  const { identity } = JSON.parse((await run(node, ["scripts/lib/reach.mjs"], env)).trim());
  const file = join(settings.dataDir, "demo.json");
  const known = existsSync(file) ? readJson(file) : null;
  if (known?.database === identity) return "is loaded";
  try {
    const output = await run(node, ["--import", "tsx", "scripts/demo.ts"], env);
    const { email, password } = JSON.parse(output.trim().split("\n").pop());
    writeFileSync(file, `${JSON.stringify({ database: identity, email, password }, null, 2)}\n`, { mode: 0o600 });
    return "is loaded now";
  } catch (error) {
    if (stopping) throw error;
    rmSync(file, { force: true });
    writeFileSync(join(settings.dataDir, "demo.log"), `${error.message}\n`, { mode: 0o600 });
    const said = error.message.split("\n").find((line) => /error/i.test(line)) ?? error.message.split("\n")[0];
    return `could not be loaded (${said.trim()}; more in demo.log). Lotbook starts without it`;
  }
}

/** Web and worker, which opens the practice market, at once; done when the web answers, and neither has ended by then. */
async function startParts(settings, node, env) {
  const log = (name) => join(settings.dataDir, `${name}.log`);
  const parts = [
    { name: "web", args: ["node_modules/next/dist/bin/next", "start", "-H", settings.host, "-p", env.PORT] },
    { name: "worker", args: ["--import", "tsx", "workers/main.ts"] },
  ];
  for (const { name, args } of parts) {
    if (stopping) return "is not started";
    const production = { ...env, NODE_ENV: "production" };
    started.parts.push(startPart({ name, program: node, args, cwd: root, env: production, logFile: log(name) }));
    record(settings);
  }
  const end = Date.now() + 60_000;
  while (!(await answers(settings, "/api/health"))) {
    if (stopping) return "is not started";
    throwIfEnded();
    if (Date.now() > end) throw new Trouble(`The web does not answer. What it says is in ${log("web")}.`);
    await sleep(50);
  }
  // Ready is more than alive: database, migrations and queue. It is waited for, but not for ever.
  const patience = Date.now() + 30_000;
  while (!(await answers(settings, "/api/ready"))) {
    if (stopping) return "is not started";
    throwIfEnded();
    if (Date.now() > patience) return "answers, but /api/ready says that something is not ready yet";
    await sleep(100);
  }
  throwIfEnded();
  return "and worker are running";
}

function answers({ host, port }, path) {
  const local = host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "::1" : host;
  return new Promise((done) => {
    const asked = request({ host: local, port, path, timeout: 5000 }, (response) => {
      response.resume();
      done(response.statusCode === 200);
    });
    asked.once("timeout", () => asked.destroy(new Error("no answer")));
    asked.once("error", () => done(false));
    asked.end();
  });
}

function throwIfEnded() {
  const part = started.parts.find(({ ended }) => ended !== null);
  if (part) throw new Trouble(`The ${part.name} ${part.ended}. The last that it said:\n${lastLines(part.said(), 15)}`);
  if (started.cluster && !isAlive(started.cluster.pid))
    throw new Trouble("PostgreSQL has ended by itself; see postgres.log.");
}

/** Ends, with an error, when a part does. */
async function watch() {
  while (!stopping) {
    throwIfEnded();
    await Promise.race([sleep(1000), ...started.parts.map((part) => part.end)]);
  }
}

function greet(settings) {
  const file = join(settings.dataDir, "demo.json");
  console.log(`\n  ${settings.address}\n`);
  if (settings.demo && existsSync(file)) {
    const { email, password } = readJson(file);
    console.log(`  Sign in to the demo with ${email} and the password ${password}`);
  }
  const logs = relative(process.cwd(), settings.dataDir) || ".";
  console.log(`  Ctrl-C stops everything. Logs: ${logs}/web.log, worker.log, postgres.log\n`);
}

/** Runs a step's program to its end; gives what it printed, or fails with it. Stopped with us. */
function run(node, args, env) {
  return new Promise((done, fail) => {
    if (stopping) return fail(new Trouble("It is being stopped."));
    const child = spawn(node, args, { cwd: root, env, stdio: ["ignore", "pipe", "pipe"] });
    started.steps.add(child);
    let output = "";
    let errors = "";
    child.stdout.on("data", (bytes) => (output += bytes));
    child.stderr.on("data", (bytes) => (errors += bytes));
    child.once("error", fail);
    child.once("close", (code) => {
      started.steps.delete(child);
      if (code === 0) done(output);
      else fail(new Trouble(errors.trim() || output.trim() || `${args.join(" ")} ended with exit code ${code}`));
    });
  });
}

function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    // A file cut short by a crash: what it held is made anew.
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** Stops what runs: web and worker first, then PostgreSQL, which they write to. Safe to call twice. */
function stop() {
  stopping ??= (async () => {
    for (const child of started.steps) child.kill("SIGTERM");
    // A step that is under way may be about to start something: it ends first, and the next one is not begun.
    if (!isSettled) await starting.catch(() => undefined);
    const graces = { web: 5000, worker: 12_000 };
    await Promise.all(started.parts.map((part) => stopGroup(part.pid, graces[part.name])));
    await started.cluster?.stop();
    if (started.recordFile) rmSync(started.recordFile, { force: true });
  })();
  return stopping;
}

/** Ends in order because somebody asks for it. */
function end() {
  // npm passes on a signal that the terminal has sent us already: only the first counts.
  if (stopping) return;
  console.log("\nLotbook is stopping.");
  const code = isSettled ? 0 : 130;
  stop().then(
    () => process.exit(code),
    (error) => {
      console.error(error.message);
      process.exit(1);
    },
  );
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, end);
// npm does not pass every signal on; when `npm start` has been killed, what it has started ends too.
const parent = process.ppid;
if (process.env.npm_lifecycle_event) setInterval(() => process.ppid !== parent && end(), 500).unref();

const starting = main();
try {
  await starting;
} catch (error) {
  // While it is being stopped, a step that fails fails because of that.
  if (!stopping) {
    console.error(error instanceof Trouble ? `\n${error.message}` : error);
    isSettled = true;
    await stop();
    process.exit(1);
  }
}
