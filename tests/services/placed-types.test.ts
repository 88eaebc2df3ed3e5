/** Rows of a type that no connector knows: said once, posted anew, remembered for what comes, and taken back. */
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { closeDatabase, inBusiness, rowsOf } from "../../db/scope";
import type { Practice } from "../../integrations/practice/server/index";
import type { ChargeFact } from "../../lib/core/facts";
import { placedAs, placedTypes, placeType } from "../../lib/desk/placed-types";
import { syncChannel } from "../../lib/digest";
import type { Scope } from "../../lib/people/access";
import { record } from "../../lib/record";
import { otherRows, otherTypes } from "../../lib/sales/channel-reads";
import { syncNow } from "../../lib/sales/channels";
import { storeDocuments } from "../../lib/sales/pull";
import { aMarket, aSeller, connect } from "../../scripts/lib/sellers";
import { accountsNow } from "../support/adjusting";
import { proved, refused } from "../support/trading";

let market: Practice;
beforeAll(async () => {
  market = await aMarket({ orders: 20, seed: 3 });
});
afterAll(async () => {
  await market.close();
  await closeDatabase();
});

const row = (nth: number, amount: bigint, type = "moon_levy"): ChargeFact => ({
  kind: "charge",
  id: `practice/charge/moon-${nth}`,
  channel: "practice",
  date: "2026-03-30",
  category: "other",
  type,
  amount,
  order: null,
  memo: "",
});

async function aChannel(): Promise<Scope> {
  const scope = await aSeller();
  await connect(scope);
  const facts = [row(1, -300n), row(2, -200n), row(3, 50n, "moon_bonus")];
  await record(
    scope,
    facts.map((fact) => ({ fact, version: "2026-03-30T10:00:00.000Z" })),
    { source: null, userId: null },
  );
  return scope;
}
const held = async (scope: Scope, code: string) => (await accountsNow(scope))[code] ?? 0;

describe("a type that no connector knows", () => {
  it("is placed once for all its rows, others stay where they are, and all is taken back", async () => {
    const [scope, other] = [await aChannel(), await aChannel()];
    expect((await otherTypes(scope, "practice")).map(({ type }) => type)).toEqual(["moon_levy", "moon_bonus"]);
    expect(await held(scope, "9991")).toBe(500);
    expect(await placeType(scope, { channel: "practice", type: "moon_levy", code: "6020" })).toEqual({ before: null });
    expect([await held(scope, "9991"), await held(scope, "6020"), await held(scope, "9990")]).toEqual([0, 500, -50]);
    expect((await otherTypes(scope, "practice")).map(({ type }) => type)).toEqual(["moon_bonus"]);
    expect(await otherRows(scope, "practice", "moon_levy")).toEqual([]);
    expect((await placedTypes(scope, "practice")).types).toEqual([
      { type: "moon_levy", code: "6020", account: "Advertising", count: 2, amountMinor: -500n },
    ]);
    // Another business's rows of that name are its own affair.
    expect([await held(other, "9991"), (await placedTypes(other, "practice")).types]).toEqual([500, []]);
    expect(await placeType(scope, { channel: "practice", type: "moon_levy", code: "6000" })).toEqual({
      before: "6020",
    });
    expect([await held(scope, "6020"), await held(scope, "6000")]).toEqual([0, 500]);
    await placeType(scope, { channel: "practice", type: "moon_levy", code: null });
    expect([await held(scope, "6000"), await held(scope, "9991")]).toEqual([0, 500]);
    expect(await otherTypes(scope, "practice")).toHaveLength(2);
    await proved(scope);
    await proved(other);
  });

  it("is remembered for what comes, and the channel's next word replaces a row that was placed", async () => {
    const scope = await aChannel();
    await placeType(scope, { channel: "practice", type: "moon_levy", code: "6020" });
    const version = "2026-04-01T10:00:00.000Z";
    const at = "2026-03-30T10:00:00Z";
    const document = (id: string, minor: string) => ({
      feed: "balance" as const,
      externalId: id,
      version,
      body: {
        id,
        type: "moon_levy",
        amount: { amount: minor, currency: "USD" },
        created_at: at,
        updated_at: version,
        order_id: null,
        refund_id: null,
        about_payout_id: null,
        payout_id: null,
        description: "",
      },
    });
    const run = await syncNow(scope, "practice").catch(async () => {
      const [open] = await inBusiness(scope, (tx) =>
        rowsOf<{ id: string }>(
          tx,
          sql`select id from app.runs where business_id = ${scope.businessId} and job = 'syncChannel'`,
        ),
      );
      return open?.id ?? "";
    });
    await inBusiness(scope, (tx) => storeDocuments(tx, scope, "practice", [document("moon-9", "-700")], run));
    await syncChannel(scope, { channelId: "practice", run, signal: new AbortController().signal });
    await record(scope, [{ fact: placedAs(row(1, -900n), new Map([["moon_levy", "6020"]])), version }], {
      source: null,
      userId: null,
    });
    const rows = await inBusiness(scope, (tx) =>
      rowsOf<{ id: string; account: string; amount: string }>(
        tx,
        sql`select id, account_code as account, amount_minor::text as amount from app.charges
            where business_id = ${scope.businessId} and type = 'moon_levy' order by id`,
      ),
    );
    expect(rows.map(({ account, amount }) => [account, amount]).sort()).toEqual(
      [
        ["6020", "-900"],
        ["6020", "-200"],
        ["6020", "-700"],
      ].sort(),
    );
    await proved(scope);
  });

  it("refuses an account that holds stock or its cost, a type that was never seen, and who may only read", async () => {
    const scope = await aChannel();
    expect((await refused(placeType(scope, { channel: "practice", type: "moon_levy", code: "1200" }))).code).toBe(
      "unknown_id",
    );
    expect((await refused(placeType(scope, { channel: "practice", type: "moon_levy", code: "1150" }))).code).toBe(
      "unknown_id",
    );
    expect((await refused(placeType(scope, { channel: "practice", type: "sun_levy", code: "6000" }))).code).toBe(
      "not_found",
    );
    const viewer: Scope = { ...scope, role: "viewer" };
    expect((await refused(placeType(viewer, { channel: "practice", type: "moon_levy", code: "6000" }))).code).toBe(
      "not_allowed",
    );
    expect(await held(scope, "9991")).toBe(500);
  });
});
