/**
 * Who may do what. The business comes from the directory, the right from the membership row inside the business, read at each
 * request, so that a change of role acts at once. The matrix is written out for people in docs/security.md; a test compares the two.
 */
import { and, eq, type SQL, sql } from "drizzle-orm";
import { list } from "../../db/bulk";
import { businesses, directory, members, userBusinesses } from "../../db/schema/people";
import { asSystem, inBusiness } from "../../db/scope";
import { Refusal } from "../core/errors";

/** From the one who may do all to the one who only looks. */
export const roles = ["owner", "bookkeeper", "helper", "viewer"] as const;
export type Role = (typeof roles)[number];

/** Whose books, by whom, with what right, and the settings that nearly every page needs. `userId` is null in a job. */
export type Scope = Readonly<{
  businessId: string;
  userId: string | null;
  role: Role;
  slug: string;
  name: string;
  /** ISO 4217, of the books. */
  currency: string;
  /** IANA name; days are days there. */
  timeZone: string;
  /** ISO 3166-1, two letters. */
  country: string;
  graceDays: number;
  taxYearStartMonth: number;
  isDemo: boolean;
  /** The locations that the person is limited to, at least one; without it all of them. Read through `placesOf` and `mayAt`. */
  places?: readonly string[];
  /** Where the database's log was when this person last wrote: what is read for them is no older (db/reading.ts). */
  readAfter?: string;
}>;

/** Everything that a role may be asked for, and the roles that have it. */
export const rights = {
  /** See pages, reports and exports. */
  read: ["owner", "bookkeeper", "helper", "viewer"],
  /** Record facts: details, costs, matches, categories, imports, orders by hand, and take them back. */
  write: ["owner", "bookkeeper", "helper"],
  /** See stock and what moved it; who is limited to some locations sees theirs, in quantities. */
  stock: ["owner", "bookkeeper", "helper", "viewer"],
  /** Remove, add, transfer and count stock; who is limited to some locations at theirs. */
  move: ["owner", "bookkeeper", "helper"],
  /** Connect, synchronise and disconnect channels. */
  connect: ["owner", "bookkeeper"],
  /** Close the books through a day and open them again. */
  close: ["owner", "bookkeeper"],
  /** See who changed what. */
  audit: ["owner", "bookkeeper"],
  /** Change the business's settings. */
  settings: ["owner"],
  /** Invite, change roles, remove members. */
  team: ["owner"],
  /** Throw the whole business away. */
  remove: ["owner"],
} as const satisfies Record<string, readonly Role[]>;

export type Verb = keyof typeof rights;

const saying: Readonly<Record<Verb, string>> = {
  read: "see this",
  write: "change the books",
  stock: "see stock",
  move: "move stock",
  connect: "connect channels",
  close: "close the books or open them again",
  audit: "see the audit trail",
  settings: "change the settings",
  team: "change the team",
  remove: "remove the business",
};

/** The roles whose people can be limited to some locations: the others know the whole books. */
export const limitable: readonly Role[] = ["helper", "viewer"];

/** All that a person is asked for who is limited to some locations. A service that asks for another right is closed to them, also a new one. */
const withinPlaces: readonly Verb[] = ["stock", "move"];

type Asking = Pick<Scope, "role" | "places">;

/** May the one who asks do this? */
export function can(scope: Asking, verb: Verb): boolean {
  const roles: readonly Role[] = rights[verb];
  return roles.includes(scope.role) && (!isLimited(scope) || withinPlaces.includes(verb));
}

/** Refuses (`not_allowed`) unless the one who asks may do this. Each service that writes begins with it. */
export function require(scope: Asking, verb: Verb): void {
  if (can(scope, verb)) return;
  const who = isLimited(scope) ? "Limited to some locations" : `As ${scope.role}`;
  throw new Refusal("not_allowed", `${who} you may not ${saying[verb]}. Ask an owner of the business.`);
}

/** Is the one who asks limited to some locations? Then no figure of money is told. */
export function isLimited(scope: Pick<Scope, "places">): boolean {
  return scope.places !== undefined;
}

/** Is this location one that the one who asks sees and moves things at? */
export function mayAt(scope: Pick<Scope, "places">, location: string): boolean {
  return scope.places === undefined || scope.places.includes(location);
}

/**
 * The locations that a query is about: the one asked for, or those of the one who asks; null is all. Who is limited and asks for another
 * one finds nothing there, as where there is none: the list is empty.
 */
export function placesOf(scope: Pick<Scope, "places">, asked?: string | undefined): readonly string[] | null {
  if (asked === undefined) return scope.places ?? null;
  return mayAt(scope, asked) ? [asked] : [];
}

/** The condition that a column (our own, such as `m.location_id`) is one of these locations. */
export function inPlaces(column: string, places: readonly string[] | null): SQL {
  if (places === null) return sql`true`;
  const [only] = places;
  if (only === undefined) return sql`false`;
  return places.length === 1
    ? sql`${sql.raw(column)} = ${only}`
    : sql`${sql.raw(column)} = any(${list("text", places)})`;
}

/** The condition that an item (a column, such as `i.id`) is or was at one of the locations of the one who asks. */
export function knownAt(scope: Pick<Scope, "businessId" | "places">, item: string): SQL {
  if (scope.places === undefined) return sql`true`;
  return sql`exists (select 1 from app.item_places own where own.business_id = ${scope.businessId}
    and own.item_id = ${sql.raw(item)} and ${inPlaces("own.location_id", scope.places)})`;
}

/** One text for a business that is not there and for one that is somebody else's, so that neither can be told from the other. */
function notFound(): Refusal {
  return new Refusal("not_found", "There is no such business, or you are not in its team.");
}

const settings = {
  businessId: businesses.businessId,
  slug: businesses.slug,
  name: businesses.name,
  currency: businesses.currency,
  timeZone: businesses.timeZone,
  country: businesses.country,
  graceDays: businesses.graceDays,
  taxYearStartMonth: businesses.taxYearStartMonth,
  isDemo: businesses.isDemo,
};

/** The scope of a person in a business, by the word in its address. Refuses with `not_found` where they are no member. */
export async function openBusiness(userId: string, slug: string): Promise<Scope> {
  const known = await asSystem("a person's business is found before its rows can be read", async (tx) => {
    const rows = await tx
      .select({ businessId: directory.businessId })
      .from(directory)
      .innerJoin(userBusinesses, eq(userBusinesses.businessId, directory.businessId))
      .where(and(eq(directory.slug, slug), eq(userBusinesses.userId, userId)))
      .limit(1);
    return rows[0];
  });
  if (known === undefined) throw notFound();
  const scope = await inBusiness(known, async (tx) => {
    const rows = await tx
      .select({ ...settings, role: members.role, limitedTo: members.limitedTo })
      .from(businesses)
      .innerJoin(members, and(eq(members.businessId, businesses.businessId), eq(members.userId, userId)))
      .where(eq(businesses.businessId, known.businessId));
    return rows[0];
  });
  if (scope === undefined) throw notFound();
  const { limitedTo, role, ...rest } = scope;
  return { ...rest, userId, role: role as Role, ...(limitedTo === null ? {} : { places: limitedTo }) };
}

/** The scope of the product itself, for jobs and scripts. Refuses with `not_found` where the business is gone. */
export async function systemScope(businessId: string): Promise<Scope> {
  const row = await inBusiness({ businessId }, async (tx) => {
    const rows = await tx.select(settings).from(businesses).where(eq(businesses.businessId, businessId));
    return rows[0];
  });
  if (row === undefined) throw notFound();
  return { ...row, userId: null, role: "owner" };
}

/** A business in the switcher. */
export type Membership = Readonly<{ businessId: string; slug: string; name: string; role: Role; isDemo: boolean }>;

/** The businesses that a person is in, oldest first. Each is opened by itself: no transaction sees two. */
export async function businessesOf(userId: string): Promise<readonly Membership[]> {
  const known = await asSystem("the businesses of a person", (tx) =>
    tx
      .select({ businessId: directory.businessId })
      .from(directory)
      .innerJoin(userBusinesses, eq(userBusinesses.businessId, directory.businessId))
      .where(eq(userBusinesses.userId, userId))
      .orderBy(directory.createdAt, directory.businessId),
  );
  const found: Membership[] = [];
  for (const { businessId } of known) {
    const rows = await inBusiness({ businessId }, (tx) =>
      tx
        .select({
          businessId: businesses.businessId,
          slug: businesses.slug,
          name: businesses.name,
          role: members.role,
          isDemo: businesses.isDemo,
        })
        .from(businesses)
        .innerJoin(members, and(eq(members.businessId, businesses.businessId), eq(members.userId, userId)))
        .where(eq(businesses.businessId, businessId)),
    );
    for (const row of rows) found.push({ ...row, role: row.role as Role });
  }
  return found;
}
