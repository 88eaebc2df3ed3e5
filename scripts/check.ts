/**
 * `npm run check`: everything that can be said of the code without running it. All steps run, also after one has
 * failed, so that one run tells all. `npm run check -- types lint` runs only those.
 */
import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { findingsIn } from "./lib/rules";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folders = ["app", "db", "integrations", "lib", "scripts", "tests", "workers"].filter((name) =>
  existsSync(join(root, name)),
);

/** What a step found: null when all is well, else what is to be put right. */
type Outcome = string | null;
type Step = Readonly<{ name: string; what: string; run: () => Promise<Outcome> }>;

const steps: readonly Step[] = [
  { name: "types", what: "tsc --noEmit", run: types },
  {
    name: "lint",
    what: "biome: format, imports, lint",
    run: () =>
      tool("@biomejs/biome/bin/biome", ["ci", "--error-on-warnings", "--colors=off", "--max-diagnostics=100", "."]),
  },
  { name: "rules", what: "purity of lib/core, nothing left undone", run: async () => rules() },
  { name: "imports", what: "who may import whom", run: imports },
  {
    name: "unused",
    what: "knip: unused code and dependencies",
    run: () => tool("knip/bin/knip.js", ["--no-progress"]),
  },
  { name: "lock", what: "package-lock.json names every platform", run: () => node(["scripts/lock.mjs", "--check"]) },
];

async function types(): Promise<Outcome> {
  // Next's own types for pages and routes; they are made by a build too, but a check needs none.
  if (existsSync(join(root, "app"))) {
    const made = await tool("next/dist/bin/next", ["typegen"]);
    if (made !== null) return made;
  }
  return tool("typescript/bin/tsc", ["--noEmit", "-p", "."]);
}

function rules(): Outcome {
  const files = folders.flatMap((folder) => filesUnder(folder)).filter((file) => /\.tsx?$/.test(file));
  const findings = files.flatMap((file) => findingsIn(file, readFileSync(join(root, file), "utf8")));
  if (findings.length === 0) return null;
  return findings.map(({ file, line, rule, why }) => `${file}:${line} ${rule}: ${why}`).join("\n");
}

/** dependency-cruiser passes with a wrong set-up by seeing nothing: so every file of ours must be among what it saw. */
async function imports(): Promise<Outcome> {
  const args = ["--config", ".dependency-cruiser.cjs", "--output-type", "json", ...folders];
  const { output } = await run(["node_modules/dependency-cruiser/bin/dependency-cruiser.mjs", ...args]);
  type Cruise = {
    modules: { source: string }[];
    summary: {
      violations: { from: string; to: string; rule: { name: string } }[];
      ruleSetUsed: { forbidden: { name: string; comment?: string }[] };
    };
  };
  const start = output.indexOf("{");
  if (start < 0) return output;
  const cruise = JSON.parse(output.slice(start)) as Cruise;
  const seen = new Set(cruise.modules.map((module) => module.source));
  const unseen = folders
    .flatMap((folder) => filesUnder(folder))
    .filter((file) => /(?<!\.d)\.tsx?$/.test(file) && !seen.has(file));
  const why = new Map(cruise.summary.ruleSetUsed.forbidden.map(({ name, comment }) => [name, comment ?? ""]));
  const lines = cruise.summary.violations.map(
    ({ from, to, rule }) => `${from} → ${to}\n  ${rule.name}: ${why.get(rule.name)}`,
  );
  if (unseen.length > 0)
    lines.push(`dependency-cruiser did not see ${unseen.length} files, the first of them ${unseen[0]}`);
  return lines.length === 0 ? null : lines.join("\n");
}

function filesUnder(folder: string): readonly string[] {
  return readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1));
}

function tool(path: string, args: readonly string[]): Promise<Outcome> {
  return node([join("node_modules", path), ...args]);
}

async function node(args: readonly string[]): Promise<Outcome> {
  const { code, output } = await run(args);
  return code === 0 ? null : output.trim() || `ended with exit code ${code}`;
}

function run(args: readonly string[]): Promise<{ code: number; output: string }> {
  return new Promise((done, fail) => {
    const env = { ...process.env, NEXT_TELEMETRY_DISABLED: "1", NO_COLOR: "1", FORCE_COLOR: "0" };
    const child = spawn(process.execPath, args, { cwd: root, env, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    const collect = (bytes: Buffer) => {
      output += bytes.toString("utf8");
    };
    child.stdout.on("data", collect);
    child.stderr.on("data", collect);
    child.once("error", fail);
    child.once("close", (code) => done({ code: code ?? 1, output }));
  });
}

const chosen = process.argv.slice(2);
const unknown = chosen.filter((name) => !steps.some((step) => step.name === name));
if (unknown.length > 0)
  throw new Error(`No such check: ${unknown.join(", ")}. There are: ${steps.map((step) => step.name).join(", ")}.`);
let failed = 0;
for (const step of steps) {
  if (chosen.length > 0 && !chosen.includes(step.name)) continue;
  const began = Date.now();
  const outcome = await step.run().catch((error: unknown) => String(error instanceof Error ? error.stack : error));
  const seconds = ((Date.now() - began) / 1000).toFixed(1).padStart(5);
  console.log(`${outcome === null ? "ok    " : "FAILED"} ${step.name.padEnd(8)} ${seconds} s  ${step.what}`);
  if (outcome === null) continue;
  failed += 1;
  console.log(`${outcome.replace(/^/gm, "    ")}\n`);
}
process.exitCode = failed > 0 ? 1 : 0;
