/** What the address of an account's page says. */
import type { Scope } from "@/lib/people/access";
import { type ListAddress, readAddress, type SearchParams } from "../../../../ui/address";
import { type Chosen, periodOf } from "../../period";

export function accountState(
  scope: Scope,
  params: SearchParams,
  today: string,
): Readonly<{ address: ListAddress; chosen: Chosen }> {
  return {
    address: readAddress(params, { filters: ["period", "from", "to"] }),
    chosen: periodOf(params, scope, today),
  };
}
