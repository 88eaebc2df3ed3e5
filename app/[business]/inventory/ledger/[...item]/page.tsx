import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { daysBetween } from "@/lib/core/dates";
import { Refusal } from "@/lib/core/errors";
import { filesAbout } from "@/lib/exports/made";
import { can, isLimited, type Scope } from "@/lib/people/access";
import { barcodesOf } from "@/lib/stock/barcodes";
import { type LedgerRow, ledgerPage, ledgerSpan } from "@/lib/stock/item-ledger";
import { itemView, whereIs } from "@/lib/stock/item-reads";
import { isNarrow } from "@/lib/stock/ledger-filter";
import { ledgerParties, ledgerReasons } from "@/lib/stock/ledger-names";
import { locationsOf } from "@/lib/stock/purchase-reads";
import { stockScopeOf } from "../../../../scope";
import { hrefOf, type SearchParams } from "../../../../ui/address";
import { ButtonLink } from "../../../../ui/button";
import { Day } from "../../../../ui/date";
import { dayText } from "../../../../ui/days";
import { Empty } from "../../../../ui/empty";
import { countText, quantityText } from "../../../../ui/figures";
import { Money, Quantity } from "../../../../ui/money";
import { Page } from "../../../../ui/page-frame";
import { Pager } from "../../../../ui/pager";
import { Note } from "../../../../ui/section";
import { Table } from "../../../../ui/table";
import { Tape } from "../../../../ui/tape";
import { detailsHref, idOf, ledgerHref, orderHref, todayOf } from "../../balances/state";
import { MadeOf } from "../../made-of";
import { returnHref } from "../../movements/state";
import { productionHref } from "../../recipes/state";
import { adjustmentHref, removeHref } from "../../remove/state";
import { columnsOf, lateText } from "../columns";
import { aboutLedger, ledgerState } from "../state";
import { Files, isMade, TakeAway } from "./files";
import { LedgerFilters } from "./filters";
import { DocumentSheet, EditSheet } from "./sheets";

export const metadata: Metadata = { title: "View Item" };

/** View Item: the ledger of one item. */
export default async function ViewItem({
  params,
  searchParams,
}: {
  params: Promise<Readonly<{ business: string; item: string[] }>>;
  searchParams: Promise<SearchParams>;
}) {
  const scope = await stockScopeOf(params);
  const item = await itemView(scope, idOf((await params).item)).catch((error: unknown) => {
    if (error instanceof Refusal && error.code === "not_found") notFound();
    throw error;
  });
  const state = ledgerState(scope, item.id, await searchParams);
  const { address, filter } = state;
  const base = `/${scope.slug}`;
  const path = ledgerHref(base, item.id);
  const [page, span, places, locations, parties, reasons, files] = await Promise.all([
    ledgerPage(scope, filter, { after: address.after, before: address.before }),
    ledgerSpan(scope, filter),
    whereIs(scope, item.id),
    locationsOf(scope),
    ledgerParties(scope, item.id),
    ledgerReasons(scope, item.id),
    filesAbout(scope, aboutLedger(item.id)),
  ]);
  const money = (amountMinor: bigint) => ({ amountMinor, currency: scope.currency });
  const href = (change: Parameters<typeof hrefOf>[2]) => hrefOf(path, address, change);
  const year = Number(todayOf(scope).slice(0, 4));
  const isPart = isNarrow(filter);
  const isWhole = filter.location === undefined && !isPart && !isLimited(scope);
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
  const late = page.rows.flatMap((row) => (row.late === null ? [] : [{ row, late: row.late }]));
  const isProved =
    isWhole && filter.to === undefined && span.closing.qty === item.qty && span.closing.valueMinor === item.valueMinor;
  const until = filter.to ?? todayOf(scope);
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
            <TakeAway
              base={base}
              item={item.id}
              state={state}
              rows={span.rows}
              isMaking={files.some((file) => !isMade(file))}
            />
            {can(scope, "move") ? (
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
            documentHref: (row) => documentHref(scope, row, (document) => href({ rest: { document } })),
          })}
          rows={page.rows}
          keyOf={(row) => row.key}
          hrefOf={(row) => documentHref(scope, row, (document) => href({ rest: { document } })) ?? null}
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
            <LedgerFilters
              state={state}
              path={path}
              href={href}
              item={item}
              span={span}
              shown={page.rows.length}
              parties={parties}
              reasons={reasons}
              locations={locations}
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
        {late.length === 0 ? null : (
          <Note small>
            Recorded later:{" "}
            {late
              .map(
                ({ row, late: told }) => `${row.number} of ${dayText(row.on, year)}, ${lateText(told, scope.timeZone)}`,
              )
              .join("; ")}
            .
          </Note>
        )}
        {isLimited(scope) ? null : <MadeOf scope={scope} item={item.id} />}
        <Files scope={scope} files={files} />
        {isProved ? (
          <Note>
            Proved: on hand is the sum of the movements, and <Money of={money(item.valueMinor)} zero="figure" /> is what
            the lots have left.
          </Note>
        ) : null}
      </Page>
      {state.isEditing && can(scope, "write") ? (
        <EditSheet item={item} codes={await barcodesOf(scope, item.id)} closeHref={href({ rest: { edit: null } })} />
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

/** Each row opens its document, for who may see it: the purchase, the order, or a small sheet for what has no page of its own. */
function documentHref(scope: Scope, row: LedgerRow, sheet: (document: string) => string): string | undefined {
  const base = `/${scope.slug}`;
  // What came in and what was sold is papers of money: who is limited to some locations opens what was moved there.
  if (isLimited(scope) && row.kind !== "adjustment" && row.kind !== "transfer") return undefined;
  if (row.kind === "purchase") return detailsHref(base, row.document);
  if (row.kind === "adjustment") return adjustmentHref(base, row.document);
  if (row.kind === "assembly") return productionHref(base, row.document);
  if (row.kind === "loose_return") return returnHref(base, row.document);
  if (row.order !== null) return orderHref(base, row.order);
  if (row.transfer !== null) return `${base}/inventory/movements/transfers/${encodeURIComponent(row.transfer)}`;
  return sheet(`${row.kind}/${row.document}`);
}
