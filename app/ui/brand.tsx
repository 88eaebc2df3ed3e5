import NextLink from "next/link";

/** The mark: a manila tag, bound in bottle green. */
export function Brand({ href }: { href?: string | undefined }) {
  const face = (
    <>
      <svg width="18" height="18" viewBox="0 0 18 18" aria-hidden="true">
        <path d="M4 1h13v16H4L1 13V5z" fill="var(--color-bottle)" />
        <circle cx="4.9" cy="9" r="1.5" fill="var(--color-board)" />
        <path d="M8.5 6h6M8.5 9h6M8.5 12h3.5" stroke="var(--color-on-bottle)" strokeWidth="1.3" />
      </svg>
      Lotbook
    </>
  );
  return href === undefined ? (
    <span className="brand">{face}</span>
  ) : (
    <NextLink className="brand" href={href}>
      {face}
    </NextLink>
  );
}
