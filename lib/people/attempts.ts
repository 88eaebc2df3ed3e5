/**
 * Guessing is slowed, then stopped for a while, by what is guessed at and from where; with one text, whether the account exists or
 * not. What is counted lies under a hash: the table holds no list of e-mails.
 */
import { createHash } from "node:crypto";
import { eq, lt, sql } from "drizzle-orm";
import { signInFailures } from "../../db/schema/people";
import { asSystem, rowsOf } from "../../db/scope";
import { Refusal } from "../core/errors";

/** `most` tries within `minutes`; from then on a pause until the window is over. */
export type Limit = Readonly<{ most: number; minutes: number }>;

export const limits = {
  /** Wrong passwords for one e-mail from one address. */
  password: { most: 5, minutes: 15 },
  /** Wrong passwords for one e-mail from anywhere: many machines guessing at one account. */
  account: { most: 50, minutes: 60 },
  /** Wrong passwords from one address: one machine guessing at many accounts. */
  address: { most: 60, minutes: 15 },
  /** Sign-in links mailed to one e-mail. */
  link: { most: 5, minutes: 60 },
  /** Accounts made from one address. */
  signUp: { most: 30, minutes: 60 },
} as const satisfies Record<string, Limit>;

export type Attempt = keyof typeof limits;

function keyOf(kind: Attempt, who: string): string {
  return `${kind}:${createHash("sha256").update(who).digest("hex")}`;
}

function pause(minutes: number): Refusal {
  const left = minutes === 1 ? "a minute" : `${minutes} minutes`;
  return new Refusal("too_many_requests", `Too many tries. Wait ${left} and try again.`, {
    retryAfterSeconds: String(minutes * 60),
  });
}

/**
 * Counts one try and refuses it with `too_many_requests` where there were too many; gives how many are left. Counting comes before
 * what is tried, so that a hundred at once are a hundred counted.
 */
export async function countAttempt(kind: Attempt, who: string): Promise<number> {
  const { most, minutes } = limits[kind];
  const key = keyOf(kind, who);
  const row = await asSystem("tries are counted before anybody is known", async (tx) => {
    const rows = await rowsOf<{ count: number; minutes: number }>(
      tx,
      sql`insert into app.sign_in_failures as f (who, count, since) values (${key}, 1, now())
        on conflict (who) do update set
          count = case when f.since < now() - make_interval(mins => ${minutes}) then 1 else f.count + 1 end,
          since = case when f.since < now() - make_interval(mins => ${minutes}) then now() else f.since end
        returning count, greatest(1, ceil(extract(epoch from since + make_interval(mins => ${minutes}) - now()) / 60))::int as minutes`,
    );
    // The table stays as small as a day's tries.
    if (rows[0]?.count === 1)
      await tx.delete(signInFailures).where(lt(signInFailures.since, sql`now() - interval '1 day'`));
    return rows[0];
  });
  if (row !== undefined && row.count > most) throw pause(row.minutes);
  return row === undefined ? most : most - row.count;
}

/** Forgets the tries, once one was right. */
export async function forgetAttempts(kind: Attempt, who: string): Promise<void> {
  await asSystem("a right password ends the count", (tx) =>
    tx.delete(signInFailures).where(eq(signInFailures.who, keyOf(kind, who))),
  );
}
