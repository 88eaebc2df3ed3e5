/** A local Amazon: Seller Central's consent, Login with Amazon, and the parts of the Selling Partner API that Lotbook reads. */
import { z } from "zod";
import { type Answer, type FaultSettings, Faults, faultBox, faulty, type LocalRequest, serve } from "../kit";
import { documents } from "./documents";
import { type AskedReport, answerTo, failed, limits, operationOf } from "./operations";
import { type Shop, shopOf } from "./shop";
import { type Client, signIn } from "./sign-in";

export type AmazonOptions = Readonly<{
  /** 0 takes any free port. */
  port: number;
  /** Another number is another shop. */
  seed?: number;
  /** About how many orders in two months. */
  orders?: number;
  /** The most that a page holds. */
  pageSize?: number;
  /** Whether calls are limited as Amazon's are; a test that does not test limits leaves them. */
  isLimited?: boolean;
  currency?: string;
  /** The marketplace that the shop sells on. */
  marketplaceId?: string;
  /** Milliseconds that Amazon takes to make a report that was asked for. */
  reportMs?: number;
  client?: Client;
  /** Milliseconds since 1970. */
  clock?: () => number;
}>;

/** What the environment would have to say for the connector to reach it. */
export const localClient: Client = {
  applicationId: "amzn1.sp.solution.local",
  id: "amzn1.application-oa2-client.local",
  secret: "amazon-local-needs-no-secret",
};

export type LocalAmazon = Readonly<{
  url: string;
  close: () => Promise<void>;
  control: Readonly<{
    shop: Shop;
    faults: (settings: FaultSettings) => void;
    expire: () => void;
    revoke: () => void;
    /** Types of reports that the application has no role for, from now on. */
    deny: (reportTypes: readonly string[]) => void;
    refreshes: () => number;
  }>;
}>;

/** Calls a second of a server that limits nobody. */
const unlimited = 50;

const Count = z.object({ count: z.int().min(1).max(1_000).default(1) });
const Which = z.object({ order: z.string().optional() });
/** Something in the warehouse, now: `{"type": "Receipts", "sku": "TEA-TIN", "qty": 5, "reference": "FBA15…"}`. */
const Happens = z.object({
  type: z.enum(["Receipts", "Adjustments", "VendorReturns"]),
  sku: z.string().min(1),
  qty: z.int(),
  disposition: z.string().default("SELLABLE"),
  reason: z.string().default(""),
  reference: z.string().default(""),
});

/** A removal order, or how far it is now: `{"id": "R-1", "sku": "TEA-TIN", "type": "Disposal", "qty": 3, "disposed": 2}`. */
const Removes = z.object({
  id: z.string().min(1),
  sku: z.string().min(1),
  type: z.enum(["Return", "Disposal", "Liquidations"]).default("Return"),
  disposition: z.string().default("SELLABLE"),
  qty: z.int().min(1),
  cancelled: z.int().min(0).default(0),
  disposed: z.int().min(0).default(0),
  shipped: z.int().min(0).default(0),
});

/** Starts it on 127.0.0.1. */
export async function startAmazon(options: AmazonOptions): Promise<LocalAmazon> {
  const { clock = Date.now, seed = 7, orders = 240, pageSize = 100, isLimited = true, currency = "USD" } = options;
  const shop = shopOf({ seed, orders, nowMs: clock() });
  const { marketplaceId = "ATVPDKIKX0DER" } = options;
  const place = { currency, marketplaceId, sellerId: `ALOCAL${String(seed).padStart(7, "0")}` };
  const door = signIn(options.client ?? localClient, place.sellerId, clock);
  const faults = faultBox();
  const lying = await documents(clock);
  const asked = new Map<string, AskedReport>();
  const { reportMs = 0 } = options;
  let denied: readonly string[] = [];
  const used = new Map<string, { left: number; at: number }>();

  /** True where a call is one too many. */
  function isTooMany(operation: string): boolean {
    const [perSecond, burst] = limits[operation] ?? [1, 1];
    const now = clock();
    const bucket = used.get(operation) ?? { left: burst, at: now };
    const left = Math.min(burst, bucket.left + ((now - bucket.at) / 1000) * perSecond);
    used.set(operation, { left: left < 1 ? left : left - 1, at: now });
    return left < 1;
  }

  const limited = (answer: Answer, perSecond: number): Answer => ({
    ...answer,
    headers: {
      ...answer.headers,
      "x-amzn-RateLimit-Limit": String(perSecond),
      "x-amzn-RequestId": `local-${clock().toString(36)}`,
    },
  });
  const quota = () => failed(429, "QuotaExceeded", "You exceeded your quota for the requested resource.");

  async function answer(request: LocalRequest): Promise<Answer> {
    const entered = door.answer(request);
    if (entered !== null) return entered;
    const operation = operationOf(request);
    if (operation === null) return failed(404, "NotFound", "There is no such resource.");
    // What is not limited says so, as Amazon tells each seller a rate of their own.
    const perSecond = isLimited ? (limits[operation]?.[0] ?? 1) : unlimited;
    const channel = {
      throttled: (seconds: number) => limited(quota(), seconds === 0 ? perSecond : 1 / seconds),
      failed: () => failed(500, "InternalFailure", "We encountered an internal error. Please try again."),
    };
    return faulty(faults, channel, async () => {
      if (isLimited && isTooMany(operation)) return limited(quota(), perSecond);
      const header = request.headers["x-amz-access-token"];
      const refusal = door.refuses(typeof header === "string" ? header : "");
      if (refusal !== null)
        return limited(
          failed(
            403,
            "Unauthorized",
            "Access to requested resource is denied.",
            refusal === "expired"
              ? "The access token you provided has expired."
              : "The access token you provided is revoked, malformed or invalid.",
          ),
          perSecond,
        );
      const behind = { shop, place, faults, documents: lying, pageSize, clock, asked, reportMs, denied: () => denied };
      const given = await answerTo(operation, request, behind);
      return limited(given, perSecond);
    });
  }

  const server = await serve({
    name: "Amazon",
    port: options.port,
    answer,
    commands: {
      faults: (input) => {
        faults.set(Faults.parse(input));
        return faults.settings();
      },
      expire: () => door.expire(),
      revoke: () => door.revoke(),
      sell: (input) =>
        Array.from({ length: Count.parse(input).count }, () => shop.sell(clock()).id).map((order) => ({ order })),
      refund: (input) => {
        const named = Which.parse(input).order;
        return { order: (named === undefined ? shop.refund(clock()) : shop.refund(clock(), named)).order };
      },
      payout: () => shop.settle(clock()),
      warehouse: (input) => {
        const event = { atMs: clock(), ...Happens.parse(input) };
        shop.happens(event);
        return event;
      },
      removal: (input) => {
        const { id, sku, type, disposition, qty, ...now } = Removes.parse(input);
        const before = shop
          .removals()
          .find((one) => one.id === id && one.sku === sku && one.disposition === disposition);
        const steps = before?.steps ?? [];
        const more = (["cancelled", "disposed", "shipped"] as const).flatMap((did) => {
          const known = steps.filter((step) => step.did === did).reduce((sum, step) => sum + step.qty, 0);
          return now[did] > known ? [{ atMs: clock(), did, qty: now[did] - known }] : [];
        });
        const removal = { atMs: before?.atMs ?? clock(), id, sku, type, disposition, qty, steps: [...steps, ...more] };
        shop.remove(removal);
        return removal;
      },
      // Amazon calls nobody: its events go to queues of one's own (SQS, EventBridge).
      deliver: () => [],
    },
  });
  return {
    url: server.url,
    close: async () => {
      await server.close();
      await lying.close();
    },
    control: {
      shop,
      faults: (settings) => faults.set(settings),
      expire: door.expire,
      revoke: door.revoke,
      deny: (types) => {
        denied = types;
      },
      refreshes: door.refreshes,
    },
  };
}
