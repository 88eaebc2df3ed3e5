import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { can } from "@/lib/people/access";
import { locationChoices, locationGoals, ownLocation } from "@/lib/stock/location-reads";
import { type BusinessParams, stockScopeOf } from "../../../../../scope";
import { ButtonLink } from "../../../../../ui/button";
import { Empty } from "../../../../../ui/empty";
import { Page } from "../../../../../ui/page-frame";
import { TransferForm } from "../transfer-form";

export const metadata: Metadata = { title: "New transfer" };

export default async function NewTransfer({ params }: { params: BusinessParams }) {
  const scope = await stockScopeOf(params);
  const movements = `/${scope.slug}/inventory/movements`;
  if (!can(scope, "move")) redirect(movements);
  const [locations, goals, own] = await Promise.all([locationChoices(scope), locationGoals(scope), ownLocation(scope)]);
  const from = locations.find(({ id }) => id === own)?.id ?? locations[0]?.id ?? "";
  return (
    <Page
      path={[{ label: "Inventory" }, { label: "Movements", href: movements }, { label: "New transfer" }]}
      title="New transfer"
      note="Nothing moves until you send it."
    >
      {locations.length === 0 || goals.length < 2 ? (
        <Empty
          title="There is only one location"
          actions={
            can(scope, "write") ? (
              <ButtonLink kind="primary" href={`${movements}/locations?edit=new`}>
                Add a location
              </ButtonLink>
            ) : undefined
          }
        >
          A transfer goes from one of your locations to another.
        </Empty>
      ) : (
        <TransferForm scope={scope} locations={locations} goals={goals} from={from} backHref={movements} />
      )}
    </Page>
  );
}
