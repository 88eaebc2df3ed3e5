/** Facts and their names: keys, ids in their order, and facts as they come back from where they are stored. */
import { describe, expect, test } from "vitest";
import { ChannelError, InvariantBroken, invariant, Refusal, unreachable } from "../../lib/core/errors";
import { compareIds, type Fact, factKey } from "../../lib/core/facts";
import { costKey, lineOfUnmatchedGroup, lotOfSeveral, unmatchedGroup } from "../../lib/core/ids";
import { reviveFact } from "../../lib/core/revive";

test("a fact's key is its kind and what it is known by", () => {
  const facts: readonly Fact[] = [
    { kind: "pin", sale: "s", lot: "l", qty: 1n },
    { kind: "match", sale: "s", item: "i" },
    { kind: "placement", line: "r", restock: true, writeOff: false, location: null },
    { kind: "close", through: "2025-03-31" },
    { kind: "undo", of: "pin", key: "pin/s" },
    { kind: "location", id: "main", name: "Main" },
  ];
  expect(facts.map(factKey)).toEqual([
    "pin/s\u001fl",
    "match/s",
    "placement/r",
    "close/2025-03-31",
    "undo/pin/s",
    "location/main",
  ]);
});

test("ids go by code point, a beginning before what it begins", () => {
  const ids = [
    "",
    "A",
    "a",
    "aa",
    "ab",
    "b",
    "\ud7ff",
    "\ue000",
    "\uffff",
    "\u{10000}",
    "\u{10000}a",
    "\u{1f600}",
    "\u{10ffff}",
  ];
  for (const [i, a] of ids.entries())
    for (const [j, b] of ids.entries()) expect(Math.sign(compareIds(a, b))).toBe(Math.sign(i - j));
});

test("names of ours are apart from every name of a source's", () => {
  expect([unmatchedGroup("l"), lotOfSeveral("m", 2), costKey("l", 0, "i"), costKey("l", 1, "i")]).toEqual([
    "\u001fl",
    "m\u001f2",
    "l",
    "l\u001fi",
  ]);
  expect([lineOfUnmatchedGroup("\u001fl"), lineOfUnmatchedGroup("l"), lineOfUnmatchedGroup("l\u001f")]).toEqual([
    "l",
    null,
    null,
  ]);
});

test("a stored fact comes back with its amounts, quantities and instants, and its texts as they were", () => {
  const stored = {
    kind: "order",
    id: "7",
    when: { on: "2025-03-01", at: "-12" },
    number: "1001",
    lines: [{ id: "1", qty: "2", amount: "-300", cost: "1", share: "3", weight: "4", location: null, placed: true }],
    shipping: "5",
    tax: "6",
    discount: "7",
    overhead: "8",
    aliases: ["9"],
    decimals: 2,
    nested: { at: "noon", also: { at: "12x" } },
  };
  expect(reviveFact(stored)).toEqual({
    ...stored,
    when: { on: "2025-03-01", at: -12n },
    lines: [{ id: "1", qty: 2n, amount: -300n, cost: 1n, share: 3n, weight: 4n, location: null, placed: true }],
    shipping: 5n,
    tax: 6n,
    discount: 7n,
    overhead: 8n,
  });
  expect(reviveFact({ at: "12" })).toEqual({ at: 12n });
  expect(reviveFact({ at: "x12" })).toEqual({ at: "x12" });
  expect(reviveFact({ amount: ["5"] })).toEqual({ amount: ["5"] });
});

describe("errors", () => {
  test("say what they are", () => {
    const refusal = new Refusal("stale", "Load the page again.", { field: "date" });
    expect([refusal.name, refusal.code, refusal.message, refusal.detail, refusal.status]).toEqual([
      "Refusal",
      "stale",
      "Load the page again.",
      { field: "date" },
      409,
    ]);
    expect(new Refusal("not_found", "").detail).toEqual({});
    const failed = new ChannelError("throttled", "Slow down.", 5);
    expect([failed.name, failed.failure, failed.message, failed.retryAfterMs]).toEqual([
      "ChannelError",
      "throttled",
      "Slow down.",
      5,
    ]);
    expect(new ChannelError("refused", "").retryAfterMs).toBeNull();
  });

  test("a promise that does not hold is a bug", () => {
    expect(() => invariant(true, "it holds")).not.toThrow();
    expect(() => invariant(false, "it holds")).toThrow(InvariantBroken);
    expect(new InvariantBroken("it holds")).toMatchObject({ name: "InvariantBroken", message: "it holds" });
    expect(() => unreachable("x" as never)).toThrow("a case was forgotten: x");
  });
});
