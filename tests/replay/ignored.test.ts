/** What the format of files of facts does not know is ignored: an adjustment of a file names no account, no reason and no note. */
import { expect, test } from "vitest";
import { parseFact } from "../../lib/replay/parse";

test("an adjustment of a file is shrinkage, whatever else its line says", () => {
  const line = { kind: "adjustment", id: "a", date: "2026-03-01", lines: [{ id: "a-1", item: "mug", qty: -1 }] };
  expect(parseFact({ ...line, account: "3010", note: "mine", reason: "own_use" }, "UTC")).toEqual({
    kind: "fact",
    fact: {
      kind: "adjustment",
      id: "a",
      date: "2026-03-01",
      location: null,
      reason: null,
      lines: [{ id: "a-1", item: "mug", qty: -1n, amount: 0n }],
    },
  });
});
