import type { Metadata } from "next";
import { share } from "@/lib/core/money";
import { type ProductionLine, type ProductionView, productionView } from "@/lib/desk/production-reads";
import { can, type Scope } from "@/lib/people/access";
import { scopeOf } from "../../../../../../scope";
import { Button, ButtonLink } from "../../../../../../ui/button";
import { Moment } from "../../../../../../ui/date";
import { dayText } from "../../../../../../ui/days";
import { FormActions } from "../../../../../../ui/field";
import { quantityText } from "../../../../../../ui/figures";
import { Form } from "../../../../../../ui/form";
import { Fig, TextLink } from "../../../../../../ui/link";
import { Money, Quantity } from "../../../../../../ui/money";
import { Page } from "../../../../../../ui/page-frame";
import { Note, Section, Warn } from "../../../../../../ui/section";
import { State } from "../../../../../../ui/state";
import { type Column, Table } from "../../../../../../ui/table";
import { Tape } from "../../../../../../ui/tape";
import { orNotFound } from "../../../../../reports/not-there";
import { idOf, ledgerHref, todayOf } from "../../../../balances/state";
import { OpenedLot } from "../../../../lots/opened";
import { lotHref } from "../../../../lots/state";
import { takeBack } from "../../../../make/actions";
import { hundredthsText, makeHref, recipeHref } from "../../../../recipes/state";

export const metadata: Metadata = { title: "Production" };

/** A production as a document: what went in and came out, its cost opened down to what was bought, who said so; and the way back. */
export default async function Production({
  params,
}: {
  params: Promise<Readonly<{ business: string; production: string[] }>>;
}) {
  const scope = await scopeOf(params);
  const found = await productionView(scope, idOf((await params).production)).catch(orNotFound);
  const base = `/${scope.slug}`;
  const title = `${found.way === "make" ? "Made" : "Taken apart"}: ${found.number ?? found.id.slice(-24)}`;
  const mayWrite = can(scope, "write");
  return (
    <Page
      path={[
        { label: "Inventory" },
        { label: "Movements", href: `${base}/inventory/movements` },
        { label: found.number ?? "Production" },
      ]}
      title={title}
      beside={found.isUndone ? <State kind="waiting">Taken back</State> : undefined}
      note={[dayText(found.on), found.location.name, found.note].filter((one) => one !== "").join(" · ")}
      actions={
        mayWrite ? (
          <ButtonLink href={makeHref(base, { again: found.id })}>
            {found.way === "make" ? "Make again" : "Unmake again"}
          </ButtonLink>
        ) : undefined
      }
    >
      <Costs scope={scope} found={found} />
      <Outputs scope={scope} found={found} />
      <Inputs scope={scope} found={found} />
      <Opened scope={scope} found={found} />
      <div className="h-4" />
      <Note>
        Recorded <Moment at={found.at} timeZone={scope.timeZone} year={Number(todayOf(scope).slice(0, 4))} />
        {found.who === null ? "" : ` by ${found.who}`}.{" "}
        {found.recipe === null ? null : (
          <>
            By{" "}
            <TextLink href={recipeHref(base, found.recipe.id, found.recipe.version)}>
              {found.recipe.name}, version {found.recipe.version}
            </TextLink>
            {found.recipe.version === found.recipe.latest ? "" : ` (the latest is ${found.recipe.latest})`}.{" "}
          </>
        )}
        {found.overheadMinor === 0n ? null : (
          <>
            Work and overhead came from{" "}
            <Fig href={`${base}/reports/accounts/${encodeURIComponent(found.account.code)}`}>
              {found.account.name} ({found.account.code})
            </Fig>
            .
          </>
        )}
      </Note>
      {mayWrite && !found.isUndone ? (
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

function Costs({ scope, found }: { scope: Scope; found: ProductionView }) {
  if (found.isUndone) return null;
  const money = (amountMinor: bigint) => <Money of={{ amountMinor, currency: scope.currency }} zero="figure" />;
  return (
    <>
      <Tape
        terms={[
          { label: "What went in", value: money(found.inputMinor) },
          { op: "+", label: "Work and overhead", value: money(found.overheadMinor) },
          {
            op: "=",
            label: "What came out",
            value: money(found.inputMinor + found.overheadMinor),
            asked: true,
            sub: found.isComplete ? undefined : "cost not complete",
          },
        ]}
      />
      {found.isComplete ? null : (
        <Warn>
          The cost is not complete: no lot covers all that went in. When a purchase does, what came out, and what was
          sold of it, costs more by itself.
        </Warn>
      )}
    </>
  );
}

function Outputs({ scope, found }: { scope: Scope; found: ProductionView }) {
  const base = `/${scope.slug}`;
  const money = (amountMinor: bigint) => <Money of={{ amountMinor, currency: scope.currency }} />;
  const columns: Column<ProductionLine>[] = [
    itemColumn(base),
    qtyColumn,
    ...(found.outputs.length === 1
      ? []
      : [
          {
            key: "share",
            head: "Share of the cost",
            align: "right",
            low: true,
            cell: (line: ProductionLine) => hundredthsText(line.share),
          } as const,
        ]),
    {
      key: "each",
      head: "Each",
      align: "right",
      low: true,
      cell: (line) => {
        const unit = 10n ** BigInt(line.decimals);
        return line.lot === null || line.qty < unit ? null : money(share(line.costMinor, unit, line.qty));
      },
    },
    {
      key: "left",
      head: "Left of it",
      align: "right",
      cell: (line) =>
        line.lot === null ? null : (
          <Fig href={lotHref(base, line.lot)}>
            <Quantity of={line.left} decimals={line.decimals} />
          </Fig>
        ),
    },
    { key: "cost", head: "Cost", align: "right", phone: "amount", cell: (line) => money(line.costMinor) },
    {
      key: "where",
      head: "Details",
      headHidden: true,
      phoneOnly: true,
      phone: "where",
      cell: (line) => (line.lot === null ? "" : `${quantityText(line.left, line.decimals)} left of it`),
    },
  ];
  return (
    <Section title="What came out" first={found.isUndone}>
      <Table<ProductionLine>
        caption="What came out"
        rows={found.outputs}
        keyOf={(line) => line.id}
        columns={columns}
        totals={totalsOf(found.outputs, money)}
      />
    </Section>
  );
}

function Inputs({ scope, found }: { scope: Scope; found: ProductionView }) {
  const base = `/${scope.slug}`;
  const money = (amountMinor: bigint) => <Money of={{ amountMinor, currency: scope.currency }} />;
  return (
    <Section title="What went in">
      <Table<ProductionLine>
        caption="What went in"
        rows={found.inputs}
        keyOf={(line) => line.id}
        columns={[
          itemColumn(base),
          qtyColumn,
          { key: "short", head: "Without a cost yet", low: true, phone: "where", cell: (line) => shortText(line) },
          { key: "cost", head: "Cost", align: "right", phone: "amount", cell: (line) => money(line.costMinor) },
        ]}
        totals={totalsOf(found.inputs, money)}
      />
    </Section>
  );
}

/** The lots of what came out are of the same inputs, so one of them is opened; the others lead to theirs. */
function Opened({ scope, found }: { scope: Scope; found: ProductionView }) {
  const [first] = found.outputs;
  if (first === undefined || first.lot === null || found.opened.get(first.lot) === undefined) return null;
  return (
    <Section title="What it was made of" note="each lot, down to what was bought">
      <div className="text-13">
        <OpenedLot scope={scope} lot={first.lot} opened={found.opened} />
      </div>
      {found.isCut ? <Note>There is more of it: the lots' own pages show all.</Note> : null}
    </Section>
  );
}

const itemColumn = (base: string): Column<ProductionLine> => ({
  key: "item",
  head: "Item",
  rowHead: true,
  wraps: true,
  phone: "what",
  cell: (line) => <Fig href={ledgerHref(base, line.item)}>{line.name}</Fig>,
});

const qtyColumn: Column<ProductionLine> = {
  key: "qty",
  head: "Quantity",
  align: "right",
  phone: "second",
  cell: (line) => <Quantity of={line.qty} decimals={line.decimals} />,
};

function totalsOf(lines: readonly ProductionLine[], money: (amount: bigint) => React.ReactNode) {
  return {
    label: lines.length === 1 ? "1 product" : `${lines.length} products`,
    span: 2,
    figures: { cost: money(lines.reduce((sum, line) => sum + line.costMinor, 0n)) },
  };
}

const shortText = (line: ProductionLine): string =>
  line.short === 0n ? "" : `${quantityText(line.short, line.decimals)} without a cost yet`;
