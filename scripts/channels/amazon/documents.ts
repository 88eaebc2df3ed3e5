/**
 * Where report documents lie: not Amazon's API but an address of its own, signed for five minutes, which asks for no token and gives its
 * text packed or plain. A server beside the API's, since what it gives is no JSON and may be no text.
 */
import { createHash, randomBytes } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";

const livesMs = 5 * 60_000;

export type Documents = Readonly<{
  /** An address for a text. `isTold`: the answer itself says that it is packed, so that a client unpacks it. */
  address: (text: string, packing: Readonly<{ isPacked: boolean; isTold: boolean }>) => string;
  close: () => Promise<void>;
}>;

export async function documents(clock: () => number): Promise<Documents> {
  const secret = randomBytes(16).toString("hex");
  const held = new Map<string, { bytes: Buffer; encoding: string | null }>();
  const signature = (key: string, until: string) =>
    createHash("sha256").update(`${secret}/${key}/${until}`).digest("hex");
  const server = createServer((message, response) => {
    const url = new URL(message.url ?? "/", "http://127.0.0.1");
    const [key, until] = [url.pathname.slice(1), url.searchParams.get("X-Amz-Expires") ?? ""];
    const found = held.get(key);
    if (
      found === undefined ||
      url.searchParams.get("X-Amz-Signature") !== signature(key, until) ||
      Number(until) < clock()
    ) {
      response.writeHead(403, { "content-type": "application/xml" });
      response.end("<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>");
      return;
    }
    response.writeHead(200, {
      "content-type": "text/plain; charset=utf-8",
      "content-length": String(found.bytes.byteLength),
      ...(found.encoding === null ? {} : { "content-encoding": found.encoding }),
    });
    response.end(found.bytes);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    address: (text, { isPacked, isTold }) => {
      const key = createHash("sha256").update(`${text}/${isPacked}/${isTold}`).digest("hex");
      const bytes = Buffer.from(text, "utf8");
      held.set(key, { bytes: isPacked ? gzipSync(bytes) : bytes, encoding: isPacked && isTold ? "gzip" : null });
      const until = String(clock() + livesMs);
      return `http://127.0.0.1:${port}/${key}?X-Amz-Expires=${until}&X-Amz-Signature=${signature(key, until)}`;
    },
    close: () =>
      new Promise<void>((resolve, reject) => {
        server.close((error) => (error === undefined ? resolve() : reject(error)));
        server.closeAllConnections();
      }),
  };
}
