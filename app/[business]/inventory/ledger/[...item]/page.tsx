import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { daysBetween } from "@/lib/core/dates";
import { Refusal } from "@/lib/core/errors";
import { can, type Scope } from "@/lib/people/access";
import {
  type LedgerRow,
  ledgerPage,
  ledgerParties,
  ledgerSpan,
  type MovementKind,
  movementKinds,
  stockDocument,
} from "@/lib/stock/item-ledger";
import { type ItemView, itemView, whereIs } from "@/lib/stock/item-reads";
import { locationsOf } from "@/lib/stock/purchase-reads";
import { scopeOf } from "../../../../scope";
import { hrefOf, type SearchParams } from "../../../../ui/address";
import { Button, ButtonLink } from "../../../../ui/button";
import { Day } from "../../../../ui/date";
import { dayText } from "../../../../ui/days";
import { Empty } from "../../../../ui/empty";
import { Fields, TextAreaField, TextField } from "../../../../ui/field";
import { countText, quantityText } from "../../../../ui/figures";
import { FilterBar } from "../../../../ui/filter-bar";
import { Form } from "../../../../ui/form";
import { Fig } from "../../../../ui/link";
import { Money, Quantity } from "../../../../ui/money";
import { Page } from "../../../../ui/page-frame";
import { Pager } from "../../../../ui/pager";
import { Note } from "../../../../ui/section";
import { Sheet, SheetBody, SheetFoot } from "../../../../ui/sheet";
import { Table } from "../../../../ui/table";
import { Tape } from "../../../../ui/tape";
import { detailsHref, idOf, ledgerHref, orderHref, todayOf } from "../../balances/state";
import { removeHref } from "../../remove/state";
import { changeItem } from "../actions";
import { columnsOf } from "../columns";
import { ledgerState, movementNames, partyKey } from "../state";

export const metadata: Metadata = { title: "View Item" };

/** View Item: the ledger of one item. */
export default async function ViewItem({
  params,
  searchParams,
}: {
  params: Promise<Readonly<{ business: string; item: string[] }>>;
  searchParams: Promise<SearchParams>;
}) {
  const scope = await scopeOf(params);
  const item = await itemView(scope, idOf((await params).item)).catch((error: unknown) => {
    if (error instanceof Refusal && error.code === "not_found") notFound();
    throw error;
  });
  const state = ledgerState(scope, item.id, await searchParams);
  const { address, filter } = state;
  const base = `/${scope.slug}`;
  const path = ledgerHref(base, item.id);
  const [page, span, places, locations, parties] = await Promise.all([
    ledgerPage(scope, filter, { after: address.after, before: address.before }),
    ledgerSpan(scope, filter),
    whereIs(scope, item.id),
    locationsOf(scope),
    ledgerParties(scope, item.id),
  ]);
  const money = (amountMinor: bigint) => ({ amountMinor, currency: scope.currency });
  const href = (change: Parameters<typeof hrefOf>[2]) => hrefOf(path, address, change);
  const year = Number(todayOf(scope).slice(0, 4));
  const isPart = state.kind !== null || filter.party !== undefined;
  const isWhole = filter.location === undefined && !isPart;
  const partyChosen = filter.party === undefined ? null : partyKey(filter.party);
  const worth = (value: bigint | null) =>
    value === null ? undefined : (
      <>
        worth <Money of={money(value)} zero="figure" />
      </>
    );
  const figures = (at: Readonly<{ qty: bigint; valueMinor: bigint | null }>) => ({
    running: <Quantity of={at.qty} decimals={item.decimals} zero="figure" />,
    worth: at.valueMinor === null ? null : <Money of={money(at.valueMinor)} zero="figure" />,
  });
  const isProved =
    isWhole && filter.to === undefined && span.closing.qty === item.qty && span.closing.valueMinor === item.valueMinor;
  const until = filter.to ?? todayOf(scope);
  const dates = [
    filter.from === undefined ? "" : `from ${dayText(filter.from)}`,
    filter.to === undefined ? "" : `to ${dayText(filter.to)}`,
  ]
    .filter((one) => one !== "")
    .join(" ");
  return (
    <>
      <Page
        path={[
          { label: "Inventory" },
          { label: "Item ledger", href: `${base}/inventory/ledger` },
          { label: item.name },
        ]}
        title={item.name}
        beside={item.sku ?? "no SKU"}
        note={item.aliases.length === 0 ? undefined : `Also called ${item.aliases.join(", ")}`}
        actions={
          <>
            <ButtonLink
              href={hrefOf(`${base}/inventory/ledger/export`, address, {
                rest: { item: item.id, edit: null, document: null },
              })}
              download
            >
              CSV
            </ButtonLink>
            {can(scope, "write") ? (
              <ButtonLink href={removeHref(base, { item: item.id })}>Remove stock</ButtonLink>
            ) : null}
            {can(scope, "write") ? (
              <ButtonLink href={href({ rest: { edit: "item" } })} stay>
                Change item
              </ButtonLink>
            ) : null}
          </>
        }
      >
        <Tape
          terms={[
            {
              label: filter.from === undefined ? "At the start" : `On hand, ${dayText(filter.from)}`,
              value: <Quantity of={span.opening.qty} decimals={item.decimals} zero="figure" />,
              sub: worth(span.opening.valueMinor),
            },
            { op: "+", label: "In", value: <Quantity of={span.inQty} decimals={item.decimals} zero="figure" /> },
            { op: "−", label: "Out", value: <Quantity of={span.outQty} decimals={item.decimals} zero="figure" /> },
            {
              ...(isPart ? {} : { op: "=" as const }),
              label: `On hand, ${dayText(until)}`,
              value: <Quantity of={span.closing.qty} decimals={item.decimals} zero="figure" />,
              asked: true,
              proved: isProved,
              sub: worth(span.closing.valueMinor),
            },
            {
              label: "Where it is",
              value:
                places.length === 0
                  ? "nowhere"
                  : places.map((one) => `${one.name} ${quantityText(one.qty, item.decimals)}`).join(", "),
              text: true,
              sub: [
                item.oldestOn === null
                  ? ""
                  : `oldest lot ${countText(daysBetween(item.oldestOn, todayOf(scope)))} days`,
                item.short === 0n ? "" : `${quantityText(item.short, item.decimals)} need a cost`,
              ]
                .filter((one) => one !== "")
                .join(", "),
            },
          ]}
        />
        <Table<LedgerRow>
          caption={`Item ledger of ${item.name}`}
          phone="ledger"
          columns={columnsOf({
            scope,
            item,
            year,
            base,
            documentHref: (row) => documentHref(base, row, (document) => href({ rest: { document } })),
          })}
          rows={page.rows}
          keyOf={(row) => row.key}
          hrefOf={(row) => documentHref(base, row, (document) => href({ rest: { document } }))}
          opening={
            page.before === null
              ? undefined
              : {
                  lead: page.earlier === null && filter.from !== undefined ? <Day on={filter.from} year={year} /> : "",
                  label: page.earlier === null ? "Opening" : "Brought forward",
                  span: 4,
                  figures: figures(page.earlier === null ? span.opening : page.before),
                }
          }
          closing={
            page.rows.length === 0
              ? undefined
              : page.later === null
                ? {
                    lead: <Day on={until} year={year} />,
                    label: "Closing",
                    span: 4,
                    figures: {
                      in: <Quantity of={span.inQty} decimals={item.decimals} />,
                      out: <Quantity of={span.outQty} decimals={item.decimals} />,
                      value: <Money of={money(span.valueMinor)} />,
                      ...figures(span.closing),
                    },
                    proved: isProved ? ["running", "worth"] : [],
                  }
                : { lead: "", label: "Carried forward", span: 4, figures: figures(carried(page.rows)) }
          }
          bar={
            <FilterBar
              filters={[
                {
                  name: "Dates",
                  value: dates === "" ? "all" : dates,
                  on: dates !== "",
                  off: href({ filters: { from: null, to: null } }),
                  form: <DatesForm path={path} state={state} />,
                },
                {
                  name: "Type",
                  value: state.kind === null ? "all" : movementNames[state.kind].toLowerCase(),
                  on: state.kind !== null,
                  off: href({ filters: { type: null } }),
                  choices: movementKinds.map((kind: MovementKind) => ({
                    label: movementNames[kind],
                    href: href({ filters: { type: kind } }),
                    current: kind === state.kind,
                  })),
                },
                {
                  name: "Party",
                  value: parties.find((one) => partyKey(one) === partyChosen)?.name ?? filter.party?.id ?? "all",
                  on: partyChosen !== null,
                  off: href({ filters: { party: null } }),
                  choices: parties.map((one) => ({
                    label: one.name,
                    href: href({ filters: { party: partyKey(one) } }),
                    current: partyKey(one) === partyChosen,
                  })),
                },
                ...(locations.length > 1
                  ? [
                      {
                        name: "Location",
                        value: locations.find(({ id }) => id === filter.location)?.name ?? "all",
                        on: filter.location !== undefined,
                        off: href({ filters: { location: null } }),
                        choices: locations.map(({ id, name }) => ({
                          label: name,
                          href: href({ filters: { location: id } }),
                          current: id === filter.location,
                        })),
                      },
                    ]
                  : []),
              ]}
              end={`${countText(item.movements)} movements in all, ${countText(page.rows.length)} of ${countText(span.rows)} shown`}
            />
          }
          empty={
            <Empty
              title={item.movements === 0 ? "Nothing has moved yet" : "No movement fits these filters"}
              actions={
                item.movements === 0 ? undefined : (
                  <ButtonLink kind="quiet" href={path}>
                    Take all filters off
                  </ButtonLink>
                )
              }
            >
              {item.movements === 0 ? "Its first purchase or sale stands here." : undefined}
            </Empty>
          }
        />
        <Pager
          says={`${countText(page.rows.length)} of ${countText(span.rows)}`}
          earlier={{
            label: "Earlier",
            href: page.earlier === null ? null : href({ before: page.earlier, after: null }),
          }}
          later={{ label: "Later", href: page.later === null ? null : href({ after: page.later, before: null }) }}
        />
        {isProved ? (
          <Note>
            Proved: on hand is the sum of the movements, and <Money of={money(item.valueMinor)} zero="figure" /> is what
            the lots have left.
          </Note>
        ) : null}
      </Page>
      {state.isEditing && can(scope, "write") ? (
        <EditSheet item={item} closeHref={href({ rest: { edit: null } })} />
      ) : null}
      {state.document === null ? null : (
        <DocumentSheet scope={scope} document={state.document} closeHref={href({ rest: { document: null } })} />
      )}
    </>
  );
}

function carried(rows: readonly LedgerRow[]): Readonly<{ qty: bigint; valueMinor: bigint | null }> {
  const last = rows.at(-1);
  return { qty: last?.runningQty ?? 0n, valueMinor: last?.runningMinor ?? null };
}

/** Each row opens its document: the purchase, the order, or a small sheet for what has no page of its own. */
function documentHref(base: string, row: LedgerRow, sheet: (document: string) => string): string {
  if (row.kind === "purchase") return detailsHref(base, row.document);
  if (row.order !== null) return orderHref(base, row.order);
  return sheet(`${row.kind}/${row.document}`);
}

function DatesForm({ path, state }: { path: string; state: ReturnType<typeof ledgerState> }) {
  const party = state.filter.party === undefined ? undefined : partyKey(state.filter.party);
  const kept = { type: state.kind, location: state.filter.location, party };
  return (
    <form action={path} method="get" className="p-3">
      {Object.entries(kept).map(([name, value]) =>
        value ? <input key={name} type="hidden" name={name} value={value} /> : null,
      )}
      <Fields>
        <TextField label="From" name="from" value={state.filter.from} placeholder="1 Jan 2026" />
        <TextField label="To" name="to" value={state.filter.to} placeholder="31 Mar 2026" />
      </Fields>
      <div className="mt-2">
        <Button>Show these days</Button>
      </div>
    </form>
  );
}

function EditSheet({ item, closeHref }: { item: ItemView; closeHref: string }) {
  return (
    <Sheet title="Change item" note="Sales are matched by SKU and by each of these names." closeHref={closeHref}>
      <Form action={changeItem} hidden={{ item: item.id }}>
        <SheetBody>
          <Fields>
            <TextField label="Name" name="name" value={item.name} maxLength={500} />
            <TextField label="SKU" name="sku" value={item.sku ?? ""} maxLength={200} optional />
            <TextAreaField
              label="Other names"
              name="aliases"
              value={item.aliases.join("\n")}
              rows={4}
              hint="One a line: how channels and suppliers call it."
              optional
            />
          </Fields>
        </SheetBody>
        <SheetFoot>
          <Button kind="primary" busy="Saving">
            Save item
          </Button>
          <ButtonLink href={closeHref} stay>
            Close
          </ButtonLink>
        </SheetFoot>
      </Form>
    </Sheet>
  );
}

async function DocumentSheet({
  scope,
  document,
  closeHref,
}: {
  scope: Scope;
  document: Readonly<{ kind: string; id: string }>;
  closeHref: string;
}) {
  const found = await stockDocument(scope, document.kind, document.id);
  const base = `/${scope.slug}`;
  const kind = movementKinds.find((one) => one === document.kind);
  return (
    <Sheet
      title={kind === undefined ? "Document" : movementNames[kind]}
      closeHref={closeHref}
      note={
        found === null
          ? undefined
          : [
              found.number,
              dayText(found.on),
              found.arrivesOn === null ? "" : `arrives ${dayText(found.arrivesOn)}`,
              found.from === null ? "" : `${found.from} to ${found.to ?? ""}`,
              found.note,
            ]
              .filter((one) => one !== "")
              .join(" · ")
      }
    >
      <SheetBody>
        {found === null ? (
          <Empty title="There is no such document">It may have been taken back.</Empty>
        ) : (
          <Table
            caption="Lines of this document"
            rows={found.lines}
            keyOf={(line) => line.id}
            columns={[
              {
                key: "item",
                head: "Item",
                wraps: true,
                phone: "what",
                cell: (line) => <Fig href={ledgerHref(base, line.item)}>{line.name}</Fig>,
              },
              { key: "location", head: "Location", phone: "where", cell: (line) => line.location },
              {
                key: "qty",
                head: "Quantity",
                align: "right",
                phone: "amount",
                cell: (line) => <Quantity of={line.qty} decimals={line.decimals} />,
              },
              {
                key: "amount",
                head: "Amount",
                align: "right",
                phone: "second",
                cell: (line) => <Money of={{ amountMinor: line.amountMinor, currency: scope.currency }} />,
              },
            ]}
          />
        )}
      </SheetBody>
      <SheetFoot>
        <ButtonLink href={closeHref} stay>
          Close
        </ButtonLink>
      </SheetFoot>
    </Sheet>
  );
}
