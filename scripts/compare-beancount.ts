/**
 * `npm run compare -- FACTS.jsonl…`: what `npm run replay` makes of histories against what Beancount does with the
 * same movements by its own FIFO: the cost of goods sold, whole and of each order line, and what is left of each item.
 *
 * Says plainly when Beancount is not installed (then nothing was compared, and the status is 0), and which histories hold what
 * it has no word for. Status 1 where the two differ.
 *
 * Beancount keeps the cost of one as a decimal number, we keep totals and round as they go up: where every lot's total divides
 * by its quantity the two are equal; else they may differ by half a unit each time that something is taken.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { beancountOf, NotComparable, type Result, resultSchema } from "./lib/beancount";

const files = process.argv.slice(2);
if (files.length === 0) {
  console.error("Usage: npm run compare -- FACTS.jsonl…");
  process.exit(2);
}
const missing = ["bean-check", "bean-query"].filter((name) => spawnSync(name, ["--help"]).error !== undefined);
if (missing.length > 0) {
  console.log(
    `Not compared: ${missing.join(" and ")} ${missing.length > 1 ? "are" : "is"} not installed (on Debian: apt-get install beancount).`,
  );
  process.exit(0);
}

const folder = mkdtempSync(path.join(tmpdir(), "lotbook-beancount-"));
let differing = 0;
try {
  for (const file of files) {
    const lines = readFileSync(file, "utf8")
      .replace(/^\uFEFF/, "")
      .split("\n")
      .filter((line) => line.trim() !== "")
      .map((line): unknown => JSON.parse(line));
    const replayed = spawnSync("npm", ["run", "--silent", "replay", "--", path.resolve(file)], {
      encoding: "utf8",
      maxBuffer: 1 << 30,
      cwd: path.dirname(import.meta.dirname),
    });
    const said =
      replayed.status === 0
        ? compare(lines, resultSchema.parse(JSON.parse(replayed.stdout)))
        : { differs: true, words: `replay refuses it: ${replayed.stderr.trim()}` };
    if (said.differs) differing += 1;
    console.log(`${path.basename(file)}: ${said.words}`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exitCode = differing > 0 ? 1 : 0;

/** One history in both: whether they differ, and what there is to say. */
function compare(lines: readonly unknown[], result: Result): { differs: boolean; words: string } {
  let exported: ReturnType<typeof beancountOf>;
  try {
    exported = beancountOf(lines, result);
  } catch (error) {
    if (error instanceof NotComparable) return { differs: false, words: `not compared: ${error.message}` };
    throw error;
  }
  const ledger = path.join(folder, "history.beancount");
  writeFileSync(ledger, exported.text);
  const check = spawnSync("bean-check", [ledger], { encoding: "utf8" });
  if (check.status !== 0) return { differs: true, words: `Beancount refuses it: ${check.stdout}${check.stderr}` };

  const isExact = result.lots.every((lot) => BigInt(lot.amount) % BigInt(lot.qty) === 0n);
  // Half a unit for each time that something is taken; Beancount's own 28 digits for the rest.
  const tolerance = isExact ? 0.000001 : exported.consumptions / 2;
  const differences: string[] = [];
  let largest = 0;
  const see = (what: string, ours: number, theirs: number, within: number) => {
    largest = Math.max(largest, Math.abs(ours - theirs));
    if (Math.abs(ours - theirs) > within) differences.push(`${what}: ${ours} here, ${theirs} in Beancount`);
  };

  const sold = query(
    ledger,
    "select narration, sum(number) where account = 'Expenses:CostOfGoodsSold' group by narration",
  );
  for (const sale of result.sales) {
    const narration = exported.narrations.get(sale.line);
    // One allocation is the difference of two rounded sums: less than one unit off.
    const within = isExact || exported.hasProduction ? tolerance : sale.allocations.length;
    if (narration !== undefined) see(`cost of ${sale.line}`, sale.cost, sold.get(narration) ?? 0, within);
  }
  const costs = result.sales.reduce((sum, sale) => sum + sale.cost, 0);
  const theirs = [...exported.narrations.values()].reduce((sum, narration) => sum + (sold.get(narration) ?? 0), 0);
  see("cost of goods sold", costs, theirs, tolerance);

  const where = "where account = 'Assets:Inventory' group by currency";
  const left = query(ledger, `select currency, sum(number) ${where}`);
  const value = query(ledger, `select currency, sum(number * cost_number) ${where}`);
  for (const [item, commodity] of exported.commodities) {
    const lots = result.lots.filter((lot) => lot.item === item);
    const total = (of: (lot: Result["lots"][number]) => number) => lots.reduce((sum, lot) => sum + of(lot), 0);
    see(
      `${item} left`,
      total((lot) => lot.left),
      left.get(commodity) ?? 0,
      0,
    );
    see(
      `value of ${item}`,
      total((lot) => lot.value),
      value.get(commodity) ?? 0,
      tolerance,
    );
  }
  if (differences.length > 0) return { differs: true, words: `differs\n  ${differences.join("\n  ")}` };
  const how = isExact ? "to the last digit" : `within ${tolerance} (no more than ${largest.toFixed(2)} apart)`;
  return {
    differs: false,
    words: `agrees ${how}: cost of goods sold ${costs} over ${exported.narrations.size} lines, ${exported.commodities.size} items`,
  };
}

/** A query of two columns, a name and a number. */
function query(ledger: string, text: string): Map<string, number> {
  const done = spawnSync("bean-query", ["-f", "csv", ledger, text], { encoding: "utf8", maxBuffer: 1 << 28 });
  if (done.status !== 0) throw new Error(`bean-query failed: ${done.stderr}`);
  const rows = done.stdout.trim().split(/\r?\n/).slice(1);
  return new Map(
    rows.map((row) => {
      const [name, number] = row.split(",").map((cell) => cell.trim());
      const value = Number(number);
      if (name === undefined || number === undefined || Number.isNaN(value)) throw new Error(`bean-query said ${row}`);
      return [name, value];
    }),
  );
}
