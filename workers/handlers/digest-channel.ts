import { digestChannel as digest } from "../../lib/digest";
import { syncStopped, syncWaits } from "../../lib/sales/sync-states";
import type { Handler } from "../registry";

export const digestChannel: Handler<"digestChannel"> = {
  run: ({ channel, run }, { scope, signal }) => digest(scope, { channelId: channel, run, signal }),
  stopped: ({ channel, run }, { scope }, why) => syncStopped(scope, { channelId: channel, run }, why),
  waits: ({ run }, { scope }, why, afterMs) => syncWaits(scope, run, why, afterMs),
};
