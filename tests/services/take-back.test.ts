/** Taking a large file back by a job: all of it or nothing, however it ends. */
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { asSystem, closeDatabase, inBusiness, rowsOf } from "../../db/scope";
import { verifyBooks } from "../../lib/books/verify";
import { acceptImport } from "../../lib/desk/imports";
import { saveDetails } from "../../lib/desk/purchases";
import {
  askPreview,
  previewOf,
  runTakeBack,
  takeBackImport,
  takenBackAtOnce,
  takingBack,
} from "../../lib/desk/take-back";
import { sortAs } from "../../lib/desk/transactions";
import { importOf, takeFile } from "../../lib/money/imports";
import { type Scope, systemScope } from "../../lib/people/access";
import { auditRows } from "../../lib/people/audit";
import { createBusiness } from "../../lib/people/businesses";
import { newId } from "../../lib/system/ids";
import { takeDue } from "../../lib/system/outbox";
import { cancelRun, runOf } from "../../lib/system/runs";
import { makeRunner } from "../../workers/run";
import { testDatabase } from "../support/database";

const never = new AbortController().signal;
const count = takenBackAtOnce + 1_200;
let person: { id: string };
let scope: Scope;

beforeAll(async () => {
  await testDatabase();
});
afterAll(closeDatabase);

/** A new business with one accepted file of so many rows. */
async function withFile(rows: number): Promise<string> {
  person = { id: newId() };
  scope = await createBusiness(person, {
    name: "Alder",
    country: "US",
    currency: "USD",
    timeZone: "America/New_York",
    taxYearStartMonth: 1,
  });
  const lines = Array.from(
    { length: rows },
    (_, i) => `2026-01-${String((i % 28) + 1).padStart(2, "0")},Shop ${i},-1.00`,
  );
  const text = `Date,Description,Amount\n${lines.join("\n")}\n`;
  const { id } = await takeFile(scope, { name: "large.csv", bytes: Buffer.from(text, "utf8") });
  await acceptImport(scope, id, { takesLayout: true, atOnce: true });
  return id;
}

async function live(): Promise<number> {
  const [row] = await inBusiness(scope, (tx) =>
    rowsOf<{ n: number }>(
      tx,
      sql`select count(*)::int as n from app.transactions where business_id = ${scope.businessId} and not is_undone`,
    ),
  );
  return row?.n ?? 0;
}

const waitingJobs = () =>
  asSystem("a test looks at the outbox", (tx) =>
    rowsOf<{ job: string }>(
      tx,
      sql`select job from app.outbox where business_id = ${scope.businessId} and job <> 'summariseDays'`,
    ),
  );

/** What the relay and a worker do until nothing is due: of one business one job after the other. */
async function work(): Promise<void> {
  const runner = makeRunner(never);
  for (let due = await takeDue(100); due.length > 0; due = await takeDue(100))
    for (const row of due) await runner.run(row.id);
}

/** Says what was in a purchase: one thing, for all that was paid. */
async function detail(purchase: string): Promise<void> {
  const lamp = {
    row: 0,
    line: null,
    item: null,
    name: "Lamp",
    sku: "",
    qty: "1",
    each: null,
    all: 100n,
    location: null,
  };
  await saveDetails(scope, { purchase, version: 1, accepted: "", lines: [lamp], extras: [] });
}

async function asked(id: string): Promise<string> {
  const { run } = await takeBackImport(scope, id);
  if (run === null) throw new Error("a large file is taken back by a job");
  return run;
}

describe("a file that is taken back", () => {
  it("goes while the form waits where it is small", async () => {
    const id = await withFile(3);
    expect(await takeBackImport(scope, id)).toEqual({ gone: 3, run: null });
    expect(await live()).toBe(0);
    expect(await waitingJobs()).toEqual([]);
    expect(await takingBack(scope, id)).toBeNull();
  });

  it("goes by a job where it is large, and shows how far it is", async () => {
    const id = await withFile(count);
    const run = await asked(id);
    expect(await live()).toBe(count);
    expect(await takingBack(scope, id)).toMatchObject({ id: run, state: "waiting", total: count, label: "large.csv" });
    await expect(takeBackImport(scope, id)).rejects.toMatchObject({ code: "running_already" });
    await work();
    expect(await live()).toBe(0);
    expect(await runOf(scope, run)).toMatchObject({ state: "done", done: count, total: count, note: null });
    expect((await importOf(scope, id)).state).toBe("undone");
    expect(await waitingJobs()).toEqual([]);
    const { rows } = await auditRows(scope, { about: id, what: "import.undo" });
    expect(rows).toHaveLength(1);
    expect((await verifyBooks(scope)).findings).toBe(0);
    await expect(takeBackImport(scope, id)).rejects.toMatchObject({ code: "nothing_to_undo" });
  });

  it("is rehearsed by a job first, which says what would move and leaves all as it was", async () => {
    const id = await withFile(count);
    const run = await askPreview(scope, { of: "import", id });
    await expect(askPreview(scope, { of: "import", id })).rejects.toMatchObject({ code: "running_already" });
    expect(await previewOf(scope, id)).toMatchObject({ id: run, state: "waiting", total: count });
    await work();
    expect(await previewOf(scope, id)).toMatchObject({ state: "done", done: count, note: "No posted cost moves." });
    expect(await live()).toBe(count);
    expect((await importOf(scope, id)).state).toBe("accepted");
    const stopped = await askPreview(scope, { of: "import", id });
    await cancelRun(scope, stopped);
    await work();
    expect(await previewOf(scope, id)).toMatchObject({ id: stopped, state: "cancelled" });
    const viewer: Scope = { ...scope, role: "viewer" };
    await expect(askPreview(viewer, { of: "import", id })).rejects.toMatchObject({ code: "not_allowed" });
  });

  it("tells how many are done between its parts, and stays whole where it is stopped there", async () => {
    const id = await withFile(count);
    const run = await asked(id);
    const system = await systemScope(scope.businessId);
    const seen: number[] = [];
    const watching = (async () => {
      // What is told stands in the row while the job's own transaction is still open.
      for (;;) {
        const now = await runOf(scope, run);
        if (now.done > 0 && now.state === "running") {
          seen.push(now.done);
          await cancelRun(scope, run);
          return;
        }
        if (now.state !== "waiting" && now.state !== "running") return;
      }
    })();
    await Promise.all([runTakeBack(system, { of: "import", id, user: person.id, run }, never), watching]);
    expect(seen).toEqual([1_000]);
    expect(await runOf(scope, run)).toMatchObject({ state: "cancelled", done: 0 });
    expect(await live()).toBe(count);
    expect((await importOf(scope, id)).state).toBe("accepted");
    // It can be asked for again.
    const again = await asked(id);
    expect(again).not.toBe(run);
    await work();
    expect(await live()).toBe(0);
  });

  it("stays whole where the worker is stopped, and goes when another takes the job up", async () => {
    const id = await withFile(count);
    const run = await asked(id);
    const system = await systemScope(scope.businessId);
    const stopping = AbortSignal.abort(new Error("the worker is stopping"));
    const payload = { of: "import", id, user: person.id, run } as const;
    await expect(runTakeBack(system, payload, stopping)).rejects.toThrow("the worker is stopping");
    expect(await live()).toBe(count);
    await work();
    expect(await live()).toBe(0);
    expect((await runOf(scope, run)).state).toBe("done");
    // Late, for the second time: nothing is left to do, and it does not count as refused.
    await runTakeBack(system, payload, never);
    expect((await runOf(scope, run)).state).toBe("done");
  });

  it("says why where it is refused, and nothing of it has gone", async () => {
    const id = await withFile(count);
    const [row] = await inBusiness(scope, (tx) =>
      rowsOf<{ id: string }>(
        tx,
        sql`select id from app.transactions where business_id = ${scope.businessId} order by id desc limit 1`,
      ),
    );
    await sortAs(scope, [{ id: row?.id ?? "", version: null }], { kind: "inventory" });
    const [purchase] = await inBusiness(scope, (tx) =>
      rowsOf<{ id: string }>(tx, sql`select id from app.purchases where business_id = ${scope.businessId}`),
    );
    await detail(purchase?.id ?? "");
    const run = await asked(id);
    await work();
    const ended = await runOf(scope, run);
    expect(ended).toMatchObject({ state: "failed", done: 0 });
    expect(ended.note).toMatch(/detail/i);
    expect(await live()).toBe(count);
    expect((await verifyBooks(scope)).findings).toBe(0);
  });
});
