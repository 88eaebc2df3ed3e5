/**
 * next-auth, wrapped: who signs in is decided by lib/people, sessions lie in the database, and what a session shows is written out
 * here. Nothing else imports next-auth.
 */

import { cookies, headers } from "next/headers";
import NextAuth, { CredentialsSignin, type NextAuthConfig } from "next-auth";
import type { Adapter, AdapterUser } from "next-auth/adapters";
import Credentials from "next-auth/providers/credentials";
import { cache } from "react";
import { Refusal } from "@/lib/core/errors";
import { countAttempt } from "@/lib/people/attempts";
import { signInWithPassword } from "@/lib/people/passwords";
import {
  beginSession,
  endSession,
  newSessionToken,
  type Person,
  sessionLifeMs,
  sessionOf,
} from "@/lib/people/sessions";
import { confirmEmail, createPerson, emailOf, keepLink, personByEmail, personById, takeLink } from "@/lib/people/users";
import { env } from "@/lib/system/env";
import { log } from "@/lib/system/log";
import { canMail, sendMail } from "@/lib/system/mail";
import { addressOf } from "./origin";
import { samePath } from "./same-path";

const isHttps = () => env().AUTH_URL?.startsWith("https:") ?? false;

/** Bound to this very host where the address is https; proxy.ts knows both names. */
const cookieName = () => (isHttps() ? "__Host-authjs.session-token" : "authjs.session-token");

/** A refusal of ours on its way through next-auth, which lets only its own errors pass. */
class Refused extends CredentialsSignin {
  readonly refusal: Refusal;
  constructor(refusal: Refusal) {
    super(refusal.message);
    this.refusal = refusal;
    this.code = refusal.code;
  }
}

/** The refusal within an error that signing in threw; null where it was something else. */
function refusalIn(error: unknown): Refusal | null {
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 4; at = at.cause, depth += 1) {
    if (at instanceof Refused) return at.refusal;
    if (at instanceof Refusal) return at;
    const inner = (at.cause as { err?: unknown } | undefined)?.err;
    if (inner instanceof Refusal) return inner;
  }
  return null;
}

function userOf(person: Person): AdapterUser {
  return { id: person.id, email: person.email, name: person.name, emailVerified: person.emailVerified };
}

const agentOf = async () => (await headers()).get("user-agent") ?? "";

/** What next-auth asks of a database, answered by services. Accounts of other providers are not linked: there are none. */
const adapter: Adapter = {
  createUser: async (user) =>
    userOf(await createPerson({ email: user.email, name: user.name ?? null, passwordHash: null, isVerified: true })),
  getUser: async (id) => {
    const person = await personById(id);
    return person === null ? null : userOf(person);
  },
  getUserByEmail: async (email) => {
    const person = await personByEmail(email);
    return person === null ? null : userOf(person);
  },
  getUserByAccount: async () => null,
  /** Asked only when a mailed link has proved the address. */
  updateUser: async (user) => {
    if (user.emailVerified) await confirmEmail(user.id);
    const person = await personById(user.id);
    if (person === null) throw new Refusal("not_found", "This account is gone.");
    return userOf(person);
  },
  createSession: async ({ userId }) => {
    // The token that next-auth proposes is a uuid, which is a name and no secret: ours has 256 random bits.
    const sessionToken = newSessionToken();
    const { expires } = await beginSession(sessionToken, userId, await agentOf());
    return { sessionToken, userId, expires };
  },
  getSessionAndUser: async (sessionToken) => {
    const found = await sessionOf(sessionToken);
    if (found === null) return null;
    return { session: { sessionToken, userId: found.person.id, expires: found.expires }, user: userOf(found.person) };
  },
  /** A session ends when it was said to end: using it does not make it longer. */
  updateSession: async () => null,
  deleteSession: async (sessionToken) => {
    await endSession(sessionToken);
  },
  createVerificationToken: async ({ identifier, token, expires }) => {
    await keepLink({ email: identifier, token, expires });
    return { identifier, token, expires };
  },
  useVerificationToken: async ({ identifier, token }) => {
    const link = await takeLink(identifier, token);
    return link === null ? null : { identifier, token, expires: link.expires };
  },
};

const lifeSeconds = sessionLifeMs / 1000;
const linkMinutes = 15;

function config(): NextAuthConfig {
  return {
    adapter,
    session: { strategy: "database", maxAge: lifeSeconds, updateAge: lifeSeconds },
    cookies: {
      sessionToken: {
        name: cookieName(),
        options: { httpOnly: true, sameSite: "lax", path: "/", secure: isHttps() },
      },
    },
    pages: { signIn: "/sign-in", error: "/sign-in", verifyRequest: "/sign-in/sent", signOut: "/" },
    providers: [
      Credentials({
        credentials: { email: {}, password: {} },
        authorize: async ({ email, password }, request) => {
          try {
            const address = addressOf(request.headers);
            const person = await signInWithPassword({
              email: String(email ?? ""),
              password: String(password ?? ""),
              address,
            });
            return { id: person.id, email: person.email, name: person.name };
          } catch (error) {
            if (error instanceof Refusal) throw new Refused(error);
            throw error;
          }
        },
      }),
      {
        id: "email",
        type: "email",
        name: "E-mail",
        maxAge: linkMinutes * 60,
        options: {},
        normalizeIdentifier: (text: string) => emailOf(text),
        generateVerificationToken: newSessionToken,
        sendVerificationRequest: async ({ identifier, url }) => {
          if (!canMail())
            throw new Refusal("unsupported", "No mail can be sent from here. Sign in with your password.");
          await sendMail({ to: identifier, subject: "Your sign-in link for Lotbook", text: linkMail(url) });
        },
      },
    ],
    callbacks: {
      /** Also reached by a plain POST to /api/auth/signin/email, so the limit stands here and not in the form's action. */
      signIn: async ({ account, email, user }) => {
        if (account?.type === "email" && email?.verificationRequest && user.email)
          await countAttempt("link", emailOf(user.email));
        return true;
      },
      /** Under database sessions, what is not written out here would be the whole row of the user. */
      session: ({ session, user }) => ({
        user: { id: user.id, name: user.name ?? null, email: user.email },
        expires: new Date(session.expires).toISOString() as Date & string,
      }),
      /** next-auth gives a password sign-in a JWT; marked here, `encode` below gives it a session in the database instead. */
      jwt: ({ token, account }) => (account?.provider === "credentials" ? { ...token, isPassword: true } : token),
      redirect: ({ url, baseUrl }) => `${baseUrl}${samePath(url, baseUrl)}`,
    },
    jwt: {
      encode: async ({ token }) => {
        const userId = token?.sub;
        if (token?.isPassword !== true || userId === undefined) throw new Error("only a password sign-in is encoded");
        const sessionToken = newSessionToken();
        await beginSession(sessionToken, userId, await agentOf());
        return sessionToken;
      },
      decode: async () => null,
    },
    events: {
      signIn: ({ user, account }) => log().info({ userId: user.id, by: account?.provider }, "signed in"),
      signOut: () => log().info("signed out"),
    },
    logger: {
      error: (error) => {
        const refusal = refusalIn(error);
        if (refusal === null) log().error({ err: error }, "sign-in failed by a fault");
        else log().info({ code: refusal.code }, "sign-in was refused");
      },
      warn: (code) => log().debug({ code }, "next-auth warns"),
      debug: () => undefined,
    },
  };
}

/** The link goes to a page with a button and not to the callback itself: mail scanners follow links, and each is good once. */
function linkMail(url: string): string {
  const target = new URL(url);
  target.pathname = "/sign-in/link";
  return `Open this link to sign in to Lotbook:\n\n${target}\n\nIt works once, within ${linkMinutes} minutes. If you did not ask for it, do nothing.`;
}

const { handlers, auth, signIn, signOut } = NextAuth(config);

export { handlers };

/** Who is asking, by the session's cookie; null where nobody is signed in. Once per request. */
export const signedIn = cache(async (): Promise<Person | null> => {
  const user = (await auth())?.user;
  if (!user?.id || !user.email) return null;
  return { id: user.id, name: user.name ?? null, email: user.email, emailVerified: null };
});

/** The token of the session that asks: for ending all the others. */
export async function sessionToken(): Promise<string | null> {
  return (await cookies()).get(cookieName())?.value ?? null;
}

/** Signs in and sets the cookie. Throws the Refusal of the service. A session that was there before ends: each sign-in begins anew. */
export async function enterWithPassword(email: string, password: string): Promise<void> {
  const before = await sessionToken();
  await unwrapped(() => signIn("credentials", { email, password, redirect: false }));
  if (before !== null) await endSession(before);
}

/** Mails a link that signs in. Says the same whether there is an account or not: the first link makes one. */
export async function mailLink(email: string, next: string): Promise<void> {
  await unwrapped(() => signIn("email", { email: emailOf(email), redirectTo: samePath(next), redirect: false }));
}

async function unwrapped(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    throw refusalIn(error) ?? error;
  }
}

/** Ends the session and takes the cookie away. */
export async function leave(): Promise<void> {
  await signOut({ redirect: false });
}
