/**
 * The one way that a connector talks to a channel: fetch with limits. A channel's server may be slow, wrong, endless or not there
 * at all; whatever it does becomes an answer or one ChannelError, never a hung worker or a full memory. Redirects are not
 * followed: an API that redirects is not the API that we signed in to, and following would carry the token along.
 */
import { lookup } from "node:dns/promises";
import { BlockList } from "node:net";
import { ChannelError } from "../lib/core/errors";

export type RequestOptions = Readonly<{
  /** The caller's: a worker that stops, a sync that was cancelled. Its reason is thrown as it is, not as a ChannelError. */
  signal: AbortSignal;
  method?: "GET" | "POST" | "DELETE";
  headers?: Readonly<Record<string, string>>;
  body?: string;
  /** For the whole of it, headers and body. */
  timeoutMs?: number;
  /** Of the body, as it comes off the wire. */
  maxBytes?: number;
  /** Statuses beside 2xx that the caller wants to see for itself. */
  accept?: readonly number[];
  /** The address is one that a person typed: it must not lead into our own network. */
  publicOnly?: boolean;
  /** For a Retry-After that is a date. */
  clock?: () => number;
}>;
export type Answer = Readonly<{ status: number; headers: Headers; text: string }>;
export type Download = Readonly<{ status: number; headers: Headers; bytes: Buffer }>;

/**
 * Asks, and gives the whole answer as text. Throws ChannelError: 429 `throttled`, 401 and 403 `disconnected`, 5xx, time-outs and
 * broken connections `unavailable`, redirects and other 4xx `refused`, a body beyond `maxBytes` `unreadable`. Messages name host
 * and path only: queries and headers hold secrets.
 */
export async function request(url: string, options: RequestOptions): Promise<Answer> {
  const { bytes, ...answer } = await download(url, options);
  return { ...answer, text: bytes.toString("utf8") };
}

/** The same, with the bytes as they came: for a part of a file, which may begin and end within a letter. */
export async function download(url: string, options: RequestOptions): Promise<Download> {
  const { signal, timeoutMs = 30_000, maxBytes = 10_000_000, accept = [] } = options;
  const place = whereOf(url);
  if (options.publicOnly === true) await refuseInside(url, place);
  const deadline = AbortSignal.timeout(timeoutMs);
  try {
    const response = await fetch(url, {
      method: options.method ?? "GET",
      headers: { accept: "application/json", ...options.headers },
      ...(options.body === undefined ? {} : { body: options.body }),
      redirect: "manual",
      signal: AbortSignal.any([signal, deadline]),
    });
    const bytes = await limited(response, maxBytes, place);
    if (!response.ok && !accept.includes(response.status)) throw failureOf(response, place, options.clock ?? Date.now);
    return { status: response.status, headers: response.headers, bytes };
  } catch (error) {
    if (error instanceof ChannelError) throw error;
    if (signal.aborted) throw signal.reason;
    if (deadline.aborted) throw new ChannelError("unavailable", `${place} did not answer within ${timeoutMs} ms`);
    // What fetch throws for a refused, reset or cut connection is a TypeError; anything else is our own bug.
    if (error instanceof TypeError) throw new ChannelError("unavailable", `${place}: the connection failed`);
    throw error;
  }
}

/** What is no address on the open internet (RFC 6890): this machine, private networks, link-local ones and their like. */
const inside = new BlockList();
for (const [net, prefix] of [
  ...([
    ["0.0.0.0", 8],
    ["10.0.0.0", 8],
    ["100.64.0.0", 10],
    ["127.0.0.0", 8],
    ["169.254.0.0", 16],
  ] as const),
  ...([
    ["172.16.0.0", 12],
    ["192.0.0.0", 24],
    ["192.168.0.0", 16],
    ["198.18.0.0", 15],
    ["224.0.0.0", 3],
  ] as const),
] as const)
  inside.addSubnet(net, prefix, "ipv4");
for (const [net, prefix] of [
  ["::", 127],
  ["fc00::", 7],
  ["fe80::", 10],
  ["ff00::", 8],
  ["64:ff9b::", 96],
] as const)
  inside.addSubnet(net, prefix, "ipv6");

/**
 * Refuses a host whose name leads inside. Asked at each call, since a name may change its answer; who changes it between this question and
 * the connection's own is not caught, which is why such calls carry nothing of ours but the keys that the person typed.
 */
async function refuseInside(url: string, place: string): Promise<void> {
  const host = new URL(url).hostname.replace(/^\[|\]$/g, "");
  const found = await lookup(host, { all: true }).catch(() => {
    throw new ChannelError("unavailable", `${place}: there is no such host just now`);
  });
  for (const { address, family } of found)
    if (inside.check(address, family === 6 ? "ipv6" : "ipv4"))
      throw new ChannelError("refused", `${place} is not an address on the open internet`);
}

/** The answer's JSON. An error page, an empty body or half a body is `unreadable`. */
export function jsonOf(answer: Answer): unknown {
  const type = answer.headers.get("content-type") ?? "";
  if (!/\bjson\b/i.test(type)) throw new ChannelError("unreadable", `expected JSON, got ${type || "no content type"}`);
  try {
    return JSON.parse(answer.text);
  } catch (error) {
    if (error instanceof SyntaxError) throw new ChannelError("unreadable", "expected JSON, got something else");
    throw error;
  }
}

/** Retry-After in milliseconds: whole seconds or an HTTP date; null where there is none or it says nothing sensible. */
export function retryAfterOf(headers: Headers, clock: () => number): number | null {
  const value = headers.get("retry-after")?.trim();
  if (value === undefined || value === "") return null;
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1000;
  const at = Date.parse(value);
  return Number.isNaN(at) ? null : Math.max(0, at - clock());
}

/**
 * How long to wait before try `attempt` (0 is the first repeat): a random part of a span that doubles up to `capMs`. The whole
 * span is random, so that many workers that failed together do not come back together.
 */
export function fullJitterMs(attempt: number, random: () => number, baseMs = 1_000, capMs = 900_000): number {
  return Math.floor(random() * Math.min(capMs, baseMs * 2 ** Math.min(attempt, 30)));
}

export type Bucket = Readonly<{ take: (signal: AbortSignal) => Promise<void> }>;

/**
 * A token bucket: `capacity` calls at once, then `perSecond`. Calls are served in the order in which they came. Kept by
 * connection, so that one busy shop does not slow another.
 */
export function tokenBucket(
  options: Readonly<{ capacity: number; perSecond: number; clock?: () => number; sleep?: Sleep }>,
): Bucket {
  const { capacity, perSecond, clock = Date.now, sleep = sleepFor } = options;
  const spacingMs = 1000 / perSecond;
  // When the bucket would be full again if nobody called any more: that much ahead of now is used up.
  let fullAt = Number.NEGATIVE_INFINITY;
  return {
    take: async (signal) => {
      signal.throwIfAborted();
      const now = clock();
      fullAt = Math.max(fullAt, now) + spacingMs;
      const waitMs = fullAt - now - capacity * spacingMs;
      if (waitMs > 0) await sleep(waitMs, signal);
    },
  };
}

/** One bucket for each connection, made when first asked for. */
export function bucketsByConnection(make: () => Bucket): (connection: string) => Bucket {
  const buckets = new Map<string, Bucket>();
  return (connection) => {
    const known = buckets.get(connection);
    if (known !== undefined) return known;
    const made = make();
    buckets.set(connection, made);
    return made;
  };
}

export type Sleep = (ms: number, signal: AbortSignal) => Promise<void>;

/** Waits; stops waiting with the signal's reason. */
export const sleepFor: Sleep = (ms, signal) =>
  new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const stop = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", stop);
      resolve();
    }, ms);
    signal.addEventListener("abort", stop, { once: true });
  });

async function limited(response: Response, maxBytes: number, place: string): Promise<Buffer> {
  if (response.body === null) return Buffer.alloc(0);
  const parts: Uint8Array[] = [];
  let size = 0;
  const reader = response.body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value.byteLength;
    if (size > maxBytes) {
      await reader.cancel();
      throw new ChannelError("unreadable", `${place}: the answer is larger than ${maxBytes} bytes`);
    }
    parts.push(value);
  }
  return Buffer.concat(parts);
}

function failureOf(response: Response, place: string, clock: () => number): ChannelError {
  const { status } = response;
  const wait = retryAfterOf(response.headers, clock);
  const message = `${place} answered ${status}`;
  if (status === 429) return new ChannelError("throttled", message, wait);
  if (status === 401 || status === 403) return new ChannelError("disconnected", message);
  // 408 and 425 are about this try, not about the request.
  if (status >= 500 || status === 408 || status === 425) return new ChannelError("unavailable", message, wait);
  return new ChannelError("refused", message);
}

function whereOf(url: string): string {
  const { host, pathname } = new URL(url);
  return `${host}${pathname}`;
}
