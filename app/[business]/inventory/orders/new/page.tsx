import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { formatMinor } from "@/lib/core/money";
import { formatQuantity } from "@/lib/core/quantity";
import { can } from "@/lib/people/access";
import { locationChoices, ownLocation } from "@/lib/stock/location-reads";
import { buyAgain, costOf } from "@/lib/stock/minimums";
import { type BusinessParams, scopeOf } from "../../../../scope";
import type { SearchParams } from "../../../../ui/address";
import { Page } from "../../../../ui/page-frame";
import { OrderForm } from "../order-form";
import { ordersHref } from "../state";

export const metadata: Metadata = { title: "New order" };

/** As many lines as an order has at most. */
const mostLines = 200;

/** A new order; with `buy`, filled in with what a location is to buy again. */
export default async function NewOrder({
  params,
  searchParams,
}: {
  params: BusinessParams;
  searchParams: Promise<SearchParams>;
}) {
  const scope = await scopeOf(params);
  const all = ordersHref(`/${scope.slug}`);
  if (!can(scope, "write")) redirect(all);
  const asked = await searchParams;
  const [locations, own] = await Promise.all([locationChoices(scope), ownLocation(scope)]);
  const chosen = typeof asked.location === "string" ? asked.location : own;
  const location = locations.find(({ id }) => id === chosen)?.id ?? locations[0]?.id ?? "";
  const { rows } = asked.buy === undefined ? { rows: [] } : await buyAgain(scope, { location }, { limit: mostLines });
  const wanted = rows.filter(({ buy }) => buy > 0n);
  const [first] = wanted.flatMap(({ last }) => (last === null ? [] : [last.supplier]));
  return (
    <Page
      path={[{ label: "Inventory" }, { label: "On order", href: all }, { label: "New order" }]}
      title="New order"
      note="A draft at first: it is on order once you say that you ordered it."
    >
      <OrderForm
        scope={scope}
        locations={locations}
        location={location}
        supplier={first}
        wanted={wanted.map((row) => {
          const cost = costOf(row);
          return {
            item: row.item,
            name: row.name,
            qty: formatQuantity(row.buy, row.decimals),
            amount: cost === null ? "" : formatMinor(cost, scope.currency),
          };
        })}
        backHref={all}
      />
    </Page>
  );
}
