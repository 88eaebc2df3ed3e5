/** Keeping tokens fresh: a refresh token is used once, whoever asks, whenever. */
import { describe, expect, it } from "vitest";
import { type Tokens, tokenKeeper } from "../../integrations/oauth";

const first: Tokens = { accessToken: "a0", refreshToken: "r0", issuedAtMs: 0, expiresAtMs: 1_000 };

/** A channel that gives each refresh token's successor, and counts. */
function channel(rotates = true) {
  const used: string[] = [];
  let now = 0;
  const keeper = tokenKeeper<Tokens>({
    clock: () => now,
    refresh: async (tokens) => {
      used.push(tokens.refreshToken);
      const count = used.length;
      await new Promise((resolve) => setTimeout(resolve, 5));
      return {
        accessToken: `a${count}`,
        refreshToken: rotates ? `r${count}` : tokens.refreshToken,
        issuedAtMs: now,
        expiresAtMs: now + 1_000,
      };
    },
  });
  const stored: string[] = [];
  return {
    keeper,
    used,
    stored,
    at: (ms: number) => {
      now = ms;
    },
    store: async (tokens: Tokens) => {
      await Promise.resolve();
      stored.push(tokens.accessToken);
    },
  };
}

describe("tokens", () => {
  it("are left alone until four fifths of their life", async () => {
    const { keeper, used, store, at } = channel();
    at(799);
    expect(await keeper.current(first, store)).toBe(first);
    expect(used).toEqual([]);
    at(800);
    expect((await keeper.current(first, store)).accessToken).toBe("a1");
  });

  it("are refreshed once for all who ask in one moment, whether by the clock or after a refusal", async () => {
    for (const ask of ["current", "after"] as const) {
      const { keeper, used, stored, store, at } = channel();
      at(900);
      const all = await Promise.all(Array.from({ length: 20 }, () => keeper[ask](first, store)));
      expect(new Set(all.map((tokens) => tokens.accessToken))).toEqual(new Set(["a1"]));
      expect([used, stored]).toEqual([["r0"], ["a1"]]);
    }
  });

  it("are handed to who comes late with old ones, over several rotations", async () => {
    const { keeper, used, store, at } = channel();
    for (const now of [900, 1_800, 2_700]) {
      at(now);
      await keeper.current(first, store);
    }
    expect(used).toEqual(["r0", "r1", "r2"]);
    expect((await keeper.after(first, store)).accessToken).toBe("a3");
    expect(used).toHaveLength(3);
  });

  it("are given to nobody before they are stored", async () => {
    const { keeper, stored, at } = channel();
    at(900);
    let release: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    let isGiven = false;
    const waiting = keeper
      .current(first, async (tokens) => {
        await gate;
        stored.push(tokens.accessToken);
      })
      .then(() => {
        isGiven = true;
      });
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(isGiven).toBe(false);
    release();
    await waiting;
    expect([isGiven, stored]).toEqual([true, ["a1"]]);
  });

  it("that could not be stored are stored by the next, without a second use of the old one", async () => {
    const { keeper, used, stored, store, at } = channel();
    at(900);
    const broken = new Error("no database");
    await expect(keeper.current(first, () => Promise.reject(broken))).rejects.toBe(broken);
    expect((await keeper.current(first, store)).accessToken).toBe("a1");
    expect([used, stored]).toEqual([["r0"], ["a1"]]);
  });

  it("of a channel that gives the same refresh token again are renewed each time they are due", async () => {
    const { keeper, used, store, at } = channel(false);
    at(900);
    const second = await keeper.current(first, store);
    expect(await keeper.current(second, store)).toBe(second);
    // Who still holds the old access token is handed what followed it, without another refresh.
    expect((await keeper.current(first, store)).accessToken).toBe("a1");
    expect((await keeper.after(first, store)).accessToken).toBe("a1");
    at(1_900);
    expect((await keeper.current(second, store)).accessToken).toBe("a2");
    expect(used).toEqual(["r0", "r0"]);
  });

  it("are asked for again after a refresh that failed", async () => {
    let tries = 0;
    const keeper = tokenKeeper<Tokens>({
      clock: () => 900,
      refresh: () => {
        tries += 1;
        return tries === 1
          ? Promise.reject(new Error("away"))
          : Promise.resolve({ ...first, accessToken: "a1", refreshToken: "r1", issuedAtMs: 900, expiresAtMs: 1_900 });
      },
    });
    await expect(keeper.current(first, () => Promise.resolve())).rejects.toThrow("away");
    expect((await keeper.current(first, () => Promise.resolve())).accessToken).toBe("a1");
  });
});
