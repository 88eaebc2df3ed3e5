/**
 * What was counted and is not handed in yet, on this device: in IndexedDB, so that it outlives a closed tab, a dead battery and hours without
 * a connection. An entry leaves it only once the server has said that it has it; its id is made here, so handing it in again is harmless.
 */

import { type DBSchema, type IDBPDatabase, type IDBPObjectStore, openDB } from "idb";

/** As lib/desk/count-entries.ts takes it, with what this device shows of it. */
export type WaitingEntry = Readonly<{
  id: string;
  /** The business and count that it is of: one device may count for several. */
  of: string;
  item: string;
  text: string;
  name: string;
  qty: string;
  mode: "add" | "recount";
  /** Milliseconds of this device's clock. */
  at: string;
  /** Why the server did not take it; null: it was not asked yet. */
  refused: string | null;
}>;

interface Kept extends DBSchema {
  waiting: { key: string; value: WaitingEntry };
}

/** Opened for each use, so that no tab holds up another that brings a newer version. */
async function within<Result>(work: (of: IDBPDatabase<Kept>) => Promise<Result>): Promise<Result> {
  const kept = await openDB<Kept>("lotbook-counts", 1, {
    upgrade: (made) => void made.createObjectStore("waiting", { keyPath: "id" }),
  });
  try {
    return await work(kept);
  } finally {
    kept.close();
  }
}

/** One transaction that is over only when the device says that all of it is written. */
const writing = (
  work: (of: IDBPObjectStore<Kept, ["waiting"], "waiting", "readwrite">) => readonly Promise<unknown>[],
): Promise<void> =>
  within(async (kept) => {
    const transaction = kept.transaction("waiting", "readwrite", { durability: "strict" });
    await Promise.all([...work(transaction.store), transaction.done]);
  });

/** Keeps entries, or writes them anew; only when this is done may a form be emptied. */
export const keep = (entries: readonly WaitingEntry[]): Promise<void> =>
  writing((of) => entries.map((entry) => of.put(entry)));

/** Lets entries go that the server has, or that a person gave up. */
export const letGo = (ids: readonly string[]): Promise<void> => writing((of) => ids.map((id) => of.delete(id)));

/** All that waits of a count, in the order in which it was counted. */
export async function waitingOf(of: string): Promise<readonly WaitingEntry[]> {
  const all = await within((kept) => kept.getAll("waiting"));
  return all.filter((entry) => entry.of === of).sort((a, b) => Number(a.at) - Number(b.at));
}

type Outcome = Readonly<{ id: string; taken: true }> | Readonly<{ id: string; taken: false; says: string }>;
/** How handing in went: what was taken, or why nothing could be handed in now (`away`: there is no connection). */
export type Handed = Readonly<{ taken: readonly WaitingEntry[]; says: string | null; away: boolean }>;

const atOnce = 200;

/**
 * Hands in what waits of a count, oldest first, and lets go what the server has. What it refuses stays, with its reason. Never throws for
 * want of a connection: that is what all of this is for.
 */
export async function handInWaiting(of: string, address: string): Promise<Handed> {
  const entries = (await waitingOf(of)).filter((entry) => entry.refused === null).slice(0, atOnce);
  if (entries.length === 0) return { taken: [], says: null, away: false };
  const body = JSON.stringify({
    now: String(Date.now()),
    entries: entries.map(({ id, item, text, qty, mode, at }) => ({ id, item, text, qty, mode, at })),
  });
  let response: Response;
  try {
    response = await fetch(address, { method: "POST", headers: { "content-type": "application/json" }, body });
  } catch (failure) {
    // A browser says nothing more of a connection that is not there.
    console.info(failure);
    return { taken: [], says: null, away: true };
  }
  const answer: unknown = await response.json().catch(() => null);
  if (!response.ok) {
    const says = messageOf(answer) ?? "The server cannot take it now.";
    return { taken: [], says, away: response.status >= 500 };
  }
  const outcomes = outcomesOf(answer);
  const taken = entries.filter(({ id }) => outcomes.get(id)?.taken === true);
  await letGo(taken.map(({ id }) => id));
  const refused = entries.flatMap((entry) => {
    const outcome = outcomes.get(entry.id);
    return outcome === undefined || outcome.taken ? [] : [{ ...entry, refused: outcome.says }];
  });
  await keep(refused);
  return { taken, says: null, away: false };
}

function messageOf(answer: unknown): string | null {
  return typeof answer === "object" && answer !== null && "message" in answer && typeof answer.message === "string"
    ? answer.message
    : null;
}

function outcomesOf(answer: unknown): ReadonlyMap<string, Outcome> {
  if (typeof answer !== "object" || answer === null || !("outcomes" in answer) || !Array.isArray(answer.outcomes))
    return new Map();
  return new Map((answer.outcomes as readonly Outcome[]).map((outcome) => [outcome.id, outcome]));
}
