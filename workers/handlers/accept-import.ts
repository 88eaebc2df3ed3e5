import { importStopped, runImport } from "../../lib/desk/imports";
import { finishRun } from "../../lib/system/runs";
import type { Handler } from "../registry";

export const acceptImport: Handler<"acceptImport"> = {
  run: (payload, { scope, signal }) => runImport(scope, { id: payload.import, run: payload.run, signal }),
  stopped: async (payload, { scope }, why) => {
    await finishRun(scope, payload.run, { state: "failed", note: why.message });
    await importStopped(scope, payload.import);
  },
};
