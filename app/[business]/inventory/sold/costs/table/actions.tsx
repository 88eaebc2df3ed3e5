"use server";

import { refresh, revalidatePath } from "next/cache";
import { headers } from "next/headers";
import type { ReactNode } from "react";
import { Refusal } from "@/lib/core/errors";
import { addCosts, previewCosts } from "@/lib/desk/costs";
import { type CostTable, readCostTable } from "@/lib/desk/costs-table";
import type { Scope } from "@/lib/people/access";
import { unseen } from "@/lib/preview";
import { refuseOtherOrigin } from "../../../../../origin";
import { scopeOfRequest } from "../../../../../scope";
import { countText, moneyText } from "../../../../../ui/figures";
import { seenField, type Undo } from "../../../../../ui/form-state";
import { typedDay } from "../../../../../ui/typed";
import { takeBack } from "../../actions";
import { dayOrder, todayOf } from "../../state";
import { TableSeen } from "./seen";

/** The pasted table's state between its two buttons: what was read is shown, then saved as it was shown. */
export type TableState = Readonly<{
  text: string;
  account: string;
  error: string | null;
  view: ReactNode | null;
  /** How many costs a save would record; 0: nothing to save. */
  ready: number;
  done: Readonly<{ message: string; undo: Undo }> | null;
}>;

/** Reads the table and shows what it would change; with `save`, when nothing else was typed since, records it. */
export async function costTable(before: TableState, data: FormData): Promise<TableState> {
  const upload = data.get("file");
  const typed = String(data.get("table") ?? "");
  const account = String(data.get("account") ?? "3000");
  const text = upload instanceof File && upload.size > 0 && upload.size < 2_000_000 ? await upload.text() : typed;
  const state: TableState = { text, account, error: null, view: null, ready: 0, done: null };
  try {
    refuseOtherOrigin(await headers());
    const scope = await scopeOfRequest();
    const table = await readCostTable(scope, text, (day) => dayOf(scope, day));
    const input = { rows: table.costs, account };
    if (data.has("save") && before.ready === table.costs.length && before.text === text && before.account === account) {
      const { source, cost, lines } = await addCosts(scope, input);
      revalidatePath("/", "layout");
      refresh();
      const money = moneyText({ amountMinor: cost, currency: scope.currency });
      return {
        ...state,
        text: "",
        done: {
          message: `${countText(lines)} ${lines === 1 ? "cost" : "costs"} saved, ${money} in all.`,
          undo: { label: "Take back", action: takeBack, values: { source, [seenField]: unseen } },
        },
      };
    }
    return { ...state, view: await seen(scope, table, input), ready: table.costs.length };
  } catch (error) {
    if (error instanceof Refusal) return { ...state, error: error.message };
    throw error;
  }
}

async function seen(scope: Scope, table: CostTable, input: Parameters<typeof previewCosts>[1]): Promise<ReactNode> {
  const changes = input.rows.length === 0 ? null : await previewCosts(scope, input);
  return <TableSeen scope={scope} table={table} changes={changes} />;
}

function dayOf(scope: Scope, typed: string): string | null {
  const day = typedDay(typed, todayOf(scope), dayOrder(scope));
  return "wrong" in day ? null : day.value;
}
