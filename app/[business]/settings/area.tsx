import type { ReactNode } from "react";
import { hasGst } from "@/lib/desk/gst-settings";
import { can, isLimited, type Scope } from "@/lib/people/access";
import { Page } from "../../ui/page-frame";
import { Tabs } from "../../ui/tabs";

const areas = [
  { key: "business", label: "Business", path: "" },
  { key: "documents", label: "Documents", path: "/documents" },
  { key: "gst", label: "GST", path: "/gst" },
  { key: "rates", label: "Exchange rates", path: "/rates" },
  { key: "team", label: "Team", path: "/team" },
  { key: "security", label: "Security", path: "/security" },
  { key: "closing", label: "Closing", path: "/closing" },
  { key: "proof", label: "Prove the books", path: "/proof" },
  { key: "audit", label: "Audit trail", path: "/audit" },
] as const;

/** One area of the settings: the title that all share, the areas as tabs, and what belongs to this one. */
export function SettingsArea({
  scope,
  at,
  children,
}: {
  scope: Scope;
  at: (typeof areas)[number]["key"];
  children: ReactNode;
}) {
  const base = `/${scope.slug}/settings`;
  const shown = areas.filter(
    ({ key }) =>
      (key === "security" || !isLimited(scope)) &&
      (key !== "audit" || can(scope, "audit")) &&
      (key !== "gst" || hasGst(scope)),
  );
  return (
    <Page path={[{ label: scope.name, href: `/${scope.slug}` }, { label: "Settings" }]} title="Settings">
      <Tabs
        label="Areas of the settings"
        tabs={shown.map(({ key, label, path }) => ({ label, href: `${base}${path}`, current: key === at }))}
      />
      {children}
    </Page>
  );
}
