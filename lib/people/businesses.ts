/** Making, changing and throwing away a business. */
import { eq, sql } from "drizzle-orm";
import { bulkInsert } from "../../db/bulk";
import { accounts } from "../../db/schema/books";
import { businesses, directory, members, userBusinesses } from "../../db/schema/people";
import { locations } from "../../db/schema/stock";
import { inBusiness, rowsOf, type Tx } from "../../db/scope";
import { startingChart } from "../core/chart";
import { localDateOf } from "../core/dates";
import { invariant, Refusal } from "../core/errors";
import { decimalsOf } from "../core/money";
import { newId } from "../system/ids";
import { request } from "../system/outbox";
import { require, type Scope } from "./access";
import { recordAudit } from "./audit";

export type NewBusiness = Readonly<{
  name: string;
  /** ISO 3166-1, two letters. */
  country: string;
  /** ISO 4217. */
  currency: string;
  /** IANA name. */
  timeZone: string;
  /** 1 to 12. */
  taxYearStartMonth: number;
  isDemo?: boolean | undefined;
  /** false: the caller says itself which places there are. Otherwise the first one is Main. */
  hasMain?: boolean | undefined;
}>;

const field = (name: string) => ({ field: name });

/** What was typed, as it is kept; refuses what is not a name, country, currency, time zone or month. */
function checked(wanted: NewBusiness): Omit<NewBusiness, "hasMain"> & Readonly<{ isDemo: boolean }> {
  const name = wanted.name.normalize("NFC").replace(/\s+/gu, " ").trim();
  if (name === "") throw new Refusal("field_missing", "Give the business a name.", field("name"));
  if ([...name].length > 120) throw new Refusal("text_too_long", "A name has at most 120 characters.", field("name"));
  const country = wanted.country.trim().toUpperCase();
  if (!/^[A-Z]{2}$/.test(country) || regions.of(country) === undefined)
    throw new Refusal("bad_field", "Choose the country from the list.", field("country"));
  const currency = wanted.currency.trim().toUpperCase();
  at("currency", () => decimalsOf(currency));
  at("timeZone", () => localDateOf(0n, wanted.timeZone));
  const month = wanted.taxYearStartMonth;
  if (!Number.isInteger(month) || month < 1 || month > 12)
    throw new Refusal("out_of_range", "The tax year starts in one of the twelve months.", field("taxYearStartMonth"));
  return {
    name,
    country,
    currency,
    timeZone: wanted.timeZone,
    taxYearStartMonth: month,
    isDemo: wanted.isDemo ?? false,
  };
}

const regions = new Intl.DisplayNames("en", { type: "region", fallback: "none" });

/** A rule's refusal, with the field that it is about. */
function at<T>(name: string, rule: () => T): T {
  try {
    return rule();
  } catch (error) {
    if (error instanceof Refusal) throw new Refusal(error.code, error.message, { ...error.detail, field: name });
    throw error;
  }
}

/** First words of addresses that mean something else. */
const taken = new Set(
  "api app auth account admin billing blog business connect demo docs health help home hooks invite kit legal login logout ops pricing privacy public ready reports settings sign-in sign-out sign-up signin signup start static status support terms welcome www".split(
    " ",
  ),
);

/** The word for a business in addresses: its name in small Latin letters. */
export function slugOf(name: string): string {
  const words = name
    .normalize("NFKD")
    .replace(/[\u0300-\u036f'’]/g, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, 40)
    .replace(/^-+|-+$/g, "");
  return words === "" ? "business" : taken.has(words) ? `${words}-books` : words;
}

/** Takes the name's word, or the first free one that begins with it: alder-street, alder-street-2, … */
async function takeSlug(tx: Tx, businessId: string, name: string, createdAt: string): Promise<string> {
  const wanted = slugOf(name);
  for (let nth = 1; nth <= 50; nth += 1) {
    // After a few that are taken, the end is by chance: a thousand demos need no thousand tries.
    const end = nth === 1 ? "" : nth <= 5 ? `-${nth}` : `-${newId().slice(-6)}`;
    const rows = await tx
      .insert(directory)
      .values({ businessId, slug: `${wanted}${end}`, createdAt, proveAt: sql`now() + interval '1 day'` })
      .onConflictDoNothing({ target: directory.slug })
      .returning({ slug: directory.slug });
    if (rows[0] !== undefined) return rows[0].slug;
  }
  invariant(false, "a word for the business is free");
}

/** Where money is at first: more accounts are added under Transactions. */
const firstBankAccount = { code: "1000", name: "Checking", type: "asset", scheduleC: null } as const;

/** What is not known of a location at first. */
const plainPlace = { kind: "warehouse", address: "", taxNumber: "", retiredAt: null } as const;

/** Makes a business with its chart of accounts, its first bank account and its first location; the person becomes its owner. */
export async function createBusiness(user: Readonly<{ id: string }>, wanted: NewBusiness): Promise<Scope> {
  const settings = checked(wanted);
  const businessId = newId();
  const createdAt = new Date().toISOString();
  return inBusiness({ businessId }, async (tx) => {
    const slug = await takeSlug(tx, businessId, settings.name, createdAt);
    await tx.insert(userBusinesses).values({ userId: user.id, businessId });
    const row = { businessId, slug, ...settings, pool: "business", graceDays: 0, closedThrough: null, createdAt };
    await tx.insert(businesses).values(row);
    await tx.insert(members).values({ businessId, userId: user.id, role: "owner", createdAt });
    const chart = startingChart(settings.country).filter(({ code }) => code !== firstBankAccount.code);
    await bulkInsert(
      tx,
      accounts,
      [firstBankAccount, ...chart].map(({ code, name, type, scheduleC }) => ({
        businessId,
        code,
        name,
        type,
        holds: code === firstBankAccount.code ? "bank" : null,
        currency: settings.currency,
        taxLine: scheduleC ?? null,
        bankNumber: null,
        isArchived: false,
      })),
    );
    await bulkInsert(tx, locations, [
      ...(wanted.hasMain === false
        ? []
        : [{ businessId, id: "main", name: "Main", place: 0, isInTransit: false, ...plainPlace }]),
      { businessId, id: "in-transit", name: "In transit", place: 1, isInTransit: true, ...plainPlace },
    ]);
    const scope: Scope = { businessId, userId: user.id, role: "owner", slug, graceDays: 0, ...settings };
    await recordAudit(tx, scope, { what: "business.create", about: businessId, after: settings });
    return scope;
  });
}

export type BusinessChange = Readonly<{ name: string; timeZone: string; taxYearStartMonth: number }>;

/**
 * Changes settings, with an audit row. The country and the currency are what the books are kept in: they stay. The address stays too,
 * so that bookmarks live. A new time zone decides the days of facts from now on; what is recorded keeps its day.
 */
export async function updateBusiness(scope: Scope, change: BusinessChange): Promise<void> {
  require(scope, "settings");
  const { name, timeZone, taxYearStartMonth } = checked({ ...scope, ...change });
  const after = { name, timeZone, taxYearStartMonth };
  await inBusiness(scope, async (tx) => {
    const rows = await tx
      .select({ name: businesses.name, timeZone: businesses.timeZone, taxYearStartMonth: businesses.taxYearStartMonth })
      .from(businesses)
      .where(eq(businesses.businessId, scope.businessId))
      .for("update");
    const before = rows[0];
    if (before === undefined) throw new Refusal("not_found", "This business is gone.");
    await tx.update(businesses).set(after).where(eq(businesses.businessId, scope.businessId));
    await recordAudit(tx, scope, { what: "business.update", about: scope.businessId, before, after });
  });
}

/** A business of more facts than this is gone at once for everybody, and its rows are taken away by a job: a million sales take minutes. */
const factsAtOnce = 20_000;

/** Throws the whole business away, books and all. There is no way back, so the page asks for its name first. `atOnce` is for tests. */
export async function removeBusiness(scope: Scope, atOnce = factsAtOnce): Promise<void> {
  require(scope, "remove");
  const { businessId: business } = scope;
  await inBusiness(scope, async (tx) => {
    const [facts] = await rowsOf<{ n: number }>(
      tx,
      sql`select count(*)::int as n from (select 1 from app.facts where business_id = ${business} limit ${atOnce + 1}) f`,
    );
    if ((facts?.n ?? 0) <= atOnce) return removeRows(tx, business);
    await rowsOf(tx, sql`select app.close_business(${business}::uuid)`);
    await request(tx, "dropRows", { business });
  });
}

/** Takes away all rows of a business that is gone already, however many there are. Twice is as once. */
export function dropRows(businessId: string): Promise<void> {
  return inBusiness({ businessId }, async (tx) => {
    await tx.execute(sql`set local statement_timeout = 0`);
    await removeRows(tx, businessId);
  });
}

async function removeRows(tx: Tx, business: string): Promise<void> {
  const files = await rowsOf<{ id: string }>(
    tx,
    sql`select id from app.attachments where business_id = ${business} limit 1`,
  );
  const drops = await rowsOf<{ id: string }>(
    tx,
    sql`select id from app.outbox where business_id = ${business} and job = 'dropFile' limit 1`,
  );
  await rowsOf(tx, sql`select app.remove_business(${business}::uuid)`);
  // Its jobs go with it, so what is outside of the database is asked for after them.
  if (files.length + drops.length > 0) await request(tx, "dropFiles", { business });
}
