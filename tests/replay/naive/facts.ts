/** The facts of replay.md as this implementation holds them, defaults filled in, and how they are refused. */

/** Why a fact is refused. The names are this implementation's own; the product has its own codes. */
export type Code =
  | "bad_field"
  | "different"
  | "does_not_fit"
  | "duplicate_id"
  | "named"
  | "out_of_place"
  | "over_amount"
  | "return_before_sale"
  | "too_large"
  | "too_many_returned"
  | "unknown_id"
  | "unknown_kind";

/** A fact that replay.md refuses: `line` is the file's line, from 1. */
export class Refused extends Error {
  readonly line: number;
  readonly code: Code;

  constructor(line: number, code: Code, message: string) {
    super(`line ${line}: ${code}: ${message}`);
    this.name = "Refused";
    this.line = line;
    this.code = code;
  }
}

/** What is wrong with a fact, before the line's number is known. */
export class Wrong extends Error {
  readonly code: Code;

  constructor(code: Code, message: string) {
    super(message);
    this.name = "Wrong";
    this.code = code;
  }
}

export interface BusinessFact {
  kind: "business";
  currency: string;
  time_zone: string;
  pool: "business" | "location";
  grace_days: number;
}
export interface LocationFact {
  kind: "location";
  id: string;
  name: string;
}
export interface ItemFact {
  kind: "item";
  id: string;
  name: string;
  sku: string;
  decimals: number;
  aliases: string[];
  /** Of a bundle: what one of it is made of, as listed. Empty for what can be stocked. */
  components: { item: string; qty: number }[];
}
export interface StockLine {
  id: string;
  item: string;
  qty: number;
  amount: number;
  location: string | null;
}
export interface OpeningFact {
  kind: "opening";
  id: string;
  date: string;
  lines: StockLine[];
}
export interface PurchaseFact {
  kind: "purchase";
  id: string;
  date: string;
  amount: number;
  extra: number;
  lines: StockLine[];
}
export interface OrderLine {
  id: string;
  sku: string;
  name: string;
  listing: string;
  qty: number;
  amount: number;
  location: string | null;
}
export interface OrderFact {
  kind: "order";
  id: string;
  channel: string;
  at: string;
  lines: OrderLine[];
  shipping: number;
  tax: number;
  tax_by: "seller" | "channel";
  discount: number;
  fees: { kind: string; amount: number }[];
}
export interface SaleReturnLine {
  id: string;
  line: string;
  qty: number;
  amount: number;
  restock: boolean;
  write_off: boolean;
  location: string | null;
}
export interface StrayReturnLine {
  id: string;
  item: string;
  qty: number;
  amount: number;
  cost: number;
  location: string | null;
}
export interface ReturnFact {
  kind: "return";
  id: string;
  date: string;
  order: string;
  lines: SaleReturnLine[];
}
/** A return that refers to no known sale. */
export interface StrayReturnFact {
  kind: "return";
  id: string;
  date: string;
  order: null;
  channel: string;
  lines: StrayReturnLine[];
}
export interface PurchaseReturnFact {
  kind: "purchase_return";
  id: string;
  date: string;
  purchase: string;
  lines: { id: string; line: string; qty: number; amount: number }[];
}
export interface TransferFact {
  kind: "transfer";
  id: string;
  date: string;
  arrives: string | null;
  from: string;
  to: string;
  lines: { id: string; item: string; qty: number }[];
}
export interface AdjustmentFact {
  kind: "adjustment";
  id: string;
  date: string;
  location: string | null;
  lines: { id: string; item: string; qty: number; amount: number }[];
}
export interface AssemblyFact {
  kind: "assembly";
  id: string;
  date: string;
  location: string | null;
  inputs: { id: string; item: string; qty: number }[];
  /** One output has the whole share. */
  outputs: { id: string; item: string; qty: number; share: number }[];
  overhead: number;
  account: string;
}
export interface PayoutFact {
  kind: "payout";
  id: string;
  channel: string;
  date: string;
  amount: number;
}
export interface PinFact {
  kind: "pin";
  sale: string;
  lot: string;
  qty: number;
}
export interface BackfillFact {
  kind: "backfill";
  id: string;
  sale: string;
  date: string;
  amount: number;
  qty: number | null;
}
export interface MatchFact {
  kind: "match";
  sale: string;
  item: string;
}
export interface UndoFact {
  kind: "undo";
  of: string;
  target: string;
}
export interface CloseFact {
  kind: "close";
  through: string;
}

export type KnownFact =
  | BusinessFact
  | LocationFact
  | ItemFact
  | OpeningFact
  | PurchaseFact
  | OrderFact
  | ReturnFact
  | StrayReturnFact
  | PurchaseReturnFact
  | TransferFact
  | AdjustmentFact
  | AssemblyFact
  | PayoutFact
  | PinFact
  | BackfillFact
  | MatchFact
  | UndoFact
  | CloseFact;

/** By what a fact is known: its kind and id; a pin by sale and lot; a match by its sale; a close by its date. */
export function keyOf(fact: KnownFact): string {
  switch (fact.kind) {
    case "business":
      return key("business");
    case "pin":
      return key("pin", fact.sale, fact.lot);
    case "match":
      return key("match", fact.sale);
    case "undo":
      return key("undo", fact.target);
    case "close":
      return key("close", fact.through);
    default:
      return key(fact.kind, fact.id);
  }
}

/** The ids of a fact's lines, in the order of the file; an assembly's inputs, then its outputs. */
export function lineIdsOf(fact: KnownFact): string[] {
  if (fact.kind === "backfill") return [fact.id];
  if (fact.kind === "assembly") return [...fact.inputs, ...fact.outputs].map((l) => l.id);
  return "lines" in fact ? fact.lines.map((l) => l.id) : [];
}

/** The items that a fact names by their ids, as often as it names them. */
export function itemsOf(fact: KnownFact): string[] {
  if (fact.kind === "item") return fact.components.map((c) => c.item);
  if (fact.kind === "match") return [fact.item];
  if (fact.kind === "assembly") return [...fact.inputs, ...fact.outputs].map((l) => l.item);
  return "lines" in fact ? fact.lines.flatMap((l) => ("item" in l ? [l.item] : [])) : [];
}

export function key(...parts: string[]): string {
  return JSON.stringify(parts);
}
