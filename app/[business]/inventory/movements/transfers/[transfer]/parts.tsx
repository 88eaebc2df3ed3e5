import type { ReactNode } from "react";
import { formatQuantity } from "@/lib/core/quantity";
import { saysReason } from "@/lib/core/reasons";
import { reasonSettings } from "@/lib/desk/reason-accounts";
import type { TransferLine, TransferStep, TransferView } from "@/lib/desk/transfer-reads";
import { type ShortageFate, shortageFates } from "@/lib/desk/transfers";
import { mayAt, type Scope } from "@/lib/people/access";
import { Button } from "../../../../../ui/button";
import { Day, Moment } from "../../../../../ui/date";
import { CheckField, DateField, Fields, FormActions, NumberField, RadioField } from "../../../../../ui/field";
import { quantityText } from "../../../../../ui/figures";
import { Form } from "../../../../../ui/form";
import { Fig } from "../../../../../ui/link";
import { Money, Quantity } from "../../../../../ui/money";
import { Note, Section, Warn } from "../../../../../ui/section";
import { type Column, Table } from "../../../../../ui/table";
import { ledgerHref, todayOf } from "../../../balances/state";
import { orderOf } from "../../state";
import { end, placeMissing, receive, send, undoStep } from "../actions";

type Parts = Readonly<{ scope: Scope; transfer: TransferView }>;

const hiddenOf = (transfer: TransferView) => ({ transfer: transfer.id, version: String(transfer.version) });

/** What it is of. A draft shows what is at its source, a sent one what became of it. */
export function Lines({ scope, transfer }: Parts): ReactNode {
  const base = `/${scope.slug}`;
  const isSent = transfer.state !== "draft" && transfer.state !== "cancelled";
  const hasBack = transfer.lines.some((line) => line.back > 0n);
  const hasGone = transfer.lines.some((line) => line.gone > 0n);
  const quantity = (of: (line: TransferLine) => bigint) => (line: TransferLine) => (
    <Quantity of={of(line)} decimals={line.decimals} />
  );
  const columns: Column<TransferLine>[] = [
    {
      key: "item",
      head: "Item",
      rowHead: true,
      wraps: true,
      phone: "what",
      cell: (line) => <Fig href={ledgerHref(base, line.item)}>{line.name}</Fig>,
    },
    { key: "sku", head: "SKU", quiet: true, low: true, cell: (line) => <span className="n">{line.sku}</span> },
    { key: "qty", head: isSent ? "Sent" : "Quantity", align: "right", phone: "amount", cell: quantity((l) => l.qty) },
  ];
  if (isSent) {
    columns.push({ key: "arrived", head: "Arrived", align: "right", cell: quantity((line) => line.arrived) });
    if (hasBack) columns.push({ key: "back", head: "Came back", align: "right", cell: quantity((line) => line.back) });
    if (hasGone) columns.push({ key: "gone", head: "Lost", align: "right", cell: quantity((line) => line.gone) });
    const rest = transfer.state === "short" ? "Missing" : "On its way";
    columns.push({ key: "open", head: rest, align: "right", cell: quantity((line) => line.open) });
  } else {
    columns.push({
      key: "there",
      head: `At ${transfer.from.name} now`,
      align: "right",
      cell: (line) => <Quantity of={line.there} decimals={line.decimals} zero="figure" />,
    });
  }
  columns.push({
    key: "where",
    head: "Details",
    headHidden: true,
    phoneOnly: true,
    phone: "where",
    cell: (line) =>
      isSent
        ? [
            `${quantityText(line.arrived, line.decimals)} arrived`,
            ...(line.open > 0n
              ? [`${quantityText(line.open, line.decimals)} ${transfer.state === "short" ? "missing" : "on its way"}`]
              : []),
          ].join(", ")
        : line.there === null
          ? ""
          : `${quantityText(line.there, line.decimals)} at ${transfer.from.name} now`,
  });
  const lacking =
    transfer.state === "draft" ? transfer.lines.filter((line) => (line.there ?? line.qty) < line.qty) : [];
  return (
    <Section title="What is moved" first>
      <Table<TransferLine>
        caption="Lines of the transfer"
        rows={transfer.lines}
        columns={columns}
        keyOf={(line) => line.item}
      />
      {lacking.length === 0 ? null : (
        <div className="mt-2">
          <Warn>
            More is to leave {transfer.from.name} than is there: {lacking.map((line) => line.name).join(", ")}. It can
            be sent all the same; {transfer.from.name} then stands below zero until what is missing in the books is
            recorded.
          </Warn>
        </div>
      )}
    </Section>
  );
}

export function Send({ scope, transfer }: Parts): ReactNode {
  const today = todayOf(scope);
  return (
    <Section title="Send it" note="it leaves its location and is in transit until it is received">
      <div className="max-w-[640px]">
        <Form action={send} hidden={hiddenOf(transfer)}>
          <Fields columns={2}>
            <DateField
              label="Left on"
              name="on"
              today={today}
              value={transfer.on > today ? today : transfer.on}
              order={orderOf(scope)}
            />
          </Fields>
          <FormActions>
            <Button kind="primary" busy="Sending">
              Send
            </Button>
          </FormActions>
        </Form>
      </div>
    </Section>
  );
}

/** A quantity for each line of which something is still open; filled in with all of it. */
function OpenFields({ transfer }: { transfer: TransferView }): ReactNode {
  return (
    <Fields columns={2}>
      {transfer.lines.map((line, row) =>
        line.open === 0n ? null : (
          <div key={line.item}>
            <input type="hidden" name={`item.${row}`} value={line.item} />
            <NumberField
              label={line.name}
              name={`qty.${row}`}
              decimals={line.decimals}
              value={formatQuantity(line.open, line.decimals)}
              hint={`of ${quantityText(line.open, line.decimals)}`}
            />
          </div>
        ),
      )}
    </Fields>
  );
}

export function Receive({ scope, transfer }: Parts): ReactNode {
  const today = todayOf(scope);
  return (
    <Section title={`What arrived at ${transfer.to.name}`} note="all of it or a part, any number of times">
      <div className="max-w-[640px]">
        <Form action={receive} hidden={hiddenOf(transfer)}>
          <OpenFields transfer={transfer} />
          <div className="h-4" />
          <Fields columns={2}>
            <DateField label="Arrived on" name="on" today={today} value={today} order={orderOf(scope)} />
            <CheckField
              all
              label="Nothing more comes"
              name="all"
              hint="What is missing is then a shortage, and waits for you to say where it is."
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

/** Where what did not arrive is, in the words of the form: it moved, or it is gone for a reason, which has its account. */
const fateName = (fate: ShortageFate, { accounts, choices }: Awaited<ReturnType<typeof reasonSettings>>): string => {
  if (fate === "found") return "Found: it arrived after all";
  if (fate === "back") return "Back where it came from, or never left";
  const own = choices.find(({ code }) => code === accounts[fate]);
  return own === undefined ? saysReason(fate) : `${saysReason(fate)}: to ${own.name}`;
};

/** What is found is at its goal, what came back at its source; what is gone is said by who sees both. */
function maySay(scope: Scope, transfer: TransferView, fate: ShortageFate): boolean {
  const [from, to] = [mayAt(scope, transfer.from.id), mayAt(scope, transfer.to.id)];
  return fate === "found" ? to : fate === "back" ? from : from && to;
}

export async function Shortage({ scope, transfer }: Parts): Promise<ReactNode> {
  const today = todayOf(scope);
  const accounts = await reasonSettings(scope);
  return (
    <section id="short" className="sec">
      <div className="sec-head">
        <h2>Where is what did not arrive?</h2>
        <span className="s q">until that is said, it stands in transit</span>
      </div>
      <div className="max-w-[640px]">
        <Form action={placeMissing} hidden={hiddenOf(transfer)}>
          <OpenFields transfer={transfer} />
          <div className="h-4" />
          <Fields columns={2}>
            <RadioField
              all
              label="What became of it"
              name="fate"
              options={shortageFates
                .filter((fate) => maySay(scope, transfer, fate))
                .map((fate) => ({ value: fate, label: fateName(fate, accounts) }))}
              hint="What is gone goes out of Inventory at its cost, to the account of its reason."
            />
            <DateField label="On" name="on" today={today} value={today} order={orderOf(scope)} />
          </Fields>
          <FormActions>
            <Button kind="primary" busy="Placing">
              Place it
            </Button>
          </FormActions>
        </Form>
        <div className="h-4" />
        {mayAt(scope, transfer.to.id) ? (
          <Form action={end} hidden={{ ...hiddenOf(transfer), all: "no" }}>
            <Note>
              Not missing after all?{" "}
              <Button kind="link" busy="Changing">
                More may still come
              </Button>
            </Note>
          </Form>
        ) : null}
      </div>
    </section>
  );
}

const wordOf = (step: TransferStep, transfer: TransferView): string => {
  switch (step.kind) {
    case "sent":
      return `Sent from ${transfer.from.name}`;
    case "arrived":
      return `Arrived at ${transfer.to.name}`;
    case "back":
      return `Back at ${transfer.from.name}`;
    case "gone":
      return step.reason === null ? "Gone" : saysReason(step.reason);
    default:
      return step.kind satisfies never;
  }
};

/** Who did what when, oldest first; each step can be taken back, the sending once nothing came of it. */
export function Steps({ scope, transfer, mayMove }: Parts & Readonly<{ mayMove: boolean }>): ReactNode {
  const money = (amountMinor: bigint) => ({ amountMinor, currency: scope.currency });
  const year = Number(todayOf(scope).slice(0, 4));
  const endsOf = { sent: ["from"], back: ["from"], arrived: ["to"], gone: ["from", "to"] } as const;
  const mayUndo = (step: TransferStep) =>
    mayMove &&
    endsOf[step.kind].every((end) => mayAt(scope, transfer[end].id)) &&
    (step.kind !== "sent" || transfer.steps.length === 1);
  return (
    <Section title="What happened">
      {transfer.steps.length === 0 ? (
        <p className="q">Nothing has moved yet.</p>
      ) : (
        <Table<TransferStep>
          caption="Steps of the transfer"
          rows={transfer.steps}
          keyOf={(step) => step.key}
          columns={[
            { key: "on", head: "Date", quiet: true, cell: (step) => <Day on={step.on} year={year} /> },
            { key: "what", head: "What", rowHead: true, phone: "what", cell: (step) => wordOf(step, transfer) },
            {
              key: "items",
              head: "Items",
              wraps: true,
              phone: "where",
              cell: (step) => step.items.map((one) => `${quantityText(one.qty, one.decimals)} ${one.name}`).join(", "),
            },
            {
              key: "cost",
              head: "Cost",
              align: "right",
              phone: "amount",
              cell: (step) => (step.costMinor === null ? null : <Money of={money(step.costMinor)} zero="figure" />),
            },
            {
              key: "who",
              head: "Recorded",
              quiet: true,
              low: true,
              cell: (step) => (
                <>
                  <Moment at={step.at} timeZone={scope.timeZone} year={year} />
                  {step.who === null ? "" : `, ${step.who}`}
                </>
              ),
            },
            {
              key: "undo",
              head: "Take back",
              headHidden: true,
              align: "right",
              phone: "second",
              cell: (step) =>
                mayUndo(step) ? (
                  <Form action={undoStep} hidden={{ ...hiddenOf(transfer), step: step.key }}>
                    <Button
                      kind="link"
                      busy="Taking back"
                      says={`: ${wordOf(step, transfer)}, ${step.items.map((one) => one.name).join(", ")}`}
                    >
                      Take back
                    </Button>
                  </Form>
                ) : null,
            },
          ]}
        />
      )}
      <div className="mt-2">
        <Note>
          Written <Moment at={transfer.created.at} timeZone={scope.timeZone} year={year} />
          {transfer.created.who === null ? "" : ` by ${transfer.created.who}`}.
        </Note>
      </div>
    </Section>
  );
}
