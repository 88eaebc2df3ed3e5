"use server";

import { chooseItem } from "@/lib/desk/matching";
import { unseen } from "@/lib/preview";
import { action } from "../../../../act";
import { countText } from "../../../../ui/figures";
import { seenField } from "../../../../ui/form-state";
import { takeBack } from "../actions";
import { MatchForm, readMatch } from "./read-form";

export const saveMatch = action(
  MatchForm,
  (scope, fields, seen) => chooseItem(scope, readMatch(fields), seen || (fields.accepted ?? "")),
  {
    done: ({ source, name, lines }) => ({
      message: `${lines === 1 ? "The line is" : `${countText(lines)} lines are`} ${name}.`,
      undo: { label: "Take back", action: takeBack, values: { source, [seenField]: unseen } },
    }),
  },
);
