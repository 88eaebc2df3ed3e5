/**
 * Runs that found something, kept: what went wrong is said with each, and each is run before any other. They are written as the commands
 * print themselves, so that they stay what they are when commands are added.
 */
import type { Step } from "./command";
import type { Settings } from "./shop";

/** Every command once at least: what is never given tests nothing. */
export const everyCommand: readonly Step[] = [
  ["purchase", 0, 0, 1, 0, 2_999, 0],
  ["itemise", 0, 0, 1, 7, 1_203, 0],
  ["purchase", 0, 0, 2, 0, 2_000, 0],
  ["itemise", 1, 1, 2, 5, 777, 0],
  ["itemise", 1, 0, 2, 6, 500, 3],
  ["opening", 0, 2, 3, 4, 333, 0],
  ["sale", 0, 0, 10, 2, 900, 1],
  ["sale", 0, 3, 11, 1, 1_900, 3],
  ["sale", 0, 5, 12, 3, 500, 1],
  ["queueLost", 0, 0, 0, 0, 0, 0],
  ["sale", 0, 1, 12, 8, 2_500, 1],
  ["workerKilled", 0, 0, 0, 0, 0, 0],
  ["saleChanged", 0, 0, 0, 3, 0, 0],
  ["workerKilled", 0, 0, 0, 0, 0, 1],
  ["refund", 0, 0, 3, 0, 300, 0],
  ["refundFirst", 2, 0, 14, 2, 250, 1],
  ["refundByHand", 0, 0, 4, 0, 200, 3],
  ["placed", 0, 0, 0, 0, 0, 0],
  ["placedUndo", 0, 0, 0, 0, 0, 0],
  ["placed", 0, 0, 0, 0, 0, 1],
  ["match", 3, 2, 0, 0, 0, 0],
  ["pin", 0, 0, 0, 0, 0, 0],
  ["pinPart", 1, 0, 0, 0, 50, 0],
  ["backfill", 1, 0, 5, 0, 600, 0],
  ["chosenUndo", 0, 0, 0, 0, 0, 0],
  ["chosenUndo", 1, 0, 0, 0, 0, 0],
  ["refundByHand", 4, 0, 4, 0, 200, 0],
  ["refundUndo", 1, 0, 0, 0, 0, 0],
  ["adjust", 1, 0, 15, 1, 90, 0],
  ["adjust", 4, 1, 15, 2, 0, 1],
  ["transfer", 0, 0, 16, 2, 0, 4],
  ["produce", 1, 0, 17, 1, 40, 0],
  ["sendBack", 0, 0, 18, 0, 150, 0],
  ["documentUndo", 2, 0, 0, 0, 0, 0],
  ["sameAgain", 0, 1, 19, 2, 0, 0],
  ["payout", 0, 0, 20, 0, 0, 0],
  ["bankLine", 0, 0, 22, 0, 0, 0],
  ["unpair", 0, 0, 0, 0, 0, 0],
  ["pair", 0, 0, 0, 0, 0, 0],
  ["bankFile", 0, 1, 23, 2, 1_500, 1],
  ["importAgain", 0, 0, 0, 0, 0, 0],
  ["sort", 1, 0, 0, 0, 0, 0],
  ["sort", 3, 0, 0, 0, 700, 2],
  ["close", 0, 0, 15, 0, 0, 0],
  ["purchase", 0, 0, 3, 0, 400, 0],
  ["itemise", 2, 0, 3, 3, 400, 0],
  ["payoutChanged", 0, 1, 0, 0, 0, 0],
  ["payoutFails", 0, 0, 0, 0, 0, 0],
  ["webhookDuplicate", 0, 0, 0, 0, 0, 0],
  ["webhookOld", 0, 0, 0, 4, 100, 0],
  ["looked", 0, 0, 4, 2, 100, 0],
  ["close", 0, 0, 30, 0, 0, 0],
  ["reopen", 0, 0, 12, 0, 0, 1],
  ["databaseRestarted", 0, 0, 0, 0, 0, 0],
  ["importUndo", 0, 0, 0, 0, 0, 0],
  ["bankLineUndo", 0, 0, 0, 0, 0, 0],
  ["purchaseUndo", 1, 0, 0, 0, 0, 0],
  ["syncUndo", 4, 0, 0, 0, 0, 1],
  ["reopen", 0, 0, 0, 0, 0, 0],
];

export const kept: readonly Readonly<{ found: string; settings: Settings; steps: readonly Step[] }>[] = [
  {
    found:
      "a later version of an order moved it past the day on which its units came back, and its costs could not be worked out",
    settings: { pool: "business", graceDays: 0 },
    steps: [
      ["sale", 0, 0, 10, 2, 900, 1],
      ["refund", 0, 0, 2, 0, 300, 0],
      ["saleChanged", 0, 0, 40, 0, 0, 1],
      ["saleChanged", 0, 0, 11, 0, 0, 1],
    ],
  },
  {
    found: "a payout that was taken back kept its deposit, and Payouts in transit what it had brought",
    settings: { pool: "business", graceDays: 0 },
    steps: [
      ["sale", 0, 0, 1, 1, 500, 1],
      ["payout", 0, 0, 20, 0, 0, 0],
      ["bankLine", 0, 0, 22, 0, 0, 0],
      ["syncUndo", 0, 0, 0, 0, 0, 0],
    ],
  },
  {
    found: "a payout that came to another amount kept the deposit of the old one",
    settings: { pool: "business", graceDays: 0 },
    steps: [
      ["payout", 0, 0, 20, 0, 0, 0],
      ["bankLine", 0, 0, 22, 0, 0, 0],
      ["payoutChanged", 0, 1, 0, 0, 0, 0],
      ["bankLine", 0, 1, 23, 0, 0, 0],
    ],
  },
];
