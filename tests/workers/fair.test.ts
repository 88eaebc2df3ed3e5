/** What the relay hands over is fair among businesses: round by round, and of none more than its share. */
import { sql } from "drizzle-orm";
import { afterAll, afterEach, expect, it } from "vitest";
import { asSystem, closeDatabase } from "../../db/scope";
import { newId } from "../../lib/system/ids";
import { share } from "../../lib/system/jobs";
import { finish, goOn, postpone, putBack, request, takeDue } from "../../lib/system/outbox";

afterEach(() => asSystem("a test begins anew", (tx) => tx.execute(sql`delete from app.outbox`)));
afterAll(closeDatabase);

const ask = (business: string, channel: string) =>
  asSystem("a test asks", (tx) => request(tx, "syncChannel", { business, channel, run: newId() }));
const [hog, ann, bob] = [newId(), newId(), newId()];
const countOf = (rows: readonly { business: string }[], business: string) =>
  rows.filter((row) => row.business === business).length;

it("first the first of every business, and of none more than its share", async () => {
  for (let n = 0; n < 50; n += 1) await ask(hog, `c${n}`);
  await ask(ann, "c");
  await ask(bob, "c");
  const first = await takeDue(3);
  expect(new Set(first.map((row) => row.business))).toEqual(new Set([hog, ann, bob]));
  const next = await takeDue(100);
  expect(countOf(next, hog)).toBe(share.channels - 1);
  expect(await takeDue(100)).toEqual([]);
});

it("what ends, waits or was given back makes room for the next", async () => {
  for (let n = 0; n < 10; n += 1) await ask(hog, `c${n}`);
  const rows = await takeDue(100);
  expect(rows).toHaveLength(share.channels);
  const [one, two, three] = rows.map((row) => row.id);
  await finish(one ?? "");
  expect(await takeDue(100)).toHaveLength(1);
  await postpone(two ?? "", { delayMs: 60_000, counts: true, error: null });
  expect(await takeDue(100)).toHaveLength(1);
  await goOn(three ?? "");
  expect(await takeDue(100)).toHaveLength(1);
  expect(await takeDue(100)).toEqual([]);
});

it("each queue has a share of its own", async () => {
  for (let n = 0; n < 5; n += 1) await ask(hog, `c${n}`);
  await asSystem("a test asks", async (tx) => {
    await request(tx, "recost", { business: hog });
    await request(tx, "verifyBooks", { business: hog });
  });
  const rows = await takeDue(100);
  expect(rows.filter((row) => row.job === "syncChannel")).toHaveLength(share.channels);
  expect(rows.filter((row) => row.job !== "syncChannel")).toHaveLength(share.books);
});

it("many relays at once take no more than one would", async () => {
  for (let n = 0; n < 20; n += 1) await ask(hog, `c${n}`);
  const taken = (await Promise.all(Array.from({ length: 8 }, () => takeDue(100)))).flat();
  expect(new Set(taken.map((row) => row.id)).size).toBe(taken.length);
  expect(taken.length).toBeLessThanOrEqual(share.channels);
  await putBack(taken.map((row) => row.id));
  expect((await takeDue(100)).length).toBe(share.channels);
});

it("a row of a job that there is not is handed over too, to be buried", async () => {
  await ask(ann, "c");
  await asSystem("a row of another version", (tx) => tx.execute(sql`update app.outbox set job = 'sayHello'`));
  expect(await takeDue(10)).toMatchObject([{ job: "sayHello", business: ann }]);
});
