import type { ReactNode } from "react";
import { classes } from "./classes";

/** A part of a page: title, a few words beside it, at the right a link to more. */
export function Section({
  title,
  note,
  more,
  first,
  children,
}: {
  title: ReactNode;
  note?: ReactNode | undefined;
  more?: ReactNode | undefined;
  /** No space above: it comes right after the head or a tape. */
  first?: boolean | undefined;
  children: ReactNode;
}) {
  return (
    <section className={classes("sec", first && "first")}>
      <div className="sec-head">
        <h2>{title}</h2>
        {note ? <span className="s q">{note}</span> : null}
        {more ? <span className="more">{more}</span> : null}
      </div>
      {children}
    </section>
  );
}

/**
 * Two columns, never three: `even`, `home` (1.7 : 1) or `proof` (3 : 1). `lead` puts the first child at the right when wide, so that
 * what matters first comes first in the document; the children are exactly two.
 */
export function Columns({
  kind = "even",
  lead,
  children,
}: {
  kind?: "even" | "home" | "proof" | undefined;
  lead?: boolean | undefined;
  children: [ReactNode, ReactNode];
}) {
  return (
    <div className={classes("cols", kind !== "even" && kind, lead && "lead")}>
      <div>{children[0]}</div>
      <div>{children[1]}</div>
    </div>
  );
}

/** A quiet line under something. */
export function Note({ children, small }: { children: ReactNode; small?: boolean | undefined }) {
  return <div className={classes("note", small && "s")}>{children}</div>;
}

/** Kraft: something is left to do; ends in the link that does it. */
export function Warn({ children }: { children: ReactNode }) {
  return <div className="warn">{children}</div>;
}

/** Madder: wrong or refused. Says what is, then what to do. */
export function Alert({ children }: { children: ReactNode }) {
  return (
    <div className="alert" role="alert">
      {children}
    </div>
  );
}
