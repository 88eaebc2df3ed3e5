/** What the local shop answers, against the examples of WooCommerce's own documentation (read from FIXTURES_DIR, never copied). */
import { expect, it } from "vitest";
import { startWoocommerce } from "../../../scripts/channels/woocommerce/index";
import { isAbsent, published, unlike } from "../keys-schema";

const examplesOf = (name: string): readonly unknown[] => {
  const all = published(`woocommerce/rest_v3_${name}.examples.json`);
  return Array.isArray(all) ? all.flat() : [];
};

async function asked(path: string): Promise<readonly unknown[]> {
  const server = await startWoocommerce({ port: 0, orders: 90 });
  const { key, secret } = server.control.keys;
  const authorization = `Basic ${Buffer.from(`${key}:${secret}`).toString("base64")}`;
  const list = async (what: string) => {
    const answer = await fetch(`${server.url}/wp-json/wc/v3/${what}`, { headers: { authorization } });
    const body: unknown = await answer.json();
    if (!Array.isArray(body)) throw new Error(`${what}: ${answer.status}`);
    return body as readonly { id: number; refunds?: unknown[] }[];
  };
  try {
    if (!path.includes("ID")) return await list(path);
    const orders = await list("orders?per_page=100");
    const refunded = orders.filter((order) => (order.refunds ?? []).length > 0);
    return (await Promise.all(refunded.map((order) => list(path.replace("ID", String(order.id)))))).flat();
  } finally {
    await server.close();
  }
}

it.skipIf(isAbsent)(
  "orders and products have no field, and no kind of value, that WooCommerce does not publish",
  async () => {
    for (const [path, name] of [
      ["orders?per_page=100", "orders"],
      ["products?per_page=100", "products"],
    ] as const) {
      const given = await asked(path);
      expect(given.length).toBeGreaterThan(0);
      expect(given.flatMap((one) => unlike(one, examplesOf(name)))).toEqual([]);
    }
  },
);

it.skipIf(isAbsent)("refunds have the published fields", async () => {
  const given = await asked("orders/ID/refunds?per_page=100");
  expect(given.length).toBeGreaterThan(0);
  // The examples of refunds with lines stand among those of orders: a line of a refund is a line of an order.
  const lines = examplesOf("orders").flatMap((order) => (order as { line_items?: unknown[] }).line_items ?? []);
  const examples = [...examplesOf("order-refunds"), { line_items: lines }];
  expect(given.flatMap((one) => unlike(one, examples))).toEqual([]);
});

it.skipIf(isAbsent)("a misspelt field is found", async () => {
  const [order] = await asked("orders?per_page=1");
  expect(unlike({ ...(order as object), totl: "1.00" }, examplesOf("orders"))).toEqual(["$.totl is not published"]);
  expect(unlike({ ...(order as object), total: 1 }, examplesOf("orders"))).toEqual([
    "$.total is number, published as string",
  ]);
});
