/** The team of a business. */
import { asc, eq, inArray } from "drizzle-orm";
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
  /** The locations whose stock they see and move; null: all. */
  limitedTo: readonly string[] | null;
}>;

/** Everybody in the business, the one who has been there longest first. */
export async function teamOf(scope: Scope): Promise<readonly Member[]> {
  require(scope, "read");
  // Two statements: people lie on one machine, a business's rows perhaps on another.
  return inBusiness(scope, async (tx) => {
    const rows = await tx
      .select({ userId: members.userId, role: members.role, since: members.createdAt, limitedTo: members.limitedTo })
      .from(members)
      .where(eq(members.businessId, scope.businessId))
      .orderBy(asc(members.createdAt), asc(members.userId));
    const ids = rows.map((row) => row.userId);
    const found = await tx
      .select({ id: users.id, name: users.name, email: users.email })
      .from(users)
      .where(inArray(users.id, ids));
    const people = new Map(found.map((person) => [person.id, person]));
    return rows.flatMap((row) => {
      const person = people.get(row.userId);
      if (person === undefined) return [];
      const { name, email } = person;
      return [{ ...row, name, email, role: row.role as Role, isYou: row.userId === scope.userId }];
    });
  });
}
