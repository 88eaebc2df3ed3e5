/** Channels from forms: stopping a sync, and what taking one back would change. */
import { sql } from "drizzle-orm";
import { inBusiness, rowsOf } from "../../db/scope";
import { settle } from "../books/costing";
import { Refusal } from "../core/errors";
import { undoSync } from "../digest";
import { require, type Scope } from "../people/access";
import { recordAudit } from "../people/audit";
import { type Changes, rehearse } from "../preview";
import { undoIn } from "../record";
import { syncContents } from "../sales/channel-reads";
import { channelOf } from "../sales/channels";
import { cancelRun, runOf } from "../system/runs";

/** Asks a sync to stop; what it has read stays. Refuses `not_found` for a run that is no sync. */
export async function stopSync(scope: Scope, input: Readonly<{ run: string }>): Promise<void> {
  require(scope, "connect");
  const run = await runOf(scope, input.run);
  if (run.job !== "syncChannel" && run.job !== "digestChannel")
    throw new Refusal("not_found", "There is no such sync.");
  await cancelRun(scope, run.id);
  await inBusiness(scope, (tx) =>
    recordAudit(tx, scope, { what: "channel.stop-sync", about: run.about, before: { run: run.id } }),
  );
}

/** Above this a rehearsal would keep the page waiting: then only what goes is counted. */
export const mostRehearsed = 300;

/** What taking a sync back would move; null where it is too large to be rehearsed. Refuses as taking it back would. */
export async function changesOfUndo(
  scope: Scope,
  input: Readonly<{ channel: string; run: string }>,
): Promise<Changes | null> {
  require(scope, "write");
  const { facts } = await syncContents(scope, input.channel, input.run);
  if (facts > mostRehearsed) return null;
  return rehearse(scope, async (tx, books) => {
    const rows = await rowsOf<{ id: string }>(
      tx,
      sql`select id from app.facts where business_id = ${scope.businessId} and source = ${input.run} and undone_at is null`,
    );
    const keys = rows.map((row) => row.id);
    await undoIn(tx, scope, books, keys, { source: null, userId: scope.userId });
    await settle(tx, scope, books);
  });
}

/** Takes back what a sync of this channel brought. Gives how many facts went. */
export async function takeBackSync(scope: Scope, input: Readonly<{ channel: string; run: string }>): Promise<number> {
  await channelOf(scope, input.channel);
  await syncContents(scope, input.channel, input.run);
  return undoSync(scope, input.run);
}
