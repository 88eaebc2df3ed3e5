import { type MoneyValue, moneyText, quantityText, shareText } from "./figures";

export { type MoneyValue, moneyText } from "./figures";

/**
 * Money in a table or a sentence: tabular, U+2212 for negative. A zero is an en dash (`zero="figure"` where 0.00 is the point, as in
 * a proof); `null` is empty, for what does not apply. `code` adds the currency where rows of several stand together.
 */
export function Money({
  of,
  zero = "dash",
  plus,
  code,
}: {
  of: MoneyValue | null;
  zero?: "dash" | "figure" | undefined;
  plus?: boolean | undefined;
  code?: boolean | undefined;
}) {
  if (of === null) return null;
  if (of.amountMinor === 0n && zero === "dash") return <Dash />;
  return (
    <span className="nw">
      {code ? <span className="f">{of.currency} </span> : null}
      {moneyText(of, { plus })}
    </span>
  );
}

/** A quantity in an item's smallest units, with as many decimals as the item has. Zero is an en dash, `null` is empty. */
export function Quantity({
  of,
  decimals = 0,
  zero = "dash",
}: {
  of: bigint | null;
  decimals?: number | undefined;
  zero?: "dash" | "figure" | undefined;
}) {
  if (of === null) return null;
  if (of === 0n && zero === "dash") return <Dash />;
  return <span className="nw">{quantityText(of, decimals)}</span>;
}

/** `part` of `whole` in percent with one decimal. */
export function Share({ part, whole }: { part: bigint; whole: bigint }) {
  return <span className="nw">{shareText(part, whole)}</span>;
}

/** Zero, or a figure that cannot be said yet. Read out as what it is. */
export function Dash({ says = "none" }: { says?: string | undefined }) {
  return (
    <span className="dim">
      <span aria-hidden="true">–</span>
      <span className="vh">{says}</span>
    </span>
  );
}
