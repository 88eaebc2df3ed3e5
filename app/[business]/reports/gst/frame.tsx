import type { ReactNode } from "react";
import type { Scope } from "@/lib/people/access";
import { hrefOf } from "../../../ui/address";
import { ButtonLink } from "../../../ui/button";
import { Empty } from "../../../ui/empty";
import { type Filter, FilterBar } from "../../../ui/filter-bar";
import { TextLink } from "../../../ui/link";
import { Page } from "../../../ui/page-frame";
import { Alert } from "../../../ui/section";
import { Tabs } from "../../../ui/tabs";
import { daysText } from "../period";
import { periodChip } from "../period-chip";
import { type GstReport, type GstState, gstPaths, gstReports } from "./state";

const names: Readonly<Record<GstReport, string>> = {
  gstr1: "GSTR-1",
  hsn: "HSN summary",
  gstr3b: "GSTR-3B",
  purchases: "Taxes of purchases",
  stock: "Stock against invoices",
  record: "Stock record",
};

/** Every page of GST: its tabs, the period and registration, and the files of what is shown. */
export function GstFrame({
  scope,
  report,
  state,
  filters = [],
  files = [],
  children,
}: {
  scope: Scope;
  report: GstReport;
  state: GstState;
  filters?: readonly Filter[];
  /** Further files beside the three of every report. */
  files?: readonly Readonly<{ label: string; path: string }>[];
  children: ReactNode;
}) {
  const base = `/${scope.slug}/reports`;
  const here = `${base}/gst${gstPaths[report]}`;
  const { address, chosen, registrations, seller } = state;
  const needsSeller = report === "gstr1" || report === "hsn" || report === "gstr3b";
  const file = (format: string) => hrefOf(`${base}/gst/export`, address, { filters: { report, format } });
  return (
    <Page
      path={[{ label: "Reports", href: base }, { label: "GST" }]}
      title={names[report]}
      note={daysText(chosen.period)}
      actions={
        report === "purchases" || (needsSeller && seller === null) ? null : (
          <>
            {files.map(({ label, path }) => (
              <ButtonLink key={path} href={hrefOf(`${base}/gst${path}`, address)} download>
                {label}
              </ButtonLink>
            ))}
            {["xlsx", "csv", "pdf"].map((format) => (
              <ButtonLink key={format} href={file(format)} download>
                {format === "xlsx" ? "Excel" : format.toUpperCase()}
              </ButtonLink>
            ))}
          </>
        )
      }
    >
      <Tabs
        label="Reports of GST"
        tabs={gstReports.map((one) => ({
          label: names[one],
          href: hrefOf(`${base}/gst${gstPaths[one]}`, address, { filters: { location: null, edit: null } }),
          current: one === report,
        }))}
      />
      {chosen.problem === null ? null : <Alert>{chosen.problem} This is another period.</Alert>}
      <FilterBar
        filters={[
          periodChip(here, address, chosen, scope, state.today),
          ...(needsSeller && registrations.length > 1
            ? [
                {
                  name: "GSTIN",
                  value: seller,
                  choices: registrations.map((gstin) => ({
                    label: gstin,
                    href: hrefOf(here, address, { filters: { gstin } }),
                    current: gstin === seller,
                  })),
                },
              ]
            : []),
          ...filters,
        ]}
      />
      {needsSeller && seller === null ? (
        <Empty title="No GSTIN yet">
          <TextLink href={`/${scope.slug}/settings/documents`}>Say under which GSTIN you sell</TextLink>, and what is
          issued from then on is in this return.
        </Empty>
      ) : (
        children
      )}
    </Page>
  );
}
