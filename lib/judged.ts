/**
 * A fact is judged by those before it. The problem: facts recorded together are written kind by kind, so nobody sees what the books would
 * have been between two of them; recorded one by one, a bundle that would make a line with a given cost its own is refused, although a
 * second item of its name, further down, would take the line away again. What is refused may not depend on how many are recorded at once
 * (costing.md rule 11). The choice: all at once first, as ever; only where a line with a given cost might have been a bundle's in between
 * (some item that its listing, SKU or name leads to is one), that is taken back and the facts that decide the line are recorded each in
 * its turn. Turned down: to let such a line pass for a while (its cost would have no item), and to refuse it wherever it might have been
 * (a history that is good one by one would be refused).
 */
import { sql } from "drizzle-orm";
import { list } from "../db/bulk";
import { type InBusiness, rowsOf, type Tx } from "../db/scope";
import { Refusal } from "./core/errors";
import type { Fact } from "./core/facts";
import { normalise } from "./core/matching";

export type Counts = Readonly<{ added: number; already: number; replaced: number }>;

/** Records the facts from one place to another, and gives the sold lines that were matched again. */
export type Run = (tx: Tx, from: number, to: number) => Promise<Counts & Readonly<{ rematched: ReadonlySet<string> }>>;

/** What decides the lines in doubt: their and their listings' lines, and the keys by which items are theirs. */
type Doubt = Readonly<{ lines: ReadonlySet<string>; keys: ReadonlySet<string> }>;

class InDoubt extends Error {
  readonly doubt: Doubt;
  constructor(doubt: Doubt) {
    super("some facts are to be recorded one after the other");
    this.doubt = doubt;
  }
}

/** Records facts so that each is judged by those before it, with as few runs as that takes. */
export async function recordJudged(tx: Tx, scope: InBusiness, facts: readonly Fact[], run: Run): Promise<Counts> {
  if (!(await mayBeInDoubt(tx, scope, facts))) return run(tx, 0, facts.length);
  try {
    return await tx.transaction(async (inner) => {
      const done = await run(inner, 0, facts.length);
      const given = facts.flatMap((fact) => (fact.kind === "backfill" ? [fact.sale] : []));
      const doubt = await doubtOf(inner, scope, [...done.rematched, ...given]);
      if (doubt !== null) throw new InDoubt(doubt);
      return done;
    });
  } catch (error) {
    if (error instanceof InDoubt) return stepByStep(tx, facts, error.doubt, run);
    // Kind by kind a bundle may have come before the match that keeps the line from it: each in its turn says whether it is really wrong.
    if (error instanceof Refusal && error.code === "does_not_fit") return stepByStep(tx, facts, null, run);
    throw error;
  }
}

/** `doubt` null: every fact that could decide any line is a step. */
async function stepByStep(tx: Tx, facts: readonly Fact[], doubt: Doubt | null, run: Run): Promise<Counts> {
  let counts: Counts = { added: 0, already: 0, replaced: 0 };
  let from = 0;
  for (const [index, fact] of facts.entries()) {
    if (index + 1 < facts.length && !(doubt === null ? deciding.test(fact.kind) : decides(fact, doubt))) continue;
    const done = await run(tx, from, index + 1);
    counts = {
      added: counts.added + done.added,
      already: counts.already + done.already,
      replaced: counts.replaced + done.replaced,
    };
    from = index + 1;
  }
  return counts;
}

const deciding = /^(item|order|match|pin|backfill)$/;

/** Can this fact change what one of the lines is? */
function decides(fact: Fact, { lines, keys }: Doubt): boolean {
  switch (fact.kind) {
    case "item":
      return [fact.sku ?? "", fact.name, ...fact.aliases].some((text) => keys.has(normalise(text)));
    case "order":
      return fact.lines.some((line) => lines.has(line.id));
    case "match":
    case "pin":
    case "backfill":
      return lines.has(fact.sale);
    default:
      return false;
  }
}

/** Only where there are bundles and given costs, and several facts that could come between them: most businesses never get further. */
async function mayBeInDoubt(tx: Tx, scope: InBusiness, facts: readonly Fact[]): Promise<boolean> {
  let several = 0;
  let hasBundle = false;
  let hasGiven = false;
  for (const fact of facts) {
    if (deciding.test(fact.kind)) several += 1;
    if (fact.kind === "item" && (fact.components ?? []).length > 0) hasBundle = true;
    if (fact.kind === "backfill") hasGiven = true;
  }
  if (several < 2) return false;
  if (hasBundle && hasGiven) return true;
  const [there] = await rowsOf<{ bundles: boolean; given: boolean }>(
    tx,
    sql`select exists (select 1 from app.item_components where business_id = ${scope.businessId}) as bundles,
          exists (select 1 from app.backfills where business_id = ${scope.businessId} and not is_undone) as given`,
  );
  return (hasBundle || there?.bundles === true) && (hasGiven || there?.given === true);
}

/** Which of these lines have a given cost and might be a bundle's: by the items of their SKUs and names, and of their listings' lines. */
async function doubtOf(tx: Tx, scope: InBusiness, touched: readonly string[]): Promise<Doubt | null> {
  if (touched.length === 0) return null;
  const business = scope.businessId;
  const rows = await rowsOf<{ id: string; sku_key: string | null; name_key: string }>(
    tx,
    sql`with own as (
          select o.id, o.listing_key from app.order_lines o
          where o.business_id = ${business} and not o.is_undone and o.id = any(${list("text", [...new Set(touched)])})
            and exists (select 1 from app.backfills b where b.business_id = ${business} and b.sale_id = o.id and not b.is_undone)
        ), mates as (
          select w.id as own, o.id, o.sku_key, o.name_key from own w join app.order_lines o on o.business_id = ${business} and o.id = w.id
          union
          select w.id, o.id, o.sku_key, o.name_key from own w
          join app.order_lines o on o.business_id = ${business} and o.listing_key = w.listing_key and not o.is_undone
        ), possible as (
          select m.own, i.id as item from mates m join app.items i on i.business_id = ${business} and i.sku_key = m.sku_key
          union
          select m.own, n.item_id from mates m join app.item_names n on n.business_id = ${business} and n.name_key = m.name_key and n.name_key <> ''
          union
          select m.own, x.item_id from mates m join app.matches x on x.business_id = ${business} and x.sale_id = m.id
        ), doubtful as (
          select p.own from possible p join app.item_components c on c.business_id = ${business} and c.item_id = p.item group by p.own)
        select distinct m.id, m.sku_key, m.name_key from doubtful d join mates m on m.own = d.own`,
  );
  if (rows.length === 0) return null;
  const keys = rows.flatMap((row) => [row.sku_key ?? "", row.name_key]).filter((key) => key !== "");
  return { lines: new Set(rows.map((row) => row.id)), keys: new Set(keys) };
}
