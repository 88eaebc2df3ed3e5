import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { errorCodes, Refusal } from "../../lib/core/errors";

const page = readFileSync(join(import.meta.dirname, "../../docs/errors.md"), "utf8");
const entries = page.split(/^## /m).slice(1);

test("every code is described once in docs/errors.md, in order, with its status and what to do", () => {
  const described = entries.map((entry) => entry.slice(0, entry.indexOf("\n")));
  expect(described).toEqual(Object.keys(errorCodes));
  expect(described).toEqual([...described].sort());
  for (const [index, status] of Object.values(errorCodes).entries()) {
    expect(entries[index]).toMatch(new RegExp(`^\\w+\\n\\nStatus ${status}\\. \\S[^\\n]+\\n\\nWhat to do: \\S`));
  }
});

test("a refusal knows its status", () => {
  expect(new Refusal("not_found", "It is not here.").status).toBe(404);
  expect(new Refusal("bad_date", "No.", { field: "date" }).detail).toEqual({ field: "date" });
});
