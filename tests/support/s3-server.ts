/** An object store for tests: keeps objects in memory, and takes only requests whose signature (AWS Signature Version 4) is right. */
import { createHash, createHmac } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import { afterAll } from "vitest";

export type ObjectStore = Readonly<{
  url: string;
  objects: Map<string, Buffer>;
  /** Requests that were turned away, with the reason. */
  refused: string[];
}>;

export const storeKeys = { id: "TESTKEY", secret: "test secret/+=", region: "eu-test-1", bucket: "receipts" } as const;

const open: ReturnType<typeof createServer>[] = [];
afterAll(() => Promise.all(open.splice(0).map((server) => new Promise((done) => server.close(done)))));

/** Listens on a free port until the file's last test. */
export async function openObjectStore(): Promise<ObjectStore> {
  const objects = new Map<string, Buffer>();
  const refused: string[] = [];
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const body = Buffer.concat(parts);
    const wrong = wrongSignature(request, body);
    if (wrong !== null) {
      refused.push(wrong);
      response.writeHead(403).end();
      return;
    }
    const url = new URL(request.url ?? "/", "http://store");
    const prefix = `/${storeKeys.bucket}`;
    if (!url.pathname.startsWith(prefix)) {
      response.writeHead(404).end();
      return;
    }
    const key = decodeURIComponent(url.pathname.slice(prefix.length + 1));
    const found = objects.get(key);
    if (request.method === "PUT") {
      try {
        objects.set(key, body);
        response.writeHead(200).end();
      } catch {
        // A test broke it.
        response.writeHead(400).end();
      }
    } else if (request.method === "DELETE") {
      objects.delete(key);
      response.writeHead(204).end();
    } else if (url.searchParams.get("list-type") === "2") {
      const within = [...objects.keys()]
        .filter((one) => one.startsWith(url.searchParams.get("prefix") ?? ""))
        .slice(0, 2);
      const items = within.map((one) => `<Contents><Key>${one}</Key></Contents>`).join("");
      response.writeHead(200).end(`<ListBucketResult>${items}</ListBucketResult>`);
    } else if (found === undefined) response.writeHead(404).end();
    else response.writeHead(200).end(found);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  open.push(server);
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return { url: `http://127.0.0.1:${address.port}`, objects, refused };
}

const hmac = (key: string | Buffer, text: string) => createHmac("sha256", key).update(text).digest();
const sha = (text: string | Buffer) => createHash("sha256").update(text).digest("hex");

/** What is wrong with a request's signature, worked out from the specification; null where it is right. */
function wrongSignature(request: IncomingMessage, body: Buffer): string | null {
  const said =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/.exec(
      request.headers.authorization ?? "",
    );
  if (said === null) return "no signature";
  const [, id = "", day = "", region = "", names = "", signature = ""] = said;
  if (id !== storeKeys.id || region !== storeKeys.region) return "another key or region";
  const url = new URL(request.url ?? "/", "http://store");
  const time = String(request.headers["x-amz-date"]);
  const payload = String(request.headers["x-amz-content-sha256"]);
  if (payload !== "UNSIGNED-PAYLOAD" && payload !== sha(body)) return "another body";
  if (!names.split(";").includes("host")) return "the host is not signed";
  const encode = (text: string) =>
    encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
  const canonical = [
    request.method,
    url.pathname,
    [...url.searchParams]
      .map(([name, value]) => `${encode(name)}=${encode(value)}`)
      .sort()
      .join("&"),
    ...names.split(";").map((name) => `${name}:${String(request.headers[name]).trim().replace(/ +/g, " ")}`),
    "",
    names,
    payload,
  ].join("\n");
  const scope = `${day}/${region}/s3/aws4_request`;
  const key = hmac(hmac(hmac(hmac(`AWS4${storeKeys.secret}`, day), region), "s3"), "aws4_request");
  const right = hmac(key, ["AWS4-HMAC-SHA256", time, scope, sha(canonical)].join("\n")).toString("hex");
  return right === signature ? null : "another signature";
}
