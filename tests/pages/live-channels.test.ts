/**
 * Shopify and eBay as a seller lives with them, each at its local server: signed in to in the browser, the first sync watched, calls fired at
 * the running product, a refund whose goods come back, a payout that is proved and found in the bank, a permission taken back and given again.
 */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { closeDatabase } from "../../db/scope";
import { verifyBooks } from "../../lib/books/verify";
import type { Fact } from "../../lib/core/facts";
import { record } from "../../lib/record";
import { type App, startApp } from "../support/app";
import { type Live, live } from "../support/live";
import { ofx, rowsAs } from "../support/pages-sellers";

let app: App;
let shopify: Live;
let ebay: Live;
beforeAll(async () => {
  shopify = await live("shopify");
  ebay = await live("ebay");
  app = await startApp({ environment: { ...shopify.environment, ...ebay.environment } });
  await ebay.command("accept", { url: `${app.url}/api/channels/ebay/return` });
});
afterAll(async () => {
  await Promise.all([shopify.close(), ebay.close()]);
  await closeDatabase();
});

async function signUp(page: Page, name: string): Promise<string> {
  await page.goto("/sign-up");
  await page.getByLabel("Your name").fill(name);
  await page.getByLabel("E-mail").fill(`${name.toLowerCase()}@example.com`);
  await page.getByLabel("Password").fill("three plain words");
  await page.getByRole("button", { name: "Make the account" }).click();
  await page.waitForURL("**/start");
  await page.getByLabel("Name", { exact: true }).fill(name);
  await page.getByLabel("Country").selectOption("US");
  await page.getByLabel("Currency of the books").selectOption("USD");
  await page.getByLabel("Time zone").selectOption("UTC");
  await page.getByRole("button", { name: "Begin the books" }).click();
  await page.waitForURL(`**/${name.toLowerCase()}`);
  const [row] = await rowsAs<{ id: string }>(
    (sql) => sql`select business_id as id from directory where slug = ${name.toLowerCase()}`,
  );
  return row?.id ?? "";
}

const ordersOf = async (business: string) => {
  const [row] = await rowsAs<{ n: number }>(
    (sql) => sql`select count(*)::int as n from orders where business_id = ${business} and not is_undone`,
  );
  return row?.n ?? 0;
};
const returnsOf = async (business: string) => {
  const [row] = await rowsAs<{ n: number }>(
    (sql) => sql`select count(*)::int as n from returns where business_id = ${business} and not is_undone`,
  );
  return row?.n ?? 0;
};

/** Waits until `ask` gives what `holds` wants; the product does it by itself within seconds of a call. */
async function until<Value>(ask: () => Promise<Value>, holds: (value: Value) => boolean): Promise<Value> {
  for (let i = 0; i < 300; i += 1) {
    const value = await ask();
    if (holds(value)) return value;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error("it did not come about within a minute");
}

/** Presses Allow at the channel's own page, and is led back. */
async function allow(page: Page, base: string, server: Live): Promise<void> {
  await page.getByRole("button", { name: "Allow" }).waitFor();
  expect(new URL(page.url()).origin).toBe(server.url);
  await page.getByRole("button", { name: "Allow" }).click();
  await page.waitForURL(`**${base}/channels?connected=${server.kind}`);
}

const call = (server: Live, how: "once" | "twice" | "lost") =>
  server.command("deliver", { to: `${app.url}/api/hooks/${server.kind}`, how });

it("takes no call that a channel did not sign, none of a kind that makes none, and none without end", async () => {
  const post = (kind: string, body: string, headers: Record<string, string> = {}) =>
    fetch(`${app.url}/api/hooks/${kind}`, { method: "POST", body, headers });
  const forged = { "x-shopify-hmac-sha256": "AAAA", "x-shopify-topic": "orders/create", "x-shopify-webhook-id": "1" };
  expect((await post("shopify", "{}")).status).toBe(401);
  expect((await post("shopify", "{}", forged)).status).toBe(401);
  expect((await post("ebay", "{}", { "x-ebay-signature": "e30=" })).status).toBe(401);
  expect((await post("practice", "{}")).status).toBe(404);
  expect((await post("nowhere", "{}")).status).toBe(404);
  expect((await post("shopify", "x".repeat(3_000_000))).status).toBe(413);
  const rows = await rowsAs<{ n: number }>((sql) => sql`select count(*)::int as n from hook_inbox`);
  expect(rows[0]?.n).toBe(0);
});

it.each([
  { kind: "shopify", name: "Sage", says: "Shopify" },
  { kind: "ebay", name: "Basil", says: "eBay" },
])("$says, from connecting it to connecting it again", { timeout: 300_000 }, async ({ kind, name, says }) => {
  const server = kind === "shopify" ? shopify : ebay;
  const page = await app.newPage();
  const business = await signUp(page, name);
  const base = `/${name.toLowerCase()}`;

  await page.goto(`${base}/channels/connect`);
  await page.getByRole("link", { name: `Connect to ${says}` }).click();
  await page.getByRole("heading", { name: `Connect ${says}` }).waitFor();
  if (kind === "shopify") {
    // A wrong address is said at its field, and nothing is sent anywhere.
    await page.getByLabel("Your shop's address").fill("evil.example/x.myshopify.com");
    await page.getByRole("button", { name: "Go on to Shopify" }).click();
    await page.getByText("A shop's address looks like example.myshopify.com").first().waitFor();
    await page.getByLabel("Your shop's address").fill("example.myshopify.com");
  }
  await page.getByRole("button", { name: `Go on to ${says}` }).click();
  await allow(page, base, server);
  await page.getByText(/Its first sync is (under way|done)\./).waitFor();
  await page.getByRole("cell", { name: /Up to date/ }).waitFor({ timeout: 120_000 });
  const first = await ordersOf(business);
  expect(first).toBeGreaterThan(20);

  // What was sold is on the shelf with its cost, so that what comes back has somewhere to come back to.
  const sold = await rowsAs<{ sku: string; name: string }>(
    (sql) => sql`select sku, min(name) as name from order_lines
      where business_id = ${business} and sku is not null group by sku order by sku`,
  );
  const [oldest] = await rowsAs<{ on: string }>(
    (sql) => sql`select min(on_date)::text as on from order_lines where business_id = ${business}`,
  );
  const facts: Fact[] = [
    ...sold.map(
      ({ sku, name: title }): Fact => ({ kind: "item", id: sku, name: title, sku, decimals: 0, aliases: [] }),
    ),
    {
      kind: "opening",
      id: "opening",
      date: oldest?.on ?? "",
      lines: sold.map(({ sku }) => ({ id: `o-${sku}`, item: sku, qty: 5_000n, amount: 1_000_000n, location: null })),
    },
  ];
  await record(
    { businessId: business },
    facts.map((fact) => ({ fact, version: null })),
    { source: null, userId: null },
  );

  // Sold and given back there; the channel calls, each time twice, and both are here within seconds, once.
  await server.command("sell");
  await call(server, "twice");
  await until(
    () => ordersOf(business),
    (n) => n === first + 1,
  );
  const before = await returnsOf(business);
  await server.command("refund", kind === "shopify" ? { restock: "RETURN" } : {});
  await call(server, "twice");
  await until(
    () => returnsOf(business),
    (n) => n === before + 1,
  );
  expect(await ordersOf(business)).toBe(first + 1);
  if (kind === "shopify") {
    const back = await rowsAs<{ item: string }>(
      (sql) =>
        sql`select m.item_id as item from movements m where m.business_id = ${business} and m.kind = 'sale_return'
          order by m.on_date desc, m.id desc limit 1`,
    );
    expect(back.length).toBeGreaterThan(0);
    await page.goto(`${base}/inventory/ledger/${encodeURIComponent(back[0]?.item ?? "")}?type=sale_return`);
    await page.getByText("Sale return").first().waitFor();
  }

  // Paid out there, proved by its rows, and found in the bank.
  await server.command("payout");
  await call(server, "lost");
  await page.goto(`${base}/channels/${kind}`);
  await page.getByRole("button", { name: "Sync now" }).click();
  const [payout] = await until(
    () =>
      rowsAs<{ id: string; on: string; amount: string; rows: string | null }>(
        (sql) => sql`select p.id, p.on_date::text as on, p.amount_minor::text as amount,
            (select sum(r.amount_minor)::text from balance_rows r where r.business_id = p.business_id and r.payout_id = p.id) as rows
          from payouts p where p.business_id = ${business} and p.amount_minor > 0 and p.on_date >= (now() - interval '3 days')::date
          order by p.on_date desc, p.id desc limit 1`,
      ),
    // The payout is read before its rows are.
    (rows) => rows[0] !== undefined && rows[0].rows === rows[0].amount,
  );
  const amount = Number(payout?.amount ?? 0) / 100;
  const on = (payout?.on ?? "").replaceAll("-", "");
  await page.goto(`${base}/transactions/import`);
  await page.getByLabel("The file").setInputFiles({
    name: "checking.ofx",
    mimeType: "application/x-ofx",
    buffer: Buffer.from(
      ofx("4410098812", [{ on, amount: amount.toFixed(2), id: "deposit-1", name: `${says} PAYOUT` }], {
        on,
        amount: amount.toFixed(2),
      }),
    ),
  });
  await page.getByRole("button", { name: "Preview the file" }).click();
  await page.getByRole("button", { name: "Bring in 1 new" }).click();
  await page.getByText("1 came in, 0 were here already.").waitFor();
  await until(
    () =>
      rowsAs<{ deposit: string | null }>(
        (sql) =>
          sql`select deposit_id as deposit from payouts where business_id = ${business} and id = ${payout?.id ?? ""}`,
      ),
    (rows) => rows[0]?.deposit != null,
  );
  await page.goto(`${base}/payouts?year=all&proof=open`);
  await page.getByText("No payout fits these filters").waitFor();

  // The permission is taken back there: the channel says so here, keeps its books, and goes on when it is given again.
  await server.command("revoke");
  await page.goto(`${base}/channels/${kind}`);
  await page.getByRole("button", { name: "Sync now" }).click();
  await until(
    () =>
      rowsAs<{ state: string }>(
        (sql) => sql`select state from channels where business_id = ${business} and id = ${kind}`,
      ),
    (rows) => rows[0]?.state === "reconnect",
  );
  await page.goto(`${base}/channels/${kind}`);
  await page.getByText("does not let Lotbook in any more").waitFor();
  expect(await ordersOf(business)).toBe(first + 1);
  await server.command("sell");
  await page.getByRole("button", { name: "Connect again" }).first().click();
  await allow(page, base, server);
  await until(
    () => ordersOf(business),
    (n) => n === first + 2,
  );

  const proof = await verifyBooks({ businessId: business });
  expect(proof.checks.filter(({ findings }) => findings.length > 0)).toEqual([]);
  expect(app.outside).toEqual([]);
});
