// The build of the web application: made when the sources differ from those it was made of.

import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isAlive } from "./postgres.mjs";
import { lastLines, Trouble } from "./say.mjs";

// All that can end up in the build. Not tsconfig.json: Next may write to it while it builds.
const sources = [
  "app",
  "db",
  "integrations",
  "lib",
  "public",
  "auth.ts",
  "proxy.ts",
  "instrumentation.ts",
  "next.config.ts",
];
const tools = ["postcss.config.mjs", "package-lock.json"];

const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

/** One hash over the names and contents of all sources. */
export function hashOf(root) {
  const hash = createHash("sha256");
  const walk = (path) => {
    const file = join(root, path);
    if (!existsSync(file)) return;
    if (statSync(file).isDirectory()) {
      for (const name of readdirSync(file).sort()) walk(`${path}/${name}`);
      return;
    }
    hash.update(`${path}\0`).update(readFileSync(file)).update("\0");
  };
  for (const path of [...sources, ...tools]) walk(path);
  return hash.digest("hex");
}

function isCurrent(root, hash) {
  const mark = join(root, ".next", "lotbook-build");
  return existsSync(join(root, ".next", "BUILD_ID")) && existsSync(mark) && readFileSync(mark, "utf8") === hash;
}

/** Builds when the build is not current. One at a time: a second caller waits for the first and uses its build. */
export async function build({ root, node, env, children = new Set() }) {
  if (isCurrent(root, hashOf(root))) return "is current";
  const release = await lock(join(root, "node_modules", ".cache", "lotbook-build.lock"));
  try {
    const hash = hashOf(root);
    if (isCurrent(root, hash)) return "is current";
    const mark = join(root, ".next", "lotbook-build");
    rmSync(mark, { force: true });
    const { code, output } = await run(root, node, env, children);
    if (code !== 0) throw new Trouble(`The build failed:\n${lastLines(output, 40)}`);
    writeFileSync(mark, hash);
    return "made";
  } finally {
    release();
  }
}

function run(root, node, env, children) {
  return new Promise((done, fail) => {
    const next = join(root, "node_modules", "next", "dist", "bin", "next");
    const child = spawn(node, [next, "build"], {
      cwd: root,
      env: { ...env, NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    children.add(child);
    let output = "";
    const collect = (bytes) => {
      output += bytes;
    };
    child.stdout.on("data", collect);
    child.stderr.on("data", collect);
    child.once("error", fail);
    child.once("close", (code) => {
      children.delete(child);
      done({ code, output });
    });
  });
}

async function lock(directory) {
  mkdirSync(join(directory, ".."), { recursive: true });
  for (;;) {
    try {
      mkdirSync(directory);
      writeFileSync(join(directory, "pid"), String(process.pid));
      return () => rmSync(directory, { recursive: true, force: true });
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
    }
    const holder = existsSync(join(directory, "pid")) ? Number(readFileSync(join(directory, "pid"), "utf8")) : 0;
    const age = existsSync(directory) ? Date.now() - statSync(directory).mtimeMs : 0;
    // Whoever held it has been killed; or was, before it could write its name.
    if (holder > 0 ? !isAlive(holder) : age > 5000) rmSync(directory, { recursive: true, force: true });
    else await sleep(300);
  }
}
