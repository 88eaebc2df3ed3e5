/**
 * A long history by Shopify's bulk operation: asked for once, put together there in the background, and read as a file of lines, an object
 * a line, part by part. The cursor says where we are: that it is to be asked for, which operation is waited for, or the byte at which the
 * next order begins. So whoever takes over goes on there, and nothing holds more of the file than a part.
 *
 * Whatever does not go as it should ends in asking once more or in plain pages, which give the same documents: what came twice adds
 * nothing. What a failed operation has so far is not read, since nobody says which orders it lacks.
 */
import { z } from "zod";
import { ChannelError } from "../../lib/core/errors";
import { type Download, download, type RequestOptions, type Sleep } from "../http";
import { bulkOrders, queries } from "./queries";
import type { Send } from "./whole";

const tries = z.int().min(0).max(9);
export const BulkPlace = z.discriminatedUnion("step", [
  /** `not`: the operation that came to nothing. */
  z.strictObject({ step: z.literal("ask"), tries, not: z.string().nullable() }),
  z.strictObject({ step: z.literal("wait"), tries, id: z.string(), askedAt: z.iso.datetime() }),
  /** `at` is the byte at which the next order begins, `orders` how many came before it. */
  z.strictObject({ step: z.literal("read"), tries, id: z.string(), at: z.int().min(0), orders: z.int().min(0) }),
]);
export type BulkPlace = z.infer<typeof BulkPlace>;

/** From so many orders on: fewer are here by plain pages before an operation has begun. */
export const bulkFrom = 250;

export type Bulk = Readonly<{
  /** Which orders, as Shopify's search has it; null: all. */
  filter: string | null;
  /** The instant that the pass began. */
  startedAt: string;
  send: Send;
  /** What is sent along with each reading of the file: where it may lie, and until when it is waited for. */
  reading: Pick<RequestOptions, "signal" | "publicOnly">;
  clock: () => number;
  sleep: Sleep;
}>;
/** Orders as a plain page lists them, with all that hangs on them; then where to go on: null at the end, "pages" where plain pages do. */
export type BulkRead = Readonly<{
  nodes: readonly unknown[];
  next: BulkPlace | "pages" | null;
  /** How many orders of the file follow. */
  left?: number;
}>;

const Started = z.object({
  bulkOperationRunQuery: z.object({
    bulkOperation: z.object({ id: z.string().min(1) }).nullable(),
    userErrors: z.array(z.object({ code: z.string().nullable(), message: z.string() })),
  }),
});
const Recent = z.object({
  bulkOperations: z.object({
    nodes: z.array(
      z.object({
        id: z.string().min(1),
        status: z.string(),
        createdAt: z.iso.datetime({ offset: true }),
        query: z.string(),
      }),
    ),
  }),
});
const whole = z.union([z.string().regex(/^\d{1,15}$/), z.int().min(0)]).transform(Number);
const Operation = z.object({
  id: z.string(),
  status: z.string(),
  objectCount: whole,
  rootObjectCount: whole,
  url: z.url().nullable(),
});
type Operation = z.infer<typeof Operation>;
const Asked = z.object({ bulkOperation: Operation.nullable() });
const Counted = z.object({ ordersCount: z.object({ count: z.int().min(0) }).nullable() });

const aMinute = 60_000;
/** An operation that another worker of ours asked for in this pass is taken up; their clock and ours may differ by so much. */
const clocksDiffer = 10 * aMinute;
/** For so long another operation is waited for, then plain pages are as fast. */
const busyFor = 30 * aMinute;
/** What takes longer is believed to hang. */
const longest = 12 * 60 * aMinute;
const mostTries = 2;
/** How long an answer is waited for at once; then the worker does something else for a while. */
const looksAfter = [100, 300, 600, 1_000, 1_000] as const;
const looksAgainMs = 10_000;

const pages: BulkRead = { nodes: [], next: "pages" };
const goOn = (next: BulkPlace): BulkRead => ({ nodes: [], next });

function shaped<T>(shape: z.ZodType<T>, value: unknown): T {
  const parsed = shape.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new ChannelError("unreadable", "Shopify's answer about a bulk operation has another shape");
}

/** How many orders there are; null where Shopify does not say. */
export async function countOrders(filter: string | null, send: Send): Promise<number | null> {
  const answer = await unlessRefused(() => send(queries.ordersCount, { filter }));
  return answer === null ? null : (shaped(Counted, answer).ordersCount?.count ?? null);
}

/** The next part of the history. */
export async function readBulk(place: BulkPlace, bulk: Bulk): Promise<BulkRead> {
  switch (place.step) {
    case "ask":
      return asked(place, bulk);
    case "wait":
      return waited(place, bulk);
    case "read":
      return read(place, bulk);
  }
}

/** What Shopify does not let us do is done another way; all else is thrown on. */
async function unlessRefused<T>(work: () => Promise<T>): Promise<T | null> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ChannelError && error.failure === "refused") return null;
    throw error;
  }
}

async function asked(place: Extract<BulkPlace, { step: "ask" }>, bulk: Bulk): Promise<BulkRead> {
  const query = bulkOrders(bulk.filter);
  const askedAt = new Date(bulk.clock()).toISOString();
  const wait = (id: string) => goOn({ step: "wait", tries: place.tries, id, askedAt });
  const recent = await unlessRefused(() => bulk.send(queries.recentBulks, {}));
  if (recent === null) return pages;
  // Who was stopped after asking and before writing that down has an operation that runs: asking again would make another.
  const since = Date.parse(bulk.startedAt) - clocksDiffer;
  const ours = shaped(Recent, recent).bulkOperations.nodes.find(
    ({ id, status, createdAt, query: theirs }) =>
      id !== place.not &&
      /^(CREATED|RUNNING|COMPLETED)$/.test(status) &&
      Date.parse(createdAt) >= since &&
      sameText(theirs, query),
  );
  if (ours !== undefined) return wait(ours.id);
  const answer = await unlessRefused(() => bulk.send(queries.runBulk, { query }));
  if (answer === null) return pages;
  const { bulkOperation, userErrors } = shaped(Started, answer).bulkOperationRunQuery;
  if (bulkOperation !== null && userErrors.length === 0) return wait(bulkOperation.id);
  const isBusy = userErrors.some(({ code }) => code === "OPERATION_IN_PROGRESS" || code === "LIMIT_REACHED");
  if (!isBusy || bulk.clock() - Date.parse(bulk.startedAt) > busyFor) return pages;
  throw new ChannelError("throttled", "Shopify is busy with another export of this shop", 2 * looksAgainMs);
}

const sameText = (a: string, b: string): boolean => a.replace(/\s+/g, " ").trim() === b.replace(/\s+/g, " ").trim();

async function operationOf(id: string, bulk: Bulk): Promise<Operation | null> {
  return shaped(Asked, await bulk.send(queries.bulk, { id })).bulkOperation;
}

/** Once more from the beginning, and after that by pages. */
function again(place: Readonly<{ tries: number; id: string }>): BulkRead {
  return place.tries + 1 < mostTries ? goOn({ step: "ask", tries: place.tries + 1, not: place.id }) : pages;
}

async function waited(place: Extract<BulkPlace, { step: "wait" }>, bulk: Bulk): Promise<BulkRead> {
  for (const pause of [...looksAfter, null]) {
    const operation = await operationOf(place.id, bulk);
    switch (operation?.status) {
      case "COMPLETED":
        if (operation.url !== null) return goOn({ step: "read", tries: place.tries, id: place.id, at: 0, orders: 0 });
        return operation.objectCount === 0 ? { nodes: [], next: null } : again(place);
      case "CREATED":
      case "RUNNING":
        break;
      case "CANCELING":
      case "CANCELED":
        // Somebody does not want it: they are not asked again.
        return pages;
      default:
        // FAILED, EXPIRED, or not there any more.
        return again(place);
    }
    if (bulk.clock() - Date.parse(place.askedAt) > longest) return pages;
    if (pause === null) {
      const so = operation.rootObjectCount;
      throw new ChannelError(
        "throttled",
        `Shopify is putting the history together${so === 0 ? "" : `, ${so} orders so far`}`,
        looksAgainMs,
      );
    }
    await bulk.sleep(pause, bulk.reading.signal);
  }
  return pages;
}

/** Of the file at once; an order that is longer is read with more. */
const partBytes = 512 * 1024;
const mostBytes = 32 * 1024 * 1024;
/** What the storage says of an address that is over, or of a file that is gone. */
const gone = [400, 401, 403, 404, 410];

async function read(place: Extract<BulkPlace, { step: "read" }>, bulk: Bulk): Promise<BulkRead> {
  // Its address is asked for each time: it ends, and it is a key that is not to lie about in a cursor.
  const operation = await operationOf(place.id, bulk);
  if (operation?.status !== "COMPLETED" || operation.url === null) return again(place);
  if (bulk.reading.publicOnly === true && !operation.url.startsWith("https://")) return pages;
  for (let size = partBytes; size <= mostBytes; size *= 4) {
    const part = await partOf(operation.url, place.at, size, bulk);
    if (part === "gone") return again(place);
    if (part === "whole") return pages;
    const found = ordersIn(part.bytes, place.at, part.isLast);
    if (found === null) return pages;
    if (found.nodes.length === 0 && !part.isLast) continue;
    const orders = place.orders + found.nodes.length;
    const left = Math.max(0, operation.rootObjectCount - orders);
    if (!part.isLast) return { nodes: found.nodes, next: { ...place, at: found.end, orders }, left };
    // The file's last lines may be missing; Shopify says how many orders it put there.
    return { nodes: found.nodes, next: orders < operation.rootObjectCount ? "pages" : null };
  }
  return pages;
}

type Part = Readonly<{ bytes: Buffer; isLast: boolean }>;

async function partOf(url: string, from: number, size: number, bulk: Bulk): Promise<Part | "gone" | "whole"> {
  let answer: Download;
  try {
    answer = await download(url, {
      ...bulk.reading,
      headers: { accept: "*/*", range: `bytes=${from}-${from + size - 1}`, "accept-encoding": "identity" },
      timeoutMs: 60_000,
      maxBytes: mostBytes,
      accept: [...gone, 416],
      clock: bulk.clock,
    });
  } catch (error) {
    // All of a large file, where a part was asked for: reading it anew for each part would never end.
    if (error instanceof ChannelError && error.failure === "unreadable") return "whole";
    throw error;
  }
  if (gone.includes(answer.status)) return "gone";
  if (answer.status === 416) return { bytes: Buffer.alloc(0), isLast: true };
  if (answer.status !== 206) {
    const bytes = answer.bytes.subarray(from, from + size);
    return { bytes, isLast: from + bytes.byteLength >= answer.bytes.byteLength };
  }
  const [, first, all] = /^bytes (\d+)-\d+\/(\d+)$/.exec(answer.headers.get("content-range") ?? "") ?? [];
  if (Number(first) !== from || all === undefined) return "whole";
  return { bytes: answer.bytes, isLast: from + answer.bytes.byteLength >= Number(all) };
}

const Line = z.looseObject({ id: z.string().optional(), __parentId: z.string().optional() });
const newline = 0x0a;

/**
 * The orders that lie in a part as a whole, with what hangs on them, and the byte after the last of them. What follows an order belongs to
 * it as long as it says so; null where something does not, or is no line: the file is not what was asked for.
 */
export function ordersIn(
  bytes: Buffer,
  from: number,
  isLast: boolean,
): Readonly<{ nodes: readonly unknown[]; end: number }> | null {
  const nodes: unknown[] = [];
  let open: Readonly<{ id: string; own: object; lines: unknown[]; shipping: unknown[] }> | null = null;
  let openedAt = 0;
  const close = () => {
    if (open !== null) nodes.push({ ...open.own, lineItems: listed(open.lines), shippingLines: listed(open.shipping) });
    open = null;
  };
  for (let start = 0; start < bytes.byteLength; ) {
    const found = bytes.indexOf(newline, start);
    if (found === -1 && !isLast) break;
    const stop = found === -1 ? bytes.byteLength : found;
    const text = bytes.toString("utf8", start, stop);
    const line = text.trim() === "" ? null : lineOf(text);
    if (line === undefined) return null;
    if (line !== null) {
      const { __parentId: parent, __typename: type, ...own } = line;
      if (parent === undefined) {
        close();
        if (own.id === undefined) return null;
        open = { id: own.id, own, lines: [], shipping: [] };
        openedAt = start;
      } else {
        const into = open as { id: string; lines: unknown[]; shipping: unknown[] } | null;
        if (into === null || into.id !== parent) return null;
        if (type === "LineItem") into.lines.push(own);
        else if (type === "ShippingLine") into.shipping.push(own);
        else return null;
      }
    }
    start = stop + 1;
  }
  if (!isLast) return { nodes, end: from + openedAt };
  close();
  return { nodes, end: from + bytes.byteLength };
}

const listed = (nodes: readonly unknown[]) => ({ nodes, pageInfo: { hasNextPage: false, endCursor: null } });

/** An object; undefined for anything else. */
function lineOf(text: string): z.infer<typeof Line> | undefined {
  try {
    return Line.safeParse(JSON.parse(text)).data;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
