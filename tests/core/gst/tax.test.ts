import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addDays } from "../../../lib/core/dates";
import {
  b2clThresholds,
  type Dated,
  gstBegan,
  hsnDigits,
  hsnSplit,
  inForce,
  lawOn,
  offeredRates,
  tcsRates,
} from "../../../lib/core/gst/dated";
import { stateName, stateOf, stateOfGstin, states, stateTaxName } from "../../../lib/core/gst/states";
import { placeOfSupply, wayOf } from "../../../lib/core/gst/supply";
import { divideTax, parseRate, rateText, taxOn, taxSum, taxWithin, toRupee } from "../../../lib/core/gst/tax";

const amount = fc.bigInt(0n, 10_000_000_00n);
const rate = fc.constantFrom(0n, 10n, 25n, 150n, 300n, 500n, 1_200n, 1_800n, 2_800n, 4_000n);
const way = fc.constantFrom("intra" as const, "inter" as const);

describe("states", () => {
  it("are found by code and by name", () => {
    expect(stateOf("27")).toBe("27");
    expect(stateOf(" maharashtra ")).toBe("27");
    expect(stateOf("Jammu & Kashmir")).toBe("01");
    expect(stateOf("ORISSA")).toBe("21");
    expect(stateOf("Other country")).toBeNull();
    expect(stateOf("Bavaria")).toBeNull();
    expect(stateOf("")).toBeNull();
    expect(stateOf("constructor")).toBeNull();
  });

  it("have each code once, with its name, and say what their tax is called", () => {
    expect(new Set(states.map(({ code }) => code)).size).toBe(states.length);
    for (const { code, name } of states) expect(stateName(code)).toBe(name);
    expect(stateName("39")).toBeNull();
    expect(stateTaxName("27")).toBe("SGST");
    expect(stateTaxName("04")).toBe("UTGST");
    expect(stateOfGstin("27AAPFU0939F1ZV")).toBe("27");
  });
});

describe("dated tables", () => {
  const tables: readonly (readonly [string, readonly Dated<unknown>[]])[] = [
    ["B2CL", b2clThresholds],
    ["TCS", tcsRates],
    ["HSN digits", hsnDigits],
    ["rates", offeredRates],
    ["table 12", hsnSplit],
  ];
  it.each(tables)(
    "%s: every row begins the day after the one before ends, the last has no end, each names its source",
    (_, table) => {
      for (const [at, row] of table.entries()) {
        const next = table[at + 1];
        expect(row.to).toBe(next === undefined ? null : addDays(next.from, -1));
        expect(row.source).not.toBe("");
      }
    },
  );

  it("change on the day on which the law changed", () => {
    expect(lawOn(b2clThresholds, "2024-07-31")).toBe(250_000_00n);
    expect(lawOn(b2clThresholds, "2024-08-01")).toBe(100_000_00n);
    expect(lawOn(tcsRates, "2024-07-09")).toBe(100n);
    expect(lawOn(tcsRates, "2024-07-10")).toBe(50n);
    expect(lawOn(hsnDigits, "2026-01-01").above_50m.toOthers).toBe(6);
    expect(lawOn(offeredRates, "2025-09-22")).toContain(4_000n);
    expect(inForce(b2clThresholds, addDays(gstBegan, -1))).toBeNull();
    expect(inForce(tcsRates, "2018-09-30")).toBeNull();
    expect(() => lawOn(b2clThresholds, "2017-06-30")).toThrow();
  });
});

describe("the tax of a line", () => {
  it.each([
    [100_00n, 1_800n, { igst: 0n, cgst: 9_00n, sgst: 9_00n }],
    // 0.25 % of 99.99 is 0.249975: each half rounds 0.1249875 by itself.
    [99_99n, 25n, { igst: 0n, cgst: 12n, sgst: 12n }],
    // Half a paisa goes upwards: 5 % of 0.20 is 0.01, its halves 0.005 each.
    [20n, 500n, { igst: 0n, cgst: 1n, sgst: 1n }],
  ])("%s at %s within a state", (taxable, at, parts) => expect(taxOn(taxable, at, "intra")).toEqual(parts));

  it("is one sum between states", () => {
    expect(taxOn(100_00n, 1_800n, "inter")).toEqual({ igst: 18_00n, cgst: 0n, sgst: 0n });
    expect(taxOn(20n, 500n, "inter")).toEqual({ igst: 1n, cgst: 0n, sgst: 0n });
  });

  it("has equal halves, and is within a paisa of the exact tax for each part", () => {
    fc.assert(
      fc.property(amount, rate, way, (taxable, at, which) => {
        const parts = taxOn(taxable, at, which);
        expect(parts.cgst).toBe(parts.sgst);
        expect(parts.igst * parts.cgst).toBe(0n);
        const off = taxSum(parts) * 10_000n - taxable * at;
        expect(off >= -10_000n && off <= 10_000n).toBe(true);
      }),
    );
  });

  it("in a price comes out so that both add up to it, and is the tax on what is left to within a paisa for each part", () => {
    expect(taxWithin(118_00n, 1_800n, "inter")).toEqual({
      taxable: 100_00n,
      tax: { igst: 18_00n, cgst: 0n, sgst: 0n },
    });
    expect(taxWithin(118_00n, 1_800n, "intra").tax.cgst).toBe(9_00n);
    fc.assert(
      fc.property(amount, rate, way, (gross, at, which) => {
        const { taxable, tax } = taxWithin(gross, at, which);
        expect(taxable + taxSum(tax)).toBe(gross);
        expect(tax.cgst).toBe(tax.sgst);
        expect(taxable >= 0n).toBe(true);
        const again = taxOn(taxable, at, which);
        for (const part of ["igst", "cgst", "sgst"] as const) {
          const off = again[part] - tax[part];
          expect(off >= -1n && off <= 1n).toBe(true);
        }
      }),
    );
  });

  it("of another's reckoning is divided without losing a paisa", () => {
    expect(divideTax(18_01n, "intra")).toEqual({ parts: { igst: 0n, cgst: 9_00n, sgst: 9_00n }, rest: 1n });
    fc.assert(
      fc.property(amount, way, (tax, which) => {
        const { parts, rest } = divideTax(tax, which);
        expect(taxSum(parts) + rest).toBe(tax);
        expect(parts.cgst).toBe(parts.sgst);
      }),
    );
  });

  it("is never of less than nothing", () => {
    expect(() => taxOn(-1n, 500n, "intra")).toThrow();
    expect(() => taxWithin(-1n, 500n, "intra")).toThrow();
    expect(() => divideTax(-1n, "inter")).toThrow();
  });

  it("leaves the rounding to rupees to a line of its own", () => {
    expect(toRupee(117_49n)).toEqual({ rounded: 117_00n, roundOff: -49n });
    expect(toRupee(117_50n)).toEqual({ rounded: 118_00n, roundOff: 50n });
    fc.assert(
      fc.property(amount, (total) => {
        const { rounded, roundOff } = toRupee(total);
        expect(rounded % 100n).toBe(0n);
        expect(total + roundOff).toBe(rounded);
        expect(roundOff >= -50n && roundOff <= 50n).toBe(true);
      }),
    );
  });
});

describe("a rate", () => {
  it.each([
    ["18", 1_800n],
    ["18 %", 1_800n],
    ["0.25", 25n],
    ["7.5", 750n],
    ["0", 0n],
    ["100", 10_000n],
  ])("%s is read", (text, hundredths) => expect(parseRate(text)).toBe(hundredths));
  it.each(["", "x", "-5", "100.01", "1.234", "1e2"])("%j is refused", (text) =>
    expect(() => parseRate(text)).toThrow(/rate/),
  );
  it("is written as it is read", () => {
    fc.assert(
      fc.property(fc.bigInt(0n, 10_000n), (one) => {
        expect(parseRate(rateText(one))).toBe(one);
      }),
    );
  });
});

describe("the place of supply", () => {
  const ends = { seller: "27", buyerGstin: null, toCountry: "IN", toState: null, isShippedToOther: false };
  it.each([
    ["nobody known", {}, "27"],
    ["an address", { toState: "29" }, "29"],
    ["a registration alone", { buyerGstin: "29AAGCB7383J1Z4" }, "29"],
    ["a registration elsewhere than the goods go", { buyerGstin: "29AAGCB7383J1Z4", toState: "07" }, "07"],
    [
      "goods to a third person on the buyer's word",
      { buyerGstin: "29AAGCB7383J1Z4", toState: "07", isShippedToOther: true },
      "29",
    ],
    ["abroad", { toCountry: "DE", toState: "29" }, "96"],
  ])("of %s", (_, over, pos) => expect(placeOfSupply({ ...ends, ...over })).toBe(pos));

  it("makes the way; SEZ and exports are always between states", () => {
    expect(wayOf("27", "27", "regular")).toBe("intra");
    expect(wayOf("27", "29", "regular")).toBe("inter");
    expect(wayOf("27", "27", "sez_with")).toBe("inter");
    expect(wayOf("27", "96", "export_without")).toBe("inter");
    expect(wayOf("27", "27", "deemed")).toBe("intra");
  });
});
