import { Fragment, type ReactNode } from "react";
import { formatMinor } from "@/lib/core/money";
import { formatQuantity } from "@/lib/core/quantity";
import type { OrderLine, OrderView } from "@/lib/desk/purchase-order-reads";
import type { Scope } from "@/lib/people/access";
import type { Choice } from "@/lib/stock/purchase-reads";
import { Button } from "../../../../ui/button";
import { Day } from "../../../../ui/date";
import { DateField, Fields, FormActions, NumberField, SelectField, TextField } from "../../../../ui/field";
import { quantityText } from "../../../../ui/figures";
import { Form } from "../../../../ui/form";
import { Fig } from "../../../../ui/link";
import { Money, Quantity } from "../../../../ui/money";
import { Section } from "../../../../ui/section";
import { type Column, Table } from "../../../../ui/table";
import { detailsHref, ledgerHref, todayOf } from "../../balances/state";
import { orderOf } from "../../movements/state";
import { place, receive } from "../actions";

type Parts = Readonly<{ scope: Scope; order: OrderView }>;

const hiddenOf = (order: OrderView) => ({ order: order.id, version: String(order.version) });
const openOf = (line: OrderLine): bigint => (line.ordered > line.received ? line.ordered - line.received : 0n);

export function Lines({ scope, order }: Parts): ReactNode {
  const base = `/${scope.slug}`;
  const isPlaced = order.state === "ordered" || order.state === "closed";
  const known = order.lines.flatMap(({ amountMinor }) => (amountMinor === null ? [] : [amountMinor]));
  const columns: readonly Column<OrderLine>[] = [
    {
      key: "item",
      head: "Item",
      rowHead: true,
      wraps: true,
      phone: "what",
      cell: (line) => <Fig href={ledgerHref(base, line.item)}>{line.name}</Fig>,
    },
    { key: "sku", head: "SKU", quiet: true, low: true, cell: (line) => <span className="n">{line.sku}</span> },
    {
      key: "qty",
      head: "Ordered",
      align: "right",
      phone: "amount",
      cell: (line) => <Quantity of={line.ordered} decimals={line.decimals} />,
    },
    ...(isPlaced
      ? [
          {
            key: "received",
            head: "Received",
            align: "right",
            cell: (line: OrderLine) => <Quantity of={line.received} decimals={line.decimals} />,
          } as const,
          {
            key: "open",
            head: order.state === "closed" ? "Never came" : "Still to come",
            align: "right",
            cell: (line: OrderLine) => <Quantity of={openOf(line)} decimals={line.decimals} />,
          } as const,
        ]
      : []),
    {
      key: "amount",
      head: "Cost",
      align: "right",
      phone: "second",
      cell: (line) =>
        line.amountMinor === null ? null : (
          <Money of={{ amountMinor: line.amountMinor, currency: scope.currency }} zero="figure" />
        ),
    },
    {
      key: "where",
      head: "Details",
      headHidden: true,
      phoneOnly: true,
      phone: "where",
      cell: (line) => (isPlaced ? `${quantityText(line.received, line.decimals)} received` : (line.sku ?? "no SKU")),
    },
  ];
  return (
    <Section title="What is ordered" first>
      <Table<OrderLine>
        caption="Lines of the order"
        rows={order.lines}
        columns={columns}
        keyOf={(line) => line.item}
        totals={
          known.length === 0
            ? undefined
            : {
                label: known.length === order.lines.length ? "In all" : "As far as it is known",
                span: 2,
                figures: {
                  amount: (
                    <Money
                      of={{
                        amountMinor: known.reduce((sum, amount) => sum + amount, 0n),
                        currency: scope.currency,
                      }}
                    />
                  ),
                },
              }
        }
      />
    </Section>
  );
}

export function Place({ scope, order }: Parts): ReactNode {
  const today = todayOf(scope);
  return (
    <Section title="Order it" note="it gets its number, and In Stock shows it as on order">
      <div className="max-w-[640px]">
        <Form action={place} hidden={hiddenOf(order)}>
          <Fields columns={2}>
            <DateField label="Ordered on" name="on" today={today} value={today} order={orderOf(scope)} />
          </Fields>
          <FormActions>
            <Button kind="primary" busy="Ordering">
              It is ordered
            </Button>
          </FormActions>
        </Form>
      </div>
    </Section>
  );
}

/** What came of it: quantities and what each cost, filled in with what is still to come. */
export function Receive({ scope, order, accounts }: Parts & Readonly<{ accounts: readonly Choice[] }>): ReactNode {
  const today = todayOf(scope);
  const open = order.lines.filter((line) => openOf(line) > 0n);
  if (open.length === 0) return null;
  // What is still to come costs its part of what was agreed.
  const costOf = (line: OrderLine) =>
    line.amountMinor === null
      ? undefined
      : formatMinor((line.amountMinor * openOf(line)) / line.ordered, scope.currency);
  return (
    <Section title="Receive it" note="what came becomes a purchase, in your books with its details">
      <div className="max-w-[720px]">
        <Form action={receive} hidden={hiddenOf(order)}>
          <Fields columns={2}>
            {open.map((line, row) => (
              <Fragment key={line.item}>
                <div>
                  <input type="hidden" name={`item.${row}`} value={line.item} />
                  <NumberField
                    label={line.name}
                    name={`qty.${row}`}
                    decimals={line.decimals}
                    value={formatQuantity(openOf(line), line.decimals)}
                    hint={`of ${quantityText(openOf(line), line.decimals)} still to come`}
                  />
                </div>
                <TextField
                  label={`What it cost in all, ${scope.currency}`}
                  name={`amount.${row}`}
                  value={costOf(line)}
                />
              </Fragment>
            ))}
          </Fields>
          <div className="h-4" />
          <Fields columns={2}>
            <DateField label="Came on" name="on" today={today} value={today} order={orderOf(scope)} />
            <SelectField
              label="Paid from"
              name="account"
              options={accounts.map(({ id, name }) => ({ value: id, label: name }))}
              value={accounts[0]?.id ?? ""}
            />
            <TextField
              label="Paid in all"
              name="paid"
              optional
              hint="With shipping and tax, which its details then spread. Empty: what the lines come to."
            />
          </Fields>
          <FormActions>
            <Button kind="primary" busy="Receiving">
              Receive
            </Button>
          </FormActions>
        </Form>
      </div>
    </Section>
  );
}

type Purchase = OrderView["purchases"][number];

export function Purchases({ scope, order }: Parts): ReactNode {
  if (order.purchases.length === 0) return null;
  const base = `/${scope.slug}`;
  return (
    <Section title="What came of it" note="taken back where a purchase is taken back">
      <Table<Purchase>
        caption="Purchases made of this order"
        rows={order.purchases}
        keyOf={(row) => row.id}
        columns={[
          {
            key: "number",
            head: "Purchase",
            rowHead: true,
            phone: "what",
            cell: (row) => <Fig href={detailsHref(base, row.id)}>{row.number}</Fig>,
          },
          { key: "on", head: "Date", phone: "where", cell: (row) => <Day on={row.on} /> },
          {
            key: "amount",
            head: "Paid",
            align: "right",
            phone: "amount",
            cell: (row) => <Money of={{ amountMinor: row.amountMinor, currency: scope.currency }} zero="figure" />,
          },
        ]}
      />
    </Section>
  );
}
