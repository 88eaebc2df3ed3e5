/** What the journal refuses in the database itself, to anyone (I1 to I7 of reliability.md). */

import { randomUUID } from "node:crypto";
import postgres from "postgres";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { appUrl } from "../../db/client";
import { closeDatabase } from "../../db/scope";
import { verifyBooks } from "../../lib/books/verify";
import type { Scope } from "../../lib/people/access";
import { record } from "../../lib/record";
import { newId } from "../../lib/system/ids";
import { aSeller } from "../../scripts/lib/sellers";
import { testDatabase } from "../support/database";

let owner: postgres.Sql;
let app: postgres.Sql;
let scope: Scope;
const origin = { source: null, userId: null };

beforeAll(async () => {
  owner = postgres((await testDatabase()).url, { max: 4, onnotice: () => undefined });
  app = postgres(appUrl(), { max: 4, onnotice: () => undefined });
});
afterAll(async () => {
  await Promise.all([owner.end(), app.end(), closeDatabase()]);
});
beforeEach(async () => {
  scope = await aSeller();
  await record(
    scope,
    [
      { fact: { kind: "item", id: "i", name: "Mug", sku: "MUG", decimals: 0, aliases: [] }, version: null },
      {
        fact: {
          kind: "purchase",
          id: "p",
          date: "2025-03-01",
          amount: 1000n,
          lines: [{ id: "p-1", item: "i", qty: 3n, amount: 1000n, location: null }],
          extras: [],
          account: "1000",
          supplier: null,
        },
        version: null,
      },
      // So that there is a closing too.
      { fact: { kind: "close", through: "2024-12-31" }, version: null },
    ],
    origin,
  );
});

/** Runs statements of the application's role inside the business. */
async function inside<T>(work: (tx: postgres.TransactionSql) => Promise<T>): Promise<T> {
  return (await app.begin(async (tx) => {
    await tx.unsafe(`set local app.business_id = '${scope.businessId}'; set local search_path = app`);
    await tx`insert into audit_trail (business_id, id, at, what, about) values (${scope.businessId}, ${newId()}, now(), 'test', 'journal')`;
    return work(tx);
  })) as T;
}
const entry = (id: string, postings: number, on = "2025-03-02") => ({
  business_id: scope.businessId,
  id,
  document_kind: "test",
  document_id: id,
  purpose: "test",
  nth: 0,
  effective_on: on,
  posted_on: on,
  recorded_at: new Date(),
  memo: "",
  is_correction: false,
  postings,
  // Beyond any number that the product gave: these entries are refused, or only their day is looked at.
  entry_no: 1_000_000 + Number.parseInt(id.slice(0, 6), 16),
  digest: Buffer.alloc(32),
});
const posting = (id: string, place: number, of: number, over: Record<string, unknown> = {}) => ({
  business_id: scope.businessId,
  entry_id: id,
  place,
  of,
  debit: "1200",
  credit: "1000",
  amount_minor: 5,
  posted_on: "2025-03-02",
  ...over,
});
const code = (error: unknown) => (error as { code?: string }).code;

describe("an entry balances by its form", () => {
  test.each([
    ["one account on both sides", { credit: "1200" }],
    ["an amount of nothing", { amount_minor: 0 }],
    ["a negative amount", { amount_minor: -5 }],
    ["a place beyond its count", { place: 2 }],
  ])("%s is refused", async (_name, over) => {
    const id = randomUUID();
    await expect(
      inside(async (tx) => {
        await tx`insert into journal_entries ${tx(entry(id, 1))}`;
        await tx`insert into postings ${tx(posting(id, 1, 1, over))}`;
      }),
    ).rejects.toSatisfy((error) => code(error) === "23514");
  });

  test("an account that is not there is refused, by the months' sums that go with every posting", async () => {
    await expect(
      inside(
        (tx) => tx`insert into account_months (business_id, code, month, debit_minor, credit_minor)
          values (current_setting('app.business_id')::uuid, '7777', '2025-01-01', 100, 0)`,
      ),
    ).rejects.toSatisfy((error) => code(error) === "23503");
  });

  test("no posting can be added to an entry later", async () => {
    const [old] = await inside((tx) => tx`select id, postings from journal_entries limit 1`);
    for (const [place, of] of [
      [Number(old?.postings), Number(old?.postings)],
      [Number(old?.postings) + 1, Number(old?.postings)],
      [Number(old?.postings) + 1, Number(old?.postings) + 1],
    ] as const) {
      await expect(inside((tx) => tx`insert into postings ${tx(posting(old?.id, place, of))}`)).rejects.toSatisfy(
        (error) => ["23505", "23514", "23503"].includes(code(error) ?? ""),
      );
    }
  });
});

describe("what is posted stays", () => {
  const changes = [
    "update app.journal_entries set memo = 'x'",
    "update app.postings set amount_minor = amount_minor + 1",
    "delete from app.journal_entries",
    "delete from app.postings",
    "truncate app.postings",
    "truncate app.journal_entries cascade",
    "update app.audit_trail set what = 'x'",
    "delete from app.audit_trail",
    "truncate app.audit_trail",
    "update app.journal_blocks set hash = sha256('x')",
    "delete from app.journal_blocks",
    "truncate app.journal_blocks",
    "delete from app.journal_heads",
    "truncate app.journal_heads",
    "update app.closings set why = 'x'",
    "delete from app.closings",
    "truncate app.closings",
  ];
  test.each(changes)("the application's role may not: %s", async (statement) => {
    await expect(inside((tx) => tx.unsafe(statement))).rejects.toSatisfy((error) => code(error) === "42501");
  });
  test.each(changes)("nor may the owner of the database: %s", async (statement) => {
    await expect(owner.unsafe(statement)).rejects.toSatisfy((error) => code(error) === "23001");
  });
});

test("one posting key is posted once, however many try at once", async () => {
  const before = await inside((tx) => tx`select count(*)::int as n from journal_entries`);
  const fact = {
    fact: { kind: "payout", id: "twenty", channel: "c", date: "2025-03-04", amount: 7n } as const,
    version: null,
  };
  await inside(
    (tx) =>
      tx`insert into accounts (business_id, code, name, type, holds, currency, is_archived) values (${scope.businessId}, '1150', 'C balance', 'asset', 'channel', 'USD', false)`,
  );
  await inside(
    (tx) =>
      tx`insert into channels (business_id, id, kind, name, account_code, state, created_at) values (${scope.businessId}, 'c', 'hand', 'C', '1150', 'file', now())`,
  );
  await Promise.all(Array.from({ length: 20 }, () => record(scope, [fact], origin)));
  const after = await inside((tx) => tx`select count(*)::int as n from journal_entries`);
  expect(after[0]?.n - before[0]?.n).toBe(1);
  expect((await verifyBooks(scope)).findings).toBe(0);
});

test("the same fact with other content is refused, not posted", async () => {
  await expect(
    record(
      scope,
      [
        {
          fact: {
            kind: "purchase",
            id: "p",
            date: "2025-03-01",
            amount: 1001n,
            lines: [],
            extras: [],
            account: "1000",
            supplier: null,
          },
          version: null,
        },
      ],
      origin,
    ),
  ).rejects.toMatchObject({ code: "fact_changed" });
});

describe("a closed period", () => {
  test("takes no entry on its days", async () => {
    await inside((tx) => tx`update businesses set closed_through = '2025-03-31'`);
    const id = randomUUID();
    await expect(inside((tx) => tx`insert into journal_entries ${tx(entry(id, 1, "2025-03-31"))}`)).rejects.toSatisfy(
      (error) => (error as { constraint_name?: string }).constraint_name === "journal_entries_open_period",
    );
  });

  test("a close waits for a posting that is under way, and then refuses the next", async () => {
    const id = randomUUID();
    let closed: Promise<unknown> = Promise.resolve();
    let isClosed = false;
    await inside(async (tx) => {
      await tx`insert into journal_entries ${tx(entry(id, 1, "2025-03-20"))}`;
      closed = inside((other) => other`update businesses set closed_through = '2025-03-31'`).then(() => {
        isClosed = true;
      });
      await new Promise((resolve) => setTimeout(resolve, 300));
      expect(isClosed).toBe(false);
      await tx`insert into postings ${tx(posting(id, 1, 1, { posted_on: "2025-03-20" }))}`;
    });
    await closed;
    await expect(
      inside((tx) => tx`insert into journal_entries ${tx(entry(randomUUID(), 1, "2025-03-20"))}`),
    ).rejects.toSatisfy((error) => code(error) === "23514");
  });

  test("closes and postings in a storm: nothing stands on a closed day that was not there before its close", async () => {
    const postOn = (on: string, n: number) =>
      record(
        scope,
        [
          {
            fact: {
              kind: "purchase",
              id: `s${n}`,
              date: on,
              amount: 10n,
              lines: [],
              extras: [],
              account: "1000",
              supplier: null,
            },
            version: null,
          },
        ],
        origin,
      );
    await Promise.all(
      Array.from({ length: 24 }, (_, n) =>
        n % 6 === 5
          ? record(
              scope,
              [{ fact: { kind: "close", through: `2025-0${3 + Math.floor(n / 6)}-28` }, version: null }],
              origin,
            )
          : postOn("2025-03-15", n),
      ),
    );
    const rows = await inside(
      (tx) =>
        tx`select posted_on::text as posted, effective_on::text as effective from journal_entries where document_id like 's%'`,
    );
    expect(rows.length).toBe(20);
    for (const row of rows) expect(row.posted >= row.effective).toBe(true);
    expect((await verifyBooks(scope)).findings).toBe(0);
  });
});

describe("two businesses", () => {
  test("see nothing of each other, and cannot refer to each other", async () => {
    const other = await aSeller("Other");
    const seen = await inside(
      (tx) => tx`select count(*)::int as n from journal_entries where business_id = ${other.businessId}`,
    );
    expect(seen[0]?.n).toBe(0);
    await expect(
      inside(
        (tx) =>
          tx`insert into items (business_id, id, name, name_key, decimals, created_at, is_undone) values (${other.businessId}, 'x', 'X', 'x', 0, now(), false)`,
      ),
    ).rejects.toSatisfy((error) => code(error) === "42501");
  });
  test("without a business set, reading raises", async () => {
    await expect(app.unsafe("select * from app.items")).rejects.toThrow();
    await inside((tx) => tx`select 1`);
    await expect(app.unsafe("select * from app.items")).rejects.toThrow();
  });
  test("a throw in the work leaves no business behind on its connection", async () => {
    const one = postgres(appUrl(), { max: 1, onnotice: () => undefined });
    try {
      await expect(
        one.begin(async (tx) => {
          await tx.unsafe(`set local app.business_id = '${scope.businessId}'`);
          throw new Error("broken off");
        }),
      ).rejects.toThrow("broken off");
      await expect(one.unsafe("select * from app.items")).rejects.toThrow();
    } finally {
      await one.end();
    }
  });
});
