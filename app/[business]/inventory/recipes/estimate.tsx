import type { Estimate, EstimatedPart } from "@/lib/desk/recipe-costs";
import type { Scope } from "@/lib/people/access";
import { moneyText, quantityText } from "../../../ui/figures";
import { Fig, TextLink } from "../../../ui/link";
import { Money, Quantity } from "../../../ui/money";
import { type Column, Table } from "../../../ui/table";
import { ledgerHref } from "../balances/state";
import { recipeHref } from "./state";

/** What goes in, with what of it would cost what from the lots that are there now. */
export function EstimatedParts({ scope, of }: { scope: Scope; of: Estimate }) {
  const base = `/${scope.slug}`;
  const money = (amountMinor: bigint) => <Money of={{ amountMinor, currency: scope.currency }} />;
  const columns: readonly Column<EstimatedPart>[] = [
    {
      key: "item",
      head: "Product",
      rowHead: true,
      wraps: true,
      phone: "what",
      cell: (part) => <Fig href={ledgerHref(base, part.item)}>{part.name}</Fig>,
    },
    {
      key: "qty",
      head: "Used",
      align: "right",
      phone: "second",
      cell: (part) => <Quantity of={part.qty} decimals={part.decimals} />,
    },
    {
      key: "waste",
      head: "Of it waste",
      align: "right",
      low: true,
      cell: (part) => <Quantity of={part.waste} decimals={part.decimals} />,
    },
    { key: "where", head: "From", wraps: true, phone: "where", cell: (part) => fromText(part) },
    {
      key: "cost",
      head: "Cost now",
      align: "right",
      phone: "amount",
      cell: (part) => (part.costMinor === 0n && part.short > 0n ? "no cost" : money(part.costMinor)),
    },
  ];
  return (
    <Table<EstimatedPart>
      caption="What goes in, at what it would cost now"
      rows={of.parts}
      keyOf={(part) => part.item}
      columns={columns}
      under={(part) => (part.making === null ? null : <MadeFirst scope={scope} of={part.making} />)}
      totals={{
        label:
          of.extraMinor === 0n
            ? "In all"
            : `In all, with ${moneyText({ amountMinor: of.extraMinor, currency: scope.currency })} of work and overhead`,
        span: 3,
        figures: { cost: money(of.costMinor) },
      }}
    />
  );
}

/** "From the oldest lots", "2 of it would be made first", "3 of it are nowhere". */
function fromText(part: EstimatedPart): string {
  const lots = part.qty - part.short - (part.making?.made ?? 0n);
  return [
    lots > 0n ? "the oldest lots" : "",
    part.making === null ? "" : `${quantityText(part.making.made, part.decimals)} made first`,
    part.short === 0n ? "" : `${quantityText(part.short, part.decimals)} not there, without a cost`,
  ]
    .filter((one) => one !== "")
    .join(", ");
}

/** What would be made first, level by level. */
function MadeFirst({ scope, of }: { scope: Scope; of: Estimate }) {
  const base = `/${scope.slug}`;
  const text = (amountMinor: bigint) => moneyText({ amountMinor, currency: scope.currency });
  return (
    <div className="text-13">
      {quantityText(of.made, of.decimals)} made first by{" "}
      <TextLink href={recipeHref(base, of.recipe)}>{of.name}</TextLink> (version {of.version}), {text(of.costMinor)}
      {of.extraMinor === 0n ? "" : ` with ${text(of.extraMinor)} of work and overhead`}:
      <ul style={{ paddingInlineStart: 20 }}>
        {of.parts.map((part) => (
          <li key={part.item}>
            {quantityText(part.qty, part.decimals)} of {part.name}, {fromText(part)}: {text(part.costMinor)}
            {part.making === null ? null : <MadeFirst scope={scope} of={part.making} />}
          </li>
        ))}
      </ul>
    </div>
  );
}
