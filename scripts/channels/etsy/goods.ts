/** What the local Etsy shop lists: a small maker's shop, in the shapes of the published API. */

export type Good = Readonly<{
  listing: number;
  title: string;
  price: number;
  skus: readonly string[];
  /** What the buyer chooses, one choice for each SKU. */
  choice: string | null;
  state: "active" | "sold_out" | "inactive" | "expired";
}>;

const good = (
  listing: number,
  title: string,
  price: number,
  skus: readonly string[],
  choice: string | null = null,
  state: Good["state"] = "active",
): Good => ({ listing, title, price, skus, choice, state });

export const goods: readonly Good[] = [
  good(1_501_000_101, "Walnut serving board", 5_400, ["WAL-S", "WAL-L"], "Size"),
  good(1_501_000_102, "Oak spoon, hand carved", 1_850, ["SPOON-OAK"]),
  good(1_501_000_103, "Beeswax candle, pair", 1_400, ["CANDLE-2"]),
  good(1_501_000_104, "Linen tea towel", 1_200, ["TOWEL-BLUE", "TOWEL-RUST"], "Colour"),
  good(1_501_000_105, "The potter&#39;s mug", 2_800, ["MUG-POT"]),
  good(1_501_000_106, "Brass bookmark", 950, []),
  good(1_501_000_107, "Pressed flower card", 450, ["CARD-FLOWER"]),
  good(1_501_000_108, "Wool felt coaster set", 2_200, ["COASTER-4"]),
  good(1_501_000_109, "Cyanotype print", 3_600, ["CYANO-A4", "CYANO-A3"], "Size"),
  good(1_501_000_110, "Olive wood salt cellar", 3_200, ["SALT-OLIVE"], null, "sold_out"),
  good(1_501_000_111, "Copper plant tags", 1_600, ["TAGS-10"], null, "inactive"),
  good(1_501_000_112, "Screen printed tote", 1_900, ["TOTE-PRINT"], null, "expired"),
];

export const money = (amount: number) => ({ amount, divisor: 100, currency_code: "USD" });

/** A listing as the API gives it. */
export function listingOf(item: Good, shop: Readonly<{ id: number; user: number }>, at: number) {
  return {
    listing_id: item.listing,
    user_id: shop.user,
    shop_id: shop.id,
    title: item.title,
    description: "Made by hand in small numbers.",
    state: item.state,
    creation_timestamp: at,
    created_timestamp: at,
    ending_timestamp: at + 120 * 86_400,
    original_creation_timestamp: at,
    last_modified_timestamp: at,
    updated_timestamp: at,
    state_timestamp: at,
    quantity: item.state === "sold_out" ? 0 : 12,
    url: `https://www.etsy.com/listing/${item.listing}`,
    num_favorers: 3,
    is_taxable: true,
    listing_type: "physical",
    tags: ["handmade"],
    materials: ["wood"],
    has_variations: item.choice !== null,
    language: "en-US",
    price: money(item.price),
    skus: item.skus,
    views: 100,
  };
}
