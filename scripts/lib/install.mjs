// The packages, and the Node that runs everything after them.

import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Trouble } from "./say.mjs";

/** True when node_modules is what the lockfile says: by our own stamp, or by npm's own record of an `npm install`. */
export function isInstalled(root) {
  if (readIfThere(join(root, "node_modules", ".lotbook-stamp")) === stampOf(root)) return true;
  const record = readIfThere(join(root, "node_modules", ".package-lock.json"));
  if (record === null) return false;
  const have = JSON.parse(record).packages;
  const want = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")).packages;
  return Object.entries(want).every(([path, entry]) => {
    if (path === "") return true;
    const found = have[path];
    return found ? found.version === entry.version : entry.optional === true || entry.devOptional === true;
  });
}

/** Installs by the lockfile when node_modules differs from it. Development packages too: the build needs them.
 * `children` holds the process while it runs, for a caller that may have to stop it. */
export async function install(root, children = new Set()) {
  if (isInstalled(root)) return "are here";
  console.log("  Packages   are being installed; the first time this takes a minute or two");
  const code = await npm(root, ["ci", "--include=dev", "--no-audit", "--no-fund", "--loglevel=error"], children);
  if (code !== 0) throw new Trouble("npm ci failed (its words are above). Nothing has been started.");
  writeFileSync(join(root, "node_modules", ".lotbook-stamp"), stampOf(root));
  return "installed";
}

function npm(root, args, children) {
  // Under `npm start` the very npm that runs us is known; started by `node scripts/start.mjs` it is the one on PATH.
  const own = process.env.npm_execpath;
  const isNpm = own !== undefined && /npm-cli\.c?js$/.test(own);
  const [program, ...before] = isNpm ? [process.execPath, own] : ["npm"];
  return new Promise((done, fail) => {
    const child = spawn(program, [...before, ...args], { cwd: root, stdio: ["ignore", "inherit", "inherit"] });
    child.once("error", (error) => fail(new Trouble(`npm could not be run: ${error.message}`)));
    children.add(child);
    child.once("exit", (code) => {
      children.delete(child);
      done(code ?? 1);
    });
  });
}

// The lockfile alone: what package.json says besides dependencies (its scripts) calls for no new installation.
function stampOf(root) {
  return createHash("sha256")
    .update(readFileSync(join(root, "package-lock.json")))
    .digest("hex");
}

function readIfThere(file) {
  return existsSync(file) ? readFileSync(file, "utf8") : null;
}

/** The Node that came with the packages where there is one for this machine, else the one that runs us, if new enough. */
export function nodeOf(root) {
  const own = join(root, "node_modules", `node-${process.platform}-${process.arch}`, "bin", "node");
  if (existsSync(own) && spawnSync(own, ["-v"]).status === 0) return own;
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major > 22 || (major === 22 && minor >= 12)) return process.execPath;
  throw new Trouble(
    `Lotbook needs Node 22.12 or newer on ${process.platform}-${process.arch}; this is ${process.version}.`,
  );
}
