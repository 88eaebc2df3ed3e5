import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { handChannels } from "@/lib/desk/orders";
import { can } from "@/lib/people/access";
import { type BusinessParams, scopeOf } from "../../../scope";
import { Page } from "../../../ui/page-frame";
import { SaleForm } from "../sale-form";

export const metadata: Metadata = { title: "Record a sale" };

export default async function NewSale({ params }: { params: BusinessParams }) {
  const scope = await scopeOf(params);
  const sales = `/${scope.slug}/sales`;
  if (!can(scope, "write")) redirect(sales);
  return (
    <Page
      path={[{ label: "Sales", href: sales }, { label: "Record a sale" }]}
      title="Record a sale"
      note="For what is sold off your channels: a market stall, a friend, the shop door. Each product is costed like any other sale."
    >
      <SaleForm scope={scope} channels={await handChannels(scope)} backHref={sales} />
    </Page>
  );
}
