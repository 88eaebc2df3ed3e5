import { runTakeBack, takeBackStopped } from "../../lib/desk/take-back";
import type { Handler } from "../registry";

export const takeBack: Handler<"takeBack"> = {
  run: async (payload, { scope, signal }) => {
    await runTakeBack(scope, payload, signal);
    return "done";
  },
  stopped: (payload, { scope }, why) => takeBackStopped(scope, payload.run, why.message),
};
