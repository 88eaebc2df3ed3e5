/** Races for tests: writers that wait behind one lock and are let go at once, and what came of them. */
import postgres from "postgres";
import { inBusiness } from "../../db/scope";
import { lockBooks } from "../../lib/books/ledger";
import { Refusal } from "../../lib/core/errors";
import type { Fact } from "../../lib/core/facts";
import type { DetailsInput } from "../../lib/desk/purchases";
import type { Scope } from "../../lib/people/access";
import { unseen } from "../../lib/preview";
import { type Recorded, recordIn } from "../../lib/record";
import { resultOf } from "../../lib/replay/run";
import { testDatabase } from "./database";
import { aShop, give, item, purchase } from "./trading";

/** A superuser beside the application's pool, which is made large enough that all writers are at work at once. */
export async function openRaces(): Promise<postgres.Sql> {
  process.env.DATABASE_POOL = "30";
  // Whoever races has a connection: that a business has only its share of them is another test.
  process.env.DATABASE_SHARE = "25";
  return postgres((await testDatabase()).url, {
    max: 3,
    onnotice: () => undefined,
    connection: { search_path: "app" },
  });
}

/** Two shops, each with ten mugs that do not divide: what is raced for, and what must not notice. */
export async function twoShops(): Promise<[Scope, Scope]> {
  const shops: [Scope, Scope] = [await aShop("One"), await aShop("Two")];
  for (const one of shops)
    await give(one, [item("mug", "Mug", "MUG"), purchase("p1", "2025-01-02", [["mug", 10n, 1_003n]])]);
  return shops;
}

/** How many ended well, and how many were refused with which code; anything else is thrown. */
export async function outcomes(work: readonly Promise<unknown>[]): Promise<Readonly<Record<string, number>>> {
  const counts: Record<string, number> = {};
  for (const end of await Promise.allSettled(work)) {
    if (end.status === "rejected" && !(end.reason instanceof Refusal)) throw end.reason;
    const name = end.status === "fulfilled" ? "done" : (end.reason as Refusal).code;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

export const times = <T>(n: number, work: (i: number) => Promise<T>): Promise<T>[] =>
  Array.from({ length: n }, (_, i) => work(i));

/** Records facts as a sync does, in a transaction of its own. */
export const recordAlone = (scope: Scope, facts: readonly Fact[], settles = true): Promise<Recorded> =>
  inBusiness(scope, async (tx) =>
    recordIn(
      tx,
      scope,
      await lockBooks(tx, scope),
      facts.map((fact) => ({ fact, version: null })),
      { source: null, userId: null },
      { settles },
    ),
  );

export async function entriesOf(owner: postgres.Sql, scope: Scope, kind: string, id: string): Promise<number> {
  const [row] = await owner<{ n: number }[]>`select count(*)::int as n from journal_entries
    where business_id = ${scope.businessId} and document_kind = ${kind} and document_id = ${id}`;
  return row?.n ?? 0;
}

export const balanceOf = async (scope: Scope, code: string): Promise<bigint> =>
  BigInt((await resultOf(scope)).trial_balance.find((row) => row.code === code)?.amount ?? 0);

/** Starts work while somebody else holds the business's books, and lets it go when so many transactions wait for them. */
export async function behindOneAnother<T>(
  owner: postgres.Sql,
  scope: Scope,
  waiters: number,
  start: () => Promise<T>[],
): Promise<Promise<T>[]> {
  let started: Promise<T>[] = [];
  await owner.begin(async (tx) => {
    await tx`select 1 from businesses where business_id = ${scope.businessId} for update`;
    started = start();
    // Who fails while he waits is told of later, not as an error that nobody caught.
    for (const one of started) one.catch(() => undefined);
    await waitFor(owner, waiters);
  });
  return started;
}

/** Until so many transactions wait for a lock. */
export async function waitFor(owner: postgres.Sql, waiters: number): Promise<void> {
  for (let i = 0; i < 400; i += 1) {
    const [row] = await owner<{ n: number }[]>`select count(*)::int as n from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'`;
    if ((row?.n ?? 0) >= waiters) return;
    await new Promise((done) => setTimeout(done, 25));
  }
  throw new Error(`fewer than ${waiters} transactions wait`);
}

/** A bank's file of so many lines, all of March. */
export function bankFile(rows: number): Buffer {
  const days = Array.from({ length: rows }, (_, i) => `2025-03-${String(1 + (i % 28)).padStart(2, "0")}`);
  const lines = days.map((day, i) => `${day},Payee ${i},-${1 + (i % 90)}.25`);
  return Buffer.from(`Date,Description,Amount\n${lines.join("\n")}\n`, "utf8");
}

/** How many bank lines stand, and what they come to. */
export async function bankLines(owner: postgres.Sql, scope: Scope): Promise<Readonly<{ n: number; sum: bigint }>> {
  const [row] = await owner<
    { n: number; sum: string }[]
  >`select count(*)::int as n, coalesce(sum(amount_minor), 0)::text as sum
    from transactions where business_id = ${scope.businessId} and not is_undone`;
  return { n: row?.n ?? 0, sum: BigInt(row?.sum ?? 0) };
}

/** What a person says of a purchase that has `version`: one mug a line, one line more and a cent more for each next person. */
export const detailsOf = (purchase: string, version: number, person: number): DetailsInput => ({
  purchase,
  version,
  accepted: unseen,
  extras: [],
  lines: Array.from({ length: person + 1 }, (_, row) => ({
    row,
    line: null,
    item: "mug",
    name: "Mug",
    sku: "",
    qty: "1",
    each: null,
    all: 100n + BigInt(person),
    location: null,
  })),
});
