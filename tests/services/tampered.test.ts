/**
 * What the proof finds (I3 to I16 of reliability.md): over one small history with every kind of fact, each column of each table that follows
 * from facts is changed, and a row of each is deleted, behind the product's back, one after the other. Each must be told by at least one
 * finding that names the row, and nothing must be left to tell once it is put back. What cannot be found is listed here, with its reason.
 */
import postgres from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { localTables } from "../../db/placement";
import { closeDatabase, inBusiness } from "../../db/scope";
import { closeThrough } from "../../lib/books/periods";
import { summariseDays } from "../../lib/books/summarise-days";
import { verifyBooks } from "../../lib/books/verify";
import type { Fact } from "../../lib/core/facts";
import type { Scope } from "../../lib/people/access";
import { addChannel } from "../../lib/sales/channel-accounts";
import { testDatabase } from "../support/database";
import { aShop, give, item, order, purchase } from "../support/trading";

/** Tables that follow from facts, from other such tables, or from closings: what the proof answers for. */
const derived = [
  ...["facts", "fact_names", "items", "item_names", "item_components", "cost_groups", "purchases", "purchase_lines"],
  ...["purchase_extras", "stock_documents", "stock_lines", "movements", "lots", "allocations", "item_months"],
  ...["item_places", "item_stock", "pins", "backfills", "orders", "order_lines", "order_fees", "matches", "listings"],
  ...["returns", "return_lines", "charges", "payouts", "balance_rows", "journal_entries", "postings"],
  ...["journal_blocks", "journal_heads", "account_months", "account_days", "sold_days", "order_days"],
  ...["inventory_days", "closings", "locations"],
];

/** Tables of which no row follows from facts alone, or has none in so small a history: why they are not in the list above, and what looks at them. */
const apart: Readonly<Record<string, readonly string[]>> = {
  "kept by months that are busy, or of another currency; held against rows by the same words (ledger-filters, currencies)":
    [...["item_days", "account_currency_months"]],
  "what people wrote that facts were made of: proved against those facts (transfers, counts, recipes, series)": [
    ...["transfers", "transfer_lines", "counts", "count_lines", "count_entries", "count_documents", "count_sums"],
    ...["recipes", "recipe_lines", "recipe_versions", "productions", "series", "series_forms", "series_numbers"],
  ],
  "papers and tax: proved by their own checks (gst, gst-purchases, gst-set-off)": [
    ...["issued_documents", "issued_cancellations", "issued_tax_lines", "issued_taxes", "purchase_taxes", "item_taxes"],
    ...["gst_settings", "gst_set_offs", "letterheads", "party_pii"],
  ],
  "bank lines and what people said of them: proved by their own checks (transactions)": [
    ...["transactions", "transaction_splits", "statements", "bank_layouts", "rules"],
  ],
  "orders to suppliers, which are no purchases yet": [
    ...["purchase_orders", "purchase_order_lines", "purchase_order_receipts"],
  ],
  "what is said from outside, before it is a fact": [
    ...["raw_documents", "imports", "shelf_moves", "channel_stock", "channel_feeds", "channel_shelves"],
    ...["exchange_rates", "met_currencies", "rate_fetches", "rate_files", "attachments"],
  ],
  "settings, people and their choices": [
    ...["businesses", "accounts", "channels", "channel_operators", "channel_secrets", "members", "invites"],
    ...["item_barcodes", "placed_types", "reason_accounts", "stock_minimums", "alike_pairs"],
  ],
  "work that waits, was done or was written down": [
    ...["dirty_marks", "posting_marks", "touched_days", "runs", "exports", "export_parts", "proofs", "audit_trail"],
  ],
};

/** Columns that no fact says, by table (`*`: any), each with the reason why a change of it is not a finding. */
const exempt: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "*": {
    recorded_at: "when we wrote it: nothing says it again",
    created_at: "when we wrote it: nothing says it again",
    user_id: "who said it: an act, in the audit trail as well, and no part of the fact",
    source: "which run brought it: a fact is the same whichever did",
  },
  facts: { version: "the source's, by which a later telling is known; no row repeats it" },
  purchases: {
    version: "counts saves, so that two people see each other",
    transaction_id: "which bank line it came from is proved from the other half, where there is one",
  },
  items: { decimals: "a unit is said once: a later version does not change it, and versions that went are not kept" },
  payouts: { deposit_id: "set by the bank line that it is, from whose half it is proved" },
  locations: {
    place: "people put places in another order",
    is_in_transit: "of the one place that we make ourselves",
    kind: "kept by people, not by facts",
    address: "kept by people, not by facts",
    tax_number: "kept by people, not by facts",
    retired_at: "kept by people, not by facts",
  },
  returns: { channel_id: "of a refund of an order: the order's own channel when it was told" },
  closings: {
    at: "when it was written",
    why: "a person's words, in the audit trail as well",
    user_id: "who closed, in the audit trail as well",
  },
};

/** Columns that are found in some rows only: in which, and why not in the others. */
const inSome: Readonly<Record<string, (row: Record<string, unknown>) => boolean>> = {
  // True where nothing was posted only makes the journal be asked once more.
  "movements.is_posted": (row) => row.is_posted === true,
  // The places that we make ourselves are of no fact, and people may call them otherwise.
  "locations.name": (row) => row.id !== "main" && row.id !== "in-transit",
};

let owner: postgres.Sql;
let scope: Scope;

const at = (on: string, micros: bigint) => ({ when: { on, at: micros } });
const march = 1_740_787_200_000_000n;
const hour = 3_600_000_000n;

const facts: readonly Fact[] = [
  { kind: "location", id: "barn", name: "Barn" },
  { ...item("cup", "Cup", "CUP"), aliases: ["Beaker"] } as Fact,
  item("tea", "Tea", "TEA"),
  {
    ...item("box", "Gift box", "BOX"),
    components: [
      { item: "cup", qty: 2n },
      { item: "tea", qty: 1n },
    ],
  } as Fact,
  {
    kind: "opening",
    id: "start",
    date: "2025-02-01",
    lines: [{ id: "start-1", item: "tea", qty: 9n, amount: 905n, location: null }],
  },
  purchase(
    "buy",
    "2025-03-01",
    [
      ["cup", 12n, 1_400n],
      ["tea", 4n, 320n],
    ],
    {
      amount: 1_900n,
      extras: [
        { label: "Freight", amount: 61n, by: "quantity" },
        { label: "Duty", amount: 13n },
      ],
    },
  ),
  order(
    "one",
    "2025-03-02",
    [
      ["Cup", 3n, 2_700n, "CUP"],
      ["Gift box", 1n, 3_100n, "BOX"],
    ],
    {
      ...at("2025-03-02", march + 30n * hour),
      shipping: 400n,
      tax: 90n,
      taxBy: "seller",
      discount: 50n,
      fees: [
        { kind: "payment", amount: 77n },
        { kind: "label", amount: 310n },
      ],
      shipTo: { country: "US", region: "OR" },
    },
  ),
  order("two", "2025-03-03", [["a thing", 2n, 1_000n]], at("2025-03-03", march + 50n * hour)),
  order("three", "2025-03-04", [["another", 1n, 600n]]),
  {
    ...order("four", "2025-03-05", []),
    ...at("2025-03-05", march + 100n * hour),
    lines: [
      { id: "four-1", sku: "TEA", name: "Fine tea", listing: "L-1", qty: 1n, amount: 500n, location: null },
      { id: "four-2", sku: null, name: "Fine tea, new name", listing: "L-1", qty: 1n, amount: 500n, location: "barn" },
    ],
  } as Fact,
  { kind: "match", sale: "two-1", item: "tea" },
  { kind: "pin", sale: "two-1", lot: "buy-2", qty: 1n },
  { kind: "backfill", id: "given", sale: "three-1", date: "2025-03-01", amount: 111n, qty: 1n, account: "3000" },
  {
    kind: "return",
    id: "back",
    date: "2025-03-08",
    order: "one",
    tax: 30n,
    shipping: 100n,
    lines: [
      {
        id: "back-1",
        line: "one-1",
        qty: 1n,
        amount: 900n,
        restock: true,
        writeOff: false,
        location: null,
        placed: true,
      },
      {
        id: "back-2",
        line: "one-2",
        qty: 1n,
        amount: 0n,
        restock: false,
        writeOff: false,
        location: null,
        placed: false,
      },
    ],
  },
  { kind: "placement", line: "back-2", restock: false, writeOff: true, location: null },
  {
    kind: "return",
    id: "loose",
    date: "2025-03-08",
    order: null,
    channel: "shop",
    lines: [{ id: "loose-1", item: "tea", qty: 1n, amount: 70n, cost: 55n, location: null }],
  },
  {
    kind: "purchase_return",
    id: "sent",
    date: "2025-03-09",
    purchase: "buy",
    lines: [{ id: "sent-1", line: "buy-1", qty: 1n, amount: 130n }],
  },
  {
    kind: "transfer",
    id: "cart",
    date: "2025-03-10",
    arrives: "2025-03-12",
    from: "main",
    to: "barn",
    number: "T-9",
    lines: [{ id: "cart-1", item: "cup", qty: 2n }],
  },
  {
    kind: "adjustment",
    id: "lost",
    date: "2025-03-11",
    location: null,
    reason: "lost",
    account: "5100",
    note: "fell",
    lines: [
      { id: "lost-1", item: "tea", qty: -1n, amount: 0n },
      { id: "lost-2", item: "tea", qty: 2n, amount: 21n },
    ],
  },
  {
    kind: "assembly",
    id: "made",
    date: "2025-03-12",
    location: null,
    inputs: [{ id: "made-1", item: "tea", qty: 2n }],
    outputs: [
      { id: "made-2", item: "cup", qty: 1n, share: 2n },
      { id: "made-3", item: "cup", qty: 1n, share: 1n },
    ],
    overhead: 17n,
    account: "9991",
    note: "by hand",
  },
  {
    kind: "charge",
    id: "ad",
    channel: "shop",
    date: "2025-03-13",
    category: "advertising",
    type: "ads",
    amount: -45n,
    order: "one",
    memo: "March",
  },
  { kind: "payout", id: "paid", channel: "shop", date: "2025-03-14", amount: 2_500n },
  {
    kind: "balance_row",
    id: "row",
    channel: "shop",
    when: { on: "2025-03-02", at: march + 31n * hour },
    type: "sale",
    amount: 2_500n,
    payout: "paid",
    about: "order/one",
    memo: "sale",
  },
];

type Column = Readonly<{ name: string; type: string }>;
const columns = new Map<string, readonly Column[]>();

beforeAll(async () => {
  owner = postgres((await testDatabase()).url, { max: 1, onnotice: () => undefined });
  scope = await aShop("Tampered");
  await inBusiness(scope, (tx) => addChannel(tx, scope, { id: "fair", kind: "hand", name: "Fair", state: "file" }));
  await give(scope, facts);
  await closeThrough(scope, "2025-02-28");
  await closeThrough(scope, "2025-03-31");
  await summariseDays(scope);
  await owner`set session_replication_role = replica`;
  for (const { table, name } of await owner<{ table: string; name: string }[]>`
    select c.relname as table, t.tgname as name from pg_trigger t join pg_class c on c.oid = t.tgrelid
    where c.relnamespace = 'app'::regnamespace and not t.tgisinternal`)
    await owner.unsafe(`alter table app.${table} disable trigger "${name}"`);
  for (const { table, list } of await owner<{ table: string; list: Column[] }[]>`
    select table_name as table, json_agg(json_build_object('name', column_name, 'type', udt_name) order by ordinal_position) as list
    from information_schema.columns where table_schema = 'app' and is_generated = 'NEVER' group by 1`)
    columns.set(table, list);
}, 60_000);
afterAll(async () => {
  await Promise.all([owner.end(), closeDatabase()]);
});

/** What the proof tells now, as text, with what it expected and found. */
async function told(): Promise<readonly string[]> {
  const { checks } = await verifyBooks(scope);
  await owner`delete from app.proofs where business_id = ${scope.businessId}`;
  return checks.flatMap(({ findings }) =>
    findings.map(({ what, expected, found }) => `${what}: expected ${expected}, found ${found}`),
  );
}

/** Another value of the same type, where there is one. */
function another({ name, type }: Column): string | null {
  const column = `"${name}"`;
  if (/^(int|numeric)/.test(type)) return `${column} + 1`;
  switch (type) {
    case "bool":
      return `not ${column}`;
    case "date":
      return `${column} + 1`;
    case "text":
    case "varchar":
      return `${column} || 'x'`;
    case "timestamptz":
      return `${column} + interval '1 second'`;
    case "bytea":
      return `set_byte(${column}, 0, (get_byte(${column}, 0) + 1) % 256)`;
    case "uuid":
      return "gen_random_uuid()";
    case "jsonb":
      return `case jsonb_typeof(${column}) when 'object' then ${column} || '{"more": "x"}' else ${column} || '[["x", "x"]]' end`;
    default:
      return null;
  }
}

const reasonFor = (table: string, column: string) => exempt[table]?.[column] ?? exempt["*"]?.[column];
const rowsOf = (table: string) =>
  owner.unsafe<{ ctid: string; row: Record<string, unknown> }[]>(
    `select ctid::text, to_jsonb(t) as row from app."${table}" t where business_id = '${scope.businessId}' order by ctid`,
  );
/** Words by which a finding can name a row: its texts and days, the id in a fact's key, and its number where it has only that. */
const namesOf = (row: Record<string, unknown>): readonly string[] =>
  Object.entries(row).flatMap(([column, value]) => {
    if (column.endsWith("_no") && typeof value === "number") return [String(value)];
    if (column === "business_id" || typeof value !== "string" || value === "") return [];
    const text = value.replaceAll("\u001f", " ");
    return [text, text.slice(text.indexOf("/") + 1), ...(/^\d{4}-\d\d-01$/.test(text) ? [text.slice(0, 7)] : [])];
  });

async function put(table: string, row: Record<string, unknown>): Promise<void> {
  const names = (columns.get(table) ?? []).map(({ name }) => `"${name}"`).join(", ");
  await owner.unsafe(
    `insert into app."${table}" (${names}) select ${names} from jsonb_populate_record(null::app."${table}", $1::text::jsonb)`,
    [JSON.stringify(row)],
  );
}

const missed: string[] = [];
/** Looks at what the proof tells while a row is not as it was. */
async function expectTold(what: string, names: readonly string[]): Promise<boolean> {
  const findings = await told();
  if (findings.some((finding) => names.some((name) => name !== "" && finding.includes(name)))) return true;
  missed.push(`${what}: ${findings.length === 0 ? "not found" : `not named: ${findings[0]}`}`);
  return false;
}

test("the history is proved, and each table that follows from facts has rows in it", async () => {
  expect(await told()).toEqual([]);
  for (const table of derived) expect(await rowsOf(table), table).not.toEqual([]);
});

test.each(derived)(
  "a change of any column of %s, and a row of it that is gone, is found and named",
  { timeout: 60_000 },
  async (table) => {
    missed.length = 0;
    const rows = await rowsOf(table);
    // The first and the last are of different documents in most tables.
    for (const place of new Set([0, rows.length - 1])) {
      const row = rows[place]?.row;
      if (row === undefined) continue;
      // jsonb makes numbers of what may be too long for them, which these small books do not have.
      await owner.unsafe(`delete from app."${table}" where ctid = $1::tid`, [
        (await rowsOf(table)).find((one) => JSON.stringify(one.row) === JSON.stringify(row))?.ctid ?? "",
      ]);
      await expectTold(`deleted from ${table}: ${JSON.stringify(row)}`, namesOf(row));
      await put(table, row);
    }
    for (const column of columns.get(table) ?? []) {
      const change = another(column);
      if (column.name === "business_id" || change === null || reasonFor(table, column.name) !== undefined) continue;
      const now = (await rowsOf(table)).filter(({ row }) => row[column.name] !== null);
      const only = now.filter(({ row }) => inSome[`${table}.${column.name}`]?.(row) ?? true);
      for (const one of [only[0], only.at(-1)].filter((row, i, all) => row !== undefined && all.indexOf(row) === i)) {
        if (one === undefined) continue;
        // What the database itself refuses with all triggers off (a check, a key) needs no finding.
        const changed = await owner
          .unsafe<{ ctid: string }[]>(
            `update app."${table}" set "${column.name}" = ${change} where ctid = $1::tid returning ctid::text`,
            [one.ctid],
          )
          .catch(() => []);
        const ctid = changed[0]?.ctid;
        if (ctid === undefined) continue;
        await expectTold(`${table}.${column.name} of ${JSON.stringify(one.row)}`, namesOf(one.row));
        await owner.unsafe(`delete from app."${table}" where ctid = $1::tid`, [ctid]);
        await put(table, one.row);
        break;
      }
    }
    expect(missed).toEqual([]);
    expect(await told()).toEqual([]);
  },
);

test("no tenant table is left out without a reason", () => {
  const unknown = [...columns.keys()].filter(
    (table) =>
      (columns.get(table) ?? []).some(({ name }) => name === "business_id") &&
      !Object.hasOwn(localTables, table) &&
      !derived.includes(table),
  );
  expect(unknown.sort()).toEqual(Object.values(apart).flat().sort());
});

/** Changes rows, looks at the proof, and puts the rows back. */
async function tampered(change: string, table: string): Promise<Awaited<ReturnType<typeof verifyBooks>>> {
  const rows = await rowsOf(table);
  await owner.unsafe(`${change} where business_id = '${scope.businessId}'`);
  const proof = await verifyBooks(scope);
  await owner.unsafe(`delete from app."${table}" where business_id = '${scope.businessId}'`);
  for (const { row } of rows) await put(table, row);
  return proof;
}

test.each([
  ["update app.pins set qty = 9", "pins", "the costs of cup, tea can be worked out"],
  ["delete from app.stock_documents", "stock_documents", "the costs of cup, tea can be worked out"],
  ["delete from app.return_lines", "return_lines", "the costs of cup, tea can be worked out"],
])(
  "costs that cannot be worked out are a finding of their items, beside all others: %s",
  async (change, table, what) => {
    const { checks, findings } = await tampered(change, table);
    const costs = checks.find(({ name }) => name.startsWith("Costs are those"));
    expect(costs?.findings.map((one) => one.what)).toEqual([what]);
    expect(checks.length).toBeGreaterThan(30);
    expect(checks.filter((check) => check.findings.length > 0).length).toBeGreaterThan(1);
    const [kept] = await owner<{ findings: number }[]>`
    select findings from app.proofs where business_id = ${scope.businessId} order by at desc limit 1`;
    expect(kept?.findings).toBe(findings);
    expect(await told()).toEqual([]);
  },
);

test("a table that is emptied, and a day that is said to be open, are named", async () => {
  const of = async (change: string, table: string) =>
    (await tampered(change, table)).checks.flatMap(({ findings }) => findings.map((one) => one.what));
  const facts = await of("delete from app.facts", "facts");
  for (const one of ["order one", "purchase buy", "item cup", "match two-1", "payout paid"])
    expect(facts).toContain(`${one} is of a fact`);
  expect(await of("delete from app.closings", "closings")).toContain(
    "the books are closed through the day that their closings say",
  );
  expect(await of("delete from app.audit_trail", "audit_trail")).toEqual(
    expect.arrayContaining(["each closing and opening is in the audit trail", "the audit trail tells of the facts"]),
  );
  expect(await of("update app.businesses set closed_through = null", "businesses")).toContain(
    "the books are closed through the day that their closings say",
  );
  expect(await told()).toEqual([]);
});
