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

/** A state as it was typed or as a channel tells it: its code, or its name in any case. null where it is none that we know. */
export function stateOf(typed: string): StateCode | null {
  const text = typed.trim();
  if (stateName(text) !== null) return text;
  const plain = (name: string) =>
    name
      .toLowerCase()
      .replace(/&/g, "and")
      .replace(/[^a-z]/g, "");
  const asked = plain(text);
  if (asked === "") return null;
  if (Object.hasOwn(otherNames, asked)) return otherNames[asked] ?? null;
  return states.find(({ name, code }) => plain(name) === asked && code !== abroad)?.code ?? null;
}

/** Names that channels' files use beside the official ones. */
const otherNames: Readonly<Record<string, StateCode>> = {
  orissa: "21",
  pondicherry: "34",
  uttaranchal: "05",
  newdelhi: "07",
  nctofdelhi: "07",
  delhinct: "07",
  jammukashmir: "01",
  chattisgarh: "22",
  dadraandnagarhaveli: "26",
  damananddiu: "26",
  andamanandnicobar: "35",
};
