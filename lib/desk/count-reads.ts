/** Counts as their pages show them: the list, one of them with its lines, who counted, and what its approval put right. */
import { sql } from "drizzle-orm";
import { reading } from "../../db/reading";
import { inBusiness, rowsOf, type Tx } from "../../db/scope";
import { Refusal } from "../core/errors";
import type { LocalDate } from "../core/facts";
import { inPlaces, isLimited, mayAt, placesOf, require, type Scope } from "../people/access";
import { namesOf } from "../people/users";
import { type Cursor, turned } from "../sales/keyset";
import { codesOf } from "../stock/barcodes";
import { onHandAt } from "../stock/location-reads";
import { type CountLine, linesNow } from "./count-lines";
import { type CountPlan, type CountState, countPlans, countStates } from "./count-row";

/** A line of an approved count as it was signed off. */
export type ProvedLine = Readonly<{ counted: bigint; expected: bigint; difference: bigint }>;

/** What an approval put right on one day for one reason: `valueMinor` signed, at what it really cost. */
export type CountDocument = Readonly<{
  id: string;
  on: LocalDate;
  reason: string | null;
  items: number;
  valueMinor: bigint;
}>;

export type CountView = Readonly<{
  id: string;
  state: CountState;
  number: string | null;
  plan: CountPlan;
  words: string;
  most: number;
  hasEmpty: boolean;
  isBlind: boolean;
  note: string;
  version: number;
  location: Readonly<{ id: string; name: string }>;
  created: Readonly<{ at: string; who: string | null }>;
  startedAt: string | null;
  approved: Readonly<{ at: string; who: string | null }> | null;
  /** As they stand now; `by` names people. */
  lines: readonly CountLine[];
  /** By item: what was signed off, where it is approved. */
  proved: ReadonlyMap<string, ProvedLine>;
  /** Of an approved count: lines whose difference is another by now, through facts that came late. */
  changed: readonly CountLine[];
  documents: readonly CountDocument[];
}>;

type Head = Readonly<{
  id: string;
  state: string;
  number: string | null;
  plan: string;
  words: string;
  most: number;
  has_empty: boolean;
  is_blind: boolean;
  note: string;
  version: number;
  location_id: string;
  location: string;
  at: string;
  created_by: string | null;
  started: string | null;
  approved: string | null;
  approved_by: string | null;
}>;

/** A count with all its lines. Refuses `not_found` for what is not there or is somebody else's. */
export function countView(scope: Scope, id: string): Promise<CountView> {
  require(scope, "stock");
  return inBusiness(scope, async (tx) => {
    const head = await headIn(tx, scope, id);
    const all = await linesNow(tx, scope, { id, location: head.location_id });
    // Who is limited to some locations is told quantities alone.
    const lines = isLimited(scope) ? all.map((line) => ({ ...line, typedMinor: null, worthMinor: 0n })) : all;
    const proved = await provedIn(tx, scope, id);
    const names = await namesOf(tx, [
      head.created_by,
      head.approved_by,
      ...lines.flatMap((line) => line.counted?.by ?? []),
    ]);
    const who = (user: string | null) => (user === null ? null : (names.get(user) ?? null));
    const named = lines.map((line) =>
      line.counted === null
        ? line
        : { ...line, counted: { ...line.counted, by: line.counted.by.flatMap((user) => who(user) ?? []) } },
    );
    return {
      id: head.id,
      state: countStates.find((state) => state === head.state) ?? "draft",
      number: head.number,
      plan: countPlans.find((plan) => plan === head.plan) ?? "all",
      words: head.words,
      most: head.most,
      hasEmpty: head.has_empty,
      isBlind: head.is_blind,
      note: head.note,
      version: head.version,
      location: { id: head.location_id, name: head.location },
      created: { at: head.at, who: who(head.created_by) },
      startedAt: head.started,
      approved: head.approved === null ? null : { at: head.approved, who: who(head.approved_by) },
      lines: named,
      proved,
      changed: head.state === "approved" ? named.filter((line) => isOther(line, proved.get(line.item))) : [],
      documents: isLimited(scope)
        ? (await documentsIn(tx, scope, id)).map((one) => ({ ...one, valueMinor: 0n }))
        : await documentsIn(tx, scope, id),
    };
  });
}

const isOther = (line: CountLine, proof: ProvedLine | undefined): boolean =>
  (proof?.difference ?? 0n) !== line.difference || (proof === undefined) !== (line.counted === null);

async function headIn(tx: Tx, scope: Scope, id: string): Promise<Head> {
  const b = scope.businessId;
  const [head] = await rowsOf<Head>(
    tx,
    sql`select c.id, c.state, c.number, c.plan, c.words, c.most, c.has_empty, c.is_blind, c.note, c.version, c.location_id, l.name as location,
          c.created_at::text as at, c.created_by, c.started_at::text as started, c.approved_at::text as approved, c.approved_by
        from app.counts c join app.locations l on l.business_id = ${b} and l.id = c.location_id
        where c.business_id = ${b} and c.id = ${id}`,
  );
  if (head === undefined || !mayAt(scope, head.location_id)) throw new Refusal("not_found", "There is no such count.");
  return head;
}

async function provedIn(tx: Tx, scope: Scope, id: string): Promise<ReadonlyMap<string, ProvedLine>> {
  const rows = await rowsOf<{ item: string; counted: string; expected: string }>(
    tx,
    sql`select item_id as item, counted_qty::text as counted, expected_qty::text as expected from app.count_lines
        where business_id = ${scope.businessId} and count_id = ${id} and counted_qty is not null`,
  );
  return new Map(
    rows.map((row) => {
      const [counted, expected] = [BigInt(row.counted), BigInt(row.expected)];
      return [row.item, { counted, expected, difference: counted - expected }];
    }),
  );
}

async function documentsIn(tx: Tx, scope: Scope, id: string): Promise<readonly CountDocument[]> {
  const b = scope.businessId;
  const rows = await rowsOf<{ id: string; on: string; reason: string | null; items: number; value: string }>(
    tx,
    sql`select d.id, d.on_date::text as on, d.reason, count(m.id)::int as items, coalesce(sum(m.value_minor), 0)::text as value
        from app.count_documents c
        join app.stock_documents d on d.business_id = ${b} and d.kind = 'adjustment' and d.id = c.document_id and not d.is_undone
        left join app.movements m on m.business_id = ${b} and m.kind = 'adjustment' and m.document_id = d.id
        where c.business_id = ${b} and c.count_id = ${id} group by d.id, d.on_date, d.reason order by d.on_date, d.id`,
  );
  return rows.map(({ value, ...row }) => ({ ...row, valueMinor: BigInt(value) }));
}

/** The count that an adjustment is of; null where it is a document of its own. */
export function countOf(
  scope: Scope,
  adjustment: string,
): Promise<Readonly<{ id: string; number: string | null }> | null> {
  require(scope, "stock");
  const b = scope.businessId;
  return inBusiness(scope, async (tx) => {
    const [row] = await rowsOf<{ id: string; number: string | null }>(
      tx,
      sql`select c.id, c.number from app.count_documents d join app.counts c on c.business_id = ${b} and c.id = d.count_id
          where d.business_id = ${b} and d.document_id = ${adjustment} and ${inPlaces("c.location_id", placesOf(scope))}`,
    );
    return row ?? null;
  });
}

/** An item as a phone keeps it for counting: by what it is found, and what is expected now (null where the count is blind). */
export type ToCountItem = Readonly<{
  id: string;
  name: string;
  sku: string | null;
  decimals: number;
  codes: readonly string[];
  expected: bigint | null;
  /** What is counted of it so far; null: nobody counted it yet. */
  counted: bigint | null;
}>;
export type CountingView = Readonly<{
  id: string;
  state: CountState;
  number: string | null;
  isBlind: boolean;
  version: number;
  location: Readonly<{ id: string; name: string }>;
  items: readonly ToCountItem[];
}>;

/** What the page for counting needs. Of a blind count nothing of what is expected leaves the server. */
export function countingView(scope: Scope, id: string): Promise<CountingView> {
  require(scope, "stock");
  return inBusiness(scope, async (tx) => {
    const head = await headIn(tx, scope, id);
    const lines = await linesNow(tx, scope, { id, location: head.location_id });
    const items = lines.map(({ item }) => item);
    const codes = await codesOf(tx, scope, items);
    const there = head.is_blind ? null : await onHandAt(tx, scope, head.location_id, items);
    return {
      id: head.id,
      state: countStates.find((state) => state === head.state) ?? "draft",
      number: head.number,
      isBlind: head.is_blind,
      version: head.version,
      location: { id: head.location_id, name: head.location },
      items: lines.map((line) => ({
        id: line.item,
        name: line.name,
        sku: line.sku,
        decimals: line.decimals,
        codes: codes.get(line.item) ?? [],
        expected: there === null ? null : (there.get(line.item) ?? 0n),
        counted: line.counted?.qty ?? null,
      })),
    };
  });
}

export type CountListRow = Readonly<{
  id: string;
  state: CountState;
  number: string | null;
  plan: CountPlan;
  isBlind: boolean;
  location: string;
  note: string;
  at: string;
  /** How many products it has, how many of them somebody counted, and how many an approved one found to differ. */
  lines: number;
  counted: number;
  differ: number;
  /** It is approved, and differs otherwise by now through what came to be known since. */
  isChanged: boolean;
}>;
export type CountFilter = Readonly<{
  state?: CountState | undefined;
  /** Only those that differ otherwise by now. */
  isChanged?: boolean | undefined;
  location?: string | undefined;
}>;
/** Where a page is: after a row, before one, or at the start. */
export type CountPageAt = Readonly<{
  after?: Cursor | null | undefined;
  before?: Cursor | null | undefined;
  limit?: number | undefined;
}>;

const pageSize = 40;

/** One page of counts, the latest planned first. */
export function countRows(
  scope: Scope,
  filter: CountFilter = {},
  page: CountPageAt = {},
): Promise<Readonly<{ rows: readonly CountListRow[]; after: Cursor | null; before: Cursor | null; isEmpty: boolean }>> {
  require(scope, "stock");
  const b = scope.businessId;
  return reading(scope, async (tx) => {
    const key = sql`(extract(epoch from c.created_at) * 1000000)::bigint`;
    const found = await turned(page, pageSize, (way) =>
      rowsOf<
        Record<"key" | "id" | "state" | "plan" | "location" | "note" | "at", string> & {
          number: string | null;
          is_blind: boolean;
          lines: number;
          counted: number;
          differ: number;
          is_changed: boolean;
        }
      >(
        tx,
        sql`select c.key::text as key, c.id, c.state, c.number, c.plan, c.is_blind, l.name as location, c.note, c.created_at::text as at,
              n.lines, n.counted, n.differ, n.is_changed
            from (select c.*, ${key} as key from app.counts c where c.business_id = ${b}
              and ${filter.state === undefined ? sql`true` : sql`c.state = ${filter.state}`}
              and ${filter.isChanged === true ? sql`c.id in (select count_id from app.count_lines where business_id = ${b} and late_qty <> 0)` : sql`true`}
              and ${inPlaces("c.location_id", placesOf(scope, filter.location))}
              ${way.from(key, sql`c.id`, "bigint")} order by c.created_at ${way.direction}, c.id ${way.direction} limit ${way.limit}) c
            join app.locations l on l.business_id = ${b} and l.id = c.location_id
            cross join lateral (select count(*)::int as lines,
                (count(*) filter (where exists (select 1 from app.count_entries e where e.business_id = ${b} and e.count_id = k.count_id and e.item_id = k.item_id)))::int as counted,
                (count(*) filter (where k.counted_qty <> k.expected_qty))::int as differ, coalesce(bool_or(k.late_qty <> 0), false) as is_changed
              from app.count_lines k where k.business_id = ${b} and k.count_id = c.id) n
            order by c.created_at ${way.direction}, c.id ${way.direction}`,
      ),
    );
    const [any] = await rowsOf<{ any: boolean }>(
      tx,
      sql`select exists (select 1 from app.counts where business_id = ${b} and ${inPlaces("location_id", placesOf(scope))}) as any`,
    );
    return {
      ...found,
      isEmpty: any?.any !== true,
      rows: found.rows.map((row) => ({
        id: row.id,
        state: countStates.find((state) => state === row.state) ?? "draft",
        number: row.number,
        plan: countPlans.find((plan) => plan === row.plan) ?? "all",
        isBlind: row.is_blind,
        location: row.location,
        note: row.note,
        at: row.at,
        lines: row.lines,
        counted: row.counted,
        differ: row.differ,
        isChanged: row.is_changed,
      })),
    };
  });
}
