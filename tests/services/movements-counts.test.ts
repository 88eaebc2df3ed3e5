/** What an approved count put right stands in Movements as the count: once, with its number, until it is taken back. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { closeDatabase } from "../../db/scope";
import { takeBackCount } from "../../lib/desk/count-approval";
import { startCount } from "../../lib/desk/count-plans";
import { countView } from "../../lib/desk/count-reads";
import { movementRows, movementTotals } from "../../lib/desk/movements";
import { approved, counted, plan, seen } from "../support/counting";
import { testDatabase } from "../support/database";
import { aShop, give, item, proved, purchase } from "../support/trading";

beforeAll(async () => {
  await testDatabase();
});
afterAll(closeDatabase);

it("lists an approved count as one row, and its adjustments not beside it", async () => {
  const scope = await aShop("Counted");
  await give(scope, [
    item("mug", "Mug", "MUG"),
    item("tin", "Tin", "TIN"),
    purchase("p1", "2026-01-02", [
      ["mug", 10n, 1000n],
      ["tin", 5n, 500n],
    ]),
    {
      kind: "adjustment",
      id: "loose",
      date: "2026-01-05",
      location: "main",
      lines: [{ id: "loose/1", item: "tin", qty: -1n, amount: 0n }],
      reason: "lost",
    },
  ]);
  const id = await plan(scope, { note: "Spring" });
  await startCount(scope, await seen(scope, id));
  const at = new Date().toISOString();
  await counted(scope, id, "mug", "8", { at });
  await counted(scope, id, "tin", "6", { at });
  await approved(scope, id);
  const { number, documents } = await countView(scope, id);
  // One went, another was there beyond: two adjustments of one count.
  expect(documents.length).toBe(2);
  const { rows } = await movementRows(scope);
  expect(rows.map(({ kind, id: of, number: named, items }) => [kind, of, named, items])).toEqual([
    ["count", id, number, 2],
    ["adjustment", "loose", null, 1],
  ]);
  expect(rows[0]).toMatchObject({ state: "done", note: "Spring", from: expect.any(String), to: null });
  expect(await movementTotals(scope)).toEqual({ documents: 2, isEmpty: false });
  expect((await movementRows(scope, { kind: "count", words: number ?? "" })).rows).toHaveLength(1);
  expect((await movementRows(scope, { kind: "adjustment" })).rows.map((row) => row.id)).toEqual(["loose"]);
  expect((await movementRows(scope, { location: "main", words: "mug" })).rows.map(({ kind }) => kind)).toEqual([
    "count",
  ]);
  await takeBackCount(scope, await seen(scope, id));
  expect((await movementRows(scope)).rows.map((row) => row.id)).toEqual(["loose"]);
  await proved(scope);
});
