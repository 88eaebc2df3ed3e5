import { removeAllBytes } from "../../lib/system/store";
import type { Handler } from "../registry";

export const dropFiles: Handler<"dropFiles"> = {
  // It is asked for by what throws a business away: where that is still there, nothing is to be done.
  run: async () => "done",
  gone: ({ business }) => removeAllBytes(business),
};
