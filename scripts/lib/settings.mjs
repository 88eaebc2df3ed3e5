// What the environment (and a .env file) asks of a start, checked before anything is done: one clear line for each
// value that cannot work.

import { accessSync, constants, existsSync, mkdirSync, statSync } from "node:fs";
import { connect, createServer } from "node:net";
import { dirname, join, resolve } from "node:path";
import { Trouble } from "./say.mjs";

/**
 * @typedef {object} Settings
 * @property {number} port
 * @property {string} host
 * @property {string} dataDir
 * @property {string | null} databaseUrl null: the embedded PostgreSQL
 * @property {string | null} redisUrl    null: the queue lives in PostgreSQL
 * @property {string} address            what people type
 * @property {boolean} demo              load the demo business
 * @property {boolean} practice          open the practice market, in the worker
 */

/** Values that the environment has already win over the file's. */
export function loadEnvFile(root) {
  const file = join(root, ".env");
  if (!existsSync(file)) return;
  if (typeof process.loadEnvFile !== "function") throw new Trouble("Reading .env needs Node 20.12 or newer.");
  process.loadEnvFile(file);
}

/**
 * Reads and checks the settings that can be judged by their form.
 * @returns {Settings}
 */
export function readSettings(root, env) {
  const port = env.PORT ? Number(env.PORT) : 3000;
  if (!/^\d+$/.test(env.PORT || "3000") || port < 1 || port > 65535) {
    throw new Trouble(`PORT must be a whole number from 1 to 65535, not "${env.PORT}".`);
  }
  const host = env.HOST || "127.0.0.1";
  const databaseUrl = env.DATABASE_URL || null;
  const database =
    databaseUrl &&
    urlOf("DATABASE_URL", databaseUrl, ["postgres:", "postgresql:"], "postgres://user:password@host:5432/lotbook");
  if (database && database.pathname.length < 2) {
    throw new Trouble(
      "DATABASE_URL must name a database at its end, as in postgres://user:password@host:5432/lotbook.",
    );
  }
  const redisUrl = env.REDIS_URL || null;
  if (redisUrl) urlOf("REDIS_URL", redisUrl, ["redis:", "rediss:"], "redis://host:6379");
  if (env.AUTH_URL) urlOf("AUTH_URL", env.AUTH_URL, ["http:", "https:"], "https://books.example.com");
  if (env.LOTBOOK_DEMO && !["0", "1"].includes(env.LOTBOOK_DEMO)) {
    throw new Trouble(`LOTBOOK_DEMO must be 0 or 1, not "${env.LOTBOOK_DEMO}".`);
  }
  if (env.LOTBOOK_SECRET_KEY && Buffer.from(env.LOTBOOK_SECRET_KEY, "base64").length !== 32) {
    throw new Trouble("LOTBOOK_SECRET_KEY must be 32 bytes in base64 (openssl rand -base64 32).");
  }
  const practicePort = env.PRACTICE_PORT || "4010";
  if (!/^\d+$/.test(practicePort) || Number(practicePort) < 1 || Number(practicePort) > 65535) {
    throw new Trouble(`PRACTICE_PORT must be a whole number from 1 to 65535, not "${env.PRACTICE_PORT}".`);
  }
  // A demo account has no place in a database that others may reach, unless it is asked for.
  const isLocal = !database || ["127.0.0.1", "localhost", "[::1]"].includes(database.hostname);
  const shown = ["127.0.0.1", "0.0.0.0", "::", "::1"].includes(host) ? "localhost" : host;
  return {
    port,
    host,
    dataDir: resolve(root, env.DATA_DIR || ".local"),
    databaseUrl,
    redisUrl,
    address: env.AUTH_URL || `http://${shown.includes(":") ? `[${shown}]` : shown}:${port}`,
    // Somebody else's practice market, named by its address, is not opened here.
    practice: isLocal && !env.PRACTICE_URL,
    demo: env.LOTBOOK_DEMO ? env.LOTBOOK_DEMO === "1" : isLocal,
  };
}

function urlOf(name, value, protocols, example) {
  let url;
  try {
    url = new URL(value);
  } catch {
    throw new Trouble(`${name} is not a URL; it looks like ${example}.`);
  }
  if (!protocols.includes(url.protocol) || !url.hostname) throw new Trouble(`${name} must look like ${example}.`);
  return url;
}

/** Makes the data folder and proves that we may write there. */
export function checkDataDir(dataDir) {
  try {
    makeFolder(dataDir);
    if (!statSync(dataDir).isDirectory()) throw new Error("it is not a folder");
    accessSync(dataDir, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new Trouble(`DATA_DIR ${dataDir} cannot be used: ${reasonOf(error)}.`);
  }
}

// Not mkdir's own "recursive": on a file system that makes no folders at all (/proc) that one never returns.
function makeFolder(path) {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  mkdirSync(path, { mode: 0o755 });
}

/** Proves that the port is free, by taking it for a moment. */
export function checkPort(host, port) {
  return new Promise((done, fail) => {
    const server = createServer();
    server.once("error", (error) => {
      if (error.code === "EADDRINUSE")
        fail(new Trouble(`Port ${port} is in use. Choose another: PORT=${port === 65535 ? 3000 : port + 1} npm start`));
      else if (error.code === "EACCES")
        fail(new Trouble(`Port ${port} may not be used by this user; ports from 1024 on may.`));
      else fail(new Trouble(`HOST "${host}" cannot be listened on: ${reasonOf(error)}.`));
    });
    server.listen({ host, port, exclusive: true }, () => server.close(() => done()));
  });
}

/** Proves that something listens where a URL points. Whether it lets us in is seen once the packages are there. */
export function checkListens(name, value, defaultPort) {
  const url = new URL(value);
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const port = Number(url.port || defaultPort);
  return new Promise((done, fail) => {
    const socket = connect({ host, port });
    const refuse = (reason) => {
      socket.destroy();
      fail(new Trouble(`${name}: nothing answers at ${host}:${port} (${reason}).`));
    };
    socket.setTimeout(5000, () => refuse("no answer in 5 s"));
    socket.once("error", (error) => refuse(reasonOf(error)));
    socket.once("connect", () => {
      socket.destroy();
      done();
    });
  });
}

function reasonOf(error) {
  const reasons = {
    ENOENT: "it cannot be made there",
    EACCES: "permission denied",
    EROFS: "the file system is read-only",
    ENOTDIR: "a part of its path is a file",
    EEXIST: "it is a file",
    ENOSPC: "the disk is full",
    ECONNREFUSED: "connection refused",
    ENOTFOUND: "no such host",
    EADDRNOTAVAIL: "not an address of this machine",
    EHOSTUNREACH: "host unreachable",
    ETIMEDOUT: "timed out",
  };
  return reasons[error.code] ?? error.message;
}
