/** Plants one violation of each rule of .dependency-cruiser.cjs in a small tree of its own, and sees it found. */
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const config: { forbidden: { name: string }[] } = createRequire(import.meta.url)("../../.dependency-cruiser.cjs");
const rooms = ["system", "people", "books", "stock", "sales", "money"];

/** Each rule with files that break it: [rule, file, what it imports]. */
const violations: readonly (readonly [rule: string, file: string, imported: string])[] = [
  ["no-cycles", "lib/core/one.ts", "./two"],
  ["no-unresolved", "lib/core/lost.ts", "./nowhere"],
  ["core-is-pure", "lib/core/money.ts", "zod"],
  ["core-is-pure", "lib/core/dates.ts", "node:fs"],
  ["core-is-pure", "lib/core/ids.ts", "../system/end"],
  ["enter-by-the-door", "lib/core/orders.ts", "./costing/take"],
  ["enter-by-the-door", "lib/system/inside.ts", "../core/costing/take"],
  ["db-knows-only-core", "db/scope.ts", "../lib/system/end"],
  ["connectors-know-only-core", "integrations/http.ts", "../db/end"],
  ["connectors-know-only-core", "integrations/oauth.ts", "bullmq"],
  ["no-connector-imports-another", "integrations/etsy/read.ts", "../ebay/end"],
  ["services-know-no-shell", "lib/system/shell.ts", "next"],
  ["services-know-no-shell", "lib/system/channel.ts", "../../integrations/ebay/end"],
  ["rooms-know-no-overseer", "lib/system/over.ts", "../needs"],
  ["workers-go-through-services", "workers/main.ts", "../db/end"],
  ["workers-go-through-services", "workers/run.ts", "drizzle-orm"],
  ["app-goes-through-services", "app/page.ts", "../db/end"],
  ["app-goes-through-services", "app/query.ts", "postgres"],
  ["browser-gets-core-only", "app/grid.client.ts", "../lib/system/end"],
  ["browser-has-no-node", "app/file.client.ts", "node:fs"],
  ["one-door-to-the-database", "lib/system/door.ts", "../../db/client"],
  ["product-knows-no-tests", "lib/system/tested.ts", "../../tests/support/end"],
  ["tests-of-core-know-only-core", "tests/core/hash.ts", "../../lib/system/end"],
  ...rooms.flatMap((room, place) =>
    rooms
      .slice(place + 1)
      .map((later) => [`${room}-does-not-know-${later}`, `lib/${room}/to-${later}.ts`, `../${later}/end`] as const),
  ),
];

/** What is allowed, so that a rule that forbids everything is found as well. */
const allowed: readonly (readonly [file: string, imported: string])[] = [
  ["lib/core/checks.ts", "./costing/index"],
  ["lib/core/costing/index.ts", "./take"],
  ["lib/money/all.ts", "../system/end"],
  ["lib/needs.ts", "./money/end"],
  ["lib/stock/items.ts", "../../db/end"],
  ["integrations/ebay/read.ts", "./end"],
  ["integrations/ebay/fact.ts", "../../lib/core/end"],
  ["workers/handler.ts", "../lib/books/end"],
  ["workers/queue.ts", "bullmq"],
  ["app/actions.ts", "../lib/stock/end"],
  ["app/money.client.ts", "../lib/core/end"],
  ["db/embedded.ts", "../scripts/lib/postgres.mjs"],
  ["tests/take.ts", "../lib/core/costing/take"],
];

const directory = mkdtempSync(join(tmpdir(), "lotbook-imports-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function write(file: string, text: string): void {
  mkdirSync(dirname(join(directory, file)), { recursive: true });
  writeFileSync(join(directory, file), text);
}

function cruise(): ReadonlySet<string> {
  for (const folder of [
    ...rooms.map((room) => `lib/${room}`),
    "lib/core",
    "integrations/ebay",
    "db",
    "tests/support",
  ]) {
    write(`${folder}/end.ts`, "export const end = 1;\n");
  }
  for (const file of ["lib/core/costing/take.ts", "db/client.ts", "scripts/lib/postgres.mjs"])
    write(file, "export const end = 1;\n");
  write("lib/core/two.ts", 'import * as it from "./one";\nexport const its = it;\n');
  for (const name of ["zod", "bullmq", "next", "drizzle-orm", "postgres"]) {
    write(`node_modules/${name}/package.json`, JSON.stringify({ name, version: "1.0.0", main: "index.js" }));
    write(`node_modules/${name}/index.js`, "exports.end = 1;\n");
  }
  for (const [file, imported] of [...violations.map(([, ...rest]) => rest), ...allowed]) {
    write(file, `import * as it from "${imported}";\nexport const its = it;\n`);
  }
  write(
    "package.json",
    JSON.stringify({
      type: "module",
      dependencies: { zod: "1", bullmq: "1", next: "1", "drizzle-orm": "1", postgres: "1" },
    }),
  );
  copyFileSync(join(root, ".dependency-cruiser.cjs"), join(directory, ".dependency-cruiser.cjs"));
  copyFileSync(join(root, "tsconfig.json"), join(directory, "tsconfig.json"));
  symlinkSync(join(root, "node_modules", "typescript"), join(directory, "node_modules", "typescript"));
  const program = join(root, "node_modules", "dependency-cruiser", "bin", "dependency-cruiser.mjs");
  const args = [
    "--config",
    ".dependency-cruiser.cjs",
    "--output-type",
    "json",
    "app",
    "db",
    "integrations",
    "lib",
    "tests",
    "workers",
  ];
  const done = spawnSync(process.execPath, [program, ...args], {
    cwd: directory,
    encoding: "utf8",
    maxBuffer: 1 << 26,
  });
  const { summary }: { summary: { violations: { from: string; rule: { name: string } }[] } } = JSON.parse(done.stdout);
  return new Set(summary.violations.map(({ from, rule }) => `${rule.name} ${from}`));
}

const found = cruise();

describe("the import rules", () => {
  it.each(violations)("%s is broken by %s importing %s", (rule, file) => {
    expect(found).toContain(`${rule} ${file}`);
  });

  it.each(allowed)("let %s import %s", (file) => {
    expect([...found].filter((violation) => violation.endsWith(` ${file}`))).toEqual([]);
  });

  it("are all planted here", () => {
    const planted = new Set(violations.map(([rule]) => rule));
    expect(config.forbidden.map(({ name }) => name).filter((name) => !planted.has(name))).toEqual([]);
  });
});
