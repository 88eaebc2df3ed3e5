import { fileStopped, makeFile } from "../../lib/exports/made";
import type { Handler } from "../registry";

export const exportList: Handler<"exportList"> = {
  run: async ({ run }, { scope, signal }) => {
    await makeFile(scope, run, signal);
    return "done";
  },
  stopped: ({ run }, { scope }, why) => fileStopped(scope, run, "failed", why.message),
};
