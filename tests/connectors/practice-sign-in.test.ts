/** Signing in to Practice Market: what the page asks, what comes back, and what is refused. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Connector } from "../../integrations/connector";
import { challengeOf, newSignIn } from "../../integrations/oauth";
import { clientOf } from "../../integrations/practice/client";
import { type Practice, startPractice } from "../../integrations/practice/server/index";
import { ChannelError } from "../../lib/core/errors";
import { connectorOf, decide, redirectUri, signIn } from "./practice-support";

let server: Practice;
let connector: Connector;
const client = clientOf(process.env);
beforeEach(async () => {
  server = await startPractice({ port: 0, today: "2026-03-31", orders: 50 });
  connector = connectorOf(server.url);
});
afterEach(() => server.close());

const oauthOf = (from: Connector) => {
  if (from.oauth === undefined) throw new Error("no sign-in");
  return from.oauth;
};
async function failureOf(work: Promise<unknown>): Promise<string | null> {
  return work.then(
    () => null,
    (error: unknown) => (error instanceof ChannelError ? error.failure : String(error)),
  );
}

it("makes states and verifiers of 256 bits that never repeat, and the challenge of RFC 7636", () => {
  const made = Array.from({ length: 50 }, newSignIn);
  expect(new Set(made.flatMap(({ state, verifier }) => [state, verifier])).size).toBe(100);
  for (const { state, verifier, challenge } of made) {
    expect(state).toMatch(/^[\w-]{43}$/);
    expect(verifier).toMatch(/^[\w-]{43}$/);
    expect(challenge).toBe(challengeOf(verifier));
  }
  expect(challengeOf("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")).toBe(
    "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
  );
});

describe("the page", () => {
  it("asks in plain words and sends back code and state where the person allows it", async () => {
    const { state, challenge } = newSignIn();
    const page = await (
      await fetch(oauthOf(connector).authorizeUrl({ redirectUri, state, challenge, answers: {} }))
    ).text();
    expect(page).toContain("Allow Lotbook to read Practice Market?");
    expect(page).toMatch(/<button name="decision" value="allow">Allow<\/button>/);
    const { back, state: sent } = await decide(connector, "allow");
    expect(back.href.startsWith(redirectUri)).toBe(true);
    expect(back.searchParams.get("state")).toBe(sent);
    expect(back.searchParams.get("code")).toMatch(/^pmc_/);
  });

  it("sends back access_denied where the person does not", async () => {
    const { back, state } = await decide(connector, "deny");
    expect(Object.fromEntries(back.searchParams)).toEqual({ error: "access_denied", state });
  });

  it("sends nobody to an address that is not registered, nor for a client that is not known", async () => {
    const good = oauthOf(connector).authorizeUrl({ redirectUri, ...newSignIn(), answers: {} });
    const wrong: readonly (readonly [string, string])[] = [
      ["redirect_uri", "https://evil.example/api/steal"],
      ["redirect_uri", "javascript:alert(1)//api/channels/practice/return"],
      ["redirect_uri", "not an address"],
      ["client_id", "somebody"],
    ];
    for (const [name, value] of wrong) {
      const url = new URL(good);
      url.searchParams.set(name, value);
      const answer = await fetch(url, { redirect: "manual" });
      expect([answer.status, answer.headers.get("location")]).toEqual([400, null]);
    }
  });

  it("takes no sign-in without PKCE by S256", async () => {
    const url = new URL(oauthOf(connector).authorizeUrl({ redirectUri, ...newSignIn(), answers: {} }));
    url.searchParams.set("code_challenge_method", "plain");
    const answer = await fetch(url, { redirect: "manual" });
    expect(new URL(answer.headers.get("location") ?? "about:blank").searchParams.get("error")).toBe("invalid_request");
  });

  it("shows what it was given as text, never as markup", async () => {
    const url = new URL(oauthOf(connector).authorizeUrl({ redirectUri, ...newSignIn(), answers: {} }));
    url.searchParams.set("state", `"><script>alert(1)</script>`);
    const page = await (await fetch(url)).text();
    expect(page).not.toContain("<script>");
    expect(page).toContain("&quot;&gt;&lt;script&gt;");
  });
});

describe("a code", () => {
  it("gives credentials that say whose shop it is", async () => {
    const credentials = JSON.parse(await signIn(connector)) as Record<string, unknown>;
    expect(credentials.shop).toEqual({ id: "shop_7", name: "Alder Street Goods" });
    expect(Number(credentials.expiresAtMs) - Number(credentials.issuedAtMs)).toBe(3_600_000);
  });

  it("works once, with the verifier and the address that it was asked with", async () => {
    const exchange = oauthOf(connector).exchange;
    const signal = AbortSignal.timeout(5_000);
    const code = (back: URL) => back.searchParams.get("code") ?? "";
    const first = await decide(connector, "allow");
    await exchange({
      code: code(first.back),
      redirectUri,
      verifier: first.verifier,
      answers: {},
      returned: {},
      signal,
    });
    expect(
      await failureOf(
        exchange({ code: code(first.back), redirectUri, verifier: first.verifier, answers: {}, returned: {}, signal }),
      ),
    ).toBe("disconnected");
    const second = await decide(connector, "allow");
    expect(
      await failureOf(
        exchange({ code: code(second.back), redirectUri, verifier: first.verifier, answers: {}, returned: {}, signal }),
      ),
    ).toBe("disconnected");
    const third = await decide(connector, "allow");
    const elsewhere = `${redirectUri}?other=1`;
    expect(
      await failureOf(
        exchange({
          code: code(third.back),
          redirectUri: elsewhere,
          verifier: third.verifier,
          answers: {},
          returned: {},
          signal,
        }),
      ),
    ).toBe("disconnected");
  });

  it("is refused to a client with another secret", async () => {
    const { back, verifier } = await decide(connector, "allow");
    const form = {
      grant_type: "authorization_code",
      code: back.searchParams.get("code") ?? "",
      redirect_uri: redirectUri,
      code_verifier: verifier,
    };
    const body = new URLSearchParams({ ...form, client_id: client.id, client_secret: "guess" });
    const answer = await fetch(`${server.url}/oauth/token`, { method: "POST", body });
    expect([answer.status, await answer.json()]).toEqual([401, { error: "invalid_client" }]);
  });
});

it("ends at revocation: both tokens are worth nothing", async () => {
  const credentials = await signIn(connector);
  const { refreshToken, accessToken } = JSON.parse(credentials) as { refreshToken: string; accessToken: string };
  const own = { client_id: client.id, client_secret: client.secret };
  await fetch(`${server.url}/oauth/revoke`, {
    method: "POST",
    body: new URLSearchParams({ ...own, token: refreshToken }),
  });
  const read = await fetch(`${server.url}/v1/orders`, { headers: { authorization: `Bearer ${accessToken}` } });
  expect(read.status).toBe(401);
  const form = { ...own, grant_type: "refresh_token", refresh_token: refreshToken };
  const refresh = await fetch(`${server.url}/oauth/token`, { method: "POST", body: new URLSearchParams(form) });
  expect(await refresh.json()).toEqual({ error: "invalid_grant" });
});
