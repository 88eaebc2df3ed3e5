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
