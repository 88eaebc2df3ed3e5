/**
 * The practice market's control port, for the page of a practice channel: faults are switched on there to see what the product makes of
 * them. The market is one for this installation, so a fault strikes whoever is connected to it.
 */
import { sql } from "drizzle-orm";
import { z } from "zod";
import { inBusiness, rowsOf } from "../../db/scope";
import { Refusal } from "../core/errors";
import { require, type Scope } from "../people/access";
import { recordAudit } from "../people/audit";
import { channelKinds } from "./channels";

/** What can be switched on, in the order in which it is offered; each is what is sent to the control port. */
const switches = {
  throttle: { faults: { throttle: 5, retryAfterSeconds: 2 } },
  fail: { faults: { fail: 1 } },
  slow: { faults: { slow: 10, slowMs: 3_000 } },
  html: { faults: { html: 1 } },
  expire: { expire_tokens: true },
  change: { faults: { shift: 3, edit: 3, repeat: 2 } },
  off: {
    faults: {
      throttle: 0,
      fail: 0,
      slow: 0,
      html: 0,
      cut: 0,
      expireCursor: 0,
      repeat: 0,
      shift: 0,
      edit: 0,
      hideOrder: 0,
    },
  },
} as const;

export type PracticeFault = keyof typeof switches;

const Report = z.object({ faults: z.record(z.string(), z.number()) });
const patienceMs = 5_000;

/** Which faults still strike, and how often; null where the market does not answer. */
export type PracticeState = Readonly<Partial<Record<PracticeFault, number>>> | null;

/** How the market stands. */
export async function practiceState(scope: Scope, channelId: string): Promise<PracticeState> {
  require(scope, "read");
  await ofPractice(scope, channelId);
  try {
    return stateOf(await ask("GET", null));
  } catch (error) {
    if (error instanceof Refusal) return null;
    throw error;
  }
}

/** Switches a fault on (or all off). Refuses `not_found` for a channel of another kind, `unsupported` where no market answers. */
export async function setPracticeFault(
  scope: Scope,
  input: Readonly<{ channel: string; fault: PracticeFault }>,
): Promise<PracticeState> {
  require(scope, "connect");
  await ofPractice(scope, input.channel);
  const state = stateOf(await ask("POST", switches[input.fault]));
  await inBusiness(scope, (tx) =>
    recordAudit(tx, scope, { what: "channel.practice-fault", about: input.channel, after: { fault: input.fault } }),
  );
  return state;
}

async function ofPractice(scope: Scope, channelId: string): Promise<void> {
  const [row] = await inBusiness(scope, (tx) =>
    rowsOf<{ id: string }>(
      tx,
      sql`select id from app.channels where business_id = ${scope.businessId} and id = ${channelId} and kind = 'practice'`,
    ),
  );
  if (row === undefined) throw new Refusal("not_found", "There is no such practice channel.");
}

function stateOf(said: z.infer<typeof Report>): PracticeState {
  const { throttle = 0, fail = 0, slow = 0, html = 0, shift = 0, edit = 0, repeat = 0 } = said.faults;
  return { throttle, fail, slow, html, change: shift + edit + repeat };
}

/** Where the market is: as its connector finds it. */
function address(): URL {
  const { PRACTICE_URL, PRACTICE_PORT } = process.env;
  const missing = channelKinds().find(({ kind }) => kind === "practice")?.missing ?? [];
  if (missing.length > 0) throw notThere();
  return new URL("/control", PRACTICE_URL?.trim() || `http://127.0.0.1:${PRACTICE_PORT}`);
}

const notThere = () =>
  new Refusal("unsupported", "The practice market does not answer. It is started with the product.");

async function ask(method: "GET" | "POST", body: unknown): Promise<z.infer<typeof Report>> {
  const url = address();
  let response: Response;
  try {
    response = await fetch(url, {
      method,
      signal: AbortSignal.timeout(patienceMs),
      ...(body === null ? {} : { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
    });
  } catch (error) {
    // fetch says TypeError for what is not reached and DOMException for what took too long.
    if (error instanceof TypeError || error instanceof DOMException) throw notThere();
    throw error;
  }
  if (!response.ok) throw notThere();
  return Report.parse(await response.json());
}
