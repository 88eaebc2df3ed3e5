/** What a business can choose from when it begins, and what is likely, by the languages that the browser asks for. */
import { Refusal } from "@/lib/core/errors";
import { decimalsOf } from "@/lib/core/money";

export type Choice = Readonly<{ value: string; label: string }>;

/** ISO 3166-1, but for places without people who trade. */
const countryCodes =
  "AD AE AF AG AI AL AM AO AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GT GU GW GY HK HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW";

const byLabel = (a: Choice, b: Choice) => a.label.localeCompare(b.label, "en");

export function countries(): readonly Choice[] {
  const names = new Intl.DisplayNames("en", { type: "region" });
  return countryCodes
    .split(" ")
    .map((value) => ({ value, label: names.of(value) ?? value }))
    .sort(byLabel);
}

/** The currencies in use that lib/core/money knows the decimals of. */
export function currencies(): readonly Choice[] {
  const names = new Intl.DisplayNames("en", { type: "currency" });
  return Intl.supportedValuesOf("currency")
    .filter(isKnown)
    .map((value) => ({ value, label: `${value}, ${names.of(value) ?? value}` }));
}

function isKnown(code: string): boolean {
  try {
    decimalsOf(code);
    return true;
  } catch (error) {
    if (error instanceof Refusal) return false;
    throw error;
  }
}

export function timeZones(): readonly Choice[] {
  return ["UTC", ...Intl.supportedValuesOf("timeZone").filter((zone) => zone !== "UTC")].map((value) => ({
    value,
    label: value.replaceAll("_", " "),
  }));
}

export function months(): readonly Choice[] {
  const name = new Intl.DateTimeFormat("en", { month: "long", timeZone: "UTC" });
  return Array.from({ length: 12 }, (_, i) => ({
    value: String(i + 1),
    label: `1 ${name.format(Date.UTC(2026, i, 1))}`,
  }));
}

export type Likely = Readonly<{ country: string; currency: string; timeZone: string; taxYearStartMonth: string }>;

const likely: Readonly<Record<string, readonly [currency: string, timeZone: string, month: string]>> = {
  US: ["USD", "America/New_York", "1"],
  IN: ["INR", "Asia/Kolkata", "4"],
  GB: ["GBP", "Europe/London", "4"],
  CA: ["CAD", "America/Toronto", "1"],
  AU: ["AUD", "Australia/Sydney", "7"],
  NZ: ["NZD", "Pacific/Auckland", "4"],
  JP: ["JPY", "Asia/Tokyo", "1"],
  IE: ["EUR", "Europe/Dublin", "1"],
  DE: ["EUR", "Europe/Berlin", "1"],
  FR: ["EUR", "Europe/Paris", "1"],
  IT: ["EUR", "Europe/Rome", "1"],
  ES: ["EUR", "Europe/Madrid", "1"],
  NL: ["EUR", "Europe/Amsterdam", "1"],
};

/** From `Accept-Language: en-IN,…`; the United States where it tells nothing. Only what stands in the form at first. */
export function likelyFrom(languages: string | null): Likely {
  const found = (languages ?? "").match(/^[a-z]{2,3}-([A-Z]{2})\b/)?.[1] ?? "US";
  const country = found in likely ? found : "US";
  const [currency, timeZone, taxYearStartMonth] = likely[country] ?? ["USD", "America/New_York", "1"];
  return { country, currency, timeZone, taxYearStartMonth };
}
