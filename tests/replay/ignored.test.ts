/** What the format of files of facts does not know is ignored: an adjustment names no account, reason or note, a return no tax or shipping. */
import { expect, test } from "vitest";
import { parseFact } from "../../lib/replay/parse";
import { naive } from "./naive/index";
import { balances } from "./naive/words";

test("an adjustment of a file is shrinkage, whatever else its line says", () => {
  const line = { kind: "adjustment", id: "a", date: "2026-03-01", lines: [{ id: "a-1", item: "mug", qty: -1 }] };
  expect(parseFact({ ...line, account: "3010", note: "mine", reason: "own_use" }, "UTC")).toEqual({
    kind: "fact",
    fact: {
      kind: "adjustment",
      id: "a",
      date: "2026-03-01",
      location: null,
      reason: null,
      lines: [{ id: "a-1", item: "mug", qty: -1n, amount: 0n }],
    },
  });
});

const sold = { kind: "order", id: "o", channel: "web", at: "2026-03-01", tax: 10, shipping: 7 };
const lines = [{ id: "o-1", name: "Mug", qty: 1, amount: 50 }];
const back = { kind: "return", id: "r", date: "2026-03-02", order: "o" };
const given = [{ id: "r-1", line: "o-1", qty: 1, amount: 5, restock: false }];

test.each([{ tax: 4, shipping: 3 }, { tax: -4 }, { shipping: "3" }])(
  "a refund of a file is all in its lines: %j",
  (more) => {
    const plain = { ...back, lines: given };
    expect(parseFact({ ...plain, ...more }, "UTC")).toEqual(parseFact(plain, "UTC"));
    expect(parseFact(plain, "UTC")).not.toHaveProperty("fact.tax");
    const books = balances(
      naive([
        { ...sold, lines },
        { ...plain, ...more },
      ]),
    );
    expect(books).toEqual({ "1150": 62, "2200": -10, "4000": -50, "4010": -7, "4090": 5 });
  },
);
