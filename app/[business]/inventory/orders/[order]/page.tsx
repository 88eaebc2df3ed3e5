import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { Refusal } from "@/lib/core/errors";
import { type OrderView, orderView } from "@/lib/desk/purchase-order-reads";
import { can } from "@/lib/people/access";
import { locationChoices } from "@/lib/stock/location-reads";
import { payingAccounts } from "@/lib/stock/purchase-reads";
import { scopeOf } from "../../../../scope";
import type { SearchParams } from "../../../../ui/address";
import { Button, ButtonLink } from "../../../../ui/button";
import { dayText } from "../../../../ui/days";
import { AskDialog } from "../../../../ui/dialog.client";
import { Form } from "../../../../ui/form";
import { Page } from "../../../../ui/page-frame";
import { State } from "../../../../ui/state";
import { PaperLinks, SendPaper } from "../../../documents/paper-tools";
import { end, takeBack } from "../actions";
import { OrderForm } from "../order-form";
import { orderHref, ordersHref, standingKinds, standingNames } from "../state";
import { Lines, Place, Purchases, Receive } from "./parts";

export const metadata: Metadata = { title: "Order" };

/** An order to a supplier: its lines, what came of it, and what can be done next. */
export default async function Order({
  params,
  searchParams,
}: {
  params: Promise<Readonly<{ business: string; order: string }>>;
  searchParams: Promise<SearchParams>;
}) {
  const scope = await scopeOf(params);
  const order = await orderView(scope, decodeURIComponent((await params).order)).catch((error: unknown) => {
    if (error instanceof Refusal && error.code === "not_found") notFound();
    throw error;
  });
  const mayWrite = can(scope, "write");
  const all = ordersHref(`/${scope.slug}`);
  const here = orderHref(`/${scope.slug}`, order.id);
  const name = order.number === null ? "Order" : `Order ${order.number}`;
  const isEditing = mayWrite && order.state === "draft" && (await searchParams).edit !== undefined;
  const parts = { scope, order };
  return (
    <Page
      path={[{ label: "Inventory" }, { label: "On order", href: all }, { label: name }]}
      title={name}
      beside={<State kind={standingKinds[order.standing]}>{standingNames[order.standing]}</State>}
      note={noteOf(order)}
      actions={
        isEditing ? undefined : (
          <>
            {mayWrite ? <Ways order={order} here={here} /> : null}
            {order.number === null ? null : <PaperLinks scope={scope} of="purchase_order" id={order.id} />}
          </>
        )
      }
    >
      {isEditing ? (
        <OrderForm
          scope={scope}
          locations={await locationChoices(scope)}
          location={order.location.id}
          former={order}
          backHref={here}
        />
      ) : (
        <>
          <Lines {...parts} />
          {mayWrite && order.state === "draft" ? <Place {...parts} /> : null}
          {mayWrite && order.state === "ordered" ? <Receive {...parts} accounts={await payingAccounts(scope)} /> : null}
          <Purchases {...parts} />
          {order.number === null ? null : <SendPaper scope={scope} of="purchase_order" id={order.id} />}
        </>
      )}
    </Page>
  );
}

function noteOf(order: OrderView): string {
  const words = [
    order.supplier === "" ? null : `from ${order.supplier}`,
    `to ${order.location.name}`,
    order.state === "draft" ? null : `ordered ${dayText(order.on)}`,
    order.expectedOn === null ? null : `expected ${dayText(order.expectedOn)}${order.isLate ? ", late" : ""}`,
    order.note === "" ? null : order.note,
  ];
  return words.filter((word) => word !== null).join(" · ");
}

/** What can be done with it as a whole. */
function Ways({ order, here }: { order: OrderView; here: string }) {
  const hidden = { order: order.id, version: String(order.version) };
  const hasCome = order.lines.some(({ received }) => received > 0n);
  if (order.state === "closed" || order.state === "cancelled")
    return (
      <Form action={takeBack} hidden={hidden}>
        <Button busy="One moment">{order.number === null ? "Make it a draft again" : "Put it on order again"}</Button>
      </Form>
    );
  return (
    <>
      {order.standing === "received" ? null : (
        <AskDialog
          opens={hasCome ? "Expect nothing more" : "Cancel"}
          title={hasCome ? "Expect nothing more of it?" : "Cancel this order?"}
          note={
            hasCome
              ? "What came stays. What did not come is no longer on order."
              : "It stays in the list as cancelled, with its number if it has one. Nothing is in the books of it."
          }
          keep="Keep it"
        >
          <Form action={end} hidden={hidden}>
            <Button kind="filled" busy="One moment">
              {hasCome ? "Nothing more comes" : "Cancel the order"}
            </Button>
          </Form>
        </AskDialog>
      )}
      {order.state === "draft" ? <ButtonLink href={`${here}?edit=yes`}>Change</ButtonLink> : null}
      {order.state === "ordered" && !hasCome ? (
        <Form action={takeBack} hidden={hidden}>
          <Button busy="One moment">Make it a draft again</Button>
        </Form>
      ) : null}
    </>
  );
}
