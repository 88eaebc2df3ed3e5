import NextLink from "next/link";
import type { ReactNode } from "react";

/** One step of the path in the top bar; the last has no `href`. */
export type PathStep = Readonly<{ label: string; href?: string | undefined }>;

/**
 * A page within the frame: its path (drawn in the top bar), its title and actions, then its content. `beside` stands next to the
 * title (a SKU, a state mark), `note` is one line below it. Export `metadata` or `generateMetadata` for the window's title.
 */
export function Page({
  path,
  title,
  beside,
  note,
  actions,
  children,
}: {
  path?: readonly PathStep[] | undefined;
  title: ReactNode;
  beside?: ReactNode | undefined;
  note?: ReactNode | undefined;
  actions?: ReactNode | undefined;
  children: ReactNode;
}) {
  return (
    <>
      {path && path.length > 0 ? (
        <nav className="path" aria-label="Path">
          <ol>
            {path.map((step) => (
              <li key={step.label}>
                {step.href === undefined ? step.label : <NextLink href={step.href}>{step.label}</NextLink>}
              </li>
            ))}
          </ol>
        </nav>
      ) : null}
      <div className="head">
        <h1>{title}</h1>
        {beside ? <div className="beside">{beside}</div> : null}
        {actions ? <div className="act">{actions}</div> : null}
        {note ? <p>{note}</p> : null}
      </div>
      {children}
    </>
  );
}
