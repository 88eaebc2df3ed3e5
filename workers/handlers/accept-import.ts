import { Refusal } from "../../lib/core/errors";
import { finishRun } from "../../lib/system/runs";
import type { Handler } from "../registry";

/** Files are accepted in the request that accepts them so far; nothing asks for this job. */
export const acceptImport: Handler<"acceptImport"> = {
  run: () => Promise.reject(new Refusal("unsupported", "Files are accepted at once, not by a job.")),
  stopped: ({ run }, { scope }, why) => finishRun(scope, run, { state: "failed", note: why.message }),
};
