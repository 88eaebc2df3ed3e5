/**
 * What stands before every page: security headers, the path for the code behind, the way to the sign-in for who has no session cookie at
 * all, and a word while the database is away. It decides no access: whether a cookie is worth anything is asked of the database by each page, action and handler.
 */
import { type NextRequest, NextResponse } from "next/server";
import { awayPage } from "./app/away-page";
import { isDatabaseThere } from "./lib/system/there";

const cookieNames = ["__Host-authjs.session-token", "authjs.session-token"];
/** First words of addresses that anybody may open. Everything else is a business or a page of a person. */
const open = new Set([
  "",
  "sign-in",
  "sign-up",
  "invite",
  "pricing",
  "kit",
  "api",
  "favicon.ico",
  "icon.svg",
  "robots.txt",
]);

const isHttps = () => process.env.AUTH_URL?.startsWith("https:") ?? false;

/**
 * Scripts: only ours, named by this response's nonce. Styles may stand in attributes, where charts put sizes. `compiles`: WebAssembly may be
 * compiled, which runs no text as script.
 */
function contentPolicy(nonce: string, compiles = false): string {
  const isDevelopment = process.env.NODE_ENV === "development";
  // Connecting a channel is a form that ends at the channel's own page; the practice channel lives on this machine.
  const channels = isHttps() ? "https:" : "https: http://127.0.0.1:* http://localhost:*";
  return [
    "default-src 'none'",
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'${compiles ? " 'wasm-unsafe-eval'" : ""}${isDevelopment ? " 'unsafe-eval'" : ""}`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self'",
    `connect-src 'self'${isDevelopment ? " ws:" : ""}`,
    "manifest-src 'self'",
    "worker-src 'self'",
    `form-action 'self' ${channels}`,
    "base-uri 'none'",
    "object-src 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}

/** The one page that may use the camera, and compile what reads barcodes out of its picture: the page for counting stock. */
const mayScan = (pathname: string): boolean => /^\/[^/]+\/inventory\/movements\/counts\/[^/]+\/count$/.test(pathname);

/**
 * Files that are no page: what somebody put beside a document can do nothing at all, and a paper of ours is drawn by the browser's own
 * viewer, which is an object to it.
 */
function policyOf(pathname: string): string {
  if (/^\/[^/]+\/attachments\/[^/]+$/.test(pathname)) return "sandbox; default-src 'none'";
  if (/^\/[^/]+\/documents\/pdf$/.test(pathname))
    return "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; frame-ancestors 'none'";
  return contentPolicy(btoa(crypto.randomUUID()), mayScan(pathname));
}

export async function proxy(request: NextRequest): Promise<Response> {
  const { pathname, search } = request.nextUrl;
  const first = pathname.split("/")[1] ?? "";
  const hasCookie = cookieNames.some((name) => request.cookies.has(name));
  const isRead = request.method === "GET" || request.method === "HEAD";
  if (!hasCookie && !open.has(first) && isRead) {
    const to = new URL(`/sign-in?next=${encodeURIComponent(`${pathname}${search}`)}`, request.nextUrl);
    return withHeaders(NextResponse.redirect(to), contentPolicy(""));
  }
  // Handlers answer for themselves (answer.ts), and forms keep what was typed; a page could only be a fault.
  if (isRead && first !== "api" && !(await isDatabaseThere()))
    return withHeaders(awayPage(request.method), contentPolicy(""));
  const policy = policyOf(pathname);
  const headers = new Headers(request.headers);
  // Written over whatever the client sent under these names.
  headers.set("x-lotbook-path", `${pathname}${search}`);
  headers.set("content-security-policy", policy);
  return withHeaders(NextResponse.next({ request: { headers } }), policy, mayScan(pathname));
}

function withHeaders<Answer extends Response>(response: Answer, policy: string, hasCamera = false): Answer {
  const set = (name: string, value: string) => response.headers.set(name, value);
  set("content-security-policy", policy);
  set("x-content-type-options", "nosniff");
  set("x-frame-options", "DENY");
  set("referrer-policy", "same-origin");
  set("cross-origin-opener-policy", "same-origin");
  set("cross-origin-resource-policy", "same-origin");
  set("permissions-policy", `camera=(${hasCamera ? "self" : ""}), geolocation=(), microphone=(), payment=(), usb=()`);
  set("x-permitted-cross-domain-policies", "none");
  if (isHttps()) set("strict-transport-security", "max-age=63072000; includeSubDomains");
  return response;
}

/** Built files carry no one's data. */
export const config = { matcher: ["/((?!_next/static|_next/image).*)"] };
