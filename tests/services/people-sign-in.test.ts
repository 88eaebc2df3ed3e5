import { createHash } from "node:crypto";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { closeDatabase } from "../../db/scope";
import { Refusal } from "../../lib/core/errors";
import { countAttempt, limits } from "../../lib/people/attempts";
import {
  changePassword,
  checkPassword,
  confirmPassword,
  hashPassword,
  hasPassword,
  signInWithPassword,
  signUp,
} from "../../lib/people/passwords";
import {
  beginSession,
  endSession,
  endSessionById,
  newSessionToken,
  sessionLifeMs,
  sessionOf,
  sessionRestMs,
  sessionsOf,
  signOutElsewhere,
} from "../../lib/people/sessions";
import { confirmEmail, createPerson, emailOf, keepLink, personByEmail, takeLink } from "../../lib/people/users";
import { testDatabase } from "../support/database";

let admin: postgres.Sql;
let count = 0;

beforeAll(async () => {
  admin = postgres((await testDatabase()).url, { max: 1, onnotice: () => undefined });
});
afterAll(async () => {
  await admin.end();
  await closeDatabase();
});

const password = "three plain words";
const someone = () => {
  count += 1;
  return signUp({ name: `Person ${count}`, email: `person${count}@example.com`, password, address: "" });
};
const knock = (email: string, tried: string, address = "") => signInWithPassword({ email, password: tried, address });
const withHash = async (email: string, tried: string | null, isVerified = false) =>
  createPerson({ email, name: null, passwordHash: tried === null ? null : await hashPassword(tried), isVerified });

async function refused(work: Promise<unknown>): Promise<Refusal> {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof Refusal)) throw new Error(`not refused, but ${String(error)}`);
  return error;
}

async function sessionFor(userId: string): Promise<string> {
  const token = newSessionToken();
  await beginSession(token, userId, "Firefox");
  return token;
}

const keyOf = (token: string) => createHash("sha256").update(token).digest("hex");

describe("a password", () => {
  const code = (text: string) => {
    try {
      checkPassword(text, "dana.alder@example.com");
      return "taken";
    } catch (error) {
      return error instanceof Refusal ? error.code : "a fault";
    }
  };

  it.each([
    ["8 characters", "kQ3 v9#x"],
    ["64 and more", "correct horse ".repeat(10)],
    ["spaces and emoji", "my 🦔 sleeps late"],
    ["only small letters", "gravelpathway"],
    ["1,000 characters", "ab c".repeat(250)],
  ])("of %s is taken", (_name, text) => expect(code(text)).toBe("taken"));

  it.each([
    ["7 characters", "kQ3v9#x", "weak_password"],
    ["7 emoji, though they are 14 units", "🦔🦊🐝🐙🦉🐢🐬", "weak_password"],
    ["the common kind", "Password123", "weak_password"],
    ["one character", "zzzzzzzzzzzz", "weak_password"],
    ["a run", "fghijklmno", "weak_password"],
    ["a run down", "98765432", "weak_password"],
    ["the e-mail", "dana.alder@example.com", "weak_password"],
    ["the e-mail's name with digits", "dana.alder2026!", "weak_password"],
    ["1,001 characters", `${"ab c".repeat(250)}d`, "text_too_long"],
  ])("of %s is refused", (_name, text, wanted) => expect(code(text)).toBe(wanted));

  it("is kept as argon2id of 19 MiB, two passes, one lane, salted", async () => {
    const [one, two] = [await hashPassword(password), await hashPassword(password)];
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(one).not.toBe(two);
  });

  it("is not cut: one that differs only in its 200th character is another", async () => {
    const long = "long words ".repeat(18);
    const person = await withHash("long@example.com", `${long}xa`);
    expect((await knock(person.email, `${long}xa`)).id).toBe(person.id);
    expect((await refused(knock(person.email, `${long}xb`))).code).toBe("sign_in_failed");
  });

  it("is the same however an accent is composed", async () => {
    const person = await withHash("accent@example.com", "caf\u00e9 au lait");
    expect((await knock(person.email, "cafe\u0301 au lait")).id).toBe(person.id);
  });
});

describe("signing in", () => {
  it("knows a person by their e-mail, however it is written", async () => {
    const person = await someone();
    expect(await knock(` ${person.email.toUpperCase()} `, password)).toMatchObject({ id: person.id });
  });

  it("shows nothing of the password: neither the person nor the session has it", async () => {
    const person = await someone();
    const token = await sessionFor(person.id);
    const all = [await knock(person.email, password), await sessionOf(token), await sessionsOf(person.id, token)];
    const shown = JSON.stringify(all);
    expect(shown).toContain(person.email);
    expect(shown).not.toMatch(/argon2|hash|password/i);
    expect(shown).not.toContain(token);
  });

  it("says the same to a wrong password, to an unknown e-mail, and to who has no password", async () => {
    const person = await someone();
    const byMail = await withHash("bymail@example.com", null, true);
    const emails = [person.email, "nobody@example.com", byMail.email];
    const said = await Promise.all(emails.map((email) => refused(knock(email, "not this one"))));
    expect(new Set(said.map(({ code, message }) => `${code} ${message}`)).size).toBe(1);
    expect(said[0]?.code).toBe("sign_in_failed");
  });

  it("works as hard for an unknown e-mail as for a known one", async () => {
    const person = await someone();
    const time = async (email: string) => {
      const start = performance.now();
      await refused(knock(email, "not this one"));
      return performance.now() - start;
    };
    await time("warm@example.com");
    const [known, unknown] = [await time(person.email), await time("nowhere@example.com")];
    // Hashing is most of it: without the dummy, the unknown one would be many times as fast.
    expect(unknown).toBeGreaterThan(known / 4);
  });

  it("pauses after five wrong tries, also for the right password, and not for another address", async () => {
    const person = await someone();
    const said: string[] = [];
    for (let i = 0; i < limits.password.most; i += 1)
      said.push((await refused(knock(person.email, "wrong words", "192.0.2.7"))).message);
    expect(said[0]).toContain("Four tries are left before a pause of 15 minutes");
    expect(said[3]).toContain("One try is left");
    const paused = await refused(knock(person.email, password, "192.0.2.7"));
    expect(paused).toMatchObject({ code: "too_many_requests", status: 429 });
    expect(Number(paused.detail.retryAfterSeconds)).toBeGreaterThan(0);
    expect((await knock(person.email, password, "192.0.2.8")).id).toBe(person.id);
    await admin`update app.sign_in_failures set since = now() - interval '16 minutes'`;
    expect((await knock(person.email, password, "192.0.2.7")).id).toBe(person.id);
  });

  it("forgets wrong tries after a right one", async () => {
    const person = await someone();
    for (let round = 0; round < 3; round += 1) {
      for (let i = 0; i < 2; i += 1) await refused(knock(person.email, "wrong words"));
      expect((await knock(person.email, password)).id).toBe(person.id);
    }
  });

  it("counts tries that come at once, each of them", async () => {
    const tries = await Promise.allSettled(
      Array.from({ length: 20 }, () => countAttempt("password", "burst@example.com")),
    );
    expect(tries.filter(({ status }) => status === "fulfilled")).toHaveLength(limits.password.most);
  });

  it("keeps no e-mail in the table of tries", async () => {
    await refused(knock("watched@example.com", "wrong words"));
    const rows = await admin`select who from app.sign_in_failures`;
    expect(rows.length).toBeGreaterThan(0);
    expect(JSON.stringify(rows)).not.toContain("watched");
  });
});

describe("an account", () => {
  it("is one for each e-mail, also when two are made at once", async () => {
    const make = () => withHash("Twice@Example.com", null);
    const both = await Promise.allSettled([make(), make()]);
    expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    expect((await refused(make())).code).toBe("in_use");
  });

  it.each([
    "",
    "dana",
    "dana@",
    "@example.com",
    "a b@example.com",
    "a@b\r\nBcc: c@d",
    "a@b@c",
    "<a@b>",
    `${"x".repeat(250)}@example.com`,
  ])("is not made for %j", (text) => expect(() => emailOf(text)).toThrow(Refusal));

  it("made with somebody else's address ends for its maker when the mail proves whose it is", async () => {
    const maker = await signUp({ name: "Mallory", email: "victim@example.com", password, address: "" });
    const token = await sessionFor(maker.id);
    await confirmEmail(maker.id);
    expect(await sessionOf(token)).toBeNull();
    expect((await refused(knock("victim@example.com", password))).code).toBe("sign_in_failed");
    expect((await personByEmail("victim@example.com"))?.emailVerified).not.toBeNull();
  });

  it("that a mail has proved before keeps its password when a link is used again", async () => {
    const person = await withHash("proved@example.com", password, true);
    await confirmEmail(person.id);
    expect((await knock(person.email, password)).id).toBe(person.id);
  });

  it("lets in by each mailed link once, and by the last one only", async () => {
    const expires = new Date(Date.now() + 60_000);
    await keepLink({ email: "link@example.com", token: "first", expires });
    await keepLink({ email: "link@example.com", token: "second", expires });
    expect(await takeLink("link@example.com", "first")).toBeNull();
    const uses = await Promise.all([1, 2, 3].map(() => takeLink("link@example.com", "second")));
    expect(uses.filter((use) => use !== null)).toEqual([{ expires }]);
  });
});

describe("a session", () => {
  it("is a token of 256 random bits, of which the database has only a hash", async () => {
    const person = await someone();
    const token = await sessionFor(person.id);
    expect(Buffer.from(token, "base64url")).toHaveLength(32);
    const rows = await admin<{ key: string }[]>`
      select session_token as key from app.sessions where user_id = ${person.id}`;
    expect(rows.map(({ key }) => key)).toEqual([keyOf(token)]);
    expect(await sessionOf(keyOf(token))).toBeNull();
    expect((await sessionOf(token))?.person).toMatchObject({ id: person.id, email: person.email });
  });

  it("ends when it is too old, whatever is done in it, and when it has rested too long", async () => {
    const person = await someone();
    const [old, rested, alive] = [
      await sessionFor(person.id),
      await sessionFor(person.id),
      await sessionFor(person.id),
    ];
    await admin`update app.sessions set expires = now() - interval '1 second' where session_token = ${keyOf(old)}`;
    await admin`update app.sessions set seen_at = now() - make_interval(secs => ${sessionRestMs / 1000 + 1})
      where session_token = ${keyOf(rested)}`;
    expect(await sessionOf(old)).toBeNull();
    expect(await sessionOf(rested)).toBeNull();
    const found = await sessionOf(alive);
    expect(found?.expires.getTime()).toBeLessThanOrEqual(Date.now() + sessionLifeMs);
    expect((await sessionsOf(person.id, alive)).map(({ isThis }) => isThis)).toEqual([true]);
  });

  it("is seen when it is used, without becoming longer", async () => {
    const person = await someone();
    const token = await sessionFor(person.id);
    const before = await sessionOf(token);
    await admin`update app.sessions set seen_at = now() - interval '1 hour' where user_id = ${person.id}`;
    const after = await sessionOf(token);
    expect(after?.expires).toEqual(before?.expires);
    const [row] = await sessionsOf(person.id, token);
    expect(Date.parse(row?.seenAt ?? "")).toBeGreaterThan(Date.now() - 60_000);
  });

  it("is ended at once: by signing out, from the list, or all others together; those of others never", async () => {
    const [person, other] = [await someone(), await someone()];
    const [one, two, three, four] = [
      await sessionFor(person.id),
      await sessionFor(person.id),
      await sessionFor(person.id),
      await sessionFor(person.id),
    ];
    const foreign = await sessionFor(other.id);
    await endSession(two);
    expect(await sessionOf(two)).toBeNull();
    const id = (await sessionsOf(person.id, three)).find(({ isThis }) => isThis)?.id ?? "";
    await endSessionById(other.id, id);
    expect(await sessionOf(three)).not.toBeNull();
    await endSessionById(person.id, id);
    expect(await sessionOf(three)).toBeNull();
    expect(await signOutElsewhere(person.id, one)).toBe(1);
    expect(await sessionOf(four)).toBeNull();
    expect(await sessionOf(one)).not.toBeNull();
    expect(await sessionOf(foreign)).not.toBeNull();
  });
});

describe("a change of password", () => {
  it("needs the old one, ends every other session, and makes the old one worthless", async () => {
    const person = await someone();
    const [mine, stolen] = [await sessionFor(person.id), await sessionFor(person.id)];
    const change = (current: string, next: string) => changePassword({ person, current, next, token: mine });
    const wrong = await refused(change("not it", "four other plain words"));
    expect(wrong).toMatchObject({ code: "sign_in_failed", detail: { field: "current" } });
    const weak = await refused(change(password, "1234567"));
    expect(weak).toMatchObject({ code: "weak_password", detail: { field: "next" } });
    expect(await sessionOf(stolen)).not.toBeNull();
    expect(await change(password, "four other plain words")).toBe(1);
    expect(await sessionOf(stolen)).toBeNull();
    expect(await sessionOf(mine)).not.toBeNull();
    expect((await refused(knock(person.email, password))).code).toBe("sign_in_failed");
    expect((await knock(person.email, "four other plain words")).id).toBe(person.id);
  });

  it("is how who came by mail gets a first one", async () => {
    const person = await withHash("first@example.com", null, true);
    expect(await hasPassword(person.id)).toBe(false);
    await confirmPassword(person, "");
    await changePassword({ person, current: "", next: password, token: null });
    expect(await hasPassword(person.id)).toBe(true);
    expect((await refused(confirmPassword(person, "wrong words"))).code).toBe("sign_in_failed");
    await confirmPassword(person, password);
  });
});
