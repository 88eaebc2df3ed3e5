/**
 * Fetching the rates of the day: where an address is set, a job asks it for the currencies that the business has met and asks for itself
 * again. What fails is said on the page and tried again, ever less often; nothing that a person typed or a file brought is changed.
 */
import { sql } from "drizzle-orm";
import { bulkInsert } from "../../db/bulk";
import { exchangeRates } from "../../db/schema";
import { inBusiness, rowsOf, type Tx } from "../../db/scope";
import { fetchProvided, providerOf, type QuotedRate } from "../../integrations/index";
import { ChannelError, Refusal } from "../core/errors";
import { formatRate } from "../core/rates";
import { require, type Scope } from "../people/access";
import { recordAudit } from "../people/audit";
import { todayOf } from "../system/clock";
import { env } from "../system/env";
import { request } from "../system/outbox";
import { metIn, wakeUnrated } from "./rates";

/** Rates come once a day, at an hour that is not ours: so often it is looked. */
const everyMs = 6 * 3_600_000;
const firstWaitMs = 5 * 60_000;

/** How long to wait after so many failures in a row: it doubles, and is never longer than between two good ones. */
export function waitAfter(failures: number): number {
  return Math.min(everyMs, firstWaitMs * 2 ** Math.min(failures - 1, 20));
}

/**
 * Asks the provider once and asks to be called again. Gives how many rates were new. Without an address, or before any other currency was
 * met, it does nothing and is asked for again by whoever meets one.
 */
export async function fetchRates(
  scope: Scope,
  signal: AbortSignal,
  url: string | undefined = env().EXCHANGE_RATES_URL,
): Promise<Readonly<{ added: number }>> {
  const met = await inBusiness(scope, (tx) => metIn(tx, scope));
  if (url === undefined || met.length === 0) return { added: 0 };
  const { currency: books, country, timeZone } = scope;
  try {
    const all = await fetchProvided(url, { books, country, today: todayOf(timeZone) }, signal);
    const rates = all.filter(({ currency }) => met.includes(currency));
    return await inBusiness(scope, async (tx) => {
      const added = await addFetched(tx, scope, rates, providerOf(url));
      await tellNext(tx, scope, null, 0);
      return { added };
    });
  } catch (error) {
    if (!(error instanceof ChannelError)) throw error;
    await inBusiness(scope, async (tx) => {
      const [row] = await rowsOf<{ failures: number }>(
        tx,
        sql`select failures from app.rate_fetches where business_id = ${scope.businessId} for update`,
      );
      await tellNext(tx, scope, error, (row?.failures ?? 0) + 1);
    });
    return { added: 0 };
  }
}

async function addFetched(tx: Tx, scope: Scope, rates: readonly QuotedRate[], source: string): Promise<number> {
  const known = await rowsOf<{ key: string }>(
    tx,
    sql`select currency || ' ' || on_date::text as key from app.exchange_rates
        where business_id = ${scope.businessId} and on_date >= ${rates.reduce((least, { on }) => (on < least ? on : least), "9999-12-31")}::date`,
  );
  const here = new Set(known.map(({ key }) => key));
  const fresh = rates.filter(({ currency, on }) => !here.has(`${currency} ${on}`));
  if (fresh.length === 0) return 0;
  await recordAudit(tx, scope, {
    what: "rate.fetch",
    about: source,
    after:
      fresh.length > 40
        ? { rates: fresh.length }
        : Object.fromEntries(fresh.map(({ currency, on, rate }) => [`${currency} ${on}`, formatRate(rate)])),
  });
  const recordedAt = new Date().toISOString();
  await bulkInsert(
    tx,
    exchangeRates,
    fresh.map(({ currency, on, rate }) => ({
      businessId: scope.businessId,
      currency,
      onDate: on,
      rate,
      source,
      fileId: null,
      formerRate: null,
      formerSource: null,
      userId: null,
      recordedAt,
    })),
    sql`on conflict do nothing`,
  );
  await wakeUnrated(
    tx,
    scope,
    fresh.map(({ currency }) => currency),
  );
  return fresh.length;
}

async function tellNext(tx: Tx, scope: Scope, error: ChannelError | null, failures: number): Promise<void> {
  const afterMs = error === null ? everyMs : Math.max(error.retryAfterMs ?? 0, waitAfter(failures));
  const fetchedAt = error === null ? sql`now()` : sql`null`;
  await tx.execute(sql`
    insert into app.rate_fetches (business_id, tried_at, fetched_at, next_at, failures, error)
    values (${scope.businessId}, now(), ${fetchedAt}, now() + ${afterMs} * interval '1 millisecond', ${failures}, ${error?.message ?? null})
    on conflict (business_id) do update set tried_at = excluded.tried_at, next_at = excluded.next_at, failures = excluded.failures,
      error = excluded.error, fetched_at = coalesce(excluded.fetched_at, rate_fetches.fetched_at)`);
  await request(tx, "fetchRates", { business: scope.businessId }, afterMs);
}

/** How fetching stands; instants are ISO 8601. `provider` null: no address is set. */
export type FetchState = Readonly<{
  provider: string | null;
  fetchedAt: string | null;
  triedAt: string | null;
  nextAt: string | null;
  error: string | null;
}>;

export function fetchState(scope: Scope): Promise<FetchState> {
  require(scope, "read");
  const url = env().EXCHANGE_RATES_URL;
  const utc = (column: string) => sql.raw(`to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`);
  return inBusiness(scope, async (tx) => {
    const [row] = await rowsOf<Omit<FetchState, "provider">>(
      tx,
      sql`select ${utc("fetched_at")} as "fetchedAt", ${utc("tried_at")} as "triedAt", ${utc("next_at")} as "nextAt", error
          from app.rate_fetches where business_id = ${scope.businessId}`,
    );
    const none = { fetchedAt: null, triedAt: null, nextAt: null, error: null };
    return { provider: url === undefined ? null : providerOf(url), ...none, ...row };
  });
}

/** Asks for the provider's rates at once. Refuses `unsupported` where no address is set, `not_ready` before another currency was met. */
export async function fetchNow(scope: Scope): Promise<void> {
  require(scope, "write");
  if (env().EXCHANGE_RATES_URL === undefined)
    throw new Refusal("unsupported", "No provider of rates is set up here. Type them, or bring a file.");
  return inBusiness(scope, async (tx) => {
    if ((await metIn(tx, scope)).length === 0)
      throw new Refusal("not_ready", "No document was in another currency yet, so there is nothing to fetch.");
    await request(tx, "fetchRates", { business: scope.businessId });
  });
}
