/**
 * JSON with every digit. JSON's own numbers have no limit; `JSON.stringify` refuses a bigint, and as a number a sum beyond 2^53 would lose
 * its last digits, so that the lines of a trial balance would not add to 0. Everything else is written as `JSON.stringify` writes it.
 */
export function exactJson(value: unknown): string {
  if (typeof value === "bigint") return value.toString();
  if (Array.isArray(value)) return `[${value.map(exactJson).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  return `{${fields.map(([name, field]) => `${JSON.stringify(name)}:${exactJson(field)}`).join(",")}}`;
}
