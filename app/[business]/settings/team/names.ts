import type { LocationRow } from "@/lib/stock/location-reads";

/** The locations' names, in one line. */
export const namesOf = (ids: readonly string[], locations: readonly LocationRow[]): string =>
  ids.map((id) => locations.find((one) => one.id === id)?.name ?? id).join(", ");
