/** How the practice server takes a request in and gives an answer out. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export type Answer = Readonly<{
  status: number;
  headers: Readonly<Record<string, string>>;
  body: string;
  /** Sent in the place of `body`: a part of a file, which may be cut within a letter. */
  bytes?: Uint8Array;
  /** How long to wait before it is sent. */
  delayMs?: number;
  /** Only half of it is sent; then the connection is cut. */
  isCut?: boolean;
}>;

export function json(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): Answer {
  const own = { "content-type": "application/json; charset=utf-8", "cache-control": "no-store" };
  return { status, headers: { ...own, ...headers }, body: JSON.stringify(value) };
}

export function refused(
  status: number,
  code: string,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  return json(status, { error: { code, message } }, headers);
}

export function html(status: number, body: string): Answer {
  return {
    status,
    headers: {
      "content-type": "text/html; charset=utf-8",
      "cache-control": "no-store",
      "x-frame-options": "DENY",
      "referrer-policy": "no-referrer",
      "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'",
    },
    body,
  };
}

export function redirect(to: URL): Answer {
  return { status: 303, headers: { location: to.href, "cache-control": "no-store" }, body: "" };
}

async function send(response: ServerResponse, answer: Answer): Promise<void> {
  if (answer.delayMs !== undefined) await new Promise((resolve) => setTimeout(resolve, answer.delayMs));
  const body = answer.bytes ?? Buffer.from(answer.body);
  response.writeHead(answer.status, { ...answer.headers, "content-length": String(body.byteLength) });
  if (answer.isCut !== true) {
    response.end(body);
    return;
  }
  response.write(body.subarray(0, Math.floor(body.byteLength / 2)), () => response.destroy());
}

/** At most 100 kB; more is cut off, and then it is no JSON and no form. */
export async function bodyOf(message: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of message) {
    const bytes = Buffer.from(part);
    size += bytes.byteLength;
    if (size > 100_000) break;
    parts.push(bytes);
  }
  return Buffer.concat(parts).toString("utf8");
}

export function isLocal(host: string | undefined): boolean {
  return host !== undefined && /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/.test(host);
}

export type Listening = Readonly<{ url: string; close: () => Promise<void> }>;

/**
 * Listens on 127.0.0.1 only; rejects where the port is taken (0 takes any free one). What `answer` throws is the server's own bug: it is
 * told on the console under `name`, and `broken` is the answer.
 */
export async function listen(
  name: string,
  port: number,
  answer: (message: IncomingMessage) => Promise<Answer>,
  broken: (error: unknown) => Answer,
): Promise<Listening> {
  const server = createServer((message: IncomingMessage, response: ServerResponse) => {
    answer(message)
      .catch((error: unknown) => {
        console.error(`${name}:`, error);
        return broken(error);
      })
      .then((given) => send(response, given))
      .catch((error: unknown) => {
        console.error(`${name}:`, error);
        response.destroy();
      });
  });
  // Longer than any pause between calls of a sync: a connection that is closed just as it is used again looks like a fault.
  server.keepAliveTimeout = 65_000;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      server.removeListener("error", reject);
      resolve();
    });
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise<void>((resolve, reject) => {
        server.close((error) => (error === undefined ? resolve() : reject(error)));
        server.closeAllConnections();
      }),
  };
}
