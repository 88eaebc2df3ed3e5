import { removeFile } from "../../lib/exports/made";
import type { Handler } from "../registry";

export const removeExport: Handler<"removeExport"> = {
  run: async ({ run }, { scope }) => {
    await removeFile(scope, run);
    return "done";
  },
};
