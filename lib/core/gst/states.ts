/**
 * The states and territories of India by the code that begins a GSTIN and says a place of supply (GST state code list of the portal).
 * 25 (Daman and Diu) and 28 (Andhra Pradesh before its division) stay readable: old documents carry them.
 */
export type StateCode = string;

const names: Readonly<Record<StateCode, string>> = {
  "01": "Jammu and Kashmir",
  "02": "Himachal Pradesh",
  "03": "Punjab",
  "04": "Chandigarh",
  "05": "Uttarakhand",
  "06": "Haryana",
  "07": "Delhi",
  "08": "Rajasthan",
  "09": "Uttar Pradesh",
  "10": "Bihar",
  "11": "Sikkim",
  "12": "Arunachal Pradesh",
  "13": "Nagaland",
  "14": "Manipur",
  "15": "Mizoram",
  "16": "Tripura",
  "17": "Meghalaya",
  "18": "Assam",
  "19": "West Bengal",
  "20": "Jharkhand",
  "21": "Odisha",
  "22": "Chhattisgarh",
  "23": "Madhya Pradesh",
  "24": "Gujarat",
  "25": "Daman and Diu (until 2020)",
  "26": "Dadra and Nagar Haveli and Daman and Diu",
  "27": "Maharashtra",
  "28": "Andhra Pradesh (until 2014)",
  "29": "Karnataka",
  "30": "Goa",
  "31": "Lakshadweep",
  "32": "Kerala",
  "33": "Tamil Nadu",
  "34": "Puducherry",
  "35": "Andaman and Nicobar Islands",
  "36": "Telangana",
  "37": "Andhra Pradesh",
  "38": "Ladakh",
  "96": "Other country",
  "97": "Other territory",
};

/** The place of supply of what leaves India. */
export const abroad: StateCode = "96";

/** Territories without a legislature of their own: their half of the tax is called UTGST by the law, and is told as SGST everywhere. */
const withoutLegislature: readonly StateCode[] = ["04", "25", "26", "31", "35", "38", "97"];

/** Every code with its name, in the order of codes: what a form offers as place of supply. */
export const states: readonly Readonly<{ code: StateCode; name: string }>[] = Object.entries(names)
  .map(([code, name]) => ({ code, name }))
  .sort((a, b) => (a.code < b.code ? -1 : 1));

/** The name of a state's code; null for what is none. */
export function stateName(code: StateCode): string | null {
  return Object.hasOwn(names, code) ? (names[code] ?? null) : null;
}

/** The state that a GSTIN is registered in. The number was checked before (gstin.ts). */
export const stateOfGstin = (gstin: string): StateCode => gstin.slice(0, 2);

/** What the state's half of the tax is called on paper. */
export const stateTaxName = (code: StateCode): "SGST" | "UTGST" =>
  withoutLegislature.includes(code) ? "UTGST" : "SGST";

/** Letters alone, small, with "and" written out: how two spellings of a name are compared. */
const plain = (name: string): string =>
  name
    .toLowerCase()
    .replace(/&/g, "and")
    .replace(/[^a-z]/g, "");

/**
 * A state as it was typed or as a channel tells it: its code, its name in any case, or its letters in ISO 3166-2 ("MH", "IN-MH"). null
 * where it is none that we know: nothing is guessed from a part of a name.
 */
export function stateOf(typed: string): StateCode | null {
  const text = typed.trim();
  if (stateName(text) !== null) return text;
  const [, letters] = /^(?:IN[-\s])?([A-Z]{2})$/i.exec(text) ?? [];
  if (letters !== undefined) return byLetters.get(letters.toUpperCase()) ?? null;
  const asked = plain(text.replace(/^(?:the )?(?:state|union territory|ut) of /i, ""));
  if (asked === "") return null;
  return (
    otherNames.get(asked) ?? states.find(({ name, code }) => plain(name) === asked && code !== abroad)?.code ?? null
  );
}

/**
 * Where a delivery ends, as a place of supply (section 10(1)(a) of the IGST Act): the state, `abroad` for any other country, null where
 * what is said of the region is no state that we know.
 */
export function stateOfDelivery(to: Readonly<{ country: string; region: string }>): StateCode | null {
  if (to.country !== "IN") return abroad;
  const state = stateOf(to.region);
  return state === abroad ? null : state;
}

/**
 * The letters of ISO 3166-2:IN, those of its 2023 edition and those before them, which shops and channels still send: CT and CG, OR and OD,
 * TG and TS, UT, UA and UK, and the two territories that became DH.
 */
const byLetters: ReadonlyMap<string, StateCode> = new Map(
  Object.entries({
    "01": "JK",
    "02": "HP",
    "03": "PB",
    "04": "CH",
    "05": "UK UT UA",
    "06": "HR",
    "07": "DL",
    "08": "RJ",
    "09": "UP",
    "10": "BR",
    "11": "SK",
    "12": "AR",
    "13": "NL",
    "14": "MN",
    "15": "MZ",
    "16": "TR",
    "17": "ML",
    "18": "AS",
    "19": "WB",
    "20": "JH",
    "21": "OD OR",
    "22": "CG CT",
    "23": "MP",
    "24": "GJ",
    "26": "DH DN DD",
    "27": "MH",
    "29": "KA",
    "30": "GA",
    "31": "LD",
    "32": "KL",
    "33": "TN",
    "34": "PY",
    "35": "AN",
    "36": "TS TG",
    "37": "AP",
    "38": "LA",
  }).flatMap(([code, letters]) => letters.split(" ").map((each) => [each, code] as const)),
);

/** Names that channels' files use beside the official ones. */
const otherNames: ReadonlyMap<string, StateCode> = new Map([
  ["orissa", "21"],
  ["pondicherry", "34"],
  ["uttaranchal", "05"],
  ["newdelhi", "07"],
  ["nctofdelhi", "07"],
  ["delhinct", "07"],
  ["nationalcapitalterritoryofdelhi", "07"],
  ["jammukashmir", "01"],
  ["jandk", "01"],
  ["chattisgarh", "22"],
  ["chhatisgarh", "22"],
  ["dadraandnagarhaveli", "26"],
  ["dadranagarhaveli", "26"],
  ["damananddiu", "26"],
  ["damandiu", "26"],
  ["dadraandnagarhavelidamananddiu", "26"],
  ["andamanandnicobar", "35"],
  ["andamannicobar", "35"],
  ["andamannicobarislands", "35"],
  ["telengana", "36"],
]);
