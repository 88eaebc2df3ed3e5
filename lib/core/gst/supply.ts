/** Where a supply takes place, and which tax follows from that (IGST Act, sections 7, 8 and 10). */
import { abroad, type StateCode, stateOfGstin } from "./states";
import type { Way } from "./tax";

/** What kind of supply a document is of, as the portal tells them apart. */
export const supplies = ["regular", "sez_with", "sez_without", "deemed", "export_with", "export_without"] as const;
export type Supply = (typeof supplies)[number];

export const supplyNames: Readonly<Record<Supply, string>> = {
  regular: "Regular",
  sez_with: "To an SEZ, with payment of tax",
  sez_without: "To an SEZ, under bond or LUT",
  deemed: "Deemed export",
  export_with: "Export with payment of tax",
  export_without: "Export under bond or LUT",
};

export const isExport = (supply: Supply): boolean => supply === "export_with" || supply === "export_without";
export const isSez = (supply: Supply): boolean => supply === "sez_with" || supply === "sez_without";
/** Zero-rated without payment: no tax stands on the document. */
export const isUntaxed = (supply: Supply): boolean => supply === "sez_without" || supply === "export_without";

/** What is known of a sale's ends. Countries are ISO 3166-1 alpha-2; states are codes; null is not known. */
export type Ends = Readonly<{
  /** The state that the seller is registered in. */
  seller: StateCode;
  buyerGstin: string | null;
  /** Where the goods go to; the country of a counter sale is the seller's. */
  toCountry: string;
  toState: StateCode | null;
  /** Delivered to a third person on the buyer's word: the place is then the buyer's own (section 10(1)(b)). */
  isShippedToOther: boolean;
}>;

/**
 * The place of supply of goods. In this order: out of India (the tables' code 96); the buyer's own state where goods go to a third person
 * on the buyer's word (10(1)(b)); where the movement ends (10(1)(a)); the buyer's registration; and of a buyer who is not known at all the
 * seller's own state (10(1)(c) and, since 1 October 2023, 10(1)(ca): no address of the buyer on the invoice).
 */
export function placeOfSupply(ends: Ends): StateCode {
  if (ends.toCountry !== "IN") return abroad;
  if (ends.isShippedToOther && ends.buyerGstin !== null) return stateOfGstin(ends.buyerGstin);
  if (ends.toState !== null) return ends.toState;
  return ends.buyerGstin === null ? ends.seller : stateOfGstin(ends.buyerGstin);
}

/** Within a state or between states. To abroad and to an SEZ is always between (section 7(5)). */
export function wayOf(seller: StateCode, pos: StateCode, supply: Supply): Way {
  return isExport(supply) || isSez(supply) || pos !== seller ? "inter" : "intra";
}
