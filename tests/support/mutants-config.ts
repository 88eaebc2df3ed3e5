import { defineConfig } from "vitest/config";

/**
 * What `npm run mutate` runs against each mutant: the tests of lib/core that need no database. The set-up file makes property
 * tests draw the same runs each time, so that a mutant that was killed once is killed again.
 */
export default defineConfig({
  test: {
    include: ["tests/core/**/*.test.ts"],
    environment: "node",
    testTimeout: 20_000,
    setupFiles: ["tests/support/mutants-setup.ts"],
  },
});
