/** No change without a row in the audit trail (I23 of reliability.md): the database asks for it at commit. And how the trail is searched. */
import { sql } from "drizzle-orm";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { closeDatabase, inBusiness, rowsOf, type Tx } from "../../db/scope";
import type { Scope } from "../../lib/people/access";
import { auditChoices, auditRows, recordAudit } from "../../lib/people/audit";
import { updateBusiness } from "../../lib/people/businesses";
import { newId } from "../../lib/system/ids";
import { undoSource } from "../../lib/undo";
import { testDatabase } from "../support/database";
import { deliberate } from "../support/statement-check";
import { aShop, give, item, order, purchase } from "../support/trading";

let owner: postgres.Sql;
let scope: Scope;
let other: Scope;

beforeAll(async () => {
  owner = postgres((await testDatabase()).url, { max: 1, onnotice: () => undefined });
  [scope, other] = [await aShop("Audited"), await aShop("Other")];
  for (const one of [scope, other])
    await give(one, [item("mug", "Mug"), purchase("p1", "2025-03-01", [["mug", 2n, 10n]])]);
});
afterAll(async () => {
  await Promise.all([owner.end(), closeDatabase()]);
});

const b = () => scope.businessId;

describe("without a row in the audit trail the database refuses", () => {
  const changes: readonly (readonly [string, () => ReturnType<typeof sql>])[] = [
    ["a fact", () => sql`update app.facts set undone_at = now() where business_id = ${b()} and id = 'item/mug'`],
    ["a setting", () => sql`update app.businesses set grace_days = 5 where business_id = ${b()}`],
    ["the closed day", () => sql`update app.businesses set closed_through = '2020-01-01' where business_id = ${b()}`],
    ["the team", () => sql`update app.members set role = 'viewer' where business_id = ${b()}`],
    ["who is taken out of the team", () => sql`delete from app.members where business_id = ${b()}`],
    [
      "an invitation",
      () => sql`insert into app.invites (business_id, id, email, role, token_hash, invited_by, created_at, expires_at)
        values (${b()}, ${newId()}, 'x@example.com', 'viewer', 'x', ${newId()}, now(), now())`,
    ],
    ["an account", () => sql`update app.accounts set name = 'Mine' where business_id = ${b()} and code = '1000'`],
    ["a channel", () => sql`update app.channels set name = 'Mine' where business_id = ${b()}`],
    ["a location", () => sql`update app.locations set name = 'Mine' where business_id = ${b()}`],
    [
      "a rule",
      () => sql`insert into app.rules (business_id, id, place, words, state, created_at, is_off)
        values (${b()}, ${newId()}, 1, 'x', 'hidden', now(), false)`,
    ],
    [
      "a bank line",
      () => sql`insert into app.transactions (business_id, id, account_code, on_date, amount_minor, payee, memo, dedupe_key, occurrence, place, state, version, recorded_at, is_undone)
        values (${b()}, 't', '1000', '2025-03-01', 5, '', '', 'k', 1, 1, 'open', 1, now(), false)`,
    ],
    [
      "an import",
      () => sql`with made as (insert into app.imports (business_id, id, kind, layout, file_name, sha256, bytes, state, result, created_at)
          values (${b()}, ${newId()}, 'bank', 'ofx', 'f', '', '', 'preview', '{}', now()) returning id) select id from made`,
    ],
  ];
  test.each(changes.filter(([name]) => name !== "an import"))("%s", async (_name, change) => {
    const work = inBusiness(scope, (tx) => tx.execute(change()));
    await expect(work).rejects.toMatchObject({ code: "23001", constraint_name: "audited" });
    // The same change with its row is taken, whether the row comes after it or before.
    for (const isFirst of [false, true]) {
      await undone(async (tx) => {
        const row = () => recordAudit(tx, scope, { what: "rule.move", about: "x" });
        if (isFirst) await row();
        await tx.execute(change());
        if (!isFirst) await row();
        await tx.execute(sql`set constraints all immediate ${sql.raw(deliberate)}`);
      });
    }
  });

  test("an import that is taken in or back, not one that is only looked at", async () => {
    const make = changes.find(([name]) => name === "an import")?.[1];
    const [made] = await inBusiness(scope, (tx) => rowsOf<{ id: string }>(tx, make?.() ?? sql`select 1`));
    const work = inBusiness(scope, (tx) =>
      tx.execute(sql`update app.imports set state = 'accepted' where business_id = ${b()} and id = ${made?.id}`),
    );
    await expect(work).rejects.toMatchObject({ code: "23001", constraint_name: "audited" });
  });
});

test("nor takes a note of one's own for a row: of another transaction, of none, or one that says it is of this", async () => {
  const [known] = await owner<{ id: string }[]>`select id from app.audit_trail where business_id = ${b()} limit 1`;
  const rename = sql`update app.businesses set name = 'Mine' where business_id = ${b()}`;
  const forged = [
    sql.raw(`set local app.audited = '${known?.id}' ${deliberate}`),
    sql.raw(`set local app.audited = '${newId()}' ${deliberate}`),
    sql.raw(`set local app.audited = '${b()}' ${deliberate}`),
  ];
  for (const note of forged) {
    const work = inBusiness(scope, async (tx) => {
      await tx.execute(note);
      await tx.execute(rename);
    });
    await expect(work).rejects.toMatchObject({ code: "23001", constraint_name: "audited" });
  }
  // What a row says of its transaction is the trigger's word, whoever says otherwise.
  const id = newId();
  await undone(async (tx) => {
    await tx.execute(
      sql`insert into app.audit_trail (business_id, id, at, what, about, tx) values (${b()}, ${id}, now(), 'test', 'x', 1)`,
    );
    const [row] = await rowsOf<{ own: boolean }>(
      tx,
      sql`select tx = pg_current_xact_id()::text::bigint as own from app.audit_trail where business_id = ${b()} and id = ${id} ${sql.raw(deliberate)}`,
    );
    expect(row?.own).toBe(true);
  });
  // A row in a part of the transaction that was taken back is none.
  const partly = inBusiness(scope, async (tx) => {
    const part = tx.transaction(async (inner) => {
      await recordAudit(inner, scope, { what: "rule.move", about: "x" });
      throw new TakenBack();
    });
    await expect(part).rejects.toBeInstanceOf(TakenBack);
    await tx.execute(rename);
  });
  await expect(partly).rejects.toMatchObject({ code: "23001", constraint_name: "audited" });
});

class TakenBack extends Error {}

/** Runs it, to the point of commit, and takes it back. */
async function undone(work: (tx: Tx) => Promise<void>): Promise<void> {
  const done = inBusiness(scope, async (tx) => {
    await work(tx);
    throw new TakenBack();
  });
  await expect(done).rejects.toBeInstanceOf(TakenBack);
}

test("every table of a business is asked for, or follows from one that is", async () => {
  const follows =
    "account_days account_months account_currency_months allocations balance_rows backfills charges cost_groups dirty_marks fact_names item_components item_days item_months item_names item_places item_stock items journal_blocks journal_entries journal_heads listings lots matches movements order_fees order_lines orders payouts pins posting_marks postings purchase_extras purchase_lines purchases return_lines returns stock_documents stock_lines touched_days sold_days order_days inventory_days";
  const reasons: Readonly<Record<string, string>> = {
    ...Object.fromEntries(
      follows.split(" ").map((table) => [table, "made of facts, in the transaction that records them"]),
    ),
    audit_trail: "is the trail",
    proofs: "says what was found, changes nothing",
    bank_layouts: "remembers how a bank's files are read",
    raw_documents: "what channels said, kept as it came",
    exports: "a copy of what is there, to be taken away",
    export_parts: "its bytes",
    count_documents: "which adjustments an approved count made, in the transaction that records them",
    count_sums: "what approved counts found, in the transaction that approves them",
    met_currencies: "remembers which currencies documents named",
    rate_fetches: "how fetching rates stands",
    channel_feeds: "how far a channel was read",
    runs: "how far work is",
    channel_stock: "what a channel says that it holds, as it said it",
    shelf_moves: "what a channel said that happened, in the transaction that records it",
    series: "counts on with the document that takes a number",
    series_numbers: "the numbers that it gave",
    statements: "what a bank's file says of itself, beside the import",
  };
  const rows = await owner<{ name: string; asked: boolean }[]>`
    select c.relname as name, exists (select 1 from pg_trigger g where g.tgrelid = c.oid and g.tgname = 'audited') as asked
    from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'app' and c.relkind = 'r' and c.relrowsecurity`;
  expect(rows.filter(({ name, asked }) => !asked && reasons[name] === undefined).map(({ name }) => name)).toEqual([]);
  expect(rows.filter(({ name, asked }) => asked && reasons[name] !== undefined).map(({ name }) => name)).toEqual([]);
});

test("many facts that no person recorded have one row, which says how many of each; so have those that are undone", async () => {
  const facts = Array.from({ length: 300 }, (_, n) => order(`bulk${n}`, "2025-04-01", [["Mug", 1n, 100n]]));
  const before = (await auditRows(scope, {}, { limit: 500 })).rows.length;
  await give(scope, [...facts, purchase("p2", "2025-04-01", [["mug", 300n, 3_000n]])]);
  const { rows } = await auditRows(scope, {}, { limit: 500 });
  expect(rows.length).toBe(before + 1);
  expect(rows[0]).toMatchObject({ what: "facts.record", who: null, after: { order: 300, purchase: 1 } });
  // Given again nothing changes, so nothing is written down.
  await give(other, [item("mug", "Mug")]);
  const { undone: gone } = await undoSource(scope, "no such source", { source: null, userId: scope.userId });
  expect(gone).toBe(0);
  expect((await auditRows(scope, {}, { limit: 500 })).rows.length).toBe(before + 1);
});

describe("the trail is found again", () => {
  beforeAll(async () => {
    await updateBusiness(scope, { name: "Renamed 100%_sure", timeZone: scope.timeZone, taxYearStartMonth: 1 });
    // Rows of other days: nobody can write them but behind the product's back.
    await owner.begin(async (tx) => {
      await tx`set local session_replication_role = replica`;
      for (const [id, at] of [
        ["01942000-0000-7000-8000-000000000001", "2025-01-01T04:59:59Z"],
        ["01942000-0000-7000-8000-000000000002", "2025-01-01T05:00:00Z"],
        ["01942400-0000-7000-8000-000000000003", "2025-01-02T04:59:59Z"],
        ["01942400-0000-7000-8000-000000000004", "2025-01-02T05:00:00Z"],
      ] as const)
        await tx`insert into app.audit_trail (business_id, id, at, what, about, why) values (${b()}, ${id}, ${at}, 'test.day', ${at}, 'because of the day')`;
    });
  });

  const found = async (filter: Parameters<typeof auditRows>[1]) =>
    (await auditRows(scope, filter, { limit: 500 })).rows;

  test("by who", async () => {
    const { who } = await auditChoices(scope);
    expect(who.map(({ userId }) => userId)).toEqual([scope.userId, null]);
    for (const row of await found({ userId: scope.userId })) expect(row.who).not.toBeNull();
    for (const row of await found({ userId: null })) expect(row.who).toBeNull();
    expect((await found({ userId: scope.userId })).length + (await found({ userId: null })).length).toBe(
      (await found({})).length,
    );
  });

  test("by what, from all there is", async () => {
    const { what } = await auditChoices(scope);
    const all = await found({});
    expect(what).toEqual([...new Set(all.map((row) => row.what))].sort());
    expect((await found({ what: "business.update" })).map((row) => row.after)).toMatchObject([
      { name: "Renamed 100%_sure" },
    ]);
  });

  test("by the business's own days, both included", async () => {
    const days = async (from?: string, to?: string) =>
      (await found({ from, to, what: "test.day" })).map(({ about }) => about).reverse();
    expect(await days("2025-01-01", "2025-01-01")).toEqual(["2025-01-01T05:00:00Z", "2025-01-02T04:59:59Z"]);
    expect(await days(undefined, "2024-12-31")).toEqual(["2025-01-01T04:59:59Z"]);
    expect(await days("2025-01-02")).toEqual(["2025-01-02T05:00:00Z"]);
  });

  test("by words in what it was before, after and why; signs are themselves", async () => {
    expect((await found({ text: "because of the DAY" })).length).toBe(4);
    expect((await found({ text: "100%_sure" })).map(({ what }) => what)).toEqual(["business.update"]);
    expect(await found({ text: "100%sure" })).toEqual([]);
    // And by what the page calls the change.
    const byName = await found({ text: "settings of the BUSINESS" });
    expect(byName.map(({ what }) => what)).toEqual(["business.update"]);
  });

  test("of one business only", async () => {
    expect((await auditRows(other, { what: "test.day" })).rows).toEqual([]);
    expect((await auditChoices(other)).what).not.toContain("test.day");
  });
});
