import { redirect } from "next/navigation";
import { type BusinessParams, scopeOf } from "../../scope";

/** Inventory has no page of its own: Balances is its first. */
export default async function Inventory({ params }: { params: BusinessParams }) {
  const scope = await scopeOf(params);
  redirect(`/${scope.slug}/inventory/balances`);
}
