import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { documentKinds } from "@/lib/desk/movements";
import { stockDocument } from "@/lib/stock/item-ledger";
import { stockScopeOf } from "../../../../../scope";
import { dayText } from "../../../../../ui/days";
import { Page } from "../../../../../ui/page-frame";
import { Section } from "../../../../../ui/section";
import { idOf } from "../../../balances/state";
import { DocumentLines } from "../../../document-lines";
import { kindNames } from "../../state";

export const metadata: Metadata = { title: "Document" };

/** A document of stock that came as a fact: its lines, each with the way to its item's ledger. */
export default async function StockDocumentPage({
  params,
}: {
  params: Promise<Readonly<{ business: string; document: string[] }>>;
}) {
  const scope = await stockScopeOf(params);
  const [first, ...rest] = (await params).document;
  const kind = documentKinds.find((one) => one === first);
  const found = kind === undefined ? null : await stockDocument(scope, kind, idOf(rest));
  if (kind === undefined || found === null) notFound();
  const base = `/${scope.slug}`;
  const about = [
    dayText(found.on),
    found.arrivesOn === null ? "" : `arrives ${dayText(found.arrivesOn)}`,
    found.from === null ? "" : found.to === null ? found.from : `${found.from} to ${found.to}`,
    found.note,
  ];
  return (
    <Page
      path={[
        { label: "Inventory" },
        { label: "Movements", href: `${base}/inventory/movements` },
        { label: found.number },
      ]}
      title={`${kindNames[kind]} ${found.number}`}
      note={about.filter((one) => one !== "").join(" · ")}
    >
      <Section title="What it moved" first>
        <DocumentLines base={base} currency={scope.currency} of={found} />
      </Section>
    </Page>
  );
}
