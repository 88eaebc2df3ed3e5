"use client";

import NextLink from "next/link";
import { usePathname } from "next/navigation";
import { type ReactNode, useEffect, useRef } from "react";
import { classes } from "./classes";
import { type PhonePlaceName, type Place, placeAt, workAt } from "./places";

/** Counting stops there (lib/needs.ts): how many more there are nobody has counted. */
const mostShown = 1_000;

function Count({ of }: { of: number | undefined }) {
  if (!of) return null;
  return (
    <span className="cnt">
      {of >= mostShown ? `${mostShown - 1}+` : of}
      <span className="vh"> to do</span>
    </span>
  );
}

/** The places as a list; the one that the address lies in is marked. A layout is not run again on navigation, so this asks for it. */
export function SideNav({ places, bare }: { places: readonly Place[]; bare?: boolean }) {
  const at = placeAt(places, usePathname());
  return (
    <ul className={bare ? undefined : "nav"} style={bare ? { padding: 0 } : undefined}>
      {places.map((place) => (
        <Entry key={place.label} place={place} at={at} />
      ))}
    </ul>
  );
}

function Entry({ place, at }: { place: Place; at: Place | null }) {
  return (
    <li>
      {place.href === undefined ? (
        <span className="grp">{place.label}</span>
      ) : (
        <NextLink href={place.href} aria-current={place.href === at?.href ? "page" : undefined} prefetch={false}>
          {place.label}
          <Count of={place.count} />
        </NextLink>
      )}
      {place.places ? (
        <ul>
          {place.places.map((inner) => (
            <Entry key={inner.label} place={inner} at={at} />
          ))}
        </ul>
      ) : null}
    </li>
  );
}

const icons: Record<PhonePlaceName | "More", string> = {
  Home: "M2.5 8.5 9 3l6.5 5.5V15h-4.2v-4.2H6.7V15H2.5z",
  Inventory: "M5 2.5h10.5v13H5L2.5 12.5v-7z",
  Money: "M2.5 4.5h13v9h-13zM2.5 8h13",
  Sales: "M4 2.5h10v13l-2-1.4-1.5 1.4L9 14.1l-1.5 1.4L6 14.1l-2 1.4zM6.5 6.5h5M6.5 9.5h5",
  More: "M3 5h12M3 9h12M3 13h12",
};

function Icon({ name }: { name: PhonePlaceName | "More" }) {
  return (
    <svg
      width="18"
      height="18"
      viewBox="0 0 18 18"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.4"
      aria-hidden="true"
    >
      <path d={icons[name]} />
    </svg>
  );
}

const names = ["Home", "Inventory", "Money", "Sales"] as const;

/** Five places at the thumb. A kraft dot says that work waits; More opens a drawer with everything (`<details>`: also without script). */
export function BottomBar({ places, children }: { places: readonly Place[]; children: ReactNode }) {
  const pathname = usePathname();
  const more = useRef<HTMLDetailsElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new address closes the drawer
  useEffect(() => {
    if (more.current) more.current.open = false;
  }, [pathname]);

  const at = placeAt(places, pathname);
  const top = places.find((place) => place === at || place.places?.some((inner) => inner === at));
  const elsewhere = at !== null && top?.phone === undefined;
  return (
    <nav className="bottom" aria-label="Main, short">
      {names.map((name) => {
        const members = places.filter((place) => place.phone === name);
        const href = members[0]?.href ?? members[0]?.places?.[0]?.href;
        if (href === undefined) return null;
        const work = members.some((place) => workAt(place) > 0);
        return (
          <NextLink key={name} href={href} aria-current={top?.phone === name ? "page" : undefined} prefetch={false}>
            <Icon name={name} />
            {name}
            {work ? <Dot /> : null}
          </NextLink>
        );
      })}
      <details ref={more} className={classes(elsewhere && "here")}>
        <summary>
          <Icon name="More" />
          More
          {places.some((place) => place.phone === undefined && workAt(place) > 0) ? <Dot /> : null}
        </summary>
        <div className="more-drawer">{children}</div>
      </details>
    </nav>
  );
}

function Dot() {
  return (
    <>
      <span className="dot" />
      <span className="vh">, work to do</span>
    </>
  );
}
