import { describe, expect, it } from "vitest";
import { type Marks, paced } from "../../lib/sales/pace";

const second = 1_000;

/** What is kept after `done` each `everyMs`, so many times. */
function grown(times: number, everyMs: number, each: number, from: Marks = {}, done = 0, at = 0): Marks {
  let marks = from;
  for (let n = 1; n <= times; n += 1) marks = paced(marks, at + n * everyMs, done + n * each);
  return marks;
}

describe("a pace", () => {
  it("is not told before there is something to tell it by", () => {
    expect(paced({}, 0, 10).perMinute).toBeUndefined();
    expect(grown(2, second, 10).perMinute).toBeUndefined();
    expect(grown(3, second, 10).perMinute).toBe(600);
  });

  it("is what was done a minute, and keeps whatever else a step says", () => {
    const marks = grown(600, second, 5, { fresh: 7, of: 9 });
    expect(marks).toMatchObject({ perMinute: 300, fresh: 7, of: 9, lastAt: 600 * second });
  });

  it("follows what is true now within a minute", () => {
    const fast = grown(600, second, 10);
    expect(fast.perMinute).toBe(600);
    const slow = grown(70, second, 1, fast, 6_000, 600 * second);
    expect(slow.perMinute).toBe(60);
  });

  it("begins anew after a rest, and where a count begins anew", () => {
    const marks = grown(60, second, 10);
    expect(paced(marks, 3_600 * second, 700).perMinute).toBeUndefined();
    expect(paced(marks, 61 * second, 5).perMinute).toBeUndefined();
  });

  it("is not told while nothing is done", () => {
    expect(grown(100, second, 0).perMinute).toBeUndefined();
  });
});
