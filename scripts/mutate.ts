/**
 * `npm run mutate [-- FILE…]`: Stryker changes lib/core in one small way after the other, and the tests of tests/core must notice each
 * (docs/testing.md). Prints each file's score and what nobody noticed. What ran before and has not changed since is not run again; with
 * files named, only they are run and told of. Ends with 1 where the score of all that was run, now and before, is below the floor of stryker.config.mjs.
 */
import { spawn } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const report = join(root, ".local/mutants/report.json");

/** What of mutation-testing-report-schema is read here. */
type Mutant = Readonly<{
  status: string;
  mutatorName: string;
  replacement?: string;
  location: Readonly<{
    start: Readonly<{ line: number; column: number }>;
    end: Readonly<{ line: number; column: number }>;
  }>;
}>;
type Report = Readonly<{ files: Readonly<Record<string, Readonly<{ source: string; mutants: readonly Mutant[] }>>> }>;

/** Mutants that a test noticed, and those that none did: survived, or in code that no test runs. */
type Count = { killed: number; survived: number };

const isKilled = ({ status }: Mutant) => status === "Killed" || status === "Timeout";
const isSurvivor = ({ status }: Mutant) => status === "Survived" || status === "NoCoverage";

function row(name: string, { killed, survived }: Count): string {
  const all = killed + survived;
  const score = all === 0 ? "–" : ((100 * killed) / all).toFixed(1);
  return `${name.padEnd(34)} ${score.padStart(6)} ${String(killed).padStart(7)} ${String(survived).padStart(9)}`;
}

/** The text that a mutant replaced, on one line and short enough for it. */
function replaced(source: string, { location: { start, end } }: Mutant): string {
  const lines = source.split("\n").slice(start.line - 1, end.line);
  const last = lines.length - 1;
  const cut = lines.map((line, at) =>
    line.slice(at === 0 ? start.column - 1 : 0, at === last ? end.column - 1 : undefined),
  );
  return short(cut.join("\n"));
}

function short(text: string): string {
  const line = text.replace(/\s+/g, " ");
  return line.length > 90 ? `${line.slice(0, 89)}…` : line;
}

function print({ files }: Report, isAsked: (file: string) => boolean): void {
  const total: Count = { killed: 0, survived: 0 };
  const survivors: string[] = [];
  console.log(`\n${"file".padEnd(34)} ${"score".padStart(6)} ${"killed".padStart(7)} ${"survived".padStart(9)}`);
  for (const [file, { source, mutants }] of Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (!isAsked(file)) continue;
    const count: Count = { killed: mutants.filter(isKilled).length, survived: 0 };
    for (const mutant of mutants.filter(isSurvivor)) {
      count.survived += 1;
      const where = `${file}:${mutant.location.start.line}:${mutant.location.start.column}`;
      const why = mutant.status === "NoCoverage" ? " (no test runs it)" : "";
      survivors.push(
        `${where} ${mutant.mutatorName}${why}\n    ${replaced(source, mutant)}\n  → ${short(mutant.replacement ?? "")}`,
      );
    }
    total.killed += count.killed;
    total.survived += count.survived;
    console.log(row(file, count));
  }
  console.log(row("in all", total));
  if (survivors.length > 0) console.log(`\nNot noticed:\n${survivors.join("\n")}`);
}

const files = process.argv.slice(2);
const unknown = files.filter(
  (file) => !file.includes("*") && !existsSync(join(root, file.replace(/:\d+(?::\d+)?-.*$/, ""))),
);
if (unknown.length > 0) throw new Error(`No such file: ${unknown.join(", ")}.`);
// A run that ends before its first mutant leaves no report, and an old one must not be told for its own.
rmSync(report, { force: true });
const only = files.length === 0 ? [] : ["--mutate", files.join(",")];
const stryker = spawn(process.execPath, ["node_modules/@stryker-mutator/core/bin/stryker.js", "run", ...only], {
  cwd: root,
  stdio: "inherit",
});
stryker.once("error", (error) => {
  throw error;
});
stryker.once("close", (code) => {
  if (existsSync(report)) {
    const named = new Set(files.map((file) => file.replace(/:.*$/, "")));
    const isAsked = (file: string) => files.length === 0 || files.some((name) => name.includes("*")) || named.has(file);
    print(JSON.parse(readFileSync(report, "utf8")) as Report, isAsked);
  }
  process.exitCode = code ?? 1;
});
