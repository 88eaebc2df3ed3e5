/** What a failure means to a job, and what a runner does whatever the queue does to it. */
import { sql } from "drizzle-orm";
import { afterAll, afterEach, describe, expect, it, vi } from "vitest";
import { asSystem, closeDatabase, inBusiness, rowsOf } from "../../db/scope";
import { ChannelError, Refusal } from "../../lib/core/errors";
import { forgetGivenUp, retryGivenUp } from "../../lib/desk/given-up";
import type { Scope } from "../../lib/people/access";
import { readFailpoints } from "../../lib/system/failpoints";
import { jobs } from "../../lib/system/jobs";
import { bury, deadJobs, request, takeDue, takeOverdue } from "../../lib/system/outbox";
import { aSeller } from "../../scripts/lib/sellers";
import { type Handler, handlers } from "../../workers/registry";
import { backoffMs, makeRunner, meaningOf } from "../../workers/run";

afterAll(closeDatabase);
afterEach(() => vi.restoreAllMocks());

describe("what a failure means", () => {
  const job = { attempt: 2, attempts: 5, isStopping: false };
  const meaning = (error: unknown, more: Partial<typeof job> = {}) => meaningOf(error, { ...job, ...more }, () => 0.5);

  it("a channel that is busy is waited for as long as it asks, and it is no failed attempt", () => {
    expect(meaning(new ChannelError("throttled", "busy", 42_000), { attempt: 5 })).toEqual({
      kind: "wait",
      afterMs: 42_000,
      counts: false,
      message: "busy",
    });
    expect(meaning(new ChannelError("throttled", "busy", 10 * 3_600_000))).toMatchObject({ afterMs: 900_000 });
  });

  it("a channel that is not there is tried again, later each time, and given up after the last attempt", () => {
    expect(meaning(new ChannelError("unavailable", "down"))).toMatchObject({ kind: "wait", counts: true });
    expect(meaning(new ChannelError("unavailable", "down"), { attempt: 5 })).toMatchObject({
      kind: "stop",
      message: "down",
      isFault: false,
    });
  });

  it("a person must act where the sign-in is gone, or a service refuses", () => {
    expect(meaning(new ChannelError("disconnected", "gone"))).toMatchObject({ kind: "stop", isDisconnected: true });
    expect(meaning(new Refusal("does_not_fit", "No."))).toMatchObject({ kind: "stop", message: "No.", isFault: false });
    expect(meaning(new Refusal("connect_failed", "No."))).toMatchObject({ kind: "stop", isDisconnected: true });
  });

  it.each(["refused", "unreadable"] as const)("what is %s is not asked for again", (failure) => {
    expect(meaning(new ChannelError(failure, "x"))).toMatchObject({ kind: "stop", isDisconnected: false });
  });

  it("a fault of ours shows nothing of itself, and ends after the last attempt", () => {
    expect(meaning(new TypeError("secret"))).toMatchObject({ kind: "wait", counts: true });
    expect(JSON.stringify(meaning(new TypeError("secret"), { attempt: 5 }))).not.toContain("secret");
    expect(meaning(new TypeError("secret"), { attempt: 5 })).toMatchObject({ kind: "stop", isFault: true });
  });

  it("a worker that stops gives the job back at once, as if it had not begun", () => {
    expect(meaning(new Error("stopping"), { isStopping: true, attempt: 5 })).toEqual({
      kind: "wait",
      afterMs: 0,
      counts: false,
      message: "The worker was stopped.",
    });
  });

  it("waits grow, are never nothing, and have a longest", () => {
    expect([1, 2, 3].map((attempt) => backoffMs(attempt, () => 1))).toEqual([2_000, 4_000, 8_000]);
    expect(backoffMs(1, () => 0)).toBe(400);
    expect(backoffMs(50, () => 1)).toBe(900_000);
  });
});

describe("a runner", () => {
  const ask = async (scope: Scope) => {
    await inBusiness(scope, (tx) => request(tx, "verifyBooks", { business: scope.businessId }));
    return due(scope);
  };
  /** Hands everything over, whatever waits it was told. Gives the business's row. */
  const due = async (scope: Scope) => {
    await asSystem("time passes", (tx) => tx.execute(sql`update app.outbox set not_before = now()`));
    const before = await rows(scope);
    await takeDue(1_000);
    return before[0]?.id ?? "";
  };
  const rows = (scope: Scope) =>
    asSystem("a test looks", (tx) =>
      rowsOf<{ id: string; state: string; attempts: number; relayed: boolean; error: string | null }>(
        tx,
        sql`select id, state, attempts, relayed_at is not null as relayed, last_error as error
            from app.outbox where business_id = ${scope.businessId} and job <> 'summariseDays'`,
      ),
    );
  const handledBy = (handler: Handler<"verifyBooks">) =>
    vi.spyOn(handlers, "verifyBooks").mockImplementation(async () => handler);
  const runner = () => makeRunner(new AbortController().signal);

  it("runs a job once, however often and at however many places its row is handed over", async () => {
    const scope = await aSeller();
    const proofs = () =>
      inBusiness(scope, (tx) => rowsOf(tx, sql`select id from app.proofs where business_id = ${scope.businessId}`));
    const row = await ask(scope);
    await runner().run(row);
    await runner().run(row);
    expect(await proofs()).toHaveLength(1);
    expect(await rows(scope)).toEqual([]);
    // At the same time: both begin, both do it, neither harms the other.
    const again = await ask(scope);
    await Promise.all([runner().run(again), runner().run(again)]);
    expect((await proofs()).length).toBeLessThanOrEqual(3);
    expect(await rows(scope)).toEqual([]);
  });

  it("leaves what was asked for again while it ran", async () => {
    const scope = await aSeller();
    const row = await ask(scope);
    handledBy({
      run: async () => {
        await inBusiness(scope, (tx) => request(tx, "verifyBooks", { business: scope.businessId }));
        return "done";
      },
    });
    await runner().run(row);
    const [left] = await rows(scope);
    expect(left).toMatchObject({ state: "waiting", relayed: false, attempts: 0 });
    expect(left?.id).not.toBe(row);
  });

  it("does nothing for a row that waits for its time: the queue was restored from an old copy", async () => {
    const scope = await aSeller();
    await inBusiness(scope, (tx) => request(tx, "verifyBooks", { business: scope.businessId }, 60_000));
    const [row] = await rows(scope);
    const run = vi.fn(async () => "done" as const);
    handledBy({ run });
    await runner().run(row?.id ?? "");
    expect(run).not.toHaveBeenCalled();
    expect(await rows(scope)).toHaveLength(1);
  });

  it("gives up what always fails, says why, moves on, and tries again or forgets it when told to", async () => {
    const scope = await aSeller();
    const stopped = vi.fn(async () => undefined);
    handledBy({ run: () => Promise.reject(new TypeError("always")), stopped });
    await ask(scope);
    for (let attempt = 1; attempt <= jobs.verifyBooks.attempts; attempt += 1) {
      const [row] = await rows(scope);
      await due(scope);
      await runner().run(row?.id ?? "");
    }
    expect(stopped).toHaveBeenCalledTimes(1);
    const [dead] = await deadJobs(scope);
    expect(dead).toMatchObject({
      job: "verifyBooks",
      attempts: 2,
      reason: "This is our fault, and it is written down.",
    });
    const other = await aSeller();
    expect(await deadJobs(other)).toEqual([]);
    await expect(retryGivenUp(other, { id: dead?.id ?? "" })).rejects.toMatchObject({ code: "not_found" });
    await expect(forgetGivenUp(other, { id: dead?.id ?? "" })).rejects.toMatchObject({ code: "not_found" });
    await retryGivenUp(scope, { id: dead?.id ?? "" });
    vi.restoreAllMocks();
    await runner().run(await due(scope));
    expect(await rows(scope)).toEqual([]);
  });

  it("a dead job does not keep the same from being asked for again", async () => {
    const scope = await aSeller();
    await bury(await ask(scope), "no");
    expect(await deadJobs(scope)).toHaveLength(1);
    await runner().run(await ask(scope));
    expect(await rows(scope)).toEqual([]);
  });

  it("lets a long job give way, and counts its failures from the beginning", async () => {
    const scope = await aSeller();
    const row = await ask(scope);
    handledBy({ run: async () => "again" });
    await runner().run(row);
    expect(await rows(scope)).toMatchObject([{ state: "waiting", relayed: false, attempts: 0 }]);
  });

  it("tells a job that its worker is stopping, and gives it back", async () => {
    const scope = await aSeller();
    const row = await ask(scope);
    const stopping = new AbortController();
    handledBy({
      run: (_payload, { signal }) =>
        new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error))),
    });
    const running = makeRunner(stopping.signal).run(row);
    await new Promise((done) => setTimeout(done, 50));
    stopping.abort(new Error("stopping"));
    await running;
    expect(await rows(scope)).toMatchObject([{ state: "waiting", relayed: false, attempts: 0 }]);
  });

  it("has no use for a job of a business that is gone, or of a payload that says nothing", async () => {
    const scope = await aSeller();
    await inBusiness(scope, async (tx) => {
      await request(tx, "verifyBooks", { business: scope.businessId });
      await tx.execute(sql`delete from app.due`);
    });
    const row = await due(scope);
    await asSystem("a row of an older version", (tx) =>
      tx.execute(sql`update app.outbox set payload = '{"business": "who"}'::jsonb where id = ${row}`),
    );
    await runner().run(row);
    expect(await deadJobs(scope)).toHaveLength(1);
    const gone = "018f0000-0000-7000-8000-00000000dead";
    await asSystem("a business that was thrown away", (tx) => request(tx, "verifyBooks", { business: gone }));
    const left = { ...scope, businessId: gone };
    await runner().run(await due(left));
    expect(await rows(left)).toEqual([]);
  });

  it("a row is taken by one relay only, and again when it is overdue", async () => {
    const scope = await aSeller();
    await inBusiness(scope, (tx) => request(tx, "verifyBooks", { business: scope.businessId }));
    const [row] = await rows(scope);
    const taken = await Promise.all(Array.from({ length: 8 }, () => takeDue(100)));
    expect(taken.flat().filter(({ id }) => id === row?.id)).toHaveLength(1);
    expect((await takeOverdue(60_000, 100)).some(({ id }) => id === row?.id)).toBe(false);
    expect((await takeOverdue(-1, 100)).some(({ id }) => id === row?.id)).toBe(true);
  });
});

it("a failpoint that says nothing sensible is refused, so that no test passes by a slip of the pen", () => {
  expect(readFailpoints("pull.stored=kill@2, run.begun=throw@*").get("pull.stored")).toEqual({ way: "kill", nth: 2 });
  for (const text of ["pull.stored", "pull.stored=die", "pull.stored=kill@0", "Pull=kill"])
    expect(() => readFailpoints(text)).toThrow(/a failpoint looks like/);
});
