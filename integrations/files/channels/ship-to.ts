/**
 * Where an order was delivered to, as exports write it: the country by its two letters, or by its name in a language that channels export
 * in. A country that is said and that nobody knows stays a country (`unknown`): an order that left the seller's own must not come in as one
 * that did not. Pure.
 */
import { type OrderFact, shippedTo } from "../../../lib/core/facts";

/** ISO 3166 leaves these letters to whoever needs them; CLDR calls them the unknown region. */
const unknown = "ZZ";

const plain = (name: string): string =>
  name
    .toLowerCase()
    .normalize("NFD")
    .replace(/&/g, "and")
    .replace(/\bst\b\.?/g, "saint")
    .replace(/^the\s+/, "")
    .replace(/[^a-z]/g, "");

const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
/** Of the letters that countries may have, those that are no other's (DD, UK). */
const codes = [...letters].flatMap((first) =>
  [...letters].flatMap((second) => {
    const code = `${first}${second}`;
    return Intl.getCanonicalLocales(`und-${code}`)[0] === `und-${code}` ? [code] : [];
  }),
);

function namesIn(language: string): readonly (readonly [string, string])[] {
  const names = new Intl.DisplayNames(language, { type: "region", fallback: "none" });
  return codes.flatMap((code) => {
    const name = plain(names.of(code) ?? "");
    return name === "" ? [] : [[name, code] as const];
  });
}

/** Letters by names: those of today, where two languages share one the English, then what exports write beside them. */
const byName: ReadonlyMap<string, string> = new Map([
  ...["es", "it", "fr", "de", "en"].flatMap(namesIn),
  ["usa", "US"],
  ["unitedstatesofamerica", "US"],
  ["uk", "GB"],
  ["greatbritain", "GB"],
  ["england", "GB"],
  ["scotland", "GB"],
  ["wales", "GB"],
  ["northernireland", "GB"],
  ["ind", "IN"],
  ["bharat", "IN"],
  ["republicofindia", "IN"],
  ["hongkong", "HK"],
  ["macau", "MO"],
  ["macao", "MO"],
  ["czechrepublic", "CZ"],
  ["turkey", "TR"],
  ["russianfederation", "RU"],
  ["korearepublicof", "KR"],
  ["vietnam", "VN"],
  ["myanmar", "MM"],
]);

/** Where a row says that it was delivered to, as a field of the order's fact; nothing where it names no country. */
export function deliveredTo(country: string, region: string): Pick<OrderFact, "shipTo"> {
  const text = country.trim();
  if (text === "") return {};
  const code = byName.get(plain(text)) ?? (/^[A-Z]{2}$/i.test(text) ? text : unknown);
  return shippedTo(code, region);
}
