/**
 * What can be made to go wrong, by switch. Each counts how often it still happens; 0 is off. They are consumed by calls of the
 * API, never by the sign-in or the control port.
 */
import { z } from "zod";

const times = z.int().min(0).max(100_000);
export const Faults = z
  .strictObject({
    /** The next calls answer 429 with Retry-After (`retryAfterSeconds`). */
    throttle: times,
    retryAfterSeconds: z.int().min(0).max(3600),
    /** The next calls answer 500. */
    fail: times,
    /** The next calls wait `slowMs` first. */
    slow: times,
    slowMs: z.int().min(0).max(120_000),
    /** The next calls answer 200 with an HTML page. */
    html: times,
    /** The next calls are cut in the middle of the answer. */
    cut: times,
    /** The next calls with a cursor answer 410: it is too old. */
    expireCursor: times,
    /** The next pages are followed by one that begins with their last item again. */
    repeat: times,
    /** After each of the next order pages that are not the last, an order not yet given moves to the end and a new one is made. */
    shift: times,
    /** After each of the next order pages, the first order on it is changed. */
    edit: times,
    /** For the next calls, the order that was refunded last cannot be read, though its refund can. */
    hideOrder: times,
    /** How long new access tokens live. */
    accessSeconds: z.int().min(1).max(86_400),
  })
  .partial();
export type FaultSettings = z.infer<typeof Faults>;
type Settings = { readonly [name in keyof FaultSettings]-?: number };
export type Countable = Exclude<keyof FaultSettings, "retryAfterSeconds" | "slowMs" | "accessSeconds">;

export type FaultBox = Readonly<{
  set: (settings: FaultSettings) => void;
  /** True, and one less, while the fault is on. */
  strikes: (fault: Countable) => boolean;
  settings: () => Settings;
}>;

/** An hour, as marketplaces do. */
const usual: Settings = {
  throttle: 0,
  retryAfterSeconds: 1,
  fail: 0,
  slow: 0,
  slowMs: 1_000,
  html: 0,
  cut: 0,
  expireCursor: 0,
  repeat: 0,
  shift: 0,
  edit: 0,
  hideOrder: 0,
  accessSeconds: 3_600,
};

export function faultBox(initial: FaultSettings): FaultBox {
  let on: Settings = { ...usual, ...given(initial) };
  return {
    set: (settings) => {
      on = { ...on, ...given(settings) };
    },
    strikes: (fault) => {
      if (on[fault] <= 0) return false;
      on = { ...on, [fault]: on[fault] - 1 };
      return true;
    },
    settings: () => on,
  };
}

/** What is said, without what is named and left open. */
function given(settings: FaultSettings): Partial<Settings> {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}
