import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { Refusal } from "@/lib/core/errors";
import { lineCost } from "@/lib/core/purchases";
import { issuedOf } from "@/lib/desk/issued-reads";
import { can } from "@/lib/people/access";
import { hasParts } from "@/lib/stock/item-reads";
import { locationChoices } from "@/lib/stock/location-reads";
import { locationsOf, type PurchaseDetails, purchaseDetails } from "@/lib/stock/purchase-reads";
import { scopeOf } from "../../../../scope";
import type { SearchParams } from "../../../../ui/address";
import { Button } from "../../../../ui/button";
import { dayText, momentText } from "../../../../ui/days";
import { AskDialog } from "../../../../ui/dialog.client";
import { moneyText, quantityText } from "../../../../ui/figures";
import { Form } from "../../../../ui/form";
import { TextLink } from "../../../../ui/link";
import { Sheet } from "../../../../ui/sheet";
import { Files } from "../../../attachments/files";
import { idOf } from "../../balances/state";
import { BalancesView } from "../../balances/view";
import { dropPurchase } from "../actions";
import { DetailsEditor } from "../editor.client";
import { Notes } from "../notes";
import type { DetailsProps } from "../rows";

const dropForm = "drop-purchase";

export const metadata: Metadata = { title: "Add Details" };

/** Add Details: a sheet over Balances, with an address of its own. */
export default async function Details({
  params,
  searchParams,
}: {
  params: Promise<Readonly<{ business: string; purchase: string[] }>>;
  searchParams: Promise<SearchParams>;
}) {
  const scope = await scopeOf(params);
  const id = idOf((await params).purchase);
  const purchase = await purchaseDetails(scope, id).catch((error: unknown) => {
    if (error instanceof Refusal && error.code === "not_found") notFound();
    throw error;
  });
  const [all, offered, inParts] = await Promise.all([locationsOf(scope), locationChoices(scope), hasParts(scope)]);
  // A retired location is offered to nothing new; what was bought there stays there.
  const locations = all.filter(
    ({ id: place }) =>
      offered.some((one) => one.id === place) || purchase.lines.some((line) => line.location === place),
  );
  const asked = await searchParams;
  const base = `/${scope.slug}`;
  const closeHref = `${base}/inventory/balances`;
  const mayWrite = can(scope, "write");
  return (
    <>
      <BalancesView scope={scope} searchParams={asked} />
      <Sheet
        title="Add Details"
        closeHref={closeHref}
        note={
          <>
            {purchase.supplier === "" ? "" : `${purchase.supplier}, `}paid {dayText(purchase.on)} with{" "}
            {purchase.account.name}.{" "}
            {purchase.inputMinor === 0n ? null : (
              <>
                Of {moneyText({ amountMinor: purchase.amountMinor + purchase.inputMinor, currency: scope.currency })},{" "}
                <TextLink
                  href={`${base}/reports/gst/purchases?from=${purchase.on}&to=${purchase.on}&edit=${encodeURIComponent(purchase.id)}`}
                >
                  {moneyText({ amountMinor: purchase.inputMinor, currency: scope.currency })} of tax
                </TextLink>{" "}
                is set off and no cost.{" "}
              </>
            )}
            {purchase.transaction === null ? (
              <>Purchase {purchase.number}</>
            ) : (
              <TextLink href={`${base}/transactions?q=${encodeURIComponent(purchase.supplier)}`}>
                Its bank line
              </TextLink>
            )}
          </>
        }
      >
        <div className="px-6 pb-2" style={{ overflow: "auto", maxHeight: "40%" }}>
          <Files scope={scope} of={`purchase/${purchase.id}`} refused={asked.refused} isBeside />
          <Notes scope={scope} issued={await issuedOf(scope, `purchase/${purchase.id}`)} />
        </div>
        <DetailsEditor
          details={propsOf(purchase, scope.currency, locations)}
          slug={scope.slug}
          locations={locations}
          hasParts={inParts}
          closeHref={closeHref}
          mayWrite={mayWrite}
          saved={
            purchase.saved === null
              ? null
              : `Saved ${momentText(purchase.saved.at, scope.timeZone)}${purchase.saved.who === null ? "" : ` by ${purchase.saved.who}`}`
          }
          extraActions={
            mayWrite && purchase.transaction === null ? (
              <AskDialog
                opens="Take this purchase back"
                kind="destructive"
                title={`Take the purchase of ${moneyText({ amountMinor: purchase.amountMinor + purchase.inputMinor, currency: scope.currency })} back?`}
                note="It goes with its rows, as if it had not happened. Sales that took from its lots are costed again."
                keep="Keep it"
              >
                <Button kind="filled" form={dropForm}>
                  Take it back
                </Button>
              </AskDialog>
            ) : undefined
          }
        />
        {/* A form within the editor's form is none: its button stands there, the form itself here. */}
        <div>
          <Form action={dropPurchase} id={dropForm} hidden={{ purchase: purchase.id }}>
            {null}
          </Form>
        </div>
      </Sheet>
    </>
  );
}

/** The purchase as the editor takes it: figures as they are typed. Each is empty where it does not come out even. */
function propsOf(
  purchase: PurchaseDetails,
  currency: string,
  locations: readonly Readonly<{ id: string; name: string }>[],
): DetailsProps {
  const money = (amountMinor: bigint) => moneyText({ amountMinor, currency });
  return {
    id: purchase.id,
    version: purchase.version,
    currency,
    amountMinor: purchase.amountMinor,
    isWithoutTax: purchase.inputMinor !== 0n,
    lines: purchase.lines.map((line) => {
      const each = (line.amountMinor * 10n ** BigInt(line.decimals)) / line.qty;
      const isEven = lineCost(each, line.qty, line.decimals) === line.amountMinor;
      return {
        id: line.id,
        item: line.item,
        name: line.name,
        sku: line.sku ?? "",
        qty: quantityText(line.qty, line.decimals),
        each: isEven ? money(each) : "",
        all: money(line.amountMinor),
        location: line.location,
        locationName: locations.find(({ id }) => id === line.location)?.name ?? line.location,
      };
    }),
    extras: purchase.extras.map((extra) => ({ label: extra.label, amount: money(extra.amountMinor) })),
  };
}
