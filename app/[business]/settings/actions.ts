"use server";

import { z } from "zod";
import { Refusal } from "@/lib/core/errors";
import { removeBusiness, updateBusiness } from "@/lib/people/businesses";
import { changePassword, confirmPassword } from "@/lib/people/passwords";
import { endSessionById, signOutElsewhere } from "@/lib/people/sessions";
import { action, personAction } from "../../act";
import { sessionToken } from "../../auth";
import { personOrRefusal } from "../../scope";

export const saveBusiness = action(
  z.strictObject({
    name: z.string().trim().min(1, "Give the business a name."),
    timeZone: z.string(),
    taxYearStartMonth: z
      .string()
      .regex(/^\d{1,2}$/, "Choose the month.")
      .transform(Number),
  }),
  updateBusiness,
  { done: () => "Saved." },
);

export const throwAway = action(
  z.strictObject({ name: z.string(), password: z.string().optional() }),
  async (scope, { name, password }) => {
    if (name.normalize("NFC").trim() !== scope.name)
      throw new Refusal("bad_field", `To throw it away, type its name: ${scope.name}`, { field: "name" });
    // A demo has nothing of the person's own in it.
    if (!scope.isDemo) await confirmPassword(await personOrRefusal(), password ?? "");
    await removeBusiness(scope);
  },
  { to: () => "/" },
);

export const savePassword = personAction(
  z.strictObject({ current: z.string().optional(), next: z.string().min(1, "Type the new password.") }),
  async (person, { current, next }) =>
    changePassword({ person, current: current ?? "", next, token: await sessionToken() }),
  {
    done: (ended) =>
      ended === 0 ? "The password is changed." : `The password is changed, ${ended} other sessions are ended.`,
    secret: ["current", "next"],
  },
);

export const endOne = personAction(
  z.strictObject({ session: z.string().max(100) }),
  (person, { session }) => endSessionById(person.id, session),
  { done: () => "That session is ended." },
);

export const endOthers = personAction(
  z.strictObject({}),
  async (person) => signOutElsewhere(person.id, (await sessionToken()) ?? ""),
  { done: (ended) => (ended === 1 ? "One other session is ended." : `${ended} other sessions are ended.`) },
);
