/**
 * The control port: faults, new orders, and what was counted, for whoever sits at this computer. A page in the browser may not
 * use it: it must be JSON (which a form cannot send) and may not come with another origin.
 */
import type { IncomingHttpHeaders } from "node:http";
import { z } from "zod";
import { type Answer, json, refused } from "./answers";
import { type FaultBox, Faults } from "./faults";
import type { Grants } from "./grants";
import type { Entry, Shop } from "./shop";

/** Calls of the API, refreshes and code exchanges that were granted, since the server was started. */
export type Stats = Readonly<{ calls: number; refreshes: number; exchanges: number }>;

const Switches = z.strictObject({
  faults: Faults.optional(),
  /** All access tokens end now; refresh tokens stay good. */
  expire_tokens: z.boolean().optional(),
  /** The person takes back what was allowed. */
  revoke: z.boolean().optional(),
  /** Moves the clock of a shop that stands still. */
  advance_days: z.int().min(1).max(3_660).optional(),
});
const NewOrders = z.strictObject({
  count: z.int().min(1).max(1_000).optional(),
  lines: z
    .array(z.strictObject({ variant: z.string(), quantity: z.int().min(1).max(1_000) }))
    .max(50)
    .optional(),
});
const OneOrder = z.strictObject({ order: z.string().optional() });

export function controlOf(
  parts: Readonly<{ grants: Grants; shop: Shop; faults: FaultBox; stats: Stats }>,
): (method: string, url: URL, body: string, headers: IncomingHttpHeaders) => Answer {
  const { grants, shop, faults, stats } = parts;

  const report = (): Answer =>
    json(200, { now: new Date(shop.nowMs()).toISOString(), faults: faults.settings(), stats, balance: shop.balance() });
  const made = (entry: Entry | null): Answer =>
    entry === null
      ? refused(422, "nothing_fits", "There is no such order or product, or it cannot be changed.")
      : json(201, entry.body);

  function change(path: string, input: unknown): Answer {
    switch (path) {
      case "/control": {
        const switches = Switches.parse(input);
        if (switches.faults !== undefined) faults.set(switches.faults);
        if (switches.expire_tokens === true) grants.expireAll();
        if (switches.revoke === true) grants.revokeAll();
        if (switches.advance_days !== undefined) shop.advance(switches.advance_days);
        return report();
      }
      case "/control/orders": {
        const { count = 1, lines = [] } = NewOrders.parse(input);
        const orders: Entry[] = [];
        for (let i = 0; i < count; i += 1) {
          const order = shop.makeOrder(lines);
          if (order === null) return made(null);
          orders.push(order);
        }
        return json(201, { data: orders.map((order) => order.body) });
      }
      case "/control/edits":
        return made(shop.editOrder(OneOrder.parse(input).order ?? null));
      case "/control/refunds":
        return made(shop.refundOrder(OneOrder.parse(input).order ?? null));
      default:
        return refused(
          404,
          "not_found",
          "The control port has /control, /control/orders, /control/edits and /control/refunds.",
        );
    }
  }

  return (method, url, body, headers) => {
    if (headers.origin !== undefined || headers["sec-fetch-site"] === "cross-site")
      return refused(403, "not_from_a_page", "The control port is not for pages.");
    if (method === "GET" && url.pathname === "/control") return report();
    if (method !== "POST") return refused(405, "post_only", "Send JSON by POST.");
    if (!/^application\/json\b/.test(headers["content-type"] ?? "")) return refused(415, "json_only", "Send JSON.");
    try {
      return change(url.pathname, JSON.parse(body === "" ? "{}" : body));
    } catch (error) {
      if (error instanceof SyntaxError) return refused(400, "bad_json", "That is no JSON.");
      if (error instanceof z.ZodError) return refused(422, "bad_input", z.prettifyError(error));
      throw error;
    }
  };
}
