/**
 * Counts as they are planned: what is counted at which place, blind or not. A plan is a row of the desk, of which replay knows nothing; its
 * lines are written when it is saved, so that who begins it counts what was planned.
 */
import { type SQL, sql } from "drizzle-orm";
import { bulkInsert, list } from "../../db/bulk";
import { countLines } from "../../db/schema";
import { inBusiness, rowsOf, type Tx } from "../../db/scope";
import { instantText } from "../books/instants";
import { dueToCount, longestNotCounted, rhythmUsual } from "../core/counts";
import { addDays, localDateOf } from "../core/dates";
import { Refusal } from "../core/errors";
import type { LocalDate } from "../core/facts";
import { normalise } from "../core/matching";
import { abc } from "../core/registers";
import { knownAt, mayAt, require, type Scope } from "../people/access";
import { recordAudit } from "../people/audit";
import { holdsWords, soldIn } from "../stock/register-sql";
import { todayOf } from "../system/clock";
import { newId } from "../system/ids";
import { itemsCalled } from "./count-names";
import {
  type CountPlan,
  type CountStep,
  countIn,
  countPlans,
  instantIn,
  mostCounted,
  nowInstant,
  type SeenCount,
  setCountState,
  utc,
} from "./count-row";
import { inUse } from "./locations";

export type CountInput = Readonly<{
  /** The draft that is changed, and how it was when its form was made; null: a new one. */
  id: string | null;
  version: number | null;
  location: string;
  /** One of `countPlans`. */
  plan: string;
  /** Of a plan by words: what names or SKUs hold. */
  words: string;
  /** Of a plan by hand: what was typed or pasted, a name, SKU or barcode each. */
  items: readonly string[];
  /** Of a rolling plan: at most so many items, as typed. */
  most: string;
  /** Also items of which nothing should be there. */
  hasEmpty: boolean;
  isBlind: boolean;
  note: string;
}>;

const longestNote = 500;
const longestWords = 200;
/** A rolling plan that nobody said a number for. */
export const usualMost = 50;

/** Plans a count, or changes its plan before it begins; gives its id. Refuses `field_missing` where nothing is to be counted. */
export async function saveCount(scope: Scope, input: CountInput): Promise<string> {
  require(scope, "move");
  const plan = countPlans.find((one) => one === input.plan);
  if (plan === undefined) throw new Refusal("field_missing", "Choose what is to be counted.", { field: "plan" });
  const note = textOf(input.note, longestNote, "note");
  const words = plan === "words" ? textOf(input.words, longestWords, "words") : "";
  if (plan === "words" && normalise(words) === "")
    throw new Refusal("field_missing", "Which words do the names hold?", { field: "words" });
  const most = mostOf(input.most);
  return inBusiness(scope, async (tx) => {
    const before =
      input.id === null ? null : await countIn(tx, scope, { id: input.id, version: input.version ?? 0 }, ["draft"]);
    await inUse(tx, scope, input.location, "location");
    if (!mayAt(scope, input.location))
      throw new Refusal("unknown_id", "Choose one of your locations.", { field: "location" });
    const chosen = plan === "items" ? await itemsChosen(tx, scope, input.items) : [];
    const items = await itemsToCount(
      tx,
      scope,
      { ...input, items: chosen, plan, words, most },
      todayOf(scope.timeZone),
    );
    if (items.length === 0) throw new Refusal("field_missing", nothingIn[plan], { field: fieldOf[plan] });
    if (items.length > mostCounted)
      throw new Refusal(
        "too_many_rows",
        `More than ${mostCounted} products are too much for one count. Count by words, or what was not counted for longest.`,
        { field: "plan" },
      );
    const id = before?.id ?? newId();
    const b = scope.businessId;
    await recordAudit(tx, scope, {
      what: "count.plan",
      about: `count/${id}`,
      before: before === null ? undefined : { location: before.location_id },
      after: { location: input.location, plan, words, items: items.length, blind: input.isBlind, note },
    });
    if (before === null)
      await tx.execute(
        sql`insert into app.counts (business_id, id, state, location_id, plan, words, most, has_empty, is_blind, note, version, created_at, created_by)
            values (${b}, ${id}, 'draft', ${input.location}, ${plan}, ${words}, ${most}, ${input.hasEmpty}, ${input.isBlind}, ${note}, 1, now(), ${scope.userId}::uuid)`,
      );
    else {
      await tx.execute(
        sql`update app.counts set location_id = ${input.location}, plan = ${plan}, words = ${words}, most = ${most}, has_empty = ${input.hasEmpty},
              is_blind = ${input.isBlind}, note = ${note}, version = version + 1 where business_id = ${b} and id = ${id}`,
      );
      await tx.execute(sql`delete from app.count_lines where business_id = ${b} and count_id = ${id}`);
    }
    await bulkInsert(
      tx,
      countLines,
      items.map((itemId, place) => ({
        businessId: b,
        countId: id,
        itemId,
        place,
        isExtra: false,
        takesDay: false,
        reason: null,
        worthMinor: null,
        countedQty: null,
        countedAt: null,
        expectedQty: null,
        countedOn: null,
        lateQty: 0n,
      })),
    );
    return id;
  });
}

/** Begins a count: from now on people hand in what they count. `now` is for tests. */
export function startCount(scope: Scope, seen: SeenCount, now = nowInstant()): Promise<CountStep> {
  require(scope, "move");
  return inBusiness(scope, async (tx) => {
    const row = await countIn(tx, scope, seen, ["draft"]);
    await inUse(tx, scope, row.location_id, "location");
    await recordAudit(tx, scope, { what: "count.start", about: `count/${row.id}` });
    await tx.execute(
      sql`update app.counts set started_at = ${instantText(now)}::timestamptz where business_id = ${scope.businessId} and id = ${row.id}`,
    );
    return setCountState(tx, scope, row, "counting");
  });
}

/** Says that all is counted and the differences are looked at, or that counting goes on. */
export function endCounting(scope: Scope, input: SeenCount & Readonly<{ isAll: boolean }>): Promise<CountStep> {
  require(scope, "move");
  return inBusiness(scope, async (tx) => {
    const row = await countIn(tx, scope, input, [input.isAll ? "counting" : "review"]);
    const state = input.isAll ? "review" : "counting";
    await recordAudit(tx, scope, {
      what: "count.end",
      about: `count/${row.id}`,
      before: { state: row.state },
      after: { state },
    });
    return setCountState(tx, scope, row, state);
  });
}

/** Gives a count up that is not approved. What was counted stays to be seen; a number that it had once stays its own. */
export function cancelCount(scope: Scope, seen: SeenCount): Promise<CountStep> {
  require(scope, "move");
  return inBusiness(scope, async (tx) => {
    const row = await countIn(tx, scope, seen, ["draft", "counting", "review"]);
    await recordAudit(tx, scope, {
      what: "count.cancel",
      about: `count/${row.id}`,
      before: { state: row.state, number: row.number },
    });
    return setCountState(tx, scope, row, "cancelled");
  });
}

const nothingIn: Readonly<Record<CountPlan, string>> = {
  all: "Nothing is at this location. Count also what should not be there, or choose another one.",
  items: "Choose at least one product that you stock.",
  words: "No product here holds these words.",
  abc: "Nothing is due: all that is here was counted within the time of its class.",
  oldest: "Nothing is at this location. Count also what should not be there, or choose another one.",
};
const fieldOf: Readonly<Record<CountPlan, string>> = {
  all: "location",
  items: "items",
  words: "words",
  abc: "plan",
  oldest: "location",
};

/** The items that a plan by hand names. Refuses `unknown_id` for a text that is no item's, or several items'. */
async function itemsChosen(tx: Tx, scope: Scope, texts: readonly string[]): Promise<readonly string[]> {
  const given = texts.map((text) => text.trim()).filter((text) => text !== "");
  if (given.length > mostCounted)
    throw new Refusal("too_many_rows", `One count has at most ${mostCounted} products.`, { field: "items" });
  const called = await itemsCalled(tx, scope, given);
  return given.map((text) => {
    const item = called.get(text);
    if (item === undefined)
      throw new Refusal("unknown_id", `“${text.slice(0, 40)}” is no product of yours, or more than one.`, {
        field: "items",
      });
    return item;
  });
}

type Wanted = Pick<CountInput, "location" | "items" | "hasEmpty"> &
  Readonly<{ plan: CountPlan; words: string; most: number }>;

/** The items of a plan in the order in which they are counted: by name, or the most due first. Bundles are never on a shelf. */
async function itemsToCount(tx: Tx, scope: Scope, wanted: Wanted, today: LocalDate): Promise<readonly string[]> {
  const b = scope.businessId;
  const stocked = sql`i.business_id = ${b} and not i.is_undone and ${knownAt(scope, "i.id")}
    and not exists (select 1 from app.item_components k where k.business_id = ${b} and k.item_id = i.id)`;
  const there: SQL = wanted.hasEmpty
    ? sql`exists (select 1 from app.item_places p where p.business_id = ${b} and p.item_id = i.id and p.location_id = ${wanted.location})`
    : sql`exists (select 1 from app.item_places p where p.business_id = ${b} and p.item_id = i.id and p.location_id = ${wanted.location} and p.qty <> 0)`;
  const named = async (which: SQL): Promise<readonly string[]> =>
    (
      await rowsOf<{ id: string }>(
        tx,
        sql`select i.id from app.items i where ${stocked} and ${which} order by i.name_key, i.id limit ${mostCounted + 1}`,
      )
    ).map(({ id }) => id);
  switch (wanted.plan) {
    case "all":
      return named(there);
    case "words":
      return named(sql`${there} and ${holdsWords(b, normalise(wanted.words))}`);
    case "items":
      // Chosen by hand, so also what was never there.
      return named(sql`i.id = any(${list("text", [...new Set(wanted.items)])})`);
    case "oldest": {
      const rows = await lastCounted(tx, scope, wanted.location, sql`${stocked} and ${there}`);
      return longestNotCounted(rows, wanted.most);
    }
    case "abc": {
      const year = { from: addDays(today, -364), to: today };
      // Classes are of all items, as everywhere; counted is what is here.
      const rows = await rowsOf<{ id: string; value: string; here: boolean; last: string | null }>(
        tx,
        sql`select i.id, s.value::text, ${there} as here, ${utc("k.last_at")} as last from app.items i
            cross join lateral (${soldIn(b, year, null)}) s
            left join app.count_sums k on k.business_id = ${b} and k.item_id = i.id and k.location_id = ${wanted.location}
            where ${stocked}`,
      );
      const ranked = abc(rows.map(({ id, value, here, last }) => ({ id, value: BigInt(value), here, last })));
      const due = ranked.flatMap(({ row, class: own }) =>
        row.here ? [{ id: row.id, class: own, lastOn: dayOf(scope, row.last) }] : [],
      );
      return dueToCount(due, rhythmUsual, today, wanted.most);
    }
  }
}

async function lastCounted(tx: Tx, scope: Scope, location: string, which: SQL) {
  const b = scope.businessId;
  const rows = await rowsOf<{ id: string; last: string | null }>(
    tx,
    sql`select i.id, ${utc("k.last_at")} as last from app.items i
        left join app.count_sums k on k.business_id = ${b} and k.item_id = i.id and k.location_id = ${location} where ${which}`,
  );
  return rows.map(({ id, last }) => ({ id, lastOn: dayOf(scope, last) }));
}

const dayOf = (scope: Scope, at: string | null): LocalDate | null =>
  at === null ? null : localDateOf(instantIn(at), scope.timeZone);

function textOf(text: string, longest: number, field: string): string {
  const clean = text.normalize("NFC").trim();
  if (clean.includes("\u0000")) throw new Refusal("bad_character", "This has a NUL character.", { field });
  if ([...clean].length > longest)
    throw new Refusal("text_too_long", `At most ${longest} characters fit here.`, { field });
  return clean;
}

function mostOf(text: string): number {
  if (text.trim() === "") return usualMost;
  const number = /^\d{1,6}$/.test(text.trim()) ? Number(text.trim()) : 0;
  if (number < 1 || number > mostCounted)
    throw new Refusal("out_of_range", `A rolling count takes 1 to ${mostCounted} products.`, { field: "most" });
  return number;
}
