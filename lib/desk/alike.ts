/**
 * What a person says of a pair that may be the same money: the same (one of them is taken back, or set as the other's payment), or two
 * things. Through facts and undo, never by deleting, so it can be taken back to the letter.
 */
import { sql } from "drizzle-orm";
import { jsonText, list } from "../../db/bulk";
import { rowsOf, type Tx } from "../../db/scope";
import { aboutNow, asPayment } from "../core/alike";
import { Refusal } from "../core/errors";
import { type Fact, factKey, type OrderFact } from "../core/facts";
import { reviveFact } from "../core/revive";
import { require, type Scope } from "../people/access";
import { recordAudit } from "../people/audit";
import { changeBooks, type Seen } from "../preview";
import { recordIn, type VersionedFact } from "../record";
import { newId } from "../system/ids";
import { undoIn } from "../undo";
import { isStill } from "./alike-reads";

type Pair = Readonly<{
  id: string;
  kind: "twice" | "payment";
  one: string;
  other: string;
  state: "open" | "same" | "different";
  undone: readonly string[];
  made: readonly string[];
  held: readonly unknown[];
  holds: boolean;
}>;

async function pairIn(tx: Tx, scope: Scope, id: string): Promise<Pair> {
  const b = scope.businessId;
  const [pair] = await rowsOf<Pair>(
    tx,
    sql`select a.id, a.kind, a.one, a.other, a.state, a.undone, a.made, a.held, ${isStill(b)} as holds from app.alike_pairs a
        where a.business_id = ${b} and a.id = ${id} for update`,
  );
  if (pair === undefined) throw new Refusal("not_found", "There is no such pair.");
  return pair;
}

const by = (scope: Scope) => ({ source: null, userId: scope.userId, revives: true });

/**
 * Says of open pairs that each is one thing, or two. "same": what `one` posted is taken back; a wallet's sale becomes the payment of the
 * shop's order. Refuses `stale` where a pair was decided meanwhile or is no more, `in_use` where a person's word depends on what would be
 * taken back (a cost chosen for a wallet's sale), `moves_costs` where closed days are touched.
 */
export async function decidePairs(
  scope: Scope,
  input: Readonly<{ pairs: readonly string[]; are: "same" | "different" }>,
  seen: Seen = null,
): Promise<void> {
  require(scope, "write");
  await changeBooks(scope, seen, async (tx, books) => {
    for (const id of [...new Set(input.pairs)].sort()) {
      const pair = await pairIn(tx, scope, id);
      if (pair.state !== "open" || !pair.holds)
        throw new Refusal(
          "stale",
          "This pair was decided meanwhile, or one side of it was taken back. Load the page again.",
        );
      await recordAudit(tx, scope, {
        what: "channel.alike",
        about: pair.one,
        after: { are: input.are, other: pair.other, kind: pair.kind },
      });
      const change = input.are === "different" ? { undone: [], made: [] } : await changeOf(tx, scope, pair);
      await undoIn(tx, scope, books, change.undone, by(scope));
      await recordIn(
        tx,
        scope,
        books,
        change.made.map((fact) => ({ fact, version: newId() })),
        by(scope),
      );
      await tx.execute(sql`update app.alike_pairs set state = ${input.are}, undone = ${jsonText(change.undone)}::jsonb,
          made = ${jsonText(change.made.map(factKey))}::jsonb, held = '[]', decided_at = now(), user_id = ${scope.userId}
        where business_id = ${scope.businessId} and id = ${pair.id}`);
    }
  });
}

type Change = Readonly<{ undone: readonly string[]; made: readonly Fact[] }>;

async function changeOf(tx: Tx, scope: Scope, pair: Pair): Promise<Change> {
  const b = scope.businessId;
  if (pair.kind === "twice")
    return { undone: [...(await rowsAbout(tx, scope, [pair.one])).map(factKey), pair.one], made: [] };
  const sale = (await factsOf(tx, scope, [pair.one]))[0]?.fact;
  const paid = (await factsOf(tx, scope, [pair.other]))[0]?.fact;
  if (sale?.kind !== "order" || paid?.kind !== "charge")
    throw new Refusal("stale", "This pair is no sale and payment any more. Load the page again.");
  const named = await rowsOf<{ key: string }>(
    tx,
    sql`select 'return/' || id as key from app.returns where business_id = ${b} and order_id = ${sale.id} and not is_undone
        union all
        select 'charge/' || id from app.charges where business_id = ${b} and order_id = ${sale.id} and category = 'refund' and not is_undone`,
  );
  const facts: readonly Fact[] = [
    sale,
    ...(
      await factsOf(
        tx,
        scope,
        named.map(({ key }) => key),
      )
    ).map(({ fact }) => fact),
  ];
  const now = new Map(facts.flatMap((fact) => insteadOf(fact, sale, paid.memo)));
  const rows = await rowsAbout(tx, scope, [...now.keys()]);
  const moved = rows.flatMap((row) => {
    const about = row.about === null ? undefined : now.get(row.about);
    return about === undefined ? [] : [aboutNow(row, about)];
  });
  return { undone: [...rows.map(factKey), ...now.keys()], made: [...now.values(), ...moved] };
}

function insteadOf(fact: Fact, sale: OrderFact, memo: string): readonly (readonly [string, Fact])[] {
  const instead = asPayment(fact, sale, memo);
  return instead === null ? [] : [[factKey(fact), instead]];
}

async function rowsAbout(
  tx: Tx,
  scope: Scope,
  keys: readonly string[],
): Promise<readonly Extract<Fact, { kind: "balance_row" }>[]> {
  // Rows have no index of what they are about: they are of their document's channel, and within a month of it.
  const b = scope.businessId;
  const of = (kind: string) =>
    list(
      "text",
      keys.flatMap((key) => (key.startsWith(`${kind}/`) ? [key.slice(kind.length + 1)] : [])),
    );
  const rows = await rowsOf<{ body: unknown }>(
    tx,
    sql`with told as (
          select 'order/' || id as key, channel_id, on_date from app.orders where business_id = ${b} and id = any(${of("order")})
          union all select 'return/' || id, channel_id, on_date from app.returns where business_id = ${b} and id = any(${of("return")})
          union all select 'charge/' || id, channel_id, on_date from app.charges where business_id = ${b} and id = any(${of("charge")})
          union all select 'payout/' || id, channel_id, on_date from app.payouts where business_id = ${b} and id = any(${of("payout")}))
        select f.body from told t join app.balance_rows r on r.business_id = ${b} and r.channel_id = t.channel_id and r.about = t.key
          and r.on_date between t.on_date - 31 and t.on_date + 31 and not r.is_undone
        join app.facts f on f.business_id = ${b} and f.id = 'balance_row/' || r.id and f.undone_at is null order by f.id`,
  );
  return rows.flatMap(({ body }) => {
    const fact = reviveFact(body);
    return fact.kind === "balance_row" ? [fact] : [];
  });
}

async function factsOf(tx: Tx, scope: Scope, keys: readonly string[]): Promise<readonly VersionedFact[]> {
  const rows = await rowsOf<{ body: unknown; version: string | null }>(
    tx,
    sql`select body, version from app.facts where business_id = ${scope.businessId} and id = any(${list("text", keys)}) order by id`,
  );
  return rows.map(({ body, version }) => ({ fact: reviveFact(body), version }));
}

/**
 * Takes a word back: what was taken back is in the books again, with what its channel told of it since, and the pair is open. Refuses
 * `nothing_to_undo` for an open one, `moves_costs` where closed days are touched.
 */
export async function reopenPair(scope: Scope, input: Readonly<{ pair: string }>, seen: Seen = null): Promise<void> {
  require(scope, "write");
  await changeBooks(scope, seen, async (tx, books) => {
    const pair = await pairIn(tx, scope, input.pair);
    if (pair.state === "open") throw new Refusal("nothing_to_undo", "This pair is open.");
    await recordAudit(tx, scope, {
      what: "channel.alike-undo",
      about: pair.one,
      before: { are: pair.state, other: pair.other },
    });
    const live = await rowsOf<{ id: string }>(
      tx,
      sql`select id from app.facts where business_id = ${scope.businessId} and id = any(${list("text", pair.made)}) and undone_at is null`,
    );
    await undoIn(
      tx,
      scope,
      books,
      live.map(({ id }) => id),
      by(scope),
    );
    const back = await factsOf(tx, scope, pair.undone);
    const later = pair.held.map((body) => ({ fact: reviveFact(body), version: newId() }));
    await recordIn(tx, scope, books, [...back, ...later], by(scope));
    await tx.execute(sql`update app.alike_pairs set state = 'open', undone = '[]', made = '[]', held = '[]', decided_at = null, user_id = null
      where business_id = ${scope.businessId} and id = ${pair.id}`);
  });
}
