/** Seller Central's consent and Login with Amazon: codes that work once, access tokens of an hour, a refresh token that stays the same. */
import { randomBytes } from "node:crypto";
import { type Answer, html, json, type LocalRequest, redirect } from "../kit";

export type Client = Readonly<{ applicationId: string; id: string; secret: string }>;
type SignIn = Readonly<{
  /** Answers consent and tokens; null for another path. */
  answer: (request: LocalRequest) => Answer | null;
  /** Why an access token is not taken; null where it is good. */
  refuses: (accessToken: string) => "expired" | "unknown" | null;
  expire: () => void;
  revoke: () => void;
  refreshes: () => number;
}>;

const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
const token = (prefix: string): string => `${prefix}|${randomBytes(24).toString("base64url")}`;
const codeLivesMs = 5 * 60_000;
const accessSeconds = 3_600;

export function signIn(client: Client, sellerId: string, clock: () => number): SignIn {
  const codes = new Map<string, { redirectUri: string; untilMs: number }>();
  const access = new Map<string, number>();
  const refresh = new Set<string>();
  let refreshes = 0;

  function consent(method: string, fields: URLSearchParams): Answer {
    const [state, back] = [fields.get("state") ?? "", fields.get("redirect_uri") ?? ""];
    if (fields.get("application_id") !== client.applicationId || state === "" || !URL.canParse(back))
      return html(
        400,
        "<!doctype html><title>MD1000</title><h1>MD1000</h1><p>The application id or the address to go back to is wrong.</p>",
      );
    if (method === "GET") {
      const hidden = ["application_id", "state", "redirect_uri"].map(
        (name) => `<input type="hidden" name="${name}" value="${escaped(fields.get(name) ?? "")}">`,
      );
      return html(
        200,
        `<!doctype html><html lang="en"><title>Authorize Lotbook · local Amazon</title><h1>Authorize Lotbook?</h1>
<p>Lotbook asks to read orders, finances, reports and inventory of seller ${escaped(sellerId)}. This Amazon is on your own computer.</p>
<form method="post" action="/apps/authorize/consent">${hidden.join("")}
<button name="decision" value="deny">Deny</button> <button name="decision" value="allow">Allow</button></form></html>`,
      );
    }
    const to = new URL(back);
    to.searchParams.set("state", state);
    if (fields.get("decision") !== "allow") {
      to.searchParams.set("error", "access_denied");
      return redirect(to);
    }
    const code = randomBytes(12).toString("base64url");
    codes.set(code, { redirectUri: back, untilMs: clock() + codeLivesMs });
    to.searchParams.set("selling_partner_id", sellerId);
    to.searchParams.set("spapi_oauth_code", code);
    return redirect(to);
  }

  function tokens(form: URLSearchParams): Answer {
    const denied = (status: number, error: string, why: string) => json(status, { error, error_description: why });
    if (form.get("client_id") !== client.id || form.get("client_secret") !== client.secret)
      return denied(401, "invalid_client", "Client authentication failed");
    let refreshToken = form.get("refresh_token") ?? "";
    if (form.get("grant_type") === "authorization_code") {
      const code = codes.get(form.get("code") ?? "");
      codes.delete(form.get("code") ?? "");
      if (code === undefined || code.untilMs < clock() || code.redirectUri !== form.get("redirect_uri"))
        return denied(400, "invalid_grant", "The request has an invalid grant parameter : code");
      refreshToken = token("Atzr");
      refresh.add(refreshToken);
    } else if (form.get("grant_type") === "refresh_token") {
      if (!refresh.has(refreshToken))
        return denied(400, "invalid_grant", "The request has an invalid grant parameter : refresh_token");
      refreshes += 1;
    } else return denied(400, "unsupported_grant_type", "The authorization grant type is not supported");
    const accessToken = token("Atza");
    access.set(accessToken, clock() + accessSeconds * 1000);
    return json(200, {
      access_token: accessToken,
      refresh_token: refreshToken,
      token_type: "bearer",
      expires_in: accessSeconds,
    });
  }

  return {
    answer: ({ method, url, body }) => {
      if (url.pathname === "/apps/authorize/consent" && method === "GET") return consent(method, url.searchParams);
      if (url.pathname === "/apps/authorize/consent" && method === "POST")
        return consent(method, new URLSearchParams(body.toString("utf8")));
      if (url.pathname === "/auth/o2/token" && method === "POST")
        return tokens(new URLSearchParams(body.toString("utf8")));
      return null;
    },
    refuses: (accessToken) => {
      const until = access.get(accessToken);
      return until === undefined ? "unknown" : until > clock() ? null : "expired";
    },
    expire: () => {
      for (const known of access.keys()) access.set(known, 0);
    },
    revoke: () => {
      access.clear();
      refresh.clear();
    },
    refreshes: () => refreshes,
  };
}
