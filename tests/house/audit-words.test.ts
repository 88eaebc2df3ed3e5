/** Every action that the audit trail tells of is in words that people know, and every one in the table is done somewhere. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { actionsSaying, auditWords, movingCosts, saysOf } from "../../lib/people/audit-words";

const lib = join(dirname(dirname(dirname(fileURLToPath(import.meta.url)))), "lib");
const sources = readdirSync(lib, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts") && !file.endsWith("audit-words.ts"))
  .map((file) => readFileSync(join(lib, file), "utf8"));

/** The texts that stand where an audit row says what was done, also those of a choice between two. */
const done = new Set(
  sources
    .filter((text) => /recordAudit|what: "[a-z]+\./.test(text))
    .flatMap((text) => [...text.matchAll(/\bwhat:\s*([^,{}]+)[,}]/g)])
    .flatMap(([, value = ""]) => [...value.matchAll(/"([a-z]+\.[a-z._-]+)"/g)].map(([, what = ""]) => what)),
);

describe("the words of the audit trail", () => {
  it("are there for all that services record, and for nothing else", () => {
    expect(done.size).toBeGreaterThan(40);
    expect([...done].sort()).toEqual(Object.keys(auditWords).sort());
  });

  it("are plain, and each is its own", () => {
    const says = Object.keys(auditWords).map(saysOf);
    for (const words of says) expect(words).toMatch(/^[A-Z][a-z' ]+$/);
    expect(new Set(says).size).toBe(says.length);
    // A row of a version that is gone is shown as it was recorded.
    expect(saysOf("no.such")).toBe("no.such");
  });

  it("are found by what they say", () => {
    expect(actionsSaying("TAKEN back")).toEqual(
      expect.arrayContaining(["import.undo", "order.undo", "sale.cost.undo"]),
    );
    expect(actionsSaying("taken back")).not.toContain("rule.add");
    expect(movingCosts).toContain("purchase.detail");
    expect(movingCosts).not.toContain("rule.add");
  });
});
