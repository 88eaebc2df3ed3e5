/** JSON with exact decimal numbers: the portal wants `12345.6`, and no amount of ours passes through a floating one. */

/** A number of so many smallest units: 12345n with 2 decimals is 123.45. */
export class Decimal {
  readonly units: bigint;
  readonly decimals: number;
  constructor(units: bigint, decimals = 2) {
    this.units = units;
    this.decimals = decimals;
  }
  /** Without zeros that say nothing. */
  toString(): string {
    const digits = (this.units < 0n ? -this.units : this.units).toString().padStart(this.decimals + 1, "0");
    const at = digits.length - this.decimals;
    let end = digits.length;
    while (end > at && digits[end - 1] === "0") end -= 1;
    const fraction = digits.slice(at, end);
    return `${this.units < 0n ? "-" : ""}${digits.slice(0, at)}${fraction === "" ? "" : `.${fraction}`}`;
  }
}

export type Json = string | Decimal | readonly Json[] | Readonly<{ [key: string]: Json }>;

/** The text of a value; keys in the order in which they were given. */
export function jsonText(value: Json): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (value instanceof Decimal) return value.toString();
  if (isList(value)) return `[${value.map(jsonText).join(",")}]`;
  return `{${Object.entries(value)
    .map(([key, one]) => `${JSON.stringify(key)}:${jsonText(one)}`)
    .join(",")}}`;
}

const isList = (value: readonly Json[] | Readonly<{ [key: string]: Json }>): value is readonly Json[] =>
  Array.isArray(value);
