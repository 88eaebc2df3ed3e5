/** Pairs that may be the same money, as pages show them (alike.ts decides them). */
import { type SQL, sql } from "drizzle-orm";
import { inBusiness, rowsOf } from "../../db/scope";
import type { LocalDate } from "../core/facts";
import { require, type Scope } from "../people/access";

/** Both facts of a pair `a` are in the books: what was taken back with its import or sync asks nothing any more. */
export const isStill = (b: string): SQL => sql`(select count(*) from app.facts f
  where f.business_id = ${b} and f.id in (a.one, a.other) and f.undone_at is null) = 2`;

/** One side of a pair: the channel that told it, when, and in whose words. `order` is its page. */
export type Side = Readonly<{
  key: string;
  channel: string;
  on: LocalDate;
  /** order, refund, payout, or the channel's word for a charge. */
  what: string;
  memo: string;
  order: string | null;
}>;
export type AlikePair = Readonly<{
  id: string;
  /** twice: told by a file and by the API. payment: `one` is a wallet's sale, `other` a shop's order that was paid elsewhere. */
  kind: "twice" | "payment";
  amount: bigint;
  one: Side;
  other: Side;
}>;
export type DecidedPair = AlikePair &
  Readonly<{ state: "same" | "different"; decidedOn: LocalDate; keepsOther: boolean }>;

const pairsAPage = 50;

type Row = Readonly<{
  id: string;
  kind: "twice" | "payment";
  amount: string;
  state: "open" | "same" | "different";
  decided: string | null;
  keeps: boolean;
  one: Told;
  other: Told;
}>;
type Told = Readonly<{
  key: string;
  channel: string;
  on: string;
  kind: string;
  number: string | null;
  type: string | null;
  memo: string | null;
  order: string | null;
}>;

const side = (b: string, name: "one" | "other"): SQL => {
  const key = sql.raw(`a.${name}`);
  return sql`(select jsonb_build_object('key', f.id, 'channel', c.name, 'on', ${sql.raw(`a.${name}_on`)}::text, 'kind', f.kind,
      'number', f.body ->> 'number', 'type', f.body ->> 'type', 'memo', f.body ->> 'memo',
      'order', case f.kind when 'order' then f.body ->> 'id' else f.body ->> 'order' end)
    from app.facts f join app.channels c on c.business_id = ${b} and c.id = ${sql.raw(`a.${name}_channel`)}
    where f.business_id = ${b} and f.id = ${key})`;
};

const columns = (
  b: string,
): SQL => sql`a.id, a.kind, a.amount_minor::text as amount, a.state, a.decided_at::date::text as decided,
  exists (select 1 from app.facts k where k.business_id = ${b} and k.id = a.other and k.undone_at is null) as keeps,
  ${side(b, "one")} as one, ${side(b, "other")} as other`;

function sideOf(told: Told): Side {
  const what =
    told.kind === "order"
      ? `Order ${told.number ?? ""}`.trim()
      : told.kind === "return"
        ? "Refund"
        : told.kind === "payout"
          ? "Payout"
          : (told.type ?? told.kind);
  return { key: told.key, channel: told.channel, on: told.on, what, memo: told.memo ?? "", order: told.order };
}

const pairOf = (row: Row): AlikePair => ({
  id: row.id,
  kind: row.kind,
  amount: BigInt(row.amount),
  one: sideOf(row.one),
  other: sideOf(row.other),
});

/** The open pairs, the oldest first, a page of them; `after` is the last one's id and day. */
export function openPairs(
  scope: Scope,
  after: Readonly<{ on: LocalDate; id: string }> | null = null,
): Promise<Readonly<{ pairs: readonly AlikePair[]; isMore: boolean }>> {
  require(scope, "read");
  const b = scope.businessId;
  return inBusiness(scope, async (tx) => {
    const from = after === null ? sql`` : sql`and (a.one_on, a.id) > (${after.on}::date, ${after.id})`;
    const rows = await rowsOf<Row>(
      tx,
      sql`select ${columns(b)} from app.alike_pairs a
          where a.business_id = ${b} and a.state = 'open' and ${isStill(b)} ${from} order by a.one_on, a.id limit ${pairsAPage + 1}`,
    );
    return { pairs: rows.slice(0, pairsAPage).map(pairOf), isMore: rows.length > pairsAPage };
  });
}

/** What was decided last, so that it can be taken back. */
export function decidedPairs(scope: Scope): Promise<readonly DecidedPair[]> {
  require(scope, "read");
  const b = scope.businessId;
  return inBusiness(scope, async (tx) => {
    const rows = await rowsOf<Row>(
      tx,
      sql`select ${columns(b)} from app.alike_pairs a
          where a.business_id = ${b} and a.state <> 'open' order by a.decided_at desc, a.id desc limit ${pairsAPage}`,
    );
    return rows.flatMap((row) =>
      row.state === "open"
        ? []
        : [{ ...pairOf(row), state: row.state, decidedOn: row.decided ?? "", keepsOther: row.keeps }],
    );
  });
}
