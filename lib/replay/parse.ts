/** Lines of a file of facts into facts: every field checked, every amount exact, a wrong line refused with its code. */
import type { Pool } from "../core/costing";
import { localDateOf, parseLocalDate } from "../core/dates";
import { Refusal } from "../core/errors";
import type { AssemblyFact, Fact, InwardLine, OrderLine, UndoableKind, When } from "../core/facts";
import { decimalsOf } from "../core/money";
import { instantOfIso } from "./iso";

/** What the first line may say of the business. */
export type BusinessLine = Readonly<{ currency: string; timeZone: string; pool: Pool; graceDays: number }>;
export type Parsed = Readonly<{ kind: "business"; business: BusinessLine }> | Readonly<{ kind: "fact"; fact: Fact }>;

const undoable: readonly UndoableKind[] = [
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
];
const defaultAccount = "1000";

/** Parses one line's object. `timeZone` is the business's, by which instants become days. */
export function parseFact(value: unknown, timeZone: string): Parsed {
  const at = new Fields(value);
  const kind = at.text("kind");
  const fact = (one: Fact): Parsed => ({ kind: "fact", fact: one });
  switch (kind) {
    case "business": {
      const pool = at.optionalText("pool") ?? "business";
      if (pool !== "business" && pool !== "location")
        throw new Refusal("unknown_kind", `The pool is the business or each location, not ${pool}.`, { field: "pool" });
      const graceDays = at.optionalAmount("grace_days") ?? 0n;
      if (graceDays > 366n)
        throw new Refusal("out_of_range", "The grace period is at most 366 days.", { field: "grace_days" });
      const currency = at.optionalText("currency") ?? "USD";
      decimalsOf(currency);
      return {
        kind: "business",
        business: {
          currency,
          timeZone: zone(at.optionalText("time_zone") ?? "UTC"),
          pool,
          graceDays: Number(graceDays),
        },
      };
    }
    case "location":
      return fact({ kind, id: at.text("id"), name: at.text("name") });
    case "item": {
      const components = at.has("components")
        ? at.list("components", (part) => ({ item: part.text("item"), qty: part.quantity("qty") }))
        : [];
      const decimals = at.optionalAmount("decimals") ?? 0n;
      if (decimals > 9n) throw new Refusal("out_of_range", "An item has at most 9 decimals.", { field: "decimals" });
      return fact({
        kind,
        id: at.text("id"),
        name: at.text("name"),
        sku: at.optionalText("sku"),
        decimals: Number(decimals),
        aliases: at.texts("aliases"),
        ...(components.length === 0 ? {} : { components }),
      });
    }
    case "opening":
      return fact({ kind, id: at.text("id"), date: at.date("date"), lines: at.list("lines", inwardLine) });
    case "purchase": {
      const extra = at.optionalAmount("extra") ?? 0n;
      return fact({
        kind,
        id: at.text("id"),
        date: at.date("date"),
        amount: at.amount("amount"),
        lines: at.list("lines", inwardLine),
        extras: extra === 0n ? [] : [{ label: "Extra", amount: extra }],
        account: defaultAccount,
        supplier: null,
      });
    }
    case "order": {
      const taxBy = at.optionalText("tax_by") ?? "seller";
      if (taxBy !== "seller" && taxBy !== "channel")
        throw new Refusal("unknown_kind", `Tax is remitted by the seller or the channel, not by ${taxBy}.`, {
          field: "tax_by",
        });
      return fact({
        kind,
        id: at.text("id"),
        number: at.text("id"),
        channel: at.text("channel"),
        when: when(at.text("at"), timeZone),
        lines: at.list("lines", orderLine),
        shipping: at.optionalAmount("shipping") ?? 0n,
        tax: at.optionalAmount("tax") ?? 0n,
        taxBy,
        discount: at.optionalAmount("discount") ?? 0n,
        fees: at.has("fees")
          ? at.list("fees", (fee) => ({ kind: fee.text("kind"), amount: fee.signed("amount") }))
          : [],
      });
    }
    case "return": {
      const common = { kind, id: at.text("id"), date: at.date("date") } as const;
      const order = at.optionalText("order");
      if (order === null) {
        return fact({
          ...common,
          order: null,
          channel: at.text("channel"),
          lines: at.list("lines", (line) => ({
            id: line.text("id"),
            item: line.text("item"),
            qty: line.quantity("qty"),
            amount: line.amount("amount"),
            cost: line.amount("cost"),
            location: line.optionalText("location"),
          })),
        });
      }
      return fact({
        ...common,
        // A refund of a file is all in its lines: the format knows no tax or shipping of it, as the sources have (PartsBack).
        order,
        lines: at.list("lines", (line) => {
          const restock = line.flag("restock");
          const writeOff = line.has("write_off") && line.flag("write_off");
          if (restock && writeOff)
            throw new Refusal("does_not_fit", "What is back on the shelf is not written off.", { field: "write_off" });
          return {
            id: line.text("id"),
            line: line.text("line"),
            qty: line.quantity("qty"),
            amount: line.amount("amount"),
            restock,
            writeOff,
            location: line.optionalText("location"),
            placed: true,
          };
        }),
      });
    }
    case "purchase_return":
      return fact({
        kind,
        id: at.text("id"),
        date: at.date("date"),
        purchase: at.text("purchase"),
        lines: at.list("lines", (line) => ({
          id: line.text("id"),
          line: line.text("line"),
          qty: line.quantity("qty"),
          amount: line.amount("amount"),
        })),
      });
    case "transfer":
      return fact({
        kind,
        id: at.text("id"),
        date: at.date("date"),
        arrives: at.has("arrives") ? at.date("arrives") : null,
        from: at.text("from"),
        to: at.text("to"),
        lines: at.list("lines", lineOfItem),
      });
    case "adjustment":
      return fact({
        kind,
        id: at.text("id"),
        date: at.date("date"),
        location: at.optionalText("location"),
        reason: null,
        lines: at.list("lines", (line) => {
          const qty = line.signed("qty");
          if (qty === 0n)
            throw new Refusal("bad_quantity", "An adjustment of nothing changes nothing.", { field: "qty" });
          if (qty < 0n && line.has("amount"))
            throw new Refusal("does_not_fit", "What goes out costs what its lots cost: no amount is given for it.", {
              field: "amount",
            });
          return { id: line.text("id"), item: line.text("item"), qty, amount: line.optionalAmount("amount") ?? 0n };
        }),
      });
    case "assembly":
      return fact({
        kind,
        id: at.text("id"),
        date: at.date("date"),
        location: at.optionalText("location"),
        inputs: at.list("inputs", lineOfItem),
        outputs: outputsOf(at),
        overhead: at.optionalAmount("overhead") ?? 0n,
        account: at.optionalText("account") ?? "9991",
      });
    case "payout":
      return fact({
        kind,
        id: at.text("id"),
        channel: at.text("channel"),
        date: at.date("date"),
        amount: at.amount("amount"),
      });
    case "pin":
      return fact({ kind, sale: at.text("sale"), lot: at.text("lot"), qty: at.quantity("qty") });
    case "backfill":
      return fact({
        kind,
        id: at.text("id"),
        sale: at.text("sale"),
        date: at.date("date"),
        amount: at.amount("amount"),
        qty: at.has("qty") ? at.quantity("qty") : null,
        account: "3000",
      });
    case "match":
      return fact({ kind, sale: at.text("sale"), item: at.text("item") });
    case "undo": {
      const of = undoable.find((name) => name === at.text("of"));
      if (of === undefined) throw new Refusal("unknown_kind", `A ${at.text("of")} cannot be undone.`, { field: "of" });
      const key =
        of === "pin"
          ? `pin/${at.text("sale")}\u001f${at.text("lot")}`
          : of === "match"
            ? `match/${at.text("sale")}`
            : `${of}/${at.text("id")}`;
      return fact({ kind, of, key });
    }
    case "close":
      return fact({ kind, through: at.date("through") });
    default:
      throw new Refusal("unknown_kind", `There are no facts of the kind ${kind}.`, { field: "kind" });
  }
}

function zone(name: string): string {
  // Asked for a day, it refuses what is no zone.
  localDateOf(0n, name);
  return name;
}

/** `at` is an instant with an offset, or a local day without a time. */
function when(text: string, timeZone: string): When {
  if (/^\d{4}-\d{2}-\d{2}$/.test(text)) return { on: parseLocalDate(text), at: null };
  const at = instantOfIso(text);
  // The last hours of the year 9999 are another year elsewhere, which no day of the books is.
  return { on: parseLocalDate(localDateOf(at, timeZone)), at };
}

function inwardLine(line: Fields): InwardLine {
  return {
    id: line.text("id"),
    item: line.text("item"),
    qty: line.quantity("qty"),
    amount: line.amount("amount"),
    location: line.optionalText("location"),
  };
}

function lineOfItem(line: Fields): Readonly<{ id: string; item: string; qty: bigint }> {
  return { id: line.text("id"), item: line.text("item"), qty: line.quantity("qty") };
}

/** What a production makes: one output, which bears all, or several with their shares. */
function outputsOf(at: Fields): AssemblyFact["outputs"] {
  if (at.has("output") && at.has("outputs"))
    throw new Refusal("does_not_fit", "A production says its output, or its outputs with their shares, not both.", {
      field: "outputs",
    });
  if (!at.has("outputs")) return [{ ...lineOfItem(at.object("output")), share: 1n }];
  const outputs = at.list("outputs", (line) => ({ ...lineOfItem(line), share: line.amount("share") }));
  if (outputs.every((output) => output.share === 0n))
    throw new Refusal("does_not_fit", "The outputs' shares are not all 0: something bears the cost.", {
      field: "outputs",
    });
  return outputs;
}

function orderLine(line: Fields): OrderLine {
  return {
    id: line.text("id"),
    sku: line.optionalText("sku"),
    name: line.text("name"),
    listing: line.optionalText("listing"),
    qty: line.quantity("qty"),
    amount: line.amount("amount"),
    location: line.optionalText("location"),
  };
}

/** The fields of one JSON object, each asked for by name and checked. */
class Fields {
  readonly #fields: Readonly<Record<string, unknown>>;
  constructor(value: unknown) {
    if (typeof value !== "object" || value === null || Array.isArray(value))
      throw new Refusal("bad_json", "A fact is one JSON object.");
    this.#fields = value as Record<string, unknown>;
  }
  has(name: string): boolean {
    return Object.hasOwn(this.#fields, name) && this.#fields[name] !== null && this.#fields[name] !== undefined;
  }
  text(name: string): string {
    const value = this.has(name) ? this.#fields[name] : undefined;
    if (value === undefined) throw new Refusal("field_missing", `The field ${name} is missing.`, { field: name });
    if (typeof value !== "string") throw new Refusal("bad_json", `The field ${name} is a text.`, { field: name });
    if (value.includes("\u0000"))
      throw new Refusal("bad_character", `The field ${name} has a NUL character.`, { field: name });
    if (value.length > 10_000)
      throw new Refusal("text_too_long", `The field ${name} is longer than 10,000 letters.`, { field: name });
    return value;
  }
  optionalText(name: string): string | null {
    return this.has(name) ? this.text(name) : null;
  }
  texts(name: string): readonly string[] {
    if (!this.has(name)) return [];
    const value = this.#fields[name];
    if (!Array.isArray(value)) throw new Refusal("bad_json", `The field ${name} is a list.`, { field: name });
    return value.map((part, i) => new Fields({ [`${name} ${i + 1}`]: part }).text(`${name} ${i + 1}`));
  }
  flag(name: string): boolean {
    const value = this.has(name) ? this.#fields[name] : undefined;
    if (value === undefined) throw new Refusal("field_missing", `The field ${name} is missing.`, { field: name });
    if (typeof value !== "boolean")
      throw new Refusal("bad_json", `The field ${name} is true or false.`, { field: name });
    return value;
  }
  signed(name: string): bigint {
    const value = this.has(name) ? this.#fields[name] : undefined;
    if (value === undefined) throw new Refusal("field_missing", `The field ${name} is missing.`, { field: name });
    if (typeof value !== "number" || !Number.isInteger(value))
      throw new Refusal("bad_number", `The field ${name} is a whole number.`, { field: name });
    // Beyond this JSON's numbers are not exact, so what was written cannot be known.
    if (!Number.isSafeInteger(value))
      throw new Refusal("out_of_range", `The field ${name} is beyond 2^53.`, { field: name });
    return BigInt(value);
  }
  amount(name: string): bigint {
    const value = this.signed(name);
    if (value < 0n) throw new Refusal("out_of_range", `The field ${name} is not below 0.`, { field: name });
    return value;
  }
  optionalAmount(name: string): bigint | null {
    return this.has(name) ? this.amount(name) : null;
  }
  quantity(name: string): bigint {
    const value = this.signed(name);
    if (value <= 0n) throw new Refusal("bad_quantity", `The field ${name} is above 0.`, { field: name });
    return value;
  }
  date(name: string) {
    return parseLocalDate(this.text(name));
  }
  object(name: string): Fields {
    if (!this.has(name)) throw new Refusal("field_missing", `The field ${name} is missing.`, { field: name });
    return new Fields(this.#fields[name]);
  }
  list<T>(name: string, read: (fields: Fields) => T): readonly T[] {
    const value = this.has(name) ? this.#fields[name] : undefined;
    if (value === undefined) throw new Refusal("field_missing", `The field ${name} is missing.`, { field: name });
    if (!Array.isArray(value)) throw new Refusal("bad_json", `The field ${name} is a list.`, { field: name });
    return value.map((part) => read(new Fields(part)));
  }
}
