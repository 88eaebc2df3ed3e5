/** Where an order was delivered to: a field that facts may have, and that changes none that have it not. */
import { describe, expect, it, test } from "vitest";
import { inBooks } from "../../lib/core/exchange";
import { shippedTo } from "../../lib/core/facts";
import { reviveFact } from "../../lib/core/revive";
import { order, sent } from "./sent-order";

describe("a fact", () => {
  it("without it is the fact that it always was", () => {
    expect({ ...order, ...shippedTo(null, "MH") }).toStrictEqual(order);
    expect(sent).not.toEqual(order);
  });

  it("with it is stored and read again as it was said", () => {
    const stored = JSON.parse(
      JSON.stringify(sent, (_key, value: unknown) => (typeof value === "bigint" ? String(value) : value)),
    ) as unknown;
    expect(reviveFact(stored)).toEqual(sent);
  });

  it("in another currency keeps it", () => {
    const rate = { currency: "USD", rate: 830_000_000_000n, on: "2026-04-03", source: "typed" };
    expect(inBooks(sent, rate, "INR").shipTo).toEqual({ country: "IN", region: "MH" });
  });
});

test("a country is its two letters, and without one nothing is said", () => {
  expect(shippedTo(" in ", "  Tamil\u0000\n  Nadu ")).toEqual({ shipTo: { country: "IN", region: "Tamil Nadu" } });
  expect(shippedTo("US", null)).toEqual({ shipTo: { country: "US", region: "" } });
  expect(shippedTo("IN", "x".repeat(101))).toEqual({ shipTo: { country: "IN", region: "" } });
  for (const country of ["", null, undefined, "IND", "India", "1N"]) expect(shippedTo(country, "MH")).toEqual({});
});
