// Completes package-lock.json with the packages of other platforms.
//
// A registry mirror may not carry every platform's package (darwin, win32, musl, …). npm then leaves those optional
// dependencies out of the lockfile without a word, and `npm ci` refuses that same lockfile later: "Missing:
// @biomejs/cli-darwin-arm64@… from lock file". This script writes what is missing: name, version, os, cpu and libc, all
// of which the name and the dependent say. Such an entry has no integrity, as nobody here has seen the package.
//
// Run after each change of the dependencies: `npm run lock`. `npm run lock -- --check` only says whether it is needed.

import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const OSES = {
  aix: "aix",
  android: "android",
  darwin: "darwin",
  macos: "darwin",
  freebsd: "freebsd",
  linux: "linux",
  linuxmusl: "linux",
  netbsd: "netbsd",
  openbsd: "openbsd",
  openharmony: "openharmony",
  sunos: "sunos",
  win32: "win32",
  windows: "win32",
};
const CPUS = {
  arm: "arm",
  armv7: "arm",
  arm64: "arm64",
  ia32: "ia32",
  loong64: "loong64",
  mips64el: "mips64el",
  ppc64: "ppc64",
  ppc64le: "ppc64",
  riscv64: "riscv64",
  s390x: "s390x",
  universal: undefined,
  wasm32: "wasm32",
  x64: "x64",
};

/**
 * What a platform package's name says about where it can run, as npm writes it in a lockfile.
 * `@next/swc-linux-x64-musl` → { os: ["linux"], cpu: ["x64"], libc: ["musl"] }; {} when the name says nothing.
 */
export function platformOf(name) {
  if (name === "fsevents") return { os: ["darwin"] };
  const words = name.toLowerCase().split(/[/_.-]+/);
  const platform = {};
  const os = words.map((word) => OSES[word]).find(Boolean);
  const cpu = words.map((word) => CPUS[word]).find(Boolean);
  if (os) platform.os = [os];
  if (cpu) platform.cpu = [cpu];
  if (words.some((word) => word.includes("musl"))) platform.libc = ["musl"];
  else if (words.some((word) => word === "gnu" || word === "glibc" || word === "gnueabihf")) {
    if (os === "linux") platform.libc = ["glibc"];
  }
  return platform;
}

/** The places where Node looks for `name` when the package at `from` asks for it, nearest first. */
function placesOf(from, name) {
  const places = [];
  let at = from;
  for (;;) {
    places.push(at === "" ? `node_modules/${name}` : `${at}/node_modules/${name}`);
    if (at === "") return places;
    const up = at.lastIndexOf("/node_modules/");
    at = up < 0 ? "" : at.slice(0, up);
  }
}

/**
 * The entries that a lockfile lacks: one for each optional dependency that a locked package names and that the lock
 * does not have. Pure; returns { path: entry }.
 */
export function missingFrom(lock) {
  const added = {};
  for (const [path, entry] of Object.entries(lock.packages)) {
    for (const [name, range] of Object.entries(entry.optionalDependencies ?? {})) {
      const places = placesOf(path, name);
      if (places.some((place) => lock.packages[place] || added[place]?.version === versionOf(range))) continue;
      // As high up as it can go; beside its dependent when another version has that place already.
      const top = places[places.length - 1];
      const place = added[top] ? places[0] : top;
      added[place] = { version: versionOf(range), ...platformOf(name), optional: true };
    }
  }
  return added;
}

/** The lowest version that a range admits: platform packages are always asked for exactly, or by ^ or ~ of one. */
function versionOf(range) {
  const version = range.replace(/^[\^~=v]+/, "");
  if (!/^\d+\.\d+\.\d+(?:[-+][\w.+-]+)?$/.test(version)) throw new Error(`cannot read a version off "${range}"`);
  return version;
}

/** npm's own order, so that npm and this script do not undo each other's work. */
function sorted(packages) {
  return Object.fromEntries(Object.entries(packages).sort(([a], [b]) => a.localeCompare(b, "en")));
}

function main() {
  const file = join(dirname(dirname(fileURLToPath(import.meta.url))), "package-lock.json");
  const lock = JSON.parse(readFileSync(file, "utf8"));
  const added = missingFrom(lock);
  const count = Object.keys(added).length;
  if (process.argv.includes("--check")) {
    if (count > 0) {
      console.error(
        `package-lock.json lacks ${count} platform packages (first: ${Object.keys(added)[0]}). Run: npm run lock`,
      );
      process.exitCode = 1;
      return;
    }
    console.log("package-lock.json names every platform's packages.");
    return;
  }
  if (count > 0) {
    lock.packages = sorted({ ...lock.packages, ...added });
    writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
  }
  console.log(
    count === 0 ? "Nothing to add to package-lock.json." : `Added ${count} platform packages to package-lock.json.`,
  );
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) main();
