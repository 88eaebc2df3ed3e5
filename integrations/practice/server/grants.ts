/**
 * Who may read the shop: codes, access tokens and refresh tokens of the practice sign-in (OAuth 2 code with PKCE). Refresh tokens
 * are used once. Tokens are kept as hashes, so that the file in which a server remembers them gives nobody access.
 */
import { createHash, randomBytes } from "node:crypto";
import { z } from "zod";
import type { Client } from "../client";

const Hash = z.string().regex(/^[0-9a-f]{64}$/);
export const Grant = z.strictObject({
  id: z.string(),
  scope: z.string(),
  refresh: Hash,
  access: z.array(z.strictObject({ hash: Hash, expiresMs: z.number() })),
});
export type Grant = z.infer<typeof Grant>;

export type TokenResult =
  | Readonly<{ kind: "granted"; accessToken: string; refreshToken: string; expiresIn: number; scope: string }>
  | Readonly<{
      kind: "denied";
      error: "invalid_client" | "invalid_grant" | "invalid_request" | "unsupported_grant_type";
    }>;

export type Grants = Readonly<{
  /** A code for somebody who pressed Allow; good for a minute, once. */
  code: (request: Readonly<{ redirectUri: string; challenge: string; scope: string }>) => string;
  token: (form: URLSearchParams, accessSeconds: number) => TokenResult;
  /** The id of the grant that an access token belongs to; why not, where it does not. */
  check: (accessToken: string) => Readonly<{ grant: string }> | "expired" | "unknown";
  revoke: (token: string) => void;
  revokeAll: () => void;
  /** All access tokens end now; refresh tokens stay. */
  expireAll: () => void;
  all: () => readonly Grant[];
}>;

const codeLivesMs = 60_000;
const hashOf = (text: string): string => createHash("sha256").update(text).digest("hex");
const token = (prefix: string): string => `${prefix}_${randomBytes(24).toString("base64url")}`;

export function grantsOf(
  options: Readonly<{ client: Client; clock: () => number; initial: readonly Grant[]; changed: () => void }>,
): Grants {
  const { client, clock, changed } = options;
  let grants: Grant[] = [...options.initial];
  const codes = new Map<string, { redirectUri: string; challenge: string; scope: string; expiresMs: number }>();

  function issue(grant: Omit<Grant, "refresh">, accessSeconds: number): TokenResult {
    const now = clock();
    const accessToken = token("pma");
    const refreshToken = token("pmr");
    const access = grant.access.filter((each) => each.expiresMs > now);
    const issued: Grant = {
      id: grant.id,
      scope: grant.scope,
      refresh: hashOf(refreshToken),
      access: [...access, { hash: hashOf(accessToken), expiresMs: now + accessSeconds * 1000 }],
    };
    grants = [...grants.filter((each) => each.id !== grant.id), issued];
    changed();
    return { kind: "granted", accessToken, refreshToken, expiresIn: accessSeconds, scope: grant.scope };
  }

  return {
    code: (request) => {
      const code = token("pmc");
      codes.set(hashOf(code), { ...request, expiresMs: clock() + codeLivesMs });
      return code;
    },
    token: (form, accessSeconds) => {
      if (form.get("client_id") !== client.id || form.get("client_secret") !== client.secret)
        return { kind: "denied", error: "invalid_client" };
      if (form.get("grant_type") === "refresh_token") {
        const used = hashOf(form.get("refresh_token") ?? "");
        const grant = grants.find((each) => each.refresh === used);
        return grant === undefined ? { kind: "denied", error: "invalid_grant" } : issue(grant, accessSeconds);
      }
      if (form.get("grant_type") !== "authorization_code") return { kind: "denied", error: "unsupported_grant_type" };
      const key = hashOf(form.get("code") ?? "");
      const asked = codes.get(key);
      // Spent at the first try, right or wrong.
      codes.delete(key);
      const verifier = form.get("code_verifier") ?? "";
      const isGood =
        asked !== undefined &&
        asked.expiresMs > clock() &&
        asked.redirectUri === form.get("redirect_uri") &&
        asked.challenge === createHash("sha256").update(verifier, "ascii").digest("base64url");
      if (!isGood) return { kind: "denied", error: "invalid_grant" };
      return issue({ id: token("grant"), scope: asked.scope, access: [] }, accessSeconds);
    },
    check: (accessToken) => {
      const hash = hashOf(accessToken);
      for (const grant of grants) {
        const found = grant.access.find((each) => each.hash === hash);
        if (found !== undefined) return found.expiresMs > clock() ? { grant: grant.id } : "expired";
      }
      return "unknown";
    },
    revoke: (text) => {
      const hash = hashOf(text);
      grants = grants.filter((grant) => grant.refresh !== hash && !grant.access.some((each) => each.hash === hash));
      changed();
    },
    revokeAll: () => {
      grants = [];
      changed();
    },
    expireAll: () => {
      grants = grants.map((grant) => ({ ...grant, access: grant.access.map((each) => ({ ...each, expiresMs: 0 })) }));
      changed();
    },
    all: () => grants,
  };
}
