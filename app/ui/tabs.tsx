import NextLink from "next/link";

/** Views of one thing (an item, an area of the settings). They are links; `count` is open work. */
export function Tabs({
  label,
  tabs,
}: {
  label: string;
  tabs: readonly { label: string; href: string; current?: boolean | undefined; count?: number | undefined }[];
}) {
  return (
    <nav className="tabs" aria-label={label}>
      {tabs.map((tab) => (
        <NextLink key={tab.href} href={tab.href} aria-current={tab.current ? "page" : undefined}>
          {tab.label}
          {tab.count ? (
            <span className="cnt">
              {" "}
              {tab.count}
              <span className="vh"> to do</span>
            </span>
          ) : null}
        </NextLink>
      ))}
    </nav>
  );
}
