/**
 * The end of a count: its differences get their reasons, and approving puts them right. One adjustment fact is told for each day and reason,
 * all with the count's number, in one transaction, and they are taken back together. A fact has one day, one reason and one account, so what
 * was counted on two days or has two reasons is two facts of one count (docs/decisions/0010-counts.md).
 */
import { sql } from "drizzle-orm";
import { bulkInsert, list } from "../../db/bulk";
import { countDocuments } from "../../db/schema";
import { inBusiness, rowsOf, type Tx } from "../../db/scope";
import { instantText } from "../books/instants";
import { differenceReasons, saysDifference, wayOf } from "../core/counts";
import { taxYearOf } from "../core/dates";
import { Refusal } from "../core/errors";
import type { AdjustmentFact, LocalDate } from "../core/facts";
import { formatMinor, MAX_MINOR, parseMinor } from "../core/money";
import { formatQuantity } from "../core/quantity";
import { type Reason, reasonOf } from "../core/reasons";
import { require, type Scope } from "../people/access";
import { recordAudit } from "../people/audit";
import { bounded, formerOf, itemsNamed, namedFacts } from "../people/audit-facts";
import { changeBooks, type Seen } from "../preview";
import { recordIn } from "../record";
import { takeFrom } from "../stock/series";
import { newId } from "../system/ids";
import { undoIn } from "../undo";
import { type CountLine, linesNow } from "./count-lines";
import { type CountRow, type CountStep, countIn, mostQty, type SeenCount, setCountState } from "./count-row";
import { sumCounts } from "./count-sums";
import { inUse } from "./locations";
import { reasonAccountsIn } from "./reason-accounts";
import { inField } from "./transfer-row";

/** A line as its form says it: `worth` of a surplus in all (empty: at cost), `takesDay` as in core/counts.ts. */
export type ReviewedLine = Readonly<{ place: number; item: string; reason: string; worth: string; takesDay: boolean }>;

/** So many products are named in a sentence; of more, how many there are. */
const mostNamed = 4;
const mostLines = 5_000;
const origin = (scope: Scope) => ({ source: null, userId: scope.userId, revives: true });

type Said = Readonly<{ place: number; item: string; reason: Reason | null; worth: bigint | null; takesDay: boolean }>;

/** Reads the lines of a form; refuses at its field what cannot be meant. */
function saidIn(scope: Scope, lines: readonly ReviewedLine[]): readonly Said[] {
  const known = [...differenceReasons.out, ...differenceReasons.in];
  return lines.map(({ place, item, reason, worth, takesDay }) => {
    const chosen = reason === "" ? null : reasonOf(reason);
    if (reason !== "" && (chosen === null || !known.includes(chosen)))
      throw new Refusal("bad_field", "Choose one of the reasons.", { field: `reason.${place}` });
    return { place, item, reason: chosen, worth: worthTyped(scope, worth, `worth.${place}`), takesDay };
  });
}

/**
 * Writes down what people found out about differences. Lines that are left out stay as they are. Nothing moves yet. Of an approved count only
 * those lines that differ otherwise by now: what was signed for keeps its reason (`in_use`).
 */
export async function saveReview(
  scope: Scope,
  input: SeenCount & Readonly<{ lines: readonly ReviewedLine[] }>,
): Promise<CountStep> {
  require(scope, "write");
  const lines = saidIn(scope, input.lines);
  return inBusiness(scope, async (tx) => {
    const row = await countIn(tx, scope, input, ["review", "approved"]);
    // Where nothing differs, a form has nothing to say: nothing is changed, and nobody else's page grows old of it.
    if (lines.length === 0) return { id: row.id, state: row.state, version: row.version };
    await writeReview(tx, scope, row, lines);
    return setCountState(tx, scope, row, row.state);
  });
}

/** What is said of differences, in the words of the audit trail: the product, why, and what it is worth. */
async function reviewSaid(
  tx: Tx,
  scope: Scope,
  lines: readonly Readonly<{ item: string; reason: string | null; worth: bigint | string | null; takesDay: boolean }>[],
): Promise<readonly string[]> {
  const nameOf = await itemsNamed(
    tx,
    scope,
    lines.map(({ item }) => item),
  );
  return bounded(
    lines.map(({ item, reason, worth, takesDay }) =>
      [
        nameOf(item).name,
        reason ?? "no reason",
        ...(worth === null ? [] : [`worth ${formatMinor(BigInt(worth), scope.currency)}`]),
        ...(takesDay ? ["the day's movements came before"] : []),
      ].join(", "),
    ),
  );
}

async function writeReview(tx: Tx, scope: Scope, row: CountRow, lines: readonly Said[]): Promise<void> {
  if (lines.length === 0) return;
  if (row.state === "approved") await refuseSigned(tx, scope, row, lines);
  const items = lines.map(({ item }) => item);
  const kept = await rowsOf<Omit<Said, "place" | "worth"> & { worth: string | null }>(
    tx,
    sql`select item_id as item, reason, worth_minor::text as worth, takes_day as "takesDay" from app.count_lines
        where business_id = ${scope.businessId} and count_id = ${row.id} and item_id = any(${list("text", items)})
          and (reason is not null or worth_minor is not null) order by item_id`,
  );
  await recordAudit(tx, scope, {
    what: "count.review",
    about: `count/${row.id}`,
    before: { lines: await reviewSaid(tx, scope, kept) },
    after: { lines: await reviewSaid(tx, scope, lines) },
  });
  const reasons = lines.map(({ reason }) => reason);
  const worths = lines.map(({ worth }) => worth);
  const takes = lines.map(({ takesDay }) => takesDay);
  await tx.execute(
    sql`update app.count_lines l set reason = u.reason, worth_minor = u.worth, takes_day = u.takes
        from unnest(${list("text", items)}, ${list("text", reasons)}, ${list("bigint", worths)}, ${list("boolean", takes)}) as u(item, reason, worth, takes)
        where l.business_id = ${scope.businessId} and l.count_id = ${row.id} and l.item_id = u.item`,
  );
  if (row.state === "approved") await keepLate(tx, scope, row);
}

/** What counts as before the moment of an approved line may have been said otherwise: what came to be known late is added up again. */
async function keepLate(tx: Tx, scope: Scope, row: CountRow): Promise<void> {
  const lines = await linesNow(tx, scope, { id: row.id, location: row.location_id });
  await tx.execute(
    sql`update app.count_lines l set late_qty = u.expected - l.expected_qty
        from unnest(${list(
          "text",
          lines.map(({ item }) => item),
        )}, ${list(
          "bigint",
          lines.map(({ expected }) => expected),
        )}) as u(item, expected)
        where l.business_id = ${scope.businessId} and l.count_id = ${row.id} and l.item_id = u.item and l.counted_qty is not null`,
  );
}

/** Refuses a line of an approved count that is still as it was approved. */
async function refuseSigned(tx: Tx, scope: Scope, row: CountRow, said: readonly Said[]): Promise<void> {
  const now = await linesNow(tx, scope, { id: row.id, location: row.location_id });
  const signed = await rowsOf<{ item: string; found: string }>(
    tx,
    sql`select item_id as item, (counted_qty - expected_qty)::text as found from app.count_lines
        where business_id = ${scope.businessId} and count_id = ${row.id} and counted_qty is not null`,
  );
  const found = new Map(signed.map((line) => [line.item, BigInt(line.found)]));
  for (const { item, place } of said)
    if (now.some((line) => line.item === item && line.difference === found.get(item)))
      throw new Refusal("in_use", "This was approved with its reason. Take the approval back to change it.", {
        field: `reason.${place}`,
      });
}

/** What was approved: the count's number, and what it came to in sentences. */
export type Approved = CountStep & Readonly<{ number: string; says: string }>;

/**
 * Approves a count, with what its form says of differences written down first (`lines`): what differs is put right on the day on which it was counted, at cost, and what matched is kept as proof. A count that was
 * approved before is approved anew with what became known since: what it had put right is taken back first, its number stays. Refuses
 * `field_missing` for a difference without a reason, `not_ready` where nothing was counted, `moves_costs` until what it changes was seen.
 */
export async function approveCount(
  scope: Scope,
  input: SeenCount & Readonly<{ lines?: readonly ReviewedLine[] }>,
  seen: Seen = null,
): Promise<Approved> {
  require(scope, "write");
  const said = saidIn(scope, input.lines ?? []);
  return changeBooks(
    scope,
    seen,
    async (tx, books) => {
      const row = await countIn(tx, scope, input, ["review", "approved"]);
      await inUse(tx, scope, row.location_id, "location");
      await writeReview(tx, scope, row, said);
      const lines = await linesNow(tx, scope, { id: row.id, location: row.location_id });
      const counted = lines.filter((line) => line.counted !== null);
      if (counted.length === 0) throw new Refusal("not_ready", "Nothing was counted yet: there is nothing to approve.");
      const differing = counted.filter((line) => line.difference !== 0n);
      for (const line of differing) refuseUnready(line);
      const days = counted.flatMap((line) => (line.counted === null ? [] : [line.counted.on])).sort();
      const year = taxYearOf(days.at(-1) ?? "", scope.taxYearStartMonth);
      const { number, seriesYear } =
        row.number !== null && row.number_year !== null
          ? { number: row.number, seriesYear: row.number_year }
          : await takeFrom(tx, scope, "count", year);
      const facts = factsOf(row, number, differing, await reasonAccountsIn(tx, scope));
      const standing = row.state === "approved" ? await standingOf(tx, scope, row.id) : [];
      const former = await formerOf(tx, scope, books.currency, standing);
      await recordAudit(tx, scope, {
        what: "count.approve",
        about: `count/${row.id}`,
        before: { state: row.state, ...Object.fromEntries(former) },
        after: {
          number,
          counted: counted.length,
          differ: differing.length,
          reasons: tally(differing.flatMap(({ reason }) => (reason === null ? [] : [reason]))),
          ...(await namedFacts(tx, scope, books.currency, facts)),
        },
      });
      if (standing.length > 0) await undoIn(tx, scope, books, standing, origin(scope));
      await bulkInsert(
        tx,
        countDocuments,
        facts.map(({ id }) => ({ businessId: scope.businessId, documentId: id, countId: row.id })),
      );
      // Before its adjustments are told: other counts of the day take them as of the moments of these lines.
      await keepProof(tx, scope, row, lines);
      await recordIn(
        tx,
        scope,
        books,
        facts.map((fact) => ({ fact, version: null })),
        origin(scope),
      );
      await tx.execute(
        sql`update app.counts set number = ${number}, number_year = ${seriesYear}, approved_at = now(), approved_by = ${scope.userId}::uuid,
              state = 'approved', version = version + 1 where business_id = ${scope.businessId} and id = ${row.id}`,
      );
      await sumCounts(
        tx,
        scope,
        row.location_id,
        lines.map(({ item }) => item),
      );
      const says = await told(tx, scope, { number, facts, counted, differing });
      return { id: row.id, state: "approved" as const, version: row.version + 1, number, says };
    },
    ({ says }) => says,
  );
}

/** Takes an approval back: the books are as if it had never been, the count is under review again and keeps its number. */
export function takeBackCount(scope: Scope, input: SeenCount, seen: Seen = null): Promise<CountStep> {
  require(scope, "write");
  return changeBooks(
    scope,
    seen,
    async (tx, books) => {
      const row = await countIn(tx, scope, input, ["approved"]);
      const standing = await standingOf(tx, scope, row.id);
      await recordAudit(tx, scope, {
        what: "count.undo",
        about: `count/${row.id}`,
        before: { number: row.number, ...Object.fromEntries(await formerOf(tx, scope, books.currency, standing)) },
      });
      await undoIn(tx, scope, books, standing, origin(scope));
      await recordIn(tx, scope, books, [], origin(scope));
      await keepProof(tx, scope, row, []);
      await tx.execute(
        sql`update app.counts set state = 'review', approved_at = null, approved_by = null, version = version + 1
            where business_id = ${scope.businessId} and id = ${row.id}`,
      );
      const items = await rowsOf<{ id: string }>(
        tx,
        sql`select item_id as id from app.count_lines where business_id = ${scope.businessId} and count_id = ${row.id}`,
      );
      await sumCounts(
        tx,
        scope,
        row.location_id,
        items.map(({ id }) => id),
      );
      return { id: row.id, state: "review" as const, version: row.version + 1 };
    },
    () => "What it put right is then as if this count had never been approved.",
  );
}

function refuseUnready(line: CountLine): void {
  if (line.reason === null)
    throw new Refusal("field_missing", `Why does ${line.name} differ? Choose a reason.`, {
      field: `reason.${line.place}`,
    });
  const size = line.difference < 0n ? -line.difference : line.difference;
  if (size > mostQty)
    throw new Refusal("out_of_range", `${line.name} differs by more than can be put right at once.`, {
      field: `reason.${line.place}`,
    });
}

/** The adjustments, by day and reason; each line keeps its order. */
function factsOf(
  row: CountRow,
  number: string,
  differing: readonly CountLine[],
  accounts: Readonly<Record<Reason, string>>,
): readonly AdjustmentFact[] {
  const groups = new Map<string, Readonly<{ on: LocalDate; reason: Reason; lines: CountLine[] }>>();
  for (const line of differing) {
    if (line.reason === null || line.counted === null) continue;
    const key = `${line.counted.on} ${line.reason}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { on: line.counted.on, reason: line.reason, lines: [line] });
    else group.lines.push(line);
  }
  return [...groups.values()].map(({ on, reason, lines }) => {
    const id = newId();
    return {
      kind: "adjustment",
      id,
      date: on,
      location: row.location_id,
      reason,
      account: accounts[reason],
      number,
      lines: lines.map((line, at) => ({
        id: `${id}/${at + 1}`,
        item: line.item,
        qty: line.difference,
        // What goes out costs what its lots do; what comes in has to say.
        amount: wayOf(line.difference) === "in" ? line.worthMinor : 0n,
      })),
    };
  });
}

/** Keys of the adjustments that stand of a count. */
async function standingOf(tx: Tx, scope: Scope, count: string): Promise<readonly string[]> {
  const b = scope.businessId;
  const rows = await rowsOf<{ key: string }>(
    tx,
    sql`select f.id as key from app.count_documents d join app.facts f on f.business_id = ${b} and f.id = 'adjustment/' || d.document_id
        where d.business_id = ${b} and d.count_id = ${count} and f.undone_at is null order by f.id`,
  );
  return rows.map(({ key }) => key);
}

/** Writes what was counted and expected into the lines, as the proof of what was approved; without lines, none. */
async function keepProof(tx: Tx, scope: Scope, row: CountRow, lines: readonly CountLine[]): Promise<void> {
  const b = scope.businessId;
  await tx.execute(
    sql`update app.count_lines set counted_qty = null, counted_at = null, expected_qty = null, counted_on = null, late_qty = 0
        where business_id = ${b} and count_id = ${row.id} and counted_qty is not null`,
  );
  const proof = lines.flatMap((line) => (line.counted === null ? [] : [{ ...line, counted: line.counted }]));
  if (proof.length === 0) return;
  await tx.execute(
    sql`update app.count_lines l set counted_qty = u.counted, counted_at = u.at, expected_qty = u.expected, counted_on = u.on_date
        from unnest(${list(
          "text",
          proof.map(({ item }) => item),
        )}, ${list(
          "bigint",
          proof.map(({ counted }) => counted.qty),
        )},
          ${list(
            "timestamptz",
            proof.map(({ counted }) => instantText(counted.at)),
          )}, ${list(
            "bigint",
            proof.map(({ expected }) => expected),
          )}, ${list(
            "date",
            proof.map(({ counted }) => counted.on),
          )})
          as u(item, counted, at, expected, on_date)
        where l.business_id = ${b} and l.count_id = ${row.id} and l.item_id = u.item`,
  );
}

/** What it came to, in sentences: how many are as expected, what is missing and what is there beyond, each reason's value at its real cost. */
async function told(
  tx: Tx,
  scope: Scope,
  {
    number,
    facts,
    counted,
    differing,
  }: Readonly<{
    number: string;
    facts: readonly AdjustmentFact[];
    counted: readonly CountLine[];
    differing: readonly CountLine[];
  }>,
): Promise<string> {
  const b = scope.businessId;
  const matched = counted.length - differing.length;
  const head = `${number}: ${matched} of ${counted.length} counted as expected.`;
  if (differing.length === 0) return head;
  const rows = await rowsOf<{ document: string; value: string; short: number }>(
    tx,
    sql`select m.document_id as document, sum(m.value_minor)::text as value, (count(*) filter (where m.short_qty > 0))::int as short from app.movements m
        where m.business_id = ${b} and m.kind = 'adjustment' and m.document_id = any(${list(
          "text",
          facts.map(({ id }) => id),
        )}) group by m.document_id`,
  );
  const values = new Map(rows.map((row) => [row.document, row]));
  const byReason = new Map<string, bigint>();
  for (const { id, reason } of facts) {
    const key = reason ?? "";
    byReason.set(key, (byReason.get(key) ?? 0n) + BigInt(values.get(id)?.value ?? "0"));
  }
  const part = (which: readonly CountLine[]) => {
    const names = which.slice(0, mostNamed).map((line) => {
      const size = line.difference < 0n ? -line.difference : line.difference;
      return `${formatQuantity(size, line.decimals)} × ${line.name}`;
    });
    const more = which.length - names.length;
    return `${names.join(", ")}${more > 0 ? ` and ${more} products more` : ""}`;
  };
  const out = differing.filter(({ difference }) => difference < 0n);
  const over = differing.filter(({ difference }) => difference > 0n);
  const short = rows.reduce((sum, row) => sum + row.short, 0);
  const sums = [...byReason].map(([key, value]) => {
    const reason = reasonOf(key);
    return `${reason === null ? key : saysDifference(reason)} ${formatMinor(value, scope.currency)} ${scope.currency}`;
  });
  return [
    head,
    ...(out.length === 0 ? [] : [`Missing: ${part(out)}.`]),
    ...(over.length === 0 ? [] : [`Beyond what was expected: ${part(over)}.`]),
    `At cost: ${sums.join(", ")}.`,
    ...(short === 0 ? [] : [`${short} of them have no cost yet: it is posted when a purchase covers them.`]),
  ].join(" ");
}

function worthTyped(scope: Scope, text: string, field: string): bigint | null {
  if (text.trim() === "") return null;
  const amount = inField(field, () => parseMinor(text, scope.currency));
  if (amount < 0n) throw new Refusal("out_of_range", "What it is worth is not below 0.", { field });
  // The document's sum is kept too.
  if (amount > MAX_MINOR / BigInt(mostLines))
    throw new Refusal("out_of_range", "This is more than can be kept.", { field });
  return amount;
}

function tally(of: readonly string[]): Readonly<Record<string, number>> {
  const counted: Record<string, number> = {};
  for (const one of of) counted[one] = (counted[one] ?? 0) + 1;
  return counted;
}
