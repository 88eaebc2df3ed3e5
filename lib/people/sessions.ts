/**
 * Sessions: opaque random tokens whose sha-256 lies in the database, so that ending one acts at the next request and a copy of the
 * table signs nobody in. Why these limits: docs/security.md.
 */
import { createHash, randomBytes } from "node:crypto";
import { and, desc, eq, gt, lt, ne, or } from "drizzle-orm";
import { sessions, users } from "../../db/schema/people";
import { asSystem, type Tx } from "../../db/scope";

const hourMs = 3_600_000;
/** A session ends this long after it began, whatever is done in it. */
export const sessionLifeMs = 7 * 24 * hourMs;
/** A session that nobody used for this long has ended. */
export const sessionRestMs = 12 * hourMs;
/** How exact "last seen" is: one write a minute, not one a request. */
const seenEveryMs = 60_000;

/** 256 random bits: what a cookie holds. */
export function newSessionToken(): string {
  return randomBytes(32).toString("base64url");
}

function keyOf(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}

const isoAt = (ms: number) => new Date(ms).toISOString();

/** Begins a session for a person who has just shown who they are. `agent` is what their browser calls itself. */
export async function beginSession(token: string, userId: string, agent: string): Promise<Readonly<{ expires: Date }>> {
  const now = Date.now();
  const expires = new Date(now + sessionLifeMs);
  await asSystem("a session belongs to a person, not to a business", async (tx) => {
    // What has ended goes when its person comes back.
    await tx.delete(sessions).where(and(eq(sessions.userId, userId), over(now)));
    await tx.insert(sessions).values({
      sessionToken: keyOf(token),
      userId,
      expires: expires.toISOString(),
      createdAt: isoAt(now),
      seenAt: isoAt(now),
      agent: agent.slice(0, 300),
    });
  });
  return { expires };
}

function over(now: number) {
  return or(lt(sessions.expires, isoAt(now)), lt(sessions.seenAt, isoAt(now - sessionRestMs)));
}

export type Person = Readonly<{ id: string; name: string | null; email: string; emailVerified: Date | null }>;

/** Whose session a token is; null where it is unknown, ended, too old or rested too long. */
export async function sessionOf(token: string): Promise<Readonly<{ person: Person; expires: Date }> | null> {
  const now = Date.now();
  const key = keyOf(token);
  return asSystem("a session is read before any business is known", async (tx) => {
    const rows = await tx
      .select({
        id: users.id,
        name: users.name,
        email: users.email,
        emailVerified: users.emailVerified,
        expires: sessions.expires,
        seenAt: sessions.seenAt,
      })
      .from(sessions)
      .innerJoin(users, eq(users.id, sessions.userId))
      .where(
        and(
          eq(sessions.sessionToken, key),
          gt(sessions.expires, isoAt(now)),
          gt(sessions.seenAt, isoAt(now - sessionRestMs)),
        ),
      );
    const row = rows[0];
    if (row === undefined) return null;
    if (new Date(row.seenAt).getTime() < now - seenEveryMs)
      await tx
        .update(sessions)
        .set({ seenAt: isoAt(now) })
        .where(eq(sessions.sessionToken, key));
    const emailVerified = row.emailVerified === null ? null : new Date(row.emailVerified);
    return { person: { id: row.id, name: row.name, email: row.email, emailVerified }, expires: new Date(row.expires) };
  });
}

/** Ends the session of a token. Ending what has ended is no error. */
export async function endSession(token: string): Promise<void> {
  await asSystem("a person signs out", (tx) => tx.delete(sessions).where(eq(sessions.sessionToken, keyOf(token))));
}

/** A session in the list of Settings. `id` is of no use as a cookie. */
export type SessionRow = Readonly<{ id: string; agent: string; createdAt: string; seenAt: string; isThis: boolean }>;

/** The living sessions of a person, the one last used first. `token` is the one that asks. */
export async function sessionsOf(userId: string, token: string | null): Promise<readonly SessionRow[]> {
  const now = Date.now();
  const own = token === null ? null : keyOf(token);
  const rows = await asSystem("a person sees where they are signed in", (tx) =>
    tx
      .select({
        id: sessions.sessionToken,
        agent: sessions.agent,
        createdAt: sessions.createdAt,
        seenAt: sessions.seenAt,
      })
      .from(sessions)
      .where(
        and(
          eq(sessions.userId, userId),
          gt(sessions.expires, isoAt(now)),
          gt(sessions.seenAt, isoAt(now - sessionRestMs)),
        ),
      )
      .orderBy(desc(sessions.seenAt), desc(sessions.createdAt)),
  );
  return rows.map((row) => ({ ...row, isThis: row.id === own }));
}

/** Ends one session of a person; those of others it cannot reach. */
export async function endSessionById(userId: string, id: string): Promise<void> {
  await asSystem("a person ends a session of theirs", (tx) =>
    tx.delete(sessions).where(and(eq(sessions.userId, userId), eq(sessions.sessionToken, id))),
  );
}

/** Ends all sessions of a person but that of `token`; says how many there were. Part of a change of password. */
export async function endOtherSessions(tx: Tx, userId: string, token: string | null): Promise<number> {
  const others =
    token === null
      ? eq(sessions.userId, userId)
      : and(eq(sessions.userId, userId), ne(sessions.sessionToken, keyOf(token)));
  const ended = await tx.delete(sessions).where(others).returning({ id: sessions.sessionToken });
  return ended.length;
}

/** "Sign out everywhere else". */
export async function signOutElsewhere(userId: string, token: string): Promise<number> {
  return asSystem("a person ends their other sessions", (tx) => endOtherSessions(tx, userId, token));
}
