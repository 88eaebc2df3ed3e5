/** Signing in at the local Shopify: its page, its signed way back, tokens that end after an hour and refresh tokens that are replaced. */
import { createHmac, randomBytes } from "node:crypto";
import { z } from "zod";
import { type Answer, html, json, type LocalRequest, redirect } from "../kit";

export type App = Readonly<{ clientId: string; clientSecret: string }>;

type Grant = {
  readonly scope: string;
  refresh: string;
  /** The refresh token that was used last: kept until what it was replaced by is used, as an answer may be lost on the way. */
  before: string | null;
  access: Map<string, number>;
};

const Token = z.union([
  z.object({
    client_id: z.string(),
    client_secret: z.string(),
    code: z.string(),
    expiring: z.enum(["1", "0"]).optional(),
  }),
  z.object({
    client_id: z.string(),
    client_secret: z.string(),
    grant_type: z.literal("refresh_token"),
    refresh_token: z.string(),
  }),
]);

const returnPath = "/api/channels/shopify/return";
const accessSeconds = 3_600;
const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

export function signInOf(app: App, clock: () => number) {
  let grants: Grant[] = [];
  const codes = new Map<string, Readonly<{ shop: string; scope: string; expiresMs: number }>>();
  const stats = { refreshes: 0, exchanges: 0 };

  function back(to: URL, fields: Readonly<Record<string, string>>): Answer {
    const signed = new URLSearchParams(
      Object.entries({ ...fields, timestamp: String(Math.floor(Date.now() / 1000)) }).sort(([a], [b]) =>
        a < b ? -1 : 1,
      ),
    );
    const hmac = createHmac("sha256", app.clientSecret).update(signed.toString().replaceAll("+", "%20")).digest("hex");
    for (const [name, value] of signed) to.searchParams.set(name, value);
    to.searchParams.set("hmac", hmac);
    return redirect(to);
  }

  function authorize(shop: string, method: string, fields: URLSearchParams): Answer {
    const address = fields.get("redirect_uri") ?? "";
    const isKnown = URL.canParse(address) && new URL(address).pathname === returnPath;
    if (fields.get("client_id") !== app.clientId)
      return html(
        400,
        page("Oauth error invalid_request", "<p>Could not find Shopify API application with this client id.</p>"),
      );
    if (!isKnown) return html(400, page("Oauth error invalid_request", "<p>The redirect_uri is not whitelisted.</p>"));
    if (method === "GET") {
      const names = ["client_id", "scope", "redirect_uri", "state"];
      const hidden = names.map(
        (name) => `<input type="hidden" name="${name}" value="${escaped(fields.get(name) ?? "")}">`,
      );
      return html(
        200,
        page(
          "Install app",
          `<p>An app wants to read <strong>${escaped(shop)}</strong>: ${escaped(fields.get("scope") ?? "")}.</p>
<p>This Shopify is for practice: its shop, orders and money are made up.</p>
<form method="post">${hidden.join("")}<button name="decision" value="deny">Deny</button> <button name="decision" value="allow">Allow</button></form>`,
        ),
      );
    }
    const state = fields.get("state") ?? "";
    const to = new URL(address);
    if (fields.get("decision") !== "allow") return back(to, { error: "access_denied", shop, state });
    const code = randomBytes(16).toString("hex");
    codes.set(code, { shop, scope: fields.get("scope") ?? "", expiresMs: clock() + 60_000 });
    const host = Buffer.from(`admin.shopify.com/store/${shop.replace(".myshopify.com", "")}`).toString("base64url");
    return back(to, { code, host, shop, state });
  }

  function issue(grant: Grant): Answer {
    const accessToken = `shpat_${randomBytes(16).toString("hex")}`;
    grant.access.set(accessToken, clock() + accessSeconds * 1000);
    return json(200, {
      access_token: accessToken,
      scope: grant.scope,
      expires_in: accessSeconds,
      refresh_token: grant.refresh,
      refresh_token_expires_in: 7_776_000,
    });
  }

  const newRefresh = () => `shprt_${randomBytes(16).toString("hex")}`;

  function token(shop: string, body: string): Answer {
    const asked = Token.safeParse(JSON.parse(body));
    if (!asked.success) return json(400, { error: "invalid_request", error_description: "A parameter is missing." });
    const form = asked.data;
    if (form.client_id !== app.clientId || form.client_secret !== app.clientSecret)
      return json(400, { error: "application_cannot_be_found" });
    if ("code" in form) {
      const known = codes.get(form.code);
      codes.delete(form.code);
      if (known === undefined || known.shop !== shop || known.expiresMs < clock())
        return json(400, {
          error: "invalid_request",
          error_description: "The authorization code was not found or was already used",
        });
      const grant: Grant = { scope: known.scope, refresh: newRefresh(), before: null, access: new Map() };
      grants.push(grant);
      stats.exchanges += 1;
      return issue(grant);
    }
    const grant = grants.find((each) => each.refresh === form.refresh_token || each.before === form.refresh_token);
    if (grant === undefined)
      return json(400, { error: "invalid_grant", error_description: "This request requires an active refresh_token" });
    grant.before = form.refresh_token;
    grant.refresh = newRefresh();
    stats.refreshes += 1;
    return issue(grant);
  }

  return {
    stats,
    answer: (shop: string, path: string, { method, url, body }: LocalRequest): Answer => {
      if (path === "/admin/oauth/authorize" && method === "GET") return authorize(shop, method, url.searchParams);
      if (path === "/admin/oauth/authorize" && method === "POST")
        return authorize(shop, method, new URLSearchParams(body.toString("utf8")));
      if (path === "/admin/oauth/access_token" && method === "POST") return token(shop, body.toString("utf8"));
      return json(404, { errors: "Not Found" });
    },
    /** Whether a token is good now. Its first use ends the refresh token before it. */
    isGood: (accessToken: string): boolean => {
      const grant = grants.find((each) => each.access.has(accessToken));
      if (grant === undefined || (grant.access.get(accessToken) ?? 0) <= clock()) return false;
      if ([...grant.access.keys()].at(-1) === accessToken) grant.before = null;
      return true;
    },
    expire: (): void => {
      for (const grant of grants) for (const key of grant.access.keys()) grant.access.set(key, 0);
    },
    revoke: (): void => {
      grants = [];
    },
  };
}

function page(title: string, inside: string): string {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title><style>:root{color-scheme:light dark}body{font:15px/1.5 system-ui,sans-serif;max-width:420px;margin:40px auto;padding:0 16px}button{font:inherit;min-height:44px;padding:0 20px}</style>
<h1>${title}</h1>${inside}</html>`;
}
