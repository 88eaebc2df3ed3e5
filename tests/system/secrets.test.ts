import { randomBytes } from "node:crypto";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Refusal } from "../../lib/core/errors";
import { checkSecretKey, open, type Sealed, seal } from "../../lib/system/secrets";

const place = { businessId: "018f0000-0000-7000-8000-000000000001", owner: "practice", field: "credentials" };
const clear = JSON.stringify({ accessToken: "canary-access", refreshToken: "canary-refresh" });
const newKey = () => randomBytes(32).toString("base64");

beforeEach(() => {
  vi.stubEnv("LOTBOOK_SECRET_KEY", newKey());
  vi.stubEnv("LOTBOOK_OLD_SECRET_KEYS", "");
});
afterEach(() => vi.unstubAllEnvs());

function refusalOf(work: () => unknown): Refusal {
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(Refusal);
    return error as Refusal;
  }
  throw new Error("nothing was refused");
}

it("what was sealed opens in its place, and shows nothing of itself", () => {
  const sealed = seal(place, clear);
  expect(open(place, sealed)).toBe(clear);
  const stored = Object.values(sealed).flatMap((part) => [part, Buffer.from(part, "base64").toString("latin1")]);
  expect(stored.join(" ")).not.toContain("canary");
});

it("no two seals of one text are alike", () => {
  const [a, b] = [seal(place, clear), seal(place, clear)];
  expect([a.nonce === b.nonce, a.ciphertext === b.ciphertext, a.tag === b.tag]).toEqual([false, false, false]);
});

it.each(["businessId", "owner", "field"] as const)("a row moved to another %s does not open", (part) => {
  const sealed = seal(place, clear);
  const refusal = refusalOf(() => open({ ...place, [part]: `${place[part]}x` }, sealed));
  expect(refusal.code).toBe("connect_failed");
  expect(refusal.message).not.toContain("canary");
});

it("no bit of what is stored can be changed unseen", () => {
  const sealed = seal(place, clear);
  for (const part of ["nonce", "ciphertext", "tag"] as const) {
    const bytes = Buffer.from(sealed[part], "base64");
    for (let i = 0; i < bytes.length; i += 1) {
      const altered = Buffer.from(bytes);
      altered.writeUInt8(altered.readUInt8(i) ^ 1, i);
      const moved: Sealed = { ...sealed, [part]: altered.toString("base64") };
      expect(refusalOf(() => open(place, moved)).code).toBe("connect_failed");
    }
  }
  for (const ciphertext of ["", "AAAA", sealed.ciphertext.slice(0, 40)])
    expect(refusalOf(() => open(place, { ...sealed, ciphertext })).code).toBe("connect_failed");
});

it("an old key still opens what it sealed, and what is sealed from then on has the new one", () => {
  const before = seal(place, clear);
  const old = process.env.LOTBOOK_SECRET_KEY ?? "";
  vi.stubEnv("LOTBOOK_SECRET_KEY", newKey());
  expect(refusalOf(() => open(place, before)).message).toMatch(/key that this installation does not have/);
  vi.stubEnv("LOTBOOK_OLD_SECRET_KEYS", old);
  expect(open(place, before)).toBe(clear);
  const after = seal(place, clear);
  expect(after.keyId).not.toBe(before.keyId);
  vi.stubEnv("LOTBOOK_OLD_SECRET_KEYS", "");
  expect(open(place, after)).toBe(clear);
});

it.each(["", "short", randomBytes(31).toString("base64")])("a worker does not start with the key %j", (key) => {
  vi.stubEnv("LOTBOOK_SECRET_KEY", key);
  expect(checkSecretKey).toThrow(/^LOTBOOK_SECRET_KEY must be 32 bytes in base64/);
});
