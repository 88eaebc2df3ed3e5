// biome-ignore-all lint/suspicious/noArrayIndexKey: the place of a figure in its sum is its identity
import type { ReactNode } from "react";
import { classes } from "./classes";

/** One term of a sum: its operator stands before it. */
export type TapeTerm = Readonly<{
  label: ReactNode;
  value: ReactNode;
  /** A line below: what it is made of, or the link to its rows. */
  sub?: ReactNode | undefined;
  op?: "+" | "−" | "=" | "×" | undefined;
  /** The figure that was asked for. */
  asked?: boolean | undefined;
  /** Equal to the books: a double rule. Never on a remainder or an open difference. */
  proved?: boolean | undefined;
  /** What is left to do, in kraft. */
  left?: boolean | undefined;
  /** Takes the room that is left and holds something drawn (a coverage bar). */
  rest?: boolean | undefined;
  /** Words instead of a figure. */
  text?: boolean | undefined;
}>;

/** An addition written out: terms left to right with operators in the gaps; on phones down, as on an adding machine. */
export function Tape({ terms }: { terms: readonly TapeTerm[] }) {
  const summed = terms.some((term) => term.op !== undefined);
  return (
    <dl className={classes("tape", !summed && "plain")}>
      {terms.map((term, index) => (
        <div
          // The place of a term in its sum is its identity.
          key={index}
          className={classes(term.op && "op", term.proved && "sum", term.left && "left", term.rest && "rest")}
          data-op={term.op}
        >
          <dt>
            {term.op ? <span className="vh">{spoken[term.op]} </span> : null}
            {term.label}
          </dt>
          <dd className={classes("figure", term.asked && "big", term.text && "text", term.rest && "full")}>
            {term.proved ? <span>{term.value}</span> : term.value}
          </dd>
          {term.sub ? <dd className="sub">{term.sub}</dd> : null}
        </div>
      ))}
    </dl>
  );
}

const spoken = { "+": "plus", "−": "minus", "=": "equals", "×": "times" } as const;

/** One line of a roll. `line` draws a rule above, `sum` an ink rule; `proved` the double rule under the figure. */
export type RollLine = Readonly<{
  label: ReactNode;
  value: ReactNode;
  op?: "+" | "−" | "=" | undefined;
  line?: boolean | undefined;
  sum?: boolean | undefined;
  proved?: boolean | undefined;
  more?: ReactNode | undefined;
}>;

/** The same, downwards: the proof of a payout, money held by channels, a receipt. `title` is its name. */
export function Roll({ title, lines }: { title: string; lines: readonly RollLine[] }) {
  const operators = lines.some((line) => line.op !== undefined);
  return (
    <table className="roll">
      <caption className="vh">{title}</caption>
      <tbody>
        {lines.map((line, index) => (
          <tr key={index} className={classes(line.line && "line", line.sum && "sum", line.proved && "proved")}>
            {operators ? <td className="op">{line.op}</td> : null}
            <td>{line.label}</td>
            <td className="num">
              <span>{line.value}</span>
            </td>
            {lines.some((one) => one.more !== undefined) ? <td className="more">{line.more}</td> : null}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
