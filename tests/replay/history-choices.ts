/** The small choices of random histories: ids, dates, quantities, amounts, places. */
import { Random } from "./naive/random";

/** How items are written, and how orders write them. */
export const SPELLINGS = [
  { sku: "AB-1", name: "Red Mug", variants: ["ab-1", "ＡＢ-1"], names: ["red  mug", " RED MUG"] },
  { sku: "X 2", name: "Straße", variants: ["x  2", "X\u00a02"], names: ["STRASSE", "strasse"] },
  { sku: "K3", name: "Large Plate", variants: ["k3", "\u212a3"], names: ["LARGE\tplate", "Large Plate "] },
  { sku: "", name: "Ölkännchen", variants: [""], names: ["O\u0308lka\u0308nnchen", "ÖLKÄNNCHEN"] },
  { sku: "Z-9", name: "Bolt ½", variants: ["z-9"], names: ["bolt 1⁄2", "BOLT ½"] },
] as const;
export const BUNDLE_SPELLINGS = [
  { sku: "SET-1", name: "Gift Set", variants: ["set-1"], names: ["GIFT set"] },
  { sku: "B 7", name: "Big Box", variants: ["b  7"], names: [" big box"] },
  { sku: "", name: "Ångström Kit", variants: [""], names: ["A\u030angstro\u0308m kit"] },
] as const;
export type Spelling = (typeof SPELLINGS)[number] | (typeof BUNDLE_SPELLINGS)[number];

const CHANNELS = ["ebay", "etsy", "Zed"];
/** More of them, whose order by code point is not that by UTF-16 unit, nor that of any language. */
const MANY_CHANNELS = [...CHANNELS, "Ämter", "ﬃ shop", "\u{1f600} fair", "市场", "a", "ebay 2"];
const CURRENCIES = ["EUR", "JPY", "KWD", "INR"];
export const ZONES = ["UTC", "America/New_York", "Asia/Kolkata", "Pacific/Auckland"];
const STARTS = ["2025-02-20", "2024-02-20", "2024-12-15", "2025-10-20"];
/** Around midnight in one zone or another. */
const TIMES = [
  "00:00:00",
  "00:00:00.000000001",
  "04:59:59",
  "05:00",
  "12:00:00",
  "12:00:00.25",
  "18:29:59.999",
  "18:30:00",
  "23:59:59.999999999",
  "24:00:00",
];
/** One instant of a day. */
const NOON = ["12:00:00Z", "17:30:00+05:30", "07:00-05:00", "12Z", "12:00:00.0000001Z", "12:00:00.00000099999Z"];
const BASIC = ["120000Z", "120000,000001Z", "1730+0530", "12Z", "240000Z", "2359+13", "000000.000002Z"];
const OFFSETS = ["Z", "+05:30", "-05:00", "-04:00", "-08:00", "+13:00", "+12:00"];
const BIG = 2 ** 46;

/** What a random history is made with; the history's own state is in histories.ts. */
export class Choices {
  protected readonly random: Random;
  protected locations: string[] = [];
  /** Where time has come to, in days from the start. */
  protected cursor = 0;
  protected readonly span: number;
  private readonly start: number;
  private readonly used = new Set<string>();
  private readonly channels: readonly string[];
  private siblings: string[] = [];
  private big = 0;

  constructor(seed: number) {
    this.random = new Random(seed);
    this.start = Date.parse(`${this.random.pick(STARTS)}T00:00:00Z`);
    this.channels = this.random.chance(0.15) ? MANY_CHANNELS : CHANNELS;
    // Short spans are full of days on which everything happens at once.
    this.span = this.random.pick([1, 3, 6, 12, 20, 30, 40]);
  }

  /** An id that does not tell the order of recording; some order otherwise by code point than by UTF-16 unit. */
  protected id(letter: string): string {
    const head = this.random.chance(0.25) ? this.random.pick([..."abgmoprtvzAZ9"]) : letter;
    const number = this.random.whole(0, 1295);
    const fresh = `${head}${this.random.chance(0.8) ? number.toString(36).padStart(2, "0") : number}`;
    // At times two or three ids that differ in their last sign only.
    if (this.siblings.length === 0)
      this.siblings = this.random.pick([
        [`${fresh}\ufb03`, `${fresh}\u{1f600}`],
        [`${fresh}_`, `${fresh}0`, `${fresh}é`],
      ]);
    const id = this.random.chance(0.15) ? (this.siblings.pop() ?? fresh) : fresh;
    if (this.used.has(id)) return this.id(letter);
    this.used.add(id);
    return id;
  }

  protected lineIds(id: string, mark = ""): string[] {
    const count = this.random.chance(0.7) ? 1 : this.random.whole(2, 3);
    return ["1", "2", "10"].slice(0, count).map((n) => `${id}-${mark}${n}`);
  }

  protected channel(): string {
    return this.random.pick(this.channels);
  }

  /** The books' currency, which is said where it is not the usual one. */
  protected currency(): { currency?: string } {
    return this.random.chance(0.15) ? { currency: this.random.pick(CURRENCIES) } : {};
  }

  protected place(): { location?: string } {
    if (this.locations.length === 0 || this.random.chance(0.5)) return {};
    return { location: this.random.pick(this.locations) };
  }

  protected qty(most: number): number {
    if (this.isBig(0.006)) return this.random.whole(BIG - 9, BIG);
    return this.random.chance(0.3) ? 1 : this.random.whole(1, most);
  }

  /** Some or all of a quantity. */
  protected part(qty: number): number {
    return this.random.chance(0.4) ? qty : this.random.whole(1, Math.min(qty, 6));
  }

  protected amount(): number {
    if (this.isBig(0.006)) return this.random.whole(BIG - 999, BIG);
    return this.random.chance(0.12) ? this.random.whole(0, 2) : this.random.whole(3, 999);
  }

  /** Big numbers are few, so that every sum is still exact in a file of plain numbers. */
  private isBig(chance: number): boolean {
    if (this.big >= 3 || !this.random.chance(chance)) return false;
    this.big += 1;
    return true;
  }

  /** An order's `at`: a date, or a time with an offset. */
  protected at(date: string): string {
    if (this.random.chance(0.4)) return date;
    // In ISO 8601's basic form at times: the same, without the signs.
    if (this.random.chance(0.06)) return `${date}T${this.random.pick(BASIC)}`.replaceAll("-", "");
    if (this.random.chance(0.3)) return `${date}T${this.random.pick(NOON)}`;
    return `${date}T${this.random.pick(TIMES)}${this.random.pick(OFFSETS)}`;
  }

  /** Mostly as time goes by, often late, at times early. */
  protected date(): string {
    const at = this.random.chance(0.65) ? this.cursor + this.random.whole(-2, 2) : this.random.whole(0, this.span);
    return this.day(new Date(this.start).toISOString().slice(0, 10), Math.max(0, Math.round(at)));
  }

  protected day(from: string, days: number): string {
    return new Date(Date.parse(`${from}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
  }
}
