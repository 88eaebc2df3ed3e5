/** A count of a small shop in few words: planned, begun at a moment, counted by whom and when. */
import { instantOf } from "../../lib/core/dates";
import { approveCount, saveReview } from "../../lib/desk/count-approval";
import { handIn } from "../../lib/desk/count-entries";
import { type CountInput, endCounting, saveCount, startCount } from "../../lib/desk/count-plans";
import { countView } from "../../lib/desk/count-reads";
import type { Scope } from "../../lib/people/access";
import { newId } from "../../lib/system/ids";

const planned = (over: Partial<CountInput> = {}): CountInput => ({
  id: null,
  version: null,
  location: "main",
  plan: "all",
  words: "",
  items: [],
  most: "",
  hasEmpty: false,
  isBlind: true,
  note: "",
  ...over,
});

/** Plans a count; gives its id. */
export const plan = (scope: Scope, over: Partial<CountInput> = {}): Promise<string> => saveCount(scope, planned(over));

/** The count as it is seen now. */
export async function seen(scope: Scope, id: string): Promise<Readonly<{ id: string; version: number }>> {
  return { id, version: (await countView(scope, id)).version };
}

/** A count that has begun at an instant (`2026-03-10T13:00:00Z`). */
export async function begun(scope: Scope, at: string, over: Partial<CountInput> = {}): Promise<string> {
  const id = await plan(scope, over);
  await startCount(scope, { id, version: 1 }, instantOf(at));
  return id;
}

export type Said = Readonly<{ id?: string; mode?: "add" | "recount"; at: string; text?: string }>;

/** Hands one entry in at the very moment at which it was counted. */
export async function counted(scope: Scope, count: string, item: string, qty: string, said: Said) {
  const at = instantOf(said.at);
  const ms = String(at / 1000n);
  const entry = { id: said.id ?? newId(), item, text: said.text ?? "", qty, mode: said.mode ?? "add", at: ms };
  return handIn(scope, { count, now: ms, entries: [entry] }, at);
}

/** Says that all is counted, gives each difference a reason, and approves. `reasons` by item; the first of its way where none is said. */
export async function approved(scope: Scope, count: string, reasons: Readonly<Record<string, string>> = {}) {
  if ((await countView(scope, count)).state === "counting")
    await endCounting(scope, { ...(await seen(scope, count)), isAll: true });
  const { lines, version } = await countView(scope, count);
  const lacking = lines.filter((line) => line.difference !== 0n);
  const said = lacking.map(({ place, item, difference, takesDay }) => ({
    place,
    item,
    reason: reasons[item] ?? (difference < 0n ? "count" : "found"),
    worth: "",
    takesDay,
  }));
  const reviewed = await saveReview(scope, { id: count, version, lines: said });
  return approveCount(scope, { id: count, version: reviewed.version });
}
