"use server";

import { z } from "zod";
import { saveMinimums } from "@/lib/stock/minimums";
import { action } from "../../../../act";
import type { FormAction } from "../../../../ui/form-state";

/** The rows of the form: `item-0`, `minimum-0`, `target-0`, and so on. Saving what it was before takes it back. */
export const setMinimums: FormAction = action(
  z.record(z.string().max(40), z.string().max(500)),
  async (scope, typed) => {
    const location = typed.location ?? "";
    const items = Object.keys(typed).flatMap((name) => {
      const row = /^item-(\d{1,4})$/.exec(name)?.[1];
      if (row === undefined) return [];
      return [
        {
          row: Number(row),
          item: typed[name] ?? "",
          minimum: typed[`minimum-${row}`] ?? "",
          target: typed[`target-${row}`] ?? "",
        },
      ];
    });
    items.sort((a, b) => a.row - b.row);
    const { changed, before } = await saveMinimums(scope, { location, items });
    return { changed, before, location };
  },
  {
    done: ({ changed, before, location }) => ({
      message: changed === 0 ? "Nothing changed." : changed === 1 ? "One minimum saved." : `${changed} minimums saved.`,
      ...(changed === 0
        ? {}
        : {
            undo: {
              label: "Take back",
              action: setMinimums,
              values: Object.fromEntries([
                ["location", location],
                ...before.flatMap(({ item, minimum, target }, row) => [
                  [`item-${row}`, item],
                  [`minimum-${row}`, minimum],
                  [`target-${row}`, target],
                ]),
              ]),
            },
          }),
    }),
  },
);
