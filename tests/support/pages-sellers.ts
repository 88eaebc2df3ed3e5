/** Sellers for tests of pages: one with a year of trade and a bit of everything, and what the database holds of a business. */
import postgres from "postgres";
import { inBusiness } from "../../db/scope";
import { lockBooks } from "../../lib/books/ledger";
import type { Fact } from "../../lib/core/facts";
import { openDemo } from "../../lib/demo/open";
import { recordAdjustment } from "../../lib/desk/adjustments";
import { decidePairs } from "../../lib/desk/alike";
import { findAlike } from "../../lib/desk/alike-find";
import { openPairs } from "../../lib/desk/alike-reads";
import { addAttachment } from "../../lib/desk/attachments";
import { saveBundle } from "../../lib/desk/bundles";
import { endCounting, startCount } from "../../lib/desk/count-plans";
import { acceptImport } from "../../lib/desk/imports";
import { issueCreditNote, issueInvoice } from "../../lib/desk/issuing";
import { saveLocation } from "../../lib/desk/locations";
import { recordProduction, takeBackProduction } from "../../lib/desk/production";
import { orderView } from "../../lib/desk/purchase-order-reads";
import { endOrder, placeOrder, receiveOrder, saveOrder } from "../../lib/desk/purchase-orders";
import { saveRecipe } from "../../lib/desk/recipes";
import { invite } from "../../lib/desk/team";
import { makeRule, sortAs } from "../../lib/desk/transactions";
import { saveTransfer } from "../../lib/desk/transfer-drafts";
import { receiveTransfer, sendTransfer } from "../../lib/desk/transfers";
import { takeFile } from "../../lib/money/imports";
import { acceptRateFile, takeRateFile } from "../../lib/money/rate-files";
import { saveRate } from "../../lib/money/rates";
import type { Scope } from "../../lib/people/access";
import { record, recordIn } from "../../lib/record";
import { addChannel } from "../../lib/sales/channel-accounts";
import { saveBarcodes } from "../../lib/stock/barcodes";
import { saveMinimums } from "../../lib/stock/minimums";
import { newId } from "../../lib/system/ids";
import { aPerson } from "../../scripts/lib/sellers";
import { approved, counted, plan, seen } from "./counting";
import { testDatabase } from "./database";
import { aMember } from "./members";
import { give } from "./trading";

/** A line of a statement: the day as `20260115`, the amount as the bank writes it. */
export type StatementLine = Readonly<{ on: string; amount: string; id: string; name: string; memo?: string }>;

/** A statement as banks of the United States give it to Quicken and Money: OFX 1, SGML, without closing tags of values. */
export function ofx(
  account: string,
  lines: readonly StatementLine[],
  closing: Readonly<{ on: string; amount: string }>,
) {
  const rows = lines.map(
    ({ on, amount, id, name, memo }) =>
      `<STMTTRN>\r\n<TRNTYPE>${amount.startsWith("-") ? "DEBIT" : "CREDIT"}\r\n<DTPOSTED>${on}120000[-5:EST]\r\n<TRNAMT>${amount}\r\n<FITID>${id}\r\n<NAME>${name}\r\n${memo === undefined ? "" : `<MEMO>${memo}\r\n`}</STMTTRN>\r\n`,
  );
  const days = lines.map(({ on }) => on).sort();
  return [
    "OFXHEADER:100\r\nDATA:OFXSGML\r\nVERSION:102\r\nSECURITY:NONE\r\nENCODING:USASCII\r\nCHARSET:1252\r\nCOMPRESSION:NONE\r\nOLDFILEUID:NONE\r\nNEWFILEUID:NONE\r\n\r\n",
    `<OFX>\r\n<SIGNONMSGSRSV1>\r\n<SONRS>\r\n<STATUS>\r\n<CODE>0\r\n<SEVERITY>INFO\r\n</STATUS>\r\n<DTSERVER>${closing.on}120000[-5:EST]\r\n<LANGUAGE>ENG\r\n<FI>\r\n<ORG>HARBOR\r\n<FID>4101\r\n</FI>\r\n</SONRS>\r\n</SIGNONMSGSRSV1>\r\n`,
    `<BANKMSGSRSV1>\r\n<STMTTRNRS>\r\n<TRNUID>1\r\n<STATUS>\r\n<CODE>0\r\n<SEVERITY>INFO\r\n</STATUS>\r\n<STMTRS>\r\n<CURDEF>USD\r\n<BANKACCTFROM>\r\n<BANKID>021000021\r\n<ACCTID>${account}\r\n<ACCTTYPE>CHECKING\r\n</BANKACCTFROM>\r\n`,
    `<BANKTRANLIST>\r\n<DTSTART>${days[0] ?? closing.on}120000[-5:EST]\r\n<DTEND>${closing.on}120000[-5:EST]\r\n`,
    ...rows,
    `</BANKTRANLIST>\r\n<LEDGERBAL>\r\n<BALAMT>${closing.amount}\r\n<DTASOF>${closing.on}120000[-5:EST]\r\n</LEDGERBAL>\r\n</STMTRS>\r\n</STMTTRNRS>\r\n</BANKMSGSRSV1>\r\n</OFX>\r\n`,
  ].join("");
}

/** A seller with the demo's year, a bank statement brought in and partly sorted, another one waiting, and a rule. */
export async function aBusySeller(): Promise<Scope> {
  const scope = await openDemo(await aPerson());
  const take = (name: string, text: string) => takeFile(scope, { name, bytes: new TextEncoder().encode(text) });
  const january = [
    { on: "20260105", amount: "-184.20", id: "H1", name: "QUARRY LANE WHOLESALE" },
    { on: "20260106", amount: "-63.75", id: "H2", name: "LANTERN ROW AUCTIONS" },
    { on: "20260107", amount: "-12.40", id: "H3", name: "PAPERBARK PACKAGING" },
    { on: "20260108", amount: "250.00", id: "H4", name: "TRANSFER FROM SAVINGS" },
  ];
  const sale = (order: string, amount: string) =>
    `"October 3, 2025",Sale,"Payment for Order #${order}",,USD,$${amount},--,$${amount},--`;
  const head = "Date,Type,Title,Info,Currency,Amount,Fees & Taxes,Net,Tax Details";
  const files = [
    await take("harbor-january.ofx", ofx("000123456789", january, { on: "20260108", amount: "2989.65" })),
    await take("etsy-october.csv", `${head}\n${sale("771200111", "20.00")}\n${sale("771200222", "30.00")}\n`),
  ];
  for (const { id } of files) await acceptImport(scope, id, { takesLayout: true, atOnce: true });
  // Each of these waits at its preview; the second has rows that nobody can read.
  await take(
    "harbor-waiting.ofx",
    ofx("000123456789", [{ on: "20260110", amount: "-20.00", id: "H5", name: "PAPERBARK PACKAGING" }], {
      on: "20260110",
      amount: "2969.65",
    }),
  );
  await take("harbor-torn.csv", "Date,Description,Amount\n2026-01-12,Paperbark Packaging,-4.00\n2026-13-45,Torn,x\n");
  await take(
    "fair-waiting.csv",
    "Order ID,Order Date,Item,Quantity,Price,Fees\nF1,10/04/2025,Linen towel,2,10.00,1.00\n",
  );
  await take("etsy-waiting.csv", `${head}\n${sale("771200333", "40.00")}\n`);
  await removeOne(scope);
  const lines = await rowsAs<{ id: string; payee: string }>(
    (sql) => sql`select id, payee from transactions where business_id = ${scope.businessId} order by on_date`,
  );
  const first = lines.find(({ payee }) => /quarry/i.test(payee));
  if (first === undefined) throw new Error("the statement did not come in");
  await sortAs(scope, [{ id: first.id, version: null }], { kind: "inventory" });
  await makeRule(scope, {
    words: "paperbark",
    direction: "out",
    account: null,
    state: "categorised",
    category: "6040",
  });
  await moveThings(scope);
  await makeThings(scope);
  await putOnPaper(scope);
  await countThings(scope);
  await orderThings(scope);
  await rateThings(scope);
  await tellTwice(scope);
  await inviteSome(scope);
  return scope;
}

/** Invitations into the team that nobody has accepted, one with a limit, and somebody who came. */
async function inviteSome(scope: Scope): Promise<void> {
  const ask = (email: string, role: string, locations: readonly string[]) =>
    invite(scope, { email, role, locations }, false);
  await ask("accountant@harbor.example", "bookkeeper", []);
  await ask("packer@harbor.example", "helper", ["main"]);
  await aMember(scope, "bookkeeper");
}

/** Orders to suppliers: a draft, one that is late, one that came in part, one that was cancelled. */
async function orderThings(scope: Scope): Promise<void> {
  const [some] = await rowsAs<{ id: string }>(
    (sql) => sql`select i.id from items i where i.business_id = ${scope.businessId} and not i.is_undone
      and not exists (select 1 from item_components c where c.business_id = i.business_id and c.item_id = i.id) order by i.id limit 1`,
  );
  if (some === undefined) throw new Error("the demo has no products");
  for (const upTo of ["draft", "ordered", "part", "cancelled"]) {
    const id = await saveOrder(scope, {
      id: null,
      version: null,
      supplier: "Quarry Lane Wholesale",
      location: "main",
      expectedOn: "2026-01-20",
      note: "By van",
      lines: [{ row: 0, item: some.id, qty: "12", amount: "48.00" }],
    });
    const now = async () => ({ id, version: (await orderView(scope, id)).version });
    if (upTo !== "draft") await placeOrder(scope, { ...(await now()), on: "2025-12-10" });
    if (upTo === "cancelled") await endOrder(scope, await now());
    if (upTo === "part")
      await receiveOrder(scope, {
        ...(await now()),
        on: "2025-12-15",
        account: "1000",
        paid: "",
        items: [{ row: 0, item: some.id, qty: "5", amount: "20.00" }],
      });
  }
}

/** One thing of the demo, given away: a document of stock with a note. */
async function removeOne(scope: Scope): Promise<void> {
  const [some] = await rowsAs<{ item: string; location: string }>(
    (sql) => sql`select m.item_id as item, m.location_id as location from item_months m
      join items i on i.business_id = m.business_id and i.id = m.item_id and not i.is_undone
      where m.business_id = ${scope.businessId} group by 1, 2 having sum(m.in_qty - m.out_qty) > 3 order by 1, 2 limit 1`,
  );
  if (some === undefined) throw new Error("the demo has nothing on its shelves");
  const lines = [{ row: 0, item: some.item, text: "", qty: "1", worth: "" }];
  const said = { way: "out", location: some.location, on: "2025-12-05", reason: "gift" } as const;
  await recordAdjustment(scope, { id: newId(), ...said, note: "For the fair's raffle", lines });
}

/** Rates that were typed and came from a file, and a file that waits at its preview and differs from them. */
async function rateThings(scope: Scope): Promise<void> {
  await saveRate(scope, { currency: "EUR", on: "2026-01-05", rate: "1.0834", direction: "worth" });
  const bytes = (text: string) => new TextEncoder().encode(text);
  const history = "Date,USD,GBP,\n2026-01-06,1.0800,0.8500,\n2026-01-05,1.0900,0.8400,\n";
  const id = await takeRateFile(scope, { name: "eurofxref-hist.csv", bytes: bytes(history) });
  await acceptRateFile(scope, { id, currencies: ["EUR", "GBP"], from: null, replaces: false });
  await takeRateFile(scope, { name: "rates-waiting.csv", bytes: bytes("2026-01-06;EUR;0,93\n2026-01-07;GBP;x\n") });
}

/** A shop whose orders PayPal took: three of them told by both, one of which is decided. */
async function tellTwice(scope: Scope): Promise<void> {
  const run = newId();
  const facts = [1, 2, 3].flatMap((n): Fact[] => {
    const [id, on, amount] = [`pp/order/P${n}`, `2025-11-0${n}`, BigInt(n) * 1_100n];
    const line = { id: `${id}/1`, sku: null, name: "Payment", listing: null, qty: 1n, amount, location: null };
    const none = { shipping: 0n, tax: 0n, taxBy: "seller", discount: 0n, fees: [] } as const;
    const charge = { category: "elsewhere", type: "ppcp-gateway", order: null, memo: `Order W${n}` } as const;
    return [
      { kind: "charge", id: `woo/charge/${n}`, channel: "woo", date: on, amount: -amount, ...charge },
      { kind: "order", id, channel: "pp", when: { on, at: null }, number: `P${n}`, lines: [line], ...none },
    ];
  });
  await inBusiness(scope, async (tx) => {
    await addChannel(tx, scope, { id: "woo", kind: "woocommerce", name: "Own shop", state: "file" });
    await addChannel(tx, scope, { id: "pp", kind: "paypal", name: "PayPal", state: "file" });
    const books = await lockBooks(tx, scope);
    const origin = { source: run, userId: null };
    await recordIn(
      tx,
      scope,
      books,
      facts.map((fact) => ({ fact, version: "1" })),
      origin,
    );
    await findAlike(tx, scope, facts, { channelId: "pp", run, isFile: false });
  });
  const [pair] = (await openPairs(scope)).pairs;
  if (pair === undefined) throw new Error("nothing was told twice");
  await decidePairs(scope, { pairs: [pair.id], are: "different" });
}

/** A count in each state: planned, being counted, to be reviewed with a difference, approved. */
async function countThings(scope: Scope): Promise<void> {
  const some = await rowsAs<{ id: string; sku: string | null; name: string }>(
    (
      sql,
    ) => sql`select i.id, i.sku, i.name from items i join item_places p on p.business_id = i.business_id and p.item_id = i.id
      where i.business_id = ${scope.businessId} and not i.is_undone and p.location_id = 'main' and p.qty > 3 and i.sku is not null order by i.id limit 3`,
  );
  const [first] = some;
  if (first === undefined) throw new Error("the demo has nothing on its shelves");
  await saveBarcodes(scope, { item: first.id, codes: ["4006381333931"] });
  const items = some.map(({ sku, name }) => sku ?? name);
  for (const upTo of [0, 1, 2, 3]) {
    const id = await plan(scope, { plan: "items", items, note: "Before the winter fair" });
    if (upTo === 0) continue;
    await startCount(scope, await seen(scope, id));
    const now = new Date().toISOString();
    await counted(scope, id, first.id, "2", { at: now });
    if (upTo === 2) await endCounting(scope, { ...(await seen(scope, id)), isAll: true });
    if (upTo === 3) await approved(scope, id);
  }
}

/** An invoice of a sale that has nothing to place, a credit note of one that came back, and the photo of a receipt. */
async function putOnPaper(scope: Scope): Promise<void> {
  const [back] = await rowsAs<{ id: string; order: string }>(
    (
      sql,
    ) => sql`select r.id, r.order_id as order from returns r where r.business_id = ${scope.businessId} and not r.is_undone
      and r.order_id is not null order by r.on_date, r.id limit 1`,
  );
  const [bought] = await rowsAs<{ id: string }>(
    (sql) =>
      sql`select id from purchases where business_id = ${scope.businessId} and not is_undone order by on_date desc, id desc limit 1`,
  );
  if (back === undefined || bought === undefined) throw new Error("the demo has no return and no purchase");
  const to = { name: "Ada Long", address: "1 Mill Lane\nLeeds", taxNumber: "" };
  await issueInvoice(scope, { order: back.order, on: null, to });
  await issueCreditNote(scope, { return: back.id, on: null });
  await giveBack(scope);
  const png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==";
  const bytes = new Uint8Array(Buffer.from(png, "base64"));
  await addAttachment(scope, { of: `purchase/${bought.id}`, name: "receipt.png", bytes });
}

/** Goods that came back of a sale from before the books, and have no credit note yet. */
async function giveBack(scope: Scope): Promise<void> {
  const [some] = await rowsAs<{ item: string; channel: string }>(
    (sql) => sql`select i.id as item, c.id as channel from items i join channels c on c.business_id = i.business_id
      join item_stock s on s.business_id = i.business_id and s.item_id = i.id
      where i.business_id = ${scope.businessId} and not i.is_undone and s.on_hand_qty > 3 order by i.id, c.id limit 1`,
  );
  if (some === undefined) throw new Error("the demo has nothing on its shelves");
  const line = { id: "back/before/1", item: some.item, qty: 1n, amount: 1_200n, cost: 400n, location: null };
  await give(scope, [
    { kind: "return", id: "back/before", date: "2025-12-06", order: null, channel: some.channel, lines: [line] },
  ]);
}

/** A second location, a transfer that came as a fact, and one in each state that has something to do: a draft, one on its way, one that came short. */
async function moveThings(scope: Scope): Promise<void> {
  const [some] = await rowsAs<{ id: string }>(
    (sql) => sql`select i.id from items i join item_stock s on s.business_id = i.business_id and s.item_id = i.id
      where i.business_id = ${scope.businessId} and not i.is_undone and s.on_hand_qty > 3 order by i.id limit 1`,
  );
  if (some === undefined) throw new Error("the demo has nothing on its shelves");
  const kind = "warehouse";
  const to = await saveLocation(scope, {
    id: null,
    name: "Harbor Lane storeroom",
    kind,
    address: "7 Harbor Lane",
    taxNumber: "",
  });
  // More than there is: it is low, and to be bought again.
  await saveMinimums(scope, { location: "main", items: [{ item: some.id, minimum: "500", target: "600" }] });
  const on = "2025-12-01";
  const lines = [{ row: 0, item: some.id, qty: "2" }];
  const write = () =>
    saveTransfer(scope, { id: null, version: null, from: "main", to, on, note: "For the winter fair", lines });
  await write();
  const way = await sendTransfer(scope, { id: await write(), version: 1, on });
  const short = await sendTransfer(scope, { id: await write(), version: 1, on: "2025-12-02" });
  const items = [{ row: 0, item: some.id, qty: "1" }];
  await receiveTransfer(scope, { ...way, on: "2025-12-03", items, isAll: false });
  await receiveTransfer(scope, { ...short, on: "2025-12-03", items, isAll: true });
  await record(
    scope,
    [
      {
        fact: {
          kind: "transfer",
          id: "van-2025",
          date: "2025-12-04",
          arrives: null,
          from: "main",
          to,
          lines: [{ id: "van-2025-1", item: some.id, qty: 1n }],
        },
        version: null,
      },
    ],
    { source: null, userId: scope.userId },
  );
}

/** A recipe in two versions, something made by it and something made and taken back, and a bundle. */
async function makeThings(scope: Scope): Promise<void> {
  const some = await rowsAs<{ id: string }>(
    (sql) => sql`select i.id from items i join item_stock s on s.business_id = i.business_id and s.item_id = i.id
      where i.business_id = ${scope.businessId} and not i.is_undone and s.on_hand_qty > 3 order by i.id limit 2`,
  );
  const none = { item: "", text: "", waste: "", share: "" };
  const ins = some.map(({ id }, row) => ({ ...none, row, item: id, qty: "1" }));
  const outs = [{ ...none, row: 0, text: "Winter fair hamper", qty: "1" }];
  const made = { way: "make", ins, outs, overhead: "", account: "6200", note: "For the winter fair" } as const;
  const recipe = { ...made, name: "", labour: "4.00", labourPer: "batch", overheadPer: "unit" };
  const { id } = await saveRecipe(scope, { ...recipe, id: null, version: null });
  await saveRecipe(scope, { ...recipe, id, version: 1, labour: "5.00" });
  const said = { ...made, recipe: { id, version: 2 }, location: "main", on: "2025-12-06" };
  await recordProduction(scope, { ...said, id: newId() });
  const { id: undone } = await recordProduction(scope, { ...said, id: newId() });
  await takeBackProduction(scope, { id: undone });
  await saveBundle(scope, { item: "", name: "Winter fair pair", sku: "", parts: ins });
}

/** Rows as the superuser sees them. */
export async function rowsAs<Row>(ask: (sql: postgres.Sql) => PromiseLike<readonly postgres.Row[]>): Promise<Row[]> {
  const sql = postgres((await testDatabase()).url, {
    max: 1,
    onnotice: () => undefined,
    connection: { search_path: "app" },
  });
  try {
    return (await ask(sql)).map((row) => ({ ...row })) as Row[];
  } finally {
    await sql.end();
  }
}

/** A hash of each table's rows of a business: two that are alike have all rows alike. */
export async function stateOf(businessId: string): Promise<Readonly<Record<string, string>>> {
  const tables = await businessTables();
  const sql = postgres((await testDatabase()).url, { max: 1, connection: { search_path: "app" } });
  try {
    const one = (table: string) => sql`
      select ${table}::text as name, count(*) || ' ' || md5(coalesce(string_agg(t::text, '|' order by t::text collate "C"), '')) as hash
      from ${sql(table)} t where business_id = ${businessId}`;
    const [first, ...others] = tables.map(one);
    if (first === undefined) throw new Error("no table holds rows of a business");
    const rows = await sql<
      { name: string; hash: string }[]
    >`${others.reduce((all, next) => sql`${all} union all ${next}`, first)}`;
    return Object.fromEntries(rows.map(({ name, hash }) => [name, hash]));
  } finally {
    await sql.end();
  }
}

/** The tables that hold rows of a business. */
export async function businessTables(): Promise<readonly string[]> {
  const rows = await rowsAs<{ name: string }>(
    (
      sql,
    ) => sql`select c.relname as name from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'business_id'
      where c.relnamespace = 'app'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition order by 1`,
  );
  return rows.map(({ name }) => name);
}
