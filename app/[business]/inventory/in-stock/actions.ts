"use server";

import { z } from "zod";
import { askForFile, keptDays } from "@/lib/exports/made";
import { formats } from "@/lib/exports/sheet";
import { action } from "../../../act";
import type { FormAction } from "../../../ui/form-state";
import { aboutRegister, registerNamed, registerState } from "./state";

/** Asks a worker for a file of a register; `asked` is the address of the export. */
export const makeRegisterFile: FormAction = action(
  z.strictObject({ asked: z.string().max(4_000) }),
  (scope, { asked }) => {
    const query = Object.fromEntries(new URLSearchParams(asked));
    const register = registerNamed(query.register);
    const format = z.enum(formats).parse(query.format);
    return askForFile(scope, {
      report: "register",
      format,
      asked: registerState(scope, register, query).asked,
      about: aboutRegister(register),
    });
  },
  {
    done: () => `It is made in the background, stands under Files when it is ready, and is kept for ${keptDays} days.`,
  },
);
