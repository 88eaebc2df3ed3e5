import { syncChannel as sync } from "../../lib/digest";
import { syncStopped, syncWaits } from "../../lib/sales/sync-states";
import type { Handler } from "../registry";

export const syncChannel: Handler<"syncChannel"> = {
  run: ({ channel, run }, { scope, signal }) => sync(scope, { channelId: channel, run, signal }),
  stopped: ({ channel, run }, { scope }, why) => syncStopped(scope, { channelId: channel, run }, why),
  waits: ({ run }, { scope }, why, afterMs) => syncWaits(scope, run, why, afterMs),
};
