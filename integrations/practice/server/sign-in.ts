/** The sign-in: a page that asks, and the token endpoint (RFC 6749, RFC 7636 with S256 only, RFC 7009). */
import type { Client } from "../client";
import { type Answer, html, json, redirect } from "./answers";
import type { Stats } from "./control";
import type { FaultBox } from "./faults";
import type { Grants } from "./grants";
import { consentPage, wrongPage } from "./pages";
import type { Shop } from "./shop";

/** The path is registered, the host is not: the product runs under any name. */
const returnPath = "/api/channels/practice/return";

export function signInOf(
  parts: Readonly<{
    client: Client;
    grants: Grants;
    shop: Shop;
    faults: FaultBox;
    stats: { -readonly [name in keyof Stats]: Stats[name] };
  }>,
): (method: string, url: URL, body: string) => Answer {
  const { client, grants, shop, faults, stats } = parts;

  function authorize(method: string, fields: URLSearchParams): Answer {
    const back = addressOf(fields.get("redirect_uri"));
    // Before these two are known to be right, nobody may be sent anywhere.
    if (fields.get("client_id") !== client.id) return html(400, wrongPage("The market does not know this client."));
    if (back === null) return html(400, wrongPage("The address to go back to is not a registered one."));
    const state = fields.get("state") ?? "";
    const challenge = fields.get("code_challenge") ?? "";
    const goBack = (name: string, value: string): Answer => {
      const to = new URL(back);
      to.searchParams.set(name, value);
      if (state !== "") to.searchParams.set("state", state);
      return redirect(to);
    };
    if (fields.get("response_type") !== "code") return goBack("error", "unsupported_response_type");
    if (fields.get("code_challenge_method") !== "S256" || !/^[\w-]{43}$/.test(challenge))
      return goBack("error", "invalid_request");
    const scope = fields.get("scope") ?? "read";
    if (method === "GET") {
      const names = [
        "response_type",
        "client_id",
        "redirect_uri",
        "scope",
        "state",
        "code_challenge",
        "code_challenge_method",
      ];
      return html(
        200,
        consentPage(shop.name, back, Object.fromEntries(names.map((name) => [name, fields.get(name) ?? ""]))),
      );
    }
    if (fields.get("decision") !== "allow") return goBack("error", "access_denied");
    return goBack("code", grants.code({ redirectUri: fields.get("redirect_uri") ?? "", challenge, scope }));
  }

  function token(form: URLSearchParams): Answer {
    const result = grants.token(form, faults.settings().accessSeconds);
    if (result.kind === "denied") return json(result.error === "invalid_client" ? 401 : 400, { error: result.error });
    if (form.get("grant_type") === "refresh_token") stats.refreshes += 1;
    else stats.exchanges += 1;
    return json(200, {
      access_token: result.accessToken,
      refresh_token: result.refreshToken,
      token_type: "Bearer",
      expires_in: result.expiresIn,
      scope: result.scope,
      shop: { id: shop.id, name: shop.name },
    });
  }

  return (method, url, body) => {
    if (url.pathname === "/oauth/authorize") {
      if (method === "GET") return authorize(method, url.searchParams);
      if (method === "POST") return authorize(method, new URLSearchParams(body));
    }
    if (url.pathname === "/oauth/token" && method === "POST") return token(new URLSearchParams(body));
    if (url.pathname === "/oauth/revoke" && method === "POST") {
      const form = new URLSearchParams(body);
      if (form.get("client_id") !== client.id || form.get("client_secret") !== client.secret)
        return json(401, { error: "invalid_client" });
      grants.revoke(form.get("token") ?? "");
      return json(200, {});
    }
    return json(404, { error: "not_found" });
  };
}

function addressOf(text: string | null): URL | null {
  if (text === null || !URL.canParse(text)) return null;
  const url = new URL(text);
  const isWeb = url.protocol === "http:" || url.protocol === "https:";
  return isWeb && url.pathname === returnPath && url.hash === "" && url.username === "" ? url : null;
}
