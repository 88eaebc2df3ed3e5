/** People: accounts of the product, which span businesses. Known by their e-mail, in small letters. */
import { and, eq, inArray, isNull } from "drizzle-orm";
import { sessions, userPasswords, users, verificationTokens } from "../../db/schema/people";
import { asSystem, constraintOf, type Tx } from "../../db/scope";
import { Refusal } from "../core/errors";
import { newId } from "../system/ids";
import type { Person } from "./sessions";

/** An e-mail as it is stored and compared. Refuses (`bad_field`) what cannot be one. */
export function emailOf(text: string): string {
  const email = text.normalize("NFC").trim().toLowerCase();
  // Only what every address has; whether it exists, only a mail can tell. No blank or line break reaches a header.
  if (email.length > 254 || !/^[^\s@<>(),;:"\\]+@[^\s@<>(),;:"\\]+$/u.test(email)) {
    throw new Refusal("bad_field", "This is not an e-mail address. It looks like name@example.com.", {
      field: "email",
    });
  }
  return email;
}

const columns = { id: users.id, name: users.name, email: users.email, emailVerified: users.emailVerified };

type Row = Readonly<{ id: string; name: string | null; email: string; emailVerified: string | null }>;

function personOf(row: Row): Person {
  return { ...row, emailVerified: row.emailVerified === null ? null : new Date(row.emailVerified) };
}

export async function personByEmail(email: string): Promise<Person | null> {
  const rows = await asSystem("sign-in knows a person by e-mail", (tx) =>
    tx
      .select(columns)
      .from(users)
      .where(eq(users.email, emailOf(email))),
  );
  return rows[0] === undefined ? null : personOf(rows[0]);
}

export async function personById(id: string): Promise<Person | null> {
  const rows = await asSystem("a person by id", (tx) => tx.select(columns).from(users).where(eq(users.id, id)));
  return rows[0] === undefined ? null : personOf(rows[0]);
}

/**
 * What people are called: their name, or their e-mail; who is gone is not among them. Read apart from the rows that they changed:
 * people lie on one machine, a business's rows perhaps on another.
 */
export async function namesOf(tx: Tx, ids: readonly (string | null)[]): Promise<ReadonlyMap<string, string>> {
  const wanted = [...new Set(ids)].filter((id) => id !== null);
  if (wanted.length === 0) return new Map();
  const rows = await tx
    .select({ id: users.id, name: users.name, email: users.email })
    .from(users)
    .where(inArray(users.id, wanted));
  return new Map(rows.map((row) => [row.id, row.name ?? row.email]));
}

export type NewPerson = Readonly<{
  email: string;
  name: string | null;
  /** argon2id; null for who signs in by mail only. */
  passwordHash: string | null;
  /** Has a mail proved the address? */
  isVerified: boolean;
}>;

/** Makes an account. Refuses with `in_use` where the e-mail has one. */
export async function createPerson(wanted: NewPerson): Promise<Person> {
  const email = emailOf(wanted.email);
  const name = wanted.name?.normalize("NFC").trim().slice(0, 200) || null;
  const id = newId();
  const now = new Date();
  const verifiedAt = wanted.isVerified ? now : null;
  try {
    await asSystem("an account belongs to no business", async (tx) => {
      await tx
        .insert(users)
        .values({ id, email, name, emailVerified: verifiedAt?.toISOString() ?? null, createdAt: now.toISOString() });
      if (wanted.passwordHash !== null)
        await tx.insert(userPasswords).values({ userId: id, hash: wanted.passwordHash, changedAt: now.toISOString() });
    });
  } catch (error) {
    if (constraintOf(error) !== "users_email_unique") throw error;
    throw new Refusal("in_use", "There is an account with this e-mail already. Sign in instead.", { field: "email" });
  }
  return { id, email, name, emailVerified: verifiedAt };
}

/**
 * A mail has proved that the address is this person's. Where that is the first proof, whoever made the account with a password may
 * have been somebody else who only typed the address: the password and all sessions end, so that only who reads the mail is in.
 */
export async function confirmEmail(userId: string): Promise<void> {
  await asSystem("an address is proved at sign-in", async (tx) => {
    const first = await tx
      .update(users)
      .set({ emailVerified: new Date().toISOString() })
      .where(and(eq(users.id, userId), isNull(users.emailVerified)))
      .returning({ id: users.id });
    if (first.length === 0) return;
    await tx.delete(userPasswords).where(eq(userPasswords.userId, userId));
    await tx.delete(sessions).where(eq(sessions.userId, userId));
  });
}

/** Keeps a mailed link's token, hashed by next-auth, and drops what has expired for this person. */
export async function keepLink(link: Readonly<{ email: string; token: string; expires: Date }>): Promise<void> {
  await asSystem("a link is asked for before anybody is signed in", async (tx) => {
    await tx.delete(verificationTokens).where(eq(verificationTokens.identifier, link.email));
    await tx
      .insert(verificationTokens)
      .values({ identifier: link.email, token: link.token, expires: link.expires.toISOString() });
  });
}

/** Takes a link's token out: a second use finds nothing. Gives when it expires; null where there is none. */
export async function takeLink(email: string, token: string): Promise<Readonly<{ expires: Date }> | null> {
  const rows = await asSystem("a link is used before anybody is signed in", (tx) =>
    tx
      .delete(verificationTokens)
      .where(and(eq(verificationTokens.identifier, email), eq(verificationTokens.token, token)))
      .returning({ expires: verificationTokens.expires }),
  );
  return rows[0] === undefined ? null : { expires: new Date(rows[0].expires) };
}
