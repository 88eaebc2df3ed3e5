/**
 * Commands of counts: one planned, counted by two people and approved or left under review, approved anew with what became known since,
 * taken back. All else that happens is dated long before, so what a count of today is held against is all that moved, and what counts
 * before it put right.
 */
import { wayOf } from "../../../lib/core/counts";
import { approveCount, type ReviewedLine, takeBackCount } from "../../../lib/desk/count-approval";
import { type HandedEntry, handIn } from "../../../lib/desk/count-entries";
import { endCounting, saveCount, startCount } from "../../../lib/desk/count-plans";
import { type CountView, countRows, countView } from "../../../lib/desk/count-reads";
import { needsOf } from "../../../lib/needs";
import { type Kind, must, places, stocked } from "./command";
import type { Shop } from "./shop";
import { type Count, expectedOf, type Model } from "./state";

/** What the books say of an item at the moment of a count, and of all counts so far where it is none yet. */
function shelf(m: Model, item: string, count: Pick<Count, "location"> | Count): bigint {
  const all = [...m.counts.values()];
  const at = "id" in count ? all.indexOf(count) : all.length;
  const later = all.slice(at).filter((one) => one.location === count.location);
  const now = expectedOf(m).onHand[`${item}@${count.location}`] ?? 0n;
  return later.reduce((qty, one) => qty - (one.putRight.get(item)?.qty ?? 0n), now);
}

/** What differs of a count by now: what was counted less what the books say of that moment. */
function differences(m: Model, count: Count): ReadonlyMap<string, bigint> {
  const found = [...count.counted].map(([item, qty]) => [item, qty - shelf(m, item, count)] as const);
  return new Map(found.filter(([, qty]) => qty !== 0n));
}

const reasonsOut = ["count", "damaged", "data_entry"] as const;
const reasonsIn = ["found", "data_entry"] as const;
const reasonFor = (difference: bigint, way: number): string =>
  wayOf(difference) === "out" ? must(reasonsOut, way) : must(reasonsIn, way);

/** The form of a review: a reason for each line that is open and differs. */
const linesOf = (view: CountView, way: number): readonly ReviewedLine[] =>
  (view.state === "approved" ? view.changed : view.lines)
    .filter((line) => line.difference !== 0n)
    .map(({ item, place, difference }) => ({
      item,
      place,
      reason: reasonFor(difference, way + place),
      worth: difference > 0n && way % 2 === 0 ? "1.23" : "",
      takesDay: false,
    }));

const sorted = (of: Iterable<readonly [string, bigint]>) => [...of].sort(([a], [b]) => (a < b ? -1 : 1));

/** Looks whether a count's page says what the model does, and gives the page. */
async function looked(m: Model, shop: Shop, count: Count): Promise<CountView> {
  const view = await countView(shop.scope, count.id);
  const now = differences(m, count);
  const says = sorted(view.lines.filter((line) => line.difference !== 0n).map((line) => [line.item, line.difference]));
  if (String(says) !== String(sorted(now))) throw new Error(`the count differs by ${says}, not by ${sorted(now)}`);
  const changed = [...count.counted.keys()].filter(
    (item) => (count.putRight.get(item)?.qty ?? 0n) !== (now.get(item) ?? 0n),
  );
  const named = view.changed.map((line) => line.item).sort();
  if (String(named) !== String(count.isApproved ? changed.sort() : []))
    throw new Error(`it says that ${named} changed, where ${changed} did`);
  const { rows } = await countRows(shop.scope, { isChanged: true }, { limit: 500 });
  if (rows.some(({ id }) => id === count.id) !== named.length > 0)
    throw new Error(`${named} changed, and the list of those that did says otherwise`);
  const need = (await needsOf(shop.scope)).find(({ kind }) => kind === "counts");
  if ((need?.count ?? 0) !== rows.length) throw new Error("Needs you says otherwise than the list of counts");
  return view;
}

async function approve(m: Model, shop: Shop, count: Count, way: number): Promise<void> {
  const view = await looked(m, shop, count);
  const lines = linesOf(view, way);
  const kept = new Map(view.lines.flatMap(({ item, reason }) => (reason === null ? [] : [[item, reason as string]])));
  for (const { item, reason } of lines) kept.set(item, reason);
  const { number } = await approveCount(shop.scope, { id: count.id, version: view.version, lines });
  if (count.number !== null && count.number !== number)
    throw new Error("an approval that is given anew keeps its number");
  count.number = number;
  count.isApproved = true;
  count.putRight = new Map(
    [...differences(m, count)].map(([item, qty]) => [item, { qty, reason: kept.get(item) ?? "" }]),
  );
}

/** Two people count some products at a place, one hands in twice, and somebody approves it at once or later. */
const count: Kind = {
  can: () => true,
  run: async (m, shop, { at, of, qty, amount, way }) => {
    const location = must(places, at % 3 === 0 ? 1 : 0);
    const items = stocked.filter((_, bit) => ((1 + (of % 7)) >> bit) % 2 === 1);
    const expected = items.map((item) => shelf(m, item, { location }));
    const called = items.map((item) => `Item ${item}`);
    const input = {
      location,
      plan: "items",
      words: "",
      items: called,
      most: "",
      hasEmpty: false,
      isBlind: way % 2 === 0,
    };
    const id = await saveCount(shop.scope, { id: null, version: null, note: "", ...input });
    await startCount(shop.scope, { id, version: 1 });
    const now = String(Date.now());
    const entry = (item: string, part: string, units: bigint): HandedEntry => ({
      id: `${m.next("entry-")}-${part}`,
      item,
      text: "",
      qty: String(units),
      mode: part === "all" ? "recount" : "add",
      at: now,
    });
    const counted = new Map<string, bigint>();
    const entries = items.flatMap((item, nth) => {
      const there = (expected[nth] ?? 0n) + BigInt((qty + nth) % 4 === 0 ? 0 : ((amount + nth * 7) % 9) - 4);
      const units = there < 0n ? 0n : there;
      counted.set(item, units);
      return [entry(item, "first", units / 2n), entry(item, "second", units - units / 2n)];
    });
    await handIn(shop.scope, { count: id, now, entries });
    await handIn(shop.scope, { count: id, now, entries: entries.slice(1) });
    const { version } = await countView(shop.scope, id);
    await endCounting(shop.scope, { id, version, isAll: true });
    const made: Count = { id, location, counted, number: null, isApproved: false, putRight: new Map() };
    m.counts.set(id, made);
    if (way % 4 === 3) await looked(m, shop, made);
    else await approve(m, shop, made, way);
  },
};

/** Approves one that waits, or anew one that was approved, with what became known since. */
const countApproved: Kind = {
  can: (m) => m.counts.size > 0,
  run: (m, shop, { at, way }) => approve(m, shop, must([...m.counts.values()], at), way),
};

/** Takes an approval back: as if it had never been given, but for its number. */
const countUndo: Kind = {
  can: (m) => [...m.counts.values()].some((one) => one.isApproved),
  run: async (m, shop, { at }) => {
    const one = must(
      [...m.counts.values()].filter(({ isApproved }) => isApproved),
      at,
    );
    const { version } = await looked(m, shop, one);
    await takeBackCount(shop.scope, { id: one.id, version });
    one.isApproved = false;
    one.putRight = new Map();
    await looked(m, shop, one);
  },
};

export const countCommands = { count, countApproved, countUndo } satisfies Readonly<Record<string, Kind>>;
