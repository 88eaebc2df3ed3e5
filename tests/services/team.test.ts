/** A team is built by its owners: who is invited, by which link, what they become, and how they go again. */
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { asSystem, closeDatabase, inBusiness, rowsOf } from "../../db/scope";
import { limitMember } from "../../lib/desk/limits";
import { saveLocation } from "../../lib/desk/locations";
import {
  acceptInvite,
  changeRole,
  type Invited,
  invite,
  inviteAt,
  leaveBusiness,
  mostInvites,
  mostInvitesADay,
  openInvites,
  removeMember,
  revokeInvite,
} from "../../lib/desk/team";
import { askForFile } from "../../lib/exports/made";
import { businessesOf, openBusiness, type Role, type Scope } from "../../lib/people/access";
import { auditRows, recordAudit } from "../../lib/people/audit";
import { removeBusiness } from "../../lib/people/businesses";
import { teamOf } from "../../lib/people/members";
import type { Person } from "../../lib/people/sessions";
import { createPerson } from "../../lib/people/users";
import { testDatabase } from "../support/database";
import { aMember } from "../support/members";
import { outcomes, times } from "../support/races";
import { aShop, give, item, proved, purchase, refused } from "../support/trading";

let alder: Scope;
let birch: Scope;
let count = 0;

beforeAll(async () => {
  await testDatabase();
});
afterAll(closeDatabase);

beforeEach(async () => {
  [alder, birch] = [await aShop("Alder"), await aShop("Birch")];
  for (const one of [alder, birch])
    await give(one, [item("mug", "Mug", "MUG"), purchase("p1", "2026-01-02", [["mug", 4n, 400n]])]);
});

const person = (): Promise<Person> => {
  count += 1;
  return createPerson({ email: `p${count}@example.com`, name: `P ${count}`, passwordHash: null, isVerified: false });
};

const ask = (scope: Scope, email: string, role = "viewer", locations: readonly string[] = []) =>
  invite(scope, { email, role, locations }, false);

const tokenOf = ({ link }: Pick<Invited, "link">): string => link.split("/").at(-1) ?? "";

const accept = (who: Person, of: Scope, made: Pick<Invited, "link">) =>
  acceptInvite(who, { slug: of.slug, token: tokenOf(made) });

/** Somebody who was invited and came. */
async function joined(scope: Scope, role: Role, locations: readonly string[] = []): Promise<Scope> {
  const who = await person();
  await accept(who, scope, await ask(scope, who.email, role, locations));
  return openBusiness(who.id, scope.slug);
}

const place = (scope: Scope, name: string) =>
  saveLocation(scope, { id: null, name, kind: "warehouse", address: "", taxNumber: "" });

const rolesOf = async (scope: Scope) => (await teamOf(scope)).map(({ role }) => role).sort();

const trailOf = async (scope: Scope) =>
  (await auditRows(scope, {}, { limit: 500 })).rows.filter(({ what }) => what.startsWith("team."));

describe("an invitation", () => {
  it("says to what, for whom and as what; who accepts it is in the team, and it is used up", async () => {
    const who = await person();
    const made = await ask(alder, `  ${who.email.toUpperCase()} `, "bookkeeper");
    expect(made).toMatchObject({ email: who.email, isSent: false });
    expect(new URL(made.link).pathname).toMatch(new RegExp(`^/invite/${alder.slug}/[\\w-]{43}$`));
    expect(await inviteAt(alder.slug, tokenOf(made))).toEqual({
      business: "Alder",
      email: who.email,
      role: "bookkeeper",
      isLimited: false,
    });
    expect(await openInvites(alder)).toMatchObject([{ id: made.id, email: who.email, isExpired: false }]);
    await refusedAs(openBusiness(who.id, alder.slug), "not_found");
    expect(await accept(who, alder, made)).toEqual({ slug: alder.slug });
    expect(await openBusiness(who.id, alder.slug)).toMatchObject({ role: "bookkeeper", businessId: alder.businessId });
    expect((await businessesOf(who.id)).map(({ slug }) => slug)).toEqual([alder.slug]);
    expect(await openInvites(alder)).toEqual([]);
    await refusedAs(accept(who, alder, made), "invite_gone");
    await refusedAs(inviteAt(alder.slug, tokenOf(made)), "invite_gone");
    expect((await trailOf(alder)).map(({ what, who: by }) => [what, by])).toEqual([
      ["team.join", who.name],
      ["team.invite", expect.any(String)],
    ]);
    await proved(alder, birch);
  });

  it("leaves its token nowhere: the table has a hash, the trail has nothing", async () => {
    const made = await ask(alder, "quiet@example.com");
    const rows = await inBusiness(alder, (tx) =>
      rowsOf<{ text: string }>(
        tx,
        sql`select i::text as text from app.invites i where business_id = ${alder.businessId}`,
      ),
    );
    expect(rows).toHaveLength(1);
    expect(JSON.stringify([rows, await auditRows(alder), await openInvites(alder)])).not.toContain(tokenOf(made));
  });

  it("carries the limit to some locations, by the same rule as in the team", async () => {
    const [east, theirs] = [await place(alder, "East"), await place(birch, "Theirs")];
    const helper = await joined(alder, "helper", [east, east]);
    expect(helper.places).toEqual([east]);
    await refusedAs(ask(alder, "b@example.com", "bookkeeper", [east]), "does_not_fit", "locations");
    await refusedAs(ask(alder, "b@example.com", "owner", [east]), "does_not_fit", "locations");
    await refusedAs(ask(alder, "b@example.com", "viewer", [theirs]), "unknown_id", "locations");
    await refusedAs(ask(alder, "b@example.com", "viewer", ["in-transit"]), "unknown_id", "locations");
    expect(await openInvites(alder)).toEqual([]);
  });

  it.each([
    ["no e-mail", "", "viewer", "bad_field", "email"],
    ["what is no e-mail", "two words@example.com", "viewer", "bad_field", "email"],
    ["a role that there is not", "a@example.com", "admin", "bad_field", "role"],
  ])("is not made for %s", async (_name, email, role, code, field) => {
    await refusedAs(ask(alder, email, role), code, field);
    expect(await openInvites(alder)).toEqual([]);
  });

  it("is not made for who is in the team, but may be for who is in another", async () => {
    const who = await person();
    await accept(who, birch, await ask(birch, who.email));
    await refusedAs(ask(birch, who.email.toUpperCase(), "helper"), "in_use", "email");
    await accept(who, alder, await ask(alder, who.email, "helper"));
    expect((await businessesOf(who.id)).map(({ role }) => role).sort()).toEqual(["helper", "viewer"]);
  });

  it("that is made again replaces the one before, and its link", async () => {
    const who = await person();
    const first = await ask(alder, who.email, "owner");
    const second = await ask(alder, who.email, "viewer");
    expect(await openInvites(alder)).toMatchObject([{ id: second.id, role: "viewer" }]);
    await refusedAs(accept(who, alder, first), "invite_gone");
    await accept(who, alder, second);
    expect((await openBusiness(who.id, alder.slug)).role).toBe("viewer");
  });

  it("is worth nothing once it is taken back, which happens once", async () => {
    const who = await person();
    const made = await ask(alder, who.email);
    await refusedAs(revokeInvite(birch, { invite: made.id }), "not_found");
    expect(await revokeInvite(alder, { invite: made.id })).toEqual({ email: who.email });
    await refusedAs(accept(who, alder, made), "invite_gone");
    await refusedAs(revokeInvite(alder, { invite: made.id }), "not_found");
    await refusedAs(revokeInvite(alder, { invite: "no id" }), "not_found");
  });

  it("is worth nothing after its time, is seen to be too old, and can be made anew", async () => {
    const who = await person();
    const made = await ask(alder, who.email);
    await inBusiness(alder, async (tx) => {
      await recordAudit(tx, alder, { what: "team.invite", about: "a test lets the time pass" });
      await tx.execute(
        sql`update app.invites set expires_at = now() - interval '1 second' where business_id = ${alder.businessId}`,
      );
    });
    await refusedAs(inviteAt(alder.slug, tokenOf(made)), "invite_gone");
    await refusedAs(accept(who, alder, made), "invite_gone");
    expect(await openInvites(alder)).toMatchObject([{ isExpired: true }]);
    await accept(who, alder, await ask(alder, who.email));
  });

  it("is for the invited e-mail alone", async () => {
    const [who, another] = [await person(), await person()];
    const made = await ask(alder, who.email);
    await refusedAs(accept(another, alder, made), "invite_for_other");
    await refusedAs(openBusiness(another.id, alder.slug), "not_found");
    await accept(who, alder, made);
  });

  it("of one business opens no other, and all that is not open says the same", async () => {
    const who = await person();
    const made = await ask(alder, who.email);
    const says = async (work: Promise<unknown>) => {
      const error = await work.then(
        () => null,
        (thrown: unknown) => thrown,
      );
      return error instanceof Error ? error.message : error;
    };
    const gone = await says(inviteAt(alder.slug, "no-such-token"));
    expect(gone).toContain("cannot be used");
    for (const slug of [birch.slug, "no-such-business"]) {
      expect(await says(inviteAt(slug, tokenOf(made)))).toBe(gone);
      expect(await says(acceptInvite(who, { slug, token: tokenOf(made) }))).toBe(gone);
    }
    expect(await rolesOf(birch)).toEqual(["owner"]);
    expect(await openInvites(birch)).toEqual([]);
  });

  it("has its measure: so many open at once, and so many a day", async () => {
    for (let i = 0; i < mostInvites; i += 1) await ask(alder, `open${i}@example.com`);
    await refusedAs(ask(alder, "one.more@example.com"), "too_many_rows", "email");
    // Anew for one that is open is no further one.
    for (let i = mostInvites; i < mostInvitesADay; i += 1) await ask(alder, "open0@example.com");
    await refusedAs(ask(alder, "open0@example.com"), "too_many_requests", "email");
    await ask(birch, "one.more@example.com");
  });

  it("goes with its business", async () => {
    const made = await ask(birch, "late@example.com");
    await removeBusiness(birch);
    await refusedAs(inviteAt(birch.slug, tokenOf(made)), "invite_gone");
  });
});

describe("a role", () => {
  it("changes at the next request; one that knows the whole books ends a limit, and files made before go", async () => {
    const east = await place(alder, "East");
    const helper = await joined(alder, "helper", [east]);
    const user = helper.userId ?? "";
    expect(await changeRole(alder, { user, role: "viewer" })).toEqual({ user, before: "helper", endedLimit: false });
    expect(await openBusiness(user, alder.slug)).toMatchObject({ role: "viewer", places: [east] });
    expect(await changeRole(alder, { user, role: "bookkeeper" })).toEqual({ user, before: "viewer", endedLimit: true });
    const bookkeeper = await openBusiness(user, alder.slug);
    expect([bookkeeper.role, bookkeeper.places]).toEqual(["bookkeeper", undefined]);
    await askForFile(bookkeeper, { report: "ledger", format: "csv", asked: { item: "mug" }, about: "ledger/mug" });
    expect(await filesOf(alder, user)).toBe(1);
    expect((await changeRole(alder, { user, role: "bookkeeper" })).before).toBe("bookkeeper");
    expect(await filesOf(alder, user)).toBe(1);
    await changeRole(alder, { user, role: "viewer" });
    expect(await filesOf(alder, user)).toBe(0);
    await refusedAs(changeRole(alder, { user, role: "king" }), "bad_field", "role");
    await refusedAs(changeRole(birch, { user, role: "owner" }), "not_found");
    expect((await trailOf(alder)).filter(({ what }) => what === "team.role")).toHaveLength(3);
    await proved(alder);
  });

  it("of the last owner stays, whoever asks", async () => {
    await refusedAs(changeRole(alder, { user: alder.userId ?? "", role: "viewer" }), "last_owner");
    await refusedAs(removeMember(alder, { user: alder.userId ?? "" }), "last_owner");
    await refusedAs(leaveBusiness(alder), "last_owner");
    const second = await joined(alder, "owner");
    await changeRole(second, { user: alder.userId ?? "", role: "viewer" });
    await refusedAs(changeRole(second, { user: second.userId ?? "", role: "viewer" }), "last_owner");
    expect(await rolesOf(alder)).toEqual(["owner", "viewer"]);
  });
});

describe("who goes", () => {
  it("sees nothing at the next request, has no files left, and can be invited again", async () => {
    const who = await person();
    await accept(who, alder, await ask(alder, who.email, "bookkeeper"));
    const scope = await openBusiness(who.id, alder.slug);
    await askForFile(scope, { report: "ledger", format: "csv", asked: { item: "mug" }, about: "ledger/mug" });
    await removeMember(alder, { user: who.id });
    await refusedAs(openBusiness(who.id, alder.slug), "not_found");
    expect(await businessesOf(who.id)).toEqual([]);
    expect(await filesOf(alder, who.id)).toBe(0);
    await refusedAs(removeMember(alder, { user: who.id }), "not_found");
    await refusedAs(changeRole(alder, { user: who.id, role: "viewer" }), "not_found");
    await accept(who, alder, await ask(alder, who.email));
    expect((await openBusiness(who.id, alder.slug)).role).toBe("viewer");
    await proved(alder, birch);
  });

  it("may go by themselves, whatever they are, also limited ones", async () => {
    const east = await place(alder, "East");
    for (const [role, places] of [
      ["bookkeeper", []],
      ["helper", []],
      ["viewer", [east]],
    ] as const) {
      const scope = await joined(alder, role, places);
      await leaveBusiness(scope);
      await refusedAs(openBusiness(scope.userId ?? "", alder.slug), "not_found");
      await refusedAs(leaveBusiness(scope), "not_found");
    }
    expect(await rolesOf(alder)).toEqual(["owner"]);
  });

  it("and was an owner leaves no door open: what they invited is taken back", async () => {
    const second = await joined(alder, "owner");
    const [who, kept] = [await person(), await person()];
    const door = await ask(second, who.email, "owner");
    const other = await ask(alder, kept.email);
    await changeRole(alder, { user: second.userId ?? "", role: "bookkeeper" });
    await refusedAs(accept(who, alder, door), "invite_gone");
    expect((await openInvites(alder)).map(({ id }) => id)).toEqual([other.id]);
    const [row] = await trailOf(alder);
    expect(row).toMatchObject({ what: "team.role", after: { invitesEnded: [who.email] } });
  });

  it("and was taken out while their own change waited changes nothing more", async () => {
    const second = await joined(alder, "owner");
    await removeMember(alder, { user: second.userId ?? "" });
    // The scope is that of a request which began before.
    await refusedAs(ask(second, "door@example.com", "owner"), "not_found");
    await refusedAs(removeMember(second, { user: alder.userId ?? "" }), "not_found");
    const third = await joined(alder, "owner");
    await changeRole(alder, { user: third.userId ?? "", role: "helper" });
    await refusedAs(changeRole(third, { user: third.userId ?? "", role: "owner" }), "not_allowed");
  });
});

describe("at once", () => {
  it("an invitation is accepted exactly once", async () => {
    const who = await person();
    const made = await ask(alder, who.email);
    expect(await outcomes(times(6, () => accept(who, alder, made)))).toEqual({ done: 1, invite_gone: 5 });
    expect(await rolesOf(alder)).toEqual(["owner", "viewer"]);
    await proved(alder);
  });

  it("two owners who leave, take each other out, or step down: exactly one does", async () => {
    for (const way of [
      (one: Scope) => leaveBusiness(one),
      (one: Scope) => changeRole(one, { user: one.userId ?? "", role: "viewer" }),
    ]) {
      const scope = await aShop("Two owners");
      const second = await joined(scope, "owner");
      expect(await outcomes([way(scope), way(second)])).toEqual({ done: 1, last_owner: 1 });
    }
    const second = await joined(alder, "owner");
    const [a, b] = [alder.userId ?? "", second.userId ?? ""];
    expect(await outcomes([removeMember(alder, { user: b }), removeMember(second, { user: a })])).toEqual({
      done: 1,
      not_found: 1,
    });
    const left = await inBusiness(alder, (tx) =>
      rowsOf<{ role: string }>(tx, sql`select role from app.members where business_id = ${alder.businessId}`),
    );
    expect(left).toEqual([{ role: "owner" }]);
    await proved(birch);
  });

  it("many invitations of one e-mail leave one, whose link works", async () => {
    const who = await person();
    const made = await Promise.all(times(5, () => ask(alder, who.email)));
    const [open] = await openInvites(alder);
    expect(await openInvites(alder)).toHaveLength(1);
    for (const one of made.filter(({ id }) => id !== open?.id)) await refusedAs(accept(who, alder, one), "invite_gone");
    for (const one of made.filter(({ id }) => id === open?.id)) await accept(who, alder, one);
    expect(await rolesOf(alder)).toEqual(["owner", "viewer"]);
  });
});

it.each([
  ["bookkeeper", false],
  ["helper", false],
  ["viewer", false],
  ["helper", true],
  ["viewer", true],
] as const)("a %s (limited: %s) may do none of it", async (role, isLimited) => {
  const made = await ask(alder, "waits@example.com");
  const user = await aMember(alder, role);
  if (isLimited) await limitMember(alder, { user, locations: ["main"] });
  const scope = await openBusiness(user, alder.slug);
  const state = [await teamOf(alder), await openInvites(alder)];
  for (const work of [
    () => ask(scope, "mine@example.com", "owner"),
    async () => openInvites(scope),
    async () => revokeInvite(scope, { invite: made.id }),
    async () => changeRole(scope, { user, role: "owner" }),
    async () => changeRole(scope, { user: alder.userId ?? "", role: "viewer" }),
    async () => removeMember(scope, { user: alder.userId ?? "" }),
    // Oneself goes by the other door, which asks for nobody's name.
    async () => removeMember(scope, { user }),
  ])
    await refusedAs(work(), "not_allowed");
  expect([await teamOf(alder), await openInvites(alder)]).toEqual(state);
});

it("a line in the list of businesses that is left over does not keep anybody from joining", async () => {
  const who = await person();
  await asSystem("a test plants a stale line", (tx) =>
    tx.execute(sql`insert into app.user_businesses values (${who.id}, ${alder.businessId})`),
  );
  await accept(who, alder, await ask(alder, who.email));
  expect((await businessesOf(who.id)).map(({ slug }) => slug)).toEqual([alder.slug]);
});

async function refusedAs(work: Promise<unknown>, code: string, field?: string): Promise<void> {
  const said = await refused(work);
  expect(said.code).toBe(code);
  if (field !== undefined) expect(said.field).toBe(field);
}

async function filesOf(scope: Scope, user: string): Promise<number> {
  const [row] = await inBusiness(scope, (tx) =>
    rowsOf<{ n: number }>(
      tx,
      sql`select count(*)::int as n from app.exports where business_id = ${scope.businessId} and user_id = ${user}::uuid`,
    ),
  );
  return row?.n ?? 0;
}
