/** Documents for the tests of GST: one of each kind, and any of them. */
import fc from "fast-check";
import { type GstDocument, type GstLine, type Nature, natures, nothing } from "../../../lib/core/gst/document";
import type { Inward } from "../../../lib/core/gst/gstr3b";
import type { Moved, Reported } from "../../../lib/core/gst/reconcile";
import { isUntaxed, supplies, wayOf } from "../../../lib/core/gst/supply";
import { noTax, taxOn, taxSum } from "../../../lib/core/gst/tax";

export const seller = "27AAPFU0939F1ZV";
export const buyer = "29AAGCB7383J1Z4";
export const neighbour = "27AAACC1206D1Z7";

type Over = Partial<GstDocument>;

/** A line of 100.00 at 18 %, within the state. */
export function line(over: Partial<GstLine> = {}): GstLine {
  return {
    source: "order/1/1",
    item: "mug",
    description: "Mug",
    hsn: "6912",
    uqc: "NOS",
    qty: 1n,
    decimals: 0,
    nature: "taxable",
    rate: 1_800n,
    taxable: 100_00n,
    cess: 0n,
    ...noTax,
    cgst: 9_00n,
    sgst: 9_00n,
    ...over,
  };
}

/** The same between states. */
export const interLine = (over: Partial<GstLine> = {}): GstLine => line({ igst: 18_00n, cgst: 0n, sgst: 0n, ...over });

export function document(over: Over = {}): GstDocument {
  const lines = over.lines ?? [line()];
  return {
    id: "d1",
    kind: "invoice",
    number: "INV-1",
    on: "2026-04-10",
    seller,
    buyer: null,
    pos: "27",
    supply: "regular",
    isReverseCharge: false,
    of: null,
    operator: null,
    port: null,
    value: lines.reduce((sum, one) => sum + one.taxable + taxSum(one) + one.cess, 0n),
    isCancelled: false,
    ...over,
    lines,
  };
}

export const april = { from: "2026-04-01", to: "2026-04-30" } as const;

/** Any document whose taxes follow from its lines. */
export const anyDocument: fc.Arbitrary<GstDocument> = fc
  .record({
    kind: fc.constantFrom("invoice" as const, "credit_note" as const, "debit_note" as const),
    buyer: fc.constantFrom(null, null, buyer, neighbour),
    pos: fc.constantFrom("27", "29", "07"),
    supply: fc.constantFrom("regular" as const, "regular" as const, ...supplies),
    day: fc.constantFrom("2026-03-31", "2026-04-01", "2026-04-30", "2026-05-01"),
    isCancelled: fc.boolean(),
    operator: fc.constantFrom(null, { gstin: buyer, pays: false }, { gstin: buyer, pays: true }),
    ofValue: fc.constantFrom(null, 1_000_00n, 300_000_00n),
    lines: fc.array(
      fc.record({
        nature: fc.constantFrom(...natures),
        rate: fc.constantFrom(25n, 500n, 1_800n, 4_000n),
        taxable: fc.bigInt(0n, 400_000_00n),
        qty: fc.bigInt(1n, 50n),
        decimals: fc.constantFrom(0, 2),
        hsn: fc.constantFrom("", "6912", "69120010"),
      }),
      { minLength: 1, maxLength: 4 },
    ),
  })
  .map(({ day, ofValue, lines, ...rest }) => {
    const pos = rest.supply.startsWith("export") ? "96" : rest.pos;
    const way = wayOf("27", pos, rest.supply);
    return document({
      ...rest,
      pos,
      on: day,
      of: rest.kind === "invoice" || ofValue === null ? null : { number: "INV-0", on: "2026-02-01", value: ofValue },
      lines: lines.map((one, at) => {
        const rate = one.nature === "taxable" ? one.rate : 0n;
        const parts = isUntaxed(rest.supply) ? noTax : taxOn(one.taxable, rate, way);
        return line({ ...one, ...parts, rate, source: `order/1/${at}` });
      }),
    });
  });

/** A list of them, each with an id and number of its own. */
export const someDocuments = fc
  .array(anyDocument, { maxLength: 12 })
  .map((all) => all.map((one, at) => ({ ...one, id: `d${at}`, number: `INV-${at + 1}` })));

/** A line of a nature without tax. */
export const untaxed = (nature: Nature, taxable: bigint): GstLine => line({ nature, rate: 0n, taxable, ...noTax });

/** A purchase of 200.00 at 18 % from another state. */
export const bought = (over: Partial<Inward> = {}): Inward => ({
  id: "p1",
  number: "B-1",
  on: "2026-04-05",
  buyer: seller,
  supplier: buyer,
  isReturn: false,
  isImport: false,
  isReverseCharge: false,
  isBlocked: false,
  nature: "taxable",
  pos: "27",
  amounts: { ...nothing, taxable: 200_00n, igst: 36_00n },
  ...over,
});

/** Two mugs that were sold. */
export const moved = (over: Partial<Moved> = {}): Moved => ({
  side: "out",
  line: "l1",
  item: "mug",
  on: "2026-04-10",
  qty: 2n,
  number: "1001",
  ...over,
});
/** The invoice for them, of the day after. */
export const reported = (over: Partial<Reported> = {}): Reported => ({
  side: "out",
  line: "l1",
  item: "mug",
  hsn: "6912",
  on: "2026-04-11",
  qty: 2n,
  id: "d1",
  number: "INV-1",
  isCancelled: false,
  ...over,
});
