"use server";

import { refresh, revalidatePath } from "next/cache";
import { headers } from "next/headers";
import { Refusal } from "@/lib/core/errors";
import { addCosts, previewCosts } from "@/lib/desk/costs";
import { type CostTable, readCostTable, type TableRow } from "@/lib/desk/costs-table";
import type { Scope } from "@/lib/people/access";
import { fingerprint, MovesCosts, unseen } from "@/lib/preview";
import { askedOf } from "../../../../../asks";
import { refuseOtherOrigin } from "../../../../../origin";
import { scopeOfRequest } from "../../../../../scope";
import { dayText } from "../../../../../ui/days";
import { countText, moneyText } from "../../../../../ui/figures";
import { type Asked, seenField, type Undo } from "../../../../../ui/form-state";
import { typedDay } from "../../../../../ui/typed";
import { takeBack } from "../../actions";
import { dayOrder, todayOf } from "../../state";

/** What was read of a table and what it would change, in texts alone: without script the whole state travels with the form. */
export type Seen = Readonly<{
  asked: Asked | null;
  /** What stands for the preview that is shown; a save that would move something else is asked about again. */
  fingerprint: string;
  note: string;
  /** The first rows, those that are left out before the others. */
  rows: readonly Readonly<{ row: number; of: string; says: string; isWrong: boolean; cost: string }>[];
}>;

/** The pasted table's state between its two buttons: what was read is shown, then saved as it was shown. */
export type TableState = Readonly<{
  text: string;
  account: string;
  error: string | null;
  view: Seen | null;
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
    const look = async () => ({ ...state, view: await seen(scope, table, input), ready: table.costs.length });
    if (data.has("save") && before.ready === table.costs.length && before.text === text && before.account === account) {
      const saved = await addCosts(scope, input, before.view?.fingerprint ?? "").catch((error: unknown) => {
        if (error instanceof MovesCosts) return error;
        throw error;
      });
      // The books have moved since it was shown: nothing was saved, and it is shown as it is now.
      if (saved instanceof MovesCosts) return { ...(await look()), error: saved.message };
      const { source, cost, lines } = saved;
      revalidatePath("/", "layout");
      refresh();
      const money = moneyText({ amountMinor: cost, currency: scope.currency });
      return {
        ...state,
        text: "",
        done: {
          message: `${counted(lines, "cost")} saved, ${money} in all.`,
          undo: { label: "Take back", action: takeBack, values: { source, [seenField]: unseen } },
        },
      };
    }
    return await look();
  } catch (error) {
    if (error instanceof Refusal) return { ...state, error: error.message };
    throw error;
  }
}

const rowsShown = 200;

async function seen(scope: Scope, table: CostTable, input: Parameters<typeof previewCosts>[1]): Promise<Seen> {
  const changes = input.rows.length === 0 ? null : await previewCosts(scope, input);
  const wrong = table.rows.filter((row) => row.wrong !== null).length;
  const shown = [...table.rows].sort((a, b) => Number(a.wrong === null) - Number(b.wrong === null));
  return {
    asked: changes === null ? null : askedOf(scope, changes),
    fingerprint: changes === null ? "" : fingerprint(changes),
    note: `${counted(table.costs.length, "cost")}${wrong === 0 ? "" : `, ${counted(wrong, "row")} left out`}`,
    rows: shown.slice(0, rowsShown).map((row) => ({
      row: row.row,
      of: row.order || row.sku,
      says: row.wrong ?? linesText(row),
      isWrong: row.wrong !== null,
      cost:
        row.wrong !== null
          ? ""
          : moneyText({
              amountMinor: row.lines.reduce((sum, line) => sum + line.amount, 0n),
              currency: scope.currency,
            }),
    })),
  };
}

const counted = (n: number, what: string) => `${countText(n)} ${what}${n === 1 ? "" : "s"}`;

function linesText({ lines }: TableRow): string {
  const [first] = lines;
  if (first === undefined) return "";
  return lines.length === 1
    ? `${first.name}, bought ${dayText(first.on)}`
    : `${countText(lines.length)} lines of ${first.name}`;
}

function dayOf(scope: Scope, typed: string): string | null {
  const day = typedDay(typed, todayOf(scope), dayOrder(scope));
  return "wrong" in day ? null : day.value;
}
