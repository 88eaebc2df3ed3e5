/**
 * Reads the facts of replay.md, one JSON object at a time: known fields only, defaults filled in; everything that can be
 * refused without looking at other facts is refused here.
 */
import {
  type KnownFact,
  key,
  type PurchaseFact,
  type ReturnFact,
  type StockLine,
  type StrayReturnFact,
  type TransferFact,
  type UndoFact,
  Wrong,
} from "./facts";

/** Reads one line. Throws `Wrong` for what is refused whatever the other facts are. */
export function readFact(line: unknown): KnownFact {
  const o = record(line, "the fact");
  const kind = text(o, "kind");
  switch (kind) {
    case "business": {
      const pool = has(o, "pool") ? text(o, "pool") : "business";
      if (pool === "location") throw new Wrong("unsupported", "pool location");
      if (pool !== "business") throw new Wrong("bad_field", "pool is business or location");
      const zone = has(o, "time_zone") ? text(o, "time_zone") : "UTC";
      checkZone(zone);
      return {
        kind,
        currency: has(o, "currency") ? text(o, "currency") : "USD",
        time_zone: zone,
        grace_days: has(o, "grace_days") ? whole(o, "grace_days", 0) : 0,
      };
    }
    case "location": {
      const id = text(o, "id");
      if (id === "in-transit") throw new Wrong("bad_field", "in-transit is kept for goods on their way");
      return { kind, id, name: text(o, "name") };
    }
    case "item":
      if (has(o, "components")) throw new Wrong("unsupported", "bundles");
      return {
        kind,
        id: text(o, "id"),
        name: words(o, "name"),
        sku: has(o, "sku") ? words(o, "sku") : "",
        decimals: has(o, "decimals") ? whole(o, "decimals", 0) : 0,
        aliases: has(o, "aliases") ? list(o, "aliases").map((a) => asText(a, "aliases")) : [],
      };
    case "opening":
      return { kind, id: text(o, "id"), date: day(o, "date"), lines: records(o, "lines").map(stockLine) };
    case "purchase": {
      const fact: PurchaseFact = {
        kind,
        id: text(o, "id"),
        date: day(o, "date"),
        amount: whole(o, "amount", 0),
        extra: has(o, "extra") ? whole(o, "extra", 0) : 0,
        lines: records(o, "lines").map(stockLine),
      };
      const detailed = fact.lines.reduce((sum, l) => sum + BigInt(l.amount), BigInt(fact.extra));
      if (detailed > BigInt(fact.amount))
        throw new Wrong("over_amount", "the lines and extra come to more than was paid");
      return fact;
    }
    case "order":
      return {
        kind,
        id: text(o, "id"),
        channel: text(o, "channel"),
        at: instantOrDay(o, "at"),
        lines: records(o, "lines").map((l) => ({
          id: text(l, "id"),
          sku: has(l, "sku") ? words(l, "sku") : "",
          name: words(l, "name"),
          listing: has(l, "listing") ? words(l, "listing") : "",
          qty: whole(l, "qty", 1),
          amount: whole(l, "amount", 0),
          location: has(l, "location") ? text(l, "location") : null,
        })),
        shipping: has(o, "shipping") ? whole(o, "shipping", 0) : 0,
        tax: has(o, "tax") ? whole(o, "tax", 0) : 0,
        tax_by: taxBy(o),
        discount: has(o, "discount") ? whole(o, "discount", 0) : 0,
        fees: has(o, "fees")
          ? records(o, "fees").map((f) => ({
              kind: text(f, "kind"),
              amount: whole(f, "amount", -Number.MAX_SAFE_INTEGER),
            }))
          : [],
      };
    case "return":
      return readReturn(o);
    case "purchase_return":
      return {
        kind,
        id: text(o, "id"),
        date: day(o, "date"),
        purchase: text(o, "purchase"),
        lines: records(o, "lines").map((l) => ({
          id: text(l, "id"),
          line: text(l, "line"),
          qty: whole(l, "qty", 1),
          amount: whole(l, "amount", 0),
        })),
      };
    case "transfer": {
      const fact: TransferFact = {
        kind,
        id: text(o, "id"),
        date: day(o, "date"),
        arrives: has(o, "arrives") ? day(o, "arrives") : null,
        from: text(o, "from"),
        to: text(o, "to"),
        lines: records(o, "lines").map((l) => ({ id: text(l, "id"), item: text(l, "item"), qty: whole(l, "qty", 1) })),
      };
      if (fact.from === fact.to) throw new Wrong("bad_field", "from and to are the same");
      if (fact.arrives !== null && fact.arrives < fact.date) throw new Wrong("bad_field", "arrives before it leaves");
      return fact;
    }
    case "adjustment":
      return {
        kind,
        id: text(o, "id"),
        date: day(o, "date"),
        location: has(o, "location") ? text(o, "location") : null,
        lines: records(o, "lines").map((l) => {
          const qty = whole(l, "qty", -Number.MAX_SAFE_INTEGER);
          if (qty === 0) throw new Wrong("bad_field", "qty is 0");
          if (qty < 0 && has(l, "amount")) throw new Wrong("bad_field", "an amount for what goes out");
          return {
            id: text(l, "id"),
            item: text(l, "item"),
            qty,
            amount: has(l, "amount") ? whole(l, "amount", 0) : 0,
          };
        }),
      };
    case "assembly":
      throw new Wrong("unsupported", "production");
    case "payout":
      return {
        kind,
        id: text(o, "id"),
        channel: text(o, "channel"),
        date: day(o, "date"),
        amount: whole(o, "amount", 0),
      };
    case "pin":
      return { kind, sale: text(o, "sale"), lot: text(o, "lot"), qty: whole(o, "qty", 1) };
    case "backfill":
      return {
        kind,
        id: text(o, "id"),
        sale: text(o, "sale"),
        date: day(o, "date"),
        amount: whole(o, "amount", 0),
        qty: has(o, "qty") ? whole(o, "qty", 1) : null,
      };
    case "match":
      return { kind, sale: text(o, "sale"), item: text(o, "item") };
    case "undo":
      return readUndo(o);
    case "close":
      return { kind, through: day(o, "through") };
    default:
      throw new Wrong("unknown_kind", kind);
  }
}

function readReturn(o: Fields): ReturnFact | StrayReturnFact {
  const id = text(o, "id");
  const date = day(o, "date");
  if (has(o, "order")) {
    return {
      kind: "return",
      id,
      date,
      order: text(o, "order"),
      lines: records(o, "lines").map((l) => {
        const restock = yesNo(l, "restock");
        const writeOff = has(l, "write_off") && yesNo(l, "write_off");
        if (restock && writeOff) throw new Wrong("bad_field", "write_off of what is restocked");
        return {
          id: text(l, "id"),
          line: text(l, "line"),
          qty: whole(l, "qty", 1),
          amount: whole(l, "amount", 0),
          restock,
          write_off: writeOff,
          location: has(l, "location") ? text(l, "location") : null,
        };
      }),
    };
  }
  return {
    kind: "return",
    id,
    date,
    order: null,
    channel: text(o, "channel"),
    lines: records(o, "lines").map((l) => ({
      id: text(l, "id"),
      item: text(l, "item"),
      qty: whole(l, "qty", 1),
      amount: whole(l, "amount", 0),
      cost: whole(l, "cost", 0),
      location: has(l, "location") ? text(l, "location") : null,
    })),
  };
}

const UNDOABLE = new Set([
  "item",
  "opening",
  "purchase",
  "order",
  "return",
  "purchase_return",
  "transfer",
  "adjustment",
  "assembly",
  "payout",
  "pin",
  "backfill",
  "match",
]);

function readUndo(o: Fields): UndoFact {
  const of = text(o, "of");
  if (!UNDOABLE.has(of)) throw new Wrong("bad_field", `${of} cannot be undone`);
  if (of === "pin") return { kind: "undo", of, target: key("pin", text(o, "sale"), text(o, "lot")) };
  if (of === "match") return { kind: "undo", of, target: key("match", text(o, "sale")) };
  return { kind: "undo", of, target: key(of, text(o, "id")) };
}

function stockLine(l: Fields): StockLine {
  return {
    id: text(l, "id"),
    item: text(l, "item"),
    qty: whole(l, "qty", 1),
    amount: whole(l, "amount", 0),
    location: has(l, "location") ? text(l, "location") : null,
  };
}

// ---- fields

type Fields = Readonly<Record<string, unknown>>;

function has(o: Fields, name: string): boolean {
  return o[name] !== undefined;
}

function record(value: unknown, what: string): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new Wrong("bad_field", `${what} is no object`);
  return Object.fromEntries(Object.entries(value));
}

function list(o: Fields, name: string): readonly unknown[] {
  const value = o[name];
  if (!Array.isArray(value)) throw new Wrong("bad_field", `${name} is no list`);
  return value;
}

function records(o: Fields, name: string): Fields[] {
  return list(o, name).map((v) => record(v, name));
}

function asText(value: unknown, name: string): string {
  if (typeof value !== "string") throw new Wrong("bad_field", `${name} is no text`);
  return value;
}

/** Free text, perhaps empty. */
function words(o: Fields, name: string): string {
  return asText(o[name], name);
}

/** An id or a name that must be there. */
function text(o: Fields, name: string): string {
  const value = words(o, name);
  if (value === "") throw new Wrong("bad_field", `${name} is empty`);
  return value;
}

function yesNo(o: Fields, name: string): boolean {
  const value = o[name];
  if (typeof value !== "boolean") throw new Wrong("bad_field", `${name} is neither true nor false`);
  return value;
}

function taxBy(o: Fields): "seller" | "channel" {
  const value = has(o, "tax_by") ? text(o, "tax_by") : "seller";
  if (value !== "seller" && value !== "channel") throw new Wrong("bad_field", "tax_by is seller or channel");
  return value;
}

function whole(o: Fields, name: string, least: number): number {
  const value = o[name];
  if (typeof value !== "number") throw new Wrong("bad_field", `${name} is no number`);
  if (Math.abs(value) > Number.MAX_SAFE_INTEGER) throw new Wrong("too_large", name);
  if (!Number.isInteger(value)) throw new Wrong("bad_field", `${name} is no whole number`);
  if (value < least) throw new Wrong("bad_field", `${name} is too small`);
  return value === 0 ? 0 : value;
}

function isDay(value: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(value)) return false;
  const ms = Date.parse(`${value}T00:00:00Z`);
  return !Number.isNaN(ms) && new Date(ms).toISOString().slice(0, 10) === value;
}

function day(o: Fields, name: string): string {
  const value = text(o, name);
  if (!isDay(value)) throw new Wrong("bad_field", `${name} is no date`);
  return value;
}

const INSTANT = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}(?::\d{2})?)(?:\.(\d{1,9}))?(Z|[+-]\d{2}:\d{2})$/;

function instantOrDay(o: Fields, name: string): string {
  const value = text(o, name);
  if (isDay(value)) return value;
  const parts = INSTANT.exec(value);
  if (parts === null || !isDay(parts[1] ?? "") || Number.isNaN(Date.parse(`${parts[1]}T${parts[2]}${parts[4]}`)))
    throw new Wrong("bad_field", `${name} is neither a date nor a time with an offset`);
  return value;
}

export interface Moment {
  date: string;
  /** Nanoseconds since 1970, or null where only the date is known. */
  time: bigint | null;
}

const MOMENTS = new Map<string, Moment>();

/** An order's `at` as its local date and, where it has a time, the instant. Remembered, as the same ones come again and again. */
export function when(at: string, zone: string): Moment {
  const id = `${at} ${zone}`;
  const moment = MOMENTS.get(id) ?? readMoment(at, zone);
  MOMENTS.set(id, moment);
  return moment;
}

function readMoment(at: string, zone: string): Moment {
  const parts = INSTANT.exec(at);
  if (parts === null) return { date: at, time: null };
  const ms = Date.parse(`${parts[1]}T${parts[2]}${parts[4]}`);
  const nanos = BigInt((parts[3] ?? "").padEnd(9, "0"));
  return { date: localDate(ms, zone), time: BigInt(ms) * 1_000_000n + nanos };
}

const FORMATS = new Map<string, Intl.DateTimeFormat>();

function localDate(ms: number, zone: string): string {
  let format = FORMATS.get(zone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat("en-US", {
      timeZone: zone,
      calendar: "gregory",
      numberingSystem: "latn",
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
    });
    FORMATS.set(zone, format);
  }
  const parts = new Map(format.formatToParts(ms).map((p) => [p.type, p.value]));
  return `${(parts.get("year") ?? "").padStart(4, "0")}-${parts.get("month")}-${parts.get("day")}`;
}

function checkZone(zone: string): void {
  try {
    new Intl.DateTimeFormat("en-US", { timeZone: zone });
  } catch (error) {
    throw new Wrong("bad_field", `time_zone: ${String(error)}`);
  }
}
