/**
 * Random histories of purchases, sales and transfers in steps, in both pools: after each step what is on hand is what a model of plain
 * sums says, the books are proved, and the facts told to another business in another order make the same books.
 */
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { closeDatabase, inBusiness, rowsOf } from "../../db/scope";
import { verifyBooks } from "../../lib/books/verify";
import type { Fact } from "../../lib/core/facts";
import { reviveFact } from "../../lib/core/revive";
import { changeCosting } from "../../lib/desk/costing-settings";
import { saveLocation } from "../../lib/desk/locations";
import { saveTransfer } from "../../lib/desk/transfer-drafts";
import { transferView } from "../../lib/desk/transfer-reads";
import {
  placeShortage,
  receiveTransfer,
  sendTransfer,
  shortageFates,
  undoTransferStep,
} from "../../lib/desk/transfers";
import type { Scope } from "../../lib/people/access";
import { testDatabase } from "../support/database";
import { aShop, booksNow, give, item, order, proved, purchase } from "../support/trading";

beforeAll(async () => {
  await testDatabase();
});
afterAll(closeDatabase);

/** mulberry32: whole numbers below `n`. */
function chance(seed: number): (n: number) => number {
  let state = seed >>> 0;
  return (n) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % n;
  };
}

const day = (n: number) => `2025-03-${String(n + 1).padStart(2, "0")}`;
const items = ["mug", "cup"] as const;

/** Gives the business a history of so many steps; what is on hand by item and place as plain sums say. */
async function live(scope: Scope, seed: number, steps: number): Promise<ReadonlyMap<string, number>> {
  const any = chance(seed);
  const pick = <T>(of: readonly T[]): T => {
    const one = of[any(of.length)];
    if (one === undefined) throw new Error("nothing to choose from");
    return one;
  };
  const model = new Map<string, number>();
  const move = (what: string, place: string, qty: number) =>
    model.set(`${what} ${place}`, (model.get(`${what} ${place}`) ?? 0) + qty);
  await give(scope, [item("mug", "Mug", "MUG"), item("cup", "Cup", "CUP")]);
  const places = ["main"];
  for (const name of ["East", "West"])
    places.push(await saveLocation(scope, { id: null, name, kind: "warehouse", address: "", taxNumber: "" }));
  const transfers: string[] = [];
  for (let n = 0; n < steps; n += 1) {
    const [what, place, qty, on] = [pick(items), pick(places), 1 + any(6), any(20)];
    const kind = any(10);
    if (kind < 2) {
      const made = purchase(`p${n}`, day(on), [[what, BigInt(qty), BigInt(7 + any(400))]]);
      await give(scope, [{ ...made, lines: made.lines.map((line) => ({ ...line, location: place })) }]);
      move(what, place, qty);
    } else if (kind < 4) {
      const made = order(`o${n}`, day(on), [[what === "mug" ? "Mug" : "Cup", BigInt(qty), 900n, what.toUpperCase()]]);
      await give(scope, [{ ...made, lines: made.lines.map((line) => ({ ...line, location: place })) }]);
      move(what, place, -qty);
    } else if (kind < 6) {
      const to = pick(places.filter((one) => one !== place));
      const lines = [{ row: 0, item: what, qty: String(qty) }];
      const id = await saveTransfer(scope, { id: null, version: null, from: place, to, on: day(on), note: "", lines });
      await sendTransfer(scope, { id, version: 1, on: day(on) });
      transfers.push(id);
      move(what, place, -qty);
      move(what, "in-transit", qty);
    } else if (transfers.length > 0) {
      await goOn(scope, await transferView(scope, pick(transfers)), any, move);
    }
    if (n === Math.floor(steps / 2))
      await changeCosting(scope, { pool: seed % 2 === 0 ? "business" : "location", graceDays: 0 });
  }
  return model;
}

type View = Awaited<ReturnType<typeof transferView>>;

/** Something more happens to a transfer: a part arrives, is placed, or a step is taken back. */
async function goOn(
  scope: Scope,
  view: View,
  any: (n: number) => number,
  move: (what: string, place: string, qty: number) => void,
): Promise<void> {
  const { id, version, lines } = view;
  const [line] = lines;
  if (line === undefined || view.state === "draft") return;
  const taken = line.open === 0n ? 0 : 1 + any(Number(line.open));
  const on = day(20 + any(5));
  const asked = [{ row: 0, item: line.item, qty: String(taken) }];
  if (view.state !== "received" && taken > 0 && any(4) > 0) {
    if (view.state === "sent") {
      await receiveTransfer(scope, { id, version, on, items: asked, isAll: any(3) === 0 });
      move(line.item, view.to.id, taken);
    } else {
      const fate = shortageFates[any(shortageFates.length)] ?? "lost";
      await placeShortage(scope, { id, version, on, fate, items: asked });
      if (fate === "found") move(line.item, view.to.id, taken);
      if (fate === "back") move(line.item, view.from.id, taken);
    }
    move(line.item, "in-transit", -taken);
    return;
  }
  const step = view.steps.at(-1);
  if (step === undefined) return;
  await undoTransferStep(scope, { id, version, step: step.key });
  const qty = Number(step.items[0]?.qty ?? 0n);
  const [goes, comes] =
    step.kind === "sent"
      ? ["in-transit", view.from.id]
      : [step.kind === "arrived" ? view.to.id : step.kind === "back" ? view.from.id : null, "in-transit"];
  if (goes !== null) move(line.item, goes, -qty);
  if (comes !== undefined && comes !== null) move(line.item, comes, qty);
}

/** All facts that stand, in an order in which each follows those it names and otherwise stands the other way round. */
async function factsOf(scope: Scope): Promise<readonly Fact[]> {
  const rows = await inBusiness(scope, (tx) =>
    rowsOf<{ body: unknown }>(
      tx,
      sql`select body from app.facts where business_id = ${scope.businessId} and undone_at is null order by recorded_at desc, id desc`,
    ),
  );
  const facts = rows.map(({ body }) => reviveFact(body));
  const rank = (fact: Fact) =>
    fact.kind === "location"
      ? 0
      : fact.kind === "item"
        ? 1
        : fact.kind === "transfer" && fact.consignment === fact.id
          ? 2
          : 3;
  return facts.toSorted((a, b) => rank(a) - rank(b));
}

describe.each(["business", "location"] as const)("pool %s", (pool) => {
  it.each([1, 2, 3, 4])("history %i", { timeout: 120_000 }, async (seed) => {
    const [scope, other] = [await aShop("One"), await aShop("Two")];
    for (const one of [scope, other]) await changeCosting(one, { pool, graceDays: 0 });
    const model = await live(scope, seed * 7, 45);
    await changeCosting(scope, { pool, graceDays: 0 });
    const books = await booksNow(scope);
    expect(Object.fromEntries(books.on_hand.map((row) => [`${row.item} ${row.location}`, row.qty]))).toEqual(
      Object.fromEntries([...model].filter(([, qty]) => qty !== 0)),
    );
    expect(books.on_hand.some((row) => row.location === "in-transit")).toBe(true);
    await proved(scope);
    for (const fact of await factsOf(scope)) await give(other, [fact]);
    expect(await booksNow(other)).toEqual(books);
    // Told as facts alone, what was sent has nobody's transfer to be of; nothing else is found.
    const found = (await verifyBooks(other)).checks.flatMap((check) => check.findings.map(({ what }) => what));
    expect(found.filter((what) => !/^the consignment .* is of a transfer$/.test(what))).toEqual([]);
  });
});
