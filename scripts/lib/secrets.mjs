// The secrets of a start without a configured environment: made once, kept in DATA_DIR/secrets.json, which only its
// owner can read.

import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Trouble } from "./say.mjs";

const makers = {
  /** Of the embedded cluster's superuser. */
  postgresPassword: () => randomBytes(24).toString("base64url"),
  /** Of the application's database role. */
  appPassword: () => randomBytes(24).toString("base64url"),
  /** Encrypts the credentials of channels; without it they are lost. */
  secretKey: () => randomBytes(32).toString("base64"),
  /** Signs what next-auth hands out. */
  authSecret: () => randomBytes(32).toString("base64url"),
};

/**
 * Reads the secrets, or makes them. Never makes new ones beside data that needs the old ones.
 * @returns {Record<keyof typeof makers, string>}
 */
export function secretsOf(dataDir, hasData) {
  const file = join(dataDir, "secrets.json");
  let kept = {};
  if (existsSync(file)) {
    try {
      kept = JSON.parse(readFileSync(file, "utf8"));
    } catch (error) {
      throw new Trouble(
        `${file} cannot be read (${error.message}). Restore it from a backup: the data needs its keys.`,
      );
    }
  } else if (hasData) {
    throw new Trouble(`${file} is gone, but the database beside it needs it. Restore it, or move the database away.`);
  }
  const missing = Object.keys(makers).filter((name) => typeof kept[name] !== "string");
  if (missing.length > 0) {
    for (const name of missing) kept[name] = makers[name]();
    writeFileSync(`${file}.new`, `${JSON.stringify(kept, null, 2)}\n`, { mode: 0o600 });
    renameSync(`${file}.new`, file);
  }
  chmodSync(file, 0o600);
  return kept;
}
