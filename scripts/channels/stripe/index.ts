/**
 * A Stripe on this machine: a restricted key, lists with starting_after and has_more, unknown parameters refused, transactions of automatic
 * payouts only by payout, events signed with a time. Zero-decimal currencies by `currency`.
 */
import { createHmac } from "node:crypto";
import { z } from "zod";
import {
  type Answer,
  type Delivery,
  eventBox,
  type FaultSettings,
  Faults,
  faultBox,
  faulty,
  json,
  type LocalRequest,
  type SignedEvent,
  serve,
} from "../kit";
import { makeAccount, type Transaction } from "./life";
import { chargeJson, payoutJson, transactionJson } from "./objects";

export type StripeOptions = Readonly<{
  port: number;
  /** The day on which the account's past ends. */
  today?: string;
  days?: number;
  seed?: number;
  currency?: string;
  clock?: () => number;
}>;

export type LocalStripe = Readonly<{
  url: string;
  close: () => Promise<void>;
  control: Readonly<{
    keys: Readonly<{ key: string; webhookSecret: string }>;
    shop: string;
    faults: (settings: FaultSettings) => void;
    revoke: () => void;
    sell: (forShop?: boolean) => string;
    refund: (charge?: string) => string | null;
    dispute: () => string | null;
    payout: (automatic?: boolean) => string | null;
    transactions: () => readonly Transaction[];
    balance: () => bigint;
    deliver: (to: string, how?: Delivery) => Promise<readonly number[]>;
    event: () => SignedEvent;
  }>;
}>;

/** A key that was revoked is followed by a new one, as a seller would make it. */
const keysOf = (made: number) => ({ key: `rk_test_local0123456789n${made}`, webhookSecret: "whsec_local0123456789" });
const shop = "acct_local0123456789";
const refused = (status: number, type: string, message: string): Answer => json(status, { error: { type, message } });
const known: Readonly<Record<string, readonly string[]>> = {
  "/v1/balance_transactions": [
    "limit",
    "starting_after",
    "ending_before",
    "created[gte]",
    "created[lte]",
    "payout",
    "type",
    "source",
    "currency",
    "expand[]",
  ],
  "/v1/payouts": ["limit", "starting_after", "ending_before", "created[gte]", "created[lte]", "status", "expand[]"],
};

/** The seller registers the address with the account behind it; who gives it bare means that. */
function addressed(to: string): string {
  const url = new URL(to);
  if (!url.searchParams.has("shop")) url.searchParams.set("shop", shop);
  return url.href;
}

export async function startStripe(options: StripeOptions): Promise<LocalStripe> {
  const { currency = "usd", clock = Date.now, seed = 1, days = 60 } = options;
  const now = () => Math.floor(clock() / 1000);
  const account = makeAccount(seed, days, Date.parse(`${options.today ?? "2026-03-31"}T06:00:00Z`) / 1000);
  const faults = faultBox();
  const events = eventBox();
  let keys = keysOf(1);
  let keysMade = 1;
  let eventCount = 0;
  const last = new Map<string, Record<string, unknown>>();

  const signed = (type: string, object: Record<string, unknown>) => {
    eventCount += 1;
    const body = JSON.stringify({
      id: `evt_local${eventCount}`,
      object: "event",
      api_version: "2024-06-20",
      created: now(),
      data: { object },
      livemode: false,
      pending_webhooks: 1,
      request: { id: null, idempotency_key: null },
      type,
    });
    return () => {
      const time = String(now());
      const v1 = createHmac("sha256", keys.webhookSecret).update(`${time}.${body}`).digest("hex");
      return { body, headers: { "content-type": "application/json", "stripe-signature": `t=${time},v1=${v1}` } };
    };
  };

  function list(request: LocalRequest, all: readonly Record<string, unknown>[]): Answer {
    const { pathname, searchParams: query } = request.url;
    for (const name of query.keys())
      if (!(known[pathname] ?? []).includes(name))
        return refused(400, "invalid_request_error", `Received unknown parameter: ${name}`);
    const limit = Number(query.get("limit") ?? "10");
    if (!(limit >= 1 && limit <= 100)) return refused(400, "invalid_request_error", "Invalid limit");
    const [from, to] = [
      Number(query.get("created[gte]") ?? 0),
      Number(query.get("created[lte]") ?? Number.MAX_SAFE_INTEGER),
    ];
    // Newest first; what was added later stands before.
    const found = [...all].reverse().filter(({ created }) => Number(created) >= from && Number(created) <= to);
    // What an event speaks of is not there yet for who asks too soon.
    if (pathname === "/v1/balance_transactions" && found.length > 0 && faults.strikes("hide")) found.shift();
    const after = query.get("starting_after");
    const at = after === null ? 0 : found.findIndex(({ id }) => id === after) + 1;
    if (after !== null && at === 0) return refused(400, "invalid_request_error", `No such object: '${after}'`);
    const data = found.slice(at, at + limit);
    const hasMore = found.length > at + limit;
    const before = last.get(pathname);
    if (at > 0 && before !== undefined && faults.strikes("repeat")) data.unshift(before);
    const end = data.at(-1);
    if (end !== undefined) last.set(pathname, end);
    // A new charge comes before all that is still to come.
    if (hasMore && faults.strikes("shift")) account.sell(now(), false);
    return json(200, { object: "list", url: pathname, has_more: hasMore, data });
  }

  function api(request: LocalRequest): Answer {
    const { pathname, searchParams: query } = request.url;
    if (request.headers.authorization !== `Bearer ${keys.key}`)
      return refused(401, "invalid_request_error", "Invalid API Key provided: rk_test_****");
    if (request.method !== "GET") return refused(403, "invalid_request_error", "The key may only read.");
    if (pathname === "/v1/account")
      return json(200, {
        id: shop,
        object: "account",
        business_profile: { name: "Local Candles" },
        country: "US",
        default_currency: currency,
        settings: { dashboard: { display_name: "Local Candles", timezone: "Etc/UTC" } },
      });
    if (pathname === "/v1/balance") {
      const amount = Number(control.balance());
      return json(200, {
        object: "balance",
        available: [{ amount, currency, source_types: { card: amount } }],
        livemode: false,
        pending: [{ amount: 0, currency, source_types: { card: 0 } }],
      });
    }
    if (pathname === "/v1/payouts")
      return list(
        request,
        account.payouts().map((one) => payoutJson(one, currency)),
      );
    if (pathname === "/v1/balance_transactions") {
      const payout = query.get("payout");
      const of = payout === null ? null : account.payouts().find(({ id }) => id === payout);
      if (of === undefined) return refused(400, "invalid_request_error", `No such payout: '${payout}'`);
      if (of !== null && !of.automatic)
        return refused(
          400,
          "invalid_request_error",
          "Balance transaction history can only be filtered on automatic transfers, not manual.",
        );
      const expands = query.getAll("expand[]").includes("data.source");
      const rows = of === null ? null : new Set(of.rows);
      const all = account.transactions().filter(({ id }) => rows?.has(id) ?? true);
      return list(
        request,
        all.map((one) => transactionJson(one, currency, expands)),
      );
    }
    const charge = account.charges().find(({ id }) => pathname === `/v1/charges/${id}`);
    if (charge !== undefined) return json(200, chargeJson(charge, currency));
    return refused(404, "invalid_request_error", `Unrecognized request URL (GET: ${pathname}).`);
  }

  const control: LocalStripe["control"] = {
    get keys() {
      return keys;
    },
    shop,
    faults: faults.set,
    revoke: () => {
      keysMade += 1;
      keys = keysOf(keysMade);
    },
    sell: (forShop = false) => {
      const charge = account.sell(now(), forShop);
      events.add(signed("charge.succeeded", chargeJson(charge, currency)));
      return charge.id;
    },
    refund: (charge) => {
      const made = account.refund(now(), charge);
      if (made?.source.kind === "refund")
        events.add(signed("charge.refunded", chargeJson(made.source.charge, currency)));
      return made?.id ?? null;
    },
    dispute: () => {
      const made = account.dispute(now());
      if (made?.source.kind === "dispute")
        events.add(signed("charge.dispute.created", { id: made.source.id, object: "dispute" }));
      return made?.id ?? null;
    },
    payout: (automatic) => {
      const made = account.payOut(now(), automatic);
      if (made !== null) events.add(signed("payout.paid", payoutJson(made, currency)));
      return made?.id ?? null;
    },
    transactions: account.transactions,
    balance: () => account.transactions().reduce((sum, one) => sum + BigInt(one.amount - one.fee), 0n),
    deliver: (to, how) => events.deliver(addressed(to), how),
    event: () => signed("charge.succeeded", { id: "ch_x", object: "charge" })(),
  };
  const Sell = z.strictObject({ shop: z.boolean() }).partial();
  const One = z.strictObject({ charge: z.string() }).partial();
  const Pay = z.strictObject({ automatic: z.boolean() }).partial();
  const To = z.strictObject({ to: z.string(), how: z.enum(["once", "twice", "reversed", "lost"]).optional() });
  const server = await serve({
    name: "Stripe",
    port: options.port,
    answer: (request) =>
      faulty(
        faults,
        {
          throttled: (seconds) =>
            json(
              429,
              { error: { type: "rate_limit_error", code: "rate_limit", message: "Request rate limit exceeded." } },
              { "retry-after": String(seconds) },
            ),
          failed: () => refused(500, "api_error", "An unknown error occurred"),
        },
        () => api(request),
      ),
    commands: {
      keys: () => keys,
      shop: () => ({ shop }),
      faults: (input) => {
        faults.set(Faults.parse(input));
        return faults.settings();
      },
      expire: () => ({ note: "Stripe's keys do not expire; revoke it." }),
      revoke: () => control.revoke(),
      sell: (input) => ({ charge: control.sell(Sell.parse(input).shop) }),
      refund: (input) => ({ transaction: control.refund(One.parse(input).charge) }),
      dispute: () => ({ transaction: control.dispute() }),
      payout: (input) => ({ payout: control.payout(Pay.parse(input).automatic) }),
      deliver: async (input) => {
        const { to, how } = To.parse(input);
        return { statuses: await control.deliver(to, how) };
      },
    },
  });
  return { ...server, control };
}
