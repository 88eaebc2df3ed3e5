/** In which day an amount counts: that which it is about or, where that is closed, the first open one (rule 12). */
import { describe, expect, it } from "vitest";
import { naive } from "./index";
import { byDay } from "./periods";
import { buy, costs, sell, WIDGET } from "./words";

const facts = [WIDGET, buy("p", "2025-03-05", 2, 300), sell("o", "2025-03-06", 2)];
const late = buy("q", "2025-03-01", 1, 100);

describe("days", () => {
  it("are those of the facts while nothing is closed (example 5)", () => {
    const { effective, posted } = byDay([...facts, late]);
    expect(posted).toEqual(effective);
    expect(effective).toEqual({
      "2025-03-01 1000": -100n,
      "2025-03-01 1200": 100n,
      "2025-03-05 1000": -300n,
      "2025-03-05 1200": 300n,
      "2025-03-06 1200": -250n,
      "2025-03-06 5000": 250n,
    });
  });

  it("are the first open one for what comes late into a closed period (example 6)", () => {
    const { effective, posted } = byDay([...facts, { kind: "close", through: "2025-03-31" }, late]);
    expect(effective).toEqual(byDay([...facts, late]).effective);
    expect(posted).toEqual({
      "2025-03-05 1000": -300n,
      "2025-03-05 1200": 300n,
      "2025-03-06 1200": -300n,
      "2025-03-06 5000": 300n,
      "2025-04-01 1000": -100n,
      "2025-04-01 1200": 150n,
      "2025-04-01 5000": -50n,
    });
  });

  it("stay closed through the latest day, whatever is closed after it", () => {
    const closes = ["2025-03-31", "2025-03-02"].map((through) => ({ kind: "close", through }));
    const { posted } = byDay([...facts, ...closes, late]);
    expect(posted["2025-04-01 1000"]).toBe(-100n);
  });

  it("are told apart to the microsecond and no finer: then the id decides", () => {
    const stock = [WIDGET, buy("p", "2025-03-05", 3, 100)];
    const sold = [sell("a", "2025-03-06T12:00:00.0000002Z"), sell("b", "2025-03-06T12:00:00.0000001Z")];
    const next = [sell("a", "2025-03-06T12:00:00.000002Z"), sell("b", "2025-03-06T12:00:00.000001Z")];
    expect(costs(naive([...stock, ...sold]))).toEqual({ "a-1": "33", "b-1": "34" });
    expect(costs(naive([...stock, ...next]))).toEqual({ "a-1": "34", "b-1": "33" });
  });
});
