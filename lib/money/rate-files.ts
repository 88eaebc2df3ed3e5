/**
 * Rates from a file: looked at first, then taken for the currencies that a person chooses. What is there already stays unless they say
 * otherwise; then the earlier rate is kept beside the new one, so that the file can be taken back whole. What is posted stays in any case.
 */
import { sql } from "drizzle-orm";
import { bulkInsert, jsonText, list } from "../../db/bulk";
import { exchangeRates, rateFiles } from "../../db/schema";
import { inBusiness, rowsOf, type Tx } from "../../db/scope";
import { type QuotedRate, type RateLayout, type RatesReading, readRateFile } from "../../integrations/index";
import { parseLocalDate } from "../core/dates";
import { Refusal } from "../core/errors";
import type { LocalDate } from "../core/facts";
import { formatRate } from "../core/rates";
import { require, type Scope } from "../people/access";
import { recordAudit } from "../people/audit";
import { moreThan, mostNamed } from "../people/audit-facts";
import { todayOf } from "../system/clock";
import { isId, newId } from "../system/ids";
import { cleanName } from "./imports";
import { meetCurrencies, metIn, wakeUnrated } from "./rates";

/** A file of rates may have so many bytes; a central bank's whole history has a tenth of it. */
export const rateFileBytes = 8 * 1024 * 1024;
/** More rates than these are not taken at once: fewer currencies, or a later first day. */
const mostRates = 100_000;
const mostShown = 50;
const nothingSaid: RateLayout = { direction: null, decimalMark: null, dateStyle: null };

/** Takes a file in to look at. Gives its id. Refuses what is no file of rates. */
export async function takeRateFile(scope: Scope, file: Readonly<{ name: string; bytes: Uint8Array }>): Promise<string> {
  require(scope, "write");
  if (file.bytes.length > rateFileBytes)
    throw new Refusal("file_too_large", `The limit is ${rateFileBytes / 1024 / 1024} MB.`, { field: "file" });
  const fileName = cleanName(file.name);
  readAs(scope, file.bytes, fileName, nothingSaid);
  return inBusiness(scope, async (tx) => {
    const id = newId();
    await recordAudit(tx, scope, { what: "rate.preview", about: id, after: { file: fileName } });
    // One that was only looked at is not kept beside the next.
    await tx.execute(
      sql`delete from app.rate_files where business_id = ${scope.businessId} and state in ('preview', 'discarded')`,
    );
    await tx.insert(rateFiles).values({
      businessId: scope.businessId,
      id,
      fileName,
      bytes: Buffer.from(file.bytes),
      state: "preview",
      choices: nothingSaid,
      result: null,
      userId: scope.userId,
      createdAt: new Date().toISOString(),
      acceptedAt: null,
    });
    return id;
  });
}

function readAs(scope: Scope, bytes: Uint8Array, fileName: string, layout: RateLayout): RatesReading {
  const { currency: books, country, timeZone } = scope;
  return readRateFile(bytes, fileName, { books, country, today: todayOf(timeZone), layout });
}

type Kept = Readonly<{ id: string; fileName: string; bytes: Buffer; state: string; choices: RateLayout }>;

async function keptIn(tx: Tx, scope: Scope, id: string, locks = false): Promise<Kept> {
  const [row] = isId(id)
    ? await rowsOf<Kept>(
        tx,
        sql`select id, file_name as "fileName", bytes, state, choices from app.rate_files
            where business_id = ${scope.businessId} and id = ${id} ${locks ? sql`for update` : sql``}`,
      )
    : [];
  if (row === undefined) throw new Refusal("not_found", "There is no such file any more.");
  return row;
}

/** What one currency of a file has. `differs`: days that are here with another rate; `isMet`: the business has met it. */
export type CurrencyOfFile = Readonly<{
  currency: string;
  isMet: boolean;
  count: number;
  from: LocalDate;
  through: LocalDate;
  fresh: number;
  already: number;
  differs: number;
  last: string;
}>;
export type RateFilePreview = Readonly<{
  id: string;
  fileName: string;
  state: string;
  kind: RatesReading["kind"];
  layout: RatesReading["layout"];
  said: RateLayout;
  doubts: RatesReading["doubts"];
  currencies: readonly CurrencyOfFile[];
  problems: RatesReading["problems"];
  problemCount: number;
  /** The first of what differs from what is here. */
  differing: readonly Readonly<{ currency: string; on: LocalDate; here: string; source: string; file: string }>[];
}>;

/** What a file has: by currency, those that the business has met first. Refuses `not_found`. */
export function previewRateFile(scope: Scope, id: string): Promise<RateFilePreview> {
  require(scope, "write");
  return inBusiness(scope, async (tx) => {
    const { fileName, bytes, state, choices } = await keptIn(tx, scope, id);
    const reading = readAs(scope, bytes, fileName, choices);
    const met = new Set(await metIn(tx, scope));
    const here = await hereOf(tx, scope, [...new Set(reading.rates.map(({ currency }) => currency))]);
    const differing = reading.rates.flatMap(({ currency, on, rate }) => {
      const known = here.get(`${currency} ${on}`);
      if (known === undefined || known.rate === rate) return [];
      return [{ currency, on, here: formatRate(known.rate), source: known.source, file: formatRate(rate) }];
    });
    return {
      id,
      fileName,
      state,
      kind: reading.kind,
      layout: reading.layout,
      said: choices,
      doubts: reading.doubts,
      currencies: byCurrency(reading.rates, here, met),
      problems: reading.problems.slice(0, mostShown),
      problemCount: reading.problems.length,
      differing: differing.slice(0, mostShown),
    };
  });
}

type Here = ReadonlyMap<string, Readonly<{ rate: bigint; source: string }>>;

/** The rates that are here of some currencies, by currency and day. */
async function hereOf(tx: Tx, scope: Scope, currencies: readonly string[]): Promise<Here> {
  const rows = await rowsOf<{ currency: string; on: string; rate: string; source: string }>(
    tx,
    sql`select currency, on_date::text as on, rate::text, source from app.exchange_rates
        where business_id = ${scope.businessId} and currency = any(${list("text", currencies)})`,
  );
  return new Map(rows.map(({ currency, on, rate, source }) => [`${currency} ${on}`, { rate: BigInt(rate), source }]));
}

function byCurrency(rates: readonly QuotedRate[], here: Here, met: ReadonlySet<string>): readonly CurrencyOfFile[] {
  const found = new Map<string, { -readonly [K in keyof CurrencyOfFile]: CurrencyOfFile[K] }>();
  for (const { currency, on, rate } of rates) {
    const known = here.get(`${currency} ${on}`);
    const one = found.get(currency) ?? {
      currency,
      isMet: met.has(currency),
      count: 0,
      from: on,
      through: on,
      fresh: 0,
      already: 0,
      differs: 0,
      last: formatRate(rate),
    };
    found.set(currency, one);
    one.count += 1;
    if (on < one.from) one.from = on;
    if (on >= one.through) {
      one.through = on;
      one.last = formatRate(rate);
    }
    if (known === undefined) one.fresh += 1;
    else if (known.rate === rate) one.already += 1;
    else one.differs += 1;
  }
  return [...found.values()].sort((a, b) =>
    a.isMet === b.isMet ? (a.currency < b.currency ? -1 : 1) : a.isMet ? -1 : 1,
  );
}

/** Says how a list is written; the file is read anew. Refuses `stale` for one that was dealt with. */
export function chooseRateLayout(scope: Scope, id: string, said: RateLayout): Promise<void> {
  require(scope, "write");
  return inBusiness(scope, async (tx) => {
    const { state, fileName } = await keptIn(tx, scope, id, true);
    if (state !== "preview") throw new Refusal("stale", "This file was dealt with already. Load the page again.");
    await recordAudit(tx, scope, { what: "rate.preview", about: id, after: { file: fileName, ...said } });
    await tx.execute(
      sql`update app.rate_files set choices = ${jsonText(said)}::jsonb where business_id = ${scope.businessId} and id = ${id}`,
    );
  });
}

export type TakeRates = Readonly<{
  id: string;
  currencies: readonly string[];
  /** The first day to be taken; null: all. */
  from: string | null;
  /** Where another rate is here already, the file's takes its place. */
  replaces: boolean;
}>;

/**
 * Takes a file's rates of some currencies; documents that waited for them are read. Gives how many were new, changed and left as they
 * were. Refuses `field_missing` without a currency, and for what the file leaves open; `too_many_rows`; `no_data_rows`; `stale`.
 */
export async function acceptRateFile(
  scope: Scope,
  { id, currencies, from, replaces }: TakeRates,
): Promise<Readonly<{ id: string; added: number; changed: number; kept: number }>> {
  require(scope, "write");
  if (currencies.length === 0)
    throw new Refusal("field_missing", "Choose at least one currency.", { field: "currencies" });
  const first = from === null || from.trim() === "" ? null : parseLocalDate(from.trim());
  return inBusiness(scope, async (tx) => {
    const { state, fileName, bytes, choices } = await keptIn(tx, scope, id, true);
    if (state === "accepted")
      throw new Refusal("already_imported", "This file's rates were taken already. Bring it once more for others.");
    if (state !== "preview") throw new Refusal("stale", "This file was taken back. Bring it in once more.");
    const reading = readAs(scope, bytes, fileName, choices);
    if (reading.doubts.includes("direction"))
      throw new Refusal("field_missing", "Say first which way round the file's rates are.", { field: "direction" });
    if (reading.doubts.includes("date style"))
      throw new Refusal("ambiguous_date", "Say first how the file's days are written.", { field: "dateStyle" });
    const wanted = reading.rates.filter(
      ({ currency, on }) => currencies.includes(currency) && (first === null || on >= first),
    );
    if (wanted.length === 0) throw new Refusal("no_data_rows", "The file has no rates of these currencies and days.");
    if (wanted.length > mostRates)
      throw new Refusal(
        "too_many_rows",
        `These are ${wanted.length} rates, and at most ${mostRates} are taken at once: choose fewer currencies or a later first day.`,
      );
    const taken = [...new Set(wanted.map(({ currency }) => currency))];
    const here = await hereOf(tx, scope, taken);
    const added = wanted.filter(({ currency, on }) => !here.has(`${currency} ${on}`));
    const others = wanted.filter(({ currency, on, rate }) => {
      const known = here.get(`${currency} ${on}`);
      return known !== undefined && known.rate !== rate;
    });
    const changed = replaces ? others : [];
    const counts = {
      added: added.length,
      changed: changed.length,
      kept: wanted.length - added.length - changed.length,
    };
    // What is replaced is named; what is new stands with its file.
    const named = changed.slice(0, mostNamed);
    await recordAudit(tx, scope, {
      what: "rate.import",
      about: id,
      before: Object.fromEntries(
        named.map((one) => [
          `${one.currency} ${one.on}`,
          formatRate(here.get(`${one.currency} ${one.on}`)?.rate ?? 0n),
        ]),
      ),
      after: {
        file: fileName,
        currencies: taken,
        ...counts,
        ...Object.fromEntries(named.map((one) => [`${one.currency} ${one.on}`, formatRate(one.rate)])),
        ...moreThan(changed.length),
      },
    });
    await tx.execute(sql`
      update app.rate_files set state = 'accepted', accepted_at = now(), result = ${jsonText({ ...counts, currencies: taken })}::jsonb
      where business_id = ${scope.businessId} and id = ${id}`);
    await write(tx, scope, id, [...added, ...changed], reading.kind === "ecb" ? "ECB" : fileName, here);
    await meetCurrencies(tx, scope, taken);
    await wakeUnrated(tx, scope, taken);
    return { id, ...counts };
  });
}

async function write(
  tx: Tx,
  scope: Scope,
  fileId: string,
  rates: readonly QuotedRate[],
  source: string,
  here: Here,
): Promise<void> {
  const recordedAt = new Date().toISOString();
  await bulkInsert(
    tx,
    exchangeRates,
    rates.map(({ currency, on, rate }) => {
      const former = here.get(`${currency} ${on}`);
      return {
        businessId: scope.businessId,
        currency,
        onDate: on,
        rate,
        source,
        fileId,
        formerRate: former?.rate ?? null,
        formerSource: former?.source ?? null,
        userId: scope.userId,
        recordedAt,
      };
    }),
    sql`on conflict (business_id, currency, on_date) do update set rate = excluded.rate, source = excluded.source, file_id = excluded.file_id,
        former_rate = excluded.former_rate, former_source = excluded.former_source, user_id = excluded.user_id, recorded_at = excluded.recorded_at`,
  );
}

/**
 * Takes a file back: its rates go, and those that it took the place of are as they were. One that a person changed since stays theirs, and
 * so does what was posted. Gives how many went and came back. Refuses `nothing_to_undo`, `not_found`.
 */
export function undoRateFile(
  scope: Scope,
  { id }: Readonly<{ id: string }>,
): Promise<Readonly<{ removed: number; restored: number }>> {
  require(scope, "write");
  return inBusiness(scope, async (tx) => {
    const { state, fileName } = await keptIn(tx, scope, id, true);
    if (state !== "accepted") throw new Refusal("nothing_to_undo", "None of this file's rates are here.");
    await recordAudit(tx, scope, { what: "rate.import.undo", about: id, before: { file: fileName } });
    const restored = await rowsOf<{ n: number }>(
      tx,
      sql`update app.exchange_rates set rate = former_rate, source = former_source, former_rate = null, former_source = null, file_id = null
          where business_id = ${scope.businessId} and file_id = ${id} and former_rate is not null returning 1 as n`,
    );
    const removed = await rowsOf<{ n: number }>(
      tx,
      sql`delete from app.exchange_rates where business_id = ${scope.businessId} and file_id = ${id} returning 1 as n`,
    );
    await tx.execute(
      sql`update app.rate_files set state = 'undone' where business_id = ${scope.businessId} and id = ${id}`,
    );
    return { removed: removed.length, restored: restored.length };
  });
}

export type TakenFile = Readonly<{
  id: string;
  fileName: string;
  acceptedAt: string;
  result: Readonly<{ added: number; changed: number; kept: number; currencies: readonly string[] }>;
}>;
/** A file that waits at its preview. */
export type WaitingFile = Readonly<{ id: string; fileName: string }>;

/** The last files whose rates were taken, the newest first, and the one that waits at its preview. */
export function rateFilesOf(
  scope: Scope,
): Promise<Readonly<{ taken: readonly TakenFile[]; waiting: WaitingFile | null }>> {
  require(scope, "read");
  return inBusiness(scope, async (tx) => {
    const taken = await rowsOf<TakenFile>(
      tx,
      sql`select id, file_name as "fileName", to_char(accepted_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "acceptedAt", result
          from app.rate_files where business_id = ${scope.businessId} and state = 'accepted' order by accepted_at desc limit 20`,
    );
    const [waiting = null] = await rowsOf<WaitingFile>(
      tx,
      sql`select id, file_name as "fileName" from app.rate_files
          where business_id = ${scope.businessId} and state = 'preview' order by created_at desc limit 1`,
    );
    return { taken, waiting };
  });
}
