import { previewStopped, runPreview } from "../../lib/desk/take-back";
import type { Handler } from "../registry";

export const previewTakeBack: Handler<"previewTakeBack"> = {
  run: async (payload, { scope, signal }) => {
    await runPreview(scope, payload, signal);
    return "done";
  },
  stopped: (payload, { scope }, why) => previewStopped(scope, payload.run, why.message),
};
