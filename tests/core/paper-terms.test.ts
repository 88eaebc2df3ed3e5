import { expect, test } from "vitest";
import { keptUntil } from "../../lib/core/paper-terms";

test.each([
  ["IN", "2026-04-01", "2033-12-31"],
  ["IN", "2026-03-31", "2032-12-31"],
  ["IN", "2027-12-31", "2034-12-31"],
  ["DE", "2026-05-01", "2034-12-31"],
  ["GB", "2026-01-01", "2032-12-31"],
  ["FR", "2026-12-31", "2036-12-31"],
])("a paper of %s of %s keeps its buyer through %s, and the law is named", (country, on, until) => {
  expect(keptUntil(country, on)?.until).toBe(until);
  expect(keptUntil(country, on)?.source.length).toBeGreaterThan(10);
});

test("where no law asks for a buyer on paper, it is erased at any time", () => {
  expect(keptUntil("US", "2026-05-01")).toBeNull();
});
