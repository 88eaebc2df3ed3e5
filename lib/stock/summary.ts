/**
 * The movement summary: what each item began a period with, what was added and taken, sold and came back, went between places, and what it
 * ended with, in quantity and at cost. It adds up row by row, and the totals to the accounts, or it says by how much not, and why.
 */
import { sql } from "drizzle-orm";
import { reading } from "../../db/reading";
import { rowsOf, type Tx } from "../../db/scope";
import { accountsByMonth, balancesAt } from "../books/reports";
import { addDays } from "../core/dates";
import type { LocalDate } from "../core/facts";
import { normalise } from "../core/matching";
import { accounts } from "../core/posting";
import type { Days } from "../core/reports/periods";
import { inPlaces, isLimited, knownAt, placesOf, require, type Scope } from "../people/access";
import { inOrderOf, type RankedAt, type RankedPage, rankedPage, type Standing } from "./ranked";
import { keepsCostAtPlaces } from "./register";
import { holdsWords, onHandRows, type SpanColumn, spanRows, spanSums } from "./register-sql";

/** The terms of a row, in the order in which they are shown. */
export const terms = ["beginning", "added", "deducted", "sold", "back", "movedIn", "movedOut", "ending"] as const;
export type Term = (typeof terms)[number];
/** Smallest units, and minor units at cost: `beginning` and what follows come to `ending`. All terms are as people say them, so `deducted`, `sold` and `movedOut` are positive. */
export type Figure = Readonly<{ qty: bigint; minor: bigint }>;
export type Figures = Readonly<Record<Term, Figure>>;

export type SummaryRow = Readonly<{ id: string; name: string; sku: string | null; decimals: number }> & Figures;
export const summarySorts = ["name", ...terms] as const;
export type SummarySort = (typeof summarySorts)[number];
export type SummaryFilter = Readonly<{
  period: Days;
  q?: string | undefined;
  location?: string | undefined;
  /** With items that nothing happened to. */
  isWhole?: boolean | undefined;
  sort?: SummarySort | undefined;
  isDown?: boolean | undefined;
}>;

/** The account beside what the items come to. `other`: posted on another day than it happened (a closed period), or of sold lines that are no item yet. */
export type Beside = Readonly<{ account: bigint; items: bigint; toDetail: bigint; writtenOff: bigint; other: bigint }>;
export type SummaryProof = Readonly<{ beginning: Beside; ending: Beside; cost: Beside }>;

export type Summary = RankedPage<SummaryRow> &
  Readonly<{
    items: number;
    /** Is the worth known? Of one place only where cost stays with the place. */
    isWorthKnown: boolean;
    /** Quantities are added up only where all are counted in whole pieces. */
    isWhole: boolean;
    totals: Figures;
    /** null where one place or some items are chosen: the accounts know all of them. */
    proof: SummaryProof | null;
  }>;

type Raw = { id: string; name: string; sku: string | null; decimals: number; end_qty: string; end_minor: string } & {
  [Column in SpanColumn]: string;
};

/** A page of the summary, with its totals and their proof. */
export function movementSummary(scope: Scope, filter: SummaryFilter, page: RankedAt = {}): Promise<Summary> {
  require(scope, "stock");
  return reading({ ...scope, rows: "many" }, async (tx) => {
    const places = placesOf(scope, filter.location);
    const isWorthKnown = !isLimited(scope) && (places === null || (await keepsCostAtPlaces(tx, scope)));
    const all = (await summaryRows(tx, scope, filter)).filter((row) => filter.isWhole === true || hasMoved(row));
    const by = standing(filter.sort ?? "name");
    const isDown = filter.isDown ?? false;
    const totals = totalsOf(all);
    const isAll = places === null && normalise(filter.q ?? "") === "";
    return {
      ...rankedPage(inOrderOf(all, by, isDown), by, isDown, page),
      items: all.length,
      isWorthKnown,
      isWhole: all.every(({ decimals }) => decimals === 0),
      totals,
      proof: isAll ? await proofOf(tx, scope, filter.period, totals) : null,
    };
  });
}

async function summaryRows(tx: Tx, scope: Scope, filter: SummaryFilter): Promise<readonly SummaryRow[]> {
  const b = scope.businessId;
  const places = placesOf(scope, filter.location);
  const at = (of: string) => inPlaces(`${of}.location_id`, places);
  const rows = await rowsOf<Raw>(
    tx,
    sql`select i.id, i.name, i.sku, i.decimals, e.qty::text as end_qty, e.value::text as end_minor, s.*
        from app.items i
        cross join lateral (select coalesce(sum(c.qty), 0) as qty, coalesce(sum(c.value_minor), 0) as value
          from (${onHandRows(b, filter.period.to)}) c where ${at("c")}) e
        cross join lateral (select ${spanSums("p")} from (${spanRows(b, filter.period)}) p where ${at("p")}) s
        where i.business_id = ${b} and not i.is_undone and ${knownAt(scope, "i.id")} and ${holdsWords(b, normalise(filter.q ?? ""))} order by i.name_key, i.id`,
  );
  return rows.map(({ id, name, sku, decimals, ...row }) => {
    const figures = figuresOf(row);
    return { id, name, sku, decimals, ...(isLimited(scope) ? withoutWorth(figures) : figures) };
  });
}

/** Quantities alone, as they are told to who is limited to some locations. */
const withoutWorth = (figures: Figures): Figures => {
  const bare = (term: Term): Figure => ({ qty: figures[term].qty, minor: 0n });
  return {
    beginning: bare("beginning"),
    added: bare("added"),
    deducted: bare("deducted"),
    sold: bare("sold"),
    back: bare("back"),
    movedIn: bare("movedIn"),
    movedOut: bare("movedOut"),
    ending: bare("ending"),
  };
};

function figuresOf(row: Omit<Raw, "id" | "name" | "sku" | "decimals">): Figures {
  const of = (column: SpanColumn) => BigInt(row[column]);
  const figure = (qty: bigint, minor: bigint): Figure => ({ qty, minor });
  const sold = figure(of("sold_qty"), of("sold_minor"));
  const back = figure(of("back_qty"), of("back_minor"));
  const movedIn = figure(of("moved_in_qty"), of("moved_in_minor"));
  const movedOut = figure(of("moved_out_qty"), of("moved_out_minor"));
  const added = figure(of("in_qty") - back.qty - movedIn.qty, of("added_minor"));
  // What is left of the change of value is what went out otherwise.
  const deducted = figure(
    of("out_qty") - sold.qty - movedOut.qty,
    added.minor + back.minor + movedIn.minor - sold.minor - movedOut.minor - of("value_minor"),
  );
  const ending = figure(BigInt(row.end_qty), BigInt(row.end_minor));
  const beginning = figure(ending.qty - of("in_qty") + of("out_qty"), ending.minor - of("value_minor"));
  return { beginning, added, deducted, sold, back, movedIn, movedOut, ending };
}

const hasMoved = (row: Figures): boolean => terms.some((term) => row[term].qty !== 0n || row[term].minor !== 0n);

const standing =
  (sort: SummarySort) =>
  (row: SummaryRow): Standing =>
    sort === "name" ? normalise(row.name) : row[sort].minor;

function totalsOf(rows: readonly SummaryRow[]): Figures {
  const sum = (term: Term): Figure =>
    rows.reduce((total, row) => ({ qty: total.qty + row[term].qty, minor: total.minor + row[term].minor }), {
      qty: 0n,
      minor: 0n,
    });
  return {
    beginning: sum("beginning"),
    added: sum("added"),
    deducted: sum("deducted"),
    sold: sum("sold"),
    back: sum("back"),
    movedIn: sum("movedIn"),
    movedOut: sum("movedOut"),
    ending: sum("ending"),
  };
}

/** Inventory at both ends and the cost of goods sold between them, as the accounts have it and as the items come to. */
async function proofOf(tx: Tx, scope: Scope, period: Days, totals: Figures): Promise<SummaryProof> {
  const before = addDays(period.from, -1);
  const [first, last, months, left, written] = await Promise.all([
    balancesAt(tx, scope, before),
    balancesAt(tx, scope, period.to),
    accountsByMonth(tx, scope, period),
    toDetailAt(tx, scope, before, period.to),
    writtenOffIn(tx, scope, period),
  ]);
  const of = (rows: readonly Readonly<{ code: string; amount: bigint }>[], code: string) =>
    rows.find((row) => row.code === code)?.amount ?? 0n;
  const beside = (account: bigint, items: bigint, toDetail: bigint, writtenOff: bigint): Beside => ({
    account,
    items,
    toDetail,
    writtenOff,
    other: account - items - toDetail - writtenOff,
  });
  return {
    beginning: beside(of(first, accounts.inventory), totals.beginning.minor, left.before, 0n),
    ending: beside(of(last, accounts.inventory), totals.ending.minor, left.until, 0n),
    cost: beside(of(months, accounts.costOfGoodsSold), totals.sold.minor - totals.back.minor, 0n, -written),
  };
}

/** What of purchases up to a day no lot holds yet. */
async function toDetailAt(tx: Tx, scope: Scope, before: LocalDate, until: LocalDate) {
  const [row] = await rowsOf<{ before: string; until: string }>(
    tx,
    sql`select coalesce(sum(amount_minor - detailed_minor) filter (where on_date <= ${before}::date), 0)::text as before,
          coalesce(sum(amount_minor - detailed_minor), 0)::text as until
        from app.purchases where business_id = ${scope.businessId} and detailed_minor < amount_minor and not is_undone and on_date <= ${until}::date`,
  );
  return { before: BigInt(row?.before ?? "0"), until: BigInt(row?.until ?? "0") };
}

/** The cost of returned goods that were written off: out of the cost of goods sold to shrinkage, past Inventory. */
async function writtenOffIn(tx: Tx, scope: Scope, { from, to }: Days): Promise<bigint> {
  const side = (debit: string, credit: string) => sql`coalesce((select sum(p.amount_minor) from app.postings p
    where p.business_id = ${scope.businessId} and p.debit = ${debit} and p.credit = ${credit} and p.posted_on between ${from}::date and ${to}::date), 0)`;
  const [row] = await rowsOf<{ amount: string }>(
    tx,
    sql`select (${side(accounts.shrinkage, accounts.costOfGoodsSold)} - ${side(accounts.costOfGoodsSold, accounts.shrinkage)})::text as amount`,
  );
  return BigInt(row?.amount ?? "0");
}
