/**
 * A PayPal on this machine: tokens for an app's id and secret that expire, reports in windows of at most 31 days, pages from 1, lists that
 * are too long refused, events signed with a key of its own. Its keys stand in for a certificate of PayPal's.
 */
import { createSign, generateKeyPairSync, randomUUID } from "node:crypto";
import { crc32 } from "node:zlib";
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
import { makeAccount, type Row } from "./life";

export type PaypalOptions = Readonly<{
  port: number;
  /** The day on which the account's past ends. */
  today?: string;
  days?: number;
  seed?: number;
  currency?: string;
  clock?: () => number;
  /** More transactions in a window than this are refused, as PayPal does from 10,000 on. */
  mostInWindow?: number;
  /** Pages are no larger than this, whatever is asked for. */
  mostOnPage?: number;
}>;

export type LocalPaypal = Readonly<{
  url: string;
  close: () => Promise<void>;
  control: Readonly<{
    keys: Readonly<{ clientId: string; secret: string; webhookId: string }>;
    shop: string;
    faults: (settings: FaultSettings) => void;
    expire: () => void;
    revoke: () => void;
    tokensGiven: () => number;
    sell: (forShop?: boolean) => string;
    refund: (payment?: string) => string | null;
    payout: () => string | null;
    rows: () => readonly Row[];
    balance: () => bigint;
    held: () => bigint;
    deliver: (to: string, how?: Delivery) => Promise<readonly number[]>;
    event: () => SignedEvent;
  }>;
}>;

/** A secret that was revoked is followed by a new one, as a seller would make it. */
const keysOf = (made: number) => ({
  clientId: "AbCdEfGhIjKlMnOpQrStUvWxYz0123456789",
  secret: `ElocalSecret0123456789abcdefghijklmnop${made}`,
  webhookId: "1JE4291016473214C",
});
const shop = "LCALMERCHANT2";
const refused = (status: number, name: string, message: string): Answer =>
  json(status, { name, message, debug_id: "local" });
const known = [
  "start_date",
  "end_date",
  "fields",
  "balance_affecting_records_only",
  "page_size",
  "page",
  "transaction_id",
  "transaction_type",
  "transaction_status",
  "transaction_currency",
];

/** The seller registers the address with the account behind it; who gives it bare means that. */
function addressed(to: string): string {
  const url = new URL(to);
  if (!url.searchParams.has("shop")) url.searchParams.set("shop", shop);
  return url.href;
}

export async function startPaypal(options: PaypalOptions): Promise<LocalPaypal> {
  const { currency = "USD", clock = Date.now, seed = 1, days = 90, mostInWindow = 10_000, mostOnPage = 500 } = options;
  const account = makeAccount(seed, days, Date.parse(`${options.today ?? "2026-03-31"}T18:00:00Z`));
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const faults = faultBox();
  const events = eventBox();
  let good = new Set<string>();
  let keys = keysOf(1);
  let keysMade = 1;
  let given = 0;
  let last: unknown = null;
  let url = "";

  const signed = (type: string, resource: Record<string, unknown>) => {
    const body = JSON.stringify({
      id: `WH-${randomUUID()}`,
      create_time: momentOf(clock()),
      resource_type: "capture",
      event_type: type,
      summary: "Something happened",
      resource,
    });
    return () => {
      const [id, time] = [randomUUID(), momentOf(clock())];
      const text = `${id}|${time}|${keys.webhookId}|${crc32(Buffer.from(body))}`;
      return {
        body,
        headers: {
          "content-type": "application/json",
          "paypal-transmission-id": id,
          "paypal-transmission-time": time,
          "paypal-transmission-sig": createSign("sha256").update(text).sign(privateKey, "base64"),
          "paypal-cert-url": `${url}/v1/notifications/certs/CERT-LOCAL`,
          "paypal-auth-algo": "SHA256withRSA",
        },
      };
    };
  };

  function transactions(request: LocalRequest): Answer {
    const query = request.url.searchParams;
    for (const name of query.keys())
      if (!known.includes(name)) return refused(400, "INVALID_REQUEST", `${name} is not described`);
    const [start, end] = [Date.parse(query.get("start_date") ?? ""), Date.parse(query.get("end_date") ?? "")];
    if (!(end >= start) || end - start > 31 * 86_400_000)
      return refused(400, "INVALID_REQUEST", "Date range is greater than 31 days");
    const size = Math.min(Number(query.get("page_size") ?? "100"), mostOnPage);
    const page = Number(query.get("page") ?? "1");
    const id = query.get("transaction_id");
    const found = account.rows().filter((row) => row.at >= start && row.at <= end && (id === null || row.id === id));
    // Reports run late: what an event speaks of is not there yet.
    if (id === null && found.length > 0 && faults.strikes("hide")) found.pop();
    if (found.length > mostInWindow)
      return refused(400, "RESULTSET_TOO_LARGE", "Result set size is greater than the maximum limit.");
    const details = found.slice((page - 1) * size, page * size).map((row) => detailOf(row, currency));
    const pages = Math.ceil(found.length / size);
    if (id === null) {
      if (page > 1 && last !== null && faults.strikes("repeat")) details.unshift(last as (typeof details)[number]);
      last = details.at(-1) ?? last;
      // Reports run late: a payment of that time comes to light, before those that are still to come.
      if (page < pages && faults.strikes("shift")) account.sell(start + 1_000, false);
    }
    return json(200, {
      ...(details.length === 0 ? {} : { transaction_details: details }),
      account_number: shop,
      start_date: momentOf(start),
      end_date: momentOf(end),
      last_refreshed_datetime: momentOf(clock()),
      page,
      total_items: found.length,
      total_pages: pages,
    });
  }

  function token(request: LocalRequest): Answer {
    const right = `Basic ${Buffer.from(`${keys.clientId}:${keys.secret}`).toString("base64")}`;
    if (request.headers.authorization !== right)
      return json(401, { error: "invalid_client", error_description: "Client Authentication failed" });
    given += 1;
    const made = `A21AA${seed}token${given}`;
    good.add(made);
    return json(200, {
      scope: "https://uri.paypal.com/services/reporting/search/read",
      access_token: made,
      token_type: "Bearer",
      app_id: "APP-LOCAL",
      expires_in: 32_400,
      nonce: "local",
    });
  }

  function api(request: LocalRequest): Answer {
    const { pathname } = request.url;
    if (pathname === "/v1/oauth2/token" && request.method === "POST") return token(request);
    if (pathname === "/v1/notifications/certs/CERT-LOCAL")
      return {
        status: 200,
        headers: { "content-type": "text/plain" },
        body: publicKey.export({ type: "spki", format: "pem" }).toString(),
      };
    if (!good.has(request.headers.authorization?.replace(/^Bearer /, "") ?? ""))
      return json(401, { error: "invalid_token", error_description: "Token signature verification failed" });
    if (pathname === "/v1/reporting/transactions") return transactions(request);
    if (pathname === "/v1/reporting/balances") {
      const [available, held] = [control.balance(), control.held()];
      return json(200, {
        balances: [
          {
            currency,
            primary: true,
            total_balance: moneyOf(available + held, currency),
            available_balance: moneyOf(available, currency),
            withheld_balance: moneyOf(held, currency),
          },
        ],
        account_id: shop,
        as_of_time: momentOf(clock()),
        last_refresh_time: momentOf(clock()),
      });
    }
    return refused(404, "RESOURCE_NOT_FOUND", "The specified resource does not exist.");
  }

  const control: LocalPaypal["control"] = {
    get keys() {
      return keys;
    },
    shop,
    faults: faults.set,
    expire: () => {
      good = new Set();
    },
    revoke: () => {
      good = new Set();
      keysMade += 1;
      keys = keysOf(keysMade);
    },
    tokensGiven: () => given,
    sell: (forShop = false) => {
      const row = account.sell(clock(), forShop);
      events.add(signed("PAYMENT.CAPTURE.COMPLETED", { id: row.id }));
      return row.id;
    },
    refund: (payment) => {
      const row = account.refund(clock(), payment);
      if (row !== null) events.add(signed("PAYMENT.CAPTURE.REFUNDED", { id: row.id }));
      return row?.id ?? null;
    },
    payout: () => account.payOut(clock())?.id ?? null,
    rows: account.rows,
    balance: account.balance,
    held: account.held,
    deliver: (to, how) => events.deliver(addressed(to), how),
    event: () => signed("PAYMENT.CAPTURE.COMPLETED", { id: "x" })(),
  };
  const Sell = z.strictObject({ shop: z.boolean() }).partial();
  const One = z.strictObject({ payment: z.string() }).partial();
  const To = z.strictObject({ to: z.string(), how: z.enum(["once", "twice", "reversed", "lost"]).optional() });
  const server = await serve({
    name: "PayPal",
    port: options.port,
    answer: (request) =>
      request.url.pathname.startsWith("/v1/reporting/")
        ? faulty(
            faults,
            {
              throttled: (seconds) => {
                const answer = refused(429, "RATE_LIMIT_REACHED", "Too many requests. Blocked due to rate limiting.");
                return { ...answer, headers: { ...answer.headers, "retry-after": String(seconds) } };
              },
              failed: () => refused(500, "INTERNAL_SERVER_ERROR", "An internal server error has occurred."),
            },
            () => api(request),
          )
        : api(request),
    commands: {
      keys: () => keys,
      shop: () => ({ shop }),
      faults: (input) => {
        faults.set(Faults.parse(input));
        return faults.settings();
      },
      expire: () => control.expire(),
      revoke: () => control.revoke(),
      sell: (input) => ({ transaction: control.sell(Sell.parse(input).shop) }),
      refund: (input) => ({ transaction: control.refund(One.parse(input).payment) }),
      payout: () => ({ transaction: control.payout() }),
      deliver: async (input) => {
        const { to, how } = To.parse(input);
        return { statuses: await control.deliver(to, how) };
      },
    },
  });
  url = server.url;
  return { ...server, control };
}

const momentOf = (ms: number): string => new Date(ms).toISOString().replace(/\.\d+Z$/, "Z");

function moneyOf(amount: bigint, currency: string): { currency_code: string; value: string } {
  const digits = (amount < 0n ? -amount : amount).toString().padStart(3, "0");
  return { currency_code: currency, value: `${amount < 0n ? "-" : ""}${digits.slice(0, -2)}.${digits.slice(-2)}` };
}

/** A transaction as the report writes it: what does not apply is left out. */
export function detailOf(row: Row, own: string): Record<string, unknown> {
  const currency = row.currency ?? own;
  const money = (amount: bigint) => moneyOf(amount, currency);
  return {
    transaction_info: {
      transaction_id: row.id,
      ...(row.reference === null ? {} : { paypal_reference_id: row.reference, paypal_reference_id_type: "TXN" }),
      transaction_event_code: row.code,
      transaction_initiation_date: momentOf(row.at),
      transaction_updated_date: momentOf(row.updated),
      transaction_amount: money(row.amount),
      ...(row.fee === 0n ? {} : { fee_amount: money(row.fee) }),
      ...(row.tax === 0n ? {} : { sales_tax_amount: money(row.tax) }),
      ...(row.shipping === 0n ? {} : { shipping_amount: money(row.shipping) }),
      transaction_status: row.status,
      ...(row.subject === "" ? {} : { transaction_subject: row.subject }),
      ...(row.invoice === null ? {} : { invoice_id: row.invoice }),
      protection_eligibility: "01",
    },
    cart_info:
      row.items.length === 0
        ? {}
        : {
            item_details: row.items.map((item) => ({
              item_code: item.code,
              item_name: item.name,
              item_quantity: String(item.quantity),
              item_unit_price: money(item.amount / BigInt(item.quantity)),
              item_amount: money(item.amount),
            })),
          },
  };
}
