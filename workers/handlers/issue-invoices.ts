import { runInvoices } from "../../lib/desk/issue-many";
import { finishRun } from "../../lib/system/runs";
import type { Handler } from "../registry";

export const issueInvoices: Handler<"issueInvoices"> = {
  run: async (payload, { scope, signal }) => {
    await runInvoices(scope, payload, signal);
    return "done";
  },
  stopped: ({ run }, { scope }, why) => finishRun(scope, run, { state: "failed", note: why.message }),
};
