import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { documentKinds } from "@/lib/desk/movements";
import { type StockDocument, stockDocument } from "@/lib/stock/item-ledger";
import { scopeOf } from "../../../../../scope";
import { dayText } from "../../../../../ui/days";
import { Fig } from "../../../../../ui/link";
import { Money, Quantity } from "../../../../../ui/money";
import { Page } from "../../../../../ui/page-frame";
import { Section } from "../../../../../ui/section";
import { Table } from "../../../../../ui/table";
import { idOf, ledgerHref } from "../../../balances/state";
import { kindNames } from "../../state";

export const metadata: Metadata = { title: "Document" };

/** A document of stock that came as a fact: its lines, each with the way to its item's ledger. */
export default async function StockDocumentPage({
  params,
}: {
  params: Promise<Readonly<{ business: string; document: string[] }>>;
}) {
  const scope = await scopeOf(params);
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
        <Table<StockDocument["lines"][number]>
          caption="Lines of this document"
          rows={found.lines}
          keyOf={(line) => line.id}
          columns={[
            {
              key: "item",
              head: "Item",
              rowHead: true,
              wraps: true,
              phone: "what",
              cell: (line) => <Fig href={ledgerHref(base, line.item)}>{line.name}</Fig>,
            },
            { key: "location", head: "Location", phone: "where", cell: (line) => line.location },
            {
              key: "qty",
              head: "Quantity",
              align: "right",
              phone: "amount",
              cell: (line) => <Quantity of={line.qty} decimals={line.decimals} />,
            },
            {
              key: "amount",
              head: "Amount",
              align: "right",
              phone: "second",
              cell: (line) => <Money of={{ amountMinor: line.amountMinor, currency: scope.currency }} />,
            },
          ]}
        />
      </Section>
    </Page>
  );
}
