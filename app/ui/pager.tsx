import type { ReactNode } from "react";
import { ButtonLink } from "./button";

/** Keyset pages: what is shown at left, the two directions at right. A direction without `href` is drawn as not there. */
export function Pager({
  says,
  earlier,
  later,
}: {
  /** "1 to 73 of 792". */
  says: ReactNode;
  earlier: { label: string; href: string | null };
  later: { label: string; href: string | null };
}) {
  return (
    <nav className="pager" aria-label="Pages of this list">
      <span>{says}</span>
      <span className="end">
        {[earlier, later].map(({ label, href }) => (
          <ButtonLink key={label} href={href ?? "#"} disabled={href === null ? "There are no more" : undefined}>
            {label}
          </ButtonLink>
        ))}
      </span>
    </nav>
  );
}
