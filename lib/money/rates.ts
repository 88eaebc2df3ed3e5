/**
 * The business's own rates of exchange. A day's rate is the last one known on it or up to seven days before; without one a document waits
 * and the rate is asked for, never taken to be 1. A rate that is typed, changed or removed changes nothing that is posted: each fact keeps
 * the rate that it was recorded at (docs/decisions/0013-currencies.md).
 */
import { sql } from "drizzle-orm";
import { bulkInsert, list } from "../../db/bulk";
import { metCurrencies as metTable } from "../../db/schema";
import { type InBusiness, inBusiness, rowsOf, type Tx } from "../../db/scope";
import { parseLocalDate } from "../core/dates";
import { Refusal } from "../core/errors";
import type { LocalDate, Rate } from "../core/facts";
import { decimalsOf } from "../core/money";
import { type Direction, formatRate, parseRate, rateReachDays, type Span, spansOf } from "../core/rates";
import { require, type Scope } from "../people/access";
import { recordAudit } from "../people/audit";
import { readParkedIn } from "../sales/channels";
import { type Cursor, turned } from "../sales/keyset";
import { todayOf } from "../system/clock";
import { env } from "../system/env";
import { request } from "../system/outbox";

/** A currency and the day on which it is asked for. */
export type Asked = Readonly<{ currency: string; on: LocalDate }>;
export const askedKey = ({ currency, on }: Asked): string => `${currency} ${on}`;

/** How a typed rate is told apart from those of files and providers. */
const typedSource = "typed";

/** The rates that count on the asked days, by `askedKey`; what is missing is not among them. */
export async function ratesFor(tx: Tx, scope: InBusiness, asked: readonly Asked[]): Promise<ReadonlyMap<string, Rate>> {
  const wanted = [...new Map(asked.map((one) => [askedKey(one), one])).values()];
  if (wanted.length === 0) return new Map();
  const rows = await rowsOf<{ currency: string; day: string; rate: string; on: string; source: string }>(
    tx,
    sql`select u.currency, u.day::text, r.rate::text, r.on_date::text as on, r.source
        from unnest(${list(
          "text",
          wanted.map(({ currency }) => currency),
        )}, ${list(
          "date",
          wanted.map(({ on }) => on),
        )}) as u(currency, day),
          lateral (select rate, on_date, source from app.exchange_rates where business_id = ${scope.businessId}
            and currency = u.currency and on_date between u.day - ${rateReachDays}::int and u.day order by on_date desc limit 1) r`,
  );
  return new Map(
    rows.map(({ currency, day, rate, on, source }) => [
      askedKey({ currency, on: day }),
      { currency, rate: BigInt(rate), on, source },
    ]),
  );
}

/** What a document waits for, in words. */
export function missingRate({ currency, on }: Asked): Refusal {
  return new Refusal(
    "rate_missing",
    `It is in ${currency}, and no rate of ${currency} is known for ${on} or the ${rateReachDays} days before. Give one under Settings, Exchange rates.`,
    { currency, on },
  );
}

/** Remembers that documents or people named these currencies, and sees to it that a provider, where there is one, is asked for them. */
export async function meetCurrencies(tx: Tx, scope: InBusiness, currencies: readonly string[]): Promise<void> {
  if (currencies.length === 0) return;
  const metAt = new Date().toISOString();
  await bulkInsert(
    tx,
    metTable,
    [...new Set(currencies)].map((currency) => ({ businessId: scope.businessId, currency, metAt })),
    sql`on conflict do nothing`,
  );
  if (env().EXCHANGE_RATES_URL === undefined) return;
  const [row] = await rowsOf<{ waits: boolean }>(
    tx,
    sql`select next_at > now() as waits from app.rate_fetches where business_id = ${scope.businessId}`,
  );
  if (row?.waits !== true) await request(tx, "fetchRates", { business: scope.businessId });
}

/** The currencies that the business has met, other than the books', in the order of their codes. */
export function metCurrencies(scope: Scope): Promise<readonly string[]> {
  require(scope, "read");
  return inBusiness(scope, (tx) => metIn(tx, scope));
}

export async function metIn(tx: Tx, scope: InBusiness): Promise<readonly string[]> {
  const rows = await rowsOf<{ currency: string }>(
    tx,
    sql`select currency from app.met_currencies where business_id = ${scope.businessId} order by currency`,
  );
  return rows.map((row) => row.currency);
}

/** Documents that wait for a rate are read again where one of these rates is what they waited for. */
export async function wakeUnrated(tx: Tx, scope: InBusiness, currencies: readonly string[]): Promise<void> {
  for (const channel of await ratedChannels(tx, scope, currencies)) await readParkedIn(tx, scope, channel);
}

/** The channels with documents that wait for a rate of these currencies which is here now. */
async function ratedChannels(tx: Tx, scope: InBusiness, currencies: readonly string[]): Promise<readonly string[]> {
  if (currencies.length === 0) return [];
  const rows = await rowsOf<{ channel: string }>(
    tx,
    sql`select distinct d.channel_id as channel from app.raw_documents d
        where d.business_id = ${scope.businessId} and d.state = 'refused' and d.rate_currency = any(${list("text", [...new Set(currencies)])})
          and ${isRated(scope.businessId)} order by channel`,
  );
  return rows.map(({ channel }) => channel);
}

const isRated = (business: string) => sql`exists (select 1 from app.exchange_rates r where r.business_id = ${business}
  and r.currency = d.rate_currency and r.on_date between d.rate_on - ${rateReachDays}::int and d.rate_on)`;

/** Documents of a channel whose rate came while others were being read wait to be read too. Gives how many. */
export async function wakeRated(tx: Tx, scope: InBusiness, channel: string): Promise<number> {
  const rows = await rowsOf<{ n: number }>(
    tx,
    sql`update app.raw_documents d set state = 'waiting', note = null, rate_currency = null, rate_on = null
        where d.business_id = ${scope.businessId} and d.channel_id = ${channel} and d.state = 'refused'
          and d.rate_currency is not null and ${isRated(scope.businessId)} returning 1 as n`,
  );
  return rows.length;
}

/** More different days than these are told as that there are more. */
const mostDays = 3_000;

/** What documents wait for: by currency, days that lie within a week of each other as one span. */
export function missingRates(scope: Scope): Promise<readonly Span[]> {
  require(scope, "read");
  return inBusiness(scope, async (tx) => {
    const days = await rowsOf<{ currency: string; on: string; count: number }>(
      tx,
      sql`select rate_currency as currency, rate_on::text as on, count(*)::int as count from app.raw_documents
          where business_id = ${scope.businessId} and state = 'refused' and rate_currency is not null
          group by rate_currency, rate_on order by rate_currency, rate_on limit ${mostDays}`,
    );
    return spansOf(days);
  });
}

type TypedRate = Readonly<{ currency: string; on: string; rate: string; direction: Direction }>;
/** A rate as it stood before it was changed; null: there was none. `rate` is what one unit was worth, as text. */
type FormerRate = Readonly<{ currency: string; on: string; rate: string; source: string } | null>;

/** Checks a currency that a person named. Refuses `unknown_currency` and `bad_field` for the books' own. */
function currencyOf(scope: Scope, text: string): string {
  const currency = text.trim().toUpperCase();
  try {
    decimalsOf(currency);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw new Refusal("unknown_currency", error.message, { field: "currency" });
  }
  if (currency === scope.currency)
    throw new Refusal("bad_field", `The books are kept in ${currency}: that has no rate.`, { field: "currency" });
  return currency;
}

function inField<Result>(field: string, read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw new Refusal(error.code, error.message, { field });
  }
}

/**
 * Types a rate, or changes the one of that day; documents that waited for it are read. What is posted stays. Gives what stood there before.
 * Refuses `unknown_currency`, `bad_date`, `future_date`, `bad_number`, `out_of_range`.
 */
export async function saveRate(
  scope: Scope,
  typed: TypedRate,
): Promise<Readonly<{ currency: string; on: LocalDate; before: FormerRate }>> {
  require(scope, "write");
  const currency = currencyOf(scope, typed.currency);
  const on = inField("on", () => parseLocalDate(typed.on.trim()));
  if (on > todayOf(scope.timeZone)) throw new Refusal("future_date", "This day has not come yet.", { field: "on" });
  const rate = inField("rate", () => parseRate(typed.rate, typed.direction, typed.rate.includes(".") ? "." : ","));
  return inBusiness(scope, async (tx) => {
    const before = await formerIn(tx, scope, currency, on);
    await recordAudit(tx, scope, {
      what: "rate.save",
      about: `${currency} ${on}`,
      before: before === null ? null : { rate: before.rate, source: before.source },
      after: { rate: formatRate(rate), source: typedSource },
    });
    await tx.execute(sql`
      insert into app.exchange_rates (business_id, currency, on_date, rate, source, file_id, former_rate, former_source, user_id, recorded_at)
      values (${scope.businessId}, ${currency}, ${on}, ${rate.toString()}::bigint, ${typedSource}, null, null, null, ${scope.userId}, now())
      on conflict (business_id, currency, on_date) do update set rate = excluded.rate, source = excluded.source, file_id = null,
        former_rate = null, former_source = null, user_id = excluded.user_id, recorded_at = excluded.recorded_at`);
    await meetCurrencies(tx, scope, [currency]);
    await wakeUnrated(tx, scope, [currency]);
    return { currency, on, before };
  });
}

/** Removes the rate of a day; what was posted at it stays. Gives what it was; refuses `not_found`. */
export async function removeRate(
  scope: Scope,
  { currency, on }: Readonly<{ currency: string; on: string }>,
): Promise<NonNullable<FormerRate>> {
  require(scope, "write");
  const day = inField("on", () => parseLocalDate(on));
  return inBusiness(scope, async (tx) => {
    const before = await formerIn(tx, scope, currency, day);
    if (before === null) throw new Refusal("not_found", "There is no such rate any more.");
    await recordAudit(tx, scope, {
      what: "rate.remove",
      about: `${currency} ${day}`,
      before: { rate: before.rate, source: before.source },
    });
    await tx.execute(
      sql`delete from app.exchange_rates where business_id = ${scope.businessId} and currency = ${currency} and on_date = ${day}`,
    );
    return before;
  });
}

async function formerIn(tx: Tx, scope: InBusiness, currency: string, on: LocalDate): Promise<FormerRate> {
  const [row] = await rowsOf<{ rate: string; source: string }>(
    tx,
    sql`select rate::text, source from app.exchange_rates
        where business_id = ${scope.businessId} and currency = ${currency} and on_date = ${on} for update`,
  );
  return row === undefined ? null : { currency, on, rate: formatRate(BigInt(row.rate)), source: row.source };
}

/** A rate in the list. `rate` as people read it; `id` is its currency. */
export type RateRow = Readonly<{
  key: string;
  id: string;
  currency: string;
  on: LocalDate;
  rate: string;
  source: string;
  file: string | null;
  recordedAt: string;
}>;
export type RateFilter = Readonly<{
  currency?: string | undefined;
  from?: LocalDate | undefined;
  to?: LocalDate | undefined;
}>;
export type RatePage = Readonly<{
  after?: Cursor | null | undefined;
  before?: Cursor | null | undefined;
  limit?: number | undefined;
}>;

/** Rates, the latest day first, paged by key. */
export function listRates(scope: Scope, filter: RateFilter, page: RatePage = {}) {
  require(scope, "read");
  const { currency, from, to } = filter;
  return inBusiness(scope, (tx) =>
    turned<RateRow>(page, 50, async (way) => {
      const rows = await rowsOf<RateRow>(
        tx,
        sql`select on_date::text as key, currency as id, currency, on_date::text as on, rate::text, source, file_id::text as file,
              to_char(recorded_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "recordedAt"
            from app.exchange_rates where business_id = ${scope.businessId}
              ${currency === undefined ? sql`` : sql`and currency = ${currency}`}
              ${from === undefined ? sql`` : sql`and on_date >= ${from}::date`} ${to === undefined ? sql`` : sql`and on_date <= ${to}::date`}
              ${way.from(sql`on_date`, sql`currency`, "date")}
            order by on_date ${way.direction}, currency ${way.direction} limit ${way.limit}`,
      );
      return rows.map((row) => ({ ...row, rate: formatRate(BigInt(row.rate)) }));
    }),
  );
}
