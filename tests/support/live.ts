/** A seller at a local server that behaves as a real channel: signs in there, sells, refunds, is paid, lets go, calls back. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Answers } from "../../integrations/connector";
import { ChannelError } from "../../lib/core/errors";
import { syncChannel } from "../../lib/digest";
import type { Scope } from "../../lib/people/access";
import { kindOf } from "../../lib/sales/channels";
import { beginConnect, connectByKeys, finishConnect, redirectUriOf } from "../../lib/sales/connect";
import type { Connected } from "../../lib/sales/connected";
import { takeHook } from "../../lib/sales/hooks";
import { kinds, type Size } from "../../scripts/channels/index";

export type Live = Readonly<{
  kind: string;
  url: string;
  size: Size;
  /** What a person answers to connect it. */
  answers: Answers;
  /** What a product needs in its environment to find it. */
  environment: Readonly<Record<string, string>>;
  /** A command of its control port. */
  command: (name: string, input?: object) => Promise<unknown>;
  close: () => Promise<void>;
}>;

/** Starts the local server of a kind, which this process's environment names from then on. */
export async function live(kind: string, size: Size = "usual"): Promise<Live> {
  const start = kinds[kind];
  if (start === undefined) throw new Error(`there is no local server for ${kind}`);
  const { url, close, environment, answers } = await start(0, true, size);
  Object.assign(process.env, environment);
  return {
    kind,
    url,
    size,
    answers,
    environment,
    close,
    command: async (name, input = {}) => {
      const answer = await fetch(`${url}/control/${name}`, { method: "POST", body: JSON.stringify(input) });
      if (!answer.ok) throw new Error(`${kind} answered ${answer.status} to ${name}: ${await answer.text()}`);
      return answer.json();
    },
  };
}

const unescaped = (text: string) =>
  text.replaceAll("&amp;", "&").replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&quot;", '"');

/** Goes to the channel's page as a browser would, presses Allow, and gives all that it sends back with. */
export async function allow(address: string): Promise<URLSearchParams> {
  const page = await (await fetch(address)).text();
  const fields = new URLSearchParams({ decision: "allow" });
  for (const [, name, value] of page.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g))
    if (name !== undefined && value !== undefined) fields.set(name, unescaped(value));
  const [, action] = /<form[^>]* action="([^"]*)"/.exec(page) ?? [];
  const to = action === undefined ? address : new URL(unescaped(action), address);
  const answer = await fetch(to, { method: "POST", body: fields, redirect: "manual" });
  return new URL(answer.headers.get("location") ?? "about:blank").searchParams;
}

/** Connects a business to the channel as a person would; its first sync is asked for. */
export async function connectTo(scope: Scope, { kind, answers, command, size }: Live): Promise<Connected> {
  // Reports are asked for window by window: three years of nothing before the shop was opened are not waited for.
  const wish = {
    answers,
    since: kind !== "paypal" ? null : size === "usual" ? "2025-12-01" : "2026-03-05",
    into: null,
    isTrial: false,
  };
  if (kindOf(kind).manifest.connect === "keys") {
    // Keys that were taken back are made anew by the seller.
    const now = (await command("keys")) as Answers;
    return connectByKeys(scope, kind, { ...wish, answers: now });
  }
  const redirectUri = redirectUriOf(kind);
  const back = await allow(await beginConnect(scope, kind, redirectUri, wish));
  const code = back.get("code") ?? back.get("spapi_oauth_code") ?? "";
  const returned = Object.fromEntries(back);
  return finishConnect({ state: back.get("state") ?? "", code, userId: scope.userId ?? "", redirectUri, returned });
}

/** Runs a sync to its end in this very process, as its job would: what the queue does with one that is throttled, this does by waiting. */
export async function syncToEnd(scope: Scope, channelId: string, run: string): Promise<void> {
  for (;;) {
    try {
      if ((await syncChannel(scope, { channelId, run, signal: new AbortController().signal })) === "done") return;
    } catch (error) {
      if (!(error instanceof ChannelError) || error.failure !== "throttled") throw error;
      await new Promise((resolve) => setTimeout(resolve, error.retryAfterMs ?? 1_000));
    }
  }
}

/** Where channels call, without the web server: what came is handed to the service as the route does. */
export async function receiver(): Promise<Readonly<{ url: string; close: () => Promise<void> }>> {
  const server = createServer(async (message, response) => {
    const parts: Buffer[] = [];
    for await (const part of message) parts.push(Buffer.from(part));
    const kind = (message.url ?? "").split("/").at(-1)?.split("?")[0] ?? "";
    const headers = new Headers(
      Object.entries(message.headers).flatMap(([name, value]) =>
        typeof value === "string" ? [[name, value]] : [],
      ) as [string, string][],
    );
    const url = `http://${message.headers.host}${message.url}`;
    const call = { method: message.method ?? "GET", url, headers, body: Buffer.concat(parts) };
    const { status, body } = await takeHook(kind, call).then(
      (said) => said,
      (error: unknown) => ({
        status: typeof error === "object" && error !== null && "status" in error ? Number(error.status) : 500,
        body: String(error),
      }),
    );
    response.writeHead(status).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/api/hooks`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
