/** The two grids of a form as rows: `in.0.item`, `out.2.qty`. */
import type { Side, TypedPart } from "@/lib/desk/recipe-lines";

/** The rows in which anything was typed, in their order. */
export function partsIn(fields: Readonly<Record<string, string>>, side: Side): readonly TypedPart[] {
  const found = Object.keys(fields).flatMap((name) => new RegExp(`^${side}\\.(\\d{1,4})\\.`).exec(name)?.[1] ?? []);
  return [...new Set(found)]
    .map(Number)
    .sort((a, b) => a - b)
    .flatMap((row): TypedPart[] => {
      const cell = (column: string) => (fields[`${side}.${row}.${column}`] ?? "").trim();
      const [item, text, qty] = [cell("item"), cell("itemText"), cell("qty")];
      if (item === "" && text === "" && qty === "") return [];
      return [{ row, item, text, qty, waste: cell("waste"), share: cell("share") }];
    });
}
