import NextLink from "next/link";
import type { ReactNode } from "react";
import { SheetFrame } from "./sheet.client";

/**
 * Work that needs the list behind it: a sheet at the right, 800 px, the whole width on phones. It has an address of its own; `closeHref` is
 * the list's. Head and tape stay, the body scrolls. Pass the body as children and, for a form around body and foot, build both with
 * `SheetBody` and `SheetFoot` inside it.
 */
export function Sheet({
  title,
  note,
  closeHref,
  tape,
  children,
}: {
  title: string;
  note?: ReactNode | undefined;
  closeHref: string;
  tape?: ReactNode | undefined;
  children: ReactNode;
}) {
  return (
    <>
      <NextLink className="veil" href={closeHref} scroll={false} tabIndex={-1} aria-hidden="true" />
      <SheetFrame title={title} closeHref={closeHref}>
        <header>
          <div>
            <h1>{title}</h1>
            {note ? <p className="note">{note}</p> : null}
          </div>
          <NextLink className="x" href={closeHref} scroll={false} aria-label="Close, keep what is saved">
            ×
          </NextLink>
        </header>
        {tape}
        {children}
      </SheetFrame>
    </>
  );
}

/** What scrolls. */
export function SheetBody({ children }: { children: ReactNode }) {
  return <div className="body">{children}</div>;
}

/** The actions; they stay in view. `end` stands at the right (what is saved). */
export function SheetFoot({ children, end }: { children: ReactNode; end?: ReactNode | undefined }) {
  return (
    <div className="ends">
      {children}
      {end ? <span className="end">{end}</span> : null}
    </div>
  );
}
