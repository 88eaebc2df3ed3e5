import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { shareText, shareWidth } from "../../app/ui/figures";
import { pastedRows } from "../../app/ui/paste";
import { typedDay, typedMoney, typedQuantity } from "../../app/ui/typed";

const money = (text: string) => typedMoney(text, "USD");

describe("typed money", () => {
  it.each([
    ["1240", 124000n, "1,240.00"],
    ["1,240.5", 124050n, "1,240.50"],
    ["$1,240.50", 124050n, "1,240.50"],
    ["(2.00)", -200n, "−2.00"],
    ["-2", -200n, "−2.00"],
    ["=12*6.5", 7800n, "78.00"],
    ["=1,240.50/3+(2-1)*.5", 41400n, "414.00"],
    ["=-2*-3", 600n, "6.00"],
    ["=10-2-3", 500n, "5.00"],
    ["=12/4/3", 100n, "1.00"],
  ])("reads %s", (text, value, shown) => {
    expect(money(text)).toEqual({ value, text: shown });
  });

  it.each(["12.345", "=100/3", "=1/0", "=2*", "=(2", "=two", "", "12.4.0", "=1..2"])(
    "says what is wrong with %s",
    (text) => {
      expect(money(text)).toEqual({ wrong: expect.any(String) });
    },
  );

  it("never rounds a sum: what it gives is exact", () => {
    const cents = fc.bigInt({ min: 1n, max: 10_000_000n });
    fc.assert(
      fc.property(cents, fc.bigInt({ min: 1n, max: 1000n }), (price, count) => {
        const text = `${price / 100n}.${String(price % 100n).padStart(2, "0")}`;
        expect(money(`=${count}*${text}`)).toMatchObject({ value: price * count });
        const back = money(`=${text}/${count}`);
        if ("value" in back) expect(back.value * count).toBe(price);
        else expect(price % count).not.toBe(0n);
      }),
    );
  });

  it("uses an item's own decimals for quantities", () => {
    expect(typedQuantity("2.5", 3)).toEqual({ value: 2500n, text: expect.stringMatching(/^2\.5/) });
    expect(typedQuantity("2.5", 0)).toEqual({ wrong: expect.any(String) });
  });
});

describe("typed days", () => {
  it.each([
    ["14 nov", "2026-11-14"],
    ["14 Nov 2026", "2026-11-14"],
    ["nov 14", "2026-11-14"],
    ["November 14, 2025", "2025-11-14"],
    ["11/14", "2026-11-14"],
    ["11/14/25", "2025-11-14"],
    ["2026-3-9", "2026-03-09"],
    ["t", "2026-11-21"],
    ["-3", "2026-11-18"],
    ["20 dec", "2026-12-20"],
    ["24 dec", "2025-12-24"],
  ])("reads %s", (text, value) => {
    expect(typedDay(text, "2026-11-21", "month first")).toMatchObject({ value });
  });

  it("reads 3/4 by the business's own order", () => {
    expect(typedDay("3/4/2026", "2026-11-21", "month first")).toMatchObject({ value: "2026-03-04" });
    expect(typedDay("3/4/2026", "2026-11-21", "day first")).toMatchObject({ value: "2026-04-03" });
  });

  it.each(["31 nov", "14/14", "soon", "", "29 feb 2026"])("says what is wrong with %s", (text) => {
    expect(typedDay(text, "2026-11-21", "month first")).toEqual({ wrong: expect.any(String) });
  });
});

describe("pasted rows", () => {
  it("reads a spreadsheet's cells, quoted ones with line ends and quotes in them too", () => {
    expect(pastedRows('Mug\t24\r\n"Board, ""small""\nolive"\t 2 \r\n\r\n')).toEqual([
      ["Mug", "24"],
      ['Board, "small"\nolive', "2"],
    ]);
  });
});

describe("shares", () => {
  it("rounds halves up and never divides by nothing", () => {
    expect(shareText(27428n, 29413n)).toBe("93.3%");
    expect(shareText(1n, 2000n)).toBe("0.1%");
    expect(shareText(-1n, 4n)).toBe("−25.0%");
    expect(shareText(1n, 0n)).toBe("–");
    expect(shareWidth(5n, 4n)).toBe("100.00%");
    expect(shareWidth(-1n, 4n)).toBe("0%");
  });
});
