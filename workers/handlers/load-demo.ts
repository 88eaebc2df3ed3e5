import { loadDemo as load } from "../../lib/demo/open";
import { beginRun, finishRun } from "../../lib/system/runs";
import type { Handler } from "../registry";

export const loadDemo: Handler<"loadDemo"> = {
  run: async ({ business, run }, { scope }) => {
    if ((await beginRun(scope, run)) === null) return "done";
    await load(business);
    await finishRun(scope, run, { state: "done" });
    return "done";
  },
  stopped: ({ run }, { scope }, why) => finishRun(scope, run, { state: "failed", note: why.message }),
};
