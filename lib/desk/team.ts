/**
 * The team of a business (docs/decisions/0015-team.md): an owner invites people by a link that only the invited e-mail can use, changes what
 * they are, and takes them out. All of it counts from the person's next request on. A business never loses its last owner.
 */
import { createHash, randomBytes } from "node:crypto";
import { eq, sql } from "drizzle-orm";
import { list } from "../../db/bulk";
import { directory } from "../../db/schema/people";
import { asSystem, type InBusiness, inBusiness, rowsOf, type Tx } from "../../db/scope";
import { lockBooks } from "../books/ledger";
import { Refusal } from "../core/errors";
import { limitable, type Role, require, roles, type Scope } from "../people/access";
import { recordAudit } from "../people/audit";
import type { Person } from "../people/sessions";
import { emailOf, namesOf } from "../people/users";
import { env } from "../system/env";
import { newId } from "../system/ids";
import { log } from "../system/log";
import { canMail, sendMail } from "../system/mail";
import { checkedLimits } from "./limits";

const inviteDays = 7;
/** So many invitations of a business are open at once; those that are too old count until they are taken back. */
export const mostInvites = 50;
/** So many a day, so that nobody mails the world from somebody's team. */
export const mostInvitesADay = 100;

type Member = Readonly<{ user: string; role: Role; limited: string[] | null }>;
type Team = ReadonlyMap<string, Member>;

/** The team, which nobody else changes until the transaction ends. */
async function lockTeam(tx: Tx, scope: InBusiness): Promise<Team> {
  await lockBooks(tx, scope);
  const rows = await rowsOf<Member>(
    tx,
    sql`select user_id::text as user, role, limited_to as limited from app.members where business_id = ${scope.businessId}`,
  );
  return new Map(rows.map((row) => [row.user, row]));
}

/** The same for an owner. Two may take each other out at once: who waited for the lock and is no owner any more does nothing more. */
async function ownersTeam(tx: Tx, scope: Scope): Promise<Team> {
  const team = await lockTeam(tx, scope);
  require({ role: memberIn(team, scope.userId).role }, "team");
  return team;
}

function memberIn(team: Team, user: string | null): Member {
  const member = team.get(user ?? "");
  if (member === undefined) throw new Refusal("not_found", "This person is not in the team.");
  return member;
}

/** Refuses `last_owner` where nobody would be left who may do everything. */
function keepAnOwner(team: Team, { role }: Member): void {
  if (role !== "owner" || [...team.values()].filter((one) => one.role === "owner").length > 1) return;
  throw new Refusal("last_owner", "A business keeps at least one owner. Make somebody else an owner first.", {
    field: "role",
  });
}

function roleOf(text: string): Role {
  const role = roles.find((one) => one === text);
  if (role === undefined) throw new Refusal("bad_field", "Choose one of the four roles.", { field: "role" });
  return role;
}

const hashOf = (token: string): string => createHash("sha256").update(token).digest("hex");

export type Invitation = Readonly<{
  email: string;
  role: string;
  /** What helpers and viewers are limited to; none: to nothing. */
  locations: readonly string[];
}>;

export type Invited = Readonly<{
  id: string;
  email: string;
  /** Told this once: the database has only its hash. */
  link: string;
  /** false: the owner gives the link to them. */
  isSent: boolean;
}>;

/**
 * Invites an e-mail, and mails the link where mail can be sent (`reaches`). Inviting it again replaces what was open, and its link. Refuses
 * `in_use` for who is in the team, `too_many_rows` and `too_many_requests` past the measures, and what `checkedLimits` refuses.
 */
export async function invite(scope: Scope, input: Invitation, reaches: boolean = canMail()): Promise<Invited> {
  require(scope, "team");
  const email = emailOf(input.email);
  const role = roleOf(input.role);
  const id = newId();
  const token = randomBytes(32).toString("base64url");
  await inBusiness(scope, async (tx) => {
    const team = await ownersTeam(tx, scope);
    const limits = await checkedLimits(tx, scope, role, input.locations);
    await refuseMember(tx, team, email);
    await refuseTooMany(tx, scope, email);
    const [before] = await rowsOf<{ role: Role; limitedTo: string[] | null }>(
      tx,
      sql`delete from app.invites where business_id = ${scope.businessId} and email = ${email} returning role, limited_to as "limitedTo"`,
    );
    await recordAudit(tx, scope, {
      what: "team.invite",
      about: `invite/${id}`,
      before,
      after: { email, role, limitedTo: limits },
    });
    await tx.execute(
      sql`insert into app.invites (business_id, id, email, role, limited_to, token_hash, invited_by, created_at, expires_at)
          values (${scope.businessId}, ${id}, ${email}, ${role}, ${limits.length === 0 ? sql`null` : list("text", limits)},
            ${hashOf(token)}, ${scope.userId}, now(), now() + make_interval(days => ${inviteDays}))`,
    );
  });
  const link = `${env().AUTH_URL ?? "http://localhost:3000"}/invite/${scope.slug}/${token}`;
  return { id, email, link, isSent: reaches && (await mailed(scope, email, role, link)) };
}

async function refuseMember(tx: Tx, team: Team, email: string): Promise<void> {
  // People lie on one machine, a business's rows perhaps on another: two statements.
  const [known] = await rowsOf<{ id: string }>(tx, sql`select id::text as id from app.users where email = ${email}`);
  if (known !== undefined && team.has(known.id))
    throw new Refusal("in_use", `${email} is in the team already.`, { field: "email" });
}

async function refuseTooMany(tx: Tx, scope: Scope, email: string): Promise<void> {
  const b = scope.businessId;
  const [open] = await rowsOf<{ n: number }>(
    tx,
    sql`select count(*)::int as n from app.invites where business_id = ${b} and email <> ${email}`,
  );
  if ((open?.n ?? 0) >= mostInvites)
    throw new Refusal("too_many_rows", `${mostInvites} invitations are open. Take back some of them first.`, {
      field: "email",
    });
  const [today] = await rowsOf<{ n: number }>(
    tx,
    sql`select count(*)::int as n from app.audit_trail where business_id = ${b} and what = 'team.invite' and at > now() - interval '1 day'`,
  );
  if ((today?.n ?? 0) >= mostInvitesADay)
    throw new Refusal(
      "too_many_requests",
      `${mostInvitesADay} invitations a day are the measure. Try again tomorrow.`,
      {
        field: "email",
        retryAfterSeconds: "3600",
      },
    );
}

/** Mails the link, after the commit. That it could not be sent undoes nothing: the owner has the link. */
async function mailed(scope: Scope, email: string, role: Role, link: string): Promise<boolean> {
  const text = [
    `You are invited into the books of ${scope.name} on Lotbook, as ${role}. Open this link to see the invitation and to join:`,
    link,
    `It is for ${email} alone, and works once, within ${inviteDays} days. If you do not know the business, do nothing.`,
  ];
  try {
    await sendMail({ to: email, subject: `${scope.name} invites you to its books`, text: text.join("\n\n") });
    return true;
  } catch (error) {
    log().error({ err: error }, "an invitation could not be mailed");
    return false;
  }
}

export type OpenInvite = Readonly<{
  id: string;
  email: string;
  role: Role;
  limitedTo: readonly string[] | null;
  /** Who invited them, by name. */
  by: string;
  expiresAt: string;
  isExpired: boolean;
}>;

/** The invitations that nobody used or took back, the newest first, those whose time is over among them. */
export function openInvites(scope: Scope): Promise<readonly OpenInvite[]> {
  require(scope, "team");
  return inBusiness(scope, async (tx) => {
    const rows = await rowsOf<Omit<OpenInvite, "by"> & { by: string }>(
      tx,
      sql`select id, email, role, limited_to as "limitedTo", invited_by as by, expires_at as "expiresAt", expires_at <= now() as "isExpired"
          from app.invites where business_id = ${scope.businessId} order by created_at desc, id desc`,
    );
    const names = await namesOf(
      tx,
      rows.map(({ by }) => by),
    );
    return rows.map((row) => ({ ...row, by: names.get(row.by) ?? "a person who is gone" }));
  });
}

/** Takes an invitation back: its link is worth nothing from now on. Gives for whom it was. */
export function revokeInvite(scope: Scope, input: Readonly<{ invite: string }>): Promise<Readonly<{ email: string }>> {
  require(scope, "team");
  return inBusiness(scope, async (tx) => {
    await ownersTeam(tx, scope);
    const [gone] = await rowsOf<{ email: string; role: Role }>(
      tx,
      sql`delete from app.invites where business_id = ${scope.businessId} and id::text = ${input.invite} returning email, role`,
    );
    if (gone === undefined)
      throw new Refusal("not_found", "This invitation is not open any more: it was used, taken back or replaced.");
    await recordAudit(tx, scope, { what: "team.revoke", about: `invite/${input.invite}`, before: gone });
    return { email: gone.email };
  });
}

/**
 * Gives a person another role. One that knows the whole books ends a limit to some locations. Gives the role until now, and whether a limit
 * ended. Refuses `last_owner`.
 */
export async function changeRole(
  scope: Scope,
  input: Readonly<{ user: string; role: string }>,
): Promise<Readonly<{ user: string; before: Role; endedLimit: boolean }>> {
  require(scope, "team");
  const role = roleOf(input.role);
  const b = scope.businessId;
  return inBusiness(scope, async (tx) => {
    const team = await ownersTeam(tx, scope);
    const member = memberIn(team, input.user);
    const { user, role: before, limited } = member;
    if (role === before) return { user, before, endedLimit: false };
    keepAnOwner(team, member);
    const kept = limitable.includes(role) ? limited : null;
    await recordAudit(tx, scope, {
      what: "team.role",
      about: `member/${user}`,
      before: { role: before, limitedTo: limited ?? [] },
      after: { role, limitedTo: kept ?? [], ...(await endInvitesOf(tx, scope, user)) },
    });
    await tx.execute(
      sql`update app.members set role = ${role}, limited_to = ${kept === null ? sql`null` : list("text", kept)}
          where business_id = ${b} and user_id = ${user}::uuid`,
    );
    await dropFilesOf(tx, scope, user);
    return { user, before, endedLimit: limited !== null && kept === null };
  });
}

/** Takes a person out of the team: at their next request the business is not there for them. Refuses `last_owner`. */
export function removeMember(scope: Scope, input: Readonly<{ user: string }>): Promise<Readonly<{ user: string }>> {
  require(scope, "team");
  return inBusiness(scope, async (tx) => {
    const team = await ownersTeam(tx, scope);
    await takeOut(tx, scope, team, memberIn(team, input.user), "team.remove");
    return { user: input.user };
  });
}

/** Goes out of the team by oneself, which everybody may who is in it. Refuses `last_owner`. */
export function leaveBusiness(scope: Scope): Promise<void> {
  require(scope, "stock");
  return inBusiness(scope, async (tx) => {
    const team = await lockTeam(tx, scope);
    await takeOut(tx, scope, team, memberIn(team, scope.userId), "team.leave");
  });
}

async function takeOut(
  tx: Tx,
  scope: Scope,
  team: Team,
  member: Member,
  what: "team.remove" | "team.leave",
): Promise<void> {
  keepAnOwner(team, member);
  const { user, role, limited } = member;
  await recordAudit(tx, scope, {
    what,
    about: `member/${user}`,
    before: { role, limitedTo: limited ?? [] },
    after: await endInvitesOf(tx, scope, user),
  });
  await dropFilesOf(tx, scope, user);
  await tx.execute(sql`delete from app.members where business_id = ${scope.businessId} and user_id = ${user}::uuid`);
  await tx.execute(
    sql`delete from app.user_businesses where business_id = ${scope.businessId} and user_id = ${user}::uuid`,
  );
}

/** Files that were made for somebody by the rights that they had. */
async function dropFilesOf(tx: Tx, scope: Scope, user: string): Promise<void> {
  await tx.execute(sql`delete from app.exports where business_id = ${scope.businessId} and user_id = ${user}::uuid`);
}

/** Who is no owner any more has no door left open: what they invited is taken back. Gives whom, for the audit trail. */
async function endInvitesOf(tx: Tx, scope: Scope, user: string): Promise<Readonly<{ invitesEnded?: string[] }>> {
  const gone = await rowsOf<{ email: string }>(
    tx,
    sql`delete from app.invites where business_id = ${scope.businessId} and invited_by = ${user}::uuid returning email`,
  );
  return gone.length === 0 ? {} : { invitesEnded: gone.map(({ email }) => email).sort() };
}

/** One text for all the ways in which an invitation is not there, so that a guess learns nothing. */
function inviteGone(): Refusal {
  return new Refusal(
    "invite_gone",
    `This invitation cannot be used: it was used already, taken back or replaced by a newer one, it is older than ${inviteDays} days, or the address is not whole. Ask an owner of the business for another.`,
  );
}

type Found = Readonly<{ id: string; email: string; role: Role; limited: string[] | null }>;

async function businessAt(slug: string): Promise<InBusiness> {
  const [known] = await asSystem("an invited person is not in the business yet", (tx) =>
    tx.select({ businessId: directory.businessId }).from(directory).where(eq(directory.slug, slug)),
  );
  if (known === undefined) throw inviteGone();
  return known;
}

async function inviteOf(tx: Tx, { businessId }: InBusiness, token: string): Promise<Found> {
  const [found] = await rowsOf<Found>(
    tx,
    sql`select id, email, role, limited_to as limited from app.invites
        where business_id = ${businessId} and token_hash = ${hashOf(token)} and expires_at > now()`,
  );
  if (found === undefined) throw inviteGone();
  return found;
}

/** What a link invites to, for who opens it. Refuses `invite_gone`. */
export async function inviteAt(
  slug: string,
  token: string,
): Promise<Readonly<{ business: string; email: string; role: Role; isLimited: boolean }>> {
  const of = await businessAt(slug);
  return inBusiness(of, async (tx) => {
    const { email, role, limited } = await inviteOf(tx, of, token);
    const [row] = await rowsOf<{ name: string }>(
      tx,
      sql`select name from app.businesses where business_id = ${of.businessId}`,
    );
    if (row === undefined) throw inviteGone();
    return { business: row.name, email, role, isLimited: limited !== null };
  });
}

/**
 * Joins the team that a link invites to, and uses it up. Two who press at once come one after the other, and the second finds it gone.
 * Refuses `invite_gone`, and `invite_for_other` where the signed-in person's e-mail is not the invited one.
 */
export async function acceptInvite(
  person: Pick<Person, "id" | "email">,
  input: Readonly<{ slug: string; token: string }>,
): Promise<Readonly<{ slug: string }>> {
  const of = await businessAt(input.slug);
  await inBusiness(of, async (tx) => {
    await lockBooks(tx, of);
    const { id, email, role, limited } = await inviteOf(tx, of, input.token);
    if (emailOf(person.email) !== email)
      throw new Refusal(
        "invite_for_other",
        `This invitation is for ${email}, and you are signed in as ${person.email}. Sign in as the one who was invited.`,
      );
    await recordAudit(
      tx,
      { businessId: of.businessId, userId: person.id },
      { what: "team.join", about: `member/${person.id}`, after: { email, role, limitedTo: limited ?? [] } },
    );
    await tx.execute(sql`delete from app.invites where business_id = ${of.businessId} and id = ${id}::uuid`);
    await tx.execute(
      sql`insert into app.user_businesses (user_id, business_id) values (${person.id}, ${of.businessId}) on conflict do nothing`,
    );
    await tx.execute(
      sql`insert into app.members (business_id, user_id, role, limited_to, created_at)
          values (${of.businessId}, ${person.id}, ${role}, ${limited === null ? sql`null` : list("text", limited)}, now())`,
    );
  });
  return { slug: input.slug };
}
