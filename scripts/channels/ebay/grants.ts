/**
 * The local eBay's OAuth: a page that asks, codes, access tokens of two hours, a refresh token that stays the same, tokens of the
 * application's own, and the keys that calls are signed with. The client comes in an Authorization header, as eBay wants it.
 */
import { createPublicKey, generateKeyPairSync, randomBytes } from "node:crypto";
import { type Answer, html, json, type LocalRequest, redirect } from "../kit";
import { seller } from "./bodies";

const accessSeconds = 7_200;
const refreshSeconds = 47_304_000;
const codeLivesMs = 300_000;
const token = (prefix: string): string => `v^1.1#${prefix}#${randomBytes(24).toString("base64url")}`;

export type Client = Readonly<{ id: string; secret: string; ruName: string }>;
/** A key that was made for signing; its public half as PEM. */
type SigningKey = Readonly<{ signingKeyId: string; jwe: string; publicKey: string }>;

export type Grants = Readonly<{
  authorize: (request: LocalRequest, acceptUrl: string) => Answer;
  token: (request: LocalRequest) => Answer;
  makeKey: (request: LocalRequest) => Answer;
  keyOf: (jwe: string) => string | null;
  /** Whose token a call carries: a seller's or the application's; null where it is none or is over. */
  bearer: (request: LocalRequest) => "seller" | "application" | null;
  expire: () => void;
  revoke: () => void;
  refreshes: () => number;
}>;

export function grantsOf(client: Client, clock: () => number): Grants {
  const codes = new Map<string, number>();
  const access = new Map<string, Readonly<{ who: "seller" | "application"; untilMs: number }>>();
  const refresh = new Set<string>();
  const keys = new Map<string, SigningKey>();
  let refreshes = 0;

  function granted(who: "seller" | "application", more: Readonly<Record<string, unknown>>): Answer {
    const accessToken = token(who === "seller" ? "i" : "a");
    access.set(accessToken, { who, untilMs: clock() + accessSeconds * 1000 });
    const type = who === "seller" ? "User Access Token" : "Application Access Token";
    return json(200, { access_token: accessToken, expires_in: accessSeconds, token_type: type, ...more });
  }
  const denied = (error: string, description: string, status = 400): Answer =>
    json(status, { error, error_description: description });

  return {
    authorize: (request, acceptUrl) => {
      const { method, url } = request;
      const fields = method === "POST" ? new URLSearchParams(request.body.toString("utf8")) : url.searchParams;
      if (fields.get("client_id") !== client.id || fields.get("redirect_uri") !== client.ruName)
        return html(400, page("<h1>That did not work</h1><p>The client or the RuName is not a registered one.</p>"));
      const back = new URL(acceptUrl);
      back.searchParams.set("state", fields.get("state") ?? "");
      if (method === "GET") return html(200, consent(url.searchParams, back.host));
      if (fields.get("decision") !== "allow") {
        back.searchParams.set("error", "access_denied");
        return redirect(back);
      }
      const code = token("c");
      codes.set(code, clock() + codeLivesMs);
      back.searchParams.set("code", code);
      back.searchParams.set("expires_in", String(codeLivesMs / 1000));
      return redirect(back);
    },
    token: (request) => {
      const expected = `Basic ${Buffer.from(`${client.id}:${client.secret}`).toString("base64")}`;
      if (request.headers.authorization !== expected)
        return denied("invalid_client", "client authentication failed", 401);
      const form = new URLSearchParams(request.body.toString("utf8"));
      switch (form.get("grant_type")) {
        case "client_credentials":
          return granted("application", {});
        case "refresh_token":
          if (!refresh.has(form.get("refresh_token") ?? ""))
            return denied(
              "invalid_grant",
              "the provided authorization refresh token is invalid or was issued to another client",
            );
          refreshes += 1;
          return granted("seller", {});
        case "authorization_code": {
          const code = form.get("code") ?? "";
          const untilMs = codes.get(code);
          codes.delete(code);
          if (untilMs === undefined || untilMs < clock() || form.get("redirect_uri") !== client.ruName)
            return denied(
              "invalid_grant",
              "the provided authorization grant code is invalid or was issued to another client",
            );
          const refreshToken = token("r");
          refresh.add(refreshToken);
          return granted("seller", { refresh_token: refreshToken, refresh_token_expires_in: refreshSeconds });
        }
        default:
          return denied("unsupported_grant_type", "grant type in request is not supported by the authorization server");
      }
    },
    makeKey: () => {
      const pair = generateKeyPairSync("ed25519");
      const privateKey = pair.privateKey.export({ format: "der", type: "pkcs8" }).toString("base64");
      const publicKey = pair.publicKey.export({ format: "der", type: "spki" }).toString("base64");
      const signingKeyId = randomBytes(16).toString("hex");
      const made: SigningKey = { signingKeyId, jwe: randomBytes(120).toString("base64url"), publicKey };
      keys.set(made.jwe, made);
      const creationTime = Math.floor(clock() / 1000);
      const times = { creationTime, expirationTime: creationTime + 3 * 31_536_000 };
      return json(201, { ...made, signingKeyCipher: "ED25519", privateKey, ...times });
    },
    keyOf: (jwe) => {
      const known = keys.get(jwe);
      if (known === undefined) return null;
      const key = createPublicKey({ key: Buffer.from(known.publicKey, "base64"), format: "der", type: "spki" });
      return key.export({ format: "pem", type: "spki" }).toString();
    },
    bearer: (request) => {
      const held = access.get(/^Bearer (.+)$/.exec(request.headers.authorization ?? "")?.[1] ?? "");
      return held === undefined || held.untilMs <= clock() ? null : held.who;
    },
    expire: () => {
      for (const [key, held] of access) if (held.who === "seller") access.delete(key);
    },
    revoke: () => {
      access.clear();
      refresh.clear();
    },
    refreshes: () => refreshes,
  };
}

const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;").replaceAll("'", "&#39;");

function consent(fields: URLSearchParams, host: string): string {
  const hidden = ["client_id", "redirect_uri", "response_type", "scope", "state"].map(
    (name) => `<input type="hidden" name="${name}" value="${escaped(fields.get(name) ?? "")}">`,
  );
  return page(`<h1>Grant application access: Lotbook</h1>
<p>Signed in as <strong>${seller.username}</strong> at an eBay that runs on this computer.</p>
<p>Lotbook asks to see your orders, your payouts and transactions, and your user name. You go back to ${escaped(host)}.</p>
<form method="post" action="/oauth2/authorize">${hidden.join("")}
<button name="decision" value="deny">Deny</button>
<button name="decision" value="allow">Allow</button>
</form>`);
}

const page = (inside: string): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>A local eBay</title>
<style>body { font: 16px/1.5 system-ui, sans-serif; max-width: 26rem; margin: 3rem auto; padding: 0 1rem; }
button { min-height: 44px; min-width: 8rem; font: inherit; }</style></head>
<body><main>${inside}</main></body></html>
`;
