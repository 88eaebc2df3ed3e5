import Link from "next/link";
import type { ReactNode } from "react";

/**
 * A manila tag: something that a person must do here. Its text is the verb ("Add details"). With `href` a link, else a button of
 * the form around it. `says` completes the name for screen readers where the same verb stands in many rows.
 */
export function Tag({
  href,
  says,
  name,
  value,
  children,
}: {
  href?: string | undefined;
  says?: string | undefined;
  name?: string | undefined;
  value?: string | undefined;
  children: ReactNode;
}) {
  const text = (
    <>
      {children}
      {says ? <span className="vh">, {says}</span> : null}
    </>
  );
  if (href !== undefined)
    return (
      <Link className="tag" href={href} data-tag="">
        {text}
      </Link>
    );
  return (
    <button type="submit" className="tag" name={name} value={value} data-tag="">
      {text}
    </button>
  );
}
