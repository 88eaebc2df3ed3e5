/**
 * The sheet of a count: to be filled in by hand while it goes on (without what is expected, where it is blind), and to be signed once it is
 * approved, with what was counted, what was expected and what each difference was put down to.
 */

import { saysDifference } from "../core/counts";
import { dayInWords, localDateOf } from "../core/dates";
import { reasonOf } from "../core/reasons";
import type { Paper } from "../exports/paper";
import type { Cell } from "../exports/sheet";
import type { Scope } from "../people/access";
import { type CountView, countView } from "./count-reads";
import { nowInstant } from "./count-row";

/** What stands on it; its head and foot are added by `noteOf`. Refuses `not_found` as the count's page does. */
export async function countSheet(scope: Scope, id: string): Promise<Omit<Paper, "from" | "foot" | "size">> {
  const count = await countView(scope, id);
  const isApproved = count.state === "approved";
  const marks = {
    draft: "PLANNED",
    counting: "COUNTING",
    review: "NOT APPROVED",
    approved: null,
    cancelled: "CANCELLED",
  };
  const days = count.lines.flatMap((line) => (line.counted === null ? [] : [line.counted.on])).sort();
  return {
    title: "Count sheet",
    number: count.number,
    on: days.at(-1) ?? localDateOf(nowInstant(), scope.timeZone),
    mark: marks[count.state],
    to: null,
    about: [
      ["Location", count.location.name],
      ["Counted", isApproved || !count.isBlind ? "Against what the books say" : "Blind"],
      ...(count.approved === null
        ? []
        : [
            [
              "Approved",
              [dayInWords(count.approved.at.slice(0, 10)), count.approved.who].filter(Boolean).join(", "),
            ] as const,
          ]),
    ],
    columns: [
      { head: "Item", kind: "text", share: 40 },
      { head: "SKU", kind: "text", share: 16 },
      ...(isApproved || !count.isBlind ? [{ head: "Expected", kind: "figure", share: 12 } as const] : []),
      { head: "Counted", kind: "figure", share: 12 },
      ...(isApproved
        ? [
            { head: "Difference", kind: "figure", share: 12 } as const,
            { head: "Reason", kind: "text", share: 16 } as const,
          ]
        : []),
    ],
    lines: count.lines.map((line) => cellsOf(count, line)),
    sums: [],
    notes: [
      ...(count.note === "" ? [] : [count.note]),
      ...(count.changed.length === 0
        ? []
        : [`What was recorded since changes ${count.changed.length} of these differences; it is not approved yet.`]),
      ...(isApproved && count.lines.some((line) => line.counted === null)
        ? ["What has no quantity was not counted, and nothing was put right of it."]
        : []),
    ],
    signs: isApproved ? ["Approved by, and on"] : ["Counted by, and on"],
  };
}

function cellsOf(count: CountView, line: CountView["lines"][number]): readonly Cell[] {
  const units = (of: bigint | undefined): Cell => (of === undefined ? null : { units: of, decimals: line.decimals });
  if (count.state === "approved") {
    const proof = count.proved.get(line.item);
    const reason =
      proof !== undefined && proof.difference !== 0n && line.reason !== null ? reasonOf(line.reason) : null;
    return [
      line.name,
      line.sku,
      units(proof?.expected),
      units(proof?.counted),
      units(proof?.difference),
      reason === null ? null : saysDifference(reason),
    ];
  }
  // To be filled in: what was counted already stands in it, what is expected only of what has a moment to be expected at.
  return [
    line.name,
    line.sku,
    ...(count.isBlind ? [] : [units(line.counted === null ? undefined : line.expected)]),
    units(line.counted?.qty),
  ];
}
