/**
 * The journal's chain (I9 of reliability.md): what a superuser changes behind the product's back, with every trigger off, is found by the
 * proof and named. Each test takes its own business, so that one change is all that is to be found.
 */
import { createHash } from "node:crypto";
import { PgDialect } from "drizzle-orm/pg-core";
import postgres from "postgres";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { closeDatabase } from "../../db/scope";
import { entryText, postingText } from "../../lib/books/chain";
import { closeThrough } from "../../lib/books/periods";
import { verifyBooks } from "../../lib/books/verify";
import type { Scope } from "../../lib/people/access";
import { removeBusiness } from "../../lib/people/businesses";
import { testDatabase } from "../support/database";
import { aShop, give, item, order, proved, purchase } from "../support/trading";

let owner: postgres.Sql;
let scope: Scope;

beforeAll(async () => {
  owner = postgres((await testDatabase()).url, {
    max: 2,
    onnotice: () => undefined,
    connection: { search_path: "app" },
  });
});
afterAll(async () => {
  await Promise.all([owner.end(), closeDatabase()]);
});
beforeEach(async () => {
  scope = await aShop("Chained");
  await give(scope, [
    item("mug", "Mug", "MUG"),
    purchase("p1", "2025-03-01", [["mug", 5n, 1_003n]], { supplier: "O'Neill \\ Sons, Łódź 🏺" }),
  ]);
  for (const n of [1, 2, 3])
    await give(scope, [
      order(`o${n}`, `2025-03-0${n + 1}`, [["Mug", 1n, 1_999n, "MUG"]], { fees: [{ kind: "selling", amount: 199n }] }),
    ]);
});

/** As somebody with the superuser's password would: triggers and keys do not hold them back. */
async function behind(work: (tx: postgres.TransactionSql) => Promise<unknown>): Promise<void> {
  await owner.begin(async (tx) => {
    for (const table of ["journal_entries", "postings", "journal_blocks", "journal_heads"])
      await tx.unsafe(`alter table app.${table} disable trigger all`);
    await work(tx);
    for (const table of ["journal_entries", "postings", "journal_blocks", "journal_heads"]) {
      await tx.unsafe(`alter table app.${table} enable trigger all`);
      for (const { name } of await tx<{ name: string }[]>`
        select tgname as name from pg_trigger where tgrelid = ${`app.${table}`}::regclass and not tgisinternal`)
        await tx.unsafe(`alter table app.${table} enable always trigger ${name}`);
    }
  });
}

async function found(): Promise<readonly string[]> {
  const proof = await verifyBooks(scope);
  return proof.checks.flatMap(({ findings }) => findings.map(({ what, found: now }) => `${what}: ${now}`));
}

type Entry = { id: string; no: string };
async function entryOf(kind: string, document: string, purpose: string): Promise<Entry> {
  const [row] = await owner<Entry[]>`select id, entry_no::text as no from journal_entries
    where business_id = ${scope.businessId} and document_kind = ${kind} and document_id = ${document} and purpose = ${purpose}`;
  if (row === undefined) throw new Error(`there is no entry of ${kind} ${document}`);
  return row;
}

test("what was posted is numbered without gaps and proved", async () => {
  const b = scope.businessId;
  const [row] =
    await owner`select count(*)::int as n, min(entry_no)::int as first, max(entry_no)::int as last from journal_entries where business_id = ${b}`;
  expect([row?.first, row?.last]).toEqual([1, row?.n]);
  const [blocks] =
    await owner`select count(*)::int as n, min(first_no)::int as first, max(last_no)::int as last from journal_blocks where business_id = ${b}`;
  expect([blocks?.first, blocks?.last]).toEqual([1, row?.n]);
  expect(blocks?.n).toBeGreaterThan(3);
  await proved(scope);
});

test("every column of an entry and of its postings is in its digest", async () => {
  const columns = await owner<{ name: string }[]>`
    select c.relname || '.' || a.attname as name from pg_attribute a join pg_class c on c.oid = a.attrelid
    where c.oid in ('app.journal_entries'::regclass, 'app.postings'::regclass) and a.attnum > 0 and not a.attisdropped`;
  // The business is in the chain's beginning, the entry's id in its own text.
  const apart = ["journal_entries.business_id", "journal_entries.digest", "postings.business_id", "postings.entry_id"];
  const text = `${new PgDialect().sqlToQuery(entryText(postingText)).sql}`;
  const missing = columns
    .map(({ name }) => name)
    .filter((name) => !apart.includes(name))
    .filter((name) => {
      const [table, column] = name.split(".");
      return !new RegExp(`\\b${table === "postings" ? "p" : "e"}\\."?${column}\\b`).test(text);
    });
  expect(missing).toEqual([]);
});

test("a recording that is refused leaves no gap", async () => {
  await expect(
    give(scope, [
      purchase("p2", "2025-04-01", [["mug", 1n, 5n]]),
      order("bad", "2025-04-02", [["Mug", 1n, 5n]], { channel: "nowhere" }),
    ]),
  ).rejects.toMatchObject({ code: "unknown_id" });
  await give(scope, [purchase("p3", "2025-04-01", [["mug", 1n, 5n]])]);
  const [row] =
    await owner`select count(*)::int as n, max(entry_no)::int as last from journal_entries where business_id = ${scope.businessId}`;
  expect(row?.last).toBe(row?.n);
  await proved(scope);
});

test("writers at once number one after the other", async () => {
  await Promise.all(
    Array.from({ length: 12 }, (_, n) => give(scope, [purchase(`w${n}`, "2025-05-01", [["mug", 1n, 5n]])])),
  );
  const [row] =
    await owner`select count(*)::int as n, max(entry_no)::int as last from journal_entries where business_id = ${scope.businessId}`;
  expect(row?.last).toBe(row?.n);
  await proved(scope);
});

describe("names the entry", () => {
  test("whose memo has one other byte", async () => {
    const { id, no } = await entryOf("purchase", "p1", "purchase");
    await behind((tx) => tx`update journal_entries set memo = replace(memo, 'Neill', 'Neilk') where id = ${id}`);
    expect(await found()).toEqual([`entry ${id}, number ${no}, of purchase p1, is as it was posted: another content`]);
  });

  test("whose amount is a cent more", async () => {
    const { id, no } = await entryOf("order", "o2", "fees");
    await behind((tx) => tx`update postings set amount_minor = amount_minor + 1 where entry_id = ${id}`);
    expect(await found()).toContain(`entry ${id}, number ${no}, of order o2, is as it was posted: another content`);
    expect(await found()).toContain("order o2 has posted what it wants on 2025-03-03 6000: -1 left over");
  });

  test("whose amount is a cent more in one place and a cent less in another, so that every sum holds", async () => {
    const [one, two] = [await entryOf("cost", "o1-1", "cost"), await entryOf("cost", "o2-1", "cost")];
    await behind(async (tx) => {
      await tx`update postings set amount_minor = amount_minor + 1 where entry_id = ${one.id}`;
      await tx`update postings set amount_minor = amount_minor - 1 where entry_id = ${two.id}`;
    });
    const all = await found();
    for (const [{ id, no }, line] of [
      [one, "o1-1"],
      [two, "o2-1"],
    ] as const)
      expect(all).toContain(`entry ${id}, number ${no}, of cost ${line}, is as it was posted: another content`);
  });

  test("whose day is another", async () => {
    const { id, no } = await entryOf("order", "o3", "order");
    await behind(async (tx) => {
      await tx`update journal_entries set effective_on = '2025-03-05', posted_on = '2025-03-05' where id = ${id}`;
      await tx`update postings set posted_on = '2025-03-05' where entry_id = ${id}`;
    });
    expect(await found()).toContain(`entry ${id}, number ${no}, of order o3, is as it was posted: another content`);
  });

  test("that lost a posting", async () => {
    const { id, no } = await entryOf("order", "o1", "fees");
    await behind((tx) => tx`delete from postings where entry_id = ${id}`);
    const all = await found();
    expect(all).toContain(`entry ${id}, number ${no}, of order o1, is as it was posted: 0 postings`);
    expect(all).toContain(`entry ${id} has the postings that it was made with: 0`);
  });

  test("that is gone, by its number", async () => {
    const { id, no } = await entryOf("order", "o2", "fees");
    await behind(async (tx) => {
      await tx`delete from postings where entry_id = ${id}`;
      await tx`delete from journal_entries where id = ${id}`;
    });
    const [block] =
      await owner`select block_no::text as no from journal_blocks where business_id = ${scope.businessId} and ${no}::bigint between first_no and last_no`;
    expect(await found()).toContain(`entry number ${no} (block ${block?.no}) is there: none`);
  });

  test("that is gone while its postings stay", async () => {
    const { id, no } = await entryOf("order", "o2", "fees");
    await behind((tx) => tx`delete from journal_entries where id = ${id}`);
    const all = await found();
    expect(all.some((what) => what.startsWith(`entry number ${no} (block`))).toBe(true);
    expect(all).toContain(`posting 1 of entry ${id} (6000 to 1150, 199): none`);
  });

  test("that was slipped in", async () => {
    const b = scope.businessId;
    const id = "01900000-0000-7000-8000-000000000001";
    await behind(async (tx) => {
      await tx`insert into journal_entries (business_id, id, document_kind, document_id, purpose, nth, effective_on, posted_on, recorded_at, memo, is_correction, postings, entry_no, digest)
        values (${b}, ${id}, 'test', 't', 'test', 0, '2025-03-02', '2025-03-02', now(), '', false, 1, 999, sha256('x'))`;
      await tx`insert into postings (business_id, entry_id, place, "of", debit, credit, amount_minor, posted_on) values (${b}, ${id}, 1, 1, '1000', '4000', 5, '2025-03-02')`;
    });
    expect(await found()).toContain(`entry ${id}, number 999, is in a block of the chain: none`);
  });
});

describe("names the block", () => {
  test("where an entry was changed and its digest made to fit", async () => {
    const { id, no } = await entryOf("purchase", "p1", "purchase");
    await behind(async (tx) => {
      await tx`set local datestyle = 'ISO, YMD'`;
      await tx`update journal_entries set memo = 'Nothing' where id = ${id}`;
      await tx`update journal_entries e set digest = sha256(convert_to(concat_ws(' ', '1', entry_no, id, quote_nullable(document_kind), quote_nullable(document_id), quote_nullable(purpose), nth,
          effective_on, posted_on, (extract(epoch from recorded_at) * 1000000)::bigint, is_correction::text, postings, quote_nullable(memo))
          || (select string_agg(chr(10) || concat_ws(' ', place, "of", quote_nullable(debit), quote_nullable(credit), amount_minor, posted_on, quote_nullable(channel_id),
            quote_nullable(item_id), quote_nullable(location_id), quote_nullable(line_id)), '' order by place) from postings p where p.entry_id = e.id), 'UTF8')) where id = ${id}`;
    });
    const all = await found();
    expect(all).toHaveLength(1);
    expect(all[0]).toMatch(new RegExp(`^block \\d+, entries ${no} to ${no}, follows from the one before: `));
  });

  test("that is gone with the last entry", async () => {
    const b = scope.businessId;
    const [last] =
      await owner`select block_no::text as block, first_no::text as first, last_no::text as last from journal_blocks where business_id = ${b} order by block_no desc limit 1`;
    await behind(async (tx) => {
      await tx`delete from postings p using journal_entries e where e.business_id = ${b} and e.entry_no >= ${last?.first} and p.entry_id = e.id`;
      await tx`delete from journal_entries where business_id = ${b} and entry_no >= ${last?.first}`;
      await tx`delete from journal_blocks where business_id = ${b} and block_no = ${last?.block}`;
    });
    const all = await found();
    expect(all).toContain(`the chain ends with the block that its head names: ${Number(last?.block) - 1}`);
    expect(all).toContain(`the last entry has the number that the chain's head names: ${Number(last?.first) - 1}`);
  });

  test("that an earlier proof saw, where the whole end of the chain was made anew", async () => {
    const b = scope.businessId;
    await proved(scope);
    await behind(async (tx) => {
      const [last] =
        await tx`select block_no, first_no, last_no from journal_blocks where business_id = ${b} order by block_no desc limit 1`;
      const [before] =
        await tx`select hash from journal_blocks where business_id = ${b} and block_no = ${last?.block_no}::bigint - 1`;
      await tx`update journal_entries set digest = sha256('made to fit') where business_id = ${b} and entry_no = ${last?.last_no}`;
      const digests = await tx<
        { digest: Buffer }[]
      >`select digest from journal_entries where business_id = ${b} and entry_no between ${last?.first_no} and ${last?.last_no} order by entry_no`;
      const hash = createHash("sha256")
        .update(before?.hash as Buffer)
        .update(`${last?.block_no} ${last?.first_no} ${last?.last_no}\n`);
      for (const { digest } of digests) hash.update(digest);
      const made = hash.digest();
      await tx`update journal_blocks set hash = ${made} where business_id = ${b} and block_no = ${last?.block_no}`;
      await tx`update journal_heads set hash = ${made} where business_id = ${b}`;
    });
    expect((await found()).some((what) => /^the chain has block \d+ as the proof of .* saw it/.test(what))).toBe(true);
  });
});

describe("names what follows from facts", () => {
  const changes: readonly (readonly [string, string, RegExp])[] = [
    [
      "a lot",
      "update lots set left_minor = left_minor + 1 where business_id = $1 and id = 'p1-1'",
      /^lot p1-1 is worth what was not taken from it/,
    ],
    [
      "an allocation",
      "update allocations set cost_minor = cost_minor + 1 where business_id = $1 and movement_id = 'o1-1'",
      /^the facts say o1-1 from p1-1 .* stored is/,
    ],
    [
      "an order's row",
      "update orders set shipping_minor = 5 where business_id = $1 and id = 'o2'",
      /^shipping of order o2 is what its fact says: 5$/,
    ],
    [
      "a sold line",
      "update order_lines set amount_minor = 1 where business_id = $1 and id = 'o2-1'",
      /^amount in line o2-1 of order o2 is what its fact says: 1$/,
    ],
    [
      "a purchase",
      "update purchases set supplier = 'Nobody' where business_id = $1",
      /^supplier of purchase p1 is what its fact says: Nobody$/,
    ],
    [
      "a fact",
      "update facts set body = jsonb_set(body, '{shipping}', '\"7\"') where business_id = $1 and id = 'order/o3'",
      /^the fact order\/o3 is as it was recorded/,
    ],
    [
      "an order that is gone",
      "delete from order_fees where business_id = $1 and order_id = 'o1'; delete from order_lines where business_id = $1 and order_id = 'o1'; delete from orders where business_id = $1 and id = 'o1'",
      /^order o1 is there: none$/,
    ],
    [
      "a month's sum",
      "update account_months set credit_minor = credit_minor + 1 where business_id = $1 and code = '4000'",
      /^debits and credits of account 4000 in 2025-03/,
    ],
    [
      "an item's stock",
      "update item_stock set on_hand_qty = 9 where business_id = $1",
      /^quantity on hand of mug is the sum of its movements: 9$/,
    ],
  ];
  test.each(changes)("%s", async (_name, statement, expected) => {
    await owner.begin(async (tx) => {
      await tx.unsafe("set local session_replication_role = replica");
      for (const one of statement.split("; ")) await tx.unsafe(one, [scope.businessId]);
    });
    const all = await found();
    expect(
      all.filter((what) => expected.test(what)),
      all.join("\n"),
    ).not.toEqual([]);
  });
});

test("a sealed period that no longer is what was sealed is named", async () => {
  await closeThrough(scope, "2025-03-31", { today: "2026-01-01" });
  await proved(scope);
  const { id } = await entryOf("order", "o2", "fees");
  await behind((tx) => tx`update postings set amount_minor = amount_minor + 1 where entry_id = ${id}`);
  const all = await found();
  expect(
    all.some((what) => what.startsWith("account 6000 in 2025-03 of the period until 2025-03-31 is as it was sealed")),
  ).toBe(true);
});

test("the head of the chain goes forward only, one block at a time", async () => {
  const b = scope.businessId;
  for (const statement of [
    "update journal_heads set entry_no = entry_no - 1, block_no = block_no - 1",
    "update journal_heads set entry_no = entry_no + 1, block_no = block_no + 2",
    "update journal_heads set hash = sha256('x')",
  ])
    await expect(owner.unsafe(`${statement} where business_id = '${b}'`)).rejects.toMatchObject({ code: "23001" });
});

test("two businesses have chains of their own, and the end of one takes its chain along", async () => {
  const other = await aShop("Other");
  await give(other, [item("mug", "Mug", "MUG"), purchase("p1", "2025-03-01", [["mug", 5n, 1_003n]])]);
  const heads = await owner<
    { hash: Buffer }[]
  >`select hash from journal_heads where business_id in (${scope.businessId}, ${other.businessId})`;
  expect(new Set(heads.map(({ hash }) => hash.toString("hex"))).size).toBe(2);
  await closeThrough(other, "2025-03-31", { today: "2026-01-01" });
  await removeBusiness(other);
  for (const table of [
    "journal_heads",
    "journal_blocks",
    "journal_entries",
    "postings",
    "closings",
    "audit_trail",
    "facts",
  ]) {
    const [row] = await owner`select count(*)::int as n from ${owner(table)} where business_id = ${other.businessId}`;
    expect([table, row?.n]).toEqual([table, 0]);
  }
  await proved(scope);
});
