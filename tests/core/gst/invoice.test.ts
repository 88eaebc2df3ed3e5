import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { invoiceLines, noteLines, type OrderToTax, offRate, type ToTax, untold } from "../../../lib/core/gst/invoice";
import { taxSum } from "../../../lib/core/gst/tax";
import { interLine, line } from "./shapes";

const mug = { hsn: "6912", uqc: "NOS", nature: "taxable", rate: 1_800n } as const;
const sold = (over: Partial<ToTax> = {}): ToTax => ({
  source: "l1",
  item: "mug",
  description: "Mug",
  qty: 1n,
  decimals: 0,
  amount: 100_00n,
  discount: 0n,
  tax: mug,
  ...over,
});
const order = (over: Partial<OrderToTax> = {}): OrderToTax => ({
  seller: "27",
  pos: "27",
  supply: "regular",
  lines: [sold()],
  shipping: 0n,
  tax: 0n,
  isWithin: false,
  ...over,
});
const parts = ({ lines }: ReturnType<typeof invoiceLines>) =>
  lines.map(({ taxable, igst, cgst, sgst }) => [taxable, igst, cgst, sgst]);

describe("the taxes of an invoice", () => {
  it("divide what the order charges on top", () => {
    expect(parts(invoiceLines(order({ tax: 18_00n })))).toEqual([[100_00n, 0n, 9_00n, 9_00n]]);
    expect(parts(invoiceLines(order({ tax: 18_00n, pos: "29" })))).toEqual([[100_00n, 18_00n, 0n, 0n]]);
    expect(invoiceLines(order({ tax: 18_01n })).rest).toBe(1n);
  });

  it("are taken out of prices that hold them", () => {
    expect(parts(invoiceLines(order({ isWithin: true, lines: [sold({ amount: 118_00n })] })))).toEqual([
      [100_00n, 0n, 9_00n, 9_00n],
    ]);
  });

  it("go with shipping and less discounts", () => {
    const lines = [
      sold({ amount: 110_00n, discount: 10_00n }),
      sold({ source: "l2", amount: 300_00n, tax: { ...mug, rate: 500n } }),
    ];
    expect(parts(invoiceLines(order({ lines, shipping: 40_00n, pos: "29", tax: 36_30n })))).toEqual([
      [110_00n, 19_80n, 0n, 0n],
      [330_00n, 16_50n, 0n, 0n],
    ]);
  });

  it("are none of an export under bond, of what is exempt, and of what nobody said anything of", () => {
    expect(parts(invoiceLines(order({ supply: "export_without", pos: "96", isWithin: true })))).toEqual([
      [100_00n, 0n, 0n, 0n],
    ]);
    expect(
      parts(invoiceLines(order({ isWithin: true, lines: [sold({ tax: { ...mug, nature: "exempt" } })] }))),
    ).toEqual([[100_00n, 0n, 0n, 0n]]);
    // A tax that was charged all the same is nobody's, and is shown.
    expect(invoiceLines(order({ tax: 5n, lines: [sold({ tax: untold })] }))).toMatchObject({
      rest: 5n,
      lines: [{ rate: 0n, cgst: 0n }],
    });
  });

  it("come, with what is left over, to what the buyer pays; halves are equal on every line", () => {
    const some = fc.record({
      amount: fc.bigInt(0n, 100_000_00n),
      off: fc.bigInt(0n, 100n),
      rate: fc.constantFrom(0n, 25n, 500n, 1_800n),
      nature: fc.constantFrom("taxable" as const, "nil" as const),
    });
    fc.assert(
      fc.property(
        fc.array(some, { minLength: 1, maxLength: 6 }),
        fc.bigInt(0n, 500_00n),
        fc.bigInt(0n, 5_000_00n),
        fc.boolean(),
        fc.constantFrom("27", "29"),
        fc.constantFrom("regular" as const, "sez_without" as const),
        (given, shipping, tax, isWithin, pos, supply) => {
          const lines = given.map(({ amount, off, rate, nature }, at) =>
            sold({ source: `l${at}`, amount, discount: (amount * off) / 100n, tax: { ...mug, rate, nature } }),
          );
          const made = invoiceLines(order({ lines, shipping, tax, isWithin, pos, supply }));
          const paid = lines.reduce((sum, one) => sum + one.amount - one.discount, shipping + tax);
          expect(made.lines.reduce((sum, one) => sum + one.taxable + taxSum(one), made.rest)).toBe(paid);
          for (const one of made.lines) {
            expect(one.cgst).toBe(one.sgst);
            expect(one.igst * one.cgst).toBe(0n);
            expect(one.taxable >= 0n).toBe(true);
          }
        },
      ),
    );
  });
});

describe("the taxes of a credit note", () => {
  const at = { seller: "27", pos: "29", supply: "regular", shipping: 0n, tax: 0n } as const;
  it("are at the rate of the invoice's line, within what is given back", () => {
    expect(noteLines(at, [{ source: "r1", qty: 1n, amount: 59_00n, of: interLine() }]).lines).toEqual([
      interLine({ source: "r1", taxable: 50_00n, igst: 9_00n }),
    ]);
  });
  it("are none where none was charged", () => {
    const free = interLine({ igst: 0n });
    expect(noteLines(at, [{ source: "r1", qty: 1n, amount: 59_00n, of: free }]).lines).toEqual([
      { ...free, source: "r1", taxable: 59_00n },
    ]);
  });
  it("are what the refund says of tax, on the goods and the shipping that it gives back", () => {
    const back = [{ source: "r1", qty: 1n, amount: 50_00n, of: interLine() }];
    expect(noteLines({ ...at, shipping: 10_00n, tax: 10_80n }, back)).toEqual({
      lines: [interLine({ source: "r1", taxable: 60_00n, igst: 10_80n })],
      rest: 0n,
    });
    const free = [{ source: "r1", qty: 1n, amount: 50_00n, of: interLine({ igst: 0n }) }];
    expect(noteLines({ ...at, tax: 9_00n }, free).rest).toBe(9_00n);
  });
});

describe("a tax beside its rate", () => {
  it("is named when rounding does not explain the difference", () => {
    expect(offRate([line(), line({ cgst: 9_01n, sgst: 9_01n }), interLine({ igst: 18_02n })])).toEqual([]);
    const off = [interLine({ igst: 18_03n }), interLine({ igst: 0n })];
    expect(offRate(off)).toEqual(off);
  });
});
