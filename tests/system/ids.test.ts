import { expect, it } from "vitest";
import { newId } from "../../lib/system/ids";

it("gives UUIDv7s, each greater than the one before and none twice, also thousands within a millisecond", () => {
  const ids = Array.from({ length: 20_000 }, newId);
  expect(ids.every((id) => /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(id))).toBe(
    true,
  );
  expect(new Set(ids).size).toBe(ids.length);
  expect([...ids].sort()).toEqual(ids);
});

it("carries the time at which it was made", () => {
  const before = Date.now();
  const made = Number.parseInt(newId().replaceAll("-", "").slice(0, 12), 16);
  // The ids of the test above may have run a few milliseconds ahead of the clock.
  expect(made).toBeGreaterThanOrEqual(before);
  expect(made).toBeLessThan(before + 1_000);
});
