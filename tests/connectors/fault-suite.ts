/**
 * What every channel with an API must withstand, run over each of them against its local server: calls that fail, limits, tokens that
 * end or are taken back, pages that change while they are read, and calls from outside that are forged, doubled or out of order.
 * Oddities of one channel are tested beside this, in files of its own.
 */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Connector, Feed, HookRequest, RawDocument, Session } from "../../integrations/connector";
import { ChannelError } from "../../lib/core/errors";
import type { FaultSettings, SignedEvent } from "../../scripts/channels/kit";
import { type Harness, latestOf, pullAll, sessionOf } from "./conformance";

export type FaultHarness = Pick<Harness, "connector" | "account" | "credentials" | "feeds" | "close"> &
  Readonly<{
    faults: (settings: FaultSettings) => void;
    /** A feed whose first pull is several pages, and what is in it now, by the documents' external ids. */
    paged: Feed;
    truth: () => readonly string[];
    /** The same connector as another process has it: nothing in its memory. */
    another: () => Connector;
    /** How a channel with tokens ends them; left out where keys are for good. */
    tokens?: Readonly<{ expire: () => void; refreshes: () => number; rotates: boolean }>;
    /** The seller lets go of us at the channel. */
    revoke: () => void;
    /** Calls from outside, where the channel makes any. */
    hooks?: Readonly<{
      /** An event about something that changed, signed as the channel does now. */
      changed: () => SignedEvent;
      /** The address that it is sent to. */
      url: string;
      shop: string;
    }>;
  }>;

async function failureOf(work: Promise<unknown>): Promise<ChannelError> {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(ChannelError);
  return error as ChannelError;
}

/** What the channel was declared to have. */
function given<Part>(part: Part | undefined): Part {
  if (part === undefined) throw new Error("the harness lacks a part that its channel is said to have");
  return part;
}

const idsOf = (documents: readonly RawDocument[]) => latestOf(documents).map((document) => document.externalId);

/** Declares the suite for one channel; `start` is called anew for each test. `has` says which parts the channel has at all. */
export function withstands(
  name: string,
  start: () => Promise<FaultHarness>,
  has: Readonly<{ tokens: boolean; hooks: boolean }>,
): void {
  describe(`${name} when it misbehaves`, () => {
    let harness: FaultHarness;
    beforeEach(async () => {
      harness = await start();
    });
    afterEach(() => harness.close());

    const session = (): Session<string> => sessionOf(harness);
    const pull = (cursor: string | null = null) => harness.connector.pull(session(), harness.paged, cursor);

    it("is throttled with the wait that the channel asks for, and works after it", async () => {
      harness.faults({ throttle: 1, retryAfterSeconds: 42 });
      const error = await failureOf(pull());
      expect(error.failure).toBe("throttled");
      expect(error.retryAfterMs ?? 0).toBeGreaterThan(0);
      expect((await pull()).documents.length).toBeGreaterThan(0);
    });

    it("is unavailable where the channel fails or cuts its answer, and works the next time", async () => {
      for (const fault of [{ fail: 1 }, { cut: 1 }]) {
        harness.faults(fault);
        expect((await failureOf(pull())).failure).toBe("unavailable");
        expect((await pull()).documents.length).toBeGreaterThan(0);
      }
    });

    it("is unreadable where a page of HTML comes instead of JSON", async () => {
      harness.faults({ html: 1 });
      expect((await failureOf(pull())).failure).toBe("unreadable");
    });

    it("waits for a slow channel, and stops at once when the sync is cancelled", async () => {
      harness.faults({ slow: 1, slowMs: 60_000 });
      const stop = new AbortController();
      const waiting = harness.connector.pull({ ...session(), signal: stop.signal }, harness.paged, null);
      const reason = new Error("cancelled by the seller");
      setTimeout(() => stop.abort(reason), 50);
      await expect(waiting).rejects.toBe(reason);
    });

    it("gives everything though pages change while they are read", async () => {
      for (const fault of [{ shift: 2 }, { repeat: 2 }]) {
        harness.faults(fault);
        const { documents } = await pullAll(harness.connector, session(), harness.paged);
        const ids = new Set(idsOf(documents));
        // What moved is found at the latest by the next pass, which looks again at what changed shortly before.
        const again = await pullAll(harness.connector, session(), harness.paged);
        for (const id of idsOf(again.documents)) ids.add(id);
        expect([...ids].sort()).toEqual([...new Set(harness.truth())].sort());
      }
    });

    it("is disconnected, and says so, where the seller let go of us", async () => {
      harness.revoke();
      expect((await failureOf(pull())).failure).toBe("disconnected");
    });

    if (has.tokens)
      it("refreshes its tokens once, however many calls find them expired", async () => {
        const tokens = given(harness.tokens);
        tokens.expire();
        const stored: string[] = [];
        const kept = {
          ...session(),
          renewed: async (text: string) => {
            await new Promise((resolve) => setTimeout(resolve, 5));
            stored.push(text);
          },
        };
        const before = tokens.refreshes();
        await Promise.all(Array.from({ length: 10 }, () => harness.connector.pull(kept, harness.paged, null)));
        expect(tokens.refreshes() - before).toBe(1);
        expect(stored).toHaveLength(1);
        // What was stored works in a process that begins anew, without another refresh.
        const [renewed = ""] = stored;
        const fresh = harness.another();
        expect(
          (await fresh.pull({ ...session(), credentials: renewed }, harness.paged, null)).documents.length,
        ).toBeGreaterThan(0);
        expect(tokens.refreshes() - before).toBe(1);
      });

    if (has.tokens)
      it("does not lose a token that was given when storing it fails", async () => {
        const tokens = given(harness.tokens);
        tokens.expire();
        const before = tokens.refreshes();
        const broken = new Error("the database is away");
        const renewed = () => Promise.reject(broken);
        await expect(harness.connector.pull({ ...session(), renewed }, harness.paged, null)).rejects.toBe(broken);
        const stored: string[] = [];
        const keeps = { ...session(), renewed: async (text: string) => void stored.push(text) };
        await harness.connector.pull(keeps, harness.paged, null);
        expect(stored).toHaveLength(1);
        expect(tokens.refreshes() - before).toBe(1);
      });

    if (has.hooks)
      it("takes a call that was signed, knows it again, and refuses a forged one", async () => {
        const hooks = given(harness.hooks);
        const hook = given(harness.connector.hook);
        const event = hooks.changed();
        const of = (headers: Readonly<Record<string, string>>, body: string): HookRequest => ({
          method: "POST",
          url: hooks.url,
          headers: new Headers({ ...headers }),
          body: new TextEncoder().encode(body),
        });
        const held = () => Promise.resolve([harness.credentials]);
        const first = await hook(of(event.headers, event.body), held);
        expect(first).toMatchObject({ kind: "changed", shop: hooks.shop });
        expect(await hook(of(event.headers, event.body), held)).toEqual(first);
        expect((await failureOf(hook(of(event.headers, `${event.body} `), held))).failure).toBe("refused");
        expect((await failureOf(hook(of({ "content-type": "application/json" }, event.body), held))).failure).toBe(
          "refused",
        );
      });
  });
}
