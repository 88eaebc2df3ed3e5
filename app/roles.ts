/** What each role may, in the words of Settings → Team and of an invitation. */
import type { Role } from "@/lib/people/access";

const may: Readonly<Record<Role, string>> = {
  owner: "Everything, also settings and throwing the business away",
  bookkeeper: "Records, connects channels, closes the books",
  helper: "Records purchases, costs, matches and categories",
  viewer: "Sees everything, changes nothing",
};

/** What is left of it for who is limited to some locations. */
const mayWithin: Readonly<Record<Role, string>> = {
  ...may,
  helper: "Sees, moves and counts stock at their locations",
  viewer: "Sees stock at their locations",
};

export const mayOf = (role: Role, isLimited: boolean): string => (isLimited ? mayWithin : may)[role];
