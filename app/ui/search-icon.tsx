/** The glass of a search field. */
export function SearchIcon() {
  return (
    <svg
      width="14"
      height="14"
      viewBox="0 0 14 14"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.4"
      aria-hidden="true"
    >
      <circle cx="6" cy="6" r="4.2" />
      <path d="m9.2 9.2 3.3 3.3" />
    </svg>
  );
}
