/**
 * What a practice server remembers when it is started again: the shop's beginning, who may read it, and what was done to it by
 * hand. All else follows from the seed. Written whole, to a new file that then takes the old one's place.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { z } from "zod";
import type { Command } from "./events";
import { Grant } from "./grants";

const Kept = z.strictObject({
  version: z.literal(1),
  seed: z.int(),
  openedMs: z.number(),
  ordersAYear: z.int(),
  grants: z.array(Grant),
  commands: z.array(
    z.discriminatedUnion("kind", [
      z.strictObject({
        kind: z.literal("order"),
        atMs: z.number(),
        lines: z.array(z.strictObject({ variantId: z.string(), quantity: z.int() })),
      }),
      z.strictObject({ kind: z.literal("edit"), atMs: z.number(), orderId: z.string() }),
      z.strictObject({ kind: z.literal("refund"), atMs: z.number(), orderId: z.string() }),
    ]),
  ),
});
export type Kept = Readonly<{
  version: 1;
  seed: number;
  openedMs: number;
  ordersAYear: number;
  grants: readonly Grant[];
  commands: readonly Command[];
}>;

/** What the file says; null where there is none yet. A file that is no such file is refused by throwing: it may be somebody's. */
export function readKept(file: string): Kept | null {
  return existsSync(file) ? Kept.parse(JSON.parse(readFileSync(file, "utf8"))) : null;
}

export function writeKept(file: string, kept: Kept): void {
  mkdirSync(dirname(file), { recursive: true });
  const next = `${file}.next`;
  writeFileSync(next, JSON.stringify(kept), { mode: 0o600 });
  renameSync(next, file);
}
