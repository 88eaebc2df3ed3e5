import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { findingsIn } from "../../scripts/lib/rules";

const rulesOf = (text: string, file = "lib/core/planted.ts") => findingsIn(file, text).map(({ rule }) => rule);

describe("the purity of lib/core", () => {
  it.each([
    ["no-async", "export async function f() {}"],
    ["no-async", "export const f = async () => 1;"],
    ["no-async", 'export const f = () => import("./money");'],
    ["no-clock", "export const f = () => Date.now();"],
    ["no-clock", "export const f = () => new Date();"],
    ["no-clock", "export const f = () => Date();"],
    ["no-math", "export const f = (a: number) => Math.round(a);"],
    ["no-math", "export const f = { Math };"],
    ["no-number", 'export const f = Number("1");'],
    ["no-parsefloat", 'export const f = parseFloat("1");'],
    ["no-parsefloat", 'export const f = Number.parseFloat("1");'],
    ["no-tofixed", "export const f = (1.5).toFixed(2);"],
    ["no-process", "export const f = process.env.HOME;"],
    ["no-localecompare", 'export const f = "a".localeCompare("b");'],
    ["no-crypto", "export const f = crypto.randomUUID();"],
    ["no-console", "console.log(1);"],
  ])("is broken (%s) by %s", (rule, text) => {
    expect(rulesOf(text)).toContain(rule);
    expect(rulesOf(text, "lib/books/planted.ts")).toEqual([]);
  });

  it("is not broken by what only looks like it", () => {
    const text = `
      /** process: Math.round is for others; Number( and toFixed too. */
      export type Process = { process: string; fetch: () => string };
      export const day = (text: string) => new Date(\`\${text}T00:00:00Z\`).getUTCDay();
      export const read = (it: Process): string => it.process + it.fetch();
      export const isWhole = (value: number) => Number.isInteger(value);
    `;
    expect(rulesOf(text)).toEqual([]);
  });

  it("names the file and the line", () => {
    expect(findingsIn("lib/core/planted.ts", "\n\nMath.max();")).toMatchObject([
      { file: "lib/core/planted.ts", line: 3 },
    ]);
  });
});

describe("the journal's one writer", () => {
  it.each([
    "await bulkInsert(tx, journalEntries, rows);",
    "await bulkInsert(\n  batch.tx,\n  postings,\n  rows,\n);",
    "await tx.insert(postings).values(rows);",
    "await tx.execute(sql`insert  into app.journal_entries (business_id) select 1`);",
    "await tx.execute(sql`insert into\n app.journal_blocks values (1)`);",
  ])("is not gone past: %s", (text) => {
    expect(rulesOf(text, "lib/money/planted.ts")).toEqual(["one-writer"]);
    expect(rulesOf(text, "lib/books/ledger.ts")).toEqual([]);
    expect(rulesOf(text, "tests/db/planted.ts")).toEqual([]);
  });

  it("may be read by anybody", () => {
    expect(rulesOf("select(postings); sql`select * from app.postings`;", "lib/money/planted.ts")).toEqual([]);
  });
});

describe("work left undone", () => {
  const word = ["TO", "DO"].join("");
  it.each([
    `// ${word}: later`,
    `/** ${word} */`,
    ["// @ts-", "ignore"].join(""),
    ["// @ts-expect", "-error"].join(""),
  ])("is found anywhere: %s", (text) => {
    expect(rulesOf(`${text}\nexport const a = 1;`, "app/page.tsx")).toEqual(["unfinished"]);
  });

  it("is not a reason given for an expected error", () => {
    expect(rulesOf(`${["// @ts-expect", "-error"].join("")} the package has no types\nexport const a = 1;`)).toEqual(
      [],
    );
  });

  it("is not in the rule's own source", () => {
    const source = readFileSync(new URL("../../scripts/lib/rules.ts", import.meta.url), "utf8");
    expect(findingsIn("scripts/lib/rules.ts", source)).toEqual([]);
  });
});
