import { Refusal } from "../../lib/core/errors";
import { finishRun } from "../../lib/system/runs";
import type { Handler } from "../registry";

/** The demo is loaded by the one who asks for it so far; nothing asks for this job. */
export const loadDemo: Handler<"loadDemo"> = {
  run: () => Promise.reject(new Refusal("unsupported", "The demo is loaded at once, not by a job.")),
  stopped: ({ run }, { scope }, why) => finishRun(scope, run, { state: "failed", note: why.message }),
};
