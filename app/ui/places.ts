/** Where the frame can lead. The sidebar shows all of it, the bottom bar of phones four of the places and More. */

export type PhonePlaceName = "Home" | "Inventory" | "Money" | "Sales";

export type Place = Readonly<{
  label: string;
  /** A group without a page of its own has none. */
  href?: string | undefined;
  /** Open work that waits there; 0 shows nothing. */
  count?: number | undefined;
  places?: readonly Place[] | undefined;
  /** The place in the bottom bar that it belongs to; the rest is under More. */
  phone?: PhonePlaceName | undefined;
}>;

/** Open work by place, for the counts of the sidebar. */
export type OpenWork = Readonly<{
  transactions?: number | undefined;
  balances?: number | undefined;
  sold?: number | undefined;
  movements?: number | undefined;
  channels?: number | undefined;
  payouts?: number | undefined;
}>;

/** The places of one business, `base` being its address (`/alder-street`). */
export function placesOf(base: string, work: OpenWork = {}): readonly Place[] {
  return [
    { label: "Home", href: base, phone: "Home" },
    { label: "Transactions", href: `${base}/transactions`, count: work.transactions, phone: "Money" },
    {
      label: "Inventory",
      phone: "Inventory",
      places: [
        { label: "Balances", href: `${base}/inventory/balances`, count: work.balances },
        { label: "In stock", href: `${base}/inventory/in-stock` },
        { label: "On order", href: `${base}/inventory/orders` },
        { label: "Sold", href: `${base}/inventory/sold`, count: work.sold },
        { label: "Item ledger", href: `${base}/inventory/ledger` },
        { label: "Movements", href: `${base}/inventory/movements`, count: work.movements },
      ],
    },
    { label: "Sales", href: `${base}/sales`, phone: "Sales" },
    { label: "Channels", href: `${base}/channels`, count: work.channels },
    { label: "Payouts", href: `${base}/payouts`, count: work.payouts, phone: "Money" },
    { label: "Reports", href: `${base}/reports` },
  ];
}

/** The places of a person who is limited to some locations: stock alone. */
export function stockPlacesOf(base: string): readonly Place[] {
  return [
    {
      label: "Inventory",
      phone: "Inventory",
      places: [
        { label: "In stock", href: `${base}/inventory/in-stock` },
        { label: "Item ledger", href: `${base}/inventory/ledger` },
        { label: "Movements", href: `${base}/inventory/movements` },
      ],
    },
  ];
}

/** All open work at and under a place. */
export function workAt(place: Place): number {
  return (place.places ?? []).reduce((sum, inner) => sum + workAt(inner), place.count ?? 0);
}

/** All places that have a page, from the outside in. */
export function flatPlaces(places: readonly Place[]): readonly Place[] {
  return places.flatMap((place) => [...(place.href === undefined ? [] : [place]), ...flatPlaces(place.places ?? [])]);
}

/** The place that an address lies in: the one with the longest address that it starts with; Home is only its own. Details belong to Balances, what things are made of to Movements. */
export function placeAt(places: readonly Place[], pathname: string): Place | null {
  let best: Place | null = null;
  const at = pathname
    .replace(/\/inventory\/details(?=\/|$)/, "/inventory/balances")
    .replace(/\/inventory\/(?:recipes|make|bundles)(?=\/|$)/, "/inventory/movements");
  for (const place of flatPlaces(places)) {
    const href = place.href ?? "";
    const isHome = href.split("/").length <= 2;
    if (at !== href && (isHome || !at.startsWith(`${href}/`))) continue;
    if (best === null || href.length > (best.href ?? "").length) best = place;
  }
  return best;
}
