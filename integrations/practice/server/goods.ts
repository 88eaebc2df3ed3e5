/**
 * What the practice shop sells: things that it makes or buys by the dozen, and second-hand pieces that there is one of. The same
 * seed always gives the same goods. A few are made to be awkward, as real shops are: see `awkward` at the end.
 */
import { randomOf } from "./random";

export const dayMs = 86_400_000;

export type SkuFrom = Readonly<{ fromMs: number; sku: string | null }>;
export type Variant = Readonly<{
  id: string;
  productId: string;
  productTitle: string;
  /** The variant's own title ("1 qt"); null where a product comes in one kind only. */
  title: string | null;
  /** In cents. */
  price: number;
  /** Which SKU it carried since when, oldest first: SKUs are renamed. */
  skus: readonly SkuFrom[];
}>;
export type Product = Readonly<{
  id: string;
  title: string;
  /** There is one of it, and it sells once. */
  isSingle: boolean;
  listedMs: number;
  /** When it was taken off sale; null while it is sold. */
  endedMs: number | null;
  variants: readonly Variant[];
}>;

/** The SKU that a variant carried at a moment. */
export function skuAt(variant: Variant, atMs: number): string | null {
  let sku: string | null = null;
  for (const from of variant.skus) if (from.fromMs <= atMs) sku = from.sku;
  return sku;
}

/** When the product was last changed as far as can be known at `nowMs`. */
export function changedMs(product: Product, nowMs: number): number {
  let latest = product.listedMs;
  for (const variant of product.variants)
    for (const { fromMs } of variant.skus) if (fromMs <= nowMs && fromMs > latest) latest = fromMs;
  if (product.endedMs !== null && product.endedMs <= nowMs && product.endedMs > latest) latest = product.endedMs;
  return latest;
}

type Range = readonly [low: number, high: number];
type Making = readonly [title: string, prefix: string, price: Range, variants: readonly string[]];
type Design = readonly [titleOf: (design: string) => string, prefix: string, price: Range, designs: readonly string[]];

const makings: readonly Making[] = [
  ["Stoneware jar", "JAR", [2400, 5600], ["1 pt", "1 qt", "2 qt"]],
  ["Waxed canvas tote", "TOT", [5800, 6800], ["olive", "rust", "navy", "natural"]],
  ["Olive-wood board", "OWB", [3200, 7400], ["small", "medium", "large"]],
  ["Leather belt", "BLT", [4800, 5400], ["S", "M", "L", "XL"]],
  ["Linen apron", "APR", [4400, 5200], ["flax", "indigo", "charcoal"]],
  ["Wool socks", "SOX", [2200, 2600], ["S", "M", "L"]],
  ["Storm lantern", "LAN", [5200, 5600], ["rust", "zinc"]],
  ["Enamel mug", "ENM", [1600, 2000], ["white", "blue", "speckled"]],
  ["Cast-iron trivet", "TRV", [2800, 2800], []],
  ["Brass coat hooks, pair", "HKS", [3200, 3200], []],
  ["Beeswax tapers, six", "TPR", [2400, 2400], []],
  ["Leather key fob", "FOB", [1400, 1400], []],
  ["Oak bookends, pair", "BKE", [4600, 4600], []],
  ["Copper measuring spoons", "CMS", [3600, 3600], []],
  ["Cork coasters, four", "CRK", [1800, 1800], []],
  ["Shaker peg rail", "PEG", [4200, 5800], ["3 pegs", "5 pegs"]],
];
const designs: readonly Design[] = [
  [
    (d) => `Olive-oil soap, ${d}`,
    "SOP",
    [900, 950],
    ["lavender", "rosemary", "cedar", "oatmeal", "mint", "clay", "citrus", "pine tar", "plain", "charcoal"],
  ],
  [
    (d) => `Soy candle, ${d}`,
    "CDL",
    [1800, 2600],
    ["fig", "woodsmoke", "bay leaf", "tomato vine", "amber", "sea salt", "clove", "hay", "juniper", "plain"],
  ],
  [
    (d) => `Linen tea towel, ${d}`,
    "TWL",
    [1500, 1800],
    ["stripe", "check", "herringbone", "flax", "indigo", "ticking", "windowpane", "natural"],
  ],
  [
    (d) => `Letterpress cards, ${d}`,
    "CRD",
    [1200, 1600],
    ["wren", "fern", "fox", "oak leaf", "moon", "lighthouse", "pear", "mushroom", "hare", "thistle", "bee", "heron"],
  ],
  [
    (d) => `Stoneware mug, ${d}`,
    "MUG",
    [2600, 3400],
    ["ash", "celadon", "iron", "oat", "cobalt", "tenmoku", "shino", "slate"],
  ],
  [(d) => `Stoneware bowl, ${d}`, "BWL", [2800, 4800], ["ash", "celadon", "iron", "oat", "cobalt", "tenmoku"]],
  [(d) => `Willow basket, ${d}`, "BSK", [3400, 9800], ["berry", "egg", "log", "market", "bread", "bicycle"]],
  [
    (d) => `Cherry spoon, ${d}`,
    "SPN",
    [1800, 2800],
    ["stirring", "tasting", "slotted", "jam", "coffee scoop", "butter spreader"],
  ],
  [
    (d) => `Felt ornament, ${d}`,
    "ORN",
    [900, 1200],
    ["robin", "acorn", "star", "mitten", "owl", "sled", "bell", "goose", "pine", "apple"],
  ],
  [(d) => `Clay planter, ${d}`, "PLT", [1800, 4200], ["4 in", "6 in", "8 in", "hanging", "footed", "strawberry"]],
  [(d) => `Recycled-glass tumbler, ${d}`, "TMB", [1400, 1800], ["clear", "smoke", "green", "amber"]],
  [(d) => `Screen print, ${d}`, "PRT", [2400, 4800], ["harbour", "barn", "orchard", "owl", "tide chart", "bicycle"]],
];
const cross = (makers: readonly string[], pieces: readonly string[]): readonly string[] =>
  makers.flatMap((maker) => pieces.map((piece) => `${maker} ${piece}`));
const singles: readonly (readonly [prefix: string, price: Range, titles: readonly string[]])[] = [
  [
    "IRN",
    [3800, 18500],
    cross(
      ["Griswold", "Wagner Ware", "Lodge", "Birmingham"],
      ["No. 3 skillet", "No. 5 skillet", "No. 8 skillet", "No. 10 skillet", "griddle", "Dutch oven"],
    ),
  ],
  [
    "PYX",
    [1800, 7200],
    cross(
      ["Pyrex Butterprint", "Pyrex Gooseberry", "Pyrex Snowflake", "Pyrex Spring Blossom", "Pyrex Woodland"],
      ["401 bowl", "402 bowl", "403 bowl", "casserole", "refrigerator dish"],
    ),
  ],
  [
    "POT",
    [2800, 14500],
    cross(
      ["Hull", "Roseville", "McCoy", "Stangl", "Weller"],
      ["vase, magnolia", "bowl, zephyr lily", "planter, wheat", "jardinière", "pitcher, fruit"],
    ),
  ],
  [
    "CAM",
    [4500, 24500],
    [
      "Kodak Retina IIa",
      "Pentax K1000 body",
      "Argus C3",
      "Yashica Mat 124",
      "Minolta SRT 101",
      "Polaroid Land 250",
      "Olympus Trip 35",
      "Zeiss Ikon Contessa",
    ],
  ],
  [
    "GLS",
    [1600, 6800],
    cross(
      ["Jadeite", "Pink depression glass", "Cobalt depression glass", "Amber depression glass"],
      ["mug", "platter", "juice glasses, set of 4", "cake stand", "sugar bowl"],
    ),
  ],
  [
    "TXT",
    [4200, 29500],
    [
      "Pendleton throw, 1960s",
      "Hudson’s Bay blanket, 4 point",
      "Log cabin quilt",
      "Nine patch quilt",
      "Wedding ring quilt",
      "Chimayo rug",
      "Faribault blanket",
      "Crewel cushion",
    ],
  ],
  [
    "ELC",
    [5200, 24500],
    [
      "Philco radio, Bakelite",
      "Zenith Trans-Oceanic",
      "Western Electric 500",
      "Anglepoise 1227, black",
      "Faries desk lamp",
      "Emerson fan, brass blade",
      "Smith-Corona Sterling",
      "Olivetti Lettera 32",
      "Hermes 3000",
      "Telechron clock",
    ],
  ],
  [
    "TOL",
    [1800, 12500],
    [
      "Stanley No. 4 plane",
      "Stanley No. 5 plane",
      "Stanley No. 7 plane",
      "Stanley No. 45 plane",
      "Millers Falls brace",
      "Disston D-8 saw",
      "Starrett combination square",
      "Plumb hatchet",
      "North Bros. push drill",
      "Coes wrench",
    ],
  ],
  [
    "KIT",
    [1400, 9800],
    [
      "Copper mould, fish",
      "Le Creuset oven, flame",
      "Chemex, six cup",
      "Dazey churn",
      "Hoosier spice jars, set of 8",
      "Enterprise coffee mill",
      "Dansk Kobenstyle pot",
      "Bakelite flatware, 12 pieces",
      "Foley food mill",
      "Cathrineholm bowl, lotus",
      "Rolling pin, tiger maple",
      "Butter mould, sheaf",
    ],
  ],
  [
    "BKS",
    [1200, 6800],
    [
      "Audubon field guides, set of 6",
      "Moby-Dick, Kent illustrations",
      "Joy of Cooking, 1946",
      "Whole Earth Catalog, 1971",
      "Mother Goose, Wright",
      "Sears catalogue, 1923",
      "Boy Scout handbook, 1935",
      "Atlas of the World, 1957",
    ],
  ],
];

/** How many products the shop has when nothing else is said. */
const productsInShop = 300;

type Draft = {
  title: string;
  prefix: string;
  price: Range;
  variants: readonly string[];
  isSingle: boolean;
};

/** All goods that the shop ever lists, from the day it opened. Deterministic by seed. */
export function goodsOf(seed: number, openedMs: number): readonly Product[] {
  const drafts: Draft[] = [];
  for (const [title, prefix, price, variants] of makings)
    drafts.push({ title, prefix, price, variants, isSingle: false });
  for (const [titleOf, prefix, price, names] of designs)
    for (const name of names) drafts.push({ title: titleOf(name), prefix, price, variants: [], isSingle: false });
  for (const [prefix, price, titles] of singles)
    for (const title of titles) drafts.push({ title, prefix, price, variants: [], isSingle: true });
  // A second-hand shop gets the same piece again: the rest are further copies, told apart by what a seller writes.
  const firsts = drafts.filter((draft) => draft.isSingle);
  const marks = ["some wear", "restored", "unmarked", "boxed"];
  for (let i = 0; drafts.length < productsInShop; i += 1) {
    const first = firsts[(i * 7) % firsts.length];
    const mark = marks[Math.floor(i / firsts.length) % marks.length];
    if (first !== undefined && mark !== undefined) drafts.push({ ...first, title: `${first.title}, ${mark}` });
  }
  const counts = new Map<string, number>();
  const products = drafts.slice(0, productsInShop).map((draft, index): Product => {
    const random = randomOf(seed, "product", index);
    const id = `prd_${1001 + index}`;
    const number = 100 + (counts.get(draft.prefix) ?? 0);
    counts.set(draft.prefix, number - 99);
    const hasSku = !random.chance(draft.isSingle ? 180 : 40);
    // Craft goods are there from the start; half of the pieces are found in the course of the year.
    const listedMs =
      draft.isSingle && random.chance(500)
        ? openedMs + random.below(330) * dayMs
        : openedMs - random.between(1, 90) * dayMs;
    const price = centsIn(draft.price, random.below(1000), draft.isSingle);
    const kinds: readonly (string | null)[] = draft.variants.length === 0 ? [null] : draft.variants;
    return {
      id,
      title: draft.title,
      isSingle: draft.isSingle,
      listedMs,
      endedMs: null,
      variants: kinds.map((kind, place) => {
        const sku = `${draft.prefix}-${number}${kind === null ? "" : `-${suffixOf(kind)}`}`;
        return {
          id: `var_${1001 + index}_${place + 1}`,
          productId: id,
          productTitle: draft.title,
          title: kind,
          price: price + Math.floor(((draft.price[1] - draft.price[0]) * place) / kinds.length / 100) * 100,
          skus: [{ fromMs: listedMs, sku: hasSku ? sku : null }],
        };
      }),
    };
  });
  return awkward(products, openedMs);
}

function centsIn([low, high]: Range, perMille: number, isSingle: boolean): number {
  // Makers price low in their range and add for size; finders price anywhere. Whole dollars, as such shops do.
  const span = isSingle ? high - low : Math.floor((high - low) / 4);
  return Math.floor((low + Math.floor((span * perMille) / 1000)) / 100) * 100 || low;
}

function suffixOf(kind: string): string {
  return kind
    .toUpperCase()
    .replaceAll(/[^A-Z0-9]/g, "")
    .slice(0, 4);
}

/** Days after the opening on which something awkward happens to the shop's listings. */
const renamedOnDays = [90, 140, 200, 260] as const;
const reusedFromDay = 170;

function awkward(products: readonly Product[], openedMs: number): readonly Product[] {
  const at = (day: number): number => openedMs + day * dayMs;
  const skus = (
    product: Product,
    change: (skus: readonly SkuFrom[], variant: Variant) => readonly SkuFrom[],
  ): Product => ({
    ...product,
    variants: product.variants.map((variant) => ({ ...variant, skus: change(variant.skus, variant) })),
  });
  const renames = new Map<string, number>([
    ["Stoneware jar", renamedOnDays[0]],
    ["Olive-oil soap, cedar", renamedOnDays[1]],
    ["Letterpress cards, wren", renamedOnDays[2]],
    ["Waxed canvas tote", renamedOnDays[3]],
  ]);
  const doubled = "Pyrex Butterprint 403 bowl";
  return products.map((product) => {
    const renamedOn = renames.get(product.title);
    // Renamed: the same goods under a new SKU from a day on.
    if (renamedOn !== undefined)
      return skus(product, (from, variant) => {
        const old = from[0]?.sku ?? `${variant.id.toUpperCase()}`;
        return [
          { fromMs: product.listedMs, sku: old },
          { fromMs: at(renamedOn), sku: `AS-${old}` },
        ];
      });
    // Reused: one towel is sold out for good, and later its SKU is given to another.
    if (product.title === "Linen tea towel, check")
      return {
        ...skus(product, (from) => from.map((each) => ({ ...each, sku: "TWL-204" }))),
        endedMs: at(reusedFromDay - 20),
      };
    if (product.title === "Linen tea towel, windowpane")
      return {
        ...skus(product, (from) => from.map(() => ({ fromMs: at(reusedFromDay), sku: "TWL-204" }))),
        listedMs: at(reusedFromDay),
      };
    // Two listings with one name: the copy keeps its own id and SKU.
    if (product.title === "Pyrex Gooseberry 403 bowl")
      return {
        ...product,
        title: doubled,
        variants: product.variants.map((variant) => ({ ...variant, productTitle: doubled })),
      };
    return product;
  });
}
