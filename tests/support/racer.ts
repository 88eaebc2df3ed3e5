/**
 * One of several processes that do something at once: told what by its parent, it does it through the product's own services on the test's
 * database and says what came of it. Messages are structured clones, so that amounts stay bigint.
 */
import { sql } from "drizzle-orm";
import { closeDatabase, inBusiness } from "../../db/scope";
import { closeThrough } from "../../lib/books/periods";
import { Refusal } from "../../lib/core/errors";
import type { Fact } from "../../lib/core/facts";
import { acceptImport, runImport } from "../../lib/desk/imports";
import { type DetailsInput, saveDetails } from "../../lib/desk/purchases";
import type { Scope } from "../../lib/people/access";
import { recordAlone } from "./races";

export type Asked =
  | Readonly<{ do: "record"; facts: readonly Fact[] }>
  | Readonly<{ do: "close"; through: string; today: string }>
  | Readonly<{ do: "details"; input: DetailsInput }>
  | Readonly<{ do: "accept"; id: string }>
  | Readonly<{ do: "import"; id: string; run: string }>
  /** Locks two items one after the other, and waits between them until it is told to go on. */
  | Readonly<{ do: "lock"; first: string; second: string }>;

export type ToRacer = Readonly<{ no: number; scope: Scope; asked: Asked }> | "go on" | "end";
export type FromRacer =
  | "ready"
  | "holds one"
  | Readonly<{ no: number; done: unknown }>
  | Readonly<{ no: number; code: string; status: number; message: string; detail: Readonly<Record<string, string>> }>
  | Readonly<{ no: number; failed: string }>;

const say = (what: FromRacer) => process.send?.(what);
let goOn: () => void = () => undefined;
const told = new Promise<void>((resolve) => {
  goOn = resolve;
});

async function lockBoth(scope: Scope, first: string, second: string): Promise<number> {
  let tries = 0;
  await inBusiness(scope, async (tx) => {
    tries += 1;
    const lock = (id: string) =>
      tx.execute(sql`select 1 from app.items where business_id = ${scope.businessId} and id = ${id} for update`);
    await lock(first);
    if (tries === 1) say("holds one");
    await told;
    await lock(second);
  });
  return tries;
}

function work(scope: Scope, asked: Asked): Promise<unknown> {
  switch (asked.do) {
    case "record":
      return recordAlone(scope, asked.facts);
    case "close":
      return closeThrough(scope, asked.through, { today: asked.today });
    case "details":
      return saveDetails(scope, asked.input);
    case "accept":
      return acceptImport(scope, asked.id, { takesLayout: true, atOnce: true });
    case "import":
      return runImport(scope, { id: asked.id, run: asked.run, signal: new AbortController().signal });
    case "lock":
      return lockBoth(scope, asked.first, asked.second);
  }
}

async function answer(no: number, scope: Scope, asked: Asked): Promise<void> {
  try {
    say({ no, done: await work(scope, asked) });
  } catch (error) {
    if (error instanceof Refusal) {
      const { code, status, message, detail } = error;
      say({ no, code, status, message, detail });
    } else say({ no, failed: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
}

process.on("message", (message: ToRacer) => {
  if (message === "go on") goOn();
  else if (message === "end") void closeDatabase().then(() => process.disconnect());
  else void answer(message.no, message.scope, message.asked);
});
say("ready");
