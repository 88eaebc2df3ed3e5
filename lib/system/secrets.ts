/**
 * Encrypts what must never lie in the database, a log or a queue in clear: the credentials of channels, and whom papers are made out to.
 *
 * AES-256-GCM as an envelope: each write has a data key of its own, wrapped by the key of the environment, so that no nonce can ever
 * meet its key twice and a change of keys only needs new wrappings. Both layers are bound (additional data) to the row and field they
 * belong to: a ciphertext that was altered or moved to another row does not open. The database and its backups never hold the key.
 *
 * LOTBOOK_SECRET_KEY is 32 bytes in base64. To change it, give the new one and name the old ones in LOTBOOK_OLD_SECRET_KEYS, separated
 * by commas: what is written from then on has the new key, what was written before still opens.
 */
import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto";
import { Refusal } from "../core/errors";

/** As it is stored; each part but the key's id in base64. `ciphertext` begins with the wrapped data key. */
export type Sealed = Readonly<{ keyId: string; nonce: string; ciphertext: string; tag: string }>;

/** Where a secret belongs: in a business, to a channel or a paper (`owner`), in one field of it. */
export type Place = Readonly<{ businessId: string; owner: string; field: string }>;

const format = "v1";
const nonceBytes = 12;
const tagBytes = 16;
const keyBytes = 32;
/** The wrapped data key: its nonce, the key, its tag. */
const wrappedBytes = nonceBytes + keyBytes + tagBytes;

type Key = Readonly<{ id: string; bytes: Buffer }>;
type Keys = Readonly<{ now: Key; all: ReadonlyMap<string, Key> }>;

let known: Readonly<{ from: string; keys: Keys }> | undefined;

function keys(): Keys {
  const text = process.env.LOTBOOK_SECRET_KEY ?? "";
  const old = process.env.LOTBOOK_OLD_SECRET_KEYS ?? "";
  const from = `${text},${old}`;
  if (known?.from === from) return known.keys;
  const now = keyOf(text, "LOTBOOK_SECRET_KEY");
  const older = old.split(",").filter((one) => one.trim() !== "");
  const all = [now, ...older.map((one) => keyOf(one.trim(), "LOTBOOK_OLD_SECRET_KEYS"))];
  known = { from, keys: { now, all: new Map(all.map((key) => [key.id, key])) } };
  return known.keys;
}

function keyOf(text: string, variable: string): Key {
  const bytes = Buffer.from(text, "base64");
  if (bytes.length !== keyBytes)
    throw new Error(
      `${variable} must be 32 bytes in base64 (openssl rand -base64 32); without it no channel can be read.`,
    );
  // The id names the key without telling anything of it: what is hashed has 256 random bits.
  return { id: createHash("sha256").update("lotbook key id").update(bytes).digest("hex").slice(0, 16), bytes };
}

/** Refuses to go on without a good key: called when a worker starts. */
export function checkSecretKey(): void {
  keys();
}

function boundTo(place: Place, layer: "key" | "text"): Buffer {
  return Buffer.from([place.businessId, place.owner, place.field, format, layer].join("|"), "utf8");
}

type Box = Readonly<{ nonce: Buffer; bytes: Buffer; tag: Buffer }>;

function lock(key: Buffer, clear: Buffer, bound: Buffer): Box {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv("aes-256-gcm", key, nonce, { authTagLength: tagBytes });
  cipher.setAAD(bound);
  const bytes = Buffer.concat([cipher.update(clear), cipher.final()]);
  return { nonce, bytes, tag: cipher.getAuthTag() };
}

function unlock(key: Buffer, box: Box, bound: Buffer): Buffer {
  const decipher = createDecipheriv("aes-256-gcm", key, box.nonce, { authTagLength: tagBytes });
  decipher.setAAD(bound);
  decipher.setAuthTag(box.tag);
  return Buffer.concat([decipher.update(box.bytes), decipher.final()]);
}

/** Encrypts a text for its place. */
export function seal(place: Place, clear: string): Sealed {
  const { now } = keys();
  const dataKey = randomBytes(keyBytes);
  const wrapped = lock(now.bytes, dataKey, boundTo(place, "key"));
  const box = lock(dataKey, Buffer.from(clear, "utf8"), boundTo(place, "text"));
  return {
    keyId: now.id,
    nonce: box.nonce.toString("base64"),
    ciphertext: Buffer.concat([wrapped.nonce, wrapped.bytes, wrapped.tag, box.bytes]).toString("base64"),
    tag: box.tag.toString("base64"),
  };
}

/**
 * The text that was sealed for this place. Refuses `connect_failed` where it does not open: it was altered, moved from another row, or
 * its key is not among ours. The message says nothing of what is inside.
 */
export function open(place: Place, sealed: Sealed): string {
  const key = keys().all.get(sealed.keyId);
  const cannotOpen = (why: string) =>
    place.field === "party"
      ? new Refusal(
          "connect_failed",
          "Whom this document is made out to cannot be read: it was altered, or its key is not here.",
        )
      : new Refusal("connect_failed", `The stored sign-in of this channel cannot be opened: ${why}.`);
  if (key === undefined)
    throw cannotOpen(
      "it was stored with a key that this installation does not have. Give the key, or connect it again",
    );
  const [nonce, tag, all] = [sealed.nonce, sealed.tag, sealed.ciphertext].map((text) => Buffer.from(text, "base64"));
  if (nonce?.length !== nonceBytes || tag?.length !== tagBytes || all === undefined || all.length < wrappedBytes)
    throw cannotOpen("it is damaged. Connect it again");
  const wrapped: Box = {
    nonce: all.subarray(0, nonceBytes),
    bytes: all.subarray(nonceBytes, nonceBytes + keyBytes),
    tag: all.subarray(nonceBytes + keyBytes, wrappedBytes),
  };
  try {
    const dataKey = unlock(key.bytes, wrapped, boundTo(place, "key"));
    return unlock(dataKey, { nonce, tag, bytes: all.subarray(wrappedBytes) }, boundTo(place, "text")).toString("utf8");
  } catch (error) {
    // What node throws for a wrong tag has no code of its own; anything that is not an Error at all would be a bug.
    if (!(error instanceof Error)) throw error;
    throw cannotOpen("it was altered or moved. Connect it again");
  }
}
