/**
 * What a file says, before anybody accepts it: the one shape that every reader of files gives. Readers are pure: bytes in, a
 * reading out; nothing is written until a person accepts the preview. The figures are those of the import format.
 */
import type { ErrorCode } from "../../lib/core/errors";
import type { Fact, LocalDate } from "../../lib/core/facts";
import type { RawDocument } from "../connector";

/** Something wrong with one row, or (row null) with the whole file. `row` is 1-based, as a person counts the file's lines; `column` the header's own word. */
export type Problem = Readonly<{ row: number | null; column: string | null; code: ErrorCode; message: string }>;

/** What the file says of itself, in minor units; null where it says nothing. */
export type Stated = Readonly<{ opening: bigint | null; closing: bigint | null; total: bigint | null }>;

type Common = Readonly<{
  /** The name of the layout, such as "etsy-statement" or "ofx". */
  kind: string;
  encoding: string;
  /** Data rows in the file, and how many of them were understood. */
  rows: number;
  read: number;
  problems: readonly Problem[];
  /** Does what the file says of itself hold? null where it says nothing. */
  agrees: boolean | null;
  from: LocalDate | null;
  through: LocalDate | null;
}>;

/** One line of a bank or card statement. `amount` is signed: positive came into the account. */
export type BankRow = Readonly<{
  /** Where it stands in the file, 1-based. */
  row: number;
  date: LocalDate;
  amount: bigint;
  payee: string;
  memo: string;
  /** The bank's own id of it, where it gives one; it is not always unique. */
  fitid: string | null;
  checkNumber: string | null;
  /** The balance after it, where the file has that column. */
  balance: bigint | null;
}>;
export type BankAccountReading = Readonly<{
  /** The account's number as the file has it (often masked), null where the file does not say. */
  account: string | null;
  name: string | null;
  type: "bank" | "card" | "cash" | null;
  currency: string | null;
  stated: Stated;
  /** The day of the stated closing balance, where the file names it. */
  closingOn?: LocalDate | null;
  rows: readonly BankRow[];
}>;
export type BankReading = Common &
  Readonly<{ type: "bank"; accounts: readonly BankAccountReading[]; layout: CsvLayout | null }>;

/** How a bank's CSV is to be read; suggested from the content, chosen by a person once and remembered for that bank. Columns are 0-based. */
export type CsvLayout = Readonly<{
  /** Header names joined: what tells the bank's files from others, so that the choice is found again. */
  fingerprint: string;
  delimiter: string;
  headerRow: number;
  /** The header's names (or "Column 1"… where the file has none), for the form that maps them. */
  headers: readonly string[];
  date: number;
  dateStyle: "ymd" | "dmy" | "mdy";
  /** Either one signed column, or one for money in and one for money out. */
  amount: number | null;
  credit: number | null;
  debit: number | null;
  /** A column that says "debit" or "credit" beside an unsigned amount, where there is one. */
  direction?: number | null;
  /** Where a card's export shows purchases as positive. */
  isNegated: boolean;
  decimalMark: "." | ",";
  payee: number | null;
  memo: number | null;
  balance: number | null;
  currency: number | null;
  id: number | null;
  /** What the content did not decide: the preview asks a person. */
  doubts: readonly ("date style" | "decimal mark" | "columns")[];
}>;

/** The columns of a sales list that can be told apart by a person, each the name of one of its columns or none. */
export const salesColumns = [
  "order",
  "date",
  "item",
  "sku",
  "quantity",
  "amount",
  "shipping",
  "tax",
  "fee",
  "payout",
] as const;
export type SalesColumn = (typeof salesColumns)[number];
/** How any other channel's list of sales is to be read; chosen by a person once and remembered for files with the same columns. */
export type SalesLayout = Readonly<{
  /** "sales:" and the header's names joined. */
  fingerprint: string;
  /** The header's names, normalised, for the form that maps them. */
  headers: readonly string[];
  columns: Readonly<Record<SalesColumn, string | null>>;
  /** Whether the amount is a row's whole, or the price of one piece. */
  amountIs: "line" | "each";
  /** Who owes the tax to the state. */
  taxBy: "seller" | "channel";
  dateStyle: "mdy" | "dmy";
  decimalMark: "." | ",";
  /** false while it is only what the names suggest. */
  isChosen: boolean;
}>;

export type TypeSum = Readonly<{ type: string; currency: string; count: number; amount: bigint }>;
export type PayoutReading = Readonly<{
  id: string;
  date: LocalDate | null;
  currency: string;
  /** What the file says was paid; `rows` is what its rows add to. */
  amount: bigint;
  rows: bigint;
}>;
/** The channels whose exports are read here. */
export type ChannelOfFiles =
  | "ebay"
  | "etsy"
  | "amazon"
  | "shopify"
  | "stripe"
  | "paypal"
  | "square"
  | "woocommerce"
  | "poshmark"
  | "mercari"
  | "depop"
  | "tiktok"
  | "whatnot"
  | "other";
export type ChannelReading = Common &
  Readonly<{
    type: "channel";
    channel: ChannelOfFiles;
    /** The seller's account in the channel, where the file names it. */
    account: string | null;
    types: readonly TypeSum[];
    net: readonly Readonly<{ currency: string; amount: bigint }>[];
    stated: Stated;
    payouts: readonly PayoutReading[];
    orders: number;
    units: number;
    /** Row types that this reader has never seen; they stay visible as `other`. */
    unknownTypes: readonly string[];
    /** How its columns were read, where a person may choose them. */
    sales?: SalesLayout;
    /** One document for each row (or group of rows that is one thing), to be stored before it is read; the body holds the raw row. */
    documents: readonly RawDocument[];
  }>;

export type Reading = BankReading | ChannelReading;

/** What a reader is told beside the bytes. `layout` is a remembered or chosen one; `fileName` is only ever shown. */
export type ReadOptions = Readonly<{
  fileName: string;
  currency: string;
  country: string;
  timeZone: string;
  layout: CsvLayout | null;
  /** A remembered or chosen reading of a channel's list of sales, or "suggest": it is one, however its columns are called. */
  sales?: SalesLayout | "suggest" | null;
}>;

/** A reader of one family of files. `recognise` looks at content alone: 0 not mine … 1 certainly mine. */
export type FileReader = Readonly<{
  recognise: (text: string) => number;
  read: (text: string, encoding: string, options: ReadOptions) => Reading;
}>;

/** Pure, for channel files: what one stored document says, given all that the file's family knows of its channel. */
export type ReadDocument = (document: RawDocument) => readonly Fact[];
