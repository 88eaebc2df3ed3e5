/** Square's sign-in by the code flow: a page that asks, and the token endpoint in JSON. The refresh token of this flow stays the same. */
import { randomBytes } from "node:crypto";
import { z } from "zod";
import { type Answer, html, json, type LocalRequest, redirect } from "../kit";

export type SignIn = Readonly<{
  /** null where the call is not about signing in. */
  answer: (request: LocalRequest) => Answer | null;
  check: (authorization: string | undefined) => "good" | "expired" | "unknown";
  expire: () => void;
  revoke: () => void;
  refreshes: () => number;
}>;

const lives = 30 * 86_400_000;
const Asked = z.object({
  client_id: z.string(),
  client_secret: z.string(),
  grant_type: z.enum(["authorization_code", "refresh_token"]),
  code: z.string().optional(),
  redirect_uri: z.string().optional(),
  refresh_token: z.string().optional(),
});

export function errorsOf(status: number, category: string, code: string, detail: string): Answer {
  return json(status, { errors: [{ category, code, detail }] });
}

export function signInOf(
  options: Readonly<{ id: string; secret: string; merchant: string; shop: string; clock: () => number }>,
): SignIn {
  const { id, secret, merchant, shop, clock } = options;
  const codes = new Map<string, Readonly<{ redirectUri: string; until: number }>>();
  const refreshTokens = new Set<string>();
  const access = new Map<string, number>();
  let refreshes = 0;
  const made = (prefix: string): string => `${prefix}${randomBytes(24).toString("base64url")}`;

  function authorize(method: string, fields: URLSearchParams): Answer {
    const back = fields.get("redirect_uri") ?? "";
    if (fields.get("client_id") !== id) return html(400, page("Square does not know this application."));
    if (!URL.canParse(back) || !/^https?:$/.test(new URL(back).protocol))
      return html(400, page("The address to go back to is not a registered one."));
    const goBack = (answers: Readonly<Record<string, string>>): Answer => {
      const to = new URL(back);
      for (const [name, value] of Object.entries({ ...answers, state: fields.get("state") ?? "" }))
        to.searchParams.set(name, value);
      return redirect(to);
    };
    if (method === "GET") {
      const hidden = ["client_id", "redirect_uri", "scope", "state"].map(
        (name) => `<input type="hidden" name="${name}" value="${escaped(fields.get(name) ?? "")}">`,
      );
      return html(
        200,
        page(
          `Lotbook would like to read ${shop}: ${fields.get("scope") ?? ""}.`,
          `<form method="post" action="/oauth2/authorize">${hidden.join("")}
<button name="decision" value="deny">Deny</button> <button name="decision" value="allow">Allow</button></form>`,
        ),
      );
    }
    if (fields.get("decision") !== "allow") return goBack({ error: "access_denied", error_description: "user_denied" });
    const code = made("sq0cgp-");
    codes.set(code, { redirectUri: back, until: clock() + 300_000 });
    return goBack({ code, response_type: "code" });
  }

  function token(body: Buffer): Answer {
    const asked = Asked.safeParse(JSON.parse(body.toString("utf8")));
    if (!asked.success) return errorsOf(400, "INVALID_REQUEST_ERROR", "BAD_REQUEST", "The request is not as described");
    const { client_id, client_secret, grant_type, code = "", redirect_uri, refresh_token = "" } = asked.data;
    if (client_id !== id || client_secret !== secret)
      return errorsOf(401, "AUTHENTICATION_ERROR", "UNAUTHORIZED", "Not authorized");
    if (grant_type === "refresh_token") {
      if (!refreshTokens.has(refresh_token))
        return errorsOf(401, "AUTHENTICATION_ERROR", "ACCESS_TOKEN_REVOKED", "The refresh token is not good any more");
      refreshes += 1;
      return granted(refresh_token);
    }
    const known = codes.get(code);
    // Spent at the first try, right or wrong.
    codes.delete(code);
    if (known === undefined || known.until < clock() || known.redirectUri !== redirect_uri)
      return errorsOf(401, "AUTHENTICATION_ERROR", "UNAUTHORIZED", "Authorization code not found");
    const first = made("EQAA");
    refreshTokens.add(first);
    return granted(first);
  }

  function granted(refresh: string): Answer {
    const given = made("EAAA");
    access.set(given, clock() + lives);
    return json(200, {
      access_token: given,
      token_type: "bearer",
      expires_at: new Date(clock() + lives).toISOString(),
      merchant_id: merchant,
      refresh_token: refresh,
      short_lived: false,
    });
  }

  return {
    answer: ({ method, url, body }) => {
      if (url.pathname === "/oauth2/authorize" && method === "GET") return authorize(method, url.searchParams);
      if (url.pathname === "/oauth2/authorize" && method === "POST")
        return authorize(method, new URLSearchParams(body.toString("utf8")));
      return url.pathname === "/oauth2/token" && method === "POST" ? token(body) : null;
    },
    check: (authorization) => {
      const until = access.get(/^Bearer (.+)$/.exec(authorization ?? "")?.[1] ?? "");
      return until === undefined ? "unknown" : until > clock() ? "good" : "expired";
    },
    expire: () => {
      for (const each of access.keys()) access.set(each, 0);
    },
    revoke: () => {
      access.clear();
      refreshTokens.clear();
    },
    refreshes: () => refreshes,
  };
}

const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

function page(text: string, inside = ""): string {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Square (local)</title><main><h1>Square (local)</h1><p>${escaped(text)}</p>${inside}</main></html>`;
}
