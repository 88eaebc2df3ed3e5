/**
 * Passwords: argon2id, in a table that no session can show. Eight characters or more, nothing else is asked of their make-up, none
 * is cut, the ones that are tried first are refused (reliability.md, case 62; OWASP ASVS 6.2).
 */
import { hash, verify } from "@node-rs/argon2";
import { eq, sql } from "drizzle-orm";
import { userPasswords, users } from "../../db/schema/people";
import { asSystem } from "../../db/scope";
import { Refusal } from "../core/errors";
import { notify } from "../system/mail";
import { countAttempt, forgetAttempts, limits } from "./attempts";
import { commonPasswords } from "./common-passwords";
import { endOtherSessions, type Person } from "./sessions";
import { createPerson, emailOf } from "./users";

/** OWASP's cheat sheet: 19 MiB, two passes, one lane; the library's own default kind is argon2id. About 60 ms. */
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;
const shortest = 8;
const longest = 1_000;

/** One way to write what looks the same, so that a phone and a desktop agree; nothing is cut or folded. */
const plain = (password: string) => password.normalize("NFC");

/** Refuses (`weak_password`, `text_too_long`) what may not become a password. `field` is where the form has it. */
export function checkPassword(password: string, email: string, field = "password"): void {
  const letters = [...plain(password)];
  const weak = (message: string) => new Refusal("weak_password", message, { field });
  if (letters.length < shortest)
    throw weak(
      `A password has at least ${shortest} characters; fifteen or more are better. Three or four plain words will do.`,
    );
  if (letters.length > longest)
    throw new Refusal("text_too_long", `A password has at most ${longest} characters.`, { field });
  const small = letters.join("").toLowerCase();
  const [name = ""] = email.split("@");
  if (new Set(small).size < 3)
    throw weak("This password repeats one or two characters. Choose one that is harder to guess.");
  if (small === email || small === name || (name.length >= 4 && small.replace(/[\d\W_]+$/u, "") === name))
    throw weak("This password is your e-mail. Choose one that others cannot guess.");
  if (commonPasswords.has(small) || isRun(letters.join("").toLowerCase()))
    throw weak("This password is among the first that are tried by those who guess. Choose another.");
}

/** abcdefgh, 87654321: each character follows the one before. */
function isRun(text: string): boolean {
  const codes = [...text].map((letter) => letter.codePointAt(0) ?? 0);
  const steps = new Set(codes.slice(1).map((code, i) => code - (codes[i] ?? 0)));
  return steps.size === 1 && (steps.has(1) || steps.has(-1));
}

export function hashPassword(password: string): Promise<string> {
  return hash(plain(password), cost);
}

let dummy: Promise<string> | undefined;

/** Right or not; as much work for an e-mail that nobody has, so that the time does not tell which there are. */
async function isRight(stored: string | null, password: string): Promise<boolean> {
  dummy ??= hash("there is nobody of this name", cost);
  const right = await verify(stored ?? (await dummy), plain(password).slice(0, longest + 1));
  return right && stored !== null;
}

async function storedHash(userId: string): Promise<string | null> {
  const rows = await asSystem("a password belongs to a person", (tx) =>
    tx.select({ hash: userPasswords.hash }).from(userPasswords).where(eq(userPasswords.userId, userId)),
  );
  return rows[0]?.hash ?? null;
}

/** Has this person a password, or do they sign in by mail only? */
export async function hasPassword(userId: string): Promise<boolean> {
  return (await storedHash(userId)) !== null;
}

export type Knock = Readonly<{ email: string; password: string; address: string }>;

/**
 * Who this is, by e-mail and password. Refuses with `sign_in_failed`, in one text for a wrong password and an unknown e-mail, or with
 * `too_many_requests`. `address` is where the request came from, "" where that cannot be told.
 */
export async function signInWithPassword({ email: typed, password, address }: Knock): Promise<Person> {
  const email = emailOf(typed);
  const from = `${email}\n${address}`;
  const left = await countAttempt("password", from);
  await countAttempt("account", email);
  if (address !== "") await countAttempt("address", address);
  const rows = await asSystem("sign-in reads a password by e-mail", (tx) =>
    tx
      .select({
        id: users.id,
        name: users.name,
        email: users.email,
        emailVerified: users.emailVerified,
        hash: userPasswords.hash,
      })
      .from(users)
      .leftJoin(userPasswords, eq(userPasswords.userId, users.id))
      .where(eq(users.email, email)),
  );
  const row = rows[0];
  if (!(await isRight(row?.hash ?? null, password)) || row === undefined) {
    await slowDown(limits.password.most - left);
    throw new Refusal("sign_in_failed", `This e-mail and password do not go together. ${triesLeft(left)}`, {
      field: "password",
    });
  }
  await forgetAttempts("password", from);
  await forgetAttempts("account", email);
  if (address !== "") await forgetAttempts("address", address);
  const { hash: _, emailVerified, ...person } = row;
  return { ...person, emailVerified: emailVerified === null ? null : new Date(emailVerified) };
}

function triesLeft(left: number): string {
  const pause = `before a pause of ${limits.password.minutes} minutes`;
  if (left <= 0) return `The next try is in ${limits.password.minutes} minutes.`;
  const words = ["", "One try is", "Two tries are", "Three tries are", "Four tries are"];
  return `${words[left] ?? `${left} tries are`} left ${pause}.`;
}

/** The third wrong try and those after it take longer. */
async function slowDown(wrong: number): Promise<void> {
  if (wrong > 2) await new Promise((resolve) => setTimeout(resolve, 250 * (wrong - 2)));
}

export type SignUp = Readonly<{ name: string; email: string; password: string; address: string }>;

/** Makes an account with a password. Refuses a weak password, and an e-mail that has an account (`in_use`). */
export async function signUp({ name, email: typed, password, address }: SignUp): Promise<Person> {
  const email = emailOf(typed);
  checkPassword(password, email);
  if (address !== "") await countAttempt("signUp", address);
  return createPerson({ email, name, passwordHash: await hashPassword(password), isVerified: false });
}

export type PasswordChange = Readonly<{
  person: Person;
  /** The password until now; not asked of who has none. */
  current: string;
  next: string;
  /** The session that asks: it stays, all others end. */
  token: string | null;
}>;

/** Sets a new password, ends the person's other sessions and tells them by mail. Says how many sessions ended. */
export async function changePassword({ person, current, next, token }: PasswordChange): Promise<number> {
  const stored = await storedHash(person.id);
  if (stored !== null) {
    await countAttempt("account", person.email);
    if (!(await isRight(stored, current)))
      throw new Refusal("sign_in_failed", "This is not your password until now.", { field: "current" });
    await forgetAttempts("account", person.email);
  }
  checkPassword(next, person.email, "next");
  const hashed = await hashPassword(next);
  const ended = await asSystem("a password and its sessions belong to a person", async (tx) => {
    await tx
      .insert(userPasswords)
      .values({ userId: person.id, hash: hashed, changedAt: new Date().toISOString() })
      .onConflictDoUpdate({
        target: userPasswords.userId,
        set: { hash: sql`excluded.hash`, changedAt: sql`excluded.changed_at` },
      });
    return endOtherSessions(tx, person.id, token);
  });
  await notify({
    to: person.email,
    subject: "Your Lotbook password was changed",
    text: "Your password was changed just now, and you were signed out everywhere else.\n\nIf this was not you, ask for a sign-in link and set a new password at once.",
  });
  return ended;
}

/** Shows that it is this person once more, before what cannot be taken back. Passes for who has no password. */
export async function confirmPassword(person: Pick<Person, "id" | "email">, password: string): Promise<void> {
  const stored = await storedHash(person.id);
  if (stored === null) return;
  await countAttempt("account", person.email);
  if (!(await isRight(stored, password)))
    throw new Refusal("sign_in_failed", "This is not your password.", { field: "password" });
  await forgetAttempts("account", person.email);
}
