/** What the form of Choose item says: read alike for what it would change and for saving it. */
import { z } from "zod";
import { Refusal } from "@/lib/core/errors";
import type { MatchInput } from "@/lib/desk/matching";

const text = z.string().max(2_000).optional();

/** `pick` is a candidate's id, or `other`: then `item` and `itemText` say which. */
export const MatchForm = z.strictObject({
  line: z.union([z.string().min(1).max(1_000), z.array(z.string().max(1_000)).max(200)]),
  pick: text,
  item: text,
  itemText: text,
  same: text,
  pack: text,
  /** Which preview the page showed beside it (`acceptedField`). */
  accepted: text,
});
export type MatchFields = z.output<typeof MatchForm>;

/** @throws Refusal `field_missing` where no product is chosen */
export function readMatch(fields: MatchFields): MatchInput {
  const pick = fields.pick ?? "other";
  const lines = typeof fields.line === "string" ? [fields.line] : fields.line;
  const alsoSame = fields.same === "on";
  if (pick !== "other" && pick !== "") return { lines, item: { id: pick, name: "" }, alsoSame, pack: fields.pack };
  const [id, name] = [fields.item ?? "", fields.itemText ?? ""];
  if (id === "" && name.trim() === "")
    throw new Refusal("field_missing", "Which product is it? Choose it or type its name.", { field: "item" });
  return { lines, item: { id: id === "" ? null : id, name }, alsoSame, pack: fields.pack };
}
