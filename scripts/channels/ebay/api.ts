/** The local eBay's lists: filters, pages and errors as eBay has them. */
import { type Answer, type FaultBox, json, type LocalRequest } from "../kit";
import { money, orderBody, payoutBody, seller, transactionBody } from "./bodies";
import type { Shop } from "./shop";

export function failure(
  status: number,
  errorId: number,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  const errors = [{ errorId, domain: "ACCESS", category: status >= 500 ? "APPLICATION" : "REQUEST", message }];
  return json(status, { errors }, headers);
}
/** 204: Finances says nothing where there is nothing. */
const nothing: Answer = { status: 204, headers: {}, body: "" };

const dayMs = 86_400_000;
type Span = Readonly<{ name: string; from: number; to: number }>;

/** `name:[from..to]`, of which eBay lets the end be left out. */
function spanOf(filter: string, nowMs: number): Span | null {
  const match = /^(\w+):\[([^.\]]+\.\d+Z)\.\.([^\]]*)\]$/.exec(filter);
  const [, name = "", from = "", to = ""] = match ?? [];
  if (match === null) return null;
  const span = { name, from: Date.parse(from), to: to === "" ? nowMs : Date.parse(to) };
  return Number.isNaN(span.from) || Number.isNaN(span.to) || span.from > span.to ? null : span;
}

type Listing = Readonly<{ key: string; most: number; usual: number; isEmptySilent: boolean }>;

/** Answers the lists. `again`, where a fault says so, begins a page with the last of the page before. */
export function listsOf(shop: Shop, faults: FaultBox, clock: () => number): (request: LocalRequest) => Answer {
  let hidden: string | null = null;

  function paged<T>(request: LocalRequest, items: readonly T[], body: (item: T) => unknown, listing: Listing): Answer {
    const query = request.url.searchParams;
    const limit = Number(query.get("limit") ?? listing.usual);
    const offset = Number(query.get("offset") ?? 0);
    if (!Number.isInteger(limit) || limit < 1 || limit > listing.most) return failure(400, 31100, "Invalid limit");
    if (!Number.isInteger(offset) || offset < 0) return failure(400, 31000, "Invalid offset");
    const isLast = offset + limit >= items.length;
    const isRepeated = offset > 0 && faults.strikes("repeat");
    const page = items.slice(isRepeated ? offset - 1 : offset, offset + limit).map(body);
    if (page.length === 0 && listing.isEmptySilent) return nothing;
    const at = (from: number) => {
      const url = new URL(request.url);
      url.searchParams.set("limit", String(limit));
      url.searchParams.set("offset", String(from));
      return url.href;
    };
    return json(200, {
      href: request.url.href,
      total: items.length,
      limit,
      offset,
      ...(isLast ? {} : { next: at(offset + limit) }),
      ...(offset === 0 ? {} : { prev: at(Math.max(0, offset - limit)) }),
      [listing.key]: page,
    });
  }

  function orders(request: LocalRequest): Answer {
    const query = request.url.searchParams;
    const isTaxed = query.get("fieldGroups") === "TAX_BREAKDOWN";
    const ids = query.get("orderIds")?.split(",");
    const listing = { key: "orders", most: 200, usual: 50, isEmptySilent: false };
    if (ids !== undefined) {
      if (ids.length > 50) return failure(400, 30900, "Exceeded maximum number of order IDs");
      const found = shop.orders.filter((order) => ids.includes(order.id));
      // What an event speaks of cannot be read yet: the newest of those that are asked for.
      if (hidden === null && found.length > 0 && faults.strikes("hide")) hidden = found[found.length - 1]?.id ?? null;
      const seen = found.filter((order) => order.id !== hidden);
      hidden = null;
      const bodies = seen.map((order) => orderBody(order, isTaxed));
      return json(200, { href: request.url.href, total: bodies.length, limit: 50, offset: 0, orders: bodies });
    }
    const span = spanOf(
      query.get("filter") ?? `creationdate:[${new Date(clock() - 90 * dayMs).toISOString()}..]`,
      clock(),
    );
    if (span === null) return failure(400, 30810, "Invalid date format");
    if (span.to > clock()) return failure(400, 30850, "Start and end dates can't be in the future");
    if (span.from < clock() - 731 * dayMs) return failure(400, 30830, "Time range must be within '2' years.");
    const isByChange = span.name === "lastmodifieddate";
    if (!isByChange && span.name !== "creationdate") return failure(400, 30700, `Invalid filter name: ${span.name}`);
    const timeOf = (order: Shop["orders"][number]) => (isByChange ? order.modifiedMs : order.placedMs);
    const within = shop.orders
      .filter((order) => timeOf(order) >= span.from && timeOf(order) <= span.to)
      .sort((a, b) => timeOf(a) - timeOf(b) || (a.id < b.id ? -1 : 1));
    const answer = paged(request, within, (order) => orderBody(order, isTaxed), listing);
    const offset = Number(query.get("offset") ?? 0);
    const limit = Number(query.get("limit") ?? 50);
    const [first] = within;
    if (first !== undefined && offset + limit < within.length && faults.strikes("shift")) {
      // While the next page is being asked for, an order of this one changes and a new one is made.
      shop.touch(first);
      shop.sell();
    }
    return answer;
  }

  function transactions(request: LocalRequest): Answer {
    const filter =
      request.url.searchParams.get("filter") ?? `transactionDate:[${new Date(clock() - 90 * dayMs).toISOString()}..]`;
    const span = spanOf(filter, clock());
    if (span === null || span.name !== "transactionDate" || span.to > clock() || span.to - span.from > 90 * dayMs)
      return failure(400, 135008, "The value of transaction date filter is invalid.");
    const within = shop.transactions
      .filter((one) => one.atMs >= span.from && one.atMs <= span.to)
      .sort((a, b) => b.atMs - a.atMs || (a.id < b.id ? -1 : 1));
    const listing = { key: "transactions", most: 1_000, usual: 20, isEmptySilent: true };
    return paged(request, within, (one) => transactionBody(one, clock()), listing);
  }

  function payouts(request: LocalRequest): Answer {
    const filter =
      request.url.searchParams.get("filter") ?? `payoutDate:[${new Date(clock() - 90 * dayMs).toISOString()}..]`;
    const span = spanOf(filter, clock());
    if (span === null || span.name !== "payoutDate" || span.to > clock() || span.to - span.from > 90 * dayMs)
      return failure(400, 135008, "The value of payout date filter is invalid.");
    const within = shop.payouts.filter((one) => one.atMs >= span.from && one.atMs <= span.to);
    const listing = { key: "payouts", most: 200, usual: 20, isEmptySilent: true };
    return paged(request, within, (one) => payoutBody(one, clock()), listing);
  }

  return (request) => {
    switch (request.url.pathname) {
      case "/sell/fulfillment/v1/order":
        return orders(request);
      case "/sell/finances/v1/transaction":
        return transactions(request);
      case "/sell/finances/v1/payout":
        return payouts(request);
      case "/sell/finances/v1/seller_funds_summary": {
        const { available, processing, held } = shop.funds();
        return json(200, {
          totalFunds: money(available + processing + held),
          availableFunds: money(available),
          processingFunds: money(processing),
          fundsOnHold: money(held),
        });
      }
      case "/commerce/identity/v1/user/":
        return json(200, {
          ...seller,
          accountType: "INDIVIDUAL",
          registrationMarketplaceId: "EBAY_US",
          status: "CONFIRMED",
        });
      default:
        return failure(404, 2002, "Resource not found");
    }
  };
}
