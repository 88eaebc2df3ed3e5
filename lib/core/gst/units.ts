/** Unit quantity codes: what quantities are told in on the portal (GSTR-1, table 12). */
export const units: readonly Readonly<{ code: string; name: string }>[] = [
  ["NOS", "Numbers"],
  ["PCS", "Pieces"],
  ["SET", "Sets"],
  ["PRS", "Pairs"],
  ["PAC", "Packs"],
  ["BOX", "Boxes"],
  ["BAG", "Bags"],
  ["BTL", "Bottles"],
  ["CAN", "Cans"],
  ["CTN", "Cartons"],
  ["DOZ", "Dozens"],
  ["ROL", "Rolls"],
  ["TUB", "Tubes"],
  ["UNT", "Units"],
  ["GMS", "Grammes"],
  ["KGS", "Kilograms"],
  ["QTL", "Quintals"],
  ["TON", "Tonnes"],
  ["MLT", "Millilitres"],
  ["LTR", "Litres"],
  ["KLR", "Kilolitres"],
  ["CMS", "Centimetres"],
  ["MTR", "Metres"],
  ["YDS", "Yards"],
  ["SQF", "Square feet"],
  ["SQM", "Square metres"],
  ["CBM", "Cubic metres"],
  ["OTH", "Others"],
].map(([code = "", name = ""]) => ({ code, name }));

/** A unit's code as typed; null where it is none. */
export function unitOf(typed: string): string | null {
  const code = typed.trim().toUpperCase();
  return units.some((unit) => unit.code === code) ? code : null;
}
