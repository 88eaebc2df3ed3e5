import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { can } from "@/lib/people/access";
import { locationChoices, ownLocation } from "@/lib/stock/location-reads";
import { type BusinessParams, stockScopeOf } from "../../../../../scope";
import { Page } from "../../../../../ui/page-frame";
import { PlanForm } from "../plan-form";
import { countsHref } from "../state";

export const metadata: Metadata = { title: "New count" };

export default async function NewCount({ params }: { params: BusinessParams }) {
  const scope = await stockScopeOf(params);
  const base = `/${scope.slug}`;
  if (!can(scope, "move")) redirect(countsHref(base));
  const [locations, own] = await Promise.all([locationChoices(scope), ownLocation(scope)]);
  return (
    <Page
      path={[
        { label: "Inventory" },
        { label: "Movements", href: `${base}/inventory/movements` },
        { label: "Counts", href: countsHref(base) },
        { label: "New count" },
      ]}
      title="New count"
      note="Nothing changes in the books until the count is approved."
    >
      <PlanForm
        locations={locations}
        location={locations.find(({ id }) => id === own)?.id ?? locations[0]?.id ?? ""}
        backHref={countsHref(base)}
      />
    </Page>
  );
}
