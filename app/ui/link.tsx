import NextLink from "next/link";
import type { ReactNode } from "react";
import { classes } from "./classes";

type Props = {
  href: string;
  children: ReactNode;
  /** Completes the name for screen readers. */
  says?: string | undefined;
  /** Order, SKU and lot numbers are narrower. */
  narrow?: boolean | undefined;
  /** Keeps the place on the page: for what opens within it. */
  stay?: boolean | undefined;
  open?: boolean | undefined;
};

/** A link in a sentence or a list: bottle, faintly underlined. */
export function TextLink(props: Props) {
  return <Anchor {...props} className="" />;
}

/** A figure or a document number in a table: ink with a dotted line, so that a column of links stays a column of figures. */
export function Fig(props: Props) {
  return <Anchor {...props} className="fig" />;
}

function Anchor({ href, children, says, narrow, stay, open, className }: Props & { className: string }) {
  return (
    <NextLink
      href={href}
      className={classes(className, narrow && "n")}
      scroll={!stay}
      aria-expanded={open}
      prefetch={false}
    >
      {children}
      {says ? <span className="vh"> {says}</span> : null}
    </NextLink>
  );
}
