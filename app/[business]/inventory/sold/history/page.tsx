import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { costHistory, type WhyPosting } from "@/lib/sales/why";
import { type BusinessParams, scopeOf } from "../../../../scope";
import type { SearchParams } from "../../../../ui/address";
import { Day } from "../../../../ui/date";
import { Empty } from "../../../../ui/empty";
import { countText } from "../../../../ui/figures";
import { Fig, TextLink } from "../../../../ui/link";
import { Money } from "../../../../ui/money";
import { Page } from "../../../../ui/page-frame";
import { Pager } from "../../../../ui/pager";
import { Section } from "../../../../ui/section";
import { Table } from "../../../../ui/table";
import { orderHref } from "../../balances/state";
import { CorrectionSays, historyHref } from "../corrections";

export const metadata: Metadata = { title: "What was posted for a cost" };

/** All that was ever posted for one sold line's cost: the first posting, and every correction since. */
export default async function CostHistory({
  params,
  searchParams,
}: {
  params: BusinessParams;
  searchParams: Promise<SearchParams>;
}) {
  const scope = await scopeOf(params);
  const { line: asked, after } = await searchParams;
  const id = typeof asked === "string" ? asked : "";
  const history = await costHistory(scope, id, { after: typeof after === "string" ? after : undefined });
  if (history === null) notFound();
  const { line, postings } = history;
  const base = `/${scope.slug}`;
  const here = historyHref(base, id);
  const columns = (head: string) =>
    [
      {
        key: "posted",
        head: "Posted on",
        quiet: true,
        phone: "where",
        cell: (entry: WhyPosting) => <Day on={entry.postedOn} />,
      },
      {
        key: "what",
        head,
        rowHead: true,
        wraps: true,
        phone: "what",
        cell: (entry: WhyPosting) => <CorrectionSays scope={scope} entry={entry} />,
      },
      {
        key: "change",
        head: "Cost",
        align: "right",
        phone: "amount",
        cell: (entry: WhyPosting) => (
          <Fig href={`${base}/reports/entries/${entry.id}`}>
            <Money of={{ amountMinor: entry.change, currency: scope.currency }} zero="figure" plus />
          </Fig>
        ),
      },
    ] as const;
  return (
    <Page
      path={[{ label: "Inventory" }, { label: "Sold", href: `${base}/inventory/sold` }, { label: "Posted cost" }]}
      title={`What was posted for ${line.name}`}
      note={<TextLink href={orderHref(base, line.order)}>Order {line.number}</TextLink>}
    >
      <Section title="Posted first" first>
        <Table<WhyPosting>
          caption="What was posted first"
          rows={postings.first}
          keyOf={(entry) => entry.id}
          columns={columns("When and why")}
          empty={<Empty title="Nothing was posted yet">It has no cost so far.</Empty>}
        />
      </Section>
      <Section title="Corrected since" note={`${countText(postings.correctionCount)} in all, the latest first`}>
        <Table<WhyPosting>
          caption="Corrections, the latest first"
          rows={postings.corrections}
          keyOf={(entry) => entry.id}
          columns={columns("When and why")}
          empty={<Empty title="Nothing changed since">The cost is what was posted first.</Empty>}
        />
        <Pager
          says={`${countText(postings.corrections.length)} shown`}
          earlier={{ label: "Latest", href: after === undefined ? null : here }}
          later={{ label: "Older", href: postings.next === null ? null : `${here}&after=${postings.next}` }}
        />
      </Section>
    </Page>
  );
}
