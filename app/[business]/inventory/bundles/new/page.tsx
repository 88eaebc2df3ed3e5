import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { bundleView } from "@/lib/desk/bundle-reads";
import { can } from "@/lib/people/access";
import { type BusinessParams, scopeOf } from "../../../../scope";
import type { SearchParams } from "../../../../ui/address";
import { Page } from "../../../../ui/page-frame";
import { orNotFound } from "../../../reports/not-there";
import { BundleForm } from "../bundle-form";

export const metadata: Metadata = { title: "New bundle" };

export default async function NewBundle({
  params,
  searchParams,
}: {
  params: BusinessParams;
  searchParams: Promise<SearchParams>;
}) {
  const scope = await scopeOf(params);
  const bundles = `/${scope.slug}/inventory/bundles`;
  if (!can(scope, "write")) redirect(bundles);
  const { like } = await searchParams;
  const former = typeof like === "string" && like !== "" ? await bundleView(scope, like).catch(orNotFound) : undefined;
  return (
    <Page
      path={[{ label: "Inventory" }, { label: "Bundles", href: bundles }, { label: "New bundle" }]}
      title="New bundle"
      note="It is only sold, never stocked: each sale takes what is in it from the shelf, at its cost."
    >
      <BundleForm scope={scope} like={former} />
    </Page>
  );
}
