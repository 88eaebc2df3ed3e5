import { Writable } from "node:stream";
import { DrizzleQueryError } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import { makeLog } from "../../lib/system/log";

const canary = "c4nary-a8f3";

/** What one call to the log writes. */
function written(work: (log: ReturnType<typeof makeLog>) => void): string {
  let text = "";
  const to = new Writable({
    write(chunk, _encoding, done) {
      text += String(chunk);
      done();
    },
  });
  work(makeLog("trace", to));
  return text;
}

describe("the log hides secrets", () => {
  it.each([
    ["a password", { password: canary }],
    ["a hash of one", { user: { passwordHash: canary } }],
    ["a token, deep down", { a: { b: { c: [{ accessToken: canary }] } } }],
    ["a refresh token in snake case", { refresh_token: canary }],
    ["a client's secret", { clientSecret: canary }],
    ["headers", { headers: { Authorization: canary, cookie: canary, "set-cookie": canary } }],
    ["credentials, whole", { credentials: { shop: "alder", key: canary } }],
    ["an API key", { apiKey: canary }],
    ["an address with a token", { url: `https://shop.example/cb?shop=a&access_token=${canary}&x=1` }],
    ["an address with a login", { url: `postgres://lotbook:${canary}@db.example/lotbook` }],
    ["a bearer in text", { note: `sent Bearer ${canary}` }],
    ["an OAuth code in text", { note: `GET /return?code=${canary}&state=1` }],
    ["JSON in text", { body: `{"refresh_token":"${canary}","ok":true}` }],
  ])("in %s", (_name, fields) => {
    const line = written((log) => log.info(fields, "something happened"));
    expect(line).not.toContain(canary);
    expect(line).toContain("[hidden]");
    expect(JSON.parse(line).msg).toBe("something happened");
  });

  it("in the message itself", () => {
    expect(written((log) => log.warn(`failed at https://x.example/?token=${canary}`))).not.toContain(canary);
  });

  it("in a database error, whose text holds the parameters of its query", () => {
    const cause = Object.assign(new Error("duplicate key"), {
      code: "23505",
      detail: `Key (hash)=(${canary}) exists`,
      parameters: [canary],
    });
    const error = new DrizzleQueryError("insert into app.user_passwords values ($1)", [canary], cause);
    expect(error.message).toContain(canary);
    const line = written((log) => log.error({ err: error }, "a page failed"));
    expect(line).not.toContain(canary);
    expect(JSON.parse(line).err).toMatchObject({ cause: { code: "23505", message: "duplicate key" } });
  });
});

it("keeps what is no secret, each event on one line, whatever a client sends", () => {
  const line = written((log) => log.info({ userId: "u1", agent: 'a\r\n{"level":"fatal"}', amount: 12_00n }, "seen"));
  expect(line.trimEnd().split("\n")).toHaveLength(1);
  expect(JSON.parse(line)).toMatchObject({ level: "info", userId: "u1", amount: "1200", msg: "seen" });
});
