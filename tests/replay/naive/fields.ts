/** The fields of one JSON object: what is there, of the right type and in range, or `Wrong`. */
import { Wrong } from "./facts";
import { instantParts, isDay } from "./time";

export type Fields = Readonly<Record<string, unknown>>;

export function has(o: Fields, name: string): boolean {
  return o[name] !== undefined;
}

export function record(value: unknown, what: string): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new Wrong("bad_field", `${what} is no object`);
  return Object.fromEntries(Object.entries(value));
}

export function list(o: Fields, name: string): readonly unknown[] {
  const value = o[name];
  if (!Array.isArray(value)) throw new Wrong("bad_field", `${name} is no list`);
  return value;
}

export function records(o: Fields, name: string): Fields[] {
  return list(o, name).map((v) => record(v, name));
}

export function asText(value: unknown, name: string): string {
  if (typeof value !== "string") throw new Wrong("bad_field", `${name} is no text`);
  return value;
}

/** Free text, perhaps empty. */
export function words(o: Fields, name: string): string {
  return asText(o[name], name);
}

/** An id or a name that must be there. */
export function text(o: Fields, name: string): string {
  const value = words(o, name);
  if (value === "") throw new Wrong("bad_field", `${name} is empty`);
  return value;
}

export function yesNo(o: Fields, name: string): boolean {
  const value = o[name];
  if (typeof value !== "boolean") throw new Wrong("bad_field", `${name} is neither true nor false`);
  return value;
}

export function taxBy(o: Fields): "seller" | "channel" {
  const value = has(o, "tax_by") ? text(o, "tax_by") : "seller";
  if (value !== "seller" && value !== "channel") throw new Wrong("bad_field", "tax_by is seller or channel");
  return value;
}

export function whole(o: Fields, name: string, least: number): number {
  const value = o[name];
  if (typeof value !== "number") throw new Wrong("bad_field", `${name} is no number`);
  if (Math.abs(value) > Number.MAX_SAFE_INTEGER) throw new Wrong("too_large", name);
  if (!Number.isInteger(value)) throw new Wrong("bad_field", `${name} is no whole number`);
  if (value < least) throw new Wrong("bad_field", `${name} is too small`);
  return value === 0 ? 0 : value;
}

export function day(o: Fields, name: string): string {
  const value = text(o, name);
  if (!isDay(value)) throw new Wrong("bad_field", `${name} is no date`);
  return value;
}

export function instantOrDay(o: Fields, name: string): string {
  const value = text(o, name);
  if (isDay(value)) return value;
  if (instantParts(value) === null) throw new Wrong("bad_field", `${name} is neither a date nor a time with an offset`);
  return value;
}

export function checkZone(zone: string): void {
  try {
    new Intl.DateTimeFormat("en-US", { timeZone: zone });
  } catch (error) {
    throw new Wrong("bad_field", `time_zone: ${String(error)}`);
  }
}
