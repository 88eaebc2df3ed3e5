// `npm test`: everything that the tests need, then the tests, then one closing line: `N passed, N failed, N skipped`.
//
// Zero dependencies, because it installs them. What it cannot provide (a Redis server, Chromium) it names, and the tests
// that need it fail: a suite that did not run has not passed. Arguments go to vitest: `npm test -- tests/core`.

import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { install, nodeOf } from "./lib/install.mjs";
import { step, Trouble } from "./lib/say.mjs";
import { summaryOf } from "./lib/summary.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

const needs = [
  { name: "Redis", programs: ["redis-server", "valkey-server"], package: "redis-server" },
  {
    name: "Chromium",
    programs: [process.env.CHROMIUM_PATH, "chromium", "chromium-browser", "google-chrome"],
    package: "chromium",
  },
];

const has = (program) => !!program && spawnSync(program, ["--version"], { stdio: "ignore" }).status === 0;

/** Debian's packages for what is missing, installed when we may without asking anybody for a password. */
function provide() {
  const missing = needs.filter(({ programs }) => !programs.some(has));
  if (missing.length === 0) return "Redis and Chromium are here";
  const names = missing.map((need) => need.package);
  const asRoot = process.getuid?.() === 0 ? [] : ["sudo", "-n"];
  const mayInstall = has("apt-get") && (asRoot.length === 0 || spawnSync("sudo", ["-n", "true"]).status === 0);
  if (mayInstall) {
    console.log(`  Servers    ${names.join(" and ")} are being installed from Debian`);
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    const apt = (...args) => {
      const [program, ...rest] = [...asRoot, "apt-get", ...args];
      return spawnSync(program, rest, { env, stdio: ["ignore", "ignore", "inherit"] }).status === 0;
    };
    // The lists may be old, or missing in a fresh container; a mirror that fails is no reason not to try.
    apt("update", "-qq");
    apt("install", "-y", "-qq", "--no-install-recommends", ...names);
  }
  const still = missing.filter(({ programs }) => !programs.some(has));
  if (still.length === 0) return "Redis and Chromium are here";
  const list = still.map((need) => need.package).join(" ");
  return `${still.map((need) => need.name).join(" and ")} missing; install with: apt-get install ${list}`;
}

function vitest(node, args, report) {
  const program = join(root, "node_modules", "vitest", "vitest.mjs");
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  return new Promise((done, fail) => {
    const child = spawn(node, [program, "run", ...reporters, ...args], {
      cwd: root,
      stdio: ["ignore", "inherit", "inherit"],
    });
    // Ctrl-C reaches vitest by itself; it stops its servers, and we wait for that.
    const ignore = () => undefined;
    process.on("SIGINT", ignore);
    process.on("SIGTERM", () => child.kill("SIGTERM"));
    child.once("error", fail);
    child.once("exit", (code) => done(code ?? 1));
  });
}

async function main() {
  const args = process.argv.slice(2);
  await step("Packages", () => install(root));
  // A run of chosen tests needs only what those tests need, and says so itself.
  if (args.length === 0) await step("Servers", async () => provide());
  const directory = mkdtempSync(join(tmpdir(), "lotbook-test-"));
  try {
    const report = join(directory, "report.json");
    const code = await vitest(nodeOf(root), args, report);
    const results = existsSync(report) ? JSON.parse(readFileSync(report, "utf8")) : null;
    const summary = summaryOf(results, { code, isWhole: args.length === 0, root });
    for (const problem of summary.problems) console.error(`FAILED: ${problem}`);
    console.log(`${summary.passed} passed, ${summary.failed} failed, ${summary.skipped} skipped`);
    process.exitCode = summary.failed > 0 ? 1 : 0;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Trouble ? error.message : error);
  console.log("0 passed, 1 failed, 0 skipped");
  process.exitCode = 1;
}
