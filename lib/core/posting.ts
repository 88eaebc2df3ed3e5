/**
 * What each fact posts: accounting.md as code. Pure, so that what a document should have posted can be worked out again at any time and
 * compared with what is (journal.ts). What needs a cost is apart (`costPostings`): it follows from costing and changes with it,
 * while a document's money follows from the document alone.
 *
 * A purchase is posted whole, without items, but for the tax that may be set off, which has accounts of its own: which lots the rest is,
 * is said by its details and may be said later, and saying it posts nothing. Inventory's part of an item is therefore what its lots brought less what was taken (rule 14).
 */
import { unreachable } from "./errors";
import { asSaid, type SaidFact } from "./exchange";
import type {
  AdjustmentFact,
  AssemblyFact,
  BackfillFact,
  ChargeCategory,
  ChargeFact,
  Fact,
  InputTax,
  LocalDate,
  OpeningFact,
  OrderFact,
  PayoutFact,
  PurchaseFact,
  ReturnFact,
} from "./facts";
import { inBoth, type Posting } from "./journal";
import { smaller } from "./money";
import { goodsOf, inputSum, noInput } from "./purchases";
import { reasonWithin, shrinkage } from "./reasons";

/** The accounts that the rules themselves name (chart.ts has them all). Banks, cards and channels have accounts of their own. */
export const accounts = {
  checking: "1000",
  payoutsInTransit: "1180",
  takenElsewhere: "1190",
  inventory: "1200",
  salesTax: "2200",
  marketplaceTax: "2210",
  giftCards: "2300",
  channelLoans: "2400",
  ownersContributions: "3000",
  openingBalances: "3090",
  sales: "4000",
  shippingIncome: "4010",
  discounts: "4080",
  refunds: "4090",
  otherIncome: "4100",
  costOfGoodsSold: "5000",
  shrinkage,
  purchaseVariance: "5110",
  channelFees: "6000",
  processingFees: "6010",
  advertising: "6020",
  shippingAndPostage: "6030",
  exchange: "6900",
  uncategorisedIncome: "9990",
  uncategorisedExpense: "9991",
} as const;

/** Where the tax that purchases put aside stands until it is set off: only a business in India has these accounts. */
export const inputAccounts: Readonly<Record<keyof InputTax, string>> = { igst: "1223", cgst: "1221", sgst: "1222" };

export type PostingContext = Readonly<{
  /** The account of what a channel holds for the seller: 1150, 1151, … */
  channelAccount: (channel: string) => string;
  /** The channel of an order, by the order fact's id: a return does not repeat it. */
  channelOf: (order: string) => string;
  /** Who remits the tax of an order, by the order fact's id: tax that is given back goes where it came from. */
  taxByOf: (order: string) => OrderFact["taxBy"];
  /** The books' currency; every amount is in it. */
  currency: string;
  /** The fact's accounting day. */
  on: (fact: Fact) => LocalDate;
}>;

type About = Readonly<{ purpose: string; effectiveOn: LocalDate; memo: string }> &
  Partial<Pick<Posting, "channel" | "item" | "location" | "line">>;

/** A posting, or none for nothing; a negative amount goes the other way. */
function move(about: About, debit: string, credit: string, amount: bigint): Posting[] {
  if (amount === 0n) return [];
  const dimensions = { channel: null, item: null, location: null, line: null };
  const pair = amount > 0n ? { debit, credit, amount } : { debit: credit, credit: debit, amount: -amount };
  return [{ ...dimensions, ...about, ...pair }];
}

/**
 * What a fact wants to have posted, but for costs that come from costing, and for what is left over of a payout (`exchangePostings`). One
 * that was said in another currency is run twice, with the books' amounts and as it was said, so that each posting has both.
 */
export function postingsOf(fact: Fact, context: PostingContext): readonly Posting[] {
  const own = ownPostings(fact, context);
  if (!("foreign" in fact) || fact.foreign === undefined) return own;
  // Costs are the books' own: no channel said them.
  const said = ownPostings(asSaid(fact), context).filter(({ purpose }) => purpose !== "cost");
  return [...inBoth(own, said, fact.foreign.currency), ...centsLeft(fact, own, said, context)];
}

/**
 * Parts are converted each by itself, so what comes to nothing as it was said may be some cents in the books: no row and no payout would ever
 * take them out of the channel's account, so they go to 6900 with the document.
 */
function centsLeft(
  fact: SaidFact,
  own: readonly Posting[],
  said: readonly Posting[],
  context: PostingContext,
): readonly Posting[] {
  if (fact.kind === "balance_row") return [];
  const channel = fact.kind === "return" && fact.order !== null ? context.channelOf(fact.order) : fact.channel;
  const held = context.channelAccount(channel);
  if (broughtTo(held, said) !== 0n) return [];
  const memo = "Cents between two currencies";
  const about = { purpose: "exchange", effectiveOn: context.on(fact), memo, channel };
  return move(about, accounts.exchange, held, broughtTo(held, own));
}

/** Debits less credits of an account. */
function broughtTo(account: string, postings: readonly Posting[]): bigint {
  return postings.reduce(
    (sum, { debit, credit, amount }) => (debit === account ? sum + amount : credit === account ? sum - amount : sum),
    0n,
  );
}

/** The same in the amounts that the fact has. */
function ownPostings(fact: Fact, context: PostingContext): readonly Posting[] {
  switch (fact.kind) {
    case "opening":
      return openingPostings(fact, context);
    case "purchase":
      return purchasePostings(fact, context);
    case "order":
      return orderPostings(fact, context);
    case "return":
      return returnPostings(fact, context);
    case "adjustment":
      return adjustmentPostings(fact, context);
    case "assembly":
      return assemblyPostings(fact, context);
    case "backfill":
      return backfillPostings(fact, context);
    case "payout":
      return payoutPostings(fact, context);
    case "charge":
      return chargePostings(fact, context);
    // Money and cost of a purchase return are one pair (rule 7), so it waits for its lots' cost: costPostings.
    case "purchase_return":
    // What a transfer moves stays in Inventory, in either pool.
    case "transfer":
    case "balance_row":
    case "placement":
    case "pin":
    case "match":
    case "item":
    case "location":
    case "undo":
    case "close":
      return [];
    default:
      return unreachable(fact);
  }
}

function openingPostings(fact: OpeningFact, context: PostingContext): Posting[] {
  const about = { purpose: "opening", effectiveOn: context.on(fact), memo: "Opening stock" };
  return fact.lines.flatMap(({ id, item, location, amount }) =>
    move({ ...about, item, location, line: id }, accounts.inventory, accounts.openingBalances, amount),
  );
}

function purchasePostings(fact: PurchaseFact, context: PostingContext): Posting[] {
  const memo = fact.supplier === null ? "Purchase" : `Purchase from ${fact.supplier}`;
  const about = { purpose: "purchase", effectiveOn: context.on(fact), memo };
  return [
    ...move(about, accounts.inventory, fact.account, goodsOf(fact)),
    ...inputTaxes(fact.input ?? noInput).flatMap(([account, tax]) => move(about, account, fact.account, tax)),
  ];
}

/** Each tax that is set off with the account that it stands on until it is. */
const inputTaxes = ({ igst, cgst, sgst }: InputTax): readonly (readonly [account: string, tax: bigint])[] => [
  [inputAccounts.igst, igst],
  [inputAccounts.cgst, cgst],
  [inputAccounts.sgst, sgst],
];

/** The buyer's payment, the tax that the channel keeps and remits the same day, and the fees: three purposes of one order. */
function orderPostings(fact: OrderFact, context: PostingContext): Posting[] {
  const held = context.channelAccount(fact.channel);
  const order = {
    purpose: "order",
    effectiveOn: context.on(fact),
    memo: `Order ${fact.number}`,
    channel: fact.channel,
  };
  const sales = fact.lines.reduce((sum, line) => sum + line.amount, 0n);
  const isRemitted = fact.taxBy === "channel";
  const tax = { ...order, purpose: "tax", memo: `Tax of order ${fact.number}, remitted by the channel` };
  const fees = { ...order, purpose: "fees", memo: `Fees of order ${fact.number}` };
  return [
    ...move(order, held, accounts.sales, sales),
    ...move(order, held, accounts.shippingIncome, fact.shipping),
    ...move(order, held, isRemitted ? accounts.marketplaceTax : accounts.salesTax, fact.tax),
    ...move(order, accounts.discounts, held, fact.discount),
    ...(isRemitted ? move(tax, accounts.marketplaceTax, held, fact.tax) : []),
    ...fact.fees.flatMap((fee) => move(fees, feeAccount(fee.kind), held, fee.amount)),
  ];
}

/** What a fee of a kind is: processing, advertising, postage; any other is the channel's own (replay.md). */
export function feeAccount(kind: string): string {
  switch (kind) {
    case "payment":
    case "processing":
      return accounts.processingFees;
    case "advertising":
      return accounts.advertising;
    case "shipping":
    case "label":
      return accounts.shippingAndPostage;
    default:
      return accounts.channelFees;
  }
}

/**
 * What the buyer gets back: goods, shipping, and tax as it was (what the channel remits, the channel gives back the same day). For goods of
 * no known sale also the cost at which they come in, which the user gave.
 */
function returnPostings(fact: ReturnFact, context: PostingContext): Posting[] {
  const channel = fact.order === null ? fact.channel : context.channelOf(fact.order);
  const effectiveOn = context.on(fact);
  const refund = {
    purpose: "refund",
    effectiveOn,
    memo: fact.order === null ? "Refund" : `Refund of order ${fact.order}`,
    channel,
  };
  let amount = 0n;
  for (const line of fact.lines) amount += line.amount;
  const held = context.channelAccount(channel);
  const money = move(refund, accounts.refunds, held, amount);
  if (fact.order !== null) {
    const { tax = 0n, shipping = 0n } = fact;
    const isRemitted = context.taxByOf(fact.order) === "channel";
    const given = { ...refund, purpose: "tax", memo: `Tax of order ${fact.order}, given back by the channel` };
    return [
      ...money,
      ...move(refund, accounts.shippingIncome, held, shipping),
      ...move(refund, isRemitted ? accounts.marketplaceTax : accounts.salesTax, held, tax),
      ...(isRemitted ? move(given, held, accounts.marketplaceTax, tax) : []),
    ];
  }
  const goods = { purpose: "cost", effectiveOn, memo: "Return of a sale that is not in the books", channel };
  const costs = fact.lines.flatMap(({ id, item, location, cost }) =>
    move({ ...goods, item, location, line: id }, accounts.inventory, accounts.costOfGoodsSold, cost),
  );
  return [...money, ...costs];
}

/** Only what comes in has a value of its own; what goes out costs what its lots cost. */
function adjustmentPostings(fact: AdjustmentFact, context: PostingContext): Posting[] {
  const memo = fact.reason === null ? "Adjustment" : `Adjustment: ${reasonWithin(fact.reason)}`;
  const about = { purpose: "adjustment", effectiveOn: context.on(fact), memo, location: fact.location };
  return fact.lines
    .filter((line) => line.qty > 0n)
    .flatMap(({ id, item, amount }) =>
      move({ ...about, item, line: id }, accounts.inventory, fact.account ?? accounts.shrinkage, amount),
    );
}

/**
 * What a production makes comes from Inventory and stays in Inventory: which items the balance is moves with its lots, and a posting
 * from an account to itself would say nothing. Only the overhead is new there.
 */
function assemblyPostings(fact: AssemblyFact, context: PostingContext): Posting[] {
  const [only, ...others] = fact.outputs;
  const item = others.length === 0 ? (only?.item ?? null) : null;
  const about = { purpose: "production", effectiveOn: context.on(fact), memo: "Production: overhead" };
  return move({ ...about, item, location: fact.location }, accounts.inventory, fact.account, fact.overhead);
}

function backfillPostings(fact: BackfillFact, context: PostingContext): Posting[] {
  const about = {
    purpose: "backfill",
    effectiveOn: context.on(fact),
    memo: "Cost of what is not in the books",
    line: fact.sale,
  };
  return move(about, accounts.inventory, fact.account, fact.amount);
}

function payoutPostings(fact: PayoutFact, context: PostingContext): Posting[] {
  const about = { purpose: "payout", effectiveOn: context.on(fact), memo: "Payout", channel: fact.channel };
  return move(about, accounts.payoutsInTransit, context.channelAccount(fact.channel), fact.amount);
}

/**
 * What a payout in another currency leaves in the channel's account, in the books' currency: what its rows brought there less what it took
 * out (`exchangeLeft`). Currencies meet only through 6900.
 */
export function exchangePostings(fact: PayoutFact, left: bigint, context: PostingContext): readonly Posting[] {
  const memo = "Exchange difference of the payout";
  const about = { purpose: "exchange", effectiveOn: context.on(fact), memo, channel: fact.channel };
  return move(about, accounts.exchange, context.channelAccount(fact.channel), left);
}

function chargePostings(fact: ChargeFact, context: PostingContext): Posting[] {
  // What no connector knows stays visible under the channel's own word for it.
  const memo =
    fact.category === "other" || fact.memo === ""
      ? [fact.type, fact.memo].filter((text) => text !== "").join(": ")
      : fact.memo;
  const about = { purpose: "charge", effectiveOn: context.on(fact), memo, channel: fact.channel };
  // By what was said: in the books' currency it may come to nothing.
  const against = fact.account ?? chargeAccount(fact.category, asSaid(fact).amount);
  return move(about, context.channelAccount(fact.channel), against, fact.amount);
}

/** The account against which a row of a channel's balance is posted; `amount` is what it does to the balance. */
export function chargeAccount(category: ChargeCategory, amount: bigint): string {
  switch (category) {
    case "fee":
      return accounts.channelFees;
    case "processing":
      return accounts.processingFees;
    case "advertising":
      return accounts.advertising;
    case "label":
      return accounts.shippingAndPostage;
    case "refund":
      return accounts.refunds;
    case "sale":
      return accounts.sales;
    case "tax_collected":
    case "tax_remitted":
      return accounts.marketplaceTax;
    case "reimbursement":
    case "tip":
      return accounts.otherIncome;
    case "gift_card":
      return accounts.giftCards;
    // Whoever took the money (another channel, a till, the bank) takes it from there again, so that it comes to nothing.
    case "elsewhere":
      return accounts.takenElsewhere;
    case "bank":
      return accounts.payoutsInTransit;
    case "exchange":
      return accounts.exchange;
    case "loan":
      return accounts.channelLoans;
    case "other":
      return amount > 0n ? accounts.uncategorisedIncome : accounts.uncategorisedExpense;
    default:
      return unreachable(category);
  }
}

type CostAbout = Readonly<{
  /** The line that moved: the sale line, the return line, the adjustment's line. */
  line: string;
  effectiveOn: LocalDate;
  /** What costing says that it cost, or brought back. */
  cost: bigint;
  item: string | null;
  location: string | null;
  channel?: string | null;
}>;

/** A movement with its cost, as costing gives it. */
export type CostFact =
  | (CostAbout & Readonly<{ kind: "sale" | "restocked" | "written_off" }>)
  /** What an adjustment took out: the account that bears it, and why. */
  | (CostAbout & Readonly<{ kind: "lost"; account: string; reason: string | null }>)
  /** `back`: what the supplier gave; `account`: where it came to; `input`: of it, the tax that is not set off any more. */
  | (CostAbout & Readonly<{ kind: "purchase_return"; back: bigint; account: string; input?: InputTax }>);

/** What a movement's cost wants to have posted, purpose "cost". */
export function costPostings(fact: CostFact): readonly Posting[] {
  const { effectiveOn, item, location, line, channel = null, cost } = fact;
  const about = (memo: string) => ({ purpose: "cost", effectiveOn, memo, channel, item, location, line });
  switch (fact.kind) {
    case "sale":
      return move(about("Cost of goods sold"), accounts.costOfGoodsSold, accounts.inventory, cost);
    case "lost":
      return move(about(memoOfLoss(fact.reason)), fact.account, accounts.inventory, cost);
    case "restocked":
      return move(about("Returned to stock"), accounts.inventory, accounts.costOfGoodsSold, cost);
    case "written_off":
      return move(about("Returned and written off"), accounts.shrinkage, accounts.costOfGoodsSold, cost);
    case "purchase_return": {
      // What came back, without its tax, pays for the lots as far as it goes; the rest, either way, is the purchase variance.
      const input = fact.input ?? noInput;
      const back = fact.back - inputSum(input);
      const paired = smaller(back, cost);
      const memo = about("Returned to the supplier");
      return [
        ...inputTaxes(input).flatMap(([account, tax]) => move(memo, fact.account, account, tax)),
        ...move(memo, fact.account, accounts.inventory, paired),
        ...move(memo, fact.account, accounts.purchaseVariance, back - paired),
        ...move(memo, accounts.purchaseVariance, accounts.inventory, cost - paired),
      ];
    }
    default:
      return unreachable(fact);
  }
}

function memoOfLoss(reason: string | null): string {
  return reason === null ? "Stock lost or used up" : `Stock removed: ${reasonWithin(reason)}`;
}
