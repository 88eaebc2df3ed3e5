import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { Refusal } from "@/lib/core/errors";
import type { ShipTo } from "@/lib/core/facts";
import { stateName, stateOfDelivery } from "@/lib/core/gst";
import { issuedOf } from "@/lib/desk/issued-reads";
import { orderToEdit } from "@/lib/desk/orders";
import { can } from "@/lib/people/access";
import { orderView } from "@/lib/sales/order-reads";
import { rawOfOrder } from "@/lib/sales/raw-reads";
import { whyOf } from "@/lib/sales/why";
import { scopeOf } from "../../../scope";
import { Abroad } from "../../../ui/abroad";
import type { SearchParams } from "../../../ui/address";
import { Button, ButtonLink } from "../../../ui/button";
import { dayText } from "../../../ui/days";
import { Form } from "../../../ui/form";
import { Page } from "../../../ui/page-frame";
import { idOf, orderHref } from "../../inventory/balances/state";
import { takeBackSale } from "../actions";
import { SaleForm } from "../sale-form";
import { AsSaid } from "./as-said";
import { Papers } from "./papers";
import { OrderParts } from "./parts";

export const metadata: Metadata = { title: "Order" };

type Params = Promise<Readonly<{ business: string; order: readonly string[] }>>;

/** One order: what was sold, what was taken off, what it cost, what it earned, what it posted. */
export default async function Order({ params, searchParams }: { params: Params; searchParams: Promise<SearchParams> }) {
  const scope = await scopeOf(params);
  const id = idOf((await params).order);
  const asked = await searchParams;
  const order = await found(() => orderView(scope, id));
  const base = `/${scope.slug}`;
  const here = orderHref(base, id);
  const isByHand = order.channel.kind === "hand" && can(scope, "write");
  const path = [{ label: "Sales", href: `${base}/sales` }, { label: order.number }];
  if (isByHand && asked.edit !== undefined)
    return (
      <Page path={path} title={`Change ${order.number}`}>
        <SaleForm scope={scope} channels={[]} former={await found(() => orderToEdit(scope, id))} backHref={here} />
      </Page>
    );
  const opened = typeof asked.why === "string" ? asked.why : null;
  const why = opened !== null && order.lines.some((line) => line.id === opened) ? await whyOf(scope, opened) : null;
  return (
    <Page
      path={path}
      title={`Order ${order.number}`}
      note={
        <>
          {dayText(order.on)}, {order.channel.name}
          {order.said === null ? null : (
            <>
              . The buyer paid{" "}
              <Abroad
                of={order.said}
                inBooks={order.gross + order.shipping + order.tax - order.discount}
                currency={scope.currency}
              />
            </>
          )}
          {order.shipTo === null ? null : <>. Delivered to {placeText(order.shipTo)}</>}
        </>
      }
      actions={
        isByHand ? (
          <>
            <Form action={takeBackSale} hidden={{ order: id }}>
              <Button kind="destructive" busy="Taking back">
                Take back
              </Button>
            </Form>
            <ButtonLink href={`${here}?edit=1`}>Change</ButtonLink>
          </>
        ) : undefined
      }
    >
      <OrderParts scope={scope} order={order} why={why} />
      <Papers scope={scope} order={order} issued={await issuedOf(scope, `order/${id}`)} />
      {can(scope, "write") ? (
        <AsSaid
          scope={scope}
          channel={order.channel.name}
          raw={await rawOfOrder(scope, { id, number: order.number, channel: order.channel.id })}
        />
      ) : null}
    </Page>
  );
}

/** "Maharashtra, India": a state of India by its name, any other region as its source says it. */
function placeText(to: ShipTo): string {
  const names = new Intl.DisplayNames("en", { type: "region" });
  const country = to.country === "ZZ" ? "a country that we do not know" : (names.of(to.country) ?? to.country);
  const state = to.country === "IN" ? stateName(stateOfDelivery(to) ?? "") : null;
  return [state ?? to.region, country].filter((text) => text !== "").join(", ");
}

async function found<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof Refusal && error.code === "not_found") notFound();
    throw error;
  }
}
