/** Ids of our own: UUIDv7, whose order is the order in which they were made, so that a primary key is also a keyset. */
import { randomFillSync } from "node:crypto";

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Is this text written as an id of ours is? What is not is asked of no column of ids. */
export function isId(text: string): boolean {
  return uuid.test(text);
}

let lastMs = 0;
let counter = 0;
/** Random bytes of the next ids: asked of the system 16 at a time they take longer than all else that is done for an id. */
const random = Buffer.alloc(16 * 256);
let taken = random.length;

/**
 * A new UUIDv7 (RFC 9562). Within a process each is greater than the one before, also within one millisecond and when the clock
 * goes back: twelve bits after the time count, the remaining 62 are random. Ids are names, not secrets: tokens are made by
 * lib/people/sessions.ts.
 */
export function newId(): string {
  if (taken === random.length) {
    randomFillSync(random);
    taken = 0;
  }
  const bytes = random.subarray(taken, taken + 16);
  taken += 16;
  const now = Date.now();
  if (now > lastMs) {
    lastMs = now;
    // Starts low, so that some 2,000 more fit into this millisecond.
    counter = bytes.readUInt16BE(6) & 0x7ff;
  } else if (counter < 0xfff) counter += 1;
  else {
    lastMs += 1;
    counter = 0;
  }
  bytes.writeUIntBE(lastMs, 0, 6);
  bytes.writeUInt16BE(0x7000 | counter, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
