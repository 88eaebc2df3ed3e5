/** What the address of one payout says: the type that is shown alone, and the page of its rows. */
import { readCursor } from "@/lib/sales/keyset";
import { filterOf, readAddress, type SearchParams } from "../../../ui/address";

export function lineState(payout: string, params: SearchParams) {
  const address = readAddress(params, { filters: ["type"] });
  return {
    address,
    filter: { payout, type: filterOf(address, "type") },
    page: { after: readCursor(address.after), before: readCursor(address.before) },
  };
}
