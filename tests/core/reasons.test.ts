/** Why stock leaves or comes in: the reasons, their words and their accounts. */
import { describe, expect, test } from "vitest";
import { startingChart } from "../../lib/core/chart";
import {
  inReasons,
  outReasons,
  reasonAccount,
  reasonOf,
  reasons,
  reasonsOf,
  reasonWithin,
  saysReason,
} from "../../lib/core/reasons";

describe("reasons", () => {
  test("are those of a stock record, each once, and each in words of its own", () => {
    expect(outReasons.map(saysReason)).toEqual([
      "Lost",
      "Stolen",
      "Destroyed",
      "Damaged",
      "Written off",
      "Gift",
      "Free sample",
      "Own use",
      "Scrap",
      "Wastage",
      "Count",
      "Data-entry error",
    ]);
    expect(inReasons.map(saysReason)).toEqual(["Found", "Count", "Data-entry error"]);
    expect(reasonsOf("out")).toEqual(outReasons);
    expect(reasonsOf("in")).toEqual(inReasons);
    expect([...reasons].sort()).toEqual([...new Set([...outReasons, ...inReasons])].sort());
    expect(new Set(reasons.map(saysReason)).size).toBe(reasons.length);
  });

  test("have accounts: own use is a draw, what is given away is advertising, the rest is shrinkage", () => {
    expect(Object.fromEntries(reasons.map((reason) => [reason, reasonAccount(reason)]))).toEqual({
      lost: "5100",
      stolen: "5100",
      destroyed: "5100",
      damaged: "5100",
      written_off: "5100",
      gift: "6020",
      sample: "6020",
      own_use: "3010",
      scrap: "5100",
      wastage: "5100",
      count: "5100",
      data_entry: "5100",
      found: "5100",
    });
  });

  test.each(["US", "IN", "DE"])("are borne by accounts that a business in %s starts with", (country) => {
    const codes = new Set(startingChart(country).map(({ code }) => code));
    expect(reasons.map(reasonAccount).filter((code) => !codes.has(code))).toEqual([]);
  });

  test("are known by their keys; other words stand as they are", () => {
    expect(reasons.map(reasonOf)).toEqual(reasons);
    expect(["Lost", "", "moths"].map(reasonOf)).toEqual([null, null, null]);
    expect(["own_use", "Moths ate it", ""].map(saysReason)).toEqual(["Own use", "Moths ate it", ""]);
    expect(["own_use", "Moths ate it", ""].map(reasonWithin)).toEqual(["own use", "Moths ate it", ""]);
  });
});
