import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { can } from "@/lib/people/access";
import { payingAccounts } from "@/lib/stock/purchase-reads";
import { type BusinessParams, scopeOf } from "../../../../../scope";
import { Page } from "../../../../../ui/page-frame";
import { TableForm } from "./table-form.client";

export const metadata: Metadata = { title: "Costs from a table" };

export default async function CostsFromTable({ params }: { params: BusinessParams }) {
  const scope = await scopeOf(params);
  const list = `/${scope.slug}/inventory/sold?missing=1`;
  if (!can(scope, "write")) redirect(list);
  const accounts = await payingAccounts(scope);
  return (
    <Page
      path={[{ label: "Inventory" }, { label: "Sold", href: list }, { label: "Costs from a table" }]}
      title="Costs from a table"
      note="For many sales whose cost you have written down elsewhere. Nothing is saved before you have seen what it changes."
    >
      <TableForm
        listHref={list}
        accounts={accounts.map(({ id, name }) => ({
          value: id,
          label: id === "3000" ? `${name}: cash, or an account not connected` : name,
        }))}
      />
    </Page>
  );
}
