/** What lots were made of, level by level, down to what was bought. */
import type { ReactNode } from "react";
import type { Scope } from "@/lib/people/access";
import type { Ingredient, Making, Opened } from "@/lib/stock/lots";
import { Day } from "../../../ui/date";
import { moneyText, quantityText } from "../../../ui/figures";
import { TextLink } from "../../../ui/link";
import { detailsHref } from "../balances/state";
import { productionHref } from "../recipes/state";
import { cameIn, lotHref } from "./state";

/** Everything that went into one lot; a lot that stands here already is not opened twice. */
export function OpenedLot({
  scope,
  lot,
  opened,
  shown = new Set(),
}: {
  scope: Scope;
  lot: string;
  opened: ReadonlyMap<string, Opened>;
  shown?: ReadonlySet<string> | undefined;
}) {
  const own = opened.get(lot);
  if (own === undefined || shown.has(lot)) return null;
  const inside = new Set([...shown, lot]);
  return (
    <>
      {own.making === null ? null : <MakingSays scope={scope} making={own.making} />}
      <ul style={{ paddingInlineStart: 20 }}>
        {own.parts.map((part) => (
          <li key={part.key}>
            {partSays(scope, part)}
            {part.lot === null ? null : <OpenedLot scope={scope} lot={part.lot.id} opened={opened} shown={inside} />}
          </li>
        ))}
      </ul>
    </>
  );
}

export function MakingSays({ scope, making }: { scope: Scope; making: Making }) {
  const text = (amountMinor: bigint) => moneyText({ amountMinor, currency: scope.currency });
  return (
    <span className="q">
      <TextLink href={productionHref(`/${scope.slug}`, making.document)}>Made</TextLink> on <Day on={making.on} /> of
      what cost {text(making.costMinor)}
      {making.overheadMinor === 0n ? "" : ` and ${text(making.overheadMinor)} of overhead`}
      {making.share === making.shares ? "" : `; this lot has ${making.share} of ${making.shares} shares of it`}
      {making.shortLines === 0
        ? "."
        : `. The cost is not complete: ${making.shortLines === 1 ? "one thing" : `${making.shortLines} things`} that went in had no cost yet.`}
    </span>
  );
}

/** "3 of flour from P-2131, bought 24 Mar: 2.40". */
function partSays(scope: Scope, part: Ingredient): ReactNode {
  const base = `/${scope.slug}`;
  const units = quantityText(part.qty, part.decimals);
  if (part.lot === null)
    return (
      <>
        {units} of {part.name}: no lot covers it, so it has no cost yet
      </>
    );
  return (
    <>
      {units} of <TextLink href={lotHref(base, part.lot.id)}>{part.name}</TextLink>, {cameIn(part.lot.source)}{" "}
      <Day on={part.lot.on} />
      {part.lot.purchase === null ? null : (
        <>
          {" "}
          (<TextLink href={detailsHref(base, part.lot.purchase)}>{part.lot.number}</TextLink>
          {part.lot.supplier === "" ? "" : `, ${part.lot.supplier}`})
        </>
      )}
      : {moneyText({ amountMinor: part.costMinor, currency: scope.currency })}
    </>
  );
}
