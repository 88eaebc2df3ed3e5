import { type Cursor, writeCursor } from "@/lib/sales/keyset";
import { hrefOf, type ListAddress } from "../ui/address";

/** The two directions of a list by key, for its Pager: one is null where there is no page. */
export function keysetLinks(
  path: string,
  address: ListAddress,
  page: Readonly<{ before: Cursor | null; after: Cursor | null }>,
) {
  const { before, after } = page;
  return {
    earlier: { label: "Back", href: before === null ? null : hrefOf(path, address, { before: writeCursor(before) }) },
    later: { label: "More", href: after === null ? null : hrefOf(path, address, { after: writeCursor(after) }) },
  };
}
