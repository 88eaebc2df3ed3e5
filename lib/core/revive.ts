/** Facts as they were stored: JSON has no bigint, so amounts and quantities stand there as strings of digits. */
import type { Fact } from "./facts";

const amounts: ReadonlySet<string> = new Set([
  "amount",
  "qty",
  "cost",
  "shipping",
  "tax",
  "discount",
  "share",
  "overhead",
  "weight",
  "amounts",
  "rate",
  "igst",
  "cgst",
  "sgst",
]);

/** A stored fact's body as the fact that it was. */
export function reviveFact(body: unknown): Fact {
  return revive(body, "") as Fact;
}

function revive(value: unknown, name: string): unknown {
  if (typeof value === "string")
    return amounts.has(name) || (name === "at" && /^-?\d+$/.test(value)) ? BigInt(value) : value;
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map((part) => revive(part, name === "amounts" ? name : ""));
  // Not by Object.fromEntries: a proof revives every fact of a business, and this takes a third of the time.
  const fields = value as Readonly<Record<string, unknown>>;
  const revived: Record<string, unknown> = {};
  for (const key of Object.keys(fields)) revived[key] = revive(fields[key], key);
  return revived;
}
