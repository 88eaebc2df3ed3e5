"use server";

import { z } from "zod";
import { openDemo } from "@/lib/demo/open";
import { businessesOf } from "@/lib/people/access";
import { createBusiness } from "@/lib/people/businesses";
import { personAction } from "../act";

const NewBusiness = z.strictObject({
  name: z.string().trim().min(1, "Give the business a name."),
  country: z.string(),
  currency: z.string(),
  timeZone: z.string(),
  taxYearStartMonth: z
    .string()
    .regex(/^\d{1,2}$/, "Choose the month.")
    .transform(Number),
});

export const startBusiness = personAction(NewBusiness, createBusiness, { to: (scope) => `/${scope.slug}` });

/** The demo that the person has already, or one made now: a second press opens no second demo. */
export const lookAtDemo = personAction(
  z.strictObject({}),
  async (person) => (await businessesOf(person.id)).find(({ isDemo }) => isDemo) ?? openDemo(person.id),
  { to: ({ slug }) => `/${slug}` },
);
