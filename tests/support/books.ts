/** What two businesses must have alike when the same happened to both: everything but the ids that chance made. */
import postgres from "postgres";
import { testDatabase } from "./database";

/** Trial balance, postings, lots, allocations and counts of a business, as the superuser sees them. */
export async function booksOf(businessId: string): Promise<Readonly<Record<string, unknown>>> {
  const sql = postgres((await testDatabase()).url, { max: 1, connection: { search_path: "app" } });
  try {
    const b = businessId;
    const count = async (table: string) =>
      (await sql`select count(*)::int as n from ${sql(table)} where business_id = ${b}`)[0]?.n as number;
    const tables =
      "orders order_lines order_fees returns return_lines charges payouts balance_rows movements facts journal_entries postings dirty_marks";
    return {
      trial:
        await sql`select code, sum(debit_minor)::text as debit, sum(credit_minor)::text as credit from account_months
        where business_id = ${b} group by code order by code`.then(plain),
      postings:
        await sql`select debit, credit, posted_on::text, count(*)::int as n, sum(amount_minor)::text as amount from postings
        where business_id = ${b} group by 1, 2, 3 order by 1, 2, 3`.then(plain),
      lots: await sql`select item_id, on_date::text, line_id, qty::text, cost_minor::text, left_qty::text, left_minor::text from lots
        where business_id = ${b} order by 1, 2, 3`.then(plain),
      lines: await sql`select id, item_id, cost_minor::text, short_qty::text, returned_qty::text from order_lines
        where business_id = ${b} order by id collate "C"`.then(plain),
      documents:
        await sql`select feed, state, count(*)::int as n from raw_documents where business_id = ${b} group by 1, 2 order by 1, 2`.then(
          plain,
        ),
      feeds:
        await sql`select channel_id, feed, cursor, watermark from channel_feeds where business_id = ${b} order by 1, 2`.then(
          plain,
        ),
      counts: Object.fromEntries(
        await Promise.all(tables.split(" ").map(async (table) => [table, await count(table)] as const)),
      ),
    };
  } finally {
    await sql.end();
  }
}

const plain = (rows: readonly postgres.Row[]): readonly Record<string, unknown>[] => rows.map((row) => ({ ...row }));
