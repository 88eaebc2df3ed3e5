import NextLink from "next/link";
import type { ReactNode } from "react";

/** The word that opens and closes a row. It is a link: the address holds what is open, the server draws it. */
export function Expander({ href, open, children }: { href: string; open: boolean; children: ReactNode }) {
  return (
    <NextLink href={href} className="turn-row" aria-expanded={open} scroll={false} prefetch={false}>
      <span className="tri" aria-hidden="true">
        {open ? "▾" : "▸"}
      </span>{" "}
      {children}
    </NextLink>
  );
}
