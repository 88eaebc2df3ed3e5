/** The address of a shop as a person types it, as we call it, and as its own calls name it. Pure. */
import { Refusal } from "../../lib/core/errors";

const loopback = /^(127\.0\.0\.1|localhost|\[::1\])$/;

/**
 * One form for a shop's address: `https://shop.example/path`, without a slash at its end. Keys go along with every call, so they are sent
 * over HTTPS only; plain HTTP is for a shop on this very machine. Addresses that are numbers or names without a dot lie inside somebody's
 * network and are nobody's shop.
 * @throws Refusal `bad_field`
 */
export function shopAddress(typed: string, allowsLoopback: boolean): string {
  const text = typed.trim();
  const url = URL.parse(/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `https://${text}`);
  const refuse = (message: string) => new Refusal("bad_field", message, { field: "address" });
  if (url === null || url.hostname === "" || url.username !== "" || url.password !== "")
    throw refuse("Write the shop's address as you open it in a browser: https://shop.example");
  const isLocal = loopback.test(url.hostname);
  if (isLocal && !allowsLoopback) throw refuse("A shop on this machine itself cannot be connected here.");
  if (url.protocol !== "https:" && !(url.protocol === "http:" && isLocal))
    throw refuse("The shop's address must begin with https://, or its keys could be read on the way.");
  if (!isLocal && (!url.hostname.includes(".") || /^[\d.]+$/.test(url.hostname) || url.hostname.startsWith("[")))
    throw refuse("Write the shop's address by its name: https://shop.example");
  const path = url.pathname.replace(/\/(wp-admin|wp-json|wp-login\.php)(\/.*)?$/, "").replace(/\/+$/, "");
  return `${url.protocol}//${url.host}${path}`;
}
