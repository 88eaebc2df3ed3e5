/**
 * The vocabulary: every kind of fact that the books follow from. A fact is what happened outside (a purchase, an order, a pin);
 * it is immutable, known by its kind and id, and everything else is worked out from the set of facts (costing.md rule 11).
 *
 * The words are those of the replay format, so that a file of facts, a form, an import and a sync all say the same things.
 * Amounts are whole minor units of the books' currency (`foreign` keeps what was said in another), quantities whole smallest units of the item, both bigint.
 * Ids are those that the source gives, made unique by its maker ("etsy/order/3320347241"); they are compared by code point.
 */

/** A calendar day, `YYYY-MM-DD`, in the business's time zone. */
export type LocalDate = string & { readonly __day?: never };
/** An instant in microseconds since 1970-01-01T00:00:00Z. */
export type Instant = bigint;

/** When an order was placed: an instant, or only a local day where the source gives no time. */
export type When = Readonly<{ on: LocalDate; at: Instant | null }>;

/** What one unit of a currency is worth in the books' currency, by ten decimals (`rateDecimals`), on which day, by whose word. */
export type Rate = Readonly<{ currency: string; rate: bigint; on: LocalDate; source: string }>;
/** What a document said in its own currency: one amount for each amount of its fact, in the order of `withAmounts` (exchange.ts). */
export type Foreign = Rate & Readonly<{ amounts: readonly bigint[] }>;

export type LocationFact = Readonly<{ kind: "location"; id: string; name: string }>;
export type ItemFact = Readonly<{
  kind: "item";
  id: string;
  name: string;
  sku: string | null;
  /** Decimals of a quantity as people write it: 0 for pieces, 2 for cloth by the metre. */
  decimals: number;
  aliases: readonly string[];
  /** What a bundle is made of, `qty` in the component's smallest units for one of the bundle's; left out: the item is itself stocked. */
  components?: readonly Component[];
}>;
export type Component = Readonly<{ item: string; qty: bigint }>;

export type InwardLine = Readonly<{ id: string; item: string; qty: bigint; amount: bigint; location: string | null }>;
/** `weight`: the whole line's, in any unit that its purchase keeps to; asked for where an extra cost is spread by weight. */
export type PurchaseLine = InwardLine & Readonly<{ weight?: bigint }>;
/** What an extra cost of a purchase is spread by. */
export type SpreadBy = "value" | "quantity" | "weight";
export type OpeningFact = Readonly<{ kind: "opening"; id: string; date: LocalDate; lines: readonly InwardLine[] }>;

export type PurchaseFact = Readonly<{
  kind: "purchase";
  id: string;
  date: LocalDate;
  /** All that was paid. */
  amount: bigint;
  lines: readonly PurchaseLine[];
  /** Tax, shipping and other extra cost, spread over the lines (rule 10), by value unless said. Named parts, at least one where not 0. */
  extras: readonly Readonly<{ label: string; amount: bigint; by?: SpreadBy }>[];
  /** The account that paid (chart code); 1000 where the source says nothing. */
  account: string;
  supplier: string | null;
  /**
   * Of the amount, the tax that may be set off against the tax of sales (India's GST): it is no cost of the goods. Left out where nobody
   * said any; tax that nothing is set off for (section 17(5)) is not in it and stays in the cost.
   */
  input?: InputTax;
}>;
/** None of them is below 0. */
export type InputTax = Readonly<{ igst: bigint; cgst: bigint; sgst: bigint }>;

export type Fee = Readonly<{ kind: string; amount: bigint }>;
export type OrderLine = Readonly<{
  id: string;
  sku: string | null;
  name: string;
  /** The channel's product or variant id. */
  listing: string | null;
  qty: bigint;
  /** The line's total before discount. */
  amount: bigint;
  location: string | null;
}>;
export type OrderFact = Readonly<{
  kind: "order";
  id: string;
  channel: string;
  when: When;
  /** What the channel shows to people as the order's number. */
  number: string;
  lines: readonly OrderLine[];
  shipping: bigint;
  tax: bigint;
  taxBy: "seller" | "channel";
  discount: bigint;
  fees: readonly Fee[];
  foreign?: Foreign;
  /** Where it was delivered to; left out where the source does not say it. */
  shipTo?: ShipTo;
}>;
/**
 * A country (ISO 3166-1 alpha-2; `ZZ`: one that is said by a name that nobody knows) and the source's own text or code of the region in it
 * ("MH", "Maharashtra"), empty where it says none. No name, street or postcode: the tax follows from these two, and a fact is never erased.
 */
export type ShipTo = Readonly<{ country: string; region: string }>;

const longestRegion = 100;

/**
 * Where an order was delivered to, as a field of its fact: nothing where the country is not said by its two letters, and a region that is
 * too long to be one is left empty.
 */
export function shippedTo(country: string | null | undefined, region: string | null | undefined): { shipTo?: ShipTo } {
  const code = (country ?? "").trim().toUpperCase();
  if (!/^[A-Z]{2}$/.test(code)) return {};
  const text = (region ?? "").replace(/[\s\p{Cc}]+/gu, " ").trim();
  return { shipTo: { country: code, region: text.length > longestRegion ? "" : text } };
}

export type ReturnLine = Readonly<{
  id: string;
  /** The sale line that comes back. */
  line: string;
  qty: bigint;
  /** What the buyer gets back for it. */
  amount: bigint;
  restock: boolean;
  writeOff: boolean;
  location: string | null;
  /** false: the source does not know where the goods went; a person is asked, and until then nothing comes back. */
  placed: boolean;
}>;
export type LooseReturnLine = Readonly<{
  id: string;
  item: string;
  qty: bigint;
  amount: bigint;
  cost: bigint;
  location: string | null;
}>;
/**
 * What a refund gives back beside its lines, in minor units, not below 0: tax as the order charged it, shipping as the order has it. Left
 * out where it is nothing or where the source says only sums (`partsBack`): such a refund is all in its lines, as it always was.
 */
export type PartsBack = Readonly<{ tax?: bigint; shipping?: bigint }>;
/** Of an order, with its lines (none where only tax or shipping is given back); or of goods whose sale is not in the books. */
export type ReturnFact = Readonly<
  | (PartsBack & {
      kind: "return";
      id: string;
      date: LocalDate;
      order: string;
      lines: readonly ReturnLine[];
      foreign?: Foreign;
    })
  | {
      kind: "return";
      id: string;
      date: LocalDate;
      order: null;
      channel: string;
      lines: readonly LooseReturnLine[];
      foreign?: Foreign;
    }
>;

/** The parts that are there: what is 0 is left out, so that the same refund is the same fact whoever tells it. */
export function partsBack(parts: Readonly<{ tax: bigint; shipping: bigint }>): PartsBack {
  return {
    ...(parts.tax === 0n ? {} : { tax: parts.tax }),
    ...(parts.shipping === 0n ? {} : { shipping: parts.shipping }),
  };
}

export type PurchaseReturnFact = Readonly<{
  kind: "purchase_return";
  id: string;
  date: LocalDate;
  purchase: string;
  lines: readonly Readonly<{ id: string; line: string; qty: bigint; amount: bigint }>[];
}>;
/**
 * Goods that go from one location to another, arriving the same day or on a known one. A transfer whose arrival nobody knows yet is told
 * as it happens: one fact that sends the goods to `in-transit`, and one for each part that arrives from there. `consignment` is then the
 * id of the one that sent them, which also names itself: what arrives is of those goods and no others (docs/decisions/0005-movements.md).
 */
export type TransferFact = Readonly<{
  kind: "transfer";
  id: string;
  date: LocalDate;
  arrives: LocalDate | null;
  from: string;
  to: string;
  consignment?: string;
  /** What people know it by. */
  number?: string;
  lines: readonly Readonly<{ id: string; item: string; qty: bigint }>[];
}>;
export type AdjustmentFact = Readonly<{
  kind: "adjustment";
  id: string;
  date: LocalDate;
  location: string | null;
  /** `qty` is signed and not 0; `amount` is what comes in at, 0 for what goes out. */
  lines: readonly Readonly<{ id: string; item: string; qty: bigint; amount: bigint }>[];
  /** A key of reasons.ts, or a source's own words. */
  reason: string | null;
  /**
   * The account that bears it (chart code); left out: 5100. The fact itself says it, so that what is posted does not change when a
   * business chooses another account for the reason.
   */
  account?: string;
  note?: string;
  /** Of goods that did not arrive: the transfer that sent them, `location` then is `in-transit`. */
  consignment?: string;
  number?: string;
}>;
/** Production: assembly, kitting, disassembly (rule 9). */
export type AssemblyFact = Readonly<{
  kind: "assembly";
  id: string;
  date: LocalDate;
  location: string | null;
  inputs: readonly Readonly<{ id: string; item: string; qty: bigint }>[];
  /** What it makes; their shares of the cost are whole numbers, not all 0. */
  outputs: readonly Readonly<{ id: string; item: string; qty: bigint; share: bigint }>[];
  /** Work and other cost that goes into the outputs, taken from `account`. */
  overhead: bigint;
  /** The account credited with the overhead; 9991 where the source says nothing. */
  account: string;
  note?: string;
  /** What people know it by. */
  number?: string;
}>;
export type PayoutFact = Readonly<{
  kind: "payout";
  id: string;
  channel: string;
  date: LocalDate;
  amount: bigint;
  foreign?: Foreign;
}>;

/** What a row of a channel's balance is, apart from orders, returns and payouts. `other` is what no connector has seen yet. */
export type ChargeCategory =
  | "fee"
  | "processing"
  | "advertising"
  | "label"
  | "refund"
  | "sale"
  | "tax_collected"
  | "tax_remitted"
  | "reimbursement"
  | "loan"
  /** What a buyer adds for whoever served them. */
  | "tip"
  /** A gift card or credit of the seller's own: given out (money in), or taken in payment (money that does not come). */
  | "gift_card"
  /** Paid by a way that this channel does not hold (cash, PayPal at a shop of one's own): the order's money went elsewhere. */
  | "elsewhere"
  /** Between the channel's balance and the seller's own bank account, apart from payouts. */
  | "bank"
  /** What a conversion left over or cost, beside its fee. */
  | "exchange"
  | "other";
/** A row of a channel's balance that is no order, return or payout: a subscription, an advertising day, a label, an adjustment. */
export type ChargeFact = Readonly<{
  kind: "charge";
  id: string;
  channel: string;
  date: LocalDate;
  category: ChargeCategory;
  /** The channel's own word for it. */
  type: string;
  /**
   * The account against which it is posted (chart code), where a person said what a type that no connector knows is; left out: that of
   * its category. The fact itself says it, so that what is posted follows from it alone.
   */
  account?: string;
  /** What it does to the channel's balance: positive is money for the seller. Not 0. */
  amount: bigint;
  /** The order that it belongs to, where the channel says so. */
  order: string | null;
  memo: string;
  foreign?: Foreign;
}>;

/**
 * One row of a channel's balance as the channel itself lists it. It posts nothing: it is the evidence by which a payout is proved
 * (the rows of a payout add to what was paid) and by which a document's money is found again.
 */
export type BalanceRowFact = Readonly<{
  kind: "balance_row";
  id: string;
  channel: string;
  when: When;
  /** The channel's own word for the row. */
  type: string;
  /** Signed from the seller's side. */
  amount: bigint;
  /** The payout fact's id that the row was paid out in, null while it waits. */
  payout: string | null;
  /** The key (factKey) of the order, return, charge or payout that the row is money of; null for what nothing explains. */
  about: string | null;
  memo: string;
  foreign?: Foreign;
}>;

/** Where a person says that returned goods went, for a return whose source did not know (`ReturnLine.placed` false). */
export type PlacementFact = Readonly<{
  kind: "placement";
  line: string;
  restock: boolean;
  writeOff: boolean;
  location: string | null;
}>;

export type PinFact = Readonly<{ kind: "pin"; sale: string; lot: string; qty: bigint }>;
export type BackfillFact = Readonly<{
  kind: "backfill";
  id: string;
  sale: string;
  date: LocalDate;
  amount: bigint;
  /** null: the line's whole quantity. */
  qty: bigint | null;
  /** The account credited; 3000 (Owner's contributions) where the source says nothing. */
  account: string;
}>;
export type MatchFact = Readonly<{ kind: "match"; sale: string; item: string }>;
export type UndoFact = Readonly<{ kind: "undo"; of: UndoableKind; key: string }>;
export type CloseFact = Readonly<{ kind: "close"; through: LocalDate }>;

export type UndoableFact =
  | ItemFact
  | OpeningFact
  | PurchaseFact
  | OrderFact
  | ReturnFact
  | PurchaseReturnFact
  | TransferFact
  | AdjustmentFact
  | AssemblyFact
  | PayoutFact
  | ChargeFact
  | BalanceRowFact
  | PlacementFact
  | PinFact
  | BackfillFact
  | MatchFact;
export type UndoableKind = UndoableFact["kind"];
export type Fact = LocationFact | UndoableFact | UndoFact | CloseFact;
export type FactKind = Fact["kind"];

/**
 * The one name of a fact, unique in its business: its kind and what it is known by. The same fact always has the same key.
 * A pin is known by sale and lot, a match by its sale, a close by its date, an undo by what it undoes.
 */
export function factKey(fact: Fact): string {
  switch (fact.kind) {
    case "pin":
      return `pin/${fact.sale}\u001f${fact.lot}`;
    case "match":
      return `match/${fact.sale}`;
    case "placement":
      return `placement/${fact.line}`;
    case "close":
      return `close/${fact.through}`;
    case "undo":
      return `undo/${fact.key}`;
    default:
      return `${fact.kind}/${fact.id}`;
  }
}

/** The accounting day of a fact; nothing for one that has none. */
export function dayOf(fact: Fact): LocalDate {
  return fact.kind === "order" || fact.kind === "balance_row" ? fact.when.on : "date" in fact ? fact.date : "";
}

/** Compares two ids by code point (rule 1), as `collate "C"` does in the database. Code units would misplace astral letters. */
export function compareIds(a: string, b: string): number {
  if (a === b) return 0;
  for (let i = 0; i < a.length && i < b.length; i += 1) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) {
      // Surrogates (0xd800–0xdfff) stand for code points above every other code unit.
      const high = x >= 0xd800 && x <= 0xdfff;
      const other = y >= 0xd800 && y <= 0xdfff;
      if (high !== other) return high ? 1 : -1;
      return x < y ? -1 : 1;
    }
  }
  return a.length < b.length ? -1 : 1;
}
