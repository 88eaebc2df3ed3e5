"use server";

import { z } from "zod";
import { acceptInvite } from "@/lib/desk/team";
import { personAction } from "../../../../act";

/** Joins the team that the link invites to. The token is not sent back with an error: the page has it. */
export const joinNow = personAction(
  z.strictObject({ slug: z.string().max(200), token: z.string().max(200) }),
  acceptInvite,
  { to: ({ slug }) => `/${slug}`, secret: ["token"] },
);
