"use server";

import { headers } from "next/headers";
import { redirect } from "next/navigation";
import { z } from "zod";
import { signUp } from "@/lib/people/passwords";
import { openAction } from "../act";
import { enterWithPassword, leave, mailLink } from "../auth";
import { addressOf } from "../origin";
import { samePath } from "../same-path";

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
  z.strictObject({ name: text.trim().min(1, "Say how you are called."), email: text.min(1), password: text.min(1) }),
  async ({ name, email, password }) => {
    await signUp({ name, email, password, address: addressOf(await headers()) });
    await enterWithPassword(email, password);
  },
  { to: () => "/start" },
);

export const mailLinkNow = openAction(
  z.strictObject({ email: text.min(1), next: Next }),
  ({ email, next }) => mailLink(email, samePath(next)),
  { to: () => "/sign-in/sent" },
);

/** Stands in the frame, without a form state: there is nothing that could be wrong in it. */
export async function signOutNow(): Promise<void> {
  await leave();
  redirect("/sign-in");
}
