// What a run of the tests came to, from vitest's JSON report. Pure.

import { relative, sep } from "node:path";

/** Suites that a whole run may not do without: a suite that ran no test has not passed. */
const required = [
  {
    problem: "no test ran against Redis (tests/workers, with redis in the test's name)",
    has: (path, test) => path.startsWith("tests/workers/") && /redis/i.test(test.fullName),
  },
  { problem: "no browser test ran (tests/pages)", has: (path) => path.startsWith("tests/pages/") },
];

/**
 * Counts; what vitest's own counts leave out (a file that could not be loaded, an error outside of any test, a required
 * suite that did not run) counts as failed, and `problems` names it.
 */
export function summaryOf(results, { code, isWhole, root }) {
  const count = { passed: 0, failed: 0, skipped: 0 };
  const problems = [];
  if (results === null) return { ...count, failed: 1, problems: ["vitest left no report"] };
  const ran = [];
  for (const file of results.testResults) {
    const path = relative(root, file.name).split(sep).join("/");
    for (const test of file.assertionResults) {
      if (test.status === "passed" || test.status === "failed") {
        count[test.status] += 1;
        ran.push([path, test]);
      } else count.skipped += 1;
    }
    if (file.status === "failed" && !file.assertionResults.some((test) => test.status === "failed")) {
      problems.push(`${path}: ${firstLine(file.message) || "could not be run"}`);
    }
  }
  if (isWhole) {
    for (const { problem, has } of required) if (!ran.some(([path, test]) => has(path, test))) problems.push(problem);
  }
  if (count.passed + count.failed === 0 && problems.length === 0) problems.push("no test ran");
  if (code !== 0 && count.failed + problems.length === 0) problems.push(`vitest ended with exit code ${code}`);
  return { ...count, failed: count.failed + problems.length, problems };
}

function firstLine(text) {
  return (text ?? "").trim().split("\n")[0];
}
