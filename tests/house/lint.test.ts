/** Biome's rules that we rely on, each seen to find what it is for: a rule that is renamed or off finds nothing. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, it } from "vitest";

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const directory = mkdtempSync(join(tmpdir(), "lotbook-lint-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const planted = `import { readFileSync } from "fs";
type Kind = { kind: "buy" } | { kind: "sell" };
const save = async (): Promise<void> => undefined;
export function a(kind: Kind, text: string | null): any {
  save();
  try {
    readFileSync(text!);
  } catch {}
  switch (kind.kind) {
    case "buy":
      return 1;
  }
}
const unused = 1;
`;

const config = JSON.parse(readFileSync(join(root, "biome.json"), "utf8"));
mkdirSync(join(directory, "lib"));
writeFileSync(
  join(directory, "biome.json"),
  JSON.stringify({ ...config, $schema: undefined, vcs: { enabled: false } }),
);
writeFileSync(join(directory, "lib", "planted.ts"), planted);
const biome = join(root, "node_modules", "@biomejs", "biome", "bin", "biome");
const { stdout } = spawnSync(process.execPath, [biome, "lint", "--reporter=json", "--error-on-warnings", "."], {
  cwd: directory,
  encoding: "utf8",
});
const diagnostics: { category: string }[] = JSON.parse(stdout).diagnostics;
const found = new Set(diagnostics.map(({ category }) => category.split("/").pop()));

it.each([
  "noExplicitAny",
  "noNonNullAssertion",
  "noFloatingPromises",
  "useExhaustiveSwitchCases",
  "noEmptyBlockStatements",
  "noUnusedVariables",
  "useNodejsImportProtocol",
])("Biome's %s finds what it is for", (rule) => {
  expect(found).toContain(rule);
});
