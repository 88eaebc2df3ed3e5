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

  it("of no state, of another length or of none is refused", () => {
    for (const text of ["", "27AAPFU0939F1Z", "27AAPFU0939F1ZVV", "00AAPFU0939F1ZV", "27AAPFU0939F1Z\u0399"])
      expect(gstinOf(text)).toBeNull();
  });
});
