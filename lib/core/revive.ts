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
]);

/** A stored fact's body as the fact that it was. */
export function reviveFact(body: unknown): Fact {
  return revive(body, "") as Fact;
}

function revive(value: unknown, name: string): unknown {
  if (Array.isArray(value)) return value.map((part) => revive(part, ""));
  if (typeof value === "string")
    return amounts.has(name) || (name === "at" && /^-?\d+$/.test(value)) ? BigInt(value) : value;
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, revive(part, key)]));
}
