import type { ReactNode } from "react";
import { countText } from "./figures";
import { Tag } from "./tag";

/** One kind of work that waits: how many, what, the tag that leads to it, one line of why it matters. */
export type Need = Readonly<{
  key: string;
  count: number;
  /** Counting stopped there: "1,000+". */
  isMore?: boolean | undefined;
  what: ReactNode;
  verb: string;
  href: string;
  why?: ReactNode | undefined;
}>;

/** The list Needs you. Empty it says so, in one line. */
export function NeedsYou({ needs }: { needs: readonly Need[] }) {
  if (needs.length === 0)
    return (
      <div className="empty">
        <h3>Nothing needs you</h3>
        <p>Purchases, sales and payouts that want a decision appear here.</p>
      </div>
    );
  return (
    <ul className="todo">
      {needs.map((need) => (
        <li key={need.key}>
          <span className="k">
            {countText(need.count)}
            {need.isMore ? "+" : ""}
          </span>
          <span>{need.what}</span>
          <Tag href={need.href} says={typeof need.what === "string" ? need.what : undefined}>
            {need.verb}
          </Tag>
          {need.why ? <small>{need.why}</small> : null}
        </li>
      ))}
    </ul>
  );
}
