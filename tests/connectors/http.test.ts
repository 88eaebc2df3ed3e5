/** The one way that connectors talk to channels: every answer, and every lack of one, becomes one of a few things. */
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import {
  bucketsByConnection,
  fullJitterMs,
  jsonOf,
  request,
  retryAfterOf,
  sleepFor,
  tokenBucket,
} from "../../integrations/http";
import { ChannelError } from "../../lib/core/errors";

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0))
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
});
async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/path?secret=hush`;
}
const signal = new AbortController().signal;
async function failureOf(work: Promise<unknown>): Promise<ChannelError> {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(ChannelError);
  return error as ChannelError;
}

describe("a request", () => {
  it("gives status, headers and the whole body", async () => {
    const url = await serve((message, response) => {
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ method: message.method, own: message.headers["x-own"], ä: "ü" }));
    });
    const answer = await request(url, { signal, method: "POST", body: "x", headers: { "x-own": "1" } });
    expect([answer.status, jsonOf(answer)]).toEqual([200, { method: "POST", own: "1", ä: "ü" }]);
  });

  it.each([
    [301, "refused"],
    [302, "refused"],
    [400, "refused"],
    [401, "disconnected"],
    [403, "disconnected"],
    [404, "refused"],
    [408, "unavailable"],
    [422, "refused"],
    [429, "throttled"],
    [500, "unavailable"],
    [502, "unavailable"],
    [503, "unavailable"],
  ] as const)("answered %i is %s, and says host and path only", async (status, failure) => {
    const url = await serve((_message, response) => {
      response.writeHead(status, { location: "https://elsewhere.example/", "retry-after": "7" }).end("no");
    });
    const error = await failureOf(request(url, { signal }));
    expect(error.failure).toBe(failure);
    expect(error.retryAfterMs).toBe(failure === "throttled" || failure === "unavailable" ? 7_000 : null);
    expect(error.message).not.toContain("hush");
  });

  it("follows no redirect, even to itself", async () => {
    let calls = 0;
    const url = await serve((_message, response) => {
      calls += 1;
      response.writeHead(307, { location: "/other" }).end();
    });
    await failureOf(request(url, { signal }));
    expect(calls).toBe(1);
  });

  it("is refused where a name that a person typed leads into our own network, and asks nothing there", async () => {
    let calls = 0;
    const url = await serve((_message, response) => {
      calls += 1;
      response.end("{}");
    });
    for (const host of ["127.0.0.1", "localhost"]) {
      const error = await failureOf(request(url.replace("127.0.0.1", host), { signal, publicOnly: true }));
      expect([host, error.failure]).toEqual([host, "refused"]);
    }
    for (const inside of ["https://10.1.2.3/x", "https://169.254.169.254/latest", "https://[::ffff:10.0.0.1]/x"])
      expect((await failureOf(request(inside, { signal, publicOnly: true }))).failure, inside).toBe("refused");
    expect(calls).toBe(0);
    expect((await request(url, { signal })).status).toBe(200);
  });

  it("shows the statuses that were asked for instead of failing", async () => {
    const url = await serve((_message, response) => response.writeHead(410).end("gone"));
    expect(await request(url, { signal, accept: [410] })).toMatchObject({ status: 410, text: "gone" });
  });

  it("is unavailable after its time, whether nothing comes or it never ends", async () => {
    const silent = await serve(() => undefined);
    expect((await failureOf(request(silent, { signal, timeoutMs: 60 }))).failure).toBe("unavailable");
    const endless = await serve((_message, response) => {
      response.write("{");
    });
    expect((await failureOf(request(endless, { signal, timeoutMs: 60 }))).failure).toBe("unavailable");
  });

  it("is unreadable where more comes than may, and stops taking it", async () => {
    let sent = 0;
    const url = await serve((_message, response) => {
      const more = () => {
        if (response.destroyed) return;
        sent += 65_536;
        response.write(Buffer.alloc(65_536), more);
      };
      more();
    });
    expect((await failureOf(request(url, { signal, maxBytes: 100_000 }))).failure).toBe("unreadable");
    expect(sent).toBeLessThan(50_000_000);
  });

  it("is unavailable where nobody is, or the line is cut", async () => {
    const cut = await serve((_message, response) => {
      response.writeHead(200, { "content-length": "100" });
      response.write("half", () => response.destroy());
    });
    expect((await failureOf(request(cut, { signal }))).failure).toBe("unavailable");
    expect((await failureOf(request("http://127.0.0.1:9/", { signal }))).failure).toBe("unavailable");
  });

  it("ends with the caller's own reason where the caller stops it", async () => {
    const url = await serve(() => undefined);
    const stop = new AbortController();
    const reason = new Error("shutting down");
    const waiting = request(url, { signal: stop.signal });
    setTimeout(() => stop.abort(reason), 20);
    await expect(waiting).rejects.toBe(reason);
  });
});

describe("JSON", () => {
  const answer = (type: string, text: string) => ({
    status: 200,
    headers: new Headers({ "content-type": type }),
    text,
  });
  it("is read where it is JSON", () => {
    expect(jsonOf(answer("application/json; charset=utf-8", "[1]"))).toEqual([1]);
    expect(jsonOf(answer("application/problem+json", "{}"))).toEqual({});
  });
  it("is unreadable where it is a page, half of it, or nothing", () => {
    for (const [type, text] of [
      ["text/html", "<p>sorry"],
      ["text/html", "{}"],
      ["application/json", "{"],
      ["application/json", ""],
    ] as const)
      expect(() => jsonOf(answer(type, text))).toThrow(ChannelError);
  });
});

describe("Retry-After", () => {
  const waitOf = (value: string) =>
    retryAfterOf(new Headers({ "retry-after": value }), () => Date.parse("2026-03-31T12:00:00Z"));
  it("is seconds or a date", () => {
    expect(waitOf("120")).toBe(120_000);
    expect(waitOf("Tue, 31 Mar 2026 12:00:30 GMT")).toBe(30_000);
    expect(waitOf("Tue, 31 Mar 2026 11:00:00 GMT")).toBe(0);
  });
  it("says nothing where it is missing or nonsense", () => {
    expect(retryAfterOf(new Headers(), Date.now)).toBeNull();
    for (const value of ["soon", "", "1e9999"]) expect(waitOf(value)).toBeNull();
  });
});

describe("a token bucket", () => {
  it("lets a burst through and then one after the other, in the order of asking", async () => {
    let now = 1_000;
    const waits: number[] = [];
    const bucket = tokenBucket({
      capacity: 3,
      perSecond: 10,
      clock: () => now,
      sleep: (ms) => {
        waits.push(ms);
        return Promise.resolve();
      },
    });
    for (let i = 0; i < 5; i += 1) await bucket.take(signal);
    expect(waits).toEqual([100, 200]);
    now += 200;
    await bucket.take(signal);
    expect(waits).toEqual([100, 200, 100]);
    now += 60_000;
    for (let i = 0; i < 3; i += 1) await bucket.take(signal);
    expect(waits).toHaveLength(3);
  });

  it("is one for each connection", () => {
    const bucketOf = bucketsByConnection(() => tokenBucket({ capacity: 1, perSecond: 1 }));
    expect(bucketOf("a")).toBe(bucketOf("a"));
    expect(bucketOf("a")).not.toBe(bucketOf("b"));
  });

  it("stops waiting when it is told to", async () => {
    const stop = new AbortController();
    const reason = new Error("enough");
    const waiting = sleepFor(60_000, stop.signal);
    stop.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    await expect(sleepFor(1, stop.signal)).rejects.toBe(reason);
  });
});

it("backs off by a random part of a span that doubles up to its cap", () => {
  expect([0, 1, 2, 5, 20, 500].map((attempt) => fullJitterMs(attempt, () => 0.999_999))).toEqual([
    999, 1_999, 3_999, 31_999, 899_999, 899_999,
  ]);
  expect(fullJitterMs(5, () => 0)).toBe(0);
});
