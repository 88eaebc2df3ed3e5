/** Long reading on several connections: all see one moment, and nobody waits for a connection that another holds. */
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { alongside } from "../../db/alongside";
import { closeDatabase, inBusiness, rowsOf, type Tx } from "../../db/scope";
import { verifyBooks } from "../../lib/books/verify";
import type { Scope } from "../../lib/people/access";
import { aSeller } from "../../scripts/lib/sellers";

const before = { ...process.env };
let scope: Scope;
beforeAll(async () => {
  scope = await aSeller("Two at once");
});
beforeEach(() => withConnections(4, 2));
afterAll(async () => {
  process.env = before;
  await closeDatabase();
});

async function withConnections(pool: number, share: number): Promise<void> {
  Object.assign(process.env, { DATABASE_POOL: `${pool}`, DATABASE_SHARE: `${share}`, DATABASE_WAIT_MS: "1500" });
  await closeDatabase();
}

const proofs = async (tx: Tx) =>
  (
    await rowsOf<{ n: number }>(
      tx,
      sql`select count(*)::int as n from app.proofs where business_id = ${scope.businessId}`,
    )
  )[0]?.n;
const backend = async (tx: Tx) => (await rowsOf<{ pid: number }>(tx, sql`select pg_backend_pid() as pid`))[0]?.pid;
const beginning = (tx: Tx) => tx.execute(sql`set transaction isolation level repeatable read`);

/** Takes `pieces` pieces on up to `more` further connections; gives which connections took part. */
async function walk(more: number, pieces: number, piece: (tx: Tx, n: number) => Promise<void>): Promise<Set<unknown>> {
  const seen = new Set<unknown>();
  let next = 0;
  await inBusiness(scope, async (tx) => {
    await beginning(tx);
    await alongside(tx, scope, more, async (one) => {
      for (let n = next++; n < pieces; n = next++) {
        seen.add(await backend(one));
        await piece(one, n);
      }
    });
  });
  return seen;
}
const aWhile = () => new Promise<void>((done) => setTimeout(done, 30));

test("two connections see the moment at which the first began, whatever is written meanwhile", async () => {
  const counts = new Set<unknown>();
  const connections = await walk(1, 40, async (tx, n) => {
    if (n === 0) await verifyBooks(scope);
    counts.add(await proofs(tx));
    await aWhile();
  });
  expect(connections.size).toBe(2);
  expect([...counts]).toEqual([0]);
  expect(await inBusiness(scope, proofs)).toBe(1);
});

test("where there is no further connection, or none of the business's share, one does all of it", async () => {
  for (const [pool, share] of [
    [1, 1],
    [4, 1],
  ] as const) {
    await withConnections(pool, share);
    let pieces = 0;
    const connections = await walk(1, 5, async () => {
      pieces += 1;
      await aWhile();
    });
    expect([connections.size, pieces]).toEqual([1, 5]);
  }
});

test("as many proofs at once as there are connections all end", async () => {
  await withConnections(3, 3);
  const proved = await Promise.all([1, 2, 3].map(() => verifyBooks(scope)));
  expect(proved.map((proof) => proof.findings)).toEqual([0, 0, 0]);
});

test("what one of them throws is thrown, after the other has ended", async () => {
  let ended = 0;
  await expect(
    walk(1, 20, async (_, n) => {
      await aWhile();
      ended += 1;
      if (n === 3) throw new Error("the fourth piece");
    }),
  ).rejects.toThrow("the fourth piece");
  expect(ended).toBe(20);
});
