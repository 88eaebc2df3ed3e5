/**
 * Bulk operations as Shopify does them: a query is taken and answered at once with an operation, which is worked off in the background
 * into a file of lines on disk, and read from an address of its own, whole or in ranges. Nothing holds the file in memory.
 */
import { randomUUID } from "node:crypto";
import { appendFile, mkdtemp, open, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { z } from "zod";
import type { Answer, LocalRequest } from "../kit";
import { type BulkQuery, linesOf, planOf } from "./bulk-plan";
import type { View } from "./view";

const times = z.int().min(0).max(100_000);
/** What can be made to go wrong with bulk operations. Each counts how often it still happens; 0 is off. */
export const BulkFaults = z
  .strictObject({
    /** The next requests are refused, since an operation of another kind is under way. */
    busy: times,
    /** The next requests are refused for good. */
    refuse: times,
    /** The next operations fail halfway, with what they have so far. */
    fail: times,
    /** The next operations are cancelled halfway, by somebody else. */
    cancel: times,
    /** The next operations never end. */
    stall: times,
    /** The next operations end with a file that lacks its last lines. */
    short: times,
    /** The next operations do not keep to `groupObjects`: what belongs to an order comes later in the file. */
    mixed: times,
    /** The next readings find that the file's address is over, and so is the operation from then on. */
    expire: times,
    /** The next readings give the whole file, whichever part was asked for. */
    whole: times,
  })
  .partial();
export type BulkFaultSettings = z.infer<typeof BulkFaults>;
type Fault = keyof BulkFaultSettings;

type Status = "CREATED" | "RUNNING" | "COMPLETED" | "FAILED" | "CANCELED" | "EXPIRED";
type Operation = {
  readonly id: string;
  readonly query: string;
  readonly createdMs: number;
  readonly file: string;
  /** The part of the address that nobody can guess. */
  readonly secret: string;
  status: Status;
  completedMs: number | null;
  objects: number;
  roots: number;
  bytes: number;
};

/** As many as an app may have under way for a shop. */
const mostAtOnce = 5;
const aSlice = 200;

export type Bulk = Readonly<{
  root: Readonly<Record<string, unknown>>;
  /** The answer to a reading of a file; null where the address is no file's. `from` is where the server is. */
  read: (request: LocalRequest) => Promise<Answer | null>;
  faults: (settings: BulkFaultSettings) => void;
  stats: () => Readonly<{ operations: number; readings: number; bytes: number }>;
  close: () => Promise<void>;
}>;

/** `address`: where the server is reached, once it is; files are below it. */
export function bulkOf(view: View, now: () => number, address: () => string): Bulk {
  const operations: Operation[] = [];
  const on = new Map<Fault, number>();
  const count = { readings: 0, bytes: 0 };
  const strikes = (fault: Fault): boolean => {
    const left = on.get(fault) ?? 0;
    on.set(fault, Math.max(0, left - 1));
    return left > 0;
  };
  let folder: Promise<string> | null = null;
  let isClosed = false;
  const working = new Set<Promise<void>>();

  async function work(operation: Operation, query: BulkQuery, isGrouped: boolean): Promise<void> {
    const [stalls, fails, cancels] = [strikes("stall"), strikes("fail"), strikes("cancel")];
    const [isShort, isMixed] = [strikes("short"), strikes("mixed") || !isGrouped];
    folder ??= mkdtemp(path.join(tmpdir(), "local-shopify-"));
    const file = path.join(await folder, operation.file);
    await writeFile(file, "");
    operation.status = "RUNNING";
    if (stalls) return;
    const orders = view.orders(query.filter);
    const end = fails || cancels ? Math.ceil(orders.length / 2) : orders.length;
    for (let from = 0; from < end && !isClosed; from += aSlice) {
      const lines = orders
        .slice(from, Math.min(end, from + aSlice))
        .map((order) => linesOf(query.order, view.order(order)));
      const all = isMixed
        ? [...lines.flatMap(([own = ""]) => own), ...lines.flatMap(([, ...rest]) => rest)]
        : lines.flat();
      const text = `${all.join("\n")}\n`;
      await appendFile(file, text);
      operation.objects += all.length;
      operation.roots += lines.length;
      operation.bytes += Buffer.byteLength(text);
    }
    if (isShort) {
      operation.bytes = Math.floor(operation.bytes * 0.6);
      await truncate(file, operation.bytes);
    }
    operation.completedMs = now();
    operation.status = fails ? "FAILED" : cancels ? "CANCELED" : "COMPLETED";
  }

  function shown(operation: Operation) {
    const url = `${address()}/bulk/${operation.secret}.jsonl`;
    const isDone = operation.status === "COMPLETED";
    return {
      id: operation.id,
      status: operation.status,
      errorCode: operation.status === "FAILED" ? "INTERNAL_SERVER_ERROR" : null,
      type: "QUERY",
      query: operation.query,
      createdAt: new Date(operation.createdMs).toISOString(),
      completedAt: operation.completedMs === null ? null : new Date(operation.completedMs).toISOString(),
      objectCount: String(operation.objects),
      rootObjectCount: String(operation.roots),
      fileSize: isDone ? String(operation.bytes) : null,
      // A file without a line has no address.
      url: isDone && operation.bytes > 0 ? url : null,
      partialDataUrl: operation.status === "FAILED" && operation.bytes > 0 ? url : null,
    };
  }

  const refused = (code: string, message: string) => ({
    bulkOperation: null,
    userErrors: [{ field: ["query"], message, code }],
  });

  return {
    root: {
      bulkOperation: ({ id }: Readonly<{ id: string }>) =>
        operations.filter((each) => each.id === id).map(shown)[0] ?? null,
      bulkOperations: ({ first }: Readonly<{ first?: number | null }>) => {
        const nodes = [...operations].reverse().slice(0, first ?? 50);
        return {
          nodes: nodes.map(shown),
          pageInfo: { hasNextPage: nodes.length < operations.length, endCursor: null },
        };
      },
      bulkOperationRunQuery: ({ query, groupObjects }: Readonly<{ query: string; groupObjects: boolean }>) => {
        const isOpen = ({ status }: Operation) => status === "CREATED" || status === "RUNNING";
        if (strikes("busy"))
          return refused(
            "OPERATION_IN_PROGRESS",
            "A bulk query operation for this app and shop is already in progress.",
          );
        if (operations.filter(isOpen).length >= mostAtOnce)
          return refused("LIMIT_REACHED", "Bulk operations limit reached. Please try again later.");
        if (strikes("refuse")) return refused("INVALID", "Bulk queries cannot be run just now.");
        const plan = planOf(query);
        if (plan.query === null)
          return {
            bulkOperation: null,
            userErrors: plan.wrong.map((message) => ({ field: ["query"], message, code: "INVALID" })),
          };
        const number = 4_400_000_000 + operations.length + 1;
        const made: Operation = {
          id: `gid://shopify/BulkOperation/${number}`,
          query,
          createdMs: now(),
          file: `${number}.jsonl`,
          secret: randomUUID(),
          status: "CREATED",
          completedMs: null,
          objects: 0,
          roots: 0,
          bytes: 0,
        };
        operations.push(made);
        const job = work(made, plan.query, groupObjects)
          .catch((error: unknown) => {
            console.error("Shopify:", error);
            made.status = "FAILED";
          })
          .finally(() => working.delete(job));
        working.add(job);
        return { bulkOperation: shown({ ...made, status: "CREATED" }), userErrors: [] };
      },
    },
    read: async ({ url, headers }) => {
      const [, secret] = /^\/bulk\/([0-9a-f-]+)\.jsonl$/.exec(url.pathname) ?? [];
      const operation = operations.find((each) => each.secret === secret);
      if (secret === undefined || operation === undefined || folder === null) return null;
      count.readings += 1;
      // The file's address is the key to it: who sends the shop's own along gives it to a stranger.
      if (headers["x-shopify-access-token"] !== undefined) throw new Error("a token was sent to where files lie");
      if (strikes("expire")) operation.status = "EXPIRED";
      if (operation.status === "EXPIRED") return over();
      const range = /^bytes=(\d+)-(\d*)$/.exec(headers.range ?? "");
      const isPart = range !== null && !strikes("whole");
      const from = isPart ? Number(range[1]) : 0;
      const to = Math.min(isPart && range[2] !== "" ? Number(range[2]) + 1 : operation.bytes, operation.bytes);
      if (isPart && from >= operation.bytes)
        return { status: 416, headers: { "content-range": `bytes */${operation.bytes}` }, body: "" };
      const bytes = await partOf(path.join(await folder, operation.file), from, to);
      count.bytes += bytes.byteLength;
      const type = { "content-type": "application/jsonl", "accept-ranges": "bytes" };
      return isPart
        ? {
            status: 206,
            headers: { ...type, "content-range": `bytes ${from}-${to - 1}/${operation.bytes}` },
            body: "",
            bytes,
          }
        : { status: 200, headers: type, body: "", bytes };
    },
    faults: (settings) => {
      for (const [name, value] of Object.entries(settings)) on.set(name as Fault, value ?? 0);
    },
    stats: () => ({ operations: operations.length, ...count }),
    close: async () => {
      isClosed = true;
      await Promise.all(working);
      if (folder !== null) await rm(await folder, { recursive: true, force: true });
    },
  };
}

/** As the storage answers that keeps Shopify's files. */
const over = (): Answer => ({
  status: 403,
  headers: { "content-type": "application/xml" },
  body: "<?xml version='1.0'?><Error><Code>ExpiredToken</Code><Message>The provided token has expired.</Message></Error>",
});

async function partOf(file: string, from: number, to: number): Promise<Buffer> {
  const handle = await open(file);
  try {
    const bytes = Buffer.alloc(to - from);
    const { bytesRead } = await handle.read(bytes, 0, bytes.byteLength, from);
    return bytes.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}
