/** The documents that list something list all of it: what the code has and they do not is found here. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { errorCodes } from "../../lib/core/errors";
import { jobs } from "../../lib/system/jobs";

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const read = (file: string) => readFileSync(join(root, file), "utf8");

/** The first cell of each row of a document's tables, where it is a name: | `name` | … | */
function rowsOf(file: string): ReadonlyMap<string, string> {
  // The formatter pads tables, so runs of spaces are one.
  const text = read(file).replaceAll(/ +/g, " ");
  return new Map([...text.matchAll(/^\| `(\w+)` \| (.*) \|$/gm)].map(([, name = "", rest = ""]) => [name, rest]));
}

describe("docs/errors.md", () => {
  const rows = rowsOf("docs/errors.md");

  it.each(Object.entries(errorCodes))("describes %s, with its status %i", (code, status) => {
    expect(rows.get(code)).toMatch(new RegExp(`^${status} \\| .{10}`));
  });

  it("describes no code that is gone", () => {
    expect([...rows.keys()].filter((code) => !Object.hasOwn(errorCodes, code))).toEqual([]);
  });

  it("is in the order of the alphabet, so that two people add to different places", () => {
    expect([...rows.keys()]).toEqual([...rows.keys()].sort());
  });
});

describe("docs/jobs.md", () => {
  const rows = rowsOf("docs/jobs.md");

  it.each(Object.entries(jobs))("describes %s", (name, { queue }) => {
    expect(rows.get(name)).toMatch(new RegExp(`^${queue} \\| .{10}`));
  });

  it("describes no job that is gone", () => {
    expect([...rows.keys()].filter((name) => !Object.hasOwn(jobs, name))).toEqual([]);
  });
});

describe("docs/testing.md", () => {
  const faults = [
    ...read("docs/testing.md")
      .replaceAll(/ +/g, " ")
      .matchAll(/^\| (F\d+) [^|]*\| `([^`]+)` \| ([^|]+) \| ([^|]+) \|$/gm),
  ].map(([, fault = "", file = "", name = "", says = ""]) => ({ fault, file, name: name.trim(), says }));

  it.each(faults)("$fault is shown by $file: $name", ({ file, name, says }) => {
    expect(read(file)).toContain(name);
    expect(says.length).toBeGreaterThan(10);
  });

  it("says of every fault of processes which test shows it", () => {
    const wanted = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 35, 36, 37, 38].map((n) => `F${n}`);
    expect([...new Set(faults.map(({ fault }) => fault))]).toEqual(wanted);
  });
});

describe(".env.example", () => {
  const explained = new Set([...read(".env.example").matchAll(/^([A-Z][A-Z0-9_]*)=/gm)].map(([, name = ""]) => name));
  // Set by others for their own ends: the system, npm, Next, vitest, CI.
  const foreign = new Set([
    "HOME",
    "PATH",
    "CI",
    "NEXT_RUNTIME",
    "NEXT_TELEMETRY_DISABLED",
    "NO_COLOR",
    "FORCE_COLOR",
    "DEBIAN_FRONTEND",
    "TZ",
    "LC_ALL",
    "VITEST_POOL_ID",
  ]);
  const used = variables();

  it("explains every variable that the code reads", () => {
    expect(used.size).toBeGreaterThan(15);
    expect([...used].filter(([name]) => !explained.has(name) && !foreign.has(name))).toEqual([]);
  });

  it("explains no variable that nothing reads", () => {
    const all = sources()
      .map(([, text]) => text)
      .join("\n");
    expect([...explained].filter((name) => !new RegExp(`\\b${name}\\b`).test(all))).toEqual([]);
  });

  it("says something of each", () => {
    const lines = read(".env.example").split("\n");
    const bare = lines.filter((line, at) => /^[A-Z]/.test(line) && !/^(#|[A-Z])/.test(lines[at - 1] ?? ""));
    expect(bare).toEqual([]);
  });
});

/** Our own code: [file, text]. */
function sources(): readonly (readonly [string, string])[] {
  return ["app", "db", "integrations", "lib", "scripts", "workers", "tests/support", "tests/connectors"]
    .filter((folder) => existsSync(join(root, folder)))
    .flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }).map((file) => join(folder, file)),
    )
    .concat(readdirSync(root).filter((file) => /\.(ts|mjs)$/.test(file)))
    .filter((file) => /\.(ts|tsx|mjs)$/.test(file) && !file.endsWith(".d.mts"))
    .map((file) => [file, read(file)] as const);
}

/** Each variable of the environment that our code reads, with a file that does: by name, by a reader, or taken apart. */
function variables(): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const forms = [
    /\b(?:env|environment|source)\??(?:\.|\[")([A-Z][A-Z0-9_]+)/g,
    /\b(?:environment, |number\(|ms\(|given\()"([A-Z][A-Z0-9_]+)"/g,
    /^\s+([A-Z][A-Z0-9_]+): (?:optional|withDefault|required|z|ms)\b/gm,
  ];
  const takenApart = /\{([^{}]*)\} = (?:environment|process\.env|env\(\)|source)\b/g;
  for (const [file, text] of sources()) {
    for (const form of forms) for (const [, name = ""] of text.matchAll(form)) found.set(name, file);
    for (const [, names = ""] of text.matchAll(takenApart)) {
      for (const [name] of names.matchAll(/\b[A-Z][A-Z0-9_]+\b/g)) found.set(name, file);
    }
  }
  return found;
}

describe("the words of the project", () => {
  it.each(["README.md", "CONTRIBUTING.md", "docs/architecture.md", "docs/testing.md", "docs/operating.md"])(
    "%s points only to what is there",
    (file) => {
      const links = [...read(file).matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, link = ""]) => link);
      // The picture is taken by the browser tests' own script, and is the last thing to be made.
      const missing = links.filter(
        (link) => !existsSync(join(root, dirname(file), link)) && link !== "docs/images/home.png",
      );
      expect(missing).toEqual([]);
    },
  );

  it.each(["README.md", "CONTRIBUTING.md", "docs/testing.md", "docs/operating.md"])(
    "%s names only commands that there are",
    (file) => {
      const scripts: Record<string, string> = JSON.parse(read("package.json")).scripts;
      const named = [...read(file).matchAll(/npm run (?:--[a-z]+ )*([a-z][a-z-]*)/g)].map(([, name = ""]) => name);
      expect(named.filter((name) => !Object.hasOwn(scripts, name))).toEqual([]);
    },
  );
});
