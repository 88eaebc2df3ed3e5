/** The team of a business. */
import { asc, eq } from "drizzle-orm";
import { members, users } from "../../db/schema/people";
import { inBusiness } from "../../db/scope";
import { type Role, require, type Scope } from "./access";

export type Member = Readonly<{
  userId: string;
  name: string | null;
  email: string;
  role: Role;
  since: string;
  isYou: boolean;
}>;

/** Everybody in the business, the one who has been there longest first. */
export async function teamOf(scope: Scope): Promise<readonly Member[]> {
  require(scope, "read");
  const rows = await inBusiness(scope, (tx) =>
    tx
      .select({
        userId: members.userId,
        name: users.name,
        email: users.email,
        role: members.role,
        since: members.createdAt,
      })
      .from(members)
      .innerJoin(users, eq(users.id, members.userId))
      .where(eq(members.businessId, scope.businessId))
      .orderBy(asc(members.createdAt), asc(members.userId)),
  );
  return rows.map((row) => ({ ...row, role: row.role as Role, isYou: row.userId === scope.userId }));
}
