"use server";

import { z } from "zod";
import { Refusal } from "@/lib/core/errors";
import { reasons } from "@/lib/core/reasons";
import { changeCosting } from "@/lib/desk/costing-settings";
import { limitMember } from "@/lib/desk/limits";
import { changeReasonAccounts } from "@/lib/desk/reason-accounts";
import { changeRole, invite, leaveBusiness, removeMember, revokeInvite } from "@/lib/desk/team";
import { changeLowStockMail } from "@/lib/low-stock";
import { removeBusiness, updateBusiness } from "@/lib/people/businesses";
import { changePassword, confirmPassword } from "@/lib/people/passwords";
import { endSessionById, signOutElsewhere } from "@/lib/people/sessions";
import { unseen } from "@/lib/preview";
import { action, personAction } from "../../act";
import { sessionToken } from "../../auth";
import { personOrRefusal } from "../../scope";
import { type FormAction, seenField } from "../../ui/form-state";

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

/** Which lots costs are taken from. Saving again what it was before takes it back. */
export const saveCosting: FormAction = action(
  z.strictObject({
    pool: z.enum(["business", "location"], { error: "Choose one of the two." }),
    graceDays: z
      .string()
      .trim()
      .regex(/^\d{1,3}$/, "How many days? 0 to 366.")
      .transform(Number),
  }),
  changeCosting,
  {
    done: ({ before }) => ({
      message: "Saved.",
      undo: {
        label: "Take back",
        action: saveCosting,
        values: { pool: before.pool, graceDays: String(before.graceDays), [seenField]: unseen },
      },
    }),
  },
);

/** Several boxes of one name: none, one, or a list; a Take back sends them by lines. */
const Locations = z
  .union([z.string().max(10_000), z.array(z.string().max(200)).max(500)])
  .default([])
  .transform((chosen) => (typeof chosen === "string" ? chosen.split("\n").filter((id) => id !== "") : chosen));
const OneUser = z.string().min(1).max(100);

export const takeBackInvite = action(z.strictObject({ invite: z.string().max(100) }), revokeInvite, {
  done: ({ email }) => `Taken back. The link for ${email} is worth nothing now.`,
});

/** Invites somebody. The link is told this once, whether it was mailed or not. */
export const inviteNow = action(
  z.strictObject({
    email: z.string().trim().min(1, "Whom? Type an e-mail.").max(2_000),
    role: z.string().max(20),
    locations: Locations,
  }),
  (scope, input) => invite(scope, input),
  {
    done: ({ id, email, link, isSent }) => ({
      message: isSent
        ? `Invited. The link is on its way to ${email}.`
        : `Invited. No mail was sent from here: give ${email} the link yourself.`,
      undo: { label: "Take back", action: takeBackInvite, values: { invite: id } },
      copy: {
        label: isSent
          ? `The link for ${email}, which was mailed, too; it is shown this once`
          : `The link for ${email}; it was not mailed, and is shown this once`,
        text: link,
      },
    }),
  },
);

/** The role of a person. A limit that ended with it does not come back by itself, so then there is no Take back. */
export const saveRole: FormAction = action(z.strictObject({ user: OneUser, role: z.string().max(20) }), changeRole, {
  done: ({ user, before, endedLimit }, scope) => ({
    message: endedLimit
      ? "Saved. It counts from their next page on, and they see all locations now."
      : "Saved. It counts from their next page on.",
    undo:
      endedLimit || user === scope.userId
        ? undefined
        : { label: "Take back", action: saveRole, values: { user, role: before } },
  }),
});

export const takeOut = action(z.strictObject({ user: OneUser }), removeMember, {
  done: () => "Taken out. The business is not there for them from their next page on.",
});

/** Out of the team by oneself; whoever leaves goes to another business of theirs, or to the beginning. */
export const leaveNow = action(z.strictObject({}), leaveBusiness, { to: () => "/" });

/** The locations that a person is limited to. Saving again what it was before takes it back. */
export const saveLimits: FormAction = action(
  z.strictObject({
    user: OneUser,
    locations: Locations,
  }),
  limitMember,
  {
    done: ({ user, before, isLimited }) => ({
      message: isLimited
        ? "Saved. It counts from their next page on."
        : "Saved. They see all locations again, and the rest of the books.",
      undo: {
        label: "Take back",
        action: saveLimits,
        values: { user: user, locations: before.join("\n") },
      },
    }),
  },
);

/** Which account bears each reason for removing or adding stock. Saving again what it was before takes it back. */
export const saveReasons: FormAction = action(
  z.strictObject(Object.fromEntries(reasons.map((reason) => [reason, z.string().max(20).optional()]))),
  changeReasonAccounts,
  { done: ({ before }) => ({ message: "Saved.", undo: { label: "Take back", action: saveReasons, values: before } }) },
);

/** Whether people are told by mail of what fell below its minimum. */
export const saveLowStockMail: FormAction = action(
  z.strictObject({ isOn: z.enum(["yes", "no"]) }),
  (scope, { isOn }) => changeLowStockMail(scope, { isOn: isOn === "yes" }),
  {
    done: ({ before }) => ({
      message: "Saved.",
      undo: { label: "Take back", action: saveLowStockMail, values: { isOn: before ? "yes" : "no" } },
    }),
  },
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
