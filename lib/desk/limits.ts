/**
 * Limiting a person to some locations: they see and move stock there, in quantities, and nothing else of the books
 * (docs/decisions/0014-limited.md). Only an owner says so, and only of helpers and viewers.
 */
import { sql } from "drizzle-orm";
import { list } from "../../db/bulk";
import { inBusiness, rowsOf, type Tx } from "../../db/scope";
import { lockBooks } from "../books/ledger";
import { Refusal } from "../core/errors";
import { limitable, type Role, require, type Scope } from "../people/access";
import { recordAudit } from "../people/audit";
import { inUse } from "./locations";

/**
 * The locations that somebody of this role can be limited to, each once; none is no limit. Refuses `does_not_fit` for a role that knows the
 * whole books, `unknown_id` for a place that is not there.
 */
export async function checkedLimits(
  tx: Tx,
  scope: Scope,
  role: Role,
  wanted: readonly string[],
  before: readonly string[] = [],
): Promise<readonly string[]> {
  const limits = [...new Set(wanted)];
  if (limits.length > 0 && !limitable.includes(role))
    throw new Refusal("does_not_fit", `As ${role} they know the whole books: only helpers and viewers are limited.`, {
      field: "locations",
    });
  // One that was retired since may stay: what happened there is still theirs to see.
  for (const id of limits) if (!before.includes(id)) await inUse(tx, scope, id, "locations");
  return limits;
}

/**
 * Limits a person to these locations; none: to nothing any more. It counts from their next request on. Where their documents begin is
 * forgotten if that is not among them, and files that were made for them go: they may hold what they do not see now. Gives what it was.
 * Refuses `does_not_fit` for who has a role that knows the whole books, `unknown_id` for a place that is not there.
 */
export function limitMember(
  scope: Scope,
  input: Readonly<{ user: string; locations: readonly string[] }>,
): Promise<Readonly<{ user: string; before: readonly string[]; isLimited: boolean }>> {
  require(scope, "team");
  const b = scope.businessId;
  return inBusiness(scope, async (tx) => {
    await lockBooks(tx, scope);
    const [member] = await rowsOf<{ role: Role; location: string | null; limited: string[] | null }>(
      tx,
      sql`select role, location_id as location, limited_to as limited from app.members
          where business_id = ${b} and user_id::text = ${input.user} for update`,
    );
    if (member === undefined) throw new Refusal("not_found", "There is nobody of that name in the team.");
    const before = member.limited ?? [];
    const after = await checkedLimits(tx, scope, member.role, input.locations, before);
    if (before.length === after.length && after.every((id) => before.includes(id)))
      return { user: input.user, before, isLimited: after.length > 0 };
    const begins = after.length === 0 || member.location === null || after.includes(member.location);
    await recordAudit(tx, scope, {
      what: "location.limit",
      about: `member/${input.user}`,
      before: { limitedTo: before, location: member.location },
      after: { limitedTo: after, location: begins ? member.location : null },
    });
    await tx.execute(
      sql`update app.members set limited_to = ${after.length === 0 ? sql`null` : list("text", after)}, location_id = ${begins ? member.location : null}
          where business_id = ${b} and user_id::text = ${input.user}`,
    );
    await tx.execute(sql`delete from app.exports where business_id = ${b} and user_id::text = ${input.user}`);
    return { user: input.user, before, isLimited: after.length > 0 };
  });
}
