// Mutation testing of lib/core: `npm run mutate` (scripts/mutate.ts, docs/testing.md).

/**
 * What `invariant` says of a bug is for whoever mends it, and no test should hold its words; that it throws, and when, is mutated.
 * Stryker hands each node's path to this; a reason given leaves the node and all in it alone.
 */
const bugTexts = {
  shouldIgnore(path) {
    const { parent, listKey, key } = path;
    const isText = parent?.type === "CallExpression" && listKey === "arguments" && key === 1;
    if (isText && parent.callee.type === "Identifier" && parent.callee.name === "invariant")
      return "an invariant's words";
    return undefined;
  },
};

export const strykerPlugins = [{ kind: "Ignore", name: "bug-texts", value: bugTexts }];

export default {
  mutate: ["lib/core/**/*.ts"],
  testRunner: "vitest",
  vitest: { configFile: "tests/support/mutants-config.ts", related: false },
  plugins: ["@stryker-mutator/vitest-runner", import.meta.filename],
  ignorers: ["bug-texts"],
  // Only what the tests of lib/core read: the copy that is mutated is made in a moment.
  ignorePatterns: [
    "**",
    "!lib/**",
    "!tests/core/**",
    "!tests/support/mutants-*.ts",
    "!examples/**",
    "!docs/posting.md",
    "!tsconfig.json",
    "!package.json",
  ],
  coverageAnalysis: "perTest",
  concurrency: 1,
  timeoutMS: 5_000,
  incremental: true,
  incrementalFile: ".local/mutants/incremental.json",
  tempDirName: ".local/mutants/copies",
  // A little below the lowest file that was measured (docs/mutants.md), as one file may be run alone.
  thresholds: { high: 97, low: 90, break: 85 },
  reporters: ["progress-append-only", "json"],
  jsonReporter: { fileName: ".local/mutants/report.json" },
};
