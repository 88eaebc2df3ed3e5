/** Etsy's sign-in: a page that asks, and the token endpoint. PKCE by S256 is compulsory; access lives an hour, a refresh token is used once. */
import { type Grants, grantsOf } from "../../../integrations/practice/server/grants";
import { type Answer, html, json, type LocalRequest, redirect } from "../kit";

export type SignIn = Readonly<{
  /** null where the call is not about signing in. */
  answer: (request: LocalRequest) => Answer | null;
  check: (authorization: string | undefined) => "good" | "expired" | "unknown";
  expire: () => void;
  revoke: () => void;
  refreshes: () => number;
}>;

const accessSeconds = 3_600;
const fieldNames = [
  "response_type",
  "client_id",
  "redirect_uri",
  "scope",
  "state",
  "code_challenge",
  "code_challenge_method",
];

export function signInOf(
  options: Readonly<{ key: string; secret: string; user: number; shop: string; clock: () => number }>,
): SignIn {
  const { key, secret, user, shop, clock } = options;
  const grants: Grants = grantsOf({ client: { id: key, secret }, clock, initial: [], changed: () => undefined });
  let refreshes = 0;

  function connect(method: string, fields: URLSearchParams): Answer {
    const back = fields.get("redirect_uri") ?? "";
    // Before these two are known to be right, nobody may be sent anywhere.
    if (fields.get("client_id") !== key) return html(400, page("Etsy does not know this app."));
    if (!URL.canParse(back) || !/^https?:$/.test(new URL(back).protocol))
      return html(400, page("The address to go back to is not a registered one."));
    const goBack = (name: string, value: string): Answer => {
      const to = new URL(back);
      to.searchParams.set(name, value);
      to.searchParams.set("state", fields.get("state") ?? "");
      return redirect(to);
    };
    const challenge = fields.get("code_challenge") ?? "";
    if (fields.get("response_type") !== "code") return goBack("error", "unsupported_response_type");
    if (fields.get("code_challenge_method") !== "S256" || !/^[\w-]{43}$/.test(challenge))
      return goBack("error", "invalid_request");
    const scope = fields.get("scope") ?? "";
    if (method === "GET") {
      const hidden = fieldNames.map(
        (name) => `<input type="hidden" name="${name}" value="${escaped(fields.get(name) ?? "")}">`,
      );
      return html(
        200,
        page(
          `Lotbook would like to read the shop ${shop}: ${scope}.`,
          `<form method="post" action="/oauth/connect">${hidden.join("")}
<button name="decision" value="deny">Deny</button> <button name="decision" value="allow">Allow</button></form>`,
        ),
      );
    }
    if (fields.get("decision") !== "allow") return goBack("error", "access_denied");
    return goBack("code", grants.code({ redirectUri: back, challenge, scope }));
  }

  function token(form: URLSearchParams): Answer {
    // Etsy's refresh tokens begin with the user's id too.
    const own = new URLSearchParams(form);
    own.set("refresh_token", tokenOf(form.get("refresh_token") ?? "") ?? "");
    const result = grants.token(own, accessSeconds);
    if (result.kind === "denied")
      return json(400, { error: result.error, error_description: "The grant is not good any more." });
    if (form.get("grant_type") === "refresh_token") refreshes += 1;
    return json(200, {
      access_token: `${user}.${result.accessToken}`,
      token_type: "Bearer",
      expires_in: result.expiresIn,
      refresh_token: `${user}.${result.refreshToken}`,
    });
  }

  function tokenOf(text: string): string | null {
    return text.startsWith(`${user}.`) ? text.slice(`${user}.`.length) : null;
  }

  return {
    answer: ({ method, url, body }) => {
      if (url.pathname === "/oauth/connect" && method === "GET") return connect(method, url.searchParams);
      if (url.pathname === "/oauth/connect" && method === "POST")
        return connect(method, new URLSearchParams(body.toString("utf8")));
      if (url.pathname === "/v3/public/oauth/token" && method === "POST")
        return token(new URLSearchParams(body.toString("utf8")));
      return null;
    },
    check: (authorization) => {
      const text = tokenOf(/^Bearer (.+)$/.exec(authorization ?? "")?.[1] ?? "");
      const found = text === null ? "unknown" : grants.check(text);
      return typeof found === "string" ? found : "good";
    },
    expire: grants.expireAll,
    revoke: grants.revokeAll,
    refreshes: () => refreshes,
  };
}

const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

function page(text: string, inside = ""): string {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Etsy (local)</title><main><h1>Etsy (local)</h1><p>${escaped(text)}</p>${inside}</main></html>`;
}
