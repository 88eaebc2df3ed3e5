import { redirect } from "next/navigation";
import { isLimited } from "@/lib/people/access";
import { type BusinessParams, stockScopeOf } from "../../scope";

/** Inventory has no page of its own: Balances is its first. */
export default async function Inventory({ params }: { params: BusinessParams }) {
  const scope = await stockScopeOf(params);
  redirect(`/${scope.slug}/inventory/${isLimited(scope) ? "in-stock" : "balances"}`);
}
