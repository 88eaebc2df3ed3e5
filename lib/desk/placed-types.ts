/**
 * Rows of a type that no connector knows: a person says once what they are, and all like it, past and to come, are posted against that
 * account. Each row's fact names its account, so that what is posted follows from the facts alone; a row that is here already gets a
 * version of its own that follows the channel's, so the channel's next word still replaces it.
 */
import { sql } from "drizzle-orm";
import { type InBusiness, inBusiness, rowsOf, type Tx } from "../../db/scope";
import { Refusal } from "../core/errors";
import type { ChargeFact, Fact } from "../core/facts";
import { reviveFact } from "../core/revive";
import { require, type Scope } from "../people/access";
import { recordAudit } from "../people/audit";
import { changeBooks, type Seen } from "../preview";
import { recordIn, type VersionedFact } from "../record";
import { newId } from "../system/ids";

/** A chart code by the channel's word for the type. */
export type PlacedTypes = ReadonlyMap<string, string>;
/** A type that was placed, with how many rows it has and what they come to (minor units). */
export type PlacedType = Readonly<{ type: string; code: string; account: string; count: number; amountMinor: bigint }>;
export type PlaceChoice = Readonly<{ code: string; name: string }>;

/** More rows than this are not posted anew while a form waits. */
const mostAtOnce = 20_000;

/** What is held for somebody else moves by its own documents, never by a word of a channel. */
const mayTake = sql`code not in ('1200', '5000', '5100', '5110') and (holds is null or holds <> 'channel') and not is_archived`;

/** Each type's account at a channel. */
export async function placedTypesIn(tx: Tx, scope: InBusiness, channelId: string): Promise<PlacedTypes> {
  const rows = await rowsOf<{ type: string; account_code: string }>(
    tx,
    sql`select type, account_code from app.placed_types where business_id = ${scope.businessId} and channel_id = ${channelId}`,
  );
  return new Map(rows.map((row) => [row.type, row.account_code]));
}

/** Pure: the fact with the account that a person gave its type; any other fact as it is. */
export function placedAs(fact: Fact, placed: PlacedTypes): Fact {
  if (fact.kind !== "charge" || fact.category !== "other") return fact;
  const account = placed.get(fact.type);
  return account === undefined ? fact : { ...fact, account };
}

/** The types that were placed at a channel, by their words, and the accounts that may be chosen. */
export function placedTypes(
  scope: Scope,
  channelId: string,
): Promise<Readonly<{ types: readonly PlacedType[]; choices: readonly PlaceChoice[] }>> {
  require(scope, "read");
  return inBusiness(scope, async (tx) => {
    const types = await rowsOf<Omit<PlacedType, "amountMinor"> & { amount: string }>(
      tx,
      sql`select p.type, p.account_code as code, a.name as account, count(c.id)::int as count, coalesce(sum(c.amount_minor), 0)::text as amount
          from app.placed_types p
          join app.accounts a on a.business_id = ${scope.businessId} and a.code = p.account_code
          left join app.charges c on c.business_id = ${scope.businessId} and c.channel_id = ${channelId} and c.category = 'other'
            and not c.is_undone and c.type = p.type
          where p.business_id = ${scope.businessId} and p.channel_id = ${channelId} group by p.type, p.account_code, a.name order by p.type`,
    );
    return {
      types: types.map(({ amount, ...row }) => ({ ...row, amountMinor: BigInt(amount) })),
      choices: await choicesIn(tx, scope),
    };
  });
}

function choicesIn(tx: Tx, scope: InBusiness): Promise<readonly PlaceChoice[]> {
  return rowsOf<PlaceChoice>(
    tx,
    sql`select code, name from app.accounts where business_id = ${scope.businessId} and ${mayTake} order by code`,
  );
}

type Placing = Readonly<{ channel: string; type: string; code: string | null }>;

/**
 * Places a type: rows that are here are posted anew, and what comes is posted so by itself. `code` null takes it back: its rows wait among
 * the unknown again. Gives the account before, which said again takes it back. Refuses `unknown_id` for an account that cannot take it,
 * `not_found` for a type that the channel never named, `too_long_at_once`, and `moves_costs` where closed days are touched.
 */
export async function placeType(
  scope: Scope,
  wanted: Placing,
  seen: Seen = null,
): Promise<Readonly<{ before: string | null }>> {
  require(scope, "write");
  const { channel, type, code } = wanted;
  const { businessId } = scope;
  return changeBooks(scope, seen, async (tx, books) => {
    if (code !== null && !(await choicesIn(tx, scope)).some((one) => one.code === code))
      throw new Refusal("unknown_id", "Choose an account that such rows can be posted against.", { field: "code" });
    const before = (await placedTypesIn(tx, scope, channel)).get(type) ?? null;
    if (before === code) return { before };
    const rows = await rowsOf<{ body: unknown; version: string | null }>(
      tx,
      sql`select f.body, f.version from app.charges c
          join app.facts f on f.business_id = ${businessId} and f.id = 'charge/' || c.id and f.undone_at is null
          where c.business_id = ${businessId} and c.channel_id = ${channel} and c.category = 'other' and not c.is_undone and c.type = ${type}
          order by c.id limit ${mostAtOnce + 1}`,
    );
    if (rows.length > mostAtOnce)
      throw new Refusal("too_long_at_once", `More than ${mostAtOnce} rows have this type: that is too many at once.`);
    if (rows.length === 0 && before === null) throw new Refusal("not_found", "This channel has no rows of this type.");
    await recordAudit(tx, scope, {
      what: "channel.place-type",
      about: channel,
      before: { type, account: before },
      after: { type, account: code, rows: rows.length },
    });
    await tx.execute(
      code === null
        ? sql`delete from app.placed_types where business_id = ${businessId} and channel_id = ${channel} and type = ${type}`
        : sql`insert into app.placed_types (business_id, channel_id, type, account_code) values (${businessId}, ${channel}, ${type}, ${code})
              on conflict (business_id, channel_id, type) do update set account_code = excluded.account_code`,
    );
    const suffix = newId();
    const facts = rows.flatMap(({ body, version }): VersionedFact[] => {
      const { account: _was, ...fact } = reviveFact(body) as ChargeFact;
      // The channel's own version stays in front, so that its next one is later than ours.
      const [said = ""] = (version ?? "").split("\u001f", 1);
      return [{ fact: code === null ? fact : { ...fact, account: code }, version: `${said}\u001f${suffix}` }];
    });
    await recordIn(tx, scope, books, facts, { source: null, userId: scope.userId }, { settles: true });
    return { before };
  });
}
