/** Pool `location`: each place has its own lots, and a transfer moves them (rule 8 of costing.md), worked out by hand. */
import { describe, expect, it } from "vitest";
import { naive } from "./index";
import {
  balances,
  buy,
  costs,
  giveBack,
  item,
  lots,
  make,
  move,
  pin,
  places,
  refusal,
  sell,
  sendBack,
  WIDGET,
} from "./words";

const START = [...places("x", "y", "z"), WIDGET];
const [AT_X, AT_Y, AT_Z] = [{ location: "x" }, { location: "y" }, { location: "z" }];

describe("pool location", () => {
  it("takes from the lots of its place only, the first place where none is said", () => {
    const facts = [...START, buy("p1", "2025-03-01", 1, 10), buy("p2", "2025-03-02", 1, 30, AT_Y)];
    const result = naive([...facts, sell("o1", "2025-03-03"), sell("o2", "2025-03-03", 2, AT_Y)]);
    // o1 at x: 10. o2 at y: 30, and one short, though nothing is left at x.
    expect(costs(result)).toEqual({ "o1-1": "10", "o2-1": "30+1?" });
    expect(result.lots).toMatchObject([
      { lot: "p1-1", location: "x" },
      { lot: "p2-1", location: "y" },
    ]);
    expect(result.on_hand).toEqual([{ item: "w", location: "y", qty: -1 }]);
    // The pool of the whole business would give o2 nothing else, but o1 and o2 the same lots by age.
    const [business, ...rest] = [...facts, sell("o3", "2025-03-03", 1, AT_Y)];
    expect(costs(naive([business, ...rest]))).toEqual({ "o3-1": "30" });
    expect(costs(naive(rest))).toEqual({ "o3-1": "10" });
    expect(naive(rest).lots[0]).not.toHaveProperty("location");
  });

  it("moves lots with their cost and their acquisition date", () => {
    const result = naive([
      ...START,
      buy("p1", "2025-03-01", 2, 100),
      buy("p2", "2025-03-03", 1, 90, AT_Y),
      move("t1", "2025-03-05", "x", "y", 1),
      sell("o1", "2025-03-06", 1, AT_Y),
    ]);
    // The lot moved is of 03-01, older than p2: it is sold first, at 50.
    expect(costs(result)).toEqual({ "o1-1": "50" });
    expect(result.lots[2]).toEqual({
      lot: "t1-1",
      item: "w",
      date: "2025-03-01",
      qty: 1,
      amount: 50,
      left: 0,
      value: 0,
      location: "y",
    });
    expect(balances(result)).toEqual({ "1000": -190, "1200": 140, "5000": 50 });
  });

  it("divides cents where lots are taken apart, and none is lost", () => {
    const result = naive([
      ...START,
      buy("p1", "2025-03-01", 3, 1000),
      move("t1", "2025-03-02", "x", "y", 1),
      move("t2", "2025-03-03", "x", "y", 2),
      sell("o1", "2025-03-04", 1, AT_Y),
      sell("o2", "2025-03-05", 1, AT_Y),
      sell("o3", "2025-03-06", 1, AT_Y),
    ]);
    // t1: 333; t2: 1000 − 333 = 667 for two, of which round(333.5) = 334, then 333.
    expect(costs(result)).toEqual({ "o1-1": "333", "o2-1": "334", "o3-1": "333" });
  });

  it("numbers the lots of a line in the order taken", () => {
    const result = naive([
      ...START,
      buy("p2", "2025-03-01", 1, 10),
      buy("p1", "2025-03-01", 1, 20),
      buy("p0", "2025-03-02", 4, 40),
      move("t1", "2025-03-03", "x", "y", 3),
      sell("o1", "2025-03-03", 2, AT_Y),
    ]);
    // By age, then id: p1 for 20, p2 for 10, one of p0 for 10. The sale takes the first two.
    expect(lots(result)).toMatchObject({
      "t1-1.1": "0 of 1: 0 of 20",
      "t1-1.2": "0 of 1: 0 of 10",
      "t1-1.3": "1 of 1: 10 of 10",
    });
    expect(costs(result)).toEqual({ "o1-1": "30" });
  });

  it("goes, among lots of one day, by the movement that brought them", () => {
    const facts = [...START, buy("p9", "2025-03-01", 1, 10), buy("p1", "2025-03-01", 1, 70, AT_Y)];
    // Both of 03-01; p1 came to y on that day, the other only with the transfer.
    const result = naive([...facts, move("a1", "2025-03-02", "x", "y", 1), sell("o1", "2025-03-03", 1, AT_Y)]);
    expect(costs(result)).toEqual({ "o1-1": "70" });
  });

  it("moves as quantity what is short, until the outward side is covered", () => {
    const facts = [
      ...START,
      buy("p2", "2025-03-02", 1, 10),
      move("t1", "2025-03-03", "x", "y", 3),
      sell("o1", "2025-03-04", 2, AT_Y),
    ];
    const short = naive(facts);
    expect(costs(short)).toEqual({ "o1-1": "10+1?" });
    expect(short.on_hand).toEqual([
      { item: "w", location: "x", qty: -2 },
      { item: "w", location: "y", qty: 1 },
    ]);
    // Two more at x, for 50, are older: the transfer takes 25, 25 and 10; the sale the first two.
    const late = naive([...facts, buy("p1", "2025-03-01", 2, 50)]);
    expect(costs(late)).toEqual({ "o1-1": "50" });
    expect(lots(late)).toMatchObject({ "t1-1.1": "0 of 2: 0 of 50", "t1-1.2": "1 of 1: 10 of 10" });
  });

  it("sells what is on its way from the day on which it arrives", () => {
    const facts = [
      ...START,
      buy("p1", "2025-03-01", 3, 30),
      move("t1", "2025-03-02", "x", "y", 2, { arrives: "2025-03-05" }),
    ];
    expect(costs(naive([...facts, sell("o1", "2025-03-04", 1, AT_Y)]))).toEqual({ "o1-1": "0+1?" });
    expect(costs(naive([...facts, sell("o1", "2025-03-05", 1, AT_Y)]))).toEqual({ "o1-1": "10" });
    // It has left, for all that: one of three is at x.
    expect(costs(naive([...facts, sell("o1", "2025-03-02", 2)]))).toEqual({ "o1-1": "10+1?" });
    expect(naive(facts).on_hand).toEqual([
      { item: "w", location: "x", qty: 1 },
      { item: "w", location: "y", qty: 2 },
    ]);
  });

  it("goes around in a ring by the documents' ids", () => {
    const facts = [...START, buy("p1", "2025-03-01", 1, 10)];
    const ring = (one: string, two: string, three: string) => [
      move(one, "2025-03-02", "x", "y", 1),
      move(two, "2025-03-02", "y", "z", 1),
      move(three, "2025-03-02", "z", "x", 1),
    ];
    // In order: it comes back to x, at 10.
    const round = naive([...facts, ...ring("t1", "t2", "t3"), sell("o1", "2025-03-02")]);
    expect(costs(round)).toEqual({ "o1-1": "10" });
    expect(round.lots.map((l) => l.lot)).toEqual(["p1-1", "t1-1", "t2-1", "t3-1"]);
    // Against the order: t1 and t2 find nothing to take along; the lot gets to y only, and the sale at x is short.
    const against = naive([...facts, ...ring("t3", "t2", "t1"), sell("o1", "2025-03-02")]);
    expect(costs(against)).toEqual({ "o1-1": "0+1?" });
    expect(against.lots).toMatchObject([{ lot: "p1-1" }, { lot: "t3-1", location: "y", left: 1 }]);
    expect(against.on_hand).toEqual([]);
  });

  it("brings a return to where it says, as a lot of the day of the return", () => {
    const facts = [...START, buy("p1", "2025-03-01", 2, 60), sell("o1", "2025-03-02", 2)];
    const there = giveBack("r1", "2025-03-03", "o1", 1, { restock: true, ...AT_Z });
    const result = naive([...facts, there, sell("o2", "2025-03-04", 1, AT_Z), sell("o3", "2025-03-04")]);
    expect(costs(result)).toEqual({ "o1-1": "60", "o2-1": "30", "o3-1": "0+1?" });
    expect(result.lots[1]).toMatchObject({ lot: "r1-1", location: "z", date: "2025-03-03" });
  });

  it("cancels shortage at the sale's place, and has what came back without cost where it came", () => {
    const facts = [...START, sell("o1", "2025-03-02", 2), sell("o2", "2025-03-04", 1, AT_Z)];
    const result = naive([...facts, giveBack("r1", "2025-03-03", "o1", 1, { restock: true, ...AT_Z })]);
    // Of 2 short at x, 1 is cancelled; the one that came to z has no cost, so its sale there needs one.
    expect(costs(result)).toEqual({ "o1-1": "0+1?", "o2-1": "0+1?" });
    expect(result.on_hand).toEqual([{ item: "w", location: "x", qty: -2 }]);
  });

  it("keeps what goes back to the supplier where it was bought, whatever was moved", () => {
    const facts = [
      ...START,
      buy("p1", "2025-03-01", 3, 100),
      move("t1", "2025-03-02", "x", "y", 3),
      sendBack("v1", "2025-03-09", "p1", 1, 40),
    ];
    const result = naive(facts);
    // The return of 1 is counted first: 33. The transfer gets 2 for 67, and is 1 short. 40 come for 33.
    expect(lots(result)).toEqual({ "p1-1": "0 of 3: 0 of 100", "t1-1": "2 of 2: 67 of 67" });
    expect(balances(result)).toEqual({ "1000": -60, "1200": 67, "5110": -7 });
    expect(result.on_hand).toEqual([
      { item: "w", location: "x", qty: -1 },
      { item: "w", location: "y", qty: 3 },
    ]);
  });

  it("lets a pin take back what a transfer had taken, at its own place only", () => {
    const facts = [
      ...START,
      buy("p1", "2025-03-01", 1, 100),
      buy("p2", "2025-03-02", 1, 300),
      move("t1", "2025-03-03", "x", "y", 1),
      sell("o1", "2025-03-04", 1, AT_Y),
      sell("o2", "2025-03-05"),
    ];
    expect(costs(naive(facts))).toEqual({ "o1-1": "100", "o2-1": "300" });
    // o2 at x is pinned to p1: the transfer moves on to p2, and so does the sale at y.
    expect(costs(naive([...facts, pin("o2", "p1", 1)]))).toEqual({ "o1-1": "300", "o2-1": "100" });
    expect(refusal([...facts, pin("o1", "p1", 1)])).toBe("11 does_not_fit");
    expect(refusal([...facts, { kind: "pin", sale: "o1-1", lot: "t1-1", qty: 1 }])).toBe("11 does_not_fit");
  });

  it("makes things where it says, of what is there", () => {
    const facts = [...START, item("v"), buy("p1", "2025-03-01", 1, 10), buy("p2", "2025-03-01", 1, 30, AT_Y)];
    const made = make("m1", "2025-03-02", [["w", 2]], ["v", 1], AT_Y);
    const result = naive([...facts, made]);
    // At y there is one, for 30; the other is short.
    expect(result.lots[0]).toMatchObject({ lot: "m1-q", amount: 30, location: "y" });
    // Moved there by a document whose id comes first, the one of x is used too.
    expect(naive([...facts, made, move("a1", "2025-03-02", "x", "y", 1)]).lots[1]).toMatchObject({ amount: 40 });
  });

  it("reaches within grace to lots of the same place, and a transfer too", () => {
    const [business, ...rest] = START;
    const facts = [{ ...business, grace_days: 2 }, ...rest] as typeof START;
    const late = [buy("p1", "2025-03-04", 1, 10), sell("o1", "2025-03-03", 1, AT_Y)];
    expect(costs(naive([...facts, ...late]))).toEqual({ "o1-1": "0+1?" });
    // The transfer of 03-02 takes the lot of 03-04, so it is at y on 03-03.
    const result = naive([...facts, ...late, move("t1", "2025-03-02", "x", "y", 1)]);
    expect(costs(result)).toEqual({ "o1-1": "10" });
    expect(result.lots[1]).toMatchObject({ lot: "t1-1", date: "2025-03-04" });
    // What a transfer brings is no purchase: arriving a day after the sale, it is not reached.
    const slow = move("t1", "2025-03-02", "x", "y", 1, { arrives: "2025-03-04" });
    expect(costs(naive([...facts, ...late, slow]))).toEqual({ "o1-1": "0+1?" });
  });

  it("has openings, counts, backfills and returns of unknown sales at their places", () => {
    const result = naive([
      ...START,
      { kind: "opening", id: "g1", date: "2025-01-01", lines: [{ id: "g1-1", item: "w", qty: 2, amount: 8, ...AT_Z }] },
      { kind: "adjustment", id: "a1", date: "2025-01-02", ...AT_Z, lines: [{ id: "a1-1", item: "w", qty: -1 }] },
      { kind: "adjustment", id: "a2", date: "2025-01-02", ...AT_Y, lines: [{ id: "a2-1", item: "w", qty: -1 }] },
      {
        kind: "return",
        id: "r1",
        date: "2025-01-03",
        channel: "ebay",
        lines: [{ id: "r1-1", item: "w", qty: 1, amount: 0, cost: 5, ...AT_Y }],
      },
      sell("o1", "2025-01-04", 3, AT_Z),
      { kind: "backfill", id: "b1", sale: "o1-1", date: "2025-01-09", amount: 20, qty: 2 },
    ]);
    // z: 2 for 8, one counted short at 4; o1 takes the other, 4, and its backfill, 20. y: one short, one come back at 5.
    expect(costs(result)).toEqual({ "o1-1": "24" });
    expect(result.lots.map((l) => `${l.lot} ${l.location} ${l.left}`)).toEqual(["b1 z 0", "g1-1 z 0", "r1-1 y 1"]);
    expect(balances(result)).toEqual({ "1200": 5, "3000": -20, "3090": -8, "5000": 19, "5100": 4 });
  });

  it("sees the same lots again after an undo", () => {
    const before = [...START, buy("p1", "2025-03-01", 2, 30), sell("o1", "2025-03-05", 1, AT_X)];
    const moved = move("t1", "2025-03-02", "x", "y", 2);
    expect(costs(naive([...before, moved]))).toEqual({ "o1-1": "0+1?" });
    expect(naive([...before, moved, { kind: "undo", of: "transfer", id: "t1" }])).toEqual(naive(before));
  });
});
