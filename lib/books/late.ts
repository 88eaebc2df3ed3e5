/**
 * What was filed against what is known now. Reports count an entry on the day that it is posted on, so those of a closed period stay as
 * they were handed in; a fact that came late counts on the first open day, and keeps the day that it is about. Here the entries of a
 * closed period are counted by that day instead: those that came later are brought in, those that came into it from before are taken out.
 */
import { type SQL, sql } from "drizzle-orm";
import { inBusiness, rowsOf, type Tx } from "../../db/scope";
import type { LocalDate } from "../core/facts";
import type { Days } from "../core/reports/periods";
import { type AccountBalance, type Profit, profit } from "../core/reports/profit";
import { require, type Scope } from "../people/access";
import { accountsByMonth } from "./reports";

/** A document that counts in another period than the one that it is about; `profit` is what the period's profit now is more for it. */
export type LateDocument = Readonly<{
  entry: string;
  kind: string;
  id: string;
  memo: string;
  /** The day that it is about, and the day on which it counts. */
  effectiveOn: LocalDate;
  postedOn: LocalDate;
  profit: bigint;
}>;

export type FiledAndNow = Readonly<{
  filed: Profit;
  now: Profit;
  /** Those that move profit, by the day on which they count, and how many there are in all. */
  documents: readonly LateDocument[];
  count: number;
}>;

const mostDocuments = 100;
const ofProfit = sql.raw("('income', 'contra_income', 'cost_of_sales', 'expense')");

/** The entries that make the difference, with the sign by which they count in the period as it is known now. */
function moved(scope: Scope, { from, to }: Days): SQL {
  const b = scope.businessId;
  return sql`select e.id, e.document_kind, e.document_id, e.memo, e.effective_on, e.posted_on, 1 as sign from app.journal_entries e
      where e.business_id = ${b} and e.posted_on <> e.effective_on and e.effective_on between ${from}::date and ${to}::date and e.posted_on > ${to}::date
    union all
    select e.id, e.document_kind, e.document_id, e.memo, e.effective_on, e.posted_on, -1 from app.journal_entries e
      where e.business_id = ${b} and e.posted_on <> e.effective_on and e.posted_on between ${from}::date and ${to}::date and e.effective_on < ${from}::date`;
}

/** Each posting's two sides, as amounts debited less credited. */
function sides(scope: Scope, period: Days): SQL {
  const b = scope.businessId;
  const side = (name: "debit" | "credit", sign: "" | "-") => sql`
    select m.id, m.document_kind, m.document_id, m.memo, m.effective_on, m.posted_on, p.${sql.raw(name)} as code, m.sign * ${sql.raw(sign)}p.amount_minor as amount
    from moved m join app.postings p on p.business_id = ${b} and p.entry_id = m.id`;
  return sql`with moved as (${moved(scope, period)}), sides as (${side("debit", "")} union all ${side("credit", "-")})`;
}

/**
 * A closed period as it was filed and as it is known now; null where the period is not closed whole, or where nothing came late. Costs in
 * proportion to what came late, not to the period.
 */
export function filedAndNow(scope: Scope, period: Days): Promise<FiledAndNow | null> {
  require(scope, "read");
  return inBusiness(scope, async (tx) => {
    if (!(await isClosed(tx, scope, period))) return null;
    const b = scope.businessId;
    const changes = new Map(
      (
        await rowsOf<{ code: string; amount: string }>(
          tx,
          sql`${sides(scope, period)} select s.code, sum(s.amount)::text as amount from sides s
              join app.accounts a on a.business_id = ${b} and a.code = s.code and a.type in ${ofProfit} group by s.code`,
        )
      ).map((row) => [row.code, BigInt(row.amount)]),
    );
    const rows = await rowsOf<Record<string, string> & { count: number }>(
      tx,
      sql`${sides(scope, period)} select s.id as entry, s.document_kind as kind, s.document_id as id, s.memo, s.effective_on::text as "effectiveOn",
            s.posted_on::text as "postedOn", (-sum(s.amount))::text as profit, (count(*) over ())::int as count from sides s
          join app.accounts a on a.business_id = ${b} and a.code = s.code and a.type in ${ofProfit}
          group by s.id, s.document_kind, s.document_id, s.memo, s.effective_on, s.posted_on having sum(s.amount) <> 0
          order by s.posted_on, s.id limit ${mostDocuments}`,
    );
    if (rows.length === 0) return null;
    const filed = await accountsByMonth(tx, scope, period);
    return {
      filed: profit(filed),
      now: profit(await withChanges(tx, scope, filed, changes)),
      count: rows[0]?.count ?? 0,
      documents: rows.map((row) => ({
        entry: row.entry ?? "",
        kind: row.kind ?? "",
        id: row.id ?? "",
        memo: row.memo ?? "",
        effectiveOn: row.effectiveOn ?? "",
        postedOn: row.postedOn ?? "",
        profit: BigInt(row.profit ?? "0"),
      })),
    };
  });
}

async function isClosed(tx: Tx, scope: Scope, { to }: Days): Promise<boolean> {
  const [row] = await rowsOf<{ closed: boolean | null }>(
    tx,
    sql`select closed_through >= ${to}::date as closed from app.businesses where business_id = ${scope.businessId}`,
  );
  return row?.closed === true;
}

/** The accounts with what came late counted in; one that had nothing in the period may have something now. */
async function withChanges(
  tx: Tx,
  scope: Scope,
  filed: readonly AccountBalance[],
  changes: ReadonlyMap<string, bigint>,
): Promise<readonly AccountBalance[]> {
  const known = new Map(filed.map((account) => [account.code, account]));
  const chart = await rowsOf<Pick<AccountBalance, "code" | "name" | "type">>(
    tx,
    sql`select code, name, type from app.accounts where business_id = ${scope.businessId} order by code`,
  );
  return chart.flatMap(({ code, name, type }) => {
    const amount = (known.get(code)?.amount ?? 0n) + (changes.get(code) ?? 0n);
    return amount === 0n ? [] : [{ code, name, type, amount }];
  });
}
