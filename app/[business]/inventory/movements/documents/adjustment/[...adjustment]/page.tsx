import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { Refusal } from "@/lib/core/errors";
import { saysReason } from "@/lib/core/reasons";
import { type AdjustmentLine, type AdjustmentView, adjustmentView } from "@/lib/desk/adjustment-reads";
import { countOf } from "@/lib/desk/count-reads";
import { can, isLimited, type Scope } from "@/lib/people/access";
import { stockScopeOf } from "../../../../../../scope";
import type { SearchParams } from "../../../../../../ui/address";
import { Button } from "../../../../../../ui/button";
import { Moment } from "../../../../../../ui/date";
import { dayText } from "../../../../../../ui/days";
import { FormActions } from "../../../../../../ui/field";
import { quantityText } from "../../../../../../ui/figures";
import { Form } from "../../../../../../ui/form";
import { Fig } from "../../../../../../ui/link";
import { Money, Quantity } from "../../../../../../ui/money";
import { Page } from "../../../../../../ui/page-frame";
import { Note, Section } from "../../../../../../ui/section";
import { State } from "../../../../../../ui/state";
import { type Column, Table } from "../../../../../../ui/table";
import { Files } from "../../../../../attachments/files";
import { PaperLinks, SendPaper } from "../../../../../documents/paper-tools";
import { idOf, ledgerHref, todayOf } from "../../../../balances/state";
import { takeBack } from "../../../../remove/actions";
import { countHref } from "../../../counts/state";

export const metadata: Metadata = { title: "Stock removed or found" };

/** An adjustment as a document: what left or came in, at what cost, why, who said so; and the way back. */
export default async function Adjustment({
  params,
  searchParams,
}: {
  params: Promise<Readonly<{ business: string; adjustment: string[] }>>;
  searchParams: Promise<SearchParams>;
}) {
  const scope = await stockScopeOf(params);
  const found = await adjustmentView(scope, idOf((await params).adjustment)).catch((error: unknown) => {
    if (error instanceof Refusal && error.code === "not_found") notFound();
    throw error;
  });
  const base = `/${scope.slug}`;
  const count = await countOf(scope, found.id);
  const title = `${titleOf(found)}${found.number === null ? "" : ` ${found.number}`}`;
  const about = [dayText(found.on), found.location, found.reason === null ? "" : saysReason(found.reason), found.note];
  return (
    <Page
      path={[{ label: "Inventory" }, { label: "In stock", href: `${base}/inventory/in-stock` }, { label: title }]}
      title={title}
      beside={found.isUndone ? <State kind="waiting">Taken back</State> : undefined}
      note={about.filter((one) => one !== "").join(" · ")}
      actions={isLimited(scope) ? undefined : <PaperLinks scope={scope} of="adjustment" id={found.id} />}
    >
      <Lines scope={scope} found={found} />
      <Note>
        Recorded <Moment at={found.at} timeZone={scope.timeZone} year={Number(todayOf(scope).slice(0, 4))} />
        {found.who === null ? "" : ` by ${found.who}`}.
        {found.account === null ? null : (
          <>
            {found.isUndone ? " It was to go to " : " It goes to "}
            <Fig href={`${base}/reports/accounts/${encodeURIComponent(found.account.code)}`}>
              {found.account.name} ({found.account.code})
            </Fig>
            .
          </>
        )}
      </Note>
      {count === null ? null : (
        <Note>
          It is what a count put right: <Fig href={countHref(base, count.id)}>{count.number ?? "the count"}</Fig>. It is
          taken back there.
        </Note>
      )}
      {isLimited(scope) ? null : (
        <>
          <Files
            scope={scope}
            of={`adjustment/${found.id}`}
            title="Photos and files"
            refused={(await searchParams).refused}
          />
          <SendPaper scope={scope} of="adjustment" id={found.id} />
        </>
      )}
      {can(scope, "move") && !found.isUndone && !found.isStep && count === null ? (
        <Section title="Not right?" note="what it changes is shown first">
          <Form action={takeBack} hidden={{ document: found.id }}>
            <FormActions>
              <Button busy="Taking back">Take back</Button>
            </FormActions>
          </Form>
        </Section>
      ) : null}
    </Page>
  );
}

function titleOf({ lines }: AdjustmentView): string {
  if (lines.every((line) => line.qty < 0n)) return "Stock removed";
  return lines.every((line) => line.qty > 0n) ? "Stock found" : "Stock adjusted";
}

function Lines({ scope, found }: { scope: Scope; found: AdjustmentView }) {
  const base = `/${scope.slug}`;
  const money = (amountMinor: bigint) => <Money of={{ amountMinor, currency: scope.currency }} />;
  const columns: Column<AdjustmentLine>[] = [
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
      head: "Quantity",
      align: "right",
      phone: "second",
      cell: (line) => <Quantity of={line.qty} decimals={line.decimals} />,
    },
    { key: "value", head: "Value", align: "right", phone: "amount", cell: (line) => money(line.valueMinor) },
    {
      key: "where",
      head: "Details",
      headHidden: true,
      phoneOnly: true,
      phone: "where",
      cell: (line) => [line.sku ?? "no SKU", shortText(line)].filter((one) => one !== "").join(" · "),
    },
  ];
  if (found.lines.some((line) => line.short > 0n))
    columns.push({ key: "short", head: "To come", low: true, cell: (line) => shortText(line) });
  return (
    <Section title="What it moved" first>
      <Table<AdjustmentLine>
        caption="Lines of this document"
        rows={found.lines}
        keyOf={(line) => line.id}
        columns={isLimited(scope) ? columns.filter(({ key }) => key !== "value") : columns}
        totals={
          isLimited(scope)
            ? undefined
            : {
                label: found.lines.length === 1 ? "1 line" : `${found.lines.length} lines`,
                span: 2,
                figures: { value: money(found.lines.reduce((sum, line) => sum + line.valueMinor, 0n)) },
              }
        }
      />
    </Section>
  );
}

const shortText = (line: AdjustmentLine): string =>
  line.short === 0n ? "" : `${quantityText(line.short, line.decimals)} without a cost yet`;
