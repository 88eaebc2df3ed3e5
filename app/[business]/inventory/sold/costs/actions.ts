"use server";

import { addCost, addCosts } from "@/lib/desk/costs";
import { unseen } from "@/lib/preview";
import { action } from "../../../../act";
import { countText, moneyText } from "../../../../ui/figures";
import { seenField } from "../../../../ui/form-state";
import { takeBack } from "../actions";
import { oneOf } from "../state";
import { CostForm, ManyForm, readCost, readCosts } from "./read-form";

export const saveCost = action(
  CostForm,
  (scope, fields, seen) => addCost(scope, readCost(scope, fields), seen || (fields.accepted ?? "")),
  {
    done: ({ source, cost }, scope) => ({
      message: `Cost of ${moneyText({ amountMinor: cost, currency: scope.currency })} saved.`,
      undo: { label: "Take back", action: takeBack, values: { source, [seenField]: unseen } },
    }),
  },
);

export const saveCosts = action(
  ManyForm,
  (scope, fields, seen) => addCosts(scope, readCosts(scope, fields), seen || oneOf(fields.accepted)),
  {
    done: ({ source, cost, lines }, scope) => ({
      message: `${countText(lines)} ${lines === 1 ? "cost" : "costs"} saved, ${moneyText({ amountMinor: cost, currency: scope.currency })} in all.`,
      undo: { label: "Take back", action: takeBack, values: { source, [seenField]: unseen } },
    }),
  },
);
