/** The door to all channels. */
import { existsSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import type { Channel } from "../../integrations/connector";
import { channels } from "../../integrations/index";
import { ChannelError } from "../../lib/core/errors";
import { kinds } from "../../scripts/channels/index";
import { sessionOf } from "./conformance";
import { account } from "./practice-support";

it("has for each channel a name, feeds and code that loads", async () => {
  for (const [kind, channel] of Object.entries(channels)) {
    expect(channel.manifest.name, kind).not.toBe("");
    expect(channel.manifest.feeds.length, kind).toBeGreaterThan(0);
    const connector = await channel.load();
    expect(typeof connector.read, kind).toBe("function");
    expect(connector.oauth !== undefined, kind).toBe(channel.manifest.connect === "oauth");
    expect(connector.keys !== undefined, kind).toBe(channel.manifest.connect === "keys");
    for (const { name, label, hint } of [...(connector.oauth?.asks ?? []), ...(connector.keys?.asks ?? [])])
      expect(
        [name, label, hint].every((text) => text !== ""),
        `${kind} ${name}`,
      ).toBe(true);
  }
});

it("has each channel in docs/connectors/README.md, with whether it calls back, and a README of its own where it comes by itself", async () => {
  const table = readFileSync(new URL("../../docs/connectors/README.md", import.meta.url), "utf8");
  const variables = readFileSync(new URL("../../.env.example", import.meta.url), "utf8");
  for (const [kind, channel] of Object.entries<Channel>(channels)) {
    const row = table.split("\n").find((line) => line.startsWith(`| \`${kind}\` `));
    expect(row, kind).toBeDefined();
    const { hook } = await channel.load();
    expect(row?.split("|")[4]?.trim(), kind).toBe(hook === undefined ? "no" : "yes");
    for (const { variable } of channel.manifest.needs) expect(variables, kind).toContain(`${variable}=`);
    if (channel.manifest.connect !== "file")
      expect(existsSync(new URL(`../../integrations/${kind}/README.md`, import.meta.url)), kind).toBe(true);
  }
});

it("has a local server for each channel that comes by itself", () => {
  const own = Object.entries<Channel>(channels).flatMap(([kind, { manifest }]) =>
    manifest.connect === "file" || kind === "practice" ? [] : [kind],
  );
  expect(Object.keys(kinds).sort()).toEqual(own.sort());
});

it("pulls nothing from a channel that is read from files", async () => {
  const byFiles = Object.values<Channel>(channels).filter(({ manifest }) => manifest.connect === "file");
  expect(byFiles.length).toBeGreaterThan(0);
  for (const channel of byFiles) {
    const connector = await channel.load();
    const error = await connector
      .pull(sessionOf({ account, credentials: "{}" }), "file", null)
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ChannelError);
    expect((error as ChannelError).failure).toBe("refused");
    expect(() => connector.read({ feed: "file", externalId: "x", version: "1", body: null }, account)).toThrow(
      ChannelError,
    );
  }
});

it("reads orders before what refers to them, and payouts before the rows that they paid", () => {
  const { feeds } = channels.practice.manifest;
  expect(feeds.indexOf("orders")).toBeLessThan(feeds.indexOf("refunds"));
  expect(feeds.indexOf("refunds")).toBeLessThan(feeds.indexOf("balance"));
  expect(feeds.indexOf("payouts")).toBeLessThan(feeds.indexOf("balance"));
});
