"use server";

import { headers } from "next/headers";
import { redirect } from "next/navigation";
import { z } from "zod";
import { signUp } from "@/lib/people/passwords";
import { openAction } from "../act";
import { enterWithPassword, leave, mailLink } from "../auth";
import { addressOf } from "../origin";
import { samePath, signInTo } from "../same-path";

const text = z.string().max(2_000, "This is too long.");
const Next = text.optional();

export const signInNow = openAction(
  z.strictObject({ email: text.min(1), password: text.min(1), next: Next }),
  async ({ email, password, next }) => {
    await enterWithPassword(email, password);
    return samePath(next);
  },
  { to: (next) => next },
);

export const signUpNow = openAction(
  z.strictObject({
    name: text.trim().min(1, "Say how you are called."),
    email: text.min(1),
    password: text.min(1),
    next: Next,
  }),
  async ({ name, email, password, next }) => {
    await signUp({ name, email, password, address: addressOf(await headers()) });
    await enterWithPassword(email, password);
    return samePath(next);
  },
  // Who comes for nothing else begins with a business.
  { to: (next) => (next === "/" ? "/start" : next) },
);

export const mailLinkNow = openAction(
  z.strictObject({ email: text.min(1), next: Next }),
  ({ email, next }) => mailLink(email, samePath(next)),
  { to: () => "/sign-in/sent" },
);

/**
 * Stands in the frame, without a form state: there is nothing that could be wrong in it. Whoever signs in next comes to the field `next`,
 * where the form has one.
 */
export async function signOutNow(data: FormData): Promise<void> {
  const next = data.get("next");
  await leave();
  redirect(signInTo(typeof next === "string" ? next : null));
}
