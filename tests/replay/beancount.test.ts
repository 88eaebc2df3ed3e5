/** The export to Beancount for `scripts/compare-beancount.ts`: what stands in the file, in which order, and what cannot. */
import { describe, expect, it } from "vitest";
import { beancountOf, NotComparable, resultSchema } from "../../scripts/lib/beancount";
import type { Fact } from "./histories";
import { naive } from "./naive/index";
import { bundle, buy, giveBack, item, make, pin, sell, sendBack, WIDGET } from "./naive/words";

function exported(facts: readonly Fact[]) {
  return beancountOf(facts, resultSchema.parse(naive(facts)));
}

/** The transactions, one line each. */
function transactions(facts: readonly Fact[]): string[] {
  return exported(facts)
    .text.split("\n\n")
    .slice(1)
    .map((text) => text.trim().replaceAll(/\n\s*/g, " | ").replaceAll(/ {2,}/g, " "));
}

function reason(facts: readonly Fact[]): string {
  try {
    exported(facts);
  } catch (error) {
    if (error instanceof NotComparable) return error.message;
    throw error;
  }
  return "comparable";
}

describe("the export to Beancount", () => {
  it("writes what comes in before what goes out on a day, and untimed sales first", () => {
    const facts = [
      { kind: "business", time_zone: "America/New_York" },
      WIDGET,
      sell("o2", "2025-03-02T00:30:00Z"), // 03-01 in New York
      sell("o1", "2025-03-01"),
      sell("o3", "2025-03-01T10:00:00.5Z"),
      buy("p2", "2025-03-01", 2, 10),
      buy("p1", "2025-03-01", 1, 7),
    ];
    expect(transactions(facts)).toEqual([
      '2025-03-01 * "M5" | Assets:Inventory 1 I1 {{7 MINOR}} | Assets:Checking',
      '2025-03-01 * "M4" | Assets:Inventory 2 I1 {{10 MINOR}} | Assets:Checking',
      '2025-03-01 * "M2" | Assets:Inventory -1 I1 {} | Expenses:CostOfGoodsSold',
      '2025-03-01 * "M3" | Assets:Inventory -1 I1 {} | Expenses:CostOfGoodsSold',
      '2025-03-01 * "M1" | Assets:Inventory -1 I1 {} | Expenses:CostOfGoodsSold',
    ]);
    expect(exported(facts).narrations.get("o2-1")).toBe("M1");
    expect(exported(facts).text).toContain('open Assets:Inventory "FIFO"');
  });

  it("spreads landed cost, explodes bundles and lets Beancount cost what is made", () => {
    const lines = [1, 1, 1].map((qty, i) => ({ id: `p1-${i}`, item: "a", qty, amount: 10 }));
    const facts = [
      item("a"),
      item("b"),
      bundle("set", ["a", 1], ["b", 1], ["a", 1]),
      { kind: "purchase", id: "p1", date: "2025-03-01", amount: 35, extra: 5, lines },
      make("m1", "2025-03-02", [["a", 1]], ["b", 1], { overhead: 4 }),
      sell("o1", "2025-03-03", 1, { sku: "set" }),
    ];
    // 5 over three equal lines: 2, 2 and 1.
    expect(transactions(facts)).toEqual([
      '2025-03-01 * "M1" | Assets:Inventory 1 I1 {{12 MINOR}} | Assets:Checking',
      '2025-03-01 * "M2" | Assets:Inventory 1 I1 {{12 MINOR}} | Assets:Checking',
      '2025-03-01 * "M3" | Assets:Inventory 1 I1 {{11 MINOR}} | Assets:Checking',
      '2025-03-02 * "M4" | Assets:Inventory -1 I1 {} | Assets:Inventory 1 I2 {} | Expenses:Overhead -4 MINOR',
      '2025-03-03 * "M5" | Assets:Inventory -2 I1 {} | Assets:Inventory -1 I2 {} | Expenses:CostOfGoodsSold',
    ]);
    expect(exported(facts)).toMatchObject({ hasProduction: true, consumptions: 7 });
  });

  it("writes a fact that is recorded twice once, and none that is undone or matched nothing", () => {
    const facts = [
      WIDGET,
      buy("p1", "2025-03-01", 1, 7),
      buy("p1", "2025-03-01", 1, 7),
      sell("o1", "2025-03-02"),
      { kind: "undo", of: "order", id: "o1" },
      sell("o2", "2025-03-02", 1, { sku: "unknown" }),
    ];
    expect(transactions(facts)).toEqual(['2025-03-01 * "M1" | Assets:Inventory 1 I1 {{7 MINOR}} | Assets:Checking']);
  });

  it("says what it cannot express", () => {
    const facts = [WIDGET, buy("p1", "2025-03-01", 2, 7), sell("o1", "2025-03-02")];
    expect(reason(facts)).toBe("comparable");
    expect(reason([...facts, giveBack("r1", "2025-03-03", "o1", 1, { restock: false })])).toBe("comparable");
    expect(reason([...facts, giveBack("r1", "2025-03-03", "o1", 1)])).toBe("a sale is returned at its cost");
    expect(reason([...facts, pin("o1", "p1", 1)])).toBe("a sale's lot is chosen by a person");
    expect(reason([...facts, sendBack("v1", "2025-03-03", "p1", 1, 1)])).toBe(
      "a lot is returned to its supplier, whatever the dates",
    );
    expect(reason([...facts, sell("o2", "2025-03-02", 2)])).toBe("more goes out than there is");
    expect(reason([{ kind: "business", pool: "location" }, ...facts])).toBe("each location has lots of its own");
    expect(reason([{ kind: "business", grace_days: 1 }, ...facts])).toBe("what is sold may be bought later");
    const outputs = [1, 2].map((share) => ({ id: `q${share}`, item: "w", qty: 1, share }));
    const apart = { kind: "assembly", id: "m1", date: "2025-03-02", inputs: [], outputs };
    expect(reason([...facts, apart])).toBe("one cost is split over outputs");
  });
});
