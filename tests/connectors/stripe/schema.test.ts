/** What the local Stripe answers, against Stripe's own fixture objects (read from FIXTURES_DIR); and what our calls ask. */
import { expect, it } from "vitest";
import { startStripe } from "../../../scripts/channels/stripe/index";
import { isAbsent, published, unlike } from "../keys-schema";
import { account, connected } from "./support";

const objects = () => (published("stripe/api/fixtures3.json") as { resources: Record<string, unknown> }).resources;
type Answer = { object: string; data?: Answer[]; source?: unknown } & Record<string, unknown>;

async function asked(paths: readonly string[]): Promise<readonly Answer[]> {
  const server = await startStripe({ port: 0, days: 60 });
  server.control.dispute();
  const headers = { authorization: `Bearer ${server.control.keys.key}` };
  try {
    const all: Answer[] = [];
    for (const path of paths) {
      const answer = (await (await fetch(`${server.url}${path}`, { headers })).json()) as Answer;
      all.push(...(answer.data ?? [answer]));
    }
    return all;
  } finally {
    await server.close();
  }
}

const paths = [
  "/v1/account",
  "/v1/balance",
  "/v1/payouts?limit=100",
  "/v1/balance_transactions?limit=100",
  "/v1/balance_transactions?limit=100&expand[]=data.source",
];

it.skipIf(isAbsent)("has no field, and no kind of value, that Stripe does not publish", async () => {
  const resources = objects();
  const given = await asked(paths);
  const kinds = new Set<string>();
  for (const one of given) {
    const { source, ...rest } = one;
    kinds.add(one.object);
    expect(unlike(rest, [resources[one.object]])).toEqual([]);
    if (typeof source !== "object" || source === null) continue;
    const within = source as Answer;
    kinds.add(within.object);
    // What the seller writes has names of its own.
    const { metadata: _own, ...fixed } = within;
    expect(unlike(fixed, [resources[within.object]])).toEqual([]);
  }
  expect([...kinds].sort()).toEqual([
    "account",
    "balance",
    "balance_transaction",
    "charge",
    "dispute",
    "payout",
    "refund",
  ]);
});

it.skipIf(isAbsent)("a misspelt field is found, and so is a parameter", async () => {
  const [balance] = await asked(["/v1/balance"]);
  expect(unlike({ ...balance, avialable: [] }, [objects().balance])).toEqual(["$.avialable is not published"]);
  const [error] = await asked(["/v1/payouts?limt=1"]);
  expect(error).toEqual({ error: { type: "invalid_request_error", message: "Received unknown parameter: limt" } });
});

it("takes a restricted key only, and names the account that it is for", async () => {
  const { server, connector, credentials } = await connected({ days: 5 });
  const signal = AbortSignal.timeout(10_000);
  expect(connector.keys?.shopOf(credentials)).toEqual({ id: server.control.shop, name: "Local Candles" });
  for (const key of ["sk_live_0123456789", "pk_live_0123456789", "", "rk_live_"])
    await expect(connector.keys?.check({ answers: { key }, signal })).rejects.toMatchObject({ code: "bad_field" });
  await expect(connector.keys?.check({ answers: { key: "rk_test_another0123456789" }, signal })).rejects.toMatchObject({
    failure: "disconnected",
  });
  expect(account.currency).toBe("USD");
  await server.close();
});

it("refuses a call whose time is not now", async () => {
  const { server, connector, credentials } = await connected({ days: 5 });
  const { stripeConnector } = await import("../../../integrations/stripe/connector");
  const late = stripeConnector(
    () => ({ url: server.url }),
    () => Date.now() + 6 * 60_000,
  );
  const event = server.control.event();
  const request = {
    method: "POST",
    url: `https://books.example/hook?shop=${server.control.shop}`,
    headers: new Headers({ ...event.headers }),
    body: new TextEncoder().encode(event.body),
  };
  const held = () => Promise.resolve([credentials]);
  await expect(connector.hook?.(request, held)).resolves.toMatchObject({ kind: "changed" });
  await expect(late.hook?.(request, held)).rejects.toMatchObject({ failure: "refused" });
  await server.close();
});
