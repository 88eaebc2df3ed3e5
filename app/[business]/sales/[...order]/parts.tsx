import type { ReactNode } from "react";
import { can, type Scope } from "@/lib/people/access";
import type { OrderEntry, OrderReturn, OrderView } from "@/lib/sales/order-reads";
import type { SoldLine } from "@/lib/sales/sold-reads";
import type { Why } from "@/lib/sales/why";
import { Button } from "../../../ui/button";
import { Day } from "../../../ui/date";
import { DateField, Fields, FormActions, MoneyField, NumberField, SelectField } from "../../../ui/field";
import { moneyText, quantityText } from "../../../ui/figures";
import { Form } from "../../../ui/form";
import { Fig, TextLink } from "../../../ui/link";
import { Dash, Money, Quantity, Share } from "../../../ui/money";
import { Columns, Section } from "../../../ui/section";
import { type Column, Table } from "../../../ui/table";
import { Tag } from "../../../ui/tag";
import { Roll, type RollLine } from "../../../ui/tape";
import { ledgerHref, orderHref } from "../../inventory/balances/state";
import { costsHref, matchHref } from "../../inventory/sold/state";
import { WhyPanel } from "../../inventory/sold/why-panel";
import { place, saveReturn, undoPlace, undoReturn } from "../actions";
import { todayOf } from "../state";

export function OrderParts({ scope, order, why }: { scope: Scope; order: OrderView; why: Why | null }) {
  return (
    <>
      <Columns kind="proof">
        <Lines scope={scope} order={order} why={why} />
        <Earned scope={scope} order={order} />
      </Columns>
      <Returns scope={scope} order={order} />
      <Entries scope={scope} entries={order.entries} />
    </>
  );
}

function Lines({ scope, order, why }: { scope: Scope; order: OrderView; why: Why | null }) {
  const base = `/${scope.slug}`;
  const here = orderHref(base, order.id);
  const money = (amountMinor: bigint) => ({ amountMinor, currency: scope.currency });
  const mayWrite = can(scope, "write");
  const costCell = (line: SoldLine): ReactNode => {
    if (line.shortQty > 0n && mayWrite)
      return (
        <Tag href={line.item === null ? matchHref(base, [line.id]) : costsHref(base, [line.id])} says={line.name}>
          {line.item === null ? "Choose item" : "Add costs"}
        </Tag>
      );
    if (line.cost === null) return <span className="q">needs cost</span>;
    const isOpen = why?.line.id === line.id;
    return (
      <Fig
        href={isOpen ? here : `${here}?why=${encodeURIComponent(line.id)}`}
        stay
        open={isOpen}
        says={`: why? ${line.name}`}
      >
        {moneyText(money(line.cost))}
      </Fig>
    );
  };
  const columns: Column<SoldLine>[] = [
    {
      key: "item",
      head: "Item",
      rowHead: true,
      wraps: true,
      phone: "what",
      cell: (line) => (
        <>
          {line.item === null ? line.name : <TextLink href={ledgerHref(base, line.item)}>{line.name}</TextLink>}
          {line.returnedQty > 0n ? (
            <span className="s q"> {quantityText(line.returnedQty, line.decimals)} came back</span>
          ) : null}
        </>
      ),
    },
    { key: "sku", head: "SKU", quiet: true, low: true, phone: "where", cell: (line) => line.sku },
    { key: "qty", head: "Qty", align: "right", cell: (line) => <Quantity of={line.qty} decimals={line.decimals} /> },
    { key: "price", head: "Price", align: "right", phone: "amount", cell: (line) => <Money of={money(line.price)} /> },
    { key: "fees", head: "Fees", align: "right", cell: (line) => <Money of={money(line.fees)} /> },
    { key: "cost", head: "Item Costs", align: "right", phone: "second", cell: costCell },
    {
      key: "profit",
      head: "Profit",
      align: "right",
      cell: (line) => (line.profit === null ? <Dash says="needs a cost" /> : <Money of={money(line.profit)} />),
    },
    {
      key: "margin",
      head: "Margin",
      align: "right",
      low: true,
      cell: (line) => (line.profit === null ? null : <Share part={line.profit} whole={line.price - line.refunds} />),
    },
  ];
  const sum = (of: (line: SoldLine) => bigint) => order.lines.reduce((all, line) => all + of(line), 0n);
  return (
    <Section title="What was sold" first>
      <Table<SoldLine>
        caption="Lines of the order"
        rows={order.lines}
        columns={columns}
        keyOf={(line) => line.id}
        stateOf={(line) => ({ chosen: why?.line.id === line.id })}
        under={(line) => (why?.line.id === line.id ? <WhyPanel scope={scope} why={why} /> : null)}
        totals={{
          label: order.lines.length === 1 ? "1 line" : `${order.lines.length} lines`,
          span: 2,
          figures: {
            price: <Money of={money(sum((line) => line.price))} />,
            fees: <Money of={money(sum((line) => line.fees))} />,
            cost: <Money of={money(sum((line) => line.cost ?? 0n))} />,
          },
        }}
      />
    </Section>
  );
}

function Earned({ scope, order }: { scope: Scope; order: OrderView }) {
  const value = (amountMinor: bigint) => <Money of={{ amountMinor, currency: scope.currency }} zero="figure" />;
  const lines: RollLine[] = [{ label: "Lines", value: value(order.gross) }];
  const add = (op: "+" | "−", label: ReactNode, amount: bigint) => {
    if (amount !== 0n)
      lines.push({
        op: amount > 0n ? op : op === "+" ? "−" : "+",
        label,
        value: value(amount > 0n ? amount : -amount),
      });
  };
  add("+", "Shipping that the buyer paid", order.shipping);
  add("−", "Discount", order.discount);
  for (const fee of order.fees) add("−", `${fee.account}${fee.kind === "other" ? "" : `: ${fee.kind}`}`, fee.amount);
  for (const charge of order.charges) add("−", charge.memo || charge.type, charge.amount);
  add("−", "Refunds", order.refunds);
  add("−", "Cost of what was sold", order.cost);
  add("+", "Cost that came back", order.costBack);
  lines.push({ op: "=", label: "Profit", value: value(order.profit), sum: true });
  return (
    <Section
      title="What it earned"
      note={
        order.needsCost === 0
          ? undefined
          : order.needsCost === 1
            ? "one line needs a cost"
            : `${order.needsCost} lines need a cost`
      }
      first
    >
      <Roll title="What the order earned" lines={lines} />
      {order.tax === 0n ? null : (
        <p className="note mt-2">
          The buyer also paid {moneyText({ amountMinor: order.tax, currency: scope.currency })} of tax.{" "}
          {order.taxBy === "channel" ? `${order.channel.name} remits it.` : "You owe it to the state."} It is no part of
          the profit.
        </p>
      )}
    </Section>
  );
}

const fates: Readonly<Record<OrderReturn["lines"][number]["fate"], string>> = {
  restocked: "back on the shelf",
  "written off": "written off",
  kept: "the buyer kept it",
  waiting: "Back on the shelf, or gone?",
};

function Returns({ scope, order }: { scope: Scope; order: OrderView }) {
  const mayWrite = can(scope, "write");
  const open = order.lines.filter((line) => line.returnedQty < line.qty);
  const text = (amountMinor: bigint) => moneyText({ amountMinor, currency: scope.currency });
  const rows = order.returns.flatMap((back) =>
    back.lines.map((line, at) => ({ ...line, on: back.on, takeBack: back.isByHand && at === 0 ? back.id : null })),
  );
  return (
    <div id="returns" className="mt-8">
      <Section title="Returns and refunds">
        {order.returns.length === 0 ? (
          <p className="note">Nothing came back and nothing was refunded.</p>
        ) : rows.length === 0 ? null : (
          <Table
            caption="What came back"
            rows={rows}
            keyOf={(row) => row.id}
            columns={[
              { key: "on", head: "Date", quiet: true, phone: "where", cell: (row) => <Day on={row.on} /> },
              { key: "name", head: "Item", rowHead: true, wraps: true, phone: "what", cell: (row) => row.name },
              {
                key: "qty",
                head: "Qty",
                align: "right",
                cell: (row) => <Quantity of={row.qty} decimals={row.decimals} />,
              },
              {
                key: "amount",
                head: "Refunded",
                align: "right",
                phone: "amount",
                cell: (row) => <Money of={{ amountMinor: row.amount, currency: scope.currency }} />,
              },
              {
                key: "fate",
                head: "Where it is",
                wraps: true,
                phone: "full",
                cell: (row) =>
                  row.fate === "waiting" && mayWrite ? (
                    <Form action={place} hidden={{ line: row.id }} className="flex gap-2 flex-wrap items-center">
                      <span>{fates.waiting}</span>
                      <Button name="place" value="restock" says={row.name}>
                        Back on the shelf
                      </Button>
                      <Button name="place" value="write off" says={row.name}>
                        Write it off
                      </Button>
                      <Button name="place" value="keep" says={row.name}>
                        The buyer keeps it
                      </Button>
                    </Form>
                  ) : (
                    <span className="flex gap-2 flex-wrap items-center">
                      {fates[row.fate]}
                      {row.isByHand && mayWrite ? (
                        <Form action={undoPlace} hidden={{ line: row.id }}>
                          <Button kind="link" says={`where ${row.name} is`}>
                            Take back
                          </Button>
                        </Form>
                      ) : null}
                      {row.takeBack !== null && mayWrite ? (
                        <Form action={undoReturn} hidden={{ return: row.takeBack }}>
                          <Button kind="link" says={`of ${row.name}`}>
                            Take back the return
                          </Button>
                        </Form>
                      ) : null}
                    </span>
                  ),
              },
            ]}
          />
        )}
        {order.returns
          .filter((back) => back.shipping !== 0n || back.tax !== 0n)
          .map((back) => (
            <p key={back.id} className="note mt-2">
              <Day on={back.on} />:{" "}
              {[
                ...(back.shipping === 0n ? [] : [`${text(back.shipping)} of shipping`]),
                ...(back.tax === 0n ? [] : [`${text(back.tax)} of tax`]),
              ].join(" and ")}{" "}
              given back{back.lines.length === 0 ? ", without goods" : " with it"}.
              {back.tax === 0n
                ? null
                : ` The tax is no part of the profit${order.taxBy === "channel" ? `; ${order.channel.name} gave it back` : ""}.`}
            </p>
          ))}
        {mayWrite && open.length > 0 ? (
          <details className="mt-4">
            <summary>Record a return</summary>
            <Form action={saveReturn} hidden={{ order: order.id }} className="mt-2">
              <Fields columns={3}>
                <SelectField
                  label="What came back"
                  name="line"
                  options={open.map((line) => ({ value: line.id, label: `${line.name}, ${text(line.price)}` }))}
                />
                <NumberField label="Quantity" name="qty" value="1" decimals={open[0]?.decimals ?? 0} />
                <MoneyField label="Refunded" name="amount" currency={scope.currency} />
                <DateField
                  label="When"
                  name="on"
                  today={todayOf(scope)}
                  value={todayOf(scope)}
                  order={scope.country === "US" ? "month first" : "day first"}
                />
                <SelectField
                  label="Where it is"
                  name="fate"
                  options={[
                    { value: "restock", label: "Back on the shelf" },
                    { value: "write off", label: "Written off" },
                    { value: "keep", label: "The buyer keeps it" },
                    { value: "unknown", label: "Not known yet" },
                  ]}
                />
              </Fields>
              <FormActions>
                <Button busy="Recording">Record return</Button>
              </FormActions>
            </Form>
          </details>
        ) : null}
      </Section>
    </div>
  );
}

type EntryRow = Readonly<{
  key: string;
  on: string;
  memo: string;
  debit: string;
  credit: string;
  amount: bigint;
  isCorrection: boolean;
  isFirst: boolean;
}>;

function Entries({ scope, entries }: { scope: Scope; entries: readonly OrderEntry[] }) {
  const rows: EntryRow[] = entries.flatMap((entry) =>
    entry.postings.map((posting, at) => ({
      key: `${entry.id}/${at}`,
      on: entry.postedOn,
      memo: entry.memo,
      debit: `${posting.debit} ${posting.debitName}`,
      credit: `${posting.credit} ${posting.creditName}`,
      amount: posting.amount,
      isCorrection: entry.isCorrection,
      isFirst: at === 0,
    })),
  );
  return (
    <Section title="Journal" note="what it posted, with what changed since">
      <Table<EntryRow>
        caption="Journal entries of the order"
        rows={rows}
        keyOf={(row) => row.key}
        columns={[
          {
            key: "on",
            head: "Date",
            quiet: true,
            phone: "where",
            cell: (row) => (row.isFirst ? <Day on={row.on} /> : null),
          },
          {
            key: "memo",
            head: "What",
            rowHead: true,
            wraps: true,
            phone: "what",
            cell: (row) => (
              <>
                {row.memo}
                {row.isCorrection ? <span className="s q"> correction</span> : null}
              </>
            ),
          },
          { key: "debit", head: "Debit", wraps: true, phone: "full", cell: (row) => row.debit },
          { key: "credit", head: "Credit", wraps: true, cell: (row) => row.credit },
          {
            key: "amount",
            head: "Amount",
            align: "right",
            phone: "amount",
            cell: (row) => <Money of={{ amountMinor: row.amount, currency: scope.currency }} />,
          },
        ]}
        empty={<p className="note">Nothing is posted for it.</p>}
      />
    </Section>
  );
}
