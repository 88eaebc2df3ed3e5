/** What being connected is: a channel with its credentials, found by whoever calls from outside, and due to be synchronised. */
import { sql } from "drizzle-orm";
import { jsonText } from "../../db/bulk";
import { type InBusiness, inBusiness, rowsOf, type Tx } from "../../db/scope";
import type { Answers, Ask } from "../../integrations/connector";
import { lockBooks } from "../books/ledger";
import { isoOf, startOfDay } from "../core/dates";
import { Refusal } from "../core/errors";
import type { LocalDate } from "../core/facts";
import { require, type Scope } from "../people/access";
import { recordAudit } from "../people/audit";
import { addChannel } from "./channel-accounts";
import { channelKinds, freeChannelId, kindOf, requestSync } from "./channels";
import { keepCredentials } from "./credentials";

/**
 * What a person wants of a connection before it is made. `since`: nothing that was done before this day (of the business's time zone) is
 * pulled, null: all that there is. `into`: the channel that it goes on with (one that was kept by its files), null: one of its own.
 * `isTrial`: for looking only, which a channel that is in the books already is not.
 */
export type Wish = Readonly<{ answers: Answers; since: LocalDate | null; into: string | null; isTrial: boolean }>;
export const noWish: Wish = { answers: {}, since: null, into: null, isTrial: false };

/** `run` is its first sync, null where one was running already. */
export type Connected = Readonly<{ channelId: string; slug: string; isNew: boolean; run: string | null }>;

/** How a kind is connected, and what is asked before. Refuses `unknown_kind`. */
export async function questionsOf(
  kind: string,
): Promise<Readonly<{ name: string; connect: "oauth" | "keys" | "file"; asks: readonly Ask[] }>> {
  const { manifest, load } = kindOf(kind);
  if (manifest.connect === "file") return { name: manifest.name, connect: "file", asks: [] };
  const { oauth, keys } = await load();
  const asks = (manifest.connect === "keys" ? keys?.asks : oauth?.asks) ?? [];
  return { name: manifest.name, connect: manifest.connect, asks };
}

/** Answers to what is asked and nothing else, trimmed. Refuses `field_missing`, `bad_field` for a choice that is not offered, `text_too_long`. */
export function answersTo(asks: readonly Ask[], given: Answers): Answers {
  return Object.fromEntries(
    asks.map(({ name, label, choices, isOptional }) => {
      const answer = (given[name] ?? "").trim();
      const where = { field: name };
      if (answer === "" && isOptional === true) return [name, ""];
      if (answer === "") throw new Refusal("field_missing", `${label} is missing.`, where);
      if (answer.length > 500) throw new Refusal("text_too_long", `${label} is too long.`, where);
      if (choices !== undefined && !choices.some(({ value }) => value === answer))
        throw new Refusal("bad_field", `${label}: choose one that is offered.`, where);
      return [name, answer];
    }),
  );
}

/** Refuses `unsupported` where this installation lacks what the kind needs. */
export function refuseMissing(kind: string): void {
  const found = channelKinds().find((one) => one.kind === kind);
  if (found === undefined || found.missing.length === 0) return;
  throw new Refusal("unsupported", `${found.name} cannot be connected here yet. Missing: ${found.missing.join("; ")}`);
}

/** The day that a person begins with, as an instant (ISO 8601, UTC). Refuses `future_date`. */
export function sinceOf(scope: Pick<Scope, "timeZone">, since: LocalDate | null): string | null {
  if (since === null) return null;
  const instant = isoOf(startOfDay(since, scope.timeZone));
  if (instant > new Date().toISOString())
    throw new Refusal("future_date", "Begin with today or a day before it.", { field: "since" });
  return instant;
}

export type Connection = Readonly<{
  kind: string;
  credentials: string;
  shop: Readonly<{ id: string; name: string }>;
  answers: Answers;
  /** ISO 8601, UTC. */
  since: string | null;
  into: string | null;
  isTrial: boolean;
}>;

/**
 * Keeps a connection that the channel has just agreed to, and asks for its first sync. The same shop connected again is the same channel,
 * and keeps the day that it began with unless an earlier one is said: then all of it is pulled anew, and what is here already adds nothing.
 * No day said, as when signing in again, is no earlier one.
 */
export function keepConnection(scope: Scope, made: Connection): Promise<Connected> {
  require(scope, "connect");
  const { manifest } = kindOf(made.kind);
  return inBusiness(scope, async (tx) => {
    await lockBooks(tx, scope);
    const known = await sameShop(tx, scope, made);
    const channelId = known ?? (await freeChannelId(tx, scope, made.kind));
    const said = made.shop.name.trim().slice(0, 80);
    const name = said === "" ? manifest.name : `${manifest.name}: ${said}`;
    if (known === null) await addChannel(tx, scope, { id: channelId, kind: made.kind, name, state: "connected" });
    const [before] = await rowsOf<{ isEarlier: boolean }>(
      tx,
      sql`select since is not null and ${made.since}::timestamptz is not null and ${made.since}::timestamptz < since as "isEarlier"
          from app.channels where business_id = ${scope.businessId} and id = ${channelId}`,
    );
    const startsAnew = known === null || before?.isEarlier === true;
    await tx.execute(sql`
      update app.channels set state = 'connected', note = null, paused_at = null, shop = ${made.shop.id},
        answers = ${jsonText(made.answers)}::jsonb, next_sync_at = now() + interval '15 minutes'
        ${startsAnew ? sql`, since = ${made.since}::timestamptz` : sql``}
        ${known === null ? sql`, is_trial = ${made.isTrial}` : sql``}
      where business_id = ${scope.businessId} and id = ${channelId}`);
    if (before?.isEarlier === true)
      await tx.execute(
        sql`delete from app.channel_feeds where business_id = ${scope.businessId} and channel_id = ${channelId}`,
      );
    await keepCredentials(tx, scope, channelId, made.credentials);
    await tx.execute(sql`
      insert into app.due (business_id, channel_id, due_at) values (${scope.businessId}, ${channelId}, now() + interval '15 minutes')
      on conflict (business_id, channel_id) do update set due_at = excluded.due_at`);
    await tx.execute(sql`
      insert into app.connected_shops (kind, shop, business_id, channel_id)
      values (${made.kind}, ${made.shop.id}, ${scope.businessId}, ${channelId}) on conflict do nothing`);
    await recordAudit(tx, scope, {
      what: "channel.connect",
      about: channelId,
      after: { kind: made.kind, shop: made.shop.id },
    });
    return { channelId, slug: scope.slug, isNew: known === null, run: await firstSync(tx, scope, channelId) };
  });
}

/** Of all that shop's connections in these books, the channel; else the one that a person said it goes on with; null where it is new. */
async function sameShop(tx: Tx, scope: InBusiness, made: Connection): Promise<string | null> {
  const [row] = await rowsOf<{ id: string }>(
    tx,
    sql`select id from app.channels where business_id = ${scope.businessId} and kind = ${made.kind} and shop = ${made.shop.id}
        order by created_at, id limit 1 for update`,
  );
  if (row !== undefined || made.into === null) return row?.id ?? null;
  const [file] = await rowsOf<{ id: string }>(
    tx,
    sql`select id from app.channels where business_id = ${scope.businessId} and id = ${made.into} and kind = ${made.kind}
          and state = 'file' for update`,
  );
  if (file === undefined)
    throw new Refusal(
      "stale",
      "The channel that this should go on with is connected already, or is gone. Connect again.",
    );
  return file.id;
}

async function firstSync(tx: Tx, scope: InBusiness, channelId: string): Promise<string | null> {
  const [open] = await rowsOf<{ id: string }>(
    tx,
    sql`select id from app.runs where business_id = ${scope.businessId} and job = 'syncChannel' and about = ${channelId}
          and state in ('waiting', 'running') limit 1`,
  );
  return open === undefined ? requestSync(tx, scope, channelId) : null;
}

/** A person lets a channel rest: what is under way stops, and nothing is pulled until they say so. */
export async function pauseChannel(scope: Scope, channelId: string): Promise<void> {
  require(scope, "connect");
  await inBusiness(scope, async (tx) => {
    const [row] = await rowsOf<{ id: string }>(
      tx,
      sql`update app.channels set paused_at = now(), next_sync_at = null where business_id = ${scope.businessId} and id = ${channelId}
            and state = 'connected' and paused_at is null returning id`,
    );
    if (row === undefined) throw new Refusal("stale", "This channel is not connected, or rests already.");
    await tx.execute(sql`delete from app.due where business_id = ${scope.businessId} and channel_id = ${channelId}`);
    await tx.execute(sql`
      update app.runs set is_cancelled = 1 where business_id = ${scope.businessId} and job = 'syncChannel' and about = ${channelId}
        and state in ('waiting', 'running')`);
    await recordAudit(tx, scope, { what: "channel.pause", about: channelId });
  });
}

/** Goes on where it was. Gives the run's id, null where the sync that was stopped has not ended yet: it then goes on by the clock. */
export async function resumeChannel(scope: Scope, channelId: string): Promise<string | null> {
  require(scope, "connect");
  return inBusiness(scope, async (tx) => {
    const [row] = await rowsOf<{ id: string }>(
      tx,
      sql`update app.channels set paused_at = null, next_sync_at = now() where business_id = ${scope.businessId} and id = ${channelId}
            and state = 'connected' and paused_at is not null returning id`,
    );
    if (row === undefined) throw new Refusal("stale", "This channel is not connected, or does not rest.");
    await tx.execute(sql`
      insert into app.due (business_id, channel_id, due_at) values (${scope.businessId}, ${channelId}, now() + interval '20 seconds')
      on conflict (business_id, channel_id) do update set due_at = excluded.due_at`);
    await recordAudit(tx, scope, { what: "channel.resume", about: channelId });
    return firstSync(tx, scope, channelId);
  });
}
