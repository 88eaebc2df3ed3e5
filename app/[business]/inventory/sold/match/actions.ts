"use server";

import { chooseItem } from "@/lib/desk/matching";
import { action } from "../../../../act";
import { countText } from "../../../../ui/figures";
import { takeBack } from "../actions";
import { MatchForm, readMatch } from "./read-form";

export const saveMatch = action(MatchForm, (scope, fields) => chooseItem(scope, readMatch(fields)), {
  done: ({ source, name, lines }) => ({
    message: `${lines === 1 ? "The line is" : `${countText(lines)} lines are`} ${name}.`,
    undo: { label: "Take back", action: takeBack, values: { source } },
  }),
});
