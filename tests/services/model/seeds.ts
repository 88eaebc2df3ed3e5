/**
 * Runs that found something, kept: what went wrong is said with each, and each is run before any other. They are written as the commands
 * print themselves, so that they stay what they are when commands are added.
 */
import type { Step } from "./command";
import type { Settings } from "./shop";

export const kept: readonly Readonly<{ found: string; settings: Settings; steps: readonly Step[] }>[] = [
  {
    found: "a later version of an order moved it past the day on which its units came back",
    settings: { pool: "business", graceDays: 0 },
    steps: [
      ["sale", 0, 0, 10, 2, 900, 1],
      ["refund", 0, 0, 2, 0, 300, 0],
      ["saleChanged", 0, 0, 40, 0, 0, 1],
      ["saleChanged", 0, 0, 11, 0, 0, 1],
    ],
  },
];
