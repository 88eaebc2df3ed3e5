import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { bundleView } from "@/lib/desk/bundle-reads";
import { can } from "@/lib/people/access";
import { type BusinessParams, scopeOf } from "../../../../scope";
import type { SearchParams } from "../../../../ui/address";
import { TextLink } from "../../../../ui/link";
import { Page } from "../../../../ui/page-frame";
import { Note } from "../../../../ui/section";
import { orNotFound } from "../../../reports/not-there";
import { BundleForm } from "../bundle-form";
import { newBundleHref } from "../state";

export const metadata: Metadata = { title: "Change bundle" };

export default async function EditBundle({
  params,
  searchParams,
}: {
  params: BusinessParams;
  searchParams: Promise<SearchParams>;
}) {
  const scope = await scopeOf(params);
  const base = `/${scope.slug}`;
  const bundles = `${base}/inventory/bundles`;
  const { item } = await searchParams;
  if (!can(scope, "write") || typeof item !== "string") redirect(bundles);
  const bundle = await bundleView(scope, item).catch(orNotFound);
  return (
    <Page
      path={[{ label: "Inventory" }, { label: "Bundles", href: bundles }, { label: bundle.name }]}
      title={bundle.name}
      beside={bundle.sku ?? "no SKU"}
      note="What you say here holds for all its sales, also those before: what that changes is shown first."
    >
      <BundleForm scope={scope} former={bundle} />
      <div className="h-3" />
      <Note>
        Packed otherwise from now on?{" "}
        <TextLink href={newBundleHref(base, bundle.item)}>Make a new bundle like it</TextLink> with a name or SKU of its
        own, so that what was sold stays as it was.
      </Note>
    </Page>
  );
}
