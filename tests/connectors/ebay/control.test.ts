/** The local eBay by its control port, as a person at a terminal and a browser test use it: what is done there arrives. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, it } from "vitest";
import { z } from "zod";
import type { Hook } from "../../../integrations/connector";
import type { Fact } from "../../../lib/core/facts";
import { latestOf, pullAll, sessionOf } from "../conformance";
import { account, type Connected, connected, decide } from "./support";

let shop: Connected;
beforeEach(async () => {
  shop = await connected({ ordersPerYear: 60, days: 60 });
});
afterEach(() => shop.server.close());

async function command(name: string, input: unknown = {}): Promise<unknown> {
  const answer = await fetch(`${shop.server.url}/control/${name}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(input),
  });
  expect(answer.status, name).toBe(200);
  return answer.json();
}

async function facts(): Promise<readonly Fact[]> {
  const session = sessionOf({ account, credentials: shop.credentials });
  const all = [];
  for (const feed of ["orders", "payouts", "balance"] as const)
    all.push(...(await pullAll(shop.connector, session, feed)).documents);
  return latestOf(all).flatMap((document) => shop.connector.read(document, account));
}

it("sells, pays out and sends back by hand, and the feeds have it", async () => {
  const sold = z
    .object({ orders: z.array(z.string()).length(1) })
    .parse(await command("sell", { lines: [{ sku: "CAN-001", quantity: 9 }] }));
  const [id = ""] = sold.orders;
  const payout = z.object({ id: z.string(), cents: z.number() }).parse(await command("payout"));
  expect(await command("refund", { order: id })).toEqual({ order: id });
  const all = await facts();
  expect(all).toContainEqual(
    expect.objectContaining({ kind: "order", id: `ebay/order/${id}`, lines: [expect.objectContaining({ qty: 9n })] }),
  );
  expect(all).toContainEqual(
    expect.objectContaining({ kind: "payout", id: `ebay/payout/${payout.id}`, amount: BigInt(payout.cents) }),
  );
  expect(all).toContainEqual(
    expect.objectContaining({
      kind: "return",
      order: `ebay/order/${id}`,
      lines: [expect.objectContaining({ qty: 9n })],
    }),
  );
});

it("delivers what was done as signed events: once, twice, last first, or not", async () => {
  const heard: Hook[] = [];
  const receiver = createServer((message, response) => {
    const parts: Buffer[] = [];
    message.on("data", (part: Buffer) => parts.push(part));
    message.on("end", () => {
      const headers = new Headers();
      for (const [name, value] of Object.entries(message.headers))
        if (typeof value === "string") headers.set(name, value);
      const request = {
        method: "POST",
        url: `http://${message.headers.host}/hook`,
        headers,
        body: Buffer.concat(parts),
      };
      const done = shop.connector.hook?.(request, () => Promise.resolve([])) ?? Promise.reject(new Error("no hook"));
      done.then(
        (hook) => {
          heard.push(hook);
          response.writeHead(200).end();
        },
        () => response.writeHead(401).end(),
      );
    });
  });
  await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
  const to = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`;
  try {
    await command("sell");
    await command("refund");
    expect(await command("deliver", { to, how: "reversed" })).toEqual([200, 200]);
    // Everything may have changed by a refund, orders and their money by a sale; here the refund comes first.
    expect(heard.map((hook) => hook.kind === "changed" && hook.feeds.length)).toEqual([3, 2]);
    await command("sell");
    expect(await command("deliver", { to, how: "twice" })).toEqual([200, 200]);
    expect(heard[3]).toEqual(heard[2]);
    await command("sell");
    expect(await command("deliver", { to, how: "lost" })).toEqual([]);
    await command("revoke");
    await command("close_account", { userId: "buyer-7" });
    expect(await command("deliver", { to })).toEqual([200, 200]);
    expect(heard.slice(4).map((hook) => hook.kind)).toEqual(["disconnected", "privacy"]);
  } finally {
    receiver.closeAllConnections();
    await new Promise((resolve) => receiver.close(resolve));
  }
});

it("sends the person back to where the RuName is said to lead, and lists its commands", async () => {
  await command("accept", { url: "http://127.0.0.1:4567/api/channels/ebay/return" });
  expect((await decide(shop.connector, "allow")).host).toBe("127.0.0.1:4567");
  const listed = z
    .object({ commands: z.array(z.string()) })
    .parse(await (await fetch(`${shop.server.url}/control`)).json());
  for (const name of ["faults", "expire", "revoke", "sell", "refund", "payout", "deliver"])
    expect(listed.commands).toContain(name);
  await command("expire");
  expect((await facts()).length).toBeGreaterThan(0);
});
