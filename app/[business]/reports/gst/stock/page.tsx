import type { Metadata } from "next";
import { causeWords, type Explained, type HsnReconciled } from "@/lib/core/gst";
import { type StockAgainstInvoices, stockAgainstInvoices } from "@/lib/desk/gst-reconcile";
import { type BusinessParams, scopeOf } from "../../../../scope";
import type { SearchParams } from "../../../../ui/address";
import { Empty } from "../../../../ui/empty";
import { countText } from "../../../../ui/figures";
import { Fig } from "../../../../ui/link";
import { Quantity } from "../../../../ui/money";
import { Note, Section } from "../../../../ui/section";
import { type Column, Table } from "../../../../ui/table";
import { documentHref } from "../../../documents/state";
import { itemHref } from "../../../inventory/in-stock/state";
import { GstFrame } from "../frame";
import { gstState } from "../state";

export const metadata: Metadata = { title: "Stock against invoices" };

type ItemRow = StockAgainstInvoices["rows"][number];
type Difference = Readonly<{ key: string; item: ItemRow; one: Explained }>;
const most = 200;

/** What went out and came back by the item ledger, against what invoices and notes report; each difference by its rows. */
export default async function StockPage({
  params,
  searchParams,
}: {
  params: BusinessParams;
  searchParams: Promise<SearchParams>;
}) {
  const scope = await scopeOf(params);
  const state = await gstState(scope, await searchParams);
  const { period } = state.chosen;
  const { rows, codes } = await stockAgainstInvoices(scope, period);
  const base = `/${scope.slug}`;
  const differences = rows.flatMap((item) =>
    item.explained.map((one): Difference => ({ key: `${item.item} ${one.side} ${one.line}`, item, one })),
  );
  const ledger = (row: ItemRow) =>
    row.named.id === "" ? null : itemHref(base, row.named.id, { from: period.from, to: period.to });
  const paper = ({ one }: Difference) => (one.document === null ? null : documentHref(base, one.document.id));
  return (
    <GstFrame scope={scope} report="stock" state={state}>
      <Note>
        {rows.length === 0
          ? "Nothing was sold or came back, and nothing was invoiced."
          : differences.length === 0
            ? "What the item ledger says went out and came back is what invoices and notes report, line by line."
            : `${countText(differences.length)} sold or returned lines differ. Each is named below, with why.`}
      </Note>
      {differences.length === 0 ? null : (
        <Section
          title="Why they differ"
          note={differences.length > most ? `the first ${most}; the files have all` : undefined}
        >
          <Table<Difference>
            caption="Lines that moved otherwise than they were reported"
            rows={differences.slice(0, most)}
            keyOf={(row) => row.key}
            hrefOf={paper}
            columns={[
              { key: "item", head: "Item", rowHead: true, phone: "what", cell: (row) => row.item.named.name },
              { key: "why", head: "Why", phone: "where", cell: ({ one }) => causeWords[one.side][one.cause] },
              {
                key: "moved",
                head: "Moved",
                align: "right",
                cell: ({ one, item }) => <Quantity of={one.moved} decimals={item.named.decimals} />,
              },
              {
                key: "reported",
                head: "Reported",
                align: "right",
                cell: ({ one, item }) => <Quantity of={one.reported} decimals={item.named.decimals} />,
              },
              {
                key: "difference",
                head: "Difference",
                align: "right",
                phone: "amount",
                cell: ({ one, item }) => <Quantity of={one.moved - one.reported} decimals={item.named.decimals} />,
              },
              { key: "order", head: "Order", quiet: true, phone: "second", cell: ({ one }) => one.order ?? "" },
              {
                key: "document",
                head: "Document",
                cell: (row) => {
                  const href = paper(row);
                  return href === null ? "" : <Fig href={href}>{row.one.document?.number ?? ""}</Fig>;
                },
              },
            ]}
          />
        </Section>
      )}
      <Section title="HSN by HSN">
        <Table<HsnReconciled>
          caption="Moved and reported, by HSN code"
          phone="scroll"
          rows={codes}
          keyOf={(row) => `${row.hsn} ${row.decimals}`}
          columns={[
            {
              key: "hsn",
              head: "HSN",
              rowHead: true,
              phone: "what",
              cell: (row) => (row.hsn === "" ? "no code" : row.hsn),
            },
            { key: "items", head: "Items", align: "right", phone: "second", cell: (row) => countText(row.items) },
            ...sides<HsnReconciled>(
              (row) => row,
              ({ decimals }) => decimals,
            ),
          ]}
          empty={<Empty title="Nothing moved or was invoiced">Choose another period.</Empty>}
        />
      </Section>
      {rows.length === 0 ? null : (
        <Section title="Item by item" note={rows.length > most ? `the first ${most}; the files have all` : undefined}>
          <Table<ItemRow>
            caption="Moved and reported, by item"
            phone="scroll"
            rows={rows.slice(0, most)}
            keyOf={(row) => `${row.hsn} ${row.item}`}
            hrefOf={ledger}
            columns={[
              {
                key: "item",
                head: "Item",
                rowHead: true,
                phone: "what",
                cell: (row) => {
                  const href = ledger(row);
                  return href === null ? row.named.name : <Fig href={href}>{row.named.name}</Fig>;
                },
              },
              { key: "hsn", head: "HSN", quiet: true, phone: "second", cell: (row) => row.hsn },
              ...sides<ItemRow>(
                (row) => row,
                ({ named }) => named.decimals,
              ),
            ]}
          />
        </Section>
      )}
    </GstFrame>
  );
}

type Sides = Pick<HsnReconciled, "out" | "back">;

function sides<Row>(of: (row: Row) => Sides, decimals: (row: Row) => number): readonly Column<Row>[] {
  const figures = [
    ["sold", "Sold", "out", "moved"],
    ["invoiced", "Invoiced", "out", "reported"],
    ["returned", "Came back", "back", "moved"],
    ["credited", "Credited", "back", "reported"],
  ] as const;
  return figures.map(([key, head, side, part]) => ({
    key,
    head,
    align: "right" as const,
    phone: key === "sold" ? ("amount" as const) : undefined,
    cell: (row) => <Quantity of={of(row)[side][part]} decimals={decimals(row)} />,
  }));
}
