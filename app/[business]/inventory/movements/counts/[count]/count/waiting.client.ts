/**
 * What was counted and is not handed in yet, on this device: in IndexedDB, so that it outlives a closed tab, a dead battery and hours without
 * a connection. An entry leaves it only once the server has said that it has it; its id is made here, so handing it in again is harmless.
 */

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

const database = "lotbook-counts";
const store = "waiting";

function opened(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open(database, 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(store, { keyPath: "id" });
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error ?? new Error("this device keeps nothing"));
    asked.onblocked = () => reject(new Error("another tab holds what this device keeps"));
  });
}

/** Runs one transaction and waits until the device says that it is written. */
async function within<Result>(
  mode: IDBTransactionMode,
  work: (of: IDBObjectStore) => IDBRequest<Result> | null,
): Promise<Result | null> {
  const found = await opened();
  try {
    return await new Promise<Result | null>((resolve, reject) => {
      const transaction = found.transaction(store, mode, { durability: "strict" });
      const request = work(transaction.objectStore(store));
      transaction.oncomplete = () => resolve(request === null ? null : request.result);
      transaction.onabort = () => reject(transaction.error ?? new Error("it was not written"));
      transaction.onerror = () => reject(transaction.error ?? new Error("it was not written"));
    });
  } finally {
    found.close();
  }
}

/** Keeps entries, or writes them anew; only when this is done may a form be emptied. */
export async function keep(entries: readonly WaitingEntry[]): Promise<void> {
  await within("readwrite", (of) => {
    for (const entry of entries) of.put(entry);
    return null;
  });
}

/** Lets entries go that the server has, or that a person gave up. */
export async function letGo(ids: readonly string[]): Promise<void> {
  await within("readwrite", (of) => {
    for (const id of ids) of.delete(id);
    return null;
  });
}

/** All that waits of a count, in the order in which it was counted. */
export async function waitingOf(of: string): Promise<readonly WaitingEntry[]> {
  const all = await within<WaitingEntry[]>("readonly", (from) => from.getAll());
  return (all ?? []).filter((entry) => entry.of === of).sort((a, b) => Number(a.at) - Number(b.at));
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
