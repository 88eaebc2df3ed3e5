import { describe, expect, it } from "vitest";
import { summaryOf } from "../../scripts/lib/summary.mjs";

const file = (name: string, ...tests: (readonly [status: string, fullName: string])[]) => ({
  name: `/lotbook/${name}`,
  status: tests.some(([status]) => status === "failed") ? "failed" : "passed",
  assertionResults: tests.map(([status, fullName]) => ({ status, fullName })),
});
const workers = file("tests/workers/queue.test.ts", ["passed", "on redis: a job runs"]);
const pages = file("tests/pages/story.test.ts", ["passed", "the seller's story"]);
const whole = { code: 0, isWhole: true, root: "/lotbook" };

describe("the closing line of the tests", () => {
  it("counts what passed, failed and was skipped", () => {
    const core = file("tests/core/money.test.ts", ["passed", "a"], ["failed", "b"], ["skipped", "c"], ["todo", "d"]);
    const summary = summaryOf({ testResults: [core, workers, pages] }, { ...whole, code: 1 });
    expect(summary).toEqual({ passed: 3, failed: 1, skipped: 2, problems: [] });
  });

  it("counts a file that could not be loaded as failed", () => {
    const broken = {
      name: "/lotbook/tests/core/x.test.ts",
      status: "failed",
      message: "boom\nat",
      assertionResults: [],
    };
    const summary = summaryOf({ testResults: [broken, workers, pages] }, { ...whole, code: 1 });
    expect(summary).toMatchObject({ failed: 1, problems: ["tests/core/x.test.ts: boom"] });
  });

  it("counts an error outside of any test as failed", () => {
    expect(summaryOf({ testResults: [workers, pages] }, { ...whole, code: 1 })).toMatchObject({ passed: 2, failed: 1 });
  });

  it("fails when no test ran against Redis, or none in a browser", () => {
    const postgres = file("tests/workers/queue.test.ts", ["passed", "on postgres: a job runs"]);
    expect(summaryOf({ testResults: [postgres, pages] }, whole).problems.join()).toMatch(/Redis/);
    const skipped = file("tests/workers/queue.test.ts", ["skipped", "on redis: a job runs"]);
    expect(summaryOf({ testResults: [skipped, pages] }, whole)).toMatchObject({ passed: 1, failed: 1, skipped: 1 });
    expect(summaryOf({ testResults: [workers] }, whole).problems.join()).toMatch(/browser/);
  });

  it("asks for neither when only some tests were chosen, but for one test at least", () => {
    const chosen = { ...whole, isWhole: false };
    expect(summaryOf({ testResults: [workers] }, chosen)).toMatchObject({ passed: 1, failed: 0 });
    expect(summaryOf({ testResults: [] }, chosen)).toMatchObject({ failed: 1, problems: ["no test ran"] });
  });

  it("fails when vitest left no report", () => {
    expect(summaryOf(null, whole)).toMatchObject({ passed: 0, failed: 1 });
  });
});
