/**
 * Proves recipes and what is said beside productions: a recipe's latest version is its last, each version is whole, and each production has its
 * fact's document. Its number is proved with all others (verify-series.ts).
 */
import { sql } from "drizzle-orm";
import { type InBusiness, rowsOf, type Tx } from "../../db/scope";
import type { Finding } from "../core/checks";

/** What was looked at, and what does not hold; at most `most`. */
export async function recipesWritten(
  tx: Tx,
  scope: InBusiness,
  most: number,
): Promise<Readonly<{ looked: number; findings: readonly Finding[] }>> {
  const b = scope.businessId;
  const [count] = await rowsOf<{ n: number }>(
    tx,
    sql`select ((select count(*) from app.recipe_versions where business_id = ${b})
          + (select count(*) from app.productions where business_id = ${b}))::int as n`,
  );
  const findings = await rowsOf<{ what: string; expected: string; found: string }>(
    tx,
    sql`select 'the latest version of the recipe ' || r.id || ' is its last, and none is missing' as what,
          r.version::text as expected, coalesce(v.last, 0) || ' of ' || coalesce(v.n, 0) as found
        from app.recipes r
        left join (select recipe_id, max(version) as last, count(*) as n from app.recipe_versions where business_id = ${b} group by 1) v on v.recipe_id = r.id
        where r.business_id = ${b} and (coalesce(v.last, 0) <> r.version or coalesce(v.n, 0) <> r.version)
        union all
        select 'version ' || v.version || ' of the recipe ' || v.recipe_id || ' is whole', 'what goes in, what comes out, and its item', 'a part of it'
        from app.recipe_versions v
        join app.recipes r on r.business_id = ${b} and r.id = v.recipe_id
        left join (select recipe_id, version, bool_or(side = 'in') and bool_or(side = 'out') as both_sides from app.recipe_lines
          where business_id = ${b} group by 1, 2) l on l.recipe_id = v.recipe_id and l.version = v.version
        where v.business_id = ${b} and (l.both_sides is not true or not exists (select 1 from app.recipe_lines o
          where o.business_id = ${b} and o.recipe_id = v.recipe_id and o.version = v.version and o.item_id = r.item_id
            and o.side = case r.way when 'make' then 'out' else 'in' end))
        union all
        select 'the production ' || p.document_id || ' has its document', 'a document with a number', coalesce(d.number, 'none')
        from app.productions p
        left join app.stock_documents d on d.business_id = ${b} and d.kind = 'assembly' and d.id = p.document_id
        where p.business_id = ${b} and d.number is null
        order by 1 limit ${most}`,
  );
  return { looked: count?.n ?? 0, findings };
}
