/**
 * Reads the facts of replay.md, one JSON object at a time: known fields only, defaults filled in; everything that can be
 * refused without looking at other facts is refused here.
 */
import {
  type AssemblyFact,
  type ItemFact,
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
import {
  asText,
  checkZone,
  day,
  type Fields,
  has,
  instantOrDay,
  list,
  record,
  records,
  taxBy,
  text,
  whole,
  words,
  yesNo,
} from "./fields";

/** Reads one line. Throws `Wrong` for what is refused whatever the other facts are. */
export function readFact(line: unknown): KnownFact {
  const o = record(line, "the fact");
  const kind = text(o, "kind");
  switch (kind) {
    case "business": {
      const pool = has(o, "pool") ? text(o, "pool") : "business";
      if (pool !== "business" && pool !== "location") throw new Wrong("bad_field", "pool is business or location");
      const zone = has(o, "time_zone") ? text(o, "time_zone") : "UTC";
      checkZone(zone);
      return {
        kind,
        currency: has(o, "currency") ? text(o, "currency") : "USD",
        time_zone: zone,
        pool,
        grace_days: has(o, "grace_days") ? whole(o, "grace_days", 0) : 0,
      };
    }
    case "location": {
      const id = text(o, "id");
      if (id === "in-transit") throw new Wrong("bad_field", "in-transit is kept for goods on their way");
      return { kind, id, name: text(o, "name") };
    }
    case "item":
      return readItem(o);
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
      return readAssembly(o);
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

function readItem(o: Fields): ItemFact {
  const components = has(o, "components")
    ? records(o, "components").map((c) => ({ item: text(c, "item"), qty: whole(c, "qty", 1) }))
    : [];
  if (has(o, "components") && components.length === 0) throw new Wrong("bad_field", "a bundle of nothing");
  return {
    kind: "item",
    id: text(o, "id"),
    name: words(o, "name"),
    sku: has(o, "sku") ? words(o, "sku") : "",
    decimals: has(o, "decimals") ? whole(o, "decimals", 0) : 0,
    aliases: has(o, "aliases") ? list(o, "aliases").map((a) => asText(a, "aliases")) : [],
    components,
  };
}

function readAssembly(o: Fields): AssemblyFact {
  if (has(o, "output") === has(o, "outputs")) throw new Wrong("bad_field", "either output or outputs");
  const made = (l: Fields, share: number) => ({
    id: text(l, "id"),
    item: text(l, "item"),
    qty: whole(l, "qty", 1),
    share,
  });
  const outputs = has(o, "output")
    ? [made(record(o.output, "output"), 1)]
    : records(o, "outputs").map((l) => made(l, whole(l, "share", 0)));
  if (outputs.every((l) => l.share === 0)) throw new Wrong("bad_field", "all shares are 0");
  return {
    kind: "assembly",
    id: text(o, "id"),
    date: day(o, "date"),
    location: has(o, "location") ? text(o, "location") : null,
    inputs: records(o, "inputs").map((l) => ({ id: text(l, "id"), item: text(l, "item"), qty: whole(l, "qty", 1) })),
    outputs,
    overhead: has(o, "overhead") ? whole(o, "overhead", 0) : 0,
    account: has(o, "account") ? text(o, "account") : "9991",
  };
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
