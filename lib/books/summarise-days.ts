/**
 * Makes the sums of marked days anew (touched-days.ts). Marks are taken first and the days' rows read after: a change that the reading does not
 * see was not committed then, so its mark was not taken and stays. Whatever dies, nothing is lost: a transaction takes marks and writes
 * the sums, or does neither. It takes no lock that who records would wait for, and two workers at once wait for each other's marks.
 */
import { sql } from "drizzle-orm";
import { bulkInsert, list } from "../../db/bulk";
import { accountDays, inventoryDays, orderDays, soldDays } from "../../db/schema";
import { expectRows, type InBusiness, inBusiness, rowsOf, type Tx } from "../../db/scope";
import type { LocalDate } from "../core/facts";
import { failpoint } from "../system/failpoints";
import { accountDayRows } from "./account-days";
import { inventoryRows } from "./inventory-sums";
import { orderSums } from "./order-sums";
import { soldSums } from "./sold-sums";

/** Few enough that a transaction is short, enough to share its statements. */
const daysAtOnce = 16;

/**
 * Sums all marked days, the newest first, and gives how many; stops between two transactions where `signal` says so. Safe to run any
 * number of times, and at once.
 */
export async function summariseDays(
  scope: InBusiness,
  signal?: AbortSignal,
): Promise<Readonly<{ days: number; isDone: boolean }>> {
  let days = 0;
  for (;;) {
    if (signal?.aborted === true) return { days, isDone: false };
    const some = await inBusiness(scope, (tx) => summariseSome(tx, scope));
    await failpoint("summarise.committed");
    days += some;
    // Days that are marked while it runs have asked for the job again.
    if (some < daysAtOnce) return { days, isDone: true };
  }
}

async function summariseSome(tx: Tx, scope: InBusiness): Promise<number> {
  const business = scope.businessId;
  await expectRows(tx, true);
  const taken = await rowsOf<{ day: LocalDate }>(
    tx,
    sql`with days as (select distinct on_date from app.touched_days where business_id = ${business} order by on_date desc limit ${daysAtOnce}),
          taken as (delete from app.touched_days t using days d where t.business_id = ${business} and t.on_date = d.on_date returning t.on_date)
        select distinct on_date::text as day from taken`,
  );
  if (taken.length === 0) return 0;
  const named = list(
    "date",
    taken.map((row) => row.day),
  );
  const days = sql`select u.on_date from unnest(${named}) as u(on_date)`;
  await tx.execute(sql`delete from app.sold_days where business_id = ${business} and on_date = any(${named})`);
  await tx.execute(sql`delete from app.order_days where business_id = ${business} and on_date = any(${named})`);
  await tx.execute(sql`delete from app.inventory_days where business_id = ${business} and on_date = any(${named})`);
  await tx.execute(sql`delete from app.account_days where business_id = ${business} and on_date = any(${named})`);
  await failpoint("summarise.taken");
  await keepSold(
    tx,
    scope,
    await rowsOf<Sums>(tx, sql`select s.*, s.on_date::text as day from (${soldSums(scope, days)}) s`),
  );
  await keepOrders(
    tx,
    scope,
    await rowsOf<Sums>(tx, sql`select s.*, s.on_date::text as day from (${orderSums(scope, days)}) s`),
  );
  await keepInventory(
    tx,
    scope,
    await rowsOf<Change>(tx, sql`select s.*, s.on_date::text as day from (${inventoryRows(scope, { days })}) s`),
  );
  await keepAccounts(
    tx,
    scope,
    await rowsOf<Sums>(tx, sql`select s.*, s.on_date::text as day from (${accountDayRows(scope, days)}) s`),
  );
  return taken.length;
}

type Sums = Record<string, string>;

async function keepSold(tx: Tx, scope: InBusiness, rows: readonly Sums[]): Promise<void> {
  await bulkInsert(
    tx,
    soldDays,
    rows.map((row) => {
      const of = (name: string) => BigInt(row[name] ?? "0");
      return {
        businessId: scope.businessId,
        onDate: row.day ?? "",
        channelId: row.channel_id ?? "",
        lines: of("lines"),
        qty: of("qty"),
        priceMinor: of("price_minor"),
        feesMinor: of("fees_minor"),
        refundsMinor: of("refunds_minor"),
        costMinor: of("cost_minor"),
        unmatched: of("unmatched"),
        knownLines: of("known_lines"),
        knownQty: of("known_qty"),
        knownPriceMinor: of("known_price_minor"),
        knownFeesMinor: of("known_fees_minor"),
        knownRefundsMinor: of("known_refunds_minor"),
        knownCostMinor: of("known_cost_minor"),
        knownUnmatched: of("known_unmatched"),
      };
    }),
  );
}

async function keepOrders(tx: Tx, scope: InBusiness, rows: readonly Sums[]): Promise<void> {
  await bulkInsert(
    tx,
    orderDays,
    rows.map((row) => {
      const of = (name: string) => BigInt(row[name] ?? "0");
      return {
        businessId: scope.businessId,
        onDate: row.day ?? "",
        channelId: row.channel_id ?? "",
        orders: of("orders"),
        missing: of("missing"),
        grossMinor: of("gross_minor"),
        shippingMinor: of("shipping_minor"),
        discountMinor: of("discount_minor"),
        feesMinor: of("fees_minor"),
        chargesMinor: of("charges_minor"),
        refundedMinor: of("refunded_minor"),
        costMinor: of("cost_minor"),
        costBackMinor: of("cost_back_minor"),
      };
    }),
  );
}

type Change = Record<
  "day" | "what" | "owner" | "amount_minor" | "beside_minor" | "documents" | "items" | "memo",
  string
> &
  Record<"units" | "item_id" | "line_id" | "order_id", string | null> & { rank: number; channels: readonly string[] };

async function keepInventory(tx: Tx, scope: InBusiness, rows: readonly Change[]): Promise<void> {
  await bulkInsert(
    tx,
    inventoryDays,
    rows.map((row) => ({
      businessId: scope.businessId,
      onDate: row.day,
      rank: row.rank,
      what: row.what,
      owner: row.owner,
      amountMinor: BigInt(row.amount_minor),
      besideMinor: BigInt(row.beside_minor),
      documents: BigInt(row.documents),
      units: row.units === null ? null : BigInt(row.units),
      items: BigInt(row.items),
      itemId: row.item_id,
      lineId: row.line_id,
      orderId: row.order_id,
      channels: row.channels,
      memo: row.memo,
    })),
  );
}

async function keepAccounts(tx: Tx, scope: InBusiness, rows: readonly Sums[]): Promise<void> {
  await bulkInsert(
    tx,
    accountDays,
    rows.map((row) => ({
      businessId: scope.businessId,
      onDate: row.day ?? "",
      code: row.code ?? "",
      debitMinor: BigInt(row.debit_minor ?? "0"),
      creditMinor: BigInt(row.credit_minor ?? "0"),
    })),
  );
}
