/**
 * Stored documents on their way into the books: their facts, or why they are set aside. Shared by what books (digest.ts) and what only
 * looks (looking.ts).
 *
 * This is the one door at which other currencies come in. A document in another one than the books' is read for that one; what it says is
 * then kept in the books' currency at the rate of its day, with what was said beside it. Without a rate it waits: a missing rate is never 1.
 */
import { sql } from "drizzle-orm";
import { list } from "../db/bulk";
import { type InBusiness, rowsOf, type Tx } from "../db/scope";
import type { Account, Connector, RawDocument } from "../integrations/connector";
import { ChannelError, OtherCurrency, Refusal } from "./core/errors";
import { inBooks, type SaidFact, withAmounts } from "./core/exchange";
import { type Fact, factKey, type LocalDate, type Rate } from "./core/facts";
import { decimalsOf, MAX_MINOR } from "./core/money";
import { formatRate } from "./core/rates";
import { reviveFact } from "./core/revive";
import { type PlacedTypes, placedAs } from "./desk/placed-types";
import { type Asked, askedKey, meetCurrencies, missingRate, ratesFor } from "./money/rates";
import type { VersionedFact } from "./record";

const mostMinor = MAX_MINOR / 1_000_000n;

/** `waits`: the rate that is missing, where that is why. */
export type SetAside = Readonly<{ state: "refused" | "unreadable"; note: string; waits?: Asked }>;

/** Rolls a batch back: this document is wrong, the others are done without it. */
export class WrongDocument extends Error {
  readonly key: string;
  readonly aside: SetAside;
  constructor(key: string, aside: SetAside) {
    super(aside.note);
    this.name = "WrongDocument";
    this.key = key;
    this.aside = aside;
  }
}

export type Stored = RawDocument & Readonly<{ key: string }>;

/** What a document says, in the currency that it says it in. */
type Said = Readonly<{ currency: string; facts: readonly Fact[] }>;

/**
 * Reads a document for the books' currency, or for the one that it turns out to be in. Throws ChannelError `unreadable` for what cannot be
 * read, names two currencies, or one that nobody knows.
 */
export function saidIn(connector: Connector, document: RawDocument, account: Account): Said {
  try {
    return { currency: account.currency, facts: connector.read(document, account) };
  } catch (error) {
    if (!(error instanceof OtherCurrency) || !isKnown(error.currency) || error.currency === account.currency)
      throw error;
    return { currency: error.currency, facts: readFor(connector, document, { ...account, currency: error.currency }) };
  }
}

function readFor(connector: Connector, document: RawDocument, account: Account): readonly Fact[] {
  try {
    return connector.read(document, account);
  } catch (error) {
    if (!(error instanceof OtherCurrency)) throw error;
    throw new ChannelError(
      "unreadable",
      `It has amounts in ${account.currency} and in ${error.currency}, which are not one document for the books. (${error.message})`,
    );
  }
}

function isKnown(currency: string): boolean {
  try {
    decimalsOf(currency);
    return true;
  } catch (error) {
    if (error instanceof Refusal) return false;
    throw error;
  }
}

/** What is known of the channel that the documents are of. */
type Known = Readonly<{ account: Account; placed: PlacedTypes }>;
/** `owners[i]` is the document that `facts[i]` is of; `marks` says why documents are set aside. */
type ReadIn = Readonly<{
  facts: readonly VersionedFact[];
  owners: readonly Stored[];
  marks: ReadonlyMap<string, SetAside>;
}>;

/** Reads documents, in their order. `aside` are known to be wrong. */
export async function readAll(
  tx: Tx,
  scope: InBusiness,
  connector: Connector,
  documents: readonly Stored[],
  { account, placed }: Known,
  aside: ReadonlyMap<string, SetAside>,
): Promise<ReadIn> {
  const marks = new Map<string, SetAside>();
  const read: Readonly<{ document: Stored; said: Said }>[] = [];
  for (const document of documents) {
    const known = aside.get(document.key);
    if (known !== undefined) {
      marks.set(document.key, known);
      continue;
    }
    try {
      read.push({ document, said: saidIn(connector, document, account) });
    } catch (error) {
      if (!(error instanceof ChannelError) || error.failure !== "unreadable") throw error;
      marks.set(document.key, { state: "unreadable", note: error.message });
    }
  }
  const foreign = read.flatMap(({ said }) => (said.currency === account.currency ? [] : [said]));
  const rates = await openRates(tx, scope, foreign);
  const facts: VersionedFact[] = [];
  const owners: Stored[] = [];
  for (const { document, said } of read) {
    const kept = said.currency === account.currency ? said.facts : rates.inBooks(said, account.currency);
    if ("note" in kept) {
      marks.set(document.key, kept);
      continue;
    }
    for (const fact of kept) {
      facts.push({ fact: placedAs(fact, placed), version: document.version });
      owners.push(document);
    }
  }
  return { facts, owners, marks };
}

type Rates = Readonly<{
  /** The facts as the books keep them, or why the document waits: the first rate that is missing. */
  inBooks: (said: Said, books: string) => readonly Fact[] | SetAside;
}>;

/**
 * The rates for what was said in other currencies. A fact that is here already keeps the rate that it was recorded at, as long as its
 * currency and day are the same: nothing posted is worked out again. A row of the balance takes the rate of the document that it is money
 * of, so that the two come to nothing together; else each takes its own day's.
 */
async function openRates(tx: Tx, scope: InBusiness, foreign: readonly Said[]): Promise<Rates> {
  const said = foreign.flatMap(({ currency, facts }) =>
    facts.filter(hasMoney).map((fact) => ({ currency, fact, key: factKey(fact) })),
  );
  if (said.length === 0) return { inBooks: ({ facts }) => facts };
  await meetCurrencies(
    tx,
    scope,
    said.map(({ currency }) => currency),
  );
  const names = said.flatMap(({ fact, key }) =>
    fact.kind === "balance_row" && fact.about !== null ? [key, fact.about] : [key],
  );
  const recorded = await recordedRates(tx, scope, [...new Set(names)]);
  const ofDay = await ratesFor(
    tx,
    scope,
    said.map(({ currency, fact }) => ({ currency, on: dayOf(fact) })),
  );
  const own = (currency: string, fact: SaidFact, key: string): Rate | null => {
    const before = recorded.get(key);
    if (before !== undefined && before.rate.currency === currency && before.on === dayOf(fact)) return before.rate;
    return ofDay.get(askedKey({ currency, on: dayOf(fact) })) ?? null;
  };
  // Of the documents first, since rows follow them whichever comes first.
  const found = new Map<string, Rate>();
  for (const { currency, fact, key } of said) {
    const rate = fact.kind === "balance_row" ? null : own(currency, fact, key);
    if (rate !== null) found.set(key, rate);
  }
  const rateOf = (currency: string, fact: SaidFact): Rate | null => {
    const key = factKey(fact);
    if (fact.kind !== "balance_row") return found.get(key) ?? null;
    const about = fact.about === null ? undefined : (found.get(fact.about) ?? recorded.get(fact.about)?.rate);
    const kept = recorded.get(key);
    if (kept === undefined && about?.currency === currency) return about;
    return own(currency, fact, key);
  };
  return {
    inBooks: ({ currency, facts }, books) => {
      const kept: Fact[] = [];
      for (const fact of facts) {
        if (!hasMoney(fact)) {
          kept.push(fact);
          continue;
        }
        const rate = rateOf(currency, fact);
        if (rate === null) {
          const waits = { currency, on: dayOf(fact) };
          return { state: "refused", note: missingRate(waits).message, waits };
        }
        const booked = inBooks(fact, rate, books);
        if (!fits(booked))
          return {
            state: "refused",
            note: `At a rate of ${formatRate(rate.rate)} (${rate.on}, ${rate.source}) an amount is larger than the books can hold. Look at the rate.`,
          };
        kept.push(booked);
      }
      return kept;
    },
  };
}

function hasMoney(fact: Fact): fact is SaidFact {
  return /^(order|return|charge|payout|balance_row)$/.test(fact.kind);
}

/** Is each amount one that the books can hold, with room for sums of them? A rate that was typed wrongly must not stop a channel. */
function fits(fact: SaidFact): boolean {
  let isFine = true;
  withAmounts(fact, (amount) => {
    if (amount > mostMinor || amount < -mostMinor) isFine = false;
    return amount;
  });
  return isFine;
}

function dayOf(fact: SaidFact): LocalDate {
  return fact.kind === "order" || fact.kind === "balance_row" ? fact.when.on : fact.date;
}

/** Of facts that are here in another currency: the rate that each was recorded at, and its own day. */
async function recordedRates(
  tx: Tx,
  scope: InBusiness,
  keys: readonly string[],
): Promise<ReadonlyMap<string, Readonly<{ rate: Rate; on: LocalDate }>>> {
  const rows = await rowsOf<{ id: string; body: unknown }>(
    tx,
    sql`select id, body from app.facts where business_id = ${scope.businessId} and id = any(${list("text", keys)})
          and undone_at is null and body ? 'foreign'`,
  );
  return new Map(
    rows.flatMap(({ id, body }) => {
      const fact = reviveFact(body);
      if (!hasMoney(fact) || fact.foreign === undefined) return [];
      const { currency, rate, on, source } = fact.foreign;
      return [[id, { rate: { currency, rate, on, source }, on: dayOf(fact) }] as const];
    }),
  );
}

/** What a refusal of a batch means: the document whose fact was wrong; anything else as it is. */
export function wrongDocument(error: unknown, owners: readonly Stored[]): unknown {
  if (!(error instanceof Refusal) || error.detail.index === undefined) return error;
  const owner = owners[Number(error.detail.index)];
  return owner === undefined ? error : new WrongDocument(owner.key, { state: "refused", note: error.message });
}
