import type { FiledAndNow, LateDocument } from "@/lib/books/late";
import type { Period } from "@/lib/core/reports/periods";
import type { Profit } from "@/lib/core/reports/profit";
import { Day } from "../../../ui/date";
import { countText } from "../../../ui/figures";
import { Fig } from "../../../ui/link";
import { Money } from "../../../ui/money";
import { Note, Section } from "../../../ui/section";
import { Table } from "../../../ui/table";
import { periodText } from "../period";

type Line = Readonly<{ key: string; label: string; isSum: boolean; filed: bigint; now: bigint }>;

const parts = [
  ["income", "Income"],
  ["costOfGoodsSold", "Cost of Goods Sold"],
  ["grossProfit", "Gross profit"],
  ["expenses", "Expenses"],
  ["netProfit", "Profit"],
] as const;

/** The sums, and of the accounts those that differ. */
function linesOf({ filed, now }: FiledAndNow): readonly Line[] {
  return parts.flatMap(([part, label]) => [
    ...differing(filed[part], now[part]),
    { key: part, label, isSum: true, filed: filed[part].amount, now: now[part].amount },
  ]);
}

function differing(filed: Profit["income"], now: Profit["income"]): readonly Line[] {
  const lines = new Map<string, Line>();
  for (const [name, figure] of [
    ["filed", filed],
    ["now", now],
  ] as const)
    for (const child of figure.children) {
      const key = child.accounts[0] ?? child.label;
      const line = lines.get(key) ?? { key, label: child.label, isSum: false, filed: 0n, now: 0n };
      lines.set(key, { ...line, [name]: child.amount });
    }
  return [...lines.values()].filter((line) => line.filed !== line.now).sort((a, b) => (a.key < b.key ? -1 : 1));
}

/** A closed period as it was filed beside what is known now, with the documents that came late. */
export function Filed({
  report,
  period,
  base,
  currency,
}: {
  report: FiledAndNow;
  period: Period;
  base: string;
  currency: string;
}) {
  const money = (amountMinor: bigint) => ({ amountMinor, currency });
  const { documents, count } = report;
  return (
    <Section title="Differs from what was filed" note={`${periodText(period)} is closed; this came late`}>
      <Table<Line>
        caption={`${periodText(period)} as filed and as known now`}
        rows={linesOf(report)}
        keyOf={(line) => line.key}
        stateOf={(line) => (line.isSum ? { kind: line.key === "netProfit" ? "result" : "subtotal" } : {})}
        columns={[
          { key: "name", head: "Account", headHidden: true, rowHead: true, phone: "what", cell: (line) => line.label },
          {
            key: "filed",
            head: "As filed",
            align: "right",
            phone: "second",
            cell: (line) => <Money of={money(line.filed)} />,
          },
          {
            key: "now",
            head: "As known now",
            align: "right",
            phone: "amount",
            cell: (line) => <Money of={money(line.now)} />,
          },
          {
            key: "change",
            head: "Difference",
            align: "right",
            ruled: true,
            cell: (line) => <Money of={money(line.now - line.filed)} plus />,
          },
        ]}
      />
      <div className="h-4" />
      <Table<LateDocument>
        caption="The documents that make the difference"
        rows={documents}
        keyOf={(one) => one.entry}
        hrefOf={(one) => `${base}/reports/entries/${one.entry}`}
        columns={[
          { key: "about", head: "About", quiet: true, phone: "where", cell: (one) => <Day on={one.effectiveOn} /> },
          { key: "posted", head: "Counts on", quiet: true, phone: "second", cell: (one) => <Day on={one.postedOn} /> },
          {
            key: "document",
            head: "Document",
            rowHead: true,
            wraps: true,
            phone: "what",
            cell: (one) => (
              <Fig href={`${base}/reports/entries/${one.entry}`}>
                {one.memo === "" ? `${one.kind} ${one.id}` : one.memo}
              </Fig>
            ),
          },
          {
            key: "profit",
            head: "Profit",
            align: "right",
            phone: "amount",
            cell: (one) => <Money of={money(one.profit)} plus />,
          },
        ]}
      />
      {count > documents.length ? (
        <Note small>
          The first {countText(documents.length)} of {countText(count)}.
        </Note>
      ) : null}
    </Section>
  );
}
