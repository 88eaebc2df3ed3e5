/**
 * What the local servers share that behave as the real channels do: a server on 127.0.0.1, faults by switch, events that can be sent
 * twice, out of order or not at all, and a control port for a person or a test. A channel's own folder has the rest: its sign-in, pages,
 * limits and shop. They are for tests and development (`npm run channel -- shopify`); the product never starts one.
 */
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { z } from "zod";
import { type Answer, html, isLocal, json, type Listening, listen } from "../../integrations/practice/server/answers";

export type { Answer } from "../../integrations/practice/server/answers";
export { html, json, redirect } from "../../integrations/practice/server/answers";

/** Of a body that is taken in: bulk queries and uploads are larger than any form. */
const mostBytes = 5_000_000;

export type LocalRequest = Readonly<{ method: string; url: URL; headers: IncomingHttpHeaders; body: Buffer }>;

const times = z.int().min(0).max(100_000);
/** What can be made to go wrong. Each counts how often it still happens; 0 is off. */
export const Faults = z
  .strictObject({
    /** The next calls are throttled, in the channel's own words, for `retryAfterSeconds`. */
    throttle: times,
    retryAfterSeconds: z.int().min(0).max(3600),
    /** The next calls answer 500. */
    fail: times,
    /** The next calls wait `slowMs` first. */
    slow: times,
    slowMs: z.int().min(0).max(120_000),
    /** The next calls answer 200 with an HTML page. */
    html: times,
    /** The next calls are cut in the middle of the answer. */
    cut: times,
    /** After each of the next pages that are not the last, something moves from a later page to an earlier one or back. */
    shift: times,
    /** The next pages begin with the last item of the page before. */
    repeat: times,
    /** The next things that an event speaks of cannot be read yet. */
    hide: times,
  })
  .partial();
export type FaultSettings = z.infer<typeof Faults>;
type Settings = { readonly [name in keyof FaultSettings]-?: number };
export type Countable = Exclude<keyof FaultSettings, "retryAfterSeconds" | "slowMs">;

const none: Settings = {
  throttle: 0,
  retryAfterSeconds: 1,
  fail: 0,
  slow: 0,
  slowMs: 1_000,
  html: 0,
  cut: 0,
  shift: 0,
  repeat: 0,
  hide: 0,
};

export type FaultBox = Readonly<{
  set: (settings: FaultSettings) => void;
  /** True, and one less, while the fault is on. */
  strikes: (fault: Countable) => boolean;
  settings: () => Settings;
}>;

export function faultBox(): FaultBox {
  let on: Settings = none;
  return {
    set: (settings) => {
      on = { ...on, ...Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined)) };
    },
    strikes: (fault) => {
      if (on[fault] <= 0) return false;
      on = { ...on, [fault]: on[fault] - 1 };
      return true;
    },
    settings: () => on,
  };
}

const maintenance = "<!doctype html><title>Back soon</title><h1>We are down for maintenance</h1>";

/**
 * Answers a call of a channel's API under its faults: throttled, failing, HTML in the place of JSON, slow or cut. Only the API's calls go
 * through this; signing in and the control port do not.
 */
export async function faulty(
  faults: FaultBox,
  channel: Readonly<{ throttled: (retryAfterSeconds: number) => Answer; failed: () => Answer }>,
  answer: () => Answer | Promise<Answer>,
): Promise<Answer> {
  const { retryAfterSeconds, slowMs } = faults.settings();
  if (faults.strikes("throttle")) return channel.throttled(retryAfterSeconds);
  if (faults.strikes("fail")) return channel.failed();
  if (faults.strikes("html")) return html(200, maintenance);
  const slow = faults.strikes("slow") ? { delayMs: slowMs } : {};
  const cut = faults.strikes("cut") ? { isCut: true } : {};
  return { ...(await answer()), ...slow, ...cut };
}

export type LocalServer = Listening;

export type ServerOptions = Readonly<{
  /** As people know it: "Shopify". */
  name: string;
  /** 0 takes any free port. */
  port: number;
  answer: (request: LocalRequest) => Answer | Promise<Answer>;
  /** What `POST /control/NAME` does, with the JSON that was sent; what it gives is answered as JSON. `GET /control` lists the names. */
  commands?: Readonly<Record<string, (input: unknown) => unknown>>;
}>;

/** Starts a server on 127.0.0.1 only; rejects where the port is taken. */
export async function serve(options: ServerOptions): Promise<LocalServer> {
  async function answerTo(message: IncomingMessage): Promise<Answer> {
    // Who reaches a loopback port through a name of their own is a page in somebody's browser, not a person.
    if (!isLocal(message.headers.host)) return json(403, { error: `${options.name} answers on 127.0.0.1 only.` });
    const url = new URL(message.url ?? "/", `http://${message.headers.host}`);
    const request = { method: message.method ?? "GET", url, headers: message.headers, body: await bytesOf(message) };
    if (url.pathname === "/control" || url.pathname.startsWith("/control/")) return control(request);
    return options.answer(request);
  }

  async function control({ method, url, body, headers }: LocalRequest): Promise<Answer> {
    // A page in a browser sends its origin with what it posts; a person at a terminal and a test do not.
    if (headers.origin !== undefined) return json(403, { error: "Not from a page." });
    const commands = options.commands ?? {};
    if (method === "GET" && url.pathname === "/control")
      return json(200, { name: options.name, commands: Object.keys(commands) });
    const name = url.pathname.slice("/control/".length);
    const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
    if (method !== "POST" || command === undefined) return json(404, { error: `There is no command ${name}.` });
    const input: unknown = body.byteLength === 0 ? {} : JSON.parse(body.toString("utf8"));
    return json(200, (await command(input)) ?? null);
  }

  return listen(options.name, options.port, answerTo, (error) =>
    json(500, { error: `The local ${options.name} has a bug: ${String(error)}` }),
  );
}

async function bytesOf(message: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of message) {
    const bytes = Buffer.from(part);
    size += bytes.byteLength;
    if (size > mostBytes) throw new Error(`a body of more than ${mostBytes} bytes`);
    parts.push(bytes);
  }
  return Buffer.concat(parts);
}

/** An event as it goes out: the channel has signed it. */
export type SignedEvent = Readonly<{ headers: Readonly<Record<string, string>>; body: string }>;
/** How the waiting events go out: once each, twice each, last first, or not at all. */
export type Delivery = "once" | "twice" | "reversed" | "lost";

export type EventBox = Readonly<{
  /** Keeps an event until it is delivered; signed when it goes out, as time stamps are part of it. */
  add: (sign: () => SignedEvent) => void;
  /** Sends what waits to `to` and gives the statuses that came back. */
  deliver: (to: string, how?: Delivery) => Promise<readonly number[]>;
  waiting: () => number;
}>;

export function eventBox(): EventBox {
  let waiting: (() => SignedEvent)[] = [];
  return {
    add: (sign) => {
      waiting.push(sign);
    },
    deliver: async (to, how = "once") => {
      const out = waiting;
      waiting = [];
      if (how === "lost") return [];
      const order = how === "reversed" ? [...out].reverse() : how === "twice" ? out.flatMap((one) => [one, one]) : out;
      const statuses: number[] = [];
      for (const sign of order) {
        const { headers, body } = sign();
        const answer = await fetch(to, { method: "POST", headers, body, signal: AbortSignal.timeout(10_000) });
        await answer.arrayBuffer();
        statuses.push(answer.status);
      }
      return statuses;
    },
    waiting: () => waiting.length,
  };
}
