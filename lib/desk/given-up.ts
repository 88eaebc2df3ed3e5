/** Jobs that were given up, for a person: what was to be done, why it was not, and whether to try again or to forget it. */
import { inBusiness } from "../../db/scope";
import { Refusal } from "../core/errors";
import { require, type Scope } from "../people/access";
import { recordAudit } from "../people/audit";
import { type DeadJob, deadJobs, retryDead, skipDead } from "../system/outbox";

/** `isRetried`: it can be tried again as it is. What has a run is asked for again where it was asked for, and is only forgotten here. */
export type GivenUp = DeadJob & Readonly<{ isRetried: boolean }>;

const retried: ReadonlySet<string> = new Set(["recost", "verifyBooks", "fetchRates"]);

/** All of them, oldest first; but for syncs, whose channels say so themselves. */
export async function givenUp(scope: Scope): Promise<readonly GivenUp[]> {
  require(scope, "read");
  const dead = await deadJobs(scope);
  return dead.filter(({ job }) => job !== "syncChannel").map((one) => ({ ...one, isRetried: retried.has(one.job) }));
}

/** Tries one again, from its first attempt. Refuses `not_found` where it is not there any more, `unsupported` where it has a run. */
export function retryGivenUp(scope: Scope, { id }: Readonly<{ id: string }>): Promise<void> {
  require(scope, "write");
  return inBusiness(scope, async (tx) => {
    const job = await retryDead(tx, scope, id);
    if (!retried.has(job))
      throw new Refusal(
        "unsupported",
        "Ask for this again where you asked for it first; here it can only be forgotten.",
      );
    await recordAudit(tx, scope, { what: "job.retry", about: job });
  });
}

/** Forgets one: what it was to do is not done. Refuses `not_found` where it is not there any more. */
export function forgetGivenUp(scope: Scope, { id }: Readonly<{ id: string }>): Promise<void> {
  require(scope, "write");
  return inBusiness(scope, async (tx) => {
    const job = await skipDead(tx, scope, id);
    await recordAudit(tx, scope, { what: "job.forget", about: job });
  });
}
