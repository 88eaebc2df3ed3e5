/** Amazon's marketplaces: where a seller signs in, which of the three regions answers for them, and the id that the API knows them by. */
import { Refusal } from "../../lib/core/errors";

export type Region = "na" | "eu" | "fe";
export type Marketplace = Readonly<{ code: string; name: string; id: string; region: Region; consent: string }>;

const at = (code: string, name: string, id: string, region: Region, consent: string): Marketplace => ({
  code,
  name,
  id,
  region,
  consent: `https://${consent}`,
});
const europe = "sellercentral-europe.amazon.com";

export const marketplaces: readonly Marketplace[] = [
  at("us", "United States (Amazon.com)", "ATVPDKIKX0DER", "na", "sellercentral.amazon.com"),
  at("ca", "Canada (Amazon.ca)", "A2EUQ1WTGCTBG2", "na", "sellercentral.amazon.ca"),
  at("mx", "Mexico (Amazon.com.mx)", "A1AM78C64UM0Y8", "na", "sellercentral.amazon.com.mx"),
  at("br", "Brazil (Amazon.com.br)", "A2Q3Y263D00KWC", "na", "sellercentral.amazon.com.br"),
  at("uk", "United Kingdom (Amazon.co.uk)", "A1F83G8C2ARO7P", "eu", europe),
  at("de", "Germany (Amazon.de)", "A1PA6795UKMFR9", "eu", europe),
  at("fr", "France (Amazon.fr)", "A13V1IB3VIYZZH", "eu", europe),
  at("it", "Italy (Amazon.it)", "APJ6JRA9NG5V4", "eu", europe),
  at("es", "Spain (Amazon.es)", "A1RKKUPIHCS9HS", "eu", europe),
  at("nl", "Netherlands (Amazon.nl)", "A1805IZSGTT6HS", "eu", "sellercentral.amazon.nl"),
  at("se", "Sweden (Amazon.se)", "A2NODRKZP88ZB9", "eu", "sellercentral.amazon.se"),
  at("pl", "Poland (Amazon.pl)", "A1C3SOZRARQ6R3", "eu", "sellercentral.amazon.pl"),
  at("be", "Belgium (Amazon.com.be)", "AMEN7PMS3EDWL", "eu", "sellercentral.amazon.com.be"),
  at("ie", "Ireland (Amazon.ie)", "A28R8C7NBKEWEA", "eu", "sellercentral.amazon.ie"),
  at("tr", "Türkiye (Amazon.com.tr)", "A33AVAJ2PDY3EV", "eu", "sellercentral.amazon.com.tr"),
  at("ae", "United Arab Emirates (Amazon.ae)", "A2VIGQ35RCS4UG", "eu", "sellercentral.amazon.ae"),
  at("sa", "Saudi Arabia (Amazon.sa)", "A17E79C6D8DWNP", "eu", "sellercentral.amazon.sa"),
  at("eg", "Egypt (Amazon.eg)", "ARBP9OOSHTCHU", "eu", "sellercentral.amazon.eg"),
  at("za", "South Africa (Amazon.co.za)", "AE08WJ6YKNBMC", "eu", "sellercentral.amazon.co.za"),
  at("in", "India (Amazon.in)", "A21TJRUUN4KGV", "eu", "sellercentral.amazon.in"),
  at("jp", "Japan (Amazon.co.jp)", "A1VC38T7YXB528", "fe", "sellercentral.amazon.co.jp"),
  at("au", "Australia (Amazon.com.au)", "A39IBJ37TRP1C6", "fe", "sellercentral.amazon.com.au"),
  at("sg", "Singapore (Amazon.sg)", "A19VAU5U5O7RUS", "fe", "sellercentral.amazon.sg"),
];

/** The marketplace of a code that a person chose. Refuses `bad_field` for one that there is not. */
export function marketplaceOf(code: string | undefined): Marketplace {
  const found = marketplaces.find((one) => one.code === code);
  if (found === undefined) throw new Refusal("bad_field", "Choose the Amazon marketplace.", { field: "marketplace" });
  return found;
}
