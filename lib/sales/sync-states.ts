/** What a person sees of a sync that does not go on: that it waits and for how long, or that it stopped and why. */
import type { InBusiness } from "../../db/scope";
import { inBusiness } from "../../db/scope";
import { finishRun, progressIn } from "../system/runs";
import { needsReconnect } from "./channels";

/** The sync has to wait. */
export async function syncWaits(scope: InBusiness, run: string, why: string, afterMs: number): Promise<void> {
  const wait = afterMs < 90_000 ? `${Math.ceil(afterMs / 1000)} seconds` : `${Math.ceil(afterMs / 60_000)} minutes`;
  await inBusiness(scope, (tx) => progressIn(tx, scope, run, { note: `Goes on in ${wait}: ${why}` }));
}

/** The sync is given up; where the channel does not let us in any more, a person is asked to sign in again. */
export async function syncStopped(
  scope: InBusiness,
  sync: Readonly<{ channelId: string; run: string }>,
  why: Readonly<{ message: string; isDisconnected: boolean }>,
): Promise<void> {
  if (why.isDisconnected)
    await needsReconnect(
      scope,
      sync.channelId,
      "The channel does not let us in any more. Connect it again; everything in the books stays.",
    );
  await finishRun(scope, sync.run, { state: "failed", note: why.message });
}
