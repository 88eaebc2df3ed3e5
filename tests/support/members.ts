/** People of a team, for tests: put there without an invitation. */
import { sql } from "drizzle-orm";
import { asSystem, inBusiness } from "../../db/scope";
import type { Role, Scope } from "../../lib/people/access";
import { recordAudit } from "../../lib/people/audit";
import { aPerson } from "../../scripts/lib/sellers";

/** Puts a new person into the team; gives their id. */
export async function aMember(scope: Scope, role: Role): Promise<string> {
  const id = await aPerson();
  await asSystem("a test puts a person into a team", (tx) =>
    tx.execute(sql`insert into app.user_businesses values (${id}, ${scope.businessId})`),
  );
  await inBusiness(scope, async (tx) => {
    await recordAudit(tx, scope, { what: "account.hide", about: id, after: { role } });
    await tx.execute(
      sql`insert into app.members (business_id, user_id, role, created_at) values (${scope.businessId}, ${id}::uuid, ${role}, now())`,
    );
  });
  return id;
}
