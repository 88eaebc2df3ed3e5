/**
 * The form of documents' numbers, as the business chooses it: letters, digits, with the tax year or without, and where a series begins. A
 * series that has given a number keeps its form, so that what follows reads like what came before; a choice holds from the next series on.
 */
import { sql } from "drizzle-orm";
import { inBusiness, rowsOf, type Tx } from "../../db/scope";
import { taxYearOf } from "../core/dates";
import { Refusal } from "../core/errors";
import {
  checkForm,
  longestNumber,
  numberOf,
  type SeriesForm,
  type SeriesKind,
  seriesKinds,
  usualForm,
} from "../core/numbering";
import { require, type Scope } from "../people/access";
import { recordAudit } from "../people/audit";
import { formIn } from "../stock/series";
import { todayOf } from "../system/clock";

/** A kind's numbers now. `next`: of the series of this tax year, as a number and as its place; `given`: how many that series has given. */
export type SeriesView = Readonly<{
  kind: SeriesKind;
  form: SeriesForm;
  next: number;
  nextNumber: string;
  given: number;
  /** Its form differs from what is chosen, because it began with another: the choice holds from the next tax year. */
  isOlder: boolean;
}>;

type Row = Readonly<{ kind: string; next: number; first: number; prefix: string; digits: number }>;

/** What each kind's numbers look like and which comes next. */
export function seriesSettings(scope: Scope): Promise<readonly SeriesView[]> {
  require(scope, "read");
  return inBusiness(scope, async (tx) => {
    const year = taxYearOf(todayOf(scope.timeZone), scope.taxYearStartMonth);
    const views: SeriesView[] = [];
    for (const kind of seriesKinds) views.push(await viewIn(tx, scope, kind, year));
    return views;
  });
}

async function viewIn(tx: Tx, scope: Scope, kind: SeriesKind, year: number): Promise<SeriesView> {
  const form = await formIn(tx, scope, kind);
  const row = await seriesIn(tx, scope, kind, form.hasYear ? year : 0);
  const given = row === undefined ? 0 : row.next - row.first;
  const own = row === undefined || given === 0 ? form : { ...form, prefix: row.prefix, digits: row.digits };
  const next = row?.next ?? 1;
  const isOlder = own.prefix !== form.prefix || own.digits !== form.digits;
  return { kind, form, next, nextNumber: numberOf(own, year, next), given, isOlder };
}

async function seriesIn(tx: Tx, scope: Scope, kind: SeriesKind, seriesYear: number): Promise<Row | undefined> {
  const [row] = await rowsOf<Row>(
    tx,
    sql`select kind, next, first, prefix, digits from app.series
        where business_id = ${scope.businessId} and kind = ${kind} and tax_year = ${seriesYear}`,
  );
  return row;
}

export type SeriesChange = Readonly<{ kind: SeriesKind; next: number }> & SeriesForm;
const mostFirst = 9_999_999;

/**
 * Chooses a kind's form and the next number of this tax year's series; owners only. Refuses, at its field, a form that `checkForm` refuses or
 * that another kind has or had (`does_not_fit`), and another next number where one was given or where it would go back.
 */
export async function changeSeries(scope: Scope, wanted: SeriesChange): Promise<void> {
  require(scope, "settings");
  const { kind, next, ...typed } = wanted;
  const form = checkForm(typed);
  if (!Number.isSafeInteger(next) || next < 1 || next > mostFirst)
    throw new Refusal("out_of_range", `The next number is 1 to ${mostFirst}.`, { field: "next" });
  await inBusiness(scope, async (tx) => {
    // Who takes a number meanwhile holds the series' row, and two who save at once come one after the other.
    await tx.execute(sql`select 1 from app.businesses where business_id = ${scope.businessId} for update`);
    const year = taxYearOf(todayOf(scope.timeZone), scope.taxYearStartMonth);
    const before = await viewIn(tx, scope, kind, year);
    await refuseTaken(tx, scope, kind, form.prefix);
    const seriesYear = form.hasYear ? year : 0;
    const series = await seriesIn(tx, scope, kind, seriesYear);
    const now = series?.next ?? 1;
    if (series !== undefined && series.next > series.first) {
      if (next !== now)
        throw new Refusal("does_not_fit", "This series has given numbers already: it counts on without a gap.", {
          field: "next",
        });
      if (!form.hasYear && (series.prefix !== form.prefix || series.digits !== form.digits))
        throw new Refusal(
          "does_not_fit",
          "Numbers without the year in them were given already, and go on as they began. Put the tax year in to begin anew.",
          { field: "prefix" },
        );
    }
    if (next < now)
      throw new Refusal("does_not_fit", `The next number is ${now} already. It is only moved up.`, { field: "next" });
    if (numberOf(form, year, next).length > longestNumber)
      throw new Refusal("text_too_long", `That number would have more than ${longestNumber} characters.`, {
        field: "next",
      });
    if (before.form.prefix === form.prefix && before.form.digits === form.digits)
      if (before.form.hasYear === form.hasYear && next === now) return;
    await recordAudit(tx, scope, {
      what: "series.form",
      about: kind,
      before: { ...before.form, next: before.next },
      after: { ...form, next },
    });
    await tx.execute(
      sql`insert into app.series_forms (business_id, kind, prefix, digits, has_year)
          values (${scope.businessId}, ${kind}, ${form.prefix}, ${form.digits}, ${form.hasYear})
          on conflict (business_id, kind) do update set prefix = excluded.prefix, digits = excluded.digits, has_year = excluded.has_year`,
    );
    if (next > now)
      await tx.execute(
        sql`insert into app.series (business_id, kind, tax_year, next, first, prefix, digits)
            values (${scope.businessId}, ${kind}, ${seriesYear}, ${next}, ${next}, ${form.prefix}, ${form.digits})
            on conflict (business_id, kind, tax_year) do update set next = excluded.next, first = excluded.first
              where series.next = series.first`,
      );
  });
}

/** Two kinds never have the same letters: one number would then stand on two documents. */
async function refuseTaken(tx: Tx, scope: Scope, kind: SeriesKind, prefix: string): Promise<void> {
  const rows = await rowsOf<{ kind: string; prefix: string }>(
    tx,
    sql`select kind, prefix from app.series_forms where business_id = ${scope.businessId}
        union select kind, prefix from app.series where business_id = ${scope.businessId}`,
  );
  const chosen = new Set(rows.map((row) => row.kind));
  const usual = seriesKinds.filter((one) => !chosen.has(one)).map((one) => ({ kind: one, ...usualForm(one) }));
  const taken = [...rows, ...usual].find((row) => row.kind !== kind && row.prefix === prefix);
  if (taken === undefined) return;
  throw new Refusal("does_not_fit", "Another kind of document has, or had, these letters. Each kind has its own.", {
    field: "prefix",
  });
}
