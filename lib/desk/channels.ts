/** Channels from forms: stopping a sync, and what taking one back would change (take-back.ts does it). */
import { sql } from "drizzle-orm";
import { inBusiness, rowsOf, type Tx } from "../../db/scope";
import { settle } from "../books/costing";
import { invariant, Refusal } from "../core/errors";
import { require, type Scope } from "../people/access";
import { recordAudit } from "../people/audit";
import { type Changes, type Figure, rehearse } from "../preview";
import { syncContents } from "../sales/channel-reads";
import { channelOf } from "../sales/channels";
import { cancelRun, runOf } from "../system/runs";
import { undoSourceIn } from "../undo";
import { takenBackAtOnce } from "./take-back";

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

/** `sold`: what was sold less discounts and refunds; `held`: the channel's account. Minor units. */
export type UndoChanges = Changes & Readonly<{ sold: Figure; held: Figure }>;

/** What taking a sync back would move; null where it is too large to be rehearsed. Refuses as taking it back would. */
export async function changesOfUndo(
  scope: Scope,
  input: Readonly<{ channel: string; run: string }>,
): Promise<UndoChanges | null> {
  require(scope, "write");
  const { facts } = await syncContents(scope, input.channel, input.run);
  if (facts > takenBackAtOnce) return null;
  const { accountCode } = await channelOf(scope, input.channel);
  const seen: Standing[] = [];
  const changes = await rehearse(scope, async (tx, books) => {
    seen.push(await standing(tx, scope, accountCode));
    await undoSourceIn(tx, scope, books, input.run, { source: null, userId: scope.userId });
    await settle(tx, scope, books);
    seen.push(await standing(tx, scope, accountCode));
  });
  const [before, after] = [seen[0], seen[1]];
  invariant(before !== undefined && after !== undefined, "a rehearsal looks before and after");
  const figure = (of: keyof Standing): Figure => ({
    before: before[of],
    change: after[of] - before[of],
    after: after[of],
  });
  return { ...changes, sold: figure("sold"), held: figure("held") };
}

type Standing = Readonly<{ sold: bigint; held: bigint }>;

async function standing(tx: Tx, scope: Scope, accountCode: string): Promise<Standing> {
  const [row] = await rowsOf<{ sold: string; held: string }>(
    tx,
    sql`select coalesce(sum(credit_minor - debit_minor) filter (where code in ('4000', '4010', '4080', '4090')), 0)::text as sold,
          coalesce(sum(debit_minor - credit_minor) filter (where code = ${accountCode}), 0)::text as held
        from app.account_months where business_id = ${scope.businessId} and code in ('4000', '4010', '4080', '4090', ${accountCode})`,
  );
  return { sold: BigInt(row?.sold ?? "0"), held: BigInt(row?.held ?? "0") };
}
