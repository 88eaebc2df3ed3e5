// biome-ignore-all lint/suspicious/noArrayIndexKey: the place of a figure in its sum is its identity
import type { ReactNode } from "react";
import { quantityText, shareWidth } from "./figures";

/** One lot that a cost came from, in the item's smallest units. */
export type LotPart = Readonly<{
  key: string;
  /** "L-2131 bought 24 Mar, Brimfield Wholesale: 24 for 173.54 (155.04 and 18.50 of freight, by value)", with its links. */
  says: ReactNode;
  before: bigint;
  taken: bigint;
  left: bigint;
  /** The money that was taken from it. */
  cost: ReactNode;
  decimals?: number | undefined;
}>;

/** Why this cost? One line of reason, each lot with its strip, then how the line was matched and what changed since. */
export function Why({
  title,
  reason,
  lots,
  after,
  taker = "this sale",
}: {
  title: ReactNode;
  reason: ReactNode;
  lots: readonly LotPart[];
  after?: ReactNode | undefined;
  taker?: string | undefined;
}) {
  return (
    <div>
      <div className="sec-head" style={{ marginBottom: 4 }}>
        <h2>{title}</h2>
        <span className="q text-13">{reason}</span>
      </div>
      <ul className="lots">
        {lots.map((lot) => (
          <li key={lot.key}>
            <span>{lot.says}</span>
            <span className="num">
              {quantityText(lot.taken, lot.decimals)} took <b>{lot.cost}</b>
            </span>
            <LotStrip before={lot.before} taken={lot.taken} left={lot.left} taker={taker} decimals={lot.decimals} />
          </li>
        ))}
      </ul>
      <LotKey taker={taker} />
      {after ? <div className="note mt-2">{after}</div> : null}
    </div>
  );
}

/** One cell for each unit: grey taken before, bottle this one, outlined left. More than 60 units: a bar in the same three parts. */
export function LotStrip({
  before,
  taken,
  left,
  taker = "this sale",
  decimals = 0,
}: {
  before: bigint;
  taken: bigint;
  left: bigint;
  taker?: string | undefined;
  decimals?: number | undefined;
}) {
  const whole = before + taken + left;
  const text = (value: bigint) => quantityText(value, decimals);
  const says = `${text(before)} taken before, ${text(taken)} by ${taker}, ${text(left)} left`;
  const units = whole / 10n ** BigInt(decimals);
  if (decimals > 0 || units > 60n)
    return (
      <div className="lot long" role="img" aria-label={says} style={{ maxWidth: 599 }}>
        {before > 0n ? <i style={{ flex: `0 0 ${shareWidth(before, whole)}` }} /> : null}
        {taken > 0n ? <i className="me" style={{ flex: `0 0 ${shareWidth(taken, whole)}`, minWidth: 2 }} /> : null}
        {left > 0n ? <i className="left" style={{ flex: "1 1 0" }} /> : null}
      </div>
    );
  const cells = [
    ...Array.from({ length: Number(before) }, () => undefined),
    ...Array.from({ length: Number(taken) }, () => "me"),
    ...Array.from({ length: Number(left) }, () => "left"),
  ];
  return (
    <div className="lot" role="img" aria-label={says}>
      {cells.map((kind, index) => (
        <i key={index} className={kind} />
      ))}
    </div>
  );
}

function LotKey({ taker }: { taker: string }) {
  return (
    <div className="key" style={{ marginTop: 6 }} aria-hidden="true">
      <span>
        <i />
        sold before
      </span>
      <span>
        <i style={{ background: "var(--color-bottle)" }} />
        {taker}
      </span>
      <span>
        <i className="left" />
        left after it
      </span>
    </div>
  );
}
