import fc from "fast-check";
import { expect, test } from "vitest";
import { Heap } from "../../lib/core/costing/heap";

type Item = Readonly<{ size: number; name: string }>;
const bySize = (a: Item, b: Item) => a.size - b.size;

test("a heap has the smallest at hand, and forgets what was dropped", () => {
  const heap = new Heap<number>((a, b) => a - b);
  expect(heap.first()).toBeUndefined();
  heap.drop();
  expect(heap.first()).toBeUndefined();
  for (const size of [5, 3, 8, 1, 9, 2, 7]) heap.put(size);
  const taken: number[] = [];
  for (let first = heap.first(); first !== undefined; first = heap.first()) {
    taken.push(first);
    heap.drop();
    if (taken.length > 7) break;
  }
  expect(taken).toEqual([1, 2, 3, 5, 7, 8, 9]);
});

test("a heap answers like a sorted list, whatever is put and dropped in between", () => {
  const act = fc.oneof(fc.integer({ min: 0, max: 20 }), fc.constant("drop" as const));
  fc.assert(
    fc.property(fc.array(act, { maxLength: 60 }), (acts) => {
      const heap = new Heap<number>((a, b) => a - b);
      const list: number[] = [];
      for (const one of acts) {
        if (one === "drop") {
          heap.drop();
          list.shift();
        } else {
          heap.put(one);
          list.push(one);
          list.sort((a, b) => a - b);
        }
        expect(heap.first()).toBe(list[0]);
      }
    }),
  );
});

test("a heap compares no more often than its height asks for", () => {
  let compared = 0;
  const heap = new Heap<Item>((a, b) => {
    compared += 1;
    return bySize(a, b);
  });
  for (let size = 0; size < 1024; size += 1) heap.put({ size, name: "" });
  // Each comes in order: one look at the one above it.
  expect(compared).toBe(1023);
  heap.put({ size: -1, name: "" });
  expect(compared).toBe(1023 + 10);
  compared = 0;
  heap.drop();
  expect(compared <= 20).toBe(true);
});

test("of equals, the one that was there stays above the one that comes", () => {
  const heap = new Heap(bySize);
  heap.put({ size: 1, name: "first" });
  heap.put({ size: 1, name: "second" });
  expect(heap.first()?.name).toBe("first");
});
