/**
 * Practice Market: a marketplace that runs on this computer, for trying and testing everything without one. It signs people in
 * with OAuth, gives pages by cursor, limits calls, and can be told to misbehave. It listens on 127.0.0.1 only.
 *
 * The format is in docs/connectors/practice.md.
 */
import type { IncomingMessage } from "node:http";
import { type Client, clientOf } from "../client";
import { type Answer, bodyOf, html, isLocal, json, listen, refused } from "./answers";
import { apiOf } from "./api";
import { controlOf, type Stats } from "./control";
import { type FaultSettings, faultBox } from "./faults";
import { dayMs } from "./goods";
import { grantsOf } from "./grants";
import { wrongPage } from "./pages";
import { openShop, type Shop } from "./shop";
import { signInOf } from "./sign-in";
import { readKept, writeKept } from "./state";

export type PracticeOptions = Readonly<{
  /** 0 takes any free port. */
  port: number;
  seed?: number;
  /** The last day of the shop's year, at which its clock stands still ("2026-03-31"). Left out, the shop goes with the clock. */
  today?: string;
  /** About how many orders a year has. */
  orders?: number;
  faults?: FaultSettings;
  /** Where the server remembers what it must when it is started again; nothing is kept without. */
  stateFile?: string;
  /** From the environment, where left out. */
  client?: Client;
  clock?: () => number;
  /** Calls at once, and a second after that, for each connection. */
  rate?: Readonly<{ capacity: number; perSecond: number }>;
}>;

export type PracticeControl = Readonly<{
  shop: Shop;
  faults: (settings: FaultSettings) => void;
  expireTokens: () => void;
  revokeAll: () => void;
  stats: () => Stats;
}>;
export type Practice = Readonly<{ url: string; close: () => Promise<void>; control: PracticeControl }>;

const defaultSeed = 7;
const defaultOrders = 1_500;

/** Starts the server; rejects where the port is taken. */
export async function startPractice(options: PracticeOptions): Promise<Practice> {
  const clock = options.clock ?? Date.now;
  const { stateFile } = options;
  const kept = stateFile === undefined ? null : readKept(stateFile);
  const standsAtMs = options.today === undefined ? null : Date.parse(`${options.today}T20:00:00Z`);
  const nowMs = standsAtMs ?? clock();
  const plan = {
    // What was kept goes before what is asked for: a shop that changed its past would not be believed.
    seed: kept?.seed ?? options.seed ?? defaultSeed,
    openedMs: kept?.openedMs ?? nowMs - (nowMs % dayMs) - 364 * dayMs,
    ordersAYear: kept?.ordersAYear ?? options.orders ?? defaultOrders,
  };
  const changed = (): void => {
    if (stateFile !== undefined)
      writeKept(stateFile, { version: 1, ...plan, grants: grants.all(), commands: shop.commands() });
  };
  const client = options.client ?? clientOf(process.env);
  const grants = grantsOf({ client, clock, initial: kept?.grants ?? [], changed });
  const shop = openShop({ plan, standsAtMs, clock, commands: kept?.commands ?? [], changed });
  const faults = faultBox(options.faults ?? {});
  const stats: { -readonly [name in keyof Stats]: Stats[name] } = { calls: 0, refreshes: 0, exchanges: 0 };
  const signIn = signInOf({ client, grants, shop, faults, stats });
  const api = apiOf({ grants, shop, faults, stats, clock, rate: options.rate ?? { capacity: 60, perSecond: 30 } });
  const control = controlOf({ grants, shop, faults, stats });
  changed();

  async function answer(message: IncomingMessage): Promise<Answer> {
    // Who reaches a loopback port through a name of their own is a page in somebody's browser, not a person.
    if (!isLocal(message.headers.host)) return refused(403, "wrong_host", "Practice Market answers on 127.0.0.1 only.");
    const url = new URL(message.url ?? "/", "http://127.0.0.1");
    const method = message.method ?? "GET";
    const body = method === "POST" ? await bodyOf(message) : "";
    if (url.pathname.startsWith("/oauth/")) return signIn(method, url, body);
    if (url.pathname === "/control" || url.pathname.startsWith("/control/"))
      return control(method, url, body, message.headers);
    if (url.pathname.startsWith("/v1/")) return api(method, url, message.headers);
    if (url.pathname === "/") return json(200, { name: "Practice Market", shop: shop.name });
    return refused(404, "not_found", "There is nothing here.");
  }

  const { url, close } = await listen("practice market", options.port, answer, () =>
    html(500, wrongPage("The practice market has a bug.")),
  );
  return {
    url,
    close,
    control: {
      shop,
      faults: faults.set,
      expireTokens: grants.expireAll,
      revokeAll: grants.revokeAll,
      stats: () => ({ ...stats }),
    },
  };
}
