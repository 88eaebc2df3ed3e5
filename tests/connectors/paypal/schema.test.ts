/** What we ask of PayPal and what the local one answers, against PayPal's own OpenAPI documents (read from FIXTURES_DIR). */
import { expect, it, vi } from "vitest";
import { startPaypal } from "../../../scripts/channels/paypal/index";
import { pullAll, sessionOf } from "../conformance";
import { against, isAbsent, published } from "../keys-schema";
import { account, connected } from "./support";

type Parameter = { name: string; in: string; required?: boolean; schema: { type?: string } };
type Api = { components: { parameters: Record<string, Parameter>; schemas: Record<string, unknown> } };
const reporting = () => published("paypal/api/reporting_transactions_v1.json") as Api;

/** What of an address the parameters of the published document do not allow. */
function wrongIn(api: Api, address: string): readonly string[] {
  const query = new URL(address).searchParams;
  const all = Object.values(api.components.parameters).filter((one) => one.in === "query");
  const missing = ["start_date", "end_date"].filter((name) => !query.has(name)).map((name) => `${name} is missing`);
  const wrong = [...query].flatMap(([name, text]) => {
    const parameter = all.find((one) => one.name === name);
    if (parameter === undefined) return [`${name} is not published`];
    return against(api, parameter.schema, parameter.schema.type === "integer" ? Number(text) : text, name);
  });
  return [...missing, ...wrong];
}

it.skipIf(isAbsent)("asks only what is published, and windows of no more than 31 days", async () => {
  const { server, connector, credentials } = await connected({ days: 120, seed: 3 });
  const asked = vi.spyOn(globalThis, "fetch");
  try {
    for (const feed of ["orders", "balance"] as const)
      await pullAll(connector, sessionOf({ account, credentials }), feed);
    const addresses = asked.mock.calls
      .map(([address]) => String(address))
      .filter((one) => one.includes("/transactions?"));
    expect(addresses.length).toBeGreaterThan(50);
    // One of them looks for the payment of a refund.
    expect(addresses.some((one) => one.includes("transaction_id="))).toBe(true);
    for (const address of addresses) {
      expect(wrongIn(reporting(), address)).toEqual([]);
      const { searchParams } = new URL(address);
      const [start, end] = ["start_date", "end_date"].map((name) => Date.parse(searchParams.get(name) ?? ""));
      expect(Number(end) - Number(start)).toBeLessThanOrEqual(31 * 86_400_000);
    }
    expect(wrongIn(reporting(), `${addresses[0]}&page_sise=500`)).toEqual(["page_sise is not published"]);
    expect(wrongIn(reporting(), `${addresses[0]}`.replace("page_size=500", "page_size=501"))).toEqual([
      "page_size is too large",
    ]);
  } finally {
    asked.mockRestore();
    await server.close();
  }
});

it.skipIf(isAbsent)(
  "answers as published, transactions, balances and errors of one field too many being told",
  async () => {
    const server = await startPaypal({ port: 0, days: 25 });
    const { clientId, secret } = server.control.keys;
    const signIn = await fetch(`${server.url}/v1/oauth2/token`, {
      method: "POST",
      headers: { authorization: `Basic ${Buffer.from(`${clientId}:${secret}`).toString("base64")}` },
      body: "grant_type=client_credentials",
    });
    const { access_token: token } = (await signIn.json()) as { access_token: string };
    const get = async (path: string) =>
      (await (await fetch(`${server.url}${path}`, { headers: { authorization: `Bearer ${token}` } })).json()) as object;
    const api = reporting();
    const { search_response: search, balances_response: balances } = api.components.schemas;
    const found = await get("/v1/reporting/transactions?start_date=2026-03-05T00:00:00Z&end_date=2026-04-01T00:00:00Z");
    expect((found as { total_items: number }).total_items).toBeGreaterThan(30);
    expect(against(api, search, found)).toEqual([]);
    expect(against(api, balances, await get("/v1/reporting/balances"))).toEqual([]);
    expect(against(api, search, { ...found, total_itmes: 1 })).toEqual(["$.total_itmes is not published"]);
    await server.close();
  },
);

it("takes a webhook's key from PayPal alone", async () => {
  const { server, connector, credentials } = await connected({ days: 5 });
  const event = server.control.event();
  const request = (headers: Record<string, string>) => ({
    method: "POST",
    url: `https://books.example/hook?shop=${server.control.shop}`,
    headers: new Headers({ ...event.headers, ...headers }),
    body: new TextEncoder().encode(event.body),
  });
  const held = () => Promise.resolve([credentials]);
  await expect(connector.hook?.(request({}), held)).resolves.toMatchObject({ kind: "changed" });
  for (const url of [
    "https://paypal.com.evil.example/cert",
    "https://evilpaypal.com/cert",
    "http://api.paypal.com/cert",
    "https://api.paypal.com:8443/cert",
    "",
  ])
    await expect(connector.hook?.(request({ "paypal-cert-url": url }), held)).rejects.toMatchObject({
      failure: "refused",
    });
  // Another account's address, for which this connection has no webhook.
  await expect(connector.hook?.(request({}), () => Promise.resolve([]))).rejects.toMatchObject({ failure: "refused" });
  await server.close();
});
