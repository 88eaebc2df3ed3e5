/** Proves which fact names which: what keeps a fact from being undone under those that need it. A part of verify-documents.ts. */
import { sql } from "drizzle-orm";
import { list } from "../../db/bulk";
import { type InBusiness, rowsOf, type Tx } from "../../db/scope";
import type { Finding } from "../core/checks";
import { namedBy } from "../core/fact-names";
import { type Fact, factKey } from "../core/facts";

/** A key or id as people can read it: the sign between its parts cannot be. */
export const spoken = (id: string): string => id.replaceAll("\u001f", " ");

/** Which facts each of these names, as the rows say that keep what is named from being undone; of all facts after `after`, up to `last`. */
export async function wrongNames(
  tx: Tx,
  scope: InBusiness,
  live: readonly Readonly<{ fact: Fact }>[],
  after: string,
  last: string,
): Promise<readonly Finding[]> {
  const stored = await rowsOf<{ named: string; by: string }>(
    tx,
    sql`select named, by from app.fact_names where business_id = ${scope.businessId} and by > ${after} and by <= ${last}`,
  );
  const naming = live.map(({ fact }) => ({ by: factKey(fact), ...namedBy(fact) }));
  const lines = await factsOfLines(tx, scope, [...new Set(naming.flatMap((one) => one.lines))]);
  const wanted = new Set<string>();
  for (const { by, facts, lines: own } of naming) {
    for (const fact of facts) wanted.add(`${by}\n${fact}`);
    for (const line of own) {
      const fact = lines.get(line);
      if (fact !== undefined) wanted.add(`${by}\n${fact}`);
    }
  }
  const findings: Finding[] = [];
  const say = (pair: string, expected: string, found: string) => {
    const [by = "", fact = ""] = pair.split("\n");
    findings.push({ what: `the fact ${spoken(by)} names ${spoken(fact)}`, expected, found });
  };
  for (const { by, named } of stored) {
    const pair = `${by}\n${named}`;
    if (!wanted.delete(pair)) say(pair, "not", "it is written down");
  }
  for (const pair of wanted) say(pair, "it is written down", "not");
  return findings;
}

/** The facts that lines are of, by the lines' ids. */
async function factsOfLines(
  tx: Tx,
  scope: InBusiness,
  wanted: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  if (wanted.length === 0) return new Map();
  const [b, ids] = [scope.businessId, list("text", wanted)];
  const rows = await rowsOf<{ id: string; fact: string }>(
    tx,
    sql`select id, 'order/' || order_id as fact from app.order_lines where business_id = ${b} and id = any(${ids})
        union all select id, 'purchase/' || purchase_id from app.purchase_lines where business_id = ${b} and id = any(${ids})
        union all select id, document_kind || '/' || document_id from app.stock_lines where business_id = ${b} and id = any(${ids})
        union all select id, 'return/' || return_id from app.return_lines where business_id = ${b} and id = any(${ids})`,
  );
  return new Map(rows.map(({ id, fact }) => [id, fact]));
}
