/** What supplies are, where they take place, and the words of the stock record. */
import { expect, it } from "vitest";
import { isRegistered, isZeroRated, nothing, plus } from "../../../lib/core/gst/document";
import { recordWords } from "../../../lib/core/gst/stock-record";
import { isExport, isSez, isUntaxed, placeOfSupply, supplies } from "../../../lib/core/gst/supply";
import { buyer, document } from "./shapes";

it("tells of each supply whether it leaves the country, goes to an SEZ, has tax on it, is zero-rated", () => {
  const told = supplies.map((supply) => [
    supply,
    isExport(supply),
    isSez(supply),
    isUntaxed(supply),
    isZeroRated(document({ supply })),
    isRegistered(document({ supply, buyer })),
  ]);
  expect(told).toEqual([
    ["regular", false, false, false, false, true],
    ["sez_with", false, true, false, true, true],
    ["sez_without", false, true, true, true, true],
    ["deemed", false, false, false, false, true],
    ["export_with", true, false, false, true, false],
    ["export_without", true, false, true, true, false],
  ]);
});

it("adds each part to its own", () => {
  const a = { taxable: 1n, igst: 20n, cgst: 300n, sgst: 4_000n, cess: 50_000n };
  expect(plus(a, a)).toEqual({ taxable: 2n, igst: 40n, cgst: 600n, sgst: 8_000n, cess: 100_000n });
  expect(plus(nothing, a)).toEqual(a);
});

it("goes to where the goods end when nobody's registration says on whose word they went elsewhere", () => {
  const ends = { seller: "27", buyerGstin: null, toCountry: "IN", toState: "33", isShippedToOther: true } as const;
  expect(placeOfSupply(ends)).toBe("33");
  expect(placeOfSupply({ ...ends, buyerGstin: buyer })).toBe("29");
});

it("names each column of the stock record", () => {
  expect(recordWords).toEqual({
    receipt: "Received",
    made: "Made",
    returned: "Came back",
    found: "Found, put right",
    transferIn: "From other places",
    supply: "Supplied",
    toSupplier: "Back to supplier",
    used: "Used in production",
    lost: "Lost",
    stolen: "Stolen",
    destroyed: "Destroyed",
    writtenOff: "Written off",
    gift: "Gift",
    sample: "Free sample",
    scrap: "Scrap",
    wastage: "Wastage",
    other: "Other reasons",
    transferOut: "To other places",
  });
});
