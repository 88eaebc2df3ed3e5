/** Where to go on after signing in: what an address asks for may be anywhere, what is followed is always here. */

/** Only a path of our own: never another host, however it is written. */
export function samePath(url: string | null | undefined, base = "http://here.invalid"): string {
  if (!url || /[\\\p{Cc}]/u.test(url)) return "/";
  if (!url.startsWith("/") && !url.startsWith(`${base}/`)) return "/";
  const target = URL.parse(url, base);
  if (target === null || target.origin !== new URL(base).origin) return "/";
  // A path that begins with two slashes would be another host to the browser.
  return `${target.pathname}${target.search}`.replace(/^\/{2,}/, "/");
}

/** The sign-in, and where it leads afterwards. */
export const signInTo = (next: string | null | undefined): string => `/sign-in${withNext(next)}`;

/** The making of an account, and where it leads afterwards. */
export const signUpTo = (next: string | null | undefined): string => `/sign-up${withNext(next)}`;

/** What carries it along from one way in to another; nothing for the front page, where every way in leads by itself. */
export function withNext(next: string | null | undefined): string {
  const to = samePath(next);
  return to === "/" ? "" : `?next=${encodeURIComponent(to)}`;
}
