"use server";

import { z } from "zod";
import {
  makeFirst,
  retireLocation,
  saveLocation,
  setChannelLocation,
  setMemberLocation,
  useLocationAgain,
} from "@/lib/desk/locations";
import { action } from "../../../../act";

const id = z.string().min(1).max(200);
/** A choice of a list whose first entry is none. */
const orNone = z
  .string()
  .max(200)
  .transform((text) => (text === "" ? null : text));

export const save = action(
  z.strictObject({
    location: id.optional(),
    name: z.string().trim().min(1, "Give the location a name."),
    kind: z.string(),
    address: z.string().optional(),
    taxNumber: z.string().optional(),
  }),
  (scope, input) =>
    saveLocation(scope, {
      id: input.location ?? null,
      name: input.name,
      kind: input.kind,
      address: input.address ?? "",
      taxNumber: input.taxNumber ?? "",
    }),
  { done: () => "Saved.", to: (_id, scope) => `/${scope.slug}/inventory/movements/locations` },
);

export const useAgain = action(
  z.strictObject({ location: id }),
  (scope, { location }) => useLocationAgain(scope, { id: location }),
  { done: () => "It is in use again." },
);

export const retire = action(
  z.strictObject({ location: id }),
  (scope, { location }) => retireLocation(scope, { id: location }),
  {
    done: (location) => ({
      message: "Retired: no form offers it any more.",
      undo: { label: "Take back", action: useAgain, values: { location } },
    }),
  },
);

export const first = action(
  z.strictObject({ location: id }),
  (scope, { location }) => makeFirst(scope, { id: location }),
  { done: () => "From now on, things are there if nothing else is said." },
);

export const ofChannel = action(
  z.strictObject({ channel: id, location: orNone }),
  (scope, input) => setChannelLocation(scope, input),
  { done: () => "Saved. It counts for what is sold from now on." },
);

export const ofPerson = action(
  z.strictObject({ user: id, location: orNone }),
  (scope, input) => setMemberLocation(scope, input),
  { done: () => "Saved." },
);
