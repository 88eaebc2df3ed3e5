/** More than one connection on one moment of a business's books, for long work that only reads. */
import { sql } from "drizzle-orm";
import { database } from "./client";
import { type InBusiness, isCitus, nameBusiness, rowsOf, type Tx, withFurtherShare } from "./scope";

/**
 * Runs `work` in `tx` (a repeatable-read transaction of that business) and, at the same time, on up to `more` further connections that
 * see the very same moment. Each of them is to take its next piece from one list until there is none: a connection that is not free by
 * the time the list is empty is not waited for, so that this never waits for a connection while it holds one. What any of them throws
 * is thrown, after all have ended. On Citus, where a moment is one node's own, `tx` does all of it.
 */
export async function alongside(
  tx: Tx,
  scope: InBusiness,
  more: number,
  work: (tx: Tx) => Promise<void>,
): Promise<void> {
  const moment = more > 0 ? await momentOf(tx) : null;
  const begun: Promise<void>[] = [];
  let isOver = false;
  const join = async (other: Tx, id: string) => {
    await other.execute(sql.raw(`set transaction snapshot '${id}'`));
    await nameBusiness(other, scope);
    await work(other);
  };
  for (let n = 0; moment !== null && n < more; n += 1) {
    withFurtherShare(scope.businessId, () =>
      database().transaction(
        async (other) => {
          if (isOver) return;
          const joined = join(other, moment);
          begun.push(joined);
          await joined;
        },
        { isolationLevel: "repeatable read", accessMode: "read only" },
      ),
    )
      // What began is awaited below, and throws there; what could not begin has taken nothing from the list.
      .catch(() => undefined);
  }
  const own = await Promise.allSettled([work(tx)]);
  isOver = true;
  for (const ended of [...own, ...(await Promise.allSettled(begun))])
    if (ended.status === "rejected") throw ended.reason;
}

async function momentOf(tx: Tx): Promise<string | null> {
  if (await isCitus(tx)) return null;
  const [row] = await rowsOf<{ id: string }>(tx, sql`select pg_export_snapshot() as id`);
  return row?.id ?? null;
}
