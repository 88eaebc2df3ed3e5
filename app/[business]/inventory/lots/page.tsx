import type { Metadata } from "next";
import type { Scope } from "@/lib/people/access";
import { type Ingredient, type LotView, lotView, type Taker } from "@/lib/stock/lots";
import { type BusinessParams, scopeOf } from "../../../scope";
import type { SearchParams } from "../../../ui/address";
import { Day } from "../../../ui/date";
import { dayText } from "../../../ui/days";
import { Empty } from "../../../ui/empty";
import { moneyText, quantityText } from "../../../ui/figures";
import { Fig, TextLink } from "../../../ui/link";
import { Money } from "../../../ui/money";
import { Page } from "../../../ui/page-frame";
import { Pager } from "../../../ui/pager";
import { Section } from "../../../ui/section";
import { Table } from "../../../ui/table";
import { Tape } from "../../../ui/tape";
import { orNotFound } from "../../reports/not-there";
import { detailsHref, ledgerHref, orderHref } from "../balances/state";
import { productionHref } from "../recipes/state";
import { MakingSays } from "./opened";
import { cameIn, lotHref, tookIt } from "./state";

export const metadata: Metadata = { title: "Lot" };

/** One lot: what it cost and of what, and where it went. */
export default async function Lot({
  params,
  searchParams,
}: {
  params: BusinessParams;
  searchParams: Promise<SearchParams>;
}) {
  const scope = await scopeOf(params);
  const asked = await searchParams;
  const one = (name: string) => {
    const value = asked[name];
    return typeof value === "string" ? value : undefined;
  };
  const view = await lotView(scope, one("lot") ?? "", { part: one("part"), taker: one("taker") }).catch(orNotFound);
  const { lot } = view;
  const base = `/${scope.slug}`;
  const money = (amountMinor: bigint) => ({ amountMinor, currency: scope.currency });
  return (
    <Page
      path={[{ label: "Inventory" }, { label: "Lot" }]}
      title={`${quantityText(lot.qty, lot.decimals)} of ${lot.name}, ${cameIn(lot.source)} ${dayText(lot.on)}`}
      note={
        <>
          {lot.purchase === null ? null : (
            <>
              <TextLink href={detailsHref(base, lot.purchase)}>{lot.number}</TextLink>
              {lot.supplier === "" ? "" : `, ${lot.supplier}`}.{" "}
            </>
          )}
          At {lot.place}. {lot.isItem ? <TextLink href={ledgerHref(base, lot.item)}>Item ledger</TextLink> : null}
        </>
      }
    >
      <Tape
        terms={[
          {
            label: "Cost in all",
            value: <Money of={money(lot.costMinor)} zero="figure" />,
            sub:
              lot.costMinor === lot.amountMinor
                ? undefined
                : `${moneyText(money(lot.amountMinor))} and ${moneyText(money(lot.costMinor - lot.amountMinor))} of ${lot.extras.join(", ").toLowerCase() || "extra cost"}`,
          },
          { label: "Left of it", value: quantityText(lot.leftQty, lot.decimals), text: true },
          { label: "Worth", value: <Money of={money(lot.leftMinor)} zero="figure" /> },
        ]}
      />
      <MadeOf scope={scope} view={view} />
      <WentTo scope={scope} view={view} />
    </Page>
  );
}

function MadeOf({ scope, view: { lot, opened, nextPart } }: { scope: Scope; view: LotView }) {
  if (opened === null) return null;
  const base = `/${scope.slug}`;
  return (
    <Section title="What it was made of">
      {opened.making === null ? null : (
        <p className="mb-2">
          <MakingSays scope={scope} making={opened.making} />
        </p>
      )}
      <Table<Ingredient>
        caption="What went into it"
        rows={opened.parts}
        keyOf={(part) => part.key}
        columns={[
          {
            key: "name",
            head: "What",
            rowHead: true,
            phone: "what",
            cell: (part) => (part.lot === null ? part.name : <Fig href={lotHref(base, part.lot.id)}>{part.name}</Fig>),
          },
          {
            key: "lot",
            head: "Lot",
            phone: "where",
            cell: (part) =>
              part.lot === null ? (
                "no lot covers it yet"
              ) : (
                <>
                  {cameIn(part.lot.source)} <Day on={part.lot.on} />
                </>
              ),
          },
          { key: "qty", head: "Quantity", align: "right", cell: (part) => quantityText(part.qty, part.decimals) },
          {
            key: "cost",
            head: "Cost",
            align: "right",
            phone: "amount",
            cell: (part) => <Money of={{ amountMinor: part.costMinor, currency: scope.currency }} />,
          },
        ]}
        empty={<Empty title="Nothing went into it">It was made of nothing, or of what is not recorded.</Empty>}
      />
      {nextPart === null ? null : (
        <Pager
          says={`${opened.parts.length} shown`}
          earlier={{ label: "First", href: lotHref(base, lot.id) }}
          later={{ label: "More", href: `${lotHref(base, lot.id)}&part=${encodeURIComponent(nextPart)}` }}
        />
      )}
    </Section>
  );
}

function WentTo({ scope, view: { lot, takers, nextTaker } }: { scope: Scope; view: LotView }) {
  const base = `/${scope.slug}`;
  return (
    <Section title="Where it went">
      <Table<Taker>
        caption="What took from this lot, the earliest first"
        rows={takers}
        keyOf={(taker) => taker.key}
        columns={[
          { key: "on", head: "Date", quiet: true, cell: (taker) => <Day on={taker.on} /> },
          {
            key: "kind",
            head: "What",
            rowHead: true,
            phone: "what",
            cell: (taker) => `${tookIt(taker.kind)}${taker.isChosen ? ", chosen" : ""}`,
          },
          {
            key: "document",
            head: "Document",
            phone: "where",
            clips: true,
            width: 220,
            cell: (taker) =>
              taker.order !== null ? (
                <Fig href={orderHref(base, taker.order)}>{taker.number}</Fig>
              ) : taker.kind === "assembly" ? (
                <Fig href={productionHref(base, taker.document)}>{taker.number}</Fig>
              ) : (
                taker.number
              ),
          },
          { key: "qty", head: "Quantity", align: "right", cell: (taker) => quantityText(taker.qty, lot.decimals) },
          {
            key: "cost",
            head: "Cost",
            align: "right",
            phone: "amount",
            cell: (taker) => <Money of={{ amountMinor: taker.costMinor, currency: scope.currency }} />,
          },
        ]}
        empty={<Empty title="Nothing took from it yet">It is all there.</Empty>}
      />
      {nextTaker === null ? null : (
        <Pager
          says={`${takers.length} shown`}
          earlier={{ label: "First", href: lotHref(base, lot.id) }}
          later={{ label: "More", href: `${lotHref(base, lot.id)}&taker=${encodeURIComponent(nextTaker)}` }}
        />
      )}
    </Section>
  );
}
