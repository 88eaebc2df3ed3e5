/**
 * The tables of GST, written out a second time from the lists that the portal and the notifications publish: a code, name or number that
 * changes by mistake is noticed here, one that changes by law is changed here too.
 */
import { describe, expect, it } from "vitest";
import { InvariantBroken } from "../../../lib/core/errors";
import { hsnDigits, hsnSplit, inForce, lawOn, offeredRates } from "../../../lib/core/gst/dated";
import { Decimal } from "../../../lib/core/gst/json";
import { abroad, stateName, stateOf, stateOfDelivery, states, stateTaxName } from "../../../lib/core/gst/states";
import { unitOf, units } from "../../../lib/core/gst/units";

/** Of the portal's unit quantity codes those that shops sell in, as a form lists them: counted first, then by weight, volume, length. */
const unitList = [
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
  ["DRM", "Drums"],
  ["BAL", "Bales"],
  ["BDL", "Bundles"],
  ["BUN", "Bunches"],
  ["BKL", "Buckles"],
  ["DOZ", "Dozens"],
  ["GRS", "Gross"],
  ["TGM", "Ten gross"],
  ["GGK", "Great gross"],
  ["THD", "Thousands"],
  ["BOU", "Billions of units"],
  ["ROL", "Rolls"],
  ["TUB", "Tubes"],
  ["TBS", "Tablets"],
  ["UNT", "Units"],
  ["GMS", "Grammes"],
  ["KGS", "Kilograms"],
  ["QTL", "Quintals"],
  ["TON", "Tonnes"],
  ["MTS", "Metric tons"],
  ["MLT", "Millilitres"],
  ["LTR", "Litres"],
  ["KLR", "Kilolitres"],
  ["UGS", "US gallons"],
  ["CMS", "Centimetres"],
  ["MTR", "Metres"],
  ["KME", "Kilometres"],
  ["YDS", "Yards"],
  ["GYD", "Gross yards"],
  ["SQF", "Square feet"],
  ["SQM", "Square metres"],
  ["SQY", "Square yards"],
  ["CBM", "Cubic metres"],
  ["CCM", "Cubic centimetres"],
  ["OTH", "Others"],
] as const;

/** The portal's state codes. */
const stateList = [
  ["01", "Jammu and Kashmir"],
  ["02", "Himachal Pradesh"],
  ["03", "Punjab"],
  ["04", "Chandigarh"],
  ["05", "Uttarakhand"],
  ["06", "Haryana"],
  ["07", "Delhi"],
  ["08", "Rajasthan"],
  ["09", "Uttar Pradesh"],
  ["10", "Bihar"],
  ["11", "Sikkim"],
  ["12", "Arunachal Pradesh"],
  ["13", "Nagaland"],
  ["14", "Manipur"],
  ["15", "Mizoram"],
  ["16", "Tripura"],
  ["17", "Meghalaya"],
  ["18", "Assam"],
  ["19", "West Bengal"],
  ["20", "Jharkhand"],
  ["21", "Odisha"],
  ["22", "Chhattisgarh"],
  ["23", "Madhya Pradesh"],
  ["24", "Gujarat"],
  ["25", "Daman and Diu (until 2020)"],
  ["26", "Dadra and Nagar Haveli and Daman and Diu"],
  ["27", "Maharashtra"],
  ["28", "Andhra Pradesh (until 2014)"],
  ["29", "Karnataka"],
  ["30", "Goa"],
  ["31", "Lakshadweep"],
  ["32", "Kerala"],
  ["33", "Tamil Nadu"],
  ["34", "Puducherry"],
  ["35", "Andaman and Nicobar Islands"],
  ["36", "Telangana"],
  ["37", "Andhra Pradesh"],
  ["38", "Ladakh"],
  ["96", "Other country"],
  ["97", "Other territory"],
] as const;

describe("units", () => {
  it("are the portal's codes, in the order of a form", () => {
    expect(units.map(({ code, name }) => [code, name])).toEqual(unitList);
  });

  it.each(unitList)("%s is known as typed, in any case and with spaces around it", (code) => {
    expect(unitOf(code)).toBe(code);
    expect(unitOf(` ${code.toLowerCase()}\t`)).toBe(code);
  });

  it.each(["", " ", "XYZ", "Numbers", "NO", "NOSS", "N OS"])("“%s” is none", (typed) => {
    expect(unitOf(typed)).toBeNull();
  });
});

describe("states", () => {
  it("are the portal's codes, rising", () => {
    expect(states.map(({ code, name }) => [code, name])).toEqual(stateList);
    expect(abroad).toBe("96");
  });

  it.each(stateList)("%s is %s by its code, with spaces around it or not", (code, name) => {
    expect(stateName(code)).toBe(name);
    expect(stateOf(code)).toBe(code);
    expect(stateOf(` ${code}\n`)).toBe(code);
  });

  it.each(stateList.filter(([code]) => code !== "96"))(
    "%s is found by the name %s, however it is written",
    (code, name) => {
      expect(stateOf(name)).toBe(code);
      expect(stateOf(` ${name.toUpperCase()} `)).toBe(code);
      expect(stateOf(name.replaceAll(" ", ""))).toBe(code);
      expect(stateOf(name.replaceAll(" and ", " & "))).toBe(code);
    },
  );

  it.each([
    ["Orissa", "21"],
    ["Pondicherry", "34"],
    ["Uttaranchal", "05"],
    ["New Delhi", "07"],
    ["NCT of Delhi", "07"],
    ["Delhi (NCT)", "07"],
    ["Jammu-Kashmir", "01"],
    ["Chattisgarh", "22"],
    ["Dadra & Nagar Haveli", "26"],
    ["Daman and Diu", "26"],
    ["Andaman & Nicobar", "35"],
    ["J&K", "01"],
    ["Dadra and Nagar Haveli and Daman & Diu", "26"],
    ["Dadra & Nagar Haveli, Daman & Diu", "26"],
    ["Andaman & Nicobar Islands", "35"],
    ["National Capital Territory of Delhi", "07"],
    ["State of Odisha", "21"],
  ])("%s is another name of %s", (name, code) => {
    expect(stateOf(name)).toBe(code);
  });

  it.each([
    "",
    "  ",
    "--",
    "00",
    "39",
    "99",
    "7",
    "Delhi and Goa",
    "XX",
    "IN",
    "IN-",
    "IN-XX",
    "US-MH",
    "MHA",
    "Bombay",
  ])("“%s” is none", (typed) => {
    expect(stateOf(typed)).toBeNull();
  });

  it.each([
    ["01", "JK"],
    ["02", "HP"],
    ["03", "PB"],
    ["04", "CH"],
    ["05", "UK"],
    ["05", "UT"],
    ["05", "UA"],
    ["06", "HR"],
    ["07", "DL"],
    ["08", "RJ"],
    ["09", "UP"],
    ["10", "BR"],
    ["11", "SK"],
    ["12", "AR"],
    ["13", "NL"],
    ["14", "MN"],
    ["15", "MZ"],
    ["16", "TR"],
    ["17", "ML"],
    ["18", "AS"],
    ["19", "WB"],
    ["20", "JH"],
    ["21", "OD"],
    ["21", "OR"],
    ["22", "CG"],
    ["22", "CT"],
    ["23", "MP"],
    ["24", "GJ"],
    ["26", "DH"],
    ["26", "DN"],
    ["26", "DD"],
    ["27", "MH"],
    ["29", "KA"],
    ["30", "GA"],
    ["31", "LD"],
    ["32", "KL"],
    ["33", "TN"],
    ["34", "PY"],
    ["35", "AN"],
    ["36", "TS"],
    ["36", "TG"],
    ["37", "AP"],
    ["38", "LA"],
  ])("%s is found by its letters %s, with the country's before them or not", (code, letters) => {
    expect(stateOf(letters)).toBe(code);
    expect(stateOf(` ${letters.toLowerCase()} `)).toBe(code);
    expect(stateOf(`IN-${letters}`)).toBe(code);
  });

  it("are where a delivery in India ends; another country is abroad, and what is no state is not known", () => {
    expect(stateOfDelivery({ country: "IN", region: "Karnataka" })).toBe("29");
    expect(stateOfDelivery({ country: "IN", region: "TN" })).toBe("33");
    expect(stateOfDelivery({ country: "US", region: "GA" })).toBe("96");
    expect(stateOfDelivery({ country: "US", region: "" })).toBe("96");
    for (const region of ["", "96", "Bavaria"]) expect(stateOfDelivery({ country: "IN", region })).toBeNull();
  });

  it("call their half of the tax UTGST where there is no legislature", () => {
    const named = stateList.filter(([code]) => stateTaxName(code) === "UTGST").map(([, name]) => name);
    expect(named).toEqual([
      "Chandigarh",
      "Daman and Diu (until 2020)",
      "Dadra and Nagar Haveli and Daman and Diu",
      "Lakshadweep",
      "Andaman and Nicobar Islands",
      "Ladakh",
      "Other territory",
    ]);
    // Union territories with a legislature have SGST, as states do.
    for (const code of ["01", "07", "34"]) expect(stateTaxName(code)).toBe("SGST");
  });
});

describe("what the law changes", () => {
  it("digits of HSN codes: since the beginning, and since April 2021", () => {
    expect(hsnDigits.map(({ from, to, value }) => ({ from, to, value }))).toEqual([
      {
        from: "2017-07-01",
        to: "2021-03-31",
        value: {
          up_to_15m: { toRegistered: 0, toOthers: 0 },
          up_to_50m: { toRegistered: 2, toOthers: 2 },
          above_50m: { toRegistered: 4, toOthers: 4 },
        },
      },
      {
        from: "2021-04-01",
        to: null,
        value: {
          up_to_15m: { toRegistered: 4, toOthers: 0 },
          up_to_50m: { toRegistered: 4, toOthers: 0 },
          above_50m: { toRegistered: 6, toOthers: 6 },
        },
      },
    ]);
  });

  it("rates on offer before the reform of September 2025, from the first day of GST", () => {
    const before = [0n, 10n, 25n, 150n, 300n, 500n, 600n, 1_200n, 1_800n, 2_800n];
    for (const day of ["2017-07-01", "2022-07-18", "2025-09-21"]) expect(lawOn(offeredRates, day)).toEqual(before);
  });

  it("table 12 is one table from the first day of GST until April 2025, and two from May", () => {
    for (const day of ["2017-07-01", "2025-04-30"]) expect(lawOn(hsnSplit, day)).toBe(false);
    expect(lawOn(hsnSplit, "2025-05-01")).toBe(true);
  });

  it.each([
    ["digits of HSN codes", hsnDigits],
    ["rates on offer", offeredRates],
    ["table 12", hsnSplit],
  ])("%s: nothing holds on the day before GST began, and asking for it is an error of ours", (_, table) => {
    expect(inForce<unknown>(table, "2017-06-30")).toBeNull();
    expect(() => lawOn<unknown>(table, "2017-06-30")).toThrow(InvariantBroken);
  });
});

describe("exact numbers", () => {
  it.each([
    [0n, 0, "0"],
    [0n, 3, "0"],
    [100n, 0, "100"],
    [10_000n, 2, "100"],
    [-10_000n, 2, "-100"],
    [1_050n, 3, "1.05"],
    [-5n, 1, "-0.5"],
    [5n, 3, "0.005"],
    [10n, 1, "1"],
  ])("%s with %s decimals is %s", (whole, decimals, text) => {
    expect(new Decimal(whole, decimals).toString()).toBe(text);
  });
});
