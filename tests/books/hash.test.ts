/** The hash of a fact follows from its content alone: not from the order of its fields, nor from how it was kept in between. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { jsonText } from "../../db/bulk";
import { hashOf, sortedJson } from "../../lib/books/batch";
import { shippedTo } from "../../lib/core/facts";
import { order, sent } from "../core/sent-order";

const content = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.string({ unit: "binary" }),
    fc.bigInt(),
    fc.boolean(),
    fc.constant(null),
    fc.integer(),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(
      fc.string({ minLength: 1, maxLength: 4 }).filter((name) => !/^\d/.test(name) && name !== "__proto__"),
      tie("value"),
      {
        maxKeys: 5,
        noNullPrototype: true,
      },
    ),
  ),
})).value;

test("what is stored as JSON and read again has the same hash", () => {
  fc.assert(
    fc.property(content, (value) => {
      expect(hashOf(JSON.parse(jsonText(value)))).toBe(hashOf(value));
    }),
  );
});

test("the text is the JSON of the same content with its fields in order", () => {
  const sorted = (value: unknown): unknown =>
    Array.isArray(value)
      ? value.map(sorted)
      : value !== null && typeof value === "object"
        ? Object.fromEntries(
            Object.entries(value)
              .sort(([a], [b]) => (a < b ? -1 : 1))
              .map(([name, part]) => [name, sorted(part)]),
          )
        : value;
  fc.assert(
    fc.property(content, (value) => {
      expect(sortedJson(value)).toBe(jsonText(sorted(value)));
    }),
  );
});

test("another amount, and a field more, is another hash; a field that is undefined is none", () => {
  const fact = { kind: "payout", id: "p", amount: 5n };
  expect(hashOf({ ...fact, amount: 6n })).not.toBe(hashOf(fact));
  expect(hashOf({ ...fact, memo: null })).not.toBe(hashOf(fact));
  expect(hashOf({ amount: 5n, id: "p", kind: "payout", memo: undefined })).toBe(hashOf(fact));
});

test("an order that does not say where it went has the hash that it always had", () => {
  expect(hashOf(order)).toBe("ee90d9261e7c76fcafdad7c317e33f6c");
  expect(hashOf({ ...order, ...shippedTo(null, "MH") })).toBe(hashOf(order));
  expect(hashOf(sent)).not.toBe(hashOf(order));
  expect(hashOf(JSON.parse(jsonText(sent)))).toBe(hashOf(sent));
});
