import { describe, expect, it } from "vitest";
import { gstinOf } from "../../lib/core/gstin";

describe("a GSTIN", () => {
  // Published examples of the format.
  it.each(["27AAPFU0939F1ZV", "29AAGCB7383J1Z4", "24AAACC1206D1ZM"])("%s holds", (number) => {
    expect(gstinOf(number)).toBe(number);
  });

  it("is read as people write it", () => {
    expect(gstinOf(" 27 aapfu0939f 1zv ")).toBe("27AAPFU0939F1ZV");
  });

  it("with any one character changed is refused", () => {
    const number = "27AAPFU0939F1ZV";
    const letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    for (let at = 0; at < number.length; at += 1)
      for (const letter of letters)
        if (letter !== number[at]) expect(gstinOf(`${number.slice(0, at)}${letter}${number.slice(at + 1)}`)).toBeNull();
  });

  /** The check digit by Luhn's rule for base 36, from the right and by halves: another way than the product's. */
  const checked = (first: string): string => {
    const values = [...first].reverse().map((letter) => Number.parseInt(letter, 36));
    const sum = values.reduce((all, value, i) => {
      const doubled = i % 2 === 0 ? value * 2 : value;
      return all + Math.floor(doubled / 36) + (doubled % 36);
    }, 0);
    return `${first}${((36 - (sum % 36)) % 36).toString(36).toUpperCase()}`;
  };
  const of = (state: string) => checked(`${state}AAPFU0939F1Z`);

  it("of each state and territory, of foreigners, of other territory and of the centre holds", () => {
    const states = Array.from({ length: 38 }, (_, i) => String(i + 1).padStart(2, "0"));
    for (const state of [...states, "96", "97", "99"]) expect(gstinOf(of(state))).toBe(of(state));
  });

  it("of no state is refused, though its check digit is right", () => {
    for (const state of ["00", "39", "50", "95", "98"]) expect(gstinOf(of(state))).toBeNull();
  });

  it("with something before it is refused", () => {
    expect(gstinOf("X27AAPFU0939F1ZV")).toBeNull();
    // Longer ones whose fifteenth character happens to be right for the fourteen before it.
    const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    const longer = [...letters]
      .flatMap((one) => [...letters].map((other) => `2727AAP${one}${other}0939F1ZV`))
      .filter((text) => checked(text.slice(0, 14)) === text.slice(0, 15));
    expect(longer.length).toBeGreaterThan(5);
    for (const text of longer) expect(gstinOf(text)).toBeNull();
  });

  it("of no state, of another length or of none is refused", () => {
    for (const text of ["", "27AAPFU0939F1Z", "27AAPFU0939F1ZVV", "00AAPFU0939F1ZV", "27AAPFU0939F1Z\u0399"])
      expect(gstinOf(text)).toBeNull();
  });
});
