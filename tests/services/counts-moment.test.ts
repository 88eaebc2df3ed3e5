/** The rule of a count's moment stands twice: in lib/core/counts.ts and, for the database, in lib/desk/count-ledger.ts. Here the two are compared. */
import { sql } from "drizzle-orm";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { closeDatabase, inBusiness, rowsOf } from "../../db/scope";
import { expectedAt, type MovedThere } from "../../lib/core/counts";
import { instantOf, localDateOf } from "../../lib/core/dates";
import { expectedIn } from "../../lib/desk/count-ledger";
import { instantIn, utc } from "../../lib/desk/count-row";
import type { Scope } from "../../lib/people/access";
import { testDatabase } from "../support/database";
import { aShop, give, item, order, purchase } from "../support/trading";

let scope: Scope;
let moves: readonly MovedThere[];
const days = ["2026-03-08", "2026-03-09", "2026-03-10", "2026-03-11", "2026-04-01"];

beforeAll(async () => {
  await testDatabase();
  scope = await aShop("Moments");
  await give(scope, [item("mug", "Mug", "MUG"), purchase("p0", "2026-01-02", [["mug", 90n, 900n]])]);
  for (const [n, on] of days.entries()) {
    await give(scope, [purchase(`p${on}`, on, [["mug", BigInt(n + 2), 100n]])]);
    for (const hour of ["00", "12", "23"])
      await give(scope, [
        order(`o${on}-${hour}`, on, [["Mug", BigInt(n + 1), 100n, "MUG"]], {
          when: { on, at: instantOf(`${on}T${hour}:30:00-05:00`) },
        }),
      ]);
    await give(scope, [order(`o${on}`, on, [["Mug", 1n, 100n, "MUG"]])]);
  }
  moves = (
    await inBusiness(scope, (tx) =>
      rowsOf<{ on: string; at: string | null; recorded: string; qty: string }>(
        tx,
        sql`select on_date::text as on, ${utc("at")} as at, ${utc("recorded_at")} as recorded, qty::text from app.movements
            where business_id = ${scope.businessId} and item_id = 'mug'`,
      ),
    )
  ).map((row) => ({
    on: row.on,
    at: row.at === null ? null : instantIn(row.at),
    recorded: instantIn(row.recorded),
    qty: BigInt(row.qty),
  }));
});
afterAll(closeDatabase);

it("says the same of any moment, also of those at which something moved", async () => {
  expect(moves.length).toBe(1 + days.length * 5);
  const recorded = moves.map((one) => one.recorded);
  const timed = moves.flatMap((one) => (one.at === null ? [] : [one.at]));
  const instants = fc.oneof(
    fc.constantFrom(...timed, ...recorded),
    fc.bigInt(instantOf("2026-03-07T00:00:00Z"), instantOf("2026-04-03T00:00:00Z")),
  );
  await fc.assert(
    fc.asyncProperty(instants, fc.bigInt(-1n, 1n), fc.boolean(), async (instant, more, takesDay) => {
      const at = instant + more;
      const line = { item: "mug", counted: { qty: 0n, at, since: at, parts: 1 }, takesDay };
      const found = await inBusiness(scope, (tx) => expectedIn(tx, scope, { id: "none", location: "main" }, [line]));
      const on = localDateOf(at, scope.timeZone);
      expect(found.get("mug")?.qty).toBe(expectedAt(moves, { on, at, takesDay }));
    }),
    { numRuns: 60 },
  );
});
