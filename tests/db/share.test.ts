/** One business cannot hold more than its share of a process's connections, and the others do not feel it. */
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { closeDatabase, inBusiness, rowsOf } from "../../db/scope";
import { turnstile } from "../../db/share";
import { Refusal } from "../../lib/core/errors";
import type { Scope } from "../../lib/people/access";
import { aSeller } from "../../scripts/lib/sellers";
import { meaningOf } from "../../workers/run";

describe("a turnstile", () => {
  const late = () => new Error("late");

  test("lets in so many of each, and the others in the order in which they came", async () => {
    const gate = turnstile(2, 10_000, late);
    const order: string[] = [];
    const [one, two] = [await gate.enter("a"), await gate.enter("a")];
    const come = async (key: string, name: string) => {
      const leave = await gate.enter(key);
      order.push(name);
      return leave;
    };
    const third = come("a", "third");
    const fourth = come("a", "fourth");
    await come("b", "other").then((leave) => leave());
    expect(order).toEqual(["other"]);
    one();
    await third;
    expect(order).toEqual(["other", "third"]);
    // Whoever leaves twice gives only one place.
    one();
    await new Promise((done) => setTimeout(done, 20));
    expect(order).toEqual(["other", "third"]);
    two();
    await fourth;
    expect(order).toEqual(["other", "third", "fourth"]);
  });

  test("tells who has waited too long, and gives the place that comes free to the next who still waits", async () => {
    const gate = turnstile(1, 60, late);
    const leave = await gate.enter("a");
    await expect(gate.enter("a")).rejects.toThrow("late");
    const next = gate.enter("a");
    leave();
    const leaveNext = await next;
    leaveNext();
    (await gate.enter("a"))();
  });
});

describe("connections", () => {
  const before = { ...process.env };
  let hog: Scope;
  let small: Scope;
  beforeAll(async () => {
    process.env.DATABASE_POOL = "4";
    process.env.DATABASE_SHARE = "2";
    process.env.DATABASE_WAIT_MS = "1500";
    await closeDatabase();
    hog = await aSeller("Hog");
    small = await aSeller("Small");
  });
  afterAll(async () => {
    await closeDatabase();
    process.env = before;
  });
  const sleepIn = (scope: Scope, seconds: number) =>
    inBusiness(scope, (tx) => rowsOf(tx, sql`select pg_sleep(${seconds})`).then(() => Date.now()));

  test("of a business that fills its share leave the others theirs", async () => {
    const began = Date.now();
    const slow = Array.from({ length: 6 }, () => sleepIn(hog, 0.4));
    await new Promise((done) => setTimeout(done, 50));
    const answered = (await sleepIn(small, 0)) - began;
    const ends = (await Promise.all(slow)).map((end) => end - began);
    // Two at a time: three rounds, though four connections were there.
    expect(Math.max(...ends)).toBeGreaterThan(1_150);
    expect(answered).toBeLessThan(Math.min(...ends));
  });

  test("that do not become free in time are refused in plain words, with 503 and when to come again", async () => {
    const held = [sleepIn(hog, 2.5), sleepIn(hog, 2.5)];
    await new Promise((done) => setTimeout(done, 100));
    const refused = await sleepIn(hog, 0).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(Refusal);
    expect(refused).toMatchObject({ code: "too_busy", status: 503, detail: { retryAfterSeconds: "5" } });
    await Promise.all(held);
    await sleepIn(hog, 0);
  });

  test("are one share with those that work opens within work, so that it never waits for itself", async () => {
    const nested = () => inBusiness(hog, () => inBusiness(hog, (tx) => rowsOf(tx, sql`select 1 as one`)));
    const began = Date.now();
    await Promise.all([nested(), nested()]);
    expect(Date.now() - began).toBeLessThan(1_200);
  });

  test("that are all in use are no failure of a job: it waits, and no attempt is counted", () => {
    const meaning = meaningOf(
      new Refusal("too_busy", "busy"),
      { attempt: 5, attempts: 5, isStopping: false },
      () => 0.5,
    );
    expect(meaning).toMatchObject({ kind: "wait", counts: false });
  });
});
