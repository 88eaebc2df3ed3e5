/** Every connected channel is synchronised by the clock. What is due lies in `due`, which is found without opening every business. */
import { sql } from "drizzle-orm";
import { asSystem, inBusiness, rowsOf } from "../../db/scope";
import { Refusal } from "../core/errors";
import { log } from "../system/log";
import { requestSync } from "./channels";

const atOnce = 100;
const soonMs = 20_000;

/**
 * Asks for the syncs that are due and sets when each is due next. The row is moved on first: who dies in between leaves a channel that
 * is synchronised one round later.
 */
export async function requestDueSyncs(everyMs: number): Promise<void> {
  const due = await asSystem("the schedule looks over all businesses", (tx) =>
    rowsOf<{ business_id: string; channel_id: string }>(
      tx,
      sql`update app.due set due_at = now() + ${everyMs} * interval '1 millisecond'
          where (business_id, channel_id) in (
            select business_id, channel_id from app.due where due_at <= now() order by due_at limit ${atOnce} for update skip locked)
          returning business_id, channel_id`,
    ),
  );
  for (const row of due) await requestOne(row.business_id, row.channel_id, everyMs);
}

async function requestOne(businessId: string, channelId: string, everyMs: number): Promise<void> {
  try {
    await inBusiness({ businessId }, async (tx) => {
      await tx.execute(sql`
        update app.channels set next_sync_at = now() + ${everyMs} * interval '1 millisecond'
        where business_id = ${businessId} and id = ${channelId} and state = 'connected'`);
      await requestSync(tx, { businessId }, channelId);
    });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    if (error.code === "running_already") {
      // What is due now may be what the sync under way has passed already (a channel called): it is looked again when that is over.
      await asSystem("the schedule looks over all businesses", (tx) =>
        tx.execute(sql`update app.due set due_at = now() + ${soonMs} * interval '1 millisecond'
          where business_id = ${businessId} and channel_id = ${channelId}`),
      );
      return;
    }
    // It is not connected any more, or it is gone.
    log().info({ businessId, channelId, code: error.code }, "a channel is not synchronised by the clock any more");
    await asSystem("the schedule looks over all businesses", (tx) =>
      tx.execute(sql`delete from app.due where business_id = ${businessId} and channel_id = ${channelId}`),
    );
  }
}
