import { expect, test } from "vitest";
import { Refusal } from "../../lib/core/errors";
import { parseQuantity, type QuantityOptions } from "../../lib/core/quantity";

/** What a text is refused with, as people read it. */
function said(text: string, decimals = 0, options: QuantityOptions = {}): string {
  try {
    return parseQuantity(text, decimals, options).toString();
  } catch (error) {
    if (error instanceof Refusal && error.code === "bad_quantity") return error.message;
    throw error;
  }
}

test("a quantity is above 0 unless said, and below it only where any will do", () => {
  expect(said("0")).toBe("A quantity is more than 0.");
  expect(said("-0")).toBe("A quantity is more than 0.");
  expect(said("-3")).toBe("A quantity is not below 0.");
  expect(said("0", 0, { from: "zero" })).toBe("0");
  expect(said("-0", 0, { from: "zero" })).toBe("0");
  expect(said("-3", 0, { from: "zero" })).toBe("A quantity is not below 0.");
  expect(said("0", 0, { from: "any" })).toBe("0");
  expect(["-3", "\u22123", " - 3 ", "+3", "+ 3"].map((text) => said(text, 0, { from: "any" }))).toEqual([
    "-3",
    "-3",
    "-3",
    "3",
    "3",
  ]);
});

test("a quantity has at most its item's decimals; zeros beyond them say nothing", () => {
  expect(["2.5", "2.50", "2.500", "2", ".05"].map((text) => said(text, 2))).toEqual(["250", "250", "250", "200", "5"]);
  expect(said("2.505", 2)).toBe("This item has at most 2 decimals, so “2.505” does not fit.");
  expect(said("2.5")).toBe("This item is counted in whole units, so “2.5” does not fit.");
  expect(said("2,5", 1, { decimalMark: "," })).toBe("25");
});

test("a quantity is less than a million million, and is written as a number", () => {
  expect(said("999,999,999,999")).toBe("999999999999");
  expect(said("1,000,000,000,000")).toBe("A quantity is less than 1,000,000,000,000.");
  expect(said("000,000,000,003")).toBe("3");
  expect(said("  ")).toBe("A quantity is missing here. Write a number such as 3.");
  expect(said(" three ")).toBe("“three” is not a quantity. Write a number such as 3.");
  expect(said("3-")).toBe("“3-” is not a quantity. Write a number such as 3.");
  expect(said("x".repeat(60))).toBe(`“${"x".repeat(40)}” is not a quantity. Write a number such as 3.`);
  expect(said(`0.${"1".repeat(60)}`)).toBe(
    `This item is counted in whole units, so “0.${"1".repeat(38)}” does not fit.`,
  );
});
