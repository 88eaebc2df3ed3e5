import type { ReactNode } from "react";
import { openCounts } from "@/lib/needs";
import { businessesOf, isLimited } from "@/lib/people/access";
import { signOutNow } from "../(auth)/actions";
import { type BusinessParams, personOrSignIn, stockScopeOf } from "../scope";
import { Frame, placesOf, stockPlacesOf } from "../ui/frame";
import { DemoBanner } from "./demo-banner";

/**
 * The frame only. A layout is not run again on navigation, so it decides no access: each page and action below begins with `stockScopeOf`.
 */
export default async function BusinessFrame({ params, children }: { params: BusinessParams; children: ReactNode }) {
  const scope = await stockScopeOf(params);
  const person = await personOrSignIn();
  const others = (await businessesOf(person.id)).filter(({ businessId }) => businessId !== scope.businessId);
  const base = `/${scope.slug}`;
  return (
    <Frame
      places={isLimited(scope) ? stockPlacesOf(base) : placesOf(base, await openCounts(scope))}
      business={{ name: scope.name, href: base }}
      businesses={others.map(({ name, slug }) => ({ name, href: `/${slug}` }))}
      addBusinessHref="/start"
      person={{ name: person.name ?? person.email, role: scope.role }}
      settingsHref={`${base}/settings${isLimited(scope) ? "/security" : ""}`}
      signOut={signOutNow}
      searchHref={`${base}/inventory/in-stock`}
    >
      {scope.isDemo ? <DemoBanner scope={scope} /> : null}
      {children}
    </Frame>
  );
}
